"""Claims that somebody might bring about an incident: what a visit, a picture, a call or a party would say.

Each is a payload as intake would store it, so that describing, weighing and judging treat it like any other claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.model.claims import EARTH_KM
from trucewatch.model.table import Table
from trucewatch.model.times import SECOND

_FIXED_KM = 0.5  # radius of a place where a team stood


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who would speak, as source ids: the mission's own team, a satellite, an instrument, another body; and each party
    in its own words."""

    team: str
    satellite: str
    instrument: str
    other_body: str
    parties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class About:
    """The incident that supposed claims speak of: a row of the incidents, and who would speak of it, when (us)."""

    incidents: Table
    at: int
    speakers: Speakers
    published: int

    def claim(self, source: str, stance: str, means: str | None, **more: Any) -> dict[str, Any]:
        """A claim about it, with its act, time and place as they stand."""
        t = self.incidents
        start, end = int(t["start"][self.at]), int(t["end"][self.at])
        out: dict[str, Any] = {
            "claim_id": "supposed", "source": source, "published": max(self.published, end + SECOND), "stance": stance,
            "act": str(t["act"][self.at]), "start": start, **({"end": end} if end > start else {}),
        }  # fmt: skip
        if means is not None:
            out["means"] = means
        lat, lon = float(t["lat"][self.at]), float(t["lon"][self.at])
        if np.isfinite(lat):
            out |= {"lat": lat, "lon": lon}
        if t["place_of"][self.at] is not None:
            out["place_of"] = str(t["place_of"][self.at])
        return {**out, **more}

    def traces(self) -> dict[str, Any]:
        """The team found traces."""
        return self.claim(self.speakers.team, "observes", "aftermath", **self._fixed())

    def no_traces(self) -> dict[str, Any]:
        """The team went there and says that it found none."""
        return self.claim(self.speakers.team, "denies", "aftermath")

    def bearing(self, actor: str) -> dict[str, Any]:
        """A crater or remains that point to an actor."""
        return self.claim(self.speakers.team, "observes", "forensic", accused=actor, **self._fixed())

    def picture(self) -> dict[str, Any]:
        """A satellite's picture shows it."""
        return self.claim(self.speakers.satellite, "observes", "satellite")

    def clear_picture(self) -> dict[str, Any]:
        """A clear picture does not show it."""
        return self.claim(self.speakers.satellite, "denies", "satellite")

    def recorded(self) -> dict[str, Any]:
        """An instrument of the mission has it in its record."""
        return self.claim(self.speakers.instrument, "observes", "sensor")

    def told(self) -> dict[str, Any]:
        """People there tell the team so."""
        return self.claim(self.speakers.team, "alleges", "told")

    def examined(self) -> dict[str, Any]:
        """Another independent body saw the traces."""
        return self.claim(self.speakers.other_body, "observes", "aftermath", **self._fixed())

    def bearing_of_another(self, actor: str) -> dict[str, Any]:
        """Another independent body's examination that points to an actor."""
        return self.claim(self.speakers.other_body, "observes", "forensic", accused=actor, **self._fixed())

    def placed(self, east_km: float, north_km: float) -> dict[str, Any]:
        """The team found traces so far from where it is thought to be."""
        km = float(np.radians(1.0) * EARTH_KM)
        lat, lon = float(self.incidents["lat"][self.at]), float(self.incidents["lon"][self.at])
        shifted = {"lat": lat + north_km / km, "lon": lon + east_km / (km * float(np.cos(np.radians(lat))))}
        return {**self.traces(), **shifted}

    def examined_none(self) -> dict[str, Any]:
        """Another independent body found that it did not happen."""
        return self.claim(self.speakers.other_body, "denies", "aftermath")

    def admission(self, party: str) -> dict[str, Any]:
        """A party says that it did it, or its own log shows it."""
        return self.claim(self.speakers.parties[party], "admits", None, accused=party)

    def _fixed(self) -> dict[str, Any]:
        return {"radius_km": _FIXED_KM} if np.isfinite(float(self.incidents["lat"][self.at])) else {}


__all__ = ["About", "Speakers"]
