"""A finding in words: the term, each factor of its probability, what is not known, and why its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trucewatch.agreement import Agreement, Term

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
) -> list[str]:
    """Lines that say one row of findings. `incident`: its assessment and place (status, p_occurred, lat, place_of,
    weapon), where the caller has them."""
    agreement = next((a for a in agreements if a.id == finding["agreement"]), None)
    term = None if agreement is None else agreement.term(str(finding["term"]))
    if agreement is None or term is None:
        return [f"{finding['finding_id']}: {finding['outcome']}"]
    lines = [f"{agreement.name(lang)}, term {term.id}: {term.text(lang)}"]
    lines += _who(finding, agreement, lang)
    lines += _because(finding, agreement, incident, lang)
    lines += _numbers(finding, incident)
    lines += _unknown(finding, agreement, term, incident)
    lines.append(f"Outcome: {finding['outcome']}. {_WHY.get(str(finding['outcome']), '')}".rstrip())
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


def _because(
    finding: Mapping[str, Any], agreement: Agreement, incident: Mapping[str, Any] | None, lang: str
) -> list[str]:
    """What the outcome hangs on, one sentence."""
    from trucewatch.judging.reasons import reasons  # it loads what judging loads, and few pages explain

    found = reasons(finding, agreement, incident, lang)
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
    finding: Mapping[str, Any], agreement: Agreement, term: Term, incident: Mapping[str, Any] | None
) -> list[str]:
    """Why a probability is not known."""
    if finding["incident_id"] is None:
        return []
    if _p(finding["p_in_scope"]) != "not known":
        return [_NOTICE] if _p(finding["p_violation"]) == "not known" and not term.conditions else []
    out = []
    name = term.from_zone.get(str(finding["actor"])) if term.kind == "withdrawal" else term.where.zone
    zone = agreement.zones.get(name or "")
    if zone is not None and zone.geometry is None:
        out.append(f"Not known: where {zone.id} runs. The text leaves it undefined, or no drawing of it is at hand.")
    if term.kind == "withdrawal" and name is None:
        out.append("Not known: the line from which this side's distance runs.")
    if incident is not None and incident.get("lat") is None:
        out.append("Not known: where it was.")
    elif incident is not None and term.where.zone and incident.get("place_of") is None:
        out.append("Not known: whether the place is where fire came from or where it fell; no source said it.")
    if term.weapons and (incident is None or incident.get("weapon") is None):
        out.append("Not known: weapon or calibre.")
    if term.limits or term.quantity or term.against or term.protects or term.begins_by:
        return out  # the reasons say what one incident does not tell
    return out or ["Not known: place, act or weapon are told too widely to say whether the term covers them."]


def _asks(finding: Mapping[str, Any], term: Term) -> list[str]:
    lines = [f"Before judging, a condition is for people to check: {c}" for c in term.conditions]
    for one in term.excepts:
        if not one.by_itself and finding["outcome"] in {"indicated", "undetermined (exception claimed)"}:
            needs = "; ".join(one.requires) or str(one.in_response_to)
            lines.append(f"Exception {one.id} could apply; it needs: {needs}. People decide it.")
    return lines


__all__ = ["explain_finding"]
