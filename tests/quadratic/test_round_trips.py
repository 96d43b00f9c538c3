"""What a test writes in each format of model files is read as the same model, with the sense the format means."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derandkit as dk

#: Entries of one triangle of a symmetric matrix, each pair once; the diagonal among them.
MATRICES = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.dictionaries(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).map(lambda p: tuple(sorted(p))),
            st.one_of(st.integers(-99, 99), st.sampled_from([0.5, -0.25, 1e-3, 2.0**52])),
            max_size=12,
        ),
    )
)


def as_qubo(n, entries):
    own = [(k, w) for k, w in entries.items() if k[0] == k[1]]
    pairs = [(k, w) for k, w in entries.items() if k[0] != k[1]]
    rows = [f"p qubo 0 {n} {len(own)} {len(pairs)}", *(f"{a} {b} {w!r}" for (a, b), w in own + pairs)]
    return "\n".join(rows) + "\n", 1, 0, "minimize"


def as_sparse(n, entries):
    rows = [f"{n} {len(entries)}", *(f"{a + 1} {b + 1} {w!r}" for (a, b), w in entries.items())]
    return "\n".join(rows) + "\n", 2, 1, "minimize"


def as_beasley(n, entries):
    text, twice, first, _ = as_sparse(n, entries)
    return f"1\n{text}", twice, first, "maximize"


@pytest.mark.parametrize(
    ("written", "kind"),
    [(as_qubo, "qubo"), (as_sparse, "sparse"), (as_beasley, "beasley")],
    ids=["qubo", "sparse", "beasley"],
)
@settings(max_examples=15, deadline=None)
@given(case=MATRICES)
def test_models_go_through_every_format_of_matrices(written, kind, case):
    n, entries = case
    text, twice, first, sense = written(n, entries)
    i, j = (np.array([pair[k] for pair in entries], dtype=np.int64) for k in (0, 1))
    w = np.array([float(value) * (1 if a == b else twice) for (a, b), value in entries.items()])
    expected = dk.QuadraticModel.from_arrays(i, j, w, n=n, labels=range(first, first + n), sense=sense)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m.txt"
        file.write_text(text)
        found = dk.read_model(file, input_format=kind)
        assert found.model.digest == expected.digest
        assert found.reading.endswith(f"{sense}d")
        other = "maximize" if sense == "minimize" else "minimize"
        turned = dk.read_model(file, input_format=kind, sense=other)
    assert turned.model.digest == expected.with_sense(other).digest
    assert f"as asked (the format means {sense})" in turned.reading


@settings(max_examples=15, deadline=None)
@given(MATRICES)
def test_spin_glasses_go_through_gsg(case):
    n, entries = case
    bonds = {pair: w for pair, w in entries.items() if pair[0] != pair[1]}
    text = f"{n} {len(bonds)}\n" + "".join(f"{a + 1} {b + 1} {w!r}\n" for (a, b), w in bonds.items())
    model = dk.QuadraticModel.from_ising(
        dict.fromkeys(range(1, n + 1), 0), {(a + 1, b + 1): w for (a, b), w in bonds.items()}
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m.gsg"
        file.write_text(text)
        assert dk.read_model(file, sense="minimize").model.digest == model.digest
