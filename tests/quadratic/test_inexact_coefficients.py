"""Coefficients of one pair, variable or offset that add up lose no units; sums of fractions are rounded to nearest."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import derandkit as dk
from derandkit.graphs.reading import Lost, Reading, of_rounded_sums, recorded

TERMS = "not exact in float64"


@pytest.mark.parametrize("vartype", ["binary", "spin"])
@pytest.mark.parametrize("text", ["0 0 0.5\n0 1 1e16\n1 0 0.9\n", "0 0 1e16\n0 0 0.9\n0 1 0.5\n"])
def test_a_file_of_terms(text, vartype, tmp_path):
    file = tmp_path / "terms.coo"
    file.write_text(text)
    with pytest.raises(dk.InputError, match=TERMS):
        dk.read_model(str(file), vartype=vartype)


def test_mappings_and_matrices():
    with pytest.raises(dk.InputError, match=TERMS):
        dk.QuadraticModel.from_qubo({("a", "b"): 1e16, ("b", "a"): 0.9, ("a", "a"): 0.5})
    with pytest.raises(dk.InputError, match=TERMS):
        dk.QuadraticModel.from_qubo([[0.5, 1e16], [0.9, 0]])
    with pytest.raises(dk.InputError, match=r"numbers of the offset add up to about 1e\+16"):
        dk.QuadraticModel.from_ising({}, {("a", "a"): 0.9, ("a", "b"): 1}, offset=1e16)
    model = dk.QuadraticModel.from_qubo({("a", "b"): 0.1, ("b", "a"): 0.2, ("a", "a"): 1e308})
    assert model.couplings.edges()[2].tolist() == [0.1 + 0.2]
    assert model.linear.tolist() == [1e308, 0.0]


def test_a_program_in_lp_format(tmp_path):
    file = tmp_path / "program.lp"
    lines = "minimize\n obj: 10000000000000000 x + 0.9 x + y\nsubject to\nbinaries\n x y\nend\n"
    file.write_text(lines)
    with pytest.raises(dk.InputError, match=f"coefficient of x add up.*{TERMS}"):
        dk.read_model(str(file))
    file.write_text(lines.replace("10000000000000000", "0.1"))
    assert dk.read_model(str(file)).model.linear.tolist() == [1.0, 1.0]


def test_sums_that_a_reduction_makes_are_rounded_and_counted():
    """Clauses of one pair add up to a term that float64 does not hold; the bound says what that takes off."""
    problem = dk.Clauses.from_clauses([[1, 2], [1, 2], [-1, 2], [-2]], weights=[1e16, 0.9, 0.5, 3e15])
    result = dk.optimize(problem)
    best = max(problem.exact_value(np.array([a, b])) for a in (0, 1) for b in (0, 1))
    assert best <= Fraction(result.bound)
    assert dk.verify(json.loads(result.to_json()), problem).ok


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize(
    ("offset", "words"),
    [
        ("9007199254740993", TERMS),
        ("-9007199254740993", TERMS),
        ("1e400", "too large for float64"),
        ("1e-400", "too small for float64"),
        ("1_0", "gives no number behind the word"),
        ("nan", "gives no number behind the word"),
        ("\u0661", "gives no number behind the word"),
    ],
)
def test_an_offset_in_a_comment(offset, words, vartype, tmp_path):
    file = tmp_path / "terms.coo"
    file.write_text(f"# vartype={vartype}\n# offset={offset}\n0 0 -1\n0 1 2\n", encoding="utf-8")
    with pytest.raises(dk.InputError, match=words) as caught:
        dk.read_model(file)
    assert "terms.coo" in str(caught.value)


@pytest.mark.parametrize(
    ("offset", "value"), [("9007199254740992", 2**53), ("-0.5", -0.5), ("5.0", 5), ("+1e3", 1000)]
)
def test_an_offset_that_double_precision_holds(offset, value, tmp_path):
    file = tmp_path / "terms.coo"
    file.write_text(f"# vartype=BINARY\n# offset={offset}\n0 0 -1\n0 1 2\n")
    model = dk.read_model(file).model
    assert model.offset == value
    assert type(model.offset) is type(value)


@pytest.mark.parametrize("whole", ["9007199254740993", "12345678901234567891", "+9007199254740993"])
def test_whole_numbers_of_qplib(whole, tmp_path):
    file = tmp_path / "problem.qplib"
    file.write_text(f"P\nQBN\nminimize\n2\n1\n2 1 3\n0\n0\n{whole}\n0\n0\n")
    with pytest.raises(dk.InputError, match="is no number that float64 holds"):
        dk.read_model(file)


def test_twice_a_coefficient_beyond_the_doubles_is_one_line(tmp_path):
    file = tmp_path / "m.sparse"
    file.write_text("2 1\n1 2 1e308\n")
    with pytest.raises(dk.InputError, match=r"m\.sparse: the coefficients are so large that twice one"):
        dk.read_model(file)


def test_a_record_is_verified_against_what_read_model_returns(tmp_path):
    file = tmp_path / "m.coo"
    file.write_text("# vartype=BINARY\n# offset=0.5\n0 0 -1\n0 1 2\n")
    found = dk.read_model(file)
    result = dk.optimize(found.model)
    assert dk.verify(result, found).ok
    assert dk.verify(result, file).ok


LOSSES = {
    "c.lp": "Minimize\n obj: - 0.01 x + [ 1e15 x ^ 2 - 1e15 x * y ] / 2\nBinary\n x y\nEnd\n",
    "c.qplib": "P\nQBN\nminimize\n2\n2\n1 1 1e15\n2 1 -5e14\n0\n1\n1 -0.01\n0\n",
    "c.coo": "# vartype=BINARY\n0 0 5e14\n0 0 -0.01\n0 1 -5e14\n",
    "spins.coo": "# vartype=SPIN\n0 0 5e14\n0 0 -0.01\n0 1 -5e14\n",
    "pairs.coo": "# vartype=SPIN\n0 1 5e14\n1 0 -0.01\n",
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_a_sum_loses_is_said_of_a_file(name, tmp_path):
    file = tmp_path / name
    file.write_text(LOSSES[name])
    found = dk.read_model(str(file))
    assert "sums are rounded, by 0.01 in all (" in found.reading
    result = dk.optimize(found.model)
    assert "exact for rounded sums, proven optimal" in str(result)
    assert "rounded, by 0.01 in all" in result.to_dict()["instance"]["reading"]
    result.save(tmp_path / "r.json")
    assert dk.verify(tmp_path / "r.json", file).ok
    for other in ("0.1", "1"):  # 5e14 + 0.1 is rounded too, by a part of 0.1; 5e14 + 1 is not
        file.write_text(LOSSES[name].replace("0.01", other))
        assert ("are rounded, by" in dk.read_model(str(file)).reading) is (other == "0.1")
    file.write_text(LOSSES[name].replace("5e14", "0.75").replace("1e15", "1.5").replace("0.01", "0.5"))
    assert "rounded" not in dk.read_model(str(file)).reading


@pytest.mark.parametrize("name", LOSSES)
def test_the_last_bit_of_a_sum_is_said(name, tmp_path):
    file, text = tmp_path / name, LOSSES[name]
    for old, new in (("5e14", "0.1"), ("1e15", "0.2"), ("- 0.01", "0.7"), ("-0.01", "0.7")):
        text = text.replace(old, new)
    file.write_text(text)
    found = dk.read_model(str(file))
    assert "sums are rounded, by" in found.reading
    result = dk.optimize(found.model)
    assert "exact for rounded sums" in str(result)
    assert "exact for rounded sums" in str(type(result).from_json(result.to_json()))


def test_decimals_of_a_program_add_up_to_what_is_written(tmp_path):
    """Twice 0.1 is 0.2 for decimals and for doubles; 0.1 and 0.2 as doubles do not add up to 0.3."""
    file = tmp_path / "p.lp"
    for terms, said in (("0.1 x + 0.1 x", False), ("0.5 x + 0.5 x + 0.25 x", False), ("0.1 x + 0.2 x", True)):
        file.write_text(f"Minimize\n obj: {terms} + y\nBinary\n x y\nEnd\n")
        assert ("rounded" in dk.read_model(str(file)).reading) is said


def test_what_a_sum_loses_is_said_of_a_matrix():
    model = dk.QuadraticModel.from_qubo(
        {("a", "b"): 5e14, ("b", "a"): -0.01, ("a", "a"): -3, ("b", "b"): 0.3}
    )
    assert "(500000000000000.0, -0.01 of 'a' and 'b')" in str(model.reading)
    assert "exact for rounded sums" in str(dk.optimize(model))
    plain = dk.QuadraticModel.from_qubo([[0.1, 0.2], [0.7, 1e3]])
    assert "(exact, proven optimal)" not in str(dk.optimize(plain))
    assert str(plain.reading).startswith("sums are rounded, by ")
    symmetric = dk.QuadraticModel.from_qubo([[0.1, 0.2], [0.2, 1e3]])
    assert symmetric.reading is None
    assert "(exact, proven optimal)" in str(dk.optimize(symmetric))


@pytest.mark.parametrize(
    "model",
    [
        lambda x: dk.QuadraticModel.from_ising({}, {("a", "a"): x, ("a", "b"): 1}, offset=0.7),
        lambda x: dk.QuadraticModel.from_arrays(
            np.array([0, 0]), np.array([0, 1]), np.array([x, 1.0]), n=2, offset=0.7, vartype="spin"
        ),
    ],
)
def test_what_the_constant_loses_is_said(model):
    assert "of the offset)" in str(model(0.1).reading)
    assert "exact for rounded sums" in str(dk.optimize(model(0.1)))
    assert model(0.7).reading is None


def test_a_reading_of_any_length_ends_with_what_is_lost():
    """A record keeps 500 characters of a reading; the value would be called exact without the last of them."""
    lost = Lost(Fraction(1, 4), "0.1, 0.2 of 'x'")
    for reading in (
        Reading("m" * 10_000, lost=lost),
        Reading("m" * 480, lost=Lost(lost.amount, "\n" * 5000)),
    ):
        text = recorded(reading)
        assert len(text) <= 500
        assert text.isprintable()
        assert of_rounded_sums(text)
    assert not of_rounded_sums(recorded(Reading("sums are rounded, by 1", columns=("x",))))


def test_numbers_beyond_all_sums_are_refused_in_one_line():
    for sizes in ((1.7e308, 1.7e308), (1e308, 1e308, 0.5)):
        with pytest.raises(dk.InputError, match=r"overflow|too large"):
            dk.QuadraticModel.from_arrays(
                np.zeros(len(sizes), dtype=np.int64),
                np.ones(len(sizes), dtype=np.int64),
                np.array(sizes),
                n=2,
            )
