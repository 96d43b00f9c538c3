"""Compiled loops of the search by clusters: contract strong couplings level by level, and improve on the way back.

Everything is written in the gauge of one cut: ``k_ij = -a_ij s_i s_j`` is positive where the cut treats the edge as
its weight wants, so that turning nothing is the cut itself. A vertex of a level stands for a cluster of vertices of the
level before, and turning it moves the whole cluster. Serial, in double precision, with numbers from an explicit stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.jit import kernel

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray, IntArray, SignArray, WordArray


@kernel
def contract_rows(rows: FloatArray, labels: IntArray, small: FloatArray) -> None:
    """Add up the couplings between clusters; those within one are left out."""
    small[:, :] = 0.0
    n = labels.size
    for i in range(n):
        into = small[labels[i]]
        for j in range(n):
            into[labels[j]] += rows[i, j]
    for c in range(small.shape[0]):
        small[c, c] = 0.0


@kernel
def coarsen(rows: FloatArray, noise: float, order: IntArray, labels: IntArray, stream: WordArray) -> int:
    """Pair vertices in a random order, each with the free one to which its coupling times chance is greatest.

    Only positive couplings count. Returns the number of clusters.
    """
    n = rows.shape[0]
    x = stream[0]
    for i in range(n):
        order[i] = i
        labels[i] = -1
    for i in range(n - 1, 0, -1):
        x ^= x << np.uint64(13)
        x ^= x >> np.uint64(7)
        x ^= x << np.uint64(17)
        j = int(x >> np.uint64(33)) % (i + 1)
        order[i], order[j] = order[j], order[i]
    clusters = 0
    for k in range(n):
        i = order[k]
        if labels[i] >= 0:
            continue
        mate, most = -1, 0.0
        for j in range(n):
            if labels[j] < 0 and rows[i, j] > most and j != i:
                x ^= x << np.uint64(13)
                x ^= x >> np.uint64(7)
                x ^= x << np.uint64(17)
                worth = rows[i, j] * (1.0 - noise * (float(x >> np.uint64(11)) / 9007199254740992.0))
                if worth > most:
                    mate, most = j, worth
        labels[i] = clusters
        if mate >= 0:
            labels[mate] = clusters
        clusters += 1
    stream[0] = x
    return clusters


@kernel
def turn_clusters(
    rows: FloatArray,
    turned: FloatArray,
    fields: FloatArray,
    held: IntArray,
    best: FloatArray,
    patience: int,
    least: float,
    stream: WordArray,
) -> tuple[float, int]:
    """Tabu search among the vertices of one level; leave the best turns in `turned`.

    Returns the gain in couplings, and how many turns it took. It ends after `patience` turns that gain at most `least`.
    """
    n = rows.shape[0]
    x = stream[0]
    for i in range(n):
        fields[i] = 0.0
        held[i] = 0
        best[i] = turned[i]
    for i in range(n):
        row, t = rows[i], turned[i]
        for j in range(n):
            fields[j] += row[j] * t
    now, top, vain, step = 0.0, 0.0, 0, 0
    while vain < patience:
        step += 1
        flip, gain = -1, -np.inf
        for i in range(n):
            g = -2.0 * turned[i] * fields[i]
            if g > gain and (held[i] <= step or now + g > top + least):
                flip, gain = i, g
        if flip < 0:
            vain += 1
            continue
        now += gain
        t = -turned[flip]
        turned[flip] = t
        row, twice = rows[flip], 2.0 * t
        for j in range(n):
            fields[j] += twice * row[j]
        x ^= x << np.uint64(13)
        x ^= x >> np.uint64(7)
        x ^= x << np.uint64(17)
        held[flip] = step + n // 20 + 1 + int(x >> np.uint64(33)) % (n // 10 + 3)
        if now > top + least:
            top, vain = now, 0
            for i in range(n):
                best[i] = turned[i]
        else:
            vain += 1
    for i in range(n):
        turned[i] = best[i]
    stream[0] = x
    return top, step


@kernel
def settle_clusters(
    rows: FloatArray,
    signs: SignArray,
    most: int,
    enough: float,
    patience: int,
    smallest: int,
    noise: float,
    least: float,
    levels: FloatArray,
    labels: IntArray,
    work: FloatArray,
    held: IntArray,
    stream: WordArray,
    counts: IntArray,
) -> float:
    """Improve a cut by cycles through the levels until `patience` of them in a row gain nothing, and return the gain.

    Stops as well when the gain is `enough` or when `most` entries of matrices were passed. `levels` has room for the
    matrices of all levels, `labels` for their clusters, `work` for three vectors. ``counts[0]`` becomes the entries
    that were passed, ``counts[1]`` the cycles without a gain at the end; it begins from what is there.
    """
    n = signs.size
    total, passed, vain = 0.0, 0, counts[1]
    sizes, starts, begins = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    while vain < patience and total < enough and passed < most:
        size, depth, at, label_at = n, 0, 0, 0
        for i in range(n):
            for j in range(n):
                levels[i * n + j] = rows[i, j] * signs[i] * signs[j]
        while True:
            sizes[depth], starts[depth], begins[depth] = size, at, label_at
            matrix = levels[at : at + size * size].reshape(size, size)
            passed += 4 * size * size
            if size <= smallest or depth == 63:
                break
            clusters = coarsen(matrix, noise, held[:size], labels[label_at : label_at + size], stream)
            at += size * size
            room = at + clusters * clusters <= levels.size and label_at + size + clusters <= labels.size
            if clusters == size or not room:
                break
            small = levels[at : at + clusters * clusters].reshape(clusters, clusters)
            contract_rows(matrix, labels[label_at : label_at + size], small)
            label_at += size
            size, depth = clusters, depth + 1
        turned, fields, best = work[0], work[1], work[2]
        for i in range(size):
            turned[i] = 1.0
        gained = 0.0
        for level in range(depth, -1, -1):
            size = sizes[level]
            if level < depth:
                for i in range(sizes[level + 1]):
                    best[i] = turned[i]
                for i in range(size):
                    turned[i] = best[labels[begins[level] + i]]
            matrix = levels[starts[level] : starts[level] + size * size].reshape(size, size)
            more, steps = turn_clusters(
                matrix, turned[:size], fields[:size], held[:size], best[:size], size + 1, least, stream
            )
            gained += more
            passed += 2 * steps * size
        if gained > least:
            vain = 0
            for i in range(n):
                if turned[i] < 0.0:
                    signs[i] = -signs[i]
        else:
            vain += 1
        total += gained
    counts[0], counts[1] = passed, vain
    return total
