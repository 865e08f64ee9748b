"""The tree and its proofs are those of RFC 6962, by the public vectors and by a second implementation."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.ledger import oracle
from tests.ledger.vectors import VECTORS, hashes, named
from trucewatch.ledger import proofs
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.proofs import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from trucewatch.ledger.tree import EMPTY_ROOT, MAX_SIZE, Frontier, Tree, leaf_hash, node_hash, root_of

REFERENCE = VECTORS["rfc6962_tree"]


def test_the_reference_tree_has_the_published_hashes_at_every_size() -> None:
    leaves = [leaf_hash(bytes.fromhex(e)) for e in REFERENCE["leaf_inputs_hex"]]
    tree = Tree(leaves)
    assert leaves == hashes(REFERENCE["leaf_hashes"])
    assert [tree.root(n) for n in range(9)] == hashes(REFERENCE["roots_by_size"])
    assert [tree.node(1, k) for k in range(4)] == hashes(REFERENCE["node_hash_level1"])
    assert [tree.node(2, k) for k in range(2)] == hashes(REFERENCE["node_hash_level2"])


def test_a_large_tree_has_the_roots_that_another_program_found() -> None:
    tree = Tree(leaf_hash(b"%d" % k) for k in range(70_000))
    assert {n: tree.root(int(n)).hex() for n in VECTORS["big_tree"]["roots"]} == VECTORS["big_tree"]["roots"]


def test_a_leaf_is_hashed_apart_from_nodes() -> None:
    known = VECTORS["leaf_hash"]
    assert base64.b64encode(leaf_hash(known["leaf"].encode())).decode() == known["leaf_hash_base64"]
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("case", named("inclusion"))
def test_inclusion_vectors(case: dict[str, Any]) -> None:
    def check() -> None:
        leaf, root = hashes([case["leaf_hash"], case["root"]])
        verify_inclusion(case["index"], case["size"], leaf, hashes(case["proof"]), root)

    expect(case["valid"], check)


@pytest.mark.parametrize("case", named("consistency"))
def test_consistency_vectors(case: dict[str, Any]) -> None:
    def check() -> None:
        old_root, root = hashes([case["root1"], case["root2"]])
        verify_consistency(case["size1"], case["size2"], old_root, root, hashes(case["proof"]))

    expect(case["valid"], check)


def expect(valid: bool, check: Callable[[], None]) -> None:
    if valid:
        check()
    else:
        with pytest.raises(NotVerified):
            check()


def test_every_proof_in_trees_of_up_to_40_leaves_is_the_one_that_the_definitions_give() -> None:
    entries = [b"%d" % k for k in range(40)]
    tree = Tree(map(leaf_hash, entries))
    for size in range(1, 41):
        root = oracle.root(entries[:size])
        assert tree.root(size) == root
        for k in range(size):
            proof = inclusion_proof(tree, k, size)
            assert proof == oracle.path(k, entries[:size])
            verify_inclusion(k, size, leaf_hash(entries[k]), proof, root)
            proof = consistency_proof(tree, k + 1, size)
            assert proof == oracle.proof(k + 1, entries[:size])
            verify_consistency(k + 1, size, oracle.root(entries[: k + 1]), root, proof)


def test_a_proof_is_of_its_own_leaf_and_size_alone() -> None:
    """Without their bounds the sums of RFC 9162 would take the proof of leaf 1 of 4 for one of leaf 5 of 4."""
    tree = Tree(leaf_hash(b"%d" % k) for k in range(16))
    for size in range(1, 17):
        for k in range(size):
            proof, leaf, root = inclusion_proof(tree, k, size), tree.node(0, k), tree.root(size)
            for index in (*range(-4, k), *range(k + 1, 40)):
                with pytest.raises(NotVerified):
                    verify_inclusion(index, size, leaf, proof, root)


def test_equal_sizes_are_one_tree_or_a_fork() -> None:
    tree = Tree(leaf_hash(b"%d" % k) for k in range(16))
    for size in range(1, 17):
        root = tree.root(size)
        verify_consistency(size, size, root, root, [])
        with pytest.raises(NotVerified, match="forked"):
            verify_consistency(size, size, root, bytes(32), [])
        with pytest.raises(NotVerified, match="empty"):
            verify_consistency(size, size, root, root, [root])
        with pytest.raises(NotVerified):
            verify_consistency(size + 1, size, root, root, [])
        with pytest.raises(NotVerified):
            verify_consistency(0, size, EMPTY_ROOT, root, [])


def test_one_by_one_in_bulk_and_by_its_edge_alone_a_tree_is_the_same() -> None:
    leaves = [leaf_hash(b"%d" % k) for k in range(1_000)]
    draw = random.Random(1)
    single, bulk, edge = Tree(), Tree(), Frontier()
    at = 0
    while at < len(leaves):
        step = draw.choice([1, 2, 3, 17, 256])
        for leaf in leaves[at : at + step]:
            assert single.append(leaf) == edge.size
            edge.append(leaf)
        bulk.extend(leaves[at : at + step])
        at += step
        assert single.root() == bulk.root() == edge.root() == Frontier.of(bulk, edge.size).root()
    again = Frontier(edge.size, edge.hashes)
    again.append(leaves[0])
    assert again.root() == Tree([*leaves, leaves[0]]).root()


def test_an_empty_tree_has_the_hash_of_nothing_as_its_root() -> None:
    assert Tree().root() == Frontier().root() == EMPTY_ROOT == oracle.root([])
    Tree([]).extend([])


@pytest.mark.parametrize("bad", [b"", b"short", bytes(33)])
def test_a_leaf_hash_of_another_length_is_refused_and_nothing_is_appended(bad: bytes) -> None:
    tree, edge = Tree([bytes(32)]), Frontier(1, [bytes(32)])
    for add in (tree.append, edge.append, lambda leaf: tree.extend([bytes(32), leaf])):
        with pytest.raises(Malformed):
            add(bad)
    assert (tree.size, edge.size) == (1, 1)


def test_a_resumed_tree_holds_its_edge_alone() -> None:
    whole = Tree(leaf_hash(b"%d" % k) for k in range(3_000))
    for size in (1, 5, 256, 2_999, 3_000):
        tree = Tree.resume(whole, size)
        assert tree.size == size
        assert tree.root() == whole.root(size)
        for k in range(size, 3_000):
            assert tree.append(whole.node(0, k)) == k
        assert tree.root() == whole.root()
        assert tree.root(size) == whole.root(size)
        if size > 256:
            with pytest.raises(LedgerError):
                tree.node(0, 0)
    with pytest.raises(LedgerError):
        Tree.resume(whole, 3_001)


def test_what_a_tree_does_not_have_it_does_not_give_out() -> None:
    tree = Tree([bytes(32)] * 5)
    for level, index in ((0, 5), (0, -1), (-1, 0), (1, 2), (2, 1), (3, 0), (9, 0)):
        with pytest.raises(LedgerError):
            tree.node(level, index)
    for ask in (
        lambda: tree.root(6),
        lambda: root_of(tree, -1),
        lambda: inclusion_proof(tree, 5, 5),
        lambda: inclusion_proof(tree, -1, 5),
        lambda: inclusion_proof(tree, 0, 6),
        lambda: consistency_proof(tree, 0, 5),
        lambda: consistency_proof(tree, 5, 4),
        lambda: consistency_proof(tree, 1, 6),
        lambda: Frontier(3, [bytes(32)]),
        lambda: Frontier(1, [bytes(31)]),
        lambda: Frontier(MAX_SIZE + 1, []),
    ):
        with pytest.raises(LedgerError):
            ask()


def test_the_largest_tree_has_proofs_of_63_hashes() -> None:
    way, out = [leaf_hash(b"%d" % k) for k in range(63)], leaf_hash(b"first")
    for sibling in way:
        out = node_hash(out, sibling)
    verify_inclusion(0, MAX_SIZE, leaf_hash(b"first"), way, out)
    verify_consistency(1, MAX_SIZE, leaf_hash(b"first"), out, way)


def test_sizes_beyond_63_bits_and_overlong_proofs_are_refused() -> None:
    hash_ = bytes(32)
    for index, size, length in ((0, 2**63, 63), (2**63, 2**63 + 1, 63), (0, 2**62, 64), (0, 1, 1_000_000)):
        with pytest.raises(NotVerified):
            verify_inclusion(index, size, hash_, [hash_] * length, hash_)
    for old, size, length in (
        (3, 5, 0),
        (6, 8, 0),
        (1, 2**63, 63),
        (2**63 - 1, 2**63, 63),
        (1, 2**62, 64),
        (-1, 3, 2),
        (3, -1, 2),
    ):
        with pytest.raises(NotVerified):
            verify_consistency(old, size, hash_, hash_, [hash_] * length)
    assert proofs.MOST_HASHES == 63
