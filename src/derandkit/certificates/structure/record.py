"""Check a structure record against its teacher or data, in NumPy and with none of the training code.

Singular values, split, gradient, curvature and the lemma's bound are computed again from the stored parameters, on
the nodes that the problem defines. How the parameters were found does not matter. What cannot be recomputed is said
so: a network or a loss of the user's own, and the further trainings behind two of the controls.
"""

from __future__ import annotations

import itertools
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Check, checked
from derandkit.certificates.structure.networks import ACTIVATIONS, LOSSES, layer_shapes, start_of, sums
from derandkit.certificates.structure.recomputed import Recomputed, least, size
from derandkit.records import seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

SCHEMA, VERSION = "derandkit-structure", 1
_MESSAGES = {
    "stationary": "stationary: no descent direction and no negative curvature is left on the training nodes",
    "step_limit": "step limit: the risk was still falling; the figures hold at the point that was reached, "
    "raise max_steps to go on",
    "trained": "trained: a stochastic method made its steps; nothing is claimed about stationarity",
    "stalled": "stalled: no step lowers the risk further although the gradient is not small, "
    "as at a kink of a plain ReLU",
    "diverged": "diverged: the risk left the finite numbers; the best point before that is kept, lower the step size",
    "interrupted": "interrupted: the best point so far was evaluated; run again for a better one",
}
_LEMMA = (
    "largest_curvature",
    "lemma_bound",
    "perp_gradient",
    "smallest_curvature",
    "stein_estimate",
    "stein_residual",
)
_WITH_ERROR = (*_LEMMA, "loss", "population_gradient_norm")
_KEYS = frozenset(
    {
        "column_weights", "controls", "effective_rank", "evaluations", "gradient_norm", "history", "message",
        "parameters", "principal_angles", "problem", "ratio", "schema", "schema_version", "seal", "settings",
        "singular_values", "stats", "status", "strengths", "student", "training_loss", "w_par", "w_perp",
        "w_perp_start", *_WITH_ERROR, *(f"{name}_error" for name in _WITH_ERROR),
    }
)  # fmt: skip
_TABLES = ("controls", "history", "parameters", "problem", "settings", "stats", "student")
_HISTORY = ("evaluations", "penalised", "risk", "w_par", "w_perp")
#: Figures are stored to ten digits; what is left are sums in another order, amplified by the solve with H.
RELATIVE, ABSOLUTE = 1e-5, 1e-10
#: Standard errors are differences of nearly equal numbers.
ERROR_RELATIVE = 1e-2
#: A point is called stationary below this share of the gradient at the start.
STATIONARY = 1e-3
NOT_CHECKED = "NOT CHECKED: the network or the loss is the user's own, so nothing of it was recomputed"


def verify_structure(record: Mapping[str, Any], problem: Any) -> list[Check]:
    """Recompute what a structure record claims.

    Parameters
    ----------
    record : mapping
        What `StructureResult.to_dict` returned, or the JSON file read back.
    problem : Teacher or RegressionData
        What it speaks about.

    Returns
    -------
    list of Check
        ``schema``, ``seal``, ``problem``, ``parameters``, ``split``, ``recovery``, ``training``, ``evaluation``,
        ``lemma``, ``controls``, ``status`` and ``history``, in this order. After a malformed schema, another problem
        or malformed parameters nothing further can be checked and the list ends there. Never raises on a malformed
        record.

    Notes
    -----
    O(m p) operations for m nodes, and O(m n^3) from depth 3 on.
    """
    checks = [checked("schema", _schema, record)]
    if not checks[0].passed:
        return checks
    checks.append(checked("seal", _seal, record))
    checks.append(checked("problem", _problem, record, problem))
    checks.append(checked("parameters", _parameters, record, problem))
    if not (checks[-1].passed and checks[-2].passed):
        return checks
    case = Recomputed(record, problem)
    for name, check in (
        ("split", _split), ("recovery", _recovery), ("training", _training), ("evaluation", _evaluation),
        ("lemma", _lemma), ("controls", _controls), ("status", _status), ("history", _history),
    ):  # fmt: skip
        checks.append(checked(name, check, case))
    return checks


def _schema(record: Mapping[str, Any]) -> tuple[bool, str]:
    missing, unknown = sorted(_KEYS - set(record)), sorted(map(str, set(record) - _KEYS))
    shapeless = sorted(name for name in _TABLES if not isinstance(record.get(name), dict))
    if missing or unknown or shapeless:
        return False, f"missing {missing}, unknown {unknown}, not an object {shapeless}"
    same = record["schema"] == SCHEMA and type(record["schema_version"]) is int
    return same and record[
        "schema_version"
    ] == VERSION, f"{record['schema']!r} version {record['schema_version']!r}"


def _seal(record: Mapping[str, Any]) -> tuple[bool, str]:
    expected = seal(json.loads(json.dumps(dict(record))))
    return record["seal"] == expected, f"SHA-256 of the record is {expected[:12]}..."


def _problem(record: Mapping[str, Any], problem: Any) -> tuple[bool, str]:
    expected = {**problem.describe(), "digest": problem.digest}
    claimed = record["problem"]
    wrong = sorted(
        name for name in set(expected) | set(claimed) if not _same(expected.get(name), claimed.get(name))
    )
    known = record["settings"]["gaussian"] is problem.gaussian
    return not wrong and known, f"digest {expected['digest'][:12]}...; differs: {wrong}"


def _same(a: Any, b: Any) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def _parameters(record: Mapping[str, Any], problem: Any) -> tuple[bool, str]:
    case = Recomputed(record, problem)
    student, settings = case.student, case.settings
    n, d, q = student["width"], problem.dimension, case.span.shape[0]
    good = type(n) is int and n >= 1 and 1 <= q <= d
    good = (
        good
        and case.W.shape == case.W_start.shape == (n, d)
        and case.b.shape == (n,)
        and case.span.shape == (q, d)
    )
    good = (
        good and case.theta.ndim == 1 and all(np.isfinite(a).all() for a in (*case.parameters(), case.span))
    )
    good = good and set(record["parameters"]) == {"W", "W_start", "b", "span", "theta"}
    good = good and all(record["parameters"][name]["dtype"] == "<f8" for name in record["parameters"])
    good = good and set(settings) == {
        "loss", "penalty", "upper_penalty", "method", "frozen", "gaussian", "smooth"
    }  # fmt: skip
    good = good and all(
        type(settings[name]) is float and 0.0 <= settings[name] < math.inf
        for name in ("penalty", "upper_penalty")
    )
    good = good and settings["frozen"] in ([], ["bias"], ["upper"], ["bias", "upper"])
    good = good and settings["loss"] in (*LOSSES, "user")
    if student["kind"] == "built-in":
        good = good and student["activation"] in ACTIVATIONS and type(student["output_bias"]) is bool
        good = good and type(student["depth"]) is int and student["depth"] >= 2
        sharp = student["activation"] == "softplus"
        good = good and (type(student["sharpness"]) is float if sharp else student["sharpness"] is None)
        good = good and case.theta.size == sum(math.prod(shape) for shape in layer_shapes(student))
        good = good and settings["smooth"] is (student["activation"] != "relu")
    else:
        good = good and student["kind"] == "user" and settings["smooth"] is True
        good = good and all(
            student[name] is None for name in ("depth", "activation", "sharpness", "output_bias")
        )
    good = good and student["start"] in ("balanced", "published")
    good = good and type(student["stream"]) is int and student["stream"] >= 0
    good = good and bool(np.allclose(case.W_start, start_of(student, d)[0], rtol=1e-12, atol=1e-14))
    return good, f"{n} x {d} first layer, {case.theta.size} parameters above, start by its formula"


def _near(claimed: Any, found: float | None, relative: float = RELATIVE, absolute: float = ABSOLUTE) -> bool:
    if found is None or not math.isfinite(found):
        return claimed is None
    return type(claimed) is float and abs(claimed - found) <= relative * abs(found) + absolute


def _split(case: Recomputed) -> tuple[bool, str]:
    record, W, span = case.record, case.W, case.span
    orthonormal = float(np.abs(span @ span.T - np.eye(len(span))).max()) <= 1e-9
    if case.problem.span is not None:
        expected = case.problem.span
    else:
        expected = np.linalg.svd(W, full_matrices=False)[2][: len(span)]
    aligned = expected.shape == span.shape and size(span - span @ expected.T @ expected) <= 1e-6
    parallel, perp = case.split(W)
    w_perp, start = size(perp), size(case.split(case.W_start)[1])
    ratio = w_perp / start if start > 0 else 0.0
    good = (
        orthonormal and aligned and _near(record["w_perp"], w_perp) and _near(record["w_perp_start"], start)
    )
    good = good and _near(record["w_par"], size(parallel)) and _near(record["ratio"], ratio)
    return (
        good,
        f"|W_perp| = {w_perp:.6g} of {start:.6g} at the start, |W_par| = {np.linalg.norm(parallel):.6g}",
    )


def _recovery(case: Recomputed) -> tuple[bool, str]:
    record, W, span = case.record, case.W, case.span
    values = np.linalg.svd(W, compute_uv=False)
    claimed = record["singular_values"]
    good = len(claimed) == len(values) and all(map(_near, claimed, values.tolist()))
    p = values[values > 0] / max(float(values.sum()), 1e-300)
    good = good and _near(record["effective_rank"], float(np.exp(-np.sum(p * np.log(p)))) if p.size else 0.0)
    strengths = np.linalg.svd(W @ span.T, compute_uv=False)
    good = good and len(record["strengths"]) == len(strengths)
    good = good and all(map(_near, record["strengths"], strengths.tolist()))
    angles = record["principal_angles"]
    weights = record["column_weights"]
    if case.problem.span is None:
        expected = case.problem.features(span).tolist()
        good = good and angles is None and [len(row) for row in weights] == [len(row) for row in expected]
        good = good and all(map(_near, itertools.chain(*weights), itertools.chain(*expected)))
        return (
            good,
            f"effective rank {record['effective_rank']!r}, weights of the columns, no teacher to compare with",
        )
    good = good and weights is None
    rows = np.linalg.svd(W, full_matrices=False)[2][: min(len(span), *W.shape)]
    cosines = np.clip(np.linalg.svd(rows @ span.T, compute_uv=False), 0.0, 1.0)
    sines = np.sort(np.linalg.svd(rows - rows @ span.T @ span, compute_uv=False)[: len(rows)])
    exact = [
        math.asin(min(1.0, s)) if c * c > 0.5 else math.acos(c) for c, s in zip(cosines, sines, strict=False)
    ]
    # singular vectors are as uncertain as their singular values are close to each other
    good = good and len(angles) == len(exact) and all(
        _near(a, e, 1e-4, 1e-8) for a, e in zip(angles, sorted(exact), strict=True)
    )  # fmt: skip
    return good, f"singular values, effective rank and {len(exact)} principal angles"


def _training(case: Recomputed) -> tuple[bool, str]:
    if not case.builtin:
        return True, NOT_CHECKED
    record = case.record
    found = sums(
        case.student, case.settings["loss"], case.parameters(), case.problem.training(), second=False
    )
    mean = case.mean_gradient(found.b, found.theta, case.theta)
    gradient = math.hypot(size(found.W + 2.0 * case.penalty * case.W), size(mean))
    good = _near(record["training_loss"], found.risk) and _near(record["gradient_norm"], gradient, 1e-4)
    return good, f"risk {found.risk:.8g}, gradient norm {gradient:.4g}"


def _evaluation(case: Recomputed) -> tuple[bool, str]:
    if not case.builtin:
        return True, NOT_CHECKED
    W, penalty = case.W, case.penalty
    loss = case.estimate(lambda risk, *_: risk)
    gradient = case.estimate(lambda _r, dW, mean, _h: math.hypot(size(dW + 2.0 * penalty * W), size(mean)))
    good = _pair(case.record, "loss", loss) and _pair(case.record, "population_gradient_norm", gradient)
    return good, f"risk {loss[0]:.8g} +- {loss[1]:.2g}, gradient norm {gradient[0]:.4g}"


def _pair(record: Mapping[str, Any], name: str, found: tuple[float, float]) -> bool:
    value, error = found
    if not math.isfinite(value):
        return record[name] is None and record[f"{name}_error"] is None
    return _near(record[name], value) and _near(record[f"{name}_error"], error, ERROR_RELATIVE, 1e-9)


def _lemma(case: Recomputed) -> tuple[bool, str]:
    if not case.builtin:
        return True, NOT_CHECKED
    record, penalty = case.record, case.penalty
    perp = case.split(case.W)[1]

    def pull(dW: FloatArray) -> FloatArray:
        return np.asarray(case.split(dW)[1] + 2.0 * penalty * perp)

    good = _pair(record, "perp_gradient", case.estimate(lambda _r, dW, _m, _h: size(pull(dW))))
    if not case.settings["smooth"]:
        names = [name for name in _LEMMA if name != "perp_gradient"]
        silent = all(record[name] is None and record[f"{name}_error"] is None for name in names)
        return good and silent, "no second derivatives, so no bound"
    eye = 2.0 * penalty * np.eye(len(case.b))

    def bound(_r: float, dW: FloatArray, _m: FloatArray, H: FloatArray) -> float:
        denominator = 2.0 * penalty + least(H)
        return size(pull(dW)) / denominator if denominator > 0 else math.inf

    def stein(_r: float, dW: FloatArray, _m: FloatArray, H: FloatArray) -> float:
        return size(np.linalg.solve(H + eye, pull(dW))) if least(H + eye) > 0 else math.inf

    def residual(_r: float, dW: FloatArray, _m: FloatArray, H: FloatArray) -> float:
        left, right = case.split(dW)[1], H @ perp
        whole = size(left) + size(right)
        return size(left - right) / whole if whole > 0 else 0.0

    found = {
        "smallest_curvature": case.estimate(lambda _r, _d, _m, H: least(H)),
        "largest_curvature": case.estimate(lambda _r, _d, _m, H: float(np.linalg.eigvalsh(H)[-1])),
        "lemma_bound": case.estimate(bound),
        "stein_estimate": case.estimate(stein),
        "stein_residual": case.estimate(residual),
    }
    wrong = [name for name, pair in found.items() if not _pair(record, name, pair)]
    value, error = found["lemma_bound"]
    return (
        good and not wrong,
        f"bound {value:.6g} +- {error:.2g} against |W_perp| = {size(perp):.6g}; differs: {wrong}",
    )


def _controls(case: Recomputed) -> tuple[bool, str]:
    record, controls = case.record, case.record["controls"]
    good = set(controls) == {"decay", "frozen_bias", "no_penalty", "shares"}
    decay, start, ratio = controls["decay"], record["w_perp_start"], record["ratio"]
    good = good and set(decay) == {"left", "reason", "step_size", "steps"}
    good = good and decay["steps"] == record["evaluations"] and type(decay["steps"]) is int
    good = good and type(decay["step_size"]) is float and decay["step_size"] > 0
    if decay["left"] is None:
        good = good and type(decay["reason"]) is str
    else:
        left = abs(1.0 - 2.0 * decay["step_size"] * case.penalty) ** decay["steps"]
        good = good and decay["reason"] is None and _near(decay["left"], left)
    for name in ("frozen_bias", "no_penalty"):
        other = controls[name]
        if other is not None:
            expected = other["w_perp"] / start if start > 0 else 0.0
            good = good and _near(other["ratio"], expected) and 0.0 <= other["w_perp"] < math.inf
            good = good and set(other) == {
                "evaluations",
                "ratio",
                "status",
                "training_loss",
                "w_par",
                "w_perp",
            }
    alone = controls["no_penalty"]
    expected_shares = {
        "curvature": _share(ratio, None if alone is None else alone["ratio"]), "decay": _share(ratio, decay["left"])
    }  # fmt: skip
    known = [x for x in expected_shares.values() if x is not None]
    expected_shares["together"] = max(0.0, 1.0 - sum(known)) if len(known) == 2 else None
    shares = controls["shares"]
    good = good and set(shares) == set(expected_shares)
    good = good and all(_near(shares[name], value) for name, value in expected_shares.items())
    return (
        good,
        "decay by its formula, shares by theirs; the trainings of the other controls were not repeated",
    )


def _share(ratio: float, left: float | None) -> float | None:
    if left is None or not 0.0 < ratio < 1.0:
        return None
    return min(1.0, math.log(max(left, 1e-300)) / math.log(ratio)) if left < 1.0 else 0.0


def _status(case: Recomputed) -> tuple[bool, str]:
    record = case.record
    good = _MESSAGES.get(record["status"]) == record["message"]
    if record["status"] != "stationary" or not case.builtin:
        return good, f"{record['status']!r}"
    # where training started, bias and upper layers included
    _, b, theta = start_of(case.student, case.W.shape[1])
    if theta is None:
        return False, "a built-in network has its start"
    at = (case.W_start, b, theta)
    first = sums(case.student, case.settings["loss"], at, case.problem.training(), second=False)
    mean = case.mean_gradient(first.b, first.theta, theta)
    before = math.hypot(size(first.W + 2.0 * case.penalty * case.W_start), size(mean))
    good = good and record["gradient_norm"] <= STATIONARY * before
    return good, f"'stationary' with a gradient of {record['gradient_norm']!r}, {before:.4g} at the start"


def _history(case: Recomputed) -> tuple[bool, str]:
    history = case.record["history"]
    columns = [history[name] for name in _HISTORY]
    good = set(history) == set(_HISTORY) and len({len(column) for column in columns}) == 1
    good = good and all(type(x) is float and math.isfinite(x) for column in columns for x in column)
    done = history["evaluations"]
    good = good and all(a <= b for a, b in itertools.pairwise(done))
    return good, f"{len(done)} rows of finite numbers"
