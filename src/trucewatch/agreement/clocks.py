"""Times of a text: instants, events and what is counted from them, durations of the calendar, hours of the day.

A month or year is counted on the calendar of the agreement's time zone, to the same day, or to the last day of a
shorter month (as RFC 5545 and ISO 8601 leave it to a convention, this one is stated here); days and hours are lengths.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from trucewatch.model.times import DAY, HOUR, MINUTE, SECOND, TimeFault, from_us, to_us, zone

_SPAN = re.compile(
    r"(?P<sign>-)?P(?:(?P<Y>\d+)Y)?(?:(?P<M>\d+)M)?(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?\Z"
)
_CENTURY = 100 * 366 * DAY  # a longer duration is a slip of the pen
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Span:
    """A duration as written (`P14D`, `PT24H`, `P6M`): whole months of the calendar and microseconds beside them."""

    text: str
    months: int = 0
    us: int = 0

    def after(self, at: int, tz: str = "UTC") -> int:
        """The instant (microseconds) that lies this long after another one."""
        return months_after(at, self.months, tz) + self.us

    @property
    def about_us(self) -> int:
        """Its length in microseconds, a month taken as 30.4375 days: for ordering and for reminders only."""
        return round(self.months * 30.4375 * DAY) + self.us


def parse_span(text: str) -> Span:
    """The duration of ISO 8601 words; `TimeFault` for others ("two weeks") and for more than a century."""
    m = _SPAN.match(text)
    if not m or text.endswith(("P", "T")):
        raise TimeFault(f"{text[:60]!r} is not a duration", "Write ISO 8601, as in P14D, PT24H, P2W or P6M")
    y, mo, w, d, h, mi, s = (min(int(m[g] or 0), 10**9) for g in "YMWDhms")
    months, us = 12 * y + mo, (w * 7 + d) * DAY + h * HOUR + mi * MINUTE + s * SECOND
    if months > 1200 or us > _CENTURY:
        raise TimeFault(f"{text[:60]!r} is longer than a century", "Check the number of days")
    sign = -1 if m["sign"] else 1
    return Span(text, sign * months, sign * us)


_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day", "h": "hour", "m": "minute", "s": "second"}


def units(text: str) -> list[tuple[str, int]]:
    """The units of a duration as written, greatest first: `PT150H` = [(hour, 150)]; empty for other words."""
    m = _SPAN.match(text)
    return [] if m is None else [(unit, int(m[group])) for group, unit in _UNITS.items() if m[group]]


def months_after(at: int, months: int, tz: str) -> int:
    """The instant so many calendar months later on the clock of a time zone, microseconds."""
    if not months:
        return at
    moment = from_us(at).astimezone(zone(tz))
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return to_us(moment.replace(year=year, month=month + 1, day=day))


@dataclass(frozen=True, slots=True)
class When:
    """A time in microseconds, or an event and what is counted from it: calendar months first, then microseconds.
    `text`: the duration as written."""

    at: int | None = None
    event: str | None = None
    plus: int = 0
    months: int = 0
    tz: str = "UTC"
    text: str = field(default="", compare=False)

    def resolve(self, events: Mapping[str, int | None]) -> int | None:
        """The instant, in microseconds; None while its event has no time."""
        base = self.at if self.event is None else events.get(self.event)
        return None if base is None else months_after(base, self.months, self.tz) + self.plus

    def later(self, span: Span) -> When:
        """The time that lies a duration later."""
        text = f"{self.text} {span.text}".strip()
        return When(self.at, self.event, self.plus + span.us, self.months + span.months, self.tz, text)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that times refer to: `when` is None while nobody has set it; `at` is what the file makes of it, us."""

    id: str
    when: When | None
    set_by: str | None = None
    at: int | None = None


def event_times(events: Iterable[Event], decided: Mapping[str, int]) -> dict[str, int | None]:
    """Event id -> microseconds or None; one may stand on another; times that people decided win over the file's,
    under every reading of it (`NAME@READING`)."""
    every = list(events)
    of_all = {e.id: decided[base] for e in every if (base := e.id.partition("@")[0]) in decided}
    times: dict[str, int | None] = {**{e.id: None for e in every}, **of_all, **decided}
    open_ = [e for e in every if e.when is not None and times[e.id] is None]
    while open_:  # each round settles at least one, or nothing more can be settled
        for event in open_:
            times[event.id] = event.when.resolve(times) if event.when is not None else None
        left = [e for e in open_ if times[e.id] is None]
        if len(left) == len(open_):
            break
        open_ = left
    return times


@dataclass(frozen=True, slots=True)
class Renewal:
    """How a duration renews itself: for how long each time (None: free words), what ends it, how often at most."""

    every: Span | None
    words: str
    unless_notice: str | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long something holds: `until`, or `length` from its start; with `renews` perhaps longer."""

    until: When | None = None
    length: Span | None = None
    renews: Renewal | None = None

    def first_end(self, start: When | None) -> When | None:
        """When it ends if it is never renewed; None where it does not say."""
        if self.until is not None or self.length is None:
            return self.until
        return (start or When(event="in_force")).later(self.length)

    def end(self, start: When | None) -> When | None:
        """When it ends for certain, renewed as often as it may be; None where it may be renewed without end, or does
        not say."""
        end = self.first_end(start)
        if self.renews is None or end is None:
            return end
        if self.renews.times is None or self.renews.every is None:
            return None
        for _ in range(self.renews.times):
            end = end.later(self.renews.every)
        return end

    def sure_until(self, start: When | None) -> When | None:
        """Up to when it holds for certain, where somebody has to renew it: afterwards nobody knows until people tell.
        None where it renews itself unless notice is given, or is not renewed at all."""
        if self.renews is None or self.renews.unless_notice is not None:
            return None
        return self.first_end(start)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day on the agreement's clock: minutes after midnight [start, end); `end` may lie on the next day.
    `days`: positions in `DAYS`; empty = every day."""

    start: int
    end: int
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Recurring hours. Without `windows` the hours are not told (`per_day`: how long each day): nobody knows when."""

    per_day: Span | None = None
    per: Span | None = None
    windows: tuple[Window, ...] = ()
    when: str | None = None

    def spans(self, start: int, end: int, tz: str) -> Iterator[tuple[int, int]]:
        """The windows that lie in [start, end), cut to it, in order; microseconds. None told: none given."""
        day = from_us(start).astimezone(zone(tz)).date() - timedelta(days=2)
        last = from_us(end).astimezone(zone(tz)).date()
        found = []
        while day <= last:
            for window in self.windows:
                if not window.days or day.weekday() in window.days:
                    found.append((_clock(day, window.start, tz), _clock(day, window.end, tz)))
            day += timedelta(days=1)
        merged: list[tuple[int, int]] = []
        for first, stop in sorted(found):
            if merged and first <= merged[-1][1]:  # hours that overlap are told once
                first, stop = merged[-1][0], max(stop, merged.pop()[1])
            merged.append((first, stop))
        for first, stop in merged:
            if stop > start and first < end:
                yield max(first, start), min(stop, end)


def _clock(day: date, minutes: int, tz: str) -> int:
    day += timedelta(days=minutes // 1440)
    clock = divmod(minutes % 1440, 60)
    return to_us(datetime(day.year, day.month, day.day, *clock, tzinfo=zone(tz)))
