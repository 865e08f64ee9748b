"""What a file says of zones, editions, sides and readings is told as it is, and stays so with the parties exchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.judging.scene import agreement
from trucewatch.agreement import parse
from trucewatch.agreement.chain import chain_notices
from trucewatch.agreement.describing import describe, lines
from trucewatch.mission.mirroring import Exchange
from trucewatch.model.errors import Refusal

BAN = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}'


# Zones


ZONES = """zones:
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
  - {id: front, status: undefined}
  - {id: belt, of: front, buffer_km: 5}
  - {id: rest, of: town, minus: [front]}
  - {id: both, of: [town, belt]}
"""


def test_a_zone_made_from_an_undefined_one_is_undefined_itself() -> None:
    text = agreement(BAN, ZONES)
    assert {z.id: z.status for z in text.zones.values()} == {
        "town": "agreed", "front": "undefined", "belt": "undefined", "rest": "undefined", "both": "undefined",
    }  # fmt: skip
    assert "  belt: belt (undefined, no shape)" in list(lines(describe(text)))


def test_a_zone_may_not_be_called_as_an_actor() -> None:
    with pytest.raises(Refusal) as refused:
        agreement(BAN, "zones:\n  - {id: norland, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}")
    (fault,) = refused.value.faults
    assert (fault.message, fault.field) == ("'norland' is the id of an actor too", "zones.1.id")
    assert fault.remedy == "Give the zone another id, as in territory-of-norland"


# Editions


def test_another_edition_of_a_text_is_neither_another_text_nor_held_against_it() -> None:
    without = BAN.replace("}", ", except: [{id: a, acts: [fire.mortar]}]}")
    first = agreement(BAN, id_="first")
    for how, told in (("edition", []), ("interprets", ["second 1 excepts"])):
        second = agreement(without, f"refers: [{{agreement: first, how: {how}}}]", id_="second")
        assert second.beside == (frozenset() if how == "edition" else {"first"})
        notices = [n.message for n in chain_notices([first, second]) if "edition" not in n.message]
        assert [n[: len("second 1 excepts")] for n in notices] == told


# One side alone


@pytest.mark.parametrize(("binds", "one_sided"), [
    ("[norland, sudland]", False), ("[norland]", True), ("[bands]", True), ("[bands, sudland]", False),
    ("[guard]", False),
])  # fmt: skip
def test_who_answers_for_another_is_bound_by_what_binds_it(binds: str, one_sided: bool) -> None:
    text = f"""id: truce
title: {{en: A truce}}
actors:
  - {{id: norland, role: party, names: {{en: Norland}}}}
  - {{id: sudland, role: party, names: {{en: Sudland}}}}
  - {{id: bands, role: not_covered, names: {{en: Bands}}, answers_for: norland}}
  - {{id: guard, role: guarantor, names: {{en: Guard}}}}
timezone: UTC
events: {{in_force: {{at: 2021-03-01T00:00:00Z}}}}
terms:
  - {{id: "1", kind: prohibition, acts: [fire], binds: {binds}}}
"""
    found = parse(text)
    assert found.one_sided(found.terms[0]) is one_sided


def test_a_text_with_one_party_binds_one_side_alone() -> None:
    text = """id: pledge
title: {en: A pledge}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: guard, role: guarantor, names: {en: Guard}}]
timezone: UTC
events: {in_force: {at: 2021-03-01T00:00:00Z}}
terms: [{id: "1", kind: prohibition, acts: [fire], binds: [norland]}]
"""
    found = parse(text)
    assert found.one_sided(found.terms[0])


# Readings, and the parties exchanged


def mirrored(text: str) -> str:
    raw = yaml.load(text, Loader=yaml.BaseLoader)
    return yaml.safe_dump(Exchange("norland", "sudland", [parse(text)]).document(raw), sort_keys=False)


WIDE = """id: truce
title: {en: A truce}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
timezone: UTC
events: {in_force: {at: 2021-03-01T00:00:00Z}}
terms:
  - {id: "1", kind: prohibition, acts: [fire], binds: [norland], readings: {binds: [[norland], [norland, sudland]]}}
"""


def test_the_name_of_a_reading_of_who_is_bound_holds_no_name_of_a_party() -> None:
    one, other = parse(WIDE), parse(mirrored(WIDE))
    assert [label for label, _ in one.terms[0].alternatives] == ["binds=1", "binds=2"]
    assert [label for label, _ in other.terms[0].alternatives] == ["binds=1", "binds=2"]
    assert [list(t.binds) for _, t in other.terms[0].alternatives] == [["sudland"], ["sudland", "norland"]]
    assert describe(one)["terms"][0]["readings"] == [
        "binds=1: norland [computed: binds]", "binds=2: norland; sudland [computed: binds]",
    ]  # fmt: skip


def test_a_shape_that_is_called_as_a_party_keeps_its_name_with_the_parties_exchanged(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[46.0, 38.5], [46.0, 41.5]]}
    feature: dict[str, Any] = {"type": "Feature", "properties": {"name": "norland"}, "geometry": line}
    drawn = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (tmp_path / "map.geojson").write_text(drawn, "utf-8")
    zones = "zones: [{id: line, file: map.geojson, feature: norland, sides: {norland: left, sudland: right}}]\nterms:"
    text = WIDE.replace("terms:", zones)
    raw = yaml.load(text, Loader=yaml.BaseLoader)
    there = Exchange("norland", "sudland", [parse(text, folder=tmp_path)]).document(raw)
    assert there["zones"] == [{
        "id": "line", "file": "map.geojson", "feature": "norland", "sides": {"sudland": "left", "norland": "right"},
    }]  # fmt: skip
    assert parse(yaml.safe_dump(there, sort_keys=False), folder=tmp_path).zones["line"].geometry is not None


# In words


@pytest.mark.parametrize("text", [
    "text: {en: All fire ends, at once and everywhere}", "text: {en: {summary: All fire ends, at once}}",
    "text: {en: Fire, mines}",
])  # fmt: skip
def test_words_that_break_off_at_a_comma_are_to_be_put_in_quotes(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        agreement(BAN.replace("}", f", {text}}}"))
    told = [f for f in refused.value.faults if "break off" in f.message]
    assert told
    assert told[0].remedy == "Put the words in quotes: they hold a comma"


@pytest.mark.parametrize(("more", "why"), [
    ("what: [foreign fighters], from_zone: town", "a sighting does not show whether it is those who must leave"),
    ("what: [forces]", "it names no place from which or to which they go"),
    ("what: [weapons], from_zone: town", "it gives no distance for weapons"),
])  # fmt: skip
def test_a_withdrawal_that_is_not_judged_says_why(more: str, why: str) -> None:
    text = agreement(f'  - {{id: "1", kind: withdrawal, binds: [norland, sudland], {more}}}', ZONES)
    remarks = describe(text)["terms"][0]["remarks"]
    assert any(r.startswith(why) for r in remarks)


def test_what_an_obligation_is_about_is_not_told_as_an_act() -> None:
    term = '  - {id: "1", kind: obligation, binds: [norland], what: [prisoners], acts: [detention]}'
    shown = describe(agreement(term))["terms"][0]["rows"]
    assert [(r["heading"], r["words"]) for r in shown if r["label"] == "what"] == [("What it is about", "prisoners")]
    assert [r["label"] for r in shown if "prisoners" in r["words"]] == ["what"]


def test_both_editions_in_one_chain_are_told_and_one_alone_misses_nothing() -> None:
    first, second = (
        agreement(BAN, id_="first"),
        agreement(BAN, "refers: [{agreement: first, how: edition}]", id_="second"),
    )
    (note,) = chain_notices([first, second])
    assert note.message == "second is another edition of first, and both are here: the later in the chain is judged"
    assert chain_notices([second]) == []
