"""`redact`: a payload is erased from every file that the program keeps, and its commitment stays (law L1).

Two people of the mission answer for it. What is derived is derived anew, what that changed is told, and so is every
other file of the mission's folder that still holds the words: reports and input files are for people to deal with.
"""

from __future__ import annotations

import base64
import csv
import gzip
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.intake.dating import record_id
from trucewatch.mission.cuts import forget
from trucewatch.mission.marks import Marks
from trucewatch.mission.rekeying import Order, check_order
from trucewatch.mission.update import current_tables, rebuild
from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.table import Rows

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

Payload = dict[str, Any]
_BY_KIND = {kind.name: kind for kind in KINDS.values()}
_WORDS = {"text", "word"}
_LEAST = 8  # a shorter word stands in a thousand other places
_MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class Redacted:
    """What was erased (numbers of records), by which record, what that changed, and which files still hold it."""

    seqs: tuple[int, ...]
    by_seq: int
    kind: str
    touched: Mapping[str, list[str]]
    files: tuple[Path, ...]


def redact(mission: Mission, reference: str, by: str, second: str, reason: str, recorded_at: int) -> Redacted:
    """Erase all versions of a record (its id, or the number of one version). `Refusal` where nothing was erased."""
    check_order(mission, Order(by, second, reason, recorded_at))
    kind, seqs, payloads = _found(mission, reference)
    before = current_tables(mission)
    forget(mission)
    ids = [record_id(_BY_KIND[kind], p, b"") for p in payloads if _BY_KIND[kind].identity]
    body = {"at": recorded_at, "by": by, "kind": kind, "reason": reason, "second": second, "seqs": seqs}
    with mission.ledger.together():
        with mission.store.writing() as tx:
            number = tx.last_seq() + 1
            tx.append("redaction", [(f"redaction/{number}", body, recorded_at)], recorded_at=recorded_at, actor=by)
            tx.erase(seqs, number)
            Marks.of(mission.store).add(tx, kind, ids)
            tx.drop_all_derived()
        mission.store.scour()
    rebuild(mission)
    touched = differences(before, current_tables(mission))
    mission.store.scour()  # the rebuild wrote over pages of its own alone, but the log holds them
    words = {word for p in payloads for word in _words(kind, p)}
    for record in mission.store.read(kind):  # what another record says too was not erased with this one
        words.difference_update(_words(kind, record.payload))
    mission.store.close()
    files = tuple(holding(mission.dir, kind, payloads, words, [mission.database]))
    return Redacted(tuple(seqs), number, kind, touched, files)


def _found(mission: Mission, reference: str) -> tuple[str, list[int], list[Payload]]:
    """Kind, numbers and payloads of the record that is meant; payloads that do not open count as none."""
    store = mission.store
    held = [(seq, kind) for seq, kind in store.numbers_of(reference)]
    if not held and reference.isdecimal():
        held = store.versions_of(int(reference))
    kinds = sorted({kind for _, kind in held})
    if not held:
        raise Refusal(Fault(f"no record {reference!r} is here", "Write SOURCE/ID, or the record's number"))
    if len(kinds) > 1:
        raise Refusal(
            Fault(f"{reference!r} is {' and '.join(kinds)}", "Write the number of the record: explain, or its receipt")
        )
    kind = kinds[0]
    if kind not in _BY_KIND:
        raise Refusal(Fault(f"a {kind} is the mission's own act and is not erased", "Erase what it speaks of"))
    if kind == "source":
        _check_silent(mission, reference)
    seqs = [seq for seq, _ in held]
    return kind, seqs, list(store.payloads(seqs))


def _check_silent(mission: Mission, source: str) -> None:
    for other in _BY_KIND:
        if other != "source" and any(r.payload.get("source") == source for r in mission.store.read(other)):
            raise Refusal(
                Fault(f"records of kind {other} name the source {source!r}", "Erase those first, then the source")
            )


# ---- what changed


def differences(before: Mapping[str, Rows], after: Mapping[str, Rows]) -> dict[str, list[str]]:
    """Ids of incidents and findings whose rows are other than before, new or gone; other tables by their name alone."""
    out: dict[str, list[str]] = {}
    for name, rows in before.items():
        key = next((k for k in ("finding_id", "incident_id") if k in rows.names), None)
        old, new = (_by_key(table, key) for table in (rows, after[name]))
        changed = [k for k in dict.fromkeys([*old, *new]) if old.get(k) != new.get(k)]
        if changed:
            out[name] = changed if key else [name]
    return out


def _by_key(rows: Rows, key: str | None) -> dict[str, list[tuple[Any, ...]]]:
    out: dict[str, list[tuple[Any, ...]]] = {}
    at = None if key is None else rows.names.index(key)
    for row in rows.tuples():
        out.setdefault("" if at is None else str(row[at] or ""), []).append(row)
    return out


# ---- what still holds it


def holding(
    folder: Path, kind: str, payloads: Iterable[Payload], words: Iterable[str], but: Iterable[Path]
) -> Iterator[Path]:
    """Files below a folder in which words stand, in any usual encoding, or the rows of payloads themselves."""
    needles = sorted({needle for word in words for needle in encodings(word)})
    identity = _BY_KIND[kind].identity
    keys = {tuple(str(p.get(k, "")) for k in identity) for p in payloads} if identity else set()
    left_out = {f"{path}{end}" for path in but for end in ("", "-wal", "-shm")}
    for path in sorted(folder.rglob("*")):
        if str(path) in left_out or not path.is_file() or path.is_symlink():
            continue
        if any(_stands_in(data, needles) for data in contents(path)) or (keys and _has_row(path, identity, keys)):
            yield path


def _words(kind: str, payload: Payload) -> Iterator[str]:
    known = {c.name: c for c in _BY_KIND[kind].columns}
    for name, value in payload.items():
        column = known.get(name)
        free = column is None or (column.type in _WORDS and column.refers is None)
        for word in value if isinstance(value, list) else [value]:
            if free and isinstance(word, str) and len(word.encode()) >= _LEAST:
                yield word


def encodings(word: str) -> list[bytes]:
    """A word as it may stand in a file: UTF-8, UTF-16, as JSON and HTML write it, base64 at each offset, hex."""
    plain = word.encode()
    out = [
        plain,
        word.encode("utf-16-le"),
        word.encode("utf-16-be"),
        json.dumps(word)[1:-1].encode(),
        plain.hex().encode(),
    ]
    escaped = word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    out += [escaped.encode(), escaped.replace('"', "&quot;").replace("'", "&#39;").encode()]
    for offset in range(3):
        # Whole groups of three bytes alone are the same whatever stands around them.
        whole = plain[(3 - offset) % 3 :]
        out.append(base64.b64encode(whole[: len(whole) // 3 * 3]))
    return [needle for needle in out if len(needle) >= _LEAST]


def _stands_in(data: bytes, needles: Iterable[bytes]) -> bool:
    return any(needle in data for needle in needles)


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is in it where it is packed (gzip, zip: workbooks, documents, archives)."""
    try:
        data = path.read_bytes()
        yield data
        if data[:2] == b"\x1f\x8b":
            yield gzip.decompress(data)
        elif data[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(path) as packed:
                for member in packed.infolist():
                    if member.file_size <= _MOST_BYTES:
                        yield packed.read(member)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
        return


def _has_row(path: Path, identity: tuple[str, ...], keys: set[tuple[str, ...]]) -> bool:
    """Whether a table (CSV or JSON lines) has a row of those records."""
    try:
        with path.open(encoding="utf-8-sig", errors="strict", newline="") as f:
            if path.suffix == ".jsonl":
                rows: Iterable[Mapping[str, Any]] = (r for r in map(json.loads, f) if isinstance(r, dict))
            elif path.suffix == ".csv":
                rows = csv.DictReader(f)
            else:
                return False
            return any(tuple(str(row.get(k, "")) for k in identity) in keys for row in rows)
    except (OSError, ValueError, csv.Error):
        return False
