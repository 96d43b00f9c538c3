"""How a structure record was found: what of it can be derived, what is bounded, and what is shown as not checked."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict, read_as
from derandkit.certificates.structure.claims import gain_over_mean
from derandkit.certificates.structure.curvature import Slopes
from derandkit.certificates.structure.form import STOCHASTIC, miscounted
from derandkit.certificates.structure.networks import start_of
from derandkit.certificates.structure.passes import bounds, sums
from derandkit.certificates.structure.recomputed import GAIN_SPREAD, ROUNDED, SLACK, near, size
from derandkit.status import StructureStatus

if TYPE_CHECKING:
    from derandkit.certificates.structure.claims import Outcome
    from derandkit.certificates.structure.networks import Sample
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.records import JsonMapping

#: Ends of training of which the record shows little, and nothing else rests on them: that there is no way down cannot
#: be proven by looking for one.
PLAIN = ("step_limit", "time_limit", "trained", "stalled", "stationary", "diverged", "interrupted")
#: Ends of training after which it says nothing that little was found.
UNFINISHED = ("diverged", "interrupted", "time_limit")
#: What is said where a way down was looked for in vain.
UNPROVEN = "no way down was found, which does not prove that there is none"
#: And where none can be looked for, and no run could have.
UNSEEN = "curvatures are not finite, so that no way down could be looked for"
#: A point is called stationary below this share of the gradient of the risk at the start.
STATIONARY = 1e-3
#: And if no joint curvature below minus this share of the largest one of the risk is found, nor below minus this share
#: of what the penalty adds to it, which is its rounding.
CURVATURE, ROUNDING = 1e-3, 1e-12
#: A gradient is not small if a step along it lowers the risk by this share.
GROSS = 0.1
#: Power steps on differences of gradients agree to this share.
POWER = 1e-3
#: 0.975 of Student's t with one degree of freedom less than there are parts of the rows kept back.
FOUND = {1: math.inf, 2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365}
#: The share of the loss of the mean that a gain exceeds at least.
SHARE = 1e-4
#: The share of the loss that counts as fitted.
FITTED = 0.9
#: Gradients between two rows of the history: a step of Hessian descent forms a Hessian of 600 rows.
BETWEEN = 4000


def decay(case: Recomputed) -> Outcome:
    """Derive what weight decay alone would have left, and the step size in its formula.

    How many steps there were shows only when the run is repeated, so where the formula holds it is not checked.
    """
    control, settings, steps = case.record["controls"]["decay"], case.settings, case.record["evaluations"]
    good, method = control["steps"] == steps, settings["method"]
    claimed = control["step_size"]
    good = good and (control["reason"] is None) == (control["left"] is not None)
    good = good and (control["left"] is None) == method.startswith("adam")
    size, of_size = _step_size(case, claimed)
    if method.startswith("adam"):
        return good and size, f"Adam has no formula; {of_size}"
    left, known = _left(claimed, case.penalty, steps, control["left"])
    if not (good and size and known):
        return False, f"{left:.4g} is left after {steps} steps of {claimed:.4g}; {of_size}"
    return Verdict.NOT_CHECKED, (
        f"{left:.4g} is left after {steps} steps of {claimed:.4g}; {of_size}; their number is taken as it was stated"
    )


def _step_size(case: Recomputed, claimed: float) -> tuple[bool, str]:
    """Compare the step size of the control: with the name of the method, or with two curvatures."""
    method = case.settings["method"]
    if method.startswith(STOCHASTIC):
        return f"{claimed:g}" == method.rpartition(" ")[2], "the step size is that of the method"
    if not case.builtin:
        return True, "the step size of a network or loss of the user's own is taken as it was stated"
    slopes = Slopes(case, case.coarse())
    _, b, theta = start_of(case.student, case.W.shape[1], case.outputs)
    assert theta is not None
    points = (case.vector(case.W_start, b, theta), case.vector(*case.parameters()))
    ends = [x for x in map(slopes.largest, points) if x > 0 and math.isfinite(x)]
    step = 1.0 / (min(ends) + 2.0 * case.penalty) if ends else 1.0
    near = abs(claimed - step) <= POWER * step
    if not near and any(slopes.unclear(x, POWER * min(ends, default=0.0)) for x in points):
        return True, "rounding hides the curvatures that the step size rests on; it is taken as it was stated"
    return near, f"longest step {step:.4g}"


def _left(step: float, penalty: float, steps: int, claimed: object) -> tuple[float, bool]:
    """Return what weight decay alone leaves, and whether a claim is among what the digits of the step size allow.

    The step size is rounded to ten digits before it is written, and a power is as uncertain as its steps of them.

    Examples
    --------
    >>> _left(0.25, 0.5, 2, 0.5625), _left(0.25, 0.5, 2, 0.5626)
    ((0.5625, True), (0.5625, False))
    >>> _left(0.25, 0.5, 10**6, 1e-310), _left(0.25, 0.5, 10**6, 0.1)
    ((0.0, True), (0.0, False))
    """
    factor, error = abs(1.0 - 2.0 * step * penalty), 8.0 * step * penalty * ROUNDED
    low, left, high = (_power(x, steps) for x in (max(factor - error, 0.0), factor, factor + error))
    slack = ROUNDED + steps * 2.0**-52
    good = type(claimed) is float and low * (1.0 - slack) - 1e-300 <= claimed <= high * (1.0 + slack) + 1e-300
    return left, good


def _power(base: float, exponent: int) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def status(case: Recomputed) -> Outcome:
    """Derive how the run ended; for data, whether rows kept back are predicted better than by the mean."""
    record = case.record
    claimed, ended = record["status"], record["ended"]
    if StructureStatus[claimed.upper()].value != record["message"]:
        return False, f"{claimed!r} with the message of another status"
    stochastic = case.settings["method"].startswith(STOCHASTIC)
    if ended not in UNFINISHED and (ended == "trained") != stochastic:
        return False, f"{case.settings['method']} does not end as {ended!r}"
    if case.problem.span is not None or ended in UNFINISHED:
        good = claimed == ended
    else:
        good = claimed == _finding(record, ended, case.samples.counting)
    if not good:
        return False, f"{claimed!r} is not what follows from the numbers and from {ended!r}"
    verdict, text = _ending(case, ended)
    if ended in UNFINISHED and case.problem.span is None:
        text += _found_so_far(case, ended)
    if verdict is not Verdict.FAILED and (other := unclaimed_finding(case)):
        unsaid = "the gain over the mean, which version 1 does not claim,"
        if record["gain"] is not None:
            unsaid = "the gain over the mean by the weights of rows, which older versions do not claim,"
        return Verdict.NOT_CHECKED, f"{claimed!r}: {unsaid} says {other!r}; {text}"
    several = _several(case)
    if verdict is not Verdict.FAILED and len(several) > 1:
        return (
            Verdict.NOT_CHECKED,
            f"{' or '.join(several)}: the gain over the mean is not known so far; {text}",
        )
    if claimed == ended or verdict is Verdict.FAILED:
        return verdict, text
    found = f"{claimed!r}: gain {record['gain']!r} +- {record['gain_error']!r} over the mean"
    if claimed == "time_limit":  # rests on the count of penalties that were cut short, which nothing shows
        return (
            Verdict.NOT_CHECKED,
            f"{found}; that the choice of penalties was cut short is not repeated; {text}",
        )
    if _fitted(record):  # what it is called rests on whether penalties were chosen, which nothing shows
        return (
            Verdict.NOT_CHECKED,
            f"{found}, and the training rows are fitted; whether penalties were chosen is not repeated; {text}",
        )
    known = case.builtin and (ended in PLAIN or verdict.holds)
    return Verdict.RECOMPUTED if known else Verdict.NOT_CHECKED, f"{found}; {text}"


def _ending(case: Recomputed, ended: str) -> tuple[Verdict, str]:
    """Return what the parameters say about how training ended, whatever was found."""
    unknown = Verdict.NOT_CHECKED, f"{ended!r}: how the run ended is not repeated"
    if not case.builtin:
        return Verdict.NOT_CHECKED, f"{ended!r} of a network or a loss of the user's own"
    if ended == "stationary":
        return _stationary(case)
    if ended == "stalled":
        here, width = case.at_end().gradient(case)
        if not here > width:  # "although the gradient is not small"
            return unknown
        lower = Slopes(case, case.training()).falls(case.vector(*case.parameters()))
        if lower is not None:
            return (
                Verdict.FAILED,
                f"'stalled', but a step of {lower[0]:.3g} lowers the risk by {lower[1]:.3g}",
            )
        return Verdict.NOT_CHECKED, f"'stalled': gradient {here:.4g}; {UNPROVEN}"
    if ended == "step_limit":
        here, width = case.at_end().gradient(case)
        if here > width:  # the risk falls along the gradient; that steps were used up is another matter
            return (
                Verdict.NOT_CHECKED,
                f"{ended!r}: the risk still falls, its gradient is {here:.4g}; the steps are not counted",
            )
    return unknown


def _stationary(case: Recomputed) -> tuple[Verdict, str]:
    """Look for what contradicts "stationary": a gradient that is not small, or a way down.

    The gradient is held against that of the risk at the start. The penalty is left out of both sizes: one as large as
    you like would excuse a gradient and a curvature as large. A record chooses the network, the start and the point, so
    that nothing is found proves nothing.
    """
    _, b, theta = start_of(case.student, case.W.shape[1], case.outputs)
    assert theta is not None
    at = (case.W_start, b, theta)
    first = sums(case.student, case.settings["loss"], at, case.training(), second=False)
    mean = case.mean_gradient(first.b, first.theta, theta)
    before = math.hypot(size(first.W), size(mean)) or 2.0 * case.penalty * size(case.W_start)
    here = case.record["gradient_norm"]
    slopes, point = Slopes(case, case.coarse()), case.vector(*case.parameters())
    low, alone, whole, way = slopes.joint(point)
    text = f"gradient {here!r}, {before:.4g} of the risk at the start; joint curvature from {low:.3g} to {alone:.3g}"
    if not here <= STATIONARY * before:
        return Verdict.FAILED, text
    if not (math.isfinite(low) and math.isfinite(alone) and math.isfinite(whole)):
        return Verdict.FAILED, f"{text}: {UNSEEN}"
    if not low >= -(CURVATURE * alone + ROUNDING * whole):
        lower = slopes.bends(point, low, way)
        if lower is not None:
            return Verdict.FAILED, f"{text}; a step of {lower[0]:.3g} there lowers the risk by {lower[1]:.3g}"
        text += ", where nothing falls" + (": that is a kink" if case.student["activation"] == "relu" else "")
    # a record that makes one curvature as large as it likes hides no other one in units of the parameters' own
    try:
        lower = slopes.saddle(point)
    except (ArithmeticError, np.linalg.LinAlgError):
        return Verdict.FAILED, f"{text}; {UNSEEN}"
    if lower is None:
        lower = slopes.falls(point, GROSS)
    if lower is not None:
        return Verdict.FAILED, f"{text}; a step of {lower[0]:.3g} lowers the risk by {lower[1]:.3g}"
    return Verdict.NOT_CHECKED, f"{text}; {UNPROVEN}"


def _finding(record: JsonMapping, ended: str, parts: int) -> str:
    """Return the status that the numbers of data lead to."""
    gain = record["gain"]
    if gain is None or (gain > FOUND[parts] * record["gain_error"] and gain > SHARE * record["mean_loss"]):
        return ended
    if ((record["selection"] or {}).get("shortened") or 0) > 0:
        return "time_limit"
    return "overfitted" if _fitted(record) and record["selection"] is None else "nothing_found"


def _fitted(record: JsonMapping) -> bool:
    """Whether the training rows are fitted."""
    return bool(record["training_loss"] < FITTED * record["mean_training_loss"])


def _findings(case: Recomputed, ended: str) -> list[str]:
    """Return the statuses that the interval of the gain allows, whatever the record claims of the gain."""
    if not case.builtin or ended == "diverged":
        return []
    own, parts = gain_over_mean(case), case.samples.counting
    ends = [
        {
            **case.record,
            "mean_training_loss": case.references()[0](case.training()),
            "gain": own.gain + sign * own.width,
            "gain_error": max(0.0, own.error - sign * GAIN_SPREAD * own.width),
            "mean_loss": own.mean - sign * own.slack,
        }
        for sign in (-1.0, 0.0, 1.0)
    ]
    return sorted({_finding(end, ended, parts) for end in ends})


def _several(case: Recomputed) -> list[str]:
    """Return the statuses that the gain over the mean allows; none where the record claims no gain on rows."""
    if case.problem.span is not None or case.record["gain"] is None:
        return []
    return _findings(case, case.record["ended"])


def _found_so_far(case: Recomputed, ended: str) -> str:
    """Return the words of what rows kept back say of a run that was cut short: such an end claims nothing of it."""
    found = _findings(case, ended)
    if not found:
        return ""
    gain = gain_over_mean(case)
    gained = (
        "the mean is beaten" if found == [ended] else f"the numbers alone say {' or '.join(map(repr, found))}"
    )
    return f"; {gained}, by a gain of {gain.gain:.6g} +- {gain.error:.2g}"


def is_headline(case: Recomputed) -> bool:
    """Whether a status that is not checked keeps the record from holding.

    Not one that claims nothing about the point. That the risk left the finite numbers is a claim, and nothing in the
    record shows it. Of rows that are fitted and predict nothing the gain is checked, whatever this is called.
    """
    record = case.record
    if not case.builtin or record["status"] == "diverged" or unclaimed_finding(case) is not None:
        return True
    several = _several(case)
    if record["status"] in ("nothing_found", "overfitted"):
        return not (len(several) == 1 and _fitted(record))
    if record["ended"] not in UNFINISHED and len(several) > 1:  # that the mean is beaten is one of them
        return True
    return record["status"] not in PLAIN


def unclaimed_finding(case: Recomputed) -> str | None:
    """Return what the rows kept back say of a record of version 1, where that is not how training ended.

    Version 1 claims no gain over the mean, so a record may be lowered to it to hide that nothing was found. And the
    others before version 5 count all parts of the rows alike, whatever the rows weigh: a part with nearly all of their
    weight shows nothing, and a record may be lowered to hide that.
    """
    ended = case.record["ended"]
    if case.problem.span is not None or ended in UNFINISHED or case.record["status"] != ended:
        return None
    if case.record["gain"] is not None:
        if not case.samples.alike or case.problem.weights is None:
            return None
        case = case.by_weight
    return next((found for found in _findings(case, ended) if found != ended), None)


def history(case: Recomputed) -> Outcome:
    """Compare the rows of the run: the first and the last one are recomputed, the others have to fit each other."""
    record, table = case.record, case.record["history"]
    done, risk, penalised = table["evaluations"], table["risk"], table["penalised"]
    par, perp = table["w_par"], table["w_perp"]
    if len({len(column) for column in table.values()}) != 1:
        return False, "columns of different lengths"
    if wrong := miscounted(case):
        return False, wrong
    if not done:  # of which the first and the last one would be recomputed
        short = record["evaluations"] <= BETWEEN
        return (Verdict.NOT_CHECKED if short else False), f"no rows of {record['evaluations']} gradients"
    good = all(a <= b for a, b in itertools.pairwise((0.0, *done, float(record["evaluations"]))))
    good = good and record["evaluations"] <= BETWEEN * (len(done) + 1)
    good = good and all(x >= 0.0 for x in (*par, *perp)) and all(x.is_integer() for x in done)
    for row in zip(risk, penalised, par, perp, strict=True):
        size_W = row[2] ** 2 + row[3] ** 2
        slack = 4.0 * ROUNDED * (abs(row[0]) + case.penalty * size_W) + 1e-300
        good = good and near(row[1], row[0] + case.penalty * size_W, slack)
    if not good:
        return False, f"{len(done)} rows that do not fit each other"
    if record["ended"] in ("diverged", "interrupted"):
        return Verdict.NOT_CHECKED, f"{len(done)} rows; the run did not end at the last one"
    slack = 1e-14 * case.W.shape[1] * size(case.W)
    last = near(par[-1], record["w_par"], slack, 2e-9) and near(perp[-1], record["w_perp"], slack, 2e-9)
    upper = case.upper * size(case.theta) ** 2
    if not case.settings["method"].startswith(STOCHASTIC):
        width = 2.0 * case.at_end().risk_error if case.builtin else SLACK * case.scale()
        last = last and near(risk[-1], record["training_loss"] + upper, width + SLACK * upper, 2e-9)
        last = last and _begins(case, risk[0], par[0], perp[0])
    return last, f"{len(done)} rows; the last one is the point of the record"


def _begins(case: Recomputed, risk: float, par: float, perp: float) -> bool:
    """Whether the first row of a descent is its start, on the nodes that it begins with."""
    slack = 1e-14 * case.W.shape[1] * size(case.W_start)
    good = near(perp, case.record["w_perp_start"], slack, 2e-9)
    good = good and near(par, size(case.split(case.W_start)[0]), slack, 2e-9)
    _, b, theta = start_of(case.student, case.W.shape[1], case.outputs)
    if not case.builtin or theta is None:
        return good
    added = case.upper * size(theta) ** 2

    def begins_on(sample: Sample) -> bool:
        what = case.student, case.settings["loss"], (case.W_start, b, theta), sample
        width = 2.0 * bounds(*what, second=False).risk + SLACK * added
        return near(risk, sums(*what, second=False).risk + added, width, 2e-9)

    return good and any(map(begins_on, case.first()))


def trainings(case: Recomputed) -> Outcome:
    """Bound the trainings behind two of the controls, and the shares that rest on them."""
    record, controls = case.record, case.record["controls"]
    start, ratio, good = record["w_perp_start"], record["ratio"], True
    for name in ("frozen_bias", "no_penalty"):
        other = controls[name]
        if other is not None:
            expected = other["w_perp"] / start if start > 0 else 0.0
            good = good and near(other["ratio"], expected, 1e-300, 2e-9)
            good = good and (other["training_loss"] >= 0.0 or not case.builtin)
    alone = controls["no_penalty"]
    expected_shares = {
        "curvature": _share(ratio, None if alone is None else alone["ratio"]),
        "decay": _share(ratio, controls["decay"]["left"]),
    }
    known = [x for x in expected_shares.values() if x is not None]
    expected_shares["together"] = max(0.0, 1.0 - sum(known)) if len(known) == 2 else None
    good = good and all(near(controls["shares"][name], x, 1e-8) for name, x in expected_shares.items())
    if not good:
        return False, "ratios or shares do not follow from the numbers they are made of"
    if controls["frozen_bias"] is None and controls["no_penalty"] is None:
        return (
            Verdict.NOT_CHECKED,
            "no further trainings; the share of weight decay fits its steps as stated",
        )
    return (
        Verdict.NOT_CHECKED,
        "controls that were trained again are not repeated; ratios and shares fit them",
    )


def _share(ratio: float, left: float | None) -> float | None:
    """Return how much of a fall to `ratio` a control explains that leaves `left`, on a logarithmic scale.

    Examples
    --------
    >>> _share(0.25, 0.5), _share(0.25, 1.5), _share(0.25, None)
    (0.5, 0.0, None)
    """
    if left is None or not 0.0 < ratio < 1.0:
        return None
    return min(1.0, math.log(max(left, 1e-300)) / math.log(ratio)) if left < 1.0 else 0.0


def kept_back(case: Recomputed) -> tuple[Verdict, str]:
    """Say that a network which was fitted to the evaluation itself has the same figures."""
    what = "nodes" if case.problem.span is not None else "rows kept back"
    return (
        Verdict.NOT_CHECKED,
        f"whether the network has seen the {what} of the evaluation: only the run itself, repeated, shows that",
    )


def provenance(case: Recomputed, written: JsonMapping) -> Outcome:
    """Bound what nothing rests on: method, counts, rows between, and how penalties and rank were chosen."""
    chosen = case.record["selection"]
    if chosen is not None:
        if case.problem.span is not None:
            return False, "penalties are chosen on rows of data, and this is a teacher"
        ranks, path = chosen["ranks"], chosen["path"]
        tried = {(row["penalty"], row["upper_penalty"]) for row in path}
        if case.builtin and any(row["loss"] < 0.0 for row in (*ranks, *path)):
            return False, "a loss of the table is negative, which none of the built-in losses is"
        if any((row["penalty"], row["upper_penalty"]) not in tried for row in ranks):
            return False, "penalties are not on the path they were chosen from"
        if (chosen.get("shortened") or 0) > len(path):
            return False, "more pairs of penalties are shortened than the path has"
        if (chosen.get("rows") or 0) >= len(case.problem.rows[0]):
            return (
                False,
                "penalties are chosen on a part of the training rows that is not smaller than all of them",
            )
        best = min(ranks, key=lambda row: row["loss"])
        fewest = next(row["rank"] for row in ranks if row["loss"] <= best["loss"] + best["loss_error"])
        q = fewest if case.settings["rank"] is None else case.settings["rank"]
        pair = [(row["penalty"], row["upper_penalty"]) for row in ranks if row["rank"] == q]
        if len(case.span) != q or pair != [(case.penalty, case.upper)]:
            return False, "penalties and rank do not follow from the table they were chosen from"
    what = "method, counts and rows between are not repeated"
    what += "" if chosen is None else ", nor the choice of penalties and rank"
    return Verdict.NOT_CHECKED, f"{what}; {read_as(written, case.record['problem'], case.problem.reading)}"
