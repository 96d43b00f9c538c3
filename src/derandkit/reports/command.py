"""The command that checks a record: with the options that decide how the instance is read."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, GraphReader

#: Options of ``derandkit verify`` by the keywords of the readers; ``weight`` and ``header`` have two flags each.
OPTIONS = {
    "input_format": "--input-format",
    "weight": "--weight",
    "header": "--header",
    "separator": "--separator",
    "comments": "--comments",
    "symmetrize": "--symmetrize",
    "columns": "--columns",
    "drop": "--drop",
    "label": "--label",
}
#: Stands for a file that has no name here.
UNNAMED = "INSTANCE"


def verify_command(record: str, source: str, reading: Mapping[str, object] | None = None) -> str:
    """Return the line for a terminal that checks a record.

    Parameters
    ----------
    record, source : str
        The file of the record and that of the instance; ``""`` and ``"-"`` have no name.
    reading : mapping, optional
        Keywords of the function that read the instance.

    Raises
    ------
    InputError
        There is no such keyword.

    Examples
    --------
    >>> verify_command("cut.json", "data/my km.csv", {"weight": None, "header": True, "separator": ";"})
    "derandkit verify cut.json 'data/my km.csv' --unweighted --header --separator ';'"
    >>> verify_command("map.json", "-", {"columns": ["x", 3]})
    'derandkit verify map.json INSTANCE --columns x,3'
    """
    words = ["derandkit", "verify", shown_path(record), shown_path(source)]
    return shlex.join([*words, *_flags(reading or {})])


def shown_path(path: str) -> str:
    """Return a path as it was given; of an absolute path only the name of the file, for a page that is passed on.

    Examples
    --------
    >>> shown_path("data/graph.csv"), shown_path("/data/graph.csv"), shown_path("-"), shown_path("-x.csv")
    ('data/graph.csv', 'graph.csv', 'INSTANCE', './-x.csv')
    """
    if path in ("", "-"):
        return UNNAMED
    if os.path.isabs(path):
        path = os.path.basename(path)
    return f"./{path}" if path.startswith("-") else path


def _flags(reading: Mapping[str, object]) -> list[str]:
    """Return the flags of all keywords whose value is not the default."""
    for name in reading:
        if name not in OPTIONS:
            raise InputError(f"reading has no option {name!r}; its options are {', '.join(OPTIONS)}")
    flags: list[str] = []
    for name, option in OPTIONS.items():
        value = reading.get(name, AUTO_WEIGHT if name == "weight" else None)
        if name == "weight" and value is None:
            flags.append("--unweighted")
        elif name == "header" and value is not None:
            flags.append("--header" if value else "--no-header")
        elif value is not None and value is not AUTO_WEIGHT and (name, value) != ("input_format", "auto"):
            flags += [option, _word(value)]
    return flags


def _word(value: object) -> str:
    r"""Return a value as the command line takes it.

    Examples
    --------
    >>> _word("\t"), _word(["age", 2]), _word("toll")
    ('tab', 'age,2', 'toll')
    """
    if isinstance(value, GraphReader):
        return value.name
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(str, value))
    return "tab" if value == "\t" else str(value)
