"""Series of other packages, as the series of pandas or the list that they stand for."""

from __future__ import annotations


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
