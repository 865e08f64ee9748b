"""How each zone of a file was built, in words: so that a buffer of the wrong width or the wrong side is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trucewatch.agreement import Agreement
from trucewatch.agreement.telling import Teller
from trucewatch.publishing.locale import Catalogue


def how_built(agreement: Agreement, zone_id: str, teller: Teller, t: Catalogue) -> str:
    """The parts of a zone's making, apart by semicolons; empty where the file gives it no shape at all."""
    raw: Mapping[str, Any] = next((z for z in agreement.keys.get("zones") or () if z.get("id") == zone_id), {})
    return t.plain("join.semicolon").join(_parts(raw, teller, t))


def _parts(raw: Mapping[str, Any], teller: Teller, t: Catalogue) -> Iterator[str]:
    def named(key: str) -> str:
        value = raw.get(key)
        return t.listed(teller.name(str(v)) for v in (value if isinstance(value, list) else [value]))

    if raw.get("file"):
        feature = raw.get("feature") or raw["id"]
        shown = t.listed(map(str, feature)) if isinstance(feature, list) else str(feature)
        yield t.plain("built.file", feature=shown, file=str(raw["file"]))
    for key in ("line", "area"):
        if raw.get(key):
            yield t.plain(f"built.{key}", n=len(raw[key]))
    if isinstance(circle := raw.get("circle"), Mapping):
        yield t.plain(
            "built.circle", km=_km(circle.get("radius_km")), lat=str(circle.get("lat")), lon=str(circle.get("lon"))
        )
    if raw.get("buffer_km"):
        side = raw.get("side") or "both"
        yield t.plain(f"built.buffer_{side}", km=_km(raw["buffer_km"]), zone=named("of"))
    elif raw.get("width_km"):
        yield t.plain("built.corridor", km=_km(raw["width_km"]), zone=named("of"))
    elif isinstance(raw.get("of"), list):
        yield t.plain("built.union", zones=named("of"))
    elif raw.get("of"):
        yield t.plain("built.of", zone=named("of"))
    for key in ("between", "minus", "within", "replaces"):
        if raw.get(key):
            yield t.plain(f"built.{key}", zones=named(key))


def _km(value: Any) -> float | str:
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)
