"""Files in many layouts: the second verifier reads what derandkit reads, as derandkit does, or refuses it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from tests.mutations import sealed_again
from tests.second import FOLDER, second, second_report

import derandkit as dk
from derandkit.records import canonical_json

GRAPHS = {
    "letters beyond ASCII": "Köln Bonn\nBonn Ulm\nUlm Köln\n",
    "emoji": "\U0001f600 b\nb c\n",
    "a byte order mark": "\ufeff0 1\n1 2\n2 0\n",
    "a carriage return before each line feed": "0 1\r\n1 2\r\n",
    "comments of two kinds": "% x\n# y\n0 1\n1 2\n",
    "a zero with a sign": "0 1 -0.0\n1 2 3\n",
    "signs and points of weights": "0 1 +3\n1 2 3.\n",
    "numbers and words": "1 a\na 10\n10 2\n",
    "a number below zero": "-1 2\n2 3\n-1 3\n",
    "a number beyond the doubles as a name": "9007199254740993 1\n1 2\n2 3\n3 4\n",
}
POINTS = {
    "a byte order mark": "\ufeff1,2\n3,4\n5,9\n",
    "names": "my x,my y\n1,2\n3,4\n5,9\n",
    "names in quotation marks": '"a","b"\n1,2\n3,4\n5,9\n',
    "one name twice": "a,a\n1,2\n3,4\n5,9\n",
    "a zero with a sign": "a,b\n-0.0,2\n3,4\n5,9\n",
    "blanks": "a b\n1 2\n3 4\n5 9\n",
}
#: What stands for another instance, or may: the kind and the text.
REFUSED = [
    ("graph", "source target\na b\nb c\n"),
    ("graph", "0 1 2 0\n1 0 2 1\n2 2 0 1\n0 1 0 0\n"),
    ("graph", "5\n0 1 2 0\n1 0 2 1\n2 2 0 0\n0 1 0 0\n"),
    ("graph", "0 1 2\n1 0 2\n2 2 0\n"),
    ("graph", "#\n"),
    ("graph", "source target\n0 1\n1 2\n"),
    ("graph", '"a" "b"\n"b" "c"\n'),
    ("graph", "1.0 2.0\n2.0 3.0\n"),
    ("graph", "\u0661 \u0662\n\u0662 \u0663\n"),
    ("graph", "0 1 1_0\n1 2 3\n"),
    ("graph", "0 1 1e-400\n1 2 1\n"),
    ("graph", "0 1 9007199254740993\n1 2 1\n"),
    ("graph", "0 1\x0c1 2\n2 0\n"),
    ("graph", "a b\u2028c d\n"),
    ("graph", "a\u00a0b\nb\u00a0c\n"),
    ("graph", "a\x85b c\nc d\n"),
    ("graph", "0 1\r1 2\r"),
    ("graph", "0 1\n1 2\r2 3\n"),
    ("graph", "\t0 1\n1 2\n2 0\n"),
    ("graph", "a\t\tb\t3\nb\tc\t2\na\tc\t3\n"),
    ("graph", "a \t b 3\nb \t c 2\na \t c 3\n"),
    ("maxdicut", "# undirected graph\n0 1\n1 2\n2 0\n"),
    ("maxdicut", "# directed: false\n0 1\n1 2\n2 0\n"),
    ("maxdicut", "# a non-directed network\n0 1\n1 2\n2 0\n"),
    ("maxdicut", "% sym weighted\n0 1 5\n1 2 5\n2 0 5\n"),
    ("graph", "true nan\nnan b\n"),
    ("graph", "a b\nb --\n"),
    ("points", "1_0,2\n3,4\n5,9\n"),
    ("points", "nan,b\n2,3\n4,5\n"),
    ("points", "1,b\n2,3\n4,5\n"),
    ("points", "a,b\n1,2\n#3,4\n5,9\n"),
    ("points", "a,b\n1,,2\n3,,4\n"),
    ("ising", "# vartype=SPIN\na b 1\nb c 1\n"),
    ("max2sat", "p cnf 2 1\n1_0 2 0\n"),
    ("graph", "0 1 2\n1 2 0\n2 0 1\n"),
    ("graph", "1: 2\n2: 3\n"),
    ("graph", "2 -1 2\n-1 1 0\n2 0 1\n"),
    ("graph", "# vartype=SPIN\n1 2 0.5\n2 4 2\n"),
    ("graph", "# vartype: BINARY\n1 2 0.5\n2 4 2\n"),
    ("graph", "1, 2\n2, 3\n3, 1\n"),
    ("graph", "1, 2, 5\n2, 3, 5\n"),
    ("graph", "1; 2\n2; 3\n"),
    ("graph", "1| 2\n2| 3\n"),
    ("graph", "1 ,2\n2 ,3\n"),
    ("graph", "x,1 y,2\n"),
    ("graph", "1 - 2\n2 - 3\n3 - 1\n"),
    ("graph", "1 , 2\n2 , 3\n"),
    ("balance", "1, 2\n2, 3\n3, 1\n"),
    ("maxdicut", "1, 2\n2, 3\n3, 1\n"),
    ("maxdicut", "1 -> 2\n2 -> 3\n"),
    ("maxdicut", "1 \u2192 2\n2 \u2192 3\n"),
    ("max2sat", "h 2 -1 0\n10 1 0\nh 110000000 0\n"),
    ("graph", "e 1 2\ne 2 3\n"),
    ("graph", "0\t1\t2\n1\t2\t3\n"),
    ("graph", "5 7\n"),
    ("graph", "4 3\n1 2 1\n2 3 1\n"),
    ("graph", "4 2\n0 1 1\n1 2 1\n"),
    ("graph", "4 2\n1 2 1\n2 1 1\n"),
    ("graph", "100000000000 2\n1 2 1\n2 3 1\n"),
    ("graph", "{a} {b}\n{b} {c}\n"),
    ("graph", "caf\u00e9 b\ncafe\u0301 x\nx b\n"),
    ("qubo", "p qubo maximize 3 1 1\n0 0 1\n0 1 2\n"),
    ("qubo", "p qubo 2 3 1 1\n0 0 1\n0 1 2\n"),
    ("max2sat", "p cnf 3 1\n1 2 0\n-1 3 0\n"),
    ("max2sat", "p cnf 3 3\n1 2 0\n-1 3 0\n"),
    ("max2sat", "comment line\np cnf 3 1\n1 2 0\n"),
    ("max2sat", "p cnf 3 2\n1 2 0\ncnf 1 0\n"),
    ("max2sat", "p wcnf 3 2 10 5\n3 1 2 0\n10 -1 3 0\n"),
    ("max2sat", "p cnf 2 1\n1 3 0\n"),
    ("max2sat", "# x\np cnf 3 1\n1 2 0\n"),
    ("points", "0,1,2\n1,3,4\n2,5,9\n"),
    ("points", "id,a,b\n1,2,3\n2,5,9\n"),
    ("points", "index,a,b\n5,1,2\n7,3,4\n"),
    ("points", "Unnamed: 0,a,b\n0,1,2\n1,3,4\n"),
    ("points", "2 2\n1 2\n3 4\n"),
]


def written(tmp_path, text, name):
    file = tmp_path / name
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_are_those_that_derandkit_reads(name, tmp_path):
    file = written(tmp_path, GRAPHS[name], "g.edgelist")
    graph = dk.read_graph(file)
    assert second().files.read("graph", GRAPHS[name]).digest == graph.digest
    if graph.n < 4:
        assert second_report(json.loads(dk.maxcut(graph).to_json()), file).ok


@pytest.mark.parametrize("above", ["", "4\n", "# notes\n4\n"])
def test_a_matrix_is_read_below_its_order_too(above, tmp_path):
    text = above + "0 1 2.5 0\n1 0 -2 1\n2.5 -2 7 0\n0 1 0 0\n"
    file = written(tmp_path, text, "matrix.txt")
    for kind, solve in (("graph", dk.maxcut), ("balance", dk.frustration)):
        record = json.loads(solve(dk.read_graph(file)).to_json())
        assert second().files.read(kind, text).digest == dk.read_graph(file).digest
        assert second_report(record, file).ok


@pytest.mark.parametrize(
    "mark", ["c", "c x", "c{", "c}", 'c"ncls": 2,', "c-----", "c\t3 0", "c-1 2 0", "c=\u00e9"]
)
def test_comments_of_clauses_are_those_that_derandkit_skips(mark, tmp_path):
    for name, text in (
        ("c.cnf", f"{mark}\np cnf 2 2\n{mark}\n1 2 0\n-1 0\n{mark}\n"),
        ("w.wcnf", f"{mark}\np wcnf 2 2 9\n{mark}\n9 1 2 0\n3 -1 0\n{mark}\n"),
    ):
        clauses = dk.read_clauses(written(tmp_path, text, name))
        assert clauses.m == 2
        assert second().files.read("max2sat", text).digest == clauses.digest
    new = dk.read_clauses(written(tmp_path, f"c Standardized\n{mark}\nh 1 2 0\n{mark}\n3 -1 0\n", "n.wcnf"))
    assert (new.m, new.hard.tolist()) == (2, [True, False])


def test_a_weight_of_zero_has_no_sign(tmp_path):
    text = "p wcnf 2 2 5\n-0 -1 0\n3 1 2 0\n"
    assert (
        second().files.read("max2sat", text).digest
        == dk.read_clauses(written(tmp_path, text, "z.wcnf")).digest
    )


HEADLESS = {
    "hard clauses": "h 1 2 0\n3 -1 0\n2 -2 0\n",
    "weights alone": "3 -1 0\n2 -2 1 0\n",
    "a comment above": "c 2022\nh -4 0\n0.5 4 1 0\n",
}


@pytest.mark.parametrize("name", ["a.wcnf", "a.WCNF", "a.cnf", "a.txt"])
@pytest.mark.parametrize("text", HEADLESS)
def test_clauses_without_a_header_are_read_by_the_same_rule(text, name, tmp_path):
    file = written(tmp_path, HEADLESS[text], name)
    try:
        digest = dk.read_clauses(file).digest
    except dk.InputError:
        digest = None
    assert (digest is None) == (text == "weights alone" and not name.lower().endswith(".wcnf"))
    if digest is None:
        with pytest.raises(second().report.Refused, match=r"named \.wcnf"):
            second().files.read("max2sat", HEADLESS[text], name=name)
    else:
        assert second().files.read("max2sat", HEADLESS[text], name=name).digest == digest


@pytest.mark.parametrize("vartype", ["spin", "binary"])
@pytest.mark.parametrize("name", ["a.coo", "a.txt"])
def test_lines_that_do_not_say_their_variables_have_those_of_the_record(vartype, name, tmp_path):
    file = written(tmp_path, "0 1 2\n1 2 -1\n2 2 1\n", name)
    found = dk.read_model(file, input_format="coo", vartype=vartype).model
    record = json.loads(dk.optimize(found).to_json())
    assert dk.verify(record, file).ok
    assert second_report(record, file).ok
    other = written(tmp_path, "0 1 2\n1 2 -1\n2 2 2\n", "b" + name)
    assert not second_report(record, other).ok


@pytest.mark.parametrize("word", ["cnf", "c1", "c\u00e9", "clause"])
def test_words_that_begin_with_c_are_no_comments_of_clauses(word, tmp_path):
    for name, text in (
        ("c.cnf", f"p cnf 2 2\n1 2 0\n{word} 1 0\n-1 0\n"),
        ("w.wcnf", f"p wcnf 2 2\n3 1 2 0\n{word} 1 0\n2 -1 0\n"),
    ):
        with pytest.raises(dk.InputError, match=":3: "):
            dk.read_clauses(written(tmp_path, text, name))
        with pytest.raises(second().report.Refused):
            second().files.read("max2sat", text)


@pytest.mark.parametrize("name", POINTS)
def test_points_are_those_that_derandkit_reads(name, tmp_path):
    file = written(tmp_path, POINTS[name], "p.csv")
    record = json.loads(dk.embed(file, n_components=1).to_json())
    assert dk.verify(record, file).ok
    assert second_report(record, file).ok


def test_couplings_of_zero_are_none(tmp_path):
    text = "# vartype=SPIN\n0 1 1\n1 2 -0.0\n1 1 1\n"
    model = dk.read_model(written(tmp_path, text, "m.coo")).model
    assert second().files.read("ising", text).digest == model.digest


@pytest.mark.parametrize("separator", [" ", "\t"])
def test_the_only_line_of_a_graph_is_an_edge_to_both_or_to_neither(separator, tmp_path):
    lines = itertools.chain(itertools.product("01259", "01259"), itertools.product("0125", "0125", "012"))
    read = 0
    for line in lines:
        text = separator.join(line) + "\n"
        try:
            digest = dk.read_graph(written(tmp_path, text, "one.txt")).digest
        except dk.InputError:
            digest = None
        try:
            found = second().files.read("graph", text).digest
        except second().report.MALFORMED:
            found = None
        if line[0] == line[1] and found is None:
            continue  # the second verifier reads no loops
        assert found == digest, text
        read += found is not None
    assert read > 30


@pytest.mark.parametrize("name", ["torus.rudy", "torus.txt", "torus.edgelist"])
def test_graphs_below_their_counts_are_those_that_derandkit_reads(name, tmp_path):
    rng, read = np.random.default_rng(7), 0
    for case in range(120):
        n, m, low = (int(k) for k in rng.integers((1, 1, 0), (7, 6, 2)))
        pairs = list(itertools.combinations(range(low, low + n), 2))
        lines = [[*pairs[k], rng.integers(-3, 4)] for k in rng.permutation(len(pairs))[:m]]
        counted = len(lines) + (case % 10 == 0)
        text = "".join(" ".join(map(str, line)) + "\n" for line in [[n, counted], *lines])
        try:
            found = second().files.read("graph", text).digest
        except second().report.MALFORMED:
            continue
        assert found == dk.read_graph(written(tmp_path, text, name)).digest, text
        read += 1
    assert read > 30


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_may_be_another_instance_is_refused(kind, text):
    with pytest.raises(second().report.MALFORMED):
        second().files.read(kind, text)


READ = {"graph": dk.read_graph, "qubo": dk.read_model, "max2sat": dk.read_clauses, "points": dk.read_points}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("max2sat", "c a comment\nc\np cnf 3 2\n1 2 0\nc between\n-1 3 0\n"),
        ("max2sat", "p wcnf 3 2 10\n3 1 2 0\n10 -1 3 0\n"),
        ("qubo", "c a comment\np qubo unconstrained 3 1 1\n0 0 1\n0 1 2\n"),
        ("graph", "0 1 1\n1 2 1\n2 0 1\n"),
        ("graph", "hub a 2\nhub b 3\nhub c 4\n"),
        ("graph", "0 1 3\n1 2 4\n"),
        ("points", "5,1\n2,3\n1,9\n"),
    ],
)
def test_what_looks_a_little_like_it_is_read(kind, text, tmp_path):
    found = READ[kind](written(tmp_path, text, "instance.txt"))
    found = getattr(found, "model", found)
    assert second().files.read(kind, text).digest == found.digest


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    file = tmp_path_factory.mktemp("points") / "p.csv"
    rows = np.random.default_rng(4).standard_normal((9, 6)).round(6)
    lines = ["a,b,c,d,e,f", *(",".join(map(str, row)) for row in rows.tolist())]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.mark.parametrize("solve", [lambda f, **o: dk.embed(f, n_components=2, **o),
                                   lambda f, **o: dk.random_features(f, n_features=4, **o)])  # fmt: skip
def test_names_of_columns_are_those_of_the_file(solve, table):
    record = json.loads(solve(table).to_json())
    assert second_report(record, table).verdict("columns") == "proven"
    for names in (["b", "a", "c", "d", "e", "f"], ["income", "b", "c", "d", "e", "f"]):
        forged = json.loads(json.dumps(record))
        forged["points"]["columns"] = names
        sealed_again(forged)
        assert {"columns", "points"} & set(
            second_report(forged, table).failed
        )  # the first are columns of the file
        assert {"columns", "points"} & {*dk.verify(forged, dk.read_points(table)).failed}


def test_a_record_of_some_columns_is_checked_on_those(table, tmp_path):
    points = dk.read_points(table, columns=["a", "c", "e"])
    record = json.loads(dk.embed(points, n_components=2).to_json())
    assert dk.verify(record, points).ok
    assert second_report(record, table).ok
    record["points"]["columns"] = ["a", "c", "f"]
    assert "points" in second_report(sealed_again(record), table).failed
    file = tmp_path / "e.json"
    file.write_text(canonical_json(record))
    outcome = subprocess.run([sys.executable, FOLDER, file, table], capture_output=True, check=False)
    assert outcome.returncode == 1


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("columns", [[1, 3], [3, 1, 4], [6, 5, 4, 3, 2, 1], [2]])
def test_columns_of_a_table_without_names_have_numbers(table, tmp_path, header, columns):
    """A record of columns 1 and 3 was held against the whole table."""
    file = tmp_path / "p.csv"
    file.write_text("".join(table.read_text().splitlines(keepends=True)[not header :]))
    record = json.loads(dk.embed(dk.read_points(file, columns=columns), n_components=1).to_json())
    assert record["points"]["columns"] == ["abcdef"[k - 1] if header else str(k) for k in columns]
    assert dk.verify(record, file).ok
    assert second_report(record, file).ok
    record["points"]["columns"] = list(reversed(record["points"]["columns"]))
    sealed_again(record)
    assert second_report(record, file).ok == dk.verify(record, file).ok == (len(columns) == 1)


def test_features_of_a_narrow_kernel_have_a_margin_of_their_phases():
    points = np.array([[0.0], [1.0]])
    record = json.loads(dk.random_features(points, n_features=4, gamma=1e12).to_json())
    assert record["margin"] > 2.0**-30
    assert dk.verify(record, points).ok
    assert second_report(record, points).ok
    record["margin"] *= 1000.0
    record["chain"]["certified_rms"] = record["rms"] + record["margin"]
    sealed_again(record)
    assert "errors" in dk.verify(record, points).failed
    assert "errors" in second_report(record, points).failed


def test_names_of_columns_that_the_file_has_not_are_refused_and_no_commands(tmp_path):
    """A file without a header passed with any names, and they were printed as they are."""
    file = written(tmp_path, "1.5,2\n3,4\n5,9\n", "p.csv")
    record = json.loads(dk.embed(file, n_components=1).to_json())
    record["points"]["columns"] = ["\x1b[2J\x1b[1;1Hproven", "\u202eb"]
    sealed_again(record)
    report = second_report(record, file)
    assert "columns" in report.failed
    assert "columns" in dk.verify(record, dk.read_points(file)).failed
    named = written(tmp_path, "a,b\n1.5,2\n3,4\n5,9\n", "named.csv")
    for text in (str(report), str(second_report(record, named))):
        assert text.replace("\n", "").isprintable()


def test_every_text_of_a_report_is_printable():
    report = second().report.Report()
    report.run("proven", lambda: (second().report.PROVEN, "\x1b[2Jproven \u202ename"))
    report.run("refused", lambda: second().report.need(False, "\x1b[2J"))
    assert str(report).replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["a.mc", "a.rud", "a.RUDY", "a.gset"])
def test_arcs_below_a_line_that_counts_them_are_refused(name):
    with pytest.raises(second().report.Refused, match="counts vertices and arcs"):
        second().files.read("maxdicut", "%\n3 0\n", None, name)


def test_memory_that_ends_in_a_check_is_no_verdict(tmp_path):
    file = written(tmp_path, "a b\nb c\n", "graph.txt")
    record = tmp_path / "record.json"
    dk.maxcut(file).save(record)
    code = (
        f"import sys, runpy\nsys.path.insert(0, {str(FOLDER)!r})\nsys.argv[1:] = {[str(record), str(file)]}\n"
        "import cuts\ndef check(record, instance): raise MemoryError\ncuts.check = check\n"
        f"runpy.run_path({str(FOLDER)!r}, run_name='__main__')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1
    assert run.stderr.startswith(f"{file}: ")


@pytest.mark.parametrize(
    "comment", ["constant=3", "const 3", "const=\u0663", "the constant is -0.5", "Constant: 1"]
)
def test_a_constant_in_a_comment_of_lines_is_not_left_out(comment):
    """derandkit refuses it; the second verifier read the model without it."""
    text = f"# vartype=SPIN\n# {comment}\n0 1 2\n1 2 3\n"
    with pytest.raises(second().report.Refused, match="states a constant"):
        second().files.read("ising", text, {}, "a.coo")
