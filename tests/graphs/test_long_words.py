"""Words and runs that made a pattern or a scan take quadratic time or more are read, or refused, in one pass."""

import subprocess
import sys

import pytest

import derandkit
from derandkit.errors import InputError

DIGITS = "1" * 30_000 + "x"
#: What is written in front, repeated, and behind; each took minutes as a file of two megabytes.
TEXTS = {
    "digits in a weight": f"a b {DIGITS}\nb c 2\n",
    "digits in a vertex": f"{DIGITS} b 1\nb c 2\n",
    "an amount": "source,target,w\nx,y,1" + "a" * 60 + "!\nu,v,3\n",
    "blanks in an amount": 'source,target,w\nx,y,"1' + " " * 30_000 + '!"\nu,v,3\n',
    "blanks in a name": "a" + " " * 30_000 + "b,c\nd,e\n",
    "separators and blanks": "source,target,weight\n1,2,3\n2,3,4\n" + ",   " * 24 + "x\n",
    "a separator and blanks": "source,target,weight\n1,2,3\n2,3,4\n," + " " * 30_000 + "x\n",
    "comments of DOT": "/**/" * 40 + "x",
    "open quotations": '"a,' * 20_000,
    "open apostrophes": "'a," * 20_000,
    "lines of dashes": ("-" * 50 + "\n") * 3_000,
    "edges without an end": "<gexf><graph>" + "<edge " * 30_000,
    "commas in brackets": "(" + "," * 30_000 + "\n",
    "blanks behind a count": "nodes" + " " * 30_000 + "x\na b\n",
    "dashes in a word": "a--" * 20_000 + "<\nb--c\n",
    "numbers of one line": "1," * 400_000,
    "words of one line": "a\t" * 400_000,
    "a rule of a table": "| a | b |\n|" + "-" * 30_000 + "x|\n| c | d |\n",
}
LIMIT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from derandkit.cli import main
main()
"""


@pytest.mark.parametrize("kind", TEXTS)
def test_a_graph_is_read_or_refused(tmp_path, kind):
    """The limit of CPU time ends a process that would run for ever; nothing else depends on it."""
    file = tmp_path / ("g.gexf" if "edges" in kind else "g.dot" if "DOT" in kind else "g.csv")
    file.write_text(TEXTS[kind], encoding="utf-8")
    command = [sys.executable, "-c", LIMIT, "maxcut", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 2), done.stderr[-300:]


@pytest.mark.parametrize(
    "text", ["\n" * 40 + "1,2\n3,4\n5,7\n", f"1,2,{DIGITS}\n2,3,4\n5,6,7\n", "  \n" * 9_000]
)
def test_points_are_read_or_refused(tmp_path, text):
    file = tmp_path / "p.csv"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIMIT, "embed", "-k", "1", str(file)], capture_output=True, check=False
    )
    assert done.returncode in (0, 2), done.stderr[-300:]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("e.wcnf", "p wcnf 2 1 10\n1e200000000 1 2 0\n", "weight '1e200000000' is too large"),
        ("e.wcnf", "p wcnf 2 1 1e30000000\n1 1 2 0\n", "weight '1e30000000' is too large"),
        ("e.wcnf", "p wcnf 2 1 10\n1e-200000000 1 2 0\n", "weight '1e-200000000' is too small"),
        ("e.lp", "Minimize\n obj: 1e200000000 x + 2 y\nBinary\n x y\nEnd\n", "coefficient '1e200000000' is too large"),
        ("e.lp", "Minimize\n obj: [ 1e-99999999 x * y ] / 2 + 2 y\nBinary\n x y\nEnd\n", "is too small"),
    ],
)  # fmt: skip
def test_a_great_exponent_is_refused_before_it_is_worked_out(tmp_path, name, text, line):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=line):
        derandkit.read_clauses(file) if name.endswith("wcnf") else derandkit.read_model(file)


def test_zero_with_a_great_exponent_is_zero(tmp_path):
    (tmp_path / "z.wcnf").write_text("p wcnf 2 1 10\n0e200000000 1 2 0\n", encoding="utf-8")
    assert derandkit.read_clauses(tmp_path / "z.wcnf").weights.tolist() == [0.0]
