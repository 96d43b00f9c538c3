"""The transformer does what scikit-learn asks of one, and the pictures can be drawn."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from derandkit.embeddings.estimator import DerandomizedProjection
from derandkit.embeddings.solve import embed
from derandkit.plots.embeddings import pair_distances, plot_dimensions, plot_distances, plot_ratios


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [DerandomizedProjection(2), DerandomizedProjection(), DerandomizedProjection(2, objective="mean")]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:80]


def test_same_map_as_embed(digits):
    fitted = DerandomizedProjection(5, holdout=True).fit(digits)
    assert fitted.result_.to_json() == embed(digits, n_components=5).to_json()
    # centred, since images far from the origin would lose digits
    np.testing.assert_array_equal(fitted.mean_, fitted.result_.centre)
    np.testing.assert_allclose(
        fitted.transform(digits), (digits - fitted.mean_) @ fitted.components_.T, atol=1e-12
    )
    assert -fitted.score(digits) == fitted.result_.distortion
    assert fitted.score(load_digits().data[80:160]) < fitted.score(digits)


def test_automatic_dimension_has_names_and_pandas_output(digits):
    frame = pd.DataFrame(digits, columns=[f"pixel{i}" for i in range(64)])
    fitted = DerandomizedProjection(eps=0.4).set_output(transform="pandas").fit(frame)
    out = fitted.transform(frame)
    assert out.shape == (80, fitted.n_components_)
    assert list(out.columns) == [f"derandomizedprojection{i}" for i in range(fitted.n_components_)]
    assert fitted.result_.distortion <= 0.4
    assert fitted.feature_names_in_[0] == "pixel0"


def test_float32_and_sparse_input(digits):
    single = digits.astype(np.float32)
    fitted = DerandomizedProjection(5).fit(single)
    assert fitted.components_.dtype == np.float32
    assert fitted.transform(single).dtype == np.float32
    for kind in (sparse.csr_matrix, sparse.csc_array):
        other = DerandomizedProjection(5).fit(kind(single))
        np.testing.assert_array_equal(other.components_, fitted.components_)
        np.testing.assert_allclose(
            other.transform(kind(single)), fitted.transform(single), rtol=1e-4, atol=1e-3
        )


@pytest.mark.parametrize("ahead", [False, True])
def test_inverse_is_a_right_inverse(digits, ahead):
    fitted = DerandomizedProjection(5, compute_inverse_components=ahead).fit(digits)
    Y = fitted.transform(digits)
    back = fitted.inverse_transform(Y)
    assert back.shape == digits.shape
    np.testing.assert_allclose(fitted.transform(back), Y, atol=1e-9)


def test_grid_search_and_pipelines(digits):
    search = GridSearchCV(
        make_pipeline(DerandomizedProjection()), {"derandomizedprojection__n_components": [2, 6]}, cv=2
    ).fit(digits)
    assert search.best_params_ == {"derandomizedprojection__n_components": 6}
    assert clone(DerandomizedProjection(3, eps=0.2)).get_params()["eps"] == 0.2


def test_a_dimension_above_the_features_warns():
    with pytest.warns(UserWarning, match="saves nothing"):
        DerandomizedProjection(9).fit(np.random.default_rng(0).standard_normal((20, 4)))


def test_pictures(digits):
    pytest.importorskip("matplotlib")
    result = embed(digits, n_components=5, holdout=False)
    before, after = pair_distances(result, digits)
    assert before.size == 80 * 79 // 2
    assert np.abs((after / before) ** 2 - 1).max() == pytest.approx(result.distortion, rel=1e-9)
    for figure in (plot_ratios(result, digits), plot_distances(result, digits)):
        figure.savefig(picture := io.BytesIO(), format="png")
        assert picture.getbuffer().nbytes > 5000
    ratios = plot_ratios(result, digits)
    for axes, title in zip(ratios.axes, ("derandkit", "PCA", "random projection"), strict=True):
        assert axes.get_title(loc="left").startswith(title)
        assert sum(bar.get_height() for bar in axes.containers[0]) == before.size
    colours = {axes.containers[0][0].get_facecolor()[:3] for axes in ratios.axes}
    assert len(colours) == 3
    figure = plot_dimensions(digits[:40], [3, 6], 0, draws=3)
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    bound, ours = lines["lower bound for any map"], lines["derandkit"]
    assert all(b <= x for b, x in zip(bound, ours, strict=True))
