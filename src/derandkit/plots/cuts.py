"""Pictures of a cut: the graph with its two sides, the chain of bounds, the course of the derandomization."""

from __future__ import annotations

import base64
import html
import io
import math
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import numpy as np

from derandkit.errors import InputError
from derandkit.options import check_flag
from derandkit.plots.labels import Labels, shown_label, write_labels, write_legend
from derandkit.plots.layout import file_positions, given_positions, layout, node_positions
from derandkit.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    RED,
    SIDES,
    draw_chain,
    letters_of,
    limits,
    new_figure,
    own_settings,
    save_figure,
)
from derandkit.tables import counted, percent_above, told_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from derandkit.cuts.result import MaxCutResult
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray

#: Graphs up to this size have their labels written at the vertices, and are shown in a notebook.
LABELLED, IN_NOTEBOOK = 40, 300


@own_settings()
def plot_cut(
    graph: object,
    result: MaxCutResult,
    path: str | os.PathLike[str] | None = None,
    *,
    positions: object = None,
    chain: bool = True,
) -> Figure:
    """Draw a graph and its cut: two sides, cut edges dark, the others light.

    Parameters
    ----------
    graph : graph or path
        The graph that was cut, in any form that `derandkit.maxcut` accepts. The nodes of a networkx graph and of a
        GraphML, GML, GEXF, DOT, Pajek or JSON file may hold their positions (``pos``, ``x`` and ``y``, ``lon`` and
        ``lat``, ``graphics``, ``viz:position``).
    result : MaxCutResult
        The result for this graph.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.
    positions : mapping of label to (x, y), or frame, optional
        Where the vertices stand: also rows of an array or mappings with ``x`` and ``y`` by label, or a frame with such
        columns and the labels in its index or in a column ``node``. By default as the graph says, else a
        deterministic layout.
    chain : bool
        Draw the chain of bounds and the path beside the graph.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the result is about another graph, a position is missing, the graph has more than 1000 vertices and no
        positions, or the file cannot be written.

    Examples
    --------
    >>> import networkx as nx
    >>> import derandkit
    >>> G = nx.petersen_graph()
    >>> figure = derandkit.plot_cut(G, derandkit.maxcut(G), positions=nx.shell_layout(G, [range(5, 10), range(5)]))
    >>> figure.axes[0].get_title()
    '10 vertices, 15 edges: 12 edges are cut'
    """
    from derandkit.cuts.result import MaxCutResult
    from derandkit.datasets.instances import as_graph

    if not isinstance(result, MaxCutResult):
        raise InputError(
            "plot_cut takes a graph and its result of maxcut, in this order; the result is a "
            f"{type(result).__name__} (plot_quadratic draws other problems)"
        )
    held = result.instance
    instance = held if graph is held and held is not None else as_graph(graph)
    if instance.digest != result.graph["digest"]:
        unweighted = instance.unweighted()
        if unweighted.digest != result.graph["digest"]:
            raise InputError("the result is about another graph than the one to draw")
        instance = unweighted
    check_flag("chain", chain)
    if positions is None:
        if isinstance(graph, (str, os.PathLike)):
            positions = file_positions(graph, instance.labels)
        else:
            positions = node_positions(graph)
    places = layout(instance) if positions is None else given_positions(instance, positions)
    if chain:
        proven = result.bound["proof_bound"] is not None  # one more row of the chain
        figure = new_figure(13.0, 6.6 if proven else 6.0)
        columns = figure.add_gridspec(1, 2, width_ratios=[6, 7])
        labels = _draw_graph(figure.add_subplot(columns[0]), instance, result, places)
        right = columns[1].subgridspec(3, 1, height_ratios=[6 if proven else 5, 4, 1.5])
        upper = figure.add_subplot(right[1])
        _draw_chain(figure.add_subplot(right[0]), result)
        _draw_path(upper, figure.add_subplot(right[2], sharex=upper), result)
    else:
        figure = new_figure(6.0, 6.0)
        labels = _draw_graph(figure.add_subplot(), instance, result, places)
    figure.suptitle(_headline(result), fontsize=11)
    labels.settle(figure)
    if path is not None:
        save_figure(figure, path)
    return figure


def cut_picture(result: MaxCutResult) -> str | None:
    """Return the graph and its cut as an HTML image for a notebook.

    Returns
    -------
    str or None
        None without matplotlib, without the graph (a record read from a file), or for more than 300 vertices.
    """
    graph = result.instance
    if graph is None or graph.n > IN_NOTEBOOK or find_spec("matplotlib") is None:
        return None
    picture = io.BytesIO()
    figure = plot_cut(graph, result, chain=False)
    with letters_of(figure):
        figure.savefig(picture, format="png", dpi=90)
    data = base64.b64encode(picture.getvalue()).decode("ascii")
    return f'<img alt="{html.escape(_headline(result))}" src="data:image/png;base64,{data}"/>'


def _headline(result: MaxCutResult) -> str:
    value, bound = told_apart(result.cut_value, result.upper_bound, above=True)
    if result.proven_optimal:
        return f"cut {value}, proven optimal"
    return f"cut {value}, bound {bound} ({result.bound_status}), gap {percent_above(result.gap, digits=2)}"


def _draw_graph(axes: Axes, graph: WeightedGraph, result: MaxCutResult, places: FloatArray) -> Labels:
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    i, j, w = graph.edges()
    cut = result.signs[i] != result.signs[j]
    ends = np.stack([places[i], places[j]], axis=1)
    greatest = float(np.abs(w).max()) if w.size and np.abs(w).max() > 0 else 1.0
    # a picture with many edges needs thin ones; a light edge stays visible
    scale = float(np.clip(30.0 / max(1.0, w.size) ** 0.5, 0.4, 2.0))
    widths = scale * (0.35 + 0.65 * np.abs(w) / greatest)
    sides: list[Line2D] = []
    legend: list[Line2D] = []
    styles: tuple[tuple[bool, Literal["-", "--"]], ...] = ((False, "-"), (True, "--"))
    signed = bool((w < 0).any())
    for is_cut, colour, name in ((False, LIGHT, "not cut"), (True, INK, "cut")):
        for negative, style in styles:
            chosen = (cut == is_cut) & ((w < 0) == negative)
            if not chosen.any():
                continue
            lines = LineCollection(
                ends[chosen], colors=colour, linewidths=widths[chosen], linestyles=[style],
                zorder=1 + is_cut,
            )  # fmt: skip
            axes.add_collection(lines)
            sign = ("negative " if negative else "positive ") if signed else ""
            what = counted(int(chosen.sum()), f"{sign}edge")
            legend.append(Line2D([], [], color=colour, linestyle=style, label=f"{what}, {name}"))
    size = float(np.clip(6000.0 / graph.n, 12.0, 220.0))
    for side, (colour, marker) in enumerate(SIDES):
        here = result.signs == (1, -1)[side]
        axes.scatter(
            places[here, 0],
            places[here, 1],
            s=size,
            c=colour,
            marker=marker,
            edgecolors="white",
            linewidths=0.8,
            zorder=3,
        )
        name = f"side {side}: {counted(int(here.sum()), 'vertex', 'vertices')}"
        sides.append(Line2D([], [], color=colour, marker=marker, linestyle="none", label=name))
    written = []
    if graph.n <= LABELLED:
        written = write_labels(axes, [shown_label(label) for label in graph.labels], places, size)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.08)
    axes.autoscale_view()
    axes.set_axis_off()
    edges = counted(graph.m, "edge")
    verb = "is" if int(cut.sum()) == 1 else "are"
    title = f"{counted(graph.n, 'vertex', 'vertices')}, {edges}: {counted(int(cut.sum()), 'edge')} {verb} cut"
    axes.set_title(title, fontsize=10)
    if np.unique(np.abs(w)).size > 1:
        legend.append(Line2D([], [], linestyle="none", label="width of a line: its weight"))
    write_legend(axes, [*sides, *legend])
    return Labels(axes, written, places, size)


@own_settings()
def plot_maxcut(result: MaxCutResult, path: str | os.PathLike[str] | None = None) -> Figure:
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
    value, bound = told_apart(result.cut_value, result.upper_bound, above=True)
    figure.suptitle(
        f"{counted(graph['n'], 'vertex', 'vertices')}, {counted(graph['m'], 'edge')}: cut {value}, "
        f"bound {bound} ({result.bound_status})",
        fontsize=11,
    )
    if path is not None:
        save_figure(figure, path)
    return figure


def _draw_chain(axes: Axes, result: MaxCutResult) -> None:
    chain, guarantee = result.chain, result.guarantee
    # weights below zero and constraints add a constant
    plain = math.isclose(
        guarantee["value"], guarantee["ratio"] * chain["sdp_value"], rel_tol=1e-9, abs_tol=1e-12
    )
    promise = "0.87856 SDP" if plain else "0.87856 SDP + shift"
    rows = [
        (f"guarantee\n({promise})", guarantee["value"], GREY),
        ("random hyperplane\n(expected)", chain["start_expectation"], ORANGE),
        ("end of the path\n(expected)", chain["final_expectation"], GREEN),
        ("derandomized\n(exact)", chain["derandomized_cut"], BLUE),
        ("cut\n(exact)", chain["cut_value"], BLUE),
        ("SDP value\n(of the vectors)", chain["sdp_value"], GREY),
        (f"dual bound\n({result.bound['dual_status']})", chain["dual_bound"], RED),
    ]
    if result.bound["proof_bound"] is not None:
        rows.append((f"{result.bound['proof_method']} bound\n(certified)", result.bound["proof_bound"], RED))
    bounds = range(6, len(rows))
    draw_chain(axes, [(name, float(value), colour) for name, value, colour in rows], "weight", bounds=bounds)


def _draw_path(axes: Axes, below: Axes, result: MaxCutResult) -> None:
    history = result.history
    steps = range(len(history))
    cut, bound = float(result.cut_value), float(result.chain["dual_bound"])
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
    below.set_ylabel("|W| / |W0|", fontsize=8)
    below.set_xlabel("step of the path")
    below.locator_params(axis="x", integer=True)
    for panel in (axes, below):
        panel.spines[["top", "right"]].set_visible(False)
