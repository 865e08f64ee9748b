"""The pipeline: records to incidents, assessments, findings and gaps, in the one order of design 3.

`derive` is pure in (records under a cut, agreements, fit, configuration); `update` keeps its result beside the records
and `rebuild` drops and derives it anew. Both give the same bytes (law L2).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch import linking, weighing
from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.judging import judge
from trucewatch.mission import gaps, tables
from trucewatch.mission.claim_table import ClaimTable, Names, claim_table, names_of
from trucewatch.mission.decisions import Decided, resolve_decisions
from trucewatch.mission.snapshot import Payload, Snapshot, Versions, snapshot
from trucewatch.model.claims import canonical_order
from trucewatch.model.columns import KINDS
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Rows, Table, objects
from trucewatch.model.times import DAY, SECOND

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

MODEL_VERSION = "1"
_DERIVED = ("incidents", "links", "assessments", "authors", "contributions", "findings", "trends", "gaps")


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from the records under a cut. `tables`: every name of OUTPUTS as rows; the rest as pages need it."""

    tables: Mapping[str, Rows]
    snapshot: Snapshot
    claims: list[dict[str, Any]]
    agreements: tuple[Any, ...]
    fit: Payload
    stages: Stages
    warnings: tuple[str, ...]

    def newest(self, table: str) -> list[dict[str, Any]]:
        """Newest payloads of an input table with `known_at`."""
        return [{**v.payload, "known_at": v.known_at} for v in self.snapshot.tables[table]]

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Newest source rows."""
        return self.newest("sources")

    @property
    def coverage(self) -> list[dict[str, Any]]:
        """Coverage rows."""
        return self.newest("coverage")

    @property
    def restrictions(self) -> list[dict[str, Any]]:
        """Restriction rows."""
        return self.newest("restrictions")

    @property
    def notices(self) -> list[dict[str, Any]]:
        """Notice rows."""
        return self.newest("notices")


@dataclass(frozen=True, slots=True)
class Stages:
    """What the stages said, kept for explanations and for local updates."""

    names: Names
    table: ClaimTable
    linked: linking.Linked
    weighed: weighing.Weighed
    decided: Decided


def derive(mission: Mission, as_of: int | None = None, known_by: int | None = None) -> Derived:
    """Everything that follows from the records recorded by `as_of` and known by `known_by` (microseconds)."""
    snap = snapshot(mission.store, as_of, known_by)
    return derive_snapshot(mission, snap)


def derive_snapshot(mission: Mission, snap: Snapshot) -> Derived:
    """The same for records already read."""
    fit = snap.fit
    config, agreements = mission.config, mission.agreements
    names = names_of(
        [s.payload for s in snap.tables["sources"]], _actors(agreements), config.approve_sources, config.timezone
    )
    resolver = Resolver([p.payload for p in snap.tables["places"]])
    table = claim_table(snap.claims, names, resolver, fit["time_sd_min"])
    decided = resolve_decisions(snap, table)
    linked = linking.link(table.table, decided.links, linking.parameters(fit))
    coverage = _coverage(mission, snap, names)
    weighed = _weigh(mission, names, table, linked, coverage, decided, fit)
    findings = _judge(mission, names, snap, linked, weighed, decided)
    rows: dict[str, Rows] = {
        "incidents": tables.incidents_rows(linked.incidents),
        "links": tables.links_rows(snap.claims, linked),
        **tables.weighing_rows(linked.incidents, weighed, author_ids(agreements), names),
        "findings": findings,
        "trends": Rows(OUTPUTS["trends"], [[] for _ in OUTPUTS["trends"]]),
        "gaps": _gaps(mission, snap, table, coverage),
    }
    return Derived(
        rows, snap, tables.claim_rows(snap.claims, table), agreements, fit,
        Stages(names, table, linked, weighed, decided), (*linked.warnings, *table.warnings),
    )  # fmt: skip


def _actors(agreements: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Actor ids over the chain in file order, with every name and alias."""
    found: dict[str, list[str]] = {}
    for agreement in agreements:
        for actor in agreement.actors:
            found.setdefault(actor.id, []).extend([*actor.names.values(), *actor.aliases])
    return list(found.items())


def author_ids(agreements: Sequence[Any]) -> list[str]:
    """Actors who can be authors of an incident: parties, and forces that are bound or fight without having signed."""
    roles = {"party", "not_covered", "guarantor"}
    return list(dict.fromkeys(a.id for agreement in agreements for a in agreement.actors if a.role in roles))


def _coverage(mission: Mission, snap: Snapshot, names: Names) -> list[dict[str, Any]]:
    """Coverage rows with a test of points; rows whose area is unknown are left out."""
    out = []
    for v in snap.tables["coverage"]:
        p = v.payload
        if "lat" in p and "lon" in p and "radius_km" in p:
            inside = gaps.circle(p["lat"], p["lon"], p["radius_km"])
        elif "sector" in p and p["sector"] in mission.sectors:
            inside = gaps.polygon(mission.sectors[p["sector"]])
        elif "zone" in p and p["zone"] in mission.zones and mission.zones[p["zone"]].geometry is not None:
            inside = gaps.polygon(mission.zones[p["zone"]].geometry)
        else:
            continue
        out.append({**p, "end": p.get("end", p["start"]), "inside": inside, "source_index": names.sources[p["source"]]})
    return out


def _coverage_table(rows: Sequence[Mapping[str, Any]], names: Names) -> Table:
    """Coverage that can make silence tell: independent observers of known detection."""
    used = [
        c
        for c in rows
        if "detection" in c
        and not names.source_rows[c["source_index"]].get("party")
        and (names.approve_all or names.source_rows[c["source_index"]].get("approved_by"))
    ]
    circle = ["radius_km" in c for c in used]
    return Table({
        "source": np.array([c["source_index"] for c in used], dtype=np.int64),
        "start": np.array([c["start"] / SECOND for c in used], dtype=float),
        "end": np.array([c["end"] / SECOND for c in used], dtype=float),
        "lat": np.array([c.get("lat", np.nan) for c in used], dtype=float),
        "lon": np.array([c.get("lon", np.nan) for c in used], dtype=float),
        "radius_km": np.array([c.get("radius_km", np.nan) for c in used], dtype=float),
        "inside": objects([None if round_ else c["inside"] for c, round_ in zip(used, circle, strict=True)]),
        "acts": objects([tuple(c.get("acts", ())) for c in used]),
        "means": objects([c.get("means") for c in used]),
        "detection": np.array([c["detection"] for c in used], dtype=float),
    }, len(used))  # fmt: skip


def _weigh(
    mission: Mission, names: Names, table: ClaimTable, linked: linking.Linked, coverage: Sequence[Mapping[str, Any]],
    decided: Decided, fit: Payload,
) -> weighing.Weighed:  # fmt: skip
    order = canonical_order(table.table)
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return weighing.weigh(
        table.table.take(order), linked.incident[order], back[linked.voice[order]], linked.log_odds[order],
        linked.incidents, _coverage_table(coverage, names),
        [names.actors[a] for a in author_ids(mission.agreements)], len(names.actors),
        mission.config.bands.model_dump(), float(fit["base_rate_unreported"]), decided.judgement(linked.incident),
    )  # fmt: skip


def _judge(
    mission: Mission, names: Names, snap: Snapshot, linked: linking.Linked, weighed: weighing.Weighed, decided: Decided
) -> Rows:
    incidents = linked.incidents
    status = [weighing.STATUSES[s] for s in weighed.assessments["status"].tolist()]
    judged = Table({
        **{k: incidents[k] for k in (
            "number", "t_mean_s", "t_sd_s", "start", "end", "lat", "lon", "cov_ee", "cov_en", "cov_nn", "place_of",
            "origin_lat", "origin_lon", "origin_sigma_km", "acts", "weapons",
        )},
        "p_occurred": weighed.assessments["p_occurred"], "status": objects(status),
    }, incidents.n)  # fmt: skip
    labels = [*author_ids(mission.agreements), "other", "none"]
    authors = Table({
        "number": np.repeat(incidents["number"], len(labels)),
        "actor": objects(labels * incidents.n),
        "p": weighed.authors.ravel(),
    }, incidents.n * len(labels))  # fmt: skip
    notices = [n.payload for n in snap.tables["notices"]]
    thresholds = mission.config.outcomes.model_dump()
    numbers = incidents["number"].tolist()
    found = judge(judged, authors, mission.agreements, notices, decided.for_judging(linked, numbers), thresholds)
    return Rows(OUTPUTS["findings"], [_python(found[k]) for k in OUTPUTS["findings"]])


def _python(column: Any) -> list[Any]:
    return [None if isinstance(v, float) and np.isnan(v) else v for v in column.tolist()]


def _gaps(mission: Mission, snap: Snapshot, table: ClaimTable, coverage: Sequence[Mapping[str, Any]]) -> Rows:
    t = table.table
    single = ~t["cumulative"] & ~t["retracted"]
    times = [*t["start"][single].tolist(), *(c["start"] for c in coverage)]
    ends = [*t["end"][single].tolist(), *(c["end"] for c in coverage)]
    if not times:
        return Rows(OUTPUTS["gaps"], [[] for _ in OUTPUTS["gaps"]])
    first = max(min(times), max(ends) - 4000 * DAY)  # a mistyped year does not make a table of a million days
    days = gaps.report_days(first, max(ends), mission.config.report_cutoff, mission.config.timezone)
    sectors = dict(mission.sectors) or _one_sector(mission, t, coverage)
    return gaps.gaps_rows(sectors, coverage, days)


def _one_sector(mission: Mission, t: Table, coverage: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The one sector `all` of a mission without sectors: the agreements' zones, else a hull of claims and coverage."""
    areas = [z.geometry for z in mission.zones.values() if z.geometry is not None and z.geometry.area > 0]
    if areas:
        import shapely

        return {"all": shapely.union_all(areas)}
    lon = np.concatenate([t["lon"], np.array([c["lon"] for c in coverage if "lon" in c], dtype=float)])
    lat = np.concatenate([t["lat"], np.array([c["lat"] for c in coverage if "lat" in c], dtype=float)])
    area = gaps.hull(lon, lat)
    return {} if area is None else {"all": area}


def state_key(mission: Mission) -> str:
    """What the kept tables depend on: the last record, configuration, agreements, sectors, model version."""
    content = [
        MODEL_VERSION, mission.store.last_seq(), mission.config.model_dump(mode="json"),
        [hashlib.sha256(mission.agreement_path(a).read_bytes()).hexdigest() for a in mission.config.agreements],
        sorted(mission.sectors),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update or rebuild did."""

    counts: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    changed: bool = True


def update(mission: Mission) -> UpdateReport:
    """Derive what is new and keep it; nothing to do where the kept tables are those of the present records."""
    key = state_key(mission)
    if mission.store.meta("derived") == key:
        return UpdateReport({name: len(mission.store.read_derived(name)[1]) for name in _DERIVED}, changed=False)
    return _keep(mission, derive(mission), key)


def rebuild(mission: Mission) -> UpdateReport:
    """Drop what was derived and derive it anew from the records alone."""
    return _keep(mission, derive(mission), state_key(mission))


def _keep(mission: Mission, derived: Derived, key: str) -> UpdateReport:
    store = mission.store
    store.set_meta("derived", "")
    for name in _DERIVED:
        store.write_derived(name, OUTPUTS[name], derived.tables[name].tuples())
    store.set_meta("derived", key)
    return UpdateReport({name: len(derived.tables[name]) for name in _DERIVED}, derived.warnings)


def current_tables(mission: Mission) -> Mapping[str, Rows]:
    """The derived tables of the present state, from what is kept where it is fresh."""
    update(mission)
    out = {}
    for name in _DERIVED:
        columns, rows = mission.store.read_derived(name)
        out[name] = Rows(columns, list(zip(*rows, strict=True)) if rows else [[] for _ in columns])
    return out


def explain_link(derived: Derived, ref: str) -> list[tuple[str, str, int, str]]:
    """Why a claim is linked: (other claim, term, micro-nats, words) against each other voice of its incident."""
    stages = derived.stages
    row = stages.table.refs[ref]
    linked, table = stages.linked, stages.table.table
    voice = int(linked.voice[row])
    mates = [
        int(r)
        for r in np.flatnonzero((linked.incident == linked.incident[row]) & (linked.voice == np.arange(table.n)))
        if linked.incident[row] >= 0 and r != voice
    ]
    if not mates:
        return []
    scorer = linking.Scorer(linking.parameters(derived.fit))
    points = scorer.points(table)
    terms = scorer.terms(points.take(np.full(len(mates), voice)), points.take(np.array(mates)))
    by_row = {r: ref for ref, r in stages.table.refs.items()}
    out = []
    for k, mate in enumerate(mates):
        for name, value in zip(linking.TERMS, terms[:, k].tolist(), strict=True):
            out.append((by_row[mate], name, int(value), TERM_WORDS[name]))
    return out


TERM_WORDS = {
    "prior": "how many claims speak of one incident, against how many there are in this region",
    "space": "distance of the places, by the precision of both",
    "time": "difference of the times, by the precision of both",
    "act": "kind of act",
    "accused": "who is accused, among claims of one side",
    "source": "one source that speaks twice mostly means two events",
}


def object_hash(derived: Derived, object_id: str) -> str:
    """Hash of what a person sees of an incident (`I7`) or finding (`F7.1.1.2`): its claims, assessment and outcome."""
    incident = "I" + object_id.removeprefix("I").removeprefix("F").split(".")[0]
    links = sorted(
        (r["source"], r["claim_id"], r["relation"], r["by"])
        for r in derived.tables["links"]
        if r["incident_id"] == incident
    )
    assessment = [list(r.values()) for r in derived.tables["assessments"] if r["incident_id"] == incident]
    finding = [list(r.values())[:-2] for r in derived.tables["findings"] if r["finding_id"] == object_id]
    text = json.dumps([links, assessment, finding], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def resolve_object(derived: Derived, text: str) -> str | None:
    """The incident that an id means: `I` and the number of any of its claims; None when there is none."""
    if not text.startswith("I") or not text[1:].isdigit():
        return None
    number = int(text[1:])
    table, linked = derived.stages.table.table, derived.stages.linked
    rows = np.flatnonzero(table["number"] == number)
    if not rows.size or linked.incident[rows[0]] < 0:
        return None
    return tables.incident_id(int(linked.incidents["number"][linked.incident[rows[0]]]))


__all__ = [
    "KINDS", "Derived", "UpdateReport", "Versions", "current_tables", "derive", "explain_link", "object_hash",
    "rebuild", "resolve_object", "update",
]  # fmt: skip
