"""Judging: each incident against each term, for each bound actor, under each reading (design 8). One pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trucewatch.agreement import Agreement
from trucewatch.judging.rulings import RULINGS, key_of, out_of_turn, ruled_outcome
from trucewatch.judging.states import Facts
from trucewatch.judging.words import explain_finding
from trucewatch.model.table import Table


def judge(
    incidents: Table,
    authors: Table,
    agreements: Sequence[Agreement],
    notices: Sequence[Mapping[str, Any]],
    decisions: Sequence[Mapping[str, Any]],
    thresholds: Mapping[str, float],
    facts: Facts | None = None,
) -> Table:
    """Findings, in the columns of `OUTPUTS["findings"]`, sorted by incident, agreement, term, actor, reading.

    For an incident i, a term, a reading r and a bound actor a, with A = a and those for whom a answers under r:

        p_in_scope  = mean over draws of sum over (act, weapon) of p(act, weapon) x 1[covered, and time in the window]
                      x P(place inside) x (1 - share that exceptions which hold by themselves take out)
        p_violation = P(i occurred and its author is in A) x the same mean with the factor (1 - lawful by a notice of A)

    Factors that hang on different draws are multiplied as means. Time is normal with (t_mean_s, t_sd_s), or uniform
    where [start, end) was stated; what lasted throughout it was in a window if the two overlap.
    Place is the mean over one fixed set of quasi-random points (draws.py), the same for
    every incident, of the chance that the point lies inside, given the zone's uncertainty. For a withdrawal "inside" =
    nearer to the actor's baseline than the most specific rule allows, each weapon with its own distance. Each factor
    has a low and a high bound that differ where something is not known (place, kind of place, calibre, an undefined
    zone, an event without a time); then the probability is null, nothing is guessed, and the row is `undetermined`
    unless both bounds lie on one side of a threshold.
    A term has a row under every reading where act and time can fall under it under one of them.

    Outcome of a finding (all its readings): `indicated` where p_violation >= thresholds["violation"] under each and the
    incident is corroborated or verified; `violation` where a person ruled so besides; `no violation` <=
    thresholds["no_violation"]; else as `model.vocabulary.OUTCOMES` say. Probabilities have four decimals; NaN = null.

    incidents: number int64, t_mean_s, t_sd_s, start, end (us), throughout, lat, lon, cov_ee, cov_en, cov_nn (km2),
    place_of, origin_lat, origin_lon, origin_sigma_km, acts and weapons (tuples of (code, p)), p_occurred, status.
    authors: number, actor, p = P(occurred and this actor did it). notices: payloads. decisions: in the order of `at`,
    with verb, finding_id, number, params, person, at, stale. facts: who held which ground, and what inspections found.
    """
    # A page made from kept tables reads clocks here and judges nothing: what judging loads takes longer than that.
    from trucewatch.judging.findings import judge_all

    return judge_all(incidents, authors, agreements, notices, decisions, thresholds, facts or Facts())


__all__ = ["RULINGS", "Facts", "explain_finding", "judge", "key_of", "out_of_turn", "ruled_outcome"]
