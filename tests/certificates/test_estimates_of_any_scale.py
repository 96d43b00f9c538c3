"""Estimated bounds are checked for weights of every size that a graph may have."""

from __future__ import annotations

import math
import random

import networkx as nx
import numpy as np
import pytest

import derandkit as dk
from derandkit.certificates.cuts.estimate import most_negative, objections


def signed(power: int) -> dk.WeightedGraph:
    draw = random.Random(1)
    edges = nx.random_regular_graph(4, 60, seed=1).edges
    return dk.as_graph({edge: math.ldexp(draw.choice([-1.0, 1.0]), power) for edge in edges})


@pytest.mark.parametrize("power", [-1000, -600, 531, 900, 1000])
def test_the_size_of_the_weights_changes_no_objection(power: int) -> None:
    """Squares of weights from 1e160 on overflowed, and a record failed; below 1e-10 one step alone was made."""
    plain, scaled = signed(0), signed(power)
    diagonal = np.full(60, 3.0)
    assert most_negative(scaled, np.ldexp(diagonal, power)) == math.ldexp(
        most_negative(plain, diagonal), power
    )
    for size, refuted in ((4.0, False), (0.5, True)):
        found, text = objections(scaled, np.full(60, math.ldexp(size, power)), math.ldexp(1e-6, power))
        assert found is objections(plain, np.full(60, size), 1e-6)[0] is refuted
        assert "inf" not in text
        assert "nan" not in text
