"""An HTML page of ours as a tree of elements. Pictures stay whole: their source is what is drawn again on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_CLASS = re.compile(r'<svg\b[^>]*\bclass="([^"]*)"')


@dataclass(slots=True)
class Element:
    """One element: its tag, attributes, and what is in it in reading order. `source`: of a picture, its SVG."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)
    source: str = ""

    @property
    def classes(self) -> frozenset[str]:
        """Its classes."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def elements(self) -> list[Element]:
        """The elements directly in it."""
        return [x for x in self.inside if isinstance(x, Element)]

    def all(self, tag: str) -> Iterator[Element]:
        """Every element of that tag below it, in reading order."""
        for one in self.elements:
            if one.tag == tag:
                yield one
            yield from one.all(tag)

    def text(self) -> str:
        """All words in it, as they stand."""
        return "".join(x if isinstance(x, str) else x.text() for x in self.inside)


class _Reader(HTMLParser):
    """Builds the tree. Our templates close what they open, so that nothing has to be guessed."""

    def __init__(self, pictures: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root")
        self._open = [self.root]
        self._pictures = pictures

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs})
        if tag == "svg":
            element.source = self._pictures[int(element.attributes["n"])]
            found = _CLASS.match(element.source)
            element.attributes["class"] = found[1] if found is not None else ""
        self._open[-1].inside.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._open[-1].tag != tag:
            raise ValueError(f"the page closes <{tag}> where <{self._open[-1].tag}> is open")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def parse(html: str) -> Element:
    """The tree of a page; ValueError where a tag is closed that is not open."""
    pictures = _PICTURE.findall(html)
    numbers = iter(range(len(pictures)))
    reader = _Reader(pictures)
    reader.feed(_PICTURE.sub(lambda _: f'<svg n="{next(numbers)}"></svg>', html))
    reader.close()
    if len(reader._open) > 1:
        raise ValueError(f"the page leaves <{reader._open[-1].tag}> open")
    return reader.root
