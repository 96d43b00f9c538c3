"""Clauses as PySAT and pandas hold them: read as the files that PySAT writes of them, or refused with a way out."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

import derandkit as dk
from derandkit.errors import InputError

pd = pytest.importorskip("pandas")
SOFT, WGHT, HARD = [[-1], [2, -3], [-2]], [3, 1, 2], [[1, 2], [3]]


def wcnf(**changes: object) -> SimpleNamespace:
    """Return what has the attributes of a WCNF."""
    return SimpleNamespace(**{"nv": 4, "soft": SOFT, "wght": WGHT, "hard": HARD, "topw": 7, **changes})


def test_a_weighted_formula_is_the_file_that_is_written_of_it(tmp_path) -> None:
    file = tmp_path / "f.wcnf"
    lines = ["3 -1 0", "1 2 -3 0", "2 -2 0", "7 1 2 0", "7 3 0"]
    file.write_text("\n".join(["p wcnf 4 5 7", *lines, ""]))
    for given in (wcnf(), wcnf(wght=[Decimal(3), 1, 2.0]), wcnf(atms=[])):
        assert dk.Clauses.from_clauses(given).digest == dk.read_clauses(file).digest
    answer = dk.max2sat(wcnf())
    assert answer.figures["hard_violated"] == []
    assert dk.verify(answer, wcnf()).ok
    assert dk.verify(answer, file).ok


def test_a_plain_formula_is_of_soft_clauses_of_weight_one(tmp_path) -> None:
    file = tmp_path / "f.cnf"
    file.write_text("p cnf 3 3\n1 -2 0\n2 0\n-1 0\n")
    given = SimpleNamespace(nv=3, clauses=[[1, -2], [2], [-1]])
    assert dk.Clauses.from_clauses(given).digest == dk.read_clauses(file).digest
    assert dk.Clauses.from_clauses(given, weights=[1, 2, 3], hard=[0]).soft_weight == 5


@pytest.mark.parametrize(("given", "more", "words"), [
    (wcnf(), {"weights": [1, 2, 3]}, "leave out weights and hard"),
    (wcnf(), {"hard": [0]}, "leave out weights and hard"),
    (wcnf(wght=[1]), {}, "1 weights for 3 soft clauses"),
    (wcnf(atms=[[[1, 2], 1]]), {}, "bounds how many literals are true"),
    (SimpleNamespace(nv=2, clauses=[[1, 2]], atmosts=[[[1, 2], 1]]), {}, "bounds how many literals are true"),
    (wcnf(soft=[[1, 2, 3]], wght=[1]), {}, "MAX-2SAT takes one or two"),
    (wcnf(nv=2), {}, "name variable 3, but there are 2"),
    (SimpleNamespace(clauses=[[1]]), {}, "a sequence is needed"),
])  # fmt: skip
def test_what_is_no_weighted_clauses_is_refused(given, more, words) -> None:
    with pytest.raises(InputError, match=words):
        dk.max2sat(given, **more)


def test_a_frame_says_how_its_rows_are_passed() -> None:
    frame = pd.DataFrame({"l1": [1, 2], "l2": [-2, 3], "w": [1, 5]})
    with pytest.raises(InputError, match="the clauses are a frame; pass its rows") as caught:
        dk.max2sat(frame)
    rows = eval(
        str(caught.value).partition("such as ")[2].partition(",  ")[0].partition(", and")[0], {"frame": frame}
    )
    assert dk.max2sat(rows, weights=frame["w"]).figures["satisfied_weight"] == 6


def test_sparse_inputs_of_a_regression_say_how_they_are_passed() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    for made in (sparse.csr_matrix, sparse.coo_array):
        X = made([[k % 6, 0.0] for k in range(12)])
        y = [0.5 * (k % 3) for k in range(12)]
        with pytest.raises(InputError, match=r"a sparse table; pass X.toarray\(\)"):
            dk.RegressionData(X, y)
        assert dk.RegressionData(X.toarray(), y).X.shape == (12, 2)
