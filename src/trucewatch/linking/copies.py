"""Copies: the same claim told again by another outlet. One voice enters once, with its origin's place and time (L5).

A claim copies another when it says so (`origin`), when its source is declared to copy (`parent`), or when the wording
is the same (Broder 1997: shingles and MinHash; the exact Jaccard share decides) AND side, stated time and place agree.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np

from trucewatch.linking.blocking import ranges
from trucewatch.linking.parameters import LinkParameters
from trucewatch.linking.wording import alike_texts, bands, normal, shingles
from trucewatch.model.claims import canonical_order
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import STANCES

_DENIES, _OBSERVES = STANCES.index("denies"), STANCES.index("observes")
_WINDOW_S = (
    6 * 3600.0
)  # a statement and its copy give one event the same time, or one of them only its quarter of a day
_CHUNK = 2_000_000
_LOOSE = 3.0  # standard deviations within which places and times of a copy and its origin agree
_SLOT_S = 4 * 86_400.0  # same words of another week are a template
_MOST = 64  # candidates alike in words, day and place that one claim is compared with, the nearest first
_SLOT_ODD, _64_BITS = 0x9E3779B97F4A7C15, (1 << 64) - 1


class Copies:
    """What each claim repeats, kept while claims come in. `target[row]` is the row repeated, its own where it is none.

    `refresh` solves the rows that can have changed, each against all its candidates; so claims that come in parts end
    as they would all at once.
    """

    def __init__(self, parameters: LinkParameters) -> None:
        self._parameters = parameters
        self.target = np.empty(0, dtype=np.int64)
        self._orphan = np.empty(0, dtype=bool)
        self._wanted = np.empty(0, dtype=np.int64)
        self._buckets: dict[int, list[int]] | None = None  # rows by band and slot of time; made when first asked for
        self._bands: dict[int, tuple[int, list[int]]] = {}  # slot and bands of each row
        self._shingles: dict[int, frozenset[str]] = {}

    def refresh(self, claims: Table, dirty: Array, single: Array) -> None:
        """Take in new and changed rows (`dirty`). `single`: flag per row, the claim speaks of one event."""
        n = claims.n
        grown = np.arange(self.target.size, n)
        self.target = np.concatenate([self.target, grown])
        self._orphan = np.concatenate([self._orphan, np.zeros(grown.size, dtype=bool)])
        wanted = _wanted(claims)
        self._reword(claims, dirty, single)
        rows = self._concerned(claims, wanted, dirty, single)
        sub = self._neighbourhood(claims, wanted, rows, single)
        sub = sub[canonical_order(claims, sub)]
        self._solve(claims.take(sub), sub, wanted[sub], np.isin(sub, rows))
        gone = ~single
        self.target[gone] = np.flatnonzero(gone)
        self._wanted = wanted

    def kept(self) -> dict[str, Array]:
        """What a later refresh needs, besides the words themselves."""
        return {"target": self.target, "orphan": self._orphan, "wanted": self._wanted}

    def restore(self, claims: Table, kept: Mapping[str, Array]) -> None:
        """Go on from what `kept` gave for these claims."""
        self.target, self._orphan, self._wanted = kept["target"], kept["orphan"], kept["wanted"]
        self._reword(claims, np.arange(claims.n), ~claims["cumulative"] & ~claims["retracted"])

    def _solve(self, claims: Table, sub: Array, wanted: Array, mine: Array) -> None:
        """Find what the rows `mine` of a table in canonical order repeat; the others are known."""
        place = dict(zip(sub.tolist(), range(sub.size), strict=True))
        target = np.array([place.get(t, k) for k, t in enumerate(self.target[sub].tolist())], dtype=np.int64)
        own = np.arange(sub.size)
        target = np.where(mine, own, target)
        copies = np.flatnonzero(mine & (wanted >= 0))
        originals = np.flatnonzero(wanted < 0)
        best = _best(claims, copies, wanted[copies], originals, claims["source"][originals])
        target[copies[best >= 0]] = best[best >= 0]
        # Copies of a statement that is not here are one voice: that of the copy told first.
        orphan = np.where(mine, False, self._orphan[sub])
        orphan[copies[(best < 0) & (claims["origin"][copies] >= 0)]] = True
        lost, every = np.flatnonzero(orphan & mine), np.flatnonzero(orphan)
        # Each side's relays by themselves: a party's outlet is no voice for what a paper passed on too.
        kin = wanted * (int(claims["source_side"].max(initial=-1)) + 2) + claims["source_side"] + 1
        first = _best(claims, lost, kin[lost], every, kin[every], earlier=True)
        target[lost[first >= 0]] = first[first >= 0]
        self._orphan[sub] = orphan
        self._same_words(claims, sub, target, mine)
        self.target[sub[mine]] = sub[target[mine]]

    def roots(self) -> Array:
        """For each row the row of the claim whose voice it is."""
        target = self.target
        while True:
            following = target[target]
            if np.array_equal(following, target):
                return target
            target = following

    def _concerned(self, claims: Table, wanted: Array, dirty: Array, single: Array) -> Array:
        """Rows whose origin may have changed: changed ones, those that can repeat them, those with like words."""
        if dirty.size == claims.n:
            return np.flatnonzero(single)
        hit = np.zeros(claims.n, dtype=bool)
        hit[dirty] = True
        hit |= hit[self.target]
        reach = _LOOSE * claims["t_sd"] + _WINDOW_S
        for d in dirty.tolist():
            offered = {int(claims["source"][d]), int(wanted[d])}
            if d < self._wanted.size:
                offered.add(int(self._wanted[d]))
            hit |= np.isin(wanted, list(offered - {-1})) & (np.abs(claims["t"] - claims["t"][d]) <= reach)
            hit[self._alike(d)] = True
        return np.flatnonzero(hit & single)

    def _neighbourhood(self, claims: Table, wanted: Array, rows: Array, single: Array) -> Array:
        """Those rows and everything that they could repeat."""
        if rows.size == int(single.sum()):
            return rows
        hit = np.zeros(claims.n, dtype=bool)
        hit[rows] = True
        t = claims["t"]
        for r in rows.tolist():
            if wanted[r] >= 0:
                near = np.abs(t - t[r]) <= _LOOSE * claims["t_sd"][r] + _WINDOW_S
                hit |= near & (((claims["source"] == wanted[r]) & (wanted < 0)) | (wanted == wanted[r]))
            hit[self._alike(r)] = True
        hit[self.target[hit]] = True
        return np.flatnonzero(hit & single)

    def _reword(self, claims: Table, dirty: Array, single: Array) -> None:
        """Sketch the words of changed rows anew."""
        for row in dirty.tolist():
            if self._buckets is not None:
                for key in self._keys(row):
                    self._buckets[key].remove(row)
            self._bands.pop(row, None)
            self._shingles.pop(row, None)
        worded = [r for r in dirty.tolist() if claims["text"][r] and single[r]]
        found = bands([normal(claims["text"][r]) for r in worded], self._parameters.shingle)
        for row, own in zip(worded, found, strict=True):
            self._bands[row] = math.floor(claims["t"][row] / _SLOT_S), own
            if self._buckets is not None:
                self._put(row)

    def _put(self, row: int) -> None:
        assert self._buckets is not None
        for key in self._keys(row):
            self._buckets.setdefault(key, []).append(row)

    def _keys(self, row: int, slots_on: int = 0) -> list[int]:
        """Buckets of a row's bands in its own slot of time, or so many slots on."""
        slot, own = self._bands.get(row, (0, []))
        salt = (slot + slots_on) * _SLOT_ODD & _64_BITS
        return [band ^ salt for band in own]

    def _alike(self, row: int) -> list[int]:
        """Rows that share a band with this one, in its slot of time or a neighbouring one."""
        if self._buckets is None:
            self._buckets = {}
            for known in self._bands:
                self._put(known)
        found: set[int] = set()
        for slots_on in (-1, 0, 1):
            for key in self._keys(row, slots_on):
                found.update(self._buckets.get(key, ()))
        return sorted(found)

    def _same_words(self, claims: Table, sub: Array, target: Array, mine: Array) -> None:
        """Point each claim at one told before it by its side with the same words, day and place."""
        at = np.array([k for k, row in enumerate(sub.tolist()) if row in self._bands], dtype=np.int64)
        if at.size < 2:
            return
        slots = np.array([self._bands[row][0] for row in sub[at].tolist()], dtype=np.int64)
        keys = np.array([self._bands[row][1] for row in sub[at].tolist()], dtype=np.uint64)
        texts = alike_texts(keys, slots)
        wanted = np.flatnonzero(mine[at] & (target[at] == at))
        for b, a in texts.candidates(wanted):
            b, a = at[b], at[a]
            # What comes later in canonical order was told later, or is alike in all that counts.
            keep = (a < b) & (claims["source"][a] != claims["source"][b]) & (claims["side"][a] == claims["side"][b])
            b, a = b[keep], a[keep]
            # Words without a place are no origin of words with one, nor unapproved words of what an observer perceived.
            keep = np.isfinite(claims["lat"][a]) | ~np.isfinite(claims["lat"][b])
            keep &= _perceived(claims, a) | ~_perceived(claims, b)
            b, a = b[keep], a[keep]
            apart = mismatch(claims, a, b)
            nearest = np.lexsort([a, apart, b])
            nearest = nearest[np.isfinite(apart[nearest])]
            b, a = b[nearest], a[nearest]
            cuts = np.append(np.flatnonzero(np.diff(b, prepend=-1)), b.size).tolist()
            for head, end in itertools.pairwise(cuts):
                one = int(b[head])
                target[one] = self._worded_like(claims, sub, a[head : min(end, head + _MOST)], one)

    def _worded_like(self, claims: Table, sub: Array, a: Array, b: int) -> int:
        """The first of the candidates a (nearest first) with b's words, b itself where none has them."""
        # Two observers may use one form; the same words to the letter are a copy.
        own = _perceived(claims, b)
        least = self._parameters.jaccard_observed if own else self._parameters.jaccard
        for k in a.tolist():
            if self._jaccard(claims, sub, k, b) >= least:
                return int(k)
        return b

    def _jaccard(self, claims: Table, sub: Array, a: int, b: int) -> float:
        one, two = (self._words(int(sub[k]), claims["text"][k]) for k in (a, b))
        return len(one & two) / len(one | two)

    def _words(self, row: int, text: str) -> frozenset[str]:
        if row not in self._shingles:
            self._shingles[row] = shingles(normal(text), self._parameters.shingle)
        return self._shingles[row]


def _perceived(claims: Table, rows: Array | int) -> Array:
    """Flag of claims of approved sources of no side that say that they perceived it themselves."""
    observes = claims["stance"][rows] == _OBSERVES
    return np.asarray(observes & claims["approved"][rows] & (claims["side"][rows] < 0))


def _wanted(claims: Table) -> Array:
    """Source index that each claim repeats, as told or as declared of its source; -1 for an original.

    What a source with a parent perceived itself is its own.
    """
    parent = np.where(claims["stance"] == _OBSERVES, -1, claims["parent"])
    origin = np.where(claims["origin"] >= 0, claims["origin"], parent)
    return np.where(origin == claims["source"], -1, origin)


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
