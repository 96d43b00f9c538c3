"""The one place that decides how kernels are compiled.

Kernels are compiled on first call and cached on disk. On a read-only install without a writable cache directory
numba refuses to create the cache when the decorator runs; then the kernel is compiled without one.
``fastmath`` and ``parallel`` stay off: decisions rest on these numbers, so their bits must not depend on
reassociation or on the number of threads.
"""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numpy as np

from derandkit.errors import MissingDependencyError
from derandkit.numerics.typing import FloatArray, SingleArray

#: What numba reads in the current folder.
_SETTINGS = ".numba_config.yaml"


@contextmanager
def _without_yaml() -> Iterator[None]:
    """Let nothing import yaml in a block, in no thread: numba then reads no settings."""
    known = sys.modules.get("yaml")
    sys.modules["yaml"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["yaml"]
        if known is not None:
            sys.modules["yaml"] = known


@contextmanager
def _settings_of_the_environment() -> Iterator[None]:
    """Import numba in a block, without the settings that lie in the current folder.

    numba looks for `_SETTINGS` there, when it is imported and at every compilation. Such a file names the
    folder of compiled kernels, and those are pickles, which may do anything when they are loaded. A program that has
    imported numba before has chosen its settings itself.
    """
    if "numba" in sys.modules:
        yield
        return
    if os.path.lexists(_SETTINGS):
        with _without_yaml(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="A Numba config file is found")
            yield
    else:  # other threads of the program may import yaml
        yield
    settings = import_module("numba.core.config")
    vars(settings)["_config_fname"] = ""
    settings.reload_config()


try:
    with _settings_of_the_environment():
        import numba
        from llvmlite import ir
        from numba import types
        from numba.core import cgutils
        from numba.core.caching import FunctionCache
        from numba.core.typing.context import BaseContext as TypingContext
        from numba.core.typing.templates import Signature
        from numba.extending import intrinsic, overload
except ImportError as error:  # numba is young on new Pythons and strict about numpy: one line, no traceback
    reason = "" if isinstance(error, ModuleNotFoundError) else " ".join(str(error).split())
    raise MissingDependencyError("numba", reason=reason) from error

P = ParamSpec("P")
T = TypeVar("T")

#: numba's context of code generation, and its tools: their methods have no types.
Lowering: TypeAlias = Any
tools: Lowering = cgutils
#: Writes the instructions of a call: context, builder, signature and arguments in, result out.
Emit: TypeAlias = Callable[[Lowering, ir.IRBuilder, Signature, Sequence[ir.Value]], ir.Value]
#: What numba asks of an intrinsic: the signature of the call, and who writes its instructions.
Typed: TypeAlias = tuple[Signature, Emit]
#: A matrix whose rows are fetched ahead of time.
Rows: TypeAlias = FloatArray | SingleArray


#: What reading a damaged index or kernel raises.
_DAMAGED = (ValueError, TypeError, LookupError, EOFError, AttributeError, ImportError, pickle.UnpicklingError)


def kernel(function: Callable[P, T]) -> Callable[P, T]:
    """Compile `function` with numba in nopython mode, cached when a cache directory can be written.

    Parameters
    ----------
    function : callable
        Plain arrays in, caller-allocated arrays out. It may call only kernels of its own file, because the
        cache does not notice edits elsewhere.

    Returns
    -------
    callable
        The compiled function; the Python original stays available as ``.py_func``.

    Examples
    --------
    >>> @kernel
    ... def double(x: float) -> float:
    ...     return 2.0 * x
    >>> double(21.0)
    42.0
    """
    try:
        compiled: Lowering = numba.njit(cache=True, nogil=True)(function)
        if isinstance(getattr(compiled, "_cache", None), FunctionCache):
            compiled._cache = _Cache(function)
        return compiled  # type: ignore[no-any-return, unused-ignore]
    except RuntimeError:  # "cannot cache function ...: no locator available"
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return, unused-ignore]


def read_only(array: FloatArray) -> FloatArray:
    """Return a view that cannot be written.

    numba compiles a kernel once for arrays that can be written and once for those that cannot. A kernel that only
    reads an argument gets this view of it, and is compiled once.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view


_FunctionCache: Lowering = FunctionCache  # numba has no types


class _Cache(_FunctionCache):  # type: ignore[misc]
    """Compiled kernels on disk that may be damaged, or on a disk that is full: then kernels are compiled again."""

    def load_overload(self, sig: Lowering, target_context: Lowering) -> Lowering:
        """Return a compiled kernel, or None where there is none that can be read."""
        try:
            return super().load_overload(sig, target_context)
        except (OSError, *_DAMAGED):
            return None

    def save_overload(self, sig: Lowering, data: Lowering) -> None:
        """Keep a compiled kernel; an index that cannot be read is begun again."""
        try:
            try:
                super().save_overload(sig, data)
            except _DAMAGED:
                self.flush()
                super().save_overload(sig, data)
        except OSError:
            pass


@kernel
def _same(x: float) -> float:
    return x


def cache_folder() -> str | None:
    """Return the folder below which compiled kernels are kept, or None where none can be written.

    ``NUMBA_CACHE_DIR`` chooses it; else it is that of the package, in folders ``__pycache__``, and if that cannot be
    written, numba's folder for the user.
    """
    place = getattr(getattr(_same, "_cache", None), "cache_path", None)
    if place is None:
        return None
    folder = Path(place)
    return str(folder.parents[1] if folder.name == "__pycache__" else folder.parent)


def _emit_prefetch(
    context: Lowering, builder: ir.IRBuilder, signature: Signature, arguments: Sequence[ir.Value]
) -> ir.Value:
    """Write the instruction: the address of the row, then for reading, to be kept, of data."""
    rows = context.make_array(signature.args[0])(context, builder, arguments[0])
    byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
    stride = tools.unpack_tuple(builder, rows.strides)[0]
    place = builder.mul(builder.sext(arguments[1], stride.type), stride)
    address = builder.gep(builder.bitcast(rows.data, byte), [place])
    kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
    function = tools.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    builder.call(function, [address, word(0), word(3), word(1)])
    return context.get_dummy_value()


def _type_prefetch(_typing: TypingContext, rows: types.Array, row: types.Type) -> Typed:
    return types.void(rows, row), _emit_prefetch


_fetch = cast("Callable[[Rows, int | np.integer], None]", intrinsic(_type_prefetch))


def prefetch(rows: Rows, row: int | np.integer) -> None:
    """Ask for ``rows[row]`` (`row` an int32) before it is needed, inside a kernel; plain Python does nothing.

    It changes nothing but time: what follows an index through a large array waits at every step that was not
    announced.
    """


@overload(prefetch, inline="always")
def _compiled_prefetch(rows: Rows, row: int | np.integer) -> Callable[[Rows, int | np.integer], None]:
    def ask(rows: Rows, row: int | np.integer) -> None:
        _fetch(rows, row)

    return ask
