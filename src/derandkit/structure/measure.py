"""What a trained network kept and forgot, and what the lemma says about it, on nodes it was not trained on.

The lemma is about the population. On the nodes of the training the gradient is driven to zero while their noise
keeps some ``W_perp``, so a bound from there would lie; all its ingredients come from the evaluation nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.vectors import norm
from derandkit.runtime import lapack
from derandkit.status import StructureStatus
from derandkit.structure.heldout.parts import error_of, mean_of, shares_of
from derandkit.structure.heldout.reference import fit_references
from derandkit.structure.heldout.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derandkit.engine.law import GaussianSampler
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping, JsonObject
    from derandkit.structure.teacher import Sample
    from derandkit.structure.training.objective import NetworkObjective


#: Significant digits of numbers that come out of LAPACK or of sums over nodes.
DIGITS = 10
#: Standard errors by which rows kept back have to be predicted better than by the mean: 0.975 of Student's t with one
#: degree of freedom less than there are parts. One part says nothing of its error.
FOUND = {1: math.inf, 2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365}
#: A smaller share of the loss of the mean is no gain, whatever its standard error: a table shows it as 0.0 %.
LEAST_GAIN = 1e-4
#: A network that explains a tenth of the training loss has fitted something.
FITTED = 0.9
#: A residual of Stein's identity whose two sides are no larger than this share of what they are sums of is rounding.
LEAST_RESIDUAL = 1e-7
#: Of standard errors, which small differences of LAPACK's on wide networks reach sooner.
ERROR_DIGITS = 6


def settled(x: float, digits: int = DIGITS) -> float:
    """Round to so many significant digits: what depends on the processor is in the digits behind.

    Examples
    --------
    >>> settled(2.0 / 3.0), settled(2.0 / 3.0, ERROR_DIGITS)
    (0.6666666667, 0.666667)
    """
    return float(f"{x:.{digits - 1}e}")


def split(W: FloatArray, span: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``W_par`` and ``W_perp``, the parts of the rows of W in and orthogonal to the span."""
    if span.shape[0] == span.shape[1]:
        # nothing is orthogonal to everything; the difference would be rounding
        return W.copy(), np.zeros_like(W)
    parallel = np.einsum("nq,qd->nd", np.einsum("nd,qd->nq", W, span), span)
    rest = W - parallel
    # once more: where W_perp is tiny, the first difference is mostly rounding
    return parallel, rest - np.einsum("nq,qd->nd", np.einsum("nd,qd->nq", rest, span), span)


def singular_values(W: FloatArray) -> FloatArray:
    """Return the singular values of W, largest first, each to ten significant digits."""
    return np.array([settled(float(s)) for s in lapack.singular_values(W)])


def leading_directions(W: FloatArray, count: int) -> FloatArray:
    """Return the leading right singular vectors of W as rows, the largest entry of each positive."""
    rows = lapack.svd(W)[2][:count]
    lead = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    return np.ascontiguousarray(rows * np.where(lead < 0, -1.0, 1.0))


def effective_rank(values: FloatArray) -> float:
    """Return the exponential of the entropy of the singular values (Roy and Vetterli 2007); 0 for a zero matrix.

    Examples
    --------
    >>> effective_rank(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    total = float(np.sum(values))
    if not total > 0:
        return 0.0
    p = values[values > 0] / total
    return settled(math.exp(-float(np.sum(p * np.log(p)))))


def principal_angles(first: FloatArray, second: FloatArray) -> list[float]:
    """Return the angles between two spans given by orthonormal rows, in radians, smallest first.

    Examples
    --------
    >>> [round(a, 6) for a in principal_angles(np.eye(3)[:2], np.eye(3)[1:])]
    [0.0, 1.570796]
    """
    if len(first) < len(second):
        first, second = second, first
    cosines = lapack.singular_values(first @ second.T)
    # sines are accurate where cosines are not (Bjorck and Golub 1973)
    rest = second - (second @ first.T) @ first
    sines = lapack.singular_values(rest)[::-1][: len(second)]
    angles = [
        math.asin(min(1.0, s)) if c * c > 0.5 else math.acos(min(1.0, c))
        for c, s in zip(cosines, sines, strict=True)
    ]
    return [settled(a) for a in sorted(angles)]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Gradient and curvature of the risk on nodes that were not trained on.

    Parameters
    ----------
    risks : ndarray, shape (R,)
        Risk of each replicate, without the penalty on theta.
    spread_gradients : ndarray, shape (R, n, d)
        ``dF/dW``.
    mean_gradients : ndarray, shape (R, n + p)
        Gradient in (b, theta).
    curvatures : ndarray, shape (R, n, n)
        Hessian in b.
    kind : str
        ``"grid"``: the first replicate is the rule, the second one judges it. Otherwise all are averaged, and their
        spread gives the standard error by the jackknife.
    masses : ndarray, shape (R,), optional
        What each replicate counts in the average: of rows, the sum of their weights. By default all count the same.
    """

    risks: FloatArray
    spread_gradients: FloatArray
    mean_gradients: FloatArray
    curvatures: FloatArray
    kind: str
    masses: FloatArray | None = None

    @property
    def parts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Risks, gradients and curvatures, one row for each replicate."""
        return self.risks, self.spread_gradients, self.mean_gradients, self.curvatures

    @property
    def shares(self) -> FloatArray:
        """Masses over their sum."""
        return shares_of(np.ones(len(self.risks)) if self.masses is None else self.masses)

    def mean(self, without: int | None = None) -> list[FloatArray]:
        """Return (risk, dF/dW, dF/d(b, theta), H) on all replicates together, or on all but one."""
        shares = self.shares
        return [mean_of(a, shares, without) for a in self.parts]

    @property
    def whole(self) -> list[FloatArray]:
        """What numbers are functionals of: (risk, dF/dW, dF/d(b, theta), H) of the rule, or on all replicates."""
        return [a[0] for a in self.parts] if self.kind == "grid" else self.mean()

    def estimate(self, functional: Callable[..., float]) -> tuple[float, float]:
        """Return a functional of (risk, dF/dW, dF/d(b, theta), H) and its error; infinite where one is not finite."""
        if self.kind == "grid":
            fine, coarse = (float(functional(*(a[k] for a in self.parts))) for k in (0, 1))
            return fine, abs(fine - coarse) if math.isfinite(fine) and math.isfinite(coarse) else math.inf
        value = float(functional(*self.mean()))
        left = [float(functional(*self.mean(k))) for k in range(len(self.risks))]
        if not all(map(math.isfinite, (value, *left))):
            return value, math.inf
        return value, error_of(left)


def evaluate(
    replicates: Sequence[NetworkObjective],
    law: GaussianSampler,
    on_replicate: Callable[[int, float], None] | None = None,
) -> Evaluation:
    """Evaluate gradient and curvature on every replicate of the evaluation nodes.

    Parameters
    ----------
    replicates : sequence of NetworkObjective
        The risk on each replicate.
    law : GaussianSampler
        The network.
    on_replicate : callable, optional
        Called after each replicate with its number, from 1, and its risk without the penalty on theta.
    """
    n = replicates[0].network.width
    parts = []
    for number, objective in enumerate(replicates, 1):
        risk = objective.loss(law)
        parts.append(
            (
                risk,
                objective.spread_gradient(law)[:n],
                objective.mean_gradient(law),
                objective.bias_curvature(law),
            )
        )
        if on_replicate is not None:
            on_replicate(number, risk)
    risks, spreads, means, curvatures = zip(*parts, strict=True)
    return Evaluation(
        np.array(risks),
        np.array(spreads),
        np.array(means),
        np.array(curvatures),
        replicates[0].sample.kind,
        np.array([objective.sample.mass for objective in replicates]),
    )


def jackknife(values: Sequence[float], kind: str, masses: Sequence[float]) -> tuple[float, float]:
    """Return a number and its error from its values on the replicates, as `Evaluation.estimate` does.

    Examples
    --------
    >>> jackknife([1.0, 3.0], "grid", [1.0, 1.0])
    (1.0, 2.0)
    >>> [round(x, 6) for x in jackknife([1.0, 3.0, 5.0], "rows", [2.0, 1.0, 1.0])]
    [2.5, 1.387777]
    """
    if kind == "grid":
        return values[0], abs(values[0] - values[1])
    found, shares = np.array(values, dtype=np.float64), shares_of(masses)
    left = [float(mean_of(found, shares, k)) for k in range(len(found))]
    return float(mean_of(found, shares)), error_of(left)


def reference_measurements(
    loss: object, training: Sample, replicates: Sequence[Sample], risks: Sequence[float]
) -> dict[str, float | None]:
    """Return what the loss is to be held against: the losses of the mean and of a linear model on the same nodes.

    Parameters
    ----------
    loss : str or callable
        The loss; of a function of the user's own nothing is known, and all numbers are None.
    training : Sample
        What both are fitted to.
    replicates : sequence of Sample
        The evaluation nodes.
    risks : sequence of float
        Losses of the network on them.

    Returns
    -------
    dict
        ``mean_loss``, ``linear_loss`` (None where the linear model is not known, see `References`);
        ``gain``: ``mean_loss - loss`` with ``gain_error``, from differences on the same nodes; ``mean_training_loss``.
    """
    names = ("mean_loss", "linear_loss", "gain", "gain_error", "mean_training_loss")
    if not isinstance(loss, str):
        return dict.fromkeys(names)
    fit = fit_references(loss, training)
    pairs = [fit.losses(loss, sample) for sample in replicates]
    kind, masses = replicates[0].kind, [sample.mass for sample in replicates]
    gain, error = jackknife([mean - risk for (mean, _), risk in zip(pairs, risks, strict=True)], kind, masses)
    found = (
        jackknife([mean for mean, _ in pairs], kind, masses)[0],
        jackknife([linear for _, linear in pairs], kind, masses)[0],
        gain,
        error,
        fit.losses(loss, training)[0],
    )
    digits = (DIGITS, DIGITS, DIGITS, ERROR_DIGITS, DIGITS)
    finite = all(map(math.isfinite, (found[0], *found[2:])))
    return {
        name: settled(x, k) if finite and math.isfinite(x) else None
        for name, x, k in zip(names, found, digits, strict=True)
    }


#: Ends of training after which it says nothing that little was found.
UNFINISHED = (StructureStatus.DIVERGED, StructureStatus.INTERRUPTED, StructureStatus.TIME_LIMIT)


def finding(
    ended: StructureStatus, figures: JsonMapping, parts: int, *, auto: bool, shortened: bool = False
) -> StructureStatus:
    """Return the status of a run on data: how it ended, unless it found nothing on the rows kept back.

    Parameters
    ----------
    ended : StructureStatus
        How training ended.
    figures : mapping
        With ``gain``, ``gain_error``, ``training_loss`` and ``mean_training_loss``.
    parts : int
        As how many even parts those count that the standard error comes from
        (`derandkit.structure.heldout.parts.counting`).
    auto : bool
        Whether the penalties were chosen on rows kept back; raising them is no advice then.
    shortened : bool
        Whether that choice had to end early; that nothing was found says little then.

    Notes
    -----
    Something is found if the gain exceeds `FOUND` standard errors and `LEAST_GAIN` of the loss of the mean. Eight parts
    of the rows kept back, the usual number, give seven degrees of freedom, so pure noise would pass the first in one
    case of forty if the losses of the parts were normal and independent; parts of uneven weight give fewer. Where the
    mean was chosen, the network ends beside it and not on it: the difference has one sign on all parts, and 1e-6 of the
    loss may be ten standard errors.
    """
    if ended in UNFINISHED or figures["gain"] is None:
        return ended
    least = max(FOUND[parts] * figures["gain_error"], LEAST_GAIN * figures["mean_loss"])
    if figures["gain"] > least:
        return ended
    fitted = figures["training_loss"] < FITTED * figures["mean_training_loss"]
    if shortened:
        return StructureStatus.TIME_LIMIT
    return StructureStatus.OVERFITTED if fitted and not auto else StructureStatus.NOTHING_FOUND


def lemma_measurements(
    evaluation: Evaluation, W: FloatArray, span: FloatArray, penalty: float, *, smooth: bool
) -> dict[str, float | None]:
    """Return the lemma's bound on ``|W_perp|`` with what it is made of.

    Parameters
    ----------
    evaluation : Evaluation
        On nodes that were not trained on.
    W : ndarray, shape (n, d)
        First layer.
    span : ndarray, shape (q, d)
        Orthonormal rows; what the target depends on.
    penalty : float
        Coefficient of ``|W|^2``.
    smooth : bool
        Whether the network has second derivatives; without them there is no curvature and no bound.

    Returns
    -------
    dict
        ``lemma_bound``: ``|dJ/dW_perp| / (2 penalty + lambda_min(H))``, None where the denominator is not positive;
        ``row_bound``: ``row_gradient / (2 penalty + row_curvature)``, the same with the mean curvature along the rows
        of ``W_perp`` and the part of the gradient in the span of its columns, see `rows_of`; None as well where
        ``W_perp`` is a millionth of W or less; ``stein_estimate``: ``|(H + 2 penalty)^-1 dJ/dW_perp|``, which equals
        ``|W_perp|`` in the population; ``stein_residual``: ``|dF/dW_perp - H W_perp|`` over
        ``|dF/dW_perp| + |H W_perp|``, None where both are rounding; ``smallest_curvature``, ``largest_curvature`` of H;
        ``perp_gradient``: ``|dJ/dW_perp|``; and their errors ``..._error``.
    """
    perp = split(W, span)[1]
    left = rows_of(perp, norm(W))

    def pull(dW: FloatArray) -> FloatArray:
        return split(dW, span)[1] + 2.0 * penalty * perp

    def bound(_risk: float, dW: FloatArray, _mean: FloatArray, H: FloatArray) -> float:
        denominator = 2.0 * penalty + float(lapack.eigvalsh(H)[0])
        return norm(pull(dW)) / denominator if denominator > 0 else math.inf

    def stein(_risk: float, dW: FloatArray, _mean: FloatArray, H: FloatArray) -> float:
        shifted = H + 2.0 * penalty * np.eye(len(H))
        if not float(lapack.eigvalsh(shifted)[0]) > 0:
            return math.inf
        try:
            return norm(np.asarray(lapack.solve(shifted, pull(dW)), dtype=np.float64))
        except np.linalg.LinAlgError:  # singular within rounding
            return math.inf

    def residual(_risk: float, dW: FloatArray, _mean: FloatArray, H: FloatArray) -> float:
        left, right = split(dW, span)[1], np.einsum("ij,jd->id", H, perp)
        size = norm(left) + norm(right)
        return norm(left - right) / size if size > 0 else 0.0

    def is_rounding(_risk: object, dW: FloatArray, _mean: object, H: FloatArray) -> bool:
        sides = norm(split(dW, span)[1]) + norm(np.einsum("ij,jd->id", H, perp))
        return (terms := norm(dW) + norm(H) * norm(W)) != 0.0 and not sides > LEAST_RESIDUAL * terms

    def row_curvature(_risk: float, _dW: FloatArray, _mean: FloatArray, H: FloatArray) -> float:
        return math.inf if left is None else left.curvature(H)

    def row_gradient(_risk: float, dW: FloatArray, _mean: FloatArray, _h: FloatArray) -> float:
        return math.inf if left is None else left.gradient(pull(dW))

    def row_bound(_risk: float, dW: FloatArray, _mean: FloatArray, H: FloatArray) -> float:
        if left is None or not (denominator := 2.0 * penalty + left.curvature(H)) > 0:
            return math.inf
        return left.gradient(pull(dW)) / denominator

    functionals: JsonObject = {
        "perp_gradient": lambda _r, dW, _m, _h: norm(pull(dW)),
        "row_bound": row_bound,
        "row_curvature": row_curvature,
        "row_gradient": row_gradient,
        "smallest_curvature": lambda _r, _d, _m, H: float(lapack.eigvalsh(H)[0]),
        "largest_curvature": lambda _r, _d, _m, H: float(lapack.eigvalsh(H)[-1]),
        "lemma_bound": bound,
        "stein_estimate": stein,
        "stein_residual": residual,
    }
    out: dict[str, float | None] = {}
    for name, functional in functionals.items():
        if not smooth:
            value, error = math.inf, math.inf
        else:
            value, error = evaluation.estimate(functional)
        out[name] = settled(value) if math.isfinite(value) else None
        out[f"{name}_error"] = (
            settled(error, ERROR_DIGITS) if math.isfinite(error) and math.isfinite(value) else None
        )
    if smooth and is_rounding(*evaluation.whole):
        out |= {"stein_residual": None, "stein_residual_error": None}
    if not smooth:
        value, error = evaluation.estimate(functionals["perp_gradient"])
        out["perp_gradient"], out["perp_gradient_error"] = settled(value), settled(error, ERROR_DIGITS)
    return out


def shares(ratio: float, decay: float | None, no_penalty: float | None) -> dict[str, float | None]:
    """Divide the shrinkage of ``|W_perp|`` among its causes, in logarithms.

    Parameters
    ----------
    ratio : float
        ``|W_perp|`` at the end over that at the start.
    decay : float or None
        What weight decay alone leaves after as many gradients of a first-order run.
    no_penalty : float or None
        What the same training without penalty leaves: the work of curvature alone.

    Returns
    -------
    dict
        ``decay`` and ``curvature``: ``log(left) / log(ratio)`` of each alone, within [0, 1]; ``together``: the rest,
        which neither does alone. None where it is not known, or where nothing shrank.

    Examples
    --------
    >>> shares(0.01, 0.1, 1.0)
    {'curvature': 0.0, 'decay': 0.5, 'together': 0.5}
    """

    def share(left: float | None) -> float | None:
        if left is None or not 0.0 < ratio < 1.0:
            return None
        return settled(min(1.0, math.log(max(left, 1e-300)) / math.log(ratio))) if left < 1.0 else 0.0

    parts = {"curvature": share(no_penalty), "decay": share(decay)}
    known = [part for part in parts.values() if part is not None]
    rest = settled(max(0.0, 1.0 - sum(known))) if len(known) == len(parts) else None
    return {**parts, "together": rest}
