"""Parsers of model files, one a format; each returns a model with the sense it is born with."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from derandkit.content import extension, refuse_lone_returns, text_lines, utf8_text
from derandkit.errors import InputError, in_file
from derandkit.graphs.content import check_variables
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.reading import Reading
from derandkit.models.entries import counting_of, grouped_sums, lost_in_sums
from derandkit.models.model import QuadraticModel
from derandkit.models.options import Vartype
from derandkit.numerals import may_hold_other_blanks, refuse_other_blanks, stated_constants
from derandkit.numerics.rounding import decimal, exact_decimal, held_sum, plain_number, whole_number
from derandkit.numerics.vectors import distinct
from derandkit.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derandkit.numerics.typing import FloatArray, IntArray


def plain_lines(data: bytes, name: str, comment: str = r"^\s*[c#].*") -> list[str]:
    r"""Return the lines of a model in text; blanks that may part columns or thousands are refused.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for messages.
    comment : str
        A pattern of what is a comment in a line.

    Raises
    ------
    InputError
        It is not UTF-8, its lines end in two ways, or such a blank stands outside comments.

    Examples
    --------
    >>> plain_lines("c 1\u00a0000\n0 1 5\n".encode(), "-")
    ['c 1\xa0000', '0 1 5']
    """
    text = utf8_text(data, name)
    with in_file(name):
        refuse_lone_returns(text)
    lines = text_lines(text)
    if may_hold_other_blanks(text):
        cut = re.compile(comment)
        with in_file(name):
            for number, line in enumerate(lines, 1):
                refuse_other_blanks(cut.sub("", line), number)
    return lines


def entries(
    lines: list[str], first: int, count: int | None, name: str, *, above: int = 0
) -> tuple[IntArray, IntArray, FloatArray]:
    """Read lines ``i j value`` from line `first` (from 0) on, exactly `count` of them if that is known.

    So many lines of the file stand `above` these.
    """
    body = [(k, _three(row)) for k, row in enumerate(lines[first:], above + first + 1)]
    for k, row in body:
        if len(row) == 3 and row[0][0] == "c" and _like_an_entry(row, lines[k - above - 1]):
            raise InputError(
                f"the line {' '.join(row)[:60]!r} may be a comment, or the entry of the variables {row[0]!r:.40} and "
                f"{row[1]!r:.40}; write '#' before a comment; variables are numbers here",
                path=name,
                line=k,
            )
    body = [(k, row) for k, row in body if row and row[0][0] not in "#c"]
    if count is not None and len(body) < count:
        raise InputError(f"ends after {len(body)} of {count} entries", path=name, line=above + len(lines))
    if count is not None and len(body) > count:
        raise InputError(f"has more than the {count} entries it announces", path=name, line=body[count][0])
    i = np.empty(len(body), dtype=np.int64)
    j = np.empty(len(body), dtype=np.int64)
    w = np.empty(len(body))
    for at, (line, row) in enumerate(body):
        try:
            first_end, second_end, value = row
            i[at], j[at] = whole_number(first_end), whole_number(second_end)
            w[at] = decimal(value)
        except (ValueError, OverflowError):
            text = ",".join(row)[:60] if "," in lines[line - above - 1] else " ".join(row)[:60]
            hint = (
                ""
                if _numbers_first(row)
                else "; a header? Remove it. Variables are numbers here, names need Python: {(u, v): value}"
            )
            raise InputError(f"expected 'i j value', got {text!r}{hint}", path=name, line=line) from None
        if not np.isfinite(w[at]) or (
            w[at] % 1 == 0 and abs(w[at]) >= 2**53 and int(w[at]) != _exact(row[2])
        ):
            raise InputError(f"value {row[2]} is not exact in float64; scale it", path=name, line=line)
    return i, j, w


#: The name of a variable such as c1, which begins as a comment does.
_NAMED = re.compile(r"c\S*[0-9]")


def _three(row: str) -> list[str]:
    """Return the fields of a line: three between commas, or those between blanks."""
    fields = [field.strip() for field in row.split(",")]
    return fields if len(fields) == 3 and all(len(field.split()) == 1 for field in fields) else row.split()


def _like_an_entry(row: list[str], line: str) -> bool:
    """Whether three fields, the first of which begins with c, are an entry of named variables rather than a comment.

    Such an entry has a name with digits, or stands between commas. A first word that is `c` begins a comment.

    Examples
    --------
    >>> [_like_an_entry(_three(line), line) for line in ("c1 c2 5", "c,d,5", "comment line 3", "c size 100", "c1 c2 x")]
    [True, True, False, False, False]
    """
    if line.split()[0] == "c" or not (_NAMED.match(row[0]) or _NAMED.match(row[1]) or line.count(",") == 2):
        return False
    try:
        decimal(row[2])
    except (ValueError, OverflowError):
        return False
    return True


def _numbers_first(row: list[str]) -> bool:
    return all(word.lstrip("+-").isdecimal() and word.isascii() for word in row[:2])


def _exact(text: str) -> int | None:
    try:
        return whole_number(text)
    except ValueError:
        return int(float(text))


def _in_range(i: IntArray, j: IntArray, low: int, high: int, name: str) -> None:
    wrong = (np.minimum(i, j) < low) | (np.maximum(i, j) > high)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            f"entry {at + 1} names variables {i[at]} and {j[at]}; numbers are {low}..{high}", path=name
        )


def _header(row: str, size: int, name: str, line: int) -> list[int]:
    try:
        numbers = [whole_number(word) for word in row.split()]
        if len(numbers) != size or min(numbers) < 0:
            raise ValueError
    except ValueError:
        raise InputError(f"expected {size} counts, got {row.strip()[:60]!r}", path=name, line=line) from None
    terms = sum(numbers[1:]) if size > 1 else None  # variables are counted first
    check_variables(numbers[0], terms, path=name, line=line)
    return numbers


def _row_in(lines: list[str], start: int, stop: int) -> int | None:
    """Return the first line of some that is neither blank nor a comment; None if there is none."""
    return next(
        (k for k in range(start, stop) if lines[k].strip() and lines[k].lstrip()[0] not in "#c"), None
    )


def _first_row(lines: list[str], start: int, name: str) -> int:
    at = _row_in(lines, start, len(lines))
    if at is None:
        raise InputError("ends before a header", path=name, line=len(lines))
    return at


def qubo_model(lines: list[str], name: str) -> tuple[QuadraticModel, str]:
    """Read qbsolv's ``p qubo`` file; return it and how its pairs count."""
    at = next((k for k, row in enumerate(lines) if row.split()[:1] == ["p"]), None)
    if at is None:
        raise InputError("has no line 'p qubo ...'", path=name)
    words = lines[at].split()
    if words[1:2] != ["qubo"] or len(words) != 6 or words[2] not in ("0", "unconstrained"):
        raise InputError(
            "expected 'p qubo 0 nodes diagonals couplers' with an unconstrained topology",
            path=name,
            line=at + 1,
        )
    above = _row_in(lines, 0, at)
    if above is not None:
        raise InputError(
            f"the line {lines[above].strip()[:60]!r} stands above 'p qubo', where only comments stand: an entry, or of "
            "no meaning; move it below, or remove it",
            path=name,
            line=above + 1,
        )
    n, diagonals, couplers = _header(" ".join(words[3:]), 3, name, at + 1)
    i, j, w = entries(lines, at + 1, diagonals + couplers, name)
    _in_range(i, j, 0, n - 1, name)
    if int(np.count_nonzero(i == j)) != diagonals:
        raise InputError(
            f"announces {diagonals} diagonal entries and has {np.count_nonzero(i == j)}", path=name
        )
    return QuadraticModel.from_arrays(i, j, w, n=n), counting_of(i, j)


def _twice(i: IntArray, j: IntArray, w: FloatArray, n: int, name: str) -> QuadraticModel:
    """Return the model of the upper triangle of a symmetric matrix, numbered from 1."""
    _in_range(i, j, 1, n, name)
    key = np.minimum(i, j) * (n + 1) + np.maximum(i, j)
    if distinct(key).size < key.size:
        raise InputError(
            "lists a pair twice, so it is not one triangle of a symmetric matrix; for entries that add up use COO",
            path=name,
        )
    with np.errstate(over="ignore"):
        doubled = np.where(i == j, w, 2.0 * w)
    if not np.isfinite(doubled).all():
        raise InputError(
            "the coefficients are so large that twice one of them overflows; scale them", path=name
        )
    return QuadraticModel.from_arrays(i - 1, j - 1, doubled, n=n, labels=range(1, n + 1))


def sparse_model(lines: list[str], name: str) -> QuadraticModel:
    """Read Biq Mac's header ``n m`` and the upper triangle of a symmetric matrix."""
    at = _first_row(lines, 0, name)
    n, m = _header(lines[at], 2, name, at + 1)
    return _twice(*entries(lines, at + 1, m, name), n, name)


def beasley_model(lines: list[str], name: str, instance: int | None) -> tuple[QuadraticModel, int]:
    """Read one problem of an OR-Library file; return it and how many there are."""
    at, count = _beasley_count(lines, name)
    if instance is None and count != 1:
        raise InputError(f"holds {count} problems; say which with --instance 1..{count}", path=name)
    wanted = instance or 1
    if not 1 <= wanted <= count:
        raise InputError(f"holds {count} problems; there is no instance {wanted}", path=name)
    starts = []
    for _ in range(count):
        starts.append(at)
        at = _first_row(lines, at, name)
        at += 1 + _header(lines[at], 2, name, at + 1)[1]
    _refuse_more(lines, at, count, name)
    return _beasley_problem(lines, starts[wanted - 1], name)[0], count


def _refuse_more(lines: list[str], at: int, count: int, name: str) -> None:
    """Refuse lines behind the last problem of an OR-Library file."""
    more = _row_in(lines, at, len(lines))
    if more is not None:
        raise InputError(
            f"says in its first line that it holds {counted(count, 'problem')}, and {lines[more].strip()[:60]!r} "
            "stands behind: another problem, or an entry too many; correct the count, or remove what is no part of it",
            path=name,
            line=more + 1,
        )


#: Variables of all problems of a file that are read one after the other.
MOST_VARIABLES = 10_000_000


def beasley_models(lines: list[str], name: str) -> Iterator[tuple[QuadraticModel, int]]:
    """Read the problems of an OR-Library file one after the other, each with how many there are."""
    at, count = _beasley_count(lines, name)
    variables = 0  # a line that announces a million of them has nine characters
    for _ in range(count):
        model, at = _beasley_problem(lines, at, name)
        yield model, count
        variables += model.n
        if variables > MOST_VARIABLES:
            raise InputError(
                f"holds problems of more than {MOST_VARIABLES} variables together; say which with --instance",
                path=name,
            )
    _refuse_more(lines, at, count, name)


def _beasley_count(lines: list[str], name: str) -> tuple[int, int]:
    at = _first_row(lines, 0, name)
    return at + 1, _header(lines[at], 1, name, at + 1)[0]


def _beasley_problem(lines: list[str], at: int, name: str) -> tuple[QuadraticModel, int]:
    """Read the problem that begins at a line or below; return it and the line behind it."""
    at = _first_row(lines, at, name)
    n, m = _header(lines[at], 2, name, at + 1)
    return _twice(*entries(lines[at + 1 : at + 1 + m], 0, m, name, above=at + 1), n, name), at + 1 + m


def gsg_model(lines: list[str], name: str) -> QuadraticModel:
    """Read a spin glass: ``n m`` and lines ``i j J`` from 1; parallel couplings are a mistake."""
    at = _first_row(lines, 0, name)
    n, m = _header(lines[at], 2, name, at + 1)
    i, j, w = entries(lines, at + 1, m, name)
    _in_range(i, j, 1, n, name)
    if (i == j).any():
        k = int(i[i == j][0])
        raise InputError(f"couples spin {k} to itself; a spin times itself is 1", path=name)
    if distinct(np.minimum(i, j) * (n + 1) + np.maximum(i, j)).size < i.size:
        raise InputError("lists a pair twice; add the couplings up", path=name)
    return QuadraticModel.from_arrays(i - 1, j - 1, w, n=n, labels=range(1, n + 1), vartype="spin")


def without_header(lines: list[str]) -> tuple[list[str], str]:
    """Return COO lines with the first one emptied if it names the columns, such as ``i,j,value``, and words about it.

    Examples
    --------
    >>> without_header(["i,j,value", "0,1,5"]), without_header(["0 1 5"])
    ((['', '0,1,5'], " below the header 'i,j,value'"), (['0 1 5'], ''))
    """
    at = next((k for k, row in enumerate(lines) if row.strip() and not row.lstrip().startswith("#")), None)
    names = [] if at is None else [name.strip("\"'") for name in _three(lines[at])]
    if at is None or len(names) != 3 or set(known_ends(names) or ()) != {0, 1}:
        return lines, ""
    return [*lines[:at], "", *lines[at + 1 :]], f" below the header {','.join(names)!r}"


#: An offset or a kind of variables without a sign between its name and its value; "offset 5 clauses" states none.
_STATED = re.compile(r"(?i)\b(offset(?=\s+[-+.]?\d\S*\s*(?:$|vartype\b))|vartype(?=\s+(?:spin|binary)\b))\s+")


def coo_model(lines: list[str], name: str, vartype: Vartype | None) -> tuple[QuadraticModel, str]:
    """Read dimod's COO lines under ``# vartype=...``, with an ``# offset=...`` of our own.

    Lines of one pair are added up, as dimod does. Returns the model and how its pairs count.
    """
    offset: float = 0
    seen = 0
    for k, row in enumerate(map(str.strip, lines), 1):
        if row[:1] not in ("#", "c"):
            continue
        said = "=".join(map(str.strip, re.split("[=:]", row[1:]))).replace(",", " ")
        for word in _STATED.sub(r"\1=", said).split():
            key, _, value = word.partition("=")
            key = key.lower()
            if key == "vartype":
                stated = value.lower()
                if stated not in ("spin", "binary"):
                    raise InputError(f"unknown vartype {value!r}; SPIN or BINARY", path=name, line=k)
                if vartype is not None and stated != vartype:
                    raise InputError(f"states {stated} variables, not {vartype}", path=name, line=k)
                vartype = stated  # type: ignore[assignment]
            elif key == "offset" and row[0] == "#":
                if seen:
                    raise InputError(f"states an offset in line {seen} too; keep one", path=name, line=k)
                seen = k
                try:
                    offset = plain_number(exact_decimal(value))
                except InputError as error:
                    raise InputError(f"the offset {error.message}", path=name, line=k) from None
                except ValueError:
                    raise InputError(
                        f"the comment {row[:60]!r} speaks of an offset, and gives no number behind the word that "
                        "stands alone; write '# offset=5', or leave the word out",
                        path=name,
                        line=k,
                    ) from None
        other = [number for word, number in stated_constants(row) if word != "offset" or seen != k]
        if other:
            raise InputError(
                f"the comment {row[:60]!r} states a constant; write '# offset={other[0]}' if it is added to "
                "every value, or leave the word out",
                path=name,
                line=k,
            )
    if vartype is None:
        raise InputError(
            "does not say whether its variables are signs or bits; add --vartype spin or --vartype binary",
            path=name,
        )
    i, j, w = entries(lines, 0, None, name)
    if i.size == 0:
        raise InputError("holds no entries", path=name)
    counting = counting_of(i, j)
    labels, position = np.unique(np.concatenate([i, j]), return_inverse=True)
    i, j = position[: i.size].astype(np.int64), position[i.size :].astype(np.int64)
    linear, lost = np.zeros(labels.size), lost_in_sums(i, j, w, np.zeros(labels.size), labels.tolist())
    if vartype == "spin":  # dimod writes linear terms as (i, i)
        own = i == j
        sums = zip(labels.tolist(), grouped_sums(i[own], w[own], labels.size), strict=True)
        linear = np.array([held_sum(x, f"linear term of {v}") for v, x in sums])
        i, j, w = i[~own], j[~own], w[~own]
    with in_file(name):
        model = QuadraticModel.from_arrays(
            i, j, w, n=labels.size, labels=labels.tolist(), linear=linear, offset=offset, vartype=vartype
        )
    return (model if lost is None else replace(model, reading=Reading("", lost=lost))), counting


def refuse_behind(lines: list[str], at: int, name: str) -> None:
    """Refuse clauses behind the line ``%``, the end of a file of SATLIB: there is a 0 at most.

    Raises
    ------
    InputError
        It names the first line with something else.

    Examples
    --------
    >>> refuse_behind(["%", "0", ""], 1, "-")
    >>> refuse_behind(["%", "0", "1 2 0"], 1, "-")
    Traceback (most recent call last):
    derandkit.errors.InputError: <stdin>:3: '1 2 0' stands behind a line '%', which ends a file of SATLIB: a clause, ...
    """
    for number, line in enumerate(lines[at:], at + 1):
        if line.strip() not in ("", "0", "%") and line.split()[0] != "c":
            raise InputError(
                f"{line.strip()[:60]!r} stands behind a line '%', which ends a file of SATLIB: a clause, or a comment? "
                "Begin comments with c, and remove the line '%' before clauses",
                path=name,
                line=number,
            )


def refuse_opb(data: bytes, name: str) -> None:
    r"""Refuse a pseudo-Boolean problem by its name.

    Raises
    ------
    InputError
        The file is called ``.opb``, or begins with the line that such files begin with.

    Examples
    --------
    >>> refuse_opb(b"1 2 3", "-")
    >>> refuse_opb(b"* #variable= 2 #constraint= 1\nmin: +1 x1 ;\n", "a.opb")
    Traceback (most recent call last):
    derandkit.errors.InputError: a.opb: is a pseudo-Boolean problem (OPB), whose constraints have no place ...
    """
    if extension(name) in (".opb", ".wbo") or re.match(rb"\s*\*\s*#variable=", data[:200]):
        raise InputError(
            "is a pseudo-Boolean problem (OPB), whose constraints have no place here: write its objective, with "
            "penalties for them, as an LP file or as {(u, v): coefficient}",
            path=name,
        )
