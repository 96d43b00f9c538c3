"""Pictures of structure results. Every number in them is also in the record."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

import numpy as np

from derandkit.plots.labels import plain_text
from derandkit.plots.style import BLUE, GREEN, GREY, ORANGE, RED, new_figure, own_settings, save_figure
from derandkit.structure.measure import leading_directions
from derandkit.words.columns import column_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from derandkit.structure.result import StructureResult


#: Directions, and columns of each, that a picture of data shows; longer names are cut.
DIRECTIONS, COLUMNS, LONGEST = 3, 12, 18


@own_settings()
def plot_structure(result: StructureResult, path: str | os.PathLike[str] | None = None) -> Figure:
    """Draw the rows of W at start and end, ``|W_perp|`` beside its controls, and the spectrum of W.

    Parameters
    ----------
    result : StructureResult
        The result.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.

    Returns
    -------
    matplotlib.figure.Figure
        Above: the loss on nodes that were not trained on, beside the mean's. Left: for data the directions as weights
        of the columns, for a teacher the rows in the plane of the first direction of the span and of the direction
        off the span in which W was largest at the start. Middle: ``|W_perp|`` and ``|W_par|`` by
        gradients. Right: singular values.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written.
    """
    figure = new_figure(12.5, 4.2)
    panels = figure.subplots(1, 3, width_ratios=[1.0, 1.35, 1.0])
    if result.figures["column_weights"] is None:
        draw_rows(panels[0], result)
    else:
        draw_weights(panels[0], result)
    figure.suptitle(_headline(result), fontsize=11)
    draw_path(panels[1], result)
    draw_spectrum(panels[2], result)
    if path is not None:
        save_figure(figure, path)
    return figure


def _headline(result: StructureResult) -> str:
    figures = result.figures
    status = result.status.value.partition(":")[0]
    if figures["mean_loss"] is None:
        return f"loss {figures['loss']:.3g} on new nodes; {status}"
    where = "new nodes" if figures["column_weights"] is None else "rows kept back"
    line = figures["linear_loss"]
    of_line = "" if line is None else f", {line:.3g} of a linear model"
    return f"loss {figures['loss']:.3g} on {where}, {figures['mean_loss']:.3g} of the mean{of_line}; {status}"


def draw_weights(axes: Axes, result: StructureResult) -> None:
    """Draw the directions of data as weights of the columns with the largest ones, strongest direction first."""
    weights = np.array(result.figures["column_weights"])[:DIRECTIONS]
    problem = result.problem
    names = column_names(problem["names"], problem["columns"], problem["target"])
    reach = np.abs(weights).max(axis=0)
    columns = sorted(range(weights.shape[1]), key=lambda j: (-reach[j], j))[:COLUMNS]
    height = 0.8 / len(weights)
    at = np.arange(len(columns), dtype=np.float64)
    for k, (row, color) in enumerate(zip(weights, (BLUE, ORANGE, GREEN), strict=False)):
        axes.barh(
            at + (k - (len(weights) - 1) / 2) * height,
            row[columns],
            height,
            color=color,
            label=f"direction {k + 1}",
        )
    short = [names[j] if len(names[j]) <= LONGEST else names[j][: LONGEST - 1] + "…" for j in columns]
    axes.set_yticks(at, list(map(plain_text, short)))
    axes.invert_yaxis()
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_xlim(-1.05, 1.05)
    axes.set_title("weights of the columns", fontsize=10)
    axes.set_xlabel("weight (standardised column)")
    if len(weights) > 1:
        axes.legend(fontsize=8, frameon=False, loc="best")
    axes.spines[["top", "right"]].set_visible(False)


def draw_rows(axes: Axes, result: StructureResult, title: str = "rows of W") -> None:
    """Draw the rows of W at start and end in a plane that holds the first direction of the span."""
    along = result.span[0]
    rest = result.W_start - result.W_start @ result.span.T @ result.span
    if len(result.span) < result.W.shape[1]:
        across = leading_directions(rest, 1)[0]
        name = "a direction off the span"
    else:
        across, name = result.span[-1], "last direction of the span"
    start, end = (np.stack((M @ along, M @ across)) for M in (result.W_start, result.W))
    reach = 1.1 * float(max(np.abs(start).max(), np.abs(end).max(), 1e-9))
    axes.axhline(0.0, color=GREY, linewidth=0.8, linestyle="--")
    many = start.shape[1] > 200
    axes.plot(*start, "o", color=ORANGE, markersize=3 if many else 5, alpha=0.35 if many else 0.8, label="start",
              markeredgewidth=0)  # fmt: skip
    axes.plot(*end, "o", color=BLUE, markersize=3 if many else 5, alpha=0.8, label="end", markeredgewidth=0)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_aspect("equal")
    axes.set_xlabel("first direction of the span")
    axes.set_ylabel(name)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8, loc="upper right", framealpha=0.9)


def draw_path(axes: Axes, result: StructureResult) -> None:
    """Draw ``|W_perp|`` and ``|W_par|`` against the number of gradients, with controls and bound."""
    history, controls = result.history, result.controls
    done = np.array(history["evaluations"])
    start = result.figures["w_perp_start"]
    axes.plot(done, history["w_par"], color=GREEN, linewidth=1.3, label=r"$|W_\parallel|$")
    axes.plot(done, history["w_perp"], color=BLUE, linewidth=1.6, label=r"$|W_\perp|$")
    decay = controls["decay"]
    if decay["left"] is not None and start > 0 and decay["steps"]:
        rate = math.log(max(decay["left"], 1e-300)) / decay["steps"]
        axes.plot(done, start * np.exp(rate * done), color=ORANGE, linestyle="--", linewidth=1.3,
                  label="weight decay alone")  # fmt: skip
    last = float(done[-1]) if len(done) else 0.0
    for name, marker, text in (("no_penalty", "s", "no penalty"), ("frozen_bias", "^", "frozen bias")):
        if controls[name] is not None and controls[name]["w_perp"] > 0:
            axes.plot(
                [controls[name]["evaluations"]], [controls[name]["w_perp"]], marker, color=GREY, label=text
            )
    bound = result.figures["lemma_bound"]
    if bound is not None and bound > 0:
        axes.plot([last], [bound], "v", color=RED, label="lemma's bound")
    axes.set_yscale("log")
    axes.set_xlabel("gradients computed")
    axes.set_ylabel("size of the part of W")
    axes.set_title(rf"$|W_\perp|$ falls to {result.figures['ratio']:.2g} of its start", fontsize=10)
    axes.legend(fontsize=8, frameon=False, loc="best")
    axes.spines[["top", "right"]].set_visible(False)


def draw_spectrum(axes: Axes, result: StructureResult) -> None:
    """Draw the singular values of W at start and end."""
    values = np.array(result.figures["singular_values"])
    start = np.linalg.svd(result.W_start, compute_uv=False)
    k = np.arange(1, len(values) + 1)
    floor = max(float(values.max(initial=0.0)), 1e-9) * 1e-12
    axes.plot(k, start, "o-", color=ORANGE, markersize=4, linewidth=1, label="start")
    axes.plot(k, np.maximum(values, floor), "o-", color=BLUE, markersize=4, linewidth=1, label="end")
    axes.set_yscale("log")
    axes.set_xlabel("number of the singular value of W")
    axes.set_ylabel("singular value")
    axes.locator_params(axis="x", integer=True)
    axes.set_title(f"effective rank {result.figures['effective_rank']:.2f}", fontsize=10)
    axes.legend(fontsize=8, frameon=False, loc="best")
    axes.spines[["top", "right"]].set_visible(False)
