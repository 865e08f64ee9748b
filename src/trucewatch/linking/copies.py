"""Copies: the same claim told again by another outlet. One voice enters once, with its origin's place and time (L5).

A claim copies another when it says so (`origin`), when its source is declared to copy (`parent`), or when the wording
is the same (Broder 1997: shingles and MinHash; the exact Jaccard share decides) AND side, stated time and place agree.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rensa import RMinHash

from trucewatch.linking.blocking import ranges
from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import STANCES

_DENIES, _OBSERVES = STANCES.index("denies"), STANCES.index("observes")
_HASHES, _BANDS = 64, 16
_WINDOW_S = (
    6 * 3600.0
)  # a statement and its copy give one event the same time, or one of them only its quarter of the day
_CHUNK = 2_000_000
_LOOSE = 3.0  # standard deviations within which places and times of a copy and its origin agree


def voices(claims: Table, parameters: LinkParameters) -> Array:
    """For each row the row of the claim whose voice it is: its own, or its origin's.

    `claims` in canonical order. The copies of a statement that is not in the table itself count as one voice, that of
    the copy told first.
    """
    target = np.arange(claims.n)
    told_by_origin(claims, target)
    same_words(claims, target, parameters)
    return _roots(target)


def told_by_origin(claims: Table, target: Array) -> None:
    """Point each claim that names its origin, or whose source has a parent, at the origin's claim that fits best.

    What a source with a parent perceived itself is its own. Claims whose origin is not in the table point at the one
    among them that was told first.
    """
    origin = np.where(
        claims["origin"] >= 0, claims["origin"], np.where(claims["stance"] == _OBSERVES, -1, claims["parent"])
    )
    origin = np.where(origin == claims["source"], -1, origin)
    copies = np.flatnonzero(origin >= 0)
    originals = np.flatnonzero(origin < 0)
    best = _best(claims, copies, origin[copies], originals, claims["source"][originals])
    target[copies[best >= 0]] = best[best >= 0]
    orphans = copies[(best < 0) & (claims["origin"][copies] >= 0)]
    first = _best(claims, orphans, origin[orphans], orphans, origin[orphans], earlier=True)
    target[orphans[first >= 0]] = first[first >= 0]


def _best(claims: Table, rows: Array, wanted: Array, candidates: Array, offered: Array, earlier: bool = False) -> Array:
    """For each row the candidate with offered == wanted that it repeats (nearest in time and place), or -1."""
    best = np.full(rows.size, -1, dtype=np.int64)
    if not rows.size or not candidates.size:
        return best
    order = np.lexsort([claims["t"][candidates], offered])
    candidates, offered = candidates[order], offered[order]
    groups = np.searchsorted(offered, np.arange(int(max(offered.max(), wanted.max())) + 2))
    t = claims["t"][candidates]
    window = _LOOSE * claims["t_sd"][rows] + _WINDOW_S
    begin, end = np.empty(rows.size, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
    for origin in np.unique(wanted).tolist():
        lo, hi = groups[origin], groups[origin + 1]
        mine = np.flatnonzero(wanted == origin)
        t_mine = claims["t"][rows[mine]]
        begin[mine] = lo + np.searchsorted(t[lo:hi], t_mine - window[mine], side="left")
        end[mine] = lo + np.searchsorted(t[lo:hi], t_mine + window[mine], side="right")
    count = end - begin
    cuts = np.searchsorted(np.cumsum(count), np.arange(_CHUNK, int(count.sum()) + _CHUNK, _CHUNK))
    for part in np.split(np.arange(rows.size), np.unique(np.minimum(cuts + 1, rows.size))):
        k = np.repeat(part, count[part])
        if not k.size:
            continue
        c = candidates[ranges(begin[part], count[part])]
        distance = mismatch(claims, rows[k], c)
        keep = np.isfinite(distance) & ((c < rows[k]) if earlier else (c != rows[k]))
        k, c, distance = k[keep], c[keep], distance[keep]
        nearest = np.lexsort([c, distance, k])
        k, c = k[nearest], c[nearest]
        head = np.flatnonzero(np.diff(k, prepend=-1))
        best[k[head]] = c[head]
    return best


def mismatch(claims: Table, a: Array, b: Array) -> Array:
    """How far apart two statements are (sum of squared standardised differences); infinite where they cannot be one.

    They cannot be one where one denies and the other does not, where the acts differ in kind, where both name an
    accused and not the same, or where the stated times or places do not overlap.
    """
    st2 = claims["t_sd"][a] ** 2 + claims["t_sd"][b] ** 2 + 60.0**2
    dt2 = (claims["t"][a] - claims["t"][b]) ** 2 / st2
    d2 = sum((claims[k][a] - claims[k][b]) ** 2 for k in ("x", "y", "z"))
    s2 = (
        np.nan_to_num(claims["sigma_km"][a], nan=30.0) ** 2 + np.nan_to_num(claims["sigma_km"][b], nan=30.0) ** 2 + 0.25
    )
    dd2 = np.where(np.isfinite(d2), d2 / s2, 0.0)
    overlap = (claims["start"][a] <= claims["end"][b]) & (claims["start"][b] <= claims["end"][a])
    acc_a, acc_b = claims["accused"][a], claims["accused"][b]
    fits = (
        ((claims["stance"][a] == _DENIES) == (claims["stance"][b] == _DENIES))
        & (claims["act_kind"][a] == claims["act_kind"][b])
        & ((acc_a == acc_b) | (acc_a == -1) | (acc_b == -1))
        & (overlap | (dt2 <= _LOOSE**2))
        & (dd2 <= _LOOSE**2)
    )
    return np.where(fits, dt2 + dd2, np.inf)


def same_words(claims: Table, target: Array, parameters: LinkParameters) -> None:
    """Point each claim at the one told first among those of its side with the same words, day and place."""
    rows = [r for r in np.flatnonzero(target == np.arange(claims.n)).tolist() if claims["text"][r]]
    shingles: dict[int, frozenset[str]] = {}
    for a, b in _candidates(claims, rows, parameters):
        # b comes later in canonical order, hence was told later or is alike in all that counts.
        if target[b] != b or claims["source"][a] == claims["source"][b] or claims["side"][a] != claims["side"][b]:
            continue
        if not np.isfinite(mismatch(claims, np.array([a]), np.array([b]))[0]):
            continue
        for r in (a, b):
            if r not in shingles:
                shingles[r] = _shingles(claims["text"][r], parameters.shingle)
        if _jaccard(shingles[a], shingles[b]) >= parameters.jaccard:
            target[b] = target[a]


def _candidates(claims: Table, rows: list[int], parameters: LinkParameters) -> Iterator[tuple[int, int]]:
    """Pairs (a before b) that share a band of their MinHash signatures, in order of b then a."""
    bands: dict[tuple[int, bytes], list[int]] = {}
    width = _HASHES // _BANDS
    for b in rows:
        sketch = RMinHash(num_perm=_HASHES, seed=1)
        sketch.update(sorted(_shingles(claims["text"][b], parameters.shingle)))
        digest = sketch.digest()
        seen: set[int] = set()
        for k in range(_BANDS):
            bucket = bands.setdefault((k, repr(digest[k * width : (k + 1) * width]).encode()), [])
            seen.update(bucket[-64:])
            bucket.append(b)
        for a in sorted(seen):
            yield a, b


def _shingles(text: str, k: int) -> frozenset[str]:
    words = " ".join(text.casefold().split())
    return frozenset(words[i : i + k] for i in range(max(1, len(words) - k + 1)))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)


def _roots(target: Array) -> Array:
    while True:
        following = target[target]
        if np.array_equal(following, target):
            return target
        target = following
