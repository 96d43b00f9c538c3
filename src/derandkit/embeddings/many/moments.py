"""What a map does to the pairs of very many rows: one mean over all pairs from moments, one over stated pairs.

With ``P = A'A - I`` and ``q(x) = x'Px`` the squared distance of a pair changes by ``d'Pd = q(x) + q(y) - 2 x'Py``. So

    sum_ij (d'Pd)^2 = 2 n sum q^2 + 2 (sum q)^2 + 4 tr(P C P C) - 8 (sum q x)'P (sum x),   C = sum x x'

over all n^2 ordered pairs, which needs no pair at all: O(n d^2), two passes over the rows. Divided by the same sum for
P = I, which is ``sum_ij |d|^4``, it is the mean of ``(r - 1)^2`` in which a pair counts ``|d|^4`` times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.embeddings.many.pairs import measure_pairs
from derandkit.embeddings.many.passes import Passes
from derandkit.embeddings.result import EmbeddingResult
from derandkit.errors import InputError
from derandkit.options import check_kind, check_whole
from derandkit.points.rows import sample_of
from derandkit.points.suspects.names import names_read
from derandkit.tables import Tabled
from derandkit.words.digits import digits_above, digits_below

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

_UNIT = 2.0**-53
_CONFIDENCE = 1.96  # 95 per cent of a normal distribution

SPREAD = 8
"""Rows that take part in the sampled pairs, for each row whose pairs would be as many."""


@dataclass(frozen=True)
class RowsMeasured(Tabled):
    """What a map does to all pairs of rows, with weights, and to a sample of pairs.

    r is the ratio of the squared distances of a pair after and before.

    Parameters
    ----------
    n : int
        Rows, so that there are ``n (n - 1) / 2`` pairs.
    weighted_rms : float
        Root of the mean of ``(r - 1)^2`` over all pairs, the pair (i, j) counting ``|x_i - x_j|^4`` times.
    margin : float
        Bound on its rounding error.
    sampled : int
        Rows of the sample.
    sampled_pairs : int
        Pairs of them that were measured: each row in equally many, but for pairs of equal rows, which have no ratio.
    sample_rms, sample_max : float or None
        Root mean square and greatest ``|r - 1|`` over the pairs of the sample, unweighted; None without a pair.
    sample_mean : float or None
        Mean ``|r - 1|`` over the pairs of the sample: an estimate for all pairs of different rows.
    interval : tuple of float, or None
        95 per cent confidence interval of that mean, as if the rows of the sample were drawn at random; None below 20
        different rows.
    different : int
        Different rows of the sample.

    Examples
    --------
    >>> from derandkit import embed
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> found = measure_rows(square, embed(square, n_components=2))
    >>> found.n, found.sampled, found.weighted_rms < 1e-6
    (4, 4, True)
    """

    n: int
    weighted_rms: float
    margin: float
    sampled: int
    sampled_pairs: int
    sample_rms: float | None
    sample_max: float | None
    sample_mean: float | None
    interval: tuple[float, float] | None
    different: int

    def table_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table."""
        rows: list[tuple[str, ...]] = [
            ("rows", f"{self.n}, {self.n * (self.n - 1) // 2} pairs"),
            (
                "rms |r - 1|, all pairs weighted",
                f"{self.weighted_rms:.6g} (rounding at most {digits_above(self.margin, 1)})",
            ),
        ]
        spread = "each row in equally many"
        if self.different < self.sampled:
            spread = f"{self.different} of them different; pairs of equal rows are left out"
        rows.append(("sample", f"{self.sampled_pairs} pairs of {self.sampled} rows, {spread}"))
        if self.sample_mean is None:
            return rows
        interval = "no interval: too few different rows"
        if self.interval is not None:
            low, high = self.interval
            interval = f"95% interval {digits_below(low, 6)} to {digits_above(high, 6)}"
        return [
            *rows,
            ("greatest |r - 1| of the sample", f"{self.sample_max:.6g}"),
            ("rms |r - 1| of the sample", f"{self.sample_rms:.6g}"),
            ("mean |r - 1| of the sample", f"{self.sample_mean:.6g}, {interval}"),
        ]


@np.errstate(under="ignore", over="ignore", invalid="ignore")  # a pass of other numbers is refused at its end
def measure_rows(
    source: object, result: EmbeddingResult, *, sample: int = 2048, skip: int = 0
) -> RowsMeasured:
    """Measure a map on rows that are too many for their pairs to be looked at one by one.

    Parameters
    ----------
    source : array_like of shape (n, d), path of a ``.npy`` or ``.parquet`` file, or callable
        The rows. A ``.npy`` file is mapped into memory; a callable returns an iterable of tables, the same each time.
        Columns with names are those of the fitted points, in any order; others are left out.
    result : EmbeddingResult
        The map, fitted to any rows: for example to ``sample_rows(source, 2048)``.
    sample : int
        As many pairs are measured one by one as this number of rows has, spread over eight times as many rows.
    skip : int
        Rows of the rule of `sample_rows` that the sample leaves out, because the map was fitted to them.

    Returns
    -------
    RowsMeasured
        O((n d + sample^2) (d + k)) operations and O(d^2 + sample d) memory, in two passes over the rows and one for the
        sample. It is no certificate: a record is about the rows that were fitted.

    Raises
    ------
    InputError
        If the rows cannot be used, have another number of columns than the map, or lack a name of the fitted points; or
        a callable gives other rows in a later pass.

    Examples
    --------
    >>> from derandkit import embed, sample_rows
    >>> X = np.sin(np.arange(3000.0) ** 2).reshape(500, 6)
    >>> result = embed(sample_rows(X, 60), n_components=4, objective="mean", holdout=False)
    >>> found = measure_rows(X, result, sample=60, skip=60)
    >>> found.n, found.sampled, round(found.weighted_rms, 2), found.interval[0] < found.sample_mean
    (500, 440, 0.31, True)
    """
    check_kind("result", result, EmbeddingResult, "derandkit.embed(...)")
    check_whole("sample", sample, 2)
    check_whole("skip", skip)
    A = result.matrix
    columns = names_read(result.points.columns, result.points.reading)
    passes = Passes(source, columns)
    centre, size, n = _centre_and_size(passes, A.shape[1])
    exponent = int(np.frexp(size)[1])
    middle = np.ldexp(centre, -exponent)
    k, d = A.shape
    C, first = np.zeros((d, d)), np.zeros(d)
    cross, own = np.zeros(d), np.zeros(d)  # sum q x and sum |x|^2 x
    changes, lengths = np.zeros(3), np.zeros(3)  # sums of q, q^2, |q|, and the same of |x|^2
    for block in passes.blocks():
        X = np.ldexp(block, -exponent) - middle
        squares = np.einsum("ij,ij->i", X, X)
        Y = X @ A.T
        q = np.einsum("ij,ij->i", Y, Y) - squares
        C += X.T @ X
        first += X.sum(axis=0)
        cross += q @ X
        own += squares @ X
        changes += q.sum(), q @ q, np.abs(q).sum()
        lengths += squares.sum(), squares @ squares, squares.sum()
    total = (
        2.0 * n * lengths[1] + 2.0 * lengths[0] ** 2 + 4.0 * float(np.sum(C * C)) - 8.0 * float(own @ first)
    )
    if not total > 0.0:
        raise InputError(f"all {n} rows are equal, so there are no distances")
    PC = A.T @ (A @ C) - C
    moved = A.T @ (A @ first) - first
    terms = np.array(
        [
            2.0 * n * changes[1],
            2.0 * changes[0] ** 2,
            4.0 * float(np.sum(PC * PC.T)),
            -8.0 * float(cross @ moved),
        ]
    )
    mean = max(float(np.sum(terms)), 0.0) / total
    # each sum of m terms is off by at most m roundings of the sizes of its terms, whatever their order; those are at
    # most 16 n sum |x|^4 together by Cauchy's inequality, times `stretch` squared in `terms`, and cancel off the mean
    stretch = 1.0 + float(np.sum(A * A))
    loose = 32.0 * (n + d + k + 64) * _UNIT * stretch**2 * (n * lengths[1] / total)
    rms = float(np.sqrt(mean))
    margin = max(rms - float(np.sqrt(max(mean - loose, 0.0))), float(np.sqrt(mean + loose)) - rms)
    rows = sample_of(passes.blocks(), SPREAD * sample, skip)
    found = measure_pairs(rows, A, sample * (sample - 1) // 2)
    interval = None
    if found.mean is not None and found.standard_error is not None:
        off = _CONFIDENCE * found.standard_error
        interval = max(found.mean - off, 0.0), found.mean + off
    return RowsMeasured(
        n=n,
        weighted_rms=rms,
        margin=margin,
        sampled=len(rows),
        sampled_pairs=found.pairs,
        sample_rms=found.rms,
        sample_max=found.greatest,
        sample_mean=found.mean,
        interval=interval,
        different=found.different,
    )


def _centre_and_size(passes: Passes, width: int) -> tuple[FloatArray, float, int]:
    """Return the mean of the rows, the greatest entry, and the number of rows."""
    n, size, centre = 0, 0.0, np.zeros(width)
    for block in passes.blocks():
        if block.shape[1] != width:
            raise InputError(f"the map takes rows of {width} numbers, got {block.shape[1]}")
        if not n:  # differences from a row are small where an offset is large, and their sum loses little
            centre = np.array(block[0], dtype=np.float64)
        n += len(block)
        size = max(size, float(np.max(np.abs(block))))
        # the running mean, without overflow: a difference of the greatest doubles is taken of their halves
        centre += 2.0 * np.sum((0.5 * block - 0.5 * centre) / n, axis=0)
    if n < 2:
        raise InputError(f"at least two rows are needed, got {n}")
    return centre, size, n
