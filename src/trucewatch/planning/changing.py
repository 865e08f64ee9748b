"""What would change our mind: for a finding, the smallest new evidence under which its outcome would be another.

Kinds of evidence are tried one after the other, then two of different speakers together, each weighed and judged as if
it were there. Smallest = the least sum of the weights that the table gives to it (micro-nats, ratios.yaml). What is
tried of one party is tried of each. Where nothing crosses a threshold that is said: then it is for people, or it lies
in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trucewatch.judging.rulings import CLOCK_VERBS
from trucewatch.planning.evidence import About
from trucewatch.planning.supposing import Case, Claim, Ground, outcomes, suppose
from trucewatch.weighing.ratios import Ratios, ratios

RANK = {"no violation": 0, "excepted": 0, "not due": 0, "undetermined": 1, "depends on reading": 1,
        "undetermined (exception claimed)": 1, "indicated": 2, "violation": 2}  # fmt: skip
_SHIFT = 1.5  # how far off a place is tried, in standard deviations


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence: a word for it, the party that it speaks of (None = of none), its claim, and its size
    (micro-nats). `speaker`: two of one speaker are no two."""

    kind: str
    party: str | None
    claim: Claim
    size: int
    speaker: str


@dataclass(frozen=True, slots=True)
class Change:
    """Evidence, the smallest first, that would make the outcome another; several are together. Equally small ones are
    all given."""

    evidence: tuple[tuple[str, str | None], ...]
    size: int
    outcome: str


@dataclass(frozen=True)
class Wanted:
    """What would change one finding. `toward`: to a violation; `away`: from it; first what the mission and independent
    bodies can find, then what a party can give. `needs`: what no evidence that was tried can do, by word: `ruling`,
    `exception`, `reading`, `not known` (what judging does not know), `scope` (place, time, act or weapon are not known
    well enough), `more` (nothing tried makes it a violation), `settled`."""

    finding_id: str
    outcome: str
    toward: tuple[Change, ...] = ()
    away: tuple[Change, ...] = ()
    needs: tuple[str, ...] = ()
    tried: tuple[str, ...] = field(default=())


def wanted(
    ground: Ground, about: Mapping[int, About], findings: Sequence[Mapping[str, Any]], parties: Sequence[str]
) -> list[Wanted]:
    """What would change each of the findings (rows of the table `findings`) of the incidents in `about`."""
    number = {int(ground.incidents["number"][i]): i for i in about}
    cases, sets = [], []
    for i, of in about.items():
        for some in _sets(of, parties, ratios()):
            cases.append(Case(i, tuple(e.claim for e in some)))
            sets.append((i, some))
    if not cases:
        return []
    clocks = [d for d in ground.decisions if d["verb"] in CLOCK_VERBS]
    found: dict[tuple[int, str], tuple[str, float]] = {}
    for told in outcomes(ground, suppose(ground, cases), clocks):
        key = told["case"], _tail(told["finding_id"])
        known = [p for p in (told["p_in_scope"], found.get(key, ("", 0.0))[1]) if p == p]
        found[key] = told["outcome"], max(known, default=0.0)
    by_incident: dict[int, list[int]] = {}
    for k, (i, _) in enumerate(sets):
        by_incident.setdefault(i, []).append(k)
    out, seen = [], set()
    for row in findings:
        at = number.get(_number(row))
        if at is None or row["finding_id"] in seen:
            continue
        seen.add(row["finding_id"])
        judged = [(sets[k][1], found.get((k, _tail(row["finding_id"])))) for k in by_incident[at]]
        scope = max((o[1] for _, o in judged if o is not None), default=0.0)
        tried = [(some, None if o is None else o[0]) for some, o in judged]
        out.append(_of(row, tried, scope < ground.thresholds["violation"]))
    return out


def _number(row: Mapping[str, Any]) -> int:
    return int(str(row["incident_id"] or "I0").removeprefix("I"))


def _tail(finding_id: str) -> str:
    """The finding's positions of agreement, term and actor, without the incident."""
    return finding_id.partition(".")[2]


def _of(row: Mapping[str, Any], tried: Sequence[tuple[tuple[Evidence, ...], str | None]], outside: bool) -> Wanted:
    now = str(row["outcome"])
    base = next((o for some, o in tried if not some), None)
    rank = RANK.get(base or now)
    if rank is None:
        return Wanted(row["finding_id"], now, needs=("settled",))
    toward, away = (
        _each([(some, o) for some, o in tried if some and o is not None and sign * (RANK.get(o, rank) - rank) > 0])
        for sign in (1, -1)
    )
    needs = tuple(_needs(row, now, toward, outside))
    kinds = tuple(dict.fromkeys(e.kind for some, _ in tried for e in some))
    return Wanted(row["finding_id"], now, toward, away, needs, kinds)


def _needs(row: Mapping[str, Any], now: str, toward: Sequence[Change], outside: bool) -> Iterator[str]:
    if now == "indicated":
        yield "ruling"
    if now == "undetermined (exception claimed)":
        yield "exception"
    if now == "depends on reading":
        yield "reading"
    unknown = row["p_violation"] is None or row["p_violation"] != row["p_violation"]
    if RANK.get(now) == 1 and not toward:
        yield "not known" if unknown else "scope" if outside else "more"


def _each(found: Sequence[tuple[tuple[Evidence, ...], str]]) -> tuple[Change, ...]:
    """The smallest of what the mission and independent bodies can find, and of what takes a party's own word."""
    return (
        *_smallest([(some, o) for some, o in found if all(e.kind != "log" for e in some)]),
        *_smallest([(some, o) for some, o in found if any(e.kind == "log" for e in some)]),
    )


def _smallest(found: Sequence[tuple[tuple[Evidence, ...], str]]) -> tuple[Change, ...]:
    """The changes of the least size; single evidence goes before two together."""
    if not found:
        return ()
    sized = [(len(some), sum(e.size for e in some), some, o) for some, o in found]
    least = min((n, size) for n, size, _, _ in sized)
    changes = [
        Change(tuple((e.kind, e.party) for e in some), size, o) for n, size, some, o in sized if (n, size) == least
    ]
    return tuple(dict.fromkeys(changes))


def _sets(about: About, parties: Sequence[str], table: Ratios) -> Iterator[tuple[Evidence, ...]]:
    """Nothing, each kind of evidence alone, and two of different speakers that speak the same way."""
    yield ()
    single = list(_kinds(about, parties, table))
    yield from ((e,) for e in single)
    for k, a in enumerate(single):
        for b in single[k + 1 :]:
            same = a.party is None or b.party is None or a.party == b.party
            if a.speaker != b.speaker and same and _speaks(a) == _speaks(b) and "place" not in (a.kind, b.kind):
                yield (a, b)


def _speaks(e: Evidence) -> bool:
    """Whether it says that it happened."""
    return not e.kind.endswith("none")


def _kinds(about: About, parties: Sequence[str], table: Ratios) -> Iterator[Evidence]:
    def size(*names: str) -> int:
        return sum(abs(table[name].weight) for name in names)

    half = table.factors["no_traces"]
    who = about.speakers
    yield Evidence("told", None, about.told(), size("voice.observer.told"), who.team)
    yield Evidence("recorded", None, about.recorded(), size("voice.instrument.record"), who.instrument)
    if np.isfinite(about.incidents["lat"][about.at]):
        yield Evidence("picture", None, about.picture(), size("voice.satellite.record"), who.satellite)
        yield Evidence("picture none", None, about.clear_picture(), size("answer.denied.other"), who.satellite)
        yield Evidence("visit", None, about.traces(), size("voice.observer.traces"), who.team)
        yield Evidence("visit none", None, about.no_traces(), round(half * size("answer.denied.observer")), who.team)
        yield from _places(about, size("voice.observer.traces"))
        examined = size("voice.investigator.traces")
        yield Evidence("examined", None, about.examined(), examined, who.other_body)
        none = round(half * size("answer.denied.investigator"))
        yield Evidence("examined none", None, about.examined_none(), none, who.other_body)
    forensic = size("voice.observer.forensic", "author.observer.forensic")
    other = size("voice.investigator.forensic", "author.investigator.forensic")
    admitted = size("voice.party.admits", "author.admission")
    for party in parties:
        yield Evidence("bearing", party, about.bearing(party), forensic, who.team)
        yield Evidence("second bearing", party, about.bearing_of_another(party), other, who.other_body)
        yield Evidence("log", party, about.admission(party), admitted, who.parties[party])


def _places(about: About, size: int) -> Iterator[Evidence]:
    """The place measured where it was, off where it is thought to be in each direction."""
    sigma = float(np.sqrt((about.incidents["cov_ee"][about.at] + about.incidents["cov_nn"][about.at]) / 2))
    if not np.isfinite(sigma) or sigma < 0.5:
        return
    for east, north in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        claim = about.placed(east * _SHIFT * sigma, north * _SHIFT * sigma)
        yield Evidence("place", None, claim, size, about.speakers.team)


__all__ = ["Change", "Evidence", "Wanted", "wanted"]
