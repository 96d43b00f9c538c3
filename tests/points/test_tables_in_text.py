"""Tables in text as pandas, R and spreadsheets write them: what is a name, an index or a number is never guessed."""

from __future__ import annotations

import gzip
import json
import re

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inputs import refused

from derandkit import RegressionData, verify
from derandkit.cli import main
from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.points.files import as_point_cloud, as_recorded_cloud, read_points, read_table

pytestmark = pytest.mark.filterwarnings("ignore:the (text|numbers|first)", "ignore:[0-9]+ line")

ROWS = np.array(
    [[0.5, -1.25, 3.0], [2.5, 0.75, -0.5], [-1.5, 4.0, 0.25], [3.5, -2.0, 1.5], [0.25, 0.5, -4.5]]
)


def table(header, rows=ROWS, mark=",", ends=()):
    lines = [mark.join([*map(repr, row), *ends[i : i + 1]]) for i, row in enumerate(rows.tolist())]
    return "\n".join([header, *lines]) + "\n"


def written(folder, text, encoding="utf-8"):
    file = folder / "points.csv"
    file.write_bytes(text.encode(encoding))
    return file


def remedies(said):
    """Options of Python that a message advises."""
    return [{key: value} for key, value in re.findall(r"\b(drop)='([^']*)'", said)]


@pytest.mark.parametrize(
    "text",
    [
        ",a,b,c\n7,0.5,1,2\n3,1.5,0,1\n9,0,2,4\n",
        '"","a","b","c"\n"7",0.5,1,2\n"3",1.5,0,1\n"9",0,2,4\n',
        '"a" "b" "c"\n"7" 0.5 1 2\n"3" 1.5 0 1\n"9" 0 2 4\n',
        '"a" "b" "c"\n"Mazda RX4" 0.5 1 2\n"Fiat" 1.5 0 1\n"9" 0 2 4\n',
        "Unnamed: 0\ta\tb\tc\n7\t0.5\t1\t2\n3\t1.5\t0\t1\n9\t0\t2\t4\n",
        "index;a;b;c\n7;0,5;1;2\n3;1,5;0;1\n9;0;2;4\n",
        ",0,1,2\n7,0.5,1,2\n3,1.5,0,1\n9,0,2,4\n",
        ",a,b,c\nr1,0.5,1,2\nr2,1.5,0,1\nr3,0,2,4\n",
    ],
)
def test_an_index_is_refused_and_the_advice_works(tmp_path, text):
    file = written(tmp_path, text)
    said = refused(read_points, file)
    options = remedies(said) or [{"drop": 1}]
    for option in options:
        cloud = read_points(file, **option)
        np.testing.assert_array_equal(cloud.points, [[0.5, 1, 2], [1.5, 0, 1], [0, 2, 4]])
        assert cloud.columns == (("0", "1", "2") if text.startswith(",0,1,2") else ("a", "b", "c"))
    assert "--drop" in said


@pytest.mark.parametrize(
    "header",
    [
        "0,1,2",
        "1,2,3",
        "2019,2020,2021",
        "400,450.5,700",
        "-7,-3,12",
        "10,20,30",
        "2019.0,2020.0,2021.0",
        "3996.0,3994.1,3992.2",
        "700,600,500",
        "100,300,200",
        "2,1,0",
    ],
)
def test_a_header_of_numbers_is_asked_about(tmp_path, header):
    file = written(tmp_path, table(header))
    assert "--header" in refused(read_points, file)
    names = read_points(file, header=True)
    np.testing.assert_array_equal(names.points, ROWS)
    assert names.columns == tuple(header.split(","))
    point = read_points(file, header=False)
    assert (point.n_points, point.columns) == (6, None)
    for cloud, option in ((names, "--header"), (point, "--no-header")):
        record = tmp_path / "map.json"
        run = CliRunner().invoke(main, ["embed", str(file), "-k", "2", option, "-o", str(record), "-q"])
        assert run.exit_code == 0, run.output
        assert json.loads(record.read_text())["points"]["digest"] == cloud.digest
        assert verify(record, file).ok


def test_integers_below_a_header_of_integers(tmp_path):
    counts = "31,4,15\n9,26,5\n35,8,9\n7,93,2\n"
    assert "--header" in refused(read_points, written(tmp_path, "2019,2020,2021\n" + counts))
    assert "--header" in refused(read_points, written(tmp_path, "400,450,700\n" + counts))


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6\n7,8,10\n",
        "1 2 3\n2 1 3\n3 2 1\n1 3 2\n",
        "0 1 2\n1 0 2\n2 1 0\n",
        "1,2\n3,4\n5,1\n",
        "0,0\n0.5,1\n1,0.5\n2,1\n",
        "3,5\n3.5,1.5\n",
        "1,2,4\n0.5,2.5,1\n0,3,5\n2,2,2\n",
    ],
)
def test_points_that_begin_with_whole_numbers_stay_points(tmp_path, text):
    assert read_points(written(tmp_path, text)).n_points == text.count("\n")


@pytest.mark.parametrize(
    "text", ["0,1,2\n1,0,2\n2,1,0\n", "0;1\n5;-3\n2;2\n0;4\n", "0\t1\t2\n9\t8\t7\n4\t4\t4\n"]
)
def test_numbers_of_columns_as_pandas_writes_them_may_be_a_point(tmp_path, text):
    file = written(tmp_path, text)
    assert "--no-header" in refused(read_points, file)
    assert read_points(file, header=True).n_points == text.count("\n") - 1
    assert read_points(file, header=False).n_points == text.count("\n")


@pytest.mark.parametrize("header", ["0,1,2,species", "2019,2020,2021,species", "a,b,c,species"])
def test_words_beside_numbers_are_names(tmp_path, header):
    file = written(tmp_path, table(header, ends=["x", "y", "x", "y", "x"]))
    found = read_table(file, label="species")
    assert found.labels == ("x", "y", "x", "y", "x")
    np.testing.assert_array_equal(found.cloud.points, ROWS)
    assert "--label species" in refused(read_points, file)
    numbers = written(tmp_path, table(header, np.column_stack([ROWS, ROWS[::-1, 0]])))
    assert read_points(numbers, drop="species").digest == found.cloud.digest


def test_words_above_words_that_differ(tmp_path):
    file = written(tmp_path, table("0,1,2,name", ends=list("uvwxy")))
    assert "--no-header" in refused(read_points, file, drop=4)
    assert read_points(file, label="name").n_points == 5
    assert read_points(file, label=4, header=False).n_points == 6
    labelled = written(tmp_path, table("5.1,3.5,1.4,setosa", ends=["setosa", "setosa", "b", "b", "b"]))
    assert read_points(labelled, label=4).n_points == 6
    broken = written(tmp_path, "0.5,x\n1,2\n3,5\n")
    assert "--no-header" in refused(read_points, broken)


@pytest.mark.parametrize("target", ["0,1,2,y", "2019,2020,2021,y", ",0,1,2,y"])
def test_a_target_by_its_name(tmp_path, target):
    values = np.sin(np.arange(80.0) ** 2).reshape(20, 4)
    lines = [",".join(map(repr, row)) for row in values.tolist()]
    indexed = target.startswith(",")
    body = [f"{i},{line}" if indexed else line for i, line in enumerate(lines)]
    file = written(tmp_path, "\n".join([target, *body]) + "\n")
    if indexed:
        assert "drop=''" in refused(RegressionData.from_file, file, "y")
    data = RegressionData.from_file(file, "y", drop="" if indexed else None)
    np.testing.assert_array_equal(data.X, values[:, :3])
    np.testing.assert_array_equal(data.y, values[:, 3])
    assert data.names == tuple(target.strip(",").split(",")[:3])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("quoting", [0, 1])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_every_form_of_to_csv(tmp_path, mark, decimal, quoting, encoding):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS, columns=["x, mm", "Länge", "c"])
    frame.to_csv(tmp_path / "p", sep=mark, decimal=decimal, quoting=quoting, encoding=encoding, index=False)
    found = read_table(tmp_path / "p")
    np.testing.assert_array_equal(found.cloud.points, ROWS)
    assert found.cloud.columns == ("x, mm", "Länge", "c")
    assert any("UTF-16" in note for note in found.notes) == (encoding == "utf-16")
    assert any("decimal commas" in note for note in found.notes) == (decimal == ",")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a;b\n1.250,5;2\n3,4;1\n", ":2: '1.250,5' has a mark for thousands"),
        ("a;b\n1,250;2,500\n3,400;1,000\n", ":2: '1,250' is 1250 .* or 1.250"),
        ("a;b\n1,5;2.5\n3,4;1\n", ":2: '1,5' has a comma and '2.5' in line 2 a point"),
        ("a,b\n1,1_000\n3,4\n", ":2: column 2 '1_000' is not a number"),
        ("a,b\n1,NA\n3,4\n", ":2: column 2 is 'NA', a missing value"),
        ('a,"b\nc"\n1,2\n3,4\n', ":1: a quote is not closed"),
        ("NA,NA\n1,2\n3,4\n", "the first line holds no value.*--no-header"),
    ],
)
def test_what_is_not_clear_names_its_place(tmp_path, text, words):
    assert re.search(words, refused(read_points, written(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    [
        "% comment\n1 2\n3 4\n5 9\n",
        "a,b\n1,2\n3,4\n,\n5,9\n,,\n",
        "sep=;\na;b\n1;2\n3;4\n5;9\n",
        '"1","2"\n"3","4"\n"5","9"\n',
        '"1" "2"\n "3"   "4"\n"5" "9"\n',
        "a,b # two columns\n1,2\n3,4 # a comment\n5,9\n",
    ],
)
def test_comments_quotes_and_empty_rows(tmp_path, text):
    np.testing.assert_array_equal(read_points(written(tmp_path, text)).points, [[1, 2], [3, 4], [5, 9]])


def test_a_record_with_names_holds_for_the_table_in_another_order_and_not_without_names(tmp_path):
    result = embed(read_points(written(tmp_path, table("a,b,c"))), n_components=2)
    assert result.points.columns == ("a", "b", "c")
    assert verify(result, written(tmp_path, table("c,a,b", ROWS[:, [2, 0, 1]]))).ok
    for without in (written(tmp_path, table("a,b,c").split("\n", 1)[1]), ROWS):
        outcome = verify(result, without)  # the numbers hold, and nothing says what the columns are called
        assert not outcome.ok
        assert outcome.failed == ("columns",)
    assert not verify(result, written(tmp_path, table("a,c,b"))).ok


NUMBERS = st.lists(st.integers(-5, 2100), min_size=2, max_size=4, unique=True).map(sorted)
WORDS = st.lists(
    st.text("abÄ ,;'", min_size=1).filter(str.strip), min_size=2, max_size=4, unique_by=str.strip
)


@settings(max_examples=20, deadline=None)
@given(NUMBERS | WORDS, st.sampled_from([",", ";", "\t"]))
def test_names_that_pandas_writes_never_become_a_point(tmp_path_factory, names, mark):
    pandas = pytest.importorskip("pandas")
    rows = ROWS[:, [k % 3 for k in range(len(names))]] + 0.015625
    file = tmp_path_factory.mktemp("names") / "p.csv"
    pandas.DataFrame(rows, columns=names).to_csv(file, index=False, sep=mark)
    found = read_points(file, header=True)
    np.testing.assert_array_equal(found.points, rows)
    assert found.columns == tuple(str(name).strip() for name in names)
    if isinstance(names[0], int):
        assert "--no-header" in refused(read_points, file)
    else:
        assert read_points(file).digest == found.digest


@pytest.mark.parametrize("ending", [".edgelist", ".rudy", ".GML", ".graph", ".net.gz"])
def test_a_graph_by_its_name_is_no_table_unless_columns_are_chosen(tmp_path, ending):
    text = b"1 2 0.5\n2 3 1.5\n3 1 4\n"
    file = tmp_path / f"g{ending}"
    file.write_bytes(gzip.compress(text) if ending.endswith(".gz") else text)
    for read in (read_points, as_point_cloud):
        with pytest.raises(InputError, match="is the name of a graph, and the lines can be points"):
            read(file)
    chosen = read_points(file, columns=(1, 2, 3))
    assert chosen.digest == as_point_cloud([[1.0, 2.0, 0.5], [2.0, 3.0, 1.5], [3.0, 1.0, 4.0]]).digest
    assert as_recorded_cloud(file, None, chosen.reading).digest == chosen.digest


@pytest.mark.parametrize("line", ['1 ""2', '1 "2"3', '"1"2 3'])
def test_a_quotation_mark_inside_a_word_is_asked_about(tmp_path, line):
    """NumPy reads `"2"3` as 23, and the fields of the line were 2 and 3: an IndexError, or another column."""
    file = tmp_path / "p.txt"
    file.write_text(f"1 2 3\n4 5 7\n{line}\n")
    for options in ({}, {"columns": [1, 2]}):
        with pytest.raises(InputError, match=r"p\.txt:3: a quotation mark inside a word: one field, or two"):
            read_points(file, **options)
    file.write_text('"1" "2"\n4 "5"\n7 9\n')
    assert read_points(file).points.tolist() == [[1, 2], [4, 5], [7, 9]]


@pytest.mark.parametrize("text", ['1 2 ""\n3 4\n5 7\n', '1 2 ""\n3 4 ""\n5 7.5 ""\n', '1 2\n3 4 ""\n5 7\n'])
def test_empty_fields_between_quotation_marks_are_fields(tmp_path, text):
    """NumPy leaves them out between blanks: an IndexError, or a row with one more field read as the others."""
    file = tmp_path / "p.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=r"p\.txt(:[12])?: "):
        read_points(file)
