"""Rows that are too many for their pairs: fit on a sample, measure on all.

    python benchmarks/many_rows.py [million | pairs | tokens ...]

"million": 1 000 000 x 128 single-precision rows of a file that is mapped into memory, to 32 dimensions. "pairs": all
4 999 950 000 pairs of 100 000 x 50 rows under a map to 20 dimensions, one by one, on all cores. "tokens": the token
vectors of all-MiniLM-L6-v2, 384 columns to 64, fitted on a sample; recall is that of the 10 nearest rows of 1000
queries among all others. Each case runs in a process of its own. Seconds are CPU seconds of all threads, kernels
compiled, without the making of the data; memory is the peak of the process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from derandkit import embed, measure_rows, sample_rows
from derandkit.embeddings.measure import measure
from derandkit.numerics.hashing import hashed_order
from derandkit.points.cloud import PointCloud
from tables import met, stored

SAMPLE = 2048
HEADER = (
    "rows", "k", "fitted rows", "rms, weighted, all pairs", "mean, sample", "95 % interval", "greatest, all pairs",
    "recall", "CPU s, fit", "CPU s, measure", "peak MB",
)  # fmt: skip
NEIGHBOURS = 10


def synthetic(n, d, out=None):
    """Fill a table with 50 clusters in a space of decaying axes, by a fixed seed."""
    rng = np.random.default_rng(0)
    table = np.empty((n, d), dtype=np.float32) if out is None else out
    axes = (1.0 / np.sqrt(1.0 + np.arange(d))).astype(np.float32)
    centres = 2.0 * rng.standard_normal((50, d)).astype(np.float32) * axes
    for at in range(0, n, 65536):
        rows = min(65536, n - at)
        noise = rng.standard_normal((rows, d), dtype=np.float32) * axes
        table[at : at + rows] = centres[rng.integers(50, size=rows)] + noise
    return table


def fitted(source, k):
    """Return the map of a sample, and the CPU seconds."""
    start = time.process_time()
    result = embed(sample_rows(source, SAMPLE), n_components=k, objective="mean", holdout=False)
    return result, time.process_time() - start


def row(n, d, k, result, fit, seconds, found, greatest="", recall=""):
    """Return a row of the table."""
    low, high = found.interval
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        f"{n} x {d}", k, SAMPLE, f"{found.weighted_rms:.4f}", f"{found.sample_mean:.4f}", f"{low:.4f} to {high:.4f}",
        greatest, recall, f"{fit:.1f}", f"{seconds:.1f}", f"{peak:.0f}",
    ]  # fmt: skip


def million():
    n, d, k = 1_000_000, 128, 32
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.npy")
        table = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, d))
        synthetic(n, d, table)
        table.flush()
        del table
        result, fit = fitted(path, k)
        start = time.process_time()
        found = measure_rows(path, result, sample=SAMPLE, skip=SAMPLE)
        return row(n, d, k, result, fit, time.process_time() - start, found)


def pairs():
    n, d, k = 100_000, 50, 20
    X = synthetic(n, d)
    result, fit = fitted(X, k)
    start = time.process_time()
    whole = measure(PointCloud(X), result.matrix)
    seconds = time.process_time() - start
    found = measure_rows(X, result, sample=SAMPLE, skip=SAMPLE)
    return row(n, d, k, result, fit, seconds, found, f"{whole.distortion:.4f}")


def tokens():
    from embeddings import load

    k = 64
    X = np.asarray(load("minilm"), dtype=np.float64)
    order = hashed_order(len(X))
    queries, base = X[order[:1000]], X[np.sort(order[1000:])]
    result, fit = fitted(base, k)
    start = time.process_time()
    found = measure_rows(base, result, sample=SAMPLE, skip=SAMPLE)
    seconds = time.process_time() - start
    kept = recall(queries, base, result.matrix)
    return row(*base.shape, k, result, fit, seconds, found, "", f"{kept:.3f}")


def recall(queries, base, A):
    """Return the mean share of the nearest rows that a map keeps."""

    def nearest(Q, B):
        distance = np.sum(B * B, axis=1) - 2.0 * Q @ B.T
        return np.argpartition(distance, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]

    before, after = nearest(queries, base), nearest(queries @ A.T, base @ A.T)
    return float(
        np.mean([len(np.intersect1d(a, b)) for a, b in zip(before, after, strict=True)]) / NEIGHBOURS
    )


CASES = {"tokens": tokens, "million": million, "pairs": pairs}


def run(names=tuple(CASES)):
    """Print the table; cases that are not named keep their stored row."""
    rows = []
    for name in names:
        command = [sys.executable, __file__, "--one", name]
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(name, f"{time.monotonic() - begun:.0f} s by the clock with the making of the data", flush=True)
    print(stored("many_rows/reach", HEADER, rows))
    for name, found in zip(names, rows, strict=True):
        if name == "tokens":
            print(
                "tokens in 25 CPU s with a recall of 0.251:",
                met(float(found[7]) >= 0.251 and float(found[8]) <= 25),
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.path.insert(0, str(Path(__file__).parent))
        embed(synthetic(40, 8), n_components=3, objective="mean", holdout=False)  # compile
        print(json.dumps(CASES[sys.argv[2]]()))
    else:
        run(tuple(sys.argv[1:]) or tuple(CASES))
