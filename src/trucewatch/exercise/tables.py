"""The exercise as contract tables: columns of cells as text, in the interchange format (design 4)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.land import DISTRICT, Floats, Land, to_degrees
from trucewatch.exercise.observers import WATCHES, Watch
from trucewatch.exercise.pile import Array, Rows
from trucewatch.exercise.wording import sentences

ZONE = "Etc/GMT-5"  # the invented land keeps five hours east of Greenwich, all year
OFFSET = "+05:00"
BEGIN = int(datetime(2024, 5, 6, tzinfo=UTC).timestamp()) - 5 * 3600  # local midnight of the first day
Cells = Mapping[str, Sequence[str]]


def stamp(seconds: Array) -> list[str]:
    """Local RFC 3339 times of seconds since the first midnight; NaN = empty."""
    known = np.isfinite(seconds)
    local = np.where(known, np.rint(np.where(known, seconds, 0)), 0).astype(np.int64) + BEGIN + 5 * 3600
    text = np.datetime_as_string(local.astype("datetime64[s]"))
    return [t + OFFSET if k else "" for t, k in zip(text.tolist(), known.tolist(), strict=True)]


def number(values: Array, digits: int) -> list[str]:
    """Decimal numbers, NaN = empty, no trailing zeros."""
    return [
        "" if v != v else f"{v:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{v:.0f}" for v in values.tolist()
    ]


def word(codes: Array, words: Sequence[str]) -> list[str]:
    """Words of positions; below 0 = empty."""
    table = [*words, ""]
    return [table[k] if k >= 0 else "" for k in codes.tolist()]


def degrees(x: Floats, y: Floats) -> tuple[list[str], list[str]]:
    """Latitude and longitude cells."""
    lat, lon = to_degrees(x, y)
    return number(lat, 5), number(lon, 5)


def named_claims(rows: Rows) -> list[str]:
    """Claim ids: numbered by source in the order of publication; a new version bears the id of the first."""
    order = np.lexsort([rows["uid"], rows["published"], rows["source"]])
    source = rows["source"][order]
    own = rows["version_of"][order] < 0
    counted = np.cumsum(own)
    start = np.searchsorted(source, source)
    before = np.concatenate([[0], counted])[start]
    ids = np.empty(source.size, dtype=np.int64)
    ids[order] = counted - before
    first = {int(u): k for k, u in enumerate(rows["uid"].tolist())} if (rows["version_of"] >= 0).any() else {}
    out = [f"{n:05d}" for n in ids.tolist()]
    for k in np.flatnonzero(rows["version_of"] >= 0).tolist():
        out[k] = out[first[int(rows["version_of"][k])]]
    return out


def claim_cells(rows: Rows, ids: Sequence[str], land: Land) -> dict[str, list[str]]:
    """All columns of claims that the exercise fills."""
    sources = [s.id for s in c.SOURCES]
    source = word(rows["source"], sources)
    at = np.full(int(rows["uid"].max(initial=-1)) + 1, -1)
    at[rows["uid"]] = np.arange(rows["uid"].size)

    def refer(column: str, own: bool) -> list[str]:
        out = [""] * rows["uid"].size
        for k in np.flatnonzero(rows[column] >= 0).tolist():
            j = int(at[rows[column][k]])
            out[k] = ids[j] if own else f"{source[j]}/{ids[j]}"
        return out

    lat, lon = degrees(rows["x"], rows["y"])
    olat, olon = degrees(rows["origin_x"], rows["origin_y"])
    obs_lat, obs_lon = degrees(rows["obs_x"], rows["obs_y"])
    named = [
        land.names[max(n, 0)][p] if p >= 0 else ""
        for n, p in zip(rows["namer"].tolist(), rows["place"].tolist(), strict=True)
    ]
    text = sentences(rows, land.names)
    return {
        "claim_id": list(ids), "source": source, "published": stamp(rows["published"]),
        "stance": word(rows["stance"], c.STANCES),
        "act": word(rows["act"], c.ACTS), "start": stamp(rows["start"]), "end": stamp(rows["end"]),
        "time_sd_min": number(rows["time_sd_min"], 1), "lat": lat, "lon": lon,
        "radius_km": number(rows["radius_km"], 1),
        "place": named, "place_of": word(rows["place_of"], c.PLACE_OF), "origin_lat": olat, "origin_lon": olon,
        "origin_radius_km": number(rows["origin_radius_km"], 1), "means": word(rows["means"], c.MEANS),
        "obs_lat": obs_lat, "obs_lon": obs_lon, "bearing_deg": number(rows["bearing_deg"], 1),
        "bearing_sd_deg": number(rows["bearing_sd_deg"], 1), "range_km_low": number(rows["range_km_low"], 1),
        "range_km_high": number(rows["range_km_high"], 1), "accused": word(rows["accused"], c.ACTORS),
        "weapon": word(rows["weapon"], c.WEAPONS), "count_low": number(rows["count_low"], 0),
        "count_high": number(rows["count_high"], 0), "unit": word(rows["unit"], c.UNITS),
        "killed_low": number(rows["killed_low"], 0), "killed_high": number(rows["killed_high"], 0),
        "injured_low": number(rows["injured_low"], 0), "injured_high": number(rows["injured_high"], 0),
        "who": word(rows["who"], c.WHO), "cumulative": word(np.where(rows["cumulative"] > 0, 0, -1), ("true",)),
        "responds_to": refer("responds_to", own=False), "retracts": refer("retracts", own=True),
        "origin": word(rows["origin"], sources), "lang": ["en" if t else "" for t in text], "text": text,
    }  # fmt: skip


def source_cells() -> dict[str, list[str]]:
    """The voices of the exercise."""
    return {
        "source": [s.id for s in c.SOURCES], "name": [f"{s.name} (EXERCISE)" for s in c.SOURCES],
        "role": [s.role for s in c.SOURCES],
        "party": [c.PARTIES[s.side] if s.side >= 0 else "" for s in c.SOURCES],
        "parent": [c.SOURCES[s.parent].id if s.parent >= 0 else "" for s in c.SOURCES], "tz": [ZONE] * len(c.SOURCES),
        "handling": [s.handling for s in c.SOURCES],
        "approved_by": ["exercise" if s.approved else "" for s in c.SOURCES],
    }  # fmt: skip


def coverage_cells(watch: Watch) -> dict[str, list[str]]:
    """What the mission and its instruments could see."""
    n = watch.kind.size
    lat, lon = degrees(watch.x, watch.y)
    rows = [WATCHES[k] for k in watch.kind.tolist()]
    return {
        "source": word(watch.source, [s.id for s in c.SOURCES]), "start": stamp(watch.start), "end": stamp(watch.end),
        "lat": lat, "lon": lon, "radius_km": number(watch.radius_km, 1), "acts": [r.acts for r in rows],
        "means": [r.means for r in rows], "detection": [f"{r.detection:g}" for r in rows],
        "false_alarm": [f"{r.false_alarm:g}" for r in rows],
        "mode": ["tasked" if t else "routine" for t in watch.tasked.tolist()] if n else [],
    }  # fmt: skip


def restriction_cells(rows: Rows) -> dict[str, list[str]]:
    """Where patrols were turned back."""
    lat, lon = degrees(rows["x"], rows["y"])
    kinds = ("denied", "delayed", "weather")
    words = (
        "EXERCISE. The patrol was not let through.",
        "EXERCISE. The patrol waited for hours.",
        "EXERCISE. Fog on the road.",
    )
    return {
        "source": ["mission"] * len(lat), "start": stamp(rows["start"]), "end": stamp(rows["end"]), "lat": lat,
        "lon": lon,
        "radius_km": number(rows["radius_km"], 1), "by": word(rows["by"], c.ACTORS), "kind": word(rows["kind"], kinds),
        "text": word(rows["kind"], words),
    }  # fmt: skip


def notice_cells(rows: Rows) -> dict[str, list[str]]:
    """Announced exercises and blasts."""
    lat, lon = degrees(rows["x"], rows["y"])
    kinds = ("exercise", "demining")
    words = ("EXERCISE. Live firing on a range.", "EXERCISE. Controlled blasts.")
    return {
        "by": word(rows["by"], c.ACTORS), "start": stamp(rows["start"]), "end": stamp(rows["end"]), "lat": lat,
        "lon": lon,
        "radius_km": number(rows["radius_km"], 1), "kind": word(rows["kind"], kinds), "text": word(rows["kind"], words),
        "published": stamp(rows["published"]),
    }  # fmt: skip


def place_cells(land: Land) -> dict[str, list[str]]:
    """The gazetteer: every place under both sides' names, the side that holds it first."""
    lat, lon = degrees(land.x, land.y)
    own = [land.names[s][k] for k, s in enumerate(land.side.tolist())]
    other = [land.names[1 - s][k] for k, s in enumerate(land.side.tolist())]
    return {
        "geonameid": [f"x{k + 1}" for k in range(len(own))], "name": own, "latitude": lat, "longitude": lon,
        "alternatenames": [b if a != b else "" for a, b in zip(own, other, strict=True)],
        "population": [str(p) if k != DISTRICT else "" for p, k in zip(land.population.tolist(), land.kind.tolist(),
                strict=True)],
        "radius_km": number(land.radius_km, 1), "status": ["invented"] * len(own),
    }  # fmt: skip


def write(path: Path, cells: Cells) -> Path:
    """One CSV file, columns that hold nothing left out but the required ones at the front."""
    kept = {name: column for k, (name, column) in enumerate(cells.items()) if k < 6 or any(column)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(kept)
        out.writerows(zip(*kept.values(), strict=True))
    return path
