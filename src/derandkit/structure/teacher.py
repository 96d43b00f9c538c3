"""Teachers: targets that depend on a few directions of the input only, ``y = h(U x) + noise``.

A teacher is all there is to the population problem: its nodes carry inputs and targets, and its span is what a
student should keep. Nothing is drawn; directions, nodes and noise are formulas.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.given.entries import real_array
from derandkit.options import check_choice
from derandkit.runtime import lapack
from derandkit.structure.choices import INPUTS, LINK_NAMES, Inputs, Link
from derandkit.structure.nodes import SOBOL_DIMENSION, evaluation_nodes, training_nodes
from derandkit.structure.options import check_flag, real, whole
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import FloatArray, IntArray
    from derandkit.records import JsonMapping, JsonObject
    from derandkit.structure.nodes import Nodes


#: Squares of larger targets, and their squares, leave the range of numbers.
LARGEST_NOISE = 1e60
#: Most teacher directions; more would not be a few.
MOST_DIRECTIONS = 64


class Sample(NamedTuple):
    """Inputs with targets and weights: the risk is ``sum_k w_k loss(network(x_k), y_k)``.

    The weights add up to one; `mass` is what a sample counts beside others of its problem. Rows of equal inputs have
    equal `numbers`.
    """

    points: FloatArray
    targets: FloatArray
    weights: FloatArray
    kind: str
    mass: float = 1.0
    numbers: IntArray | None = None


def hermite(degree: int, t: FloatArray) -> FloatArray:
    """Return the probabilists' Hermite polynomial over ``sqrt(degree!)``, of unit variance under a Gaussian.

    Examples
    --------
    >>> hermite(4, np.array([0.0, 1.0])).round(6)
    array([ 0.612372, -0.408248])
    """
    last: FloatArray = np.zeros_like(t)
    here: FloatArray = np.ones_like(t)
    for k in range(degree):
        last, here = here, t * here - k * last
    return np.asarray(here / math.sqrt(math.factorial(degree)))


def _additive(phi: Callable[[FloatArray], FloatArray]) -> Callable[[FloatArray], FloatArray]:
    return lambda s: np.asarray(np.sum(phi(s), axis=1) / math.sqrt(s.shape[1]))


def _staircase(s: FloatArray) -> FloatArray:
    return np.asarray(np.sum(np.cumprod(s, axis=1), axis=1) / math.sqrt(s.shape[1]))


#: Links h(s) of the projections s = U x, shape (m, q): additive ones are sums over the directions over sqrt(q).
LINKS: dict[Link, Callable[[FloatArray], FloatArray]] = {
    "tanh": _additive(np.tanh),
    "relu": _additive(lambda t: np.maximum(t, 0.0)),
    "sine": _additive(np.sin),
    "linear": _additive(lambda t: t),
    "hermite2": _additive(lambda t: hermite(2, t)),
    "hermite3": _additive(lambda t: hermite(3, t)),
    "hermite4": _additive(lambda t: hermite(4, t)),
    "hermite5": _additive(lambda t: hermite(5, t)),
    "hermite6": _additive(lambda t: hermite(6, t)),
    "staircase": _staircase,
    "product": lambda s: np.prod(s, axis=1),
}


def cosine_directions(count: int, dimension: int) -> FloatArray:
    """Return orthonormal rows: the first one is ``(1, ..., 1) / sqrt(d)``, the others are cosine waves.

    Examples
    --------
    >>> U = cosine_directions(3, 5)
    >>> bool(np.abs(U @ U.T - np.eye(3)).max() < 1e-15)
    True
    """
    j = np.arange(dimension) + 0.5
    rows = [
        np.cos(np.pi * k * j / dimension) * math.sqrt((2.0 if k else 1.0) / dimension) for k in range(count)
    ]
    return np.array(rows).reshape(count, dimension)


@dataclass(frozen=True, eq=False)
class Teacher:
    """A multi-index model ``y = h(U x) + noise * e``.

    Parameters
    ----------
    link : str or callable
        ``"tanh"``, ``"relu"``, ``"sine"``, ``"linear"``, ``"hermite2"`` to ``"hermite6"``, ``"staircase"`` or
        ``"product"``, or a function from projections, shape (m, q), to targets, shape (m,).
    dimension : int
        Number of inputs d.
    directions : int or array_like, shape (q, d)
        Rows of U, used as they are; a number stands for that many orthonormal cosine waves, the first one the
        diagonal of the cube.
    noise : float
        Standard deviation of Gaussian label noise.
    inputs : {"gaussian", "uniform", "student-t"}
        Distribution of the independent coordinates, all with mean 0 and variance 1. The lemma is about Gaussian
        inputs.
    binary : bool
        Make labels of the targets: 1 where ``h(U x) + noise`` is positive, else 0.
    nodes : int
        Nodes to train on above three dimensions, rounded down to a power of two.
    evaluation_nodes : int
        Nodes for the reported numbers, in all replicates together.

    Raises
    ------
    InputError
        If a parameter is out of range, or the directions are not linearly independent.

    Examples
    --------
    >>> teacher = Teacher("tanh", 20, directions=2, nodes=1024)
    >>> teacher.span.shape, teacher.training().points.shape
    ((2, 20), (1024, 20))
    """

    link: Link | Callable[[FloatArray], ArrayLike]
    dimension: int
    directions: Any = 1
    noise: float = 0.0
    inputs: Inputs = "gaussian"
    binary: bool = False
    nodes: int = 65536
    evaluation_nodes: int = 262144
    #: A teacher is made, not read.
    reading: ClassVar[None] = None

    def __post_init__(self) -> None:
        if not callable(self.link):
            object.__setattr__(self, "link", check_choice("link", self.link, LINK_NAMES, also="a function"))
        if not (whole(self.dimension) and self.dimension >= 1):
            raise InputError(f"dimension must be a whole number, at least 1, got {quoted(self.dimension)}")
        if not (real(self.noise) and 0 <= self.noise <= LARGEST_NOISE):
            raise InputError(
                f"noise is a standard deviation, at most {LARGEST_NOISE:g}, got {quoted(self.noise)}"
            )
        object.__setattr__(self, "noise", abs(self.noise))  # a zero has no sign in a record
        check_flag("binary", self.binary)
        object.__setattr__(self, "inputs", check_choice("inputs", self.inputs, INPUTS))
        size = int(self.dimension) + int(self.noise > 0)
        if size > SOBOL_DIMENSION:
            raise InputError(
                f"Sobol points exist up to dimension {SOBOL_DIMENSION}, got {quoted(size)} coordinates"
            )
        for name in ("nodes", "evaluation_nodes"):
            if not (whole(getattr(self, name)) and getattr(self, name) >= 16):
                raise InputError(
                    f"{name} must be a whole number, at least 16, got {quoted(getattr(self, name))}"
                )
        object.__setattr__(self, "directions", self._rows())

    def _rows(self) -> FloatArray:
        d = self.dimension
        if whole(self.directions):
            if not 1 <= self.directions <= min(d, MOST_DIRECTIONS):
                most = min(d, MOST_DIRECTIONS)
                raise InputError(f"directions must be between 1 and {most}, got {quoted(self.directions)}")
            return cosine_directions(int(self.directions), d)
        U = np.atleast_2d(real_array(self.directions, "directions"))
        if U.ndim != 2 or U.shape[1] != d or not 1 <= U.shape[0] <= min(d, MOST_DIRECTIONS):
            raise InputError(f"directions must have shape (q, {d}) with q at most {d}, got {U.shape}")
        values = lapack.singular_values(U)
        if not values[-1] > 1e-9 * values[0]:
            raise InputError("directions must be linearly independent")
        U.setflags(write=False)
        return U

    @property
    def span(self) -> FloatArray:
        """Orthonormal basis of the span of the directions, shape (q, d)."""
        return np.ascontiguousarray(lapack.qr(self.directions.T)[0].T)

    @property
    def gaussian(self) -> bool:
        """Whether the inputs are the ones the lemma is about."""
        return self.inputs == "gaussian"

    def targets(self, points: FloatArray, noise: FloatArray | None = None) -> FloatArray:
        """Return the targets at inputs, shape (m,), with given standard Gaussian noise.

        Parameters
        ----------
        points : ndarray, shape (m, d)
            The inputs.
        noise : ndarray, shape (m,), optional
            Standard Gaussian numbers; none where it is left out.

        Raises
        ------
        InputError
            If the link returns a wrong shape, or a number that is not finite.
        """
        s = np.einsum("ki,qi->kq", real_array(points, "points"), self.directions)
        link = LINKS[self.link] if isinstance(self.link, str) else self.link
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            y = np.asarray(link(s))
        if y.shape != (len(points),) or y.dtype.kind not in "fiub":
            raise InputError(f"the link must return shape ({len(points)},), got {y.shape} of {y.dtype}")
        y = y.astype(np.float64)
        fit = np.abs(y) <= LARGEST_NOISE  # False for NaN; squares of larger ones overflow
        if not fit.all():
            where = s[int(np.argmin(fit))]
            what = f"beyond {LARGEST_NOISE:g}" if np.isfinite(y[int(np.argmin(fit))]) else "not finite"
            raise InputError(
                f"the link is {what} at the projections {np.array2string(where, precision=4)}; "
                "bound it, or scale the directions down"
            )
        if noise is not None:
            y = y + self.noise * noise
        return (y > 0).astype(np.float64) if self.binary else y

    def training(self) -> Sample:
        """Return the nodes to train on, with targets."""
        return self._sample(training_nodes(self.inputs, self.dimension, int(self.noise > 0), self.nodes))

    def evaluation(self) -> tuple[Sample, ...]:
        """Return nodes that are not trained on: a fine and a coarser grid, or independent shifts of Sobol points."""
        rules = evaluation_nodes(self.inputs, self.dimension, int(self.noise > 0), self.evaluation_nodes)
        return tuple(self._sample(rule) for rule in rules)

    def _sample(self, nodes: Nodes) -> Sample:
        points = np.ascontiguousarray(nodes.points[:, : self.dimension])
        noise = nodes.points[:, self.dimension] if self.noise > 0 else None
        return Sample(points, self.targets(points, noise), nodes.weights, nodes.kind)

    def draw(self, size: int, rng: np.random.Generator, first: int | None) -> Sample:
        """Return inputs and targets that are drawn, for minibatches.

        Parameters
        ----------
        size : int
            How many.
        rng : numpy.random.Generator
            Source of the numbers.
        first : int or None
            Of rows of data; a population has no order, and is drawn from in any case.
        """
        from derandkit.structure.nodes import FREEDOM

        shape = (size, self.dimension)
        if self.inputs == "uniform":
            points = rng.uniform(-math.sqrt(3.0), math.sqrt(3.0), shape)
        elif self.inputs == "student-t":
            points = rng.standard_t(FREEDOM, shape) * math.sqrt((FREEDOM - 2.0) / FREEDOM)
        else:
            points = rng.standard_normal(shape)
        noise = rng.standard_normal(size) if self.noise > 0 else None
        return Sample(points, self.targets(points, noise), np.ones(size), "drawn")

    def describe(self) -> JsonObject:
        """Return the teacher as JSON values; a link of the user's own is named, not stored."""
        return {
            "kind": "teacher",
            "link": self.link if isinstance(self.link, str) else "user",
            "dimension": int(self.dimension),
            "directions": self.directions.tolist(),
            "noise": float(self.noise),
            "inputs": self.inputs,
            "binary": bool(self.binary),
            "nodes": int(self.nodes),
            "evaluation_nodes": int(self.evaluation_nodes),
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the description, and for a link of the user's own of its values at 64 fixed points."""
        text = json.dumps(self.describe(), sort_keys=True)
        if not isinstance(self.link, str):
            t = np.linspace(-2.0, 2.0, 64)[:, None] * np.arange(1, self.directions.shape[0] + 1)
            values = np.asarray(self.link(t), dtype=np.float64)
            # as NumPy prints where its user has set nothing
            with np.printoptions(
                edgeitems=3, linewidth=75, suppress=False, sign="-", formatter=None, legacy=False
            ):
                text += np.array2string(values, precision=9, threshold=100)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    @classmethod
    def from_mapping(cls, table: JsonMapping) -> Teacher:
        """Make a teacher from a table of a TOML file or from `describe`.

        Parameters
        ----------
        table : mapping
            The settings by name.

        Raises
        ------
        InputError
            If a key is unknown or missing, or a value cannot be used.
        """
        known = {
            "kind",
            "link",
            "dimension",
            "directions",
            "noise",
            "inputs",
            "binary",
            "nodes",
            "evaluation_nodes",
        }
        if not isinstance(table, Mapping):
            raise InputError(f"the settings of a teacher are a mapping, got a {type(table).__name__}")
        unknown = sorted(set(table) - known)
        if unknown:
            raise InputError(f"a teacher has no {unknown[0]!r}; it has {', '.join(sorted(known - {'kind'}))}")
        for name in ("link", "dimension"):
            if name not in table:
                raise InputError(f"a teacher needs {name!r}")
        try:
            return cls(**{key: value for key, value in table.items() if key != "kind"})
        except TypeError as error:
            raise InputError(f"a teacher cannot be made of this table: {error}") from None

    def __repr__(self) -> str:
        link = self.link if isinstance(self.link, str) else "user's link"
        return f"Teacher({link}, d={self.dimension}, q={self.directions.shape[0]}, inputs={self.inputs})"
