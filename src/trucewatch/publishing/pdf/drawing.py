"""The pictures of a page as files of their own: with the stripes that the page holds once, and with a shipped font."""

from __future__ import annotations

import re

from trucewatch.publishing.pdf.fonts import FAMILY, shown
from trucewatch.publishing.pdf.runs import alternative
from trucewatch.publishing.report.chart import patterns

_LINK = re.compile(r"</?a\b[^>]*>")
_WORDS = re.compile(r"<(title|desc)\b[^>]*>.*?</\1>", re.DOTALL)
_TEXT = re.compile(r"(<text\b[^>]*>)([^<]*)")
_CLASS = re.compile(r'class="([^"]*)"')
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
# What the style sheet of the page gives: a light edge around words on a map, sizes of words.
_STYLE = (
    f"text{{font-family:{FAMILY};font-size:%s}}"
    ".halo{paint-order:stroke;stroke:#ffffff;stroke-width:3px;stroke-linejoin:round}.num{font-size:13px}"
)


def standing_alone(svg: str) -> dict[str, object]:
    """A picture as the typesetter takes it: `svg`, its words `alt`, its size in its own units."""
    size = _SIZE.search(svg)
    if size is None:
        raise ValueError("a picture of the page does not tell its size")
    kind = _CLASS.search(svg)
    style = _STYLE % ("15px" if kind is not None and "map" in kind[1] else "13px")
    inner = _TEXT.sub(lambda m: m[1] + shown(m[2]), _LINK.sub("", _WORDS.sub("", svg)))
    head, _, rest = inner.partition(">")
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    defs = f"<defs>{patterns()}</defs>" if "url(#" in rest else ""
    return {
        "svg": f"{head}><style>{style}</style>{defs}{rest}", "alt": shown(alternative(svg)),
        "w": float(size[1]), "h": float(size[2]),
    }  # fmt: skip
