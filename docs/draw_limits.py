"""Draw where the theorem about networks stops, from the stored results: ``python docs/draw_limits.py [--check]``.

One picture a section of the page. Both axes are logarithmic, or the horizontal one names its places. ``--check`` writes
nothing and fails where a picture is not what the stored results say.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from derandkit.plots.style import BLUE, GREEN, GREY, ORANGE, RED

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
FIGURES = ROOT / "docs" / "figures"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 84, 24, 64, 56
COLOURS = (BLUE, ORANGE, GREEN, RED, GREY)
#: Below this a number is drawn at the lower edge.
LEAST = 1e-5


class Chart(NamedTuple):
    """What one picture shows.

    Parameters
    ----------
    name : str
        Of the file, ``figures/limits-NAME.svg``.
    address : str
        Of the stored table.
    title, across : str
        Words above the picture and below it.
    columns : tuple of str
        The columns that give a place across; several are joined.
    curves : dict
        The words of a curve, and its column.
    named : bool
        Whether places across are names and not numbers.
    """

    name: str
    address: str
    title: str
    across: str
    columns: tuple[str, ...]
    curves: dict[str, str]
    named: bool = False


CHARTS = (
    Chart(
        "penalties", "limits/penalties", "What is left of W_perp, as a share of its start", "penalty", ("penalty",),
        {"50 steps": "left after 50 steps", "1000 steps": "left after 1000 steps", "weight decay alone": "decay alone"},
    ),
    Chart(
        "stops", "limits/stops", "W_perp after an early stop, and two bounds on it", "steps", ("steps",),
        {"W_perp": "W_perp", "bound along the rows": "bound along the rows", "the lemma's bound": "the lemma's bound"},
    ),
    Chart(
        "links", "limits/links", "A quadratic student: W along the teacher, and orthogonal to it", "steps", ("steps",),
        {"He_2, along": "He_2: along", "He_2, orthogonal": "He_2: orthogonal", "He_4, along": "He_4: along",
         "He_4, orthogonal": "He_4: orthogonal"},
        True,
    ),
    Chart(
        "kinks", "structure/kinks", "Softplus of growing sharpness, and the plain ReLU", "sharpness", ("sharpness",),
        {"left of W_perp": "left of W_perp", "test loss": "test loss"}, True,
    ),
    Chart(
        "inputs", "limits/inputs", "Residual of Stein's identity off the span", "inputs", ("inputs", "target of"),
        {"as they are": "as they are", "normal scores": "normal scores", "with noise": "with noise of half their size"},
        True,
    ),
)  # fmt: skip


def number(cell: object) -> float | None:
    """Return the first number of a cell; None where it has none."""
    found = re.search(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", str(cell))
    return None if found is None else float(found[0])


def points(chart: Chart) -> tuple[list[str], dict[str, list[float | None]]]:
    """Return the places across, and a number or None for each place on every curve."""
    file, _, key = chart.address.partition("/")
    found = json.loads((RESULTS / f"{file}.json").read_text(encoding="utf-8"))["tables"][key]
    rows = [dict(zip(found["header"], cells, strict=True)) for cells in found["rows"]]
    places = list(dict.fromkeys(", ".join(row[name] for name in chart.columns) for row in rows))
    if "given" not in found["header"]:
        return places, {words: [number(row[name]) for row in rows] for words, name in chart.curves.items()}
    at = {(", ".join(row[name] for name in chart.columns), row["given"]): row for row in rows}
    residual = "residual of Stein's identity"
    return places, {
        words: [number(at.get((place, way), {}).get(residual)) for place in places]
        for words, way in chart.curves.items()
    }


def picture(chart: Chart) -> str:
    """Return the picture as SVG text, with every number in its description."""
    places, curves = points(chart)
    numbers = [max(y, LEAST) for ys in curves.values() for y in ys if y is not None]
    low, high = math.floor(math.log10(min(numbers))), math.ceil(math.log10(max(numbers)))
    xs = list(range(len(places))) if chart.named else [math.log10(float(place)) for place in places]
    tall = 110 if chart.named and max(map(len, places)) > 8 else 0

    def across(x: float) -> float:
        edge = 0.3 if chart.named else 0.1
        return LEFT + (WIDTH - LEFT - RIGHT) * (x - xs[0] + edge) / (xs[-1] - xs[0] + 2 * edge)

    def up(y: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(max(y, LEAST))) / (high - low)

    text = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + tall}" font-family="sans-serif" '
        'font-size="13">',
        f"<title>{escape(chart.title)}</title>",
        "<desc>",
    ]
    for k, place in enumerate(places):
        parts = ", ".join(f"{words} {ys[k]:g}" for words, ys in curves.items() if ys[k] is not None)
        text.append(escape(f"{chart.across} {place}: {parts}"))
    text += [
        "</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT + tall}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-weight="bold">{escape(chart.title)}</text>',
    ]
    for power in range(low, high + 1):
        y = up(10.0**power)
        text.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d8d8d8"/>')
        text.append(
            f'<text x="{LEFT - 8}" y="{y + 4.5:.1f}" text-anchor="end" fill="#666666">{10.0**power:g}</text>'
        )
    for x, place in zip(xs, places, strict=True):
        if tall:
            spot = f'transform="translate({across(x) + 4:.1f} {HEIGHT - BOTTOM + 16}) rotate(-35)" text-anchor="end"'
        else:
            spot = f'x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle"'
        text.append(f'<text {spot} fill="#666666" font-size="11">{escape(place)}</text>')
    if not tall:
        middle = (LEFT + WIDTH - RIGHT) / 2
        text.append(
            f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(chart.across)}</text>'
        )
    start = float(LEFT)
    for (words, ys), colour in zip(curves.items(), COLOURS, strict=False):
        spots = [(across(x), up(y)) for x, y in zip(xs, ys, strict=True) if y is not None]
        if not tall:
            line = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
            text.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        text += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>' for x, y in spots]
        text.append(f'<circle cx="{start:.0f}" cy="44" r="4.5" fill="{colour}"/>')
        text.append(f'<text x="{start + 10:.0f}" y="48.5">{escape(words)}</text>')
        start += 40 + 7.2 * len(words)
    return "\n".join([*text, "</svg>"]) + "\n"


def main() -> None:
    """Write or check the pictures."""
    for chart in CHARTS:
        file, new = FIGURES / f"limits-{chart.name}.svg", picture(chart)
        if "--check" not in sys.argv[1:]:
            file.write_text(new, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != new:
            sys.exit(f"docs/figures/{file.name} is out of date; run python docs/draw_limits.py")


if __name__ == "__main__":
    main()
