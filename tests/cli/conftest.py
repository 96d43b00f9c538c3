"""What several files of tests of the command line are given."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from tests.catalogue import random_graph
from tests.inputs import FILES

from derandkit.graphs.writing import write_edgelist

DATASETS = Path(__file__).parents[2] / "datasets"


@pytest.fixture
def graphs(tmp_path):
    """Five files: two of the repository's, one compressed, one with loops and repeats, one with real weights."""
    folder = tmp_path / "graphs"
    folder.mkdir()
    shutil.copy(DATASETS / "petersen.edgelist", folder)
    shutil.copy(DATASETS / "torus-10x10.rudy", folder)
    (folder / "squeezed.edgelist.gz").write_bytes(gzip.compress(b"a b\nb c\nc a\nc d\n"))
    (folder / "loops.edgelist").write_text("1 1\n1 2\n2 1\n2 3\n3 1\n")
    with (folder / "real.edgelist").open("w") as file:
        write_edgelist(random_graph(40, 0.2, seed=3, weights="reals"), file)
    return sorted(folder.iterdir())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A current folder with a small file of each kind that the verbs read."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path
