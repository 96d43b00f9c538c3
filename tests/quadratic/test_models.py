"""Quadratic models: values by definition, the cut that a model is, files and dimod, published optima."""

from __future__ import annotations

import bz2
import gzip
import itertools
import json
import lzma
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import derandkit as dk
from derandkit.certificates.quadratic.reduction import reduction
from derandkit.datasets import qubo, qubo_instance, qubo_names
from derandkit.errors import InputError
from derandkit.models.files import read_model, write_coo
from derandkit.models.model import QuadraticModel
from derandkit.signs.models import as_graph

COEFFICIENTS = st.one_of(
    st.integers(-9, 9),
    st.integers(-(2**60), 2**60).filter(lambda x: int(float(x)) == x),
    st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-300),
)


@st.composite
def models(draw, largest=6):
    """Terms as Python numbers, and the model of them."""
    n = draw(st.integers(1, largest))
    names = draw(st.sampled_from([list(range(n)), [f"v{k}" for k in range(n)], [(k, "x") for k in range(n)]]))
    vartype, sense = (
        draw(st.sampled_from(["spin", "binary"])),
        draw(st.sampled_from(["minimize", "maximize"])),
    )
    pairs = {
        (names[a], names[b]): draw(COEFFICIENTS)
        for a, b in itertools.combinations(range(n), 2)
        if draw(st.booleans())
    }
    linear = {name: draw(COEFFICIENTS) for name in names}
    offset = draw(COEFFICIENTS)
    if vartype == "spin":
        model = QuadraticModel.from_ising(linear, pairs, offset=offset, sense=sense)
    else:
        Q = {**pairs, **{(u, u): w for u, w in linear.items()}}
        model = QuadraticModel.from_qubo(Q, offset=offset, sense=sense)
    return model, pairs, linear, offset


def solutions(model):
    low = -1 if model.vartype == "spin" else 0
    return (np.array(x, dtype=np.int8) for x in itertools.product([low, 1], repeat=model.n))


def by_definition(x, labels, pairs, linear, offset):
    at = dict(zip(labels, x.tolist(), strict=True))
    total = sum((Fraction(w) * at[u] * at[v] for (u, v), w in pairs.items()), Fraction(offset))
    return total + sum(Fraction(w) * at[u] for u, w in linear.items())


@given(models())
def test_values_are_those_of_the_definition_in_exact_arithmetic(case):
    model, pairs, linear, offset = case
    for x in solutions(model):
        assert model.exact_value(x) == by_definition(x, model.labels, pairs, linear, offset)
        assert model.exact_value(dict(zip(model.labels, x.tolist(), strict=True))) == model.exact_value(x)


@given(models())
def test_every_solution_is_a_cut_and_every_cut_a_solution(case):
    model, *_ = case
    graph, inverse = as_graph(model)
    i, j, w = graph.edges()
    sign = 1 if model.sense == "maximize" else -1
    for x in solutions(model):
        signs = inverse.signs(x)
        cut = sum((Fraction(c) for c in w[signs[i] != signs[j]].tolist()), Fraction(0))
        off = sign * model.exact_value(x) - (inverse.constant + inverse.factor * cut)
        assert abs(off) <= inverse.slack
        assert inverse.slack == 0 or not model.integral or model.spread > 2**51
        np.testing.assert_array_equal(inverse.solution(signs), x)
        if inverse.reference is not None:
            np.testing.assert_array_equal(inverse.solution(-signs), x)


@given(models())
def test_bounds_carry_over(case):
    """The greatest cut, by enumeration, bounds the best value, and but for rounding is it."""
    model, *_ = case
    graph, inverse = as_graph(model)
    i, j, w = graph.edges()
    greatest = max(
        sum((Fraction(c) for c in w[s[i] != s[j]].tolist()), Fraction(0))
        for s in (np.array(s) for s in itertools.product([-1, 1], repeat=graph.n))
    )
    best = (max if model.sense == "maximize" else min)(model.exact_value(x) for x in solutions(model))
    bound = inverse.bound(greatest)
    assert bound >= best if model.sense == "maximize" else bound <= best
    assert abs(bound - best) <= 2 * inverse.slack


@given(models())
def test_the_checker_writes_the_same_cut_by_itself(case):
    model, *_ = case
    graph, inverse = as_graph(model)
    found = reduction(model)
    assert found.graph.digest == graph.digest
    assert (found.constant, found.factor, found.slack) == (inverse.constant, inverse.factor, inverse.slack)
    for s in itertools.islice(itertools.product([-1, 1], repeat=graph.n), 0, None, 5):
        signs = np.array(s, dtype=np.int8)
        assert found.solution(model, signs) == inverse.solution(signs).tolist()


@given(models(), st.randoms(use_true_random=False))
def test_the_order_of_terms_does_not_matter(case, random):
    model, pairs, linear, offset = case
    if model.vartype != "spin":
        return
    shuffled = list(pairs.items())
    random.shuffle(shuffled)
    turned = {(v, u) if random.random() < 0.5 else (u, v): w for (u, v), w in shuffled}
    fields = dict(sorted(linear.items(), key=lambda _: random.random()))
    again = QuadraticModel.from_ising(fields, turned, offset=offset, sense=model.sense)
    assert again.digest == model.digest


def test_matrices_and_mappings_mean_the_same():
    Q = np.array([[1, 4, 0], [-2, 0, 3], [0, 0, -5]])
    model = QuadraticModel.from_qubo(Q)
    assert model.digest == QuadraticModel.from_qubo(scipy.sparse.coo_array(Q)).digest
    entries = {(a, b): Q[a, b] for a in range(3) for b in range(3)}
    assert model.digest == QuadraticModel.from_qubo(entries).digest
    for x in solutions(model):
        assert model.value(x) == x @ Q @ x
    J = np.triu(Q, 1)
    assert QuadraticModel.from_ising([0, 1, 0], J).value([1, -1, 1]) == -4 - 3 - 1


def test_integers_beyond_float64_are_exact_or_refused():
    model = QuadraticModel.from_ising({0: 2**60}, {(0, 1): 2**62}, offset=-(2**61))
    assert model.value([1, 1]) == 2**60 + 2**62 - 2**61
    with pytest.raises(InputError, match="not exact in float64"):
        QuadraticModel.from_ising({0: 2**53 + 1}, {})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: QuadraticModel.from_ising([0, 0], [[0, 1], [1, 0]]), "two readings"),
        (lambda: QuadraticModel.from_ising([0, 0], [[1, 1], [0, 0]]), "give fields as h"),
        (lambda: QuadraticModel.from_ising({}, {}), "no variables"),
        (lambda: QuadraticModel.from_qubo([[1, 2, 3]]), "must be square"),
        (lambda: QuadraticModel.from_qubo({(0, 1): float("nan")}), "not finite"),
        (lambda: QuadraticModel.from_qubo({0: 1}), "not a pair"),
        (lambda: QuadraticModel.from_qubo(np.ma.masked_array([[0, 1], [0, 0]], [[0, 1], [0, 0]])), "masked"),
        (lambda: QuadraticModel.from_qubo([[1]]).value([2]), "0 and 1"),
        (lambda: QuadraticModel.from_qubo([[1]]).value({1: 0}), "not a variable"),
        (lambda: QuadraticModel.from_ising({"a": 1, "b": 1}, {}).value({"a": 1}), "leaves out variable 'b'"),
        (lambda: QuadraticModel.from_dimod(7), "dimod"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(make, words):
    with pytest.raises(InputError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_dimod_models_go_through_and_back():
    dimod = pytest.importorskip("dimod")
    bqm = dimod.generators.gnm_random_bqm(8, 15, "SPIN", random_state=3)
    bqm.offset = 1.5
    model = QuadraticModel.from_dimod(bqm)
    for sample in dimod.ExactSolver().sample(bqm).samples():
        assert model.value(dict(sample)) == pytest.approx(bqm.energy(sample), abs=1e-12)
    assert QuadraticModel.from_dimod(model.to_dimod()).digest == model.digest
    bits = QuadraticModel.from_dimod(bqm.change_vartype("BINARY", inplace=False))
    assert bits.vartype == "binary"
    flipped = model.with_sense("maximize").to_dimod()
    assert flipped.energy(dict.fromkeys(range(8), 1)) == pytest.approx(
        -bqm.energy(dict.fromkeys(range(8), 1))
    )


# --- files ----------------------------------------------------------------------------------------------------------

QUBO = "c two bits\np qubo 0 3 2 1\n0 0 -1\n2 2 5\n0 1 3\n"


def write(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("name", "text", "options", "values", "reading"),
    [
        ("a.qubo", QUBO, {}, {(1, 1, 0): 2, (0, 0, 1): 5}, "pairs count once, minimized"),
        (
            "a.txt",
            QUBO,
            {"sense": "maximize"},
            {(1, 1, 1): 7},
            "maximized as asked (the format means minimize)",
        ),
        (
            "a.sparse",
            "3 5\n1 1 -3\n1 2 2\n2 2 -3\n2 3 2\n3 3 -1\n",
            {},
            {(1, 1, 0): -2, (1, 0, 1): -4},
            "count twice",
        ),
        ("a", "1\n2 2\n1 1 4\n1 2 3\n", {}, {(1, 1): 10}, "problem 1 of 1, pairs count twice, maximized"),
        ("a", "2\n2 1\n1 1 4\n2 1\n1 2 3\n", {"instance": 2}, {(1, 1): 6, (1, 0): 0}, "problem 2 of 2"),
        (
            "a.coo",
            "# vartype=SPIN\n0 0 1.0\n0 1 -1.0\n",
            {},
            {(-1, -1): -2},
            "spin variables, pairs count once",
        ),
        ("a", "# vartype=SPIN\n# offset=2.5\n0 1 -1.0\n", {}, {(1, 1): 1.5}, "spin variables"),
        ("a.coo", "0 0 1\n0 1 -1\n", {"vartype": "binary"}, {(1, 1): 0}, "binary variables"),
        (
            "a.coo",
            "# vartype=SPIN\n0 1 2\n1 0 2\n1 2 -3\n",
            {},
            {(1, 1, 1): 1, (1, -1, 1): -1},
            "pairs count once, 2 lines that share their pair with another are added up",
        ),
        (
            "a.qubo",
            "p qubo 0 2 1 2\n0 0 1\n0 1 2\n1 0 2\n",
            {},
            {(1, 1): 5},
            "pairs count once, 2 lines that share their pair with another are added up",
        ),
    ],
)
def test_files_are_read_as_their_format_means(tmp_path, name, text, options, values, reading):
    found = read_model(write(tmp_path, name, text), **options)
    assert reading in found.reading
    for x, value in values.items():
        assert found.model.value(x) == value
    for end, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        packed = tmp_path / f"{name}.{end}"
        packed.write_bytes(pack(text.encode()))
        assert read_model(packed, **options).model.digest == found.model.digest


@pytest.mark.parametrize(
    ("name", "text", "options", "words"),
    [
        ("a", "3 2\n1 2 1\n2 3 1\n", {}, "two readings"),
        ("a", "0 1 5\n", {}, "--input-format coo and --vartype"),
        ("a.coo", "0 1 5\n", {}, "signs or bits"),
        ("a.coo", "# vartype=SPIN\n0 1 5\n", {"vartype": "binary"}, "states spin"),
        ("a.coo", "# vartype=TERNARY\n0 1 5\n", {}, "SPIN or BINARY"),
        ("a.sparse", "3 3\n1 1 -3\n1 2 2\n", {}, "a.sparse:3: ends after 2 of 3"),
        ("a.sparse", "3 1\n1 1 -3\n1 2 2\n", {}, "a.sparse:3: has more than the 1"),
        ("a.sparse", "3 2\n1 2 2\n2 1 2\n", {}, "lists a pair twice"),
        ("a.sparse", "3 1\n1 4 2\n", {}, "numbers are 1..3"),
        ("a.sparse", "3 1\n1 x 2\n", {}, "a.sparse:2: expected 'i j value', got '1 x 2'"),
        ("a.qubo", "p qubo 0 2 1 0\n0 1 1\n", {}, "announces 1 diagonal entries and has 0"),
        ("a.qubo", "p qubo chimera128 2 1 0\n0 0 1\n", {}, "a.qubo:1: expected 'p qubo 0"),
        ("a", "2\n2 1\n1 1 4\n2 1\n1 2 3\n", {}, "say which with --instance 1..2"),
        ("a.qubo", QUBO, {"instance": 1}, "several instances"),
        (
            "a.qubo",
            QUBO.replace("5", "9007199254740993"),
            {},
            "a.qubo:4: value 9007199254740993 is not exact",
        ),
        ("a.qubo", QUBO.replace("5", "nan"), {}, "a.qubo:4: value nan"),
        ("a.json", '{"type": "SampleSet"}', {}, "no dimod BinaryQuadraticModel"),
        ("a.npz", "PKnothing", {}, "is not a NumPy matrix"),
    ],
)
def test_broken_and_doubtful_files_are_refused_with_the_line(tmp_path, name, text, options, words):
    with pytest.raises(InputError) as caught:
        read_model(write(tmp_path, name, text), **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_matrices_and_dimod_json_in_files(tmp_path):
    Q = np.array([[1.5, 4, 0], [-2, 0, 3], [0, 0, -5]])
    expected = QuadraticModel.from_qubo(Q).digest
    np.save(tmp_path / "q.npy", Q)
    np.savez(tmp_path / "q.npz", Q=Q)
    scipy.sparse.save_npz(tmp_path / "s.npz", scipy.sparse.csr_array(Q))
    assert {read_model(tmp_path / name).model.digest for name in ("q.npy", "q.npz", "s.npz")} == {expected}
    np.save(tmp_path / "objects.npy", np.array([[{}]]), allow_pickle=True)
    with pytest.raises(InputError, match="not a NumPy matrix"):
        read_model(tmp_path / "objects.npy")
    dimod = pytest.importorskip("dimod")
    bqm = dimod.BinaryQuadraticModel({"a": 1, "b": -2}, {("a", "b"): 3}, 0.5, "SPIN")
    (tmp_path / "m.json").write_text(json.dumps(bqm.to_serializable()))
    assert read_model(tmp_path / "m.json").model.digest == QuadraticModel.from_dimod(bqm).digest


@given(models(largest=4))
def test_coo_files_go_through_and_back(case):
    model, *_ = case
    names = range(3, 3 + model.n)
    couplings = model.couplings
    i, j, c = couplings.edges()
    plain = QuadraticModel.from_arrays(
        i.astype(np.int64), j.astype(np.int64), c, n=model.n, labels=names, linear=model.linear.copy(),
        offset=model.offset, vartype=model.vartype,
    )  # fmt: skip
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        write_coo(plain, Path(folder) / "m.coo")
        again = read_model(Path(folder) / "m.coo").model
    assert again.digest == plain.digest


# --- published instances ----------------------------------------------------------------------------------------------


def test_the_generated_qubos_have_their_published_optima():
    """Values that nothing here computes: the optimal solutions are found by the cut search and valued by the model."""
    from derandkit import SearchEffort, maxcut

    assert len(qubo_names()) == 125
    known = {"gka1a": -3414, "gka4b": -129, "gka1c": -5058, "gka2d": -6579, "be100.1": -19412}
    for name, value in known.items():
        model = qubo(name)
        graph, inverse = as_graph(model)
        result = maxcut(graph, search=SearchEffort(work=2_000_000))
        assert model.value(inverse.solution(result.signs)) == value
        assert qubo_instance(name).value == value
    with pytest.raises(InputError, match="did you mean gka1"):
        qubo("gka1")


@pytest.mark.parametrize(
    ("end", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_a_compressed_name_says_what_its_file_is(tmp_path, end, pack):
    clauses = tmp_path / f"a.wcnf.{end}"  # without a header the name decides
    clauses.write_bytes(pack(b"3 -1 0\n2 1 0\n"))
    assert dk.read_clauses(clauses).soft_weight == 5
    graph = tmp_path / f"a.edgelist.{end}"
    graph.write_bytes(pack(b"1 2\n3 4\n"))
    with pytest.raises(InputError, match="is the name of a graph"):
        dk.read_points(graph)
