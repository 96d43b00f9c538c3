"""Matrices of ``+``, ``-`` and 0, names that stand twice beside a matrix, and models that are given as graphs."""

from __future__ import annotations

import io

import dimod
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import derandkit as dk

CELLS = [["0", "+", "-", "0"], ["+", "0", "+", "-"], ["-", "+", "0", "+"], ["0", "-", "+", "0"]]
SIGNS = {"0": 0, "+": 1, "-": -1}
NUMBERS = np.array([[SIGNS[cell] for cell in row] for row in CELLS])
SAID = "+ and - (positive and negative) weigh 1 and -1"


def rows(separator: str, above: bool, beside: bool) -> str:
    names = list("abcd")
    lines = [[*([name] if beside else []), *row] for name, row in zip(names, CELLS, strict=True)]
    head = [[*([""] if beside else []), *names]] if above else []
    return "".join(separator.join(line) + "\n" for line in [*head, *lines])


@pytest.mark.parametrize(("above", "beside"), [(True, True), (False, False)])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_signs_of_a_matrix_are_read_as_those_of_a_list(separator: str, above: bool, beside: bool) -> None:
    graph = dk.read_graph(io.StringIO(rows(separator, above, beside)))
    labels = list("abcd") if beside else range(4)
    frame = pd.DataFrame(NUMBERS, labels, labels)
    assert graph.digest == dk.as_graph(frame).digest
    assert graph.reading is not None
    assert SAID in graph.reading.remarks


def test_signs_of_a_frame_are_read_too() -> None:
    graph = dk.as_graph(pd.DataFrame(CELLS, list("abcd"), list("abcd")))
    assert graph.digest == dk.as_graph(pd.DataFrame(NUMBERS, list("abcd"), list("abcd"))).digest
    assert graph.reading is not None
    assert SAID in graph.reading.remarks


@pytest.mark.parametrize("mark", ["5", "x"])
def test_other_entries_beside_signs_are_refused(mark: str) -> None:
    with pytest.raises(dk.InputError, match="no square matrix of numbers"):
        dk.read_graph(io.StringIO(rows(",", True, True).replace("-", mark)))


def test_a_dash_without_a_plus_stays_a_mark_for_what_is_missing() -> None:
    text = ",a,b,c,d\na,-,1,0,1\nb,1,-,1,0\nc,0,1,-,1\nd,1,0,1,-\n"
    assert dk.read_graph(io.StringIO(text)).total_weight == 4


def test_a_name_that_stands_twice_above_and_beside_is_named() -> None:
    text = ",a,a,c,d\na,0,1,2,3\na,1,0,3,4\nc,2,3,0,5\nd,3,4,5,0\n"
    with pytest.raises(dk.InputError, match="'a' stands twice above and beside the matrix"):
        dk.read_graph(io.StringIO(text))


@pytest.mark.parametrize(("vartype", "verb"), [("BINARY", "qubo"), ("SPIN", "ising")])
def test_models_of_dimod_are_named_with_what_takes_them(vartype: str, verb: str) -> None:
    model = dimod.BinaryQuadraticModel({"a": 1}, {("a", "b"): 2}, vartype)
    written = model.to_serializable()
    with pytest.raises(dk.InputError, match=rf"model of dimod, not a graph; .*derandkit\.minimize_{verb}"):
        dk.maxcut(written)
    pair = model.to_qubo() if verb == "qubo" else model.to_ising()
    with pytest.raises(dk.InputError, match=rf"terms of a model and its offset.*minimize_{verb}"):
        dk.maxcut(pair)
    with model.to_file() as file, pytest.raises(dk.InputError, match="the file is a model of dimod"):
        dk.maxcut(io.BytesIO(file.read()))


def test_what_is_no_list_of_arcs_and_no_word_for_no_search_are_said() -> None:
    for given in (5, None):
        with pytest.raises(dk.InputError, match="arcs"):
            dk.Arcs.from_arcs(given)  # type: ignore[arg-type]
    with pytest.raises(dk.InputError, match="or None for no search"):
        dk.maxcut(nx.cycle_graph(6), search="none")  # type: ignore[arg-type]


def test_a_result_holds_what_was_said_of_its_input() -> None:
    result = dk.maxcut([*nx.cycle_graph(6).edges, (3, 3)], search=None)
    assert result.reading == result.instance.reading
    said = dk.maxcut(pd.DataFrame({"source": [1, 2], "target": [2, 3], "km": [4, 5]}), search=None).reading
    assert said is not None
    assert said.remarks == ("the weights are those of 'km'",)
