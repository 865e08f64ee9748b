"""Law L3 on the page: the report of exchanged input is the report with the names exchanged, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_SWAPS = (("norland", "sudland"), ("Norland", "Sudland"), ("Նորլանդ", "Սուդլանդ"), ("نورلاند", "سودلاند"))


def exchanged(text: str) -> str:
    for a, b in _SWAPS:
        text = text.replace(a, "\0").replace(b, a).replace("\0", b)
    return text


def plain(html: str) -> list[str]:
    """Lines of a page: pictures as their words; without style, links between pages and the note on what a mirror is."""
    html = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    html = re.sub(r'<nav class="pages".*?</nav>', "", html, flags=re.S)
    html = re.sub(r'<p class="notice".*?</p>', "", html, flags=re.S)
    html = re.sub(r"<svg\b.*?</svg>", lambda m: "".join(re.findall(r"<title>(.*?)</title>", m[0])), html, flags=re.S)
    # The order of the two columns, of the rows of a term and of actors in a line is that of the agreement in both.
    html = re.sub(r'(<div class="side" data-actor=.*?)\n</div>', lambda m: m[1].replace("\n", " "), html, flags=re.S)
    lines = [re.sub(r"\s+", " ", line).strip() for line in html.splitlines()]
    pieces = re.compile(r"[;,·]|</?span[^>]*>|<td>|\"|\. ")
    return sorted(" ".join(sorted(p.strip() for p in pieces.split(line))) for line in lines if line)


@pytest.mark.parametrize("lang", ["en", "hy", "ar"])
def test_the_mirror_is_the_report_with_the_names_exchanged(pages: Path, lang: str) -> None:
    report = (pages / f"2021-03-03.{lang}.html").read_text("utf-8")
    mirror = (pages / f"2021-03-03.{lang}.mirror.html").read_text("utf-8")
    assert plain(report) == plain(exchanged(mirror))


def test_report_and_mirror_are_not_the_same_page(pages: Path) -> None:
    report = (pages / "2021-03-03.en.html").read_text("utf-8")
    mirror = (pages / "2021-03-03.en.mirror.html").read_text("utf-8")
    assert plain(report) != plain(mirror)


def test_report_and_mirror_lead_to_each_other(pages: Path) -> None:
    assert 'href="2021-03-03.en.mirror.html"' in (pages / "2021-03-03.en.html").read_text("utf-8")
    assert 'href="2021-03-03.en.html"' in (pages / "2021-03-03.en.mirror.html").read_text("utf-8")
