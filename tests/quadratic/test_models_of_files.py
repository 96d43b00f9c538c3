"""What `read_model` returns goes into the functions that solve it, alone and only into those."""

import pytest
from tests.inputs import refused

import derandkit as dk


@pytest.fixture
def model(tmp_path):
    def write(text, name="q.qubo", **options):
        (tmp_path / name).write_text(text)
        return dk.read_model(tmp_path / name, **options)

    return write


BITS = "p qubo 0 2 2 1\n0 0 -1\n1 1 -2\n0 1 3\n"
SIGNS = "# vartype=SPIN\n0 1 2\n1 2 -3\n"


def test_a_file_of_bits_is_minimised_and_maximised(model):
    assert dk.minimize_qubo(model(BITS)).value == -2
    assert dk.maximize_qubo(model(BITS, sense="maximize")).value == 0


def test_a_file_of_signs_is_minimised_and_maximised(model):
    assert dk.minimize_ising(model(SIGNS, "s.coo")).value == -5
    assert dk.maximize_ising(model(SIGNS, "s.coo", sense="maximize")).value == 5


def test_another_kind_or_sense_names_the_right_function(model):
    bits = model(BITS)
    assert "pass it to minimize_qubo" in refused(dk.maximize_qubo, bits)
    assert "pass it to minimize_qubo" in refused(dk.minimize_ising, bits)
    assert "pass it alone" in refused(dk.minimize_qubo, bits, 3)
    assert "attribute model" in refused(dk.optimize, bits)


def test_two_mappings_are_named_and_no_fields_may_be_none():
    dimod = pytest.importorskip("dimod")
    linear, pairs = {0: -3, 1: -2}, {(0, 1): 2}
    assert "BinaryQuadraticModel(linear, quadratic, 'BINARY')" in refused(dk.minimize_qubo, linear, pairs)
    bqm = dimod.BinaryQuadraticModel(linear, pairs, "BINARY")
    assert dk.minimize_qubo(bqm).value == dk.minimize_qubo({(0, 0): -3, (1, 1): -2, (0, 1): 2}).value == -3
    assert dk.minimize_ising(None, {("a", "b"): 1}).value == -1


def test_a_table_whose_header_begins_with_name_is_no_program(tmp_path):
    file = tmp_path / "e.csv"
    file.write_text("name,x,y\na,1,2\nb,3,4\n")
    assert "MPS" not in refused(dk.read_model, file)
    file.write_text("NAME test\nROWS\n N obj\n")
    assert "program in MPS" in refused(dk.read_model, file)


@pytest.mark.parametrize(
    "head", ["i,j,value", '"i","j","value"', "row,col,data", "u v weight", "source,target,Q"]
)
@pytest.mark.parametrize("vartype", ["binary", "spin"])
def test_a_header_above_coo_lines_is_said(model, head, vartype):
    text = "0,0,-1\n0,1,2\n1,1,-1\n".replace(",", " " if " " in head else ",")
    named = model(f"{head}\n{text}", "m.csv", input_format="coo", vartype=vartype)
    plain = model(text, "m.csv", input_format="coo", vartype=vartype)
    assert named.model.digest == plain.model.digest
    shown = head.replace('"', "").replace(" ", ",")
    assert f"below the header {shown!r}" in named.reading


def test_a_first_line_of_words_that_are_no_names_of_ends_is_shown_as_it_is(model):
    message = refused(model, "a,b,c\n0,1,2\n", "m.csv", input_format="coo", vartype="spin")
    assert "expected 'i j value', got 'a,b,c'; a header? Remove it" in message


@pytest.mark.parametrize("name", ["m.lp", "m.txt"])
@pytest.mark.parametrize(("text", "words"), [
    ("Minimize\n obj: x + y\nSubject To\n c1: x >= 1\nEnd\n", "LP format, not a graph; 'derandkit qubo'"),
    ("Maximize\n obj: [ 2 x * y ] / 2\nBinary\n x y\nEnd\n", "LP format, not a graph; 'derandkit qubo'"),
    ("NAME test\nROWS\n N obj\n", "a program in MPS, not a graph"),
    ("p cnf 2 1\n1 -2 0\n", "a satisfiability problem, not a graph; 'derandkit max2sat'"),
    ("i,j,value\n0,0,-1\n0,1,2\n1,1,-1\n", "qubo'"),
])  # fmt: skip
def test_maxcut_names_the_verb_of_a_problem_by_content_as_by_name(tmp_path, name, text, words):
    file = tmp_path / name
    file.write_text(text)
    assert words in refused(dk.as_graph, file)
