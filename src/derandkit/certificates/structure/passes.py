"""Passes over nodes: for one output, or for several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.certificates.structure import networks, rounding, several

if TYPE_CHECKING:
    from derandkit.certificates.structure.networks import FloatArray, Pass, Sample
    from derandkit.records import JsonMapping

    Parameters = tuple[FloatArray, FloatArray, FloatArray]


def sums(
    student: JsonMapping, loss: str, parameters: Parameters, sample: Sample, *, second: bool = True
) -> Pass:
    """Return risk, gradients and curvature, see `networks.sums`."""
    found = several.sums if sample.targets.ndim == 2 else networks.sums
    return found(student, loss, parameters, sample, second=second)


def bounds(
    student: JsonMapping, loss: str, parameters: Parameters, sample: Sample, *, second: bool = True
) -> Pass:
    """Return bounds on the rounding errors of `sums`."""
    found = several.bounds if sample.targets.ndim == 2 else rounding.bounds
    return found(student, loss, parameters, sample, second=second)
