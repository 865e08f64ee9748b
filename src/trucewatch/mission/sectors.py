"""The named areas of a mission, and the one that stands for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.mission import gaps
from trucewatch.model.table import Array

if TYPE_CHECKING:
    from trucewatch.mission.context import Context

ALL = "all"


def sectors_of(context: Context, lon: Array, lat: Array) -> dict[str, Any]:
    """Sectors by name (shapely, lon and lat). A mission without any has the one sector `all`: the agreements' zones,
    else a hull of what is told (`lon`, `lat`) and of coverage."""
    named = dict(context.mission.sectors)
    if named:
        return named
    areas = [z.geometry for z in context.mission.zones.values() if z.geometry is not None and z.geometry.area > 0]
    if areas:
        import shapely

        return {ALL: shapely.union_all(areas)}
    circles = [c for c in context.coverage if "lon" in c]
    area = gaps.hull(
        np.concatenate([lon, np.array([c["lon"] for c in circles], dtype=float)]),
        np.concatenate([lat, np.array([c["lat"] for c in circles], dtype=float)]),
    )
    return {} if area is None else {ALL: area}
