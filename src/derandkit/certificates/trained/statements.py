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
        Statement(
            "rows",
            "it is about these rows and targets",
            PROVEN,
            "SHA-256; under the losses logistic and softmax targets are 0 and 1",
        ),
        Statement(
            "names",
            "names of the columns, which the directions are shown with",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            "those of the rows if they are a table with names; else not checked, and then the record does not hold",
        ),
        Statement(
            "classes",
            "the classes, in the order of the outputs",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            "those that the network states, or where it states none the different targets, sorted; targets stand at "
            "the places of their classes; not checked where the network is not given and the targets have others, and "
            "then the record does not hold; not claimed before version 4",
        ),
        Statement(
            "split",
            "`W_perp`, `W_par`, singular values and effective rank of the first layer in the record",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "singular values, with the covariance of the rows, or of the patches that the record says the layer sees; "
            "not checked where their rounding, of a unit with far larger weights or of nearly dependent columns, is no "
            "less than 1e-5 of `W_perp` and of its bound (where nothing but rounding is left: of the smallest unit's "
            "weights), or where what the layer reads of inputs that count as constant, which is in none of these, "
            "would change them by as much; "
            "then the record does not hold",
        ),
        Statement(
            "directions",
            "whether the directions were given or found",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "those that are found are the leading ones of the layer, one by one, on inputs of variance 1 of length 1; "
            "that others were given means that they are not these; leading ones that are said to be given are not "
            "checked, and then the record does not hold, unless they span all in which the inputs vary; those that "
            "leave hardly more of the layer, by 1e-3 of its size, are not checked, and nothing rests on it",
        ),
        Statement(
            "layer",
            "the first layer is that of the network",
            (Verdict.PROVEN, Verdict.NOT_CHECKED),
            "every weight, and which inputs it sees, if the network is given, `verify(found, (X, y, model))`, or of a "
            "plain function `verify(found, (X, y, f, W, b))`; else not checked, and then the record does not hold",
        ),
        Statement(
            "derivatives",
            "loss, gradient and curvature",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "certified again if the network is given, each figure to 1e-6 or to the rounding of its terms, and not "
            "checked where it is that for the most part; else not checked, and then the record does not hold; means "
            "of the rows, and before version 4 of eight parts that count the same",
        ),
        Statement(
            "logits",
            "whether outputs that may be probabilities were said to be logits",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "the outputs of the network for these rows, if it is given: no probabilities, or of a model whose layers "
            "say what it ends in; not checked where all of them may be probabilities, and the record says that they "
            "are logits: this is taken as it was stated, and all figures rest on it; not claimed before version 4",
            headline=False,
        ),
        Statement(
            "bound",
            "the lemma's bound follows from gradient and curvature",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "its formula, with the numbers of the record; where their digits do not give it, certified again, or not "
            "checked",
        ),
        Statement(
            "row_bound",
            "the bound by the curvature along the rows of `W_perp` follows from these numbers",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "its formula likewise, and curvature and gradient within those of the lemma's bound; not claimed by "
            "version 1",
        ),
        Statement(
            "residual",
            "by how much the sides of Stein's identity differ",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "certified again if the network is given, within the rounding of its terms; not checked where rounding "
            "hides it or its error",
            headline=False,
        ),
        Statement(
            "decay",
            "what weight decay alone would leave",
            (Verdict.NOT_CHECKED,),
            "its formula holds, or the check fails; steps and their size are taken as they were stated",
            headline=False,
        ),
        Statement(
            "status",
            "whether the lemma bounds the size of `W_perp`, and the message",
            (Verdict.RECOMPUTED, Verdict.NOT_CHECKED),
            "derived from the numbers; the status that is found again if the network is given, else not checked",
        ),
    ),
)
