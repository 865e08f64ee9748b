"""Where and when an incident was: precision-weighted means of the places and times that its own voices give.

Product of Gaussians (inverse-variance weighting). Sums run over voices in canonical order, one voice once; denials,
repeats and claims of unknown precision do not move the centre.
"""

from __future__ import annotations

import numpy as np

from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.claims import EARTH_KM, earth_xyz
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import PLACE_OF

_ORIGIN = PLACE_OF.index("origin")


def estimate(claims: Table, rows: Array, group: Array, n: int, parameters: LinkParameters) -> Table:
    """Centre of each of n incidents from its member rows (`group[k]` is the incident of `rows[k]`).

    Columns: lat, lon, cov_ee, cov_en, cov_nn (km2), t, t_sd (s), and the same of an origin told beside an impact
    (origin_lat, origin_lon, origin_sigma_km). NaN where no member tells.
    """
    p = parameters
    lat, lon = claims["lat"][rows], claims["lon"][rows]
    place_of = claims["place_of"][rows]
    # An impact, a presence or an unstated place come before a place of firing, which stands for it only alone.
    placed = np.isfinite(lat) & claims["exact"][rows]
    impact = np.bincount(group, weights=placed & (place_of != _ORIGIN), minlength=n) > 0
    use = placed & ((place_of != _ORIGIN) | ~impact[group])
    floor = p.floor_km**2
    ee, en, nn = (claims[k][rows] for k in ("cov_ee", "cov_en", "cov_nn"))
    ee, nn = ee + floor, nn + floor
    centre = _weighted_place(lat, lon, ee, en, nn, use, group, n)
    firing = np.isfinite(claims["origin_lat"][rows])
    of_origin = placed & (place_of == _ORIGIN) & impact[group]
    olat = np.where(firing, claims["origin_lat"][rows], np.where(of_origin, lat, np.nan))
    olon = np.where(firing, claims["origin_lon"][rows], np.where(of_origin, lon, np.nan))
    osigma2 = (
        np.where(firing, claims["origin_sigma_km"][rows], np.where(of_origin, claims["sigma_km"][rows], np.nan)) ** 2
    )
    origin = _weighted_place(
        olat, olon, osigma2 + floor, np.zeros(len(rows)), osigma2 + floor, firing | of_origin, group, n
    )
    t_var = claims["t_sd"][rows] ** 2 + p.floor_s**2
    precision = np.bincount(group, weights=1 / t_var, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.bincount(group, weights=claims["t"][rows] / t_var, minlength=n) / precision
        t_sd = np.sqrt(1 / precision)
    return Table({
        "lat": centre[0], "lon": centre[1], "cov_ee": centre[2], "cov_en": centre[3], "cov_nn": centre[4],
        "t": t, "t_sd": t_sd,
        "origin_lat": origin[0], "origin_lon": origin[1], "origin_sigma_km": np.sqrt((origin[2] + origin[4]) / 2),
    })  # fmt: skip


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
