"""What a lawyer may get wrong in the extended form: each fault with its line, what was found and what to write."""

# ruff: noqa: E501 (a table of faults)

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.agreement.texts import BASE, agreement, changed, faults
from trucewatch.agreement.loader import MOST_FAULTS
from trucewatch.model.errors import Fault

ACTS = "    acts: [fire]\n"
FROM = "    from: {event: in_force}\n"
ZONES = "timezone: Asia/Baku\nzones: [{id: line, status: undefined}]\n"
SECOND_TERM = '  - {id: "2", kind: obligation, binds: [norland], AFTER}\n'


def term_with(keys: str) -> str:
    """The small agreement with further keys in its term, from line 12 on."""
    return changed(ACTS, ACTS + "".join(f"    {line}\n" for line in keys.split("\n")))


def two(first: str, second: str) -> str:
    """Two obligations, on lines 14 and 15, with these keys."""
    return BASE + "".join(
        f'  - {{id: "{i}", kind: obligation, binds: [norland], {keys}}}\n' for i, keys in ((2, first), (3, second))
    )


# Text, line, words of the message, words of the remedy.
ONE_FAULT = {
    "bound actor unknown": (changed("sudland]", "sudlnad]"), 12, "'sudlnad' is no actor of this file", "sudland"),
    "owed to an unknown actor": (term_with("against: [nobody]"), 12, "'nobody' is no actor", "norland"),
    "watched by an unknown actor": (term_with("supervised_by: [un]"), 12, "'un' is no actor", "Write one of"),
    "zone that is not there": (term_with("where: {zone: strip}"), 12, "'strip' is no zone", "add it"),
    "one of several places": (
        term_with("where: [{zone: strip, of: origin}]"), 12, "'strip' is no zone", "add it",
    ),
    "zone of the whole text": (
        changed("timezone: Asia/Baku\n", "timezone: Asia/Baku\nwhere: {zone: strip}\n"), 7, "'strip' is no zone", "add",
    ),
    "side of a line that has none": (
        changed("timezone: Asia/Baku\n", ZONES, term_with("where: {zone: line, side: other}")),
        13, "'line' has no sides", "left",
    ),
    "outside of nowhere": (term_with("where: {outside: true}"), 12, "outside of no zone", "Name the zone"),
    "zone built from one below it": (
        changed("timezone: Asia/Baku\n", "timezone: Asia/Baku\nzones: [{id: a, of: b}, {id: b, of: a}]\n"),
        7, "'b' is no zone above this one", "add it",
    ),
    "zone that replaces from no time on": (
        changed("timezone: Asia/Baku\n", ZONES.replace("}]", "}, {id: new, status: undefined, replaces: line}]")),
        7, "from no time on", "valid_from",
    ),
    "terms that wait for each other": (
        two('after: ["3"]', 'after: [{term: "2", status: verified}]'), 14, "'2' comes after itself", "Take one",
    ),
    "term that waits for itself": (two('after: "2"', "by: 2021-01-01"), 14, "'2' comes after itself", "Take one"),
    "condition on an unknown term": (two("by: 2021-01-01", "while: ['9']"), 15, "'9' is no term", "Write one of: 1, 2, 3"),
    "condition on nothing": (two("after: [{by: norland}]", "by: 2021-01-01"), 14, "a condition on nothing", "term:"),
    "status of no term": (
        two("after: [{event: in_force, status: begun}]", "by: 2021-01-01"), 14, "a status without a term", "term: ...",
    ),
    "status nobody knows": (two("after: [{term: '1', status: fine}]", "by: 2021-01-01"), 14, "found 'fine'", "verified"),
    "deadline before the start": (
        two("by: {event: in_force, plus: -PT1H}", "by: 2021-01-01"), 14, "'2' is due before it begins", "from and by",
    ),
    "deadline before the start, on an event that nobody has set": (
        changed("}\nterms", ", signed: {at: null}}\nterms", two("from: {event: signed, plus: P2D}, by: {event: signed, plus: P1D}",
        "by: 2021-01-01")).replace("+04:00}, signed", "+04:00}, signed"), 14, "is due before it begins", "Check",
    ),
    "start after the deadline": (
        two("begins_by: {event: in_force, plus: P3D}, by: {event: in_force, plus: P2D}", "by: 2021-01-01"),
        14,
        "may begin after it must be complete", "begins_by and by",
    ),
    "deadline after the end": (
        two("by: 2021-02-01, until: 2021-01-01", "by: 2021-01-01"), 14, "due only after it has ended", "by and until",
    ),
    "deadline before the start under one reading": (
        two("readings: {by: [2020-12-01, 2020-10-01]}", "by: 2021-01-01"), 14, "under the reading by=2020-10-01", "Check",
    ),
    "exception that ends first": (
        term_with("except: [{id: a, from: 2021-01-01, until: 2020-12-01}]"), 12, "'a' of the term '1' ends before", "until",
    ),
    "agreement that ends first": (
        changed("timezone: Asia/Baku\n", "timezone: Asia/Baku\nduration: {until: 2020-01-01}\n"),
        7, "ends before it is in force", "duration",
    ),
    "calibre with its unit": (term_with("weapons: [{calibre_mm: 122mm}]"), 12, "'122mm' is no rule", "Write 122 (mm"),
    "calibre with its unit and a space": (
        term_with('limits: [{calibre: "> 82 mm", max: 2}]'), 12, "'> 82 mm' is no rule", "Write 82 (mm",
    ),
    "limit of nothing": (term_with("limits: [{max: 2}]"), 12, "a limit of nothing", "class:"),
    "limit without a number": (term_with("limits: [{class: tank}]"), 12, "'max' is missing", "Add max:"),
    "limit below none": (term_with("limits: [{class: tank, max: -1}]"), 12, "found '-1'", "at least 0"),
    "two rules for the same weapons": (
        term_with("weapons: [{class: tank, distance_km: 15}, {class: tank, distance_km: 20}]"),
        12, "contradict each other: distance_km 15 and 20", "reading",
    ),
    "duration in words": (term_with("duration: two weeks"), 12, "'two weeks' is not a duration", "P2W"),
    "duration without a letter": (term_with("duration: {for: 14}"), 12, "'14' is not a duration", "P14D"),
    "hour of 25": (term_with('schedule: {windows: ["08:00-25:00"]}'), 12, "no hours of the day", "06:00-16:00"),
    "hours in words": (term_with("schedule: {windows: [mornings]}"), 12, "no hours of the day", "06:00-16:00"),
    "day of no week": (
        term_with('schedule: {windows: [{hours: "08:00-09:00", days: [someday]}]}'), 12, "found 'someday'", "'mon'",
    ),
    "procedure in words": (
        BASE + "procedures: [{id: a, within: a day}]\n", 14, "'a day' is not a duration", "PT24H",
    ),
    "procedure twice": (BASE + "procedures:\n  - {id: a}\n  - {id: a}\n", 16, "'a' stands twice", "own id"),
    "exception twice": (term_with("except: [{id: a}, {id: a}]"), 12, "'a' stands twice", "own id"),
    "event set twice": (
        changed("+04:00}}", "+04:00}, in_force: {at: 2020-10-11}}"), 7, "the key 'in_force' stands twice", "Keep one",
    ),
    "event set twice in one breath": (
        changed("{at: 2020-10-10T12:00:00+04:00}", "{at: 2020-10-10T12:00:00+04:00, at: 2020-10-11}"),
        7, "the key 'at' stands twice", "Keep one",
    ),
    "unknown event by its plain name": (
        changed(FROM, "    from: signd\n"), 13, "'signd' is not a time, and no event", "RFC 3339",
    ),
    "event that is nearly one": (changed(FROM, "    from: inforce\n"), 13, "no event of this file", "in_force"),
    "course of a kind that is not there": (
        changed(FROM, "    from: withdrawal_begun\n"), 13, "no event of this file", "RFC 3339",
    ),
    "a length where a time should be": (two("by: P14D", "by: 2021-01-01"), 14, "'P14D' is not a time", "{event: in_force, plus: P14D}"),
    "a title without a language": (changed("{en: A small ceasefire}", "A small ceasefire"), 2, "found 'A small", "by language"),
    "points as pairs": (
        changed("timezone: Asia/Baku\n", "timezone: Asia/Baku\nzones: [{id: z, line: [[40, 46], [40, 47]]}]\n"),
        7, "found ['40', '46'], where there should be keys", "{lat: ..., lon: ...}",
    ),
    "exception as a word": (term_with("except: [self-defence]"), 12, "found 'self-defence', where there should be keys", "id: ..., acts: ..."),
    "definition of nothing": (
        term_with("except: [{in_response_to: 'definition:hostility'}]"), 12, "no definition", "add it",
    ),
    "state that cannot be tested": (two("done_when: everybody is happy", "by: 2021-01-01"), 14, "cannot be tested", "controls("),
    "state without its zone": (two("done_when: controls(norland)", "by: 2021-01-01"), 14, "not complete", "controls(ACTOR, ZONE)"),
    "count without a number": (two("done_when: count(fire)", "by: 2021-01-01"), 14, "not complete", "count(ACT) >= N"),
    "count of no act": (two("done_when: count(fyre) >= 2", "by: 2021-01-01"), 14, "'fyre' is no act", "fire"),
    "count in words": (
        two("done_when: count(fire) >= 2 per week", "by: 2021-01-01"), 14, "'week' is not a duration", "P14D",
    ),
    "quantity without a number": (two("quantity: {per: P7D}", "by: 2021-01-01"), 14, "without a number", "min:"),
    "more at least than at most": (two("quantity: {min: 3, max: 2}", "by: 2021-01-01"), 14, "more than the most", "min and max"),
    "body of strangers": (BASE + "mechanism: {id: b, members: [{actor: au}]}\n", 14, "'au' is no actor", "norland"),
    "body above itself nowhere": (BASE + "mechanism: {id: b, above: c}\n", 14, "'c' is no body", "Write one of: b"),
    "seat of nobody": (BASE + "mechanism: {id: b, members: [{role: chair}]}\n", 14, "a seat of nobody", "actor:"),
    "power without a name": (BASE + "mechanism: {powers: [{every: P15D}]}\n", 14, "'id' is missing", "Add id:"),
    "rule of deciding": (BASE + "mechanism: {decides: by lot}\n", 14, "found 'by lot'", "consensus"),
    "what follows from a state that is none": (
        two("then: {happy: talks begin}", "by: 2021-01-01"), 14, "unknown key 'happy'", "verified",
    ),
    "way of a reading that leads nowhere": (
        term_with("readings: {except.6.acts: [[fire], [mines]]}"), 12, "there is no '6'", "where.zone",
    ),
    "reading of a zone that is not there": (
        term_with("readings: {where.zone: [strip, null]}"), 12, "'strip' is no zone", "add it",
    ),
    "exception to a term that is not there": (
        BASE + "except: [{id: a, terms: ['7']}]\n", 14, "'7' is no term", "Write one of: 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_FAULT)
def test_a_fault_is_told_with_line_and_remedy(name: str) -> None:
    text, line, message, remedy = ONE_FAULT[name]
    found = faults(text)
    assert [f for f in found if message in f.message and remedy in f.remedy and f.row == line], found
    assert all(f.file == "small.yaml" and f.row and f.remedy for f in found)


def measured(text: str) -> tuple[list[Fault], float, float]:
    """The faults of a text, seconds and megabytes that it took to find them."""
    tracemalloc.start()
    began = time.perf_counter()
    found = faults(text)
    seconds = time.perf_counter() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, seconds, peak / 1e6


def many_terms(n: int, binds: str = "norland") -> str:
    return BASE + "".join(f"  - {{id: t{i}, kind: prohibition, acts: [fire], binds: [{binds}]}}\n" for i in range(n))


def test_ten_thousand_terms_are_refused_in_one_clear_message() -> None:
    found, seconds, megabytes = measured(many_terms(10_000))
    (fault,) = found
    assert "10001 terms, where at most 2000 are read" in fault.message
    assert "file for each text" in fault.remedy
    assert fault.row == 8
    assert (seconds < 30, megabytes < 300) == (True, True), (seconds, megabytes)


def test_as_many_terms_as_are_read_load_in_bounded_time() -> None:
    began = time.perf_counter()
    assert len(agreement(many_terms(1_999)).terms) == 2_000
    assert time.perf_counter() - began < 30


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    found, seconds, _ = measured(many_terms(1_500, "nordland"))
    assert len(found) == MOST_FAULTS + 1
    assert "1300 more faults" in found[-1].message
    assert seconds < 30


BOMBS = {
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{c}: &{c} [{', '.join(['*' + p] * 10)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
    "merged keys": "a: &a {x: 1}\nb: {<<: *a}\n",
    "nesting": "a: " + "{a: " * 5_000 + "1" + "}" * 5_000,
    "tags that build objects": "id: !!python/object/apply:os.system [ls]\n",
    "a number without end": "version: " + "9" * 500_000,
    "a key without end": "k" * 500_000 + ": 1\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_yaml_bomb_is_told_in_bounded_time_and_memory(name: str) -> None:
    found, seconds, megabytes = measured(BOMBS[name])
    assert found
    assert all(f.row and f.remedy and len(f.message) < 400 for f in found)
    assert (seconds < 5, megabytes < 100) == (True, True), (seconds, megabytes)


def test_a_file_of_shapes_without_end_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "z.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": ["x" * 21_000_000]}))
    text = changed("timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z, file: z.geojson}]")
    (fault,) = faults(text, tmp_path)
    assert "larger than 20 MB" in fault.message


def test_what_stands_on_an_event_of_the_course_of_a_term_waits_for_it() -> None:
    text = (
        BASE
        + '  - {id: "2", kind: withdrawal, binds: [norland], what: forces, by: {event: withdrawal_begun, plus: P2W}}\n'
    )
    one = agreement(text)
    assert one.events["withdrawal_begun"].at is None
    assert one.terms[1].due(one.event_times()) is None
