"""Labels at the vertices of a picture: short ones inside, longer ones beside them, none over another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.plots.fonts import fonts_for
from derandkit.plots.style import INK, letters_of
from derandkit.tables import counted
from derandkit.words.quoting import ends_of, printable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation

    from derandkit.numerics.typing import BoolArray, FloatArray

#: Where a label may stand beside its vertex; the first place that is free is taken.
_AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
#: Characters of a name beside an axis.
_LONGEST_LINE = 60


class Labels(NamedTuple):
    """The labels of a picture, the places of their vertices, and the area of a vertex in points."""

    axes: Axes
    written: list[Annotation]
    places: FloatArray
    size: float

    def settle(self, figure: Figure) -> None:
        """Move labels that overlap, and leave out those that find no room; the legend says how many.

        To be called when everything else is drawn: places in points depend on all of the picture.
        """
        if not self.written:
            return
        lacking = fonts_for(label.get_text() for label in self.written).lacking
        if lacking:
            boxes = sum(bool(lacking & set(label.get_text())) for label in self.written)
            self._note(f"{counted(boxes, 'label')} with letters that no installed font has")
        missing = self._moved(figure)
        if not missing:
            return
        self._note(_said(missing))
        missing = self._moved(figure)  # the legend is one row higher now
        self.axes.get_legend().get_texts()[-1].set_text(_said(missing))  # type: ignore[union-attr]

    def _note(self, text: str) -> None:
        """Add a line to the legend."""
        from matplotlib.lines import Line2D

        legend = self.axes.get_legend()
        handles: list[Line2D] = [] if legend is None else list(legend.legend_handles)  # type: ignore[arg-type]
        write_legend(self.axes, [*handles, Line2D([], [], linestyle="none", label=text)])

    def _moved(self, figure: Figure) -> int:
        """Put every label where it overlaps no other one, hide it where there is no such place; how many are hidden."""
        with letters_of(figure):
            figure.draw_without_rendering()
        pixels = figure.dpi / 72
        points = self.axes.transData.transform(self.places)
        page = self.axes.bbox.padded(8 * pixels).get_points()  # beside it are the other panels
        taken = np.empty((0, 2, 2))
        first = 0 if max(len(label.get_text()) for label in self.written) <= 3 else 1
        for k, label in enumerate(self.written):
            label.set_visible(True)
            extent = label.get_window_extent()
            measure = np.array([extent.width, extent.height])
            others = np.delete(points, k, axis=0)
            boxes = [_box(points[k], measure, self.size, at, pixels) for at in range(first, 1 + len(_AROUND))]
            free = [
                at
                for at, box in enumerate(boxes, first)
                if (box[0] >= page[0]).all() and (box[1] <= page[1]).all() and not _overlaps(box, taken).any()
            ]
            clear = [at for at in free if at == 0 or not self._covers(boxes[at - first], others, pixels)]
            label.set_visible(bool(free))
            if free:  # better over another vertex than not at all
                at = (clear or free)[0]
                taken = np.concatenate([taken, boxes[at - first][None]])
                _put(label, self.size, at)
        return len(self.written) - len(taken)

    def _covers(self, box: FloatArray, others: FloatArray, pixels: float) -> bool:
        """Whether a box of pixels covers part of another vertex."""
        near = np.clip(others, box[0], box[1])
        return bool((((others - near) ** 2).sum(axis=1) < self.size / 4 * pixels**2).any())


def _box(point: FloatArray, measure: FloatArray, size: float, at: int, pixels: float) -> FloatArray:
    """Corners of the box of a text in pixels, shape (2, 2), if it stands inside its vertex (0) or beside it."""
    offset, away = _offset(size, at)
    centre = point + offset * pixels + away * measure / 2
    return np.stack([centre - measure / 2, centre + measure / 2])


def _overlaps(box: FloatArray, taken: FloatArray) -> BoolArray:
    return (np.minimum(box[1], taken[:, 1]) > np.maximum(box[0], taken[:, 0])).all(axis=1)  # type: ignore[no-any-return]


def _offset(size: float, at: int) -> tuple[FloatArray, FloatArray]:
    """How far from its vertex a text begins, in points, and to which side of that it extends."""
    if at == 0:
        return np.zeros(2), np.zeros(2)
    away = np.array(_AROUND[at - 1], dtype=np.float64)
    return away * (size**0.5 / 2 + 1.5) * (0.75 if away.all() else 1.0), away


def _put(label: Annotation, size: float, at: int) -> None:
    from matplotlib.patheffects import withStroke

    offset, away = _offset(size, at)
    label.xyann = (float(offset[0]), float(offset[1]))
    label.set(
        ha=("center", "left", "right")[int(away[0])],
        va=("center", "bottom", "top")[int(away[1])],
        color=INK if at else "white",
        path_effects=[withStroke(linewidth=2.5, foreground="white")] if at else [],
    )


def _said(missing: int) -> str:
    return f"{counted(missing, 'label')} left out, to avoid overlap"


def write_labels(axes: Axes, texts: list[str], places: FloatArray, size: float) -> list[Annotation]:
    """Write short labels into the vertices, longer ones above them.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The picture.
    texts : list of str
        A label of each vertex.
    places : ndarray of float64, shape (n, 2)
        Where the vertices stand.
    size : float
        The area of a vertex in points.
    """
    inside = max(map(len, texts)) <= 3
    written: list[Annotation] = []
    for text, place in zip(texts, places.tolist(), strict=True):
        label = axes.annotate(
            text, place, xytext=(0, 0), textcoords="offset points", fontsize=7, zorder=4, parse_math=False,
            annotation_clip=False,
        )  # fmt: skip
        label.set_in_layout(False)  # else the picture shrinks as labels move
        _put(label, size, 0 if inside else 1)
        written.append(label)
    return written


def write_legend(axes: Axes, handles: list[Line2D]) -> None:
    """Write the legend below the picture, in two columns."""
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2, fontsize=8, frameon=False
    )


def plain_text(text: str) -> str:
    r"""Return a text from a file as a picture may hold it: one short line, without control characters or formulas.

    Examples
    --------
    >>> print(plain_text("us$and$\x1b[2J"))
    us\$and\$\x1b[2J
    """
    return ends_of(printable(text), _LONGEST_LINE).replace("$", r"\$")  # a dollar sign would begin a formula


def shown_label(label: Hashable) -> str:
    r"""Return a label on one line of at most 16 characters.

    Examples
    --------
    >>> shown_label(7), shown_label("two\nlines"), shown_label("a" * 20)
    ('7', 'two lines', 'aaaaaaaaaaaaaaa…')
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in str(label)).split())
    return text if len(text) <= 16 else text[:15] + "…"
