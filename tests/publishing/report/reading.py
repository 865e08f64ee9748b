"""A page as a reader finds it: headings, ids, links, the words of its parts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = {"meta", "br", "img", "input", "link", "path", "circle", "rect", "ellipse", "line", "pattern"}


class Reading(HTMLParser):
    """Headings (level, words), ids, link targets, and words by element id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[tuple[int, str]] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self._open: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.attributes.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if found.get("href"):
            self.targets.append(str(found["href"]))
        if re.fullmatch(r"h[1-6]", tag):
            self._open = tag
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open and self.headings:
            level, words = self.headings[-1]
            self.headings[-1] = (level, words + data)


def words(html: str) -> str:
    """The text of a page without style and tags."""
    html = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def part(html: str, id_: str) -> str:
    """The section of that id."""
    found = re.search(rf'<section id="{id_}".*?</section>', html, flags=re.S)
    assert found, id_
    return found[0]


def article(html: str, id_: str) -> str:
    """The article of an incident."""
    found = re.search(rf'<article id="{id_}".*?</article>', html, flags=re.S)
    assert found, id_
    return found[0]
