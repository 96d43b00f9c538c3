"""The parts of the result of random Fourier features."""

from __future__ import annotations

from dataclasses import dataclass

from derandkit.parts.part import Part


@dataclass(frozen=True, eq=False)
class FeaturesChain(Part):
    """The order of the numbers: ``lower_bound <= rms <= certified_rms``, and ``<= promised`` where it is guaranteed.

    Parameters
    ----------
    lower_bound : float
        No features of this number whose vectors have length 1 have a smaller root mean square error.
    rms : float
        Root mean square error over all pairs, as computed.
    certified_rms : float
        The same with its rounding: the exact number is at most this.
    promised : float
        Root of the mean square error of random frequencies.

    Examples
    --------
    >>> FeaturesChain(0.0, 0.01, 0.0101, 0.05).promised
    0.05
    """

    lower_bound: float
    rms: float
    certified_rms: float
    promised: float


@dataclass(frozen=True, eq=False)
class FeaturesOutput(Part):
    """The features as `transform` writes them, for the fitted points.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Their type.
    certified_rms : float
        Root mean square error of the exact inner products of the written numbers, at most.

    Examples
    --------
    >>> FeaturesOutput("float32", 0.01).dtype
    'float32'
    """

    dtype: str
    certified_rms: float


@dataclass(frozen=True, eq=False)
class FeaturesPoints(Part):
    """Which points a result is about.

    Parameters
    ----------
    n, d : int
        Points and columns.
    dtype : {"float32", "float64"}
        Their type.
    digest : str
        SHA-256 of their bytes.
    duplicates, pairs : int
        Rows equal to an earlier one; pairs of different rows, all of which were measured.
    columns : tuple of str, or None
        Columns that were read, where the input names them or has others.
    reading : str or None
        How the input was read, in words; nothing checks it.

    Examples
    --------
    >>> from derandkit import random_features
    >>> points = random_features([[0.0], [1.0], [3.0]], n_features=4).points
    >>> points.n, points.d, points.pairs
    (3, 1, 3)
    """

    n: int
    d: int
    dtype: str
    digest: str
    duplicates: int
    pairs: int
    columns: tuple[str, ...] | None
    reading: str | None


@dataclass(frozen=True, eq=False)
class FeaturesStats(Part):
    """Counts of the run; never times.

    Parameters
    ----------
    evaluations : int
        Values of the objective, with or without gradient.
    fitted : int
        Different points that took part in the steps; all were measured in the end.

    Examples
    --------
    >>> FeaturesStats(evaluations=170, fitted=500).fitted
    500
    """

    evaluations: int
    fitted: int
