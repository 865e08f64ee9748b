"""Ten thousand trees against two other implementations, and broken ledgers that the same harness must catch."""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256

import pytest
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from tests.ledger import oracle
from trucewatch.ledger import proofs, tree
from trucewatch.ledger.proofs import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from trucewatch.ledger.tree import Frontier, Tree, leaf_hash

TREES = 10_000


def compare(seed: int, trees: int) -> None:
    """Random trees: root, edge, one proof of each kind, each checked; and each proof with one bit changed refused."""
    draw = random.Random(seed)
    for _ in range(trees):
        size = min(draw.randint(1, 40), draw.randint(1, 40)) if draw.random() < 0.95 else draw.randint(41, 300)
        entries = [draw.randbytes(draw.randint(0, 12)) for _ in range(size)]
        leaves = list(map(leaf_hash, entries))
        cut, k, old = draw.randint(0, size), draw.randrange(size), draw.randint(1, size)
        ours, edge = Tree(leaves[:cut]), Frontier()
        for leaf in leaves[cut:]:
            ours.append(leaf)
        edge.extend(leaves)
        root = oracle.root(entries)
        assert ours.root() == edge.root() == root
        way, bridge = inclusion_proof(ours, k, size), consistency_proof(ours, old, size)
        assert way == oracle.path(k, entries)
        assert bridge == oracle.proof(old, entries)
        old_root = oracle.root(entries[:old])
        verify_inclusion(k, size, leaves[k], way, root)
        verify_consistency(old, size, old_root, root, bridge)
        refused(lambda p, k=k, n=size, f=leaves[k], r=root: verify_inclusion(k, n, f, p, r), way, draw)
        refused(lambda p, o=old, n=size, a=old_root, r=root: verify_consistency(o, n, a, r, p), bridge, draw)


def refused(check: Callable[[list[bytes]], None], proof: list[bytes], draw: random.Random) -> None:
    wrong = [[*proof, bytes(32)], [bytes(32), *proof]]
    if proof:
        at, bit = draw.randrange(len(proof)), draw.randrange(256)
        changed = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
        wrong += [proof[:-1], proof[1:], [*proof[:at], changed, *proof[at + 1 :]]]
    for other in wrong:
        with pytest.raises(proofs.NotVerified):
            check(other)


@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_trees_agree_with_the_definitions(part: int) -> None:
    compare(seed=part, trees=TREES // 4)


def test_a_thousand_trees_agree_with_an_implementation_by_others() -> None:
    draw = random.Random(9)
    for _ in range(1_000):
        entries = [draw.randbytes(8) for _ in range(draw.randint(1, 40))]
        theirs = InmemoryTree(algorithm="sha256")
        for entry in entries:
            theirs.append_entry(entry)
        ours, size = Tree(map(leaf_hash, entries)), len(entries)
        k, old = draw.randrange(size), draw.randint(1, size)
        assert ours.root() == theirs.get_root()
        assert ours.root(old) == theirs.get_root(old)
        assert ours.node(0, k) == theirs.get_leaf(k + 1)
        # Their proof of inclusion is a path that begins with the leaf itself.
        path = [bytes.fromhex(h) for h in theirs.prove_inclusion(k + 1, size).serialize()["path"]]
        assert inclusion_proof(ours, k, size) == path[1:]


BROKEN: dict[str, tuple[object, str, Callable[..., object]]] = {
    "leaves and nodes hashed alike": (tree, "_NODE", lambda: b"\x00"),
    "a root that leaves out the last leaf": (tree, "fold", lambda: lambda hashes: tree.node_hash(hashes[0], hashes[0])),
    "the last node doubled where it has no sibling": (tree, "range_root", lambda: doubled),
    "children exchanged": (proofs, "node_hash", lambda: lambda a, b: sha256(b"\x01" + b + a).digest()),
    "a verifier that believes everything": (proofs, "compare_digest", lambda: lambda a, b: True),
    "a proof too short by one": (proofs, "_siblings", lambda: short),
}
_siblings = proofs._siblings


def doubled(nodes: tree.Nodes, start: int, end: int) -> bytes:
    row = [nodes.node(0, k) for k in range(start, end)]
    while len(row) > 1:
        row = [tree.node_hash(row[k], row[min(k + 1, len(row) - 1)]) for k in range(0, len(row), 2)]
    return row[0]


def short(nodes: tree.Nodes, level: int, index: int, size: int) -> list[bytes]:
    return _siblings(nodes, level, index, size)[:-1]


@pytest.mark.parametrize("fault", BROKEN)
def test_the_harness_catches_a_broken_ledger(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, replacement = BROKEN[fault]
    monkeypatch.setattr(module, name, replacement())
    with pytest.raises((AssertionError, proofs.NotVerified, pytest.fail.Exception)):
        compare(seed=0, trees=200)
