"""The table `trends`: for each term that forbids acts, each of its acts and each sector, whether the truce holds.

Made from the derived tables and the records behind them, when they are read: a new claim need not wait for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement, Term
from trucewatch.judging.rulings import Clocks
from trucewatch.mission.context import Context
from trucewatch.mission.sectors import ALL, sectors_of
from trucewatch.mission.watching import Watching, watching
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Rows
from trucewatch.model.times import DAY
from trucewatch.trends import BASELINE_GAP_DAYS, Days, Trend, trend

_ANNOUNCED = ("announced", "signed")  # events that tell when a truce was known to come
_WATCHED = 0.05  # of the exposure of the best watched sector
_TOGETHER = 0.5  # share of the chances of a false word that all sectors as one may spend


def trend_rows(context: Context, tables: Mapping[str, Rows], claims: Sequence[Any], clocks: Clocks) -> Rows:
    """Rows in the order of agreements, terms and acts; all sectors as one first where there are several."""
    out: list[list[Any]] = []
    if not claims and not context.coverage:
        return Rows(OUTPUTS["trends"], [[] for _ in OUTPUTS["trends"]])
    places = (np.array(tables["incidents"].column(k), dtype=float) for k in ("lon", "lat"))
    areas = sectors_of(context, *places)
    watched = watching(context, tables, claims)
    held: dict[tuple[str, str], tuple[Days, Days]] = {}
    for agreement in context.mission.agreements:
        times = agreement.event_times(clocks.events.get(agreement.id, {}))
        began = agreement.began(times)
        for term in agreement.terms:
            start, told = term.window(times)
            if not _counted(term) or start is None or began is None:
                continue
            end = clocks.end(agreement, term.id, told, times)
            notice = min([began, *(t for name in _ANNOUNCED if (t := times.get(name)) is not None)])
            for act in term.acts:
                series = {}
                for name, area in _within(areas, term, agreement):
                    key = (name if term.where.zone is None else f"{name}/{term.where.zone}", act)
                    if key not in held:
                        held[key] = watched.series(name, area, act)
                    series[name] = held[key]
                out += _rows(term, act, series, watched, (start, end), notice)
    return Rows(OUTPUTS["trends"], list(zip(*out, strict=True)) if out else [[] for _ in OUTPUTS["trends"]])


def _counted(term: Term) -> bool:
    """Whether incidents of a term are such that observers count them: it forbids acts, whoever does them."""
    return term.judged and bool(term.acts) and term.kind in ("prohibition", "freeze")


def _within(areas: Mapping[str, Any], term: Term, agreement: Agreement) -> Iterator[tuple[str, Any]]:
    """Sectors as far as they lie in the term's zone."""
    zone = None if term.where.zone is None or term.where.outside else agreement.zones.get(term.where.zone)
    for name, area in areas.items():
        if zone is None or zone.geometry is None or zone.geometry.area == 0:
            yield name, area
        elif zone.geometry.intersection(area).area > 0:
            yield name, zone.geometry.intersection(area)


def _rows(
    term: Term, act: str, series: Mapping[str, tuple[Days, Days]], watched: Watching, window: tuple[int, int | None],
    notice: int,
) -> list[list[Any]]:  # fmt: skip
    start, end = window
    starts, ends = [s for _, s, _ in watched.days], [e for _, _, e in watched.days]
    before = sum(e <= notice - BASELINE_GAP_DAYS * DAY for e in ends)
    since = sum(s < start for s in starts)
    until = len(ends) if end is None else sum(e <= end for e in ends)
    until = max(since, min(until, sum(e <= watched.known for e in ends)))
    many = len(series) > 1
    named = (
        [(ALL, (_beside([s for s, _ in series.values()]), _summed([w for _, w in series.values()])))] if many else []
    )
    out = []
    for name, (strata, whole) in [*named, *series.items()]:
        share = 1.0 if not many else _TOGETHER if (name, many) == (ALL, True) else (1 - _TOGETHER) / len(series)
        rows = np.arange(until)
        found = trend(strata.take(rows), whole.take(rows), min(before, since), since, share)
        first, last = (starts[found.first], ends[found.last]) if found.last >= found.first else (start, start)
        out.append(_row(term, name, act, max(first, start), last, found))
    return out


def _beside(series: Sequence[Days]) -> Days:
    """Sectors as strata beside each other: what is seen of a quiet and of a busy one may shift from day to day."""
    return Days(np.hstack([s.count for s in series]), np.hstack([s.exposure for s in series]))


def _summed(series: Sequence[Days]) -> Days:
    """All sectors as one: a day of full coverage is one of all of them that anybody watched; of the others nothing is
    known, and nothing is lent to them."""
    most = max(s.total for s in series)
    watched = [s for s in series if s.total >= _WATCHED * most] if most else series
    counts, exposure = np.array([s.count for s in series]), np.array([s.exposure for s in watched])
    return Days(counts.sum(axis=0), exposure.mean(axis=0))


def _row(term: Term, sector: str, act: str, start: int, end: int, found: Trend) -> list[Any]:
    rate, ratio = ([_rounded(v) for v in part or (None,) * 3] for part in (found.rate, found.ratio))
    exposure = round(found.exposure, 4)
    return [
        term.id, sector, act, start, end, found.observed, exposure, *rate, *ratio, found.verdict, found.days_needed
    ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    """Four digits that count: a rate of one a year is not shown as nothing. Unknown where nothing limits it."""
    if value is None or not math.isfinite(value) or value > 1e9:
        return None
    return float(f"{value:.4g}")
