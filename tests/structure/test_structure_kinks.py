"""Networks with kinks have no second derivatives; kinks are seen in what runs, whatever it is called."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from tests.structure.test_structure_trained_forged import B, V, W

from derandkit import InputError, certify_network
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


def test_a_part_that_states_its_own_gradient():
    def gradient(z, g):
        return (g * (1 - jnp.tanh(z) ** 2),)

    again, act = jax.custom_vjp(jnp.tanh), jax.custom_vjp(jnp.tanh)
    again.defvjp(lambda z: (again(z), z), gradient)
    act.defvjp(lambda z: (jnp.tanh(z), z), gradient)
    X = np.random.default_rng(0).standard_normal((40, W.shape[1]))
    with pytest.raises(InputError, match=r"jax\.custom_vjp whose rules call it again"):
        certify_network(lambda z: again(z) @ V, X, X[:, 0], weights=W, bias=B)
    one, other = (
        certify_network(lambda z, f=f: f(z) @ V, X, X[:, 0], weights=W, bias=B) for f in (act, jnp.tanh)
    )
    assert one.risk == other.risk


def test_a_derivative_of_its_own_that_is_another_one_is_refused():
    """It was taken as it is: curvature, bounds and status were false of the function."""

    @jax.custom_jvp
    def through(z):
        return jnp.tanh(z)

    through.defjvp(lambda z, t: (jnp.tanh(z[0]), t[0]))

    @jax.custom_jvp
    def second(z):
        return jnp.tanh(z)

    second.defjvp(lambda z, t: (jnp.tanh(z[0]), t[0] * jax.lax.stop_gradient(1 - jnp.tanh(z[0]) ** 2)))
    X = np.random.default_rng(0).standard_normal((40, W.shape[1]))
    for act, said in ((through, "its derivative"), (second, "its second derivative")):
        with pytest.raises(
            InputError, match=f"{said} says .*has a derivative of its own that is another one"
        ):
            certify_network(lambda z, f=act: f(z) @ V, X, X[:, 0], weights=W, bias=B)


@pytest.mark.filterwarnings("ignore:19 of 40 rows repeat")
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(
    "act",
    [
        jnp.tanh,
        jax.nn.relu,
        jax.nn.gelu,
        lambda z: jnp.tanh(z.astype(jnp.float32)),
        lambda z: jnp.sin(100 * z),
    ],
)
def test_right_derivatives_are_accepted_on_kinks_in_single_precision_and_where_they_are_sharp(act, scale):
    """Rows of zeros are on the kink of every unit without a bias."""
    X = np.random.default_rng(0).standard_normal((40, W.shape[1])) * scale
    X[:20] = 0.0
    for offset in (0.0, 1e8):
        certify_network(lambda z, c=offset: act(z / scale) @ V + c, X, X[:, 0], weights=W, bias=0.0 * B)


@pytest.mark.parametrize("error", [TypeError, ValueError, RuntimeError, NotImplementedError])
def test_what_a_function_of_the_user_says_is_one_line(error):
    def broken(z):
        raise error("no such\nlayer")

    X = np.random.default_rng(0).standard_normal((40, W.shape[1]))
    with pytest.raises(InputError, match=r"a JAX function of the user cannot be run on these rows: no such$"):
        certify_network(broken, X, X[:, 0], weights=W, bias=B)


def test_dropout_of_a_module_that_still_trains_is_named():
    eqx = pytest.importorskip("equinox")
    one, two = jax.random.split(jax.random.PRNGKey(0))
    model = eqx.nn.Sequential(
        [eqx.nn.Linear(3, 4, key=one), eqx.nn.Dropout(0.5), eqx.nn.Linear(4, 1, key=two)]
    )
    X = np.random.default_rng(0).standard_normal((40, 3))
    with pytest.raises(InputError, match=r"call equinox\.nn\.inference_mode"):
        certify_network(model, X, X[:, 0])


def test_a_second_derivative_that_rounding_spoils_is_refused():
    """Compiled, that of GELU is 1e5 at inputs of -5e4, where it is 0: curvature and bounds were made of it."""
    X = np.random.default_rng(0).standard_normal((40, W.shape[1]))
    with pytest.raises(InputError, match="or one that rounding spoils"):
        certify_network(lambda z: jax.nn.gelu(z) @ V, X, X[:, 0], weights=W, bias=B - 5e4)
