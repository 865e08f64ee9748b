"""Names to places, with honest ambiguity: several candidates give a circle that holds them all, or no place at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trucewatch.intake.gazetteer.fold import fold
from trucewatch.intake.gazetteer.scripts import latin
from trucewatch.model.claims import EARTH_KM, earth_xyz

# Candidates further apart than fit in a circle of this radius are a question, not a place.
NEAR_KM = 15.0
_UNKNOWN_KM = 3.0
_EDGE_KM = 1.5
_PER_KM2 = 3000.0  # inhabitants of a square kilometre of a built-up place
_SEVERAL = re.compile(r"\s*[/()=]\s*|\s+(?:or|aka)\s+")
# Words beside a name -> least radius in km of what is then meant.
_AROUND_KM = {
    "town": 0.0, "city": 0.0, "village": 0.0, "settlement": 0.0, "the": 0.0, "of": 0.0, "in": 0.0, "at": 0.0,
    "near": 8.0, "outskirts": 6.0, "around": 10.0, "area": 12.0, "vicinity": 10.0, "front": 20.0, "direction": 20.0,
    "district": 25.0, "raion": 25.0, "rayon": 25.0, "municipality": 25.0, "county": 30.0,
    "region": 100.0, "oblast": 100.0, "province": 100.0,
    "north": 10.0, "south": 10.0, "east": 10.0, "west": 10.0,
    "northern": 15.0, "southern": 15.0, "eastern": 15.0, "western": 15.0,
    "город": 0.0, "село": 0.0, "поселок": 0.0, "деревня": 0.0, "район": 25.0, "область": 100.0,
    "şəhəri": 0.0, "kəndi": 0.0, "rayonu": 25.0, "քաղաք": 0.0, "գյուղ": 0.0,
}  # fmt: skip
_AROUND = {fold(word): km for word, km in _AROUND_KM.items()}
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


class Resolver:
    """A gazetteer of place payloads (`name`, `latitude`, `longitude`, `alternatenames`, ...), asked by name.

    A row's every name leads to it, in any spelling that folds to the same, and failing that in another script. A text
    that gives several names of one place (`Martakert / Aghdara`, `Shushi (Shusha)`) means the places that bear all of
    them, else those that bear any. Words such as `near` or `district` widen the circle.
    """

    def __init__(self, places: Iterable[Mapping[str, Any]]) -> None:
        self._rows: list[_Candidate] = []
        self._by_name: dict[str, set[int]] = {}
        self._by_reading: dict[str, set[int]] = {}
        self._answers: dict[str, Place] = {}
        for k, p in enumerate(places):
            self._rows.append(_Candidate(float(p["latitude"]), float(p["longitude"]), radius_of(p)))
            for name in (*_SEVERAL.split(str(p["name"])), *_OTHER_NAMES.split(str(p.get("alternatenames") or ""))):
                key = fold(name)
                if key:
                    self._by_name.setdefault(key, set()).add(k)
                    self._by_reading.setdefault(latin(key), set()).add(k)

    def resolve(self, name: str) -> Place:
        """The place of that name: one candidate, or a circle around near ones; else no place and a note."""
        if name not in self._answers:
            self._answers[name] = self._find(name)
        return self._answers[name]

    def _find(self, name: str) -> Place:
        whole, least = self._candidates(name)
        if not whole:
            parts = [self._candidates(part) for part in _SEVERAL.split(name) if fold(part)]
            known = [found for found, _ in parts if found]
            if not known:
                return Place(note=f"no place is called {name!r}")
            whole = set.intersection(*known) or set.union(*known)
            least = max(km for found, km in parts if found)
        found = sorted((self._rows[k] for k in whole), key=lambda c: (c.lat, c.lon, c.radius_km))
        place = Place(found[0].lat, found[0].lon, found[0].radius_km) if len(found) == 1 else _around(found, name)
        if place.radius_km is None or place.radius_km >= least:
            return place
        return replace(place, radius_km=least, note=place.note or f"{name!r} tells no point, but what lies around it")

    def _candidates(self, name: str) -> tuple[set[int], float]:
        """Rows that bear a name, and the least radius (km) that the words around the name allow."""
        key = fold(name)
        found = self._by_name.get(key) or self._by_reading.get(latin(key))
        if found:
            return found, 0.0
        words = key.split()
        bare = [w for w in words if w not in _AROUND]
        if not bare or len(bare) == len(words):
            return set(), 0.0
        least = max(_AROUND[w] for w in words if w in _AROUND)
        key = " ".join(bare)
        return self._by_name.get(key) or self._by_reading.get(latin(key)) or set(), least


def radius_of(place: Mapping[str, Any]) -> float:
    """95 % radius of a gazetteer row, km: as told; else that of a town of its population; else 3."""
    told = place.get("radius_km")
    if told:
        return float(told)
    people = float(place.get("population") or 0)
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
