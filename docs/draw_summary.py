"""Draw how far each method goes from a random average to the bound: ``python docs/draw_summary.py [--check]``.

Every row is one instance of a stored benchmark. The left end is what the randomized algorithm gives on average, the
right end is a proven bound that nothing can pass. ``--check`` writes nothing and fails where the picture is not what
the stored results say.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from derandkit.plots.style import METHODS

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PICTURE = ROOT / "docs" / "figures" / "summary.svg"
WIDTH, LEFT, RIGHT, STEP, TOP = 960, 230, 40, 24, 92
LOWEST = -0.08

SHAPES = {"o": "circle", "s": "square", "D": "diamond"}
#: One colour and shape a method, those of every other picture.
MARKS = {
    words: (METHODS[method][0], SHAPES[METHODS[method][1]])
    for words, method in (
        ("lemma", "lemma"),
        ("conditional expectations", "conditional"),
        ("best of many draws", "hyperplane-best"),
        ("PCA", "pca"),
    )
} | {"best value known": ("#000000", "bar")}


class Source(NamedTuple):
    """A stored table: its address, a title, the column that names a row, average, bound, and the methods."""

    file: str
    table: str
    title: str
    name: tuple[str, ...]
    average: str
    bound: str
    methods: dict[str, str]


SOURCES = (
    Source(
        "compare", "alone", "Cuts of Gset graphs, no search", ("graph",), "hyperplane", "bound",
        {"lemma": "lemma", "conditional expectations": "conditional", "best of many draws": "best of 1000",
         "best value known": "best known"},
    ),
    Source(
        "embeddings", "pairs", "Worst pair of an embedding", ("data", "k"), "random, mean", "lower bound",
        {"lemma": "lemma", "best of many draws": "best of 100", "PCA": "PCA"},
    ),
)  # fmt: skip


class Row(NamedTuple):
    """One instance: its name, and how far each method goes from 0 (average of random draws) to 1 (bound)."""

    name: str
    places: dict[str, float]


def number(cell: object) -> float:
    """Return the first number of a cell: ``**11605** (0.36)`` is 11605."""
    found = re.search(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", str(cell))
    if found is None:
        raise ValueError(f"no number in {cell!r}")
    return float(found[0])


def rows(source: Source) -> list[Row]:
    """Return the rows of one stored table."""
    found = json.loads((RESULTS / f"{source.file}.json").read_text(encoding="utf-8"))["tables"][source.table]
    out = []
    for cells in found["rows"]:
        row = dict(zip(found["header"], cells, strict=True))
        average, bound = number(row[source.average]), number(row[source.bound])
        places = {
            method: (number(row[column]) - average) / (bound - average)
            for method, column in source.methods.items()
        }
        name = ", k = ".join(str(row[column]) for column in source.name)
        out.append(Row(name, places))
    return out


def mark(method: str, x: float, y: float) -> str:
    """Return the mark of a method at a place."""
    colour, shape = MARKS[method]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>'
    if shape == "square":
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{colour}"/>'
    if shape == "bar":
        return f'<rect x="{x - 1.2:.1f}" y="{y - 9:.1f}" width="2.4" height="18" fill="{colour}"/>'
    return f'<path d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z" fill="{colour}"/>'


def picture() -> str:
    """Return the picture as SVG text, with every number in its description."""
    blocks = [(source.title, rows(source)) for source in SOURCES]
    height = TOP + sum(STEP * (len(found) + 2) for _, found in blocks)
    span = WIDTH - LEFT - RIGHT

    def at(place: float) -> float:
        return LEFT + span * (place - LOWEST) / (1.0 - LOWEST)

    text = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">',
        "<title>How far each method goes from the average of the randomized algorithm to a proven bound</title>",
        "<desc>",
    ]
    for title, found in blocks:
        for row in found:
            figures = ", ".join(f"{method} {100 * place:.1f} %" for method, place in row.places.items())
            text.append(escape(f"{title}, {row.name}: {figures}"))
    text += ["</desc>", f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>']
    x = 20.0
    for method in MARKS:
        text.append(mark(method, x, 22))
        text.append(f'<text x="{x + 12:.0f}" y="26.5">{escape(method)}</text>')
        x += 44 + 7.0 * len(method)
    ends = ((0.0, "randomized, average", "middle"), (1.0, "proven bound", "end"))
    for place, words, anchor in ends:
        text.append(f'<text x="{at(place):.1f}" y="58" text-anchor="{anchor}" fill="#444444">{words}</text>')
    for percent in range(0, 101, 25):
        x = at(percent / 100)
        text.append(f'<path d="M{x:.1f} 82V{height - 10}" stroke="#d8d8d8"/>')
        text.append(f'<text x="{x:.1f}" y="76" text-anchor="middle" fill="#666666">{percent} %</text>')
    y = TOP + STEP / 2
    for title, found in blocks:
        text.append(f'<text x="14" y="{y + 4.5:.1f}" font-weight="bold">{escape(title)}</text>')
        y += STEP
        for row in found:
            text.append(
                f'<text x="{LEFT - 14}" y="{y + 4.5:.1f}" text-anchor="end">{escape(row.name)}</text>'
            )
            text.append(f'<path d="M{at(0.0):.1f} {y:.1f}H{at(1.0):.1f}" stroke="#bbbbbb"/>')
            # the lemma is drawn last, so that it lies on top
            for method in sorted(row.places, key=lambda method: method == "lemma"):
                place = row.places[method]
                text.append(mark(method, at(max(place, LOWEST)), y))
                if place < LOWEST:  # further below the average than the picture shows
                    text.append(
                        f'<text x="{at(LOWEST) + 10:.1f}" y="{y + 4:.1f}" font-size="11">{100 * place:.0f} %</text>'
                    )
            y += STEP
        y += STEP
    return "\n".join([*text, "</svg>"]) + "\n"


def main() -> None:
    """Write or check the picture."""
    new = picture()
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(new, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != new:
        sys.exit("docs/figures/summary.svg is out of date; run python docs/draw_summary.py")


if __name__ == "__main__":
    main()
