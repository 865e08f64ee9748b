"""Linking: which reports speak of the same incident. One public function, `link`; everything else serves it.

The method is design 6. Records of one happening are found by their declared precision (Fellegi and Sunter 1969 with
Gaussian densities), clustered by average link inside components, and wide claims attached by Bayes' rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trucewatch.linking.incidents import describe
from trucewatch.linking.linker import LinkDecision, Linker
from trucewatch.linking.parameters import LinkParameters, parameters
from trucewatch.linking.score import TERMS, Scorer
from trucewatch.model.claims import canonical_order
from trucewatch.model.micronats import Ints
from trucewatch.model.table import Array, Table

__all__ = ["TERMS", "LinkDecision", "LinkParameters", "Linked", "Linker", "Scorer", "link", "linked", "parameters"]


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
    linker = Linker(parameters)
    linker.refresh(claims, np.arange(claims.n), decisions)
    return linked(claims, linker)


def linked(claims: Table, linker: Linker, labels: Array | None = None) -> Linked:
    """What a linker has found: all of it, or the incidents `labels` (by their least rows) and the rows of those.

    Of a part, `voice` is -1 where a person moved a copy away from what it repeats.
    """
    rows = np.arange(claims.n)
    if labels is not None:
        wanted = np.zeros(claims.n + 1, dtype=bool)
        wanted[labels] = True
        rows = np.flatnonzero(wanted[linker.label])
    rows = rows[canonical_order(claims, rows)]
    label = linker.label[rows]
    present = np.unique(label[label >= 0])
    incident = np.where(label >= 0, np.searchsorted(present, label), -1)
    place = np.full(claims.n, -1)
    place[rows] = np.arange(rows.size)
    incidents = describe(
        claims.take(rows), incident, place[linker.voice[rows]], linker.own_voice[rows], present.size, linker.parameters
    )
    back = np.argsort(rows)
    rows = rows[back]
    place[rows] = np.arange(rows.size)
    return Linked(
        incident[back], place[linker.voice[rows]], linker.odds[rows], linker.relation[rows], linker.decided[rows],
        incidents, linker.warnings,
    )  # fmt: skip
