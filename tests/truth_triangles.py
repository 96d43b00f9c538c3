"""What a record of clauses or arcs says of its relaxation with triangles, worked out by the definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.special import ndtri
from tests.oracles import bivariate_by_owen

from derandkit.models.clauses import Clauses
from derandkit.records import decode_array

ROUNDING = 1e-7


def need_triangles(lies, record, instance, best):
    """Compare the relaxation that a record shows with its vectors, and with the greatest value; no clause is hard."""
    claimed, n = record["triangles"], instance.n
    V = decode_array(claimed["vectors"]).astype(float)
    V /= np.linalg.norm(V, axis=1)[:, None]
    with_constant, products = V[:n] @ V[n], V[:n] @ V[:n].T
    pairs, size = pairs_of(instance), float(np.abs(instance.weights).sum())
    violation = max(
        -(1 + s * with_constant[i] + t * with_constant[j] + s * t * products[i, j])
        for i, j in pairs
        for s, t in itertools.product((1, -1), repeat=2)
    )
    lies.need("triangles.pairs", claimed["pairs"] == len(pairs) and type(claimed["pairs"]) is int)
    lies.need("triangles.violation", abs(claimed["violation"] - max(0.0, violation)) <= ROUNDING)
    value = expected_value(instance, with_constant, products)
    lies.need("triangles.sdp_value", abs(claimed["sdp_value"] - value) <= ROUNDING * size)
    lies.need("triangles.sdp_value", value >= float(best) - 1e-2 * record["spread"])
    means, joint = moments(with_constant, products, claimed["beta"])
    start = expected_value(instance, means, joint)
    lies.need("triangles.expectation", abs(claimed["expectation"] - start) <= ROUNDING * size)
    lies.need("triangles.value", record["value"] >= start - ROUNDING * size)
    lies.need("triangles.shift", claimed["shift"] == "0")
    ratio = claimed["ratio"]
    clauses = isinstance(instance, Clauses) and (instance.weights >= 0).all()
    lies.need("triangles.ratio", ratio is None or (ratio == 0.94 and clauses and start >= ratio * value))


def pairs_of(instance):
    """Return the pairs of variables that a clause or an arc joins."""
    if isinstance(instance, Clauses):
        ends = [(abs(a) - 1, abs(b) - 1) for a, b in instance.literals.tolist() if b]
    else:
        ends = list(zip(instance.tails.tolist(), instance.heads.tolist(), strict=True))
    return sorted({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]})


def moments(with_constant, products, beta):
    """Return the expected signs, relative to that of the constant, and the expected products of two of them."""
    if beta is None:
        return tuple(2 / math.pi * np.arcsin(np.clip(x, -1, 1)) for x in (with_constant, products))
    rest = np.sqrt(np.maximum(0.0, 1 - with_constant**2))
    certain = rest < 1e-10
    means = np.where(certain, np.sign(with_constant), beta * with_constant)
    edges = ndtri((1 + means) / 2)
    joint = np.outer(means, means)
    for i, j in itertools.permutations(np.flatnonzero(~certain), 2):
        cosine = (products[i, j] - with_constant[i] * with_constant[j]) / (rest[i] * rest[j])
        both = bivariate_by_owen(edges[i], edges[j], float(np.clip(cosine, -1, 1)))
        joint[i, j] = 4 * both - means[i] - means[j] - 1
    return means, joint


def expected_value(instance, means, joint):
    """Return the expected weight of satisfied clauses, or of arcs from a vertex that is chosen to one that is not."""
    if not isinstance(instance, Clauses):
        tails, heads = instance.tails, instance.heads
        return float(instance.weights @ (1 + means[tails] - means[heads] - joint[tails, heads])) / 4
    total = 0.0
    for (a, b), weight in zip(instance.literals.tolist(), instance.weights.tolist(), strict=True):
        i, s = abs(a) - 1, math.copysign(1, a)
        if b == 0:
            total += weight * (1 + s * means[i]) / 2
            continue
        j, t = abs(b) - 1, math.copysign(1, b)
        across = 1.0 if i == j else joint[i, j]
        total += weight * (3 + s * means[i] + t * means[j] - s * t * across) / 4
    return total
