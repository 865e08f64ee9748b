"""Claims while they are made: parallel arrays in the generator's own units, joined once at the end.

Times are seconds since the first local midnight of the exercise,
places km in the plane of `land`; NaN or -1 = not told.
Codes are positions in the lists of `codes`. Rows refer to each other by `uid`,
which a claim keeps when rows are sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rows = dict[str, Array]

FLOATS = (
    "published", "start", "end", "time_sd_min", "x", "y", "radius_km", "origin_x", "origin_y", "origin_radius_km",
    "obs_x", "obs_y", "bearing_deg", "bearing_sd_deg", "range_km_low", "range_km_high", "count_low", "count_high",
    "killed_low", "killed_high", "injured_low", "injured_high",
)  # fmt: skip
CODES = (
    "uid", "story", "source", "stance", "act", "place", "namer", "place_of", "means", "accused", "weapon", "unit",
    "who",
    "cumulative", "origin", "responds_to", "retracts", "version_of", "copy_of", "form", "text_of",
)  # fmt: skip


class Pile:
    """Blocks of claims in the order in which they were made."""

    def __init__(self) -> None:
        self.blocks: list[Rows] = []
        self.n = 0

    def add(self, count: int, **columns: Any) -> Rows:
        """Add `count` claims; scalars hold for all of them, columns not given are not told. Returns all columns."""
        unknown = set(columns) - set(FLOATS) - set(CODES)
        if unknown:
            raise ValueError(f"claims have no columns {sorted(unknown)}")
        rows: Rows = {}
        for name in FLOATS:
            rows[name] = np.broadcast_to(np.asarray(columns.get(name, np.nan), dtype=np.float64), (count,)).copy()
        for name in CODES:
            rows[name] = np.broadcast_to(np.asarray(columns.get(name, -1), dtype=np.int64), (count,)).copy()
        rows["uid"] = self.n + np.arange(count)
        rows["text_of"] = np.where(rows["text_of"] < 0, rows["uid"], rows["text_of"])
        self.blocks.append(rows)
        self.n += count
        return rows

    def joined(self) -> Rows:
        """All claims as one set of columns."""
        return {name: np.concatenate([b[name] for b in self.blocks]) for name in (*FLOATS, *CODES)}


def take(rows: Mapping[str, Array], which: Array) -> Rows:
    """Some rows."""
    return {name: values[which] for name, values in rows.items()}


def repeated(rows: Mapping[str, Array], **changed: Any) -> Rows:
    """Columns for claims that repeat `rows`, with some replaced; what belongs to one claim alone is dropped."""
    own = {"uid", "responds_to", "retracts", "version_of"}
    return {**{k: v for k, v in rows.items() if k not in own}, **changed}
