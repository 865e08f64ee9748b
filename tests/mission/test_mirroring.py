"""The mirror exchanges what is said of two parties, and leaves names, order, places and everybody else (law L3)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trucewatch.mission.mirroring import Exchange
from trucewatch.model.columns import BY_RECORD_KIND


def actor(id_: str, **names: str) -> SimpleNamespace:
    return SimpleNamespace(id=id_, role="party", names=names, aliases=[])


AGREEMENT = SimpleNamespace(id="small", actors=[actor("norland", en="Norland"), actor("sudland", en="Sudland")])
EXCHANGE = Exchange("norland", "sudland", [AGREEMENT])


def test_a_claim_accuses_the_other_and_keeps_all_else() -> None:
    claim = {"source": "mod_n", "accused": "sudland", "victim": "norland", "lat": 40.0, "text": "Norland was shelled"}
    assert EXCHANGE.payload("claim", claim) == {**claim, "accused": "norland", "victim": "sudland"}


def test_others_stay_whom_they_are() -> None:
    claim = {"accused": "other:norland volunteers", "victim": "icrc"}
    assert EXCHANGE.payload("claim", claim) == claim


def test_a_source_of_one_side_becomes_a_source_of_the_other_with_its_name() -> None:
    row = {"source": "mod_n", "name": "Ministry of Norland", "party": "norland"}
    expected = {"source": "mod_n", "name": "Ministry of Sudland", "party": "sudland"}
    assert EXCHANGE.payload("source", row) == expected


def test_a_name_inside_another_word_is_no_name() -> None:
    assert EXCHANGE.words("Norlandia and Norland") == "Norlandia and Sudland"


def test_a_finding_about_one_is_the_finding_about_the_other() -> None:
    assert EXCHANGE.finding_id("F7.1.3.1") == "F7.1.3.2"
    assert EXCHANGE.finding_id("F7.1.3.0") == "F7.1.3.0"
    assert EXCHANGE.finding_id("I7") == "I7"
    assert EXCHANGE.payload("decision", {"object": "F7.1.1.2", "params": {"actor": "norland"}, "person": "p1"}) == {
        "object": "F7.1.1.1",
        "params": {"actor": "sudland"},
        "person": "p1",
    }


DOCUMENT: dict[str, Any] = {
    "id": "small",
    "title": {"en": "A truce"},
    "actors": [
        {"id": "norland", "role": "party", "names": {"en": "Norland"}, "answers_for": ["bands"]},
        {"id": "sudland", "role": "party", "names": {"en": "Sudland"}},
        {"id": "bands", "role": "not_covered", "names": {"en": "Bands"}, "answers_for": "norland"},
    ],
    "terms": [
        {"id": "1", "binds": ["norland"], "from_zone": {"norland": "line_n", "sudland": "line_s"}},
    ],
}


def test_an_agreement_says_of_one_what_it_said_of_the_other() -> None:
    mirrored = EXCHANGE.document(DOCUMENT)
    assert [a["id"] for a in mirrored["actors"]] == ["norland", "sudland", "bands"]
    assert [a["names"]["en"] for a in mirrored["actors"]] == ["Norland", "Sudland", "Bands"]
    assert "answers_for" not in mirrored["actors"][0]
    assert mirrored["actors"][1]["answers_for"] == ["bands"]
    assert mirrored["actors"][2]["answers_for"] == "sudland"
    assert mirrored["terms"] == [
        {"id": "1", "binds": ["sudland"], "from_zone": {"sudland": "line_n", "norland": "line_s"}}
    ]


def test_an_agreement_mirrored_twice_is_itself() -> None:
    assert EXCHANGE.document(EXCHANGE.document(DOCUMENT)) == DOCUMENT


words = st.sampled_from(["norland", "sudland", "icrc", "other:norland", "Norland", "F1.1.1.1", "F2.1.1.2", "I3", ""])


@given(st.sampled_from(sorted(BY_RECORD_KIND)), st.data())
def test_a_record_mirrored_twice_is_itself(kind: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(BY_RECORD_KIND[kind].names), unique=True))
    payload: dict[str, Any] = {n: data.draw(words) for n in names if n != "params"}
    assert EXCHANGE.payload(kind, EXCHANGE.payload(kind, payload)) == payload
