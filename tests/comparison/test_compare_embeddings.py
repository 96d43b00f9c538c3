"""Embeddings in comparisons: smaller is better, the bound is below every value, and rows depend on nothing else."""

import dataclasses
import json

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import sparse
from scipy.spatial.distance import pdist

from derandkit.cli import main
from derandkit.comparison import embeddings as contestants
from derandkit.comparison.embeddings import EMBEDDING
from derandkit.comparison.problems import PROBLEMS
from derandkit.comparison.run import ComparisonRow, compare
from derandkit.comparison.table import comparison_json, comparison_table
from derandkit.embeddings.baselines import gaussian_projection, principal_components, sparse_projection
from derandkit.embeddings.solve import embed
from derandkit.errors import InputError
from derandkit.points.cloud import PointCloud
from derandkit.runtime.clock import running

SEED = np.random.default_rng(20)
CLOUDS = {
    "normal": SEED.standard_normal((30, 12)),
    "stretched": SEED.standard_normal((24, 10)) * np.geomspace(1.0, 30.0, 10),
    "single": SEED.standard_normal((20, 9)).astype(np.float32),
}
K = 4


def compared(instances, **options):
    return compare(instances, **{"problem": "embedding", "n_components": K, "draws": 12, "rng": 0, **options})


def timeless(rows):
    return [dataclasses.replace(row, seconds=None) for row in rows]


def by_definition(X, A):
    """Scaled distortion from all pairs."""
    X = np.asarray(X, dtype=np.float64)
    ratios = pdist(X @ A.T, "sqeuclidean") / pdist(X, "sqeuclidean")
    return (ratios.max() - ratios.min()) / (ratios.max() + ratios.min())


@pytest.fixture(scope="module")
def rows():
    return compared(CLOUDS)


def test_one_row_an_instance_and_method(rows):
    assert [(row.instance, row.method) for row in rows] == [(name, m) for name in CLOUDS for m in EMBEDDING]
    for row in rows:
        assert row.problem == "embedding"
        assert row.expectation is None
        assert row.bound_status == "certified"
        assert row.ratio == row.value / row.bound
        assert (row.draws == 12) == (not row.deterministic)
        assert row.guarantee


def test_no_value_beats_the_bound(rows):
    for row in rows:
        assert 0.0 < row.bound <= row.value < 1.0
        assert row.ratio >= 1.0


def test_values_are_what_the_definition_says(rows):
    values = {(row.instance, row.method): row.value for row in rows}
    for name, X in CLOUDS.items():
        for method in ("lemma", "minimax", "conditional"):
            matrix = embed(X, n_components=K, method=method, holdout=False).matrix
            assert values[name, method] == pytest.approx(by_definition(X, matrix), rel=1e-9)
        matrix = embed(X, n_components=K, objective="mean", holdout=False).matrix
        assert values[name, "mean"] == pytest.approx(by_definition(X, matrix), rel=1e-9)
        assert values[name, "pca"] == pytest.approx(by_definition(X, principal_components(X, K)), rel=1e-8)


@pytest.mark.parametrize(
    ("kind", "draw"),
    [(contestants.gaussian, gaussian_projection), (contestants.sparse, sparse_projection)],
)
def test_draws_are_measured_one_by_one(kind, draw):
    X = CLOUDS["normal"]
    case = contestants.prepare(contestants.Embedding(PointCloud(X), K), 0.0, 15)
    rng = np.random.default_rng(5)
    found = np.array([by_definition(X, draw(12, K, rng)) for _ in range(15)])
    mean = contestants.projection_mean(case, np.random.default_rng(5), kind)
    assert mean.value == pytest.approx(found.mean(), rel=1e-9)
    assert mean.stats["standard_error"] == pytest.approx(found.std(ddof=1) / np.sqrt(15), rel=1e-9)
    best = contestants.projection_best(case, np.random.default_rng(5), kind)
    assert best.value == pytest.approx(found.min(), rel=1e-9)
    assert best.stats["draws"] == 15
    assert "standard_error" not in best.stats


def test_gaussian_and_its_best_see_the_same_draws(rows):
    values = {(row.instance, row.method): row.value for row in rows}
    assert all(values[name, "gaussian-best"] < values[name, "gaussian"] for name in CLOUDS)


def test_a_draw_that_sends_all_points_to_one_has_distortion_one():
    X = np.zeros((3, 6))
    X[:, 0] = 0.0, 1.0, 3.0
    case = contestants.prepare(contestants.Embedding(PointCloud(X), 1), 0.0, 40)
    found = contestants.projection_mean(case, np.random.default_rng(0), contestants.sparse)
    rng = np.random.default_rng(0)
    # points on a line: a draw keeps all ratios equal or sends every point to one
    lost = [sparse_projection(6, 1, rng)[0, 0] == 0.0 for _ in range(40)]
    assert 0 < sum(lost) < 40
    assert found.value == pytest.approx(sum(lost) / 40, abs=1e-12)


def test_the_mean_of_equal_distortions_is_that_distortion():
    cloud = PointCloud(np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 0.5], [1.1, 1.0]]))
    for draws in range(2, 40):
        case = contestants.prepare(contestants.Embedding(cloud, 1), 0.0, draws)
        mean, best = (
            summary(case, np.random.default_rng(0), lambda d, k, rng: np.array([[0.3, 0.1]]))
            for summary in (contestants.projection_mean, contestants.projection_best)
        )
        assert mean.value == best.value
        assert mean.stats["standard_error"] == 0.0


def test_a_single_draw_has_no_standard_error():
    (row,) = compared([CLOUDS["normal"]], methods=["gaussian"], draws=1)
    assert row.standard_error is None
    assert row.draws == 1


def test_deterministic_rows_do_not_depend_on_the_seed():
    one, two = (timeless(compared([CLOUDS["stretched"]], rng=seed)) for seed in (1, 2))
    assert [a == b for a, b in zip(one, two, strict=True)] == [row.deterministic for row in one]


def test_rows_do_not_depend_on_what_else_is_compared(rows):
    (alone,) = timeless(compared({"single": CLOUDS["single"]}, methods=["sparse"]))
    assert alone in timeless(rows)


def test_rows_are_the_same_for_any_number_of_workers(rows):
    parallel = compared(CLOUDS, workers=2)
    assert comparison_json(timeless(rows)) == comparison_json(timeless(parallel))


def test_enough_dimensions_keep_everything_and_leave_no_ratio():
    found = compared({"normal": CLOUDS["normal"]}, n_components=12, methods=["lemma", "pca", "gaussian"])
    for row in found:
        assert row.bound == 0.0
        assert row.ratio is None
        assert (row.value < 1e-12) == row.deterministic
    more = compared({"normal": CLOUDS["normal"]}, n_components=20, methods=["lemma", "pca"])
    assert all(row.value < 1e-12 for row in more)


def test_the_bound_counts_pairs_that_are_very_near():
    X = CLOUDS["normal"].copy()
    X[1] = X[0] * (1.0 + 1e-15)
    assert not np.array_equal(X[0], X[1])
    (row,) = compared([X], methods=["pca"])
    assert 0.0 < row.bound <= row.value


def test_methods_that_keep_numbers_for_every_pair_are_not_run_on_large_clouds(monkeypatch):
    # the limits are data of the table; the honest ones would need gigabytes
    table = {name: dataclasses.replace(m, limit=m.limit and 25) for name, m in EMBEDDING.items()}
    problem = dataclasses.replace(PROBLEMS["embedding"], methods=table)
    monkeypatch.setitem(PROBLEMS, "embedding", problem)
    found = {row.method: row for row in compared([CLOUDS["normal"]])}
    missing = {name for name, row in found.items() if row.value is None}
    assert missing == {"conditional", "gaussian", "gaussian-best", "sparse"}
    assert found["sparse"].note == "not run: made for sizes up to 25, not 30"


@pytest.mark.parametrize(
    "form", [np.asarray, PointCloud, sparse.csr_array, sparse.coo_matrix], ids=lambda form: form.__name__
)
def test_a_single_table_is_one_instance(form):
    X = CLOUDS["normal"]
    (row,) = compared(form(X), methods=["pca"])
    assert row.value == compared([X], methods=["pca"])[0].value


def test_an_interrupted_search_is_no_row(monkeypatch):
    import derandkit.embeddings.solve as solve

    def stopped(Z, k, goal, track):
        track.latest = np.eye(k, Z.shape[1])
        running().stop()
        return track.latest

    compared([CLOUDS["normal"]], methods=["pca"])  # compile first
    monkeypatch.setattr(solve, "fit_or_isometry", stopped)
    with pytest.raises(KeyboardInterrupt):
        compared([CLOUDS["normal"]], methods=["lemma"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": None}, "give n_components"),
        ({"n_components": 0}, "at least 1"),
        ({"n_components": True}, "at least 1"),
        ({"n_components": 2.5}, "is an integer"),
        ({"local_search": True}, "no local search"),
        ({"methods": ["greedy"]}, "methods='greedy' is not one of"),
        ({"methods": ["gausian"]}, "did you mean 'gaussian'"),
        ({"weight": "w"}, "no option 'weight'; it takes n_components"),
        ({"problem": "maxcut"}, "no option 'n_components'"),
        ({"problem": "embeding"}, "problem='embeding' is not one of"),
        ({"draws": 0}, "draws must be a whole number from 1 on"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        compared([CLOUDS["normal"]], **options)


def test_bad_points_are_refused():
    with pytest.raises(InputError, match="all 3 points are equal"):
        compared([np.ones((3, 2))])
    with pytest.raises(InputError, match="no/such"):
        compared(["no/such"])


def test_the_star_marks_the_smallest_value_and_errors_show_their_first_digit():
    rows = [
        ComparisonRow(
            "a",
            "embedding",
            "lemma",
            False,
            0.25,
            0.125,
            "certified",
            None,
            2.0,
            1.0,
            True,
            "p",
            sense="minimize",
        ),
        ComparisonRow(
            "a",
            "embedding",
            "pca",
            False,
            0.5,
            0.125,
            "certified",
            None,
            4.0,
            1.0,
            True,
            "q",
            sense="minimize",
        ),
        ComparisonRow(
            "a",
            "embedding",
            "gaussian",
            False,
            0.75,
            0.125,
            "certified",
            None,
            6.0,
            1.0,
            False,
            "r",
            0.0042,
            9,
            sense="minimize",
        ),
        ComparisonRow("b", "maxcut", "lemma", False, 3, 4, "certified", 3.5, 0.75, 1.0, True, "p"),
        ComparisonRow("b", "maxcut", "greedy", False, 2, 4, "certified", 3.5, 0.5, 1.0, True, "q"),
    ]
    text = comparison_table(rows)
    assert "0.25 *" in text
    assert "0.5 *" not in text
    assert "0.750 +- 0.004" in text
    assert "3 *" in text
    assert "2 *" not in text


@pytest.fixture
def points(tmp_path):
    file = tmp_path / "points.npy"
    np.save(file, CLOUDS["normal"])
    return str(file)


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["compare", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_the_verb_prints_the_rows_of_the_function(points, tmp_path):
    table = tmp_path / "points.csv"
    np.savetxt(table, CLOUDS["normal"], delimiter=",", fmt="%.17g")
    archive = tmp_path / "points.npz"
    np.savez(archive, X=CLOUDS["normal"])
    arguments = (
        "-k",
        "4",
        "--methods",
        "lemma,gaussian,pca",
        "--draws",
        "12",
        "--rng",
        "0",
        "--format",
        "json",
    )
    found = json.loads(run(points, str(table), str(archive), *arguments).stdout)
    expected = timeless(compared({points: CLOUDS["normal"]}, methods=["lemma", "gaussian", "pca"]))
    for start, name in zip((0, 3, 6), (points, str(table), str(archive)), strict=True):
        part = [{**row, "seconds": None} for row in found[start : start + 3]]
        assert part == [{**row.to_dict(), "instance": name} for row in expected]
    assert {"instance", "method", "value", "bound", "ratio", "seconds", "deterministic", "guarantee"} <= set(
        found[0]
    )


def test_the_verb_prints_a_table_and_defaults_to_all_methods(points):
    text = run(points, "-k", "4", "--draws", "5").stdout
    assert all(f" {name} " in text for name in EMBEDDING)
    assert "measurement of all pairs" in text
    assert "relaxation" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-k", "4", "--duality-gap", "1e-3"], "--duality-gap is for graphs"),
        (["-k", "4", "--unweighted"], "--unweighted is for graphs"),
        (["-k", "4", "--input-format", "gml"], "--input-format is for graphs"),
        (["-k", "4", "--both"], "no local search"),
        (["-k", "4", "--local-search"], "no local search"),
        (["-k", "4", "--methods", "greedy"], "methods='greedy' is not one of"),
        (["-k", "4", "--methods", ","], "name at least one method"),
        (["no-such.npy", "-k", "4"], "no-such.npy: no such file"),
        (["--methods", "pca"], "methods='pca' is not one of"),
    ],
)
def test_bad_input_is_one_line(points, arguments, message):
    result = run(points, *arguments, code=2)
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_help_names_every_method():
    words = " ".join(run("--help").stdout.split())
    assert all(f"{name}," in words or f"{name};" in words for name in EMBEDDING)


def test_a_picture_of_distortions(tmp_path):
    pytest.importorskip("matplotlib")
    from derandkit.plots.comparison import plot_comparison

    X = np.sin(np.arange(200.0) ** 2).reshape(20, 10)
    rows = compare({"waves": X}, problem="embedding", n_components=3, methods=["lemma", "pca", "gaussian"])
    figure = plot_comparison(rows, tmp_path / "rows.png")
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "value / lower bound"
    assert (tmp_path / "rows.png").stat().st_size > 1000
