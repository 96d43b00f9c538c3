"""Benchmark QUBOs rebuilt from their rule: Glover, Kochenberger and Alidaee's gka, and Billionnet and Elloumi's be.

Both were made by the generator of Pardalos and Rodgers (Computing 45 (1990)): two Lehmer streams, one for values and
one for which pairs there are. The rule and the published values are facts; no file is shipped. The values are those of
Wiegele's Biq Mac Library (2007); `optimal` says which are proven there. `palubeckis` makes large dense ones.
"""

from __future__ import annotations

import csv
import difflib
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from derandkit.datasets.names import checked_name
from derandkit.errors import InputError
from derandkit.models.model import QuadraticModel
from derandkit.numerics.ranges import refuse_entries
from derandkit.options import check_real, check_whole
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray

_MULTIPLIER, _MODULUS = 16807, 2**31 - 1


@dataclass(frozen=True)
class QuboInstance:
    """A benchmark QUBO, to be minimised.

    Parameters
    ----------
    name : str
        ``"gka1a"`` to ``"gka5f"``, ``"be100.1"`` to ``"be250.10"``.
    n : int
        Number of variables.
    density : float
        Share of the pairs that have a coefficient.
    seed : int
        Seed of the generator.
    pairs, diagonal : tuple of int
        Lowest and highest coefficient.
    value : int
        The least value that is published.
    optimal : bool
        Whether `value` is known to be the least possible.

    Examples
    --------
    >>> case = qubo_instance("gka1a")
    >>> case.n, case.value, case.optimal
    (50, -3414, True)
    """

    name: str
    n: int
    density: float
    seed: int
    pairs: tuple[int, int]
    diagonal: tuple[int, int]
    value: int
    optimal: bool


def qubo_names() -> tuple[str, ...]:
    """Return the names that `qubo` knows: 45 gka and 80 be.

    Returns
    -------
    tuple of str
        In the order of their families.

    Examples
    --------
    >>> qubo_names()[:2], len(qubo_names())
    (('gka1a', 'gka2a'), 125)
    """
    return tuple(_instances())


def qubo_instance(name: str) -> QuboInstance:
    """Return what is known about a benchmark QUBO.

    Parameters
    ----------
    name : str
        As `qubo_names` lists them.

    Returns
    -------
    QuboInstance
        Its recipe, and the least value that is published.

    Raises
    ------
    InputError
        The name is unknown; the nearest one is named.

    Examples
    --------
    >>> qubo_instance("gka1a").value
    -3414
    """
    found = _instances().get(checked_name(name, "a benchmark QUBO"))
    if found is None:
        near = difflib.get_close_matches(name, _instances(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"there is no benchmark QUBO {name!r}{hint}")
    return found


def qubo(name: str) -> QuadraticModel:
    """Rebuild a benchmark QUBO: minimise x'Qx over bits, variables 1 to n.

    Parameters
    ----------
    name : str
        As `qubo_names` lists them.

    Returns
    -------
    QuadraticModel
        Integer coefficients, with the same numbers as the published file.

    Raises
    ------
    InputError
        The name is unknown.

    Notes
    -----
    O(n^2); 500 variables take some 20 ms.

    Examples
    --------
    >>> qubo("gka1a")
    QuadraticModel(50 binary variables, 106 couplings, minimize)
    """
    case = qubo_instance(name)
    return pardalos_rodgers(case.n, case.density, case.seed, pairs=case.pairs, diagonal=case.diagonal)


def pardalos_rodgers(
    n: int, density: float, seed: int, *, pairs: tuple[int, int], diagonal: tuple[int, int]
) -> QuadraticModel:
    """Make a QUBO by the rule of Pardalos and Rodgers.

    Parameters
    ----------
    n : int
        Number of variables, named 1 to n.
    density : float
        Chance of a pair to have a coefficient; at 1 all have one.
    seed : int
        The values come from the stream of ``2 seed``, the pattern from that of ``seed``.
    pairs, diagonal : tuple of int
        Lowest and highest coefficient q_ij and q_ii; a pair counts twice in x'Qx.

    Returns
    -------
    QuadraticModel
        To be minimised.

    Raises
    ------
    InputError
        A number is none, or out of its range.

    Examples
    --------
    >>> pardalos_rodgers(3, 1.0, 1, pairs=(0, 9), diagonal=(-9, 0)).value([1, 0, 0])
    -9
    """
    check_whole("n", n, 1)
    check_whole("seed", seed)
    check_real("density", density)
    refuse_entries("the pairs", n, n)
    for name, ends in (("pairs", pairs), ("diagonal", diagonal)):
        whole = isinstance(ends, Sequence) and all(isinstance(end, (int, np.integer)) for end in ends)
        if not whole or len(ends) != 2 or not -(2**52) < ends[0] <= ends[1] < 2**52:
            raise InputError(f"{name} are the lowest and the highest coefficient, got {quoted(ends)}")
    i, j = np.triu_indices(n)
    off = i != j
    hit = np.ones(i.size, dtype=bool)
    if density < 1.0:
        hit[off] = _lehmer(seed, int(off.sum())) < density
    u = np.empty(i.size)
    u[hit] = _lehmer(2 * seed, int(hit.sum()))
    low = np.where(off, pairs[0], diagonal[0])
    size = np.where(off, pairs[1] - pairs[0] + 1, diagonal[1] - diagonal[0] + 1)
    q = low[hit] + np.floor(u[hit] * size[hit])
    i, j = i[hit].astype(np.int64), j[hit].astype(np.int64)
    keep = q != 0
    i, j, q = i[keep], j[keep], q[keep]
    return QuadraticModel.from_arrays(i, j, np.where(i == j, q, 2.0 * q), n=n, labels=range(1, n + 1))


def palubeckis(n: int, density: int, seed: int) -> QuadraticModel:
    """Make a dense QUBO by the rule of Palubeckis (Annals of Operations Research 131 (2004)), to be maximised.

    Parameters
    ----------
    n : int
        Number of variables, named 1 to n.
    density : int
        Percent of the pairs that have a coefficient, from 1 to 100.
    seed : int
        Start of the one stream of numbers, from 1 to 2147483646.

    Returns
    -------
    QuadraticModel
        Coefficients between -100 and 100; a pair counts twice in x'Qx.

    Raises
    ------
    InputError
        A number is no integer or out of its range.

    Notes
    -----
    O(n^2): 3000 variables take about a second. ``palubeckis(3000, 50, 31000)`` is known as p3000.1.

    Examples
    --------
    >>> palubeckis(40, 50, 31000)
    QuadraticModel(40 binary variables, 405 couplings, maximize)
    """
    for name, number, most in (("n", n, None), ("density", density, 100), ("seed", seed, _MODULUS - 1)):
        integer = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
        if not integer or number < 1 or (most is not None and number > most):
            end = "at least 1" if most is None else f"from 1 to {most}"
            raise InputError(f"{name} is an integer, {end}; got {quoted(number)}")
    refuse_entries("the matrix", n, n)
    # compiled, which the readers of records do without
    from derandkit.datasets.palubeckis_kernels import fill_palubeckis

    q = np.zeros((n, n), dtype=np.int64)
    fill_palubeckis(q, density, seed)
    i, j = np.nonzero(q)
    values = q[i, j].astype(np.float64)
    return QuadraticModel.from_arrays(
        i.astype(np.int64), j.astype(np.int64), np.where(i == j, values, 2.0 * values), n=n,
        labels=range(1, n + 1), sense="maximize",
    )  # fmt: skip


def _lehmer(seed: int, count: int) -> FloatArray:
    """Return the first numbers in (0, 1) of the stream ``x <- 16807 x mod (2^31 - 1)``."""
    x = np.empty(count, dtype=np.int64)
    if count:
        x[0] = _MULTIPLIER * seed % _MODULUS
    done, jump = 1, _MULTIPLIER
    while done < count:  # what is there, moved on by as many steps: products stay below 2^62
        more = min(done, count - done)
        x[done : done + more] = x[:more] * jump % _MODULUS
        done += more
        jump = jump * jump % _MODULUS
    return x / _MODULUS


@cache
def _instances() -> dict[str, QuboInstance]:
    source = importlib.resources.files("derandkit") / "data" / "pardalos_rodgers.csv"
    found = {}
    for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines()):
        found[row["name"]] = QuboInstance(
            row["name"], int(row["n"]), float(row["density"]), int(row["seed"]),
            (int(row["low"]), int(row["high"])), (int(row["diagonal_low"]), int(row["diagonal_high"])),
            int(row["value"]), row["status"] == "optimal",
        )  # fmt: skip
    return found
