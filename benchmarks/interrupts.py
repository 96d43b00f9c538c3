"""SIGINT, SIGTERM and SIGHUP at random moments of every verb: ``benchmarks/interrupts.py [--moments N] [VERB ...]``.

Counts that are stored go on up to N moments, a few of each verb in turn; ``--again`` begins at nought. A moment is a
delay after the handlers are installed, which is the first thing the command line does, spread evenly over the time that
a whole run takes. What must hold is in `judged`: exit code, one line, an answer that verifies where one was announced,
and no other file.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BEFORE = "derandkit: interrupted before there was an answer"
BEST = "derandkit: interrupted: this is the best answer so far"
COMPLETE = "derandkit: interrupted: the run was complete"
PARTLY = "derandkit: interrupted: the best cut was complete, the search for others was not"
WRITTEN = "derandkit: interrupted while the answer was written"
#: A process that is still there after so many seconds hangs.
PATIENCE = 300.0
#: Moments of one verb before the next one comes.
STEP = 10


@dataclass
class Verb:
    """A command with the files it reads, and what it writes into a folder."""

    arguments: Callable[[Path, Path], list[str]]  # of the folder with inputs, and of an empty one
    instance: str | None = None  # what its record is verified against
    inputs: dict[str, str] = field(default_factory=dict)
    files: int = 1  # that a run writes, where it is asked for any


def graph(n: int) -> str:
    """Return a sparse graph of n vertices with signs as weights."""
    draw = random.Random(n)
    edges = [(u, v) for u, v in itertools.combinations(range(n), 2) if draw.random() < 8 / n]
    return "".join(f"{u} {v} {draw.choice((-1, 1))}\n" for u, v in edges)


def points(n: int, d: int) -> str:
    """Return a table of normal points."""
    draw = random.Random(n)
    return "".join(",".join(f"{draw.gauss(0, 1):.4f}" for _ in range(d)) + "\n" for _ in range(n))


def clauses(n: int) -> str:
    """Return random clauses of two literals."""
    draw = random.Random(n)
    lines = [
        f"{draw.choice((-1, 1)) * draw.randint(1, n)} {draw.choice((-1, 1)) * draw.randint(1, n)} 0"
        for _ in range(3 * n)
    ]
    return f"p cnf {n} {3 * n}\n" + "\n".join(lines) + "\n"


T = """[teacher]
link = "tanh"
dimension = 2
nodes = 1024

[student]
width = 4

[run]
max_steps = 100
"""
SMALL = (("g.edgelist", ""), ("i.coo", "# vartype=SPIN\n"), ("q.coo", "# vartype=BINARY\n"))
G, P, C = {"g.edgelist": graph(150)}, {"p.csv": points(60, 12)}, {"c.cnf": clauses(60)}
S, J, Q = ({name: head + graph(40)} for name, head in SMALL)


def maxcut(*options: str, inputs: dict[str, str] = G) -> Verb:
    """Return the solver of cuts with options."""
    return Verb(
        lambda a, b: ["maxcut", f"{a}/g.edgelist", *options, "-o", f"{b}/r.json"], "g.edgelist", inputs
    )


def embed(*options: str) -> Verb:
    """Return the solver of embeddings with options."""
    return Verb(lambda a, b: ["embed", f"{a}/p.csv", "-k", "5", *options, "-o", f"{b}/r.json"], "p.csv", P)


def features(*options: str) -> Verb:
    """Return the solver of kernel features with options."""
    return Verb(
        lambda a, b: ["features", f"{a}/p.csv", "-n", "16", *options, "-o", f"{b}/r.json"], "p.csv", P
    )


def compare(*options: str, inputs: dict[str, str] = G) -> Verb:
    """Return the comparison of methods with options."""
    (file,) = inputs
    return Verb(lambda a, b: ["compare", f"{a}/{file}", *options], None, inputs)


def signs(verb: str, inputs: dict[str, str]) -> Verb:
    """Return a solver of another problem on signs."""
    (file,) = inputs
    return Verb(lambda a, b: [verb, f"{a}/{file}", "-o", f"{b}/r.json"], file, inputs)


def structure(line: str = "") -> Verb:
    """Return the training of a network with one more line of settings."""
    return Verb(
        lambda a, b: ["structure", f"{a}/t.toml", "-o", f"{b}/r.json"], "t.toml", {"t.toml": T + line}
    )


VERBS = {
    "maxcut": maxcut(),
    "maxcut, several graphs": Verb(
        lambda a, b: ["maxcut", *(f"{a}/{x}.edgelist" for x in "ghi"), "--workers", "2", "-o", f"{b}/"],
        None, {"g.edgelist": graph(150), "h.edgelist": graph(100), "i.edgelist": graph(200)},
    ),
    "maxcut to a terminal": Verb(lambda a, b: ["maxcut", f"{a}/g.edgelist", "--format", "tsv"], None, G),
    "maxcut --method conditional": maxcut("--method", "conditional"),
    "maxcut --relaxation cvxpy": maxcut("--relaxation", "cvxpy", inputs=S),
    "maxcut --search quick": maxcut("--search", "quick", "--format", "json", inputs=S),
    "maxcut --search thorough": maxcut("--search", "thorough", inputs=S),
    "maxcut --bound best": maxcut("--bound", "best", inputs=S),
    "maxcut --bound cycle": maxcut("--bound", "cycle", inputs=S),
    "maxcut --solutions 4": maxcut("--solutions", "4"),
    "maxcut --fix": maxcut("--fix", "3", "0", "--same", "4", "5"),
    "balance": signs("balance", S),
    "max2sat": signs("max2sat", C),
    "ising": signs("ising", J),
    "qubo": signs("qubo", Q),
    "maxdicut": signs("maxdicut", {"a.edgelist": graph(80).replace("-1", "2")}),
    "embed": embed(),
    "embed --method minimax": embed("--method", "minimax"),
    "embed --method conditional": embed("--method", "conditional"),
    "embed --method probability": embed("--method", "probability"),
    "embed --objective mean": embed("--objective", "mean"),
    "embed --embedded": Verb(
        lambda a, b: ["embed", f"{a}/p.csv", "-k", "5", "--embedded", f"{b}/e.npy", "-o", f"{b}/r.json"],
        "p.csv", P, files=2,
    ),
    "features": features(),
    "features --method conditional": features("--method", "conditional"),
    "structure": structure(),
    "structure --no-controls": structure("controls = false\n"),
    "structure --method adam": structure('method = "adam"\nrng = 1\n'),
    "structure --method hessian": structure('method = "hessian"\n'),
    "compare": compare("--methods", "lemma,greedy"),
    "compare -k": compare("-k", "5", inputs=P),
    "compare --n-features": compare("--n-features", "16", inputs=P),
    "verify": Verb(lambda a, b: ["verify", f"{a}/r.json", f"{a}/g.edgelist"], None, G),
    "verify an embedding": Verb(lambda a, b: ["verify", f"{a}/r.json", f"{a}/p.csv"], None, P),
    "generate": Verb(lambda a, b: ["generate", "G1", "-o", f"{b}/g1.rudy"]),
    "info": Verb(lambda a, b: ["info"]),
}  # fmt: skip


@dataclass
class Run:
    """How a process ended."""

    code: int
    out: str
    lines: list[str]
    seconds: float
    sent: bool


def listening(process: int) -> bool:
    """Whether a process catches SIGTERM, as the command line does and Python does not; True once it has ended."""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text()
        if "\nSigCgt:" in status:
            caught = int(status.split("\nSigCgt:")[1].split()[0], 16)
            return bool(caught >> (signal.SIGTERM - 1) & 1)
    return True


def launched(arguments: list[str], number: int | None = None, delay: float = 0.0) -> Run:
    """Run the command line; send a signal after a delay that begins when it listens."""
    # SIGINT as from a terminal, also where this program ignores it
    start = (
        "import os, signal as s, sys; s.signal(s.SIGINT, s.SIG_DFL); os.execv(sys.executable, sys.argv[1:])"
    )
    command = [sys.executable, "-c", start, sys.executable, "-m", "derandkit", *arguments]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, text=True, start_new_session=True)
        try:
            while not listening(process.pid):
                time.sleep(0.0005)
            begin = time.monotonic()
            sent = False
            if number is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=delay)
                sent = process.poll() is None
                process.send_signal(number)
            code = process.wait(timeout=PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        seconds = time.monotonic() - begin
        out.seek(0)
        err.seek(0)
        lines = [line for line in err.read().splitlines() if not line.startswith("derandkit: read ")]
        return Run(code, out.read(), lines, seconds, sent)


def timed(verb: Verb) -> bool:
    """Whether the output shows seconds, so that no two are the same."""
    return verb.arguments(Path(), Path())[0] == "compare"


def judged(
    verb: Verb, inputs: Path, folder: Path, found: Run, whole: Run, number: int
) -> tuple[str, list[str]]:
    """Return how a run ended, and what is wrong with that.

    The line on stderr says which of three ends it was, and each has to be true: nothing was written; the best answer
    was written and verifies; the run was complete, so that its output is that of a run without a signal.
    """
    import derandkit

    files = sorted(folder.iterdir())
    wrong = []
    # a whole run may have lines of its own, such as that of a step limit
    without_folder = [line.replace(str(folder), "") for line in found.lines]
    if found.code == whole.code and without_folder == list(whole.lines):
        same = found.out.replace(str(folder), "") == whole.out
        if not same and not (timed(verb) and found.out.count("\n") == whole.out.count("\n")):
            wrong.append(f"exit {found.code} with another output")
        return ("ended before the signal" if not found.sent else "ended as the signal came"), wrong
    if found.code != 128 + number:
        wrong.append(f"exit {found.code}")
    if len(found.lines) != 1:
        wrong.append(f"{len(found.lines)} lines: {found.lines[-3:]}")
    line = found.lines[-1] if found.lines else ""
    if line == BEFORE:
        if files or found.out:
            wrong.append(f"there is an answer: {[file.name for file in files]}")
        return "before", wrong
    if line == WRITTEN:  # to standard output, where any part of it may be out
        if files:
            wrong.append(f"there is an answer: {[file.name for file in files]}")
        return "complete", wrong
    if "graphs were complete" in line:
        count = int(line.split("interrupted: ")[1].split()[0])
        count += int(line.split("; of ")[1].split()[0]) if "; of " in line else 0
        if len(files) != count or found.out.count("\n") != count:
            wrong.append(f"{line}, and {len(files)} files")
        wrong += [f"{x.name} does not verify" for x in files if not derandkit.verify(x, inputs / x.stem).ok]
        return "best", wrong
    if (
        line not in (BEST, COMPLETE, PARTLY)
        and "these are the instances" not in line
        and "controls" not in line
    ):
        wrong.append(f"another line: {line}")
    if not found.out and whole.out:  # `generate -o` has none
        wrong.append("no output")
    asked = "-o" in verb.arguments(inputs, folder)
    if asked and len(files) != verb.files:
        wrong.append(f"files {[file.name for file in files]}")
    if asked and len(files) == verb.files and verb.instance is not None:
        report = derandkit.verify(files[-1], inputs / verb.instance)
        if not report.ok:
            wrong.append(f"the record does not verify: {', '.join(report.failed)}")
    return ("best" if line == BEST else "complete"), wrong


def moments(name: str, count: int, first: int = 0) -> tuple[Counter[str], list[str], float]:
    """Interrupt a verb at so many moments; return the ends, what was wrong, and the longest wait after a signal."""
    import derandkit

    verb = VERBS[name]
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    longest = 0.0
    with tempfile.TemporaryDirectory() as place:
        inputs = Path(place, "in")
        inputs.mkdir()
        for file, text in verb.inputs.items():
            (inputs / file).write_text(text)
        if name == "verify":
            derandkit.maxcut(inputs / "g.edgelist").save(inputs / "r.json")
        if name == "verify an embedding":
            derandkit.embed(inputs / "p.csv", n_components=5).save(inputs / "r.json")
        clean = [Path(place, f"clean{k}") for k in range(2)]
        for folder in clean:
            folder.mkdir()
            whole = launched(verb.arguments(inputs, folder))  # the first compiles kernels
            whole.out = whole.out.replace(str(folder), "")
            whole.lines = [line.replace(str(folder), "") for line in whole.lines]
        k = first
        while sum(ends.values()) < count:
            folder = Path(place, str(k))
            folder.mkdir()
            share = random.Random(f"{name} {k}").random()
            number, delay = SIGNALS[k % len(SIGNALS)], whole.seconds * share
            k += 1
            found = launched(verb.arguments(inputs, folder), number, delay)
            end, faults = judged(verb, inputs, folder, found, whole, number)
            wrong += [f"{name}, {number.name} after {delay:.3f} s: {fault}" for fault in faults]
            if not found.sent:  # the machine is quicker than it was: what comes after the end is no moment
                whole.seconds = min(whole.seconds, found.seconds)
                continue
            ends[end] += 1
            longest = max(longest, found.seconds - delay)
    return ends, wrong, longest


HEADER = (
    "command",
    "moments",
    "before an answer",
    "best so far",
    "complete",
    "ended before",
    "wrong",
    "longest wait (s)",
)


def measure(names: list[str], count: int, again: bool = False) -> None:
    """Interrupt the verbs, a few moments of each in turn, keep a row of figures for each, and print what is wrong."""
    from tables import RESULTS, stored

    file = RESULTS / "interrupts.json"
    rows: dict[str, list[str]] = {}
    if file.exists() and not again:
        rows = {row[0]: row for row in json.loads(file.read_text())["tables"]["moments"]["rows"]}
    for total in range(STEP, count + STEP, STEP):
        for name in names:
            had = rows.get(name, [name, *["0"] * 7])
            first = int(had[1])
            if first >= min(total, count):
                continue
            ends, wrong, longest = moments(name, min(total, count) - first, first)
            early = ends["ended before the signal"] + ends["ended as the signal came"]
            new = (
                min(total, count) - first,
                ends["before"],
                ends["best"],
                ends["complete"],
                early,
                len(wrong),
            )
            counts = [str(int(old) + more) for old, more in zip(had[1:7], new, strict=True)]
            rows[name] = [name, *counts, f"{max(longest, float(had[7])):.1f}"]
            print(*rows[name], *wrong, sep="\n  ", flush=True)
            stored("interrupts/moments", HEADER, [rows[key] for key in VERBS if key in rows])


def run() -> None:
    """Interrupt every verb at 200 moments."""
    measure(list(VERBS), 200)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verbs", nargs="*", default=list(VERBS), metavar="VERB")
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    measure(asked.verbs, asked.moments, asked.again)
