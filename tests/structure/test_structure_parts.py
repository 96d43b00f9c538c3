"""Nodes, teachers, students, figures and baselines: what the structure wing computes without JAX."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derandkit import InputError, RegressionData, Student, Teacher
from derandkit.structure import baselines as subspace
from derandkit.structure import measure as figures
from derandkit.structure import nodes
from derandkit.structure.heldout import reference
from derandkit.structure.options import check_options
from derandkit.structure.teacher import LINKS, cosine_directions, hermite


@pytest.mark.parametrize(("kind", "task"), [(float, "numbers"), (str, "classes")])
def test_data_show_their_size_and_no_entries(kind, task):
    X = np.sin(np.arange(1200.0) ** 2).reshape(400, 3)
    y = X[:, 0] if kind is float else np.where(X[:, 0] > 0, "high", "low")
    assert repr(RegressionData(X, y)) == f"RegressionData(m=400, d=3, {task})"


@pytest.mark.parametrize("law", nodes.INPUTS)
@pytest.mark.parametrize(("dimension", "gaussians"), [(5, 0), (4, 1)])
def test_training_nodes_have_the_moments_of_the_law(law, dimension, gaussians):
    rule = nodes.training_nodes(law, dimension, gaussians, 4096)
    X, w = rule.points, rule.weights
    assert X.shape == (4096, dimension + gaussians)
    assert math.fsum(w) == pytest.approx(1.0, abs=1e-12)
    assert np.abs(w @ X).max() < 1e-14
    assert np.abs((X * w[:, None]).T @ X - np.eye(dimension + gaussians)).max() < 1e-12
    first = {"gaussian": 0.797885, "uniform": 0.866025, "student-t": 0.735105}[law]
    assert w @ np.abs(X[:, 0]) == pytest.approx(first, rel=0.01)


@pytest.mark.parametrize("law", nodes.INPUTS)
def test_replicates_are_unbiased_and_differ(law):
    rules = nodes.evaluation_nodes(law, 6, 0, 8192)
    assert len(rules) == nodes.REPLICATES
    means = [rule.weights @ np.sin(rule.points @ np.arange(1.0, 7.0)) ** 2 for rule in rules]
    assert len(set(means)) == len(means)
    seconds = np.array([rule.weights @ rule.points[:, 2] ** 2 for rule in rules])
    error = seconds.std(ddof=1) / math.sqrt(len(seconds))
    assert abs(seconds.mean() - 1.0) < 5.0 * error + 1e-3


def test_small_gaussian_problems_are_grids():
    rule = nodes.training_nodes("gaussian", 2, 1, 64)
    assert rule.kind == "grid"
    assert rule.weights @ (rule.points[:, 0] ** 4 * rule.points[:, 2] ** 2) == pytest.approx(3.0, rel=1e-12)
    assert nodes.training_nodes("uniform", 2, 0, 64).kind == "sobol"


@pytest.mark.parametrize("degree", [2, 3, 4, 5, 6])
def test_hermite_links_are_orthonormal(degree):
    from derandkit.numerics.quadrature import gauss_hermite

    x, w = gauss_hermite(40)
    assert w @ hermite(degree, x) ** 2 == pytest.approx(1.0, rel=1e-10)
    assert w @ (hermite(degree, x) * hermite(degree - 1, x)) == pytest.approx(0.0, abs=1e-10)
    assert w @ (hermite(degree, x) * hermite(2, x)) == pytest.approx(float(degree == 2), abs=1e-10)


@pytest.mark.parametrize("link", sorted(LINKS))
def test_targets_depend_on_the_projections_only(link):
    teacher = Teacher(link, 6, 2, nodes=256)
    X = teacher.training().points
    off = np.eye(6) - teacher.span.T @ teacher.span
    assert np.allclose(teacher.targets(X), teacher.targets(X + 3.0 * X[::-1] @ off), atol=1e-10)
    assert not np.allclose(teacher.targets(X), teacher.targets(X @ teacher.span.T @ teacher.span * 1.5))


def test_noise_has_its_variance_and_labels_are_binary():
    plain, noisy = (Teacher("tanh", 5, noise=s, nodes=4096).training() for s in (0.0, 0.5))
    assert noisy.weights @ noisy.targets**2 - plain.weights @ plain.targets**2 == pytest.approx(
        0.25, abs=0.01
    )
    labels = Teacher("tanh", 5, noise=0.5, binary=True, nodes=4096).training().targets
    assert set(labels) == {0.0, 1.0}
    assert labels.mean() == pytest.approx(0.5, abs=1e-3)


@given(st.integers(1, 12), st.integers(1, 30))
def test_cosine_directions_are_orthonormal(count, dimension):
    if count <= dimension:
        U = cosine_directions(count, dimension)
        assert np.abs(U @ U.T - np.eye(count)).max() < 1e-12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"link": "tan"}, "link='tan' is not one of tanh"),
        ({"link": 3}, "link=3 is not one of"),
        ({"dimension": 0}, "at least 1"),
        ({"dimension": 2.0}, "whole number"),
        ({"directions": 4}, "between 1 and 3"),
        ({"directions": [[1.0, 0.0]]}, r"shape \(q, 3\)"),
        ({"directions": [[1.0, 0.0, np.nan]]}, "finite"),
        ({"directions": [[1.0, 0, 0], [2.0, 0, 0]]}, "linearly independent"),
        ({"noise": -1.0}, "standard deviation"),
        ({"inputs": "cauchy"}, "inputs='cauchy' is not one of"),
        ({"nodes": 3}, "at least 16"),
    ],
)
def test_bad_teachers_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Teacher(**{"link": "tanh", "dimension": 3, **options})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Teacher("tanh", 3, noise=1e308), r"at most 1e\+60"),
        (lambda: Student(activation="softplus", sharpness=1e308), r"from 0\.0001 to 1e\+06"),
        (lambda: Student(width=5000), "width must be at most 4096"),
        (lambda: Student(depth=2_000_000_000), "depth must be at most 64"),
        (lambda: Student(stream=2**70), "below 1048576"),
        (lambda: check_options(penalty=1e308), r"between 0 and 1e\+100"),
        (lambda: check_options(upper_penalty=1e308), r"between 0 and 1e\+100"),
    ],
)
def test_numbers_beyond_any_use_are_refused_in_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_link_that_overflows_is_refused_where_it_does():
    with pytest.raises(InputError, match="not finite at the projections"):
        Teacher(lambda s: np.exp(np.exp(40.0 * s[:, 0])), 5, nodes=64).training()
    with pytest.raises(InputError, match=r"must return shape \(64,\)"):
        Teacher(lambda s: s, 5, nodes=64).training()


def test_a_teacher_survives_its_description():
    teacher = Teacher("staircase", 7, 3, noise=0.2, inputs="uniform", nodes=512)
    again = Teacher.from_mapping(teacher.describe())
    assert again.digest == teacher.digest
    assert np.array_equal(again.training().targets, teacher.training().targets)
    assert Teacher("tanh", 7).digest != Teacher("sine", 7).digest
    assert Teacher(lambda s: s[:, 0], 7).digest != Teacher(lambda s: s[:, 0] ** 2, 7).digest
    with pytest.raises(InputError, match="has no 'lnk'"):
        Teacher.from_mapping({"lnk": "tanh", "dimension": 3})
    with pytest.raises(InputError, match="needs 'dimension'"):
        Teacher.from_mapping({"link": "tanh"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width"), ({"depth": 1}, "at least 2"), ({"activation": "swish"}, "activation='swish'"),
        ({"sharpness": 0.0}, "sharpness"), ({"start": "warm"}, "start='warm'"), ({"stream": -1}, "stream"),
        ({"network": 3}, "function of"),
    ],
)  # fmt: skip
def test_bad_students_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Student(**options)


def test_starts_have_the_stated_sizes_and_streams_differ():
    student = Student(width=200, depth=3)
    W, b = student.first_layer(50)
    assert W.std() == pytest.approx(1.0 / math.sqrt(50), rel=0.05)
    assert b.std() == pytest.approx(0.5, rel=0.15)
    theta = student.upper_layers()
    assert theta.size == sum(math.prod(shape) for shape in student.shapes.values())
    assert theta[: 200 * 200].std() == pytest.approx(1.0 / math.sqrt(200), rel=0.05)
    other = Student(width=200, depth=3, stream=1).first_layer(50)[0]
    assert abs(np.corrcoef(W.ravel(), other.ravel())[0, 1]) < 0.05


def test_split_is_orthogonal_and_exact():
    rng = np.random.default_rng(0)
    W, span = rng.standard_normal((5, 7)), np.linalg.qr(rng.standard_normal((7, 2)))[0].T
    parallel, perp = figures.split(W, span)
    assert np.allclose(parallel + perp, W)
    assert np.abs(perp @ span.T).max() < 1e-15
    assert np.abs(parallel @ np.linalg.svd(span)[2][2:].T).max() < 1e-14


@given(st.lists(st.floats(1e-8, 1.5), min_size=1, max_size=3))
def test_principal_angles_are_those_put_in(angles):
    q = len(angles)
    basis = np.linalg.qr(np.random.default_rng(q).standard_normal((8, 8)))[0]
    first = basis[:, :q].T
    turned = np.array(
        [math.cos(a) * basis[:, k] + math.sin(a) * basis[:, q + k] for k, a in enumerate(angles)]
    )
    assert figures.principal_angles(first, turned) == pytest.approx(sorted(angles), rel=1e-6, abs=1e-14)


def test_effective_rank_and_shares():
    assert figures.effective_rank(np.ones(5)) == pytest.approx(5.0)
    assert figures.effective_rank(np.zeros(3)) == 0.0
    assert figures.shares(0.5, None, 1.2) == {"curvature": 0.0, "decay": None, "together": None}
    assert set(figures.shares(1.5, 0.9, 0.9).values()) == {None}


def test_the_jackknife_is_the_standard_error_of_a_mean():
    rng = np.random.default_rng(1)
    risks = rng.standard_normal(8)
    blank = np.zeros((8, 1, 1))
    evaluation = figures.Evaluation(risks, blank, blank[:, 0], blank, "sobol")
    value, error = evaluation.estimate(lambda risk, *_: risk)
    assert value == pytest.approx(risks.mean())
    assert error == pytest.approx(risks.std(ddof=1) / math.sqrt(8))


def test_the_jackknife_sees_what_one_part_overshadows():
    """The sum of the others is no difference, which would be rounding of the largest part."""
    risks = np.array([1e17, *np.linspace(0.1, 0.7, 7)])
    blank = np.zeros((8, 1, 1))
    evaluation = figures.Evaluation(risks, blank, blank[:, 0], blank, "sobol")
    seen = []
    evaluation.estimate(lambda risk, *_: seen.append(float(risk)) or 0.0)
    assert seen[1] == pytest.approx(0.4, rel=1e-15)


def test_a_curvature_that_is_singular_within_rounding_has_no_estimate(monkeypatch):
    """Its least eigenvalue may come out positive, and yet no system be solved with it."""

    def singular(*_):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(np.linalg, "solve", singular)
    H = np.tile(np.eye(2), (8, 1, 1))
    evaluation = figures.Evaluation(np.zeros(8), np.ones((8, 2, 3)), np.ones((8, 2)), H, "sobol")
    found = figures.lemma_measurements(evaluation, np.ones((2, 3)), np.eye(3)[:1], 0.5, smooth=True)
    assert (found["stein_estimate"], found["stein_estimate_error"]) == (None, None)
    assert found["lemma_bound"] > 0


def problem(link, inputs="gaussian"):
    teacher = Teacher(link, 6, 2, inputs=inputs, nodes=2048)
    sample = teacher.training()
    return teacher, sample.points, sample.targets


def test_baselines_find_what_they_can_see():
    teacher, X, y = problem("staircase")
    assert subspace.subspace_error(subspace.average_gradient_outer_product(X, y, 2), teacher.span) < 0.1
    teacher, X, y = problem("tanh")
    assert subspace.subspace_error(subspace.sliced_inverse_regression(X, y, 1), teacher.span[:1]) > 0.5
    mixed = (teacher.span[:1] + teacher.span[1:]) / math.sqrt(2.0)
    assert subspace.subspace_error(subspace.sliced_inverse_regression(X, y, 1), mixed) < 0.1
    assert subspace.principal_directions(X * np.arange(1, 7), 1)[0, 5] == pytest.approx(1.0, abs=0.05)


def test_even_links_are_invisible_to_sliced_inverse_regression():
    X = np.random.default_rng(0).standard_normal((2000, 5))
    y = X[:, 0] ** 2
    assert subspace.subspace_error(subspace.average_gradient_outer_product(X, y, 1), np.eye(5)[:1]) < 0.1
    assert subspace.subspace_error(subspace.sliced_inverse_regression(X, y, 1), np.eye(5)[:1]) > 0.3


def test_downstream_error_tells_good_from_bad_directions():
    teacher, X, y = problem("sine")
    train, test = (X[::2], y[::2]), (X[1::2], y[1::2])
    good = subspace.downstream_error(teacher.span, train, test)
    bad = subspace.downstream_error(np.linalg.svd(teacher.span)[2][2:4], train, test)
    assert good < 0.05
    assert bad > 0.8
    with pytest.raises(InputError, match="rank must be between"):
        subspace.principal_directions(X, 9)


def test_data_are_whitened_on_the_training_rows():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((200, 4)) @ rng.standard_normal((4, 4)) + 5.0
    X = np.column_stack((X, X[:, 0] - X[:, 1]))  # collinear
    data = RegressionData(X, X[:, 0] ** 2)
    Z = data.training().points
    assert Z.shape == (150, 4)
    assert np.abs(Z.T @ Z / 150 - np.eye(4)).max() < 1e-9
    assert data.training().targets.std() == pytest.approx(1.0)
    held = np.concatenate([part.points for part in data.evaluation()])
    assert held.shape == (50, 4)
    rows = np.concatenate((Z, held))
    assert np.allclose(np.sort(rows[:, 0]), np.sort(data.whiten(X)[:, 0]))


def test_directions_are_given_in_features():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((300, 3)) * [1.0, 10.0, 0.1]
    data = RegressionData(X, X[:, 0])
    Z = data.training()
    direction = np.linalg.lstsq(Z.points, Z.targets, rcond=None)[0]
    found = data.features((direction / np.linalg.norm(direction))[None])[0]
    assert np.abs(found) == pytest.approx([1.0, 0.0, 0.0], abs=1e-8)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((50, 2)), np.ones(50), "no column"),
        (np.eye(50), np.ones(49), "do not fit"),
        (np.eye(9), np.ones(9), "too few"),
        (np.eye(50), np.ones(50), "do not vary"),
        (np.full((50, 2), np.nan), np.ones(50), "nan in row 0, column 0"),
        (np.eye(50), np.r_[np.inf, np.ones(49)], "target in row 0 is inf"),
        (np.ones(50), np.ones(50), r"shape \(rows, columns\)"),
        (np.eye(50), np.ones((50, 2, 2)), r"shape \(rows,\) or \(rows, outputs\)"),
        (np.eye(50), np.ones((50, 2)), "do not vary"),
        ([["a"] * 2] * 50, np.ones(50), "table of numbers"),
        (np.eye(50), ["a"] * 50, "do not vary"),
        (np.eye(50), [None, *["a"] * 49], "row 0 is 'None', which is a missing value or a class"),
        (np.eye(50), np.array([1.0, *["a"] * 49], dtype=object), "row 0 is 1 beside text"),
        (np.eye(50), [["a", "b"]] * 50, "several columns of targets must be numbers"),
        (np.eye(50) * 1j, np.ones(50), "got complex ones"),
        (np.eye(50) * 1e151, np.arange(50.0), "in row 0, column 0; change the unit"),
        (np.eye(50), np.arange(50.0) * 1e150, "target in row 49 is beyond 1e"),
        (np.full((50, 2), 0.1), np.arange(50.0), "no column"),
    ],
)
def test_bad_data_are_refused(X, y, message):
    with pytest.raises(InputError, match=message):
        RegressionData(X, y)


def test_a_constant_column_is_no_direction_however_it_rounds():
    X = np.sin(np.arange(300.0) ** 2).reshape(100, 3)
    y = X[:, 0] + X[:, 1]
    X[:, 2] = 0.1  # the mean of a hundred of them is another number in double precision
    assert RegressionData(X, y).dimension == 2
    with pytest.raises(InputError, match=r"targets do(es)? not vary"):
        RegressionData(X, X[:, 2])


@pytest.mark.parametrize("unit", [1e-140, 1.0, 1e140])
def test_whitening_does_not_depend_on_the_unit(unit):
    rng = np.random.default_rng(6)
    X, y = rng.standard_normal((60, 3)), rng.standard_normal(60)
    plain, scaled = RegressionData(X, y).training(), RegressionData(X * unit, y * unit).training()
    np.testing.assert_allclose(scaled.points, plain.points, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(scaled.targets, plain.targets, rtol=1e-9, atol=1e-12)


def test_tables_name_their_target(tmp_path):
    rng = np.random.default_rng(5)
    table = rng.standard_normal((60, 3))
    named, bare = tmp_path / "named.csv", tmp_path / "bare.tsv"
    named.write_text("a,b,price\n" + "\n".join(",".join(map(repr, row)) for row in table.tolist()))
    bare.write_text("\n".join("\t".join(map(repr, row)) for row in table.tolist()))
    first, second = RegressionData.from_file(named, "price"), RegressionData.from_file(bare, "2")
    assert first.names == ("a", "b")
    assert second.names is None
    assert first.digest == second.digest
    assert RegressionData.from_file(bare, -3).y[0] == table[0, 0]
    for file, target, message in (
        (named, "cost", "no column 'cost'; it has a, b, price"), (named, "pric", "did you mean 'price'"),
        (named, 1.5, "name or a position"), (bare, "cost", "no header line"),
        (bare, "3", "no column 3"), (tmp_path / "no.csv", "a", "no such file"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            RegressionData.from_file(file, target)


def test_names_of_parquet_columns_are_targets_too(tmp_path):
    """``--target target`` failed: the names of a parquet file were not looked at."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.standard_normal((60, 3)), columns=["age", "target", "size"])
    frame.to_parquet(tmp_path / "t.parquet")
    data = RegressionData.from_file(tmp_path / "t.parquet", "target")
    assert data.names == ("age", "size")
    assert np.array_equal(data.y, frame["target"])
    frame.iloc[::-1].to_parquet(tmp_path / "indexed.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        turned = RegressionData.from_file(tmp_path / "indexed.parquet", "target")
    assert np.array_equal(turned.y, frame["target"][::-1])
    with pytest.raises(InputError, match="did you mean 'target'"):
        RegressionData.from_file(tmp_path / "t.parquet", "tarket")


def test_a_data_frame_keeps_its_names_and_targets_may_be_a_column():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.standard_normal((60, 2)), columns=["age", "size"])
    y = rng.standard_normal((60, 1))
    data = RegressionData(frame, y)
    assert data.names == ("age", "size")
    assert data.digest == RegressionData(frame.to_numpy(), y[:, 0]).digest
    assert RegressionData(frame, rng.standard_normal((60, 2))).outputs == 2


@pytest.mark.parametrize(("loss", "outputs"), [("softmax", 3), ("squared", 2), ("huber", 1)])
@pytest.mark.parametrize("entries", [1, 100, 1 << 22])
def test_the_hessian_of_a_linear_model_is_the_sum_over_its_rows(monkeypatch, loss, outputs, entries):
    monkeypatch.setattr(reference, "BLOCK_ENTRIES", entries)
    rng = np.random.default_rng(3)
    X, w, ridge = rng.standard_normal((17, 4)), rng.uniform(0.0, 1.0, 17), rng.uniform(0.0, 1.0, 4)
    y = np.eye(3)[rng.integers(3, size=17)] if loss == "softmax" else rng.standard_normal((17, outputs))
    _, bends = reference.derivatives(loss, rng.standard_normal((17, outputs)), y)
    expected = sum(w[k] * np.kron(np.outer(X[k], X[k]), bends[k]) for k in range(17))
    expected = expected + np.diag(np.repeat(2.0 * ridge, outputs))
    if loss == "softmax":
        expected[-3:, -3:] += 1.0 / 3.0
    found = reference._curvature(X, w, bends, ridge, shifts=loss == "softmax")
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize(
    "options",
    [{"suppress": True}, {"linewidth": 200}, {"sign": "+"}, {"edgeitems": 1}, {"formatter": {"float": "{:.2f}".format}},
     {"legacy": "1.13"}, {"precision": 2, "threshold": 5, "floatmode": "fixed", "nanstr": "?", "infstr": "!"}],
)  # fmt: skip
@pytest.mark.parametrize("directions", [1, 2])
def test_the_digest_of_a_teacher_does_not_depend_on_how_numpy_prints(options, directions):
    """A record of a link of the user's own failed in a session with other options."""
    teacher = Teacher(
        lambda t: np.tanh(t[:, 0]) ** 3, 3, directions=directions, nodes=512, evaluation_nodes=1024
    )
    before = teacher.digest
    with np.printoptions(**options):
        assert teacher.digest == before
