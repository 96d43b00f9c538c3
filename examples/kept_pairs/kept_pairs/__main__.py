"""The command ``kept-pairs``."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import derandkit as dk
from kept_pairs.fit import check, fit
from kept_pairs.reader import PAIRS

#: What counts as a number in a table: Python's own ``float`` also reads 1_0 and digits of other scripts.
NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1 for a record that does not hold, 2 for bad input."""
    parser = argparse.ArgumentParser(
        "kept-pairs", description="A map that keeps the distances of chosen pairs."
    )
    parser.add_argument("points", help="CSV file without a header: a name and numbers in every line")
    parser.add_argument("pairs", help="a .pairs file, or any file of edges that derandkit reads")
    parser.add_argument("-k", type=int, default=2, help="dimensions of the map")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the record")
    parser.add_argument("--check", metavar="FILE", help="check a record instead")
    given = parser.parse_args(arguments)
    try:
        points = read_points(given.points)
        pairs = dk.read_graph(given.pairs, input_format=PAIRS if given.pairs.endswith(".pairs") else "auto")
        strangers = sorted({str(label) for label in pairs.labels} - set(points))
        if strangers:
            raise dk.InputError(f"{strangers[0]} has no point", path=given.pairs)
        if given.check is not None:
            holds = check(read_record(given.check), points, pairs)
            print("\n".join(f"{'holds ' if right else 'FAILED'}  {name}" for name, right in holds.items()))
            return 0 if all(holds.values()) else 1
        result = fit(points, pairs, given.k)
        if given.output is not None:
            result.save(given.output)
    except (dk.InputError, OSError, ValueError) as error:
        print(f"kept-pairs: {error}", file=sys.stderr)
        return 2
    print(result)
    return 0


def read_record(path: str) -> Any:
    """Read the JSON of a record; what is in it is for the check."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except RecursionError:
        raise dk.InputError("is nested too deep for a record", path=path) from None


def read_points(path: str) -> dict[str, tuple[float, ...]]:
    """Read names and coordinates; every line has equally many, and every name is there once."""
    points: dict[str, tuple[float, ...]] = {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for name, *fields in filter(None, csv.reader(file, strict=True)):
                wrong = next((field for field in fields if not NUMBER.fullmatch(field)), None)
                if wrong is not None:
                    raise dk.InputError(f"{name[:40]!r} has {wrong[:40]!r} where a number belongs", path=path)
                if name in points:
                    raise dk.InputError(f"{name[:40]!r} is there twice", path=path)
                points[name] = tuple(map(float, fields))
    except csv.Error as error:
        raise dk.InputError(f"is no CSV file: {error}", path=path) from None
    if len({len(x) for x in points.values()}) != 1 or () in points.values():
        raise dk.InputError("every line needs a name and equally many numbers", path=path)
    return points


if __name__ == "__main__":
    sys.exit(main())
