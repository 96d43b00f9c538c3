"""What every benchmark prints and stores: one table a measurement, and the machine it ran on.

`stored` writes a table to ``benchmarks/results/NAME.json``, from where `pages.py` takes it into the pages of the
documentation. A file holds the tables of one benchmark, each with its own day, machine and versions, because a
benchmark may be run in parts.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

RESULTS = Path(__file__).parent / "results"


def stored(address: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, and keep it as the result at an address such as ``scale/random``.

    `DERANDKIT_RESULTS` names another folder than ``benchmarks/results``; where it is empty, nothing is kept.
    """
    body = [[str(x) for x in row] for row in rows]
    folder = os.environ.get("DERANDKIT_RESULTS", str(RESULTS))
    if folder:
        name, _, key = address.partition("/")
        file = Path(folder, f"{name}.json")
        whole = (
            json.loads(file.read_text(encoding="utf-8"))
            if file.exists()
            else {"benchmark": name, "tables": {}}
        )
        whole["tables"][key] = {**provenance(), "header": list(header), "rows": body}
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")  # a run that is stopped while it writes leaves what was there
        new.write_text(as_text(whole), encoding="utf-8")
        new.replace(file)
    return markdown(header, body)


def stored_rows(address: str) -> list[list[str]]:
    """Return the rows that are kept at an address, none if there is no such result yet."""
    name, _, key = address.partition("/")
    file = Path(os.environ.get("DERANDKIT_RESULTS", "") or RESULTS, f"{name}.json")
    if not file.exists():
        return []
    rows: list[list[str]] = (
        json.loads(file.read_text(encoding="utf-8"))["tables"].get(key, {}).get("rows", [])
    )
    return rows


def stored_beside(address: str, header: Sequence[str], row: Sequence[object], order: Iterable[str]) -> str:
    """Keep one row beside those of an address, in the order of their names; return the table.

    Called after every row, it lets an end before the last one lose nothing.
    """
    rows: dict[object, Sequence[object]] = {old[0]: old for old in stored_rows(address)}
    rows[row[0]] = row
    return stored(address, header, [rows[name] for name in order if name in rows])


def as_text(result: dict[str, object]) -> str:
    """Return the text of a file of results: JSON with one row a line, so that a new figure is one changed line."""
    text = json.dumps(result, indent=1, ensure_ascii=False)
    out, depth = [], 0
    for line in text.splitlines():
        inner = line.strip()
        if depth:  # inside a list of strings
            out[-1] += inner if inner.startswith("]") else (inner + " " if inner.endswith(",") else inner)
            depth = 0 if inner.startswith("]") else 1
        else:
            out.append(line)
            depth = int(inner.endswith("[") and inner != '"rows": [')
    return "\n".join(out) + "\n"


def provenance() -> dict[str, object]:
    """Return day, machine and versions of a measurement."""
    packages = {name: version(name) for name in ("numpy", "scipy", "numba")}
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one BLAS thread",
        "versions": {
            "derandkit": " ".join([version("derandkit"), revision()]).strip(),
            "Python": platform.python_version(),
            **packages,
        },
    }


@cache
def revision() -> str:
    """Return the short name of the commit that is checked out at the first call, empty outside a repository."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return commit.stdout.strip()


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table with aligned columns."""
    cells = [[str(x) for x in row] for row in [header, *rows]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """Return one line about the machine."""
    import numba
    import numpy
    import scipy

    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {numpy.__version__}, "
        f"scipy {scipy.__version__}, numba {numba.__version__}, one BLAS thread"
    )


def timed(function: Callable[[], T]) -> tuple[T, float, float]:
    """Return what `function` returns, with its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = function()
    return value, time.perf_counter() - wall, time.process_time() - cpu


def met(ok: bool) -> str:
    """Mark a figure that was to be reached."""
    return "yes" if ok else "NO"
