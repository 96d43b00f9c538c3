"""The form of an embedding record: fields, types and sizes, before anything is decoded.

The same as the JSON Schema ``derandkit/data/schemas/embedding.json``, in code, so that the check needs no package.
Floating-point numbers have to be written as such: 1 is not 1.0, since a canonical record says 1.0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from derandkit.certificates.checks import is_reading
from derandkit.records import JsonMapping

SCHEMA = "derandkit-embedding"
VERSION = 4
METHODS = ("lemma", "probability", "minimax", "conditional")
OBJECTIVES = ("max", "mean", "mean4")
COMPLEMENTS = ("balanced", "isometric", "zero")
STATUSES = ("isometry", "guaranteed", "certified", "interrupted")
#: The message of each status; two more of `certified`, where the dimension promises something.
MESSAGES = {
    "isometry": "isometry: every distance is kept to rounding, "
    "since the points lie in as many dimensions as the map has, to 1e-9 of their size",
    "guaranteed": "guaranteed: the dimension promises a distortion for any points, and the map keeps the promise",
    "certified": "certified: every pair was measured; "
    "the dimension is too small for a promise that holds for any points",
    "interrupted": "interrupted: the map is the best so far and every pair was measured; run again for a better one",
}
#: What was said of an isometry before; true of points that are flat to 1e-12 of their size.
FLATTER = MESSAGES["isometry"].partition(", to ")[0]
UNKEPT = (
    "certified: every pair was measured; the map does not keep what the dimension promises for any points"
)
HIDDEN = (
    "certified: every pair was measured; rounding hides whether the map keeps what the dimension promises for any "
    "points"
)
MOST_SIBLINGS = 5
MOST_STAGES = 10_000
MOST_CANDIDATES = 8
MOST_CHARACTERS = 300
#: The same of the name of a column, which is somebody else's.
MOST_OF_A_NAME = 100_000
#: A ratio that is not known better than this has not been measured: double precision is not enough for the matrix.
MOST_BOUND = 2.0**-20

_WHOLE = 2**53
_HEX = re.compile(r"[0-9a-f]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")

Form = Callable[[Any], bool]


def _real(least: float = -math.inf) -> Form:
    return lambda value: type(value) is float and math.isfinite(value) and value >= least


def _whole(least: int = 0) -> Form:
    return lambda value: type(value) is int and least <= value <= _WHOLE


def _one_of(*values: str) -> Form:
    return lambda value: type(value) is str and value in values


def _text(value: object) -> bool:
    return type(value) is str and len(value) <= MOST_CHARACTERS


def _name(value: object) -> bool:
    return type(value) is str and len(value) <= MOST_OF_A_NAME


def _maybe(form: Form) -> Form:
    return lambda value: value is None or form(value)


def _list(form: Form, least: int, most: int) -> Form:
    return lambda value: isinstance(value, list) and least <= len(value) <= most and all(map(form, value))


def _object(**fields: Form) -> Form:
    return lambda value: (
        isinstance(value, Mapping)
        and set(value) == set(fields)
        and all(form(value[name]) for name, form in fields.items())
    )


def _array(kind: str, axes: int) -> Form:
    def form(value: object) -> bool:
        if not isinstance(value, Mapping) or set(value) != {"base64", "dtype", "shape"}:
            return False
        shape = value["shape"]
        if (
            value["dtype"] != kind
            or not _list(_whole(1), axes, axes)(shape)
            or type(value["base64"]) is not str
        ):
            return False
        # four characters for three bytes: a shape that does not fit its text is refused before it is decoded
        size = math.prod(shape) * int(kind[-1])
        return len(value["base64"]) == 4 * -(-size // 3) and bool(_BASE64.fullmatch(value["base64"]))

    return form


def _either(*forms: Form) -> Form:
    return lambda value: any(form(value) for form in forms)


_SIDES = _object(smallest=_real(0.0), largest=_real(0.0))

FIELDS: Mapping[str, Form] = {
    "schema": _one_of(SCHEMA),
    "schema_version": lambda value: type(value) is int and value == VERSION,
    "seal": lambda value: type(value) is str and bool(_HEX.fullmatch(value)),
    "status": _one_of(*STATUSES),
    "message": _text,
    "objective": _one_of(*OBJECTIVES),
    "method": _one_of(*METHODS),
    "complement": _one_of(*COMPLEMENTS),
    "n_components": _whole(1),
    "distortion": _real(0.0),
    "scaled_distortion": _real(0.0),
    "margin": _real(0.0),
    "lower_bound": _real(0.0),
    "worst_pair": _list(_whole(), 2, 2),
    "quantiles": _object(p50=_real(0.0), p90=_real(0.0), p99=_real(0.0), p999=_real(0.0), mean=_real(0.0)),
    "chain": _either(
        _object(lower_bound=_real(0.0), distortion=_real(0.0), certified_distortion=_real(0.0)),
        _object(
            lower_bound=_real(0.0),
            distortion=_real(0.0),
            certified_distortion=_real(0.0),
            guaranteed_eps=_real(0.0),
        ),
    ),
    "guarantee": _either(
        _object(
            applies=lambda value: value is False,
            eps=lambda value: value is None,
            smallest_dimension=_whole(1),
        ),
        _object(
            applies=lambda value: value is True,
            eps=lambda value: type(value) is float and 0.0 < value < 1.0,
            sharpness=_real(0.0),
            log_psi_start=_real(),
            log_psi_end=_real(),
            smallest_dimension=_whole(1),
        ),
    ),
    "output": _object(dtype=_one_of("float32", "float64"), certified_distortion=_maybe(_real(0.0))),
    "stretch": _object(space=_SIDES, span=_SIDES),
    "matrix": _array("<f8", 2),
    "centre": _array("<f8", 1),
    "points": _object(
        n=_whole(2),
        d=_whole(1),
        rank=_whole(1),
        dtype=_one_of("float32", "float64"),
        digest=lambda value: type(value) is str and bool(_HEX.fullmatch(value)),
        duplicates=_whole(),
        coincident=_whole(),
        pairs=_whole(1),
        columns=_maybe(_list(_name, 1, 1_000_000)),
        reading=is_reading,
    ),
    "heldout": _maybe(
        _object(
            max=_real(0.0),
            p99=_real(0.0),
            mean=_real(0.0),
            mean_interval=_list(_real(), 2, 2),
            pairs=_whole(1),
            n_fitted=_whole(2),
            n_held=_whole(2),
            siblings=_list(_array("<f4", 2), 1, MOST_SIBLINGS),
        )
    ),
    "mean": _maybe(
        _object(
            power=lambda value: type(value) is int and value in (2, 4),
            lower_bound=_real(0.0),
            value=_real(0.0),
            certified=_real(0.0),
            promised=_real(0.0),
            weights=_maybe(_array("<f8", 1)),
            gradient=_maybe(_real(0.0)),
            curvature=_maybe(_real()),
        )
    ),
    "ridge": _maybe(
        _object(
            value=_real(0.0),
            tried=_list(
                _object(ridge=_real(0.0), fitted=_real(0.0), max=_real(0.0), mean=_real(0.0)),
                0,
                MOST_CANDIDATES,
            ),
        )
    ),
    "history": _object(
        distortion=_list(_real(0.0), 0, MOST_STAGES),
        objective=_list(_real(), 0, MOST_STAGES),
        sharpness=_list(_real(0.0), 0, MOST_STAGES),
        spread=_list(_real(0.0), 0, MOST_STAGES),
    ),
    "stats": _object(active_pairs=_whole(), evaluations=_whole(), scans=_whole()),
}


def _nothing(value: object) -> bool:
    return value is None


#: What version 1 does not claim: null in the form of the current version.
NOT_IN_1 = ("centre", "output", "ridge", "stretch")

FIELDS_1: Mapping[str, Form] = {
    **FIELDS,
    **dict.fromkeys(NOT_IN_1, _nothing),
    "heldout": _maybe(
        _object(
            max=_real(0.0),
            p99=_real(0.0),
            mean=_real(0.0),
            mean_interval=_nothing,
            pairs=_nothing,
            n_fitted=_whole(2),
            n_held=_whole(2),
            siblings=_list(_array("<f4", 2), 1, 1),
        )
    ),
}


def faults(record: JsonMapping, version: int = VERSION) -> str:
    """Say what is wrong with the form of a record, or nothing.

    Parameters
    ----------
    record : mapping
        The record, in the form of the current version.
    version : int
        The version that it was written as: what version 1 does not claim is null.

    Examples
    --------
    >>> faults({})[:26]
    'missing centre, chain, com'
    """
    fields = FIELDS_1 if version == 1 else FIELDS
    missing, unknown = sorted(set(fields) - set(record)), sorted(map(str, set(record) - set(fields)))
    if missing or unknown:
        parts = [f"missing {', '.join(missing)}"] if missing else []
        parts += [f"unknown {', '.join(map(repr, unknown))[:100]}"] if unknown else []
        return "; ".join(parts)
    wrong = sorted(name for name, form in fields.items() if not form(record[name]))
    if wrong:
        return f"wrong form: {', '.join(wrong)}"
    lengths = {len(column) for column in record["history"].values()}
    return "" if len(lengths) == 1 else "the columns of the history have different lengths"
