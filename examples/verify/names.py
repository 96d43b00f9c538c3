"""Names in an edge list that derandkit may read as something else, refused here by rules that are broader and simpler.

derandkit knows hundreds of names of columns, marks of layouts, and words for sums, truth and what is missing. Here a
name of a vertex is one word of letters and digits, and a first line with a word that may head a column is no edge.
"""

import re
import unicodedata

from headers import WHOLE
from report import need

#: One word of letters and digits, perhaps with single signs inside; or pictures.
PLAIN = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")
#: Words of names of columns: of ends, of vertices, of weights, and of what else tables say of edges.
HEADS = {
    "source", "target", "from", "to", "src", "dst", "dest", "tgt", "node", "nodes", "vertex", "vertices", "start",
    "end", "stop", "tail", "head", "row", "rows", "col", "column", "columns", "origin", "destination", "orig",
    "sink", "sender", "receiver", "recipient", "departure", "arrival", "caller", "callee", "citing", "cited",
    "exporter", "importer", "follower", "followed", "followee", "following", "predecessor", "successor", "level",
    "user", "friend", "paper", "author", "ego", "alter", "neighbor", "neighbour", "edge", "edges", "arc", "arcs",
    "link", "id", "ids", "key", "index", "label", "labels", "name", "names", "type", "kind", "class", "group",
    "cluster", "color", "colour", "weight", "weights", "wt", "value", "values", "cost", "capacity", "distance",
    "length", "strength", "similarity", "count", "score", "rank", "size", "degree", "time", "times", "timestamp",
    "date", "year", "month", "day", "hour", "since", "lat", "lon", "lng", "long", "latitude", "longitude", "left",
    "right", "up", "down", "first", "second", "one", "two", "parent", "child", "children", "father", "mother",
    "pre", "post", "before", "after", "prev", "previous", "next", "input", "output", "cause", "effect", "upstream",
    "downstream", "de", "vers", "von", "nach", "zu", "gene", "tf", "regulator", "subject", "object", "predicate",
    "relation", "rel", "winner", "loser", "home", "away", "person", "people", "item", "entity", "var", "variable",
    "feature", "attr", "attribute", "component", "dim", "mean", "std", "min", "max", "total", "sum", "average",
}  # fmt: skip
#: Names of rows that hold sums over others.
SUMS = {"total", "totals", "subtotal", "sum", "sums", "all", "mean", "average", "std", "min", "max"}
#: Words for truth, which are values.
TRUTH = {"true", "false", "yes", "no", "t", "f", "y", "n", "on", "off"}


def refuse_names(rows):
    """Refuse vertices whose names may be two spellings of one, hold a sign or two names, be a value, or be a sum."""
    names = {name for row in rows for name in row[:2]}
    alphabets = {unicodedata.name(c, "?").split()[0] for name in names for c in name if c.isalpha()}
    need(len(alphabets) <= 1, "names in two alphabets may look alike and be one")
    odd = [name for name in names if not (WHOLE.fullmatch(name) or PLAIN.fullmatch(name) or is_picture(name))]
    need(not odd, f"{min(odd, default='')[:40]!r} may be a name, or a name and a sign")
    small = {name.lower() for name in names}
    need(not small & SUMS, "a vertex may be the sum of others")
    need(len(small & TRUTH) < 2 and not small & {"true", "false"}, "a name may be a value: true or false")
    need(not heads(rows[0]), "the first line may be the names of columns")
    mixed = {tuple(sorted(row[:2], key=is_word)) for row in rows if is_word(row[0]) != is_word(row[1])}
    each = all(len(set(side)) == len(mixed) for side in zip(*mixed))
    need(not (mixed and each), "numbers beside names may be values of these")
    refuse_table([row for row in rows if row[0] != row[1]])


def heads(row):
    """Whether the words of a line may be names of columns: known ones, or two that differ in their last sign only.

    >>> heads(["a", "b"]), heads(["b", "weight"]), heads(["x2", "x1"]), heads(["gene_a", "gene_b"]), heads(["x1", "x4"])
    (False, True, True, True, False)
    """
    words = [word.lower() for word in row if not NUMERAL.fullmatch(word)]
    if any(len(part) > 1 and part in HEADS for word in words for part in re.split("[^a-z]+", word)):
        return True
    if {"".join(words)} & {"uv", "ij", "xy", "vu", "ji", "yx"}:
        return True
    one, other = (word.lower() for word in row[:2])
    last = "".join(sorted(one[-1:] + other[-1:]))
    return (
        one[:-1] == other[:-1] != "" and not one[:-1].isdecimal() and last in ("01", "12", "ab", "xy", "ij")
    )


#: A whole number or one with a point.
NUMERAL = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")


def refuse_table(rows):
    """Refuse names that stand beside other names, each once on one side, as in a table of things and their kinds."""
    ones, others = ({row[k] for row in rows} for k in (0, 1))
    words = any(map(is_word, ones | others))
    each = len(rows) in (len(ones), len(others)) and min(len(ones), len(others)) > 1
    need(
        not (words and each and len(rows) > 1 and not ones & others),
        "names beside others, each once, may be a table of things and their kinds",
    )


def is_picture(name):
    """Whether a name is made of pictures."""
    return all(unicodedata.category(c) == "So" for c in name)


def is_word(name):
    """Whether a name is no whole number."""
    return not WHOLE.fullmatch(name)
