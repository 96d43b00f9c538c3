"""Check the record of random Fourier features: every pair of points once more, with cosines that are enclosed.

Points, frequencies and gamma are binary fractions, so the phase ``w . (x - y)`` and the squared distance of a pair are
rational numbers. Cosines, exponentials and roots are intervals, and so is every error ``K^ - k``.
"""

from fractions import Fraction
from functools import cached_property

from forms import BELOW_OR_NOT, FEATURES_MESSAGES, ON_AVERAGE, is_reading, maybe, true_of
from kernels import PARAMETERS, SINCE_2, cosine, in_doubles, kernel_at, scalar, taken_off
from measured import UNIT, different
from reals import Interval, sqrt
from report import (
    FAILED,
    FORMS,
    NOT_CHECKED,
    PROVEN,
    RECOMPUTED,
    Report,
    array_form,
    check_form,
    check_seal,
    is_text,
    list_of,
    need,
    numbers,
    rows,
    same,
    total,
)  # fmt: skip
from spectra import DIGITS, eigenvalues

LARGEST = 5_000  # pairs of points
FARTHEST, WRITABLE = 2**40, 2**30  # radians; beyond the second no features are written
BOUNDED = 2048  # points for which a lower bound is stated
LEAST = Fraction(1, 2**1074)
FAIR, WIDEST, SINGLE, SHARE = Fraction(1, 2**40), Fraction(1, 2**20), Fraction(1, 2**22), Fraction(1e-5)
FORM = {
    "schema": {"derandkit-features"}, "schema_version": lambda value: type(value) is int and value in (1, 2),
    "seal": "hash", "status": set(FEATURES_MESSAGES), "message": is_text(300), "kernel": {"gaussian"},
    "method": {"lemma", "conditional"}, "n_features": lambda value: FORMS["count"](value) and value > 1,
    "gamma": "positive", "rms": "size", "max_error": "size", "margin": "size", "promised": "size",
    "lower_bound": "size", "worst_pair": list_of("count", 2, 2),
    "chain": {"lower_bound": "size", "rms": "size", "certified_rms": "size", "promised": "size"},
    "output": {"dtype": {"float32", "float64"}, "certified_rms": "size"},
    "frequencies": array_form("<f8", 2), "centre": array_form("<f8", 1),
    "points": {
        "n": lambda value: FORMS["count"](value) and value > 1, "d": "some", "dtype": {"float32", "float64"},
        "digest": "hash", "duplicates": "count", "pairs": "some", "columns": maybe(list_of(is_text(10**5), 10**6, 1)),
        "reading": is_reading,
    },
    "history": {"objective": list_of("real", 100_000), "spread": list_of("size", 100_000)},
    "stats": {
        "evaluations": "count", "fitted": lambda value: FORMS["count"](value) and value > 1,
    },
}  # fmt: skip


class Features:
    """One record and its points; every method whose name begins with ``check_`` returns a verdict and a text."""

    def __init__(self, record, points):
        self.record, self.table = record, points

    @cached_property
    def points(self):
        found = [[Fraction(x) for x in row] for row in different(self.table.rows)]
        need(len(found) * (len(found) - 1) // 2 <= LARGEST, "so many points are not measured here")
        return found

    @cached_property
    def waves(self):
        return [[Fraction(x) for x in row] for row in rows(self.record["frequencies"])]

    @cached_property
    def exponents(self):
        """``gamma |x - y|^2`` of every pair."""
        gamma, X = Fraction(self.record["gamma"]), self.points
        return {
            (i, j): gamma * sum((a - b) ** 2 for a, b in zip(X[i], X[j]))
            for i in range(len(X))
            for j in range(i + 1, len(X))
        }

    @cached_property
    def kernel(self):
        return {pair: kernel_at(self.record, x) for pair, x in self.exponents.items()}

    @cached_property
    def errors(self):
        """``|K^ - k|`` of every pair."""
        X, found = self.points, {}
        for (i, j), kernel in self.kernel.items():
            step = [a - b for a, b in zip(X[i], X[j])]
            estimate = Interval(0)
            for wave in self.waves:
                estimate = estimate + cosine(scalar(wave, step))
            found[i, j] = abs(estimate / len(self.waves) - kernel)
        return found

    @cached_property
    def rms(self):
        squares = Interval(0)
        for error in self.errors.values():
            squares = squares + error * error
        return sqrt(squares / len(self.errors))

    @cached_property
    def promised(self):
        squares = Interval(0)
        for pair, kernel in self.kernel.items():
            rest = 1 - kernel * kernel
            if self.record["kernel"] == "gaussian":
                squares = squares + rest * rest
            else:  # twice the variance of a random cosine, for any kernel
                squares = (
                    squares + rest + (kernel_at(self.record, 4 * self.exponents[pair]) - kernel * kernel)
                )
        return sqrt(squares / (2 * len(self.waves) * len(self.kernel)))

    def check_schema(self):
        later = self.record["schema_version"] != 1
        found = check_form(self.record, {**FORM, **SINCE_2} if later else FORM)
        for name in ("nu", "alpha") if later else ():
            theirs = PARAMETERS[self.record["kernel"]] == name
            need((self.record[name] is not None) == theirs, f"{name} does not belong to this kernel")
        lengths = {len(column) for column in self.record["history"].values()}
        need(len(lengths) == 1, "the columns of history differ in length")
        return found

    def check_seal(self):
        return check_seal(self.record)

    def check_points(self):
        table, claimed, m = self.table, dict(self.record["points"]), len(different(self.table.rows))
        found = {
            "n": table.n, "d": table.d, "dtype": {"<f4": "float32", "<f8": "float64"}[table.dtype],
            "digest": table.digest, "duplicates": table.n - m, "pairs": m * (m - 1) // 2,
        }  # fmt: skip
        need(all(same(claimed[key], value) for key, value in found.items()), "it is about other points")
        names = claimed["columns"]
        need(names is None or len(names) == table.d, "there is not one name a column")
        need(m > 1, "all points are equal")
        return PROVEN, f"{table.n} x {table.d}"

    def check_frequencies(self):
        record, d = self.record, self.table.d
        shape = record["frequencies"]["shape"]
        good = shape[1] == d and 2 * shape[0] == record["n_features"] and record["centre"]["shape"] == [d]
        need(good, "it has another shape")
        numbers(record["centre"])
        first, far = self.points[0], 0
        for x in self.points:
            step = [abs(a - b) for a, b in zip(x, first)]
            far = max(far, *(scalar([abs(a) for a in wave], step) for wave in self.waves))
        need(far <= FARTHEST, "phases have no digits left")
        return PROVEN, f"{shape[0]} x {d}"

    def rounding(self):
        """Return what doubles may lose of an error: a phase is off by d + 4 roundings of the sizes of its terms."""
        X, D = self.points, len(self.waves)
        d = sum(len(set(column)) > 1 for column in zip(*X))
        middle = [sum(column) / len(X) for column in zip(*X)]
        away = [[abs(a - c) for a, c in zip(x, middle)] for x in X]
        sizes = [sum(scalar([abs(a) for a in wave], x) for wave in self.waves) / D for x in away]
        found = Fraction(0)
        for (i, j), kernel in self.kernel.items():
            steep = kernel.high * ((d + 8) * min(self.exponents[i, j], 1000) + 8)
            lost = steep if self.record["kernel"] == "gaussian" else d + 40
            found = max(found, ((d + 4) * (sizes[i] + sizes[j]) + 2 * D + 32 + lost) * UNIT)
        need(found <= WIDEST, "the phases are so large that an error is not known")
        return found

    def check_errors(self):
        record, margin = self.record, Fraction(self.record["margin"])
        need(margin <= max(FAIR, min(1024 * self.rounding(), 4 * WIDEST)), "the margin says too little")
        spare, most = margin + 4 * UNIT, max(self.errors.values(), key=lambda error: error.high)
        need(self.rms.near(record["rms"], spare), f"the root mean square is {float(self.rms.high):.12g}")
        need(most.near(record["max_error"], spare), f"the greatest error is {float(most.high):.12g}")
        i, j = record["worst_pair"]
        rows_ = self.table.rows
        need(0 <= i < j < self.table.n and rows_[i] != rows_[j], "the worst pair is no pair")
        places = [different(rows_).index(rows_[k]) for k in (i, j)]
        worst = self.errors[min(places), max(places)]
        need(worst.high >= most.low - 2 * margin, "the worst pair is not the worst")
        return PROVEN, f"root mean square {float(self.rms.high):.12g}, greatest {float(most.high):.12g}"

    @property
    def spare(self):
        """How far the promise of a record may be off."""
        longest = sqrt(2 * max(self.exponents.values())).high
        return min(
            taken_off(self.record, longest, self.promised, len(self.points), self.table.d),
            SHARE * self.promised.low,
        )

    def check_promise(self):
        text = f"{float(self.promised.high):.12g}"
        need(self.promised.near(self.record["promised"], self.spare), f"it is {text}")
        return (PROVEN if self.record["promised"] <= self.promised.low else RECOMPUTED), text

    def check_lower_bound(self):
        claimed, count, m = Fraction(self.record["lower_bound"]), self.record["n_features"], len(self.points)
        if m > BOUNDED or m <= count:
            need(claimed == 0, "none is stated for so many features or points")
            return PROVEN, "none is stated"
        unit = 1 << 120
        K = [[Fraction(1)] * m for _ in range(m)]
        for (i, j), value in self.kernel.items():
            K[i][j] = K[j][i] = Fraction(round(value.middle * unit), unit)
        squares = sum(x * x for row in K for x in row)
        found = eigenvalues(K, count, Fraction(1, 1 << 100))  # the root of a difference loses half the digits
        low = sqrt(max(squares - sum(high * high for _, high in found), Fraction(0))).low
        high = sqrt(max(squares - sum(low * low for low, _ in found), Fraction(0))).high
        pairs = sqrt(Fraction(m * (m - 1)))
        # it may not be above what is proven
        low, high = max(low / pairs.high - Fraction(1, 2**100), Fraction(0)), high / pairs.low
        # a solver leaves room for its own rounding
        longest = sqrt(2 * max(self.exponents.values())).high
        room = Fraction(1e-9) + 8 * m * (200 * m + 50 * self.table.d + 700 + 4 * longest) * UNIT / pairs.low
        need(high * (1 - DIGITS) - room <= claimed <= low, f"it is {float(low):.9g}")
        return RECOMPUTED, f"{float(low):.9g}"

    def written(self):
        """How far the phases of a row may be off in the mean, as `transform` computes them."""
        centre = numbers(self.record["centre"])
        sizes, d, worst = [[abs(w) for w in wave] for wave in self.waves], self.table.d, Fraction(0)
        widest = max(map(max, sizes))
        halved = max(abs(x) for row in [centre, *self.table.rows] for x in row) >= 2**1022
        for x in self.points:
            away = [abs(a - Fraction(c)) for a, c in zip(x, centre)]
            phases = [scalar(wave, away) for wave in sizes]
            need(max(phases) <= WRITABLE, "phases from the centre have no digits left")
            # a row is scaled to 2^100 and the frequencies to 2^900; entries near the limits are halved before
            underflow = d * widest * (max(away) / 2**1160 + (2 * LEAST if halved else 0))
            worst = max(worst, (d + 4) * UNIT * sum(phases) / len(phases) + underflow)
        return worst

    def check_output(self):
        claimed, margin, points = self.record["output"], Fraction(self.record["margin"]), self.points
        m, single = len(points), self.table.dtype == "<f4"
        for c, column in zip(numbers(self.record["centre"]), zip(*points)):
            spare = 4 * m * UNIT * max(map(abs, column)) + (m + 1) * LEAST
            need(abs(Fraction(c) - total(column) / m) <= spare, "the centre is not the mean")
        need(
            claimed["dtype"] == ("float32" if single else "float64"), "they are written in another precision"
        )
        # both features of a pair are off by their phases, the last places of cosines and the rounding of their type
        low = self.rms.high + 2 * self.written() + 32 * UNIT + (SINGLE * Fraction(51, 100) if single else 0)
        most = self.rms.high + 8 * margin + 64 * UNIT + (SINGLE if single else 0)
        need(low <= claimed["certified_rms"] <= most, f"it is at least {float(low):.12g}")
        return PROVEN, f"at most {claimed['certified_rms']!r}"

    def check_chain(self):
        record, chain = self.record, dict(self.record["chain"])
        expected = {key: record[key] for key in ("lower_bound", "rms", "promised")}
        expected["certified_rms"] = record["rms"] + record["margin"]
        need(same(chain, expected), "the chain holds other figures than the record")
        need(chain["lower_bound"] <= chain["rms"], "the lower bound is above the error")
        need(max(chain["rms"], self.rms.high) <= chain["certified_rms"], "it is broken")
        return PROVEN, f"certified {chain['certified_rms']!r}"

    def check_status(self):
        record = self.record
        expected = "guaranteed" if record["chain"]["certified_rms"] <= record["promised"] else "certified"
        messages = {FEATURES_MESSAGES[record["status"]]}
        if record["status"] == "certified":
            hides = in_doubles(record, self.kernel.values(), len(self.points), self.table.d)
            least = Fraction(record["rms"]) - Fraction(record["margin"]) - hides * self.promised.high
            messages = true_of(*messages, BELOW_OR_NOT, self.rms.low, least, self.promised.high)
        said = record["message"].replace(*ON_AVERAGE)
        need(said in messages, "the message is not that of the status, or not true of the figures")
        if record["status"] == "interrupted":
            return NOT_CHECKED, f"that the run was interrupted; the numbers alone say {expected!r}"
        need(record["status"] == expected, f"the figures say {expected!r}")
        # the promise in the record is known to some rounding; what it stands for has to hold without
        kept = expected == "certified" or self.rms.high <= self.promised.low
        need(kept, "the error is not below that of random frequencies")
        return PROVEN, expected

    def check_provenance(self):
        return NOT_CHECKED, "method, history and counts"


def check(record, points):
    """Check every statement of the record of random Fourier features."""
    report, found = Report(), Features(record, points.chosen(record))
    for name in ("schema", "seal", "points", "frequencies"):
        good = report.run(name, getattr(found, f"check_{name}"))
        if name == "schema" and not good:
            return report
    if FAILED not in {verdict for _, verdict, _ in report.lines[-2:]}:
        report.run("columns", lambda: found.table.check_columns(record["points"]["columns"]))
        for name in ("errors", "promise", "lower_bound", "output", "chain", "status", "provenance"):
            report.run(name, getattr(found, f"check_{name}"))
    return report
