"""An offset of any type of number is the float or the int that it stands for; solutions of any type of array too."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

H, J = {0: 1, 1: 2}, {(0, 1): 0.25}


@pytest.mark.parametrize(
    "offset",
    [
        np.int8(100), np.int16(30000), np.int32(2**30), np.int64(2**52), np.uint8(3), np.uint64(2**60), np.float16(0.5),
        np.float32(0.1), np.longdouble("0.1"), np.float64(0.1), Fraction(3, 8), Fraction(7), Decimal("0.1"), Decimal(7),
        2**60, -0.0, True,
    ],
    ids=repr,
)  # fmt: skip
def test_an_offset_is_a_number_of_python(offset, tmp_path):
    """Integers of NumPy overflowed in fractions: -2.75 was proven optimal where 1073741821.25 is right."""
    if offset is True:
        with pytest.raises(InputError, match="boolean"):
            dk.minimize_ising(H, J, offset)
        return
    plain = int(offset) if isinstance(offset, (int, np.integer)) else float(offset)
    result, same = dk.minimize_ising(H, J, offset), dk.minimize_ising(H, J, plain)
    model = dk.QuadraticModel.from_ising(H, J, offset)
    assert type(model.offset) in (int, float)
    assert model.digest == dk.QuadraticModel.from_ising(H, J, plain).digest
    assert result.to_json() == same.to_json()
    assert Fraction(result.value) == Fraction(same.value)
    result.save(tmp_path / "r.json")
    assert dk.verify(tmp_path / "r.json", model).ok
    least = min(Fraction(a) + 2 * b + Fraction(a * b, 4) + Fraction(plain) for a in (-1, 1) for b in (-1, 1))
    assert float(least) == result.value
    built = dk.QuadraticModel(model.couplings, np.array(model.linear), offset)
    assert type(built.offset) in (int, float)


MODEL = dk.QuadraticModel.from_qubo({("a", "a"): 1, ("b", "b"): 2, ("c", "c"): 4, ("a", "d"): 8})
SOLUTIONS = {
    "objects": lambda: np.array([0, 1, 0, 1], dtype=object),
    "pandas": lambda: pd.Series([1, 0, 1, 0], index=list("dcba")),
    "pyarrow": lambda: pytest.importorskip("pyarrow").array([0, 1, 0, 1]),
    "polars": lambda: pytest.importorskip("polars").Series([0, 1, 0, 1]),
    "xarray": lambda: pytest.importorskip("xarray").DataArray(
        [1, 0, 1, 0], coords={"x": list("dcba")}, dims="x"
    ),
    "xarray without coordinates": lambda: pytest.importorskip("xarray").DataArray([0, 1, 0, 1]),
}


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_solution_is_read_by_its_labels_where_it_has_any(name):
    assert MODEL.value(SOLUTIONS[name]()) == 2


def test_a_solution_of_other_objects_is_none():
    with pytest.raises(InputError, match="0 and 1"):
        MODEL.value(np.array([0, "1", 0, 1], dtype=object))
    with pytest.raises(InputError, match="0 and 1"):
        MODEL.value(np.array([0, 0.5, 0, 1], dtype=object))
