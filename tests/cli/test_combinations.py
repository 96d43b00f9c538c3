"""Constraints, starts, several solutions, formats and targets of the command line, together in one run."""

import itertools
import json

import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main

EDGES = [
    ("a", "b", 3),
    ("b", "c", 2),
    ("c", "d", -1),
    ("d", "a", 4),
    ("a", "c", 1),
    ("b", "d", 2),
    ("e", "a", 1),
]
CONSTRAINTS = {
    "free": [],
    "fixed": ["--fix", "a", "0", "--fix", "c", "1"],
    "pairs": ["--same", "b", "c", "--opposite", "a", "d"],
    "all": ["--fix", "a", "1", "--same", "c", "e", "--opposite", "c", "b"],
}
STARTS = (None, "json", "tsv")
SOLUTIONS = (None, "1", "3")
SEARCHES = ("auto", "none")
BOUNDS = ("auto", "sdp", "cycle")
FORMATS = ("text", "json", "tsv")
TARGETS = (False, True)
EVERY = list(itertools.product(CONSTRAINTS, STARTS, SOLUTIONS, SEARCHES, BOUNDS, FORMATS, TARGETS))
#: One combination in 101 in the quick leg, one in 7 in the slow one; all 1296 have passed once.
SOME, MANY = EVERY[::101], EVERY[::7]


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def obeys(sides, name):
    """Whether the sides have what the constraints ask."""
    words = CONSTRAINTS[name]
    for at, word in enumerate(words):
        if word == "--fix" and sides[words[at + 1]] != int(words[at + 2]):
            return False
        if word in ("--same", "--opposite"):
            same = sides[words[at + 1]] == sides[words[at + 2]]
            if same != (word == "--same"):
                return False
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A graph, and for each set of constraints a cut that obeys them, as record and as lines."""
    at = tmp_path_factory.mktemp("combinations")
    (at / "g.txt").write_text("".join(f"{u} {v} {w}\n" for u, v, w in EDGES))
    (at / "h.txt").write_text("a b 1\nb c 1\n")
    for name, words in CONSTRAINTS.items():
        done = run(
            "maxcut",
            at / "g.txt",
            "-q",
            *words,
            "--search",
            "none",
            "-o",
            at / f"{name}.json",
            "--format",
            "tsv",
        )
        assert done.exit_code == 0, done.stderr
        (at / f"{name}.tsv").write_text(done.stdout)
    return at


def check(folder, combination):
    name, start, solutions, search, bound, output_format, target = combination
    words = ["maxcut", folder / "g.txt", "-q", *CONSTRAINTS[name], "--search", search, "--bound", bound]
    words += ["--format", output_format]
    words += [] if start is None else ["--start", folder / f"{name}.{start}"]
    words += [] if solutions is None else ["--solutions", solutions]
    file = folder / "out.json"
    words += ["-o", file] if target else []
    done = run(*words)
    assert (done.exit_code, done.stderr) == (0, "")
    if output_format == "tsv":
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        assert sorted(row[0] for row in rows) == list("abcde")
        columns = len(rows[0]) - 1
        assert 1 <= columns <= int(solutions or 1)
        for k in range(columns):
            assert obeys({row[0]: int(row[k + 1]) for row in rows}, name)
    if output_format == "json":
        assert not target or file.read_text() == done.stdout
        file.write_text(done.stdout)
    if output_format == "text":
        assert done.stdout.startswith("cut ")
        assert max(map(len, done.stdout.splitlines())) <= 100
    if output_format == "json" or target:
        record = json.loads(file.read_text())
        result = derandkit.load(file, folder / "g.txt")
        assert obeys(result.sides, name)
        assert result.cut_value == sum(w for u, v, w in EDGES if result.sides[u] != result.sides[v])
        assert result.cut_value <= result.upper_bound
        if start is not None:
            assert result.cut_value >= derandkit.load(folder / f"{name}.json").cut_value
        assert ("cuts" in record) == (solutions is not None)
        assert run("verify", "-q", file, folder / "g.txt").exit_code == 0
        file.unlink()


@pytest.mark.parametrize("combination", SOME, ids=str)
def test_some_combinations(folder, combination):
    check(folder, combination)


def test_many_combinations(folder):
    for combination in MANY:
        check(folder, combination)


#: Words after ``maxcut g.txt -q`` that contradict each other, and what the one line says.
REFUSED = [
    ("--fix a 0 --fix a 1", "--fix puts a vertex on both sides"),
    ("--fix a 0 --fix b 1 --same a b", "contradict each other"),
    ("--same a b --opposite a b", "contradict each other about 'a' and 'b'"),
    ("--same a b --same b c --opposite a c", "contradict each other"),
    ("--opposite a a", "contradict each other"),
    ("--fix z 1", "'z', which is not a vertex"),
    ("--same a z", "'z', which is not a vertex"),
    (
        "--start free.json --same a b --same b c --same c d --same d e",
        "the start does not obey the constraints",
    ),
    ("--start g.txt", "is not a vertex of the graph and its side"),
    ("--start nothing.json", "no such file"),
    ("--start -", "standard input is not read as the file of a cut; give a file"),
    ("--solutions 0", "not in the range"),
    ("--search none --trajectories 2", "--trajectories says how many searches"),
    ("--weight km", "no column or attribute is named 'km'"),
    ("--weight km --unweighted", "give one of them"),
    ("-o g.txt", "is the input itself"),
    ("-o out.svg --plot out.svg", "name the same file"),
    ("h.txt --fix a 0", "are about the vertices of one graph"),
    ("h.txt --start free.json", "are about the vertices of one graph"),
    ("h.txt --format json", "--format is for one graph"),
    ("h.txt --plot p.svg", "--plot is for one graph"),
    ("h.txt --report p.html", "--report is for one graph"),
    ("h.txt -o both.json", "looks like a file; end a folder with '/'"),
    ("g.txt", "is named twice"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=[words for words, _ in REFUSED])
def test_contradictions_are_refused_in_one_line(folder, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    before = sorted(path.name for path in folder.iterdir())
    done = run("maxcut", "g.txt", "-q", *words.split(), stdin="a b\n")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in folder.iterdir()) == before


def test_several_graphs_take_what_is_no_matter_of_vertices(folder, tmp_path):
    words = ["--search", "none", "--bound", "sdp", "--solutions", "2", "--time-limit", "20", "--unweighted"]
    done = run(
        "maxcut", folder / "g.txt", folder / "h.txt", "-q", "--workers", "1", "-o", f"{tmp_path}/out/", *words
    )
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    for name in ("g", "h"):
        record = json.loads((tmp_path / "out" / f"{name}.txt.json").read_text())
        assert len(record["cuts"]) == 2
        graph = derandkit.as_graph(folder / f"{name}.txt", weight=None)
        assert derandkit.verify(tmp_path / "out" / f"{name}.txt.json", graph).ok


VERBS = {
    "qubo": ("q.qubo", "p qubo 0 3 2 1\n0 0 -1\n2 2 5\n0 1 -3\n", "0", "1"),
    "ising": ("i.coo", "0 0 1\n1 1 -2\n0 1 1\n", "0", "-1"),
    "max2sat": ("s.cnf", "p cnf 3 3\n1 2 0\n-1 3 0\n-2 -3 0\n", "1", "1"),
    "maxdicut": ("d.csv", "source,target,weight\na,b,2\nb,c,1\nc,a,3\n", "a", "1"),
    "balance": ("b.csv", "source,target,weight\na,b,1\nb,c,-1\nc,a,1\n", "a", "1"),
}
QUADRATIC = list(
    itertools.product(VERBS, (False, True), (None, "json", "tsv"), ("auto", "none"), ("text", "json", "tsv"))
)


def quadratic(folder, verb, fixed, start, search, output_format):
    name, text, variable, value = VERBS[verb]
    (folder / name).write_text(text)
    reading = ["--vartype", "spin"] if verb == "ising" else []
    given = [*reading, *(["--fix", variable, value] if fixed else [])]
    words = [verb, folder / name, "-q", *given, "--search", {"auto": "quick"}.get(search, search)]
    if start is not None:
        first = run(verb, folder / name, "-q", *given, "--search", "none", "--format", start)
        assert first.exit_code == 0, first.stderr
        (folder / f"first.{start}").write_text(first.stdout)
        words += ["--start", folder / f"first.{start}"]
    done = run(*words, "--format", output_format, "-o", folder / "best.json")
    assert (done.exit_code, done.stderr) == (0, "")
    result = derandkit.load(folder / "best.json")
    if fixed:
        assert str(dict(zip(map(str, result.labels), result.values, strict=True))[variable]) == value
    if output_format == "json":
        assert done.stdout == (folder / "best.json").read_text()
    if output_format == "tsv":
        assert len(done.stdout.splitlines()) == len(result.labels)
    assert run("verify", "-q", folder / "best.json", folder / name).exit_code == 0
    contradiction = ["--fix", variable, value, "--fix", variable, {"1": "0", "-1": "1"}[value]]
    return run(verb, folder / name, "-q", *reading, *contradiction)


@pytest.mark.parametrize("combination", QUADRATIC[::17], ids=str)
def test_some_quadratic_combinations(tmp_path, combination):
    refused = quadratic(tmp_path, *combination)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


def test_every_quadratic_combination(tmp_path):
    for combination in QUADRATIC:
        quadratic(tmp_path, *combination)
