"""Kernels of pairs of points with a bound on their rounding: a second writing of `derandkit.features.spectrum`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

_UNIT = 2.0**-53
_TERMS = 20  # of a series in t <= 1: the next one is below 1e-18


class Kernel(NamedTuple):
    """The kernel that a record names.

    Parameters
    ----------
    name : str
        ``gaussian``, ``matern`` or ``rational_quadratic``.
    parameter : float
        nu or alpha; 0 for the Gaussian kernel.
    """

    name: str = "gaussian"
    parameter: float = 0.0

    @property
    def is_gaussian(self) -> bool:
        """Whether it has one width, and formulas of its own that lose less to rounding."""
        return self.name == "gaussian"

    @property
    def words(self) -> str:
        """Name and parameter, as a report says them.

        Examples
        --------
        >>> Kernel().words, Kernel("matern", 1.5).words
        ('gaussian kernel', 'matern kernel of 1.5')
        """
        return f"{self.name.replace('_', ' ')} kernel" + (
            "" if self.is_gaussian else f" of {self.parameter:g}"
        )

    def of(self, exponents: FloatArray) -> FloatArray:
        """Return the kernel where ``gamma |x - y|^2`` is given, half the squared distance in units of its length.

        Examples
        --------
        >>> Kernel("rational_quadratic", 1.0).of(np.array([0.0, 1.0])).tolist()
        [1.0, 0.5]
        """
        if self.is_gaussian:
            return np.asarray(np.exp(-exponents))
        if self.name == "rational_quadratic":
            return np.asarray(np.exp(-self.parameter * np.log1p(exponents / self.parameter)))
        t = 2.0 * np.sqrt(self.parameter * exponents)
        factor = 1.0 if self.parameter < 1.0 else 1.0 + t if self.parameter < 2.0 else 1.0 + t + t * t / 3.0
        return np.asarray(factor * np.exp(-t))

    def off(self, kernel: FloatArray, exponents: FloatArray, d: int, lost: float) -> FloatArray:
        """Return a bound on the rounding of the kernel in d columns.

        Parameters
        ----------
        kernel, exponents : ndarray
            The kernel, and ``gamma |x - y|^2`` from differences that were rounded once.
        d : int
            Columns.
        lost : float
            What underflow may take of an exponent.

        Notes
        -----
        An exponent is off by ``(d + 4) u`` of itself. The derivative of a Matern kernel in log t is at most 0.61 in
        size, that of a rational quadratic one in log r at most 0.74. Besides, the argument x of an exponential and its
        factor lose a few u of themselves, and ``x exp(-x) <= 1/e``.
        """
        if self.is_gaussian:
            # beyond a thousand it is zero
            return kernel * ((d + 8) * np.minimum(exponents, 1e3) + 8.0) * _UNIT + lost
        return np.full_like(kernel, (d + 40.0) * _UNIT + lost + math.sqrt(12.0 * lost))

    def below_one(self, exponents: FloatArray) -> FloatArray:
        """Return ``1 - k`` where ``gamma |x - y|^2`` is given, without cancellation for close points.

        Notes
        -----
        It is off by less than ``90 u`` of itself. Short of t = 1 a Matern kernel takes the series of
        ``1 - (1 + t) exp(-t) = sum (-1)^n (n - 1) t^n / n!`` or ``-sum (-1)^n (n - 1) (n - 3) t^n / (3 n!)``, n > 1.

        Examples
        --------
        >>> rough, far = Kernel("matern", 1.5), np.array([1e-20, 500.0])
        >>> [f"{x:.6g}" for x in rough.below_one(far)], [f"{x:.6g}" for x in 1.0 - rough.of(far)]
        (['3e-20', '1'], ['0', '1'])
        """
        if self.is_gaussian:
            return np.asarray(-np.expm1(-exponents))
        if self.name == "rational_quadratic":
            return np.asarray(-np.expm1(-self.parameter * np.log1p(exponents / self.parameter)))
        t = 2.0 * np.sqrt(self.parameter * exponents)
        if self.parameter < 1.0:
            return np.asarray(-np.expm1(-t))
        small = np.minimum(t, 1.0)
        series = np.zeros_like(t)
        for n in range(_TERMS, 1, -1):
            factor = n - 1.0 if self.parameter < 2.0 else -(n - 1.0) * (n - 3.0) / 3.0
            series = series * small + (-1.0) ** n * factor / math.factorial(n)
        return np.asarray(np.where(t < 1.0, small * small * series, 1.0 - self.of(exponents)))

    def unlike(self, exponents: FloatArray) -> FloatArray:
        """Return twice the variance of a random cosine, ``1 + k(2 d) - 2 k(d)^2``, from what kernels lack of 1.

        Examples
        --------
        >>> float(Kernel().unlike(np.array([50.0])).round(9)[0])
        1.0
        """
        if self.is_gaussian:
            return np.asarray(np.expm1(-2.0 * exponents) ** 2)
        less = self.below_one(exponents)
        return np.asarray(4.0 * less - self.below_one(4.0 * exponents) - 2.0 * less * less)

    def unlike_off(self, less: float, mean: float, m: int, d: int, lost: float) -> float:
        """Return a bound on the error of the mean of `unlike` over the pairs of m points, for another kernel.

        Parameters
        ----------
        less, mean : float
            Means of `below_one` and of `unlike` over the pairs.
        m, d : int
            Points and columns.
        lost : float
            What underflow may take of an exponent.

        Notes
        -----
        As a function f of the exponent, ``1 - k`` is concave (these kernels are mixtures of Gaussian ones), so
        ``e f'(e) <= f(e)`` and ``f(4 e) <= 4 f(e)``: a relative error of e, and one of f, moves `unlike` by no more
        than ``12 f`` times that. Sums lose ``m u`` of the sizes of their terms.
        """
        once = 12.0 * ((d + 100.0) * _UNIT * less + lost + math.sqrt(12.0 * lost))
        return once + (4.0 * m + 128.0) * _UNIT * (abs(mean) + 2.0 * once)

    def unlike_slack(self, m: int, d: int, longest: float, lost: float) -> float:
        """Return what solvers may take off the mean of `unlike` for their own rounding, for another kernel.

        Up to 0.3.0 they took distances from centred points, off by ``4 u`` of the greatest length, and no ``1 - k``.
        """
        once = (d + 40.0) * _UNIT + lost + math.sqrt(12.0 * lost)
        return 12.0 * once + (24.0 * longest + 4.0 * m + 128.0) * _UNIT


def kernel_of(record: JsonMapping) -> Kernel:
    """Return the kernel of a record of the published form."""
    return Kernel(record["kernel"], record["nu"] or record["alpha"] or 0.0)


def kernel_faults(record: JsonMapping) -> str:
    """Say which parameter does not belong to the kernel of a record, or nothing.

    Examples
    --------
    >>> kernel_faults({"kernel": "gaussian", "nu": 1.5, "alpha": None})
    'a gaussian kernel has no nu'
    """
    name = record["kernel"]
    for parameter, owner in (("nu", "matern"), ("alpha", "rational_quadratic")):
        if (record[parameter] is not None) != (name == owner):
            return f"a {name} kernel has {'a' if name == owner else 'no'} {parameter}"
    return ""
