"""Files of databases and of web pages, counts above rows, vertices alone, last separators, dashes and encodings."""

import pytest
from tests.inputs import read, refusal

from derandkit import as_graph
from derandkit.points.files import read_points

MITAB = (
    'uniprotkb:{}\tuniprotkb:{}\tintact:EBI-1\tintact:EBI-2\tpsi-mi:a_human\tpsi-mi:b_human\tpsi-mi:"MI:0018"(two '
    'hybrid)\tSmith et al. (2005)\tpubmed:1\ttaxid:9606(human)\ttaxid:9606(human)\tpsi-mi:"MI:0915"(physical '
    'association)\tpsi-mi:"MI:0469"(IntAct)\tintact:EBI-3\tintact-miscore:0.5\n'
)
MITAB_HEAD = (
    "#ID(s) interactor A\tID(s) interactor B\t" + "\t".join(f"column {k}" for k in range(3, 16)) + "\n"
)
PAIRS = (("P1", "P2"), ("P2", "P3"), ("P1", "P3"))
BIOGRID_HEAD = (
    "#BioGRID Interaction ID\tEntrez Gene Interactor A\tEntrez Gene Interactor B\tOfficial Symbol Interactor A\t"
    "Official Symbol Interactor B\tSynonyms Interactor A\tScore\n"
)
BIOGRID = "103\t6416\t2318\tMAP2K4\tFLNC\tJNKK|SEK1\t-\n104\t84665\t88\tMYPN\tACTN2\tRCM4|CMD1\t-\n"


@pytest.mark.parametrize("head", ["", MITAB_HEAD])
def test_mitab_is_named_and_its_first_two_columns_are_read(tmp_path, head):
    text = head + "".join(MITAB.format(*pair) for pair in PAIRS)
    assert "a PSI-MI TAB file (MITAB); keep its first two columns" in refusal(tmp_path, text)
    kept = "".join("\t".join(line.split("\t")[:2]) + "\n" for line in text.splitlines())
    assert set(read(tmp_path, kept).labels) == {"uniprotkb:P1", "uniprotkb:P2", "uniprotkb:P3"}


def test_biogrid_is_named_and_never_parted_at_a_bar_between_synonyms(tmp_path):
    assert "a BioGRID file (TAB2, TAB3)" in refusal(tmp_path, BIOGRID_HEAD + BIOGRID)
    assert "bar or tab" in refusal(tmp_path, BIOGRID)
    graph = read(tmp_path, BIOGRID_HEAD[1:] + BIOGRID, input_format="edgelist", weight=None)
    assert set(graph.labels) == {"ACTN2", "FLNC", "MAP2K4", "MYPN"}


@pytest.mark.parametrize("mark", [",", ";", "|"])
def test_tabs_inside_cells_between_other_signs(tmp_path, mark):
    text = "".join(f"{k}\tx\ty{mark}z\tw\n" for k in range(4))
    assert "or tab" in refusal(tmp_path, text)


@pytest.mark.parametrize(("text", "m", "total"), [
    ("1,2,\n2,3,\n1,3,\n", 3, 3),
    ("1,2,5,\n2,3,6,\n1,3,7,\n", 3, 18),
    ("a;b;\nb;c;\n", 2, 2),
    ("New York,Boston,\nBoston,Salem,\n", 2, 2),
    ("source,target,km,\na,b,5,\nb,c,6,\n", 2, 11),
    ("0,5,1,1,\n5,0,1,1,\n1,1,0,1,\n1,1,1,0,\n", 6, 10),
])  # fmt: skip
def test_an_empty_last_column_is_left_out_with_a_word(tmp_path, text, m, total):
    graph = read(tmp_path, text)
    assert (graph.m, graph.total_weight) == (m, total)
    assert "the empty last column was left out" in graph.reading.remarks
    assert graph.digest == read(tmp_path, text.replace(",\n", "\n").replace(";\n", "\n")).digest


@pytest.mark.parametrize("text", [
    "1,2,\n2,3,5\n1,3,\n",  # a weight that two edges lack
    "1,,\n2,,\n",
    "0,1,1,1,\n1,0,1,1,\n1,1,0,1,\n1,1,1,0,\n,,,,\n",  # a fifth vertex without edges
])  # fmt: skip
def test_an_empty_last_column_that_holds_more_is_refused(tmp_path, text):
    message = refusal(tmp_path, text)
    assert any(part in message for part in ("empty column", "the weight is missing", "no square matrix"))


def test_names_that_end_in_a_separator_keep_it(tmp_path):
    assert "comma or semicolon" in refusal(tmp_path, "a,b;\nb,c;\n")


def test_a_count_above_a_matrix(tmp_path):
    rows = "0 1 2 1\n1 0 3 1\n2 3 0 1\n1 1 1 0\n"
    graph = read(tmp_path, "4\n" + rows)
    assert graph.digest == read(tmp_path, rows).digest
    assert "the first line, 4, counts the rows below it" in graph.reading.remarks
    assert read(tmp_path, "4\n" + rows.replace(" ", ",")).digest == graph.digest
    three = "3\n0 1 2\n1 0 3\n2 3 0\n"
    assert "--input-format matrix or edgelist" in refusal(tmp_path, three)
    assert read(tmp_path, three, input_format="matrix").total_weight == 6
    assert "a count of what is below" in refusal(tmp_path, "5\n" + rows)
    assert "a count of what is below" in refusal(tmp_path, "3\n1 2 5\n2 3 1\n")


@pytest.mark.parametrize(
    "text", ["a b\nb c\nd\na c\n", "a,b\nb,c\nd\na,c\n", "source,target\na,b\nb,c\nd,\na,c\n"]
)
def test_a_vertex_alone_is_written_as_a_loop(tmp_path, text):
    message = refusal(tmp_path, text)
    assert "a vertex without edges is written as a loop" in message
    graph = read(tmp_path, text.replace("d,\n", "d\n").replace("d\n", "d,d\n" if "," in text else "d d\n"))
    assert (graph.n, graph.m, "d" in graph.labels) == (4, 3, True)


def test_konect_without_its_first_line(tmp_path):
    text = "1 2 1 1082040961\n2 3 1 1082040969\n1 3 2 1082050961\n"
    assert "'u v weight time' of KONECT follow a line '% sym' or '% asym'" in refusal(tmp_path, text, "out.g")
    assert read(tmp_path, "% sym weighted\n" + text, "out.g").total_weight == 4


@pytest.mark.parametrize("dash", ["\u2212", "\u2013", "\uff0d"])
@pytest.mark.parametrize("text", [
    "source,target,weight\na,b,{}2\nb,c,3\n", "a b {}2\nb c 3\n", "0 {}2 1 1\n{}2 0 3 1\n1 3 0 1\n1 1 1 0\n",
])  # fmt: skip
def test_dashes_before_numbers_are_named(tmp_path, text, dash):
    assert "minus sign of text" in refusal(tmp_path, text.replace("{}", dash))
    assert read(tmp_path, text.replace("{}", "-")).m > 1


def test_windows_1252(tmp_path):
    text = "source,target,weight\nO\u2019Neil,Café \u2013 Bar,2\nCafé \u2013 Bar,C,3\n"
    graph = read(tmp_path, text.encode("cp1252"))
    assert graph.reading.remarks == ("the text is not UTF-8 and was read as Windows-1252",)
    assert (
        graph.digest == as_graph([("O\u2019Neil", "Café \u2013 Bar", 2), ("Café \u2013 Bar", "C", 3)]).digest
    )
    assert "look alike" in refusal(tmp_path, "source,target\n\u201cA\u201d,B\nA,C\n".encode("cp1252"))
    assert "nor Latin-1" in refusal(tmp_path, "東京,大阪\n大阪,京都\n".encode("shift_jis"))


def test_points_in_windows_1252(tmp_path):
    file = tmp_path / "points.csv"
    file.write_bytes("width \u2013 mm,height\n1,2\n3,4\n5,7\n".encode("cp1252"))
    with pytest.warns(UserWarning, match="read as Windows-1252"):
        cloud = read_points(str(file))
    assert cloud.n_points == 3
