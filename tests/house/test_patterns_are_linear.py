"""No pattern takes quadratic time or more on a long word: two repeats that can share what they hold would.

``[0-9]+[.]?[0-9]*`` has a hundred thousand ways to divide a hundred thousand digits, and tries them all where the
word ends in a letter; ``(?:\\s*\\n)*`` has 2^n ways to read n empty lines. Each pattern is taken apart: an unbounded
repeat must be followed by a character that it cannot hold before the next one that could.
"""

from __future__ import annotations

import ast
import re
import re._constants as c
import re._parser as parser
from itertools import chain
from pathlib import Path

import pytest

from derandkit.numerics.rounding import DECIMAL

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "examples").rglob("*.py")])
#: The characters of Latin-1, and one that stands for all others.
EVERY = frozenset(range(257))
#: A repeat of fewer is bounded: its square is small.
FEW = 500
REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT)
CLASSES = {
    c.CATEGORY_DIGIT: r"\d", c.CATEGORY_NOT_DIGIT: r"\D", c.CATEGORY_SPACE: r"\s", c.CATEGORY_NOT_SPACE: r"\S",
    c.CATEGORY_WORD: r"\w", c.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
FLAGS = ("VERBOSE", "IGNORECASE", "DOTALL", "MULTILINE", "ASCII")

#: Patterns whose repeats share characters and are linear all the same, and why.
LINEAR = {
    r"\S.* \([^()]+\) .*\S": "what stands between brackets holds no bracket",
    r"(?:[ \t]*(?:c(?:[ \t\r][^\n]*)?|\r)?\n)*[ \t]*p[ \t]+([a-z]+)\b": "only the last repeats share, and do not fail",
    r"""(xmlns(?::\w+)?\s*=\s*)(["'])((?:(?!gexf)""": "only the first of these names counts",
    r"<(?:\w+:)?graph[^<>]*mode\s*=": "a name stands between, and only its own blanks behind it",
    r"<(?:\w+:)?(?:node|edge)\b[^<>]*\s(?:start|end)\s*=": "a name stands between, and only its own blanks behind it",
    r"(?m)^#[^\n]*vartype\s*[=:]": "a name stands between, and only its own blanks behind it",
    r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*<=?\s*(\S+)": "a sign, and only its own digits",
    r"\s*(\S+)\s*(<=?|>=?|=<|=>)\s*": "a sign stands between, and only its own digits behind it",
    r"\s*(?:[A-Za-z]\w*[ \t]*=[ \t]*)?\[[-+.\deE, \t]*": "a digit stands between, and only its own blanks behind it",
    r"(?P<name>.*?\S)\s*[:=([]\s*": "a sign stands between, and only its own blanks and digits behind it",
}


def of_class(category):
    return {k for k in range(257) if re.match(CLASSES[category], chr(k) if k < 256 else "\u0416")}


def characters(item):
    """Characters that one item can be; None if it is no single character."""
    kind, value = item
    if kind is c.LITERAL:
        return frozenset([min(value, 256)])
    if kind is c.NOT_LITERAL:
        return EVERY - {value}
    if kind is c.ANY:
        return EVERY
    if kind is c.GROUPREF:
        return frozenset()  # what stands there is no accident
    if kind is not c.IN:
        return None
    found = set()
    for part, what in value:
        if part is c.LITERAL:
            found.add(min(what, 256))
        elif part is c.RANGE:
            found.update(range(min(what[0], 256), min(what[1], 256) + 1))
        elif part is c.CATEGORY:
            found |= of_class(what)
    return EVERY - found if value[0][0] is c.NEGATE else frozenset(found)


def ways(items, flat=True):
    """Flatten groups and branches: sequences of characters and repeats, one of which is matched.

    What may be left out is two ways, or stays a repeat where it is a single character and they are not to be `flat`.
    """
    found = [[]]
    for item in items:
        kind, value = item
        if kind is c.SUBPATTERN:
            several = ways(value[3], flat)
        elif kind is c.ATOMIC_GROUP:  # as one that gives back what it holds, which takes no less time
            several = ways(value, flat)
        elif kind is c.BRANCH:
            several = list(chain.from_iterable(ways(branch, flat) for branch in value[1]))
        elif kind in REPEATS and value[:2] == (0, 1) and (flat or characters_of(value[2]) is None):
            several = [[], *ways(value[2], flat)]
        elif kind in REPEATS and value[1] <= FEW and characters_of(value[2]) is None:
            several = [[], *ways(value[2])] if value[0] == 0 else ways(value[2])
        elif kind in (c.AT, c.ASSERT, c.ASSERT_NOT):
            several = [[]]
        else:
            several = [[item]]
        found = [[*one, *other] for one in found for other in several]
        assert len(found) < 100_000, "too many ways: split the pattern"
    return found


def characters_of(items):
    """Characters of a repeat of single ones, None if it repeats something longer."""
    options = [way for way in ways(items) if way]
    sets = [characters(way[0]) if len(way) == 1 else None for way in options]
    return None if not options or any(s is None for s in sets) else frozenset(chain.from_iterable(sets))


def used(item):
    """Return all characters that an item can hold."""
    single = characters(item) if item[0] not in REPEATS else characters_of(item[1][2])
    if single is not None:
        return single
    return frozenset(chain.from_iterable(used(part) for way in ways(item[1][2]) for part in way))


def begins(item):
    """Return the characters with which an item, or a round of it, can begin."""
    single = characters(item) if item[0] not in REPEATS else characters_of(item[1][2])
    if single is not None:
        return single
    found = set()
    for way in ways(item[1][2]):
        for part in way:
            found |= begins(part)
            if not optional(part):
                break
    return frozenset(found)


def optional(item):
    return item[0] in REPEATS and item[1][0] == 0


def gives(item, other):
    """Whether a repeat can leave some of what it holds, a whole round at least, to another one."""
    if not begins(item) & begins(other):
        return False
    if characters_of(item[1][2]) is not None:
        return True
    rounds = [[part for part in way if not optional(part)] for way in ways(item[1][2])]
    return any(all(used(part) & used(other) for part in way) for way in rounds)


def clashes(items, few=FEW):
    """Pairs of repeats of a pattern between which characters can be divided in many ways.

    A repeat of at most `few` is bounded; within an unbounded one none is, nor what may be left out.
    """
    found = []
    for way in ways(items, flat=few > 0):
        for k, item in enumerate(way):
            if item[0] not in REPEATS:
                continue
            if characters_of(item[1][2]) is None:
                many = item[1][1] > few
                found += clashes([*item[1][2], *item[1][2]] if many else list(item[1][2]), 0 if many else few)
            if item[1][1] <= few:
                continue
            for other in way[k + 1 :]:
                if other[0] in REPEATS and other[1][1] > few and gives(item, other):
                    found.append((item, other))
                if not optional(other) and not begins(item) & begins(other):
                    break
    return found


def constants(tree):
    return {
        ast.unparse(node.targets[0]): text_of(node.value, {})
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, (str, bytes))
    }


def text_of(node, names):
    """Return a pattern that is written out, with constants of its module filled in; None for others."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = [
            part.value if isinstance(part, ast.Constant) else names.get(ast.unparse(part.value))
            for part in node.values
        ]
        return "".join(parts) if all(isinstance(part, str) for part in parts) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [text_of(node.left, names), text_of(node.right, names)]
        return None if None in sides else "".join(sides)
    encoded = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode"
    )
    return text_of(node.func.value, names) if encoded else None


def patterns(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {"DECIMAL": DECIMAL, **constants(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            text = text_of(node.args[0], names)
            if text is not None and ast.unparse(node.func) != "re.escape":
                flags = sum(getattr(re, name) for name in FLAGS if name in ast.unparse(node))
                yield node.lineno, text, flags


def test_no_pattern_of_the_source_clashes():
    found, count, met = [], 0, set()
    for file in FILES:
        for line, text, flags in patterns(file):
            count += 1
            known = [start for start in LINEAR if text.startswith(start)]
            met.update(known)
            if clashes(list(parser.parse(text, flags))) and not known:
                found.append(f"{file.relative_to(ROOT)}:{line}: {text[:120]}")
    assert count > 200
    assert met == set(LINEAR)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        r"[0-9]+\.?[0-9]*", r"(?:%[^\n]*\n|\s*\n)*@", r"\s*(?:,|\s)\s*", r"(?:a{1,3}|b)*c", r"[^,]*-+[^,]*",
        r"(?:,\s*(?:\s*;)?)*", r"(?:/\*(?s:.*?)\*/)*x", r"(?:c[^\n]*\r?\n)*p",
    ],
)  # fmt: skip
def test_patterns_that_would_take_long_are_found(text):
    assert clashes(list(parser.parse(text)))


@pytest.mark.parametrize(
    "text", [r"[0-9]+(?:\.[0-9]*)?", r"(?:%[^\n]*\n|[ \t]*\n)*@", r"\s*,\s*|\s+", r"[^,]*,[^,]*"]
)
def test_patterns_that_are_linear_are_not(text):
    assert not clashes(list(parser.parse(text)))
