"""Progress on a terminal, silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from derandkit.cli.output import say_notes
from derandkit.words.digits import digits_above, digits_below

if TYPE_CHECKING:
    from derandkit.runtime.progress import Progress


@contextmanager
def narrator(*, quiet: bool = False) -> Iterator[Callable[[Progress], None]]:
    """Yield a function that shows a `Progress` record on stderr.

    Parameters
    ----------
    quiet : bool
        Show nothing even on a terminal.

    Notes
    -----
    On a terminal one line is redrawn: stage, value, bound, the share of the randomness that is left, seconds; while a
    cut is searched for or proven, the cut, the bound, the gap between them and the share of the search that is left.
    When stderr is not a terminal no progress is written. What `derandkit.cli.output.note` holds is said with the first
    record, or at the end: an input that is refused in between has the one line of its refusal.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: say_notes()
        say_notes()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    columns = (
        TextColumn("{task.description:<12}"),
        TextColumn("{task.fields[figures]}"),
        BarColumn(bar_width=12),
        # not TimeElapsedColumn: it stops for good when a stage has reached its end, and there are several
        TextColumn("{task.elapsed:.0f} s"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, refresh_per_second=8) as bar:
        task = bar.add_task("starting", total=1.0, figures="loading kernels (a first run compiles them)")
        last, stage = 0.0, ""

        def above(line: str) -> None:
            bar.console.print(Text(line), soft_wrap=True)

        def show(progress: Progress) -> None:
            nonlocal last, stage
            say_notes(above)
            now = time.monotonic()
            if now - last < 0.05 and progress.stage == "relax":
                return
            last, new, stage = now, progress.stage != stage, progress.stage
            bar.update(
                task,
                description=progress.stage,
                completed=progress.done or 0.0,
                figures=figures(progress),
                refresh=new,  # a short stage is seen too
            )

        yield show
        say_notes(above)


def figures(progress: Progress) -> str:
    """Return the numbers of a `Progress` record as the line on the terminal shows them.

    Examples
    --------
    >>> from derandkit.runtime.progress import Progress
    >>> figures(Progress("derandomize", 3051.51541, 3191.7045, noise=0.0))
    'value 3051.5154  bound 3191.7045  randomness left 0%'
    >>> figures(Progress("relax", 3191.5553, 3192.1331, noise=1.0))
    'value 3191.5553  bound 3192.1331'
    >>> figures(Progress("prove", 1380.0, 1390.8619))
    'best 1380  bound 1390.8619  gap 0.7810%'
    >>> figures(Progress("prove", 32.0, 24.0))
    'best 32  bound 24  gap 25.0000%'
    >>> figures(Progress("search", 1380.0, 1390.8619, step=1, total=4))
    'best 1380  bound 1390.8619  gap 0.7810%  25% done'
    """
    parts = [
        f"best {progress.value:.8g}"
        if progress.stage in ("search", "prove")
        else f"value {progress.value:.8g}"
    ]
    if progress.bound is not None:
        # of a minimum, the bound is below
        side = digits_below if progress.bound < progress.value else digits_above
        parts.append(f"bound {side(progress.bound, 8)}")
        if progress.stage in ("search", "prove"):
            from derandkit.signs.values import relative_gap
            from derandkit.tables import percent_above

            ends = sorted((progress.bound, progress.value))
            parts.append(f"gap {percent_above(relative_gap(ends[1], ends[0]))}")
    if progress.noise is not None and not progress.stage.endswith("relax"):  # there all of it is left
        parts.append(f"randomness left {progress.noise:.0%}")
    if progress.total is not None and progress.step is not None:
        parts.append(f"{progress.step / progress.total:.0%} done")
    return "  ".join(part for part in parts if "nan" not in part)
