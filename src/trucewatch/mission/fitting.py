"""`trucewatch fit`: the global quantities of a mission, from its own records (design 1).

Densities of claims over half-degree cells by shrinkage (an empirical-Bayes gamma-Poisson mean: few claims in a cell
leave it near the whole theatre's density), shares of acts, claims an incident. Rounded to 6 decimals, then stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.linking.parameters import cell_name
from trucewatch.mission.derive import Derived, derive
from trucewatch.mission.snapshot import shipped_fit
from trucewatch.model.claims import EARTH_KM
from trucewatch.model.table import Array
from trucewatch.model.times import DAY

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
    return base, known_at


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
