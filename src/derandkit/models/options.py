"""The words that quadratic models take for an option; the command line reads its choices here, without NumPy."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: Values that a variable takes: -1 and +1, or 0 and 1.
Vartype: TypeAlias = Literal["spin", "binary"]
#: Whether the least or the greatest value is wanted.
Sense: TypeAlias = Literal["minimize", "maximize"]
#: Formats of files.
ModelFormat: TypeAlias = Literal[
    "auto", "qubo", "sparse", "beasley", "coo", "json", "matrix", "qplib", "gsg", "lp"
]

VARTYPES: tuple[Vartype, ...] = get_args(Vartype)
SENSES: tuple[Sense, ...] = get_args(Sense)
MODEL_FORMATS: tuple[ModelFormat, ...] = get_args(ModelFormat)
