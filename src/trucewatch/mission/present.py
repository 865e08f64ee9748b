"""The state of all records as an export needs it: from what is kept, without what pages alone ask for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trucewatch.mission.snapshot import Snapshot, snapshot
from trucewatch.model.table import Rows

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

Row = dict[str, Any]


@dataclass(frozen=True)
class Present:
    """The tables of OUTPUTS, and the newest version of every record."""

    mission: Mission
    snapshot: Snapshot
    tables: Mapping[str, Rows]
    held: dict[str, list[Row]] = field(default_factory=dict)

    @cached_property
    def claims(self) -> list[Row]:
        """Newest versions of claims with id and known time; with a resolved place where they tell none themselves."""
        from trucewatch.intake.gazetteer.resolve import Resolver
        from trucewatch.mission.claim_table import places_of

        vague = [v for v in self.snapshot.claims if "lat" not in v.payload]
        resolver = Resolver([p.payload for p in self.snapshot.tables["places"]])
        found = {
            v.id: {"r_lat": lat, "r_lon": lon, "r_radius_km": radius}
            for v, (lat, lon, radius, _) in zip(vague, places_of(vague, resolver), strict=True)
        }
        rows = [{**v.payload, "id": v.id, "known_at": v.known_at} for v in self.snapshot.claims]
        if found:
            for row in rows:
                if "lat" not in row:
                    row.update(found[row["id"]])
        return rows

    @property
    def sources(self) -> list[Row]:
        """Newest source rows."""
        return self.newest("sources")

    def newest(self, table: str) -> list[Row]:
        """Newest payloads of an input table with `known_at`."""
        if table not in self.held:
            self.held[table] = [{**v.payload, "known_at": v.known_at} for v in self.snapshot.tables[table]]
        return self.held[table]

    def gaps_without(self, sources: Collection[str]) -> Rows:
        """The table `gaps` as it were without the coverage of these sources; the same sectors and days."""
        from trucewatch.mission.context import Context
        from trucewatch.mission.derive import gaps_without

        context = Context(self.mission, self.snapshot)
        return gaps_without(context, context.table(self.snapshot.claims).table, sources)


def present(mission: Mission) -> Present:
    """The present state, brought up to date where it is not."""
    from trucewatch.mission.update import current_tables

    tables = current_tables(mission)
    return Present(mission, snapshot(mission.store), tables)
