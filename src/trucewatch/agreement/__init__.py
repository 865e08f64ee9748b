"""Agreements: what a ceasefire's text binds, whom, where, from when to when, unless what (design 4)."""

from __future__ import annotations

from trucewatch.agreement.format import WeaponRule, calibre
from trucewatch.agreement.model import Actor, Agreement, Event, Term
from trucewatch.agreement.reader import json_schema, load, parse
from trucewatch.agreement.zones import Zone

__all__ = ["Actor", "Agreement", "Event", "Term", "WeaponRule", "Zone", "calibre", "json_schema", "load", "parse"]
