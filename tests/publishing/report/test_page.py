"""What stands on the page of a day, and that it stands there for both sides alike."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from tests.publishing.report.invented import build, claims
from tests.publishing.report.reading import Reading, article, part, words
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report, write

PARTS = (
    "summary", "holding", "maps", "incidents", "sides", "terms", "weapons", "harm", "restrictions", "coverage", "why",
    "annex", "method",
)  # fmt: skip


def test_every_part_is_there_in_its_order(page: str) -> None:
    ids = re.findall(r'<section id="(\w+)"', page)
    assert ids == list(PARTS)


def test_headings_go_down_by_one(page: str) -> None:
    levels = [level for level, _ in Reading(page).headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_ids_are_unique_and_every_inner_link_arrives(page: str) -> None:
    found = Reading(page)
    assert len(found.ids) == len(set(found.ids))
    assert {t[1:] for t in found.targets if t.startswith("#")} <= set(found.ids)


def test_every_incident_has_an_anchor_with_all_of_it(page: str) -> None:
    rows = re.findall(r'<th role="rowheader" scope="row" class="n"><a href="#(I\d+)"', part(page, "incidents"))
    assert len(rows) == 4
    for anchor in rows:
        text = words(article(page, anchor))
        for head in ("What is told of it", "Why it is as sure as it is", "Who did it", "Terms concerned"):
            assert head in text, anchor


def test_nothing_is_fetched_from_anywhere(page: str) -> None:
    loads = [
        (tag, a) for tag, a in Reading(page).attributes
        if tag in {"link", "img", "script", "iframe", "object", "embed"} or "src" in a
    ]  # fmt: skip
    assert loads == []
    assert "url(http" not in page
    assert "@import" not in page


def test_both_sides_have_the_same_columns_in_the_order_of_the_agreement(page: str) -> None:
    sides = part(page, "sides")
    actors = re.findall(r'class="side" data-actor="(\w+)"', sides)
    assert actors[::2] == ["norland"] * (len(actors) // 2)
    assert actors[1::2] == ["sudland"] * (len(actors) // 2)
    assert "--sides:2" in sides


def test_a_side_that_said_nothing_is_shown_as_such(tmp_path: Path) -> None:
    one_sided = [c for c in claims() if c["source"] in {"mod_s", "news_s", "paper"}]
    mission = Mission.open(build(tmp_path / "quiet", one_sided))
    sides = part(report(mission, "2021-03-03")[0].read_text("utf-8"), "sides")
    cells = re.findall(r'data-actor="norland">(.*?)\n</div>', sides, flags=re.S)
    assert cells
    assert all("Of this nothing said by this side is at hand." in words(c) for c in cells)


def test_a_side_whose_words_may_be_withheld_is_not_called_silent(page: str) -> None:
    cells = re.findall(r'class="side" data-actor="\w+">(.*?)\n</div>', part(page, "sides"), flags=re.S)
    assert any("Nothing said by this side is at hand that may be shown." in words(c) for c in cells)


def test_denials_stand_beside_the_allegation(page: str) -> None:
    sides = words(part(page, "sides"))
    assert "Ministry of Norland: alleges mortar fire, Astra / Tarn, 3 Mar 13:10" in sides
    assert "Ministry of Sudland: denies mortar fire, Astra / Tarn, 3 Mar 13:10" in sides


def test_opposite_accusations_name_nobody_as_the_accused(page: str) -> None:
    assert "each accuses the other" in words(part(page, "incidents"))


def test_two_names_stand_in_the_alphabet_of_the_language(page: str) -> None:
    assert "Astra / Tarn" in words(page)
    assert "Tarn / Astra" not in words(page)


def test_words_of_the_band_in_the_report_and_numbers_in_the_annex(page: str) -> None:
    assert not re.search(r"\b0\.\d{4}\b", words(part(page, "incidents")) + words(part(page, "why")))
    assert re.search(r"\b0\.\d{4}\b", words(part(page, "annex")))


def test_terms_that_are_not_judged_say_why(page: str) -> None:
    terms = words(part(page, "terms"))
    assert "5 The parties will talk nobody by name · not for judgement a statement of intent, shown only" in terms


def test_the_calendar_has_a_row_for_each_side_and_a_cell_for_each_day(page: str) -> None:
    terms = part(page, "terms")
    assert re.findall(r'class="bound" data-actor="(\w+)"', terms) == ["norland", "sudland"] * 2
    rows = re.findall(r"<tr>\n<th scope=\"row\" class=\"bound\".*?</tr>", terms, flags=re.S)
    assert [len(re.findall(r"<td class=\"o ", r)) for r in rows] == [3] * 4


def test_a_weapon_is_held_against_its_line_with_its_uncertainty(page: str) -> None:
    assert re.search(r"\d+(\.\d)? km, ± \d+(\.\d)? km; the term asks for 15 km", words(part(page, "weapons")))


def test_harm_is_an_interval_of_what_was_told(page: str) -> None:
    harm = words(part(page, "harm"))
    assert "civilians 1 2–4" in harm
    assert "killed 1, injured 2–4" in harm


def test_restrictions_are_counted_by_whom_for_every_party(page: str) -> None:
    assert "2 restrictions on observers are recorded for this day. by Norland: 1 by Sudland: 1" in words(
        part(page, "restrictions")
    )


def test_the_report_before_is_corrected_in_the_open(page: str) -> None:
    summary = words(part(page, "summary"))
    assert "Correction: yesterday’s 1 is now 2, because one has become known since." in summary
    assert "was unconfirmed, now" in summary


def test_a_report_made_by_known_time_says_that_it_is_reconstructed(page: str) -> None:
    assert "Reconstructed: what had been published or obtained by 3 March 2021, 19:30 (UTC+04:00)" in words(page)


def test_an_empty_day_is_a_whole_page_that_claims_no_quiet(pages: Path) -> None:
    page = (pages / "2021-03-20.en.html").read_text("utf-8")
    assert "No incident was reported" in words(page)
    assert "may have happened unseen" in words(page)
    assert re.findall(r'<section id="(\w+)"', page) == list(PARTS)


def test_words_from_outside_cannot_become_markup(tmp_path: Path) -> None:
    rows = [{**c, "place": "<script>alert(1)</script>", "url": "javascript:alert(1)"} for c in claims()]
    page = report(Mission.open(build(tmp_path / "hostile", rows)), "2021-03-03")[0].read_text("utf-8")
    assert "<script" not in page
    assert "javascript:" not in page
    assert "&lt;script&gt;" in page


def test_an_exercise_says_so_on_every_page(tmp_path: Path) -> None:
    mission = Mission.open(build(tmp_path / "exercise", settings="exercise: true\n"))
    for path in report(mission, "2021-03-03", mirror=True):
        assert "EXERCISE: everything on this page is invented" in words(path.read_text("utf-8")), path.name


def test_the_same_input_gives_the_same_bytes(tarn: Path, tmp_path: Path) -> None:
    first = [p.read_bytes() for p in write(Mission.open(tarn), "2021-03-03", out=tmp_path / "a").files]
    second = [p.read_bytes() for p in write(Mission.open(tarn), "2021-03-03", out=tmp_path / "b").files]
    assert first == second


def test_the_index_leads_to_every_page_newest_first(pages: Path) -> None:
    index = (pages / "index.html").read_text("utf-8")
    assert index.index("2021-03-20") < index.index("2021-03-04") < index.index("2021-03-03")
    for path in pages.glob("2021-*.html"):
        assert f'href="{path.name}"' in index
