"""The road of one complaint, from what is recorded of it (law L2: a pure function of records and agreements).

Steps, who may take them and what they need stand in offices.yaml. A decision out of turn stays a record and does
nothing. Nothing ends a complaint unseen: it is ruled, withdrawn, joined to another, or pending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trucewatch.agreement import Agreement
from trucewatch.judging.rulings import RULINGS, Ruling, out_of_turn
from trucewatch.procedure.clocks import FILED, Clock, Limit, clock, filed
from trucewatch.procedure.complete import missing
from trucewatch.procedure.offices import ranks, step_of, steps
from trucewatch.procedure.spans import Pause
from trucewatch.procedure.voting import vote

Payload = Mapping[str, Any]
# States beside the steps of the road.
WITHDRAWN, JOINED, VOID, SUSPENDED, INCOMPLETE = "withdrawn", "joined", "void", "suspended", "incomplete"
# What `reopened` undoes; what was looked into stays looked into.
_UNDONE = ("reviewed", "notified", "heard", "ruled", "decided", "recommended", "published", "followed_up")
# The step that an act on a finding is, of the complaint that the finding answers.
_OF_FINDING = {
    "draft": "reported", "review": "reviewed", "notify": "notified", "reply": "heard", "rule": "ruled",
    "sign": "decided", "publish": "published",
}  # fmt: skip
_OUTCOMES = {outcome: word for word, outcome in reversed(RULINGS.items())}


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: when (microseconds), by whom, in which office; `by`: the body that decided, a task or a
    finding."""

    step: str
    at: int
    person: str | None = None
    office: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A finding that a complaint led to, with the decisions on it in their order (each with `stale`) and its ruling."""

    id: str
    actor: str | None
    outcome: str
    decisions: tuple[Payload, ...] = ()
    ruling: Ruling = field(default_factory=Ruling)
    replies: tuple[Payload, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What is recorded of one complaint: its newest version, the decisions on it in the order of `at`, its tasks, the
    claims that it rests on (`awaited`: named ones that are not here), the findings that it led to."""

    id: str
    complaint: Payload
    agreement: Agreement | None = None
    decisions: tuple[Payload, ...] = ()
    tasks: tuple[Payload, ...] = ()
    claims: tuple[Payload, ...] = ()
    awaited: tuple[str, ...] = ()
    findings: tuple[Answered, ...] = ()
    replies: tuple[Payload, ...] = ()
    incidents: tuple[str, ...] = ()
    told_by: tuple[tuple[str, str], ...] = ()  # claim (SOURCE/ID) and incident, of each claim that speaks of one


@dataclass(frozen=True, slots=True)
class Road:
    """How a complaint stands: see the fields of `register.COLUMNS`. `state`: a step, or a state beside the road;
    `ruling`: in the words of RULINGS; `bodies`: those that it passed; `idle`: decisions that did nothing."""

    case: Case
    state: str
    taken: tuple[Taken, ...]
    clocks: tuple[Clock, ...]
    missing: tuple[str, ...]
    ruling: str | None = None
    bodies: tuple[str, ...] = ()
    suspended: Payload | None = None
    joined_to: str | None = None
    idle: tuple[Payload, ...] = ()

    @property
    def pending(self) -> bool:
        """Whether it waits for a ruling."""
        return self.ruling is None and self.state not in {WITHDRAWN, JOINED, VOID}

    @property
    def published_at(self) -> int | None:
        """When its ruling was published."""
        return self.when("published") if any(t.step == "published" for t in self.taken) else None

    def when(self, step: str) -> int | None:
        """When a step was taken first."""
        return min((t.at for t in self.taken if t.step == step), default=None)

    @property
    def ended_at(self) -> int | None:
        """When it stopped being pending."""
        if self.pending:
            return None
        ends = [t.at for t in self.taken if t.step in {"ruled", WITHDRAWN, "linked"}]
        return max(ends, default=self.case.complaint["received"])

    @property
    def late(self) -> tuple[str, ...]:
        """Steps that came late or are overdue."""
        return tuple(c.step for c in self.clocks if c.late)

    @property
    def offices(self) -> tuple[str, ...]:
        """Offices and bodies that it passed, in their order."""
        passed = (t.by if t.by in self.bodies else t.office for t in self.taken)
        return tuple(dict.fromkeys(p for p in passed if p is not None))

    @property
    def left(self) -> tuple[str, ...]:
        """Bodies that the mandate names and that it has not passed yet."""
        names = self.case.agreement.mandate.passes if self.case.agreement is not None else ()
        return tuple(n for n in names if n not in self.bodies)


def road(case: Case, limits: Sequence[Limit], now: int, pauses: Sequence[Pause] = ()) -> Road:
    """How a complaint stands at `now` (microseconds); `pauses`: times in which all inquiries were suspended."""
    own = _Own(case)
    taken = [*own.taken, *_of_tasks(case), *_of_findings(case)]
    rank = ranks()
    taken.sort(key=lambda t: (t.at, rank[t.step]))
    asked = missing(case.complaint, case.claims, own.answers)
    over = own.state in {WITHDRAWN, JOINED}
    pauses = [*pauses, *own.pauses]
    bound = [one for one in limits if one.step != FILED or _binds(one, case)]
    first: dict[str, int] = {}
    for t in taken:
        first.setdefault(t.step, t.at)
    clocks = tuple(_clock(limit, case, first, now, pauses, over) for limit in bound)
    void = {c.step for c in clocks if c.void and c.state == "late"}
    counted = [t for t in taken if t.step not in void]
    state, ruling = _state(case, own, counted)
    if FILED in void and state not in {WITHDRAWN, JOINED}:
        state, ruling = VOID, None
    return Road(
        case, state, tuple(taken), clocks, asked, ruling, _bodies(case, own), own.suspended, own.joined_to,
        tuple(own.idle),
    )  # fmt: skip


def reached(case: Case) -> tuple[Taken, ...]:
    """The steps that stand, of the complaint, its tasks and its findings."""
    return (*_Own(case).taken, *_of_tasks(case), *_of_findings(case))


def lacking(case: Case) -> tuple[str, ...]:
    """What the complaint does not tell yet, of what is asked of every complaint."""
    return missing(case.complaint, case.claims, _Own(case).answers)


def out_of_turn_on(case: Case) -> tuple[Payload, ...]:
    """The decisions on a complaint that do nothing: not its turn, or taken by the drafter."""
    return tuple(_Own(case).idle)


class _Own:
    """The decisions on the complaint itself, one after the other."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.taken = [Taken("received", case.complaint["received"])]
        self.answers: list[Payload] = []
        self.pauses: list[Pause] = []
        self.bodies: list[str] = []
        self.idle: list[Payload] = []
        self.state: str | None = None
        self.ruling: str | None = None
        self.suspended: Payload | None = None
        self.joined_to: str | None = None
        self.drafter: str | None = None
        for d in case.decisions:
            if not self._apply(d):
                self.idle.append(d)
        if self.suspended is not None:
            self.pauses.append((self.suspended["at"], None))
        self.taken += [Taken("heard", r["received"], None, "party", r.get("party")) for r in case.replies]

    @property
    def current(self) -> set[str]:
        """Steps that stand."""
        return {t.step for t in self.taken}

    def _apply(self, d: Payload) -> bool:
        """Apply one decision; False where it does nothing."""
        params = d.get("params") or {}
        step = step_of(str(d["verb"]), params)
        if step is None or (self.state is not None and step != "reopened"):
            return False
        needs = steps()[step].needs
        if needs and not {*needs} <= self._met():
            return False
        if d["verb"] in {"review", "sign"} and params.get("body") is None and d["person"] == self.drafter:
            return False
        return self._take(step, d, params)

    def _met(self) -> set[str]:
        found = {t.step for f in self.case.findings for t in _steps_of(f)}
        return self.current | found | ({"suspended"} if self.suspended is not None else set())

    def _take(self, step: str, d: Payload, params: Mapping[str, Any]) -> bool:
        by = None
        if step == "suspended":
            if self.suspended is not None:
                return False
            self.suspended = d
        elif step == "resumed":
            if self.suspended is None:
                return False
            self.pauses.append((self.suspended["at"], d["at"]))
            self.suspended = None
        elif step == "reopened":
            if self.state is None and not self.current & {*_UNDONE}:
                return False
            self.taken = [t for t in self.taken if t.step not in _UNDONE]
            self.state, self.ruling, self.drafter, self.bodies = None, None, None, []
        elif step == "withdrawn":
            self.state = WITHDRAWN
        elif step == "ruled":
            if not self._carried(ruled_as(params)):
                return False
            self.ruling = ruled_as(params)
            self.drafter = self.drafter or d["person"]
            self.state = WITHDRAWN if self.ruling == WITHDRAWN else None
        elif step == "reported":
            self.drafter = d["person"]
        elif step == "linked" and params.get("duplicate_of"):
            self.state, self.joined_to = JOINED, str(params["duplicate_of"])
        elif step == "completed":
            self.answers.append(params)
        elif step == "published" and not {*self._passes()} <= {*self.bodies}:
            return False
        if step in {"decided", "reviewed"} and params.get("body") is not None:
            by = str(params["body"])
            passed = self._body(by, params)
            if passed is not True:
                return passed is False  # a refusal is on record, and passes nothing
        self.taken.append(Taken(step, d["at"], d.get("person"), d.get("role"), by))
        return True

    def _carried(self, said: str | None) -> bool:
        """Whether the findings carry a ruling: no person's word replaces evidence (law L4)."""
        found = {f.outcome for f in self.case.findings}
        if said == "violation":
            return "violation" in found
        return said is not None and not (said == "no violation" and found & {"violation", "indicated"})

    def _passes(self) -> tuple[str, ...]:
        return self.case.agreement.mandate.passes if self.case.agreement is not None else ()

    def _body(self, body: str, params: Mapping[str, Any]) -> bool | None:
        """Whether a body carries it; None where that is not known yet or it is not the body's turn."""
        passes = self._passes()
        if body in passes and passes.index(body) != len({*self.bodies} & {*passes}):
            return None
        found = True if self.case.agreement is None else vote(self.case.agreement, body, params.get("votes"))
        if found:
            self.bodies.append(body)
        return found


def ruled_as(params: Mapping[str, Any]) -> str | None:
    """The ruling in the words of RULINGS; None where nobody may rule what is named."""
    said = str(params.get("outcome") or "violation")
    return said if said in RULINGS else _OUTCOMES.get(said)


def _of_tasks(case: Case) -> list[Taken]:
    out = []
    for task in case.tasks:
        out.append(Taken("tasked", task["ordered"], None, None, str(task["task_id"])))
        if task.get("closed") is not None:
            out.append(Taken("visited", task["closed"], None, None, str(task["task_id"])))
    return out


def passed(finding: Answered) -> tuple[str, ...]:
    """The offices and bodies that a finding passed, in their order, as far as that stands."""
    steps_ = sorted(_steps_of(finding), key=lambda t: t.at)
    return tuple(dict.fromkeys(p for t in steps_ if (p := t.office if t.by == finding.id else t.by) is not None))


def _of_findings(case: Case) -> list[Taken]:
    return [t for f in case.findings for t in _steps_of(f)]


def _steps_of(finding: Answered) -> list[Taken]:
    """What was done on a finding, as steps of the complaint; what is stale or out of turn is none."""
    if not finding.decisions and not finding.replies:
        return []
    idle = {id(d) for d in out_of_turn(finding.decisions)}
    out: list[Taken] = []
    for d in finding.decisions:
        step = _OF_FINDING.get(str(d["verb"]))
        if d.get("stale") or (d["verb"] == "reopen" and id(d) not in idle):
            out = [t for t in out if t.step not in _UNDONE]
            continue
        if step is None or id(d) in idle or (d.get("body") and not d.get("carried")):
            continue
        body = d.get("body")
        out.append(Taken(step, d["at"], d.get("person"), d.get("role"), finding.id if body is None else str(body)))
    out += [Taken("heard", r["received"], None, "party", r.get("party")) for r in finding.replies]
    return out


def _state_of(finding: Answered) -> str:
    """The furthest step of a finding that stands now."""
    state, ruling = finding.ruling.state, finding.ruling
    if state == "reopened" or (state == "draft" and ruling.outcome is None):
        return "reported" if ruling.drafter else "received"
    if state in {"published", "final"}:
        return {"published": "published", "final": "decided"}[state]
    if ruling.outcome is not None:
        return "ruled"
    return "heard" if finding.replies and state == "notified" else state


def _state(case: Case, own: _Own, taken: Sequence[Taken]) -> tuple[str, str | None]:
    """The state and the ruling: the furthest step, of several findings that of the one that has come least far."""
    rank = ranks()
    if own.state is not None:
        return own.state, own.ruling
    counted = {t.step for t in taken}
    mine = {t.step for t in own.taken} | {"tasked", "visited"}
    reached = max(mine & counted, key=rank.__getitem__, default="received")
    found = _answering(case)
    if found and all(f.decisions or f.replies for f in found):
        least = min((_state_of(f) for f in found), key=rank.__getitem__)
        reached = max(reached, least, key=rank.__getitem__)
    ruling = own.ruling or _ruling_of(found)
    if own.suspended is not None and ruling is None:
        return SUSPENDED, None
    if rank[reached] <= rank["acknowledged"] and _asked(own.taken):
        return INCOMPLETE, ruling
    return reached, ruling


def _answering(case: Case) -> tuple[Answered, ...]:
    """The findings that answer a complaint: all on whom it accuses; where that is nobody, those that people took up."""
    if case.complaint.get("against") is not None:
        return case.findings
    return tuple(f for f in case.findings if f.decisions or f.replies)


def _asked(taken: Sequence[Taken]) -> bool:
    """Whether the last question for what is missing waits for an answer."""
    last = [t.step for t in taken if t.step in {"incomplete", "completed"}]
    return bool(last) and last[-1] == "incomplete"


def _ruling_of(findings: Sequence[Answered]) -> str | None:
    """The ruling where all findings are ruled: their one word, `violation` where any is; None while one is open."""
    said = [_OUTCOMES.get(f.ruling.outcome or "") for f in findings if f.ruling.state != "reopened" or f.ruling.outcome]
    words = [w for w in said if w is not None]
    if not findings or len(words) < len(findings):
        return None
    if len({*words}) == 1:
        return words[0]
    return "violation" if "violation" in words else "could not be determined"


def _bodies(case: Case, own: _Own) -> tuple[str, ...]:
    passed = [*own.bodies]
    found = _answering(case)
    if found:
        first, *rest = (f.ruling.passed for f in found)
        passed += [b for b in first if all(b in other for other in rest)]
    return tuple(dict.fromkeys(passed))


def _binds(limit: Limit, case: Case) -> bool:
    """Whether the limit of complaints themselves is said of this complainant."""
    return not limit.from_ or case.complaint["complainant"] in limit.from_


def _clock(limit: Limit, case: Case, first: Mapping[str, int], now: int, pauses: Sequence[Pause], over: bool) -> Clock:
    if limit.step == FILED:
        return filed(limit, case.complaint["received"], event(case.claims))
    return clock(limit, first, now, pauses, over)


def event(claims: Sequence[Payload]) -> tuple[int, int] | None:
    """Between when and when what a complaint speaks of happened (its last event); None where no claim says."""
    times = [(c["start"], c.get("end", c["start"])) for c in claims if c.get("start") is not None]
    return max(times, key=lambda t: t[1]) if times else None


__all__ = [
    "INCOMPLETE", "JOINED", "SUSPENDED", "VOID", "WITHDRAWN", "Answered", "Case", "Road", "Taken", "event",
    "lacking", "out_of_turn_on", "passed", "reached", "road", "ruled_as",
]  # fmt: skip
