"""Which voice weighs what: each own voice of an incident looked up in the fixed table, once a source, once a side.

Allegation model of methods.md (b): an accusation triggers denials and echoes, so those weigh next to nothing, and the
voices of one side are one voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.model.micronats import Floats, Ints
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.vocabulary import MEANS, ROLES, STANCES
from trucewatch.taxonomy import taxonomy
from trucewatch.weighing.instruments import record_weights
from trucewatch.weighing.ratios import Ratios

CLASSES = (
    "party",
    "observer",
    "investigator",
    "media",
    "state",
    "witness",
    "other",
    "instrument",
    "satellite",
    "admission",
)
_PARTY, _OTHER, _ADMISSION = (CLASSES.index(c) for c in ("party", "other", "admission"))
_CLASS_OF_ROLE = {
    "party": "party", "party_media": "party", "monitor": "observer", "peacekeeper": "observer", "ngo": "investigator",
    "international": "investigator", "independent_media": "media", "sensor": "instrument", "satellite": "satellite",
    "guarantor": "state", "foreign_state": "state", "witness": "witness",
}  # fmt: skip
_MANNER = {
    "saw": "perceived", "uav": "perceived", "heard": "heard", "aftermath": "traces", "camera": "traces",
    "satellite": "traces", "sensor": "perceived", "forensic": "forensic", "told": "told",
}  # fmt: skip
_TRACES = {"aftermath", "camera", "forensic"}
_ATTRIBUTES = ("perceived", "forensic")
_RECORDERS = ("instrument", "satellite")
AGAIN = "speaks again: counted once"


@dataclass(frozen=True, slots=True)
class Voices:
    """Own voices of incidents in canonical order, parallel arrays; `name` is the row of the table that each has."""

    row: Array
    incident: Array
    group: Array
    name: Array
    weight: Ints
    sd: Floats
    again: Array
    author: Array
    author_weight: Ints
    gate: Array


def source_class(claims: Table) -> Array:
    """Class of each claim's voice: aligned with a party = party; not approved = other; else by role."""
    by_role = np.array([CLASSES.index(_CLASS_OF_ROLE[role]) for role in ROLES])
    group = by_role[claims["role"]]
    group = np.where((group != _PARTY) & ~claims["approved"], _OTHER, group)
    return np.where(claims["side"] >= 0, _PARTY, group)


def weigh_voices(
    claims: Table, incident: Array, voice: Array, odds: Ints, incidents: Table, coverage: Table, kinds: Array,
    columns: Array, ratios: Ratios, alleged: Ints,
) -> Voices:  # fmt: skip
    """Weights of all own voices. `kinds`: of the act by incident; `columns`: actor -> author column; `alleged`: weight
    of an allegation by each side."""
    rows = np.flatnonzero((incident >= 0) & (voice == np.arange(claims.n)))
    rows = rows[np.argsort(incident[rows], kind="stable")]
    inc = incident[rows]
    group = source_class(claims)[rows]
    names, manners = _names(claims, rows, inc, group)
    weight = np.array([ratios[x].weight for x in names], dtype=np.int64)
    sd = np.array([ratios[x].sd for x in names])
    alleges = np.array([n == "voice.party.alleges" for n in names], dtype=bool)
    weight[alleges] = alleged[claims["side"][rows[alleges]]]
    recorded = np.array([n.endswith(".record") for n in names], dtype=bool)
    by_record = inc[recorded], claims["voice_source"][rows[recorded]], weight[recorded]
    weight[recorded] = record_weights(incidents, coverage, *by_record)
    late = np.array(
        [n.startswith("answer.") and m == "traces" for n, m in zip(names, manners, strict=True)], dtype=bool
    )
    weight = np.where(late, np.rint(weight * ratios.factors["no_traces"]).astype(np.int64), weight)
    misfit = claims["act_kind"][rows] != kinds[inc]
    weight = np.where(misfit, np.rint(weight * ratios.factors["misfit"]).astype(np.int64), weight)
    weight = _reciprocal(claims, rows, inc, group, names, weight, ratios, alleged)
    again = _again(claims, rows, inc, group, names, weight, odds)
    weight = np.where(again, 0, weight)
    author, author_weight = _attributions(claims, rows, group, names, manners, columns, ratios)
    author_weight = np.where(_contradicts_itself(claims, rows, inc, group, author), 0, author_weight)
    gate = _gate(claims, rows, group, incidents["act"][inc], odds, ratios)
    group = np.where(np.array([n == "voice.party.admits" for n in names], dtype=bool), _ADMISSION, group)
    return Voices(
        rows, inc, group, objects(names), weight, np.where(again, 0.0, sd), again,
        np.where(again, -1, author), np.where(again, 0, author_weight), gate,
    )  # fmt: skip


def _names(claims: Table, rows: Array, inc: Array, group: Array) -> tuple[list[str], list[str]]:
    """Row of the table for each voice, and its manner of perceiving."""
    accused = _accused_sides(claims, rows, inc)
    out, manners = [], []
    columns = zip(
        inc.tolist(), group.tolist(), claims["stance"][rows].tolist(), claims["means"][rows].tolist(),
        claims["side"][rows].tolist(), relayed(claims)[rows].tolist(), _of_own_side(claims)[rows].tolist(),
        claims["accused"][rows].tolist(), strict=True,
    )  # fmt: skip
    for i, g, stance_code, means, side, passed_on, own_side, blamed in columns:
        kind, stance = CLASSES[g], STANCES[stance_code]
        manner = _MANNER[MEANS[means]] if means >= 0 and stance == "observes" and not passed_on else "told"
        if stance == "denies":
            manner = _MANNER[MEANS[means]] if means >= 0 else "told"
            name = _denial(kind, (i, side) in accused, passed_on)
        elif kind == "party":
            admits = own_side and (stance == "admits" or 0 <= blamed == side)
            name = "voice.party.admits" if admits else "voice.party.alleges"
            name = "voice.report" if stance == "reports" and not passed_on and not admits else name
        elif passed_on:
            name = f"voice.{kind}.relayed"
        elif stance == "reports" or (stance != "observes" and kind in _RECORDERS):
            name = "voice.report"
        else:
            name = f"voice.{kind}.record" if kind in _RECORDERS else f"voice.{kind}.{manner}"
        out.append(name)
        manners.append(manner)
    return out, manners


def relayed(claims: Table) -> Array:
    """Flag of claims that pass on what another source said: no voice of their own, whatever their stance says."""
    return np.asarray((claims["origin"] >= 0) & (claims["origin"] != claims["source"]))


def _of_own_side(claims: Table) -> Array:
    """Flag of claims in a side's own words: its outlets may admit for it, nobody else may."""
    return np.asarray(~relayed(claims) | (claims["source_side"] >= 0) & (claims["voice_source"] == claims["origin"]))


def _denial(kind: str, by_accused: bool, passed_on: bool) -> str:
    if kind == "party":
        return "answer.denied.accused" if by_accused else "answer.denied.party"
    if passed_on:
        return "answer.denied.relayed"
    if kind in _RECORDERS:
        return "answer.denied.other"
    return f"answer.denied.{kind}"


def _accused_sides(claims: Table, rows: Array, inc: Array) -> set[tuple[int, int]]:
    asserting = claims["stance"][rows] != STANCES.index("denies")
    return {
        (i, a)
        for i, a in zip(inc[asserting].tolist(), claims["accused"][rows[asserting]].tolist(), strict=True)
        if a >= 0
    }


def _reciprocal(
    claims: Table, rows: Array, inc: Array, group: Array, names: list[str], weight: Ints, ratios: Ratios,
    alleged: Ints,
) -> Ints:  # fmt: skip
    """Where two sides accuse each other, the side that spoke second weighs as `reciprocal`; sides that spoke at one
    time share both weights, so that neither is first."""
    plain = np.array([n == "voice.party.alleges" for n in names], dtype=bool) & (claims["accused"][rows] >= 0)
    found: dict[int, list[int]] = {}
    for k in np.flatnonzero(plain).tolist():
        found.setdefault(int(inc[k]), []).append(k)
    both = ratios["voice.party.reciprocal"]
    out = weight.copy()
    for ks in found.values():
        sides = claims["side"][rows[ks]]
        if len(np.unique(sides)) < 2 or len(np.unique(claims["accused"][rows[ks]])) < 2:
            continue
        first = claims["published"][rows[ks]].min()
        openers = set(sides[claims["published"][rows[ks]] == first].tolist())
        for k, side in zip(ks, sides.tolist(), strict=True):
            if side not in openers:
                out[k], names[k] = both.weight, both.name
            elif len(openers) > 1:
                alone = sum(int(alleged[s]) for s in openers) // len(openers)
                out[k], names[k] = (both.weight + alone) // 2, both.name
    return out


def _again(claims: Table, rows: Array, inc: Array, group: Array, names: list[str], weight: Ints, odds: Ints) -> Array:
    """Flag of every voice but the weightiest of its source (of its side, for parties) in an incident."""
    speaker = np.where(group == _PARTY, -1 - claims["side"][rows], claims["voice_source"][rows])
    denies = np.array([n.startswith("answer.") for n in names], dtype=bool)
    order = np.lexsort([np.arange(rows.size), -odds[rows], -np.abs(weight), denies, speaker, inc])
    new = np.ones(rows.size, dtype=bool)
    s = order
    new[1:] = (inc[s][1:] != inc[s][:-1]) | (speaker[s][1:] != speaker[s][:-1]) | (denies[s][1:] != denies[s][:-1])
    again = np.empty(rows.size, dtype=bool)
    again[order] = ~new
    return again


def _contradicts_itself(claims: Table, rows: Array, inc: Array, group: Array, author: Array) -> Array:
    """Flag of voices whose speaker names several authors of one incident: which of them it means is for it to say, by
    withdrawing the other."""
    speaker = np.where(group == _PARTY, -1 - claims["side"][rows], claims["voice_source"][rows])
    told = np.flatnonzero(author >= 0)
    named = np.unique(np.stack([inc[told], speaker[told], author[told]]), axis=1)
    pairs, count = np.unique(named[:2], axis=1, return_counts=True)
    several = {(i, s) for (i, s), n in zip(pairs.T.tolist(), count.tolist(), strict=True) if n > 1}
    out = np.zeros(rows.size, dtype=bool)
    if several:
        mine = zip(inc[told].tolist(), speaker[told].tolist(), strict=True)
        out[told] = np.array([pair in several for pair in mine], dtype=bool)
    return out


def _attributions(
    claims: Table, rows: Array, group: Array, names: list[str], manners: list[str], columns: Array, ratios: Ratios
) -> tuple[Array, Ints]:
    """Author column and weight that each voice states. A mere accusation states none; traces state none (L4)."""
    author = np.full(rows.size, -1)
    weight = np.zeros(rows.size, dtype=np.int64)
    accused, side = claims["accused"][rows], claims["side"][rows]
    for k, name in enumerate(names):
        if name == "voice.party.admits":
            actor, row = (int(side[k]), ratios["author.admission"])
        elif name.startswith("voice.") and accused[k] != -1 and manners[k] in _ATTRIBUTES:
            key = f"author.{CLASSES[int(group[k])]}.{manners[k]}"
            if key not in ratios.rows:
                continue
            actor, row = int(accused[k]), ratios[key]
        else:
            continue
        author[k] = columns[actor] if 0 <= actor < columns.size else columns.max()
        weight[k] = row.weight
    return author, weight


def _gate(claims: Table, rows: Array, group: Array, acts: Array, odds: Ints, ratios: Ratios) -> Array:
    """Law L4: flag of voices that can corroborate: no party's, approved, own words, link probability, and perceived the
    act or examined its traces."""
    threshold = int(np.log(ratios.factors["link_gate"] / (1 - ratios.factors["link_gate"])) * 1_000_000)
    able = (
        (group != _PARTY)
        & (group != _OTHER)
        & (claims["stance"][rows] == STANCES.index("observes"))
        & ~relayed(claims)[rows]
        & (odds[rows] >= threshold)
        & (claims["means"][rows] >= 0)
    )
    out = np.zeros(rows.size, dtype=bool)
    for k in np.flatnonzero(able).tolist():
        out[k] = fits(MEANS[int(claims["means"][rows[k]])], str(claims["act"][rows[k]]), str(acts[k]))
    return out


def fits(means: str, told: str, act: str) -> bool:
    """Whether a source that perceived the act `told` by `means` perceived an incident of `act`, or examined its traces.

    What it perceived is what the incident is called, or the wider or narrower word for it. Sound fits an explosion of
    unknown kind, and a weapon only if the source names it.
    """
    tax = taxonomy()
    definition = tax.acts[act]
    if not (tax.covers(act, told) or (tax.covers(told, act) and means != "heard")):
        return False
    if means in _TRACES:
        return definition.traces or (means == "camera" and means in definition.means)
    return means in definition.means
