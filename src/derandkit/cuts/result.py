"""The answer to a maximum-cut question: sides, bounds, the chain between them, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from derandkit.engine.outcome import DerandomizationHistory
from derandkit.errors import InputError, MissingDependencyError
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.label_json import json_of, label_of
from derandkit.graphs.reading import Reading, recorded
from derandkit.options import check_kind
from derandkit.parts.cuts import (
    BoundRecord,
    Chain,
    CutWitness,
    FinalStationarity,
    GraphRecord,
    Guarantee,
    RelaxationRecord,
    SearchRecord,
)
from derandkit.parts.part import part_or_none
from derandkit.records import JsonMapping, JsonObject, sealed
from derandkit.results import Result
from derandkit.signs.values import relative_gap
from derandkit.status import CutStatus
from derandkit.tables import percent_above, told_apart
from derandkit.versions import CURRENT
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas

    from derandkit.datasets.instances import KnownGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.results import Row

SCHEMA = "derandkit-maxcut"
SCHEMA_VERSION = CURRENT[SCHEMA]


@dataclass(frozen=True, eq=False, repr=False)
class MaxCutResult(Result):
    """A cut with its bounds and its certificate.

    Two results are equal if and only if their records are.

    Parameters
    ----------
    status : CutStatus
        How the run ended.
    cut_value : int or float
        Weight of the cut, recomputed from the sides: exact for integer weights, correctly rounded otherwise.
    partition : tuple of two lists
        Labels of the two sides; the first vertex of the graph is in the first.
    signs : ndarray of int8, shape (n,)
        The sides in the order of `labels`, which is the graph's: +1 for the side of the first vertex, -1 for the other.
    upper_bound : int or float
        No cut weighs more (if ``bound_status`` is ``"certified"``); rounded down for integer weights.
    bound_status : {"certified", "tested", "estimated"}
        Whether the bound is proven.
    chain : Chain
        The proven order of bound, SDP value, expectations and cut.
    guarantee : Guarantee
        The approximation guarantee that holds for these weights, with its numbers.
    stationarity : FinalStationarity
        The lemma's computable certificate at the final point.
    certificate : CutWitness
        The witness that `derandkit.verify` re-checks.
    bound : BoundRecord
        How the bound was proven.
    relaxation : RelaxationRecord
        How the relaxation was solved.
    search : SearchRecord or None
        Work and runs of the search stage and the size of the graph it worked on; None without a search.
    graph : GraphRecord
        Size and digest of the graph, and how the input was read.
    method : str
        The derandomizer.
    history : DerandomizationHistory
        One row a step of the path.
    instance : WeightedGraph or None
        The graph, for `cut_edges`, `membership` and pictures. It is no part of the record: a result that was read from
        a file has none until `with_graph` gives it one.

    Examples
    --------
    >>> import derandkit
    >>> result = derandkit.maxcut([("a", "b", 2), ("b", "c", 3)])
    >>> result.labels, result.signs, result.sides
    (('a', 'b', 'c'), array([ 1, -1,  1], dtype=int8), {'a': 0, 'b': 1, 'c': 0})
    >>> result.cut_edges()
    [('a', 'b', 2), ('b', 'c', 3)]
    """

    schema: ClassVar[str] = SCHEMA

    status: CutStatus
    cut_value: int | float
    partition: tuple[Sequence[Hashable], Sequence[Hashable]]
    signs: SignArray
    upper_bound: int | float
    bound_status: str
    chain: Chain
    guarantee: Guarantee
    stationarity: FinalStationarity
    certificate: CutWitness
    bound: BoundRecord
    relaxation: RelaxationRecord
    search: SearchRecord | None
    graph: GraphRecord
    method: str
    history: DerandomizationHistory
    instance: WeightedGraph | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        # sides, membership and edges of the cut are read from the signs, the record is not: they cannot be changed
        object.__setattr__(self, "signs", unwritable(self.signs))

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """Labels of the vertices in canonical order, which is the order of `signs`. O(n).

        Raises
        ------
        InputError
            The result comes from a record whose two lists of labels are not its two sides.
        """
        left, right = map(iter, self.partition)
        signs = self.signs.tolist()
        if [len(side) for side in self.partition] != [signs.count(1), signs.count(-1)]:
            raise InputError("the two lists of the record are not its two sides; verify says more")
        return tuple(next(left) if sign > 0 else next(right) for sign in signs)

    @property
    def sides(self) -> dict[Hashable, int]:
        """Side of each vertex: 0 for the side of the first one, 1 for the other. O(n).

        Examples
        --------
        >>> import derandkit
        >>> import networkx as nx
        >>> G = nx.cycle_graph(4)
        >>> nx.set_node_attributes(G, derandkit.maxcut(G).sides, "side")
        >>> G.nodes(data="side")
        NodeDataView({0: 0, 1: 1, 2: 0, 3: 1}, data='side')
        """
        return {
            label: 0 if sign > 0 else 1 for label, sign in zip(self.labels, self.signs.tolist(), strict=True)
        }

    @property
    def membership(self) -> list[int]:
        """Side of each vertex (0 or 1) in the order in which the input lists them.

        That is the order of ``G.nodes``, of the rows of a matrix or of the vertex numbers of igraph. Use `sides` for a
        list or a file of edges, where vertices have no order.

        Raises
        ------
        InputError
            If the result has no `instance`: a record does not keep the order of the input.

        Examples
        --------
        >>> import derandkit
        >>> import networkx as nx
        >>> G = nx.Graph()
        >>> G.add_edges_from([("c", "a"), ("a", "b")])
        >>> list(G.nodes), derandkit.maxcut(G).membership
        (['c', 'a', 'b'], [1, 0, 1])
        """
        graph = self._graph("membership")
        numbers = np.where(self.signs > 0, 0, 1)
        return (numbers if graph.input_rank is None else numbers[graph.input_rank]).tolist()  # type: ignore[no-any-return]

    def cut_edges(self) -> list[tuple[Hashable, Hashable, int | float]]:
        """Return the edges between the two sides with their weights, whose sum is `cut_value`.

        Returns
        -------
        list of (u, v, weight)
            In the order of the graph; weights are int where all weights of the graph are integers. O(n + m).

        Raises
        ------
        InputError
            If the result has no `instance`.
        """
        graph = self._graph("cut_edges")
        i, j, w = graph.edges()
        cut = self.signs[i] != self.signs[j]
        weights = map(int, w[cut].tolist()) if graph.integral else w[cut].tolist()
        ends = zip(i[cut].tolist(), j[cut].tolist(), weights, strict=True)
        return [(graph.labels[u], graph.labels[v], weight) for u, v, weight in ends]

    def with_graph(self, graph: WeightedGraph) -> MaxCutResult:
        """Return the same result with its graph, which a record does not hold.

        Parameters
        ----------
        graph : WeightedGraph
            The graph that was cut (`derandkit.as_graph` makes one of whatever `derandkit.maxcut` accepts).

        Raises
        ------
        InputError
            If it is another graph.
        """
        check_kind("graph", graph, WeightedGraph, "derandkit.as_graph(...)")
        if graph.digest != self.graph.digest:
            raise InputError(
                f"the result is about another graph: its digest is {self.graph.digest[:12]}..., "
                f"this one's {graph.digest[:12]}..."
            )
        if len(self.signs) != graph.n:
            raise InputError(
                f"the record has {len(self.signs)} sides for the {graph.n} vertices of its graph"
            )
        positive = self.signs > 0
        left = [graph.labels[v] for v in np.flatnonzero(positive).tolist()]
        right = [graph.labels[v] for v in np.flatnonzero(~positive).tolist()]
        return replace(self, instance=graph, partition=(left, right))  # JSON may not bring back all labels

    def _graph(self, what: str) -> WeightedGraph:
        if self.instance is None:
            raise InputError(
                f"{what} needs the graph, which a record does not hold: "
                "use result.with_graph(derandkit.as_graph(G)) or derandkit.load(path, G)"
            )
        return self.instance

    def to_series(self) -> pandas.Series[int]:
        """Return the sides as a pandas series ``side``, 0 or 1, indexed by the labels in canonical order.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        pandas = pandas_module()
        nodes = pandas.Index(label_column(self.labels).array, tupleize_cols=False, name="node")
        return pandas.Series(np.where(self.signs > 0, 0, 1), index=nodes, name="side")

    def to_frame(self) -> pandas.DataFrame:
        """Return a pandas table with the columns ``node`` and ``side`` (0 or 1), in canonical order.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        return pandas_module().DataFrame(
            {"node": label_column(self.labels), "side": np.where(self.signs > 0, 0, 1)}
        )

    @property
    def gap(self) -> float:
        """From cut to bound: ``(upper_bound - cut_value) / max(|upper_bound|, |cut_value|)``, 0 for 0 and 0."""
        return relative_gap(self.upper_bound, self.cut_value)

    @property
    def proven_optimal(self) -> bool:
        """Whether the cut meets a certified bound, compared in exact arithmetic."""
        return self.status is CutStatus.OPTIMAL

    @property
    def reading(self) -> Reading | None:
        """How the input was read, and what was assumed or left out; None in a record that was loaded without it."""
        return None if self.instance is None else self.instance.reading

    def to_dict(self) -> JsonObject:
        """Return the sealed record that `to_json` writes."""
        return sealed(self._record())

    def parts(self) -> dict[str, Any]:
        """Return the fields that the result of every cut has, by name."""
        return {f.name: getattr(self, f.name) for f in fields(MaxCutResult)}

    def _answer(self) -> JsonObject:
        """Return what records of cuts of every kind say about the answer."""
        return {
            "status": self.status.name.lower(),
            "message": self.message,
            "cut_value": self.cut_value,
            "upper_bound": self.upper_bound,
            "bound_status": self.bound_status,
            "gap": self.gap,
            "proven_optimal": self.proven_optimal,
            "partition": [[json_label(x) for x in side] for side in self.partition],
            "graph": self.graph.to_dict(),
        }

    def _record(self) -> JsonObject:
        return {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            **self._answer(),
            "chain": self.chain.to_dict(),
            "guarantee": self.guarantee.to_dict(),
            "stationarity": self.stationarity.to_dict(),
            "certificate": self.certificate.to_dict(),
            "bound": self.bound.to_dict(),
            "relaxation": self.relaxation.to_dict(),
            "search": part_or_none(self.search),
            "method": self.method,
            "history": {name: list(column) for name, column in self.history.columns.items()},
        }

    @classmethod
    def of_record(cls, record: JsonMapping, original: JsonObject | None) -> Self:
        """Rebuild a result from its record."""
        left, right = ([label_of(x) for x in side] for side in record["partition"])
        return cls(
            status=CutStatus[record["status"].upper()],
            cut_value=record["cut_value"],
            partition=(left, right),
            signs=signs_of_text(record["certificate"]["sides"]),
            upper_bound=record["upper_bound"],
            bound_status=record["bound_status"],
            chain=Chain.of(record["chain"]),
            guarantee=Guarantee.of(record["guarantee"]),
            stationarity=FinalStationarity.of(record["stationarity"]),
            certificate=CutWitness.of(record["certificate"]),
            bound=BoundRecord.of(record["bound"]),
            relaxation=RelaxationRecord.of(record["relaxation"]),
            search=SearchRecord.maybe(record["search"]),
            graph=GraphRecord.of(record["graph"]),
            method=record["method"],
            history=DerandomizationHistory(
                {name: tuple(column) for name, column in record["history"].items()}
            ),
        )

    def __repr__(self) -> str:
        cut, bound = told_apart(self.cut_value, self.upper_bound, above=True, digits=12)
        return (
            f"{type(self).__name__}(cut_value={cut}, upper_bound={bound} {printable(str(self.bound_status))}, "
            f"gap={percent_above(self.gap, 2)}{', optimal' if self.proven_optimal else ''})"
        )

    def table_rows(self, known: KnownGraph | None = None) -> Sequence[Row]:
        """Return the rows of the table, with what is published about the graph.

        Parameters
        ----------
        known : KnownGraph, optional
            What is published about the graph.
        """
        from derandkit.cuts.table import maxcut_rows

        return maxcut_rows(self._record(), known)


def label_column(labels: Sequence[Hashable]) -> pandas.Series[Any]:
    """Return labels as a column: integers as integers, tuples as single cells.

    Raises
    ------
    MissingDependencyError
        If pandas is not installed.
    """
    return pandas_module().Series(np.fromiter(labels, dtype=object, count=len(labels))).infer_objects()


def pandas_module() -> Any:
    """Return the module pandas.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise MissingDependencyError("pandas", "pandas") from None
    return pandas


def unwritable(signs: SignArray) -> SignArray:
    """Return a view of signs that cannot be written.

    Examples
    --------
    >>> unwritable(np.ones(2, dtype=np.int8)).flags.writeable
    False
    """
    view = signs.view()
    view.flags.writeable = False
    return view


def sides_text(signs: SignArray) -> str:
    """Return the sides as one character a vertex.

    Examples
    --------
    >>> sides_text(np.array([1, -1, 1], dtype=np.int8))
    '+-+'
    """
    return np.where(signs > 0, b"+", b"-").tobytes().decode("ascii")


def signs_of_text(sides: str) -> SignArray:
    """Return the signs that `sides_text` wrote.

    Examples
    --------
    >>> signs_of_text("+-+")
    array([ 1, -1,  1], dtype=int8)
    """
    return np.array([1 if side == "+" else -1 for side in sides], dtype=np.int8)


def graph_record(graph: WeightedGraph) -> GraphRecord:
    """Return what a record says about its graph; ``reading`` is how the input was read, where that is known.

    Examples
    --------
    >>> import derandkit
    >>> graph_record(derandkit.as_graph([("a", "b")])).reading
    'sequence of edges, 2 columns: u v'
    """
    return GraphRecord(
        n=graph.n,
        m=graph.m,
        total_weight=graph.total_weight,
        digest=graph.digest,
        reading=recorded(graph.reading, graph.rounded),
    )


def json_label(label: Hashable) -> Any:
    """Return a label as the JSON value that also names it in the graph's digest.

    Examples
    --------
    >>> json_label(3), json_label("a"), json_label((0, 1))
    (3, 'a', [0, 1])
    """
    if type(label) in (int, str):  # JSON gives these back unchanged, but a million of them take a while
        return label
    return json_of(label)
