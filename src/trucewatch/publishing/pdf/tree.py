"""An HTML page of ours as a tree of elements. Pictures stay whole: their source is what is drawn again on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ASIDE = re.compile(r"<!--.*?-->|<!doctype[^>]*>|<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r'<(/?)([a-z][a-z0-9-]*)((?:[^>"]|"[^"]*")*)>')
_ATTRIBUTE = re.compile(r'([a-z][a-z0-9:-]*)(?:="([^"]*)")?')
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

    def child(self, tag: str) -> Element:
        """The first element of that tag directly in it; ValueError where there is none."""
        for one in self.elements:
            if one.tag == tag:
                return one
        raise ValueError(f"the page has no <{tag}>")

    def all(self, tag: str) -> Iterator[Element]:
        """Every element of that tag below it, in reading order."""
        for one in self.elements:
            if one.tag == tag:
                yield one
            yield from one.all(tag)

    def text(self) -> str:
        """All words in it, as they stand."""
        return "".join(x if isinstance(x, str) else x.text() for x in self.inside)


def parse(html: str) -> Element:
    """The tree of a page of ours: tags closed in order, attributes in double quotes, `<` and `&` escaped in words.

    ValueError where a tag is closed that is not open, or left open. A general parser takes four times as long.
    """
    pictures = _PICTURE.findall(html)
    html = _PICTURE.sub("<svg></svg>", _ASIDE.sub("", html))
    left = iter(pictures)
    root = Element("#root")
    open_ = [root]
    at = 0
    for found in _TAG.finditer(html):
        if found.start() > at:
            open_[-1].inside.append(unescape(html[at : found.start()]))
        at = found.end()
        closes, tag, rest = found.groups()
        if closes:
            if open_[-1].tag != tag:
                raise ValueError(f"the page closes <{tag}> where <{open_[-1].tag}> is open")
            open_.pop()
            continue
        element = _picture(next(left)) if tag == "svg" else Element(tag, _attributes(rest))
        open_[-1].inside.append(element)
        if tag not in _VOID:
            open_.append(element)
    if len(open_) > 1:
        raise ValueError(f"the page leaves <{open_[-1].tag}> open")
    return root


@lru_cache(maxsize=4096)
def _attributes(text: str) -> dict[str, str]:
    """Attributes by name, without a value as empty; kept, as most elements of a table have the same."""
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _picture(source: str) -> Element:
    found = _CLASS.match(source)
    return Element("svg", {"class": found[1] if found is not None else ""}, source=source)
