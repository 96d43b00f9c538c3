"""`certify_network` of convolutions that Equinox and Flax trained, and which functions of JAX have kinks."""

from __future__ import annotations

import functools

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from tests.structure.test_structure_patches import D, N, rows

from derandkit import InputError, certify_network
from derandkit.structure.trained.kinks import jax_is_smooth

#: Above the smallest curvature of every part of the rows: each figure has an error.
IMAGE_PENALTY = 0.3


@functools.cache
def image_rows():
    image = np.random.default_rng(0).standard_normal((64, 2, 4, 4)) + 1.0
    return image, np.tanh(image[:, 0].mean(axis=(1, 2)))


@pytest.mark.parametrize("library", ["equinox", "linen", "nnx"])
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_convolutions_of_jax_are_those_of_torch(library, padding):
    torch = pytest.importorskip("torch")
    image, y = image_rows()
    stride, taps = (2, 2) if padding == "VALID" else (1, 3)
    torch.manual_seed(0)
    first = torch.nn.Conv2d(2, 2, taps, stride=stride, padding=padding.lower()).double()
    units = 2 * (4 if padding == "VALID" else 16)
    model = torch.nn.Sequential(
        first, torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(units, 1)
    ).double()
    kernel, bias, v, c = (part.detach().numpy() for part in model.parameters())
    one = certify_network(model, image, y, penalty=IMAGE_PENALTY, rank=1)
    if library == "equinox":
        eqx = pytest.importorskip("equinox")

        class Network(eqx.Module):
            first: object

            def __call__(self, x):
                return v[0] @ jnp.tanh(self.first(x)).ravel() + c[0]

        layer = eqx.nn.Conv2d(2, 2, taps, stride=stride, padding=padding, key=jax.random.PRNGKey(0))
        where = lambda part: (part.weight, part.bias)  # noqa: E731
        other = Network(eqx.tree_at(where, layer, (kernel, bias[:, None, None])))
        found = certify_network(other, image, y, penalty=IMAGE_PENALTY, rank=1)
    else:
        flax = pytest.importorskip("flax.linen" if library == "linen" else "flax.nnx")
        arrays = kernel.transpose(2, 3, 1, 0), bias
        if library == "linen":

            class Network(flax.Module):
                @flax.compact
                def __call__(self, x):
                    h = flax.Conv(2, (taps, taps), strides=stride, padding=padding)(x)
                    return jnp.tanh(h).transpose(0, 3, 1, 2).reshape(len(x), -1) @ v[0] + c[0]

            other = Network().bind({"params": {"Conv_0": dict(zip(("kernel", "bias"), arrays, strict=True))}})
        else:

            class Network(flax.Module):
                def __init__(self, rngs):
                    self.conv = flax.Conv(2, 2, (taps, taps), strides=stride, padding=padding, rngs=rngs)

                def __call__(self, x):
                    return jnp.tanh(self.conv(x)).transpose(0, 3, 1, 2).reshape(len(x), -1) @ v[0] + c[0]

            other = Network(flax.Rngs(0))
            other.conv.kernel[...], other.conv.bias[...] = arrays
        found = certify_network(other, image.transpose(0, 2, 3, 1), y, penalty=IMAGE_PENALTY, rank=1)
    tolerance = 1e-9 if library == "linen" else 1e-5
    assert found.w_perp == pytest.approx(one.w_perp, rel=tolerance)
    assert found.status is one.status
    for name, value in one.figures.items():
        assert found.figures[name] == pytest.approx(value, rel=10 * tolerance, abs=tolerance), name


def test_modules_of_jax_that_pass_the_layer_by_are_refused():
    eqx, nnx = pytest.importorskip("equinox"), pytest.importorskip("flax.nnx")
    X, y = rows()

    class Mapped(eqx.Module):
        embed: object
        change: object = eqx.field(static=True)

        def __call__(self, x):
            return jnp.tanh(self.change(jax.vmap(self.embed), x)).sum()

    class Network(nnx.Module):
        def __init__(self, change, rngs):
            self.embed, self.change = nnx.Linear(D, N, rngs=rngs), change

        def __call__(self, x):
            return jnp.tanh(self.change(self.embed, x)).sum(axis=(-1, -2))

    for change, message in (
        (lambda first, x: first(x) + x[..., :N], "by another way"),
        (lambda first, x: first(x) + first(2 * x), "once for each row"),
        (lambda first, x: first(x / 2), "once for each row"),
    ):
        for model in (
            Mapped(eqx.nn.Linear(D, N, key=jax.random.PRNGKey(0)), change),
            Network(change, nnx.Rngs(0)),
        ):
            with pytest.raises(InputError, match=message):
                certify_network(model, X, y)


power = jax.lax.integer_pow  # what jnp.square runs in older versions


def _uneven(x):
    shifted = jnp.exp(x - jax.lax.stop_gradient(x.max(axis=1, keepdims=True)))
    return shifted / shifted.sum(axis=1)[None]


@pytest.mark.parametrize(
    ("function", "smooth"),
    [
        (jax.nn.softmax, True),
        (lambda x: jax.nn.softmax(x, axis=0), True),
        (lambda x: jnp.maximum(0.0, jnp.var(x, axis=1)), True),
        (lambda x: jnp.maximum(0.0, (x * x).mean(axis=1)), True),
        (lambda x: jnp.maximum(0.0, (x * x * x).mean(axis=1)), False),
        (lambda x: jnp.maximum(0.1, jnp.var(x, axis=1)), False),
        (lambda x: jnp.maximum(0.0, jnp.square(x).mean(axis=1) - jnp.square(x.mean(axis=1))), True),
        (lambda x: jnp.maximum(0.0, jnp.square(x).mean(axis=1) - jnp.square(x.mean(axis=0))), False),
        (lambda x: jnp.maximum(0.0, power(x, 2).mean(axis=1) - power(x.mean(axis=1), 2)), True),
        (lambda x: jnp.maximum(0.0, power(x, 4).mean(axis=1) - power(x.mean(axis=1), 4)), False),
        (lambda x: jnp.exp(x - jax.lax.stop_gradient(x.max())), False),
        (lambda x: x * jax.lax.stop_gradient(jnp.tanh(x)), False),
        (lambda x: x[:, jnp.array([2, 0])], True),
        (lambda x: x[:, jnp.argmax(x[0])], False),
        (_uneven, False),
    ],
)
def test_the_greatest_number_of_a_softmax_and_a_variance_are_no_kinks(function, smooth):
    assert jax_is_smooth(function, np.arange(16.0).reshape(4, 4)) is smooth
