"""What is known before any computation: dimensions that suffice, and the distortion a dimension guarantees.

A random projection to k dimensions distorts a fixed pair by more than eps with the probability of a chi-square
tail. A union bound over pairs gives `min_dim`. The same statement through exponential moments is the start of the
lemma's path: when ``Psi(0, 1/k) < 1`` a matrix without a violated pair exists, and a path on which Psi does not
grow ends in one.
"""

from __future__ import annotations

import math

from derandkit.errors import InputError


def min_dim(n: int, eps: float, delta: float | None = None) -> int:
    """Return the smallest dimension at which a Gaussian projection keeps all pairs of n points within `eps`.

    Parameters
    ----------
    n : int
        Number of points, at least 2.
    eps : float
        Distortion of squared distances, in (0, 1).
    delta : float, optional
        Failure probability, in (0, 1). Without it: less than 1, that is, a good matrix exists.

    Returns
    -------
    int
        Smallest k with ``N Pr(|chi2_k / k - 1| > eps) <= delta`` (``< 1`` without delta), ``N = n (n - 1) / 2``.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    Exact tails instead of the exponential bound behind `johnson_lindenstrauss_min_dim` give 15 to 40 per cent
    fewer dimensions, with the probability stated. Bisection, O(log k) tail evaluations.

    Examples
    --------
    >>> min_dim(1000, 0.5), min_dim(1000, 0.5, 0.01), johnson_lindenstrauss_min_dim(1000, 0.5)
    (222, 316, 331)
    """
    _check(n, eps)
    if delta is not None and not 0.0 < delta < 1.0:
        raise InputError(f"delta is a probability between 0 and 1, got {delta}")
    from scipy.special import gammainc, gammaincc

    pairs = n * (n - 1) // 2
    limit = 1.0 if delta is None else float(delta)

    def enough(k: int) -> bool:
        tail = float(gammainc(k / 2, k * (1 - eps) / 2)) + float(gammaincc(k / 2, k * (1 + eps) / 2))
        return pairs * tail < limit if delta is None else pairs * tail <= limit

    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def johnson_lindenstrauss_min_dim(n: int, eps: float) -> int:
    """Return scikit-learn's sufficient dimension ``4 ln n / (eps^2 / 2 - eps^3 / 3)``, without integer overflow.

    Examples
    --------
    >>> johnson_lindenstrauss_min_dim(1_000_000, 0.1)
    11841
    """
    _check(n, eps)
    return int(4.0 * math.log(n) / (eps * eps / 2.0 - eps**3 / 3.0))


def _check(n: int, eps: float) -> None:
    if isinstance(n, bool) or int(n) != n or n < 2:
        raise InputError(f"the number of points is an integer of at least 2, got {n}")
    if not 0.0 < eps < 1.0:
        raise InputError(f"eps lies strictly between 0 and 1, got {eps}")


def sharpness(k: int, eps: float) -> float:
    """Return the exponent ``mu = k eps / (2 (1 + eps))`` of the a-priori statement."""
    return k * eps / (2.0 * (1.0 + eps))


def log_psi_start(pairs: int, k: int, eps: float) -> float:
    """Logarithm of ``Psi(0, 1/k)``: an upper bound on the expected number of violated pairs of a random projection.

    Examples
    --------
    >>> log_psi_start(4950, 221, 0.5) < 0 < log_psi_start(4950, 160, 0.5)
    True
    """
    mu = sharpness(k, eps)
    upper = -mu * (1.0 + eps) - 0.5 * k * math.log1p(-2.0 * mu / k)
    lower = mu * (1.0 - eps) - 0.5 * k * math.log1p(2.0 * mu / k)
    top = max(upper, lower)
    return math.log(pairs) + top + math.log(math.exp(upper - top) + math.exp(lower - top))


def guaranteed_eps(pairs: int, k: int) -> float | None:
    """Smallest distortion that dimension k guarantees for any point set, rounded up to 9 digits; None if 1 or more.

    Examples
    --------
    >>> guaranteed_eps(4950, 10) is None, round(guaranteed_eps(4950, 221), 3)
    (True, 0.448)
    """
    if log_psi_start(pairs, k, 1.0 - 1e-9) >= 0.0:
        return None
    low, high = 0, 10**9 - 1
    while high - low > 1:
        middle = (low + high) // 2
        if log_psi_start(pairs, k, middle * 1e-9) < 0.0:
            high = middle
        else:
            low = middle
    return high * 1e-9


def smallest_guaranteed_dimension(pairs: int, eps: float = 1.0 - 1e-9) -> int:
    """Smallest k with ``Psi(0, 1/k) < 1`` at distortion `eps`."""
    high = 1
    while log_psi_start(pairs, high, eps) >= 0.0:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if log_psi_start(pairs, middle, eps) < 0.0:
            high = middle
        else:
            low = middle
    return high
