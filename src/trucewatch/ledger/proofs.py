"""Proofs that a leaf is in a tree, and that a tree continues another (RFC 6962, sections 2.1.1 and 2.1.2).

Verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2, with every bound checked first: a proof is a list of
exactly so many hashes of 32 bytes as index and sizes ask for. Consistency from the empty tree is refused: everything
continues it, so a proof of it proves nothing, and the caller decides what that case means.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from trucewatch.ledger.errors import LedgerError, NotVerified
from trucewatch.ledger.tree import HASH_BYTES, MAX_SIZE, Nodes, node_hash, range_root

MOST_HASHES = 63  # of a proof, whatever the size of the tree


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Siblings on the way from leaf `index` to the root over `size` leaves. LedgerError where there is no such leaf."""
    if not 0 <= index < size <= MAX_SIZE:
        raise LedgerError(f"there is no leaf {index} in a tree of {size} leaves")
    return _siblings(nodes, 0, index, size)


def consistency_proof(nodes: Nodes, old: int, size: int) -> list[bytes]:
    """What shows that the tree of `size` leaves continues that of `old`. LedgerError unless 0 < old <= size."""
    if not 0 < old <= size <= MAX_SIZE:
        raise LedgerError(
            f"no proof leads from {old} leaves to {size}: the old size is 1 or more, and not above the new"
        )
    if old == size:
        return []
    level, index = 0, old - 1
    while index & 1:
        level, index = level + 1, index >> 1
    # Where the old tree is one complete subtree its root is the start, and known to who verifies.
    start = [nodes.node(level, index)] if index else []
    return start + _siblings(nodes, level, index, size)


def _siblings(nodes: Nodes, level: int, index: int, size: int) -> list[bytes]:
    out = []
    while 1 << level < size:
        start = (index ^ 1) << level
        if start < size:
            out.append(range_root(nodes, start, min(start + (1 << level), size)))
        level, index = level + 1, index >> 1
    return out


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is leaf `index` of the tree with this size and root. NotVerified where it is not."""
    if not 0 <= index < size <= MAX_SIZE:
        raise _refuse("inclusion", f"a tree of {size} leaves has no leaf {index}")
    _check_hashes("inclusion", leaf, root, *proof)
    here, last, out = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _refuse("inclusion", "the proof is longer than the way to the root")
        if here & 1 or here == last:
            out = node_hash(sibling, out)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            out = node_hash(out, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise _refuse("inclusion", "the proof is shorter than the way to the root")
    if not compare_digest(out, root):
        raise _refuse(
            "inclusion", f"the proof does not lead from leaf {index} to the root: this leaf is not in this tree"
        )


def verify_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `size` leaves continues that of `old` leaves. NotVerified else, or where old is 0."""
    if not 0 < old <= size <= MAX_SIZE:
        raise _refuse(
            "consistency", f"sizes {old} and {size} cannot be compared: the old one is 1 or more, not above the new"
        )
    if old == size:
        if proof:
            raise _refuse("consistency", "equal sizes need an empty proof")
        if not compare_digest(old_root, root):
            raise _refuse("consistency", f"two trees of {size} leaves have different roots: the log has forked")
        return
    _check_hashes("consistency", old_root, root, *proof)
    whole = old & (old - 1) == 0
    path = [old_root, *proof] if whole else list(proof)
    if not proof:
        raise _refuse("consistency", "the proof is empty")
    here, last = old - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_out = out = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _refuse("consistency", "the proof is longer than the way to the root")
        if here & 1 or here == last:
            old_out, out = node_hash(sibling, old_out), node_hash(sibling, out)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            out = node_hash(out, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise _refuse("consistency", "the proof is shorter than the way to the root")
    if not (compare_digest(old_out, old_root) and compare_digest(out, root)):
        raise _refuse(
            "consistency", f"the tree of {size} leaves does not continue the tree of {old}: history was rewritten"
        )


def _check_hashes(check: str, *hashes: bytes) -> None:
    if any(len(h) != HASH_BYTES for h in hashes):
        raise _refuse(check, f"every hash has {HASH_BYTES} bytes, one here has not")
    if len(hashes) - 2 > MOST_HASHES:
        raise _refuse(check, f"the proof has {len(hashes) - 2} hashes, more than {MOST_HASHES}")


def _refuse(check: str, what: str) -> NotVerified:
    return NotVerified(what, check=check)
