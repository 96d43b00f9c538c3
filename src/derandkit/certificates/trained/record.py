"""Check a record of a trained network against its rows: what follows from the rows, and from the record's own numbers.

The network itself is not in the record. Who has it can have it certified again; otherwise its derivatives are shown as
not checked, and the record is not ok.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck
from derandkit.certificates.rows import distinct_rows
from derandkit.certificates.statements import another, check_seal
from derandkit.certificates.structure.cost import refuse_costly_whitening
from derandkit.certificates.structure.form import misfit
from derandkit.certificates.trained.again import (
    check_bound,
    check_derivatives,
    check_layer,
    check_residual,
    check_row_bound,
    is_rounding,
)
from derandkit.certificates.trained.classes import check_classes, check_logits, wrong_outputs, wrong_targets
from derandkit.certificates.trained.directions import check_directions, known_before
from derandkit.certificates.trained.figures import PARTS, worked_out
from derandkit.certificates.trained.layer import KNOWN, check_split
from derandkit.certificates.trained.statements import NETWORK
from derandkit.certificates.work import refuse_beyond, refuse_rows
from derandkit.records import decode_array
from derandkit.schemas.reader import published
from derandkit.status import ROW_BOUNDED, ROW_CONTRADICTED, UNSURE_BOUND, ZERO_BOUND, NetworkStatus
from derandkit.versions import CURRENT, OF_ROWS, unknown_version, upgraded
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.certificates.statements import Finding
    from derandkit.certificates.trained.again import Certify
    from derandkit.certificates.trained.classes import Labels
    from derandkit.certificates.trained.figures import Given
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping, JsonObject

SCHEMA = "derandkit-network"
#: Numbers are stored to ten digits.
_ROUNDED = 2e-9
#: The version that bounds ``W_perp`` by the curvature along its rows, and the one whose figures are means of the rows
#: (before, eight parts counted the same), and which names classes.
_ROWS_SINCE, _MEANS_SINCE = 2, 4
#: Operations that singular values take for each entry and number of the shorter side, some times over; their limit.
_VALUES, _MOST_VALUES = 30.0, 2e11
#: The bounds, and by how many standard errors ``|W_perp|`` may be above each.
_BOUNDS = (("lemma_bound", 2.0), ("row_bound", 4.0))
#: Near the bound to this share two machines may differ on which side of it `W_perp` is.
_BORDER = 1e-6


def verify_network(
    record: JsonMapping,
    rows: tuple[FloatArray, FloatArray],
    names: tuple[str, ...] | None = None,
    network: Callable[[], Given] | None = None,
    *,
    labels: Labels | None = None,
    allow_work: float = 1.0,
) -> list[VerificationCheck]:
    """Check what a record of a trained network claims.

    Parameters
    ----------
    record : mapping
        What `NetworkCertificate.to_dict` returned, or the JSON file read back.
    rows : tuple of ndarray
        Inputs, shape (m, d), and targets as the loss takes them, shape (m,) or (m, k).
    names : tuple of str, optional
        Columns of the inputs, where they have names.
    network : callable, optional
        Returns the network that the record is about, which may then be asked for its derivatives; without it
        derivatives and first layer are not checked.
    labels : Labels, optional
        The classes of the rows, and those that the network states; without it claims about classes are not checked.
    allow_work : float
        How many times the usual work a check may cost before it is refused.

    Returns
    -------
    list of VerificationCheck
        One for each row of the table `NETWORK`. After a malformed record or other rows the list ends. Never raises on
        a malformed record.
    """
    written, record = record, upgraded(record)
    checks = [NETWORK.check("schema", _schema, record, written)]
    if not checks[0].passed:
        return checks
    version = written["schema_version"]
    old = version < _ROWS_SINCE
    checks.append(NETWORK.check("seal", check_seal, written))
    checks.append(NETWORK.check("form", _form, record, rows[0], old, allow_work))
    if not checks[-1].passed:
        return checks
    checks.append(NETWORK.check("rows", _rows, record, rows))
    if not checks[-1].passed:
        return checks
    checks.append(NETWORK.check("names", _names, record, names))
    checks.append(
        NETWORK.unclaimed("classes", version)
        if version < _MEANS_SINCE
        else NETWORK.check("classes", check_classes, record, rows[1], labels)
    )
    seen = _seen(record, rows[0])
    alike = version < _MEANS_SINCE
    again = None if network is None else cache(lambda: worked_out(record, rows, network(), alike=alike))
    checks.append(NETWORK.check("split", check_split, record, seen))
    rests = known_before(record, seen)
    checks.append(NETWORK.check("directions", check_directions, record, seen, headline=rests))
    checks.append(NETWORK.check("layer", check_layer, record, again))
    checks.append(NETWORK.check("derivatives", _derivatives, record, rows[0], again, old, alike))
    checks.append(
        NETWORK.unclaimed("logits", version)
        if version < _MEANS_SINCE
        else NETWORK.check("logits", check_logits, record, again)
    )
    checks.append(NETWORK.check("bound", check_bound, record, again))
    checks.append(
        NETWORK.unclaimed("row_bound", written["schema_version"])
        if old
        else NETWORK.check("row_bound", check_row_bound, record, again)
    )
    checks.append(NETWORK.check("residual", check_residual, record, again))
    checks.append(NETWORK.check("decay", _decay, record))
    # without the network the record does not hold for its derivatives, which is where the status comes from
    checks.append(NETWORK.check("status", _status, record, again, old, headline=again is not None))
    return checks


def _schema(record: JsonMapping, written: JsonMapping) -> tuple[bool, str]:
    version, now = written.get("schema_version"), record.get("schema_version")
    good = record.get("schema") == SCHEMA and now == CURRENT[SCHEMA] and type(version) is int
    return (
        good,
        f"{SCHEMA} version {version!r}" if good else unknown_version(written, SCHEMA),
    )


def schema() -> JsonObject:
    """Return the JSON Schema of records of trained networks."""
    return published()[SCHEMA]


def _form(record: JsonMapping, X: FloatArray, old: bool, allow_work: float) -> tuple[bool, str]:
    """Hold the record against the published form, and its arrays against each other."""
    if bad := misfit(dict(record), schema()):
        return False, bad
    if not record["kind"].isprintable():
        return False, "what the network is has to be one short line"
    if (decay := record["decay"]) is not None and not decay["steps"].is_integer():
        return False, "steps of weight decay are no whole number"
    if old and any(record["figures"][name] is not None for name in OF_ROWS):
        return False, "the figures are of a later version"
    if wrong := wrong_outputs(record) or _sizes(record, X, allow_work):
        return False, wrong
    W, b, A = (decode_array(record["parameters"][name]) for name in ("W", "b", "directions"))
    good = all(np.isfinite(part).all() for part in (W, b, A))
    detail = f"first layer {W.shape[0]} x {W.shape[1]}, {len(A)} directions"
    if good and record["places"] is not None:
        places = decode_array(record["places"])
        good = bool((places >= 0).all())
        good = good and bool((np.diff(np.sort(places, axis=None)) > 0).all())
        detail += f", at {len(places)} places"
    return good, detail if good else "arrays do not fit"


def _sizes(record: JsonMapping, X: FloatArray, allow_work: float) -> str | None:
    """Hold the sizes of the arrays against each other, the record and the rows, before an array is decoded.

    Raises
    ------
    WorkError
        The first layer has far more units than the rows are worth, or its singular values take too much work.
    """
    (n, d), units, (q, wide) = (record["parameters"][name]["shape"] for name in ("W", "b", "directions"))
    names, places = record["names"], record["places"]
    if units != [n] or wide != d or q > d or (names is not None and len(names) != d):
        return "arrays do not fit"
    if len(record["singular_values"]) != min(n, d):
        return f"{len(record['singular_values'])} singular values of a first layer {n} x {d}"
    if places is not None and names is not None:
        return "inputs of patches have no names"
    seen, each = (1, X.shape[1]) if places is None else places["shape"]
    if each != d or seen * each > X.shape[1]:  # no input is seen twice
        return f"a first layer {n} x {d} does not see {seen} x {each} of {X.shape[1]} inputs"
    refuse_rows(float(n), float(len(X)), float(d), "the first layer", allow_work)
    refuse_costly_whitening(len(X) * seen, d, allow_work)
    for name, count in (("W", n), ("directions", q)):
        refuse_beyond(
            _VALUES * count * d * min(count, d), _MOST_VALUES, f"singular values of {name}", allow_work
        )
    return None


def _seen(record: JsonMapping, X: FloatArray) -> FloatArray:
    """Return what the first layer sees of rows: the rows, or what it sees at each of its places, shape (m, P, d)."""
    if record["places"] is None:
        return X
    return X[:, decode_array(record["places"]).astype(np.int64)]


def _rows(record: JsonMapping, rows: tuple[FloatArray, FloatArray]) -> tuple[bool, str]:
    X, y = (np.ascontiguousarray(part) for part in rows)
    head = f"derandkit network rows {X.shape} {y.shape}\n".encode("ascii")
    digest = hashlib.sha256(head + X.tobytes() + y.tobytes()).hexdigest()
    if wrong := another("table of rows", record, {"rows": len(X), "digest": digest}):
        return False, wrong
    if wrong := wrong_targets(record["loss"], y):
        return False, wrong
    good = True
    if record["places"] is None:
        good = good and X.shape[1] == record["parameters"]["W"]["shape"][1]
    else:
        good = good and decode_array(record["places"]).max() < X.shape[1]
    return good, f"digest {digest[:12]}..."


def _names(record: JsonMapping, names: tuple[str, ...] | None) -> Finding:
    claimed = record["names"]
    if claimed is None:
        return True, "none are claimed"
    if names is None:
        return Verdict.NOT_CHECKED, "the rows that are given have no names of columns"
    if tuple(claimed) == names:
        return True, f"{len(names)} names of columns are those of the rows"
    wrong = next((pair for pair in zip(claimed, names, strict=False) if pair[0] != pair[1]), None)
    detail = "" if wrong is None else f": {printable(wrong[0])[:60]!r} is {printable(wrong[1])[:60]!r}"
    return False, f"the columns of the rows have other names{detail}"


def _derivatives(
    record: JsonMapping, X: FloatArray, again: Certify | None, old: bool, alike: bool
) -> Finding:
    verdict, detail = check_derivatives(record, again, OF_ROWS if old else ())
    if alike and record["rows"] % PARTS:
        detail += f"; means of {PARTS} parts that count the same, not of the rows"
    if alike and len(distinct_rows(X)) < len(X):
        detail += "; equal rows are in several parts, so standard errors are too small"
    return verdict, detail


def _decay(record: JsonMapping) -> Finding:
    decay = record["decay"]
    if decay is None:
        return Verdict.NOT_CHECKED, "nothing is stated"
    left = abs(1.0 - 2.0 * decay["step_size"] * record["penalty"]) ** decay["steps"]
    if not (math.isfinite(left) and abs(decay["left"] - left) <= _ROUNDED * left):
        return False, f"{left:.4g} would be left"
    steps = f"{decay['steps']:.0f} steps of {decay['step_size']:g}"
    return Verdict.NOT_CHECKED, f"{left:.4g} would be left by {steps}, which are taken as they were stated"


def _status(record: JsonMapping, again: Certify | None, old: bool) -> Finding:
    expected, near = _expected(record, old)
    if record["status"] != expected:
        return False, f"{expected} follows from the numbers"
    if record["message"] not in _messages(record, expected):
        return False, f"{expected} follows from the numbers, and the message is about another bound"
    if again is None:
        return Verdict.NOT_CHECKED, f"{expected} follows from the numbers, which rest on the network"
    if (found := _expected(again().record, old)[0]) == expected:
        if old and expected == "bounded" and _contradicted(again().record):
            return (
                Verdict.NOT_CHECKED,
                f"{expected} follows from the numbers; the bound along the rows, which version 1 does not claim, says "
                "that it is contradicted",
            )
        return True, f"{expected} follows from the numbers"
    detail = f"{expected} follows from the numbers, and {found} is found when certified again"
    return (Verdict.NOT_CHECKED if near else False), detail


def _messages(record: JsonMapping, status: str) -> set[str]:
    """Return what may be said of a status that follows from the numbers: the lemma is named where it decides.

    That `W_perp` is above "the bound" by two errors is true of both, and was said of both once. So was that there is no
    bound of those without a standard error.
    """
    bound, error = (record["figures"][name] for name in ("lemma_bound", "lemma_bound_error"))
    about_lemma = NetworkStatus[status.upper()].value
    if status == "bounded":
        return {about_lemma} if None not in (bound, error) else {ROW_BOUNDED}
    if status == "contradicted" and (
        None in (bound, error) or _within(record["w_perp"], bound + 2.0 * error)
    ):
        return {about_lemma, ROW_CONTRADICTED}
    if status == "no_bound" and any(record["figures"][name] is not None for name, _ in _BOUNDS):
        return {about_lemma, UNSURE_BOUND}
    if status == "no_bound" and _is_zero(record):
        return {ZERO_BOUND}
    return {about_lemma}


def _is_zero(record: JsonMapping) -> bool:
    """Whether curvature and penalty add up to zero, so that the curvature is not more negative than that."""
    low, high = record["figures"]["smallest_curvature"], record["figures"]["largest_curvature"]
    if low is None or high is None:
        return False
    return is_rounding(abs(low + 2.0 * record["penalty"]), high, record["penalty"])


def _contradicted(record: JsonMapping) -> bool:
    """Whether all that is known of a network today contradicts it, also where its record is of an old version."""
    return _expected(record, False)[0] == "contradicted"


def _expected(record: JsonMapping, old: bool) -> tuple[str, bool]:
    """Return the status that follows from the numbers, and whether other machines may see another one.

    The bound along the rows, which old versions do not have, counts with four standard errors, the lemma's with two.
    """
    figures, claimed = record["figures"], (("lemma_bound", 2.0),) if old else _BOUNDS
    pairs = [(figures[name], figures[f"{name}_error"], errors) for name, errors in claimed]
    tops = [bound + errors * error for bound, error, errors in pairs if None not in (bound, error)]
    if not tops:
        return "no_bound", False
    top = min(tops)
    near = abs(record["w_perp"] - top) <= _BORDER * top + KNOWN * max(record["w_perp"], record["w_par"])
    return "bounded" if _within(record["w_perp"], top) else "contradicted", near


def _within(size: float, bound: float) -> bool:
    """Whether a size is at most a bound in the digits that are stored."""
    return size <= bound * (1.0 + _ROUNDED)
