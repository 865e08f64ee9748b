"""Columns of the derived tables that leave by `export` (design 4, "What comes out")."""

from __future__ import annotations

OUTPUTS: dict[str, tuple[str, ...]] = {
    "incidents": (
        "incident_id", "start", "end", "lat", "lon", "semi_major_km", "semi_minor_km", "azimuth_deg", "act", "p_act",
        "n_claims", "n_voices", "killed_low", "killed_high", "injured_low", "injured_high", "place_of", "weapon",
    ),
    "links": ("source", "claim_id", "incident_id", "p_link", "log_odds", "by", "relation"),
    "assessments": (
        "incident_id", "p_occurred", "p_low", "p_high", "p_drop_min", "p_drop_max", "prior_share", "status",
    ),
    "authors": ("incident_id", "actor", "p"),
    "contributions": ("incident_id", "kind", "source", "log_odds", "reason"),
    "findings": (
        "finding_id", "agreement", "version", "term", "reading", "incident_id", "actor", "answers_for", "outcome",
        "p_violation", "p_in_scope", "state", "signed_by",
    ),
    "trends": (
        "term", "sector", "act", "start", "end", "observed", "exposure", "rate", "rate_low", "rate_high", "ratio",
        "ratio_low", "ratio_high", "verdict", "days_needed",
    ),
    "gaps": ("sector", "start", "end", "share_covered"),
}  # fmt: skip

# Made from the others when they are asked for, and kept nowhere: how each term stands, and its days by outcome.
SUMMARIES: dict[str, tuple[str, ...]] = {
    "board": (
        "at", "agreement", "version", "term", "kind", "actor", "state", "why", "event", "set_by", "start", "end", "due",
        "due_last", "conditions", "tested", "outcome", "readings", "one_sided",
    ),
    "calendar": (
        "agreement", "version", "term", "actor", "start", "end", "outcome", "incidents", "alleged", "share_covered",
        "one_sided",
    ),
}  # fmt: skip
