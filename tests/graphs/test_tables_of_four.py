"""Four edges in four columns are no matrix: their header, or numbers of rows, say so."""

import io

import pandas as pd
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit.graphs.files import read_graph

FOUR = [(1, 2, 5), (2, 3, -3), (1, 3, 2), (3, 4, 1)]
ALIKE = [(1, 2, 3), (4, 5, 6), (5, 1, 2), (6, 2, 1)]  # symmetric with 0, 1, 2, 3 and a header beside it


def frame(rows, **names):
    return pd.DataFrame(rows, columns=["source", "target", "weight"], **names)


@pytest.mark.parametrize("rows", [FOUR, ALIKE])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_header_of_ends_and_an_index_are_no_names_of_a_matrix(rows, separator):
    wanted = dk.as_graph(rows).digest
    edges = frame(rows)
    texts = [edges.to_csv(sep=separator), edges.to_csv(sep=separator, quoting=2)]
    texts += [edges.rename_axis("id").to_csv(sep=separator), edges.assign(year=range(4)).to_csv(index=False)]
    texts += [frame(rows, index=range(1, 5)).to_csv(sep=separator, quoting=2)]  # as R
    texts += [pd.DataFrame(rows).to_csv(sep=separator)]
    for text in texts:
        graph = read_graph(io.StringIO(text))
        assert graph.digest == wanted
        assert graph.reading.header_lines == 1


@pytest.mark.parametrize("size", [4, 5, 6])
def test_any_number_of_columns(size):
    edges = pd.DataFrame([(k, k + 1, k + 2, *range(size - 3)) for k in range(size)])
    edges.columns = ["source", "target", "weight", *"abcdef"[: size - 3]]
    graph = read_graph(io.StringIO(edges.to_csv(index=False)))
    assert (graph.m, graph.total_weight) == (size, sum(range(2, size + 2)))


@pytest.mark.parametrize("form", ['"{}"{}', "{}{}"])
def test_numbers_of_rows_without_a_header_are_refused(form):
    for separator in (" ", ",", "\t"):
        rows = [form.format(k + 1, separator) + separator.join(map(str, edge)) for k, edge in enumerate(FOUR)]
        text = "\n".join(rows) + "\n"
        for options in ({}, {"symmetrize": "sum"}):
            assert "the first column counts 1, 2, ...: numbers of rows" in refused(
                read_graph, io.StringIO(text), **options
            )
        with pytest.raises(dk.InputError, match="the first column counts 1, 2"):
            dk.maxdicut(io.StringIO(text))
        assert read_graph(io.StringIO(text), input_format="matrix", symmetrize="sum").n == 4


def test_distances_on_a_path_are_a_matrix():
    rows = [[abs(i - j) for j in range(5)] for i in range(5)]
    text = "\n".join(" ".join(map(str, row)) for row in rows) + "\n"
    assert read_graph(io.StringIO(text)).m == 10
    named = pd.DataFrame(rows, columns=list("abcde"))
    assert read_graph(io.StringIO(named.to_csv(index=False))).m == 10


def test_arcs_of_such_tables():
    best = dk.maxdicut(io.StringIO(frame(FOUR).to_csv()))
    assert best.value == dk.maxdicut(frame(FOUR)).value == 7
