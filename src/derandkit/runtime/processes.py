"""Independent tasks over several processes: joblib's own, or those of a dask cluster."""

from __future__ import annotations

import signal
import threading
import warnings
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

from derandkit.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

T = TypeVar("T")

#: What runs processes.
Backend: TypeAlias = Literal["loky", "dask"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)


def spread(
    function: Callable[..., T],
    tasks: Sequence[tuple[Any, ...]],
    *,
    workers: int,
    backend: Backend = "loky",
    address: str | None = None,
    ordered: bool = True,
) -> Generator[T, None, None]:
    """Yield ``function(*task)`` for every task, wherever it is computed.

    Parameters
    ----------
    function : callable
        Known by its module and name, so that other processes find it; what it takes and returns can be pickled.
    tasks : sequence of tuple
        Arguments of each call.
    workers : int
        Processes of the loky backend, or of a dask cluster that has to be started. One worker of the loky backend is
        this process.
    backend : {"loky", "dask"}
        Where the calls run.
    address : str, optional
        A dask scheduler (``"tcp://host:8786"``). Without one: the active client, the scheduler that dask is configured
        for, or a cluster on this machine.
    ordered : bool
        In the order of the tasks, or each as soon as it is there.

    Raises
    ------
    InputError
        No scheduler answers at `address`, or a worker died.
    MissingDependencyError
        dask is asked for and not installed.

    Notes
    -----
    Processes of the loky backend leave Ctrl-C to this one, which ends them. Close the iterator to end the work early.

    Examples
    --------
    >>> list(spread(divmod, [(7, 2), (9, 4)], workers=1))
    [(3, 1), (2, 1)]
    """
    if backend == "loky" and min(workers, len(tasks)) <= 1:
        for task in tasks:
            yield function(*task)
        return
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    dask = backend == "dask"
    form = "generator" if ordered else "generator_unordered"
    with (
        _dask_client(workers, address) if dask else nullcontext(),
        parallel_config(backend="dask" if dask else "loky"),
    ):
        with _interrupts_ignored():
            results = Parallel(n_jobs=-1 if dask else workers, return_as=form)(
                delayed(function)(*task) for task in tasks
            )
        try:
            for result in results:  # noqa: UP028, as "yield from" would end the work with a warning
                yield result
        except BrokenProcessPool:
            raise InputError(
                "a worker process died, most likely for want of memory; run fewer workers"
            ) from None
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # joblib's about tasks that are given up
                results.close()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let processes that are started meanwhile ignore Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _dask_client(workers: int, address: str | None) -> Any:
    """Return a client as a context: of an address, the active one, the configured one, or of a local cluster."""
    try:
        dask: Any = import_module("dask")
        distributed: Any = import_module("distributed")
    except ImportError:
        raise MissingDependencyError("dask.distributed", "dask") from None
    if address is not None:
        try:
            return distributed.Client(address)
        except (OSError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"no dask scheduler answers at {address!r} ({reason})") from None
    try:
        return nullcontext(distributed.get_client())
    except ValueError:
        if dask.config.get("scheduler-address", None):
            return distributed.Client()
        return distributed.Client(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        )
