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


MATRIX = "x,0,1,0\ny,0,0,5\nz,1,0,0\n"
ARCS = [("y", "x", 1.0), ("x", "z", 1.0), ("z", "y", 5.0)]  # of MATRIX where its columns are the tails


def turned_matrices() -> dict[str, object]:
    xarray = pytest.importorskip("xarray")
    corner = pd.read_csv(io.StringIO("to\\from,x,y,z\n" + MATRIX))
    frame = corner.set_index("to\\from").rename_axis("dst").rename_axis("src", axis=1)
    pairs = pd.Series(
        [1, 1, 5], pd.MultiIndex.from_tuples([(v, u) for u, v, _ in ARCS], names=["to", "from"])
    )
    effects = pairs.rename_axis(["effect", "cause"])
    places = {"to": list("xyz"), "from": list("xyz")}
    return {
        "text": io.StringIO("to\\from,x,y,z\n" + MATRIX),
        "text in both words": io.StringIO("effect/cause;x;y;z\n" + MATRIX.replace(",", ";")),
        "column of names": corner,
        "index of a corner": corner.set_index("to\\from"),
        "names of both axes": frame,
        "series": pairs,
        "series of a flow": effects,
        "frame over pairs": effects.to_frame("count"),
        "DataArray": xarray.DataArray(frame.to_numpy(), dims=("to", "from"), coords=places),
    }


@pytest.mark.parametrize("kind", list(turned_matrices()))
def test_names_of_axes_and_levels_turn_arcs_as_names_of_columns_do(kind: str) -> None:
    found = as_arcs(turned_matrices()[kind])
    assert sorted(arcs_of(found)) == sorted(ARCS)
    said = [x for x in found.reading.remarks if x.startswith("arcs lead from ")]
    assert any(x.endswith(("to 'to'", "to 'dst'", "to 'effect'", "to column 'target'")) for x in said)


def test_names_of_axes_in_the_order_of_arcs_leave_them() -> None:
    back = sorted((v, u, w) for u, v, w in ARCS)
    frame = pd.read_csv(io.StringIO("from\\to,x,y,z\n" + MATRIX), index_col=0)
    for found in (
        frame,
        frame.rename_axis("src").rename_axis("dst", axis=1),
        frame.rename_axis("name").rename_axis("kind", axis=1),
        frame.rename_axis("src"),
        io.StringIO("from\\to,x,y,z\n" + MATRIX),
        io.StringIO("bit,x,y,z\n" + MATRIX),
    ):
        arcs = as_arcs(found)
        assert (sorted(arcs_of(arcs)), arcs.reading.remarks) == (back, ())
    square = frame + frame.T
    assert dk.as_graph(square.rename_axis("to")).m == 3  # without directions the names do not count


def test_axes_that_leave_the_direction_open_are_refused() -> None:
    frame = pd.read_csv(io.StringIO("to,x,y,z\n" + MATRIX))
    roles = frame.set_index("to").rename_axis("child").rename_axis("parent", axis=1)
    pairs = roles.stack()
    for found, words in (
        (io.StringIO("to,x,y,z\n" + MATRIX), "rows of the matrix are called 'to'"),
        (frame, "rows of the matrix are called 'to'"),
        (frame.set_index("to"), "rows of the matrix are called 'to'"),
        (roles, "the names 'child' and 'parent' leave it open"),
        (pairs, "the names 'child' and 'parent' leave it open"),
        (pairs.to_frame("count"), "the names 'child' and 'parent' leave it open"),
        (io.StringIO("child\\parent,x,y,z\n" + MATRIX), "the names 'child' and 'parent' leave it open"),
    ):
        with pytest.raises(InputError, match=words):
            as_arcs(found)
