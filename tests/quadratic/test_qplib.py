"""QPLIB and gsg files: read as their formats mean, written back by hand, and refused with file and line."""

import itertools

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk
from derandkit.cli import main
from derandkit.datasets import qubo
from derandkit.errors import InputError
from derandkit.models.qplib import qplib_model

SMALL = """QPLIB_TEST
QBN  # nonconvex objective, binary variables, no constraints
maximize
3 # variables
3 # quadratic terms of the objective
1 1 6
2 1 -4
3 2 0.5
1.0 # default value of b
1 # others
3 -2
10 # constant
1e+30 # infinity
0.0 # start
0
0.0
0
0
"""


def written(model, sense="minimize"):
    """Return a model of bits in QPLIB's format."""
    i, j, c = model.couplings.edges()
    diagonal = {
        k: 2 * w for k, w in enumerate(model.linear.tolist()) if k % 2
    }  # half of them in H, half in b
    rows = [f"{b + 1} {a + 1} {w!r}" for a, b, w in zip(i.tolist(), j.tolist(), c.tolist(), strict=True)]
    rows += [f"{k + 1} {k + 1} {w!r}" for k, w in diagonal.items()]
    linear = {k: w for k, w in enumerate(model.linear.tolist()) if k not in diagonal and w}
    return "\n".join(
        ["NAME", "QBN", sense, str(model.n), str(len(rows)), *rows, "0", str(len(linear)),
         *(f"{k + 1} {w!r}" for k, w in linear.items()), repr(float(model.offset)), "1e30"]
    )  # fmt: skip


def test_the_half_counts_on_the_diagonal_only():
    model = qplib_model(SMALL.splitlines(), "small.qplib")
    assert (model.n, model.sense, model.vartype, model.labels) == (3, "maximize", "binary", range(1, 4))
    # 1/2 (6 x1 - 2 * 4 x1 x2 + 2 * 0.5 x2 x3) + x1 + x2 - 2 x3 + 10
    for x in itertools.product((0, 1), repeat=3):
        H = np.array([[6, -4, 0], [-4, 0, 0.5], [0, 0.5, 0]])
        assert model.value(list(x)) == 0.5 * np.array(x) @ H @ x + np.array([1, 1, -2]) @ x + 10


def test_comments_begin_with_any_of_three_signs(tmp_path):
    """Lines that begin with ! or % were taken for the name, and the name for the type."""
    rows = ["! ---------", "! Problem: small", "%", *SMALL.splitlines()]
    text = "\n".join(rows).replace("maximize", "Maximize  sense of the objective").replace("#", "!")
    file = tmp_path / "small.qplib"
    file.write_text(text)
    assert dk.read_model(file).model.digest == qplib_model(SMALL.splitlines(), "small.qplib").digest
    (tmp_path / "unnamed").write_text(text)
    assert dk.read_model(tmp_path / "unnamed").model.sense == "maximize"


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-9, 9)), max_size=12),
    st.integers(-5, 5),
    st.sampled_from(["minimize", "maximize"]),
)
def test_what_is_written_is_read(n, entries, offset, sense):
    entries = [(a % n, b % n, w) for a, b, w in entries]
    i, j, w = (np.array([row[k] for row in entries], dtype=np.int64) for k in range(3))
    model = dk.QuadraticModel.from_arrays(
        i, j, w.astype(float), n=n, labels=range(1, n + 1), offset=offset, sense=sense
    )
    assert qplib_model(written(model, sense).splitlines(), "m.qplib").digest == model.digest


def test_a_published_optimum_goes_through_the_format(tmp_path):
    file = tmp_path / "gka1a.qplib"
    file.write_text(written(qubo("gka1a")))
    found = dk.read_model(file)
    assert found.reading == "QPLIB file, one half of x'Hx and b'x, minimized"
    assert dk.optimize(found.model).value == -3414
    other = tmp_path / "gka1a.txt"  # known by its content, too
    other.write_text(written(qubo("gka1a")))
    assert dk.read_model(other).model.digest == found.model.digest


def test_a_linear_objective_has_no_quadratic_part():
    model = qplib_model("L\nLBN\nminimize\n2\n-1\n0\n0\n1e30".splitlines(), "l.qplib")
    assert (model.couplings.m, model.linear.tolist()) == (0, [-1.0, -1.0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("QBN", "QIN", "small.qplib:2: is of type QIN: integer variables and no constraints"),
        ("QBN", "QBL", "binary variables and linear constraints; a model has binary variables and no"),
        ("QBN", "Q", "small.qplib:2: expected a type of three letters such as QBN, got 'Q'"),
        ("maximize", "max", "small.qplib:3: expected minimize or maximize, got 'max'"),
        (
            "maximize",
            "maximize minimize",
            "small.qplib:3: expected minimize or maximize, got 'maximize minimize'",
        ),
        ("3 # variables", "x", "small.qplib:4: expected the number of variables, a count, got 'x'"),
        ("3 # variables", "0", "small.qplib:4: has no variables"),
        ("2 1 -4", "1 2 -4", r"small.qplib:7: has entry \(1, 2\) above the diagonal"),
        ("2 1 -4", "3 2 -4", r"small.qplib:8: lists entry \(3, 2\) twice"),
        ("2 1 -4", "2 4 -4", "small.qplib:7: names variable '4'; numbers are 1..3"),
        ("2 1 -4", "2 1", "small.qplib:7: expected 'i j value', got '2 1'"),
        ("2 1 -4", "2 1 inf", "small.qplib:7: 'inf' is no finite number"),
        ("2 1 -4", "2 1 9007199254740993", "is no number that float64 holds"),
        ("3 -2\n10 # constant\n1e+30 # infinity\n0.0 # start\n0\n0.0\n0\n0\n", "", "ends before 'i value'"),
    ],
)
def test_broken_files_are_refused_with_their_line(old, new, message):
    assert old in SMALL
    with pytest.raises(InputError, match=message):
        qplib_model(SMALL.replace(old, new, 1).splitlines(), "small.qplib")


GLASS = "# a square with one wrong bond\n4 4\n1 2 1\n2 3 1\n3 4 1\n4 1 -1\n"


def test_a_spin_glass_needs_the_sense_and_is_read_with_either(tmp_path):
    file = tmp_path / "square.gsg"
    file.write_text(GLASS)
    with pytest.raises(
        InputError, match=r"two readings: --sense minimize \(energy sum J s s'.*--sense maximize"
    ):
        dk.read_model(file)
    for sense in ("minimize", "maximize"):
        found = dk.read_model(file, sense=sense)
        assert found.reading == f"spin glass, sum of J s s', pairs count once, {sense}d"
        assert (found.model.vartype, found.model.labels) == ("spin", range(1, 5))
        assert dk.optimize(found.model).value == (-2 if sense == "minimize" else 2)
    done = CliRunner().invoke(main, ["ising", str(file), "--sense", "maximize", "--format", "tsv"])
    assert done.exit_code == 0
    assert CliRunner().invoke(main, ["ising", str(file)]).exit_code == 2


def test_the_ground_state_of_a_published_torus(tmp_path):
    """The cut of the torus t2g10_5555 is 6049461: half of what its weights and least energy differ by."""
    graph = dk.datasets.biqmac("t2g10_5555")
    i, j, w = (x.tolist() for x in graph.edges())
    file = tmp_path / "torus.gsg"
    lines = [f"{a + 1} {b + 1} {int(c)}" for a, b, c in zip(i, j, w, strict=True)]
    file.write_text(f"{graph.n} {graph.m}\n" + "\n".join(lines) + "\n")
    result = dk.optimize(dk.read_model(file, sense="minimize").model)
    assert result.proven_optimal
    assert (int(sum(w)) - result.value) // 2 == 6049461


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4 2\n1 2 1\n2 1 3\n", "lists a pair twice"),
        ("4 1\n2 2 1\n", "couples spin 2 to itself"),
        ("4 2\n1 2 1\n", "ends after 1 of 2 entries"),
        ("4 1\n1 5 1\n", "numbers are 1..4"),
    ],
)
def test_broken_glasses_are_refused(tmp_path, text, message):
    file = tmp_path / "m.gsg"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        dk.read_model(file, sense="minimize")
