"""The state under a cut as pages need it, kept beside the records: a report asks for it again in another language or
for another audience, and tomorrow's report asks what this one knew.

What is kept is derived (law L2): it stands under a key of all that it depends on, and may be dropped at any time. Where
the cut drops nothing, the tables of the present state are the ones.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.judging.rulings import CLOCK_VERBS, Clocks, clocks
from trucewatch.mission.claim_table import Resolved, resolved
from trucewatch.mission.keys import MODEL_VERSION, mission_key, program_key, state_key
from trucewatch.mission.snapshot import Once, Snapshot, snapshot
from trucewatch.mission.tables import claim_rows
from trucewatch.model.aside import aside
from trucewatch.model.errors import Refusal, Stopped
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Rows

if TYPE_CHECKING:
    from trucewatch.mission.derive import Derived
    from trucewatch.mission.folder import Mission
    from trucewatch.store import Store

Extent = tuple[int, int, int]
_KEPT = 4  # states: the ones of two reports, each with that of the report before it
_KEY_BYTES = 64


@dataclass(frozen=True)
class State:
    """A derived state as pages need it: the tables of OUTPUTS, the records behind them, and what people should know."""

    mission: Mission
    snapshot: Snapshot
    tables: Mapping[str, Rows]
    resolved: Resolved
    clocks: Clocks
    warnings: tuple[str, ...]

    @cached_property
    def claims(self) -> list[dict[str, Any]]:
        """Newest versions of claims."""
        return claim_rows(self.snapshot.claims, self.resolved)

    def newest(self, table: str) -> list[dict[str, Any]]:
        """Newest payloads of an input table with `known_at`."""
        return [{**v.payload, "known_at": v.known_at} for v in self.snapshot.tables[table]]

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Newest source rows."""
        return self.newest("sources")

    def gaps_without(self, sources: Collection[str]) -> Rows:
        """The table `gaps` as it were without the coverage of these sources; the same sectors and days."""
        from trucewatch.mission.context import Context
        from trucewatch.mission.derive import gaps_without

        context = Context(self.mission, self.snapshot)
        return gaps_without(context, context.table(self.snapshot.claims).table, sources)


@dataclass(frozen=True, slots=True)
class Cut:
    """Records recorded by `as_of` and known by `known_by` (microseconds; None = all)."""

    as_of: int | None = None
    known_by: int | None = None


def state_under(mission: Mission, as_of: int | None = None, known_by: int | None = None) -> State:
    """The state of the records recorded by `as_of` and known by `known_by` (microseconds), from what is kept where that
    is of those records, else derived, and kept where nobody else is writing."""
    return states_under(mission, [Cut(as_of, known_by)])[0]


def states_under(mission: Mission, cuts: Sequence[Cut], hands: int = 1) -> list[State]:
    """The states under several cuts; those that are not kept are derived side by side as far as there are `hands`."""
    records = Once(mission.store, *(_widest(getattr(cut, name) for cut in cuts) for name in ("as_of", "known_by")))
    # Before anything is read: what comes in meanwhile changes them, and nothing is taken from what is kept.
    extents, whole = [mission.store.extent(cut.as_of, cut.known_by) for cut in cuts], mission.store.extent()
    looked = [_look(mission, cut, records, e, e == whole) for cut, e in zip(cuts, extents, strict=True)]
    missing = [look for look in looked if look.state is None]
    waiting = {id(look): _begun(mission, look.snapshot) for look in missing[1:]} if hands > 1 else {}
    out = []
    for look in looked:
        state = look.state
        if state is None:
            begun = waiting.get(id(look))
            state = _derived(mission, look.snapshot) if begun is None else _of_kept(mission, look.snapshot, begun())
            if look.key is not None:
                _keep(mission.store, look.key, state)
        out.append(state)
    return out


@dataclass(frozen=True, slots=True)
class _Look:
    """The records under a cut, the state that is kept of them, if any, and the key under which one may be kept."""

    snapshot: Snapshot
    state: State | None
    key: str | None


def _begun(mission: Mission, snap: Snapshot) -> Callable[[], dict[str, Any]]:
    """Derive in a second process, which reads no database."""
    _ = mission.agreements, mission.sectors
    return aside(lambda: _body(_derived(mission, snap)))


def _widest(moments: Iterable[int | None]) -> int | None:
    told = list(moments)
    return None if None in told else max(t for t in told if t is not None)


def _look(mission: Mission, cut: Cut, records: Once, extent: Extent, everything: bool) -> _Look:
    store, as_of, known_by = mission.store, cut.as_of, cut.known_by
    key = _key(mission, extent, as_of, known_by)
    kept = _read(store, key)
    held = _present(mission) if kept is None and everything else None
    snap = snapshot(records, as_of, known_by)
    if extent != store.extent(as_of, known_by):
        return _Look(snap, None, None)  # records came in meanwhile: what was read before is not of these
    if kept is not None:
        return _Look(snap, _of_kept(mission, snap, kept), key)
    if held is None:
        return _Look(snap, None, key)
    state = _of_present(mission, snap, *held)
    _keep(store, key, state)  # tomorrow's report asks for it, when there will be more records
    return _Look(snap, state, key)


def forget(mission: Mission) -> None:
    """Drop every kept state, with what it tells of records that may have been erased since."""
    held = [slot for slot, _ in _slots(mission.store)]
    with mission.store.writing() as tx:
        tx.set_meta("cuts", "[]")
        for slot in held:
            tx.set_blob(slot, b"")


# ---- the present state, as `update` keeps it


def _present(mission: Mission) -> tuple[Mapping[str, Rows], tuple[str, ...]] | None:
    """The tables and warnings that `update` left; None where they are not of the present records."""
    store, key = mission.store, state_key(mission)
    if store.meta("derived") != key:
        return None
    from trucewatch.mission.update import with_trends

    with_trends(mission)
    tables = {}
    for name in OUTPUTS:
        order = _ORDER.get(name, _BY_NUMBER)
        columns, rows = store.read_derived(name, order)
        tables[name] = Rows(columns, list(zip(*rows, strict=True)) if rows else [[] for _ in columns])
    warnings = tuple(json.loads(store.meta("warnings") or "[]"))
    return (tables, warnings) if store.meta("derived") == key else None


# The orders in which `update` gives its tables.
_ORDER = {"links": "source, claim_id", "gaps": "rowid", "trends": "rowid"}
_BY_NUMBER = "CAST(SUBSTR(COALESCE(incident_id, 'I0'), 2) AS INTEGER), rowid"


def _of_present(mission: Mission, snap: Snapshot, tables: Mapping[str, Rows], warnings: tuple[str, ...]) -> State:
    places = resolved(snap.claims, Resolver([p.payload for p in snap.tables["places"]]))
    told = Clocks()
    if _sets_clocks(snap):
        from trucewatch.mission.update import current

        told = _clocks(mission, current(mission))
    return State(mission, snap, tables, places, told, warnings)


# ---- states under a cut


def _derived(mission: Mission, snap: Snapshot) -> State:
    from trucewatch.mission.derive import derive_snapshot

    found = derive_snapshot(mission, snap)
    places = Resolved(found.table.places, found.table.retracted_by)
    told = _clocks(mission, found) if _sets_clocks(snap) else Clocks()
    return State(mission, snap, found.tables, places, told, found.warnings)


def _sets_clocks(snap: Snapshot) -> bool:
    return any(d.payload["verb"] in CLOCK_VERBS for d in snap.tables["decisions"])


def _clocks(mission: Mission, derived: Derived) -> Clocks:
    """Times that people decided for the agreements."""
    stages = derived.stages
    numbers = stages.linked.incidents["number"].tolist()
    return clocks(stages.decided.for_judging(stages.linked, numbers), mission.agreements)


def _key(mission: Mission, extent: Extent, as_of: int | None, known_by: int | None) -> str:
    content = [MODEL_VERSION, program_key(), mission_key(mission), extent, as_of, known_by]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _slots(store: Store) -> list[tuple[str, str]]:
    """Names of blobs and the keys of the states in them, the oldest first."""
    return [(str(slot), str(key)) for slot, key in json.loads(store.meta("cuts") or "[]")]


def _read(store: Store, key: str) -> dict[str, Any] | None:
    slot = next((slot for slot, held in _slots(store) if held == key), None)
    data = None if slot is None else store.blob(slot)
    if data is None or data[:_KEY_BYTES] != key.encode():
        return None
    found: dict[str, Any] = json.loads(zlib.decompress(data[_KEY_BYTES:]))
    return found


def _keep(store: Store, key: str, state: State) -> None:
    """Keep a state in the place of the oldest; nothing is kept where another program writes, or nobody may."""
    slots = [s for s in _slots(store) if s[1] != key]
    slots = slots[len(slots) - _KEPT + 1 :] if len(slots) >= _KEPT else slots
    free = next(f"cut.{k}" for k in range(_KEPT) if f"cut.{k}" not in {slot for slot, _ in slots})
    data = key.encode() + zlib.compress(json.dumps(_body(state), separators=(",", ":")).encode(), 1)
    try:
        with store.writing(wait=False) as tx:
            tx.set_blob(free, data)
            tx.set_meta("cuts", json.dumps([*slots, (free, key)]))
    except (Refusal, Stopped):
        return


def _body(state: State) -> dict[str, Any]:
    c = state.clocks
    return {
        "tables": {name: rows.columns for name, rows in state.tables.items()},
        "places": state.resolved.places,
        "retracted_by": list(state.resolved.retracted_by.items()),
        "clocks": {"events": c.events, "ends": c.ends, "extended": [[*k, at] for k, at in c.extended.items()]},
        "warnings": state.warnings,
    }


def _of_kept(mission: Mission, snap: Snapshot, body: Mapping[str, Any]) -> State:
    c = body["clocks"]
    told = Clocks(c["events"], c["ends"], {(agreement, term): at for agreement, term, at in c["extended"]})
    places: Sequence[Any] = [tuple(p) for p in body["places"]]
    tables = {name: Rows(OUTPUTS[name], columns) for name, columns in body["tables"].items()}
    return State(mission, snap, tables, Resolved(places, dict(body["retracted_by"])), told, tuple(body["warnings"]))


__all__ = ["Cut", "State", "forget", "state_under", "states_under"]
