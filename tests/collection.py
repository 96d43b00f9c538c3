"""Records of every kind that is checked, each with its instance: what forgers and fuzzers begin with."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
from fractions import Fraction
from unittest import mock

import networkx as nx
import numpy as np
import scipy.sparse as sp
from tests.catalogue import SHORT

import derandkit as dk
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proven_bound
from derandkit.graphs.files import as_graph
from derandkit.models.arcs import Arcs, SignedGraph
from derandkit.models.clauses import Clauses
from derandkit.models.model import QuadraticModel
from derandkit.numerics.rounding import float_above
from derandkit.points.cloud import PointCloud
from derandkit.records import sealed
from derandkit.signs.proofs.branching.cycle_cases import CaseTree
from derandkit.signs.proofs.incumbent import Incumbent
from derandkit.signs.rounding import exact_cut, upper_bound
from derandkit.status import CutStatus


def random_edges(n, share, seed, low=-4, high=6):
    numbers = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(n) for j in range(i) if numbers.random() < share] or [(1, 0)]
    weights = numbers.integers(low, high, len(pairs))
    return [(i, j, int(w)) for (i, j), w in zip(pairs, weights, strict=True)]


def reals(n, share, seed):
    numbers = np.random.default_rng(seed)
    return [(i, j, float(numbers.normal())) for i, j, _ in random_edges(n, share, seed)]


def dense(n, seed):
    numbers = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    return as_graph(
        [(int(a), int(b), int(w)) for a, b, w in zip(i, j, numbers.integers(1, 6, i.size), strict=True)]
    )


def plain_record(result):
    return json.loads(result.to_json())


def dual_name(record):
    """The name of the dual bound in a chain: it has changed between versions."""
    return "dual_bound" if "dual_bound" in record["chain"] else "upper_bound"


def with_proof(graph, record, proof, value, method):
    """Put a proof tree into the record of a cut, and all that follows from it."""
    record = copy.deepcopy(record)
    bound = record["bound"]
    dual = {"value": bound["dual_bound"], "status": bound["dual_status"], "method": bound["dual_method"]}
    best = upper_bound(graph, {**dual, "reason": bound["reason"]}, (value, method, "by the tree"))
    record["bound"], record["upper_bound"] = best.record, best.value
    record["bound_status"] = best.record["status"]
    record["certificate"] |= {"proof": proof, "derandomized_sides": record["certificate"]["sides"]}
    signs = np.array([1 if side == "+" else -1 for side in record["certificate"]["sides"]], dtype=np.int8)
    optimal = exact_cut(graph, signs) >= best.exact
    upper, cut = Fraction(best.value), Fraction(record["cut_value"])
    size = max(abs(upper), abs(cut))
    record |= {"gap": float((upper - cut) / size) if size else 0.0, "proven_optimal": optimal}
    if optimal:
        record |= {"status": "optimal", "message": CutStatus.OPTIMAL.value}
    return sealed(record)


def estimated(graph, record, share=1.5):
    """Call the bound an estimate: it is raised by a share of what is missing, so nothing refutes it."""
    record = copy.deepcopy(record)
    diagonal = [share * d + 1.0 for d in record["certificate"]["diagonal"]]
    weights = sum((Fraction(w) for w in graph.edges()[2].tolist()), Fraction(0))
    value = float_above((2 * weights + sum(map(Fraction, diagonal))) / 4)
    record["certificate"]["diagonal"] = diagonal
    record["chain"][dual_name(record)] = value
    dual = {"value": value, "status": "estimated", "method": "lanczos", "reason": "Lanczos steps"}
    best = upper_bound(graph, dual, None)
    record |= {
        "bound": best.record,
        "upper_bound": best.value,
        "bound_status": "estimated",
        "proven_optimal": False,
    }
    upper, cut = Fraction(best.value), Fraction(record["cut_value"])
    size = max(abs(upper), abs(cut))
    record["gap"] = float((upper - cut) / size) if size else 0.0
    record |= {"status": "bound_estimated", "message": CutStatus.BOUND_ESTIMATED.value}
    reached = "gap_reached" if "gap_reached" in record["relaxation"] else "duality_gap_reached"
    record["relaxation"][reached] = False
    return sealed(record)


def proven(graph, proof):
    """Return a record of a cut whose bound rests on a proof that branches."""
    value = proven_bound(ExactGraph.from_graph(graph), proof)
    return with_proof(graph, plain_record(dk.maxcut(graph, bound="sdp")), proof, value, "branching")


def three_cases():
    """A tree of three cases, each bounded by the positive weights of the contracted graph."""
    leaf = {"kind": "positive"}
    below = {"kind": "branch", "pair": [0, 2], "same": leaf, "opposite": leaf}
    return {"kind": "branch", "pair": [0, 1], "same": leaf, "opposite": below}


def stopping(progress):
    """Stop a run as Ctrl-C does."""
    raise KeyboardInterrupt


#: Where the two verifiers and the solver say how many entries of vectors a record has to keep.
KEPT_ENTRIES = ("derandkit.cuts.solve.WITNESS_LIMIT", "derandkit.certificates.cuts.witness.WITNESS_LIMIT")


def without_vectors():
    """Return (record, graph) where the vectors were left out; both verifiers take it within `as_if_large` only."""
    graph = as_graph(nx.petersen_graph())
    with as_if_large():
        return plain_record(dk.maxcut(graph, bound="sdp")), graph


@contextlib.contextmanager
def as_if_large():
    """Let records of small graphs leave their vectors out, as those of graphs with millions of entries do."""
    from tests.second import second

    with contextlib.ExitStack() as stack:
        for place in KEPT_ENTRIES:
            stack.enter_context(mock.patch(place, 0))
        stack.enter_context(mock.patch.object(second().evidence, "WITNESS", 0))
        yield


def tested(graph):
    """Return the record of a cut whose bound passed a test by coins, as where no factorisation is affordable."""
    with contextlib.ExitStack() as stack:
        for module in ("dual_bound", "semidefinite"):
            place = f"derandkit.signs.relaxation.{module}.choose_proof"
            stack.enter_context(mock.patch(place, return_value=(None, "too large")))
        return plain_record(dk.maxcut(graph, bound="sdp"))


def cut_records():
    """Yield (name, record, graph) for records of cuts with every kind of proof."""
    graphs = {
        "petersen": as_graph(nx.petersen_graph()),
        "signed": as_graph(random_edges(11, 0.5, 3)),
        "real": as_graph(reals(10, 0.6, 4)),
        "complete": as_graph(nx.complete_graph(7)),
        "grid": as_graph(nx.grid_2d_graph(3, 4)),
        "words": as_graph(list(zip("abccde", "bcadea", (1.5, -0.25, 2.0, 1.0, -3.5, 0.75), strict=True))),
        "sparse": as_graph(nx.gnp_random_graph(14, 0.5, seed=3)),
        "negative": as_graph([(0, 1, -1), (1, 2, -2), (0, 2, -1)]),
        "edge": as_graph([(0, 1, 3)]),
        "field": as_graph(list(zip("hhhhabcd", "abdebcde", (5, -4, 3, -6, -2, -1, -2, -1), strict=True))),
        "decided": as_graph(list(zip("hhaabccd", "abbcddee", (30, -30, 2, 1, -1, 3, 3, 3), strict=True))),
    }
    for name, graph in graphs.items():
        yield f"cut/{name}", plain_record(dk.maxcut(graph)), graph
    for name, options in {
        "signed": {"search": SHORT}, "sparse": {"search": SHORT, "bound": "cycle"}, "real": {"bound": "cycle"},
        "complete": {"bound": "best"}, "grid": {"bound": "best", "search": SHORT}, "words": {"method": "conditional"},
        "field": {"bound": "best"}, "decided": {"bound": "cycle"},
    }.items():  # fmt: skip
        record = plain_record(dk.maxcut(graphs[name], **options))
        chosen = ["search" if value is SHORT else value for value in options.values()]
        yield f"cut/{name}+{'+'.join(chosen)}", record, graphs[name]
    graph = dense(9, 2)
    tree = CaseTree(
        graph, Incumbent(graph, ExactGraph.from_graph(graph), None), lambda work: False, lambda bound: None
    )
    tree.go(None)
    yield "cut/cases", proven(graph, json.loads(json.dumps(tree.proof()))), graph
    early = dk.maxcut(graphs["sparse"], on_progress=stopping, on_interrupt="return")
    yield "cut/interrupted", plain_record(early), graphs["sparse"]
    for name in ("petersen", "real"):
        record = plain_record(dk.maxcut(graphs[name], bound="sdp"))
        yield f"cut/{name}+branch", proven(graphs[name], three_cases()), graphs[name]
        yield f"cut/{name}+estimated", estimated(graphs[name], record), graphs[name]
    yield "cut/tested", tested(graphs["sparse"]), graphs["sparse"]
    yield "cut/real+tested", tested(graphs["real"]), graphs["real"]
    for name, options in {
        "fixed": {"fixed": {0: 0, 3: 1}}, "pairs": {"pairs": [(1, 2, "same"), (4, 5, "opposite")]},
        "both": {"fixed": {0: 1}, "pairs": [(1, 2, "same")], "search": SHORT},
    }.items():  # fmt: skip
        yield f"constrained/{name}", plain_record(dk.maxcut(graphs["signed"], **options)), graphs["signed"]
    yield "constrained/real", plain_record(dk.maxcut(graphs["real"], fixed={0: 0, 1: 0})), graphs["real"]
    # the smaller graph has its first vertex on the other side, so that all sides are turned
    yield (
        "constrained/turned",
        plain_record(dk.maxcut(graphs["signed"], fixed={7: 0, 2: 1})),
        graphs["signed"],
    )
    yield "constrained/alone", plain_record(dk.maxcut(graphs["real"], fixed={4: 1})), graphs["real"]
    yield "ranked/plain", plain_record(dk.maxcut(graphs["signed"], solutions=4)), graphs["signed"]
    record = dk.maxcut(graphs["signed"], solutions=3, fixed={0: 0, 3: 1})
    yield "ranked/constrained", plain_record(record), graphs["signed"]


def sparse_points():
    """Return sparse points most of whose columns are empty: the solver and the checker leave these out."""
    points = np.zeros((8, 40))
    points[:, [1, 7, 22, 39]] = np.random.default_rng(6).standard_normal((8, 4))
    points[3, 22] = points[5, 1] = 0.0
    return sp.csr_array(points)


def as_points(points):
    """Return points as `verify` is given them: sparse ones as a cloud without the columns that are empty."""
    return PointCloud(points) if sp.issparse(points) else points


def point_records():
    """Yield (name, record, points) for records of embeddings and features."""
    numbers = np.random.default_rng(5)
    wide = numbers.standard_normal((40, 44))
    for name, points, options in (
        ("certified", numbers.standard_normal((24, 4)), {"n_components": 2}),
        ("single", numbers.standard_normal((12, 5)).astype(np.float32), {"n_components": 2}),
        ("isometry", numbers.standard_normal((9, 3)), {"n_components": 4}),
        ("promise", wide[:4, :17], {"n_components": 16}),
        ("duplicates", np.vstack([wide[:10, :5], wide[:2, :5]]), {"n_components": 2, "method": "minimax"}),
        ("offset", numbers.standard_normal((12, 4)) + 1e4, {"n_components": 2}),
        ("alone", wide[:6, :4], {"n_components": 2, "holdout": False}),
        ("mean", wide[:9, :4], {"n_components": 3, "objective": "mean", "holdout": False}),
        ("probability", wide[12:20, :4], {"n_components": 2, "method": "probability", "complement": "zero"}),
        (
            "conditional",
            wide[20:30, :4],
            {"n_components": 2, "method": "conditional", "new_points": "neighbours"},
        ),
        ("isometric", wide[10:19, :6], {"n_components": 2, "complement": "isometric"}),
        ("eps", wide[20:24, :17], {"eps": 0.95}),
        ("ridge", wide[24:33, :5], {"n_components": 2, "ridge": 0.1}),
        ("wide", wide[33:38, :30], {"n_components": 3}),
        ("sparse", sparse_points(), {"n_components": 2}),
        ("mean4", wide[6:12, :4], {"n_components": 2, "objective": "mean4", "pair_weights": range(1, 7)}),
    ):
        yield f"embedding/{name}", plain_record(dk.embed(points, **options)), as_points(points)
    for name, points, options in (
        ("plain", wide[:7, :3], {"n_features": 4}),
        ("single", wide[3:9, :2].astype(np.float32), {"n_features": 4, "gamma": 0.3}),
        ("repeated", np.vstack([wide[:4, :2], wide[:2, :2]]), {"n_features": 6, "method": "conditional"}),
        ("matern", wide[12:18, :3], {"n_features": 4, "kernel": "matern", "nu": 2.5}),
        ("wide", wide[2:7, 10:30], {"n_features": 4}),
        ("sparse", sparse_points(), {"n_features": 4}),
        ("rational", wide[18:24, :2], {"n_features": 4, "kernel": "rational_quadratic", "length_scale": 0.8}),
    ):
        yield f"features/{name}", plain_record(dk.random_features(points, **options)), as_points(points)


def sign_records():
    """Yield (name, record, instance) for the problems of signs and bits."""
    ising = QuadraticModel.from_ising({"a": 0.5, "b": -1}, {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 1})
    glass = QuadraticModel.from_ising({}, {(i, j): w for i, j, w in reals(8, 0.6, 2)})
    qubo = QuadraticModel.from_qubo({(0, 0): 3, (0, 1): -8, (1, 1): 1, (1, 2): 2.5, (2, 2): -1})
    clauses = Clauses.from_clauses(
        [(1, 2), (-1, 2), (1, -2), (-1, -2), (3,), (3, -1)], weights=[3, 1, 1, 1, 0.5, 2]
    )
    hard = Clauses.from_clauses([(1, 2), (-1, 2), (1, -2), (-2, 3), (-3,)], hard=[0, 4])
    arcs = Arcs.from_arcs([(1, 2, 1), (2, 3, 0.3), (3, 1, 1), (1, 3, 2), (3, 4, 0.1)])
    signed = SignedGraph(
        as_graph([("Ann", "Bob", 1), ("Bob", "Cem", 1), ("Ann", "Cem", -1), ("Cem", "Dan", -2)])
    )
    for name, instance in {
        "ising": ising, "glass": glass, "qubo": qubo, "max2sat": clauses, "hard": hard, "maxdicut": arcs,
        "balance": signed,
    }.items():  # fmt: skip
        yield f"signs/{name}", plain_record(dk.optimize(instance)), instance
    leaning = Clauses.from_clauses(
        [(1, 2), (-1, 3), (2, -3), (-2, 4), (1, -4), (3, 4), (-1, -3), (2, 5), (-5, 1)]
    )
    yield "signs/thresholds", plain_record(dk.optimize(leaning)), leaning
    yield "signs/given", plain_record(dk.optimize(qubo, fixed={0: 1}, start={0: 1, 1: 1, 2: 1})), qubo
    yield "signs/target", plain_record(dk.optimize(ising, target=-1.0)), ising
    yield "signs/off", plain_record(dk.optimize(leaning, fixed={3: 0, 1: 1})), leaning
    yield "signs/up", plain_record(dk.optimize(ising, fixed={"c": -1})), ising
    ones = dk.with_cardinality(qubo, 2)
    yield "signs/ones", plain_record(dk.optimize(ones)), ones
    table = np.random.default_rng(3).integers(-3, 4, (3, 3))
    norm = dk.cut_norm(table)
    yield "signs/norm", plain_record(norm.result), norm.model
    for name, instance in {"triangles": leaning, "triangles-arcs": arcs}.items():
        yield f"signs/{name}", plain_record(dk.optimize(instance, relaxation="triangles")), instance
    spins = dk.optimize(glass, search="quick", bound="best", method="conditional")
    yield "signs/searched", plain_record(spins), glass


@functools.cache
def collection():
    """Return name -> (record, instance) for all of these."""
    found = {}
    for source in (cut_records, point_records, sign_records):
        found |= {name: (record, instance) for name, record, instance in source()}
    return found
