"""Built-in networks by hand: forward, backward and second-order passes in NumPy, with nothing of JAX.

One pass over the nodes gives the risk, its gradient in every parameter, and the Hessian in the bias of the first
layer. The formulas are written out from the definition of the network, layer by layer. Where training starts is written
a second time here, hash included: the checker shares no formula with the solver.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from derandkit.records import JsonMapping

    FloatArray = NDArray[np.float64]
    Derivatives = tuple[FloatArray, FloatArray, FloatArray]

CHUNK = 4096
#: Entries of Hessians that are held at a time.
HESSIANS = 1 << 23
ACTIVATIONS = ("tanh", "gelu", "erf", "softplus", "relu", "hermite2")
LOSSES = ("squared", "logistic", "huber")


class Sample(Protocol):
    """Weighted nodes of a problem: what the checker needs of them."""

    @property
    def points(self) -> FloatArray:
        """Inputs, shape (m, d)."""

    @property
    def targets(self) -> FloatArray:
        """Targets, shape (m,) or (m, k)."""

    @property
    def weights(self) -> FloatArray:
        """Weights, shape (m,), sum one."""

    @property
    def kind(self) -> str:
        """What the nodes are: ``"grid"``, ``"sobol"`` or ``"rows"``."""

    @property
    def mass(self) -> float:
        """What they count beside other nodes of the problem: of rows, the sum of their weights."""


class Pass(NamedTuple):
    """Weighted sums over the nodes."""

    risk: float
    W: FloatArray
    b: FloatArray
    theta: FloatArray
    curvature: FloatArray

    @property
    def sizes(self) -> Pass:
        """The absolute values."""
        return Pass(abs(self.risk), *map(np.abs, self[1:]))

    def wider(self, share: float, of: Pass, least: float = 0.0) -> Pass:
        """Return the entries plus a share of the sizes of those of another one, and plus what underflow may take."""
        return Pass(
            self.risk + share * abs(of.risk) + least,
            self.W + share * np.abs(of.W) + least,
            self.b + share * np.abs(of.b) + least,
            self.theta + share * np.abs(of.theta) + least,
            self.curvature + share * np.abs(of.curvature) + least,
        )


def layer_shapes(student: JsonMapping, outputs: int = 1) -> list[tuple[int, ...]]:
    """Return the shapes above the first layer, in the order of the record."""
    n = student["width"]
    shapes: list[tuple[int, ...]] = []
    for _ in range(student["depth"] - 2):
        shapes += [(n, n), (n,)]
    shapes.append((n,) if outputs == 1 else (outputs, n))
    return [*shapes, () if outputs == 1 else (outputs,)] if student["output_bias"] else shapes


def hashed_normals(rows: int, columns: int, stream: int) -> FloatArray:
    """Return numbers of a fixed stream that look standard normal: SplitMix64 of the position, then Box-Muller.

    Examples
    --------
    >>> bool(abs(hashed_normals(100, 100, 0).std() - 1) < 0.02)
    True
    """
    count = rows * columns
    z = np.arange(1, 2 * count + 1, dtype=np.uint64) + np.uint64((stream << 40) % 2**64)
    z *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    z ^= z >> np.uint64(31)
    u = (np.floor(z / np.uint64(2048)) + 0.5) / 2.0**53
    values = np.sqrt(-2.0 * np.log(u[:count])) * np.cos(2.0 * np.pi * u[count:])
    return np.asarray(values.reshape(rows, columns))


def start_of(
    student: JsonMapping, dimension: int, outputs: int = 1
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return where training starts: W, shape (n, d); b, shape (n,); theta, or None for a network of the user's own.

    Each array has a stream of its own, 16 of them a start. Balanced starts have the variances 1/d, 1/4 and 1/n;
    published ones 1/d, and ``1/n^2`` for b and the output. Biases above the first layer start at zero.
    """
    n, first = student["width"], 16 * student["stream"]
    balanced = student["start"] == "balanced"
    W = hashed_normals(n, dimension, first) / math.sqrt(dimension)
    b = (0.5 if balanced else 1.0 / n) * hashed_normals(1, n, first + 1)[0]
    if student["kind"] != "built-in":
        return W, b, None
    hidden = student["depth"] - 2
    parts = []
    for k in range(hidden):
        parts += [hashed_normals(1, n * n, first + 2 + 2 * k)[0] / math.sqrt(n), np.zeros(n)]
    output = hashed_normals(1, outputs * n, first + 2 + 2 * hidden)[0]
    parts.append((1.0 / math.sqrt(n) if balanced else 1.0 / n) * output)
    if student["output_bias"]:
        parts.append(np.zeros(outputs))
    return W, b, np.concatenate(parts)


def activation(name: str, sharpness: float | None) -> Callable[[FloatArray], Derivatives]:
    """Return a function that gives an activation and its first two derivatives."""
    from scipy.special import erf, expit, ndtr

    def tanh(t: FloatArray) -> Derivatives:
        u = np.tanh(t)
        return u, 1.0 - u * u, -2.0 * u * (1.0 - u * u)

    def gelu(t: FloatArray) -> Derivatives:
        Phi, phi = ndtr(t), np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi)
        return t * Phi, Phi + t * phi, phi * (2.0 - t * t)

    def error(t: FloatArray) -> Derivatives:
        slope = 2.0 / math.sqrt(math.pi) * np.exp(-t * t)
        return erf(t), slope, -2.0 * t * slope

    def softplus(t: FloatArray) -> Derivatives:
        s = float(sharpness or 1.0)
        p = expit(s * t)
        return np.logaddexp(0.0, s * t) / s, p, s * p * (1.0 - p)

    def relu(t: FloatArray) -> Derivatives:
        return np.maximum(t, 0.0), (t > 0).astype(np.float64), np.zeros_like(t)

    def hermite2(t: FloatArray) -> Derivatives:
        return (t * t - 1.0) / math.sqrt(2.0), math.sqrt(2.0) * t, np.full_like(t, math.sqrt(2.0))

    return dict(zip(ACTIVATIONS, (tanh, gelu, error, softplus, relu, hermite2), strict=True))[name]


def loss_derivatives(name: str, f: FloatArray, y: FloatArray) -> Derivatives:
    """Return a loss and its first two derivatives in the prediction."""
    from scipy.special import expit

    if name == "squared":
        return (f - y) ** 2, 2.0 * (f - y), np.full_like(f, 2.0)
    if name == "logistic":
        p = expit(f)
        return np.logaddexp(0.0, f) - y * f, p - y, p * (1.0 - p)
    if name == "huber":
        root = np.sqrt(1.0 + (f - y) ** 2)
        return root - 1.0, (f - y) / root, root**-3
    raise ValueError(f"no built-in loss {name!r}")


def upper_arrays(
    student: JsonMapping, theta: FloatArray, outputs: int = 1
) -> tuple[list[tuple[FloatArray, FloatArray]], FloatArray, FloatArray]:
    """Cut the vector of the upper parameters into hidden layers (A, c), output weights and output offset."""
    arrays, at = [], 0
    for shape in layer_shapes(student, outputs):
        count = math.prod(shape)
        arrays.append(theta[at : at + count].reshape(shape))
        at += count
    offset = arrays.pop() if student["output_bias"] else np.zeros(())
    v = arrays.pop()
    return list(zip(arrays[::2], arrays[1::2], strict=True)), v, offset


def forward(
    act: Callable[[FloatArray], Derivatives],
    W: FloatArray,
    b: FloatArray,
    hidden: list[tuple[FloatArray, FloatArray]],
    X: FloatArray,
) -> list[Derivatives]:
    """Return values, slopes and curvatures of the units of every layer on rows X, the first layer first."""
    layers = [act(X @ W.T + b)]
    for A, c in hidden:
        layers.append(act(layers[-1][0] @ A.T + c))
    return layers


def sums(
    student: JsonMapping,
    loss: str,
    parameters: tuple[FloatArray, FloatArray, FloatArray],
    sample: Sample,
    *,
    second: bool = True,
) -> Pass:
    """Return risk, gradients and (if asked) the curvature in the bias of a built-in network on weighted nodes.

    Parameters
    ----------
    student : mapping
        The student of a record.
    loss : str
        Name of the loss.
    parameters : tuple of ndarray
        W, shape (n, d); b, shape (n,); theta, shape (p,).
    sample : Sample
        Points, targets and weights.
    second : bool
        Whether to compute the curvature; zeros otherwise.

    Notes
    -----
    With g and Q the gradient and Hessian of the output in the input z of a layer ``A act(z) + c``:
    ``g = act'(z) * (A^T g')`` and ``Q = D A^T Q' A D + diag(act''(z) * (A^T g'))`` with ``D = diag(act'(z))``.
    O(m p) operations, O(m n^3) with curvature from depth 3 on.
    """
    W, b, theta = parameters
    n = W.shape[0]
    act = activation(student["activation"], student["sharpness"])
    hidden, v, offset = upper_arrays(student, theta)
    # the Hessians of a chunk of nodes are what takes memory
    chunk = max(1, min(CHUNK, HESSIANS // (n * n))) if second and hidden else CHUNK
    total = Pass(0.0, np.zeros_like(W), np.zeros(n), np.zeros_like(theta), np.zeros((n, n)))
    for first in range(0, len(sample.weights), chunk):
        rows = slice(first, first + chunk)
        X, y, w = sample.points[rows], sample.targets[rows], sample.weights[rows]
        layers = forward(act, W, b, hidden, X)
        f = layers[-1][0] @ v + offset
        value, l1, l2 = loss_derivatives(loss, f, y)
        l1, l2 = w * l1, w * l2
        tail: list[FloatArray] = [np.array([l1.sum()])] if student["output_bias"] else []
        tail.insert(0, l1 @ layers[-1][0])
        g = layers[-1][1] * v
        Q = diagonals(layers[-1][2] * v) if second and hidden else None
        diagonal = layers[-1][2] * v
        for (A, _), below in zip(reversed(hidden), reversed(layers[:-1]), strict=True):
            delta = l1[:, None] * g
            tail[:0] = [(delta.T @ below[0]).ravel(), delta.sum(axis=0)]
            back = g @ A
            if Q is not None:
                Q = below[1][:, :, None] * (A.T @ Q @ A) * below[1][:, None, :] + diagonals(below[2] * back)
            g, diagonal = below[1] * back, below[2] * back
        delta = l1[:, None] * g
        H = total.curvature
        if second:
            H = H + (g * l2[:, None]).T @ g
            H = H + (np.diag(l1 @ diagonal) if Q is None else np.tensordot(l1, Q, axes=1))
        total = Pass(
            total.risk + float(w @ value),
            total.W + delta.T @ X,
            total.b + delta.sum(axis=0),
            total.theta + np.concatenate(tail),
            H,
        )
    return total


def diagonals(rows: FloatArray) -> FloatArray:
    """Return diagonal matrices with the entries of every row, shape (m, n, n) for m rows."""
    out = np.zeros((*rows.shape, rows.shape[1]))
    k = np.arange(rows.shape[1])
    out[:, k, k] = rows
    return out
