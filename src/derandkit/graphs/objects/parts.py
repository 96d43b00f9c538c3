"""Mappings that may be the parts of a graph or the rows of a matrix, as well as vertices with their neighbours."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from derandkit.errors import InputError
from derandkit.graphs.doubts import small_matrix
from derandkit.graphs.labels import plain_label
from derandkit.graphs.objects.columns import WORDS, known_ends
from derandkit.graphs.reading import ReadOptions
from derandkit.graphs.weights import is_real
from derandkit.numerics.sums import are_sums
from derandkit.numerics.typing import FloatArray

K = TypeVar("K")

_EDGES = frozenset({"edges", "links", "arcs", "edgelist", "edge_list", "edge list", "edge_index"})
#: What a last or first row is called that holds the sums of the others, or their means and the like.
_SUMS = frozenset(
    [
        "sum", "sums", "total", "totals", "grand total", "subtotal", "all", "summe", "gesamt", "suma", "margin",
        "margins", "average", "averages", "avg", "mean", "means", "median", "max", "min", "maximum", "minimum",
        "mittelwert", "durchschnitt", "moyenne", "promedio",
    ]
)  # fmt: skip
_WHOLE = frozenset({"graph", "network", "adjacency", "adj", "matrix"})
#: What to do in memory where a first row may hold names.
HEADS = (
    "for names pass pandas.DataFrame(A[1:, 1:], A[1:, 0], A[0, 1:]), for entries scipy.sparse.csr_array(A) (of a file "
    "say --input-format json, npy or npz)"
)
_ADVICE = "pass the graph itself, such as the list of edges [(u, v, weight), ...] or {u: {v: weight}}"


def refuse_parts(obj: Mapping[K, object]) -> None:
    """Refuse a mapping whose keys may name the parts of a graph, or vertices.

    It has a key such as ``edges`` or ``links``, both ``V`` and ``E``, or one key alone, which is ``graph`` or the
    like, or is a word above pairs that may be edges.

    Raises
    ------
    InputError
        It names both readings. Where a neighbour is a key itself, there is no doubt.

    Examples
    --------
    >>> refuse_parts({"edges": ["nodes"], "nodes": ["edges"]})
    >>> refuse_parts({"edges": [("a", "b", 5)]})
    Traceback (most recent call last):
    derandkit.errors.InputError: 'edges' may hold the edges of a graph, or be a vertex with its neighbours; pass ...
    """
    small = {key.strip().lower(): key for key in obj if isinstance(key, str)}
    inner = [x for row in obj.values() if isinstance(row, (Mapping, Sequence)) for x in row]
    if not small or any(isinstance(x, str) and x.strip().lower() in small for x in inner):
        return
    found = next((small[name] for name in small if name in _EDGES), None)
    if found is None and {"v", "e"} <= small.keys() and len(obj) == 2:
        found = small["e"]
    if found is not None:
        raise InputError(
            f"{found!r} may hold the edges of a graph, or be a vertex with its neighbours; {_ADVICE}"
        )
    if len(obj) == 1 and (_WHOLE & small.keys() or _are_edges(inner)):
        (key,) = obj
        raise InputError(f"{key!r} may be the name of a graph, or a vertex with its neighbours; {_ADVICE}")


def _are_edges(items: Sequence[object]) -> bool:
    """Whether the items below one word may be edges: tuples alike in form, whose second item is no mere weight."""
    rows = [item for item in items if isinstance(item, (tuple, list))]
    if not rows or len(rows) < len(items) or {len(row) for row in rows} not in ({2}, {3}):
        return False
    return len(rows[0]) == 3 or not all(isinstance(row[0], str) and is_real(row[1]) for row in rows)


def refuse_matrix(obj: Mapping[K, object], *, text: bool = False) -> None:
    """Refuse k keys above k numbers each, which may be a matrix, or vertices with their neighbours.

    They are lists, or mappings where the outer or the inner keys count 0, 1, ..., k - 1, as in a frame of pandas whose
    rows have no names. Lists under words are refused always, as are those of a `text`; others where the matrix is
    symmetric. Lists of numbers under two or three words may be columns as well.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_matrix({"a": [1, 2], "b": [1, 2, 3]})
    >>> refuse_matrix({"A": {0: 0, 1: 5}, "B": {0: 5, 1: 0}})
    Traceback (most recent call last):
    derandkit.errors.InputError: 2 mappings of 2 numbers may be a matrix whose rows have no names, or ...
    """
    k = len(obj)
    rows = list(obj.values())
    size = len(rows[0]) if isinstance(rows[0], (list, tuple, Mapping)) else 0
    if (
        k < 2
        or size < 2
        or not all(isinstance(row, (list, tuple, Mapping)) and len(row) == size for row in rows)
    ):
        return
    words = all(isinstance(key, str) for key in obj)
    lists = [row for row in rows if isinstance(row, (list, tuple)) and all(map(is_real, row))]
    if len(lists) == k:
        if size == k and (words or text or _is_symmetric(lists)):
            raise InputError(
                f"{k} lists of {k} numbers may be the rows of a matrix or lists of neighbours; write a list of rows, "
                "or a list of edges"
            )
        if words and k < 4 and not all(str(key).isdigit() for key in obj):
            raise InputError(
                f"the {k} lists of {size} numbers under {', '.join(map(repr, obj))} may be the columns of a table or "
                "lists of neighbours; name two columns 'source' and 'target', or write a list of edges"
            )
        return
    counted: list[object] = [str(i) for i in range(k)] if text else list(range(k))
    mappings = [row for row in rows if isinstance(row, Mapping)]
    if len(mappings) < k:
        return
    outer, inner = list(obj), list(mappings[0])
    if size != k or (set(outer) == set(counted)) == (set(inner) == set(counted)):
        return
    if not all(row.keys() == set(inner) for row in mappings):
        return
    table = [[row[v] for v in inner] for row in mappings]
    if all(is_real(x) for row in table for x in row) and _is_symmetric(table):
        raise InputError(
            f"{k} mappings of {k} numbers may be a matrix whose rows have no names, or neighbours with weights, such "
            f"as {outer[0]!r} and {inner[0]!r}; name rows and columns alike, or pass a list of edges"
        )


def are_counted(names: Sequence[str]) -> bool:
    """Whether names of three columns or of two count one word, as R and NumPy name columns that have no names.

    Two columns such as ``node1`` and ``node2`` are the ends of edges.

    Examples
    --------
    >>> are_counted(["V1", "V2", "V3"]), are_counted(["i", "j", "k"]), are_counted(["node1", "node2"])
    (True, True, False)
    """
    small = [name.strip().lower() for name in names]
    if len(small) == 2:
        return small in (["v1", "v2"], ["x1", "x2"])
    stem = small[0].rstrip("0123456789")
    return small == ["i", "j", "k"] or any(
        small == [f"{stem}{v}" for v in range(first, first + len(small))] for first in (0, 1)
    )


def matrix_order(above: Sequence[str], beside: Sequence[str]) -> tuple[list[str], list[int]] | None:
    """Return the names of the rows of a matrix, and which column belongs to each; None if the names are of no matrix.

    They are when the same distinct names stand above and beside, in any order; or where numbers count the rows, as R
    and pandas do, and the names above count one word; or where R has changed the names above (``check.names``).

    Examples
    --------
    >>> matrix_order(["a", "b"], ["b", "a"]), matrix_order(["V1", "V2"], ["1", "2"]), matrix_order(["a"], ["b"])
    ((['b', 'a'], [1, 0]), (['1', '2'], [0, 1]), None)
    >>> matrix_order(["New.York", "X2nd"], ["New York", "2nd"])
    (['New York', '2nd'], [0, 1])
    """
    k = len(above)
    if len(set(above)) == k and sorted(above) == sorted(beside):
        place = {name: at for at, name in enumerate(above)}
        return list(beside), [place[name] for name in beside]
    for first in (0, 1):
        if k > 1 and list(beside) == [str(v) for v in range(first, first + k)] and are_counted(above):
            return list(beside if first else above), list(range(k))
    if k > 1 and len(set(beside)) == k == len(above) and list(above) == list(map(_name_of_r, beside)):
        return list(beside), list(range(k))
    return None


def _name_of_r(name: str) -> str:
    """Return what ``make.names`` of R makes of a name, but for the words that R keeps for itself."""
    changed = re.sub(r"[^\w.]", ".", name)
    return changed if re.match(r"[^\W\d_]|\.(?!\d)", changed) else f"X{changed}"


def decide_matrix(names: Sequence[str]) -> bool:
    """Whether names above and beside a matrix of order two or three leave no doubt: words, and not those of columns.

    Examples
    --------
    >>> decide_matrix(["a", "b"]), decide_matrix(["v1", "v2", "v3"])
    (True, True)
    >>> decide_matrix(["source", "target", "weight"]), decide_matrix(["0", "1", "2"])
    (False, False)
    """
    small = [name.strip().lower() for name in names]
    columns = any(one in small and other in small for one, other in WORDS) and not are_counted(sorted(names))
    return not columns and not all(name.lstrip("-").isdigit() for name in small)


def matrix_beside_names(
    names: Sequence[str], columns: Sequence[Sequence[object]], arcs: bool
) -> tuple[FloatArray, list[Hashable]] | None:
    """Return the matrix that columns hold beside a first or last column with the names of its rows; None if none.

    ``pandas.read_csv`` makes such a frame of what ``frame.to_csv()`` wrote.

    Parameters
    ----------
    names : sequence of str
        Names of the columns.
    columns : sequence of sequences
        Their cells.
    arcs : bool
        Whether a matrix need not be symmetric.

    Returns
    -------
    values : ndarray, shape (k, k)
        Entries that are missing are NaN.
    labels : list
        The names of its rows.

    Raises
    ------
    InputError
        It has two or three rows, and may be a list of edges as well.

    Examples
    --------
    >>> matrix_beside_names(["Unnamed: 0", "a", "b"], [["a", "b"], [0, 5], [5, 0]], False)
    (array([[0., 5.],
           [5., 0.]]), ['a', 'b'])
    """
    k = len(columns) - 1
    if k < 2 or any(len(column) != k for column in columns):
        return None
    for at in (0, k):
        inner = [column for place, column in enumerate(columns) if place != at]
        above = [name for place, name in enumerate(names) if place != at]
        if not all(_is_entry(x) for column in inner for x in column):
            continue
        beside = [str(plain_label(x)) for x in columns[at]]
        found = matrix_order(above, beside)
        if found is None:
            continue
        labels, order = found
        values = np.array(
            [[np.nan if x is None else x for x in inner[place]] for place in order], dtype=float
        ).T
        cells: list[Hashable] = [plain_label(x) for x in columns[at]] if labels == beside else [*labels]
        if k > 3 or decide_matrix(labels):
            return values, cells
        what = small_matrix(np.nan_to_num(values), arcs)
        if what:
            raise InputError(
                f"the frame may be a {what} beside the names of its rows, in column {names[at]!r}, or {k} edges; for a "
                f"matrix make that column the index (frame.set_index), for edges drop it"
            )
    return None


def _is_entry(value: object) -> bool:
    return value is None or is_real(value) or isinstance(value, (bool, np.bool_))


def refuse_margins(A: NDArray[np.generic], labels: Sequence[object]) -> None:
    """Refuse a last row that holds the sums of the columns and ends in the sum of all, and margins that are called so.

    A margin may hold means, as the pivot tables of pandas do, so that its name counts whatever its numbers are.

    Raises
    ------
    InputError
        It names the row.

    Examples
    --------
    >>> refuse_margins(np.array([[0, 5, 4], [5, 0, 3], [4, 3, 0]]), ["a", "b", "c"])
    >>> refuse_margins(np.array([[0, 5, 5], [5, 0, 5], [5, 5, 10]]), ["a", "b", "sum"])
    Traceback (most recent call last):
    derandkit.errors.InputError: the last row, 'sum', holds the sums of the others: drop it and its column, or ...
    """
    if len(A) < 3 or (A.dtype.kind not in "biu" and not np.isfinite(A.astype(np.float64, copy=False)).all()):
        return
    last = labels[-1] if len(labels) else len(A) - 1
    called = isinstance(last, str) and last.strip().lower() in _SUMS
    rows, sums = A[:-1, :-1], A[-1, :-1].astype(np.float64)
    with np.errstate(over="ignore"):  # no finite row holds sums beyond the doubles
        held = are_sums(sums, rows) or are_sums(sums + np.diagonal(rows), rows)
    if held and (called or are_sums(A[-1, -1:], sums[:, None])):
        keep = "rename it" if called else "set its diagonal to 0"
        raise InputError(
            f"the last row, {last!r}, holds the sums of the others: drop it and its column, or {keep} if it is a vertex"
        )
    for label in (labels[-1], labels[0]) if len(labels) else ():
        if isinstance(label, str) and label.strip().lower() in _SUMS:
            raise InputError(
                f"the row {label!r} may hold the sums, means or the like of the others, or be a vertex; drop it and "
                "its column, or rename it if it is a vertex"
            )


def refuse_totals(above: Sequence[str], beside: Sequence[str]) -> None:
    """Refuse names above and beside a matrix that agree but for one that may be that of sums or means.

    Raises
    ------
    InputError
        It names the row or column.

    Examples
    --------
    >>> refuse_totals(["a", "b"], ["a", "c"])
    >>> refuse_totals(["a", "b", "Row sum"], ["a", "b"])
    Traceback (most recent call last):
    derandkit.errors.InputError: 'Row sum' stands on one side of the matrix only and may hold sums or means; drop it
    """
    for more, less in ((above, beside), (beside, above)):
        extra = [name for name in more if name not in less]
        rest = [name for name in less if name not in more]
        alike = len(more) > 2 and len(extra) == 1 and len(rest) <= 1
        words = set(extra[0].strip().lower().replace("_", " ").split()) if alike else set()
        if alike and (words & _SUMS or extra[0].strip().lower() in _SUMS):
            raise InputError(
                f"{extra[0]!r} stands on one side of the matrix only and may hold sums or means; drop it"
            )


def refuse_heads(A: NDArray[np.generic], advice: str) -> None:
    """Refuse a first row and column that may be names of vertices, numbers above and beside a smaller matrix.

    They are the same growing whole numbers, beside 0 or nothing in the corner, that grow evenly or are above all
    entries; or different whole numbers where the diagonal of the smaller matrix does not go with the corner. The
    distances between points on a line from the first one on are no names, nor are weights that count the pairs.

    Parameters
    ----------
    A : ndarray, shape (k, k)
        Missing entries are NaN.
    advice : str
        Ends the message.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_heads(np.abs(np.subtract.outer(range(4), range(4))), "")
    >>> refuse_heads(np.array([[0, 10, 20, 30], [10, 0, 1, 2], [20, 1, 0, 3], [30, 2, 3, 0]]), "write names")
    Traceback (most recent call last):
    derandkit.errors.InputError: the first row and column hold 10, 20, ...: names of the vertices, or entries of ...
    """
    if len(A) < 4 or A.dtype.kind not in "iuf":
        return
    heads, corner = A[0, 1:].astype(np.float64), float(A[0, 0])
    if not (heads == A[1:, 0]).all() or heads.min() < 0:
        return
    steps = np.diff(heads)
    whole = bool((heads == np.rint(heads)).all())
    if not whole and not np.isclose(heads / np.arange(1, heads.size + 1), heads[0], rtol=1e-9, atol=0).all():
        return  # broken numbers are names where they count: 0.1, 0.2, 0.3
    if np.unique(heads).size < heads.size or not (corner == 0 or np.isnan(corner)):
        return
    inner = A[1:, 1:].astype(np.float64)
    diagonal, missing = np.diagonal(inner), bool(np.isnan(corner))
    unlike = (
        (not np.isnan(diagonal).all()) if missing else bool((diagonal == diagonal[0]).all() and diagonal[0])
    )
    sizes = np.abs(inner[~np.eye(len(inner), dtype=np.bool_)])
    above = bool((heads.min() > sizes[~np.isnan(sizes)]).all())
    growing = bool((steps > 0).all()) and (above or not whole or bool((steps == steps[0]).all()))
    apart = np.abs(np.subtract.outer(heads / 2, heads / 2))  # halves: no difference is beyond the doubles
    line = bool(np.isclose(apart, inner / 2, rtol=1e-9, atol=1e-12).all())
    pairs = A[np.triu_indices(len(A), 1)]
    if (growing or unlike) and not line and not (pairs == np.arange(1, pairs.size + 1)).all():
        raise InputError(
            f"the first row and column hold {heads[0]:g}, {heads[1]:g}, ...: names of the vertices, or entries of "
            f"the matrix; {advice}"
        )


def refuse_frame(names: Sequence[str], diagonal: Sequence[object], *, ends: bool) -> None:
    """Refuse a symmetric frame of two or three rows, unless its names or its diagonal are those of edges.

    Parameters
    ----------
    names : sequence of str
        Names of its columns.
    diagonal : sequence
        Its diagonal.
    ends : bool
        Whether two of the names are those of ends.

    Raises
    ------
    InputError
        It names both readings.
    """
    k = len(names)
    if len(set(diagonal)) == 1 and (not ends or are_counted(names)):
        raise InputError(
            f"a frame of {k} rows and {k} columns of numbers may be a matrix or {k} edges; name its rows like its "
            "columns for a matrix, or the columns 'source', 'target' and 'weight' for edges"
        )


def fits_unnamed(values: NDArray[np.generic], heads: Sequence[object], options: ReadOptions) -> bool:
    """Whether a square table with names for its columns alone is a matrix.

    Parameters
    ----------
    values : ndarray, shape (k, k)
        Its cells.
    heads : sequence
        The names.
    options : ReadOptions
        A matrix whose directions count need not be symmetric.

    Raises
    ------
    InputError
        It has two or three rows and may be edges as well.

    Examples
    --------
    >>> fits_unnamed(np.ones((4, 4)), "abcd", ReadOptions()), fits_unnamed(np.tri(4), "abcd", ReadOptions())
    (True, False)
    """
    symmetric = values.dtype.kind in "biuf"
    if symmetric and not options.arcs and values.dtype.kind != "b":
        A = values.astype(np.float64)
        symmetric = bool((np.abs(A - A.T) <= 2.0**-38 * np.abs(A).max()).all())
    if not symmetric or len(heads) > 3:
        return symmetric
    named = [str(head) for head in heads]
    refuse_frame(named, np.diagonal(values).tolist(), ends=known_ends(named) is not None)
    return False


def _is_symmetric(rows: Sequence[Sequence[object]]) -> bool:
    return all(row[j] == rows[j][i] for i, row in enumerate(rows) for j in range(i))
