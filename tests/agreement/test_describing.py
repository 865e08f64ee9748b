"""An agreement told to a reader: nothing that it says is missing, and it is plain what is judged and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.texts import BASE, agreement, changed
from trucewatch.agreement import load
from trucewatch.agreement.describing import describe, lines
from trucewatch.agreement.noticing import notices
from trucewatch.agreement.phrases import languages, phrase
from trucewatch.agreement.telling import local
from trucewatch.mission.folder import bundled_agreements
from trucewatch.taxonomy import taxonomy


@pytest.mark.parametrize("name", sorted(bundled_agreements()))
def test_every_actor_clock_zone_term_and_link_is_told(name: str) -> None:
    one = load(bundled_agreements()[name])
    told = "\n".join(lines(describe(one)))
    parts = [a.name() for a in one.actors] + list(one.events) + list(one.zones) + list(one.links)
    parts += [str(t.texts["en"].summary) for t in one.terms] + [str(t.texts["en"].source) for t in one.terms]
    assert [p for p in parts if p not in told] == []
    json.dumps(describe(one))


def test_a_clock_is_told_in_local_time_and_in_utc() -> None:
    (clock,) = describe(agreement())["clocks"]
    assert (clock["local"], clock["utc"]) == ("2020-10-10 12:00 +04:00", "2020-10-10T08:00:00Z")
    assert local(None, "UTC") is None


def rows(term: dict[str, Any]) -> dict[str, str]:
    """Label -> words of a term, several of one label joined."""
    out: dict[str, str] = {}
    for row in term["rows"]:
        out[row["label"]] = f"{out[row['label']]} | {row['words']}" if row["label"] in out else row["words"]
    return out


def test_a_ban_says_who_must_not_do_what_where_and_from_when() -> None:
    (term,) = describe(agreement())["terms"]
    assert rows(term) == {
        "who": "Norland; Sudland", "must_not": "fire", "where": "everywhere",
        "from": "2020-10-10 12:00 +04:00 (entry into force)", "until": "another takes its place",
    }  # fmt: skip
    assert term["remarks"] == []


MORE = (
    BASE
    + """  - {id: "2", kind: procedure, binds: [norland]}
  - {id: "3", kind: prohibition, binds: [norland], open_ended: true}
  - {id: "4", kind: withdrawal, binds: [norland], what: forces}
  - {id: "5", kind: withdrawal, binds: [norland], weapons: [{class: artillery, zone_width_km: 50}],
     done_when: by_decision}
  - {id: "6", kind: statement}
zones: [{id: z, status: undefined}]
"""
)


def test_each_kind_says_whether_it_is_judged() -> None:
    told = {t["id"]: t["status"] for t in describe(agreement(MORE))["terms"]}
    not_yet = "not judged yet"
    assert told == {
        "1": "judged", "2": not_yet, "3": not_yet, "4": not_yet, "5": "judged", "6": "shown, not for judgement",
    }  # fmt: skip


def test_a_withdrawal_tells_the_width_and_each_sides_half_and_what_is_missing() -> None:
    term = describe(agreement(MORE))["terms"][4]
    away = "guns and howitzers: at least 25 km away, half of the 50 km between the sides"
    assert rows(term)["weapons"] == away
    assert rows(term)["done"] == "a decision of people says so"
    assert "no line is named from which the distance of Norland runs" in term["remarks"]


FULL = load(Path(__file__).with_name("full.yaml"))


def told(id_: str, lang: str = "en") -> dict[str, str]:
    """The rows of a term of the file that holds every construct."""
    return rows(next(t for t in describe(FULL, lang)["terms"] if t["id"] == id_))


TOLD = [
    ("1", "unless", "self-defence: Self-defence; in answer to hostile act; needs: ordered, notified (people decide)"),
    ("1", "from", "2024-05-01 00:00 +03:00 (signature)"),
    ("1b", "where", "in north-belt, where fire came from; outside of province, where fire fell"),
    ("1c", "where", "beyond the own side of line, where somebody or something is"),
    ("2", "begin_by", "2024-05-06 00:00 +03:00 (2 d after entry into force)"),
    ("2", "by", "14 d after withdrawal begun (not set yet: pending)"),
    ("2", "measured", "Norland from line; Sudland from line-b"),
    ("3", "leaves", "forces; foreign fighters"),
    ("3", "done", "forces absent from separation"),
    ("3", "by", "3 mo after transfer (not set yet: pending)"),
    ("3", "then", "when verified: strikes are suspended; within 1 d; as long as all other terms are complied with"),
    ("4", "at_most", "armoured vehicles other than tanks of 60 to 120 mm: at most 5 | battalions: at most 1"),
    ("4", "power", "inspect in security, unannounced, every 15 d, on request, with satellite, radar"),
    ("5", "keep", "positions as at 2024-05-04 00:00 +03:00 (entry into force); along line"),
    (
        "6",
        "after",
        "term 3 is complete; term 2 is begun, as ifor says, and 1 d later; transfer has happened; seven are released",
    ),
    ("6", "with", "3"),
    ("7", "done", "humanitarian access refused in town: >= 18 every 2 mo"),
    ("7", "lasts", "6 mo; renews itself for 6 mo each time; unless notice: 1 mo; at most 2 times"),
    ("8", "hours", "every 7 d; 06:00-16:00; 20:00-02:00 on Friday; on days of exchange"),
    ("9", "procedure", "party to ifor; on complaint; within 24 h; in writing"),
    ("11", "until", "2024-05-04 00:00 +03:00 (entry into force)"),
    ("12", "until", "2024-07-04 00:00 +03:00 (2 mo after entry into force)"),
]


@pytest.mark.parametrize(("term", "label", "words"), TOLD)
def test_every_construct_is_told_to_a_reader(term: str, label: str, words: str) -> None:
    assert told(term)[label] == words


@pytest.mark.parametrize("lang", languages())
def test_every_term_is_told_in_every_language_with_its_clocks(lang: str) -> None:
    shown = describe(FULL, lang)
    json.dumps(shown)
    assert [t["id"] for t in shown["terms"]] == [t.id for t in FULL.terms]
    assert "2024-05-04 00:00 +03:00" in told("5", lang)["from"]
    assert "14" in told("2", lang)["by"]
    assert "withdrawal begun" in told("2", lang)["by"]
    assert "\n".join(lines(shown))


@pytest.mark.parametrize("lang", [one for one in languages() if one != "en"])
def test_labels_and_states_are_those_of_the_language(lang: str) -> None:
    ours, english = describe(FULL, lang)["terms"], describe(FULL)["terms"]
    same = {a["heading"] for t, e in zip(ours, english, strict=True) for a, b in zip(t["rows"], e["rows"], strict=True)
            if a["heading"] == b["heading"]}  # fmt: skip
    assert same == set()


def test_a_language_without_words_of_its_own_is_told_in_english() -> None:
    assert told("2", "xx")["by"] == told("2")["by"]


def test_a_duty_of_one_side_alone_says_so() -> None:
    remarks = next(t for t in describe(FULL)["terms"] if t["id"] == "3")["remarks"]
    assert any("binds Norland and not every party" in r for r in remarks)


def test_what_stays_open_is_told_to_whoever_writes_the_file() -> None:
    text = changed("{at: 2020-10-10T12:00:00+04:00}", "{at: null}", MORE)
    text = changed(
        "    acts: [fire]\n", "    acts: [fire]\n    where: {zone: z}\n    weapons: [{models: [Zorgon]}]\n", text
    )
    words = " ".join(str(n) for n in notices(agreement(text)))
    for part in (
        "'in_force' has no time",
        "'z' is undefined",
        "'Zorgon'",
        "'2' (procedure) is not judged yet",
        "says nothing",
    ):
        assert part in words


@pytest.mark.parametrize("lang", languages())
def test_every_class_of_weapons_has_words_in_every_language(lang: str) -> None:
    assert all(phrase(lang, f"class.{name}") for name in taxonomy().classes)
