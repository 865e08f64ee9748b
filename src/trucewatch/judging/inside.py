"""P(in scope) of a case: one integral over the joint draws of place, time and act, with exceptions and notices.

Where factors hang on different draws, means are multiplied; where two hang on the same ones (a zone and the zone of an
exception, a window and a notice's hours), the product is taken draw by draw. What lasted throughout an interval in
which something begins or ends is looked at moment by moment (lasting.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trucewatch.judging.cases import Case
from trucewatch.judging.kinds import FIRED, by_fire, codes
from trucewatch.judging.lasting import needs_moments, of_any_moment, taken_by
from trucewatch.judging.lawful import Notice
from trucewatch.judging.phases import Phase, Share, phases
from trucewatch.judging.scope import Bounds, Incidents, covered
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

_CHUNK = 2048


@dataclass(frozen=True)
class Scope:
    """P over the rows of a case as (low, high): in scope; the same and not lawful by a notice; and the greatest that
    the latter could be if no exception held by itself."""

    scope: Bounds
    unlawful: Bounds
    unexcepted: Floats


def can_fall(incidents: Incidents, case: Case) -> Array:
    """Which incidents' acts can fall under a case: those of its kind; where what must not be there may have fired, fire
    of known origin too."""
    out = _with_acts(incidents, codes(case.term))
    return out | (_with_acts(incidents, FIRED) & incidents.origins.known) if by_fire(case.term) else out


def _with_acts(incidents: Incidents, codes: tuple[str, ...]) -> Array:
    """Which incidents may be an act that some codes cover."""
    if codes not in incidents.able:
        kinds = [(k, 1.0) for k in incidents.kinds if covered(k.atom.act, codes)[1]]
        incidents.able[codes] = incidents.by_signature(kinds)[incidents.signature] > 0
    return incidents.able[codes]


def exempted(case: Case, doer: str) -> tuple[int, ...]:
    """Positions of the exceptions that hold by themselves for what a doer does."""
    found = enumerate(case.term.excepts)
    return tuple(k for k, e in found if e.by_itself and (not e.actors or doer in e.actors))


def in_scope(
    incidents: Incidents, case: Case, exceptions: Sequence[int], notices: Sequence[Notice], rows: Array
) -> Scope:
    """The scope of a case over some incidents that can fall under it, less what the given exceptions take out."""
    total = _Total(rows.size)
    asked = np.zeros(incidents.n, dtype=bool)
    asked[rows] = True
    near = [n for n in notices if asked[n.reaches(incidents)].any()]
    reached = _reached(incidents, near, rows)
    parts = phases(incidents, case, exceptions, near)
    times = [phase.time(incidents, rows) for phase in parts]
    lasted = needs_moments(incidents, parts, reached, rows, times)
    for phase, time in zip(parts, times, strict=True):
        once = (time[0] * ~lasted, time[1] * ~lasted) if lasted.any() else time
        for share in phase.shares:
            _add(incidents, phase, share, near, reached, rows, once, total)
    for at in _chunks(np.flatnonzero(lasted)):
        total.sums[:, :, at] += of_any_moment(incidents, parts, near, rows[at])
    if case.hours_open:  # nobody knows whether it was within the hours
        total.sums[:, 0] = 0.0
    return total.scope()


def _chunks(at: Array) -> list[Array]:
    return [at[k : k + _CHUNK] for k in range(0, at.size, _CHUNK)]


def _reached(incidents: Incidents, notices: Sequence[Notice], rows: Array) -> Array:
    """Which of some incidents a notice may explain."""
    out = np.zeros(incidents.n, dtype=bool)
    for notice in notices:
        out[notice.reaches(incidents)] = True
    return out[rows]


def _add(
    incidents: Incidents, phase: Phase, share: Share, near: Sequence[Notice], reached: Array, rows: Array,
    time: Bounds, total: _Total,
) -> None:  # fmt: skip
    """Add what a share of the incidents' acts gives in a phase."""
    signature = incidents.signature[rows]
    at = np.flatnonzero((time[1] > 0) & (share.high[signature] > 0))
    if not at.size:
        return
    taken = [e.mean(incidents, rows[at]) for e in share.excepts]
    place = share.placing.mean(rows[at])
    now = time[0][at], time[1][at]
    slow = reached[at] | _hang_together(place, now, taken)
    weight = share.low[signature[at]], share.high[signature[at]]
    plain = [weight[b] * place[b] * now[b] for b in (0, 1)]
    fast = ~slow
    for bound in (0, 1):
        left = np.ones(at.size)
        for k, sure in enumerate(share.excepted):
            left = left * (1.0 - taken_by(sure, taken[k], 1 - bound))
        total.add(bound, plain[bound][fast], (left[fast], left[fast], 1.0), at[fast])
    for part in _chunks(np.flatnonzero(slow)):
        _jointly(incidents, phase, share, near, rows, at[part], (plain[0][part], plain[1][part]), total)


class _Total:
    """Sums over shares by (low, high): in scope, besides not lawful by a notice, the latter without exceptions."""

    def __init__(self, n: int) -> None:
        self.sums = np.zeros((3, 2, n))

    def add(self, bound: int, plain: Floats, left: Sequence[Floats | float], at: Array) -> None:
        """`plain`: a share without exceptions and notices; `left`: what of it counts in each of the three sums."""
        for total, part in zip(self.sums, left, strict=True):
            total[bound, at] += plain * part

    def scope(self) -> Scope:
        """As bounds; twelve decimals, so that the order of the sums above leaves no trace (L11)."""
        scoped, unlawful, unexcepted = np.round(self.sums, 12)
        return Scope((scoped[0], scoped[1]), (unlawful[0], unlawful[1]), unexcepted[1])


def _hang_together(place: Bounds, time: Bounds, taken: Sequence[Bounds | None]) -> Array:
    """Which incidents need the product draw by draw."""

    def varies(bounds: Bounds) -> Array:
        return np.asarray(((bounds[0] > 0) & (bounds[0] < 1)) | ((bounds[1] > 0) & (bounds[1] < 1)))

    zones = [varies(t) for t in taken if t is not None]
    if not zones:
        return np.zeros(place[0].size, dtype=bool)
    return np.asarray(np.sum([varies(place), varies(time), *zones], axis=0) > 1)


def _jointly(
    incidents: Incidents, phase: Phase, share: Share, notices: Sequence[Notice], rows: Array, at: Array, plain: Bounds,
    total: _Total,
) -> None:  # fmt: skip
    """Add a share of the incidents `rows[at]`: what exceptions and notices leave, averaged over draws inside."""
    here = rows[at]
    taken = [e.draws(incidents, here) for e in share.excepts]
    at_here = np.full(incidents.n, -1)
    at_here[here] = np.arange(here.size)
    told: list[tuple[Array, Bounds] | None] = []
    for notice in notices:
        explained = at_here[notice.reaches(incidents)]
        explained = explained[explained >= 0]
        told.append((explained, notice.draws(incidents, here[explained])) if explained.size else None)
    place = share.placing.draws(here)
    for bound in (0, 1):
        held = place[bound] * incidents.in_spans(phase.due[bound], here)
        left = np.ones_like(held)
        for sure, zone in zip(share.excepted, taken, strict=True):
            left = left * (1.0 - taken_by(sure, zone, 1 - bound))
        unlawful = np.ones_like(held)
        for sure, lawful in zip(share.announced, told, strict=True):
            if lawful is not None:
                unlawful[lawful[0]] *= 1.0 - taken_by(sure, lawful[1], 1 - bound)
        parts = [_average(held, x, bound) for x in (left, left * unlawful, unlawful)]
        total.add(bound, plain[bound], parts, at)


def _average(held: Floats, left: Floats, bound: int) -> Floats:
    """Mean of `left` over the draws inside; where none is, the bound that is asked for."""
    weight = held.sum(axis=1)
    out: Floats = np.full(len(held), float(bound))
    np.divide((held * left).sum(axis=1), weight, out=out, where=weight > 0)
    return out
