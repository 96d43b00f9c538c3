"""`certify_network`: one network through every door, the lemma on it, and records that claim no more than they can."""

from __future__ import annotations

import functools
import json
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

import derandkit
from derandkit import InputError, NetworkStatus, certify_network
from derandkit.certificates.structure.networks import sums
from derandkit.records import sealed
from derandkit.structure.teacher import Sample

N, D = 5, 3
#: Makes up for the negative curvature of a network that nobody trained.
PENALTY = 0.2


@functools.cache
def layers():
    rng = np.random.default_rng(0)
    W = 0.2 * rng.standard_normal((N, D)) + np.outer(rng.standard_normal(N), [1.0, -1.0, 0.0])
    return W, rng.standard_normal(N), rng.standard_normal(N), 0.3


@functools.cache
def rows(count=600, outputs=1):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((count, D)) @ np.diag([1.0, 2.0, 0.5]) + [0.0, 1.0, 3.0]
    y = np.tanh(X[:, 0] - X[:, 1]) + 0.1 * rng.standard_normal(count)
    return X, y if outputs == 1 else np.column_stack((y, X[:, 2]))


def as_function():
    W, b, v, c = layers()
    return (lambda z: jnp.tanh(z) @ v + c), {"weights": W, "bias": b}


def as_sklearn():
    neural = pytest.importorskip("sklearn.neural_network")
    W, b, v, c = layers()
    model = neural.MLPRegressor(hidden_layer_sizes=(N,), activation="tanh")
    model.coefs_, model.intercepts_ = [W.T, v[:, None]], [b, np.array([c])]
    model.n_layers_, model.out_activation_ = 3, "identity"
    return model, {}


def as_torch():
    torch = pytest.importorskip("torch")
    W, b, v, c = layers()
    model = torch.nn.Sequential(
        torch.nn.Linear(D, N), torch.nn.Tanh(), torch.nn.Dropout(0.5), torch.nn.Linear(N, 1)
    )
    model = model.double()
    with torch.no_grad():
        for part, value in zip(model.parameters(), (W, b, v[None], np.array([c])), strict=True):
            part.copy_(torch.from_numpy(np.ascontiguousarray(value)))
    return model, {}


def as_equinox():
    eqx = pytest.importorskip("equinox")
    import jax

    W, b, v, c = layers()
    model = eqx.nn.MLP(D, 1, N, 1, activation=jnp.tanh, key=jax.random.PRNGKey(0))
    arrays = (W, b, v[None], np.array([c]))
    where = lambda m: (m.layers[0].weight, m.layers[0].bias, m.layers[1].weight, m.layers[1].bias)  # noqa: E731
    return eqx.tree_at(where, model, arrays), {}


def as_linen():
    linen = pytest.importorskip("flax.linen")
    W, b, v, c = layers()

    class Network(linen.Module):
        @linen.compact
        def __call__(self, x):
            return linen.Dense(1, name="first")(jnp.tanh(linen.Dense(N, name="second")(x)))

    params = {
        "first": {"kernel": v[:, None], "bias": np.array([c])},
        "second": {"kernel": W.T, "bias": b},
    }
    return Network().bind({"params": params}), {}


def as_nnx():
    nnx = pytest.importorskip("flax.nnx")
    W, b, v, c = layers()

    class Network(nnx.Module):
        def __init__(self, rngs):
            self.above = nnx.Linear(N, 1, rngs=rngs)
            self.dropout = nnx.Dropout(0.5, rngs=rngs)
            self.below = nnx.Linear(D, N, rngs=rngs)

        def __call__(self, x):
            return self.above(self.dropout(jnp.tanh(self.below(x))))

    model = Network(nnx.Rngs(0))
    model.below.kernel[...], model.below.bias[...] = W.T, b
    model.above.kernel[...], model.above.bias[...] = v[:, None], np.array([c])
    return model, {}


def as_keras():
    """Layers as Keras has them: Keras itself brings a backend of its own, which takes seconds to load."""
    W, b, v, c = layers()

    class Dense:
        def __init__(self, *weights, activation):
            self.name, self.activation = "dense", SimpleNamespace(__name__=activation)
            self.get_weights = lambda: list(weights)

    stack = [Dense(W.T, b, activation="tanh"), Dense(v[:, None], np.array([c]), activation="linear")]
    outputs = lambda x: np.tanh(x @ W.T + b) @ v[:, None] + c  # noqa: E731
    return SimpleNamespace(layers=stack, get_weights=list, predict_on_batch=outputs), {}


DOORS = {
    "function": as_function,
    "sklearn": as_sklearn,
    "torch": as_torch,
    "equinox": as_equinox,
    "linen": as_linen,
    "nnx": as_nnx,
    "keras": as_keras,
}


@functools.cache
def certified(door="function", given=True):
    model, options = DOORS[door]()
    X, y = rows()
    if given:
        options = {**options, "directions": [[1.0, -1.0, 0.0]]}
    return certify_network(model, X, y, penalty=PENALTY, **options)


@pytest.mark.parametrize("door", ["sklearn", "torch", "equinox", "keras", "linen", "nnx"])
def test_one_network_has_one_certificate_whatever_trained_it(door):
    one, other = certified(), certified(door)
    assert other.kind != one.kind
    assert other.status is one.status
    tolerance = 1e-5 if door in ("equinox", "nnx") else 1e-9  # these made their arrays in single precision
    assert other.w_perp == (pytest.approx(one.w_perp, rel=1e-5) if door == "nnx" else one.w_perp)
    assert other.risk == pytest.approx(one.risk, rel=tolerance)
    if door not in ("function",):  # a plain function hides its parameters
        assert other.gradient_norm >= one.gradient_norm - 1e-6
    for name, value in one.figures.items():
        assert other.figures[name] == pytest.approx(value, rel=10 * tolerance, abs=tolerance), name


def test_derivatives_are_those_of_the_formulas_by_hand():
    W, b, v, c = layers()
    X, y = rows()
    student = {"width": N, "depth": 2, "activation": "tanh", "sharpness": None, "output_bias": True}
    nodes = Sample(X, y, np.full(len(X), 1.0 / len(X)), "rows")
    found = sums(student, "squared", (W, b, np.append(v, c)), nodes)
    certificate = certified("sklearn")
    whole = [found.W + 2.0 * PENALTY * W, found.b, found.theta]
    assert certificate.risk == pytest.approx(found.risk, rel=1e-9)
    assert certificate.gradient_norm == pytest.approx(np.sqrt(sum(np.sum(g**2) for g in whole)), rel=1e-8)
    assert certificate.figures["smallest_curvature"] == pytest.approx(
        np.linalg.eigvalsh(found.curvature)[0], rel=1e-7
    )


def test_on_gaussian_rows_the_estimate_is_what_is_there():
    """Stein's identity, for inputs with a mean and a covariance of their own."""
    certificate = certified()
    figures = certificate.figures
    assert abs(figures["stein_estimate"] - certificate.w_perp) < 4 * figures["stein_estimate_error"]
    assert certificate.status is NetworkStatus.BOUNDED
    assert figures["lemma_bound"] >= certificate.w_perp


def test_sizes_do_not_depend_on_the_units_of_the_inputs():
    (model, options), (X, y) = as_function(), rows()
    units = np.array([10.0, 0.1, 3.0])
    changed = {**options, "weights": options["weights"] / units}
    other = certify_network(
        model, X * units, y, penalty=PENALTY, directions=np.array([[1.0, -1.0, 0.0]]) / units, **changed
    )
    one = certified()
    assert other.w_perp == pytest.approx(one.w_perp, rel=1e-8)
    assert other.figures["lemma_bound"] == pytest.approx(one.figures["lemma_bound"], rel=1e-7)


def test_directions_that_are_found_are_those_of_the_weights():
    certificate = certified(given=False)
    assert not certificate.directions_given
    assert certificate.w_perp < certified().w_perp
    assert "small by their choice" in str(certificate)
    q = len(certificate.directions)
    assert certificate.w_perp == pytest.approx(np.linalg.norm(certificate.singular_values[q:]), rel=1e-8)


def test_a_record_says_what_it_rests_on():
    certificate, (X, y) = certified(), rows()
    record = json.loads(certificate.to_json())
    outcome = derandkit.verify(record, (X, y))
    assert not outcome.ok
    assert outcome.failed == ("layer", "derivatives")
    assert outcome.not_checked == ("layer", "derivatives", "residual", "decay", "status")
    for name, check in (
        ("w_perp", "split"), ("w_par", "split"), ("effective_rank", "split"), ("digest", "rows"), ("status", "status"),
    ):  # fmt: skip
        forged = json.loads(certificate.to_json())
        forged[name] = (
            "no_bound" if name == "status" else "0" * 64 if name == "digest" else forged[name] * 1.001
        )
        assert check in derandkit.verify(sealed(forged), (X, y)).failed, name
    for name in ("lemma_bound", "perp_gradient", "smallest_curvature"):
        forged = json.loads(certificate.to_json())
        forged["figures"][name] *= 1.01
        assert "bound" in derandkit.verify(sealed(forged), (X, y)).failed, name
    forged = {**record, "penalty": 0.5}
    assert derandkit.verify(forged, (X, y)).failed == ("seal", "layer", "derivatives", "bound", "row_bound")
    assert derandkit.verify(record, (X + 1.0, y)).failed == ("rows",)
    for rubbish in ({}, {"figures": {}}, {"parameters": None}, {"decay": 3}, {"W": 1}):
        assert not derandkit.verify({**record, **rubbish, "seal": "0"}, (X, y)).ok
    assert type(certificate).from_json(certificate.to_json()) == certificate


@pytest.mark.parametrize("door", ["function", "sklearn"])
def test_who_has_the_network_can_have_it_checked(door):
    (model, options), (X, y) = DOORS[door](), rows()
    record, known = json.loads(certified(door).to_json()), (X, y, model, *options.values())
    assert derandkit.verify(record, known).ok
    for name in ("risk", "gradient_norm"):
        forged = sealed({**record, name: record[name] * 1.001})
        assert derandkit.verify(forged, known).failed == ("derivatives",)
    forged = json.loads(json.dumps(record))
    forged["figures"]["stein_estimate"] *= 1.001
    assert derandkit.verify(sealed(forged), known).failed == ("derivatives",)
    with pytest.raises(InputError, match=r"rows and the network \(X, y, model\)"):
        derandkit.verify(record, "rows.csv")


def test_weight_decay_alone_is_a_formula():
    (model, options), (X, y) = as_function(), rows()
    found = certify_network(model, X, y, penalty=PENALTY, steps=30, step_size=0.5, **options)
    assert found.decay["left"] == pytest.approx(0.8**30)
    assert "weight decay alone" in str(found)
    forged = json.loads(found.to_json())
    forged["decay"]["left"] *= 1.1
    assert "decay" in derandkit.verify(sealed(forged), (X, y)).failed


def test_classes_and_several_outputs():
    neural = pytest.importorskip("sklearn.neural_network")
    W, b, _, _ = layers()
    rng = np.random.default_rng(3)
    X, y = rows(200)
    model = neural.MLPClassifier(hidden_layer_sizes=(N,), activation="relu")
    model.coefs_, model.intercepts_ = [W.T, rng.standard_normal((N, 3))], [b, np.zeros(3)]
    model.n_layers_, model.n_outputs_, model.out_activation_ = 3, 3, "softmax"
    label = np.array(["a", "b", "c"])[np.digitize(y, [-0.4, 0.4])]
    found = certify_network(model, X, label)
    assert found.loss == "softmax"
    assert found.status is NetworkStatus.NO_BOUND
    assert derandkit.verify(found.to_dict(), (X, label)).failed == ("layer", "derivatives")
    with pytest.raises(InputError, match="outputs of shape"):
        certify_network(model, X, y)


@pytest.mark.parametrize("kind", [int, float, bool, str])
def test_two_outputs_for_two_classes(kind):
    """Whether the classes are called 0 and 1 or something else."""
    jnp = pytest.importorskip("jax.numpy")
    W, b, *_ = layers()
    v = np.random.default_rng(3).standard_normal((N, 2))
    X, y = rows(200)
    label = (y > np.median(y)).astype(kind)
    given = {"weights": W, "bias": b, "penalty": PENALTY}
    found = certify_network(lambda z: jnp.tanh(z) @ v, X, label, loss="softmax", **given)
    outputs = np.tanh(X @ W.T + b) @ v
    margin = outputs[:, 0] - outputs[:, 1]
    expected = np.log1p(np.exp(np.where(y > np.median(y), margin, -margin))).mean()
    assert found.risk == pytest.approx(expected, rel=1e-6)
    assert derandkit.verify(found.to_dict(), (X, label, lambda z: jnp.tanh(z) @ v, W, b)).ok
    with pytest.raises(InputError, match="two classes say loss='softmax'"):
        certify_network(lambda z: jnp.tanh(z) @ v, X, label, **given)


@pytest.mark.parametrize("door", ["torch", "equinox"])
def test_inputs_that_pass_the_first_layer_by_are_refused(door):
    X, y = rows()
    if door == "torch":
        torch = pytest.importorskip("torch")

        class Residual(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.last = torch.nn.Linear(D, N), torch.nn.Linear(N, 1)

            def forward(self, x):
                return self.last(torch.tanh(self.first(x))) + x[:, :1]
    else:
        eqx = pytest.importorskip("equinox")
        import jax

        class Residual(eqx.Module):
            first: object
            last: object

            def __init__(self):
                one, two = jax.random.split(jax.random.PRNGKey(0))
                self.first, self.last = eqx.nn.Linear(D, N, key=one), eqx.nn.Linear(N, 1, key=two)

            def __call__(self, x):
                return self.last(jnp.tanh(self.first(x))) + x[:1]

    with pytest.raises(InputError, match="by another way"):
        certify_network(Residual(), X, y)


def test_flax_modules_that_the_lemma_does_not_cover_are_refused():
    linen, nnx = pytest.importorskip("flax.linen"), pytest.importorskip("flax.nnx")
    X, y = rows()

    class Residual(nnx.Module):
        def __init__(self, rngs):
            self.first, self.last = nnx.Linear(D, N, rngs=rngs), nnx.Linear(N, 1, rngs=rngs)

        def __call__(self, x):
            return self.last(jnp.tanh(self.first(x))) + x[:1]

    class Shared(Residual):
        def __call__(self, x):
            return self.last(jnp.tanh(self.first(x) + self.first(2.0 * x)))

    with pytest.raises(InputError, match="by another way"):
        certify_network(Residual(nnx.Rngs(0)), X, y)
    with pytest.raises(InputError, match="once for each row"):
        certify_network(Shared(nnx.Rngs(0)), X, y)
    with pytest.raises(InputError, match=r"module\.bind\(variables\)"):
        certify_network(linen.Dense(1), X, y)
    bare = linen.Dense(1, use_bias=False).bind({"params": {"kernel": np.ones((D, 1))}})
    with pytest.raises(InputError, match="no bias"):
        certify_network(bare, X, y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bias": None}, "both weights and bias"),
        ({"bias": np.zeros(2)}, "weights .* and bias"),
        ({"penalty": -1.0}, "penalty must be"),
        ({"directions": [[1.0, 0.0]]}, "3 columns"),
        ({"directions": [[1.0, 0, 0], [2.0, 0, 0]]}, "depend on each other"),
        ({"directions": [[1.0, 0, 0]], "rank": 1}, "rank is for directions"),
        ({"rank": 9}, "between 1 and 3"),
        ({"steps": 3}, "both steps and step_size"),
        ({"steps": 2**53 + 1, "step_size": 1.0}, "whole number up to"),
        ({"steps": 2, "step_size": 1e300, "penalty": 0.2}, "grow beyond the range"),
        ({"weights": np.full((N, D), 1e308)}, "weights beyond the range"),
        ({"loss": "hinge"}, "hinge"),
        ({"weights": np.ones((N, 2))}, "takes 2 inputs"),
        ({"weights": None, "bias": None}, "no first layer is known of function"),
    ],
)
def test_mistakes_are_named(change, message):
    (model, options), (X, y) = as_function(), rows()
    with pytest.raises(InputError, match=message):
        certify_network(model, X, y, **{**options, **change})


@pytest.mark.parametrize("column", ["of its own", "constant", "twice"])
def test_directions_are_within_the_rank_of_the_layer(column):
    """Below it they would be those of rounding errors, where no row may vary."""
    jnp = pytest.importorskip("jax.numpy")
    X, y = rows(200)
    X[:, 1] = {"of its own": X[:, 1], "constant": 3.0, "twice": X[:, 0]}[column]
    W = np.outer(np.arange(1.0, N + 1), np.arange(1.0, D + 1))
    given = {"bias": np.zeros(N), "penalty": PENALTY}
    for rank in (None, 1):
        found = certify_network(lambda z: jnp.tanh(z) @ np.ones(N), X, y, weights=W, rank=rank, **given)
        assert len(found.directions) == 1
        again = (X, y, lambda z: jnp.tanh(z) @ np.ones(N), W, given["bias"])
        assert derandkit.verify(found.to_dict(), again).failed == ()
    with pytest.raises(InputError, match="between 1 and 1, the rank of the first layer, got 2"):
        certify_network(lambda z: jnp.tanh(z) @ np.ones(N), X, y, weights=W, rank=2, **given)
    with pytest.raises(InputError, match="the first layer is zero on these rows"):
        certify_network(lambda z: jnp.tanh(z) @ np.ones(N), X, y, weights=0 * W, **given)
