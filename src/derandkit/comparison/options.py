"""The words that `derandkit.compare` takes for an option; the command line reads its choices here, without NumPy."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: What can be compared.
ProblemName: TypeAlias = Literal["maxcut", "embedding"]
#: Whether the one-flip local search follows every method.
LocalSearch: TypeAlias = bool | Literal["both"]
#: Methods for cuts, in the order in which rows are printed.
CutMethod: TypeAlias = Literal[
    "lemma", "conditional", "greedy", "pairwise", "rank2-sweep", "hyperplane", "hyperplane-best", "hyperplane-time",
    "one-exchange",
]  # fmt: skip
#: Methods for embeddings.
EmbeddingMethod: TypeAlias = Literal[
    "lemma", "minimax", "conditional", "mean", "pca", "gaussian", "gaussian-best", "sparse"
]

PROBLEM_NAMES: tuple[ProblemName, ...] = get_args(ProblemName)
CUT_METHODS: tuple[CutMethod, ...] = get_args(CutMethod)
EMBEDDING_METHODS: tuple[EmbeddingMethod, ...] = get_args(EmbeddingMethod)
