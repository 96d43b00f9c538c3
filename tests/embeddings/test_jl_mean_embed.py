"""`embed` with a mean objective: the promise, the chain, records, statuses, and what it refuses."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits

import derandkit as dk
from derandkit.embeddings.estimator import DerandomizedProjection
from derandkit.embeddings.paths import mean as path
from derandkit.errors import InputError
from derandkit.status import EmbeddingStatus

X = load_digits().data[:90]
NEW = load_digits().data[1000:1200]


@pytest.fixture(scope="module")
def found():
    return {name: dk.embed(X, n_components=8, objective=name) for name in ("mean", "mean4")}


def root(points, matrix, power, weights=None):
    weights = np.ones(len(points)) if weights is None else weights
    i, j = np.triu_indices(len(points), 1)
    V, q = points[i] - points[j], weights[i] * weights[j]
    r = np.sum((V @ matrix.T) ** 2, axis=1) / np.sum(V * V, axis=1)
    return (np.sum(q * np.abs(r - 1) ** power) / q.sum()) ** (1 / power)


@pytest.mark.parametrize(("name", "power", "promise"), [("mean", 2, 0.5), ("mean4", 4, 0.28125**0.25)])
def test_the_chain_of_the_mean(found, name, power, promise):
    result = found[name]
    mean = result.mean
    assert mean.power == power
    assert mean.promised == pytest.approx(promise, rel=1e-14)
    assert mean.value == pytest.approx(root(X, result.matrix, power), rel=1e-12)
    assert 0.0 < mean.lower_bound <= mean.value <= mean.certified <= mean.promised
    assert mean.certified <= mean.value + 2 * result.margin
    assert result.status is EmbeddingStatus.GUARANTEED
    assert result.guarantee.applies is False
    assert result.history["objective"][-1] ** (1 / power) == pytest.approx(mean.value, rel=1e-6)
    assert result.history["spread"][-1] == 0.0


def test_each_objective_is_the_best_at_what_it_makes_small(found):
    found = {**found, "max": dk.embed(X, n_components=8, ridge=1.0, holdout=False)}
    roots = {name: [root(X, r.matrix, p) for p in (2, 4)] for name, r in found.items()}
    assert min(roots, key=lambda name: roots[name][0]) == "mean"
    assert min(roots, key=lambda name: roots[name][1]) == "mean4"
    assert min(found, key=lambda name: found[name].distortion) == "max"
    assert found["max"].mean is None


def test_the_mean_is_better_than_principal_components_at_every_scale(found):
    A = np.linalg.svd(X - X.mean(axis=0))[2][:8]
    best = min(root(X, t * A, 2) for t in np.linspace(0.9, 1.3, 41))
    assert found["mean"].mean.value < 0.8 * best


@pytest.mark.parametrize("name", ["mean", "mean4"])
def test_the_record_comes_back_and_holds(found, name):
    result = found[name]
    again = type(result).from_json(result.to_json())
    assert again == result
    assert again.to_json() == result.to_json()
    assert dk.verify(json.loads(result.to_json()), X).ok
    assert "its promise" in str(result)


def test_weights_say_which_pairs_count():
    weights = np.where(np.arange(len(X)) < 30, 1.0, 0.05)
    plain = dk.embed(X, n_components=8, objective="mean", holdout=False)
    weighted = dk.embed(X, n_components=8, objective="mean", holdout=False, pair_weights=weights)
    assert weighted.mean.value == pytest.approx(root(X, weighted.matrix, 2, weights), rel=1e-12)
    assert root(X[:30], weighted.matrix, 2) < 0.8 * root(X[:30], plain.matrix, 2)
    assert dk.verify(weighted, X).ok


def test_a_point_without_weight_does_not_change_the_map():
    far = np.vstack([X[:60], [X[0] * 100.0]])
    weights = np.append(np.ones(60), 0.0)
    with_it = dk.embed(far, n_components=6, objective="mean", holdout=False, pair_weights=weights)
    assert with_it.mean.value == pytest.approx(
        dk.embed(X[:60], n_components=6, objective="mean", holdout=False).mean.value, rel=1e-2
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": 0.3, "objective": "mean"}, "eps is about the worst pair"),
        ({"n_components": 3, "objective": "mean", "method": "minimax"}, "has 'lemma' only"),
        ({"n_components": 3, "objective": "mean4", "ridge": 1.0}, "ridge is for the worst pair"),
        ({"n_components": 3, "pair_weights": np.ones(20)}, "no meaning for the worst pair"),
        ({"n_components": 3, "objective": "median"}, "objective='median' is not one of max, mean, mean4"),
        ({"n_components": 3, "objective": "mean", "pair_weights": np.ones(3)}, "one number a point"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        dk.embed(X[:20], **options)


def test_enough_dimensions_are_an_isometry():
    result = dk.embed(X[:30, :8], n_components=9, objective="mean")
    assert result.status is EmbeddingStatus.ISOMETRY
    assert dk.verify(result, X[:30, :8]).ok


def test_equal_and_nearly_equal_points():
    points = np.vstack([X[:25], X[:5], X[:1] + 1e-13])
    result = dk.embed(points, n_components=3, objective="mean", pair_weights=np.arange(31.0))
    assert result.points.duplicates == 5
    assert (result.points.coincident, result.points.pairs) == (0, 325)
    assert result.mean.lower_bound > 0.0
    assert result.mean.gradient is None  # the objective has left out the pair 0, 30, which the mean counts
    report = dk.verify(result, points)
    assert report.ok
    assert "stationary" in report.not_checked


def test_a_stopped_run_gives_a_map_that_keeps_the_promise(monkeypatch):
    monkeypatch.setattr(path, "STEPS", 1)
    result = path.descend(path.PairPowers(X[:40] - X[:40].mean(axis=0), 4, 2), 1)
    assert result.sampler.is_deterministic
    assert result.value <= 0.5


def test_an_interrupted_run_hands_over_its_map():
    def stop(progress):
        if progress.step == 3:
            raise KeyboardInterrupt

    result = dk.embed(X[:50], n_components=5, objective="mean", on_progress=stop, on_interrupt="return")
    assert result.status is EmbeddingStatus.INTERRUPTED
    assert result.mean.value <= result.mean.promised
    assert dk.verify(result, X[:50]).ok


def test_landmarks_stand_for_a_large_cloud(monkeypatch):
    monkeypatch.setattr("derandkit.embeddings.fit.LARGEST", 60)
    monkeypatch.setattr(path, "LARGEST", 60)
    result = dk.embed(X, n_components=8, objective="mean", holdout=False)
    assert result.mean.gradient is None
    assert result.mean.value == pytest.approx(root(X, result.matrix, 2), rel=1e-12)
    assert result.status is EmbeddingStatus.GUARANTEED


def test_the_estimator_takes_the_objective():
    projection = DerandomizedProjection(8, objective="mean").fit(X)
    assert projection.result_.objective == "mean"
    assert -projection.score(X) == pytest.approx(projection.result_.mean.value, rel=1e-12)
    assert -projection.score(NEW) == pytest.approx(root(NEW, projection.result_.matrix, 2), rel=1e-9)


def test_held_out_points_are_met_with_the_same_objective(found):
    held = found["mean"].heldout
    i, j = np.triu_indices(len(NEW), 1)
    V = NEW[i] - NEW[j]
    r = np.sum((V @ found["mean"].matrix.T) ** 2, axis=1) / np.sum(V * V, axis=1)
    assert held.mean == pytest.approx(np.mean(np.abs(r - 1)), rel=0.25)


def test_weights_with_labels_in_another_order_than_the_frame_are_refused():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X[:, :40], index=[f"r{k}" for k in range(len(X))]).add_prefix("c")
    weights = pd.Series(np.arange(1.0, len(X) + 1), index=frame.index)
    for call in (
        lambda: dk.embed(frame, n_components=4, objective="mean", pair_weights=weights[::-1]),
        lambda: path.MeanObjective(frame, 4, pair_weights=weights[::-1]),
        lambda: dk.embed(dk.PointCloud(frame), n_components=4, objective="mean", pair_weights=weights[::-1]),
        lambda: path.MeanObjective(dk.PointCloud(frame), 4, pair_weights=weights[::-1]),
    ):
        with pytest.raises(
            InputError, match=r"index of pair_weights and the index of X differ.*pair_weights\.loc"
        ):
            call()
    maps = [
        dk.embed(frame, n_components=4, objective="mean", pair_weights=given, holdout=False).matrix
        for given in (weights, weights.to_numpy(), weights.reset_index(drop=True))
    ]
    cloud = dk.PointCloud(frame)
    assert dk.PointCloud(frame.to_numpy()).index is None
    assert cloud.index.equals(frame.index)
    maps.append(
        dk.embed(
            cloud, n_components=4, objective="mean", pair_weights=weights[cloud.index], holdout=False
        ).matrix
    )
    assert all(np.array_equal(maps[0], other) for other in maps[1:])


def test_what_is_counted_where_points_stand_several_times():
    """Without weights a point counts once; with weights its copies add theirs, so weights of 1 are not the same."""
    points = np.array([[1.0, 0, -1], [0, 0.1, 1], [1, 0, -1], [0, -1.5, -1], [2, 1, 0]])
    once = dk.embed(points, n_components=1, objective="mean", holdout=False)
    assert once.mean.value == pytest.approx(root(points[[0, 1, 3, 4]], once.matrix, 2), rel=1e-12)
    assert "(pairs of different points, each once)" in str(once)
    ones = dk.embed(points, n_components=1, objective="mean", holdout=False, pair_weights=np.ones(5))
    q = np.array([2.0, 1, 1, 1])
    assert ones.mean.value == pytest.approx(root(points[[0, 1, 3, 4]], ones.matrix, 2, q), rel=1e-12)
    assert "(pairs of different points, weighted)" in str(ones)
    assert "each pair of different points once" in str(dk.verify(once, points))
    assert "weights from 0.5 to 1" in str(dk.verify(ones, points))
    plain = points[[0, 1, 3, 4]]
    same = [dk.embed(plain, n_components=1, objective="mean", pair_weights=w) for w in (None, np.ones(4))]
    assert same[0].mean.value == same[1].mean.value
