"""Units of the parameters of a built-in network, in which the Hessian of its risk has rows of about one length.

One parameter of large effect, such as a constant of the outputs, makes a largest curvature beside which all other
curvature is small. In units in which all parameters bend the risk alike, none hides another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derandkit.numerics.hashing import hashed_normals
from derandkit.structure.training.forward import ROWS, activation
from derandkit.structure.training.network import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.numerics.typing import FloatArray
    from derandkit.structure.student import Student
    from derandkit.structure.teacher import Sample

#: Passes, and products of each, that find the units.
PASSES, PROBES = 4, 3


def natural_units(
    student: Student, W: FloatArray, b: FloatArray, theta: FloatArray, sample: Sample
) -> FloatArray:
    """Return a change of each parameter that moves what it is added to by about the size of that.

    Sums that go into an activation are moved by their own size, or by 1 if that is more; outputs by the size of the
    targets. Sizes are root mean squares over the nodes (4096 of them at most).

    Parameters
    ----------
    student : Student
        A built-in network.
    W, b, theta : ndarray, shapes (n, d), (n,), (p,)
        Its parameters.
    sample : Sample
        Nodes, targets and weights.

    Returns
    -------
    ndarray, shape (n d + n + p,)
        Infinite where the input that a weight belongs to is zero at all nodes.

    Examples
    --------
    >>> from derandkit import Student
    >>> from derandkit.structure.teacher import Sample
    >>> nodes = Sample(np.array([[2.0, 0.0]]), np.array([3.0]), np.ones(1), "rows")
    >>> student = Student(width=1, activation="relu")
    >>> natural_units(student, np.array([[2.0, 0.0]]), np.zeros(1), np.array([1.0, 0.0]), nodes)
    array([2.  ,  inf, 4.  , 0.75, 3.  ])
    """
    every = -(-len(sample.weights) // ROWS)
    weights = sample.weights[::every] / np.sum(sample.weights[::every])
    targets = sample.targets[::every].reshape(len(weights), -1)

    def size(values: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt(weights @ values**2))

    act, arrays = activation(student), unpack(student, theta, targets.shape[1])
    layers = [(W, b), *((arrays[f"A{k}"], arrays[f"c{k}"]) for k in range(1, student.depth - 1))]
    below, parts = sample.points[::every], []
    with np.errstate(divide="ignore"):
        for weight, constant in layers:
            into = below @ weight.T + constant
            unit = np.maximum(size(into), 1.0)
            parts += [unit[:, None] / size(below), unit]
            below = act(into)
        out = size(targets)
        out = np.where(out > 0.0, out, 1.0)
        parts += [out[:, None] / size(below)] + ([out] if "c" in arrays else [])
    return np.concatenate([part.ravel() for part in parts])


def balanced_units(product: Callable[[FloatArray], FloatArray], most: FloatArray) -> FloatArray:
    """Return units in which the rows of a symmetric matrix are about as long; 0 where a row is zero.

    Ruiz's scaling (RAL-TR-2001-034), with lengths of rows from products with random signs. No unit is above a given one
    of its own: a row that is zero but for rounding is not blown up.

    Parameters
    ----------
    product : callable
        The matrix times a vector.
    most : ndarray, shape (N,)
        The largest units; 0 leaves a parameter out.

    Examples
    --------
    >>> rows = np.array([1e6, 1.0, 1e-6])
    >>> balanced_units(lambda v: rows * v, np.array([1.0, 1.0, 10.0])).round(6).tolist()
    [0.001, 1.0, 10.0]
    """
    unit = np.minimum(most, 1.0)
    for k in range(PASSES):
        signs = np.sign(hashed_normals(PROBES, most.size, k))
        rows = np.sqrt(sum((unit * product(unit * z)) ** 2 for z in signs) / PROBES)
        unit = np.where(rows > 0.0, unit / np.sqrt(np.where(rows > 0.0, rows, 1.0)), 0.0)
        unit = np.minimum(unit, most)
    return np.asarray(unit)
