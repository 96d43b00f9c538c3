"""The answer to a maximum-cut question: sides, bounds, the chain between them, and the evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.engine.outcome import History
from derandkit.graphs.label_json import json_of, label_of
from derandkit.records import canonical_json, sealed
from derandkit.signs.values import relative_gap
from derandkit.status import CutStatus

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

SCHEMA = "derandkit-maxcut"
SCHEMA_VERSION = 2


@dataclass(frozen=True, eq=False, repr=False)
class MaxCutResult:
    """A cut with its bounds and its certificate.

    Parameters
    ----------
    status : CutStatus
        How the run ended.
    cut_value : int or float
        Weight of the cut, recomputed from the sides: exact for integer weights, correctly rounded otherwise.
    partition : tuple of two lists
        Labels of the two sides; the first vertex of the graph is in the first.
    signs : ndarray of int8, shape (n,)
        The sides in the graph's order.
    upper_bound : int or float
        No cut weighs more (if ``bound_status`` is ``"certified"``); rounded down for integer weights.
    bound_status : {"certified", "estimated"}
        Whether the bound is proven.
    chain : mapping
        ``sdp_value``, ``start_expectation``, ``final_expectation``, ``derandomized_cut``, ``cut_value`` and
        ``upper_bound`` (the dual bound before it is rounded down): ``upper_bound >= sdp_value`` and
        ``cut_value >= derandomized_cut >= final_expectation >= start_expectation``.
    guarantee : mapping
        The approximation guarantee that holds for these weights, with its figures.
    stationarity : mapping
        The lemma's computable certificate at the final point.
    certificate : mapping
        The witness that `derandkit.verify` re-checks.
    bound, relaxation, graph : mapping
        How the bound was proven; how the relaxation was solved; size and digest of the graph.
    search : mapping or None
        Work and runs of the search stage and the size of the kernel it worked on; None without a search.
    method : str
        The derandomizer.
    history : History
        One row a step of the path.
    """

    status: CutStatus
    cut_value: int | float
    partition: tuple[Sequence[Hashable], Sequence[Hashable]]
    signs: NDArray[np.int8]
    upper_bound: int | float
    bound_status: str
    chain: Mapping[str, int | float]
    guarantee: Mapping[str, Any]
    stationarity: Mapping[str, Any]
    certificate: Mapping[str, Any]
    bound: Mapping[str, Any]
    relaxation: Mapping[str, Any]
    search: Mapping[str, Any] | None
    graph: Mapping[str, Any]
    method: str
    history: History

    @property
    def gap(self) -> float:
        """``(upper_bound - cut_value) / max(1, |upper_bound|)``."""
        return relative_gap(self.upper_bound, self.cut_value)

    @property
    def proven_optimal(self) -> bool:
        """Whether the cut meets a certified bound, compared in exact arithmetic."""
        return self.status is CutStatus.OPTIMAL

    @property
    def message(self) -> str:
        """The text of the status."""
        return self.status.value

    def to_dict(self) -> dict[str, Any]:
        """Return the sealed record that `to_json` writes."""
        return sealed(self._record())

    def _record(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "status": self.status.name.lower(),
            "message": self.message,
            "cut_value": self.cut_value,
            "upper_bound": self.upper_bound,
            "bound_status": self.bound_status,
            "gap": self.gap,
            "proven_optimal": self.proven_optimal,
            "partition": [[json_label(x) for x in side] for side in self.partition],
            "chain": dict(self.chain),
            "guarantee": dict(self.guarantee),
            "stationarity": dict(self.stationarity),
            "certificate": dict(self.certificate),
            "bound": dict(self.bound),
            "relaxation": dict(self.relaxation),
            "search": None if self.search is None else dict(self.search),
            "graph": dict(self.graph),
            "method": self.method,
            "history": {name: list(column) for name, column in self.history.columns.items()},
        }

    def to_json(self) -> str:
        """Return the canonical JSON text: sorted keys, no times, no paths, equal bytes for equal results."""
        return canonical_json(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> MaxCutResult:
        """Rebuild a result from its JSON text.

        Labels come back as JSON has them (integers and strings). Nothing is checked; that is what
        `derandkit.verify` is for.

        Raises
        ------
        ValueError
            If the text is not a max-cut record of this schema version.
        """
        record = json.loads(text)
        if not isinstance(record, dict) or record.get("schema") != SCHEMA:
            raise ValueError(f"not a {SCHEMA} record")
        if record.get("schema_version") != SCHEMA_VERSION:
            raise ValueError(f"schema version {record.get('schema_version')} is not {SCHEMA_VERSION}")
        left, right = ([label_of(x) for x in side] for side in record["partition"])
        sides = np.array([1 if side == "+" else -1 for side in record["certificate"]["sides"]], dtype=np.int8)
        return cls(
            status=CutStatus[record["status"].upper()],
            cut_value=record["cut_value"],
            partition=(left, right),
            signs=sides,
            upper_bound=record["upper_bound"],
            bound_status=record["bound_status"],
            chain=record["chain"],
            guarantee=record["guarantee"],
            stationarity=record["stationarity"],
            certificate=record["certificate"],
            bound=record["bound"],
            relaxation=record["relaxation"],
            search=record["search"],
            graph=record["graph"],
            method=record["method"],
            history=History({name: tuple(column) for name, column in record["history"].items()}),
        )

    def __repr__(self) -> str:
        mark = ", optimal" if self.proven_optimal else ""
        return (
            f"MaxCutResult(cut_value={self.cut_value:.12g}, upper_bound={self.upper_bound:.12g} "
            f"{self.bound_status}, gap={self.gap:.2%}{mark})"
        )

    def __str__(self) -> str:
        from derandkit.cuts.table import maxcut_table

        return maxcut_table(self._record())


def sides_text(signs: NDArray[np.int8]) -> str:
    """Return the sides as one character a vertex.

    Examples
    --------
    >>> sides_text(np.array([1, -1, 1], dtype=np.int8))
    '+-+'
    """
    return np.where(signs > 0, b"+", b"-").tobytes().decode("ascii")


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
