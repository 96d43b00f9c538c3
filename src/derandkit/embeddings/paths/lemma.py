"""The lemma's path: from the random projection ``M = 0, sigma^2 = 1/k`` to one matrix, on a closed-form objective.

For ``A = M + sigma G`` the expectation of the two-sided exponential loss has the closed form

    Psi(M, sigma^2) = sum_v  e^{-mu(1+eps)} (1 - a)^{-k/2} exp( mu |Mv|^2 / (1 - a))
                           + e^{ mu(1-eps)} (1 + a)^{-k/2} exp(-mu |Mv|^2 / (1 + a)),   a = 2 mu sigma^2 < 1,

over the unit secants v. ``M = 0`` is a saddle by symmetry. It is left along the most negative curvature, which is
the leading eigenspace of the secant scatter, at the step that lowers Psi most; nothing is drawn. The spread then
falls geometrically while ``mu`` grows with its inverse and ``a`` falls to 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.paths.minimax import FIRST_SHARPNESS, STEPS_A_STAGE, descend
from derandkit.runtime.clock import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.embeddings.paths.secants import Secants, Sum
    from derandkit.numerics.typing import FloatArray


_STAGES = 14
_LAST_VARIANCE = 1e-4


def closed_form(mu: float, sigma2: float, k: int, eps: float = 0.0) -> FloatArray:
    """Coefficients ``(au, cu, al, cl)`` of Psi as a two-sided exponential sum of the ratios ``|Mv|^2``.

    Parameters
    ----------
    mu : float
        Sharpness.
    sigma2 : float
        Variance of the spread; ``2 mu sigma2 < 1``.
    k : int
        Number of rows of the map.
    eps : float
        Target distortion.

    Examples
    --------
    >>> closed_form(2.0, 0.0, 5)
    array([ 2., -2.,  2.,  2.])
    """
    a = 2.0 * mu * sigma2
    return np.array(
        [
            mu / (1.0 - a),
            -mu * (1.0 + eps) - 0.5 * k * float(np.log1p(-a)),
            mu / (1.0 + a),
            mu * (1.0 - eps) - 0.5 * k * float(np.log1p(a)),
        ]
    )


def follow_lemma(
    secants: Secants, k: int, report: Callable[[float, float, float, Sum, FloatArray], None]
) -> tuple[FloatArray, float]:
    """Follow the path of the closed-form objective to a deterministic map.

    Parameters
    ----------
    secants : Secants
        The pairs.
    k : int
        Number of rows of the map.
    report : callable
        Called with (sigma2, mu, log Psi, Sum, map) after every stage.

    Returns
    -------
    P : ndarray, shape (r, k)
        Whitened transpose of the map at the end of the path (spread 0), centred on ratio 1.
    mu : float
        The sharpness reached; the minimax finish goes on from there.
    """
    outward = secants.whitening.transposed(secants.whitening.leading(k))
    P: FloatArray | None = None
    mu = FIRST_SHARPNESS
    for stage in range(_STAGES + 1):
        progress = stage / _STAGES
        sigma2 = (_LAST_VARIANCE * k) ** progress / k
        a = 0.5 * (1.0 - progress)
        mu = 0.25 / sigma2
        coefficients = closed_form(mu, a / (2.0 * mu), k)
        if P is None:
            if curvature_sign(coefficients) >= 0.0:
                continue  # M = 0 is still a minimum in M: only the spread moves
            P = leave_saddle(secants, outward, coefficients)
        P, here = descend(secants, P, coefficients, STEPS_A_STAGE)
        report(a / (2.0 * mu), mu, here.value, here, P)
    if P is None:
        P = outward
    end = secants.evaluate(P, closed_form(mu, 0.0, k))
    return P * end.rescaling, mu


def curvature_sign(coefficients: FloatArray) -> float:
    """Sign of the curvature of Psi in M at M = 0, up to a positive factor: every direction shares it.

    At ``M = 0`` all pairs carry the weight ``au e^{cu} - al e^{cl}``, so the Hessian is that number times the
    secant scatter.
    """
    return float(np.log(coefficients[0]) + coefficients[1] - np.log(coefficients[2]) - coefficients[3])


def leave_saddle(secants: Secants, outward: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Go out along the most negative curvature by the step, of a fixed geometric grid, with the lowest Psi.

    The clock may end the grid early: the map is rescaled where it is kept, and no descent follows.
    """
    clock = current()
    steps = [1e-3 * 1.2155**s for s in range(40)]
    values: list[float] = []
    for step in steps:
        values.append(secants.evaluate(step * outward, coefficients).value)
        if clock.stopped:
            break
    return steps[int(np.argmin(values))] * outward
