"""The kinds of records that can be checked, each with the table of what it states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from derandkit.certificates.cuts.statements import CONSTRAINED, CUT, RANKED
from derandkit.certificates.embeddings.statements import EMBEDDING
from derandkit.certificates.features.statements import FEATURES
from derandkit.certificates.quadratic.statements import QUADRATIC
from derandkit.certificates.structure.statements import STRUCTURE
from derandkit.certificates.trained.statements import NETWORK

if TYPE_CHECKING:
    from derandkit.certificates.statements import StatementTable
    from derandkit.records import JsonMapping

KINDS: dict[str, StatementTable] = {
    table.schema: table
    for table in (CUT, CONSTRAINED, RANKED, QUADRATIC, EMBEDDING, FEATURES, STRUCTURE, NETWORK)
}


#: Records within records: several cuts hold one under constraints, which holds the contracted graph's.
_DEEPEST = 3


def number_of_checks(record: JsonMapping, depth: int = 0) -> int:
    """Return how many checks there are at most, those of records within the record included.

    Parameters
    ----------
    record : mapping
        A record; what is no record of a known kind counts nothing.
    depth : int
        How many records it is within; one that no record can hold so deep counts nothing.

    Examples
    --------
    >>> number_of_checks({"schema": "derandkit-ranked-cuts", "best": {"schema": "derandkit-maxcut"}})
    24
    """
    schema = record.get("schema")
    table = KINDS.get(schema) if isinstance(schema, str) else None
    if table is None or depth > _DEEPEST:
        return 0
    inner = (record.get(key) for key in table.inside)
    return len(table.rows) + sum(
        number_of_checks(part, depth + 1) for part in inner if isinstance(part, Mapping)
    )
