"""Letters that the usual font of a picture lacks: another font draws them, or the legend says that none does."""

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
from derandkit.plots.fonts import fonts_for  # noqa: E402
from derandkit.plots.labels import Labels, write_labels, write_legend  # noqa: E402
from derandkit.plots.style import new_figure, save_figure  # noqa: E402

UNKNOWN = "\U0001039f"  # Ugaritic: no font of matplotlib has it


def drawn(first):
    """Draw two labels, of which this is the first; return its text, and what the legend says."""
    figure = new_figure(3, 3)
    axes = figure.add_subplot()
    written = write_labels(axes, [first, "b"], places := np.array([[0.2, 0.2], [0.8, 0.8]]), 100)
    write_legend(axes, [])
    Labels(axes, written, places, 100).settle(figure)
    return figure, written[0], [text.get_text() for text in axes.get_legend().get_texts()]


def test_another_font_draws_what_the_usual_one_lacks():
    with matplotlib.rc_context({"font.family": "cmr10", "axes.formatter.use_mathtext": True}):
        fonts = fonts_for(["a", "\u03c9"])  # cmr10 has no omega
        assert fonts.families[0] == "cmr10"
        assert (len(fonts.families), fonts.lacking) == (2, frozenset())
        _, label, notes = drawn("\u03c9")
        assert tuple(label.get_fontfamily()) == fonts.families
        assert not any("no installed font" in note for note in notes)
    assert len(fonts_for(["Zürich", "ω", "Łódź", "Пермь"]).families) == 1


def test_letters_that_no_font_has_are_said_once(tmp_path):
    if not fonts_for([UNKNOWN]).lacking:
        pytest.skip("a font with Ugaritic letters is installed")
    figure, _, notes = drawn(UNKNOWN * 2)
    assert [note for note in notes if "font" in note] == ["1 label with letters that no installed font has"]
    save_figure(figure, tmp_path / "g.svg")
    assert not any("font" in note for note in drawn("a")[2])
