"""Letters that the font of a picture lacks: other installed fonts that have them, found by their tables."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure


class Fonts(NamedTuple):
    """Families to draw with, the usual one first, and the letters that none of them has."""

    families: tuple[str, ...]
    lacking: frozenset[str]


def fonts_for(texts: Iterable[str]) -> Fonts:
    """Return the families that have the letters of some texts, as far as fonts with them are installed.

    Notes
    -----
    Only where the usual font lacks a letter are the other ones opened, once for each set of letters: the one that has
    the most of those that are missing is taken, the first by name among equals, until no font has any of the rest.

    Examples
    --------
    >>> fonts_for(["Zürich", "Łódź"]).lacking
    frozenset()
    """
    from matplotlib import rcParams

    letters = frozenset(letter for text in texts for letter in text if not letter.isspace())
    return _found(letters, tuple(rcParams["font.family"]))


@lru_cache(maxsize=64)
def _found(letters: frozenset[str], usual: tuple[str, ...]) -> Fonts:
    from matplotlib import font_manager

    plain = font_manager.FontProperties(family=list(usual))
    missing = letters - _letters_of(font_manager.findfont(plain))
    if not missing:
        return Fonts(usual, frozenset())
    upright: dict[str, str] = {}
    for font in sorted(
        font_manager.fontManager.ttflist, key=lambda font: (font.style != "normal", font.fname)
    ):
        if not font.name.startswith("Last Resort"):  # it has a box for every letter
            upright.setdefault(font.name, font.fname)
    has = {name: missing & _letters_of(path) for name, path in sorted(upright.items())}
    families = usual
    while missing:
        best = max(has, key=lambda name: len(has[name] & missing))  # the first by name among equals
        if not has[best] & missing:
            break
        families, missing = (*families, best), missing - has[best]
    return Fonts(families, missing)


def _letters_of(path: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(path).get_charmap()))
    except (RuntimeError, OSError):  # a font that cannot be opened
        return frozenset()


def use_fonts(figure: Figure) -> None:
    """Give every text of a figure whose letters the usual font lacks the families that have them."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if isinstance(text, Text) and not text.get_text().isascii():
            fonts = fonts_for([text.get_text()])
            if len(fonts.families) > 1:
                text.set_fontfamily(list(fonts.families))
