"""Files that are written for one test, and the one line that refuses them."""

import pytest

from derandkit.errors import InputError
from derandkit.graphs.files import read_graph

_GRAPH = "0 1 1\n1 2 -2\n0 2 3\n2 3 1\n"
#: A small file of each kind that the verbs read.
FILES = {
    "g.edgelist": _GRAPH,
    "i.coo": "# vartype=SPIN\n" + _GRAPH,
    "q.coo": "# vartype=BINARY\n" + _GRAPH,
    "c.cnf": "p cnf 2 3\n1 2 0\n-1 2 0\n1 -2 0\n",
    "p.csv": "".join(f"{k % 3},{k * k % 5},{k % 7},{k % 2}\n" for k in range(9)),
    "t.toml": '[teacher]\nlink = "tanh"\ndimension = 2\nnodes = 64\nevaluation_nodes = 128\n\n[student]\nwidth = 2\n\n'
    "[run]\nmax_steps = 2\ncontrols = false\n",
}


def write(folder, content, name="g"):
    """Write text or bytes into a file, and return its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder, content, name="g", **options):
    """Write a file and read it as a graph."""
    return read_graph(write(folder, content, name), **options)


def refusal(folder, content, name="g", **options):
    """Return the message with which a graph file is refused: one line, of a length that can be read."""
    return refused(read, folder, content, name, **options)


def refused(call, *arguments, **options):
    """Return the message of the `InputError` that a call raises: one line, of a length that can be read."""
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 1000
    return text
