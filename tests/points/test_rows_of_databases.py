"""Rows of a database know their columns: they are read by name, as named tuples are."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.points.files import as_point_cloud

X = np.random.default_rng(3).normal(size=(40, 3)) * [1, 10, 100]


def rows(columns="a, b, c"):
    base = sqlite3.connect(":memory:")
    base.row_factory = sqlite3.Row
    base.execute("create table points(a, b, c)")
    base.executemany("insert into points values (?, ?, ?)", X.tolist())
    found = base.execute(f"select {columns} from points order by rowid").fetchall()
    base.close()
    return found


@pytest.fixture(scope="module")
def fitted():
    return dk.embed(rows(), n_components=2)


def test_names_of_the_columns_are_those_of_the_query(fitted):
    assert as_point_cloud(rows()).columns == ("a", "b", "c")
    assert dk.verify(fitted, rows()).ok
    assert np.array_equal(fitted.transform(rows()), fitted.transform(X))


def test_columns_in_another_order_are_refused_where_there_is_one_table(fitted):
    with pytest.raises(InputError, match="another order"):
        fitted.transform(rows("c, b, a"))
    with pytest.raises(InputError, match="lacks the column 'b'"):
        fitted.transform(rows("a, c as d, b as e"))


@pytest.mark.parametrize("blocks", [False, True])
def test_columns_go_by_their_names_where_rows_are_measured(fitted, blocks):
    """They were read by position: an error of 0.9 for 0.02."""
    turned, own = rows("c, b, a"), rows()
    sources = (lambda: [turned[:25], turned[25:]], lambda: [own[:25], own[25:]]) if blocks else (turned, own)
    plain = (lambda: [X[:25], X[25:]]) if blocks else X  # sums of other blocks are rounded in another way
    assert len({repr(dk.measure_rows(source, fitted)) for source in (*sources, plain)}) == 1
    assert np.array_equal(dk.sample_rows(sources[1], 9), dk.sample_rows(X, 9))


@pytest.mark.filterwarnings("ignore:.*step limit")
def test_estimators_and_structures_go_by_the_names():
    target = X[:, 0] > 0
    model = dk.StructureClassifier(max_steps=3).fit(rows(), target)
    assert np.array_equal(model.predict(rows()), model.predict(np.array(X)))
    with pytest.raises(InputError, match="another order"):
        model.predict(rows("b, a, c"))
