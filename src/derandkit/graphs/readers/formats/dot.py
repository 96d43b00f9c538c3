"""Graphs in the DOT language of Graphviz: nodes, edges, chains of edges and attributes.

Subgraphs, ports and HTML names are refused; a file with them can be flattened by Graphviz (``gvpr``) or networkx.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from derandkit.errors import InputError, in_file
from derandkit.graphs.content import check_values
from derandkit.graphs.directions import are_mirrored
from derandkit.graphs.formats import AUTO_WEIGHT
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.labels import refuse_spellings
from derandkit.graphs.libraries import graph_from_attributes
from derandkit.graphs.readers.arrays.matrices import integer_labels
from derandkit.graphs.readers.attributes import check_once
from derandkit.graphs.readers.text import is_number, number
from derandkit.graphs.reading import ReadOptions
from derandkit.graphs.weights import refuse_drawn_numbers

START = re.compile(
    rb"(?:\s|//[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|#[^\n]*\n)*(?:strict\s+)?(?:di)?graph\b[^{\n=]*\{(?!\s*')",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?m:^\#[^\n]*)
    |(?P<string>"(?:[^"\\]|\\.)*")|(?P<edge>--|->)|(?P<mark>[{}\[\];,=:])|(?P<html><)
    |(?P<name>[^\W\d]\w*|-?(?:\.\d+|\d+(?:\.\d*)?))""",
    re.DOTALL | re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of the text: its kind, what it says, and its line."""

    kind: str
    text: str
    line: int
    quoted: bool = False

    def says(self, *words: str) -> bool:
        """Whether the token is one of these keywords, which are names where they stand in quotation marks."""
        return self.kind == "name" and not self.quoted and self.text.lower() in words


def _tokens(text: str) -> Iterator[Token]:
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise InputError(f"{text[at : at + 20].splitlines()[0]!r} is not DOT", line=line)
        kind = found.lastgroup
        if kind == "html":
            raise InputError("names in HTML are not read; use plain names", line=line)
        if kind == "string":
            # a backslash at the end of a line joins it to the next one, as Graphviz wraps long names
            text_of = re.sub(r'\\(?:\r?\n|(["\\]))', lambda part: part[1] or "", found[0][1:-1])
            yield Token("name", text_of, line, True)
        elif kind is not None:
            if kind == "name" and re.match(r"[\w.]|-[\d.]", text[found.end() : found.end() + 2]):
                word = re.match(r"[\w.+-]+", text[at:])
                shown = word[0][:40] if word else found[0]
                raise InputError(
                    f"{shown!r} is no name or number of DOT; put it in quotation marks", line=line
                )
            yield Token(kind, found[0], line)
        line += text.count("\n", at, found.end())
        at = found.end()
    yield Token("end", "", line)


def _value(token: Token) -> object:
    """Return the number that a token spells, or its text."""
    text = token.text.encode()
    try:
        return number(text) if is_number(text) else token.text
    except InputError as error:
        raise InputError(error.message, line=token.line) from None


def _shown(chain: Sequence[str]) -> str:
    """Words for the node, the edge or the edges of a statement.

    Examples
    --------
    >>> _shown(["a"]), _shown(["a", "b"]), _shown(["a", "b", "c"])
    ("node 'a'", "edge ('a', 'b')", "the edges from 'a' to 'c'")
    """
    if len(chain) > 2:
        return f"the edges from {chain[0]!r:.40} to {chain[-1]!r:.40}"
    return f"node {chain[0]!r:.40}" if len(chain) == 1 else f"edge ({chain[0]!r:.40}, {chain[1]!r:.40})"


def read_dot(data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    r"""Read a DOT graph; the names of nodes become labels.

    Raises
    ------
    InputError
        Not DOT, a subgraph, or a directed graph without ``symmetrize``.

    Examples
    --------
    >>> read_dot(b'graph { a -- b -- "c d" [weight=2]; e }', "-", ReadOptions())
    WeightedGraph(n=4, m=2, total_weight=4)
    """
    text = data.decode("utf-8")
    parser = _Parser(list(_tokens(text)), len(text))
    parser.run()
    distinct = list(dict.fromkeys(parser.nodes))
    refuse_spellings(distinct)
    own, remarks = _own_names(distinct, parser.names, text)
    label = dict(zip(distinct, integer_labels(own), strict=True))
    edges = [(label[u], label[v]) for u, v in parser.edges]
    attributes = [{**defaults, **given} for defaults, given in parser.attributes]
    if parser.strict:
        first: dict[object, int] = {}
        for k, pair in enumerate(edges):
            same = first.setdefault(pair if parser.directed else frozenset(pair), k)
            attributes[same].update(parser.attributes[k][1])  # one edge, to which every line adds attributes
        edges, attributes = [edges[k] for k in first.values()], [attributes[k] for k in first.values()]
    if options.weight is AUTO_WEIGHT:
        refuse_drawn_numbers(attributes)
    return graph_from_attributes(
        edges, attributes, list(label.values()), options, "DOT file", directed=parser.directed,
        listed=not parser.directed and are_mirrored(edges), remarks=remarks,
    )  # fmt: skip


def _own_names(nodes: list[str], names: dict[str, str], text: str) -> tuple[list[str], tuple[str, ...]]:
    """Let vertices go by their attribute ``name`` where igraph wrote the file: it numbers them apart from that."""
    own = [names[node] for node in nodes if node in names]
    if text.startswith("/* Created by igraph") and len(set(own)) == len(nodes) > 0:
        return own, ("vertices go by their 'name'",)
    return nodes, ()


def node_attributes(text: str) -> dict[str, dict[str, object]]:
    """Return the attributes of each node of a DOT graph.

    Raises
    ------
    InputError
        Not DOT.

    Examples
    --------
    >>> node_attributes('graph { a [pos="1,2!"]; a -- b }')
    {'a': {'pos': '1,2!'}, 'b': {}}
    """
    parser = _Parser(list(_tokens(text)), len(text))
    parser.run()
    nodes = list(dict.fromkeys(parser.nodes))
    own, _ = _own_names(nodes, parser.names, text)
    return {name: parser.of_nodes.get(node, {}) for name, node in zip(own, nodes, strict=True)}


class _Parser:
    """One pass over the tokens; collects nodes, edges and their attributes."""

    def __init__(self, tokens: list[Token], size: int) -> None:
        self.tokens, self.at, self.size = tokens, 0, size
        self.filled = 0  # attributes that edges have by default
        self.nodes: list[str] = []
        self.edges: list[tuple[str, str]] = []
        self.attributes: list[tuple[dict[str, object], dict[str, object]]] = []  # by default, and given
        self.defaults: dict[str, object] = {}
        self.of_nodes: dict[str, dict[str, object]] = {}
        self.names: dict[str, str] = {}  # attributes "name", as they are written
        self.written: str | None = None  # the attribute "name" of the last list, as it is written
        self.strict = self.directed = False

    def next(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def peek(self, text: str) -> bool:
        return self.tokens[self.at].kind != "name" and self.tokens[self.at].text == text

    def fail(self, token: Token, what: str) -> InputError:
        return InputError(f"{token.text or 'the end'!r} where {what} is expected", line=token.line)

    def run(self) -> None:
        token = self.next()
        if token.says("strict"):
            self.strict, token = True, self.next()
        self.directed = token.says("digraph")
        if not self.peek("{"):
            self.next()  # the name of the graph
        if not self.peek("{"):
            raise self.fail(self.next(), "'{'")
        self.next()
        while not self.peek("}"):
            self.statement()
        self.next()
        if self.tokens[self.at].kind != "end":
            raise InputError(
                "more text behind the graph; a cut needs one graph", line=self.tokens[self.at].line
            )

    def statement(self) -> None:
        token = self.next()
        if token.text == ";" and token.kind == "mark":
            return
        if token.text == "{" or token.says("subgraph"):
            raise InputError("subgraphs are not read; list the edges themselves", line=token.line)
        if token.kind != "name":
            raise self.fail(token, "a node")
        if self.peek("="):
            self.next()
            self.next()
            return
        if token.says("graph", "node", "edge") and self.peek("["):
            if token.says("edge"):
                self.defaults.update(self.attribute_list(lambda: "the list 'edge [...]'", edges=True))
            else:
                self.attribute_list(None)
            return
        chain = [token.text]
        while self.tokens[self.at].kind == "edge":
            arrow = self.next()
            if (arrow.text == "->") != self.directed:
                raise InputError(f"{arrow.text!r} in {'a directed' if self.directed else 'an undirected'} graph",
                                 line=arrow.line)  # fmt: skip
            end = self.next()
            if (end.text == "{" and end.kind == "mark") or end.says("subgraph"):
                raise InputError("subgraphs are not read; list the edges themselves", line=end.line)
            if end.kind != "name":
                raise self.fail(end, "a node")
            chain.append(end.text)
        if self.peek(":"):
            text = "ports are not read; leave out the colon and what follows it, or quote names that hold a colon"
            raise InputError(text, line=self.tokens[self.at].line)
        found = self.attribute_list(partial(_shown, chain), edges=len(chain) > 1)
        self.nodes.extend(chain)
        if len(chain) == 1:
            self.of_nodes.setdefault(chain[0], {}).update(found)
            if self.written is not None:
                self.names[chain[0]] = self.written
        self.filled += len(self.defaults) * (len(chain) - 1)
        check_values(self.filled, self.size)
        for u, v in itertools.pairwise(chain):
            self.edges.append((u, v))
            self.attributes.append((dict(self.defaults), found))

    def attribute_list(self, where: Callable[[], str] | None, *, edges: bool = False) -> dict[str, object]:
        """Return attributes; of two values the last counts, as in Graphviz.

        `where` returns what has them. Two weights of `edges` are refused, and two names of a node.
        """
        found: dict[str, object] = {}
        self.written = None
        while self.peek("["):
            self.next()
            while not self.peek("]"):
                key = self.next()
                if key.kind == "mark" and key.text in ",;":
                    continue
                if key.kind != "name" or not self.peek("="):
                    raise self.fail(key, "'name=value'")
                self.next()
                value = self.next()
                if value.kind != "name":
                    raise self.fail(value, "a value")
                read = _value(value)
                if where is not None and (edges or key.text == "name"):
                    with in_file(None, key.line):
                        check_once(found, key.text, read, where, strictly=not edges)
                found[key.text] = read
                if key.text == "name":
                    self.written = value.text
            self.next()
        return found
