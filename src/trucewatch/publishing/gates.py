"""Which row of each table may leave to somebody outside the mission, and as what; or the rule that holds it back.

A gate takes (table, row, party, policy), where `party` is that of a party's liaison or None for the public, and gives
the row to leave or a `Why`. No gate knows a party's name but to tell whether a row is that party's own (law L3).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from trucewatch.publishing import fields
from trucewatch.publishing.coarse import timed
from trucewatch.publishing.register.gate import pass_counted, pass_register
from trucewatch.publishing.standing import (
    CONFIDENTIAL,
    LEVEL,
    NOTIFIED,
    PUBLIC,
    RESTRICTED,
    Policy,
    claim_level,
)  # fmt: skip
from trucewatch.publishing.voices import KIND, WITHHELD

Row = dict[str, Any]


class Why(StrEnum):
    """The rule that holds a row back."""

    HANDLING = "handling"
    CONFIDENTIAL = "confidential"  # known from confidential claims alone
    CONSENT = "consent"
    DELAY = "delay"
    MANDATE = "mandate"
    PATROL = "patrol"  # where somebody will be
    IDENTITY = "identity"  # who a source is
    OWN = "own"  # the mission's own working, or another party's words


Passed = Row | Why
_AHEAD = frozenset({"coverage", "restrictions", "inspections"})  # tables of where observers are


def _late(table: str, row: Row, policy: Policy) -> bool:
    if policy.since is None:
        return False
    for name in fields.RULES[table].moments:
        moment = row.get(name)
        if isinstance(moment, int) and moment > policy.since:
            return True
    return False


def _timed(table: str, row: Row, policy: Policy) -> Row:
    """A row that is the gate's own with coarse times."""
    return timed(row, fields.RULES[table].clock, policy.rules.time_min, own=True)


def _placed(table: str, row: Row, policy: Policy, key: object, *, post: bool = False, own: bool = False) -> Row:
    """A protected row with its place in a cell that does not give it away, or without a place; a copy unless `own`."""
    wide = max(policy.rules.place_km, fields.PROTECTED_PLACE_KM)
    lat, lon = row.get("lat"), row.get("lon")
    if lat is None or lon is None:
        return fields.coarsened(table, row, wide)
    step = policy.neighbours.step(lat, lon, wide, post=post)
    if step is None:
        policy.alone.add((table, key))
        return fields.placeless(table, row)
    return fields.coarsened(table, row, step, own=own)


def pass_claim(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    """A claim: whole where it is public, without words and observer where it is restricted and such rows may leave."""
    level = claim_level(row, policy.source_level)
    if level > policy.open_to:
        return Why.CONSENT if row.get("consent") == "none" else Why.HANDLING
    if _late(table, row, policy):
        return Why.DELAY
    if level == RESTRICTED:
        out = {k: v for k, v in row.items() if k in fields.RESTRICTED_CLAIM}
        out = fields.weapon_as_code(fields.without_words(out, "accused", "victim"))
        return _timed(table, _placed(table, out, policy, row.get("id"), own=True), policy)
    # Columns that do not leave anyway are not copied.
    listed = fields.listed(table, tuple(policy.rules.never))
    out = dict(row) if row.keys() <= listed else {k: v for k, v in row.items() if k in listed}
    out = fields.observer_as_class(fields.coarsened(table, out, policy.rules.place_km, own=True))
    if row.get("consent") in {"none", "record"}:
        # The speaker agreed to be heard, not to be quoted.
        out = {k: v for k, v in out.items() if k not in {"text", "url"}}
    if row.get("retracted_by") and policy.protected(str(row["retracted_by"])):
        out["retracted_by"] = "withheld"
    out = _timed(table, out, policy)
    return {**out, "versions": _older(table, row, party, policy)} if "versions" in row else out


def _older(table: str, row: Row, party: str | None, policy: Policy) -> list[Row]:
    """Older versions of a claim, each as it may leave."""
    listed, out = fields.listed(table, tuple(policy.rules.never)), []
    for version in row.get("versions") or ():
        passed = pass_claim(table, {**version, "source": row.get("source")}, party, policy)
        if isinstance(passed, dict):
            out.append(policy.stripped(fields.RULES[table], passed, listed) | {"known_at": version.get("known_at")})
    return out


def _pass_source(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    if not policy.speaks(row.get("source")):
        return Why.IDENTITY
    # That it was approved counts; by which person is the mission's own matter.
    return {**row, "approved_by": "mission" if row.get("approved_by") else None}


def _pass_observed(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    source = row.get("source")
    if _late(table, row, policy):
        return Why.DELAY
    # The handling of the source itself counts: one open claim of a patrol does not open where its posts stand.
    level = PUBLIC if source is None else policy.source_level.get(str(source), RESTRICTED)
    if level == CONFIDENTIAL:
        return Why.HANDLING
    if table in _AHEAD and policy.until is not None:
        begin, end = row.get("start", row.get("time")), row.get("end")
        if begin is not None and begin >= policy.until:
            return Why.PATROL
        if end is not None and end > policy.until:
            row = {**row, "end": policy.until}
    if level == PUBLIC:
        return _timed(table, fields.coarsened(table, row, policy.rules.place_km), policy)
    out = _placed(table, row, policy, (row.get("start"), row.get("lat"), row.get("lon")), post=True)
    out = fields.without_words(fields.weapon_as_code(out), "by")
    out = {**policy.by_the_day(table, out), "source": None, "text": None, "site": None, "mode": None}
    # A free name of an area is somebody's words.
    return out if out.get("area") in policy.areas else {**out, "area": None}


def _pass_plain(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    return Why.DELAY if _late(table, row, policy) else row


def _pass_gap(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    if _late(table, row, policy):
        return Why.DELAY
    if policy.until is not None and row["end"] > policy.until:
        return {**row, "share_covered": None}  # what will be covered is where patrols will be
    seen = policy.open_gaps()
    return row if seen is None else {**row, "share_covered": seen.get((row["sector"], row["start"]))}


def _pass_task(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    return Why.PATROL


def _pass_nothing(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    return Why.OWN


def _pass_complaint(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    level = LEVEL[row.get("handling") or "restricted"]
    if party is not None and row.get("complainant") == party:
        return row
    out = fields.without_words(row, "complainant", "against")
    if party is not None and row.get("against") == party and level < CONFIDENTIAL:
        return {k: v for k, v in out.items() if k != "text" or level == PUBLIC}
    if level > PUBLIC:
        return Why.HANDLING
    return Why.DELAY if _late(table, row, policy) else out


def _pass_reply(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    return row if party is not None and row.get("party") == party else Why.OWN


def held(incident: str | None, policy: Policy) -> Why | None:
    """Why nothing of an incident leaves: it is under delay, or known from confidential claims alone; else None."""
    if not incident:
        return None
    if incident in policy.delayed:
        return Why.DELAY
    level = policy.incident_level.get(incident)
    return Why.CONFIDENTIAL if level is not None and level[0] == CONFIDENTIAL else None


def _pass_incident(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    incident = row["incident_id"]
    why = held(incident, policy)
    if why is not None:
        return why
    # One protected claim may have placed the incident alone, so its exact place would be that claim's.
    strictest = policy.incident_level.get(incident, (PUBLIC, PUBLIC))[1]
    veil = policy.veils.get(incident)
    out = row if veil is None else veil.over(row, policy.rules.min_cell)
    if strictest == PUBLIC:
        out = fields.coarsened(table, out, policy.rules.place_km)
    else:
        out = _placed(table, out, policy, incident)
    return _timed(table, fields.weapon_as_code(out), policy)


def _pass_assessment(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    incident = str(row.get("incident_id"))
    why = held(incident, policy)
    if why is not None:
        return why
    # What is left without one voice is that voice's weight once more.
    return {**row, "p_drop_min": None, "p_drop_max": None} if incident in policy.unsaid else row


def _pass_link(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    level = policy.claim_level.get(f"{row.get('source')}/{row.get('claim_id')}", RESTRICTED)
    if level > PUBLIC:
        return Why.HANDLING
    return held(row.get("incident_id"), policy) or row


def _pass_author(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    if policy.unattributed:
        return Why.MANDATE
    why = held(row.get("incident_id"), policy)
    if why is not None:
        return why
    return {**row, "actor": "other"} if str(row["actor"]).startswith("other:") else row


def _pass_contribution(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    incident, source, kind = row.get("incident_id"), row.get("source"), str(row.get("kind") or "")
    why = held(incident, policy)
    if why is not None:
        return why
    if "reliability" in kind:  # a party's reliability never leaves (design 7)
        return Why.OWN
    if policy.unattributed and kind.startswith("author"):
        return Why.MANDATE
    if source is None or policy.voice(row) == PUBLIC:
        return row
    # The kind and the weight together tell who spoke and how it knew; `voices.merged` sums these with others.
    return {**row, "kind": KIND, "source": None, "reason": WITHHELD}


def _pass_finding(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    why = held(row.get("incident_id"), policy)
    if why is not None:
        return why
    if party is not None and party in {row.get("actor"), row.get("answers_for")} and row.get("state") in NOTIFIED:
        return row
    agreement = row.get("agreement")
    if agreement in policy.unpublished:
        return Why.MANDATE
    if agreement in policy.unattributed:
        return {**row, **dict.fromkeys(fields.ATTRIBUTION)}
    return row


def _pass_trend(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    if _late(table, row, policy):
        return Why.DELAY
    if 0 < (row.get("observed") or 0) < policy.rules.min_cell:
        return {**row, **dict.fromkeys(fields.SMALL_CELL)}
    return row


def _pass_board(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    silent = row.get("agreement") in policy.unpublished | policy.unattributed
    return {**row, "outcome": None} if silent else dict(row)


def _pass_calendar(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    if row.get("agreement") in policy.unpublished | policy.unattributed:
        return {**row, "outcome": None, **dict.fromkeys(fields.SMALL_COUNTS)}
    if _late(table, row, policy):  # that nothing is told of such a day does not mean that there was nothing
        return {**row, "outcome": None, "share_covered": None, **dict.fromkeys(fields.SMALL_COUNTS)}
    few = [k for k in fields.SMALL_COUNTS if 0 < (row.get(k) or 0) < policy.rules.min_cell]
    return {**row, **dict.fromkeys(few)}


def _pass_register(table: str, row: Row, party: str | None, policy: Policy) -> Passed:
    passed = pass_register(row, party, policy) if table == "register" else pass_counted(row, party, policy)
    return Why.HANDLING if passed is None else passed


GATES: dict[str, Callable[[str, Row, str | None, Policy], Passed]] = {
    "claim": pass_claim,
    "source": _pass_source,
    "observed": _pass_observed,
    "plain": _pass_plain,
    "gap": _pass_gap,
    "task": _pass_task,
    "nothing": _pass_nothing,
    "complaint": _pass_complaint,
    "reply": _pass_reply,
    "register": _pass_register,
    "register_counts": _pass_register,
    "incident": _pass_incident,
    "assessment": _pass_assessment,
    "link": _pass_link,
    "author": _pass_author,
    "contribution": _pass_contribution,
    "finding": _pass_finding,
    "trend": _pass_trend,
    "board": _pass_board,
    "calendar": _pass_calendar,
}
