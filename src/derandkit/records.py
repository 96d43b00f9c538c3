"""Result records on disk: canonical JSON, sealed against accidental edits, written whole or not at all.

Canonical means sorted keys, shortest round-trip floats, no times and no paths, so that equal results are equal
bytes. The seal is the SHA-256 of the record without its seal; it shows that a file is the one that was written.
It proves nothing about the mathematics: that is what the certificate checks are for.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import math
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from derandkit.content import limit, read_text
from derandkit.errors import InputError, first_line
from derandkit.options import path_name
from derandkit.runtime.signals import waiting
from derandkit.runtime.streams import destination, is_output, own_descriptor, size_of, write_into, write_to
from derandkit.runtime.unfinished import unfinished, unmovable
from derandkit.tables import repeated
from derandkit.words.quoting import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derandkit.numerics.typing import FloatArray

#: A value that JSON can hold.
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
#: An object of JSON, to be read, and one that is made. What a key holds is known to who wrote it, not to a type.
JsonMapping: TypeAlias = Mapping[str, Any]
JsonObject: TypeAlias = dict[str, Any]

#: A result file larger than this, or than `limit`, is refused before it is read: a graph of a million vertices takes a
#: tenth of it.
MOST_BYTES = 2**30
#: Values in a result file: each takes some seventy bytes once it is read, and two of a file.
MOST_VALUES = 2**25
#: Axes of an encoded array, and numbers along one.
MOST_AXES, LONGEST_AXIS = 4, 2**40
#: Characters of the line that says how an input was read.
MOST_CHARACTERS = 500

#: How a temporary file is opened: it must not exist, not even as a link.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def canonical_json(record: JsonMapping) -> str:
    r"""Return the one JSON text of a record.

    Parameters
    ----------
    record : mapping
        JSON values only; NaN and infinities are refused.

    Returns
    -------
    str
        Indented by one space, keys sorted, ending in a newline.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": [0.1, 2]})
    '{\n "a": [0.1, 2],\n "b": 1\n}\n'
    """
    body = ",\n".join(
        f" {json.dumps(key)}: {json.dumps(record[key], sort_keys=True, allow_nan=False, ensure_ascii=False)}"
        for key in sorted(record)
    )
    return f"{{\n{body}\n}}\n" if body else "{}\n"


def seal(record: JsonMapping) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of `record` without its ``seal`` key.

    Examples
    --------
    >>> seal({"a": 1}) == seal({"a": 1, "seal": "anything"})
    True
    """
    unsealed = {key: value for key, value in record.items() if key != "seal"}
    return hashlib.sha256(canonical_json(unsealed).encode("utf-8")).hexdigest()


def sealed(record: JsonMapping) -> JsonObject:
    """Return a copy of `record` with its ``seal``; every zero in it is written without a sign.

    Examples
    --------
    >>> sealed({"a": [-0.0, -1.0]})["a"]
    [0.0, -1.0]
    """
    if has_signed_zero(record):
        record = {key: _unsigned(value) for key, value in record.items()}
    return {**record, "seal": seal(record)}


def _unsigned(value: Json) -> Json:
    """Return a value with 0.0 in place of -0.0."""
    if isinstance(value, Mapping):
        return {key: _unsigned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unsigned(item) for item in value]
    return 0.0 if isinstance(value, float) and value == 0.0 else value


def has_signed_zero(record: JsonMapping) -> bool:
    """Whether a record holds -0.0, which is zero written in a second way; anything may be wrong with the record.

    Examples
    --------
    >>> has_signed_zero({"a": [{"b": -0.0}]}), has_signed_zero({"a": "-0.0", "b": -0.05, "c": 0.0})
    (True, False)
    """
    waiting: list[object] = [record]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
        elif isinstance(value, float) and value == 0.0 and math.copysign(1.0, value) < 0.0:
            return True
    return False


def short_line(text: str) -> str:
    r"""Return a text for a record that says how an input was read: one line, cut off after 500 characters.

    Examples
    --------
    >>> short_line("edge list, 2 columns: u v\n")
    'edge list, 2 columns: u v\\n'
    >>> len(short_line("x" * 10_000))
    500
    """
    line = printable(text)
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 3]}..."


def read_record(path: str | os.PathLike[str]) -> JsonObject:
    """Read a result record.

    Parameters
    ----------
    path : str or PathLike
        A JSON file written by derandkit.

    Returns
    -------
    dict
        The record; its content is not checked here.

    Raises
    ------
    InputError
        If the file is missing, unreadable, not JSON, or not a JSON object.
    """
    name = path_name(path)
    if name.lstrip()[:1] == "{" and not os.path.exists(name):
        raise InputError("a result is a record or a path, got the text of a record; pass json.loads(text)")
    most = min(MOST_BYTES, limit())
    if (size := size_of(name)) > most:
        lowered = ", as DERANDKIT_MAX_BYTES says" if most < MOST_BYTES else ""
        raise InputError(f"has {size} bytes; a result file has at most {most}{lowered}", path=name)
    text = read_text(name, "a result file", most)  # the size of a pipe is not known beforehand
    try:
        return parse_record(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}", path=name, line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not a result file: {printable(first_line(error, 2000))}", path=name) from None


def parse_record(text: str) -> JsonObject:
    """Read the JSON text of a record, and refuse what two readers could read in two ways.

    Parameters
    ----------
    text : str
        JSON.

    Returns
    -------
    dict
        The record; its content is not checked here.

    Raises
    ------
    ValueError
        If the text is no JSON object or holds more than `MOST_VALUES` values; if a key stands twice in an object, a
        number is not finite or is written ``-0``, or a text holds half of a character (a lone surrogate).

    Examples
    --------
    >>> parse_record('{"a": 1}')
    {'a': 1}
    >>> parse_record('{"a": 1, "a": 2}')
    Traceback (most recent call last):
        ...
    ValueError: the key 'a' stands twice in one object
    """
    if (values := sum(map(text.count, ",[{"))) > MOST_VALUES:
        raise ValueError(f"it holds {values} values; a result file has at most {MOST_VALUES}")
    record = json.loads(
        text,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_whole,
        object_pairs_hook=_without_duplicates,
    )
    if not isinstance(record, dict):
        raise ValueError("the JSON value is not an object")
    if "\\ud" in text.lower():  # only an escape can make a surrogate
        try:
            json.dumps(record, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("a text holds a lone surrogate, which is no character") from None
    return record


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that a result may hold")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is beyond the range of numbers that a result may hold")
    return value


def _whole(text: str) -> int:
    if text == "-0":
        raise ValueError("-0 is not how an integer is written")
    return int(text)


def _without_duplicates(pairs: list[tuple[str, Json]]) -> JsonObject:
    twice = repeated_key(pairs)
    if twice is not None:
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return dict(pairs)


def repeated_key(pairs: Sequence[tuple[str, object]]) -> str | None:
    """Return the first key of a JSON object that was there before; readers of JSON keep its last value alone.

    Examples
    --------
    >>> repeated_key([("a", 1), ("b", 2), ("a", 3)]), repeated_key([("a", 1)])
    ('a', None)
    """
    return repeated(key for key, _ in pairs)


def write_atomically(path: str | os.PathLike[str], data: str | bytes) -> None:
    """Write a file whole or not at all: into a temporary neighbour, then renamed over the target.

    A symbolic link stays, and what it points at is written. A device, a pipe or a descriptor (``/dev/stdout``) is
    written into, never replaced. A file that exists keeps its mode.

    Raises
    ------
    InputError
        If the folder does not exist or cannot be written to, the file is one that may not be written, or the disk is
        full; the old file is then as it was.
    """
    path = path_name(path)
    if not path:
        raise InputError("the name of the file to write is empty; name a file")
    payload = data.encode("utf-8") if isinstance(data, str) else data
    before = standing_mode(path)
    try:
        if (descriptor := own_descriptor(path)) is not None:
            with waiting(elsewhere=not is_output(descriptor)):
                write_to(descriptor, payload)
            return
        if before is not None and not stat.S_ISREG(before):
            with waiting():  # a pipe waits for its reader
                write_into(path, payload)
            return
        target = Path(destination(path))
        refuse_kept_file(path, before)
        # named before it exists, so that a process which a signal ends between the two leaves nothing behind
        temporary = str(target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}"))
        with unfinished(temporary):
            with os.fdopen(os.open(temporary, _NEW, 0o666 if before is None else 0o600), "wb") as stream:
                stream.write(payload)
                stream.flush()
                if before is not None:
                    with contextlib.suppress(FileNotFoundError):  # it has gone meanwhile
                        _like(stream.fileno(), temporary, os.stat(target))
                os.fsync(stream.fileno())
            os.replace(temporary, target)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path=os.fspath(path)) from None


def standing_mode(target: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> int | None:
    """Return the mode of what stands where something shall be written; None where nothing does.

    Parameters
    ----------
    target : str or PathLike
        Where it stands.
    path : str or PathLike, optional
        What the message calls it; `target` unless given.

    Raises
    ------
    InputError
        The system does not say: the name is too long, or a folder may not be entered.

    Examples
    --------
    >>> stat.S_ISDIR(standing_mode(".")), standing_mode("no such file")
    (True, None)
    """
    try:
        return os.stat(target).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        name = os.fspath(target if path is None else path)
        raise InputError(f"cannot be written: {error.strerror}", path=name) from None


def refuse_kept_file(target: str | os.PathLike[str], mode: int | None) -> None:
    """Refuse a regular file that the user may not write, also where its folder allows to replace it, or not replace.

    Parameters
    ----------
    target : str or PathLike
        What shall be written.
    mode : int, optional
        Its `standing_mode`.

    Raises
    ------
    InputError
        It is read-only, belongs to somebody else who allows no other to write, or keeps its place (`unmovable`).
    """
    if mode is None or not stat.S_ISREG(mode):
        return
    if not os.access(target, os.W_OK):
        reason = "no permission to write this file; name another one, or change its mode"
    elif (kept := unmovable(target)) is None:
        return
    else:
        reason = f"{kept}, so no other can take its place; name another file"
    raise InputError(reason, path=path_name(target))


def _like(descriptor: int, name: str, before: os.stat_result) -> None:
    """Give a new file the owner, group and mode of the one whose place it takes, as far as the system allows it.

    By its descriptor: who owns the folder may put a link to any file in its place meanwhile.
    """
    for owner in (before.st_uid, -1) if hasattr(os, "fchown") else ():
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, before.st_gid)
            break
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    else:
        os.chmod(name, stat.S_IMODE(before.st_mode))


def encode_array(array: NDArray[np.generic], dtype: str) -> JsonObject:
    """Encode an array as base64 of its little-endian C-order bytes.

    Parameters
    ----------
    array : ndarray
        The numbers.
    dtype : {"<f4", "<f8", "<i4", "<i8"}
        The type they are stored as.

    Examples
    --------
    >>> import numpy as np
    >>> encode_array(np.array([1.0, 2.0]), "<f4")
    {'base64': 'AACAPwAAAEA=', 'dtype': '<f4', 'shape': [2]}
    """
    import numpy as np

    data = np.ascontiguousarray(array, dtype=dtype)
    return {
        "base64": base64.b64encode(data.tobytes()).decode("ascii"),
        "dtype": dtype,
        "shape": list(data.shape),
    }


def decode_array(record: object) -> FloatArray:
    """Decode what `encode_array` wrote, as float64.

    Raises
    ------
    ValueError
        If the record is malformed or its length does not fit its shape.
    """
    import numpy as np

    if not isinstance(record, Mapping) or record.get("dtype") not in ("<f4", "<f8", "<i4", "<i8"):
        raise ValueError("not an encoded array")
    shape = record.get("shape")
    # looked at before sizes are multiplied: of as many as a record likes the product takes hours
    if (
        not isinstance(shape, (list, tuple))
        or len(shape) > MOST_AXES
        or not all(type(k) is int and 0 <= k <= LONGEST_AXIS for k in shape)
    ):
        raise ValueError("an encoded array needs a shape")
    text = record.get("base64", "")
    # four characters for three bytes: a shape that does not fit its text is refused before it is decoded
    if not isinstance(text, str) or len(text) != 4 * -(-math.prod(shape) * int(record["dtype"][-1]) // 3):
        raise ValueError("the text of an encoded array does not fit its shape")
    data = base64.b64decode(text, validate=True)
    return np.frombuffer(data, dtype=record["dtype"]).reshape(shape).astype(np.float64)


def no_result(record: JsonMapping) -> str:
    """Return why a JSON object is not the record of a result, in words that go behind its name.

    Examples
    --------
    >>> no_result({}), no_result({"schema": "cake"})
    ('has no schema, so it is not a derandkit result', "has schema 'cake', which is not a derandkit result")
    """
    if "schema" not in record:
        return "has no schema, so it is not a derandkit result"
    if record["schema"] == "derandkit-derandomization":  # it can be loaded
        return "is of a function in Python, so there is no instance to check it against"
    return f"has schema {record['schema']!r:.60}, which is not a derandkit result"
