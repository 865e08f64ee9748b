"""Which terms an incident concerns, with what outcome for each actor bound, and in words why the outcome is that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from trucewatch.agreement import Agreement, Term
from trucewatch.publishing.report.day import Day, Incident
from trucewatch.publishing.report.wording import Wording

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ActorOutcome:
    """An outcome for one actor: the actor's id and name, the outcome's id and word, its state if people touched it."""

    actor_id: str | None
    actor: Markup
    outcome_id: str | None
    outcome: Markup
    state: Markup | None


@dataclass(frozen=True, slots=True)
class TermWords:
    """A term that an incident concerns."""

    agreement: Agreement
    term: Term
    text: Markup
    outcomes: tuple[ActorOutcome, ...]
    reasons: tuple[Markup, ...]


def term_words(day: Day, incident: Incident, w: Wording) -> list[TermWords]:
    """The terms that an incident concerns, in the order of the chain."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in incident.findings:
        grouped.setdefault((row["agreement"], row["term"]), []).append(row)
    agreements = {a.id: a for a in day.view.agreements}
    out = []
    for (agreement_id, term_id), rows in grouped.items():
        agreement = agreements[agreement_id]
        term = agreement.term(term_id)
        if term is not None:
            outcomes = _outcomes(rows, w)
            reasons = _reasons(rows, agreement, term, incident, day, w)
            out.append(TermWords(agreement, term, w.term(term), outcomes, reasons))
    return out


def _outcomes(rows: Sequence[Row], w: Wording) -> tuple[ActorOutcome, ...]:
    """One entry a finding: the outcome is the same in all its readings."""
    seen: dict[str, Row] = {}
    for row in rows:
        seen.setdefault(row["finding_id"], row)
    out = []
    for row in seen.values():
        if row["actor"] is None:  # the mandate does not attribute
            return (ActorOutcome(None, w.t("who.withheld"), None, w.t("outcome.withheld"), None),)
        state = None if row["state"] == "draft" else w.t(f"state.{row['state']}")
        name = w.actor(row["actor"])
        if row["answers_for"]:
            doers = w.t.listed(w.actor(d) for d in row["answers_for"].split(";"))
            name = w.t("finding.answers", actor=name, doers=Markup(doers))
        out.append(ActorOutcome(row["actor"], name, row["outcome"], outcome_word(w, row["outcome"]), state))
    return tuple(out)


def outcome_word(w: Wording, outcome: str | None) -> Markup:
    """An outcome in words."""
    return w.t("outcome.withheld") if outcome is None else w.t(f"outcome.{key(outcome)}")


def key(outcome: str) -> str:
    """An outcome as part of a catalogue key."""
    return outcome.replace(" (", "_").replace(" ", "_").removesuffix(")")


def _reasons(
    rows: Sequence[Row], agreement: Agreement, term: Term, incident: Incident, day: Day, w: Wording
) -> tuple[Markup, ...]:
    """Why the outcomes are what they are, each reason once."""
    found: dict[str, Markup] = {}
    outcomes = {r["outcome"] for r in rows}
    if "undetermined" in outcomes:
        open_rows = [r for r in rows if r["outcome"] == "undetermined"]
        found.update(_why_open(open_rows, agreement, term, incident, day, w))
    for outcome in sorted(o for o in outcomes - {"undetermined"} if o is not None):
        found[outcome] = w.t(f"outcome_why.{key(outcome)}")
    if outcomes & {"indicated", "undetermined (exception claimed)"}:
        for one in term.excepts:
            if not one.by_itself:
                needs = "; ".join(one.requires) or str(one.in_response_to)
                found["except " + one.id] = w.t("finding.exception", id=one.id, needs=needs)
    told = w.teller(agreement).conditions_of(term) if term.conditions else {}
    for condition in term.conditions:
        found["condition " + condition] = w.t("finding.condition", words=told.get(condition, condition))
    return tuple(found.values())


def _why_open(
    rows: Sequence[Row], agreement: Agreement, term: Term, incident: Incident, day: Day, w: Wording
) -> dict[str, Markup]:
    """What is missing for a finding, each with the words for it."""
    out: dict[str, Markup] = {}
    a, bounds = incident.assessment, day.view.config.outcomes
    if a["p_occurred"] is not None and a["p_occurred"] < bounds.violation:
        out["occurred"] = w.t("open.occurred")
    elif incident.status not in {"corroborated", "verified"}:
        out["gate"] = w.t("open.gate")
    authors = {r["actor"]: r["p"] for r in incident.authors}
    if max((p for who, p in authors.items() if who not in {"none", "other"}), default=0.0) < bounds.violation:
        out["author"] = w.t("open.author")
    if any(r["p_in_scope"] is None for r in rows):
        out.update(_unknown_scope(rows, agreement, term, incident, w))
    return out or {"other": w.t("open.other")}


def _unknown_scope(
    rows: Sequence[Row], agreement: Agreement, term: Term, incident: Incident, w: Wording
) -> dict[str, Markup]:
    """Why it cannot be said whether the term covers the incident."""
    out: dict[str, Markup] = {}
    row = incident.row
    for actor in dict.fromkeys(str(r["actor"]) for r in rows):
        name = term.from_zone.get(actor) if term.kind == "withdrawal" else term.where.zone
        zone = agreement.zones.get(name or "")
        if zone is not None and zone.geometry is None:
            out["zone " + zone.id] = w.t("open.zone", zone=zone.names.get(w.t.lang) or zone.names.get("en") or zone.id)
        elif term.kind == "withdrawal" and name is None:
            out["line"] = w.t("open.line", actor=w.actor(actor))
    if row["lat"] is None:
        out["place"] = w.t("open.place")
    elif term.where.zone and row["place_of"] is None:
        out["place_of"] = w.t("open.place_of")
    if term.weapons and row["weapon"] is None:
        out["weapon"] = w.t("open.weapon")
    return out or {"wide": w.t("open.wide")}
