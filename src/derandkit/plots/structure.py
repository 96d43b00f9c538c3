"""Pictures of structure results. Every number in them is also in the record."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.plots.style import BLUE, GREEN, GREY, ORANGE, RED, new_figure, save_figure
from derandkit.structure.measure import leading_directions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.structure.result import StructureResult

    FloatArray = NDArray[np.float64]


def plot_structure(result: StructureResult, path: str | os.PathLike[str] | None = None) -> Any:
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
        Left: rows in the plane of the first direction of the span and of the direction off the span in which W was
        largest at the start. Middle: ``|W_perp|`` and ``|W_par|`` by gradients. Right: singular values.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written.
    """
    figure = new_figure(12.5, 4.2)
    panels = figure.subplots(1, 3, width_ratios=[1.0, 1.35, 1.0])
    draw_rows(panels[0], result)
    draw_path(panels[1], result)
    draw_spectrum(panels[2], result)
    if path is not None:
        save_figure(figure, path)
    return figure


def draw_rows(axes: Any, result: StructureResult, title: str = "rows of W") -> None:
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


def draw_path(axes: Any, result: StructureResult) -> None:
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
    axes.set_xlabel("gradients")
    axes.set_title(rf"$|W_\perp|$ falls to {result.figures['ratio']:.2g} of its start", fontsize=10)
    axes.legend(fontsize=8, frameon=False, loc="best")
    axes.spines[["top", "right"]].set_visible(False)


def draw_spectrum(axes: Any, result: StructureResult) -> None:
    """Draw the singular values of W at start and end."""
    values = np.array(result.figures["singular_values"])
    start = np.linalg.svd(result.W_start, compute_uv=False)
    k = np.arange(1, len(values) + 1)
    floor = max(float(values.max(initial=0.0)), 1e-9) * 1e-12
    axes.plot(k, start, "o-", color=ORANGE, markersize=4, linewidth=1, label="start")
    axes.plot(k, np.maximum(values, floor), "o-", color=BLUE, markersize=4, linewidth=1, label="end")
    axes.set_yscale("log")
    axes.set_xlabel("singular value of W")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(f"effective rank {result.figures['effective_rank']:.2f}", fontsize=10)
    axes.legend(fontsize=8, frameon=False, loc="best")
    axes.spines[["top", "right"]].set_visible(False)
