"""Wording compared: shingles, and MinHash signatures of many texts at once (Broder 1997).

Texts that share a band of their signatures are candidates; the exact share of common shingles decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rensa import RMinHash

from trucewatch.linking.blocking import ranges
from trucewatch.model.table import Array

_HASHES, _BANDS = 64, 16
_CHUNK = 20_000
_PAIRS = 2_000_000
_ODD, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def normal(text: str) -> str:
    """The text without case and with single spaces: what is compared."""
    return " ".join(text.casefold().split())


def shingles(text: str, k: int) -> frozenset[str]:
    """All runs of k characters of a normal text."""
    return frozenset(text[i : i + k] for i in range(max(1, len(text) - k + 1)))


def bands(texts: Sequence[str], k: int) -> list[list[int]]:
    """For each normal text the numbers of its 16 bands; two texts that share a band share the number."""
    out: list[list[int]] = []
    for first in range(0, len(texts), _CHUNK):
        out += _bands([t.ljust(k) for t in texts[first : first + _CHUNK]], k)
    return out


def _bands(texts: Sequence[str], k: int) -> list[list[int]]:
    length = np.array([len(t) for t in texts])
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    rolling = np.zeros(codes.size - k + 1, dtype=np.uint64)
    for j in range(k):  # a polynomial in the characters of each run
        rolling = rolling * _ODD + codes[j : j + rolling.size]
    rolling = _mixed(rolling)
    begin = np.cumsum(length) - length
    own = np.ones(rolling.size, dtype=bool)  # runs that reach into the next text are no shingles
    for j in range(1, k):
        at = begin[1:] - j
        own[at[(at >= 0) & (at < own.size)]] = False
    offsets = np.concatenate([[0], np.cumsum(length - k + 1)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.ascontiguousarray(rolling[own]), offsets, _HASHES, 1)
    digest = np.array(matrix.to_rows(), dtype=np.uint64).reshape(len(texts), _BANDS, _HASHES // _BANDS)
    key = np.arange(_BANDS, dtype=np.uint64)[None] * _ODD
    for j in range(digest.shape[2]):
        key = _mixed(key * _ODD + digest[:, :, j])
    found: list[list[int]] = key.tolist()
    return found


def _mixed(x: Array) -> Array:
    x = (x ^ (x >> np.uint64(31))) * _MIX
    return np.asarray(x ^ (x >> np.uint64(29)))


@dataclass(frozen=True, slots=True)
class AlikeTexts:
    """Texts grouped by equal signature and slot, and which groups share a band in the same slot or a neighbouring one.

    `group`: of each text; `member`, `begin`, `size`: the texts of each group; `other`, `first`, `count`: its groups.
    """

    group: Array
    member: Array
    begin: Array
    size: Array
    other: Array
    first: Array
    count: Array

    def candidates(self, wanted: Array) -> Iterator[tuple[Array, Array]]:
        """Pairs (text, candidate) for the wanted texts, all candidates of a text in one piece."""
        reach = np.add.reduceat(np.append(self.size[self.other], 0), self.first) * (self.count > 0)
        total = np.cumsum(reach[self.group[wanted]])
        cuts = np.searchsorted(total, np.arange(_PAIRS, int(total.max(initial=0)) + _PAIRS, _PAIRS))
        for part in np.split(wanted, np.unique(np.minimum(cuts + 1, wanted.size))):
            if not part.size:
                continue
            groups = self.group[part]
            text = np.repeat(part, self.count[groups])
            other = self.other[ranges(self.first[groups], self.count[groups])]
            yield np.repeat(text, self.size[other]), self.member[ranges(self.begin[other], self.size[other])]


def alike_texts(keys: Array, slots: Array) -> AlikeTexts:
    """Group texts by their bands (`keys`, texts x bands) and slots of time, and join the groups that share a band."""
    mark = _mixed(slots.astype(np.uint64) * _ODD)
    for column in keys.T:
        mark = _mixed(mark * _ODD + column)
    _, lead, group, size = np.unique(mark, return_index=True, return_inverse=True, return_counts=True)
    group = group.ravel()
    held, slot = keys[lead], slots[lead]
    flat = (held ^ _salt(slot)[:, None]).ravel()
    order = np.argsort(flat, kind="stable")
    flat, owner = flat[order], order // keys.shape[1]
    found = []
    for on in (-1, 0, 1):
        asked = (held ^ _salt(slot + on)[:, None]).ravel()
        begin = np.searchsorted(flat, asked, side="left")
        count = np.searchsorted(flat, asked, side="right") - begin
        who = np.repeat(np.arange(asked.size) // keys.shape[1], count)
        found.append(_distinct(who * lead.size + owner[ranges(begin, count)]))
    pairs = _distinct(np.concatenate(found))
    count = np.bincount(pairs // lead.size, minlength=lead.size)
    member = np.argsort(group, kind="stable")
    return AlikeTexts(group, member, np.cumsum(size) - size, size, pairs % lead.size, np.cumsum(count) - count, count)


def _distinct(values: Array) -> Array:
    """The distinct values in order; by sorting, which is much quicker here than by hashing."""
    values = np.sort(values)
    new = np.ones(values.size, dtype=bool)
    new[1:] = values[1:] != values[:-1]
    return np.asarray(values[new])


def _salt(slot: Array) -> Array:
    return slot.astype(np.uint64) * _ODD
