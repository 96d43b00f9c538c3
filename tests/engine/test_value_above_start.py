"""A run that ends above its start says so: `slack` is what its searches may have missed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import derandkit as dk
from derandkit.status import ABOVE_AT_LIMIT, ABOVE_START, DerandomizationStatus


class Pit:
    """A narrow and deep pit beside the origin, averaged in closed form: nodes of a search do not see it."""

    dimension = 1
    place, width, depth = 1.2345678, 1e-6, 1e6

    def value(self, law):
        mean, variance = float(law.mean[0]), float(np.sum(law.dense_spread() ** 2)) + self.width**2
        away = (mean - self.place) ** 2 / (2.0 * variance)
        return -self.depth * self.width / math.sqrt(variance) * math.exp(-away)

    def mean_gradient(self, law):
        variance = float(np.sum(law.dense_spread() ** 2)) + self.width**2
        return np.array([(self.place - float(law.mean[0])) / variance * self.value(law)])

    def curvature(self, law, U):
        variance = float(np.sum(law.dense_spread() ** 2)) + self.width**2
        away = (float(law.mean[0]) - self.place) ** 2
        return (away / variance**2 - 1.0 / variance) * self.value(law) * U


def test_a_value_above_the_start_is_not_called_no_worse(tmp_path):
    """It was: "the value is no worse than at the start", value 0, start -0.47, slack 0.47."""
    start = dk.GaussianSampler([0.0], [[1.0]])
    result = dk.derandomize(Pit(), start, method=dk.ConditionalExpectations())
    assert result.status is DerandomizationStatus.DETERMINISTIC
    assert result.value > result.start_value
    assert result.value <= result.start_value + result.slack
    assert result.message == ABOVE_START == result.to_dict()["message"]
    assert "no worse" not in str(result)
    result.save(tmp_path / "run.json")
    assert dk.load(tmp_path / "run.json").message == ABOVE_START


@pytest.mark.parametrize(
    ("status", "words"),
    [(DerandomizationStatus.DETERMINISTIC, ABOVE_START), (DerandomizationStatus.STEP_LIMIT, ABOVE_AT_LIMIT)],
)
def test_messages_go_by_the_two_values(status, words):
    bowl = dk.QuadratureObjective(lambda z: z[:, 0] ** 2, dimension=1)
    found = dk.derandomize(bowl, dk.GaussianSampler([1.0], [[1.0]]))
    assert replace(found, status=status, value=2.0, start_value=1.0, slack=1.0).message == words
    same = replace(found, status=status, value=1.0 + 2.0**-50, start_value=1.0)  # the same but for rounding
    assert "no worse than" in same.message
