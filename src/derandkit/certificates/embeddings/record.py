"""Check an embedding record against the points, from first principles and with NumPy only.

Every ratio is computed again, block by block, with a bound on its rounding error. The record's matrix is taken as it
is; how it was found does not matter. What each check reaches is listed in `EMBEDDING`.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck, proven, read_as
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.figures import (
    check_chain,
    check_output,
    check_quantiles,
    check_ratios,
    too_wide,
)
from derandkit.certificates.embeddings.form import (
    FLATTER,
    HIDDEN,
    MESSAGES,
    SCHEMA,
    UNKEPT,
    VERSION,
    faults,
)  # fmt: skip
from derandkit.certificates.embeddings.heldout import check_heldout
from derandkit.certificates.embeddings.mean import (
    check_bound,
    check_mean,
    check_stationary,
    promised,
    weights_of,
)
from derandkit.certificates.embeddings.pairs import MOST_PAIRS, Pairs, refuse_costly, sharpness
from derandkit.certificates.embeddings.span import check_span_stretch
from derandkit.certificates.embeddings.spectrum import DIGITS, Spectrum, is_outward, stretch
from derandkit.certificates.embeddings.statements import EMBEDDING
from derandkit.certificates.embeddings.written import Output
from derandkit.certificates.rows import Table, check_columns, check_points, distinct_rows, table_of
from derandkit.certificates.statements import beginning, check_seal
from derandkit.certificates.work import refuse_beyond, refuse_rows
from derandkit.records import JsonMapping, decode_array
from derandkit.versions import unknown_version, upgraded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derandkit.certificates.embeddings.spectrum import Interval
    from derandkit.numerics.typing import FloatArray

# the square root of the spacing of doubles: a distortion up to here is rounding, if k reaches the rank
_ISOMETRY = 2.0**-26
_FLAT = 1e-12  # of the size of points: what was said of an isometry before is true of these
_LARGEST_ENTRY = 2.0**100


def verify_embedding(
    record: JsonMapping,
    points: object,
    *,
    names: Sequence[str] | None = None,
    allow_work: float = 1.0,
) -> list[VerificationCheck]:
    """Recompute what an embedding record claims.

    Parameters
    ----------
    record : mapping
        What `EmbeddingResult.to_dict` returned, or the JSON file read back.
    points : ndarray, shape (n, d), or PointCloud
        The points, float32 or float64.
    names : sequence of str, optional
        Names of the columns of the points, where they have names.
    allow_work : float
        How many times the usual work a check may cost before it is refused.

    Returns
    -------
    list of VerificationCheck
        One for each row of the table `EMBEDDING`, in their order. After a malformed schema, matrix or points nothing
        further can be checked and the list ends there. Never raises on a malformed record.

    Notes
    -----
    O(n^2 (d + k)) operations in blocks of bounded memory; a matrix whose products cancel costs O(d k) for every pair
    that they spoil, up to a fixed number of operations.

    Examples
    --------
    >>> from derandkit.embeddings.solve import embed
    >>> X = np.sin(np.arange(60.0) ** 2).reshape(12, 5)
    >>> record = embed(X, n_components=3).to_dict()
    >>> all(check.passed for check in verify_embedding(record, X))
    True
    >>> [c.name for c in verify_embedding({**record, "distortion": 0.0}, X) if not c.passed]
    ['seal', 'ratios', 'chain']
    """
    given = table_of(points)
    table = given.entries
    written, record = record, upgraded(record)
    checks = [EMBEDDING.check("schema", _schema, record, written)]
    if not checks[0].passed:
        return checks
    checks.append(EMBEDDING.check("seal", check_seal, written))
    checks.append(EMBEDDING.check("points", check_points, record, given))
    checks.append(EMBEDDING.check("matrix", _matrix, record, given, allow_work))
    if not (checks[-2].passed and checks[-1].passed):
        return checks
    checks.append(
        EMBEDDING.check("columns", check_columns, record["points"]["columns"], names, given.reading)
    )
    cloud = centred(table[distinct_rows(table)])
    A = _busy_rows(given.cut(decode_array(record["matrix"])))
    centre = record["centre"]
    output = None if centre is None else Output(given.cut(decode_array(centre)), table.dtype == np.float32)
    k = record["n_components"]
    mean = record["mean"]
    beginning("pairs")  # most of the work, for several checks
    with np.errstate(all="ignore"):
        found = Pairs(
            cloud,
            A,
            eps=record["guarantee"]["eps"],
            dimension=k,
            output=output,
            power=None if mean is None else mean["power"],
            mass=weights_of(record, len(cloud.raw)),
            allow_work=allow_work,
        )
        spectrum = Spectrum(cloud.centred)
    checks.append(EMBEDDING.check("ratios", check_ratios, record, table, found, A))
    checks.append(EMBEDDING.check("quantiles", check_quantiles, record, found))
    checks.append(EMBEDDING.check("rank", _rank, record, spectrum))
    checks.append(EMBEDDING.check("lower_bound", _lower_bound, record, spectrum))
    if written["schema_version"] == 1:
        checks += [EMBEDDING.unclaimed("stretch", 1), EMBEDDING.unclaimed("span_stretch", 1)]
    else:
        whole = cache(lambda: stretch(_busy_rows(decode_array(record["matrix"]))))
        checks.append(EMBEDDING.check("stretch", _stretch, record, whole))
        checks.append(
            EMBEDDING.check("span_stretch", check_span_stretch, record, spectrum, A, whole, found, cloud)
        )
    checks.append(EMBEDDING.check("guarantee", _guarantee, record, found))
    checks.append(EMBEDDING.check("mean", check_mean, record, found))
    checks.append(EMBEDDING.check("mean_bound", check_bound, record, found, cloud.given))
    checks.append(EMBEDDING.check("stationary", check_stationary, record, found, cloud, spectrum, A))
    if output is None:
        checks.append(EMBEDDING.unclaimed("output", 1))
    else:
        checks.append(EMBEDDING.check("output", check_output, record, table, output, found))
    checks.append(EMBEDDING.check("chain", check_chain, record, found))
    early = record["status"] == "interrupted"
    checks.append(EMBEDDING.check("status", _status, record, found, spectrum, headline=not early))
    checks.append(EMBEDDING.check("heldout", check_heldout, record, given, allow_work))
    checks.append(EMBEDDING.check("heldout_fit", _heldout_fit, record))
    checks.append(EMBEDDING.check("provenance", _provenance, record, written, given.reading))
    return checks


def _schema(record: JsonMapping, written: JsonMapping) -> tuple[Verdict, str]:
    version = written.get("schema_version")
    if record.get("schema_version") != VERSION:
        return Verdict.FAILED, unknown_version(written, SCHEMA)
    wrong = faults(record, written["schema_version"])
    older = "" if version == VERSION else f" for version {version}"
    return proven(not wrong), wrong or f"fields, types and sizes as published{older}"


def _matrix(record: JsonMapping, given: Table, allow_work: float) -> tuple[Verdict, str]:
    d = given.width
    refuse_costly(
        len(distinct_rows(given.entries)), given.entries.shape[1], record["n_components"], allow_work
    )
    shape = [record["n_components"], d]
    if record["matrix"]["shape"] != shape or (record["centre"] or {"shape": [d]})["shape"] != [d]:
        return Verdict.FAILED, f"shape {record['matrix']['shape']}, expected {shape}"
    refuse_rows(float(shape[0]), len(given.entries), d, "the map", allow_work)
    A = decode_array(record["matrix"])
    centre = np.zeros(d) if record["centre"] is None else decode_array(record["centre"])
    busy = int(np.count_nonzero(np.any(A != 0.0, axis=1)))
    if not (np.abs(A) <= _LARGEST_ENTRY).all() or busy > d:
        return (
            Verdict.FAILED,
            f"entries up to 2^100 in at most {d} rows are expected, {busy} rows are not zero",
        )
    # its singular values are worked out for the stretch
    refuse_beyond(10.0 * busy * d * min(busy, d), MOST_PAIRS, "singular values of the map", allow_work)
    if not given.only_zero_elsewhere(centre):
        return Verdict.FAILED, "the centre is not zero in a column in which all points are"
    return proven(bool(np.isfinite(centre).all())), f"shape {A.shape}, finite numbers"


def _busy_rows(A: FloatArray) -> FloatArray:
    """Return the rows that are not zero, at most as many as there are columns: the others change no distance."""
    return A[np.any(A != 0.0, axis=1)] if A.any() else A[:1]


def _rank(record: JsonMapping, spectrum: Spectrum) -> tuple[bool, str]:
    sure, possible = spectrum.rank
    rank = record["points"]["rank"]
    return sure <= rank <= possible, f"{sure} to 1e-9 of the largest singular value, {possible} to 1e-15"


def _lower_bound(record: JsonMapping, spectrum: Spectrum) -> tuple[bool, str]:
    claimed = record["lower_bound"]
    low, high = spectrum.bound(record["n_components"])
    # a bound above the distortion as it was measured is lowered to it
    least = min(high * (1.0 - DIGITS) - 1e-9, record["distortion"])
    return least <= claimed <= low, f"{claimed!r} claimed, {low:.8g} found"


def _stretch(record: JsonMapping, whole: Callable[[], tuple[Interval, Interval]]) -> tuple[bool, str]:
    found = whole()
    good = is_outward(record["stretch"]["space"], found, 1e-9 * found[1][1])
    return good, f"|A v|^2 / |v|^2 from {found[0][0]:.6g} to {found[1][1]:.6g} for any v"


def _guarantee(record: JsonMapping, found: Pairs) -> tuple[bool, str]:
    claimed = record["guarantee"]
    k = record["n_components"]
    m = record["points"]["n"] - record["points"]["duplicates"]
    pairs = m * (m - 1) // 2
    dimension = claimed["smallest_dimension"]
    top = 1.0 - 1e-9
    good = _start(pairs, dimension, top) < 0.0 and (
        dimension == 1 or _start(pairs, dimension - 1, top) >= 0.0
    )
    if record["objective"] != "max":
        return good and not claimed["applies"], "a mean objective promises nothing about the worst pair"
    if _start(pairs, k, top) >= 0.0:
        return good and not claimed["applies"], f"none below dimension {dimension}"
    if not claimed["applies"]:
        return False, f"dimension {k} promises something, and the record does not say what"
    if wide := too_wide(record, found):
        return False, wide
    eps = claimed["eps"]
    mu = sharpness(k, eps)
    off = 1e-9 + 2.0 * mu * (found.bound + record["margin"])
    good = (
        good
        and _start(pairs, k, eps) < 0.0 <= _start(pairs, k, eps - 2e-9)
        and abs(claimed["sharpness"] - mu) <= 1e-12 * mu
        and abs(claimed["log_psi_start"] - _start(pairs, k, eps)) <= 1e-9
        and abs(claimed["log_psi_end"] - found.log_psi) <= off
    )
    return (
        good,
        f"eps {eps!r} for any {m} points; log Psi {_start(pairs, k, eps):.3g} at the start, "
        f"{found.log_psi:.3g} at the end, to {off:.1g}",
    )


def _start(pairs: int, k: int, eps: float) -> float:
    """Logarithm of the bound on the expected number of violated pairs of a random projection."""
    mu = sharpness(k, eps)
    upper = -mu * (1.0 + eps) - 0.5 * k * math.log1p(-2.0 * mu / k)
    lower = mu * (1.0 - eps) - 0.5 * k * math.log1p(2.0 * mu / k)
    return math.log(pairs) + float(np.logaddexp(upper, lower))


def _status(record: JsonMapping, found: Pairs, spectrum: Spectrum) -> tuple[Verdict, str]:
    status = record["status"]
    guarantee, mean = record["guarantee"], record["mean"]
    certified = record["chain"]["certified_distortion"]
    if max(certified, found.high) <= _ISOMETRY and record["points"]["rank"] <= record["n_components"]:
        expected = "isometry"
    elif mean is not None:
        # the promise in the record may be off by its rounding; what it stands for has to hold without
        least = promised(record["n_components"], mean["power"]) * (1.0 - 2.0**-50)
        kept = mean["certified"] <= mean["promised"] and found.root[1] <= min(mean["promised"], least)
        expected = "guaranteed" if kept else "certified"
    elif guarantee["applies"] and max(certified, found.high) <= guarantee["eps"]:
        expected = "guaranteed"
    else:
        expected = "certified"
    promises = status == "certified" and (mean is not None or guarantee["applies"])
    messages = _of_a_promise(record, found) if promises else {MESSAGES[status]}
    if status == "isometry" and spectrum.dimensions(_FLAT) <= record["n_components"]:
        messages.add(FLATTER)
    if record["message"] not in messages:
        return Verdict.FAILED, f"the message is not that of {status!r}"
    if status == "interrupted":
        return Verdict.NOT_CHECKED, f"that the run was interrupted; the numbers alone say {expected!r}"
    text = f"{status!r} claimed, {expected!r} follows from the numbers"
    if expected == "isometry":
        text += f"; squared distances are kept to {max(certified, found.high):.2g} of themselves"
    return proven(status == expected), text


def _of_a_promise(record: JsonMapping, found: Pairs) -> set[str]:
    """Return the messages that are true of a promise that is not kept for sure."""
    mean, margin = record["mean"], record["margin"]
    promise, low, least = record["guarantee"]["eps"], found.low, record["distortion"] - margin
    if mean is not None:
        promise = max(mean["promised"], promised(record["n_components"], mean["power"]) * (1.0 + 2.0**-50))
        low, least = found.root[0], mean["value"] - 4.0 * margin
    hidden = {HIDDEN} if least <= promise * (1.0 + 2.0**-40) else set()
    return hidden | ({UNKEPT} if low > promise else set())


def _heldout_fit(record: JsonMapping) -> tuple[Verdict, str]:
    if record["heldout"] is None:
        return Verdict.PROVEN, "none"
    return Verdict.NOT_CHECKED, "shows only when the run is repeated"


def _provenance(record: JsonMapping, written: JsonMapping, own: str | None) -> tuple[Verdict, str]:
    return (
        Verdict.NOT_CHECKED,
        f"method {record['method']!r}, complement, ridge, history and counts; "
        + read_as(written, record["points"], own),
    )
