"""What people decide: named by claims, findings by term and actor; taken back by new evidence, not by a denial."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from trucewatch.mission.derive import Derived, derive, object_hash
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest

AGREEMENT = """id: small
title: {en: A small ceasefire}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
timezone: Asia/Baku
events: {in_force: {at: 2021-03-01T00:00:00+04:00}}
terms: [{id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}]
"""
MISSION = "id: small\nagreements: [small.yaml]\ntimezone: Asia/Baku\nclock: known\n"
SOURCES = [
    ("mod_n", "party", "norland"), ("mod_s", "party", "sudland"), ("mon", "monitor", ""), ("ngo", "ngo", ""),
    ("paper", "independent_media", ""), ("news_n", "party_media", "norland"),
]  # fmt: skip
Row = dict[str, Any]


def claim(source: str, claim_id: str, said: str, **more: Any) -> Row:
    stance = "alleges" if source.startswith("mod") else "observes"
    return {
        "source": source, "claim_id": claim_id, "published": f"2021-03-{said}:00+04:00", "stance": stance,
        "act": "fire.mortar", "start": "2021-03-05T10:00:00+04:00", "lat": 40.0, "lon": 46.0, "radius_km": 1,
        "place_of": "impact", **more,
    }  # fmt: skip


EVIDENCE = [
    claim("mod_n", "1", "05T12:00", accused="sudland"),
    claim("mon", "1", "05T14:00", means="forensic", accused="sudland"),
    claim("ngo", "1", "05T15:00", means="forensic", accused="sudland"),
    claim("paper", "1", "05T16:00", means="saw", accused="sudland"),
]


def decision(verb: str, at: str, **params: Any) -> Row:
    extra = {k: params.pop(k) for k in ("object", "object_hash", "person") if k in params}
    row = {"at": f"2021-03-{at}:00+04:00", "person": "p1", "verb": verb, "reason": "why", "params": params}
    return row | extra


def rule(at: str, outcome: str = "violation", **more: Any) -> Row:
    return decision("rule", at, claims=["mod_n/1"], term="1", actor="sudland", outcome=outcome, **more)


class Case:
    """A mission of its own folder; every call of `derived` has exactly these claims and decisions."""

    def __init__(self, folder: Path) -> None:
        self.root, self.n, self.people = folder, 0, ""

    def derived(self, claims: list[Row], decisions: list[Row] = []) -> Derived:  # noqa: B006
        self.n += 1
        folder = self.root / str(self.n)
        folder.mkdir()
        (folder / "small.yaml").write_text(AGREEMENT, "utf-8")
        (folder / "mission.yaml").write_text(MISSION + self.people, "utf-8")
        sources = [
            {"source": s, "name": s, "role": r, "party": p, "tz": "Asia/Baku", "approved_by": "x"}
            for s, r, p in SOURCES
        ]
        files = [self._write(folder / f"{t}.csv", rows) for t, rows in (("sources", sources), ("claims", claims))]
        if decisions:
            files.append(self._write(folder / "decisions.csv", decisions))
        mission = Mission.open(folder)
        report = ingest(mission, files, recorded_at=1)
        assert not report.errors
        return derive(mission)

    @staticmethod
    def _write(path: Path, rows: list[Row]) -> Path:
        columns = list(dict.fromkeys(k for row in rows for k in row))
        with path.open("w", newline="", encoding="utf-8") as f:
            writer = csv.DictWriter(f, columns, restval="")
            writer.writeheader()
            writer.writerows({k: json.dumps(v) if isinstance(v, dict) else v for k, v in r.items()} for r in rows)
        return path


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def finding(derived: Derived, actor: str = "sudland") -> tuple[str, str]:
    """Outcome and state of the first incident's finding on term 1."""
    row = next(f for f in derived.tables["findings"] if f["actor"] == actor)
    return row["outcome"], row["state"]


def incidents(derived: Derived) -> dict[str, str | None]:
    return {f"{r['source']}/{r['claim_id']}": r["incident_id"] for r in derived.tables["links"]}


def test_a_finding_is_named_by_claims_term_and_actor(case: Case) -> None:
    assert finding(case.derived(EVIDENCE))[0] == "indicated"
    ruled = case.derived(EVIDENCE, [rule("06T10:00")])
    assert finding(ruled)[0] == "violation"
    assert finding(ruled, "norland")[0] == "no violation"


def test_positions_or_the_finding_itself_name_it_too(case: Case) -> None:
    by_position = decision("rule", "06T10:00", object="F0.1.1.2", claims=["mod_n/1"])
    by_id = decision("rule", "06T10:00", object="F1.1.1.2")
    assert finding(case.derived(EVIDENCE, [by_position]))[0] == "violation"
    assert finding(case.derived(EVIDENCE, [by_id]))[0] == "violation"


def test_new_evidence_reopens_a_ruling(case: Case) -> None:
    later = claim("ngo", "2", "07T10:00", means="aftermath")
    assert finding(case.derived([*EVIDENCE, later], [rule("06T10:00")])) == ("indicated", "reopened")
    assert finding(case.derived([*EVIDENCE, later], [rule("08T10:00")]))[0] == "violation"


def test_a_denial_is_an_answer_and_reopens_nothing(case: Case) -> None:
    denial = claim("mod_s", "1", "07T10:00", responds_to="mod_n/1") | {"stance": "denies"}
    assert finding(case.derived([*EVIDENCE, denial], [rule("06T10:00")]))[0] == "violation"


def test_a_copy_reopens_nothing(case: Case) -> None:
    copy = claim("news_n", "1", "07T10:00", origin="mod_n", accused="sudland") | {"stance": "reports"}
    assert finding(case.derived([*EVIDENCE, copy], [rule("06T10:00")]))[0] == "violation"


def test_a_claim_taken_back_afterwards_reopens_what_stood_on_it(case: Case) -> None:
    back = claim("mod_n", "2", "07T10:00", retracts="1")
    assert finding(case.derived([*EVIDENCE, back], [decision(
        "rule", "06T10:00", claims=["mon/1", "mod_n/1"], term="1", actor="sudland"
    )]))[1] == "reopened"  # fmt: skip
    knew = decision("rule", "08T10:00", claims=["mon/1", "mod_n/1"], term="1", actor="sudland")
    assert finding(case.derived([*EVIDENCE, back], [knew]))[1] != "reopened"


def test_the_hash_of_what_was_seen_decides_where_it_is_given(case: Case) -> None:
    before = case.derived(EVIDENCE)
    shown = object_hash(before, "F1.1.1.2")
    ruled = case.derived(EVIDENCE, [rule("06T10:00", object_hash=shown)])
    assert finding(ruled)[0] == "violation"
    assert object_hash(ruled, "F1.1.1.2") == shown  # what the ruling itself changes is not part of it
    wrong = rule("09T10:00", object_hash="0" * 64)
    assert finding(case.derived(EVIDENCE, [wrong])) == ("indicated", "reopened")
    later = claim("ngo", "2", "07T10:00", means="aftermath")
    assert finding(case.derived([*EVIDENCE, later], [rule("08T10:00", object_hash=shown)]))[1] == "reopened"


def test_an_override_falls_with_new_evidence_and_a_visit_stays(case: Case) -> None:
    alone = EVIDENCE[:1]
    lower = decision("override", "06T10:00", claims=["mod_n/1"], status="unlikely")
    assert case.derived(alone, [lower]).tables["assessments"][0]["status"] == "unlikely"
    seen = claim("mon", "1", "07T14:00", means="saw")
    assert case.derived([*alone, seen], [lower]).tables["assessments"][0]["status"] != "unlikely"
    visited = decision("verify", "06T10:00", claims=["mon/1"])
    later = claim("ngo", "2", "07T10:00", means="aftermath")
    assert case.derived([*EVIDENCE, later], [visited]).tables["assessments"][0]["status"] == "verified"


def test_a_person_cannot_lift_a_status_to_what_needs_evidence(case: Case) -> None:
    up = decision("override", "06T10:00", claims=["mod_n/1"], status="corroborated")
    derived = case.derived(EVIDENCE[:1], [up])
    assert derived.tables["assessments"][0]["status"] == "unconfirmed"
    assert any("override" in w for w in derived.warnings)


def test_a_link_goes_to_the_incident_that_is_its_object(case: Case) -> None:
    far = claim("paper", "9", "05T17:00", means="heard", lat=41.0)
    derived = case.derived([*EVIDENCE, far], [decision("link", "06T10:00", object="I1", claims=["paper/9"])])
    assert set(incidents(derived).values()) == {"I1"}


def test_what_is_split_off_takes_its_copies_and_answers_along(case: Case) -> None:
    copy = claim("news_n", "1", "05T13:00", origin="mod_n", accused="sudland") | {"stance": "reports"}
    denial = claim("mod_s", "1", "05T18:00", responds_to="mod_n/1") | {"stance": "denies"}
    off = decision("split", "06T10:00", object="I1", claims=["mod_n/1"])
    found = incidents(case.derived([*EVIDENCE, copy, denial], [off]))
    assert found["mod_n/1"] == found["news_n/1"] == found["mod_s/1"] != found["mon/1"]
    assert found["mon/1"] == found["ngo/1"] == found["paper/1"]


def test_a_decision_that_does_nothing_is_told(case: Case) -> None:
    nothing = [
        decision("merge", "06T10:00", claims=["mod_n/77", "mod_n/78"]),
        decision("link", "06T11:00", claims=["mod_n/1"]),
        decision("rule", "06T12:00", claims=["mod_n/1"]),
        decision("rule", "06T13:00", claims=["mod_n/1"], term="9", actor="sudland"),
    ]
    derived = case.derived(EVIDENCE, nothing)
    assert len(derived.warnings) == 4
    assert finding(derived)[0] == "indicated"


def test_two_people_are_needed_for_a_reviewed_finding(case: Case) -> None:
    drafted = decision("draft", "06T10:00", claims=["mod_n/1"], term="1", actor="sudland")
    same = decision("review", "06T11:00", claims=["mod_n/1"], term="1", actor="sudland")
    other = {**same, "person": "p2"}
    assert finding(case.derived(EVIDENCE, [drafted, same]))[1] == "draft"
    assert finding(case.derived(EVIDENCE, [drafted, other]))[1] == "reviewed"


PEOPLE = """people:
  - {id: ann, roles: [analyst]}
  - {id: ben, roles: [reviewer]}
  - {id: head, roles: [head]}
  - {id: team, roles: [reporter, liaison, auditor]}
"""


def on_the_finding(verb: str, at: str, person: str, **more: Any) -> Row:
    return decision(verb, at, person=person, claims=["mod_n/1"], term="1", actor="sudland", **more)


def road(drafter: str, reviewer: str, signer: str, publisher: str) -> list[Row]:
    return [
        on_the_finding("rule", "06T10:00", drafter, outcome="violation"),
        on_the_finding("review", "06T11:00", reviewer), on_the_finding("sign", "06T12:00", signer),
        on_the_finding("publish", "06T13:00", publisher),
    ]  # fmt: skip


def test_each_step_is_taken_by_one_who_holds_the_office(case: Case) -> None:
    case.people = PEOPLE
    derived = case.derived(EVIDENCE, road("ann", "ben", "head", "head"))
    assert finding(derived) == ("violation", "published")
    assert not derived.warnings


@pytest.mark.parametrize(
    ("people", "expected", "told"),
    [
        (("stranger", "ben", "head", "head"), ("indicated", "published"), ["'rule' of stranger"]),
        (("team", "ben", "head", "head"), ("indicated", "published"), ["'rule' of team"]),
        (("ann", "ann", "head", "head"), ("violation", "draft"), ["'review' of ann", "'sign'", "'publish'"]),
        (("ben", "ben", "head", "head"), ("violation", "draft"), ["'review' of ben", "'sign'", "'publish'"]),
        (("ann", "ben", "ben", "head"), ("violation", "reviewed"), ["'sign' of ben", "'publish'"]),
        (("ann", "ben", "head", "ann"), ("violation", "final"), ["'publish' of ann"]),
    ],
)  # fmt: skip
def test_a_decision_of_one_who_may_not_take_it_has_no_effect_and_is_told(
    case: Case, people: tuple[str, str, str, str], expected: tuple[str, str], told: list[str]
) -> None:
    case.people = PEOPLE
    derived = case.derived(EVIDENCE, road(*people))
    assert finding(derived) == expected
    assert len(derived.warnings) == len(told)
    assert all(any(t in w and "mod_n/1" in w for w in derived.warnings) for t in told)


def test_a_stranger_neither_joins_incidents_nor_verifies_nor_sets_a_clock(case: Case) -> None:
    case.people = PEOPLE
    far = claim("paper", "9", "05T17:00", means="heard", lat=41.0)
    strange = [
        decision("link", "06T10:00", person="x", object="I1", claims=["paper/9"]),
        decision("verify", "06T10:00", person="x", claims=["mon/1"]),
        decision("end", "04T10:00", person="x", object="small"),
    ]
    derived = case.derived([*EVIDENCE, far], strange)
    assert incidents(derived)["paper/9"] != "I1"
    assert derived.tables["assessments"][0]["status"] == "corroborated"
    assert finding(derived)[0] == "indicated"
    assert len(derived.warnings) == 3


def test_where_no_people_are_named_anybody_decides(case: Case) -> None:
    assert finding(case.derived(EVIDENCE, road("a", "b", "c", "c"))) == ("violation", "published")


def test_nobody_rules_what_is_computed(case: Case) -> None:
    derived = case.derived(EVIDENCE[:1], [rule("06T10:00", "indicated")])
    assert finding(derived)[0] == "undetermined"
    assert any("rules what nobody may rule" in w for w in derived.warnings)


def test_an_event_that_people_set_twice_is_told_and_the_later_time_counts(case: Case) -> None:
    times = ("2021-03-02T00:00:00+04:00", "2021-03-06T00:00:00+04:00")
    once = decision("set_event", "05T18:00", object="in_force", until=times[0])
    again = decision("set_event", "05T19:00", object="in_force", until=times[1])
    assert not case.derived(EVIDENCE, [once]).warnings
    derived = case.derived(EVIDENCE, [once, again])
    assert [w for w in derived.warnings if "sets in_force of small again" in w and "2021-03-01T20:00:00Z" in w]
    assert not [f for f in derived.tables["findings"] if f["incident_id"]]  # the truce is in force after what happened
