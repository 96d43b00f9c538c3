"""The words that `derandkit.embed` takes for an option; the command line reads its choices here."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: How a map is found.
Method: TypeAlias = Literal["lemma", "probability", "minimax", "conditional"]
#: What a map does to directions that no fitted point has.
Complement: TypeAlias = Literal["balanced", "isometric", "zero"]

METHODS: tuple[Method, ...] = get_args(Method)
COMPLEMENTS: tuple[Complement, ...] = get_args(Complement)
