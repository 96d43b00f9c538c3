"""A directive for the gallery: the pictures of the lessons, each with its words and a link to where it is made.

The lessons run when the site is built, and the gallery takes the pictures from what they made: nothing is drawn twice,
and no picture of the gallery can be out of date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

#: Pages whose pictures are shown, in this order.
LESSONS = ("hyperplanes", "retrieval", "table", "certify", "own-objective")


class Pictures(nodes.General, nodes.Element):
    """The place of the pictures, until all lessons have been read."""


class LessonPictures(Directive):
    """``{lesson-pictures}``: all pictures of the lessons."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark, which `fill` replaces."""
        return [Pictures()]


def pictures_of(env: BuildEnvironment, page: str) -> list[tuple[nodes.image, str]]:
    """Return the pictures that the cells of a page made, each with the name of its section's anchor."""
    found = []
    seen = set()
    for image in env.get_doctree(page).findall(nodes.image):
        if "jupyter_execute" in image["uri"] and image["uri"] not in seen:
            seen.add(image["uri"])
            above: Any = image
            while not isinstance(above, nodes.section):
                above = above.parent
            found.append((image, above["ids"][0]))
    return found


def fill(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the pictures where the directive stands."""
    for place in list(doctree.findall(Pictures)):
        parts: list[nodes.Node] = []
        for lesson in LESSONS:
            name = f"lessons/{lesson}"
            pictures = pictures_of(app.env, name)
            if not pictures:
                raise ValueError(f"the lesson {name} has made no pictures")
            title = app.env.titles[name].astext()
            target = app.builder.get_relative_uri(page, name)
            parts.append(nodes.rubric(title, title))
            row = nodes.container(classes=["gallery"])
            for number, (image, anchor) in enumerate(pictures, 1):
                words = image.get("alt", title)
                copy = nodes.image(uri=image["uri"], alt=words, candidates=dict(image["candidates"]))
                link = nodes.reference("", "", copy, refuri=f"{target}#{anchor}", internal=True)
                shown = nodes.figure("", link, nodes.caption(words, words))
                shown["ids"] = [f"{lesson}-{number}"]
                row += shown
            parts.append(row)
        place.replace_self(parts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Let pages use the directive."""
    app.add_node(Pictures)
    app.add_directive("lesson-pictures", LessonPictures)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
