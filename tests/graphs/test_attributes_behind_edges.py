"""What networkx writes behind an edge: dictionaries with numbers of Python, NumPy and the standard library."""

import io
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from tests.inputs import refused

from derandkit import as_graph
from derandkit.graphs.files import read_graph
from derandkit.graphs.readers.attributes import attributes_of


def written(weights, more=None):
    G = nx.Graph()
    for k, weight in enumerate(weights):
        G.add_edge(k, k + 1, weight=weight, **(more or {}))
    file = io.BytesIO()
    nx.write_edgelist(G, file)
    return io.StringIO(file.getvalue().decode())


@pytest.mark.parametrize(
    "kind",
    [np.float64, np.float32, np.float16, np.int64, np.uint8, np.longlong, np.longdouble, Decimal, Fraction],
)
def test_numbers_of_every_kind_are_weights(kind):
    assert as_graph(written([kind(3), kind(4)])).total_weight == 7
    assert (
        as_graph(written([kind("3.5"), kind(1)] if kind in (np.float64, Decimal) else [kind(3), kind(1)])).m
        == 2
    )


def test_other_values_are_kept_as_text():
    more = {
        "pos": np.array([1.0, 2.0]),
        "flag": np.True_,
        "day": np.datetime64("2020-01-01"),
        "name": np.str_("x"),
    }
    graph = read_graph(written([np.float64(2), -1.5], more))
    assert (graph.total_weight, graph.reading.weight) == (0.5, "weight")
    found = attributes_of(
        b"{'a': -np.inf, 'b': np.str_('np.float64(3)'), 'c': f(1, k=2), 'd': -x, 'e': (1, [2])}", 1
    )
    assert found == {"a": -np.inf, "b": "np.float64(3)", "c": "f(1, k=2)", "d": "-x", "e": (1, [2])}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{'weight': nan}", "weight nan is not finite"),
        ("{'weight': np.float64(-inf)}", "weight -inf is not finite"),
        ("{'weight': np.float64(1e999)}", "too large for float64"),
        ("{'weight': datetime.date(2020, 1, 1)}", "is not a real number"),
        ("{'weight': Fraction(1, 0)}", "is not a real number"),
        ("{'weight': __import__('os').getcwd()}", "is not a real number"),
        ("{**{'weight': 1}}", "is no dictionary of attributes"),
        ("{'weight': 3", None),
        ("{1, 2}", "is no dictionary of attributes"),
    ],
)
def test_what_is_no_weight_is_named(text, why):
    message = refused(read_graph, io.StringIO(f"a b {text}\n"))
    assert why is None or why in message
