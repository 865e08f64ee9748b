"""What comes by itself: observers who watched the place and mostly report later than this.

A monitor's daily report of tomorrow may settle tonight's allegation without a visit; what it is expected to tell is no
reason to send a team today.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from trucewatch.model.table import Array, Table
from trucewatch.model.times import SECOND
from trucewatch.model.vocabulary import STANCES
from trucewatch.planning.supposing import Ground
from trucewatch.weighing.coverage import perceives, shares_held

_OBSERVES = STANCES.index("observes")
_FEWEST = 5  # reports of a source from which its delays are known
_DELAY_S = 4 * 86_400.0  # reports later than that are exceptions, and not waited for


def awaited(ground: Ground, incidents: Iterable[int], now: int) -> dict[int, float]:
    """Chance for each incident that an observer whose coverage held it, and who has not spoken, still reports it if it
    happened: detection x P(inside the coverage) x share of its reports that come later than `now` (us), the greatest
    over observers."""
    t, coverage = ground.incidents, ground.coverage
    out = dict.fromkeys(incidents, 0.0)
    fresh = np.array([i for i in out if now / SECOND - t["t_mean_s"][i] < _DELAY_S and np.isfinite(t["lat"][i])], int)
    if not fresh.size or not coverage.n:
        return out
    spoke = _spoke(ground)
    reach = 3 * t["t_sd_s"][fresh]
    a, b = np.nonzero(
        (coverage["start"][:, None] <= (t["t_mean_s"][fresh] + reach)[None])
        & (coverage["end"][:, None] >= (t["t_mean_s"][fresh] - reach)[None])
    )
    row, at = a, fresh[b]
    acts = t["act"].tolist()
    able = np.array([
        (i, int(coverage["source"][k])) not in spoke and perceives(coverage, k, acts[i])
        for k, i in zip(row.tolist(), at.tolist(), strict=True)
    ], dtype=bool)  # fmt: skip
    row, at = row[able], at[able]
    held = coverage["detection"][row] * shares_held(t, coverage, row, at) if row.size else np.zeros(0)
    delays = {s: _delays(ground.claims, s) for s in set(coverage["source"].tolist())}
    for k, i, chance in zip(row.tolist(), at.tolist(), held.tolist(), strict=True):
        later = delays[int(coverage["source"][k])]
        age = now / SECOND - float(t["t_mean_s"][i])
        share = float((later > age).mean()) if later.size >= _FEWEST else 0.0
        out[i] = max(out[i], round(chance * share, 9))
    return out


def _spoke(ground: Ground) -> set[tuple[int, int]]:
    """Incident and source of every voice."""
    return set(zip(ground.incident.tolist(), ground.claims["voice_source"].tolist(), strict=True))


def _delays(claims: Table, source: int) -> Array:
    """Seconds from what a source perceived to when it was known."""
    mine = (claims["source"] == source) & (claims["stance"] == _OBSERVES)
    delays = claims["known"][mine] / SECOND - claims["t"][mine]
    return np.asarray(delays[(delays >= 0) & (delays < _DELAY_S)])


__all__ = ["awaited"]
