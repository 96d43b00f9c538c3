"""A certificate is about a function of one row: modules whose outputs for a row depend on other rows are refused."""

import numpy as np
import pytest

from derandkit import certify_network, verify
from derandkit.errors import InputError
from derandkit.structure.trained.adapters import adapt

X = np.random.default_rng(0).standard_normal((60, 4))
MIXED = "gives other outputs for a row that is alone than for the same row among others"


def flax_module(mix):
    nnx = pytest.importorskip("flax.nnx")

    class Net(nnx.Module):
        def __init__(self, rngs):
            self.first = nnx.Linear(4, 5, rngs=rngs)
            self.last = nnx.Linear(5, 1, rngs=rngs)
            self.norm = nnx.BatchNorm(5, rngs=rngs)

        def __call__(self, x):
            h = self.first(x)
            h = h**2
            if mix == "rows":
                h = h - h.mean(axis=0)
            if mix == "units":
                h = h - h.mean(axis=-1, keepdims=True)
            return self.last(self.norm(h) if mix == "norm" else h)

    return Net(nnx.Rngs(0))


def linen_module(mix):
    linen, jax = pytest.importorskip("flax.linen"), pytest.importorskip("jax")

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x):
            h = linen.Dense(5)(x) ** 2
            if mix == "rows":
                h = h - h.mean(axis=0)
            if mix == "units":
                h = h - h.mean(axis=-1, keepdims=True)
            if mix == "norm":
                h = linen.BatchNorm(use_running_average=True)(h)
            return linen.Dense(1)(h)

    net = Net()
    return net.bind(net.init(jax.random.PRNGKey(0), X[:3]))


def torch_module(mix):
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = torch.nn.Linear(4, 5), torch.nn.Linear(5, 1)
            self.norm = torch.nn.BatchNorm1d(5)

        def forward(self, x):
            h = self.first(x) ** 2
            if mix == "rows":
                h = h - h.mean(0)
            if mix == "count":
                h = h * len(h)
            if mix == "order":
                h = h * torch.arange(1.0, len(h) + 1.0, dtype=h.dtype)[:, None]
            return self.last(self.norm(h) if mix == "norm" else h)

    return Net()


@pytest.mark.parametrize("made", [flax_module, linen_module, torch_module])
def test_a_mean_over_the_rows_is_refused(made):
    with pytest.raises(InputError, match=MIXED):
        adapt(made("rows"), shape=(4,), rows=X)


@pytest.mark.parametrize("mix", ["count", "order"])
def test_so_is_what_depends_on_their_number_or_order(mix):
    with pytest.raises(InputError, match=MIXED):
        adapt(torch_module(mix), shape=(4,), rows=X)


@pytest.mark.parametrize("made", [flax_module, linen_module, torch_module])
@pytest.mark.parametrize("mix", ["none", "norm"])
def test_networks_of_one_row_are_read(made, mix):
    """Batch normalization is that of evaluation: its statistics are kept."""
    assert adapt(made(mix), shape=(4,), rows=X).W.shape == (5, 4)


@pytest.mark.parametrize("made", [flax_module, linen_module])
def test_a_mean_over_the_units_is_none_over_the_rows(made):
    assert adapt(made("units"), shape=(4,), rows=X).W.shape == (5, 4)


def test_batch_statistics_that_are_not_kept_are_refused():
    torch = pytest.importorskip("torch")
    norm = torch.nn.BatchNorm1d(5, track_running_stats=False)
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), norm, torch.nn.Linear(5, 1))
    with pytest.raises(InputError, match="Expected more than 1 value per channel"):
        adapt(module, shape=(4,), rows=X)


def plain_functions():
    jax = pytest.importorskip("jax")
    jnp, V = jax.numpy, np.sin(np.arange(15.0)).reshape(5, 3)

    def hidden(z):
        return jnp.tanh(z) @ V

    def own_batch():
        @jax.custom_batching.custom_vmap
        def mixed(z):
            return z

        @mixed.def_vmap
        def _(size, batched, z):
            return z - z.mean(axis=0), True

        return mixed

    mixed = own_batch()
    return {
        "centred over axis 0": lambda z: hidden(z) - hidden(z).mean(axis=0),
        "its units over axis 0": lambda z: (jnp.tanh(z) - jnp.tanh(z).mean(0)) @ V,
        "one output centred": lambda z: jnp.tanh(z) @ V[:, 0] - (jnp.tanh(z) @ V[:, 0]).mean(),
        "divided by a sum over axis 0": lambda z: jnp.exp(hidden(z)) / jnp.exp(hidden(z)).sum(axis=0),
        "a rule of its own for several rows": lambda z: hidden(mixed(z)),
    }, {
        "of any shape": hidden,
        "one output": lambda z: jnp.tanh(z) @ V[:, 0],
        "over the units": lambda z: hidden(z - z.mean(axis=-1, keepdims=True)),
        "over all of a row": lambda z: hidden((z - z.mean()) / jnp.sqrt(z.var() + 1e-3)),
        "a softmax": lambda z: jax.nn.softmax(hidden(z)),
        "of one row": lambda z: V.T @ jnp.tanh(z),
        "a sum": lambda z: jnp.tanh(z).sum(),
        "entries by place": lambda z: z[0] * z[1] + z[2],
        "in single precision": lambda z: hidden(z.astype(np.float32)),
        "a constant": lambda z: 0.0 * hidden(z) + 1.0,
    }  # fmt: skip


W, B = np.cos(np.arange(20.0)).reshape(5, 4), np.linspace(-0.5, 0.5, 5)


@pytest.mark.parametrize("which", range(5))
def test_a_plain_function_that_goes_over_the_rows_is_refused(which):
    """A mean over the rows was read as one over the outputs of a row, and the certificate of that held."""
    name, function = [*plain_functions()[0].items()][which]
    words = (
        MIXED if name.startswith("a rule") else "other outputs for several rows at once than for each alone"
    )
    with pytest.raises(InputError, match=words):
        adapt(function, W, B, rows=X)


@pytest.mark.parametrize("which", range(10))
def test_a_plain_function_of_one_row_is_taken(which):
    _, function = [*plain_functions()[1].items()][which]
    assert adapt(function, W, B, rows=X).W.shape == (5, 4)


def test_certify_and_verify_refuse_a_mean_over_the_rows():
    jnp = pytest.importorskip("jax.numpy")
    V, y = np.sin(np.arange(15.0)).reshape(5, 3), np.tanh(X[:, :3])

    def plain(z):
        return jnp.tanh(z) @ V

    def centred(z):
        return plain(z) - plain(z).mean(axis=0)

    options = {"weights": W, "bias": B, "penalty": 0.1, "loss": "squared"}
    record = certify_network(plain, X, y, **options)
    assert verify(record, (X, y, plain, W, B)).ok
    words = "several rows at once than for each alone.*axis 0"
    with pytest.raises(InputError, match=words):
        certify_network(centred, X, y, **options)
    found = certify_network(lambda z: plain(z) - plain(z).mean(axis=-1, keepdims=True), X, y, **options)
    report = verify(found, (X, y, centred, W, B))
    assert not report.ok
    assert "several rows at once than for each alone" in str(report)
