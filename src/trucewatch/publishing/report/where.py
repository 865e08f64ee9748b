"""What the two maps of a day show: incidents with their uncertainty; what observers could see, who was kept away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from trucewatch.publishing.report.chart import SHADES
from trucewatch.publishing.report.day import EACH_OTHER, NAMES_NOBODY, Day, Incident
from trucewatch.publishing.report.maps import Barrier, Frame, Seen, Sheet, Spot, circle
from trucewatch.publishing.report.wording import Wording

Row = dict[str, Any]
_MOST_TOWNS = 40
# A place known this badly says little on a map, and would shrink everything else (95 % radius, km).
_WIDE_KM = 80.0


class Where:
    """The frame and the places of a day, the same for every language."""

    def __init__(self, day: Day, coverage: Sequence[Row], restrictions: Sequence[Row]) -> None:
        view = day.view
        self.day = day
        self.positions = {a: k for k, a in enumerate(dict.fromkeys(x.id for g in view.agreements for x in g.actors))}
        self.zones = [z for g in view.agreements for z in g.zones.values() if z.geometry is not None]
        self.placed = [i for i in day.incidents if i.row["lat"] is not None and i.row["lon"] is not None]
        self.seen = [s for row in coverage if (s := self._seen(row)) is not None]
        self.barriers = [(n, r) for n, r in enumerate(restrictions, 1) if r.get("lat") is not None]
        areas = list(view.sectors.values()) or [z.geometry for z in self.zones if z.geometry.area > 0]
        self.area = shapely.union_all(areas) if areas else None
        sharp = [i for i in self.placed if (i.row["semi_major_km"] or 0.0) <= _WIDE_KM]
        points = [(i.row["lon"], i.row["lat"]) for i in (sharp or self.placed)]
        points += [(r["lon"], r["lat"]) for _, r in self.barriers] if not areas else []
        reach = [s.area for s in self.seen] if not areas else []
        self.frame = Frame([*areas, *reach], points)

    def _seen(self, row: Mapping[str, Any]) -> Seen | None:
        """What a coverage row could see, and for what share of the day; None where its area is not told."""
        view = self.day.view
        area: Any = None
        if row.get("lat") is not None and row.get("lon") is not None and row.get("radius_km") is not None:
            area = circle(row["lat"], row["lon"], row["radius_km"])
        elif row.get("sector") in view.sectors:
            area = view.sectors[row["sector"]]
        elif row.get("zone") is not None:
            area = next((z.geometry for z in self.zones if z.id == row["zone"]), None)
        if area is None:
            return None
        return Seen(area, share_of_day(row, view.start_us, view.end_us))

    def position(self, accused: str) -> int | None:
        """Position of the accused among the actors; None for nobody, for several sides and for others."""
        return None if accused in {EACH_OTHER, NAMES_NOBODY} else self.positions.get(accused)

    def towns(self, words: Wording) -> list[tuple[str, float, float]]:
        """Names for orientation: the places of the day's incidents by their sharpest claims, best known first."""
        found: dict[str, tuple[float, float, float]] = {}
        for i in self.placed:
            name, km = words.places(i.claims), i.row["semi_major_km"] or 0.0
            if name and km <= 15.0 and km < found.get(name, (0.0, 0.0, 99.0))[2]:
                found[name] = (i.row["lat"], i.row["lon"], km)
        ranked = sorted(found.items(), key=lambda item: (item[1][2], item[1][:2]))
        return [(name, lat, lon) for name, (lat, lon, _) in ranked[:_MOST_TOWNS]]

    def sheet(self, words: Wording) -> Sheet:
        """The paper of both maps in one language."""
        zones = [(z.names.get(words.t.lang) or z.names.get("en") or z.id, z.geometry) for z in self.zones]
        return Sheet(self.frame, words.t, zones, self.towns(words))

    def spots(self, titles: Mapping[str, str]) -> list[Spot]:
        """Incidents as marks; `titles` by id."""
        return [self._spot(i, titles[i.id]) for i in self.placed]

    def _spot(self, i: Incident, title: str) -> Spot:
        row = i.row
        return Spot(
            row["lat"], row["lon"], row["semi_major_km"] or 0.0, row["semi_minor_km"] or 0.0, row["azimuth_deg"] or 0.0,
            self.position(self.day.accused[i.id]), SHADES[i.status], i.number, i.id, title,
        )  # fmt: skip

    def crosses(self, titles: Sequence[str]) -> list[Barrier]:
        """Restrictions as marks; `titles` along the restrictions that have a place."""
        return [
            Barrier(r["lat"], r["lon"], self.positions.get(str(r.get("by"))), n, title)
            for (n, r), title in zip(self.barriers, titles, strict=True)
        ]


def share_of_day(row: Mapping[str, Any], start: int, end: int) -> float:
    """Share of [start, end) that a row's interval holds."""
    first, last = int(row["start"]), int(row.get("end") or row["start"])
    return max(0.0, (min(last, end) - max(first, start)) / (end - start))
