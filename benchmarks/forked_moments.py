"""SIGINT and SIGTERM at counted moments of warm processes: ``benchmarks/forked_moments.py [--moments N] [VERB ...]``.

`interrupts` starts a process for each moment, and most of its time goes into imports and into kernels that are loaded.
Here each moment is a fork of a process that has run the command once. So hundreds of moments of every command are
possible, and two of three do not depend on how busy the machine is:

- *a second*: after a part of the time that the run takes, also within a kernel;
- *a call*: before or after a function call of the run; each of these moments has the same chance;
- *a place*: at the first or last time that one line of the package calls or returns, each line with the same chance.
  So rare lines, such as those that write the file, are met as often as inner loops.

Where a run leaves threads behind (JAX, workers) a fork of this process runs the command first, and this process imports
what that one has imported: then it has no threads, and may be forked as well.

What must hold is that of `interrupts.judged`. Counts that are stored go on up to N moments,
a few of each command in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Literal

from interrupts import (
    VERBS,
    C,
    G,
    J,
    P,
    Q,
    Run,
    S,
    T,
    Verb,
    embed,
    features,
    graph,
    judged,
    listening,
    maxcut,
    points,
)
from tables import stored, stored_rows

Way = Literal["second", "call", "place"]
WAYS: tuple[Way, ...] = ("second", "call", "place")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: A process that is still there after so many seconds hangs.
PATIENCE = 300.0
#: Moments of one command before the next one comes.
STEP = 12


def signs(verb: str, inputs: dict[str, str], *options: str) -> Verb:
    """Return a solver of another problem on signs with options."""
    (file,) = inputs
    return Verb(lambda a, b: [verb, f"{a}/{file}", *options, "-o", f"{b}/r.json"], file, inputs)


def checked(verb: str, inputs: dict[str, str], *options: str) -> Verb:
    """Return the check of a record that is made before."""
    (file,) = inputs
    return Verb(lambda a, b: ["verify", f"{a}/r.json", f"{a}/{file}", *options], None, inputs)


N, TABLE = {"t.toml": T}, {"p.csv": "a,b,c,d\n" + points(80, 4)}
A = {"a.edgelist": graph(80).replace("-1", "2")}
#: Commands with modes that `interrupts` has no time for; smaller inputs where a run would take seconds.
COMMANDS = VERBS | {
    "maxcut --start": Verb(
        lambda a, b: ["maxcut", f"{a}/g.edgelist", "--start", f"{a}/start.txt", "-o", f"{b}/r.json"],
        "g.edgelist", {**S, "start.txt": "".join(f"{k} {k % 2}\n" for k in range(40))},
    ),
    "maxcut --format json": Verb(lambda a, b: ["maxcut", f"{a}/g.edgelist", "--format", "json"], None, S),
    "maxcut --time-limit": maxcut("--time-limit", "30", "--bound", "sdp"),
    "maxcut --no-verify": maxcut("--no-verify", inputs=S),
    "maxcut --report": Verb(
        lambda a, b: ["maxcut", f"{a}/g.edgelist", "--report", f"{b}/p.html", "-o", f"{b}/r.json"],
        "g.edgelist", S, files=2,
    ),
    "balance --search quick": signs("balance", S, "--search", "quick"),
    "max2sat --relaxation triangles": signs("max2sat", C, "--relaxation", "triangles"),
    "max2sat --search thorough": signs("max2sat", C, "--search", "thorough"),
    "maxdicut --relaxation triangles": signs("maxdicut", A, "--relaxation", "triangles"),
    "maxdicut --bound best": signs("maxdicut", A, "--bound", "best"),
    "ising --bound best": signs("ising", J, "--bound", "best"),
    "ising --method conditional": signs("ising", J, "--method", "conditional"),
    "qubo --search quick": signs("qubo", Q, "--search", "quick"),
    "qubo --fix": signs("qubo", Q, "--fix", "3", "1"),
    "embed --objective mean4": embed("--objective", "mean4"),
    "embed --method probability": Verb(
        lambda a, b: ["embed", f"{a}/p.csv", "-k", "3", "--method", "probability", "-o", f"{b}/r.json"],
        "p.csv", {"p.csv": points(16, 6)},
    ),
    "embed --no-holdout": embed("--no-holdout"),
    "features --kernel matern": features("--kernel", "matern", "--nu", "1.5"),
    "features --features": Verb(
        lambda a, b: ["features", f"{a}/p.csv", "-n", "16", "--features", f"{b}/f.npy", "-o", f"{b}/r.json"],
        "p.csv", P, files=2,
    ),
    "verify features": checked("features", P),
    "verify an Ising model": checked("ising", J),
    "verify --strict": checked("maxcut", G, "--strict"),
    "verify a network": checked("structure", N),
    "compare networks": Verb(lambda a, b: ["compare", f"{a}/p.csv", "--target", "a"], None, TABLE),
    "structure, a table": Verb(
        lambda a, b: ["structure", "--data", f"{a}/p.csv", "--max-steps", "100", "--target", "a", "-o", f"{b}/r.json"],
        "p.csv", TABLE,
    ),
    "generate to a terminal": Verb(lambda a, b: ["generate", "-rnd_graph 300 5 7"]),
}  # fmt: skip
#: How the records are made that are verified: the command, without the files.
MADE = {
    "verify": ["maxcut", "g.edgelist"],
    "verify --strict": ["maxcut", "g.edgelist"],
    "verify an embedding": ["embed", "p.csv", "-k", "5"],
    "verify features": ["features", "p.csv", "-n", "16"],
    "verify an Ising model": ["ising", "i.coo"],
    "verify a network": ["structure", "t.toml"],
}
Place = tuple[str, int, str]


@dataclass
class Calls:
    """Counts what a profiler sees, and runs `act` at one number of it."""

    at: int = -1
    act: Callable[[], None] = lambda: None
    seen: int = 0
    places: dict[Place, tuple[int, int]] = field(default_factory=dict)
    kept: bool = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        self.seen += 1
        if self.kept and "/derandkit/" in frame.f_code.co_filename:
            place = (frame.f_code.co_filename, frame.f_lineno, event)
            first, _ = self.places.get(place, (self.seen, 0))
            self.places[place] = (first, self.seen)
        if self.seen == self.at:
            sys.setprofile(None)
            self.act()


def child(arguments: list[str], files: tuple[int, int], calls: Calls | None, said: int) -> None:
    """Be the command line in a forked process: signals as from a terminal, and nothing known of the first run."""
    from derandkit.__main__ import run
    from derandkit.runtime import signals

    code: object = 1
    try:
        os.setsid()
        for number, file in enumerate(files, 1):
            os.dup2(file, number)
        signals._answered = False
        signals._received.clear()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.argv = ["derandkit", *arguments]
        signals.listen()
        sys.setprofile(calls)
        try:
            run()
        except SystemExit as end:
            code = end.code or 0
        sys.setprofile(None)
        if (
            "multiprocessing.util" in sys.modules
        ):  # what Python would do at its end, with what belongs to this process
            sys.modules["multiprocessing.util"]._run_finalizers()
        sys.stdout.flush()
        sys.stderr.flush()
        if calls is not None and calls.kept:
            numbers = sorted({n for both in calls.places.values() for n in both})
            os.write(said, f"{calls.seen} {' '.join(map(str, numbers))}".encode())
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode())
    os._exit(code if isinstance(code, int) else 1)


def forked(
    arguments: list[str], calls: Calls | None = None, number: int | None = None, delay: float | None = None
) -> tuple[Run, str]:
    """Run the command line in a fork; return its end, and what it said about its calls.

    With `calls` it sends itself the signal at the number that they name; with `delay` this process sends it. The
    seconds are those from the signal on, or from the beginning where none came.
    """
    with (
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        tempfile.TemporaryFile() as note,
    ):
        if calls is not None and number is not None:

            def act() -> None:
                os.write(note.fileno(), repr(time.monotonic()).encode())
                os.kill(os.getpid(), number)

            calls.act = act
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            child(arguments, (out.fileno(), err.fileno()), calls, note.fileno())
        ended: list[int] = []

        def gone(seconds: float) -> bool:
            last = time.monotonic() + seconds
            while not ended:
                which, status = os.waitpid(process, os.WNOHANG)
                if which:
                    ended.append(os.waitstatus_to_exitcode(status))
                elif time.monotonic() > last:
                    break
                else:
                    time.sleep(0.001)
            return bool(ended)

        sent_at = 0.0
        try:
            while not listening(process) and not gone(0.0):
                time.sleep(0.0005)
            begin = time.monotonic()
            if delay is not None and number is not None and not gone(delay):
                sent_at = time.monotonic()
                os.kill(process, number)
            hangs = not gone(PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            gone(5.0)
        end = time.monotonic()
        for file in (out, err, note):
            file.seek(0)
        lines = [line for line in err.read().splitlines() if not line.startswith("derandkit: read ")]
        words = note.read().decode()
        if calls is not None and number is not None and words:
            sent_at = float(words)
        code = ended[0] if ended and not hangs else -1
        return Run(code, out.read(), lines, end - (sent_at or begin), sent_at > 0.0), words


@dataclass
class Prepared:
    """A command that this process has run once, and what a whole run of it does."""

    name: str
    verb: Verb
    place: Path
    inputs: Path
    whole: Run
    calls: int
    at_places: list[int]

    def moment(self, k: int) -> tuple[str | None, list[str], float]:
        """Return how the k-th moment ended (None if the signal came too late), what was wrong, and the wait."""
        folder = self.place / str(k)
        folder.mkdir()
        way, number = WAYS[k % len(WAYS)], SIGNALS[k // len(WAYS) % len(SIGNALS)]
        draw = random.Random(f"{self.name} {k}")
        arguments = self.verb.arguments(self.inputs, folder)
        if way == "second":
            delay = self.whole.seconds * draw.random()
            found, _ = forked(arguments, None, number, delay)
            when = f"{delay:.3f} s"
        else:
            at = draw.randrange(1, self.calls) if way == "call" else draw.choice(self.at_places)
            found, _ = forked(arguments, Calls(at), number)
            when = f"call {at} of {self.calls}"
        end: str | None
        end, faults = judged(self.verb, self.inputs, folder, found, self.whole, number)
        if not found.sent:  # the run was shorter than the one that was measured: no moment of it
            self.whole.seconds = (
                min(self.whole.seconds, found.seconds) if way == "second" else self.whole.seconds
            )
            end = None
        shutil.rmtree(folder)
        return (
            end,
            [f"{self.name}, {way} {k}, {number.name} at {when}: {fault}" for fault in faults],
            found.seconds,
        )


def threaded(name: str) -> bool:
    """Whether runs of a command leave threads behind: those of JAX, and of workers."""
    return name == "maxcut, several graphs" or "network" in name or name.startswith("structure")


def single(name: str) -> None:
    """End the program if this process has threads."""
    if len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit(f"{name} leaves threads behind, and a process with threads may not be forked")


def apart(arguments: list[str]) -> None:
    """Run the command line in a fork, so that what it compiles is on disk, and import here what it has imported."""
    with tempfile.TemporaryFile("w+") as names:
        process = os.fork()
        if process == 0:
            with contextlib.suppress(BaseException):
                quiet(arguments)
            names.write("\n".join(sys.modules))
            names.flush()
            os._exit(0)
        os.waitpid(process, 0)
        names.seek(0)
        for name in names.read().split("\n"):
            if name not in sys.modules and name.split(".")[0] not in ("sklearn", "pandas", "pyarrow"):
                with contextlib.suppress(Exception):  # some are made at run time, and pyarrow has a thread
                    importlib.import_module(name)


def quiet(arguments: list[str]) -> None:
    """Run the command line in this process; no signal is listened to, and nothing is shown."""
    from derandkit.cli import main

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(arguments, prog_name="derandkit", standalone_mode=False)


@contextlib.contextmanager
def prepared(name: str) -> Iterator[Prepared]:
    """Run a command in this process, so that forks of it are warm, and count the calls of a whole run."""
    verb = COMMANDS[name]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        inputs = place / "in"
        inputs.mkdir()
        for file, text in verb.inputs.items():
            (inputs / file).write_text(text)
        first = apart if threaded(name) else quiet
        if name in MADE:
            solver, file, *options = MADE[name]
            first([solver, f"{inputs}/{file}", *options, "-o", f"{inputs}/r.json"])
        for k in ("warm", "seconds", "calls"):
            (place / k).mkdir()
        with contextlib.suppress(SystemExit):
            first(verb.arguments(inputs, place / "warm"))
        single(name)
        whole, _ = forked(verb.arguments(inputs, place / "seconds"))
        whole.out = whole.out.replace(str(place / "seconds"), "")
        whole.lines = [line.replace(str(place / "seconds"), "") for line in whole.lines]
        _, words = forked(verb.arguments(inputs, place / "calls"), Calls(kept=True))
        calls, *at_places = map(int, words.split())
        yield Prepared(name, verb, place, inputs, whole, calls, at_places)


def measure(names: list[str], count: int, again: bool = False) -> None:
    """Interrupt the commands, a few moments of each in turn; keep a row for each, and print what is wrong."""
    rows = {} if again else {row[0]: row for row in stored_rows("interrupts/forks")}
    with contextlib.ExitStack() as stack:
        ready: dict[str, Prepared] = {}
        for total in range(STEP, count + STEP, STEP):
            for name in names:
                had = [name, *map(float, rows.get(name, [name, *["0"] * 8])[1:])]
                if had[1] >= min(total, count):
                    continue
                if name not in ready:
                    ready[name] = stack.enter_context(prepared(name))
                rows[name] = went_on(ready[name], had, min(total, count))
                stored("interrupts/forks", HEADER, [rows[key] for key in COMMANDS if key in rows])


def went_on(command: Prepared, had: list, total: int) -> list[str]:
    """Interrupt a command until there are so many moments; return the row of all of them."""
    name, made, before, best, complete, early, wrong, late, longest = had
    ends: Counter[str] = Counter()
    faults: list[str] = []
    k = int(made + late)
    while made < total and k < 3 * total + 30:
        end, more, wait = command.moment(k)
        k += 1
        faults += more
        if end is None:
            late += 1
            continue
        made += 1
        ends[end] += 1
        longest = max(longest, wait)
    early += ends["ended before the signal"] + ends["ended as the signal came"]
    counts = (made, before + ends["before"], best + ends["best"], complete + ends["complete"], early)
    row = [name, *(str(int(n)) for n in (*counts, wrong + len(faults), late)), f"{longest:.1f}"]
    print(*row, *faults, sep="\n  ", flush=True)
    return row


HEADER = (
    "command", "moments", "before an answer", "best so far", "complete", "ended before", "wrong", "too late",
    "longest wait (s)",
)  # fmt: skip


#: Where JAX keeps what it has compiled, for forks that begin without it.
CACHE = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verbs", nargs="*", default=list(COMMANDS), metavar="VERB")
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as compiled:
        os.environ |= {"JAX_COMPILATION_CACHE_DIR": compiled} | CACHE
        measure(asked.verbs, asked.moments, asked.again)
