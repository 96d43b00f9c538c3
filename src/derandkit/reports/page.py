"""One HTML page that needs nothing else: no script, no font and no picture from elsewhere."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from derandkit.words.quoting import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colours are those of the pictures; every pair of text and background has a contrast of at least 7 to 1.
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222222; background: #ffffff; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2rem; }
.answer { font-size: 1.2rem; border-left: 0.3rem solid #0072b2; padding-left: 0.8rem; }
.answer.open { border-left-color: #d55e00; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid #c8c8c8; }
th { white-space: nowrap; }
td.meaning { color: #444444; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; }
figcaption { color: #444444; }
img { max-width: 100%; height: auto; background: #ffffff; }
pre { background: #f1f1f1; padding: 0.8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.hint { display: none; }
summary { cursor: pointer; }
@media (max-width: 40rem) {
  tr:has(td.meaning), tr:has(td.meaning) > * { display: block; }
  tr:has(td.meaning) > :not(:last-child) { border-bottom: 0; padding-bottom: 0; }
  figure img { max-width: none; width: 42rem; }
  .hint { display: block; color: #444444; }
}
@media (prefers-color-scheme: dark) {
  body { color: #eeeeee; background: #16181d; }
  td.meaning, figcaption, .hint { color: #cccccc; }
  pre { background: #24272e; }
}
"""


def page(title: str, answer: str, sections: Sequence[str], *, settled: bool = True) -> str:
    """Return a page.

    Parameters
    ----------
    title, answer : str
        Text: what the page is about, and what was found. It is escaped here.
    sections : sequence of str
        HTML, as the functions below make it.
    settled : bool
        Whether the run reached its aim; else the answer has another colour.

    Examples
    --------
    >>> text = page("A cut < 5", "It weighs 4.", [])
    >>> "<h1>A cut &lt; 5</h1>" in text, "://" in text, "<script" in text
    (True, False, False)
    """
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # a page that is passed on loads nothing, whatever stands in it
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
            "style-src 'unsafe-inline'\">",
            f"<title>{_text(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{_text(title)}</h1>",
            f'<p class="{"answer" if settled else "answer open"}">{_text(answer)}</p>',
            *sections,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def section(title: str, *parts: str) -> str:
    """Return a section: a heading, and HTML below it."""
    return "\n".join([f"<section>\n<h2>{_text(title)}</h2>", *parts, "</section>"])


def paragraph(text: str) -> str:
    """Return a paragraph of text."""
    return f"<p>{_text(text)}</p>"


def commands(*lines: str) -> str:
    """Return lines for a terminal."""
    return "<pre><code>{}</code></pre>".format("\n".join(map(_text, lines)))


def folded(summary: str, *parts: str) -> str:
    """Return what opens at a click, or with Enter."""
    return "\n".join([f"<details>\n<summary>{_text(summary)}</summary>", *parts, "</details>"])


def meanings(rows: Sequence[tuple[str, Sequence[str], str]]) -> str:
    """Return a table of names, lines of figures, and what they mean.

    Examples
    --------
    >>> print(meanings([("cut", ["4", "5 before"], "weight between the sides")]))
    <div class="wide"><table>
    <tr><th scope="row">cut</th><td>4<br>5 before</td><td class="meaning">weight between the sides</td></tr>
    </table></div>
    """
    body = []
    for name, lines, meaning in rows:
        figures = "<br>".join(map(_text, lines))
        body.append(
            f'<tr><th scope="row">{_text(name)}</th><td>{figures}</td><td class="meaning">{_text(meaning)}</td></tr>'
        )
    return "\n".join(['<div class="wide"><table>', *body, "</table></div>"])


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: frozenset[int] = frozenset()
) -> str:
    """Return a table with a header; columns in `numbers` stand to the right."""
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in header)
    body = [
        "<tr>{}</tr>".format(
            "".join(
                f'<td class="number">{_text(cell)}</td>' if k in numbers else f"<td>{_text(cell)}</td>"
                for k, cell in enumerate(row)
            )
        )
        for row in rows
    ]
    return "\n".join(['<div class="wide"><table>', f"<tr>{head}</tr>", *body, "</table></div>"])


def picture(figure: Figure, description: str) -> str:
    """Return a figure of matplotlib as part of the page, with a description for those who do not see it."""
    from derandkit.plots.style import letters_of, own_settings

    data = io.BytesIO()
    with own_settings(), letters_of(figure):
        figure.savefig(data, format="svg", metadata={"Date": None})
    code = base64.b64encode(data.getvalue()).decode("ascii")
    return (
        '<p class="hint">On a narrow screen the picture is wider than the page: move it sideways.</p>\n'
        f'<figure><div class="wide" tabindex="0"><img alt="{_text(description)}" '
        f'src="data:image/svg+xml;base64,{code}"></div><figcaption>{_text(description)}</figcaption></figure>'
    )


def _text(text: str) -> str:
    return escape(printable(text))
