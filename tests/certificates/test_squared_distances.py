"""Squared distances of wide tables: matrix products where they are as near as differences, differences elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from derandkit.certificates.embeddings import squares
from derandkit.certificates.embeddings.cloud import centred
from derandkit.certificates.embeddings.pairs import Pairs
from derandkit.certificates.embeddings.squares import Squares
from derandkit.embeddings.measure import measure
from derandkit.points.cloud import PointCloud

UNIT = 2.0**-53
WIDE = 640


def clouds():
    """Return wide tables: points apart from each other, clusters, near pairs, an offset, and tiny numbers."""
    draw = np.random.default_rng(5)
    apart = draw.standard_normal((60, WIDE))
    clusters = np.repeat(apart[:6], 10, axis=0) + 1e-7 * draw.standard_normal((60, WIDE))
    near = apart.copy()
    near[1::7] = near[0] + 2.0**-30 * np.arange(1, 10)[:, None]
    return {
        "apart": apart,
        "clusters": clusters,
        "near": near,
        "offset": apart + 1e6,
        "tiny": np.ldexp(apart, -600),
        "mixed": np.ldexp(apart, draw.integers(-500, 0, (60, 1))),
    }


def exact(X):
    """Return squared distances in whole numbers, rounded once."""
    power = 60 - min(int(np.frexp(x)[1]) for x in np.abs(X[X != 0.0]).ravel())
    whole = [[int(np.ldexp(x, power)) for x in row] for row in X]
    out = np.zeros((len(X), len(X)))
    for i, a in enumerate(whole):
        for j in range(i + 1, len(X)):
            out[i, j] = sum((x - y) ** 2 for x, y in zip(a, whole[j], strict=True)) / (1 << 2 * power)
    return out


@pytest.mark.parametrize("name", clouds())
@pytest.mark.parametrize("step", [7, 23])
def test_every_later_pair_is_within_the_bound_of_differences(name, step):
    X = clouds()[name][:24]
    if name == "tiny":
        X = X * 2.0**300  # squares of smaller numbers are below the least double
    truth, found = exact(X), Squares(X)
    for first in range(0, 23, step):
        last = min(first + step, 23)
        block = found.block(first, last)
        for i in range(first, last):
            right = truth[i, i + 1 :]
            assert (np.abs(block[i - first, i - first :] - right) <= (WIDE + 3) * UNIT * right).all()


def test_products_serve_points_that_are_apart_and_no_near_ones(monkeypatch):
    def refuse(*_):
        raise AssertionError

    points = clouds()
    monkeypatch.setattr(Squares, "_direct", refuse)
    Squares(points["apart"]).block(0, 59)
    with pytest.raises(AssertionError):
        Squares(points["clusters"]).block(0, 59)
    few = points["apart"].copy()
    few[1] = few[0] + 1e-9
    assert Squares(few).block(0, 59)[0, 0] == pytest.approx(WIDE * 1e-18, rel=1e-3)
    monkeypatch.setattr(Squares, "_apart", refuse)
    with pytest.raises(AssertionError):
        Squares(few).block(0, 59)


@pytest.mark.parametrize("name", ["apart", "clusters", "near", "offset"])
def test_the_checker_finds_what_it_found_from_differences(name, monkeypatch):
    X = clouds()[name][:30]
    A = np.random.default_rng(2).standard_normal((9, WIDE)) / 3.0
    products = Pairs(centred(X), A, eps=0.5)
    monkeypatch.setattr(squares, "_WIDE", 10**9)
    differences = Pairs(centred(X), A, eps=0.5)
    claimed = measure(PointCloud(X), A)
    assert products.count == differences.count == claimed.pairs
    assert products.close == differences.close
    assert products.bound == pytest.approx(differences.bound, rel=1e-9)
    for found in (products, differences):
        assert claimed.distortion - claimed.margin <= found.low <= found.high
        assert found.high <= claimed.distortion + claimed.margin
    assert products.log_psi == pytest.approx(differences.log_psi, rel=1e-9)
