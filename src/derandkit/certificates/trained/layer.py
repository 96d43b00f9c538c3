"""The first layer in a record of a trained network: its parts, its singular values, and its directions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array, csr_array, hstack

from derandkit.certificates.checks import Verdict, vague
from derandkit.numerics.vectors import norm
from derandkit.records import decode_array

if TYPE_CHECKING:
    from derandkit.certificates.statements import Finding
    from derandkit.numerics.typing import BoolArray, FloatArray
    from derandkit.records import JsonMapping

UNIT = 2.0**-53
#: Numbers are stored to ten digits.
ROUNDED = 2e-9
#: Sizes are known to this share of the weights before anything cancels at worst; see `Layer.slack`.
KNOWN = 1e-9
#: Directions in which the inputs vary less than this share of the largest variance count as none, and columns that
#: deviate less than this share of their largest entry; what a layer reads there is compared with the rest of it.
_COLLINEAR, _CONSTANT = 1e-10, 1e-13
#: Of more columns, and more than rows, no matrix of all pairs of columns is formed.
_WIDE = 1024
#: What sums of products of numbers may lose, as a share of the largest.
SUMS = 1e-12
#: Rows of directions that depend on each other more than this say nothing.
_DEPENDENT = 1e-9


class Layer(NamedTuple):
    """The first layer on inputs of variance 1, in units of its largest entry.

    Parameters
    ----------
    unit : float
        What the sizes are multiplied by to give those of the layer.
    size : float
        Frobenius norm; like all others in units of `unit`.
    perp, par : float
        Norms of the parts orthogonal to the directions, and along them.
    values : ndarray
        Singular values, largest first.
    rank : int
        Number of directions.
    slack : float
        Rounding errors of all these: covariances of n rows are known to ``(n + 16 d) 2^-53`` of the variances, and
        their root to as much times its condition; times the weights that go into it, which may cancel. Directions
        that are nearly dependent add what rounding turns them by.
    share : float
        The same as a share of `size`.
    whole : bool
        Whether the directions span all in which the inputs vary, so that nothing is orthogonal to them.
    least : float
        Norm of the smallest row that is not zero: the unit that rounding hides first.
    hidden : float
        Norm of what the layer reads of columns and directions that count as constant, which is in no other size.
    constant : str
        Which these are, in words; empty where they are constant to rounding.
    condition : float
        Of the rows: sum of the variances over the smallest that counts.
    """

    unit: float
    size: float
    perp: float
    par: float
    values: FloatArray
    rank: int
    slack: float
    share: float
    whole: bool
    least: float
    hidden: float
    constant: str
    condition: float

    def cause(self, compared: float) -> str:
        """Why rounding hides a size, in words: the rows, or where they would not, a unit."""
        if vague(self.slack * self.unit / math.sqrt(self.condition), compared):
            return "a unit has far larger weights"
        return "some columns of the rows are nearly sums of others"

    @property
    def smallest(self) -> float:
        """The smallest that `perp` can be with so many directions."""
        return norm(self.values[self.rank :])


class Units(NamedTuple):
    """The units in which what a layer sees has the variance 1.

    Parameters
    ----------
    mean : ndarray, shape (d,) or (P, d)
        Means of the columns, those of each place apart.
    scale : ndarray, shape (d,)
        Standard deviations of the columns.
    root, back : ndarray, shape (d, d)
        The symmetric root of the correlations, and its inverse, which is zero where nothing varies. Of more columns
        than `_WIDE`, and than rows, of shape (d, r): in coordinates of the r axes that vary.
    condition : float
        Sum of the variances over the smallest that counts.
    rank : int
        Number of directions in which something varies.
    rows : int
        Number of rows.
    largest : float
        The largest eigenvalue of the correlations.
    faint : ndarray or csr_array, shape (d, r)
        ``|W faint|`` is what W reads of columns and directions that count as constant.
    constant : str
        Which of them vary nevertheless, in words.
    """

    mean: FloatArray
    scale: FloatArray
    root: FloatArray
    back: FloatArray
    condition: float
    rank: int
    rows: int
    largest: float
    faint: FloatArray | csr_array
    constant: str

    def layer(self, W: FloatArray) -> FloatArray:
        """Return the weights on inputs of variance 1."""
        return np.asarray((W * self.scale) @ self.root)

    def gradient(self, G: FloatArray) -> FloatArray:
        """Return a gradient in the weights as one in those on inputs of variance 1."""
        return np.asarray((G / self.scale) @ self.back)

    @property
    def shaky(self) -> float:
        """Rounding errors of `back`, as a multiple of what sums of products of numbers may lose anyway."""
        return (self.rows + 16.0 * len(self.scale)) * UNIT * self.condition / SUMS


def units_of(X: FloatArray) -> Units:
    """Return the units of what a layer sees, shape (m, d), or (m, P, d)."""
    width = X.shape[-1]
    mean = X.mean(axis=0)
    # the mean is rounded to the size of the entries; what that leaves is taken off too, so no offset hides anything
    centred = X - mean
    centred = (centred - centred.mean(axis=0)).reshape(-1, width)
    if width > max(len(centred), _WIDE):
        return _thin_units(X, mean, centred)
    covariance = np.cov(centred, rowvar=False, ddof=0).reshape(width, width)
    spread = np.sqrt(np.diag(covariance))
    varies = spread > _CONSTANT * np.abs(X).reshape(-1, width).max(axis=0)
    scale = np.where(varies, spread, 1.0)
    correlation = np.where(np.outer(varies, varies), covariance / np.outer(scale, scale), 0.0)
    values, vectors = np.linalg.eigh(correlation)
    kept = values > _COLLINEAR * values[-1]
    faint, constant = _faint(
        centred, spread, varies, vectors[:, ~kept], np.abs(X).reshape(-1, width).max(axis=0)
    )
    values, vectors = values[kept], vectors[:, kept]
    return Units(
        mean,
        scale,
        (vectors * np.sqrt(values)) @ vectors.T,
        (vectors / np.sqrt(values)) @ vectors.T,
        float(values.sum() / values[0]),
        len(values),
        len(X),
        float(values[-1]),
        faint,
        constant,
    )


def _thin_units(X: FloatArray, mean: FloatArray, centred: FloatArray) -> Units:
    """Return the units of more columns than rows, in coordinates of the axes that vary: no matrix of all columns."""
    width, largest = X.shape[-1], np.abs(X).reshape(-1, X.shape[-1]).max(axis=0)
    spread = np.sqrt(np.mean(centred**2, axis=0))
    varies = spread > _CONSTANT * largest
    scale = np.where(varies, spread, 1.0)
    deviations, axes = np.linalg.svd(
        (centred / scale * varies) / math.sqrt(len(centred)), full_matrices=False
    )[1:]
    kept = deviations**2 > _COLLINEAR * deviations[0] ** 2
    rest = axes[~kept].T * deviations[~kept]
    columns = np.flatnonzero(~varies)
    own = coo_array((spread[columns], (columns, np.arange(len(columns)))), (width, len(columns)))
    noise = 8.0 * UNIT * norm(np.where(varies, largest / scale, 0.0))
    said = _left_out(
        int(np.sum(spread[columns] > 0)), width, int(np.sum(deviations[~kept] > noise)), int(varies.sum())
    )
    axes, deviations = axes[kept].T, deviations[kept]
    return Units(
        mean,
        scale,
        axes * deviations,
        axes / deviations,
        float(np.sum(deviations**2) / deviations[-1] ** 2),
        len(deviations),
        len(X),
        float(deviations[0] ** 2),
        hstack([own, coo_array(scale[:, None] * rest)]).tocsr(),
        said,
    )


def _left_out(columns: int, all_columns: int, directions: int, all_directions: int) -> str:
    """Return in words how many columns and directions count as constant and vary."""
    counts = ((columns, all_columns, "column"), (directions, all_directions, "direction"))
    return " and ".join(
        f"{count} of {total} {what}{'s' if total > 1 else ''}" for count, total, what in counts if count
    )


def _faint(
    centred: FloatArray, spread: FloatArray, varies: BoolArray, left_out: FloatArray, largest: FloatArray
) -> tuple[FloatArray, str]:
    """Return a matrix that shows what weights read where nothing counts as varying, and in words where that is.

    The variance along a direction that is left out is that of the rows themselves: an eigenvalue of the correlations
    is known to 1e-16, so its root to 1e-8 only.
    """
    width = len(spread)
    scale = np.where(varies, spread, 1.0)
    columns = np.flatnonzero(~varies)
    # constant columns, whose correlations are zero, may be mixed into these vectors
    basis, sizes, _ = np.linalg.svd(left_out * varies[:, None], full_matrices=False)
    left_out = basis[:, sizes > 0.5]
    along = (centred[:, varies] / scale[varies]) @ left_out[varies]
    triangle: FloatArray = np.linalg.qr(along / math.sqrt(len(centred))).R
    own = np.zeros((width, len(columns)))
    own[columns, np.arange(len(columns))] = spread[columns]
    faint = np.hstack([own, scale[:, None] * (left_out @ triangle.T)])
    # entries are known to half a unit of their last digit, and so is a sum of them that should be constant
    noise = 8.0 * UNIT * norm(np.where(varies, largest / scale, 0.0))
    moving = int(np.sum(np.linalg.svd(triangle, compute_uv=False) > noise))
    return faint, _left_out(int(np.sum(spread[columns] > 0)), width, moving, int(varies.sum()))


class Span(NamedTuple):
    """The space of directions on inputs of variance 1.

    Parameters
    ----------
    rows : ndarray, shape (q, d)
        An orthonormal basis.
    turned : float
        How far rounding may turn it, for whoever wrote a record and whoever checks it together.
    """

    rows: FloatArray
    turned: float


def span_of(units: Units, A: FloatArray) -> Span:
    """Return the space of directions, where the largest columns hide none of the others.

    Rows are eliminated, largest entries first, in units of the deviations of the columns. Each is left with columns
    of its own size, so that sums of products have the digits of all of them.

    Raises
    ------
    ValueError
        The directions depend on each other, or nothing varies along one.
    """
    M = A * units.scale
    M = M / np.maximum(np.abs(M).max(axis=1, keepdims=True), 1e-300)
    terms, free = np.abs(M), np.ones(len(units.scale), dtype=bool)  # what each entry is the sum of
    for k in range(min(len(M), len(units.scale))):
        row, column = np.unravel_index(np.argmax(np.abs(M[k:])), M[k:].shape)
        M[[k, k + row]], terms[[k, k + row]] = M[[k + row, k]], terms[[k + row, k]]
        top = abs(M[k, column])
        if not (top > 0.0 and norm(terms[k, free]) < top / _DEPENDENT):
            raise ValueError("the directions depend on each other")
        factors = M[k + 1 :, column] / M[k, column]
        M[k + 1 :] -= np.outer(factors, M[k])
        terms[k + 1 :] += np.outer(np.abs(factors), terms[k])
        M[k + 1 :, column], free[column] = 0.0, False
        terms[k + 1 :, column] = 0.0
    if len(M) > len(units.scale):
        raise ValueError("the directions depend on each other")
    lost = max((norm(t) / norm(m) for t, m in zip(terms, M, strict=True)), default=1.0)
    along = units.layer(M / units.scale)
    lengths = np.array([norm(row) for row in along])
    if not (lengths > 0).all():
        raise ValueError("nothing varies along a direction")
    sizes, rows = np.linalg.svd(along / lengths[:, None], full_matrices=False)[1:]
    if not sizes[-1] > _DEPENDENT * sizes[0]:
        raise ValueError("the directions depend on each other")
    return Span(rows, float(8.0 * len(units.scale) * UNIT * lost * sizes[0] / sizes[-1]))


def measured(record: JsonMapping, X: FloatArray) -> Layer:
    """Return the sizes of the first layer of a record on rows.

    Parameters
    ----------
    record : mapping
        The record.
    X : ndarray, shape (m, d), or (m, P, d)
        What the first layer sees: rows, or at each of P places a part of them, each place with a mean of its own.

    Raises
    ------
    ValueError
        If they are beyond the range of numbers, or the directions depend on each other.
    """
    W, A = (decode_array(record["parameters"][name]) for name in ("W", "directions"))
    units = units_of(X)
    layer = units.layer(W)
    unit = float(np.abs(layer).max())
    if not (np.isfinite(A * units.scale).all() and math.isfinite(norm(layer))):
        raise ValueError("the layer on these rows is beyond the range of numbers")
    if unit > 0:
        layer = layer / unit
    hidden = norm(np.asarray(W @ units.faint)) / (unit or 1.0)
    span, turned = span_of(units, A)
    perp = layer - (layer @ span.T) @ span
    perp = perp - (perp @ span.T) @ span
    whole = len(span) == units.rank
    if whole:
        perp = np.zeros_like(perp)
    lengths, values = np.array([norm(row) for row in layer]), np.linalg.svd(layer, compute_uv=False)
    # weights of two columns that are nearly equal may cancel in the layer, and their rounding does not
    before = max(norm(layer), norm(W * units.scale / (unit or 1.0)) * math.sqrt(units.largest))
    slack = before * min(KNOWN, (len(X) + 16.0 * len(units.scale)) * UNIT * math.sqrt(units.condition))
    slack += 0.0 if whole else before * turned
    return Layer(
        unit or 1.0,
        norm(layer),
        norm(perp),
        norm((layer @ span.T) @ span),
        # of fewer axes than units and columns, the others are zero
        np.pad(values, (0, min(W.shape) - len(values))),
        len(span),
        slack,
        slack / norm(layer) if unit > 0 else 0.0,
        whole,
        float(lengths[lengths > 0].min(initial=math.inf)),
        hidden,
        units.constant,
        units.condition,
    )


def check_split(record: JsonMapping, X: FloatArray) -> Finding:
    """Compare parts, singular values and effective rank with those of the layer in the record."""
    layer = measured(record, X)
    shares = layer.values[layer.values > 0] / max(float(layer.values.sum()), 1e-300)
    rank = float(np.exp(-np.sum(shares * np.log(shares)))) if shares.size else 0.0
    pairs = [(record["w_perp"], layer.perp), (record["w_par"], layer.par)]
    good = len(record["singular_values"]) == len(layer.values)
    pairs += list(zip(record["singular_values"], layer.values.tolist(), strict=False))
    slack = layer.slack
    good = good and all(
        abs(claimed / layer.unit - found) <= ROUNDED * abs(found) + slack for claimed, found in pairs
    )
    good = good and abs(record["effective_rank"] - rank) <= (ROUNDED + max(KNOWN, layer.share)) * rank
    words = f"|W_perp| = {layer.perp * layer.unit:.6g}, |W_par| = {layer.par * layer.unit:.6g}"
    if layer.constant:
        words += f"; counted as constant: {layer.constant}, of which the layer reads {layer.hidden * layer.unit:.2g}"
    # the smaller bound is the one that decides
    bounds = [record["figures"][name] for name in ("lemma_bound", "row_bound")]
    compared = max(
        layer.perp * layer.unit, min((bound for bound in bounds if bound is not None), default=0.0)
    )
    if layer.perp <= slack:  # nothing is left but rounding: no unit may be so small that it hides in that
        compared = max(compared, layer.least * layer.unit)
    if good and _hides(layer.hidden * layer.unit, compared):
        return Verdict.NOT_CHECKED, f"{words}, which is in none of these sizes"
    if good and vague(slack * layer.unit, compared) and not layer.whole:
        return (
            Verdict.NOT_CHECKED,
            f"{words}, known to {slack * layer.unit:.2g} only: {layer.cause(compared)}",
        )
    return good, words


def _hides(hidden: float, compared: float) -> bool:
    """Whether a part that no size holds, orthogonal to what they hold, is more than they are known to.

    Examples
    --------
    >>> _hides(0.5, 0.02), _hides(1e-4, 0.02), _hides(1e-17, 0.0), _hides(0.0, 0.0)
    (True, True, True, False)
    >>> _hides(5e-5, 0.02)  # moves the length of both together by 3e-6 of it
    False
    """
    if not compared > 0:
        return hidden > 0
    share = hidden / compared
    return vague(share * share, 1.0)
