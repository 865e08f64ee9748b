"""Windows of silence and other announced acts of a report's days, and what inspections saw at sites of weapons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from trucewatch.model.columns import KINDS
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.cards import Card
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.report.wording import Wording, distance_km
from trucewatch.publishing.view import View

Row = Mapping[str, Any]
REPAIR = "repair"  # a promise of silence, so that crews can work


@dataclass(frozen=True, slots=True)
class Announced:
    """One announced act, and the incidents of the report that lie, or may lie, in its time and place."""

    row: Row
    inside: tuple[Card, ...]


class Announcements:
    """The sections on announced acts and on storage sites. `Page` adds the rest."""

    day: Day
    view: View
    w: Wording
    t: Catalogue

    @cached_property
    def cards(self) -> list[Card]:
        """The incidents in words."""
        raise NotImplementedError

    @cached_property
    def announced(self) -> list[Announced]:
        """Announced acts that touch the days of the report, windows of silence first, then by time."""
        rows = sorted(self.day.now("notices"), key=lambda r: r["kind"] != REPAIR)
        return [Announced(r, tuple(c for c in self.cards if _inside(c.incident.row, r))) for r in rows]

    def notice_kind(self, kind: str) -> Markup:
        """What was announced: a known kind in words, another as it was written."""
        # What judging loads takes long, and most days have no notice.
        from trucewatch.judging.lawful import explained_acts

        return self.t(f"kinds.notice_{kind}") if kind in explained_acts() else Markup.escape(kind)

    @cached_property
    def inspections(self) -> list[Row]:
        """Inspections of the days of the report, by time, site and weapon."""
        start, end = self.view.start_us, self.view.end_us
        found = (r for r in self.view.derived.newest("inspections") if start <= r["time"] < end)
        blank: Row = dict.fromkeys(KINDS["inspections"].names)
        rows = [{**blank, **r} for r in self.day.release("inspections", found)]
        return sorted(rows, key=lambda r: (r["time"], str(r.get("site") or ""), str(r.get("weapon") or "")))

    @cached_property
    def inspection_lines(self) -> list[Markup]:
        """Over the inspections: how many, and at how many less or more was seen than declared."""
        told = [r for r in self.inspections if r.get("declared") is not None and r.get("seen") is not None]
        less = sum(r["seen"] < r["declared"] for r in told)
        more = sum(r["seen"] > r["declared"] for r in told)
        return [self.t("kinds.stores_count", n=len(self.inspections)), self.t("kinds.stores_sum", less=less, more=more)]

    def difference(self, row: Row) -> Markup:
        """What was seen against what was declared, in words."""
        declared, seen = row.get("declared"), row.get("seen")
        if declared is None or seen is None:
            return self.t("count.unknown")
        if declared == seen:
            return self.t("kinds.stores_as_declared")
        return self.t("kinds.stores_less" if seen < declared else "kinds.stores_more", n=abs(declared - seen))

    def inspected_at(self, row: Row) -> str:
        """When it was: a day alone where no hour is told."""
        at = self.t.local(row["time"])
        return self.t.day(row["time"]) if (at.hour, at.minute) == (0, 0) else self.t.moment(row["time"])

    def site(self, row: Row) -> Markup:
        """Where it was: the name of the site, else its coordinates, else that it is not told."""
        if row.get("site"):
            return Markup("<bdi>{}</bdi>").format(row["site"])
        if row.get("lat") is None or row.get("lon") is None:
            return self.t("kinds.site_withheld")
        return Markup.escape(self.w.at(row["lat"], row["lon"], 2))


def _inside(incident: Row, notice: Row) -> bool:
    """Whether an incident lies, or by what is known of it may lie, in the time and place of an announced act."""
    start, end = incident["start"], incident["end"] if incident["end"] is not None else incident["start"]
    closes = notice["end"] if notice.get("end") is not None else notice["start"]
    if start > closes or end < notice["start"]:
        return False
    if None in (notice.get("lat"), notice.get("lon"), notice.get("radius_km"), incident["lat"], incident["lon"]):
        return False
    apart: float = distance_km(incident["lat"], incident["lon"], notice["lat"], notice["lon"])
    return bool(apart <= notice["radius_km"] + (incident["semi_major_km"] or 0.0))
