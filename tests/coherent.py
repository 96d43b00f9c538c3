"""Records of cuts and quadratic problems with a changed proof, of which everything that can be added up agrees.

A prover who lies changes more than one number: a tree of cases loses a leaf, or counts one twice; a pair, a cycle or a
side is another one; numbers move from one multiplier to another, or all are on another scale. What the checker's own
arithmetic makes of such a tree is then the bound that the record claims; where the tree is refused, the claim is the
weight of a cut that is not the greatest, "proven optimal". Gap, status, partition, chain and seals follow from that, so
the checks that are left are those of the proof.
"""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import numpy as np
from tests.collection import with_proof
from tests.mutations import sealed_again
from tests.oracles import all_signs, exact_cut

import derandkit as dk
from derandkit.certificates.cuts.arithmetic import settled
from derandkit.certificates.proofs.exact import ExactGraph
from derandkit.certificates.proofs.trees import proof_methods, proven_bound
from derandkit.parts.cuts import FinalStationarity
from derandkit.quadratic.certify import certify
from derandkit.quadratic.problem import as_model
from derandkit.records import decode_array, encode_array
from derandkit.signs.models import as_graph
from derandkit.signs.values import expected_independent_cut, final_stationarity, guarantee_record
from derandkit.status import CutStatus, QuadraticStatus

CHILDREN = ("same", "opposite", "then", "tree")
#: Lists of numbers that name vertices or rows, and of numbers that are added up.
NAMES, AMOUNTS = (
    ("vertices", "pair", "rows", "lengths", "same", "opposite"),
    ("multipliers", "diagonal", "amounts"),
)


def nodes(value, path=()):
    """Yield (path, node) of every node of a proof, cases included."""
    yield path, value
    for name in CHILDREN:
        if isinstance(value.get(name), dict):
            yield from nodes(value[name], (*path, name))


def replaced_at(proof, path, new):
    """Return the proof with another node at a path; it is changed in place below the root."""
    if not path:
        return new
    parent = proof
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = new
    return proof


def listed(value):
    """Return a list or an encoded array of whole numbers as a list."""
    return [int(x) for x in decode_array(value).reshape(-1)] if isinstance(value, dict) else list(value)


def leaf_left_out(proof, nodes, pick):
    """Put one side of a case in place of the case."""
    path, node = pick([item for item in nodes if isinstance(item[1].get("opposite"), dict)])
    return replaced_at(proof, path, node[pick(["same", "opposite"])])


def case_twice(proof, nodes, pick):
    """Count one side of a case twice, and not the other."""
    _, node = pick([item for item in nodes if isinstance(item[1].get("opposite"), dict)])
    kept, lost = pick([("same", "opposite"), ("opposite", "same")])
    node[lost] = copy.deepcopy(node[kept])
    return proof


def sides_exchanged(proof, nodes, pick):
    """Exchange both sides of a case, or vertices that are put on one side and on the other."""
    _, node = pick([item for item in nodes if "opposite" in item[1]])
    node["same"], node["opposite"] = node["opposite"], node["same"]
    return proof


def node_elsewhere(proof, nodes, pick):
    """Put a node in place of another one."""
    (path, _), (_, other) = pick(nodes[1:]), pick(nodes)
    return replaced_at(proof, path, copy.deepcopy(other))


def step_left_out(proof, nodes, pick):
    """Leave out an elimination or vertices that are put on sides."""
    path, node = pick([item for item in nodes if "then" in item[1]])
    return replaced_at(proof, path, node["then"])


def another_name(proof, nodes, pick):
    """Name another vertex or row, or two in another order."""
    node, key = with_list(nodes, NAMES, pick)
    names = listed(node[key])
    k = pick(range(len(names)))
    if pick([True, False]):
        names[k] = pick([*names, names[k] + 1, max(0, names[k] - 1)])
    else:
        other = pick(range(len(names)))
        names[k], names[other] = names[other], names[k]
    node[key] = names
    return proof


def name_left_out(proof, nodes, pick):
    """Leave out a vertex that is eliminated or put on a side, or say it twice."""
    node, key = with_list(nodes, ("vertices", "same", "opposite"), pick)
    names = listed(node[key])
    k = pick(range(len(names)))
    node[key] = names[:k] + names[k + 1 :] if pick([True, False]) else [*names, names[k]]
    return proof


def amount_moved(proof, nodes, pick):
    """Move an amount from one entry to another: their sum stays."""
    node, key = with_list(nodes, AMOUNTS, pick)
    numbers = listed(node[key])
    one, other = pick(range(len(numbers))), pick(range(len(numbers)))
    moved = pick([1, numbers[one], max(1, abs(numbers[one]) // 2)])
    numbers[one] -= moved
    numbers[other] += moved
    node[key] = numbers
    return proof


def another_scale(proof, nodes, pick):
    """Count all amounts of a node twice, or in units that are twice as large or half."""
    node, key = with_list(nodes, AMOUNTS, pick)
    if pick([True, False]) and "unit" in node:
        node["unit"] += pick([-1, 1, 3])
    else:
        node[key] = [pick([2, 3]) * x for x in listed(node[key])]
    return proof


def amount_more(proof, nodes, pick):
    """Make one multiplier greater, or one entry of a diagonal less."""
    node, key = with_list(nodes, AMOUNTS, pick)
    numbers = listed(node[key])
    k, more = pick(range(len(numbers))), pick([1, 2, 16, 1 << 20])
    numbers[k] += -more if key == "diagonal" else more
    node[key] = numbers
    return proof


def row_twice(proof, nodes, pick):
    """Name a row of a case, a cycle or a triangle twice, with its multiplier."""
    _, node = pick([item for item in nodes if "multipliers" in item[1] and listed(item[1]["multipliers"])])
    numbers = listed(node["multipliers"])
    k = pick(range(len(numbers)))
    if "rows" in node:
        rows = listed(node["rows"])
        node["rows"] = [*rows, rows[k]]
    elif "triangles" in node:
        rows = np.array(
            listed(node["triangles"]) if isinstance(node["triangles"], dict) else node["triangles"]
        )
        rows = rows.reshape(-1, 4).tolist()
        node["triangles"] = [*rows, rows[k]]
    else:
        lengths, vertices = listed(node["lengths"]), listed(node["vertices"])
        begin = sum(lengths[:k])
        node["lengths"] = [*lengths, lengths[k]]
        node["vertices"] = vertices + vertices[begin : begin + lengths[k]]
    node["multipliers"] = [*numbers, numbers[k]]
    return proof


def with_list(nodes, keys, pick):
    """Return a node and a key of it under which numbers are listed."""
    found = [
        (node, key)
        for _, node in nodes
        for key in keys
        if key in node and (isinstance(node[key], list) or "base64" in node[key]) and listed(node[key])
    ]
    return pick(found)


CHANGES = (
    leaf_left_out, case_twice, sides_exchanged, node_elsewhere, step_left_out, another_name, name_left_out,
    amount_moved, another_scale, amount_more, row_twice,
)  # fmt: skip


def changed_proof(proof, numbers):
    """Return a proof with one to three changes, and their names."""
    pick = lambda choices: list(choices)[int(numbers.integers(len(choices)))]  # noqa: E731
    done, proof = [], copy.deepcopy(proof)
    for _ in range(1 + int(numbers.integers(3))):
        before = json.dumps(proof)
        for change in (pick(CHANGES) for _ in range(30)):
            try:
                proof = change(proof, list(nodes(proof)), pick)
            except ValueError:  # there is nothing of that kind to change
                continue
            if json.dumps(proof) != before:
                done.append(change.__name__)
                break
    return proof, done


def worked_out(graph, proof):
    """Return what the checker's arithmetic makes of a proof, and how that may be called; None where it is refused."""
    try:
        return proven_bound(ExactGraph.from_graph(graph), copy.deepcopy(proof)), proof_methods(proof)[0]
    except Exception:  # whatever it raises: `verify` has to say so in a line
        return None


def lesser_cut(graph, record, numbers):
    """Return sides of a cut that is not the greatest and not below coins; None where there is none."""
    signs, (i, j, w) = all_signs(graph.n), graph.edges()
    weights = (signs[:, i] != signs[:, j]) @ w
    least = w.sum() / 2 + 1e-6 * np.abs(w).sum()
    found = np.flatnonzero((weights >= least) & (weights < weights.max() - 1e-9 * np.abs(w).sum()))
    return signs[found[int(numbers.integers(len(found)))]] if len(found) else None


def with_sides(record, graph, signs):
    """Put other sides into the record of a cut, vectors and distributions to match, and what follows from them.

    The vectors are perpendicular to each other, so the start is coins, and the end all but has the sides.
    """
    record = copy.deepcopy(record)
    signs = np.asarray(signs, dtype=np.int8)
    exact, smoothing = exact_cut(graph, signs), record["certificate"]["smoothing"]
    mean = (6.0 * smoothing * signs).astype(np.float32).astype(np.float64)
    weight = int(exact) if type(record["cut_value"]) is int else float(exact)
    parts = [[label for label, s in zip(graph.labels, signs, strict=True) if s == side] for side in (1, -1)]
    record |= {"cut_value": weight, "partition": json.loads(json.dumps(parts))}
    expected = expected_independent_cut(graph, mean, smoothing)
    half = 0.5 * float(graph.edges()[2].sum())
    record["chain"] |= {
        "cut_value": weight, "derandomized_cut": weight, "final_expectation": expected, "start_expectation": half,
        "sdp_value": half,
    }  # fmt: skip
    record["guarantee"] = json.loads(json.dumps(guarantee_record(graph, half, half)))
    record["relaxation"] |= {"duality_gap_reached": False, "rank": graph.n}
    final = settled(mean, signs, smoothing)
    found = final_stationarity(graph, final, smoothing, penalty=record["stationarity"]["penalty"])
    record["stationarity"] = json.loads(json.dumps(FinalStationarity.of(found).to_dict()))
    record["certificate"] |= {
        "sides": "".join("+" if s > 0 else "-" for s in signs),
        "mean": encode_array(mean, "<f4"),
        "vectors": encode_array(np.eye(graph.n), "<f4"),
    }
    record["certificate"].pop("thresholds", None)
    return record


def coherent_cut(record, graph, numbers):
    """Return the record of a cut with another proof and all that follows, and what was changed."""
    proof, done = changed_proof(record["certificate"]["proof"], numbers)
    worth = worked_out(graph, proof)
    signs = lesser_cut(graph, record, numbers)
    if signs is not None and (worth is None or numbers.random() < 0.5):
        record = with_sides(record, graph, signs)
        done.append("lesser cut")
    if worth is None:
        method = record["bound"]["proof_method"] or "branching"
        worth = Fraction(record["cut_value"]), method
    record = with_proof(graph, record, proof, *worth)
    if not (record["proven_optimal"] or record["relaxation"]["duality_gap_reached"]):
        status = CutStatus.DUALITY_GAP_NOT_REACHED
        record |= {"status": status.name.lower(), "message": status.value}
    return sealed_again(record), done


def coherent(record, instance, numbers):
    """Return a record of a cut or of a quadratic problem with another proof and all that follows, and the changes.

    Parameters
    ----------
    record : dict
        An honest record whose cut has a proof tree.
    instance : object
        What it is about.
    numbers : Generator
        Decides.
    """
    if record["schema"] == "derandkit-maxcut":
        return coherent_cut(record, instance, numbers)
    model, slack = as_model(instance)
    graph, inverse = as_graph(model)
    inner, done = coherent_cut(record["cut"], graph, numbers)
    result = certify(instance, model, slack, graph, inverse, dk.MaxCutResult._of_part(json.dumps(inner)))
    other = json.loads(result.to_json())
    pick = lambda *choices: choices[int(numbers.integers(len(choices)))]  # noqa: E731
    change = pick(None, None, "scale", "solution", "bound")
    if change == "scale":  # the same value from a cut that counts twice
        twice = 2 * Fraction(other["reduction"]["factor"])
        constant = Fraction(other["reduction"]["constant"]) - Fraction(other["cut"]["cut_value"]) * twice / 2
        other["reduction"] |= {"factor": str(twice), "constant": str(constant)}
    elif change == "solution":  # another solution than that of the cut
        low = -1 if other["vartype"] == "spin" else 0
        k = int(numbers.integers(len(other["values"])))
        other["values"][k] = low + 1 - other["values"][k] if low == 0 else -other["values"][k]
        exact = instance.exact_value(np.array(other["values"], dtype=np.int8))
        other["value"] = type(other["value"])(exact)
        if hasattr(instance, "figures"):
            other["figures"] = json.loads(
                json.dumps(instance.figures(np.array(other["values"], dtype=np.int8)))
            )
    elif change == "bound":  # the bound is the value
        other |= {"bound": other["value"]}
    if change is not None:
        done.append(change)
        gap = abs(float(Fraction(other["bound"]) - Fraction(other["value"])))
        other |= {"gap": gap, "relative_gap": gap / other["spread"] if other["spread"] else 0.0}
        if other["bound"] == other["value"] and other["bound_status"] == "certified":
            other |= {"proven_optimal": True, "status": "optimal", "message": QuadraticStatus.OPTIMAL.value}
    return sealed_again(other), done
