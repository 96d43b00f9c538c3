"""Pictures of quadratic problems: the variables with their values and what stands against them, and the chain."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.graphs.graph import WeightedGraph
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.options import check_kind
from derandkit.plots.cuts import LABELLED
from derandkit.plots.labels import Labels, shown_label, write_labels, write_legend
from derandkit.plots.layout import LARGEST, given_positions, layout
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
    new_figure,
    own_settings,
    save_figure,
)
from derandkit.quadratic.result import QuadraticResult
from derandkit.tables import bounding, counted, told_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from derandkit.cuts.result import MaxCutResult
    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray
    from derandkit.quadratic.problem import Instance


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn of a problem and a solution: lines between variables, which of them are marked, and the words.

    Parameters
    ----------
    i, j : ndarray of int64, shape (k,)
        The two ends of each line.
    weights : ndarray, shape (k,)
        Their weights; dashed where negative.
    marked : ndarray of bool, shape (k,)
        Lines in the second colour.
    plain, mark : tuple of str
        What the two kinds of lines are, one and several.
    values : tuple of str
        What the two values of a variable mean, the greater one first.
    arrows : bool
        Whether lines have a direction.
    against : bool
        Whether marked lines are what went wrong.
    """

    i: IntArray
    j: IntArray
    weights: FloatArray
    marked: BoolArray
    plain: tuple[str, str]
    mark: tuple[str, str]
    values: tuple[str, str]
    arrows: bool = False
    against: bool = True


def scene_of(instance: Instance, values: tuple[int, ...]) -> Scene:
    """Return what is drawn of a solution of a problem.

    Parameters
    ----------
    instance : QuadraticModel, Clauses, Arcs or SignedGraph
        The problem.
    values : tuple of int, length n
        The values of its variables.

    Raises
    ------
    InputError
        There is no picture of such a problem.

    Examples
    --------
    >>> model = QuadraticModel.from_ising({}, {(0, 1): 1, (1, 2): 1, (0, 2): 1})
    >>> scene = scene_of(model, (1, -1, 1))
    >>> scene.marked.tolist(), scene.mark
    ([False, True, False], ('coupling not satisfied', 'couplings not satisfied'))
    >>> scene_of(QuadraticModel.from_qubo({(0, 1): 1}), (0, 0)).marked.tolist()
    [False]
    """
    x = np.array(values, dtype=np.int64)
    if isinstance(instance, SignedGraph):
        i, j, w = instance.graph.edges()
        wrong = np.where(x[i] != x[j], w > 0, w < 0)
        return Scene(
            i.astype(np.int64),
            j.astype(np.int64),
            w,
            wrong,
            ("edge", "edges"),
            ("frustrated edge", "frustrated edges"),
            ("camp 1", "camp 2"),
        )
    if isinstance(instance, Arcs):
        out = (x[instance.tails] == 1) & (x[instance.heads] == 0)
        return Scene(
            instance.tails, instance.heads, instance.weights, out, ("arc", "arcs"), ("arc out", "arcs out"),
            ("chosen", "not chosen"),
            arrows=True, against=False,
        )  # fmt: skip
    if isinstance(instance, Clauses):
        a, b = instance.literals[:, 0], instance.literals[:, 1]
        first, second = np.abs(a) - 1, np.where(b == 0, np.abs(a), np.abs(b)) - 1
        holds = np.where(a > 0, x[first], 1 - x[first]) == 1
        holds |= (b != 0) & (np.where(b > 0, x[second], 1 - x[second]) == 1)
        weights = np.where(instance.hard, np.abs(instance.weights).max(initial=1.0), instance.weights)
        return Scene(
            first,
            second,
            weights,
            ~holds,
            ("clause", "clauses"),
            ("violated clause", "violated clauses"),
            ("true", "false"),
        )
    if isinstance(instance, QuadraticModel):
        i, j, w = instance.couplings.edges()
        # a product of bits is 0 or 1, one of spins -1 or 1
        term, off = w * x[i] * x[j], -w if instance.vartype == "spin" else np.zeros_like(w)
        best = (np.maximum if instance.sense == "maximize" else np.minimum)(w, off)
        words = ("spin +1", "spin -1") if instance.vartype == "spin" else ("bit 1", "bit 0")
        return Scene(
            i.astype(np.int64),
            j.astype(np.int64),
            w,
            term != best,
            ("coupling", "couplings"),
            ("coupling not satisfied", "couplings not satisfied"),
            words,
        )
    raise InputError(f"there is no picture of a {type(instance).__name__}")


def problem_of(result: QuadraticResult, instance: object) -> Instance | None:
    """Read the problem that a result is about, in any form that `derandkit.verify` takes; None where there is none.

    Raises
    ------
    InputError
        It cannot be read, or the result is about another one.

    Examples
    --------
    >>> import derandkit as dk
    >>> problem_of(dk.minimize_qubo({("x", "x"): -1}), {("x", "x"): -1})
    QuadraticModel(1 binary variable, 0 couplings, minimize)
    """
    from derandkit.datasets.problems import quadratic_instance

    check_kind("result", result, QuadraticResult, "derandkit.minimize_qubo(...)")
    if instance is None:
        return None
    record = {
        "kind": result.kind, "sense": result.sense, "vartype": result.vartype, "instance": result.instance
    }  # fmt: skip
    problem = quadratic_instance(record, instance)
    if problem.digest != result.instance["digest"]:
        raise InputError("the result is about another problem than the one to draw")
    return problem


@own_settings()
def plot_quadratic(
    result: QuadraticResult,
    instance: object = None,
    path: str | os.PathLike[str] | None = None,
    *,
    positions: object = None,
) -> Figure:
    """Draw a quadratic problem with its solution, and the chain from the start to the bound in its own values.

    Parameters
    ----------
    result : QuadraticResult
        The result.
    instance : object, optional
        The problem, as `derandkit.verify` takes it: a model, what the solver was given, a file. Without it, or where
        it has more than 1000 variables and no positions, only the chain is drawn.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.
    positions : mapping of label to (x, y), or frame, optional
        Where the variables stand; by default in a deterministic layout.

    Returns
    -------
    matplotlib.figure.Figure
        Left: the variables in the colours of their values. Red are couplings that are not satisfied, violated clauses,
        frustrated edges; of a directed cut the arcs out are dark. Right: the chain.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the problem cannot be read, the result is about another one, a position is missing, or the file cannot be
        written.

    Examples
    --------
    >>> import derandkit as dk
    >>> arcs = dk.Arcs.from_arcs([("a", "b"), ("b", "c"), ("c", "a")])
    >>> figure = dk.plot_quadratic(dk.optimize(arcs), arcs)
    >>> figure.axes[0].get_title()
    '3 vertices, 3 arcs: 1 arc out'
    """
    problem = problem_of(result, instance)
    labels = None
    drawn = _is_drawn(result, problem, positions)
    figure = new_figure(12.0, 5.6) if drawn else new_figure(6.5, 4.6)
    if drawn and problem is not None:
        columns = figure.add_gridspec(1, 2, width_ratios=[6, 6])
        labels = _draw_scene(figure.add_subplot(columns[0]), problem, result, positions)
        _draw_chain(figure.add_subplot(columns[1]), result)
    else:
        _draw_chain(figure.add_subplot(), result)
    figure.suptitle(_headline(result), fontsize=11)
    if labels is not None:
        labels.settle(figure)
    if path is not None:
        save_figure(figure, path)
    return figure


def _is_drawn(result: QuadraticResult, instance: Instance | None, positions: object) -> bool:
    """Return whether the problem itself is drawn beside the chain."""
    return instance is not None and (positions is not None or len(result.values) <= LARGEST)


def caption(
    result: QuadraticResult,
    instance: Instance | None = None,
    *,
    positions: object = None,
) -> str:
    """Return what `plot_quadratic` draws, in words; colours are named only for what is there.

    Parameters
    ----------
    result, instance, positions : optional
        As in `plot_quadratic`.

    Examples
    --------
    >>> import derandkit as dk
    >>> arcs = dk.Arcs.from_arcs([("a", "b"), ("b", "c"), ("c", "a")])
    >>> caption(dk.optimize(arcs), arcs)
    'The vertices with their values, arcs out (dark), and the chain of values and bounds'
    >>> caption(dk.optimize(arcs))
    'The chain of values and bounds'
    """
    if instance is None or not _is_drawn(result, instance, positions):
        return "The chain of values and bounds"
    scene = scene_of(instance, result.values)
    colour = "red" if scene.against else "dark"
    marked = f", {scene.mark[1]} ({colour})," if scene.marked.any() else ""
    return f"The {_variables(instance)[1]} with their values{marked} and the chain of values and bounds"


def _variables(instance: Instance) -> tuple[str, str]:
    """Return what a variable of a problem is called, one and several."""
    return ("vertex", "vertices") if isinstance(instance, (Arcs, SignedGraph)) else ("variable", "variables")


def _headline(result: QuadraticResult) -> str:
    value, bound = told_apart(result.value, result.bound, above=result.sense == "maximize")
    if result.proven_optimal:
        return f"value {value}, proven optimal"
    return f"value {value}, bound {bound} ({result.bound_status}), gap {bounding(result.gap, above=True)}"


def _draw_scene(axes: Axes, instance: Instance, result: QuadraticResult, positions: object) -> Labels:
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    scene, names = scene_of(instance, result.values), _variables(instance)
    n = len(result.values)
    apart = scene.i != scene.j
    i, j = scene.i[apart], scene.j[apart]
    graph = WeightedGraph.from_edges(i, j, np.ones(i.size), n=n, labels=list(result.labels))
    order = {label: k for k, label in enumerate(graph.labels)}
    rank = np.array([order[label] for label in result.labels], dtype=np.int64)
    places = (layout(graph) if positions is None else given_positions(graph, positions))[rank]
    weights, marked = np.abs(scene.weights), scene.marked
    greatest = float(weights.max(initial=0.0)) or 1.0
    scale = float(np.clip(30.0 / max(1.0, weights.size) ** 0.5, 0.4, 2.0))
    widths = scale * (0.4 + 0.6 * weights / greatest)
    colours = (LIGHT, RED if scene.against else INK)
    legend = []
    for state, colour in enumerate(colours):
        for negative in (False, True):
            chosen = (marked == bool(state)) & ((scene.weights < 0) == negative)
            lines = chosen & apart
            if scene.arrows:
                shrink = {"arrowstyle": "-|>", "shrinkA": 5, "shrinkB": 5}
                for k in np.flatnonzero(lines).tolist():
                    axes.annotate(
                        "", places[scene.j[k]], places[scene.i[k]], zorder=1 + state,
                        arrowprops={**shrink, "color": colour, "lw": float(widths[k])},
                    )  # fmt: skip
            elif lines.any():
                ends = np.stack([places[scene.i[lines]], places[scene.j[lines]]], axis=1)
                axes.add_collection(
                    LineCollection(
                        list(ends),
                        colors=colour,
                        linewidths=widths[lines],
                        linestyles="--" if negative else "-",
                        zorder=1 + state,
                    )
                )
            alone = chosen & ~apart  # a clause with a single literal is a ring
            if alone.any() and (state or n <= LABELLED):
                ring = places[scene.i[alone]]
                axes.scatter(
                    ring[:, 0], ring[:, 1], s=420, facecolors="none", edgecolors=colour, zorder=1 + state
                )
            if chosen.any():
                sign = ("negative " if negative else "positive ") if (scene.weights < 0).any() else ""
                words = _counted(int(chosen.sum()), scene.mark if state else scene.plain, sign)
                legend.append(Line2D([], [], color=colour, linestyle="--" if negative else "-", label=words))
    size = float(np.clip(6000.0 / n, 12.0, 220.0))
    x = np.array(result.values)
    for side, (colour, marker) in enumerate(SIDES):
        here = (x == 1) == (side == 0)
        axes.scatter(
            places[here, 0], places[here, 1], s=size, c=colour, marker=marker, edgecolors="white", linewidths=0.8,
            zorder=3,
        )  # fmt: skip
        label = f"{scene.values[side]}: {counted(int(here.sum()), *names)}"
        legend.insert(side, Line2D([], [], color=colour, marker=marker, linestyle="none", label=label))
    written = []
    if n <= LABELLED:
        written = write_labels(axes, [shown_label(label) for label in result.labels], places, size)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.16)
    axes.autoscale_view()
    axes.set_axis_off()
    variables = counted(n, *names)
    lines_of_all = _counted(int(marked.size), scene.plain)
    axes.set_title(f"{variables}, {lines_of_all}: {_counted(int(marked.sum()), scene.mark)}", fontsize=10)
    write_legend(axes, legend)
    return Labels(axes, written, places, size)


def _counted(count: int, words: tuple[str, str], sign: str = "") -> str:
    return f"{count} {sign}{words[count != 1]}"


def _draw_chain(axes: Axes, result: QuadraticResult) -> None:
    cut: MaxCutResult = getattr(result.cut, "contracted", result.cut)
    rows = [
        ("value\n(exact)", float(result.value), BLUE),
        (f"bound\n({result.bound_status})", float(result.bound), RED),
    ]
    if cut is result.cut:  # with fixed variables the chain is that of a smaller graph
        constant, factor = Fraction(result.reduction["constant"]), Fraction(result.reduction["factor"])
        sign = 1 if result.sense == "maximize" else -1

        def read(weight: float) -> float:
            return float(sign * (constant + factor * Fraction(weight)))

        chain = cut.chain
        start = "start, with thresholds" if cut.certificate.thresholds is not None else "random hyperplane"
        rows = [
            (f"{start}\n(expected)", read(chain.start_expectation), ORANGE),
            ("end of the path\n(expected)", read(chain.final_expectation), GREEN),
            ("derandomized\n(exact)", read(chain.derandomized_cut), BLUE),
            rows[0],
            ("SDP value\n(of the vectors)", read(chain.sdp_value), GREY),
            rows[1],
        ]
    down = result.sense != "maximize"
    draw_chain(axes, rows, f"value, {result.sense}d", down=down, bounds=(len(rows) - 1,))
