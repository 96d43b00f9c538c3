"""The form of a structure record, and of a trained network: types, ranges, sizes from the JSON Schema, and counts."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING

from derandkit.schemas import reader
from derandkit.schemas.reader import published
from derandkit.versions import OF_ROWS

if TYPE_CHECKING:
    from derandkit.certificates.structure.recomputed import Recomputed
    from derandkit.records import JsonMapping, JsonObject


def schema() -> JsonObject:
    """Return the JSON Schema of structure records."""
    return published()["derandkit-structure"]


#: Properties that version 1 does not have: null in the form of the current version.
NOT_IN_1 = ("gain", "gain_error", "linear_loss", "mean_loss", "mean_training_loss", "selection")
SETTINGS_NOT_IN_1 = ("max_steps", "rank")
#: The version whose figures on rows are means of rows: before, eight parts counted the same.
MEANS_SINCE = 5
#: The version that bounds ``W_perp`` by the curvature along its rows.
ROWS_SINCE = 4
STOCHASTIC = ("sgd", "adam")
#: Descents of one run at most: on two kinds of nodes, where a gradient is not small, and behind saddles. The start of
#: each has a row of its own in the history, and so has a better point than the last one.
DESCENTS = 14


@cache
def schema_of(version: int) -> JsonObject:
    """Return the rule for records of a version in the form of the current version: what it did not claim is null."""
    found = deepcopy(schema())
    for name in (NOT_IN_1 if version < 2 else ()) + (OF_ROWS if version < ROWS_SINCE else ()):
        found["properties"][name] = {"type": "null"}
    for name in SETTINGS_NOT_IN_1 if version < 2 else ():
        found["properties"]["settings"]["properties"][name] = {"type": "null"}
    return found


def misfit(value: object, rule: JsonMapping | None = None, where: str = "the record") -> str | None:
    """Return the first place where a value does not have the form that a schema asks for, or None.

    Parameters
    ----------
    value : object
        A JSON value.
    rule : mapping, optional
        A JSON Schema; by default the one of structure records.
    where : str
        What the value is called in the answer.

    Notes
    -----
    As `derandkit.schemas.reader.misfit`: 14.0 is no integer and 14 no number, so that a value has one text only.

    Examples
    --------
    >>> misfit(14.0, {"type": "integer"}, "width"), misfit(14, {"type": "integer"}, "width")
    ('width is no integer', None)
    """
    return reader.misfit(value, schema() if rule is None else rule, where, root=schema())


def miscounted(case: Recomputed) -> str | None:
    """Return how steps, rows and the most steps that were allowed contradict each other, or None.

    A stochastic method makes each step that it was asked for, a descent at most as many as `most_steps` says.
    """
    record, most = case.record, case.settings["max_steps"]
    made, rows = record["stats"]["steps"], len(record["history"]["evaluations"])
    stochastic = case.settings["method"].startswith(STOCHASTIC)
    if stochastic and made != record["evaluations"]:
        return f"{made} steps of a stochastic method with {record['evaluations']} gradients"
    if rows > made + (0 if stochastic else 2 * DESCENTS):
        return f"{rows} rows of {made} steps"
    if most is None:  # of the method's own limit nothing is said
        return None
    twice = case.problem.span is None and len(case.first()) > 1
    if made > most_steps(case.settings["method"], most, twice or case.coarse() is not case.training()):
        return f"{made} steps, and at most {most} were allowed"
    if record["ended"] == "trained" and made < most:
        return f"'trained' after {made} of {most} steps"
    return None


def most_steps(method: str, most: int, coarse: bool) -> int:
    """Return the most steps that a run can record that was allowed so many.

    Parameters
    ----------
    method : str
        Its name, as settings show it.
    most : int
        The limit, ``max_steps``.
    coarse : bool
        Whether it begins on fewer nodes than it ends on: then a quarter more are allowed on the latter.

    Notes
    -----
    A descent that begins again, behind a saddle or where a gradient is not small, has what is left of its limit.
    Hessian and perturbed descent make one step at a time. The lemma's goes round once more than its limit to see where
    it is. Each round may drop the spread and move as well, and both are steps: ``2 m + 2`` of a limit m. Where s of
    them were made before it begins again, ``s + 2 (m - s) + 2`` is no more.

    Examples
    --------
    >>> most_steps("HessianDescent", 100, False), most_steps("HessianDescent", 100, True)
    (100, 125)
    >>> most_steps("LemmaDescent", 100, True), most_steps("adam, batch 50, step 0.001", 100, True)
    (254, 100)
    """
    if method.startswith(STOCHASTIC):
        return most
    parts = (most, most // 4) if coarse else (most,)
    return sum(2 * part + 2 if method == "LemmaDescent" else part for part in parts)
