"""Tables that other tools write and that could be misread: each is read right, or refused with both readings named."""

from __future__ import annotations

import functools
import itertools

import networkx as nx
import pytest
from tests import inputs
from tests.inputs import refused

from derandkit import read_graph

#: The edges a-b 3, b-c 4, a-c 5, between words and between numbers.
WORDS = {("a", "b"): 3, ("a", "c"): 5, ("b", "c"): 4}
NUMBERS = {(1, 2): 3, (1, 3): 5, (2, 3): 4}
SIGNED = {("a", "b"): 1, ("a", "c"): -1, ("b", "c"): -1}
TRIANGLE = {(1, 2): 1, (1, 3): 1, (2, 3): 1}


def read(folder, content, name="g.csv", **options):
    return inputs.read(folder, content, name, **options)


def edges(graph):
    i, j, w = graph.edges()
    label = graph.labels
    return {(label[a], label[b]): x for a, b, x in zip(i.tolist(), j.tolist(), w.tolist(), strict=True)}


refusal = functools.partial(refused, read)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("sep=;\nsource;target;weight\na;b;3\nb;c;4\na;c;5\n", WORDS),
        ("sep=;\na;b;3\nb;c;4\na;c;5\n", WORDS),
        ('"sep=;"\r\na;b;3\r\nb;c;4\r\na;c;5\r\n', WORDS),
        ("\ufeffSEP=,\na,b,3\nb,c,4\na,c,5\n", WORDS),
        ("sep=\t\na\tb\t3\nb\tc\t4\na\tc\t5\n", WORDS),
        ("sep=|\na|b|3,0\nb|c|4,0\na|c|5,0\n", WORDS),
    ],
)
def test_a_line_that_names_the_separator_is_no_edge(tmp_path, content, wanted):
    g = read(tmp_path, content)
    assert edges(g) == wanted
    assert "names the separator" in g.reading.remarks[0]


def test_a_separator_that_contradicts_the_file_is_refused(tmp_path):
    text = "sep=;\na;b;3\n"
    assert ":1: the first line says 'sep=;', but the separator was given as comma" in refusal(
        tmp_path, text, separator="comma"
    )
    assert edges(read(tmp_path, text, separator="semicolon")) == {("a", "b"): 3}


SHORT = "the first may number the lines, as R writes them, or the last may lack a name"


@pytest.mark.parametrize(
    "content",
    [
        "source,target\na,b,3\nb,c,4\na,c,5\n",
        "source,target\n1,2,3\n2,3,4\n1,3,5\n",
        "from to\n1 2 3\n2 3 4\n3 1 5\n",
        "a,b\nx,y,3\ny,z,4\n",
        "source,target,weight\na,b,3,2020\nb,c,4,2021\n",
        "from to weight\n1 2 3 7\n2 3 4 8\n3 4 5 9\n",
    ],
)
def test_a_header_with_a_name_too_few_is_refused(tmp_path, content):
    assert SHORT in refusal(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        '"from" "to" "weight"\n"1" "a" "b" 3\n"2" "b" "c" 4\n"3" "a" "c" 5\n',
        'from to weight\n"7" a b 3\n"2" b c 4\n"9" a c 5\n',
        "from to weight\n1 a b 3\n2 b c 4\n3 a c 5\n",
        '"","from","to","weight"\n"1","a","b",3\n"2","b","c",4\n"3","a","c",5\n',
        ",source,target,weight\n0,a,b,3\n1,b,c,4\n2,a,c,5\n",
        ",0,1,2\n0,a,b,3\n1,b,c,4\n2,a,c,5\n",
        ",a,b,value\n0,a,b,3\n1,b,c,4\n2,a,c,5\n",
        "Unnamed: 0,source,target,weight\n0,a,b,3\n1,b,c,4\n2,a,c,5\n",
    ],
)
def test_row_numbers_of_r_and_pandas_are_left_out_with_a_word(tmp_path, content):
    g = read(tmp_path, content)
    assert edges(g) == WORDS
    assert "column 1, which has no name, is not used" in g.reading.remarks


def test_quoted_row_numbers_of_r_beside_numbers(tmp_path):
    g = read(tmp_path, '"from" "to" "weight"\n"1" 1 2 3\n"2" 2 3 4\n"3" 1 3 5\n', "g.txt")
    assert edges(g) == NUMBERS


@pytest.mark.parametrize(
    "content",
    ["0,1,2\na,b,3\nb,c,4\na,c,5\n", "0,1\na,b\nb,c\n", "0,1,2\n7,8,3\n8,9,4\n7,9,5\n", "0;1\n1;2\n1;0\n"],
)
def test_numbers_as_names_of_columns_are_refused(tmp_path, content):
    text = refusal(tmp_path, content)
    assert "may name the columns, as pandas does, or be an edge" in text
    assert "--no-header" in text
    assert read(tmp_path, content, header=True).reading.header_lines == 1
    assert read(tmp_path, content, header=False).reading.header_lines == 0


@pytest.mark.parametrize("n", [4, 40])
def test_numbers_as_names_above_a_long_list(tmp_path, n):
    body = "".join(f"{u},{v}\n" for u, v in itertools.combinations(range(n), 2))
    assert "may name the columns" in refusal(tmp_path, "0,1\n" + body)
    g = read(tmp_path, body)  # an edge, since vertices 0 and 1 occur again; said
    assert g.m == n * (n - 1) // 2
    assert "was read as an edge" in g.reading.remarks[0]
    assert read(tmp_path, body, header=False).reading.remarks == ()


def test_numbers_as_names_above_a_matrix(tmp_path):
    for text in ("0,1,2\n0,4,1\n4,0,1\n1,1,0\n", "1,2,3\n0,4,1\n4,0,1\n1,1,0\n", "0,1\n0,4\n4,0\n"):
        assert "may be a symmetric matrix or edges" in refusal(tmp_path, text)
    g = read(tmp_path, "0,1,2\n0,4,1\n4,0,1\n1,1,0\n", input_format="matrix")
    assert edges(g) == {(0, 1): 4, (0, 2): 1, (1, 2): 1}
    g = read(tmp_path, "1,2,3,4\n0,4,1,0\n4,0,1,0\n1,1,0,0\n0,0,0,0\n")
    assert edges(g) == {(1, 2): 4, (1, 3): 1, (2, 3): 1}
    assert g.n == 4


@pytest.mark.parametrize(
    "content",
    [
        "source,target,weight\n1.0,2,3\n2.0,3,4\n1,3.0,5\n",
        "1,2.0,3\n2,3.0,4\n1,3.0,5\n",
        "1.00 2. 3\n2 3.0 4\n1 3 5\n",
    ],
)
def test_two_point_zero_is_two(tmp_path, content):
    assert edges(read(tmp_path, content)) == NUMBERS


def test_two_spellings_of_what_may_be_one_vertex(tmp_path):
    assert "'2' and '2.0' may be one vertex or two" in refusal(tmp_path, "a 2.0\n2 b\n")
    assert "may be one vertex or two" in refusal(tmp_path, "1e1 2\n10 3\n")
    assert read(tmp_path, "a 2.0\n3 b\n").labels == ("2.0", "3", "a", "b")


@pytest.mark.parametrize("arrow", ["--", "-", "<->", "\u2014"])
def test_marks_between_the_ends_are_no_vertices(tmp_path, arrow):
    assert edges(read(tmp_path, f"1 {arrow} 2\n2 {arrow} 3\n1 {arrow} 3\n", "g.txt")) == TRIANGLE
    assert edges(read(tmp_path, f"a,{arrow},b,3\nb,{arrow},c,4\na,{arrow},c,5\n")) == WORDS
    assert edges(read(tmp_path, f"a {arrow} b\n", "g.txt")) == {("a", "b"): 1}


@pytest.mark.parametrize("arrow", ["->", "=>", "\u2192", "<-"])
def test_arrows_between_the_ends_are_directions(tmp_path, arrow):
    text = f"1 {arrow} 2\n2 {arrow} 3\n3 {arrow} 2\n"
    assert "the graph is directed" in refusal(tmp_path, text, "g.txt")
    assert edges(read(tmp_path, text, "g.txt", symmetrize="sum")) == {(1, 2): 1, (2, 3): 2}


def test_arrows_and_marks_do_not_mix(tmp_path):
    assert "some have none" in refusal(tmp_path, "1 -> 2\n2 -- 3\n", "g.txt")
    for text in ("1->2\n2->3\n", "a--b 5\nb--c 6\n"):
        assert "write the two ends in columns" in refusal(tmp_path, text, "g.txt")


def test_a_letter_before_every_edge_is_no_vertex(tmp_path):
    for text in ("e 1 2\ne 2 3\ne 1 3\n", "e 1 2 3\ne 2 3 4\ne 1 3 5\n", "e 1 2\n", "edge,1,2\nedge,2,3\n"):
        found = refusal(tmp_path, text, "g.txt")
        assert "a kind of line" in found
        assert "or a vertex" in found
    star = read(tmp_path, "e 1 2\ne 2 3\n", "g.txt", input_format="edgelist")
    assert edges(star) == {("1", "e"): 2, ("2", "e"): 3}


@pytest.mark.parametrize(
    "content",
    [
        "source,target,sign\na,b,+\nb,c,-\na,c,-\n",
        "a,b,+\nb,c,-\na,c,-\n",
        "a b +\nb c -\na c -1\n",
        "source,target,sign\na,b,positive\nb,c,Negative\na,c,neg\n",
        "source\ttarget\tkind\na\tb\t+\nb\tc\t\u2212\na\tc\t-\n",
    ],
)
def test_signs_are_weights(tmp_path, content):
    g = read(tmp_path, content, **({"weight": "kind"} if "kind" in content else {}))
    assert edges(g) == SIGNED
    assert any("weigh 1 and -1" in remark for remark in g.reading.remarks)


def test_signs_as_attributes(tmp_path):
    G = nx.Graph([("a", "b", {"sign": "+"}), ("b", "c", {"sign": "-"}), ("a", "c", {"sign": "-"})])
    nx.write_edgelist(G, tmp_path / "g.txt")
    nx.write_gml(G, tmp_path / "g.gml")
    nx.write_graphml(G, tmp_path / "g.graphml")
    for name in ("g.txt", "g.gml", "g.graphml"):
        g = read_graph(tmp_path / name)
        assert edges(g) == SIGNED
        assert any("weigh 1 and -1" in remark for remark in g.reading.remarks)


@pytest.mark.parametrize("cells", [("1.234", "2,5"), ("1.234,5", "2,5"), ("1.5", "2,500"), ("0.5", "2,5")])
def test_points_beside_commas_are_refused(tmp_path, cells):
    one, other = cells
    assert "decimal" in refusal(tmp_path, f"a;b;{one}\nb;c;{other}\na;c;2,5\n")
    text = refusal(tmp_path, f"source;target;km\na;b;{one}\nb;c;{other}\n")
    assert "decimal" in text or "not all of its entries are numbers" in text


def test_points_in_one_row_of_a_matrix_and_commas_in_another(tmp_path):
    text = "0;1.234;1;1\n1.234;0;2,5;1\n1;2,5;0;1\n1;1;1;0\n"
    assert "a decimal comma and a decimal point" in refusal(tmp_path, text)


def test_unweighted_rudy_files_cut_short_are_asked_about(tmp_path):
    pairs = [f"{u} {v}\n" for u, v in itertools.combinations(range(1, 101), 2)]
    weighted = [line.replace("\n", " 1\n") for line in pairs]
    for kept in (1, 2, 30, 2000):
        assert "looks like a rudy header" in refusal(tmp_path, "100 4950\n" + "".join(pairs[:kept]), "g.txt")
        assert "looks like a rudy header" in refusal(
            tmp_path, "100 4950 0\n" + "".join(weighted[:kept]), "g.txt"
        )
    tree = "".join(f"{v} {v + 1}\n" for v in range(1, 50))
    assert "looks like a rudy header" in refusal(tmp_path, "100 99\n" + tree, "g.txt")
    assert read(tmp_path, "5 9\n5 2\n9 3\n2 3\n", "g.txt").n == 4


def test_a_named_weight_must_be_there(tmp_path):
    for text in (
        "a,b,3\nb,c,4\n",
        "1 2 3\n2 3 4\n1 3 5\n4 5 6\n5 6 7\n",
        "1 2\n2 3\n3 4\n4 5\n5 6\n",
        "3 2\n1 2 5\n2 3 6\n",
    ):
        assert "no column or attribute is named 'cost'" in refusal(tmp_path, text, weight="cost")
    assert "no column is named 'cost'" in refusal(tmp_path, "source,target,km\na,b,3\n", weight="cost")
    assert edges(read(tmp_path, "source,target,Cost,km\na,b,3,4\n", weight="cost")) == {("a", "b"): 3}


@pytest.mark.parametrize("name", ["rank", "year", "timestamp", "id"])
def test_columns_that_are_no_weights_are_named(tmp_path, name):
    g = read(tmp_path, f"source,target,{name}\na,b,3\nb,c,4\n")
    assert g.total_weight == 2
    assert g.reading.remarks == (f"column {name!r} is not used, and every edge weighs 1",)
    assert read(tmp_path, f"source,target,{name}\na,b,3\nb,c,4\n", weight=name).total_weight == 7


@pytest.mark.parametrize(
    "head",
    [
        "% asym unweighted\n",
        "# Directed graph: Wiki-Vote\n# FromNodeId\tToNodeId\n",
        "# a directed network\n",
    ],
)
def test_files_that_call_themselves_directed(tmp_path, head):
    directed = "the file says that the graph is directed; directions are left out"
    g = read(tmp_path, head + "1\t2\n2\t3\n1\t3\n", "g.txt")
    assert edges(g) == TRIANGLE
    assert g.reading.remarks == (directed,)
    g = read(tmp_path, head + "1\t2\n2\t1\n1\t3\n", "g.txt")
    assert edges(g) == {(1, 2): 2, (1, 3): 1}
    assert g.reading.remarks == (
        directed,
        "1 edge is listed in both directions and adds up (--symmetrize max counts each once)",
    )
    g = read(tmp_path, head + "1\t2\n2\t1\n1\t3\n3\t1\n", "g.txt")
    assert edges(g) == {(1, 2): 1, (1, 3): 1}
    assert "counts once" in g.reading.remarks[1]


@pytest.mark.parametrize(
    "head", ["% sym weighted\n", "# Undirected graph: x\n", "# directed: false\n", "# not directed\n"]
)
def test_files_that_call_themselves_undirected(tmp_path, head):
    assert read(tmp_path, head + "1\t2\n2\t3\n1\t3\n", "g.txt").reading.remarks == ()


def test_directions_with_two_weights_are_refused(tmp_path):
    text = "1 2 3\n2 1 4\n1 3 5\n3 1 5\n"
    assert "1, 2 weighs 3 and 2, 1 weighs 4" in refusal(tmp_path, text, "g.txt")
    assert edges(read(tmp_path, text, "g.txt", symmetrize="mean")) == {(1, 2): 3.5, (1, 3): 5}


def test_what_drawn_tables_showed(tmp_path):
    assert "a mark between the ends of an edge, or a vertex" in refusal(tmp_path, '"a","-","2,25"\n')
    assert "not clear which of the columns" in refusal(tmp_path, "note;a;b;id\nx;3;1;8\n")
    assert "may name the columns" in refusal(tmp_path, "0 1 2\nbob ann 3\n", "g.txt")
    assert "may name the columns" in refusal(tmp_path, "sep=;\n0;1;2\n3;4;5\n")
    assert ":3: 3 columns" in refusal(tmp_path, " a b c\n0 x y 1\n1 x z\n", "g.txt")
    hidden = "Source,Target,year,Weight\n#i,b,1999,1\nc,d,2000,2\n"
    assert "may be a comment or a row" in refusal(tmp_path, hidden)
    assert read(tmp_path, hidden, comments="none").m == 2
    assert read(tmp_path, hidden, comments="#").m == 1
    assert read(tmp_path, '# don"t, mind\nc,d,2\n#see, "note, or both of them\ne,f,3\n').m == 2


@pytest.mark.parametrize(
    "content",
    [
        "Source Weight Target\na 5 e\n#i -3 t|u\n",
        "Source Target Weight\n+ #i 2.25\n#i p;q -1e3\n",
        "e d 2,25\nf g 2,25\n#i e 2,25\n",
        'from km to\n#i 5 "New York"\n"New York" 12 -\n',
        "target weight  source note\n99999 7 0 1000 x\n",
    ],
)
def test_rows_that_drawn_tables_lost_are_asked_about(tmp_path, content):
    """Read without a row, or by other columns, until tables drawn by the ten thousand showed it."""
    text = refusal(tmp_path, content)
    assert "may be a comment" in text or "the header names 4 columns, but the lines have 5" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("0: 1 2\n1: 0 2\n2: 0 1\n", "a vertex and its neighbours"),
        ("# by hand\na : b, c\nb : a\n", "a vertex and its neighbours"),
        ("  (0, 1)\t3\n  (1, 2)\t4\n", "an edge in brackets"),
        ("(0, 1)\n(1, 2)\n", "an edge in brackets"),
        ("1 First\n2 Second\n#\n1 2\n", "Trivial Graph Format"),
        ("1 First\n2 Second\n3 Third\n#\n1 2 x\n2 3 y\n", "Trivial Graph Format"),
        ("# weight source target\n5 1 2\n7 2 3\n", "may name the columns, and the weight is not the third"),
        ("# source target timestamp\n1 2 1082040961\n2 3 1082155839\n", "may name the columns"),
        ("# made by hand\n#id,from,to\n8,1,2\n9,2,3\n", "may name the columns"),
    ],
)
def test_layouts_of_other_programs_are_refused_by_what_they_are(tmp_path, content, said):
    assert said in refusal(tmp_path, content, "g.txt")


def test_colons_brackets_and_comments_that_are_no_layout(tmp_path):
    """One line of another kind, or an option, and there is no doubt."""
    assert edges(read(tmp_path, "a: b\nb c\n", "g.txt")) == {("a:", "b"): 1, ("b", "c"): 1}
    named = read(tmp_path, "a: b\nb: a:\n", "g.txt", input_format="edgelist")
    assert edges(named) == {("a:", "b"): 1, ("a:", "b:"): 1}
    assert read(tmp_path, "(0, 0)\t(0, 1)\n(0, 1)\t(1, 1)\n", "g.txt").m == 2
    assert edges(read(tmp_path, "1 2\n#\n2 3\n", "g.txt")) == {(1, 2): 1, (2, 3): 1}
    assert edges(read(tmp_path, "# source target km\n1 2 5\n", "g.txt")) == {(1, 2): 5}
    assert read(tmp_path, "# source target time\n1 2 5\n", "g.txt", weight=None).m == 1
    assert read(tmp_path, "# id from to\n8 1 2\n", "g.txt", comments="#").m == 1
