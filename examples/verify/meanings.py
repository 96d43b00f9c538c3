"""Doubts that derandkit has about edges and matrices, each refused here by a rule that is broader and simpler.

derandkit knows lists of letters that look alike, of words for sums, and of layouts of neighbours and meshes. Here names
in two alphabets, names beside numbers, and rows that would fit are refused, also where derandkit would read them.
"""

import re
import unicodedata

from headers import WHOLE
from report import need

#: Names of rows that hold sums over others.
SUMS = {"total", "totals", "subtotal", "sum", "sums"}
#: What a column of weights is called.
WEIGHTS = {"w", "weight", "weights", "value", "cost", "length", "distance", "capacity", "count"}
#: What columns of ends are called.
ENDS = {"u", "v", "i", "j", "source", "target", "from", "to", "src", "dst", "tail", "head"}


def refuse_names(rows):
    """Refuse vertices whose names may be two spellings of one, a row of sums, or values beside names."""
    names = {name for row in rows for name in row[:2]}
    alphabets = {unicodedata.name(c, "?").split()[0] for name in names for c in name if c.isalpha()}
    need(len(alphabets) <= 1, "names in two alphabets may look alike and be one")
    odd = {
        c
        for name in names
        for c in name
        if not (c.isascii() or c.isalpha() or unicodedata.category(c) == "So")
    }
    need(not odd, "a sign that is no letter may look like another one")
    need(
        not any("&" in name or "%" in name for name in names), "a name may be written as pages of the web are"
    )
    need(not {name.lower() for name in names} & SUMS, "a vertex may be the sum of others")
    (stem, *_), (other, *_) = (re.split("[0-9]+$", name) for name in rows[0][:2])
    numbered = stem == other and not {stem, other} & names
    need(
        not (numbered and not all(name.startswith(stem) for name in names)),
        "the first line may be the names of columns",
    )
    need(not set(map(str.lower, rows[0][:2])) <= ENDS, "the first line may be the names of columns")
    mixed = {tuple(sorted(row[:2], key=is_word)) for row in rows if is_word(row[0]) != is_word(row[1])}
    each = all(len(set(side)) == len(mixed) for side in zip(*mixed))
    need(not (mixed and each), "numbers beside names may be values of these")


def is_word(name):
    """Whether a name is no whole number."""
    return not WHOLE.fullmatch(name)


def refuse_rows(rows, edges):
    """Refuse rows of whole numbers that may be the nearest neighbours of points, or the triangles of a mesh.

    `edges` says that the file is called an edge list.
    """
    if not all(WHOLE.fullmatch(word) for row in rows for word in row) or len(rows) < 3:
        return
    table = [list(map(int, row)) for row in rows]
    apart = all(len(set(row)) == len(row) for row in table)
    ends = {x for row in table for x in row[:2]}
    counted = [row[0] for row in table] == list(range(table[0][0], table[0][0] + len(table)))
    need(len(ends) < 2 * len(table) or not counted, "the first word of each line may be its number")
    thirds = {row[2] for row in table if len(row) > 2}
    mesh = apart and len(thirds) > 2 and min(thirds) >= 0 and max(thirds) <= max(ends)
    need(not mesh, "three numbers may be a triangle of a mesh")
    for start in (0, 1):
        own = any(k in row for k, row in enumerate(table, start))
        fits = all(start <= x < len(rows) + start for row in table for x in row)
        need(edges or own or not (fits and apart), "each line may list the nearest neighbours of a point")


def refuse_comments(text):
    """Refuse a comment that may name the columns, where the weight is not the third one."""
    for line in text.split("\n"):
        said = [word.strip(",;") for word in line[1:].lower().split()] if line[:1] in "#%" else []
        need(
            len(said) != 3 or not (set(said[:2]) & WEIGHTS or said[2] in ENDS),
            "a comment may name the columns, of which the weight is not the third one",
        )


def refuse_matrix(A):
    """Refuse a matrix whose first row and column may be names, or in which -1 may stand for no edge."""
    first = A[0][1:]
    whole = all(map(float.is_integer, first))
    names = whole and len(set(first)) == len(first) and first == [row[0] for row in A[1:]]
    need(not names, "the first row and column may be names of the vertices")
    values = {x for row in A for x in row}
    need(-1 not in values or values <= {-1, 0, 1} or min(values) < -1, "-1 may stand for no edge")


def refuse_signs(graph):
    """Refuse signed graphs of which derandkit asks what a weight of 0 means, or whose weights have no half."""
    weights = [w for _, _, w in graph.edges]
    need(set(weights) != {0.0, 1.0}, "0 may stand for a negative edge, or for none")
    need(all(2 * (w / 2) == w for w in weights), "a weight is too small to be halved")
    return graph
