"""`trucewatch fit`: the global quantities of a mission, from its own records (design 1).

Densities of claims over half-degree cells by shrinkage (an empirical-Bayes gamma-Poisson mean: few claims in a cell
leave it near the whole theatre's density), shares of acts, claims an incident. Rounded to 6 decimals, then stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.linking.parameters import cell_name
from trucewatch.mission.derive import Derived, derive
from trucewatch.mission.snapshot import shipped_fit
from trucewatch.mission.tables import incident_id
from trucewatch.model.claims import EARTH_KM
from trucewatch.model.micronats import MICRO
from trucewatch.model.normal import expit
from trucewatch.model.table import Array
from trucewatch.model.times import DAY
from trucewatch.weighing.coverage import silence
from trucewatch.weighing.ratios import ratios
from trucewatch.weighing.reliability import opening, reliability

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

_CELL_DEG = 0.5
_PRIOR_CLAIMS = 10.0  # a cell's own claims count fully against the theatre's density from about ten on
_LEAST_CLAIMS = 30  # fewer tell nothing that the shipped fit does not


def fit(mission: Mission, recorded_at: int) -> dict[str, Any]:
    """Fit, store the record, return its payload. Its known time is the latest of what it was fitted on."""
    derived = derive(mission)
    payload, known_at = fitted(derived)
    with mission.store.writing() as tx:
        tx.append("fit", [(f"fit/{mission.store.last_seq() + 1}", payload, known_at)], recorded_at=recorded_at)
    return payload


def fitted(derived: Derived) -> tuple[dict[str, Any], int]:
    """The fit's payload and known time (microseconds). Too few claims keep the shipped values, and it says so."""
    table, linked = derived.stages.table.table, derived.stages.linked
    known_at = int(table["known"].max()) if table.n else 0
    own = (linked.voice == np.arange(table.n)) & (linked.incident >= 0)
    placed = own & np.isfinite(table["lat"])
    base = dict(shipped_fit())
    base["fitted_on"] = {"claims": int(table.n), "voices": int(own.sum())}
    if int(placed.sum()) < _LEAST_CLAIMS:
        base["fitted_on"]["note"] = f"fewer than {_LEAST_CLAIMS} placed voices: the shipped values stand"
        return base, known_at
    lat, lon = table["lat"][placed], table["lon"][placed]
    days = max(1.0, float(table["end"][placed].max() - table["start"][placed].min()) / DAY)
    cells, count, area = _cells(lat, lon)
    density = count / (area * days)
    # A claim's own experience: the density that the mean claim sees, not the mean over empty ground.
    typical = float((count * density).sum() / count.sum())
    shrunk = (count + _PRIOR_CLAIMS) / (area * days + _PRIOR_CLAIMS / typical)
    base["claims_per_1000_km2_day"] = round(typical * 1000, 6)
    voices_an_incident = max(1.0, float(own.sum()) / max(1, linked.incidents.n))
    base["incidents_per_1000_km2_day"] = round(typical * 1000 / voices_an_incident, 6)
    base["cells"] = {c: round(float(d) * 1000, 6) for c, d in zip(cells, shrunk, strict=True)}
    base["act_share"] = _act_share(table, own)
    base |= _reliability(derived)
    return base, known_at


def _reliability(derived: Derived) -> dict[str, Any]:
    """How far each side's allegations were borne out where observers of no party could see: `reliability` (share and
    number) and `alleged` (the weight that follows, nats), by party; nothing where no such allegation is."""
    rest = _borne_out(derived)
    told = [party for party, odds in rest.items() if odds]
    if not told:
        return {}
    table = ratios()
    base, alone = (table[name].weight / MICRO for name in ("base.open", "voice.party.alleges"))
    found = reliability([np.array(rest[party]) for party in told], float(expit(base + alone)))
    shares = dict(zip(told, found, strict=True))
    return {
        "reliability": {
            p: {"share": round(r.share, 6), "low": round(r.low, 6), "high": round(r.high, 6), "allegations": r.n}
            for p, r in shares.items()
        },
        "alleged": {p: round(opening(r.share, base), 6) for p, r in shares.items()},
    }


def _borne_out(derived: Derived) -> dict[str, list[float]]:
    """By party, what observers say for and against (nats) of each incident that it alone alleges and that their
    recorded coverage held, whether they saw it or not. Whoever else speaks is left out: of him nobody knows when he
    would have kept silent."""
    context, linked = derived.context, derived.stages.linked
    held = silence(linked.incidents, context.telling_coverage, set(), ratios())
    ids = [incident_id(n) for n in linked.incidents["number"].tolist()]
    sources = [str(s["source"]) for s in context.names.source_rows]
    could = {(ids[i], sources[s]) for i, s in zip(held.incident.tolist(), held.source.tolist(), strict=True)}
    seen = {incident for incident, _ in could}
    sides = {str(s["source"]): str(s.get("party")) for s in context.names.source_rows}
    out: dict[str, list[float]] = {party: [] for party in context.mission.parties}
    words = ratios()["voice.party.alleges"].words
    for incident, rows in groupby(derived.tables["contributions"], key=lambda r: r["incident_id"]):
        if incident not in seen:
            continue
        mine = list(rows)
        alleged = {sides[r["source"]] for r in mine if r["kind"] == "party" and r["reason"] == words and r["log_odds"]}
        if len(alleged) == 1 and (party := alleged.pop()) in out:
            told = sum(r["log_odds"] for r in mine if (incident, r["source"]) in could)
            out[party].append(told / MICRO)
    return out


def _cells(lat: Array, lon: Array) -> tuple[list[str], Array, Array]:
    """Cell names in order, claims and area (km2) of each."""
    names = [cell_name(float(a), float(b)) for a, b in zip(lat, lon, strict=True)]
    cells, count = np.unique(np.array(names), return_counts=True)
    rows = np.array([int(c.split(":")[0]) for c in cells.tolist()])
    side = math.radians(_CELL_DEG) * EARTH_KM
    area = side * side * np.cos(np.radians((rows + 0.5) * _CELL_DEG))
    return cells.tolist(), count, area


def _act_share(table: Mapping[str, Array], own: Array) -> dict[str, float]:
    acts, count = np.unique(table["act"][own].astype(str), return_counts=True)
    return {a: round(float(c) / float(count.sum()), 6) for a, c in zip(acts.tolist(), count, strict=True)}
