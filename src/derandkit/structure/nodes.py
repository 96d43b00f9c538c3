"""Fixed nodes for the population risk, and further nodes, independent of them, to judge what was found on the first.

Up to three dimensions Gauss-Hermite grids integrate everything smooth; above, mirrored Sobol points with exactly the
right second moments. What was optimised over nodes looks better on these than it is, so every claim is evaluated on
other nodes: a finer grid, or Sobol points turned by hashed shifts (Cranley and Patterson), whose spread gives a
standard error.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.hashing import hashed_normals
from derandkit.numerics.quadrature import tensor_rule
from derandkit.options import check_choice
from derandkit.runtime import lapack
from derandkit.structure.choices import INPUTS

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray


#: Degrees of freedom of the Student distribution: heavy tails, finite fourth moment.
FREEDOM = 5.0
#: Up to this many coordinates (inputs and noise together) Gaussian expectations are grids.
GRID_DIMENSION = 3
#: Nodes an axis of the grids for training, for evaluation, and of the coarser one that judges the latter.
GRID = {1: (60, 64, 56), 2: (48, 64, 56), 3: (28, 36, 32)}
#: Independent replicates of the nodes for evaluation.
REPLICATES = 8
#: Coordinates that Sobol points have at most.
SOBOL_DIMENSION = 21201
#: The logarithm of their greatest number: 2^40 of one coordinate take 8 TiB.
MOST = 40
#: Hashed shifts use streams from here on.
SHIFT_STREAM = 1 << 20


class Nodes(NamedTuple):
    """Points in the space of inputs (and noise, if any), with weights that sum to one.

    Parameters
    ----------
    points : ndarray, shape (m, r)
        One node a row.
    weights : ndarray, shape (m,)
        Positive.
    kind : str
        ``"grid"`` or ``"sobol"``.
    """

    points: FloatArray
    weights: FloatArray
    kind: str


def training_nodes(law: str, dimension: int, gaussians: int, budget: int) -> Nodes:
    """Return the nodes to train on.

    Parameters
    ----------
    law : str
        A name of the distribution of the first `dimension` coordinates, each with mean 0 and variance 1.
    dimension, gaussians : int
        Number of inputs, and of further standard Gaussian coordinates (label noise).
    budget : int
        Number of Sobol nodes, rounded down to a power of two; grids have their own size.

    Returns
    -------
    Nodes
        Sobol nodes come in pairs ``x, -x`` and have exactly the identity as second moment.

    Raises
    ------
    InputError
        If the dimension is beyond the table of Sobol numbers, or there are fewer nodes than twice the coordinates, or
        they lie in fewer dimensions.

    Examples
    --------
    >>> nodes = training_nodes("uniform", 4, 0, 256)
    >>> nodes.points.shape, (nodes.points.T @ nodes.points / 256).round(12).trace()
    ((256, 4), np.float64(4.0))
    """
    size = dimension + gaussians
    if law == "gaussian" and size <= GRID_DIMENSION:
        return grid(size, GRID[size][0])
    exponent = int(math.log2(max(budget, 2))) - 1
    enough = 2 ** math.ceil(math.log2(4 * size))
    few = f"{budget} nodes are too few for {size} coordinates; take at least {enough}"
    if 2 ** (exponent + 1) < 2 * size:
        raise InputError(few)
    half = quantiles(law, dimension, sobol(size, exponent))
    points = np.concatenate((half, -half))
    moment = np.einsum("ki,kj->ij", points, points) / points.shape[0]
    try:
        root = lapack.cholesky(moment)
    except np.linalg.LinAlgError:  # they lie in fewer dimensions
        raise InputError(few) from None
    # lower triangular, so that the first coordinates do not depend on those that follow
    points = np.asarray(lapack.solve(root, points.T).T, dtype=np.float64)
    return Nodes(np.ascontiguousarray(points), np.full(len(points), 1.0 / len(points)), "sobol")


def evaluation_nodes(law: str, dimension: int, gaussians: int, budget: int) -> tuple[Nodes, ...]:
    """Return nodes that were not trained on: a fine and a coarser grid, or independent shifts of Sobol points.

    Parameters
    ----------
    law, dimension, gaussians
        As in `training_nodes`.
    budget : int
        Number of Sobol nodes in all `REPLICATES` together.

    Returns
    -------
    tuple of Nodes
        Grids: the first one is for evaluation, the second one judges it. Sobol: every replicate is an unbiased rule.

    Examples
    --------
    >>> [len(nodes.weights) for nodes in evaluation_nodes("gaussian", 2, 0, 1000)]
    [1732, 1488]
    """
    size = dimension + gaussians
    if law == "gaussian" and size <= GRID_DIMENSION:
        return grid(size, GRID[size][1]), grid(size, GRID[size][2])
    exponent = max(4, (max(budget, 2 * REPLICATES) // REPLICATES).bit_length() - 2)
    base = sobol(size, exponent)
    out = []
    for k in range(REPLICATES):
        u = np.modf(base + shift(size, k))[0]
        # a coordinate on the edge of the cube has no quantile
        u = np.clip(u, 2.0**-40, 1.0 - 2.0**-40)
        half = quantiles(law, dimension, u)
        out.append(Nodes(np.concatenate((half, -half)), np.full(2 * len(half), 0.5 / len(half)), "sobol"))
    return tuple(out)


def grid(size: int, count: int) -> Nodes:
    """Return the tensor product of Gauss-Hermite rules, without nodes whose weight is below 1e-20 of the largest."""
    rule = tensor_rule(size, count)
    kept = rule.weights > 1e-20 * rule.weights.max()
    weights = rule.weights[kept]
    return Nodes(np.ascontiguousarray(rule.nodes[kept]), weights / math.fsum(weights), "grid")


def sobol(size: int, exponent: int) -> FloatArray:
    """Return ``2^exponent`` unscrambled Sobol points in the open unit cube, shape (2^exponent, size)."""
    from scipy.stats import qmc

    if size > SOBOL_DIMENSION:
        raise InputError(f"Sobol points exist up to dimension {SOBOL_DIMENSION}, got {size} coordinates")
    if exponent > MOST:
        raise InputError(f"2^{exponent} Sobol points take more than any memory; ask for fewer nodes")
    points = qmc.Sobol(size, scramble=False, rng=0).random_base2(exponent)
    return np.asarray(points + 0.5 / points.shape[0], dtype=np.float64)


def shift(size: int, replicate: int) -> FloatArray:
    """Return the hashed shift of a replicate, uniform in the unit cube."""
    from scipy.special import ndtr

    return np.asarray(ndtr(hashed_normals(1, size, SHIFT_STREAM + replicate))[0], dtype=np.float64)


def quantiles(law: str, dimension: int, u: FloatArray) -> FloatArray:
    """Map uniform coordinates to inputs of the distribution (variance one) and Gaussian noise.

    Raises
    ------
    InputError
        If the distribution is not known.
    """
    from scipy.special import ndtri, stdtrit

    out = np.asarray(ndtri(u), dtype=np.float64)
    if law == "uniform":
        out[:, :dimension] = math.sqrt(3.0) * (2.0 * u[:, :dimension] - 1.0)
    elif law == "student-t":
        out[:, :dimension] = stdtrit(FREEDOM, u[:, :dimension]) * math.sqrt((FREEDOM - 2.0) / FREEDOM)
    else:
        check_choice("inputs", law, INPUTS)
    return out
