"""NASA FIRMS active fires (MODIS, VIIRS): each row of a satellite's pass is a claim that something burned there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft, Head
from trucewatch.model.errors import Fault

_LICENCE = (
    "We acknowledge the use of data from NASA's Fire Information for Resource Management System (FIRMS), "
    "https://earthdata.nasa.gov/firms, part of NASA's Earth Science Data and Information System (ESDIS); "
    "the data are free and open"
)
_NEEDED = frozenset({"latitude", "longitude", "acq_date", "acq_time", "confidence"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])?[0-5]?\d\Z")
# Side of a pixel at nadir, km; it grows towards the edge of the swath, where `scan` and `track` tell it.
_PIXEL_KM = {"modis": 1.0, "viirs": 0.375}


def _source(instrument: str, name: str) -> dict[str, str]:
    return {
        "source": f"nasa_firms_{instrument}", "name": name, "role": "satellite", "tz": "UTC", "handling": "public",
    }  # fmt: skip


SOURCES = (
    _source("modis", "NASA FIRMS, MODIS active fires"),
    _source("viirs", "NASA FIRMS, VIIRS active fires"),
)


def _detect(head: Head) -> float:
    return 1.0 if set(head.header) >= _NEEDED else 0.0


def _convert(row: Mapping[str, str], _: AdapterContext) -> Iterable[Draft] | Fault:
    """One fire. Fires of static heat sources (type 1 to 3: volcano, other land source, offshore) are told as such."""
    if row["acq_date"].startswith("#"):
        return ()  # an HXL tag row
    day, clock = row["acq_date"].strip(), row["acq_time"].strip().replace(":", "")
    if not _DAY.match(day):
        return Fault(f"{day!r} is not a day", "Write acq_date as YYYY-MM-DD", field="acq_date")
    if not _CLOCK.match(clock) or len(clock) > 4:
        return Fault(f"{clock!r} is not a time of day", "Write acq_time as HHMM in UTC", field="acq_time")
    clock = clock.zfill(4)  # tables lose leading zeros
    moment = f"{day}T{clock[:2]}:{clock[2:]}:00Z"
    instrument = _instrument(row)
    radius = _radius_km(row, instrument)
    if isinstance(radius, Fault):
        return radius
    satellite = row.get("satellite", "").strip()
    cells = {
        "claim_id": "-".join(
            (day.replace("-", "") + clock, satellite or instrument, row["latitude"].strip(), row["longitude"].strip())
        ),
        "source": f"nasa_firms_{instrument}", "published": moment, "stance": "observes", "act": "burning",
        "start": moment, "time_sd_min": "5", "lat": row["latitude"], "lon": row["longitude"],
        "radius_km": f"{radius:.3f}", "place_of": "impact", "means": "satellite",
        "obtained": row.get("obtained", ""), "url": row.get("url", ""),
        **{f"firms_{k}": row[k].strip() for k in ("confidence", "frp", "daynight", "type", "version") if row.get(k, "").strip()},
    }  # fmt: skip
    return (Draft("claims", cells),)


def _instrument(row: Mapping[str, str]) -> str:
    told = row.get("instrument", "").strip().lower()
    if told in _PIXEL_KM:
        return told
    return "viirs" if "bright_ti4" in row or row["confidence"].strip().lower()[:1] in {"l", "n", "h"} else "modis"


def _radius_km(row: Mapping[str, str], instrument: str) -> float | Fault:
    """Half the diagonal of the pixel: the fire is somewhere in it."""
    sides = []
    for name in ("scan", "track"):
        told = row.get(name, "").strip()
        try:
            side = float(told) if told else _PIXEL_KM[instrument]
        except ValueError:
            side = math.nan
        if not 0 < side < 100:
            return Fault(f"{told!r} is no size of a pixel", f"Write {name} in km, or leave it empty", field=name)
        sides.append(side)
    return math.hypot(*sides) / 2


ADAPTERS = (Adapter("firms", "NASA FIRMS active fires (MODIS, VIIRS)", _detect, _convert, SOURCES, _LICENCE),)
