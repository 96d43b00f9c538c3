"""A trained built-in network evaluated in NumPy: predictions need no JAX."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.structure.training.network import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.student import Student

#: Rows that are held at a time.
ROWS = 4096


def forward(
    student: Student, W: FloatArray, b: FloatArray, theta: FloatArray, X: FloatArray, outputs: int = 1
) -> FloatArray:
    """Return the outputs of a built-in network.

    Parameters
    ----------
    student : Student
        The network.
    W, b, theta : ndarray, shapes (n, d), (n,), (p,)
        Its parameters.
    X : ndarray, shape (m, d)
        Inputs, whitened as those of the training.
    outputs : int
        Number of outputs.

    Returns
    -------
    ndarray, shape (m,) for one output, otherwise (m, outputs)

    Examples
    --------
    >>> from derandkit import Student
    >>> student = Student(width=2, output_bias=False)
    >>> forward(student, np.eye(2), np.zeros(2), np.array([1.0, -1.0]), np.array([[0.5, 0.5], [1.0, 0.0]])).round(6)
    array([0.      , 0.761594])
    """
    act = activation(student)
    arrays = unpack(student, theta, outputs)
    parts = []
    for first in range(0, max(1, len(X)), ROWS):
        h = act(X[first : first + ROWS] @ W.T + b)
        for k in range(1, student.depth - 1):
            h = act(h @ arrays[f"A{k}"].T + arrays[f"c{k}"])
        parts.append(h @ arrays["v"].T + arrays.get("c", 0.0))
    return np.concatenate(parts)


def activation(student: Student) -> Callable[[FloatArray], FloatArray]:
    """Return the activation of a built-in network as a NumPy function."""
    from scipy.special import erf, ndtr

    s = float(student.sharpness)
    functions: dict[str, Callable[[FloatArray], FloatArray]] = {
        "tanh": np.tanh,
        "gelu": lambda t: np.asarray(t * ndtr(t)),
        "erf": lambda t: np.asarray(erf(t)),
        "softplus": lambda t: np.asarray(np.logaddexp(0.0, s * t) / s),
        "relu": lambda t: np.maximum(t, 0.0),
        "hermite2": lambda t: (t * t - 1.0) / math.sqrt(2.0),
    }
    return functions[student.activation]
