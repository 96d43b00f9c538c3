"""Tables that are something else: files of other programs, and signs in a table that are neither names nor numbers.

A reader of lists would take ``1 / 2`` for an edge from 1 to "/" with the weight 2, and ``*node data`` for an edge. Each
is refused with both readings, or with the name of its format. Tables of Markdown are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derandkit.errors import InputError
from derandkit.graphs.objects.columns import known_ends
from derandkit.graphs.objects.signs import sign_of
from derandkit.graphs.readers.marks import LONE, QUOTED
from derandkit.graphs.readers.tables import is_weight
from derandkit.graphs.readers.text import Row, is_integer, is_number, show

#: What to do where a table lists edges.
EDGES = "say --input-format edgelist (input_format= of derandkit.as_graph)"
_EXPORT = "export it as GraphML, GML or CSV"
_TREE = "write an edge a line, the child and its parent (as Bio.Phylo.to_networkx has them)"
_TOML = (
    "a TOML file; read it with tomllib and pass its edges as tuples (u, v, weight), or write one edge a line"
)
_YAML = "a YAML file; read it with yaml.safe_load and pass its edges as tuples (u, v, weight), or write one edge a line"
#: How text files of other programs begin.
_FORMATS = tuple(
    (re.compile(pattern, re.IGNORECASE), what)
    for pattern, what in (
        (rb"\*(?:node|tie)[ \t]+(?:data|properties)\b", "a VNA file of NetDraw"),
        (rb"dl\b[^\n]{0,200}\n?[^\n]{0,200}\bn[mrc]?[ \t]*=[ \t]*[0-9]", "a DL file of UCINET"),
        (rb"dl[ \t]*\r?\n[ \t]*(?:n[mrc]?|format|labels|data)[ \t]*[=:]", "a DL file of UCINET"),
        (rb"@start(?:uml|dot|mindmap|wbs)\b", "a diagram of PlantUML; write its edges as CSV"),
        (rb"33d32945\b|section[ \t]+(?:comment|graph)[ \t\r]*\n", "a SteinLib file"),
        (rb"(?:[a-z_]+[ \t]*:[^\n]*\n){0,20}[ \t]*(?:edge_weight_type|edge_weight_format|node_coord)", "a TSPLIB file"),
        (rb"@(?:nodes|arcs|edges|attributes)\b", "a graph of LEMON (LGF)"),
        (rb"format-version[ \t]*:", "an OBO ontology"),
        (rb"[0-9]+,[0-9]+,[ud],", "a graph of Graphs.jl (LG); write its edges with writedlm"),
        (rb"(?:create|merge|match)[ \t]*\(", "a script of Cypher"),
        (rb"(?:insert[ \t]+into|create[ \t]+table)\b", "a script of SQL"),
        (rb"@prefix\b|(?:<[^>\s]+>[ \t]+){2}", "an RDF file"),
        (rb"[a-z_]\w*\([^()\n]*,[^()\n]*\)[ \t]*\.", "a list of facts of Prolog"),
        (rb"n[ \t]*=[ \t]*\d+[ \t]+g\b", "a graph of nauty; write it as graph6"),
        (rb"nodedef[ \t]*>", "a GDF file of GUESS; open it in Gephi and export it as GraphML, GEXF or CSV"),
        (rb"\(tlp\b", "a Tulip file (TLP)"),
        (rb"graph(?:[ \t]+[0-9.]+){3}[ \t]*\r?\nnode[ \t]", "a plain output of Graphviz; give the DOT file"),
        (rb"(?:graph|flowchart)[ \t]+(?:TD|TB|BT|LR|RL)\b", "a diagram of Mermaid; write its edges as CSV"),
        (
            rb"#?[\"']?ID(?:\(s\)|s)?[ _]interactors?[ _]A\t[^\t\n]*\t|[^\t\n:]+:[^\t\n]*\t(?:[^\t\n]*\t){8}taxid:",
            "a PSI-MI TAB file (MITAB); keep its first two columns, the interactors A and B",
        ),
        (
            rb"#?BioGRID Interaction ID\t",
            "a BioGRID file (TAB2, TAB3); keep two columns, such as 'Official Symbol Interactor A' and '... B'",
        ),
        (
            rb"p[ \t]+[0-9]+[ \t]+[0-9]+[ \t]+[du][ \t]+[a-z][ \t]+[0-9]+[ \t]*\r?\n",
            "an output of the SNAPGraphWriter of NetworKit; remove its first line (vertices without edges are lost)",
        ),
        (rb"<number of zones>", "a network of TNTP; write its init and term nodes as CSV"),
        (rb"[0-9]+[ \t]*\r?\n[^\W\d][^\s,;]*(?:[ \t]+[-+.0-9eE]+){3}", "a distance matrix of PHYLIP; remove line 1"),
        (
            rb"[0-9]+[ \t]*\r?\n[^\W\d][^\s,;]*[ \t]*\r?\n[^\W\d][^\s,;]*[ \t]+[-+.0-9eE]+[ \t]*\r?\n",
            "a lower triangle of distances of PHYLIP; write the whole matrix without line 1",
        ),
        (rb"\((?=[^;\n]{0,300}[:(])[^;\n]*\)[^();,\n]*;", f"a tree in Newick's format; {_TREE}"),
        (rb"#nexus\b", f"a NEXUS file of phylogeny; {_TREE}"),
        (rb">[ \t]+(?:input|adj|output)[ \t]+file\b", "an adjacency file of ARACNe; write its edges as CSV"),
        (b"\xe2\x94[\x80-\xbf]|\xe2\x95[\x80-\xbf]", "a table drawn with lines; save it as CSV"),
        (rb"(?:#[^\n]*\n)*\[{1,2}[a-z_][\w.-]*\]{1,2}[ \t]*\r?\n[ \t]*[\w.-]+[ \t]*=", _TOML),
        (
            rb"---[ \t]*\r?\n[ \t]*(?:[\w-]+[ \t]*:|- )|[\w-]+:[ \t]*\r?\n(?:[ \t]*- |[ \t]+[\w-]+:[ \t])"
            rb"|- (?:\{|[\w-]+:[ \t])|- \[[^\n\]]*,[^\n\]]*\][ \t]*\r?\n|[\w-]+:[ \t]*\[[^\n\]]*\][ \t]*\r?\n",
            _YAML,
        ),
        (rb"graph\[\{|\{[^\n{}]*(?:<->|->|\\\[)", "a graph of Mathematica"),
    )
)  # fmt: skip
_NAMES = {
    ".sif": "a .sif file of Cytoscape has the kind of relation between two nodes; write the two ends of each edge",
    ".hgr": "a .hgr file holds a hypergraph, and no cut of a graph counts its edges; write edges of two ends",
}
_SIGNS = re.compile(rb"[^\w\"'\x80-\xff]+")
_EMPTY_ROW = re.compile(rb'(?:"")?\s*([,;])\s*(?:""\s*)?(?:\1\s*(?:""\s*)?)*')
_JOINED = re.compile(rb"[^\s<>=-][^\s<>]*(?:<->|-->|->|=>)[^\s<>=-][^\s<>]*")
_RULE = re.compile(rb"[:| \t]*-[-:| \t]*")


def refuse_formats(data: bytes, suffix: str) -> None:
    r"""Refuse a text that begins like a file of another program.

    Parameters
    ----------
    data : bytes
        The text.
    suffix : str
        The suffix of its name.

    Raises
    ------
    InputError
        It names the format.

    Examples
    --------
    >>> refuse_formats(b"a b\nb c\n", ".txt")
    >>> refuse_formats(b"*node data\nid name\n", ".vna")
    Traceback (most recent call last):
    derandkit.errors.InputError: the file is a VNA file of NetDraw; export it as GraphML, GML or CSV
    """
    if suffix in _NAMES:
        raise InputError(_NAMES[suffix])
    begin = data[:65536].lstrip()
    for pattern, what in _FORMATS:
        if pattern.match(begin):
            raise InputError(f"the file is {what}" + ("" if ";" in what else f"; {_EXPORT}"))


def unboxed(data: bytes) -> tuple[bytes, bool]:
    r"""Return a table of Markdown without its bars at both ends of each line and its rule, and whether it was one.

    Examples
    --------
    >>> unboxed(b"| u | v |\n|---|---|\n| a | b |\n")
    (b' u | v \n\n a | b \n', True)
    """
    if b"|" not in data:
        return data, False
    lines = data.split(b"\n")
    texts = [line.strip() for line in lines]
    full = [text for text in texts if text]
    if len(full) < 2 or not all(len(text) > 2 and text[:1] == text[-1:] == b"|" for text in full):
        return data, False
    free = [b"" if _RULE.fullmatch(text) else text[1:-1] for text in texts]
    return b"\n".join(free), True


def without_empty_rows(texts: Sequence[bytes]) -> tuple[slice, tuple[str, ...]]:
    """Return which lines are left without rows of empty cells at both ends, as spreadsheets write them, and remarks.

    Raises
    ------
    InputError
        All rows are empty.

    Examples
    --------
    >>> without_empty_rows([b"a,b,2", b",,", b"b,c,3", b",,", b'"","",""'])
    (slice(0, 3, None), ('2 rows of empty cells at the end of the file were left out',))
    """
    kept = len(texts)
    while kept and _EMPTY_ROW.fullmatch(texts[kept - 1]):
        kept -= 1
    if texts and not kept:
        raise InputError("the file holds only rows of empty cells; no graph")
    first = 0
    while first < kept and _EMPTY_ROW.fullmatch(texts[first]):
        first += 1
    said = []
    for count, where in ((first, "beginning"), (len(texts) - kept, "end")):
        if count:
            rows, were = ("row", "was") if count == 1 else ("rows", "were")
            said.append(f"{count} {rows} of empty cells at the {where} of the file {were} left out")
    return slice(first, kept), tuple(said)


def without_last_separator(
    texts: Sequence[bytes], wanted: bytes | None, count: int
) -> tuple[list[bytes], str]:
    """Return lines that all end in a separator behind two columns and more without it, and a remark.

    Parameters
    ----------
    texts : sequence of bytes
        The lines.
    wanted : bytes, optional
        The separator that was given; None if none was.
    count : int
        How many lines there were with the rows of empty cells below: a square table keeps its last column.

    Examples
    --------
    >>> without_last_separator([b"a,b,", b"b,c,"], None, 2)
    ([b'a,b', b'b,c'], 'the empty last column was left out')
    """
    for mark in (b",", b";", b"|"):
        if wanted not in (None, mark) or not all(text.endswith(mark) for text in texts):
            continue
        free = [text[:-1].rstrip() for text in texts]
        widths = {QUOTED.sub(b"", text).count(mark) for text in free}
        if 0 in widths or any(text.endswith(mark) for text in free):
            break
        if len(texts) < count and widths == {count - 2}:
            break  # a matrix whose last vertex has no edges
        return free, "the empty last column was left out"
    return list(texts), ""


def counted_rows(texts: Sequence[bytes]) -> bool:
    """Whether a first line holds one number that counts the rows below it, which are as wide, as those of a matrix.

    Raises
    ------
    InputError
        It holds one whole number above wider rows, and is no such number.

    Examples
    --------
    >>> counted_rows([b"2", b"0 1", b"1 0"]), counted_rows([b"1 2", b"2 3"])
    (True, False)
    """
    if len(texts) < 2 or not texts[0].isdigit() or len(texts[0]) > 15:
        return False
    widths = {len(re.findall(rb"[^\s,;|]+", text)) for text in texts[1:]}
    if widths == {int(texts[0])} == {len(texts) - 1} and 1 not in widths:
        return True
    if 1 not in widths:
        raise InputError(
            f"the first line holds {texts[0].decode()} alone: a count of what is below, or a vertex without edges; "
            f"remove the line if it counts; {LONE}"
        )
    return False


def separated_apart(lines: Sequence[bytes]) -> bool:
    """Whether a comma, a semicolon or a bar between blanks parts all lines, so that it is no vertex.

    Examples
    --------
    >>> separated_apart([b"1 ; 2", b"2 ; 3"]), separated_apart([b"1 2", b"2 ; 3"])
    (True, False)
    """
    bare = [QUOTED.sub(b'"', line) for line in lines]
    return any(all(re.search(rb"\s" + mark + rb"\s", line) for line in bare) for mark in (b",", b";", rb"\|"))


def refuse_signs(table: Sequence[Row]) -> None:
    """Refuse signs between the ends of edges, and arrows that join them, which may be vertices as well.

    Raises
    ------
    InputError
        It names both readings.

    Examples
    --------
    >>> refuse_signs([Row(1, [b"1", b"/", b"2"]), Row(2, [b"2", b"/", b"3"])])
    Traceback (most recent call last):
    derandkit.errors.InputError: <input>:1: '/' stands in the second column of every line: a sign between ...
    """
    width, at = len(table[0].columns), table[0].line
    if width not in (2, 3) or any(len(row.columns) != width for row in table):
        return
    columns = [[row.columns[k] for row in table] for k in range(width)]
    if width == 3:
        _refuse_between(columns, at)
    for one in columns[:2]:
        if all(map(_JOINED.fullmatch, one)):
            raise InputError(
                f"{show(one[0])} may be an edge or a vertex; write the two ends in columns", line=at
            )


def _refuse_between(columns: list[list[bytes]], at: int) -> None:
    first, middle, last = columns
    if (
        not any(map(is_weight, (*first, *last)))
        and not any(sign_of(cell.decode("utf-8", "replace")) for cell in last)
        and known_ends([column[0].decode("utf-8", "replace") for column in columns]) is None
    ):
        # a line of names may stand above numbers
        if len(middle) > 1 and all(map(is_weight, middle[1:])):
            raise InputError(
                "the numbers stand in the second of three columns: write the weight last, or name the columns "
                "'source', 'weight' and 'target' in a first line",
                line=at,
            )
        if not any(map(is_weight, middle)) and len(middle) > 1 and set(middle).isdisjoint((*first, *last)):
            raise InputError(
                f"{show(middle[0])} may be the relation between two vertices, or a vertex before a weight that is no "
                "number; write the two ends of each edge, and the weight last",
                line=at,
            )
    sign = middle[0]
    if not sign or is_number(sign) or any(x != sign for x in middle):
        return
    numbers = all(map(is_integer, first)) and all(map(is_integer, last)) and len(first) > 1
    if _SIGNS.fullmatch(sign) or numbers:
        raise InputError(
            f"{show(sign)} stands in the second column of every line: a sign between the ends of edges, or a vertex "
            f"and then a weight; remove it, or {EDGES} if it is a vertex",
            line=at,
        )
