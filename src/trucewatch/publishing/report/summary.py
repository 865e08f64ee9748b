"""What a day comes to: counts by status and by whom incidents are alleged against, and the change since yesterday.

A report corrects the one before it in the open: what it said of its own day, what is said of that day now, and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from trucewatch.model.times import report_day
from trucewatch.model.vocabulary import STATUSES
from trucewatch.publishing.policy import Policy, release
from trucewatch.publishing.report.day import EACH_OTHER, NAMES_NOBODY, Day, Incident, middle, under
from trucewatch.publishing.view import State, View

Row = dict[str, Any]
TOLD = ("alleges", "observes", "admits", "reports")
REPORTED, JOINED, PARTED, MOVED_IN, MOVED_OUT, WITHDRAWN = "new", "joined", "parted", "moved_in", "moved_out", "gone"
HELD = "held"  # known then, and under delay or withheld
_REASONS = (JOINED, MOVED_OUT, WITHDRAWN, REPORTED, HELD, PARTED, MOVED_IN)  # in this order they are told
TOLD_SINCE, ADDED, LEFT, RETRACTED = "told_since", "added", "left", "retracted"


@dataclass(frozen=True, slots=True)
class Counts:
    """Incidents of the day: by status (strongest first, only those that occur), and by status and accused."""

    total: int
    by_status: Mapping[str, int]
    by_accused: Mapping[tuple[str, str], int]

    def against(self, accused: str) -> int:
        """Incidents alleged against one actor, EACH_OTHER or NAMES_NOBODY."""
        return sum(n for (_, who), n in self.by_accused.items() if who == accused)

    def others(self, shown: Iterable[str]) -> list[tuple[str, int]]:
        """Whom else incidents are alleged against, by number and then by id; several sides and nobody last."""
        left = {who for _, who in self.by_accused} - set(shown)
        last = {EACH_OTHER: 1, NAMES_NOBODY: 2}
        return [(who, self.against(who)) for who in sorted(left, key=lambda w: (last.get(w, 0), -self.against(w), w))]


def counts(day: Day) -> Counts:
    """The counts of a day."""
    found = Counter(i.status for i in day.incidents)
    by_accused = Counter((i.status, day.accused[i.id]) for i in day.incidents)
    return Counts(len(day.incidents), {s: found[s] for s in reversed(STATUSES) if s in found}, by_accused)


def statements(incidents: Iterable[Incident]) -> set[tuple[str, int]]:
    """What is told of incidents counted by who told it and when: a bulletin of a hundred events is one statement."""
    return {(str(c.get("source")), c["published"]) for i in incidents for c in i.said(*TOLD)}


def told_alone(incidents: Iterable[Incident], least: int = 2) -> list[tuple[str, int]]:
    """Sources of which one statement alone tells of `least` incidents or more, with how many; most first.

    The rule is the same for every source; an incident in which a voice is withheld is not told by one alone.
    """
    found: Counter[tuple[str, int]] = Counter()
    for incident in incidents:
        told = statements([incident])
        if len(told) == 1 and not incident.withheld:
            found.update(told)
    many = [(source, published, n) for (source, published), n in found.items() if n >= least]
    return [(source, n) for source, _, n in sorted(many, key=lambda m: (-m[2], m[1]))]  # no name decides


@dataclass(frozen=True, slots=True)
class Restated:
    """One incident whose status changed since the report before.

    `reasons`: kind -> how many statements that leave: told since, moved to it, moved away from it, withdrawn since.
    """

    id: str
    row: Row
    before: str
    now: str
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What the report before said of its own days, what is said of those days now, and why.

    `reasons`: kind -> how many incidents; `restated`: incidents of those and earlier days with another status now.
    """

    before: int
    now: int
    reasons: Mapping[str, int]
    restated: tuple[Restated, ...]

    @property
    def difference(self) -> int:
        """Incidents of the days before: more now than then."""
        return self.now - self.before


def corrections(day: Day) -> Corrections | None:
    """The corrections of the report before: what it could say under its own cut and policy, against what is said now.

    None where nothing was known by then.
    """
    view = day.view
    if view.previous is None:
        return None
    config = view.config
    start, end = view.scope.before or report_day(view.day - timedelta(days=1), config.report_cutoff, config.timezone)
    until = min(view.scope.told_at or view.start_us, view.cut.at)
    policy = Policy.of(config, view.agreements, view.previous, until)
    then = _released(view, view.previous, policy)
    now = _released(view, view.derived, day.policy)
    was = {i for i, r in then.incidents.items() if start <= middle(r) < end}
    is_ = {i for i, r in now.incidents.items() if start <= middle(r) < end}
    if day.only is not None:
        is_ &= day.only
        was &= _before_of(view, day.only) if view.scope.incident else under(view, view.previous, policy)
    reasons: Counter[str] = Counter()
    heirs = _heirs(view.previous, view.derived, was - is_)
    for i in was - is_:
        heir = heirs.get(i)
        if i in now.incidents:
            reasons[MOVED_OUT] += 1
        elif heir is not None:
            reasons[JOINED if heir in is_ else MOVED_OUT] += 1
        else:
            reasons[WITHDRAWN] += 1
    parted = _parted(view.previous, view.derived, is_ - was)
    held = {r["incident_id"] for r in view.previous.tables["incidents"]} - then.incidents.keys()
    for i in is_ - was:
        kind = MOVED_IN if i in then.incidents else HELD if i in held else PARTED if i in parted else REPORTED
        reasons[kind] += 1
    ordered = {kind: reasons[kind] for kind in _REASONS if kind in reasons}
    return Corrections(len(was), len(is_), ordered, tuple(_restated(day, policy, then, now)))


def _restated(day: Day, policy: Policy, then: _Released, now: _Released) -> list[Restated]:
    """Incidents of the days before the report's own (of a report of one thing: its own) with another status now."""
    view = day.view
    assert view.previous is not None
    both = [i for i in then.status if i in now.status and then.status[i] != now.status[i]]
    both.sort(key=lambda i: (-middle(now.incidents[i]), int(i[1:])))
    mine = [
        i for i in both if (middle(now.incidents[i]) < view.start_us if day.only is None else i in day.only)
    ]  # fmt: skip
    asked = set(mine)
    tables = view.previous.tables["links"], view.derived.tables["links"]
    spoke = {(r["source"], r["claim_id"]) for table in tables for r in table if r["incident_id"] in asked}
    links = _links(view, view.previous, policy, spoke), _links(view, view.derived, day.policy, spoke)
    moved = _moved(*links)
    return [Restated(i, now.incidents[i], then.status[i], now.status[i], moved.get(i, {})) for i in mine]


@dataclass(frozen=True, slots=True)
class _Links:
    """Statements that leave: where each speaks, and which of them their source has withdrawn."""

    of: Mapping[str, str]
    withdrawn: frozenset[str]


def _links(view: View, state: State, policy: Policy, claims: AbstractSet[tuple[str, str]]) -> _Links:
    """Where some claims (source, id) speak in a state, as far as that leaves."""
    if not claims:
        return _Links({}, frozenset())
    rows = (r for r in state.tables["links"] if (r["source"], r["claim_id"]) in claims)
    passed = release("links", rows, view.audience, policy)
    of = {f"{r['source']}/{r['claim_id']}": str(r["incident_id"]) for r in passed if r["incident_id"]}
    told = (c for c in state.claims if c["id"] in of and c.get("retracted_by"))
    return _Links(of, frozenset(str(c["id"]) for c in told))


def _moved(then: _Links, now: _Links) -> dict[str, dict[str, int]]:
    """By incident: why it may have another status, as far as statements that leave tell it."""
    found: dict[str, Counter[str]] = {}
    withdrawn = now.withdrawn - then.withdrawn
    for claim, there in now.of.items():
        mine = found.setdefault(there, Counter())
        if then.of.get(claim) != there:
            mine[ADDED if claim in then.of else TOLD_SINCE] += 1
        if claim in withdrawn:
            mine[RETRACTED] += 1
    for claim, there in then.of.items():
        if now.of.get(claim) != there:
            found.setdefault(there, Counter())[LEFT] += 1
    order = (TOLD_SINCE, ADDED, LEFT, RETRACTED)
    return {i: {kind: told[kind] for kind in order if told[kind]} for i, told in found.items()}


def _before_of(view: View, incidents: Iterable[str]) -> frozenset[str]:
    """Under which ids the state of the report before held what these incidents are made of."""
    assert view.previous is not None
    wanted = set(incidents)
    claims = {(r["source"], r["claim_id"]) for r in view.derived.tables["links"] if r["incident_id"] in wanted}
    rows = view.previous.tables["links"]
    return frozenset(r["incident_id"] for r in rows if r["incident_id"] and (r["source"], r["claim_id"]) in claims)


@dataclass(frozen=True, slots=True)
class _Released:
    incidents: Mapping[str, Row]
    status: Mapping[str, str]


def _released(view: View, state: State, policy: Policy) -> _Released:
    incidents = release("incidents", state.tables["incidents"], view.audience, policy)
    assessments = release("assessments", state.tables["assessments"], view.audience, policy)
    return _Released(
        {r["incident_id"]: r for r in incidents}, {r["incident_id"]: str(r["status"]) for r in assessments}
    )


def _heirs(before: State, now: State, gone: set[str]) -> dict[str, str]:
    """Where the claims of incidents that are no more speak now: incident -> the one that most of them went to."""
    if not gone:
        return {}
    went: dict[str, Counter[str]] = {}
    there = {(r["source"], r["claim_id"]): r["incident_id"] for r in now.tables["links"]}
    for r in before.tables["links"]:
        heir = there.get((r["source"], r["claim_id"]))
        if r["incident_id"] in gone and heir:
            went.setdefault(r["incident_id"], Counter())[heir] += 1
    return {i: min(c, key=lambda h: (-c[h], h)) for i, c in went.items()}


def _parted(before: State, now: State, fresh: set[str]) -> set[str]:
    """Those of the incidents `fresh` of which some claim spoke of another incident in the report before."""
    if not fresh:
        return set()
    spoke = {(r["source"], r["claim_id"]) for r in before.tables["links"] if r["incident_id"]}
    links = now.tables["links"]
    return {r["incident_id"] for r in links if r["incident_id"] in fresh and (r["source"], r["claim_id"]) in spoke}
