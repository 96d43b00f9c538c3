"""Every statement of a structure record in one table: what it says, how it is checked, what rests on it."""

from __future__ import annotations

from derandkit.certificates.checks import Verdict
from derandkit.certificates.statements import (
    NOT_CHECKED,
    PROVEN,
    SCHEMA_FORM,
    SEAL,
    Statement,
    StatementTable,
)

_OR_UNKNOWN = (Verdict.RECOMPUTED, Verdict.NOT_CHECKED)
_OWN = "not checked for a network or a loss of your own, and then the record does not hold"
_INTERVAL = f"NumPy, within the interval that rounding explains; {_OWN}"

STRUCTURE = StatementTable(
    "derandkit-structure",
    (
        SCHEMA_FORM,
        SEAL,
        Statement(
            "problem",
            "it is about this teacher or table",
            PROVEN,
            "SHA-256, and its description; columns and directions that count as constant although they vary are "
            "counted again and named; no row that is kept back has the inputs of one that is trained on; targets under "
            "the logistic loss are called probabilities where not all are 0 or 1",
        ),
        Statement(
            "configuration",
            "student, loss, penalties, method, frozen, rank, steps and controls are those of the file "
            "(`verify RECORD CONFIG.toml`)",
            PROVEN,
            "the settings that the record states, compared value by value; that the run kept to them is not repeated, "
            "and of the steps `history` says more",
        ),
        Statement(
            "parameters",
            "the parameters fit network and problem; the start is the one of its formula, and what is frozen stands "
            "there",
            (Verdict.RECOMPUTED,),
            "shapes, and start and frozen parameters to 1e-12; the loss suits the targets: classes have one, and under "
            "the logistic loss the targets of all nodes and rows are one number from 0 to 1",
        ),
        Statement(
            "split",
            "`W_perp`, `W_par` and their ratio to the start",
            _OR_UNKNOWN,
            "singular values; not checked where W is too large for it, and then the record does not hold",
        ),
        Statement(
            "recovery",
            "singular values, effective rank, principal angles or weights of columns",
            _OR_UNKNOWN,
            "singular values; each direction is the singular vector of its own strength (`split`), and those of equal "
            "ones are any of their space; principal angles are not checked where singular values are too close for it, "
            "and nothing rests on it",
        ),
        Statement("training", "loss and gradient on the training nodes", _OR_UNKNOWN, _INTERVAL),
        Statement(
            "evaluation",
            "loss and gradient on the nodes, or rows, that are kept back, with their errors",
            _OR_UNKNOWN,
            f"{_INTERVAL}; means of the rows by their weights, and before version 5 of eight parts that count the same",
        ),
        Statement(
            "references",
            "losses of the mean and of a linear model, and the gain over the mean",
            _OR_UNKNOWN,
            f"{_INTERVAL}; not claimed by version 1",
        ),
        Statement("lemma", "curvature, the lemma's bound, Stein's estimate", _OR_UNKNOWN, _INTERVAL),
        Statement(
            "residual",
            "by how much the sides of Stein's identity differ",
            _OR_UNKNOWN,
            "NumPy, within the interval that rounding explains; not checked for a network or a loss of your own, and "
            "where rounding hides it or its error",
            headline=False,
        ),
        Statement(
            "rows",
            "gradient and curvature along the rows of `W_perp`, and the bound by them",
            _OR_UNKNOWN,
            f"{_INTERVAL}; not claimed before version 4",
        ),
        Statement(
            "decay",
            "what weight decay alone would leave",
            NOT_CHECKED,
            "its formula has to hold, and the step size to be that of two curvatures, or the one that the method "
            "names, or the check fails; the number of steps is taken as it was stated, and the step size with a "
            "network or a loss of the user's own",
            headline=False,
        ),
        Statement(
            "status",
            "how the run ended, and the message",
            _OR_UNKNOWN,
            "`stationary` is refuted by a gradient above 1e-3 of the risk's at the start, by negative curvature in "
            "all parameters along which the risk falls, by a step along the gradient that lowers it by a tenth, and "
            "where curvatures are not finite; `stalled` by a step along the gradient that lowers it. Where nothing of "
            "this is found, how training ended is not checked, and nothing rests on it; `nothing_found` from gain and "
            "losses, with how training ended; where the training rows are fitted, `nothing_found` and `overfitted` "
            "differ by whether penalties were chosen, which is not checked, and the gain is. That their choice was "
            "not finished, and so ended with `time_limit`, is not checked; `trained`, `step_limit`, `interrupted` and "
            "`time_limit` rest on counts or on a clock and are not checked; of the last two the report says what the "
            "rows kept back say without them. Version 1 claims no gain, and before version 5 none by the weights of "
            "rows: where the rows kept back say another status than the record, or the gain is too near its limit to "
            "be known, it is not checked, and then the record does not hold",
        ),
        Statement(
            "history",
            "risk and sizes at the first and the last row of the run",
            _OR_UNKNOWN,
            "recomputed, of a stochastic method the last row only; risk and penalty of the others have to fit "
            "each other, and nothing else of them is checked. More rows than steps are refused, and more steps "
            "than a run of the method can make under its limit; not checked where the run did not end at its last row "
            "or has no rows",
        ),
        Statement(
            "trainings",
            "the controls that were trained again, and the shares",
            NOT_CHECKED,
            "trainings are not repeated, nor steps of weight decay counted: ratios and shares have to fit them",
            headline=False,
        ),
        Statement(
            "kept_back",
            "the network was trained without the nodes, or rows, of `evaluation`",
            NOT_CHECKED,
            "shows only when the run is repeated",
            headline=False,
        ),
        Statement(
            "provenance",
            "method, counts, how penalties and rank were chosen, what the input was read as",
            NOT_CHECKED,
            "form and sizes; the choice has to follow from its table, and what was chosen is on the path",
            headline=False,
        ),
    ),
)
