"""Instants as integer microseconds since 1970 UTC; RFC 3339 text at the edges.

A bare date is a day in the source's zone. It is never guessed which hour was meant: the day stays an interval (L7).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BARE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})\Z")


class TimeFault(ValueError):
    """A time that cannot be read; the text says what was found and `remedy` what to write."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name; `TimeFault` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise TimeFault(f"no time zone is called {name!r}", "Write an IANA name such as Asia/Baku") from e


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def from_us(us: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


def is_bare_date(text: str) -> bool:
    """Whether the text is a date without a clock time."""
    return bool(_BARE.match(text))


@lru_cache(maxsize=4096)
def day_bounds(text: str, tz: str) -> tuple[int, int]:
    """First and last (exclusive) instant of the local day `text` in zone `tz`, in microseconds."""
    try:
        day = date.fromisoformat(text)
        z = zone(tz)
        start = datetime(day.year, day.month, day.day, tzinfo=z)
        following = day + timedelta(days=1)
    except (ValueError, OverflowError) as e:
        if isinstance(e, TimeFault):
            raise
        raise TimeFault(f"{text!r} is not a day of the calendar", "Write YYYY-MM-DD") from e
    return to_us(start), to_us(datetime(following.year, following.month, following.day, tzinfo=z))


def parse_instant(text: str) -> int:
    """Microseconds of an RFC 3339 time with offset; `TimeFault` for anything else, a missing offset named as such."""
    if not _INSTANT.match(text):
        if re.match(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", text):
            raise TimeFault(
                f"the time {text!r} has no offset from UTC", "Add it, as in 2020-10-10T12:00:00+04:00 or ...Z"
            )
        raise TimeFault(f"{text!r} is not a time", "Write RFC 3339, as in 2020-10-10T12:00:00+04:00")
    try:
        return to_us(datetime.fromisoformat(text.upper().replace(" ", "T")))
    except (ValueError, OverflowError) as e:
        raise TimeFault(f"{text!r} is not a time of the calendar", "Check month, day, hour and offset") from e


def format_instant(us: int) -> str:
    """RFC 3339 in UTC with Z; fractions only where there are any."""
    moment = from_us(us)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if moment.year < 1000:
        text = f"{moment.year:04d}" + text[text.index("-") :]
    if moment.microsecond:
        text += f".{moment.microsecond:06d}".rstrip("0")
    return text + "Z"


_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?\Z"
)


def parse_duration(text: str) -> int:
    """Microseconds of an ISO 8601 duration of weeks, days, hours, minutes, seconds (`P14D`, `PT24H`)."""
    m = _DURATION.match(text)
    if not m or text in {"P", "-P"} or text.endswith("T"):
        raise TimeFault(f"{text!r} is not a duration", "Write ISO 8601, as in P14D, PT24H or P1W")
    w, d, h, mi, s = (int(m[g] or 0) for g in ("w", "d", "h", "m", "s"))
    us = (((w * 7 + d) * 24 + h) * 60 + mi) * MINUTE + s * SECOND
    return -us if m["sign"] else us


def report_day(day: date, cutoff: str, tz: str) -> tuple[int, int]:
    """Begin and end, microseconds, of the report day `day`: [day - 1, day) at `cutoff` (HH:MM) in zone `tz`."""
    hour, minute = map(int, cutoff.split(":"))
    days = (day - timedelta(days=1), day)
    start, end = (to_us(datetime(d.year, d.month, d.day, hour, minute, tzinfo=zone(tz))) for d in days)
    return start, end
