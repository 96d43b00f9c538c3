"""The problems that can be compared."""

from __future__ import annotations

from functools import partial

from derandkit.comparison import cuts, embeddings, features, quadratic, structure
from derandkit.comparison.contract import Problem

#: Quadratic problems differ by how their instances are read; then they share everything.
_quadratic = partial(
    Problem,
    prepare=quadratic.prepare,
    key=lambda instance: instance.digest,
    methods=quadratic.QUADRATIC,
    warm_up=quadratic.warm_up,
    defaults=quadratic.DEFAULT_METHODS,
    timing="seconds without the relaxation, which all methods but search and the solvers from elsewhere share; those "
    "solvers get the time of search",
)

#: How a file of points is read.
_TABLE = ("columns", "drop", "label", "header")

#: What can be compared.
PROBLEMS: dict[str, Problem] = {
    "maxcut": Problem(
        cuts.load,
        cuts.prepare,
        lambda graph: graph.digest,
        cuts.MAXCUT,
        cuts.warm_up,
        cuts.DEFAULT_METHODS,
        options=("input_format", "weight", "unweighted", "header", "separator", "comments", "symmetrize"),
        timing="seconds without the relaxation, which all methods share",
    ),
    "embedding": Problem(
        embeddings.load,
        embeddings.prepare,
        lambda instance: instance.cloud.digest,
        embeddings.EMBEDDING,
        embeddings.warm_up,
        tuple(embeddings.EMBEDDING),
        options=("n_components", *_TABLE),
        draws=embeddings.DRAWS,
        local_search=False,
        timing="seconds with the measurement of all pairs, of every draw where there are draws",
    ),
    "features": Problem(
        features.load,
        features.prepare,
        lambda instance: instance.cloud.digest,
        features.FEATURES,
        features.warm_up,
        tuple(features.FEATURES),
        options=("n_features", "gamma", "kernel", "length_scale", "nu", "alpha", *_TABLE),
        draws=features.DRAWS,
        local_search=False,
        timing="seconds with the measurement of all pairs, of every draw where there are draws",
    ),
    "structure": Problem(
        structure.load,
        structure.prepare,
        lambda instance: instance.data.digest,
        structure.DIRECTIONS,
        structure.warm_up,
        tuple(structure.DIRECTIONS),
        options=("target", "n_components", *_TABLE),
        local_search=False,
        timing="value: share of the variance of rows kept back that is left; seconds with the judge, a kernel "
        "regression",
    ),
    "ising": _quadratic(quadratic.load_ising),
    "qubo": _quadratic(quadratic.load_qubo),
    "max2sat": _quadratic(quadratic.load_clauses),
    "maxdicut": _quadratic(quadratic.load_arcs, options=("weight",)),
    "balance": _quadratic(quadratic.load_signed, options=("weight",)),
}
