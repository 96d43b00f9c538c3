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
