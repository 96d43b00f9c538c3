"""A second verifier of cut records in plain Python: `python verify.py RECORD.json GRAPH.edgelist`.

It shares no line with derandkit and needs no package. The graph is an edge list (`u v [weight]` a line, `#` comments).
Cuts and bounds are rational numbers, positive semidefiniteness is shown by elimination in rationals, angles and
probabilities have 50 digits. It is for graphs of up to 80 vertices. Proof trees and records without vectors are
refused. Exit code 0 if every statement holds, 1 if one does not, 2 if the input cannot be read.
"""

# fmt: off
# ruff: noqa: B905, N818
import base64
import hashlib
import json
import math
import struct
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
RATIO = Fraction(87856, 100000)
MESSAGES = {
    "optimal": "optimal: the cut equals the certified upper bound",
    "solved": "solved: the bound is certified and the cut is no worse than the randomized algorithm's expectation",
    "bound_estimated": "bound estimated: the cut and its chain hold, the upper bound rests on an iterative ",
    "duality_gap_not_reached": "duality gap not reached: the cut and the bound hold, the relaxation stopped ",
    "interrupted": "interrupted: the cut and the bound hold as far as they were computed; ",
}


class Refused(Exception):
    """A statement that does not hold, or that this file cannot check."""


def need(holds, text):
    """Go on if a statement holds."""
    if not holds:
        raise Refused(text)


def once(pairs):
    """Build an object whose keys stand once."""
    need(len(dict(pairs)) == len(pairs), "a key stands twice")
    return dict(pairs)


def read_graph(text):
    """Return labels in order and edges (i, j, weight) with i < j, sorted."""
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    names = {name for row in rows for name in row[:2]}
    whole = all(name.lstrip("-").isdigit() for name in names)
    labels = sorted(int(name) if whole else name for name in names)
    number = {label: k for k, label in enumerate(labels)}
    found = {}
    for row in rows:
        i, j = sorted(number[int(name) if whole else name] for name in row[:2])
        need(i != j and (i, j) not in found, f"the edge {row[:2]} is a loop or stands twice")
        found[i, j] = float(row[2]) if len(row) > 2 else 1.0
    return labels, [(i, j, w) for (i, j), w in sorted(found.items())]


def digest(labels, edges):
    """Return the SHA-256 of a graph."""
    data = [b"derandkit-graph-v1\n", struct.pack("<qq", len(labels), len(edges))]
    data += [json.dumps(label, ensure_ascii=False).encode() + b"\n" for label in labels]
    data += [struct.pack(kind, edge[k]) for k, kind in enumerate(("<i", "<i", "<d")) for edge in edges]
    return hashlib.sha256(b"".join(data)).hexdigest()


def seal(record):
    """Return the SHA-256 of the canonical JSON without the seal."""
    style = {"sort_keys": True, "allow_nan": False, "ensure_ascii": False}
    lines = [f" {json.dumps(key)}: {json.dumps(record[key], **style)}" for key in sorted(record) if key != "seal"]
    return hashlib.sha256(("{\n" + ",\n".join(lines) + "\n}\n").encode()).hexdigest()


def singles(array, shape):
    """Decode numbers of single precision."""
    need(array["dtype"] == "<f4" and array["shape"] == shape, f"an array is not of shape {shape}")
    data = base64.b64decode(array["base64"], validate=True)
    numbers = [x for (x,) in struct.iter_unpack("<f", data)]
    need(len(numbers) == math.prod(shape) and all(map(math.isfinite, numbers)), "an array is not finite or too short")
    return numbers


def decimal(x):
    """Return a rational to 60 digits."""
    return Decimal(Fraction(x).numerator) / Decimal(Fraction(x).denominator)


def arctan(t):
    """Return the arc tangent of a number from 0 to 1: the angle is halved, then the power series."""
    for _ in range(8):
        t = t / (1 + (1 + t * t).sqrt())
    return 256 * sum((-1) ** k * t ** (2 * k + 1) / (2 * k + 1) for k in range(14))


def angle(apart, together):
    """Return the angle between unit vectors with these squared lengths of difference and sum."""
    return 2 * arctan((apart / together).sqrt()) if apart <= together else PI - 2 * arctan((together / apart).sqrt())


def erf(x):
    """Return ``2/sqrt(pi) exp(-x^2) sum 2^k x^(2k+1) / (1 3 ... (2k+1))``: all terms of one sign."""
    if abs(x) > 9:  # it differs from 1 by less than 1e-36
        return Decimal(1).copy_sign(x)
    term, total, k = x, Decimal(0), 0
    while abs(term) > Decimal(10) ** -45 * (1 + abs(total)):
        total += term
        k += 1
        term = term * 2 * x * x / (2 * k + 1)
    return 2 / PI.sqrt() * (-x * x).exp() * total


def is_semidefinite(matrix):
    """Whether a symmetric matrix of rationals is positive semidefinite: elimination, in exact arithmetic."""
    rows = [list(row) for row in matrix]
    while rows:
        pivot, first = rows[0][0], rows[0]
        if pivot < 0 or (pivot == 0 and any(first)):
            return False
        rest = [row[1:] for row in rows[1:]]
        if pivot > 0:
            for row, below in zip(rest, rows[1:]):
                factor = below[0] / pivot
                for k, x in enumerate(first[1:] if factor else ()):
                    row[k] -= factor * x
        rows = rest
    return True


def check(record, labels, edges):
    """Check every statement of a cut record; raise `Refused` at the first that does not hold."""
    n, chain, certificate, bound = len(labels), record["chain"], record["certificate"], record["bound"]
    exact = [Fraction(w) for _, _, w in edges]
    whole = all(w.denominator == 1 for w in exact)
    scale = sum(map(abs, exact), Fraction(0))

    def written(value):
        return int(value) if whole else float(value)

    def is_(claim, value):
        return type(claim) is type(value) and claim == value

    def agrees(claim, value):  # the writer's rounding is charged to the edges
        return type(claim) is float and abs(decimal(claim) - value) <= decimal(scale) * Decimal("2e-13")

    need(record["schema"] == "derandkit-maxcut" and is_(record["schema_version"], 3), "not a cut record of version 3")
    need(record["seal"] == seal(record), "the seal is not that of the content")
    about = {"n": n, "m": len(edges), "total_weight": written(sum(exact, Fraction(0))), "digest": digest(labels, edges)}
    need(all(is_(record["graph"][key], value) for key, value in about.items()), "it speaks about another graph")

    def cut(text):
        need(len(text) == n and not set(text) - set("+-"), "the sides are not + and -")
        return sum((w for (i, j, _), w in zip(edges, exact) if text[i] != text[j]), Fraction(0))

    sides = certificate["sides"]
    before = sides if certificate["derandomized_sides"] is None else certificate["derandomized_sides"]
    weight, first_weight = cut(sides), cut(before)
    two = [[label for label, side in zip(labels, sides) if (side == sides[0]) is same] for same in (True, False)]
    need(json.dumps(record["partition"]) == json.dumps(two), "the partition is not that of the sides")
    need(is_(record["cut_value"], written(weight)) and is_(chain["cut_value"], written(weight)), "the cut is wrong")
    need(is_(chain["derandomized_cut"], written(first_weight)), "the cut before the search is wrong")

    # the bound: weak duality, for a matrix that is positive semidefinite
    need(certificate["proof"] is None and bound["proof_bound"] is None, "proof trees are not checked here")
    need(n <= 80, "so many vertices are not checked here")
    need(all(type(d) is float and math.isfinite(d) for d in certificate["diagonal"]), "the diagonal is not finite")
    diagonal = [Fraction(d) for d in certificate["diagonal"]]
    need(len(diagonal) == n, "the diagonal is too short")
    matrix = [[Fraction(0)] * n for _ in range(n)]
    for (i, j, _), w in zip(edges, exact):
        matrix[i][j] = matrix[j][i] = w
    degrees, sizes = [sum(row, Fraction(0)) for row in matrix], [sum(map(abs, row), Fraction(0)) for row in matrix]
    for i in range(n):
        matrix[i][i] = diagonal[i]
    certified = record["bound_status"] == "certified"
    need(bound["status"] == bound["dual_status"] == record["bound_status"], "the states of the bound differ")
    need(bound["method"] == bound["dual_method"] and bound["proof_method"] is None, "the methods differ")
    if certified:
        dominant = all(d >= size for d, size in zip(diagonal, sizes))
        need((bound["method"] == "diagonal-dominance") is dominant, "the method of the proof is another")
        need(bound["method"] in ("diagonal-dominance", "dense-cholesky", "sparse-ldl"), "no such method")
        need(dominant or is_semidefinite(matrix), "the dual matrix is not positive semidefinite")
    else:
        need(record["bound_status"] == "estimated" and bound["method"] == "lanczos", "no such state of a bound")
    dual = (2 * sum(exact, Fraction(0)) + sum(diagonal, Fraction(0))) / 4
    claim = chain["dual_bound"]
    need(is_(bound["dual_bound"], claim) and type(claim) is float, "the dual bound is written in two ways")
    need(dual <= Fraction(claim) <= dual + 3 * Fraction(math.ulp(claim)), "the dual bound is wrong")

    # rounded down to what cuts can weigh: sums of degrees minus twice the weights inside a side
    best = min(Fraction(claim), sum((w for w in exact if w > 0), Fraction(0)))
    unit = math.lcm(*(w.denominator for w in exact), 1)
    if unit <= 2**1000 and 2 * scale * unit < 2**53:
        step = math.gcd(*(int(d * unit) for d in degrees), *(int(2 * w * unit) for w in exact))
        divisor = math.gcd(*(int(w * unit) for w in exact))
        best = Fraction(step * math.floor(best * unit / step), unit) if step else Fraction(0)
        steps = [f"weights are multiples of {divisor / unit:g}"]
        steps += ["weighted degrees are even multiples of it"] * (step == 2 * divisor)
        need(bound["rounding"] == {"granularity": step / unit, "steps": steps}, "the rounding is wrong")
    else:
        need(bound["rounding"] is None, "there is no unit to round to")
        best = Fraction(math.floor(best)) if whole else best
    upper = record["upper_bound"]
    rounded = type(upper) is float and best <= Fraction(upper) <= best + Fraction(math.ulp(upper))
    need(is_(upper, int(best)) if whole else rounded, "the upper bound is wrong")
    # gap, status: derived
    optimal = certified and weight >= best
    largest = max(abs(Fraction(upper)), abs(Fraction(record["cut_value"])))
    gap = (Fraction(upper) - Fraction(record["cut_value"])) / largest if largest else Fraction(0)
    need(type(record["gap"]) is float and abs(Fraction(record["gap"]) - gap) <= gap / 2**49 and gap >= 0, "wrong gap")
    need(record["proven_optimal"] is optimal, "it is not as optimal as it says")
    asked = record["relaxation"]["duality_gap"]
    need(type(asked) is float and 0 < asked <= 1, "the gap that was asked for is absurd")
    distance = Fraction(claim) - Fraction(chain["sdp_value"])
    reached = distance <= Fraction(asked) * max(abs(Fraction(claim)), scale / 10**9)
    need(record["relaxation"]["duality_gap_reached"] is reached, "whether the duality gap is met is wrong")
    unproven = "bound_estimated" if not certified else "solved" if reached else "duality_gap_not_reached"
    derived = "optimal" if optimal else unproven
    status = record["status"]
    need(status == derived or (status == "interrupted" and not optimal), f"the figures say {derived}")
    need(record["message"].startswith(MESSAGES[status]), "the message is not that of the status")
    # the relaxation at the stored vectors, and a random hyperplane
    rank = record["relaxation"]["rank"]
    flat = [decimal(x) for x in singles(certificate["vectors"], [n, rank])]
    rows = [flat[k * rank : (k + 1) * rank] for k in range(n)]
    lengths = [sum(x * x for x in row).sqrt() for row in rows]
    need(all(length > 0 for length, size in zip(lengths, sizes) if size), "a vector has no direction")
    rows = [[x / (length or 1) for x in row] for row, length in zip(rows, lengths)]
    value = start = Decimal(0)
    for (i, j, _), w in zip(edges, exact):
        apart = sum((x - y) ** 2 for x, y in zip(rows[i], rows[j]))
        together = sum((x + y) ** 2 for x, y in zip(rows[i], rows[j]))
        value += decimal(w) * apart / 4
        start += decimal(w) * angle(apart, together) / PI
    need(agrees(chain["sdp_value"], value), f"the SDP value is {value:.12g}")
    need(agrees(chain["start_expectation"], start), f"the expected cut of a hyperplane is {start:.12g}")
    # the final distribution: independent sides
    mean = [decimal(x) for x in singles(certificate["mean"], [n])]
    need(type(certificate["smoothing"]) is float and 1e-150 < certificate["smoothing"] < 1e150, "absurd smoothing")
    tau = decimal(certificate["smoothing"])
    side = [erf(m / tau / Decimal(2).sqrt()) for m in mean]
    final = sum(((1 - side[i] * side[j]) / 2 * decimal(w) for (i, j, _), w in zip(edges, exact)), Decimal(0))
    need(agrees(chain["final_expectation"], final), f"the final expectation is {final:.12g}")
    spare = decimal(scale) * Decimal("2e-13")
    need(weight >= first_weight, "the search made the cut lighter")
    need(decimal(first_weight) >= final - spare, "the cut is below its expectation")
    need(final >= start - spare, "the final expectation is below that of a hyperplane")
    need(decimal(dual) >= value - spare, "the dual bound is below the SDP value")

    # the guarantee of Goemans and Williamson, and the lemma's figures
    below = sum((w for w in exact if w < 0), Fraction(0))
    promised, guarantee = below + RATIO * (Fraction(chain["sdp_value"]) - below), record["guarantee"]
    need(is_(guarantee["negative_weight"], written(below)) and guarantee["ratio"] == 0.87856, "wrong guarantee")
    need(type(guarantee["value"]) is float and agrees(guarantee["value"], decimal(promised)), "wrong guarantee")
    need(guarantee["holds"] is True, "the guarantee is said not to hold, and it does")
    least = [max(abs(m), 8 * tau) / tau for m in mean]
    h = [x if s == "+" else -x for x, s in zip(least, before)]
    phi = [(-x * x / 2).exp() / (2 * PI).sqrt() for x in h]
    pull, discs = [Decimal(0)] * n, [Decimal(0)] * n
    for (i, j, _), w in zip(edges, exact):
        for a, b in ((i, j), (j, i)):
            pull[a] += decimal(w) * erf(h[b] / Decimal(2).sqrt())
            discs[a] += abs(decimal(w)) * phi[b]
    gradient = [p * x / tau for p, x in zip(phi, pull)]
    curvature = min([Decimal(0)] + [-h[k] * gradient[k] / tau - 2 * phi[k] * discs[k] / tau**2 for k in range(n)])
    length, figures = sum(g * g for g in gradient).sqrt(), record["stationarity"]
    for claim, own in ((figures["mean_gradient_norm"], length), (figures["smallest_curvature"], curvature)):
        allowed = abs(own) / 10**9 + decimal(scale) * max(phi) / tau**2 / 10**13 + Decimal("1e-300")
        need(type(claim) is float and abs(decimal(claim) - own) <= allowed, f"a figure of the lemma is {own:.9g}")
    need(type(figures["penalty"]) is float and figures["penalty"] >= 0, "the penalty is absurd")
    need(figures["curvature_method"] == "gershgorin", "the curvature is bounded by Gershgorin's discs")
    need(figures["spread_norm"] == figures["spread_gradient_norm"] == 0.0, "the spread is not zero")
    bounded = 2 * figures["penalty"] + figures["smallest_curvature"] > 0
    need(figures["spread_bound"] == (0.0 if bounded else None), "the bound on the spread is wrong")
    return "every statement holds" + ("" if certified else "; the upper bound is an estimate and was not checked")


def main(arguments):
    """Read two files and check."""
    try:
        with open(arguments[0], encoding="utf-8") as file:
            record = json.load(file, object_pairs_hook=once)
        with open(arguments[1], encoding="utf-8") as file:
            graph = read_graph(file.read())
    except (OSError, ValueError, IndexError, Refused) as error:
        print(f"cannot be read: {error!r}", file=sys.stderr)
        return 2
    try:
        print(check(record, *graph))
    except (Refused, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        print(f"does not hold: {error!r}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
