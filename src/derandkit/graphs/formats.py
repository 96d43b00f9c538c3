"""The formats that a graph may come in: one table for the readers, the command line and the messages.

This module loads nothing heavy, so that the command line can show its help without NumPy.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from derandkit.content import COMPRESSED, extension
from derandkit.errors import InputError
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

GraphFormat: TypeAlias = Literal[
    "auto", "edgelist", "rudy", "matrix", "adjlist", "lgl", "metis", "dimacs", "matrixmarket", "pajek", "dot",
    "graphml", "gml", "gexf", "json", "graph6", "sparse6", "npy", "npz", "mat", "parquet",
]  # fmt: skip
Symmetrize: TypeAlias = Literal["sum", "mean", "max"]


class Automatic(Enum):
    """What stands for an option that the user did not give, where None means something else."""

    WEIGHT = "weight"

    def __repr__(self) -> str:
        return f"AUTO_{self.name}"


#: The default of ``weight``: the column or attribute ``"weight"``, or else the only one of numbers. The name
#: ``"weight"`` itself, when the user gives it, has to be there like any other name.
AUTO_WEIGHT: Final = Automatic.WEIGHT
WeightName: TypeAlias = str | Automatic | None


class Format(NamedTuple):
    """What a format is called, and which names of files announce it."""

    title: str
    extensions: tuple[str, ...]
    announced: bool  # the content alone shows that it is this format


TABLE: dict[str, Format] = {
    "edgelist": Format("edge list", (".edgelist", ".edges", ".el", ".ncol", ".csv", ".tsv"), False),
    "rudy": Format("rudy file", (".rudy", ".rud", ".mc", ".gset"), False),
    "matrix": Format("matrix", (), False),
    "adjlist": Format("adjacency list", (".adjlist", ".adj"), False),
    "lgl": Format("LGL file", (".lgl",), False),
    "metis": Format("METIS file", (".metis", ".graph"), False),
    "dimacs": Format("DIMACS file", (".col", ".dimacs", ".clq"), True),
    "matrixmarket": Format("Matrix Market file", (".mtx", ".mm"), True),
    "pajek": Format("Pajek file", (".net", ".paj"), True),
    "dot": Format("DOT file", (".dot", ".gv"), True),
    "graphml": Format("GraphML file", (".graphml",), True),
    "gml": Format("GML file", (".gml",), True),
    "gexf": Format("GEXF file", (".gexf",), True),
    "json": Format("JSON file", (".json",), True),
    "graph6": Format("graph6 file", (".g6", ".graph6"), False),
    "sparse6": Format("sparse6 file", (".s6", ".sparse6"), False),
    "npy": Format("NumPy array", (".npy",), True),
    "npz": Format("NumPy archive", (".npz",), True),
    "mat": Format("MATLAB file", (), True),  # texts are called .mat, too
    "parquet": Format("Parquet or Feather file", (".parquet", ".feather", ".arrow"), True),
}
FORMATS: tuple[str, ...] = ("auto", *TABLE)
SYMMETRIZE: tuple[str, ...] = ("sum", "mean", "max")

#: Text that does not announce itself: what may stand in a table of words and numbers.
PLAIN = tuple(name for name, entry in TABLE.items() if not entry.announced)

#: Names of files that announce a problem which is not a graph: what it is, and the verb that is to take it.
PROBLEMS = {
    ".qubo": ("a QUBO", "qubo"),
    ".sparse": ("a QUBO", "qubo"),
    ".bq": ("a QUBO", "qubo"),
    ".coo": ("a QUBO or Ising model", "qubo"),
    ".cnf": ("a satisfiability problem", "max2sat"),
    ".wcnf": ("a satisfiability problem", "max2sat"),
    ".lp": ("a program in the LP format", "qubo"),
    ".mps": ("a program in MPS", ""),
}
#: Extensions that say nothing about a format: no reader of another package can have them.
GENERAL = (".txt", ".dat", ".data", ".zip")
_GSET_NAME = re.compile(r"G[1-9][0-9]?")


def promised_format(path: str) -> str | None:
    """Format that a file's name announces.

    Examples
    --------
    >>> promised_format("g.csv.gz"), promised_format("G14"), promised_format("g.txt")
    ('edgelist', 'rudy', None)
    """
    base = os.path.basename(path)
    if base.lower().endswith(COMPRESSED):
        base = os.path.splitext(base)[0]
    if _GSET_NAME.fullmatch(base):
        return "rudy"
    end = extension(path)
    return next((name for name, entry in TABLE.items() if end in entry.extensions), None)


def problem_refusal(what: str, verb: str) -> str:
    """Words that refuse a problem which is not a graph.

    Examples
    --------
    >>> problem_refusal("a QUBO", "qubo")
    "the file is a QUBO, not a graph; 'derandkit qubo' takes it"
    """
    return f"the file is {what}, not a graph" + (f"; 'derandkit {verb}' takes it" if verb else "")


@dataclass(frozen=True, slots=True)
class GraphReader:
    """A format of graphs that derandkit does not have, and the function that reads it.

    Give it as ``input_format=`` where a graph is read. Or announce it in ``pyproject.toml``: then it reads the files
    with its extension, on the command line too::

        [project.entry-points."derandkit.graphs.readers"]
        pairs = "my_package.reader:PAIRS"

    Parameters
    ----------
    name : str
        The word for ``--input-format``: small letters, digits and hyphens.
    title : str
        What a user calls the format, for messages: ``"pair list"``.
    extensions : tuple of str
        Extensions that announce it, such as ``(".pairs",)``; none that derandkit reads itself.
    read : callable
        ``read(data, name)`` turns the content (bytes, decompressed) into a `WeightedGraph`; `name` is for messages.
        What it cannot read it refuses with `InputError` or ValueError, in one line.

    Raises
    ------
    InputError
        The name or an extension cannot be used, or belongs to a format of derandkit.

    Examples
    --------
    >>> import io
    >>> import derandkit
    >>> def read(data, name):
    ...     pairs = [line.split("--") for line in data.decode().split()]
    ...     return derandkit.as_graph([tuple(pair) for pair in pairs])
    >>> reader = GraphReader("pairs", "pair list", (".pairs",), read)
    >>> graph = derandkit.read_graph(io.StringIO("a--b b--c c--a"), input_format=reader)
    >>> graph
    WeightedGraph(n=3, m=3, total_weight=3)
    >>> print(graph.reading)
    pair list (reader 'pairs')
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    read: Callable[[bytes, str], object]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", self.name):
            raise InputError(
                f"a reader's name has small letters, digits and hyphens, got {quoted(self.name)}"
            )
        if self.name in FORMATS:
            raise InputError(f"a format of derandkit is named {self.name!r}; give the reader another name")
        if not isinstance(self.title, str) or not self.title or not self.title.isprintable():
            raise InputError(f"the title of a reader is one line of text, got {quoted(self.title)}")
        if not callable(self.read):
            raise InputError(f"read of the reader {self.name!r} is not callable")
        known = {end for entry in TABLE.values() for end in entry.extensions}
        for end in self.extensions:
            if not isinstance(end, str) or not re.fullmatch(r"\.[a-z0-9_+-]+", end):
                raise InputError(f"an extension is a dot and small letters or digits, got {quoted(end)}")
            if end in known or end in PROBLEMS or end in COMPRESSED or end in GENERAL:
                raise InputError(
                    f"the extension {end!r} is not free: the reader {self.name!r} cannot have it"
                )
