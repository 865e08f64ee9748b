"""What a report is of: from what was asked to the view that its page is made from.

A report's day D is [D-1, D) at `report_cutoff`, cut there by the mission's clock unless told otherwise (design 5). A
week is the seven report days that end with D; an incident and a term are shown as they stand on D.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from trucewatch.judging.cases import cases
from trucewatch.mission import cuts as records
from trucewatch.mission.cuts import State
from trucewatch.mission.registering import register_view
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import report_day
from trucewatch.publishing.report.board import facts_of
from trucewatch.publishing.report.day import middle
from trucewatch.publishing.report.truce import day_of
from trucewatch.publishing.view import DAILY, KINDS, SPOT, TERM, WEEKLY, Cut, Scope, View

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

AS_OF, KNOWN_BY = "as_of", "known_by"
_OBJECT = re.compile(r"[IF](\d+)(?:\.\d+){0,3}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the day, the cut (microseconds), who reads it in which languages, the kind and its object."""

    day: date
    as_of: int | None = None
    known_by: int | None = None
    audience: str = "public"
    languages: tuple[str, ...] = ("en",)
    kind: str = DAILY
    of: str | None = None


def view_of(mission: Mission, asked: Asked, hands: int = 1) -> View:
    """What the pages of a report are made from; `Refusal` where the kind lacks an object, or none has that name."""
    _check(asked)
    config = mission.config
    first = asked.day - timedelta(days=6) if asked.kind == WEEKLY else asked.day
    start, end = (report_day(d, config.report_cutoff, config.timezone)[k] for k, d in enumerate((first, asked.day)))
    told = asked.as_of is not None or asked.known_by is not None
    by_clock = {"recorded": AS_OF, "known": KNOWN_BY}[config.clock]
    kind = (AS_OF if asked.as_of is not None else KNOWN_BY) if told else by_clock
    at = (asked.as_of if asked.as_of is not None else asked.known_by) if told else end
    assert at is not None
    # The report before was cut by the same clock where its days closed; it never knew more than this one.
    moments = [records.Cut(**{kind: moment}) for moment in (at, min(start, at))]
    now, before = records.states_under(mission, moments, hands)
    view = View(
        config, mission.agreements, now, before if before.claims else None, asked.day, start, end,
        Cut(kind, at, kind == KNOWN_BY, _records(now)), asked.audience, now.clocks, mission.sectors, asked.languages,
    )  # fmt: skip
    if asked.kind in (DAILY, WEEKLY) and now.snapshot.tables["complaints"]:
        view = replace(view, register=register_view(mission, asked.audience, *_cut(kind, at), state=now))
    scoped = {DAILY: _daily, WEEKLY: _weekly, SPOT: _spot, TERM: _term}[asked.kind]
    return scoped(view, asked.of or "")


def _cut(kind: str, at: int) -> tuple[int | None, int | None]:
    """A cut as `as_of`, `known_by`."""
    return (at, None) if kind == AS_OF else (None, at)


def nothing_to_show(view: View) -> Fault:
    """That the audience may see nothing of what was asked for, or that nothing is known of it yet."""
    name, who = view.scope.object, view.audience
    remedy = "Wait until its delay is over, or write it with --audience internal"
    return Fault(f"nothing of {name} may be shown to {who} readers by the cut of this report", remedy, field="of")


def _check(asked: Asked) -> None:
    if asked.kind not in KINDS:
        raise Refusal(Fault(f"no report is called {asked.kind!r}", "Write one of " + ", ".join(KINDS), field="kind"))
    if asked.kind in (SPOT, TERM) and not asked.of:
        of = {SPOT: "an incident (I7) or finding (F7.1.1.2)", TERM: "a term (AGREEMENT/TERM)"}[asked.kind]
        raise Refusal(
            Fault(f"a {asked.kind} report is of one thing, and none is named", f"Name {of} with --of", field="of")
        )
    if asked.kind in (DAILY, WEEKLY) and asked.of:
        remedy = "Leave --of out, or write --kind spot or --kind term"
        raise Refusal(Fault(f"a {asked.kind} report is of all incidents, not of {asked.of!r}", remedy, field="of"))


def _daily(view: View, _: str) -> View:
    return view


def _weekly(view: View, _: str) -> View:
    config = view.config
    first = report_day(view.day - timedelta(days=13), config.report_cutoff, config.timezone)[0]
    return replace(view, scope=Scope(WEEKLY, before=(first, view.start_us)))


def _spot(view: View, name: str) -> View:
    """The report day of an incident, with that incident alone."""
    incident = _incident(view, name)
    row = next(r for r in view.derived.tables["incidents"] if r["incident_id"] == incident)
    config = view.config
    start, end = report_day(day_of(view, middle(row)), config.report_cutoff, config.timezone)
    scope = Scope(SPOT, incident, (start, end), view.start_us)
    return replace(view, start_us=start, end_us=end, scope=scope)


def _incident(view: View, name: str) -> str:
    """The id of an incident by its own number or that of any of its claims, or of a finding of it (design 5)."""
    found = _OBJECT.match(name)
    if found is not None:
        ids = {r["incident_id"] for r in view.derived.tables["incidents"]}
        if f"I{found[1]}" in ids:
            return f"I{found[1]}"
        claim = next((c["id"] for c in view.derived.claims if c.get("number") == int(found[1])), None)
        for link in view.derived.tables["links"]:
            if claim == f"{link['source']}/{link['claim_id']}" and link["incident_id"]:
                return str(link["incident_id"])
    remedy = "Name an incident (I7) or a finding (F7.1.1.2) as `export` writes them, known by the cut of this report"
    raise Refusal(Fault(f"no incident is called {name!r}", remedy, field="of"))


def _term(view: View, name: str) -> View:
    """A term over its life, up to the end of the day."""
    every = [(a.id, t.id) for a in view.agreements for t in a.terms]
    found = [key for key in every if name in (f"{key[0]}/{key[1]}", key[1])]
    if len(found) != 1:
        names = ", ".join(f"{a}/{t}" for a, t in (found or every)[:12])
        what = f"{len(found)} agreements have a term {name!r}" if found else f"no term is called {name!r}"
        raise Refusal(Fault(what, f"Write one of: {names}", field="of"))
    (agreement, term) = found[0]
    began = _began(view, agreement, term)
    if began is None or began >= view.end_us:
        raise Refusal(Fault(f"term {name!r} had not begun by {view.day}", "Choose a later --date", field="of"))
    config = view.config
    start = report_day(day_of(view, began), config.report_cutoff, config.timezone)[0]
    scope = Scope(TERM, f"{agreement}/{term}", (start, max(view.start_us, start)), view.start_us)
    return replace(view, start_us=start, scope=scope)


def _began(view: View, agreement: str, term: str) -> int | None:
    """When a term began to bind anybody under any reading, else by its own clock; None = not yet."""
    found = [
        start
        for case in cases(view.agreements, view.clocks, facts_of(view))
        if (case.agreement.id, case.term.id) == (agreement, term)
        for start, _ in case.spans
    ]
    if found:
        return min(found)
    text = next(a for a in view.agreements if a.id == agreement)
    times = text.event_times(view.clocks.events.get(agreement, {}))
    start: int | None = next(t for t in text.terms if t.id == term).window(times)[0]
    return start


def _records(state: State) -> int:
    """Records behind the page: every version of everything known under the cut."""
    snap = state.snapshot
    held = (snap.claims, *(versions for name, versions in snap.tables.items() if name != "claims"))
    return sum(1 + len(v.older) for versions in held for v in versions)
