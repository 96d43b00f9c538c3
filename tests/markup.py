"""HTML and pictures, parsed: elements and attributes that are not ours are refused."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

OURS = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content", "http-equiv"}, "title": set(),
    "style": {"type"}, "body": set(), "main": set(), "h1": set(), "h2": set(), "p": {"class"}, "section": set(),
    "pre": set(), "code": set(), "details": set(), "summary": set(), "div": {"class", "tabindex"}, "table": set(),
    "tr": set(), "th": {"scope", "style"}, "td": {"class", "style"}, "br": set(), "figure": set(), "figcaption": set(),
    "img": {"alt", "src", "style", "width", "class"},
}  # fmt: skip
#: What matplotlib draws with.
DRAWN = {
    "svg",
    "g",
    "path",
    "defs",
    "use",
    "clippath",
    "rect",
    "style",
    "metadata",
    "image",
    "text",
    "tspan",
    "title",
}
DRAWN |= {"rdf:rdf", "cc:work", "dc:type", "dc:format", "dc:creator", "cc:agent", "dc:title", "dc:date"}


class Elements(HTMLParser):
    """Refuses elements and attributes that are not ours; `words` are the texts and alternatives, as one reads them."""

    def __init__(self, text):
        super().__init__()
        self.words = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert tag in OURS, tag
        assert {name for name, _ in attributes} <= OURS[tag], (tag, attributes)
        for name, value in attributes:
            if name == "src":
                self.picture(value)
            assert name == "alt" or "evil" not in value, (tag, name, value)
            self.words.append(value)

    def picture(self, source):
        kind, _, code = source.partition(";base64,")
        assert kind in ("data:image/svg+xml", "data:image/png")
        if kind.endswith("xml"):
            inside = Drawing()
            inside.feed(base64.b64decode(code).decode())

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        raise AssertionError(data)

    def handle_pi(self, data):
        raise AssertionError(data)

    def unknown_decl(self, data):
        raise AssertionError(data)


class Drawing(HTMLParser):
    """A picture in a page has no element that runs or loads."""

    def handle_starttag(self, tag, attributes):
        assert tag in DRAWN, tag
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name.endswith("href"):
                assert value.startswith(("#", "data:image/png;base64,")), value
