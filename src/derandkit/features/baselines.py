"""What derandomized features are compared with: random, orthogonal and quasi-random frequencies, and Nystroem's method.

These are the textbook methods. They take `rng`; nothing on the main path does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.features.spectrum import GAUSSIAN
from derandkit.runtime import lapack

if TYPE_CHECKING:
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray

    Rng = np.random.Generator | int | None

_BLOCK = 1 << 22  # pairs handled at a time


def random_frequencies(d: int, D: int, rng: Rng) -> FloatArray:
    """Draw D standard Gaussian frequencies (Rahimi and Recht 2007), shape (D, d).

    Examples
    --------
    >>> random_frequencies(3, 5, 0).shape
    (5, 3)
    """
    return np.asarray(np.random.default_rng(rng).standard_normal((D, d)))


def with_widths(W: FloatArray, spectrum: Spectrum, rng: Rng) -> FloatArray:
    """Return Gaussian frequencies as those of another kernel: each is multiplied by a width that is drawn.

    Parameters
    ----------
    W : ndarray, shape (D, d)
        Frequencies of the Gaussian kernel of unit length.
    spectrum : Spectrum
        The kernel; nothing is drawn for the Gaussian one.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Examples
    --------
    >>> from derandkit.features.spectrum import Spectrum
    >>> with_widths(np.ones((2, 3)), Spectrum("matern", 1.5), 0).shape
    (2, 3)
    """
    if spectrum == GAUSSIAN:
        return W
    shape = spectrum.parameter
    shares = np.random.default_rng(rng).gamma(shape, 1.0 / shape, len(W))
    widths = np.sqrt(shares if spectrum.name == "rational_quadratic" else 1.0 / shares)
    return np.asarray(W * widths[:, None])


def orthogonal_frequencies(d: int, D: int, rng: Rng) -> FloatArray:
    """Draw D frequencies, orthogonal in blocks of d, with the lengths of Gaussian ones (Yu et al. 2016).

    Examples
    --------
    >>> W = orthogonal_frequencies(4, 4, 0)
    >>> bool(abs(W[0] @ W[1]) < 1e-12)
    True
    """
    rng = np.random.default_rng(rng)
    blocks = [lapack.qr(rng.standard_normal((d, d)))[0].T for _ in range(-(-D // d))]
    lengths = np.sqrt(np.sum(rng.standard_normal((D, d)) ** 2, axis=1))
    return np.asarray(np.concatenate(blocks)[:D] * lengths[:, None])


def sobol_frequencies(d: int, D: int, rng: Rng) -> FloatArray:
    """Return D Gaussian frequencies from a scrambled Sobol sequence (quasi-Monte-Carlo), shape (D, d).

    Examples
    --------
    >>> sobol_frequencies(3, 8, 0).shape
    (8, 3)
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    power = max(int(D - 1).bit_length(), 0)
    points = qmc.Sobol(d, scramble=True, seed=np.random.default_rng(rng)).random_base2(power)[:D]
    return np.asarray(ndtri(np.clip(points, 2.0**-40, 1.0 - 2.0**-40)))


def shifted_features(Z: FloatArray, count: int, rng: Rng, spectrum: Spectrum = GAUSSIAN) -> FloatArray:
    """Return features as scikit-learn's `RBFSampler` makes them: single cosines with random shifts.

    Examples
    --------
    >>> shifted_features(np.zeros((2, 3)), 6, 0).shape
    (2, 6)
    """
    rng = np.random.default_rng(rng)
    W, shift = rng.standard_normal((count, Z.shape[1])), rng.uniform(0.0, 2.0 * np.pi, count)
    return np.asarray(np.sqrt(2.0 / count) * np.cos(Z @ with_widths(W, spectrum, rng).T + shift))


def nystroem_features(
    Z: FloatArray, count: int, rng: Rng, new: FloatArray | None = None, spectrum: Spectrum = GAUSSIAN
) -> FloatArray:
    """Return Nystroem's features from `count` landmarks drawn from the points, of the points or of new ones.

    Examples
    --------
    >>> Z = np.arange(4.0)[:, None]
    >>> F = nystroem_features(Z, 4, 0)
    >>> np.allclose(F @ F.T, np.exp(-0.5 * (Z - Z.T) ** 2))
    True
    """
    places = np.random.default_rng(rng).choice(len(Z), size=min(count, len(Z)), replace=False)
    marks = Z[places]
    values, vectors = lapack.eigh(_kernel(marks, marks, spectrum))
    root = vectors / np.sqrt(np.maximum(values, 1e-12))
    return np.asarray(_kernel(Z if new is None else new, marks, spectrum) @ root)


def _kernel(A: FloatArray, B: FloatArray, spectrum: Spectrum) -> FloatArray:
    squares = np.sum(A * A, axis=1)[:, None] + np.sum(B * B, axis=1) - 2.0 * A @ B.T
    return spectrum.values(np.maximum(squares, 0.0))


def wave_features(Z: FloatArray, M: FloatArray) -> FloatArray:
    """Return the cosines and sines of frequencies in the units of the kernel, shape (m, 2 D)."""
    U = Z @ M.T
    return np.asarray(np.concatenate([np.cos(U), np.sin(U)], axis=1) / np.sqrt(len(M)))


def kernel_errors(Z: FloatArray, F: FloatArray, spectrum: Spectrum = GAUSSIAN) -> tuple[float, float]:
    """Return root mean square and greatest error of the inner products of any features, over all pairs.

    Parameters
    ----------
    Z : ndarray, shape (m, d)
        Different points in the units of the kernel.
    F : ndarray, shape (m, p)
        Their features.
    spectrum : Spectrum
        The kernel.

    Examples
    --------
    >>> kernel_errors(np.zeros((2, 1)), np.zeros((2, 3)))
    (1.0, 1.0)
    """
    m = len(Z)
    total, greatest = 0.0, 0.0
    step = max(1, _BLOCK // m)
    for at in range(0, m, step):
        rows = slice(at, min(at + step, m))
        errors = np.abs(F[rows] @ F.T - _kernel(Z[rows], Z, spectrum))
        errors[np.arange(len(errors)), np.arange(at, rows.stop)] = 0.0
        total += float(np.sum(errors**2))
        greatest = max(greatest, float(np.max(errors)))
    return float(np.sqrt(total / (m * (m - 1.0)))), greatest
