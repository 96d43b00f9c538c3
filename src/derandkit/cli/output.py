"""What the verbs write: nothing that a terminal obeys comes out of a file, a name or a message."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import re
import sys
from typing import TYPE_CHECKING

import click

from derandkit.errors import DerandkitError, InputError, first_line
from derandkit.runtime.lacking import failed_call, lacking
from derandkit.tables import counted
from derandkit.words.quoting import MOST_OF_A_PATH, MOST_SAID, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What is not ASCII text, line ends or tabs; some of it is printable.
_MAYBE_HIDDEN = re.compile(r"[^\n\t\x20-\x7e]")


#: Lines about an input that is not known to be good yet.
_held: list[str] = []


def note(text: str) -> None:
    """Say something about an input once it is known to be good: a refusal is one line.

    Examples
    --------
    >>> note("read g.txt as edge list"), drop_notes()
    (None, None)
    """
    _held.append(text)


def drop_notes() -> None:
    """Forget what `note` holds: the input is refused."""
    _held.clear()


def say_notes(write: Callable[[str], None] | None = None) -> None:
    """Say what `note` holds: the work has begun, so the input is good.

    Parameters
    ----------
    write : callable, optional
        What writes a line, where a terminal has a line that is redrawn.
    """
    held = [*_held]
    _held.clear()
    for text in held:
        (_write if write is None else write)(_lined(text))


def say(text: str) -> None:
    """Write one line to stderr, after what `note` holds, whatever stands in the names and messages that it quotes."""
    say_notes()
    _write(_lined(text))


def _lined(text: str) -> str:
    return f"derandkit: {one_line(' '.join(text.split()), MOST_OF_A_PATH + MOST_SAID)}"


def _write(line: str) -> None:
    click.echo(line, err=True)


@contextlib.contextmanager
def beside_the_answer(
    unwritten: list[DerandkitError], instead: str | Callable[[], str] = ""
) -> Iterator[None]:
    """Say what keeps a block from writing a file, and go on: the answer itself is printed all the same.

    This holds for every error, those of libraries and of this package too: nothing beside the answer may cost it.

    Parameters
    ----------
    unwritten : list
        Takes the error; the verb ends with exit code 2 when it has printed its answer.
    instead : str or callable
        What is done instead, which is said behind the error.

    Examples
    --------
    >>> unwritten = []
    >>> with beside_the_answer(unwritten):
    ...     raise InputError("cannot be written: No space left on device", path="cut.json")
    >>> with beside_the_answer(unwritten):
    ...     raise MemoryError
    >>> [str(error) for error in unwritten]
    ['cut.json: cannot be written: No space left on device', 'not all was done beside the answer: not enough memory']
    """
    try:
        yield
    except Exception as error:
        found = error if isinstance(error, DerandkitError) else InputError(_not_done(error))
        say(f"{found}{instead if isinstance(instead, str) else instead()}")
        unwritten.append(found)


def _not_done(error: Exception) -> str:
    """Say what kept something beside the answer from being done, where the error is none of this package's own."""
    why = lacking(error)
    if why is None and isinstance(error, OSError):
        part = failed_call(error)  # of the program, where it names a file
        why = error.strerror if part.path is None else str(part)
    if why is None:
        why = f"{type(error).__name__}: {first_line(error)}; please report it"
    return f"not all was done beside the answer: {why}"


class Outputs:
    """Where an answer goes: its record and other files, and what is printed when they are written.

    A table and columns do not have the whole answer. Where a file that was wanted cannot be written and the record is
    in no file, the record is printed in their place, as the work of hours would be lost: a picture and a page show the
    bound and the chain, which columns lack. Columns stay where the file has no more than they do, as images have.

    Parameters
    ----------
    record : str
        The text of the record.
    output : str, optional
        Its file.
    output_format : {"text", "tsv", "json"}
        What the user chose to have printed.
    unwritten : list
        Takes the errors; the verb ends with exit code 2 when it has printed its answer.

    Examples
    --------
    >>> unwritten = []
    >>> outputs = Outputs("{}", None, "text", unwritten)
    >>> outputs.printed
    'text'
    >>> with outputs.file():
    ...     raise OSError(28, "No space left on device")
    >>> outputs.printed, len(unwritten)
    ('json', 1)
    >>> outputs.shown(lambda: "a table", lambda: "columns")
    '{}'
    """

    def __init__(
        self, record: str, output: str | None, output_format: str, unwritten: list[DerandkitError]
    ) -> None:
        #: What is printed: what the user chose, or the record.
        self.printed = output_format
        #: The file of the record; None where it could not be written.
        self.record: str | None = None
        self._text, self._unwritten = record, unwritten
        if output is not None:
            from derandkit.records import write_atomically

            with self.file():
                write_atomically(output, record)
                self.record = output

    def file(self, *, in_columns: bool = False) -> contextlib.AbstractContextManager[None]:
        """Return the context in which a file is made and written, behind that of the record.

        Parameters
        ----------
        in_columns : bool
            Whether ``--format tsv`` prints all of the answer that the file has.
        """
        return beside_the_answer(self._unwritten, lambda: self._in_full(in_columns))

    def shown(self, table: Callable[[], str], columns: Callable[[], str]) -> str:
        """Return the text that is printed: the record, too, where the table or the columns cannot be made.

        Parameters
        ----------
        table, columns : callable
            Make the text of ``--format text`` and of ``--format tsv``.
        """
        if self.printed != "json":
            with beside_the_answer(self._unwritten, self._record_instead):
                return table() if self.printed == "text" else columns()
        return self._text

    def _in_full(self, in_columns: bool) -> str:
        """Let the record be printed where the answer would be lost otherwise; return what to say of it."""
        if self.record is not None or self.printed == "json" or (self.printed == "tsv" and in_columns):
            return ""
        return self._record_instead()

    def _record_instead(self) -> str:
        place = "columns" if self.printed == "tsv" else "table"
        self.printed = "json"
        return f"; the record is printed in place of the {place}"


def read_as(path: str, reading: object) -> str:
    """Return the line that says what a file was read as.

    Examples
    --------
    >>> read_as("-", "edge list")
    'read standard input as edge list'
    """
    return f"read {'standard input' if path == '-' else path} as {reading}"


#: What is said of loops where signs count.
SIGNED_LOOPS = "a negative self-loop is frustrated in every division; self-loops are not counted here"


def described(problem: object) -> str:
    """Return as what a quadratic problem was read, and its sizes: those that its repr has.

    Examples
    --------
    >>> from derandkit import Arcs, Clauses
    >>> described(Clauses.from_clauses([(1, 2), (-1,)]))
    '2 variables, 2 clauses, 0 hard, total weight 2'
    >>> described(Arcs.from_arcs([(1, 2), (2, 2)]))  # what was left out is said elsewhere
    '2 vertices, 1 arc, total weight 1'
    """
    sizes = repr(problem).partition("(")[2].removesuffix(")")
    for left_out in (", dropped_loops=", ", merged_arcs="):
        sizes = sizes.partition(left_out)[0]
    reading = getattr(getattr(problem, "graph", problem), "reading", None)  # a signed graph holds a graph
    return sizes if reading is None else f"{reading}; {sizes}"


def problem_lines(path: str, problem: object) -> list[str]:
    """Return as what a quadratic problem was read, and what was assumed, dropped or added up, in words.

    Examples
    --------
    >>> from derandkit import Arcs
    >>> problem_lines("a.txt", Arcs.from_arcs([(1, 2), (2, 2)]))
    ['read a.txt as 2 vertices, 1 arc, total weight 1', 'dropped 1 self-loop, which no cut counts']
    """
    held = getattr(problem, "graph", problem)
    lines = [read_as(path, described(problem)), *getattr(getattr(held, "reading", None), "remarks", ())]
    arcs = getattr(held, "merged_arcs", None)
    merged, noun = (getattr(held, "merged_edges", 0), "edge") if arcs is None else (arcs, "arc")
    loops = getattr(held, "dropped_loops", 0)
    lines += counted_notes(loops, merged, noun, getattr(held, "rounded", 0.0))
    return [*lines, SIGNED_LOOPS] if loops and held is not problem else lines


def counted_notes(loops: int, merged: int, noun: str, rounded: float = 0.0) -> list[str]:
    """Say what was left out or added up: loops, and parallel edges or arcs, with what their sums lose.

    Examples
    --------
    >>> counted_notes(1, 2, "arc")
    ['dropped 1 self-loop, which no cut counts', 'added 2 parallel arcs to the first arc between the same vertices']
    """
    notes = []
    if loops:
        notes.append(f"dropped {counted(loops, 'self-loop')}, which no cut counts")
    if merged:
        parallel = counted(merged, f"parallel {noun}")
        notes.append(f"added {parallel} to the first {noun} between the same vertices")
    if rounded:
        from derandkit.graphs.reading import recorded

        notes.append(str(recorded(None, rounded)))
    return notes


def lose_output() -> None:
    """Let standard output go nowhere: what Python still flushes at exit must find a descriptor that takes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def shown(text: str) -> str:
    r"""Return a text for stdout: what a terminal would obey is written as the escape that JSON has for it.

    Tables and columns are escaped where they are made; this keeps JSON what it is, and lets nothing else through.

    Examples
    --------
    >>> print(shown('{"a": "\u202e\x7f"}'))
    {"a": "\u202e\u007f"}
    """
    return _MAYBE_HIDDEN.sub(_escape, text)


def encoded(text: str, encoding: str) -> bytes:
    r"""Return `shown` in an encoding; what that lacks, as the one of the locale C does, has an escape of JSON too.

    Examples
    --------
    >>> encoded("Z\u00fcrich", "ascii"), encoded("Z\u00fcrich", "utf-8")
    (b'Z\\u00fcrich', b'Z\xc3\xbcrich')
    """
    return shown(text).encode(encoding, "escaped as in JSON")


#: Encoders of this run's standard output by encoding: the first text of all may begin with a mark.
_encoders: dict[str, codecs.IncrementalEncoder] = {}


def begin_output() -> None:
    """Forget what was written: a run begins."""
    _encoders.clear()


def encoded_next(text: str, encoding: str) -> bytes:
    r"""Return what `encoded` does of the next text of a stream: a mark of the order of bytes begins the first one.

    Examples
    --------
    >>> begin_output()
    >>> encoded_next("a", "utf-8-sig"), encoded_next("b", "utf-8-sig")
    (b'\xef\xbb\xbfa', b'b')
    """
    if encoding not in _encoders:
        _encoders[encoding] = codecs.getincrementalencoder(encoding)("escaped as in JSON")
    return _encoders[encoding].encode(shown(text))


def _lacking(error: UnicodeError) -> tuple[str, int]:
    """Return the escapes of characters that an encoding lacks, and where they end."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("escaped as in JSON", _lacking)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
