"""`update` and `rebuild`: the derived tables kept beside the records, and what linking needs to go on from there.

After new claims only the incidents that they touch are derived again; what bears on every incident (coverage, a
decision, the configuration) weighs and judges all of them anew, and a new fit links anew too. Each gives the bytes of a
rebuild (law L2).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.linking import Linked, Linker, linked
from trucewatch.mission.assess import Assessed
from trucewatch.mission.context import Context
from trucewatch.mission.derive import DERIVED, Derived, derived_of, whole_tables
from trucewatch.mission.fingerprint import fingerprints
from trucewatch.mission.keys import MODEL_VERSION, state_key
from trucewatch.mission.live import Changes, Live, differing
from trucewatch.mission.snapshot import snapshot
from trucewatch.mission.trending import trend_rows
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Rows

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission
    from trucewatch.store import Transaction

Tell = Callable[[str], None]


def _silent(_: str) -> None:
    """Tell nobody."""


_LINKS_KEY = ("source", "claim_id")
# In which order the rows of a derived table leave; those of one incident stay as they were written.
_ORDER = {"links": "source, claim_id", "gaps": "rowid", "trends": "rowid"}
_BY_NUMBER = "CAST(SUBSTR(COALESCE(incident_id, 'I0'), 2) AS INTEGER), rowid"


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update or rebuild did. `local`: only what new claims touched was derived."""

    counts: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    changed: bool = True
    local: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier update left: the linker's arrays, a fingerprint a claim, and the keys that it stands under."""

    arrays: Mapping[str, Array]
    prints: Array
    context: str
    parameters: str


def update(mission: Mission, tell: Tell = _silent) -> UpdateReport:
    """Derive what is new and keep it; nothing to do where the kept tables are those of the present records.

    `tell` hears what is being done.
    """
    if mission.store.meta("derived") == state_key(mission):
        return UpdateReport(_counts(mission), _warnings(mission), changed=False)
    kept = _read_kept(mission)
    return _whole(mission, tell) if kept is None else _local(mission, kept, tell)


def rebuild(mission: Mission, tell: Tell = _silent) -> UpdateReport:
    """Drop what was derived and derive it anew from the records alone."""
    return _whole(mission, tell)


def current(mission: Mission) -> Derived:
    """The present state, from what is kept where it is fresh."""
    update(mission)
    live = Live(Context(mission, snapshot(mission.store)))
    kept = _read_kept(mission)

    def link() -> tuple[Linker, Linked]:
        if kept is None:
            live.start()
        else:
            live.linker.restore(live.table.table, kept.arrays)
        return live.linker, linked(live.table.table, live.linker)

    tables = current_tables(mission)
    return Derived(tables, live.context, live.table, live.decided, link, _warnings(mission))


def current_tables(mission: Mission) -> Mapping[str, Rows]:
    """The derived tables of the present state."""
    update(mission)
    with_trends(mission)
    return {name: _read(mission, name) for name in DERIVED}


def with_trends(mission: Mission) -> None:
    """Bring the table `trends` up to date: it is made from the others when somebody reads it."""
    store, key = mission.store, state_key(mission)
    if store.meta("trends") == key or store.meta("derived") != key:
        return
    live = Live(Context(mission, snapshot(store)))
    others = {name: _read(mission, name) for name in ("incidents", "links", "assessments")}
    rows = trend_rows(live.context, others, live.claims, live.decided.clocks())
    with store.writing() as tx:
        tx.write_derived("trends", OUTPUTS["trends"], rows.tuples())
        tx.set_meta("trends", key)


def _read(mission: Mission, name: str) -> Rows:
    columns, rows = mission.store.read_derived(name, _ORDER.get(name, _BY_NUMBER))
    return Rows(columns, list(zip(*rows, strict=True)) if rows else [[] for _ in columns])


def _warnings(mission: Mission) -> tuple[str, ...]:
    return tuple(json.loads(mission.store.meta("warnings") or "[]"))


def _counts(mission: Mission) -> dict[str, int]:
    return {name: mission.store.count_derived(name) for name in DERIVED}


def _whole(mission: Mission, tell: Tell) -> UpdateReport:
    key = state_key(mission)
    live = Live(Context(mission, snapshot(mission.store)))
    return _write_all(mission, live, live.start(tell), key, tell)


def _local(mission: Mission, kept: Kept, tell: Tell) -> UpdateReport:
    """Go on from what is kept: link what differs, and weigh and judge what that touches, or all where more changed."""
    key = state_key(mission)
    live = Live(Context(mission, snapshot(mission.store)))
    table = live.table.table
    if kept.parameters != _parameters_key(live.context) or table.n < kept.prints.size:
        return _write_all(mission, live, live.start(tell), key, tell)
    prints = fingerprints(table)
    dirty = differing(kept.prints, prints)
    if kept.context != live.context.key or dirty.size > table.n // 4:
        live.linker.restore(table.take(np.arange(kept.prints.size)), kept.arrays)
        live.linker.refresh(table, dirty, live.decided.links)
        return _write_all(mission, live, live.whole(tell), key, tell)
    live.linker.restore(table.take(np.arange(kept.prints.size)), kept.arrays)
    changes = live.refresh(dirty)
    with mission.store.writing() as tx:
        # Where another program has updated meanwhile, `key` and the prints are behind, and the next update goes over
        # what both touched.
        _patch(tx, changes)
        for name, rows in whole_tables(live.context, table).items():
            tx.write_derived(name, OUTPUTS[name], rows.tuples())
        tx.set_meta("trends", "")
        _keep(tx, live, prints, key)
    return UpdateReport(_counts(mission), live.warnings, local=True)


def _write_all(mission: Mission, live: Live, assessed: Assessed, key: str, tell: Tell) -> UpdateReport:
    tell("writing the tables")
    derived = derived_of(live, assessed)
    with mission.store.writing() as tx:
        for name in DERIVED:
            tx.write_derived(name, OUTPUTS[name], derived.tables[name].tuples())
        tx.set_meta("trends", key)
        _keep(tx, live, fingerprints(live.table.table), key)
    return UpdateReport({name: len(derived.tables[name]) for name in DERIVED}, derived.warnings)


def _patch(tx: Transaction, changes: Changes) -> None:
    touched = [(i,) for i in (*changes.incidents, *changes.gone)]
    for name, rows in changes.rows.items():
        if name == "links":
            keys: Sequence[Any] = [(r["source"], r["claim_id"]) for r in rows]
            tx.drop_derived(name, _LINKS_KEY, keys)
        else:
            tx.drop_derived(name, ("incident_id",), touched)
        column = None if name == "links" else rows.names.index("incident_id")
        # Rows that speak of no incident (statements of an agreement) stand there already.
        tx.add_derived(name, OUTPUTS[name], (r for r in rows.tuples() if column is None or r[column] is not None))


def _keep(tx: Transaction, live: Live, prints: Array, key: str) -> None:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, prints=prints, **live.linker.kept())
    tx.set_blob("linking", file.getvalue())
    tx.set_meta("context", live.context.key)
    tx.set_meta("warnings", json.dumps(live.warnings))
    tx.set_meta("parameters", _parameters_key(live.context))
    tx.set_meta("derived", key)


def _read_kept(mission: Mission) -> Kept | None:
    store = mission.store
    data, context, parameters = store.blob("linking"), store.meta("context"), store.meta("parameters")
    if data is None or context is None or parameters is None:
        return None
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    prints = arrays.pop("prints")
    return Kept(arrays, prints, context, parameters)


def _parameters_key(context: Context) -> str:
    return hashlib.sha256(json.dumps([MODEL_VERSION, context.fit], sort_keys=True, default=str).encode()).hexdigest()


__all__ = ["UpdateReport", "current", "current_tables", "rebuild", "state_key", "update"]
