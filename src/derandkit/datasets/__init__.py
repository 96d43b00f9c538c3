"""Benchmark graphs rebuilt from their recipes: no downloads, no graph files, the same edges every time.

`rudy` builds a graph from one line of text. `gset` gives the 71 graphs that max-cut codes are compared on,
`biqmac` those of the Biq Mac library and the DIMACS tori; their checksums are those of the published files. `family`
builds graphs of the same kinds at any size, `power_law` graphs with hubs; `qubo` rebuilds 125 benchmark QUBOs.
"""

from derandkit.datasets.biqmac import BiqmacInstance, biqmac, biqmac_instance, biqmac_names
from derandkit.datasets.families import family, family_recipe
from derandkit.datasets.graphs import RudyEdges
from derandkit.datasets.gset import (
    GsetInstance,
    edges_sha256,
    gset,
    gset_instance,
    gset_names,
    identify_gset,
)
from derandkit.datasets.instances import as_graph
from derandkit.datasets.powerlaw import power_law
from derandkit.datasets.quadratic import (
    QuboInstance,
    palubeckis,
    pardalos_rodgers,
    qubo,
    qubo_instance,
    qubo_names,
)
from derandkit.datasets.rudy import rudy, rudy_edges, write_rudy_lines

__all__ = [
    "BiqmacInstance",
    "GsetInstance",
    "QuboInstance",
    "RudyEdges",
    "as_graph",
    "biqmac",
    "biqmac_instance",
    "biqmac_names",
    "edges_sha256",
    "family",
    "family_recipe",
    "gset",
    "gset_instance",
    "gset_names",
    "identify_gset",
    "palubeckis",
    "pardalos_rodgers",
    "power_law",
    "qubo",
    "qubo_instance",
    "qubo_names",
    "rudy",
    "rudy_edges",
    "write_rudy_lines",
]
