"""Attack the verifier: changed records of every kind, graphs and clouds of awkward numbers, against enumeration.

``python benchmarks/run.py fuzz`` runs all of it (about half an hour on an idle core). ``FUZZ=0.01`` runs a hundredth,
``FUZZ_PARTS=graphs`` one part, and ``FUZZ_SECONDS`` ends the runs on graphs and clouds early.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tables import stored

sys.path.insert(0, str(Path(__file__).parent.parent))
SHARE = float(os.environ.get("FUZZ", "1"))
MUTATIONS = int(52_500 * SHARE)
SECONDS = float(os.environ.get("FUZZ_SECONDS", "inf"))
STEP = 25


def structures():
    """Return (record, instance) of structure records, or none where JAX is missing."""
    import importlib.util

    if importlib.util.find_spec("jax") is None:
        return []
    from tests.structure.test_structure_certificate import case

    return [case(name)[::-1] for name in ("data", "grid")]


def run_mutations() -> None:
    """Change records in one place, and store what became of them after every round."""
    from tests.collection import collection
    from tests.fuzzing import Tally, fuzz

    kinds: dict[str, list] = {}
    for name, found in collection().items():
        kinds.setdefault(name.partition("/")[0], []).append(found)
    kinds["structure"] = structures()
    tallies = {kind: Tally() for kind in kinds}
    total = sum(len(found) for found in kinds.values())
    rounds, begin = max(1, MUTATIONS // (total * STEP)), time.monotonic()
    for number in range(rounds):
        for kind, found in kinds.items():
            for k, (record, instance) in enumerate(found):
                first = 1_000_000 * k + number * STEP
                fuzz(record, instance, range(first, first + STEP), tallies[kind], every=20)
        if number % 2 == 1 or number == rounds - 1:
            store_mutations(kinds, tallies)
            print(f"round {number + 1} of {rounds}, {time.monotonic() - begin:.0f} s", flush=True)


def store_mutations(kinds, tallies) -> None:
    """Store the counts, and print what should not be."""
    rows = [
        [
            kind, len(kinds[kind]), t.tried, t.refused, t.provenance, t.rounding, t.true, len(t.false),
            len(t.crashes), f"{t.slowest:.1f}", t.compared, t.differ, len(t.disagreements),
        ]
        for kind, t in tallies.items()
    ]  # fmt: skip
    header = [
        "kind", "records", "changed", "refused", "provenance", "within rounding", "still true", "false and accepted",
        "tracebacks", "slowest s", "both verifiers", "differ within rounding", "disagree",
    ]  # fmt: skip
    totals = ["together"] + [
        max(float(row[k]) for row in rows) if header[k] == "slowest s" else sum(row[k] for row in rows)
        for k in range(1, len(header))
    ]
    print(stored("fuzz/mutations", header, [*rows, totals]))
    changes = [
        [
            kind,
            sum(t.changes[kind] for t in tallies.values()),
            sum(t.accepted[kind] for t in tallies.values()),
        ]
        for kind in sorted({kind for t in tallies.values() for kind in t.changes})
    ]
    print(stored("fuzz/changes", ["change", "tried", "accepted"], changes))
    for t in tallies.values():
        for name in ("false", "crashes", "disagreements"):
            for line in getattr(t, name)[:20]:
                print(f"  {name}: {line}")


def run_graphs() -> None:
    """Graphs with at most nine vertices and weights of all scales."""
    from tests.adversarial import try_graphs

    print(stored("fuzz/graphs", *try_graphs(int(20_500 * SHARE), seconds=SECONDS)))


def run_clouds() -> None:
    """Small point clouds of all scales."""
    from tests.adversarial import try_clouds

    print(stored("fuzz/clouds", *try_clouds(int(2_100 * SHARE), seconds=SECONDS)))


def run() -> None:
    """Run all three, or those named in ``FUZZ_PARTS``."""
    parts = {"mutations": run_mutations, "graphs": run_graphs, "clouds": run_clouds}
    for name in os.environ.get("FUZZ_PARTS", ",".join(parts)).split(","):
        parts[name]()
