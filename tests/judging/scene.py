"""Small scenes for judging: an agreement written in the test, incidents as weighing would give them, the findings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement, parse
from trucewatch.judging import judge
from trucewatch.judging.states import Facts
from trucewatch.model.table import Table, objects
from trucewatch.model.times import HOUR, MINUTE, SECOND, parse_instant

KM_LON = 85.39  # one degree of longitude at 40 north, km
NOON = parse_instant("2021-03-01T12:00:00Z")
ACTORS = """
actors:
  - {id: norland, role: party, names: {en: Norland}}
  - {id: sudland, role: party, names: {en: Sudland}}
  - {id: bands, role: not_covered, names: {en: Bands}}
"""
LIMITS = {"violation": 0.95, "no_violation": 0.05}
LINE = {  # along the meridian of 46 degrees
    "type": "FeatureCollection",
    "features": [{
        "type": "Feature", "properties": {"name": "line"},
        "geometry": {"type": "LineString", "coordinates": [[46.0, 38.5], [46.0, 40.0], [46.0, 41.5]]},
    }],
}  # fmt: skip


def agreement(
    terms: str, more: str = "", events: str = "in_force: {at: 2021-03-01T00:00:00Z}", folder: Path | None = None,
    id_: str = "truce",
) -> Agreement:  # fmt: skip
    """An agreement of two parties and a third force; a zone file `line.geojson` is written into `folder`."""
    if folder is not None:
        (folder / "line.geojson").write_text(json.dumps(LINE), "utf-8")
    text = f"id: {id_}\ntitle: {{en: A truce}}\n{ACTORS}\nevents: {{{events}}}\n{more}\nterms:\n{terms}"
    return parse(text, folder=folder)


def incident(number: int = 1, **told: Any) -> dict[str, Any]:
    """An incident that surely happened, at noon, at 40 N 46 E within 100 m, by Norland. `at` moves it in hours, `east`
    in km; `sd_min` and `sigma_km` blur it."""
    at = NOON + round(told.pop("at", 0.0) * HOUR)
    sd = told.pop("sd_min", 1.0) * 60
    sigma = told.pop("sigma_km", 0.1)
    row = {
        "number": number, "t_mean_s": at / SECOND, "t_sd_s": sd, "start": at - MINUTE, "end": at + MINUTE,
        "lat": 40.0, "lon": 46.0 + told.pop("east", 0.0) / KM_LON, "cov_ee": sigma**2, "cov_en": 0.0,
        "cov_nn": sigma**2, "place_of": "impact", "origin_lat": math.nan, "origin_lon": math.nan,
        "origin_sigma_km": math.nan, "acts": (("fire.mortar", 1.0),), "weapons": (), "p_occurred": 0.99,
        "status": "corroborated", "throughout": False, "by": {"norland": 0.98, "sudland": 0.005}, **told,
    }  # fmt: skip
    if "interval" in told:  # hours from noon: a stated interval, uniform
        first, last = (NOON + round(h * HOUR) for h in row.pop("interval"))
        row.update(start=first, end=last, t_mean_s=(first + last) / 2 / SECOND)
        row["t_sd_s"] = (last - first) / SECOND / math.sqrt(12)
    return row


def unplaced(**told: Any) -> dict[str, Any]:
    """An incident whose place nobody told."""
    nowhere = dict.fromkeys(("lat", "lon", "cov_ee", "cov_en", "cov_nn"), math.nan)
    return incident(**{**nowhere, **told})


def findings(
    chain: Agreement | Sequence[Agreement], *incidents: Mapping[str, Any], notices: Sequence[Any] = (),
    decisions: Sequence[Any] = (), limits: Mapping[str, float] = LIMITS, facts: Facts | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Rows of findings, NaN as None."""
    chain = [chain] if isinstance(chain, Agreement) else list(chain)
    columns = [k for k in incidents[0] if k != "by"] if incidents else []
    loose = {"place_of", "acts", "weapons", "status"}
    table = Table(
        {k: objects([i[k] for i in incidents]) if k in loose else np.array([i[k] for i in incidents]) for k in columns}
    )
    told = [(i["number"], actor, p) for i in incidents for actor, p in i["by"].items()]
    authors = Table({
        "number": np.array([t[0] for t in told], dtype=np.int64), "actor": objects([t[1] for t in told]),
        "p": np.array([t[2] for t in told], dtype=float),
    })  # fmt: skip
    found = judge(table if incidents else EMPTY, authors, chain, notices, decisions, limits, facts)
    return [{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()} for row in found.rows()]


_one = incident()
EMPTY = Table(
    {k: np.array([_one[k]]) if not isinstance(_one[k], tuple) else objects([_one[k]]) for k in _one if k != "by"}
).take(np.zeros(1, dtype=bool))


def of(rows: Sequence[Mapping[str, Any]], actor: str = "norland", **wanted: Any) -> dict[str, Any]:
    """The one row of an actor (and of whatever else is named)."""
    found = [r for r in rows if r["actor"] == actor and all(r[k] == v for k, v in wanted.items())]
    assert len(found) == 1, f"{len(found)} rows of {actor} {wanted} among {rows}"
    return dict(found[0])


def decided(verb: str, hour: float, person: str = "p1", object_: str = "F1.1.1.1", **more: Any) -> dict[str, Any]:
    """A decision on the first finding, some hours after noon."""
    return {
        "verb": verb, "at": NOON + round(hour * HOUR), "person": person, "object": object_, "finding_id": object_,
        "params": {}, "stale": False, "number": None, **more,
    }  # fmt: skip
