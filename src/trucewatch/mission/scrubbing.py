"""`check --deep`: every record against its leaf, all leaves against every root that was signed, every file of the
ledger against the leaves. Files are made anew; damaged records are put back from a copy of the mission, where one is
named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.ledger.checkpoints import Checkpoint
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.tree import HASH_BYTES, Tree
from trucewatch.model.errors import Fault, Refusal
from trucewatch.store.checks import ROWS, Row, fault, faults

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

_MOST = 1_000
_REMEDY = (
    "Restore it from a copy: trucewatch check --deep --from COPY. It may be the work of somebody: keep this one too"
)


@dataclass
class Scrub:
    """What was found: `bad` records by number with what is wrong, files made anew, records put back, other faults."""

    records: int = 0
    checkpoints: int = 0
    bad: dict[int, str] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    others: list[Fault] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """Everything that is wrong and stays so."""
        told = [Fault(f"record {seq}: {what}", _REMEDY) for seq, what in sorted(self.bad.items())[:_MOST]]
        if len(self.bad) > _MOST:
            told.append(Fault(f"and {len(self.bad) - _MOST} more records", _REMEDY))
        return [*told, *self.others]


def scrub(mission: Mission, copy: Path | None = None) -> Scrub:
    """Look at everything that the ledger speaks of; `copy`: another folder of this mission, to take damaged records
    from. `Refusal` where the database cannot be read at all."""
    store, out = mission.store, Scrub()
    out.others += [Fault(f"the database's file is damaged: {line}", _REMEDY) for line in store.damage()]
    erased: list[int] = []
    out.bad = dict(faults(_noting(store.rows(), erased)))
    out.bad |= _unfounded(mission, erased)
    signed = list(_signed(mission, out))  # before the leaves: what comes in meanwhile is more, and never less
    tree = mission.ledger.tree()
    out.bad |= {seq: what for seq, what in _missing_at_end(tree.size, signed).items() if seq not in out.bad}
    out.bad |= {seq: what for seq, what in _forged(mission, tree, signed).items() if seq not in out.bad}
    if copy is not None and out.bad:
        _restore(mission, copy, signed, out)
        tree = mission.ledger.tree()
    out.records, out.checkpoints = tree.size, len(signed)
    for checkpoint in signed:
        if checkpoint.size <= tree.size and tree.root(checkpoint.size) != checkpoint.root:
            out.others.append(Fault(
                f"the first {checkpoint.size:,} records do not have the root that was signed for them: one was "
                "changed, dropped, added or moved", _REMEDY,
            ))  # fmt: skip
            break
    if not out.errors:
        try:
            out.mended = mission.ledger.mend(tree)
        except LedgerError as e:
            out.others.append(Fault(e.what, e.remedy or _REMEDY))
    return out


def _noting(rows: Iterable[Row], erased: list[int]) -> Iterator[Row]:
    """The rows as they are, and the numbers of those that count as erased noted by the way."""
    for row in rows:
        if row.by_seq is not None:
            erased.append(row.seq)
        yield row


def _unfounded(mission: Mission, erased: Sequence[int]) -> dict[int, str]:
    """Records that count as erased though no redaction names them."""
    try:
        named = {int(seq) for r in mission.store.read("redaction") for seq in r.payload.get("seqs", ())}
    except Refusal:  # a redaction's own payload was changed, which is told already
        return {}
    return {seq: "it counts as erased, and no redaction names it" for seq in erased if seq not in named}


def _signed(mission: Mission, out: Scrub) -> Iterator[Checkpoint]:
    """Every checkpoint that was kept and that the log's keys signed, and the one in the file; others are told."""
    notes = mission.store.checkpoints()
    try:
        shown = mission.ledger.files.checkpoint()
    except LedgerError as e:
        shown = None
        out.others.append(Fault(e.what, "It is made anew from the database"))
    told = set[str]()
    for note, where in [*((n, "a checkpoint in the database") for n in notes), (shown, "the file ledger/checkpoint")]:
        if note is None or note in told:
            continue
        told.add(note)
        try:
            yield mission.ledger.believed(note)
        except LedgerError as e:
            if where.startswith("a "):  # a broken file is only a cache
                out.others.append(Fault(f"{where} is not what the log signed: {e.what}", _REMEDY))


def _missing_at_end(size: int, signed: list[Checkpoint]) -> dict[int, str]:
    most = max((c.size for c in signed), default=0)
    return dict.fromkeys(range(size + 1, min(most, size + _MOST) + 1), "it was signed for and is not there")


def _forged(mission: Mission, tree: Tree, signed: list[Checkpoint]) -> dict[int, str]:
    """Records whose row and leaf were changed together, found by comparing with tiles that have the signed root."""
    fitting = [c for c in signed if c.size <= tree.size and tree.root(c.size) != c.root]
    if not fitting:
        return {}
    checkpoint = max(fitting, key=lambda c: c.size)
    try:
        leaves = list(mission.ledger.files.leaves(checkpoint.size))
    except LedgerError:
        return {}
    if Tree(leaves).root() != checkpoint.root:
        return {}
    own = tree.row(0, 0, checkpoint.size)
    return {
        k + 1: "it is not the record that was signed for: row and leaf were changed together"
        for k, leaf in enumerate(leaves)
        if own[k * HASH_BYTES : (k + 1) * HASH_BYTES] != leaf
    }


def _restore(mission: Mission, copy: Path, signed: list[Checkpoint], out: Scrub) -> None:
    """Take damaged records from a copy, if there they are what this ledger signed for."""
    right = _right_leaves(mission, copy, signed)
    rows = _rows_of(copy, set(out.bad))
    good = {
        seq: row for seq, row in rows.items() if fault(row) is None and row.hash is not None and right(seq) == row.hash
    }
    with mission.store.writing() as tx:
        for seq in sorted(good):
            tx.restore(good[seq])
            del out.bad[seq]
            out.restored.append(seq)


def _right_leaves(mission: Mission, copy: Path, signed: list[Checkpoint]) -> Callable[[int], bytes | None]:
    """The leaf hash that was signed for, by record number: from tiles, here or in the copy, that have a signed root."""
    for checkpoint in sorted(signed, key=lambda c: -c.size):
        for files in (mission.ledger.files, LedgerFiles(copy / "ledger")):
            try:
                leaves = list(files.leaves(checkpoint.size))
            except LedgerError:
                continue
            if Tree(leaves).root() == checkpoint.root:
                return lambda seq, found=leaves: found[seq - 1] if seq <= len(found) else None  # type: ignore[misc]
    return lambda seq: None


def _rows_of(copy: Path, wanted: set[int]) -> dict[int, Row]:
    database = copy / "trucewatch.db"
    if not database.is_file():
        raise Refusal(Fault(f"{str(copy)!r} holds no trucewatch.db", "Name the folder of a copy of this mission"))
    try:
        c = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        try:
            return {row.seq: row for row in map(Row._make, c.execute(ROWS)) if row.seq in wanted}
        finally:
            c.close()
    except sqlite3.Error as e:
        raise Refusal(Fault(f"the copy's database cannot be read ({e})", "Name another copy")) from e
