"""Pictures of runs of the engine. Every number in them is also in the record."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from derandkit.plots.style import BLUE, ORANGE, new_figure, own_settings, save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from derandkit.engine.outcome import Derandomization


@own_settings()
def plot_derandomization(result: Derandomization, path: str | os.PathLike[str] | None = None) -> Figure:
    """Draw the expected value and the spread after every accepted step.

    Parameters
    ----------
    result : Derandomization
        The result.
    path : str or PathLike, optional
        Where to save the picture; the suffix chooses the format.

    Returns
    -------
    matplotlib.figure.Figure
        Left: the expected value of the objective, beside that of the start. Right: the norm of the spread.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    InputError
        If the file cannot be written.
    """
    figure = new_figure(10.0, 3.8)
    left, right = figure.subplots(1, 2)
    columns = result.history.columns
    for axes, name, colour, words in (
        (left, "objective", BLUE, "expected value"),
        (right, "spread_norm", ORANGE, "|W|, the spread that is left"),
    ):
        course = columns.get(name, ())
        axes.plot(range(len(course)), course, color=colour, marker="." if len(course) < 50 else "")
        axes.set_xlabel("accepted step")
        axes.set_ylabel(words)
    left.axhline(result.start_value, color="0.6", linewidth=0.8, linestyle="--")
    if path is not None:
        save_figure(figure, path)
    return figure
