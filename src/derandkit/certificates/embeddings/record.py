"""Check an embedding record against the points, from first principles and with NumPy only.

Every ratio is computed again, block by block. The record's matrix is taken as it is; how it was found does not
matter. What cannot be recomputed is said: that the held-out sibling was fitted without the held-out rows shows only
when the run is repeated.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Check, checked
from derandkit.certificates.embeddings.pairs import (
    LEVELS,
    Pairs,
    Spectrum,
    centred,
    distinct_rows,
    hashed_order,
    sharpness,
)
from derandkit.records import decode_array, seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

SCHEMA = "derandkit-embedding"
VERSION = 1
_METHODS = ("lemma", "probability", "minimax", "conditional")
_COMPLEMENTS = ("balanced", "isometric", "zero")
_MESSAGES = {
    "isometry": "isometry: the points span no more dimensions than the map has, so distances are kept to rounding",
    "guaranteed": "guaranteed: the dimension promises a distortion for any points, and the map keeps the promise",
    "certified": "certified: every pair was measured; "
    "the dimension is too small for a promise that holds for any points",
    "interrupted": "interrupted: the map is the best so far and every pair was measured; run again for a better one",
}
_HISTORY = ("distortion", "objective", "sharpness", "spread")
_STATS = ("active_pairs", "evaluations", "scans")
_TABLES = ("chain", "guarantee", "history", "matrix", "points", "quantiles", "stats")
_KEYS = frozenset(
    {
        "chain",
        "complement",
        "distortion",
        "guarantee",
        "heldout",
        "history",
        "lower_bound",
        "margin",
        "matrix",
        "message",
        "method",
        "n_components",
        "points",
        "quantiles",
        "scaled_distortion",
        "schema",
        "schema_version",
        "seal",
        "stats",
        "status",
        "worst_pair",
    }
)


def verify_embedding(record: Mapping[str, Any], points: Any) -> list[Check]:
    """Recompute what an embedding record claims.

    Parameters
    ----------
    record : mapping
        What `EmbeddingResult.to_dict` returned, or the JSON file read back.
    points : ndarray, shape (n, d), or PointCloud
        The points, float32 or float64.

    Returns
    -------
    list of Check
        ``schema``, ``seal``, ``points``, ``matrix``, ``ratios``, ``quantiles``, ``lower_bound``, ``guarantee``,
        ``chain``, ``status``, ``history`` and ``heldout``, in this order. After a malformed schema, matrix or
        points nothing further can be checked and the list ends there. Never raises on a malformed record.

    Notes
    -----
    O(n^2 (d + k)) operations in blocks of bounded memory.

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
    table = np.asarray(getattr(points, "points", points))
    checks = [checked("schema", _schema, record)]
    if not checks[0].passed:
        return checks
    checks.append(checked("seal", _seal, record))
    checks.append(checked("points", _points, record, table))
    checks.append(checked("matrix", _matrix, record, table))
    if not (checks[-2].passed and checks[-1].passed):
        return checks
    X = centred(table[distinct_rows(table)])
    A = decode_array(record["matrix"])
    found = Pairs(X, A, _target(record))
    spectrum = Spectrum(X)
    checks.append(checked("ratios", _ratios, record, table, found, spectrum))
    checks.append(checked("quantiles", _quantiles, record, found))
    checks.append(checked("lower_bound", _lower_bound, record, found, spectrum))
    checks.append(checked("guarantee", _guarantee, record, found))
    checks.append(checked("chain", _chain, record, found))
    checks.append(checked("status", _status, record, found, spectrum))
    checks.append(checked("history", _history, record))
    checks.append(checked("heldout", _heldout, record, table))
    return checks


def _schema(record: Mapping[str, Any]) -> tuple[bool, str]:
    missing = sorted(_KEYS - set(record))
    unknown = sorted(set(record) - _KEYS)
    if missing or unknown:
        return False, f"missing {missing}, unknown {unknown}"
    shapeless = sorted(name for name in _TABLES if not isinstance(record[name], dict))
    if shapeless or not isinstance(record["heldout"], (dict, type(None))):
        return False, f"not an object: {shapeless or 'heldout'}"
    same = (
        record["schema"] == SCHEMA
        and type(record["schema_version"]) is int
        and record["schema_version"] == VERSION
    )
    return same, f"{record['schema']!r} version {record['schema_version']!r}, expected {SCHEMA!r} {VERSION}"


def _seal(record: Mapping[str, Any]) -> tuple[bool, str]:
    plain = json.loads(json.dumps(dict(record)))
    expected = seal(plain)
    return record["seal"] == expected, f"SHA-256 of the record is {expected[:12]}..."


def _points(record: Mapping[str, Any], table: NDArray[Any]) -> tuple[bool, str]:
    claimed = record["points"]
    if table.ndim != 2 or table.dtype.kind != "f" or not np.isfinite(table).all():
        return False, "the points given are not a table of finite floating-point numbers"
    kind = "<f4" if table.dtype == np.float32 else "<f8"
    head = f"derandkit points {table.shape[0]} {table.shape[1]} {kind}\n".encode("ascii")
    digest = hashlib.sha256(head + np.ascontiguousarray(table, dtype=kind).tobytes()).hexdigest()
    distinct = len(distinct_rows(table))
    expected = {
        "n": table.shape[0],
        "d": table.shape[1],
        "dtype": "float32" if kind == "<f4" else "float64",
        "digest": digest,
        "duplicates": table.shape[0] - distinct,
    }
    wrong = [name for name, value in expected.items() if claimed[name] != value or _is_bool(claimed[name])]
    return (
        not wrong and distinct > 1,
        f"{table.shape[0]} x {table.shape[1]}, digest {digest[:12]}...; differs: {wrong}",
    )


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _matrix(record: Mapping[str, Any], table: NDArray[Any]) -> tuple[bool, str]:
    claimed = record["matrix"]
    A = decode_array(claimed)
    k = record["n_components"]
    shape = (k, table.shape[1])
    good = (
        set(claimed) == {"base64", "dtype", "shape"}
        and claimed["dtype"] == "<f8"
        and type(k) is int
        and k >= 1
        and A.shape == shape
        and bool(np.isfinite(A).all())
    )
    return good, f"shape {A.shape}, expected {shape}, finite numbers"


def _close(claimed: Any, found: float, tolerance: float) -> bool:
    return type(claimed) in (int, float) and abs(claimed - found) <= tolerance


def _ratios(
    record: Mapping[str, Any], table: NDArray[Any], found: Pairs, spectrum: Spectrum
) -> tuple[bool, str]:
    margin = record["margin"]
    # both sides round: the claim may be off by the margin in each
    allowed = 2.0 * found.margin
    scaled = (found.largest - found.smallest) / (found.largest + found.smallest)
    claimed = record["points"]
    i, j = record["worst_pair"]
    good = (
        _close(record["distortion"], found.distortion, allowed)
        and _close(record["scaled_distortion"], scaled, 2.0 * allowed)
        and _close(margin, found.margin, 1e-6 * found.margin)
        and type(i) is int
        and type(j) is int
        and 0 <= i < j < table.shape[0]
        and abs(_one(table, decode_array(record["matrix"]), i, j) - found.distortion) <= allowed
        and claimed["pairs"] == found.count
        and claimed["coincident"] == found.coincident
        and claimed["rank"] == spectrum.rank
        and set(claimed) == {"n", "d", "dtype", "digest", "duplicates", "pairs", "coincident", "rank"}
    )
    return good, (
        f"distortion {record['distortion']!r} claimed, {found.distortion!r} found over {found.count} pairs, "
        f"rounding margin {found.margin:.2g}"
    )


def _target(record: Mapping[str, Any]) -> float | None:
    """Distortion that the record says is guaranteed, if it is a number that can be."""
    eps = record["guarantee"].get("eps")
    return eps if type(eps) is float and 0.0 < eps < 1.0 else None


def _one(table: NDArray[Any], A: FloatArray, i: int, j: int) -> float:
    u = table[i].astype(np.float64) - table[j].astype(np.float64)
    u = u / np.max(np.abs(u))
    return abs(float(np.sum((A @ u) ** 2) / np.sum(u * u)) - 1.0)


def _quantiles(record: Mapping[str, Any], found: Pairs) -> tuple[bool, str]:
    claimed = record["quantiles"]
    good = set(claimed) == {*LEVELS, "mean"} and _close(claimed["mean"], found.mean, 2.0 * found.margin)
    for name, value in found.edges.items():
        # an upper bin edge, at most 2^-10 above; single precision above 4096 points
        slack = 2.0 * found.margin + 1e-7 * value + 2.0**-59
        good = good and type(claimed[name]) is float
        good = good and value - slack <= claimed[name] <= value * (1.0 + 2.0**-9) + slack
    return good, f"mean {found.mean:.6g}, median {found.edges['p50']:.6g}, 99 % {found.edges['p99']:.6g}"


def _lower_bound(record: Mapping[str, Any], found: Pairs, spectrum: Spectrum) -> tuple[bool, str]:
    k = record["n_components"]
    bound = spectrum.bound(k) if found.coincident == 0 and k < spectrum.rank else 0.0
    claimed = record["lower_bound"]
    # rounded down to six digits from a figure that LAPACK gives to about 13
    good = type(claimed) is float and bound * (1.0 - 2e-5) - 1e-9 <= claimed <= bound * (1.0 + 1e-9)
    return good, f"{claimed!r} claimed, {bound:.8g} found"


def _guarantee(record: Mapping[str, Any], found: Pairs) -> tuple[bool, str]:
    claimed = record["guarantee"]
    k = record["n_components"]
    m = record["points"]["n"] - record["points"]["duplicates"]
    pairs = m * (m - 1) // 2
    dimension = claimed["smallest_dimension"]
    top = 1.0 - 1e-9
    good = (
        type(dimension) is int
        and _start(pairs, dimension, top) < 0.0
        and (dimension == 1 or _start(pairs, dimension - 1, top) >= 0.0)
    )
    if _start(pairs, k, top) >= 0.0:
        good = good and claimed == {"applies": False, "eps": None, "smallest_dimension": dimension}
        good = good and claimed["applies"] is False
        return good, f"none below dimension {dimension}"
    eps = claimed["eps"]
    mu = sharpness(k, eps)
    good = (
        good
        and claimed["applies"] is True
        and set(claimed)
        == {"applies", "eps", "sharpness", "log_psi_start", "log_psi_end", "smallest_dimension"}
        and type(eps) is float
        and _start(pairs, k, eps) < 0.0 <= _start(pairs, k, eps - 2e-9)
        and _close(claimed["sharpness"], mu, 1e-12 * mu)
        and _close(claimed["log_psi_start"], _start(pairs, k, eps), 1e-9)
        and _close(claimed["log_psi_end"], found.log_psi, 1e-9 + 4.0 * mu * found.margin)
    )
    return (
        good,
        f"eps {eps!r} for any {m} points; log Psi {_start(pairs, k, eps):.3g} at the start, "
        f"{found.log_psi:.3g} at the end",
    )


def _start(pairs: int, k: int, eps: float) -> float:
    """Logarithm of the bound on the expected number of violated pairs of a random projection."""
    mu = sharpness(k, eps)
    upper = -mu * (1.0 + eps) - 0.5 * k * math.log1p(-2.0 * mu / k)
    lower = mu * (1.0 - eps) - 0.5 * k * math.log1p(2.0 * mu / k)
    return math.log(pairs) + float(np.logaddexp(upper, lower))


def _chain(record: Mapping[str, Any], found: Pairs) -> tuple[bool, str]:
    claimed = dict(record["chain"])
    expected = {
        "lower_bound": record["lower_bound"],
        "distortion": record["distortion"],
        "certified_distortion": record["distortion"] + record["margin"],
    }
    if record["guarantee"]["applies"]:
        expected["guaranteed_eps"] = record["guarantee"]["eps"]
    good = claimed == expected and all(type(value) is float for value in claimed.values())
    good = good and claimed["lower_bound"] <= claimed["distortion"] <= claimed["certified_distortion"]
    # the exact distortion of the matrix is at most what is certified, whoever computed it
    good = good and found.distortion <= claimed["certified_distortion"] + found.margin
    return good, " <= ".join(f"{name} {value:.6g}" for name, value in expected.items())


def _status(record: Mapping[str, Any], found: Pairs, spectrum: Spectrum) -> tuple[bool, str]:
    status = record["status"]
    guarantee = record["guarantee"]
    if record["n_components"] >= spectrum.rank:
        expected = "isometry"
    elif guarantee["applies"] and record["chain"]["certified_distortion"] <= guarantee["eps"]:
        expected = "guaranteed"
    else:
        expected = "certified"
    good = (
        status in (expected, "interrupted")
        and record["message"] == _MESSAGES[status]
        and record["method"] in _METHODS
        and record["complement"] in _COMPLEMENTS
    )
    return good, f"{status!r} claimed, {expected!r} follows from the figures"


def _history(record: Mapping[str, Any]) -> tuple[bool, str]:
    columns, stats = record["history"], record["stats"]
    lengths = {len(column) for column in columns.values()}
    good = (
        set(columns) == set(_HISTORY)
        and len(lengths) == 1
        and all(type(x) in (int, float) and math.isfinite(x) for column in columns.values() for x in column)
        and all(x >= 0.0 for x in columns["spread"])
        and set(stats) == set(_STATS)
        and all(type(x) is int and x >= 0 for x in stats.values())
    )
    return good, "columns of equal length, finite; how the map was found is not part of the proof"


def _heldout(record: Mapping[str, Any], table: NDArray[Any]) -> tuple[bool, str]:
    claimed = record["heldout"]
    if claimed is None:
        return True, "none"
    if set(claimed) != {"max", "p99", "mean", "n_fitted", "n_held", "matrix"}:
        return False, f"fields are {sorted(claimed)}"
    A = decode_array(claimed["matrix"])
    rows = distinct_rows(table)
    count = len(rows)
    held = claimed["n_held"]
    if type(held) is not int or not 2 <= held <= min(1000, (count + 1) // 2):
        return False, f"{held!r} of {count} points cannot be held out"
    chosen = np.sort(hashed_order(count)[:held])
    shape = (record["n_components"], table.shape[1])
    if A.shape != shape or claimed["matrix"]["dtype"] != "<f4" or not np.isfinite(A).all():
        return False, f"the sibling has shape {A.shape}, expected {shape} in single precision"
    found = Pairs(centred(table[rows[chosen]]), A)
    slack = 2.0 * found.margin
    edge = found.edges["p99"]
    good = (
        set(claimed["matrix"]) == {"base64", "dtype", "shape"}
        and claimed["n_fitted"] == min(count - held, 1000)
        and _close(claimed["max"], found.distortion, slack)
        and _close(claimed["mean"], found.mean, slack)
        and type(claimed["p99"]) is float
        and edge - slack <= claimed["p99"] <= edge * (1.0 + 2.0**-9) + slack
    )
    return (
        good,
        f"max {found.distortion:.6g}, mean {found.mean:.6g} over {found.count} pairs the sibling has not seen",
    )
