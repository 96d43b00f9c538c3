"""An arc leads from its tail to its head, whatever the order of columns; undirected graphs have no arcs."""

from __future__ import annotations

import io
import json

import networkx as nx
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.models.arcs import Arcs, as_arcs, read_arcs

TABLE = "head,tail,weight\nb,a,5\nc,b,1\n"
SAID = "arcs lead from column 'tail' to column 'head'"


def arcs_of(found: Arcs) -> list[tuple[object, object, float]]:
    ends = zip(found.tails.tolist(), found.heads.tolist(), found.weights.tolist(), strict=True)
    return [(found.labels[u], found.labels[v], w) for u, v, w in ends]


@pytest.mark.parametrize(
    "order", [["head", "tail", "weight"], ["tail", "head", "weight"], ["weight", "Head", "Tail"]]
)
def test_arcs_lead_from_the_tail_to_the_head(order: list[str]) -> None:
    frame = pd.read_csv(io.StringIO(TABLE))[[name.lower() for name in order]].set_axis(order, axis=1)
    records = frame.to_dict("records")
    objects = [frame, records, list(frame.itertuples(index=False)), {name: frame[name] for name in frame}]
    for found in [read_arcs(io.StringIO(frame.to_csv(index=False))), *map(as_arcs, objects)]:
        assert arcs_of(found) == [("a", "b", 5.0), ("b", "c", 1.0)]
        first = next(name.lower() for name in order if name != "weight")
        assert (SAID in map(str.lower, found.reading.remarks)) is (first == "head")
    assert as_arcs(io.StringIO(json.dumps(records))).digest == found.digest
    best = dk.maxdicut(frame)
    assert (best.value, best.solution["a"]) == (5, 1)


def test_tables_of_numbers_too() -> None:
    text = "head tail\n" + "".join(f"{k + 1} {k}\n" for k in range(9))
    assert [(u, v) for u, v, _ in arcs_of(read_arcs(io.StringIO(text)))] == [(k, k + 1) for k in range(9)]
    assert read_arcs(io.StringIO(text)).reading.remarks == (SAID,)
    assert read_arcs(io.StringIO(text.replace("head tail", "source target"))).reading.remarks == ()
    assert dk.as_graph(io.StringIO(TABLE)).reading.remarks == ()  # a cut has no directions


@pytest.mark.parametrize(
    "ends",
    [
        ("source", "sink"), ("Sender", "Receiver"), ("departure", "arrival"), ("caller", "callee"), ("citing", "cited"),
        ("exporter", "importer"), ("predecessor", "successor"), ("start_node", "end_node"), ("source.id", "target.id"),
        ("from", "to"), ("src", "dst"), ("src_ip", "dst_ip"), ("Origin_Airport", "Dest_Airport"), ("cause", "effect"),
        ("SourceNode", "DestinationNode"), ("payer", "payee"), ("presynaptic", "postsynaptic"), ("tf", "gene"),
        ("TF", "target_gene"),
    ],
)  # fmt: skip
def test_names_of_ends_give_the_direction_in_either_order(ends: tuple[str, str]) -> None:
    frame = pd.DataFrame({ends[1]: ["b", "c"], ends[0]: ["a", "b"], "weight": [5, 1]})
    for found in (as_arcs(frame), read_arcs(io.StringIO(frame.to_csv(index=False)))):
        assert arcs_of(found) == [("a", "b", 5.0), ("b", "c", 1.0)]
        assert f"arcs lead from column '{ends[0]}' to column '{ends[1]}'" in found.reading.remarks
    said = as_arcs(frame[[*ends, "weight"]]).reading.remarks
    assert said == ()  # as the names of the columns say, which the reading has
    assert dk.as_graph(frame).m == 2


@pytest.mark.parametrize(
    ("lead", "follow"),
    [
        ("parent", "child"), ("Teacher", "Student"), ("manager", "employee"), ("employer", "employee"),
        ("parent_name", "child_name"), ("trainer", "trainee"), ("regulator", "regulated"), ("parent_id", "id"),
        ("giver", "taker"), ("exposure", "outcome"),
    ],
)  # fmt: skip
def test_two_roles_against_their_order_are_asked_about(lead: str, follow: str) -> None:
    rows = [["a", "b", 5], ["c", "a", 1]]
    frame = pd.DataFrame(rows, columns=[follow, lead, "weight"])
    for obj, read in ((frame, as_arcs), (io.StringIO(frame.to_csv(index=False)), read_arcs)):
        with pytest.raises(InputError, match="leave it open where an arc leads") as caught:
            read(obj)
        assert f"from the '{follow}' to the '{lead}'" in str(caught.value)
        assert f"from the '{lead}' to the '{follow}'" in str(caught.value)
    assert dk.as_graph(frame).m == 2  # a cut has no directions
    assert arcs_of(as_arcs(pd.DataFrame(rows, columns=[lead, follow, "weight"]))) == [
        ("a", "b", 5.0),
        ("c", "a", 1.0),
    ]
    named = frame.rename(columns={follow: "source", lead: "target"})
    assert arcs_of(as_arcs(named)) == [("a", "b", 5.0), ("c", "a", 1.0)]


@pytest.mark.parametrize("names", [["a", "b"], ["city", "town"], ["user", "item"], ["name_1", "street"]])
def test_other_names_keep_the_order_of_the_columns(names: list[str]) -> None:
    frame = pd.DataFrame([["x", "y", 5], ["y", "z", 1]], columns=[*names, "weight"])
    assert arcs_of(as_arcs(frame)) == [("x", "y", 5.0), ("y", "z", 1.0)]
    assert as_arcs(frame).reading.remarks == (f"arcs lead from column {names[0]!r} to column {names[1]!r}",)


@pytest.mark.parametrize("comment", ["# ToNodeId\tFromNodeId", "# target source", "%child parent"])
def test_comments_that_turn_the_columns_are_asked_about(comment: str) -> None:
    text = f"{comment}\n1\t2\n2\t3\n"
    with pytest.raises(InputError, match="may name the columns, so that arcs lead from the"):
        read_arcs(io.StringIO(text))
    assert dk.read_graph(io.StringIO(text)).m == 2
    assert arcs_of(read_arcs(io.StringIO("# FromNodeId\tToNodeId\n1\t2\n"))) == [(1, 2, 1.0)]


@pytest.mark.parametrize("name", ["relation", "Predicate"])
def test_triples_of_knowledge_graphs_are_asked_about(name: str) -> None:
    frame = pd.DataFrame({"head": ["a", "b"], name: ["knows", "likes"], "tail": ["b", "c"]})
    for obj in (frame, frame.to_dict("records"), io.StringIO(frame.to_csv(index=False))):
        with pytest.raises(InputError, match="triples of a knowledge graph"):
            as_arcs(obj)
    named = frame.rename(columns={"head": "source", "tail": "target"})
    assert [(u, v) for u, v, _ in arcs_of(as_arcs(named))] == [("a", "b"), ("b", "c")]
    assert dk.as_graph(frame).m == 2


@pytest.mark.parametrize(
    "comment",
    [
        "% sym weighted",
        "%sym unweighted",
        "# Undirected graph (each unordered pair of nodes is saved once): x.txt",
        "# Nodes: 3\n# undirected",
        "# directed: false",
        "# a non-directed network",
    ],
)
def test_files_that_call_themselves_undirected_have_no_arcs(comment: str) -> None:
    text = f"{comment}\n1 2 5\n2 3 1\n"
    with pytest.raises(InputError, match="says that the graph is undirected") as caught:
        read_arcs(io.StringIO(text))
    assert "--comments '#%'" in str(caught.value)
    assert read_arcs(io.StringIO(text), comments="#%").m == 2
    assert dk.read_graph(io.StringIO(text)).m == 2
    assert dk.read_graph(io.StringIO(text), symmetrize="sum").m == 2


@pytest.mark.parametrize("comment", ["% asym weighted", "# Directed graph", "# roads", "# undirected"])
def test_other_comments_say_nothing_of_arcs(comment: str) -> None:
    lines = "1 2 5\n2 3 1\n"
    text = f"{comment}\n{lines}" if "undirected" not in comment else f"{lines}{comment}\n"
    assert arcs_of(read_arcs(io.StringIO(text))) == [(1, 2, 5.0), (2, 3, 1.0)]


def test_what_networkx_writes_of_a_digraph_has_arcs() -> None:
    file = io.BytesIO()
    nx.write_weighted_edgelist(nx.DiGraph([("a", "b", {"weight": 2}), ("c", "b", {"weight": 3})]), file)
    assert arcs_of(read_arcs(io.BytesIO(file.getvalue()))) == [("a", "b", 2.0), ("c", "b", 3.0)]
