"""Teachers whose nodes or values are no use: one line, before any work."""

from __future__ import annotations

import pytest

import derandkit as dk
from derandkit.errors import InputError


@pytest.mark.parametrize(
    ("inputs", "dimension", "nodes", "noise"),
    [
        ("gaussian", 5, 16, 0.0),
        ("gaussian", 12, 40, 0.0),
        ("gaussian", 4, 16, 0.1),
        ("student-t", 6, 20, 0.0),
    ],
)
def test_nodes_in_fewer_dimensions_than_the_inputs_are_refused(inputs, dimension, nodes, noise):
    """Sixteen points x, -x in five dimensions ended in a LinAlgError."""
    teacher = dk.Teacher("tanh", dimension, nodes=nodes, evaluation_nodes=512, inputs=inputs, noise=noise)
    with pytest.raises(
        InputError, match=r"nodes are too few for \d+ coordinates; take at least (\d+)"
    ) as refused:
        teacher.training()
    enough = int(str(refused.value).split()[-1])
    again = dk.Teacher("tanh", dimension, nodes=enough, evaluation_nodes=512, inputs=inputs, noise=noise)
    assert len(again.training().points) == enough


@pytest.mark.parametrize("link", ["linear", "relu"])
def test_a_link_beyond_all_squares_is_refused(link):
    """The run diverged, and its result could be neither shown nor saved."""
    teacher = dk.Teacher(link, 1, directions=[[1e160]], nodes=64, evaluation_nodes=512)
    with pytest.raises(InputError, match="the link is beyond"):
        teacher.training()
