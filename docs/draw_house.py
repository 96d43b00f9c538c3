"""Draw which room of the package imports which: ``python docs/draw_house.py [--check]``.

Rooms are the folders and files directly below ``src/derandkit``. Every import counts, wherever it stands in a file.
A room stands one row above the highest room that it imports, so every line points down. Lines that follow from
others (a -> c where a -> b -> c) are left out of the picture and listed in its description. ``--check`` writes
nothing and fails where the picture is out of date.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "figures" / "house.svg"
PACKAGE = "derandkit"
#: The public names and the entry point import everything on purpose and are no rooms.
LEFT_OUT = {"__init__", "__main__"}
COLOURS = {
    "#fde2c8": ("cli", "reports", "plots", "comparison", "loading", "verification", "dimod"),
    "#cfe3f5": ("cuts", "quadratic", "embeddings", "features", "structure"),
    "#d5ecd4": ("signs", "engine"),
    "#f6d3d6": ("certificates",),
    "#eee3f6": ("graphs", "points", "models", "datasets"),
}
FILL = {room: colour for colour, rooms in COLOURS.items() for room in rooms}
WIDTH, BOX, HEIGHT, GAP = 960, 104, 26, 30
Edge = tuple[str, str]


def rooms(source: Path) -> dict[Path, str]:
    """Return the room of every module below a folder."""
    found = {}
    for file in sorted(source.rglob("*.py")):
        room = file.relative_to(source).parts[0].removesuffix(".py")
        if room not in LEFT_OUT:
            found[file] = room
    return found


def edges(source: Path = ROOT / "src" / PACKAGE) -> set[Edge]:
    """Return the pairs of rooms of which the first imports the second."""
    known = set(rooms(source).values())
    found = set()
    for file, room in rooms(source).items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                parts = name.split(".")
                if parts[0] == PACKAGE and len(parts) > 1 and parts[1] in known - {room}:
                    found.add((room, parts[1]))
    return found


def levels(lines: set[Edge]) -> dict[str, int]:
    """Return the row of every room, counted from the ground."""
    below: dict[str, list[str]] = {}
    for upper, lower in sorted(lines):
        below.setdefault(upper, []).append(lower)
        below.setdefault(lower, [])
    on_the_way: set[str] = set()

    @cache
    def level(room: str) -> int:
        if room in on_the_way:
            raise ValueError(f"{room} imports itself by way of others")
        on_the_way.add(room)
        height = max((level(lower) + 1 for lower in below[room]), default=0)
        on_the_way.discard(room)
        return height

    return {room: level(room) for room in sorted(below)}


def necessary(lines: set[Edge]) -> set[Edge]:
    """Return the lines that do not follow from others."""
    below: dict[str, set[str]] = {}
    for upper, lower in lines:
        below.setdefault(upper, set()).add(lower)

    @cache
    def reach(room: str) -> frozenset[str]:
        direct = below.get(room, set())
        return frozenset(direct.union(*(reach(lower) for lower in direct)))

    return {(a, c) for a, c in lines if not any(c in reach(b) for b in below[a] if b != c)}


def places(level: dict[str, int], lines: set[Edge]) -> dict[str, tuple[float, float]]:
    """Return the centre of every box: in each row the order of the mean place of what is above."""
    top = max(level.values())
    rows = [[room for room in level if level[room] == k] for k in range(top, -1, -1)]
    x: dict[str, float] = {}
    for row in rows:
        above = {room: [x[a] for a, b in lines if b == room and a in x] for room in row}
        row.sort(key=lambda room: (sum(above[room]) / len(above[room]) if above[room] else WIDTH / 2, room))
        for k, room in enumerate(row):
            x[room] = WIDTH * (k + 0.5) / len(row)
    return {room: (x[room], 20 + HEIGHT / 2 + (top - level[room]) * (HEIGHT + GAP)) for room in level}


def picture(lines: set[Edge]) -> str:
    """Return the picture as SVG text, with every line in its description."""
    level = levels(lines)
    shown = necessary(lines)
    at = places(level, shown)
    height = 40 + HEIGHT + max(level.values()) * (HEIGHT + GAP)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Which room of derandkit imports which</title>",
        "<desc>",
        *(escape(f"{upper} -> {lower}") for upper, lower in sorted(lines)),
        "</desc>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for upper, lower in sorted(shown):
        (x0, y0), (x1, y1) = at[upper], at[lower]
        y0, y1 = y0 + HEIGHT / 2, y1 - HEIGHT / 2
        bend = (y1 - y0) / 2
        out.append(
            f'<path d="M{x0:.0f} {y0:.0f}C{x0:.0f} {y0 + bend:.0f} {x1:.0f} {y1 - bend:.0f} {x1:.0f} {y1:.0f}" '
            'fill="none" stroke="#8a8a8a"/>'
        )
    for room in sorted(level):
        x, y = at[room]
        out += [
            f'<rect x="{x - BOX / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{BOX}" height="{HEIGHT}" rx="4" '
            f'fill="{FILL.get(room, "#ececec")}" stroke="#555555"/>',
            f'<text x="{x:.0f}" y="{y + 4.5:.0f}" text-anchor="middle">{escape(room)}</text>',
        ]
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> None:
    """Write or check the picture."""
    new = picture(edges())
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(new, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != new:
        sys.exit("docs/figures/house.svg is out of date; run python docs/draw_house.py")


if __name__ == "__main__":
    main()
