"""Kinks and jumps that the arguments of an operation make, and those at the pole of a logarithm, root or quotient."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from jax import lax, nn
from tests.structure.test_structure_trained_forged import B, V, W

from derandkit import NetworkStatus, certify_network, verify
from derandkit.structure.trained.kinks import jax_is_smooth
from derandkit.structure.trained.kinks.ranges import Range, hull

MASK = np.array([0.0, 0.0, -np.inf, 0.0])
SCALE = np.array([1.0, -2.0, 3.0, 0.5])


@jax.jit
def _var(z):
    """A function with the name of another."""
    return z


JAX_SMOOTH = {
    "softmax by hand": lambda z: jnp.exp(z) / jnp.exp(z).sum(axis=-1, keepdims=True),
    "masked softmax": lambda z: nn.softmax(z + MASK),
    "sigmoid by hand": lambda z: 1 / (1 + jnp.exp(-z)),
    "normalised": lambda z: z * lax.rsqrt((z * z).mean() + 1e-6),
    "by its deviation": lambda z: z / jnp.sqrt(z.var(axis=-1, keepdims=True) + 1e-6),
    "maximum of a variance": lambda z: z * lax.rsqrt(jnp.maximum(0.0, z.var()) + 1e-5),
    "standardize": nn.standardize,
    "squareplus": nn.squareplus,
    "mish": nn.mish,
    "square of each row": lambda z: z / jnp.sqrt(1 + jnp.einsum("ij,ij->i", z, z))[:, None],
    "log of cosh": lambda z: jnp.log(jnp.cosh(z)),
    "power of a positive": lambda z: (1 + z * z) ** 1.5,
    "whole power": lambda z: z**3.0,
    "open end": lambda z: jnp.sqrt(1 - jnp.tanh(z) ** 2),
    "constants": lambda z: z / SCALE,
    "checkpoint": jax.checkpoint(lambda z: jnp.log(1 + jnp.exp(z))),
}
JAX_KINKED = {
    "named _var": lambda z: jnp.maximum(_var(z), 0.0),
    "abs by rsqrt": lambda z: z * z * lax.rsqrt(z * z),
    "abs by log": lambda z: jnp.exp(0.5 * jnp.log(z * z)),
    "sign by log": lambda z: z / jnp.exp(0.5 * jnp.log(z * z)),
    "sqrt": lambda z: jnp.sqrt(z * z),
    "sqrt within jit": lambda z: jax.jit(jnp.sqrt)(z * z),
    "power": lambda z: (z * z) ** 0.5,
    "pole": lambda z: z**-1,
    "swallowed": lambda z: jnp.sqrt(z * z + 1e-30),
    "masked to 0": lambda z: jnp.sqrt(jnp.exp(z + MASK) + z * z),
    "no distance": lambda z: jnp.sqrt(jnp.cosh(z) - 1),
    "not normalised": lambda z: nn.standardize(z, epsilon=0.0),
    "half": lambda z: jnp.tanh(z).astype(jnp.float16).astype(float),
    "complex": lambda z: jnp.real(jnp.log(z + 0j)),
    "clipped": lambda z: jnp.maximum(z * z, 1.0),
    "other means": lambda z: jnp.sqrt(1e-3 + jnp.square(z).mean(axis=1) - jnp.square(z.mean(axis=0))),
}


@pytest.mark.parametrize("name", JAX_SMOOTH)
def test_what_stays_off_a_pole_is_smooth_in_jax(name):
    assert jax_is_smooth(JAX_SMOOTH[name], np.ones((4, 4)))


@pytest.mark.parametrize("name", JAX_KINKED)
def test_what_may_reach_a_pole_is_not_smooth_in_jax(name):
    assert not jax_is_smooth(JAX_KINKED[name], np.ones((4, 4)))


def test_parameters_are_as_they_are():
    assert jax_is_smooth(lambda p, z: z / p, SCALE, np.ones(4))
    root = lambda p, z: jnp.sqrt(p + z * z)  # noqa: E731
    assert [jax_is_smooth(root, p, np.ones(4)) for p in (np.abs(SCALE), SCALE)] == [True, False]


def torch_cases(torch):
    F, c, mask = torch.nn.functional, torch.from_numpy(SCALE), torch.from_numpy(MASK)

    def written_over(z):
        a = z.exp() + 1
        view = a[..., :2]
        a.sub_(5)
        return z / view.sum()

    def other_tensor(z):
        same = z.data
        return z * same * same * torch.rsqrt(same * same)

    smooth = {
        "softplus": torch.nn.Softplus(beta=3.0, threshold=25.0),
        "softmax by hand": lambda z: torch.exp(z) / torch.exp(z).sum(-1, keepdim=True),
        "sigmoid by hand": lambda z: 1 / (1 + torch.exp(-z)),
        "rms": lambda z: z * torch.rsqrt((z**2).mean(-1, keepdim=True) + 1e-6),
        "in place": lambda z: z * (z * z).mean(-1, keepdim=True).add_(1e-5).rsqrt_(),
        "deviation": lambda z: z / torch.sqrt(z.var(-1, keepdim=True) + 1e-12),
        "layer norm": lambda z: F.layer_norm(z, (4,)),
        "rms norm": lambda z: F.rms_norm(z, (4,)),
        "batch norm": torch.nn.BatchNorm1d(4).double().eval(),
        "gelu": torch.nn.GELU(approximate="tanh"),
        "mish": F.mish,
        "log sigmoid": F.logsigmoid,
        "log softmax": lambda z: F.log_softmax(z + mask, -1),
        "constants": lambda z: z / c,
        "power": lambda z: (1 + z * z) ** 1.5,
        "whole power": lambda z: z**3.0,
        "open end": lambda z: torch.log(1 - torch.tanh(z) ** 2),
        "subtracted": lambda z: 1 / torch.rsub(-torch.exp(z), 1.0),
        "together": lambda z: 1 / torch.cat([torch.exp(z), 2 + torch.sigmoid(z)], -1),
        "float32": lambda z: z.float().tanh().double(),
    }
    kinked = {
        "floor": lambda z: torch.div(z, 1.0, rounding_mode="floor"),
        "trunc": lambda z: torch.div(z, 1.0, rounding_mode="trunc"),
        "floor in place": lambda z: z.clone().div_(1.0, rounding_mode="floor"),
        "softplus from 0": torch.nn.Softplus(threshold=0.0),
        "softplus from 0.5": lambda z: F.softplus(z, 1.0, 0.5),
        "softplus from 5": torch.nn.Softplus(threshold=5.0),
        "negative softplus": lambda z: torch.sqrt(F.softplus(z, beta=-1.0) + z * z),
        "layer norm": lambda z: F.layer_norm(z, (4,), eps=0.0),
        "group norm": lambda z: F.group_norm(z, 2, eps=1e-40),
        "rms norm": lambda z: F.rms_norm(z, (4,), eps=0.0),
        "abs by rsqrt": lambda z: z * z * torch.rsqrt(z * z),
        "abs by log": lambda z: torch.exp(torch.log(z * z) / 2),
        "sign by log": lambda z: z / torch.exp(0.5 * torch.log(z * z)),
        "sqrt": lambda z: torch.sqrt(z * z),
        "root": lambda z: (z * z) ** 0.5,
        "pole": lambda z: z * z * z.reciprocal(),
        "negative power": lambda z: z * z * z.pow(-2),
        "log1p": torch.log1p,
        "swallowed": lambda z: torch.sqrt(z * z + 1e-30),
        "no distance": lambda z: torch.sqrt(torch.cosh(z) - 1),
        "masked to 0": lambda z: torch.sqrt(torch.exp(z + mask) + z * z),
        "padded to 0": lambda z: torch.sqrt(torch.exp(F.pad(z, (1, 0), value=-math.inf)) + 0 * z.sum() ** 2),
        "deviation": lambda z: z / z.std(-1, keepdim=True),
        "written over": written_over,
        "the same memory": other_tensor,
        "sum of integers": lambda z: z * torch.sum(z[..., None], -1, dtype=torch.long),
        "half": lambda z: z.half().double(),
        "bits": lambda z: z.view(torch.int64).view(torch.float64),
        "complex": lambda z: torch.exp((z + 0j).log().to(torch.float64)),
        "elu": torch.nn.ELU(0.5),
    }
    return smooth, kinked


@pytest.mark.filterwarnings("ignore:Casting complex")
def test_arguments_and_poles_of_torch():
    torch = pytest.importorskip("torch")
    from derandkit.structure.trained.kinks import torch_is_smooth

    def found(act):
        return torch_is_smooth(lambda z: act(z.clone()), torch.zeros((3, 4), dtype=torch.float64))

    smooth, kinked = torch_cases(torch)
    assert [name for name, act in smooth.items() if not found(act)] == []
    assert [name for name, act in kinked.items() if found(act)] == []


def test_a_network_with_jumps_has_no_bound():
    torch = pytest.importorskip("torch")
    X = np.random.default_rng(0).standard_normal((100, 3))
    y = np.tanh(X[:, 0] - X[:, 1])

    class Module(torch.nn.Module):
        def __init__(self, act):
            super().__init__()
            self.first, self.last, self.act = torch.nn.Linear(3, 2), torch.nn.Linear(2, 1), act

        def forward(self, x):
            return self.last(self.act(self.first(x)))

    for act in (torch.nn.Softplus(threshold=0.0), lambda z: torch.div(z, 1.0, rounding_mode="floor")):
        model = Module(act)
        record = certify_network(model, X, y, penalty=0.3, directions=[[1, -1, 0]])
        assert record.status is NetworkStatus.NO_BOUND
        assert verify(record, (X, y, model)).ok


def test_a_function_named_as_a_variance_has_no_bound():
    X = np.random.default_rng(0).standard_normal((100, W.shape[1]))
    record = certify_network(
        lambda z: jnp.maximum(_var(z), 0.0) @ V, X, X[:, 0], weights=W, bias=B, penalty=0.3
    )
    assert record.status is NetworkStatus.NO_BOUND


def _samples(bounds, rng):
    low, high = np.clip([bounds.low, bounds.high], -8.0, 8.0)
    return np.concatenate(
        [
            rng.uniform(low, high, 40),
            *([end] for end, off in ((low, bounds.over), (high, bounds.under)) if not off),
        ]
    )


def test_ranges_hold_what_they_bound():
    rng = np.random.default_rng(0)
    ends = (-np.inf, -2.0, 0.0, 0.5, 3.0, np.inf)
    parts = [
        Range(low, high, over, under)
        for low in ends
        for high in ends
        if low < high
        for over in (True, False)
        for under in (True, False)
        if (over or low > -np.inf) and (under or high < np.inf)
    ]

    def holds(bounds, values):
        slack = 1e-12 * (1.0 + np.abs(values))
        assert np.all(values >= bounds.low - slack)
        assert np.all(values <= bounds.high + slack)
        assert not (bounds.positive and np.any(values <= 0.0))

    for one in parts:
        x = _samples(one, rng)
        for n in (0, 1, 2, 3):
            holds(one.power(n), x**n)
        if one.nonzero:
            holds(one.reciprocal(), 1.0 / x[x != 0.0])
            holds(one.power(-2), x[x != 0.0] ** -2.0)
        for two in parts:
            y = _samples(two, rng)
            holds(one.plus(two), np.add.outer(x, y).ravel())
            holds(one.times(two), np.multiply.outer(x, y).ravel())
            holds(hull([one, two]), np.concatenate([x, y]))
