"""What people decided, as far as judging needs it: clocks of agreements, rulings on findings, their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trucewatch.agreement import Agreement, Term
from trucewatch.model.times import TimeFault, parse_instant

Key = tuple[int, int, int, int]  # number of the incident, positions of agreement, term and actor

# What may be ruled, and the outcome that it gives; the other outcomes are computed, and never ruled.
RULINGS = {
    "violation": "violation", "no violation": "no violation", "could not be determined": "undetermined",
    "outside mandate": "not for judgement", "withdrawn": "not for judgement",
}  # fmt: skip
CLOCK_VERBS = frozenset({"set_event", "extend", "end"})  # what moves the times of an agreement
# What may be told of a term by `set_event TERM.STATE`: a state, or that what it hangs on is met, of several conditions
# by number (`TERM.after.2`).
TERM_STATES = frozenset({"begun", "complete", "verified", "complied_with", "broken", "after", "while"})
# The road of a finding (design 8): what takes it a step on, from which states, and to which.
_STEPS = {
    "draft": (("draft", "reopened"), "draft"), "review": (("draft", "reopened"), "reviewed"),
    "notify": (("reviewed",), "notified"), "sign": (("reviewed", "notified"), "final"),
    "publish": (("final",), "published"),
}  # fmt: skip
_SECOND = ("review", "sign")  # steps that another person than the drafter takes


@dataclass(frozen=True, slots=True)
class Clocks:
    """Times that people decided: events by agreement, ends of agreements, ends of terms ("" = every term)."""

    events: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)
    extended: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def end(self, agreement: Agreement, term: str, told: int | None, times: Mapping[str, int | None]) -> int | None:
        """End of a term, microseconds, None = open: as its text says, or longer, or shorter, as was decided."""
        if told is None and agreement.duration_until is not None:
            told = agreement.duration_until.resolve(times)
        longer = self.extended.get((agreement.id, term), self.extended.get((agreement.id, "")))
        if told is not None and longer is not None:
            told = max(told, longer)
        stopped = self.ends.get(agreement.id)
        return told if stopped is None else stopped if told is None else min(told, stopped)

    def sure_until(self, agreement: Agreement, term: Term, times: Mapping[str, int | None]) -> int | None:
        """Up to when a term holds for certain, microseconds, where somebody has to renew it or the whole text and
        people told of nothing later; None where nothing has to be renewed."""
        own = term.lasting is not None or term.until is not None
        lasting, start = (term.lasting, term.starts) if own else (agreement.lasting, None)
        first = None if lasting is None else lasting.sure_until(start)
        told = None if first is None else first.resolve(times)
        longer = self.extended.get((agreement.id, term.id), self.extended.get((agreement.id, "")))
        return told if told is None or longer is None else max(told, longer)


@dataclass(slots=True)
class Ruling:
    """What people decided on one finding, so far."""

    state: str = "draft"
    signed_by: str | None = None
    outcome: str | None = None
    claimed: bool = False
    granted: bool = False
    refuted: bool = False
    drafter: str | None = None
    passed: tuple[str, ...] = ()  # bodies and offices of the mandate that it passed, in order


def clocks(decisions: Iterable[Mapping[str, Any]], agreements: Sequence[Agreement]) -> Clocks:
    """Times from `set_event`, `extend` and `end`. Params: agreement (empty = each of the chain that fits), event, term,
    at or until."""
    events: dict[str, dict[str, int]] = {}
    ends: dict[str, int] = {}
    extended: dict[tuple[str, str], int] = {}
    for d in decisions:
        if d["verb"] not in CLOCK_VERBS:
            continue
        params, named = d.get("params") or {}, str(d.get("object") or "")
        moment = _moment(params.get("at") or params.get("until"))
        for a in agreements:
            if params.get("agreement") not in {None, a.id}:
                continue
            event = str(params.get("event") or named)
            if d["verb"] == "set_event" and moment is not None and (event in a.events or _is_state(a, event)):
                events.setdefault(a.id, {})[event] = moment
            elif d["verb"] == "end" and (params.get("agreement") or named) == a.id:
                ends[a.id] = d["at"] if moment is None else moment
            elif d["verb"] == "extend" and (params.get("agreement") or named) == a.id and moment is not None:
                extended[a.id, str(params.get("term") or "")] = moment
    return Clocks(events, ends, extended)


def _is_state(agreement: Agreement, name: str) -> bool:
    """Whether a name is that of a term and a state of it (`1.complete`), or of one of its conditions (`1.after.2`)."""
    term, _, state = name.rpartition(".")
    if state.isdigit() and term.endswith((".after", ".while")):
        term, _, kind = term.rpartition(".")
        found = agreement.term(term)
        return found is not None and 1 <= int(state) <= len(found.after if kind == "after" else found.while_)
    return state in TERM_STATES and agreement.term(term) is not None


def several_conditions(decision: Mapping[str, Any], agreements: Sequence[Agreement]) -> list[str]:
    """The conditions of a term that a `set_event TERM.after` (or `.while`) leaves open which of them it means, by
    number; empty where it says so, or there is one alone."""
    params = decision.get("params") or {}
    name = str((params.get("event") if isinstance(params, Mapping) else None) or decision.get("object") or "")
    term, _, state = name.rpartition(".")
    if state not in ("after", "while"):
        return []
    of = params.get("agreement") if isinstance(params, Mapping) else None
    for a in agreements:
        found = a.term(term) if of in {None, a.id} else None
        many = 0 if found is None else len(found.after if state == "after" else found.while_)
        if many > 1:
            return [f"{name}.{k}" for k in range(1, many + 1)]
    return []


def _moment(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    try:
        return parse_instant(str(value))
    except TimeFault:
        return None


def key_of(decision: Mapping[str, Any]) -> Key | None:
    """The finding that a decision speaks of; the incident is the one that it was resolved to, so a merge keeps it."""
    name = str(decision.get("finding_id") or decision.get("object") or "")
    parts = name.removeprefix("F").split(".")
    if not name.startswith("F") or len(parts) != 4 or not all(p.isdigit() for p in parts):
        return None
    number = decision.get("number")
    first = int(parts[0]) if number is None else int(number)
    return first, int(parts[1]), int(parts[2]), int(parts[3])


def ruled_outcome(params: Mapping[str, Any]) -> str | None:
    """The outcome that a ruling gives, `violation` where it names none; None where nobody may rule what it names."""
    said = str(params.get("outcome") or "violation")
    return said if said in RULINGS.values() else RULINGS.get(said)


def rulings(decisions: Iterable[Mapping[str, Any]]) -> dict[Key, Ruling]:
    """State and ruling of each finding that people touched, decisions taken in the order given (that of `at`).

    A stale decision no longer counts, and its finding is reopened until somebody decides anew.
    """
    return _followed(decisions)[0]


def out_of_turn(decisions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The decisions that do nothing because the finding is in no state for them, or because the drafter reviews."""
    return _followed(decisions)[1]


def _followed(decisions: Iterable[Mapping[str, Any]]) -> tuple[dict[Key, Ruling], list[Mapping[str, Any]]]:
    out: dict[Key, Ruling] = {}
    idle = []
    for d in decisions:
        key = key_of(d)
        if key is None:
            continue
        ruling = out.setdefault(key, Ruling())
        if d.get("stale"):
            out[key] = Ruling("reopened", None, None, ruling.claimed, False, False, ruling.drafter)
        elif not (_pass(ruling, d) if d.get("body") else _apply(ruling, d)):
            idle.append(d)
    return out, idle


def _pass(r: Ruling, d: Mapping[str, Any]) -> bool:
    """Apply the decision of a body that a finding passes: each in its turn, once the finding is reviewed; False where
    it is not. `passes`: the bodies that the mandate names; `carried`: whether the votes carry it, None = not known yet.
    """
    passes = tuple(d.get("passes") or ())
    if r.state not in {"reviewed", "notified", "final"} or d.get("carried") is None:
        return False
    if not d["carried"]:
        return True  # it is on record that the body refused; the finding has not passed it
    if d["body"] in r.passed or (d["body"] in passes and passes.index(d["body"]) != len(set(r.passed) & set(passes))):
        return False
    r.passed = (*r.passed, str(d["body"]))
    return True


def _apply(r: Ruling, d: Mapping[str, Any]) -> bool:
    """Apply one decision; False where it is out of turn."""
    verb, params, person = str(d["verb"]), d.get("params") or {}, str(d.get("person") or "")
    if verb == "publish" and not {*(d.get("passes") or ())} <= {*r.passed}:
        return False  # no body that the mandate names is skipped
    if verb in _STEPS:
        before, after = _STEPS[verb]
        if r.state not in before or (verb in _SECOND and person == r.drafter):
            return False  # the second person: the drafter's own review or signature does not count
        r.state = after
        r.drafter = person if verb == "draft" else r.drafter
        r.signed_by = person if verb == "sign" else r.signed_by
    elif verb == "rule":
        r.outcome = ruled_outcome(params)
        r.drafter = r.drafter or person
    elif verb == "reply" and params.get("exception"):
        r.claimed = True
    elif verb == "grant":
        r.claimed, r.granted, r.refuted = True, True, False
    elif verb == "refute":
        r.claimed, r.granted, r.refuted = True, False, True
    elif verb == "reopen":
        r.state, r.signed_by, r.outcome, r.passed = "reopened", None, None, ()
    return True
