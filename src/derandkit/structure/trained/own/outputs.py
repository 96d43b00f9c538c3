"""The outputs of a network as it was given, in its own precision, beside those of its copy in double precision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from derandkit.errors import InputError
from derandkit.numerics.typing import FloatArray
from derandkit.structure.trained.layers import MIXED, ROUGH, SINGLE, apart, flattened
from derandkit.structure.training.losses import Jax
from derandkit.structure.training.network import require_jax

#: Precisions in which a network may have its numbers: what rounding may make of how far its outputs vary, and of the
#: largest one.
PRECISIONS = {"float32": (ROUGH, SINGLE), "float64": (MIXED, MIXED)}
#: Why a network is refused whose copies reach it.
HELD = (
    "runs a function that holds the module itself (a lambda, a hook or a method set as an attribute), so that a copy "
    "of it uses the parameters of the original; write it as a method of the class, or as a module of its own"
)


class AsGiven(NamedTuple):
    """A network of JAX as it was given.

    Parameters
    ----------
    precision : {"float32", "float64"}
        The type of the numbers of its first layer.
    coarsest : {"float32", "float64"}
        That of those of its parameters with the fewest digits.
    parameters : pytree
        Its parameters.
    run : callable
        JAX function of (parameters, x), x one row of shape (D,), to its outputs.
    """

    precision: str
    coarsest: str
    parameters: Jax
    run: Callable[[Jax, Jax], Jax]


def coarsest_of(kind: str, tree: Jax, advice: str) -> str:
    """Return the type of the parameters of a network of JAX with the fewest digits; refuse it as `coarsest` does."""
    jax = require_jax()
    leaves = [leaf for leaf in jax.tree_util.tree_leaves(tree) if hasattr(leaf, "dtype")]
    inexact = [str(leaf.dtype) for leaf in leaves if jax.numpy.issubdtype(leaf.dtype, np.inexact)]
    return coarsest(kind, inexact, advice)


def coarsest(kind: str, precisions: Iterable[str], advice: str) -> str:
    """Return the type of numbers with the fewest digits; refuse a network with those that no certificate is about.

    Parameters
    ----------
    kind : str
        What the network is, for the message.
    precisions : iterable of str
        The names of the types of its parameters.
    advice : str
        What makes it one in single or double precision.

    Raises
    ------
    InputError
        They are complex, or have less than 32 bits.

    Examples
    --------
    >>> coarsest("a module", ["float64", "float32"], "")
    'float32'
    >>> coarsest("a module", ["bfloat16"], "call float()")
    Traceback (most recent call last):
    derandkit.errors.InputError: a module has parameters in bfloat16, with which it is a staircase, and not the ...
    """
    found = sorted(set(precisions) or {"float64"})
    other = [name for name in found if name not in PRECISIONS]
    if not other:
        return found[0]
    precision = other[0]
    if precision.startswith("complex"):
        raise InputError(
            f"{kind} has complex parameters ({precision}), and a certificate is about real ones: give their real and "
            "imaginary parts as two parameters, or what stands above the first layer as a JAX function of z with "
            "weights and bias"
        )
    raise InputError(
        f"{kind} has parameters in {precision}, with which it is a staircase, and not the network in double precision "
        f"that a certificate would be about; {advice}"
    )


def refuse_other_precision(kind: str, own: FloatArray, doubled: FloatArray, precision: str) -> None:
    """Refuse a network that is another one in double precision than as it was given.

    Parameters
    ----------
    kind : str
        What the network is, for the message.
    own : ndarray, shape (m, ...)
        Its outputs for the rows, in its own precision.
    doubled : ndarray, shape (m, ...)
        Those of its copy in double precision.
    precision : {"float32", "float64"}
        The type of its parameters with the fewest digits.

    Raises
    ------
    InputError
        They differ by more than rounding.

    Examples
    --------
    >>> rows = np.array([1.0, 2.0, 3.0])
    >>> refuse_other_precision("a module", rows + 1e-6, rows, "float32")
    >>> refuse_other_precision("a module", rows + 1e-2, rows, "float32")
    Traceback (most recent call last):
    derandkit.errors.InputError: a module in float32 has other outputs on these rows than its copy in double ...
    """
    rough, fine = PRECISIONS[precision]
    own, doubled = flattened(own), flattened(doubled)
    largest = float(np.abs(own).max(initial=0.0))
    with np.errstate(invalid="ignore", over="ignore"):
        spread = float((own.max(axis=0) - own.min(axis=0)).max(initial=0.0)) if len(own) else 0.0
        off = apart(own, doubled)
    if not off <= rough * spread + fine * largest:
        raise InputError(
            f"{kind} in {precision} has other outputs on these rows than its copy in double precision (off by up to "
            f"{off:.3g}, of {largest:.3g}), which a certificate would be about: something in it depends on the type of "
            "its numbers (an eps of torch.finfo, autocast), rounding spoils it, or it is changed by being run; give it "
            "in double precision"
        )
