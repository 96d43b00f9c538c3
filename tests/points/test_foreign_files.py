"""Files that hold no table are refused by name, whatever their ending; columns of lists and booleans are said."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import derandkit as dk
from derandkit.errors import InputError

X = np.random.default_rng(5).normal(size=(12, 3)).round(3)
FRAME = pd.DataFrame(X, columns=list("abc"))

FOREIGN = {
    "an SPSS file": b"$FL2@(#) SPSS DATA FILE" + bytes(100),
    "a SAS file": bytes(12) + b"\xc2\xea\x81\x60\xb3\x14" + bytes(100),
    "a FITS file": b"SIMPLE  =                    T / conforms" + b" " * 60,
    "a file of flow cytometry": b"FCS3.0    " + b" " * 60,
    "a ROOT file": b"root\0\0\xf2\x8e" + bytes(30),
    "a log of a well in LAS": b"# made by hand\n~VERSION INFORMATION\n VERS. 2.0:\n~A DEPT GR\n1 2\n2 3\n",
    "a SAS transport file": b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!\n",
    "an Avro file": b"Obj\x01" + bytes(30),
    "a TOML file": b"# made by hand\n[points]\nx = [1, 2]\n",
    "a netCDF file": b"CDF\x01" + bytes(30),
    "an IDX file": b"\0\0\x0d\x02\0\0\0\x0c\0\0\0\x03" + bytes(100),
    "a safetensors file": (50).to_bytes(8, "little") + b'{"x":{"dtype":"F32"}}',
    "compressed by zstd": b"\x28\xb5\x2f\xfd" + bytes(30),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(30),
    "an archive": b"7z\xbc\xaf\x27\x1c" + bytes(30),
    "sequences in FASTA": b">s1\nACGT\nGGA\n>s2\nAC\n",
    "sequences in FASTQ": b"@s1\nACGT\n+\nIIII\n",
    "variants in VCF": b"##fileformat=VCFv4.2\n#CHROM\tPOS\n1\t2\n",
    "a cloud in PCD": b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y\nDATA ascii\n1 2\n",
    "a mesh or cloud in PLY": b"ply\nformat ascii 1.0\nend_header\n1 2\n",
    "a mesh in OFF": b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n",
    "a mesh in OBJ": b"# cube\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
    "a molecule in XYZ": b"3\nwater\nO 0 0 0.1\nH 0 0.7 -0.4\nH 0 -0.7 -0.4\n",
    "a TSPLIB file": b"NAME: x\nTYPE: TSP\nNODE_COORD_SECTION\n1 0 0\nEOF\n",
    "a LIBSVM file": b"# rows\n1 qid:2 1:0.5 3:0.25 # first\n0 qid:2 2:1\n",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_foreign_files_are_refused_by_name(tmp_path: Path, what: str):
    file = tmp_path / "t.dat"
    file.write_bytes(FOREIGN[what])
    with pytest.raises(InputError, match=f"the file is {what}"):
        dk.read_points(file)


def test_formats_of_programs_say_how_points_come_out(tmp_path: Path):
    import pickle

    from scipy.io import loadmat, savemat

    file = tmp_path / "x.dat"
    for version in ("4", "5"):
        savemat(file, {"X": X}, format=version, appendmat=False)
        with pytest.raises(InputError, match=r"a MATLAB file.*writematrix.*scipy\.io\.loadmat"):
            dk.read_points(file)
        assert np.array_equal(loadmat(file, appendmat=False)["X"], X)  # as the message says
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for held in (X, FRAME):
            file.write_bytes(pickle.dumps(held, protocol=protocol))
            with pytest.raises(InputError, match=r"a Python pickle, which is never opened.*numpy\.save"):
                dk.read_points(file)
    for content, words in (
        (b"\x89HDF\r\n\x1a\n" + bytes(60), r"h5py\.File"),
        (
            b"MATLAB 7.3 MAT-file, Platform: GLNXA64" + bytes(90),
            r"of version 7\.3.*h5py\.File\(file\)\['X'\]\[:\]\.T",
        ),
        (b"RDX3\nX\n\0\0\0" + bytes(60), r"write\.csv"),
        (b"<stata_dta><header>", r"pandas\.read_stata"),
        (b"\x28\xb5\x2f\xfd" + bytes(30), "unpack it first"),
    ):
        file.write_bytes(content)
        with pytest.raises(InputError, match=words):
            dk.read_points(file)


def test_archives_say_what_they_hold(tmp_path: Path):
    import zipfile

    for member, words in (
        ("content.xml", "LibreOffice"),
        ("xl/workbook.xml", "Excel"),
        ("model/data.pkl", "torch.save"),
        ("a.csv", "'a.csv', no array; unpack it"),
    ):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(member, "1,2\n")
        file = tmp_path / "t.zip"
        file.write_bytes(content.getvalue())
        with pytest.raises(InputError, match=words):
            dk.read_points(file)
        with pytest.raises(InputError, match=words):
            dk.read_model(file)


@pytest.mark.parametrize("writer", ["to_parquet", "to_feather"])
def test_columns_of_arrow_are_those_of_the_frame(tmp_path: Path, writer: str):
    pytest.importorskip("pyarrow")
    frame = FRAME.assign(on=[True, False] * 6)[["a", "on", "b", "c"]]
    file = tmp_path / "t.bin"
    getattr(frame, writer)(file)
    assert dk.read_points(file).digest == dk.PointCloud(frame.astype(float)).digest
    assert dk.read_points(file, drop="on").digest == dk.PointCloud(FRAME).digest
    assert dk.RegressionData.from_file(file, "a").names == ("on", "b", "c")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match=r"is a damaged (parquet|Feather) file"):
        dk.read_points(file)


def test_missing_values_of_parquet_say_what_to_do(tmp_path: Path):
    pytest.importorskip("pyarrow")
    file = tmp_path / "t.parquet"
    FRAME.assign(k=pd.array([1, None] * 6, dtype="Int64")).to_parquet(file)
    with pytest.raises(
        InputError, match=r"'k' has 6 missing values; fill them, leave the rows out, or .*--drop k"
    ):
        dk.read_points(file)


def test_columns_of_lists_are_stacked_by_the_user():
    for held in (pd.DataFrame({"emb": X.tolist()}), pd.Series(list(X)), FRAME.assign(emb=X.tolist())):
        with pytest.raises(InputError, match=r"numpy\.stack of its entries"):
            dk.embed(held, n_components=2)
    with pytest.raises(InputError, match=r"X\.to_frame\(\) of a series"):
        dk.embed(FRAME["a"][:8], n_components=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My table\na,b,y\n" + "1,2,3\n2,3,5\n" * 8, "name every column, or delete that line"),
        ("a|b|y\n" + "1|2|3\n2|3|5\n" * 8, "between signs '|'"),
        ('[{"a": 1, "b": 2, "y": 3}]', "the file is JSON"),
        ("@relation x\n@attribute a numeric\n@data\n1,2\n", "the file is an ARFF file"),
    ],
)
def test_tables_with_a_target_name_their_format(tmp_path: Path, text: str, words: str):
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        dk.RegressionData.from_file(file, "y")
    assert words in str(caught.value)


def test_names_with_commas_are_given_by_number(tmp_path: Path):
    file = tmp_path / "t.csv"
    file.write_text('a,"wid,th",c\n1,2,3\n4,5,7\n')
    with pytest.raises(InputError, match="a column whose name has a comma is given by its number"):
        dk.read_points(file, drop="wid,th")
    assert dk.read_points(file, drop=2).n_features == 2


@pytest.mark.parametrize(
    "read", [dk.read_points, dk.read_model, dk.read_clauses, dk.read_graph, dk.RegressionData.from_file]
)
def test_pointers_of_git_lfs_are_named_by_every_reader(tmp_path: Path, read) -> None:
    file = tmp_path / "data.txt"
    file.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    given = (file, "y") if read == dk.RegressionData.from_file else (file,)
    with pytest.raises(InputError, match="a pointer of Git LFS; say git lfs pull"):
        read(*given)


@pytest.mark.parametrize("kind", ["float32", "int32", "uint8"])
@pytest.mark.parametrize("shape", [(2, 128), (40, 5), (60, 4), (30, 256), (7, 1), (9, 300)])
def test_files_of_vectors_say_how_they_become_an_array(tmp_path: Path, kind: str, shape: tuple[int, int]):
    vectors = np.random.default_rng(6).integers(0, 200, shape).astype(kind)
    counts = np.full((shape[0], 1), shape[1], dtype="<i4").view("uint8")
    file = tmp_path / "base.vecs"
    file.write_bytes(np.hstack([counts, vectors.view("uint8").reshape(shape[0], -1)]).tobytes())
    with pytest.raises(InputError) as caught:
        dk.read_points(file)
    ending = ".bvecs" if kind == "uint8" else ".fvecs and .ivecs"
    shown = f"{shape[0]} vectors of {shape[1]} number{'s' * (shape[1] > 1)} as {ending} files do"
    assert shown in caught.value.message
    said = (
        caught.value.message.partition("numpy.save('X.npy', ")[2]
        .partition(", or .view(")[0]
        .removesuffix(")")
    )
    said = said.replace("float32", kind)
    found = eval(said, {"numpy": np, "file": file})  # as the message says
    assert np.array_equal(found, vectors)


def test_other_bytes_are_no_vectors(tmp_path: Path):
    file = tmp_path / "x.bin"
    for content in (
        bytes(64),
        b"\x04\0\0\0" + bytes(21),
        b"\x04\0\0\0" + bytes(16) + b"\x05\0\0\0" + bytes(16),
    ):
        file.write_bytes(content)
        with pytest.raises(InputError, match="zero bytes"):
            dk.read_points(file)


@pytest.mark.parametrize(
    "names", ["<25um,25-50um,y", "<18,18-30,>30", '"<b>",a,c', "<b>,a,c", "<a>\tb\tc", "<x , y , z"]
)
def test_a_name_of_a_column_may_begin_as_a_tag_does(names, tmp_path):
    separator = "\t" if "\t" in names else ","
    file = tmp_path / "t.csv"
    file.write_text(names + "\n" + "".join(separator.join(row) + "\n" for row in ("123", "241", "512")))
    assert len(dk.read_points(file).columns) == 3


@pytest.mark.parametrize(
    "text", ["<html><body>1,2</body></html>", '<?xml version="1.0"?>\n<a/>', '<svg\n xmlns="u">\n</svg>']
)
def test_a_tag_is_one(text, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(dk.InputError, match="XML or HTML"):
        dk.read_points(file)
