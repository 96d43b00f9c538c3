"""The forms of cut and embedding records: every key, its type and its size. What other keys hold is refused.

A form is a name of `report.FORMS`, an object of forms, a set of words, or a function of the value.
"""

from fractions import Fraction

from report import FORMS, array_form, is_real, is_text, list_of, matches, need

#: Version -> its names for the duality gap asked for, whether it was met, the dual bound, the status where it was not
#: met; and the name of that status in other versions.
NAMES = {
    2: ("gap", "gap_reached", "upper_bound", "gap_not_reached", "duality_gap_not_reached"),
    3: ("duality_gap", "duality_gap_reached", "dual_bound", "duality_gap_not_reached", "gap_not_reached"),
}


CUT_MESSAGES = {
    "optimal": "optimal: the cut equals the certified upper bound",
    "solved": "solved: the bound is certified and the cut is no worse than the randomized algorithm's expectation",
    "bound_tested": "bound tested: the cut and its chain hold, the upper bound passes a test by coins, "
    "which a false one would pass with the error probability stated under 'bound'",
    "bound_estimated": "bound estimated: the cut and its chain hold, the upper bound rests on an iterative eigenvalue; "
    "see the reason under 'bound'",
    "gap_not_reached": "gap not reached: the cut and the bound hold, the relaxation stopped before its duality gap was "
    "met; raise max_sweeps or loosen gap",
    "duality_gap_not_reached": "duality gap not reached: the cut and the bound hold, the relaxation stopped before it "
    "was met; raise max_sweeps or loosen duality_gap",
    "interrupted": "interrupted: the cut and the bound hold as far as they were computed; run again for better ones",
}


def status_now(record, old):
    """Return the status of a record under its name of today; the name of another version is none."""
    status = record["status"]
    need(
        status != ("duality_gap_not_reached" if old else "gap_not_reached"),
        "the status is of another version",
    )
    return "duality_gap_not_reached" if status == "gap_not_reached" else status


def inner_status(record):
    """Return the status of the cut in a record, which may be one under constraints."""
    return status_now(record, record["schema_version"] < (3 if record["schema"] == "derandkit-maxcut" else 2))


def line(value):
    """Whether a value is a text on one line."""
    return type(value) is str and len(value) <= 2000 and value.isprintable()


def is_reading(value):
    """Whether a value says how an input was read: null, or a short line; it is never checked."""
    return value is None or (line(value) and 0 < len(value) <= 500)


def cut_form(n, version, leans=False, tested=False):
    """Return the form of a cut record of n vertices; its start may lean to one, its bound may be tested by coins."""

    def maybe(other):
        return lambda value: value is None or other(value)

    def sides(value):
        return type(value) is str and len(value) == n and not set(value) - set("+-")

    def partition(value):
        return list_of(lambda side: isinstance(side, list), 2, 2)(value) and sum(map(len, value)) == n

    def search(value):
        keys = {"kernel_m", "kernel_n", "runs", "work"}
        return (
            isinstance(value, dict)
            and set(value) == keys
            and all(matches(x, "count") for x in value.values())
        )

    def rounding(value):
        good = (
            isinstance(value, dict)
            and set(value) == {"granularity", "steps"}
            and is_real(value["granularity"])
        )
        return good and list_of(line, 2)(value["steps"])

    def thresholds(value):
        good = isinstance(value, dict) and set(value) == {"beta", "reference"} and is_real(value["beta"])
        return (
            good
            and 0.0 < value["beta"] <= 1.0
            and matches(value["reference"], "count")
            and value["reference"] < n
        )

    states, column = {"certified", "tested", "estimated"}, list_of("real", 100_000)
    coins = {"coin_test": {"error_probability": "positive", "margin": "positive"}} if tested else {}
    gap, reached, dual, missed, _ = NAMES[version]
    return {
        "schema": {"derandkit-maxcut"}, "schema_version": lambda value: type(value) is int and value == version,
        "seal": "hash", "message": line, "method": line,
        "status": {"optimal", "solved", "bound_tested", "bound_estimated", "interrupted", missed},
        "cut_value": "number", "upper_bound": "number", "bound_status": states, "gap": "size",
        "proven_optimal": "truth", "partition": partition,
        "chain": {
            "cut_value": "number", "derandomized_cut": "number", "final_expectation": "real", "sdp_value": "real",
            "start_expectation": "real", dual: "real",
        },
        "guarantee": {
            "holds": "truth", "negative_weight": "number", "ratio": "real", "statement": line, "value": "real",
        },
        "stationarity": {
            "curvature_method": {"gershgorin"}, "mean_gradient_norm": "real", "penalty": "size",
            "smallest_curvature": "real", "spread_bound": "maybe real", "spread_gradient_norm": "real",
            "spread_norm": "real",
        },
        "certificate": {
            "derandomized_sides": maybe(sides), "diagonal": list_of("real", n, n), "mean": array_form("<f4", 1, n),
            "proof": "maybe object", "sides": sides, "smoothing": "positive",
            "vectors": maybe(array_form("<f4", 2, n)),
        }
        | ({"thresholds": thresholds} if leans else {}),
        "bound": {
            "dual_bound": "real",
            "dual_method": {"diagonal-dominance", "dense-cholesky", "sparse-ldl", "chebyshev", "lanczos"},
            "dual_status": states, "method": line, "proof_bound": "maybe real", "proof_method": maybe(line),
            "reason": line, "rounding": maybe(rounding), "status": states,
        } | coins,
        "relaxation": {
            gap: lambda value: is_real(value) and 0.0 < value <= 1.0,
            reached: "truth", "method": line,
            "rank": "some", "sweeps": "count",
        },
        "search": maybe(search),
        "graph": {"digest": "hash", "m": "count", "n": "count", "total_weight": "number"}
        | ({"reading": is_reading} if version > 2 else {}),
        "history": {"expectation": column, "smoothing": column, "spread_norm": column},
    }  # fmt: skip


def is_(word):
    """Return the form of one value."""
    return lambda value: value is word


def either(*forms):
    """Return the form of a value that has one of some forms."""
    return lambda value: any(matches(value, form) for form in forms)


def maybe(form):
    """Return the form of a value that may be null."""
    return lambda value: value is None or matches(value, form)


SIDES, CHAIN = {"smallest": "size", "largest": "size"}, {
    "lower_bound": "size", "distortion": "size", "certified_distortion": "size",
}  # fmt: skip
EMBEDDING = {
    "schema": {"derandkit-embedding"}, "schema_version": lambda value: type(value) is int and value in (1, 2, 3, 4),
    "seal": "hash", "status": {"isometry", "guaranteed", "certified", "interrupted"}, "message": is_text(300),
    "method": {"lemma", "probability", "minimax", "conditional"}, "complement": {"balanced", "isometric", "zero"},
    "n_components": "some", "distortion": "size", "scaled_distortion": "size", "margin": "size", "lower_bound": "size",
    "worst_pair": list_of("count", 2, 2),
    "quantiles": {"p50": "size", "p90": "size", "p99": "size", "p999": "size", "mean": "size"},
    "chain": either(CHAIN, {**CHAIN, "guaranteed_eps": "size"}),
    "guarantee": either(
        {"applies": is_(False), "eps": is_(None), "smallest_dimension": "some"},
        {
            "applies": is_(True), "eps": lambda value: is_real(value) and 0 < value < 1, "sharpness": "size",
            "log_psi_start": "real", "log_psi_end": "real", "smallest_dimension": "some",
        },
    ),
    "output": {"dtype": {"float32", "float64"}, "certified_distortion": "maybe size"},
    "stretch": {"space": SIDES, "span": SIDES}, "matrix": array_form("<f8", 2), "centre": array_form("<f8", 1),
    "points": {
        "n": lambda value: FORMS["count"](value) and value > 1, "d": "some", "rank": "some",
        "dtype": {"float32", "float64"}, "digest": "hash", "duplicates": "count", "coincident": "count",
        "pairs": "some", "columns": maybe(list_of(is_text(10**5), 1_000_000, 1)),
    },
    "heldout": maybe({
        "max": "size", "p99": "size", "mean": "size", "mean_interval": list_of("real", 2, 2), "pairs": "some",
        "n_fitted": "some", "n_held": "some", "siblings": list_of(array_form("<f4", 2), 5, 1),
    }),
    "ridge": {
        "value": "size",
        "tried": list_of({"ridge": "size", "fitted": "size", "max": "size", "mean": "size"}, 8),
    },
    "history": {
        "distortion": list_of("size", 10_000), "objective": list_of("real", 10_000),
        "sharpness": list_of("size", 10_000), "spread": list_of("size", 10_000),
    },
    "stats": {"active_pairs": "count", "evaluations": "count", "scans": "count"},
}  # fmt: skip


EMBEDDING_MESSAGES = {
    "isometry": "isometry: every distance is kept to rounding, "
    "since the points lie in as many dimensions as the map has, to 1e-9 of their size",
    "guaranteed": "guaranteed: the dimension promises a distortion for any points, and the map keeps the promise",
    "certified": "certified: every pair was measured; "
    "the dimension is too small for a promise that holds for any points",
    "interrupted": "interrupted: the map is the best so far and every pair was measured; run again for a better one",
}
UNKEPT = (
    "certified: every pair was measured; the map does not keep what the dimension promises for any points"
)
KEPT_OR_NOT = (
    "certified: every pair was measured; rounding hides whether the map keeps what the dimension promises for any "
    "points"
)
FEATURES_MESSAGES = {
    "guaranteed": "guaranteed: the error over all pairs is at most "
    "the root of the mean square error of random frequencies",
    "certified": "certified: every pair was measured; "
    "the error is above the root of the mean square error of random frequencies",
    "interrupted": "interrupted: the features are the best so far and every pair was measured; "
    "run again for better ones",
}
BELOW_OR_NOT = (
    "certified: every pair was measured; rounding hides whether the error is below the root of the mean square error "
    "of random frequencies"
)
#: What records said in place of that root before.
ON_AVERAGE = (
    "what random frequencies have on average",
    "the root of the mean square error of random frequencies",
)
OBJECTIVE = {
    "objective": {"max", "mean", "mean4"},
    "mean": maybe({
        "power": lambda value: type(value) is int and value in (2, 4), "lower_bound": "size", "value": "size",
        "certified": "size", "promised": "size", "weights": maybe(array_form("<f8", 1)), "gradient": "maybe size",
        "curvature": "maybe real",
    }),
}  # fmt: skip


#: What version 1 does not claim; its message for an isometry; and its only sibling, whose mean has no interval.
LATER = ("centre", "output", "ridge", "stretch")
ISOMETRY_OF_1 = (
    "isometry: the points span no more dimensions than the map has, so distances are kept to rounding"
)
HELDOUT_OF_1 = maybe({
    "max": "size", "p99": "size", "mean": "size", "n_fitted": "some", "n_held": "some", "matrix": array_form("<f4", 2),
})  # fmt: skip


def said_before(record, dimensions):
    """Return earlier messages of an isometry that are true of points that lie in so many dimensions, to 1e-12."""
    earlier = {EMBEDDING_MESSAGES["isometry"].partition(", to ")[0]}
    if record["schema_version"] == 1:
        earlier.add(ISOMETRY_OF_1)
    return earlier if dimensions <= record["n_components"] else set()


def true_of(above, hidden, low, least, promise):
    """Return which messages are true where a figure is not below a promise: it is at least `low`, and says `least`."""
    found = {hidden} if least <= promise * (1 + Fraction(1, 2**40)) else set()
    return found | ({above} if low > promise else set())


def embedding_form(version):
    """Return the form of an embedding record: 2 claims more than 1, 3 says how it was read, 4 has objectives."""
    if version == 1:
        points = {key: form for key, form in EMBEDDING["points"].items() if key != "columns"}
        kept = {key: form for key, form in EMBEDDING.items() if key not in LATER}
        return {**kept, "points": points, "heldout": HELDOUT_OF_1}
    form = {**EMBEDDING, "points": EMBEDDING["points"] | ({"reading": is_reading} if version > 2 else {})}
    return form | (OBJECTIVE | {"ridge": maybe(EMBEDDING["ridge"])} if version > 3 else {})
