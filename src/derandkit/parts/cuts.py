"""The parts of the result of a maximum-cut run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from derandkit.parts.part import EncodedArray, Part

if TYPE_CHECKING:
    from derandkit.records import JsonMapping


@dataclass(frozen=True, eq=False)
class Chain(Part):
    """Six numbers in an order that is proven: ``dual_bound >= sdp_value``, and each other one at most the next.

    Parameters
    ----------
    dual_bound : float
        The upper bound of the relaxation before it is rounded down to what a cut can weigh.
    sdp_value : float
        The value of the relaxation at the vectors.
    start_expectation : float
        The expected cut of a random hyperplane.
    final_expectation : float
        The expected cut at the end of the path; at least `start_expectation`.
    derandomized_cut : int or float
        The cut that the path was rounded to; at least `final_expectation`.
    cut_value : int or float
        The cut of the result; at least `derandomized_cut`.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> chain = maxcut([(0, 1), (1, 2), (2, 0)]).chain
    >>> chain.derandomized_cut, chain.cut_value, chain.sdp_value <= chain.dual_bound
    (2, 2, True)
    """

    dual_bound: float
    sdp_value: float
    start_expectation: float
    final_expectation: float
    derandomized_cut: int | float
    cut_value: int | float


@dataclass(frozen=True, eq=False)
class Guarantee(Part):
    """What hyperplane rounding guarantees for these weights.

    Parameters
    ----------
    ratio : float
        0.87856, the constant of Goemans and Williamson rounded down.
    negative_weight : int or float
        The sum W- of the negative weights.
    value : float
        What the expected cut is at least: ``W- + ratio (sdp_value - W-)``.
    holds : bool
        Whether it is, within rounding.
    statement : str
        The inequality in words.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> maxcut([(0, 1), (1, 2), (2, 0)]).guarantee.statement
    'start_expectation >= 0.87856 sdp_value'
    """

    ratio: float
    negative_weight: int | float
    value: float
    holds: bool
    statement: str


@dataclass(frozen=True, eq=False)
class FinalStationarity(Part):
    """The lemma's computable certificate at the final distribution, where no spread is left.

    Parameters
    ----------
    spread_norm, spread_gradient_norm : float
        ``|W|`` and ``|dJ/dW|``, both 0.
    mean_gradient_norm : float
        ``|dF/db|``.
    smallest_curvature : float
        A lower bound on the smallest eigenvalue of the Hessian in b, by Gershgorin's discs.
    curvature_method : {"gershgorin"}
        How it was obtained.
    penalty : float
        The coefficient of ``|W|^2``.
    spread_bound : float or None
        The lemma's bound on ``|W|``; None where the curvature is more negative than the penalty makes up for.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> final = maxcut([(0, 1), (1, 2), (2, 0)]).stationarity
    >>> final.spread_norm, final.curvature_method
    (0.0, 'gershgorin')
    """

    spread_norm: float
    spread_gradient_norm: float
    mean_gradient_norm: float
    smallest_curvature: float
    curvature_method: str
    penalty: float
    spread_bound: float | None


@dataclass(frozen=True, eq=False)
class Rounding(Part):
    """What all cuts are multiples of.

    Parameters
    ----------
    granularity : float
        The unit.
    steps : tuple of str
        Why, in words.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> maxcut([(0, 1), (1, 2), (2, 0)]).bound.rounding
    Rounding(granularity=2.0, steps=('weights are multiples of 1', 'weighted degrees are even multiples of it'))
    """

    granularity: float
    steps: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CoinTest(Part):
    """The test by coins that a bound passes where no factorisation is affordable.

    Parameters
    ----------
    margin : float
        By how much the smallest eigenvalue of the dual matrix is claimed to exceed zero.
    error_probability : float
        Chance that a false claim passes, over the coins of the verifier.

    Examples
    --------
    >>> CoinTest(margin=1e-9, error_probability=2.0**-40)
    CoinTest(margin=1e-09, error_probability=9.094947017729282e-13)
    """

    margin: float
    error_probability: float


@dataclass(frozen=True, eq=False)
class BoundRecord(Part):
    """How the upper bound was proven.

    Parameters
    ----------
    status : {"certified", "tested", "estimated"}
        Whether the bound that counts is proven, passes a test by coins, or neither.
    method, reason : str
        How it was found, and a sentence about it.
    dual_bound, dual_method, dual_status
        The semidefinite bound.
    proof_bound, proof_method : float and str, or None
        The bound of a proof tree, where there is one.
    rounding : Rounding or None
        What all cuts are multiples of, where that is known.
    coin_test : CoinTest or None
        The test of a tested bound; a record of another bound leaves it out.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> bound = maxcut([(0, 1), (1, 2), (2, 0)]).bound
    >>> bound.status, bound.method
    ('certified', 'dense-cholesky')
    """

    status: str
    method: str
    reason: str
    dual_bound: float
    dual_method: str
    dual_status: str
    proof_bound: float | None
    proof_method: str | None
    rounding: Rounding | None

    coin_test: CoinTest | None = None

    optional: ClassVar[frozenset[str]] = frozenset({"coin_test"})
    inner: ClassVar[Mapping[str, type[Part]]] = {"rounding": Rounding, "coin_test": CoinTest}


@dataclass(frozen=True, eq=False)
class RelaxationRecord(Part):
    """How the relaxation was solved.

    Parameters
    ----------
    method : str
        ``"lowrank"``, ``"cvxpy"`` or ``"balanced"``.
    rank : int
        Length of the vectors.
    sweeps : int
        Passes over the vertices.
    duality_gap : float
        The relative duality gap that was set.
    duality_gap_reached : bool
        Whether bound and value are as close.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> relaxation = maxcut([(0, 1), (1, 2), (2, 0)]).relaxation
    >>> relaxation.method, relaxation.rank, relaxation.duality_gap_reached
    ('lowrank', 3, True)
    """

    method: str
    rank: int
    sweeps: int
    duality_gap: float
    duality_gap_reached: bool


@dataclass(frozen=True, eq=False)
class SearchRecord(Part):
    """What the search stage did.

    Parameters
    ----------
    work : int
        Visits of a vertex.
    runs : int
        Runs of the search.
    kernel_n, kernel_m : int
        Vertices and edges that exact reductions left to search.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> maxcut([(0, 1), (1, 2), (2, 0)], search="quick").search
    SearchRecord(work=0, runs=0, kernel_n=1, kernel_m=0)
    """

    work: int
    runs: int
    kernel_n: int
    kernel_m: int


@dataclass(frozen=True, eq=False)
class GraphRecord(Part):
    """Which graph a result is about.

    Parameters
    ----------
    n, m : int
        Vertices and edges.
    total_weight : int or float
        Sum of the weights.
    digest : str
        SHA-256 of labels and edges.
    reading : str or None
        How the input was read, in words; nothing checks it.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> graph = maxcut([(0, 1), (1, 2), (2, 0)]).graph
    >>> graph.n, graph.m, graph.total_weight, graph.reading
    (3, 3, 3, 'sequence of edges, 2 columns: u v')
    """

    n: int
    m: int
    total_weight: int | float
    digest: str
    reading: str | None


@dataclass(frozen=True, eq=False)
class ThresholdRecord(Part):
    """That the start of the path leans to a vertex, and how far.

    With ``mu_i`` the scalar product of the vectors of i and the reference, vertex i is on the reference's side with
    chance ``(1 + beta mu_i) / 2``; how sides go together follows from what is left of the vectors perpendicular to it.

    Parameters
    ----------
    beta : float
        From 0 (not at all) to 1.
    reference : int
        Number of the vertex that stands for a constant, from 0.

    Examples
    --------
    >>> ThresholdRecord(beta=1.0, reference=3).to_dict()
    {'beta': 1.0, 'reference': 3}
    """

    beta: float
    reference: int


@dataclass(frozen=True, eq=False)
class CutWitness(Part):
    """The evidence of a cut record, which `derandkit.verify` re-checks.

    Parameters
    ----------
    sides : str
        One character a vertex, + or -.
    derandomized_sides : str or None
        The sides before a search or a proof; None if there was none.
    diagonal : tuple of float, length n
        The diagonal that makes the dual matrix positive semidefinite.
    proof : mapping or None
        A tree of proofs in exact arithmetic.
    vectors : EncodedArray or None
        Vectors of the relaxation, shape (n, rank); left out for large graphs.
    mean : EncodedArray
        Mean of the final distribution, shape (n,).
    smoothing : float
        Its standard deviation.
    thresholds : ThresholdRecord or None
        How the start leans to a vertex; a record of a plain hyperplane leaves it out.

    Examples
    --------
    >>> from derandkit import maxcut
    >>> witness = maxcut([(0, 1), (1, 2), (2, 0)]).certificate
    >>> witness.sides, len(witness.diagonal), witness.vectors.shape
    ('+--', 3, (3, 3))
    """

    sides: str
    derandomized_sides: str | None
    diagonal: tuple[float, ...]
    proof: JsonMapping | None
    vectors: EncodedArray | None
    mean: EncodedArray
    smoothing: float
    thresholds: ThresholdRecord | None = None

    optional: ClassVar[frozenset[str]] = frozenset({"thresholds"})
    inner: ClassVar[Mapping[str, type[Part]]] = {
        "vectors": EncodedArray,
        "mean": EncodedArray,
        "thresholds": ThresholdRecord,
    }
