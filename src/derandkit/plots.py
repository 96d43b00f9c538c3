"""Pictures of results. Every number in them is also in the record; matplotlib is imported when one is drawn."""

from __future__ import annotations

import io
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from derandkit.errors import InputError, MissingDependencyError
from derandkit.records import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.comparison import Row
    from derandkit.cuts.result import MaxCutResult

#: Picture formats that can be written.
FORMATS = ("pdf", "png", "svg")
# Okabe and Ito's palette: distinguishable without colour vision
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"


def new_figure(width: float, height: float) -> Any:
    """Return a matplotlib figure that no window manager knows about.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError("matplotlib", "plot") from None
    return Figure(figsize=(width, height), layout="constrained")


def check_plot_target(path: str | os.PathLike[str]) -> str:
    """Return the picture format that a file name asks for, without importing matplotlib.

    Raises
    ------
    InputError
        If the suffix names none of `FORMATS`.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> check_plot_target("chain.PNG")
    'png'
    """
    name = os.fspath(path)
    kind = os.path.splitext(name)[1].lstrip(".").lower()
    if kind not in FORMATS:
        what = f"cannot draw to .{kind}" if kind else "the name of a picture needs a suffix"
        raise InputError(f"{what}; use one of {', '.join(FORMATS)}", path=name)
    if find_spec("matplotlib") is None:
        raise MissingDependencyError("matplotlib", "plot")
    return kind


def save_figure(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure in the format its file name asks for, whole or not at all.

    Equal figures give equal bytes: no times in the metadata, no random names in SVG.

    Raises
    ------
    InputError
        If the format is not one of `FORMATS` or the file cannot be written.
    """
    kind = check_plot_target(path)
    from matplotlib import rc_context

    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
    picture = io.BytesIO()
    with rc_context({"svg.hashsalt": "derandkit"}):
        figure.savefig(picture, format=kind, dpi=150, metadata=metadata)
    write_atomically(path, picture.getvalue())


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
    low, high = _limits([float(value) for _, value, _ in rows], 0.2)
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
    axes.set_ylim(*_limits([cut, bound, *history["expectation"]], 0.06))
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


#: Marker and colour of each method in the order of a comparison; deterministic ones are filled.
MARKERS = "osD^v<>Ph"
COLOURS = (BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", GREY, "#000000", "#8C6D31")


def plot_comparison(rows: Sequence[Row], path: str | os.PathLike[str] | None = None) -> Any:
    """Draw the values of a comparison against bound and expectation, one lane an instance.

    Parameters
    ----------
    rows : sequence of Row
        What `derandkit.compare` returned.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.

    Returns
    -------
    matplotlib.figure.Figure
        Values as shares of the bound: up to 1 where more is better (cuts), from 1 on a logarithmic axis where less is
        (distortions). Filled markers are deterministic, open ones random, small ones are after local search; the grey
        tick is the expectation of the randomized algorithm where it has a closed form.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written, or there is no row with a value and a bound.
    """
    drawn = [row for row in rows if row.ratio is not None]
    if not drawn:
        raise InputError("there is nothing to draw: no row has both a value and a bound")
    instances = list(dict.fromkeys(row.instance for row in drawn))
    methods = list(dict.fromkeys(row.method for row in drawn))
    figure = new_figure(9.0, 1.6 + 0.55 * len(instances) + 0.22 * ((len(methods) + 3) // 4))
    axes = figure.add_subplot()
    for row in drawn:
        k = methods.index(row.method)
        # methods are spread over the lane, so that equal values do not hide each other
        lane = instances.index(row.instance) + 0.6 * (k / max(1, len(methods) - 1) - 0.5)
        colour = COLOURS[k % len(COLOURS)]
        axes.plot([row.ratio], [lane], MARKERS[k % len(MARKERS)], color=colour, linestyle="none",
                  markerfacecolor=colour if row.deterministic else "white",
                  markersize=4 if row.local_search else 7, zorder=3)  # fmt: skip
    for k, instance in enumerate(instances):
        first = next(row for row in drawn if row.instance == instance)
        if first.expectation is not None:
            share = float(first.expectation / first.bound)
            axes.plot([share, share], [k - 0.38, k + 0.38], color=GREY, linewidth=1.5, zorder=2)
        axes.axhspan(k - 0.5, k + 0.5, color="#F4F4F4" if k % 2 else "white", zorder=0)
    for k, method in enumerate(methods):
        deterministic = next(row.deterministic for row in drawn if row.method == method)
        colour = COLOURS[k % len(COLOURS)]
        axes.plot([], [], MARKERS[k % len(MARKERS)], color=colour, linestyle="none", label=method,
                  markerfacecolor=colour if deterministic else "white")  # fmt: skip
    if any(row.local_search for row in drawn):
        axes.plot([], [], "o", color=GREY, markersize=4, linestyle="none", label="small: with local search")
    expected = [float(row.expectation / row.bound) for row in drawn if row.expectation is not None]
    if expected:
        axes.plot([], [], color=GREY, label="expectation")
    ratios = [row.ratio for row in drawn if row.ratio is not None]
    side = "lower" if max(ratios) > 1.0 + 1e-9 else "upper"
    axes.axvline(1.0, color=RED, linewidth=1.2, label=f"{side} bound")
    if side == "lower":
        axes.set_xscale("log")
    else:
        low, _ = _limits([*ratios, *expected, 1.0], 0.03)
        axes.set_xlim(low, 1.0 + 0.03 * (1.0 - low))
    axes.set_ylim(len(instances) - 0.5, -0.5)
    axes.set_yticks(range(len(instances)), instances)
    axes.set_xlabel(f"value / {side} bound")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    if path is not None:
        save_figure(figure, path)
    return figure


def _limits(values: list[float], margin: float) -> tuple[float, float]:
    """Return axis limits around values that may all be equal."""
    low, high = min(values), max(values)
    span = high - low
    if span <= 1e-6 * max(abs(low), abs(high)):
        span = 0.1 * max(abs(low), abs(high)) or 1.0
    return low - margin * span, high + margin * span
