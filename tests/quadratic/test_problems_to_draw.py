"""Pictures, pages and samplers take a problem as the solver and the check do."""

import networkx as nx
import pytest

import derandkit
from derandkit.errors import InputError

Q = {("x", "x"): -3, ("x", "y"): 2, ("y", "z"): -2}
PROBLEMS = {
    "qubo": (derandkit.minimize_qubo, Q),
    "ising": (lambda given: derandkit.minimize_ising(*given), ({"a": 1}, {("a", "b"): -2, ("b", "c"): 1})),
    "max2sat": (derandkit.max2sat, [(1, 2), (-1, 2), (1, -2)]),
    "maxdicut": (derandkit.maxdicut, nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")])),
    "balance": (derandkit.frustration, [("a", "b", 1), ("b", "c", 1), ("a", "c", -1)]),
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_pictures_and_pages_take_what_the_solver_takes(tmp_path, kind):
    pytest.importorskip("matplotlib")
    solve, given = PROBLEMS[kind]
    result = solve(given)
    assert derandkit.verify(result, given).ok
    assert derandkit.plot_quadratic(result, given).axes[0].get_title()
    page = tmp_path / "r.html"
    derandkit.write_report(result, page, given)
    assert "<svg" in page.read_text(encoding="utf-8") or "<img" in page.read_text(encoding="utf-8")


def test_another_problem_is_refused():
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match="about another problem"):
        derandkit.plot_quadratic(derandkit.minimize_qubo(Q), {**Q, ("x", "x"): -4})


def test_what_is_no_result_is_named(tmp_path):
    pytest.importorskip("matplotlib")
    G = nx.petersen_graph()
    result = derandkit.maxcut(G)
    with pytest.raises(InputError, match="in this order; the result is a Graph"):
        derandkit.plot_cut(result, G)
    norm = derandkit.cut_norm([[1.0, -2.0], [0.5, 1.0]])
    with pytest.raises(InputError, match=r"no report of a CutNorm; of one that has a result, pass \.result"):
        derandkit.write_report(norm, tmp_path / "r.html")


@pytest.mark.parametrize(
    "names", ["abc", "xyz", "stu", "vwx", ["x0", "x1", "x2"], [("x", 0), ("x", 1), ("x", 2)]]
)
def test_a_sampler_reads_several_times_whatever_variables_are_called(names):
    pytest.importorskip("dimod")
    from derandkit.dimod import DerandkitSampler

    one, two, three = names
    coefficients = {(one, one): -3, (one, two): 2, (two, three): -2}
    found = DerandkitSampler().sample_qubo(coefficients, num_reads=3)
    assert len(found) == 3
    assert found.first.energy == derandkit.minimize_qubo(coefficients).value
