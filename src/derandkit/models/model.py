"""Quadratic functions of signs or bits: what the field calls a binary quadratic model.

However a model arrives (Ising couplings and fields, a QUBO matrix, a dimod model, a file), it becomes the same arrays:
variables in the canonical order of their labels, one coefficient a pair, one a variable, and a constant. Values are
exact: integers of any size where all coefficients are integers, rationals otherwise.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import exact_float, real_array, unmasked
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.intake import numbered_edges
from derandkit.graphs.labels import in_order, plain_label
from derandkit.graphs.reading import Reading, added_up, both_lost, with_lost
from derandkit.models.bqm import Parts, dimod_parts, made_of
from derandkit.models.entries import (
    ALONE,
    fields_of,
    graph_couplings,
    grouped_sums,
    linear_terms,
    lost_in_sums,
    numbered,
    pairs_of_series,
    refuse_other_labels,
    refuse_other_models,
    split_pairs,
)
from derandkit.models.matrices import matrix_entries, named_matrix, refuse_two_readings
from derandkit.models.options import SENSES, VARTYPES, Sense, Vartype
from derandkit.numerals import writable_numbers
from derandkit.numerics.rounding import held_sum, plain_number
from derandkit.numerics.sums import exact_sum, exact_total
from derandkit.options import check_choice, check_kind

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import FloatArray, IntArray, SignArray


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class QuadraticModel:
    """A quadratic function of signs or bits, to be minimised or maximised.

    ``f(x) = offset + sum_i linear_i x_i + sum_{i < j} c_ij x_i x_j``; every pair counts once. Build one with
    `from_ising`, `from_qubo` or `from_dimod`, which check their input.

    Parameters
    ----------
    couplings : WeightedGraph
        One vertex a variable; the weight of an edge is the coefficient c_ij.
    linear : ndarray of float64, shape (n,)
        Coefficients of the single variables, in the order of ``couplings.labels``.
    offset : int or float
        The constant.
    vartype : {"spin", "binary"}
        Whether variables are -1 and +1, or 0 and 1.
    sense : {"minimize", "maximize"}
        Whether the least or the greatest value is wanted.
    reading : Reading, optional
        How a file was read, or what was lost in sums of coefficients.

    Raises
    ------
    InputError
        `linear` has the wrong length, or an option is unknown.

    Examples
    --------
    >>> model = QuadraticModel.from_ising({"a": 1}, {("a", "b"): -2})
    >>> model
    QuadraticModel(2 spin variables, 1 coupling, minimize)
    >>> model.value({"a": -1, "b": -1})
    -3
    """

    couplings: WeightedGraph
    linear: FloatArray
    offset: int | float = 0
    vartype: Vartype = "spin"
    sense: Sense = "minimize"
    reading: Reading | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "vartype", check_choice("vartype", self.vartype, VARTYPES))
        object.__setattr__(self, "sense", check_choice("sense", self.sense, SENSES))
        check_kind("couplings", self.couplings, WeightedGraph, "derandkit.as_graph(...)")
        check_kind("linear", self.linear, np.ndarray, "numpy.array(...)")
        if self.linear.shape != (self.couplings.n,):
            raise InputError(
                f"linear terms have shape {self.linear.shape}; {self.couplings.n} variables need ({self.couplings.n},)"
            )
        offset = exact_float(self.offset, "offset")  # as a number of Python: others overflow, or are no JSON
        object.__setattr__(self, "offset", int(self.offset) if isinstance(self.offset, Integral) else offset)
        self.linear.flags.writeable = False

    @property
    def kind(self) -> str:
        """What the field calls the problem: ``"ising"`` for signs, ``"qubo"`` for bits."""
        return "ising" if self.vartype == "spin" else "qubo"

    @property
    def n(self) -> int:
        """Number of variables."""
        return self.couplings.n

    @property
    def labels(self) -> Sequence[Hashable]:
        """What the user calls the variables, in canonical order."""
        return self.couplings.labels

    @property
    def integral(self) -> bool:
        """Whether all coefficients are integers, so that every value is an exact integer."""
        whole = bool((self.linear == np.rint(self.linear)).all())
        return self.couplings.integral and whole and float(self.offset).is_integer()

    @property
    def digest(self) -> str:
        r"""SHA-256 in 64 hex digits: equal exactly if variables, coefficients, vartype and sense are equal.

        Hashed are, one after the other: ``b"derandkit-model-v1\n"``; vartype, sense and the digest of the couplings,
        each in ASCII with a newline; the linear terms and the offset as little-endian float64.
        """
        sha = hashlib.sha256(b"derandkit-model-v1\n")
        sha.update(f"{self.vartype}\n{self.sense}\n{self.couplings.digest}\n".encode("ascii"))
        sha.update((self.linear + 0.0).astype("<f8").tobytes())
        sha.update(np.array([float(self.offset) + 0.0], dtype="<f8").tobytes())
        return sha.hexdigest()

    def exact_value(self, solution: Mapping[Hashable, int] | ArrayLike) -> Fraction:
        """Return ``f(x)`` as a rational, without rounding.

        Parameters
        ----------
        solution : mapping or array_like, shape (n,)
            A value for every variable: by label, or in the order of `labels`.

        Raises
        ------
        InputError
            A variable is missing or unknown, or a value is not one that the variable takes.

        Notes
        -----
        O(n + m).
        """
        x = self.assignment(solution)
        i, j, c = self.couplings.edges()
        pairs = (x[i] * x[j]).astype(np.float64)
        return exact_total(c * pairs) + exact_total(self.linear * x) + Fraction(self.offset)

    def value(self, solution: Mapping[Hashable, int] | ArrayLike) -> int | float:
        """Return ``f(x)``: an exact integer where it is one, else correctly rounded; see `exact_value`.

        Parameters
        ----------
        solution : mapping, or array_like of shape (n,)
            The value of each variable, by label or in the order of `labels`.

        Examples
        --------
        >>> QuadraticModel.from_qubo([[1, 3], [0, -2]]).value([1, 1])
        2
        """
        return plain_number(self.exact_value(solution))

    def assignment(self, solution: Mapping[Hashable, int] | ArrayLike) -> SignArray:
        """Return the values of the variables in the order of `labels`, shape (n,), checked.

        Parameters
        ----------
        solution : mapping, or array_like of shape (n,)
            The value of each variable, by label or in the order of `labels`.

        Raises
        ------
        InputError
            As `exact_value`.
        """
        x = unmasked(in_order(self.labels, solution, "variable"), "the solution")
        if x.ndim == 0:
            raise InputError(f"a solution is a mapping or an array of values, got {type(solution).__name__}")
        if x.shape != (self.n,):
            raise InputError(f"the solution has shape {x.shape}; {self.n} variables need ({self.n},)")
        low = -1 if self.vartype == "spin" else 0
        if x.dtype.kind == "O" and all(isinstance(v, (Real, np.bool_)) and v in (low, 1) for v in x.tolist()):
            x = x.astype(np.int8)
        if x.dtype.kind not in "iufb" or not ((x == low) | (x == 1)).all():
            raise InputError(f"the values of {self.vartype} variables are {low} and 1")
        return x.astype(np.int8)

    def with_sense(self, sense: Sense) -> QuadraticModel:
        """Return the same function with another sense.

        Parameters
        ----------
        sense : {"minimize", "maximize"}
            Whether the least or the greatest value is wanted.
        """
        return dataclasses.replace(self, sense=sense)

    @property
    def spread(self) -> float:
        """Width of the interval in which the value lies by the sizes of the coefficients alone.

        Gaps are stated relative to it: a ratio of values means nothing where the constant is arbitrary.
        """
        size = exact_sum(np.abs(self.couplings.edges()[2])), exact_sum(np.abs(self.linear))
        return float(sum(size)) * (2.0 if self.vartype == "spin" else 1.0)

    @classmethod
    @writable_numbers()
    def from_ising(
        cls,
        h: Mapping[Hashable, float] | ArrayLike,
        J: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | None = None,
        offset: float = 0,
        *,
        sense: Sense = "minimize",
    ) -> QuadraticModel:
        """Build ``offset + sum_i h_i s_i + sum_{i < j} J_ij s_i s_j`` with signs s.

        Parameters
        ----------
        h : mapping or array_like, shape (n,)
            Fields: ``{v: h_v}``, or one number a variable. Variables may be missing.
        J : mapping, graph or array_like, shape (n, n)
            Couplings: ``{(u, v): J_uv}``; pairs that are given twice add up. Or the weights of an undirected graph. Or
            a matrix with entries in one triangle only, since a full one might count its pairs once or twice; the
            labels of a frame name the variables. Left out only if `h` is a dimod model of spins.
        offset : float
            The constant.
        sense : {"minimize", "maximize"}
            Whether the least or the greatest value is wanted.

        Raises
        ------
        InputError
            A coefficient is not a finite real number, or a matrix has entries in both triangles or on the diagonal.

        Examples
        --------
        >>> QuadraticModel.from_ising([0, 0, 0.5], {(0, 1): 1, (1, 2): -1}).labels
        range(0, 3)
        """
        if J is None:
            if (parts := dimod_parts(h, "spin")) is None:
                refuse_other_models(h)
                raise InputError(f"the couplings J are missing; {ALONE}")
            return cls._of_parts(parts, offset, sense)
        couplings, linear, lost = graph_couplings(pairs_of_series(J), h, linear_terms(h))
        if isinstance(couplings, Mapping):
            pairs, diagonal = split_pairs(couplings, "spin", linear)
            if not isinstance(h, Mapping) and not hasattr(h, "to_dict"):
                refuse_other_labels(pairs, len(linear))
            model = cls._assemble(pairs, linear, (offset, *diagonal.values()), "spin", sense)  # s s is 1
            return dataclasses.replace(model, reading=with_lost(model.reading, lost))
        matrix, names = named_matrix(couplings)
        i, j, c, n = matrix_entries(matrix)
        refuse_two_readings(i, j)
        h = fields_of(h, linear, n, names)
        return cls.from_arrays(
            i, j, c, n=n, labels=names, linear=h, offset=(offset,), vartype="spin", sense=sense
        )

    @classmethod
    @writable_numbers()
    def from_qubo(
        cls,
        Q: Mapping[tuple[Hashable, Hashable], float] | ArrayLike,
        offset: float = 0,
        *,
        sense: Sense = "minimize",
    ) -> QuadraticModel:
        """Build ``offset + x' Q x`` with bits x.

        Parameters
        ----------
        Q : mapping, array_like or sparse array, shape (n, n)
            ``{(u, v): q}`` as in dimod: every entry counts once, ``(u, u)`` is linear, and ``(u, v)`` and ``(v, u)``
            add up. A matrix means ``sum_ij Q_ij x_i x_j``: both triangles count. The labels of a pandas frame name the
            variables. A dimod model of bits is taken too.
        offset : float
            The constant.
        sense : {"minimize", "maximize"}
            Whether the least or the greatest value is wanted.

        Raises
        ------
        InputError
            `Q` is not square, or an entry is not a finite real number.

        Examples
        --------
        >>> QuadraticModel.from_qubo({("x", "x"): -1, ("x", "y"): 2}).value({"x": 1, "y": 0})
        -1
        """
        if isinstance(terms := pairs_of_series(Q), Mapping):
            pairs, diagonal = split_pairs(terms, "binary")
            return cls._assemble(pairs, diagonal, (offset,), "binary", sense)
        parts = dimod_parts(Q, "binary")
        if parts is not None:
            return cls._of_parts(parts, offset, sense)
        refuse_other_models(Q)
        matrix, names = named_matrix(Q)
        i, j, c, n = matrix_entries(matrix)
        return cls.from_arrays(i, j, c, n=n, labels=names, offset=(offset,), vartype="binary", sense=sense)

    @classmethod
    def from_dimod(cls, bqm: object, *, sense: Sense = "minimize") -> QuadraticModel:
        """Build a model from a dimod ``BinaryQuadraticModel``; dimod minimises.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            Anything with ``linear``, ``quadratic``, ``offset`` and ``vartype``; dimod itself is not needed.
        sense : {"minimize", "maximize"}
            Whether the least or the greatest value is wanted.

        Raises
        ------
        InputError
            It is no such object.
        """
        parts = dimod_parts(bqm)
        if parts is None:
            raise InputError(f"{type(bqm).__name__} is no dimod BinaryQuadraticModel; pass one")
        return cls._of_parts(parts, 0, sense)

    def to_dimod(self) -> Any:
        """Return the function as a dimod ``BinaryQuadraticModel``; a model to be maximised is negated.

        Raises
        ------
        MissingDependencyError
            dimod is not installed.
        """
        sign = 1.0 if self.sense == "minimize" else -1.0
        i, j, c = self.couplings.edges()
        names = list(self.labels)
        linear = {names[k]: sign * w for k, w in enumerate(self.linear.tolist())}
        quadratic = {
            (names[a], names[b]): sign * w for a, b, w in zip(i.tolist(), j.tolist(), c.tolist(), strict=True)
        }
        return made_of(Parts(linear, quadratic, sign * self.offset, self.vartype))

    @classmethod
    def from_arrays(
        cls,
        i: IntArray,
        j: IntArray,
        c: FloatArray,
        *,
        n: int,
        labels: Sequence[Hashable] | None = None,
        linear: FloatArray | None = None,
        offset: float | tuple[float, ...] = 0,
        vartype: Vartype = "binary",
        sense: Sense = "minimize",
    ) -> QuadraticModel:
        """Build a model from positions and coefficients; an entry with ``i == j`` is a linear term of binary variables.

        Parameters
        ----------
        i, j : ndarray of int64, shape (k,)
            Variables of each entry, from 0; entries of the same pair add up.
        c : ndarray of float64, shape (k,)
            Coefficients.
        n : int
            Number of variables.
        labels : sequence, optional
            Their names; ``range(n)`` by default.
        linear : ndarray, shape (n,), optional
            Linear terms beside those of the diagonal.
        offset : float or tuple of floats
            The constant, or numbers that add up to it.
        vartype, sense
            As in the class.

        Notes
        -----
        O(k log k + n); sums are correctly rounded, and refused where that loses units.
        """
        vartype = check_choice("vartype", vartype, VARTYPES)
        i, j, c, n = numbered_edges(i, j, c, n, labels)
        own = i == j
        names: Sequence[Hashable] = range(n) if labels is None else labels
        linear = np.zeros(n) if linear is None else real_array(in_order(names, linear, "variable"), "linear")
        constants = [*offset] if isinstance(offset, tuple) else [offset]
        if vartype == "spin" and own.any():  # a sign times itself is 1
            constants += c[own].tolist()
            i, j, c, own = i[~own], j[~own], c[~own], own[:0]
        lost = lost_in_sums(i, j, c, linear, names)
        if len(constants) > 1:
            total, off = added_up([Fraction(exact_float(x, "offset")) for x in constants], "the offset")
            constants = [total.numerator if total.denominator == 1 else held_sum(total, "offset")]
            lost = both_lost(lost, off)
        if own.any():
            extra = grouped_sums(i[own], c[own], n)
            added = zip(linear.tolist(), extra, names, strict=True)
            linear = np.array([held_sum(Fraction(a) + b, f"linear term of {v!r:.60}") for a, b, v in added])
            i, j, c = i[~own], j[~own], c[~own]
        couplings = WeightedGraph.from_edges(i, j, c, n=n, labels=names)
        if (couplings.weights == 0).any():  # a pair with coefficient zero is none, whoever wrote it down
            a, b, w = couplings.edges()
            couplings = WeightedGraph.from_edges(a[w != 0], b[w != 0], w[w != 0], labels=couplings.labels)
        if list(couplings.labels) != list(names):
            where = {label: k for k, label in enumerate(map(plain_label, names))}
            linear = linear[[where[label] for label in couplings.labels]]
        read = None if lost is None else Reading("", lost=lost)
        return cls(couplings, np.array(linear, dtype=np.float64) + 0.0, constants[0], vartype, sense, read)

    @classmethod
    def _of_parts(cls, parts: Parts, offset: float, sense: Sense) -> QuadraticModel:
        offsets = (parts.offset, offset)
        return cls._assemble(parts.quadratic, parts.linear, offsets, parts.vartype, sense)  # type: ignore[arg-type]

    @classmethod
    def _assemble(
        cls,
        pairs: Mapping[tuple[Hashable, Hashable], float],
        linear: Mapping[Hashable, float],
        offset: tuple[float, ...],
        vartype: Vartype,
        sense: Sense,
    ) -> QuadraticModel:
        names, field, ends, c = numbered(pairs, linear)
        return cls.from_arrays(
            ends[:, 0], ends[:, 1], c, n=len(names), labels=names, linear=field, offset=offset,
            vartype=vartype, sense=sense,
        )  # fmt: skip

    def __repr__(self) -> str:
        m = self.couplings.m
        return (
            f"QuadraticModel({self.n} {self.vartype} variable{'s' * (self.n != 1)}, "
            f"{m} coupling{'s' * (m != 1)}, {self.sense})"
        )
