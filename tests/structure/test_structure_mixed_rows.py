"""A certificate is about a function of one row: modules whose outputs for a row depend on other rows are refused."""

import numpy as np
import pytest

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
