"""The words that functions of signs take for an option; the command line reads its choices here, without NumPy."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: How the semidefinite relaxation is solved.
Relaxation: TypeAlias = Literal["lowrank", "cvxpy"]
#: Which relaxation of a quadratic problem is solved: with triangle inequalities at the constant, or without.
ModelRelaxation: TypeAlias = Literal["lowrank", "triangles"]
#: How the distribution of the relaxation is made deterministic.
Derandomizer: TypeAlias = Literal["lemma", "conditional"]
#: Efforts of a search that have a name.
EffortName: TypeAlias = Literal["quick", "thorough"]
#: The same, or what suits the graph.
SearchName: TypeAlias = Literal["auto", "quick", "thorough"]
#: Which upper bound is looked for beyond the semidefinite one; "auto" decides by the graph.
Bound: TypeAlias = Literal["auto", "sdp", "cycle", "best"]
#: The same, or what a problem chooses that has an answer of its own to "auto": the best bound within counted work.
Plan: TypeAlias = Literal["auto", "sdp", "cycle", "best", "brief"]
#: How the cases of branch and bound are bounded.
CaseBound: TypeAlias = Literal["auto", "triangle", "cycle"]

MODEL_RELAXATIONS: tuple[ModelRelaxation, ...] = get_args(ModelRelaxation)
RELAXATIONS: tuple[Relaxation, ...] = get_args(Relaxation)
DERANDOMIZERS: tuple[Derandomizer, ...] = get_args(Derandomizer)
EFFORTS: tuple[EffortName, ...] = get_args(EffortName)
SEARCHES: tuple[SearchName, ...] = get_args(SearchName)
BOUNDS: tuple[Bound, ...] = get_args(Bound)
PLANS: tuple[Plan, ...] = get_args(Plan)
CASE_BOUNDS: tuple[CaseBound, ...] = get_args(CaseBound)

#: Vectors that violate a triangle inequality by more are those of no relaxation with triangles.
MOST_VIOLATION = 1e-5
