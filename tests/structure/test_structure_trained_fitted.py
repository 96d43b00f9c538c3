"""Networks as scikit-learn fits them: every activation is checked with the network, and columns keep their names."""

import warnings

import numpy as np
import pytest

import derandkit
from derandkit.errors import InputError
from derandkit.records import sealed

neural = pytest.importorskip("sklearn.neural_network")
pd = pytest.importorskip("pandas")


def fitted(activation="tanh", classes=False):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 4)), columns=list("abcd"))
    y = np.tanh(X["a"])
    kind = neural.MLPClassifier if classes else neural.MLPRegressor
    target = np.where(y > 0.0, "yes", "no") if classes else y
    model = kind(hidden_layer_sizes=(8,), random_state=0, max_iter=60, activation=activation)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, target), X, target


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("rank", [4])
def test_a_certificate_holds_beside_its_network(activation, rank, classes):
    """With kinks there are no second derivatives, and the gradient across the directions is stated all the same."""
    model, X, y = fitted(activation, classes)
    found = derandkit.certify_network(model, X, y, rank=rank)
    assert found.figures["perp_gradient"] is not None
    outcome = derandkit.verify(found, (X, y, model))
    assert outcome.ok, outcome.failed
    forged = found.to_dict()
    forged["figures"] = {**forged["figures"], "perp_gradient": forged["figures"]["perp_gradient"] + 1e-3}
    assert "derivatives" in derandkit.verify(sealed(forged), (X, y, model)).failed


def test_columns_in_another_order_are_refused():
    model, X, y = fitted()
    turned = X[list("dcba")]
    with pytest.raises(InputError, match=r"in another order than .* pass X\[model.feature_names_in_\]"):
        derandkit.certify_network(model, turned, y)
    again = derandkit.certify_network(model, turned[model.feature_names_in_], y)
    assert again.risk == derandkit.certify_network(model, X, y).risk
    with pytest.raises(InputError, match="was not fitted with a column 'z'"):
        derandkit.certify_network(model, X.rename(columns={"d": "z"}), y)
    assert derandkit.certify_network(model, X.to_numpy(), y).names is None
