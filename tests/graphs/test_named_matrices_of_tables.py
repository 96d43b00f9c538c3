"""Matrices whose rows are named in a column, as libraries of tables read and write them."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from tests.inputs import refused

from derandkit import as_graph

A = np.array([[0, 5, 2, 1], [5, 0, -3, 1], [2, -3, 0, 1], [1, 1, 1, 0]])
WORDS = [list("abcd"), ["v1", "v2", "v3", "v4"]]
NUMBERS = [[0, 1, 2, 3], [1, 2, 3, 4], [10, 20, 30, 40]]


def forms(frame):
    """Yield a frame with the names of its rows in a column, as each library has it."""
    text = frame.to_csv()
    yield pd.read_csv(io.StringIO(text))
    yield frame.reset_index()
    yield frame.rename_axis("name").reset_index()
    yield frame.iloc[::-1].reset_index()
    yield frame.assign(last=frame.index)
    if all(isinstance(name, str) for name in frame):
        yield frame.reset_index().to_dict("records")
    polars, csv = pytest.importorskip("polars"), pytest.importorskip("pyarrow.csv")
    yield polars.read_csv(io.StringIO(text))
    yield csv.read_csv(io.BytesIO(text.encode()))
    yield pytest.importorskip("pyarrow").Table.from_pandas(frame)


@pytest.mark.parametrize("names", WORDS + NUMBERS)
@pytest.mark.parametrize("size", [2, 3, 4])
def test_names_in_a_column_are_those_of_a_matrix(names, size):
    frame = pd.DataFrame(A[:size, :size], names[:size], names[:size])
    for form in forms(frame):
        if size == 4 or names in WORDS:
            graph = as_graph(form)
            assert graph.digest == as_graph(frame).digest
            assert str(graph.reading).endswith("adjacency matrix")
        else:
            assert (
                "matrix beside the names" in (text := refused(as_graph, form))
                or "as vertices below are" in text
            )


def test_records_of_json():
    frame = pd.DataFrame(A, list("abcd"), list("abcd"))
    text = json.dumps(frame.reset_index().to_dict("records"))
    assert as_graph(io.StringIO(text)).digest == as_graph(frame).digest


def test_edges_beside_numbers_of_rows_are_edges():
    edges = pd.DataFrame([(1, 2, 5), (2, 3, 4), (4, 1, 7)], columns=["0", "1", "2"])
    for index in ([0, 1, 2], [2, 1, 0]):
        assert as_graph(edges.set_index(pd.Index(index)).reset_index(names="Unnamed: 0")).total_weight == 16
    named = pd.DataFrame({"source": ["target", "weight"], "target": ["a", "b"], "weight": [1, 2]})
    assert as_graph(named).total_weight == 3
    gap = pd.DataFrame(A.astype(float), list("abcd"), list("abcd")).where(A != -3).reset_index()
    assert "is missing" in refused(as_graph, gap)
