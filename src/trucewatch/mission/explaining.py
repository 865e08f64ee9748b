"""`explain`: why a claim is linked as it is, why an incident has its probability, why a finding has its outcome.

What is shown passes the one gate like everything else that leaves (law L10).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trucewatch.judging import explain_finding
from trucewatch.mission import derive as pipeline
from trucewatch.mission.update import current
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.micronats import probability
from trucewatch.model.times import format_instant
from trucewatch.publishing.explain import Explanation, Part, nats
from trucewatch.publishing.policy import Policy, check_audience, release

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

Row = dict[str, Any]
_FINDING = re.compile(r"F(\d+)\.\d+\.\d+\.\d+\Z")
_TIMES = {"published", "start", "end", "obtained", "known_at"}
_NOT_SHOWN = {"id", "versions", "number", "r_lat", "r_lon", "r_radius_km", "r_place_note", "known_at", "retracted_by"}


@dataclass(frozen=True)
class Ground:
    """A derived state and the gate that its rows pass on their way to one audience."""

    mission: Mission
    derived: pipeline.Derived
    audience: str
    policy: Policy

    def of(self, table: str, incident: str | None = None) -> list[Row]:
        """Released rows of a derived table, of one incident where it is named."""
        rows = (r for r in self.derived.tables[table] if incident is None or r["incident_id"] == incident)
        return list(release(table, rows, self.audience, self.policy))

    def claims(self, references: Iterable[str]) -> list[Row]:
        """Released claims of those ids."""
        wanted = set(references)
        rows = (c for c in self.derived.claims if c["id"] in wanted)
        return list(release("claims", rows, self.audience, self.policy))


def explain(
    mission: Mission,
    object_id: str,
    audience: str = "internal",
    as_of: int | None = None,
    known_by: int | None = None,
) -> Explanation:
    """The explanation of an incident (`I7`), a finding (`F7.1.1.2`) or a claim (SOURCE/ID, or its bare id).

    `Refusal` when there is none of that name, or several, or the audience may not see it.
    """
    check_audience(audience, mission.actors)
    uncut = as_of is None and known_by is None
    derived = current(mission) if uncut else pipeline.derive(mission, as_of, known_by)
    cut = known_by if known_by is not None else as_of
    ground = Ground(mission, derived, audience, Policy.of(mission.config, mission.agreements, derived, cut))
    if _FINDING.match(object_id):
        return _finding(ground, object_id)
    incident = pipeline.resolve_object(derived, object_id)
    if incident is not None and _may_ask(ground, object_id, incident):
        return _incident(ground, incident)
    return _claim(ground, _claim_reference(ground, object_id))


def _may_ask(ground: Ground, object_id: str, incident: str) -> bool:
    """Whether an id may be answered with that incident: the number of a hidden claim would tell where it belongs."""
    if ground.audience == "internal" or object_id == incident:
        return True
    number, claims = int(object_id[1:]), ground.derived.table
    named = [ref for ref, row in claims.refs.items() if claims.table["number"][row] == number]
    return bool(ground.claims(named))


def _seen(ground: Ground, object_id: str) -> str | None:
    """The hash that a decision names, for those who decide: to others it could tell the one claim not shown to them."""
    return pipeline.object_hash(ground.derived, object_id) if ground.audience == "internal" else None


def _unknown(object_id: str) -> Refusal:
    return Refusal(
        Fault(
            f"nothing here is called {object_id!r}",
            "Name an incident (I7), a finding (F7.1.1.2) or a claim (SOURCE/ID), as `export` writes them",
        )
    )


def _claim_reference(ground: Ground, text: str) -> str:
    found = [c["id"] for c in ground.derived.claims if text in {c["id"], c["claim_id"]}]
    if ground.audience != "internal":  # how many others have a claim of that name is not told
        found = [c["id"] for c in ground.claims(found) if "id" in c]
    if text in found:
        return text
    if len(found) > 1:
        raise Refusal(Fault(f"{len(found)} sources have a claim {text!r}", "Write one of: " + ", ".join(found[:8])))
    if not found:
        raise _unknown(text)
    return str(found[0])


def _incident(ground: Ground, incident: str) -> Explanation:
    rows = ground.of("incidents", incident)
    if not rows:
        raise _unknown(incident)
    (row,) = rows
    assessment = ground.of("assessments", incident)[0]
    contributions = ground.of("contributions", incident)
    facts = [*_incident_facts(row), *_assessment_facts(assessment)]
    parts = [
        _contribution_part(contributions),
        _claims_part(ground, incident),
        _part("Authors", ("actor", "p"), ground.of("authors", incident)),
        _part("Findings", _FINDING_COLUMNS, ground.of("findings", incident)),
    ]
    return Explanation(
        incident,
        f"Incident {incident}: {row['act']}, {assessment['status']}",
        tuple(facts),
        tuple(p for p in parts if p.rows),
        _bars(contributions),
        _seen(ground, incident),
        incident,
    )


def _incident_facts(row: Row) -> list[tuple[str, str]]:
    facts = [("act", f"{row['act']} (p {_number(row['p_act'])})"), ("from", format_instant(row["start"]))]
    if row["end"] is not None and row["end"] != row["start"]:
        facts.append(("until", format_instant(row["end"])))
    if row["lat"] is None:
        facts.append(("place", "unknown"))
    else:
        axes = f"{_number(row['semi_major_km'])} by {_number(row['semi_minor_km'])} km"
        facts.append(("place", f"{row['lat']}, {row['lon']}; 95 % ellipse {axes}, {_number(row['azimuth_deg'])} deg"))
    if row["n_claims"] is None:
        facts.append(("claims", "a few of them withheld, and so not counted here"))
    else:
        voices = "" if row["n_voices"] is None else f" in {row['n_voices']} voices"
        facts.append(("claims", f"{row['n_claims']}{voices}"))
    return facts


def _assessment_facts(row: Row) -> list[tuple[str, str]]:
    interval = f"{_number(row['p_low'])} to {_number(row['p_high'])}"
    facts = [("occurred", f"{row['status']}: p {_number(row['p_occurred'])} (90 %: {interval})")]
    if row["p_drop_min"] is not None:
        facts.append(("without any one source", f"p {_number(row['p_drop_min'])} to {_number(row['p_drop_max'])}"))
    if row["prior_share"] is not None:
        facts.append(("share of the prior", _number(row["prior_share"])))
    return facts


def _bars(contributions: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    return tuple((f"{r['source'] or r['kind']}: {r['reason'] or r['kind']}", int(r["log_odds"])) for r in contributions)


def _contribution_part(contributions: Sequence[Row]) -> Part:
    rows, total = [], 0
    for r in contributions:
        total += r["log_odds"]
        rows.append(
            (r["kind"], r["source"], r["log_odds"], nats(r["log_odds"]), f"{probability(total):.4f}", r["reason"])
        )
    return Part("Contributions", ("kind", "source", "micro_nats", "nats", "p so far", "reason"), tuple(rows))


def _claims_part(ground: Ground, incident: str) -> Part:
    links = ground.of("links", incident)
    claims = {c["id"]: c for c in ground.claims(f"{r['source']}/{r['claim_id']}" for r in links)}
    rows = []
    for link in links:
        reference = f"{link['source']}/{link['claim_id']}"
        claim = claims.get(reference, {})
        accused = claim.get("accused")
        rows.append(
            (reference, claim.get("stance"), accused, link["relation"], link["p_link"], link["by"], claim.get("text"))
        )
    return Part("Claims", ("claim", "stance", "accused", "relation", "p_link", "by", "text"), tuple(rows))


_FINDING_COLUMNS = (
    "finding_id", "agreement", "term", "reading", "actor", "answers_for", "outcome", "p_violation", "p_in_scope",
    "state",
)  # fmt: skip


def _part(heading: str, columns: tuple[str, ...], rows: Sequence[Row]) -> Part:
    return Part(heading, columns, tuple(tuple(r.get(c) for c in columns) for r in rows))


def _finding(ground: Ground, finding_id: str) -> Explanation:
    rows = release(
        "findings",
        (r for r in ground.derived.tables["findings"] if r["finding_id"] == finding_id),
        ground.audience,
        ground.policy,
    )
    if not rows:
        raise _unknown(finding_id)
    first = rows[0]
    facts = [
        ("agreement", f"{first['agreement']}, version {first['version']}"),
        ("term", f"{first['term']}: {_term_words(ground, first)}"),
        ("actor", first["actor"] or "none"),
        ("answers for", first["answers_for"] or "nobody else"),
        ("outcome", first["outcome"] or "withheld"),
        ("state", first["state"]),
    ]
    parts = [_part("Readings", ("reading", "p_violation", "p_in_scope", "outcome"), rows)]
    if ground.audience == "internal":
        more, decisions = _decided(ground, first)
        facts += more
        parts.append(decisions)
    incident = first["incident_id"]
    bars: tuple[tuple[str, int], ...] = ()
    if incident:
        inner = _incident(ground, incident)
        facts += [(f"incident {name}", words) for name, words in inner.facts]
        parts += [p for p in inner.parts if p.heading != "Findings"]
        bars = inner.bars
    if incident and ground.audience == "internal":  # computed from every claim, whoever may see it
        parts.insert(1, _change_part(ground, finding_id, incident))
    return Explanation(
        finding_id,
        f"Finding {finding_id}: {first['outcome'] or 'outcome withheld'}",
        tuple(facts),
        tuple(p for p in parts if p.rows),
        bars,
        _seen(ground, finding_id),
        incident,
        tuple(_finding_words(ground, first, rows)),
    )


def _change_part(ground: Ground, finding_id: str, incident: str) -> Part:
    """What would change the outcome, where it is open: the smallest new evidence, asked of both parties alike."""
    from trucewatch.mission.planning import (
        actor_words,
        would_change,
    )  # only here: an explanation of a claim supposes nothing

    names = ("direction", "evidence", "outcome then", "asked of")
    rows = [r for w, told in would_change(ground.derived, {incident}) if w.finding_id == finding_id for r in told]
    words = actor_words(ground.mission)
    cells = [
        (r["direction"], r["evidence"], r["outcome"], " and ".join(words[p] for p in r["asked_of"]) or None)
        for r in rows
    ]
    return Part("What would change our mind", names, tuple(cells))


def _term_words(ground: Ground, row: Row) -> str:
    for agreement in ground.mission.agreements:
        if agreement.id != row["agreement"]:
            continue
        for term in agreement.terms:
            if term.id == row["term"]:
                return term.text()
    return ""


def _decided(ground: Ground, finding: Row) -> tuple[list[tuple[str, str]], Part]:
    """Which offices and bodies a finding passed, which it still has to pass, and who decided what on it."""
    from trucewatch.judging import out_of_turn
    from trucewatch.mission.targets import docket_of
    from trucewatch.procedure.road import passed

    found = docket_of(ground.mission, ground.derived).answered(finding)
    agreement = next(a for a in ground.mission.agreements if a.id == finding["agreement"])
    left = [name for name in agreement.mandate.passes if name not in found.ruling.passed]
    facts = [("passed", ", ".join(passed(found)))] if passed(found) else []
    facts += [("still to pass", ", ".join(left))] if left else []
    idle = {id(d) for d in out_of_turn(found.decisions)}
    rows = tuple(
        (
            format_instant(d["at"]), d["verb"], d["person"], d.get("role"), d.get("body"), d.get("reason"),
            "stale" if d["stale"] else "out of turn" if id(d) in idle else "stands",
        )
        for d in found.decisions
    )  # fmt: skip
    return facts, Part("Decisions", ("at", "verb", "person", "office", "body", "reason", "effect"), rows)


def _finding_words(ground: Ground, first: Row, rows: Sequence[Row]) -> list[str]:
    """In words, what the outcome rests on."""
    p, scope = first["p_violation"], first["p_in_scope"]
    if first["outcome"] is None:
        return ["The mandate does not attribute: author and outcome do not leave."]
    if first["actor"] is None:
        return ["This term is a statement, and not for judgement."]
    told = explain_finding(
        first, ground.mission.agreements, _incident_of(ground, first), clocks=ground.derived.decided.clocks()
    )
    if p is None:
        return [line for line in told if line.startswith(("Because", "Not known", "Outcome", "Before judging"))]
    words = [
        *(line for line in told if line.startswith("Because")),
        f"That it occurred, lies in the scope of the term and was done by {first['actor']}: p {_number(p)}.",
        f"Were {first['actor']} the author, place, time, act and weapon would lie in scope with p {_number(scope)}.",
    ]
    words += _cleared(ground, first)
    if len(rows) > 1:
        spread = sorted(r["p_violation"] for r in rows if r["p_violation"] is not None)
        words.append(f"Over the {len(rows)} readings p lies between {_number(spread[0])} and {_number(spread[-1])}.")
    bounds = ground.mission.config.outcomes
    words.append(
        f"A violation is named from {bounds.violation:g} under every reading, none down to {bounds.no_violation:g}."
    )
    return words


def _cleared(ground: Ground, finding: Row) -> list[str]:
    """What takes an act out that its author did and the term forbids: its own announcement, published before."""
    shares = {r["actor"]: r["p"] for r in ground.of("authors", finding["incident_id"])}
    there = (shares.get(finding["actor"]) or 0.0) * (finding["p_in_scope"] or 0.0)
    if finding["outcome"] != "no violation" or there < 2 * ground.mission.config.outcomes.no_violation:
        return []
    incident = _incident_of(ground, finding) or {}
    start, end = incident.get("start"), incident.get("end")
    told = [
        f"{n['kind']} from {format_instant(n['start'])}"
        for n in ground.derived.notices
        if ground.audience == "internal"
        and n["by"] == finding["actor"]
        and start is not None
        and n["start"] <= (end or start)
        and n["end"] >= start
    ]
    named = f" (in force then: {'; '.join(sorted(told))})" if told else ""
    return [
        f"{finding['actor']} is its author with p {_number(shares[finding['actor']])}; what makes it lawful is a "
        f"notice of its own, published before, of acts of this kind at that place and time{named}."
    ]


def _incident_of(ground: Ground, finding: Row) -> dict[str, Any] | None:
    """The incident of a finding with its assessment, as far as they may leave; None where it speaks of none."""
    id_ = finding["incident_id"]
    rows = [*ground.of("incidents", id_), *ground.of("assessments", id_)] if id_ is not None else []
    return {k: v for row in rows for k, v in row.items()} if rows else None


def _claim(ground: Ground, reference: str) -> Explanation:
    rows = ground.claims([reference])
    if not rows or "id" not in rows[0]:  # a row whose id may not leave is not explained by its id
        raise _unknown(reference)
    (claim,) = rows
    shown = {k: v for k, v in claim.items() if k not in _NOT_SHOWN and v is not None}
    facts = [(k, format_instant(v) if k in _TIMES else _number(v)) for k, v in shown.items()]
    facts += _resolved(claim)
    links = [r for r in ground.of("links") if f"{r['source']}/{r['claim_id']}" == reference]
    incident = links[0]["incident_id"] if links else None
    parts = [_part("Link", ("incident_id", "relation", "p_link", "log_odds", "by"), links)]
    if ground.audience == "internal":  # link terms name the other claims
        terms = pipeline.explain_link(ground.derived, reference)
        rows_ = tuple((mate, term, micro, nats(micro), words) for mate, term, micro, words in terms)
        parts.append(Part("Terms of the link", ("against", "term", "micro_nats", "nats", "what"), rows_))
    older = claim.get("versions") or ()
    parts.append(
        Part(
            "Older versions",
            ("known", "changed"),
            tuple((format_instant(v["known_at"]), _changed(v, claim)) for v in older),
        )
    )
    where = f"speaks of {incident}" if incident else "speaks of no single event"
    return Explanation(
        reference,
        f"Claim {reference}: {where}",
        tuple(facts),
        tuple(p for p in parts if p.rows),
        (),
        _seen(ground, incident) if incident else None,
        incident,
    )


def _resolved(claim: Row) -> list[tuple[str, str]]:
    facts = [("known", format_instant(claim["known_at"]))] if claim.get("known_at") is not None else []
    if claim.get("r_lat") is not None and claim.get("lat") is None:
        radius = _number(claim.get("r_radius_km"))
        facts.append(("place resolved", f"{claim['r_lat']}, {claim['r_lon']}, radius {radius} km"))
    if claim.get("r_place_note"):
        facts.append(("note on the place", str(claim["r_place_note"])))
    if claim.get("retracted_by"):
        facts.append(("retracted by", str(claim["retracted_by"])))
    return facts


def _changed(old: Row, new: Row) -> str:
    names = sorted(k for k in {*old, *new} - _NOT_SHOWN if old.get(k) != new.get(k))
    return ", ".join(names)


def _number(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
