"""Why a finding is what it is: act, weapon, distance, share of the place, limits and clocks, each as one line of words.

Computed from the same rules and places as the finding, under the reading of its row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement, Term, WeaponRule, Zone
from trucewatch.agreement.duties import GROUND
from trucewatch.judging.cases import Case
from trucewatch.judging.kinds import codes, fits
from trucewatch.judging.phases import exempt_at, ground_of
from trucewatch.judging.phrases import SHELF
from trucewatch.judging.placing import Placing, is_line, side_of
from trucewatch.judging.rulings import Clocks
from trucewatch.judging.scope import Atom, Incidents, atoms_of, covered, required_km
from trucewatch.model.table import Table, objects
from trucewatch.model.times import SECOND, format_instant

_SIGMA_PER_RADIUS = 1 / 2.4477468306808166  # an ellipse that holds 95 % to its covariance


def say(lang: str, key: str, **values: Any) -> str:
    """A phrase in a language, else in English; KeyError for an unknown key."""
    return SHELF.phrase(lang, key).format(**values)


def reasons(
    finding: Mapping[str, Any], agreement: Agreement, incident: Mapping[str, Any] | None, lang: str = "en",
    clocks: Clocks | None = None,
) -> list[str]:  # fmt: skip
    """One line for each thing that the outcome hangs on. `incident`: its row (lat, lon, axes of its ellipse, place_of,
    act, weapon, start, end); without it what the term alone says. `clocks`: times that people decided."""
    named = agreement.term(str(finding["term"]))
    if named is None or finding["actor"] is None:
        return []
    term = read_as(named, finding.get("reading"))
    times = agreement.event_times((clocks or Clocks()).events.get(agreement.id, {}))
    doers = tuple(str(finding.get("answers_for") or "").split(";")) if finding.get("answers_for") else ()
    case = Case(
        agreement, term, finding.get("reading"), str(finding["actor"]), doers, 0, 0, 0, 0,
        zones=zones_of_day(agreement, incident, times), times=times,
    )  # fmt: skip
    if finding["incident_id"] is None:
        return list(_of_state(case, lang))
    out: list[str] = []
    if incident is not None and incident.get("act"):
        for atom in _atoms(incident):
            out += _of_act(case, atom, incident, lang)
            out += _of_place(case, atom, incident, lang)
    out += _of_term(case, finding, lang)
    if finding["outcome"] == "excepted" and incident is not None and incident.get("act"):
        out += [say(lang, "unless", id=id_) for atom in _atoms(incident) for id_ in _excepting(case, atom, incident)]
    return list(dict.fromkeys(out))


def zones_of_day(
    agreement: Agreement, incident: Mapping[str, Any] | None, times: Mapping[str, int | None]
) -> Mapping[str, Zone]:
    """The zones that stood at the time of an incident, by the names that the terms give them."""
    dated = any(z.valid_from is not None for z in agreement.zones.values())
    if not dated or incident is None or incident.get("start") is None:
        return agreement.zones
    stood = {id_: agreement.zone_at(id_, int(incident["start"]), times) for id_ in agreement.zones}
    return {id_: zone for id_, zone in stood.items() if zone is not None}


def _excepting(case: Case, atom: Atom, incident: Mapping[str, Any]) -> Iterator[str]:
    """The exceptions that hold by themselves for what an incident was: its act, weapon, author and place."""
    table = None if incident.get("lat") is None else _one(incident, atom)
    for one in case.term.excepts:
        if not one.by_itself or (one.actors and not {case.actor, *case.answers} & set(one.actors)):
            continue
        for place, _ in fits(case.term, case.actor, atom):
            if table is None:
                yield one.id
                continue
            exempt = exempt_at(table, case, one, place)
            share = exempt.mean(table, np.array([0]))
            if exempt.covers(atom)[1] and (share is None or share[1][0] > 0):
                yield one.id


def read_as(term: Term, reading: Any) -> Term:
    """The term under the reading of a row: that of its own, with those of the whole text before it."""
    said = str(reading or "")
    for label, read in term.alternatives:
        if label is not None and (said == label or said.endswith(";" + label)):
            return read
    return term


def _atoms(incident: Mapping[str, Any]) -> tuple[Atom, ...]:
    weapon = incident.get("weapon")
    return atoms_of(((str(incident["act"]), 1.0),), ((weapon, 1.0),) if weapon else ())


def _of_act(case: Case, atom: Atom, incident: Mapping[str, Any], lang: str) -> Iterator[str]:
    term = case.term
    if term.kind != "withdrawal":
        sure, maybe = covered(atom.act, codes(term))
        if maybe or not term.excludes:
            yield say(lang, "act_in" if sure else "act_maybe" if maybe else "act_out", act=atom.act)
    rules = (*term.weapons, *term.excluded)
    if rules and atom.weapon is not None:
        yield from _of_weapon(case.term, rules, atom, str(incident.get("weapon")), lang)


def _of_weapon(term: Term, rules: tuple[WeaponRule, ...], atom: Atom, word: str, lang: str) -> Iterator[str]:
    """Which rule holds the weapon, by model and calibre; else every calibre of its class that it has not."""
    assert atom.weapon is not None
    mm = atom.weapon.calibre_mm
    of_class = [r for r in rules if not r.classes or atom.weapon_class in r.classes]
    for rule in sorted(of_class, key=lambda r: -r.specificity):
        if rule.matches(atom.weapon_class, mm, atom.weapon.code) is True:
            if rule.models:
                yield say(lang, "model_in", weapon=word)
            if rule.calibre is not None and mm is not None:
                yield say(lang, "calibre_in", mm=_km(mm), rule=_calibre(rule, lang))
            if rule.zone_width_km is not None:
                yield say(lang, "half", width=_km(rule.zone_width_km))
            return
    for rule in of_class:
        if rule.calibre is not None and mm is not None:
            yield say(lang, "calibre_out", mm=_km(mm), rule=_calibre(rule, lang))
    if term.weapons and term.kind == "withdrawal":
        yield say(lang, "no_rule")


def _calibre(rule: WeaponRule, lang: str) -> str:
    assert rule.calibre is not None
    low, low_open, high, high_open = rule.calibre
    values = {"low": _km(low), "high": _km(high)}
    if low == high:
        return say(lang, "exactly", **values)
    if math.isinf(high):
        return say(lang, "over" if low_open else "from", **values)
    if low <= 0:
        return say(lang, "under" if high_open else "up_to", **values)
    return say(lang, "between", **values)


def _of_place(case: Case, atom: Atom, incident: Mapping[str, Any], lang: str) -> Iterator[str]:
    """How far it was from the line, and how much of its place lies where the term holds."""
    if incident.get("lat") is None:
        return
    table = _one(incident, atom)
    for place, _ in fits(case.term, case.actor, atom):
        if isinstance(place, tuple) and place[1]:
            continue  # where it fired from: another place than the one told
        ground = ground_of(table, case, place)
        low, high = (float(b[0]) for b in ground.mean(np.array([0])))
        if isinstance(place, tuple) and place[0] == "nearer":
            yield from _distance(case, atom, incident, lang)
        if low == high and not (isinstance(ground, Placing) and ground.everywhere):
            yield _share(case, place, ground, low, lang)


def _distance(case: Case, atom: Atom, incident: Mapping[str, Any], lang: str) -> Iterator[str]:
    zone = case.zones.get(case.term.from_zone.get(case.actor) or "")
    if zone is None or zone.geometry is None:
        return
    at = np.array([incident["lon"]]), np.array([incident["lat"]])
    away = -float(zone.depth_km(*at)[0])
    least, most = required_km(case.term, atom.weapon_class, atom.weapon)
    known = least == most
    own = side_of(case, zone) if is_line(zone) else ""
    left = float(zone.local.left_km(*zone.local.project(*at))[0]) if own else 0.0
    if (left if own == "left" else -left) < 0:
        yield say(lang, "far_side", km=_km(away), zone=zone.id)
        return
    if not own and least == 0 and required_km(case.term, atom.weapon_class, atom.weapon, untold=0.0)[1] == 0:
        return  # out of an area, and no distance beyond it
    yield say(lang, "distance" if known else "distance_open", km=_km(max(away, 0.0)), zone=zone.id, least=_km(least))


def _share(case: Case, place: Any, ground: Any, share: float, lang: str) -> str:
    words = f"{math.floor(100 * share + 0.5)} %"
    near = isinstance(place, tuple) and place[0] == "nearer"
    if near and not (isinstance(ground, Placing) and ground.own is None and ground.reach_km[1] == 0):
        return say(lang, "near", share=words)
    if not isinstance(ground, Placing) or ground.zone is None:
        return say(lang, "together", share=words)
    key = "beyond" if ground.side is not None and ground.outside else "outside" if ground.outside else "inside"
    return say(lang, key, share=words, zone=ground.zone.id)


def _of_term(case: Case, finding: Mapping[str, Any], lang: str) -> Iterator[str]:
    """What the term itself leaves open, and its clock."""
    term = case.term
    yield from _for_people(case, finding, lang)
    if term.against and not set(term.binds) - {case.actor} <= set(term.against):
        yield say(lang, "against", whom=", ".join(term.against))
    if term.schedule is not None and not term.schedule.windows:
        yield say(lang, "hours")
    due = term.due(case.times) if term.by is not None else None
    if due is not None and finding["outcome"] == "not due":
        yield say(lang, "due", at=format_instant(due))


def _for_people(case: Case, finding: Mapping[str, Any], lang: str) -> Iterator[str]:
    """What one incident does not tell, whatever is known of it: numbers, a beginning, who suffered."""
    term = case.term
    for limit in term.limits:
        rule = limit.rule
        what = limit.what or ", ".join((*rule.classes, *rule.models) if rule else ()) or "-"
        yield say(lang, "limit" if limit.max else "limit_none", n=limit.max, what=what)
    if term.quantity is not None and term.quantity.max:
        yield say(lang, "quantity", n=_km(term.quantity.max))
    begins = None if term.begins_by is None else term.begins_by.resolve(case.times)
    if begins is not None and finding["outcome"] == "undetermined":
        yield say(lang, "begins", at=format_instant(begins))
    if term.protects and term.kind == "prohibition" and finding["outcome"] == "undetermined":
        yield say(lang, "protects", whom=", ".join(term.protects))


def _of_state(case: Case, lang: str) -> Iterator[str]:
    """What a duty that no incident shows is judged by."""
    term, due = case.term, case.term.due(case.times)
    if term.done and all(d.test in GROUND for d in term.done):
        yield say(lang, "ground", at="-" if due is None else format_instant(due))
    elif term.kind == "prohibition":
        yield say(lang, "stores")
    else:
        yield say(lang, "people")
    if term.by is not None and due is not None:
        yield say(lang, "due", at=format_instant(due))


def _one(row: Mapping[str, Any], atom: Atom) -> Incidents:
    """A row of incidents as judging takes it; a place whose size nobody told has none."""
    major, minor = (float(row.get(k) or 0.0) * _SIGMA_PER_RADIUS for k in ("semi_major_km", "semi_minor_km"))
    turn = math.radians(float(row.get("azimuth_deg") or 0.0))
    east, north = math.sin(turn), math.cos(turn)
    nan = np.array([np.nan])
    start = int(row.get("start") or 0)
    return Incidents.of(Table({
        "number": np.array([1]), "t_mean_s": np.array([start / SECOND]), "t_sd_s": np.array([60.0]),
        "start": np.array([start]), "end": np.array([int(row.get("end") or start)]), "throughout": np.array([False]),
        "lat": np.array([float(row["lat"])]), "lon": np.array([float(row["lon"])]),
        "cov_ee": np.array([(major * east) ** 2 + (minor * north) ** 2]),
        "cov_en": np.array([(major**2 - minor**2) * east * north]),
        "cov_nn": np.array([(major * north) ** 2 + (minor * east) ** 2]),
        "place_of": objects([row.get("place_of")]), "origin_lat": nan, "origin_lon": nan, "origin_sigma_km": nan,
        "acts": objects([((atom.act, 1.0),)]), "weapons": objects([()]),
    }))  # fmt: skip


def _km(value: float) -> str:
    """A number with one decimal at most."""
    return f"{round(value, 1):g}"
