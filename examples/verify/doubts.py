"""Lines of a graph that may be something else: counts, names of columns, a matrix, two graphs.

derandkit asks what such a file is, or has other signs to go by. Here each question is a refusal, and some files are
refused that derandkit reads; `meanings.py` has more of them.
"""

from itertools import pairwise

from headers import WHOLE
from report import need
from texts import NUMBER, exact, number

#: Words before a number that counts vertices or edges.
COUNTS = {"n", "m", "node", "nodes", "edge", "edges", "vertex", "vertices", "arc", "arcs", "order", "size"}


def refuse_others(rows, text):
    """Refuse lines that may be a small matrix, or a header with nothing below it."""
    below = (
        [] if any(word[0] == "-" for row in rows for word in row) else rows[1:]
    )  # the first line may be names
    need(not (small(rows) or small(below) or named(rows)), "the lines may be a matrix or edges")
    alone = len(rows) == 1
    need(not (alone and announces(rows[0])), "the only line may count what follows")
    need(not (alone and text.endswith("\n\n")), "the lines may be a METIS file: vertices without neighbours")


def refuse_headers(rows, edges, table):
    """Refuse edges of which the first line may be something else, or the third words are ends.

    `edges` says that the file is called an edge list, `table` that its lines are those of a table.
    """
    words = not all(WHOLE.fullmatch(x) for row in rows for x in row[:2])
    need(not ((table or words) and columns(rows)), "the first line may be the names of columns")
    need(not counted_in_words(rows[0]), "the first line may say how many vertices or edges follow")
    need(not both_follow(rows), "the first line may count vertices and edges that both follow")
    need(
        edges or len(rows) == 1 or not (counts(rows) or cut_short(rows)),
        "the first line may be an edge, or say how many vertices and edges follow: remove it",
    )
    won = len(rows) > 2 and all(row[2:] and is_end(row[2], row[:2]) for row in rows)
    need(not won, "the third word of each line is one of its ends: a weight, or a vertex?")


def is_end(word, ends):
    """Whether a word is one of two, or the same number."""
    return word in ends or (
        NUMBER.fullmatch(word) and exact(word) in [int(x) for x in ends if WHOLE.fullmatch(x)]
    )


def counts(rows):
    """Whether the first of some lines fits as a header: how many vertices and edges follow, in either order."""
    (one, other, *_), *below = rows
    if not (one.isdecimal() and other.isdecimal()):
        return False
    ends, many = {word for row in below for word in row[:2]}, len(below)

    def fits(n, m):
        return many in (m, 2 * m) and len(ends) <= n + 1 and all(int(x) <= n for x in ends if x.isdecimal())

    return fits(int(one), int(other)) or fits(int(other), int(one))


def cut_short(rows):
    """Whether the first of some lines may count more edges than follow, or vertices and edges that both follow."""
    head, *below = rows
    if not all(map(WHOLE.fullmatch, head[:2])):
        return False
    n, m = map(int, head[:2])
    if both_follow(rows):
        return True
    ends = {word for row in below for word in row[:2]}
    if n < 2 or not all(WHOLE.fullmatch(word) and int(word) <= n for word in ends):
        return False
    greatest = max(map(int, ends), default=0)
    return m > max(n, greatest) + 1 or (len(below) < m and not {str(n), str(m)} & ends)


def both_follow(rows):
    """Whether the first of some lines may count lines of vertices and lines of edges below."""
    head, *below = rows
    if len(head) != 2 or not all(map(WHOLE.fullmatch, head)):
        return False
    n, m = map(int, head)
    return n > 0 and m > 0 and n + m == len(below)


def counted_in_words(row):
    """Whether a line is such as `nodes 4`."""
    return len(row) == 2 and row[1].isdecimal() and row[0].lower() in COUNTS


def columns(rows):
    """Whether the first line counts 0, 1, ... as names of columns do, and no line below shows that it is an edge."""
    head, *below = rows
    if head not in (["0", "1"], ["0", "1", "2"]):
        return False
    pairs = [set(row[:2]) for row in below]
    return not {"0", "1"} <= set().union(*pairs) or {"0", "1"} in pairs


def announces(row):
    """Whether the only line may say how many vertices and edges should follow: more edges than it has vertices, or 0.

    A line of three numbers is an edge with its weight, and so is `2 1`: a graph without edges is not written so.
    """
    if len(row) != 2 or not all(map(WHOLE.fullmatch, row)):
        return False
    n, m = map(int, row)
    return n >= 1 and (m == 0 or (n > 1 and m > n + 1))


def small(rows):
    """Whether two or three lines of as many numbers may be a matrix: by their diagonal, zeros, signs and symmetry."""
    k = len(rows)
    if k not in (2, 3) or not square(rows, k):
        return False
    A = [[number(x) for x in row] for row in rows]
    if len({A[i][i] for i in range(k)}) == 1 or any(x < 0 for row in A for x in row[:2]):
        return True
    symmetric = all(A[i][j] == A[j][i] for j in range(k) for i in range(j))
    apart = len({x for row in A for x in row[:2]}) == 2 * k  # no two edges meet
    return k == 3 and (symmetric or apart or not all(row[2] for row in A))


def square(rows, k):
    """Whether lines are k rows of k numbers."""
    return [len(row) for row in rows] == [k] * k and all(NUMBER.fullmatch(x) for row in rows for x in row)


def named(rows):
    """Whether lines may be a matrix of order 2 or 3 whose columns or rows have names."""
    head, *below = rows
    k, words = len(head), len(head) in (2, 3) and not all(map(WHOLE.fullmatch, head))
    if [len(row) for row in rows] == [3, 3] and head[2] == below[0][1] and head[0] != below[0][0]:
        return True
    return (words and square(below, k)) or {row[0] for row in below if len(row) == k + 1} == set(head)


def parted(text):
    """Whether a comment or an empty line stands between lines that say something."""
    said = "".join(" x"[bool(line.strip()) and line[0] not in "#%"] for line in text.split("\n"))
    return " " in said.strip()


def likely(weights, full=False):
    """Return weights, zeros without a sign; what may stand for a missing weight among them is refused."""
    need(set(weights) != {0.0, -1.0}, "weights of 0 and -1 alone may be codes of two kinds of edges")
    others = {w for w in weights if w != -1.0}
    odd = (
        -1.0 in weights
        and len(others) > 1
        and (min(others) >= 10 or (full and min(others) >= 0 and len(others) > 2))
    )
    need(not odd, "the weight -1, unlike all others, may stand for a missing weight or for no edge")
    need(not grow(weights), "the weights grow from line to line as times or numbers of rows do")
    late = (
        len(set(weights)) > 1
        and min(weights) >= 1900
        and (len(weights) > 4 or max(weights) <= 3 * min(weights))
    )
    need(not late, "the weights may be times, years or dates")
    need(not far(weights), f"{max(weights, key=abs, default=0)}, far from all others, may stand for no edge")
    return weights


def far(weights, times=10):
    """Whether some numbers are so many times all others, and 8 or more, as codes for a missing one are."""
    sizes = sorted({abs(w) for w in weights} - {0.0})
    return any(b > times * a and b >= 8 for a, b in pairwise(sizes))


def grow(weights):
    """Whether whole numbers never fall, as those of times and rows."""
    several, ends = len(set(weights)), weights[:1] + weights[-1:]
    if len(weights) < 3 or weights != sorted(weights) or not all(map(float.is_integer, weights)):
        return False
    counted = several == len(weights) == ends[1] - ends[0] + 1
    return ends[0] >= 0 and several > 2 and (ends[0] == 0 or (counted and ends[0] == 1) or ends[1] >= 10_000)
