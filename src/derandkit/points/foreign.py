"""Files that announce what they are: Matrix Market is read, formats of graphs and other tables are refused by name."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np

from derandkit.arrays.market import added_up, banner_of, market_text
from derandkit.content import extension, limit, too_large
from derandkit.errors import InputError, first_line
from derandkit.numerics.ranges import refuse_rounded_values, refuse_vanishing
from derandkit.tables import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

BANNER = re.compile(rb"%%MatrixMarket[ \t]", re.IGNORECASE)
_SIZE = re.compile(rb"(?:%[^\n]*\n|[ \t\r]*\n)*[ \t]*(\d{1,18})[ \t]+(\d{1,18})(?:[ \t]+(\d{1,18}))?")
#: Bytes that each row and each column of a sparse table takes while it is looked at.
_LINE = 40
_TEXTS = (
    (re.compile(rb"<stata_dta>"), "a Stata file"),
    (re.compile(rb"\s*<(?:[?!]|[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>(?![\"']?[ \t]*[,;\t|]))"), "XML or HTML"),
    (
        re.compile(rb"\s*(?:[A-Za-z]\w*[ \t]*=[ \t]*)?\[[-+.\deE, \t]*(?:;|\d[ \t]+[-+.\d])"),
        "a matrix as MATLAB writes it",
    ),
    (re.compile(rb"\s*(?:array\()?\[\[[ \t]*[-+.\deE]+[ \t]+[-+.\d]|\s*array\(\["), "an array as NumPy prints it"),
    (re.compile(rb"\s+\[,1\][ \t]"), "a matrix as R prints it"),
    (re.compile(rb"(?:#[^\n]*\n|\s)*\[{1,2}[A-Za-z_][\w.-]*\]{1,2}[ \t\r]*(?:#[^\n]*)?\n"), "a TOML file"),
    (re.compile(rb"\s*[\[{]"), "JSON"),
    (re.compile(rb"\s*\*(?:vertices|network)\b", re.IGNORECASE), "a Pajek network"),
    (re.compile(rb"\s*(?:strict\s+)?(?:di)?graph\b[^\n]*\{", re.IGNORECASE), "a DOT graph"),
    (re.compile(rb"(?:c[^\n]*\n)*p[ \t]+(?:edge|col|max|cnf|wcnf|qubo)\b"), "a DIMACS file"),
    (re.compile(rb"(?:%[^\n]*\n|[^\S\n]*\n)*[^\S\n]*@relation\b", re.IGNORECASE), "an ARFF file"),
    (
        re.compile(
            rb"(?:#[^\n]*\n|[-+]?\d[^\s:]{0,20}[ \t\r]*\n){0,100}[-+]?\d[^\s:]{0,60}(?:[ \t]+qid:\d+)?"
            rb"(?:[ \t]+\d+:[-+.\deE]+)+[ \t\r]*(?:#|\n|$)"
        ),
        "a LIBSVM file",
    ),
    (re.compile(rb">[^\n]*\n[A-Za-z*\-\s]+(?:[\r\n>]|$)"), "sequences in FASTA"),
    (re.compile(rb"@[^\n]*\n[A-Za-z.\-]+\r?\n\+"), "sequences in FASTQ"),
    (re.compile(rb"##fileformat=VCF"), "variants in VCF"),
    (re.compile(rb"#1\.[23]\r?\n"), "a table in GCT"),
    (re.compile(rb"ply\r?\n"), "a mesh or cloud in PLY"),
    (re.compile(rb"(?:ST|C|N|4|n){0,4}OFF\s"), "a mesh in OFF"),
    (re.compile(rb"(?:#[^\n]*\n|\s)*(?:mtllib|o|v)[ \t][^\n]*\n(?:#[^\n]*\n|\s)*(?:o|v|vn|vt)[ \t]"), "a mesh in OBJ"),
    (re.compile(rb"(?:#[^\n]*\n)*VERSION[ \t]+[.\d]+\r?\nFIELDS\b"), "a cloud in PCD"),
    (re.compile(rb"HEADER    |CRYST1 |REMARK +\d+ |(?:ATOM  |HETATM)[ \d]{5} "), "a molecule in PDB"),
    (
        re.compile(
            rb"\s*\d+[ \t]*\r?\n(?!\s*\w+(?:[ \t]+[-+.\d]+)+\s*\n)[^\n]*\n"
            rb"[ \t]*[A-Z][a-z]?(?:[ \t]+[-+.\deE]+){3}[ \t\r]*\n"
        ),
        "a molecule in XYZ",
    ),
    (re.compile(rb"(?:[A-Z_]+[ \t]*:[^\n]*\n)+[A-Z_]+_SECTION\b"), "a TSPLIB file"),
    (re.compile(rb"HEADER RECORD\*"), "a SAS transport file"),
    (re.compile(rb"(?:#[^\n]*\n|\s)*~V(?:ERSION)?\b", re.IGNORECASE), "a log of a well in LAS"),
)  # fmt: skip
_BINARIES = (
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"\xff\xff\xff\xff...\0", re.DOTALL), "a stream of Arrow"),
    (re.compile(rb"ARROW1|FEA1"), "an Arrow or Feather file"),
    (re.compile(rb"ORC.{0,1000}\0", re.DOTALL), "an ORC file"),
    (re.compile(rb"Obj\x01"), "an Avro file"),
    (re.compile(rb"\x89HDF"), "an HDF5 file"),
    (re.compile(rb"CDF[\x01\x02\x05]"), "a netCDF file"),
    (
        re.compile(
            rb"MATLAB 5[.]|[\0\n\x14\x1e\x28\x32]\0{3}.{8}[\0\x01]\0{3}[\x01-\x40]\0{3}[A-Za-z]\w*\0", re.DOTALL
        ),
        "a MATLAB file",
    ),
    (
        re.compile(rb"\x80[\x02-\x05]|c(?:numpy|pandas|torch|scipy|copy_reg|collections|__builtin__|builtins)[.\w]*\n"),
        "a Python pickle, which is never opened",
    ),
    (re.compile(rb"MATLAB 7[.]"), "a MATLAB file of version 7.3"),
    (re.compile(rb"SIMPLE  = +T"), "a FITS file"),
    (re.compile(rb"FCS[23][.]\d "), "a file of flow cytometry (FCS)"),
    (re.compile(rb"root\0"), "a ROOT file"),
    (re.compile(rb".{5}\0\0\0\{\"", re.DOTALL), "a safetensors file"),
    (re.compile(rb"RD[AX][23]\n|X\n\x00\x00\x00"), "an R object"),
    (re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00"), "a Stata file"),
    (re.compile(rb"\$FL[23]"), "an SPSS file"),
    (re.compile(rb"\0{12}\xc2\xea\x81\x60"), "a SAS file"),
    (re.compile(rb"\x03.[\x01-\x0c][\x01-\x1f].{4}.{4}\0", re.DOTALL), "a dBASE file"),
    (re.compile(rb"LASF"), "a laser scan in LAS or LAZ"),
    (re.compile(rb"\0\0[\x08-\x0e][\x01-\x04]\0"), "an IDX file"),
    (re.compile(rb"SQLite format 3"), "an SQLite database"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "an old Excel workbook"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "compressed by zstd"),
    (re.compile(rb"\x04\x22\x4d\x18"), "compressed by lz4"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c|Rar!|.{257}ustar", re.DOTALL), "an archive"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*"), "a picture"),
)  # fmt: skip

#: How points come out of formats that hold some, by the program that writes them.
_WAYS = {
    "a MATLAB file": "in MATLAB writematrix(X, 'X.csv'), in Python numpy.save('X.npy', scipy.io.loadmat(file)['X'])",
    "a MATLAB file of version 7.3": (
        "in MATLAB writematrix(X, 'X.csv'), in Python numpy.save('X.npy', h5py.File(file)['X'][:].T)"
    ),
    "a Python pickle, which is never opened": (
        "numpy.save of the array that it holds, or to_parquet of the frame, makes a file that is read"
    ),
    "an HDF5 file": (
        "in Python numpy.save('X.npy', h5py.File(file)['X'][:]), or to_parquet of what pandas.read_hdf returns"
    ),
    "a netCDF file": "in Python numpy.save('X.npy', xarray.open_dataset(file)['X'].values)",
    "an R object": "in R write.csv(X, 'X.csv', row.names = FALSE)",
    "a safetensors file": "in Python numpy.save('X.npy', safetensors.numpy.load_file(file)['X'])",
    "a Stata file": "in Python pandas.read_stata(file).to_parquet('X.parquet')",
    "an SPSS file": "in Python pandas.read_spss(file).to_parquet('X.parquet')",
    "a SAS file": "in Python pandas.read_sas(file).to_parquet('X.parquet')",
    "a FITS file": "in Python numpy.save('X.npy', astropy.io.fits.getdata(file))",
    "a log of a well in LAS": "in Python lasio.read(file).df().to_parquet('X.parquet')",
    "a laser scan in LAS or LAZ": "in Python numpy.save('X.npy', laspy.read(file).xyz)",
    "compressed by zstd": "unpack it first (unzstd)",
    "compressed by lz4": "unpack it first (unlz4)",
}

#: Names of files that say: a graph. Their lines are often numbers, which a table of points could be.
_GRAPHS = (
    ".edgelist", ".edges", ".el", ".ncol", ".rudy", ".rud", ".mc", ".gset", ".adjlist", ".adj", ".lgl", ".metis",
    ".graph", ".col", ".dimacs", ".clq", ".net", ".paj", ".dot", ".gv", ".graphml", ".gml", ".gexf",
)  # fmt: skip


def refuse_graph(name: str) -> None:
    """Refuse a file of numbers whose name says that it is a graph; a choice of columns says points.

    Raises
    ------
    InputError
        Names both readings.

    Examples
    --------
    >>> refuse_graph("points.txt")
    >>> refuse_graph("roads.EDGELIST.gz")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    derandkit.errors.InputError: '.edgelist' is the name of a graph, and the lines can be points, too; ...
    """
    ending = extension(name)
    if ending in _GRAPHS:
        raise InputError(
            f"{ending!r} is the name of a graph, and the lines can be points, too; for points choose the columns "
            "(--columns 1,2) or rename the file; a graph is for maxcut"
        )


def read_matrix_market(data: bytes) -> tuple[object, str]:
    r"""Read a Matrix Market file, a point a row: a sparse matrix for coordinates, an array otherwise.

    Returns
    -------
    matrix : scipy.sparse.coo_array or ndarray
    reading : str
        How the file was read.

    Raises
    ------
    InputError
        The file is damaged, or its size line asks for more memory than a file may have.

    Examples
    --------
    >>> matrix, reading = read_matrix_market(b"%%MatrixMarket matrix array real general\n2 1\n1.5\n2\n")
    >>> matrix.tolist(), reading
    ([[1.5], [2.0]], 'Matrix Market file, matrix array real general')
    """
    from scipy.io import mmread

    data = market_text(data)
    refuse_vanishing(data, "coordinate")
    words = banner_of(data)
    size = _SIZE.match(data, data.find(b"\n") + 1)
    if size is None:
        raise InputError("the Matrix Market file has no line with its size")
    n, d = int(size[1]), int(size[2])
    if "array" not in words:
        check_shape(n, d)
    elif 8 * n * d > limit():
        raise too_large(f"a matrix of {n} x {d}")
    if int(size[3] or 0) > len(data):  # before memory is taken for them
        raise InputError(f"ends before the {int(size[3])} entries it announces")
    try:
        matrix = mmread(io.BytesIO(data), spmatrix=False)
    except (ValueError, OverflowError, TypeError, MemoryError, NotImplementedError) as error:
        raise InputError(f"cannot be read as a Matrix Market file: {first_line(error)}") from None
    refuse_rounded_values(data, matrix.data if hasattr(matrix, "tocoo") else np.asarray(matrix), "coordinate")
    found: NDArray[np.generic] | object = matrix
    return found, f"Matrix Market file, {' '.join(words[1:])}{added_up(matrix, data)}"


def check_shape(n: int, d: int) -> None:
    """Refuse a sparse matrix with so many rows or columns that what is kept of each takes more than the limit.

    Raises
    ------
    InputError
        Too many.
    """
    if _LINE * (n + d) > limit():
        raise too_large(f"a matrix of {n} x {d}")


def refuse_foreign(data: bytes, *, texts: bool = True) -> None:
    r"""Refuse what announces a format that holds no table of points.

    Parameters
    ----------
    data : bytes
        The file.
    texts : bool
        Look at formats in text too. Where columns are chosen the lines are read as a table.

    Raises
    ------
    InputError
        It names the format, and how points come out of it.

    Examples
    --------
    >>> refuse_foreign(b"*Vertices 3\n")
    Traceback (most recent call last):
    derandkit.errors.InputError: the file is a Pajek network, not a table of points; save the points as CSV or npy
    >>> refuse_foreign(b"1 2\n3 4\n")
    """
    head = data[:65536]
    for pattern, what in (*(_TEXTS if texts else ()), *_BINARIES):
        if pattern.match(head):
            raise InputError(
                f"the file is {what}, not a table of points; {_WAYS.get(what, 'save the points as CSV or npy')}"
            )
    refuse_vectors(data)


def refuse_vectors(data: bytes) -> None:
    """Refuse vectors as benchmarks of nearest neighbours hold them: each behind its number of entries.

    Parameters
    ----------
    data : bytes
        The file: int32 d, then d numbers of float32, int32 or uint8, again and again.

    Raises
    ------
    InputError
        It names the format, and the lines of Python that make an array of it.

    Examples
    --------
    >>> vectors = np.ones((3, 4), dtype="<f4").view("<i4")
    >>> refuse_vectors(np.insert(vectors, 0, 4, axis=1).tobytes())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    derandkit.errors.InputError: the file holds 3 vectors of 4 numbers as .fvecs and .ivecs files do, and no header; ...
    """
    if len(data) < 8 or data[2:4] != b"\0\0":  # text holds no zero bytes
        return
    d = int.from_bytes(data[:4], "little")
    for size, endings in ((4, ".fvecs and .ivecs"), (1, ".bvecs")):
        length = 4 + size * d
        if d == 0 or len(data) % length or len(data) == length:
            continue
        rows = np.frombuffer(data, dtype=np.uint8).reshape(-1, length)
        if (rows[:, :4] != rows[0, :4]).any():
            continue
        numbers = f"numpy.fromfile(file, 'uint8').reshape(-1, {length})[:, 4:].copy()"
        view, other = (".view('float32')", ", or .view('int32') for .ivecs") if size == 4 else ("", "")
        raise InputError(
            f"the file holds {counted(len(rows), 'vector')} of {counted(d, 'number')} as {endings} files do, and no "
            f"header; in Python numpy.save('X.npy', {numbers}{view}){other}"
        )


def refuse_binary(data: bytes, what: str, way: str) -> None:
    r"""Refuse the bytes of a format that holds something else than wanted.

    Parameters
    ----------
    data : bytes
        The file.
    what : str
        What is wanted.
    way : str
        What to do.

    Raises
    ------
    InputError
        It names the format.

    Examples
    --------
    >>> refuse_binary(b"\x89HDF\r\n", "a model", "save the matrix with numpy.save")
    Traceback (most recent call last):
    derandkit.errors.InputError: the file is an HDF5 file, not a model; save the matrix with numpy.save
    """
    for pattern, found in _BINARIES:
        if pattern.match(data[:1024]):
            raise InputError(f"the file is {found}, not {what}; {way}")
