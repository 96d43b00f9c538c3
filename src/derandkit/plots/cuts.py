"""Pictures of a cut: its chain of bounds and the course of its derandomization."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from derandkit.plots.style import BLUE, GREEN, GREY, ORANGE, RED, limits, new_figure, save_figure

if TYPE_CHECKING:
    from derandkit.cuts.result import MaxCutResult


def plot_maxcut(result: MaxCutResult, path: str | os.PathLike[str] | None = None) -> Any:
    """Draw the chain of a cut and the path that led to it.

    Parameters
    ----------
    result : MaxCutResult
        The result.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.

    Returns
    -------
    matplotlib.figure.Figure
        Left: the chain, from the guarantee up to the bound. Right: expected cut along the path, and below it the
        spread that is left.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written.
    """
    figure = new_figure(10.0, 4.6)
    columns = figure.add_gridspec(1, 2, width_ratios=[2, 3])
    stacked = columns[1].subgridspec(2, 1, height_ratios=[3, 1])
    upper = figure.add_subplot(stacked[0])
    _draw_chain(figure.add_subplot(columns[0]), result)
    _draw_path(upper, figure.add_subplot(stacked[1], sharex=upper), result)
    graph = result.graph
    figure.suptitle(
        f"{graph['n']} vertices, {graph['m']} edges: cut {result.cut_value:.9g}, "
        f"bound {result.upper_bound:.9g} ({result.bound_status})",
        fontsize=11,
    )
    if path is not None:
        save_figure(figure, path)
    return figure


def _draw_chain(axes: Any, result: MaxCutResult) -> None:
    chain, guarantee = result.chain, result.guarantee
    promise = "0.87856 SDP + shift" if guarantee["negative_weight"] else "0.87856 SDP"
    rows = [
        (f"guarantee\n({promise})", guarantee["value"], GREY),
        ("random hyperplane\n(expected)", chain["start_expectation"], ORANGE),
        ("end of the path\n(expected)", chain["final_expectation"], GREEN),
        ("derandomized\n(exact)", chain["derandomized_cut"], BLUE),
        ("cut\n(exact)", chain["cut_value"], BLUE),
        ("SDP value\n(of the vectors)", chain["sdp_value"], GREY),
        (f"dual bound\n({result.bound['dual_status']})", chain["upper_bound"], RED),
    ]
    if result.bound["proof_bound"] is not None:
        rows.append((f"{result.bound['proof_method']} bound\n(certified)", result.bound["proof_bound"], RED))
    low, high = limits([float(value) for _, value, _ in rows], 0.2)
    for k, (_, value, colour) in enumerate(rows):
        axes.plot([low, value], [k, k], color=colour, linewidth=1, alpha=0.5)
        axes.plot([value], [k], "o", color=colour)
        axes.annotate(f"{float(value):.7g}", (value, k), xytext=(0, 6), textcoords="offset points", ha="center",
                      fontsize=8)  # fmt: skip
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=8)
    axes.set_ylim(-0.5, len(rows) - 0.4)
    axes.set_xlim(low, high)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("weight")
    axes.set_title("chain", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_path(axes: Any, below: Any, result: MaxCutResult) -> None:
    history = result.history
    steps = range(len(history))
    cut, bound = float(result.cut_value), float(result.chain["upper_bound"])
    axes.axhline(bound, color=RED, linewidth=1.2, label=f"dual bound ({result.bound['dual_status']})")
    axes.axhline(cut, color=BLUE, linestyle="--", linewidth=1.2, label="cut")
    axes.plot(steps, history["expectation"], color=GREEN, marker=".", label="expected cut")
    axes.set_ylim(*limits([cut, bound, *history["expectation"]], 0.06))
    axes.set_ylabel("weight")
    axes.legend(fontsize=8, loc="best", frameon=False)
    axes.set_title("path", fontsize=10)
    axes.tick_params(labelbottom=False)
    start = max(history["spread_norm"][0], 1e-300)
    below.plot(steps, [norm / start for norm in history["spread_norm"]], color=ORANGE, marker=".")
    below.set_ylim(-0.1, 1.15)
    below.set_yticks([0, 0.5, 1])
    below.set_ylabel("|W| / |W0|")
    below.set_xlabel("step of the path")
    below.xaxis.get_major_locator().set_params(integer=True)
    for panel in (axes, below):
        panel.spines[["top", "right"]].set_visible(False)
