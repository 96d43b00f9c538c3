"""Pictures of results. Every number in them is also in the record; matplotlib is imported when one is drawn."""

from __future__ import annotations

import io
import os
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError, MissingDependencyError, first_line
from derandkit.options import path_name
from derandkit.plots.fonts import use_fonts
from derandkit.records import write_atomically
from derandkit.tables import bounding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from derandkit.numerics.typing import FloatArray

#: Picture formats that can be written.
FORMATS = ("pdf", "png", "svg")
# Okabe and Ito's palette: distinguishable without colour vision
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
#: Text and cut edges; edges that are not cut.
INK, LIGHT = "#222222", "#C8C8C8"
#: Colour and marker of each side of a cut: the shape differs as well, for readers who see no colours.
SIDES = ((BLUE, "o"), (ORANGE, "s"))
PINK, SKY, BROWN = "#CC79A7", "#56B4E9", "#8C6D31"
#: Colour and marker of each method, the same in every picture; red is left to bounds, orange to what is random.
METHODS = {
    "lemma": (BLUE, "o"),
    "conditional": (GREEN, "s"),
    "minimax": (SKY, "v"),
    "mean": (BROWN, "P"),
    "rank2-sweep": (SKY, "v"),
    "greedy": (PINK, "D"),
    "pca": (PINK, "D"),
    "pairwise": (GREY, "^"),
    "one-exchange": (BROWN, "P"),
    "hyperplane": (ORANGE, "o"),
    "hyperplane-best": (ORANGE, "s"),
    "hyperplane-time": (ORANGE, "D"),
    "gaussian": (ORANGE, "o"),
    "gaussian-best": (ORANGE, "s"),
    "sparse": (ORANGE, "^"),
    "lemma-thresholds": (BLUE, "s"),
    "search": (BLUE, "D"),
    "roof-duality": (GREY, "^"),
    "thresholds-best": (ORANGE, "^"),
    "annealing": (ORANGE, "D"),
    "openjij": (ORANGE, "v"),
    "tabu": (PINK, "D"),
    "rc2": (SKY, "v"),
    "cp-sat": (SKY, "s"),
    "random": (ORANGE, "o"),
    "rbf-sampler": (ORANGE, "s"),
    "orthogonal": (ORANGE, "^"),
    "sobol": (SKY, "v"),
    "nystroem": (PINK, "D"),
    "network": (BLUE, "o"),
    "sir": (GREEN, "s"),
    "save": (GREEN, "^"),
    "phd": (GREEN, "D"),
    "agop": (BLUE, "D"),
    "pls": (SKY, "v"),
    "lasso": (BROWN, "P"),
    "all": (GREY, "^"),
}


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with the defaults of matplotlib, in a block or as a decorator.

    matplotlib takes its settings from a file ``matplotlibrc`` in the current folder before those of the user: who made
    the folder would choose letters, sizes and whether LaTeX runs on every label. Numbers of a record may be as large as
    doubles are: where an axis overflows, the picture is poor, and no warning of numpy is about it.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If it cannot be loaded, as with a backend in ``MPLBACKEND`` that does not exist.
    """
    try:
        import matplotlib
    except ImportError:
        raise MissingDependencyError("matplotlib", "plot") from None
    except ValueError as error:
        raise InputError(f"matplotlib cannot be loaded: {first_line(error)}") from None
    with matplotlib.rc_context(), np.errstate(all="ignore"):
        matplotlib.rcdefaults()
        matplotlib.rcParams["svg.hashsalt"] = "derandkit"
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return a matplotlib figure that no window manager knows about.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If it cannot be loaded, as with a backend in ``MPLBACKEND`` that does not exist.
    """
    with own_settings():
        from matplotlib.figure import Figure

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
    name = path_name(path)
    kind = os.path.splitext(name)[1].lstrip(".").lower()
    if kind not in FORMATS:
        what = f"cannot draw to .{kind}" if kind else "the name of a picture needs a suffix"
        raise InputError(f"{what}; use one of {', '.join(FORMATS)}", path=name)
    if find_spec("matplotlib") is None:
        raise MissingDependencyError("matplotlib", "plot")
    return kind


@contextmanager
def letters_of(figure: Figure) -> Iterator[None]:
    """Draw letters that the font lacks with another one, and as boxes without a warning each where no font has them.

    Raises
    ------
    InputError
        If matplotlib cannot draw, as where a figure of the user's own asks for a LaTeX that is not there.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        try:
            use_fonts(figure)
            yield
        except (RuntimeError, ValueError, OSError) as error:
            raise InputError(f"matplotlib cannot draw the picture: {first_line(error)}") from None


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure in the format its file name asks for, whole or not at all.

    Equal figures give equal bytes: no times in the metadata, no random names in SVG.

    Raises
    ------
    InputError
        If the format is not one of `FORMATS` or the file cannot be written.
    """
    kind = check_plot_target(path)
    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
    picture = io.BytesIO()
    with own_settings(), letters_of(figure):
        figure.savefig(picture, format=kind, dpi=150, metadata=metadata)
    write_atomically(path, picture.getvalue())


def histograms_of_pairs(
    figure: Figure,
    values: Sequence[FloatArray],
    methods: Sequence[str],
    titles: Sequence[str],
    edges: FloatArray,
    *,
    ideal: float,
    spread: float,
    certified: str,
    xlabel: str,
) -> None:
    """Draw a histogram of all pairs a method, below each other; the first has what is certified behind it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty figure.
    values : sequence of ndarray
        What a method makes of each pair.
    methods, titles : sequence of str
        Name (for its colour) and title of each method.
    edges : ndarray, shape (bins + 1,)
        Edges of the bins.
    ideal : float
        The value of a pair that is kept.
    spread : float
        All pairs of the first method are within this of it.
    certified : str
        The same as the legend says it, rounding included.
    xlabel : str
        What the values are.
    """
    drawn = figure.subplots(len(values), 1, sharex=True, sharey=True)
    for axes, found, name, title in zip(drawn, values, methods, titles, strict=True):
        axes.hist(found, bins=edges.tolist(), color=method_style(name)[0])
        axes.axvline(ideal, color=INK, linewidth=0.8)
        axes.set_yscale("log")
        axes.set_ylabel("pairs")
        axes.set_title(title, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    drawn[0].axvspan(
        ideal - spread, ideal + spread, color=GREY, alpha=0.2, linewidth=0,
        label=f"all pairs, certified: within {certified}",
    )  # fmt: skip
    drawn[0].legend(fontsize=8, frameon=False, loc="upper right")
    drawn[-1].set_xlabel(xlabel)


def method_style(name: str) -> tuple[str, str]:
    """Return colour and marker of a method; one that is not known here is a black cross.

    Examples
    --------
    >>> method_style("lemma"), method_style("my own")
    (('#0072B2', 'o'), ('#222222', 'X'))
    """
    return METHODS.get(name, (INK, "X"))


def limits(values: list[float], margin: float) -> tuple[float, float]:
    """Return axis limits around values that may all be equal."""
    low, high = min(values), max(values)
    span = high - low
    if span <= 1e-6 * max(abs(low), abs(high)):
        span = 0.1 * max(abs(low), abs(high)) or 1.0
    return low - margin * span, high + margin * span


def draw_chain(
    axes: Axes,
    rows: list[tuple[str, float, str]],
    label: str,
    *,
    down: bool = False,
    bounds: Sequence[int] = (),
) -> None:
    """Draw numbers one above the other, each with its name, its value and a line to the side of the worse ones.

    Parameters
    ----------
    axes : Axes
        Where to.
    rows : list of (str, float, str)
        Name, value and colour, from the bottom.
    label : str
        What the numbers are.
    down : bool
        Whether smaller numbers are better.
    bounds : sequence of int
        Which rows bound all solutions: their numbers are rounded to their own side.
    """
    low, high = limits([value for _, value, _ in rows], 0.2)
    base = high if down else low
    for k, (_, value, colour) in enumerate(rows):
        axes.plot([base, value], [k, k], color=colour, linewidth=1, alpha=0.5)
        axes.plot([value], [k], "o", color=colour)
        shown = bounding(value, above=not down, digits=7) if k in bounds else f"{value:.7g}"
        axes.annotate(shown, (value, k), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=7, linespacing=1.15)
    axes.set_ylim(-0.5, len(rows) - 0.4)
    axes.set_xlim(low, high)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(label)
    axes.set_title("chain", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
