"""Words and numbers in texts, read with distrust: what derandkit might read in another way is refused here."""

import re
import unicodedata
from fractions import Fraction
from math import isfinite

from headers import WHOLE
from report import need

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
#: Words that hardly any vertex is called by, and that stand above the ends of edges.
HEADS = {
    "source", "target", "from", "src", "dst", "node1", "node2", "node_1", "node_2", "vertex1", "vertex2", "start",
    "end", "tail", "head", "row", "column", "origin", "destination", "sender", "receiver",
}  # fmt: skip

#: Names of a first column that numbers the rows.
NUMBERS = {"id", "index", "unnamed: 0"}

#: Names that may stand for a missing entry or for what is no finite number.
MISSING = {"nan", "na", "n/a", "null", "none", "nil", "inf", "infinity", "-inf", "-nan"}


def number(word):
    """Read a decimal number; one that a double can hold only as zero, or not to its last digit, is refused."""
    need(NUMBER.fullmatch(word), f"{word[:40]!r} is no decimal number")
    exact, value = Fraction(word), float(word)
    need(isfinite(value) and (value != 0 or exact == 0), f"{word[:40]} is beyond the range of numbers")
    need(exact == value or not lost(word, exact, value), f"{word[:40]} has more digits than a double")
    return value


def lost(word, exact, value):
    """Whether a whole number is another one as a double: in digits, or if that double is written otherwise."""
    whole = exact.denominator == 1 and abs(value) >= 2**53 and exact != Fraction(repr(value))
    return whole or not set(word) & set(".eE")


def exact(word):
    """Read a decimal number of any size."""
    need(NUMBER.fullmatch(word), f"{word[:40]!r} is no decimal number")
    return Fraction(word)


def count(word):
    """Read a whole number."""
    need(WHOLE.fullmatch(word), f"{word[:40]!r} is no whole number")
    return int(word)


def lines(text, comments="#"):
    """Return the lines that say something; what may be a blank, the end of a line or a part of a name is refused."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    odd = next((c for c in text if c not in " \t\n" and not c.isprintable()), None)
    need(odd is None, f"{odd!r} may be a blank, the end of a line, or a part of a name")
    return [line for line in text.split("\n") if line.strip() and not line.startswith(tuple(comments))]


def words(text, comments="#"):
    """Return the words of all lines that say something."""
    return [line.split() for line in lines(text, comments)]


def announced(text):
    """Return the words of all lines of a model but comments, which are `c` alone or `c` and a blank."""
    return [row for row in words(text, "\n") if row[0] != "c"]


def numbered(rows):
    """Return the labels in order and each row as numbers (i, j, weight)."""
    names = {name for row in rows for name in row[:2]}
    whole = all(map(WHOLE.fullmatch, names))
    need(not any(name[0] in "\"'" for name in names), "names in quotation marks are not read here")
    need(not any(name.startswith(("#", "%", "--", "//", ";")) for name in names), "a line may be a comment")
    need(not {name.lower() for name in names} & MISSING, "a name may be a missing entry")
    need(not any(set(name) & set(",;|") for name in names), "a comma, a semicolon or a bar may part columns")
    need(not any(map(is_sign, names)), "a sign between two words may be a name, or join the ends of an edge")
    need(not any(name.endswith(":") for name in names), "a name and a colon may begin a list of neighbours")
    ones, others = ({row[k] for row in rows} for k in (0, 1))
    apart = not ones & others and any(map(WHOLE.fullmatch, names)) and not whole
    need(not apart, "names and numbers that are joined may be a table of names and their values")
    parts = [re.split(r"\W+", name) for name in names]
    need(
        not any(len(part) > 1 and names.issuperset(part) for part in parts),
        "a name may be a list of vertices",
    )
    below_zero = [name for name in names if whole and int(name) < 0]
    few = "0" not in names and len(names) < 4 and ones & {*below_zero}
    need(few or len(below_zero) != 1, "the only vertex below 0 may stand for none")
    need(not any(name.startswith(("{", "[")) for name in names), "the lines may be JSON")
    spellings = {unicodedata.normalize("NFKC", name) for name in names}
    need(len(spellings) == len(names), "two names are one in another spelling")
    kinds, ends = {row[0] for row in rows}, [word for row in rows for word in row[1:]]
    several = len(kinds) > 1 or WHOLE.fullmatch(rows[0][0]) or len(rows[0]) < 3
    need(several or not all(map(NUMBER.fullmatch, ends)), "the first word may say what kind of line it is")
    need(not listed(rows), "the lines may be edges, or lists of neighbours")
    odd = [name for name in names if NUMBER.fullmatch(name) and not WHOLE.fullmatch(name)]
    odd += [name for name in names if not name.isascii() and any(c.isnumeric() for c in name)]
    need(not odd, f"{min(odd, default='')[:40]!r} may be a number or a name")
    below = {name for row in rows[1:] for name in row[:2]}
    first = {name.lower() for name in rows[0][:2]}
    alone = not below & set(rows[0][:2]) or first <= HEADS | {"u", "v", "i", "j"}
    heads = any(name.lower() in HEADS for name in rows[0][:2])
    heads = heads or not any(map(WHOLE.fullmatch, rows[0][: 2 if rows[0][2:] == ["0"] or not below else 3]))
    need(not (alone and heads), "the first line may be a header: remove it")
    labels = sorted(int(name) if whole else name for name in names)
    place = {str(label): k for k, label in enumerate(labels)}
    need(len(place) == len(labels) == len(names), "two names stand for one number")
    weights = [number(row[2]) + 0.0 if len(row) > 2 else 1.0 for row in rows]  # zero has no sign
    return labels, [(place[row[0]], place[row[1]], w) for row, w in zip(rows, weights)]


def is_sign(name):
    """Whether a name has no letter, digit or picture, as arrows and dashes have none."""
    kinds = set(map(unicodedata.category, name))
    return all(kind[0] == "P" or kind in ("Sm", "Sc", "Sk") for kind in kinds)


def listed(rows):
    """Whether lines of three words fit as lists of neighbours: each vertex once, and all of it mutual."""
    near = {row[0]: set(row[1:]) for row in rows}
    if len(near) < len(rows) or any(len(row) < 3 or len(set(row)) < 3 for row in rows):
        return False
    return all(u in near.get(v, ()) for u, others in near.items() for v in others)
