"""Figures of a structure record that are recomputed on the nodes of its problem, each within an interval it states."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.certificates.checks import Verdict, vague
from derandkit.certificates.structure.recomputed import (
    GAIN_SPREAD,
    ROUNDED,
    ROUNDED_ERROR,
    SLACK,
    SPREAD,
    least,
    near,
    size,
)
from derandkit.certificates.structure.rounding import UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derandkit.certificates.structure.recomputed import Estimate, Part, Recomputed
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

Outcome = tuple[bool | Verdict, str]
#: The loss of a linear model may be left out where it is known to this share of its size or less.
LEAST_UNKNOWN = 1e-11

LEMMA = (
    "largest_curvature",
    "lemma_bound",
    "perp_gradient",
    "smallest_curvature",
    "stein_estimate",
)
#: A figure with a standard error is known if rounding moves it by this share of that error. The length of a gradient,
#: which says whether a run is at its end, has no error, and is known to this share of itself.
OWN_ERROR, GRADIENT = 1e-2, 1e-3
#: Larger weights above the first layer are named where numbers cancel.
LARGE = 100.0
#: A residual of Stein's identity is left out where its sides are no larger than this share of what they are sums of;
#: whoever writes it may see this share on the other side within a factor.
LEAST_RESIDUAL, BORDER = 1e-7, 1.01
OWN = "the network or the loss is the user's own, so none of this could be recomputed"


def verdict_of(case: Recomputed, good: bool, unclear: list[str], text: str) -> Outcome:
    """Return the outcome of a check: failed, or not checked where an interval is too wide, or recomputed."""
    if good and unclear:
        text = f"{text}; the numbers cancel so far that this is not known: {unclear}"
        largest = float(np.abs(case.parameters()[2]).max(initial=0.0))
        if largest > LARGE:
            text += f"; weights above the first layer are up to {largest:.2g}, upper_penalty keeps them small"
        return Verdict.NOT_CHECKED, text
    return good, text


def training(case: Recomputed) -> Outcome:
    """Recompute risk and gradient on the training nodes."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    record, found, scale = case.record, case.at_end(), case.scale()
    gradient, width = found.gradient(case)
    good = near(record["training_loss"], found.risk, 2.0 * found.risk_error)
    good = good and near(record["gradient_norm"], gradient, 2.0 * width)
    unclear = [] if not vague(found.risk_error, max(scale, found.risk)) else ["training_loss"]
    unclear += ["gradient_norm"] if width > GRADIENT * gradient and vague(width, max(scale, gradient)) else []
    text = f"risk {found.risk:.8g}, gradient norm {gradient:.4g}, known to {found.risk_error:.1g} and {width:.1g}"
    return verdict_of(case, good, unclear, text)


def evaluation(case: Recomputed) -> Outcome:
    """Recompute risk and gradient on the nodes, or rows, that are kept back."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    figures = {
        "loss": case.estimate(lambda part: (part.risk, part.risk_error)),
        "population_gradient_norm": case.estimate(lambda part: part.gradient(case)),
    }
    scale = case.scale()
    wrong, unclear = judged(case.record, {name: Held(x, max(scale, x.value)) for name, x in figures.items()})
    loss, gradient = figures.values()
    text = f"risk {loss.value:.8g} +- {loss.error:.2g}, gradient norm {gradient.value:.4g}{case.samples.said}"
    return verdict_of(case, not wrong, unclear, text)


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
    found = gain_over_mean(case)
    # a linear model that Newton's method left short of its minimum has a second-order error in its own loss only
    line = case.average([linear(sample) for sample in case.evaluation()])[0]
    off = float(np.max([linear.width(sample) for sample in case.evaluation()]))
    slack, own = mean.width(case.training()) + found.slack, mean(case.training())
    good = near(record["mean_loss"], found.mean, found.slack)
    # a record leaves out what is not known to all digits; whoever wrote it and this may see that differently
    left_out = record["linear_loss"] is None and not off <= LEAST_UNKNOWN * max(found.mean, line)
    slack_of_line = 1e-8 * (found.mean + abs(line)) + off + found.slack
    good = good and (left_out or near(record["linear_loss"], line, slack_of_line))
    good = good and near(record["mean_training_loss"], own, slack)
    text = f"the mean {found.mean:.6g}, a linear model {'not known' if left_out else f'{line:.6g}'}"
    unclear = ["mean_loss"] if vague(found.slack, found.mean) else []
    unclear += ["linear_loss"] if vague(off, max(found.mean, line)) and not left_out else []
    unclear += ["mean_training_loss"] if vague(slack, max(own, found.mean)) else []
    if not case.builtin:
        verdict: bool | Verdict = Verdict.NOT_CHECKED if good else False
        return verdict, f"{text}; the gain rests on a network of the user's own"
    good = good and near(record["gain"], found.gain, found.width)
    good = good and near(record["gain_error"], found.error, GAIN_SPREAD * found.width, ROUNDED_ERROR)
    unclear += ["gain", "gain_error"] if vague(found.width, max(found.mean, abs(found.gain))) else []
    return verdict_of(case, good, unclear, f"{text}, gain {found.gain:.6g} +- {found.error:.2g}")


class Gain(NamedTuple):
    """What a network gains over the best constant on the nodes, or rows, that are kept back.

    Parameters
    ----------
    mean, slack : float
        Loss of the constant, and how far two writings of it may be apart.
    gain, error, width : float
        The gain, its standard error, and how far two writings of the gain may be apart.
    """

    mean: float
    slack: float
    gain: float
    error: float
    width: float


def gain_over_mean(case: Recomputed) -> Gain:
    """Return the loss of the best constant, and what a built-in network gains over it (0 for another one)."""
    mean, _ = case.references()
    means = [mean(sample) for sample in case.evaluation()]
    average, off = case.average(means)[0], case.residual_error()
    # the pseudo-Huber loss is a difference of numbers of size one; a residual is one of targets and a constant
    slack = SLACK * (case.scale() + max(means)) + (32.0 * UNIT if case.settings["loss"] == "huber" else 0.0)
    slack += 2.0 * off * math.sqrt(max(case.scale(), *means)) + off * off
    slack += float(np.max([mean.width(sample) for sample in case.evaluation()]))  # of the constant itself
    if not case.builtin:
        return Gain(average, slack, 0.0, 0.0, slack)
    gain, error = case.average([m - p.risk for m, p in zip(means, case.passes(), strict=True)])
    width = slack + 2.0 * case.estimate(lambda part: (part.risk, part.risk_error)).widest
    return Gain(average, slack, gain, error, width)


def pull(case: Recomputed, part: Part, perp: FloatArray) -> tuple[FloatArray, float]:
    """Return the gradient in ``W_perp`` of the penalised risk, and a bound on the length of its error."""
    left, decay = case.split(part.W)[1], 2.0 * case.penalty * perp
    if len(case.span) == case.W.shape[1]:  # nothing is orthogonal to everything
        return np.zeros_like(case.W), 0.0
    # W_perp is a difference of parts of W, so what the penalty makes of it rounds at the size of W
    rounding = 8.0 * (case.W.shape[1] + 8.0) * UNIT * (size(part.W) + 2.0 * case.penalty * size(case.W))
    return np.asarray(left + decay), size(part.W_error) * 1.01 + rounding


def spread(part: Part) -> float:
    """Bound how far an eigenvalue of the curvature may be off: by its entries (Weyl), and by LAPACK."""
    n = len(part.curvature)
    return size(part.curvature_error) * 1.01 + 8.0 * (n + 8.0) * UNIT * size(part.curvature)


def quotient(value: float, width: float, below: float, off: float) -> tuple[float, float]:
    """Return what is divided by a curvature, and how far it may be off; that is infinite where a sign is not known.

    Parameters
    ----------
    value, width : float
        The quotient, and how far what is divided may be off.
    below, off : float
        What it is divided by, and how far that may be off.

    Examples
    --------
    >>> quotient(2.0, 0.5, 1.0, 0.25), quotient(2.0, 0.5, -1.0, 0.25), quotient(2.0, 0.5, 0.125, 0.25)
    ((2.0, 1.3333333333333333), (inf, 0.0), (2.0, inf))
    """
    if below > off:
        return value, (width + value * off) / (below - off)
    if below <= -off:
        return math.inf, 0.0  # there is no bound
    return (value if below > 0 else math.inf), math.inf


def lemma(case: Recomputed) -> Outcome:
    """Recompute the bound on ``|W_perp|``, Stein's estimate of it and the curvature they rest on."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    record, penalty, scale = case.record, case.penalty, case.scale()
    perp = case.split(case.W)[1]
    # what is a millionth of W is compared with W
    start = max(size(case.split(case.W_start)[1]), size(perp), 1e-6 * size(case.W))
    n = len(case.b)

    def length(part: Part) -> tuple[float, float]:
        vector, width = pull(case, part, perp)
        return size(vector), width

    perp_gradient = case.estimate(length)
    figures = {
        "perp_gradient": Held(perp_gradient, max(scale, perp_gradient.value, 2e-6 * penalty * size(case.W)))
    }
    if not case.settings["smooth"]:
        names = [name for name in LEMMA if name != "perp_gradient"]
        silent = all(record[name] is None and record[f"{name}_error"] is None for name in names)
        wrong, unclear = judged(record, figures)
        return verdict_of(case, silent and not wrong, unclear, "no second derivatives, so no bound")
    eye = 2.0 * penalty * np.eye(n)

    def bound(part: Part) -> tuple[float, float]:
        (top, width), below = length(part), 2.0 * penalty + least(part.curvature)
        return quotient(top / below if below > 0 else math.inf, width, below, spread(part))

    def stein(part: Part) -> tuple[float, float]:
        lowest = least(part.curvature + eye)
        vector, width = pull(case, part, perp)
        try:
            found = size(np.linalg.solve(part.curvature + eye, vector)) if lowest > 0 else math.inf
        except np.linalg.LinAlgError:  # singular within rounding
            found, lowest = math.inf, 0.0
        return quotient(found, width, lowest, spread(part))

    low = case.estimate(lambda part: (least(part.curvature), spread(part)))
    high = case.estimate(lambda part: (float(np.linalg.eigvalsh(part.curvature)[-1]), spread(part)))
    bounded, steined = case.estimate(bound), case.estimate(stein)
    figures |= {
        # one that is large hides no other one
        "smallest_curvature": Held(low, max(abs(low.value), scale)),
        "largest_curvature": Held(high, max(abs(high.value), scale)),
        "lemma_bound": Held(bounded, max(bounded.value, start)),
        "stein_estimate": Held(steined, max(steined.value, start)),
    }
    wrong, unclear = judged(record, figures)
    if not follows(record, penalty, "lemma_bound", "perp_gradient", "smallest_curvature"):
        wrong.append("lemma_bound of its parts")
    return verdict_of(case, not wrong, unclear, f"{said(bounded, size(perp))}; differs: {wrong}")


def residual(case: Recomputed) -> Outcome:
    """Recompute by how much the sides of Stein's identity differ; nothing rests on it."""
    if not case.builtin:
        return Verdict.NOT_CHECKED, OWN
    record, name, n = case.record, "stein_residual", len(case.b)
    if not case.settings["smooth"]:
        return record[name] is None and record[f"{name}_error"] is None, "no second derivatives"
    perp = case.split(case.W)[1]

    def sides(part: Part) -> tuple[FloatArray, FloatArray, float]:
        terms = size(part.W) + size(part.curvature) * size(case.W)
        return case.split(part.W)[1], part.curvature @ perp, terms

    def share(part: Part) -> tuple[float, float]:
        left, right, terms = sides(part)
        whole = size(left) + size(right)
        width = size(part.W_error) + size(part.curvature_error) * size(perp)
        width += 8.0 * (case.W.shape[1] + n) * UNIT * terms
        return (size(left - right) / whole, 3.0 * width / whole) if whole > 0 else (0.0, 0.0)

    left, right, terms = sides(case.parts()[0])
    is_rounding = terms != 0.0 and not size(left) + size(right) > BORDER * LEAST_RESIDUAL * terms
    found = case.estimate(share)
    wrong, unclear = judged(record, {name: Held(found, 1.0, is_rounding)})
    text = "left out, as it is rounding" if record[name] is None else f"{record[name]!r} claimed"
    return verdict_of(case, not wrong, unclear, f"{text}, {found.value:.6g} found")


def follows(record: JsonMapping, penalty: float, name: str, over: str, bend: str) -> bool:
    """Whether a bound is its gradient over twice the penalty and its curvature, as far as the stored digits give it.

    Each of the three lies in an interval of its own, and the ends of these may contradict each other.

    Examples
    --------
    >>> record = {"bound": 2.0, "pull": 1.0, "bend": 0.25}
    >>> follows(record, 0.125, "bound", "pull", "bend"), follows(record, 0.25, "bound", "pull", "bend")
    (True, False)
    """
    top, low, stated = record[over], record[bend], record[name]
    if top is None or low is None:
        return stated is None
    if stated is None:  # whether there is one is seen where the sign of the curvature is
        return True
    below, off = 2.0 * penalty + low, ROUNDED * abs(low) + 4.0 * UNIT * (2.0 * penalty + abs(low))
    if not below > off:
        return bool(below > -off)
    share = 2.0 * ROUNDED + off / (below - off)
    return bool(abs(stated - top / below) <= (1.0 + share) * share * (top / below) + 1e-300)


def said(bound: Estimate, left: float) -> str:
    """Return a bound on ``|W_perp|`` beside that in words."""
    error = f" +- {bound.error:.2g}" if math.isfinite(bound.error) else ", its error is not known"
    words = f"bound {bound.value:.6g}{error}" if math.isfinite(bound.value) else "no bound"
    return f"{words}; |W_perp| = {left:.6g}"


class Held(NamedTuple):
    """A figure that is recomputed, and what it is held against.

    Parameters
    ----------
    found : Estimate
        The figure with its error, and how far rounding may move both.
    against : float
        The size below which a share of `WIDEST` of it says nothing.
    silent : bool
        Whether a record may leave it out, since it is rounding.
    """

    found: Estimate
    against: float
    silent: bool = False


def judged(record: JsonMapping, figures: Mapping[str, Held]) -> tuple[list[str], list[str]]:
    """Return the figures that differ from what was found, and those that are not known well enough.

    The one rule for figures with errors. A figure is known if rounding moves it by little, and its error if rounding
    moves each of the figures by little that the error is made of: little beside what the figure is held against, or
    `OWN_ERROR` of its error. A record that leaves out what is not known claims nothing.
    """
    wrong: list[str] = []
    unclear: list[str] = []
    for name, (found, against, silent) in figures.items():
        value, error = record[name], record[f"{name}_error"]
        unknown = not found.width < math.inf
        if value is None and error is None and (silent or unknown):
            continue
        if unknown or not agrees(record, name, found):
            (unclear if unknown else wrong).append(name)
            continue
        own = 0.0 if error is None else OWN_ERROR * found.error
        if math.isfinite(found.value) and found.width > own and vague(found.width, against):
            unclear.append(name)
        elif error is not None and found.widest > own and vague(found.widest, max(against, found.error)):
            unclear.append(f"{name}_error")
    return wrong, unclear


def agrees(record: JsonMapping, name: str, found: Estimate) -> bool:
    """Return whether a figure and its error are those that were found."""
    value, error, width, widest = found
    if not (math.isfinite(value) and math.isfinite(error)):
        return record[f"{name}_error"] is None and near(record[name], value, 2.0 * width)
    if record[f"{name}_error"] is None and not widest < math.inf:  # nothing is claimed of what is not known
        return near(record[name], value, 2.0 * width)
    return near(record[name], value, 2.0 * width) and near(
        record[f"{name}_error"], error, SPREAD * widest, ROUNDED_ERROR
    )
