"""What users write and read: recipes with mistakes in them, and the lines of a graph file."""

from __future__ import annotations

import io
import itertools
import math

import pytest

from derandkit.datasets import rudy_edges, write_rudy_lines
from derandkit.errors import InputError

M = 2**31


def test_lines_are_those_of_the_original_and_read_back():
    edges = rudy_edges("-rnd_graph 50 30 2 -random -2 2 3")
    stream = io.StringIO()
    write_rudy_lines(*edges, stream)
    lines = stream.getvalue().splitlines()
    rows = zip(edges.i.tolist(), edges.j.tolist(), edges.w.tolist(), strict=True)
    assert lines[0] == f"50 {len(edges.w)}"
    assert [tuple(map(int, line.split())) for line in lines[1:]] == [(i + 1, j + 1, w) for i, j, w in rows]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, [0], [3], [1]), "an endpoint is not in 0..2"),
        ((3, [-1], [2], [1]), "an endpoint is not in 0..2"),
        ((3, [0, 1], [2], [1]), "2, 1 and 1"),
        ((3, [0], [2], [0.5]), "w is not"),
        ((3, [0], [2], [math.nan]), "w is not"),
        ((3, [0], [2], ["x"]), "w is not"),
        ((3, [[0]], [[2]], [[1]]), "i is not"),
    ],
)
def test_lines_of_bad_arrays_are_refused(arguments, message):
    stream = io.StringIO()
    with pytest.raises(InputError, match=message):
        write_rudy_lines(*arguments, stream)
    assert stream.getvalue() == ""


def test_lines_of_a_graph_without_edges():
    stream = io.StringIO()
    write_rudy_lines(*rudy_edges("-rnd_graph 1 100 5 -random 0 1 2 -times 3 -plus 1"), stream)
    assert stream.getvalue() == "1 0\n"


BAD = {
    "": "the recipe is empty",
    "-rnd_grpah 5 5 5": "'-rnd_grpah' (word 1 of the recipe) is not an operator; did you mean -rnd_graph",
    "-planar 9 9 9 -time 2": "'-time' (word 5 of the recipe) is not an operator; did you mean -times",
    "xyz": "the operators are -rnd_graph -planar",
    "5 -rnd_graph": "'5' (word 1 of the recipe) is a number, but a recipe starts with a generator",
    "-rnd_graph 5 5 5 5": "'5' (word 5 of the recipe) is one number too many; -rnd_graph takes n D seed",
    "-rnd_graph 5": "takes n D seed, but the recipe ends before D",
    "-rnd_graph 5 -planar 5 5": "takes n D seed; D must be a number, not '-planar'",
    "-rnd_graph 5.0 5 5": "n must be an integer, not '5.0'",
    "-rnd_graph 5 nan 5": "D must be a number, not 'nan'",
    "-rnd_graph 5 1_0 5": "D must be a number, not '1_0'",
    "-rnd_graph ٣ 10 5": "n must be an integer",
    f"-rnd_graph {'9' * 5000} 10 5": "n has 5000 characters",
    "-rnd_graph 5 1e999 5": "the density inf is not a percentage",
    "-rnd_graph 5 100.1 5": "-rnd_graph (word 1 of the recipe): the density 100.1 is not a percentage",
    "-planar 5 -1 5": "the density -1 is not a percentage",
    "-rnd_graph 0 5 5": "0 vertices are too few; at least 1",
    "-planar 2 5 5": "2 vertices are too few; at least 3",
    "-rnd_graph 1000000000 0 5": "1000000000 vertices are too many",
    "-rnd_graph 100000000 1 5": "the graph would have 49999999500000 edges",
    "-toroidal_grid_2D 2 9": "a 2 x 9 torus has loops or parallel edges",
    "-toroidal_grid_2D 99999 99999": "vertices are too many",
    "-rnd_graph 5 5 5 +": "+ (word 5 of the recipe) needs two graphs before it, found 1",
    "-random 0 1 5": "-random (word 1 of the recipe) needs a graph before it, found 0",
    "-rnd_graph 5 5 5 -rnd_graph 5 5 5": "the recipe leaves 2 graphs; join them with 1 more '+'",
    "-rnd_graph 5 5 5 -rnd_graph 6 5 5 +": "the two graphs have 5 and 6 vertices",
    "-planar 5 50 5 -random 2 1 5": "the range 2..1 is empty",
    f"-planar 5 50 5 -random 0 {M} 5": "holds more than 2^31 integers",
    "-planar 5 50 5 -times 10000000000000000": "weights would exceed 2^53",
    "-planar 5 50 5 -plus -10000000000000000": "weights would exceed 2^53",
    "-planar 5 50 5 -random 1000000000000000000 1000000000000000000 5": "weights would exceed 2^53",
}


@pytest.mark.parametrize("recipe", BAD, ids=lambda recipe: recipe[:40])
def test_bad_recipes_say_which_word(recipe):
    with pytest.raises(InputError) as caught:
        rudy_edges(recipe)
    assert BAD[recipe] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_words_in_any_order_are_built_or_refused_in_one_line():
    words = ["-rnd_graph", "-planar", "5", "50", "+", "-times", "2"]
    messages = []
    for some in itertools.permutations(words, 5):
        try:
            rudy_edges(" ".join(some))
        except InputError as error:
            messages.append(str(error))
    assert len(messages) > 2000
    assert not any("\n" in message for message in messages)
