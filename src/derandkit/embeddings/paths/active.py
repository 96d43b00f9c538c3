"""Large clouds: fit landmarks, then only the pairs that matter, and scan all pairs until none is left out.

At a minimax map a few thousand pairs are tight and the others are slack. The active set is all pairs of the
landmarks, which stand for the bulk, and a list. Each round scans every pair, adds the most extreme ones to the list
and descends on the set at a sharpness that grows from round to round: sharp too early, the map would trade the
listed pairs against those not yet listed. Memory is that of the points, the landmarks' pairs and the list.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.paths.held import Found, Held, Sample
from derandkit.embeddings.paths.minimax import ROUNDING, descend, two_sided
from derandkit.embeddings.paths.secants import Pass, coincidence_floor, combine, log_sum, row_blocks
from derandkit.numerics.vectors import distinct
from derandkit.runtime.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.embeddings.paths.secants import Secants, Sum
    from derandkit.numerics.typing import FloatArray, IntArray, SingleArray


_BLOCKS = 16
_SPANS = 4  # the list is cut into so many parts, each with a gradient of its own
_NEAR = 512  # points whose images lie together in the cache: the list goes through such squares
_CAPACITY = 100_000  # pairs a block may collect in one scan
_JOINING = 50_000  # of them, the most extreme ones join the list
_COLLECTED = (
    200_000  # about so many are collected, so that they are those that matter for maps near this one too
)
_BAND = 0.7  # only pairs whose deviation is beyond this fraction of the distortion are collected
_CLOSE = 1.003  # full distortion over that of the set at which the set is complete
_FIRST, _GROWTH, _LAST = 3.0, 1.3, 1000.0  # sharpness from round to round, divided by the distortion
_EXTRA_ROUNDS = 6
_STEPS = 60


class ActivePairs:
    """All pairs of the landmarks and a growing list of others, as exponential sums of the map.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        All points in coordinates of their span.
    landmarks : Secants
        The pairs of some of the points.
    chosen : ndarray of int
        Which points those are.
    """

    def __init__(self, Z: FloatArray, landmarks: Secants, chosen: IntArray) -> None:
        self.landmarks = landmarks
        self.chosen = chosen
        self.Z = np.ascontiguousarray(Z)
        self.white = landmarks.whitening.points(Z)
        self.ZT: FloatArray = np.ascontiguousarray(Z.T)
        self.single: SingleArray = self.ZT.astype(np.float32)
        self.floor = coincidence_floor(Z)
        self.rows: IntArray = np.empty(0, dtype=np.int64)
        self.columns: IntArray = np.empty(0, dtype=np.int64)
        self.inverse: FloatArray = np.empty(0)
        self._arrange()
        m, sample = Z.shape[0], len(chosen)
        # a pair of landmarks stands for this many pairs; weights enter as shifts of the exponents
        weight = float(np.log(m * (m - 1) / (sample * (sample - 1))))
        self.bulk_weight: FloatArray = np.array([0.0, weight, 0.0, weight])
        self.evaluations = 0
        self.scans = 0
        self.sample = Sample(Z, self.floor)
        self.held: Held | None = None

    def __len__(self) -> int:
        return int(self.rows.size)

    def evaluate(self, P: FloatArray, coefficients: FloatArray, shift: float | None = None) -> Sum:
        """Logarithm of the exponential sum over the set; see `Secants.evaluate`."""
        self.evaluations += 1
        # only points with a pair in the set take part
        return log_sum(self.busy_white, P, coefficients, shift, self._pass)

    def _pass(self, Y: FloatArray, coefficients: FloatArray, shift: float) -> Pass:
        from derandkit.embeddings.kernels.pairs import listed_pass

        bulk = self.landmarks.pass_over(
            np.ascontiguousarray(Y[self.at_landmarks]), coefficients + self.bulk_weight, shift
        )
        edges = [len(self) * b // _SPANS for b in range(_SPANS + 1)]
        spans = [(a, b) for a, b in pairwise(edges) if b > a]
        G = [np.zeros_like(Y) for _ in spans] or [np.zeros_like(Y)]
        stats = [np.empty(4) for _ in spans]

        def work(b: int) -> None:
            listed_pass(
                Y,
                self.places[0],
                self.places[1],
                self.inverse,
                coefficients,
                *spans[b],
                shift,
                G[b],
                stats[b],
            )

        in_order(work, len(spans))
        listed = combine(G, stats)
        with np.errstate(invalid="ignore", over="ignore"):
            listed.gradient[self.at_landmarks] += bulk.gradient
        return Pass(
            listed.total + bulk.total,
            max(listed.top, bulk.top),
            max(listed.largest, bulk.largest),
            min(listed.smallest, bulk.smallest),
            listed.gradient,
        )

    def scan(self, P: FloatArray, band: float) -> tuple[float, float]:
        """List the most extreme pairs of all outside ``1 -+ band``; return the extreme ratios.

        Every pair is measured, except where the pairs of the last scan are known to be those that matter.
        """
        from derandkit.numerics.dense import product

        M = self.landmarks.whitening.matrix(P)
        Y = np.empty((self.white.shape[0], P.shape[1]))
        product(self.white, P, Y)
        found = None if self.held is None else self.held.under(M, Y, band, _JOINING)
        if found is None:
            # more pairs than join would be collected in vain
            likely = self.sample.band(Y, _COLLECTED)
            found, kept = self._scanned(Y, max(band, likely))
            if kept > band and found.rows.size < _JOINING:
                found, kept = self._scanned(Y, band)
            self.held = Held(self.Z, M, kept, found)
        rows, columns, inverse = found.rows, found.columns, found.inverse
        if rows.size > _JOINING:
            image = np.zeros(rows.size)
            for c in range(P.shape[1]):
                image += (Y[rows, c] - Y[columns, c]) ** 2
            order = np.argsort(-np.abs(image * inverse - 1.0), kind="stable")[:_JOINING]
            rows, columns, inverse = rows[order], columns[order], inverse[order]
        self._add(rows, columns, inverse)
        return found.largest, found.smallest

    def _scanned(self, Y: FloatArray, band: float) -> tuple[Found, float]:
        """Measure every pair and collect those outside ``1 -+ band``; return them and the band.

        If more pairs qualify than a block may collect, the band is widened and the scan repeated.
        """
        from derandkit.embeddings.kernels.scan import estimates, harvest_pass

        YT = np.ascontiguousarray(Y.T)
        singles = self.single, YT.astype(np.float32)
        off = estimates(self.ZT, YT)
        blocks = row_blocks(Y.shape[0], _BLOCKS)
        while True:
            self.scans += 1
            terms = np.array([self.floor, 1.0 - band, 1.0 + band, *off])
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
                    self.ZT, YT, singles, *blocks[b], terms, rows[b], columns[b], inverse[b], stats[b]
                )

            in_order(work, len(blocks))
            largest, smallest = float(stats[:, 0].max()), float(stats[:, 1].min())
            if max(counts) <= _CAPACITY:
                break
            band = 0.5 * (band + max(largest - 1.0, 1.0 - smallest))
        found = [np.concatenate([a[b, :c] for b, c in enumerate(counts)]) for a in (rows, columns, inverse)]
        return Found(largest, smallest, *found), band

    def _add(self, rows: IntArray, columns: IntArray, inverse: FloatArray) -> None:
        m = self.white.shape[0]
        code = np.concatenate([self.rows * m + self.columns, rows * m + columns])
        _, first = np.unique(code, return_index=True)  # sorted by (row, column)
        self.rows = np.concatenate([self.rows, rows])[first]
        self.columns = np.concatenate([self.columns, columns])[first]
        self.inverse = np.concatenate([self.inverse, inverse])[first]
        self._arrange()

    def _arrange(self) -> None:
        """Give numbers to the points that take part, and order the list by squares of near points."""
        self.busy = distinct(np.concatenate([self.chosen, self.rows, self.columns]))
        self.busy_white = np.ascontiguousarray(self.white[self.busy])
        self.at_landmarks = np.searchsorted(self.busy, self.chosen)
        places = np.searchsorted(self.busy, np.stack([self.rows, self.columns]))
        squares = places // _NEAR
        order = np.lexsort((places[1], places[0], squares[1], squares[0]))
        self.rows, self.columns, self.inverse = self.rows[order], self.columns[order], self.inverse[order]
        self.places = np.ascontiguousarray(places[:, order])


def refine(
    Z: FloatArray,
    landmarks: Secants,
    chosen: IntArray,
    P: FloatArray,
    report: Callable[[float, float, Sum, FloatArray], None],
    offer: Callable[[FloatArray, float], None],
) -> tuple[FloatArray, ActivePairs]:
    """Sharpen a map on the pairs that matter among all pairs.

    Parameters
    ----------
    Z : ndarray, shape (m, r)
        All points in coordinates of their span.
    landmarks : Secants
        The pairs of some of the points.
    chosen : ndarray of int
        Which points those are.
    P : ndarray, shape (r, k)
        Map fitted to the landmarks, whitened and transposed.
    report, offer : callable
        Progress after every round, and every map whose full distortion is known.

    Returns
    -------
    P : ndarray
        Map with the smallest distortion over all pairs among the rounds.
    pairs : ActivePairs
        The final set.
    """
    pairs = ActivePairs(Z, landmarks, chosen)
    band = _BAND
    best, best_full, at_set = P, np.inf, 0.0
    sharpness, extra = _FIRST, 0
    while extra <= _EXTRA_ROUNDS:
        largest, smallest = pairs.scan(P, band)
        P = P * float(np.sqrt(2.0 / (largest + smallest)))
        full = (largest - smallest) / (largest + smallest)
        if full < best_full:
            best, best_full = P, full
            offer(best, full)
        if best_full <= ROUNDING or (sharpness >= _LAST and full <= _CLOSE * at_set):
            break
        extra += sharpness >= _LAST
        band = _BAND * full
        mu = sharpness / best_full
        P, end = descend(pairs, P, two_sided(mu), _STEPS, tolerance=1e-5 * best_full)
        P = P * end.rescaling
        at_set = end.scaled_distortion
        report(mu, end.value / mu, end, P)
        sharpness = min(sharpness * _GROWTH, _LAST)
    return best, pairs
