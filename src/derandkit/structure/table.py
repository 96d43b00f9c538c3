"""A structure record as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.records import decode_array
from derandkit.structure.intake.faint import faint_words
from derandkit.structure.intake.repeats import said_of_repeats
from derandkit.structure.trained.result import is_rounding
from derandkit.words.columns import column_names
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from derandkit.records import JsonMapping


#: Directions, and weights of each, that the table shows.
SHOWN = 5
#: Weights above the first layer of this size are said to grow: their sums lose digits.
LARGE = 1000.0
#: Names of classes that it shows.
CLASSES = 10
#: What the record calls a method -> what it does, and the word that chooses it; others are shown as they are.
METHOD_WORDS = {
    "LemmaDescent": "trained by descent with the lemma (method lemma)",
    "HessianDescent": "trained by descent with the Hessian (method hessian)",
    "PerturbedGradientDescent": "trained by perturbed gradient descent",
}


def structure_rows(record: JsonMapping) -> list[tuple[str, ...]]:
    """Return the rows of the table of a structure record."""
    figures = record
    problem, student, settings = record["problem"], record["student"], record["settings"]
    n, d = record["parameters"]["W"]["shape"]
    q = record["parameters"]["span"]["shape"][0]
    if problem["kind"] == "teacher":
        what = f"teacher {problem['link']}, {d} inputs ({problem['inputs']}), {q} direction{'s' * (q > 1)}"
    else:
        what = f"data, {problem['rows']} rows, {problem['columns']} columns, {d} whitened inputs"
        what += _targets(problem, settings["loss"])
    network = (
        f"depth {student['depth']}, width {n}, {student['activation']}"
        + (f" (sharpness {student['sharpness']:g})" if student["sharpness"] is not None else "")
        if student["kind"] == "built-in"
        else f"the user's own, width {n}"
    )
    trained = METHOD_WORDS.get(settings["method"], f"method {settings['method']}")
    inputs = "nodes" if problem["kind"] == "teacher" else "rows"
    chosen = _choice(record["selection"])
    rows: list[tuple[str, ...]] = [
        ("problem", what),
        *faint_words(problem),
        *_repeats(problem),
        ("status", record["message"]),
        *_score(record),
        *_directions(record),
        ("", ""),
        ("student", f"{network}; {settings['loss']} loss, {trained}"),
        ("penalties", f"{settings['penalty']:g}, upper layers {settings['upper_penalty']:g}{chosen}"),
        *_growing(record),
        (
            "|W_perp|",
            f"{figures['w_perp']:.4g}  of {figures['w_perp_start']:.4g} at the start: {figures['ratio']:.4g}",
        ),
        ("|W_par|", f"{figures['w_par']:.4g}  effective rank {figures['effective_rank']:.3f}"),
        ("lemma's bound", _bound(figures, settings)),
    ]
    if figures["row_bound"] is not None:
        rows.append(("along its rows", _against(figures, "row_bound")))
    if figures["stein_estimate"] is not None:
        rows.append(("Stein's identity", f"says |W_perp| = {_with_error(figures, 'stein_estimate')}"))
    if figures["principal_angles"] is not None:
        angles = ", ".join(f"{angle:.3g}" for angle in figures["principal_angles"])
        strengths = ", ".join(f"{s:.3g}" for s in figures["strengths"])
        rows.append(("recovery", f"angles to the teacher {angles} rad; strength of W along it {strengths}"))
    rows += [
        (
            "gradient",
            f"{figures['gradient_norm']:.3g} on the training {inputs} after {figures['evaluations']} gradients",
        ),
        ("curvature in b", f"smallest {_with_error(figures, 'smallest_curvature')}"),
        ("", ""),
        *_controls(record),
    ]
    return rows


def _repeats(problem: JsonMapping) -> list[tuple[str, str]]:
    """Say how many rows are repeated, and what that means for the split."""
    if not (repeated := problem.get("repeated")):
        return []
    said = said_of_repeats(repeated, problem["rows"])
    return [("equal rows", f"{said}; equal rows stand on one side of the split")]


def _growing(record: JsonMapping) -> list[tuple[str, str]]:
    """Say that weights above the first layer grow without a penalty of their own, while W shrinks."""
    theta = decode_array(record["parameters"]["theta"])
    largest = float(abs(theta).max(initial=0.0))
    if record["settings"]["upper_penalty"] or not record["settings"]["penalty"] or largest < LARGE:
        return []
    return [
        (
            "upper layers",
            f"weights up to {largest:.2g}: W can shrink while they grow, so that the risk has no minimiser; an upper "
            "penalty such as 1e-6 gives it one",
        )
    ]


def _choice(selection: JsonMapping | None) -> str:
    """Say how penalties were chosen, and whether there was time to train every candidate as long as the others."""
    if selection is None:
        return ""
    cut = selection.get("shortened")
    among = f"; {cut} of {len(selection['path'])} candidates were cut short" if cut else ""
    some = f" of {selection['rows']} training rows" if selection.get("rows") else ""
    return f" (both chosen by cross-validation{some}{among})"


def _targets(problem: JsonMapping, loss: str) -> str:
    """Say how the targets were read, where that is not one number a row."""
    classes = problem.get("classes")
    weighted = ", weighted rows" if problem.get("weighted") else ""
    if classes is not None:
        names = ", ".join(map(str, classes[:CLASSES])) + (", ..." if len(classes) > CLASSES else "")
        numbers = all(isinstance(name, (int, float)) for name in classes)
        hint = "; the loss squared reads them as numbers" if numbers else ""
        return f"{weighted}; targets are {len(classes)} classes: {names}{hint}"
    if loss == "logistic":
        return (
            f"{weighted}, targets are {'probabilities' if 'probabilities' in problem else 'classes 0 and 1'}"
        )
    return f"{weighted}, {problem['outputs']} targets a row" if "outputs" in problem else weighted


def _score(record: JsonMapping) -> list[tuple[str, str]]:
    """Return the loss on nodes that were not trained on, beside what it is to be held against."""
    where = "new nodes" if record["problem"]["kind"] == "teacher" else "rows kept back"
    rows = [
        ("loss", f"{_with_error(record, 'loss')} on {where}, {record['training_loss']:.4g} in training"),
    ]
    if record["mean_loss"] is not None:
        line = "not known" if record["linear_loss"] is None else f"{record['linear_loss']:.4g}"
        rows.append(("", f"the mean: {record['mean_loss']:.4g}, a linear model: {line}"))
        if record["mean_loss"] > 0:
            # the error is that of the difference; divided by the loss of the mean it is not the error of the share
            share, gain = record["gain"] / record["mean_loss"], _with_error(record, "gain")
            rows.append(("explained", f"{share:.1%} of the loss of the mean, on {where}; gain {gain}"))
    return rows


def _directions(record: JsonMapping) -> list[tuple[str, str]]:
    """Return a row a direction of data: its largest weights, by the names of the columns."""
    weights = record["column_weights"]
    if weights is None:
        return []
    rows, problem = [], record["problem"]
    names = column_names(problem["names"], problem["columns"], problem["target"])
    for k, row in enumerate(weights[:SHOWN]):
        # the sign of a direction means nothing
        lead = sorted(range(len(row)), key=lambda j: (-abs(row[j]), j))[:SHOWN]
        terms = [f"{row[j]:+.2f} {names[j]}" for j in lead if abs(row[j]) >= 0.005]
        more = ", ..." if len(row) > len(terms) else ""
        rows.append(
            (f"direction {k + 1}", f"{', '.join(terms)}{more}  strength {record['strengths'][k]:.3g}")
        )
    if record["selection"] is not None:
        found = next((row for row in record["selection"]["ranks"] if row["rank"] == len(weights)), None)
        if found is not None:
            rows.append(("stability", f"{found['stability']:.2f} between folds (1: the same directions)"))
    return rows


def _bound(figures: JsonMapping, settings: JsonMapping) -> str:
    if figures["lemma_bound"] is None:
        if figures["smallest_curvature"] is None:
            return "none: the network has no second derivatives"
        penalty, least = settings["penalty"], figures["smallest_curvature"]
        if is_rounding(abs(2.0 * penalty + least), figures["largest_curvature"], penalty):
            return "none: the curvature in b and the penalty cancel, or both are zero"
        return "none: the curvature in b is more negative than the penalty makes up for"
    text = _against(figures, "lemma_bound")
    return text if settings["gaussian"] else f"{text}; inputs are not Gaussian, so this is no proof"


def _against(figures: JsonMapping, name: str) -> str:
    """Return a bound beside the ``|W_perp|`` that it bounds."""
    ratio = figures[name] / figures["w_perp"] if figures["w_perp"] > 0 else float("inf")
    relation = ">=" if figures[name] >= figures["w_perp"] else "!>="
    exact = figures[f"{name}_error"] is None
    shown = digits_above(figures[name], 4) if exact else _with_error(figures, name)
    return f"{shown} {relation} |W_perp| ({ratio:.3g} times)"


def _with_error(figures: JsonMapping, name: str) -> str:
    value, error = figures[name], figures[f"{name}_error"]
    if value is None:
        return "not available"
    return f"{value:.4g}" if error is None else f"{value:.4g} +- {error:.1g}"


def _controls(record: JsonMapping) -> list[tuple[str, str]]:
    controls = record["controls"]
    rows = []
    decay = controls["decay"]
    if decay["left"] is not None:
        steps = f"{decay['steps']} steps of {decay['step_size']:.3g}"
        text = f"{decay['left']:.4g} of |W_perp| is left by weight decay alone, {steps}"
        rows.append(("control", text))
    else:
        rows.append(("control", f"weight decay alone: {decay['reason']}"))
    for name, text in (("frozen_bias", "with the bias frozen"), ("no_penalty", "without the penalty")):
        if controls[name] is not None:
            rows.append(("control", f"{controls[name]['ratio']:.4g} of |W_perp| is left {text}"))
    parts = controls["shares"]
    names = (
        ("decay", "weight decay alone"),
        ("curvature", "curvature alone"),
        ("together", "the two together"),
    )
    shown = [f"{text} {parts[name]:.1%}" for name, text in names if parts[name] is not None]
    if shown:
        rows.append(("shrinkage", ", ".join(shown) + " (in logarithms)"))
    return rows
