"""The second verifier (`examples/verify`, plain Python) on the objects that tests hold."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from tests.mutations import mutated

from derandkit.graphs.graph import WeightedGraph
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.points.cloud import PointCloud

FOLDER = Path(__file__).parents[1] / "examples" / "verify"


@functools.cache
def second():
    """Import the files of the second verifier as the command does, and leave no trace among the modules."""
    names = [file.stem for file in FOLDER.glob("*.py") if file.stem != "__main__"]
    before = {name: sys.modules.pop(name, None) for name in names}
    sys.path.insert(0, str(FOLDER))
    try:
        return SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    finally:
        sys.path.remove(str(FOLDER))
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


@functools.cache
def command():
    """Import the command of the second verifier, beside the files that `second` has."""
    parts = vars(second())
    before = {name: sys.modules.get(name) for name in parts}
    sys.modules.update(parts)
    try:
        spec = importlib.util.spec_from_file_location("second_verifier", FOLDER / "__main__.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        for name, module_before in before.items():
            sys.modules.pop(name, None)
            if module_before is not None:
                sys.modules[name] = module_before


def plain(instance):
    """Return an instance as the second verifier holds it."""
    make = second().instances
    if isinstance(instance, WeightedGraph):
        return make.Graph(json_labels(instance), rows(*instance.edges()))
    if isinstance(instance, QuadraticModel):
        return make.Model(
            plain(instance.couplings), instance.linear.tolist(), instance.offset, instance.vartype, instance.sense
        )  # fmt: skip
    if isinstance(instance, Clauses):
        ends = instance.literals.tolist()
        clauses = zip(ends, instance.weights.tolist(), instance.hard.tolist(), strict=True)
        return make.Clauses(instance.n, [(*pair, weight, hard) for pair, weight, hard in clauses])
    if isinstance(instance, Arcs):
        return make.Arcs(json_labels(instance), rows(instance.tails, instance.heads, instance.weights))
    if isinstance(instance, SignedGraph):
        return make.Balance(plain(instance.graph))
    table = whole_table(instance)
    return make.Points(table.tolist(), "<f4" if table.dtype == np.float32 else "<f8")


def whole_table(points):
    """Return points as an array with all their columns, those that a cloud has left out too."""
    if isinstance(points, PointCloud):
        table = points.table()
        return table.toarray() if points.sparse and points.places is not None else table
    return np.asarray(points)


def json_labels(instance):
    return json.loads(json.dumps(list(instance.labels)))


def rows(*columns):
    return list(zip(*(column.tolist() for column in columns), strict=True))


def second_report(record, instance):
    """Return the report of the second verifier on a record, which goes through JSON as a file does.

    The instance is an object of derandkit, or the path of a file, which the second verifier reads itself.
    """
    files = second()
    checks = {
        "derandkit-maxcut": files.cuts.check,
        "derandkit-constrained-cut": files.families.constrained,
        "derandkit-ranked-cuts": files.families.ranked,
        "derandkit-embedding": files.embeddings.check,
        "derandkit-features": files.features.check,
        "derandkit-quadratic": files.signs.check,
    }
    read = json.loads(json.dumps(record))
    if isinstance(instance, Path):
        text = instance.read_text(encoding="utf-8")
        own = files.files.read(kind_of(read), text, read, str(instance))
    else:
        own = plain(instance)
    return checks[read["schema"]](read, own)


def kind_of(record):
    """Return the kind of instance that a record is about, as the command of the second verifier does."""
    if record["schema"] == "derandkit-quadratic":
        return record["kind"]
    return "points" if record["schema"] in ("derandkit-embedding", "derandkit-features") else "graph"


def close(old, new):
    """Whether two numbers differ by so little that one of the verifiers may allow it as rounding."""
    if not (isinstance(old, float) and isinstance(new, float)):
        return False
    return abs(old - new) <= 2e-6 * max(abs(old), 1e-3) and math.isfinite(new)


def agreed_refusals(record, seeds, both_ok):
    """Change one leaf of a record for each seed; assert that both verifiers agree, and count what they refuse.

    `both_ok` returns for a changed record whether each of them accepts it.
    """
    refused = 0
    for seed in seeds:
        path, kind, old, new, forged = mutated(record, np.random.default_rng(seed))
        if close(old, new) or path[-1] == "base64":
            continue
        try:
            json.dumps(forged, allow_nan=False, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            continue
        first, other = both_ok(forged)
        assert first == other, (path, kind, old, new, first, other)
        refused += not first
    return refused
