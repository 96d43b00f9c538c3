"""A reader of a graph format that derandkit does not have: who stands near whom, one person a line."""

from __future__ import annotations

import derandkit as dk


def read(data: bytes, name: str) -> dk.WeightedGraph:
    """Read lines ``person: friend, friend*3``; a number behind a star is the weight of the pair, 1 without it.

    Examples
    --------
    >>> graph = read(b"Ann: Bob, Cem*3", "friends.pairs")
    >>> graph.labels, graph.total_weight
    (('Ann', 'Bob', 'Cem'), 4)
    """
    pairs: dict[tuple[str, str], int] = {}
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        person, colon, friends = line.partition(":")
        if not colon:
            raise dk.InputError(
                "a line is 'person: friend, friend*weight'; there is no colon", path=name, line=number
            )
        for entry in friends.split(","):
            friend, star, text = (part.strip() for part in entry.partition("*"))
            if not friend or (star and not (text.isascii() and text.isdecimal() and len(text) < 17)):
                raise dk.InputError(
                    f"{entry.strip()!r} is no friend with a whole weight", path=name, line=number
                )
            ends = (person.strip(), friend)
            if not ends[0] or ends[0] == friend:
                raise dk.InputError("a pair is two people with a name each", path=name, line=number)
            if ends in pairs or ends[::-1] in pairs:
                raise dk.InputError(f"the pair {ends[0]}, {friend} is there twice", path=name, line=number)
            pairs[ends] = int(text) if star else 1
    return dk.as_graph(pairs)


#: What ``pyproject.toml`` announces: files ``*.pairs`` are read by it, in Python and on the command line.
PAIRS = dk.GraphReader("pairs", "list of pairs", (".pairs",), read)
