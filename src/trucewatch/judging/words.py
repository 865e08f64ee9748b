"""A finding in words: the term, each factor of its probability, what is not known, and why its outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trucewatch.agreement import Agreement, Term
from trucewatch.judging.rulings import Clocks
from trucewatch.model.times import format_instant
from trucewatch.taxonomy import taxonomy

_WHY = {
    "violation": "Likely enough under every reading, supported by a source of no party, and ruled by a person.",
    "indicated": "Likely enough under every reading and supported by a source of no party; no person has ruled yet.",
    "no violation": "Very unlikely under every reading.",
    "excepted": "An exception of the term applies.",
    "not due": "The term was not yet due at the time of the incident.",
    "depends on reading": "The text can be read in more than one way, and the ways give different outcomes.",
    "not for judgement": "This term is shown, not judged.",
    "undetermined (exception claimed)": "An exception is claimed; nobody has granted or refuted it yet.",
    "undetermined": "Not likely enough for a finding, and not unlikely enough to exclude one.",
}
# The same of what is owed and has no incident: it has no probability.
_WHY_OWED = {
    "indicated": "What sources of no party told of the deadline shows it undone; no person has ruled yet.",
    "no violation": "It was done in time, as people told or sources of no party stated.",
    "not due": "Its deadline is not over as far as anything is recorded, or it had ended, or another text stood in its "
    "stead, before that.",
    "undetermined": "What is recorded does not tell whether it was done.",
    "not for judgement": "The text leaves it to people to say whether it was done; their ruling is the outcome.",
}
# What is in scope for certain, and under no condition, can be lawful by a notice only.
_NOTICE = (
    "Not known: whether a notice makes it lawful. A notice announced after the act, or nobody knows when, clears "
    "nobody; neither does one whose place or kind is told too widely."
)


def explain_finding(
    finding: Mapping[str, Any],
    agreements: Sequence[Agreement],
    incident: Mapping[str, Any] | None = None,
    lang: str = "en",
    clocks: Clocks | None = None,
) -> list[str]:
    """Lines that say one row of findings. `incident`: its assessment and place (status, p_occurred, lat, place_of,
    weapon), where the caller has them. `clocks`: times that people decided, without which those of the file count."""
    agreement = next((a for a in agreements if a.id == finding["agreement"]), None)
    term = None if agreement is None else agreement.term(str(finding["term"]))
    if agreement is None or term is None:
        return [f"{finding['finding_id']}: {finding['outcome']}"]
    lines = [f"{agreement.name(lang)}, term {term.id}: {term.text(lang)}"]
    lines += _who(finding, agreement, lang)
    lines += _because(finding, agreement, incident, lang, clocks)
    lines += _numbers(finding, incident)
    lines += _unknown(finding, agreement, _read(term, finding), incident, clocks)
    why = _WHY_OWED if finding["incident_id"] is None else _WHY
    outcome = str(finding["outcome"])
    lines.append(f"Outcome: {outcome}. {why.get(outcome, _WHY.get(outcome, ''))}".rstrip())
    lines += _asks(finding, term)
    return lines


def _who(finding: Mapping[str, Any], agreement: Agreement, lang: str) -> list[str]:
    actor = agreement.actor(str(finding["actor"])) if finding["actor"] else None
    lines = [] if actor is None else [f"Bound: {actor.name(lang)}"]
    if finding["answers_for"]:
        doers = [agreement.actor(d) for d in str(finding["answers_for"]).split(";")]
        lines.append("It answers for: " + ", ".join(d.name(lang) for d in doers if d is not None))
    if finding["reading"]:
        lines.append(f"Read as: {finding['reading']}")
    return lines


def _read(term: Term, finding: Mapping[str, Any]) -> Term:
    """The term under the reading of a finding."""
    from trucewatch.judging.reasons import read_as  # see _because

    return read_as(term, finding.get("reading"))


def _because(
    finding: Mapping[str, Any], agreement: Agreement, incident: Mapping[str, Any] | None, lang: str,
    clocks: Clocks | None,
) -> list[str]:  # fmt: skip
    """What the outcome hangs on, one sentence."""
    from trucewatch.judging.reasons import reasons  # it loads what judging loads, and few pages explain

    found = reasons(finding, agreement, incident, lang, clocks)
    return ["Because: " + "; ".join(found) + "."] if found else []


def _numbers(finding: Mapping[str, Any], incident: Mapping[str, Any] | None) -> list[str]:
    if finding["incident_id"] is None:
        return []
    lines = []
    if incident is not None and incident.get("p_occurred") is not None:
        lines.append(f"That it happened: {incident['p_occurred']:.4f} ({incident.get('status')})")
    lines.append(
        f"That time, act, weapon and place fall under the term, if this actor did it: {_p(finding['p_in_scope'])}"
    )
    lines.append(
        f"That it happened, falls under the term, is not lawful, and this actor did it: {_p(finding['p_violation'])}"
    )
    return lines


def _p(value: Any) -> str:
    return "not known" if value is None or value != value else f"{value:.4f}"


def _unknown(
    finding: Mapping[str, Any], agreement: Agreement, term: Term, incident: Mapping[str, Any] | None,
    clocks: Clocks | None,
) -> list[str]:  # fmt: skip
    """Why a probability is not known. `term`: under the reading of the finding."""
    if finding["incident_id"] is None:
        return []
    if _p(finding["p_in_scope"]) != "not known":
        return [_NOTICE] if _p(finding["p_violation"]) == "not known" and not term.conditions else []
    out = [f"Not known: {words}" for words in _of_zones(finding, agreement, term, incident, clocks)]
    times = agreement.event_times({} if clocks is None else clocks.events.get(agreement.id, {}))
    renewed = (clocks or Clocks()).sure_until(agreement, term, times)
    if renewed is not None and incident is not None and int(incident.get("end") or 0) > renewed:
        out.append(f"Not known: whether the text was renewed after {format_instant(renewed)}; nobody told it.")
    if incident is not None and incident.get("lat") is None:
        out.append("Not known: where it was.")
    elif incident is not None and term.where.zone and incident.get("place_of") is None:
        out.append("Not known: whether the place is where fire came from or where it fell; no source said it.")
    if term.weapons and (incident is None or incident.get("weapon") is None):
        out.append("Not known: weapon or calibre.")
    elif term.weapons and incident is not None and any(rule.calibre is not None for rule in term.weapons):
        told = taxonomy().weapon(str(incident["weapon"]))
        out += ["Not known: the calibre."] if told is None or told.calibre_mm is None else []
    if term.limits or term.quantity or term.against or term.protects or term.begins_by:
        return out  # the reasons say what one incident does not tell
    return out or ["Not known: place, act or weapon are told too widely to say whether the term covers them."]


def _of_zones(
    finding: Mapping[str, Any], agreement: Agreement, term: Term, incident: Mapping[str, Any] | None,
    clocks: Clocks | None,
) -> Iterator[str]:  # fmt: skip
    """What of the zones of a term is not known: their course, their inside, the side of the actor."""
    from trucewatch.judging.reasons import zones_of_day  # see _because

    times = agreement.event_times({} if clocks is None else clocks.events.get(agreement.id, {}))
    zones, actor = zones_of_day(agreement, incident, times), str(finding["actor"])
    leaves = term.kind == "withdrawal"
    own = term.from_zone.get(actor)
    names = [own] if leaves else [term.baseline.zone] if term.kind == "freeze" and term.baseline is not None else []
    names += [place.zone for place in term.places] + ([term.to.zone] if leaves and term.to is not None else [])
    names += [one.where.zone for one in term.excepts if one.by_itself and one.where is not None]
    for name in dict.fromkeys(n for n in names if n is not None):
        zone = zones.get(name)
        if zone is not None and zone.geometry is None:
            yield f"where {zone.id} runs. The text leaves it undefined, or no drawing of it is at hand."
    if leaves and own is None and (term.from_zone or any(r.distance_km or r.reach for r in term.weapons)):
        yield "the line from which this side's distance runs."
    sided = [place.zone for place in term.places if place.side is not None]
    sided += [n for n in names[:1] if n is not None and (term.kind == "freeze" or (leaves and not term.weapons))]
    for place in (p.zone for p in term.places if p.side is None):
        zone = zones.get(place or "")
        if zone is not None and zone.geometry is not None and zone.geometry.geom_type.endswith("LineString"):
            yield f"what lies in {zone.id}: it is a line, and has no inside. The file gives it no width, and no side."
    for name in dict.fromkeys(n for n in sided if n is not None):
        zone = zones.get(name)
        line = zone is not None and zone.geometry is not None and zone.geometry.geom_type.endswith("LineString")
        if zone is not None and line and actor not in term.sides and actor not in zone.sides:
            yield f"on which side of {zone.id} this actor is. The file does not say it."


def _asks(finding: Mapping[str, Any], term: Term) -> list[str]:
    lines = [f"Before judging, a condition is for people to check: {c}" for c in term.conditions]
    for one in term.excepts:
        if not one.by_itself and finding["outcome"] in {"indicated", "undetermined (exception claimed)"}:
            needs = "; ".join(one.requires) or str(one.in_response_to)
            lines.append(f"Exception {one.id} could apply; it needs: {needs}. People decide it.")
    return lines


__all__ = ["explain_finding"]
