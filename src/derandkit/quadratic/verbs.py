"""One function a problem: each makes the instance of what a user has and hands it to `derandkit.optimize`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Unpack

from derandkit.datasets.instances import as_graph
from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, Symmetrize, WeightName
from derandkit.models.arcs import SignedGraph, as_arcs
from derandkit.models.clauses import SomeClauses, as_clauses
from derandkit.models.files import ModelFile
from derandkit.models.model import QuadraticModel
from derandkit.options import takes
from derandkit.quadratic.solve import Options, optimize

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from derandkit.models.options import Sense
    from derandkit.quadratic.result import QuadraticResult


def _of_file(file: ModelFile, asked: str, more: bool) -> QuadraticModel:
    """Return the model of a file, if it is what a function solves."""
    if more:
        raise InputError("the model of a file has all its terms; pass it alone")
    if (right := f"{file.model.sense}_{file.model.kind}") != asked:
        raise InputError(
            f"the file says {file.model.sense}, with {file.model.vartype} variables: pass it to {right}, or read it "
            "with another sense or vartype (derandkit.read_model)"
        )
    return file.model


def _ising(
    h: Mapping[Hashable, float] | ArrayLike | ModelFile | None,
    J: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | None,
    offset: float,
    sense: Sense,
) -> QuadraticModel:
    """Return the model of signs that a function was called with."""
    if isinstance(h, ModelFile):
        return _of_file(h, f"{sense}_ising", J is not None or offset != 0)
    return QuadraticModel.from_ising({} if h is None else h, J, offset=offset, sense=sense)


def _qubo(
    Q: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | ModelFile, offset: float, sense: Sense
) -> QuadraticModel:
    """Return the model of bits that a function was called with; two mappings are what dimod takes."""
    if isinstance(Q, ModelFile):
        return _of_file(Q, f"{sense}_qubo", offset != 0)
    if isinstance(offset, Mapping):
        raise InputError(
            "Q is one mapping of all terms, {(u, u): linear, (u, v): quadratic}, and offset is a number; two mappings "
            "are what dimod.BinaryQuadraticModel(linear, quadratic, 'BINARY') takes, and its result may be passed"
        )
    return QuadraticModel.from_qubo(Q, offset=offset, sense=sense)


@takes(*Options.__annotations__)
def minimize_ising(
    h: Mapping[Hashable, float] | ArrayLike | ModelFile | None,
    J: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | None = None,
    offset: float = 0,
    **options: Unpack[Options],
) -> QuadraticResult:
    """Find a low energy ``offset + sum_i h_i s_i + sum_{i < j} J_ij s_i s_j`` of signs s, and a certified lower bound.

    Parameters
    ----------
    h, J, offset
        As in `derandkit.QuadraticModel.from_ising`, and None for no fields; or the result of `derandkit.read_model`,
        alone.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult

    Raises
    ------
    InputError
        The model cannot be read, or an option is unknown.

    Examples
    --------
    >>> result = minimize_ising({"a": 0.5}, {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 1})
    >>> result.value, result.bound, result.solution["a"]
    (-1.5, -1.5, -1)
    """
    return optimize(_ising(h, J, offset, "minimize"), **options)


@takes(*Options.__annotations__)
def maximize_ising(
    h: Mapping[Hashable, float] | ArrayLike | ModelFile | None,
    J: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | None = None,
    offset: float = 0,
    **options: Unpack[Options],
) -> QuadraticResult:
    """Find a high energy and a certified upper bound; everything else as in `minimize_ising`.

    Parameters
    ----------
    h, J, offset
        As in `derandkit.QuadraticModel.from_ising`, and None for no fields; or the result of `derandkit.read_model`,
        alone.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult

    Raises
    ------
    InputError
        The model cannot be read, or an option is unknown.

    Examples
    --------
    >>> maximize_ising([0, 0], {(0, 1): -2}).value
    2
    """
    return optimize(_ising(h, J, offset, "maximize"), **options)


@takes(*Options.__annotations__)
def minimize_qubo(
    Q: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | ModelFile,
    offset: float = 0,
    **options: Unpack[Options],
) -> QuadraticResult:
    """Find a low value ``offset + x'Qx`` of bits x, and a certified lower bound.

    Parameters
    ----------
    Q, offset
        As in `derandkit.QuadraticModel.from_qubo`; or the result of `derandkit.read_model`, alone.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult

    Raises
    ------
    InputError
        The matrix cannot be read, or an option is unknown.

    Examples
    --------
    >>> result = minimize_qubo({("x", "x"): -1, ("y", "y"): -1, ("x", "y"): 2})
    >>> result.value, result.proven_optimal, sum(result.solution.values())
    (-1, True, 1)
    """
    return optimize(_qubo(Q, offset, "minimize"), **options)


@takes(*Options.__annotations__)
def maximize_qubo(
    Q: Mapping[tuple[Hashable, Hashable], float] | ArrayLike | ModelFile,
    offset: float = 0,
    **options: Unpack[Options],
) -> QuadraticResult:
    """Find a high value and a certified upper bound; everything else as in `minimize_qubo`.

    Parameters
    ----------
    Q, offset
        As in `derandkit.QuadraticModel.from_qubo`; or the result of `derandkit.read_model`, alone.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult

    Raises
    ------
    InputError
        The model cannot be read, or an option is unknown.

    Examples
    --------
    >>> maximize_qubo([[3, -4], [0, 2]]).solution
    {0: 1, 1: 0}
    """
    return optimize(_qubo(Q, offset, "maximize"), **options)


@takes(*Options.__annotations__)
def max2sat(
    clauses: SomeClauses,
    *,
    weights: ArrayLike | None = None,
    hard: Iterable[int] = (),
    **options: Unpack[Options],
) -> QuadraticResult:
    """Satisfy clauses of one or two literals as far as possible, with a certified upper bound on their weight.

    Parameters
    ----------
    clauses : Clauses, path of a file, or iterable of sequences of int
        Nonzero integers, negative for a negated variable; or a file as `derandkit.read_clauses` takes it.
    weights, hard
        As in `derandkit.Clauses.from_clauses`. Clauses of a file, and `Clauses`, have their own.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult
        ``figures`` lists the ``violated`` soft clauses and the ``hard_violated`` ones; feasible if these are none.

    Raises
    ------
    InputError
        A clause cannot be used, or an option is unknown.

    Examples
    --------
    >>> result = max2sat([(1, 2), (-1, 2), (1, -2), (-1, -2)])
    >>> result.value, result.proven_optimal, len(result.figures["violated"])
    (3, True, 1)
    """
    return optimize(as_clauses(clauses, weights=weights, hard=hard), **options)


@takes(*Options.__annotations__)
def maxdicut(
    digraph: object, *, weight: WeightName = AUTO_WEIGHT, **options: Unpack[Options]
) -> QuadraticResult:
    """Choose vertices so that the arcs that lead out of them weigh as much as possible; certified upper bound.

    Parameters
    ----------
    digraph : Arcs or object
        What `derandkit.as_graph` takes, where it has directions: a file, a digraph of networkx, igraph or rustworkx, a
        frame, a mapping ``{(u, v): w}``, arcs ``(u, v[, weight])``, or a square matrix; entry (u, v) is the weight
        of the arc from u to v.
    weight : str or None
        Attribute or column that holds the weight.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult
        ``solution`` is 1 for chosen vertices.

    Raises
    ------
    InputError
        The graph is undirected or cannot be read, or an option is unknown.

    Examples
    --------
    >>> maxdicut([("a", "b"), ("b", "c"), ("c", "a")]).value
    1
    """
    return optimize(as_arcs(digraph, weight=weight), **options)


@takes(*Options.__annotations__)
def frustration(
    signed_graph: object,
    *,
    weight: WeightName = AUTO_WEIGHT,
    symmetrize: Symmetrize | None = None,
    **options: Unpack[Options],
) -> QuadraticResult:
    """Divide a signed graph into two camps with as little frustration as possible; certified lower bound.

    Parameters
    ----------
    signed_graph : whatever `derandkit.maxcut` takes
        Positive edges should lie inside the camps, negative ones between them. Self-loops are dropped: a negative one
        is frustrated in every division, so the frustration index of a graph with loops is larger by their weight.
    weight : str or None
        Edge attribute that holds the signed weight.
    symmetrize : {"sum", "mean", "max"}, optional
        How two directions become one edge, for a directed graph or a matrix that is not symmetric.
    **options
        As in `derandkit.optimize`.

    Returns
    -------
    QuadraticResult
        ``value`` is the weight of the frustrated edges: the frustration index, if it is proven optimal.

    Raises
    ------
    InputError
        The graph cannot be read, or an option is unknown.

    References
    ----------
    Harary, Michigan Math. J. 2 (1953); Barahona, J. Phys. A 15 (1982).

    Examples
    --------
    >>> frustration([("a", "b", 1), ("b", "c", 1), ("a", "c", -1)]).value
    1
    """
    return optimize(SignedGraph(as_graph(signed_graph, weight=weight, symmetrize=symmetrize)), **options)
