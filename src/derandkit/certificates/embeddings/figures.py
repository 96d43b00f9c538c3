"""Compare the figures of an embedding record with the intervals that were found over all pairs."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict, proven
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.form import MOST_BOUND
from derandkit.certificates.embeddings.pairs import LEVELS, Pairs
from derandkit.certificates.rows import distinct_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.certificates.embeddings.spectrum import Interval
    from derandkit.certificates.embeddings.written import Output
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

_FAIR_MARGIN = 2.0**-27  # a margin up to here hides nothing that matters
_VAGUE = 1e-5  # a figure that is known to less is not proven


def too_wide(record: JsonMapping, found: Pairs) -> str:
    """Say why a figure within the margin of the record says nothing, or nothing: for every check that allows it.

    Parameters
    ----------
    record : mapping
        The record.
    found : Pairs
        What was measured.
    """
    found.refuse_if_unfinished()
    if not found.bound <= MOST_BOUND:
        return f"ratios are known to {found.bound:.2g} only"
    most = _widest_margin(found)
    return (
        "" if record["margin"] <= most else f"the margin of {record['margin']:.2g} is wider than {most:.2g}"
    )


def _widest_margin(found: Pairs) -> float:
    """Return the widest margin that a record may have: rounding grows with the number of columns."""
    return max(_FAIR_MARGIN, 8.0 * found.bound)


def check_ratios(
    record: JsonMapping, table: NDArray[np.generic], found: Pairs, A: FloatArray
) -> tuple[Verdict, str]:
    """Compare the extremes; the worst pair is measured apart."""
    claimed = record["points"]
    if claimed["coincident"]:
        return Verdict.FAILED, f"{claimed['coincident']} pairs of different points were left out"
    if wide := too_wide(record, found):
        return Verdict.FAILED, wide
    distortion, margin, scaled = record["distortion"], record["margin"], record["scaled_distortion"]
    low, high = scaled_within(found.largest, found.smallest)
    if not high - low <= _VAGUE:
        return Verdict.FAILED, f"the scaled distortion is known to {high - low:.2g} only"
    i, j = record["worst_pair"]
    worst = -math.inf  # no pair at all is worse than any, where the distortion is all rounding
    if 0 <= i < j < table.shape[0] and (table[i] != table[j]).any():
        pair = Pairs(centred(table[[i, j]]), A)
        worst = pair.high if pair.bound <= MOST_BOUND else -math.inf
    good = (
        math.nextafter(distortion - margin, -math.inf) <= found.low
        and found.high <= math.nextafter(distortion + margin, math.inf)
        and low - margin <= scaled <= high + margin
        and worst >= found.low - margin
        and claimed["pairs"] == found.count
    )
    return proven(good), (
        f"distortion {distortion!r} within {margin:.2g} claimed, {found.low!r} to {found.high!r} found "
        f"over {found.count} pairs; after the best rescaling {scaled:.12g} claimed, {low:.12g} to {high:.12g} found"
    )


def scaled_within(largest: Interval, smallest: Interval) -> Interval:
    """Interval of the distortion after the best rescaling, from those of the extreme ratios.

    It is 1 if every point goes to one, and anything from 0 to 1 where nothing is known of the ratios beside their size.

    Examples
    --------
    >>> scaled_within((3.0, 3.0), (1.0, 1.0)), scaled_within((0.0, 0.0), (0.0, 0.0))
    ((0.5, 0.5), (1.0, 1.0))
    >>> scaled_within((0.0, 1e-16), (0.0, 1e-16))
    (0.0, 1.0)
    """
    ends = [
        (top - bottom) / (top + bottom) if not top + bottom <= 0.0 else float(found <= 0.0)
        for top, bottom, found in (
            (largest[0], smallest[1], largest[1]),
            (largest[1], smallest[0], largest[1]),
        )
    ]
    return max(ends[0], 0.0), ends[1]


def check_quantiles(record: JsonMapping, found: Pairs) -> tuple[bool, str]:
    """Compare the mean and the quantiles, which are upper edges of bins."""
    if wide := too_wide(record, found):
        return False, wide
    claimed, margin = record["quantiles"], record["margin"]
    spare = found.mean_error + margin + 1e-11 * found.mean
    good = abs(claimed["mean"] - found.mean) <= spare
    slack = 1.001 * (found.bound + margin) + 2.0**-59
    for name in LEVELS:
        # an upper bin edge, at most 2^-10 above
        low, high = found.edges[name]
        off = slack + 1e-7 * low
        good = good and low - off <= claimed[name] <= high * (1.0 + 2.0**-10) + off
    return good, (
        f"mean {found.mean:.6g}, median {found.edges['p50'][0]:.6g}, 99 % {found.edges['p99'][0]:.6g}; the mean to "
        f"{spare:.1g}, quantiles to {slack:.1g} and 1e-7 of themselves, or up to 0.1 % above"
    )


def check_output(
    record: JsonMapping, table: NDArray[np.generic], output: Output, found: Pairs
) -> tuple[Verdict, str]:
    """Compare what is said of the images as they are written, and the centre."""
    claimed, written = record["output"], found.written
    if not _is_mean(output.centre, table):
        return Verdict.FAILED, "the centre is not the mean of the points"
    if written is None or claimed["dtype"] != written.kind:
        return Verdict.FAILED, f"images are not written as {claimed['dtype']}"
    stated, most = claimed["certified_distortion"], written.most
    if stated is None:
        return proven(bool(written.silence)), f"{written.silence or f'{most!r} found'}: nothing is stated"
    if most is None:
        return Verdict.FAILED, f"{written.silence}: {stated!r} is stated"
    good = most <= stated <= 1.005 * most + 4.0 * _widest_margin(found)
    return proven(good), f"{written.kind} images: at most {stated!r} claimed, {most!r} found"


def _is_mean(centre: FloatArray, table: NDArray[np.generic]) -> bool:
    """Whether a vector is the mean of the different rows, to the rounding of a sum and to the least numbers."""
    X = table[distinct_rows(table)].astype(np.float64)
    size = np.max(np.abs(X), axis=0)
    mean = np.sum(X / len(X), axis=0)
    spare = 4.0 * len(X) * 2.0**-53 * size + (len(X) + 1.0) * 2.0**-1074
    return bool((np.abs(centre - mean) <= spare).all())


def check_chain(record: JsonMapping, found: Pairs) -> tuple[Verdict, str]:
    """Compare the links: every sign in the text holds of the figures beside it."""
    claimed = dict(record["chain"])
    expected = {
        "lower_bound": record["lower_bound"],
        "distortion": record["distortion"],
        "certified_distortion": record["distortion"] + record["margin"],
    }
    if record["guarantee"]["applies"]:
        expected["guaranteed_eps"] = record["guarantee"]["eps"]
    good = (
        claimed == expected
        and claimed["lower_bound"] <= claimed["distortion"] <= claimed["certified_distortion"]
        # the exact distortion of the matrix is at most what is certified, whoever computed it
        and found.high <= claimed["certified_distortion"]
    )
    names = list(expected)
    text = f"{names[0]} {expected[names[0]]:.6g}"
    for before, name in pairwise(names):
        text += f" {'<=' if expected[before] <= expected[name] else '>'} {name} {expected[name]:.6g}"
    return proven(good), text
