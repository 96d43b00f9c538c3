"""Check a record of features against the points, from first principles and with NumPy only.

The error of every pair is computed again, block by block, with a bound on its rounding. The frequencies are taken as
they are; how they were found does not matter. What each check reaches is listed in `FEATURES`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import (
    WIDEST,
    Verdict,
    VerificationCheck,
    proven,
    read_as,
    same_json,
    vague,
)
from derandkit.certificates.extremes import greatest
from derandkit.certificates.features.errors import (
    PairErrors,
    refuse_costly,
    sum_of_phases,
    tail,
    written_offs,
)
from derandkit.certificates.features.form import SCHEMA, VERSION, faults
from derandkit.certificates.features.kernels import kernel_of
from derandkit.certificates.features.statements import FEATURES
from derandkit.certificates.rows import Table, check_columns, check_points, distinct_rows, table_of, varying
from derandkit.certificates.statements import beginning, check_seal
from derandkit.certificates.work import refuse_rows
from derandkit.records import JsonMapping, decode_array
from derandkit.versions import unknown_version, upgraded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


_MESSAGES = {
    "guaranteed": "guaranteed: the error over all pairs is at most "
    "the root of the mean square error of random frequencies",
    "certified": "certified: every pair was measured; "
    "the error is above the root of the mean square error of random frequencies",
    "interrupted": "interrupted: the features are the best so far and every pair was measured; "
    "run again for better ones",
}
_HIDDEN = (
    "certified: every pair was measured; rounding hides whether the error is below the root of the mean square error "
    "of random frequencies"
)
#: What records of 0.3.0 say in place of that root: the mean error of random frequencies is less.
_BEFORE = "what random frequencies have on average", "the root of the mean square error of random frequencies"
_UNIT = 2.0**-53
_WIDEST = 2.0**-20  # an error that is not known better than this has not been measured
# a margin up to here, or up to so many times what is known here, hides nothing that matters: it is added to an error.
# Solvers know up to 4 times less; those that took distances from centred points up to 112 times less, where few points
# are far out of the scale of the kernel. Beyond the widest margin an error says too little, whatever is known here
_FAIR_MARGIN, _FAIR_TIMES, _WIDEST_MARGIN = 2.0**-40, 1024.0, 2.0**-18
_LARGEST_PHASE = 2.0**40
_WRITABLE_PHASE = 2.0**30  # `transform` refuses beyond
_BOUNDED = 2048  # most points for which a lower bound is stated
_DIGITS = 2e-5  # six significant digits, rounded outward
_SINGLE = 2.0**-22
_WRITTEN = 32.0 * _UNIT  # cosines, sines and their division, twice


def verify_features(
    record: JsonMapping,
    points: object,
    *,
    names: Sequence[str] | None = None,
    allow_work: float = 1.0,
) -> list[VerificationCheck]:
    """Recompute what a record of features claims.

    Parameters
    ----------
    record : mapping
        What `FeaturesResult.to_dict` returned, or the JSON file read back.
    points : ndarray, shape (n, d), or PointCloud
        The points, float32 or float64.
    names : sequence of str, optional
        Names of the columns of the points, where they have names.
    allow_work : float
        How many times the usual work a check may cost before it is refused.

    Returns
    -------
    list of VerificationCheck
        One for each row of the table `FEATURES`, in their order. After a malformed schema, points or frequencies
        nothing further can be checked and the list ends there. Never raises on a malformed record.

    Notes
    -----
    O(n^2 (d + D)) operations in blocks of bounded memory, and O(n^3) for the lower bound, where one is stated.

    Examples
    --------
    >>> from derandkit.features.solve import random_features
    >>> X = np.sin(np.arange(60.0) ** 2).reshape(20, 3)
    >>> record = random_features(X, 8).to_dict()
    >>> all(check.passed for check in verify_features(record, X))
    True
    >>> [c.name for c in verify_features({**record, "rms": 0.0}, X) if not c.passed]
    ['seal', 'errors', 'chain']
    """
    given = table_of(points)
    table = given.entries
    written, record = record, upgraded(record)
    checks = [FEATURES.check("schema", _schema, record, written)]
    if not checks[0].passed:
        return checks
    checks.append(FEATURES.check("seal", check_seal, written))
    checks.append(FEATURES.check("points", partial(check_points, pairs=True), record, given))
    checks.append(FEATURES.check("frequencies", _frequencies, record, given, allow_work))
    if not (checks[-2].passed and checks[-1].passed):
        return checks
    checks.append(FEATURES.check("columns", check_columns, record["points"]["columns"], names, given.reading))
    beginning("pairs")  # most of the work, for several checks
    X = table[distinct_rows(table)].astype(np.float64)
    found = _Found(X, given, record, allow_work)
    checks.append(FEATURES.check("errors", _errors, record, table, found))
    checks.append(FEATURES.check("promise", _promise, record, found))
    checks.append(FEATURES.check("lower_bound", _lower_bound, record, found))
    checks.append(FEATURES.check("output", _output, record, given, found))
    checks.append(FEATURES.check("chain", _chain, record, found))
    early = record["status"] == "interrupted"
    checks.append(FEATURES.check("status", _status, record, found, headline=not early))
    checks.append(FEATURES.check("provenance", _provenance, record, written, given.reading))
    return checks


class _Found:
    """The errors of all pairs, computed when the first check asks for them; what that raises, every check reports."""

    def __init__(self, X: NDArray[np.float64], given: Table, record: JsonMapping, allow_work: float) -> None:
        whole = decode_array(record["frequencies"])
        self.X, self.W, self._record, self._allow_work = X, given.cut(whole), record, allow_work
        self.widest = greatest(0.0, np.abs(whole))
        self._errors: PairErrors | None = None

    @property
    def errors(self) -> PairErrors:
        if self._errors is None:
            record = self._record
            self._errors = PairErrors(self.X, self.W, record["gamma"], self._allow_work, kernel_of(record))
        return self._errors


def _schema(record: JsonMapping, written: JsonMapping) -> tuple[Verdict, str]:
    version = written.get("schema_version")
    if type(record.get("schema_version")) is not int or record["schema_version"] != VERSION:
        return Verdict.FAILED, unknown_version(written, SCHEMA)
    wrong = faults(record)
    older = "" if version == VERSION else f" for version {version}"
    return proven(not wrong), wrong or f"fields, types and sizes as published{older}"


def _frequencies(record: JsonMapping, given: Table, allow_work: float) -> tuple[Verdict, str]:
    table, d = given.entries, given.width
    shape = record["frequencies"]["shape"]
    if shape[1] != d or 2 * shape[0] != record["n_features"] or record["centre"]["shape"] != [d]:
        return Verdict.FAILED, f"shape {shape} does not fit {d} columns and {record['n_features']} features"
    refuse_costly(len(distinct_rows(table)), d, shape[0], allow_work)
    refuse_rows(float(shape[0]), len(table), d, "the frequencies", allow_work)
    W, centre = decode_array(record["frequencies"]), decode_array(record["centre"])
    if not (np.isfinite(W).all() and np.isfinite(centre).all()):
        return Verdict.FAILED, "not all numbers are finite"
    if not given.only_zero_elsewhere(centre):
        return Verdict.FAILED, "the centre is not zero in a column in which all points are"
    W = given.cut(W)
    X = table.astype(np.float64)
    differ = varying(X)  # the phases of a centre that is off in another column are bounded in `output`
    if not differ.any():
        return Verdict.FAILED, "all points are equal"
    X, W = X[:, differ], W[:, differ]
    scale = int(np.frexp(np.max(np.abs(X)))[1])
    # sums of columns of one row suffice: the greatest phase of a point from the first one
    reach = np.abs(np.ldexp(X, -scale) - np.ldexp(X[0], -scale))
    phase = sum_of_phases(reach, np.ldexp(W, scale))[1]
    return proven(phase <= _LARGEST_PHASE), f"{shape[0]} x {d}, phases up to {phase:.3g}"


def fair_margin(bound: float) -> float:
    """Return the greatest margin that hides nothing, where an error is known to a bound.

    Examples
    --------
    >>> fair_margin(0.0) == 2.0**-40, fair_margin(2.0**-40) == 2.0**-30, fair_margin(2.0**-20) == 2.0**-18
    (True, True, True)
    """
    return max(_FAIR_MARGIN, min(_FAIR_TIMES * bound, _WIDEST_MARGIN))


def _errors(record: JsonMapping, table: NDArray[np.generic], found: _Found) -> tuple[Verdict, str]:
    errors, margin = found.errors, record["margin"]
    i, j = record["worst_pair"]
    worst = -math.inf
    if 0 <= i < j < table.shape[0] and (table[i] != table[j]).any():
        # in the scale of the cloud, so the pair is found among its different rows
        rows = table[distinct_rows(table)]
        first, second = (int(np.flatnonzero((rows == table[k]).all(axis=1))[0]) for k in (i, j))
        worst = errors.of(first, second)[1]
    good = (
        errors.bound <= _WIDEST
        and margin <= fair_margin(errors.bound)
        and _within(errors.rms, record["rms"], margin)
        and _within(errors.greatest, record["max_error"], margin)
        and worst >= errors.greatest[0]
    )
    return proven(good), (
        f"{kernel_of(record).words}, gamma {record['gamma']:.6g}: "
        f"root mean square {errors.rms[0]!r} to {errors.rms[1]!r}, "
        f"greatest {errors.greatest[0]!r} to {errors.greatest[1]!r} found over {errors.pairs} pairs"
    )


def _within(interval: tuple[float, float], claimed: float, margin: float) -> bool:
    """Whether a whole interval is within a margin of a claim, without rounding.

    Examples
    --------
    >>> _within((1.0, 1.5), 1.25, 0.25), _within((1.0, math.nextafter(1.5, 2.0)), 1.25, 0.25)
    (True, False)
    >>> _within((0.0, math.nan), 0.0, 1.0)
    False
    """
    if not np.isfinite(interval).all():
        return False
    low, high = map(Fraction, interval)
    return Fraction(claimed) - Fraction(margin) <= low and high <= Fraction(claimed) + Fraction(margin)


def _promise(record: JsonMapping, found: _Found) -> tuple[Verdict, str]:
    low, high = found.errors.promised
    claimed = f"{record['promised']!r} claimed, {low!r} to {high!r} found"
    if vague(high - low, low):
        return Verdict.FAILED, f"{claimed}: known to {high - low:.2g} only"
    # a solver takes its rounding off, however small the promise is: beyond this share it says too little
    spare = min(found.errors.slack, WIDEST * low)
    text = f"{claimed}, known to {spare:.2g}"
    if not low - spare <= record["promised"] <= high + spare:
        return Verdict.FAILED, text
    # a promise rounded down holds; earlier records hold it as it was computed
    return Verdict.PROVEN if record["promised"] <= low else Verdict.RECOMPUTED, text


def _lower_bound(record: JsonMapping, found: _Found) -> tuple[Verdict, str]:
    claimed, (m, d) = record["lower_bound"], found.X.shape
    count = record["n_features"]
    if m > _BOUNDED or m <= count:
        return proven(claimed == 0.0), "none is stated"
    errors = found.errors
    size, moved = tail(errors.raw, errors.gamma, count, errors.kernel)
    pairs = math.sqrt(m * (m - 1.0))
    # what the solver leaves for its own rounding, twice
    room = 8.0 * (16.0 * moved + m * (d + 16 + 4.0 * errors.longest) * _UNIT)
    low, least = (size - moved) / pairs, (size - room) / pairs * (1.0 - _DIGITS) - 1e-9
    return (
        Verdict.RECOMPUTED if least <= claimed <= max(low, 0.0) else Verdict.FAILED,
        f"{claimed!r} claimed, {max(low, 0.0):.8g} found",
    )


def _output(record: JsonMapping, given: Table, found: _Found) -> tuple[Verdict, str]:
    claimed, centre = record["output"], given.cut(decode_array(record["centre"]))
    X = found.X
    size = np.max(np.abs(X), axis=0)
    mean = np.sum(X / len(X), axis=0)
    if not (np.abs(centre - mean) <= 4.0 * len(X) * _UNIT * size + (len(X) + 1.0) * 2.0**-1074).all():
        return Verdict.FAILED, "the centre is not the mean of the points"
    off, phase = written_offs(X, found.W, centre, found.widest)
    if not phase <= _WRITABLE_PHASE:
        return (
            Verdict.FAILED,
            f"phases from the centre reach {phase:.3g}: written features have no digits left",
        )
    single = given.entries.dtype == np.float32
    errors, margin = found.errors, record["margin"]
    # both features of a pair are off by their phases, by the last places of cosines and by the rounding of their type
    low = errors.rms[1] + 2.0 * off + _WRITTEN + (0.51 * _SINGLE if single else 0.0)
    most = errors.rms[1] + 4.0 * margin + 8.0 * errors.bound + (_SINGLE if single else 0.0)
    good = (
        claimed["dtype"] == ("float32" if single else "float64") and low <= claimed["certified_rms"] <= most
    )
    return proven(good), f"{claimed['dtype']}: at most {claimed['certified_rms']!r} claimed, {low!r} found"


def _chain(record: JsonMapping, found: _Found) -> tuple[Verdict, str]:
    claimed = dict(record["chain"])
    expected = {
        "lower_bound": record["lower_bound"],
        "rms": record["rms"],
        "certified_rms": record["rms"] + record["margin"],
        "promised": record["promised"],
    }
    good = (
        same_json(claimed, expected)
        and claimed["lower_bound"] <= claimed["rms"] <= claimed["certified_rms"]
        # the exact error of the frequencies is at most what is certified, whoever computed it
        and found.errors.rms[1] <= claimed["certified_rms"]
    )
    order = "lower_bound", "rms", "certified_rms"
    return proven(good), " <= ".join(f"{name} {expected[name]:.6g}" for name in order)


def _status(record: JsonMapping, found: _Found) -> tuple[Verdict, str]:
    status = record["status"]
    expected = "guaranteed" if record["chain"]["certified_rms"] <= record["promised"] else "certified"
    message = record["message"].replace(*_BEFORE)
    hidden = status == "certified" and message == _HIDDEN
    if message != _MESSAGES[status] and not hidden:
        return Verdict.FAILED, f"the message is not that of {status!r}"
    # the promise in the record is known to some rounding; what it stands for has to hold without
    if expected == "guaranteed" and not found.errors.rms[1] <= found.errors.promised[0]:
        return Verdict.FAILED, "the error is not below that of random frequencies for sure"
    if status == "interrupted":
        return Verdict.NOT_CHECKED, f"that the run was interrupted; the numbers alone say {expected!r}"
    if status == expected == "certified":
        low, high = found.errors.promised
        if not hidden and not found.errors.rms[0] > high:
            return Verdict.FAILED, "the error is not above that of random frequencies for sure"
        if hidden and not record["rms"] - record["margin"] <= high + 4.0 * (high - low):
            return Verdict.FAILED, "rounding hides nothing: the error is above that of random frequencies"
    return proven(status == expected), f"{status!r} claimed, {expected!r} follows from the numbers"


def _provenance(record: JsonMapping, written: JsonMapping, own: str | None) -> tuple[Verdict, str]:
    return (
        Verdict.NOT_CHECKED,
        f"method {record['method']!r}, history and counts; {read_as(written, record['points'], own)}",
    )
