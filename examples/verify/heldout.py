"""The figures for new points: which points are held out follows from a rule, and siblings are measured on them.

A record of version 1 has one sibling, and states no interval of the mean.
"""

from fractions import Fraction
from math import ceil, prod

from reals import Interval, sqrt
from report import need, numbers, rows, total

MOST_SIBLINGS, LARGEST_PART, FEWEST = 5, 1000, 4
FIT_BUDGET, SIZE_BUDGET = 200_000, 2_000_000


def order(count):
    """Return the places sorted by SplitMix64 of their number."""
    mask = 2**64 - 1

    def mixed(number):
        z = (number + 1) * 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    return sorted(range(count), key=mixed)


def check(record, points, measure):
    """Measure the siblings on the points that they were not fitted to; `points` are different."""
    claimed, count, first = record["heldout"], len(points), record["schema_version"] == 1
    held, siblings = claimed["n_held"], [claimed["matrix"]] if first else claimed["siblings"]
    fewest = 2 if first else max(FEWEST, ceil(count / 20))
    need(fewest <= held <= min(LARGEST_PART, (count + 1) // 2), "too few or too many held out")
    fitted, shape = min(count - held, LARGEST_PART), [record["n_components"], len(points[0])]
    folds = max(1, min(MOST_SIBLINGS, count // held, FIT_BUDGET // fitted**2, SIZE_BUDGET // prod(shape)))
    folds = 1 if first else folds
    need(
        claimed["n_fitted"] == fitted and len(siblings) == folds,
        f"{folds} siblings of {fitted} points are expected",
    )
    need(all(s["shape"] == shape for s in siblings), "a sibling has another shape")
    places, offs, worst, total_off, variance = order(count), [], Fraction(0), Fraction(0), Interval(0)
    for fold, sibling in enumerate(siblings):
        need(max(map(abs, numbers(sibling))) <= 2.0**100, "a sibling has an entry above 2^100")
        part = [points[k] for k in sorted(places[fold * held : (fold + 1) * held])]
        found = measure(part, rows(sibling))
        offs += found.sorted
        worst, total_off = max(worst, found.distortion), total_off + total(found.sorted)
        means = [
            total(found.offs[pair] for pair in mine) / len(mine)
            for mine in ([pair for pair in found.offs if k in pair] for k in range(held))
            if mine
        ]
        middle = total(means) / len(means)
        if len(means) > 1:
            deviation = total((x - middle) ** 2 for x in means) / (len(means) - 1)
            variance = variance + Interval(len(found.sorted) ** 2 * 4 * deviation / len(means))
    pairs, offs = len(offs), sorted(offs)
    mean, error = total_off / pairs, 2 * sqrt(variance) / pairs
    edge = offs[ceil(0.99 * pairs) - 1]
    slack = Fraction(1, 2**28) + mean / 10**11
    need(abs(claimed["max"] - worst) <= slack, f"the greatest distortion is {float(worst):.9g}")
    need(abs(claimed["mean"] - mean) <= slack, f"the mean distortion is {float(mean):.9g}")
    need(
        edge - slack <= claimed["p99"] <= edge * (1 + Fraction(1, 2**10)) + slack,
        f"99 % is {float(edge):.9g}",
    )
    if not first:
        (low, high), least = claimed["mean_interval"], mean - error
        least = Interval(max(least.low, Fraction(0)), max(least.high, Fraction(0)))
        need(claimed["pairs"] == pairs, f"there are {pairs} pairs")
        near = least.near(low, 8 * slack) and (mean + error).near(high, 8 * slack)
        need(near, "the interval of the mean is another")
    return f"max {float(worst):.6g}, mean {float(mean):.6g} over {pairs} pairs"
