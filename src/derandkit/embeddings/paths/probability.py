"""The lemma's path on the paper's own objective: the sum of violation probabilities.

The objective is flat where a violation is certain, so its target is not fixed: at every stage eps is set to the
distortion at which about one violation is expected. As the spread falls, eps falls with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.paths.minimax import FIRST_SHARPNESS, descend
from derandkit.embeddings.paths.secants import Sum, images_and_ratios, pulled_back
from derandkit.runtime.clock import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.embeddings.paths.secants import Secants
    from derandkit.numerics.typing import FloatArray


_STAGES = 10
_STEPS = 12
_LAST_VARIANCE = 2e-3
_HALVINGS = 20


class Violations:
    """Expected number of violated pairs as a function of a map in whitened coordinates.

    Parameters
    ----------
    secants : Secants
        The pairs.
    k : int
        Number of rows of the map.
    sigma2 : float
        Variance of the spread.
    eps : float
        Distortion that counts as a violation.
    """

    def __init__(self, secants: Secants, k: int, sigma2: float, eps: float) -> None:
        self.secants, self.k, self.sigma2, self.eps = secants, k, sigma2, eps

    def evaluate(self, P: FloatArray, coefficients: FloatArray, shift: float | None = None) -> Sum:
        """Logarithm of the expected number of violations.

        The coefficients and the shift, which exponential sums need, are not used.
        """
        from derandkit.embeddings.kernels.chi_square import violation_terms

        self.secants.evaluations += 1
        white, inverse = self.secants.white, self.secants.inverse
        Y, ratios = images_and_ratios(white, P, inverse)
        value, first, second = (np.empty_like(inverse) for _ in range(3))
        violation_terms(ratios, self.k, self.sigma2, self.eps, value, first, second)
        total = float(np.add.accumulate(value)[-1])
        largest, smallest = float(np.nanmax(ratios)), float(np.nanmin(ratios))
        if total <= 0.0:
            return Sum(-np.inf, np.zeros_like(P), 0.0, largest, smallest)
        D = pulled_back(white, Y, 2.0 * first * inverse)
        return Sum(float(np.log(total)), D / total, 0.0, largest, smallest)


def follow_probability(
    secants: Secants, k: int, report: Callable[[float, float, float, Sum, FloatArray], None]
) -> tuple[FloatArray, float]:
    """Follow the path of the probability objective to a deterministic map.

    Parameters
    ----------
    secants : Secants
        The pairs.
    k : int
        Number of rows of the map.
    report : callable
        Called with (sigma2, 1 / eps, log of the expected violations, Sum, map) after every stage.

    Returns
    -------
    P : ndarray, shape (r, k)
        Whitened transpose of the map at the end, centred on ratio 1.
    mu : float
        Sharpness at which the minimax finish goes on.
    """
    outward = secants.whitening.transposed(secants.whitening.leading(k))
    unit = np.array([1.0, 0.0, 1.0, 0.0])
    P = np.zeros_like(outward)
    moved = False
    distortion = 1.0
    for stage in range(_STAGES + 1):
        sigma2 = (_LAST_VARIANCE * k) ** (stage / _STAGES) / k
        if not moved and stage:
            # the spread has lost variance that the mean must carry: go out to where a ratio is 1 on average
            P = outward * _carry(secants, outward, 1.0 - k * sigma2)
            moved = True
        if not moved:
            continue
        eps = _one_violation(secants, P, k, sigma2)
        P, here = descend(Violations(secants, k, sigma2, eps), P, unit, _STEPS)
        distortion = here.scaled_distortion
        report(sigma2, 1.0 / eps, here.value if np.isfinite(here.value) else 0.0, here, P)
    end = secants.evaluate(P, np.array([1.0, -1.0, 1.0, 1.0]))
    return P * end.rescaling, max(FIRST_SHARPNESS, 10.0 / distortion)


def _carry(secants: Secants, outward: FloatArray, target: float) -> float:
    """Step along `outward` at which the mean of the extreme ratios is the target."""
    end = secants.evaluate(outward, np.array([1.0, -1.0, 1.0, 1.0]))
    return float(np.sqrt(2.0 * target / (end.largest + end.smallest)))


def _one_violation(secants: Secants, P: FloatArray, k: int, sigma2: float) -> float:
    """Distortion at which one violation is expected, by bisection."""
    clock = current()
    low, high = 0.0, 4.0
    for _ in range(_HALVINGS):
        if clock.stopped:
            break
        eps = 0.5 * (low + high)
        if Violations(secants, k, sigma2, eps).evaluate(P, P).value > 0.0:
            low = eps
        else:
            high = eps
    return high
