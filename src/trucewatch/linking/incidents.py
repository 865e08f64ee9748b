"""What an incident is, from the claims linked to it: place, time, act, weapon, harm. Nothing is invented (L7)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from trucewatch.linking.estimate import estimate
from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.times import SECOND
from trucewatch.model.vocabulary import PARTY_ROLES, PLACE_OF, ROLES

_Q90 = 1.6448536269514722  # standard normal quantile of .95: a 90 % interval
# Votes on what the act was: who examined or saw it weighs more than who alleges it; equal for all parties.
_VOTE = {"monitor": 3, "peacekeeper": 3, "sensor": 2, "satellite": 2}
_VOTES = np.array([1 if role in PARTY_ROLES else _VOTE.get(role, 2) for role in ROLES])
_PLACE = ("lat", "lon", "cov_ee", "cov_en", "cov_nn", "origin_lat", "origin_lon", "origin_sigma_km")
HARM = ("killed_low", "killed_high", "injured_low", "injured_high")


def describe(claims: Table, incident: Array, voice: Array, own: Array, n: int, parameters: LinkParameters) -> Table:
    """One row an incident; the columns that judging and reports need, with uncertainty.

    `start`, `end`: the stated interval where one voice alone tells the time, else the 90 % interval of the estimate.
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
        **{k: centre[k] for k in _PLACE},
        "place_of": place_of, "acts": acts, "weapons": weapons,
        "act": objects([a[0][0] for a in acts]), "p_act": np.array([a[0][1] for a in acts], dtype=float),
        "weapon": objects([w[0][0] if w else None for w in weapons]),
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


def _votes(claims: Table, rows: Array, group: Array, n: int) -> tuple[Array, Array, Array]:
    acts: list[dict[str, int]] = [defaultdict(int) for _ in range(n)]
    weapons: list[dict[str | None, int]] = [defaultdict(int) for _ in range(n)]
    places: list[dict[int, int]] = [defaultdict(int) for _ in range(n)]
    votes = _VOTES[claims["role"][rows]].tolist()
    columns = zip(
        group.tolist(), votes, claims["act"][rows].tolist(), claims["weapon"][rows].tolist(),
        claims["place_of"][rows].tolist(), strict=True,
    )  # fmt: skip
    for g, vote, act, weapon, place in columns:
        acts[g][act] += vote
        if weapon is not None:
            weapons[g][weapon] += vote
        if place >= 0:
            places[g][place] += vote
    place_of = [
        None if len(p) != 1 else PLACE_OF[next(iter(p))] for p in (_not_origin_beside_impact(p) for p in places)
    ]
    return objects([_shares(a) for a in acts]), objects([_shares(w) for w in weapons]), objects(place_of)


def _not_origin_beside_impact(places: dict[int, int]) -> dict[int, int]:
    """Where impact and origin are both told, the incident's place is the impact (the estimate is of that one)."""
    impact, origin = PLACE_OF.index("impact"), PLACE_OF.index("origin")
    if impact in places:
        return {k: w for k, w in places.items() if k != origin}
    return places


def _shares(votes: dict[str, int] | dict[str | None, int]) -> tuple[tuple[str, float], ...]:
    """Votes as shares; a code also takes the votes of the codes that contain it (`fire` speaks for `fire.mortar`)."""
    total = sum(votes.values())
    if len(votes) == 1:
        return tuple((str(k), 1.0) for k in votes)
    weight = {k: v for k, v in votes.items() if k is not None}
    for code in sorted(weight, key=lambda c: c.count(".")):
        heirs = [k for k in weight if k != code and k.startswith(code + ".") and weight[k] > 0]
        if heirs:
            base = sum(weight[k] for k in heirs)
            share = weight.pop(code)
            for k in heirs:
                weight[k] += share * weight[k] / base  # type: ignore[assignment]
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
