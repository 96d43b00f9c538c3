"""The words of docs, docstrings, comments and messages: those of the field, and none that a reader stumbles over."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "datasets/README.md")
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

#: What pages for users avoid too: metaphors, and words whose sense a reader has to guess.
PAGES_AVOID = {
    r"dice": "random numbers, randomized algorithm",
    r"asked (?:for|about)": "chosen, set, refused with both readings named",
    r"speaks? (?:about|of)": "is about",
    r"taken for": "read as",
    r"without a word": "without a message",
    r"honest": "correct",
    r"hands? it back": "returns it",
    r"bad luck|by luck|lucky|luck": "chance",
    r"thrown? (?:away|out)|throws of": "draw, drop",
    r"whatever (?:that|the) gap": "for any gap",
    r"sits? (?:in|on|at)": "is in, is at",
    r"small print": "details",
    r"loses nothing": "never makes it worse",
}
#: What is not written, as a pattern -> what is written in its place.
AVOID = {
    r"contestants?": "method",
    r"afresh": "anew, again",
    r"sought": "computed, wanted",
    r"nobody": "no one, none",
    r"thrown away": "left out, dropped",
    r"deaf": "ignores",
    r"hurry|hurried|hasty": "coarse, shorter",
    r"told": "reported, given",
    r"tells?(?! *\()": "reports, says, decides",
    r"odd edges?": "positive edge",
    r"wrong edges?": "frustrated edge",
    r"turn(?:s|ed|ing)? (?:\w+ )?over": "flip; switching",
    r"heaviest": "greatest",
    r"albeit|whence|thence|lest|perchance|thereof|wherein|whereby": "a word that is in use",
    r"plain to see": "known, found by",
    r"kernel of \d+ vertices": "reduced graph",
    r"the (?:Gaussian |final |input |start )?laws?": "distribution",
    r"an? (?:Gaussian |final |input |start )?law(?! of large)": "distribution",
}


def prose(page: str) -> str:
    """The text of a page without blocks and pieces of code, and without links."""
    page = re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), page, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)", " ", page)


def words_of(file: Path) -> list[tuple[int, str]]:
    """Lines of prose with their numbers: a page's, or the texts and comments of a module."""
    if file.suffix == ".md":
        return list(enumerate(prose(file.read_text(encoding="utf-8")).splitlines(), 1))
    lines = []
    for token in tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)):
            text = re.sub(r"``[^`]*``|`[^`\n]*`", " ", token.string)
            for number, line in enumerate(text.splitlines(), token.start[0]):
                if not line.lstrip().startswith((">>>", "...")):
                    lines.append((number, line))
    return lines


@pytest.mark.parametrize("files", [PAGES, SOURCES], ids=["pages", "sources"])
def test_words_of_the_field_are_used(files):
    found = [
        f"{file.relative_to(ROOT)}:{number}: {hit[0]!r}; write {better}"
        for file in files
        for number, line in words_of(file)
        for pattern, better in (AVOID | PAGES_AVOID if files is PAGES else AVOID).items()
        for hit in re.finditer(rf"\b(?:{pattern})\b", line, re.IGNORECASE)
    ]
    assert found == []


def test_prose_is_what_people_read():
    page = "One `odd edge` and [text](law.md).\n```python\nlaw = told\n```\nA law.\n"
    assert [line for line in prose(page).splitlines() if line.strip()] == ["One   and [text .", "A law."]
    assert prose(page).splitlines()[4] == "A law."


@pytest.mark.parametrize("pattern", AVOID | PAGES_AVOID)
def test_every_pattern_can_find_something(pattern):
    """A pattern that matches no text would hold whatever is written."""
    samples = [
        "contestants", "afresh", "sought", "nobody", "thrown away", "deaf", "hasty", "told", "tells", "odd edges",
        "a wrong edge", "turned it over", "heaviest", "lest", "plain to see", "kernel of 3 vertices", "the final law",
        "a law", "dice", "asked for", "speaks of", "taken for", "without a word", "honest", "hand it back", "by luck",
        "throws of", "whatever the gap", "sits in", "small print", "loses nothing",
    ]  # fmt: skip
    assert any(re.search(rf"\b(?:{pattern})\b", sample) for sample in samples)
