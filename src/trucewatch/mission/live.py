"""A mission's incidents in memory, kept up to date claim by claim: between two fits an update is local (design 1).

`update` keeps the same state in the database between two runs of the program; both end as a rebuild would (law L2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from trucewatch.linking import Linker, linked
from trucewatch.mission import tables
from trucewatch.mission.assess import Assessed, assess
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.context import Context
from trucewatch.mission.decisions import Decided, Held, bearing_on, resolve_decisions
from trucewatch.mission.snapshot import Payload, Versions, newer
from trucewatch.model.table import Array, Rows


@dataclass(frozen=True, slots=True)
class Changes:
    """What some claims changed: rows of the incidents that are new or other than before, and the ids of those gone."""

    rows: Mapping[str, Rows]
    incidents: tuple[str, ...]
    gone: tuple[str, ...]


class Live:
    """The state behind the derived tables: claims, their table, the linker; `take` lets claims in."""

    def __init__(self, context: Context, linker: Linker | None = None) -> None:
        self.context = context
        self.claims: list[Versions] = list(context.snapshot.claims)
        self.table: ClaimTable = context.table(self.claims)
        self.decided: Decided = self._resolved()
        self.linker = linker or Linker(context.parameters)

    def start(self, tell: Callable[[str], None] = lambda _: None) -> Assessed:
        """Link, weigh and judge everything; `tell` hears which of it is being done."""
        tell(f"linking {len(self.claims)} claims")
        self.linker.refresh(self.table.table, np.arange(self.table.table.n), self.decided.links)
        return self.whole(tell)

    def whole(self, tell: Callable[[str], None] = lambda _: None) -> Assessed:
        """Weigh and judge every incident that the linker has."""
        tell("weighing and judging")
        found = linked(self.table.table, self.linker)
        return assess(self.context, self.claims, self.table, found, self.decided)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people should know of the state."""
        idle = self.decided.out_of_turn(Held(self.linker.label, self.linker.voice))
        return (*self.linker.warnings, *self.table.warnings, *self.decided.warnings, *idle)

    def take(self, records: Iterable[tuple[str, Payload, int]]) -> Changes:
        """Let in claims (SOURCE/ID, payload, known time in microseconds): new ones and new versions of old ones."""
        fresh: list[Versions] = []
        at = {v.id: v for v in fresh}
        again = False
        for ref, payload, known_at in records:
            held = at.get(ref)
            if held is None and ref in self.table.refs:
                held = self.claims[self.table.refs[ref]]
                again = True
            if held is None:
                at[ref] = Versions(ref, len(self.claims) + len(fresh) + 1, payload, known_at)
                fresh.append(at[ref])
            else:
                newer(held, payload, known_at)
        self.claims += fresh
        dirty = self._rebuilt() if again else self.table.extend(fresh)
        if self.decided.every:  # some may name the claims that have just come
            self.decided = self._resolved()
        return self.refresh(dirty)

    def _resolved(self) -> Decided:
        mission = self.context.mission
        return resolve_decisions(self.context.snapshot, self.table, mission.agreements, mission.config.people)

    def _rebuilt(self) -> Array:
        """The table anew, where an old row became another; the rows that differ."""
        from trucewatch.mission.fingerprint import fingerprints

        before = fingerprints(self.table.table)
        self.table = self.context.table(self.claims)
        return differing(before, fingerprints(self.table.table))

    def refresh(self, dirty: Array) -> Changes:
        """Link, weigh and judge what the rows `dirty` touch."""
        table = self.table.table
        found = self.linker.refresh(table, dirty, self.decided.links)
        moved = np.union1d(found.rows, dirty)
        if table["withdraws"][dirty].any():  # what was withdrawn may now be known to have been so earlier
            moved = np.union1d(moved, np.flatnonzero(table["retracted"]))
        now = linked(table, self.linker, bearing_on(self.decided, self.linker.label, found.changed, moved))
        rows = np.union1d(found.rows, np.flatnonzero(now.incident >= 0))
        assessed = assess(self.context, self.claims, self.table, now, self.decided, rows)
        numbers = now.incidents["number"].tolist()
        # An incident is named by its earliest claim: where that one left, the old name goes with it.
        gone = sorted(set(table["number"][found.before].tolist()) - set(numbers))
        ids, old = (tuple(map(tables.incident_id, n)) for n in (numbers, gone))
        return Changes(assessed.rows, ids, old)


def differing(before: Array, after: Array) -> Array:
    """Rows whose fingerprints differ, and rows that are new."""
    out = np.ones(after.size, dtype=bool)
    out[: before.size] = before != after[: before.size]
    return np.flatnonzero(out)
