"""The page of an agreement file: what stands on its map, its time line and in its sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import escape

from tests.publishing.agreement_page.conftest import LANGS
from tests.publishing.agreement_page.texts import teller, valley
from trucewatch.agreement import load
from trucewatch.agreement.describing import describe
from trucewatch.mission.folder import bundled_agreements
from trucewatch.publishing.agreement_page import page_paths, render
from trucewatch.publishing.agreement_page.page import Part
from trucewatch.publishing.agreement_page.timeline import clocks, scale_of
from trucewatch.publishing.locale import Catalogue, available

FILES = bundled_agreements()
SECTIONS = {"encoded", "doubt", "built", "clock", "zone_status"}  # of the catalogues, for this page


def plain(html: str) -> str:
    """The words of a page alone."""
    return " ".join(re.sub(r"<(style|svg).*?</\1>|<[^>]+>", " ", html, flags=re.S).split())


def part(text: str, lang: str = "en") -> Part:
    """A bundled agreement as the page sees it."""
    return Part(load(FILES[text]), Catalogue(lang), 1)


def test_minsk_shows_15_km_for_each_side(agreement_pages: Path) -> None:
    words = plain((agreement_pages / "donbas-2014-09-19.html").read_text("utf-8"))
    assert "Ukraine : 15 km" in words
    assert "Luhansk regions : 15 km" in words


def test_the_package_of_measures_shows_25_km_for_each_side_as_half_of_50(agreement_pages: Path) -> None:
    words = plain((agreement_pages / "donbas-2015-02-12.html").read_text("utf-8"))
    for side in ("Ukraine", "Luhansk regions"):
        assert f"{side} : 25 km, half of the 50 km between the sides" in words
    assert "the sides measure their halves from different lines" in words


def test_every_bundled_file_has_a_page_in_every_language_with_no_text_missing() -> None:
    for path in FILES.values():
        agreement = load(path)
        for lang in available():
            t = Catalogue(lang)
            one = Part(agreement, t, 1)
            assert one.doubts is not None
            assert len(one.clocks) >= len(agreement.events)
            assert [z.name for z in one.zones] == [one.teller.name(z) for z in agreement.zones]
            assert not {
                m for m in t.missing if m.split(".")[0] in {"encoded", "doubt", "built", "clock", "zone_status"}
            }


@pytest.mark.parametrize("lang", available())
def test_a_page_is_one_text_that_names_nothing_outside(lang: str) -> None:
    html = render([valley()], page_paths(Path("v.html"), [lang]), lang)
    assert f'<html lang="{lang}"' in html
    assert not re.search(r'(?:src|href)="(?!#)|url\((?!#)|@import', html)


def test_zones_with_a_shape_have_numbers_and_one_without_has_its_reason(valley_page: str) -> None:
    rows = {z.zone.id: z for z in Part(valley(), Catalogue("en"), 1).zones}
    assert [z.number for z in rows.values()] == [1, 2, 3, 4, 5, 6, 7, None]
    assert rows["port"].note == "The text names it and draws nothing."
    assert "The text names it and draws nothing." in valley_page
    assert set(re.findall(r'class="num">(\d)</text>', valley_page)) == set("1234567")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("line", "line of 2 points"),
        ("belt", "5 km to either side of line"),
        ("strip", "3 km to the left of line"),
        ("corridor", "2 km wide in all, along road"),
        ("town", "circle of 1 km around 39.5, 21.02"),
        ("rest", "as belt; without town"),
    ],
)
def test_how_a_zone_is_built_is_told(zone: str, words: str) -> None:
    assert {z.zone.id: z.built for z in Part(valley(), Catalogue("en"), 1).zones}[zone] == words


def test_zones_on_both_sides_of_the_180th_meridian_stand_together() -> None:
    line = "line: [{lat: 39.0, lon: 21.0}, {lat: 40.0, lon: 21.0}]"
    across = "line: [{lat: 39.0, lon: 179.99}, {lat: 40.0, lon: 179.99}]"
    east = [("lon: 20.9", "lon: 179.9"), ("lon: 21.1", "lon: 179.98"), ("lon: 21.02", "lon: 179.9")]
    moved = valley((line, across), *east)
    assert any(z.geometry is not None and z.geometry.bounds[0] < -179 for z in moved.zones.values())
    for agreement in (valley(), moved):
        assert "20 km</text>" in Part(agreement, Catalogue("en"), 1).maps[0][1]


def test_a_provisional_line_is_dashed_and_an_agreed_one_solid(valley_page: str) -> None:
    lines = re.findall(r"<path [^>]*stroke-width=\"2.2\"( stroke-dasharray=\"7 5\")?><title>(\w+)", valley_page)
    assert {(name, bool(dash)) for dash, name in lines} == {("line", True), ("road", False)}


def test_each_side_of_a_line_is_marked_and_told(valley_page: str) -> None:
    words = plain(valley_page)
    assert "Arden: left" in words
    assert "Brevia: right" in words
    first = valley_page.index('<svg class="map"')
    picture = valley_page[first : valley_page.index("</svg>", first)]
    assert len(re.findall(r'<rect [^>]*class="pa edge"', picture)) == 3
    marks = {
        name: [float(x) for x in re.findall(rf'<rect x="([\d.]+)"[^>]*class="{name} edge"', picture)]
        for name in ("pa", "pb")
    }
    assert max(marks["pa"]) < min(marks["pb"])  # the line runs north: its left is the west


def test_the_time_line_has_every_clock_and_marks_what_waits() -> None:
    agreement = valley()
    rows = clocks(agreement, teller(agreement), describe(agreement))
    told = {(r.kind, r.name): r for r in rows}
    assert told["event", "transfer"].waits == ("transfer",)
    assert told["term", "3"].waits == ("transfer",)
    assert told["term", "3"].start is None
    assert [kind for _, kind in told["term", "2"].marks] == ["begin_by", "by"]
    place = scale_of(rows)
    (begin, _), (by, _) = told["term", "2"].marks
    start = told["term", "2"].start
    assert start is not None
    assert 0 < place(start) < place(begin) < place(by) < 100


def test_deadlines_that_differ_by_reading_have_a_row_each() -> None:
    one = part("donbas-2015-02-12")
    rows = [r for r in one.clocks if r.name == "2"]
    assert [one.readings_of(r) for r in rows] == [
        ("from when the fourteen days count: from the ceasefire",),
        ("from when the fourteen days count: from the start of the withdrawal",),
    ]  # fmt: skip


def test_a_term_is_one_sentence_of_who_what_where_and_when() -> None:
    one = part("nk-2020-11-10")
    shown = dict(zip((t.id for t, _ in one.terms), (s for _, s in one.terms), strict=True))
    sentence = one.sentence(shown["1"])
    assert sentence[0] == ("", "Armenia; Azerbaijan")
    assert [head for head, _ in sentence[1:]] == ["must not", "where", "from", "until"]
    assert sentence[3][1].startswith("10 November 2020, 00:00, UTC+03:00")


def test_a_one_sided_duty_is_marked(valley_page: str) -> None:
    assert valley_page.count('class="one">one-sided<') == 1


def test_words_of_a_file_are_words_and_no_markup() -> None:
    bad = "<script>alert(1)</script>"
    html = render([valley(("Ceasefire of the valley", bad))], page_paths(Path("v.html"), ["en"]), "en")
    assert bad not in html
    assert str(escape(bad)) in html


def test_the_first_language_has_the_file_and_the_others_stand_beside_it(agreement_pages: Path) -> None:
    for lang in LANGS[1:]:
        assert (agreement_pages / f"valley.{lang}.html").is_file()
        assert f'href="valley.{lang}.html"' in (agreement_pages / "valley.html").read_text("utf-8")


def test_a_mission_has_all_its_agreements_on_one_page(agreement_pages: Path) -> None:
    html = (agreement_pages / "chain.html").read_text("utf-8")
    assert re.findall(r"<h1>(.*?)</h1>", html) == ["A mission"]
    assert len(re.findall(r"<h2 ", html)) == 2
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


WORDED = """
terms:
  - id: one
    kind: prohibition
    acts: [fire]
    binds: [armenia, azerbaijan]
    from: {event: in_force}
    text:
      en: {summary: The sides stop all fire., words: All fire stops., source: "https://example.org/en", authentic: "no"}
      ar: {words: "يتوقف إطلاق النار.", source: "https://example.org/ar", authentic: "yes"}
"""


def test_words_of_a_text_stand_in_their_own_language_and_direction(tmp_path: Path) -> None:
    bundled = FILES["nk-2020-10-10"].read_text("utf-8")
    head, _, _ = bundled.partition("\nterms:")
    (tmp_path / "own.yaml").write_text(head + WORDED, "utf-8")
    html = render([load(tmp_path / "own.yaml")], page_paths(Path("v.html"), ["en"]), "en")
    assert '<blockquote lang="ar" dir="rtl">يتوقف إطلاق النار.</blockquote>' in html
    assert '<blockquote lang="en" dir="ltr">All fire stops.</blockquote>' in html
    assert "Words of the text in العربية (authentic)" in html


def test_times_of_a_page_are_written_as_its_language_writes_them() -> None:
    told = {lang: part("donbas-2014-09-19", lang).clocks[0].words[0][1] for lang in ("en", "uk", "hy", "ar")}
    assert told["en"] == "20 September 2014, 00:00, UTC+03:00"
    assert told["uk"].startswith("20 вересня 2014")
    assert told["hy"].startswith("20 սեպտեմբերի, 2014")
    assert "سبتمبر 2014، " in told["ar"]
