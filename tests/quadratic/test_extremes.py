"""Weights and sizes at the edge: honest records hold, and files that announce too much are refused in a line."""

from __future__ import annotations

import json

import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit.models.clauses import read_clauses
from derandkit.models.files import read_model
from derandkit.quadratic.given import read_solution
from derandkit.records import sealed


def test_an_edge_of_weight_zero_is_never_frustrated():
    edges = [("a", "b", -1), ("a", "c", -2), ("b", "c", 7), ("a", "d", 0)]
    result = dk.frustration(edges)
    assert result.value == 0
    assert dk.verify(result, edges).ok


@pytest.mark.parametrize("weight", [5e-324, -1.5e-323, -3e-308])
def test_weights_whose_halves_are_no_doubles_are_refused(weight):
    said = refused(dk.frustration, [("a", "b", weight), ("b", "c", 1.0)])
    assert "too small to be halved exactly" in said


def test_the_blocks_of_a_reduced_graph_may_have_more_vertices_than_the_graph():
    fields = {
        "a": -7.02394424634561e303, "b": 6.992509361143619e300, "c": 6.664286841395941e300,
        "d": 9.147048531770612e305, "e": -8.481788123060434e305, "f": -3.312240639852493e303,
    }  # fmt: skip
    couplings = {
        ("b", "a"): -9.521309122362315e305, ("c", "b"): -4.060727004460757e299,
        ("e", "d"): 9.283797895230238e303, ("f", "d"): 2.3915160265983152e300,
        ("f", "e"): 5.409200541021512e300, ("g", "a"): -5.483635056377378e300,
        ("g", "b"): 1.421556850947242e305, ("g", "c"): 4.068520307876213e299,
    }  # fmt: skip
    result = dk.minimize_ising(fields, couplings)
    assert result.to_dict()["cut"]["search"]["kernel_n"] > result.to_dict()["cut"]["graph"]["n"]
    assert dk.verify(result, (fields, couplings)).ok


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("big.qubo", "p qubo 0 60000000 0 0\n"),
        ("big.sparse", "1000000000 1\n1 2 3\n"),
        ("big.cnf", "p cnf 100000000 1\n1 2 0\n"),
    ],
)
def test_more_variables_than_memory_is_for_are_refused_before_it_is_taken(name, text, tmp_path):
    file = tmp_path / name
    file.write_text(text)
    read = read_clauses if name.endswith("cnf") else read_model
    assert "set the environment variable DERANDKIT_MAX_BYTES" in refused(read, str(file))


@pytest.mark.parametrize("weights", [[1e25] * 4, [1e16, 1, 1, 1]])
def test_clauses_that_are_too_heavy_together_are_refused_in_words_of_weights(weights):
    with pytest.raises(dk.InputError) as caught:
        dk.max2sat([(1, 2), (-1, 2), (1, -2), (-1, -2)], weights=weights)
    text = str(caught.value)
    assert "divide all weights by a common factor" in text
    assert "offset" not in text
    assert "pair" not in text


def test_arcs_that_are_too_heavy_together_are_refused_in_words_of_weights():
    with pytest.raises(dk.InputError, match="divide all weights by a common factor"):
        dk.maxdicut([("a", "b", 2.0**60), ("b", "a", 1.0), ("b", "c", 1.0)])


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("m.qubo", "p qubo 0 2 1 1\n0 0 1e-400\n0 1 3\n", 2),
        ("m.coo", "# vartype=SPIN\n0 0 1\n0 1 1e-400\n", 3),
        ("m.mtx", "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 1e-400\n2 1 1\n", 3),
        ("m.sparse", "2 2\n1 1 1\n1 2 -2.5e-399\n", 3),
    ],
)
def test_numbers_that_float64_would_round_to_zero_are_refused(name, text, line, tmp_path):
    (tmp_path / name).write_text(text)
    found = refused(read_model, tmp_path / name)
    assert f"{name}:{line}: weight" in found
    assert "is too small for float64; scale the weights" in found
    (tmp_path / name).write_text(text.replace("e-400", "e-300").replace("e-399", "e-299"))
    assert read_model(tmp_path / name).model.n == 2


def test_weights_of_clauses_that_float64_would_round_to_zero_are_refused(tmp_path):
    (tmp_path / "c.wcnf").write_text("1e-400 1 2 0\n1 -1 2 0\n")
    assert "c.wcnf:1: weight '1e-400' is too small for float64" in refused(read_clauses, tmp_path / "c.wcnf")


TOO_LARGE = {
    "qubo": lambda: dk.minimize_qubo({(0, 0): 1.7e308, (1, 1): -1.7e308}),
    "ising": lambda: dk.minimize_ising({0: 1e308, 1: 1e308}, {}),
    "cut norm": lambda: dk.cut_norm([[8e307, 8e307], [8e307, 1]]),
    "number of ones": lambda: dk.optimize_with_cardinality(
        dk.QuadraticModel.from_qubo({(0, 0): 1e308, (1, 1): 1e308}), 1
    ),
    "comparison": lambda: dk.compare(dk.QuadraticModel.from_ising({0: 1e308, 1: 1e308}, {})),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_sums_beyond_the_greatest_double_are_refused_in_a_line(name):
    assert (
        refused(TOO_LARGE[name]) == "the coefficients are so large that their sum overflows; scale them down"
    )


def test_a_constant_beside_which_no_gap_can_be_stated_is_refused():
    """The gap, one unit in the last place of the constant, was infinite relative to the coefficients, and no JSON."""
    terms = {(0, 0): -2e-302, (1, 1): 1.2e-302, (0, 1): -1.7e-305}
    for offset in (2e279, -1e300):
        said = refused(dk.minimize_qubo, terms, offset=offset)
        assert "no gap can be stated relative to them; leave the constant out" in said
    for coefficients, offset in (
        (terms, 1.0),
        ({(0, 0): 5e-324, (0, 1): -5e-324}, 1e-20),
        ({(0, 0): 1.0}, 1.7e308),
    ):
        model = dk.QuadraticModel.from_qubo(coefficients, offset=offset)
        assert dk.verify(dk.optimize(model).to_dict(), model).ok


@pytest.mark.parametrize("values", [[], [1], {"a": 1}, "11", None, [1] * 9])
def test_a_start_whose_record_has_another_number_of_values_is_refused(values, tmp_path):
    model = dk.QuadraticModel.from_qubo({(0, 0): -1, (0, 1): 2, (1, 1): -2})
    record = json.loads(dk.optimize(model).to_json())
    file = tmp_path / "start.json"
    file.write_text(json.dumps(sealed({**record, "values": values})))
    # what is no array is refused by the published form, before values are counted
    said = "there is not one value a label" if isinstance(values, list) else "values is no array"
    assert said in refused(read_solution, model.labels, file)
    assert said in refused(dk.load, file)


def test_a_heavy_clause_beside_light_ones():
    """Beside a weight of 2^60 the greedy pass saw no other: its cut was below the expectation that it had to keep."""
    clauses = [(5, -3), (-5, 4), (-2,), (-3, 4), (2, 1), (-2, -4), (-1,), (-1, 4)]
    weights = [0.9573617940912629, 1, 0.2, 2.0**60, 1, 3, 1, 1]
    problem = dk.Clauses.from_clauses(clauses, weights=weights)
    result = dk.max2sat(problem)
    assert result.cut.chain["derandomized_cut"] >= result.cut.chain["final_expectation"]
    assert dk.verify(result, problem).ok
