"""Matrices with sums, terms in frames and series, and models of other kinds: read right, or refused with a way out."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit as dk
from derandkit.errors import InputError

pd = pytest.importorskip("pandas")
Q = np.array([[-1.0, 2.0, 0.5], [0.0, -1.0, 1.5], [0.0, 0.0, 2.0]])
NAMES = ["a", "b", "c"]


def with_sums(word, *, rows=True, columns=True):
    body = np.vstack([Q, Q.sum(axis=0) if rows else np.zeros(3)])
    body = np.column_stack([body, body.sum(axis=1) if columns else np.zeros(4)])
    return pd.DataFrame(body, index=[*NAMES, word], columns=[*NAMES, word])


@pytest.mark.parametrize("word", ["Total", "SUM", "Grand total", "Summe"])
@pytest.mark.parametrize(("rows", "columns"), [(True, True), (True, False), (False, True)])
def test_sums_of_a_matrix_are_no_variable(tmp_path, word, rows, columns):
    frame = with_sums(word, rows=rows, columns=columns)
    with pytest.raises(InputError, match=f"a variable is called '{word}', and holds the sums"):
        dk.minimize_qubo(frame)
    frame.to_csv(tmp_path / "q.csv")
    for read in (dk.read_model, lambda file: dk.minimize_qubo(pd.read_csv(file))):
        with pytest.raises(InputError, match=f"a variable is called '{word}'"):
            read(tmp_path / "q.csv")


def test_a_variable_of_that_name_with_other_numbers_is_one():
    frame = with_sums("total")
    frame.iloc[-1, :] += 1.0
    frame.iloc[:, -1] += 1.0
    assert dk.minimize_qubo(frame).instance["n"] == 4


def test_a_series_over_pairs_is_the_mapping_that_it_is():
    terms = {("a", "a"): -1.0, ("a", "b"): 2.0, ("b", "b"): -3.0}
    assert dk.minimize_qubo(pd.Series(terms)).value == dk.minimize_qubo(terms).value == -3
    h, J = {"a": 1.0, "b": -2.0}, {("a", "b"): 1.5}
    assert dk.minimize_ising(pd.Series(h), pd.Series(J)).value == dk.minimize_ising(h, J).value
    twice = pd.concat([pd.Series(terms), pd.Series(terms)])
    with pytest.raises(InputError, match=r"comes twice in the series; pass series.groupby"):
        dk.minimize_qubo(twice)
    assert dk.minimize_qubo(twice.groupby(level=[0, 1]).sum()).value == -6


@pytest.mark.parametrize("rows", [2, 3, 5])
def test_a_frame_of_terms_says_how_it_is_passed(rows):
    frame = pd.DataFrame({"u": list("aabca")[:rows], "v": list("abbcc")[:rows], "q": [-1, 2, 1, 4, 5][:rows]})
    with pytest.raises(InputError, match="if its rows are terms, pass") as caught:
        dk.minimize_qubo(frame)
    terms = eval(str(caught.value).partition(", pass ")[2], {"frame": frame, "dict": dict, "zip": zip})
    assert dk.QuadraticModel.from_qubo(terms).n == len({*frame["u"], *frame["v"]})


@pytest.mark.parametrize(("name", "text"), [
    ("a.opb", "min: +1 x1 -2 x2 ;\n"), ("a.txt", "* #variable= 2 #constraint= 0\nmin: +1 x1 ;\n"),
])  # fmt: skip
def test_pseudo_boolean_problems_are_called_so(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    for read in (dk.read_model, dk.read_clauses):
        with pytest.raises(InputError, match=r"is a pseudo-Boolean problem \(OPB\)"):
            read(tmp_path / name)


def test_entries_that_are_no_numbers_are_no_points(tmp_path):
    (tmp_path / "q.txt").write_text("-1 2 NaN\n0 1 2\n0 0 1\n")
    with pytest.raises(InputError, match="coefficients are finite numbers"):
        dk.read_model(tmp_path / "q.txt")


def test_tables_in_parquet_and_streams_of_arrow_say_what_to_do(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"source": ["a", "b"], "target": ["b", "c"], "weight": [1, 2]})
    with pyarrow.ipc.new_stream(str(tmp_path / "s.arrow"), table.schema) as stream:
        stream.write_table(table)
    assert dk.as_graph(tmp_path / "s.arrow").total_weight == 3
    pd.DataFrame(Q, columns=NAMES, index=NAMES).to_parquet(tmp_path / "q.parquet")
    for file in ("s.arrow", "q.parquet"):
        with pytest.raises(InputError, match=r"is a table in Parquet, Feather or Arrow; read it with pandas"):
            dk.read_model(tmp_path / file)
    assert dk.minimize_qubo(pd.read_parquet(tmp_path / "q.parquet")).value == dk.minimize_qubo(Q).value


def test_models_of_dimod_with_constraints_say_how_they_become_one():
    dimod = pytest.importorskip("dimod")
    bqm = dimod.BinaryQuadraticModel({"a": 1.0}, {("a", "b"): 1.0}, 0.0, "BINARY")
    for given, words in (
        (dimod.ConstrainedQuadraticModel(), r"pass dimod.cqm_to_bqm\(cqm\)\[0\]"),
        (dimod.QuadraticModel(), "pass a BinaryQuadraticModel"),
        (bqm.to_numpy_vectors(), "pass the model that they are of"),
    ):
        with pytest.raises(InputError, match=words):
            dk.minimize_qubo(given)
    mixed = dimod.QuadraticModel.from_bqm(bqm)
    again = dimod.BinaryQuadraticModel(mixed.linear, mixed.quadratic, mixed.offset, "BINARY")
    assert dk.minimize_qubo(again).value == dk.minimize_qubo(bqm).value
