"""Wording compared: shingles, and MinHash signatures of many texts at once (Broder 1997).

Texts that share a band of their signatures are candidates; the exact share of common shingles decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rensa import RMinHash

from trucewatch.model.table import Array

_HASHES, _BANDS = 64, 16
_CHUNK = 20_000
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
