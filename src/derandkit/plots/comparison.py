"""Pictures of comparisons."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from derandkit.errors import InputError
from derandkit.plots.style import GREY, RED, limits, method_style, new_figure, save_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from derandkit.comparison.run import ComparisonRow


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
        assert row.ratio is not None
        k = methods.index(row.method)
        # methods are spread over the lane, so that equal values do not hide each other
        lane = instances.index(row.instance) + 0.6 * (k / max(1, len(methods) - 1) - 0.5)
        colour, marker = method_style(row.method)
        axes.plot([row.ratio], [lane], marker, color=colour, linestyle="none",
                  markerfacecolor=colour if row.deterministic else "white",
                  markersize=4 if row.local_search else 7, zorder=3)  # fmt: skip
    for k, instance in enumerate(instances):
        first = next(row for row in drawn if row.instance == instance)
        if first.expectation is not None:
            share = float(first.expectation / first.bound)
            axes.plot([share, share], [k - 0.38, k + 0.38], color=GREY, linewidth=1.5, zorder=2)
        axes.axhspan(k - 0.5, k + 0.5, color="#F4F4F4" if k % 2 else "white", zorder=0)
    for method in methods:
        deterministic = next(row.deterministic for row in drawn if row.method == method)
        colour, marker = method_style(method)
        axes.plot([], [], marker, color=colour, linestyle="none", label=method,
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
        low, _ = limits([*ratios, *expected, 1.0], 0.03)
        axes.set_xlim(low, 1.0 + 0.03 * (1.0 - low))
    axes.set_ylim(len(instances) - 0.5, -0.5)
    axes.set_yticks(range(len(instances)), short_names(instances))
    axes.set_xlabel(f"value / {side} bound")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    if path is not None:
        save_figure(figure, path)
    return figure


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
