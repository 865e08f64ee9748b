"""The truth of an exercise as tables: what happened, which claim speaks of what, what broke which term.

Only the score reads them. Event ids are `E` and the story's number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from trucewatch.exercise import codes as c
from trucewatch.exercise.events import KIND, KINDS, Stories
from trucewatch.exercise.land import Land
from trucewatch.exercise.noise import DAY, HOUR
from trucewatch.exercise.observers import PASS, Watch, met
from trucewatch.exercise.pile import Array, Rows
from trucewatch.exercise.tables import Cells, degrees, number, stamp, word

IN_FORCE = 12 * HOUR  # as in agreement.yaml
WITHDRAWAL_BEGUN = 2 * DAY  # as the decision of the exercise says
DUE = WITHDRAWAL_BEGUN + 5 * DAY
DRONE_BELT_KM = 5.0
# Term 3 of agreement.yaml, under the reading "over 82 mm".
KEEPS_AWAY_KM = {"mortar.120mm": 15.0, "tank.t72": 15.0, "artillery.122mm": 25.0, "artillery.152mm": 25.0,
                 "artillery.d30": 25.0, "mlrs.bm21": 35.0, "mlrs.uragan": 35.0}  # fmt: skip


def event_name(story: int) -> str:
    """The id of a story in the tables of truth."""
    return f"E{story + 1}"


def event_cells(stories: Stories, watch: Watch) -> Cells:
    """Every story: whether it occurred, who did it, whether it was lawful, where and when; `covered`: somebody could
    have perceived it where and when it was."""
    s = stories.columns
    n = stories.n
    lat, lon = degrees(s["x"], s["y"])
    olat, olon = degrees(s["origin_x"], s["origin_y"])
    return {
        "event_id": [event_name(k) for k in range(n)], "kind": word(s["kind"], KINDS),
        "occurred": _flags(s["occurred"]),
        "lawful": _flags(s["lawful"]), "author": word(s["author"], c.ACTORS), "blamed": word(s["side"], c.ACTORS),
        "act": word(s["act"], c.ACTS), "start": stamp(s["t"]), "end": stamp(s["t"] + np.nan_to_num(s["length"])),
        "lat": lat, "lon": lon, "origin_lat": olat, "origin_lon": olon, "weapon": word(s["weapon"], c.WEAPONS),
        "killed": number(s["killed"], 0), "injured": number(s["injured"], 0),
        "cause": [event_name(k) if k >= 0 else "" for k in s["cause"].tolist()],
        "covered": _flags(covered(stories, watch)),
    }  # fmt: skip


def _flags(values: Array) -> list[str]:
    return ["true" if v else "false" for v in values.tolist()]


def covered(stories: Stories, watch: Watch) -> Array:
    """Whether each story lay inside some watch on the ground while it lasted."""
    row, story = met(stories, watch)
    out = np.zeros(stories.n, dtype=bool)
    out[story[watch.kind[row] != PASS]] = True
    return out


def claim_cells(rows: Rows, ids: list[str]) -> Cells:
    """Which event each claim speaks of (empty: no single one), and how. Versions of one claim are one row."""
    own = np.flatnonzero(rows["version_of"] < 0)
    repeats = rows["copy_of"][own] >= 0
    stance = rows["stance"][own]
    relation = np.select([repeats, stance == c.DENIES, stance == c.ADMITS], [3, 1, 2], 0)
    return {
        "source": word(rows["source"][own], [s.id for s in c.SOURCES]), "claim_id": [ids[k] for k in own.tolist()],
        "event_id": [event_name(k) if k >= 0 else "" for k in rows["story"][own].tolist()],
        "relation": word(relation, ("supports", "denies", "admits", "repeats")),
    }  # fmt: skip


def violation_cells(stories: Stories, land: Land) -> Cells:
    """What broke which term, and who answers for it; `reading`: only where the text is so read."""
    found: list[tuple[int, str, int, str]] = []
    for k in _breaches(stories, stories["act"] <= c.FIRE):
        found.append(_row(stories, k, "1"))
    flown = np.abs(_away(stories["x"], stories["y"], land, 0)) <= DRONE_BELT_KM
    for k in _breaches(stories, (stories["act"] == c.UAV_FLIGHT) & flown):
        found.append(_row(stories, k, "2"))
    for k in _too_near(stories, land):
        found.append(_row(stories, k, "3"))
    return {
        "event_id": [event_name(f[0]) for f in found], "term": [f[1] for f in found],
        "actor": [c.ACTORS[f[2]] for f in found], "reading": [f[3] for f in found],
    }  # fmt: skip


def _row(stories: Stories, k: int, term: str) -> tuple[int, str, int, str]:
    author = int(stories["author"][k])
    return k, term, author % 2, "militias=answered_for" if author >= 2 else ""


def _breaches(stories: Stories, which: Array) -> list[int]:
    s = stories.columns
    broken = which & s["occurred"] & ~s["lawful"] & (s["author"] >= 0) & (s["t"] >= IN_FORCE)
    rows: list[int] = np.flatnonzero(broken & (s["kind"] != KIND["fire"])).tolist()
    return rows


def _too_near(stories: Stories, land: Land) -> list[int]:
    """Weapons that stand, or have fired, nearer to the own baseline than they may once the withdrawal is due."""
    s = stories.columns
    keeps = np.array([KEEPS_AWAY_KM.get(w, 0.0) for w in c.WEAPONS] + [0.0])[s["weapon"]]
    stands = s["act"] == c.WEAPONS_SEEN
    x, y = np.where(stands, s["x"], s["origin_x"]), np.where(stands, s["y"], s["origin_y"])
    possible = s["occurred"] & (keeps > 0) & np.isfinite(x) & (s["t"] >= DUE) & (s["author"] >= 0)
    out = []
    for k in np.flatnonzero(possible).tolist():
        side = int(s["author"][k]) % 2
        if float(_away(x[k : k + 1], y[k : k + 1], land, side)[0]) < keeps[k]:
            out.append(k)
    return out


def _away(x: Any, y: Any, land: Land, baseline: int) -> Any:
    """Distance from the actual (0, Talvenia's baseline) or the agreed line (1, Corrand's), km."""
    return shapely.distance(land.shapes[baseline], shapely.points(np.nan_to_num(x), np.nan_to_num(y)))


__all__ = ["DUE", "IN_FORCE", "WITHDRAWAL_BEGUN", "claim_cells", "covered", "event_cells", "violation_cells"]
