"""NASA FIRMS active fires (MODIS, VIIRS): each row of a satellite's pass is a claim that something burned there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft, Head
from trucewatch.model.errors import Fault

_LICENCE = (
    "We acknowledge the use of data from NASA's Fire Information for Resource Management System (FIRMS), "
    "https://earthdata.nasa.gov/firms, part of NASA's Earth Science Data and Information System (ESDIS); "
    "the data are free and open"
)
_NEEDED = frozenset({"latitude", "longitude", "acq_date"})
_FURTHER = frozenset({"acq_time", "confidence", "frp", "brightness", "bright_ti4"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_CLOCK = re.compile(r"(?:(?:[01]?\d|2[0-3])?[0-5])?\d\Z")
# FIRMS gives fires out within about three hours of the pass; a table that reached us later tells it in `obtained`.
_DELAY = timedelta(hours=3)
# What is hot at all times tells of no single event (types of the standard product).
_STATIC = {"1": "volcano", "2": "static heat source on land", "3": "heat source offshore"}
_KEPT = ("confidence", "frp", "daynight", "type", "version")
# Side of a pixel at nadir, km; it grows towards the edge of the swath, where `scan` and `track` tell it.
_PIXEL_KM = {"modis": 1.0, "viirs": 0.375}


def _source(id_: str, name: str) -> dict[str, str]:
    return {"source": id_, "name": name, "role": "satellite", "tz": "UTC", "handling": "public"}


SOURCES = (
    _source("nasa_firms_modis", "NASA FIRMS, MODIS active fires"),
    _source("nasa_firms_viirs", "NASA FIRMS, VIIRS active fires"),
    _source("nasa_firms", "NASA FIRMS, active fires of an instrument that is not told"),
)


def _detect(head: Head) -> float:
    names = set(head.header)
    if not names >= _NEEDED:
        return 0.0
    return 1.0 if names & _FURTHER or names == _NEEDED else 0.5


def _convert(row: Mapping[str, str], _: AdapterContext) -> Iterable[Draft] | Fault:
    """One hot pixel as one claim of `burning`, dated by the pass; static sources are kept as speaking of no event."""
    if row["acq_date"].startswith("#"):
        return ()  # an HXL tag row
    times = _times(row)
    if isinstance(times, Fault):
        return times
    instrument = _instrument(row)
    radius = _radius_km(row, instrument)
    if isinstance(radius, Fault):
        return radius
    static = _STATIC.get(row.get("type", "").strip())
    passed = re.sub(r"\D", "", times["start"])[:12]
    satellite = row.get("satellite", "").strip() or instrument or "fire"
    cells = {
        "claim_id": "-".join((passed, satellite, row["latitude"].strip(), row["longitude"].strip())),
        "source": f"nasa_firms_{instrument}".rstrip("_"), "stance": "observes", "act": "burning", **times,
        "lat": row["latitude"], "lon": row["longitude"], "radius_km": f"{radius:.3f}", "place_of": "impact",
        "means": "satellite", "obtained": row.get("obtained", ""), "url": row.get("url", ""),
        "cumulative": "true" if static else "", "target": static or "",
        **{f"firms_{k}": row[k].strip() for k in _KEPT if row.get(k, "").strip()},
    }  # fmt: skip
    return (Draft("claims", cells),)


def _times(row: Mapping[str, str]) -> dict[str, str] | Fault:
    """When the satellite passed and when FIRMS told it; where the table has no clock, the whole day (UTC)."""
    day, clock = row["acq_date"].strip(), row.get("acq_time", "").strip().replace(":", "")
    if not _DAY.match(day):
        return Fault(f"{day!r} is not a day", "Write acq_date as YYYY-MM-DD", field="acq_date")
    if clock and not _CLOCK.match(clock):
        return Fault(f"{clock!r} is not a time of day", "Write acq_time as HHMM in UTC", field="acq_time")
    hhmm = clock.zfill(4)  # tables lose leading zeros
    try:
        seen = datetime.fromisoformat(f"{day}T{hhmm[:2]}:{hhmm[2:]}").replace(tzinfo=UTC)
        if clock:
            return {"published": (seen + _DELAY).isoformat(), "start": seen.isoformat(), "time_sd_min": "5"}
        end = seen + timedelta(days=1)
        return {"published": (end + _DELAY).isoformat(), "start": seen.isoformat(), "end": end.isoformat()}
    except (ValueError, OverflowError):
        return Fault(f"{day!r} is not a day of the calendar", "Correct acq_date", field="acq_date")


def _instrument(row: Mapping[str, str]) -> str:
    """`modis`, `viirs`, or empty where neither a name, a column nor the kind of confidence tells it."""
    told = row.get("instrument", "").strip().lower()
    if told in _PIXEL_KM:
        return told
    confidence = row.get("confidence", "").strip().lower()
    if "bright_ti4" in row or confidence[:1] in {"l", "n", "h"}:
        return "viirs"
    return "modis" if "bright_t31" in row or confidence.isdigit() else ""


def _radius_km(row: Mapping[str, str], instrument: str) -> float | Fault:
    """Half the diagonal of the pixel: the fire is somewhere in it."""
    sides = []
    for name in ("scan", "track"):
        told = row.get(name, "").strip()
        try:
            side = float(told) if told else _PIXEL_KM.get(instrument, 1.0)
        except ValueError:
            side = math.nan
        if not 0 < side < 100:
            return Fault(f"{told!r} is no size of a pixel", f"Write {name} in km, or leave it empty", field=name)
        sides.append(side)
    return math.hypot(*sides) / 2


ADAPTERS = (Adapter("firms", "NASA FIRMS active fires (MODIS, VIIRS)", _detect, _convert, SOURCES, _LICENCE),)
