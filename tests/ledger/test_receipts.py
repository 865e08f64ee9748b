"""Who submitted something holds the log's promise; a payload opens for its own record and key alone."""

from __future__ import annotations

import pytest

from tests.ledger.worlds import LOG, ORIGIN, leaves, signer
from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.notes import Note, parse
from trucewatch.ledger.proofs import inclusion_proof
from trucewatch.ledger.receipts import Receipt, open_receipt
from trucewatch.ledger.sealing import new_keys, seal, unseal
from trucewatch.ledger.tree import Tree

TREE = Tree(leaves(0, 20))
RECEIPT = Receipt(ORIGIN, 7, TREE.node(0, 7))


def head(tree: Tree, size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree.root(size))


def test_a_receipt_is_read_back_and_kept() -> None:
    receipt = open_receipt(RECEIPT.signed(LOG), [LOG.verifier])
    assert receipt == RECEIPT
    assert receipt.check(head(TREE, 20), TREE.node(0, 7), inclusion_proof(TREE, 7, 20))
    assert not receipt.check(head(TREE, 7), bytes(32), [])


def test_a_broken_promise_is_proved() -> None:
    other = Tree([*leaves(0, 7), *leaves(8, 20)])
    with pytest.raises(NotVerified, match="dropped or changed") as told:
        RECEIPT.check(head(other, 19), other.node(0, 7), inclusion_proof(other, 7, 19))
    assert told.value.check == "receipt"


def test_a_log_is_not_accused_without_a_proof() -> None:
    for leaf, proof in ((bytes(32), inclusion_proof(TREE, 7, 20)), (TREE.node(0, 7), [])):
        with pytest.raises(NotVerified) as told:
            RECEIPT.check(head(TREE, 20), leaf, proof)
        assert told.value.check == "inclusion"
    with pytest.raises(NotVerified, match="two logs"):
        RECEIPT.check(Checkpoint("x", 20, TREE.root()), TREE.node(0, 7), inclusion_proof(TREE, 7, 20))


def note(text: str) -> str:
    return str(Note(text).signed(LOG.sign(text)))


LINES = RECEIPT.text.split("\n")
BAD = {
    "of another": RECEIPT.signed(signer(ORIGIN, seed="a thief")),
    "a changed leaf": RECEIPT.signed(LOG).replace("\n7\n", "\n8\n"),
    "a checkpoint": note(head(TREE, 20).text),
    "without a log": note("\n".join([LINES[0], "", *LINES[2:]])),
    "with a line more": note(RECEIPT.text + "x\n"),
    "an index with a zero": note(RECEIPT.text.replace("\n7\n", "\n07\n")),
    "a short hash": note("\n".join([*LINES[:3], "AAAA", ""])),
    "no note": RECEIPT.text,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_anything_else_is_no_receipt(text: str) -> None:
    with pytest.raises(LedgerError):
        open_receipt(text, [LOG.verifier])


def test_a_receipt_is_never_taken_for_a_checkpoint() -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(parse(RECEIPT.signed(LOG)).text)


def test_a_payload_opens_with_its_key_for_its_record_alone() -> None:
    key, other = new_keys(2)
    sealed = seal(key, b"who saw it", b"record 7")
    assert unseal(key, sealed, b"record 7") == b"who saw it"
    assert b"who" not in sealed
    assert seal(key, b"", b"") != seal(key, b"", b"")
    assert unseal(key, seal(key, b"", b""), b"") == b""
    for k, data, about in (
        (other, sealed, b"record 7"),
        (key, sealed, b"record 8"),
        (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"record 7"),
        (key, bytes([sealed[0] ^ 1]) + sealed[1:], b"record 7"),
        (key, sealed[:11], b"record 7"),
        (key, b"", b"record 7"),
        (b"short", sealed, b"record 7"),
    ):
        with pytest.raises(NotVerified):
            unseal(k, data, about)
