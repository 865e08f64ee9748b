"""A page as the blocks of a paper: headings, paragraphs, lists, tables, figures, in reading order.

The PDF is made from the page itself, so that both say the same, and nothing but the page passes the gate (law L10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from trucewatch.publishing.pdf.fonts import shown
from trucewatch.publishing.pdf.grid import table
from trucewatch.publishing.pdf.runs import Pictures, Run, alternative, day_cell, runs
from trucewatch.publishing.pdf.tree import Element

Block = dict[str, Any]
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
_INLINE = frozenset({"a", "b", "bdi", "br", "code", "em", "i", "small", "span", "strong"})
# What only a screen needs: ways to other pages, the row of section links, a hint how to move a table.
_SCREEN = frozenset({"skip", "pages", "toc", "hint", "defs", "faces-head"})
_BAR_LONG, _BAR_HIGH = 112, 17  # the longest bar of the mirror, in units of its picture
_STYLES = ("lead", "tag", "notice", "facts-line", "exercise", "none")


def blocks(body: Element, pictures: Pictures) -> list[Block]:
    """The blocks of a page's body."""
    return _Writer(pictures).of(body.inside)


class _Writer:
    """Writes the blocks of one page."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures

    def runs(self, parts: Iterable[Element | str]) -> list[Run]:
        """Words inside a block."""
        return runs(parts, self.pictures)

    def of(self, parts: Iterable[Element | str]) -> list[Block]:
        """The blocks of some elements; words that stand between blocks are paragraphs."""
        out: list[Block] = []
        loose: list[Element | str] = []

        def close() -> None:
            words = self.runs(loose)
            if words:
                out.append({"t": "p", "s": "", "c": words})
            loose.clear()

        for part in parts:
            if isinstance(part, str) or part.tag in _INLINE:
                if isinstance(part, str) or not part.classes & _SCREEN:
                    loose.append(part)
                continue
            close()
            out += self._block(part)
        close()
        return out

    def _block(self, e: Element) -> list[Block]:
        if e.classes & _SCREEN or e.tag in {"nav", "script", "style"}:
            return []
        if e.tag in _HEADINGS:
            return [{"t": "h", "n": _HEADINGS[e.tag], "c": self.runs(e.inside)}]
        made = _BLOCKS.get(e.tag)
        if made is not None:
            return made(self, e)
        if "mirror" in e.classes:
            return [self._mirror(e)]
        if "face" in e.classes:
            return self._face(e)
        return self.of(e.inside)

    def _paragraph(self, e: Element) -> list[Block]:
        style = next((s for s in _STYLES if s in e.classes), "")
        words = self.runs(e.inside)
        return [{"t": "p", "s": style, "c": words}] if words else []

    def _list(self, e: Element) -> list[Block]:
        style = "legend" if "legend" in e.classes else "plain" if "plain" in e.classes else ""
        items = [words for li in e.elements if (words := self.runs(li.inside))]
        return [{"t": "ul", "s": style, "i": items}] if items else []

    def _facts(self, e: Element) -> list[Block]:
        """Terms and what is said of each."""
        rows = [
            [self.runs(x.inside) for name in ("dt", "dd") for x in pair.elements if x.tag == name]
            for pair in e.elements
        ]  # fmt: skip
        return [{"t": "dl", "i": rows}]

    def _table(self, e: Element) -> list[Block]:
        if "steps" in e.classes:
            return [self._steps(e)]
        if "calendar" in e.classes:
            return [self._calendar(e)]
        return [table(e, self.pictures)]

    def _steps(self, e: Element) -> Block:
        """The steps of a sum: whose voice, why it weighs, its bar on the scale and the word for it."""
        head, *rows = e.all("tr")
        scale = next((r for r in rows if "scale" in r.classes), None)
        out = []
        for row in rows:
            if row is not scale:
                who, cell = row.elements
                bars = [_bar(i) for i in cell.elements if i.tag == "i"]
                words = self.runs(x for x in cell.inside if isinstance(x, str) or x.tag != "i")
                why = [x for x in who.elements if x.tag == "small"]
                name = self.runs(x for x in who.inside if x not in why)
                reason = self.runs(y for x in why for y in x.inside)
                out.append([name, reason, bars[0] if bars else None, words, "sum" in row.classes])
        ticks = [] if scale is None else [[_percent(s, "inset-inline-start"), s.text()] for s in scale.all("span")]
        return {"t": "steps", "h": [self.runs(th.inside) for th in head.elements], "r": out, "k": ticks}

    def _calendar(self, e: Element) -> Block:
        """Days beside each other as signs: a picture of what stands below it in words."""
        head, *rows = e.all("tr")
        days = [self.runs(x for x in th.elements if "vh" not in x.classes) for th in head.elements[1:]]
        out: list[Any] = []
        for row in rows:
            if "of" in row.classes:
                out.append(["of", self.runs(row.inside)])
            else:
                who, *cells = row.elements
                out.append(["row", self.runs(who.inside), [day_cell(c)[1:] for c in cells]])
        return {"t": "calendar", "d": days, "r": out}

    def _figure(self, e: Element) -> list[Block]:
        """A picture with its name above it and its key below."""
        caption = [x for x in e.elements if x.tag == "figcaption"]
        words = self.runs(y for x in caption for y in x.inside)
        inner = self.of(x for x in e.inside if x not in caption)
        pictures = [b for b in inner if b["t"] == "pic"]
        for picture in pictures:
            picture["cap"] = words
        return inner

    def _picture(self, e: Element) -> list[Block]:
        return [
            {
                "t": "pic",
                "n": self.pictures.number(e.source),
                "s": "map" if "map" in e.classes else "chart",
                "alt": alternative(e.source),
            }
        ]

    def _mirror(self, e: Element) -> Block:
        """Bars to the left and right of their words: a picture that says its numbers as its label does."""
        heads = [x for x in e.elements if "bar" not in x.classes][:3]
        bars = [self._side(x) for x in e.elements if "bar" in x.classes]
        words = [self.runs(x.inside) for x in e.elements if x not in heads and "bar" not in x.classes]
        rows = list(zip(bars[::2], words, bars[1::2], strict=True))
        alt = shown(e.attributes["aria-label"])
        return {"t": "mirror", "alt": alt, "h": [self.runs(x.inside) for x in heads], "r": rows}

    def _side(self, e: Element) -> list[Any]:
        """One bar: its number, its share of the longest one, its picture (None where it has no length)."""
        long, number = e.elements
        strips = [x for x in long.elements if x.tag == "svg"]
        share = float(long.attributes["style"].rpartition("*")[2].strip(" )"))
        sized = (x.source.replace("<svg", f'<svg viewBox="0 0 {_BAR_LONG * share:.1f} {_BAR_HIGH}"', 1) for x in strips)
        return [self.runs(number.inside), share, next((self.pictures.number(s) for s in sized), None)]

    def _face(self, e: Element) -> list[Block]:
        """One incident as each side tells it: columns of the same width."""
        cells = [x for x in e.elements if "side" in x.classes]
        rest = self.of(x for x in e.inside if x not in cells)
        return [*rest, {"t": "sides", "c": [self.of(x.inside) for x in cells]}]

    def _details(self, e: Element) -> list[Block]:
        """What a screen unfolds stands open on paper."""
        out: list[Block] = []
        for one in e.elements:
            if one.tag == "summary":
                out.append({"t": "p", "s": "head", "c": self.runs(one.inside)})
            else:
                out += self._block(one)
        return out


_BLOCKS: dict[str, Callable[[_Writer, Element], list[Block]]] = {
    "p": _Writer._paragraph, "aside": _Writer._paragraph, "ul": _Writer._list, "ol": _Writer._list,
    "dl": _Writer._facts, "table": _Writer._table, "figure": _Writer._figure, "svg": _Writer._picture,
    "details": _Writer._details,
}  # fmt: skip


def _bar(e: Element) -> list[Any]:
    """Where a bar begins and how long it is, per cent of the scale, and whether it raises, lowers or sums up."""
    kind = next(iter(e.classes & {"up", "down", "dot"}), "up")
    return [_percent(e, "inset-inline-start"), _percent(e, "inline-size"), kind]


def _percent(e: Element, name: str) -> float:
    """A length of an element's style in per cent; 0 where it has none."""
    rules = dict(rule.split(":", 1) for rule in e.attributes.get("style", "").split(";") if ":" in rule)
    return float(rules.get(name, "0%").strip().rstrip("%"))
