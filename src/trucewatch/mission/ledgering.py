"""The mission's ledger: every record that is appended, by whatever command, is signed for (design 11).

The store commits each record with its leaf in one transaction. Here is what comes before it (may this copy go on?) and
after it: tiles, the signed checkpoint, the files in `ledger/`, witnesses. The database is the truth; the files are
caches that the next run puts right.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.disk import owner, write_whole
from trucewatch.ledger.errors import LedgerError, NotVerified, Refused
from trucewatch.ledger.files import KEYS, LedgerFiles
from trucewatch.ledger.keys import KeyType, Signer, VerifierKey, parse_key
from trucewatch.ledger.log import Log
from trucewatch.ledger.notes import parse
from trucewatch.ledger.policy import LogKey, Policy, Witness
from trucewatch.ledger.proofs import consistency_proof, inclusion_proof
from trucewatch.ledger.receipts import MOST_LEAVES, Receipt, Receipts, open_receipts
from trucewatch.ledger.tree import Tree
from trucewatch.ledger.witness_client import ask_all
from trucewatch.mission.signing import NewKey, new_key, open_signer
from trucewatch.model.errors import Fault, Refusal, Rejected
from trucewatch.model.times import from_us, zone
from trucewatch.publishing import fields
from trucewatch.store.transaction import Coarse, Hooks, Transaction

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

FOLDER, LOCK = "ledger", ".lock"
RECEIPTS = "receipts"
# Notes of the store: verifier keys, one a line, the signing one first; and which of them were revoked when.
_KEYS, _REVOKED = "ledger.keys", "ledger.revoked"
_FORMER = "ledger.former"  # keys of logs that were lost and are not gone on with
_WAIT_S = 10.0
PLACE, PROTECTED_PLACE, DAY = "_place", "_place_protected", "_day"


class MissionLedger:
    """The ledger of one mission. `notes` are what people should know of the last writes."""

    def __init__(self, mission: Mission) -> None:
        self._mission = mission
        self.files = LedgerFiles(mission.dir / FOLDER)
        self.notes: list[str] = []
        self._together = 0
        self._behind = False
        self._over = self._looked = False
        self._also: list[Signer] = []  # keys that sign once more while another takes over

    def told(self) -> list[str]:
        """The notes, each once."""
        notes, self.notes = list(dict.fromkeys(self.notes)), []
        return notes

    @property
    def hooks(self) -> Hooks:
        """What the store does for the ledger."""
        rules = self._mission.config.publication
        return Hooks(coarse_fields(rules.place_km, self._mission.config.timezone), self.before, self.after)

    # ---- keys

    def begin(self, passphrase: str | None = None) -> NewKey | None:
        """Make the ledger's key, unless it has one; what was made."""
        if self.keys:
            return None
        made = self.fresh_key(passphrase)
        self.files.write_keys([made.verifier])
        return made

    def fresh_key(self, passphrase: str | None = None) -> NewKey:
        """A key for a log of a new name."""
        origin = f"trucewatch/{_slug(self._mission.config.id)}/{os.urandom(4).hex()}"
        return new_key(self._mission.dir, origin, passphrase, beside=self._mission.config.exercise)

    def hand_over(self, tx: Transaction, new: Signer, old: Signer, revoked_s: int | None) -> None:
        """Let another key sign from the end of a transaction on; the first checkpoint after it both sign."""
        tx.set_meta(_KEYS, "\n".join(map(str, dict.fromkeys([new.verifier, *self.keys]))))
        if revoked_s is not None:
            tx.set_meta(_REVOKED, json.dumps({**self.revocations(), str(old.verifier): revoked_s}))
        self.signer = new
        self._also = [old]

    def start_over(self, tx: Transaction, key: VerifierKey) -> None:
        """Let another log begin at the end of a transaction, with this key alone."""
        tx.set_meta(_FORMER, "\n".join([*map(str, self.former()), *map(str, self.keys)]))
        tx.set_meta(_KEYS, str(key))
        tx.set_meta(_REVOKED, "{}")
        self.signer = open_signer(self._mission.dir, key)
        self._over = True

    @cached_property
    def signer(self) -> Signer:
        """What signs. `Refusal` where the key is not here or does not open."""
        if not self.keys:
            made = self.begin()
            if made is not None and not self._mission.config.exercise:
                self.notes.append(made.note)
        return open_signer(self._mission.dir, self.keys[0])

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The log's verifier keys, the signing one first; none in a mission that has no ledger yet."""
        mission = self._mission
        told = mission.store.meta(_KEYS) if mission.database.exists() else None
        with told_of_ledger():
            if told:
                return tuple(map(parse_key, told.split("\n")))
            return self.files.keys()[:1]

    # ---- around each transaction that appends

    def before(self) -> None:
        """Refuse to append where the key does not open, or this is an older copy than its own files tell of."""
        if self._over or (self._together and self._looked):  # the old log is given up; or it was looked at just now
            return
        with told_of_ledger():
            self._resumed(self._log())
        self._looked = True

    def look(self) -> None:
        """`Refusal` where this is an older copy than its own files tell of. Needs no private key."""
        if not self.keys:
            return
        with told_of_ledger():
            try:
                self._resumed(self._log_with([]))
            except Refused:  # another process may have signed between the look at the database and that at the file
                self._resumed(self._log_with([]))

    def after(self) -> None:
        """Sign what was appended and write the files; later, where several transactions belong together."""
        if self._together:
            self._behind = True
            return
        try:
            self.publish()
        except (LedgerError, OSError, Refusal, Rejected) as e:
            # The records are stored and acknowledged: the next run signs for them.
            self.notes.append(f"the records are stored; the ledger's files will be written by the next run ({e})")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Sign once for all transactions within."""
        self._together += 1
        self._looked = self._looked and self._together > 1
        try:
            yield
        finally:
            self._together -= 1
            if self._behind and not self._together:
                self._behind = False
                self.after()

    def publish(self) -> str:
        """Sign the whole tree, unless it is signed, and let `ledger/` hold it; the note. LedgerError, OSError."""
        with self._owned():
            log = self._log()
            tree, whole = self._resumed(log)
            tree.extend(self._mission.store.leaf_hashes(tree.size))
            log.publish(tree, self._mission.store.entries)
            self._also = []
            if not whole:
                log.mend(self.tree(), self._mission.store.entries)
            self._write_keys()
            if self._mission.config.ledger.each_ingest:
                self._ask(log)
            assert log.last is not None
            return log.last

    def ask_witnesses(self) -> str:
        """Sign what is new, ask every witness whatever mission.yaml says of each intake; the note with all signatures.

        What a witness did not give is among the notes. LedgerError, OSError.
        """
        self.publish()
        with self._owned():
            log = self._log()
            self._ask(log)
            assert log.last is not None
            return log.last

    def _ask(self, log: Log) -> None:
        """Ask the witnesses that have not signed the last checkpoint; who is missing is told, never waited for long."""
        rules, signed = self._mission.config.ledger, log.signed()
        if not rules.witnesses or signed is None or log.last is None:
            return
        there = parse(log.last).signatures
        keys = [(w.url, parse_key(w.key)) for w in rules.witnesses]
        wanted = [(url, key) for url, key in keys if url and not any(key.made(s) for s in there)]
        nodes = self.files.nodes(signed.size)
        answers = ask_all(wanted, log.last, lambda old, new: consistency_proof(nodes, old, new), rules.wait_s)
        self.notes += [f"a witness is missing: {a.why}" for a in answers if a.signature is None]
        note = log.add([a.signature for a in answers if a.signature is not None], [key for _, key in keys])
        try:
            self.policy().open(note)
        except LedgerError as e:
            self.notes.append(f"the checkpoint of {signed.size:,} records is not believed yet: {e.what}")

    def policy(self) -> Policy:
        """Whose signatures count for this mission's checkpoints. Malformed where there is no key yet."""
        rules, keys = self._mission.config.ledger, self.keys
        revoked = self.revocations()
        log_keys = tuple(LogKey(k, revoked.get(str(k))) for k in keys)
        witnesses = tuple(Witness(parse_key(w.key), w.neutral) for w in rules.witnesses)
        return Policy(keys[0].name if keys else "", log_keys, witnesses, rules.quorum, rules.neutral)

    def former(self) -> tuple[VerifierKey, ...]:
        """Keys of logs that this one took the place of."""
        told = self._mission.store.meta(_FORMER) if self._mission.database.exists() else None
        return tuple(map(parse_key, told.split("\n"))) if told else ()

    def revocations(self) -> dict[str, int]:
        """Keys of the log that were revoked, by their line, and since when, seconds since 1970."""
        told = self._mission.store.meta(_REVOKED) if self._mission.database.exists() else None
        return {str(k): int(v) for k, v in json.loads(told or "{}").items()}

    # ---- receipts

    def receipts(self, name: str, first: int, last: int) -> list[Path]:
        """Write the receipts of records `first` to `last` to DIR/receipts, as NAME.receipt; the files. OSError."""
        folder, out = self._mission.dir / RECEIPTS, list[Path]()
        hashes = list(self._mission.store.leaf_hashes(first - 1, last))
        for k in range(0, len(hashes), MOST_LEAVES):
            some = tuple(hashes[k : k + MOST_LEAVES])
            origin, index = self.signer.verifier.name, first - 1 + k
            receipt = Receipts(origin, index, some) if len(some) > 1 else Receipt(origin, index, some[0])
            path = folder / f"{name}{f'.{k // MOST_LEAVES + 1}' if len(hashes) > MOST_LEAVES else ''}.receipt"
            write_whole(
                folder.parent, [(path.relative_to(folder.parent).as_posix(), receipt.signed(self.signer).encode())]
            )
            out.append(path)
        return out

    def check_receipts(self, note: bytes) -> tuple[int, int, int]:
        """Check a receipt against this ledger as it stands: first and last record, and how many records there are.

        NotVerified, Malformed where it is none of this log, or a promise was broken.
        """
        promises = open_receipts(note, [k for k in self.keys if k.type is KeyType.NOTE])
        last = self._log_with([]).last
        if last is None:
            raise LedgerError("nothing was signed yet", check="checkpoint")
        checkpoint = self.believed(last)
        nodes = self.files.nodes(checkpoint.size)
        for receipt in promises:
            if receipt.index < checkpoint.size:
                proof = inclusion_proof(nodes, receipt.index, checkpoint.size)
                receipt.check(checkpoint, nodes.node(0, receipt.index), proof)
        return promises[0].index + 1, promises[-1].index + 1, checkpoint.size

    # ---- files

    def mend(self, tree: Tree) -> list[str]:
        """Make the files right again that are wrong or missing, without signing anything; their paths.

        LedgerError where this is an older copy, or the leaves are not those that were signed.
        """
        if not self.keys:
            return []
        with self._owned():
            mended = self._log_with([]).mend(tree, self._mission.store.entries)
            return [*mended, *self._write_keys()]

    def believed(self, note: str) -> Checkpoint:
        """A checkpoint that one of this log's keys signed. NotVerified, Malformed else."""
        origin = parse_checkpoint(parse(note).text).origin
        keys = tuple(LogKey(k) for k in (*self.keys, *self.former()) if k.name == origin)
        if not keys:
            raise NotVerified(f"it is of another log: {origin[:80]!r}", check="origin")
        return Policy(origin, keys).open(note).checkpoint

    def tree(self) -> Tree:
        """The tree of all leaves in the database."""
        return Tree(self._mission.store.leaf_hashes())

    def _log(self) -> Log:
        return self._log_with([self.signer, *self._also])

    def _log_with(self, signers: Sequence[Signer]) -> Log:
        store, keys = self._mission.store, self.keys
        origin = keys[0].name if keys else ""
        return Log(origin, self.files, signers, store.keep_checkpoint, store.checkpoint(origin), keys)

    def _resumed(self, log: Log) -> tuple[Tree, bool]:
        """The tree as it was signed, from the tiles at its edge, or from the leaves where tiles are missing or wrong;
        and whether they were right."""
        try:
            return log.resume(), True
        except Refused:
            raise
        except LedgerError:
            signed = log.signed()
            size = 0 if signed is None else signed.size
            return Tree(self._mission.store.leaf_hashes(upto=size)), False

    def _write_keys(self) -> list[str]:
        """Let database and file hold the keys; the name of the file where it did not."""
        store, keys = self._mission.store, self.keys
        lines = "\n".join(map(str, keys))
        if store.meta(_KEYS) != lines:
            store.set_meta(_KEYS, lines)
        shown = (*keys, *(parse_key(w.key) for w in self._mission.config.ledger.witnesses))
        if _or_none(self.files.keys) == shown:
            return []
        self.files.write_keys(shown)
        return [KEYS]

    @contextmanager
    def _owned(self) -> Iterator[None]:
        """Be the one who writes the ledger's files; another is waited for, ten seconds at most."""
        until = time.monotonic() + _WAIT_S
        while True:
            lock = owner(self.files.root / LOCK)
            try:
                lock.__enter__()
                break
            except Refused:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        try:
            yield
        finally:
            lock.__exit__(None, None, None)


def coarse_fields(place_km: float, timezone: str) -> Coarse:
    """The fields that are committed to besides a record's own: its place as the public and as protected claims leave
    it (latitude, longitude, radius in km), and the local day on which it begins.

    So a package can show where and when roughly, and prove it, without showing more.
    """

    def coarse(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        start = payload.get("start")
        if isinstance(start, int):
            out[DAY] = _day(start // _QUARTER_US, timezone)
        if "lat" in payload and "lon" in payload:
            lat, lon, radius = payload["lat"], payload["lon"], payload.get("radius_km")
            out[PLACE] = open_ = place(lat, lon, radius, place_km)
            out[PROTECTED_PLACE] = place(*open_, fields.PROTECTED_PLACE_KM)
        return out

    return coarse


@lru_cache(4_096)
def place(lat: float, lon: float, radius_km: float | None, step_km: float) -> tuple[float, float, float | None]:
    """A place on a grid of `step_km` (0 = as it is), its radius widened as the publication policy widens it."""
    out = fields.coarsened("claims", {"lat": lat, "lon": lon, "radius_km": radius_km}, step_km)
    return out["lat"], out["lon"], out["radius_km"]


_QUARTER_US = 15 * 60 * 1_000_000  # no time zone begins its day but on a quarter of an hour


@lru_cache(65_536)
def _day(quarter: int, timezone: str) -> str:
    return from_us(quarter * _QUARTER_US).astimezone(zone(timezone)).date().isoformat()


@contextmanager
def told_of_ledger() -> Iterator[None]:
    """Faults of the ledger as the program tells faults: which check failed, what it means, what to do."""
    try:
        yield
    except LedgerError as e:
        remedy = e.remedy or "Run: trucewatch check --deep"
        if e.check == "old copy":
            remedy = "Restore the newest copy. Only if it is lost: trucewatch init DIR --new-log"
        raise Refusal(Fault(e.what, remedy)) from e


def _or_none(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except LedgerError:
        return None


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-") or "mission"


__all__ = ["DAY", "PLACE", "PROTECTED_PLACE", "MissionLedger", "coarse_fields", "told_of_ledger"]
