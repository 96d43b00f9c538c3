"""Kernels that are mixtures of Gaussian ones: their values, and the widths of the frequencies that stand for them.

A frequency of such a kernel is ``w = s x``, x standard Gaussian and s a random width (Rahimi and Recht 2007 for the
Gaussian kernel, where s = 1). In units of the length of the kernel, r the distance of two points,

    matern                s^2 = 1 / g,  g of Gamma(nu, nu):      a multivariate t distribution with 2 nu degrees
    rational_quadratic    s^2 = g,      g of Gamma(alpha, alpha): ``(1 + r^2 / (2 alpha))^-alpha``

The widths are fixed first, at the middles of D equal shares of their distribution. Given them every frequency is
Gaussian, so all moments are closed. The kernel of these widths differs from the true one by a known bias (`bias`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.features.options import KERNELS, KernelName, checked_alpha, checked_nu
from derandkit.options import check_choice

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


@dataclass(frozen=True)
class Spectrum:
    """A kernel of unit length, and the distribution of the widths of its frequencies.

    Parameters
    ----------
    name : {"gaussian", "matern", "rational_quadratic"}
        The kernel.
    parameter : float
        nu or alpha; 0 for the Gaussian kernel, which has none.

    Examples
    --------
    >>> r = np.array([0.0, 1.0, 2.0])
    >>> Spectrum("matern", 0.5).values(r * r).round(6).tolist()  # exp(-r)
    [1.0, 0.367879, 0.135335]
    """

    name: KernelName = "gaussian"
    parameter: float = 0.0

    @property
    def kind(self) -> int:
        """Number of the kernel in the compiled loops."""
        return KERNELS.index(self.name)

    @property
    def nu(self) -> float | None:
        """Smoothness of a Matern kernel, else None."""
        return self.parameter if self.name == "matern" else None

    @property
    def alpha(self) -> float | None:
        """Exponent of a rational quadratic kernel, else None."""
        return self.parameter if self.name == "rational_quadratic" else None

    def values(self, squares: FloatArray) -> FloatArray:
        """Return the kernel at squared distances in units of its length; any shape."""
        if self.name == "gaussian":
            return np.asarray(np.exp(-0.5 * squares))
        if self.name == "rational_quadratic":
            return np.asarray(np.exp(-self.parameter * np.log1p(squares / (2.0 * self.parameter))))
        t = np.sqrt((2.0 * self.parameter) * squares)
        powers = {0.5: 1.0, 1.5: 1.0 + t, 2.5: 1.0 + t * (1.0 + t / 3.0)}
        return np.asarray(powers[self.parameter] * np.exp(-t))

    def widths(self, D: int) -> FloatArray:
        """Return the ``s_j^2`` of D frequencies, shape (D,): quantiles ``(j + 1/2) / D``, chosen before any data.

        Examples
        --------
        >>> Spectrum().widths(3).tolist()
        [1.0, 1.0, 1.0]
        >>> Spectrum("rational_quadratic", 1.0).widths(2).round(6).tolist()  # -log(1 - q) of q = 1/4 and 3/4
        [0.287682, 1.386294]
        """
        if self.name == "gaussian":
            return np.ones(D)
        from scipy.special import gammaincinv

        shares = np.asarray(gammaincinv(self.parameter, (np.arange(D) + 0.5) / D)) / self.parameter
        return np.asarray(shares if self.name == "rational_quadratic" else 1.0 / shares)

    def bias(self, squares: FloatArray, D: int) -> FloatArray:
        """Return the kernel of D fixed widths minus the kernel, at squared distances of any shape.

        Examples
        --------
        >>> float(abs(Spectrum("matern", 1.5).bias(np.linspace(0.0, 9.0, 50), 64)).max().round(5))
        0.00028
        """
        total = np.zeros_like(squares)
        for width in self.widths(D):
            total += np.exp(-0.5 * width * squares)
        return np.asarray(total / D - self.values(squares))

    def __str__(self) -> str:
        if self.name == "gaussian":
            return "gaussian"
        return f"{self.name}, {'nu' if self.name == 'matern' else 'alpha'} {self.parameter!r}"


GAUSSIAN = Spectrum()


def chosen(kernel: KernelName, nu: object, alpha: object) -> Spectrum:
    """Return the kernel that options name.

    Raises
    ------
    InputError
        A kernel that is not known, or a nu or alpha that it does not take.

    Examples
    --------
    >>> str(chosen("matern", 2.5, 1.0))
    'matern, nu 2.5'
    """
    kernel = check_choice("kernel", kernel, KERNELS)
    smoothness, exponent = checked_nu(nu, kernel), checked_alpha(alpha, kernel)
    if kernel == "matern":
        return Spectrum(kernel, smoothness)
    return Spectrum(kernel, exponent) if kernel == "rational_quadratic" else GAUSSIAN
