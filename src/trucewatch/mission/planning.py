"""`next`: from a mission's present state to the plan of a day. Internal only: where a patrol will be never leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.mission import derive as pipeline
from trucewatch.mission.assess import judged_table
from trucewatch.mission.claim_table import claim_table, names_of
from trucewatch.mission.config import Safety
from trucewatch.mission.context import actor_names
from trucewatch.mission.snapshot import Payload, Versions
from trucewatch.mission.tables import incident_id
from trucewatch.mission.update import current
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.micronats import from_nats
from trucewatch.model.table import Array, Table
from trucewatch.model.times import HOUR, TimeFault, day_bounds, from_us, report_day, zone
from trucewatch.planning.changing import Wanted, wanted
from trucewatch.planning.evidence import About, Speakers
from trucewatch.planning.learned import learned
from trucewatch.planning.plan import Plan, plan
from trucewatch.planning.safety import Dangers, Rules, dangers, distance_km
from trucewatch.planning.seeing import seeing
from trucewatch.planning.supposing import Claim, Ground
from trucewatch.planning.tasks import Outlook, most_telling, uncertainty
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.next import Told, change_rows, plan_dict, wanted_dict
from trucewatch.publishing.next.page import render

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

OPEN = ("undetermined", "undetermined (exception claimed)", "depends on reading", "indicated")
MOST = 1_500  # open incidents that are looked at: the most uncertain ones whose traces may still be found
_EVIDENCE = ("undetermined", "depends on reading")  # open for want of evidence; the others wait for a person
_DONE = ("final", "published")
_TEAM, _EYE, _STATION, _BODY, _PARTY = "next:team", "next:satellite", "next:instrument", "next:body", "next:party:"


@dataclass(frozen=True)
class Planned:
    """The plan and the state that it was made from."""

    plan: Plan
    derived: pipeline.Derived
    ground: Ground
    speakers: Speakers


def next_tasks(
    mission: Mission,
    day: str | None = None,
    teams: int | None = None,
    most: int = 25,
    as_of: int | None = None,
    known_by: int | None = None,
) -> Planned:
    """The plan of a local day, from what is known at the report cut-off of the evening before; without a day, of the
    day after the last that anything is known of. `Refusal` where the day is no day."""
    asked = None if day is None else _parsed(day)
    derived = _state(mission, asked, as_of, known_by)
    on = asked or _following(mission, derived)
    cut = report_day(on - timedelta(days=1), mission.config.report_cutoff, mission.config.timezone)[1]
    now = min(t for t in (cut, as_of, known_by) if t is not None)
    ready = prepared(derived, on, now, _restrictions(mission, now))
    codes = {party: derived.context.names.actors[party] for party in mission.parties}
    rules, tz = rules_of(mission.config.safety), mission.config.timezone
    outlook = replace(ready.outlook, shift=learned(ready.outlook.ground, ready.outlook.seeing))
    outlook = most_telling(outlook, _uncertain(derived, outlook.ground), MOST)
    made = plan(outlook, on, tz, rules, ready.known, teams, most, party_codes=codes)
    made = replace(made, open_incidents=len(ready.outlook.about), looked_at=len(outlook.about))
    return Planned(made, derived, outlook.ground, ready.speakers)


@dataclass(frozen=True)
class Prepared:
    """What a plan is made from: the outlook of a day, what is dangerous, who would speak, and P(happened) along the
    incidents."""

    outlook: Outlook
    known: Dangers
    speakers: Speakers
    p: Array


def _uncertain(derived: pipeline.Derived, ground: Ground) -> dict[int, int]:
    """How uncertain each incident is, millionths, by position."""
    p = {r["incident_id"]: round(r["p_occurred"] * 10_000) for r in derived.tables["assessments"]}
    authors: dict[str, list[int]] = {}
    for r in derived.tables["authors"]:
        authors.setdefault(r["incident_id"], []).append(round(r["p"] * 10_000))
    ids = [incident_id(n) for n in ground.incidents["number"].tolist()]
    return {k: uncertainty(p[id_], authors[id_]) for k, id_ in enumerate(ids)}


def _restrictions(mission: Mission, by: int) -> list[Payload]:
    """Restrictions that had begun by a time, also those whose end was not known then: safety asks for more than the
    clock of known times, by which an interval is known at its end."""
    newest = {r.id: r.payload for r in mission.store.read("restriction")}
    return [p for p in newest.values() if p["start"] <= by]


def prepared(derived: pipeline.Derived, on: date, now: int, restrictions: Sequence[Payload]) -> Prepared:
    """The outlook of a local day from a state that was derived at a time (us): incidents with a finding that is open
    for want of evidence."""
    mission, snap = derived.context.mission, derived.snapshot
    ground, speakers = ground_of(derived)
    noon = day_bounds(on.isoformat(), mission.config.timezone)[0] + 12 * HOUR
    open_ = open_incidents(derived)
    about = {
        k: About(ground.incidents, k, speakers, noon) for k in range(ground.incidents.n) if _number(ground, k) in open_
    }
    parties = tuple(p for p in mission.parties if p in ground.authors)
    visited = _visited(ground.incidents, about, [v.payload for v in snap.tables["tasks"]])
    outlook = Outlook(ground, about, seeing(), parties, noon, now, _attributes(mission), visited=visited)
    mined = {a: a == "mines" or a.startswith("mines.") for a in ground.incidents["act"].tolist()}
    p = _occurred(derived, ground)
    return Prepared(outlook, dangers(ground.incidents, p, mined, restrictions), speakers, p)


def _visited(incidents: Table, about: Collection[int], tasks: Sequence[Payload]) -> frozenset[int]:
    """Incidents at whose place a task was ordered after they began, closed or not."""
    reach = seeing().numbers["visit.reach_km"]
    found = set()
    for task in tasks:
        if "lat" not in task or "lon" not in task:
            continue
        away = distance_km(task["lat"], task["lon"], incidents["lat"], incidents["lon"])
        found |= {k for k in about if away[k] <= reach and incidents["start"][k] <= task["ordered"]}
    return frozenset(found)


def _parsed(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Refusal(Fault(f"{day!r} is no day of the calendar", "Write it as 2020-10-12", field="date")) from None


def _state(mission: Mission, day: date | None, as_of: int | None, known_by: int | None) -> pipeline.Derived:
    if as_of is None and known_by is None and day is not None:
        try:
            _, end = report_day(day - timedelta(days=1), mission.config.report_cutoff, mission.config.timezone)
        except (TimeFault, OverflowError, ValueError):
            raise Refusal(Fault(f"{day} is no day of a mission", "Write another day", field="date")) from None
        as_of, known_by = (end, None) if mission.config.clock == "recorded" else (None, end)
    if as_of is None and known_by is None:
        return current(mission)
    return pipeline.derive(mission, as_of, known_by)


def _following(mission: Mission, derived: pipeline.Derived) -> date:
    """The local day after the last on which anything was known; of history that was loaded later, the day after the
    last that is told of."""
    table = derived.table.table
    told = ~table["cumulative"]
    moments = table["known"] if mission.config.clock == "recorded" else table["start"]
    if not told.any():
        raise Refusal(Fault("nothing is known yet, so there is no next day", "Ingest claims, or give --date"))
    last = from_us(int(moments[told].max()) - 1).astimezone(zone(mission.config.timezone)).date()
    return last + timedelta(days=1)


def open_incidents(derived: pipeline.Derived) -> set[int]:
    """Numbers of the incidents of which a finding is open for want of evidence."""
    return {
        int(str(f["incident_id"]).removeprefix("I"))
        for f in derived.tables["findings"]
        if f["incident_id"] is not None and f["outcome"] in _EVIDENCE and f["state"] not in _DONE
    }


def _attributes(mission: Mission) -> bool:
    """Whether any text of the chain lets the mission say who did it."""
    mandates = [m.mandate for a in mission.agreements if (m := getattr(a, "mechanism", None)) is not None]
    return not mandates or any(m.attribute is not False for m in mandates)


def _number(ground: Ground, k: int) -> int:
    return int(ground.incidents["number"][k])


def _occurred(derived: pipeline.Derived, ground: Ground) -> Array:
    p = {r["incident_id"]: r["p_occurred"] for r in derived.tables["assessments"]}
    return np.array([p[incident_id(n)] for n in ground.incidents["number"].tolist()], dtype=float)


def rules_of(safety: Safety) -> Rules:
    """The keys `safety` of mission.yaml as numbers."""
    curfew = safety.curfew
    return Rules(
        safety.fire_hours, safety.fire_km, safety.fire_p, safety.mines_km, safety.mines_p, safety.denied_hours,
        safety.visit_hours, safety.daylight,
        None if curfew is None else (_minutes(curfew.from_), _minutes(curfew.until)),
        None if safety.base is None else (safety.base.lat, safety.base.lon), safety.road_factor, safety.speed_kmh,
    )  # fmt: skip


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def ground_of(derived: pipeline.Derived) -> tuple[Ground, Speakers]:
    """The state as planning takes it, and who would speak of an incident."""
    context, stages = derived.context, derived.stages
    mission, linked, table = context.mission, stages.linked, stages.table.table
    config = mission.config
    speakers, sources = _speakers(derived)
    rows = [*(s.payload for s in context.snapshot.tables["sources"]), *sources]
    names = names_of(rows, actor_names(mission.agreements), config.approve_sources, config.timezone)

    def tabled(claims: Sequence[Claim]) -> Table:
        versions = [Versions(f"{c['source']}/{k}", 0, dict(c), int(c["published"])) for k, c in enumerate(claims)]
        return claim_table(versions, names, context.resolver, context.fit["time_sd_min"]).table

    alleged = {names.actors[a]: from_nats(w) for a, w in context.fit.get("alleged", {}).items() if a in names.actors}
    ground = Ground(
        table, linked.incident, linked.voice, stages.linker.own_voice, linked.log_odds, linked.incidents,
        context.telling_coverage, tuple(context.authors), tuple(names.actors[a] for a in context.authors),
        len(names.actors), config.bands.model_dump(), float(context.fit["base_rate_unreported"]), context.parameters,
        tabled, judged_table, stages.decided.judgement(linked), mission.agreements, context.notices,
        stages.decided.for_judging(linked, linked.incidents["number"].tolist()), config.outcomes.model_dump(),
        context.facts, alleged,
    )  # fmt: skip
    return ground, speakers


def _speakers(derived: pipeline.Derived) -> tuple[Speakers, list[Payload]]:
    """Who would speak: the mission's own monitor and satellite where it has them, else a stand-in; and those."""
    names, parties = derived.context.names, derived.context.mission.parties
    team = _busiest(derived, ("monitor", "peacekeeper"))
    eye = _busiest(derived, ("satellite",))
    stand_ins: list[Payload] = [
        {"source": _TEAM, "name": "", "role": "monitor", "approved_by": "mission"},
        {"source": _EYE, "name": "", "role": "satellite", "approved_by": "mission"},
        {"source": _STATION, "name": "", "role": "sensor", "approved_by": "mission"},
        {"source": _BODY, "name": "", "role": "international", "approved_by": "mission"},
        *({"source": _PARTY + p, "name": "", "role": "party", "party": p, "approved_by": "mission"} for p in parties),
    ]
    stand_ins = [s for s in stand_ins if s["source"] not in names.sources]
    return Speakers(team or _TEAM, eye or _EYE, _STATION, _BODY, {p: _PARTY + p for p in parties}), stand_ins


def _busiest(derived: pipeline.Derived, roles: Sequence[str]) -> str | None:
    """The approved source of no party, of those roles, that told most; the first by id among equals."""
    names = derived.context.names
    counts: Mapping[int, int] = dict(
        enumerate(np.bincount(derived.table.table["source"], minlength=len(names.sources)))
    )
    able = [
        (-int(counts[k]), str(row["source"]))
        for k, row in enumerate(names.source_rows)
        if row["role"] in roles and not row.get("party") and (names.approve_all or row.get("approved_by"))
    ]
    return min(able)[1] if able else None


def would_change(
    derived: pipeline.Derived,
    incidents: Collection[str] | None = None,
    ground: Ground | None = None,
    speakers: Speakers | None = None,
    lang: str = "en",
) -> list[tuple[Wanted, list[dict[str, Any]]]]:
    """What would change each open finding, of the incidents named or of all, with its rows in words; the findings in
    the order of their table."""
    if ground is None or speakers is None:
        ground, speakers = ground_of(derived)
    findings = [
        f for f in derived.tables["findings"]
        if f["incident_id"] is not None and f["outcome"] in OPEN and f["state"] not in _DONE
        and (incidents is None or f["incident_id"] in incidents)
    ]  # fmt: skip
    mission = derived.context.mission
    at = {incident_id(n): k for k, n in enumerate(ground.incidents["number"].tolist())}
    rows = sorted({at[f["incident_id"]] for f in findings})
    about = {k: About(ground.incidents, k, speakers, int(ground.incidents["end"][k])) for k in rows}
    parties = tuple(p for p in mission.parties if p in ground.authors)
    names = {p: name for p, name in actor_words(mission).items() if p in parties}
    t = Catalogue(lang, mission.config.timezone)
    of = {f["finding_id"]: at[f["incident_id"]] for f in findings}
    out = []
    for w in wanted(ground, about, findings, parties):
        k = of[w.finding_id]
        start, end = (int(ground.incidents[name][k]) for name in ("start", "end"))
        out.append((w, change_rows(w, start, end, names, t)))
    return out


def actor_words(mission: Mission) -> dict[str, str]:
    """English names of the actors, by id, in the order of the agreements."""
    names: dict[str, str] = {}
    for agreement in mission.agreements:
        names |= {a.id: a.names.get("en") or a.id for a in agreement.actors}
    return names


def told(found: Planned, teams: int | None = None) -> Told:
    """The plan with what its words need."""
    mission = found.derived.context.mission
    names = {p: name for p, name in actor_words(mission).items() if p in mission.parties}
    p = _occurred(found.derived, found.ground).tolist()
    return Told(found.plan, found.ground.incidents, p, names, teams)


def changes_of(found: Planned, lang: str = "en") -> list[tuple[Wanted, list[dict[str, Any]]]]:
    """What would change the open findings of the incidents in a plan."""
    shown = {incident_id(_number(found.ground, i)) for task in found.plan.tasks for i, _ in task.serves}
    return would_change(found.derived, shown, found.ground, found.speakers, lang)


def as_dict(found: Planned, teams: int | None = None) -> dict[str, Any]:
    """The plan for --json, with what would change the findings of the incidents in it."""
    t = Catalogue("en", found.derived.context.mission.config.timezone)
    return {**plan_dict(told(found, teams), t), "would_change": wanted_dict(changes_of(found))}


def write_page(found: Planned, path: Path, teams: int | None = None, lang: str | None = None) -> Path:
    """The plan as a page for the mission alone; `Refusal` where it cannot be written there."""
    mission = found.derived.context.mission
    language = lang or mission.config.languages[0]
    html = render(mission.config, told(found, teams), changes_of(found, language), language)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, "utf-8", newline="\n")
    except OSError as e:
        raise Refusal(Fault(f"{str(path)!r} cannot be written ({e.strerror})", "Name another file with -o")) from None
    return path


__all__ = [
    "OPEN", "Planned", "actor_words", "as_dict", "changes_of", "ground_of", "next_tasks", "open_incidents", "prepared",
    "rules_of", "told", "would_change", "write_page",
]  # fmt: skip
