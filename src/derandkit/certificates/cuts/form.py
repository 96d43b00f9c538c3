"""The form of a cut record: fields, types and sizes, before anything is decoded.

The same as the JSON Schema ``derandkit/data/schemas/maxcut.json``, in code, so that the check needs no package.
Types are compared exactly: 14.0 is not 14, and true is not 1. Sizes are compared with those of the graph.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from derandkit.certificates.checks import is_reading
from derandkit.records import JsonMapping, JsonObject

SCHEMA = "derandkit-maxcut"
VERSION = 3
STATUSES = (
    "optimal", "solved", "bound_tested", "bound_estimated", "duality_gap_not_reached", "interrupted",
)  # fmt: skip
MOST_CHARACTERS = 2000
#: "solved" says that bound and relaxation are as near as was asked for; a wider gap than this says nothing.
LOOSEST_GAP = 0.1
MOST_STEPS = 100_000

_WHOLE = 2**63
_HEX = re.compile(r"[0-9a-f]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")

Form = Callable[[Any], bool]


def is_real(value: object) -> bool:
    """Whether a value is a finite float."""
    return type(value) is float and math.isfinite(value)


def is_number(value: object) -> bool:
    """Whether a value is an integer or a finite float, and no truth value."""
    return type(value) is int or is_real(value)


def _positive(value: Any) -> bool:
    return is_real(value) and value > 0.0


def _whole(value: object) -> bool:
    return type(value) is int and 0 <= value < _WHOLE


def _truth(value: object) -> bool:
    return type(value) is bool


def _one_of(*values: str) -> Form:
    return lambda value: type(value) is str and value in values


def _text(value: object) -> bool:
    return type(value) is str and len(value) <= MOST_CHARACTERS and value.isprintable()


def _maybe(form: Form) -> Form:
    return lambda value: value is None or form(value)


def _list(form: Form, most: int) -> Form:
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(form, value))


def _sides(n: int) -> Form:
    return lambda value: type(value) is str and len(value) == n and not set(value) - {"+", "-"}


def is_array(value: object, rows: int, axes: int) -> bool:
    """Whether a value is an encoded array of single precision with so many rows, and its text as long as that takes.

    Examples
    --------
    >>> is_array({"base64": "AACAPw==", "dtype": "<f4", "shape": [1]}, 1, 1)
    True
    >>> is_array({"base64": "AACAPw==", "dtype": "<f4", "shape": [10**9]}, 10**9, 1)
    False
    """
    if (
        not isinstance(value, Mapping)
        or set(value) != {"base64", "dtype", "shape"}
        or value["dtype"] != "<f4"
    ):
        return False
    shape, text = value["shape"], value["base64"]
    if not isinstance(shape, list) or len(shape) != axes or not all(type(k) is int and k > 0 for k in shape):
        return False
    size = 4 * math.prod(shape)
    fits = shape[0] == rows and type(text) is str and len(text) == 4 * -(-size // 3)
    return fits and bool(_BASE64.fullmatch(text))


def faults(record: JsonMapping) -> str:
    """Return what is wrong with the form of a record; an empty text if nothing is.

    Sizes are those of the graph as the record states it; that it is this graph is another check.
    """
    about = record.get("graph")
    n = about.get("n") if isinstance(about, Mapping) else None
    if type(n) is not int or n < 1:
        return "graph.n must be a positive integer"
    fields = _fields(n)
    bound = record.get("bound")
    if isinstance(bound, Mapping) and bound.get("dual_method") == "chebyshev":
        fields["bound"]["coin_test"] = _coin_test  # no other bound has one
    evidence = record.get("certificate")
    if isinstance(evidence, Mapping) and "thresholds" in evidence:
        fields["certificate"]["thresholds"] = _thresholds(n)  # a plain hyperplane has none
    if set(record) != set(fields):
        return f"the record has unknown or missing keys: {_difference(record, fields)}"
    for key, form in fields.items():
        value = record[key]
        if isinstance(form, dict):
            if not isinstance(value, Mapping):
                return f"{key} must be an object"
            if set(value) != set(form):
                return f"{key} has unknown or missing keys: {_difference(value, form)}"
            for inner, inner_form in form.items():
                if not inner_form(value[inner]):
                    return f"{key}.{inner} is not of the published form"
        elif not form(value):
            return f"{key} is not of the published form"
    columns = record["history"].values()
    return "" if len({len(column) for column in columns}) == 1 else "the columns of history differ in length"


def _difference(found: JsonMapping, expected: JsonMapping) -> str:
    odd = sorted(map(repr, set(found) ^ set(expected)))
    return ", ".join(odd[:5])[:200]


def _search(value: object) -> bool:
    return isinstance(value, Mapping) and (
        set(value) == {"kernel_m", "kernel_n", "runs", "work"} and all(map(_whole, value.values()))
    )


def _rounding(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"granularity", "steps"}
        and is_real(value["granularity"])
        and _list(_text, 2)(value["steps"])
    )


def _coin_test(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"error_probability", "margin"}
        and all(map(_positive, value.values()))
    )


def _thresholds(n: int) -> Form:
    return lambda value: (
        isinstance(value, Mapping)
        and set(value) == {"beta", "reference"}
        and is_real(value["beta"])
        and 0.0 < value["beta"] <= 1.0
        and _whole(value["reference"])
        and value["reference"] < n
    )


def _fields(n: int) -> JsonObject:
    status = _one_of("certified", "tested", "estimated")
    column = _list(is_real, MOST_STEPS)
    return {
        "schema": _one_of(SCHEMA),
        "schema_version": lambda value: type(value) is int and value == VERSION,
        "seal": lambda value: type(value) is str and bool(_HEX.fullmatch(value)),
        "status": _one_of(*STATUSES),
        "message": _text,
        "method": _text,
        "cut_value": is_number,
        "upper_bound": is_number,
        "bound_status": status,
        "gap": lambda value: is_real(value) and value >= 0.0,
        "proven_optimal": _truth,
        "partition": lambda value: (
            isinstance(value, list)
            and len(value) == 2
            and all(isinstance(side, list) for side in value)
            and len(value[0]) + len(value[1]) == n
        ),
        "chain": {
            "cut_value": is_number,
            "derandomized_cut": is_number,
            "dual_bound": is_real,
            "final_expectation": is_real,
            "sdp_value": is_real,
            "start_expectation": is_real,
        },
        "guarantee": {
            "holds": _truth,
            "negative_weight": is_number,
            "ratio": is_real,
            "statement": _text,
            "value": is_real,
        },
        "stationarity": {
            "curvature_method": _one_of("gershgorin"),
            "mean_gradient_norm": is_real,
            "penalty": lambda value: is_real(value) and value >= 0.0,
            "smallest_curvature": is_real,
            "spread_bound": _maybe(is_real),
            "spread_gradient_norm": is_real,
            "spread_norm": is_real,
        },
        "certificate": {
            "derandomized_sides": _maybe(_sides(n)),
            "diagonal": lambda value: (
                isinstance(value, list) and len(value) == n and all(map(is_real, value))
            ),
            "mean": lambda value: is_array(value, n, 1),
            "proof": _maybe(lambda value: isinstance(value, Mapping)),
            "sides": _sides(n),
            "smoothing": _positive,
            "vectors": _maybe(lambda value: is_array(value, n, 2)),
        },
        "bound": {
            "dual_bound": is_real,
            "dual_method": _one_of(
                "diagonal-dominance", "dense-cholesky", "sparse-ldl", "chebyshev", "lanczos"
            ),
            "dual_status": status,
            "method": _text,
            "proof_bound": _maybe(is_real),
            "proof_method": _maybe(_text),
            "reason": _text,
            "rounding": _maybe(_rounding),
            "status": status,
        },
        "relaxation": {
            "duality_gap": lambda value: _positive(value) and value <= 1.0,
            "duality_gap_reached": _truth,
            "method": _text,
            "rank": lambda value: _whole(value) and value >= 1,
            "sweeps": _whole,
        },
        "search": _maybe(_search),
        "graph": {
            "digest": lambda value: type(value) is str and bool(_HEX.fullmatch(value)),
            "m": _whole,
            "n": _whole,
            "reading": is_reading,
            "total_weight": is_number,
        },
        "history": {"expectation": column, "smoothing": column, "spread_norm": column},
    }
