"""`decide`: a person's act becomes a decision record, the same that a row of decisions.csv makes.

What the person names (an incident, a finding, a claim) is resolved to the claims behind it, so that the decision
survives rebuilds and mergers, and the hash of what stands there now goes along. An act that would have no effect is
refused, and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trucewatch.intake.dating import known_at, record_id
from trucewatch.intake.validate import Validator
from trucewatch.judging import key_of, out_of_turn
from trucewatch.judging.rulings import RULINGS, Ruling, ruled_outcome, rulings
from trucewatch.mission.decisions import decided_now, held
from trucewatch.mission.derive import Derived, object_hash
from trucewatch.mission.ingest import known_of
from trucewatch.mission.seen import STANDING
from trucewatch.mission.targets import Target, Wish, docket_of, target_of
from trucewatch.mission.update import current
from trucewatch.model.columns import BY_RECORD_KIND
from trucewatch.model.errors import Fault, Refusal, Rejected
from trucewatch.model.times import TimeFault, format_instant, parse_instant
from trucewatch.procedure.offices import acts, office_for, offices, step_of, steps, steps_of, told_offices
from trucewatch.procedure.road import Case, lacking, out_of_turn_on, reached, road, ruled_as
from trucewatch.procedure.spans import due
from trucewatch.procedure.voting import VOTES, voters
from trucewatch.store.database import canonical

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

Payload = dict[str, Any]
Row = Mapping[str, Any]
_TRIES = 5
_JOINING = ("link", "merge")
_OF_ALL = ("suspended", "resumed")  # steps that a decision on an agreement takes for all of its complaints
_ONCE = ("acknowledged", "preliminary", "reported", "reviewed", "ruled", "decided", "published", "withdrawn")
_OF_INCIDENTS = ("link", "split", "merge", "override", "verify")  # acts on the incident of a finding
_TIMED = {"set_event": "at", "extend": "until"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The record that was written (or would be), its id, what it speaks of, and the state of that after it; `number`
    and `leaf` (hash): its receipt; `notes`: what the ledger has to tell."""

    payload: Payload
    record: str
    target: Target
    state: str | None = None
    number: int | None = None
    leaf: str | None = None
    notes: tuple[str, ...] = ()


def decide(mission: Mission, wish: Wish, *, dry_run: bool = False, recorded_at: int | None = None) -> Recorded:
    """Write a decision record; `Refusal` (wrong use) or `Rejected` (it may not be, or would do nothing) else.

    What others record meanwhile is looked at before it is written: of two who decide the same at once the second is
    told so.
    """
    for _ in range(_TRIES):
        seen = mission.store.last_seq()  # before anything is looked at: what comes in meanwhile is noticed
        derived = current(mission)
        now = time.time_ns() // 1000 if recorded_at is None else recorded_at
        made = _made(mission, derived, wish, now)
        if dry_run:
            return made
        data = canonical(made.payload)
        with mission.store.writing() as tx:
            if tx.last_seq() != seen:
                continue
            if made.record in tx.digests("decision", [made.record]):
                raise Rejected(Fault("this decision is recorded already", "Nothing needs to be done"))
            row = (made.record, data, known_at(BY_RECORD_KIND["decision"], made.payload))
            tx.append("decision", [row], recorded_at=now)
            number = tx.last_seq()
        (leaf,) = mission.store.leaf_hashes(number - 1, number)
        return replace(made, number=number, leaf=leaf.hex(), notes=tuple(mission.ledger.told()))
    raise Refusal(Fault("others record without a pause: the state changes while you decide", "Try again"))


def _made(mission: Mission, derived: Derived, wish: Wish, now: int) -> Recorded:
    target = target_of(mission, derived, wish)
    if target.kind not in acts()[wish.verb].of:
        kinds = " or ".join(f"{'an' if k[0] in 'aei' else 'a'} {k}" for k in acts()[wish.verb].of)
        what = f"{wish.verb} speaks of {kinds}, and {wish.object!r} is of another kind ({target.kind})"
        raise Refusal(Fault(what, f"Name {kinds}"))
    step = _step(wish, target)
    role = _role(mission, wish, step)
    wish = replace(wish, params=_params(wish, target))
    _check_params(mission, wish, target)
    _check_votes(wish, target)
    _check_mandate(wish, target)
    stored = _payload(mission, derived, wish, target, role, now)
    _check_seen(derived, wish, target)
    state = _check_effect(mission, derived, wish, target, stored)
    return Recorded(stored, record_id(BY_RECORD_KIND["decision"], stored, canonical(stored)), target, state)


def _step(wish: Wish, target: Target) -> str | None:
    """The step of a complaint's road that is taken; None for other objects. `Refusal` where it is not told which."""
    if target.kind == "agreement" and wish.verb == "notify" and step_of(wish.verb, wish.params) in {*_OF_ALL}:
        return step_of(wish.verb, wish.params)
    if target.kind != "complaint":
        if wish.verb == "notify" and target.kind == "agreement":
            raise Refusal(Fault("a whole agreement is not notified", "Write --step suspended or --step resumed"))
        return None
    step = step_of(wish.verb, wish.params)
    if step is None:
        remedy = "Write --step with one of: " + ", ".join(steps_of(wish.verb))
        raise Refusal(Fault(f"{wish.verb} takes several steps of a complaint", remedy))
    return step


def _role(mission: Mission, wish: Wish, step: str | None) -> str | None:
    """The office by which the person does it; `Rejected` where there is none."""
    people = mission.config.people
    if not people:
        return wish.role
    held = [role for p in people if p.id == wish.person for role in p.roles]
    if not any(p.id == wish.person for p in people):
        known = ", ".join(p.id for p in people)
        raise Rejected(
            Fault(f"mission.yaml names no person {wish.person!r}", f"Write one of {known}, or add the person")
        )
    by = office_for(wish.verb, held, step)
    allowed = offices(wish.verb, step)
    if by is None or (wish.role is not None and (wish.role not in held or wish.role not in allowed)):
        has = ", ".join(held) or "no office"
        raise Rejected(
            Fault(
                f"{wish.person} may not {wish.verb}: it takes {told_offices(wish.verb, step)}, and there is {has}",
                "Let somebody decide who holds that office",
            )
        )
    return wish.role or by


# ---- what goes into the record


def _params(wish: Wish, target: Target) -> dict[str, Any]:
    """The params as they are stored: with the claims behind the object where none are told, and a finding's names."""
    params = dict(wish.params)
    if isinstance(params.get("claims"), str):
        params["claims"] = [c.strip() for c in params["claims"].split(";") if c.strip()]
    if target.case is not None:
        step = step_of(wish.verb, params)
        params |= {"step": step}
        if step == "incomplete":
            params.setdefault("missing", list(lacking(target.case)))
        if step == "ruled":
            params.setdefault("outcome", "could not be determined")
        return params
    if target.claims and wish.verb not in {"split", *_JOINING}:
        params.setdefault("claims", list(target.claims))
    if wish.verb in {"split", *_JOINING} and target.kind == "claim" and "claims" not in params:
        params["claims"] = list(target.claims)
    if target.finding:
        first = target.finding[0]
        params |= {"agreement": first["agreement"], "term": first["term"]}
        if first["actor"] is not None:
            params["actor"] = first["actor"]
    if wish.verb == "rule":
        params.setdefault("outcome", "violation")
    return params


def _check_params(mission: Mission, wish: Wish, target: Target) -> None:
    named = wish.params.get("claims") or []
    if not isinstance(named, list) or not all(isinstance(c, str) for c in named):
        raise Refusal(Fault("claims is no list of claims", 'Write --set "claims=SOURCE/ID;SOURCE/ID"'))
    if wish.verb == "split" and not named:
        raise Refusal(Fault("split needs to know which claims go", 'Write --set "claims=SOURCE/ID;SOURCE/ID"'))
    if wish.verb in _JOINING and target.kind != "complaint" and not (set(named) - set(target.claims) or len(named) > 1):
        raise Refusal(Fault(f"{wish.verb} needs to know which claims come in", 'Write --set "claims=SOURCE/ID"'))
    key = _TIMED.get(wish.verb)
    told = wish.params.get("at") or wish.params.get("until")
    if key and told is None:
        raise Refusal(Fault(f"{wish.verb} needs a time", f"Write --set {key}=2021-03-02T12:00:00+04:00"))
    if told is not None and target.kind in {"event", "agreement"}:
        try:
            parse_instant(str(told))
        except TimeFault as e:
            raise Refusal(Fault(str(e), e.remedy)) from None
    if wish.verb == "rule" and ruled_outcome(wish.params) is None:
        raise Refusal(Fault(f"{wish.params['outcome']!r} is not for a person to rule", "Rule " + ", ".join(RULINGS)))
    if wish.verb in {"grant", "refute"} and target.agreement is not None:
        term = target.agreement.term(str(target.finding[0]["term"]))
        if term is None or not term.excepts:
            raise Rejected(
                Fault("the term has no exception in its text", "What the text does not except, nobody grants")
            )


def _check_votes(wish: Wish, target: Target) -> None:
    """A body must be one of the text, and its votes those of its members."""
    body = wish.params.get("body")
    if body is None or target.agreement is None:
        return
    known = {m.id: m for m in target.agreement.mechanisms if m.id}
    if body not in known and body not in target.agreement.mandate.passes:
        names = ", ".join({*known, *target.agreement.mandate.passes}) or "none"
        raise Refusal(Fault(f"no body of {target.agreement.id} is called {body!r}", f"Write one of: {names}"))
    votes = wish.params.get("votes") or {}
    members = voters(known[body]) if body in known else ()
    if not isinstance(votes, Mapping) or {*votes} - {*members} or {*map(str, votes.values())} - {*VOTES}:
        listed = ", ".join(members) or "nobody"
        remedy = f'Write --set votes=\'{{"ACTOR": "yes"}}\' with yes, no or abstains; {listed} may vote'
        raise Refusal(Fault(f"the votes of {body} cannot be read", remedy))


def _check_mandate(wish: Wish, target: Target) -> None:
    """What the mandate does not allow is refused. A ruling that finds no fact of a breach is always allowed."""
    needed = acts()[wish.verb].mandate
    if needed is None or target.agreement is None or getattr(target.agreement.mandate, needed):
        return
    if wish.verb == "rule" and ruled_outcome(wish.params) in {"not for judgement", "undetermined"}:
        return
    raise Rejected(
        Fault(
            f"the mandate of {target.agreement.id} does not let the mission {needed}",
            "Establish the facts and report them; `could not be determined` and `outside mandate` may be ruled",
        )
    )


def _payload(mission: Mission, derived: Derived, wish: Wish, target: Target, role: str | None, now: int) -> Payload:
    """The payload, read by the same rules as a row of decisions.csv; `Rejected` with every fault."""
    at = now if wish.at is None else wish.at
    seen = wish.object_hash
    if seen is None and target.kind in {"incident", "finding"}:
        seen = object_hash(derived, target.id)
    name = target.id if target.kind != "complaint" else wish.object
    cells = {
        "at": format_instant(at), "person": wish.person, "role": role or "", "verb": wish.verb, "object": name,
        "object_hash": seen or "", "reason": wish.reason,
        "params": json.dumps(wish.params, ensure_ascii=False) if wish.params else "",
    }  # fmt: skip
    validator = Validator(BY_RECORD_KIND["decision"], list(cells), known_of(mission, mission.store))
    payload, faults = validator.read(list(cells.values()))
    if faults:
        raise Rejected(*faults)
    return payload


# ---- whether it may be, and does something


def _check_seen(derived: Derived, wish: Wish, target: Target) -> None:
    """What the person saw must be what stands there: else the decision would be stale at once."""
    if wish.object_hash is None or target.kind not in {"incident", "finding"} or wish.verb not in STANDING:
        return
    if wish.object_hash != object_hash(derived, target.id):
        raise Rejected(
            Fault(
                f"{target.id} has changed since that was seen: a decision on it would be stale",
                f"Look again: trucewatch explain DIR {target.id}",
            )
        )


def _check_effect(mission: Mission, derived: Derived, wish: Wish, target: Target, stored: Payload) -> str | None:
    """`Rejected` where the decision would do nothing; the state of the finding after it, where it speaks of one.

    It is tried on what is recorded, by the same code that a rebuild runs.
    """
    if target.case is not None:
        return _check_complaint(mission, derived, wish, target, stored)
    before = decided_now(derived, mission, ())
    after = decided_now(derived, mission, (stored,))
    for words in after.warnings:
        if words not in before.warnings and not words.startswith("the decision 'set_event'"):
            raise Rejected(Fault(words, "Nothing was written"))
    if target.kind != "finding" or wish.verb in _OF_INCIDENTS:
        return None
    found = after.on_findings(held(derived.table, derived.tables["links"]), lambda at: at)
    late = wish.at is not None and wish.object_hash is None and any(d["stale"] for d in found if _same(d, stored))
    on_it = _on_finding(derived, target, found)
    mine, others = on_it[-1], on_it[:-1]
    if not _same(mine, stored):
        raise Rejected(Fault("a later decision on it is recorded already", "Decide with a time after it"))
    ruling = next(iter(rulings(others).values()), Ruling())
    if _repeats(stored, others):
        raise Rejected(
            Fault(f"it is decided so already: {wish.verb} on {target.id} stands", "Nothing needs to be done")
        )
    if late or mine["stale"]:
        remedy = "Decide with a time after the evidence, or say with --hash what was seen"
        raise Rejected(Fault("evidence came after that time: the decision would be stale", remedy))
    if mine in out_of_turn(on_it):
        raise Rejected(_turn(wish, target, ruling))
    if wish.verb == "rule" and ruled_outcome(wish.params) == "violation":
        _check_indicated(target)
    if wish.verb == "sign" and wish.params.get("body") is None and ruling.state == "notified":
        _check_heard(mission, derived, target, others, stored["at"])
    return next(iter(rulings(on_it).values())).state


def _check_complaint(mission: Mission, derived: Derived, wish: Wish, target: Target, stored: Payload) -> str:
    """`Rejected` where the decision on a complaint would do nothing; its state after it."""
    (case,) = docket_of(mission, derived, (stored,)).cases(target.id)
    step = str(step_of(wish.verb, wish.params))
    if step == "ruled":
        _check_ruling(wish, target, case)
    earlier = [d for d in case.decisions if d["verb"] == wish.verb and step_of(wish.verb, d["params"]) == step]
    same = [d for d in earlier[:-1] if d["params"] == {**wish.params}]
    idle = out_of_turn_on(case)
    if any(_same(d, stored) for d in idle):
        lacks = [s for s in steps()[step].needs if s not in {t.step for t in reached(target.case or case)}]
        what = f"needs {', '.join(lacks)} before it" if lacks else "is not its turn, or not this person's"
        raise Rejected(
            Fault(f"complaint {target.id}: {step} {what}", "See its road: trucewatch register DIR --complaint")
        )
    if same and step in _ONCE and not any(d["verb"] == "reopen" and d["at"] >= same[-1]["at"] for d in case.decisions):
        raise Rejected(Fault(f"it is decided so already: {step} of {target.id} stands", "Nothing needs to be done"))
    return road(case, (), stored["at"]).state


def _check_ruling(wish: Wish, target: Target, case: Case) -> None:
    """A complaint is ruled as its findings are: no person's word replaces evidence (law L4)."""
    said = ruled_as(wish.params)
    found = {f.outcome for f in case.findings}
    if said == "violation" and "violation" not in found:
        named = ", ".join(f.id for f in case.findings[:4]) or "none: link the claims that it rests on"
        raise Rejected(
            Fault(f"no finding of complaint {target.id} is ruled a violation", f"Rule on its findings first ({named})")
        )
    if said == "no violation" and found & {"violation", "indicated"}:
        raise Rejected(
            Fault(f"a finding of complaint {target.id} is {', '.join(sorted(found))}", "Rule on the finding first")
        )


def _same(decision: Row, stored: Payload) -> bool:
    return all(decision.get(k) == stored.get(k) for k in ("at", "verb", "person", "object"))


def _turn(wish: Wish, target: Target, ruling: Ruling) -> Fault:
    passes = target.agreement.mandate.passes if target.agreement is not None else ()
    if wish.params.get("body") is not None:
        votes = "the votes do not carry it yet, or it is not that body's turn"
        road = f" (in this order: {', '.join(passes)})" if passes else ""
        return Fault(f"{wish.params['body']} does not pass {target.id}: {votes}", f"A reviewed finding passes{road}")
    left = [name for name in passes if name not in ruling.passed]
    if wish.verb == "publish" and left and ruling.state == "final":
        what = f"the mandate names {', '.join(left)}, which {target.id} has not passed"
        return Fault(what, f"Record it: trucewatch decide DIR sign {target.id} --set body={left[0]}")
    if acts()[wish.verb].other == "draft" and ruling.drafter == wish.person:
        return Fault(
            f"{wish.person} drafted {target.id}, and whoever drafts neither reviews nor signs it",
            f"Let another person {wish.verb} it",
        )
    return Fault(
        f"{target.id} is {ruling.state}: {wish.verb} is out of turn",
        "The road is draft, review by another person, notify, sign, publish; from there reopen",
    )


def _check_indicated(target: Target) -> None:
    computed = {r["outcome"] for r in target.finding}
    if not computed & {"indicated", "violation", "undetermined (exception claimed)"}:
        raise Rejected(
            Fault(
                f"the evidence indicates no violation ({', '.join(sorted(computed))}): a ruling would change nothing",
                f"See trucewatch explain DIR {target.id}; `could not be determined` may be ruled",
            )
        )


def _check_heard(mission: Mission, derived: Derived, target: Target, others: Sequence[Row], at: int) -> None:
    """A notified party has the time to answer that the agreement gives it, unless it has answered."""
    docket = docket_of(mission, derived)
    limit = next((one for one in docket.limits if (one.step, one.since) == ("heard", "notified")), None)
    told = max(d["at"] for d in others if d["verb"] == "notify")
    answered = (
        any(d["verb"] == "reply" and d["at"] >= told for d in others) or docket.answered(target.finding[0]).replies
    )
    if limit is None or answered:
        return
    end = due(told, limit.within, limit.tz)
    if at < end:
        what = (
            f"{target.id} was notified, and the time to answer ({limit.within.text}) runs until {format_instant(end)}"
        )
        raise Rejected(Fault(what, "Wait for the answer or for the end of that time"))


def _repeats(stored: Payload, others: Sequence[Row]) -> bool:
    """Whether the last standing decision of that verb says the same, and nothing came between that undoes it."""
    for d in reversed(others):
        if d.get("stale") or d["verb"] == "reopen":
            return False
        if d["verb"] == stored["verb"]:
            kept = {k: v for k, v in d["params"].items() if k != "claims"}
            mine = {k: v for k, v in (stored.get("params") or {}).items() if k != "claims"}
            return kept == mine and (stored["verb"] not in {"reply", "notify"} or d["person"] == stored["person"])
    return False


def _on_finding(derived: Derived, target: Target, decisions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The decisions on the same finding in their order, each with whether it is stale now."""
    number, *rest = (int(p) for p in target.id.removeprefix("F").split("."))
    mine = [d for d in decisions if key_of(d) == (number, *rest)]
    now = object_hash(derived, target.id)
    for d in mine:
        if d.get("object_hash") and d["verb"] in STANDING and target.incident:
            d["stale"] = d["object_hash"] != now
    return mine


def digest(payload: Payload) -> str:
    """SHA-256 of a record's canonical payload: what a receipt names."""
    return hashlib.sha256(canonical(payload)).hexdigest()


__all__ = ["Recorded", "Target", "Wish", "decide", "digest"]
