"""Every pair of a large cloud under a map, one by one, over threads, processes or a dask cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derandkit.embeddings.measure import measure
from derandkit.embeddings.result import EmbeddingResult
from derandkit.errors import InputError
from derandkit.options import check_kind
from derandkit.points.files import as_fitted_cloud
from derandkit.runtime.crew import Crew
from derandkit.tables import Tabled
from derandkit.words.digits import digits_above

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derandkit.runtime.crew import CrewName


@dataclass(frozen=True, eq=False, repr=False)
class PairsScanned(Tabled):
    """What a map does to all pairs of different points, r the ratio of the squared distances after and before.

    Parameters
    ----------
    n : int
        Points, equal ones counted.
    pairs : int
        Pairs measured.
    distortion : float
        Greatest ``|r - 1|``; exact within `margin`.
    scaled_distortion : float
        The same after the best rescaling of the map.
    margin : float
        Bound on the rounding error of `distortion`.
    worst_pair : tuple of int
        Rows of the worst pair.
    mean, rms : float
        Mean and root mean square of ``|r - 1|``.
    quantiles : mapping of str to float
        Upper bounds on quantiles of ``|r - 1|``, at most 0.1 per cent above them.

    Examples
    --------
    >>> from derandkit import embed
    >>> square = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> found = scan_pairs(square, embed(square, n_components=2))
    >>> found.pairs, found.distortion < 1e-12
    (6, True)
    """

    n: int
    pairs: int
    distortion: float
    scaled_distortion: float
    margin: float
    worst_pair: tuple[int, int]
    mean: float
    rms: float
    quantiles: Mapping[str, float]

    def __repr__(self) -> str:
        figures = f"distortion={self.distortion:.6g}, mean={self.mean:.6g}"
        return f"PairsScanned({self.n} points, {self.pairs} pairs, {figures})"

    def table_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table."""
        i, j = self.worst_pair
        return [
            ("points", f"{self.n}, {self.pairs} pairs"),
            (
                "greatest |r - 1|",
                f"{self.distortion:.6g} (rounding at most {digits_above(self.margin, 1)}), rows {i}, {j}",
            ),
            ("after the best rescaling", f"{self.scaled_distortion:.6g}"),
            ("mean, root mean square", f"{self.mean:.6g}, {self.rms:.6g}"),
            (
                "quantiles",
                ", ".join(f"{name} {digits_above(value, 4)}" for name, value in self.quantiles.items()),
            ),
        ]


def scan_pairs(
    X: object,
    result: EmbeddingResult,
    *,
    workers: int | None = None,
    backend: CrewName = "threads",
    address: str | None = None,
) -> PairsScanned:
    """Measure a map on every pair of a large cloud, over threads, processes or a dask cluster.

    Parameters
    ----------
    X : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points, those that were fitted or others. They have to fit into the memory of every process.
    result : EmbeddingResult
        The map.
    workers : int, optional
        Threads or processes; all cores by default. A dask cluster that runs already has its own.
    backend : {"threads", "loky", "dask"}
        Threads, processes of this machine, or a dask cluster, which may have many machines.
    address : str, optional
        A dask scheduler (``"tcp://host:8786"``). Without one: the active client, the scheduler that dask is configured
        for, or a cluster on this machine.

    Returns
    -------
    PairsScanned
        The same numbers to the last bit, whoever computes them. O(n^2 (d + k)) operations. Memory of O(n (d + k)) in
        each process.

    Raises
    ------
    InputError
        If the points or the options cannot be used, or the map takes rows of another length.
    MissingDependencyError
        dask is chosen and not installed.

    Notes
    -----
    The pairs are cut into at most 256 pieces by a rule that knows n alone. A cluster gets the points once for each
    worker, a process of this machine those rows that a piece needs. It is no certificate: a record is about the rows
    that were fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from derandkit import embed
    >>> X = np.sin(np.arange(1200.0) ** 2).reshape(200, 6)
    >>> result = embed(X[:50], n_components=4, holdout=False)
    >>> one, two = scan_pairs(X, result), scan_pairs(X, result, workers=2)
    >>> one.pairs, one == two
    (19900, True)
    """
    crew = Crew.of(workers, backend, address)
    check_kind("result", result, EmbeddingResult, "derandkit.embed(...)")
    cloud = as_fitted_cloud(X, result.points.columns, result.points.reading or "")
    if cloud.n_features != result.matrix.shape[1]:
        raise InputError(f"the map takes rows of {result.matrix.shape[1]} numbers, got {cloud.n_features}")
    found = measure(cloud, result.matrix, crew=crew)
    return PairsScanned(
        n=cloud.n_points,
        pairs=found.pairs,
        distortion=found.distortion,
        scaled_distortion=found.scaled_distortion,
        margin=found.margin,
        worst_pair=found.worst_pair,
        mean=found.mean,
        rms=found.mean_square**0.5,
        quantiles=found.quantiles,
    )
