"""Scans of all pairs that are left out: what is known of the pairs is what a scan would find."""

import numpy as np
import pytest

from derandkit.embeddings.paths import active, held
from derandkit.embeddings.paths.secants import Secants

RNG = np.random.default_rng(8)
JOINING, COLLECTED = 40, 160


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(active, "_JOINING", JOINING)
    monkeypatch.setattr(active, "_COLLECTED", COLLECTED)


def cloud(m=300, r=12, k=5):
    RNG = np.random.default_rng(8)
    Z = RNG.standard_normal((m, r))
    chosen = np.arange(0, m, 5)
    pairs = active.ActivePairs(Z, Secants(Z[chosen]), chosen)
    P = pairs.landmarks.whitening.transposed(RNG.standard_normal((k, r)) / k**0.5)
    _, largest, smallest = most_extreme(Z, pairs, P, 0.0)
    return Z, pairs, P * (2.0 / (largest + smallest)) ** 0.5


def most_extreme(Z, pairs, P, band):
    """The pairs that have to join, by brute force."""
    Y = Z @ pairs.landmarks.whitening.matrix(P).T
    i, j = np.triu_indices(len(Z), 1)
    ratio = np.sum((Y[i] - Y[j]) ** 2, axis=1) / np.sum((Z[i] - Z[j]) ** 2, axis=1)
    off = np.abs(ratio - 1.0)
    first = [p for p in np.argsort(-off, kind="stable")[:JOINING] if off[p] > band]
    return set(zip(i[first], j[first], strict=True)), ratio.max(), ratio.min()


def listed(pairs):
    return set(zip(pairs.rows, pairs.columns, strict=True))


def test_near_a_map_that_was_scanned_no_scan_is_needed(small):
    Z, pairs, P = cloud()
    pairs.scan(P, 0.3)
    joined = listed(pairs)
    for step in (1e-4, 2e-3):
        near = P * (1.0 + step * RNG.standard_normal(P.shape))
        expected, largest, smallest = most_extreme(Z, pairs, near, 0.3)
        found = pairs.scan(near, 0.3)
        np.testing.assert_allclose(found, (largest, smallest), rtol=1e-12)
        joined |= expected
        assert listed(pairs) == joined
    assert pairs.scans == 1


def test_far_from_it_all_pairs_are_measured(small):
    Z, pairs, P = cloud()
    pairs.scan(P, 0.3)
    far = P + 0.3 * RNG.standard_normal(P.shape)
    expected, largest, smallest = most_extreme(Z, pairs, far, 0.3)
    np.testing.assert_allclose(pairs.scan(far, 0.3), (largest, smallest), rtol=1e-12)
    assert pairs.scans == 2
    assert expected <= listed(pairs)


def test_a_wider_band_is_no_longer_known_where_too_few_pairs_are_beyond_reach(small, monkeypatch):
    monkeypatch.setattr(held.Sample, "band", lambda *_: 0.0)
    Z, pairs, P = cloud()
    edge = 0.995  # a few pairs are nearly lost, or twice as long
    pairs.scan(P, edge)
    assert 0 < pairs.held.found.rows.size < JOINING
    # the same map and a smaller band: pairs between the two were not collected
    expected, *_ = most_extreme(Z, pairs, P, 0.5 * edge)
    assert len(expected) == JOINING
    pairs.scan(P, 0.5 * edge)
    assert pairs.scans == 2
    assert expected <= listed(pairs)


def test_a_sample_that_misleads_costs_a_scan_and_no_pair(small, monkeypatch):
    monkeypatch.setattr(held.Sample, "band", lambda *_: 10.0)
    Z, pairs, P = cloud()
    expected, *_ = most_extreme(Z, pairs, P, 0.2)
    pairs.scan(P, 0.2)
    assert pairs.scans == 2
    assert listed(pairs) == expected


def test_a_sample_tells_about_how_many_pairs_are_outside():
    Z = RNG.standard_normal((2000, 6))
    Y = 0.7 * Z[:, :3]
    i, j = np.triu_indices(2000, 1)
    off = np.abs(np.sum((Y[i] - Y[j]) ** 2, axis=1) / np.sum((Z[i] - Z[j]) ** 2, axis=1) - 1.0)
    sample = held.Sample(Z, 1e-20)
    outside = np.count_nonzero(off > sample.band(Y, 20_000))
    assert 15_000 < outside < 40_000
    assert sample.band(Y, 10**9) == 0.0


def test_the_bound_on_a_norm():
    for shape in ((1, 4), (20, 50), (30, 7)):
        A = RNG.standard_normal(shape)
        norm = np.linalg.norm(A, 2)
        assert norm * (1.0 - 1e-12) <= held.norm_bound(A) <= norm * shape[0] ** (1 / 16) * (1.0 + 1e-12)


def test_the_map_is_the_same_with_and_without_what_is_held(monkeypatch):
    monkeypatch.setattr(active, "_JOINING", 400)
    monkeypatch.setattr(active, "_COLLECTED", 1600)
    Z, pairs, P = cloud(300, 12, 10)

    def refined():
        return active.refine(Z, pairs.landmarks, pairs.chosen, P, lambda *_: None, lambda *_: None)

    fast, seen = refined()
    monkeypatch.setattr(held.Held, "under", lambda *_: None)
    monkeypatch.setattr(held.Sample, "band", lambda *_: 0.0)
    slow, all_seen = refined()
    assert fast.tobytes() == slow.tobytes()
    assert seen.rows.tobytes() == all_seen.rows.tobytes()
    assert seen.scans < all_seen.scans
