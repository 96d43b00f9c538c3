"""The workers of a dask cluster: one of this machine, one that is named, or the one that is active."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

from derandkit.errors import InputError, MissingDependencyError, first_line
from derandkit.runtime.lacking import lacking, needing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from concurrent.futures import Future

T = TypeVar("T")

#: Seconds between two looks at what is not waited for: a request to stop, a cluster's workers.
LOOK = 0.2
#: Seconds that a dask cluster may be without any worker.
PATIENCE = 30.0
#: Seconds in which its scheduler answers; meanwhile no signal is seen.
ANSWER = 1.0
#: No page about the cluster. Its scheduler answers by HTTP all the same, by default at port 8787, and warns where that
#: is not free.
QUIETLY: Final = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}


class Cluster:
    """The workers of a dask cluster."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(
        self,
        function: Callable[..., T],
        tasks: Sequence[tuple[Any, ...]],
        lost: Callable[..., T],
        stopped: Callable[[], bool],
        gently: bool,
    ) -> Generator[tuple[int, T], None, None]:
        """Yield number and result of each task, as the cluster finishes them."""
        client = self.client
        distributed: Any = import_module("distributed")
        numbers: dict[Any, int] = {}
        refused: InputError | None = None
        try:
            for k in range(len(tasks)):
                task = tasks[k]
                with needing("a dask cluster"):
                    numbers[client.submit(function, *task, pure=False)] = k
        except InputError as error:  # after those that run
            refused = error
        suspects: list[int] = []  # dask also blames what its worker held beside the task that killed it
        suspected = -1
        faults: list[Future[T]] = []
        alone = 0.0
        try:
            while numbers or suspects:
                if not numbers:
                    suspected = suspects.pop(0)
                    task = tasks[suspected]
                    with needing("a dask cluster"):
                        numbers = {client.submit(function, *task, pure=False): suspected}
                try:
                    done = distributed.wait(list(numbers), timeout=LOOK, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    done = set()
                except (CancelledError, OSError):  # a scheduler that ends takes its tasks along
                    raise InputError("the dask scheduler has gone away") from None
                if stopped():
                    for future in sorted(done, key=lambda future: numbers[future]) if gently else ():
                        if future.status == "finished":
                            with suppress(TimeoutError):
                                yield numbers[future], future.result(timeout=ANSWER)
                    break
                here, waited = _workers_of(client)
                alone = 0.0 if here or done else alone + LOOK + waited
                if alone > PATIENCE:
                    what = "has had no worker" if waited < ANSWER else "has not answered"
                    raise InputError(f"the dask cluster {what} for {PATIENCE:.0f} seconds")
                for future in sorted(done, key=lambda future: numbers[future]):
                    number = numbers.pop(future)
                    if future.status == "finished":
                        try:
                            found = future.result(timeout=ANSWER)
                        except TimeoutError:  # the worker that holds it hangs
                            numbers[future] = number
                            continue
                        yield number, found
                    elif not _killed(future):
                        faults.append(future)
                    elif number == suspected:
                        yield number, lost(*tasks[number])
                    else:
                        suspects.append(number)
                for future in faults:  # once the results beside them are out
                    future.result()
            if refused is not None:
                raise refused
        finally:
            client.cancel(list(numbers))


def _workers_of(client: Any) -> tuple[bool, float]:
    """Whether a cluster has workers, and the seconds spent in vain on asking its scheduler."""
    if client.status != "running":
        return False, 0.0
    try:
        found = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER)
    except TimeoutError:
        return False, ANSWER
    except OSError:
        return False, 0.0
    return bool(found["workers"]), 0.0


def _killed(future: Any) -> bool:
    """Whether a worker died with a task of dask, or the task went with its scheduler."""
    killed = import_module("distributed.scheduler").KilledWorker
    return future.status != "error" or isinstance(future.exception(), killed)


def dask_client(workers: int, address: str | None) -> Any:
    """Return a client as a context: of an address, the active one, the configured one, or of a local cluster."""
    try:
        dask: Any = import_module("dask")
        distributed: Any = import_module("distributed")
    except ImportError:
        raise MissingDependencyError("dask.distributed", "dask") from None
    if address is None:
        with suppress(ValueError):
            return nullcontext(distributed.get_client())
    place = address or dask.config.get("scheduler-address", None)
    if place:
        try:
            return distributed.Client(address)  # None is the one of the configuration
        except (OSError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"no dask scheduler answers at {place!r} ({reason})") from None
    try:
        with without_logs():
            return distributed.Client(n_workers=workers, threads_per_worker=1, processes=True, **QUIETLY)
    except Exception as error:  # of the scheduler, of a worker, or of whoever waits for them
        reason = lacking(error) or first_line(error) or type(error).__name__
        raise InputError(f"no dask cluster can be started on this machine: {reason}") from None


@contextmanager
def without_logs() -> Iterator[None]:
    """Keep the log of a cluster from standard error; what ends the run is said in a line."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
