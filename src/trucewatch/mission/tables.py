"""The derived tables as they leave: rows of Python values in the order and with the columns of the contract."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.mission.claim_table import ClaimTable, Names, Resolved
from trucewatch.mission.snapshot import Versions
from trucewatch.model.claims import SIGMA_PER_RADIUS
from trucewatch.model.micronats import MICRO
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Rows, Table
from trucewatch.model.vocabulary import RELATIONS, STATUSES

if TYPE_CHECKING:
    from trucewatch.linking import Linked
    from trucewatch.weighing import Weighed


def incident_id(number: int) -> str:
    """`I` and the number of the incident's earliest claim."""
    return f"I{number}"


def _null(values: Array, digits: int | None = None) -> list[Any]:
    out = [None if isinstance(v, float) and not math.isfinite(v) else v for v in values.tolist()]
    return out if digits is None else [None if v is None else round(v, digits) for v in out]


def _counts(values: Array) -> list[int | None]:
    return [None if not math.isfinite(v) else int(v) for v in values.tolist()]


def incidents_rows(incidents: Table) -> Rows:
    """Incidents by number; the ellipse holds the place with 95 %."""
    order = np.argsort(incidents["number"], kind="stable")
    t = incidents.take(order)
    major, minor, azimuth = ellipse(t["cov_ee"], t["cov_en"], t["cov_nn"])
    columns = {
        "incident_id": [incident_id(n) for n in t["number"].tolist()],
        "start": t["start"].tolist(), "end": t["end"].tolist(),
        "lat": _null(t["lat"], 5), "lon": _null(t["lon"], 5),
        "semi_major_km": _null(major, 3), "semi_minor_km": _null(minor, 3), "azimuth_deg": _null(azimuth, 1),
        "act": t["act"].tolist(), "p_act": _null(t["p_act"], 4),
        "n_claims": t["n_claims"].tolist(), "n_voices": t["n_voices"].tolist(),
        **{k: _counts(t[k]) for k in ("killed_low", "killed_high", "injured_low", "injured_high")},
        "place_of": t["place_of"].tolist(), "weapon": t["weapon"].tolist(),
    }  # fmt: skip
    return Rows(OUTPUTS["incidents"], [columns[k] for k in OUTPUTS["incidents"]])


def ellipse(ee: Array, en: Array, nn: Array) -> tuple[Array, Array, Array]:
    """Semi-axes (km) of the 95 % ellipse of a covariance and the azimuth of the major one, degrees from north."""
    mean, half = (ee + nn) / 2, np.hypot((ee - nn) / 2, en)
    azimuth = np.degrees(0.5 * np.arctan2(2 * en, nn - ee)) % 180
    scale = 1 / SIGMA_PER_RADIUS
    return (
        scale * np.sqrt(mean + half),
        scale * np.sqrt(np.maximum(mean - half, 0)),
        np.where(half < 1e-9, 0.0, azimuth),
    )


def links_rows(claims: Sequence[Versions], linked: Linked, rows: Array) -> Rows:
    """The links of those claims, by source and id."""
    order = sorted(rows.tolist(), key=lambda k: (claims[k].payload["source"], claims[k].payload["claim_id"]))
    at = np.array(order, dtype=np.int64)
    incident = linked.incident[at]
    here = incident >= 0
    ids = [incident_id(n) for n in linked.incidents["number"].tolist()]
    odds = linked.log_odds[at]
    p = np.round(1 / (1 + np.exp(-odds / MICRO)), 4)
    return Rows(
        OUTPUTS["links"],
        [
            [claims[k].payload["source"] for k in order],
            [claims[k].payload["claim_id"] for k in order],
            [ids[i] if i >= 0 else None for i in incident.tolist()],
            objects_where(here, p),
            objects_where(here, odds),
            ["decision" if d else "auto" for d in linked.by_decision[at].tolist()],
            [RELATIONS[r] for r in linked.relation[at].tolist()],
        ],
    )


def objects_where(told: Array, values: Array) -> list[Any]:
    """Python values where `told`, else None."""
    return [v if t else None for t, v in zip(told.tolist(), values.tolist(), strict=True)]


def weighing_rows(incidents: Table, weighed: Weighed, authors: Sequence[str], names: Names) -> dict[str, Rows]:
    """Assessments, authors (agreement order, then other and none) and contributions, by incident number."""
    order = np.argsort(incidents["number"], kind="stable")
    ids = [incident_id(n) for n in incidents["number"].tolist()]
    a = weighed.assessments.take(order)
    assessments = Rows(
        OUTPUTS["assessments"],
        [
            [ids[k] for k in order],
            *(_null(a[k]) for k in ("p_occurred", "p_low", "p_high", "p_drop_min", "p_drop_max", "prior_share")),
            [STATUSES[s] for s in a["status"].tolist()],
        ],
    )
    labels = [*authors, "other", "none"]
    shares = weighed.authors[order]
    author_rows = Rows(
        OUTPUTS["authors"],
        [
            [ids[k] for k in order for _ in labels],
            labels * len(order),
            [v for row in shares.tolist() for v in row],
        ],
    )
    return {
        "assessments": assessments,
        "authors": author_rows,
        "contributions": _contributions(incidents, weighed, ids, names),
    }


def _contributions(incidents: Table, weighed: Weighed, ids: Sequence[str], names: Names) -> Rows:
    c = weighed.contributions
    sources = [str(s["source"]) for s in names.source_rows]
    said = [sources[s] if s >= 0 else None for s in c["source"].tolist()]
    number = incidents["number"][c["incident"]].tolist()
    kinds, weights, reasons = c["kind"].tolist(), c["log_odds"].tolist(), c["reason"].tolist()
    order = sorted(
        range(c.n),
        key=lambda k: (number[k], _KIND_ORDER.index(kinds[k]), -abs(weights[k]), said[k] or "", reasons[k], weights[k]),
    )
    incident = c["incident"].tolist()
    return Rows(
        OUTPUTS["contributions"],
        [
            [ids[incident[k]] for k in order],
            [kinds[k] for k in order],
            [said[k] for k in order],
            [int(weights[k]) for k in order],
            [reasons[k] for k in order],
        ],
    )


_KIND_ORDER = (
    "prior", "party", "admission", "observer", "investigator", "media", "state", "witness", "other", "instrument",
    "satellite", "answer", "silence", "repeat", "averaging",
)  # fmt: skip


def claim_rows(claims: Sequence[Versions], table: ClaimTable | Resolved) -> list[dict[str, Any]]:
    """Newest versions of claims as pages need them: payload, id, known time, versions, withdrawal, resolved place."""
    out, retracted_by = [], table.retracted_by
    for k, c in enumerate(claims):
        lat, lon, radius, note = table.places[k]
        row = dict(c.payload)
        row.update(
            id=c.id, number=c.number, known_at=c.known_at, versions=[{**p, "known_at": t} for t, p in c.older],
            retracted_by=retracted_by.get(k), r_lat=lat, r_lon=lon, r_radius_km=radius, r_place_note=note,
        )  # fmt: skip
        out.append(row)
    return out
