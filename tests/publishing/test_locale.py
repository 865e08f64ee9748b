"""The catalogues: each text of another language fits its English one, and what is missing is marked."""

from __future__ import annotations

import re
from datetime import date

import pytest
from babel import Locale

from trucewatch.model.times import parse_instant
from trucewatch.model.vocabulary import (
    FINDING_STATES,
    MEANS,
    OUTCOMES,
    RESTRICTION_KINDS,
    STANCES,
    STATUSES,
    UNITS,
    WHO,
)
from trucewatch.publishing.locale import SHELF, Catalogue, available, texts
from trucewatch.publishing.report.findings import key

OTHERS = [lang for lang in available() if lang != "en"]


def test_armenian_azerbaijani_russian_ukrainian_and_arabic_are_there() -> None:
    assert available() == ("en", "ar", "az", "hy", "ru", "uk")


@pytest.mark.parametrize("lang", OTHERS)
def test_plurals_have_the_forms_of_their_language(lang: str) -> None:
    locale, catalogue = Locale.parse(lang), SHELF.messages(lang)
    by_tag: dict[str, set[int]] = {}
    for n in [*range(222), 1000, 1_000_000]:
        by_tag.setdefault(locale.plural_form(n), set()).add(catalogue.plural(n))
    assert all(len(forms) == 1 for forms in by_tag.values()), "CLDR and the file's Plural-Forms choose differently"
    for name, text in catalogue.words.items():
        if isinstance(text, tuple):
            assert len(text) == len(by_tag), name


def test_every_word_of_the_contracts_has_a_text() -> None:
    english = texts("en")
    wanted = [f"status.{s}" for s in STATUSES] + [f"meaning.{s}" for s in STATUSES] + [f"stance.{s}" for s in STANCES]
    wanted += [f"outcome.{key(o)}" for o in OUTCOMES] + [f"cell.{key(o)}" for o in OUTCOMES]
    wanted += [f"means.{m}" for m in MEANS] + [f"unit.{u}" for u in UNITS] + [f"persons.{w}" for w in WHO]
    wanted += [f"restriction.{k}" for k in RESTRICTION_KINDS] + [f"state.{s}" for s in FINDING_STATES if s != "draft"]
    assert [w for w in wanted if w not in english] == []


@pytest.mark.parametrize("lang", ["en", *OTHERS])
def test_no_text_takes_a_side_by_its_verb(lang: str) -> None:
    loaded = {"en": r"\b(terrorist|separatist|occupied|occupier|regime|enemy|aggressor)\b"}
    foreign = (
        r"террорист|терорист|сепаратист|оккупант|окупант|terrorçu|separatçı|işğalçı|ահաբեկիչ|օկուպանտ|إرهاب|انفصالي"
    )
    words = " ".join(str(v) for v in texts(lang).values())
    assert not re.search(loaded.get(lang, foreign), words)


def test_a_missing_text_falls_back_to_english_and_is_marked() -> None:
    t = Catalogue("ka")
    assert str(t("section.harm")) == '<span lang="en" dir="ltr">Persons harmed</span>'
    assert t.missing == {"section.harm"}


def test_values_are_escaped() -> None:
    assert "&lt;b&gt;" in Catalogue("en")("told.alleges", who="<b>")


def test_an_interval_to_midnight_closes_its_own_day() -> None:
    t = Catalogue("en", "Asia/Baku")
    start, end = parse_instant("2020-10-11T05:00:00+04:00"), parse_instant("2020-10-12T00:00:00+04:00")
    assert t.span(start, end, date(2020, 10, 11)) == "05:00–24:00"


def test_what_was_said_on_a_bare_day_was_said_on_that_day() -> None:
    assert Catalogue("en", "Asia/Baku").said(parse_instant("2020-10-12T00:00:00+04:00")) == "11 Oct"


def test_a_share_that_is_not_whole_never_shows_as_whole() -> None:
    assert Catalogue("en").percent(0.999) == "99%"
    assert Catalogue("en").percent(0.001) == "1%"


def test_a_sentence_that_ends_with_a_shortened_word_has_one_full_stop() -> None:
    assert Catalogue("uk").plain("lead.established", status="x", words="72,00° сх. д.") == "x: 72,00° сх. д."
    assert str(Catalogue("ru")("lead.established", status="x", words="72,00° в. д.")) == "x: 72,00° в. д."


def test_a_sign_keeps_its_side_in_a_text_from_right_to_left() -> None:
    assert Catalogue("ar").number(-29.5, 1).startswith("\u2066")
    assert Catalogue("uk").number(-29.5, 1) == "-29,5"


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "29.18° S, 70.93° E"), ("uk", "29,18° пд. ш., 70,93° сх. д."), ("ru", "29,18° ю. ш., 70,93° в. д.")],
)
def test_a_place_without_a_name_is_told_by_its_halves_of_the_globe(lang: str, words: str) -> None:
    assert str(Catalogue(lang).point(-29.184, 70.931, 2)) == words


def test_day_and_clock_are_apart_by_the_comma_of_the_language() -> None:
    noon = parse_instant("2020-10-12T12:00:00+04:00")
    assert Catalogue("ar", "Asia/Baku").moment(noon) == "12 أكتوبر 2020، 12:00"
    assert Catalogue("uk", "Asia/Baku").moment(noon).endswith(", 12:00")


def test_a_phrase_made_of_other_phrases_keeps_the_direction_of_its_language() -> None:
    t = Catalogue("ar")
    said = t("told.manner", who=t("stance.accuses", actor="Corrand"), how=t("means.saw"))
    assert str(t("said.by", who="Strait Gazette", words=said)).count("\u2067") == 1
    assert "\u2067" not in str(t("said.by", who="Strait Gazette", words="152"))
