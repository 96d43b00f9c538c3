"""Points read from plain text, with distrust: rows of numbers, maybe below a row of names."""

import re

from headers import has_names
from instances import Points
from report import need
from texts import MISSING, NUMBER, NUMBERS, lines, number


def read_points(text, about=None):
    """Read rows of numbers, with commas or blanks between them, maybe below a row of names."""
    found = lines(text)
    need(found, "the file has no lines")
    commas, tabs = (sum(sign in line for line in found) for sign in ",\t")
    need(not (commas and tabs), "commas or tabs may part the columns")
    need(
        not any(re.search(r"\t(\s|$)|^\s*\t", line) for line in found),
        "a tab may begin a column without numbers",
    )
    if commas:
        table = [[cell.strip() for cell in line.split(",")] for line in found]
    else:
        table = [line.split() for line in found]
    names, numeric = None, [bool(NUMBER.fullmatch(cell)) for cell in table[0]]
    if not all(numeric):
        need(not any(numeric), "the first row has names and numbers")
        names, *table = table
        need(all(names), "a column has no name")
        quoted = [name[1:-1] if name[0] == name[-1] == '"' and len(name) > 1 else name for name in names]
        need(all(quoted) and '"' not in "".join(quoted), "the names of columns are not read here")
        need(not quoted[0].startswith(("//", "--", "%", ";", "!")), "the first line may be a comment")
        need(all(any(map(str.isalpha, name)) for name in quoted), "a column may have no name")
        need(not set("".join(quoted)) & set("#<>[]{}\\"), "a sign in a name may say what the file is")
        need(
            not any(c.isnumeric() for name in quoted for c in name if not c.isascii()),
            "a name may be a number",
        )
        need(not any(";" in name or "|" in name for name in quoted), "a semicolon or a bar may part columns")
        need(not set(map(str.lower, quoted)) & MISSING, "the first row may be names or missing numbers")
        need(quoted[0].lower() not in NUMBERS, "the first column may number the rows")
        names = quoted
    need({len(row) for row in table} == {len(numeric)}, "rows of other lengths")
    values = [[number(cell) for cell in row] for row in table]
    if names is None and has_names(table, values, about):
        (names, *table), (_, *values) = table, values
    first = [row[0] for row in table]
    steps = [[str(k + start) for k in range(len(table))] for start in (0, 1)]
    need(not (len(numeric) > 1 and len(table) > 1 and first in steps), "the first column may number the rows")
    need(not re.search(r"^#\s*[,\t]", text, re.MULTILINE), "a comment may be the names of the columns")
    notes = [re.split(r"[,\s]+", line[1:].strip()) for line in lines(text, "\n") if line.startswith("#")]
    need(
        not any(len(note) == len(numeric) and all(map(NUMBER.fullmatch, note)) for note in notes),
        "a comment may be a row",
    )
    if names and len(set(names)) < len(names):  # of columns that share a name, numbers are the names
        names = [str(k + 1) for k in range(len(names))]
    return Points(values, names=names, header=bool(names))
