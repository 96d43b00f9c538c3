"""Doubts that derandkit has about edges and matrices, each refused here by a rule that is broader and simpler.

derandkit knows lists of letters that look alike, of words for sums, and of layouts of neighbours and meshes. Here names
in two alphabets, names beside numbers, and rows that would fit are refused, also where derandkit would read them.
"""

import re
from itertools import pairwise

from doubts import far
from headers import WHOLE
from names import HEADS
from report import need
from texts import exact

#: Letters that columns of ends and weights are called by.
LETTERS = set("uvijwst")


def refuse_rows(rows, edges, table):
    """Refuse rows of which the first word may be a number of the row, or all numbers may be vertices or values.

    `edges` says that the file is called an edge list, `table` that its lines are those of a table.
    """
    first = [row[0] for row in rows]
    numbered = any(first == [str(k + start) for k in range(len(rows))] for start in (0, 1))
    need(
        not (table and numbered and len(rows) > 1 and rows[0][2:]),
        "the first word of each line may be its number",
    )
    if len(rows) < 3 or not all(WHOLE.fullmatch(word) for row in rows for word in row[:2]):
        return
    apart = len({word for row in rows for word in row[:2]}) == 2 * len(rows)
    need((edges and len(rows) < 4) or not apart, "lines without a number in common may be rows of a table")
    grouped = numbered and len(rows) > 8 and 1 < len({row[1] for row in rows}) <= len(rows) // 3
    need(not grouped, "lines may list vertices and their groups")
    whole = [list(map(exact, row)) for row in rows]  # 27.0 is a vertex where 27 is
    if not all(x.denominator == 1 for row in whole for x in row):
        return
    whole = [list(map(int, row)) for row in whole]
    first = [row[0] for row in whole]
    counted = first == list(range(first[0], first[0] + len(first)))
    need(not (apart and counted), "the first word of each line may be its number")
    if not edges:
        refuse_neighbours(whole)
    if rows[0][2:]:
        refuse_triples(whole, edges)


def refuse_neighbours(rows):
    """Refuse rows of numbers, none of them that of its row, that may list the nearest neighbours of points."""
    for start in (0, 1):
        own = any(k in row[-2:] for k, row in enumerate(rows, start))
        fits = all(start - 1 <= x <= len(rows) + start for row in rows for x in row[-2:])
        need(own or not fits or len(rows) < 4, "each line may list the nearest neighbours of a point")


def refuse_triples(rows, edges):
    """Refuse rows of three numbers that may all be vertices: triangles, or an edge and its number or weight."""
    first, second, third = zip(*rows)
    thirds, ends = set(third), {*first, *second}
    refuse_times(first, second, thirds)
    if len(thirds) == 1:
        return
    within = min(ends) <= min(thirds) and max(thirds) <= max(ends)
    mesh = within and all(len(set(row)) == 3 for row in rows)
    shared = any(2 * len(thirds & {*side}) >= min(len(thirds), len({*side})) for side in (first, second))
    timed = thirds & ends and list(first) == sorted(first)
    need(
        not mesh and (edges or not (within or shared or timed)), "all three numbers of a line may be vertices"
    )
    many = timed and len(rows) > 11 and all(a < b for a, b in zip(second, third))
    need(not many, "the first number of each line may be a time")
    others, apart = {*second, *third}, not {*first} & {*second}
    steps = [b - a for a, b in pairwise(first)] == [1] * (len(rows) - 1) and first[0] not in (0, 1)
    counts = len({*first}) == len(rows) and (max(first) > max(others) or apart or steps)
    need(not (shared and counts), "the first number of each line may be its own")
    signs = {1, -1} in ({*first}, {*second})
    held = signs or (apart and len(rows) in (len({*first}), len({*second})))
    need(not (shared and held), "the weights may stand before the ends or between them")


def refuse_times(first, second, thirds):
    """Refuse first numbers that never fall, apart from all others, and may be times of contacts."""
    alike = len(thirds) == 1
    ticks = all((x - first[0]) % 20 == 0 for x in first) and (min(thirds) >= 100 or not alike)
    clock = first[0] >= 10**8 or ticks or (thirds & {*second} and not alike)
    clock = clock and len({*first}) > 1 and list(first) == sorted(first)
    need(not clock or {*first} & {*second, *thirds}, "the first number of each line may be a time")


def refuse_comments(text):
    """Refuse a comment that may name the columns, count lines, or be an edge or a vertex."""
    for line in text.split("\n"):
        said = re.findall(r"\w+", line[1:].lower()) if line[:1] in ("#", "%") else []
        need(len(said) < 2 or not {*said} & (HEADS | LETTERS), "a comment may name the columns")
        counts = said and any(map(str.isnumeric, line))
        need(not counts, "a comment with a number may count lines, or be one")
        need(not said or line[1:2].isspace(), "a line such as '#a' may be a comment or an edge")


def refuse_matrix(A):
    """Refuse a matrix whose first row and column may be names, or in which -1 may stand for no edge."""
    off = [A[i][j] for j in range(len(A)) for i in range(j)]
    for weights in (off, [x for row in A for x in row]):
        need(not far(weights, 7), f"{max(weights, key=abs)}, far from all others, may stand for no edge")
    refuse_sums(A)
    most, sums = max(off), [abs(sum(row)) <= 1e-9 * sum(map(abs, row)) for row in A]
    laplacian = any(A[i][i] > 0 for i in range(len(A))) and (most <= 0 or all(sums))
    need(not laplacian, "the matrix may be a Laplacian, whose entries are minus the weights")
    first = A[0][1:]
    whole = all(map(float.is_integer, first))
    counts = first == sorted(first) or whole
    names = counts and len(set(first)) == len(first) and first == [row[0] for row in A[1:]]
    need(not names, "the first row and column may be names of the vertices")
    values = {x for row in A for x in row}
    need(-1 not in values or values <= {-1, 0, 1} or min(values) < -1, "-1 may stand for no edge")


def refuse_sums(A):
    """Refuse a matrix whose last row may hold the sums of the others, with or without the diagonal."""
    *rows, (*last, corner) = A
    sums = [sum(column) for column in zip(*(row[:-1] for row in rows))]
    held = any(
        all(near(x, b - k * row[i]) for i, (x, b, row) in enumerate(zip(last, sums, A))) for k in (-1, 0, 1)
    )
    need(not (held and near(corner, sum(last))), "the last row may hold the sums of the others")


def near(x, y):
    """Whether two numbers are one but for rounding."""
    return abs(x - y) <= 1e-5 * max(abs(x), abs(y)) + 1e-12


def refuse_signs(graph):
    """Refuse signed graphs of which derandkit asks what a weight of 0 means, or whose weights have no half."""
    weights = [w for _, _, w in graph.edges]
    need(set(weights) != {0.0, 1.0}, "0 may stand for a negative edge, or for none")
    need(all(2 * (w / 2) == w for w in weights), "a weight is too small to be halved")
    return graph
