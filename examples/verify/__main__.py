"""A second verifier in plain Python: `python examples/verify RECORD.json INSTANCE`.

It shares no line with derandkit and needs no package. Cuts, bounds, proof trees, distortions and values are rational
numbers; roots, angles, cosines and probabilities are intervals. It is written to be read, and for small instances. One
file a kind of record: cuts.py (with evidence.py and proofs.py), families.py, embeddings.py, features.py, signs.py, in
every version that was written. The instance is a plain text file (files.py). Of records of networks nothing is
checked here.

Exit code 0 if every statement of the record holds or is shown as not checked, 1 if one does not hold, 2 if a file
cannot be read or a record is of a kind that is not checked here.
"""

import os
import sys

import families
import files
from report import MALFORMED, line, need, read_json, sentence

import cuts
import embeddings
import features
import signs

CHECKS = {
    "derandkit-maxcut": cuts.check,
    "derandkit-constrained-cut": families.constrained,
    "derandkit-ranked-cuts": families.ranked,
    "derandkit-embedding": embeddings.check,
    "derandkit-features": features.check,
    "derandkit-quadratic": signs.check,
}

#: Kinds of records of which nothing is checked here, and what they state.
NOT_HERE = {
    "derandkit-structure": "the network's loss, gradients, curvature, angles, error bounds, and the data",
    "derandkit-derandomization": "the mean, its value and its history; it rests on a function that no file holds",
}


def kind_of(record):
    """Return the kind of instance that a record is about."""
    schema = record.get("schema")
    points = dict.fromkeys(("derandkit-embedding", "derandkit-features"), "points")
    return {**points, "derandkit-quadratic": record.get("kind")}.get(schema, "graph")


def main(arguments):
    """Read two files and check."""
    if len(arguments) != 2:
        print("python examples/verify RECORD.json INSTANCE", file=sys.stderr)
        return 2
    try:
        path = arguments[0]
        with open(path, encoding="utf-8") as file:
            record = read_json(file.read())
        kind = record.get("schema") if isinstance(record, dict) else None
        need(isinstance(kind, str), "is no record: it does not say its schema")
        need(kind not in NOT_HERE, f"is not checked here: {NOT_HERE.get(kind)}")
        need(kind in CHECKS, f"is of a kind that is not checked here, {kind!r}")
        path = arguments[1]
        with open(path, encoding="utf-8", newline="") as file:  # a carriage return alone is refused
            instance = files.read(kind_of(record), file.read(), record, path)
    except (OSError, *MALFORMED) as error:
        print(line(f"{path}: {sentence(error)}"), file=sys.stderr)
        return 2
    try:
        report = CHECKS[kind](record, instance)
    except MemoryError as error:
        print(line(f"{path}: {sentence(error)}"), file=sys.stderr)
        return 2
    try:
        print(report, flush=True)
    except BrokenPipeError:  # who read it has seen enough, and Python must not write to it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
