"""Edges in Parquet, Feather and Arrow files, and in archives of NumPy."""

import builtins
import contextlib

import numpy as np
import pandas as pd
import pytest
from tests.inputs import refused

import derandkit as dk
from derandkit import as_graph, maxdicut
from derandkit.errors import InputError, MissingDependencyError
from derandkit.graphs.files import read_graph
from derandkit.graphs.readers.arrays import columnar

pytest.importorskip("pyarrow")
try:
    import polars
except ImportError:
    POLARS = []
else:
    POLARS = [polars.DataFrame]

FRAME = pd.DataFrame({"source": list("aba"), "target": list("bcc"), "weight": [1, 2, 3]})
DIGEST = as_graph(FRAME).digest
MATRIX = pd.DataFrame([[0, 1, 2], [1, 0, 3], [2, 3, 0]], list("abc"), list("abc"))


@pytest.mark.parametrize("save", [
    FRAME.to_parquet, FRAME.to_feather, FRAME.set_index(["source", "target"]).to_parquet, MATRIX.to_parquet,
    *(save for frame in POLARS for save in (frame(FRAME).write_parquet, frame(FRAME).write_ipc)),
    FRAME.rename(columns={"weight": "km"}).to_parquet,
])  # fmt: skip
@pytest.mark.parametrize("name", ["g.parquet", "g.feather", "g"])
def test_tables_are_read_as_their_frames(tmp_path, save, name):
    save(tmp_path / name)
    graph = as_graph(tmp_path / name)
    expected = DIGEST if save != MATRIX.to_parquet else as_graph(MATRIX).digest
    assert graph.digest == expected
    assert graph.reading.format.split()[0] in ("Parquet", "Feather")


def test_a_table_is_read_alike_without_pandas(tmp_path, monkeypatch):
    FRAME.to_parquet(tmp_path / "g.parquet")
    MATRIX.to_parquet(tmp_path / "m.parquet")
    monkeypatch.setattr(columnar, "find_spec", lambda name: None)
    graph = as_graph(tmp_path / "g.parquet")
    assert (graph.digest, graph.reading.format) == (DIGEST, "Parquet edge list")
    known = builtins.__import__

    def imported(name, *rest):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", imported)
    with pytest.raises(MissingDependencyError, match="pyarrow"):
        as_graph(tmp_path / "m.parquet")


def test_tables_that_are_no_graphs(tmp_path):
    path = tmp_path / "g.parquet"
    pd.DataFrame({"x": [1.5, 2.5], "y": [1, 2], "z": [3, 4]}).to_parquet(path)
    assert "points, or an edge list" in refused(as_graph, path)
    FRAME.assign(a=[1, 2, 3]).drop(columns="weight").assign(b=[1, 2, 3]).to_parquet(path)
    assert "'a' and 'b' hold numbers" in refused(as_graph, path)
    path.write_bytes(path.read_bytes()[:300])
    assert "is a damaged parquet file" in refused(as_graph, path)
    assert "it looks like parquet" in refused(read_graph, path, input_format="edgelist")


def test_more_rows_than_the_limit_are_refused_before_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "g.parquet"
    pd.DataFrame({"source": np.zeros(10**6, int), "target": np.ones(10**6, int)}).to_parquet(path)
    monkeypatch.setenv("DERANDKIT_MAX_BYTES", "1000000")
    assert path.stat().st_size < 10**6
    assert "the table takes more than 1000000 bytes" in refused(as_graph, path)


def archive(folder, **arrays):
    np.savez(folder / "g.npz", **arrays)
    return folder / "g.npz"


ENDS = np.array([[0, 1], [1, 2], [0, 2]])
WEIGHTS = np.array([1.0, 2, 3])
EXPECTED = as_graph([(0, 1, 1), (1, 2, 2), (0, 2, 3)]).digest


@pytest.mark.parametrize("arrays", [
    {"source": ENDS[:, 0], "target": ENDS[:, 1], "weight": WEIGHTS},
    {"row": ENDS[:, 0], "col": ENDS[:, 1], "data": WEIGHTS},
    {"edges": ENDS, "weights": WEIGHTS}, {"edge_index": ENDS.T, "edge_weight": WEIGHTS},
    {"edge_index": ENDS.T, "edge_attr": WEIGHTS[:, None]},
])  # fmt: skip
def test_arrays_of_edges(tmp_path, arrays):
    graph = as_graph(archive(tmp_path, **arrays))
    assert (graph.digest, graph.reading.format) == (EXPECTED, "arrays of edges (npz)")


def test_arrays_of_arcs_keep_their_ways(tmp_path):
    file = archive(tmp_path, target=ENDS[:, 1], source=ENDS[:, 0], weight=WEIGHTS)
    assert maxdicut(file).value == maxdicut([(0, 1, 1), (1, 2, 2), (0, 2, 3)]).value
    assert as_graph(file, weight=None).total_weight == 3


@pytest.mark.parametrize(("arrays", "words"), [
    ({"source": ENDS[:, 0], "target": ENDS[:, 1], "weight": WEIGHTS[:2]}, "have one length"),
    ({"row": ENDS[:, 0], "col": ENDS[:, 1], "data": WEIGHTS, "shape": np.array([3, 3])}, "scipy.sparse.save_npz"),
    ({"edges": ENDS[:2], "weights": WEIGHTS[:2]}, "of shape (2, 2)"),
    ({"edges": ENDS, "weights": WEIGHTS[:2]}, "of shape (2,)"),
    ({"A": np.eye(2), "labels": np.array(["a", "b"])}, "it must hold one array"),
    ({"source": ENDS[:, 0], "target": ENDS[:, 1], "a": WEIGHTS, "b": WEIGHTS}, "'a' and 'b' hold numbers"),
    ({"source": np.array([{}, {}, {}]), "target": ENDS[:, 1]}, "numpy.save"),
])  # fmt: skip
def test_other_archives_are_refused(tmp_path, arrays, words):
    assert words in refused(as_graph, archive(tmp_path, **arrays))


@pytest.mark.parametrize(
    "stored", [b"no json", b"[" * 100_000, b'{"index_columns": 5}', b"\xff\xfe", b"9" * 5000]
)
def test_metadata_of_pandas_may_hold_anything(tmp_path, stored):
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"source": list("aba"), "target": list("bcc"), "weight": [1, 2, 3]})
    file = tmp_path / "g.parquet"
    parquet.write_table(table.replace_schema_metadata({b"pandas": stored}), file)
    with contextlib.suppress(InputError):  # pandas may refuse its own metadata
        assert read_graph(file).digest == DIGEST
    numbers = pa.table({"x": [0.5, 1.5, 2.5], "y": [1.0, 2.0, 4.0]}).replace_schema_metadata(
        {b"pandas": stored}
    )
    parquet.write_table(numbers, tmp_path / "p.parquet")
    assert dk.read_points(tmp_path / "p.parquet").n_features == 2
