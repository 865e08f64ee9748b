"""Names to places, with honest ambiguity: several candidates give a circle that holds them all, or no place at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.intake.gazetteer.fold import fold
from trucewatch.model.claims import EARTH_KM, earth_xyz

# Candidates further apart than fit in a circle of this radius are a question, not a place.
NEAR_KM = 15.0
_UNKNOWN_KM = 3.0
_EDGE_KM = 1.5
_PER_KM2 = 3000.0  # inhabitants of a square kilometre of a built-up place
_SEVERAL = re.compile(r"\s*[/()=]\s*|\s+(?:or|aka)\s+")
_OTHER_NAMES = re.compile(r"[|,;]")


@dataclass(frozen=True, slots=True)
class Place:
    """A place found: degrees and 95 % radius in km, all None where none is found; `note` says why or of what kind."""

    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    lat: float
    lon: float
    radius_km: float
    name: str


class Resolver:
    """A gazetteer of place payloads (`name`, `latitude`, `longitude`, `alternatenames`, ...), asked by name.

    A row's every name leads to it, in any spelling that folds to the same. A text that gives several names of one place
    (`Martakert / Aghdara`, `Shushi (Shusha)`) means the places that bear all of them, else those that bear any.
    """

    def __init__(self, places: Iterable[Mapping[str, Any]]) -> None:
        self._rows: list[_Candidate] = []
        self._by_name: dict[str, set[int]] = {}
        self._answers: dict[str, Place] = {}
        for k, p in enumerate(places):
            self._rows.append(_Candidate(float(p["latitude"]), float(p["longitude"]), radius_of(p), str(p["name"])))
            for name in (p["name"], *_OTHER_NAMES.split(str(p.get("alternatenames") or ""))):
                key = fold(str(name))
                if key:
                    self._by_name.setdefault(key, set()).add(k)

    def resolve(self, name: str) -> Place:
        """The place of that name: one candidate, or a circle around near ones; else no place and a note."""
        if name not in self._answers:
            self._answers[name] = self._find(name)
        return self._answers[name]

    def _find(self, name: str) -> Place:
        whole = self._by_name.get(fold(name), set())
        if not whole:
            parts = [self._by_name.get(fold(part), set()) for part in _SEVERAL.split(name) if fold(part)]
            known = [p for p in parts if p]
            if not known:
                return Place(note=f"no place is called {name!r}")
            whole = set.intersection(*known) or set.union(*known)
        found = sorted((self._rows[k] for k in whole), key=lambda c: (c.lat, c.lon, c.radius_km))
        if len(found) == 1:
            return Place(found[0].lat, found[0].lon, found[0].radius_km)
        return _around(found, name)


def radius_of(place: Mapping[str, Any]) -> float:
    """95 % radius of a gazetteer row, km: as told; else that of a town of its population; else 3."""
    told = place.get("radius_km")
    if told is not None:
        return float(told)
    people = place.get("population") or 0
    return round(_EDGE_KM + math.sqrt(people / _PER_KM2 / math.pi), 2) if people else _UNKNOWN_KM


def _around(found: Sequence[_Candidate], name: str) -> Place:
    """A circle that holds the circles of all candidates, or none where it would be wider than `NEAR_KM`."""
    lat, lon = np.array([c.lat for c in found]), np.array([c.lon for c in found])
    points = np.stack(earth_xyz(lat, lon), axis=1)
    centre = points.mean(axis=0)
    norm = float(np.linalg.norm(centre))
    if norm > 0:
        centre *= EARTH_KM / norm
    away = np.linalg.norm(points - centre, axis=1)
    radius = float((away + np.array([c.radius_km for c in found])).max())
    if norm == 0 or radius > NEAR_KM:
        where = "; ".join(f"{c.lat:.2f}, {c.lon:.2f}" for c in found[:4])
        return Place(note=f"{len(found)} places are called {name!r} ({where}): it was not told which is meant")
    middle_lat = math.degrees(math.asin(max(-1.0, min(1.0, float(centre[2]) / EARTH_KM))))
    middle_lon = math.degrees(math.atan2(float(centre[1]), float(centre[0])))
    note = f"{len(found)} places near each other are called {name!r}: the circle holds them all"
    return Place(round(middle_lat, 5), round(middle_lon, 5), math.ceil(radius * 100) / 100, note)
