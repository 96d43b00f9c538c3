"""The form of a cut record: which keys its objects have, and of what type their values are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: Longest text and longest list of provenance that a record may hold.
MAX_TEXT, MAX_ROWS = 2_000, 100_000

_NUMBER = (int, float)
#: Which keys an object of the record has, and of what type a value is; "" is the record itself.
_FORM: dict[str, Any] = {
    "": frozenset(
        ["bound", "bound_status", "certificate", "chain", "cut_value", "gap", "graph", "guarantee", "history",
         "message", "method", "partition", "proven_optimal", "relaxation", "schema", "schema_version", "seal",
         "search", "stationarity", "status", "upper_bound"]
    ),
    "bound": frozenset(
        ["dual_bound", "dual_method", "dual_status", "method", "proof_bound", "proof_method", "reason", "rounding",
         "status"]
    ),
    "certificate": frozenset(["derandomized_sides", "diagonal", "mean", "proof", "sides", "smoothing", "vectors"]),
    "chain": frozenset(
        ["cut_value", "derandomized_cut", "final_expectation", "sdp_value", "start_expectation", "upper_bound"]
    ),
    "graph": frozenset(["digest", "m", "n", "total_weight"]),
    "guarantee": frozenset(["holds", "negative_weight", "ratio", "statement", "value"]),
    "relaxation": frozenset(["gap", "gap_reached", "method", "rank", "sweeps"]),
    "stationarity": frozenset(
        ["curvature_method", "mean_gradient_norm", "penalty", "smallest_curvature", "spread_bound",
         "spread_gradient_norm", "spread_norm"]
    ),
    "history": frozenset(["expectation", "smoothing", "spread_norm"]),
    "schema_version": int,
    "cut_value": _NUMBER,
    "upper_bound": _NUMBER,
    "gap": float,
    "proven_optimal": bool,
    "bound.dual_bound": float,
    "chain.sdp_value": float,
    "chain.start_expectation": float,
    "chain.final_expectation": float,
    "guarantee.ratio": float,
    "guarantee.negative_weight": _NUMBER,
    "guarantee.value": float,
    "guarantee.holds": bool,
    "stationarity.spread_norm": float,
    "stationarity.spread_gradient_norm": float,
    "stationarity.mean_gradient_norm": float,
    "stationarity.smallest_curvature": float,
    "stationarity.penalty": float,
    "relaxation.gap": float,
    "relaxation.gap_reached": bool,
    "relaxation.rank": int,
    "relaxation.sweeps": int,
    "certificate.smoothing": float,
}  # fmt: skip


def check_form(record: Mapping[str, Any]) -> tuple[bool, str]:
    """Compare keys and types of a record with the table."""
    for path, kind in _FORM.items():
        value: Any = record
        for key in path.split(".") if path else ():
            value = value[key]
        if isinstance(kind, frozenset):
            if set(value) != kind:
                odd = sorted(set(value) ^ kind)
                return False, f"{path or 'the record'} has unknown or missing keys: {', '.join(odd)}"
        elif not (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
            return False, f"{path} must be of type {getattr(kind, '__name__', 'number')}"
    return True, "every key that belongs here, and no other"


def check_provenance(record: Mapping[str, Any]) -> bool:
    """Look at the form of how the run went, which no figure shows: printable texts and numbers of bounded size."""
    texts = [record["method"], record["relaxation"]["method"], record["bound"]["reason"] or ""]
    columns = list(record["history"].values())
    rows = {len(column) for column in columns if isinstance(column, list)}
    return (
        all(isinstance(text, str) and len(text) <= MAX_TEXT and text.isprintable() for text in texts)
        and len(rows) == 1
        and max(rows) <= MAX_ROWS
        and all(type(x) is float and math.isfinite(x) for column in columns for x in column)
        and record["relaxation"]["sweeps"] >= 0
    )
