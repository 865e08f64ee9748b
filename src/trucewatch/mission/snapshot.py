"""The records that count under a cut: newest versions of everything known or recorded by a time (law L8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

import yaml

from trucewatch.model.columns import KINDS

Payload = dict[str, Any]


class RecordLike(Protocol):
    """What a stored record shows."""

    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def recorded_at(self) -> int: ...  # noqa: D102
    @property
    def known_at(self) -> int: ...  # noqa: D102
    @property
    def payload(self) -> Payload: ...  # noqa: D102


class Reader(Protocol):
    """What a snapshot needs of a store."""

    def read(self, kind: str, as_of: int | None = None, known_by: int | None = None) -> Iterable[RecordLike]:
        """Records of a kind by seq, all versions, under a cut."""
        ...

    def ids(self, kind: str) -> Iterable[str]:
        """Ids of all records of a kind by seq, all versions."""
        ...


class Once:
    """A reader that reads each kind once, for several snapshots: their cuts are no wider than its own."""

    def __init__(self, store: Reader, as_of: int | None = None, known_by: int | None = None) -> None:
        self._store = store
        self._cut = {"as_of": as_of, "known_by": known_by}
        self._records: dict[str, list[RecordLike]] = {}
        self._ids: dict[str, list[str]] = {}

    def read(self, kind: str, as_of: int | None = None, known_by: int | None = None) -> Iterator[RecordLike]:
        """Records of a kind by seq, all versions, under a cut."""
        if kind not in self._records:
            self._records[kind] = list(self._store.read(kind, **self._cut))
        for record in self._records[kind]:
            if (as_of is None or record.recorded_at <= as_of) and (known_by is None or record.known_at <= known_by):
                yield record

    def ids(self, kind: str) -> list[str]:
        """Ids of all records of a kind by seq, all versions."""
        if kind not in self._ids:
            self._ids[kind] = list(self._store.ids(kind))
        return self._ids[kind]


@dataclass(slots=True)
class Versions:
    """A record with identity: its newest version known, the older ones, and its number among first versions."""

    id: str
    number: int
    payload: Payload
    known_at: int
    older: list[tuple[int, Payload]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Records under a cut. `claims`: by number; `tables`: table name -> newest payloads with `known_at` beside them."""

    claims: list[Versions]
    tables: Mapping[str, list[Versions]]
    fit: Payload


@lru_cache(maxsize=1)
def shipped_fit() -> Payload:
    """The fit of a mission that has none of its own."""
    found: Payload = yaml.safe_load(files("trucewatch.data").joinpath("fit.yaml").read_text(encoding="utf-8"))
    return found


def snapshot(store: Reader, as_of: int | None = None, known_by: int | None = None) -> Snapshot:
    """Read the store under a cut (microseconds; both None = everything).

    A claim's number counts first versions in the order of intake of the whole store, so that ids agree between cuts.
    """
    cut = {"as_of": as_of, "known_by": known_by}
    numbers: dict[str, int] | None = None
    erased = any(True for _ in store.read("redaction"))  # what was erased keeps its number
    if as_of is not None or known_by is not None or erased:
        numbers = {}
        for id_ in store.ids("claim"):
            numbers.setdefault(id_, len(numbers) + 1)
    claims = _newest(store.read("claim", **cut), numbers)
    tables = {name: _newest(store.read(kind.name, **cut), None) for name, kind in KINDS.items() if name != "claims"}
    fits = list(store.read("fit", **cut))
    fit = max(fits, key=lambda r: (r.known_at, r.seq)).payload if fits else shipped_fit()
    return Snapshot(claims, tables, fit)


def _newest(records: Iterable[RecordLike], numbers: Mapping[str, int] | None) -> list[Versions]:
    """Newest known version of each id, the later intake among equals; in order of first intake."""
    found: dict[str, Versions] = {}
    for record in records:
        held = found.get(record.id)
        if held is None:
            number = len(found) + 1 if numbers is None else numbers[record.id]
            found[record.id] = Versions(record.id, number, record.payload, record.known_at)
        else:
            newer(held, record.payload, record.known_at)
    return sorted(found.values(), key=lambda v: v.number)


def newer(held: Versions, payload: Payload, known_at: int) -> None:
    """Put another version of a record to it: the newest known counts, the later intake among equals."""
    if known_at >= held.known_at:
        held.older.append((held.known_at, held.payload))
        held.payload, held.known_at = payload, known_at
    else:
        held.older.append((known_at, payload))
