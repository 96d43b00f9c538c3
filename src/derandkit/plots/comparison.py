"""Pictures of comparisons."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.plots.labels import plain_text
from derandkit.plots.style import GREY, RED, limits, method_style, new_figure, own_settings, save_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from derandkit.comparison.run import ComparisonRow


@own_settings()
def plot_comparison(rows: Sequence[ComparisonRow], path: str | os.PathLike[str] | None = None) -> Figure:
    """Draw the values of a comparison against bound and expectation, one lane an instance.

    Parameters
    ----------
    rows : sequence of ComparisonRow
        What `derandkit.compare` returned.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.

    Returns
    -------
    matplotlib.figure.Figure
        Values as shares of the bound: up to 1 where more is better (cuts), from 1 on a logarithmic axis where less is
        (distortions). For quadratic problems the distance from the bound, as a share of the range of values. Where all
        bounds are 0, as those of tables, the values themselves. Filled markers are deterministic, open ones random,
        small ones are after local search; the grey tick is the expectation of the randomized algorithm where it has a
        closed form (of features the root of the mean square error); where the range of values is not known from a
        method that is off the bound there is none.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written, or there is no row with a value and a bound.
    """
    gaps = any(row.relative_gap is not None for row in rows)
    drawn = [row for row in rows if (row.relative_gap if gaps else row.ratio) is not None]
    plain = not drawn  # no value is a share of a bound of 0
    if plain:
        drawn = [row for row in rows if row.value is not None and row.bound == 0]
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
        colour, marker = method_style(row.method)
        axes.plot([place_of(row)], [lane], marker, color=colour, linestyle="none",
                  markerfacecolor=colour if row.deterministic else "white",
                  markersize=4 if row.local_search else 7, zorder=3)  # fmt: skip
    for k, instance in enumerate(instances):
        first = next(row for row in drawn if row.instance == instance)
        if first.expectation is not None:
            share = expected_place(drawn, first)
            if share is not None:
                axes.plot([share, share], [k - 0.38, k + 0.38], color=GREY, linewidth=1.5, zorder=2)
        axes.axhspan(k - 0.5, k + 0.5, color="#F4F4F4" if k % 2 else "white", zorder=0)
    for method in methods:
        deterministic = next(row.deterministic for row in drawn if row.method == method)
        colour, marker = method_style(method)
        axes.plot([], [], marker, color=colour, linestyle="none", label=method,
                  markerfacecolor=colour if deterministic else "white")  # fmt: skip
    if any(row.local_search for row in drawn):
        axes.plot([], [], "o", color=GREY, markersize=4, linestyle="none", label="small: with local search")
    expected = [place for row in drawn if (place := expected_place(drawn, row)) is not None]
    if expected:
        axes.plot([], [], color=GREY, label="expectation")
    places = [place_of(row) for row in drawn]
    side = "lower" if drawn[0].sense == "minimize" else "upper"
    at_zero = gaps or plain
    axes.axvline(
        0.0 if at_zero else 1.0, color=RED, linewidth=1.2, label="bound" if gaps else f"{side} bound"
    )
    if plain:
        axes.set_xlim(*limits([0.0, *places, *expected], 0.03))
    elif gaps:
        _, high = limits([0.0, *places, *expected], 0.03)
        axes.set_xlim(-0.03 * high, high)
    elif side == "lower":
        axes.set_xscale("log")
    else:
        low, _ = limits([*places, *expected, 1.0], 0.03)
        axes.set_xlim(low, 1.0 + 0.03 * (1.0 - low))
    axes.set_ylim(len(instances) - 0.5, -0.5)
    axes.set_yticks(range(len(instances)), list(map(plain_text, short_names(instances))))
    words = "distance from the bound / range of values" if gaps else f"value / {side} bound"
    axes.set_xlabel("value" if plain else words)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    if path is not None:
        save_figure(figure, path)
    return figure


def place_of(row: ComparisonRow) -> float:
    """Return where a row is drawn: its gap relative to the range, else its ratio to the bound, else its value."""
    place = row.ratio if row.relative_gap is None else row.relative_gap
    return float(row.value or 0.0) if place is None else place


def expected_place(drawn: Sequence[ComparisonRow], row: ComparisonRow) -> float | None:
    """Return where the expectation of a row's instance is drawn, on the same axis as the rows; None if not known."""
    if row.expectation is None:
        return None
    expected = float(row.expectation)
    if row.relative_gap is None:
        return expected / float(row.bound) if row.bound else expected
    # of any row of the instance that is not at the bound: gap and relative gap give the range
    ranges = [one.gap / one.relative_gap for one in drawn
              if one.instance == row.instance and one.gap and one.relative_gap]  # fmt: skip
    return abs(float(row.bound) - expected) / ranges[0] if ranges else None


def short_names(instances: Sequence[str]) -> list[str]:
    """Return names of files without their folders, as far as they still differ.

    Examples
    --------
    >>> short_names(["/data/a/one.mtx", "/data/b/two.mtx", "G1"])
    ['one.mtx', 'two.mtx', 'G1']
    >>> short_names(["/data/a/one.mtx", "/data/b/one.mtx"])
    ['a/one.mtx', 'b/one.mtx']
    """
    parts = [name.replace(os.sep, "/").split("/") for name in instances]
    for kept in range(1, max(map(len, parts), default=0)):
        names = ["/".join(part[-kept:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return list(instances)
