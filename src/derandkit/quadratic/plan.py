"""Which bound a quadratic problem gets by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph
    from derandkit.signs.options import Plan


#: Up to so many vertices branch and bound proves the optimum of any weights within a second or two.
SMALL = 24
BRANCHED = 110  # and tries it for about ten seconds of counted work
#: Odd cycles are packed where there are at most so many edges, or so many a vertex.
FEW_EDGES, FEW_A_VERTEX = 1200, 8


def suitable_bound(graph: WeightedGraph) -> Plan:
    """Return the bound that suits a graph by its size: best, within counted work, odd cycles where sparse, else auto.

    Examples
    --------
    >>> from derandkit.signs.models import as_graph
    >>> from derandkit.datasets import qubo
    >>> [suitable_bound(as_graph(qubo(name))[0]) for name in ("gka1b", "gka1a", "gka1e", "gka1f")]
    ['best', 'brief', 'auto', 'auto']
    """
    if graph.n <= SMALL:
        return "best"
    if graph.n <= BRANCHED:
        return "brief"
    return "cycle" if graph.m <= max(FEW_EDGES, FEW_A_VERTEX * graph.n) else "auto"
