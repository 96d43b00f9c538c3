"""Check what a record says about the mean of the distortions: its value, its promise, its bound, its derivatives.

A second writing of `derandkit.embeddings.paths.mean` and of the lower bound, in NumPy only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.embeddings.exact import dimensions_at_most
from derandkit.certificates.embeddings.figures import too_wide
from derandkit.certificates.embeddings.pairs import steps_between
from derandkit.records import JsonMapping, decode_array

if TYPE_CHECKING:
    from derandkit.certificates.embeddings.cloud import Cloud
    from derandkit.certificates.embeddings.pairs import Pairs
    from derandkit.certificates.embeddings.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray

_UNIT = 2.0**-53
_POWERS = {"mean": 2, "mean4": 4}
_LARGEST = 4096  # points up to which the derivatives are stated
_DIGITS = 2e-5  # six significant digits, rounded outward
LEAST_WEIGHT = 2.0**-256  # of the greatest: no product of two weights leaves the normal range
_CANCELS = 1e-4  # a squared distance below this share of the squared lengths has lost digits
_LOST = 1e-4  # of the size of the derivatives: beyond this error they are not shown
_BLOCK = 1 << 22  # pairs handled at a time


def weights_of(record: JsonMapping, count: int) -> FloatArray | None:
    """Return the weights of the different points; None where a record has none, or none that can be used."""
    claimed = record["mean"]
    if claimed is None or claimed["weights"] is None or claimed["weights"]["shape"] != [count]:
        return None
    try:
        weights = decode_array(claimed["weights"])
    except ValueError:
        return None
    good = weights.max() == 1.0 and ((weights == 0.0) | (weights >= LEAST_WEIGHT)).all()
    return weights if good and np.count_nonzero(weights) > 1 else None


def promised(k: int, power: int) -> float:
    """Return the p-th root of the expected ``|r - 1|^p`` of a random projection.

    Examples
    --------
    >>> promised(8, 2)
    0.5
    """
    return math.sqrt(2.0 / k) if power == 2 else (12.0 / (k * k) + 48.0 / k**3) ** 0.25


def check_mean(record: JsonMapping, found: Pairs) -> tuple[Verdict, str]:
    """Compare the mean with the interval that was found over all pairs, and the promise with its closed form."""
    claimed, objective = record["mean"], record["objective"]
    if claimed is None or objective == "max":
        both = claimed is None and objective == "max"
        return (
            (Verdict.PROVEN, "none") if both else (Verdict.FAILED, f"objective {objective!r} without a mean")
        )
    power, k = _POWERS[objective], record["n_components"]
    if claimed["power"] != power:
        return Verdict.FAILED, f"objective {objective!r} has the power {power}"
    if (claimed["weights"] is None) != (found.mass is None):
        return (
            Verdict.FAILED,
            "the weights cannot be used: one a point, the greatest 1, the others 0 or at least 2^-256",
        )
    if wide := too_wide(record, found):
        return Verdict.FAILED, wide
    low, high = found.root
    promise = promised(k, power)
    margin = record["margin"]
    good = (
        low - margin <= claimed["value"] <= high + margin
        and high <= claimed["certified"] <= high + 2.0 * margin + 8.0 * found.bound + 1e-9 * high
        and claimed["lower_bound"] <= claimed["value"] <= claimed["certified"]
        and abs(claimed["promised"] - promise) <= 8.0 * _UNIT * promise
    )
    text = (
        f"{claimed['value']!r} claimed within {margin:.2g}, {low!r} to {high!r} found; promised {promise:.6g}"
    )
    return Verdict.PROVEN if good else Verdict.FAILED, text + _weighted(found.mass)


def _weighted(mass: FloatArray | None) -> str:
    """Return the words for weights, which are the record's own: the mean is another one than that over all pairs, once.

    Examples
    --------
    >>> _weighted(None)
    '; each pair of different points once'
    >>> _weighted(np.array([1.0, 0.0, 0.5]))
    '; pairs are weighted by the record: 2 of 3 points count, with weights from 0.5 to 1'
    """
    if mass is None:
        return "; each pair of different points once"
    some = mass[mass > 0.0]
    return (
        f"; pairs are weighted by the record: {some.size} of {mass.size} points count, with weights from "
        f"{some.min():.3g} to {some.max():.3g}"
    )


def check_bound(record: JsonMapping, found: Pairs, given: FloatArray) -> tuple[Verdict, str]:
    """Recompute the lower bound: Eckart and Young for the Gram matrix of points that are weighted one by one."""
    if record["mean"] is None:
        return Verdict.PROVEN, "none"
    claimed = record["mean"]["lower_bound"]
    q = np.ones(len(given)) if found.mass is None else found.mass
    tail, error = _tail(given[q > 0.0], q[q > 0.0], record["n_components"])
    q = q[q > 0.0]
    # every product is positive, so nothing cancels, however unequal the weights are
    pairs = float(np.sum(q[1:] * np.add.accumulate(q)[:-1]))
    scale, spare = math.sqrt(2.0 / pairs), (8 * len(q) + 64) * _UNIT
    low = scale * max(tail - error, 0.0) * (1.0 - spare)
    # the solver has the same error or a smaller one, and leaves room for four of them
    least = scale * max(tail - 16.0 * error, 0.0) * (1.0 - _DIGITS) - 1e-9
    least = min(least, record["mean"]["value"])  # it is lowered to the mean as it was measured
    good = least <= claimed <= low
    return Verdict.RECOMPUTED if good else Verdict.FAILED, f"{claimed!r} claimed, {low:.8g} found"


def _tail(given: FloatArray, q: FloatArray, k: int) -> tuple[float, float]:
    """Norm of the Gram matrix of the points ``u_i (x_i - c)`` beyond rank k, and a bound on its error.

    Everything is computed from the differences x_i - x_b from the point of the greatest weight. They have a relative
    error of one rounding. The distances to x_b are at most twice the greatest distance R_i of any point i, so the
    expansion of the squared distance loses at most a factor of 16 there. The largest entry of all is near 1, however
    near the points with a weight are beside the others: the bound has no unit, and no square of theirs underflows.
    """
    m, d = given.shape
    X, power = steps_between(given, given[int(np.argmax(q))])
    X = np.ldexp(X, np.maximum(power - power.max(), -2000)[:, None])
    squares = np.einsum("ij,ij->i", X, X)
    far = np.zeros(m)
    step = max(1, _BLOCK // m)
    for at in range(0, m, step):
        some = slice(at, at + step)
        far[some] = (squares[some, None] + squares - 2.0 * X[some] @ X.T).max(axis=1)
    # any u_i^2 up to q_i / R_i will do: (u_i u_j D_ij)^2 is at most q_i q_j
    squared = q / (far * (1.0 + 32.0 * (d + 8) * _UNIT))
    share = squared / squared.sum()
    V = np.sqrt(squared)[:, None] * (X - share @ X)
    lengths = np.sqrt(squares)
    off = 8.0 * _UNIT * lengths + 2.0 * (m + 8) * _UNIT * float(share @ lengths)
    moved = 1.01 * float(np.sqrt(np.sum(squared * off * off)))
    singular = np.linalg.svd(V, compute_uv=False)
    norm = float(np.sqrt(np.sum(singular * singular)))
    moved += 8.0 * (m + d) * _UNIT * norm  # LAPACK is backward stable
    tail = float(np.sqrt(np.sum(singular[k:] ** 4)))
    # the distance from the matrices of rank k moves by no more than the matrix itself
    return tail, (2.0 * float(singular[0]) + moved) * moved + 4.0 * (m + 8) * _UNIT * tail


def check_stationary(
    record: JsonMapping, found: Pairs, cloud: Cloud, spectrum: Spectrum, A: FloatArray
) -> tuple[Verdict, str]:
    """Recompute gradient and curvature from ``C = 2 mean f' v v'``: the gradient is ``A C``, and H is at least C.

    Differences of points that are close together have lost digits once the points were centred or rotated, as the
    solver does. How far that moves C is bounded, and where nothing is left the derivatives are not shown.
    """
    claimed = record["mean"]
    if claimed is None:
        return Verdict.PROVEN, "none"
    m, d = cloud.raw.shape
    if claimed["gradient"] is None or claimed["curvature"] is None:
        none = claimed["gradient"] is None and claimed["curvature"] is None
        why = f"stated up to {_LARGEST} points without pairs that are much nearer than others"
        return (Verdict.NOT_CHECKED if none and (m > _LARGEST or found.close) else Verdict.FAILED), why
    rank, power, size_of_map = record["points"]["rank"], claimed["power"], float(np.linalg.norm(A))
    # C is a mean over unit secants, whatever pairs it is taken over; twice that, since secants are rounded
    most = 4.0 * power * found.high ** (power - 1) + 1e-12
    if claimed["gradient"] > most * size_of_map or abs(claimed["curvature"]) > most:
        return Verdict.FAILED, f"with distortions up to {found.high:.6g} no curvature is above {most:.6g}"
    if found.close:  # they count in the mean, and the derivatives were those of the other pairs
        return Verdict.NOT_CHECKED, f"{found.close} pairs are too near each other for derivatives to be known"
    if m > _LARGEST:
        return Verdict.FAILED, f"stated up to {_LARGEST} points only"
    q = np.ones(m) if found.mass is None else found.mass
    raw, coarse = (
        cloud.raw,
        8.0 * (d + 8) * _UNIT * math.sqrt(float(np.max(np.sum(cloud.centred**2, axis=1)))),
    )
    directions = spectrum.directions[:rank]
    if d > m:  # few points with many columns: in coordinates of their span, C has m^2 entries and not d^2
        basis = spectrum.directions
        raw, A, directions = (raw - raw[0]) @ basis.T, A @ basis.T, np.eye(rank, len(basis))
        coarse *= 2.0 * math.sqrt(m)  # one more product of rows of length d, for every coordinate
    C, size, drift, total = _scatter(raw, coarse, A, q, power)
    C, size, drift = (C + C.T) / total, size / total, drift / total
    angle = 0.0
    if rank < d:
        # the directions of a flat span are known to an angle only (Wedin)
        angle = 128.0 * (m + d) * _UNIT * float(spectrum.singular[0] / spectrum.singular[rank - 1]) * size
    gradient = float(np.linalg.norm(A @ C))
    inner = C
    if rank < d:
        inner = directions @ C @ directions.T
    smallest = float(np.linalg.eigvalsh(inner)[0]) if np.isfinite(inner).all() else math.nan
    text = f"gradient {gradient:.6g}, curvature at least {smallest:.6g}"
    if not drift + angle <= _LOST * size:
        least = 1e-7 * size + 4.0 * drift + 1e-12  # what a solver loses, more than once
        if (
            abs(claimed["gradient"] - gradient) > least * size_of_map + 1e-12
            or claimed["curvature"] > smallest + least + 4.0 * angle
        ):
            return Verdict.FAILED, f"{text}, farther away than rounding explains"
        return (
            Verdict.NOT_CHECKED,
            "the points differ so much in distance that rounding hides the derivatives",
        )
    off = 1e-7 * size + drift + angle + 1e-12
    reach = off * size_of_map + 1e-12
    good = abs(claimed["gradient"] - gradient) <= reach and claimed["curvature"] <= smallest + off
    # directions that are not counted can lower the curvature, and raise neither figure
    if good and claimed["curvature"] > off and dimensions_at_most(cloud.given, rank) > rank:
        return Verdict.NOT_CHECKED, f"the points may span more than {rank} dimensions, where nothing curves"
    good = good and claimed["curvature"] >= smallest - off
    return (
        Verdict.RECOMPUTED if good else Verdict.FAILED,
        f"gradient {gradient:.6g} to {reach:.1g}, curvature at least {smallest:.6g} to {off:.1g}",
    )


def _scatter(
    raw: FloatArray, coarse: float, A: FloatArray, q: FloatArray, power: int
) -> tuple[FloatArray, float, float, float]:
    """Sum ``2 p q_i q_j (r - 1)^(p - 1) v v'`` over pairs with unit secants v; also its size, its error, the weights.

    Pairs whose distance cancels are added from the differences of their rows, the others by a Laplacian. The error is
    that of coordinates which are off by `coarse`, since they were rounded in the size of the cloud.
    """
    m, d = raw.shape
    X = raw - np.median(raw[q > 0.0], axis=0)
    Y = X @ A.T
    squares = np.einsum("ij,ij->i", X, X)
    lengths = np.einsum("ij,ij->i", Y, Y)
    stretch = float(np.sum(A * A))
    C, size, drift, total = np.zeros((d, d)), 0.0, 0.0, 0.0
    step = max(1, _BLOCK // m)
    for at in range(0, m, step):
        some = slice(at, at + step)
        sums = squares[some, None] + squares
        square = sums - 2.0 * X[some] @ X.T
        image = lengths[some, None] + lengths - 2.0 * Y[some] @ Y.T
        rows, columns = np.nonzero(square <= _CANCELS * sums)
        for start in range(0, rows.size, max(1, _BLOCK // d)):
            i, j = (side[start : start + max(1, _BLOCK // d)] for side in (rows, columns))
            V = raw[some][i] - raw[j]
            square[i, j], image[i, j] = np.sum(V * V, axis=1), np.sum((V @ A.T) ** 2, axis=1)
        apart = square > 0.0
        both = np.where(apart, q[some, None] * q, 0.0)
        off = np.divide(image, square, out=np.ones_like(square), where=apart) - 1.0
        weight = 2.0 * power * both * off ** (power - 1)
        laplacian = np.divide(weight, square, out=np.zeros_like(square), where=apart)
        for start in range(0, rows.size, max(1, _BLOCK // d)):
            i, j = (side[start : start + max(1, _BLOCK // d)] for side in (rows, columns))
            V = raw[some][i] - raw[j]
            C += 0.5 * V.T @ (laplacian[i, j][:, None] * V)
        laplacian[rows, columns] = 0.0
        C += X[some].T @ (laplacian.sum(axis=1)[:, None] * X[some] - laplacian @ X)
        per = np.divide(coarse, np.sqrt(np.maximum(square, 0.0)), out=np.zeros_like(square), where=apart)
        moved = 4.0 * (power - 1) * both * np.abs(off) ** (power - 2) * power * stretch * (2.0 + per) * per
        drift += float(np.sum(4.0 * per * np.abs(weight) + moved))
        size += float(np.abs(weight).sum())
        total += float(both.sum())
    # size, error and weights count every pair twice, from either side, and C once
    return C, size, drift, total
