"""Change records of every kind in one place, seal them again, and count what becomes of them."""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from tests.coherent import coherent
from tests.mutations import mutated
from tests.second import second_report
from tests.truth import lies

import derandkit as dk
from derandkit.records import decode_array

#: Places that no claim rests on: how an answer was found, and words about it. They are shown as not checked.
PROVENANCE = (
    "method", "reason", "history", "search", "relaxation.method", "relaxation.sweeps", "relaxation.gap",
    "relaxation.duality_gap", "relaxation.rank", "penalty", "reading", "complement", "ridge", "stats", "heldout",
    "columns", "settings", "controls", "selection",
)  # fmt: skip
#: Calls that no verification of a changed record of the collection may take: they take 180 000 at most (0.03 s).
MOST_CALLS = 400_000


@dataclass
class Tally:
    """What became of changed records."""

    tried: int = 0
    refused: int = 0
    provenance: int = 0
    rounding: int = 0
    true: int = 0
    compared: int = 0
    differ: int = 0
    calls: int = 0
    slowest: float = 0.0
    false: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self):
        self.changes, self.accepted = Counter(self.changes), Counter(self.accepted)


def is_provenance(path):
    words = ".".join(k for k in path if isinstance(k, str))
    return any(f".{place}." in f".{words}." for place in PROVENANCE)


def is_rounding(old, new):
    """Whether a float was changed by less than a verifier may allow as the rounding of whoever wrote it."""
    both = isinstance(old, float) and isinstance(new, float) and math.isfinite(new)
    return both and abs(new - old) <= 2e-6 * max(abs(old), 1e-3)


def accepted(record, instance):
    """Whether `verify` accepts a record; one of no known kind is refused before any check."""
    try:
        return dk.verify(record, instance).ok
    except dk.InputError:
        return False


def false_statements(record, instance, honest):
    """Return what a record says that is false; of structure records, what differs from the honest one."""
    if record.get("schema") != "derandkit-structure":
        try:
            return lies(record, instance)
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            return [f"cannot be read: {error!r}"[:120]]
    return [name for name in honest if not agrees_with(record, honest, name)]


def agrees_with(record, honest, name):
    """Whether a figure of a structure record is that of the honest one, up to the error that is stated beside it."""
    old, new = honest[name], record[name]
    if name in PROVENANCE or name == "seal":
        return True
    if name.endswith("_error"):
        size = abs(honest.get(name.removesuffix("_error")) or 0.0)
        return type(new) is float and 0.5 * old - max(1e-9 * size, 1e-11) <= new
    if name == "problem":
        old, new = ({key: value[key] for key in value if key != "reading"} for value in (old, new))
    if name == "parameters":
        arrays = [[decode_array(stored[key]) for key in old if old[key] is not None] for stored in (old, new)]
        return all(np.allclose(a, b, rtol=1e-6, atol=1e-9) for a, b in zip(*arrays, strict=True))
    if type(old) is float:
        return type(new) is float and abs(new - old) <= 2e-6 * abs(old) + 2 * honest.get(
            f"{name}_error", 1e-9
        )
    return nearly(old, new)


def nearly(old, new):
    """Whether two JSON values are equal but for the rounding of floats."""
    if isinstance(old, dict):
        return (
            isinstance(new, dict) and set(old) == set(new) and all(nearly(old[key], new[key]) for key in old)
        )
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(nearly, old, new))
    return type(old) is type(new) and (old == new or is_rounding(old, new))


class Calls:
    """Count the functions that are called and left, in Python and in C: work that is the same on every machine."""

    def __enter__(self):
        self.count, self._before = 0, sys.getprofile()
        sys.setprofile(self._add)
        return self

    def _add(self, frame, event, argument):
        self.count += 1

    def __exit__(self, *error):
        sys.setprofile(self._before)


def tried(forged, instance, what, changes, tally):
    """Verify a changed record and count it; return whether it was accepted, or None where a traceback ended it."""
    begin = time.perf_counter()  # shown on the page, and nothing rests on it
    try:
        with Calls() as made:
            good = accepted(forged, instance)
    except Exception as error:  # a traceback is what is looked for
        tally.crashes.append(f"{what}: {error!r}"[:300])
        return None
    elapsed = time.perf_counter() - begin
    tally.tried += 1
    tally.changes.update(changes)
    tally.accepted.update(changes if good else ())
    tally.slowest = max(tally.slowest, elapsed)
    tally.calls = max(tally.calls, made.count)
    return good


def fuzz(record, instance, seeds, tally=None, every=1):
    """Change a record once for each seed; those accepted, and each `every`-th, are shown to the second verifier."""
    tally = tally or Tally()
    second = record["schema"] != "derandkit-structure"
    for seed in seeds:
        path, kind, old, new, forged = mutated(record, np.random.default_rng(seed))
        what = f"seed {seed}: {'.'.join(map(str, path))} ({kind}) {str(old)[:40]!r} -> {str(new)[:40]!r}"
        good = tried(forged, instance, what, [kind], tally)
        if good is None:
            continue
        near = is_rounding(old, new) or path[-1] == "base64"
        if not good:
            tally.refused += 1
        elif is_provenance(path):
            tally.provenance += 1
        elif near:
            tally.rounding += 1
        else:
            tally.true += 1
        wrong = false_statements(forged, instance, record) if good else []
        if wrong:
            tally.false.append(f"{what}: {', '.join(wrong)}")
        wanted = seed % every == 0 or (good and not near and (every == 1 or not is_provenance(path)))
        if second and wanted and forged["schema"] == record["schema"]:
            tally.compared += 1
            if second_report(forged, instance).ok != good:
                tally.differ += near
                if not near:
                    tally.disagreements.append(what)
    return tally


def fuzz_coherent(record, instance, seeds, tally=None, every=1):
    """Change a proof and all that follows from it once for each seed (`tests.coherent`); count as `fuzz` does.

    A record that is accepted says what is true: whatever the tree is, no cut weighs more than its bound.
    """
    tally = tally or Tally()
    for seed in seeds:
        forged, done = coherent(record, instance, np.random.default_rng(seed))
        what = f"seed {seed}: {', '.join(done)}"
        good = tried(forged, instance, what, done, tally)
        if good is None:
            continue
        tally.refused += not good
        tally.true += good
        if good and (wrong := lies(forged, instance)):
            tally.false.append(f"{what}: {', '.join(wrong)}")
        if good or seed % every == 0:
            tally.compared += 1
            if second_report(forged, instance).ok != good:
                tally.disagreements.append(what)
    return tally


def with_a_proof(records):
    """Return the records of cuts and quadratic problems, with their instances, that have a proof tree."""
    found = {}
    for name, (record, instance) in records.items():
        cut = record.get("cut", record)
        if cut["schema"] == "derandkit-maxcut" and cut["certificate"]["proof"] is not None:
            found[name] = record, instance
    return found
