"""The kinds of records that can be checked, each with the table of what it states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.cuts.statements import CONSTRAINED, CUT, RANKED
from derandkit.certificates.embeddings.statements import EMBEDDING
from derandkit.certificates.quadratic.statements import QUADRATIC
from derandkit.certificates.structure.statements import STRUCTURE

if TYPE_CHECKING:
    from derandkit.certificates.statements import StatementTable

KINDS: dict[str, StatementTable] = {
    table.schema: table for table in (CUT, CONSTRAINED, RANKED, QUADRATIC, EMBEDDING, STRUCTURE)
}
