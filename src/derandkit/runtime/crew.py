"""Who works at the pieces of one computation: threads, processes of this machine, or a dask cluster."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from derandkit.errors import InputError
from derandkit.options import check_choice, check_whole
from derandkit.runtime.threads import available_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derandkit.runtime.processes import Team

#: Where pieces of one computation may run.
CrewName: TypeAlias = Literal["threads", "loky", "dask"]
CREWS: tuple[CrewName, ...] = get_args(CrewName)


@dataclass(frozen=True)
class Crew:
    """Workers, and how many pieces they get at the same time.

    Parameters
    ----------
    workers : int or None
        Threads or processes; None for all cores.
    backend : {"threads", "loky", "dask"}
        What they are.
    address : str or None
        A dask scheduler.
    wave : int
        Pieces of a round. What comes out may depend on it, and never on the workers.

    Examples
    --------
    >>> with Crew(2, "loky").team() as team:
    ...     print(list(team.run(divmod, [(7, 2), (9, 4)])))
    [(3, 1), (2, 1)]
    """

    workers: int | None = None
    backend: CrewName = "threads"
    address: str | None = None
    wave: int = 1

    @classmethod
    def of(cls, workers: int | None, backend: CrewName, address: str | None, wave: int = 1) -> Crew:
        """Return the crew that a caller asks for.

        Raises
        ------
        InputError
            An unknown backend, a number that is not positive, or an address that nothing would go to.
        """
        backend = check_choice("backend", backend, CREWS)
        if workers is not None:
            check_whole("workers", workers, 1)
        check_whole("wave", wave, 1)
        if address is not None and backend != "dask":
            raise InputError("address is that of a dask scheduler; it needs backend='dask'")
        return cls(workers, backend, address, wave)

    @contextmanager
    def team(self) -> Iterator[Team]:
        """Keep the processes until the block ends; threads need none."""
        from derandkit.runtime.processes import team

        assert self.backend != "threads"
        with team(self.workers or available_cores(), self.backend, self.address) as found:
            yield found
