"""UCDP GED, events with at least one death: what the press told of both sides together, without a direction.

An event says that people died in violence between two sides, not who began: nobody is accused, and a side is named as
victim only where all the dead were its own. Columns differ between releases and are matched by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft, Head
from trucewatch.model.errors import Fault
from trucewatch.model.times import TimeFault, day_bounds, format_instant

SOURCE = {
    "source": "ucdp_ged", "name": "Uppsala Conflict Data Program, Georeferenced Event Dataset", "role": "ngo",
    "tz": "UTC", "handling": "public",
}  # fmt: skip
_LICENCE = (
    "UCDP GED is published under CC BY 4.0; cite Sundberg, R. and Melander, E. (2013), Introducing the UCDP "
    "Georeferenced Event Dataset, Journal of Peace Research 50(4), 523-532, https://ucdp.uu.se"
)
_NEEDED = frozenset({"id", "type_of_violence", "where_prec", "date_prec", "date_start", "date_end"})
# where_prec -> radius in km of the circle that holds the place with 95 %: 1 a named point, 2 near it (about 25 km),
# 3 a district, 4 a region, 5 a line or a loosely told area, 6 a country, 7 open sea or air. Chosen wide on purpose.
RADIUS_KM = {"1": 5, "2": 25, "3": 50, "4": 120, "5": 120, "6": 500, "7": 500}
# date_prec -> the least number of days in which the event must be sought: 1 the day, 2 within 2 to 6 days, 3 a week,
# 4 within 8 to 30 days, 5 more than a month. The interval told is kept where it is longer.
LEAST_DAYS = {"1": 1, "2": 2, "3": 7, "4": 8, "5": 31}
# Type of violence -> act: state-based and non-state fighting is force of unknown means; one-sided is against civilians.
ACTS = {"1": "fire", "2": "fire", "3": "harm_to_civilians"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEPT = ("relid", "dyad_name", "side_a", "side_b", "where_prec", "date_prec", "event_clarity", "best")


def _detect(head: Head) -> float:
    return 1.0 if set(head.header) >= _NEEDED else 0.0


def _convert(row: Mapping[str, str], context: AdapterContext) -> Iterable[Draft] | Fault:
    """One event as one claim that passes on what others said (`reports`)."""
    if row["id"].startswith("#") or row["date_start"].startswith("#"):
        return ()  # the HXL tag row of exports from the Humanitarian Data Exchange
    act = ACTS.get(row["type_of_violence"].strip())
    if act is None:
        return _fault(row, "type_of_violence", "1, 2 or 3")
    radius = RADIUS_KM.get(row["where_prec"].strip())
    if radius is None:
        return _fault(row, "where_prec", "1 to 7")
    if row["date_prec"].strip() not in LEAST_DAYS:
        return _fault(row, "date_prec", "1 to 5")
    times = _times(row, context)
    if isinstance(times, Fault):
        return times
    cells = {
        "claim_id": row["id"].strip(), "source": SOURCE["source"], "stance": "reports", "act": act, **times,
        "lat": row.get("latitude", ""), "lon": row.get("longitude", ""),
        "place": row.get("where_coordinates", ""),
        "place_of": "impact", "means": "told", "obtained": row.get("obtained", ""),
        **_deaths(row), **_victims(row, context),
        **{f"ged_{k}": row[k].strip() for k in _KEPT if row.get(k, "").strip()},
    }  # fmt: skip
    if cells["lat"].strip():
        cells["radius_km"] = str(radius)
    return (Draft("claims", cells),)


def _fault(row: Mapping[str, str], column: str, allowed: str) -> Fault:
    return Fault(f"{row[column]!r} is no {column}", f"UCDP GED has {allowed} here", field=column)


def _deaths(row: Mapping[str, str]) -> dict[str, str]:
    """Fewest and most dead. Where the release itself contradicts itself (low 2, best 2, high 1 occurs) the range holds
    every number told, and what stood there is kept beside it."""
    told = {k: _first(row, k, f"{k}_est") for k in ("low", "best", "high")}
    numbers = [n for n in map(_count, told.values()) if n is not None]
    if len(numbers) < 3 or numbers == sorted(numbers):
        return {"killed_low": told["low"], "killed_high": told["high"]}
    mended = {"killed_low": str(min(numbers)), "killed_high": str(max(numbers))}
    return {**mended, "ged_low": told["low"], "ged_high": told["high"]}


def _first(row: Mapping[str, str], *names: str) -> str:
    return next((row[n].strip() for n in names if row.get(n, "").strip()), "")


def _times(row: Mapping[str, str], context: AdapterContext) -> dict[str, str] | Fault:
    """Start and end in the mission's zone, and when it was said: the last press report named, else the last day.

    An event bears no date of publication of its own.
    """
    days: dict[str, date] = {}
    for name in ("date_start", "date_end"):
        found = _DAY.match(row[name].strip())
        try:
            days[name] = date.fromisoformat(found[0] if found else "")
        except ValueError:
            return Fault(f"{row[name]!r} is not a day", "Write YYYY-MM-DD", field=name)
    first, last = days["date_start"], days["date_end"]
    if last < first:
        return Fault("the event ends before it starts", "Correct date_start or date_end", field="date_end")
    short = LEAST_DAYS[row["date_prec"].strip()] - ((last - first).days + 1)
    if short > 0:
        first, last = first - timedelta(days=short // 2), last + timedelta(days=short - short // 2)
    told = [d for d in _DAY.findall(row.get("source_date", "")) if d > days["date_end"].isoformat()]
    said = max([days["date_end"].isoformat(), *told])
    try:
        start = day_bounds(first.isoformat(), context.timezone)[0]
        end = day_bounds(last.isoformat(), context.timezone)[1]
        published = row.get("published", "").strip() or format_instant(day_bounds(said, context.timezone)[1])
    except TimeFault as e:
        return Fault(str(e), e.remedy, field="source_date")
    return {"published": published, "start": format_instant(start), "end": format_instant(end)}


def _victims(row: Mapping[str, str], context: AdapterContext) -> dict[str, str]:
    """Who died, where all the dead were of one kind; else nothing."""
    dead = {k: _count(row.get(f"deaths_{k}", "")) for k in ("a", "b", "civilians", "unknown")}
    if any(n is None for n in dead.values()):
        return {}
    some = {k for k, n in dead.items() if n}
    if some == {"civilians"}:
        return {"who": "civilian"}
    if some in ({"a"}, {"b"}):
        side = row.get(f"side_{some.pop()}", "").strip()
        actor = context.actor_by_alias.get(side.casefold()) or (f"other:{side}" if side else "")
        return {"victim": actor, "who": "combatant"}
    return {"who": "combatant"} if some == {"a", "b"} else {}


def _count(text: str) -> int | None:
    stripped = text.strip().removesuffix(".0")
    return int(stripped) if stripped.isdigit() else None


ADAPTERS = (Adapter("ged", "UCDP GED, lethal events", _detect, _convert, (SOURCE,), _LICENCE),)
