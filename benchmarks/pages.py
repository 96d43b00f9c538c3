"""Write the stored results of the benchmarks into the pages: ``python benchmarks/pages.py [--check]``.

A page names a table between two comments, which Markdown does not show:

    <!-- table scale/random: n / m; maxcut s; cut -->
    (the table, written by this script)
    <!-- end -->

The address is that of `tables.stored`: the file ``results/scale.json``, its table ``random``. Columns are optional and
come in the order named. ``measured`` instead of ``table`` writes one line with the day, the machine and the versions.
So one figure has one place, and two pages cannot disagree. The tables of what records state are those of the checker:

    <!-- statements derandkit-maxcut -->

``--check`` writes nothing and fails where a page is not up
to date.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tables import RESULTS, markdown

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^<!-- (?P<kind>table|measured) (?P<name>\w+)/(?P<key>[\w-]+)(?:: (?P<columns>.*?))? -->\n.*?^<!-- end -->$",
    flags=re.M | re.S,
)
STATEMENTS = re.compile(r"^<!-- statements (?P<schema>[\w-]+) -->\n.*?^<!-- end -->$", flags=re.M | re.S)
OPENING = re.compile(r"^<!-- (?:table|measured|statements) ", flags=re.M)


class PageError(Exception):
    """A page names a result that is not there."""


@cache
def results(name: str) -> dict[str, Any]:
    """Return the stored results of one benchmark."""
    file = RESULTS / f"{name}.json"
    if not file.exists():
        raise PageError(f"no results {file.name}; python benchmarks/run.py {name} stores them")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def stored_table(name: str, key: str) -> dict[str, Any]:
    """Return one table with its day, machine and versions."""
    tables = results(name)["tables"]
    if key not in tables:
        raise PageError(f"results/{name}.json has no table {key!r}; it has {', '.join(tables)}")
    found: dict[str, Any] = tables[key]
    return found


def table(found: dict[str, Any], columns: str | None) -> str:
    """Return the table, or the columns of it that are named, as Markdown."""
    header, rows = found["header"], found["rows"]
    if columns is None:
        return markdown(header, rows)
    names = [name.strip() for name in columns.split(";")]
    unknown = [name for name in names if header.count(name) != 1]
    if unknown:
        raise PageError(f"no single column {unknown[0]!r} among {'; '.join(header)}")
    places = [header.index(name) for name in names]
    return markdown(names, [[row[k] for k in places] for row in rows])


def measured(found: dict[str, Any]) -> str:
    """Return one line: when, with what, on which machine."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    return f"Measured on {found['date']}: {found['machine']}; {versions}."


def statements(schema: str) -> str:
    """Return the table of what a kind of record states, as Markdown."""
    from derandkit.certificates.kinds import KINDS

    if schema not in KINDS:
        raise PageError(f"no kind of record {schema!r} among {', '.join(KINDS)}")
    rows = [
        [f"`{row.name}`", row.says, row.verdict, row.rests_on, "yes" if row.headline else "no"]
        for row in KINDS[schema]
    ]
    for prefix, tables in KINDS[schema].inside.items():
        kinds = " or ".join(f"`{table.schema}`" for table in tables)
        rows.append(
            [
                f"`{prefix}.*`",
                f"the record {kinds} within",
                "as there",
                "every statement of its table",
                "as there",
            ]
        )
    header = ["statement", "what the record says", "verdict", "what it rests on", "headline"]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, ["---"] * len(header), *rows])


def written(text: str) -> str:
    """Return the text of a page with every block written anew from the stored results and the tables of the checker."""

    def block(match: re.Match[str]) -> str:
        found = stored_table(match["name"], match["key"])
        inside = measured(found) if match["kind"] == "measured" else table(found, match["columns"])
        opening = match.group().partition("\n")[0]
        # a table begins after an empty line, and the comment behind it must not become its last row
        return f"{opening}\n\n{inside}\n\n<!-- end -->"

    def table_of(match: re.Match[str]) -> str:
        opening = match.group().partition("\n")[0]
        return f"{opening}\n\n{statements(match['schema'])}\n\n<!-- end -->"

    done, count = BLOCK.subn(block, text)
    done, more = STATEMENTS.subn(table_of, done)
    if count + more != len(OPENING.findall(text)):
        raise PageError(
            "a block has no <!-- end -->, or its first line has another form than in benchmarks/pages.py"
        )
    return done


def main() -> None:
    """Write or check every page."""
    check, late = "--check" in sys.argv[1:], []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        try:
            new = written(text)
        except PageError as error:
            sys.exit(f"{page.relative_to(ROOT)}: {error}")
        if new != text:
            late.append(str(page.relative_to(ROOT)))
            if not check:
                page.write_text(new, encoding="utf-8")
    if late:
        print("\n".join(late))
    if check and late:
        sys.exit("these pages are not what the stored results say; run python benchmarks/pages.py")


if __name__ == "__main__":
    main()
