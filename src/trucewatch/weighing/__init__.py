"""Weighing: how likely an incident happened, and who did it. One public function, `weigh`; two questions kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.vocabulary import STATUSES
from trucewatch.weighing.coverage import Silence, silence
from trucewatch.weighing.evidence import AGAIN, CLASSES, Voices, relayed, weigh_voices
from trucewatch.weighing.mixture import LeftOut, Mixed, Terms, mix
from trucewatch.weighing.ratios import Ratios, ratios
from trucewatch.weighing.status import overridden, statuses

__all__ = ["STATUSES", "Judgement", "Weighed", "weigh"]

_CERTAIN = 20 * MICRO
Bounds = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What people decided, by position of the incident: those verified, and statuses set with a reason."""

    verified: Sequence[int] = ()
    overridden: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Assessments along the incidents, authors as (incidents, actors + other + none), contributions as a table.

    Assessments: p_occurred, p_low, p_high, p_drop_min, p_drop_max, prior_share (floats), status (position).
    Contributions: incident, source (index or -1), kind, log_odds (micro-nats), reason; they sum to the log-odds of
    p_occurred.
    """

    assessments: Table
    authors: Floats
    contributions: Table


def weigh(
    claims: Table,
    incident: Array,
    voice: Array,
    odds: Ints,
    incidents: Table,
    coverage: Table,
    authors: Sequence[int],
    n_actors: int,
    bands: Mapping[str, float],
    base_rate: float,
    judgement: Judgement,
    alleged: Mapping[int, int] | None = None,
) -> Weighed:
    """Weigh each incident. Pure; `claims` in canonical order, `incident`, `voice`, `odds` along its rows.

    log-odds(happened | which voices speak of it) = base + sum over classes of the sum of its voices' weights, within
    +- the limit of the class; one class are the silences of observers whose coverage held it. p_occurred averages its
    logistic over which voices do (link probabilities). Who: softmax of attributions, equal priors for all of `authors`
    (actor indices); a mere accusation adds nothing. `p_drop_*`: the same with one source left out; without any voice
    the base rate remains. `alleged`: weight of an allegation by side (an actor), micro-nats, where it was learnt;
    elsewhere it is that of the table.
    """
    table = ratios()
    n = incidents.n
    columns = np.full(n_actors + 1, len(authors))
    for k, actor in enumerate(authors):
        columns[actor] = k
    kinds = _kinds(claims, incident, voice, incidents)
    voices = weigh_voices(
        claims, incident, voice, odds, incidents, coverage, kinds, columns, table, _alleged(alleged, n_actors, table)
    )
    spoke = _spoke(claims, voices)
    quiet = silence(incidents, coverage, spoke, table)
    terms = _terms(claims, voices, odds, quiet, table, coverage)
    limits = np.array([table.limits[c] for c in (*CLASSES, "silence", "author")], dtype=np.int64)
    prior = np.array([0] * len(authors) + [table["author.prior_other"].weight], dtype=np.int64)
    base = np.full(n, table["base.open"].weight)
    base_sd = np.full(n, table["base.open"].sd)
    exact = int(table.factors["exact_voices"])
    speaker, tells = _speakers(claims, voices, quiet)
    mixed, without = mix(terms, speaker, n, base, base_sd, limits, prior, _CERTAIN, exact)
    p = np.round(mixed.p, 4)
    low, high = np.minimum(np.round(mixed.low, 4), p), np.maximum(np.round(mixed.high, 4), p)
    drop_min, drop_max = _leave_one_out(without, terms, speaker, tells, n, base_rate)
    gate = np.bincount(voices.incident, weights=voices.gate, minlength=n) > 0
    verified = np.zeros(n, dtype=bool)
    verified[list(judgement.verified)] = True
    status = overridden(statuses(p, gate, verified, bands), judgement.overridden)
    contributions, prior_share = _contributions(claims, incident, voice, voices, quiet, coverage, mixed, n, table)
    assessments = Table({
        "p_occurred": p, "p_low": low, "p_high": high, "p_drop_min": np.round(drop_min, 4),
        "p_drop_max": np.round(drop_max, 4), "prior_share": prior_share, "status": status, "gate": gate,
    }, n)  # fmt: skip
    return Weighed(assessments, _authors(mixed, incidents, table), contributions)


def _alleged(learnt: Mapping[int, int] | None, n_actors: int, table: Ratios) -> Ints:
    """Weight of an allegation by each actor."""
    out = np.full(n_actors, table["voice.party.alleges"].weight, dtype=np.int64)
    for actor, weight in (learnt or {}).items():
        out[actor] = weight
    return out


def _kinds(claims: Table, incident: Array, voice: Array, incidents: Table) -> Array:
    """Kind code of each incident's act, taken from a claim of that act."""
    code = dict(zip(claims["act"].tolist(), claims["act_kind"].tolist(), strict=True))
    return np.array([code[a] for a in incidents["act"].tolist()], dtype=np.int64)


def _spoke(claims: Table, v: Voices) -> set[tuple[int, int]]:
    """Incident and source of everybody who spoke of it, himself or as an approved source passes on."""
    heard = ~relayed(claims)[v.row] | claims["approved"][v.row]
    return set(zip(v.incident[heard].tolist(), claims["voice_source"][v.row][heard].tolist(), strict=True))


def _terms(claims: Table, v: Voices, odds: Ints, quiet: Silence, table: Ratios, coverage: Table) -> Terms:
    m = quiet.incident.size
    silent = len(CLASSES)  # the class after those of voices
    return Terms(
        np.concatenate([v.incident, quiet.incident]),
        np.concatenate([v.weight, quiet.weight]),
        np.concatenate([v.sd, np.full(m, table["silence.covered"].sd)]),
        np.concatenate([v.group, np.full(m, silent, dtype=np.int64)]),
        np.concatenate([odds[v.row], np.full(m, _CERTAIN)]),
        np.concatenate([v.author, np.full(m, -1)]),
        np.concatenate([v.author_weight, np.zeros(m, dtype=np.int64)]),
    )


def _speakers(claims: Table, v: Voices, quiet: Silence) -> tuple[Array, Array]:
    """Speaker of each term (a source; a whole side for parties), and whether it told that it happened."""
    party = np.isin(v.group, (CLASSES.index("party"), CLASSES.index("admission")))
    speaker = np.where(party, -2 - claims["side"][v.row], claims["voice_source"][v.row])
    tells = np.array([str(x).startswith("voice.") for x in v.name], dtype=bool)
    return np.concatenate([speaker, quiet.source]), np.concatenate([tells, np.zeros(quiet.source.size, dtype=bool)])


def _leave_one_out(without: LeftOut, terms: Terms, speaker: Array, tells: Array, n: int, base_rate: float) -> Bounds:
    """Least and greatest P(happened) without one speaker; the base rate where nobody else tells it."""
    tellers = np.unique(np.stack([terms.incident[tells], speaker[tells]], axis=1), axis=0)
    others = np.bincount(tellers[:, 0], minlength=n)[without.incident]
    mine = {(i, s) for i, s in tellers.tolist()}
    pairs = zip(without.incident.tolist(), without.speaker.tolist(), strict=True)
    others = others - np.array([pair in mine for pair in pairs], dtype=np.int64)
    p = np.where(others > 0, without.p, base_rate)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, without.incident, p)
    np.maximum.at(high, without.incident, p)
    return np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def _authors(mixed: Mixed, incidents: Table, table: Ratios) -> Floats:
    """P(happened and author is the actor) for each author, `other`, and `none`; rows sum to 1 in four decimals.

    `none` holds that it did not happen, and for fires that nobody lit them unless somebody established an author.
    """
    shares = mixed.authors
    burning = np.array([str(a).split(".")[0] == "burning" for a in incidents["act"]], dtype=bool)
    spread = (
        shares[:, :-1].max(axis=1, initial=0.0) - shares[:, :-1].min(axis=1, initial=1.0)
        if shares.shape[1] > 1
        else np.zeros(len(shares))
    )
    nobody = burning & (spread < 1e-9)
    shares = np.where(nobody[:, None], shares * (1 - table.factors["natural"]), shares)
    units = _in_units(shares, np.where(nobody, shares.sum(axis=1), mixed.p))
    return np.concatenate([units, 10_000 - units.sum(axis=1, keepdims=True)], axis=1) / 10_000


def _in_units(shares: Floats, p: Floats) -> Ints:
    """Shares in ten-thousandths that never sum to more than p does: rounded down, and what is left goes to the greatest
    remainders, to equal ones together or not at all (L3)."""
    exact = np.round(shares * 10_000, 6)
    units = np.floor(exact).astype(np.int64)
    left = np.rint(p * 10_000).astype(np.int64) - units.sum(axis=1)
    remainder = np.round(exact - units, 6)
    for k in np.flatnonzero(left > 0).tolist():
        for r in np.unique(remainder[k][remainder[k] > 0])[::-1].tolist():
            equal = remainder[k] == r
            if equal.sum() > left[k]:
                break
            units[k] += equal
            left[k] -= equal.sum()
    return units


def _contributions(
    claims: Table, incident: Array, voice: Array, v: Voices, quiet: Silence, coverage: Table, mixed: Mixed, n: int,
    table: Ratios,
) -> tuple[Table, Floats]:  # fmt: skip
    """Every weight with its words, and what averaging over uncertain links took or gave; and the prior's share."""
    p = np.clip(mixed.p, 1e-9, 1 - 1e-9)
    final = np.rint((np.log(p) - np.log1p(-p)) * MICRO).astype(np.int64)
    copies = np.flatnonzero((incident >= 0) & (voice != np.arange(claims.n)))
    base = table["base.open"]
    inc = np.concatenate([np.arange(n), v.incident, incident[copies], quiet.incident])
    weight = np.concatenate([np.full(n, base.weight), v.weight, np.zeros(copies.size, dtype=np.int64), quiet.weight])
    source = np.concatenate([np.full(n, -1), claims["source"][v.row], claims["source"][copies], quiet.source])
    words = [table[str(x)].words for x in v.name]
    words = [AGAIN if a else w for a, w in zip(v.again.tolist(), words, strict=True)]
    kinds = [
        "answer" if str(x).startswith("answer.") else CLASSES[g] for x, g in zip(v.name, v.group.tolist(), strict=True)
    ]
    kind = ["prior"] * n + kinds + ["repeat"] * copies.size + ["silence"] * quiet.incident.size
    reason = [base.words] * n + words + ["repeats another voice: no weight"] * copies.size
    reason += [table["silence.covered"].words] * quiet.incident.size
    total = np.rint(np.bincount(inc, weights=weight, minlength=n)).astype(np.int64)
    gap = np.flatnonzero(final != total)
    inc = np.concatenate([inc, gap])
    weight = np.concatenate([weight, (final - total)[gap]])
    source = np.concatenate([source, np.full(gap.size, -1)])
    kind += ["averaging"] * gap.size
    reason += ["links that are not certain, and limits of voices that depend on each other"] * gap.size
    moved = np.bincount(v.incident, weights=np.abs(v.weight), minlength=n) + np.bincount(
        quiet.incident, weights=np.abs(quiet.weight), minlength=n
    )
    prior = abs(base.weight)
    share = np.round(prior / (prior + moved), 4)
    return Table(
        {"incident": inc, "source": source, "kind": objects(kind), "log_odds": weight, "reason": objects(reason)}
    ), share
