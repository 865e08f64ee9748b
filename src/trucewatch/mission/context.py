"""What the stages need to know besides claims: names, coverage, notices, agreements, the fit, people's thresholds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch import linking
from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.judging.states import Facts
from trucewatch.mission import gaps
from trucewatch.mission.claim_table import ClaimTable, Names, claim_table, names_of
from trucewatch.mission.keys import MODEL_VERSION, mission_key
from trucewatch.mission.snapshot import Payload, Snapshot, Versions
from trucewatch.model.table import Table, objects
from trucewatch.model.times import SECOND

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement
    from trucewatch.mission.folder import Mission


@dataclass(frozen=True)
class Context:
    """A mission under a cut, without its claims."""

    mission: Mission
    snapshot: Snapshot

    @property
    def fit(self) -> Payload:
        """The newest fit known, else the shipped one."""
        return self.snapshot.fit

    @cached_property
    def parameters(self) -> linking.LinkParameters:
        """Weights and limits of linking under the fit."""
        return linking.parameters(self.fit)

    @cached_property
    def names(self) -> Names:
        """Codes of sources and actors."""
        config, rows = self.mission.config, [s.payload for s in self.snapshot.tables["sources"]]
        return names_of(rows, actor_names(self.mission.agreements), config.approve_sources, config.timezone)

    @cached_property
    def resolver(self) -> Resolver:
        """Places by name."""
        return Resolver([p.payload for p in self.snapshot.tables["places"]])

    def table(self, claims: Sequence[Versions]) -> ClaimTable:
        """The claim table of those claims."""
        return claim_table(claims, self.names, self.resolver, self.fit["time_sd_min"])

    @cached_property
    def authors(self) -> list[str]:
        """Ids of the actors who can be authors of an incident, in the order of the agreements."""
        return author_ids(self.mission.agreements)

    @cached_property
    def notices(self) -> list[Payload]:
        """Announced lawful acts."""
        return [n.payload for n in self.snapshot.tables["notices"]]

    @cached_property
    def facts(self) -> Facts:
        """Who held which ground, and what inspections found; as others than parties state where somebody approved them.
        The latest time known is that of what is recorded of days, not of claims, so that it is the same for all; of
        what lasts, the beginning: standing coverage to the end of the year does not tell how the year ends."""
        tables = self.snapshot.tables
        control, inspections = (
            [{**p, "own": self._own(p["source"])} for p in (v.payload for v in tables[name])]
            for name in ("control", "inspections")
        )
        times = [int(p["time"]) for p in inspections] + [int(v.payload["at"]) for v in tables["decisions"]]
        times += [int(p.get("end") or p["start"]) for p in control]
        times += [int(v.payload["start"]) for v in tables["coverage"]]
        return Facts.of(control, inspections, max(times, default=None))

    def _own(self, source: str) -> bool:
        """Whether a source is no independent one: a party's, or approved by nobody."""
        row = self.names.source_rows[self.names.sources[source]]
        return bool(row.get("party")) or not (self.names.approve_all or row.get("approved_by"))

    @cached_property
    def coverage(self) -> list[dict[str, Any]]:
        """Coverage rows with a test of points; rows whose area is unknown are left out."""
        out, mission = [], self.mission
        for v in self.snapshot.tables["coverage"]:
            p = v.payload
            if "lat" in p and "lon" in p and "radius_km" in p:
                inside = gaps.circle(p["lat"], p["lon"], p["radius_km"])
            elif "sector" in p and p["sector"] in mission.sectors:
                inside = gaps.polygon(mission.sectors[p["sector"]])
            elif "zone" in p and p["zone"] in mission.zones and mission.zones[p["zone"]].geometry is not None:
                inside = gaps.polygon(mission.zones[p["zone"]].geometry)
            else:
                continue
            source = self.names.sources[p["source"]]
            out.append({**p, "end": p.get("end", p["start"]), "inside": inside, "source_index": source})
        return out

    @cached_property
    def telling_coverage(self) -> Table:
        """Coverage that can make silence tell: independent observers of known detection."""
        return _coverage_table(self.coverage, self.names)

    @cached_property
    def key(self) -> str:
        """Hash of everything that bears on more than the claims themselves."""
        mission, tables = self.mission, self.snapshot.tables
        bearing = ("sources", "coverage", "notices", "control", "inspections", "decisions")
        told = {name: [v.payload for v in tables[name]] for name in bearing}
        content = [MODEL_VERSION, mission_key(mission), self.fit, told]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def actor_names(agreements: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Actor ids over the chain in file order, with every name and alias."""
    found: dict[str, list[str]] = {}
    for agreement in agreements:
        for actor in agreement.actors:
            found.setdefault(actor.id, []).extend([*actor.names.values(), *actor.aliases])
    return list(found.items())


def author_ids(agreements: Sequence[Agreement]) -> list[str]:
    """Actors who can be authors of an incident: parties, forces that fight without having signed, whoever is bound by a
    term that incidents are judged against or answered for by somebody, and others than bodies whom such a term lets do
    what it forbids. A guarantor who owes other things is `other`."""
    found: list[str] = []
    for agreement in agreements:
        judged = [term for term in agreement.terms if term.judged]
        named = {actor for term in judged for actor in term.binds}
        named |= {a.id for a in agreement.actors if a.answers_for}
        let = {actor for term in judged for e in term.excepts for actor in e.actors}
        for actor in agreement.actors:
            fights = actor.role in {"party", "not_covered"} or (actor.role == "third_party" and actor.id in let)
            if fights or actor.id in named:
                found.append(actor.id)
    return list(dict.fromkeys(found))


def _coverage_table(rows: Sequence[Mapping[str, Any]], names: Names) -> Table:
    used = [
        c
        for c in rows
        if "detection" in c
        and not names.source_rows[c["source_index"]].get("party")
        and (names.approve_all or names.source_rows[c["source_index"]].get("approved_by"))
    ]
    circle = [isinstance(c["inside"], gaps.Circle) for c in used]
    radius = [c["radius_km"] if round_ else np.nan for c, round_ in zip(used, circle, strict=True)]
    return Table({
        "source": np.array([c["source_index"] for c in used], dtype=np.int64),
        "start": np.array([c["start"] / SECOND for c in used], dtype=float),
        "end": np.array([c["end"] / SECOND for c in used], dtype=float),
        "lat": np.array([c.get("lat", np.nan) for c in used], dtype=float),
        "lon": np.array([c.get("lon", np.nan) for c in used], dtype=float),
        "radius_km": np.array(radius, dtype=float),
        "inside": objects([None if round_ else c["inside"] for c, round_ in zip(used, circle, strict=True)]),
        "acts": objects([tuple(c.get("acts", ())) for c in used]),
        "means": objects([c.get("means") for c in used]),
        "detection": np.array([c["detection"] for c in used], dtype=float),
        "false_alarm": np.array([c.get("false_alarm", np.nan) for c in used], dtype=float),
    }, len(used))  # fmt: skip


__all__ = ["MODEL_VERSION", "Context", "actor_names", "author_ids", "mission_key"]
