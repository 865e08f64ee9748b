"""When a time limit ends: calendar days on the agreement's clock, hours as lengths, suspensions taken out.

"Within three days" (P3D) ends at the same hour of the third day after, whatever the clocks did in between; "within 72
hours" (PT72H) is a length (ISO 8601-1:2019, 3.1.1.8 and 5.5.2: a day of the calendar need not have 24 hours).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from trucewatch.agreement.clocks import Span, units
from trucewatch.model.times import HOUR, MINUTE, SECOND, from_us, to_us, zone

Pause = tuple[int, int | None]  # [begin, end) in microseconds; end None = still so
_LENGTHS = {"hour": HOUR, "minute": MINUTE, "second": SECOND}


def due(at: int, span: Span, tz: str) -> int:
    """The instant (microseconds) at which a limit ends that runs from `at`: years, months, weeks and days on the clock
    of `tz`, then hours, minutes and seconds as lengths.

    Of an hour that comes twice when the clocks change the second is meant, and one that is left out is counted on: both
    are in favour of whoever must act.
    """
    months, days, length = _parts(span.text)
    end = at
    if months or days:
        z = zone(tz)
        wall = _later(from_us(at).astimezone(z).replace(tzinfo=None), months, days)
        end = max(to_us(wall.replace(tzinfo=z, fold=fold)) for fold in (0, 1))
    return end + length


@lru_cache(maxsize=256)
def _parts(text: str) -> tuple[int, int, int]:
    """Months and days of the calendar in a duration, and the rest as a length in microseconds."""
    told = dict(units(text))
    length = sum(told.get(unit, 0) * us for unit, us in _LENGTHS.items())
    return 12 * told.get("year", 0) + told.get("month", 0), 7 * told.get("week", 0) + told.get("day", 0), length


def _later(wall: datetime, months: int, days: int) -> datetime:
    """A wall time so many months, then days later; the last day of a shorter month."""
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    day = min(wall.day, monthrange(year, month + 1)[1])
    return wall.replace(year=year, month=month + 1, day=day) + timedelta(days=days)


def without(begin: int, end: int, pauses: Iterable[Pause]) -> int | None:
    """The end of a limit that began at `begin` and would end at `end`, moved on by the pauses that fall into it; None
    while one of them lasts."""
    for first, last in sorted(pauses, key=lambda p: p[0]):
        if first >= end or (last is not None and last <= begin):
            continue
        if last is None:
            return None
        end += last - max(first, begin)
    return end
