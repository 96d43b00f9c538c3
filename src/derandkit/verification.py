"""Check a result against its instance: read both, and hand the record to the checks of its problem."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable, Mapping
from numbers import Real
from typing import TYPE_CHECKING

from derandkit.certificates.checks import Verification, VerificationCheck
from derandkit.certificates.kinds import KINDS, number_of_checks
from derandkit.certificates.statements import watched
from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, Symmetrize, WeightName
from derandkit.graphs.reading import check_symmetrize
from derandkit.options import check_callback, check_rng
from derandkit.records import no_result
from derandkit.runtime.progress import OnProgress, Progress
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from numpy.random import Generator

    from derandkit.records import JsonMapping

_OF_GRAPHS = ("derandkit-constrained-cut", "derandkit-maxcut", "derandkit-ranked-cuts")


def verify(
    result: object,
    instance: object,
    *,
    weight: WeightName = AUTO_WEIGHT,
    symmetrize: Symmetrize | None = None,
    allow_work: float = 1.0,
    rng: int | Generator | None = None,
    on_progress: OnProgress | None = None,
) -> Verification:
    """Check every claim of a result against its instance.

    Parameters
    ----------
    result : result object, mapping or path
        A result with ``to_dict``, the record it returned, or a JSON file of it.
    instance : graph, points or path
        What the result is about: for a cut whatever `derandkit.maxcut` accepts, for a quadratic problem its instance
        or file, for an embedding or features whatever `derandkit.embed` accepts, for a structure the teacher or data,
        a TOML configuration or a table; for a trained network ``(X, y)``, ``(X, y, model)``, or of a plain
        function ``(X, y, f, W, b)``.
    weight : str or None
        Edge attribute that holds the weight, for graphs; refused for other records.
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions become one edge, for graphs that were solved with the same word.
    allow_work : float
        How many times the usual work a check may take, about ten seconds, before it is refused by its cost.
    rng : int or Generator, optional
        Coins for the check of a bound that is tested and not proven; by default from the system's entropy.
    on_progress : callable, optional
        Called with a `derandkit.Progress` as each check begins. What it raises ends the verification, and so does
        Ctrl-C: half a verification is none, so nothing is returned.

    Returns
    -------
    Verification
        Named checks: proven, recomputed, not checked or failed. ``ok`` when all that the headline rests on holds.

    Raises
    ------
    InputError
        If the record or the instance cannot be read, or the record is of a kind that is not known.

    Examples
    --------
    >>> import networkx as nx
    >>> import derandkit
    >>> result = derandkit.maxcut(nx.cycle_graph(5))
    >>> derandkit.verify(result, nx.cycle_graph(5)).ok
    True
    >>> derandkit.verify(result, nx.cycle_graph(6)).failed[0]
    'graph'
    """
    check_rng(rng)
    check_symmetrize(symmetrize)
    check_callback("on_progress", on_progress)
    if isinstance(allow_work, bool) or not isinstance(allow_work, Real):
        raise InputError(f"allow_work is a positive number, got {quoted(allow_work)}")
    if not allow_work > 0.0:
        raise InputError(f"allow_work must be positive, got {allow_work}")
    record = _record(result)
    schema = record.get("schema")
    if not isinstance(schema, str) or schema not in KINDS:
        raise InputError(f"the record {no_result(record)}")
    import numpy as np

    with np.errstate(under="ignore"), watched(_reporter(record, on_progress)):  # whatever the caller has set
        return Verification(tuple(_checks(record, instance, weight, symmetrize, allow_work, rng)))


def _reporter(record: JsonMapping, on_progress: OnProgress | None) -> Callable[[str], None]:
    """Return what reports the name of each check as it begins, with its number."""
    total, start = number_of_checks(record), time.monotonic()
    begun = itertools.count()

    def report(name: str) -> None:
        if on_progress is not None:
            step, elapsed = min(next(begun), total), time.monotonic() - start
            on_progress(Progress(f"check {name}", math.nan, step=step, total=total, elapsed=elapsed))

    return report


def _checks(
    record: JsonMapping,
    instance: object,
    weight: WeightName,
    symmetrize: Symmetrize | None,
    allow_work: float,
    rng: int | Generator | None,
) -> list[VerificationCheck]:
    """Read the instance, and run the checks of the kind of record."""
    schema = record["schema"]
    if symmetrize is not None and schema not in _OF_GRAPHS and record.get("kind") != "balance":
        raise InputError("symmetrize makes an undirected graph, and this record is not about one")
    if (
        weight is not AUTO_WEIGHT
        and schema not in _OF_GRAPHS
        and record.get("kind") not in ("balance", "maxdicut")
    ):
        raise InputError("weight names an attribute of edges, and this record is not about a graph")
    if schema == "derandkit-embedding":
        from derandkit.certificates.embeddings.record import verify_embedding
        from derandkit.points.files import as_recorded_cloud

        cloud = as_recorded_cloud(instance, *_columns(record))
        return verify_embedding(record, cloud, names=cloud.columns, allow_work=allow_work)
    if schema == "derandkit-features":
        from derandkit.certificates.features.record import verify_features
        from derandkit.points.files import as_recorded_cloud

        cloud = as_recorded_cloud(instance, *_columns(record))
        return verify_features(record, cloud, names=cloud.columns, allow_work=allow_work)
    if schema == "derandkit-network":
        from derandkit.certificates.trained.record import verify_network
        from derandkit.structure.trained.again import instance_of, names_of, network_of

        rows, labels = instance_of(instance, record)
        network = network_of(instance, record, rows[1], allow_work)
        return verify_network(record, rows, names_of(instance), network, labels=labels, allow_work=allow_work)
    if schema == "derandkit-structure":
        from derandkit.certificates.structure.record import verify_structure
        from derandkit.structure.config import as_instance, configuration_claims

        problem, configuration = as_instance(instance, record), configuration_claims(instance)
        return verify_structure(record, problem, configuration, allow_work=allow_work)
    if schema == "derandkit-quadratic":
        from derandkit.certificates.quadratic.record import verify_quadratic
        from derandkit.datasets.problems import quadratic_instance

        quadratic = quadratic_instance(record, instance, weight, symmetrize)
        return verify_quadratic(record, quadratic, allow_work=allow_work, rng=rng)
    from derandkit.certificates.cuts.constrained import verify_constrained_cut
    from derandkit.certificates.cuts.ranked import verify_ranked_cuts
    from derandkit.certificates.cuts.record import verify_maxcut
    from derandkit.datasets.instances import as_graph

    verifiers = {
        "derandkit-constrained-cut": verify_constrained_cut,
        "derandkit-maxcut": verify_maxcut,
        "derandkit-ranked-cuts": verify_ranked_cuts,
    }
    graph = as_graph(instance, weight=weight, symmetrize=symmetrize)
    return verifiers[schema](record, graph, allow_work=allow_work, rng=rng)


def _columns(record: JsonMapping) -> tuple[list[str] | None, str]:
    """Columns of a file that a record of points says it has read, and how; the digest shows whether it has."""
    points = record.get("points")
    points = points if isinstance(points, Mapping) else {}
    columns, reading = points.get("columns"), points.get("reading")
    known = isinstance(columns, list) and all(isinstance(name, str) for name in columns)
    return columns if known else None, reading if isinstance(reading, str) else ""


def _record(result: object) -> JsonMapping:
    if isinstance(result, (str, os.PathLike)):
        from derandkit.records import read_record

        return read_record(result)
    if isinstance(result, (bytes, bytearray, memoryview)):
        raise InputError(
            "a result is a record or a path, and bytes may be either; pass os.fsdecode(name), or json.loads(text)"
        )
    record = result if isinstance(result, Mapping) else getattr(result, "to_dict", lambda: None)()
    if not isinstance(record, Mapping):
        raise InputError(f"a result is a record or a path, got {type(result).__name__}")
    return record
