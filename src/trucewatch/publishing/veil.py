"""What an incident may show that protected claims helped to make: what the claims that are no secret tell of it.

A confidential claim enters published numbers only, so the minute, act, weapon and harm that it alone tells stay behind.
A restricted one is counted, but its observer must not be found by the minute: times are rounded outward to the hour.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trucewatch.model.times import HOUR

Row = dict[str, Any]
HARM = ("killed_low", "killed_high", "injured_low", "injured_high")
_ANSWERS = {"denies", "repeats"}


@dataclass(frozen=True, slots=True)
class Veil:
    """What of one incident is no secret.

    `open`: from the first to the last moment that its open claims tell, microseconds, None without any; `span`: the
    same of all that are not confidential, None where no confidential claim is in it; `told`: those claims, None there.
    Where a confidential claim is in it, the place too is the one that they tell.
    """

    claims_hidden: int
    voices_hidden: int
    open: tuple[int, int] | None = None
    span: tuple[int, int] | None = None
    told: tuple[Row, ...] | None = None

    def when(self, row: Mapping[str, Any]) -> tuple[int, int]:
        """The interval that may be shown, microseconds."""
        rounded = _by_the_hour(*(self.span or (row["start"], _end(row))))
        if self.open is not None and self.open[1] - self.open[0] <= rounded[1] - rounded[0]:
            return self.open
        return rounded

    def over(self, row: Mapping[str, Any], min_cell: int) -> Row:
        """The incident as it may leave: numbers of claims only where `min_cell` or more of them are hidden."""
        start, end = self.when(row)
        out: Row = {**row, "start": start, "end": end}
        for name, hidden in (("n_claims", self.claims_hidden), ("n_voices", self.voices_hidden)):
            if 0 < hidden < min_cell:
                out[name] = None
        return out if self.told is None else _as_told(out, self.told)


def veils(links: Iterable[Row], claims: Iterable[Row], levels: Mapping[str, int], open_to: int) -> dict[str, Veil]:
    """The veil of every incident with a claim above the level `open_to`; `levels` by SOURCE/ID, 2 = confidential."""
    members: dict[str, list[tuple[str, Row]]] = {}
    rows = [(f"{link['source']}/{link['claim_id']}", link) for link in links if link.get("incident_id")]
    hidden = {link["incident_id"] for reference, link in rows if levels.get(reference, 1) > open_to}
    for reference, link in rows:
        if link["incident_id"] in hidden:
            members.setdefault(link["incident_id"], []).append((reference, link))
    wanted = {reference for incident in hidden for reference, _ in members[incident]}
    by_reference = {str(c["id"]): c for c in claims if c["id"] in wanted}
    return {incident: _veil(members[incident], by_reference, levels, open_to) for incident in hidden}


def _veil(members: list[tuple[str, Row]], claims: Mapping[str, Row], levels: Mapping[str, int], open_to: int) -> Veil:
    level = {reference: levels.get(reference, 1) for reference, _ in members}
    above = [(reference, link) for reference, link in members if level[reference] > open_to]
    # A source whose open claim is there too is not hidden as a voice.
    voices = {link["source"] for _, link in above} - {k["source"] for ref, k in members if level[ref] <= open_to}
    own = [(r, k) for r, k in members if r in claims and k.get("relation") not in _ANSWERS]
    shown = _hull(claims[r] for r, _ in own if level[r] <= open_to)
    if all(level[reference] < 2 for reference, _ in above):
        return Veil(len(above), len(voices), shown)
    told = [claims[r] for r, _ in own if level[r] < 2]
    # Where a secret claim is answered only, the answers say when.
    span = _hull(told) or _hull(claims[r] for r, _ in members if r in claims and level[r] < 2)
    return Veil(len(above), len(voices), shown, span, tuple(told))


def _hull(claims: Iterable[Row]) -> tuple[int, int] | None:
    spans = [(c["start"], _end(c)) for c in claims]
    return (min(s for s, _ in spans), max(e for _, e in spans)) if spans else None


def _end(claim: Mapping[str, Any]) -> int:
    return int(claim["end"] if claim.get("end") is not None else claim["start"])


def _by_the_hour(start: int, end: int) -> tuple[int, int]:
    first = start // HOUR * HOUR
    return first, max(-(-end // HOUR) * HOUR, first + HOUR)


def _as_told(row: Row, told: tuple[Row, ...]) -> Row:
    """Act, weapon, kind of place and harm as the claims `told` have them; unknown where none has."""
    out = dict(row)
    for name in HARM:
        values = [c[name] for c in told if c.get(name) is not None]
        out[name] = (min if name.endswith("low") else max)(values, default=None)
    for name in ("weapon", "place_of"):
        if out.get(name) not in {c.get(name) for c in told}:
            out[name] = None
    act = _act(str(row["act"]), [str(c["act"]) for c in told if c.get("act")])
    if act != row["act"]:
        out["act"], out["p_act"] = act, None
    return {**out, **_place(row, told)}


_LEAST_KM = 0.1  # nobody's circle is taken as narrower: its weight would leave no other place a say


def _place(row: Row, told: tuple[Row, ...]) -> Row:
    """Place and 95 % circle by the claims `told` alone: the mean of their places, each weighed by its own circle."""
    nowhere: Row = dict.fromkeys(("lat", "lon", "semi_major_km", "semi_minor_km", "azimuth_deg"))
    if row.get("lat") is None:
        return nowhere
    found = [p for p in (_placed(c) for c in told) if p is not None]
    if not found:
        return nowhere
    weights = [1.0 / max(radius, _LEAST_KM) ** 2 for _, _, radius in found]
    total = math.fsum(weights)
    lat = math.fsum(w * p[0] for w, p in zip(weights, found, strict=True)) / total
    # Differences from one meridian, so that places on both sides of the 180th have a mean between them.
    east = (w * ((p[1] - row["lon"] + 180.0) % 360.0 - 180.0) for w, p in zip(weights, found, strict=True))
    lon = (row["lon"] + math.fsum(east) / total + 180.0) % 360.0 - 180.0
    radius = round(1.0 / math.sqrt(total), 2)
    return {"lat": lat, "lon": lon, "semi_major_km": radius, "semi_minor_km": radius, "azimuth_deg": 0.0}


def _placed(claim: Row) -> tuple[float, float, float] | None:
    """Where a claim tells that it was, and its circle's radius in km; None where it tells no circle."""
    for prefix in ("r_", ""):
        place = [claim.get(prefix + k) for k in ("lat", "lon", "radius_km")]
        if None not in place:
            return place[0], place[1], place[2]  # type: ignore[return-value]
    return None


def _act(act: str, told: list[str]) -> str:
    """The act where a claim tells it, else what is nearest above it of those told, else what is told most often."""
    if not told:
        return act.split(".")[0]
    if any(t == act or t.startswith(act + ".") for t in told):
        return act
    above = [t for t in told if act.startswith(t + ".")]
    if above:
        return max(above, key=len)
    most = Counter(told)
    return min(most, key=lambda t: (-most[t], t))
