"""The three kinds of Gset graphs at any size, for curves of time or quality against n.

A family is a way to write recipes: everything still goes through `derandkit.datasets.rudy`, so a point of
a curve can be named by one line of text and rebuilt by anybody. The kinds follow the Gset: sparse random
graphs of a fixed average degree (G22 has 20, G55 has 5), toruses with weights +1 and -1 (G11, G81), and
unions of two nearly maximal planar graphs (G14, G35).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from derandkit.datasets.graphs import edge_count
from derandkit.datasets.rudy import rudy
from derandkit.errors import InputError
from derandkit.options import check_choice

if TYPE_CHECKING:
    from derandkit.graphs.graph import WeightedGraph

#: Kinds of Gset graphs.
FamilyKind: TypeAlias = Literal["random", "torus", "planar"]
KINDS: tuple[FamilyKind, ...] = get_args(FamilyKind)
_LONGEST = 16  # longest torus, as the ratio of its sides; G11 has 12.5
_SIGNS = "-random 0 1 {seed} -times 2 -plus -1"


def family_recipe(
    kind: FamilyKind, n: int, *, seed: int = 1, degree: float | None = None, signed: bool | None = None
) -> str:
    """Write the recipe of a graph of a Gset kind with n vertices.

    Parameters
    ----------
    kind : {"random", "torus", "planar"}
        Random graph of a given average degree; h x w torus with h * w = n and sides as equal as possible;
        union of two planar graphs with 99 percent of the 3 (n - 2) edges each.
    n : int
        Number of vertices. A torus needs n = h * w with 3 <= h <= w <= 16 h.
    seed : int, default 1
        Other non-negative seeds give other graphs, unless these are so small that two are the same; a torus differs
        only in its signs.
    degree : float, optional
        Average degree of a random graph, default 10: it gets ``round(n * degree / 2)`` edges, halves up.
    signed : bool, optional
        Whether weights are +1 and -1 instead of 1. By default a torus is signed and the other kinds are not.

    Returns
    -------
    str
        The recipe.

    Raises
    ------
    InputError
        If the kind is unknown, or no such graph exists.

    Examples
    --------
    >>> family_recipe("random", 1000, degree=10)
    '-rnd_graph 1000 1.001 1'
    >>> family_recipe("torus", 1000)
    '-toroidal_grid_2D 25 40 -random 0 1 1 -times 2 -plus -1'
    >>> family_recipe("planar", 1000, seed=2)
    '-planar 1000 99 3 -planar 1000 99 4 +'
    """
    kind = check_choice("kind", kind, KINDS)
    if degree is not None and kind != "random":
        raise InputError(f"a {kind} graph has a fixed degree; give degree only for random graphs")
    if kind == "random":
        recipe = f"-rnd_graph {n} {_density(n, 10.0 if degree is None else degree)} {seed}"
    elif kind == "torus":
        rows, columns = _sides(n)
        recipe = f"-toroidal_grid_2D {rows} {columns}"
    else:
        recipe = f"-planar {n} 99 {2 * seed - 1} -planar {n} 99 {2 * seed} +"
    if signed or (signed is None and kind == "torus"):
        recipe += " " + _SIGNS.format(seed=seed)
    return recipe


def family(
    kind: FamilyKind, n: int, *, seed: int = 1, degree: float | None = None, signed: bool | None = None
) -> WeightedGraph:
    """Build a graph of a Gset kind with n vertices.

    Parameters
    ----------
    kind, n, seed, degree, signed
        As for `family_recipe`.

    Returns
    -------
    WeightedGraph
        Vertices are labelled 1..n.

    Raises
    ------
    InputError
        As for `family_recipe` and `derandkit.datasets.rudy`.

    Examples
    --------
    >>> family("torus", 36).m
    72
    """
    return rudy(family_recipe(kind, n, seed=seed, degree=degree, signed=signed))


def _density(n: int, degree: float) -> str:
    """Return the shortest decimal percentage that gives ``n * degree / 2`` edges (rounded, halves up)."""
    if n < 1:
        raise InputError(f"{n} vertices are too few; at least 1 is needed")
    if not 0 <= degree <= n - 1:
        raise InputError(f"an average degree of {degree:g} is impossible on {n} vertices; give 0..{n - 1}")
    if degree == 0:
        return "0"
    edges = math.floor(n * degree / 2 + 0.5)
    exact = 200 * edges / (n * (n - 1))
    for digits in range(1, 18):
        text = f"{exact:.{digits}g}"
        if float(text) <= 100 and edge_count(n, float(text)) == edges:
            return text
    raise InputError(f"no percentage gives {edges} edges on {n} vertices in double precision")


def _sides(n: int) -> tuple[int, int]:
    """Return rows <= columns with rows * columns = n, as equal as possible."""
    sides = _try_sides(n)
    if sides is not None:
        return sides
    for step in range(1, max(n, 9) + 1):  # 9 = 3 x 3 always works, so some size in reach does
        near = [size for size in (n - step, n + step) if _try_sides(size) is not None]
        if near:
            raise InputError(
                f"{n} vertices make no h x w torus with 3 <= h <= w <= {_LONGEST} h; "
                f"the nearest that do: {' and '.join(map(str, near))}"
            )
    raise InputError(f"{n} vertices make no torus; at least 9 are needed")


def _try_sides(n: int) -> tuple[int, int] | None:
    for rows in range(math.isqrt(max(n, 0)), 2, -1):
        if n > _LONGEST * rows * rows:
            return None
        if n % rows == 0:
            return rows, n // rows
    return None
