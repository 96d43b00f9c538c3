"""Graphs from one line of text: the recipes of Rinaldi's ``rudy``, rebuilt to the last edge.

The graphs on which max-cut codes are compared (the Gset) were written by a small program, ``rudy``, from
recipes in postfix notation: a generator pushes a graph, a few operators change its weights, ``+`` joins
two graphs. Every random choice comes from Knuth's Stanford GraphBase generator started from a seed in the
recipe, so the recipe *is* the graph. This is an independent implementation that draws the same numbers in
the same order, in blocks instead of one at a time, and keeps the order in which the original lists the
edges.

==============================  =======================================================================
``-rnd_graph n D seed``         n vertices, D percent of all edges, chosen at random; weights 1
``-planar n D seed``            D percent of the edges of a random maximal planar graph; weights 1
``-toroidal_grid_2D h w``       h rows and w columns, wrapped around; weights 1
``-spinglass2g h w seed``       the same torus with Gaussian weights times 100000
``-spinglass3g h w l seed``     l layers of such tori, the last joined to the first
``-spinglass2pm h w p seed``    the plane torus, p percent of its weights -1 and the others +1
``-spinglass3pm h w l p seed``  the same in three dimensions
``-chain n sigma seed``         complete graph on a circle, Gaussian weights over distance to the power sigma
``-random lo hi seed``          new weights, uniform among the integers lo..hi
``-times s``, ``-plus s``       multiply every weight by s; add s to every weight
``+``                           union of two graphs on the same vertices (an edge of both: the smaller weight)
==============================  =======================================================================

``-chain`` is no word of the original; the Biq Mac library has such graphs beside those of ``rudy``.

Credit for the program and the idea belongs to Giovanni Rinaldi (rudy) and Donald Knuth (Stanford GraphBase).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

import numpy as np
from numpy.typing import ArrayLike

from derandkit.datasets.glasses import chain, gaussian_torus, sign_torus
from derandkit.datasets.graphbase import GraphBaseStream
from derandkit.datasets.graphs import (
    MAX_WEIGHT,
    RudyEdges,
    planar,
    plus,
    random_weights,
    rnd_graph,
    times,
    toroidal_grid,
    union,
)
from derandkit.datasets.names import checked_name
from derandkit.errors import InputError
from derandkit.given.entries import unmasked
from derandkit.numerics.typing import IntArray

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph

_LINES = 2**16  # lines formatted together when a graph is written

_INTEGER = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(r"[+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def rudy(recipe: str) -> WeightedGraph:
    """Build the graph that a ``rudy`` recipe describes.

    Parameters
    ----------
    recipe : str
        The recipe in postfix notation, words separated by blanks; the table above lists the operators.

    Returns
    -------
    WeightedGraph
        Vertices are labelled 1..n, as in the files that ``rudy`` writes.

    Raises
    ------
    InputError
        If the recipe has an unknown word, a bad or missing number, or does not leave exactly one graph.

    See Also
    --------
    rudy_edges : the same graph as arrays, in the order in which ``rudy`` lists its edges.

    Notes
    -----
    Memory is O(n + m), time is that of sorting m numbers a few times; ``-rnd_graph`` with a density D
    near 100 needs O(m log n) draws to find the last edges.

    Examples
    --------
    >>> graph = rudy("-toroidal_grid_2D 3 4 -random 0 1 8001 -times 2 -plus -1")
    >>> i, j, w = graph.edges()
    >>> len(w), int(w.sum())
    (24, 0)
    """
    from derandkit.graphs.graph import WeightedGraph

    n, i, j, w = rudy_edges(recipe)
    return WeightedGraph.from_edges(i, j, w, n=n, labels=range(1, n + 1))


def rudy_edges(recipe: str) -> RudyEdges:
    """Build the edges that a ``rudy`` recipe describes, in the order in which ``rudy`` lists them.

    Parameters
    ----------
    recipe : str
        As for `rudy`.

    Returns
    -------
    RudyEdges
        The named tuple ``(n, i, j, w)``: the number of vertices and three int64 arrays of shape (m,) with
        0-based ``i < j``, in list order.

    Raises
    ------
    InputError
        As for `rudy`.

    Examples
    --------
    >>> n, i, j, w = rudy_edges("-rnd_graph 5 25 3")
    >>> n, i.tolist(), j.tolist(), w.tolist()
    (5, [0, 2, 2], [4, 3, 4], [1, 1, 1])
    """
    words = checked_name(recipe, "a recipe of rudy").split()
    if not words:
        raise InputError("the recipe is empty; write for example '-rnd_graph 800 6 8001'")
    stack: list[RudyEdges] = []
    position = 0
    while position < len(words):
        word = words[position]
        operator = _OPERATORS.get(word)
        if operator is None:
            raise InputError(_unknown(word, position, words))
        names, graphs, function = operator
        numbers = _arguments(words, position, names)
        if len(stack) < graphs:
            raise InputError(
                f"{word} (word {position + 1} of the recipe) needs {_graphs(graphs)} before it, "
                f"found {len(stack)}; generators come first, then what changes or joins their graphs"
            )
        operands = stack[len(stack) - graphs :]
        del stack[len(stack) - graphs :]
        try:
            stack.append(function(*operands, *numbers))
        except InputError as error:
            raise InputError(f"{word} (word {position + 1} of the recipe): {error.message}") from None
        position += 1 + len(names)
    if len(stack) > 1:
        raise InputError(f"the recipe leaves {len(stack)} graphs; join them with {len(stack) - 1} more '+'")
    return stack[0]


def write_rudy_lines(n: int, i: ArrayLike, j: ArrayLike, w: ArrayLike, stream: TextIO) -> None:
    """Write a graph as ``rudy`` prints it: a line ``n m``, then a line ``i j w`` per edge, 1-based.

    Parameters
    ----------
    n : int
        Number of vertices.
    i, j, w : array_like of int, shape (m,)
        0-based endpoints and weights, written in the order given.
    stream : text stream
        Open for writing; lines end in a single newline.

    Raises
    ------
    InputError
        If the three arrays differ in length, are not integers, or an endpoint is not in 0..n-1.

    Examples
    --------
    >>> import sys
    >>> write_rudy_lines(*rudy_edges("-planar 4 50 9"), sys.stdout)
    4 3
    1 2 1
    2 4 1
    3 4 1
    """
    columns = as_integers(i, j, w)
    for column in columns[:2]:
        if len(column) and (column.min() < 0 or column.max() >= n):
            raise InputError(f"an endpoint is not in 0..{n - 1}; endpoints are 0-based here")
    stream.write(f"{n} {len(columns[2])}\n")
    for start in range(0, len(columns[2]), _LINES):
        rows = zip(*(column[start : start + _LINES].tolist() for column in columns), strict=True)
        stream.write("".join([f"{a + 1} {b + 1} {weight}\n" for a, b, weight in rows]))


_Operator = tuple[tuple[str, ...], int, Callable[..., RudyEdges]]
# word: (names of its numbers, graphs it takes from the stack, what it does)
_REALS = frozenset({"D", "sigma"})
_OPERATORS: dict[str, _Operator] = {
    "-rnd_graph": (("n", "D", "seed"), 0, lambda n, D, seed: rnd_graph(n, D, GraphBaseStream(seed))),
    "-planar": (("n", "D", "seed"), 0, lambda n, D, seed: planar(n, D, GraphBaseStream(seed))),
    "-toroidal_grid_2D": (("h", "w"), 0, toroidal_grid),
    "-spinglass2g": (
        ("h", "w", "seed"),
        0,
        lambda h, w, seed: gaussian_torus((h, w), GraphBaseStream(seed)),
    ),
    "-spinglass3g": (
        ("h", "w", "l", "seed"),
        0,
        lambda h, w, l, seed: gaussian_torus((h, w, l), GraphBaseStream(seed)),  # noqa: E741
    ),
    "-spinglass2pm": (
        ("h", "w", "p", "seed"),
        0,
        lambda h, w, p, seed: sign_torus((h, w), p, GraphBaseStream(seed)),
    ),
    "-spinglass3pm": (
        ("h", "w", "l", "p", "seed"),
        0,
        lambda h, w, l, p, seed: sign_torus((h, w, l), p, GraphBaseStream(seed)),  # noqa: E741
    ),
    "-chain": (("n", "sigma", "seed"), 0, lambda n, sigma, seed: chain(n, sigma, GraphBaseStream(seed))),
    "-random": (
        ("lo", "hi", "seed"),
        1,
        lambda graph, lo, hi, seed: random_weights(graph, lo, hi, GraphBaseStream(seed)),
    ),
    "-times": (("s",), 1, times),
    "-plus": (("s",), 1, plus),
    "+": ((), 2, union),
}


def _arguments(words: list[str], position: int, names: tuple[str, ...]) -> list[float]:
    """Read the numbers that follow the operator at `position`."""
    given = words[position + 1 : position + 1 + len(names)]
    usage = f"{words[position]} (word {position + 1} of the recipe) takes {' '.join(names)}"
    numbers: list[float] = []
    for name, text in zip(names, given, strict=False):
        pattern, kind = (_REAL, "a number") if name in _REALS else (_INTEGER, "an integer")
        if not pattern.fullmatch(text):
            raise InputError(f"{usage}; {name} must be {kind}, not {text!r}")
        if len(text) > 40:
            raise InputError(f"{usage}; {name} has {len(text)} characters, give at most 40")
        numbers.append(float(text) if name in _REALS else int(text))
    if len(given) < len(names):
        raise InputError(f"{usage}, but the recipe ends before {names[len(given)]}")
    return numbers


def _unknown(word: str, position: int, words: list[str]) -> str:
    place = f"{word!r} (word {position + 1} of the recipe)"
    if _REAL.fullmatch(word):
        before = [name for name in words[:position] if name in _OPERATORS]
        if not before:
            return (
                f"{place} is a number, but a recipe starts with a generator, for example -rnd_graph n D seed"
            )
        names = " ".join(_OPERATORS[before[-1]][0]) or "no numbers"
        return f"{place} is one number too many; {before[-1]} takes {names}"
    near = difflib.get_close_matches(word, _OPERATORS, n=2, cutoff=0.5)
    if near:
        return f"{place} is not an operator; did you mean {' or '.join(near)}?"
    return f"{place} is not an operator; the operators are {' '.join(_OPERATORS)}"


def _graphs(count: int) -> str:
    return "a graph" if count == 1 else "two graphs"


def as_integers(i: ArrayLike, j: ArrayLike, w: ArrayLike) -> tuple[IntArray, IntArray, IntArray]:
    """Return endpoints and weights as int64 arrays of one length, or say what is wrong with them.

    Parameters
    ----------
    i, j, w : array_like, shape (m,)
        0-based endpoints and weights; whole floats are taken as integers.

    Returns
    -------
    tuple of three ndarrays of int64, shape (m,)

    Raises
    ------
    InputError
        If a value is not an integer, is beyond 2^53, or if the lengths differ.

    Examples
    --------
    >>> as_integers([0], [1], [-1.0])
    (array([0]), array([1]), array([-1]))
    """
    first, second, weights = (_integers(name, values) for name, values in (("i", i), ("j", j), ("w", w)))
    if not len(first) == len(second) == len(weights):
        raise InputError(
            f"i, j and w have lengths {len(first)}, {len(second)} and {len(weights)}; give one per edge"
        )
    return first, second, weights


def _integers(name: str, values: ArrayLike) -> IntArray:
    array = unmasked(values, name)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    whole = array.dtype.kind in "biu" or (array.dtype.kind == "f" and bool(np.all(array == np.rint(array))))
    if array.ndim != 1 or not whole or array.max() > MAX_WEIGHT or array.min() < -MAX_WEIGHT:
        raise InputError(
            f"{name} is not a one-dimensional array of integers of at most 2^53; convert it first"
        )
    return array.astype(np.int64)
