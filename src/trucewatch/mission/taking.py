"""One file on its way into the store: rows read, checked, told apart from what is stored, handed over in batches."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft
from trucewatch.intake.dating import known_at, record_id
from trucewatch.intake.files import Opened, damaged
from trucewatch.intake.formats import recognise, sheet_of
from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.intake.references import Known
from trucewatch.intake.rows import Line, Sheet
from trucewatch.intake.validate import Validator, placed
from trucewatch.mission.quarantine import Quarantine
from trucewatch.model.columns import KINDS, Kind
from trucewatch.model.errors import DONE, REJECTED, Fault, Rejected
from trucewatch.store.database import canonical

Payload = dict[str, Any]
_BATCH = 5_000
_FAULTS_TOLD = 1_000


@dataclass
class IngestReport:
    """What an ingest did: rows by table and fate, notes, faults, quarantine files, and the exit code of design 5."""

    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    errors: tuple[Fault, ...] = ()
    quarantined: list[Path] = field(default_factory=list)
    receipts: list[Path] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 where everything was taken, 1 where a file or a row was not."""
        return REJECTED if self.errors else DONE


class Target(Protocol):
    """Where records go: a transaction, or nowhere at all (a dry run)."""

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """SHA-256 of every version of records."""
        ...

    def append(self, kind: str, rows: Any, *, recorded_at: int) -> int:
        """Append records."""
        ...


@dataclass
class Ground:
    """What a file is read against: known ids, what adapters may know, the gazetteer, the time of recording.

    `learn` is told of every source and place that was taken; `erased` tells whether a record of a kind under an id was
    erased once, and is not taken again.
    """

    known: Known
    context: AdapterContext
    resolver: Callable[[], Resolver]
    learn: Callable[[Kind, Payload], None]
    recorded_at: int
    erased: Callable[[str, str], bool] = lambda kind, id_: False


@dataclass
class Taken:
    """What became of one file."""

    counts: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Taking:
    """Reads one file to its end. `quarantine` is None where nothing may be written."""

    def __init__(
        self, ground: Ground, opened: Opened, adapter: Adapter, target: Target, quarantine: Quarantine | None
    ) -> None:
        self._ground, self._opened, self._adapter = ground, opened, adapter
        self._target, self._quarantine = target, quarantine
        self._out = Taken()
        self._validators: dict[tuple[str, tuple[str, ...]], Validator] = {}
        self._batches: dict[str, list[tuple[str, bytes, int, Payload]]] = {}
        self._repeated: list[int] = []
        self._places = Counter[str]()

    def read(self) -> Taken:
        """Every row of the file; `Rejected` where it turns out to be no table after all."""
        _, header, table = recognised(self._opened, self._adapter)
        growing = self._opened.form == "jsonl"
        header = table.header if growing else header
        if self._quarantine is not None:
            self._quarantine.begin(header)
        take = self._contract_row if self._adapter.name in KINDS else self._foreign_row
        rows = 0
        for line in lines(self._opened, table):
            rows += 1
            fault = line.fault or self._length(header, line)
            if fault is not None:
                self._reject(line, [fault])
            else:
                take(header, line)
        for kept in list(self._batches):
            self._flush(kept)
        self._notes(header, table, rows)
        return self._out

    def _length(self, header: Sequence[str], line: Line) -> Fault | None:
        """What is wrong with a row of another length than the header.

        JSON lines and workbooks leave empty ends out; empty cells beyond the header are of no account.
        """
        n, columns = len(line.cells), len(header)
        if n == columns or (n < columns and self._opened.form != "csv"):
            return None
        if n < columns:
            remedy = "Add the cells that are missing, empty ones too"
        elif any(c.strip() for c in line.cells[columns:]):
            remedy = "Put a cell that holds the separator between quotes, or give every column a name"
        else:
            return None
        return Fault(f"the row has {n} cells, the header {columns}", remedy)

    def _contract_row(self, header: Sequence[str], line: Line) -> None:
        if line.cells == header and self._opened.form != "jsonl":
            self._repeated.append(line.number)
            return
        kind = KINDS[self._adapter.table]
        payload, faults = self._validator(kind, header).read(line.cells)
        if faults:
            self._reject(line, faults)
        else:
            self._keep(kind, payload)

    def _foreign_row(self, header: Sequence[str], line: Line) -> None:
        row = {name.lower(): cell for name, cell in zip(header, line.cells, strict=False)}
        found = self._converted(row)
        if isinstance(found, Fault):
            self._reject(line, [found])
            return
        kept: list[tuple[Kind, Payload]] = []
        for draft in found:
            self._own_source(draft)
            kind = KINDS[draft.table]
            payload, faults = self._validator(kind, tuple(draft.cells)).read(list(draft.cells.values()))
            if faults:
                self._reject(line, faults)
                return
            kept.append((kind, payload))
        if not kept:
            self._out.counts["left_out"] += 1
        for kind, payload in kept:
            self._keep(kind, payload)

    def _converted(self, row: dict[str, str]) -> Iterable[Draft] | Fault:
        """What the adapter makes of a row. An adapter is somebody else's work: where it breaks, its row is bad."""
        try:
            found = self._adapter.convert(row, self._ground.context)
            return found if isinstance(found, Fault) else tuple(found)
        except Exception as e:
            what = f"{self._adapter.title} cannot be read here ({e.__class__.__name__}: {e})"
            return Fault(what, "Check that the row has all columns of its format")

    def _own_source(self, draft: Draft) -> None:
        """The source that a format brings along is added once, and told."""
        word = draft.cells.get("source", "")
        own = next((s for s in self._adapter.sources if s["source"] == word), None)
        if own is None or word in self._ground.known.sources:
            return
        kind = KINDS["sources"]
        payload, faults = Validator(kind, list(own), self._ground.known).read(list(own.values()))
        if faults:
            raise Rejected(*faults)
        self._keep(kind, payload)
        approval = "" if payload.get("approved_by") else "; nobody has approved it as independent yet"
        said = f"the source {word} ({payload['name']}) was added with its rows{approval}"
        self._out.warnings.append(f"{said}. {self._adapter.licence}" if self._adapter.licence else said)

    def _validator(self, kind: Kind, header: Sequence[str]) -> Validator:
        key = (kind.name, tuple(header))
        if key not in self._validators:
            self._validators[key] = Validator(kind, key[1], self._ground.known)
        return self._validators[key]

    def _keep(self, kind: Kind, payload: Payload) -> None:
        if kind.identity and self._ground.erased(kind.name, record_id(kind, payload, b"")):
            self._out.counts[f"{kind.table}_erased_before"] += 1
            return
        if kind.name in {"source", "place"}:
            self._ground.learn(kind, payload)
        elif kind.name == "claim" and "place" in payload and "lat" not in payload:
            name = payload["place"]
            if self._ground.resolver().resolve(name).lat is None:
                self._places[name] += 1
        data = canonical(payload)
        batch = self._batches.setdefault(kind.table, [])
        batch.append((record_id(kind, payload, data), data, known_at(kind, payload), payload))
        if len(batch) >= _BATCH:
            self._flush(kind.table)

    def _flush(self, table: str) -> None:
        """Store what of a batch is not stored yet, version for version."""
        batch, kind = self._batches.pop(table), KINDS[table]
        held = self._target.digests(kind.name, [record[0] for record in batch])
        new, counts = [], self._out.counts
        for record in batch:
            digest = hashlib.sha256(record[1]).digest()
            had = held.get(record[0])
            if had is None:
                held[record[0]] = {digest}
                counts[table] += 1
            elif digest in had:
                counts[f"{table}_unchanged"] += 1
                continue
            else:
                had.add(digest)
                counts[f"{table}_new_versions"] += 1
            new.append(record)
        self._target.append(kind.name, new, recorded_at=self._ground.recorded_at)

    def _reject(self, line: Line, faults: Sequence[Fault]) -> None:
        self._out.counts["rejected"] += 1
        if self._quarantine is not None:
            self._quarantine.add(line.number, line.cells, faults)
        if self._out.counts["rejected"] <= _FAULTS_TOLD:
            self._out.faults.extend(placed(f, self._opened.file, line.number) for f in faults)

    def _notes(self, header: Sequence[str], sheet: Sheet, rows: int) -> None:
        file, told, out = self._opened.file, self._out.warnings, self._out
        told.extend(f"{file}: {note}" for note in sheet.notes)
        if out.counts["rejected"] > _FAULTS_TOLD:
            n = out.counts["rejected"] - _FAULTS_TOLD
            out.faults.append(Fault(f"{n} more rows cannot be taken", "Look for them in the quarantine file", file))
        if not rows:
            told.append(f"{file} has a header and no rows")
        for name, n in out.counts.items():
            if name.endswith("_erased_before"):
                told.append(f"{file}: {n} rows were erased once and are not taken again; take them out of the file")
        if self._repeated:
            told.append(f"{file}: rows that repeat the header were left out: {listed(self._repeated)}")
        if out.counts["left_out"]:
            told.append(f"{file}: {out.counts['left_out']} rows are of a sort that {self._adapter.title} do not need")
        if self._adapter.name in KINDS:
            kind = KINDS[self._adapter.table]
            unknown = [n for n in header if n and not n.startswith("_") and n not in kind.names]
            if unknown:
                told.append(f"{file}: columns that {kind.table} do not know were kept as they are: {listed(unknown)}")
        elif self._adapter.licence and not self._adapter.sources:
            told.append(f"{file}: {self._adapter.licence}")
        if self._places:
            told.append(
                f"{file}: {self._places.total()} claims name places that the gazetteer cannot tell, and have none "
                f"until it can: {listed(sorted(self._places))}. Add them to places.csv, or write lat, lon and radius_km"
            )


def listed(values: Sequence[Any], most: int = 8) -> str:
    """The first few of some values, and how many more."""
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(str(v) for v in values[:most]) + more


@contextlib.contextmanager
def telling_damage(file: str) -> Iterator[None]:
    """`Rejected` where a file breaks off, cannot be unpacked, or its bytes are no text at all."""
    try:
        yield
    except (EOFError, UnicodeError, SyntaxError, csv.Error, zipfile.BadZipFile, zlib.error) as e:
        raise damaged(file, e) from None
    except OSError as e:
        if e.errno is None:  # gzip's own: the check sum is wrong
            raise damaged(file, e) from None
        raise


def recognised(opened: Opened, forced: Adapter | None) -> tuple[Adapter | None, list[str], Sheet]:
    """Format, columns and rows of a file, as `formats.recognise` tells them."""
    with telling_damage(opened.file):
        return recognise(opened, sheet_of(opened), forced)


def lines(opened: Opened, sheet: Sheet) -> Iterator[Line]:
    """Rows of a sheet."""
    with telling_damage(opened.file):
        yield from sheet.lines
