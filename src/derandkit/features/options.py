"""The words that `derandkit.random_features` takes for an option; the command line reads its choices here."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Literal, SupportsIndex, TypeAlias, get_args

from derandkit.errors import InputError
from derandkit.options import check_choice
from derandkit.words.quoting import quoted

#: How frequencies are found.
Method: TypeAlias = Literal["lemma", "conditional"]
#: Rules for the width of the kernel.
Width: TypeAlias = Literal["median", "scale"]
#: Kernels that features are found for.
KernelName: TypeAlias = Literal["gaussian", "matern", "rational_quadratic"]

METHODS: tuple[Method, ...] = get_args(Method)
WIDTHS: tuple[Width, ...] = get_args(Width)
KERNELS: tuple[KernelName, ...] = get_args(KernelName)

#: Matern kernels that have a closed form, so that every pair can be checked.
NUS = (0.5, 1.5, 2.5)
#: Range of alpha: below, widths are so uneven that few frequencies do all the work; above, the kernel is Gaussian.
ALPHAS = (0.1, 1000.0)
#: nu and alpha unless others are given, as in scikit-learn.
NU, ALPHA = 1.5, 1.0


def checked_features(n_features: SupportsIndex) -> int:
    """Return the number of frequencies D of 2 D features.

    Raises
    ------
    InputError
        It is no positive even integer.

    Examples
    --------
    >>> checked_features(128)
    64
    """
    try:
        count = operator.index(n_features)
    except TypeError:
        raise InputError(f"n_features is an integer, got {quoted(n_features)}") from None
    if isinstance(n_features, bool) or count < 2:
        raise InputError(f"n_features is at least 2, a cosine and a sine, got {quoted(n_features)}")
    if count >= 2**31:
        raise InputError("n_features is below 2147483648")
    if count % 2:
        raise InputError(
            f"n_features counts cosines and sines, so it is even: {count - 1} or {count + 1}, got {count}"
        )
    return count // 2


def _number(value: object) -> float:
    """Return a real number as a float; not a number for anything else, and for integers beyond the doubles."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def checked_gamma(gamma: object) -> float | Width:
    """Return gamma as a number, or the name of its rule.

    Raises
    ------
    InputError
        It is neither a positive finite number nor a rule.

    Examples
    --------
    >>> checked_gamma("median"), checked_gamma(2)
    ('median', 2.0)
    """
    for width in WIDTHS:
        if isinstance(gamma, str) and gamma == width:
            return width
    value = _number(gamma)
    if 0.0 < value < math.inf:
        return value
    check_choice("gamma", gamma, WIDTHS, also="a positive number")
    raise AssertionError("a rule is returned above")


def checked_length(length_scale: object) -> float | Literal["median"]:
    """Return the length of a kernel as a number, or the name of its rule.

    Raises
    ------
    InputError
        It is neither a positive number that can be squared nor the rule.

    Examples
    --------
    >>> checked_length(2)
    2.0
    """
    if isinstance(length_scale, str) and length_scale == "median":
        return "median"
    value = _number(length_scale)
    if 1e-150 < value < 1e150:
        return value
    check_choice("length_scale", length_scale, ("median",), also="a positive number from 1e-150 to 1e150")
    raise AssertionError("the rule is returned above")


def checked_width(kernel: KernelName, gamma: object, length_scale: object) -> float | Width:
    """Return gamma of the options that say how wide a kernel is: ``1 / (2 length_scale^2)`` where a length is given.

    Raises
    ------
    InputError
        A value that cannot be used, or an option of another kernel.

    Examples
    --------
    >>> checked_width("gaussian", 0.3, "median"), checked_width("matern", "median", 2.0)
    (0.3, 0.125)
    """
    width, length = checked_gamma(gamma), checked_length(length_scale)
    if kernel == "gaussian":
        if length != "median":
            raise InputError(
                f"length_scale={length!r} is for other kernels; kernel='gaussian' takes gamma = 1 / (2 length_scale^2)"
            )
        return width
    if width != "median":
        raise InputError(f"gamma={width!r} is for kernel='gaussian'; kernel={kernel!r} takes length_scale")
    return "median" if length == "median" else 0.5 / (length * length)


def checked_nu(nu: object, kernel: KernelName) -> float:
    """Return nu, the smoothness of a Matern kernel.

    Raises
    ------
    InputError
        It is none of 0.5, 1.5 and 2.5, or given with another kernel.

    Examples
    --------
    >>> checked_nu(2.5, "matern")
    2.5
    """
    value = _number(nu)
    if kernel != "matern":
        if value != NU:
            raise InputError(f"nu is for kernel='matern', got nu={quoted(nu)} with kernel={kernel!r}")
    elif value == math.inf:
        raise InputError("a Matern kernel with nu=inf is Gaussian: give kernel='gaussian'")
    elif value not in NUS:
        raise InputError(f"nu is 0.5, 1.5 or 2.5, where the kernel has a closed form, got {quoted(nu)}")
    return value


def checked_alpha(alpha: object, kernel: KernelName) -> float:
    """Return alpha, the exponent of a rational quadratic kernel.

    Raises
    ------
    InputError
        It is no number from 0.1 to 1000, or given with another kernel.

    Examples
    --------
    >>> checked_alpha(2, "rational_quadratic")
    2.0
    """
    value = _number(alpha)
    if kernel != "rational_quadratic":
        if value != ALPHA:
            raise InputError(
                f"alpha is for kernel='rational_quadratic', got alpha={quoted(alpha)} with kernel={kernel!r}"
            )
    elif not ALPHAS[0] <= value <= ALPHAS[1]:
        raise InputError(f"alpha is a number from {ALPHAS[0]:g} to {ALPHAS[1]:g}, got {quoted(alpha)}")
    return value
