"""An invented agreement with a line, areas and a withdrawal, and ways to change it."""

from __future__ import annotations

from trucewatch.agreement import Agreement, Term, parse
from trucewatch.agreement.telling import Teller
from trucewatch.publishing.agreement_page.doubts import doubts

VALLEY = """id: valley
title: {en: Ceasefire of the valley}
timezone: Europe/Athens
actors:
  - {id: arden, role: party, names: {en: Arden}}
  - {id: brevia, role: party, names: {en: Brevia}}
events:
  in_force: {at: 2024-06-01T06:00:00+03:00}
  transfer: {at: null, set_by: brevia}
zones:
  - {id: line, line: [{lat: 39.0, lon: 21.0}, {lat: 40.0, lon: 21.0}], uncertainty_km: 1, status: provisional, sides: {arden: left, brevia: right}}
  - {id: belt, of: line, buffer_km: 5}
  - {id: strip, of: line, buffer_km: 3, side: left}
  - {id: road, line: [{lat: 39.5, lon: 20.9}, {lat: 39.5, lon: 21.1}]}
  - {id: corridor, of: road, width_km: 2}
  - {id: town, circle: {lat: 39.5, lon: 21.02, radius_km: 1}}
  - {id: rest, of: belt, minus: [town]}
  - {id: port, status: undefined, note: The text names it and draws nothing.}
terms:
  - {id: "1", kind: prohibition, acts: [fire], binds: [arden, brevia], where: {zone: rest, of: impact}, text: {en: {summary: No fire.}}}
  - id: "2"
    kind: withdrawal
    text: {en: {summary: Guns go back.}}
    acts: [movement.weapons_in_zone]
    binds: [arden, brevia]
    begins_by: {event: in_force, plus: P2D}
    by: {event: in_force, plus: P14D}
    from_zone: line
    weapons: [{class: mlrs, zone_width_km: 70}, {class: [artillery], calibre_mm: ">100", distance_km: 15}]
    readings: {calibre_mm: [">100", ">=100"]}
  - {id: "3", kind: obligation, binds: [arden], from: {event: transfer}, done_when: "absent(forces, port)", text: {en: {summary: Arden leaves.}}}
  - {id: "4", kind: access, binds: [arden, brevia], route: corridor, acts: [access_denied], text: {en: {summary: The road is open.}}}
  - {id: "5", kind: prohibition, acts: [movement.advance], binds: [arden, brevia], where: {zone: strip, of: presence}, text: {en: {summary: Nobody enters.}}}
"""  # noqa: E501


def valley(*changes: tuple[str, str]) -> Agreement:
    """The agreement with parts replaced; each part must stand in it once."""
    text = VALLEY
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return parse(text, "valley.yaml")


def term(agreement: Agreement, id_: str) -> Term:
    """The term of that id."""
    found = agreement.term(id_)
    assert found is not None
    return found


def teller(agreement: Agreement) -> Teller:
    """What tells it in English."""
    return Teller(agreement, agreement.event_times())


def doubted(agreement: Agreement) -> dict[str, list[str | None]]:
    """Kinds of what deserves a look, with the terms that they are on."""
    out: dict[str, list[str | None]] = {}
    for d in doubts(agreement, teller(agreement)):
        out.setdefault(d.key, []).append(d.term)
    return out
