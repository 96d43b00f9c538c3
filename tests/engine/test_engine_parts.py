"""The parts of the engine against plain linear algebra, and the engine on cuts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine_waves import random_law, random_waves

from derandkit.engine import ConditionalExpectations, LemmaDescent, derandomize
from derandkit.engine.evaluation import CountedObjective
from derandkit.engine.law import GaussianSampler
from derandkit.engine.methods.coordinates import Coordinates
from derandkit.engine.methods.hessian import full_hessian
from derandkit.engine.methods.line_search import Verdict, wolfe_step
from derandkit.engine.methods.stationarity import canonical, smallest_curvature
from derandkit.engine.objective import QuadratureObjective
from derandkit.graphs.graph import WeightedGraph
from derandkit.numerics.axes import jacobi, principal_columns
from derandkit.numerics.hashing import hashed_direction
from derandkit.numerics.lbfgs import LimitedMemory
from derandkit.numerics.vectors import inner, norm
from derandkit.signs.objective import CutObjective
from derandkit.signs.relaxation.semidefinite import relax_cut

SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None)


@few
@given(SEEDS, st.integers(1, 9), st.integers(0, 9), st.sampled_from([1e-200, 1e-8, 1.0, 1e150]))
def test_principal_columns_keep_the_law(seed, n, r, scale):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((n, r)) * 10.0 ** rng.uniform(-3, 3, r)
    U = principal_columns(scale * W) / scale
    assert U.shape[1] <= min(n, r)
    size = max(np.linalg.norm(W) ** 2, 1e-300)
    assert np.abs(U @ U.T - W @ W.T).max(initial=0.0) <= 1e-12 * size
    gram = U.T @ U
    assert np.abs(gram - np.diag(np.diag(gram))).max(initial=0.0) <= 1e-12 * size
    lengths = np.linalg.norm(U, axis=0)
    assert (lengths[:-1] >= lengths[1:] * (1 - 1e-6)).all()
    assert (U[np.abs(U).argmax(axis=0), np.arange(U.shape[1])] > 0).all()


def test_principal_columns_leave_orthogonal_columns_alone():
    W = np.array([[0.0, 3.0], [-2.0, 0.0], [0.0, 4.0]])
    assert principal_columns(W).tolist() == [[3.0, 0.0], [0.0, 2.0], [4.0, 0.0]]
    assert principal_columns(np.zeros((3, 2))).shape == (3, 0)


@few
@given(SEEDS, st.integers(1, 12))
def test_jacobi_against_eigh(seed, n):
    A = np.random.default_rng(seed).standard_normal((n, n))
    A = A + A.T
    D, V = A.copy(), np.empty((n, n))
    jacobi(D, V)
    values = np.diag(D)
    assert np.sort(values) == pytest.approx(np.linalg.eigvalsh(A), abs=1e-12 * n)
    assert pytest.approx(np.eye(n), abs=1e-13 * n) == V.T @ V
    assert pytest.approx(A, abs=1e-12 * n) == (V * values) @ V.T


class Quadratic:
    """``z'Hz / 2`` with a given H."""

    def __init__(self, H):
        self.H = H
        self.dimension = H.shape[0]

    def value(self, law):
        W = law.dense_spread()
        return 0.5 * float(law.mean @ self.H @ law.mean + np.sum((self.H @ W) * W))

    def mean_gradient(self, law):
        return self.H @ law.mean

    def curvature(self, law, directions):
        return self.H @ directions


@pytest.mark.parametrize("n", [1, 20, 128, 129, 300])
def test_the_smallest_curvature(n):
    """Dense up to 128 coordinates and a lower bound; Lanczos beyond, to its stated tolerance."""
    rng = np.random.default_rng(n)
    Q, _ = np.linalg.qr(rng.standard_normal((n, n)))
    values = np.sort(rng.standard_normal(n)) + np.linspace(-1, 1, n)
    H = (Q * values) @ Q.T
    H = (H + H.T) / 2
    found = smallest_curvature(CountedObjective(Quadratic(H)), GaussianSampler(np.zeros(n), np.zeros((n, 0))))
    exact = np.linalg.eigvalsh(H)[0]
    assert found.method == ("dense" if n <= 128 else "lanczos")
    assert found.smallest == pytest.approx(exact, abs=2e-4 * found.scale)
    if n <= 128:
        assert found.smallest <= exact
        assert found.smallest == pytest.approx(exact, rel=1e-8)
    v = found.direction
    assert np.linalg.norm(v) == pytest.approx(1.0)
    assert v @ H @ v == pytest.approx(exact, abs=1e-3 * found.scale)
    assert v[np.argmax(np.abs(v))] > 0


def test_curvature_of_nothing_and_of_a_multiple_of_the_identity():
    for n in (0, 3, 200):
        problem = CountedObjective(Quadratic(-2.0 * np.eye(n)))
        found = smallest_curvature(problem, GaussianSampler(np.zeros(n), np.zeros((n, 0))))
        assert found.smallest == pytest.approx(-2.0 if n else 0.0, rel=1e-9)


def test_hashed_directions_have_no_symmetry():
    for n in (1, 2, 7, 500):
        v = hashed_direction(n)
        assert np.linalg.norm(v) == pytest.approx(1.0)
        assert len(np.unique(v)) == n
        assert abs(v.sum()) < 0.5 * math.sqrt(n) or n < 5
        assert np.abs(v).max() < 5 / math.sqrt(n)


def test_canonical_ignores_sign_and_last_bits():
    v = np.array([0.6, -0.8, 0.0])
    assert canonical(v).tolist() == canonical(-v).tolist() == canonical(v * (1 + 1e-12)).tolist()
    assert canonical(np.array([1.0, -1.0]))[0] > 0  # the first of equal entries
    assert canonical(np.zeros(2)).tolist() == [0.0, 0.0]


def test_sums_and_norms():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 1000))
    assert inner(a, b) == pytest.approx(a @ b)
    assert norm(a) == pytest.approx(np.linalg.norm(a))
    assert norm(np.zeros(0)) == 0.0
    assert norm(np.array([math.inf, 1.0])) == math.inf
    assert norm(np.array([3e-300, 4e-300])) == pytest.approx(5e-300)


def test_limited_memory_solves_a_quadratic_in_n_steps():
    """With exact line searches L-BFGS with n pairs is conjugate gradients: n steps."""
    rng = np.random.default_rng(5)
    A = rng.standard_normal((5, 5))
    A = A @ A.T + np.eye(5)
    x, memory = rng.standard_normal(5), LimitedMemory(5)
    for _ in range(5):
        g = A @ x
        d = memory.direction(g)
        assert d @ g < 0
        step = -(d @ g) / (d @ A @ d) * d
        x = x + step
        memory.remember(step, A @ step)
    assert np.linalg.norm(A @ x) < 1e-9
    memory.remember(np.ones(5), -np.ones(5))  # negative curvature is not remembered
    assert len(memory) == 5
    memory.forget()
    assert memory.direction(x).tolist() == (-x).tolist()


@few
@given(SEEDS, st.floats(-6, 6))
def test_accepted_steps_satisfy_the_weak_wolfe_conditions(seed, magnitude):
    waves, law = random_waves(seed, 3), random_law(seed + 1, 3, 2)
    space = Coordinates(CountedObjective(waves), law, 0.1)
    start = space.with_gradient(space.at_law(law))
    first = 10.0**magnitude / norm(start.gradient)
    move = wolfe_step(space, start, -start.gradient, first, start.penalised)
    assert move.verdict is Verdict.MOVED
    step = norm(move.point.vector - start.vector) / norm(start.gradient)
    slope = -inner(start.gradient, start.gradient)
    assert move.point.penalised <= start.penalised + 1e-4 * step * slope + 1e-12
    assert -inner(move.point.gradient, start.gradient) >= 0.9 * slope * (1 + 1e-9)


@few
@given(SEEDS, st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_gradients_and_hessians_of_the_joint_function(seed, n, r, isotropic):
    waves = random_waves(seed, n)
    law = GaussianSampler(np.full(n, 0.2), 0.6) if isotropic else random_law(seed + 1, n, r)
    space = Coordinates(CountedObjective(waves), law, 0.3)
    p = space.vector(law)
    assert norm(p[: space.spread_size]) == pytest.approx(law.spread_norm)
    gradient = space.with_gradient(space.at(p)).gradient
    H = full_hessian(space, space.at(p))
    h = 1e-5
    for k in range(space.size):
        e = np.eye(space.size)[k]
        slope = (space.at(p + h * e).penalised - space.at(p - h * e).penalised) / (2 * h)
        assert gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-6)
        change = [space.with_gradient(space.at(p + s * h * e)).gradient for s in (1, -1)]
        assert H[:, k] == pytest.approx((change[0] - change[1]) / (2 * h), rel=1e-3, abs=1e-4)
    bad = space.at(np.full(space.size, math.nan))
    assert math.isnan(bad.penalised)


# --- the engine on cuts --------------------------------------------------------------------------------------


def petersen_like(n, seed):
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    keep = rng.random(i.size) < 0.5
    return WeightedGraph.from_edges(i[keep], j[keep], rng.integers(-2, 4, keep.sum()).astype(float), n=n)


@pytest.mark.parametrize("method", [LemmaDescent(), ConditionalExpectations()], ids=["lemma", "conditional"])
@pytest.mark.parametrize("seed", range(4))
def test_cuts_are_no_worse_than_the_expected_hyperplane(method, seed):
    graph = petersen_like(12, seed)
    rng = np.random.default_rng(seed)
    V = rng.standard_normal((12, 5))
    V /= np.linalg.norm(V, axis=1)[:, None]
    objective = CutObjective(graph, 0.05)
    outcome = derandomize(objective, GaussianSampler(np.zeros(12), V), method=method)
    assert outcome.status.ok
    assert outcome.slack <= 1e-9
    cut = graph.cut_value(objective.round(outcome.sampler.deterministic()))
    assert cut >= -outcome.value - 1e-9 >= -outcome.start_value - 1e-9
    i, j, w = graph.edges()
    smoothed = np.sum(V[i] * V[j], axis=1) / (1 + 0.05**2)
    assert -outcome.start_value == pytest.approx(np.sum(w * np.arccos(smoothed)) / math.pi)


def test_a_plain_function_and_the_closed_form_lead_to_the_same_end():
    """Minus the smoothed cut of a triangle and a tail, once by nodes and once in closed form."""
    from scipy.special import ndtr

    graph = WeightedGraph.from_edges([0, 0, 1, 2], [1, 2, 2, 3])
    i, j, w = graph.edges()
    tau = 0.5

    def minus_cut(z):
        p = ndtr(z / tau)
        return -((p[:, i] * (1 - p[:, j]) + p[:, j] * (1 - p[:, i])) @ w)

    rng = np.random.default_rng(0)
    law = GaussianSampler(np.full(4, 0.1), rng.standard_normal((4, 2)))
    by_nodes = QuadratureObjective(minus_cut, dimension=4)
    closed = CutObjective(graph, tau)
    assert by_nodes.value(law) == pytest.approx(
        closed.value(law), abs=max(1e-6, by_nodes.quadrature_error(law))
    )
    assert by_nodes.mean_gradient(law) == pytest.approx(closed.mean_gradient(law), abs=1e-4)
    # the best cut cuts 3 of the 4 edges: the triangle allows two, the tail one
    for objective in (by_nodes, closed):
        outcome = derandomize(objective, law)
        signs = closed.round(outcome.sampler.deterministic())
        assert graph.cut_value(signs) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["G1", "G14"])
def test_the_generic_engine_reaches_the_fast_paths_cut(name):
    """LemmaDescent on the SDP law, no special path, ends within 0.3 % of the cut of the specialised one."""
    from derandkit.datasets.gset import gset
    from derandkit.signs.derandomize.course import lemma_course
    from derandkit.signs.relaxation.semidefinite import relax_cut

    graph = gset(name)
    relaxed = relax_cut(graph)
    fast = graph.cut_value(lemma_course(graph, relaxed.sampler()).signs)
    objective = CutObjective(graph, 0.1)
    outcome = derandomize(objective, GaussianSampler(np.zeros(graph.n), relaxed.vectors))
    assert outcome.status.ok
    generic = graph.cut_value(objective.round(outcome.sampler.deterministic()))
    assert generic >= 0.997 * fast


def test_a_distribution_shares_an_array_only_if_nothing_can_write_to_it():
    own = np.ones((3, 2))
    copied = GaussianSampler(np.zeros(3), own)
    own[0, 0] = 7.0
    assert copied.spread[0, 0] == 1.0
    frozen = np.ones((3, 2))
    frozen.setflags(write=False)
    law = GaussianSampler(np.zeros(3), frozen)
    assert law.spread is frozen
    assert law.with_mean(np.ones(3)).spread is frozen
    base = np.ones((4, 2))
    view = base[:3]
    view.setflags(write=False)  # the array behind it can be written to
    viewed = GaussianSampler(np.zeros(3), view)
    base[0, 0] = 7.0
    assert viewed.spread[0, 0] == 1.0
    for law in (copied, viewed):
        assert not law.spread.flags.writeable


def test_vectors_of_a_relaxation_are_shared_with_its_distribution():
    relaxed = relax_cut([(0, 1), (1, 2), (2, 0)])
    assert relaxed.sampler().spread is relaxed.vectors
