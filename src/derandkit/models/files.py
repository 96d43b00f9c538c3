"""Files that hold quadratic models: qbsolv's qubo, Biq Mac's sparse, Beasley's, dimod's COO and JSON, NumPy matrices.

Each of these formats says whether it is minimised or maximised, and whether an entry off the diagonal counts once or
twice; where a format does not say it, the reader needs an option. A file that fits two formats is refused with both
named.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derandkit.arrays.columnar import ARROW, STREAM
from derandkit.content import extension, read_content, text_lines
from derandkit.errors import InputError, in_file
from derandkit.graphs.reading import Reading
from derandkit.models.formats import (
    beasley_model,
    beasley_models,
    coo_model,
    gsg_model,
    plain_lines,
    qubo_model,
    refuse_opb,
    sparse_model,
    without_header,
)
from derandkit.models.lp import is_lp, lp_model
from derandkit.models.matrices import market_matrix, matrix_content
from derandkit.models.model import QuadraticModel
from derandkit.models.options import MODEL_FORMATS, SENSES, VARTYPES, ModelFormat, Sense, Vartype
from derandkit.models.qplib import is_qplib, qplib_model
from derandkit.models.texts import OTHER_JSON, dimod_model, is_matrix_text, refusal_of_dimod, text_matrix
from derandkit.numerals import constants_of_comments
from derandkit.numerics.ranges import refuse_vanishing
from derandkit.options import check_choice, path_name
from derandkit.points.foreign import refuse_binary
from derandkit.records import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where a reading says which problem of a file with several it is about.
PROBLEM = "problem {} of {}"
_EXTENSIONS: dict[str, ModelFormat] = {
    ".qubo": "qubo",
    ".sparse": "sparse",
    ".coo": "coo",
    ".json": "json",
    ".npy": "matrix",
    ".npz": "matrix",
    ".qplib": "qplib",
    ".gsg": "gsg",
    ".lp": "lp",
}


@dataclass(frozen=True)
class ModelFile:
    """A model, and how its file was read.

    Parameters
    ----------
    model : QuadraticModel
        The model.
    reading : str
        One line: the format, how pairs count, whether it is minimised or maximised, and where that was said.
    """

    model: QuadraticModel
    reading: str


def read_model(
    path: str | os.PathLike[str],
    *,
    input_format: ModelFormat = "auto",
    sense: Sense | None = None,
    vartype: Vartype | None = None,
    instance: int | None = None,
) -> ModelFile:
    r"""Read a quadratic model.

    Parameters
    ----------
    path : str or PathLike
        The file, ``"-"`` for standard input; it may be compressed with gzip, bzip2 or xz.
    input_format : str
        ``"qubo"``: qbsolv's ``p qubo`` files, pairs count once, minimised. ``"sparse"``: Biq Mac's ``n m`` and lines
        ``i j q`` from 1, a symmetric matrix whose pairs count twice, minimised. ``"beasley"``: the OR-Library's files
        with a number of problems, pairs count twice, maximised. ``"coo"``: dimod's lines ``i j w`` from 0 under
        ``# vartype=SPIN`` or ``BINARY``, pairs count once, minimised. ``"json"``: dimod's serialised model.
        ``"matrix"``: npy, npz of one array or of a scipy.sparse matrix, or Matrix Market, x'Qx; variables count from
        0 as the rows of an array do, so that row 1 of a Matrix Market file is variable 0.
        The same matrix in text: CSV, TSV or blanks, with or without names.
        ``"qplib"``: QPLIB files with binary variables and no constraints; they say their sense. ``"lp"``: the LP
        format, with the same. ``"gsg"``: spin glasses, ``n m`` and lines ``i j J`` from 1, pairs count once; some
        authors write the energy with a minus, so `sense` has to be given. ``"auto"``: by content, then name.
    sense : {"minimize", "maximize"}, optional
        Look for the least or the greatest value; by default what the format means.
    vartype : {"spin", "binary"}, optional
        Needed by COO files that do not state it.
    instance : int, optional
        Which problem of a Beasley file, from 1; needed where it holds several.

    Returns
    -------
    ModelFile
        The model and the reading.

    Raises
    ------
    InputError
        The file is missing, broken, or fits no format or more than one, or says another sense than is asked for (LP,
        QPLIB); names the line.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(folder.name) / "pair.qubo"
    >>> _ = file.write_text("c two bits\np qubo 0 2 2 1\n0 0 -1\n1 1 -1\n0 1 3\n")
    >>> found = read_model(file)
    >>> found.model, found.reading
    (QuadraticModel(2 binary variables, 1 coupling, minimize), 'qbsolv qubo file, pairs count once, minimized')
    >>> folder.cleanup()
    """
    check_model_options(input_format, sense, vartype)
    name = path_name(path)
    data, _ = read_content(name)
    return model_of_content(data, name, input_format, sense, vartype, instance)


def check_model_options(input_format: ModelFormat, sense: Sense | None, vartype: Vartype | None) -> None:
    """Refuse options of `read_model` that are none of those it names.

    Raises
    ------
    InputError
        It names the option, and those there are.
    """
    input_format = check_choice("input_format", input_format, MODEL_FORMATS)
    if sense is not None:
        sense = check_choice("sense", sense, SENSES)
    if vartype is not None:
        vartype = check_choice("vartype", vartype, VARTYPES)


def model_of_content(
    data: bytes,
    name: str,
    input_format: ModelFormat = "auto",
    sense: Sense | None = None,
    vartype: Vartype | None = None,
    instance: int | None = None,
) -> ModelFile:
    r"""Return what `read_model` returns for the content of a file; messages call it `name`.

    Raises
    ------
    InputError
        As in `read_model`.

    Examples
    --------
    >>> model_of_content(b"p qubo 0 1 1 0\n0 0 -1\n", "one.qubo").model
    QuadraticModel(1 binary variable, 0 couplings, minimize)
    """
    kind = input_format if input_format != "auto" else _seen_format(data, name)
    if instance is not None and kind != "beasley":
        raise InputError(
            "only files of the OR-Library (--input-format beasley) hold several instances", path=name
        )
    if not data.startswith((b"\x93NUMPY", b"PK")):
        with in_file(name):
            refuse_binary(data, "a model", "save the matrix with numpy.save, or as CSV")
            refuse_vanishing(data)
    if kind == "matrix":
        market = data.startswith(b"%%MatrixMarket")
        if not market and not data.startswith((b"\x93NUMPY", b"PK")):
            model, words = text_matrix(data, name, asked=input_format == "matrix")
            return _said(
                model, f"matrix Q of x'Qx, {words}, pairs (i, j) and (j, i) both count", sense, vartype, name
            )
        matrix, added = market_matrix(data, name) if market else (matrix_content(data, name), "")
        with in_file(name):
            model = QuadraticModel.from_qubo(matrix)  # type: ignore[arg-type]  # as a file has it
        counted = (
            ", row 1 of the file is variable 0" if market else ""
        )  # as of every matrix; in a graph it is 1
        what, natural = f"matrix Q of x'Qx, pairs (i, j) and (j, i) both count{counted}{added}", "minimize"
        if market:
            above = re.match(rb"(?:%[^\n]*\n|[ \t\r]*\n)*", data)
            what += constants_of_comments((above[0] if above else b"").decode("latin-1").split("\n"), "%")
    elif kind == "json":
        model = dimod_model(data, name)
        what, natural = f"dimod model in JSON, {model.vartype} variables, pairs count once", "minimize"
    else:
        lines = plain_lines(data, name, {"qplib": "[#!%].*", "lp": r"\\.*"}.get(kind, r"^\s*[c#].*"))
        if kind == "qubo":
            model, counting = qubo_model(lines, name)
            what, natural = f"qbsolv qubo file, {counting}{constants_of_comments(lines)}", "minimize"
        elif kind == "sparse":
            model, what, natural = (
                sparse_model(lines, name),
                f"Biq Mac sparse file, pairs count twice{constants_of_comments(lines)}",
                "minimize",
            )
        elif kind == "qplib":
            model = qplib_model(lines, name)
            what, natural = "QPLIB file, one half of x'Hx and b'x", model.sense
        elif kind == "lp":
            model = lp_model("\n".join(lines), name)
            comments = constants_of_comments("#" + row.partition("\\")[2] for row in lines)
            what, natural = f"LP file, linear terms and half of the bracket{comments}", model.sense
        elif kind == "gsg":
            model, natural = gsg_model(lines, name), "minimize"
            if sense is None:
                raise InputError(
                    "fits two readings: --sense minimize (energy sum J s s', as dimod has it) and --sense maximize "
                    "(energy -sum J s s', as in physics; it is minus the value); say which",
                    path=name,
                )
            what = f"spin glass, sum of J s s', pairs count once{constants_of_comments(lines)}"
        elif kind == "beasley":
            model, count = beasley_model(lines, name, instance)
            what, natural = _beasley_words(instance or 1, count) + constants_of_comments(lines), "maximize"
        else:
            lines, below = without_header(lines)
            model, counting = coo_model(lines, name, vartype)
            what, natural = f"COO lines{below}, {model.vartype} variables, {counting}", "minimize"
    if kind in ("qplib", "lp") and sense not in (None, natural):
        raise InputError(
            f"says {natural}, and {sense} is asked for: change that word in the file, or leave the sense out",
            path=name,
        )
    return _said(model, what, sense, vartype, name, natural, asked=kind != "gsg")


def _said(
    model: QuadraticModel,
    what: str,
    sense: Sense | None,
    vartype: Vartype | None,
    name: str,
    natural: str = "minimize",
    *,
    asked: bool = True,
) -> ModelFile:
    """Return a model with its sense and the line about its reading.

    Raises
    ------
    InputError
        Its variables are of another kind than the user said.
    """
    if vartype is not None and model.vartype != vartype:
        raise InputError(f"the file holds {model.vartype} variables, not {vartype}", path=name)
    wanted: Sense = sense if sense is not None else natural  # type: ignore[assignment]
    other = asked and sense is not None and sense != natural
    reading = f"{what}, {wanted}d" + (f" as asked (the format means {natural})" if other else "")
    read = Reading(reading, lost=None if model.reading is None else model.reading.lost)
    return ModelFile(replace(model.with_sense(wanted), reading=read), str(read))


def read_problems(path: str | os.PathLike[str], sense: Sense | None = None) -> Iterator[ModelFile]:
    """Read the problems of an OR-Library file one after the other; the file is read once.

    Parameters
    ----------
    path : str or PathLike
        The file.
    sense : {"minimize", "maximize"}, optional
        As in `read_model`.

    Yields
    ------
    ModelFile
        What ``read_model(path, input_format="beasley", instance=k)`` returns, for k = 1, 2, ...

    Raises
    ------
    InputError
        The file cannot be read, or a problem is malformed.
    """
    if sense is not None:
        sense = check_choice("sense", sense, SENSES)
    name = path_name(path)
    lines = plain_lines(read_content(name)[0], name)
    wanted: Sense = sense or "maximize"
    asked = " as asked (the format means maximize)" if wanted != "maximize" else ""
    for k, (model, count) in enumerate(beasley_models(lines, name), 1):
        reading = f"{_beasley_words(k, count)}, {wanted}d{asked}"
        yield ModelFile(replace(model.with_sense(wanted), reading=Reading(reading)), reading)


def _beasley_words(k: int, count: int) -> str:
    return f"OR-Library file, {PROBLEM.format(k, count)}, pairs count twice"


def problem_of(reading: str | None) -> tuple[int, int] | None:
    """Return which problem of how many a reading names, of a file with several; None if it names none.

    Parameters
    ----------
    reading : str or None
        What `ModelFile.reading` said.

    Examples
    --------
    >>> problem_of("OR-Library file, problem 2 of 10, pairs count twice, maximized"), problem_of("matrix Q of x'Qx")
    ((2, 10), None)
    """
    numbers = r"(\d{1,9})"
    found = re.search(PROBLEM.format(numbers, numbers), reading or "")
    return None if found is None else (int(found[1]), int(found[2]))


def write_coo(model: QuadraticModel, path: str | os.PathLike[str]) -> None:
    """Write a model as COO lines with vartype and offset, which `read_model` and dimod read.

    Parameters
    ----------
    model : QuadraticModel
        Its variables have to be integers from 0 on.
    path : str or PathLike
        The file; replaced as a whole.

    Raises
    ------
    InputError
        A variable is not a number, or the file cannot be written.
    """
    if any(type(label) is not int or label < 0 for label in model.labels):
        raise InputError("COO files name variables by numbers from 0; relabel the model")
    names: list[Any] = list(model.labels)
    i, j, c = model.couplings.edges()
    rows = [f"# vartype={model.vartype.upper()}"]
    if model.offset != 0:
        rows.append(f"# offset={model.offset!r}")
    # a variable without any coefficient is named by a linear term of zero
    rows += [f"{names[k]} {names[k]} {_text(value)}" for k, value in enumerate(model.linear.tolist())]
    rows += [
        f"{names[a]} {names[b]} {_text(w)}"
        for a, b, w in zip(i.tolist(), j.tolist(), c.tolist(), strict=True)
    ]
    write_atomically(path, "\n".join(rows) + "\n")


def _text(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _seen_format(data: bytes, name: str) -> ModelFormat:
    """Return the format: by content, and by name where the content leaves a choice."""
    if data[:6] == b"\x93NUMPY" or data[:2] == b"PK" or data.startswith(b"%%MatrixMarket"):
        return "matrix"
    if data.startswith(b"DIMOD"):
        raise InputError(refusal_of_dimod(data), path=name)
    if not data.strip():
        raise InputError("the file is empty", path=name)
    if data.startswith((*ARROW, STREAM)):
        raise InputError(
            "is a table in Parquet, Feather or Arrow; read it with pandas.read_parquet or pandas.read_feather and pass "
            "the frame to derandkit.minimize_qubo, or its terms as {(u, v): coefficient}",
            path=name,
        )
    refuse_opb(data, name)
    head = data[:4096].lstrip()
    if head[:1] == b"{":
        return "json"
    text = head.decode("utf-8", "replace")
    rows = [row.split() for row in text_lines(text)]
    if any(row[:2] == ["p", "qubo"] for row in rows):
        return "qubo"
    if re.search(rb"(?m)^#[^\n]*vartype\s*[=:]", head):
        return "coo"
    if re.search(rb"(?m)^p\s+w?cnf\b", head):
        raise InputError("is a satisfiability problem; 'derandkit max2sat' takes it", path=name)
    if is_qplib(text):
        return "qplib"
    if is_lp(text):
        return "lp"
    promised = _EXTENSIONS.get(extension(name))
    if promised in ("sparse", "coo", "qubo", "qplib", "gsg"):
        return promised
    if re.match(rb"(?i)(?:\*[^\n]*\n)*name(?![^\n]*[,;|\t])\b", head):  # a header of a table may begin so
        raise InputError(
            "is a program in MPS; write it in the LP format, which is read without constraints", path=name
        )
    if head[:1] == b"[":
        raise InputError(OTHER_JSON, path=name)
    if is_matrix_text(data):
        return "matrix"
    numbers = [row for row in rows if row and row[0] not in ("#", "c")]
    words = any(not word.lstrip("+-").replace(".", "", 1).isdigit() for row in numbers[:1] for word in row)
    if len(numbers) > 1 and len(numbers[0]) == 1 and len(numbers[1]) == 2 and not words:
        return "beasley"
    if any("," in word for row in numbers[:1] for word in row):
        raise InputError(
            "is a table with commas and no square matrix; lines 'i,j,w' of a model need --input-format coo and "
            "--vartype",
            path=name,
        )
    if numbers and len(numbers[0]) == 2 and not words:
        raise InputError(
            "fits two readings: --input-format sparse (Biq Mac: pairs count twice, minimized) and the max-cut graphs "
            "of 'derandkit maxcut'; say which",
            path=name,
        )
    raise InputError(
        f"is none of the formats {', '.join(MODEL_FORMATS[1:])}; lines 'i j w' without a header need "
        "--input-format coo and --vartype",
        path=name,
    )
