r"""QUBOs in the LP format of CPLEX and Gurobi: a quadratic objective of binary variables, no constraints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.content import text_lines
from derandkit.errors import InputError, in_file
from derandkit.graphs.reading import Lost, Reading, added_up, both_lost
from derandkit.models.model import QuadraticModel
from derandkit.numerics.rounding import exact_decimal, held_sum, plain_number

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from derandkit.models.options import Sense

_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NAME = r"[^\s0-9.+\-*^/:<>=\[\]][^\s+\-*^/:<>=\[\]]*"
_TOKEN = re.compile(rf"\s*(?:{_NUMBER}|{_NAME}|<=|>=|=<|=>|[-+*^/:<>=\[\]])")
_SECTIONS = (
    (re.compile(r"(?i)(?:minimi[sz]e|minimum|min)\b"), "minimize"),
    (re.compile(r"(?i)(?:maximi[sz]e|maximum|max)\b"), "maximize"),
    (re.compile(r"(?i)(?:subject\s+to|such\s+that|s\.t\.|st\.|st\b)(?:\s*:)?"), "constraints"),
    (re.compile(r"(?i)(?:(?:lazy|general|indicator)\s+constraints?|user\s+cuts?)\b"), "added"),
    (re.compile(r"(?i)bounds?\b"), "bounds"),
    (re.compile(r"(?i)(?:binary|binaries|bin)\b"), "binaries"),
    (re.compile(r"(?i)(?:generals?|gen|integers?|int)\b"), "generals"),
    (re.compile(r"(?i)(?:semi-continuous|semis?|sos[12]?|pwlobj|free)\b"), "others"),
    (re.compile(r"(?i)end\b"), "end"),
)  # fmt: skip
_MARK = re.compile(r"(?i)(?:\\[^\n]*\n|\s)*(?:minimi[sz]e|maximi[sz]e|minimum|maximum|min|max)\b")


def is_lp(head: str) -> bool:
    r"""Whether a text begins as a file in LP format does.

    Examples
    --------
    >>> is_lp("\\ a comment\nMinimize\n obj: x\n"), is_lp("0 1 2\n")
    (True, False)
    """
    return _MARK.match(head) is not None


@dataclass
class _Objective:
    """The numbers of each variable, of each pair and, as "", of the constant, as they come."""

    parts: dict[str | tuple[str, str], list[Fraction]] = field(default_factory=dict)

    def add(self, key: str | tuple[str, str], value: Fraction) -> None:
        """Add a number to the coefficient of a variable or a pair, or to the constant, whose key is empty."""
        self.parts.setdefault(key, []).append(value)

    def sums(self) -> tuple[dict[str, Fraction], dict[tuple[str, str], Fraction], Fraction]:
        """Return the coefficients of variables and of pairs, and the constant."""
        linear: dict[str, Fraction] = {}
        pairs: dict[tuple[str, str], Fraction] = {}
        for key, parts in self.parts.items():
            if isinstance(key, tuple):
                pairs[key] = sum(parts, Fraction(0))
            else:
                linear[key] = sum(parts, Fraction(0))
        return linear, pairs, linear.pop("", Fraction(0))

    def lost(self) -> Lost | None:
        """Return what is lost where several numbers of one term add up; None where every sum is exact."""
        lost: Lost | None = None
        for key, parts in self.parts.items():
            of = " * ".join(key) if isinstance(key, tuple) else key or "the constant"
            lost = both_lost(lost, added_up(parts, f"{of:.60}")[1])
        return lost


def lp_model(text: str, name: str) -> QuadraticModel:
    r"""Read a file in LP format whose variables are all binary and that has no constraints.

    Parameters
    ----------
    text : str
        The file.
    name : str
        Its name, for messages.

    Raises
    ------
    InputError
        It has constraints, other variables, terms of another degree, or a quadratic part without ``/ 2``; or it is
        broken. Names the line.

    Notes
    -----
    ``[ 2 x ^ 2 + 4 x * y ] / 2`` is ``x + 2 x y``, as ``x ^ 2 = x``. Coefficients are added up
    exactly, and rounded once.

    Examples
    --------
    >>> model = lp_model("Minimize\n obj: - x + 3 + [ 4 x * y - 2 y ^ 2 ] / 2\nBinaries\n x y\nEnd\n", "p.lp")
    >>> model, model.value({"x": 1, "y": 1}), model.value({"x": 1, "y": 0})
    (QuadraticModel(2 binary variables, 1 coupling, minimize), 3, 2)
    """
    parts = _sections(text, name)
    sense: Sense = "maximize" if "maximize" in parts else "minimize"
    for what, section in (
        ("constraints", "constraints"),
        ("lazy or general constraints, or cuts", "added"),
        ("integer variables", "generals"),
        ("semi-continuous or free variables, or special sets", "others"),
    ):
        if rest := [line for line in parts.get(section, ()) if line[1].strip()]:
            raise InputError(
                f"has {what}, and a QUBO has none: only binary variables and an objective",
                path=name,
                line=rest[0][0],
            )
    binaries = _names(parts.get("binaries", ()), name)
    for line, row in parts.get("bounds", ()):
        if row.strip() and not _of_bits(row, binaries):
            raise InputError(
                f"bounds a variable otherwise than between 0 and 1: {row.strip()[:60]!r}",
                path=name,
                line=line,
            )
    found = _objective(_Tokens(parts[sense], name))
    linear, pairs, constant = found.sums()
    used = [*linear, *(end for pair in pairs for end in pair)]
    other = next((variable for variable in used if variable not in binaries), None)
    if other is not None:
        raise InputError(
            f"the variable {other[:60]!r} is not binary: name it below 'Binaries'; a QUBO has binary variables only",
            path=name,
        )
    Q: dict[tuple[Hashable, Hashable], float] = {
        (v, v): _float(linear.get(v, Fraction(0)), v, name) for v in sorted(binaries)
    }
    for (u, v), c in pairs.items():
        Q[u, v] = _float(c, f"{u} * {v}", name)
    if not Q:
        raise InputError("has no binary variables", path=name)
    with in_file(name):
        model = QuadraticModel.from_qubo(Q, offset=plain_number(constant), sense=sense)
    lost = found.lost()
    return model if lost is None else replace(model, reading=Reading("", lost=lost))


def _float(value: Fraction, of: str, name: str) -> float:
    try:
        found = float(value)
    except OverflowError:
        found = float("inf")
    if found in (float("inf"), float("-inf")) or (found == 0 and value != 0):
        raise InputError(
            f"the coefficient of {of[:60]} is beyond the range of double precision; scale", path=name
        )
    if value.denominator == 1:
        return int(value)
    with in_file(name):
        return held_sum(value, f"coefficient of {of[:60]}")


def _sections(text: str, name: str) -> dict[str, list[tuple[int, str]]]:
    """Return the lines of each section, without comments, and the names of sections."""
    parts: dict[str, list[tuple[int, str]]] = {}
    current = None
    for number, raw in enumerate(text_lines(text), 1):
        line = raw.split("\\", 1)[0].strip()
        while line and current != "end" and (started := _started(line)) is not None:
            word, current = started
            if current in parts or (current in ("minimize", "maximize") and parts):
                raise InputError(f"has the section {word!r} twice, or two objectives", path=name, line=number)
            parts[current] = []
            line = line[len(word) :].strip()
        if not line:
            continue
        if current is None or current == "end":
            raise InputError(
                f"expected a section such as Minimize, got {line[:60]!r}", path=name, line=number
            )
        parts[current].append((number, line))
    if not {"minimize", "maximize"} & set(parts):
        raise InputError("has no section Minimize or Maximize", path=name)
    return parts


def _started(line: str) -> tuple[str, str] | None:
    """Return the word that begins a section, and the section; with a sign behind it the word is a variable."""
    for pattern, section in _SECTIONS:
        match = pattern.match(line)
        if match is None:
            continue
        rest = line[match.end() :].strip()
        objective = section in ("minimize", "maximize")
        if not rest or rest[0] not in ("*^/:<>=" if objective else "+-*^/:<>="):
            return match[0], section
    return None


def _names(lines: Iterable[tuple[int, str]], name: str) -> dict[str, int]:
    """Return the variables that a section lists, each with its line; what is no name may be a constraint."""
    found: dict[str, int] = {}
    for line, row in lines:
        for word in row.split():
            if not re.fullmatch(_NAME, word):
                raise InputError(
                    f"expected names of binary variables, got {row.strip()[:60]!r}", path=name, line=line
                )
            found[word] = line
    return found


def _of_bits(row: str, binaries: dict[str, int]) -> bool:
    """Whether a line of bounds says of a binary variable that it lies between 0 and 1."""
    both = re.fullmatch(rf"\s*([-+]?{_NUMBER})\s*<=?\s*(\S+)\s*<=?\s*([-+]?{_NUMBER})\s*", row)
    if both is not None:
        return both[2] in binaries and float(both[1]) == 0.0 and float(both[3]) == 1.0
    one = re.fullmatch(rf"\s*(\S+)\s*(<=?|>=?|=<|=>)\s*([-+]?{_NUMBER})\s*", row)
    if one is None:
        return False
    below = "<" in one[2]
    return one[1] in binaries and float(one[3]) == (1.0 if below else 0.0)


class _Tokens:
    """Numbers, names and signs of an objective, one after another."""

    def __init__(self, lines: list[tuple[int, str]], name: str) -> None:
        self.name, self.at = name, 0
        self.found: list[tuple[str, int]] = []
        for number, line in lines:
            at = 0
            text = (
                re.sub(r"^\s*[^\s:+\-\[\]]+\s*:", "", line) if not self.found else line
            )  # the name of the objective
            while match := _TOKEN.match(text, at):
                self.found.append((match[0].strip(), number))
                at = match.end()
            if rest := text[at:].strip():
                raise InputError(f"cannot read {rest[:40]!r}", path=name, line=number)

    @property
    def next(self) -> str:
        return self.found[self.at][0] if self.at < len(self.found) else ""

    def take(self) -> str:
        word = self.next
        self.at += 1
        return word

    def number(self) -> Fraction:
        """Take a number, exactly."""
        try:
            value = exact_decimal(self.next)
        except InputError as error:
            raise self.error(f"coefficient {error.message}; scale the objective") from None
        except ValueError:
            raise self.error(f"coefficient {self.next:.20}... has too many digits") from None
        self.take()
        return value

    def error(self, message: str) -> InputError:
        line = self.found[min(self.at, len(self.found) - 1)][1] if self.found else None
        return InputError(message, path=self.name, line=line)


def _objective(tokens: _Tokens) -> _Objective:
    found = _Objective()
    while tokens.next:
        sign = _signs(tokens, first=not tokens.at)
        if tokens.next == "[":
            tokens.take()
            _quadratic(tokens, found, sign)
            continue
        number = tokens.number() if _is_number(tokens.next) else None
        if tokens.next == "*" and number is not None:
            tokens.take()
            if not _is_name(tokens.next):
                raise tokens.error(f"expected a variable behind '*', got {tokens.next[:40]!r}")
        if _is_name(tokens.next):
            variable = tokens.take()
            if tokens.next in ("^", "*"):
                raise tokens.error("has a product outside of '[ ... ] / 2'")
            found.add(variable, sign * (Fraction(1) if number is None else number))
        elif number is not None:
            found.add("", sign * number)
        else:
            raise tokens.error(f"expected a term of the objective, got {tokens.next[:40]!r}")
    return found


def _signs(tokens: _Tokens, *, first: bool) -> int:
    """Take the signs before a term; all terms but the first have one."""
    if not first and tokens.next not in ("+", "-"):
        raise tokens.error(f"expected + or - between two terms, got {tokens.next[:40]!r}")
    sign = 1
    while tokens.next in ("+", "-"):
        sign = -sign if tokens.take() == "-" else sign
    return sign


def _quadratic(tokens: _Tokens, found: _Objective, outer: int) -> None:
    """Read ``terms ] / 2``."""
    inner: list[tuple[str | tuple[str, str], Fraction]] = []
    begin = tokens.at
    while tokens.next != "]":
        if not tokens.next:
            raise tokens.error("ends before ']'")
        sign = outer * _signs(tokens, first=tokens.at == begin)
        factor = tokens.number() if _is_number(tokens.next) else Fraction(1)
        if tokens.next == "*":
            tokens.take()
        ends = [_variable(tokens)]
        if tokens.next == "^":
            tokens.take()
            if tokens.take() != "2":
                raise tokens.error("has a power other than 2")
            ends *= 2
        while tokens.next == "*":
            tokens.take()
            ends.append(_variable(tokens))
        if len(ends) != 2:
            raise tokens.error(f"has a term of degree {len(ends)} between brackets, where all have degree 2")
        u, v = sorted(ends)
        inner.append((u if u == v else (u, v), sign * factor))
    tokens.take()
    if tokens.next != "/":
        raise tokens.error(
            "has a quadratic part without '/ 2' behind its bracket: half of it, as the format has it, or all of it? "
            "write '[ ... ] / 2'"
        )
    tokens.take()
    if tokens.take() != "2":
        raise tokens.error("divides the quadratic part by another number than 2")
    for key, c in inner:
        found.add(key, c / 2)


def _variable(tokens: _Tokens) -> str:
    if not _is_name(tokens.next):
        raise tokens.error(f"expected a variable, got {tokens.next[:40]!r}")
    return tokens.take()


def _is_number(word: str) -> bool:
    return re.fullmatch(_NUMBER, word) is not None


def _is_name(word: str) -> bool:
    return bool(word) and word[0] not in "0123456789.+-*^/:<>=[]"
