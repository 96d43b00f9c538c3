"""Modules that are odd: refused in one line, and what is said of the others can be written and printed."""

from __future__ import annotations

import numpy as np
import pytest

import derandkit
from derandkit import InputError, certify_network

pytest.importorskip("jax")
torch = pytest.importorskip("torch")

X = np.random.default_rng(0).standard_normal((24, 3))
Y = np.tanh(X[:, 0])


def _plain():
    return [torch.nn.Linear(3, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1)]


@pytest.mark.parametrize("name", ["Net\x1b[31m\u202e\n", "N" * 5000, "Net"], ids=["escapes", "long", "plain"])
def test_a_record_of_a_module_of_any_name_holds(name):
    model = type(name, (torch.nn.Sequential,), {})(*_plain())
    found = certify_network(model, X, Y, penalty=1e-2)
    assert found.kind.isprintable()
    assert len(found.kind) <= 200
    assert derandkit.verify(found.to_dict(), (X, Y, model)).ok


class _Mapping(torch.nn.Sequential):
    def forward(self, x):
        return {"y": super().forward(x)}


def _not_finite():
    layers = _plain()
    layers[2].weight.data[0, 0] = float("nan")
    return torch.nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (lambda: _Mapping(*_plain()), "returns dict"),
        (_not_finite, "outputs are not finite"),
        (
            lambda: torch.nn.Sequential(torch.nn.Linear(3, 0), torch.nn.Tanh(), torch.nn.Linear(0, 1)),
            "no units",
        ),
    ],
    ids=["mapping", "not finite", "no units"],
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element")
def test_odd_modules_are_refused_by_what_is_odd(model, says):
    with pytest.raises(InputError, match=says):
        certify_network(model(), X, Y)
