"""Check a record of a trained network against its rows: what follows from the rows, and from the record's own numbers.

The network itself is not in the record. Who has it can have it certified again; otherwise its derivatives are shown as
not checked, and the record is not ok.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck
from derandkit.certificates.statements import check_seal
from derandkit.certificates.trained.statements import NETWORK
from derandkit.records import decode_array
from derandkit.status import NetworkStatus
from derandkit.versions import CURRENT, known_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

SCHEMA = "derandkit-network"
_NAMES = (
    "largest_curvature",
    "lemma_bound",
    "perp_gradient",
    "smallest_curvature",
    "stein_estimate",
    "stein_residual",
)
_FIGURES = frozenset((*_NAMES, *(f"{name}_error" for name in _NAMES)))
_FORM: dict[str, type | tuple[type, ...]] = {
    "schema": str, "schema_version": int, "status": str, "message": str, "kind": str, "loss": str, "penalty": float,
    "smooth": bool, "directions_given": bool, "rows": int, "digest": str, "names": (list, type(None)),
    "w_perp": float, "w_par": float, "singular_values": list, "effective_rank": float, "risk": float,
    "risk_error": float, "gradient_norm": float, "figures": dict, "decay": (dict, type(None)), "parameters": dict,
    "seal": str,
}  # fmt: skip
#: Numbers are stored to ten digits.
_ROUNDED = 2e-9
#: Derivatives of a library agree on two machines to these shares, of a number and of the largest of its terms.
_AGAIN, _CANCELLED = 1e-6, 1e-12


def verify_network(
    record: JsonMapping,
    rows: tuple[FloatArray, FloatArray],
    again: Callable[[], JsonMapping] | None = None,
) -> list[VerificationCheck]:
    """Check what a record of a trained network claims.

    Parameters
    ----------
    record : mapping
        What `NetworkCertificate.to_dict` returned, or the JSON file read back.
    rows : tuple of ndarray
        Inputs, shape (m, d), and targets as the loss takes them, shape (m,) or (m, k).
    again : callable, optional
        Certifies the network that the record speaks of once more, and returns its record; without it the derivatives
        are not checked.

    Returns
    -------
    list of VerificationCheck
        One for each row of the table `NETWORK`. After a malformed record or other rows the list ends. Never raises on
        a malformed record.
    """
    checks = [NETWORK.check("schema", _schema, record)]
    if not checks[0].passed:
        return checks
    checks.append(NETWORK.check("seal", check_seal, record))
    checks.append(NETWORK.check("form", _form, record))
    if not checks[-1].passed:
        return checks
    checks.append(NETWORK.check("rows", _rows, record, rows))
    if not checks[-1].passed:
        return checks
    checks.append(NETWORK.check("split", _split, record, rows[0]))
    checks.append(NETWORK.check("derivatives", _derivatives, record, again))
    checks.append(NETWORK.check("bound", _bound, record))
    checks.append(NETWORK.check("decay", _decay, record))
    checks.append(NETWORK.check("status", _status, record))
    return checks


def _schema(record: JsonMapping) -> tuple[bool, str]:
    version = record.get("schema_version")
    good = record.get("schema") == SCHEMA and version == CURRENT[SCHEMA] and type(version) is int
    return (
        good,
        f"{SCHEMA} version {version!r}" if good else f"version {version!r} is not {known_versions(SCHEMA)}",
    )


def _form(record: JsonMapping) -> tuple[bool, str]:
    if odd := sorted(map(str, set(record) ^ set(_FORM))):
        return False, f"keys that are missing or do not belong: {odd}"
    for name, kind in _FORM.items():
        if not isinstance(record[name], kind) or (kind is int and isinstance(record[name], bool)):
            return False, f"{name} has another type"
    figures, arrays = record["figures"], record["parameters"]
    if set(figures) != _FIGURES or not all(x is None or type(x) is float for x in figures.values()):
        return False, "the figures are not those of a network"
    if set(arrays) != {"W", "b", "directions"}:
        return False, "the arrays are not those of a network"
    W, b, A = (decode_array(arrays[name]) for name in ("W", "b", "directions"))
    good = (
        W.ndim == A.ndim == 2
        and b.shape == W.shape[:1]
        and W.shape[1] == A.shape[1]
        and 1 <= len(A) <= W.shape[1]
    )
    good = good and all(np.isfinite(part).all() for part in (W, b, A)) and W.size > 0
    names = record["names"]
    good = good and (names is None or (len(names) == W.shape[1] and all(type(name) is str for name in names)))
    good = good and all(type(x) is float and math.isfinite(x) for x in record["singular_values"])
    return (
        good,
        f"first layer {W.shape[0]} x {W.shape[1]}, {len(A)} directions" if good else "arrays do not fit",
    )


def _rows(record: JsonMapping, rows: tuple[FloatArray, FloatArray]) -> tuple[bool, str]:
    X, y = (np.ascontiguousarray(part) for part in rows)
    head = f"derandkit network rows {X.shape} {y.shape}\n".encode("ascii")
    digest = hashlib.sha256(head + X.tobytes() + y.tobytes()).hexdigest()
    good = record["digest"] == digest and record["rows"] == len(X)
    return good and X.shape[1] == record["parameters"]["W"]["shape"][1], f"digest {digest[:12]}..."


def _split(record: JsonMapping, X: FloatArray) -> tuple[bool, str]:
    W, A = (decode_array(record["parameters"][name]) for name in ("W", "directions"))
    covariance = np.cov(X, rowvar=False, ddof=0).reshape(X.shape[1], X.shape[1])
    scale = np.sqrt(np.diag(covariance))
    varies = scale > 1e-13 * np.abs(X).max(axis=0)
    scale = np.where(varies, scale, 1.0)
    correlation = np.where(np.outer(varies, varies), covariance / np.outer(scale, scale), 0.0)
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-10 * values[-1]
    root = (vectors[:, kept] * np.sqrt(values[kept])) @ vectors[:, kept].T
    layer, along = (W * scale) @ root, (A * scale) @ root
    span = np.linalg.svd(along, full_matrices=False)[2]
    perp = layer - (layer @ span.T) @ span
    perp = perp - (perp @ span.T) @ span
    if len(span) == W.shape[1]:
        perp = np.zeros_like(perp)
    sizes = np.linalg.svd(layer, compute_uv=False)
    shares = sizes[sizes > 0] / max(float(sizes.sum()), 1e-300)
    rank = float(np.exp(-np.sum(shares * np.log(shares)))) if shares.size else 0.0
    slack = 1e-9 * float(np.linalg.norm(layer))
    pairs = [
        (record["w_perp"], float(np.linalg.norm(perp))),
        (record["w_par"], float(np.linalg.norm((layer @ span.T) @ span))),
        (record["effective_rank"], rank),
    ]
    good = len(record["singular_values"]) == len(sizes)
    pairs += list(zip(record["singular_values"], sizes.tolist(), strict=False))
    good = good and all(abs(claimed - found) <= _ROUNDED * abs(found) + slack for claimed, found in pairs)
    if not record["directions_given"]:
        best = float(np.sum(sizes[len(span) :] ** 2)) ** 0.5
        good = good and abs(pairs[0][1] - best) <= 1e-6 * float(np.linalg.norm(layer)) + 1e-300
    return bool(good), f"|W_perp| = {pairs[0][1]:.6g}, |W_par| = {pairs[1][1]:.6g}"


def _derivatives(record: JsonMapping, again: Callable[[], JsonMapping] | None) -> tuple[bool | Verdict, str]:
    if again is None:
        return Verdict.NOT_CHECKED, f"the network ({record['kind']:.60}) is not in the record"
    found = again()
    wrong = [name for name in ("kind", "smooth") if record[name] != found[name]]
    for name in ("W", "b"):
        one, other = (decode_array(part["parameters"][name]) for part in (record, found))
        if one.shape != other.shape or not np.allclose(one, other, rtol=_AGAIN, atol=0.0):
            wrong.append(name)
    pairs = {name: (record[name], found[name]) for name in ("risk", "risk_error", "gradient_norm")}
    pairs |= {name: (record["figures"][name], found["figures"][name]) for name in _FIGURES}
    size = max(abs(found["figures"]["largest_curvature"] or 0.0), abs(found["gradient_norm"]))
    for name, (claimed, value) in sorted(pairs.items()):
        if (claimed is None) != (value is None) or (
            claimed is not None and not abs(claimed - value) <= _AGAIN * abs(value) + _CANCELLED * size
        ):
            wrong.append(name)
    return not wrong, f"certified again: risk {found['risk']:.6g}; differs: {wrong}"


def _bound(record: JsonMapping) -> tuple[bool, str]:
    figures, penalty = record["figures"], record["penalty"]
    low, top, bound = (figures[name] for name in ("smallest_curvature", "perp_gradient", "lemma_bound"))
    if low is None or top is None or not record["smooth"]:
        return bound is None and (record["smooth"] or low is None), "no second derivatives, so no bound"
    below = 2.0 * penalty + low
    if not below > 0:
        return bound is None, f"denominator {below:.4g}, so no bound"
    spread = _ROUNDED * (abs(low) + 2.0 * penalty) / below
    good = bound is not None and abs(bound - top / below) <= (top / below) * (spread + _ROUNDED)
    return good, f"{top:.6g} / {below:.6g} = {top / below:.6g}"


def _decay(record: JsonMapping) -> tuple[bool, str]:
    decay: Any = record["decay"]
    if decay is None:
        return True, "nothing is stated"
    left = abs(1.0 - 2.0 * decay["step_size"] * record["penalty"]) ** decay["steps"]
    good = set(decay) == {"left", "step_size", "steps"} and decay["steps"] >= 0 and decay["step_size"] > 0
    return good and abs(decay["left"] - left) <= _ROUNDED * left, f"{left:.4g} is left"


def _status(record: JsonMapping) -> tuple[bool, str]:
    bound, error = record["figures"]["lemma_bound"], record["figures"]["lemma_bound_error"]
    expected = "no_bound"
    if bound is not None and error is not None:
        expected = "bounded" if record["w_perp"] <= bound + 2.0 * error else "contradicted"
    good = record["status"] == expected and record["message"] == NetworkStatus[expected.upper()].value
    return good, f"{expected} follows from the numbers"
