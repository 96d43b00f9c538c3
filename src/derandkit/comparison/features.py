"""Features of a kernel in a comparison: every method is judged by its error over all pairs.

The value is the root mean square of ``K^ - k`` over pairs of different points. The lower bound holds for all features
whose vectors have length 1, which those of Nystroem's method and of `RBFSampler` have not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, Unpack

import numpy as np

from derandkit.comparison.contract import Method
from derandkit.errors import InputError
from derandkit.features.options import ALPHA, NU, checked_features, checked_width
from derandkit.features.paths import CONDITIONAL_LIMIT
from derandkit.features.spectrum import GAUSSIAN, Spectrum, chosen
from derandkit.numerics.sums import average_of
from derandkit.points.cloud import PointCloud
from derandkit.points.files import as_point_cloud
from derandkit.runtime.progress import OnProgress

if TYPE_CHECKING:
    from derandkit.comparison.options import Sense
    from derandkit.features.measure import Scaled
    from derandkit.features.options import KernelName, Width
    from derandkit.features.options import Method as FeatureMethod
    from derandkit.numerics.typing import FloatArray
    from derandkit.points.columns import TableOptions
    from derandkit.records import JsonMapping

#: Draws features: points in units of the length of the kernel, frequencies, generator, kernel.
Draw: TypeAlias = "Callable[[FloatArray, int, np.random.Generator, Spectrum], FloatArray]"

#: Sets of random features a method draws unless another number is given.
DRAWS = 20
#: Most points of the methods that draw: each draw is measured on every pair.
DRAWS_LIMIT = 8192

AVERAGE = "at most the root of the mean square error of random frequencies, known from the kernel alone"
ON_AVERAGE = "the same on average over its draws"
ORTHOGONAL = "unbiased, with a smaller variance than random frequencies (Yu et al. 2016)"
LOW_DISCREPANCY = "unbiased; a smaller error in few dimensions, for many frequencies"
SHIFTS = "unbiased; its variance is greater than that of cosine and sine pairs"
LEADING = "close to the best features of its number for the points at hand; inner products depend on where points lie"


@dataclass(frozen=True)
class Kernel:
    """An instance: points, the kernel, and the number of frequencies.

    Parameters
    ----------
    cloud : PointCloud
        The points.
    gamma : float, "median" or "scale"
        Parameter gamma of the kernel, ``1 / (2 length_scale^2)``.
    D : int
        Half the number of features.
    spectrum : Spectrum
        The kernel, in units of its length.
    length_scale : float or "median"
        Length of another kernel than the Gaussian one, as it was given.
    """

    cloud: PointCloud
    gamma: float | Width
    D: int
    spectrum: Spectrum = GAUSSIAN
    length_scale: float | Literal["median"] = "median"


@dataclass(frozen=True)
class KernelError:
    """What a method reached.

    Parameters
    ----------
    value : float
        Root mean square error: measured over all pairs, or a mean where ``stats`` hold a standard error.
    stats : mapping
        ``draws`` and ``standard_error`` of the methods that draw.
    """

    value: float
    stats: JsonMapping


@dataclass(frozen=True)
class KernelCase:
    """An instance with the numbers that its methods share.

    Parameters
    ----------
    instance : Kernel
        Points, kernel and number of frequencies.
    points : Scaled
        The points in the units of the kernel.
    lower_bound : float
        Certified: no features whose vectors have length 1 have a smaller error.
    promised : float
        Root of the mean square error of random frequencies.
    draws : int
        Draws of the methods that draw.
    """

    instance: Kernel
    points: Scaled
    lower_bound: float
    promised: float
    draws: int = DRAWS

    #: Small errors are wanted.
    sense: ClassVar[Sense] = "minimize"
    #: An error has no arbitrary constant.
    spread: ClassVar[None] = None

    @property
    def size(self) -> int:
        """Number of different points."""
        return int(self.points.points.shape[0])

    @property
    def bound(self) -> tuple[float, str]:
        """The lower bound, and what it is."""
        return self.lower_bound, "certified"

    @property
    def expectation(self) -> float:
        """Root of the mean square error of random frequencies: their mean error is less."""
        return self.promised


def load(
    instance: object,
    *,
    n_features: int | None = None,
    gamma: float | Width = "median",
    kernel: KernelName = "gaussian",
    length_scale: float | Literal["median"] = "median",
    nu: float = NU,
    alpha: float = ALPHA,
    **how: Unpack[TableOptions],
) -> Kernel:
    """Read an instance.

    Parameters
    ----------
    instance : array_like, sparse matrix, PointCloud or path, shape (n, d)
        The points.
    n_features : int
        Number of features, even.
    gamma : float, "median" or "scale"
        Parameter gamma of a Gaussian kernel.
    kernel, length_scale, nu, alpha
        Another kernel, see `derandkit.random_features`.
    **how
        How a file is read, see `derandkit.points.files.as_point_cloud`.

    Raises
    ------
    InputError
        If the points cannot be used, or an option is missing or wrong.

    Examples
    --------
    >>> load([[0.0, 0.0], [1.0, 2.0]], n_features=4).D
    2
    """
    if n_features is None:
        raise InputError("features are compared at one number: give n_features")
    D, spectrum = checked_features(n_features), chosen(kernel, nu, alpha)
    width = checked_width(kernel, gamma, length_scale)
    return Kernel(as_point_cloud(instance, **how), width, D, spectrum, length_scale)


def prepare(
    instance: Kernel, duality_gap: float, draws: int, on_progress: OnProgress | None = None
) -> KernelCase:
    """Bound the error of all features; `duality_gap` and `on_progress` are for relaxations."""
    from derandkit.features.measure import given_rows, lower_bound, promised_rms, scaled

    D, spectrum = instance.D, instance.spectrum
    points = scaled(instance.cloud, instance.gamma, spectrum, D)
    rows, scale = given_rows(instance.cloud, points)
    expected = promised_rms(rows, D, spectrum, scale)
    return KernelCase(instance, points, lower_bound(points.points, D, spectrum), expected, draws)


def derandomized(case: KernelCase, method: FeatureMethod) -> KernelError:
    """Find features by a method of `derandkit.features.solve.random_features`."""
    from derandkit.features.solve import random_features

    given = case.instance
    if given.spectrum == GAUSSIAN:
        return KernelError(
            random_features(given.cloud, 2 * given.D, gamma=given.gamma, method=method).rms, {}
        )
    found = random_features(
        given.cloud,
        2 * given.D,
        kernel=given.spectrum.name,
        length_scale=given.length_scale,
        nu=given.spectrum.nu or NU,
        alpha=given.spectrum.alpha or ALPHA,
        method=method,
    )
    return KernelError(found.rms, {})


def _drawn(
    case: KernelCase,
    rng: np.random.Generator,
    draw: Draw,
) -> KernelError:
    """Mean over draws of the error of random features, with its standard error."""
    from derandkit.features.baselines import kernel_errors

    Z, D, spectrum = case.points.points, case.instance.D, case.instance.spectrum
    found = np.array([kernel_errors(Z, draw(Z, D, rng, spectrum), spectrum)[0] for _ in range(case.draws)])
    average = average_of(found)
    return KernelError(average.mean, {"draws": found.size, "standard_error": average.standard_error})


def random_draw(Z: FloatArray, D: int, rng: np.random.Generator, spectrum: Spectrum) -> FloatArray:
    """Draw cosines and sines of random frequencies."""
    from derandkit.features.baselines import random_frequencies, wave_features, with_widths

    return wave_features(Z, with_widths(random_frequencies(Z.shape[1], D, rng), spectrum, rng))


def orthogonal_draw(Z: FloatArray, D: int, rng: np.random.Generator, spectrum: Spectrum) -> FloatArray:
    """Draw cosines and sines of orthogonal frequencies."""
    from derandkit.features.baselines import orthogonal_frequencies, wave_features, with_widths

    return wave_features(Z, with_widths(orthogonal_frequencies(Z.shape[1], D, rng), spectrum, rng))


def sobol_draw(Z: FloatArray, D: int, rng: np.random.Generator, spectrum: Spectrum) -> FloatArray:
    """Draw cosines and sines of scrambled Sobol points."""
    from derandkit.features.baselines import sobol_frequencies, wave_features, with_widths

    return wave_features(Z, with_widths(sobol_frequencies(Z.shape[1], D, rng), spectrum, rng))


def shifted_draw(Z: FloatArray, D: int, rng: np.random.Generator, spectrum: Spectrum) -> FloatArray:
    """Draw cosines with random shifts."""
    from derandkit.features.baselines import shifted_features

    return shifted_features(Z, 2 * D, rng, spectrum)


def nystroem_draw(Z: FloatArray, D: int, rng: np.random.Generator, spectrum: Spectrum) -> FloatArray:
    """Draw landmarks of Nystroem's method."""
    from derandkit.features.baselines import nystroem_features

    return nystroem_features(Z, 2 * D, rng, spectrum=spectrum)


def warm_up() -> None:
    """Run every method once on a few points, so that all kernels are compiled."""
    points = np.sin(np.arange(48.0) ** 2).reshape(16, 3)
    case = prepare(Kernel(PointCloud(points), "median", 2), 0.0, 1)
    for method in FEATURES.values():
        method.run(case, np.random.default_rng(0), False)


def _random(draw: Draw, stream: str, guarantee: str, *, bounded: bool = True) -> Method:
    """Return a method that draws features; the bound holds for features of length 1."""
    return Method(
        lambda case, rng, _: _drawn(case, rng, draw),
        guarantee,
        deterministic=False,
        stream=stream,
        limit=DRAWS_LIMIT,
        bounded=bounded,
    )


FEATURES: dict[str, Method] = {
    "lemma": Method(lambda case, _, __: derandomized(case, "lemma"), AVERAGE),
    "conditional": Method(
        lambda case, _, __: derandomized(case, "conditional"), AVERAGE, limit=CONDITIONAL_LIMIT
    ),
    "random": _random(random_draw, "random", ON_AVERAGE),
    "rbf-sampler": _random(shifted_draw, "shifted", SHIFTS, bounded=False),
    "orthogonal": _random(orthogonal_draw, "orthogonal", ORTHOGONAL),
    "sobol": _random(sobol_draw, "sobol", LOW_DISCREPANCY),
    "nystroem": _random(nystroem_draw, "nystroem", LEADING, bounded=False),
}
