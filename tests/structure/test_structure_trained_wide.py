"""Trained networks of more inputs than rows: no matrix of all pairs of columns, and the same figures."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

import derandkit
from derandkit import certify_network
from derandkit.certificates.trained import layer
from derandkit.structure.trained import variation


def _case(units):
    """Rows with columns that are constant, or copies of others but for rounding, and a layer of many units."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((24, 60)) * 10.0 ** rng.integers(-2, 3, 60)
    X[:, 5], X[:, 6] = 3.0, X[:, 7]
    return X, np.tanh(X[:, 0]), rng.standard_normal((units, 60)) / 60.0, rng.standard_normal(units)


def _model(z):
    return jnp.tanh(z).mean(axis=-1)


@pytest.fixture
def thin(monkeypatch):
    for module, name in ((variation, "WIDE"), (layer, "_WIDE")):
        monkeypatch.setattr(module, name, 30)


@pytest.mark.parametrize("units", [3, 40])
@pytest.mark.parametrize("given", [True, False])
def test_wide_networks_have_the_figures_of_the_full_correlations(units, given, thin, monkeypatch):
    X, y, W, b = _case(units)
    directions = np.random.default_rng(2).standard_normal((2, 60)) if given else None
    about = (X, y, _model, W, b)

    def certified():
        return certify_network(_model, X, y, weights=W, bias=b, directions=directions, penalty=1e-2)

    found = certified()
    assert variation.covariance_root(X)[2].shape == (60, 23)
    assert layer.units_of(X).root.shape == (60, 23)
    assert derandkit.verify(found.to_dict(), about).ok
    for module, name in ((variation, "WIDE"), (layer, "_WIDE")):
        monkeypatch.setattr(module, name, 1000)
    full = certified()
    assert variation.covariance_root(X)[2].shape == (60, 60)
    assert len(found.singular_values) == len(full.singular_values) == min(units, 60)
    for name in ("w_perp", "w_par", "effective_rank", "risk", "gradient_norm"):
        assert getattr(found, name) == pytest.approx(getattr(full, name), rel=1e-6, abs=1e-9)
    for name, value in full.figures.items():
        assert found.figures[name] == (None if value is None else pytest.approx(value, rel=1e-5, abs=1e-8)), (
            name
        )
    # each record holds by the other arithmetic as well
    assert derandkit.verify(found.to_dict(), about).ok
    monkeypatch.setattr(layer, "_WIDE", 30)
    assert derandkit.verify(full.to_dict(), about).ok


def test_what_counts_as_constant_is_the_same(thin, monkeypatch):
    X, _, W, _ = _case(3)
    X[:, 9] = 2.0**44 + np.round(X[:, 9])
    one, thin_units = variation.covariance_root(X)[4], layer.units_of(X)
    for module, name in ((variation, "WIDE"), (layer, "_WIDE")):
        monkeypatch.setattr(module, name, 1000)
    other, units = variation.covariance_root(X)[4], layer.units_of(X)
    sizes = [np.linalg.norm(W @ faint) for faint in (one, thin_units.faint, other, units.faint)]
    assert sizes == pytest.approx([sizes[-1]] * 4, rel=1e-6)
    assert sizes[-1] > 0
    assert thin_units.constant == units.constant


def test_a_table_that_takes_too_much_is_refused_unseen():
    X, y, W, b = _case(3)
    record = certify_network(_model, X, y, weights=W, bias=b).to_dict()
    for allowed, good in ((1e-7, False), (1.0, True)):
        form = next(
            c for c in derandkit.verify(record, (X, y), allow_work=allowed).checks if c.name == "form"
        )
        assert form.passed is good
        assert good or "refused unseen" in form.detail
