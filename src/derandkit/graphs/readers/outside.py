"""Readers of graph formats that other packages supply.

A package announces its readers as entry points of the group ``derandkit.graphs.readers``. They are looked up only where
a file or ``--input-format`` names a format that derandkit itself does not have, so that nothing is slower without them.
A reader of another package never takes a file that derandkit reads.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from derandkit.errors import InputError
from derandkit.graphs.formats import AUTO_WEIGHT, GENERAL, PROBLEMS, TABLE, GraphReader
from derandkit.graphs.graph import WeightedGraph
from derandkit.graphs.reading import Reading, ReadOptions
from derandkit.records import short_line

#: The group of entry points.
GROUP = "derandkit.graphs.readers"


@cache
def announced() -> dict[str, tuple[GraphReader, str]]:
    """Return the readers of installed packages by name, each with the package that supplies it.

    Raises
    ------
    InputError
        An entry point cannot be loaded or is no `GraphReader`, or two packages have one name or extension.
    """
    from importlib.metadata import entry_points  # milliseconds, for files that derandkit itself does not read

    found: dict[str, tuple[GraphReader, str]] = {}
    taken: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        package = point.dist.name if point.dist is not None else point.value.partition(".")[0]
        try:
            reader = point.load()
        except Exception as error:
            text = short_line(f"{type(error).__name__}: {error}")
            raise InputError(f"the reader {point.name!r} of {package} cannot be loaded: {text}") from error
        if not isinstance(reader, GraphReader):
            raise InputError(f"the reader {point.name!r} of {package} is no derandkit.GraphReader")
        for word in (reader.name, *reader.extensions):
            if word in taken:
                raise InputError(
                    f"{taken[word]} and {package} both have a reader for {word!r}; uninstall one"
                )
            taken[word] = package
        found[reader.name] = (reader, package)
    return found


def reader_named(name: str) -> GraphReader | None:
    """Return the reader of an installed package by its name; None if there is none."""
    return announced().get(name, (None, ""))[0]


def reader_for(extension: str) -> GraphReader | None:
    """Return the reader of an installed package that has an extension; None if there is none, or derandkit has it."""
    known = {end for entry in TABLE.values() for end in entry.extensions}
    if not extension or extension in known or extension in PROBLEMS or extension in GENERAL:
        return None
    return next((reader for reader, _ in announced().values() if extension in reader.extensions), None)


def read_outside(reader: GraphReader, data: bytes, name: str, options: ReadOptions) -> WeightedGraph:
    """Read content with the reader of another package.

    Raises
    ------
    InputError
        The reader refuses it or returns something else than a graph, or there are options that it does not know.
    """
    _without_options(reader, options)
    try:
        graph = reader.read(data, name)
    except InputError:
        raise
    except (ValueError, LookupError) as error:
        text = short_line(str(error)) or type(error).__name__
        raise InputError(f"the reader {reader.name!r} refuses it: {text}") from error
    if not isinstance(graph, WeightedGraph):
        raise InputError(f"the reader {reader.name!r} returned a {type(graph).__name__}, not a WeightedGraph")
    if options.weight is None:
        graph = graph.unweighted()
    return replace(graph, reading=Reading(f"{reader.title} (reader {reader.name!r}{_package(reader)})"))


def _package(reader: GraphReader) -> str:
    """Return the package that supplies a reader, in words; nothing for one that was given as an object."""
    known, package = announced().get(reader.name, (None, ""))
    return f" of {package}" if known is reader else ""


def _without_options(reader: GraphReader, options: ReadOptions) -> None:
    """Refuse options of derandkit's own readers, which a reader of another package does not know."""
    given = {
        "weight": options.weight not in (None, AUTO_WEIGHT),
        "header": options.header is not None,
        "separator": options.separator is not None,
        "comments": options.comments is not None,
        "symmetrize": options.symmetrize is not None and not options.arcs,
        "directed graphs": options.arcs,
    }
    for option in (name for name, there in given.items() if there):
        raise InputError(f"the reader {reader.name!r} has no option for {option}")
