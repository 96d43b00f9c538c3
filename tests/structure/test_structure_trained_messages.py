"""The message of a certificate of a network is about the bound that decides its status."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from derandkit import NetworkStatus, certify_network, load, verify
from derandkit.records import sealed
from derandkit.status import ROW_BOUNDED, ROW_CONTRADICTED, UNSURE_BOUND, ZERO_BOUND


@functools.cache
def instance():
    jnp = pytest.importorskip("jax").numpy
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 3))
    W, b, v = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal(4)
    return X, np.tanh(X[:, 0] - X[:, 1]), lambda z: jnp.dot(jnp.tanh(z), v), W, b


@functools.cache
def certified(penalty):
    X, y, f, W, b = instance()
    return certify_network(f, X, y, weights=W, bias=b, penalty=penalty, directions=[[1, -1, 0]])


def test_a_bound_along_the_rows_is_not_said_to_be_that_of_the_lemma(tmp_path):
    """The lemma had no bound, and |W_perp| was 2.5 errors above the one along its rows: two were said."""
    found = certified(1e-1)
    figures = found.figures
    assert figures["lemma_bound"] is None
    assert found.w_perp > figures["row_bound"] + 2.0 * figures["row_bound_error"]
    assert (found.status, found.message) == (NetworkStatus.BOUNDED, ROW_BOUNDED)
    assert verify(found, instance()).ok
    (tmp_path / "n.json").write_text(found.to_json(), encoding="utf-8")
    assert load(tmp_path / "n.json").message == ROW_BOUNDED
    assert ROW_BOUNDED in " ".join(str(found).split())
    old = sealed({**found.to_dict(), "message": NetworkStatus.BOUNDED.value})
    assert verify(old, instance()).failed == ("status",)


def test_a_contradiction_names_the_bound_too():
    found = certified(1.0)
    assert found.w_perp < found.figures["lemma_bound"]
    assert (found.status, found.message) == (NetworkStatus.CONTRADICTED, ROW_CONTRADICTED)
    assert verify(found, instance()).ok
    # what was said before is true of it
    assert verify(sealed({**found.to_dict(), "message": NetworkStatus.CONTRADICTED.value}), instance()).ok
    wrong = sealed({**found.to_dict(), "message": ROW_BOUNDED})
    assert verify(wrong, instance()).failed == ("status",)


def test_a_bound_without_a_standard_error_is_not_said_to_be_none():
    found = certified(1.0)
    unknown = dict.fromkeys(("lemma_bound_error", "row_bound_error"))
    other = sealed({
        **found.to_dict(),
        "figures": {**found.figures, **unknown},
        "status": "no_bound",
        "message": UNSURE_BOUND,
    })  # fmt: skip
    rows = instance()[:2]
    assert "status" not in verify(other, rows).failed
    claimed = sealed({**certified(1e-1).to_dict(), "status": "no_bound", "message": UNSURE_BOUND})
    assert "status" in verify(claimed, rows).failed


def test_a_curvature_of_zero_is_not_said_to_be_negative():
    """A linear network, and one with a unit that does not reach the output, have no curvature along some direction."""
    jnp = pytest.importorskip("jax").numpy
    X, y, _, _, b = instance()
    rows = [[1.0, 0.0, 0.0], [0.1, 1.0, 0.0], [0.1, 1.0, 0.0]]
    for f, W in (
        (lambda z: jnp.tanh(z[0]), rows),
        (lambda z: z.sum(), [[1.0, 0, 0], [2, 1, 0], [-1, -1, 0]]),
    ):
        given = (X, y, f, np.array(W), b[:3])
        found = certify_network(f, X, y, weights=given[3], bias=given[4], directions=[[1, 0, 0]])
        assert (found.status, found.message) == (NetworkStatus.NO_BOUND, ZERO_BOUND)
        assert verify(found, given).ok
        forged = sealed({**found.to_dict(), "message": NetworkStatus.NO_BOUND.value})
        assert verify(forged, given).failed == ("status",)
