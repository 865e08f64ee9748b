"""What an incident is, from the claims linked to it: place, time, act, weapon, harm. Nothing is invented (L7)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from trucewatch.linking.estimate import estimate
from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.times import SECOND
from trucewatch.model.vocabulary import MEANS, PLACE_OF, ROLES, STANCES
from trucewatch.taxonomy import taxonomy

_Q90 = 1.6448536269514722  # standard normal quantile of .95: a 90 % interval
# Votes on what the act was, of those whom somebody approved and who perceived it or examined its traces; equal for all
# parties. Everybody else together has one vote, or all of them where nobody perceived it.
_VOTE = {"monitor": 3, "peacekeeper": 3}
_VOTES = np.array([_VOTE.get(role, 2) for role in ROLES])
_OBSERVES, _TOLD = STANCES.index("observes"), MEANS.index("told")
_PLACE = ("lat", "lon", "cov_ee", "cov_en", "cov_nn", "origin_lat", "origin_lon", "origin_sigma_km")
Told = dict[tuple[str, int, bool], int]  # votes by word, speaker, and whether it perceived the act
HARM = ("killed_low", "killed_high", "injured_low", "injured_high")


def describe(claims: Table, incident: Array, voice: Array, own: Array, n: int, parameters: LinkParameters) -> Table:
    """One row an incident; the columns that judging and reports need, with uncertainty.

    `start`, `end`: the stated interval where one voice alone tells the time, else the 90 % interval of the estimate.
    `throughout`: whether all who told an interval said that it lasted throughout.
    `acts`, `weapons`: (code, share of votes) from most to least likely. Harm: least of the lows, greatest of the highs.
    """
    rows = np.flatnonzero(own & (incident >= 0))
    bare = np.setdiff1d(np.arange(n), incident[rows])
    if bare.size:  # a person's decision may leave answers alone in an incident
        rows = np.sort(np.concatenate([rows, np.flatnonzero(np.isin(incident, bare))]))
    group = incident[rows]
    centre = estimate(claims, rows, group, n, parameters)
    member = np.flatnonzero(incident >= 0)
    number = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(number, incident[member], claims["number"][member])
    start, end = _interval(centre)
    acts, weapons, place_of = _votes(claims, rows, group, n)
    harm = {name: _harm(claims[name], rows, group, n, low=name.endswith("low")) for name in HARM}
    return Table({
        "number": number, "start": start, "end": end, "t_mean_s": centre["t"], "t_sd_s": centre["t_sd"],
        "throughout": _throughout(claims, rows, group, n),
        **{k: centre[k] for k in _PLACE},
        "place_of": place_of, "acts": acts, "weapons": weapons,
        "act": objects([a[0][0] for a in acts]), "p_act": np.array([a[0][1] for a in acts], dtype=float),
        "weapon": objects([_named(w) for w in weapons]),
        "n_claims": np.bincount(incident[member], minlength=n),
        "n_voices": np.bincount(incident[member[voice[member] == member]], minlength=n),
        **harm,
    }, n)  # fmt: skip


def _interval(centre: Table) -> tuple[Array, Array]:
    """What was stated where one voice alone tells or all tell intervals, else the 90 % interval of the estimate."""
    t, t_sd, told = centre["t"], centre["t_sd"], np.isfinite(centre["first"])
    first = np.where(told, centre["first"], np.rint(t - _Q90 * t_sd))
    last = np.where(told, centre["last"], np.rint(t + _Q90 * t_sd))
    return np.rint(first * SECOND).astype(np.int64), np.rint(last * SECOND).astype(np.int64)


def _throughout(claims: Table, rows: Array, group: Array, n: int) -> Array:
    interval, lasting = claims["t_length"][rows] > 0, claims["throughout"][rows]
    told, once = (np.bincount(group, weights=w, minlength=n) for w in (interval, interval & ~lasting))
    return np.asarray((told > 0) & (once == 0))


def _votes(claims: Table, rows: Array, group: Array, n: int) -> tuple[Array, Array, Array]:
    """Shares of the votes on act and weapon, and what the place is of. A speaker has one vote for each act that it
    tells, and all outlets of a side are one speaker."""
    side, voice = claims["side"][rows], claims["voice_source"][rows]
    speaker = np.where(side >= 0, -1 - side, voice)
    saw = _perceived(claims, rows)
    votes = np.where(saw, _VOTES[claims["role"][rows]], 1)
    places: list[set[int]] = [set() for _ in range(n)]
    for g, place in zip(group.tolist(), claims["place_of"][rows].tolist(), strict=True):
        if place >= 0:
            places[g].add(place)
    left = [_not_origin_beside_impact(p) for p in places]
    place_of = [PLACE_OF[next(iter(p))] if len(p) == 1 else None for p in left]
    acts, weapons = (
        [_shares(_ballot(told)) for told in _told(claims[column][rows], group, speaker, saw, votes, n)]
        for column in ("act", "weapon")
    )
    return objects(acts), objects(weapons), objects(place_of)


def _perceived(claims: Table, rows: Array) -> Array:
    """Flag of voices of no side that somebody approved, and that in their own words perceived it or its traces."""
    own = claims["voice_source"][rows] == claims["source"][rows]
    means = claims["means"][rows]
    able = (claims["side"][rows] < 0) & claims["approved"][rows] & own
    return np.asarray(able & (claims["stance"][rows] == _OBSERVES) & (means >= 0) & (means != _TOLD))


def _told(words: Array, group: Array, speaker: Array, saw: Array, votes: Array, n: int) -> list[Told]:
    """By incident: who (perceiving or not) said which word, with the greatest of the speaker's votes for it."""
    out: list[Told] = [{} for _ in range(n)]
    columns = (x.tolist() for x in (group, words, speaker, saw, votes))
    for g, word, who, perceived, vote in zip(*columns, strict=True):
        if word is not None:
            key = (word, who, perceived)
            out[g][key] = max(out[g].get(key, 0), vote)
    return out


def _ballot(told: Told) -> dict[str, int]:
    """Votes by word, in whole numbers: those who perceived it by their weights, all others together as one vote."""
    first: dict[str, int] = defaultdict(int)
    rest: dict[str, int] = defaultdict(int)
    for (word, _, perceived), vote in told.items():
        (first if perceived else rest)[word] += vote
    if not first or not rest:
        return dict(first or rest)
    total = sum(rest.values())
    return {w: first.get(w, 0) * total + rest.get(w, 0) for w in dict.fromkeys([*first, *rest])}


def _not_origin_beside_impact(places: set[int]) -> set[int]:
    """Where impact and origin are both told, the incident's place is the impact (the estimate is of that one)."""
    impact, origin = PLACE_OF.index("impact"), PLACE_OF.index("origin")
    return places - {origin} if impact in places else places


def _named(weapons: tuple[tuple[str, float], ...]) -> str | None:
    """The likeliest weapon; none where free words tie for it: no name breaks a tie (L3)."""
    best = [w for w, share in weapons if share == weapons[0][1]]
    if not best or (len(best) > 1 and any(taxonomy().weapon(w) is None for w in best)):
        return None
    return best[0]


def _shares(votes: dict[str, int]) -> tuple[tuple[str, float], ...]:
    """Votes as shares; a code also takes the votes of the codes that contain it (`fire` speaks for `fire.mortar`)."""
    total = sum(votes.values())
    if len(votes) == 1:
        return tuple((k, 1.0) for k in votes)
    weight: dict[str, float] = dict(votes)
    for code in sorted(weight, key=lambda c: c.count(".")):
        heirs = [k for k in weight if k != code and k.startswith(code + ".") and weight[k] > 0]
        if heirs:
            base = sum(weight[k] for k in heirs)
            share = weight.pop(code)
            for k in heirs:
                weight[k] += share * weight[k] / base
    ranked = sorted(weight.items(), key=lambda kv: (-round(kv[1], 9), kv[0]))
    return tuple((k, round(v / total, 6)) for k, v in ranked)


def _harm(values: Floats, rows: Array, group: Array, n: int, low: bool) -> Floats:
    out = np.full(n, np.nan)
    v = values[rows]
    told = np.isfinite(v)
    if low:
        best = np.full(n, np.inf)
        np.minimum.at(best, group[told], v[told])
    else:
        best = np.full(n, -np.inf)
        np.maximum.at(best, group[told], v[told])
    found = np.isfinite(best)
    out[found] = best[found]
    return out
