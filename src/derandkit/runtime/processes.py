"""Independent tasks over several processes: those of this machine, or of a dask cluster.

A task whose process dies is named, and the other tasks go on. No process outlives the one that started it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

from derandkit.errors import InputError
from derandkit.runtime.clock import current
from derandkit.runtime.cluster import Cluster, dask_client
from derandkit.runtime.interrupts import forewarn, stop_running
from derandkit.runtime.lacking import ScarceError, folder_gone, needing, sharing
from derandkit.runtime.signals import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from multiprocessing.synchronize import Semaphore
    from types import FrameType
    from typing import Self

T = TypeVar("T")

#: What runs processes.
Backend: TypeAlias = Literal["loky", "dask"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)

#: What limits the threads of the libraries that a task may use; each process gets its share of the cores.
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip

#: Seconds between two looks at what is not waited for: a request to stop, a parent that is gone.
LOOK = 0.2

_PR_SET_PDEATHSIG = 1
_SIGXCPU: signal.Signals | None = getattr(signal, "SIGXCPU", None)


def spread(
    function: Callable[..., T],
    tasks: Sequence[tuple[Any, ...]],
    *,
    workers: int,
    backend: Backend = "loky",
    address: str | None = None,
    ordered: bool = True,
    lost: Callable[..., T] | None = None,
    stopped: Callable[[], bool] | None = None,
    gently: bool = False,
) -> Generator[T, None, None]:
    """Yield ``function(*task)`` for every task, wherever it is computed.

    Parameters
    ----------
    function : callable
        Known by its module and name, so that other processes find it; what it takes and returns can be pickled.
    tasks : sequence of tuple
        Arguments of each call. A sequence that makes its items when they are asked for is asked for each in its
        turn (dask: for all at once), and again for one whose process died; an `InputError` that it raises comes after
        the results of the tasks before.
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
    lost : callable, optional
        ``lost(*task)`` is yielded for a task whose process died; without it that is an error.
    stopped : callable, optional
        Asked while nothing arrives; no more is yielded once it says True. By default the clock of the computation that
        runs is asked.
    gently : bool
        Once `stopped` says True, ask the processes of the loky backend to stop too, as Ctrl-C asks a call
        (`derandkit.runtime.interrupts`), and yield what their tasks return; tasks that wait do not begin. Tasks of dask
        that have ended are yielded, the others are cancelled.

    Raises
    ------
    InputError
        No scheduler answers at `address`, its workers are gone, or a process died and there is no `lost`.
    MissingDependencyError
        dask is chosen and not installed.

    Notes
    -----
    Processes of the loky backend leave signals that ask for an end to this one, which ends them: a terminal,
    ``timeout`` and batch systems send theirs to every process of a run. They end within a second after this one does,
    however it ends. One that reaches its limit of processor time (SIGXCPU) stops its call as Ctrl-C would. Close the
    iterator to end the work early.

    Examples
    --------
    >>> list(spread(divmod, [(7, 2), (9, 4)], workers=1))
    [(3, 1), (2, 1)]
    """
    stopped = stopped or _clock_stopped()
    if backend == "loky" and min(workers, len(tasks)) <= 1:
        for number in range(len(tasks)):  # no name holds a task while the next one is made
            if stopped():
                return
            yield function(*tasks[number])
        return
    with team(workers if backend == "dask" else min(workers, len(tasks)), backend, address) as crew:
        yield from crew.run(function, tasks, ordered=ordered, lost=lost, stopped=stopped, gently=gently)


@contextmanager
def team(workers: int, backend: Backend = "loky", address: str | None = None) -> Iterator[Team]:
    """Keep processes for several rounds of tasks; arguments are those of `spread`.

    Examples
    --------
    >>> from derandkit.runtime.processes import team
    >>> with team(2) as crew:
    ...     print(list(crew.run(divmod, [(7, 2), (9, 4)])), list(crew.run(pow, [(2, 5)])))
    [(3, 1), (2, 1)] [32]
    """
    if backend == "dask":
        with needing("a dask cluster"):
            held = dask_client(workers, address)
            client = held.__enter__()

        def scattered(value: list[object]) -> list[object]:
            with needing("a dask cluster"):
                return list(client.scatter(value, broadcast=True, hash=False))

        try:
            yield Team(Cluster(client).run, scattered)
        finally:
            with needing("a dask cluster"):
                held.__exit__(*sys.exc_info())
        return
    with _Processes(workers) as processes:
        yield Team(processes.run)


class Team:
    """Processes that are there for round after round of tasks."""

    def __init__(
        self,
        rounds: Callable[..., Generator[tuple[int, Any], None, None]],
        hold: Callable[[list[object]], list[object]] | None = None,
    ) -> None:
        self._rounds = rounds
        self._hold = hold

    @property
    def holds(self) -> bool:
        """Whether `hold` sends a value once; if not, every task that has it among its arguments carries it."""
        return self._hold is not None

    def hold(self, value: object) -> object:
        """Return what stands for a value among the arguments of a task; a cluster sends it to each worker once."""
        return value if self._hold is None else self._hold([value])[0]

    def run(
        self,
        function: Callable[..., T],
        tasks: Sequence[tuple[Any, ...]],
        *,
        ordered: bool = True,
        lost: Callable[..., T] | None = None,
        stopped: Callable[[], bool] | None = None,
        gently: bool = False,
    ) -> Generator[T, None, None]:
        """Yield ``function(*task)`` for every task; see `spread`."""
        found = self._rounds(function, tasks, lost or _died, stopped or _clock_stopped(), gently)
        waiting: dict[int, T] = {}
        following = 0
        try:
            for index, result in found:
                if not ordered:
                    yield result
                    continue
                waiting[index] = result
                while following in waiting:
                    yield waiting.pop(following)
                    following += 1
        except (
            InputError
        ):  # a scheduler that went away, or a task that could not be made: what is there is not lost
            for index in sorted(waiting):
                yield waiting[index]
            raise
        finally:
            found.close()


def _clock_stopped() -> Callable[[], bool]:
    """Return what asks the clock of the computation that runs now."""
    clock = current()
    return lambda: clock.stopped


class _DiedError(InputError):
    """A process died with its task."""


def _died(*_task: object) -> Any:
    raise _DiedError("a worker process died, most likely because memory ran out; run fewer workers")


class _Processes:
    """Processes of this machine. Each is a pool of its own, so that one that dies takes one task."""

    def __init__(self, workers: int) -> None:
        with sharing(tried=True):
            from joblib.externals.loky.backend import resource_tracker

        # both trackers, and now: each lets Ctrl-C through once it has started, also to a worker that starts with it
        for tracker in (resource_tracker, import_module("multiprocessing.resource_tracker")):
            with (
                _held(_numbers(NAMES)),
                needing("worker processes"),
            ):  # all but SIGINT and SIGTERM stay held for it
                tracker.ensure_running()
        self.workers = workers
        share = max(1, (os.cpu_count() or 1) // workers)
        self.environment = {name: os.environ.get(name, str(share)) for name in THREADS}
        self.pools: dict[Executor, Semaphore] = {}  # each with what asks it to stop
        self.free: list[Executor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self.pools:
            self.end(next(reversed(self.pools)))

    def begin(self, function: Callable[..., T], task: tuple[Any, ...]) -> tuple[Future[T], Executor]:
        """Start a task in a process that is free, or in a new one.

        Raises
        ------
        ScarceError
            The system allows no other process.
        """
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        while True:
            with (
                _held(_numbers(NAMES) - {_SIGXCPU}),  # that one a worker hears
                needing("another worker process"),
                sharing(),
            ):
                pool = self.free.pop() if self.free else self.made()
                try:
                    return pool.submit(function, *task), pool
                except Exception as error:
                    self.end(pool)
                    if gone := folder_gone(error):
                        raise ScarceError(gone) from None
                    if not isinstance(error, TerminatedWorkerError):  # else it died while it was idle
                        raise

    def made(self) -> Executor:
        """Return a new process; it starts with its first task."""
        from joblib.externals.loky.backend import get_context
        from joblib.externals.loky.process_executor import ProcessPoolExecutor

        asked: Semaphore = get_context("loky").Semaphore(0)
        pool: Executor = ProcessPoolExecutor(
            1,
            initializer=_follow,
            initargs=(os.getpid(), _in_main_thread(), asked),
            env=self.environment,
        )
        self.pools[pool] = asked
        return pool

    def end(self, pool: Executor) -> None:
        """Kill a process, whatever it does."""
        del self.pools[pool]
        if pool in self.free:
            self.free.remove(pool)
        pool.shutdown(kill_workers=True)  # type: ignore[call-arg]

    def run(
        self,
        function: Callable[..., T],
        tasks: Sequence[tuple[Any, ...]],
        lost: Callable[..., T],
        stopped: Callable[[], bool],
        gently: bool,
    ) -> Generator[tuple[int, T], None, None]:
        """Yield number and result of each task; what still runs when no more is asked for ends.

        After an `InputError`, of a task or as one is made, none begins, and those that run end before it is raised;
        where no more is asked for, it is raised as well.
        """
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        running: dict[Future[T], tuple[int, Executor]] = {}
        refused: list[InputError] = []

        def ended() -> Iterator[tuple[int, T]]:
            """Wait for a while, and yield what has ended meanwhile."""
            done, _ = wait(running, timeout=LOOK, return_when=FIRST_COMPLETED)
            if stopped():
                return
            yield from results(done)

        def results(done: Iterable[Future[T]]) -> Iterator[tuple[int, T]]:
            """Yield what has ended; a fault is raised once the results beside it are out."""
            faults: list[Exception] = []
            for future in sorted(done, key=lambda future: running[future][0]):
                number, pool = running.pop(future)
                try:
                    result = future.result()
                except TerminatedWorkerError:
                    self.end(pool)
                    try:
                        result = lost(*tasks[number])
                    except InputError as error:
                        faults.append(error)
                        continue
                except InputError as error:
                    self.free.append(pool)
                    refused.append(error)
                    continue
                except Exception as error:
                    self.free.append(pool)
                    faults.append(error)
                    continue
                else:
                    self.free.append(pool)
                yield number, result
            if faults:  # that a process died says the least
                raise next((fault for fault in faults if not isinstance(fault, _DiedError)), faults[0])

        def stopping() -> Iterator[tuple[int, T]]:
            """Ask what runs to stop, and yield what it has; a task whose process dies now is named if any is."""
            for _, pool in running.values() if gently else ():
                self.pools[pool].release()
                _wake(pool)
            while gently and running:
                done, _ = wait(running, timeout=LOOK, return_when=FIRST_COMPLETED)
                with suppress(_DiedError):  # as when the others are killed
                    yield from results(done)
            if refused:
                raise refused[0]

        try:
            for index in range(len(tasks)):
                try:
                    task = tasks[index]
                except InputError as error:  # after those that run
                    refused.append(error)
                while not refused:
                    try:
                        future, pool = self.begin(function, task)
                    except ScarceError:
                        if not running:
                            raise
                        self.workers = len(running)  # go on with those that could be started
                        yield from ended()
                        if stopped():
                            yield from stopping()
                            return
                    else:
                        running[future] = index, pool
                        del task
                        break
                last = index == len(tasks) - 1
                while len(running) == self.workers or (running and (refused or last)):
                    yield from ended()
                    if stopped():
                        yield from stopping()
                        return
                if refused:
                    raise refused[0]
        finally:
            for _, pool in running.values():
                self.end(pool)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _follow(parent: int, main: bool, asked: Semaphore) -> None:
    """Leave signals to the process that started this one, stop when it asks for that, and end when it does.

    Linux is asked to do so; that ends this process with the *thread* that started it, so it has to be the main one.
    Everywhere else, and besides, a thread looks who the parent is. A limit of processor time is that of each process.
    """
    for number in _numbers(NAMES):
        signal.signal(number, _stop if number == _SIGXCPU else signal.SIG_IGN)
    if main and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def look() -> None:
        while os.name != "posix" or os.getppid() == parent:
            if asked.acquire(block=False):
                forewarn()  # a call that is about to begin stops too
                stop_running()
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Stop the call that runs; the system repeats SIGXCPU every second, so a later call hears it too."""
    stop_running()


def _wake(pool: Executor) -> None:
    """Let a process go on that somebody has stopped (SIGSTOP): it would never answer."""
    if hasattr(signal, "SIGCONT"):
        for process in list(pool._processes):  # type: ignore[attr-defined]
            with suppress(OSError):  # it may have ended
                os.kill(process, signal.SIGCONT)


def _numbers(names: Iterable[str]) -> set[signal.Signals]:
    """Return the signals of some names, as far as the platform has them."""
    return {getattr(signal, name) for name in names if hasattr(signal, name)}


@contextmanager
def _held(numbers: set[signal.Signals]) -> Iterator[None]:
    """Keep signals from processes that are started meanwhile, and for this one until the block ends."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
