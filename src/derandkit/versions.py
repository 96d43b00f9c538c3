"""Records of older versions, read in the form of the current one.

A new version of a record renames fields or adds some. Reading an old record undoes the renaming and writes null where
the old version claimed nothing; it never invents a claim. The seal stays that of the old text. Whether the claims hold
is for the checks, which look at what `upgraded` returns and say what a version did not claim.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from derandkit.errors import InputError, first_line
from derandkit.records import JsonMapping, JsonObject, parse_record, seal
from derandkit.schemas.reader import misfit, published
from derandkit.words.quoting import clipped, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Schema -> the version that is written now.
CURRENT = {
    "derandkit-constrained-cut": 2,
    "derandkit-derandomization": 1,
    "derandkit-embedding": 4,
    "derandkit-features": 2,
    "derandkit-maxcut": 3,
    "derandkit-network": 4,
    "derandkit-quadratic": 3,
    "derandkit-ranked-cuts": 1,
    "derandkit-structure": 5,
}

#: Schema -> the first version that makes all claims of the current one: a result that was read from an older one is
#: written as it was.
COMPLETE_SINCE = {"derandkit-embedding": 2, "derandkit-network": 4, "derandkit-structure": 5}

#: Figures about the rows that are left of ``W_perp``, which old records of networks do not have.
OF_ROWS = tuple(
    f"row_{name}{error}" for name in ("bound", "curvature", "gradient") for error in ("", "_error")
)

#: What version 1 of an embedding does not claim, and what it does not claim of held-out points.
NOT_IN_EMBEDDING_1 = ("centre", "output", "ridge", "stretch")
HELDOUT_NOT_IN_1 = ("mean_interval", "pairs")

#: Messages that were reworded: as they were written, and as they are now.
REWORDED = {
    "gap not reached: the cut and the bound hold, the relaxation stopped before its duality gap was met; "
    "raise max_sweeps or loosen gap": "duality gap not reached: the cut and the bound hold, the relaxation stopped "
    "before it was met; raise max_sweeps or loosen duality_gap",
    "gap not reached: value and bound hold, but the relaxation stopped early, so the bound is loose": "duality gap not "
    "reached: value and bound hold, but the relaxation stopped early, so the bound is loose",
    "isometry: the points span no more dimensions than the map has, so distances are kept to rounding": "isometry: "
    "every distance is kept to rounding, since the points lie in as many dimensions as the map has",
    "nothing found: rows that were kept back are predicted no better than by the mean; the target may not depend on "
    "these columns, or the rows are too few to see it": "nothing found: no gain over the mean is sure on rows that "
    "were kept back; the target may not depend on these columns, or the rows are too few to see it",
    "overfitted: the training rows are fitted, rows that were kept back are predicted no better than by the mean; "
    "choose penalty auto, or raise penalty and upper_penalty": "overfitted: the training rows are fitted, and no gain "
    "over the mean is sure on rows that were kept back; choose penalty auto, or raise penalty and upper_penalty",
}


#: Messages of version 0.3.0 that say less, in records of the current form: a result has those of today.
EARLIER = {
    "isometry: every distance is kept to rounding, since the points lie in as many dimensions as the map has": (
        "isometry: every distance is kept to rounding, since the points lie in as many dimensions as the map has, to "
        "1e-9 of their size"
    ),
    "optimal: no solution is better, the bound is certified": (
        "optimal: no solution with the fixed values is better, the bound is certified"
    ),
}


@contextmanager
def rebuilding(text: str, schema: str) -> Iterator[tuple[JsonObject, JsonObject | None]]:
    """Give the record in a JSON text to a block that rebuilds a result from it.

    The block gets the record in the form of the current version, and the record as it was written where that claims
    less (`claims_less`).

    Parameters
    ----------
    text : str
        What `derandkit.records.canonical_json` wrote.
    schema : str
        The kind of record.

    Raises
    ------
    InputError
        The text is no record of that kind or of no version that can be read, it has not the published form, or the
        block misses something in it.

    Notes
    -----
    O(size of the text): the form is checked, so that a result has values of the types that it promises. Claims are not.

    Examples
    --------
    >>> text = '{"schema": "derandkit-maxcut", "schema_version": 3, "cut_value": "many"}'
    >>> with rebuilding(text, "derandkit-maxcut") as (record, original):
    ...     record["cut_value"]
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: is not a complete derandkit-maxcut record: the record has no 'bound'
    """
    try:
        written = parse_record(text)
        if written.get("schema") != schema:
            raise InputError(f"is not a {schema} record")
        record = upgraded(written)
        if record.get("schema_version") != CURRENT[schema]:
            raise InputError(unknown_version(written, schema))
        first = (schema, written["schema_version"]) == ("derandkit-embedding", 1)
        unclaimed = NOT_IN_EMBEDDING_1 + HELDOUT_NOT_IN_1 if first else ()
        if wrong := misfit(record, published()[schema], exact=False, unclaimed=unclaimed):
            raise ValueError(wrong)
        yield record, written if claims_less(written) else None
    except InputError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise InputError(f"is not a complete {schema} record: {printable(first_line(error, 300))}") from None


def refuse_unheld(
    written: JsonMapping, record: JsonMapping, again: JsonMapping, *, less: bool = False
) -> None:
    """Refuse a record that says what the result read from it does not hold, and would not be written again.

    Parameters
    ----------
    written : mapping
        The record as the file has it.
    record : mapping
        In the form of the current version.
    again : mapping
        The record of the result in that form. Seals differ where the version does: those of the file are compared with
        what is written there.
    less : bool
        Whether null in `record` is what its version does not claim.

    Raises
    ------
    InputError
        It names the key.

    Examples
    --------
    >>> from derandkit.records import sealed
    >>> refuse_unheld(sealed({"message": "ok"}), {"message": "ok"}, {"message": "ok"})
    >>> refuse_unheld(sealed({"message": "better"}), {"message": "better"}, {"message": "ok"})
    Traceback (most recent call last):
    derandkit.errors.InputError: 'message' is "better", and "ok" where the result is written again; derandkit.verify ...
    """
    part = written.get(PARTS.get(str(written.get("schema")), ("", ()))[0])
    for one in (written, part):
        if isinstance(one, Mapping) and ("seal" in again or "seal" in one) and one.get("seal") != seal(one):
            where = "'seal'" if one is written else "the 'seal' of a part"
            raise InputError(f"{where} is not that of the record: it was changed after it was written")
    at, there, here = _first_difference("", record, again, less)
    if at:
        raise InputError(
            f"{at!r} is {there}, and {here} where the result is written again; derandkit.verify says what is wrong"
        )


def _first_difference(at: str, one: object, other: object, less: bool) -> tuple[str, str, str]:
    """Return the key at which two values differ, and what they are there as JSON; no key if they are one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other} - {"seal"}):
            where = f"{at}.{key}" if at else str(key)
            if key not in one:
                return where, "not there", "there"
            if key not in other:
                return where, "there", "not there"
            if (found := _first_difference(where, one[key], other[key], less))[0]:
                return found
        return "", "", ""
    texts = [json.dumps(value, sort_keys=True, ensure_ascii=False) for value in (one, other)]
    reworded = at == "message" and isinstance(one, str) and EARLIER.get(one) == other
    if texts[0] == texts[1] or reworded or (less and one is None):
        return "", "", ""
    there, here = (clipped(printable(text), 60) for text in texts)
    return at, there, here


def claims_less(record: JsonMapping) -> bool:
    """Whether a record is of a version that does not claim all that the current one does, or claims other means.

    Examples
    --------
    >>> claims_less({"schema": "derandkit-embedding", "schema_version": 1})
    True
    """
    version = record.get("schema_version")
    return type(version) is int and version < COMPLETE_SINCE.get(record.get("schema"), 0)  # type: ignore[arg-type]


def unknown_version(written: JsonMapping, schema: str) -> str:
    """Return in words why a record is of no version that can be read.

    Parameters
    ----------
    written : mapping
        The record as the file has it.
    schema : str
        The kind of record.

    Examples
    --------
    >>> unknown_version({"schema_version": "3"}, "derandkit-maxcut")
    "schema_version '3' is not 2 or 3"
    >>> unknown_version({}, "derandkit-maxcut")
    "the record has no 'schema_version'; it is 2 or 3"
    """
    known = known_versions(schema)
    if "schema_version" not in written:
        return f"the record has no 'schema_version'; it is {known}"
    return f"schema_version {printable(repr(written['schema_version']))[:40]} is not {known}"


def known_versions(schema: str) -> str:
    """Return in words which versions of a kind of record can be read.

    Examples
    --------
    >>> known_versions("derandkit-maxcut"), known_versions("derandkit-ranked-cuts")
    ('2 or 3', '1')
    """
    known = {version for kind, version in STEPS if kind == schema} | {CURRENT[schema]}
    return " or ".join(map(str, sorted(known)))


def upgraded(record: JsonMapping) -> JsonObject:
    """Return a record in the form of the current version of its kind.

    Parameters
    ----------
    record : mapping
        A record of any version; anything may be wrong with it.

    Returns
    -------
    dict
        A copy. A version that is not known, and parts that are not of the form of their version, stay as they are.

    Examples
    --------
    >>> old = {"schema": "derandkit-maxcut", "schema_version": 2, "chain": {"upper_bound": 1.5}}
    >>> upgraded(old)
    {'schema': 'derandkit-maxcut', 'schema_version': 3, 'chain': {'dual_bound': 1.5}}
    >>> upgraded({**old, "schema_version": 2.0})["schema_version"]
    2.0
    """
    now = dict(record)
    schema, version = now.get("schema"), now.get("schema_version")
    if not isinstance(schema, str):
        return now
    while type(version) is int and (schema, version) in STEPS:
        now = STEPS[schema, version](now)
        version += 1
        now["schema_version"] = version
    name, kinds = PARTS.get(schema, ("", ()))
    part = now.get(name)
    if isinstance(part, Mapping) and part.get("schema") in kinds:
        now[name] = upgraded(part)
    return now


def _cut_of_3(record: JsonObject) -> JsonObject:
    """Version 3 of a cut has one meaning of the word gap, and says how the input was read."""
    _rename(record, "chain", {"upper_bound": "dual_bound"})
    _rename(record, "relaxation", {"gap": "duality_gap", "gap_reached": "duality_gap_reached"})
    return _with_reading(_reworded(record), "graph")


def _constrained_of_2(record: JsonObject) -> JsonObject:
    return _with_reading(_reworded(record), "graph")


def _quadratic_of_2(record: JsonObject) -> JsonObject:
    return _with_reading(_reworded(record), "instance")


def _quadratic_of_3(record: JsonObject) -> JsonObject:
    """Version 3 says how the weights of the cut were rounded; before there was one way."""
    _add(record, {"rounding": "nearest"}, "reduction")
    return record


def _embedding_of_2(record: JsonObject) -> JsonObject:
    """Version 2 of an embedding claims more: where the images are centred, what holds for new points, the ridge."""
    _add(record, dict.fromkeys(NOT_IN_EMBEDDING_1))
    _add(record, {"columns": None}, "points")
    held = record.get("heldout")
    if isinstance(held, Mapping) and "matrix" in held:
        left = {key: value for key, value in held.items() if key != "matrix"}
        record["heldout"] = {**left, "siblings": [held["matrix"]]}
    if held is not None:
        _add(record, dict.fromkeys(HELDOUT_NOT_IN_1), "heldout")
    return _reworded(record)


def _embedding_of_3(record: JsonObject) -> JsonObject:
    return _with_reading(record, "points")


def _embedding_of_4(record: JsonObject) -> JsonObject:
    """Version 4 of an embedding knows more than one objective: older records are about the worst pair."""
    _add(record, {"objective": "max", "mean": None})
    return record


def _features_of_2(record: JsonObject) -> JsonObject:
    """Version 2 of features knows more than the Gaussian kernel."""
    _add(record, {"nu": None, "alpha": None})
    if record.get("kernel") != "gaussian":
        record["kernel"] = "of a later version"
    return record


def _structure_of_2(record: JsonObject) -> JsonObject:
    """Version 2 of a structure claims more: what the network gains over the mean, and how penalties were chosen."""
    _add(record, {"ended": record.get("status")})
    _add(
        record,
        dict.fromkeys(("gain", "gain_error", "linear_loss", "mean_loss", "mean_training_loss", "selection")),
    )
    _add(record, {"max_steps": None, "rank": None}, "settings")
    return record


def _structure_of_3(record: JsonObject) -> JsonObject:
    return _with_reading(record, "problem")


def _structure_of_4(record: JsonObject) -> JsonObject:
    """Version 4 of a structure bounds ``W_perp`` by the curvature along its rows as well."""
    _add(record, dict.fromkeys(OF_ROWS))
    return record


def _network_of_2(record: JsonObject) -> JsonObject:
    """Version 2 of a trained network does the same."""
    _add(record, dict.fromkeys(OF_ROWS), "figures")
    return record


def _network_of_3(record: JsonObject) -> JsonObject:
    """Version 3 knows layers that are applied to patches or tokens: older records are about one of whole rows."""
    _add(record, {"places": None})
    return record


def _other_means(record: JsonObject) -> JsonObject:
    """Version 5 of a structure, and 4 of a network, have means of rows; before, eight parts counted the same."""
    return _reworded(record)


def _network_of_4(record: JsonObject) -> JsonObject:
    """Version 4 of a network says more of its outputs: their classes, and whether they were said to be logits."""
    _add(record, {"classes": None, "logits": False})
    return _other_means(record)


def _add(record: JsonObject, fields: JsonMapping, name: str | None = None) -> None:
    """Add what an old version did not claim to a record or a part; it gets no form if the key is there already."""
    part = record if name is None else record.get(name)
    if not isinstance(part, Mapping):
        return
    later = {f"{key} of a later version": None for key in set(fields) & set(part)}
    found = {**part, **{key: value for key, value in fields.items() if key not in part}, **later}
    if name is None:
        record.update(found)
    else:
        record[name] = found


def _rename(record: JsonObject, name: str, names: Mapping[str, str]) -> None:
    """Rename keys of a part; one that has a new name already is not of the old form, and gets no form at all."""
    part = record.get(name)
    if isinstance(part, Mapping):
        later = set(names.values()) & set(part)
        record[name] = {names.get(key, key): value for key, value in part.items()}
        record[name] |= {f"{key} of a later version": None for key in later}


def _reworded(record: JsonObject) -> JsonObject:
    """Write the status and its message as they are written now; a new name in an old record stays wrong."""
    status, message = record.get("status"), record.get("message")
    if status in ("gap_not_reached", "duality_gap_not_reached"):
        record["status"] = "duality_gap_not_reached" if status == "gap_not_reached" else "of a later version"
    if isinstance(message, str):
        record["message"] = REWORDED.get(message, message)
    return record


def _with_reading(record: JsonObject, name: str) -> JsonObject:
    """Say that an old version did not claim how the input was read."""
    _add(record, {"reading": None}, name)
    return record


#: Schema and version -> what makes it a record of the next version.
STEPS: dict[tuple[str, int], Callable[[JsonObject], JsonObject]] = {
    ("derandkit-constrained-cut", 1): _constrained_of_2,
    ("derandkit-embedding", 1): _embedding_of_2,
    ("derandkit-embedding", 2): _embedding_of_3,
    ("derandkit-embedding", 3): _embedding_of_4,
    ("derandkit-features", 1): _features_of_2,
    ("derandkit-maxcut", 2): _cut_of_3,
    ("derandkit-network", 1): _network_of_2,
    ("derandkit-network", 2): _network_of_3,
    ("derandkit-network", 3): _network_of_4,
    ("derandkit-quadratic", 1): _quadratic_of_2,
    ("derandkit-quadratic", 2): _quadratic_of_3,
    ("derandkit-structure", 1): _structure_of_2,
    ("derandkit-structure", 2): _structure_of_3,
    ("derandkit-structure", 3): _structure_of_4,
    ("derandkit-structure", 4): _other_means,
}

#: Schema -> the key under which another record stands, and the kinds it may be.
PARTS = {
    "derandkit-constrained-cut": ("contracted", ("derandkit-maxcut",)),
    "derandkit-quadratic": ("cut", ("derandkit-maxcut", "derandkit-constrained-cut")),
    "derandkit-ranked-cuts": ("best", ("derandkit-maxcut", "derandkit-constrained-cut")),
}
