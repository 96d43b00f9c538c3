"""Flows as proofs: amounts on the edges that balance at every vertex but one."""

from fractions import Fraction

from report import integers, need, unit_of


def amounts_of(graph, proof):
    """Return what the edges carry, by pair, and the net flow into the reference; that into every other vertex is 0.

    A positive edge hands its amount to both ends, a negative one with a minus to the second.
    """
    edges, unit, origin = graph.edges(), unit_of(proof), proof["reference"]
    need(type(origin) is int and origin in graph.near, "the reference is no vertex")
    pairs, carried = sorted(edges), integers(proof["amounts"])
    need(len(pairs) == len(carried), "every edge has an amount")
    found = {pair: x * unit for pair, x in zip(pairs, carried)}
    handed = dict.fromkeys(graph.near, Fraction(0))
    for (u, v), x in found.items():
        need(abs(x) <= abs(edges[u, v]), "an edge carries more than its weight")
        handed[u] += x
        handed[v] += x if edges[u, v] > 0 else -x
    need(all(x == 0 for v, x in handed.items() if v != origin), "the flow into a vertex is not 0")
    return found, handed[origin]


def flow(graph, proof):
    """Sides times what vertices are handed add up to F, to which an edge adds 2 |w| at most, only if it is wrong."""
    return graph.positive() - amounts_of(graph, proof)[1] / 2


def persistent(graph, proof):
    """Put vertices where edges at them waste nothing (2 |w| less what they add to F), whatever the other ends do.

    They become one, the lowest of them, and what is left is numbered from 0.
    """
    edges, (carried, _), origin = graph.edges(), amounts_of(graph, proof), proof["reference"]
    placed = [(v, s) for name, s in (("same", 1), ("opposite", -1)) for v in integers(proof[name])]
    side = {origin: 1, **dict(placed)}
    need(
        len(side) == len(placed) + 1 and set(side) <= set(graph.near), "a vertex is placed twice or not there"
    )
    for (u, v), w in edges.items():
        turned = 1 if w > 0 else -1
        for s in (1, -1):
            for t in (1, -1):
                if (u in side or v in side) and s == side.get(u, s) and t == side.get(v, t):
                    wrong = (s == t) == (w > 0)
                    wasted = 2 * abs(w) * wrong - carried[u, v] * (s + turned * t)
                    need(wasted == 0, "an edge at a vertex that was placed wastes something")
    one = min(side)
    for v in side:
        if v != one:
            graph.contract(one, v, side[v] != side[one])
    new = {v: k for k, v in enumerate(sorted(graph.near))}
    graph.near = {new[v]: {new[u]: w for u, w in row.items()} for v, row in graph.near.items()}
