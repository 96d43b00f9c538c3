"""Curvature of the penalised risk from gradients and Hessians that are computed by hand, a second writing.

`largest` stands behind the weight decay control; `joint`, `saddle` and `falls` behind the statuses "stationary" and
"stalled". A record chooses its point, and with one idle unit how long the parameters are and how large the largest
curvature is. So nothing is held against either: `saddle` takes each parameter in a unit of its own, and `falls` takes
lengths from where the risk is bent.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.structure.hessian import hessian_product, natural_units
from derandkit.certificates.structure.networks import hashed_normals
from derandkit.certificates.structure.passes import bounds, sums
from derandkit.certificates.structure.rounding import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from derandkit.certificates.structure.networks import Sample
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.numerics.typing import FloatArray

POWER_STEPS = 20
PRODUCTS = 40
STEP = 1e-4
#: First length along the gradient that is tried where a run says that none helps, in sizes of the parameters.
FIRST = 1e-3
HALVINGS = 24
#: Rounds that find a unit for each parameter, the products of a round, directions that are tried, and lengths of each.
ROUNDS, PROBES, TRIED, LENGTHS = 6, 4, 3, 8
#: A curvature in these units counts as negative below minus this share of the largest one.
BENT = 1e-6
#: And contradicts "stationary" where the risk falls along it by this share of itself.
FALL = 1e-3
#: Products of exact Hessians that `saddle` makes, and risks that it takes.
SADDLE_PRODUCTS, SADDLE_VALUES = ROUNDS * PROBES + PRODUCTS, 2 * TRIED * LENGTHS


def direction(size: int) -> FloatArray:
    """Return a fixed unit vector: the fractional parts of multiples of two irrational numbers."""
    k = np.arange(1.0, size + 1.0)
    v = (k * 0.6180339887498949) % 1.0 + (k * k * 0.7548776662466927) % 1.0 - 1.0
    return np.asarray(v / math.sqrt(math.fsum((v * v).tolist())))


def krylov(product: Callable[[FloatArray], FloatArray], start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return an orthonormal basis of the space of at most forty products of a symmetric matrix, and the matrix in it.

    Parameters
    ----------
    product : callable
        The matrix times a vector.
    start : ndarray, shape (N,)
        A unit vector.

    Examples
    --------
    >>> Q, T = krylov(lambda v: np.array([-1.0, 2.0]) * v, np.array([0.6, 0.8]))
    >>> Q.shape, np.linalg.eigvalsh(T).round(6).tolist()
    ((2, 2), [-1.0, 2.0])
    """
    count = min(PRODUCTS, start.size)
    Q, image = np.zeros((start.size, count)), np.zeros((start.size, count))
    v, used = start, 0
    for k in range(count):
        Q[:, k], used = v, k + 1
        image[:, k] = w = product(v)
        for _ in range(2):
            w = w - Q[:, :used] @ (Q[:, :used].T @ w)
        size = float(np.linalg.norm(w))
        if not size > 1e-10 * max(1e-300, float(np.abs(image).max())):
            break
        v = w / size
    return Q[:, :used], Q[:, :used].T @ image[:, :used]


class Slopes:
    """Gradients of the risk of a record's network on some nodes, all parameters as one vector (W, b, theta).

    Parameters
    ----------
    case : Recomputed
        The record.
    sample : Sample
        The nodes.
    """

    def __init__(self, case: Recomputed, sample: Sample) -> None:
        self.case, self.sample = case, sample

    def parts(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return W, b and theta of a vector."""
        n, d = self.case.W.shape
        return x[: n * d].reshape(n, d), x[n * d : n * d + n], x[n * d + n :]

    def free(self, v: FloatArray) -> FloatArray:
        """Return a vector without what is frozen."""
        W, b, theta = self.parts(v)
        return np.concatenate((W.ravel(), self.case.unfrozen(b, theta)))

    def decay(self, v: FloatArray) -> FloatArray:
        """Return half of the gradient of ``penalty |W|^2`` at a vector: it is linear, so its curvature is exact."""
        moved = np.zeros_like(v)
        moved[: self.case.W.size] = self.case.penalty * v[: self.case.W.size]
        return moved

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient at a point, without the penalty of the first layer."""
        case, (W, b, theta) = self.case, self.parts(x)
        found = sums(case.student, case.settings["loss"], (W, b, theta), self.sample, second=False)
        return np.concatenate((found.W.ravel(), case.mean_gradient(found.b, found.theta, theta)))

    def product(self, x: FloatArray, v: FloatArray) -> FloatArray:
        """Return the Hessian times a vector, by a central difference; without the penalty of the first layer."""
        h = STEP * max(1.0, float(np.linalg.norm(x)))
        return np.asarray((self.gradient(x + h * v) - self.gradient(x - h * v)) / (2.0 * h))

    def largest(self, x: FloatArray) -> float:
        """Return the largest curvature that twenty power steps from a fixed start reach, without the penalty."""
        v, size = direction(x.size), 0.0
        for _ in range(POWER_STEPS):
            w = self.product(x, v)
            size = float(np.linalg.norm(w))
            if not (size > 0 and math.isfinite(size)):
                break
            v = w / size
        return size

    def unclear(self, x: FloatArray, share: float) -> bool:
        """Whether the rounding of two gradients may move `product` of a unit vector by more than so much."""
        found = bounds(
            self.case.student, self.case.settings["loss"], self.parts(x), self.sample, second=False
        )
        off = np.concatenate((found.W.ravel(), found.b, found.theta))
        return not float(np.linalg.norm(off)) <= share * STEP * max(1.0, float(np.linalg.norm(x)))

    def joint(self, x: FloatArray) -> tuple[float, float, float, FloatArray]:
        """Return the smallest curvature in a Krylov space of forty products, two sizes, and its direction.

        The sizes that it is held against are the largest curvature without and with the penalty of the first layer: a
        large penalty is no reason to overlook where the risk bends down.
        """
        start = self.free(direction(x.size))
        Q, T = krylov(
            lambda v: self.product(x, v) + 2.0 * self.decay(v), start / float(np.linalg.norm(start))
        )
        first = Q[: self.case.W.size]
        alone = T - 2.0 * self.case.penalty * (first.T @ first)
        values, vectors = np.linalg.eigh((T + T.T) / 2.0)
        free = np.linalg.eigvalsh((alone + alone.T) / 2.0)
        lowest = Q @ vectors[:, 0]
        return float(values[0]), float(np.abs(free).max()), float(np.abs(values).max()), lowest

    def bend(self, x: FloatArray, v: FloatArray) -> FloatArray:
        """Return the Hessian of the penalised risk times a vector, exactly but for rounding."""
        case = self.case
        W, b, theta = hessian_product(
            case.student, case.settings["loss"], self.parts(x), self.parts(v), self.sample
        )
        found = np.concatenate((W.ravel(), case.mean_gradient(b, theta, self.parts(v)[2])))
        return np.asarray(found + 2.0 * self.decay(v))

    def units(self, x: FloatArray, stream: int) -> FloatArray:
        """Return a unit for each parameter in which the rows of the Hessian are about as long; 0 where one is zero.

        Ruiz's scaling (RAL-TR-2001-034), with lengths of rows from products with random signs. No unit is above the
        natural one: a row that is zero but for rounding is not blown up.
        """
        case = self.case
        W, b, theta = natural_units(case.student, self.parts(x), self.sample)
        most = self.free(case.vector(W, b, theta))
        found = np.minimum(most, 1.0)
        for k in range(ROUNDS):
            rows = np.zeros_like(x)
            for z in np.sign(hashed_normals(PROBES, x.size, stream + k)):
                rows += (found * self.bend(x, found * z)) ** 2
            rows = np.sqrt(rows / PROBES)
            found = np.where(rows > 0.0, found / np.sqrt(np.where(rows > 0.0, rows, 1.0)), 0.0)
            found = np.minimum(found, most)
        return np.asarray(found)

    def saddle(self, x: FloatArray) -> tuple[float, float] | None:
        """Return a step along negative curvature that lowers the penalised risk, and by how much; None if none does.

        The curvature is that in `units`, found in a Krylov space whose start follows from the parameters: it is
        hard to choose some that hide from it. A step counts if the risk falls by `FALL` of itself, by more than its
        error, and if it is bent down between the steps both ways by a quarter of what the curvature foretells.

        Raises
        ------
        ArithmeticError
            A curvature is not finite.
        """
        digest = hashlib.sha256(np.ascontiguousarray(x, dtype="<f8").tobytes()).digest()
        stream = int.from_bytes(digest[:8], "little")
        with np.errstate(all="ignore"):
            unit = self.units(x, stream)
            start = hashed_normals(1, x.size, stream + ROUNDS)[0] * (unit > 0.0)
            if not start.any():
                return None
            Q, T = krylov(lambda v: unit * self.bend(x, unit * v), start / float(np.linalg.norm(start)))
            if not (np.isfinite(T).all() and np.isfinite(unit).all()):
                raise ArithmeticError("curvatures are not finite")
            values, vectors = np.linalg.eigh((T + T.T) / 2.0)
            here = self.value(x)
            for low, column in zip(values[:TRIED], vectors.T[:TRIED], strict=False):
                if not low < -BENT * float(np.abs(values).max()):
                    break
                found = self._bent_down(x, here, float(low), unit * (Q @ column))
                if found is not None:
                    return found
        return None

    def _bent_down(
        self, x: FloatArray, here: float, low: float, along: FloatArray
    ) -> tuple[float, float] | None:
        first = 4.0 * math.sqrt(2.0 * here / -low)
        for t in (first * 2.0**-k for k in range(LENGTHS)):
            steps = t * along, -t * along
            ends = [self.value(x + step) for step in steps]
            fall, best = max((here - end, k) for k, end in enumerate(ends))
            bent = here - (ends[0] + ends[1]) / 2.0
            if not (fall > FALL * here and bent > 0.125 * -low * t * t):
                continue
            if fall > self.error(x) + self.error(x + steps[best]):
                return float(np.linalg.norm(steps[best])), fall
        return None

    def value(self, x: FloatArray) -> float:
        """Return the penalised risk."""
        case, at = self.case, self.parts(x)
        found = sums(case.student, case.settings["loss"], at, self.sample, second=False).risk
        added = case.penalty * float(np.sum(at[0] ** 2)) + case.upper * float(np.sum(at[2] ** 2))
        return float(found + added)

    def error(self, x: FloatArray) -> float:
        """Bound the error of the penalised risk."""
        case, at = self.case, self.parts(x)
        added = case.penalty * float(np.sum(at[0] ** 2)) + case.upper * float(np.sum(at[2] ** 2))
        found = bounds(case.student, case.settings["loss"], at, self.sample, second=False).risk
        return float(found + (x.size + 8.0) * 2.0 * UNIT * added)

    def lower(self, x: FloatArray, steps: Iterable[tuple[FloatArray, float]]) -> tuple[float, float] | None:
        """Return the length of the first step that lowers the penalised risk, and by how much; None if none does.

        A step comes with the fall that a derivative foretells. It counts if the risk falls by a quarter of that, and by
        more than its error.
        """
        here = self.value(x)
        for step, foretold in steps:
            fall = here - self.value(x + step)
            if fall > 0.25 * foretold and fall > self.error(x) + self.error(x + step):
                return float(np.linalg.norm(step)), fall
        return None

    def falls(self, x: FloatArray, share: float = 0.0) -> tuple[float, float] | None:
        """Return a step along the negative gradient that lowers the penalised risk, and by how much.

        The lengths are halved from four Newton steps along it, from a thousandth of the parameters' size, and from what
        would take the whole risk if it fell as at first. Only falls by more than a share of the risk count.
        """
        gradient = self.gradient(x) + 2.0 * self.decay(x)
        size = float(np.linalg.norm(gradient))
        if not (size > 0.0 and math.isfinite(size)):
            return None
        down = -gradient / size
        with np.errstate(all="ignore"):
            bent = abs(float(down @ self.bend(x, down)))
            newton = 4.0 * size / bent if bent > 0.0 else 1.0
        here = self.value(x)
        firsts = newton, FIRST * float(np.linalg.norm(x)), here / size
        lengths = [first * 2.0**-k for first in firsts if math.isfinite(first) for k in range(HALVINGS)]
        found = ((t * down, max(t * size, 4.0 * share * here)) for t in lengths)
        return self.lower(x, found)

    def bends(self, x: FloatArray, smallest: float, v: FloatArray) -> tuple[float, float] | None:
        """Return a step along a direction of negative curvature that lowers the penalised risk, and by how much.

        At the kinks of a plain ReLU a difference of gradients is no curvature, and nothing falls.
        """
        first = 0.25 * max(1.0, float(np.linalg.norm(x)))
        lengths = [sign * first * 2.0**-k for k in range(HALVINGS) for sign in (1.0, -1.0)]
        return self.lower(x, ((t * v, 0.5 * abs(smallest) * t * t) for t in lengths))
