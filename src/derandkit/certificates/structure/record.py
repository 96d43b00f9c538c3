"""Check a structure record against its teacher or data, in NumPy and with none of the training code.

Singular values, split, gradient, curvature and the lemma's bound are computed again from the stored parameters, on
the nodes that the problem defines. What cannot be recomputed is shown as not checked: a network or a loss of the
user's own, for which the verdict is not ok, and how the parameters were found, on which nothing rests.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Verdict, VerificationCheck, is_reading, rests_on, same_json, vague
from derandkit.certificates.rows import first_line
from derandkit.certificates.statements import another, check_seal
from derandkit.certificates.structure import claims, course, rows
from derandkit.certificates.structure.cost import refuse_costly, refuse_costly_whitening
from derandkit.certificates.structure.form import (
    MEANS_SINCE,
    ROWS_SINCE,
    SETTINGS_NOT_IN_1,
    misfit,
    schema_of,
)
from derandkit.certificates.structure.inputs import left_out, on_both_sides, read_as_probabilities, wrong_loss
from derandkit.certificates.structure.networks import start_of
from derandkit.certificates.structure.recomputed import ROUNDED, SLACK, Recomputed, Samples, near, size
from derandkit.certificates.structure.statements import STRUCTURE
from derandkit.records import JsonMapping
from derandkit.tables import counted, first_names
from derandkit.versions import CURRENT, unknown_version, upgraded
from derandkit.words.columns import column_names, target_name
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.numerics.typing import FloatArray

SCHEMA = "derandkit-structure"


def verify_structure(
    record: JsonMapping,
    problem: object,
    configuration: JsonMapping | None = None,
    *,
    allow_work: float = 1.0,
) -> list[VerificationCheck]:
    """Recompute what a structure record claims.

    Parameters
    ----------
    record : mapping
        What `StructureResult.to_dict` returned, or the JSON file read back.
    problem : Teacher or RegressionData
        What it is about.
    configuration : mapping, optional
        ``student`` and ``settings`` that a configuration asks for; compared with those of the record.
    allow_work : float
        How many times the usual work a check may cost before it is refused.

    Returns
    -------
    list of VerificationCheck
        ``schema``, ``seal``, ``problem``, ``configuration`` (if there is one), ``parameters``, ``split``, ``recovery``,
        ``training``, ``evaluation``, ``references``, ``lemma``, ``residual``, ``rows``, ``decay``, ``status``,
        ``history``, and, shown as not checked, ``trainings`` (of the other controls), ``kept_back`` and ``provenance``.
        After a malformed schema, another problem, another configuration or malformed parameters nothing further can be
        checked and the list ends there. Never raises on a malformed record.

    Notes
    -----
    O(m p) operations for m nodes, and O(m n^3) from depth 3 on. A control with formula and the joint curvature take up
    to 200 gradients on an eighth of the nodes. All of it is counted and compared with a limit beforehand (`cost`).
    """
    written, record = record, upgraded(record)
    checks = [STRUCTURE.check("schema", _schema, record, written)]
    if not checks[0].passed:
        return checks
    version = written["schema_version"]
    samples = Samples(problem, alike=version < MEANS_SINCE)
    first, since = version == 1, {"references": 2, "rows": ROWS_SINCE}
    checks.append(STRUCTURE.check("seal", check_seal, written))
    checks.append(STRUCTURE.check("problem", _problem, record, problem, version, allow_work))
    if configuration is not None:
        unclaimed = SETTINGS_NOT_IN_1 if first else ()
        checks.append(STRUCTURE.check("configuration", _configuration, record, configuration, unclaimed))
    if all(check.passed for check in checks[2:]):
        checks.append(STRUCTURE.check("parameters", _parameters, record, problem, samples, first, allow_work))
    if not all(check.passed for check in checks[2:]):
        return checks
    case = Recomputed(record, problem, samples)
    for name, check in (
        ("split", _split), ("recovery", _recovery), ("training", claims.training), ("evaluation", claims.evaluation),
        ("references", claims.references), ("lemma", claims.lemma), ("residual", claims.residual),
        ("rows", rows.bound), ("decay", course.decay), ("status", course.status), ("history", course.history),
    ):  # fmt: skip
        if version < since.get(name, 1):
            checks.append(STRUCTURE.unclaimed(name, version))
        else:
            checks.append(STRUCTURE.check(name, check, case))
    rests = {
        "recovery": False,  # a network without leading directions is one
        "status": rests_on(course.is_headline, case),
        # without rows nothing is said of the run
        "history": bool(record["history"]["evaluations"])
        and (record["ended"] != "interrupted" or not case.builtin),
    }
    checks = [
        replace(c, headline=rests[c.name] or c.verdict is not Verdict.NOT_CHECKED) if c.name in rests else c
        for c in checks
    ]
    checks.append(STRUCTURE.check("trainings", course.trainings, case))
    checks.append(STRUCTURE.check("kept_back", course.kept_back, case))
    checks.append(STRUCTURE.check("provenance", course.provenance, case, written))
    return checks


def _schema(record: JsonMapping, written: JsonMapping) -> tuple[bool, str]:
    version = written.get("schema_version")
    if record.get("schema") == SCHEMA and record.get("schema_version") != CURRENT[SCHEMA]:
        return False, unknown_version(written, SCHEMA)
    bad = misfit(dict(record), schema_of(version) if type(version) is int else None)
    return bad is None, bad or f"{SCHEMA} version {version}"


def _problem(record: JsonMapping, problem: Any, version: int, allow_work: float) -> tuple[bool, str]:
    if problem.span is None:
        # of another table nothing is whitened, and of this one not before the work is known
        if other := another("table", record["problem"], {"kind": "data", "digest": problem.digest}):
            return False, other
        refuse_costly_whitening(len(problem.X), problem.X.shape[1], allow_work)
        if on_both_sides(problem):
            return False, "rows that are kept back have the inputs of rows that are trained on"
        if version < MEANS_SINCE and (repeated := problem.describe().get("repeated")):
            return False, (
                f"{repeated} of {len(problem.X)} rows repeat others, and before version {MEANS_SINCE} equal rows stood "
                "on both sides of the split: make the record anew"
            )
    shares = problem.span is None and read_as_probabilities(problem.y, record["settings"]["loss"])
    if shares and "probabilities" not in record["problem"]:
        return (
            False,
            "targets are probabilities, and the record calls them classes 0 and 1: make the record anew",
        )
    expected = {**problem.describe(), "digest": problem.digest, **({"probabilities": True} if shares else {})}
    claimed = {key: value for key, value in record["problem"].items() if key != "reading"}
    out, stated = None, claimed.pop("faint", None)
    expected.pop("faint", None)
    wrong = sorted(
        name
        for name in set(expected) | set(claimed)
        if not (name in expected and name in claimed and same_json(expected[name], claimed[name]))
    )
    known = record["settings"]["gaussian"] is problem.gaussian
    known = known and is_reading(record["problem"]["reading"])
    if expected["kind"] == "data":
        out = left_out(problem)
    text = f"{_about(expected)}; digest {expected['digest'][:12]}...{out.words(expected) if out else ''}"
    text += first_line(expected.get("names") or (), problem.reading)
    null = stated is None and "faint" in record["problem"]
    if null or not (out.fits(stated, version < MEANS_SINCE) if out else stated is None):
        wrong.append("faint")
    if wrong:
        text = f"the record is about another problem, this one is {text}; differs: {wrong}"
    return not wrong and known, text


def _about(problem: JsonMapping) -> str:
    """Say what a network was trained on: the record chooses columns, so a reader has to see which."""
    if problem["kind"] == "teacher":
        return f"teacher {problem['link']!r} on {problem['dimension']} inputs"
    names, columns, target = problem["names"], problem["columns"], problem["target"]
    inputs = (
        counted(columns, "column") if names is None else first_names(column_names(names, columns, target))
    )
    target = printable(target_name(names, columns, target))
    plain = "" if problem["standardise"] else ", not standardised"
    return f"{problem['rows']} rows; target {target}, inputs {inputs}{plain}"


def _configuration(
    record: JsonMapping, configuration: JsonMapping, unclaimed: Sequence[str]
) -> tuple[bool, str]:
    settings, chosen = record["settings"], record["selection"]
    # a path over one penalty of the upper layers is the one that was given
    several = chosen is not None and len({row["upper_penalty"] for row in chosen["path"]}) > 1
    found = {
        **settings,
        "penalty": settings["penalty"] if record["selection"] is None else "auto",
        "upper_penalty": settings["upper_penalty"] if not several else "auto",
        "controls": any(record["controls"][name] is not None for name in ("frozen_bias", "no_penalty")),
    }
    # a run that was cut short leaves out the controls that it did not come to: nothing is said of them
    short = configuration["settings"]["controls"] is True and found["controls"] is False
    if short:
        found["controls"] = True
    wrong = [
        f"student.{key}"
        for key, value in configuration["student"].items()
        if not same_json(record["student"][key], value)
    ]
    stated = {key: value for key, value in configuration["settings"].items() if key not in unclaimed}
    wrong += [f"run.{key}" for key, value in stated.items() if not same_json(found[key], value)]
    silent = f"; version 1 does not claim {' and '.join(unclaimed)}" if unclaimed else ""
    return (
        not wrong,
        f"differs from the configuration: {wrong}"
        if wrong
        else "student and run are those of the configuration"
        + f"{', but for the controls, which are missing' if short else ''}{silent}",
    )


def _parameters(
    record: JsonMapping, problem: Any, samples: Samples, first: bool, allow_work: float
) -> tuple[bool, str]:
    student, settings = record["student"], record["settings"]
    shapes = {name: record["parameters"][name]["shape"] for name in record["parameters"]}
    n, d, q = student["width"], problem.dimension, shapes["span"][0]
    k = 1 if problem.span is not None else int(problem.outputs)
    good = shapes["W"] == shapes["W_start"] == [n, d] and shapes["b"] == [n]
    good = good and len(shapes["theta"]) == 1 and shapes["span"] == [q, d] and 1 <= q <= d
    if student["kind"] == "built-in":
        hidden = student["depth"] - 2 if student["depth"] is not None else 0
        good = good and None not in (student["depth"], student["activation"], student["output_bias"])
        good = good and (student["sharpness"] is None) == (student["activation"] != "softplus")
        good = good and shapes["theta"] == [hidden * (n * n + n) + k * (n + bool(student["output_bias"]))]
        good = good and settings["smooth"] is (student["activation"] != "relu")
    else:
        good = good and settings["smooth"] is True
        good = good and all(
            student[name] is None for name in ("depth", "activation", "sharpness", "output_bias")
        )
    if not good:
        return False, "shapes and description of the network do not fit each other, or the problem"
    refuse_costly(record, samples, allow_work)
    if wrong := wrong_loss(samples, settings["loss"]):
        return False, wrong
    case = Recomputed(record, problem, samples)
    good = all(np.isfinite(a).all() for a in (*case.parameters(), case.given_span))
    W_start, b_start, theta_start = start_of(student, d, case.outputs)
    given = student["start"] == "given"
    if given and student["kind"] == "built-in":
        return False, "a built-in network starts by its formula"
    good = good and (given or bool(np.allclose(case.W_start, W_start, rtol=1e-12, atol=1e-14)))
    # what is frozen stands where it started
    for name, found, start in (("bias", case.b, b_start), ("upper", case.theta, theta_start)):
        if name in settings["frozen"] and start is not None and not given:
            good = good and bool(np.allclose(found, start, rtol=1e-12, atol=1e-14))
    if problem.span is None and settings["rank"] is not None:
        good = good and q == settings["rank"]
    elif (
        problem.span is None and record["selection"] is None and not first
    ):  # version 1 does not say why q is q
        good = good and q == min(max(1, round(record["effective_rank"])), n, d)
    good = good and (problem.span is None or settings["rank"] is None)
    begun = "a start that was given" if given else "start by its formula"
    return good, f"{n} x {d} first layer, {case.theta.size} parameters above, {begun}"


def _split(case: Recomputed) -> tuple[bool | Verdict, str]:
    record, W, span = case.record, case.W, case.given_span
    orthonormal = float(np.abs(span @ span.T - np.eye(len(span))).max()) <= 1e-9
    if case.problem.span is not None:
        expected = case.problem.span
        aligned = expected.shape == span.shape and size(span - span @ expected.T @ expected) <= 1e-12 + SLACK
    else:
        expected = np.linalg.svd(W, full_matrices=False)[2][: len(span)]
        aligned = rows.are_leading(W, span, SLACK)
    if case.problem.span is None:
        best = float(np.sum(np.linalg.svd(W, compute_uv=False)[: len(span)] ** 2))
        aligned = aligned and best - size(W @ span.T) ** 2 <= 1e-9 * size(W) ** 2
    parallel, perp = case.split(W)
    w_perp, start = size(perp), size(case.split(case.W_start)[1])
    ratio = w_perp / start if start > 0 else 0.0
    slack = 1e-14 * W.shape[1]
    good = orthonormal and aligned and near(record["w_perp"], w_perp, slack * size(W))
    good = good and near(record["w_perp_start"], start, slack * size(case.W_start))
    if case.problem.span is None:  # however the span lies to within its slack, no other leaves less of W
        good = good and near(record["w_perp"], size(W - W @ expected.T @ expected), slack * size(W))
    good = good and near(record["w_par"], size(parallel), slack * size(W))
    good = good and near(record["ratio"], ratio, slack * size(W) / start if start > 0 else 0.0)
    text = f"|W_perp| = {w_perp:.6g} of {start:.6g} at the start, |W_par| = {size(parallel):.6g}"
    # a start that lies in the span has nothing orthogonal to it but rounding
    nothing = start <= slack * size(case.W_start)
    if good and vague(slack * size(W), max(w_perp, start, 1e-8 * size(W) if nothing else 0.0)):
        return Verdict.NOT_CHECKED, f"{text}; W is so large that this is not known"
    return good, text


def _recovery(case: Recomputed) -> tuple[bool | Verdict, str]:
    record, W, span = case.record, case.W, case.span
    values = np.linalg.svd(W, compute_uv=False)
    claimed = record["singular_values"]
    slack = 1e-14 * max(W.shape) * float(values[0])
    good = len(claimed) == len(values)
    good = good and all(near(c, v, slack) for c, v in zip(claimed, values.tolist(), strict=True))
    p = values[values > 0] / max(float(values.sum()), 1e-300)
    rank = float(np.exp(-np.sum(p * np.log(p)))) if p.size else 0.0
    good = good and near(record["effective_rank"], rank, 1e-9)
    strengths = np.linalg.svd(W @ span.T, compute_uv=False)
    good = good and len(record["strengths"]) == len(strengths)
    good = good and all(near(c, v, slack) for c, v in zip(record["strengths"], strengths, strict=True))
    angles = record["principal_angles"]
    weights = record["column_weights"]
    if case.problem.span is None:
        expected = case.problem.features(span).tolist()
        good = good and angles is None and [len(row) for row in weights] == [len(row) for row in expected]
        pairs = zip(itertools.chain(*weights), itertools.chain(*expected), strict=True)
        good = good and all(near(c, v, 1e-12) for c, v in pairs)
        return (
            good,
            f"effective rank {record['effective_rank']!r}, weights of the columns, no teacher to compare with",
        )
    good = good and weights is None
    own = np.linalg.svd(W, full_matrices=False)[2][: min(len(span), *W.shape)]
    cosines = np.clip(np.linalg.svd(own @ span.T, compute_uv=False), 0.0, 1.0)
    sines = np.sort(np.linalg.svd(own - own @ span.T @ span, compute_uv=False)[: len(own)])
    exact = [
        math.asin(min(1.0, s)) if c * c > 0.5 else math.acos(c) for c, s in zip(cosines, sines, strict=False)
    ]
    # singular vectors are as uncertain as their singular values are close to the next one
    gap = _gap(W, len(own))
    loose = 1e-14 * (max(W.shape) / gap + 1.0) if gap > 0 else math.inf
    known = not vague(loose, 1.0)
    margins = (loose, ROUNDED) if known else (1e-8, 1e-4)
    good = good and len(angles) == len(exact) and all(
        near(a, e, *margins) for a, e in zip(angles, sorted(exact), strict=True)
    )  # fmt: skip
    text = f"singular values, effective rank and {len(exact)} principal angles"
    if good and not known:
        return (
            Verdict.NOT_CHECKED,
            f"{text}; singular values are too close for their directions to be known, and nothing rests on that",
        )
    return good, text


def _gap(W: FloatArray, q: int) -> float:
    """Return the relative gap behind the q-th singular value; 1 where nothing is cut off."""
    values = np.linalg.svd(W, compute_uv=False)
    if q >= W.shape[1]:
        return 1.0
    after = float(values[q]) if q < len(values) else 0.0
    return (float(values[q - 1]) - after) / float(values[0]) if values[0] > 0 else 0.0
