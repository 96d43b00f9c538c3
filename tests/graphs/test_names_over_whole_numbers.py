"""Names of two ends above whole numbers are names; a truth value of every edge says that it is one."""

import io
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from tests.inputs import read, refusal, refused

import derandkit as dk
from derandkit.models.arcs import read_arcs

PAIRS = [(1, 2), (2, 3), (3, 4), (4, 1), (1, 3)]
ROWS = "".join(f"{u},{v}\n" for u, v in PAIRS)
#: Names that say where an arc leads, and names that say it of no direction.
LEAD = (
    "source,destination", "SOURCE,DESTINATION", "source_ip,destination_ip", "follower,followee",
    "follower_id,followee_id", "sender,recipient", "sender_id,recipient_id", "sender_id,receiver_id",
    "paper_id,cited_paper_id", "paperId,citedPaperId", "citing_paper_id,cited_paper_id",
    "citingPaperId,citedPaperId", "senderId,recipientId", "SourceIP,DestinationIP",
)  # fmt: skip
BOTH = (
    "user_id,friend_id", "userID,friendID", "person1_id,person2_id", "person1Id,person2Id", "gene_a_id,gene_b_id",
    "author_id,coauthor_id", "u_id,v_id", "n1,n2", "user,friend",
)  # fmt: skip


@pytest.mark.parametrize("names", [*LEAD, *BOTH])
def test_names_of_two_ends_above_numbers_are_read(tmp_path, names):
    right = dk.as_graph(PAIRS)
    found = read(tmp_path, f"{names}\n{ROWS}", "g.csv")
    assert found.digest == right.digest
    assert found.reading.header_lines == 1
    weighted = "".join(f"{row},{k}.5\n" for k, row in enumerate(ROWS.split()))
    frame = pd.read_csv(io.StringIO(f"{names},weight\n{weighted}"))
    assert read(tmp_path, f"{names},weight\n{weighted}", "w.csv").digest == dk.as_graph(frame).digest


@pytest.mark.parametrize("names", LEAD)
def test_arcs_lead_as_these_names_say(names):
    right = [(u, v, 1.0) for u, v in PAIRS]
    one, other = names.split(",")
    turned = "".join(f"{v},{u}\n" for u, v in PAIRS)
    for text in (f"{names}\n{ROWS}", f"{other},{one}\n{turned}"):
        arcs = read_arcs(io.StringIO(text))
        found = zip(arcs.tails, arcs.heads, arcs.weights, strict=True)
        assert sorted((arcs.labels[u], arcs.labels[v], w) for u, v, w in found) == sorted(right)


@pytest.mark.parametrize(
    "names",
    ["userId,movieId", "user_id,item_id", "input,output", "patient_id,visit_id", "age,friend", "x1_id,x2_id",
     "year1_id,year2_id", "lat,lon", "alpha,beta", "sender_amount,recipient_amount", "source_port,destination_port",
     "citing_year,cited_year"],
)  # fmt: skip
def test_other_names_above_numbers_are_asked_about(tmp_path, names):
    assert "looks like column names, or an edge" in refusal(tmp_path, f"{names}\n{ROWS}", "g.csv")


@pytest.mark.parametrize("names", ["n1,n2,n3", "gene1_id,gene2_id,gene3_id", "gene_a_id,gene_b_id,gene_c_id"])
def test_three_columns_that_count_on_are_no_two_ends(tmp_path, names):
    text = f"{names}\n" + "".join(f"{row},{k}\n" for k, row in enumerate(ROWS.split()))
    message = refusal(tmp_path, text, "g.csv")
    assert "looks like column names, but none that is known" in message or "hold numbers: edges" in message


@pytest.mark.parametrize("true", [True, np.True_])
def test_true_for_every_edge_weighs_one(tmp_path, true):
    right = dk.as_graph([("a", "b"), ("b", "c")]).digest
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "weight": [true, true]})
    G = nx.Graph()
    G.add_edges_from([("a", "b"), ("b", "c")], weight=true)
    given = (
        [("a", "b", true), ("b", "c", true)],
        {("a", "b"): true, ("b", "c"): true},
        {"a": {"b": true}, "b": {"c": true}},
        frame,
        frame.to_dict("records"),
        G,
    )
    assert {dk.as_graph(form).digest for form in given} == {right}
    text = json.dumps([["a", "b", True], ["b", "c", True]])
    assert read(tmp_path, text, "g.json").digest == right
    assert dk.as_graph([("a", "b", true)]).total_weight == 1
    ends = np.arange(9), np.arange(1, 10)
    assert dk.as_graph((*ends, np.full(9, true))).digest == dk.as_graph(ends).digest


def test_ends_of_few_edges_and_truth_values_are_asked_about():
    ends = np.array([0, 1]), np.array([1, 2])
    for true in (True, False):
        message = refused(dk.as_graph, (*ends, np.array([True, true])))
        assert "may be 3 edges, or the ends and weights of 2 edges" in message
    assert "booleans" in refused(dk.as_graph, (np.arange(9), np.arange(1, 10), np.arange(9) > 4))


@pytest.mark.parametrize("name", ["hostile", "is_negative", "Enemy", "sign", "inhibition"])
def test_true_says_that_an_edge_is_negative_where_the_name_may(name):
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], name: [True, True]})
    G = nx.from_pandas_edgelist(frame, edge_attr=name)
    for given in (frame, G, frame.to_dict("records")):
        assert "may say that an edge is negative" in refused(dk.as_graph, given, weight=name)
    named = frame.rename(columns={name: "active"})
    assert dk.as_graph(named, weight="active").total_weight == 2


@pytest.mark.parametrize("other", [False, np.False_, 1, 2, 0.5])
def test_true_beside_false_or_a_number_is_refused(other):
    for pair in ((True, other), (other, True)):
        edges = [("a", "b", pair[0]), ("b", "c", pair[1])]
        frame = pd.DataFrame(
            {"source": ["a", "b"], "target": ["b", "c"], "weight": np.array(pair, dtype=object)}
        )
        G = nx.Graph([(u, v, {"weight": w}) for u, v, w in edges])
        for given in (edges, {(u, v): w for u, v, w in edges}, frame, G):
            assert "is a boolean" in refused(dk.as_graph, given)
    assert "is a boolean" in refused(dk.as_graph, [("a", "b", True), ("b", "c")])


def test_a_sign_that_is_true_is_still_asked_about():
    frame = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "sign": [True, True]})
    assert "sign" in refused(dk.as_graph, frame)
