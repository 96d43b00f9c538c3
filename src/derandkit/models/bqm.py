"""Models of dimod, taken apart and made; formulas of PySAT, taken apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float
from derandkit.given.series import refuse_other_order

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Parts(NamedTuple):
    """What a dimod model consists of."""

    linear: dict[Hashable, float]
    quadratic: dict[tuple[Hashable, Hashable], float]
    offset: float
    vartype: str


def dimod_parts(bqm: object, wanted: str | None = None) -> Parts | None:
    """Take a dimod model apart, for which dimod is not needed; None for anything else.

    Raises
    ------
    InputError
        Its variables are not of the kind `wanted`.
    """
    names = ("linear", "quadratic", "offset", "vartype")
    if isinstance(bqm, Mapping) or not all(hasattr(bqm, name) for name in names):
        return None
    linear, quadratic, offset, kind = (getattr(bqm, name) for name in names)
    if not hasattr(kind, "name"):
        return None
    found = str(kind.name).lower()
    if wanted not in (None, found):
        other = "minimize_ising" if found == "spin" else "minimize_qubo"
        raise InputError(
            f"the model has {found} variables: pass it to {other}, or change_vartype({str(wanted).upper()!r}) first"
        )
    return Parts(dict(linear), dict(quadratic), exact_float(offset), found)


def made_of(parts: Parts) -> object:
    """Make a dimod ``BinaryQuadraticModel``.

    Raises
    ------
    MissingDependencyError
        dimod is not installed.
    """
    from importlib import import_module

    try:
        dimod = import_module("dimod")
    except ImportError:
        from derandkit.errors import MissingDependencyError

        raise MissingDependencyError("dimod", "dimod") from None
    return dimod.BinaryQuadraticModel(parts.linear, parts.quadratic, parts.offset, parts.vartype.upper())


class GivenClauses(NamedTuple):
    """Clauses with all that stands beside them."""

    clauses: Iterable[Sequence[int]]
    weights: ArrayLike | None
    hard: Iterable[int]
    n: int | None


def _are_marks(hard: object) -> bool:
    """Whether an array or series has a mark for each clause, also where the marks are objects; else it has numbers."""
    kind = getattr(getattr(hard, "dtype", None), "kind", "")
    return kind == "b" or (
        kind == "O" and all(isinstance(k, (bool, np.bool_)) for k in np.asarray(hard).ravel())
    )


def taken_apart(
    clauses: object, weights: ArrayLike | None, hard: Iterable[int], n: int | None
) -> GivenClauses:
    """Take a mapping of clauses to weights, or a formula of PySAT apart, for which PySAT is not needed.

    Hard clauses of a weighted formula come last, as PySAT writes them to files; of a plain one none is hard.

    Raises
    ------
    InputError
        Weights or hard clauses are given beside those that the clauses have; a formula has constraints beside its
        clauses; the clauses are a frame, which goes by its columns, or a graph; indexes of series disagree.

    Examples
    --------
    >>> taken_apart({(1, 2): 3, (-1,): 2}, None, (), None)
    GivenClauses(clauses=[(1, 2), (-1,)], weights=[3, 2], hard=(), n=None)
    """
    if not isinstance(hard, Iterable) or isinstance(hard, Mapping):
        raise InputError(f"hard is {hard!r:.60}; a sequence is needed")
    if isinstance(clauses, np.ndarray) and clauses.ndim == 0:
        raise InputError(
            f"the clauses are one {type(clauses.item()).__name__} in an array; pass a list of clauses"
        )
    if isinstance(clauses, Mapping):
        if weights is not None:
            raise InputError("the clauses are a mapping to their weights; weights cannot be given twice")
        return GivenClauses(list(clauses), list(clauses.values()), hard, n)
    if hasattr(clauses, "columns") and hasattr(clauses, "shape"):
        raise InputError(
            "the clauses are a frame; pass its rows without the empty entries, such as "
            "frame[['l1', 'l2']].to_numpy().tolist(), and a column of weights apart (weights=frame['w'])"
        )
    if hasattr(clauses, "is_directed"):
        raise InputError(
            f"a {type(clauses).__name__} is a graph; clauses are a list of one or two literals each"
        )
    marks = hard if _are_marks(hard) else None
    refuse_other_order(clauses=clauses, weights=weights, hard=marks)
    count = getattr(clauses, "nv", None)
    soft, weigh, must, plain = (
        part if isinstance(part := getattr(clauses, name, None), list) else None
        for name in ("soft", "wght", "hard", "clauses")
    )
    if not isinstance(count, int) or (plain is None and None in (soft, weigh, must)):
        if not isinstance(clauses, Iterable):
            raise InputError(f"clauses is {clauses!r:.60}; a sequence is needed")
        return GivenClauses(clauses, weights, hard, n)
    if getattr(clauses, "atms", None) or getattr(clauses, "atmosts", None):
        raise InputError(
            "the formula bounds how many literals are true, beside its clauses; encode that as clauses"
        )
    n = (count or None) if n is None else n
    if soft is None or weigh is None or must is None:
        return GivenClauses(plain or [], weights, hard, n)
    if weights is not None or any(True for _ in hard):
        raise InputError("the formula has weights and hard clauses of its own; leave out weights and hard")
    if len(weigh) != len(soft):
        raise InputError(f"the formula has {len(weigh)} weights for {len(soft)} soft clauses")
    places = range(len(soft), len(soft) + len(must))
    return GivenClauses([*soft, *must], [*weigh, *([1] * len(must))], places, n)
