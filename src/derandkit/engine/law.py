"""A Gaussian distribution over solutions: the object that every derandomizer makes deterministic.

A sampler is the distribution of ``W x + b`` with ``x ~ N(0, I_r)``: `mean` is ``b``, `spread` is ``W``. ``W = 0`` is a
single solution. An isotropic spread ``W = sigma I`` is stored as the number ``sigma``. Revealing one direction of
``x`` moves mass from the spread to the mean; doing it r times is the method of conditional expectations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import real_array
from derandkit.numerics.ranges import refuse_entries
from derandkit.numerics.vectors import norm
from derandkit.options import check_whole, generator

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import FloatArray


def _kept(values: ArrayLike, what: str) -> FloatArray:
    """Return a copy that cannot be written to, or the array itself where nothing can write to it.

    A distribution of a million rows shares its spread with the relaxation that it comes from, and with distributions
    that differ from it in the mean alone.
    """
    shared = (
        isinstance(values, np.ndarray)
        and values.dtype == np.float64
        and values.flags.c_contiguous
        and values.flags.owndata
        and not values.flags.writeable
    )
    if shared:
        return np.asarray(values)
    copy = real_array(values, what)
    copy.setflags(write=False)
    return copy


@dataclass(frozen=True, eq=False, repr=False)
class GaussianSampler:
    """The distribution of ``W x + b``, ``x`` standard Gaussian.

    Parameters
    ----------
    mean : array_like, shape (n,)
        The vector ``b``.
    spread : array_like, shape (n, r), or float
        The matrix ``W``, or the number ``sigma`` of an isotropic spread ``sigma I_n``.

    Raises
    ------
    InputError
        If the shapes disagree, an entry is not finite, or an isotropic spread is negative.

    References
    ----------
    Tsikouras, Pantis, Mitliagkas, Tzamos, ICLR 2026 (arXiv 2510.19382), section 3; the name "solution sampler"
    is that of Tsikouras, Caramanis, Tzamos, NeurIPS 2024 (arXiv 2412.07242).

    Examples
    --------
    >>> law = GaussianSampler([0.0, 0.0], [[3.0, 0.0], [0.0, 4.0]])
    >>> law
    GaussianSampler(dimension=2, rank=2, |W|=5)
    >>> law.reveal([1.0, 0.0], 0.5).mean
    array([1.5, 0. ])
    """

    mean: FloatArray
    spread: FloatArray | float

    def __init__(self, mean: ArrayLike, spread: ArrayLike | float) -> None:
        b = _kept(mean, "the mean")
        if b.ndim != 1:
            raise InputError(f"the mean of a sampler is a vector, got shape {b.shape}")
        W = _kept(spread, "the spread")
        object.__setattr__(self, "mean", b)
        if W.ndim == 0:
            if W < 0:
                raise InputError(f"an isotropic spread is a standard deviation, got {float(W)}")
            object.__setattr__(self, "spread", float(W))
            return
        if W.ndim != 2 or W.shape[0] != b.size:
            raise InputError(f"the spread must have shape ({b.size}, r), got {W.shape}")
        object.__setattr__(self, "spread", W)

    @property
    def dimension(self) -> int:
        """Number of coordinates n of a solution."""
        return int(self.mean.size)

    @property
    def rank(self) -> int:
        """Number of Gaussian coordinates r that the distribution consumes."""
        return self.dimension if isinstance(self.spread, float) else int(self.spread.shape[1])

    @property
    def is_isotropic(self) -> bool:
        """Whether the spread is stored as one number ``sigma``."""
        return isinstance(self.spread, float)

    @property
    def spread_norm(self) -> float:
        """Frobenius norm of ``W``."""
        if isinstance(self.spread, float):
            return self.spread * float(np.sqrt(self.dimension))
        size = float(np.sqrt(np.einsum("ij,ij->", self.spread, self.spread)))
        return size if 1e-150 < size < math.inf else norm(self.spread)  # squares may leave double precision

    @property
    def is_deterministic(self) -> bool:
        """Whether the distribution is a single solution (``W = 0`` exactly)."""
        return self.spread == 0.0 if isinstance(self.spread, float) else not self.spread.any()

    def dense_spread(self) -> FloatArray:
        """Return ``W`` as a matrix of shape (n, r); an isotropic spread becomes ``sigma I``."""
        if isinstance(self.spread, float):
            return self.spread * np.eye(self.dimension)
        return self.spread

    def with_mean(self, mean: ArrayLike) -> GaussianSampler:
        """Return the distribution with another mean.

        Parameters
        ----------
        mean : array_like, shape (n,)
            The mean.
        """
        return GaussianSampler(mean, self.spread)

    def with_spread(self, spread: ArrayLike | float) -> GaussianSampler:
        """Return the distribution with another spread.

        Parameters
        ----------
        spread : array_like of shape (n, r), or float
            The matrix W, or sigma for an isotropic spread.
        """
        return GaussianSampler(self.mean, spread)

    def deterministic(self) -> GaussianSampler:
        """Return the single solution at the mean."""
        return GaussianSampler(self.mean, np.zeros((self.dimension, 0)))

    def reveal(self, direction: ArrayLike, value: float) -> GaussianSampler:
        """Condition on the Gaussian coordinate along `direction`.

        With a unit vector ``v`` and ``t = v . x`` known, the distribution is that of
        ``(W - (W v) v^T) x + (b + t W v)`` (the reveal identity, fact 3 of docs/engine.md).

        Parameters
        ----------
        direction : array_like, shape (r,)
            The direction ``v``; it is normalised.
        value : float
            The revealed value ``t``.

        Returns
        -------
        GaussianSampler
            The conditional distribution, with the same number of columns.

        Raises
        ------
        InputError
            If the direction has the wrong length or is zero.
        """
        v = real_array(direction, "the direction")
        if v.shape != (self.rank,):
            raise InputError(f"a direction to reveal has shape ({self.rank},), got {v.shape}")
        top = float(np.max(np.abs(v), initial=0.0))
        if not top > 0:
            raise InputError("a direction to reveal must not be zero")
        if not 1e-150 < top < 1e150:  # its square would leave double precision
            v = v / top
        v = v / float(np.sqrt(np.einsum("i,i->", v, v)))
        W = self.dense_spread()
        column = np.einsum("ij,j->i", W, v)  # not BLAS, whose last bits depend on the processor
        return GaussianSampler(self.mean + value * column, W - np.outer(column, v))

    def draw(self, size: int, rng: np.random.Generator | int | None) -> FloatArray:
        """Sample solutions; this is what the randomized algorithm does and a baseline here.

        Parameters
        ----------
        size : int
            Number of samples.
        rng : numpy.random.Generator, int or None
            Source of randomness, normalised by `numpy.random.default_rng`.

        Returns
        -------
        ndarray, shape (size, n)
            One solution a row.
        """
        check_whole("size", size)
        refuse_entries("the samples", size, max(self.rank, self.dimension))
        x = generator(rng).standard_normal((size, self.rank))
        if isinstance(self.spread, float):
            return self.mean + self.spread * x
        return self.mean + x @ self.spread.T

    def __repr__(self) -> str:
        kind = "isotropic, " if self.is_isotropic else ""
        return (
            f"GaussianSampler({kind}dimension={self.dimension}, rank={self.rank}, |W|={self.spread_norm:.6g})"
        )


def check_sampler(sampler: object) -> None:
    """Refuse what is no distribution.

    Raises
    ------
    InputError
        Names its type.

    Examples
    --------
    >>> check_sampler(GaussianSampler([0.0], 1.0))
    >>> check_sampler(5)
    Traceback (most recent call last):
    derandkit.errors.InputError: an objective is evaluated at a GaussianSampler, got int
    """
    if not isinstance(sampler, GaussianSampler):
        raise InputError(f"an objective is evaluated at a GaussianSampler, got {type(sampler).__name__}")


def checked_directions(directions: object, dimension: int) -> FloatArray:
    """Return directions that a curvature is multiplied by.

    Parameters
    ----------
    directions : ndarray, shape (n, p)
        One direction a column.
    dimension : int
        The number n of coordinates.

    Raises
    ------
    InputError
        They are anything else.

    Examples
    --------
    >>> checked_directions(np.eye(2), 2).shape
    (2, 2)
    >>> checked_directions([1.0, 2.0], 2)
    Traceback (most recent call last):
    derandkit.errors.InputError: directions are an array of shape (2, p), one a column, got list
    """
    if isinstance(directions, np.ndarray) and directions.ndim == 2 and len(directions) == dimension:
        return directions
    got = f"shape {directions.shape}" if isinstance(directions, np.ndarray) else type(directions).__name__
    raise InputError(f"directions are an array of shape ({dimension}, p), one a column, got {got}")


def isotropic_variance(sampler: GaussianSampler) -> float:
    """Return ``sigma^2`` of a distribution with one spread in all directions; 0 of a single solution.

    Raises
    ------
    InputError
        The spread differs between directions, and the objective has no closed form for it.

    Examples
    --------
    >>> isotropic_variance(GaussianSampler([0.0, 1.0], 0.5))
    0.25
    """
    check_sampler(sampler)
    if isinstance(sampler.spread, float):
        return sampler.spread * sampler.spread
    if sampler.is_deterministic:
        return 0.0
    raise InputError("the objective has a closed form for isotropic spread only")
