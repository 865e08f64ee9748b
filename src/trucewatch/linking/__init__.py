"""Linking: which reports speak of the same incident. One public function, `link`; everything else serves it.

The method is design 6. Records of one happening are found by their declared precision (Fellegi and Sunter 1969 with
Gaussian densities), clustered by average link inside components, and wide claims attached by Bayes' rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trucewatch.linking.blocking import SHARP, WIDE, pairs_within
from trucewatch.linking.components import CERTAIN, cluster
from trucewatch.linking.copies import voices
from trucewatch.linking.estimate import estimate
from trucewatch.linking.incidents import describe
from trucewatch.linking.parameters import LinkParameters, parameters
from trucewatch.linking.score import TERMS, Points, Scorer
from trucewatch.linking.wide import Incidents, attach
from trucewatch.model.claims import canonical_order, earth_xyz
from trucewatch.model.micronats import Ints
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import RELATIONS, STANCES

__all__ = ["TERMS", "LinkDecision", "LinkParameters", "Linked", "Scorer", "link", "parameters"]

_DENIES, _ADMITS = STANCES.index("denies"), STANCES.index("admits")
_SUPPORTS, _DENIED, _ADMITTED, _REPEATS = (RELATIONS.index(r) for r in ("supports", "denies", "admits", "repeats"))


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """A person's link, split or merge, already resolved to rows of the claim table; in the order of `at`."""

    verb: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """What linking found. Arrays run along the rows of the claim table that was given.

    `incident`: position in `incidents`, -1 where the claim speaks of no single event; `voice`: row of the claim whose
    voice it is; `log_odds`: of the link, micro-nats, and p_link is their logistic; `relation`: position in
    vocabulary.RELATIONS; `by_decision`: flag.
    """

    incident: Array
    voice: Array
    log_odds: Ints
    relation: Array
    by_decision: Array
    incidents: Table
    warnings: tuple[str, ...]


def link(claims: Table, decisions: Sequence[LinkDecision], parameters: LinkParameters) -> Linked:
    """Link claims into incidents. Pure: the same claims in any order give the same incidents.

    1 copies collapse to voices; 2 sharp voices (sigma <= 6 km, sd <= 60 min) cluster by average link >= 0 of
      score = log(kappa / lambda) + log N2(d; sa2 + sb2) + log N1(dt; sta2 + stb2) + act + accused + source;
    3 wide voices attach to the incident with the greatest f(w|k) / (lambda + sum f(w|j)), or cluster among themselves;
    4 denials and admissions join by `responds_to`, else like wide ones; they do not move the centre;
    5 decisions (link, split, merge) are applied last and win.
    """
    order = canonical_order(claims)
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    sorted_claims = claims.take(order)
    target = sorted_claims["responds_to"]
    sorted_claims = sorted_claims.with_columns(responds_to=np.where(target >= 0, back[target], -1))
    work = _Work(sorted_claims, parameters)
    work.collapse()
    work.sharp()
    work.wide()
    work.answers()
    work.decide([LinkDecision(d.verb, tuple(int(back[r]) for r in d.rows)) for d in decisions])
    label, log_odds, relation = work.finish()
    present = np.unique(label[label >= 0])
    position = np.searchsorted(present, label)
    incident = np.where(label >= 0, position, -1)
    incidents = describe(sorted_claims, incident, work.voice, work.own_voice(), present.size, parameters)
    return Linked(
        incident[back], order[work.voice][back], log_odds[back], relation[back], work.decided[back], incidents,
        tuple(work.warnings),
    )  # fmt: skip


class _Work:
    """The steps of `link` over claims in canonical order. `label[row]` names an incident by one of its rows."""

    def __init__(self, claims: Table, parameters: LinkParameters) -> None:
        self.claims, self.parameters = claims, parameters
        n = claims.n
        self.label = np.full(n, -1, dtype=np.int64)
        self.odds = np.full(n, CERTAIN, dtype=np.int64)
        self.voice = np.arange(n)
        self.decided = np.zeros(n, dtype=bool)
        self.warnings: list[str] = []
        self.scorer = Scorer(sorted({str(a) for a in claims["act"]}), parameters)
        self.points = self.scorer.points(claims)
        self.single = ~claims["cumulative"] & ~claims["retracted"]
        answers = (claims["stance"] == _DENIES) | ((claims["stance"] == _ADMITS) & (claims["responds_to"] >= 0))
        self.answer = self.single & answers

    def collapse(self) -> None:
        """Each claim's voice."""
        rows = np.flatnonzero(self.single)
        self.voice[rows] = rows[voices(self.claims.take(rows), self.parameters)]

    def heads(self) -> Array:
        """Rows that are voices of their own and claim that something happened."""
        rows = np.flatnonzero(self.single & ~self.answer & (self.voice == np.arange(self.claims.n)))
        return rows

    def own_voice(self) -> Array:
        """Flag per row: it stands for itself and may move an incident's centre."""
        return self.single & ~self.answer & (self.voice == np.arange(self.claims.n))

    def is_sharp(self, rows: Array) -> Array:
        """Flag per row: precise enough to merge with others of its kind."""
        p = self.parameters
        exact = self.claims["exact"][rows] & np.isfinite(self.claims["lat"][rows])
        sigma = np.nan_to_num(self.claims["sigma_km"][rows], nan=np.inf)
        return exact & (sigma <= p.sharp_sigma_km) & (self.claims["t_sd"][rows] <= p.sharp_sd_s)

    def sharp(self) -> None:
        """Sharp voices into incidents."""
        heads = self.heads()
        self._cluster(heads[self.is_sharp(heads)], SHARP)

    def wide(self) -> None:
        """Wide voices to sharp incidents; the rest among themselves; what may not merge stands alone."""
        heads = self.heads()
        rest = heads[self.label[heads] < 0]
        placed = rest[np.isfinite(self.claims["lat"][rest])]
        self._attach(placed, heads[self.label[heads] >= 0])
        rest = rest[self.label[rest] < 0]
        merging = self.claims["exact"][rest] & np.isfinite(self.claims["lat"][rest])
        self._cluster(rest[merging], WIDE)
        alone = rest[~merging]
        self.label[alone] = alone
        self.odds[alone] = CERTAIN

    def answers(self) -> None:
        """Denials and admissions: to what they answer, else to the incident that they most likely mean."""
        rows = np.flatnonzero(self.answer & (self.voice == np.arange(self.claims.n)))
        target = self.claims["responds_to"][rows]
        told = (target >= 0) & self.single[np.maximum(target, 0)]
        aim = self.voice[np.maximum(target, 0)]
        self.label[rows[told]] = self.label[aim[told]]
        self.odds[rows[told]] = CERTAIN
        heads = self.heads()
        open_rows = rows[~told & np.isfinite(self.claims["lat"][rows])]
        self._attach(open_rows, heads[self.label[heads] >= 0])

    def decide(self, decisions: list[LinkDecision]) -> None:
        """Apply people's decisions in their order; copies follow their voice unless they are named themselves."""
        copies = np.flatnonzero(self.single & (self.voice != np.arange(self.claims.n)))
        self.label[copies] = self.label[self.voice[copies]]
        self.odds[copies] = self.odds[self.voice[copies]]
        for d in decisions:
            rows = np.array([r for r in d.rows if self.single[r]], dtype=np.int64)
            if not rows.size:
                continue
            if d.verb == "split":
                self.label[rows] = rows[0] + self.claims.n * (1 + np.count_nonzero(self.label >= self.claims.n))
            elif d.verb == "merge":
                labels = np.unique(self.label[rows])
                self.label[np.isin(self.label, labels[labels >= 0])] = self._label_of(rows)
                self.label[rows] = self._label_of(rows)
            else:
                self.label[rows] = self._label_of(rows)
            self.odds[rows] = CERTAIN
            self.decided[rows] = True

    def _label_of(self, rows: Array) -> int:
        known = [int(x) for x in self.label[rows] if x >= 0]
        return known[0] if known else int(rows[0])

    def finish(self) -> tuple[Array, Ints, Array]:
        """Labels, log-odds of links and relations. The voice told first is what the incident is about: certain."""
        n = self.claims.n
        relation = np.select(
            [self.voice != np.arange(n), self.claims["stance"] == _DENIES, self.claims["stance"] == _ADMITS],
            [_REPEATS, _DENIED, _ADMITTED],
            _SUPPORTS,
        )
        heads = np.flatnonzero(self.own_voice() & (self.label >= 0))
        groups = np.unique(self.label[heads], return_inverse=True)[1]
        first = np.full(int(groups.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, groups, self.claims["published"][heads])
        opens = self.claims["published"][heads] == first[groups]
        sole = opens & (np.bincount(groups, weights=opens, minlength=first.size)[groups] == 1)
        self.odds[heads[sole]] = CERTAIN
        copies = self.single & (self.voice != np.arange(n)) & ~self.decided
        same = copies & (self.label == self.label[self.voice])
        self.odds[same] = self.odds[self.voice[same]]
        odds = np.where(self.label >= 0, self.odds, -CERTAIN)
        return self.label, odds, relation

    def _cluster(self, rows: Array, levels: tuple[tuple[float, float, float, float], ...]) -> None:
        if not rows.size:
            return
        points = self.points.take(rows)
        i, j = pairs_within(points, levels)
        scores = self._score(points, i, j)
        labels, odds, warnings = cluster(
            rows.size, i, j, scores, lambda a, b: self.scorer.score(points.take(a), points.take(b)), self.parameters
        )
        self.label[rows], self.odds[rows] = rows[labels], odds
        self.warnings += warnings

    def _score(self, points: Points, i: Array, j: Array) -> Ints:
        step = 2_000_000
        parts = [
            self.scorer.score(points.take(i[k : k + step]), points.take(j[k : k + step]))
            for k in range(0, i.size, step)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def _attach(self, rows: Array, heads: Array) -> None:
        """Attach rows to the incidents of `heads`, or leave them."""
        if not rows.size or not heads.size:
            return
        present, group = np.unique(self.label[heads], return_inverse=True)
        centre = estimate(self.claims, heads, group, present.size, self.parameters)
        order = np.argsort(group, kind="stable")
        count = np.bincount(group)
        members = self.points.take(heads[order])
        x, y, z = earth_xyz(centre["lat"], centre["lon"])
        lead = self.points.take(present)
        sigma = np.sqrt((centre["cov_ee"] + centre["cov_nn"]) / 2)
        absent = np.full(present.size, -1)
        points = Points(
            x, y, z, sigma, centre["t"], centre["t_sd"], np.zeros(present.size), centre["t_sd"], lead.act, absent, absent, lead.place_of, absent, absent,
            lead.log_density,
        )  # fmt: skip
        known = np.flatnonzero(np.isfinite(centre["lat"]))
        begin = np.cumsum(count) - count
        incidents = Incidents(points.take(known), begin[known], count[known], members)
        best, odds = attach(self.points.take(rows), incidents, self.scorer)
        found = best >= 0
        self.label[rows[found]] = present[known[best[found]]]
        self.odds[rows] = odds
