"""Which texts are in force at the end of a report's day, since when, and which day of the truce it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from trucewatch.agreement import Agreement
from trucewatch.judging.cases import by_finding
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
    """Agreements in force at the end of the day: the newest of the chain first, then those that stand beside it, and
    those of which a term still binds (a local window of silence lets the truce around it stand)."""
    begun = []
    for truce in begun_truces(view):
        ended = view.clocks.ends.get(truce.agreement.id)
        if ended is None or ended >= view.end_us:
            begun.append(truce)
    begun.sort(key=lambda t: (t.began, t.position), reverse=True)
    judged, binding = _binding(view)
    # A text that is over by its own duration, or rests, binds nobody; of one without a judged term no clock tells that.
    begun = [t for t in begun if t.agreement.id in binding or t.agreement.id not in judged]
    if not begun:
        return []
    newest = begun[0]
    beside = newest.agreement.beside | binding
    return [newest, *(t for t in begun[1:] if t.agreement.id in beside)]


def begun_truces(view: View) -> list[Truce]:
    """Agreements that have begun before the end of the report's days, in the order of the chain, ended or not."""
    out = []
    for position, agreement in enumerate(view.agreements, 1):
        times = agreement.event_times(view.clocks.events.get(agreement.id, {}))
        began = agreement.began(times)
        if began is not None and began < view.end_us:
            out.append(Truce(agreement, position, began, day_of(view, began), times))
    return out


def _binding(view: View) -> tuple[set[str], set[str]]:
    """Agreements with judged terms whose clocks are set, and those of them of which a term binds at the day's end."""
    judged, binding = set(), set()
    for readings in by_finding(view.agreements, view.clocks):
        for case in readings:
            judged.add(case.agreement.id)
            if any(s < view.end_us and (e is None or e >= view.end_us) for s, e in case.spans):
                binding.add(case.agreement.id)
    return judged, binding


def day_of(view: View, moment: int) -> date:
    """The report day that holds a moment."""
    config = view.config
    day = from_us(moment).astimezone(zone(config.timezone)).date()
    return day if moment < report_day(day, config.report_cutoff, config.timezone)[1] else day + timedelta(days=1)


def days_until(view: View, first: date, most: int) -> list[date]:
    """Report days from `first` to the view's, at most the last `most` of them."""
    count = min(max((view.day - first).days + 1, 1), most)
    return [view.day - timedelta(days=k) for k in range(count - 1, -1, -1)]
