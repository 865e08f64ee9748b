"""The log itself: signs a tree only when it continues what was signed before, and writes in the order that survives.

The order (each step on the disk before the next): leaves in the database of whoever uses this; tiles; the signed
checkpoint into that database (`keep`); the file `checkpoint`; then witnesses are asked. So no size is ever signed whose
leaves may be lost, and files are caches: a crash between any two steps leaves nothing that the next `publish` or `mend`
does not put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified, Refused
from trucewatch.ledger.files import Entries, LedgerFiles
from trucewatch.ledger.keys import Signer, VerifierKey
from trucewatch.ledger.notes import Note, Signature, parse
from trucewatch.ledger.tree import Tree

Keep = Callable[[str], None]  # stores a signed checkpoint durably; returns when it is on the disk


@dataclass
class Log:
    """Signs and publishes. `last` is the last checkpoint that `keep` got, None for a new log.

    `signers` are the log's keys (several while one takes over from another). NotVerified where `last` is not signed by
    one of the keys that are known, which are those of the signers and `known`.
    """

    origin: str
    files: LedgerFiles
    signers: Sequence[Signer]
    keep: Keep
    last: str | None = None
    known: Sequence[VerifierKey] = ()

    def __post_init__(self) -> None:
        if self.last is not None:
            self._own(self.last)

    def publish(self, tree: Tree, entries: Entries | None = None) -> str:
        """Sign the whole tree and write its files; the note. The same note again where nothing was appended.

        Every leaf of the tree must be committed already. Refused where the tree does not continue what was signed.
        """
        before = self.signed()
        if before is not None:
            check_continues(before, tree)
            if before.size == tree.size and self.last is not None:
                self._show(self.last)
                return self.last
        since = before.size if before is not None else 0
        self.files.write_tiles(tree, since, entries)
        text = Checkpoint(self.origin, tree.size, tree.root()).text
        note = str(Note(text).signed(*(s.sign(text) for s in self.signers)))
        self.keep(note)
        self.last = note
        self.files.write_checkpoint(note)
        self.files.prune(tree.size, since)
        return note

    def add(self, signatures: Iterable[Signature], witnesses: Sequence[VerifierKey]) -> str:
        """Put cosignatures of these witnesses under the last checkpoint, where they hold; the note with them.

        Lines of other keys are left out. NotVerified where a witness's line does not hold: then none is taken.
        """
        if self.last is None:
            raise LedgerError("there is no checkpoint yet that a witness could have seen")
        note = parse(self.last)
        taken = []
        for signature in signatures:
            for key in witnesses:
                if key.made(signature):
                    key.verify(note.text, signature)
                    taken.append(signature)
        more = str(note.signed(*taken))
        if more != self.last:
            self.keep(more)
            self.last = more
            self.files.write_checkpoint(more)
        return more

    def mend(self, tree: Tree, entries: Entries | None = None) -> list[str]:
        """The deep start: refuse an old copy, then make the files right again; the paths of what was wrong.

        `tree` is that of all committed leaves. Tiles are compared for the size that was signed. Refused where the file
        `checkpoint` is signed by this log and ahead of what was kept, or contradicts it: an old copy was restored.
        """
        before = self.signed()
        if before is not None:
            check_continues(before, tree)
        self._refuse_old_copy(tree)
        self.files.sweep()
        if before is None or self.last is None:
            return []
        mended = self.files.rebuild(_first(tree, before.size), entries)
        return [*mended, "checkpoint"] if self._show(self.last) else mended

    def resume(self) -> Tree:
        """The tree as it was signed last, from its tiles, to be appended to: for each start but the deep.

        Refused where an old copy was restored, NotVerified where the tiles at the edge are not those that were signed,
        LedgerError where they are missing: then `mend`.
        """
        self._refuse_old_copy(None)
        before = self.signed()
        if before is None:
            return Tree()
        tree = Tree.resume(self.files.nodes(before.size), before.size)
        if tree.root() != before.root:
            raise NotVerified("the tiles are not those that were signed", check="tiles", remedy="Rebuild them")
        return tree

    def signed(self) -> Checkpoint | None:
        """The last checkpoint that was kept."""
        return None if self.last is None else parse_checkpoint(parse(self.last).text)

    def _show(self, note: str) -> bool:
        """Let the file hold the note, unless it does; a crash may have come between the database and the file."""
        if _unless_malformed(self.files.checkpoint) == note:
            return False
        self.files.write_checkpoint(note)
        return True

    def _refuse_old_copy(self, tree: Tree | None) -> None:
        note = _unless_malformed(self.files.checkpoint)
        try:
            there = None if note is None else self._own(note)
        except LedgerError:  # a cut or foreign file is only a broken cache
            return
        if there is None:
            return
        kept = self.signed()
        if kept is None or there.size > kept.size:
            raise Refused(
                f"the file `checkpoint` says that {there.size:,} records were signed, the database knows of "
                f"{kept.size if kept else 0:,}: an older copy was restored; signing on from it would fork the ledger",
                check="old copy",
                remedy="Restore the newest copy; if it is lost, open a new log that names the old root",
            )
        if tree is not None:
            check_continues(there, tree)
        elif there.size == kept.size and there.root != kept.root:
            raise Refused("the file `checkpoint` contradicts what was signed: another copy went on", check="continuity")

    def _own(self, note: str) -> Checkpoint:
        parsed = parse(note)
        checkpoint = parse_checkpoint(parsed.text)
        keys = [s.verifier for s in self.signers] + list(self.known)
        made = [(k, s) for k in keys for s in parsed.signatures if k.made(s)]
        if checkpoint.origin != self.origin or not made:
            raise NotVerified(f"the checkpoint was not signed by {self.origin}", check="log signature")
        for key, signature in made:
            key.verify(parsed.text, signature)
        return checkpoint


def check_continues(signed: Checkpoint, tree: Tree) -> None:
    """Refuse a tree that does not continue a checkpoint. Refused, which says whether leaves are missing or changed."""
    if tree.size < signed.size:
        raise Refused(
            f"{signed.size:,} records were signed and only {tree.size:,} are there: some were lost, or an older copy "
            "was restored; signing on from it would fork the ledger",
            check="old copy",
            remedy="Restore the newest copy; if it is lost, open a new log that names the old root",
        )
    if tree.root(signed.size) != signed.root:
        raise Refused(
            f"the first {signed.size:,} records are not those that were signed: one was changed, dropped or moved",
            check="continuity",
            remedy="Compare with a copy or a mirror to find which",
        )


def _first(tree: Tree, size: int) -> Tree:
    if tree.size == size:
        return tree
    data = tree.row(0, 0, size) if size else b""
    return Tree(data[k : k + 32] for k in range(0, len(data), 32))


def _unless_malformed(read: Callable[[], str | None]) -> str | None:
    try:
        return read()
    except Malformed:
        return None
