"""The command ``balanced-trial``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import derandkit as dk
from balanced_trial.checker import check
from balanced_trial.problem import Trial
from balanced_trial.solve import balance


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code.

    0 for an answer, or a record that holds; 1 for a record that does not; 2 for input that cannot be used.
    """
    parser = argparse.ArgumentParser(
        "balanced-trial", description="Divide people into two groups that are alike."
    )
    parser.add_argument("table", help="CSV file: a header, then a name and numbers in every line")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the record")
    parser.add_argument("--check", metavar="FILE", help="check a record instead")
    given = parser.parse_args(arguments)
    try:
        trial = Trial.from_csv(given.table)
        if given.check is not None:
            return report(check(read_record(given.check), trial))
        result = balance(trial)
        if given.output is not None:
            result.save(given.output)
    except (dk.InputError, OSError, ValueError) as error:
        print(f"balanced-trial: {error}", file=sys.stderr)
        return 2
    print(result)
    for person, sign in result.groups.items():
        print(f"{person}\t{'A' if sign == 1 else 'B'}")
    return 0


def read_record(path: str) -> Any:
    """Read the JSON of a record; what is in it is for the check."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except RecursionError:
        raise dk.InputError("is nested too deep for a record", path=path) from None


def report(holds: dict[str, bool]) -> int:
    """Print what holds."""
    for statement, right in holds.items():
        print(f"{'holds ' if right else 'FAILED'}  {statement}")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
