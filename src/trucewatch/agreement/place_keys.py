"""Keys of places in an agreement file: lines and areas, and where a term holds."""

# ruff: noqa: RUF012 (these are keys of a model, which copies its defaults)

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trucewatch.agreement.fields import (
    ONE,
    PLAIN_WORD,
    Beside,
    ByLanguage,
    Id,
    Ids,
    Keys,
    Km,
    Plainer,
    When,
    Words,
    listed,
    named,
)

Reach = Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
"""How far a zone reaches from what it is made of, km."""


class PointKeys(Keys):
    """A point on the ground."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    """Degrees north, WGS 84."""
    lon: Annotated[float, Field(ge=-180, le=180)]
    """Degrees east, WGS 84."""


class CircleKeys(PointKeys):
    """A circle on the ground."""

    radius_km: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)]
    """Radius on the ellipsoid, km."""


class ZoneKeys(Keys):
    """A named line or area: from a file, from points, a circle, or built from zones above it."""

    id: Id
    """Short word that terms use."""
    file: Beside | None = None
    """GeoJSON file beside the agreement or below it."""
    feature: Words | None = None
    """Property `name` of the feature, or of several (their union); all of the file where left out."""
    line: Annotated[list[PointKeys], Field(min_length=2, max_length=10_000)] | None = None
    """A line through points, instead of a file."""
    area: Annotated[list[PointKeys], Field(min_length=3, max_length=10_000)] | None = None
    """An area whose corners these points are, in turn; it closes itself."""
    circle: CircleKeys | None = None
    """A circle instead of a file."""
    of: Ids | None = None
    """The zone above that this one is made from, or several: their union."""
    buffer_km: Reach | None = None
    """All within this distance of it."""
    width_km: Reach | None = None
    """A corridor of this width along it: half to each side."""
    side: Literal["both", "left", "right"] = "both"
    """On which side of a line, looking along it."""
    between: Annotated[list[Id], Field(min_length=2, max_length=2)] | None = None
    """The area between two lines above."""
    minus: Ids = []
    """Zones above that are taken out."""
    within: Ids = []
    """Only what lies inside these zones above as well."""
    sides: dict[str, Literal["left", "right"]] = {}
    """Of a line: which side is whose ground, looking along it. Actor: left or right."""
    uncertainty_km: Km = 0.0
    """How far its edge may be off, with 95 %."""
    status: Literal["agreed", "provisional", "undefined"] = "agreed"
    """`undefined`: no shape; what depends on it stays undetermined."""
    valid_from: When = None
    """Since when it runs so; before that what depends on it stays undetermined."""
    replaces: Id | None = None
    """The zone above that this one stands for from `valid_from` on."""
    names: ByLanguage = {}
    """Its name by language."""
    note: str | None = None
    """Where the shape comes from, or why there is none."""


class WhereKeys(Keys):
    """Where a term holds."""

    zone: Id | None = None
    """A zone; null = everywhere."""
    of: Literal["origin", "impact", "presence"] | None = None
    """Where fire came from, where it fell, where somebody was; null = any place told."""
    outside: bool = False
    """true: outside of the zone instead."""
    side: Literal["own", "other"] | None = None
    """Of a line with `sides`: on the doer's own side of it, or beyond it."""


Place = Annotated[WhereKeys, named("zone"), Plainer(PLAIN_WORD)]
Places = Annotated[list[Place], listed("zone"), Plainer(ONE), Field(max_length=10)]
"""One place, or several that must all hold: fire from here that falls there."""
