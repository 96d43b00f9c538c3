"""Large clouds: fit landmarks, then only the pairs that matter, and scan all pairs until none is left out.

At a minimax map a few thousand pairs are tight and the others are slack. Each round scans every pair, adds those
near or beyond the current distortion to the active set and sharpens on the set. Memory is that of the points and of
the set; no pair matrix is stored.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from derandkit.jl.minimax import sharpen
from derandkit.jl.secants import coincidence_floor, combine, in_order, log_sum, row_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from derandkit.jl.secants import Pass, Sum, Whitening

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

_BLOCKS = 16
_CAPACITY = 24_000  # pairs a block may add in one scan
_ROUNDS = 12
_BAND = 0.8  # a pair joins when its deviation is beyond this fraction of the distortion of the set
_CLOSE = 1.003  # full distortion over that of the set at which the set is complete


class ActivePairs:
    """A growing list of pairs, as exponential sums of the map.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        All points in coordinates of their span.
    whitening : Whitening
        Coordinates in which maps are handled.
    """

    def __init__(self, Z: FloatArray, whitening: Whitening) -> None:
        self.white = whitening.points(Z)
        self.ZT: FloatArray = np.ascontiguousarray(Z.T)
        self.floor = coincidence_floor(Z)
        self.rows: IntArray = np.empty(0, dtype=np.int64)
        self.columns: IntArray = np.empty(0, dtype=np.int64)
        self.inverse: FloatArray = np.empty(0)
        self.evaluations = 0
        self.scans = 0

    def __len__(self) -> int:
        return int(self.rows.size)

    def evaluate(self, P: FloatArray, law: FloatArray, shift: float | None = None) -> Sum:
        """Logarithm of the exponential sum over the listed pairs; see `Secants.evaluate`."""
        self.evaluations += 1
        return log_sum(self.white, P, law, shift, self._pass)

    def _pass(self, Y: FloatArray, law: FloatArray, shift: float) -> Pass:
        from derandkit.jl.kernels import listed_pass

        edges = [len(self) * b // 8 for b in range(9)]
        spans = [(a, b) for a, b in pairwise(edges) if b > a]
        G = [np.zeros_like(Y) for _ in spans]
        stats = [np.empty(4) for _ in spans]

        def work(b: int) -> None:
            listed_pass(Y, self.rows, self.columns, self.inverse, law, *spans[b], shift, G[b], stats[b])

        in_order(work, len(spans))
        return combine(G, stats)

    def scan(self, P: FloatArray, band: float) -> tuple[float, float]:
        """Measure every pair and list those outside ``1 -+ band``; return the extreme ratios.

        If more pairs qualify than a block may add, the band is widened and the scan repeated.
        """
        from derandkit.jl.dense_kernels import product
        from derandkit.jl.kernels import harvest_pass

        Y = np.empty((self.white.shape[0], P.shape[1]))
        product(self.white, P, Y)
        YT = np.ascontiguousarray(Y.T)
        blocks = row_blocks(Y.shape[0], _BLOCKS)
        while True:
            self.scans += 1
            terms = np.array([self.floor, 1.0 - band, 1.0 + band])
            rows = np.zeros((len(blocks), _CAPACITY), dtype=np.int64)
            columns = np.zeros_like(rows)
            inverse = np.zeros((len(blocks), _CAPACITY))
            stats = np.zeros((len(blocks), 2))
            counts = [0] * len(blocks)

            def work(
                b: int,
                terms: FloatArray = terms,
                rows: IntArray = rows,
                columns: IntArray = columns,
                inverse: FloatArray = inverse,
                stats: FloatArray = stats,
                counts: list[int] = counts,
            ) -> None:
                counts[b] = harvest_pass(
                    self.ZT, YT, *blocks[b], terms, rows[b], columns[b], inverse[b], stats[b]
                )

            in_order(work, len(blocks))
            largest, smallest = float(stats[:, 0].max()), float(stats[:, 1].min())
            if max(counts) <= _CAPACITY:
                break
            band = 0.5 * (band + max(largest - 1.0, 1.0 - smallest))
        self._add(
            np.concatenate([rows[b, :c] for b, c in enumerate(counts)]),
            np.concatenate([columns[b, :c] for b, c in enumerate(counts)]),
            np.concatenate([inverse[b, :c] for b, c in enumerate(counts)]),
        )
        return largest, smallest

    def _add(self, rows: IntArray, columns: IntArray, inverse: FloatArray) -> None:
        m = self.white.shape[0]
        code = np.concatenate([self.rows * m + self.columns, rows * m + columns])
        _, first = np.unique(code, return_index=True)  # sorted by (row, column)
        self.rows = np.concatenate([self.rows, rows])[first]
        self.columns = np.concatenate([self.columns, columns])[first]
        self.inverse = np.concatenate([self.inverse, inverse])[first]


def refine(
    Z: FloatArray,
    whitening: Whitening,
    P: FloatArray,
    distortion: float,
    report: Callable[[float, float, Sum], None],
    offer: Callable[[FloatArray, float], None],
) -> tuple[FloatArray, ActivePairs]:
    """Sharpen a map on the pairs that matter among all pairs.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        All points in coordinates of their span.
    whitening : Whitening
        From the landmarks.
    P : ndarray, shape (r, k)
        Map fitted to the landmarks, whitened and transposed.
    distortion : float
        Its distortion on them.
    report, offer : callable
        Progress after every stage, and every map whose full distortion is known.

    Returns
    -------
    P : ndarray
        Map with the smallest distortion over all pairs among the rounds.
    pairs : ActivePairs
        The final set.
    """
    pairs = ActivePairs(Z, whitening)
    best, best_full = P, np.inf
    for _ in range(_ROUNDS):
        largest, smallest = pairs.scan(P, _BAND * distortion)
        centre = float(np.sqrt(2.0 / (largest + smallest)))
        full = (largest - smallest) / (largest + smallest)
        if full < best_full:
            best, best_full = P * centre, full
            offer(best, full)
        if full <= _CLOSE * distortion:
            break
        P, distortion = sharpen(pairs, best, 10.0 / full, report=report)
    return best, pairs
