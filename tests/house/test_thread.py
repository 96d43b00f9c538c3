"""The files that solve a problem show the same thread: relax, Gaussian distribution, derandomize, round, certify."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "derandkit"
STEPS = ("relax", "Gaussian distribution", "derandomize", "round", "certify")


def steps(file):
    """Steps in the order in which comments of a file name them."""
    text = (SOURCE / file).read_text(encoding="utf-8")
    named = re.findall(rf"^ +# ((?:(?:{'|'.join(STEPS)}),? ?)+):", text, flags=re.M)
    return [step for line in named for step in line.split(", ")]


@pytest.mark.parametrize(
    "file",
    [
        "signs/solve.py",
        "cuts/solve.py",
        "quadratic/solve.py",
        "embeddings/solve.py",
        "features/solve.py",
        "structure/solve.py",
    ],
)
def test_the_steps_are_named_in_order(file):
    assert steps(file) == list(STEPS)
    head = (SOURCE / file).read_text(encoding="utf-8").split('"""')[1].lower().partition("\n")[2]
    places = [head.index(word) for word in ("relax", "gaussian", "derandomize", "round", "certif")]
    assert places == sorted(places)
