"""Directions in a record of a trained network: whether they were given, or found as the leading ones of its layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.certificates.checks import MALFORMED, Verdict
from derandkit.certificates.structure.rows import are_leading
from derandkit.certificates.trained.layer import KNOWN, SUMS, Layer, Units, measured, units_of
from derandkit.numerics.vectors import norm
from derandkit.records import decode_array

if TYPE_CHECKING:
    from derandkit.certificates.statements import Finding
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping

#: Directions that are found are the leading ones to this at worst.
_LEADING = 1e-6
#: Directions that leave hardly more than the leading ones, by this share of the size, may be those with a little noise.
_NEAR = 1e-3


def _are_found(record: JsonMapping, X: FloatArray, share: float) -> bool:
    """Whether directions are the leading ones of a layer, one by one, on inputs of variance 1 of length 1.

    The space alone is not enough: each is shown as weights of the columns, by its number. Of all weights that read the
    same of the rows they are the shortest: what reads nothing has no part in them.
    """
    W, A = (decode_array(record["parameters"][name]) for name in ("W", "directions"))
    units = units_of(X)
    layer, rows = units.layer(W), units.layer(A)
    largest = float(np.abs(layer).max())
    if not largest > 0:
        return False
    layer = layer / largest
    # weights of nearly dependent columns are as uncertain as the inverse root
    off = min(_LEADING, KNOWN + SUMS * units.shaky)
    alike = bool((np.abs(rows @ rows.T - np.eye(len(rows))) <= 2.0 * off).all())
    return (
        alike
        and _read_all(A, rows, units, off)
        and are_leading(layer, rows, SUMS + share * norm(layer) / float(np.linalg.norm(layer, 2)), off)
    )


def _read_all(A: FloatArray, rows: FloatArray, units: Units, off: float) -> bool:
    """Whether directions have no weights along which the rows do not vary, such as those of constant columns."""
    weights = A * units.scale
    beside = weights - rows @ units.back.T
    reads = np.abs(units.root).max(axis=1)
    still = np.abs(A[:, reads <= SUMS * reads.max()])
    nothing = np.array([norm(row) for row in beside]) <= off * np.array([norm(row) for row in weights])
    return bool(nothing.all() and (still.max(axis=1, initial=0.0) <= off * np.abs(A).max(axis=1)).all())


def _near(layer: Layer) -> bool:
    """Whether directions leave more than the leading ones, and so little more that noise makes the difference."""
    return layer.perp - layer.smallest <= _NEAR * layer.size


def known_before(record: JsonMapping, X: FloatArray) -> bool:
    """Return whether a record has to show that its directions were known before the network was looked at.

    Nothing can show it for directions that are near the leading ones and not those: they may have been learned well, or
    found and changed a little. It is shown as not checked then, and nothing rests on it.
    """
    try:
        layer = measured(record, X)
    except MALFORMED:
        return True  # the check itself says what is wrong
    leading = layer.perp - layer.smallest <= layer.slack
    return not record["directions_given"] or layer.whole or leading or not _near(layer)


def check_directions(record: JsonMapping, X: FloatArray) -> Finding:
    """Compare where the directions are said to come from with the leading directions of the layer.

    Directions that are far from the leading ones cannot have been found. Whether the leading ones were known before the
    network was looked at cannot be seen from them, and `|W_perp|` is small by their choice either way.
    """
    layer = measured(record, X)
    leading = layer.perp - layer.smallest <= layer.slack
    words = f"|W_perp| is {layer.perp * layer.unit:.6g}, and {layer.smallest * layer.unit:.6g} for the leading ones"
    if not record["directions_given"]:
        found = _are_found(record, X, layer.share)
        alone = "" if found else ", but they are not these, one by one and of length 1"
        return found, f"found: {words}{alone}"
    if layer.whole:
        return True, "given, and they span all that varies: there are no others to choose"
    if layer.size == 0.0:
        return True, "given, and the layer is zero: it leaves nothing beside any directions"
    if leading:
        return (
            Verdict.NOT_CHECKED,
            f"said to be given, but they are the leading directions of W, as those that are found: {words}",
        )
    if _near(layer):
        return (
            Verdict.NOT_CHECKED,
            f"said to be given; they are so near the leading ones that these may have been found and changed: {words}",
        )
    return True, f"given, since they are not the leading ones: {words}"
