"""Pictures of results. Every number in them is also in the record; matplotlib is imported when one is drawn."""

from __future__ import annotations

import io
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from derandkit.errors import InputError, MissingDependencyError
from derandkit.io.records import write_atomically

if TYPE_CHECKING:
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
        Left: the chain, from the guarantee up to the bound. Right: expected cut and spread along the path.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written.
    """
    figure = new_figure(10.0, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=[2, 3])
    _draw_chain(left, result)
    _draw_path(right, result)
    if path is not None:
        save_figure(figure, path)
    return figure


def _draw_chain(axes: Any, result: MaxCutResult) -> None:
    chain = result.chain
    rows = [
        ("guarantee\n(0.87856 SDP)", result.guarantee["value"], GREY),
        ("random hyperplane\n(expected)", chain["start_expectation"], ORANGE),
        ("end of the path\n(expected)", chain["final_expectation"], GREEN),
        ("cut", chain["cut_value"], BLUE),
        ("SDP value", chain["sdp_value"], GREY),
        (f"upper bound\n({result.bound_status})", chain["upper_bound"], RED),
    ]
    values = [float(value) for _, value, _ in rows]
    low, high = min(values), max(values)
    span = max(high - low, 1e-9 * max(abs(high), 1.0))
    for k, (_, value, colour) in enumerate(rows):
        axes.plot([low - 0.05 * span, value], [k, k], color=colour, linewidth=1, alpha=0.5)
        axes.plot([value], [k], "o", color=colour)
        axes.annotate(f"{float(value):.7g}", (value, k), xytext=(0, 6), textcoords="offset points", ha="center",
                      fontsize=8)  # fmt: skip
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=8)
    axes.set_ylim(-0.6, len(rows) - 0.3)
    axes.set_xlim(low - 0.12 * span, high + 0.16 * span)
    axes.set_xlabel("weight")
    axes.set_title("chain")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_path(axes: Any, result: MaxCutResult) -> None:
    history = result.history
    steps = range(len(history))
    axes.plot(steps, history["expectation"], color=GREEN, marker=".", label="expected cut")
    axes.axhline(float(result.cut_value), color=BLUE, linestyle="--", linewidth=1, label="cut")
    axes.axhline(float(result.chain["upper_bound"]), color=RED, linewidth=1, label="upper bound")
    axes.set_xlabel("step of the path")
    axes.set_ylabel("weight")
    spread = axes.twinx()
    start = max(history["spread_norm"][0], 1e-300)
    spread.plot(
        steps, [w / start for w in history["spread_norm"]], color=ORANGE, linewidth=1, label="|W| / |W0|"
    )
    spread.set_ylim(-0.05, 1.1)
    spread.set_ylabel("|W| / |W0|", color=ORANGE)
    handles, labels = axes.get_legend_handles_labels()
    more, names = spread.get_legend_handles_labels()
    axes.legend(handles + more, labels + names, fontsize=8, loc="lower right")
    axes.set_title("path")
    axes.spines[["top"]].set_visible(False)
    spread.spines[["top"]].set_visible(False)
