"""Options of a run by value and type, checked before any work and without the training code."""

from __future__ import annotations

import sys
from typing import TypeGuard

import numpy as np

from derandkit.errors import InputError
from derandkit.options import check_choice
from derandkit.structure.choices import FREEZABLE, LOSSES, METHODS
from derandkit.words.quoting import quoted

#: Units of the default network for data.
DATA_WIDTH = 16
#: Fewer rows would leave nothing to learn from, or nothing to judge by.
FEWEST_ROWS = 10
#: Larger penalties only leave the range of numbers.
LARGEST_PENALTY = 1e100
#: More steps would never be taken, and no record counts them.
MOST_STEPS = 10**12


def whole(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number; a boolean is none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def real(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite real number; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return bool(-sys.float_info.max <= value <= sys.float_info.max)  # integers may be larger


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false.

    Raises
    ------
    InputError
        If it is something else.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name} must be true or false, got {quoted(value)}")


def check_options(
    *,
    loss: object = "squared",
    penalty: object = None,
    method: object = "lemma",
    max_steps: object = None,
    frozen: object = (),
    upper_penalty: object = None,
    rank: object = None,
    controls: object = True,
) -> None:
    """Check what `derandkit.discover_structure` takes besides problem and student.

    Parameters
    ----------
    loss, penalty, method, max_steps, frozen, upper_penalty, rank, controls
        As there. A loss that is a function and a method that is a record are checked where they are used.

    Raises
    ------
    InputError
        If an option has a wrong type, is out of range or is not known.

    Examples
    --------
    >>> check_options(penalty=1e-3, frozen=("bias",))
    >>> check_options(method="newton")
    Traceback (most recent call last):
        ...
    derandkit.errors.InputError: method='newton' is not one of lemma, hessian, perturbed, sgd, adam, or a record
    """
    if not callable(loss):
        check_choice("loss", loss, LOSSES, also="a function")
    if isinstance(penalty, str):
        check_choice("penalty", penalty, ("auto",), also="a number")
    for name, value in (("penalty", penalty), ("upper_penalty", upper_penalty)):
        if value is None or (name == "penalty" and isinstance(value, str)):
            continue
        if not (real(value) and 0 <= value <= LARGEST_PENALTY):
            raise InputError(f"{name} must be between 0 and {LARGEST_PENALTY:g}, got {quoted(value)}")
    if isinstance(method, str):
        check_choice("method", method, METHODS, also="a record")
    if max_steps is not None and not (whole(max_steps) and 0 <= max_steps <= MOST_STEPS):
        raise InputError(f"max_steps must be a whole number from 0 to 10^12, got {quoted(max_steps)}")
    if rank is not None and not (whole(rank) and rank >= 1):
        raise InputError(f"rank must be a whole number, at least 1, got {quoted(rank)}")
    if isinstance(frozen, str) or not isinstance(frozen, (tuple, list, set, frozenset)):
        raise InputError(f"frozen is a collection such as ('bias',), got {quoted(frozen)}")
    for name in frozen:
        check_choice("frozen", name, FREEZABLE)
    check_flag("controls", controls)
