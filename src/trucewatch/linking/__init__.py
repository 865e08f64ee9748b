"""Linking: which reports speak of the same incident. One public function, `link`; everything else serves it.

The method is design 6. Records of one happening are found by their declared precision (Fellegi and Sunter 1969 with
densities of heavy tails), clustered by average link inside components, and wide claims attached by Bayes' rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trucewatch.linking.groups import LinkDecision
from trucewatch.linking.incidents import describe
from trucewatch.linking.linker import Linker
from trucewatch.linking.parameters import LinkParameters, parameters
from trucewatch.linking.score import TERMS, Scorer
from trucewatch.linking.why import Weight, why
from trucewatch.model.claims import canonical_order
from trucewatch.model.micronats import Ints
from trucewatch.model.table import Array, Table

__all__ = [
    "TERMS", "LinkDecision", "LinkParameters", "Linked", "Linker", "Scorer", "Weight", "link", "linked", "parameters",
    "why",
]  # fmt: skip


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

    1 copies collapse to voices;
    2 sharp voices (sigma <= 12 km, sd <= 3 h) cluster by average link >= -.9 of
      score = log(kappa / lambda) + log t(d; f s) - (1 - D/2) log(reach2 / s2) + log density of a common instant
              + act + accused + source + harm, clipped at 12 nats; s2 = sa2 + sb2 + floor2, lambda the rate of voices
              just there and then (density.py), t Student's of one degree, D the dimension on which voices lie, each
              stated interval uniform and blurred at its edges;
    3 wide voices attach to the incident with the greatest f(w|k) / (lambda + sum f(w|j)), or cluster among themselves;
    4 denials and admissions join by `responds_to`, else like wide ones; they do not move the centre;
    5 decisions (link, split, merge) are applied last and win.
    """
    linker = Linker(parameters)
    linker.refresh(claims, np.arange(claims.n), decisions)
    return linked(claims, linker)


def linked(claims: Table, linker: Linker, labels: Array | None = None) -> Linked:
    """What a linker has found: all incidents, or those named by `labels`; the rows of the others have incident -1."""
    wanted = np.zeros(claims.n + 1, dtype=bool)  # the spare place is that of -1
    wanted[:-1] = True if labels is None else np.isin(np.arange(claims.n), labels)
    present = np.unique(linker.label[wanted[linker.label]])
    position = np.full(claims.n + 1, -1)
    position[present] = np.arange(present.size)
    incident = position[linker.label]
    rows = np.flatnonzero(incident >= 0)
    rows = rows[canonical_order(claims, rows)]
    place = np.full(claims.n, -1)
    place[rows] = np.arange(rows.size)
    incidents = describe(
        claims.take(rows), incident[rows], place[linker.voice[rows]], linker.own_voice[rows], present.size,
        linker.parameters,
    )  # fmt: skip
    return Linked(incident, linker.voice, linker.odds, linker.relation, linker.decided, incidents, linker.warnings)
