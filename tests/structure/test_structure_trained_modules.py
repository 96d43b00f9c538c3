"""Modules whose derivatives are not those of a function above one first layer: refused, or taken as they are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from tests.structure.test_structure_trained_forged import rows

import derandkit
from derandkit import InputError, certify_network


def tied(library):
    """A module whose decoder is the first layer's weight again."""
    if library == "torch":
        torch = pytest.importorskip("torch")

        class Torch(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first = torch.nn.Linear(3, 2)

            def forward(self, x):
                return torch.tanh(self.first(x)) @ self.first.weight

        return Torch()
    if library == "equinox":
        eqx = pytest.importorskip("equinox")

        class Equinox(eqx.Module):
            first: object

            def __call__(self, x):
                return jnp.tanh(self.first(x)) @ self.first.weight

        return Equinox(eqx.nn.Linear(3, 2, key=jax.random.PRNGKey(0)))
    if library == "nnx":
        nnx = pytest.importorskip("flax.nnx")

        class Nnx(nnx.Module):
            def __init__(self, rngs):
                self.first = nnx.Linear(3, 2, rngs=rngs)

            def __call__(self, x):
                return jnp.tanh(self.first(x)) @ self.first.kernel[...].T

        return Nnx(nnx.Rngs(0))
    linen = pytest.importorskip("flax.linen")

    class Linen(linen.Module):
        def setup(self):
            self.first = linen.Dense(2)

        def __call__(self, x):
            return jnp.tanh(self.first(x)) @ self.first.variables["params"]["kernel"].T

    module = Linen()
    return module.bind(module.init(jax.random.PRNGKey(0), np.zeros(3)))


@pytest.mark.parametrize("library", ["torch", "equinox", "nnx", "linen"])
def test_a_first_layer_that_is_used_again_is_refused(library):
    """Its gradient counted the decoder too: a bound of 6.8 instead of 4.2, and verify agreed."""
    X, _ = rows()
    with pytest.raises(InputError, match="the weights of the first layer are used again above it"):
        certify_network(tied(library), X, X, penalty=0.1, directions=[[1, 0, 0]])


@pytest.mark.parametrize("widths", [(1, 1), (3, 3, 1), (4, 3, 1)])
@pytest.mark.parametrize("library", ["nnx", "linen"])
def test_layers_with_equal_values_are_no_tied_ones(library, widths):
    """Biases of zeros of one length, as before any training."""
    X, y = rows()
    if library == "nnx":
        nnx = pytest.importorskip("flax.nnx")
        parts = [
            nnx.Linear(before, width, rngs=nnx.Rngs(k))
            for k, (before, width) in enumerate(zip((3, *widths), widths, strict=False))
        ]
        model = nnx.Sequential(*(part for layer in parts[:-1] for part in (layer, jnp.tanh)), parts[-1])
    else:
        linen = pytest.importorskip("flax.linen")
        parts = [linen.Dense(width) for width in widths]
        module = linen.Sequential([part for layer in parts[:-1] for part in (layer, jnp.tanh)] + parts[-1:])
        model = module.bind(module.init(jax.random.PRNGKey(0), np.zeros(3)))
    found = certify_network(model, X, y, penalty=0.1, directions=[[1, 0, 0]])
    assert found.W.shape == (widths[0], 3)
    assert "derivatives" not in derandkit.verify(found, (X, y, model)).failed


def test_a_first_layer_with_two_names_is_found_under_both():
    nnx = pytest.importorskip("flax.nnx")

    class Twice(nnx.Module):
        def __init__(self, rngs):
            self.zero = nnx.Linear(3, 2, rngs=rngs)
            self.again = self.zero  # sorts before the name that it is called by

        def __call__(self, x):
            return jnp.tanh(self.zero(x)) @ self.again.kernel[...].T

    X, _ = rows()
    with pytest.raises(InputError, match="the weights of the first layer are used again above it"):
        certify_network(Twice(nnx.Rngs(0)), X, X, penalty=0.1, directions=[[1, 0, 0]])


@pytest.mark.parametrize("norm", ["weight_norm", "spectral_norm"])
def test_weights_that_are_recomputed_are_taken_as_they_are(norm):
    torch = pytest.importorskip("torch")
    X, y = rows()
    torch.manual_seed(0)
    first = getattr(torch.nn.utils.parametrizations, norm)(torch.nn.Linear(3, 4))
    model = torch.nn.Sequential(first, torch.nn.Tanh(), torch.nn.Linear(4, 1)).eval()
    weights, bias = (part.detach().double().numpy() for part in (first.weight, first.bias))
    found = certify_network(model, X, y, directions=[[1, 0, 0]], penalty=0.1)
    assert (weights == found.W).all()
    assert (found.b == bias).all()
    assert derandkit.verify(found, (X, y, model)).ok
    assert (first.weight.detach().double().numpy() == weights).all()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            "no_grad",
            "along the outputs of the first layer, and its derivative says .*: a part of it runs without",
        ),
        ("detach", "is detached"),
        ("own", "PyTorch cannot differentiate the module"),
        ("near", "along the outputs of the first layer, and its derivative says"),
        ("second", "along the outputs of the first layer, and its second derivative says"),
        ("above", "along the parameters of other layers, and its derivative says"),
    ],
)
def test_derivatives_that_are_not_those_of_the_function_are_refused(how, said):
    """A part without gradients gave a bound of 1.8 where that of the function is 2.5."""
    torch = pytest.importorskip("torch")

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return torch.tanh(x)

        @staticmethod
        def backward(ctx, g):
            return g

    class Near(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return torch.tanh(x)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])

        @staticmethod
        def backward(ctx, g):
            return g * 1.008 * (1.0 - torch.tanh(ctx.saved_tensors[0]) ** 2)

    class Second(Near):
        @staticmethod
        def backward(ctx, g):
            with torch.no_grad():
                return g * (1.0 - torch.tanh(ctx.saved_tensors[0]) ** 2)

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(3, 2)
            self.other = torch.nn.Parameter(torch.tensor(1.5))

        def forward(self, x):
            if how in ("near", "second"):
                return (Near if how == "near" else Second).apply(self.first(x)).sum(-1)
            if how == "above":
                return torch.tanh(self.first(x)).sum(-1) * self.other.detach()
            one, two = self.first(x).T
            if how == "no_grad":
                with torch.no_grad():
                    two = torch.tanh(two)
            else:
                two = torch.tanh(two.detach()) if how == "detach" else Own.apply(two)
            return torch.tanh(one) + 0.6 * two

    torch.manual_seed(0)
    X, y = rows()
    with pytest.raises(InputError, match=said):
        certify_network(Module(), X, y, penalty=0.1, directions=[[1, 0, 0]])


def test_a_mask_of_zeros_is_a_way_past_the_first_layer():
    torch = pytest.importorskip("torch")

    class Masked(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(3, 2)

        def forward(self, x):
            return torch.tanh(self.first(x)).sum(-1) * (x.abs().sum(-1) > 0)

    X, y = rows()
    with pytest.raises(InputError, match="inputs reach the output by another way"):
        certify_network(Masked(), X, y, penalty=0.1, directions=[[1, 0, 0]])


@pytest.mark.parametrize("norm", ["weight_norm", "spectral_norm", "orthogonal", "shared"])
def test_the_gradient_is_that_in_the_parameters_of_the_module(norm):
    """Above the first layer it was that in the weights which they make: 1.55 at a point where all of them are 0."""
    torch = pytest.importorskip("torch")
    X, y = rows()
    torch.manual_seed(0)
    wrap = torch.nn.utils.parametrizations
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
    ).double()
    if norm == "shared":  # one parameter makes the weights of one layer and is that of another
        model.insert(3, torch.nn.Linear(4, 4).double())
        wrap.weight_norm(model[2])
        model[3].weight = model[2].parametrizations.weight.original1
    else:
        getattr(wrap, norm)(model[2])
    model.eval()
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    risk = ((model(inputs)[:, 0] - targets) ** 2).mean() + 0.1 * (model[0].weight ** 2).sum()
    slopes = torch.autograd.grad(risk, list(model.parameters()))
    found = certify_network(model, X, y, directions=[[1, 0, 0]], penalty=0.1)
    assert found.gradient_norm == pytest.approx(float(sum((s**2).sum() for s in slopes)) ** 0.5, rel=1e-9)
    with torch.inference_mode(), torch.device("meta"):  # raw errors of PyTorch
        again = certify_network(model, X, y, directions=[[1, 0, 0]], penalty=0.1)
    assert again.gradient_norm == pytest.approx(found.gradient_norm, rel=1e-12)
    assert derandkit.verify(found, (X, y, model)).ok


def test_weights_that_cannot_be_differentiated_are_refused():
    torch = pytest.importorskip("torch")
    X, y = rows()

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(context, weight):
            return 2.0 * weight

    class Twice(torch.nn.Module):
        def forward(self, weight):
            return Own.apply(weight)

    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    torch.nn.utils.parametrize.register_parametrization(model[2], "weight", Twice())
    with pytest.raises(
        InputError, match="PyTorch cannot differentiate how PyTorch Sequential computes its weights"
    ):
        certify_network(model, X, y, directions=[[1, 0, 0]], penalty=0.1)
