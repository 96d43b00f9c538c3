"""An embedding record as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.tables import counted
from derandkit.words.digits import digits_above, digits_below

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derandkit.records import JsonMapping


#: What the complement does, and whom it serves.
_OFF = {
    "balanced": "balanced: distances of new points keep their size on average",
    "isometric": "isometric: new directions keep their length on average",
    "zero": "nothing is kept: for neighbours of new points among the given ones",
}
_MEANS = {2: "root mean square", 4: "4th root of mean"}


def _between(sides: Mapping[str, float]) -> str:
    if sides["smallest"] > 0.0:
        return f"from {digits_below(sides['smallest'], 4)} to {digits_above(sides['largest'], 4)}"
    return f"at most {digits_above(sides['largest'], 4)}"


def embedding_rows(record: JsonMapping) -> list[tuple[str, str]]:
    """Return the rows of the table of an embedding record."""
    points, worst, quantiles = record["points"], record["worst_pair"], record["quantiles"]
    rows: list[tuple[str, str]] = [
        ("points", f"{points['n']} x {points['d']} (rank {points['rank']})"),
        ("dimension", str(record["n_components"])),
        ("distortion", f"{record['distortion']:.6g}  worst pair {worst[0]}, {worst[1]}"),
        ("rounding margin", digits_above(record["margin"], 2)),
        ("mean, 99 %", f"{quantiles['mean']:.4g}, {digits_above(quantiles['p99'], 4)}"),
        ("lower bound", f"{digits_below(record['lower_bound'], 6)}  (any map, certified)"),
    ]
    if record["mean"] is not None:
        mean = record["mean"]
        weights = "pairs of different points, " + ("each once" if mean["weights"] is None else "weighted")
        rows += [
            (_MEANS[mean["power"]], f"{mean['value']:.6g}  ({weights})"),
            ("its promise", f"{digits_above(mean['promised'], 4)}  (any points, before computing)"),
            ("its lower bound", f"{digits_below(mean['lower_bound'], 6)}  (any map, certified)"),
        ]
    if record["guarantee"]["applies"]:
        rows.append(
            ("guarantee", f"{digits_above(record['guarantee']['eps'], 4)}  (any points, before computing)")
        )
    if points["rank"] < points["d"]:
        rows.append(("off the span", _OFF[record["complement"]]))
    if record["stretch"] is not None:  # version 1 does not claim it
        rows += [
            ("any new point", f"|A v|^2 / |v|^2 is {_between(record['stretch']['space'])} for every v"),
            ("in the span", f"{_between(record['stretch']['span'])} for v in the span of the points"),
        ]
    if record["heldout"] is not None:
        h = record["heldout"]
        interval, pairs = "", f"pairs of {h['n_held']} points"
        if h["mean_interval"] is not None:
            low, high = h["mean_interval"]
            interval = f" ({digits_below(low, 3)} to {digits_above(high, 3)})"
            pairs = counted(h["pairs"], "held-out pair")
        rows += [
            ("new points", f"mean {h['mean']:.4g}{interval}, 99 % {h['p99']:.4g}, max {h['max']:.4g}"),
            ("", f"estimated from {pairs}"),
        ]
    if record["output"] is not None:
        kind, written = record["output"]["dtype"], record["output"]["certified_distortion"]
        if written is None:
            rows.append((f"as {kind}", "out of range"))
        elif kind == "float32":
            rows.append((f"as {kind}", f"distortion at most {digits_above(written, 6)}"))
    rows.append(("status", record["message"]))
    return rows
