"""`certify_network` of layers that are applied to patches, tokens or windows: one matrix at many places."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp

import derandkit
from derandkit import InputError, NetworkStatus, certify_network
from derandkit.certificates.trained.figures import _between
from derandkit.certificates.trained.layer import Units
from derandkit.records import encode_array, sealed
from derandkit.structure.trained.adapters import JaxNetwork
from derandkit.structure.trained.certify import covariance_root
from derandkit.structure.trained.places import between_places, entry, folded, taken

TOKENS, D, N = 3, 4, 3
PENALTY = 0.3
USED = np.eye(D)[:1]


@functools.cache
def rows(count=240):
    """Gaussian tokens that depend on each other, with means of their own; the first entry of each matters."""
    rng = np.random.default_rng(0)
    between = np.linalg.cholesky(0.5 * np.eye(TOKENS) + 0.5)
    X = np.einsum("pr,mrd->mpd", between, rng.standard_normal((count, TOKENS, D)))
    X = X @ np.diag([1.0, 2.0, 0.5, 1.0]) + rng.standard_normal((TOKENS, D))
    return X, np.tanh(X[:, :, 0]).mean(axis=1) + 0.1 * rng.standard_normal(count)


@functools.cache
def layers():
    rng = np.random.default_rng(1)
    W, b, places = rng.standard_normal((N, D)), rng.standard_normal(N), rng.standard_normal((TOKENS, N))
    return 0.5 * W, 0.1 * b, 0.1 * places, 0.4 * rng.standard_normal((3, N, N)), rng.standard_normal(N)


def above(z):
    """Attention with a residual connection, above embedded tokens."""
    _, _, places, (Q, K, V), v = layers()
    h = z + places
    weights = jnp.exp(h @ Q @ (h @ K).T)
    h = h + weights / weights.sum(axis=1, keepdims=True) @ h @ V
    return jnp.tanh(h).mean(axis=0) @ v


def torch_tokens(order=None):
    """The same network in PyTorch; with an order it takes flat rows whose entries stand otherwise."""
    torch = pytest.importorskip("torch")
    W, b, places, attention, v = layers()

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.above = torch.nn.Parameter(torch.tensor(v))
            self.places, self.attention = torch.tensor(places), torch.tensor(attention)
            self.embed = torch.nn.Linear(D, N, dtype=torch.float64)

        def forward(self, x):
            if order is not None:
                x = x[:, torch.tensor(order)].reshape(-1, TOKENS, D)
            h = self.embed(x) + self.places
            Q, K, V = self.attention
            weights = torch.softmax(h @ Q @ (h @ K).transpose(1, 2), dim=-1)
            return (torch.tanh(h + weights @ h @ V).mean(dim=1) @ self.above)[:, None]

    model = Network()
    with torch.no_grad():
        model.embed.weight.copy_(torch.tensor(W))
        model.embed.bias.copy_(torch.tensor(b))
    return model


@functools.cache
def certified():
    X, y = rows()
    model = torch_tokens()
    return model, certify_network(model, X, y, penalty=PENALTY, directions=USED)


def test_tokens_have_one_layer_and_stein_finds_what_is_there():
    _, found = certified()
    figures, (W, b, *_) = found.figures, layers()
    assert np.array_equal(found.W, W)
    assert np.array_equal(found.b, b)
    assert found.places.tolist() == np.arange(TOKENS * D).reshape(TOKENS, D).tolist()
    assert found.status is NetworkStatus.BOUNDED
    assert abs(figures["stein_estimate"] - found.w_perp) < 4 * figures["stein_estimate_error"]
    assert figures["lemma_bound"] >= figures["row_bound"] >= found.w_perp * (1 - 1e-2)
    assert f"first layer {N} x {D} at each of {TOKENS} places" in str(found).replace("\n", " ")


def test_the_sizes_are_those_of_the_layer_on_the_tokens_together():
    X, _ = rows()
    tokens = (X - X.mean(axis=0)).reshape(-1, D)
    values, vectors = np.linalg.eigh(
        np.cov(tokens, rowvar=False, ddof=0) / np.outer(tokens.std(0), tokens.std(0))
    )
    W = layers()[0] * tokens.std(axis=0) @ (vectors * np.sqrt(values)) @ vectors.T
    along = (USED * tokens.std(axis=0)) @ (vectors * np.sqrt(values)) @ vectors.T
    span = along / np.linalg.norm(along)
    found = certified()[1]
    assert found.w_par == pytest.approx(np.linalg.norm(W @ span.T), rel=1e-8)
    assert found.w_perp == pytest.approx(np.linalg.norm(W - W @ span.T @ span), rel=1e-8)


def test_the_curvature_is_the_one_of_all_places_weighed_by_what_they_share():
    """The Hessian in one bias for each place is that of the layer as one large matrix."""
    X, y = rows()
    mean, scale, _, back, _ = covariance_root(X)
    mix = between_places(X - mean, back / scale[:, None], np.eye(D)[:1])
    W, b, *_ = layers()
    flat, places = X.reshape(len(X), -1), np.arange(TOKENS * D).reshape(TOKENS, D)
    tied = JaxNetwork(W, b, lambda _, z: above(z), (), "", True, places).derivatives(flat, y, "squared", mix)
    large = JaxNetwork(
        np.kron(np.eye(TOKENS), W), np.tile(b, TOKENS), lambda _, z: above(z.reshape(TOKENS, N)), (), "", True
    ).derivatives(flat, y, "squared")
    H = large.curvature.reshape(TOKENS, N, TOKENS, N)
    assert tied.curvature == pytest.approx(np.einsum("pnrm,pr->nm", H, mix @ mix.T), abs=1e-12)
    assert tied.places == pytest.approx(large.b.reshape(TOKENS, N), abs=1e-13)
    assert pytest.approx(large.W.reshape(TOKENS, N, TOKENS, D)[[0, 1, 2], :, [0, 1, 2]].sum(axis=0)) == tied.W
    assert np.trace(mix @ mix.T) == pytest.approx(TOKENS)


def test_what_tokens_share_is_found():
    rng = np.random.default_rng(2)
    K = np.array([[1.0, 0.8], [0.8, 1.0]])
    X = np.einsum("pr,mrd->mpd", np.linalg.cholesky(K), rng.standard_normal((20000, 2, 5)))
    L = between_places(X, np.eye(5), np.eye(5)[:2])
    assert pytest.approx(K, abs=0.02) == L @ L.T
    assert between_places(X, np.eye(5), np.eye(5)).tolist() == np.eye(2).tolist()


def test_a_module_that_cuts_its_rows_itself_has_the_same_certificate():
    order = np.random.default_rng(3).permutation(TOKENS * D)
    X, y = rows()
    flat = np.empty((len(X), TOKENS * D))
    flat[:, order] = X.reshape(len(X), -1)
    found, one = (
        certify_network(torch_tokens(order), flat, y, penalty=PENALTY, directions=USED),
        certified()[1],
    )
    assert found.places.tolist() == order.reshape(TOKENS, D).tolist()
    assert found.w_perp == one.w_perp
    for name, value in one.figures.items():
        assert found.figures[name] == pytest.approx(value, rel=1e-9), name


def test_a_record_of_tokens_verifies_and_is_refused_where_it_is_changed():
    (model, found), (X, y) = certified(), rows()
    record = json.loads(found.to_json())
    assert derandkit.verify(record, (X, y, model)).ok
    assert derandkit.verify(record, (X, y)).failed == ("layer", "derivatives")
    assert type(found).from_json(found.to_json()) == found
    places = np.arange(TOKENS * D).reshape(TOKENS, D)
    for other, failed in (
        (places[::-1], ("layer",)),
        (places + 1, ("rows",)),
        (np.minimum(places, 10), ("form",)),
        (places - 1, ("form",)),
        (places[:, :2], ("form",)),
    ):
        forged = sealed({**record, "places": encode_array(other, "<i8")})
        assert derandkit.verify(forged, (X, y, model)).failed == failed
    whole = sealed({**record, "places": None})
    assert derandkit.verify(whole, (X, y, model)).failed == ("form",)
    names = sealed({**record, "names": list("abcd")})
    assert derandkit.verify(names, (X, y, model)).failed == ("form",)


def test_a_record_of_version_2_is_about_whole_rows():
    X, y = rows()
    table, W, b = X[:, 0], layers()[0], layers()[1]
    found = certify_network(lambda z: jnp.tanh(z).sum(), table, y, weights=W, bias=b, penalty=PENALTY)
    record = json.loads(found.to_json())
    later = ("places", "classes", "logits")
    old = sealed({key: value for key, value in {**record, "schema_version": 2}.items() if key not in later})
    instance = (table, y, lambda z: jnp.tanh(z).sum(), W, b)
    assert derandkit.verify(old, instance).ok
    assert type(found).from_json(json.dumps(old)).places is None
    assert derandkit.verify(sealed({**old, "places": None}), instance).failed == ("form",)


CONVOLUTIONS = {
    "patches": ({"kernel_size": 2, "stride": 2}, True),
    "overlapping": ({"kernel_size": 3}, False),
    "padded": ({"kernel_size": (3, 2), "padding": (1, 0), "stride": (1, 2)}, False),
    "as wide as the image": ({"kernel_size": 4}, True),
    "same": ({"kernel_size": (2, 3), "padding": "same", "dilation": (2, 1)}, False),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions_are_a_layer_at_each_window(name):
    torch = pytest.importorskip("torch")
    options, apart = CONVOLUTIONS[name]
    torch.manual_seed(0)
    image = np.random.default_rng(0).standard_normal((64, 2, 4, 4)) + 1.0
    y = np.tanh(image[:, 0].mean(axis=(1, 2)))
    model = torch.nn.Sequential(
        torch.nn.Conv2d(2, 2, **options), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.LazyLinear(1)
    ).double()
    outputs = model[0](torch.tensor(image)).detach().numpy()
    model(torch.tensor(image))
    found = certify_network(model, image, y, penalty=0.1, rank=1)
    flat = image.reshape(64, -1)
    assert apart == (found.places is not None or len(found.W) == 2)
    if apart:
        seen = flat[:, None] if found.places is None else flat[:, found.places]
        first = (seen @ found.W.T + found.b).transpose(0, 2, 1)
    else:
        first = (flat @ found.W.T + found.b).reshape(64, -1, 2).transpose(0, 2, 1)
    assert first.reshape(64, -1) == pytest.approx(outputs.reshape(64, -1), abs=1e-12)
    loss = ((model(torch.tensor(image))[:, 0] - torch.tensor(y)) ** 2).mean() + 0.1 * (
        model[0].weight ** 2
    ).sum()
    loss.backward()
    length = float(sum((p.grad**2).sum() for p in model.parameters()) ** 0.5)
    assert found.gradient_norm == pytest.approx(length, rel=1e-9)
    assert derandkit.verify(found, (image, y, model)).ok


def test_the_matrix_of_overlapping_windows_has_the_derivatives_of_the_function_above_it():
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    signal = np.random.default_rng(0).standard_normal((96, 1, 6))
    y = np.tanh(signal[:, 0, 0] - signal[:, 0, 1])
    model = torch.nn.Sequential(
        torch.nn.Conv1d(1, 2, 3), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(8, 1)
    ).double()
    found = certify_network(model, signal, y, penalty=0.2, directions=np.eye(6)[:2])
    v, c = (part.detach().numpy() for part in model[3].parameters())

    def over(z):
        return v[0] @ jnp.tanh(z.reshape(4, 2)).T.ravel() + c[0]

    one = certify_network(
        over, signal[:, 0], y, weights=found.W, bias=found.b, penalty=0.2, directions=np.eye(6)[:2]
    )
    assert found.w_perp == one.w_perp
    for name, value in one.figures.items():
        assert found.figures[name] == pytest.approx(value, rel=1e-8), name


def test_windows_and_their_matrix():
    windows = taken((2, 3, 3), (2, 2), (1, 1), (1, 1), [(0, 0), (0, 0)])
    assert windows[0].tolist() == [0, 1, 3, 4, 9, 10, 12, 13]
    assert len(windows) == 4
    kernel = np.arange(1.0, 17.0).reshape(2, 8)
    whole = entry(kernel, [0.0, 1.0], windows, 18)
    assert whole.W.shape == (8, 18)
    assert whole.b.tolist() == [0.0, 1.0] * 4
    assert folded(whole.W, windows) == pytest.approx(4 * kernel)


def test_what_no_layer_of_places_is_is_refused():
    torch = pytest.importorskip("torch")
    X, y = rows()
    nn = torch.nn

    class Twice(nn.Module):
        def __init__(self, change):
            super().__init__()
            self.first, self.last, self.change = nn.Linear(D, N), nn.Linear(N, 1), change

        def forward(self, x):
            return self.last(torch.tanh(self.change(self.first, x)).mean(dim=1))

    for change, message in (
        (lambda first, x: first(x) + x[:, :, :N], "by another way"),
        (lambda first, x: first(x) + first(2 * x), "once for each row"),
        (lambda first, x: first(x / 2), "once for each row"),
        (lambda first, x: first(x.transpose(0, 1)).transpose(0, 1), "once for each row"),
    ):
        with pytest.raises(InputError, match=message):
            certify_network(Twice(change), X, y)
    images = X[:, None]
    for part, message in (
        (nn.Conv2d(2, 2, 1, groups=2), "in groups"),
        (nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"), "other numbers than zeros"),
        (nn.Conv2d(2, 400, 2), "overlap or are padded"),
        (nn.Conv2d(2, 2, 2, bias=False), "no convolution with one"),
        (nn.Conv2d(3, 2, 2), "cannot be called with rows of shape"),
    ):
        model = nn.Sequential(part, nn.Tanh(), nn.Flatten(), nn.LazyLinear(1))
        with pytest.raises(InputError, match=message):
            certify_network(model, np.concatenate((images, images), axis=1), y)
    with pytest.raises(InputError, match="has a lazy layer that has not seen an input"):
        certify_network(nn.Sequential(nn.Linear(3, 2), nn.LazyLinear(1)), X[:, 0, :3], y)
    compiled = torch.compile(nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)), backend="eager")
    assert certify_network(compiled, X[:, 0, :3], y).kind == "PyTorch Sequential"
    with pytest.raises(InputError, match="directions have 3 weights"):
        certify_network(torch_tokens(), X, y, directions=np.eye(3)[:1])


def as_equinox():
    eqx = pytest.importorskip("equinox")
    W, b, *_ = layers()

    class Network(eqx.Module):
        embed: object

        def __call__(self, x):
            return above(jax.vmap(self.embed)(x))

    layer = eqx.nn.Linear(D, N, key=jax.random.PRNGKey(0))
    return Network(eqx.tree_at(lambda part: (part.weight, part.bias), layer, (W, b)))


def as_linen():
    linen = pytest.importorskip("flax.linen")
    W, b, *_ = layers()

    class Network(linen.Module):
        """Takes rows, as most modules of Flax do."""

        @linen.compact
        def __call__(self, x):
            return jax.vmap(above)(linen.Dense(N)(x))

    return Network().bind({"params": {"Dense_0": {"kernel": W.T, "bias": b}}})


def as_nnx():
    nnx = pytest.importorskip("flax.nnx")
    W, b, *_ = layers()

    class Network(nnx.Module):
        def __init__(self, rngs):
            self.embed = nnx.Linear(D, N, rngs=rngs)

        def __call__(self, x):
            return above(self.embed(x))

    model = Network(nnx.Rngs(0))
    model.embed.kernel[...], model.embed.bias[...] = W.T, b
    return model


@pytest.mark.parametrize("door", [as_equinox, as_linen, as_nnx])
def test_tokens_have_one_certificate_whatever_trained_them(door):
    one, (X, y) = certified()[1], rows()
    found = certify_network(door(), X, y, penalty=PENALTY, directions=USED)
    tolerance = 1e-9 if door is as_linen else 1e-5  # the others made their arrays in single precision
    assert found.places.tolist() == one.places.tolist()
    assert found.w_perp == pytest.approx(one.w_perp, rel=tolerance)
    for name, value in one.figures.items():
        assert found.figures[name] == pytest.approx(value, rel=10 * tolerance, abs=tolerance), name
    assert derandkit.verify(found, (X, y, door())).ok


@pytest.mark.parametrize("share", [1e-3, 1e-6, 1e-11])
def test_correlations_between_places_lose_nothing_but_rounding(share):
    """Of the curvature, which is a sum over pairs of places, a part of 1e-10 was left out."""
    rng = np.random.default_rng(4)
    same, own = rng.standard_normal((200, 1, 2)), rng.standard_normal((200, 3, 2))
    seen = same + np.sqrt(share) * own
    seen -= seen.mean(axis=0)
    found = between_places(seen, np.eye(2), np.array([[1.0, 0.0]]))
    together = seen[:, :, 1].T @ seen[:, :, 1]
    together *= 3 / np.trace(together)
    assert np.abs(found @ found.T - together).max() < 1e-14
    units = Units(np.zeros((3, 2)), np.ones(2), np.eye(2), np.eye(2), 1.0, 2, 200, 1.0, np.zeros((2, 0)), "")
    again = _between(seen, units, lambda M: M * [0.0, 1.0])
    assert np.abs(again @ again.T - together).max() < 1e-14


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [1, 0, 2], [2, 0]])
def test_columns_in_another_order_are_those_of_the_rows(order):
    """Directions and names were those of the layer: |W_perp| 1.23 beside 0.07 where 0.28 beside 1.20 is right."""
    torch = pytest.importorskip("torch")

    class Picks(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = torch.nn.Linear(len(order), 5), torch.nn.Linear(5, 1)

        def forward(self, x):
            return self.last(torch.tanh(self.first(x[:, order])))[:, 0]

    torch.manual_seed(0)
    module, generator = Picks(), np.random.default_rng(0)
    X = generator.standard_normal((200, 4))
    y = np.tanh(X[:, order[0]] - X[:, order[1]])
    given = np.zeros((1, 4))
    given[0, order[:2]] = 1.0, -1.0
    found = certify_network(module, X, y, directions=given, penalty=1e-2)
    W = np.zeros((5, 4))
    W[:, order] = module.first.weight.detach().double().numpy()
    b = module.first.bias.detach().double().numpy()
    v, c = (part.detach().double().numpy() for part in (module.last.weight[0], module.last.bias))
    plain = certify_network(
        lambda z: jnp.tanh(z) @ v + c[0], X, y, weights=W, bias=b, directions=given, penalty=1e-2
    )
    for name in ("w_perp", "w_par", "w_perp_start"):
        if hasattr(plain, name):
            assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-6), name
    assert found.places is None
    assert derandkit.verify(found, (X, y, module)).ok


def test_a_module_of_equinox_may_index_its_row_with_arrays_of_jax():
    """The row was an array of NumPy, which traced arrays do not index."""
    eqx = pytest.importorskip("equinox")

    class Picks(eqx.Module):
        first: eqx.nn.Linear
        v: jax.Array

        def __call__(self, x):
            return jnp.dot(jnp.tanh(self.first(x.at[0].multiply(1.0)[jnp.array([3, 2, 1, 0])])), self.v)

    module = Picks(eqx.nn.Linear(4, 3, key=jax.random.PRNGKey(0)), jnp.ones(3))
    X = np.random.default_rng(0).standard_normal((100, 4))
    found = certify_network(module, X, np.tanh(X[:, 0] - X[:, 1]), directions=[[1, -1, 0, 0]], penalty=1e-2)
    W = np.asarray(module.first.weight, dtype=float)[:, ::-1]
    plain = certify_network(
        lambda z: jnp.tanh(z) @ jnp.ones(3), X, np.tanh(X[:, 0] - X[:, 1]), weights=W,
        bias=np.asarray(module.first.bias, dtype=float), directions=[[1, -1, 0, 0]], penalty=1e-2,
    )  # fmt: skip
    assert found.w_perp == pytest.approx(plain.w_perp, rel=1e-6)
