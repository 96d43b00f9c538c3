"""Check the numbers for new points: the split is derived again by rule, the siblings come from the record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.deviations import Deviations
from derandkit.certificates.embeddings.form import MOST_BOUND, MOST_SIBLINGS
from derandkit.certificates.embeddings.pairs import Pairs, hashed_order
from derandkit.certificates.extremes import greatest
from derandkit.certificates.rows import Table, distinct_rows
from derandkit.records import JsonMapping, decode_array

if TYPE_CHECKING:
    pass


_LARGEST_PART = 1000
_FEWEST_HELD = 4
_FIT_BUDGET = 200_000  # squares of fitted points over all siblings
_SIZE_BUDGET = 2_000_000  # entries of all siblings
_ROUNDING = 2.0**-28


def check_heldout(record: JsonMapping, given: Table, allow_work: float = 1.0) -> tuple[Verdict, str]:
    """Recompute the held-out numbers of a record of good form."""
    claimed = record["heldout"]
    if claimed is None:
        return Verdict.PROVEN, "none"
    table = given.entries
    rows = distinct_rows(table)
    count, held = len(rows), claimed["n_held"]
    first = claimed["pairs"] is None  # version 1: one sibling, no interval
    if (
        not (2 if first else max(_FEWEST_HELD, math.ceil(count / 20)))
        <= held
        <= min(_LARGEST_PART, (count + 1) // 2)
    ):
        return Verdict.FAILED, f"{held} of {count} points are too few or too many to hold out"
    fitted = min(count - held, _LARGEST_PART)
    shape = [record["n_components"], given.width]
    folds = max(
        1, min(MOST_SIBLINGS, count // held, _FIT_BUDGET // fitted**2, _SIZE_BUDGET // math.prod(shape))
    )
    folds = 1 if first else folds
    siblings = claimed["siblings"]
    if claimed["n_fitted"] != fitted or len(siblings) != folds or any(s["shape"] != shape for s in siblings):
        return (
            Verdict.FAILED,
            f"{folds} siblings of shape {shape} fitted to {fitted} points each are expected",
        )
    order = hashed_order(count)
    low = high = total = slack = errors = variance = 0.0
    everything = Deviations()
    for fold, sibling in enumerate(siblings):
        A = decode_array(sibling)
        if not np.isfinite(A).all() or float(np.max(np.abs(A))) > 2.0**100:
            return Verdict.FAILED, "a sibling is not finite"
        part = np.sort(order[fold * held : (fold + 1) * held])
        found = Pairs(centred(table[rows[part]]), given.cut(A), by_point=True, allow_work=allow_work / folds)
        found.refuse_if_unfinished()
        low, high = greatest(low, found.low), greatest(high, found.high)
        slack = greatest(slack, found.bound)
        total += found.mean * found.count
        errors += found.mean_error * found.count
        variance += (found.count * found.standard_error) ** 2
        everything.merge(found.deviations)
    pairs = everything.count
    if not pairs:
        return Verdict.FAILED, "no pair of points held out is apart"
    mean, error = total / pairs, math.sqrt(variance) / pairs
    edge, above = everything.quantile(0.99)
    if not slack <= MOST_BOUND:
        return Verdict.FAILED, f"a sibling cancels so far that ratios are known to {slack:.2g} only"
    slack += _ROUNDING
    off = errors / pairs + _ROUNDING + 1e-11 * mean
    interval = [max(mean - 2.0 * error, 0.0), mean + 2.0 * error]
    good = (
        (first or claimed["pairs"] == pairs)
        and low - slack <= claimed["max"] <= high + slack
        and abs(claimed["mean"] - mean) <= off
        and (
            first
            or all(
                abs(a - b) <= off + 8.0 * slack
                for a, b in zip(claimed["mean_interval"], interval, strict=True)
            )
        )
        and edge - slack <= claimed["p99"] <= above * (1.0 + 2.0**-10) + 1.001 * slack
    )
    return Verdict.RECOMPUTED if good else Verdict.FAILED, (
        f"max {high:.6g}, mean {mean:.6g} over {pairs} pairs of points that {folds} siblings were measured on, each to "
        f"{max(slack, off):.1g}"
    )
