"""Names of columns of connectomes and of traffic, trees and distances of phylogeny, and signs that part no columns."""

from __future__ import annotations

import io
import itertools

import pytest

import derandkit as dk
from derandkit.errors import InputError
from derandkit.models.arcs import read_arcs


def read(text: str, **options: object) -> dk.WeightedGraph:
    return dk.read_graph(io.StringIO(text), **options)  # type: ignore[arg-type]


def remarks(graph: dk.WeightedGraph) -> tuple[str, ...]:
    return () if graph.reading is None else graph.reading.remarks


@pytest.mark.parametrize(
    "header",
    [
        "bodyId_pre,bodyId_post,roi,weight", "pre_root_id,post_root_id,neuropil,syn_count",
        "~from,~to,~label,weight:Double",
        "PULocationID,DOLocationID,day,trips", "h_geocode,w_geocode,createdate,S000", "pre_id,post_id,kind,weight",
        "pre_pt_root_id,post_pt_root_id,kind,size",
    ],
)  # fmt: skip
def test_ends_of_connectomes_and_trips(header: str) -> None:
    rows = [(1, 2, "x", 5), (2, 3, "y", 4), (4, 2, "x", 3), (5, 2, "x", 2)]
    wanted = dk.as_graph([(u, v, w) for u, v, _, w in rows])
    names = header.split(",")
    arcs = dk.Arcs.from_arcs([(u, v, w) for u, v, _, w in rows])
    for order in itertools.permutations(range(4)):
        lines = [[names[k] for k in order], *([str(row[k]) for k in order] for row in rows)]
        text = "".join(",".join(line) + "\n" for line in lines)
        graph = read(text)
        assert graph.digest == wanted.digest
        assert read_arcs(io.StringIO(text)).digest == arcs.digest


def test_what_is_before_and_after_is_no_synapse() -> None:
    for names in ("pre_score,post_score", "pre_test,post_test", "pre_weight,post_weight"):
        with pytest.raises(InputError):
            read(f"subject,{names}\na,7,5\nb,4,6\nc,8,9\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("((A:1,B:2):1,C:3);\n", "a tree in Newick's format"),
        ("(A,B,(C,D)E)F;\n", "a tree in Newick's format"),
        ("#NEXUS\nbegin trees;\n tree a = (a,b);\nend;\n", "a NEXUS file of phylogeny"),
        ("    4\nAlpha\nBeta       1.0\nGamma  2.0 1.0\n", "a lower triangle of distances of PHYLIP"),
        (">  Input file      x.exp\na\tb\t0.5\n", "an adjacency file of ARACNe"),
        ("> ADJ file\tx.adj\na\tb\t0.5\tc\t0.4\n", "an adjacency file of ARACNe"),
        ("a\x01b\x013\nb\x01c\x014\n", r"U\+0001 parts no columns.*--separator"),
        ("011\n101\n110\n", "a matrix of 0 and 1"),
        ("[(0, 1), (1, 2), (0, 2)]\n", "a list of tuples as Python prints it"),
    ],
)
def test_what_a_file_is_is_said(text: str, message: str, tmp_path) -> None:
    with pytest.raises(InputError, match=message):
        read(text)
    for suffix in ("txt", "csv", "adj"):
        path = tmp_path / f"given.{suffix}"
        path.write_text(text)
        if suffix != "adj" or "ARACNe" in message:
            with pytest.raises(InputError, match=message):
                dk.as_graph(str(path))


def test_what_resembles_them_is_read() -> None:
    assert read("a\x01b\x013\nb\x01c\x014\n", separator="\x01").total_weight == 7
    assert read("0 1 1 0\n1 0 1 1\n1 1 0 0\n0 1 0 0\n").m == 4
    assert read("> a\n> b\na b\n", comments=">").m == 1
    assert read("[[0, 1], [1, 2], [0, 2], [2, 3]]\n").m == 4


@pytest.mark.parametrize(
    ("head", "rows", "what"),
    [
        ("3 2 10", "5 2\n7 1 3\n1 2\n", ("the weights of vertices are not used",)),
        ("3 2 100", "5 2\n7 1 3\n1 2\n", ("the sizes of vertices are not used",)),
        ("3 2 111", "4 5 2 1\n4 7 1 1 3 1\n4 1 2 1\n", ("the sizes and weights of vertices are not used",)),
        ("3 2", "2\n1 3\n2\n", ()),
    ],
)
def test_weights_of_vertices_in_metis(head: str, rows: str, what: tuple[str, ...]) -> None:
    graph = read(f"{head}\n{rows}", input_format="metis")
    assert (graph.m, graph.total_weight) == (2, 2)
    assert remarks(graph) == what


def test_genes_that_became_dates() -> None:
    graph = read("source,target,weight\n1-Mar,2-Sep,3\n2-Sep,1-Dec,4\n")
    assert any("a name such as MAR1 may have become it" in text for text in remarks(graph))
    days = read("source,target,weight\n1-Mar,2-Mar,3\n2-Mar,3-Mar,4\n")
    assert not any("MAR1" in text for text in remarks(days))


@pytest.mark.parametrize(
    ("begin", "message"),
    [
        (b"$FL2@(#) SPSS DATA FILE\0\0", "an SPSS file"),
        (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14", "a SAS file"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a SAS file"),
        (b"Obj\x01\x04\x14avro.codec\0", "an Avro file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"SIMPLE  =                    T / conforms to FITS", "a FITS file"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "a pointer of Git LFS",
        ),
    ],
)
def test_files_that_are_no_graphs_are_named(begin: bytes, message: str) -> None:
    for suffix in (b"", b"\n", b" " * 200):
        with pytest.raises(InputError, match=message):
            dk.read_graph(io.BytesIO(begin + suffix))
