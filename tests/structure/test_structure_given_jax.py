"""What a certificate says is about the Equinox or Flax module that was given, with all of its numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import derandkit
from derandkit import InputError, Student
from derandkit.structure.training.network import double_precision

jax = pytest.importorskip("jax")
jnp = jax.numpy

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.tanh(X[:, 0] - X[:, 1])
COMPLEX, PRECISION = "complex parameters", "has other outputs on these rows than its copy in double precision"


def certified(model, **options):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Casting complex")
        return derandkit.certify_network(model, X, Y, penalty=0.05, directions=[[1, -1, 0, 0]], **options)


def by_type(h):
    """A normalization with an eps that depends on the type of its numbers."""
    return h * jax.lax.rsqrt(jnp.mean(h * h, -1, keepdims=True) + jnp.finfo(h.dtype).eps)


def slight(h):
    """In single precision a kink that is too small for the outputs to show."""
    return jnp.tanh(h) + (1e-6 * jnp.abs(h) if h.dtype == jnp.float32 else 0.0)


def of_equinox(between, phase=None, scale=1.0, first=None):
    eqx = pytest.importorskip("equinox")
    key = jax.random.PRNGKey(0)

    class Net(eqx.Module):
        first: eqx.nn.Linear
        last: eqx.nn.Linear
        phase: object

        def __call__(self, x):
            h = self.first(x)
            return self.last(between(h) if self.phase is None else between(jnp.real(h * self.phase)))

    made = Net(eqx.nn.Linear(4, 6, key=key, dtype=first), eqx.nn.Linear(6, 1, key=key), phase)
    layer = made.first
    return eqx.tree_at(
        lambda net: (net.first.weight, net.first.bias), made, (scale * layer.weight, scale * layer.bias)
    )


def of_nnx(between, phase=None, scale=1.0, first=None):
    nnx = pytest.importorskip("flax.nnx")

    class Net(nnx.Module):
        def __init__(self, rngs):
            self.first = nnx.Linear(4, 6, rngs=rngs, param_dtype=first or jnp.float32)
            self.last = nnx.Linear(6, 1, rngs=rngs)
            self.phase = None if phase is None else nnx.Param(phase)

        def __call__(self, x):
            h = self.first(x)
            return self.last(between(h) if self.phase is None else between(jnp.real(h * self.phase[...])))

    made = Net(nnx.Rngs(0))
    made.first.kernel[...] = scale * made.first.kernel[...]
    return made


def of_linen(between, phase=None, scale=1.0, first=None):
    linen = pytest.importorskip("flax.linen")

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x):
            h = linen.Dense(6, param_dtype=first or jnp.float32)(x)
            if phase is not None:
                h = jnp.real(h * self.param("phase", lambda _: phase))
            return linen.Dense(1)(between(h))

    variables = Net().init(jax.random.PRNGKey(0), jnp.zeros(4))
    layer = variables["params"]["Dense_0"]
    layer["kernel"] = scale * layer["kernel"]
    return Net().bind(variables)


MAKERS = pytest.mark.parametrize("made", [of_equinox, of_nnx, of_linen])


@MAKERS
def test_complex_parameters_are_refused(made):
    """Their imaginary part was left out: a risk of 0.602 (and of Flax a gradient of 13.6) was verified, not 0.627."""
    with pytest.raises(InputError, match=COMPLEX):
        certified(made(jnp.tanh, jnp.ones(6, jnp.complex64) * (1 + 1j)))


def holding(made, of_batch=False):
    """A module with a function that was made with it."""
    if made is of_nnx:
        nnx = pytest.importorskip("flax.nnx")
        model = made(lambda h: jnp.tanh(model.middle(h)))
        model.middle = nnx.BatchNorm(6, rngs=nnx.Rngs(1)) if of_batch else nnx.Linear(6, 6, rngs=nnx.Rngs(1))
        return model
    eqx = pytest.importorskip("equinox")
    middle = eqx.nn.Linear(6, 6, key=jax.random.PRNGKey(1))

    class Net(eqx.Module):
        first: eqx.nn.Linear
        middle: eqx.nn.Linear
        last: eqx.nn.Linear
        between: object

        def __call__(self, x):
            return self.last(self.between(self.first(x)))

    plain = made(jnp.tanh)
    return Net(plain.first, middle, plain.last, lambda h: jnp.tanh(middle(h)))


@pytest.mark.parametrize(("made", "of_batch"), [(of_equinox, False), (of_nnx, False), (of_nnx, True)])
def test_a_function_that_holds_the_module_is_refused_and_changes_nothing(made, of_batch):
    """Its parameters were in no gradient, and statistics of the module changed."""
    model = holding(made, of_batch)
    before = [np.array(leaf) for leaf in kept(model)]
    with pytest.raises(InputError, match="no dense layer" if of_batch else "holds the module itself"):
        certified(model)
    assert all(np.array_equal(one, other) for one, other in zip(before, kept(model), strict=True))


def kept(model):
    """The arrays of a module."""
    nnx = pytest.importorskip("flax.nnx")
    tree = nnx.state(model) if isinstance(model, nnx.Module) else model
    return [
        leaf
        for leaf in jax.tree_util.tree_leaves(tree)
        if hasattr(leaf, "dtype") and leaf.dtype == np.float32
    ]


@pytest.mark.parametrize("made", [of_nnx, of_linen])
def test_a_first_layer_of_more_digits_than_the_rest_is_compared_as_the_rest_is(made):
    with double_precision():
        model = made(jnp.tanh, first=jnp.float64)
    assert derandkit.verify(certified(model), (X, Y, model)).ok


@MAKERS
def test_parameters_of_less_than_32_bits_are_refused(made):
    with pytest.raises(InputError, match="with which it is a staircase"):
        certified(made(jnp.tanh, first=jnp.bfloat16))


@MAKERS
def test_a_module_that_is_another_one_in_double_precision_is_refused(made):
    with pytest.raises(InputError, match=PRECISION):
        certified(made(by_type, scale=2e-4))


@MAKERS
def test_a_kink_in_the_precision_of_the_module_leaves_no_bound(made):
    model = made(jnp.tanh)
    found = certified(model)
    assert found.figures["row_bound"] is not None
    assert derandkit.verify(found, (X, Y, model)).ok
    assert certified(made(slight)).figures["row_bound"] is None


def test_a_function_above_weights_of_single_precision_is_run_in_it():
    rng = np.random.default_rng(1)
    W, b, v = 2e-4 * rng.normal(size=(6, 4)), np.zeros(6), rng.normal(size=6)

    def above(z):
        return by_type(z) @ v

    with pytest.raises(InputError, match=PRECISION):
        certified(above, weights=jnp.asarray(W, jnp.float32), bias=jnp.asarray(b, jnp.float32))
    assert certified(above, weights=W, bias=b).risk > 0.0


def test_counts_of_calls_are_called_so():
    """Noise and counters were called tied weights."""
    nnx = pytest.importorskip("flax.nnx")

    class Counting(nnx.Module):
        def __init__(self, rngs):
            self.first, self.last = nnx.Linear(4, 6, rngs=rngs), nnx.Linear(6, 1, rngs=rngs)
            self.calls = nnx.Variable(jnp.zeros(()))

        def __call__(self, x):
            self.calls[...] = self.calls[...] + 1
            return self.last(jnp.tanh(self.first(x) / self.calls[...]))

    with pytest.raises(InputError, match="other outputs for the same row when it is run again"):
        certified(Counting(nnx.Rngs(0)))


def test_differences_of_the_first_weights_above_them_are_seen():
    """All weights were shifted by 1, of which differences show nothing."""
    nnx = pytest.importorskip("flax.nnx")

    class Tied(nnx.Module):
        def __init__(self, rngs):
            self.first = nnx.Linear(4, 6, rngs=rngs)

        def __call__(self, x):
            W = self.first.kernel[...]
            return jnp.tanh(self.first(x)) @ (W[:1] - W[1:2]).T

    with pytest.raises(InputError, match="used again above it"):
        certified(Tied(nnx.Rngs(0)))


def test_complex_parameters_of_a_student_are_refused():
    """Their imaginary part was left out of where the search starts."""
    student = Student(3, network=lambda v, z: jnp.real(jnp.tanh(z) @ v), parameters=np.ones(3) * (1 + 1j))
    with pytest.raises(InputError, match="are complex"):
        derandkit.discover_structure((X, Y), student, penalty=0.01, max_steps=0, controls=False)


@pytest.mark.parametrize("made", [of_equinox, of_nnx])
def test_constants_of_numpy_do_not_hinder_a_second_run(made):
    """JAX cannot run operations with such constants in single precision once they were traced in both."""
    mixing = np.random.default_rng(1).normal(size=(6, 6))
    model = made(lambda h: jnp.tanh(jnp.tanh(h) @ mixing))
    found = certified(model)
    assert derandkit.verify(found, (X, Y, model)).ok
    assert certified(model).risk == found.risk
