"""List the public functions, their options, and the options of the verbs: ``python docs/list_names.py [--check]``.

The tables of ``docs/names.md`` are written between two comments from the signatures, the docstrings and the command
line, so that a review of the interface reads what is there. ``--check`` writes nothing and fails where the page is out
of date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

import derandkit
import derandkit.datasets
from derandkit.cli import main as command_line
from derandkit.graphs.formats import AUTO_WEIGHT

PAGE = Path(__file__).parent / "names.md"
BLOCK = re.compile(r"^<!-- names (?P<name>\w+) -->\n.*?^<!-- end -->$", flags=re.M | re.S)
Row = tuple[str, ...]
#: What these mean is the same everywhere; a docstring adds what the best result so far is, or which end is wanted.
SAME = {
    "on_interrupt": "Whether Ctrl-C raises `Interrupted`, which carries the best result so far, or returns that result",
    "on_progress": "Called with a `derandkit.Progress` after every stage",
    "time_limit": "Seconds for the whole call; the result then depends on the machine",
    "method": "The derandomizer; that of a network is how it is trained",
}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give every public function with its name, in alphabetical order."""
    for module, prefix in ((derandkit, ""), (derandkit.datasets, "datasets.")):
        for name in sorted(module.__all__):
            value = getattr(module, name)
            if inspect.isfunction(value) and not (prefix and getattr(derandkit, name, None) is value):
                yield prefix + name, value


def classes() -> Iterator[tuple[str, type]]:
    """Give every public class that a user makes, with its name, in alphabetical order."""
    for name in sorted(derandkit.__all__):
        value = getattr(derandkit, name)
        if inspect.isclass(value) and not issubclass(value, BaseException):
            yield name, value


def first_sentence(documented: object, parameter: str) -> str:
    """Return the first sentence that a docstring says about a parameter."""
    text = inspect.getdoc(documented) or ""
    found = re.search(
        rf"^(?:[\w*]+, )*{re.escape(parameter)}(?:, [\w*]+)*(?: : [^\n]*)?\n((?:    [^\n]*\n?|\n(?=    ))+)",
        text,
        flags=re.M,
    )
    if found is None:
        return ""
    if reference := re.match(r"\s*(?:As in|For files: see) `derandkit\.([\w.]+)`", found[1]):
        elsewhere: object = derandkit
        for part in reference[1].split("."):
            elsewhere = getattr(elsewhere, part)
        return first_sentence(elsewhere, parameter)
    return sentence(found[1])


def sentence(text: str) -> str:
    """Return the first sentence of a text for a cell of a table, in Markdown instead of reStructuredText."""
    words = re.split(r"(?<=[.;])\s(?=[A-Z\[])", " ".join(text.split()), maxsplit=1)[0]
    return words.rstrip(".;:").replace("``", "`").replace("|", "\\|")


def default(parameter: inspect.Parameter) -> str:
    """Return a default as Python writes it; nothing for an argument that must be given."""
    if parameter.default is inspect.Parameter.empty:
        return ""
    if parameter.default is AUTO_WEIGHT:
        return "`'weight'`, or the only one with numbers"
    return f"`{parameter.default!r}`"


def positional(signature: inspect.Signature) -> Row:
    """Return the arguments that are given by their place."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(p.name for p in signature.parameters.values() if p.kind in kinds)


def table_of_functions() -> list[Row]:
    """Return the table of functions: arguments, options, what comes back."""
    rows: list[Row] = [("function", "arguments", "options by name", "returns")]
    for name, function in functions():
        signature = inspect.signature(function)
        named = [p for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
        more = [p for p in signature.parameters.values() if p.kind is inspect.Parameter.VAR_KEYWORD]
        options = ", ".join(f"`{p.name}`" for p in named)
        if more:
            options = f"{options}, and those of `optimize`".lstrip(", ") if name != "compare" else (
                f"{options}, and those of `as_graph`"
            )  # fmt: skip
        returned = str(signature.return_annotation).replace("|", "\\|").strip("'")
        arguments = ", ".join(f"`{argument}`" for argument in positional(signature))
        rows.append((f"`{name}`", arguments, options, f"`{returned}`"))
    return rows


def main_first(users: list[tuple[str, Callable[..., Any], str]]) -> list[tuple[str, Callable[..., Any], str]]:
    """Return the functions that have an option, those that most people call before the others."""
    return sorted(users, key=lambda user: user[0] not in ("maxcut", "embed", "optimize", "as_graph"))


def table_of_options() -> list[Row]:
    """Return the table of options: one name, one meaning, the same default wherever it stands."""
    users: dict[str, list[tuple[str, Callable[..., Any], str]]] = {}
    for name, function in functions():
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                users.setdefault(parameter.name, []).append((name, function, default(parameter)))
    rows: list[Row] = [("option", "what it is", "default", "functions")]
    for option in sorted(users):
        defaults = sorted({written for *_, written in users[option]})
        said = SAME.get(option) or next(
            (text for _, f, _ in main_first(users[option]) if (text := first_sentence(f, option))), ""
        )
        rows.append(
            (
                f"`{option}`",
                said,
                " or ".join(written or "must be given" for written in defaults),
                ", ".join(f"`{name}`" for name, *_ in users[option]),
            )
        )
    return rows


def table_of_flags() -> list[Row]:
    """Return the table of the command line: every flag, what its help says, and the verbs that have it."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for verb in sorted(command_line.commands):
        for parameter in command_line.commands[verb].params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                flags = " ".join(f"`{flag}`" for flag in (*parameter.opts, *parameter.secondary_opts))
                verbs.setdefault((flags, sentence(parameter.help or "")), []).append(verb)
    rows: list[Row] = [("flag", "what it is", "verbs")]
    for flags, said in sorted(verbs, key=lambda key: (key[0].split("`")[-2].lstrip("-"), key)):
        rows.append((flags, said, ", ".join(f"`{verb}`" for verb in verbs[flags, said])))
    return rows


def table_of_classes() -> list[Row]:
    """Return the table of classes: their first line."""
    rows: list[Row] = [("class", "what it is")]
    for name, value in classes():
        rows.append((f"`{name}`", (inspect.getdoc(value) or "").partition("\n")[0].replace("|", "\\|")))
    return rows


TABLES: dict[str, Callable[[], list[Row]]] = {
    "functions": table_of_functions,
    "options": table_of_options,
    "flags": table_of_flags,
    "classes": table_of_classes,
}


def markdown(rows: list[Row]) -> str:
    """Return rows as a Markdown table; the first one is the head."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ("---",) * len(rows[0]), *rows[1:]])


def written(text: str) -> str:
    """Return the text of the page with every table as the code is now."""

    def block(found: re.Match[str]) -> str:
        opening = found.group().partition("\n")[0]
        return f"{opening}\n\n{markdown(TABLES[found['name']]())}\n\n<!-- end -->"

    return BLOCK.sub(block, text)


def main() -> None:
    """Write or check the page."""
    old = PAGE.read_text(encoding="utf-8")
    new = written(old)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(new, encoding="utf-8")
    elif old != new:
        sys.exit("docs/names.md is out of date; run python docs/list_names.py")


if __name__ == "__main__":
    main()
