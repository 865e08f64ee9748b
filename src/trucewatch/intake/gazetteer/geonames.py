"""GeoNames as it is given away (19 columns, tabs, no header), and hand-written lists of places with names by column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft, Head
from trucewatch.intake.gazetteer.fold import fold
from trucewatch.model.errors import Fault

_LICENCE = "Place names from GeoNames (https://www.geonames.org), CC BY 4.0: say so where they are shown"
_DUMP = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature class", "feature code",
    "country code", "cc2", "admin1 code", "admin2 code", "admin3 code", "admin4 code", "population", "elevation", "dem",
    "timezone", "modification date",
)  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d+)?\Z")
# Settlements, administrative areas and heights can be meant by a report; shops, roads and streams bear the same names.
_CLASSES = frozenset("PAT")
_AREA_KM = {"ADM1": "100", "ADM2": "25", "ADM3": "15", "ADM4": "10", "ADM5": "8"}
_SUPPLEMENT = frozenset({"latitude", "longitude", "uncertainty_km"})


def _detect_dump(head: Head) -> float:
    if set(head.header) >= {"geonameid", "feature class", "feature code"}:
        return 1.0
    names = head.header
    if len(names) != len(_DUMP):
        return 0.0
    numbers = names[0].isdigit() and all(_NUMBER.match(names[k]) for k in (4, 5))
    return 1.0 if numbers and len(names[6]) <= 1 else 0.0


def _convert_dump(row: Mapping[str, str], _: AdapterContext) -> Iterable[Draft] | Fault:
    """A place; none for what no report means. Whole countries and historical areas are left out too."""
    code, kind = row["feature code"].strip(), row["feature class"].strip()
    if kind not in _CLASSES or (kind == "A" and code not in _AREA_KM):
        return ()
    names = [n for n in (row["asciiname"], *row["alternatenames"].split(",")) if n.strip() and n != row["name"]]
    people = row["population"].strip()
    cells = {
        "geonameid": row["geonameid"], "name": row["name"], "latitude": row["latitude"], "longitude": row["longitude"],
        "alternatenames": "|".join(dict.fromkeys(n.strip() for n in names)), "countrycode": row["country code"],
        "admin1code": row["admin1 code"], "population": "" if people == "0" else people,
        "radius_km": _AREA_KM[code] if kind == "A" else "", "status": "GeoNames",
    }  # fmt: skip
    return (Draft("places", cells),)


def _detect_supplement(head: Head) -> float:
    names = [n for n in head.header if n.startswith("name_")]
    return 1.0 if names and set(head.header) >= _SUPPLEMENT else 0.0


def _convert_supplement(row: Mapping[str, str], _: AdapterContext) -> Iterable[Draft] | Fault:
    """A place under all of its names; the main one joins `name_a` and `name_b` in the order of the alphabet."""
    mains = sorted({row.get(k, "").strip() for k in ("name_a", "name_b")} - {""})
    if not mains:
        return Fault("the place has no name", "Fill name_a or name_b", field="name_a")
    others = [part.strip() for k, v in row.items() if k.startswith("name_") for part in v.split("/")]
    cells = {
        "geonameid": "x-" + "-".join(fold(" ".join(mains)).split()), "name": " / ".join(mains),
        "latitude": row["latitude"], "longitude": row["longitude"],
        "alternatenames": "|".join(dict.fromkeys(n for n in (*mains, *others) if n)),
        "radius_km": row["uncertainty_km"], "status": row.get("status", ""),
    }  # fmt: skip
    return (Draft("places", cells),)


ADAPTERS = (
    Adapter("geonames", "GeoNames dump", _detect_dump, _convert_dump, (), _LICENCE, _DUMP, "places"),
    Adapter("gazetteer", "Places with names by column", _detect_supplement, _convert_supplement, table="places"),
)
