"""Columns of numbers that are called as inputs or measurements are asked about, in files and frames alike."""

from __future__ import annotations

import io

import pytest

import derandkit as dk
from derandkit.errors import InputError

pd = pytest.importorskip("pandas")

ROWS = [(1, 2, 3.5), (2, 3, 4.5), (1, 3, 5.5), (3, 4, 1.5), (4, 5, 2.5)]
ASKED = (
    "x1 x2 y", "x1 x2 label", "X1 X2 Y", "x1 x2 class", "feature1 feature2 label", "feature_1 feature_2 class",
    "temp1 temp2 pressure", "height1 height2 weight", "age1 age2 distance",
)  # fmt: skip
READ = (
    "x1 x2 distance", "x1 x2 weight", "node1 node2 y", "id1 id2 score", "person1 person2 meetings",
    "protein1 protein2 combined_score", "feature1 feature2 similarity", "source target y",
)  # fmt: skip


@pytest.mark.parametrize("text", ASKED)
def test_inputs_and_measurements_are_asked_about(text: str) -> None:
    frame = pd.DataFrame(ROWS, columns=text.split())
    for graph in (
        frame,
        io.StringIO(frame.to_csv(index=False)),
        io.StringIO(frame.to_csv(index=False, sep=";")),
    ):
        with pytest.raises(InputError, match=r"may be inputs of a table of data, or the ends of edges"):
            dk.as_graph(graph)


@pytest.mark.parametrize("text", READ)
def test_ends_of_edges_are_read(text: str) -> None:
    frame = pd.DataFrame(ROWS, columns=text.split())
    for graph in (frame, io.StringIO(frame.to_csv(index=False))):
        assert dk.as_graph(graph).total_weight == 17.5


def test_more_columns_and_labels_in_words() -> None:
    frame = pd.DataFrame(ROWS, columns=["x1", "x2", "y"])
    for wide in (frame.assign(y=list("ababa")), frame.rename_axis("id").reset_index()):
        for graph in (wide, io.StringIO(wide.to_csv(index=False))):
            with pytest.raises(InputError, match=r"'x1' and 'x2' beside 'y' may be inputs"):
                dk.as_graph(graph)


def test_the_caller_decides() -> None:
    frame = pd.DataFrame(ROWS, columns=["x1", "x2", "y"])
    for graph in (frame, io.StringIO(frame.to_csv(index=False))):
        assert dk.as_graph(graph, weight="y").total_weight == 17.5


def test_words_are_ends() -> None:
    frame = pd.DataFrame([("a", "b", 1), ("b", "c", 2)], columns=["feature1", "feature2", "label"])
    for graph in (frame, io.StringIO(frame.to_csv(index=False))):
        assert dk.as_graph(graph).labels == ("a", "b", "c")
