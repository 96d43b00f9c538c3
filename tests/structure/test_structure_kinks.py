"""Networks with kinks have no second derivatives; kinks are seen in what runs, whatever it is called."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from tests.structure.test_structure_trained_forged import B, V, W

from derandkit import InputError
from derandkit.structure.trained.adapters import adapt


@jax.jit
def softplus(t):
    """A function with the name of another."""
    return jnp.maximum(t, 0.0)


@pytest.mark.parametrize(
    ("act", "smooth"),
    [
        (softplus, False), (jax.jit(jax.nn.softplus), True), (jax.vmap(jax.nn.softplus), True),
        (jnp.tanh, True), (jax.nn.sigmoid, True), (jax.nn.softplus, True), (jax.nn.silu, True), (lambda t: t**3, True),
        (lambda t: jax.nn.gelu(t, approximate=False), True), (jax.nn.gelu, True), (jnp.abs, False),
        (jax.nn.relu, False),
        (lambda t: jnp.maximum(t, 0.0), False), (lambda t: jnp.where(t > 0, t, 0.0), False), (jnp.floor, False),
        (lambda t: jnp.sqrt(t * t), False), (jax.nn.leaky_relu, False), (lambda t: jnp.clip(t, -1, 1), False),
    ],
)  # fmt: skip
def test_kinks_are_seen_in_what_a_function_runs(act, smooth):
    assert adapt(lambda z: act(z) @ V, W, B).smooth is smooth


def test_kinks_are_seen_in_what_a_module_runs():
    torch = pytest.importorskip("torch")

    class Module(torch.nn.Module):
        def __init__(self, act):
            super().__init__()
            self.first, self.last, self.act = torch.nn.Linear(3, 2), torch.nn.Linear(2, 1), act

        def forward(self, x):
            return self.last(self.act(self.first(x)))

    smooth = (
        torch.tanh,
        torch.sigmoid,
        torch.nn.GELU(),
        torch.nn.SiLU(),
        torch.nn.Softplus(),
        lambda t: t**2,
    )
    kinked = (
        torch.relu,
        torch.nn.functional.relu,
        torch.abs,
        torch.nn.Softshrink(),
        lambda t: t.clamp(min=0.0),
        lambda t: t.long().double(),
    )
    assert [adapt(Module(act), shape=(3,)).smooth for act in smooth] == [True] * len(smooth)
    assert [adapt(Module(act), shape=(3,)).smooth for act in kinked] == [False] * len(kinked)


def test_an_output_that_no_loss_has_inside_is_refused():
    model = SimpleNamespace(coefs_=[], intercepts_=[], out_activation_="exp", activation="tanh")
    with pytest.raises(InputError, match="passes 'exp'"):
        adapt(model)
