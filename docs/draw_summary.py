"""Draw how much of the way from dice to the bound each method goes: ``python docs/draw_summary.py [--check]``.

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

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PICTURE = ROOT / "docs" / "figures" / "summary.svg"
WIDTH, LEFT, RIGHT, STEP, TOP = 960, 230, 40, 24, 92
LOWEST = -0.08

#: One colour and shape a method, as in `derandkit.plots.style`.
MARKS = {
    "lemma": ("#0072b2", "circle"),
    "conditional expectations": ("#d55e00", "square"),
    "best of many throws": ("#7f7f7f", "diamond"),
    "PCA": ("#009e73", "triangle"),
    "best value known": ("#000000", "bar"),
}


class Source(NamedTuple):
    """A stored table: its address, a title, the column that names a row, dice, bound, and the methods."""

    file: str
    table: str
    title: str
    name: tuple[str, ...]
    dice: str
    bound: str
    methods: dict[str, str]


SOURCES = (
    Source(
        "compare", "alone", "Cuts of Gset graphs, no search", ("graph",), "hyperplane", "bound",
        {"lemma": "lemma", "conditional expectations": "conditional", "best of many throws": "best of 1000",
         "best value known": "best known"},
    ),
    Source(
        "embeddings", "pairs", "Worst pair of an embedding", ("data", "k"), "random, mean", "lower bound",
        {"lemma": "lemma", "best of many throws": "best of 100", "PCA": "PCA"},
    ),
)  # fmt: skip


class Row(NamedTuple):
    """One instance: its name, and how far each method goes from 0 (dice) to 1 (bound)."""

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
        dice, bound = number(row[source.dice]), number(row[source.bound])
        places = {
            method: (number(row[column]) - dice) / (bound - dice) for method, column in source.methods.items()
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
    if shape == "diamond":
        return f'<path d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z" fill="{colour}"/>'
    return f'<path d="M{x:.1f} {y - 6.5:.1f}l6.5 11.5h-13z" fill="{colour}"/>'


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
        "<title>How far each method goes from the average of dice to a proven bound</title>",
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
    ends = ((0.0, "average of dice", "middle"), (1.0, "proven bound", "end"))
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
                if place < LOWEST:  # worse than dice by more than the picture shows
                    text.append(f'<text x="{at(LOWEST) + 10:.1f}" y="{y - 4:.1f}" font-size="10">&lt;</text>')
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
