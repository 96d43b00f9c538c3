"""Results of quadratic problems that are loaded again: labels come back with the model, tuples without it."""

import datetime
import enum
import pathlib

import dimod
import networkx as nx
import pandas as pd
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit.graphs.label_json import ForeignLabel


class Room(enum.Enum):
    """Labels that a record holds by their text alone."""

    HALL = 1
    ATTIC = 2
    CELLAR = 3


FOREIGN = {
    "enumeration": tuple(Room),
    "paths": tuple(map(pathlib.PurePosixPath, "abc")),
    "timestamps": tuple(pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])),
}
PLAIN = {
    "tuples": ((1, 2), (3, "a"), (1, (2, 3))),
    "dates": (datetime.date(2020, 1, 1), b"x", frozenset({1, 2})),
}


def problems(labels):
    """Each kind of problem on three labels: its result, and what its function took."""
    x, y, z = labels
    Q = {(x, x): -1, (x, y): 2, (y, z): -3}
    h, J = {x: 1.0, y: -2}, {(x, y): 1, (y, z): -1}
    bqm = dimod.BinaryQuadraticModel({x: 1}, {(x, y): 2, (y, z): -3}, "BINARY")
    D = nx.DiGraph([(x, y), (y, z), (z, x)])
    G = nx.Graph([(x, y, {"weight": 1}), (y, z, {"weight": -1}), (x, z, {"weight": 1})])
    return {
        "qubo": (dk.minimize_qubo(Q), Q),
        "fixed": (dk.minimize_qubo(Q, fixed={x: 1}), Q),
        "ising": (dk.minimize_ising(h, J), (h, J)),
        "dimod": (dk.minimize_qubo(bqm), bqm),
        "maxdicut": (dk.maxdicut(D), D),
        "balance": (dk.frustration(G), G),
    }


@pytest.mark.parametrize("kind", [*FOREIGN, *PLAIN])
def test_labels_come_back(tmp_path, kind):
    for name, (result, problem) in problems({**FOREIGN, **PLAIN}[kind]).items():
        file = tmp_path / f"{name}.json"
        result.save(file)
        alone, again = dk.load(file), dk.load(file, problem)
        assert again.solution == result.solution
        assert [type(label) for label in again.labels] == [type(label) for label in result.labels]
        assert again == result == alone
        assert again.cut.cut_edges() == result.cut.cut_edges()
        foreign = any(isinstance(label, ForeignLabel) for label in alone.labels)
        assert foreign == (kind in FOREIGN)
        assert (alone.solution == result.solution) != foreign
        assert dk.verify(file, problem).ok


def test_clauses_and_files(tmp_path):
    clauses = [(1, 2), (-1, 3), (-2, -3)]
    result, file = dk.max2sat(clauses), tmp_path / "sat.json"
    result.save(file)
    assert dk.load(file, clauses).solution == result.solution
    assert "another instance" in refused(dk.load, file, [(1, 2)])
    model = tmp_path / "model.txt"
    model.write_text("p qubo 0 2 1 1\n0 0 -1\n0 1 2\n")
    best = dk.optimize(dk.read_model(model).model)
    best.save(file)
    assert dk.load(file, model).solution == best.solution
    assert "cannot read coefficients from int" in refused(dk.load, file, 5)


def test_other_records_take_no_instance(tmp_path):
    file = tmp_path / "points.json"
    dk.embed([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], n_components=1).save(file)
    assert "takes no instance" in refused(dk.load, file, [[0.0, 1.0]])
