"""Figures of a network that is given, worked out from its derivatives: the checker's own writing.

The library of the network differentiates it on parts of the rows. What is made of the derivatives - the units in which
inputs have the variance 1, the part beside the directions, the bounds and their errors - is written here a second time;
`derandkit.structure.trained.certify` has the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from derandkit.certificates.embeddings.pairs import hashed_order
from derandkit.certificates.rows import numbered_rows
from derandkit.certificates.structure.references.constants import best_constant
from derandkit.certificates.structure.rows import left_of
from derandkit.certificates.trained.again import Again, is_rounding
from derandkit.certificates.trained.layer import SUMS, Units, span_of, units_of
from derandkit.numerics.vectors import norm
from derandkit.records import decode_array, encode_array

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.records import JsonMapping, JsonObject

#: Rows are judged in so many parts.
PARTS = 8
#: What varies less than this share of the whole beside the directions is rounding.
_NOTHING = 1e-20
#: A residual of Stein's identity is rounding where its sides are no larger than this share of what they are sums of.
LEAST_RESIDUAL = 1e-7


class Slopes(Protocol):
    """Derivatives of the mean loss of some rows, as the library of the network finds them."""

    @property
    def risk(self) -> float:
        """The mean loss."""

    @property
    def W(self) -> FloatArray:  # noqa: N802
        """Its gradient in the first layer."""

    @property
    def b(self) -> FloatArray:
        """Its gradient in the bias."""

    @property
    def rest(self) -> FloatArray:
        """Its gradient in all other parameters, or the length of that."""

    @property
    def curvature(self) -> FloatArray:
        """Its Hessian in the bias; of a layer at several places summed over them as `Given.slopes` was asked to."""

    @property
    def places(self) -> FloatArray | None:
        """Its gradient in a bias of each place, for such a layer."""


class Given(NamedTuple):
    """A network that is given.

    Parameters
    ----------
    kind : str
        What it is, in words.
    smooth : bool
        Whether it has second derivatives.
    W, b : ndarray, shapes (n, d), (n,)
        Its first layer.
    places, windows : ndarray or None
        Which inputs the layer sees at each place, and the same of windows that overlap or are padded.
    kernel : ndarray or None
        The weights of such windows, of which some may lie on padding in every one, and are not in W.
    own_layer : bool
        Whether the layer came with the network, and not from the record that is checked.
    slopes : callable
        Differentiates the mean loss of rows X, y; the third argument says how places go together.
    unsaid : str
        What the figures depend on but this version of the record does not state.
    probable : str
        What may have made the outputs for these rows, which count as logits: ``"sigmoid"``, ``"softmax"`` or
        ``"log-sigmoid"``; "" where they are no probabilities.
    """

    kind: str
    smooth: bool
    W: FloatArray
    b: FloatArray
    places: IntArray | None
    windows: IntArray | None
    kernel: FloatArray | None
    own_layer: bool
    slopes: Callable[[FloatArray, FloatArray, FloatArray | None], Slopes]
    unsaid: str = ""
    probable: str = ""


class _Rows(NamedTuple):
    """Rows that count the same: `derandkit.certificates.structure.networks.Sample`."""

    points: FloatArray
    targets: FloatArray
    weights: FloatArray
    kind: str
    mass: float


class _Part(NamedTuple):
    """Means over rows, with the gradient in W on inputs of variance 1, and what they count."""

    risk: float
    W: FloatArray
    curvature: FloatArray
    mass: float


def worked_out(
    record: JsonMapping, rows: tuple[FloatArray, FloatArray], given: Given, *, alike: bool = False
) -> Again:
    """Return what the derivatives of a network say, with the penalty and the directions of a record.

    Parameters
    ----------
    record : mapping
        The record, of which penalty and directions are taken.
    rows : tuple of ndarray
        Inputs, shape (m, d), and targets as the loss takes them.
    given : Given
        The network.
    alike : bool
        Whether all parts count the same and equal rows may be in several, as in records before version 4; else parts
        count by the number of their rows.

    Raises
    ------
    ValueError
        The rows do not vary, or sizes are beyond the range of numbers.
    """
    X, y = rows
    seen = X if given.places is None else X[:, given.places]
    units = units_of(seen)
    W = units.layer(given.W)
    span, turned = span_of(units, decode_array(record["parameters"]["directions"]))
    whole = len(span) == units.rank

    def beside(M: FloatArray) -> FloatArray:
        if whole:
            return np.zeros_like(M)
        rest = M - (M @ span.T) @ span
        return np.asarray(rest - (rest @ span.T) @ span)

    mix = None if given.places is None else _between(seen, units, beside)
    parts, raw = [], []
    # equal rows are in one part, but for old records
    number = np.arange(len(X)) if alike else numbered_rows(X)
    for chosen in np.array_split(hashed_order(int(number.max()) + 1), PARTS):
        kept = np.flatnonzero(np.isin(number, chosen))
        slopes = given.slopes(X[kept], y[kept], mix)
        raw.append(slopes)
        # the mean of the inputs moves with the bias, and is no part of what varies
        parts.append(
            _Part(
                slopes.risk,
                units.gradient(slopes.W - _moved(slopes, units.mean)),
                slopes.curvature,
                1.0 if alike else float(len(kept)),
            )
        )
    penalty = float(record["penalty"])
    cancelled = max(
        norm(((np.abs(s.W) + np.abs(_moved(s, units.mean))) / units.scale) @ np.abs(units.back)) for s in raw
    )
    curvature = max(norm(part.curvature) for part in parts)
    figures, apart = _figures(parts, beside, W, penalty, smooth=given.smooth)
    together = _mean(parts)
    # what the residual of Stein's identity is the sum of
    added = cancelled + curvature * norm(W)
    residual = added / _sides(together, beside, W)
    apart["stein_residual"] = (
        [(0.0, _sides(part, beside, W) / added) for part in _without_one(parts)] if added > 0 else []
    )
    if not residual * LEAST_RESIDUAL < 1.0:
        figures |= {"stein_residual": None, "stein_residual_error": None}
    risk, error = _estimate(parts, lambda part: part.risk)
    found: JsonObject = {
        "kind": given.kind,
        "smooth": given.smooth,
        "penalty": penalty,
        "parameters": {"W": encode_array(given.W, "<f8"), "b": encode_array(given.b, "<f8")},
        "places": None if given.places is None else encode_array(given.places, "<i8"),
        "risk": risk,
        "risk_error": error,
        "gradient_norm": _length_of_all(raw, [part.mass for part in parts], given, penalty),
        "figures": figures,
        "w_perp": record["w_perp"],
        "w_par": record["w_par"],
    }
    longest = max(math.hypot(norm(s.W), norm(s.b), norm(np.atleast_1d(s.rest))) for s in raw)
    turned = 0.0 if whole else turned / SUMS
    terms = {
        "gradient": longest + 2.0 * penalty * norm(_weights(given)),
        # the inverse root is known to the rounding of the covariances times their condition
        "perp_gradient": 0.0
        if whole
        else cancelled * (1.0 + units.shaky + turned) + 2.0 * penalty * norm(W) * (1.0 + turned),
        "curvature": curvature,
        # and so is the layer, of which what is left may be a small part
        "left": norm(W) * (1.0 + units.shaky + turned) / max(norm(beside(W)), 1e-300),
        "residual": residual,
    }
    loss = _of_constant(record["loss"], X, y)
    return Again(found, terms, given.own_layer, given.unsaid, given.probable, apart, loss)


def _of_constant(loss: str, X: FloatArray, y: FloatArray) -> float:
    """Return the least that the mean loss of the best constant can be; zero where it is not known."""
    rows = _Rows(X, y, np.full(len(X), 1.0 / len(X)), "rows", 1.0)
    constant = best_constant(loss, rows)
    with np.errstate(all="ignore"):
        found = float(constant(rows) - constant.width(rows))
    return found if 0.0 < found < math.inf else 0.0


def _sides(part: _Part, beside: Callable[[FloatArray], FloatArray], W: FloatArray) -> float:
    """Return the size of the two sides of Stein's identity, which its residual is a share of."""
    return max(norm(beside(part.W)) + norm(np.asarray(part.curvature @ beside(W))), 1e-300)


def _without_one(parts: list[_Part]) -> list[_Part]:
    """Return the means over all parts but one."""
    return [_mean(parts[:k] + parts[k + 1 :]) for k in range(len(parts))]


def _moved(slopes: Slopes, mean: FloatArray) -> FloatArray:
    """Return what the gradient in W owes to the mean of the inputs, which each place has of its own."""
    if slopes.places is None:
        return np.outer(slopes.b, mean)
    return np.asarray(slopes.places.T @ mean)


def _between(seen: FloatArray, units: Units, beside: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return a root of the correlations between places of what varies there beside the directions."""
    m, P = seen.shape[:2]
    whole = ((seen - units.mean) / units.scale) @ units.back
    rest = beside(whole.reshape(m * P, -1)).reshape(m, P, -1)
    flat = np.moveaxis(rest, 1, 0).reshape(P, -1)
    together = flat @ flat.T
    total = float(np.trace(together))
    if not total > _NOTHING * float(np.sum(whole * whole)):
        return np.eye(P)
    values, vectors = np.linalg.eigh(together * (P / total))
    # eigenvalues are known to the rounding of the largest, and nothing above that is left out
    positive = np.where(values > P * np.finfo(np.float64).eps * values[-1], values, 0.0)
    return np.asarray((vectors * np.sqrt(positive))[:, positive > 0.0])


def _mean(parts: list[_Part]) -> _Part:
    """Return the mean over the rows of some parts."""
    total = math.fsum(part.mass for part in parts)
    shares = [part.mass / total for part in parts]
    return _Part(
        math.fsum(share * part.risk for share, part in zip(shares, parts, strict=True)),
        np.average([part.W for part in parts], axis=0, weights=shares),
        np.average([part.curvature for part in parts], axis=0, weights=shares),
        total,
    )


def _estimate(parts: list[_Part], functional: Callable[[_Part], float]) -> tuple[float, float]:
    """Return a functional of the mean over all parts, and its standard error by the delete-a-group jackknife."""
    count, value = len(parts), functional(_mean(parts))
    others = [functional(part) for part in _without_one(parts)]
    if not all(map(math.isfinite, (value, *others))):
        return value, math.inf
    middle = math.fsum(x / count for x in others)
    return value, math.sqrt((count - 1) / count) * math.hypot(*(x - middle for x in others))


def _figures(
    parts: list[_Part],
    beside: Callable[[FloatArray], FloatArray],
    W: FloatArray,
    penalty: float,
    *,
    smooth: bool,
) -> tuple[dict[str, float | None], dict[str, list[tuple[float, float]]]]:
    """Return the figures of the lemma with their errors, None for what does not exist, and `Again.apart`."""
    perp, eye = beside(W), np.eye(len(W))
    largest = max(float(np.abs(W).max(initial=0.0)), 1e-300)
    left = left_of(perp / largest, norm(W / largest))

    def force(part: _Part) -> FloatArray:
        return beside(part.W) + 2.0 * penalty * perp

    def least(part: _Part) -> float:
        return float(np.linalg.eigvalsh(part.curvature)[0])

    def over(top: float, below: float) -> float:
        return top / below if below > 0 else math.inf

    def solved(part: _Part) -> float:
        lifted = part.curvature + 2.0 * penalty * eye
        if not np.linalg.eigvalsh(lifted)[0] > 0:
            return math.inf
        try:
            return norm(np.asarray(np.linalg.solve(lifted, force(part)), dtype=np.float64))
        except np.linalg.LinAlgError:  # singular within rounding
            return math.inf

    def missed(part: _Part) -> float:
        one, other = beside(part.W), part.curvature @ perp
        sizes = norm(one) + norm(other)
        return norm(one - other) / sizes if sizes > 0 else 0.0

    def along(part: _Part) -> float:
        return math.inf if left is None else float(np.sum(left.unit * (part.curvature @ left.unit)))

    def held(part: _Part) -> float:
        if left is None:
            return math.inf
        vector, inner = force(part), left.projector @ left.unit
        inside = left.projector @ vector
        return norm(inside) * norm(inner) + norm(vector - inside) * norm(left.unit - inner)

    made: dict[str, Callable[[_Part], float]] = {
        "perp_gradient": lambda part: norm(force(part)),
        "smallest_curvature": least,
        "largest_curvature": lambda part: float(np.linalg.eigvalsh(part.curvature)[-1]),
        "lemma_bound": lambda part: over(norm(force(part)), 2.0 * penalty + least(part)),
        "row_curvature": along,
        "row_gradient": held,
        "row_bound": lambda part: math.inf if left is None else over(held(part), 2.0 * penalty + along(part)),
        "stein_estimate": solved,
        "stein_residual": missed,
    }
    out: dict[str, float | None] = {}
    for name, functional in made.items():
        there = smooth or name == "perp_gradient"  # a gradient needs no second derivatives
        value, error = _estimate(parts, functional) if there else (math.inf, math.inf)
        out[name] = value if math.isfinite(value) else None
        out[f"{name}_error"] = error if math.isfinite(value) and math.isfinite(error) else None
    apart: dict[str, list[tuple[float, float]]] = {}
    for name, bend, least_of in (
        ("lemma_bound", "smallest_curvature", least),
        ("stein_estimate", "smallest_curvature", least),
        ("row_bound", "row_curvature", along),
    ):
        if is_rounding(2.0 * penalty + (out[bend] or 0.0), out["largest_curvature"], penalty):
            out[name] = out[f"{name}_error"] = None
        if out[f"{name}_error"] is not None:
            apart[name] = [(made[name](part), 2.0 * penalty + least_of(part)) for part in _without_one(parts)]
    return out, apart


def _length_of_all(raw: list[Slopes], masses: list[float], given: Given, penalty: float) -> float:
    """Return the length of the gradient of the penalised risk in all parameters."""
    dW, db, rest = (
        np.average([getattr(s, name) for s in raw], axis=0, weights=masses) for name in ("W", "b", "rest")
    )
    if given.windows is not None:
        # parameters are those of the kernel, whose entries stand in the matrix at every window
        dW, db = _gathered(dW, given.windows), db.reshape(len(given.windows), -1).sum(axis=0)
    return math.hypot(norm(dW + 2.0 * penalty * _weights(given)), norm(db), norm(np.atleast_1d(rest)))


def _weights(given: Given) -> FloatArray:
    """Return what the penalty is on: the kernel of a convolution, where the layer is the matrix of its windows."""
    return given.W if given.kernel is None else given.kernel


def _gathered(matrix: FloatArray, windows: IntArray) -> FloatArray:
    """Return for each entry of a kernel the sum over where it stands in the matrix of all windows.

    Examples
    --------
    >>> _gathered(np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 5.0]]), np.array([[0, 1], [1, 2]])).tolist()
    [[4.0, 7.0]]
    """
    units = len(matrix) // len(windows)
    return np.array([
        [
            math.fsum(matrix[p * units + unit, seen[k]] for p, seen in enumerate(windows) if seen[k] >= 0)
            for k in range(windows.shape[1])
        ]
        for unit in range(units)
    ])  # fmt: skip
