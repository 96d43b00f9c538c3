"""A record of features as a table for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from derandkit.words.digits import digits_above, digits_below

if TYPE_CHECKING:
    from derandkit.records import JsonMapping


def _kernel(record: JsonMapping) -> str:
    """Return the kernel in one line."""
    gamma, length = record["gamma"], math.sqrt(0.5) / math.sqrt(record["gamma"])
    if record["kernel"] == "matern":
        return f"Matern, nu {record['nu']:g}, length_scale {length:.6g}"
    if record["kernel"] == "rational_quadratic":
        return f"(1 + r^2 / (2 alpha))^-alpha, alpha {record['alpha']:g}, r = |x - y| / {length:.6g}"
    return f"exp(-gamma |x - y|^2), gamma {gamma:.6g}"


def features_rows(record: JsonMapping) -> list[tuple[str, str]]:
    """Return the rows of the table of a record of features."""
    points, worst = record["points"], record["worst_pair"]
    lower = f"{digits_below(record['lower_bound'], 6)}  (any features of length 1 and this number, certified)"
    rows: list[tuple[str, str]] = [
        ("points", f"{points['n']} x {points['d']}"),
        ("kernel", _kernel(record)),
        ("features", f"{record['n_features']}  ({record['n_features'] // 2} frequencies)"),
        ("root mean square", f"{record['rms']:.6g}  (|K^ - k| over all {points['pairs']} pairs)"),
        ("greatest", f"{record['max_error']:.6g}  worst pair {worst[0]}, {worst[1]}"),
        ("rounding margin", digits_above(record["margin"], 2)),
        (
            "promise",
            f"{digits_above(record['promised'], 6)}  (root of the mean square error of random features)",
        ),
        ("lower bound", lower if record["lower_bound"] > 0.0 else "none stated"),
    ]
    if record["output"]["dtype"] == "float32":
        rows.append(("as float32", f"at most {digits_above(record['output']['certified_rms'], 6)}"))
    rows.append(("status", record["message"]))
    return rows
