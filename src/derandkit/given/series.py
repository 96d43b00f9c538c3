"""Series of other packages, as the series of pandas or the list that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from derandkit.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def plain_series(values: object) -> object:
    """Return an array of xarray with coordinates as a series of pandas, a series of polars or pyarrow as a list.

    Anything else is returned as it is. A coordinate is a label, and values that have labels are not read by position.

    Examples
    --------
    >>> import pyarrow
    >>> plain_series(pyarrow.array([0, 1])), plain_series((1, -1))
    ([0, 1], (1, -1))
    """
    home = type(values).__module__.partition(".")[0]
    if home == "xarray" and getattr(values, "ndim", 0) == 1 and getattr(values, "coords", ()):
        return values.to_series()  # type: ignore[attr-defined]
    if home == "polars" and hasattr(values, "to_list"):
        return values.to_list()
    if home == "pyarrow" and hasattr(values, "to_pylist") and not hasattr(values, "column_names"):
        return values.to_pylist()
    return values


def refuse_other_order(**vectors: object) -> None:
    """Refuse vectors that belong together but whose indexes put their entries in different orders.

    Vectors that have no index, or one that counts 0, 1, 2, ..., are joined by position.

    Parameters
    ----------
    **vectors : object
        Series, arrays or lists, by name. Series that all have one index are in order, whatever it is.

    Raises
    ------
    InputError
        Two indexes differ, or a series has an index that does not count 0, 1, 2, ... and another vector has none.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"i": [0, 1], "w": [2, 3]}, index=[7, 4])
    >>> refuse_other_order(i=rows.i, w=rows.w)
    >>> refuse_other_order(clauses=[(1, 2), (-1,)], weights=rows.w)
    Traceback (most recent call last):
    derandkit.errors.InputError: weights is a series whose index does not count 0, 1, 2, ...; pass ...
    """
    given = {name: values for name, values in vectors.items() if values is not None}
    indexes = {name: index_of(values) for name, values in given.items()}
    first = next((index for index in indexes.values() if index is not None), None)
    if first is None or all(index is not None and index.equals(first) for index in indexes.values()):
        return
    for name, index in indexes.items():
        if index is not None and list(index) != list(range(len(index))):
            dimension = row_dimension(given[name])
            ordered = "sort_index()" if dimension is None else f"sortby({dimension!r})"
            raise InputError(
                f"{name} is a series whose index does not count 0, 1, 2, ...; pass {name}.to_numpy() for positions, "
                f"and {name}.{ordered} where the index says the place of each entry"
            )


def refuse_unordered(values: object, what: str) -> None:
    """Refuse a collection that has no order, or whose entries are found by a key: sets, mappings, texts, frames.

    Raises
    ------
    InputError
        It is such a thing, or a series whose index does not count 0, 1, 2, ...

    Examples
    --------
    >>> refuse_unordered(["b", "a"], "labels")
    >>> refuse_unordered({0: "b", 1: "a"}, "labels")
    Traceback (most recent call last):
    derandkit.errors.InputError: labels must be a list in order, got a dict
    """
    if (
        isinstance(values, (str, bytes, Mapping, Set))
        or hasattr(values, "columns")
        or hasattr(values, "nodes")
    ):
        raise InputError(f"{what} must be a list in order, got a {type(values).__name__}")
    refuse_other_order(**{"places": (), what: values})


def index_of(values: object) -> pd.Index | None:
    """Return the labels of the rows of a frame, a series, an array of xarray or a cloud of such; None of all else.

    An array of xarray has them where its first dimension has a coordinate.

    Examples
    --------
    >>> import pandas as pd
    >>> index_of(pd.Series([0.5], index=["a"])).tolist(), index_of([0.5]) is None
    (['a'], True)
    """
    if row_dimension(values) is not None:
        return values.indexes[values.dims[0]]  # type: ignore[attr-defined]
    index = getattr(values, "index", None)
    return index if hasattr(index, "union") and hasattr(index, "equals") else None


def row_dimension(values: object) -> str | None:
    """Return the name of the first dimension of an array of xarray, if it has a coordinate; None of anything else."""
    if type(values).__module__.partition(".")[0] != "xarray" or not hasattr(values, "shape"):
        return None  # a Dataset holds several arrays, and has a mapping of dimensions
    if not getattr(values, "dims", ()):
        return None
    first = values.dims[0]  # type: ignore[attr-defined]
    return str(first) if first in getattr(values, "indexes", ()) else None  # a Variable has none
