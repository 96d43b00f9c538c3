"""A structure problem from a file: a TOML configuration of tables, or a table of numbers with a target column.

A configuration has ``[teacher]`` or ``[data]``, and may have ``[student]`` and ``[run]``:

.. code-block:: toml

   [teacher]
   link = "tanh"
   dimension = 20
   directions = 2

   [student]
   width = 32
   depth = 3

   [run]
   penalty = 1e-4
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from derandkit.content import read_text
from derandkit.errors import InputError, in_file
from derandkit.options import check_choice, path_name
from derandkit.runtime.streams import own_descriptor
from derandkit.structure.choices import FREEZABLE, METHODS, NEEDS_CONSTANTS, OPTIMIZERS
from derandkit.structure.data import RegressionData
from derandkit.structure.intake.targets import Task, standardised, task_of
from derandkit.structure.intake.toml import read_toml
from derandkit.structure.options import DATA_WIDTH, check_options, real, whole
from derandkit.structure.student import Student
from derandkit.structure.teacher import Teacher
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from derandkit.points.columns import Columns, TableOptions
    from derandkit.records import JsonMapping, JsonObject

#: Keys of [run] that are no options of `derandkit.discover_structure`.
STEP_SIZE, BATCH, RNG = "step_size", "batch", "rng"
#: They belong to the stochastic methods.
STOCHASTIC = (STEP_SIZE, BATCH, RNG)
#: 200 batches are made at once.
LARGEST_BATCH = 1 << 16
STUDENT_KEYS = ("width", "depth", "activation", "sharpness", "output_bias", "start", "stream")
RUN_KEYS = (
    "loss",
    "penalty",
    "method",
    "max_steps",
    "frozen",
    "upper_penalty",
    "rank",
    "controls",
    *STOCHASTIC,
)
DATA_KEYS = ("table", "target", "standardise", "columns", "drop", "label", "header")


class Configuration(NamedTuple):
    """What a TOML configuration says.

    Parameters
    ----------
    problem : Teacher or RegressionData
        The problem.
    student : Student
        The network.
    run : dict
        Options of `derandkit.discover_structure`, and ``step_size``, ``batch`` and ``rng`` of the methods ``"sgd"``
        and ``"adam"``.
    """

    problem: Teacher | RegressionData
    student: Student
    run: JsonObject

    def options(self) -> JsonObject:
        """Return the options as `derandkit.discover_structure` takes them; loads the training code."""
        options = dict(self.run)
        own = {name: options.pop(name) for name in STOCHASTIC if name in options}
        if own:
            from dataclasses import replace

            from derandkit.structure.methods import as_method

            options["method"] = replace(as_method(options["method"], 0.0, None), **own)
        return options


def configuration_claims(instance: object) -> JsonObject | None:
    """Return what a configuration asks of student and run, in the form of a record; None for any other instance.

    Returns
    -------
    dict or None
        ``student`` and ``settings``, to be compared with those of a record.

    Raises
    ------
    InputError
        As `read_configuration`.
    """
    if not isinstance(instance, (str, os.PathLike)) or not os.fspath(instance).lower().endswith(".toml"):
        return None
    configuration = read_configuration(instance)
    run, problem = configuration.run, configuration.problem
    taught = isinstance(problem, Teacher)
    penalty = run.get("penalty", 1e-4 if taught else "auto")
    method = run.get("method", "lemma")
    if method in ("sgd", "adam"):
        step = run.get(STEP_SIZE, 0.05 if method == "sgd" else 1e-3)
        method = f"{method}, batch {run.get(BATCH, 50)}, step {step:g}"
    else:
        method = {"lemma": "LemmaDescent", "hessian": "HessianDescent"}[method]
    frozen = run.get("frozen", ())
    settings = {
        "loss": run.get("loss", problem.loss if isinstance(problem, RegressionData) else "squared"),
        "penalty": penalty if penalty == "auto" else abs(float(penalty)),  # a zero has no sign in a record
        "upper_penalty": "auto"
        if penalty == "auto" and "upper_penalty" not in run
        else abs(float(run.get("upper_penalty", 0.0))),
        "method": method,
        "frozen": [name for name in FREEZABLE if name in frozen],
        "rank": None if taught else run.get("rank"),
        "max_steps": run.get("max_steps"),
        "controls": run.get("controls", True),
    }
    return {"student": configuration.student.describe(), "settings": settings}


def read_configuration(path: str | os.PathLike[str]) -> Configuration:
    """Read a TOML configuration.

    Raises
    ------
    InputError
        If the file cannot be read, is not TOML, or a table or key is unknown or cannot be used.
    """
    return make_configuration(read_tables(path), path_name(path))


def make_configuration(tables: JsonMapping, name: str | None) -> Configuration:
    """Make a configuration of its tables; errors name the file they came from, and paths are relative to its folder.

    Raises
    ------
    InputError
        If a table or key is unknown, or a value cannot be used.
    """
    try:
        return configuration_of(tables, Path() if name is None else Path(name).parent)
    except InputError as error:
        if error.path is not None or name is None:
            raise
        raise InputError(error.message, path=name) from None


def read_tables(path: str | os.PathLike[str]) -> JsonObject:
    """Read the tables of a TOML configuration as they are.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    """
    name = path_name(path)
    text = read_text(name, "a TOML file")
    try:
        tables = read_toml(text)
    except InputError as error:
        a_table = error.message.startswith("is not TOML") and not name.lower().endswith(".toml")
        hint = "; a table is given by --data, with --target" if a_table else ""
        raise InputError(f"{error.message}{hint}", path=name, line=error.line) from None
    for key, table in tables.items():
        if not isinstance(table, Mapping):
            raise InputError(f"{key!r} must be a table", path=name)
    return tables


def moved(tables: JsonMapping, before: Path, after: Path) -> JsonObject:
    """Return tables whose paths, relative to a folder, are relative to another one.

    Parameters
    ----------
    tables : mapping
        Tables of a configuration that can be used.
    before, after : Path
        The two folders.

    Examples
    --------
    >>> moved({"data": {"table": "t.csv", "target": "y"}}, Path("a"), Path("a/b"))["data"]["table"]
    '../t.csv'
    """
    if "data" not in tables or os.path.isabs(tables["data"]["table"]):
        return dict(tables)
    place = before / tables["data"]["table"]
    real = os.path.realpath(place.parent)  # ``..`` behind a link leads elsewhere
    try:
        name = os.path.relpath(os.path.join(real, place.name), os.path.realpath(after))
    except ValueError:  # another drive
        name = os.path.join(real, place.name)
    return {**tables, "data": {**tables["data"], "table": name}}


def configuration_of(tables: JsonMapping, folder: Path) -> Configuration:
    """Make problem, student and options of the tables of a configuration; `folder` is what paths in it are relative to.

    Raises
    ------
    InputError
        If a table or key is unknown, or a value cannot be used.
    """
    _known(tables, ("teacher", "data", "student", "run"), "the configuration", "table")
    if ("teacher" in tables) == ("data" in tables):
        raise InputError("a configuration needs either a [teacher] or a [data] table")
    run = dict(tables.get("run", {}))
    _known(run, RUN_KEYS, "[run]")
    _made(lambda t: _check_run(t, "teacher" in tables), "[run]", run)
    if "teacher" in tables:
        problem: Teacher | RegressionData = _made(Teacher.from_mapping, "[teacher]", tables["teacher"])
    else:
        table = tables["data"]
        _known(table, DATA_KEYS, "[data]")
        for key in ("table", "target"):
            if key not in table:
                raise InputError(f"[data] needs {key!r}")
        if not isinstance(table["table"], str):
            raise InputError(f"[data]: 'table' is the name of a file, got {table['table']!r:.60}")
        problem = RegressionData.from_file(
            _plain_file(folder, table["table"]),
            table["target"],
            standardise=table.get("standardise", standardised(run.get("loss"))),
            task=task_of(run.get("loss")),
            columns=_listed(table.get("columns"), "columns"),
            drop=_listed(table.get("drop"), "drop"),
            label=_column(table.get("label")),
            header=_flag(table.get("header")),
        )
    student = dict(tables.get("student", {}))
    _known(student, STUDENT_KEYS, "[student]")
    if "data" in tables:
        student.setdefault("width", DATA_WIDTH)
    if "sharpness" in student and student.get("activation") != "softplus":
        raise InputError("[student]: the sharpness belongs to the activation softplus")
    return Configuration(problem, _made(lambda t: Student(**t), "[student]", student), run)


def as_instance(instance: object, record: JsonMapping) -> Teacher | RegressionData:
    """Return the problem a record is to be checked against.

    Parameters
    ----------
    instance : Teacher, RegressionData, pair (X, y) or path
        A path names a TOML configuration, or a table whose target column the record names.
    record : mapping
        The record.

    Raises
    ------
    InputError
        If it is none of these, or cannot be read.
    """
    if isinstance(instance, (Teacher, RegressionData)):
        return instance
    claimed = record.get("problem")
    claimed = claimed if isinstance(claimed, Mapping) else {}
    standardise = claimed.get("standardise") is not False
    task: Task = "classes" if claimed.get("classes") else "numbers"
    if isinstance(instance, (tuple, list)) and len(instance) in (2, 3):
        weights = instance[2] if len(instance) == 3 else None
        return RegressionData(instance[0], instance[1], standardise=standardise, task=task, weights=weights)
    if isinstance(instance, (str, os.PathLike)):
        name = os.fspath(instance)
        if name.lower().endswith(".toml"):
            return read_configuration(name).problem
        return of_record(name, record)
    raise InputError(
        f"a structure record is checked against a Teacher, data or a path, got {type(instance).__name__}"
    )


def of_record(path: str, record: JsonMapping, **chosen: Unpack[TableOptions]) -> RegressionData:
    """Read the columns of a file that a record names as inputs; all but the target where it names none.

    Parameters
    ----------
    path : str
        The file.
    record : mapping
        The record, which names the target.
    **chosen
        ``columns``, ``drop``, ``label`` and ``header`` of `RegressionData.from_file`, in place of what the record says.

    Raises
    ------
    InputError
        If the record names no target, or the file cannot be read.
    """
    claimed = record.get("problem")
    claimed = claimed if isinstance(claimed, Mapping) else {}
    standardise = claimed.get("standardise") is not False
    task: Task = "classes" if claimed.get("classes") else "numbers"
    target = claimed.get("target")
    if not isinstance(target, (str, int)):
        raise InputError(
            "the record does not name the target column; pass the TOML configuration, or (X, y)", path=path
        )
    if any(value is not None for value in chosen.values()):
        return RegressionData.from_file(path, target, standardise=standardise, task=task, **chosen)
    listed = claimed.get("names")
    header = isinstance(listed, list)
    names = None
    if isinstance(listed, list) and listed and all(type(name) is str for name in listed):
        names = tuple(listed) if len(set(listed)) == len(listed) else None
    from derandkit.structure.intake.table import read_target_table

    table = read_target_table(path, target, names, header=header, recorded=True)
    with in_file(path):
        return RegressionData(table.X, table.y, table.names, standardise, target, table.reading, task)


#: What is no file that can be read at once, by the test of its mode.
_WAITS = {
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
    stat.S_ISSOCK: "a socket",
}


def _plain_file(folder: Path, name: str) -> Path:
    """Return the path of a table; a file that was given must not make a reader wait for what may never come.

    Raises
    ------
    InputError
        It is no regular file, and not standard input either, or the name is empty.

    Examples
    --------
    >>> _plain_file(Path("/dev"), "null")
    Traceback (most recent call last):
    derandkit.errors.InputError: [data]: the table 'null' is a device, not a file
    >>> _plain_file(Path("a"), "none.csv").name
    'none.csv'
    """
    if not name:
        raise InputError("[data]: the name of the table is empty; name a file")
    path = folder / name
    if own_descriptor(path) == 0:
        return path
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # the reader says why
        return path
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return path
    what = next((words for is_one, words in _WAITS.items() if is_one(mode)), "something else")
    raise InputError(f"[data]: the table {name!r:.60} is {what}, not a file")


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise InputError(f"[data]: 'header' is true or false, got {quoted(value)}")
    return value


def _column(value: object) -> str | int | None:
    if value is None or isinstance(value, str) or whole(value):
        return value
    raise InputError(f"[data]: 'label' is the name or the number of a column, got {quoted(value)}")


def _listed(value: object, key: str) -> Columns:
    """Return columns as a configuration gives them: a list of names and numbers, or one text with commas."""
    if value is None or isinstance(value, str) or whole(value):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) or whole(item) for item in value):
        return value
    raise InputError(f"[data]: {key!r} is a list of names or numbers of columns, got {quoted(value)}")


def _known(table: JsonMapping, keys: tuple[str, ...], where: str, what: str = "key") -> None:
    unknown = sorted(set(table) - set(keys))
    if unknown:
        raise InputError(f"{where} has no {what} {unknown[0]!r}; it may have {', '.join(keys)}")


def _check_run(run: JsonMapping, taught: bool) -> None:
    check_options(**{key: value for key, value in run.items() if key not in STOCHASTIC})
    if check_choice("method", run.get("method", METHODS[0]), METHODS) == "perturbed":
        raise InputError(NEEDS_CONSTANTS)
    for key, name in ((STEP_SIZE, "the step size"), (BATCH, "the size of a batch"), (RNG, "rng")):
        if key in run and run.get("method") not in OPTIMIZERS:
            raise InputError(f"{name} belongs to the methods sgd and adam")
    if STEP_SIZE in run and not (real(run[STEP_SIZE]) and run[STEP_SIZE] > 0):
        raise InputError(f"the step size must be positive and finite, got {run[STEP_SIZE]!r:.60}")
    if BATCH in run and not (whole(run[BATCH]) and 1 <= run[BATCH] <= LARGEST_BATCH):
        raise InputError(f"a batch holds 1 to {LARGEST_BATCH} inputs, got {run[BATCH]!r:.60}")
    if RNG in run and not (whole(run[RNG]) and run[RNG] >= 0):
        raise InputError(f"rng must be a whole number, at least 0, got {run[RNG]!r:.60}")
    if taught and "rank" in run:
        raise InputError("rank belongs to data; what a teacher depends on is known")


def _made(make: Callable[[Any], Any], where: str, table: object) -> Any:
    try:
        return make(table)
    except InputError as error:
        raise InputError(f"{where}: {error.message}") from None
    except TypeError as error:
        raise InputError(f"{where}: {error}") from None
