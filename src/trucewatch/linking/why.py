"""Why a claim is linked as it is: the terms that its link was made of, adding up to its log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.linking.components import CERTAIN
from trucewatch.linking.groups import Centres
from trucewatch.linking.linker import ANSWER, COPY, SHARP_VOICE, WIDE_VOICE, Linker
from trucewatch.linking.score import TERMS
from trucewatch.linking.wide import manner, unseen_density
from trucewatch.model.micronats import Ints
from trucewatch.model.table import Array

OTHERS, DECIDED, FIRST, TOLD = "others", "decided", "first", "told"


@dataclass(frozen=True, slots=True)
class Weight:
    """One term of a link, micro-nats. `rows`: the claims that the voice was compared with."""

    term: str
    log_odds: int
    rows: tuple[int, ...] = ()


def why(linker: Linker, row: int) -> list[Weight]:
    """The weights of a row's link; they sum to its log-odds. Empty where it speaks of no single event.

    A sharp voice: the mean of each term over the other voices of its incident. A wide one, or an answer that names no
    claim: each term against the incident's estimated place and time. `others`: what other incidents that it could mean
    take away, and the limit of what one pair can tell.
    """
    if linker.label[row] < 0:
        return []
    odds = int(linker.odds[row])
    if linker.decided[row]:
        return [Weight(DECIDED, odds)]
    if linker.role[row] == COPY:
        row = int(linker.voice[row])
    if odds == CERTAIN:
        return [Weight(TOLD if linker.role[row] == ANSWER else FIRST, odds)]
    terms, rows = _terms(linker, row)
    weights = [Weight(name, int(v), rows) for name, v in zip(TERMS, terms.tolist(), strict=True)]
    return [*weights, Weight(OTHERS, odds - sum(w.log_odds for w in weights))]


def _terms(linker: Linker, row: int) -> tuple[Ints, tuple[int, ...]]:
    if linker.role[row] == ANSWER:
        return _against(linker, row, linker.answered_centre, int(linker.answered[row]), linker.head_label)
    if linker.role[row] >= WIDE_VOICE and linker.attached[row] >= 0:
        return _against(linker, row, linker.sharp_centre, int(linker.attached[row]), linker.sharp.label)
    groups = linker.sharp if linker.role[row] == SHARP_VOICE else linker.rest
    mates = np.flatnonzero((groups.label == groups.label[row]) & (np.arange(groups.label.size) != row))
    points = linker.points
    terms = linker.scorer.terms(points.take(np.full(mates.size, row)), points.take(mates))
    return np.rint(terms.mean(axis=1)).astype(np.int64), tuple(mates.tolist())


def _against(linker: Linker, row: int, centres: Centres, label: int, labels: Array) -> tuple[Ints, tuple[int, ...]]:
    """Terms of a row against the incident that `label` names among `labels`."""
    members = np.flatnonzero(labels == label)
    mine = linker.points.take(np.array([row]))
    at = np.array([label])
    centre = centres.points(at, linker.points.take(at), linker.parameters.unknown_radius_km)
    field = linker.scorer.field(mine, centre, unseen_density(mine, linker.parameters))[:, 0]
    claim, told = linker.points.take(np.full(members.size, row)), linker.points.take(members)
    how = manner(linker.scorer, claim, told, np.zeros(members.size, dtype=np.int64), 1)[:, 0]
    return np.concatenate([field, how]), tuple(members.tolist())
