"""`penalty="auto"`: both penalties and the number of directions, chosen on rows kept back from the training rows.

The rows that judge the result in the end take no part in this. Folds are cut by a hash of the position, rows of equal
inputs are in one fold, every descent starts from a formula, and the path is fixed: the choice is the same every time.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from derandkit.engine import LemmaDescent
from derandkit.errors import InputError
from derandkit.runtime.clock import current
from derandkit.structure.intake.repeats import folds_of
from derandkit.structure.measure import ERROR_DIGITS, jackknife, leading_directions, settled
from derandkit.structure.methods import NO_PENALTY, train
from derandkit.structure.training.objective import BEYOND, NetworkObjective, refuse_overflow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonObject
    from derandkit.structure.data import RegressionData
    from derandkit.structure.student import Student
    from derandkit.structure.teacher import Sample
    from derandkit.structure.training.network import Network

FOLDS = 4
#: Penalties of the first layer, smallest first: each descent starts where the one before ended.
PATH = (3e-3, 1e-2, 3e-2, 0.1, 0.3)
#: Penalties of the layers above.
UPPER = (1e-3, 1e-2, 0.1)
#: Under this pair no network of the package keeps anything of a standardised target: the mean is on the path too.
NULL = 1.0
#: Steps of the first descent of a path, and of the others. An early stop costs a better choice, not a true number.
FIRST_STEPS, STEPS = 60, 30
#: Most directions whose number is chosen.
MOST_RANKS = 12


class Fold(NamedTuple):
    """One part of the training rows kept back, and the rest."""

    rest: NetworkObjective
    kept: NetworkObjective


class Choice(NamedTuple):
    """What was chosen.

    Parameters
    ----------
    penalty, upper_penalty : float
        The penalties.
    rank : int
        The number of directions.
    table : dict
        ``folds``; ``path``: ``penalty``, ``upper_penalty``, ``loss``, ``loss_error`` of every pair; ``ranks``: for
        every number of directions the pair that suits it best, the loss of its networks cut down to as many
        directions, and ``stability``; ``shortened``, if there are any: how many pairs a limit of time, or Ctrl-C, left
        with shorter descents than the others, or with none; ``rows``, if not all training rows were used: how many.
    """

    penalty: float
    upper_penalty: float
    rank: int
    table: JsonObject


class _Networks(NamedTuple):
    """The networks of one pair of penalties, and their losses on rows kept back, cut down to 1, 2, ... directions."""

    row: dict[str, float]
    spans: list[FloatArray]
    cut: list[tuple[float, float]]


def choose(
    problem: RegressionData,
    student: Student,
    network: Network,
    *,
    frozen: Collection[str],
    upper_penalty: float | None,
    rank: int | None,
    most_rows: int,
    report: Callable[[float, int, int], None],
) -> Choice:
    """Choose both penalties and the number of directions by the loss on rows kept back from the training rows.

    The first layers are projected on their leading directions, 1, 2, ... of them. For each number the pair of
    penalties counts whose directions agree best between the folds, of those whose loss is within a standard error of
    the smallest; the mean counts where it is among them. The number is the smallest whose loss is within a standard
    error of the smallest of all.

    Parameters
    ----------
    problem : RegressionData
        The data; only training rows are used, `most_rows` of them.
    student, network : Student and Network
        The network.
    frozen : collection of {"bias", "upper"}
        Parts of the network that are not trained.
    upper_penalty : float or None
        None chooses this one as well.
    rank : int or None
        A number of directions that is given.
    most_rows : int
        How many of the training rows are used at most; which ones, a hash of the position says.
    report : callable
        Called after every pair with its loss on rows kept back, its number and the number of all.

    Notes
    -----
    Four folds, or fewer if fewer training rows are different; 16 pairs, or 6 with a given `upper_penalty`. About 2500
    gradients of three quarters of these rows.
    """
    sample = problem.coarse(most_rows)
    folds = _folds(problem, sample, network, frozen)
    W, b = student.first_layer(problem.dimension)
    most = max(rank or 0, min(MOST_RANKS, *W.shape))
    tried: list[_Networks] = []
    pairs, shortened = 1 + len(PATH) * (len(UPPER) if upper_penalty is None else 1), 0

    def descend(lam: float, mu: float, laws: list[GaussianSampler], limit: int) -> list[GaussianSampler]:
        nonlocal shortened
        laws = [_descend(fold, law, lam, mu, limit, problem) for fold, law in zip(folds, laws, strict=True)]
        shortened += current().stopped
        tried.append(_measure(folds, laws, lam, mu, most))
        report(tried[-1].row["loss"], len(tried), pairs)
        return laws

    start = [fold.rest.law(W, b, network.start) for fold in folds]
    for fold, law in zip(folds, start, strict=True):
        refuse_overflow(fold.rest, law)
    descend(NULL, NULL if upper_penalty is None else upper_penalty, start, STEPS)
    for mu in UPPER if upper_penalty is None else (upper_penalty,):
        laws = start
        for lam in PATH:
            laws = descend(lam, mu, laws, FIRST_STEPS if lam == PATH[0] else STEPS)
    ranks = []
    for q in range(most):
        stability = [_stability([span[: q + 1] for span in t.spans]) for t in tried]
        k = _steadiest([t.cut[q] for t in tried], stability)
        ranks.append(
            {
                "rank": q + 1,
                "penalty": tried[k].row["penalty"],
                "upper_penalty": tried[k].row["upper_penalty"],
                "loss": tried[k].cut[q][0],
                "loss_error": tried[k].cut[q][1],
                "stability": stability[k],
            }
        )
    q = _fewest(ranks) if rank is None else rank
    table = {"folds": len(folds), "path": [t.row for t in tried], "ranks": ranks}
    if shortened:
        table["shortened"] = shortened
    if len(sample.weights) < len(problem.rows[0]):
        table["rows"] = len(sample.weights)
    return Choice(float(ranks[q - 1]["penalty"]), float(ranks[q - 1]["upper_penalty"]), q, table)


def _measure(
    folds: Sequence[Fold], laws: Sequence[GaussianSampler], lam: float, mu: float, most: int
) -> _Networks:
    whole, cut, spans = [], [], []
    for fold, law in zip(folds, laws, strict=True):
        W, b, theta = fold.kept.parameters(law)
        span = leading_directions(W, most)
        along = np.einsum("nd,qd->nq", W, span)
        parts = [np.einsum("nq,qd->nd", along[:, :q], span[:q]) for q in range(1, most + 1)]
        whole.append(fold.kept.loss(law))
        cut.append([fold.kept.loss(fold.kept.law(part, b, theta)) for part in parts])
        spans.append(span)
    masses = [fold.kept.sample.mass for fold in folds]
    loss, error = jackknife(whole, "rows", masses)
    row = {
        "penalty": float(lam), "upper_penalty": float(mu), "loss": settled(loss),
        "loss_error": settled(error, ERROR_DIGITS),
    }  # fmt: skip
    pairs = [jackknife(list(values), "rows", masses) for values in zip(*cut, strict=True)]
    if not all(map(math.isfinite, itertools.chain((loss, error), *pairs))):
        raise InputError(f"the loss on rows kept back {BEYOND}")
    return _Networks(row, spans, [(settled(x), settled(e, ERROR_DIGITS)) for x, e in pairs])


def _stability(spans: Sequence[FloatArray]) -> float:
    """Return the mean squared cosine of the angles between the spans of two folds: 1 for one and the same.

    Examples
    --------
    >>> _stability([np.eye(3)[:1], np.eye(3)[:1], np.eye(3)[1:2]])
    0.3333333333
    """
    squares = [
        float(np.sum(np.einsum("qd,kd->qk", first, second) ** 2)) / len(first)
        for first, second in itertools.combinations(spans, 2)
    ]
    return settled(min(1.0, sum(squares) / len(squares)))


def _steadiest(losses: Sequence[tuple[float, float]], stability: Sequence[float]) -> int:
    """Return which pair counts: the most stable one whose loss is within a standard error of the smallest.

    Losses within a standard error of each other leave the choice to the directions, which are what is looked for.
    The first pair stands for the mean: nothing is stable there, and it counts where it is no worse than that.

    Examples
    --------
    >>> losses = [(2.0, 0.1), (1.0, 0.1), (1.05, 0.1), (1.2, 0.1)]
    >>> _steadiest(losses, [0.1, 0.8, 0.9, 0.99]), _steadiest([(1.02, 0.0), *losses], [0.1, 0.2, 0.8, 0.9, 0.9])
    (2, 0)
    """
    least = min(losses)
    near = [k for k, (loss, _) in enumerate(losses) if loss <= least[0] + least[1]]
    return 0 if near[0] == 0 else min(near, key=lambda k: (-stability[k], losses[k], k))


def _fewest(ranks: Sequence[dict[str, float]]) -> int:
    """Return the smallest number of directions whose loss is within a standard error of the smallest loss.

    Examples
    --------
    >>> _fewest([{"rank": q, "loss": x, "loss_error": 0.1} for q, x in ((1, 1.5), (2, 1.02), (3, 0.95))])
    2
    """
    best = min(ranks, key=lambda row: (row["loss"], row["rank"]))
    return int(next(row["rank"] for row in ranks if row["loss"] <= best["loss"] + best["loss_error"]))


def _folds(problem: RegressionData, sample: Sample, network: Network, frozen: Collection[str]) -> list[Fold]:
    assert sample.numbers is not None
    part = folds_of(sample.numbers, FOLDS)

    def objective(kept: Any) -> NetworkObjective:
        # rows of weight zero keep one shape, and so one compilation, for all folds
        counted = kept if problem.weights is None else kept * sample.weights
        mass = float(np.sum(counted))
        return NetworkObjective(network, sample._replace(weights=counted / mass, mass=mass), frozen)

    return [
        Fold(objective((part != k).astype(np.float64)), objective((part == k).astype(np.float64)))
        for k in range(int(part.max()) + 1)
    ]


def _descend(
    fold: Fold, law: GaussianSampler, lam: float, mu: float, limit: int, problem: RegressionData
) -> GaussianSampler:
    fold.rest.reset(mu)
    fold.kept.reset(mu)
    method = LemmaDescent(
        penalty=max(lam, NO_PENALTY), tolerance=1e-3, max_steps=limit, memory=20, finish=False
    )
    found = train([fold.rest], law, method, lam, lambda *_: None, problem.draw, 0)
    return found.law
