"""The Biq Mac graphs and the DIMACS tori: 182 graphs with published cuts, generated instead of downloaded.

130 graphs by ``rudy`` with 60 to 100 vertices, 18 tori with Gaussian weights and 30 chains with long-range couplings
have known optima, and so have two of the four tori of the 7th DIMACS challenge. Each is one line of a table: its
recipe, a checksum of its edges, and the greatest cut that is known. The checksums are those of published files.

Credit: the optima were collected by A. Wiegele, "Biq Mac Library" (2007), who lists the sources of the instances.
"""

from __future__ import annotations

import csv
import difflib
import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from derandkit.datasets.names import checked_name
from derandkit.datasets.rudy import rudy
from derandkit.errors import InputError
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph


@dataclass(frozen=True, slots=True)
class BiqmacInstance:
    """What is known about one instance.

    Parameters
    ----------
    name : str
        ``"g05_60.0"`` and so on.
    family : str
        The name of its family, such as ``"g05_60"``, ``"t2g"``, ``"ising2.5"`` or ``"dimacs"``.
    n, m : int
        Vertices and edges; edges of weight 0 count.
    weight_sum : int
        Sum of all edge weights; exact.
    recipe : str
        What `derandkit.datasets.rudy` builds the graph from.
    sha256 : str
        Checksum of the edges, see `edges_sha256`.
    best_known : int
        The greatest cut that is known.
    optimal : bool
        Whether `best_known` is published as the optimum, with a proof.

    Examples
    --------
    >>> case = biqmac_instance("pm1d_100.3")
    >>> case.n, case.m, case.best_known, case.optimal
    (100, 4901, 400, True)
    """

    name: str
    family: str
    n: int
    m: int
    weight_sum: int
    recipe: str
    sha256: str
    best_known: int
    optimal: bool


def biqmac_names(family: str | None = None) -> tuple[str, ...]:
    """Return the names of the instances.

    Parameters
    ----------
    family : str, optional
        Only those of this family.

    Returns
    -------
    tuple of str
        In the order of their families.

    Raises
    ------
    InputError
        There is no such family; all are named.

    Examples
    --------
    >>> len(biqmac_names()), biqmac_names("dimacs")
    (182, ('torusg3-8', 'torusg3-15', 'toruspm3-8-50', 'toruspm3-15-50'))
    """
    if family is None:
        return tuple(biqmac_table())
    named = isinstance(family, str)
    names = tuple(name for name, instance in biqmac_table().items() if named and instance.family == family)
    if not names:
        families = dict.fromkeys(instance.family for instance in biqmac_table().values())
        raise InputError(f"there is no family {quoted(family)}; the families are {', '.join(families)}")
    return names


def biqmac_instance(name: str) -> BiqmacInstance:
    """Return what is known about one instance.

    Parameters
    ----------
    name : str
        One of `biqmac_names`.

    Returns
    -------
    BiqmacInstance

    Raises
    ------
    InputError
        If there is no such instance; the nearest ones are named.

    Examples
    --------
    >>> biqmac_instance("t2g10_5555").recipe
    '-spinglass2g 10 10 5555'
    """
    instance = biqmac_table().get(checked_name(name, "a Biq Mac graph"))
    if instance is None:
        near = difflib.get_close_matches(name, biqmac_table(), n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "biqmac_names() lists them"
        raise InputError(f"there is no Biq Mac graph {name!r}; {hint}")
    return instance


def biqmac(name: str) -> WeightedGraph:
    """Build a graph of the Biq Mac library, or a torus of the DIMACS challenge.

    Parameters
    ----------
    name : str
        One of `biqmac_names`.

    Returns
    -------
    WeightedGraph
        Vertices are labelled 1..n.

    Raises
    ------
    InputError
        If there is no such instance.

    Examples
    --------
    >>> biqmac("ising2.5-100_5555").m
    4950
    """
    return rudy(biqmac_instance(name).recipe)


@functools.cache
def biqmac_table() -> Mapping[str, BiqmacInstance]:
    """Return all instances by name."""
    source = importlib.resources.files("derandkit") / "data" / "biqmac.csv"
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    instances = [
        BiqmacInstance(
            name=row["name"],
            family=row["family"],
            n=int(row["n"]),
            m=int(row["m"]),
            weight_sum=int(row["weight_sum"]),
            recipe=row["recipe"],
            sha256=row["sha256"],
            best_known=int(row["value"]),
            optimal=row["status"] == "optimal",
        )
        for row in rows
    ]
    return MappingProxyType({instance.name: instance for instance in instances})
