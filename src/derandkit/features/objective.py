"""The error of random Fourier features as a Gaussian objective, in closed form.

The features of a point are ``(cos(w_j . x), sin(w_j . x)) / sqrt(D)``, j = 1 .. D, so the inner product of two points
is ``K^(d) = (1/D) sum_j cos(w_j . d)``, d their difference. With ``w_j = m_j + s x_j``, x_j standard Gaussian,

    E cos(w . d)   = cos(m . d) exp(-s^2 |d|^2 / 2)
    Var cos(w . d) = (1 - e^4) / 2 + cos(m . d)^2 (e^4 - e^2),       e = exp(-s^2 |d|^2 / 2)

so the expected squared error ``E (K^ - k)^2`` of a pair is closed. At m = 0, s = 1 the estimate is unbiased for
``k = exp(-|d|^2 / 2)`` and the error is ``(1 - k^2)^2 / (2 D)``, whatever the points are: the promise.

Frequencies of other kernels have a width of their own each, ``w_j = s_j (m_j + s x_j)``: the same forms with ``s s_j``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.engine.law import GaussianSampler, check_sampler, checked_directions, isotropic_variance
from derandkit.errors import InputError
from derandkit.features.spectrum import GAUSSIAN
from derandkit.numerics.ranges import refuse_entries
from derandkit.options import check_whole
from derandkit.runtime.threads import in_order

if TYPE_CHECKING:
    from derandkit.features.spectrum import Spectrum
    from derandkit.numerics.typing import FloatArray

LARGEST = 4096
"""Most points: two numbers are kept for every pair."""

_BLOCKED_FROM, _BLOCKS = 256, 8


class _State(NamedTuple):
    """What one pass computes at a distribution."""

    sampler: GaussianSampler
    tables: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    value: float
    trace: float
    gradient: FloatArray


class PairErrors:
    """The expected mean squared error over pairs of points of a kernel, which is ``exp(-|x - y|^2 / 2)`` by default.

    A solution is D frequencies, each in units of its width ``s_j``, flattened row by row.

    Parameters
    ----------
    Z : ndarray, shape (m, d)
        Different points in units of the length of the kernel.
    D : int
        Number of frequencies.
    spectrum : Spectrum
        The kernel.
    """

    #: The closed form below is for one number sigma; single rows have `RowObjective`.
    isotropic_only = True

    def __init__(self, Z: FloatArray, D: int, spectrum: Spectrum = GAUSSIAN) -> None:
        from derandkit.features.kernels import squared_distances

        m = Z.shape[0]
        if m > LARGEST:
            raise InputError(f"the objective keeps every pair, so it takes at most {LARGEST} points, got {m}")
        check_whole("D", D, 1)
        refuse_entries("the frequencies", D, Z.shape[1])
        self.points: FloatArray = np.ascontiguousarray(Z, dtype=np.float64)
        self.D = int(D)
        self.squares: FloatArray = np.empty(m * (m - 1) // 2)
        squared_distances(np.ascontiguousarray(self.points.T), self.squares)
        self.kernels: FloatArray = spectrum.values(self.squares)
        self.widths: FloatArray = spectrum.widths(self.D)
        self._mixed = spectrum != GAUSSIAN
        self._blocks = row_blocks(m, _BLOCKS if m >= _BLOCKED_FROM else 1)
        self._last: _State | None = None
        self.evaluations = 0

    @property
    def dimension(self) -> int:
        """Number of entries D d of the frequencies."""
        return self.D * int(self.points.shape[1])

    def start(self) -> GaussianSampler:
        """Return the distribution of random Fourier features: mean 0, spread 1."""
        return GaussianSampler(np.zeros(self.dimension), 1.0)

    def value(self, sampler: GaussianSampler) -> float:
        """Return the mean over pairs of ``E (K^ - k)^2``; O(m^2 D + m D d) operations."""
        return self._at(sampler).value

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the gradient in the mean frequencies, flattened, shape (D d,)."""
        return self._at(sampler).gradient

    def curvature_trace(self, sampler: GaussianSampler) -> float:
        """Return the trace of the Hessian in the mean frequencies.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        """
        return self._at(sampler).trace

    def frequencies(self, flat: FloatArray) -> FloatArray:
        """Return the frequencies of a solution in units of the length of the kernel, shape (D, d).

        Parameters
        ----------
        flat : ndarray, shape (D d,)
            The solution: each frequency in units of its width, row by row.

        Raises
        ------
        InputError
            It has another number of entries.
        """
        if flat.size != self.dimension:
            raise InputError(f"the frequencies have {self.dimension} entries, got {flat.size}")
        rows = np.ascontiguousarray(flat.reshape(self.D, -1))
        return np.asarray(rows * np.sqrt(self.widths)[:, None]) if self._mixed else rows

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` for directions of shape (D d, p)."""
        directions = checked_directions(directions, self.dimension)
        from derandkit.features.kernels import bend_pass, product
        from derandkit.features.mixture import mixed_bend_pass

        here, variance = self._at(sampler), isotropic_variance(sampler)
        out = np.empty(directions.shape)
        for p in range(directions.shape[1]):
            T = np.empty_like(here.tables[0])
            product(self.points, self._transposed(directions[:, p]), T)
            G = [np.zeros_like(T) for _ in self._blocks]

            def work(b: int, T: FloatArray = T, G: list[FloatArray] = G) -> None:
                if self._mixed:
                    waves, pairs = here.tables[:2], (self.squares, self.kernels, self.widths)
                    mixed_bend_pass(*waves, T, *pairs, variance, *self._blocks[b], G[b])
                    return
                bend_pass(*here.tables, T, self.squares, self.kernels, variance, *self._blocks[b], G[b])

            in_order(work, len(self._blocks))
            out[:, p] = self._pulled_back(G)
        return out

    def _transposed(self, flat: FloatArray) -> FloatArray:
        return np.ascontiguousarray(self.frequencies(flat).T)

    def _at(self, sampler: GaussianSampler) -> _State:
        """Return what is known at a distribution; the last one is kept, since the engine asks three times."""
        check_sampler(sampler)
        if self._last is None or self._last.sampler is not sampler:
            self._last = self._pass(sampler)
        return self._last

    def _pass(self, sampler: GaussianSampler) -> _State:
        from derandkit.features.kernels import error_pass, product
        from derandkit.features.mixture import mixed_error_pass

        self.evaluations += 1
        U = np.empty((self.points.shape[0], self.D))
        product(self.points, self._transposed(sampler.mean), U)
        C, S = np.cos(U), np.sin(U)
        tables = C, S, np.ascontiguousarray(C.T), np.ascontiguousarray(S.T)
        G = [np.zeros_like(C) for _ in self._blocks]
        sums = np.zeros((len(self._blocks), 2))
        variance = isotropic_variance(sampler)

        def work(b: int) -> None:
            if self._mixed:
                pairs = self.squares, self.kernels, self.widths
                mixed_error_pass(C, S, *pairs, variance, *self._blocks[b], G[b], sums[b])
                return
            error_pass(*tables, self.squares, self.kernels, variance, *self._blocks[b], G[b], sums[b])

        in_order(work, len(self._blocks))
        value, trace = np.add.accumulate(sums, axis=0)[-1] / self.squares.size
        return _State(sampler, tables, float(value), float(trace), self._pulled_back(G))

    def _pulled_back(self, G: list[FloatArray]) -> FloatArray:
        """Return the gradient in the frequencies of what has the gradient sum(G) in the phases."""
        from derandkit.features.kernels import transposed_product

        for extra in G[1:]:
            G[0] += extra
        out = np.empty((self.points.shape[1], self.D))
        transposed_product(self.points, G[0], out)
        rows = np.ascontiguousarray(out.T)
        if self._mixed:
            rows *= np.sqrt(self.widths)[:, None]
        return rows.ravel() / self.squares.size


def row_blocks(n: int, count: int) -> list[tuple[int, int]]:
    """Split the rows of the upper triangle of pairs into ranges with about equally many pairs.

    Examples
    --------
    >>> row_blocks(5, 2)
    [(0, 2), (2, 4)]
    """
    ends = [0]
    total, seen = n * (n - 1) // 2, 0
    for i in range(n - 1):
        seen += n - 1 - i
        if seen * count >= total * len(ends) and len(ends) <= count:
            ends.append(i + 1)
    ends[-1] = n - 1
    return [(a, b) for a, b in pairwise(ends) if a < b]


class RowObjective:
    """The same error as a function of the distribution of one frequency, the others being known or still random.

    Frequencies before it are known; those after it have mean 0 and spread 1 in units of their width, so each
    contributes its kernel and its variance. Up to a number that does not depend on this frequency, ``D^2`` times the
    expected squared error of a pair is

        -2 R c e + c^2 e^4 + (1 - e^4) / 2,    c = cos(b . d),  e = exp(-|W' d|^2 / 2)

    with R what the others leave of ``D k``: closed for every ``w = W x + b``, so the engine's conditional
    expectations reveal the coordinates of a frequency one by one.

    Parameters
    ----------
    Z : ndarray, shape (m, d)
        Different points in the units of the kernel of this frequency.
    rest : ndarray, shape (m (m - 1) / 2,)
        R of every pair.
    """

    def __init__(self, Z: FloatArray, rest: FloatArray) -> None:
        self.points: FloatArray = Z
        self.rest: FloatArray = rest
        self.evaluations = 0

    @property
    def dimension(self) -> int:
        """Number of entries d of the frequency."""
        return int(self.points.shape[1])

    def value(self, sampler: GaussianSampler) -> float:
        """Return the mean over pairs of the part that depends on the frequency; O(m^2 r + m d r) operations."""
        return float(self.line_values(sampler, np.zeros(self.dimension), np.zeros(1))[0])

    def line_values(self, sampler: GaussianSampler, direction: FloatArray, steps: FloatArray) -> FloatArray:
        """Return the value at ``b + t direction`` for each t in `steps`.

        Parameters
        ----------
        sampler : GaussianSampler
            The distribution.
        direction : ndarray, shape (d,)
            Where the mean moves.
        steps : ndarray, shape (p,)
            How far, in multiples of the direction.
        """
        from derandkit.features.kernels import row_line_pass

        self.evaluations += int(steps.size)
        table = np.empty((self.points.shape[0], 2))
        _product(self.points, np.stack([sampler.mean, direction], axis=1), table)
        phases, moves = np.ascontiguousarray(table.T)
        out = np.zeros(steps.size)
        row_line_pass(self.rest, phases, moves, self._damping(sampler), np.ascontiguousarray(steps), out)
        return out / self.rest.size

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return the gradient in b, shape (d,)."""
        i, j, c, s, e = self._pairs(sampler)
        slope = 2.0 * s * (self.rest * e - c * e**4)
        return np.asarray(np.einsum("p,pd->d", slope, self.points[i] - self.points[j]) / self.rest.size)

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` for directions of shape (d, p)."""
        i, j, c, s, e = self._pairs(sampler)
        bend = 2.0 * (self.rest * c * e - (c * c - s * s) * e**4)
        V = self.points[i] - self.points[j]
        moved = bend[:, None] * np.einsum("pd,dq->pq", V, directions)
        return np.asarray(np.einsum("pd,pq->dq", V, moved) / self.rest.size)

    def _damping(self, sampler: GaussianSampler) -> FloatArray:
        from derandkit.features.kernels import squared_distances

        W = sampler.dense_spread()
        if W.shape[1] == 0 or not W.any():
            return np.ones(self.rest.size)
        table, out = np.empty((self.points.shape[0], W.shape[1])), np.empty(self.rest.size)
        _product(self.points, np.ascontiguousarray(W), table)
        squared_distances(np.ascontiguousarray(table.T), out)
        return np.asarray(np.exp(-0.5 * out))

    def _pairs(
        self, sampler: GaussianSampler
    ) -> tuple[np.ndarray, np.ndarray, FloatArray, FloatArray, FloatArray]:
        i, j = np.triu_indices(self.points.shape[0], 1)
        u = np.einsum("nd,d->n", self.points, sampler.mean)
        return i, j, np.cos(u[i] - u[j]), np.sin(u[i] - u[j]), self._damping(sampler)


def _product(A: FloatArray, B: FloatArray, out: FloatArray) -> None:
    from derandkit.features.kernels import product

    product(A, np.ascontiguousarray(B), out)
