"""Whether rows of numbers that could be edges are a matrix or lists of neighbours as well.

The readers of files, JSON, sequences and arrays ask here, so that the same rows are refused wherever they come from.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.assembly import Floats, Ints
from derandkit.graphs.objects.nearest import NEIGHBOURS, SURFACE, are_whole, may_be_nearest
from derandkit.numerals import is_whole
from derandkit.numerics.vectors import distinct
from derandkit.tables import repeated

_LISTS = "may be edges, or lists of the neighbours of each vertex"


def complete_matrix(
    A: Floats, labels: Sequence[object], symmetrize: str | None
) -> tuple[Floats, tuple[str, ...]]:
    """Return a matrix whose missing entries (NaN) are filled in, and what has to be said about it.

    A triangle that is missing as a whole is the mirror of the other one, as in ``frame.corr().where(lower)`` and in the
    correlation tables of spreadsheets.

    Parameters
    ----------
    A : ndarray of float64, shape (n, n)
        Its diagonal does not count.
    labels : sequence
        Names of the rows, for messages.
    symmetrize : str, optional
        What to make of two directions; a triangle is not mirrored where they count.

    Raises
    ------
    InputError
        Other entries are missing; the first one is named.

    Examples
    --------
    >>> complete_matrix(np.array([[0, np.nan], [5.0, 0]]), "ab", None)
    (array([[0., 5.],
           [5., 0.]]), ('one triangle of the matrix is empty and was taken to mirror the other one',))
    """
    missing = np.isnan(A)
    np.fill_diagonal(missing, False)
    if not missing.any():
        return A, ()
    n = len(A)
    for one, k in ((np.triu, 1), (np.tril, -1)):
        if symmetrize is None and int(one(missing, k).sum()) == int(missing.sum()) == n * (n - 1) // 2:
            filled = np.where(missing, A.T, A)
            return filled, ("one triangle of the matrix is empty and was taken to mirror the other one",)
    at, to = (int(x) for x in np.argwhere(missing)[0])
    raise InputError(
        f"the entry of row {labels[at]!r} and column {labels[to]!r} is missing or not finite; write 0 where there is "
        "no edge"
    )


def refuse_points(ends: Sequence[Any]) -> None:
    """Refuse ends of edges that are all numbers and not all whole: they are coordinates, as it seems.

    Raises
    ------
    InputError
        It names both readings.
    """
    if all(isinstance(x, (int, float, np.number)) for x in ends):
        broken = next((x for x in ends if not is_whole(x)), None)
        if broken is not None:
            raise InputError(
                f"the ends of edges are numbers, such as {float(broken)!r}, and not all whole: points, or an edge "
                "list? For an edge list pass tuples (u, v, weight)"
            )


#: Names of columns that say which vertex a row is about, and what tables of vertices say of it.
_OF_VERTEX = {
    "id",
    "key",
    "index",
    "label",
    "name",
    "node",
    "node id",
    "node_id",
    "nodeid",
    "vertex",
    "vertex id",
}
_OF_VERTICES = {
    "age", "category", "class", "cluster", "color", "colour", "community", "count", "degree", "group", "label",
    "module", "name", "partition", "role", "score", "side", "size", "title", "type", "value",
}  # fmt: skip


def refuse_vertices(names: Sequence[str]) -> None:
    """Refuse two columns whose names say that the table lists vertices.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_vertices(["name", "friend"])
    >>> refuse_vertices(["id", "name"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns 'id' and 'name' may be a table of vertices, or edges; name them ...
    """
    one, other = (name.strip().lower() for name in names)
    if one in _OF_VERTEX and other in _OF_VERTICES:
        raise InputError(
            f"the columns {names[0]!r} and {names[1]!r} may be a table of vertices, or edges; name them 'source' and "
            "'target' for edges"
        )


#: Names of two coordinates, and what such names have in common with each other.
_COORDINATES = (
    {"x", "y"}, {"lat", "lon"}, {"lat", "lng"}, {"lat", "long"}, {"latitude", "longitude"}, {"easting", "northing"},
    {"east", "north"}, {"ra", "dec"}, {"px", "py"}, {"cx", "cy"}, {"xpos", "ypos"}, {"xcoord", "ycoord"},
)  # fmt: skip
_PLACES = frozenset(
    (
        "pos", "position", "coord", "coords", "coordinate", "coordinates", "center", "centre", "centroid", "gps", "geo",
        "point", "pt", "pixel", "loc", "location", "place", "start", "stop", "station", "city", "home", "utm", "map",
    )
)  # fmt: skip
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def refuse_coordinates(
    names: Sequence[str], columns: Sequence[Sequence[object]], weighted: bool = False
) -> None:
    """Refuse two columns of whole numbers that are called like coordinates, of points as it seems.

    Numbers that are not whole are no ends of edges, whatever they are called (`refuse_points`). Beside weights, ``x``
    and ``y`` are ends.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> cells = [[1, 2], [2, 3]]
    >>> refuse_coordinates(["row", "col"], cells), refuse_coordinates(["gene_x", "gene_y"], cells)
    (None, None)
    >>> refuse_coordinates(["lat", "lng"], cells)
    Traceback (most recent call last):
    derandkit.errors.InputError: the columns 'lat' and 'lng' may hold coordinates of points, or ends of edges; ...
    """
    words = [{part.lower() for part in _PARTS.findall(name)} - _PLACES for name in names]
    if words[0] == words[1] or words[0] | words[1] not in _COORDINATES[weighted:]:
        return
    if all(re.fullmatch(r"\s*[-+]?\d+(?:\.0*)?\s*", str(x)) for column in columns for x in column):
        raise InputError(
            f"the columns {names[0]!r} and {names[1]!r} may hold coordinates of points, or ends of edges; name them "
            "'source' and 'target' for edges"
        )


def refuse_row_names(names: Sequence[str], rows: Sequence[object], numeric: Sequence[bool]) -> None:
    """Refuse columns of numbers beside words that name the rows: a matrix, or edges whose rows have names.

    Raises
    ------
    InputError
        It names both readings.
    """
    if rows and all(numeric) and all(isinstance(row, str) for row in rows):
        twice = repeated(names)
        if twice is not None and sorted(names) == sorted(map(str, rows)):
            raise InputError(
                f"{twice!r} stands twice above and beside the matrix: two vertices, or one? Rename one"
            )
        raise InputError(
            f"the columns {', '.join(map(repr, names[:5]))} hold numbers and the rows have names, such as {rows[0]!r}: "
            "a matrix has the same names above and beside it; for edges name two columns 'source' and 'target'"
        )


def said_of_end(labels: Sequence[Hashable], i: Ints, j: Ints, w: Floats | None) -> tuple[str, ...]:
    """Return what has to be said of a last edge ``0 0`` or ``-1 -1`` that weighs 0 or -1, below vertices from 1 on.

    Lists of Fortran and of contests end so.

    Examples
    --------
    >>> said_of_end([1, 2, 0], np.array([0, 2]), np.array([1, 2]), None)
    ('the last row joins 0 to itself: the end of the list (then remove it), or a vertex without edges',)
    >>> said_of_end([0, 1], np.array([0, 0]), np.array([1, 0]), None)
    ()
    """
    if i.size < 2 or i[-1] != j[-1] or (w is not None and w[-1] not in (0.0, -1.0)):
        return ()
    at, last = int(i[-1]), labels[int(i[-1])]
    others = (label for k, label in enumerate(labels) if k != at)
    if type(last) is not int or last not in (0, -1) or (i[:-1] == at).any() or (j[:-1] == at).any():
        return ()
    if not all(type(label) is int and label > 0 for label in others):
        return ()
    return (
        f"the last row joins {last} to itself: the end of the list (then remove it), or a vertex without edges",
    )


def refuse_neighbours(rows: NDArray[np.generic], advice: str) -> None:
    """Refuse rows that could list neighbours as well as be edges.

    Raises
    ------
    InputError
        It names both readings and ends with `advice`.
    """
    if may_be_neighbours(rows):
        raise InputError(f"the {len(rows)} rows of {rows.shape[1]} whole numbers {_LISTS}; {advice}")
    if may_be_nearest(rows):
        raise InputError(
            f"the {len(rows)} rows of {rows.shape[1]} whole numbers may be edges, or the nearest neighbours of each "
            f'point; {advice}, with symmetrize="max" (--symmetrize max) where only one of two points has the other'
        )
    if may_be_triangles(rows):
        raise InputError(
            f"the {len(rows)} rows of 3 whole numbers may be edges with weights, or the triangles of a mesh; "
            f"{SURFACE if advice is NEIGHBOURS else advice}"
        )


def small_matrix(A: Floats, arcs: bool) -> str:
    """Name the matrix that a square array of order two or three may be, whose rows may be edges; "" if none.

    It counts as one where its diagonal is zero, or where it is symmetric, skew-symmetric or triangular in a way that
    edges rarely are; of order three also where its rows stand in another order than its columns.

    Parameters
    ----------
    A : ndarray of float64, shape (k, k)
        k is 2 or 3.
    arcs : bool
        Whether directions count, so that a matrix need not be symmetric.

    Returns
    -------
    {"symmetric matrix", "matrix", ""}

    Examples
    --------
    >>> small_matrix(np.array([[0.0, 0, 0], [3, 0, 0], [5, 4, 0]]), False)
    'matrix'
    >>> small_matrix(np.array([[1.0, 2, 3], [2, 3, 4], [1, 3, 5]]), False)
    ''
    """
    if not A[:, 2:].any() and (A[:, 0] == A[:, 1]).all() and np.unique(A[:, 0]).size == len(A) == 3:
        return ""  # what `write_edgelist` writes for three vertices without edges
    diagonal = np.diagonal(A)
    constant = bool((diagonal == diagonal[0]).all())
    triangular = not np.tril(A, -1).any() or not np.triu(A, 1).any()
    off = A.copy()
    np.fill_diagonal(off, 0)
    symmetric = bool((off == off.T).all())
    if len(A) == 3 and not arcs and any(map(_is_distance, map(list, itertools.permutations(A)))):
        return "symmetric matrix"  # its rows perhaps in another order than its columns
    shaped = triangular or symmetric or bool((off == -off.T).all())
    doubtful = constant and (shaped or arcs or diagonal[0] == 0)
    doubtful = doubtful or (shaped and ((triangular and len(A) == 3) or bool((A[:, :2] < 0).any())))
    return "" if not doubtful else "symmetric matrix" if symmetric and not arcs else "matrix"


def small_table(A: Floats, arcs: bool) -> str:
    """Name the matrix that two or three rows of numbers may be, as `small_matrix` does; of three edges two must meet.

    Examples
    --------
    >>> small_table(np.array([[11975.0, 5871, 8916], [1951, 10048, 2060], [8010, 16145, 8090]]), False)
    'matrix'
    >>> small_table(np.array([[1.0, 2, 5], [3, 4, 5], [5, 6, 5]]), False)
    ''
    """
    ends = A[:, :2]
    apart = len(A) == 3 and np.unique(ends).size == 6 and bool(ends.max() - ends.min() > 5)
    with np.errstate(invalid="ignore"):  # a vertex may be called inf
        counted = bool((np.diff(A[:, 0]) == 1).all())  # numbers of rows, which other rules ask about
    return "matrix" if apart and not counted else small_matrix(A, arcs)


def refuse_path(A: NDArray[np.generic]) -> None:
    """Refuse an array of two edges that meet, which is a symmetric matrix too.

    As a matrix it has loops of different weights, which is rare; ``np.array(nx.path_graph(3).edges)`` is not.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_path(np.array([[1.0, 0.5], [0.5, 1.0]]))
    >>> refuse_path(np.array([[0, 1], [1, 2]]))
    Traceback (most recent call last):
    derandkit.errors.InputError: the array may be the edges 0-1 and 1-2, or a matrix with one edge of weight 1; ...
    """
    if A.shape != (2, 2) or A.dtype.kind not in "iuf":
        return
    (a, b), (c, d) = A.tolist()
    if b == c and a != d and all(np.isfinite(x) and x >= 0 and x == int(x) for x in (a, b, d)):
        a, b, d = (f"{x:.0f}" for x in (a, b, d))
        raise InputError(
            f"the array may be the edges {a}-{b} and {b}-{d}, or a matrix with one edge of weight {b}; pass tuples "
            "(u, v) for edges, or set the diagonal to 0 for a matrix"
        )


def _is_distance(rows: list[Floats]) -> bool:
    """Whether rows are a symmetric matrix with zeros on its diagonal and nowhere else."""
    A = np.array(rows)
    return bool((A == A.T).all() and (np.equal(A, 0) == np.eye(len(A), dtype=np.bool_)).all())


def may_be_neighbours(rows: NDArray[np.generic]) -> bool:
    """Whether rows of two or three whole numbers could list the neighbours of vertices, as well as be edges.

    Row k lists the neighbours of vertex k, counted from 0 or 1, or a row lists a vertex and then its neighbours. The
    relation must be symmetric, without loops or repetitions, and another graph than that of the edges.

    Parameters
    ----------
    rows : ndarray, shape (k, 2) or (k, 3)

    Notes
    -----
    O(k log k), and O(k) for most lists of edges.

    Examples
    --------
    >>> ring = np.array([[1, 5], [0, 2], [1, 3], [2, 4], [3, 5], [0, 4]])
    >>> may_be_neighbours(ring), may_be_neighbours(ring[1:])
    (True, False)
    >>> may_be_neighbours(np.column_stack([np.arange(6), ring]))
    True
    """
    k, width = rows.shape
    if k < 3 or not are_whole(rows):
        return False
    whole = rows.astype(np.int64)
    for first in (0, 1):
        if _is_symmetric(np.arange(first, first + k), whole) and not (width == 2 and _same(first, whole)):
            return True
    return width == 3 and _is_symmetric(whole[:, 0], whole[:, 1:])


def may_be_triangles(rows: NDArray[np.generic]) -> bool:
    """Whether rows of three whole numbers could be the triangles of a mesh, as SciPy's ``Delaunay`` lists them.

    Every pair of numbers in a row is in two rows, as in the hull of points in space, whatever the numbers are. Or there
    are six rows or more; the numbers are 0..n-1 or 1..n, all in use; a row has three different ones; no pair is
    in more than two rows, and every row shares a pair with another one; there are as many rows as a polygon of all the
    numbers has triangles, or more.

    Examples
    --------
    >>> fan = np.array([[0, k, k + 1] for k in range(1, 8)])
    >>> may_be_triangles(fan), may_be_triangles(fan + [0, 0, 9])
    (True, False)
    >>> may_be_triangles(np.array([[3, 7, 9], [3, 7, 20], [3, 9, 20], [7, 9, 20]]))  # a tetrahedron
    True
    """
    if rows.shape[1] != 3 or len(rows) < 4 or not are_whole(rows):
        return False
    if is_closed(rows):
        return True
    if len(rows) < 6:
        return False
    low, high = float(rows.min()), float(rows.max())
    if low not in (0, 1) or high - low + 1 > len(rows) + 2:
        return False
    whole = np.sort(rows.astype(np.int64), axis=1)
    if (whole[:, 1:] == whole[:, :-1]).any() or distinct(whole).size < high - low + 1:
        return False
    pairs = np.concatenate([whole[:, [0, 1]], whole[:, [0, 2]], whole[:, [1, 2]]])
    _, which, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    shared = counts[which].reshape(3, -1).max(axis=0)
    return bool(counts.max() == 2 and shared.min() == 2 and np.unique(whole, axis=0).shape == whole.shape)


def is_closed(rows: NDArray[np.generic]) -> bool:
    """Whether rows of three different whole numbers are the triangles of a closed surface: each pair is in two rows.

    Examples
    --------
    >>> is_closed(np.array([[3, 7, 9], [3, 7, 20], [3, 9, 20], [7, 9, 20]]))  # a tetrahedron
    True
    """
    if len(rows) % 2 or float(rows.min()) < 0 or float(rows.max()) >= 2.0**31:
        return False
    whole = np.sort(rows.astype(np.int64), axis=1)
    if (whole[:, 1:] == whole[:, :-1]).any() or np.unique(whole, return_counts=True)[1].min() < 3:
        return False
    pairs = np.concatenate([whole[:, a] << 31 | whole[:, b] for a, b in ((0, 1), (0, 2), (1, 2))])
    return bool((np.unique(pairs, return_counts=True)[1] == 2).all())


def _is_symmetric(vertices: Ints, neighbours: Ints) -> bool:
    """Whether each of the distinct vertices is a neighbour of each of its neighbours, in rows beside them."""
    k = vertices.size
    low, high = int(vertices.min()), int(vertices.max())
    if neighbours.min() < low or neighbours.max() > high or high - low > 8 * k + 1000:
        return False
    if (neighbours == vertices[:, None]).any():
        return False
    span = np.int64(high - low + 1)
    tails = np.repeat(vertices - low, neighbours.shape[1])
    heads = neighbours.ravel() - low
    there = np.sort(tails * span + heads)
    if distinct(vertices).size < k or (there[1:] == there[:-1]).any():
        return False
    return bool((there == np.sort(heads * span + tails)).all())


def _same(first: int, rows: Ints) -> bool:
    """Whether rows of two neighbours are, as edges, the edges between vertices and neighbours: a triangle."""
    vertices = np.arange(first, first + len(rows))
    listed = {frozenset(row) for row in rows.tolist()}
    near = {frozenset((int(u), x)) for u, row in zip(vertices, rows.tolist(), strict=True) for x in row}
    return listed == near
