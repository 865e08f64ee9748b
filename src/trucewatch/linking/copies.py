"""Copies: the same claim told again by another outlet. One voice enters once, with its origin's place and time (L5).

A claim copies another when it says so (`origin`), X
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from trucewatch.linking.blocking import ranges
from trucewatch.linking.groups import ends
from trucewatch.linking.parameters import LinkParameters
from trucewatch.linking.statements import LOOSE, could_be_one, mismatch
from trucewatch.linking.wording import Words, normal
from trucewatch.model.claims import canonical_order
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import STANCES

_DENIES, _OBSERVES = STANCES.index("denies"), STANCES.index("observes")
_WINDOW_S = (
    6 * 3600.0
)  # a statement and its copy give one event the same time, or one of them only its quarter of a day
_CHUNK = 2_000_000
_MOST = 64  # statements that could be one with a claim whose words are compared with its own, the nearest first


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
        self._worded = np.empty(0, dtype=bool)  # rows with words that can be copied
        self._words = Words(parameters.shingle)

    def refresh(self, claims: Table, dirty: Array, single: Array) -> None:
        """Take in new and changed rows (`dirty`). `single`: flag per row, the claim speaks of one event."""
        n = claims.n
        grown = np.arange(self.target.size, n)
        self.target = np.concatenate([self.target, grown])
        self._orphan = np.concatenate([self._orphan, np.zeros(grown.size, dtype=bool)])
        wanted = _wanted(claims)
        self._worded = np.concatenate([self._worded, np.zeros(grown.size, dtype=bool)])
        self._worded[dirty] = claims["text"][dirty].astype(bool)
        self._worded &= single
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
        self._worded = claims["text"].astype(bool) & ~claims["cumulative"] & ~claims["retracted"]

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

    def roots(self, claims: Table) -> Array:
        """For each row the row of the claim whose voice it is.

        Where claims repeat each other in a ring (an outlet names the paper that it repeats, and the paper's words came
        later) the first of those that name nobody is the voice, in canonical order.
        """
        root = ends(self.target)
        told = np.unique(root[self.target[root] != root])
        while (following := np.union1d(told, self.target[told])).size > told.size:
            told = following
        order = told[canonical_order(claims, told)] if told.size else told
        left = np.concatenate([order[self._wanted[order] < 0], order[self._wanted[order] >= 0]]).tolist()
        voice = np.arange(root.size)
        taken: set[int] = set()
        for first in left:
            row = first
            while row not in taken:
                taken.add(row)
                voice[row] = first
                row = int(self.target[row])
        return np.asarray(voice[root])

    def _concerned(self, claims: Table, wanted: Array, dirty: Array, single: Array) -> Array:
        """Rows whose origin may have changed: changed ones, those that can repeat them, those that could be one."""
        if dirty.size == claims.n:
            return np.flatnonzero(single)
        hit = np.zeros(claims.n, dtype=bool)
        hit[dirty] = True
        hit |= hit[self.target]
        for d in dirty.tolist():
            offered = {int(claims["source"][d]), int(wanted[d])}
            if d < self._wanted.size:
                offered.add(int(self._wanted[d]))
            heirs = np.flatnonzero(np.isin(wanted, list(offered - {-1})))
            hit[_of_one_event(claims, d, heirs)] = True
        for d, b, _ in could_be_one(claims, dirty[self._worded[dirty]], np.flatnonzero(self._worded)):
            hit[b[_may_repeat(claims, b, d)]] = True
        return np.flatnonzero(hit & single)

    def _neighbourhood(self, claims: Table, wanted: Array, rows: Array, single: Array) -> Array:
        """Those rows and everything that they could repeat."""
        if rows.size == int(single.sum()):
            return rows
        hit = np.zeros(claims.n, dtype=bool)
        hit[rows] = True
        repeating = rows[wanted[rows] >= 0]
        offers = {w: np.flatnonzero(offered) for w, offered in _offered(claims, wanted, repeating)}
        for r in repeating.tolist():
            hit[_of_one_event(claims, r, offers[int(wanted[r])])] = True
        for b, a, _ in could_be_one(claims, rows[self._worded[rows]], np.flatnonzero(self._worded)):
            hit[a[_may_repeat(claims, b, a)]] = True
        hit[self.target[hit]] = True
        return np.flatnonzero(hit & single)

    def _same_words(self, claims: Table, sub: Array, target: Array, mine: Array) -> None:
        """Point each claim at one told before it by its side with the same words, day and place."""
        at = np.flatnonzero(self._worded[sub])
        texts = {k: normal(claims["text"][k]) for k in at.tolist()}
        first, second = _told_alike(claims, at, texts.values())
        # Told before to the letter, with the same place and time, by another source: nothing to look for.
        other = claims["source"][first] != claims["source"][at]
        leader = np.where(other, first, np.minimum(second, at))
        wanted = mine[at] & (target[at] == at)
        exact = wanted & (leader != at)
        target[at[exact]] = leader[exact]
        among = at[(at == first) | (at == second)]
        looking, placed = at[wanted & ~exact], np.isfinite(claims["lat"])
        for b, a, apart in itertools.chain(
            could_be_one(claims, looking[placed[looking]], among[placed[among]]),
            could_be_one(claims, looking[~placed[looking]], among),
        ):
            # What comes later in canonical order was told later, or is alike in all that counts.
            keep = (a < b) & _may_repeat(claims, b, a)
            b, a, apart = b[keep], a[keep], apart[keep]
            nearest = np.lexsort([a, apart, b])
            b, a = b[nearest], a[nearest]
            cuts = np.append(np.flatnonzero(np.diff(b, prepend=-1)), b.size).tolist()
            for head, end in itertools.pairwise(cuts):
                one = int(b[head])
                # Two observers may use one form; the same words to the letter are a copy.
                own = bool(_perceived(claims, one))
                least = self._parameters.jaccard_observed if own else self._parameters.jaccard
                for k in a[head : min(end, head + _MOST)].tolist():
                    if self._words.alike(texts[one], texts[k], least):
                        target[one] = k
                        break


def _offered(claims: Table, wanted: Array, rows: Array) -> Iterator[tuple[int, Array]]:
    """For each source that the rows repeat: flag of its own claims, and of those that repeat it too."""
    for w in np.unique(wanted[rows]).tolist():
        yield w, ((claims["source"] == w) & (wanted < 0)) | (wanted == w)


def _of_one_event(claims: Table, row: int, others: Array) -> Array:
    """Those of the others that this claim could repeat, or that could repeat it."""
    near = others[
        np.abs(claims["t"][others] - claims["t"][row])
        <= LOOSE * np.maximum(claims["t_sd"][others], claims["t_sd"][row]) + _WINDOW_S
    ]
    return np.asarray(near[np.isfinite(mismatch(claims, near, np.full(near.size, row)))])


def _may_repeat(claims: Table, b: Array, a: Array) -> Array:
    """Flag of the claims b that may be a's words told again, as far as who told them, when and how go.

    Words without a place are no origin of words with one, nor unapproved words of what an observer perceived.
    """
    return np.asarray(
        (claims["published"][a] <= claims["published"][b])
        & (claims["source"][a] != claims["source"][b])
        & (np.isfinite(claims["lat"][a]) | ~np.isfinite(claims["lat"][b]))
        & (_perceived(claims, a) | ~_perceived(claims, b))
    )


_STATEMENT = ("side", "act_kind", "accused", "start", "end", "t", "t_sd", "x", "y", "z", "sigma_km")


def _told_alike(claims: Table, at: Array, texts: Iterable[str]) -> tuple[Array, Array]:
    """For each of the rows (in order) the first of those that say the same to the letter of the same place and time,
    and the first of them by another source than that one's; a row that there is none of is its own."""
    number: dict[str, int] = {}
    columns = [np.array([number.setdefault(t, len(number)) for t in texts], dtype=np.float64)]
    columns += [np.nan_to_num(claims[name][at].astype(np.float64), nan=-1e9) for name in _STATEMENT]
    columns += [claims["stance"][at] == _DENIES, _perceived(claims, at)]
    group = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)[1].ravel()
    first = _least(at, group)[group]
    others = claims["source"][at] != claims["source"][first]
    second = _least(at[others], group[others], group.max(initial=-1) + 1)[group]
    return first, np.where(second >= 0, second, at)


def _least(rows: Array, group: Array, groups: int | None = None) -> Array:
    """The least of the rows of each group, -1 where it has none."""
    least = np.full(int(group.max(initial=-1)) + 1 if groups is None else groups, -1, dtype=np.int64)
    order = np.argsort(-rows, kind="stable")
    least[group[order]] = rows[order]  # of several rows of a group the last one written stays
    return least


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
    window = LOOSE * claims["t_sd"][rows] + _WINDOW_S
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
