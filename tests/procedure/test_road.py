"""The road of a complaint, from what is recorded of it alone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from trucewatch.agreement import Agreement, load
from trucewatch.judging.rulings import Ruling
from trucewatch.model.times import HOUR, parse_instant
from trucewatch.procedure.clocks import limits
from trucewatch.procedure.register import double_of, kind_of, rows, third_party
from trucewatch.procedure.road import Answered, Case, Road, road

T0 = parse_instant("2021-03-02T10:00:00+04:00")
TEXT = """id: truce
title: {{en: A truce}}
actors:
  - {{id: norland, role: party, names: {{en: Norland}}}}
  - {{id: sudland, role: party, names: {{en: Sudland}}}}
  - {{id: militia, role: not_covered, names: {{en: Militia}}}}
timezone: Asia/Baku
events: {{in_force: {{at: 2021-03-01T00:00:00+04:00}}}}
terms:
  - {{id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}}
  - {{id: "2", kind: access, binds: [norland, sudland]}}
{more}
"""
MECHANISM = """mechanism:
  id: commission
  members: [norland, sudland]
  decides: consensus
  clocks: {acknowledged: PT24H, tasked: PT24H, reported: P5D, heard: P2D}
  mandate: {passes: [technical committee, commission]}
"""


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("texts")

    def made(more: str = MECHANISM) -> Agreement:
        path = folder / f"{abs(hash(more))}.yaml"
        path.write_text(TEXT.format(more=more), "utf-8")
        return load(Path(path))

    return made


def complaint(**more: Any) -> dict[str, Any]:
    return {
        "complaint_id": "C-1", "received": T0, "complainant": "norland", "against": "sudland", "term": "1", **more
    }  # fmt: skip


def act(hours: float, verb: str, person: str = "ann", role: str = "analyst", **params: Any) -> dict[str, Any]:
    return {"at": T0 + round(hours * HOUR), "verb": verb, "person": person, "role": role, "params": params}


CLAIM = {"act": "fire.mortar", "start": T0 - 3 * HOUR, "lat": 40.0, "lon": 46.0, "accused": "sudland", "means": "saw"}


def case(agreement: Agreement, *decisions: dict[str, Any], **more: Any) -> Case:
    told = {"complaint": complaint(), "claims": (CLAIM,), **more}
    return Case("C-1", agreement=agreement, decisions=decisions, **told)


def walked(of: Case, hours: float = 1000, pauses: Any = ()) -> Road:
    assert of.agreement is not None
    return road(of, limits([of.agreement]), T0 + round(hours * HOUR), pauses)


WHOLE = (
    act(1, "notify", "leo", "liaison", step="acknowledged"), act(2, "draft", step="preliminary"),
    act(30, "draft", step="reported"), act(31, "review", "ben", "reviewer"),
    act(32, "notify", "leo", "liaison", step="notified"), act(40, "reply", "leo", "liaison"),
    act(50, "rule", outcome="could not be determined"), act(60, "sign", "eva", "head"),
    act(61, "sign", "eva", "board", body="technical committee"),
    act(62, "sign", "eva", "board", body="commission", votes={"norland": "yes", "sudland": "abstains"}),
    act(63, "sign", "eva", "head", step="recommended"), act(70, "publish", "eva", "head"),
    act(90, "notify", "leo", "liaison", step="followed_up"),
)  # fmt: skip


def test_the_whole_road_step_by_step(text: Any) -> None:
    seen = [walked(case(text(), *WHOLE[:k])).state for k in range(len(WHOLE) + 1)]
    assert seen == [
        "received", "acknowledged", "preliminary", "reported", "reviewed", "notified", "heard", "ruled", "decided",
        "decided", "decided", "recommended", "published", "followed_up",
    ]  # fmt: skip
    found = walked(case(text(), *WHOLE))
    assert (found.ruling, found.pending, found.idle) == ("could not be determined", False, ())
    assert found.published_at == T0 + 70 * HOUR
    assert found.offices == (
        "liaison", "analyst", "reviewer", "head", "technical committee", "commission",
    )  # fmt: skip


def test_no_office_that_the_mandate_names_is_skipped(text: Any) -> None:
    without = [d for d in WHOLE if d["params"].get("body") != "technical committee"]
    found = walked(case(text(), *without))
    assert found.left == ("technical committee", "commission")
    assert found.published_at is None
    assert [d["verb"] for d in found.idle] == ["sign", "publish"]  # the commission's turn had not come


def test_a_body_that_refuses_lets_nothing_pass(text: Any) -> None:
    refused = act(62, "sign", "eva", "board", body="commission", votes={"norland": "yes", "sudland": "no"})
    found = walked(case(text(), *WHOLE[:9], refused, WHOLE[11]))
    assert found.left == ("commission",)
    assert found.published_at is None


def test_the_drafter_neither_reviews_nor_signs(text: Any) -> None:
    own = act(31, "review", "ann", "reviewer")
    assert walked(case(text(), *WHOLE[:3], own)).state == "reported"
    signed = act(60, "sign", "ann", "head")
    assert walked(case(text(), *WHOLE[:7], signed)).state == "ruled"


def test_clocks_are_met_late_running_or_overdue(text: Any) -> None:
    of = case(text(), act(25, "notify", step="acknowledged"))
    found = {c.step: (c.state, c.due) for c in walked(of, 20).clocks}
    assert found["acknowledged"] == ("late", T0 + 24 * HOUR)
    assert found["tasked"] == ("running", T0 + 24 * HOUR)
    assert found["reported"] == found["heard"] == ("waiting", None)
    assert {c.step: c.state for c in walked(of, 30).clocks}["tasked"] == "overdue"
    task = {"task_id": "T", "ordered": T0 + 5 * HOUR, "complaint": "C-1"}
    found = {c.step: (c.state, c.due) for c in walked(case(text(), tasks=(task,)), 30).clocks}
    assert found["tasked"] == ("met", T0 + 24 * HOUR)
    assert found["reported"] == ("running", T0 + 125 * HOUR)


def test_what_is_late_is_flagged_and_counts(text: Any) -> None:
    found = walked(case(text(), act(25, "notify", step="acknowledged")), 26)
    assert (found.state, found.late) == ("acknowledged", ("acknowledged", "tasked"))


def test_what_is_late_is_void_where_the_text_says_so(text: Any) -> None:
    late = "procedures: [{id: heard, on: notified, from: party, within: P2D, late: %s}]"
    asked = (WHOLE[2], act(32, "notify", step="notified"))
    reply = act(32 + 49, "reply", "leo", "liaison")
    assert walked(case(text(late % "flagged"), *asked, reply)).state == "heard"
    void = walked(case(text(late % "void"), *asked, reply))
    assert (void.state, void.late) == ("notified", ("heard",))
    assert walked(case(text(late % "void"), *asked, act(32 + 47, "reply", "leo", "liaison"))).state == "heard"


def test_a_reply_after_the_window_is_told_as_late(text: Any) -> None:
    answer = {"finding_id": "C-1", "party": "sudland", "received": T0 + (32 + 49) * HOUR}
    found = walked(case(text(), *WHOLE[:5], replies=(answer,)))
    assert (found.state, found.late) == ("heard", ("tasked", "heard"))


FILED = "procedures: [{id: complaint, on: complaint, from: party, within: PT24H, late: %s, term: '1'}]"


@pytest.mark.parametrize(
    ("hours_before", "lasting", "expected"), [(3, 0, "met"), (25, 0, "late"), (30, 10, "cannot tell"), (30, 5, "late")]
)
def test_a_complaint_has_a_clock_of_its_own_from_what_it_speaks_of(
    text: Any, hours_before: float, lasting: float, expected: str
) -> None:
    start = T0 - round(hours_before * HOUR)
    claim = {**CLAIM, "start": start, "end": start + round(lasting * HOUR)}
    found = walked(case(text(FILED % "flagged"), claims=(claim,)), 1)
    assert [(c.step, c.state) for c in found.clocks] == [("filed", expected)]
    assert found.state == "received"
    void = walked(case(text(FILED % "void"), claims=(claim,)), 1)
    assert void.state == ("void" if expected == "late" else "received")


def test_whether_a_complaint_without_a_time_is_late_cannot_be_told(text: Any) -> None:
    found = walked(case(text(FILED % "void"), claims=()), 1)
    assert [c.state for c in found.clocks] == ["cannot tell"]
    assert found.state == "received"


def test_a_complaint_with_no_place_or_time_is_asked_what_is_missing(text: Any) -> None:
    vague = {"complaint": complaint(term=None, text="they came at night"), "claims": ()}
    assert walked(case(text(), **vague)).missing == ("what", "where", "when", "how")
    asked = act(2, "notify", step="incomplete", missing=["where", "when"])
    assert walked(case(text(), asked, **vague)).state == "incomplete"
    told = act(9, "reply", "leo", "liaison", step="completed", where="the north bridge", when="2 March")
    found = walked(case(text(), asked, told, **vague))
    assert (found.state, found.missing) == ("received", ("what", "how"))


def test_a_withdrawn_complaint_ends_and_its_clocks_stop(text: Any) -> None:
    back = act(3, "reply", "leo", "liaison", step="withdrawn")
    found = walked(case(text(), back, act(4, "rule", outcome="no violation")))
    assert (found.state, found.ruling, found.pending) == ("withdrawn", None, False)
    assert {c.state for c in found.clocks} == {"stopped", "waiting"}
    assert [d["verb"] for d in found.idle] == ["rule"]
    again = walked(case(text(), back, act(5, "reopen", "eva", "head"), act(6, "rule", outcome="no violation")))
    assert again.ruling == "no violation"


def test_a_suspension_carries_its_reason_and_stops_the_clocks(text: Any) -> None:
    stop = {**act(10, "notify", "eva", "head", step="suspended"), "reason": "the team's area is closed"}
    found = walked(case(text(), stop), 100)
    assert (found.state, found.suspended and found.suspended["reason"]) == ("suspended", "the team's area is closed")
    assert {c.step: c.state for c in found.clocks}["acknowledged"] == "stopped"
    on = act(60, "notify", "eva", "head", step="resumed")
    clock = {c.step: c for c in walked(case(text(), stop, on), 61).clocks}["acknowledged"]
    assert (clock.state, clock.due) == ("running", T0 + (24 + 50) * HOUR)
    every = walked(case(text()), 100, [(T0 + 10 * HOUR, T0 + 60 * HOUR)])
    assert {c.step: c.due for c in every.clocks}["acknowledged"] == T0 + 74 * HOUR


def finding(outcome: str, ruling: str | None = None, state: str = "draft", **more: Any) -> Answered:
    decisions = (act(5, "rule", outcome=ruling or "violation"),) if ruling else ()
    told = {"violation": "violation", "no violation": "no violation"}.get(str(ruling), ruling)
    return Answered(more.pop("id", "F1.1.1.2"), "sudland", outcome, decisions, Ruling(state, outcome=told), **more)


def test_a_complaint_is_ruled_with_its_finding(text: Any) -> None:
    open_ = walked(case(text(), findings=(finding("indicated"),)))
    assert (open_.ruling, open_.pending) == (None, True)
    found = walked(case(text(), findings=(finding("violation", "violation"),)))
    assert (found.ruling, found.state) == ("violation", "ruled")


def test_a_complaint_about_several_incidents_stands_where_the_least_of_them_stands(text: Any) -> None:
    done = finding("violation", "violation", "published")
    one_open = walked(case(text(), findings=(done, finding("indicated", id="F2.1.1.2"))))
    assert (one_open.ruling, one_open.pending) == (None, True)
    both = walked(case(text(), findings=(done, finding("no violation", "no violation", "reviewed", id="F2.1.1.2"))))
    assert (both.ruling, both.state) == ("violation", "ruled")


def test_a_complaint_against_nobody_is_answered_by_the_findings_that_people_took_up(text: Any) -> None:
    both = (finding("violation", "violation"), finding("undetermined", id="F1.1.1.1"))
    assert walked(case(text(), findings=both, complaint=complaint(against=None))).ruling == "violation"
    assert walked(case(text(), findings=both)).ruling is None


def test_nobody_rules_a_violation_that_no_finding_carries(text: Any) -> None:
    said = act(5, "rule", outcome="violation")
    for findings in ((), (finding("indicated"),), (finding("no violation"),)):
        found = walked(case(text(), said, findings=findings))
        assert (found.ruling, len(found.idle)) == (None, 1)
    assert walked(case(text(), said, findings=(finding("violation", "violation"),))).ruling == "violation"
    denied = act(5, "rule", outcome="no violation")
    assert walked(case(text(), denied, findings=(finding("indicated"),))).ruling is None


def test_a_complaint_against_a_third_party_is_told_as_such_and_may_be_outside_the_mandate(text: Any) -> None:
    for who in ("militia", "other:smugglers"):
        of = case(text(), act(5, "rule", outcome="outside mandate"), complaint=complaint(against=who))
        assert third_party(walked(of))
        assert walked(of).ruling == "outside mandate"
    assert not third_party(walked(case(text())))


def test_a_doubled_complaint_is_told_and_dropped_by_a_person_alone(text: Any) -> None:
    def of(number: str, hours: int, *decisions: Any, **more: Any) -> Road:
        told = complaint(complaint_id=number, received=T0 + hours * HOUR, **more)
        return walked(Case(number, told, text(), decisions, claims=(CLAIM,)))

    first, again = of("C-9", 0, claims=["mod_n/1"]), of("C-2", 1, claims=["mod_n/1"])
    same_words = of("C-3", 2, text="They  fired"), of("C-4", 3, text="they fired")
    other = of("C-5", 4, claims=["mod_n/1"], complainant="sudland", against="norland")
    every = [first, again, *same_words, other]
    assert double_of(r.case for r in every) == {"C-2": "C-9", "C-4": "C-3"}
    assert all(r.pending for r in every)
    joined = of("C-2", 1, act(9, "link", duplicate_of="C-9"), claims=["mod_n/1"])
    assert (joined.state, joined.pending, joined.joined_to) == ("joined", False, "C-9")


def test_a_complaint_in_another_language_walks_the_same_road(text: Any) -> None:
    words = complaint(text="Կրակել են մեր դիրքերի վրա", lang="hy")
    found = walked(case(text(), *WHOLE, complaint=words))
    assert found.state == "followed_up"
    assert rows([found], T0, {}, {})[0]["lang"] == "hy"


def test_the_kind_of_a_complaint_is_that_of_its_claims_else_of_its_term(text: Any) -> None:
    assert kind_of(walked(case(text()))) == "fire"
    assert kind_of(walked(case(text(), claims=(), complaint=complaint(term="2")))) == "access"
    assert kind_of(walked(case(text(), claims=(), complaint=complaint(term=None)))) == "unknown"


def test_reopened_is_what_was_decided_and_not_what_was_looked_into(text: Any) -> None:
    found = walked(case(text(), *WHOLE, act(100, "reopen", "eva", "head")))
    assert (found.state, found.ruling, found.published_at, found.left) == (
        "reported", None, None, ("technical committee", "commission"),
    )  # fmt: skip


def test_a_stale_decision_of_a_finding_is_no_step_any_more(text: Any) -> None:
    decisions = ({**act(5, "rule", outcome="violation"), "finding_id": "F1.1.1.2", "stale": True},)
    stale = Answered("F1.1.1.2", "sudland", "indicated", decisions, Ruling("reopened"))
    found = walked(case(text(), findings=(stale,)))
    assert (found.ruling, "ruled" in {t.step for t in found.taken}) == (None, False)


def test_no_order_of_what_is_recorded_at_other_times_changes_the_road(text: Any) -> None:
    r = random.Random(4)
    tasks = tuple({"task_id": f"T{k}", "ordered": T0 + k * HOUR, "closed": T0 + (k + 9) * HOUR} for k in range(4))
    first = walked(case(text(), *WHOLE, tasks=tasks))
    for _ in range(5):
        found = walked(case(text(), *WHOLE, tasks=tuple(r.sample(tasks, 4))))
        assert (found.state, found.taken, found.clocks) == (first.state, first.taken, first.clocks)
