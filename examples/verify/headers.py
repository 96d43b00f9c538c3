"""Whether a first line of numbers names columns, or is a point: the record says so, or the numbers leave no doubt.

Programs number columns that have no names (0, 1, 2), and years, wavelengths or genes name columns as well. A reader
who takes such a line for a point has one point more than there are, and another digest; so it is asked about here, as
derandkit does. What derandkit answered stands in the record, in `points.reading`.
"""

import re
from itertools import pairwise
from math import log

from report import Refused, need

#: A name of a vertex that is a whole number.
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
#: How a record begins to say that a file has a header, or has none.
SAID = re.compile(r"\S+-separated table (with|without) a header line(?:[,;]|$)")
QUESTION = "names of columns, or a point? The record does not say; write a line of words above it"


def claims(about):
    """Return whether a record says that its file had a header, None if it does not say; and the names of columns."""
    about = about if isinstance(about, dict) else {}
    reading, columns = about.get("reading"), about.get("columns")
    found = SAID.match(reading) if isinstance(reading, str) else None
    named = [name for name in columns if isinstance(name, str)] if isinstance(columns, list) else []
    return found and found[1] == "with", named


def has_names(words, values, about=None):
    """Return whether the first row names the columns.

    `words` are all rows as they are written, `values` their numbers, `about` is what the record says of its points.
    Refused is what may be either.
    """
    answer, named = claims(about)
    # of names that repeat, a record has the numbers of the columns
    repeat = named and set(named) <= {str(k + 1) for k in range(len(words[0]))}
    if answer and not repeat and not set(named) & set(words[0]):
        answer = None  # the same table, without its header
    if answer is not None:
        return answer
    first, *below = values
    again = [word == words[0] for word in words]  # where tables were put together
    others = [row for row, same in zip(values, again) if not same]
    shown = ", ".join(words[0])[:60]
    two = two_lines(values) or two_lines([first, *others])
    need(not (len(first) > 2 and two), f"the first two lines may be names: {shown}")
    rows, width = len(below), len(first)
    sizes = ([rows, width], [width, rows], [rows])
    need(rows < 2 or first not in sizes, f"the first line, {shown}, may count rows and columns")
    distinct = words[:1] + [word for word, same in zip(words, again) if not same]
    if any(
        len(some) > 1 and like_names(said, first, some) for said, some in ((words, below), (distinct, others))
    ):
        raise Refused(f"the first line reads {shown}: {QUESTION}")
    return False


def two_lines(values):
    """Whether two lines of whole numbers stand above fractions: names of two levels, or two points."""
    (one, two, *below), whole = values + [[]] * 2, float.is_integer
    return len(below) > 4 and all(map(whole, one + two)) and not any(whole(x) for row in below for x in row)


def like_names(words, first, below):
    """Whether numbers are of another kind than those below them."""
    few, ends = len(below) < 3, [(min(column), max(column)) for column in zip(*below)]

    def beyond(times):
        """Whether each is outside its column, by more than so many times the width of that."""
        return all(
            not low - times * (high - low) <= x <= high + times * (high - low)
            for x, (low, high) in zip(first, ends)
        )

    whole = all(map(float.is_integer, first)) and not any(x.is_integer() for row in below for x in row)
    if len(first) == 1:
        return len(below) > 3 and (beyond(10) or (whole and first == [0]))
    if first == list(range(len(first))) and first[0] == 0:
        return True
    if not few and len(set(first)) == len(first) and (beyond(10) or whole):
        return True
    if first[0] > first[1]:  # a spectrum, from the largest wavenumber to the least
        first, below = first[::-1], [row[::-1] for row in below]
        ends.reverse()
    if not rising(first):
        return False
    written = [all(word.lstrip("+-").isdecimal() for word in row) for row in words]
    if not few and written[0] and not any(written[1:]):
        return True
    if len(first) == 2 or any(sorted(row) == first for row in below):
        return len(first) > 2 and not few and beyond(0) and not all(map(rising, below))
    by_ones = steps(first) == [1.0] * (len(first) - 1)
    if by_ones and not any(steps(row) == steps(first) for row in below):
        return True
    if even(first) and not any(map(even, below)):
        return True
    return not few and beyond(0) and not all(map(rising, below))


def steps(row):
    """Return how far apart neighbours are."""
    return [b - a for a, b in pairwise(row)]


def rising(row):
    """Whether each number is above the one before."""
    return all(a < b for a, b in pairwise(row))


def even(row):
    """Whether numbers grow by equal steps, or four and more by equal factors, but for rounding."""
    if not rising(row):
        return False
    scales = [row] + ([list(map(log, row))] if len(row) > 3 and row[0] > 0 else [])
    return any(max(steps(s)) - min(steps(s)) <= 4e-12 * max(map(abs, s)) for s in scales)
