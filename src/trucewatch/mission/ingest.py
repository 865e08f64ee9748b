"""`ingest`: files into records. Good rows are stored, bad ones kept aside; a file is taken whole or not at all.

Nothing of a file stands in the store before all of it was read: one transaction a file, which a full disk or Ctrl-C
undoes. What is stored already, version for version, is counted and skipped, so that a second time changes nothing.
"""

from __future__ import annotations

import errno
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.intake.adapter import Adapter, AdapterContext
from trucewatch.intake.files import Opened, check_path, open_file
from trucewatch.intake.formats import named
from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.intake.references import Known
from trucewatch.mission.marks import Marks
from trucewatch.mission.quarantine import Quarantine
from trucewatch.mission.taking import Ground, IngestReport, Payload, Taken, Taking, Target, recognised
from trucewatch.model.columns import INGEST_ORDER, Kind
from trucewatch.model.errors import Fault, Refusal, Rejected, Stopped
from trucewatch.taxonomy import taxonomy

__all__ = ["IngestReport", "ingest"]

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission
    from trucewatch.store import Store, Transaction

Tell = Callable[[str, int], None]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SUFFIXES = re.compile(r"(?:\.[0-9a-f]{8})?(?:\.csv)?(?:\.gz)?\Z")


class Nowhere:
    """A dry run: what would be appended is remembered by digest and goes nowhere."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._seen: dict[tuple[str, str], set[bytes]] = {}

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """Versions stored or pretended."""
        found = {} if self._store is None else self._store.digests(kind, ids)
        for id_ in ids:
            seen = self._seen.get((kind, id_))
            if seen:
                found[id_] = found.get(id_, set()) | seen
        return found

    def append(self, kind: str, rows: Any, *, recorded_at: int) -> int:
        """Remember what would be appended."""
        n = 0
        for id_, data, *_ in rows:
            self._seen.setdefault((kind, id_), set()).add(hashlib.sha256(data).digest())
            n += 1
        return n


def ingest(
    mission: Mission,
    files: list[Path],
    *,
    as_kind: str | None = None,
    dry_run: bool = False,
    recorded_at: int | None = None,
    tell: Tell = lambda file, size: None,
) -> IngestReport:
    """Take files into a mission, sorted by kind so that what is referred to comes first.

    `Refusal` where a path cannot be read or the mission is unusable or locked: nothing is stored then. A file that is
    no table, and rows that break the contract, become `errors`; everything else goes in. `tell` hears of bytes read;
    `recorded_at` (microseconds) is now by default.
    """
    faults = [f for f in (check_path(Path(p)) for p in files) if f is not None]
    if faults:
        raise Refusal(*faults)
    forced = None if as_kind is None else named(as_kind)
    store = None if dry_run and not mission.database.exists() else mission.store
    at = time.time_ns() // 1000 if recorded_at is None else recorded_at
    try:
        intake = _Intake(mission, store, dry_run, at, tell)
        with mission.ledger.together():
            report = intake.take_all([Path(p) for p in files], forced)
        intake.give_receipts()
        report.warnings.extend(mission.ledger.told())
        return report
    finally:
        if store is not None:
            store.close()  # the database is one file again; it opens anew when it is asked


class _Intake:
    """One run of `ingest`: what is known so far, where records go, what was found."""

    def __init__(self, mission: Mission, store: Store | None, dry_run: bool, recorded_at: int, tell: Tell) -> None:
        self._mission, self._store, self._tell = mission, store, tell
        self._nowhere = Nowhere(store) if dry_run else None
        self._report = IngestReport()
        self._counts, self._faults = Counter[str](), list[Fault]()
        self._resolver: Resolver | None = None
        self._pretended: list[Payload] = []
        self._stored: list[tuple[str, int, int]] = []  # name of a file, its first and last record
        self._last_seq = 0 if store is None else store.last_seq()
        known = known_of(mission, store)
        context = AdapterContext(dict(known.by_name), mission.config.timezone)
        erased = Marks.of(store)
        self._ground = Ground(known, context, self._gazetteer, self._learn, recorded_at, erased.holds)

    def take_all(self, paths: Sequence[Path], forced: Adapter | None) -> IngestReport:
        """Recognise every file, sort them by kind, and take them one by one."""
        todo: list[tuple[int, int, Path, Adapter]] = []
        for k, path in enumerate(paths):
            if path.suffix == ".jsonl" and path.stat().st_size == 0:
                self._report.warnings.append(f"{path.name} has no rows")  # as an export of nothing has none
                continue
            try:
                adapter = self._format_of(path, forced)
            except Rejected as e:
                self._faults.extend(e.faults)
                continue
            if adapter is None:
                self._report.warnings.append(f"{path.name} is a derived table: nothing is taken from it")
            else:
                todo.append((INGEST_ORDER.index(adapter.table), k, path, adapter))
        todo.sort(key=lambda t: t[:2])
        self._declare([(path, adapter) for _, _, path, adapter in todo if adapter.table == "sources"])
        for _, _, path, adapter in todo:
            self._take(path, adapter)
        report = self._report
        last = {"left_out": 1, "rejected": 2}
        report.counts = {k: n for k, n in sorted(self._counts.items(), key=lambda kn: last.get(kn[0], 0)) if n}
        report.errors = tuple(self._faults)
        return report

    def _format_of(self, path: Path, forced: Adapter | None) -> Adapter | None:
        opened = open_file(path)
        try:
            return recognised(opened, forced)[0]
        finally:
            opened.close()

    def _declare(self, files: Sequence[tuple[Path, Adapter]]) -> None:
        """Make the sources of all files known before any row is taken: a row may name a parent further down.

        The files are tried until no more sources turn up whose parents are known.
        """
        known, nowhere = self._ground.known, Nowhere(None)
        before = -1
        while files and len(known.sources) > before:
            before = len(known.sources)
            for path, adapter in files:
                self._try(path, partial(self._pretend, adapter, nowhere))

    def _pretend(self, adapter: Adapter, nowhere: Nowhere, opened: Opened) -> Taken:
        return self._taking(opened, adapter, nowhere).read()

    def _taking(self, opened: Opened, adapter: Adapter, target: Target, quarantine: Quarantine | None = None) -> Taking:
        return Taking(self._ground, opened, adapter, target, quarantine)

    def _try(self, path: Path, read: Callable[[Opened], Any], tell: Tell = lambda file, size: None) -> list[Fault]:
        """Read a file; what it declared is forgotten where it cannot be taken, and its faults are returned."""
        sources = dict(self._ground.known.sources)
        opened = open_file(path, lambda n: tell(path.name, n))
        try:
            read(opened)
        except Rejected as e:
            self._ground.known.sources = sources
            return list(e.faults)
        finally:
            opened.close()
        return []

    def _take(self, path: Path, adapter: Adapter) -> None:
        """One file, whole or not at all."""

        def read(opened: Opened) -> None:
            if self._nowhere is not None:
                self._add(self._pretend(adapter, self._nowhere, opened))
            else:
                self._store_file(path, opened, adapter)

        self._faults.extend(self._try(path, read, self._tell))

    def _store_file(self, path: Path, opened: Opened, adapter: Adapter) -> None:
        assert self._store is not None
        quarantine = Quarantine(self._mission.quarantine, _SUFFIXES.sub("", path.name))
        try:
            with self._store.writing() as tx:
                if tx.last_seq() != self._last_seq:  # somebody else has written since
                    self._ground.known.sources.update(known_sources(self._store))
                taken = self._taking(opened, adapter, tx, quarantine).read()
                quarantine.seal()
                last = tx.last_seq()
                first = last - tx.appended + 1
                self._clock(tx)
            self._last_seq = last
            sha8 = opened.passing.finish()
            if last >= first:
                self._stored.append((f"{_SUFFIXES.sub('', path.name)}.{sha8}", first, last))
            written = quarantine.publish(sha8)
        except OSError as e:
            if e.errno in _NO_ROOM:
                raise Stopped(
                    Fault(
                        "the disk is full: nothing of this file was stored",
                        "Make room, then ingest it again",
                        path.name,
                    )
                ) from e
            raise
        finally:
            quarantine.drop()
        if written is not None:
            self._report.quarantined.append(written)
        self._add(taken)

    def give_receipts(self) -> None:
        """Write a receipt for each file of which something was stored: nothing can be dropped unseen after that."""
        for name, first, last in self._stored:
            try:
                self._report.receipts += self._mission.ledger.receipts(name, first, last)
            except OSError as e:
                self._report.warnings.append(f"{name}: stored as records {first} to {last}, without a receipt ({e})")

    def _clock(self, tx: Transaction) -> None:
        behind_s = (tx.last_recorded() - self._ground.recorded_at) / 1e6
        if behind_s > 0:
            self._report.warnings.append(
                f"the clock of this machine is {behind_s:,.0f} s behind the last record: the time of that one counts, "
                "and the order of intake stays. Set the clock right"
            )

    def _add(self, taken: Taken) -> None:
        self._counts.update(taken.counts)
        self._report.warnings.extend(taken.warnings)
        self._faults.extend(taken.faults)

    def _gazetteer(self) -> Resolver:
        """The gazetteer with what was ingested so far."""
        if self._resolver is None:
            held = () if self._store is None else (r.payload for r in self._store.read("place"))
            self._resolver = Resolver([*held, *self._pretended])
        return self._resolver

    def _learn(self, kind: Kind, payload: Payload) -> None:
        if kind.name == "source":
            self._ground.known.sources[str(payload["source"])] = payload.get("tz")
        elif kind.name == "place":
            self._resolver = None
            if self._nowhere is not None:
                self._pretended.append(payload)


def known_of(mission: Mission, store: Store | None) -> Known:
    """What rows may refer to, from the mission's agreements, sectors and stored sources."""
    actors: dict[str, list[str]] = {}
    for agreement in mission.agreements:
        for actor in agreement.actors:
            actors.setdefault(actor.id, []).extend([*actor.names.values(), *actor.aliases])
    sources = {} if store is None else known_sources(store)
    return Known(sources, actors, taxonomy().acts, mission.zones, mission.sectors, mission.config.timezone)


def known_sources(store: Store) -> dict[str, str | None]:
    """Stored sources with their time zones, newest versions."""
    return {record.id: record.payload.get("tz") for record in store.read("source")}
