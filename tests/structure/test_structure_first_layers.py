"""First layers that are more than a matrix and a bias: a certificate would be about another network."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import derandkit
from derandkit import InputError

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.tanh(X[:, 0])
NOT_AFFINE, PASSED_BY = r"is not W x \+ b on these rows", "by another way than the first layer"


def certified(model, rows=X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return derandkit.certify_network(model, rows, Y, penalty=0.05, directions=np.eye(4)[:1])


def torch_modules():
    torch = pytest.importorskip("torch")
    nn, functional = torch.nn, torch.nn.functional

    class Scaled(nn.Linear):
        def forward(self, x):
            return 1000 * super().forward(x)

    class Masked(nn.Linear):
        def forward(self, x):
            return functional.linear(x, self.weight * torch.eye(4)[:1].to(x), self.bias)

    class Squared(nn.Linear):
        def forward(self, x):
            return super().forward(x) ** 2

    class Own(nn.Module):
        def __init__(self, read=lambda x: x, more=lambda x: 0.0):
            super().__init__()
            self.first, self.last, self.read, self.more = nn.Linear(4, 5), nn.Linear(5, 1), read, more

        def forward(self, x):
            return self.last(torch.tanh(self.first(self.read(x)))) + self.more(x)

    def stack(first):
        return nn.Sequential(first, nn.Tanh(), nn.Linear(5, 1))

    hooked = stack(nn.Linear(4, 5))
    hooked[0].register_forward_hook(lambda _module, _arguments, out: 1000 * out)
    return {
        "plain": (Own(), None),
        "scaled": (stack(Scaled(4, 5)), NOT_AFFINE),
        "masked": (stack(Masked(4, 5)), NOT_AFFINE),
        "squared": (stack(Squared(4, 5)), NOT_AFFINE),
        "hooked": (hooked, NOT_AFFINE),
        "limited": (Own(read=lambda x: x.clamp(-1.0, 1.0)), NOT_AFFINE),
        "passed by far out": (Own(more=lambda x: 10.0 * (x > 2.0).any(1, keepdim=True)), PASSED_BY),
    }


@pytest.mark.parametrize(
    "name", ["plain", "scaled", "masked", "squared", "hooked", "limited", "passed by far out"]
)
def test_modules_of_pytorch(name):
    model, said = torch_modules()[name]
    if said is None:
        assert derandkit.verify(certified(model), (X, Y, model)).ok
        return
    with pytest.raises(InputError, match=said):
        certified(model)
    honest = certified(torch_modules()["plain"][0])
    assert not derandkit.verify(honest, (X, Y, model)).ok


@pytest.mark.parametrize("how", ["pruned", "normalized"])
def test_weights_that_are_computed_are_refused_in_a_line(how):
    torch = pytest.importorskip("torch")
    utils = pytest.importorskip("torch.nn.utils")
    layer = torch.nn.Linear(4, 5)
    if how == "pruned":
        pytest.importorskip("torch.nn.utils.prune").l1_unstructured(layer, "weight", amount=0.5)
    else:
        utils.spectral_norm(layer)
    model = torch.nn.Sequential(layer, torch.nn.Tanh(), torch.nn.Linear(5, 1)).eval()
    with torch.no_grad():
        model(torch.zeros(1, 4))
    with pytest.raises(InputError, match="no weight and bias of its own: they are pruned, normalized"):
        certified(model)


def test_a_layer_in_two_places_keeps_its_line():
    torch = pytest.importorskip("torch")

    class Alias(torch.nn.Module):
        def __init__(self):
            super().__init__()
            first = torch.nn.Linear(4, 5)
            self.weight = first.weight
            self.first, self.last = first, torch.nn.Linear(5, 1)

        def forward(self, x):
            return self.last(torch.tanh(self.first(x)))

    with pytest.raises(InputError, match="or stand under another name too"):
        certified(Alias())


def test_convolutions_and_patches_of_pytorch_are_what_they_are():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    windows = nn.Sequential(nn.Conv1d(1, 3, 2, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(15, 1))
    patches = nn.Sequential(nn.Conv1d(1, 3, 2, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(6, 1))
    tokens = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(6, 1))
    for model, shape in ((windows, (1, 4)), (patches, (1, 4)), (tokens, (2, 2))):
        rows = X.reshape(-1, *shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = derandkit.certify_network(model, rows, Y, penalty=0.05)
        assert derandkit.verify(result, (rows, Y, model)).ok


def equinox_modules():
    eqx, jax = pytest.importorskip("equinox"), pytest.importorskip("jax")

    class Scaled(eqx.nn.Linear):
        def __call__(self, x, *, key=None):
            return 1000 * super().__call__(x)

    class Own(eqx.Module):
        first: eqx.Module
        last: eqx.Module
        read: object = eqx.field(static=True)
        more: object = eqx.field(static=True)

        def __call__(self, x):
            return self.last(jax.numpy.tanh(self.first(self.read(x)))) + self.more(x)

    def own(kind=eqx.nn.Linear, read=lambda x: x, more=lambda x: 0.0):
        return Own(kind(4, 5, key=jax.random.key(0)), eqx.nn.Linear(5, 1, key=jax.random.key(1)), read, more)

    return {
        "plain": (own(), None),
        "scaled": (own(Scaled), NOT_AFFINE),
        "limited": (own(read=lambda x: jax.numpy.clip(x, -1.0, 1.0)), NOT_AFFINE),
        "passed by far out": (own(more=lambda x: 10.0 * (x > 2.5).any()), NOT_AFFINE),
    }


@pytest.mark.parametrize("name", ["plain", "scaled", "limited", "passed by far out"])
def test_modules_of_equinox(name):
    model, said = equinox_modules()[name]
    if said is None:
        assert derandkit.verify(certified(model), (X, Y, model)).ok
        return
    with pytest.raises(InputError, match=said):
        certified(model)


def flax_modules():
    linen, jax = pytest.importorskip("flax.linen"), pytest.importorskip("jax")

    class Scaled(linen.Dense):
        @linen.compact
        def __call__(self, x):
            return 1000 * super().__call__(x)

    class Own(linen.Module):
        kind: object = linen.Dense
        read: object = lambda x: x

        @linen.compact
        def __call__(self, x):
            return linen.Dense(1)(jax.numpy.tanh(self.kind(5)(self.read(x))))

    def bound(module):
        return module.bind(module.init(jax.random.key(0), np.zeros(4)))

    return {
        "plain": (bound(Own()), None),
        "scaled": (bound(Own(kind=Scaled)), "no dense layer or convolution of the flax module"),
        "limited": (bound(Own(read=lambda x: jax.numpy.clip(x, -1.0, 1.0))), NOT_AFFINE),
    }


@pytest.mark.parametrize("name", ["plain", "scaled", "limited"])
def test_modules_of_flax(name):
    model, said = flax_modules()[name]
    if said is None:
        assert derandkit.verify(certified(model), (X, Y, model)).ok
        return
    with pytest.raises(InputError, match=said):
        certified(model)
