"""An embedding record as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.tables import aligned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def embedding_table(record: Mapping[str, Any]) -> str:
    """Return the table that ``str(result)`` and the command line print.

    Parameters
    ----------
    record : mapping
        The record of a result (`derandkit.EmbeddingResult.to_dict`).
    """
    return aligned(embedding_rows(record))


def embedding_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the table of an embedding record."""
    points, worst, quantiles = record["points"], record["worst_pair"], record["quantiles"]
    rows: list[tuple[str, str]] = [
        ("points", f"{points['n']} x {points['d']} (rank {points['rank']})"),
        ("dimension", str(record["n_components"])),
        ("distortion", f"{record['distortion']:.6g}  worst pair {worst[0]}, {worst[1]}"),
        ("rounding margin", f"{record['margin']:.2g}"),
        ("mean, 99 %", f"{quantiles['mean']:.4g}, {quantiles['p99']:.4g}"),
        ("lower bound", f"{record['lower_bound']:.6g}  (any map, certified)"),
    ]
    if record["guarantee"]["applies"]:
        rows.append(("guarantee", f"{record['guarantee']['eps']:.4g}  (any points, before computing)"))
    if record["heldout"] is not None:
        h = record["heldout"]
        rows.append(("held-out", f"max {h['max']:.4g}, 99 % {h['p99']:.4g}, mean {h['mean']:.4g} (estimate)"))
    rows.append(("status", record["message"]))
    return rows
