"""Progress on a terminal, silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derandkit.cuts.solve import Progress


@contextmanager
def narrator(*, quiet: bool = False) -> Iterator[Callable[[Progress], None]]:
    """Yield a function that shows a `Progress` record on stderr.

    Parameters
    ----------
    quiet : bool
        Show nothing even on a terminal.

    Notes
    -----
    On a terminal one line is redrawn: stage, value, bound, remaining noise, seconds. When stderr is not a terminal
    nothing is written at all.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(bar_width=24),
        TextColumn(
            "value {task.fields[value]:.8g}  bound {task.fields[bound]:.8g}  noise {task.fields[noise]:.0%}"
        ),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, refresh_per_second=8) as bar:
        task = bar.add_task("starting", total=1.0, value=0.0, bound=float("nan"), noise=1.0)
        last = 0.0

        def show(progress: Progress) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < 0.05 and progress.stage == "relax":
                return
            last = now
            bar.update(
                task,
                description=progress.stage,
                completed=1.0 - progress.noise,
                value=progress.value,
                bound=progress.bound,
                noise=progress.noise,
            )

        yield show
