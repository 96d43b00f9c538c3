"""Which inputs a first layer sees at which place: one row of indices for each patch, token or window.

A layer that embeds patches or tokens is one matrix W that is applied at P places, each time to other inputs of the
row. Which they are is an array of shape (P, d): at place p the layer sees ``x[places[p]]``, with -1 for a zero of the
padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.runtime import lapack
from derandkit.structure.trained.layers import first_layer
from derandkit.structure.training.network import require_jax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derandkit.numerics.typing import FloatArray, IntArray

#: Why a network is refused whose first layer stands elsewhere too.
TIED = (
    "the weights of the first layer are used again above it, as in a tied decoder, so its gradient is not that of one "
    "layer; give what stands above the first layer as a JAX function, with weights and bias"
)
#: Why a network is refused that is another function the next time.
CHANGING = (
    "the module gives other outputs for the same row when it is run again: take out its noise, or what it counts or "
    "keeps from run to run"
)
#: Why a network is refused that sees its inputs elsewhere too.
PASSED_BY = "inputs reach the output by another way than the first layer, so the lemma does not apply"
#: What varies less than this share of the whole is rounding.
ROUNDING = 1e-20


class Entry(NamedTuple):
    """A first layer, and where the inputs enter it.

    Parameters
    ----------
    W, b : ndarray, shapes (n, d), (n,)
        The layer. Where windows overlap, or there is one that is not the whole row in order: one matrix for all of
        them, shapes (P n, D), (P n,).
    places : ndarray, shape (P, d), or None
        Inputs that it sees at each of its places, all distinct; None for a layer that sees the whole row once.
    windows : ndarray, shape (P, d), or None
        The same of a convolution whose windows overlap or are padded.
    kernel : ndarray, shape (n, d), or None
        The weights of such a convolution, as they are: what lies on padding in every window is not in the matrix.
    """

    W: FloatArray
    b: FloatArray
    places: IntArray | None = None
    windows: IntArray | None = None
    kernel: FloatArray | None = None


def entry(weights: object, bias: object, seen: IntArray, inputs: int) -> Entry:
    """Return a layer and where rows enter it.

    Parameters
    ----------
    weights, bias : array_like, shapes (n, d), (n,)
        The layer, as it is applied at each place.
    seen : ndarray, shape (P, d)
        Inputs that it sees there.
    inputs : int
        Length D of a row.

    Examples
    --------
    >>> entry([[1.0, 2.0]], [0.5], np.array([[0, 1], [2, 3]]), 4).places.tolist()
    [[0, 1], [2, 3]]
    >>> entry([[1.0, 2.0]], [0.5], np.array([[0, 1], [1, 2]]), 3).W.tolist()
    [[1.0, 2.0, 0.0], [0.0, 1.0, 2.0]]
    >>> entry([[1.0, 2.0]], [0.5], np.array([[2, 0]]), 3).W.tolist()
    [[2.0, 0.0, 1.0]]
    >>> padded = entry([[9.0, 2.0]], [0.5], np.array([[-1, 0]]), 1)
    >>> padded.W.tolist(), padded.kernel.tolist()
    ([[2.0]], [[9.0, 2.0]])
    """
    W, b = first_layer(weights, bias)
    if seen.shape == (1, inputs) and np.array_equal(seen[0], np.arange(inputs)):
        return Entry(W, b)
    used = np.sort(seen, axis=None)
    # at one place the layer is a matrix of the whole row, with zeros for what it does not see
    if len(seen) > 1 and used[0] >= 0 and (np.diff(used) > 0).all():
        return Entry(W, b, places=seen)
    whole = np.zeros((len(seen), len(b), inputs))
    for place, row in zip(whole, seen, strict=True):
        place[:, row[row >= 0]] = W[:, row >= 0]
    try:
        return Entry(*first_layer(whole.reshape(-1, inputs), np.tile(b, len(seen))), None, seen, W)
    except InputError as error:
        raise InputError(
            f"{error}: windows of this convolution overlap or are padded, so that its matrix has {len(b)} units for "
            f"each of {len(seen)} windows; take a stride as wide as the kernel, or fewer channels"
        ) from None


def marks(inputs: int) -> FloatArray:
    """Return numbers by which the inputs of a row are recognised.

    Examples
    --------
    >>> marks(4).tolist()
    [0.25, 0.5, 0.75, 1.0]
    """
    return np.arange(1, inputs + 1) / inputs


def fixed(shape: Sequence[int]) -> FloatArray:
    """Return numbers that stand for the outputs of a layer; zeros would hide what multiplies them.

    Examples
    --------
    >>> fixed((1, 2)).round(3).tolist()
    [[1.0, 0.54]]
    """
    return np.cos(np.arange(int(np.prod(shape)))).reshape(shape)


def recognised(seen: FloatArray, inputs: int) -> IntArray | None:
    """Return which inputs stand in an array that `marks` went into; None if another number does.

    Examples
    --------
    >>> recognised(np.array([[0.5, 0.25], [1.0, 0.75]]), 4).tolist()
    [[1, 0], [3, 2]]
    >>> recognised(np.array([0.3]), 4) is None
    True
    """
    known = marks(inputs)
    index = np.minimum(np.searchsorted(known, seen), inputs - 1)
    return index if np.array_equal(known[index], seen) else None


def taken(
    shape: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: Sequence[tuple[int, int]],
) -> IntArray:
    """Return the entries of an array of shape (channels, *space) that each window of a convolution takes.

    Parameters
    ----------
    shape : sequence of int
        Channels, then the extents in space.
    kernel, stride, dilation : sequence of int
        One for each extent.
    padding : sequence of (int, int)
        Zeros before and after.

    Returns
    -------
    ndarray, shape (windows, channels * taps)
        Places in the flat array, -1 for a zero of the padding; windows and taps row by row, the last extent fastest.

    Examples
    --------
    >>> taken((1, 4), (2,), (2,), (1,), [(0, 0)]).tolist()
    [[0, 1], [2, 3]]
    >>> taken((1, 3), (3,), (1,), (1,), [(1, 1)]).tolist()
    [[-1, 0, 1], [0, 1, 2], [1, 2, -1]]
    """
    padded = np.pad(
        np.arange(int(np.prod(shape))).reshape(shape), [(0, 0), *map(tuple, padding)], constant_values=-1
    )
    spans = [(taps - 1) * step + 1 for taps, step in zip(kernel, dilation, strict=True)]
    axes = tuple(range(1, padded.ndim))
    views = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=axes)
    # channels, windows in space, taps in space
    views = views[
        (slice(None), *(slice(None, None, s) for s in stride), *(slice(None, None, s) for s in dilation))
    ]
    count = len(axes)
    order = (*range(1, 1 + count), 0, *range(1 + count, 1 + 2 * count))
    moved = views.transpose(order)
    return np.ascontiguousarray(moved.reshape(int(np.prod(moved.shape[:count])), -1))


def windowed(
    order: IntArray,
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
) -> tuple[IntArray, tuple[int, ...]]:
    """Return which inputs of a row each window of a convolution takes, and how the windows stand in space.

    Parameters
    ----------
    order : ndarray, shape (channels, *space)
        Inputs of the row that the convolution sees.
    kernel, stride, dilation, padding
        As in `taken`; a padding may be a name of JAX.

    Examples
    --------
    >>> windows, space = windowed(np.array([[3, 2, 1, 0]]), (2,), (2,), (1,), "VALID")
    >>> windows.tolist(), space
    ([[3, 2], [1, 0]], (2,))
    """
    spans = [(taps - 1) * step + 1 for taps, step in zip(kernel, dilation, strict=True)]
    pads: Sequence[tuple[int, int]] = (
        require_jax().lax.padtype_to_pads(order.shape[1:], spans, stride, padding)
        if isinstance(padding, str)
        else padding
    )
    space = tuple(
        (size + sum(pad) - span) // step + 1
        for size, pad, span, step in zip(order.shape[1:], pads, spans, stride, strict=True)
    )
    return composed(taken(order.shape, kernel, stride, dilation, pads), order), space


def composed(windows: IntArray, order: IntArray) -> IntArray:
    """Return windows over an array as windows over the row that its entries come from.

    Examples
    --------
    >>> composed(np.array([[0, -1]]), np.array([5])).tolist()
    [[5, -1]]
    """
    return np.where(windows >= 0, order.reshape(-1)[np.maximum(windows, 0)], -1)


def folded(gradient: FloatArray, windows: IntArray) -> FloatArray:
    """Return what the matrix of all windows says of the kernel: the sum over the places where an entry stands.

    Parameters
    ----------
    gradient : ndarray, shape (P n, D)
        One entry for each of the matrix.
    windows : ndarray, shape (P, d)
        See `Entry`.

    Returns
    -------
    ndarray, shape (n, d)

    Examples
    --------
    >>> folded(np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 5.0]]), np.array([[0, 1], [1, 2]])).tolist()
    [[4.0, 7.0]]
    """
    parts = gradient.reshape(len(windows), -1, gradient.shape[1])
    out = np.zeros((parts.shape[1], windows.shape[1]))
    for part, row in zip(parts, windows, strict=True):
        out[:, row >= 0] += part[:, row[row >= 0]]
    return out


def between_places(centred: FloatArray, whitening: FloatArray, span: FloatArray) -> FloatArray:
    """Return a root of the correlations between places, of what varies there beside the directions.

    Parameters
    ----------
    centred : ndarray, shape (m, P, d)
        What the first layer sees, less the mean of each place.
    whitening : ndarray, shape (d, d)
        Brings it to variance 1.
    span : ndarray, shape (q, d)
        Directions, orthonormal, for inputs of variance 1.

    Returns
    -------
    ndarray, shape (P, r)
        A matrix L; ``L L^T`` has the mean 1 on its diagonal, and is the identity if what varies beside the directions
        is independent from place to place, or if nothing does.

    Examples
    --------
    >>> same = np.repeat(np.random.default_rng(0).standard_normal((50, 1, 2)), 2, axis=1)
    >>> np.abs(between_places(same, np.eye(2), np.array([[1.0, 0.0]]))).round(1).tolist()
    [[1.0], [1.0]]
    """
    Z = np.einsum("kpi,ij->kpj", centred, whitening)
    rest = Z - np.einsum("kpq,qj->kpj", np.einsum("kpj,qj->kpq", Z, span), span)
    together = np.einsum("kpj,krj->pr", rest, rest)
    total = float(np.trace(together))
    if not total > ROUNDING * float(np.einsum("kpj,kpj->", Z, Z)):
        return np.eye(Z.shape[1])
    values, vectors = lapack.eigh(together * (len(together) / total))
    # what is left out is rounding: the curvature is the sum over these, and may cancel to less than any share of them
    kept = values > len(values) * 2.0**-52 * values[-1]
    root: FloatArray = vectors[:, kept] * np.sqrt(values[kept])
    return root
