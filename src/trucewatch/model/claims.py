"""The claim table that linking and weighing take: newest versions of claims as numpy columns, names already as codes.

| column | what |
|---|---|
| `number` | number among first versions in the order of intake; decides nothing but ids |
| `published`, `known` | microseconds |
| `stance`, `means`, `place_of`, `role` | positions in `model.vocabulary`; -1 = unknown |
| `act`, `act_kind` | object, taxonomy code; small integer for its first part (`fire`, `movement`, ...) |
| `t`, `t_sd` | middle and standard deviation of the stated time, unix seconds |
| `t_length`, `t_slop` | length of the stated interval (0 = instant), blur of its edges or of the instant, seconds |
| `start`, `end` | stated interval, microseconds; end = start for an instant |
| `lat`, `lon`, `x`, `y`, `z` | place, degrees and earth-centred km; NaN = unknown |
| `sigma_km` | standard deviation of the place along one axis; NaN = unknown |
| `cov_ee`, `cov_en`, `cov_nn` | its covariance east/north, km2 |
| `exact` | the radius was told: the claim may merge, not only support |
| `origin_lat`, `origin_lon`, `origin_sigma_km` | place of firing, where told beside the place of impact |
| `source`, `side` | source index; aligned actor index or -1 |
| `voice_source` | the source whose voice it is: `origin` where told, else its own |
| `origin`, `parent` | source index that it repeats (told) or that its source copies from (declared), or -1 |
| `approved` | the speaker is approved as independent |
| `accused`, `victim` | actor index; -1 none; below -1: `other:WORDS` |
| `weapon` | object, code or words or None |
| `killed_low` ... `injured_high` | float, NaN = unknown |
| `cumulative`, `retracted` | flags |
| `responds_to` | row in this table, or -1 |
| `text` | object, words with every name of a party and of its sources replaced by one token, or None |
| `handling` | position in vocabulary |
| `ref` | object, claim id and source; the last resort of an order, see `canonical_order` |
"""

from __future__ import annotations

import numpy as np

from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table

EARTH_KM = 6371.0088
SIGMA_PER_RADIUS = 1.0 / 2.4477468306808166  # a 95 % circle of a round Gaussian: sqrt(-2 ln .05)


def earth_xyz(lat: Floats, lon: Floats) -> tuple[Floats, Floats, Floats]:
    """Earth-centred coordinates in km on the mean sphere: no pole, no date line."""
    phi, lam = np.radians(lat), np.radians(lon)
    c = np.cos(phi)
    return EARTH_KM * c * np.cos(lam), EARTH_KM * c * np.sin(lam), EARTH_KM * np.sin(phi)


_CONTENT = (
    "origin_sigma_km", "origin_lon", "origin_lat", "injured_high", "injured_low", "killed_high", "killed_low", "t_slop",
    "cov_nn", "cov_en", "cov_ee", "sigma_km", "lon", "lat",
)  # fmt: skip


def canonical_order(claims: Table, rows: Array | None = None) -> Array:
    """Order of the claims (of `rows`, as positions in it) by content that holds no names (laws L3, L11).

    Claims alike in all of it stand by claim id and source, which stay what they are when two parties are exchanged.
    """
    at: Array | slice = slice(None) if rows is None else rows
    keys: list[Array] = [np.nan_to_num(claims[name][at].astype(np.float64), nan=-1e9) for name in _CONTENT]
    keys += [claims[name][at] for name in ("role", "approved", "place_of", "means", "stance")]
    keys += [np.unique(claims["act"][at].astype(str), return_inverse=True)[1]]
    keys += [claims[name][at] for name in ("end", "start", "published")]
    order = np.lexsort(keys)
    tied = np.ones(max(order.size - 1, 0), dtype=bool)
    for key in keys:
        tied &= key[order[1:]] == key[order[:-1]]
    return _by_id(order, tied, claims["ref"][at]) if tied.any() else order


def _by_id(order: Array, tied: Array, ids: Array) -> Array:
    """The order with each run of tied rows sorted by id; `tied[k]`: row k + 1 is alike to row k."""
    run = np.concatenate([[0], np.cumsum(~tied)])
    size = np.bincount(run)
    for r in np.flatnonzero(size > 1).tolist():
        begin = int(np.searchsorted(run, r))
        part = order[begin : begin + size[r]]
        order[begin : begin + size[r]] = sorted(part.tolist(), key=lambda k: str(ids[k]))
    return order
