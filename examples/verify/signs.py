"""Check a record of a problem of signs or bits: the instance as a polynomial, the polynomial as a cut, and back."""

from fractions import Fraction

import families
from corners import Corners
from forms import inner_status, is_reading, status_now
from instances import Model
from reduction import Reduction, polynomial, shown
from report import (
    NOT_CHECKED,
    PROVEN,
    Report,
    check_seal,
    float_above,
    float_below,
    is_gap,
    need,
    same,
    total,
)  # fmt: skip

import cuts

CONSTRAINED = "derandkit-constrained-cut"
KEYS = {
    "bound", "bound_status", "cut", "figures", "gap", "instance", "kind", "labels", "message", "proven_optimal",
    "reduction", "relative_gap", "schema", "schema_version", "seal", "sense", "spread", "status", "value", "values",
    "vartype",
}  # fmt: skip
MESSAGES = {
    "optimal": "optimal: no solution is better, the bound is certified",
    "solved": "solved: the bound is certified; a better solution may exist within the gap",
    "bound_tested": "bound tested: the value is exact, the bound passes a test by coins, "
    "which a false one would pass with the error probability stated in the record of the cut",
    "bound_estimated": "bound estimated: the value is exact, the bound rests on an iterative eigenvalue",
    "gap_not_reached": "gap not reached: value and bound hold, but the relaxation stopped early, so the bound is loose",
    "duality_gap_not_reached": "duality gap not reached: value and bound hold, but the relaxation stopped early, "
    "so the bound is loose",
    "interrupted": "interrupted: value and bound hold as far as they were computed; run again for better ones",
}
#: What the first one says where variables are fixed; an earlier release said the same as of all solutions.
OF_FIXED = "optimal: no solution with the fixed values is better, the bound is certified"


class Signs:
    """One record and its instance; every method whose name begins with ``check_`` returns a verdict and a text."""

    def __init__(self, record, instance):
        self.record, self.instance = record, instance

    def check_form(self):
        record = self.record
        need(
            set(record) - {"triangles"} == KEYS and record["schema"] == "derandkit-quadratic",
            "unknown or missing keys",
        )
        need(
            type(record["schema_version"]) is int and record["schema_version"] in (1, 2, 3),
            "no such version here",
        )
        need(
            isinstance(record["labels"], list) and isinstance(record["values"], list),
            "labels and values are lists",
        )
        parts = ["cut", "figures", "instance", "reduction", *({"triangles"} & set(record))]
        tables = [record[key] for key in parts]
        need(all(isinstance(table, dict) for table in tables), "a part is no object")
        return PROVEN, "every key that belongs here, and no other"

    def check_seal(self):
        return check_seal(self.record)

    def check_kind(self):
        need(self.record["kind"] == self.instance.kind, f"the instance is {self.instance.kind}")
        return PROVEN, self.instance.kind

    def check_instance(self):
        model, claimed = self.model, dict(self.record["instance"])
        if self.record["schema_version"] > 1:
            need(is_reading(claimed.pop("reading")), "the reading is no text")
        own = {
            "n": model.n,
            "couplings": model.graph.m,
            "digest": self.instance.digest,
            "model_digest": model.digest,
        }
        need(same(claimed, own), "it is about another instance")
        words = [self.record[key] for key in ("vartype", "sense", "labels")]
        need(
            same(words, [model.vartype, model.sense, list(model.labels)]), "variables or direction are others"
        )
        return PROVEN, f"{model.n} {model.vartype} variables, {model.sense}"

    def check_reduction(self):
        found, slack = self.reduction, self.reduction.slack + self.slack
        own = {"constant": str(found.constant), "factor": str(found.factor), "slack": str(slack)}
        if self.record["schema_version"] > 2:
            own["rounding"] = "toward the solution" if self.favoured else "nearest"
        need(same(self.record["reduction"], own), "the cut stands for other values")
        return PROVEN, f"{found.constant} + {found.factor} cut"

    def has_favoured(self):
        """Whether weights are rounded in favour of the solution, which then has to be one."""
        values, known = self.record["values"], (-1, 1) if self.model.vartype == "spin" else (0, 1)
        proper = len(values) == self.model.n and all(type(x) is int and x in known for x in values)
        says = self.record["reduction"].get("rounding") == "toward the solution"
        return self.record["schema_version"] > 2 and says and proper

    def check_solution(self):
        self.need_fixed()
        own = self.reduction.values(self.sides())
        need(same(self.record["values"], own), "the values are not those of the sides")
        return PROVEN, "the sides of the cut, relative to the reference"

    def sides(self):
        """Return the sides of all vertices, + or -."""
        cut = self.record["cut"]
        return cut["sides"] if cut["schema"] == CONSTRAINED else cut["certificate"]["sides"]

    def need_fixed(self):
        """Variables may be fixed, together with the reference on side 0, and nothing else may be demanded."""
        cut, reference = self.record["cut"], self.reduction.reference
        if cut["schema"] == CONSTRAINED:
            label = (
                None if reference is None else self.reduction.graph.labels[self.reduction.place[reference]]
            )
            fixed = cut["constraints"]["fixed"]
            own = [] if reference is None else [entry for entry in fixed if same(entry, [label, 0])]
            need(reference is None or len(own) == 1, "the reference is not fixed on side 0")
            need(len(fixed) > len(own) and not cut["constraints"]["pairs"], "these are not fixed variables")

    def value(self):
        """Return the value of the solution, by the definition of the problem."""
        x, instance = self.record["values"], self.instance
        if isinstance(instance, Model):
            pairs = total(c * x[i] * x[j] for i, j, c in instance.graph.exact)
            return (
                pairs + total(Fraction(h) * y for h, y in zip(instance.linear, x)) + Fraction(instance.offset)
            )
        terms = total(w * value(*(x[k] for k in places)) for w, places, value in instance.summands())
        return terms - getattr(instance, "hard", 0)

    def check_value(self):
        need(same(self.record["value"], shown(self.value())), f"it is {shown(self.value())}")
        return PROVEN, f"{shown(self.value())}"

    def check_figures(self):
        x, terms = self.record["values"], []
        if not isinstance(self.instance, Model):
            terms = [(w, value(*(x[k] for k in places))) for w, places, value in self.instance.summands()]
        own = {}
        if self.instance.kind == "max2sat":
            marks = [hard for _, _, _, hard in self.instance.clauses]
            missed = [k for k, (_, holds) in enumerate(terms) if not holds]
            soft = [w for (w, _), hard in zip(terms, marks) if not hard]
            lost = total(terms[k][0] for k in missed if not marks[k])
            own = {"satisfied_weight": shown(total(soft) - lost), "soft_weight": shown(total(soft))}
            own["violated"] = [k for k in missed if not marks[k]]
            own["hard_violated"] = [k for k in missed if marks[k]]
        elif self.instance.kind == "maxdicut":
            out = [w for w, leaves in terms if leaves]
            own = {"arcs_out": len(out), "weight_out": shown(total(out))}
        elif self.instance.kind == "balance":
            bad = [
                w for (_, _, w), (_, frustrated) in zip(self.instance.graph.exact, terms) if w and frustrated
            ]
            own = {
                "frustrated_positive": sum(w > 0 for w in bad),
                "frustrated_weight": shown(total(map(abs, bad))),
            }
            own["frustrated_negative"] = len(bad) - own["frustrated_positive"]
        need(same(self.record["figures"], own), f"they are {own}"[:200])
        return PROVEN, ", ".join(sorted(own)) or "none for this problem"

    def best(self):
        """Return the value that no solution beats."""
        found, inner, slack = self.reduction, self.record["cut"], self.reduction.slack + self.slack
        bound = found.constant + found.factor * Fraction(inner["upper_bound"]) + slack
        if inner["proven_optimal"] and (slack == 0 or self.favoured):
            bound = found.constant + found.factor * found.graph.cut(self.sides()) + slack
        return bound if self.model.sense == "maximize" else -bound

    def check_bound(self):
        best, status = self.best(), self.record["cut"]["bound_status"]
        outward = float_above if self.model.sense == "maximize" else float_below
        own = best.numerator if best.denominator == 1 else outward(best)
        need(
            same([self.record["bound"], self.record["bound_status"]], [own, status]),
            f"it is {own} ({status})",
        )
        return NOT_CHECKED if status == "estimated" else PROVEN, f"{own} ({status})"

    def spread(self):
        terms = [c for _, _, c in self.model.graph.exact] + [Fraction(h) for h in self.model.linear]
        return total(map(abs, terms)) * (2 if self.model.vartype == "spin" else 1)

    def check_gap(self):
        spread, claimed = self.spread(), self.record["spread"]
        need(is_gap(claimed, spread), "the range is another")
        gap = abs(Fraction(self.record["bound"]) - Fraction(self.record["value"]))
        need(is_gap(self.record["gap"], gap), f"it is {float(gap):.6g}")
        share = gap / Fraction(claimed) if claimed else Fraction(0)
        need(is_gap(self.record["relative_gap"], share), f"it is {float(share):.6g} of the range")
        return PROVEN, f"{float(gap):.6g}"

    def check_triangles(self):
        claimed = self.record.get("triangles")
        if claimed is None:
            return PROVEN, "none are claimed"
        near, (_, slack, _) = Reduction(self.model), polynomial(self.instance)
        return Corners(claimed, self.instance, self.model, near, slack).check(self.value(), self.spread())

    def check_status(self):
        record = self.record
        inner, status = inner_status(record["cut"]), status_now(record, record["schema_version"] < 2)
        optimal = self.record["cut"]["bound_status"] == "certified" and self.best() == self.value()
        expected = "optimal" if optimal else "solved" if inner == "optimal" else inner
        fixed = optimal and self.record["cut"]["schema"] == CONSTRAINED
        message = MESSAGES.get(record["status"])
        said = {message, OF_FIXED} if fixed else {message}
        need(status == expected and record["message"] in said, f"the figures say {expected!r}")
        need(self.record["proven_optimal"] is optimal, "it is not as optimal as it says")
        return PROVEN if optimal else self.inner.verdict("status"), status

    def report(self):
        """Check everything; later statements make sense only if the earlier ones hold."""
        report = Report()
        for name in ("form", "seal", "kind"):
            if not report.run(name, getattr(self, f"check_{name}")):
                return report
        self.model, self.slack, exact = polynomial(self.instance)
        self.reduction = Reduction(self.model)
        self.favoured = self.has_favoured()
        if self.favoured:
            self.reduction.toward(self.model, exact, self.record["values"])
            self.slack = Fraction(0)
        report.run("instance", self.check_instance)
        cut = self.record["cut"]
        checker = families.constrained if cut.get("schema") == CONSTRAINED else cuts.check
        self.inner = checker(cut, self.reduction.graph)
        report.add("cut.", self.inner)
        names = ("reduction", "solution", "value", "figures", "bound", "gap", "triangles", "status")
        for name in names if report.ok else ():
            report.run(name, getattr(self, f"check_{name}"))
        return report


def check(record, instance):
    """Check every statement of the record of a problem of signs."""
    return Signs(record, instance).report()
