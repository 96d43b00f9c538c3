"""Check a result against its instance: read both, and hand the record to the checks of its problem."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from derandkit.certificates.checks import Verification
from derandkit.errors import InputError


def verify(result: Any, instance: Any, *, weight: str | None = "weight") -> Verification:
    """Check every claim of a result against its instance.

    Parameters
    ----------
    result : result object, mapping or path
        A result with ``to_dict``, the record it returned, or a JSON file of it.
    instance : graph, points or path
        What the result speaks about: for a cut whatever `derandkit.maxcut` accepts, for an embedding whatever
        `derandkit.embed` accepts, for a structure the teacher or data, a TOML page or a table.
    weight : str or None
        Edge attribute that holds the weight, for graphs.

    Returns
    -------
    Verification
        Named checks; ``ok`` when all passed.

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
    record = _record(result)
    schema = record.get("schema")
    if schema == "derandkit-maxcut":
        from derandkit.certificates.cuts.record import verify_maxcut
        from derandkit.graphs.files import as_graph

        return Verification(tuple(verify_maxcut(record, as_graph(instance, weight=weight))))
    if schema == "derandkit-embedding":
        from derandkit.certificates.embeddings.record import verify_embedding
        from derandkit.points.files import as_point_cloud

        return Verification(tuple(verify_embedding(record, as_point_cloud(instance))))
    if schema == "derandkit-structure":
        from derandkit.certificates.structure.record import verify_structure
        from derandkit.structure.config import as_instance

        return Verification(tuple(verify_structure(record, as_instance(instance, record))))
    raise InputError(f"the record has schema {schema!r}, which is not a derandkit result")


def _record(result: Any) -> Mapping[str, Any]:
    if isinstance(result, (str, os.PathLike)):
        from derandkit.records import read_record

        return read_record(result)
    record = result if isinstance(result, Mapping) else getattr(result, "to_dict", dict)()
    if not isinstance(record, Mapping):
        raise InputError(f"a result is a record or a path, got {type(result).__name__}")
    return record
