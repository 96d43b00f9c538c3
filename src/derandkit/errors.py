"""What can go wrong, in the caller's words.

Every error that a user can cause is an `InputError`: one line that says what is wrong, where (file and line
when the input is a file) and what to do about it. The command line prints that line and exits with code 2. What it
quotes may be of any length and have any characters: `words.quoting.one_line` shows it as one printable line.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from derandkit.words.quoting import MOST_OF_A_PATH, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class DerandkitError(Exception):
    """Base class of the errors that derandkit raises on purpose.

    Examples
    --------
    >>> import derandkit
    >>> issubclass(derandkit.InputError, derandkit.DerandkitError)
    True
    """


class InputError(DerandkitError, ValueError):
    """The input cannot be used.

    Parameters
    ----------
    message : str
        What is wrong and what to do, in one line.
    path : str, optional
        The file the input came from (``"-"`` is standard input).
    line : int, optional
        The 1-based line in that file.

    Examples
    --------
    >>> print(InputError("weight 'x' is not a number", path="g.edgelist", line=3))
    g.edgelist:3: weight 'x' is not a number
    >>> print(InputError("no vertices"))
    no vertices
    """

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        message = one_line(message)
        self.message = message
        self.path = path
        self.line = line
        where = "" if path is None else _shown_path(path)
        if line is not None:
            where = f"{where or '<input>'}:{line}"
        super().__init__(f"{where}: {message}" if where else message)


def _shown_path(path: str) -> str:
    """Return a path as a line names it: an empty one in quotes.

    Examples
    --------
    >>> print(InputError("no such file", path=""))
    '': no such file
    """
    return "<stdin>" if path == "-" else one_line(path, MOST_OF_A_PATH) or "''"


@contextmanager
def in_file(path: str | None, line: int | None = None) -> Iterator[None]:
    """Name the file, and the line, in which an input error of a block has its cause.

    Parameters
    ----------
    path : str, optional
        The file.
    line : int, optional
        The 1-based line in that file; by default the one that the error names.

    Raises
    ------
    InputError
        Of the block, with the file and the line.

    Examples
    --------
    >>> with in_file("g.mtx", 7):
    ...     raise InputError("an entry is not finite")
    Traceback (most recent call last):
    derandkit.errors.InputError: g.mtx:7: an entry is not finite
    """
    try:
        yield
    except InputError as error:
        raise InputError(error.message, path=path, line=error.line if line is None else line) from None


def first_line(error: BaseException, most: int = 200) -> str:
    r"""Return the first line of what another package says, cut short; its type where it says nothing.

    Python's words for a recursion too deep are about Python: what a file holds is nested too deeply. NumPy's words for
    rows of several lengths are about shapes.

    Examples
    --------
    >>> first_line(ValueError("no numbers\nin the file")), first_line(ValueError())
    ('no numbers', 'ValueError')
    >>> first_line(RecursionError("maximum recursion depth exceeded in comparison"))
    'it is nested too deeply'
    >>> first_line(ValueError("The detected shape was (2,) + inhomogeneous part."))
    'its rows have different lengths'
    """
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, ValueError) and "inhomogeneous" in str(error):
        return "its rows have different lengths"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:most]


class OptionError(InputError, TypeError):
    """A keyword that a function does not take: an `InputError`, and a TypeError as Python raises it.

    Examples
    --------
    >>> issubclass(OptionError, InputError), issubclass(OptionError, TypeError)
    (True, True)
    """


class MissingDependencyError(DerandkitError, ImportError):
    """A package is not installed or cannot be used here; the message says what to do.

    Parameters
    ----------
    package : str
        What could not be imported.
    extra : str, optional
        The derandkit extra that installs it; empty for a package that every install has.
    reason : str, optional
        Why a package that is installed cannot be used here, in its own words.

    Examples
    --------
    >>> print(MissingDependencyError("matplotlib", "plot"))
    matplotlib is not installed; run: pip install 'derandkit[plot]'
    >>> print(MissingDependencyError("numba", reason="Numba needs NumPy 2.3 or less"))
    numba cannot be used here (Numba needs NumPy 2.3 or less); install a version that supports this Python and numpy
    """

    def __init__(self, package: str, extra: str = "", *, reason: str = "") -> None:
        self.package = package
        self.extra = extra
        self.reason = one_line(reason)
        if reason:
            advice = "install a version that supports this Python and numpy"
            super().__init__(f"{package} cannot be used here ({self.reason}); {advice}")
        else:
            wanted = f"derandkit[{extra}]" if extra else package
            super().__init__(f"{package} is not installed; run: pip install '{wanted}'")


class ConvergenceError(DerandkitError):
    """A computation stopped before it reached its tolerance, with ``throw=True``.

    Parameters
    ----------
    message : str
        What happened, what still holds and what to try.
    result : object
        The best result so far; it is complete and verified, only not converged.

    Examples
    --------
    >>> import derandkit
    >>> derandkit.ConvergenceError("stopped at the step limit", result=3).result
    3
    """

    def __init__(self, message: str, result: object) -> None:
        self.result = result
        super().__init__(one_line(message))


class VerificationError(DerandkitError):
    """A record does not hold, and `Verification.raise_if_failed` was asked.

    Parameters
    ----------
    message : str
        What failed.
    verification : object
        The verification with all its checks.
    """

    def __init__(self, message: str, verification: object) -> None:
        self.verification = verification
        super().__init__(one_line(message))


class Interrupted(KeyboardInterrupt):
    """A call was ended by Ctrl-C; it carries the best answer so far, complete and verified.

    It is a `KeyboardInterrupt`, so that a loop over many instances ends where it is interrupted.

    Parameters
    ----------
    result : object
        The best result so far.

    Examples
    --------
    >>> try:
    ...     raise Interrupted("the best result so far")
    ... except KeyboardInterrupt as stop:
    ...     stop.result
    'the best result so far'
    """

    def __init__(self, result: object) -> None:
        self.result = result
        super().__init__("interrupted; the best result so far is in the attribute 'result'")
