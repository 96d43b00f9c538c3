"""Attack the verifier with changed records and awkward numbers, and the readers with files.

``python benchmarks/run.py fuzz`` runs all of it, in pieces that take turns; what is done stands in ``.fuzz/``, so that
a run which was stopped goes on where it was. ``FUZZ=0.01`` runs a hundredth, ``FUZZ_PARTS=graphs`` one part, and
``FUZZ_STATE`` names another folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tables import stored

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
SHARE = float(os.environ.get("FUZZ", "1"))
STATE = Path(os.environ.get("FUZZ_STATE", ROOT / ".fuzz"))
#: What a whole run consists of.
MUTATIONS, COHERENT, GRAPHS, CLOUDS, NETWORKS, FILES, DAMAGED = (
    52_500,
    10_000,
    20_500,
    2_100,
    200,
    2_000,
    2_000,
)
#: Changes of one record, graphs, clouds, networks, and files of each format in one piece of the run.
STEP, BATCH, FEW, NETS, SHEETS, BROKEN = 25, 250, 100, 20, 200, 100


def structures():
    """Return (record, instance) of structure records, or none where JAX is missing."""
    import importlib.util

    if importlib.util.find_spec("jax") is None:
        return []
    from tests.structure.test_structure_certificate import case

    return [case(name)[::-1] for name in ("data", "grid")]


def kept(part: str) -> dict[str, Any]:
    """Return what a part of the run has found so far: the number of pieces, and its counts."""
    file = STATE / f"{part}.json"
    return json.loads(file.read_text()) if file.exists() else {"pieces": 0}


def keep(part: str, found: dict[str, Any]) -> None:
    """Keep it; a run that is stopped meanwhile leaves what was kept before."""
    STATE.mkdir(exist_ok=True)
    new = STATE / f"{part}.new"
    new.write_text(json.dumps(found, indent=1))
    new.replace(STATE / f"{part}.json")


def run_mutations() -> Iterator[str]:
    """Change records in one place, and store what became of them after every round."""
    from tests.collection import as_if_large, collection, without_vectors
    from tests.fuzzing import Tally, fuzz

    kinds: dict[str, list] = {}
    for name, found in collection().items():
        kinds.setdefault(name.partition("/")[0], []).append(found)
    kinds["cut without vectors"], kinds["structure"] = [without_vectors()], structures()
    total = sum(len(found) for found in kinds.values())
    rounds, state = max(1, -(-int(MUTATIONS * SHARE) // (total * STEP))), kept("mutations")
    tallies = {kind: Tally(**state.get(kind, {})) for kind in kinds}
    for number in range(state["pieces"], rounds):
        for kind, found in kinds.items():
            with as_if_large() if kind == "cut without vectors" else contextlib.nullcontext():
                for k, (record, instance) in enumerate(found):
                    first = 1_000_000 * k + number * STEP
                    fuzz(record, instance, range(first, first + STEP), tallies[kind], every=20)
        keep("mutations", {"pieces": number + 1} | {k: vars(t) for k, t in tallies.items()})
        store_mutations(kinds, tallies)
        yield f"mutations: round {number + 1} of {rounds}, {sum(t.tried for t in tallies.values())} changes"


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
    stored("fuzz/mutations", header, [*rows, totals])
    changes = [
        [
            kind,
            sum(t.changes[kind] for t in tallies.values()),
            sum(t.accepted[kind] for t in tallies.values()),
        ]
        for kind in sorted({kind for t in tallies.values() for kind in t.changes})
    ]
    stored("fuzz/changes", ["change", "tried", "accepted"], changes)
    for t in tallies.values():
        for name in ("false", "crashes", "disagreements"):
            for line in getattr(t, name)[:20]:
                print(f"  {name}: {line}")


def run_coherent() -> Iterator[str]:
    """Change proofs and all that follows from them, and store what became of them after every round."""
    from tests.collection import collection
    from tests.fuzzing import Tally, fuzz_coherent, with_a_proof

    kinds: dict[str, list] = {}
    for name, found in with_a_proof(collection()).items():
        kinds.setdefault(name.partition("/")[0], []).append(found)
    total = sum(len(found) for found in kinds.values())
    rounds, state = max(1, -(-int(COHERENT * SHARE) // (total * STEP))), kept("coherent")
    tallies = {kind: Tally(**state.get(kind, {})) for kind in kinds}
    header = [
        "kind", "records", "changed", "refused", "still true", "false and accepted", "tracebacks", "both verifiers",
        "disagree",
    ]  # fmt: skip
    for number in range(state["pieces"], rounds):
        for kind, found in kinds.items():
            for k, (record, instance) in enumerate(found):
                first = 1_000_000 * k + number * STEP
                fuzz_coherent(record, instance, range(first, first + STEP), tallies[kind], every=5)
        keep("coherent", {"pieces": number + 1} | {k: vars(t) for k, t in tallies.items()})
        rows = [
            [
                kind, len(kinds[kind]), t.tried, t.refused, t.true, len(t.false), len(t.crashes), t.compared,
                len(t.disagreements),
            ]
            for kind, t in tallies.items()
        ]  # fmt: skip
        totals = ["together", *(sum(row[k] for row in rows) for k in range(1, len(header)))]
        stored("fuzz/coherent", header, [*rows, totals])
        names = sorted({name for t in tallies.values() for name in t.changes})
        stored(
            "fuzz/coherent_changes",
            ["change", "tried", "accepted"],
            [
                [
                    name.replace("_", " "),
                    sum(t.changes[name] for t in tallies.values()),
                    sum(t.accepted[name] for t in tallies.values()),
                ]
                for name in names
            ],
        )
        for t in tallies.values():
            for line in (*t.false, *t.crashes, *t.disagreements)[-5:]:
                print(f"  {line}")
        yield f"coherent: round {number + 1} of {rounds}, {totals[2:]}"


def run_pieces(part: str, size: int, count: int) -> Iterator[str]:
    """Judge graphs or clouds, and store what became of them after every piece."""
    from tests import adversarial

    judge = {"graphs": adversarial.try_graphs, "clouds": adversarial.try_clouds}[part]
    pieces, found = max(1, -(-int(count * SHARE) // size)), adversarial.Found(**kept(part))
    while found.pieces < pieces:
        header, rows = judge(size, found)
        keep(part, vars(found))
        stored(f"fuzz/{part}", header, rows)
        yield f"{part}: piece {found.pieces} of {pieces}, {found.counts}"


def run_networks() -> Iterator[str]:
    """Judge records of tiny networks on awkward data, and store what became of them after every piece."""
    from tests import adversarial, awkward_networks

    pieces, found = max(1, -(-int(NETWORKS * SHARE) // NETS)), adversarial.Found(**kept("networks"))
    while found.pieces < pieces:
        awkward_networks.try_networks(NETS, found)
        keep("networks", vars(found))
        stored("fuzz/networks", *awkward_networks.tabled(found))
        yield f"networks: piece {found.pieces} of {pieces}, {found.counts}"


def run_files() -> Iterator[str]:
    """Read whole files of every format in random layouts, and store what became of them after every piece."""
    import tempfile

    from tests.layout_writers import FORMS
    from tests.layouts import judged

    pieces, state = max(1, -(-int(FILES * SHARE) // SHEETS)), kept("files")
    counts = state.get("counts", {form: {} for form in FORMS})
    header = [
        "format",
        "files",
        "read as written",
        "refused",
        "of these with a line",
        "another graph",
        "anything else",
    ]
    for piece in range(state["pieces"], pieces):
        with tempfile.TemporaryDirectory() as folder:
            for form, found in counts.items():
                for seed in range(piece * SHEETS, (piece + 1) * SHEETS):
                    outcome = judged(Path(folder), form, seed)
                    for name in (outcome.kind, *(["line"] if outcome.line else [])):
                        found[name] = found.get(name, 0) + 1
                    if outcome.kind in ("wrong", "failed"):
                        print(f"  {form} {seed}: {outcome.kind}: {outcome.words}")
        keep("files", {"pieces": piece + 1, "counts": counts})
        kinds = ("right", "refused", "line", "wrong", "failed")
        rows = [
            [form, (piece + 1) * SHEETS, *(found.get(kind, 0) for kind in kinds)]
            for form, found in counts.items()
        ]
        totals = ["together", *(sum(row[k] for row in rows) for k in range(1, len(header)))]
        stored("fuzz/files", header, [*rows, totals])
        yield f"files: piece {piece + 1} of {pieces}, {totals[1:]}"


def run_damage() -> Iterator[str]:
    """Read files of every format with changed bytes in processes of their own, and store what became of them."""
    import tempfile

    from tests.damage import NAMES, Damage, read_apart

    pieces, state = max(1, -(-int(DAMAGED * SHARE) // BROKEN)), kept("damage")
    found = Damage(state.get("counts", {}), state.get("faults", []))
    for piece in range(state["pieces"], pieces):
        with tempfile.TemporaryDirectory() as folder:
            count = BROKEN * len(NAMES)
            found.add(read_apart(piece * count, count, Path(folder)))
        keep("damage", {"pieces": piece + 1} | vars(found))
        faults = {form: sum(f" {form}: " in fault for fault in found.faults) for form in NAMES}
        rows = [[form, *found.counts[form].values(), faults[form]] for form in NAMES]
        totals = ["together", *(sum(row[k] for row in rows) for k in range(1, 5))]
        header = ["format", "files", "reads that gave something", "refused in one line", "anything else"]
        stored("fuzz/damage", header, [*rows, totals])
        yield f"damage: piece {piece + 1} of {pieces}, {totals[1:]}"
    for fault in found.faults[:20]:
        print(f"  {fault}")


def run() -> None:
    """Run all, or those named in ``FUZZ_PARTS``: a piece of each in turn."""
    parts = {
        "mutations": run_mutations(),
        "coherent": run_coherent(),
        "graphs": run_pieces("graphs", BATCH, GRAPHS),
        "clouds": run_pieces("clouds", FEW, CLOUDS),
        "networks": run_networks(),
        "files": run_files(),
        "damage": run_damage(),
    }
    begin, left = time.monotonic(), os.environ.get("FUZZ_PARTS", ",".join(parts)).split(",")
    while left:
        for name in list(left):
            said = next(parts[name], None)
            if said is None:
                left.remove(name)
            else:
                print(f"{time.monotonic() - begin:.0f} s: {said}", flush=True)
