"""The closed lists of words that the contracts (design 4) allow. Order is part of them: codes are positions."""

from __future__ import annotations

ROLES = (
    "party", "party_media", "independent_media", "monitor", "peacekeeper", "guarantor", "sensor", "satellite",
    "ngo", "international", "foreign_state", "witness",
)  # fmt: skip
PARTY_ROLES = ("party", "party_media")
STANCES = ("alleges", "observes", "admits", "denies", "reports")
WHENS = ("within", "throughout")
MEANS = ("saw", "heard", "aftermath", "camera", "uav", "sensor", "satellite", "forensic", "told")
PLACE_OF = ("impact", "origin", "presence")
UNITS = ("round", "burst", "explosion", "weapon", "person", "incident")
WHO = ("civilian", "combatant", "unknown")
HANDLING = ("public", "restricted", "confidential")
CONSENT = ("none", "record", "publish")
COVERAGE_MODES = ("routine", "tasked")
RESTRICTION_KINDS = ("denied", "delayed", "conditional", "mines", "jamming", "fire", "weather")
VERBS = (
    "link", "split", "merge", "override", "verify", "rule", "grant", "refute", "draft", "review", "notify", "reply",
    "sign", "publish", "reopen", "set_event", "extend", "end",
)  # fmt: skip
PEOPLE_ROLES = ("reporter", "liaison", "analyst", "reviewer", "head", "board", "auditor")
ACTOR_ROLES = ("party", "guarantor", "mechanism", "mediator", "third_party", "not_covered")
TERM_KINDS = (
    "prohibition", "withdrawal", "exclusion_zone", "freeze", "obligation", "access", "procedure", "statement",
)  # fmt: skip
RELATIONS = ("supports", "denies", "admits", "repeats")
STATUSES = ("unlikely", "unconfirmed", "more likely than not", "probable", "corroborated", "verified")
OUTCOMES = (
    "violation", "indicated", "no violation", "excepted", "not due", "depends on reading", "not for judgement",
    "undetermined", "undetermined (exception claimed)",
)  # fmt: skip
FINDING_STATES = ("draft", "reviewed", "notified", "final", "published", "reopened")
ZONE_STATUSES = ("agreed", "provisional", "undefined")
