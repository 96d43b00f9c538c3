"""Every statement of a record of a trained network in one table: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Verdict
from derandkit.certificates.statements import (
    KEYS_FORM,
    PROVEN,
    SCHEMA_FORM,
    SEAL,
    Statement,
    StatementTable,
)

NETWORK = StatementTable(
    "derandkit-network",
    (
        SCHEMA_FORM,
        SEAL,
        KEYS_FORM,
        Statement("rows", "it speaks about these rows and targets", PROVEN, "SHA-256"),
        Statement(
            "split",
            "`W_perp`, `W_par`, singular values and effective rank of the first layer in the record",
            (Verdict.RECOMPUTED,),
            "singular values, with the covariance of the rows",
        ),
        Statement(
            "derivatives",
            "loss, gradient and curvature, and that the first layer is that of the network",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "certified again if the network is given, `verify(found, (X, y, model))`; else not checked, and then the "
            "record does not hold",
        ),
        Statement(
            "bound",
            "the lemma's bound follows from gradient and curvature",
            (Verdict.RECOMPUTED,),
            "its formula, with the numbers of the record",
        ),
        Statement(
            "decay",
            "what weight decay alone would leave",
            (Verdict.RECOMPUTED,),
            "its formula",
            headline=False,
        ),
        Statement(
            "status",
            "whether the lemma bounds the size of `W_perp`, and the message",
            (Verdict.RECOMPUTED,),
            "derived from the numbers",
        ),
    ),
)
