"""Pages to look at: complete, self-contained, the same every time, and honest about what failed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main
from derandkit.reports import report as reports
from derandkit.reports.report import comparison_page, result_page
from derandkit.reports.words import WORDS, meaning

RECORDS = Path(__file__).parents[1] / "data" / "records"
DATASETS = Path(__file__).parents[2] / "datasets"
VOID = {"meta", "img", "br"}
#: Sources of a page that are loaded or run, wherever they stand.
LOADED = re.compile(
    r"(?:src|href|srcset|action)\s*=\s*[\"'](?!data:image/svg\+xml;base64,)|@import|url\(|<script|<link"
)


class Page(HTMLParser):
    """Elements are closed in order; the texts of headings and the alternatives of pictures are kept."""

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.pictures, self.words = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img":
            self.pictures.append(dict(attributes)["alt"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def page_of(tmp_path, *arguments):
    target = tmp_path / "page.html"
    done = CliRunner().invoke(main, [*map(str, arguments), "--report", str(target)])
    assert done.exit_code == 0, done.output
    text = target.read_text(encoding="utf-8")
    assert LOADED.search(text) is None
    assert str(tmp_path) not in text  # nothing about the folders of whoever made it
    return text, Page(text)


def test_the_page_of_a_cut(tmp_path):
    text, page = page_of(tmp_path, "maxcut", DATASETS / "petersen.edgelist", "-o", tmp_path / "cut.json")
    assert page.headings[0] == "Maximum cut of petersen.edgelist"
    assert page.headings[1:] == ["Pictures", "What each number means", "Check", "Check it yourself"]
    assert len(page.pictures) == 1
    assert len(page.pictures[0]) > 40
    assert "derandkit verify cut.json petersen.edgelist" in page.words
    assert "Cut 12 (exact, proven optimal)" in text
    assert "The record holds." in text


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (("qubo", DATASETS / "quadratic" / "projects.qubo"), "QUBO of projects.qubo"),
        (("max2sat", DATASETS / "quadratic" / "rules.cnf"), "MAX-2SAT of rules.cnf"),
        (("balance", DATASETS / "two-clusters.csv"), "Structural balance of two-clusters.csv"),
        (("embed", DATASETS / "points" / "loops.csv", "-k", 8), "Embedding of loops.csv"),
        (("compare", DATASETS / "petersen.edgelist", "--methods", "lemma,greedy"), "Comparison"),
    ],
    ids=lambda x: x[0] if isinstance(x, tuple) else "",
)
def test_the_page_of_each_verb(tmp_path, arguments, title):
    _, page = page_of(tmp_path, *arguments)
    assert page.headings[0] == title
    if arguments[0] != "compare":
        assert "derandkit verify result.json" in " ".join(page.words)


KM = "source,target,km,toll\na,b,1,2\nb,c,2,3\nc,a,3,1\n"
POINTS = "name;x;y;z\n" + "".join(f"p{k};{k};{k * k % 7};{k % 3}\n" for k in range(12))


@pytest.mark.parametrize(
    ("text", "arguments", "options"),
    [
        (KM, ("maxcut", "--weight", "toll"), "--weight toll"),
        (KM, ("balance", "--weight", "km", "--separator", "comma"), "--weight km --separator comma"),
        (KM, ("maxdicut", "--unweighted", "--header"), "--unweighted --header"),
        ("a;b\nb;c\nc;a\n", ("maxcut", "--no-header", "--separator", ";"), "--no-header --separator ';'"),
        ("1 2\n2 3\n3 1\n1 4\n", ("maxcut", "--input-format", "edgelist"), "--input-format edgelist"),
        ("#a b 1\nb c 2\nc #a 3\n", ("maxcut", "--comments", "none"), "--comments none"),
        ("*vertices 2\n*arcs\n1 2 3\n2 1 5\n", ("maxcut", "--symmetrize", "sum"), "--symmetrize sum"),
        (POINTS, ("embed", "-k", "2", "--label", "name", "--drop", "z"), "--drop z --label name"),
        (POINTS, ("features", "-n", "4", "--columns", "x,y", "--header"), "--header --columns x,y"),
    ],
    ids=["weight", "balance", "arcs", "lines", "format", "comments", "symmetrize", "label", "columns"],
)
def test_the_printed_command_accepts_the_record(tmp_path, monkeypatch, text, arguments, options):
    monkeypatch.chdir(tmp_path)
    for folder in ("my data", "out"):
        Path(folder).mkdir()
    Path("my data", "in.csv").write_text(text)
    run = [
        arguments[0],
        "my data/in.csv",
        *arguments[1:],
        "-o",
        "out/record.json",
        "--report",
        "page.html",
        "-q",
    ]
    done = CliRunner().invoke(main, run)
    assert done.exit_code == 0, done.output
    words = Page(Path("page.html").read_text(encoding="utf-8")).words
    command = next(word for word in words if word.startswith("derandkit verify"))
    assert command == f"derandkit verify out/record.json 'my data/in.csv' {options}"
    checked = CliRunner().invoke(main, shlex.split(command)[1:])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize(
    ("arguments", "instance"),
    [
        (("t.toml",), "t.toml"),
        (("t.toml", "--dim", "3"), "INSTANCE"),
        (("t.toml", "--dim", "3", "--save-config", "saved.toml"), "saved.toml"),
        (
            (
                "--data",
                "p.csv",
                "--target",
                "z",
                "--drop",
                "name",
                "--max-steps",
                "2",
                "--no-controls",
                "--width",
                "2",
                "--penalty",
                "0.01",
            ),
            "p.csv --drop name",
        ),
    ],
    ids=["configuration", "flags over it", "saved", "table"],
)
def test_the_printed_command_of_a_network_names_its_problem(tmp_path, monkeypatch, arguments, instance):
    pytest.importorskip("jax")
    monkeypatch.chdir(tmp_path)
    Path("t.toml").write_text(
        '[teacher]\nlink = "tanh"\ndimension = 2\nnodes = 64\nevaluation_nodes = 128\n\n[student]\nwidth = 2\n\n'
        "[run]\nmax_steps = 2\ncontrols = false\npenalty = 0.01\n"
    )
    Path("p.csv").write_text(POINTS.replace(";", ","))
    run = ["structure", *arguments, "-q", "-o", "run.json", "--report", "page.html"]
    done = CliRunner().invoke(main, run)
    assert done.exit_code in (0, 1), done.output
    words = Page(Path("page.html").read_text(encoding="utf-8")).words
    command = next(word for word in words if word.startswith("derandkit verify"))
    assert command == f"derandkit verify run.json {instance}"
    if instance == "INSTANCE":
        assert "INSTANCE stands for the settings of the run, which --save-config writes." in words
    else:
        checked = CliRunner().invoke(main, shlex.split(command)[1:])
        assert "verification failed: teacher" not in checked.output
        assert checked.exit_code == 0, checked.output


def test_a_page_knows_no_other_option_of_reading():
    with pytest.raises(derandkit.InputError, match="no option 'rank'"):
        result_page(derandkit.maxcut([(0, 1)]), source="a.csv", reading={"rank": 2})


def test_the_page_of_a_network(tmp_path):
    pytest.importorskip("jax")
    arguments = (
        "structure",
        "--teacher",
        "tanh",
        "--dim",
        4,
        "--width",
        6,
        "--nodes",
        1024,
        "--max-steps",
        60,
        "--no-controls",
    )
    target = tmp_path / "page.html"
    CliRunner().invoke(main, [*map(str, arguments), "--report", str(target)])
    text = target.read_text(encoding="utf-8")
    page = Page(text)
    assert LOADED.search(text) is None
    assert page.headings[:2] == ["Structure", "Pictures"]
    assert "% is left of what the first layer had" in text


RESULTS = {
    "cut": lambda: derandkit.maxcut(nx.petersen_graph(), search=derandkit.SearchEffort(work=10_000)),
    "constraints": lambda: derandkit.maxcut(nx.cycle_graph(5), fixed={0: 0}),
    "several": lambda: derandkit.maxcut(nx.cycle_graph(5), solutions=2),
    "ising": lambda: derandkit.minimize_ising({"a": 1}, {("a", "b"): 1}),
    "qubo": lambda: derandkit.minimize_qubo([[-1, 2], [0, -1]]),
    "clauses": lambda: derandkit.max2sat([(1, 2), (-1, 2)]),
    "hard": lambda: derandkit.max2sat([(1, 2), (-1, -2)], hard=[0]),
    "arcs": lambda: derandkit.maxdicut(nx.DiGraph([(1, 2)])),
    "camps": lambda: derandkit.frustration([(1, 2, -1), (2, 3, 1), (1, 3, 1)]),
    "map": lambda: derandkit.embed(
        [[float((i * j) % 7) for j in range(5)] for i in range(12)], n_components=2
    ),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_every_row_has_a_meaning(kind):
    result = RESULTS[kind]()
    names = {name for name, *_ in result.table_rows() if name}
    assert {name for name in names if not meaning(result.schema, name)} == set()
    Page(result_page(result))


@pytest.mark.parametrize("problem", ["data", "teacher"])
def test_every_row_of_a_network_has_a_meaning_and_words_of_its_problem(problem):
    result = derandkit.load(RECORDS / f"structure-3-{problem}.json")
    names = {name for name, *_ in result.table_rows() if name}
    assert {name for name in {*names, "along its rows"} if not meaning(result.schema, name)} == set()
    text = str(result)
    assert "Descent" not in text
    assert ("training rows" in " ".join(text.split())) == (problem == "data")
    page = Page(result_page(result)).words
    assert len([word for word in page if word == "control"]) <= 1


def test_a_narrow_page_says_that_pictures_move_and_breaks_commands():
    text = result_page(derandkit.maxcut(nx.petersen_graph()), derandkit.as_graph(nx.petersen_graph()))
    assert text.count('<p class="hint">') == text.count("<figure>") == 1
    assert re.search(r"^pre \{[^}]*white-space: pre-wrap", text, re.MULTILINE)
    wide, narrow = text.split("@media (max-width: 40rem)")
    assert ".hint { display: none; }" in wide
    assert ".hint { display: block;" in narrow


def test_meanings_are_sentences():
    for words in WORDS.values():
        for text in words.values():
            assert text[0].isupper()
            assert text.endswith(".")


def test_names_from_a_file_cannot_become_markup_and_pages_are_equal():
    graph = nx.Graph(
        [("<script>alert(1)</script>", "b&c"), ("b&c", '"d'), ('"d', "<script>alert(1)</script>")]
    )
    named = {"source": "<img src=x onerror=alert(1)>.csv", "record": "a b<i>.json"}
    text, again = (result_page(derandkit.maxcut(graph), derandkit.as_graph(graph), **named) for _ in range(2))
    Page(text)
    assert text == again
    assert "<script" not in text
    assert "<img src" not in text
    assert "<i>" not in text


def test_what_failed_is_said_first(tmp_path):
    result = derandkit.maxcut(nx.petersen_graph())
    record = json.loads(result.to_json())
    record["cut_value"] += 1
    text = result_page(result, outcome=derandkit.verify(record, nx.petersen_graph()))
    assert "The record does not hold: " in text
    assert "was not checked in this run" in result_page(result)


def test_a_promise_is_rounded_upwards():
    result = RESULTS["map"]()
    (shown,) = re.findall(r"changes by at most ([\d.]+) %", result_page(result))
    assert float(shown) >= 100 * result.chain["certified_distortion"] > float(shown) - 0.02


def test_without_matplotlib_a_sentence_stands_for_the_pictures(monkeypatch):
    monkeypatch.setattr(reports, "find_spec", lambda name: None)
    text = result_page(derandkit.maxcut(nx.petersen_graph()), derandkit.as_graph(nx.petersen_graph()))
    assert "Pictures need matplotlib" in text
    rows = derandkit.compare([nx.petersen_graph()], methods=["lemma"])
    assert Page(comparison_page(rows)).pictures == []


def test_a_page_is_written_whole_or_refused(tmp_path):
    file = DATASETS / "petersen.edgelist"
    for arguments, code in (
        (("maxcut", file, "--report", tmp_path / "no" / "page.html"), 2),
        (("maxcut", file, "--report", tmp_path / "one", "-o", tmp_path / "one"), 2),
        (("maxcut", file, file, "--report", tmp_path / "one"), 2),
    ):
        done = CliRunner().invoke(main, [*map(str, arguments)])
        assert done.exit_code == code
        assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="needs a browser")
def test_a_browser_shows_the_page_and_loads_nothing(tmp_path):
    result = derandkit.maxcut(nx.petersen_graph())
    page = tmp_path / "page.html"
    # how wide it is drawn in a narrow window; the page itself may run no script, this copy may
    text = result_page(result, derandkit.as_graph(nx.petersen_graph()))
    text = text.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    look = (
        "<script>onload = () => { const img = document.images[0], root = document.documentElement;"
        " document.title = [img.naturalWidth > 0, root.scrollWidth <= innerWidth].join(); }</script>"
    )
    page.write_text(text.replace("</body>", f"{look}</body>"), encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile",
            "--window-size=500,900", "--virtual-time-budget=2000", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "<title>true,true</title>" in done.stdout
