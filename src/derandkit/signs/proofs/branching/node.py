"""A case of branch and bound that has a graph of its own, and what it proves together with the cases below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derandkit.signs.proofs.proven_bound import after_elimination

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from derandkit.records import JsonObject
    from derandkit.signs.proofs.branching.by_triangles import Multipliers


@dataclass(eq=False)
class Node:
    """One case: how it came about, its proof, and what its children start from."""

    parent: Node | None
    contraction: tuple[int, int, bool] | None
    gone: list[int]
    leaf: JsonObject
    bound: Fraction
    pair: tuple[int, int] | None = None
    warm: Multipliers | None = None
    children: list[Node] | None = None
    depth: int = 0

    def tightest(self) -> tuple[Fraction, JsonObject]:
        """Return the best bound that the case and those below it prove, and its proof for the graph before the case.

        A case that is split keeps its own proof as long as the open ones below it have worse.
        """
        bound, inner = self.bound, self.leaf
        if self.children is not None and self.pair is not None:
            (first, same), (second, opposite) = (child.tightest() for child in self.children)
            if max(first, second) < bound:
                bound = max(first, second)
                inner = {"kind": "branch", "pair": list(self.pair), "same": same, "opposite": opposite}
        return bound, after_elimination(self.gone, inner)

    def leaves(self) -> Iterator[Node]:
        """All cases below that are not split."""
        if self.children is None:
            yield self
        else:
            for child in self.children:
                yield from child.leaves()
