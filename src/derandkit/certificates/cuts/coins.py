r"""A test by coins that ``A + Diag(d)`` is positive semidefinite, where no factorisation is affordable.

A record claims that ``B = A + Diag(d)`` is positive semidefinite, with a margin ``delta`` to spare. The checker draws
a Gaussian vector z and computes ``T_K(X) z`` for the Chebyshev polynomial of degree K and
``X = (2 / h)(B - delta I) - I``, where h is not below the greatest eigenvalue of ``B - delta I``. Were the claim
false, B would have a unit eigenvector v with a negative eigenvalue, X the eigenvalue ``-cosh t`` there with
``cosh t > 1 + 2 delta / h``, and

``|T_K(X) z| >= cosh(K t) |z . v|``,

where ``|z . v| < e`` has probability at most ``e sqrt(2 / pi)``. For a matrix that is as claimed the norm is about
``|z| <= sqrt(n) + 6``. So a norm below ``cosh(K t) e`` refutes every false claim, but for that probability; several
vectors are drawn, and it is raised to their number.

Rounding is part of the bound. The recurrence ``u_{k+1} = 2 X u_k - u_{k-1}`` errs by a vector ``f_k`` in step k, and
along v the computed ``u_K`` is ``T_K(-cosh t) (z . v) + sum_k U_{K-k}(-cosh t) (f_k . v)`` exactly, with the
polynomials of the second kind. ``U_{K-k} / T_K`` is at most ``exp(-(k - 1) t) / sinh t`` in size, hence

``|u_K| >= cosh(K t) (|z . v| - E)`` with ``E = max_k |f_k| / ((1 - exp(-t)) sinh t)``,

whatever the eigenvalue, because both factors only gain from a greater t. In a row with p entries
``|f_k| <= gamma_{p+8} (6 |u_{k-1}| + |u_{k-2}|)``, with the norms as they are met; the norm of ``|B - delta I|`` is at
most h like that of the matrix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import Verdict
from derandkit.certificates.cuts.psd import UNIT_ROUNDOFF, Proof
from derandkit.certificates.work import refuse_beyond
from derandkit.numerics.ranges import scaled_by
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from derandkit.graphs.graph import WeightedGraph
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

    #: A seed, a generator, or None for the system's entropy.
    Coins = int | np.random.Generator | None

#: Vectors of one test: what a row of them takes is one cache line.
VECTORS = 8
#: The error probability that solvers state, and the least and the largest that are accepted: a seed has 128 bits.
STATED, LEAST, LARGEST = 1e-12, 1e-30, 1e-6
#: Rounds that improve the bound on the spectrum.
SCALINGS = 12
#: Multiply-adds of one test that are done unasked: minutes. A step takes as long as so many, however small the graph.
MOST_WORK, LEAST_STEP = 1e11, 4e5


@dataclass(frozen=True)
class Plan:
    """What one test has to do.

    Parameters
    ----------
    steps : int
        Degree K of the polynomial.
    high : float
        Bound h on the greatest eigenvalue of ``B - delta I`` and of the matrix of its absolute values.
    overlap : float
        The e of each vector.
    spare : float
        ``cosh(K t)`` for the least t, as its logarithm.
    theta : float
        The least t.
    """

    steps: int
    high: float
    overlap: float
    spare: float
    theta: float


def plan(
    A: csr_array, diagonal: FloatArray, margin: float, error_probability: float, vectors: int = VECTORS
) -> Plan | None:
    """Return what a test takes, or None where the numbers allow none.

    Parameters
    ----------
    A : csr_array, shape (n, n)
        Symmetric with zero diagonal.
    diagonal : ndarray, shape (n,)
        The diagonal d of B.
    margin : float
        The delta.
    error_probability : float
        Of the whole test.
    vectors : int
        How many vectors share it.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> A = csr_array([[0.0, 1.0], [1.0, 0.0]])
    >>> plan(A, np.array([1.0, 1.0]), 0.01, 1e-12).steps
    47
    """
    n = diagonal.size
    if not (margin > 0.0 and 0.0 < error_probability < 1.0 and n > 0):
        return None
    high = max(greatest_eigenvalue(A, np.abs(diagonal - margin)), margin)
    ratio = 2.0 * margin / high
    if not (math.isfinite(high) and ratio > 1e-14):
        return None
    # acosh(1 + ratio), of which the sum would leave no digits where the ratio is near the rounding of 1
    theta = 2.0 * math.asinh(math.sqrt(0.5 * ratio)) * (1.0 - 1e-9)
    overlap = error_probability ** (1.0 / vectors) * math.sqrt(math.pi / 2.0) * (1.0 - 1e-9)
    # half of the overlap is left to rounding; 6 deviations of the norm of z
    needed = math.acosh(max(2.0 * (math.sqrt(n) + 6.0) / overlap, 1.0))
    steps = math.ceil(needed / theta)
    spare = steps * theta + math.log1p(math.exp(-2.0 * steps * theta)) - math.log(2.0)
    return Plan(steps, high, overlap, spare, theta)


def greatest_eigenvalue(A: csr_array, diagonal: FloatArray) -> float:
    """Return a number not below the greatest eigenvalue of ``|A| + Diag(diagonal)``, `diagonal` not negative.

    The row sums of the matrix scaled by any positive vector w bound it (Collatz and Wielandt); a few products with the
    matrix itself make w a good one.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> path = csr_array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    >>> 2**0.5 <= greatest_eigenvalue(path, np.zeros(3)) < 1.5
    True
    """
    B = abs(A)
    busiest = int(np.diff(A.indptr).max(initial=0))
    with np.errstate(all="ignore"):
        w = B @ np.ones(diagonal.size) + diagonal
        top = float(w.max(initial=0.0))
        w = w + 1e-3 * top  # positive everywhere, and periodic graphs settle
        best = top
        for _ in range(SCALINGS):
            image = B @ w + diagonal * w
            best = min(best, float(np.max(image / w)))
            w = image + (0.25 * best) * w
            w /= float(w.max())
    # every term is not negative: sums, products and the quotient err by a few units relatively
    return best * (1.0 + 2.0 * (busiest + 8) * UNIT_ROUNDOFF)


def test_by_coins(
    A: csr_array, diagonal: FloatArray, margin: float, error_probability: float, rng: np.random.Generator
) -> Proof:
    """Test whether ``A + Diag(diagonal)`` is positive semidefinite.

    Parameters
    ----------
    A : csr_array, shape (n, n)
        Symmetric with zero diagonal, finite.
    diagonal : ndarray, shape (n,)
        The diagonal.
    margin : float
        By how much the smallest eigenvalue is claimed to exceed zero; the cost is ``O(1 / sqrt(margin))`` products.
    error_probability : float
        Chance, over the numbers that `rng` draws, that a matrix which is not semidefinite passes.
    rng : numpy.random.Generator
        The coins. Whoever made the matrix must not know them.

    Returns
    -------
    Proof
        ``proven`` means passed: true but for the error probability.

    Notes
    -----
    About ``log(4 sqrt(n) / p) sqrt(h / delta) / 2`` products with 8 vectors, p the probability for one of them.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> A = csr_array([[0.0, 1.0], [1.0, 0.0]])
    >>> rng = np.random.default_rng(0)
    >>> [test_by_coins(A, np.full(2, d), 0.01, 1e-12, rng).proven for d in (1.02, 0.98)]
    [True, False]
    """
    A, diagonal, scaled, exponent = balanced(A, diagonal, margin)
    found = plan(A, diagonal, scaled, error_probability)
    if found is None:
        return Proof("chebyshev", False, f"a margin of {margin:.3g} allows no test")
    n, margin = diagonal.size, scaled
    busiest = int(np.diff(A.indptr).max(initial=0)) + 8
    gamma = 1.0000001 * busiest * UNIT_ROUNDOFF / (1.0 - busiest * UNIT_ROUNDOFF)
    shifted = (diagonal - margin)[:, None]
    last = rng.standard_normal((n, VECTORS))

    def doubled(u: FloatArray) -> FloatArray:
        return np.asarray((A @ u + shifted * u) * (4.0 / found.high) - 2.0 * u)

    now = 0.5 * doubled(last)
    before, size = _norms(last), _norms(now)
    error = gamma * 3.0 * before
    # what is known of the errors by now can leave nothing to be concluded at the end
    steps = found.steps if (_reach(found, error) < 0.5 * found.overlap).all() else 1
    for _ in range(steps - 1):
        error = np.maximum(error, gamma * (6.0 * size + before))
        step = doubled(now)
        step -= last
        last, now = now, step
        before, size = size, _norms(now)
        if not np.isfinite(size).all():
            break
    return judged(found, size, error, exponent)


def balanced(A: csr_array, diagonal: FloatArray, margin: float) -> tuple[csr_array, FloatArray, float, int]:
    """Return matrix, diagonal and margin times a power of two that makes the largest of them about 1, and its exponent.

    Weights near 1e-308 would lose digits that the bounds on rounding do not know of, and sums of those near 1e308
    overflow. What is so much smaller than the largest that it is rounded here is far below the rounding of a step.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> A, diagonal, margin, exponent = balanced(csr_array([[0.0, 6e-310], [6e-310, 0.0]]), np.full(2, 1e-309), 1e-310)
    >>> exponent, round(float(margin / diagonal[0]), 6)
    (-1026, 0.1)
    """
    largest = max(
        float(np.abs(A.data).max(initial=0.0)), float(np.abs(diagonal).max(initial=0.0)), abs(margin)
    )
    exponent = math.frexp(largest)[1] if math.isfinite(largest) else 0
    B = A.copy()
    B.data = np.ldexp(B.data, -exponent)
    return B, np.ldexp(diagonal, -exponent), math.ldexp(margin, -exponent), exponent


# a name that pytest would collect
test_by_coins.__test__ = False  # type: ignore[attr-defined]


def judged(found: Plan, sizes: FloatArray, errors: FloatArray, exponent: int = 0) -> Proof:
    """Return whether norms after the last step, with the greatest rounding errors on the way, pass.

    One vector that passes would do; all have to, since a norm that is too large speaks against the claim.
    """
    high = scaled_by(found.high, exponent)
    text = f"{found.steps} steps with {sizes.size} vectors, spectrum below {high:.6g}"
    with np.errstate(all="ignore"):
        reach = _reach(found, errors)
        large = np.log(1.01 * sizes / found.overlap) >= found.spare
    if large.any() or not np.isfinite(sizes).all():
        return Proof("chebyshev", False, f"{text}: a negative eigenvalue shows")
    if not (reach < 0.5 * found.overlap).all():
        return Proof("chebyshev", False, f"{text}: rounding errors leave nothing to be concluded")
    passed = 1.01 * sizes < (found.overlap - reach) * math.exp(min(found.spare, 700.0))
    if not passed.all():
        return Proof("chebyshev", False, f"{text}: a negative eigenvalue shows")
    return Proof("chebyshev", True, text)


def _reach(found: Plan, errors: FloatArray) -> FloatArray:
    """Return the E of each vector: what rounding errors of this size can make of the part along an eigenvector."""
    return np.asarray(errors * 1.01 / ((1.0 - math.exp(-found.theta)) * math.sinh(found.theta)))


def _norms(u: FloatArray) -> FloatArray:
    """Return the length of each column, enlarged to cover its own rounding."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->j", u, u)) * (1.0 + 2.0 * u.shape[0] * UNIT_ROUNDOFF))


def examined(
    graph: WeightedGraph,
    diagonal: FloatArray,
    bound: JsonMapping,
    rng: Coins,
    allow_work: float,
) -> tuple[Verdict, str]:
    """Toss coins for the claim of a record about its dual matrix.

    Parameters
    ----------
    graph : WeightedGraph
        The graph.
    diagonal : ndarray, shape (n,)
        The dual diagonal.
    bound : mapping
        The part ``bound`` of a record: method, margin and error probability as claimed.
    rng : int, numpy.random.Generator or None
        The coins; None draws them from the system's entropy.
    allow_work : float
        Times the usual work; a margin that takes more is refused before anything is done.
    """
    if bound["dual_method"] != "chebyshev":
        return Verdict.FAILED, f"a bound is tested by chebyshev, not by {bound['dual_method']}"
    chance, margin = bound["coin_test"]["error_probability"], bound["coin_test"]["margin"]
    if not LEAST <= chance <= LARGEST:
        return Verdict.FAILED, f"an error probability of {chance:.3g} is not from {LEAST:g} to {LARGEST:g}"
    adjacency = graph.adjacency()
    planned = plan(*balanced(adjacency, diagonal, margin)[:3], chance)
    if planned is not None:
        work = float(planned.steps) * max(VECTORS * (adjacency.nnz + 4 * graph.n), LEAST_STEP)
        refuse_beyond(work, MOST_WORK, "the test by coins", allow_work)
    proof = test_by_coins(adjacency, diagonal, margin, chance, np.random.default_rng(rng))
    known = "" if rng is None else ", if whoever made the record did not know the coins that are given"
    return Verdict.RECOMPUTED if proof.proven else Verdict.FAILED, (
        f"{proof.method}: {proof.detail}; a false claim passes with a probability of at most "
        f"{digits_above(chance, 3)}{known}"
    )
