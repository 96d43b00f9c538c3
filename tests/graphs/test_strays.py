"""Signs that are no names, and files of other programs, are no vertices: read as they are meant, or refused by name."""

from __future__ import annotations

import pytest
from tests.inputs import read, refusal

from derandkit import as_graph

PAIRS = [(1, 2), (2, 3), (3, 1), (3, 4)]
PLAIN = as_graph(PAIRS).digest


def lines(form):
    return "".join(form.format(u, v) + "\n" for u, v in PAIRS)


@pytest.mark.parametrize("mark", [",", ";", "|"])
@pytest.mark.parametrize("blanks", ["{} {} {}", "{}  {}  {}", "{}{} {}", "{}{}{}"])
def test_separators_between_blanks_are_no_vertices(tmp_path, mark, blanks):
    text = lines(blanks.format("{}", mark, "{}"))
    assert read(tmp_path, text).digest == PLAIN
    weighted = lines(f"{{}} {mark} {{}} {mark} 2")
    assert read(tmp_path, weighted).digest == as_graph([(u, v, 2) for u, v in PAIRS]).digest


@pytest.mark.parametrize(
    "sign", ["/", "&", "*", "=", "~", "+", "x", "vs", "::", "\\", "..", "<>", "@", "\u00b7"]
)
def test_signs_between_whole_numbers_are_asked_about(tmp_path, sign):
    text = lines(f"{{}} {sign} {{}}")
    assert "a sign between the ends of edges, or a vertex" in refusal(tmp_path, text)
    star = read(tmp_path, text, input_format="edgelist")
    assert star.n == 4
    assert sign in star.labels


def test_stars_of_words_are_stars(tmp_path):
    assert read(tmp_path, "a hub 3\nb hub 4\nc hub 5\n").degrees.max() == 3
    assert read(tmp_path, "1 hub 3.5\n2 hub 4\n3 hub 5\n").degrees.max() == 3
    assert read(tmp_path, "source target weight\n1 hub 3\n2 hub 4\n3 hub 5\n").degrees.max() == 3


@pytest.mark.parametrize("form", ["{} {}]", "{},{})", "{}) {}", "{} {}\\\\", "{} {}&"])
def test_signs_behind_the_names_of_one_column_are_asked_about(tmp_path, form):
    assert "a sign, or part of the names" in refusal(tmp_path, lines(form))
    assert read(tmp_path, lines(form), input_format="edgelist").n == 7


def test_signs_behind_names_of_both_columns_are_part_of_them(tmp_path):
    assert read(tmp_path, "a. b.\nb. c.\n").labels == ("a.", "b.", "c.")
    assert read(tmp_path, "St. Inc.\nInc. Paul\n").n == 3


def test_a_name_and_its_value_is_no_edge_without_a_word(tmp_path):
    for text in ("Alice 3.5\nBob 5\n", "Alice,3.5\nBob,5\n", "3.5;Alice\n5;Bob\n"):
        assert "a name and its value, or an edge" in refusal(tmp_path, text)
    assert read(tmp_path, "Alice 3.5\nBob 5\n", input_format="edgelist").m == 2
    assert read(tmp_path, "alice 17\nbob 17\nbob 18\n").m == 3  # people and what they chose


@pytest.mark.parametrize("rule", ["|---|---|", "| :-- | --: |", ""])
def test_tables_of_markdown(tmp_path, rule):
    text = "| source | target |\n" + (rule + "\n" if rule else "") + lines("| {} | {} |")
    graph = read(tmp_path, text, "g.md")
    assert graph.digest == PLAIN
    assert graph.reading.remarks == ("the bars at both ends of each line were left out",)


def test_relations_of_neo4j(tmp_path):
    graph = read(tmp_path, ":START_ID(C),:END_ID(C),km:float,:TYPE\n1,2,3.5,ROAD\n2,3,4,ROAD\n")
    assert graph.digest == as_graph([(1, 2, 3.5), (2, 3, 4)]).digest
    assert "the weights are those of 'km'" in graph.reading.remarks
    assert read(tmp_path, ":START_ID,:END_ID\n1,2\n2,3\n").m == 2


@pytest.mark.parametrize("head", [":START_ID(P),:END_ID(M),:TYPE", ":END_ID(M),:START_ID(P),km:float"])
def test_id_spaces_of_neo4j(tmp_path, head):
    rows = "1,12,3\n2,13,4\n12,2,5\n"
    assert "number their nodes apart: '12' stands in both, for two nodes" in refusal(
        tmp_path, f"{head}\n{rows}"
    )
    one = head.replace("(M)", "(P)")
    for same in (one, one.replace("(P)", "")):  # one space, or that of all nodes
        assert read(tmp_path, f"{same}\n{rows}").n == 4
    apart = rows.replace("12,2", "3,14").replace(",", ",m", 1)
    assert read(tmp_path, f"{head}\n{apart}").n == 6


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_spreadsheets_in_utf_16(tmp_path, encoding):
    text = "source\ttarget\tweight\r\nZ\u00fcrich\tb\t3,5\r\nb\tc\t2\r\n"
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    graph = read(tmp_path, mark + text.encode(encoding))
    assert graph.digest == as_graph([("Z\u00fcrich", "b", 3.5), ("b", "c", 2)]).digest
    assert "the text is UTF-16" in graph.reading.remarks


FOREIGN = {
    "VNA": "*node data\nid name\n1 a\n*tie data\nfrom to\n1 2\n",
    "UCINET": "dl n=3 format=edgelist1\ndata:\n1 2\n2 3\n",
    "UCINET, two lines": "DL\nN = 3\nDATA:\n0 1 2\n1 0 3\n2 3 0\n",
    "SteinLib": "33D32945 STP File, STP Format Version 1.0\nSECTION Graph\nNodes 3\nE 1 2 5\nEND\n",
    "TSPLIB": "NAME: x\nTYPE: TSP\nDIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 1 1\nEOF\n",
    "LEMON": "@nodes\nlabel\n0\n1\n@edges\n-\n0 1\n",
    "OBO": "format-version: 1.2\n\n[Term]\nid: GO:1\nis_a: GO:2\n",
    "Graphs.jl": "4,3,u,,2,Int64,simplegraph\n1,2\n2,3\n3,4\n",
    "Cypher": "CREATE (a)-[:X]->(b)\nCREATE (b)-[:X]->(c)\n",
    "SQL": "INSERT INTO e VALUES (1,2);\nINSERT INTO e VALUES (2,3);\n",
    "RDF": "<http://a> <http://k> <http://b> .\n<http://b> <http://k> <http://c> .\n",
    "Prolog": "edge(1,2). edge(2,3).\n",
    "Mathematica": "Graph[{1 -> 2, 2 -> 3}]\n",
}


@pytest.mark.parametrize("form", FOREIGN)
def test_formats_of_other_programs_are_named(tmp_path, form):
    assert form.partition(",")[0] in refusal(tmp_path, FOREIGN[form])


def test_suffixes_that_promise_no_list_of_edges(tmp_path):
    assert "the kind of relation" in refusal(tmp_path, "1 5 2\n2 5 3\n", "g.sif")
    assert "a hypergraph" in refusal(tmp_path, "2 3\n1 2\n2 3\n", "g.hgr")


def test_matlab_files_of_both_kinds_are_named(tmp_path):
    assert "cannot be read as a MATLAB file" in refusal(
        tmp_path, b"MATLAB 5.0 MAT-file, Platform" + bytes(200)
    )
    assert "h5py" in refusal(tmp_path, b"MATLAB 7.3 MAT-file, Platform" + bytes(200))


@pytest.mark.parametrize("form", ["{} {} {}", "{},{},{}", "n{} n{} {}"])
@pytest.mark.parametrize("rows", [2, 9])
def test_times_are_no_weights_without_a_word(tmp_path, form, rows):
    text = "".join(form.format(k + 3, k, 1_082_040_961 + 977 * k) + "\n" for k in range(rows))
    assert "may be times in seconds since 1970" in refusal(tmp_path, text)
    assert read(tmp_path, text, weight=None).total_weight == rows
    assert read(tmp_path, text, input_format="edgelist").total_weight > 1e9
    if form == "{},{},{}":
        assert read(tmp_path, "source,target,weight\n" + text).total_weight > 1e9
    assert read(tmp_path, text + form.format(0, 1, 5) + "\n").m == rows + 1


def test_a_column_of_weights_without_numbers_is_named(tmp_path):
    assert "column 'cost' may hold the weights" in refusal(tmp_path, "source,target,cost\na,b,$30\nb,c,$40\n")
    assert read(tmp_path, "source,target,note\na,b,$30\nb,c,$40\n").total_weight == 2
