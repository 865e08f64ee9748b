"""`trucewatch register` and the road of a complaint by commands alone: what is told to whom, and what is never told."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_decide import Room
from tests.mission.test_decisions import AGREEMENT, Case
from trucewatch import cli

FINDING = "F1.1.1.2"
MECHANISM = """mechanism:
  id: commission
  members: [norland, sudland]
  decides: consensus
  clocks: {acknowledged: PT24H, tasked: P1D, heard: P2D}
  mandate: {attribute: true, rule: true, publish: true, passes: [commission]}
"""
AT = "2021-03-06T10:00:00+04:00"
Row = dict[str, Any]


def complaint(number: str, **more: str) -> Row:
    return {
        "complaint_id": number, "received": AT, "complainant": "norland", "against": "sudland", "term": "1",
        "claims": "mod_n/1", "text": "they fired", "handling": "public", **more,
    }  # fmt: skip


class Registry(Room):
    """The same room with a mandate that names a commission, and complaints."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(root, capsys)
        (self.folder / "small.yaml").write_text(AGREEMENT + MECHANISM, "utf-8")

    def complain(self, *rows: Row) -> None:
        self.ingested("complaints", *rows)

    def ingested(self, table: str, *rows: Row) -> None:
        path = Case._write(self.folder / f"{table}.csv", list(rows))
        assert cli.run(["ingest", str(self.folder), str(path), "--as", table]) == 0

    def told(self, *more: str) -> dict[str, Any]:
        self._capsys.readouterr()
        assert cli.run(["register", str(self.folder), "--json", *more]) == 0
        found: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return found

    def rows(self, audience: str = "internal") -> list[dict[str, str]]:
        self._capsys.readouterr()
        assert cli.run(["register", str(self.folder), "--format", "csv", "--audience", audience]) == 0
        return list(csv.DictReader(io.StringIO(self._capsys.readouterr().out)))

    def page(self, *more: str) -> str:
        path = self.folder / "out.html"
        assert cli.run(["register", str(self.folder), "-o", str(path), *more]) == 0
        return path.read_text("utf-8")

    def road(self, number: str) -> dict[str, Any]:
        return self.told("--complaint", number)


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Registry:
    return Registry(tmp_path, capsys)


def hours(n: int) -> tuple[str, str]:
    return "--at", f"2021-03-{6 + (10 + n) // 24:02d}T{(10 + n) % 24:02d}:00:00+04:00"


def test_a_complaint_walks_its_road_by_commands_alone(room: Registry) -> None:
    room.complain(complaint("C-1"))
    assert room.done("notify", "C-1", "leo", "--step", "acknowledged", *hours(2))["state"] == "acknowledged"
    task = {"task_id": "T-1", "ordered": "2021-03-06T13:00:00+04:00", "complaint": "C-1", "look_for": "craters"}
    room.ingested("tasks", task)
    assert room.road("C-1")["complaint"]["state"] == "tasked"
    for verb, by, at in (("rule", "ann", 20), ("review", "ben", 21), ("notify", "leo", 22)):
        room.done(verb, FINDING, by, *hours(at))
    room.ingested("replies", {"finding_id": FINDING, "party": "sudland", "received": "2021-03-07T12:00:00+04:00"})
    found = room.road("C-1")
    assert (found["complaint"]["ruling"], found["complaint"]["state"]) == ("violation", "ruled")
    assert {c["step"]: c["state"] for c in found["clocks"]} == {"acknowledged": "met", "tasked": "met", "heard": "met"}
    room.done("sign", FINDING, "eva", *hours(30))
    assert "has not passed" in room.refused("publish", FINDING, "eva", *hours(31))
    votes = '{"norland": "yes", "sudland": "no"}'
    room.done("sign", FINDING, "eva", "--set", "body=commission", "--set", f"votes={votes}", *hours(32))
    assert "has not passed" in room.refused("publish", FINDING, "eva", *hours(33))
    votes = votes.replace('"no"', '"abstains"')
    room.done("sign", FINDING, "eva", "--set", "body=commission", "--set", f"votes={votes}", *hours(34))
    room.done("publish", FINDING, "eva", *hours(35))
    row = room.road("C-1")["complaint"]
    assert (row["state"], row["hours_to_publication"], row["still_to_pass"]) == ("published", 35.0, None)
    assert row["offices"] == ["liaison", "analyst", "reviewer", "party", "head", "commission"]


def test_a_complaint_is_acknowledged_with_the_number_and_hash_of_its_record(room: Registry) -> None:
    room.complain(complaint("C-1"))
    row = room.road("C-1")["complaint"]
    (leaf,) = room.mission.store.leaf_hashes(row["record"] - 1, row["record"])
    assert row["receipt"] == leaf.hex()


def test_several_complaints_on_one_incident_are_ruled_together(room: Registry) -> None:
    room.complain(complaint("C-1"), complaint("C-2", claims="mon/1", text="other words"))
    room.done("rule", FINDING, "ann")
    assert [r["ruling"] for r in room.rows()] == ["violation", "violation"]


def test_one_complaint_on_several_incidents_waits_for_all_of_them(room: Registry) -> None:
    from tests.mission.test_decisions import claim

    room.take(claim("mod_n", "far", "05T12:00", lat=41.0, accused="sudland"))
    room.complain(complaint("C-1", claims="mod_n/1;mod_n/far"))
    room.done("rule", FINDING, "ann")
    assert room.rows()[0]["ruling"] == ""
    room.done("rule", "F5.1.1.2", "ann", "--set", "outcome=could not be determined")
    assert room.rows()[0]["ruling"] == "violation"


def test_a_complaint_without_claims_is_linked_to_them_by_a_person(room: Registry) -> None:
    room.complain(complaint("C-1", claims=""))
    assert room.rows()[0]["findings"] == ""
    room.done("link", "C-1", "ann", "--set", "claims=mod_n/1")
    assert json.loads(room.rows()[0]["findings"]) == [FINDING]


@pytest.mark.parametrize(
    ("verb", "by", "more", "told"),
    [
        ("notify", "leo", (), "several steps"),
        ("review", "ben", (), "needs reported before it"),
        ("rule", "leo", (), "may not rule"),
        ("rule", "ann", ("--set", "outcome=violation"), "no finding of complaint C-1 is ruled a violation"),
        ("rule", "ann", ("--set", "outcome=no violation"), "a finding of complaint C-1 is"),
        ("rule", "ann", ("--set", "outcome=guilty"), "not for a person to rule"),
        ("publish", "eva", (), "needs decided before it"),
        ("notify", "ann", ("--step", "suspended"), "may not notify"),
        ("verify", "ann", (), "is of another kind (complaint)"),
    ],
)
def test_what_may_not_be_on_a_complaint_is_refused(
    room: Registry, verb: str, by: str, more: tuple[str, ...], told: str
) -> None:
    room.complain(complaint("C-1"))
    assert told in room.refused(verb, "C-1", by, *more)


def test_the_same_step_twice_is_refused(room: Registry) -> None:
    room.complain(complaint("C-1"))
    room.done("notify", "C-1", "leo", "--step", "acknowledged")
    assert "decided so already" in room.refused("notify", "C-1", "leo", "--step", "acknowledged")


def test_what_is_missing_is_asked_for_by_name(room: Registry) -> None:
    room.complain(complaint("C-1", claims="", term=""))
    asked = room.done("notify", "C-1", "leo", "--step", "incomplete")["decision"]["params"]["missing"]
    assert asked == ["what", "where", "when", "how"]


def test_a_number_that_looks_like_an_incident_is_told_apart_by_a_prefix(room: Registry) -> None:
    room.complain(complaint("I1"), complaint("2005/17"))
    assert "speaks of a finding or a complaint" in room.refused("draft", "I1", "ann")
    assert room.done("draft", "complaint:I1", "ann")["state"] == "reported"
    assert room.done("draft", "2005/17", "ann")["state"] == "reported"


def test_all_inquiries_are_suspended_at_once_with_a_reason(room: Registry) -> None:
    room.complain(complaint("C-1"))
    room.done("notify", "small", "eva", "--step", "suspended", *hours(1))
    clocks = {c["step"]: c["state"] for c in room.road("C-1")["clocks"]}
    assert clocks == {"acknowledged": "stopped", "tasked": "stopped", "heard": "waiting"}


def test_pending_complaints_are_counted_and_nothing_is_summed_as_violations(room: Registry) -> None:
    room.complain(complaint("C-1"), complaint("C-2", complainant="sudland", against="norland", claims=""))
    room.done("rule", FINDING, "ann")
    told = room.told()
    assert (told["received"], told["pending"]) == ([2, 2], [1, 1])
    assert [(r["group"], r["cells"]) for r in told["tables"]["complainant"]] == [
        ("norland", {"violation": [1, 1]}), ("sudland", {"received": [1, 1]}),
    ]  # fmt: skip
    page = room.page()
    assert "The number of rulings is not the number of violations" in page
    assert "2 complaints have been received; 1 of them wait" in page


SECRET = "Zq7canary"


def secrets(room: Registry) -> None:
    """Complaints and acts with a marked word in every place that must not leave."""
    room.complain(
        complaint("C-pub", text=SECRET, complainant="norland"),
        complaint(f"C-{SECRET}", handling="restricted", text=SECRET),
        complaint(f"D-{SECRET}", handling="confidential", text=SECRET),
        complaint("C-other", against=f"other:{SECRET}", claims=""),
    )
    stop = ("--step", "suspended", "--set", f"where={SECRET}")
    assert room.decide("notify", "C-pub", "eva", *stop, reason=SECRET)[0] == 0


@pytest.mark.parametrize("audience", ["public", "party:sudland"])
@pytest.mark.parametrize("form", ["page", "csv"])
def test_no_marked_secret_leaves_the_register(room: Registry, audience: str, form: str) -> None:
    secrets(room)
    path = room.folder / "out"
    args = ["register", str(room.folder), "--audience", audience, "--format", form, "-o", str(path)]
    assert cli.run(args) == 0
    assert SECRET in room.page()  # the mission itself reads it
    told = path.read_text("utf-8")
    assert "C-pub" in told
    if audience == "public":
        assert SECRET not in told
    else:  # a restricted complaint against a party is its to answer: its number, and no word of it
        assert told.replace(f"C-{SECRET}", "").count(SECRET) == 0


def test_a_party_sees_its_own_complaints_and_those_against_it(room: Registry) -> None:
    room.complain(
        complaint("C-own", handling="confidential"), complaint("C-restricted", handling="restricted"),
        complaint("C-secret", handling="confidential", complainant="sudland", against="norland"),
    )  # fmt: skip
    assert [r["complaint_id"] for r in room.rows("party:norland")] == ["C-own", "C-restricted"]
    assert [r["complaint_id"] for r in room.rows("party:sudland")] == ["C-restricted", "C-secret"]
    assert room.rows("public") == []


def test_no_incident_is_told_that_only_a_hidden_claim_leads_to(room: Registry) -> None:
    from tests.mission.test_decisions import claim

    room.take(claim("ngo", "7", "05T15:30", means="saw", handling="restricted"), claim("mon", "8", "05T15:40",
              means="saw", handling="public"))  # fmt: skip
    room.complain(complaint("C-1", claims="ngo/7"), complaint("C-2", claims="mon/8", text="other"))
    assert [r["incidents"] for r in room.rows()] == ['["I1"]', '["I1"]']
    assert [(r["incidents"], bool(r["findings"])) for r in room.rows("public")] == [("", False), ('["I1"]', True)]


def test_a_ruling_leaves_when_it_is_published_and_not_before(room: Registry) -> None:
    room.complain(complaint("C-1"))
    for verb, by in (("rule", "ann"), ("review", "ben"), ("sign", "eva")):
        room.done(verb, FINDING, by)
    assert (room.rows("public")[0]["ruling"], room.rows("public")[0]["state"]) == ("", "ruled")
    votes = '{"norland": "yes", "sudland": "yes"}'
    room.done("sign", FINDING, "eva", "--set", "body=commission", "--set", f"votes={votes}")
    room.done("publish", FINDING, "eva")
    assert room.rows("public")[0]["ruling"] == "violation"


def test_no_ruling_leaves_under_a_mandate_that_does_not_attribute(room: Registry) -> None:
    room.complain(complaint("C-1"))
    silent = MECHANISM.replace("attribute: true", "attribute: false").replace(", passes: [commission]", "")
    (room.folder / "small.yaml").write_text(AGREEMENT + silent, "utf-8")
    for verb, by in (("rule", "ann"), ("review", "ben"), ("sign", "eva"), ("publish", "eva")):
        room.done(verb, FINDING, by)
    assert room.rows()[0]["ruling"] == "violation"
    assert (room.rows("public")[0]["ruling"], room.rows("public")[0]["findings"]) == ("", "")
    told = room.told("--audience", "public", "-o", str(room.folder / "x.html"))
    assert all("violation" not in r["cells"] for t in told["tables"].values() for r in t)


def test_small_cells_of_what_is_not_listed_are_told_as_a_range(room: Registry) -> None:
    room.complain(
        complaint("C-1"), complaint("C-2", handling="restricted", text="x"),
        complaint("C-3", handling="confidential", text="y"),
    )  # fmt: skip
    told = room.told("--audience", "public", "-o", str(room.folder / "x.html"))
    assert told["received"] == [2, 3]  # one that is listed, and one or two that are not
    assert (told["withheld"], told["uncounted"]) == (1, 1)
    assert "2–3 complaints have been received" in room.page("--audience", "public")


def test_nothing_is_told_of_what_came_after_the_cut(room: Registry) -> None:
    room.complain(complaint("C-1"), complaint("C-2", received="2021-03-08T10:00:00+04:00"))
    assert room.told("--known-by", "2021-03-07T00:00:00Z")["received"] == [1, 1]
    row = room.told("--known-by", "2021-03-07T06:00:00Z", "--complaint", "C-1")["complaint"]
    assert row["age_h"] == 24.0


def test_a_register_without_complaints_says_so(room: Registry) -> None:
    page = room.page()
    assert "There is no complaint to list." in page
    assert "0 complaints have been received" in page


def test_words_of_a_complaint_are_no_markup(room: Registry) -> None:
    room.complain(complaint("<b>1</b>", against="other:<i>them</i>", claims=""))
    page = room.page()
    assert "&lt;b&gt;1&lt;/b&gt;" in page
    assert "<i>them" not in page


def test_it_is_a_tagged_pdf_too(room: Registry) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    room.complain(complaint("C-1"))
    path = room.folder / "register.pdf"
    assert cli.run(["register", str(room.folder), "--format", "pdf", "-o", str(path)]) == 0
    with pikepdf.open(path) as made:
        assert made.Root.MarkInfo.Marked
        assert "Register of complaints" in str(made.docinfo["/Title"])


def test_a_number_that_is_not_there_and_another_audience_are_told(room: Registry) -> None:
    room.complain(complaint("C-1"))
    assert cli.run(["register", str(room.folder), "--complaint", "C-9"]) == 2
    assert cli.run(["register", str(room.folder), "--complaint", "C-1", "--audience", "public"]) == 2
    assert cli.run(["register", str(room.folder), "--audience", "party:nobody"]) == 2
    assert cli.run(["register", str(room.folder), "--lang", "../../elsewhere"]) == 2


def test_a_party_has_its_time_to_answer_before_a_finding_is_signed(room: Registry) -> None:
    for verb, by, at in (("rule", "ann", 20), ("review", "ben", 21), ("notify", "leo", 22)):
        room.done(verb, FINDING, by, *hours(at))
    assert "the time to answer (P2D) runs until" in room.refused("sign", FINDING, "eva", *hours(23))
    room.done("sign", FINDING, "eva", *hours(22 + 48))


def test_a_party_that_has_answered_needs_no_more_time(room: Registry) -> None:
    for verb, by, at in (("rule", "ann", 20), ("review", "ben", 21), ("notify", "leo", 22), ("reply", "leo", 23)):
        room.done(verb, FINDING, by, *hours(at))
    room.done("sign", FINDING, "eva", *hours(24))


def test_a_finding_lists_the_offices_that_it_passed_and_those_to_come(
    room: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb, by in (("rule", "ann"), ("review", "ben"), ("sign", "eva")):
        room.done(verb, FINDING, by)
    capsys.readouterr()
    assert cli.run(["explain", str(room.folder), FINDING, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert (facts["passed"], facts["still to pass"]) == ("analyst, reviewer, head", "commission")


def test_a_decision_from_a_file_that_does_nothing_is_told_by_check(
    room: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    room.complain(complaint("C-1", claims="mod_n/404"))
    row = {"at": AT, "person": "eva", "verb": "publish", "object": "C-1", "reason": "too early", "params": {}}
    room.ingested("decisions", row)
    capsys.readouterr()
    cli.run(["check", str(room.folder), "--json"])
    told = [w["message"] for w in json.loads(capsys.readouterr().out)["warnings"]]
    assert any("'publish' of eva" in w and "C-1" in w for w in told)
    assert any("names claims that are not here: mod_n/404" in w for w in told)


def test_the_time_from_the_first_allegation_to_the_published_finding_is_told_by_kind_and_party(room: Registry) -> None:
    assert "From the first allegation" not in room.page()
    for verb, by, at in (("rule", "ann", 20), ("review", "ben", 21), ("sign", "eva", 22)):
        room.done(verb, FINDING, by, *hours(at))
    votes = '{"norland": "yes", "sudland": "yes"}'
    room.done("sign", FINDING, "eva", "--set", "body=commission", "--set", f"votes={votes}", *hours(23))
    room.done("publish", FINDING, "eva", *hours(26))
    told = room.told()["finding_durations"]
    # The first claim of the incident was published on 5 March at 12:00.
    assert [(d["by"], d["group"], d["published"], d["median_h"]) for d in told] == [
        ("all", "all", 1, 48.0), ("against", "sudland", 1, 48.0), ("kind", "fire", 1, 48.0),
    ]  # fmt: skip
    assert "From the first allegation to the published finding" in room.page("--audience", "public")
