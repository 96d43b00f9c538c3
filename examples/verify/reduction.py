"""The cut that stands for a polynomial of signs or bits, and the values that its sides stand for.

The polynomial of every clause, arc and edge follows from its values alone. All that is not whole is carried along as a
rational number; what the rounding of coefficients can move is the slack of the bound.
"""

from fractions import Fraction

from instances import Graph, Model
from report import float_above, float_below, total


def shown(exact):
    """Return a value as a record writes it: an integer where it is whole, else the closest float."""
    return exact.numerator if exact.denominator == 1 else float(exact)


def polynomial(instance):
    """Return a model whose coefficients are floats, how far their rounding can move a value, and the exact ones."""
    if isinstance(instance, Model):
        own = {k: Fraction(h) for k, h in enumerate(instance.linear)}
        exact = Fraction(instance.offset), own, {(i, j): c for i, j, c in instance.graph.exact}
        return instance, Fraction(0), exact
    low = 0 if instance.vartype == "binary" else -1
    unit, constant, linear, pairs = 1 - low, -getattr(instance, "hard", Fraction(0)), {}, {}
    for w, places, value in instance.summands():
        if len(places) == 1:
            slope = w * (value(1) - value(low)) / unit
            linear[places[0]] = linear.get(places[0], 0) + slope
            constant += w * value(low) - slope * low
            continue
        a, b = places
        both = w * (value(1, 1) - value(1, low) - value(low, 1) + value(low, low)) / unit**2
        first = w * (value(1, low) - value(low, low)) / unit - both * low
        second = w * (value(low, 1) - value(low, low)) / unit - both * low
        key = (min(a, b), max(a, b))
        pairs[key] = pairs.get(key, 0) + both
        linear[a], linear[b] = linear.get(a, 0) + first, linear.get(b, 0) + second
        constant += w * value(low, low) - (first + second) * low - both * low * low
    slack = total(abs(x - Fraction(float(x))) for x in [constant, *linear.values(), *pairs.values()])
    couplings = Graph(instance.labels, [(*pair, float(x)) for pair, x in pairs.items() if float(x)])
    field = [float(linear.get(k, 0)) for k in range(instance.n)]
    model = Model(couplings, field, shown(constant), instance.vartype, instance.sense)
    return model, slack, (constant, linear, pairs)


class Reduction:
    """The graph whose cuts are the values of a model: ``best value = constant + factor cut``, up to a slack.

    With ``x = (1 + s) / 2`` for bits a model is a sum of ``J s s'`` and ``h s``; a further sign, the reference, stands
    in front of the ``h s``. A term ``J s s'`` is ``J - 2 J [s != s']``. A model to be minimised is negated first.
    """

    def __init__(self, model):
        direction, spin = 1 if model.sense == "maximize" else -1, model.vartype == "spin"
        scale, field = Fraction(1) if spin else Fraction(1, 4), [Fraction(x) for x in model.linear]
        if not spin:
            field = [h / 2 for h in field]
            for i, j, c in model.graph.exact:
                field[i], field[j] = field[i] + c / 4, field[j] + c / 4
        weights = [c for _, _, c in model.graph.edges] + [float(h / scale) for h in field]
        unit = max([Fraction(w).denominator for w in weights], default=1)
        if total(abs(Fraction(w)) for w in weights) >= 2**33 or unit > 2**20:
            unit = 1
        self.factor = 2 * scale / unit
        edges = [(i, j, float(-2 * scale * direction / self.factor) * c) for i, j, c in model.graph.edges]
        exact = [-2 * direction * h / self.factor for h in field]
        labels = list(model.labels)
        touched = [k for k, w in enumerate(exact) if float(w)]
        self.reference = len(labels) if touched else None
        if touched:
            labels.append(free_label(labels))
        edges += [(k, len(model.labels), float(exact[k])) for k in touched]
        self.slack = self.factor * total(abs(w - Fraction(float(w))) for w in exact)
        order = sorted(range(len(labels)), key=lambda k: labels[k])
        self.place = {k: number for number, k in enumerate(order)}
        ends = [(*sorted((self.place[i], self.place[j])), w + 0.0) for i, j, w in edges]
        self.graph = Graph([labels[k] for k in order], ends)
        ones = (
            total(c for _, _, c in model.graph.exact)
            + total(map(Fraction, model.linear))
            + Fraction(model.offset)
        )
        self.constant, self.spin, self.n = direction * ones, spin, model.n

    def toward(self, model, exact, values):
        """Round weights once more, in favour of a solution: what it cuts down, and what it does not cut up.

        Then no solution gains more by the rounding than this one, and what it gains is the slack.
        """
        constant, linear, pairs = exact
        direction, factor = 1 if model.sense == "maximize" else -1, self.factor
        # [x = 1] of bits is (1 + s) / 2, so a product of two has a quarter of its weight at s s', s and s'
        quarter, half = (Fraction(1), Fraction(1)) if self.spin else (Fraction(1, 4), Fraction(1, 2))
        terms = {pair: quarter * c for pair, c in pairs.items()}
        for k in range(self.n):
            terms[k, self.n] = half * linear.get(k, 0)
        if not self.spin:
            for (i, j), c in pairs.items():
                terms[i, self.n] += c / 4
                terms[j, self.n] += c / 4
        one, lost, edges = [x == 1 for x in values] + [True], Fraction(0), []
        for (i, j), c in terms.items():
            weight = -2 * direction * c / factor
            rounded = float_below(weight) if one[i] != one[j] else float_above(weight)
            lost += weight - Fraction(rounded) if one[i] != one[j] else 0
            if rounded:
                edges.append((i, j, rounded))
        labels, self.reference = list(model.labels), None
        if any(j == self.n for _, j, _ in edges):
            labels.append(free_label(labels))
            self.reference = self.n
        order = sorted(range(len(labels)), key=lambda k: labels[k])
        self.place = {k: number for number, k in enumerate(order)}
        ends = [(*sorted((self.place[i], self.place[j])), w) for i, j, w in edges]
        self.graph = Graph([labels[k] for k in order], ends)
        self.slack = factor * lost
        self.constant = direction * (constant + total(linear.values()) + total(pairs.values()))

    def values(self, sides):
        """Return the values of the variables for the sides of a cut."""
        one = "+" if self.reference is None else sides[self.place[self.reference]]
        spins = [1 if sides[self.place[k]] == one else -1 for k in range(self.n)]
        return spins if self.spin else [int(s > 0) for s in spins]


def free_label(labels):
    """Return a label for the reference that no variable has."""
    if all(type(label) is int for label in labels):
        return max(labels) + 1
    name = "reference"
    while name in labels:
        name += "*"
    return name
