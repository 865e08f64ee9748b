"""Words inside a paragraph or cell as runs: plain strings, and lists of a kind and what it holds.

Kinds: b, small, soft, code, br, lang (language, direction), link (address), key and pic (number of a picture), sign,
cell (kind of a calendar's day, hatched, sign, number).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from trucewatch.publishing.pdf.fonts import shown
from trucewatch.publishing.pdf.tree import Element

Run = Any  # str | list[Any]: what JSON can hold
_SPACE = re.compile(r"[ \t\n\r\f]+")
_LABEL = re.compile(r'aria-label="([^"]*)"')
_DESCRIPTION = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_LOOK = {"b": "b", "strong": "b", "em": "b", "small": "small", "code": "code"}
_FIRST_STRONG, _POP = "\u2068", "\u2069"


class Pictures:
    """The pictures of a document, each once, by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, source: str) -> int:
        """The number of a picture."""
        return self._numbers.setdefault(source, len(self._numbers))

    def sources(self) -> list[str]:
        """Every picture as SVG, in the order of the numbers."""
        return list(self._numbers)


def alternative(svg: str) -> str:
    """What a picture says in words: its label, else its title and description; empty for one that says nothing."""
    head = svg[: svg.index(">")]
    label = _LABEL.search(head)
    if label is not None:
        return unescape(label[1])
    parts = [m[1] for m in (_TITLE.search(svg), _DESCRIPTION.search(svg)) if m is not None]
    return unescape(". ".join(parts)) if "aria-labelledby" in head else ""


def runs(parts: Iterable[Element | str], pictures: Pictures) -> list[Run]:
    """The words of some elements as runs, white space folded, none at the ends or beside a line break."""
    return _folded(_runs(parts, pictures))


def _runs(parts: Iterable[Element | str], pictures: Pictures) -> list[Run]:
    out: list[Run] = []
    for part in parts:
        if isinstance(part, str):
            out.append(shown(_SPACE.sub(" ", part)))
        else:
            out += _element(part, pictures)
    return out


def _element(e: Element, pictures: Pictures) -> list[Run]:
    """The runs of one element inside words."""
    classes = e.classes
    if e.tag == "svg":
        return [["key" if "key" in classes else "pic", pictures.number(e.source)]]
    if e.tag == "br":
        return [["br"]]
    if "o" in classes:
        return [day_cell(e)]
    if "sign" in classes:
        return [["sign", shown(e.text())]]
    inner = _runs(e.inside, pictures)
    if e.tag == "bdi" or e.attributes.get("dir") == "auto":
        inner = [_FIRST_STRONG, *inner, _POP]
    if e.attributes.get("lang"):
        inner = [["lang", e.attributes["lang"], e.attributes.get("dir", "ltr"), inner]]
    elif e.attributes.get("dir") in {"ltr", "rtl"} and e.tag != "html":
        inner = [["lang", "", e.attributes["dir"], inner]]
    if e.tag == "a" and e.attributes.get("href", "").startswith(("https://", "http://")):
        inner = [["link", e.attributes["href"], inner]]
    if e.tag in _LOOK:
        inner = [[_LOOK[e.tag], inner]]
    elif classes & {"tag", "none"}:
        inner = [["soft", inner]]
    block = "line" in classes or e.tag in {"div", "p", "li"}
    return [["br"], *inner, ["br"]] if block else inner


def day_cell(e: Element) -> list[Any]:
    """One day of a calendar: its kind, whether it is hatched, its sign, how many are alleged."""
    kind = next((c[2:] for c in e.classes if c.startswith("o-")), "outside")
    shown_part = e.elements[0] if e.elements else e
    number = "".join(x.text() for x in shown_part.elements)
    sign = "".join(x for x in shown_part.inside if isinstance(x, str)).strip()
    return ["cell", kind, "hatched" in e.classes, shown(sign), number]


def _folded(given: list[Run]) -> list[Run]:
    """Strings joined, spaces folded, breaks once and not at the ends."""
    out: list[Run] = []
    for run in _cleaned(given, _Ends())[0]:
        if isinstance(run, str) and out and isinstance(out[-1], str):
            out[-1] += run
        else:
            out.append(run)
    while out and (out[-1] == ["br"] or out[-1] in (" ", "")):
        out.pop()
    if out and isinstance(out[-1], str):
        out[-1] = out[-1].rstrip(" ")
    return out


class _Ends:
    """Whether a space or break would be seen here: what stands before is nothing, a space or a break."""

    def __init__(self) -> None:
        self.blank = True
        self.broken = True


def _cleaned(given: list[Run], at: _Ends) -> tuple[list[Run], _Ends]:
    out: list[Run] = []
    for run in given:
        if isinstance(run, str):
            text = run.lstrip(" ") if at.blank else run
            if text:
                out.append(text)
                at.blank, at.broken = text.endswith(" "), False
        elif run == ["br"]:
            if not at.broken:
                out.append(run)
            at.blank = at.broken = True
        elif isinstance(run[-1], list):
            inner, at = _cleaned(run[-1], at)
            if inner:
                out.append([*run[:-1], inner])
        else:
            out.append(run)
            at.blank = at.broken = False
    return out, at
