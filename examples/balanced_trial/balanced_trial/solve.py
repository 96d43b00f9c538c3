"""From a trial to groups, a bound and a record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import derandkit as dk
from balanced_trial.problem import Trial

SCHEMA, VERSION = "balanced-trial", 1


@dataclass(frozen=True)
class Balance:
    """Two groups, what no two groups can fall below, and the record of both."""

    groups: dict[str, int]
    imbalance: int
    bound: float
    proven_optimal: bool
    coins: int
    record: dict[str, Any]

    def __str__(self) -> str:
        sizes = [sum(sign == s for sign in self.groups.values()) for s in (1, -1)]
        return (
            f"imbalance    {self.imbalance}{' (proven optimal)' if self.proven_optimal else ''}\n"
            f"lower bound  {self.bound:g} (no two groups are below)\n"
            f"coins        {self.coins} on average\n"
            f"groups       {sizes[0]} + {sizes[1]} people"
        )

    def save(self, path: str | Path) -> None:
        """Write the record."""
        Path(path).write_text(json.dumps(self.record, sort_keys=True) + "\n", encoding="utf-8")


def one_by_one(trial: Trial) -> dict[str, int]:
    """Choose groups by conditional expectations: never worse than coins on average.

    While the others are still coins, a person changes the expected imbalance by twice the product of the own numbers
    with the difference of the sums so far. So everybody joins the group that makes this product negative.

    Examples
    --------
    >>> trial = Trial(("Ann", "Bob", "Cem"), {"age": (30, 50, 20)})
    >>> one_by_one(trial)
    {'Ann': 1, 'Bob': -1, 'Cem': 1}
    """
    groups: dict[str, int] = {}
    difference = [0] * len(trial.traits)
    for person, numbers in zip(trial.people, zip(*trial.traits.values())):
        groups[person] = sign = 1 if sum(d * x for d, x in zip(difference, numbers)) <= 0 else -1
        difference = [d + sign * x for d, x in zip(difference, numbers)]
    return groups


def balance(
    trial: Trial, *, time_limit: float | None = None, on_progress: Callable[[dk.Progress], None] | None = None
) -> Balance:
    """Divide people into two groups that are as alike as can be found, with a certified bound.

    Examples
    --------
    >>> result = balance(Trial(("Ann", "Bob", "Cem", "Dan"), {"age": (30, 50, 20, 7)}))
    >>> result.imbalance, result.bound, result.proven_optimal
    (49, 49, True)
    """
    found = dk.optimize(trial.model(), time_limit=time_limit, on_progress=on_progress, on_interrupt="return")
    candidates = [{str(person): sign for person, sign in found.solution.items()}, one_by_one(trial)]
    groups = min(candidates, key=trial.imbalance)  # the first one where they are equal
    imbalance = trial.imbalance(groups)
    bound = max(found.bound, 0)  # a square is not below 0
    proven = found.bound_status == "certified" and imbalance == bound
    record = {
        "schema": SCHEMA,
        "version": VERSION,
        "trial": trial.digest,
        "groups": groups,
        "imbalance": imbalance,
        "bound": bound,
        "bound_status": found.bound_status,
        "proven_optimal": proven,
        "coins": trial.coins,
        "model": found.to_dict(),
    }
    return Balance(groups, imbalance, bound, proven, trial.coins, json.loads(json.dumps(record)))
