"""From a page to the bytes of a PDF. Words go to the typesetter as data, never as markup."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from trucewatch.model.errors import Fault, Refusal
from trucewatch.publishing.pdf import fonts
from trucewatch.publishing.pdf.blocks import blocks
from trucewatch.publishing.pdf.drawing import standing_alone
from trucewatch.publishing.pdf.runs import Pictures
from trucewatch.publishing.pdf.tree import Element, parse


def pdf(page: str, at_us: int) -> bytes:
    """The page (HTML, whole) as a PDF that says it was made at an instant (microseconds): the report's cut.

    The same page and instant give the same bytes everywhere. `Refusal` where the typesetter cannot set it.
    """
    import typst  # loads much, and only this needs it

    data = json.dumps(content(parse(page)), ensure_ascii=False, separators=(",", ":"))
    try:
        made = typst.compile(
            files(__package__).joinpath("report.typ").read_bytes(), font_paths=_fonts(), ignore_system_fonts=True,
            sys_inputs={"data": data}, pdf_standards=["ua-1"], timestamp=at_us // 1_000_000, format="pdf",
        )  # fmt: skip
    except typst.TypstError as e:
        remedy = "Write the page without --pdf, and report this with the message"
        raise Refusal(Fault(f"the PDF cannot be set: {e.message}", remedy)) from e
    return bytes(made)


def content(page: Element) -> dict[str, Any]:
    """What the typesetter gets: language, title, blocks and pictures."""
    pictures = Pictures()
    html = page.child("html")
    title = html.child("head").child("title").text()
    body = html.child("body")
    made = blocks(body, pictures)
    lang, _, region = html.attributes["lang"].partition("-")
    return {
        "lang": lang, "region": region if len(region) == 2 else "", "dir": html.attributes.get("dir", "ltr"),
        "title": fonts.shown(title), "mark": body.attributes.get("data-mark", ""), "font": fonts.FAMILY,
        "blocks": made, "pics": [standing_alone(svg) for svg in pictures.sources()],
    }  # fmt: skip


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """The shipped fonts and no others, read once."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts.folder())])
