"""The report on paper says what the page says, in the same order, and tells it to a screen reader (PDF/UA-1)."""

from __future__ import annotations

import hashlib
import html as entities
import json
import os
import re
import subprocess
import sys
import unicodedata
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from tests.publishing.pdf.conftest import DAY
from tests.publishing.pdf.spoken import Paper
from trucewatch.publishing.pdf import pdf

# What stands in the page for a screen alone: its style, ways to other pages, pictures, hints, what only sight or only
# hearing gets.
_SCREEN = [
    r"<head>.*?</head>", r"<nav.*?</nav>", r"<svg.*?</svg>", r'<a class="skip".*?</a>', r'<p class="tag hint">.*?</p>',
    r'<table class="calendar">.*?</table>', r'<div class="faces-head".*?</div>', r'<tr class="scale".*?</tr>',
    r'<span[^>]*aria-hidden="true">.*?</span>',
]  # fmt: skip


def letters(text: str) -> str:
    """The letters and digits alone: no spaces, no isolates, no Arabic vowel signs; composed."""
    plain = re.sub("[\u064b-\u0652\u0670]", "", unicodedata.normalize("NFC", text))
    return "".join(c for c in plain if c.isalnum())


def pieces(page: str) -> list[str]:
    """What the page says, element by element."""
    for pattern in _SCREEN:
        page = re.sub(pattern, " ", page, flags=re.DOTALL)
    found = re.findall(r"<(?:p|h[1-4]|li|td|th|dt|dd|figcaption|summary|aside)\b[^>]*>([^<]*)", page)
    return [said for x in found if (said := letters(entities.unescape(x)))]


def test_all_that_the_page_says_stands_on_paper_in_the_same_order(page: str, paper: Paper) -> None:
    assert in_order(page, paper) > 150


@pytest.mark.parametrize("name", ["weekly.en", "weekly.ar", "spot-I1.en", "spot-I1.ar", "term-tarn_2f_1.ar"])
def test_reports_of_other_kinds_stand_on_paper_too(papers: Path, name: str) -> None:
    page = (papers / f"{DAY}.{name}.html").read_text("utf-8")
    assert in_order(page, Paper((papers / f"{DAY}.{name}.pdf").read_bytes())) > 60


def in_order(page: str, paper: Paper) -> int:
    """How many pieces the page says; fails where one does not stand on paper behind the one before it."""
    spoken = letters(paper.tree().text.replace("\ufffd", ""))
    at = 0
    said = pieces(page)
    for words in said:
        found = spoken.find(words, at)
        assert found >= 0, (words, spoken[at : at + 200])
        at = found + len(words)
    return len(said)


def test_it_says_that_it_is_tagged_and_in_which_language_and_what_it_is(page: str, paper: Paper, lang: str) -> None:
    assert bool(paper.root.MarkInfo.Marked)
    assert str(paper.root.Lang) == lang
    assert bool(paper.root.ViewerPreferences.DisplayDocTitle)
    title = re.search(r"<title>(.*?)</title>", page)
    assert title is not None
    assert letters(str(paper.pdf.docinfo["/Title"])) == letters(entities.unescape(title[1]))
    with paper.pdf.open_metadata() as data:
        assert data["pdfuaid:part"] == "1"


def test_headings_begin_with_one_of_the_first_level_and_skip_none(paper: Paper) -> None:
    levels = [int(h.role[1]) for h in paper.tree().all("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_picture_has_words_and_every_table_a_head(paper: Paper) -> None:
    tree = paper.tree()
    figures = list(tree.all("Figure"))
    assert len(figures) >= 3
    assert all(f.alt and len(f.alt) > 5 for f in figures)
    tables = list(tree.all("Table"))
    assert len(tables) >= 8
    for table in tables:
        (head,) = table.all("THead")
        assert any(h.text.strip() for h in head.all("TH"))
        assert all(h.scope == "/Column" for h in head.all("TH"))
        assert {len(list(row.all("TH", "TD"))) for row in head.all("TR")} == {len(list(head.all("TH")))}


def test_every_font_is_in_the_file_with_its_letters(paper: Paper) -> None:
    fonts = [o for o in paper.pdf.objects if isinstance(o, pikepdf.Dictionary) and str(o.get("/Type", "")) == "/Font"]
    whole = [f for f in fonts if str(f.Subtype) == "/Type0"]
    assert whole
    for font in whole:
        assert "/ToUnicode" in font
        assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def test_no_part_of_the_file_reaches_out_or_runs(papers: Path) -> None:
    for path in papers.glob("*.pdf"):
        data = path.read_bytes()
        assert not any(word in data for word in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile", b"/SubmitForm"))


def test_words_of_a_statement_are_never_markup(papers: Path) -> None:
    spoken = Paper((papers / "internal" / f"{DAY}.en.pdf").read_bytes()).tree().text
    assert '#panic("no") $x^2$ *bold* _slanted_ <label> @name \\ [open' in spoken
    assert "\ufffd" * 7 in spoken  # letters that the font has not are shown as such


def test_a_word_longer_than_a_column_breaks_and_is_whole(papers: Path) -> None:
    spoken = Paper((papers / "internal" / f"{DAY}.en.pdf").read_bytes()).tree().text
    assert "long" * 75 in spoken.replace("\u200b", "")
    pieces_of_it = re.findall(r"\u200b([long]+)", spoken)
    assert len(pieces_of_it) > 10
    assert max(map(len, pieces_of_it)) <= 16


def test_links_say_where_they_lead_and_headings_are_bookmarks(paper: Paper) -> None:
    links = [a for page in paper.pdf.pages for a in page.get("/Annots", [])]
    assert links
    assert all(str(a.Subtype) == "/Link" and str(a.Contents).startswith("https://") for a in links)
    assert all(str(page.Tabs) == "/S" for page in paper.pdf.pages)
    with paper.pdf.open_outline() as outline:
        (first,) = outline.root
        tree = paper.tree()
        assert [letters(x.title) for x in first.children] == [letters(h.text) for h in tree.all("H2")]


def test_the_same_page_is_the_same_bytes_in_another_process(papers: Path, tmp_path: Path) -> None:
    page = papers / f"{DAY}.ar.html"
    code = (
        "import sys; from pathlib import Path; from trucewatch.publishing.pdf import pdf; "
        "Path(sys.argv[2]).write_bytes(pdf(Path(sys.argv[1]).read_text('utf-8'), 1614785400000000))"
    )
    made = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        out = tmp_path / f"{seed}.pdf"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LANG": "C"}
        subprocess.run([sys.executable, "-c", code, str(page), str(out)], check=True, env=environment)
        made.append(out.read_bytes())
    assert made[0] == made[1]
    assert b"D:20210303153000Z" in made[0]


def test_another_cut_is_another_paper(papers: Path) -> None:
    page = (papers / f"{DAY}.en.html").read_text("utf-8")
    assert pdf(page, 1614785400_000_000) != pdf(page, 1614785401_000_000)


def test_the_shipped_fonts_are_those_of_the_list() -> None:
    folder = files("trucewatch.data") / "fonts"
    listed = json.loads((folder / "fonts.json").read_text("utf-8"))
    assert {f["file"] for f in listed} == {p.name for p in folder.iterdir() if p.name.endswith(".ttf")}
    for font in listed:
        assert hashlib.sha256((folder / font["file"]).read_bytes()).hexdigest() == font["sha256"]
        assert font["licence"] == "OFL-1.1"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text("utf-8")
    assert sum(len((folder / f["file"]).read_bytes()) for f in listed) < 1_500_000


@pytest.mark.parametrize("wrong", ["<p>open", "<p><b>crossed</p></b>"])
def test_a_page_that_is_not_closed_is_an_error_and_no_guess(wrong: str) -> None:
    page = f'<html lang="en" dir="ltr"><head><title>t</title></head><body>{wrong}</body></html>'
    with pytest.raises(ValueError, match="page"):
        pdf(page, 0)
