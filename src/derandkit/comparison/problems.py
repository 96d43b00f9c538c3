"""The problems that can be compared."""

from __future__ import annotations

from derandkit.comparison import cuts, embeddings
from derandkit.comparison.contract import Problem

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
        options=("n_components",),
        draws=embeddings.DRAWS,
        smaller_is_better=True,
        local_search=False,
        timing="seconds with the measurement of all pairs, of every draw where there are draws",
    ),
}
