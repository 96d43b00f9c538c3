"""What the record of a cut brings as evidence, and the figures that follow from it, exact or enclosed."""

from fractions import Fraction
from math import floor, gcd, isqrt, lcm

from figures import LEAST, UNIT, Figure
from forms import NAMES
from leaning import Leaning
from reals import PI, Interval, angle, erf, erfc_of_root, exp, sqrt
from report import need, numbers, rows, total

import proofs

LARGEST = 120  # vertices of a graph that is checked here
WITNESS = 3_000_000  # entries of vectors that a record may leave out
LONGEST = 64  # entries that a vector may have in any case
CANCEL = 10_000  # times the cut and the lightest edge: weights so much heavier hide every expectation
SETTLED = 8  # deviations of a side that counts as settled
SPECIAL = Fraction(1, 10**14)  # what exp and erf may be off by
NORMAL, UNDERFLOWN = Fraction(1, 2**1022), Fraction(2e-310)  # below these exp and erfc may be zero


class Evidence:
    """One record and its graph, with every figure that the checks compare claims with."""

    def __init__(self, record, graph):
        self.record, self.graph, self.known = record, graph, {}
        version = record["schema_version"]
        need(type(version) is int and version in NAMES, "no such version of a cut record is known here")
        self.gap_name, self.reached_name, self.dual_name, self.missed, _ = NAMES[version]
        self.version, self.chain, self.witness = version, record["chain"], record["certificate"]
        self.certified = record["bound_status"] == "certified"

    def once(self, name):
        """Work a figure out when it is asked for the first time."""
        if name not in self.known:
            self.known[name] = getattr(self, name)()
        return self.known[name]

    # --- the evidence ---------------------------------------------------------------------------------------------
    def cut(self, key="sides"):
        """Return the exact weight of the cut that some sides make."""
        return self.graph.cut(self.witness[key])

    def cut_before(self):
        """Return the weight of the cut before the search; without a search it is the cut."""
        return self.cut("sides" if self.witness["derandomized_sides"] is None else "derandomized_sides")

    def pairs(self):
        """Return (weight, scalar product, product of the squared lengths) of the vectors at the ends of every edge.

        Each vector is multiplied by a factor of its own that makes it whole, which changes no angle. None if the
        vectors of a large graph were left out.
        """
        stored, rank, graph = self.witness["vectors"], self.record["relaxation"]["rank"], self.graph
        if stored is None:
            # rank sqrt(2 n) is enough for every graph: naming a larger one is no reason to leave vectors out
            most = max(LONGEST, 2 * isqrt(2 * graph.n) + 4)
            need(rank <= most and graph.n * rank > WITNESS, "the vectors are missing")
            return None
        need(
            stored["shape"][1] == rank <= max(LONGEST, graph.n),
            "the vectors are not as long as the rank says",
        )
        whole = []
        for row in rows(stored):
            exact = [Fraction(x) for x in row]
            factor = lcm(*(x.denominator for x in exact))
            whole.append([int(x * factor) for x in exact])
        squares = [dot(row, row) for row in whole]
        need(all(squares[i] and squares[j] for i, j, _ in graph.edges), "a vector has no direction")
        return [(w, dot(whole[i], whole[j]), squares[i] * squares[j]) for i, j, w in graph.exact]

    def by_vectors(self, share, error):
        """Return a figure that adds up shares of the edges, from scalar products and squared lengths; or None.

        A share is that of an acute angle; rows at an obtuse one are far, and theirs is missing. The chord of two unit
        rows is off by ``unit`` at most; `error` says what that makes of a share. Parallel rows are so exactly.
        """
        pairs = self.once("pairs")
        if pairs is None:
            return None
        unit, terms = Fraction(self.record["relaxation"]["rank"] + 10, 2**52), []
        for w, cosine, both in pairs:
            if cosine * cosine == both:
                terms.append((w, cosine < 0, Interval(0), 0))
                continue
            found = share(abs(cosine), both)
            terms.append((w, cosine < 0, found, error(found.high, unit) + 16 * UNIT * found.high))
        return Figure.of(terms)

    def value(self):
        """Return the value of the relaxation: an edge counts (1 - cosine) / 2, a quarter of the chord squared."""

        def share(cosine, both):
            root = sqrt(both)
            return Interval(both - cosine * cosine) / (2 * root * (root + cosine))

        return self.by_vectors(share, lambda far, unit: (sqrt(max(far, 0)).high + unit) * unit)

    def start(self):
        """Return the expected cut of a random hyperplane: an edge is cut with probability angle / pi.

        With thresholds the sides lean to one vertex, and `leaning` says how probable an edge is to be cut.
        """
        thresholds = self.witness.get("thresholds")
        if thresholds is not None and self.once("pairs") is not None:
            leaning, terms = Leaning(rows(self.witness["vectors"]), **thresholds), []
            for i, j, w in self.graph.exact:
                chance, error = map(Fraction, leaning.apart(i, j))
                terms.append((w, False, Interval(chance - error, chance + error), error))
            return Figure.of(terms)
        return self.by_vectors(lambda cosine, both: angle(cosine, both) / PI, lambda _, unit: unit / 2)

    def mean(self):
        """Return the means of the final distribution, and the deviation of its noise."""
        tau = self.witness["smoothing"]
        need(1e-150 < tau < 1e150, "the smoothing is absurd")
        return [Fraction(x) for x in numbers(self.witness["mean"])], Fraction(tau)

    def final(self):
        """Return the expected cut of independent sides, + with probability Phi(mean / smoothing).

        Half of a share of chance ``erfc(|mean| / (smoothing sqrt 2))`` goes against the sign of the mean.
        """
        mean, tau = self.once("mean")
        squares = [(m / tau) ** 2 for m in mean]
        chance = [erfc_of_root(x / 2) for x in squares]
        lost = [UNDERFLOWN if 1352 < x < 1494 else 8 * LEAST for x in squares]
        terms = []
        for i, j, w in self.graph.exact:
            share = (chance[i] + chance[j] * (1 - chance[i])) / 2
            steep = min(2 * SPECIAL + 8 * UNIT * (squares[i] + squares[j]), 1)
            terms.append((w, (mean[i] < 0) != (mean[j] < 0), share, share.high * steep + lost[i] + lost[j]))
        return Figure.of(terms)

    def lemma(self):
        """Enclose the length of the gradient and the smallest curvature at the final mean; return their scale, too.

        What doubles lose is inside, charged to each vertex: its terms, the argument of its density, its own weights.
        """
        (mean, tau), n = self.once("mean"), self.graph.n
        before = self.witness["derandomized_sides"] or self.witness["sides"]
        h = [
            max(abs(m) / tau, Fraction(SETTLED)) * (1 if side == "+" else -1) for m, side in zip(mean, before)
        ]
        phi = [exp(-x * x / 2) / sqrt(2 * PI) for x in h]
        pull, discs = [Interval(0)] * n, [Interval(0)] * n
        sizes, terms = [Fraction(0)] * n, [8] * n
        for i, j, w in self.graph.exact:
            for a, b in ((i, j), (j, i)):
                pull[a], discs[a] = pull[a] + w * erf(h[b], 2), discs[a] + abs(w) * phi[b]
                sizes[a], terms[a] = sizes[a] + abs(w), terms[a] + 1
        gradient = [phi[k] * pull[k] / tau for k in range(n)]
        lowest = [-h[k] * gradient[k] / tau - 2 * phi[k] * discs[k] / tau**2 for k in range(n)]
        density = [(2 * x * x + 16) * UNIT for x in h]
        # doubles underflow: a density below the least of them is zero
        early = [NORMAL if 1352 < x * x < 1494 else 0 for x in h]
        lost = [phi[k].high * (terms[k] * UNIT + 2 * SPECIAL) + 2 * LEAST + early[k] for k in range(n)]
        # and so do products with weights that are as small
        steep = [(sizes[k] * lost[k] + terms[k] * LEAST) / tau for k in range(n)]
        off = [abs(gradient[k]).high * density[k] + steep[k] for k in range(n)]
        far = 2 * max(x * x for x in h) + 16
        bent = [abs(phi[k] * discs[k]).high * (density[k] + (far + terms[k]) * UNIT) for k in range(n)]
        disc = [2 / tau**2 * (bent[k] + (2 * sizes[k] + terms[k]) * LEAST) for k in range(n)]
        bend = [abs(h[k]) / tau * off[k] + disc[k] + 4 * LEAST for k in range(n)]
        ends = [
            min(0, *(x.low - y for x, y in zip(lowest, bend))),
            min(0, *(x.high + y for x, y in zip(lowest, bend))),
        ]
        length = sqrt(sum((abs(g) * abs(g) for g in gradient), Interval(0)))
        lost = sqrt(sum(x * x for x in off)).high + length.high * (n + 8) * UNIT + Fraction(1, 10**300)
        return Interval(length.low - lost, length.high + lost), Interval(*ends), max(sizes)

    def least_edge(self):
        """Return the lightest weight that is not zero, or what underflow can hide of the heaviest: a figure's grain."""
        sizes = [abs(w) for _, _, w in self.graph.exact if w]
        return max(min(sizes), max(sizes) / 10**305) if sizes else Fraction(0)

    def hidden(self):
        """Whether the weights are so heavy beside the best cut met and the lightest edge that they hide figures."""
        return self.graph.size > CANCEL * max(self.heaviest(most=3), self.least_edge())

    def value_is_known(self):
        """Whether there are vectors, and the value of the relaxation at them is known beside the dual bound."""
        own = self.once("value")
        return own is not None and own.clear(self.once("cut"), self.least_edge())

    def contradicts_nothing(self):
        """Compare figures whose vectors were left out with those that can be worked out."""
        value, start = Fraction(self.chain["sdp_value"]), Fraction(self.chain["start_expectation"])
        need(value <= self.dual(), "the SDP value is above the dual bound")
        need(start <= self.once("final").high, "the start is above the final expectation")

    def dual(self):
        """Return the bound of weak duality, ``(sum_ij a_ij + sum_i d_i) / 4``."""
        return (
            2 * total(w for _, _, w in self.graph.exact) + total(map(Fraction, self.witness["diagonal"]))
        ) / 4

    def proof(self):
        """Return what the proof tree shows, or None without one."""
        tree = self.witness["proof"]
        need(
            tree is None or self.graph.n <= LARGEST,
            f"proofs for more than {LARGEST} vertices are not walked here",
        )
        return tree and proofs.bound(proofs.Graph.build(self.graph.n, self.graph.edges), tree)

    def semidefinite(self, shift=Fraction(0), share=Fraction(0)):
        """Whether A + Diag(d) + shift is positive semidefinite with a share of d taken off, in exact arithmetic."""
        n = self.graph.n
        need(n <= LARGEST, f"matrices of order above {LARGEST} are not eliminated here")
        matrix = [[Fraction(0)] * n for _ in range(n)]
        for i, j, w in self.graph.exact:
            matrix[i][j] = matrix[j][i] = w
        for k, d in enumerate(self.witness["diagonal"]):
            matrix[k][k] = Fraction(d) * (1 - share) + shift
        return proofs.is_semidefinite(matrix)

    def dominance(self):
        """Whether every row is dominant, and whether it is so clearly: sums in doubles lose a rounding a term."""
        degree, terms = [Fraction(0)] * self.graph.n, [1] * self.graph.n
        for i, j, w in self.graph.exact:
            for k in (i, j):
                degree[k], terms[k] = degree[k] + abs(w), terms[k] + 1
        lost = 0 if self.graph.whole and max(degree) < 2**53 else max(terms) * UNIT
        diagonal = [Fraction(d) for d in self.witness["diagonal"]]
        return tuple(
            all(d >= max(s, s * (1 + k * lost) - 2 * LEAST) for d, s in zip(diagonal, degree)) for k in (1, 4)
        )

    def lattice(self):
        """Return (step, divisor, unit): cuts are multiples of step / unit, as sums of degrees less twice weights."""
        exact = [w for _, _, w in self.graph.exact if w]
        unit = lcm(1, *(w.denominator for w in exact))
        if unit > 2**1000 or 2 * self.graph.size * unit >= 2**53:
            return None
        degree = [0] * self.graph.n
        for i, j, w in self.graph.exact:
            degree[i], degree[j] = degree[i] + int(w * unit), degree[j] + int(w * unit)
        divisor = gcd(*(int(w * unit) for w in exact))
        return gcd(2 * divisor, *degree), divisor, unit

    def best(self):
        """Return the bound that counts, rounded down to what cuts can weigh, and whether the proof tree gives it."""
        most, lattice = total(w for _, _, w in self.graph.exact if w > 0), self.lattice()

        def possible(value):
            value = min(value, most)
            if lattice is None:
                return Fraction(floor(value)) if self.graph.whole else value
            step, _, unit = lattice
            return Fraction(step * floor(value * unit / step), unit) if step else Fraction(0)

        dual, tree = possible(Fraction(self.chain[self.dual_name])), self.once("proof")
        if tree is None:
            return dual, False
        by_tree = self.record["bound"]["dual_status"] != "certified" or possible(tree) < dual
        return (possible(tree), True) if by_tree else (dual, False)

    def heaviest(self, most=11):
        """Return the weight of the best cut that moves of one vertex reach, from 2^most sides; of all cuts, if few."""
        n, near = self.graph.n, [[] for _ in range(self.graph.n)]
        for i, j, w in self.graph.exact:
            near[i].append((j, w))
            near[j].append((i, w))
        starts = [[int(side == "+") for side in self.witness["sides"]]]
        starts += [[number >> k & 1 for k in range(n)] for number in range(2 ** min(n - 1, most))]
        # and the patterns that derandkit climbs from: bits of multiples of odd constants
        factors = [2654435761 * start + 40503 for start in range(1, 9)]
        starts += [[(k + 1) * factor >> 16 & 1 for k in range(n)] for factor in factors]
        found = Fraction(0)
        for sides in starts:
            gain = [sum((w if sides[i] == sides[j] else -w) for j, w in near[i]) for i in range(n)]
            while max(gain) > 0:
                i = gain.index(max(gain))
                sides[i] ^= 1
                gain[i] = -gain[i]
                for j, w in near[i]:
                    gain[j] += 2 * w if sides[i] == sides[j] else -2 * w
            found = max(found, self.graph.cut(sides))
        return found

    def optimal(self):
        """Whether a certified bound is met."""
        return self.certified and self.once("cut") >= self.once("best")[0]

    def reached(self):
        """Whether the duality gap that was asked for is met, by the figures as written."""
        dual, asked = Fraction(self.chain[self.dual_name]), Fraction(self.record["relaxation"][self.gap_name])
        scale = max(abs(dual), self.graph.size * Fraction(1e-9))
        return dual - Fraction(self.chain["sdp_value"]) <= asked * scale


def dot(x, y):
    """Return the scalar product of two lists."""
    return sum(a * b for a, b in zip(x, y))
