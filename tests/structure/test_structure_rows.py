"""The bound along the rows that are left of `W_perp`: its theorem, networks, and records."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import derandkit
from derandkit.numerics.vectors import norm
from derandkit.records import sealed
from derandkit.status import ROW_BOUNDED
from derandkit.structure.heldout.rows import rows_of
from derandkit.versions import OF_ROWS

RECORDS = Path(__file__).parents[1] / "data" / "records"


def case(seed, n, d, rank, condition):
    """A symmetric A of eigenvalues from 1 to `condition`, and W of some rank."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((n, n)))[0]
    A = (basis * np.geomspace(1.0, condition, n)) @ basis.T
    W = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d)) * 10.0 ** rng.integers(-3, 4)
    return (A + A.T) / 2.0, W


@given(
    st.integers(0, 2**32),
    st.integers(1, 7),
    st.integers(1, 5),
    st.integers(1, 5),
    st.floats(1.0, 1e4),
)
def test_where_steins_identity_holds_it_is_a_bound_and_never_looser_than_the_lemma(
    seed, n, d, rank, condition
):
    A, W = case(seed, n, d, rank, condition)
    rows, G = rows_of(W, norm(W)), A @ W
    bound = rows.gradient(G) / rows.curvature(A)
    assert norm(W) <= bound * (1 + 1e-9)
    assert bound <= norm(G) / np.linalg.eigvalsh(A)[0] * (1 + 1e-9)
    # Kantorovich's inequality: the factor grows with the root of the condition number only
    assert bound <= norm(W) * (condition + 1.0) / (2.0 * math.sqrt(condition)) * (1 + 1e-9)


@given(st.integers(0, 2**32), st.integers(2, 6))
def test_what_the_rows_do_not_feel_does_not_loosen_it(seed, n):
    """A direction without curvature, or a gradient, where W_perp has nothing: only the lemma's bound sees it."""
    A, W = case(seed, n, 3, 1, 10.0)
    column = np.linalg.svd(W)[0][:, :1]
    A = column * (column.T @ A @ column) @ column.T  # no curvature elsewhere
    G = A @ W + (np.eye(n) - column @ column.T) @ np.ones((n, 3))  # noise elsewhere
    rows = rows_of(W, norm(W))
    assert rows.gradient(G) / rows.curvature(A) == pytest.approx(norm(W), rel=1e-9)


@given(st.floats(1e-5, 1e3), st.integers(0, 2**32))
def test_parts_that_are_left_out_of_the_span_still_count(share, seed):
    """Small singular values are outside of the span, and the bound holds all the same."""
    A, W = case(seed, 4, 4, 4, 100.0)
    rows = rows_of(W, norm(W) / share / 1e-6 * 0.5)
    if rows is None:
        assert norm(W) <= 1e-6 * norm(W) / share / 1e-6 * 0.5
        return
    assert norm(W) <= rows.gradient(A @ W) / rows.curvature(A) * (1 + 1e-9)
    assert rows.gradient(A @ W) <= norm(A @ W) * (1 + 1e-9)
    assert math.hypot(rows.within, rows.beyond) == pytest.approx(1.0)


def test_the_form_with_any_projection_is_false():
    """`|P W| <= |P G| / lambda_min(P A P)` fails for a P that W sticks out of; see the page."""
    A, W = np.array([[2.0, -1.0], [-1.0, 2.0]]), np.array([[1.0], [2.0]])
    P = np.diag([1.0, 0.0])
    assert np.linalg.eigvalsh(A)[0] > 0
    assert norm(P @ A @ W) == 0.0
    assert norm(P @ W) == 1.0


def trained(steps, seed=0, width=5, penalty=1e-2, link="tanh"):
    pytest.importorskip("jax")
    teacher = derandkit.Teacher(link, 3, directions=1, nodes=512, evaluation_nodes=4096)
    student = derandkit.Student(width=width, stream=seed)
    return derandkit.discover_structure(teacher, student, penalty=penalty, max_steps=steps, controls=False)


def test_trained_networks_stay_below_it_and_it_is_the_smaller_bound():
    for steps, seed, width, penalty, link in (
        (12, 0, 5, 1e-2, "tanh"), (25, 0, 5, 1e-2, "tanh"), (50, 0, 5, 1e-2, "tanh"), (25, 1, 4, 1e-3, "sine"),
        (25, 2, 6, 3e-2, "staircase"),
    ):  # fmt: skip
        result = trained(steps, seed, width, penalty, link)
        assert result.row_bound is not None
        assert result.w_perp <= result.row_bound + 3.0 * result.row_bound_error
        if result.lemma_bound is not None:
            assert result.row_bound <= result.lemma_bound
        assert result.smallest_curvature <= result.row_curvature * (1 + 1e-6) + 1e-9
        assert result.row_curvature <= result.largest_curvature
        assert result.row_gradient <= result.perp_gradient


def test_no_changed_figure_of_it_passes():
    pytest.importorskip("jax")
    teacher = derandkit.Teacher("tanh", 4, directions=1, nodes=256, evaluation_nodes=512)  # not on a grid
    result = derandkit.discover_structure(
        teacher, derandkit.Student(width=4), penalty=1e-2, max_steps=20, controls=False
    )
    record = result.to_dict()
    assert derandkit.verify(record, teacher).ok
    for name in OF_ROWS:
        for value in (record[name] * 1.001, None):
            assert derandkit.verify(sealed({**record, name: value}), teacher).failed == ("rows",), name


def network():
    import jax.numpy as jnp

    table = np.genfromtxt(RECORDS / "table.csv", delimiter=",", names=True)
    X, y = np.column_stack([table[name] for name in "xyz"]), table["t"]
    W, b = np.array([[1.0, 0.2, 0.0], [0.0, 0.5, -0.3]]), np.array([0.1, -0.2])
    return X, y, lambda z: jnp.tanh(z) @ np.array([0.5, -0.25]), W, b


def test_a_network_record_of_version_1_holds_and_claims_nothing_of_it():
    pytest.importorskip("jax")
    record = json.loads((RECORDS / "network-1-table.json").read_text())
    outcome = derandkit.verify(record, network())
    assert outcome.ok
    assert outcome.not_checked == ("classes", "logits", "row_bound", "decay")
    assert derandkit.load(RECORDS / "network-1-table.json").to_dict() == record
    assert "none" in str(derandkit.load(RECORDS / "network-1-table.json"))
    for name in OF_ROWS:  # a later figure in an old record
        figures = {**record["figures"], name: 0.1}
        assert not derandkit.verify(sealed({**record, "figures": figures}), network()).ok
    figures = {**record["figures"], "stein_estimate": record["figures"]["stein_estimate"] * 1.001}
    assert derandkit.verify(sealed({**record, "figures": figures}), network()).failed == ("derivatives",)


def test_a_network_record_of_version_2_holds_and_is_about_whole_rows():
    pytest.importorskip("jax")
    record = json.loads((RECORDS / "network-2-table.json").read_text())
    outcome = derandkit.verify(record, network())
    assert outcome.ok
    assert outcome.not_checked == ("classes", "logits", "decay")
    assert derandkit.load(RECORDS / "network-2-table.json").places is None
    assert derandkit.verify(sealed({**record, "places": None}), network()).failed == ("form",)


def test_it_bounds_a_trained_network_where_the_lemma_does_not():
    """Curvature is negative for a unit that has no part in `W_perp`: no bound by the lemma, and one along the rows."""
    pytest.importorskip("jax")
    X = np.random.default_rng(0).standard_normal((400, 2))
    W, b, v = np.array([[1.0, 0.5], [1.0, 0.0]]), np.zeros(2), np.array([1.0, 0.05])

    def above(z):
        return v[0] * z[0] + v[1] * z[1] ** 2

    y = X[:, 0] + 0.6 * np.tanh(X[:, 0]) ** 2
    found = derandkit.certify_network(
        above, X, y, weights=W, bias=b, directions=[[1, 0]], penalty=1e-4, loss="squared"
    )
    figures = found.figures
    assert figures["lemma_bound"] is None
    assert found.status is derandkit.NetworkStatus.BOUNDED
    assert found.w_perp <= figures["row_bound"] + 2 * figures["row_bound_error"]
    assert found.message == ROW_BOUNDED
    assert derandkit.verify(found, (X, y, above, W, b)).ok
    for name in ("row_bound", "row_gradient", "row_curvature"):
        changed = {**figures, name: figures[name] * 1.01}
        failed = derandkit.verify(sealed({**found.to_dict(), "figures": changed}), (X, y, above, W, b)).failed
        assert {"derivatives", "row_bound"} <= set(failed), name
