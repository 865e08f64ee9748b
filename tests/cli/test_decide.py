"""`trucewatch decide`: an act becomes a record; what may not be, or would do nothing, is refused and writes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.mission.test_decisions import AGREEMENT, EVIDENCE, Case, claim
from trucewatch import cli
from trucewatch.mission.derive import derive
from trucewatch.mission.folder import Mission

FINDING = "F1.1.1.2"
PEOPLE = """people:
  - {id: ann, roles: [analyst]}
  - {id: ben, roles: [reviewer]}
  - {id: eva, roles: [head]}
  - {id: leo, roles: [liaison]}
  - {id: aud, roles: [auditor]}
"""


class Room:
    """A mission of the four people above, and what the command says of each wish."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        case = Case(root)
        case.people = PEOPLE
        case.derived(EVIDENCE)
        self.folder = root / "1"
        self._capsys = capsys

    def decide(self, verb: str, of: str, by: str, *more: str, reason: str = "as seen") -> tuple[int, dict[str, Any]]:
        self._capsys.readouterr()
        args = ["decide", str(self.folder), verb, of, "--by", by, "--reason", reason, "--json", *more]
        code = cli.run(args)
        return code, json.loads(self._capsys.readouterr().out)

    def refused(self, verb: str, of: str, by: str, *more: str) -> str:
        """The words of a refusal; nothing is written then."""
        before = self.mission.store.last_seq()
        code, said = self.decide(verb, of, by, *more)
        assert code in {1, 2}
        assert not said["ok"]
        assert self.mission.store.last_seq() == before
        return str(said["errors"][0]["message"])

    def done(self, verb: str, of: str, by: str, *more: str) -> dict[str, Any]:
        code, said = self.decide(verb, of, by, *more)
        assert code == 0, said
        return said

    @property
    def mission(self) -> Mission:
        return Mission.open(self.folder)

    def finding(self) -> tuple[str, str]:
        """Outcome and state of the finding after a rebuild."""
        rows = derive(self.mission).tables["findings"]
        row = next(r for r in rows if r["actor"] == "sudland" and r["term"] == "1")
        return row["outcome"], row["state"]

    def take(self, *rows: dict[str, Any]) -> None:
        path = Case._write(self.folder / "more.csv", list(rows))
        assert cli.run(["ingest", str(self.folder), str(path), "--as", "claims"]) == 0


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Room:
    return Room(tmp_path, capsys)


def test_the_whole_road_of_a_finding_by_commands_alone(room: Room) -> None:
    steps = [("rule", "ann"), ("review", "ben"), ("notify", "leo"), ("reply", "leo"), ("sign", "eva")]
    states = [room.done(verb, FINDING, by)["state"] for verb, by in [*steps, ("publish", "eva")]]
    assert states == ["draft", "reviewed", "notified", "notified", "final", "published"]
    assert room.finding() == ("violation", "published")


def test_a_decision_names_the_claims_and_the_hash_of_what_was_seen(room: Room) -> None:
    made = room.done("rule", "F1.1.1.2", "ann")["decision"]
    assert made["params"]["claims"] == ["mod_n/1", "mon/1", "ngo/1", "paper/1"]
    assert (made["params"]["term"], made["params"]["actor"]) == ("1", "sudland")
    assert len(made["object_hash"]) == 64
    assert made["role"] == "analyst"


def test_it_is_the_record_that_a_row_of_a_file_makes(room: Room, tmp_path: Path) -> None:
    room.done("rule", FINDING, "ann", "--at", "2021-03-07T10:00:00+04:00")
    out = tmp_path / "decisions.csv"
    assert cli.run(["export", str(room.folder), "decisions", "--format", "csv", "-o", str(out)]) == 0
    before = room.mission.store.last_seq()
    assert cli.run(["ingest", str(room.folder), str(out)]) == 0
    assert room.mission.store.last_seq() == before


def test_a_dry_run_writes_nothing(room: Room) -> None:
    before = room.mission.store.last_seq()
    assert room.done("rule", FINDING, "ann", "--dry-run")["counts"] == {"decisions": 0}
    assert room.mission.store.last_seq() == before


def test_a_ruling_by_one_who_may_not_rule_is_refused(room: Room) -> None:
    assert "leo may not rule" in room.refused("rule", FINDING, "leo")
    assert "aud may not rule" in room.refused("rule", FINDING, "aud")
    assert "no person 'xavier'" in room.refused("rule", FINDING, "xavier")


def test_nobody_acts_in_an_office_that_he_does_not_hold(room: Room) -> None:
    assert "ann may not rule" in room.refused("rule", FINDING, "ann", "--role", "head")


def test_the_drafter_neither_reviews_nor_signs(room: Room) -> None:
    room.done("draft", FINDING, "ben")
    assert "ben drafted" in room.refused("review", FINDING, "ben")
    room.done("reopen", FINDING, "eva")
    room.done("draft", FINDING, "eva")
    room.done("review", FINDING, "ben")
    assert "eva drafted" in room.refused("sign", FINDING, "eva")


def test_the_same_ruling_twice_is_refused(room: Room) -> None:
    room.done("rule", FINDING, "ann")
    assert "decided so already" in room.refused("rule", FINDING, "ann")
    assert "decided so already" in room.refused("rule", FINDING, "ben")
    room.done("rule", FINDING, "ben", "--set", "outcome=could not be determined")
    assert room.finding()[0] == "undetermined"


def test_of_two_who_rule_at_once_one_is_told_so(room: Room) -> None:
    program = [sys.executable, "-c", "from trucewatch.cli import main; main()"]
    args = [*program, "decide", str(room.folder), "rule", FINDING, "--reason", "as seen"]
    assert cli.run(["update", str(room.folder)]) == 0
    with room.mission.store.writing():  # both look at the same state while nobody can write
        both = [subprocess.Popen([*args, "--by", by], stderr=subprocess.PIPE, text=True) for by in ("ann", "ben")]
        time.sleep(4)
    said = [(one.communicate()[1], one.returncode) for one in both]
    assert sorted(code for _, code in said) == [0, 1]
    assert next(words for words, code in said if code).startswith("error: it is decided so already")
    assert len(list(room.mission.store.read("decision"))) == 1


def test_a_ruling_on_a_stale_finding_is_refused_with_what_to_look_at(room: Room) -> None:
    seen = room.done("rule", FINDING, "ann", "--dry-run")["decision"]["object_hash"]
    room.take(claim("ngo", "2", "07T10:00", means="aftermath"))
    assert "has changed since" in room.refused("rule", FINDING, "ann", "--hash", seen)
    assert "evidence came after" in room.refused("rule", FINDING, "ann", "--at", "2021-03-05T18:00:00+04:00")
    room.done("rule", FINDING, "ann")


def test_what_was_signed_reopens_with_new_evidence_and_is_not_published_then(room: Room) -> None:
    for verb, by in (("rule", "ann"), ("review", "ben"), ("sign", "eva")):
        room.done(verb, FINDING, by)
    room.take(claim("ngo", "2", "07T10:00", means="aftermath"))
    assert room.finding() == ("indicated", "reopened")
    assert "is reopened: publish is out of turn" in room.refused("publish", FINDING, "eva")


def test_a_ruling_that_the_evidence_does_not_carry_is_refused(room: Room) -> None:
    assert "indicates no violation" in room.refused("rule", "F1.1.1.1", "ann")
    room.done("rule", "F1.1.1.1", "ann", "--set", "outcome=no violation")


def test_what_is_computed_is_not_ruled(room: Room) -> None:
    assert "not for a person to rule" in room.refused("rule", FINDING, "ann", "--set", "outcome=indicated")


@pytest.mark.parametrize(
    ("mandate", "verb", "more"),
    [
        ("rule: false", "rule", ()),
        ("rule: false", "rule", ("--set", "outcome=no violation")),
        ("publish: false", "publish", ()),
    ],
)
def test_what_the_mandate_does_not_allow_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mandate: str, verb: str, more: tuple[str, ...]
) -> None:
    room = Room(tmp_path, capsys)
    text = AGREEMENT + f"mechanism: {{mandate: {{{mandate}}}}}\n"
    (room.folder / "small.yaml").write_text(text, "utf-8")
    if verb == "publish":
        for step, by in (("rule", "ann"), ("review", "ben"), ("sign", "eva")):
            room.done(step, FINDING, by)
    assert "the mandate of small does not let" in room.refused(verb, FINDING, "eva", *more)
    if verb == "rule":
        room.done("rule", FINDING, "eva", "--set", "outcome=outside mandate")


def test_decisions_survive_the_merger_of_their_incident(room: Room) -> None:
    room.take(claim("paper", "9", "05T17:00", means="heard", lat=41.0))
    room.done("rule", FINDING, "ann")
    room.done("link", "I1", "ann", "--set", "claims=paper/9")
    assert room.finding() == ("indicated", "reopened")  # there is a claim more than was seen
    room.done("rule", FINDING, "ann")
    assert cli.run(["rebuild", str(room.folder)]) == 0
    assert room.finding()[0] == "violation"
    assert room.done("verify", "I5", "ann", "--dry-run")["object"] == "I1"  # any number of its claims names it


def test_a_decision_changes_no_record(room: Room) -> None:
    def stored() -> list[Any]:
        return [r for kind in ("source", "claim") for r in room.mission.store.read(kind)]

    before = stored()
    for verb, by in (("rule", "ann"), ("review", "ben"), ("sign", "eva"), ("publish", "eva"), ("reopen", "eva")):
        room.done(verb, FINDING, by)
    assert stored() == before


@pytest.mark.parametrize(
    ("verb", "of", "more", "told"),
    [
        ("rule", "I1", (), "speaks of a finding or a complaint"),
        ("rule", "F1.1.9.2", (), "no finding is called"),
        ("verify", "I99", (), "no incident is called"),
        ("verify", "nobody/1", (), "nothing here is called"),
        ("split", "I1", (), "which claims go"),
        ("merge", "I1", (), "which claims come in"),
        ("link", "I1", ("--set", "claims=nobody/9"), "one claim alone"),
        ("override", "I1", ("--set", "status=verified"), "sets no status"),
        ("grant", FINDING, (), "no exception in its text"),
        ("set_event", "in_force", (), "needs a time"),
        ("set_event", "in_force", ("--set", "at=noon"), "is not a time"),
        ("set_event", "peace", ("--set", "at=2021-03-01T00:00:00+04:00"), "no event is called"),
        ("rule", FINDING, ("--set", "claims"), "is no KEY=VALUE"),
        ("rule", FINDING, ("--params", "[1]"), "no JSON object"),
    ],
)
def test_what_cannot_be_meant_is_told(room: Room, verb: str, of: str, more: tuple[str, ...], told: str) -> None:
    assert told in room.refused(verb, of, "ann", *more)


def test_an_event_is_set_and_a_truce_extended_and_ended(room: Room) -> None:
    room.done("set_event", "in_force", "ann", "--set", "at=2021-03-06T00:00:00+04:00")
    assert not [r for r in derive(room.mission).tables["findings"] if r["incident_id"]]
    room.done("extend", "small", "eva", "--set", "until=2021-06-01T00:00:00+04:00")
    assert "ann may not end" in room.refused("end", "small", "ann")
    room.done("end", "small", "eva")
