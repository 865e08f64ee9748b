"""What is believed: the log's word with a quorum of witnesses. One changed bit anywhere, and it is not."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.ledger.worlds import LOG, NEUTRAL, NORTH, ORIGIN, SOUTH, leaves, policy, signer
from trucewatch.ledger.checkpoints import Checkpoint
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.keys import KeyType, Signer
from trucewatch.ledger.notes import Note
from trucewatch.ledger.policy import LogKey, Policy, Witness
from trucewatch.ledger.proofs import inclusion_proof
from trucewatch.ledger.tlog_proof import TlogProof, parse_proof
from trucewatch.ledger.tree import Tree

TREE = Tree(leaves(0, 3))
TEXT = Checkpoint(ORIGIN, TREE.size, TREE.root()).text
T = 1_700_000_000


def note(*who: Signer, text: str = TEXT, time_s: int = T) -> Note:
    return Note(text).signed(*(s.sign(text, None if s.verifier.type is KeyType.NOTE else time_s) for s in who))


def test_a_checkpoint_with_its_quorum_is_believed_and_a_missing_witness_is_named() -> None:
    opened = policy().open(note(LOG, NORTH, NEUTRAL))
    assert (opened.checkpoint.size, opened.checkpoint.root) == (3, TREE.root())
    assert [(s.witness.key.name, s.time_s) for s in opened.seen] == [("north.example/w", T), ("third.example/w", T)]
    assert [w.key.name for w in opened.missing] == ["south.example/w"]


def test_witnesses_are_named_in_the_order_of_the_policy_whatever_the_order_of_lines() -> None:
    one, other = policy().open(note(LOG, NORTH, NEUTRAL, SOUTH)), policy().open(note(SOUTH, NEUTRAL, NORTH, LOG))
    assert one == other


@pytest.mark.parametrize(
    ("who", "check"),
    [
        ((NORTH, SOUTH, NEUTRAL), "log signature"),
        ((LOG,), "quorum"),
        ((LOG, NORTH), "quorum"),
        ((LOG, NORTH, NORTH), "quorum"),
        ((LOG, NORTH, SOUTH), "neutral witness"),
        ((LOG, NORTH, signer("third.example/w", KeyType.COSIGNATURE, seed="a forger")), "quorum"),
        ((signer(ORIGIN, seed="a thief"), NORTH, NEUTRAL), "log signature"),
    ],
)
def test_what_is_missing_is_named_by_its_check(who: tuple[Signer, ...], check: str) -> None:
    with pytest.raises(NotVerified) as told:
        policy().open(note(*who))
    assert told.value.check == check


def test_one_witness_counts_once_however_often_it_signed() -> None:
    twice = note(LOG, NORTH).signed(NORTH.sign(TEXT, T + 1), NORTH.sign(TEXT, T - 1))
    with pytest.raises(NotVerified, match="only 1 of the 2"):
        policy().open(twice)
    assert policy(1, 0).open(twice).seen[0].time_s == T - 1


def test_lines_of_unknown_keys_are_ignored_and_a_bad_line_of_a_known_key_refuses_the_note() -> None:
    stranger = signer("stranger.example", KeyType.COSIGNATURE)
    policy().open(note(LOG, NORTH, NEUTRAL, stranger))
    bad = replace(SOUTH.sign(TEXT, T), blob=T.to_bytes(8, "big") + bytes(64))
    with pytest.raises(NotVerified, match=r"south\.example"):
        policy().open(note(LOG, NORTH, NEUTRAL).signed(bad))


def test_a_checkpoint_of_another_log_is_told_as_such() -> None:
    other = Checkpoint("another.example/log", TREE.size, TREE.root()).text
    with pytest.raises(NotVerified, match="another log"):
        policy().open(note(LOG, NORTH, NEUTRAL, text=other))


IMPOSSIBLE: dict[str, Callable[[], Policy]] = {
    "more witnesses than there are": lambda: policy(quorum=4),
    "fewer than none": lambda: policy(quorum=-1),
    "two of no party where there is one": lambda: policy(2, neutral=2),
    "one of no party among none": lambda: Policy(ORIGIN, (LogKey(LOG.verifier),), (Witness(NORTH.verifier),), 1),
    "no key of the log": lambda: Policy(ORIGIN, ()),
    "a witness's key for the log": lambda: Policy(ORIGIN, (LogKey(NORTH.verifier),)),
    "a log's key for a witness": lambda: Policy(ORIGIN, (LogKey(LOG.verifier),), (Witness(signer("x").verifier),)),
    "one key under two names": lambda: Policy(
        ORIGIN,
        (LogKey(LOG.verifier),),
        tuple(Witness(signer(n, KeyType.COSIGNATURE, seed="same").verifier, True) for n in ("a", "b")),
        2,
    ),
    "a witness with the log's own key": lambda: Policy(
        ORIGIN,
        (LogKey(LOG.verifier),),
        (Witness(signer("w", KeyType.COSIGNATURE, seed=ORIGIN).verifier, True),),
        1,
    ),
}


@pytest.mark.parametrize("make", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_policy_that_cannot_be_met_or_counts_twice_is_refused(make: Callable[[], Policy]) -> None:
    with pytest.raises(Malformed):
        make()


def test_a_stolen_key_signs_nothing_that_is_believed_after_its_revocation() -> None:
    """Threat 6: old packages, seen by witnesses before, still verify; forks signed by the thief do not."""
    new = signer(ORIGIN, seed="the next key")
    after = policy(log_keys=(LogKey(new.verifier), LogKey(LOG.verifier, revoked_s=T)))
    assert after.open(note(LOG, NORTH, NEUTRAL, time_s=T)).log_key == LOG.verifier
    assert after.open(note(LOG, new, NORTH, NEUTRAL, time_s=T + 9)).log_key == new.verifier
    for stolen in (note(LOG), note(LOG, NORTH), note(LOG, NORTH, NEUTRAL, time_s=T + 1)):
        with pytest.raises(NotVerified) as told:
            after.open(stolen)
        assert told.value.check == "revocation"
    alone = Policy(ORIGIN, (LogKey(LOG.verifier, revoked_s=T),))
    with pytest.raises(NotVerified, match="revoked"):
        alone.open(note(LOG))


def flips(data: bytes) -> list[bytes]:
    return [data[:k] + bytes([data[k] ^ 1 << b]) + data[k + 1 :] for k in range(len(data)) for b in range(8)]


def believed(data: bytes, check: Callable[[bytes], object]) -> int:
    count = 0
    for changed in flips(data):
        try:
            check(changed)
        except LedgerError:
            continue
        count += 1
    return count


def test_no_single_changed_bit_of_a_checkpoint_or_proof_is_believed() -> None:
    """Threats 4 and 44: exhaustive, with a quorum that every line under the note is needed for."""
    full, needed = note(LOG, NEUTRAL), policy(1)
    assert believed(str(full).encode(), needed.open) == 0
    proof = TlogProof(1, tuple(inclusion_proof(TREE, 1, 3)), str(full))
    leaf = TREE.node(0, 1)
    assert believed(str(proof).encode(), lambda data: parse_proof(data).verify(leaf, needed)) == 0


def test_without_a_quorum_changed_bits_are_believed() -> None:
    """The harness catches a policy that asks for too little: without witnesses their lines are not needed."""
    assert believed(str(note(LOG, NEUTRAL)).encode(), policy(0).open) > 100


def test_a_proof_is_of_one_leaf_in_one_tree() -> None:
    proof = TlogProof(1, tuple(inclusion_proof(TREE, 1, 3)), str(note(LOG, NORTH, NEUTRAL)))
    assert proof.verify(TREE.node(0, 1), policy()).checkpoint.size == 3
    for wrong, leaf in (
        (proof, TREE.node(0, 0)),
        (replace(proof, index=2), TREE.node(0, 1)),
        (replace(proof, hashes=proof.hashes[:-1]), TREE.node(0, 1)),
        (replace(proof, checkpoint=str(note(LOG, NORTH))), TREE.node(0, 1)),
        (replace(proof, checkpoint="no note\n"), TREE.node(0, 1)),
    ):
        with pytest.raises(LedgerError):
            wrong.verify(leaf, policy())


def test_noise_of_any_kind_is_an_error_in_words() -> None:
    draw = random.Random(3)
    good = str(note(LOG, NORTH, NEUTRAL)).encode()
    for _ in range(2_000):
        a, b = sorted(draw.choices(range(len(good)), k=2))
        piece = draw.choice([b"", draw.randbytes(draw.randint(1, 8)), good[a:b], b"\n", b"\n\n", "— ".encode()])
        changed = good[:a] + piece + good[b:]
        if changed != good:
            with contextlib.suppress(LedgerError):  # any other error fails
                policy().open(changed)
