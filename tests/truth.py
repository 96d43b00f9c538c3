"""What a reader takes from a record, compared with the truth: enumeration, exact fractions, textbook formulas.

Nothing here looks at a proof. `lies` lists the statements of a record that are false about its instance; an empty list
says that whoever believes the record believes nothing false. Figures that a record states in floating point may be off
by `ROUNDING` of the size of the instance.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
from fractions import Fraction

import numpy as np
from tests.oracles import all_signs, brute_force_maxcut
from tests.second import whole_table
from tests.truth_triangles import need_triangles

from derandkit.models.clauses import Clauses
from derandkit.records import decode_array

ROUNDING = 1e-9
WORDS = {
    status: status.replace("_", " ") + ":"
    for status in (
        "optimal",
        "solved",
        "bound_tested",
        "bound_estimated",
        "interrupted",
        "gap_not_reached",
        "duality_gap_not_reached",
    )
}


def same_label(one, other):
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@functools.lru_cache(maxsize=4096)
def optimum(graph):
    return brute_force_maxcut(graph)[0]


def weight(graph, sides):
    i, j, w = graph.edges()
    return sum(
        (Fraction(x) for a, b, x in zip(i, j, w.tolist(), strict=True) if sides[a] != sides[b]), Fraction(0)
    )


def is_number(claim, exact):
    """Whether a claim is this number: an integer where it is one (and is stated as one), else the closest float."""
    if type(claim) is int:
        return claim == exact
    return type(claim) is float and claim == float(exact)


class Lies:
    """A list of false statements, filled by `need`."""

    def __init__(self):
        self.found = []

    def need(self, name, holds):
        if not holds:
            self.found.append(name)


def sides_of(record, graph):
    """Return the sides that the two lists of a partition say; every vertex has to be in one of them."""
    left, right = record["partition"]
    texts = {
        json.dumps(json.loads(json.dumps(label)), sort_keys=True): k for k, label in enumerate(graph.labels)
    }
    sides = [None] * graph.n
    for side, labels in enumerate((left, right)):
        for label in labels:
            sides[texts[json.dumps(label, sort_keys=True)]] = side
    if None in sides or len(left) + len(right) != graph.n:
        raise ValueError("the lists are no partition")
    return sides


def figures_of_a_cut(lies, record, sides, graph, best):
    """Cut, bound, gap, optimality and status, as a reader takes them."""
    exact = weight(graph, sides)
    upper, cut = record["upper_bound"], record["cut_value"]
    state = record["bound_status"]
    certified = state == "certified"
    lies.need("cut_value", is_number(cut, exact))
    lies.need("bound_status", state in ("certified", "tested", "estimated"))
    lies.need(
        "upper_bound", type(upper) in (int, float) and upper >= (exact if state == "estimated" else best)
    )
    size = max(abs(upper), abs(cut))
    lies.need(
        "gap",
        abs(record["gap"] - ((Fraction(upper) - Fraction(cut)) / Fraction(size) if size else 0)) <= ROUNDING,
    )
    optimal = record["proven_optimal"]
    lies.need("proven_optimal", type(optimal) is bool and (not optimal or (certified and exact == best)))
    status = record["status"]
    lies.need("status", record["message"].startswith(WORDS[status]) and (status == "optimal") == optimal)
    lies.need("status", (status in ("bound_tested", "bound_estimated")) <= (status == f"bound_{state}"))
    lies.need("status", state != "estimated" or status in ("bound_estimated", "interrupted"))
    lies.need("status", state != "tested" or status not in ("optimal", "solved"))


def lies_about_a_cut(record, graph):
    """Return what the record of a cut says that is false."""
    lies, chain, i, j, w = Lies(), record["chain"], *graph.edges()
    sides = sides_of(record, graph)
    size = float(np.abs(w).sum()) or 1.0
    figures_of_a_cut(lies, record, sides, graph, optimum(graph))
    about = record["graph"]
    lies.need("graph", (about["n"], about["m"], about["digest"]) == (graph.n, graph.m, graph.digest))
    lies.need("graph", type(about["n"]) is int and is_number(about["total_weight"], weight_of_all(graph)))
    dual = chain.get("dual_bound", chain.get("upper_bound"))
    lies.need("dual_bound", record["bound"]["dual_status"] == "estimated" or dual >= optimum(graph))
    tree = record["bound"]["proof_bound"]
    lies.need("proof_bound", tree is None or tree >= optimum(graph))
    lies.need("chain.cut_value", chain["cut_value"] == record["cut_value"])
    lies.need("chain.derandomized_cut", chain["derandomized_cut"] <= chain["cut_value"])
    lies.need("chain.final", chain["derandomized_cut"] >= chain["final_expectation"] - ROUNDING * size)
    stored = record["certificate"]["vectors"]
    if stored is not None:
        V = decode_array(stored)
        V = V / np.maximum(np.linalg.norm(V, axis=1), 1e-300)[:, None]
        cosine = np.clip((V[i] * V[j]).sum(axis=1), -1, 1)
        value, start = float(w @ (1 - cosine)) / 2, float(w @ np.arccos(cosine)) / math.pi
        lies.need("sdp_value", abs(chain["sdp_value"] - value) <= 1e-6 * size)
        lies.need("start_expectation", abs(chain["start_expectation"] - start) <= 1e-6 * size)
        lies.need("chain.start", chain["final_expectation"] >= chain["start_expectation"] - ROUNDING * size)
        lies.need("chain.dual", dual >= chain["sdp_value"] - ROUNDING * size)
        below = float(w[w < 0].sum())
        promise = below + 0.87856 * (value - below)
        lies.need("guarantee", abs(record["guarantee"]["value"] - promise) <= 1e-6 * size)
        lies.need(
            "guarantee", record["guarantee"]["holds"] is True and record["guarantee"]["ratio"] == 0.87856
        )
    mean, tau = decode_array(record["certificate"]["mean"]), record["certificate"]["smoothing"]
    side = np.array([math.erf(m / tau / math.sqrt(2)) for m in mean])
    final = float(w @ (1 - side[i] * side[j])) / 2
    lies.need("final_expectation", abs(chain["final_expectation"] - final) <= 1e-8 * size)
    asked, met = (record["relaxation"].get(k, record["relaxation"].get(old)) for k, old in
                  (("duality_gap", "gap"), ("duality_gap_reached", "gap_reached")))  # fmt: skip
    near = dual - chain["sdp_value"] <= asked * max(abs(dual), 1e-9 * size) * (1 + 1e-6)
    lies.need("duality_gap", type(met) is bool and (not met or near))
    return lies.found


def weight_of_all(graph):
    return sum((Fraction(x) for x in graph.edges()[2].tolist()), Fraction(0))


def obeys(record, graph, sides):
    place = {json.dumps(label): k for k, label in enumerate(graph.labels)}
    vertex = lambda label: place[json.dumps(label)]  # noqa: E731
    return all(sides[vertex(label)] == side for label, side in record["constraints"]["fixed"]) and all(
        (sides[vertex(u)] != sides[vertex(v)]) == (how == "opposite")
        for u, v, how in record["constraints"]["pairs"]
    )


def lies_about_constraints(record, graph):
    """Return what the record of a cut under constraints says that is false."""
    lies, sides = Lies(), sides_of(record, graph)
    both = [[int(s < 0) for s in row] for row in all_signs(graph.n)]
    allowed = [row for row in (*both, *([1 - s for s in row] for row in both)) if obeys(record, graph, row)]
    figures_of_a_cut(lies, record, sides, graph, max(weight(graph, row) for row in allowed))
    lies.need("constraints", obeys(record, graph, sides))
    lies.need("graph", record["graph"]["digest"] == graph.digest and record["graph"]["n"] == graph.n)
    return lies.found


def lies_about_several(record, graph):
    """Return what the record of several cuts says that is false."""
    lies, best, seen, last = Lies(), record["best"], set(), math.inf
    for cut in record["cuts"]:
        value = cut["cut_value"]
        lies.need("cuts", len(cut["sides"]) == graph.n and is_number(value, weight(graph, cut["sides"])))
        lies.need("order", value <= last)
        lies.need(
            "twice", frozenset((cut["sides"], cut["sides"].translate(str.maketrans("+-", "-+")))) not in seen
        )
        seen.add(frozenset((cut["sides"], cut["sides"].translate(str.maketrans("+-", "-+")))))
        last = value
        if "constraints" in best:
            lies.need("constraints", obeys(best, graph, [int(s == "-") for s in cut["sides"]]))
    lies.need("best", record["cuts"][0]["cut_value"] == best["cut_value"])
    inner = lies_about_constraints if "constraints" in best else lies_about_a_cut
    return lies.found + inner(best, graph)


# --- points -------------------------------------------------------------------------------------------------------
def exact_ratios(points, matrix):
    """Return ``|A (x - y)|^2 / |x - y|^2`` of every pair of different points, as fractions."""
    table = list(dict.fromkeys(tuple(map(float, row)) for row in points))
    exact = [[Fraction(x) for x in row] for row in table]
    images = [
        [sum(Fraction(a) * x for a, x in zip(row, point, strict=True)) for row in matrix] for point in exact
    ]
    found = []
    for p, q in itertools.combinations(range(len(table)), 2):
        square = sum((x - y) ** 2 for x, y in zip(exact[p], exact[q], strict=True))
        found.append(sum((x - y) ** 2 for x, y in zip(images[p], images[q], strict=True)) / square)
    return found


def lies_about_an_embedding(record, points):
    """Return what the record of an embedding says that is false; for points none of which nearly coincide."""
    lies, A = Lies(), decode_array(record["matrix"])
    offs = sorted(abs(r - 1) for r in exact_ratios(points.tolist(), A.tolist()))
    worst, margin, k = offs[-1], Fraction(record["margin"]), A.shape[0]
    certified = record["chain"]["certified_distortion"]
    lies.need("n_components", record["n_components"] == k and type(record["n_components"]) is int)
    lies.need("margin", 0 <= margin <= Fraction(1, 10**5))
    lies.need("distortion", abs(record["distortion"] - worst) <= margin + Fraction(1, 2**50))
    lies.need(
        "certified_distortion", worst <= certified <= record["distortion"] + margin + Fraction(1, 2**50)
    )
    lies.need("chain.distortion", record["chain"]["distortion"] == record["distortion"])
    ratios = [float(r) for r in exact_ratios(points.tolist(), A.tolist())]
    scaled = (max(ratios) - min(ratios)) / (max(ratios) + min(ratios)) if max(ratios) else 1.0
    lies.need("scaled_distortion", abs(record["scaled_distortion"] - scaled) <= margin + Fraction(1e-12))
    bound = spectral_bound(np.array(list(dict.fromkeys(map(tuple, points.tolist())))), k)
    lies.need("lower_bound", record["lower_bound"] <= bound * (1 + 1e-9) + 1e-12)
    lies.need("lower_bound", record["chain"]["lower_bound"] == record["lower_bound"])
    for name, level in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        own = float(offs[math.ceil(level * len(offs)) - 1])
        lies.need(name, own - 1e-6 <= record["quantiles"][name] <= own * 1.003 + 1e-6)
    lies.need("mean", abs(record["quantiles"]["mean"] - float(sum(offs) / len(offs))) <= 1e-6)
    lies.need("pairs", record["points"]["pairs"] == len(offs) and record["points"]["coincident"] == 0)
    lies.need("points", (record["points"]["n"], record["points"]["d"]) == points.shape)
    lies.need("points", record["points"]["dtype"] == str(points.dtype))
    for which, own in (("smallest", 0), ("largest", -1)):
        singular = np.sort(np.linalg.svd(A, compute_uv=False)) ** 2
        true = singular[own] if own or A.shape[0] >= A.shape[1] else 0.0
        claim = record["stretch"]["space"][which]
        lies.need("stretch", abs(claim - true) <= 1e-4 * singular[-1])
        lies.need(
            "stretch", (claim <= true + 1e-9 * singular[-1]) if own == 0 else (claim >= true * (1 - 1e-9))
        )
    status, promise = record["status"], record["guarantee"]
    flat = (
        certified <= 2.0**-26
        and np.linalg.matrix_rank(points - points.mean(axis=0)) <= record["n_components"]
    )
    lies.need("status", record["message"].startswith(status) and (status != "isometry" or flat))
    mean = record["mean"]
    lies.need("objective", (record["objective"] == "max") == (mean is None))
    if mean is None:
        lies.need(
            "status", status != "guaranteed" or (promise["applies"] is True and certified <= promise["eps"])
        )
    else:
        table = np.array(list(dict.fromkeys(map(tuple, points.tolist()))))
        weights = np.ones(len(table)) if mean["weights"] is None else decode_array(mean["weights"])
        i, j = np.triu_indices(len(table), 1)
        V, q, p = table[i] - table[j], weights[i] * weights[j], mean["power"]
        offs_p = np.abs(np.sum((V @ A.T) ** 2, axis=1) / np.sum(V * V, axis=1) - 1.0) ** p
        root = float((np.sum(q * offs_p) / q.sum()) ** (1 / p))
        promised = (2 / k if p == 2 else 12 / k**2 + 48 / k**3) ** (1 / p)
        lies.need("mean", p == {"mean": 2, "mean4": 4}.get(record["objective"]))
        lies.need("mean.weights", weights.min() >= 0 and weights.max() == 1 and len(weights) == len(table))
        lies.need("mean.value", abs(mean["value"] - root) <= 1e-6 * (1 + root))
        lies.need("mean.certified", root * (1 - 1e-12) <= mean["certified"] <= root + 1e-5)
        lies.need("mean.promised", abs(mean["promised"] - promised) <= 1e-12)
        lies.need("mean.lower_bound", mean["lower_bound"] <= root)
        lies.need("status", status != "guaranteed" or mean["certified"] <= mean["promised"])
    pairs = math.comb(len(set(map(tuple, points.tolist()))), 2)
    if promise["applies"]:
        lies.need("guarantee", log_failures(pairs, k, promise["eps"]) <= 1e-9)
    lies.need("guarantee", log_failures(pairs, promise["smallest_dimension"], 1 - 1e-9) <= 1e-9)
    return lies.found


def log_failures(pairs, k, eps):
    """Logarithm of the Chernoff bound on the expected number of pairs that a Gaussian map stretches too far."""
    upper = -0.5 * k * (eps - math.log1p(eps))
    lower = 0.5 * k * (eps * (1 - eps) / (1 + eps) - math.log1p(eps / (1 + eps)))
    return math.log(pairs) + float(np.logaddexp(upper, lower))


def spectral_bound(X, k):
    """No map to k dimensions has a smaller distortion: Mirsky's inequality, and trace against norm."""
    X = X - X.mean(axis=0)
    values = np.sort(np.linalg.eigvalsh(X.T @ X))[::-1]
    squares = ((X[:, None] - X[None]) ** 2).sum(axis=2)
    length = float(np.sqrt((squares**2).sum()))
    tail, root = float(np.sqrt((values[k:] ** 2).sum())), math.sqrt(k)
    second = (values.sum() - root * np.sqrt((values**2).sum())) / (values.sum() + root * length / 2)
    return max(2 * tail / length, float(second), 0.0)


def kernel_of_features(record, squares):
    """The kernel by scikit-learn's classes, at squared distances."""
    from sklearn.gaussian_process.kernels import RBF, Matern, RationalQuadratic

    length = float(np.sqrt(0.5 / record["gamma"]))
    kernel = {
        "gaussian": lambda: RBF(length),
        "matern": lambda: Matern(length, nu=record["nu"]),
        "rational_quadratic": lambda: RationalQuadratic(length, record["alpha"]),
    }[record["kernel"]]()
    return kernel(np.sqrt(squares).reshape(-1, 1), np.zeros((1, 1))).reshape(squares.shape)


def lies_about_features(record, points):
    """Return what the record of random Fourier features says that is false; everything in double precision."""
    lies, W = Lies(), decode_array(record["frequencies"])
    X = np.array(list(dict.fromkeys(map(tuple, points.tolist()))))
    i, j = np.triu_indices(len(X), 1)
    V, D = X[i] - X[j], len(W)
    kernel, doubled = (kernel_of_features(record, f * f * np.sum(V * V, axis=1)) for f in (1, 2))
    errors = np.abs(np.cos(V @ W.T).mean(axis=1) - kernel)
    rms = float(np.sqrt(np.mean(errors**2)))
    promised = float(np.sqrt(np.mean(1 + doubled - 2 * kernel**2) / (2 * D)))
    chain, status = record["chain"], record["status"]
    lies.need("n_features", record["n_features"] == 2 * D)
    lies.need("nu", (record["nu"] is not None) == (record["kernel"] == "matern"))
    lies.need("alpha", (record["alpha"] is not None) == (record["kernel"] == "rational_quadratic"))
    lies.need("margin", 0 <= record["margin"] <= 1e-9)
    lies.need("rms", abs(record["rms"] - rms) <= record["margin"] + 1e-12)
    lies.need("max_error", abs(record["max_error"] - errors.max()) <= record["margin"] + 1e-12)
    lies.need("promised", abs(record["promised"] - promised) <= 1e-12)
    K = kernel_of_features(record, ((X[:, None] - X[None]) ** 2).sum(axis=2))
    tail = np.sort(np.linalg.eigvalsh(K))[::-1][2 * D :]
    bound = float(np.sqrt((tail**2).sum() / (len(X) * (len(X) - 1))))
    lies.need("lower_bound", record["lower_bound"] <= bound + 1e-12)
    lies.need("certified_rms", rms - 1e-12 <= chain["certified_rms"] <= rms + 1e-9)
    lies.need("output", rms - 1e-12 <= record["output"]["certified_rms"] <= rms + 1e-6)
    lies.need("output", record["output"]["dtype"] == str(points.dtype))
    for name in ("lower_bound", "rms", "promised"):
        lies.need("chain", chain[name] == record[name])
    lies.need("points", (record["points"]["n"], record["points"]["d"]) == points.shape)
    lies.need("pairs", record["points"]["pairs"] == len(errors))
    lies.need("duplicates", record["points"]["duplicates"] == len(points) - len(X))
    lies.need("status", record["message"].startswith(status))
    lies.need("status", status != "guaranteed" or rms <= promised + 1e-12)
    return lies.found


# --- signs --------------------------------------------------------------------------------------------------------
def lies_about_signs(record, instance):
    """Return what the record of a problem of signs says that is false."""
    lies, values, low = Lies(), record["values"], -1 if record["vartype"] == "spin" else 0
    best = best_value(instance, low, record["sense"], given(record, instance))
    exact, sign = (
        instance.exact_value(np.array(values, dtype=np.int8)),
        1 if record["sense"] == "maximize" else -1,
    )
    lies.need("values", all(type(x) is int and x in (low, 1) for x in values) and len(values) == instance.n)
    lies.need("value", is_number(record["value"], exact))
    certified = record["bound_status"] == "certified"
    estimated = record["bound_status"] == "estimated"
    lies.need("bound", sign * record["bound"] >= sign * (exact if estimated else best))
    lies.need("proven_optimal", not record["proven_optimal"] or (certified and exact == best))
    lies.need("status", (record["status"] == "optimal") == record["proven_optimal"])
    lies.need("status", not estimated or record["status"] in ("bound_estimated", "interrupted"))
    lies.need("message", record["message"].startswith(WORDS[record["status"]]))
    lies.need(
        "gap",
        abs(record["gap"] - abs(record["bound"] - record["value"])) <= ROUNDING * (1 + abs(record["bound"])),
    )
    lies.need(
        "relative_gap",
        abs(record["relative_gap"] * record["spread"] - record["gap"]) <= ROUNDING * (1 + record["gap"]),
    )
    lies.need("labels", same_label(record["labels"], json.loads(json.dumps(list(instance.labels)))))
    lies.need("sense", record["sense"] == getattr(instance, "sense", record["sense"]))
    if isinstance(instance, Clauses):
        missed = np.flatnonzero(~instance.satisfied(values)).tolist()
        soft = [k for k in missed if not instance.hard[k]]
        lies.need("violated", record["figures"]["violated"] == soft)
        lies.need(
            "hard_violated", record["figures"]["hard_violated"] == [k for k in missed if instance.hard[k]]
        )
    if "triangles" in record:
        need_triangles(lies, record, instance, best)
    return lies.found


@functools.lru_cache(maxsize=64)
def best_value(instance, low, sense, fixed=()):
    choose = max if sense == "maximize" else min
    every = itertools.product([low, 1], repeat=instance.n)
    allowed = (x for x in every if all((x[k] == low) == lowered for k, lowered in fixed))
    return choose(instance.exact_value(np.array(x, dtype=np.int8)) for x in allowed)


def given(record, instance):
    """Return (variable, whether it is low) of what a record fixes: vertices beside that of the constant, the last."""
    place = {json.dumps(label): k for k, label in enumerate(json.loads(json.dumps(list(instance.labels))))}
    fixed = record["cut"].get("constraints", {"fixed": []})["fixed"]
    sides = {place.get(json.dumps(label)): side for label, side in fixed}
    constant = sides.pop(None, 0)
    return tuple((k, side != constant) for k, side in sides.items())


LIARS = {
    "derandkit-maxcut": lies_about_a_cut,
    "derandkit-constrained-cut": lies_about_constraints,
    "derandkit-ranked-cuts": lies_about_several,
    "derandkit-embedding": lies_about_an_embedding,
    "derandkit-features": lies_about_features,
    "derandkit-quadratic": lies_about_signs,
}


def lies(record, instance):
    """Return the names of the statements that are false."""
    if record["schema"] in ("derandkit-embedding", "derandkit-features"):
        instance = whole_table(instance)
    return LIARS[record["schema"]](record, instance)
