"""Figures of a structure record that are recomputed on the nodes of its problem, each within an interval it states."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.structure.recomputed import ROUNDED_ERROR, SLACK, least, near, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.numerics.typing import FloatArray

Outcome = tuple[bool | Verdict, str]

LEMMA = (
    "largest_curvature",
    "lemma_bound",
    "perp_gradient",
    "smallest_curvature",
    "stein_estimate",
    "stein_residual",
)
OWN = "the network or the loss is the user's own, so none of this could be recomputed"


def training(case: Recomputed) -> Outcome:
    """Recompute risk and gradient on the training nodes."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    record = case.record
    found = case.at_end()
    mean = case.mean_gradient(found.b, found.theta, case.theta)
    gradient = math.hypot(size(found.W + 2.0 * case.penalty * case.W), size(mean))
    scale = case.scale()
    good = near(record["training_loss"], found.risk, SLACK * scale)
    good = good and near(record["gradient_norm"], gradient, SLACK * scale)
    return good, f"risk {found.risk:.8g}, gradient norm {gradient:.4g}"


def evaluation(case: Recomputed) -> Outcome:
    """Recompute risk and gradient on nodes that were not trained on."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    W, penalty, scale = case.W, case.penalty, case.scale()
    loss = case.estimate(lambda risk, *_: risk)
    gradient = case.estimate(lambda _r, dW, mean, _h: math.hypot(size(dW + 2.0 * penalty * W), size(mean)))
    good = _pair(case.record, "loss", loss, SLACK * scale)
    good = good and _pair(case.record, "population_gradient_norm", gradient, SLACK * scale)
    return good, f"risk {loss[0]:.8g} +- {loss[1]:.2g}, gradient norm {gradient[0]:.4g}"


def references(case: Recomputed) -> Outcome:
    """Recompute the losses of the mean and of a linear model, and what the network gains over the former."""
    names = ("mean_loss", "linear_loss", "gain", "gain_error", "mean_training_loss")
    record = case.record
    if case.settings["loss"] == "user":
        silent = all(record[name] is None for name in names)
        return (
            (Verdict.NOT_CHECKED, OWN) if silent else (False, "nothing is known of a loss of the user's own")
        )
    mean, linear = case.references()
    means = [mean(sample) for sample in case.evaluation()]
    slack = SLACK * case.scale()
    # a linear model that Newton's method left short of its minimum has a second-order error in its own loss only
    found = case.average([linear(sample) for sample in case.evaluation()])[0]
    good = near(record["mean_loss"], case.average(means)[0], slack)
    good = good and near(record["linear_loss"], found, 1e-8 * (1.0 + abs(found)))
    good = good and near(record["mean_training_loss"], mean(case.training()), slack)
    text = f"the mean {case.average(means)[0]:.6g}, a linear model {found:.6g}"
    if not case.builtin:
        verdict: bool | Verdict = Verdict.NOT_CHECKED if good else False
        return verdict, f"{text}; the gain rests on a network of the user's own"
    risks = [p.risk for p in case.passes()]
    gain, error = case.average([m - r for m, r in zip(means, risks, strict=True)])
    good = (
        good and near(record["gain"], gain, slack) and near(record["gain_error"], error, slack, ROUNDED_ERROR)
    )
    return good, f"{text}, gain {gain:.6g} +- {error:.2g}"


def lemma(case: Recomputed) -> Outcome:
    """Recompute the bound on ``|W_perp|``, Stein's identity and the curvature they rest on."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    record, penalty, scale = case.record, case.penalty, case.scale()
    perp = case.split(case.W)[1]

    def pull(dW: FloatArray) -> FloatArray:
        return np.asarray(case.split(dW)[1] + 2.0 * penalty * perp)

    good = _pair(record, "perp_gradient", case.estimate(lambda _r, dW, _m, _h: size(pull(dW))), SLACK * scale)
    if not case.settings["smooth"]:
        names = [name for name in LEMMA if name != "perp_gradient"]
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

    low = case.estimate(lambda _r, _d, _m, H: least(H))
    high = case.estimate(lambda _r, _d, _m, H: float(np.linalg.eigvalsh(H)[-1]))
    gap = max(low[0] + 2.0 * penalty, 1e-300)
    parts = case.estimate(lambda _r, dW, _m, H: size(case.split(dW)[1]) + size(H @ perp))[0]
    # an error in H or in the gradient, carried through the division
    amplified = SLACK * scale * (1.0 + max(high[0], -low[0]) + size(perp)) / gap
    bounded, steined = case.estimate(bound), case.estimate(stein)
    values = {
        "smallest_curvature": (low, SLACK * scale),
        "largest_curvature": (high, SLACK * scale),
        "lemma_bound": (bounded, amplified * (1.0 + bounded[0])),
        "stein_estimate": (steined, amplified * (1.0 + steined[0])),
        "stein_residual": (case.estimate(residual), SLACK * scale / max(parts, 1e-300)),
    }
    wrong = [name for name, (pair, slack) in values.items() if not _pair(record, name, pair, slack)]
    value, error = values["lemma_bound"][0]
    return (
        good and not wrong,
        f"bound {value:.6g} +- {error:.2g} against |W_perp| = {size(perp):.6g}; differs: {wrong}",
    )


def _pair(record: Mapping[str, Any], name: str, found: tuple[float, float], slack: float) -> bool:
    value, error = found
    if not (math.isfinite(value) and math.isfinite(error)):
        return record[f"{name}_error"] is None and near(record[name], value, slack)
    # a jackknife over eight parts multiplies differences by up to sqrt(7 * 8)
    return near(record[name], value, slack) and near(
        record[f"{name}_error"], error, 8.0 * slack, ROUNDED_ERROR
    )
