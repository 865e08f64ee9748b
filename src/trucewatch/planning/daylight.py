"""Sunrise and sunset of a place and day, by the low-precision equations of the sun (NOAA; Meeus 1998, ch. 25).

Good to about a minute up to 60 degrees of latitude; nearer to the poles to several.
"""

from __future__ import annotations

import math
from datetime import date

from trucewatch.model.times import DAY, SECOND, day_bounds

_HORIZON_DEG = 90.833  # the upper edge of the sun at the horizon, with refraction


def daylight(day: date, lat: float, lon: float) -> tuple[int, int] | None:
    """Sunrise and sunset (microseconds since 1970 UTC) of the day whose solar noon falls into the UTC day `day` there.

    None where the sun does not rise; the whole day where it does not set.
    """
    midnight = day_bounds(day.isoformat(), "UTC")[0]
    noon = midnight + int((0.5 - lon / 360) * DAY)
    declination, equation_min = _sun(noon)
    noon -= int(equation_min * 60 * SECOND)
    phi = math.radians(lat)
    cosine = (math.cos(math.radians(_HORIZON_DEG)) - math.sin(phi) * math.sin(declination)) / (
        math.cos(phi) * math.cos(declination)
    )
    if cosine >= 1:
        return None
    half = DAY // 2 if cosine <= -1 else int(math.degrees(math.acos(cosine)) / 360 * DAY)
    return noon - half, noon + half


def _sun(us: int) -> tuple[float, float]:
    """Declination (radians) and equation of time (minutes)."""
    century = (us / DAY + 2440587.5 - 2451545.0) / 36525
    mean = math.radians((280.46646 + century * (36000.76983 + century * 0.0003032)) % 360)
    anomaly = math.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        math.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + math.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + math.sin(3 * anomaly) * 0.000289
    )
    node = math.radians(125.04 - 1934.136 * century)
    longitude = mean + math.radians(centre - 0.00569 - 0.00478 * math.sin(node))
    tilt = math.radians(23.4393 - 0.0130042 * century + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(tilt) * math.sin(longitude))
    y = math.tan(tilt / 2) ** 2
    equation = (
        y * math.sin(2 * mean) - 2 * eccentricity * math.sin(anomaly)
        + 4 * eccentricity * y * math.sin(anomaly) * math.cos(2 * mean)
        - 0.5 * y * y * math.sin(4 * mean) - 1.25 * eccentricity**2 * math.sin(2 * anomaly)
    )  # fmt: skip
    return declination, 4 * math.degrees(equation)


__all__ = ["daylight"]
