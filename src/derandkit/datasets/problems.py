"""The instance that a quadratic record is about, read by the kind that the record names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from derandkit.content import read_content
from derandkit.datasets.instances import as_graph
from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, Symmetrize, WeightName
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.reading import Reading
from derandkit.models.arcs import Arcs, SignedGraph, as_arcs
from derandkit.models.clauses import Clauses, as_clauses
from derandkit.models.files import (
    ModelFile,
    check_model_options,
    model_of_content,
    problem_of,
    read_problems,
)
from derandkit.models.model import QuadraticModel
from derandkit.models.options import ModelFormat, Sense
from derandkit.records import JsonMapping


def quadratic_instance(
    record: JsonMapping, instance: Any, weight: WeightName = AUTO_WEIGHT, symmetrize: Symmetrize | None = None
) -> QuadraticModel | Clauses | Arcs | SignedGraph:
    """Read the instance of a quadratic record, by the kind that the record names; objects are taken as they are.

    Parameters
    ----------
    record : mapping
        The record.
    instance : object
        What the function that solved it takes: a file, a mapping, a model of dimod, a graph; of an Ising model
        the tuple ``(h, J)``; or what `derandkit.read_model` returns.
    weight : str or None
        The attribute with the weights, for graphs.
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions become one edge of a signed graph.

    Raises
    ------
    InputError
        It cannot be read as an instance of this kind.

    Examples
    --------
    >>> quadratic_instance({"kind": "max2sat"}, [(1, 2), (-1, 3)]).n
    3
    """
    kind = record.get("kind")
    if isinstance(instance, ModelFile):
        return instance.model
    if isinstance(instance, (QuadraticModel, Clauses, Arcs, SignedGraph)):
        return instance
    if kind == "balance":
        if isinstance(instance, WeightedGraph) and symmetrize is None:
            return SignedGraph(instance)
        return SignedGraph(as_graph(instance, weight=weight, symmetrize=symmetrize))
    if kind == "maxdicut":
        return as_arcs(instance, weight=weight)
    if kind == "max2sat":
        return as_clauses(instance)
    if kind in ("ising", "qubo") and isinstance(instance, (str, os.PathLike)):
        return _model_file(record, os.fspath(instance))
    sense: Sense = "maximize" if record.get("sense") == "maximize" else "minimize"
    if kind in ("ising", "qubo") and hasattr(instance, "vartype"):
        return QuadraticModel.from_dimod(instance, sense=sense)
    if kind == "qubo":
        return QuadraticModel.from_qubo(instance, sense=sense)
    if kind == "ising" and isinstance(instance, tuple) and len(instance) == 2:
        return QuadraticModel.from_ising(*instance, sense=sense)
    raise InputError(f"cannot read the instance of a record of kind {kind!r} from {type(instance).__name__}")


def _model_file(record: JsonMapping, path: str) -> QuadraticModel | Clauses | Arcs | SignedGraph:
    """Read a model file as the record says it was read: the digest decides between readings and between problems."""
    first: InputError | None = None
    other = False
    known = record.get("instance")
    wanted = known.get("digest") if isinstance(known, Mapping) else None
    sense, vartype = record.get("sense"), record.get("vartype")
    said = known.get("reading") if isinstance(known, Mapping) else None
    named = problem_of(said) if isinstance(said, str) else None
    formats: list[ModelFormat] = ["auto", "sparse", "coo", "matrix", "qubo", "json", "qplib", "lp"]
    if isinstance(said, str) and said.startswith(
        "spin glass"
    ):  # without its extension the file fits other formats
        formats.append("gsg")
    plain: ModelFile | None = None
    content, _ = read_content(path)
    for kind in formats:
        try:
            stated = vartype if kind == "coo" else None
            check_model_options(kind, sense, stated)
            found = model_of_content(content, path, kind, sense, stated)
        except InputError as error:
            first = first or error
            continue
        if found.model.digest == wanted or (kind == "auto" and wanted is None):
            return found.model if plain is None else _beside(found, plain)
        other = True
        plain = found if kind == "auto" else plain
    if named is not None:  # it comes first: two problems may be equal
        with suppress(InputError):
            found = model_of_content(content, path, "beasley", sense, instance=named[0])
            if found.model.digest == wanted:
                return found.model
    try:
        for found in read_problems(path, sense):
            other = True
            if found.model.digest == wanted:
                return found.model
    except InputError as error:
        first = first or error
    if other or first is None:
        raise InputError("holds another model than the record is about", path=path)
    if "--" in first.message:  # options of the verbs that solve
        raise InputError(
            "holds no model that the record could be about, in whatever format it is read; or give the model in Python "
            "(derandkit.read_model)",
            path=path,
        )
    raise first


def _beside(found: ModelFile, plain: ModelFile) -> QuadraticModel:
    """Return a model with a reading that names what the file is without options, for the report of a check."""
    own = found.model.reading or Reading(found.reading)
    words = f"{own.format} (without options the file is read as {plain.reading})"
    return replace(found.model, reading=replace(own, format=words))
