"""Draw the lemma at work: ``python docs/draw_lemma.py [--check]`` writes ``docs/figures/lemma.svg``.

The graph is that of the characters of Les Misérables who appear together (Knuth, The Stanford GraphBase, 1993), as
networkx ships it. On its left stands the cut; on the right what 1000 random hyperplanes give, and the path from their
distribution to one cut: the expectation rises, the spread falls to zero, and a proven bound lies above. ``--check``
writes nothing and fails where the picture is out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import networkx as nx
import numpy as np

import derandkit
from derandkit.plots.style import GREEN, GREY, INK, LIGHT, ORANGE, RED, SIDES
from derandkit.signs.baselines.randomized import draw_hyperplanes

PICTURE = Path(__file__).parent / "figures" / "lemma.svg"
WIDTH, HEIGHT, DRAWS = 1000, 440, 1000
#: Where the 77 vertices stand, in the order of their labels: a layout of derandkit's, written out so that no other
#: version of a library moves them.
PLACES = (
    (126, 262), (198, 141), (91, 159), (262, 106), (113, 295), (186, 3), (144, 168), (175, 303), (284, 127), (127, 116),
    (307, 146), (428, 229), (325, 123), (118, 52), (91, 68), (195, 206), (296, 87), (91, 210), (215, 210), (440, 161),
    (434, 127), (91, 184), (421, 97), (218, 0), (148, 183), (131, 209), (215, 25), (224, 90), (277, 257), (181, 28),
    (68, 182), (143, 145), (404, 70), (264, 271), (203, 254), (78, 123), (336, 344), (188, 158), (300, 239), (226, 155),
    (70, 204), (0, 32), (315, 101), (295, 265), (158, 23), (159, 294), (87, 233), (224, 319), (276, 84), (164, 208),
    (332, 149), (222, 268), (250, 363), (68, 80), (326, 221), (50, 158), (334, 188), (188, 357), (222, 190), (189, 125),
    (319, 244), (3, 262), (363, 166), (413, 257), (438, 197), (295, 8), (138, 280), (58, 141), (316, 201), (261, 83),
    (184, 182), (172, 84), (260, 231), (251, 173), (299, 169), (278, 207), (243, 15),
)  # fmt: skip
#: The frame of the course of the cut: left end, right end, top, bottom; the weights at bottom and top.
LEFT, RIGHT, TOP, BOTTOM = 655, 985, 62, 300
LOW, HIGH = 460.0, 552.0
#: The strip of the random hyperplanes, and the frame of the spread.
DICE_LEFT, DICE_RIGHT = 535, 622
SPREAD_TOP, SPREAD_BOTTOM = 338, 388
#: Green and red for words: dark enough to be read on white.
DARK, DARK_RED = "#006B4E", "#A84A00"


def text(x: float, y: float, words: str, *, colour: str = INK, anchor: str = "start", size: int = 13) -> str:
    """Return a line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" text-anchor="{anchor}">{words}</text>'


def line(x0: float, y0: float, x1: float, y1: float, colour: str, width: float = 1.0, extra: str = "") -> str:
    """Return a straight line."""
    return (
        f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{colour}" '
        f'stroke-width="{width:.2f}"{extra}/>'
    )


def height(weight: float) -> float:
    """Return where a weight stands in the frame of the course."""
    return BOTTOM - (weight - LOW) / (HIGH - LOW) * (BOTTOM - TOP)


def drawn_graph(graph: derandkit.WeightedGraph, signs: np.ndarray) -> list[str]:
    """Return the graph with its two sides: cut edges dark, the others light."""
    at = [(20.0 + x, 420.0 - y) for x, y in PLACES]
    i, j, w = (column.tolist() for column in graph.edges())
    cut = [signs[u] != signs[v] for u, v in zip(i, j, strict=True)]
    out = []
    for dark in (False, True):
        for u, v, weight, is_cut in zip(i, j, w, cut, strict=True):
            if is_cut == dark:
                out.append(line(*at[u], *at[v], INK if dark else LIGHT, 0.5 + weight / 12))
    for vertex, (x, y) in enumerate(at):
        if signs[vertex] == 1:
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{SIDES[0][0]}" stroke="#ffffff"/>')
        else:
            out.append(
                f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{SIDES[1][0]}" '
                'stroke="#ffffff"/>'
            )
    return out


def drawn_dice(values: np.ndarray) -> list[str]:
    """Return the histogram of the cuts of random hyperplanes, lying on its side, in steps of three."""
    step = 3
    counts = np.bincount(((values - LOW) // step).astype(int))
    out = []
    for k, count in enumerate(counts.tolist()):
        if count:
            y, size = height(LOW + step * (k + 1)), height(LOW) - height(LOW + step)
            width = (DICE_RIGHT - DICE_LEFT) * count / counts.max()
            out.append(
                f'<rect x="{DICE_RIGHT - width:.1f}" y="{y:.1f}" width="{width:.1f}" height="{size - 1:.1f}" '
                f'fill="{ORANGE}"/>'
            )
    return out


def drawn_course(expectation: list[float], spread: list[float]) -> list[str]:
    """Return the expected cut along the path, and below it the spread that is left."""
    x = np.linspace(LEFT + 8, RIGHT - 8, len(expectation)).tolist()
    points = " ".join(f"{a:.1f},{height(b):.1f}" for a, b in zip(x, expectation, strict=True))
    out = [f'<polyline points="{points}" fill="none" stroke="{GREEN}" stroke-width="2.5"/>']
    out += [
        f'<circle cx="{a:.1f}" cy="{height(b):.1f}" r="3" fill="{GREEN}"/>'
        for a, b in zip(x, expectation, strict=True)
    ]
    left = [SPREAD_BOTTOM - (SPREAD_BOTTOM - SPREAD_TOP) * value / spread[0] for value in spread]
    area = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, left, strict=True))
    out.append(
        f'<polygon points="{x[0]:.1f},{SPREAD_BOTTOM} {area} {x[-1]:.1f},{SPREAD_BOTTOM}" fill="{ORANGE}" '
        'fill-opacity="0.55"/>'
    )
    return out


def picture() -> str:
    """Return the picture as SVG text."""
    source = nx.les_miserables_graph()
    graph = derandkit.as_graph(source)
    result = derandkit.maxcut(graph, search=None, bound="best")
    values = draw_hyperplanes(graph, derandkit.relax_cut(graph).vectors, 0, draws=DRAWS).values
    chain, history = result.chain, result.history
    start, end = history["expectation"][0], history["expectation"][-1]
    said = (
        f"Left: a graph of {graph.n} vertices and {graph.m} edges with the two sides of its cut, weight "
        f"{result.cut_value}. Right: {DRAWS} random hyperplanes cut {values.min():.0f} to {values.max():.0f}, "
        f"{start:.1f} expected. Along the path the expected cut rises from {start:.1f} to {end:.1f} while the spread "
        f"falls to zero. The semidefinite bound is {chain['dual_bound']:.1f}; no cut weighs more than "
        f"{result.upper_bound}, which is proven."
    )
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title about" font-family="Helvetica, Arial, sans-serif">',
        '<title id="title">From random hyperplanes to one cut</title>',
        f'<desc id="about">{said}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *drawn_graph(graph, result.signs),
        text(20, 24, "Characters of Les Misérables", size=15),
        text(20, 44, f"two sides, cut {result.cut_value}, proven optimal"),
        text(DICE_RIGHT, 24, "random", anchor="end", size=15),
        text(DICE_RIGHT, 44, f"{DRAWS} random hyperplanes", anchor="end"),
        text(LEFT, 24, "derandomized", size=15),
        text(LEFT, 44, "expected cut along the path"),
        line(LEFT, TOP - 6, LEFT, BOTTOM, GREY),
        line(LEFT, BOTTOM, RIGHT, BOTTOM, GREY),
    ]
    for weight in (480, 500, 520, 540):
        out.append(line(LEFT - 4, height(weight), LEFT, height(weight), GREY))
        out.append(text(LEFT - 7, height(weight) + 4, str(weight), colour=GREY, anchor="end", size=11))
    out += drawn_dice(values)
    bounds = ((chain["dual_bound"], "semidefinite bound"), (result.upper_bound, "proven bound"))
    for k, (bound, name) in enumerate(bounds):
        dashes = ' stroke-dasharray="5 4"' if k == 0 else ""
        out.append(line(DICE_LEFT, height(bound), RIGHT, height(bound), RED, 1.6, dashes))
        out.append(
            text(RIGHT, height(bound) - 5, f"{name} {bound:.4g}", colour=DARK_RED, anchor="end", size=12)
        )
    out += drawn_course(list(history["expectation"]), list(history["spread_norm"]))
    out += [
        text(LEFT + 16, height(start) + 16, f"{start:.1f}", colour=DARK, size=12),
        text(RIGHT - 8, height(end) + 18, f"{end:.0f}", colour=DARK, anchor="end", size=12),
        line(LEFT, SPREAD_BOTTOM, RIGHT, SPREAD_BOTTOM, GREY),
        text(LEFT - 6, SPREAD_TOP + 12, "spread", colour=INK, anchor="end"),
        text(LEFT - 6, SPREAD_BOTTOM, "0", colour=GREY, anchor="end", size=11),
        text((LEFT + RIGHT) / 2, 412, "steps of the path", anchor="middle"),
        text(DICE_LEFT - 6, TOP + 4, "weight", colour=GREY, anchor="end", size=11),
    ]
    return "\n".join([*out, "</svg>"]) + "\n"


def agree(one: str, other: str) -> bool:
    """Whether two pictures are the same up to a pixel: the last digits may differ between kinds of processors."""
    number = r"-?\d+\.\d+"
    if re.sub(number, "#", one) != re.sub(number, "#", other):
        return False
    pairs = zip(re.findall(number, one), re.findall(number, other), strict=True)
    return all(abs(float(a) - float(b)) <= 1.0 for a, b in pairs)


def main() -> None:
    """Write or check the picture."""
    new = picture()
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(new, encoding="utf-8")
    elif not PICTURE.exists() or not agree(PICTURE.read_text(encoding="utf-8"), new):
        sys.exit("docs/figures/lemma.svg is out of date; run python docs/draw_lemma.py")


if __name__ == "__main__":
    main()
