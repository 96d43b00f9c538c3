"""Read a result of any kind back from its file."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from derandkit.errors import InputError
from derandkit.records import canonical_json, no_result, read_record
from derandkit.results import Result

#: Schema -> module and class of the result.
KINDS = {
    "derandkit-constrained-cut": ("derandkit.cuts.constraints", "ConstrainedCutResult"),
    "derandkit-derandomization": ("derandkit.engine.outcome", "Derandomization"),
    "derandkit-embedding": ("derandkit.embeddings.result", "EmbeddingResult"),
    "derandkit-features": ("derandkit.features.result", "FeaturesResult"),
    "derandkit-maxcut": ("derandkit.cuts.result", "MaxCutResult"),
    "derandkit-network": ("derandkit.structure.trained.result", "NetworkCertificate"),
    "derandkit-quadratic": ("derandkit.quadratic.result", "QuadraticResult"),
    "derandkit-ranked-cuts": ("derandkit.cuts.ranking", "RankedCutsResult"),
    "derandkit-structure": ("derandkit.structure.result", "StructureResult"),
}


def load(path: str | os.PathLike[str], instance: object = None) -> Any:
    """Read a result back from its file, whatever kind it is.

    It has to have the published form of its kind and to be written again as it was read; its claims are not checked,
    `derandkit.verify` does that.

    Parameters
    ----------
    path : str or PathLike
        A JSON file, written by ``result.save`` or by the command line.
    instance : graph or quadratic problem, optional
        What the record is about, as the function that solved it takes it; of an Ising model ``(h, J)``. A cut then
        has its edges and pictures (see `derandkit.MaxCutResult.with_graph`), and labels that JSON holds by their text
        alone come back.

    Returns
    -------
    MaxCutResult, QuadraticResult, EmbeddingResult, FeaturesResult, StructureResult, ...
        Equal to the result that was saved, and of its kind: also a `ConstrainedCutResult`, a `RankedCutsResult`, a
        `NetworkCertificate` or a `Derandomization`.

    Raises
    ------
    InputError
        If the file cannot be read, is not a complete record of a known kind, has a value of another type or says what
        the result does not hold (it names the key); or if the instance is another one.

    Examples
    --------
    >>> import os, tempfile, derandkit
    >>> result = derandkit.maxcut([("a", "b"), ("b", "c")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result.save(os.path.join(folder, "cut.json"))
    ...     again = derandkit.load(os.path.join(folder, "cut.json"))
    >>> again == result, again.sides
    (True, {'a': 0, 'b': 1, 'c': 0})
    """
    record = read_record(path)
    schema = record.get("schema")
    if not isinstance(schema, str) or schema not in KINDS:
        raise InputError(no_result(record), path=os.fsdecode(path))
    module, name = KINDS[schema]
    kind = getattr(import_module(module), name)
    try:
        result: Result = kind.from_json(canonical_json(record))
    except InputError as error:
        raise InputError(error.message, path=os.fsdecode(path)) from None
    if instance is None:
        return result
    if hasattr(result, "with_instance"):
        from derandkit.datasets.problems import quadratic_instance

        return result.with_instance(quadratic_instance(record, instance))
    if not hasattr(result, "with_graph"):
        raise InputError(f"a {name} takes no instance", path=os.fsdecode(path))
    from derandkit.datasets.instances import as_graph

    return result.with_graph(as_graph(instance))
