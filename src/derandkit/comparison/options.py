"""The words that `derandkit.compare` takes for an option; the command line reads its choices here, without NumPy."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from derandkit.models.options import Sense as Sense

#: What can be compared.
ProblemName: TypeAlias = Literal[
    "maxcut", "embedding", "features", "structure", "ising", "qubo", "max2sat", "maxdicut", "balance"
]
#: A problem, or what the instances say they are.
ProblemChoice: TypeAlias = Literal["auto"] | ProblemName
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
#: Methods for features of a kernel.
FeatureMethod: TypeAlias = Literal[
    "lemma", "conditional", "random", "rbf-sampler", "orthogonal", "sobol", "nystroem"
]
#: Ways to find the directions of a table.
StructureMethod: TypeAlias = Literal["network", "sir", "save", "phd", "agop", "pls", "pca", "lasso", "all"]
#: Methods for quadratic problems.
QuadraticMethod: TypeAlias = Literal[
    "lemma", "lemma-thresholds", "conditional", "roof-duality", "hyperplane", "hyperplane-best", "thresholds-best",
    "search", "tabu", "annealing", "openjij", "rc2", "cp-sat",
]  # fmt: skip

PROBLEM_NAMES: tuple[ProblemName, ...] = get_args(ProblemName)
CUT_METHODS: tuple[CutMethod, ...] = get_args(CutMethod)
EMBEDDING_METHODS: tuple[EmbeddingMethod, ...] = get_args(EmbeddingMethod)
FEATURE_METHODS: tuple[FeatureMethod, ...] = get_args(FeatureMethod)
STRUCTURE_METHODS: tuple[StructureMethod, ...] = get_args(StructureMethod)
QUADRATIC_METHODS: tuple[QuadraticMethod, ...] = get_args(QuadraticMethod)
