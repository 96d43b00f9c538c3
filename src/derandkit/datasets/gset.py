"""The Gset: 71 graphs on which max-cut codes have been compared since 1997, generated instead of downloaded.

Each instance is one line of a table: its recipe, a checksum that proves the rebuilt graph is the
published one, the best cut known and a bound from above. Two different graphs circulate under the name
G23. Here ``"G23"`` is the one that fits its series (seed 20002, the unsigned twin of G28), ``"G23-2002"``
the one on the usual download page (seed 2002); a cut value published for "G23" may belong to either.

Credit: the instances were made with G. Rinaldi's ``rudy`` and are attributed to C. Helmberg and F. Rendl,
"A spectral bundle method for semidefinite programming" (ZIB SC 97-37, 1997; SIAM J. Optim. 10, 2000); Y.
Ye distributes them.
"""

from __future__ import annotations

import bisect
import csv
import difflib
import functools
import hashlib
import importlib.resources
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from derandkit.datasets.graphs import MAX_VERTICES
from derandkit.datasets.names import checked_name
from derandkit.datasets.rudy import as_integers, rudy
from derandkit.errors import InputError
from derandkit.options import check_flag, check_kind

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph

_SECOND_READINGS = frozenset({"G23-2002"})
_LINES = 2**16  # lines hashed together


class _Published(Protocol):
    """What identifies a published graph."""

    @property
    def m(self) -> int: ...

    @property
    def weight_sum(self) -> int: ...

    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True)
class GsetInstance:
    """What is known about one instance.

    Parameters
    ----------
    name : str
        ``"G1"`` and so on.
    n, m : int
        Vertices and edges; exact.
    weights : str
        ``"+1"`` or ``"+1/-1"``.
    weight_sum : int
        Sum of all edge weights; exact.
    recipe : str
        What `derandkit.datasets.rudy` builds the graph from.
    sha256 : str
        Checksum of the edges, see `edges_sha256`.
    list_sha256_prefix : str
        First 16 hex digits of the SHA-256 of the lines ``i j w`` in the order in which ``rudy`` lists them.
    best_known : int
        Largest cut value published or found. A lower bound on the maximum; for n >= 5000 such values still
        drift.
    best_known_checked : bool
        Whether a partition of exactly this value was recomputed for this table; otherwise it is quoted.
    best_known_source : str
        Who reported it.
    sdp_bound : float
        Value of a dual-feasible point of the basic semidefinite relaxation, to two decimals. Estimated,
        not certified: feasibility was checked by a sparse factorisation in plain floating point.
    sdp_bound_source : str
        How it was computed, and the published value where there is one.

    Examples
    --------
    >>> gset_instance("G1").best_known
    11624
    """

    name: str
    n: int
    m: int
    weights: str
    weight_sum: int
    recipe: str
    sha256: str
    list_sha256_prefix: str
    best_known: int
    best_known_checked: bool
    best_known_source: str
    sdp_bound: float
    sdp_bound_source: str


def gset_names(*, second_readings: bool = False) -> tuple[str, ...]:
    """Return the names of the instances in natural order.

    Parameters
    ----------
    second_readings : bool, default False
        Whether to list ``"G23-2002"`` too, after ``"G23"``: the other graph of that name, not a 72nd one.

    Returns
    -------
    tuple of str
        The 71 names G1..G67, G70, G72, G77, G81.

    Examples
    --------
    >>> names = gset_names()
    >>> len(names), names[0], names[-1]
    (71, 'G1', 'G81')
    """
    check_flag("second_readings", second_readings)
    return tuple(name for name in gset_table() if second_readings or name not in _SECOND_READINGS)


def gset_instance(name: str) -> GsetInstance:
    """Return what is known about one instance.

    Parameters
    ----------
    name : str
        One of `gset_names`, or ``"G23-2002"``; upper or lower case.

    Returns
    -------
    GsetInstance

    Raises
    ------
    InputError
        If there is no such instance.

    Examples
    --------
    >>> gset_instance("G81").recipe
    '-toroidal_grid_2D 200 100 -random 0 1 200001 -times 2 -plus -1'
    """
    table = gset_table()
    instance = table.get(checked_name(name, "a Gset graph").upper())
    if instance is None:
        raise InputError(f"there is no Gset instance {name!r}; {_nearest(name.upper())}")
    return instance


def gset(name: str) -> WeightedGraph:
    """Build a Gset graph.

    Parameters
    ----------
    name : str
        One of `gset_names`, or ``"G23-2002"``; upper or lower case.

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
    >>> gset("G48").m
    6000
    """
    return rudy(gset_instance(name).recipe)


def edges_sha256(i: ArrayLike, j: ArrayLike, w: ArrayLike) -> str:
    """Return the checksum by which published copies of a graph can be compared.

    It is the SHA-256 of the lines ``i j w`` with 1-based ``i < j``, sorted by (i, j), each ended by one
    newline, without a header: the same for every order of the edges and of their endpoints.

    Parameters
    ----------
    i, j, w : array_like of int, shape (m,)
        0-based endpoints and integer weights of a simple graph.

    Returns
    -------
    str
        64 hex digits.

    Raises
    ------
    InputError
        If the arrays differ in length or hold anything but integers.

    Examples
    --------
    >>> edges_sha256([0, 2], [1, 1], [1, -1]) == edges_sha256([1, 1], [2, 0], [-1, 1])
    True
    """
    first, second, weights = as_integers(i, j, w)
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((high, low))
    digest = hashlib.sha256()
    for start in range(0, len(order), _LINES):
        block = order[start : start + _LINES]
        rows = zip(low[block].tolist(), high[block].tolist(), weights[block].tolist(), strict=True)
        digest.update("".join([f"{a + 1} {b + 1} {weight}\n" for a, b, weight in rows]).encode("ascii"))
    return digest.hexdigest()


def identify_gset(graph: WeightedGraph) -> GsetInstance | None:
    """Return the Gset instance that a graph is, if any: a file called G23 may hold either of two graphs.

    Parameters
    ----------
    graph : WeightedGraph
        Vertices labelled by integers from 1 (as in the published files) or from 0. Vertices without edges may
        be missing.

    Returns
    -------
    GsetInstance or None
        The instance with exactly these edges and weights.

    Examples
    --------
    >>> from derandkit.datasets import rudy
    >>> identify_gset(rudy("-rnd_graph 2000 1 2002")).name
    'G23-2002'
    >>> identify_gset(rudy("-rnd_graph 2000 1 2003")) is None
    True
    """
    from derandkit.graphs.graph import WeightedGraph

    check_kind("graph", graph, WeightedGraph, "derandkit.as_graph(...)")
    return matching(graph, gset_table().values())


_Instance = TypeVar("_Instance", bound=_Published)


def matching(graph: WeightedGraph, instances: Iterable[_Instance]) -> _Instance | None:
    """Return the first of these instances that a graph is, if any; labels are numbers from 1 or from 0."""
    candidates = {
        instance.sha256: instance
        for instance in instances
        if instance.m == graph.m and instance.weight_sum == graph.total_weight
    }
    if not candidates or not graph.integral:
        return None
    if not all(isinstance(label, int) and 0 <= label <= MAX_VERTICES for label in graph.labels):
        return None
    labels = np.array(graph.labels, dtype=np.int64)
    base = 0 if labels.min() == 0 else 1
    i, j, w = graph.edges()
    return candidates.get(edges_sha256(labels[i] - base, labels[j] - base, w))


def _nearest(name: str) -> str:
    """Return a hint for a name that does not exist: the neighbours of a number, or what is spelt alike."""
    number = re.fullmatch(r"G?([0-9]{1,9})", name)
    if number:
        known = gset_names()
        place = bisect.bisect([int(other[1:]) for other in known], int(number[1]))
        names = list(known[place - 1 : place + 1]) if 0 < place < len(known) else []
    else:
        names = difflib.get_close_matches(name, gset_table(), n=2, cutoff=0.5)
    return f"did you mean {' or '.join(names)}?" if names else "the names are G1..G67, G70, G72, G77 and G81"


@functools.cache
def gset_table() -> Mapping[str, GsetInstance]:
    """Return all instances by name."""
    source = importlib.resources.files("derandkit") / "data" / "gset.csv"
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    instances = [
        GsetInstance(
            name=row["name"],
            n=int(row["n"]),
            m=int(row["m"]),
            weights=row["weights"],
            weight_sum=int(row["weight_sum"]),
            recipe=row["recipe"],
            sha256=row["sha256"],
            list_sha256_prefix=row["list_sha256_prefix"],
            best_known=int(row["best_known"]),
            best_known_checked=row["best_known_checked"] == "yes",
            best_known_source=row["best_known_source"],
            sdp_bound=float(row["sdp_bound"]),
            sdp_bound_source=row["sdp_bound_source"],
        )
        for row in rows
    ]
    return MappingProxyType({instance.name: instance for instance in instances})
