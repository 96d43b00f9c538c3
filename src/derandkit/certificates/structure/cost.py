"""What checking a structure record costs, from its sizes and its problem, before anything of it is done.

The whole check is counted, not one pass: a record chooses the width and the depth of its network, and each pass, each
gradient behind the curvatures, each eigenvalue and each matrix that is kept takes work or memory by them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

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
#: The same for whitening a table.
WHITENING_EACH = 5_000
#: Numbers in matrices of curvature that are held at a time, 256 MiB.
MOST_ENTRIES = 2.0**25
#: Numbers in the nodes of a problem, 512 MiB in double precision; several arrays of this size are held.
MOST_NUMBERS = 2.0**26
#: Coordinates, noise among them, up to which Gaussian nodes are a grid, and its nodes an axis at most; no record
#: chooses these.
_GRID_COORDINATES, _GRID_AXIS = 3, {1: 64, 2: 64, 3: 36}
#: Parts of the other nodes for evaluation, and the fewest nodes of a part.
_PARTS, _FEWEST = 8, 32
#: What an activation with its derivatives counts as, and the share of the bounds of errors beside a pass.
_ACTIVATION, _WITH_BOUNDS = 20, 4
#: A product with the exact Hessian, in passes.
_PRODUCT = 3
#: An eigenvalue decomposition of order n in n^3, which LAPACK does ten times as fast; Newton steps of a linear model.
_EIGENVALUES, _NEWTON = 1.0, 40


class Counts(NamedTuple):
    """Numbers of nodes of a problem: to train on, to begin with, in all parts that judge; and the number of parts."""

    training: float
    coarse: float
    judged: float
    parts: int


def node_counts(samples: Samples) -> Counts:
    """Return how many nodes there are, or at most are; nodes that a record asks for are counted before they are made.

    Examples
    --------
    >>> from derandkit import Teacher
    >>> from derandkit.certificates.structure.recomputed import Samples
    >>> node_counts(Samples(Teacher("tanh", 4, nodes=2**40)))
    Counts(training=1099511627776.0, coarse=137438953472.0, judged=262144.0, parts=8)
    """
    problem = samples.problem
    if problem.span is None:  # rows that are there
        judged = [len(part.weights) for part in samples.evaluation]
        return Counts(len(samples.training.weights), len(samples.coarse.weights), sum(judged), len(judged))
    size = problem.dimension + (problem.noise > 0)
    if problem.inputs == "gaussian" and size <= _GRID_COORDINATES:
        most = float(_GRID_AXIS[size] ** size)
        return Counts(most, most, 2.0 * most, 2)
    training = _power_of_two(problem.nodes)
    part = max(_power_of_two(problem.evaluation_nodes / _PARTS), _FEWEST)
    return Counts(training, training / 8 if problem.nodes >= 8 * 2048 else training, _PARTS * part, _PARTS)


def _power_of_two(count: float) -> float:
    """Return the greatest power of two that is at most a number, from two on."""
    return 2.0 ** math.floor(math.log2(max(count, 2)))


def costs(
    student: JsonMapping, dimension: int, smooth: bool, counts: Counts, outputs: int = 1
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
    counts : Counts
        How many nodes the problem has.
    outputs : int
        Outputs of the network.
    """
    k, n, d = float(outputs), float(student["width"]), float(dimension)
    hidden, first = float((student["depth"] or 2) - 2), pass_of(student, d, k)
    second = first + (n * (n + hidden * n * n) if smooth else 0.0)
    if smooth and k > 1:  # the gradient of every output
        second += k * n * (n + k + hidden * n)
    train, coarse, judged, parts = counts.training, counts.coarse, counts.judged, counts.parts + 1
    work = _WITH_BOUNDS * (2.0 * train * first + judged * second)
    work += coarse * first * (2.0 * (2.0 * POWER_STEPS + PRODUCTS) + _WITH_BOUNDS)
    work += _NEWTON * (train + k * (d + 1.0) * (k > 1)) * (k * (d + 1.0)) ** 2 + 20.0 * n * d * min(n, d)
    work += (4.0 * parts * _EIGENVALUES * n**3) if smooth else 0.0
    return work, 4.0 * parts * n * n if smooth else 0.0


def pass_of(student: JsonMapping, d: float, k: float) -> float:
    """Return the multiply-adds of one node in a pass through a network with d inputs and k outputs."""
    n, hidden = float(student["width"]), float((student["depth"] or 2) - 2)
    return n * (d + hidden * n + _ACTIVATION + k) + (k * k if k > 1 else 0.0)


def refuse_costly_whitening(rows: int, columns: int, allow_work: float) -> None:
    """Refuse a table whose principal axes take too much.

    Raises
    ------
    WorkError
        The work is above its limit.

    Examples
    --------
    >>> refuse_costly_whitening(12, 100_000, 1.0)
    >>> refuse_costly_whitening(20_000, 20_000, 1.0)
    Traceback (most recent call last):
        ...
    derandkit.certificates.work.WorkError: refused unseen: whitening the table would take 8e+12 operations, 2.05e+12 are allowed; raise --allow-work to 4
    """  # noqa: E501
    numbers = float(rows) * columns
    limit = MOST_WORK + WHITENING_EACH * numbers
    refuse_beyond(numbers * min(rows, columns), limit, "whitening the table", allow_work)


def refuse_costly(record: JsonMapping, samples: Samples, allow_work: float) -> None:
    """Refuse a record whose check takes too much.

    Raises
    ------
    WorkError
        The work, or the memory, is above its limit.
    """
    problem = samples.problem
    d = problem.dimension
    outputs = 1 if problem.span is not None else problem.outputs
    counts = node_counts(samples)
    found, entries = costs(record["student"], d, record["settings"]["smooth"], counts, outputs)
    held = (counts.training + counts.judged) * (d + 1.0) if problem.span is not None else 0.0
    refuse_beyond(held, MOST_NUMBERS, "the nodes of this problem", allow_work, unit="numbers")
    if record["ended"] in ("stalled", "stationary"):  # steps are tried that the run says lead nowhere
        tried = counts.training if record["ended"] == "stalled" else counts.coarse
        each = pass_of(record["student"], float(d), float(outputs))
        values = 6.0 * HALVINGS * _WITH_BOUNDS  # lengths along the gradient
        if record["ended"] == "stationary":
            values += 4.0 * HALVINGS * _WITH_BOUNDS  # and along curvature
            values += _PRODUCT * SADDLE_PRODUCTS + _WITH_BOUNDS * SADDLE_VALUES
        found += values * tried * each
    numbers = 0.0 if problem.span is not None else float(problem.y.size) * d
    refuse_beyond(found, MOST_WORK + WORK_EACH * numbers, "the check of this network", allow_work)
    refuse_beyond(entries, MOST_ENTRIES, "curvatures of this network", allow_work, unit="numbers")
