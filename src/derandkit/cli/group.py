"""The group that holds the verbs, and what it does with the errors a user can cause."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from derandkit import __version__
from derandkit.cli.output import begin_output, drop_notes, lose_output, say, say_notes
from derandkit.errors import DerandkitError, InputError
from derandkit.runtime.lacking import failed_call, folder_gone, lacking, memory_limit
from derandkit.runtime.signals import exit_code
from derandkit.words.quoting import one_line

#: What an exit code means, for every verb: 0 is an answer that is ok, 1 one that is not (its status, or a check of it),
#: 2 an input or option that cannot be used; 128 + its number is a signal, so 130 Ctrl-C.
EXIT_NOT_OK = 1
EXIT_BAD_INPUT = 2

#: Bytes of address space without which no verb begins.
LEAST_MEMORY = 2**29

#: The verbs as ``derandkit --help`` lists them, by what a reader has in hand.
SECTIONS = {
    "Graphs": ("maxcut", "maxdicut", "balance"),
    "Signs, bits and clauses": ("ising", "qubo", "max2sat"),
    "Points and networks": ("embed", "features", "structure"),
    "Check and compare": ("verify", "compare"),
    "Tools": ("generate", "info"),
}

#: What decides the digits of a result beside derandkit itself; the last two only for what uses them.
DECIDING = ("numpy", "scipy", "numba", "llvmlite", "jax", "cvxpy")

#: The end of the year 9999, the last that dates of Python have.
LAST_SECOND = 253402300799
_DIGITS = 40  # zeros in front count


class _Verbs(click.Group):
    """A group that lists its verbs by subject, and turns errors a user can cause into one line and exit code 2."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        wide = max(map(len, self.commands))
        for title, verbs in SECTIONS.items():
            rows = [(verb.ljust(wide), self.commands[verb].get_short_help_str(limit=200)) for verb in verbs]
            with formatter.section(title):
                formatter.write_dl(rows)

    def _verb_of(self, args: tuple[Any, ...], extra: Mapping[str, Any]) -> str:
        """Return the program and the verb of a call, for errors of the parser, which do not name them."""
        words = args[0] if args else extra.get("args")
        words = sys.argv[1:] if words is None else words
        return " ".join(["derandkit", *(word for word in words[:1] if word in self.commands)])

    def main(self, *args: object, **extra: object) -> Any:
        run: Any = super().main  # click declares overloads for its two modes
        if not extra.pop("standalone_mode", True):
            return run(*args, standalone_mode=False, **extra)
        try:
            code = run(*args, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(EXIT_BAD_INPUT)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            command = context.command_path if context is not None else self._verb_of(args, extra)
            message = one_line(" ".join(error.format_message().split()))
            click.echo(f"{command}: {message} (see {command} --help)", err=True)
            sys.exit(EXIT_BAD_INPUT)
        except click.Abort:
            sys.exit(exit_code())
        except OSError as error:  # help and version are printed outside of any verb
            if error.filename is not None:
                raise
            if gone := folder_gone(error):
                say(gone)
                sys.exit(EXIT_BAD_INPUT)
            if not _of_output(error):
                say(str(failed_call(error)))
                sys.exit(EXIT_BAD_INPUT)
            lose_output()
            if isinstance(error, BrokenPipeError):
                sys.exit(0)
            say(f"standard output cannot be written: {error.strerror}")
            sys.exit(EXIT_BAD_INPUT)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        drop_notes()  # of a run before this one in the same process
        begin_output()
        try:
            _check_threads(os.environ.get("NUMBA_NUM_THREADS"))
            _check_date(os.environ.get("SOURCE_DATE_EPOCH"))
            _check_memory(memory_limit())
            return super().invoke(ctx)
        except click.ClickException:
            drop_notes()
            raise
        except DerandkitError as error:
            drop_notes()
            say(str(error))
            ctx.exit(EXIT_BAD_INPUT)
        except Exception as error:
            what = lacking(error)
            if what is not None:
                what = f"{what} for an instance of this size"
            # a file that was there has gone, or may not be read any more
            elif isinstance(error, OSError) and isinstance(error.filename, (str, bytes)):
                what = str(InputError(f"cannot be used: {error.strerror}", path=os.fsdecode(error.filename)))
            elif isinstance(error, OSError) and not (folder_gone(error) or _of_output(error)):
                what = str(failed_call(error))
            else:
                raise
            drop_notes()
            say(what)
            ctx.exit(EXIT_BAD_INPUT)
        except KeyboardInterrupt:
            say("interrupted before there was an answer")
            ctx.exit(exit_code())
        finally:
            say_notes()


def _of_output(error: OSError) -> bool:
    """Whether an error is that of a text which click wrote: help and version, since a verb prints by itself.

    Examples
    --------
    >>> _of_output(OSError(5, "Input/output error"))
    False
    """
    step = error.__traceback__
    while step is not None and step.tb_frame.f_code is not click.echo.__code__:
        step = step.tb_next
    return step is not None


def _check_threads(text: str | None) -> None:
    """Refuse a number of threads in the environment that numba does not take; it would say so in a traceback.

    Examples
    --------
    >>> _check_threads(None), _check_threads(""), _check_threads("4")
    (None, None, None)
    >>> _check_threads("0")
    Traceback (most recent call last):
    derandkit.errors.InputError: NUMBA_NUM_THREADS is '0'; give a number of threads from 1 on
    """
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"NUMBA_NUM_THREADS is {text[:40]!r}; give a number of threads from 1 on")


def _check_date(text: str | None) -> None:
    """Refuse a date of reproducible builds that libraries fail on: SciPy when it is loaded, Matplotlib in a picture.

    Examples
    --------
    >>> _check_date(None), _check_date("1700000000")
    (None, None)
    >>> _check_date("today")
    Traceback (most recent call last):
    derandkit.errors.InputError: SOURCE_DATE_EPOCH is 'today'; give seconds since 1970 up to 253402300799, or unset it
    """
    if text == "":  # as good as not set, and SciPy fails on it
        os.environ.pop("SOURCE_DATE_EPOCH", None)
    elif text is not None and not (
        text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= LAST_SECOND
    ):
        raise InputError(
            f"SOURCE_DATE_EPOCH is {text[:40]!r}; give seconds since 1970 up to {LAST_SECOND}, or unset it"
        )


def _check_memory(limit: int | None) -> None:
    """Refuse a limit of memory in which libraries cannot start: OpenBLAS then tries for ever, and hears no signal.

    Examples
    --------
    >>> _check_memory(None), _check_memory(2**30)
    (None, None)
    >>> _check_memory(10**8)
    Traceback (most recent call last):
    derandkit.errors.InputError: not enough memory: the limit is 100 MB (see ulimit -v); libraries need 537 MB to start
    """
    if limit is not None and limit < LEAST_MEMORY:
        raise InputError(
            f"not enough memory: the limit is {limit / 1e6:.0f} MB (see ulimit -v); "
            f"libraries need {LEAST_MEMORY / 1e6:.0f} MB to start"
        )


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the version, and below it those of the packages that decide the digits of a result."""
    if not wanted:
        return
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = [f"python {platform.python_version()}"]
    for package in DECIDING:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    click.echo(f"derandkit, version {__version__}\nwith {', '.join(found)}")
    ctx.exit()


@click.group(
    "derandkit",
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    # after \b nothing is wrapped: whoever copies the line gets the whole command
    epilog="Tab completion of verbs, options and files: put this line into ~/.bashrc (for zsh: zsh_source, ~/.zshrc)."
    '\n\n\b\neval "$(_DERANDKIT_COMPLETE=bash_source derandkit)"',
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version, and those of the packages that decide results.",
)
def main() -> None:
    """Derandomized algorithms whose answers carry a certificate.

    \b
    Example:
      derandkit maxcut graph.edgelist -o cut.json
      derandkit verify cut.json graph.edgelist
      derandkit maxcut --help
    """  # noqa: D301
