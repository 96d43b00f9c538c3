"""Embeddings in a comparison: what the methods of one cloud and dimension share, and every method as a function.

All methods are judged by one number, the largest ``|r - 1|`` over all pairs after the best rescaling of the map, so
that none wins by its scale alone. The bound they share holds for every map, linear or not. The table that names the
methods is in `derandkit.comparison.cuts`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

import numpy as np

from derandkit.comparison.contract import Method
from derandkit.embeddings.options import checked_dimension
from derandkit.embeddings.paths.conditional import LARGEST as CONDITIONAL_LIMIT
from derandkit.errors import InputError
from derandkit.numerics.sums import average_of
from derandkit.points.cloud import PointCloud
from derandkit.points.files import as_point_cloud
from derandkit.points.span import span_of
from derandkit.runtime.progress import OnProgress
from derandkit.words.digits import digits_above

__all__ = ["CONDITIONAL_LIMIT", "DRAWS", "DRAWS_LIMIT", "Embedding", "EmbeddingCase"]

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.comparison.options import Sense
    from derandkit.embeddings.options import Method as EmbeddingMethod
    from derandkit.embeddings.options import Objective
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.columns import TableOptions
    from derandkit.records import JsonMapping

    Kind = Callable[[int, int, Any], FloatArray]

#: Random projections a method draws unless another number is given.
DRAWS = 100
#: Most points of the methods that draw: they keep two numbers for every pair.
DRAWS_LIMIT = 8192

PROMISE = "keeps what its dimension promises for any points, where it promises anything (see min_dim)"
MEAN = "root mean square of the distortions at most sqrt(2/k) for any points; none for the worst pair, shown here"
VARIANCE = "none for distances: the linear map that keeps most variance"
PROBABLE = "a single draw is within eps with probability 1 - delta from min_dim(n, eps, delta) dimensions on"
SPARSE = "that of the Gaussian projection asymptotically, for points without dominant columns"


@dataclass(frozen=True)
class Embedding:
    """An instance: points and the number of dimensions they are to be mapped to.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    k : int
        Number of dimensions.
    """

    cloud: PointCloud
    k: int


@dataclass(frozen=True)
class Distortion:
    """What a method reached.

    Parameters
    ----------
    value : float
        Scaled distortion: measured over all pairs, or a mean where ``stats`` hold a standard error.
    stats : mapping
        ``draws`` and ``standard_error`` of the methods that draw.
    """

    value: float
    stats: JsonMapping


@dataclass(frozen=True)
class EmbeddingCase:
    """An instance with the bound that its methods share.

    Parameters
    ----------
    instance : Embedding
        Points and dimension.
    lower_bound : float
        Certified: no map to so few dimensions has a smaller distortion.
    draws : int
        Random projections of the methods that draw.
    """

    instance: Embedding
    lower_bound: float
    draws: int = DRAWS

    #: Small distortions are wanted.
    sense: ClassVar[Sense] = "minimize"
    #: A distortion has no arbitrary constant.
    spread: ClassVar[None] = None

    @property
    def size(self) -> int:
        """Number of points."""
        return self.instance.cloud.n_points

    @property
    def bound(self) -> tuple[float, str]:
        """The lower bound, and what it is."""
        return self.lower_bound, "certified"

    @property
    def expectation(self) -> None:
        """None: the expected worst distortion of a random projection has no closed form."""
        return


def load(instance: object, *, n_components: int | None = None, **chosen: Unpack[TableOptions]) -> Embedding:
    """Read an instance.

    Parameters
    ----------
    instance : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    n_components : int
        Number of dimensions.
    **chosen
        How a file is read, see `derandkit.points.files.as_point_cloud`.

    Raises
    ------
    InputError
        If the points cannot be used, or the dimension is missing or not a positive integer.

    Examples
    --------
    >>> load([[0.0, 0.0], [1.0, 2.0]], n_components=1).k
    1
    """
    if n_components is None:
        raise InputError("embeddings are compared at one dimension: give n_components")
    return Embedding(as_point_cloud(instance, **chosen), checked_dimension(n_components))


def prepare(
    instance: Embedding, duality_gap: float, draws: int, on_progress: OnProgress | None = None
) -> EmbeddingCase:
    """Bound the distortion of every map; `duality_gap` and `on_progress` are for problems that are relaxed numerically.

    Takes O(n^2 d + n r^2) operations for points of rank r.
    """
    from derandkit.embeddings.bound import spectrum

    lower = spectrum(span_of(instance.cloud.centred()).coordinates).lower_bound(instance.k)
    return EmbeddingCase(instance, lower, draws)


def derandomized(case: EmbeddingCase, method: EmbeddingMethod, objective: Objective = "max") -> Distortion:
    """Embed by a method and an objective of `derandkit.embeddings.solve.embed`."""
    from derandkit.embeddings.solve import embed

    cloud, k = case.instance.cloud, case.instance.k
    result = embed(cloud, n_components=k, method=method, objective=objective, holdout=False)
    return Distortion(result.scaled_distortion, {})


def principal(case: EmbeddingCase) -> Distortion:
    """Project to the principal components; rounded up to nine digits, as LAPACK's last bits depend on its threads."""
    from derandkit.embeddings.baselines import principal_components
    from derandkit.embeddings.measure import measure

    matrix = principal_components(case.instance.cloud, case.instance.k)
    return Distortion(float(digits_above(measure(case.instance.cloud, matrix).scaled_distortion)), {})


def projection_mean(case: EmbeddingCase, rng: np.random.Generator, kind: Kind) -> Distortion:
    """Mean over draws of a random projection, with its standard error."""
    found = _scaled_distortions(case, rng, kind)
    average = average_of(found)
    return Distortion(average.mean, {"draws": found.size, "standard_error": average.standard_error})


def projection_best(case: EmbeddingCase, rng: np.random.Generator, kind: Kind) -> Distortion:
    """Best of the draws of a random projection."""
    found = _scaled_distortions(case, rng, kind)
    return Distortion(float(found.min()), {"draws": found.size})


def gaussian(d: int, k: int, rng: np.random.Generator) -> FloatArray:
    """Draw a Gaussian projection, see `derandkit.embeddings.baselines.gaussian_projection`."""
    from derandkit.embeddings.baselines import gaussian_projection

    return gaussian_projection(d, k, rng)


def sparse(d: int, k: int, rng: np.random.Generator) -> FloatArray:
    """Draw a very sparse projection, see `derandkit.embeddings.baselines.sparse_projection`."""
    from derandkit.embeddings.baselines import sparse_projection

    return sparse_projection(d, k, rng)


def warm_up() -> None:
    """Run every method once on a few points, so that all kernels are compiled."""
    points = np.sin(np.arange(80.0) ** 2).reshape(16, 5)
    case = prepare(Embedding(PointCloud(points), 2), 0.0, 2)
    methods: tuple[EmbeddingMethod, ...] = ("lemma", "minimax", "conditional")
    for method in methods:
        derandomized(case, method)
    derandomized(case, "lemma", "mean")
    projection_best(case, np.random.default_rng(0), gaussian)


def _scaled_distortions(case: EmbeddingCase, rng: np.random.Generator, kind: Kind) -> FloatArray:
    from derandkit.embeddings.baselines import draw_projections

    def drawn(source: np.random.Generator, draws: int) -> FloatArray:
        return draw_projections(
            case.instance.cloud, case.instance.k, source, draws=draws, kind=kind
        ).scaled_distortions

    again = copy.deepcopy(rng)
    try:
        return drawn(rng, case.draws)
    except ZeroDivisionError:
        pass
    # a sparse draw may send all points to one: no scale mends that, its distortion is 1
    found = np.ones(case.draws)
    for k in range(case.draws):
        try:
            found[k] = drawn(again, 1)[0]
        except ZeroDivisionError:
            continue
    return found


def _projections(
    summary: Callable[[EmbeddingCase, np.random.Generator, Kind], Distortion],
    kind: Kind,
    stream: str,
    guarantee: str,
) -> Method:
    """Return a method that draws random projections of a kind."""
    return Method(
        lambda case, rng, _: summary(case, rng, kind),
        guarantee,
        deterministic=False,
        stream=stream,
        limit=DRAWS_LIMIT,
    )


EMBEDDING: dict[str, Method] = {
    "lemma": Method(lambda case, _, __: derandomized(case, "lemma"), PROMISE),
    "minimax": Method(lambda case, _, __: derandomized(case, "minimax"), PROMISE),
    "conditional": Method(
        lambda case, _, __: derandomized(case, "conditional"),
        PROMISE,
        limit=CONDITIONAL_LIMIT,
    ),
    "mean": Method(lambda case, _, __: derandomized(case, "lemma", "mean"), MEAN),
    "pca": Method(lambda case, _, __: principal(case), VARIANCE),
    "gaussian": _projections(projection_mean, gaussian, "gaussian", PROBABLE),
    "gaussian-best": _projections(projection_best, gaussian, "gaussian", PROBABLE),
    "sparse": _projections(projection_mean, sparse, "sparse", SPARSE),
}
