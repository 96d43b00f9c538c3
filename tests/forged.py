"""Records of cuts with sides, means, vectors and diagonal as a test wants them, of which all the rest follows."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
from tests.mutations import sealed_again

import derandkit as dk
from derandkit.certificates.cuts import arithmetic as figures
from derandkit.certificates.cuts.record import _Examiner
from derandkit.certificates.cuts.rounding import counted_bound
from derandkit.numerics.rounding import float_above
from derandkit.numerics.sums import exact_total
from derandkit.records import encode_array
from derandkit.status import CutStatus


def forged_cut(graph, sides, mean, vectors, diagonal, *, proof=None, method="diagonal-dominance", off=None):
    """Return a record of which every figure is what the checker makes of the witness, and is moved by `off` then.

    `proof` is a tree and what it may be called; smoothing is 1.
    """
    record = json.loads(dk.maxcut(graph, duality_gap=0.01).to_json())
    witness, chain, bound = record["certificate"], record["chain"], record["bound"]
    tree, proof_method = proof or (None, None)
    witness |= {
        "sides": sides, "derandomized_sides": sides if tree else None, "proof": tree, "smoothing": 1.0,
        "mean": encode_array(np.asarray(mean, dtype=np.float64), "<f4"), "diagonal": list(map(float, diagonal)),
        "vectors": encode_array(np.asarray(vectors, dtype=np.float64), "<f4"),
    }  # fmt: skip
    witness.pop("thresholds", None)
    bound.pop("coin_test", None)
    record["search"], record["relaxation"]["rank"] = None, np.shape(vectors)[1]
    examiner = _Examiner(record, record, graph, 1.0)
    signs = examiner.sides()
    weight = examiner.as_written(examiner.cut(signs))
    dual = float_above(figures.dual_value(graph, examiner.diagonal()))
    chain |= {
        "cut_value": weight, "derandomized_cut": weight, "dual_bound": dual, "sdp_value": examiner.value().middle,
        "start_expectation": examiner.start().middle, "final_expectation": examiner.final().middle,
    }  # fmt: skip
    for name, far in (off or {}).items():
        chain[name] += far
    bound |= {
        "status": "certified", "method": method, "dual_bound": dual, "dual_method": method, "dual_status": "certified",
        "proof_method": proof_method,
    }  # fmt: skip
    best = counted_bound(graph, bound, examiner.proof_value())
    optimal = examiner.cut(signs) >= best.exact
    reached = examiner.duality_gap_reached()
    record["relaxation"]["duality_gap_reached"] = reached
    status = CutStatus.DUALITY_GAP_NOT_REACHED if not reached else CutStatus.SOLVED
    status = CutStatus.OPTIMAL if optimal else status
    weights = graph.edges()[2]
    below = exact_total(weights[weights < 0])
    record["guarantee"] |= {
        "value": float(below + figures.ALPHA * (Fraction(chain["sdp_value"]) - below)), "holds": True,
        "negative_weight": examiner.as_written(below),
        "statement": "start_expectation >= 0.87856 sdp_value" if below == 0 else
        "start_expectation - W- >= 0.87856 (sdp_value - W-), W- the sum of the negative weights",
    }  # fmt: skip
    lemma = figures.stationarity(graph, figures.settled(examiner.mean()[0], signs, 1.0), 1.0)
    record["stationarity"] |= {
        "mean_gradient_norm": lemma.gradient_norm.middle, "smallest_curvature": lemma.curvature.middle
    }  # fmt: skip
    positive = 2.0 * record["stationarity"]["penalty"] + lemma.curvature.middle > 0.0
    record["stationarity"]["spread_bound"] = 0.0 if positive else None
    labels = list(graph.labels)
    record |= {
        "bound": best.record, "upper_bound": best.value, "bound_status": best.record["status"], "cut_value": weight,
        "gap": float(figures.gap_of(best.value, weight)), "proven_optimal": optimal,
        "status": status.name.lower(), "message": status.value,
        "partition": [
            [x for x, s in zip(labels, signs, strict=True) if bool(s == signs[0]) is first] for first in (True, False)
        ],
    }  # fmt: skip
    return sealed_again(json.loads(json.dumps(record, default=int)))
