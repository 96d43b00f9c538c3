"""The compiled networks against NumPy by hand, differences and dense automatic derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from derandkit import GaussianSampler, InputError, Student, Teacher, certify_network, check_objective, verify
from derandkit.certificates.structure.hessian import natural_units as natural_units_by_the_checker
from derandkit.certificates.structure.networks import start_of, sums

pytest.importorskip("jax")

from derandkit.structure.training.curvature import Joint
from derandkit.structure.training.network import build, double_precision
from derandkit.structure.training.objective import NetworkObjective
from derandkit.structure.training.units import natural_units

STUDENTS = [
    Student(width=5, depth=2, activation="tanh"),
    Student(width=5, depth=2, activation="softplus", sharpness=3.0, output_bias=False),
    Student(width=4, depth=3, activation="gelu"),
    Student(width=3, depth=4, activation="erf"),
    Student(width=4, depth=2, activation="hermite2", start="published"),
    Student(width=4, depth=2, activation="relu"),
]


def case(student, loss):
    teacher = Teacher("tanh", 4, 1, binary=loss == "logistic", nodes=128)
    sample = teacher.training()
    network = build(student, loss, 4)
    W, b = student.first_layer(4)
    return network, sample, (W, b, network.start + 0.1 * np.cos(np.arange(network.start.size)))


@pytest.mark.parametrize(
    ("student", "loss"),
    [*((student, "squared") for student in STUDENTS), (STUDENTS[2], "logistic"), (STUDENTS[2], "huber")],
    ids=lambda x: x if isinstance(x, str) else f"{x.activation}-{x.depth}",
)
def test_compiled_sums_are_those_by_hand(student, loss):
    network, sample, parameters = case(student, loss)
    blocks = network.blocks(sample)
    risk, gradients = network.risk_and_gradient(*parameters, blocks)
    found = sums(student.describe(), loss, parameters, sample)
    assert float(risk) == pytest.approx(found.risk, rel=1e-12)
    for ours, theirs in zip(gradients, (found.W, found.b, found.theta), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-13)
    H = network.bias_curvature(*parameters, blocks)
    assert pytest.approx(found.curvature, rel=1e-8, abs=1e-12) == H


@pytest.mark.parametrize("start", ["balanced", "published"])
@pytest.mark.parametrize(("depth", "output_bias"), [(2, True), (2, False), (5, True), (3, False)])
@pytest.mark.parametrize("stream", [0, 3, 2**20 - 1])
def test_the_checker_writes_the_same_start_a_second_time(start, depth, output_bias, stream):
    student = Student(width=7, depth=depth, output_bias=output_bias, start=start, stream=stream)
    W, b, theta = start_of(student.describe(), 3)
    for ours, theirs in zip((*student.first_layer(3), student.upper_layers()), (W, b, theta), strict=True):
        assert ours.shape == theirs.shape
        assert ours == pytest.approx(theirs, rel=1e-13, abs=1e-15)


def test_numbers_of_the_start_repeat_beyond_the_last_stream():
    with pytest.raises(InputError, match="below 1048576"):
        Student(stream=2**20)


@pytest.mark.parametrize("student", STUDENTS[:4], ids=lambda s: f"{s.activation}-{s.depth}")
def test_curvature_in_the_bias_is_the_block_of_products(student):
    network, sample, (W, b, theta) = case(student, "squared")
    blocks = network.blocks(sample)
    H = network.bias_curvature(W, b, theta, blocks)
    for k in range(b.size):
        product = network.product(W, b, theta, np.eye(b.size)[k], np.zeros_like(theta), blocks)[0]
        assert product == pytest.approx(H[:, k], rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("frozen", [(), ("bias",), ("upper",)])
@pytest.mark.parametrize("student", STUDENTS[:5], ids=lambda s: f"{s.activation}-{s.depth}")
def test_the_whole_hessian_is_the_slope_of_gradients_and_symmetric(student, frozen):
    network, sample, parameters = case(student, "squared")
    joint = Joint(NetworkObjective(network, sample, frozen, upper_penalty=0.01), 0.1)
    here = joint.vector(joint.objective.law(*parameters))
    u, v = (joint.free(z) for z in np.random.default_rng(0).normal(size=(2, here.size)))
    product = joint.hessian(here, v)
    ahead, behind = here + 1e-5 * v, here - 1e-5 * v
    slope = (joint.gradient(ahead) - joint.gradient(behind)) / 2e-5 + joint.bend(here) * v
    assert product == pytest.approx(slope, rel=1e-6, abs=1e-6)
    assert u @ product == pytest.approx(v @ joint.hessian(here, u), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("student", STUDENTS, ids=lambda s: f"{s.activation}-{s.depth}")
def test_natural_units_are_those_of_the_checker(student):
    _, sample, parameters = case(student, "squared")
    theirs = natural_units_by_the_checker(student.describe(), parameters, sample)
    ours = natural_units(student, *parameters, sample)
    assert ours == pytest.approx(np.concatenate([part.ravel() for part in theirs]), rel=1e-12)


@pytest.mark.parametrize("frozen", [(), ("bias",), ("upper",)])
def test_the_objective_keeps_its_promises(frozen):
    network, sample, parameters = case(STUDENTS[2], "squared")
    objective = NetworkObjective(network, sample, frozen, upper_penalty=0.01)
    report = check_objective(objective, objective.law(*parameters), tolerance=1e-6)
    if not frozen:
        # rotations and reveals mix inputs that the target depends on: not promised, and reported only
        assert report.ok, str(report)
    n = STUDENTS[2].width
    gradient = objective.mean_gradient(objective.law(*parameters))
    assert (not gradient[:n].any()) == ("bias" in frozen)
    assert (not gradient[n:].any()) == ("upper" in frozen)
    assert not objective.spread_gradient(objective.law(*parameters))[n:].any()


@pytest.mark.parametrize(("loss", "scale", "tolerance"), [("squared", 0.3, 1e-12), ("huber", 0.6, 1e-4)])
def test_stein_holds_in_the_population_off_the_span_at_any_point(loss, scale, tolerance):
    """``dF/dW_perp = H W_perp`` is no property of stationary points; what is missing is the grid's error."""
    student, teacher = Student(width=6, depth=3, activation="gelu"), Teacher("staircase", 3, 2)
    network = build(student, loss, 3)
    objective = NetworkObjective(network, teacher.training())
    W, b = student.first_layer(3)
    law = objective.law(scale * W, b + 0.2, network.start)
    off = np.eye(3) - teacher.span.T @ teacher.span
    left = objective.spread_gradient(law)[:6] @ off
    right = objective.bias_curvature(law) @ (scale * W) @ off
    assert np.abs(left - right).max() < tolerance * np.abs(left).max()
    # along the span it does not hold: the target moves with the input
    along = objective.spread_gradient(law)[:6] - objective.bias_curvature(law) @ (scale * W)
    assert np.abs(along @ teacher.span.T).max() > 1e-3


def test_blocks_do_not_change_sums():
    network, sample, parameters = case(STUDENTS[0], "squared")
    odd = sample._replace(
        points=sample.points[:77], targets=sample.targets[:77], weights=sample.weights[:77] * 128 / 77
    )
    risk, gradients = network.risk_and_gradient(*parameters, network.blocks(odd))
    found = sums(STUDENTS[0].describe(), "squared", parameters, odd)
    assert float(risk) == pytest.approx(found.risk, rel=1e-12)
    assert gradients[0] == pytest.approx(found.W, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize(
    "teacher", [Teacher("tanh", 2), Teacher("tanh", 3), Teacher("tanh", 5, nodes=1 << 14)]
)
def test_training_and_evaluation_share_compiled_functions(teacher):
    """Pieces have one shape, so that nothing is compiled twice; nodes that fill them up weigh nothing."""
    network = build(STUDENTS[0], "squared", teacher.dimension)
    samples = [teacher.training(), *teacher.evaluation()]
    pieces = [piece for sample in samples for piece in network.blocks(sample)]
    assert len({tuple(part.shape for part in piece) for piece in pieces}) == 1
    for sample in samples:
        blocks = network.blocks(sample)
        points = np.concatenate([np.asarray(piece.points).reshape(-1, teacher.dimension) for piece in blocks])
        weights = np.concatenate([np.asarray(piece.weights).ravel() for piece in blocks])
        count = len(sample.weights)
        assert (points[:count] == sample.points).all()
        assert (weights[:count] == sample.weights).all()
        assert not weights[count:].any()
        assert len(weights) - count < 4 * network.block


def test_a_network_of_the_users_own_is_the_built_in_one():
    import jax.numpy as jnp

    built = Student(width=5, depth=2)
    v = built.upper_layers()
    own = Student(
        width=5, network=lambda p, z: jnp.tanh(z) @ p["v"] + p["c"], parameters={"v": v[:5], "c": v[5]}
    )
    sample = Teacher("tanh", 4, nodes=128).training()
    W, b = built.first_layer(4)
    one, other = build(built, "squared", 4), build(own, lambda f, y: (f - y) ** 2, 4)
    assert sorted(one.start) == sorted(other.start)
    theta = {"one": one.start, "other": other.start}
    risks = [
        n.risk_and_gradient(W, b, theta[k], n.blocks(sample))[0] for k, n in (("one", one), ("other", other))
    ]
    assert float(risks[0]) == pytest.approx(float(risks[1]), rel=1e-12)
    curvatures = [
        n.bias_curvature(W, b, theta[k], n.blocks(sample)) for k, n in (("one", one), ("other", other))
    ]
    assert curvatures[0] == pytest.approx(curvatures[1], rel=1e-8, abs=1e-13)


@pytest.mark.parametrize(
    ("student", "loss", "message"),
    [
        (Student(width=3, network=lambda p, z: z), "squared", "must return a scalar"),
        (
            Student(width=3, network=lambda p, z: z @ p, parameters=np.ones(4)),
            "squared",
            "cannot be evaluated",
        ),
        (Student(width=3), "absolute", "loss='absolute' is not one of"),
    ],
)
def test_bad_networks_are_refused(student, loss, message):
    with pytest.raises(InputError, match=message):
        build(student, loss, 2)


def test_the_precision_of_the_process_is_left_alone():
    import jax.numpy as jnp

    with double_precision():
        assert jnp.ones(2).dtype == np.float64
    assert jnp.ones(2).dtype == np.float32


def test_only_bias_and_upper_can_be_frozen():
    network, sample, _ = case(STUDENTS[0], "squared")
    with pytest.raises(InputError, match="can be frozen"):
        NetworkObjective(network, sample, ("W",))
    assert isinstance(
        NetworkObjective(network, sample).law(np.zeros((5, 4)), np.zeros(5), network.start), GaussianSampler
    )


def strict_rules(jax):
    return [
        jax.numpy_rank_promotion("raise"),
        jax.transfer_guard("disallow"),
        jax.numpy_dtype_promotion("strict"),
    ]


def test_rules_that_a_program_sets_for_jax_change_nothing():
    """They ended runs in errors of JAX, and `verify` said that the layer of a correct record cannot be read."""
    jax = pytest.importorskip("jax")
    X = np.random.default_rng(0).standard_normal((40, 2))
    W, b, V = np.array([[1.0, 0.1], [0.3, 1.0]]), np.zeros(2), np.array([1.0, -1.0])

    def network(points):
        return jax.numpy.tanh(points) @ V

    def answers():
        found = certify_network(
            network, X, np.tanh(X[:, 0]), weights=W, bias=b, directions=[[1, 0]], penalty=0.3
        )
        return found.to_json(), verify(found, (X, np.tanh(X[:, 0]), network, W, b)).ok

    before = answers()
    assert before[1]
    for rule in strict_rules(jax):
        with rule:
            assert answers() == before


@pytest.mark.parametrize("name", ["width", "depth", "stream"])
def test_numbers_of_any_length_are_refused_in_one_line(name):
    """Python does not write a whole number of more than 4300 digits: the message was an error of its own."""
    with pytest.raises(InputError, match=f"{name} must be "):
        Student(**{name: 1 << 20000})
