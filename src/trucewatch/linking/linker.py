"""Which claims form which incident, kept while claims come in: design 6 step by step, on rows that can have changed.

A refresh of a few rows and a refresh of all of them at once run the same code and end alike: a sharp claim concerns its
component, a wide one the incidents that it could mean, an answer what it answers. Everything else keeps its result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from trucewatch.linking.blocking import SHARP, WIDE, Levels, pairs_across, pairs_between, pairs_within
from trucewatch.linking.components import CERTAIN, cluster
from trucewatch.linking.copies import Copies
from trucewatch.linking.density import Density
from trucewatch.linking.estimate import estimate
from trucewatch.linking.groups import (
    CENTRE,
    Centres,
    Groups,
    LinkDecision,
    Refreshed,
    by_least_row,
    ends,
    grown,
    within,
)
from trucewatch.linking.parameters import LinkParameters
from trucewatch.linking.score import Points, Scorer
from trucewatch.linking.wide import NEGLIGIBLE, Incidents, attach, unseen_density
from trucewatch.model.claims import canonical_order
from trucewatch.model.micronats import Ints
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import RELATIONS, STANCES

_DENIES, _ADMITS = STANCES.index("denies"), STANCES.index("admits")
_SUPPORTS, _DENIED, _ADMITTED, _REPEATS = (RELATIONS.index(r) for r in ("supports", "denies", "admits", "repeats"))
# What a row is in linking: of no single event, a copy, an answer, or a voice that tells of an event: sharp, wide,
# wide of unknown radius (supports, never merges), or of unknown place.
NONE, COPY, ANSWER, SHARP_VOICE, WIDE_VOICE, POINT_VOICE, PLACELESS = range(7)
_CHUNK = 2_000_000
_BLOCK = 65_536  # rows that are compared with their neighbours at once
_KEPT = (
    "_open", "attached", "attached_odds", "answered", "answered_odds", "head_label", "role", "voice", "label",
    "odds", "relation", "decided",
)  # fmt: skip


class Linker:
    """The state of linking over the rows of a claim table that grows. Row numbers are those of the table."""

    def __init__(self, parameters: LinkParameters) -> None:
        self.parameters = parameters
        self.scorer = Scorer(parameters)
        self._copies = Copies(parameters)
        self._points: Points | None = None
        self._density = Density(parameters)
        self._base = np.empty(0)  # log density of the fit at each row
        self.sharp, self.rest = Groups(SHARP), Groups(WIDE)
        self.sharp_centre, self.answered_centre = Centres(), Centres()
        self.attached = np.empty(0, dtype=np.int64)  # sharp incident of a wide voice, -1 = none
        self.attached_odds = np.empty(0, dtype=np.int64)
        self.answered = np.empty(0, dtype=np.int64)  # incident of an answer that names no claim
        self.answered_odds = np.empty(0, dtype=np.int64)
        self._open = np.empty(0, dtype=bool)  # answers that name no claim that is here
        self.head_label = np.empty(0, dtype=np.int64)
        self.role = np.empty(0, dtype=np.int64)
        self.voice = np.empty(0, dtype=np.int64)
        self.label = np.empty(0, dtype=np.int64)  # the incident of each row, named by its least row; -1 = none
        self.odds = np.empty(0, dtype=np.int64)
        self.relation = np.empty(0, dtype=np.int64)
        self.decided = np.empty(0, dtype=bool)

    def refresh(self, claims: Table, dirty: Array, decisions: Sequence[LinkDecision] = ()) -> Refreshed:
        """Take in the rows `dirty` (new or changed). Pure in the claims and decisions so far, whatever came before."""
        before = self.label, self.odds, self.voice, self.relation, self.decided
        self._make_room(claims, dirty)
        single = ~claims["cumulative"] & ~claims["retracted"]
        self._copies.refresh(claims, dirty, single)
        was, old_voice = self.role, self.voice
        self.voice = self._copies.roots(claims)
        self.role = self._roles(claims, single)
        touched = (self.role != was) | (self.voice != old_voice)
        touched[dirty] = True
        rescored = touched.copy()
        rescored[self._thicken(claims, dirty)] = True
        sharp_changed = self._sharp_voices(claims, touched, rescored, was)
        moved = self._wide_voices(claims, touched, rescored, was, sharp_changed)
        changed = self._heads(claims, touched | moved, sharp_changed)
        self._answers(claims, rescored, changed, single)
        self._settle(claims, single, decisions)
        return self._difference(claims, before, dirty)

    def kept(self) -> dict[str, Array]:
        """Everything that a later refresh needs, as plain arrays along the rows."""
        out = {name: getattr(self, name) for name in _KEPT}
        out |= {f"copies.{k}": v for k, v in self._copies.kept().items()}
        out |= {f"density.{k}": v for k, v in self._density.kept().items()}
        for name, groups in (("sharp", self.sharp), ("rest", self.rest)):
            out |= {f"{name}.component": groups.component, f"{name}.label": groups.label, f"{name}.odds": groups.odds}
        for name, centres in (("sharp_centre", self.sharp_centre), ("answered_centre", self.answered_centre)):
            out |= {f"{name}.{k}": v for k, v in centres.values.items()}
        return out

    def restore(self, claims: Table, kept: Mapping[str, Array]) -> None:
        """Go on from what `kept` gave for these claims; of cut components only those that change are told."""
        for name in _KEPT:
            setattr(self, name, kept[name])
        self._copies.restore(claims, {k.removeprefix("copies."): v for k, v in kept.items() if k.startswith("copies.")})
        for name, groups in (("sharp", self.sharp), ("rest", self.rest)):
            groups.component, groups.label, groups.odds = (kept[f"{name}.{k}"] for k in ("component", "label", "odds"))
        for name, centres in (("sharp_centre", self.sharp_centre), ("answered_centre", self.answered_centre)):
            centres.values = {k: kept[f"{name}.{k}"] for k in CENTRE}
        self._density.restore({k: kept[f"density.{k}"] for k in self._density.kept()})
        self._points = self.scorer.points(claims)
        self._base = self._points.log_density
        self._points = replace(self._points, log_density=self._density.values)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people should know of components that had to be cut, in the order of their rows."""
        found = {**self.sharp.warnings, **self.rest.warnings}
        return tuple(w for row in sorted(found) for w in found[row])

    @property
    def own_voice(self) -> Array:
        """Flag per row: it stands for itself and tells of an event, so it may move an incident's centre."""
        return self.role >= SHARP_VOICE

    # --- the steps, in their order -----------------------------------------------------------------------------------

    def _make_room(self, claims: Table, dirty: Array) -> None:
        n = claims.n
        fresh = self.scorer.points(claims.take(dirty))
        self._points = fresh if self._points is None else self._points.put(dirty, fresh)
        self._base = grown(self._base, n, np.nan)
        self._base[dirty] = fresh.log_density
        for groups in (self.sharp, self.rest):
            groups.grow(n)
        for centres in (self.sharp_centre, self.answered_centre):
            centres.grow(n)
        self.attached, self.answered = grown(self.attached, n, -1), grown(self.answered, n, -1)
        self.attached_odds = grown(self.attached_odds, n, -CERTAIN)
        self.answered_odds = grown(self.answered_odds, n, -CERTAIN)
        self.head_label = grown(self.head_label, n, -1)
        self.role, self.voice = grown(self.role, n, NONE), grown(self.voice, n, -1)

    def _thicken(self, claims: Table, dirty: Array) -> Array:
        """Count how thick voices lie around each claim. Rows that see it changed."""
        points = self.points
        counts = (self.role >= SHARP_VOICE) & (self.role != PLACELESS)
        side = claims["side"]
        speaker = np.where(side >= 0, -1 - side, claims["voice_source"])
        rows = self._density.refresh(claims["lat"], claims["lon"], points.t, self._base, speaker, counts, dirty)
        self._points = replace(points, log_density=self._density.values)
        return rows

    @property
    def points(self) -> Points:
        """The claims as points."""
        assert self._points is not None
        return self._points

    def _roles(self, claims: Table, single: Array) -> Array:
        p = self.parameters
        itself = self.voice == np.arange(claims.n)
        answers = (claims["stance"] == _DENIES) | ((claims["stance"] == _ADMITS) & (claims["responds_to"] >= 0))
        placed = np.isfinite(claims["lat"])
        with np.errstate(invalid="ignore"):
            precise = (claims["sigma_km"] <= p.sharp_sigma_km) & (claims["t_sd"] <= p.sharp_sd_s)
        exact = claims["exact"]
        return np.select(
            [~single, ~itself, answers, ~placed, ~exact, precise],
            [NONE, COPY, ANSWER, PLACELESS, POINT_VOICE, SHARP_VOICE],
            WIDE_VOICE,
        )

    def _sharp_voices(self, claims: Table, touched: Array, rescored: Array, was: Array) -> Array:
        """Sharp voices into incidents. Flag by label of incidents that changed, came or went."""
        concerned = rescored & ((self.role == SHARP_VOICE) | (was == SHARP_VOICE))
        return self._recluster(claims, self.sharp, self.role == SHARP_VOICE, concerned, touched)

    def _wide_voices(self, claims: Table, touched: Array, rescored: Array, was: Array, sharp_changed: Array) -> Array:
        """Wide voices to sharp incidents, the rest among themselves. Flag of rows that moved."""
        wide = (self.role == WIDE_VOICE) | (self.role == POINT_VOICE)
        old_points, _ = self._known(self.sharp_centre, np.flatnonzero(sharp_changed))
        labels = np.flatnonzero(sharp_changed & (self.sharp.label == np.arange(claims.n)))
        members = np.flatnonzero(sharp_changed[self.sharp.label] & (self.sharp.label >= 0))
        self._estimate(claims, self.sharp_centre, np.flatnonzero(sharp_changed), labels, members, self.sharp.label)
        concerned = rescored & wide
        others = np.flatnonzero(wide & ~concerned)
        new_points, _ = self._known(self.sharp_centre, labels)
        for points in (old_points, new_points):
            concerned[others[self._could_mean(others, points)]] = True
        gone = touched & ~wide & (self.attached >= 0)
        before = self.attached.copy()
        self.attached[gone] = -1
        rows = np.flatnonzero(concerned)
        best, odds = self._attach(rows, self.sharp_centre, self.sharp.label)
        self.attached[rows], self.attached_odds[rows] = best, odds
        moved = touched | (self.attached != before)
        merging = (self.role == WIDE_VOICE) & (self.attached < 0)
        was_merging = self.rest.label >= 0
        again = (merging | was_merging) & (moved | rescored | (merging != was_merging))
        changed = self._recluster(claims, self.rest, merging, again, moved)
        moved |= changed[self.rest.label] & (self.rest.label >= 0)
        return np.asarray(moved | again)

    def _heads(self, claims: Table, moved: Array, sharp_changed: Array) -> Array:
        """The incident of every voice that tells of an event. Flag by label of incidents whose voices changed."""
        n = claims.n
        before = self.head_label.copy()
        self.head_label = np.select(
            [self.role < SHARP_VOICE, self.role == SHARP_VOICE, self.attached >= 0, self.role == WIDE_VOICE],
            [np.full(n, -1), self.sharp.label, self.attached, self.rest.label],
            np.arange(n),
        )
        changed = sharp_changed.copy()
        for labels in (before, self.head_label):
            rows = moved & (labels >= 0) | (before != self.head_label) & (labels >= 0)
            changed[labels[rows]] = True
        return changed

    def _answers(self, claims: Table, rescored: Array, changed: Array, single: Array) -> None:
        """Denials and admissions that name no claim: to the incident that they most likely mean."""
        answers = self.role == ANSWER
        told = self._told(claims, single)
        open_ = answers & ~told & np.isfinite(claims["lat"])
        old_points, _ = self._known(self.answered_centre, np.flatnonzero(changed))
        labels = np.flatnonzero(changed & self._names_incident())
        members = np.flatnonzero((self.head_label >= 0) & changed[self.head_label])
        self._estimate(claims, self.answered_centre, np.flatnonzero(changed), labels, members, self.head_label)
        new_points, _ = self._known(self.answered_centre, labels)
        concerned = (rescored | ~grown(self._open, claims.n, False)) & open_
        others = np.flatnonzero(open_ & ~concerned)
        for points in (old_points, new_points):
            concerned[others[self._could_mean(others, points)]] = True
        self.answered[~open_] = -1
        self._open = open_
        rows = np.flatnonzero(concerned)
        best, odds = self._attach(rows, self.answered_centre, self.head_label)
        self.answered[rows], self.answered_odds[rows] = best, odds

    def _settle(self, claims: Table, single: Array, decisions: Sequence[LinkDecision]) -> None:
        """Final incident, log-odds and relation of every row: answers, copies, then people's decisions."""
        n, rows = claims.n, np.arange(claims.n)
        label, odds = self.head_label.copy(), np.full(n, CERTAIN, dtype=np.int64)
        sharp, rest = self.role == SHARP_VOICE, (self.role == WIDE_VOICE) & (self.attached < 0)
        odds[sharp], odds[rest] = self.sharp.odds[sharp], self.rest.odds[rest]
        attached = (self.role >= WIDE_VOICE) & (self.attached >= 0)
        odds[attached] = self.attached_odds[attached]
        told = self._told(claims, single)
        open_ = (self.role == ANSWER) & ~told
        label[open_], odds[open_] = self.answered[open_], self.answered_odds[open_]
        end = ends(np.where(told, self.voice[np.maximum(claims["responds_to"], 0)], rows))
        label[told] = np.where(told[end[told]], -1, label[end[told]])  # answers that answer each other speak of nothing
        copies = self.role == COPY
        label[copies], odds[copies] = label[self.voice[copies]], odds[self.voice[copies]]
        self.decided = np.zeros(n, dtype=bool)
        leads = np.where(told[self.voice], end[self.voice], self.voice)
        label, odds = self._decide(label, odds, single, leads, decisions)
        self.relation = np.select(
            [self.voice != rows, claims["stance"] == _DENIES, claims["stance"] == _ADMITS],
            [_REPEATS, _DENIED, _ADMITTED],
            _SUPPORTS,
        )
        self._certain_first(claims, label, odds)
        same = copies & ~self.decided & (label == label[self.voice])
        odds[same] = odds[self.voice[same]]
        self.label, self.odds = by_least_row(label), np.where(label >= 0, odds, -CERTAIN)

    def _decide(
        self, label: Array, odds: Ints, single: Array, leads: Array, decisions: Sequence[LinkDecision]
    ) -> tuple[Array, Ints]:
        """Apply people's decisions in their order; what repeats or answers a claim (`leads`) goes where that goes."""
        fresh = label.size
        for d in decisions:
            rows = np.array([r for r in d.rows if single[r]], dtype=np.int64)
            if not rows.size:
                continue
            held = label[rows][label[rows] >= 0]
            if d.verb == "split":
                goal, fresh = fresh, fresh + 1
            else:
                goal = int(held[0]) if held.size else int(rows[0])
            if d.verb == "merge":
                label[np.isin(label, held)] = goal
            followers = np.isin(leads, rows) & (label >= 0) & ~self.decided
            label[rows], odds[rows], label[followers] = goal, CERTAIN, goal
            self.decided[rows] = True
        return label, odds

    def _certain_first(self, claims: Table, label: Array, odds: Ints) -> None:
        """The voice told first is what the incident is about: certain. Of several told at one time none is."""
        heads = np.flatnonzero(self.own_voice & (label >= 0))
        first = np.full(int(label.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, label[heads], claims["published"][heads])
        opens = heads[claims["published"][heads] == first[label[heads]]]
        sole = np.bincount(label[opens], minlength=first.size)[label[opens]] == 1
        odds[opens[sole]] = CERTAIN

    def _difference(self, claims: Table, before: tuple[Array, ...], dirty: Array) -> Refreshed:
        old_n = before[0].size
        differs = np.ones(claims.n, dtype=bool)
        after = (self.label, self.odds, self.voice, self.relation, self.decided)
        same = np.ones(old_n, dtype=bool)
        for was, new in zip(before, after, strict=True):
            same &= was == new[:old_n]
        differs[:old_n] = ~same
        differs[dirty] = True
        rows = np.flatnonzero(differs)
        held: Array = before[0][rows[rows < old_n]]
        left = np.asarray(np.unique(held[held >= 0]))
        alive = np.zeros(claims.n + 1, dtype=bool)
        alive[self.label] = True  # -1 marks the spare place at the end
        now = np.unique(self.label[rows])
        changed = np.union1d(now[now >= 0], left[alive[left]])
        return Refreshed(rows, changed, left)

    # --- what the steps share ----------------------------------------------------------------------------------------

    def _told(self, claims: Table, single: Array) -> Array:
        target = claims["responds_to"]
        return np.asarray((self.role == ANSWER) & (target >= 0) & single[np.maximum(target, 0)])

    def _names_incident(self) -> Array:
        """Flag of rows whose number is the label of some voice."""
        out = np.zeros(self.head_label.size, dtype=bool)
        out[self.head_label[self.head_label >= 0]] = True
        return out

    def _recluster(self, claims: Table, groups: Groups, members: Array, concerned: Array, content: Array) -> Array:
        """Cluster anew the components that the rows `concerned` touch. Flag by label of clusters with
        other members than before, or with a row of other content (`content`)."""
        n = claims.n
        changed = np.zeros(n, dtype=bool)
        if not concerned.any():
            return changed
        union = self._components_of(groups, members, concerned)
        old_label = groups.label.copy()
        affected = union | concerned
        rows = np.flatnonzero(union)
        rows = rows[canonical_order(claims, rows)]
        for array in (groups.component, groups.label):
            array[affected] = -1
        for row in [r for r in groups.warnings if affected[r]]:
            del groups.warnings[row]
        if rows.size:
            points = self.points.take(rows)
            found = cluster(
                rows.size, *self._edges(points, groups.levels),
                lambda a, b: self.scorer.score(points.take(a), points.take(b)), self.parameters, points.alike,
                points.source,
            )  # fmt: skip
            groups.label[rows], groups.component[rows] = rows[found.label], rows[found.component]
            groups.odds[rows] = found.odds
            if found.warnings:
                groups.warnings[int(rows.min())] = found.warnings
        changed[old_label[affected & (old_label >= 0)]] = True
        changed[groups.label[rows]] = True
        return self._unless_alike(changed, old_label, groups.label, affected, content)

    def _components_of(self, groups: Groups, members: Array, concerned: Array) -> Array:
        """Flag of the members of all components that the concerned rows were in or now touch."""
        now = np.flatnonzero(concerned & members)
        others = np.flatnonzero(members & ~concerned)
        hit = np.zeros(members.size, dtype=bool)
        held = groups.component[concerned]
        hit[held[held >= 0]] = True
        if now.size and others.size:
            near = others[within(self.points.t[others], self.points.t[now], groups.levels)]
            a, b = pairs_across(self.points.take(now), self.points.take(near), groups.levels)
            scores = self.scorer.score(self.points.take(now[a]), self.points.take(near[b]))
            touched = groups.component[near[b[scores >= self.parameters.floor]]]
            hit[touched[touched >= 0]] = True
        return members & (concerned | ((groups.component >= 0) & hit[groups.component]))

    def _unless_alike(self, changed: Array, old: Array, new: Array, affected: Array, content: Array) -> Array:
        """Clusters that came out of their component as they went in, and hold no row that is new, did not change."""
        labels = np.flatnonzero(changed)
        rows = np.flatnonzero(affected & ((old >= 0) | (new >= 0)))
        stable = np.zeros(changed.size, dtype=bool)
        stable[labels] = True
        differs = rows[(old[rows] != new[rows]) | content[rows]]
        for array in (old, new):
            held = array[differs]
            stable[held[held >= 0]] = False
        changed[stable] = False
        return changed

    def _edges(self, points: Points, levels: Levels) -> tuple[Array, Array, Ints]:
        """Pairs (i < j) that connect, with their scores; block by block in time, so that memory stays bounded."""
        order = np.argsort(points.t, kind="stable")
        found = []
        for first in range(0, order.size, _BLOCK):
            block = order[first : first + _BLOCK]
            if block.size == order.size:
                i, j = pairs_within(points, levels)
            else:
                near = np.flatnonzero(within(points.t, points.t[block], levels))
                a, b = pairs_across(points.take(block), points.take(near), levels)
                i, j = block[a], near[b]
                i, j = i[i < j], j[i < j]
            for k in range(0, i.size, _CHUNK):
                a, b = i[k : k + _CHUNK], j[k : k + _CHUNK]
                score = self.scorer.score(points.take(a), points.take(b))
                above = score >= self.parameters.floor
                found.append((a[above], b[above], score[above]))
        if not found:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        i, j, score = (np.concatenate(x) for x in zip(*found, strict=True))
        return i, j, score

    def _known(self, centres: Centres, labels: Array) -> tuple[Points, Array]:
        """Those of the incidents whose place is known, as points, with their labels."""
        labels = labels[np.isfinite(centres.values["lat"][labels])]
        return centres.points(labels, self.points.take(labels), self.parameters.unknown_radius_km), labels

    def _estimate(
        self, claims: Table, centres: Centres, stale: Array, labels: Array, members: Array, label: Array
    ) -> None:
        """Estimate anew the incidents `labels` from the rows `members`; forget those of `stale` that are gone."""
        for values in centres.values.values():
            values[stale] = np.nan
        if not labels.size:
            return
        members = members[canonical_order(claims, members)]
        group = np.searchsorted(labels, label[members])
        found = estimate(claims, members, group, labels.size, self.parameters)
        for name, values in centres.values.items():
            values[labels] = found[name]

    def _could_mean(self, rows: Array, incidents: Points) -> Array:
        """Positions in `rows` of the claims that some of the incidents could explain."""
        if not rows.size or not incidents.t.size:
            return np.empty(0, dtype=np.int64)
        near = np.flatnonzero(within(self.points.t[rows], incidents.t, WIDE))
        points = self.points.take(rows[near])
        left, right = pairs_between(points, incidents, WIDE)
        mine = points.take(left)
        unseen = unseen_density(mine, self.parameters)
        field_ = self.scorer.field(mine, incidents.take(right), unseen).sum(axis=0)
        return np.asarray(near[np.unique(left[field_ >= NEGLIGIBLE])])

    def _attach(self, rows: Array, centres: Centres, label: Array) -> tuple[Array, Ints]:
        """The incident that each row most likely speaks of (-1: none), with its log-odds; block by block in time."""
        best, odds = np.full(rows.size, -1), np.full(rows.size, -CERTAIN, dtype=np.int64)
        order = np.argsort(self.points.t[rows], kind="stable")
        for first in range(0, order.size, _BLOCK // 8):
            block = order[first : first + _BLOCK // 8]
            best[block], odds[block] = self._attach_block(rows[block], centres, label)
        return best, odds

    def _attach_block(self, rows: Array, centres: Centres, label: Array) -> tuple[Array, Ints]:
        none = np.full(rows.size, -1), np.full(rows.size, -CERTAIN, dtype=np.int64)
        if not rows.size:
            return none
        t = centres.values["t"]
        near = within(t, self.points.t[rows], WIDE)
        labels = np.flatnonzero(near & np.isfinite(centres.values["lat"]))
        if not labels.size:
            return none
        wanted = np.zeros(t.size, dtype=bool)
        wanted[labels] = True
        members = np.flatnonzero((label >= 0) & wanted[label])
        members = members[np.argsort(label[members], kind="stable")]
        count = np.bincount(np.searchsorted(labels, label[members]), minlength=labels.size)
        points = centres.points(labels, self.points.take(labels), self.parameters.unknown_radius_km)
        incidents = Incidents(points, np.cumsum(count) - count, count, self.points.take(members))
        best, odds = attach(self.points.take(rows), incidents, self.scorer)
        return np.where(best >= 0, labels[best], -1), odds
