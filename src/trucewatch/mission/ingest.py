"""`ingest`: files into records. Good rows are stored, bad ones kept aside; a file is taken whole or not at all.

Nothing of a file stands in the store before all of it was read: one transaction a file, which a full disk or Ctrl-C
undoes. What is stored already, version for version, is counted and skipped, so that a second time changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft
from trucewatch.intake.dating import known_at, record_id
from trucewatch.intake.files import Opened, check_path, damaged, open_file
from trucewatch.intake.formats import named, recognise, sheet_of
from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.intake.references import Known
from trucewatch.intake.rows import Line, Sheet
from trucewatch.intake.validate import Validator, placed
from trucewatch.mission.quarantine import Quarantine
from trucewatch.model.columns import INGEST_ORDER, KINDS, Kind
from trucewatch.model.errors import DONE, REJECTED, Fault, Refusal, Rejected
from trucewatch.store.database import canonical
from trucewatch.taxonomy import taxonomy

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission
    from trucewatch.store import Store

_BATCH = 2_000
_FAULTS_TOLD = 1_000
Payload = dict[str, Any]
Tell = Callable[[str, int], None]


@dataclass
class IngestReport:
    """What an ingest did: rows by table and fate, notes, faults, quarantine files, and the exit code of design 5."""

    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    errors: tuple[Fault, ...] = ()
    quarantined: list[Path] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 where everything was taken, 1 where a file or a row was not."""
        return REJECTED if self.errors else DONE

    def count(self, name: str, n: int = 1) -> None:
        """Add to a count."""
        self.counts[name] = self.counts.get(name, 0) + n


class Target(Protocol):
    """Where records go: a transaction, or nowhere at all (a dry run)."""

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """SHA-256 of every version of records."""
        ...

    def append(self, kind: str, rows: Any, *, recorded_at: int) -> int:
        """Append records."""
        ...


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
        for id_, data, _ in rows:
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

    `Refusal` where a path cannot be read or the mission is unusable or locked: nothing is stored then. A file that is no
    table, and rows that break the contract, become `errors`; everything else goes in. `tell` hears of bytes read.
    """
    faults = [f for f in (check_path(Path(p)) for p in files) if f is not None]
    if faults:
        raise Refusal(*faults)
    forced = None if as_kind is None else named(as_kind)
    stored = mission.database.exists()
    store = None if dry_run and not stored else mission.store
    intake = _Intake(mission, store, dry_run, time.time_ns() // 1000 if recorded_at is None else recorded_at, tell)
    intake.take_all([Path(p) for p in files], forced)
    intake.report.errors = tuple(intake.faults)
    return intake.report


class _Intake:
    """One run of `ingest`: what is known so far, where records go, what was found."""

    def __init__(self, mission: Mission, store: Store | None, dry_run: bool, recorded_at: int, tell: Tell) -> None:
        self.mission, self.store, self.recorded_at, self.tell = mission, store, recorded_at, tell
        self.report = IngestReport()
        self.faults: list[Fault] = []
        self.nowhere = Nowhere(store) if dry_run else None
        self.known = known_of(mission, store)
        self.context = AdapterContext(dict(self.known.by_name), mission.config.timezone)
        self._resolver: Resolver | None = None
        self._places: list[Payload] = []

    def take_all(self, paths: Sequence[Path], forced: Adapter | None) -> None:
        """Recognise every file, sort them by kind, and take them one by one."""
        todo: list[tuple[int, int, Path, Adapter]] = []
        for k, path in enumerate(paths):
            try:
                adapter = self._kind_of(path, forced)
            except Rejected as e:
                self.faults.extend(e.faults)
                continue
            if adapter is None:
                self.report.warnings.append(f"{path.name} is a derived table: nothing is taken from it")
            else:
                todo.append((INGEST_ORDER.index(adapter.table), k, path, adapter))
        todo.sort(key=lambda t: t[:2])
        sources = [path for _, _, path, adapter in todo if adapter.name == "sources"]
        for path in sources:
            self._declare(path)
        for _, _, path, adapter in todo:
            self._take(path, adapter)

    def _kind_of(self, path: Path, forced: Adapter | None) -> Adapter | None:
        opened = open_file(path)
        try:
            return recognise(opened, _sheet(opened), forced)[0]
        finally:
            opened.close()

    def _declare(self, path: Path) -> None:
        """Source ids of a file of sources, before its rows are checked: a row may name a parent further down."""
        opened = open_file(path)
        try:
            _, header, sheet = recognise(opened, _sheet(opened), named("sources"))
            at = header.index("source")
            zone = header.index("tz") if "tz" in header else None
            for line in _lines(opened, sheet):
                if line.fault is None and len(line.cells) > at and (word := line.cells[at].strip()):
                    tz = line.cells[zone].strip() if zone is not None and zone < len(line.cells) else ""
                    self.known.sources.setdefault(word, tz or None)
        finally:
            opened.close()

    def _take(self, path: Path, adapter: Adapter) -> None:
        """One file, whole or not at all."""
        opened = open_file(path, lambda n: self.tell(path.name, n))
        before = (dict(self.report.counts), len(self.faults), len(self.report.warnings))
        try:
            if self.nowhere is not None:
                _File(self, opened, adapter, self.nowhere, None).read()
                return
            assert self.store is not None
            quarantine = Quarantine(self.mission.quarantine, path.name.removesuffix(".gz").removesuffix(".csv"), [])
            try:
                with self.store.writing() as tx:
                    _File(self, opened, adapter, tx, quarantine).read()
                    quarantine.seal()
                written = quarantine.publish(opened.passing.finish())
            finally:
                quarantine.drop()
            if written is not None:
                self.report.quarantined.append(written)
        except Rejected as e:
            self.report.counts = before[0]
            del self.faults[before[1] :], self.report.warnings[before[2] :]
            self.faults.extend(e.faults)
        finally:
            opened.close()

    def resolver(self) -> Resolver:
        """The gazetteer with what was ingested so far."""
        if self._resolver is None:
            held = () if self.store is None else (r.payload for r in self.store.read("place"))
            self._resolver = Resolver([*held, *self._places])
        return self._resolver

    def learn(self, kind: Kind, payload: Payload) -> None:
        """Remember what later rows may refer to."""
        if kind.name == "source":
            self.known.sources[str(payload["source"])] = payload.get("tz")
        elif kind.name == "place":
            self._resolver = None
            if self.nowhere is not None:
                self._places.append(payload)


class _File:
    """One file on its way in: its rows read, checked and handed over in batches."""

    def __init__(
        self, intake: _Intake, opened: Opened, adapter: Adapter, target: Target, quarantine: Quarantine | None
    ) -> None:
        self.intake, self.opened, self.adapter = intake, opened, adapter
        self.target, self.quarantine = target, quarantine
        self.report = intake.report
        self.validators: dict[tuple[str, tuple[str, ...]], Validator] = {}
        self.batches: dict[str, list[tuple[str, bytes, int]]] = {}
        self.rejected = 0
        self.untold = 0
        self.unknown_places: dict[str, int] = {}

    def read(self) -> None:
        """All rows of the file; `Rejected` where it turns out to be no table after all."""
        _, header, sheet = recognise(self.opened, _sheet(self.opened), self.adapter)
        if self.quarantine is not None:
            self.quarantine._header = header if self.opened.form != "jsonl" else sheet.header
        rows = self._contract_rows if self.adapter.name in KINDS else self._foreign_rows
        any_row = False
        for line in _lines(self.opened, sheet):
            any_row = True
            if line.fault is not None:
                self._reject(line, [line.fault])
            else:
                rows(header if self.opened.form != "jsonl" else sheet.header, line)
        for table in list(self.batches):
            self._flush(table)
        self._notes(header, sheet, any_row)

    def _contract_rows(self, header: Sequence[str], line: Line) -> None:
        cells = line.cells
        if len(cells) != len(header):
            fault = _ragged(len(cells), len(header), self.opened.form)
            over = [c for c in cells[len(header) :] if c.strip()]
            if fault is not None and (over or len(cells) < len(header)):
                self._reject(line, [fault])
                return
        if cells == header:
            self.report.warnings.append(f"{self.opened.file}: row {line.number} repeats the header and was left out")
            return
        kind = KINDS[self.adapter.table]
        payload, faults = self._validator(kind, header).read(cells)
        if faults:
            self._reject(line, faults)
        elif payload:
            self._keep(kind, payload)

    def _foreign_rows(self, header: Sequence[str], line: Line) -> None:
        cells = line.cells
        if len(cells) != len(header) and (any(c.strip() for c in cells[len(header) :]) or len(cells) < len(header)):
            fault = _ragged(len(cells), len(header), self.opened.form)
            if fault is not None:
                self._reject(line, [fault])
                return
        row = {name.lower(): cell for name, cell in zip(header, cells, strict=False)}
        found = self.adapter.convert(row, self.intake.context)
        if isinstance(found, Fault):
            self._reject(line, [found])
            return
        kept: list[tuple[Kind, Payload]] = []
        for draft in found:
            self._own_source(draft)
            kind = KINDS[draft.table]
            names = tuple(draft.cells)
            payload, faults = self._validator(kind, names).read(list(draft.cells.values()))
            if faults:
                self._reject(line, faults)
                return
            kept.append((kind, payload))
        for kind, payload in kept:
            self._keep(kind, payload)

    def _own_source(self, draft: Draft) -> None:
        """The source that a format brings along is added once, and told."""
        word = draft.cells.get("source", "")
        if not word or word in self.intake.known.sources:
            return
        for cells in self.adapter.sources:
            if cells["source"] == word:
                kind = KINDS["sources"]
                payload, faults = Validator(kind, list(cells), self.intake.known).read(list(cells.values()))
                if faults:
                    raise Rejected(*faults)
                self._keep(kind, payload)
                self._flush("sources")
                approval = "" if payload.get("approved_by") else "; nobody has approved it as independent yet"
                self.report.warnings.append(
                    f"the source {word} ({payload['name']}) was added with its rows{approval}. {self.adapter.licence}".strip()
                )

    def _validator(self, kind: Kind, header: Sequence[str]) -> Validator:
        key = (kind.name, tuple(header))
        if key not in self.validators:
            # Columns that begin with _ are ignored, unnamed ones too (with what stands in them, see _ragged).
            self.validators[key] = Validator(kind, header, self.intake.known)
        return self.validators[key]

    def _keep(self, kind: Kind, payload: Payload) -> None:
        if kind.name in {"source", "place"}:
            self.intake.learn(kind, payload)
        elif kind.name == "claim" and "place" in payload and "lat" not in payload:
            name = payload["place"]
            if self.intake.resolver().resolve(name).lat is None:
                self.unknown_places[name] = self.unknown_places.get(name, 0) + 1
        data = canonical(payload)
        batch = self.batches.setdefault(kind.table, [])
        batch.append((record_id(kind, payload, data), data, known_at(kind, payload)))
        if len(batch) >= _BATCH:
            self._flush(kind.table)

    def _flush(self, table: str) -> None:
        """Store what of a batch is not stored yet."""
        batch = self.batches.pop(table, [])
        if not batch:
            return
        kind = KINDS[table]
        held = self.target.digests(kind.name, [id_ for id_, _, _ in batch])
        new, versions, unchanged = [], 0, 0
        for record in batch:
            digest = hashlib.sha256(record[1]).digest()
            had = held.get(record[0])
            if had is None:
                held[record[0]] = {digest}
            elif digest in had:
                unchanged += 1
                continue
            else:
                had.add(digest)
                versions += 1
            new.append(record)
        self.target.append(kind.name, new, recorded_at=self.intake.recorded_at)
        self.report.count(table, len(new) - versions)
        self.report.count(f"{table}_new_versions", versions)
        self.report.count(f"{table}_unchanged", unchanged)

    def _reject(self, line: Line, faults: Sequence[Fault]) -> None:
        self.rejected += 1
        self.report.count("rejected")
        if self.quarantine is not None:
            self.quarantine.add(line.number, line.cells, faults)
        if self.rejected <= _FAULTS_TOLD:
            self.intake.faults.extend(placed(f, self.opened.file, line.number) for f in faults)
        else:
            self.untold += 1

    def _notes(self, header: Sequence[str], sheet: Sheet, any_row: bool) -> None:
        file, told = self.opened.file, self.report.warnings
        told.extend(f"{file}: {note}" for note in sheet.notes)
        if self.untold:
            where = "the quarantine file names them" if self.quarantine is not None else "of the same kinds"
            self.intake.faults.append(Fault(f"{self.untold} more rows cannot be taken", where.capitalize(), file))
        if not any_row:
            told.append(f"{file} has a header and no rows")
        if self.adapter.name in KINDS:
            kind = KINDS[self.adapter.table]
            columns = sheet.header if self.opened.form == "jsonl" else header
            unknown = [n for n in columns if n and not n.startswith("_") and n not in kind.names]
            if unknown:
                told.append(
                    f"{file}: columns that {kind.table} do not know were kept as they are: {', '.join(unknown)}"
                )
        if self.unknown_places:
            names = sorted(self.unknown_places)
            rows = sum(self.unknown_places.values())
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            told.append(
                f"{file}: {rows} claims name places that the gazetteer cannot tell, and have no place until it can: "
                f"{', '.join(names[:5])}{more}. Add them to places.csv, or write lat, lon and radius_km"
            )


def _ragged(cells: int, columns: int, form: str) -> Fault | None:
    """What is wrong with a row of another length than the header; JSON lines and workbooks leave empty ends out."""
    if cells < columns:
        if form != "csv":
            return None
        return Fault(
            f"the row has {cells} cells, the header {columns}", "Add the cells that are missing, empty ones too"
        )
    return Fault(
        f"the row has {cells} cells, the header {columns}",
        "Put a cell that holds the separator between quotes, or give every column a name",
    )


def _sheet(opened: Opened) -> Sheet:
    try:
        return sheet_of(opened)
    except (EOFError, OSError, UnicodeError, csv.Error) as e:
        raise damaged(opened.file, e) from None


def _lines(opened: Opened, sheet: Sheet) -> Iterator[Line]:
    """Rows of a sheet; `Rejected` where the file breaks off or its bytes are no text at all."""
    try:
        yield from sheet.lines
    except (EOFError, UnicodeError) as e:
        raise damaged(opened.file, e) from None
    except OSError as e:
        if type(e).__name__ == "BadGzipFile" or e.errno is None:
            raise damaged(opened.file, e) from None
        raise


def known_of(mission: Mission, store: Store | None) -> Known:
    """What rows may refer to, from the mission's agreements, sectors and stored sources."""
    sources: dict[str, str | None] = {}
    if store is not None:
        for record in store.read("source"):
            sources[record.id] = record.payload.get("tz")
    actors: dict[str, list[str]] = {}
    for agreement in mission.agreements:
        for actor in agreement.actors:
            actors.setdefault(actor.id, []).extend([*actor.names.values(), *actor.aliases])
    acts: Mapping[str, Any] = taxonomy().acts
    return Known(sources, actors, acts, mission.zones, mission.sectors, mission.config.timezone)
