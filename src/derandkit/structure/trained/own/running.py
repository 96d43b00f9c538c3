"""One line for what goes wrong while a network of the user runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from derandkit.errors import InputError, MissingDependencyError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def running(kind: str) -> Iterator[None]:
    """Say in one line what goes wrong while a library runs or differentiates a model of the user.

    Raises
    ------
    InputError
        With the first line of the error, and what to do where it is known.

    Examples
    --------
    >>> with running("Equinox MLP"):
    ...     raise RuntimeError("Dropout requires a key when running in non-deterministic mode.")
    Traceback (most recent call last):
    derandkit.errors.InputError: Equinox MLP cannot be run on these rows: Dropout requires a key when running in ...
    """
    try:
        yield
    except (InputError, MissingDependencyError, MemoryError):
        raise
    except Exception as error:  # a model of the user, and its library, raise what they like
        said = first_line(error).rstrip(".")
        if "custom_vjp" in said:
            raise InputError(
                f"{kind} has a part under jax.custom_vjp whose rules call it again, and JAX has no second derivatives "
                "of it: let the rules compute its value"
            ) from error
        hint = "; call equinox.nn.inference_mode(model) first" if "ropout" in said else ""
        raise InputError(f"{kind} cannot be run on these rows: {said}{hint}") from error
