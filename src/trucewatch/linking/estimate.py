"""Where and when an incident was: what the places and times that its own voices give have in common.

Places: product of Gaussians (inverse-variance weighting). Times: the Gaussians of stated instants, cut to what the
stated intervals share; five who say "on that day" know no more than one. Where an approved source of no side perceived
it, the words of the others move nothing, and a speaker (a side, for its sources) weighs once however often it speaks.
Sums run over voices in canonical order; denials, repeats and claims of unknown precision do not move the centre.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.claims import EARTH_KM, earth_xyz
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table
from trucewatch.model.times import SECOND
from trucewatch.model.vocabulary import PLACE_OF, STANCES

_ORIGIN = PLACE_OF.index("origin")
_OBSERVES = STANCES.index("observes")
_SQRT12 = float(np.sqrt(12.0))


def estimate(claims: Table, rows: Array, group: Array, n: int, parameters: LinkParameters) -> Table:
    """Centre of each of n incidents from its member rows (`group[k]` is the incident of `rows[k]`).

    Columns: lat, lon, cov_ee, cov_en, cov_nn (km2), t, t_sd (s), first, last (s: what one voice states, or all stated
    intervals share; NaN where several tell an instant), and the same of an origin told beside an impact (origin_lat,
    origin_lon, origin_sigma_km). NaN where no member tells; a place of unknown radius alone has NaN covariances.
    """
    p = parameters
    rows, group, share = _heard(claims, rows, group, n)
    lat, lon = claims["lat"][rows], claims["lon"][rows]
    place_of = claims["place_of"][rows]
    # An impact, a presence or an unstated place come before a place of firing, which stands for it only alone.
    told = np.isfinite(lat)
    exact = told & claims["exact"][rows]
    placed = np.where(np.bincount(group, weights=exact, minlength=n)[group] > 0, exact, told)
    impact = np.bincount(group, weights=placed & (place_of != _ORIGIN), minlength=n) > 0
    use = placed & ((place_of != _ORIGIN) | ~impact[group])
    floor = p.floor_km**2
    ee, en, nn = (np.where(exact, claims[k][rows], 0.0) for k in ("cov_ee", "cov_en", "cov_nn"))
    ee, nn = ee + floor, nn + floor
    distinct = _distinct(group, lat, lon, ee, en, nn, use)
    centre = _weighted_place(lat, lon, ee / share, en / share, nn / share, distinct, group, n)
    vague = np.bincount(group, weights=exact, minlength=n) == 0
    cov = [np.where(vague, np.nan, c) for c in centre[2:]]
    firing = np.isfinite(claims["origin_lat"][rows])
    of_origin = placed & (place_of == _ORIGIN) & impact[group]
    olat = np.where(firing, claims["origin_lat"][rows], np.where(of_origin, lat, np.nan))
    olon = np.where(firing, claims["origin_lon"][rows], np.where(of_origin, lon, np.nan))
    osigma2 = (
        np.where(firing, claims["origin_sigma_km"][rows], np.where(of_origin, claims["sigma_km"][rows], np.nan)) ** 2
    )
    zero, o2 = np.zeros(len(rows)), osigma2 + floor
    origin = _weighted_place(
        olat, olon, o2, zero, o2, _distinct(group, olat, olon, o2, zero, o2, firing | of_origin), group, n
    )
    t, t_sd, first, last = _time(claims, rows, group, n, p.floor_s, share)
    return Table({
        "lat": centre[0], "lon": centre[1], "cov_ee": cov[0], "cov_en": cov[1], "cov_nn": cov[2],
        "t": t, "t_sd": t_sd, "first": first, "last": last,
        "origin_lat": origin[0], "origin_lon": origin[1], "origin_sigma_km": np.sqrt((origin[2] + origin[4]) / 2),
    })  # fmt: skip


def _heard(claims: Table, rows: Array, group: Array, n: int) -> tuple[Array, Array, Floats]:
    """The rows that place an incident, their groups, and the share of a voice that each has.

    Where approved sources of no side perceived it, with a place of known radius, theirs alone: a party's exact words
    must not move what they saw. A speaker that is heard k times has k shares of one voice.
    """
    perceived = (claims["stance"][rows] == _OBSERVES) & claims["approved"][rows] & (claims["side"][rows] < 0)
    perceived &= claims["exact"][rows] & (claims["voice_source"][rows] == claims["source"][rows])
    settled = np.bincount(group, weights=perceived, minlength=n) > 0
    heard = perceived | ~settled[group]
    rows, group = rows[heard], group[heard]
    side = claims["side"][rows]
    speaker = np.where(side >= 0, -1 - side, claims["voice_source"][rows])
    _, inverse, count = np.unique(np.stack([group, speaker]), axis=1, return_inverse=True, return_counts=True)
    return rows, group, 1.0 / count[inverse.ravel()]


def _distinct(group: Array, *told: Array) -> Array:
    """Flag of the rows to use, each equal place of an incident once: all who name a village mean the same circle."""
    *columns, use = told
    rows = np.flatnonzero(use)
    keys = np.stack([group[rows].astype(float), *(np.nan_to_num(c[rows]) for c in columns)], axis=1)
    out = np.zeros(use.size, dtype=bool)
    out[rows[np.unique(keys, axis=0, return_index=True)[1]]] = True
    return out


def _time(
    claims: Table, rows: Array, group: Array, n: int, floor_s: float, share: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and standard deviation, and what the intervals share or the one voice states, as unix seconds.

    Instants: product of their Gaussians, N(m, s2). Intervals: uniform on their intersection [a, b], blurred by the
    sharpest edge. Both: N(m, s2) cut to [a, b] (mean and variance of a truncated normal). Where the intervals share
    nothing, or the instants lie far outside, all count as Gaussians.
    """
    slop, length, t = claims["t_slop"][rows], claims["t_length"][rows], claims["t"][rows]
    every = _gaussian(t, (claims["t_sd"][rows] ** 2 + floor_s**2) / share, np.ones(t.size, dtype=bool), group, n)
    instant = length == 0
    m, s = _gaussian(t, (slop**2 + floor_s**2) / share, instant, group, n)
    a, b = np.full(n, -np.inf), np.full(n, np.inf)
    np.maximum.at(a, group[~instant], (t - length / 2)[~instant])
    np.minimum.at(b, group[~instant], (t + length / 2)[~instant])
    edge = np.full(n, np.inf)
    np.minimum.at(edge, group[~instant], slop[~instant])
    bounded, pointed = np.isfinite(a) & np.isfinite(b), np.isfinite(m)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        flat = (a + b) / 2, np.hypot((b - a) / _SQRT12, np.where(np.isfinite(edge), edge, 0.0))
        low, high = (a - m) / s, (b - m) / s
        cut = _truncated(m, s, low, high)
        agree = (b > a) & (~pointed | ((low < 3) & (high > -3)))
        mean = np.where(bounded & pointed, cut[0], np.where(pointed, m, flat[0]))
        sd = np.where(bounded & pointed, cut[1], np.where(pointed, s, flat[1]))
    agree |= ~bounded
    mean, sd = np.where(agree, mean, every[0]), np.where(agree, np.maximum(sd, floor_s), every[1])
    shared = bounded & ~pointed & agree
    first, last = (np.where(shared, np.rint(x), np.nan) for x in (a, b))
    alone = np.bincount(group, minlength=n)[group] == 1
    first[group[alone]], last[group[alone]] = (claims[k][rows[alone]] / SECOND for k in ("start", "end"))
    return mean, sd, first, last


def _gaussian(t: Floats, variance: Floats, use: Array, group: Array, n: int) -> tuple[Floats, Floats]:
    precision = np.bincount(group[use], weights=1 / variance[use], minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group[use], weights=t[use] / variance[use], minlength=n) / precision
        return np.where(precision > 0, mean, np.nan), np.where(precision > 0, np.sqrt(1 / precision), np.nan)


def _truncated(m: Floats, s: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of N(m, s2) cut to [m + low s, m + high s]."""
    share = np.maximum(ndtr(high) - ndtr(low), 1e-12)
    root = 1 / np.sqrt(2 * np.pi)
    at_low, at_high = (np.where(np.isfinite(x), root * np.exp(-0.5 * x * x), 0.0) for x in (low, high))
    shift = (at_low - at_high) / share
    edges = (np.where(np.isfinite(low), low, 0.0) * at_low - np.where(np.isfinite(high), high, 0.0) * at_high) / share
    return m + s * shift, s * np.sqrt(np.clip(1 + edges - shift**2, 1e-4, 1.0))


def _weighted_place(
    lat: Floats, lon: Floats, ee: Floats, en: Floats, nn: Floats, use: Array, group: Array, n: int
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Inverse-covariance mean in the tangent plane at the plain mean of the members; covariances in km2."""
    use = use & np.isfinite(lat)
    lat, lon, ee, en, nn, group = (v[use] for v in (lat, lon, ee, en, nn, group))
    x, y, z = (np.bincount(group, weights=v, minlength=n) for v in earth_xyz(lat, lon))
    none = np.bincount(group, minlength=n) == 0
    ref_lat = np.degrees(np.arctan2(z, np.hypot(x, y)))
    ref_lon = np.degrees(np.arctan2(y, x))
    km = np.radians(1.0) * EARTH_KM
    east = ((lon - ref_lon[group] + 180) % 360 - 180) * km * np.cos(np.radians(ref_lat[group]))
    north = (lat - ref_lat[group]) * km
    det = ee * nn - en**2
    pee, pen, pnn = nn / det, -en / det, ee / det
    see, sen, snn, be, bn = (
        np.bincount(group, weights=v, minlength=n)
        for v in (pee, pen, pnn, pee * east + pen * north, pen * east + pnn * north)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        d = see * snn - sen**2
        cee, cen, cnn = snn / d, -sen / d, see / d
        e, nth = cee * be + cen * bn, cen * be + cnn * bn
        out_lat = ref_lat + nth / km
        out_lon = (ref_lon + e / (km * np.cos(np.radians(ref_lat))) + 180) % 360 - 180
    blank = np.full(n, np.nan)
    return tuple(np.where(none, blank, v) for v in (out_lat, out_lon, cee, cen, cnn))  # type: ignore[return-value]
