"""Weights and limits of linking: score.yaml and the newest fit, as one immutable value with integer weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from trucewatch.model.micronats import MICRO, Floats, from_nats

_PER_KM2_S = 1.0 / 1000.0 / 86_400.0  # fits count per 1,000 km2 and day
_CELL_DEG = 0.5
_WEIGHTS = {"act", "accused", "source", "harm"}  # groups of score.yaml that hold nats


@dataclass(frozen=True, slots=True)
class ActWeights:
    """Weights of two acts by how they relate, micro-nats. `unknown`: the code of an explosion of unknown kind, which
    any act but the `silent_acts` may have sounded like."""

    same: int
    vague: int
    kin: int
    accompanies: int
    explosion: int
    silent: int
    sibling: int
    other: int
    unknown: str
    silent_acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkParameters:
    """Everything that linking needs to know besides claims. Weights are micro-nats, lengths km, times seconds."""

    further_claims: float
    unseen_share: float
    density_cell_km: float
    density_slot_s: float
    density_shrink: float
    density_most: int
    density_step: float
    floor_km: float
    space_spread: float
    dimension: float
    reach_km: float
    origin_impact_km: float
    unknown_radius_km: float
    floor_s: float
    time_spread: float
    acts: ActWeights
    accused_same: int
    accused_other: int
    accused_reciprocal: int
    same_bulletin: int
    same_source: int
    observer_bulletin: int
    observer_source: int
    harm_same: int
    harm_near: int
    harm_other: int
    harm_one: int
    sharp_sigma_km: float
    sharp_sd_s: float
    floor: int
    merge: int
    clip: int
    attach: int
    component_cap: int
    jaccard: float
    jaccard_observed: float
    shingle: int
    claim_density: float  # per km2 and second
    incident_density: float  # per km2 and second
    cells: Mapping[str, float]
    act_share: Mapping[str, float]

    def log_density(self, lat: Floats, lon: Floats) -> Floats:
        """Natural log of the fit's density of claims (per km2 and s) at each place; the global one where unknown."""
        out = np.full(lat.shape, math.log(self.claim_density))
        if not self.cells:
            return out
        known = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
        row, column = (np.floor(x[known] / _CELL_DEG).astype(np.int64) for x in (lat, lon))
        cells, inverse = np.unique(np.stack([row, column], axis=1), axis=0, return_inverse=True)
        rate = np.array([self.cells.get(f"{r}:{c}", 0.0) for r, c in cells.tolist()])
        fitted = rate[inverse.ravel()]
        out[known[fitted > 0]] = np.log(fitted[fitted > 0] * _PER_KM2_S)
        return out


def cell_name(lat: float, lon: float) -> str:
    """Name of the half-degree cell of a place, as fits write it."""
    return f"{math.floor(lat / _CELL_DEG)}:{math.floor(lon / _CELL_DEG)}"


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    text = files("trucewatch.linking").joinpath("score.yaml").read_text(encoding="utf-8")
    raw: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(text)
    return {f"{group}.{name}": row["value"] for group, rows in raw.items() for name, row in rows.items()}


def parameters(fit: Mapping[str, Any]) -> LinkParameters:
    """Parameters under a fit (the newest fit record's payload, or the shipped one)."""
    v = _shipped()
    nats = {k: from_nats(float(x)) for k, x in v.items() if k.split(".")[0] in _WEIGHTS}
    return LinkParameters(
        further_claims=v["prior.further_claims"],
        unseen_share=v["prior.unseen_share"],
        density_cell_km=v["density.cell_km"],
        density_slot_s=v["density.slot_h"] * 3600.0,
        density_shrink=v["density.shrink"],
        density_most=v["density.most"],
        density_step=v["density.step_nats"],
        floor_km=v["space.floor_km"],
        space_spread=v["space.spread"],
        dimension=v["space.dimension"],
        reach_km=v["space.reach_km"],
        origin_impact_km=v["space.origin_impact_km"],
        unknown_radius_km=v["space.unknown_radius_km"],
        floor_s=v["time.floor_s"],
        time_spread=v["time.spread"],
        acts=ActWeights(
            **{name.removeprefix("act."): weight for name, weight in nats.items() if name.startswith("act.")},
            unknown=v["sound.unknown"],
            silent_acts=tuple(v["sound.silent"]),
        ),
        accused_same=nats["accused.same"],
        accused_other=nats["accused.other"],
        accused_reciprocal=nats["accused.reciprocal"],
        same_bulletin=nats["source.same_bulletin"],
        same_source=nats["source.same"],
        observer_bulletin=nats["source.observer_bulletin"],
        observer_source=nats["source.observer"],
        harm_same=nats["harm.same"],
        harm_near=nats["harm.near"],
        harm_other=nats["harm.other"],
        harm_one=nats["harm.one"],
        sharp_sigma_km=v["limits.sharp_sigma_km"],
        sharp_sd_s=v["limits.sharp_sd_min"] * 60.0,
        floor=from_nats(v["limits.floor"]),
        merge=from_nats(v["limits.merge"]),
        clip=int(v["limits.clip"] * MICRO),
        attach=from_nats(v["limits.attach"]),
        component_cap=v["limits.component_cap"],
        jaccard=v["copies.jaccard"],
        jaccard_observed=v["copies.jaccard_observed"],
        shingle=v["copies.shingle"],
        claim_density=fit["claims_per_1000_km2_day"] * _PER_KM2_S,
        incident_density=fit["incidents_per_1000_km2_day"] * _PER_KM2_S,
        cells=fit.get("cells") or {},
        act_share=fit.get("act_share") or {},
    )
