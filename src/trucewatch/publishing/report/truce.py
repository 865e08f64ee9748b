"""Which texts are in force at the end of a report's day, since when, and which day of the truce it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from trucewatch.agreement import Agreement
from trucewatch.model.times import from_us, report_day, zone
from trucewatch.publishing.view import View


@dataclass(frozen=True, slots=True)
class Truce:
    """An agreement in force: since when (microseconds), and the first report day that it touches."""

    agreement: Agreement
    position: int
    began: int
    first_day: date
    times: Mapping[str, int | None]

    def day_number(self, day: date) -> int:
        """Which report day of it `day` is, from 1."""
        return (day - self.first_day).days + 1


def in_force(view: View) -> list[Truce]:
    """Agreements in force at the end of the day: the newest of the chain first, then those that stand beside it."""
    begun = []
    for position, agreement in enumerate(view.agreements, 1):
        times = agreement.event_times(view.clocks.events.get(agreement.id, {}))
        began = agreement.began(times)
        ended = view.clocks.ends.get(agreement.id)
        if began is None or began >= view.end_us or (ended is not None and ended < view.end_us):
            continue
        begun.append(Truce(agreement, position, began, _day_of(view, began), times))
    begun.sort(key=lambda t: (t.began, t.position), reverse=True)
    if not begun:
        return []
    newest = begun[0]
    return [newest, *(t for t in begun[1:] if t.agreement.id in newest.agreement.beside)]


def _day_of(view: View, moment: int) -> date:
    """The report day that holds a moment."""
    config = view.config
    day = from_us(moment).astimezone(zone(config.timezone)).date()
    return day if moment < report_day(day, config.report_cutoff, config.timezone)[1] else day + timedelta(days=1)


def days_until(view: View, first: date, most: int) -> list[date]:
    """Report days from `first` to the view's, at most the last `most` of them."""
    count = min(max((view.day - first).days + 1, 1), most)
    return [view.day - timedelta(days=k) for k in range(count - 1, -1, -1)]
