"""What a task is expected to tell: the fall of the Brier score (Brier 1950) of "it happened" and of "who did it".

Before a task the score is expected to be sum_s P(s) B(p, s), over what may be the case (s: this author, somebody else,
nobody, it did not happen); after it sum_s P(s) sum_o P(o | s) B(p after o, s). P(s) is what the mission thinks now,
P(o | s) comes from seeing.yaml, and p after o from weighing the claim that would be brought. The difference is a whole
number of millionths, made of whole numbers: no order of actors can move it (law L3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.planning.awaited import awaited
from trucewatch.planning.evidence import About
from trucewatch.planning.seeing import Seeing
from trucewatch.planning.supposing import Case, Claim, Ground, suppose

KINDS = ("visit", "image", "call", "question")
_WHOLE = 10_000  # published probabilities have four decimals
_WORDS = 0.1  # what calls and questions tell, as a share of what traces would
_FINE = 1_000_000  # parts of a millionth that are added
Chance = float | Mapping[str, float]  # P(o | it happened), for every author or by author


@dataclass(frozen=True, slots=True)
class Branch:
    """One result of a task: the claims that it would bring; its chance where it happened (by author, "" = any other),
    and where it did not. What is left is that nothing is said."""

    name: str
    claims: tuple[Claim, ...]
    happened: Chance
    not_happened: float

    def chance(self, author: str) -> float:
        """P(o | it happened and this author did it)."""
        if isinstance(self.happened, Mapping):
            return float(self.happened.get(author, self.happened[""]))
        return self.happened


@dataclass(frozen=True, slots=True)
class Prospect:
    """What one kind of task is about to bring for one incident. `found`: chance of traces for a team at the place;
    `awaited`: chance that somebody who watched reports it in any case: so much of the fall is not the task's."""

    kind: str
    incident: int
    branches: tuple[Branch, ...]
    found: float
    days: float
    awaited: float = 0.0


@dataclass(frozen=True)
class Beliefs:
    """P of what may be the case, in ten-thousandths: by author (those of the ground, `other`), nobody, not happened;
    and how a score counts each."""

    happened: int
    authors: Ints  # authors, other, none

    def states(self, shift: int = 0) -> Ints:
        """P(author k did it), ..., P(other), P(it happened and nobody did it), P(it did not happen); with the log-odds
        of "it happened" moved by `shift` micro-nats."""
        doers, happened = self.authors[:-1], self.happened
        if shift and 0 < happened < _WHOLE:
            odds = happened / (_WHOLE - happened) * math.exp(shift / MICRO)
            happened = round(_WHOLE * odds / (1 + odds))
            doers = np.rint(doers * (happened / self.happened)).astype(np.int64)
        nobody = max(happened - int(doers.sum()), 0)
        return np.array([*doers.tolist(), nobody, _WHOLE - happened], dtype=np.int64)

    def score(self, state: int) -> tuple[int, int]:
        """Squared errors of "it happened" and of "who did it" in a state, in hundred-millionths."""
        n = self.authors.size - 1
        y = _WHOLE * (state <= n)
        truth = np.zeros_like(self.authors)
        truth[min(state, n)] = _WHOLE
        return (self.happened - y) ** 2, int(((self.authors - truth) ** 2).sum())


@dataclass(frozen=True)
class Weighed:
    """A prospect with what the mission would think after each of its results."""

    prospect: Prospect
    now: Beliefs
    after: tuple[Beliefs, ...]
    authors: tuple[str, ...]
    attributes: bool = True
    shift: int = 0

    def fall(self, reach: float = 1.0) -> Fall:
        """The expected fall where the team's eyes reach the place with that chance (1: it stands there)."""
        here, elsewhere = self._bounds
        left = 1 - self.prospect.awaited
        happened, author = (round(left * (reach * h + (1 - reach) * e)) for h, e in zip(here, elsewhere, strict=True))
        return Fall(_millionths(happened), _millionths(author) if self.attributes else 0)

    @cached_property
    def _bounds(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Falls of happened and author, in parts of a millionth: at the place, and where nothing can be seen of it."""
        return self._expected(1.0), self._expected(0.0)

    def _expected(self, reach: float) -> tuple[int, int]:
        happened, author = 0, 0
        labels = (*self.authors, "other", "")
        for s, weight in enumerate(self.now.states(self.shift).tolist()):
            if not weight:
                continue
            before = self.now.score(s)
            for branch, then in zip(self.prospect.branches, self.after, strict=True):
                seen = branch.not_happened if s == len(labels) or not reach else branch.chance(labels[s])
                later = then.score(s)
                happened += _parts(weight, seen, before[0] - later[0])
                author += _parts(weight, seen, before[1] - later[1])
        return happened, author


@dataclass(frozen=True, slots=True)
class Fall:
    """Expected fall of the Brier score, in millionths: of "it happened", and of "who did it"."""

    happened: int
    author: int

    @property
    def total(self) -> int:
        """Of both."""
        return self.happened + self.author


def _parts(weight: int, chance: float, change: int) -> int:
    """weight (1e-4) x chance x change (1e-8), in 1e-12."""
    return round(weight * chance * change)


def _millionths(parts: int) -> int:
    return (parts + _FINE // 2) // _FINE


@dataclass(frozen=True)
class Outlook:
    """For which incidents tasks are wanted (`about`, by position), and when: `day` is the time of the task, `now` until
    when is known what is known (us).
    `visited`: incidents at whose place a team was, or is about to be: no visit is proposed again. `shift`: what visits
    so far say of the mission's probabilities (see `learned`)."""

    ground: Ground
    about: Mapping[int, About]
    seeing: Seeing
    parties: tuple[str, ...]
    day: int
    now: int
    attributes: bool = True
    kinds: tuple[str, ...] = KINDS
    visited: frozenset[int] = frozenset()
    shift: int = 0


def weighed(outlook: Outlook) -> list[Weighed]:
    """Every prospect of every incident, with what would follow from each result; all weighed at once."""
    waiting = awaited(outlook.ground, outlook.about, outlook.now)
    found = [replace(p, awaited=waiting[i]) for i in outlook.about for p in prospects(outlook, i)]
    cases = [Case(p.incident, b.claims) for p in found for b in p.branches]
    bare = [Case(i) for i in outlook.about]
    if not bare:
        return []
    supposed = suppose(outlook.ground, [*bare, *cases])
    p, authors = _units(supposed.p), _units(supposed.authors)
    now = {i: Beliefs(int(p[k]), authors[k]) for k, i in enumerate(outlook.about)}
    out, at = [], len(bare)
    for one in found:
        after = tuple(Beliefs(int(p[k]), authors[k]) for k in range(at, at + len(one.branches)))
        at += len(one.branches)
        out.append(Weighed(one, now[one.incident], after, outlook.ground.authors, outlook.attributes, outlook.shift))
    return out


def _units(values: Floats) -> Ints:
    return np.rint(values * _WHOLE).astype(np.int64)


def prospects(outlook: Outlook, i: int) -> list[Prospect]:
    """What each kind of task may bring for an incident."""
    ground, see, about = outlook.ground, outlook.seeing, outlook.about[i]
    acts: Sequence[tuple[str, float]] = ground.incidents["acts"][i]
    days = max(0.0, (outlook.day / 1e6 - float(ground.incidents["t_mean_s"][i])) / 86_400)
    placed = bool(np.isfinite(ground.incidents["lat"][i]))
    out = []
    found = see.found(acts, days)
    if "visit" in outlook.kinds and placed and found > 0 and i not in outlook.visited:
        out.append(Prospect("visit", i, _visit(outlook, about, acts, found), found, days))
    pictured = see.pictured(acts, days)
    if "image" in outlook.kinds and placed and pictured > 0:
        out.append(Prospect("image", i, _image(see, about, pictured), pictured, days))
    if "call" in outlook.kinds:
        out.append(Prospect("call", i, (_call(see, about, days),), 0.0, days))
    if "question" in outlook.kinds and outlook.parties:
        out.append(Prospect("question", i, _question(outlook, about), 0.0, days))
    return out


def _visit(outlook: Outlook, about: About, acts: Sequence[tuple[str, float]], found: float) -> tuple[Branch, ...]:
    """Traces, with or without a direction; none, told or not."""
    n = outlook.seeing.numbers
    points = outlook.seeing.pointing(acts) if len(outlook.parties) > 1 else 0.0
    wrong = (1 - n["bearing.right"]) / max(len(outlook.parties) - 1, 1)
    evenly = 1 / max(len(outlook.parties), 1)
    false, none = n["visit.false_traces"], n["visit.told_none"]
    out = [
        Branch("traces", (about.traces(),), round(found * (1 - points), 9), false),
        Branch("none", (about.no_traces(),), round((1 - found) * none, 9), round((1 - false) * none, 9)),
    ]
    for party in outlook.parties if points else ():
        by_author = dict.fromkeys(outlook.parties, wrong) | {party: n["bearing.right"], "": evenly}
        chance = {author: round(found * points * share, 9) for author, share in by_author.items()}
        out.append(Branch("bearing", (about.bearing(party),), chance, 0.0))
    return tuple(out)


def _image(see: Seeing, about: About, shown: float) -> tuple[Branch, ...]:
    n = see.numbers
    clear, none = n["image.clear"], n["image.told_none"]
    return (
        Branch("shown", (about.picture(),), round(clear * shown, 9), round(clear * n["image.false_marks"], 9)),
        Branch(
            "none", (about.clear_picture(),), round(clear * (1 - shown) * none, 9),
            round(clear * (1 - n["image.false_marks"]) * none, 9),
        ),
    )  # fmt: skip


def _call(see: Seeing, about: About, days: float) -> Branch:
    """Who remembers confirms what happened; who remembers nothing confirms as seldom as where nothing happened."""
    n = see.numbers
    kept = 0.5 ** (days / n["call.half_life_days"])
    false = n["call.confirms_false"]
    return Branch("told", (about.told(),), round(false + (n["call.confirms"] - false) * kept, 9), false)


def _question(outlook: Outlook, about: About) -> tuple[Branch, ...]:
    n = outlook.seeing.numbers
    false = n["question.admits_false"]
    return tuple(
        Branch("admitted", (about.admission(party),), {party: n["question.admits"], "": false}, false)
        for party in outlook.parties
    )


def uncertainty(p: int, authors: Sequence[int]) -> int:
    """p (1 - p) of "it happened" plus the sum of q (1 - q) over who did it, in millionths; of ten-thousandths. No task
    can be expected to tell more."""
    return (p * (_WHOLE - p) + sum(q * (_WHOLE - q) for q in authors)) // 100


def most_telling(outlook: Outlook, uncertain: Mapping[int, int], most: int) -> Outlook:
    """The outlook of the `most` incidents that could tell most: uncertain ones whose traces may still be found; those
    that equal the last of them stay too."""
    if len(outlook.about) <= most:
        return outlook
    keys = {}
    for i in outlook.about:
        days = max(0.0, (outlook.day / 1e6 - float(outlook.ground.incidents["t_mean_s"][i])) / 86_400)
        left = max(outlook.seeing.found(outlook.ground.incidents["acts"][i], days), _WORDS)
        keys[i] = round(uncertain[i] * left)
    least = sorted(keys.values(), reverse=True)[most - 1]
    return replace(outlook, about={i: about for i, about in outlook.about.items() if keys[i] >= least})


__all__ = [
    "KINDS", "Branch", "Fall", "Outlook", "Prospect", "Weighed", "most_telling", "prospects", "uncertainty", "weighed",
]  # fmt: skip
