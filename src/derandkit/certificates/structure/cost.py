"""What checking a structure record costs, from its sizes and its problem, before anything of it is done.

The whole check is counted, not one pass: a record chooses the width and the depth of its network, and each pass, each
gradient behind the curvatures, each eigenvalue and each matrix that is kept takes work or memory by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.structure.curvature import (
    HALVINGS,
    POWER_STEPS,
    PRODUCTS,
    SADDLE_PRODUCTS,
    SADDLE_VALUES,
)
from derandkit.certificates.work import refuse_beyond

if TYPE_CHECKING:
    from derandkit.certificates.structure.recomputed import Samples
    from derandkit.records import JsonMapping

#: Multiply-adds of a whole check, some minutes.
MOST_WORK = 5e10
#: And so many more for each number of a table: a run on many rows takes longer than its check.
WORK_EACH = 16_000
#: Numbers in matrices of curvature that are held at a time, 256 MiB.
MOST_ENTRIES = 2.0**25
#: What an activation with its derivatives counts as, and the share of the bounds of errors beside a pass.
_ACTIVATION, _WITH_BOUNDS = 20, 4
#: A product with the exact Hessian, in passes.
_PRODUCT = 3
#: An eigenvalue decomposition of order n in n^3, which LAPACK does ten times as fast; Newton steps of a linear model.
_EIGENVALUES, _NEWTON = 1.0, 40


def costs(
    student: JsonMapping, dimension: int, smooth: bool, samples: Samples, outputs: int = 1
) -> tuple[float, float]:
    """Return the multiply-adds of a check and the most numbers that its matrices of curvature hold.

    Parameters
    ----------
    student : mapping
        Part of a record; a network of the user's own counts as one without hidden layers.
    dimension : int
        Number of inputs.
    smooth : bool
        Whether there are second derivatives.
    samples : Samples
        The nodes of the problem.
    outputs : int
        Outputs of the network.
    """
    k, n, d = float(outputs), float(student["width"]), float(dimension)
    hidden, first = float((student["depth"] or 2) - 2), pass_of(student, d, k)
    second = first + (n * (n + hidden * n * n) if smooth else 0.0)
    if smooth and k > 1:  # the gradient of every output
        second += k * n * (n + k + hidden * n)
    train, coarse = len(samples.training.weights), len(samples.coarse.weights)
    judged, parts = sum(len(s.weights) for s in samples.evaluation), len(samples.evaluation) + 1
    work = _WITH_BOUNDS * (2.0 * train * first + judged * second)
    work += coarse * first * (2.0 * (2.0 * POWER_STEPS + PRODUCTS) + _WITH_BOUNDS)
    work += _NEWTON * (train + k * (d + 1.0) * (k > 1)) * (k * (d + 1.0)) ** 2 + 20.0 * n * d * min(n, d)
    work += (4.0 * parts * _EIGENVALUES * n**3) if smooth else 0.0
    return work, 4.0 * parts * n * n if smooth else 0.0


def pass_of(student: JsonMapping, d: float, k: float) -> float:
    """Return the multiply-adds of one node in a pass through a network with d inputs and k outputs."""
    n, hidden = float(student["width"]), float((student["depth"] or 2) - 2)
    return n * (d + hidden * n + _ACTIVATION + k) + (k * k if k > 1 else 0.0)


def refuse_costly(record: JsonMapping, samples: Samples, allow_work: float) -> None:
    """Refuse a record whose check takes too much.

    Raises
    ------
    WorkError
        The work, or the memory, is above its limit.
    """
    problem = samples.problem
    d = problem.dimension
    if problem.span is not None:  # nodes are made before they are counted
        nodes = float(max(problem.nodes, problem.evaluation_nodes))
        refuse_beyond(nodes * record["student"]["width"] * d, MOST_WORK, "a pass over the nodes", allow_work)
    outputs = 1 if problem.span is not None else problem.outputs
    found, entries = costs(record["student"], d, record["settings"]["smooth"], samples, outputs)
    if record["ended"] in ("stalled", "stationary"):  # steps are tried that the run says lead nowhere
        tried = samples.training if record["ended"] == "stalled" else samples.coarse
        each = pass_of(record["student"], float(d), float(outputs))
        values = 4.0 * HALVINGS * _WITH_BOUNDS
        if record["ended"] == "stationary":
            values += _PRODUCT * SADDLE_PRODUCTS + _WITH_BOUNDS * SADDLE_VALUES
        found += values * len(tried.weights) * each
    numbers = 0.0 if problem.span is not None else float(problem.y.size) * d
    refuse_beyond(found, MOST_WORK + WORK_EACH * numbers, "the check of this network", allow_work)
    refuse_beyond(entries, MOST_ENTRIES, "curvatures of this network", allow_work, unit="numbers")
