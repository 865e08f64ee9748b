"""What lasted throughout an interval: it counts if it counted at any moment of it, under the zones, exceptions and
notices of that moment. So an exception for a part of it leaves the rest, and two phases are not added up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from trucewatch.judging.draws import DRAWS
from trucewatch.judging.lawful import Notice
from trucewatch.judging.phases import Phase, Share, Sure
from trucewatch.judging.placing import Placing
from trucewatch.judging.scope import Bounds, Incidents, Span, overlapping
from trucewatch.judging.states import NEVER
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

Told = tuple[Notice, Array, Bounds]  # a notice, which incidents it may explain, and how much of their place


def needs_moments(
    incidents: Incidents, phases: Sequence[Phase], reached: Array, rows: Array, times: Sequence[Bounds]
) -> Array:
    """Which of some incidents lasted while zones, an exception or a notice began or ended. `reached`: by a notice."""
    lasted = np.asarray(incidents.table["throughout"][rows])
    if not lasted.any():
        return lasted
    several = np.sum([time[1] > 0 for time in times], axis=0)
    timed = any(e.spans is not None for phase in phases for share in phase.shares for e in share.excepts)
    return np.asarray(lasted & (several > 0) & ((several > 1) | timed | reached))


def of_any_moment(incidents: Incidents, phases: Sequence[Phase], notices: Sequence[Notice], rows: Array) -> Floats:
    """The three sums of `inside.in_scope`, each (low, high), for some incidents that lasted: [sum, bound, incident].

    For each draw of the place the greatest over all moments of place x (1 - exceptions) x (1 - notices); zones that
    stood one after the other are uncertain together, so that no two of them give more than the better one.
    """
    out = np.zeros((3, 2, rows.size))
    signature = incidents.signature[rows]
    told = [_of_notice(incidents, notice, rows) for notice in notices]
    for shares in zip(*(phase.shares for phase in phases), strict=True):
        weight = shares[0].low[signature], shares[0].high[signature]
        if not weight[1].any():
            continue
        for bound in (0, 1):
            most = np.zeros((3, rows.size, DRAWS))
            for phase, share in zip(phases, shares, strict=True):
                for on, parts in _moments(incidents, phase.due[bound], share, told, rows, bound):
                    for k, part in enumerate(parts):
                        most[k, on] = np.maximum(most[k, on], part[on])
            out[:, bound] += weight[bound] * most.mean(axis=2)
    return out


def _moments(
    incidents: Incidents, due: Sequence[Span], share: Share, told: Sequence[Told], rows: Array, bound: int
) -> Iterator[tuple[Array, tuple[Floats, Floats, Floats]]]:
    """For each span in which nothing begins or ends: which incidents lasted in it, and what counts of their draws."""
    first, last = incidents.table["start"][rows], incidents.table["end"][rows]
    taken = [None if e.zone is None else e.zone.draws(rows) for e in share.excepts]
    place = None
    for begin, end in pairwise(_edges(share, [notice for notice, _, _ in told])):
        on = overlapping(_clipped(due, begin, end), first, last)[2]
        if not on.any():
            continue
        place = share.placing.draws(rows)[bound] if place is None else place
        left, unlawful = np.ones_like(place), np.ones_like(place)
        for exempt, sure, zone in zip(share.excepts, share.excepted, taken, strict=True):
            if exempt.holds_in(begin, end):
                left = left * (1.0 - taken_by(sure, zone, 1 - bound))
        for (notice, at, explained), sure in zip(told, share.announced, strict=True):
            if _announced(notice, begin, end, 1 - bound):
                unlawful[at] *= 1.0 - taken_by(sure, explained, 1 - bound)
        yield on, (place * left, place * left * unlawful, place * unlawful)


def taken_by(sure: Sure, taken: Bounds | None, bound: int) -> Floats:
    """Chance that an exception or notice takes a draw: its act (surely, maybe) and its place."""
    return np.asarray(float(sure[bound]) * (1.0 if taken is None else taken[bound]))


def _edges(share: Share, notices: Sequence[Notice]) -> list[int]:
    """All times at which an exception or a notice begins or ends."""
    spans = [span for e in share.excepts for span in e.spans or ()]
    spans += [(n.start, n.end) for n in notices]
    edges = {t for span in spans for t in span if t is not None} | {n.published for n in notices if n.published}
    return [-NEVER, *sorted(t for t in edges if -NEVER < t < NEVER), NEVER]


def _clipped(spans: Sequence[Span], first: int, last: int) -> list[Span]:
    """The parts of spans that lie in [first, last)."""
    parts = [(max(start, first), last if end is None else min(end, last)) for start, end in spans]
    return [(start, end) for start, end in parts if start < end]


def _announced(notice: Notice, first: int, last: int, bound: int) -> bool:
    """Whether a notice covers all of [first, last): surely only from when it was published (bound 0)."""
    start = notice.start
    if bound == 0:
        if notice.published is None:
            return False
        start = max(start, notice.published)
    return start <= first and last <= notice.end


def _of_notice(incidents: Incidents, notice: Notice, rows: Array) -> Told:
    """Which of some incidents a notice may explain, and how much of each draw of their place it holds."""
    near = np.zeros(incidents.n, dtype=bool)
    near[notice.reaches(incidents)] = True
    at = np.flatnonzero(near[rows])
    every = np.ones(incidents.n, dtype=bool)
    return notice, at, Placing(((incidents.places, every),), notice.zone).draws(rows[at])
