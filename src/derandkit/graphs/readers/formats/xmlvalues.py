"""Values of edges in GraphML and GEXF, looked at before networkx reads them.

networkx keeps the last of two values of one attribute, and makes numbers of texts as Python does: ``1_0`` is 10, digits
of other scripts count, and ``1e-400`` is 0, also where a comment or a reference to a sign parts it.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple
from xml.etree.ElementTree import Element, parse

from derandkit.errors import InputError
from derandkit.graphs.readers.attributes import put_once
from derandkit.graphs.readers.text import show
from derandkit.numerics.ranges import fault_of, refuse_out_of_range
from derandkit.numerics.rounding import DECIMAL

_NUMERAL = re.compile(DECIMAL)
#: Types of attributes that networkx makes whole numbers, of any size, and doubles.
_WHOLE, _REAL = ("int", "integer", "long"), ("float", "double")


class Kind(NamedTuple):
    """An attribute of edges as a file declares it: its name and its type."""

    name: str
    type: str


#: What GEXF knows without a declaration.
_WEIGHT = Kind("weight", "double")


def check_edges(data: bytes) -> None:
    r"""Refuse two weights or names under one attribute, and numbers of edges that are none or that float64 cannot hold.

    Parameters
    ----------
    data : bytes
        A GraphML or GEXF file without entities.

    Raises
    ------
    InputError
        It names the edge and the attribute.
    xml.etree.ElementTree.ParseError
        It is not well-formed.

    Notes
    -----
    O(text).

    Examples
    --------
    >>> key = b'<graphml><key id="k" for="edge" attr.name="weight" attr.type="double"/><graph>'
    >>> edge = b'<edge source="a" target="b"><data key="k">%s</data></edge></graph></graphml>'
    >>> check_edges(key + edge % b"2")
    >>> check_edges(key + edge % b"1_0")
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: weight '1_0' of edge ('a', 'b') is no number; write digits from 0 to 9 alone
    >>> check_edges(key + edge % b'2</data><data key="k">3')
    Traceback (most recent call last):
    derandkit.errors.InputError: edge ('a', 'b') has 'weight' twice, as '2' and as '3'; leave the one that counts
    """
    root = parse(io.BytesIO(data)).getroot()
    kinds = _kinds(root, data)
    gexf = _tag(root) == "gexf"
    named = not gexf and "name" in {kind.name for kind in kinds.values()}  # ids of GEXF are those of a class
    for element in root.iter():
        tag = _tag(element)
        if tag == "edge":
            ends = element.get("source", ""), element.get("target", "")
            where = partial("edge ({!r:.60}, {!r:.60})".format, *ends)
        elif tag == "node" and named:
            where = partial("node {!r:.60}".format, element.get("id", ""))
        else:
            continue
        found: dict[str, object] = {}
        for kind, text in _values(element, kinds, where, gexf=gexf):
            if tag == "edge":
                _check_number(text, kind, where, data)
            if tag == "edge" or kind.name == "name":
                put_once(
                    found, kind.name, text.strip(), where, strictly=tag == "node" or kind.type == "boolean"
                )


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _kinds(root: Element, data: bytes) -> dict[str, Kind]:
    """Attributes of edges by their ids.

    Raises
    ------
    InputError
        Two names have one id, or one has two defaults; or a default is no number.
    """
    found: dict[str, Kind] = {}
    defaults: dict[str, object] = {}
    for element, of in _declared(root):
        if of == "node" and _tag(element) == "attribute":  # ids of GEXF are those of a class
            continue
        name = element.get("yfiles.type") or element.get("attr.name") or element.get("title") or ""
        default = next((below.text or "" for below in element if _tag(below) == "default"), None)
        kind = Kind(name, element.get("attr.type") or element.get("type") or "string")
        at = element.get("id", "")
        first = found.get(at, kind)
        if first.name != name:
            raise InputError(
                f"the attributes {first.name[:40]!r} and {name[:40]!r} share the id {at[:40]!r}; give each an id "
                "of its own"
            )
        # networkx writes whole numbers and others under one id, where it names the ids
        found[at] = first if first.type in _REAL else kind
        if default is not None and of in ("edge", "all"):
            _check_number(default, kind, None, data)
            put_once(
                defaults,
                name,
                default.strip(),
                lambda: "the list of defaults",
                strictly=kind.type == "boolean",
            )
    return found


def _declared(root: Element) -> Iterator[tuple[Element, str]]:
    """Elements that declare an attribute, and what has it."""
    for element in root.iter():
        tag = _tag(element)
        if tag == "key":
            yield element, element.get("for") or "all"
        elif tag == "attributes":
            for below in element:
                if _tag(below) == "attribute":
                    yield below, element.get("class") or "all"


def _values(
    element: Element, kinds: dict[str, Kind], where: Callable[[], str], *, gexf: bool
) -> Iterator[tuple[Kind, str]]:
    """Attributes of an edge or node with their texts; in GEXF an attribute ``weight`` of XML is one.

    Raises
    ------
    InputError
        A number stands beside elements, or there are two lists of values, of which networkx reads none or one.
    """
    lists = 0
    for child in element:
        kind = kinds.get(child.get("key", ""))
        if _tag(child) == "data" and kind is not None:
            if len(child) and (child.text or "").strip() and _tag(element) == "edge":
                raise InputError(
                    f"{where()} has {kind.name[:40]!r} as text beside elements, of which none counts; write the text "
                    "alone"
                )
            if not len(child):
                yield kind, child.text or ""
        elif _tag(child) == "attvalues":
            lists += 1
            for value in child:
                kind = kinds.get(value.get("for", ""))
                if _tag(value) == "attvalue" and kind is not None:
                    yield kind, value.get("value") or ""
    if lists > 1:
        raise InputError(f"{where()} has {lists} lists of values, of which one counts; write one")
    if gexf and "weight" in element.attrib:
        yield _WEIGHT, element.attrib["weight"]


def _check_number(text: str, kind: Kind, where: Callable[[], str] | None, data: bytes) -> None:
    """Refuse a text that Python reads as a number and no other program does, or that no double stands for.

    What is no number for Python either is left to networkx, whose message names the line. `where` returns what has it;
    None for a default.
    """
    word = text.strip()
    if kind.type not in (*_WHOLE, *_REAL):
        return
    if _NUMERAL.fullmatch(word):
        value = float(word)
        fault = fault_of(word.encode(), value) if kind.type in _REAL else None
        if fault is not None:
            refuse_out_of_range(
                data, [value]
            )  # which knows the line, where the number is written in one piece
            raise InputError(
                f"{kind.name[:40]} {show(word.encode())} {_owner(where)} is {fault}; scale the weights"
            )
        return
    try:
        value = float(word)
    except ValueError:
        return
    if math.isfinite(value) or not word.isascii():
        raise InputError(
            f"{kind.name[:40]} {show(word.encode())} {_owner(where)} is no number; write digits from 0 to 9 alone",
            line=_line(data, word),
        )


def _owner(where: Callable[[], str] | None) -> str:
    return "by default" if where is None else f"of {where()}"


def _line(data: bytes, word: str) -> int | None:
    """Line of a word that a file has once; None of any other."""
    at = data.find(word.encode())
    return None if at < 0 or data.find(word.encode(), at + 1) >= 0 else data.count(b"\n", 0, at) + 1
