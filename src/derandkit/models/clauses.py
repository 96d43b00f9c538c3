"""Weighted clauses of up to two literals, some of them hard (MAX-2SAT), and the files of SAT solvers."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derandkit.content import entries_of, extension, read_content
from derandkit.errors import InputError, in_file
from derandkit.given.entries import exact_float, unmasked
from derandkit.graphs.assembly import MAX_VERTICES, MOST_WEIGHT
from derandkit.graphs.content import check_variables
from derandkit.graphs.reading import Reading
from derandkit.missing import with_gaps
from derandkit.models.bqm import taken_apart
from derandkit.models.formats import plain_lines, refuse_behind, refuse_opb
from derandkit.models.terms import Terms, checked_values
from derandkit.numerals import constants_of_comments, writable_numbers
from derandkit.numerics.rounding import exact_decimal, plain_number, whole_number
from derandkit.numerics.sums import exact_total
from derandkit.options import path_name
from derandkit.tables import counted
from derandkit.words.quoting import clipped

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import BoolArray, FloatArray, IntArray, SignArray
    from derandkit.records import JsonMapping


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Clauses:
    """Weighted clauses of one or two literals over Boolean variables 1 to n; to be satisfied as far as possible.

    Build one with `from_clauses` or `derandkit.read_clauses`, which check their input.

    Parameters
    ----------
    n : int
        Number of variables, named 1 to n.
    literals : ndarray of int64, shape (m, 2)
        ``v`` for variable v, ``-v`` for its negation; 0 in second place of a clause with one literal.
    weights : ndarray of float64, shape (m,)
        What a satisfied clause counts; of hard clauses it is ignored.
    hard : ndarray of bool, shape (m,)
        Clauses that have to be satisfied.
    reading : Reading, optional
        How a file was read.

    Examples
    --------
    >>> Clauses.from_clauses([(1, 2), (-1, 2), (-2,)], weights=[1, 1, 3])
    Clauses(2 variables, 3 clauses, 0 hard, total weight 5)
    """

    kind = "max2sat"

    n: int
    literals: IntArray
    weights: FloatArray
    hard: BoolArray
    reading: Reading | None = None

    @classmethod
    @writable_numbers()
    def from_clauses(
        cls,
        clauses: Iterable[Sequence[int]],
        *,
        weights: ArrayLike | None = None,
        hard: Iterable[int] = (),
        n: int | None = None,
    ) -> Clauses:
        """Check clauses as SAT tools write them: nonzero integers, negative for a negated variable.

        Parameters
        ----------
        clauses : iterable of sequences of int, or mapping of such to weights
            One or two literals each. A ``CNF`` or ``WCNF`` of PySAT is taken, too.
        weights : array_like, shape (m,), optional
            Finite real numbers, 1 by default; a series has the index of the clauses, or 0 to m - 1 in order.
        hard : iterable of int, or of m bools
            Positions of clauses that have to be satisfied, or a mark for each, in a series as `weights`.
        n : int, optional
            Number of variables; the largest that occurs by default.

        Raises
        ------
        InputError
            A clause has no literal or more than two, or a number cannot be used; names the clause (from 0).
        """
        clauses, weights, hard, n = taken_apart(clauses, weights, hard, n)
        rows = []
        for k, clause in enumerate(entries_of(clauses, "the clauses")):
            if isinstance(clause, Mapping) or not isinstance(clause, Iterable):
                raise InputError(f"clause {k} is {clause!r}; a clause is a sequence of one or two literals")
            literals = list(clause)
            if not 1 <= len(literals) <= 2:
                raise InputError(f"clause {k} has {len(literals)} literals; MAX-2SAT takes one or two")
            for literal in literals:
                if isinstance(literal, bool) or not isinstance(literal, (int, np.integer)) or literal == 0:
                    raise InputError(f"clause {k} holds {literal!r:.60}; literals are nonzero integers")
                if abs(int(literal)) > MAX_VERTICES:
                    raise InputError(
                        f"clause {k} names variable {clipped(str(abs(int(literal))), 40)}: too many"
                    )
            rows.append([int(literals[0]), int(literals[1]) if len(literals) == 2 else 0])
        table = np.array(rows, dtype=np.int64).reshape(-1, 2)
        top = int(np.abs(table).max(initial=0))
        if n is None:
            n = top
        if n < 1:
            raise InputError("there are no clauses and so no variables; give at least one clause")
        if top > n:
            raise InputError(f"clauses name variable {top}, but there are {n} variables")
        size = len(rows)
        if weights is not None:
            unmasked(weights, "weights")
        counted_as = np.ones(size) if weights is None else np.asarray(with_gaps(weights), dtype=object)
        if counted_as.ndim != 1:
            raise InputError(f"weights has one number a clause, got a {type(weights).__name__}")
        given = np.array([exact_float(w) for w in counted_as.tolist()])
        if given.shape != (size,):
            raise InputError(f"{given.size} weights for {size} clauses")
        if not sum(map(abs, given.tolist())) < MOST_WEIGHT:
            raise InputError("the weights are so large that their sum overflows; scale them down")
        must = np.zeros(size, dtype=bool)
        chosen = list(hard)
        if chosen and all(isinstance(k, (bool, np.bool_)) for k in chosen):
            if len(chosen) != size:
                raise InputError(f"hard has {len(chosen)} marks for {size} clauses")
            chosen = np.flatnonzero(chosen).tolist()
        elif _may_be_marks(chosen, size):
            raise InputError(
                f"hard holds {str(chosen)[:40]}, only 0 and 1 and as many as clauses: marks of the clauses, or their "
                "positions; pass True and False for marks, and each position once, in their order, for positions"
            )
        for k in chosen:
            if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
                raise InputError(
                    f"hard holds {k!r}; it is positions of clauses, or one True or False a clause"
                )
            if not 0 <= k < size:
                raise InputError(f"hard clause {k} does not exist; there are {size} clauses")
            must[k] = True
        return cls(n, table, given, must)

    @property
    def m(self) -> int:
        """Number of clauses."""
        return int(self.weights.size)

    @property
    def labels(self) -> Sequence[Hashable]:
        """The variables."""
        return range(1, self.n + 1)

    @property
    def soft_weight(self) -> int | float:
        """Sum of the weights of all clauses that are not hard."""
        return plain_number(exact_total(self.weights[~self.hard]))

    @property
    def penalty(self) -> float:
        """What a violated hard clause costs in `model`: more than all soft clauses together can bring."""
        total = exact_total(np.abs(self.weights[~self.hard]))
        if total.denominator == 1 and total < 2**52:
            return float(total + 1)
        return float(2.0 ** (int(np.ceil(np.log2(float(total)))) + 1))

    @property
    def digest(self) -> str:
        r"""SHA-256 in hex of ``b"derandkit-clauses-v1\n"``, n and m as little-endian int64, and the arrays."""
        sha = hashlib.sha256(b"derandkit-clauses-v1\n")
        sha.update(np.array([self.n, self.m], dtype="<i8").tobytes())
        sha.update(self.literals.astype("<i8").tobytes())
        sha.update((self.weights + 0.0).astype("<f8").tobytes())
        sha.update(self.hard.astype(np.uint8).tobytes())
        return sha.hexdigest()

    def satisfied(self, solution: ArrayLike) -> BoolArray:
        """Return which clauses a solution satisfies, shape (m,).

        Parameters
        ----------
        solution : array_like, shape (n,)
            0 or 1 for each variable.
        """
        value = np.concatenate([[0], checked_values(solution, self.labels)]).astype(np.int8)
        first, second = self.literals[:, 0], self.literals[:, 1]
        true = value[np.abs(first)] == (first > 0)
        return np.asarray(true | ((second != 0) & (value[np.abs(second)] == (second > 0))), dtype=bool)

    def terms(self) -> Terms:
        """Return the weight of satisfied clauses as quadratic terms of bits, to be maximised.

        A clause of weight w is ``w - w u u'`` with ``u = 1 - x`` for a literal x and ``u = x`` for its negation, so
        integer weights give integer coefficients. A violated hard clause costs `penalty`.
        """
        w = np.where(self.hard, self.penalty, self.weights)
        first, second = self.literals[:, 0], self.literals[:, 1]
        pair = (second != 0) & (np.abs(first) != np.abs(second))
        alone = (second == 0) | (
            first == second
        )  # a clause of a literal with its own negation is always satisfied
        # u = p + q x: p = 1, q = -1 for a positive literal, p = 0, q = 1 for a negated one
        p1, q1 = (first > 0).astype(float), np.where(first > 0, -1.0, 1.0)
        p2, q2 = (second > 0).astype(float), np.where(second > 0, -1.0, 1.0)
        i, j = np.abs(first) - 1, np.abs(second) - 1
        rows = [
            (i[pair], j[pair], -(w * q1 * q2)[pair]),
            (i[pair], i[pair], -(w * q1 * p2)[pair]),
            (j[pair], j[pair], -(w * p1 * q2)[pair]),
            (i[alone], i[alone], -(w * q1)[alone]),
        ]
        constant = exact_total(self.weights[~self.hard])
        constant -= exact_total((w * p1 * p2)[pair]) + exact_total((w * p1)[alone])
        heads, tails, c = (np.concatenate([row[k] for row in rows]) for k in range(3))
        return Terms(heads, tails, c, constant, self.labels, "binary", "maximize")

    def exact_value(self, solution: SignArray) -> Fraction:
        """Return the satisfied soft weight less `penalty` for every violated hard clause, without rounding.

        Parameters
        ----------
        solution : ndarray, shape (n,)
            The value of each variable, in the order of the labels: 0 and 1.
        """
        ok = self.satisfied(solution)
        missed = int((~ok & self.hard).sum())
        return exact_total(self.weights[ok & ~self.hard]) - missed * Fraction(self.penalty)

    def figures(self, solution: SignArray) -> JsonMapping:
        """Return what a solution does, in the words of the problem: satisfied weight, violated clauses (from 0).

        Parameters
        ----------
        solution : ndarray, shape (n,)
            The value of each variable, in the order of the labels: 0 and 1.
        """
        ok = self.satisfied(solution)
        return {
            "satisfied_weight": plain_number(exact_total(self.weights[ok & ~self.hard])),
            "soft_weight": self.soft_weight,
            "violated": np.flatnonzero(~ok & ~self.hard).tolist(),
            "hard_violated": np.flatnonzero(~ok & self.hard).tolist(),
        }

    def __repr__(self) -> str:
        return (
            f"Clauses({self.n} variable{'s' * (self.n != 1)}, {self.m} clause{'s' * (self.m != 1)}, "
            f"{int(self.hard.sum())} hard, total weight {self.soft_weight})"
        )


#: Clauses in any form: an object, the path of a file, or sequences of literals.
SomeClauses: TypeAlias = Clauses | str | os.PathLike[str] | Iterable[Sequence[int]]


def as_clauses(
    clauses: SomeClauses, *, weights: ArrayLike | None = None, hard: Iterable[int] = ()
) -> Clauses:
    """Return clauses as `derandkit.max2sat` takes them: an object, the path of a file, or sequences of literals.

    Raises
    ------
    InputError
        They cannot be read, or `weights` or `hard` are given beside those that the clauses have already.

    Examples
    --------
    >>> as_clauses([(1, 2), (-1,)], weights=[2, 1])
    Clauses(2 variables, 2 clauses, 0 hard, total weight 3)
    """
    if isinstance(clauses, (str, os.PathLike)):
        clauses = read_clauses(clauses)
    if not isinstance(clauses, Clauses):
        return Clauses.from_clauses(clauses, weights=weights, hard=hard)
    if weights is not None or any(True for _ in hard):
        raise InputError(
            "these clauses have weights of their own and say which are hard; leave out weights and hard"
        )
    return clauses


def read_clauses(path: str | os.PathLike[str]) -> Clauses:
    r"""Read a DIMACS file of clauses: .cnf, or .wcnf in the old form (``p wcnf n m top``) or the new one (``h`` lines).

    Parameters
    ----------
    path : str or PathLike
        The file, ``"-"`` for standard input; it may be compressed with gzip, bzip2 or xz.

    Returns
    -------
    Clauses
        In a .cnf file every clause is soft and weighs 1.

    Raises
    ------
    InputError
        The file is missing or broken, or a clause has more than two literals; names the line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "small.wcnf"
    >>> _ = file.write_text("h 1 2 0\n3 -1 0\n2 -2 0\n")
    >>> read_clauses(file)
    Clauses(2 variables, 3 clauses, 1 hard, total weight 5)
    >>> folder.cleanup()
    """
    data, name = read_content(path_name(path))
    refuse_opb(data, name)
    lines = plain_lines(data, name)
    header: list[str] | None = None
    clauses: list[list[int]] = []
    weights: list[float] = []
    hard: list[int] = []
    weighted = top = None
    pending: list[int] = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or (words[0][0] == "c" and not words[0][1:2].isalnum()):  # MaxSAT Evaluation: c{, c---
            continue
        if words[0] == "%":  # the end of the files of SATLIB, which have a line 0 behind it
            if header is None:  # nothing says how many clauses there are
                raise InputError(
                    "a line '%' ends a file of SATLIB, whose header counts the clauses: begin a comment with c, or "
                    "remove the line",
                    path=name,
                    line=number,
                )
            refuse_behind(lines, number, name)
            break
        if words[0] == "p":
            if header is not None or clauses:
                raise InputError("a header in the middle of the file", path=name, line=number)
            if (len(words), *words[1:2]) not in ((4, "cnf"), (4, "wcnf"), (5, "wcnf")):
                raise InputError(
                    "expected 'p cnf variables clauses' or 'p wcnf variables clauses [top]'",
                    path=name,
                    line=number,
                )
            header, weighted = words, words[1] == "wcnf"
            top = _exact(words[4], name, number) if len(words) == 5 else None
            continue
        if weighted is None:  # the form of 2022 has no header, and fits .cnf lines without theirs too
            if words[0] != "h" and extension(name) != ".wcnf":
                raise InputError(
                    "has no header, which fits two readings: start it with 'p cnf variables clauses', or name it .wcnf "
                    "if the first number of a line is the weight",
                    path=name,
                    line=number,
                )
            weighted = True
        try:
            if weighted:
                if len(words) < 2:
                    raise ValueError
                exact = None if words[0] == "h" else _exact(words[0], name, number)
                must = exact is None or (top is not None and exact >= top)
                weight = 1.0 if exact is None or must else _soft(exact, name, number)
                literals = [whole_number(word) for word in words[1:]]
                if literals[-1] != 0 or 0 in literals[:-1]:
                    raise ValueError
                clause = literals[:-1]
                _check(clause, name, number)
                if must:
                    hard.append(len(clauses))
                clauses.append(clause)
                weights.append(weight)
            else:
                for literal in map(whole_number, words):
                    if literal:
                        pending.append(literal)
                        continue
                    _check(pending, name, number)
                    clauses.append(pending)
                    weights.append(1.0)
                    pending = []
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            what = "a weight, literals and 0" if weighted else "literals and 0"
            raise InputError(
                f"expected {what}, got {' '.join(words)[:60]!r}", path=name, line=number
            ) from None
    if pending:
        raise InputError("the last clause does not end with 0", path=name, line=len(lines))
    n = None
    if header is not None:
        try:
            n, m = map(whole_number, header[2:4])
        except ValueError:
            text = f"expected numbers of variables and clauses, got {' '.join(header[2:4])[:60]!r}"
            raise InputError(text, path=name, line=1) from None
        if m != len(clauses):
            raise InputError(f"announces {m} clauses and holds {len(clauses)}", path=name)
    most = max((abs(x) for clause in clauses for x in clause), default=0) if n is None else n
    if n is not None or most <= MAX_VERTICES:  # beyond that the clause is named
        check_variables(most, len(clauses), path=name)
    with in_file(name):
        found = Clauses.from_clauses(clauses, weights=weights, hard=hard, n=n)
    what = f"DIMACS {'wcnf' if weighted else 'cnf'} file, {counted(found.m, 'clause')}{constants_of_comments(lines)}"
    return dataclasses.replace(found, reading=Reading(what, header_lines=int(header is not None)))


def _soft(exact: Fraction, name: str, line: int) -> float:
    try:  # not with `in_file`, which takes its time for each of a million lines
        return exact_float(exact.numerator if exact.denominator == 1 else float(exact))
    except InputError as error:
        raise InputError(error.message, path=name, line=line) from None


def _exact(word: str, name: str, line: int) -> Fraction:
    """Return a weight exactly: a top weight such as 2^64 - 1 marks hard clauses, and float64 need not hold it."""
    try:
        return exact_decimal(word)
    except InputError as error:
        raise InputError(f"weight {error.message}; scale the weights", path=name, line=line) from None
    except ValueError:
        raise InputError(f"{word!r:.60} is not a number", path=name, line=line) from None


def _check(clause: list[int], name: str, line: int) -> None:
    if len(clause) > 2:
        raise InputError(
            f"a clause of {len(clause)} literals; MAX-2SAT takes one or two (split longer ones first)",
            path=name,
            line=line,
        )
    if not clause:
        raise InputError("an empty clause, which no assignment satisfies; remove it", path=name, line=line)


def _may_be_marks(hard: Sequence[object], size: int) -> bool:
    """Whether positions are as many as clauses and hold 0 and 1 alone, but not both once in their order."""
    whole = all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) and k in (0, 1) for k in hard)
    return whole and len(hard) == size > 1 and list(hard) != [0, 1]
