"""Coefficients as square matrices: arrays, sparse matrices and frames with names, and files of arrays."""

from __future__ import annotations

import io
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from derandkit.arrays.archives import BROKEN, archive_members, check_npy, load_npy, sparse_matrix
from derandkit.arrays.market import added_up, banner_of, market_text
from derandkit.content import limit, too_large
from derandkit.errors import InputError, first_line, in_file
from derandkit.given.entries import refuse_lost
from derandkit.graphs.content import check_filled, check_variables
from derandkit.graphs.libraries import numpy_or_scipy
from derandkit.graphs.weights import real_weights
from derandkit.missing import with_gaps
from derandkit.numerics.ranges import refuse_rounded_values
from derandkit.numerics.sparse import checked_sparse
from derandkit.numerics.sums import are_sums
from derandkit.points.frames import frame_of
from derandkit.points.suspects.summaries import SUMS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray, IntArray

#: What coefficients may be given as.
WANTED = "pass {(u, v): coefficient}, a square matrix or a dimod model (derandkit.read_model reads files)"


def matrix_entries(matrix: object) -> tuple[IntArray, IntArray, FloatArray, int]:
    """Positions and values of the entries of a square matrix, and its order."""
    try:
        matrix = numpy_or_scipy(matrix)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        raise InputError(
            f"the {type(matrix).__name__} cannot become a NumPy array ({first_line(error, 100)})"
        ) from None
    if isinstance(matrix, np.ma.MaskedArray):
        raise InputError("the matrix is masked; fill it first, for example with .filled(0)")
    if hasattr(matrix, "tocoo"):
        coo = checked_sparse(matrix).tocoo()
        shape, row, col, data = coo.shape, coo.row, coo.col, coo.data
    else:
        matrix = with_gaps(matrix)
        try:
            dense = np.asarray(matrix)
        except ValueError:  # rows of unequal length
            raise InputError(WANTED) from None
        except Exception as error:  # of a method __array__
            raise InputError(f"the matrix is no array: {first_line(error)}") from error
        shape = dense.shape
        if dense.ndim == 0 or (dense.ndim == 1 and hasattr(matrix, "is_directed")):
            raise InputError(f"cannot read coefficients from {type(matrix).__name__}; {WANTED}")
        if dense.ndim == 2:
            refuse_terms(
                dense, rows=isinstance(matrix, (list, tuple)) and all(isinstance(x, tuple) for x in matrix)
            )
            _refuse_missing(dense)
            refuse_lost(matrix, "the matrix")
            row, col = np.nonzero(dense)
            data = dense[row, col]
            if not data.size:  # entries of another type than numbers may all count as zero
                real_weights(dense.ravel()[:1], min(dense.size, 1))
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 1:
        raise InputError(f"the matrix has shape {tuple(shape)}; it must be square: {WANTED}")
    check_variables(int(shape[0]), int(data.size))  # a sparse matrix of any order is small
    return row.astype(np.int64), col.astype(np.int64), real_weights(data, data.size), int(shape[0])


def _refuse_missing(dense: NDArray[np.generic]) -> None:
    """Refuse entries without a value: None, NA, and numbers that are none."""
    if dense.dtype.kind == "f":
        missing = ~np.isfinite(dense)
    elif dense.dtype.kind == "O":
        names = [type(value).__name__ for value in dense.ravel().tolist()]
        missing = np.isin(names, ("NoneType", "NAType", "NaTType")).reshape(dense.shape)
    else:
        return
    if missing.any():
        i, j = np.argwhere(missing)[0].tolist()
        k = len(dense)
        sides = {
            "below": np.tril(np.ones((k, k), dtype=bool), -1),
            "above": np.triu(np.ones((k, k), dtype=bool), 1),
        }
        side = next((word for word, cells in sides.items() if k > 2 and np.array_equal(cells, missing)), None)
        if side is not None:
            raise InputError(
                f"all entries {side} the diagonal are {dense[i, j]}: one triangle of a matrix; pass zeros there, "
                "frame.fillna(0) or numpy.nan_to_num(Q)"
            )
        raise InputError(
            f"entry ({i}, {j}) of the matrix is {dense[i, j]}; write 0 where there is no coefficient"
        )


def refuse_terms(A: NDArray[np.generic], *, rows: bool) -> None:
    """Refuse three rows of three numbers that may be terms ``(i, j, coefficient)``, or a matrix.

    Parameters
    ----------
    A : ndarray
        The numbers.
    rows : bool
        Whether they came as tuples, as terms do. Else a symmetric or triangular array is a matrix.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_terms(np.array([[1, 2, 0], [0, 1, 1], [0, 0, 1]]), rows=False)
    >>> refuse_terms(np.array([[0, 0, -1], [1, 1, -1], [0, 1, 2]]), rows=False)
    Traceback (most recent call last):
    derandkit.errors.InputError: three rows of three numbers may be a matrix or terms (i, j, coefficient); pass ...
    """
    if A.shape != (3, 3) or A.dtype.kind not in "iuf":
        return
    ends = A[:, :2].astype(np.float64)
    whole = (
        bool((ends >= 0).all() and (ends == np.round(ends)).all()) and len({*map(tuple, ends.tolist())}) == 3
    )
    plain = not np.tril(A, -1).any() or not np.triu(A, 1).any() or bool((A == A.T).all())
    if whole and (rows or not plain):
        raise InputError(
            "three rows of three numbers may be a matrix or terms (i, j, coefficient); pass a symmetric or triangular "
            "numpy array for a matrix, or {(i, j): coefficient} for terms"
        )


def named_matrix(matrix: object) -> tuple[object, list[Hashable] | None]:
    """Return a matrix of a frame, and the labels of its rows and columns; anything else as it is, without labels.

    A column beside the matrix that holds the names of the rows, as ``pandas.read_csv`` makes it, is no part of it. The
    columns of a frame of polars or pyarrow, whose rows have no labels, name the rows as well.

    Raises
    ------
    InputError
        Rows and columns have different labels.
    """
    if type(matrix).__module__.partition(".")[0] == "xarray" and getattr(matrix, "ndim", 0) == 2:
        matrix = matrix.to_pandas()  # type: ignore[attr-defined]  # coordinates become the labels
    if hasattr(matrix, "columns") and hasattr(matrix, "index") and hasattr(matrix, "to_numpy"):
        heads: list[Hashable] = list(matrix.columns)
        columns = [matrix.iloc[:, k].tolist() for k in range(len(heads))] if hasattr(matrix, "iloc") else []
        rows = list(matrix.index)
    else:
        if hasattr(matrix, "columns") or hasattr(matrix, "column_names"):
            refuse_lost(matrix, "the matrix", text=False)
        found = frame_of(matrix)
        if found is None or found.names is None:
            return matrix, None
        heads, table = list(found.names), np.asarray(found.table)
        matrix, columns = table, [table[:, k].tolist() for k in range(table.shape[1])]
        rows = heads if table.shape[0] == len(heads) else [None] * table.shape[0]
    if not columns:
        raise InputError("the table has no columns, so there are no variables")
    if rows == heads:
        if not any(hasattr(x, "__len__") and not isinstance(x, str) for column in columns for x in column):
            refuse_totals(np.column_stack([np.asarray(column) for column in columns]), heads)
        return matrix, heads
    for at in (0, len(heads) - 1):
        names = [head for k, head in enumerate(heads) if k != at]
        if (
            columns
            and len(names) == len(columns[at])
            and list(map(str, columns[at])) == list(map(str, names))
        ):
            inner = [column for k, column in enumerate(columns) if k != at]
            for name, column in zip(names, inner, strict=True):
                refuse_lost(column, f"column {name!r}")
            refuse_totals(np.column_stack([np.asarray(column) for column in inner]), names)
            return np.column_stack([np.asarray(column) for column in inner]), names
    if len(heads) == 3 and rows in (list(range(len(rows))), [None] * len(rows)):
        u, v, q = map(repr, heads)
        raise InputError(
            f"the frame has the columns {u}, {v}, {q} and is no matrix: if its rows are terms, pass "
            f"dict(zip(zip(frame[{u}], frame[{v}]), frame[{q}]))"
        )
    if len(rows) == len(heads):
        raise InputError("the rows and the columns of the frame have different labels, or another order")
    return matrix, None


def refuse_totals(Q: NDArray[np.generic], labels: Sequence[Hashable]) -> None:
    """Refuse a last row or column that is called a sum and holds the sums of the others.

    Parameters
    ----------
    Q : ndarray, shape (n, n)
        The matrix.
    labels : sequence of n hashable
        What its variables are called.

    Raises
    ------
    InputError
        It names the variable, and what to do.

    Examples
    --------
    >>> refuse_totals(np.array([[-1, 2, 1], [0, -1, -1], [-1, 1, 0]]), ["a", "b", "Total"])
    Traceback (most recent call last):
    derandkit.errors.InputError: a variable is called 'Total', and holds the sums of the others: leave out its row ...
    """
    if (
        len(labels) < 3
        or str(labels[-1]).strip().lower().replace("_", " ") not in SUMS
        or Q.dtype.kind not in "iuf"
    ):
        return
    if are_sums(Q[-1, :-1], Q[:-1, :-1]) or are_sums(Q[:-1, -1], Q[:-1, :-1].T):
        raise InputError(
            f"a variable is called {labels[-1]!r}, and holds the sums of the others: leave out its row and its "
            "column, or, if it is a variable, rename it"
        )


def refuse_two_readings(i: IntArray, j: IntArray) -> None:
    """Refuse a matrix of couplings with two triangles: it may count its pairs once or twice."""
    if (i == j).any():
        raise InputError(f"entry ({i[i == j][0]}, {i[i == j][0]}) of J is not zero; give fields as h")
    if (i < j).any() and (i > j).any():
        raise InputError(
            "J has entries in both triangles, which fits two readings: for sum_{i<j} J_ij s_i s_j pass np.triu(J, 1), "
            "for sum_ij J_ij s_i s_j pass np.triu(J + J.T, 1)"
        )


def market_matrix(data: bytes, name: str) -> tuple[object, str]:
    """Return the matrix of a Matrix Market file, numbered from 0, and words about entries that are added up."""
    from scipy.io import mminfo, mmread

    with in_file(name):
        data = market_text(data)
    try:
        rows, columns, count, layout, *_ = mminfo(io.BytesIO(data))
        check_variables(max(rows, columns), count, path=name)
        if layout == "array" and 8 * rows * columns > limit():
            raise InputError(too_large("the matrix").message, path=name)
        if count > len(data):  # before memory is taken for them
            raise InputError(f"ends before the {count} entries it announces", path=name)
        matrix = mmread(io.BytesIO(data))
        with in_file(name):
            refuse_rounded_values(data, matrix.data if hasattr(matrix, "tocoo") else np.asarray(matrix))
            said = added_up(matrix, data)
            if banner_of(data)[4:5] == ["skew-symmetric"]:
                raise InputError("the matrix is skew-symmetric, so x'Qx is 0 for all x; write Q itself")
        return matrix, said
    except InputError:
        raise
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"is not a Matrix Market matrix ({reason})", path=name) from None


def matrix_content(data: bytes, name: str) -> object:
    """Return the one matrix of an npy or npz file, dense or sparse; nothing is unpickled."""
    try:
        if data[:2] == b"PK":
            arrays = archive_members(data)
            if "format.npy" in arrays:
                return sparse_matrix(data, arrays)
            if len(arrays) != 1:
                names = [member.removesuffix(".npy") for member in arrays]
                shown = ", ".join(names[:5]) + ", ..." * (len(names) > 5)
                raise InputError(
                    f"holds {len(names)} arrays ({shown}); it must hold one: in Python pass them, as "
                    "derandkit.minimize_ising(h, J) takes them"
                )
            (data,) = arrays.values()
            array = load_npy(data)
            check_filled(int(np.count_nonzero(array)), "the matrix")
            return array
        if data.startswith(b"\x93NUMPY"):
            check_npy(data, "the matrix")
        return load_npy(data)
    except InputError as error:
        raise InputError(error.message, path=name) from None
    except (*BROKEN, MemoryError) as error:
        if not data.startswith((b"\x93NUMPY", b"PK")):
            raise InputError(
                "is neither npy, npz nor Matrix Market; numpy.save writes a matrix as npy, and scipy.io.mmwrite as "
                "Matrix Market",
                path=name,
            ) from None
        raise InputError(f"is not a NumPy matrix ({' '.join(str(error).split())[:100]})", path=name) from None
