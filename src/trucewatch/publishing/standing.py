"""What the gate must know of a mission and of a derived state before it can decide about a row.

The order of the handling levels and what each allows are those of design 5, "Audience".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Protocol

from trucewatch.model.columns import KINDS
from trucewatch.model.table import Rows
from trucewatch.model.times import HOUR, day_bounds, from_us, zone
from trucewatch.model.vocabulary import HANDLING
from trucewatch.publishing import fields
from trucewatch.publishing.coarse import Neighbours, outward
from trucewatch.publishing.veil import Veil, veils

Row = dict[str, Any]
Shares = Mapping[tuple[str, int], float | None]
PUBLIC, RESTRICTED, CONFIDENTIAL = range(3)
LEVEL = {name: i for i, name in enumerate(HANDLING)}
NOTIFIED = frozenset({"notified", "final", "published"})
_TOKEN = re.compile(r"[^\s,;()\"']+")


class Rules(Protocol):
    """The publication keys of mission.yaml: hours, km, minutes, a level, a count, names of columns or groups."""

    @property
    def delay_h(self) -> float: ...  # noqa: D102
    @property
    def place_km(self) -> float: ...  # noqa: D102
    @property
    def time_min(self) -> float: ...  # noqa: D102
    @property
    def handling_max(self) -> str: ...  # noqa: D102
    @property
    def min_cell(self) -> int: ...  # noqa: D102
    @property
    def never(self) -> tuple[str, ...]: ...  # noqa: D102


def _no_secret_coverage() -> Shares | None:
    """Nothing to leave out of the gaps."""
    return None


@dataclass(frozen=True)
class Policy:
    """What the gate must know of a mission to decide: levels of claims, sources and incidents, mandate, delay.

    `claim_level` is by SOURCE/ID; `voice_level` by (incident, source) the strictest of its claims there;
    `incident_level` the most open and the strictest claim of an incident; `until` the instant (microseconds) after
    which all lies ahead, `since` the one after which an event is still under delay; None where there is none.
    """

    rules: Rules
    claim_level: Mapping[str, int] = field(default_factory=dict)
    source_level: Mapping[str, int] = field(default_factory=dict)
    open_sources: frozenset[str] = frozenset()
    voice_level: Mapping[tuple[str, str], int] = field(default_factory=dict)
    incident_level: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    delayed: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    unattributed: frozenset[str] = frozenset()  # agreements whose mandate does not attribute
    unpublished: frozenset[str] = frozenset()  # agreements whose mandate does not publish findings
    open_references: frozenset[str] = frozenset()  # claims that may be named: SOURCE/ID, and bare where that is all
    protected_words: frozenset[str] = frozenset()
    veils: Mapping[str, Veil] = field(default_factory=dict)  # of incidents in which protected claims count
    unsaid: Mapping[str, int] = field(default_factory=dict)  # by incident: how many withheld voices weigh in it
    areas: frozenset[str] = frozenset()  # ids of zones and sectors: the areas that are nobody's words
    timezone: str = "UTC"
    neighbours: Neighbours = field(default_factory=Neighbours)
    alone: set[tuple[str, object]] = field(default_factory=set)  # rows that left without a place: it stood alone
    _read: dict[str, bool] = field(default_factory=dict)
    open_gaps: Callable[[], Shares | None] = (
        _no_secret_coverage  # shares without confidential coverage; None: as stored
    )

    @classmethod
    def of(cls, config: Any, agreements: Iterable[Any], derived: Any, until: int | None = None) -> Policy:
        """The policy of a mission and a derived state. `until` (microseconds) is the cut that delay counts back from.

        Without a cut it counts back from the newest known time of a claim: no wall clock decides what an export holds.
        """
        rules: Rules = config.publication
        agreements = tuple(agreements)
        sources = {str(s["source"]): LEVEL[s.get("handling") or "restricted"] for s in derived.sources}
        claims = {str(c["id"]): claim_level(c, sources) for c in derived.claims}
        links = derived.tables.get("links", ())
        voices, incidents = _levels_by_incident(links, claims)
        newest = until if until is not None else max((c.get("known_at") or 0 for c in derived.claims), default=None)
        since = newest - round(rules.delay_h * HOUR) if rules.delay_h and newest is not None else None
        opened = {s for s, level in sources.items() if level == PUBLIC}
        opened |= {c["source"] for c in derived.claims if claims[c["id"]] == PUBLIC}
        late = {
            r["incident_id"]
            for r in derived.tables.get("incidents", ())
            if since is not None and (r.get("end") or r.get("start") or 0) > since
        }
        references = _references(claims, lambda level: level > PUBLIC)
        mandates = {a.id: _mandate(a) for a in agreements}
        open_to = min(LEVEL[rules.handling_max], RESTRICTED)
        return cls(
            rules,
            claims,
            sources,
            frozenset(opened),
            voices,
            incidents,
            frozenset(late),
            since,
            newest,
            frozenset(a for a, m in mandates.items() if not m["attribute"]),
            frozenset(a for a, m in mandates.items() if not m["publish"]),
            frozenset(_references(claims, lambda level: level == PUBLIC) - references),
            # A bare number is too common a word to be a name.
            frozenset([*(s for s in sources if s not in opened), *(r for r in references if not r.isdigit())]),
            veils(links, derived.claims, claims, open_to),
            _unsaid(derived.tables.get("contributions", ()), voices, sources),
            frozenset(_areas(agreements, derived)),
            getattr(config, "timezone", "UTC"),
            _neighbours(derived, sources),
            set(),
            {},
            _open_gaps(derived, sources),
        )

    def speaks(self, source: str | None) -> bool:
        """Whether the identity of that source may leave."""
        return source is not None and source in self.open_sources

    def when(self, incident: Row, audience: str) -> tuple[int, int]:
        """Begin and end of an incident, microseconds, as that audience may know them."""
        end = incident["start"] if incident["end"] is None else incident["end"]
        if audience == "internal":
            return incident["start"], end
        veil = self.veils.get(str(incident["incident_id"]))
        start, end = (incident["start"], end) if veil is None else veil.when(incident)
        return outward(start, end, self.rules.time_min) if self.rules.time_min > 0 else (start, end)

    def by_the_day(self, table: str, row: Row) -> Row:
        """The row with its times moved outward to whole days of the mission's time zone."""
        out = dict(row)
        for name in fields.RULES[table].moments:
            if isinstance(out.get(name), int):
                out[name] = _midnight(out[name], self.timezone, after=name == "end")
        if "start" in out and out.get("end") is None and "end" in KINDS[table].names and table != "control":
            out["end"] = _midnight(out["start"], self.timezone, after=True)
        return out

    def holds(self, incident: str) -> bool:
        """Whether nothing of an incident leaves."""
        return incident in self.delayed or self.incident_level.get(incident, (PUBLIC, PUBLIC))[0] == CONFIDENTIAL

    @property
    def open_to(self) -> int:
        """The strictest level of claims that leave as rows."""
        return min(LEVEL[self.rules.handling_max], RESTRICTED)

    def voice(self, contribution: Row) -> int:
        """The strictest level of a contribution's source in that incident, else the source's own."""
        return _voice_level(contribution, self.voice_level, self.source_level)

    def stripped(self, rule: fields.Rule, row: Row, listed: frozenset[str]) -> Row:
        """The row with the `listed` columns only and no reference to what is protected; itself where that is it."""
        out = row if row.keys() <= listed else {k: v for k, v in row.items() if k in listed}
        if not rule.looked_at:
            return out
        changed: Row = {}
        for k in rule.references:
            held = out.get(k)
            if isinstance(held, list):
                changed[k] = [r for r in held if not self.protected(r)]
            elif isinstance(held, str) and self.protected(held):
                changed[k] = None
        for k in rule.sources:
            if out.get(k) is not None and not self.speaks(out[k]):
                changed[k] = None
        for k in rule.words:
            if self.names_protected(out.get(k)):
                changed[k] = None
        return {**out, **changed} if changed else out

    def names_protected(self, words: str | None) -> bool:
        """Whether some words hold the name of what is protected; the same words come again and again."""
        if words is None:
            return False
        if words not in self._read:
            self._read[words] = not self.protected_words.isdisjoint(_TOKEN.findall(words))
        return self._read[words]

    def protected(self, reference: str) -> bool:
        """Whether a reference to a claim (SOURCE/ID or bare) points at one that does not leave, or is not known."""
        return reference not in self.open_references


def claim_level(claim: Mapping[str, Any], sources: Mapping[str, int]) -> int:
    """The handling level of a claim: its own, else its source's, else restricted; confidential where its speaker agreed
    to nothing."""
    if claim.get("consent") == "none":
        return CONFIDENTIAL
    own = claim.get("handling")
    return LEVEL[own] if own in LEVEL else sources.get(str(claim.get("source")), RESTRICTED)


def _levels_by_incident(
    links: Iterable[Row], claims: Mapping[str, int]
) -> tuple[dict[tuple[str, str], int], dict[str, tuple[int, int]]]:
    voices: dict[tuple[str, str], int] = {}
    incidents: dict[str, tuple[int, int]] = {}
    for incident, source, claim in _columns(links, "incident_id", "source", "claim_id"):
        if not incident:
            continue
        level = claims.get(f"{source}/{claim}", RESTRICTED)
        voices[incident, source] = max(level, voices.get((incident, source), PUBLIC))
        low, high = incidents.get(incident, (level, level))
        incidents[incident] = (min(low, level), max(high, level))
    return voices, incidents


def _columns(rows: Iterable[Row], *names: str) -> Iterable[tuple[Any, ...]]:
    """Some columns of a table row by row, without making its rows where they are not made yet."""
    if isinstance(rows, Rows):
        return zip(*(rows.column(n) for n in names), strict=True)
    return (tuple(r.get(n) for n in names) for r in rows)


def _unsaid(
    contributions: Iterable[Row], voices: Mapping[tuple[str, str], int], sources: Mapping[str, int]
) -> dict[str, int]:
    """By incident: how many of the voices that weigh in it are withheld."""
    found: dict[str, set[str]] = {}
    for incident, source in _columns(contributions, "incident_id", "source"):
        if source is not None and voices.get((incident, source), sources.get(source, RESTRICTED)) > PUBLIC:
            found.setdefault(incident, set()).add(source)
    return {incident: len(mine) for incident, mine in found.items()}


def _neighbours(derived: Any, sources: Mapping[str, int]) -> Neighbours:
    """The gazetteer, and where protected observers stood."""
    if not hasattr(derived, "newest"):
        return Neighbours()
    named = ((p["latitude"], p["longitude"]) for p in derived.newest("places"))
    posts = (
        (c["lat"], c["lon"])
        for c in derived.newest("coverage")
        if c.get("lat") is not None and c.get("lon") is not None and sources.get(str(c["source"]), RESTRICTED) > PUBLIC
    )
    return Neighbours(named, posts)


def _areas(agreements: Iterable[Any], derived: Any) -> set[str]:
    """Ids of the zones of the agreements and of the mission's sectors."""
    zones = {str(zone_id) for a in agreements for zone_id in getattr(a, "zones", ())}
    return zones | {str(r["sector"]) for r in derived.tables.get("gaps", ())}


def _open_gaps(derived: Any, sources: Mapping[str, int]) -> Callable[[], Shares | None]:
    """Shares of what was seen without confidential coverage, made when first asked for."""
    secret = frozenset(s for s, level in sources.items() if level == CONFIDENTIAL)
    if (
        not secret
        or not hasattr(derived, "gaps_without")
        or not any(c["source"] in secret for c in derived.newest("coverage"))
    ):
        return _no_secret_coverage
    return cache(lambda: {(r["sector"], r["start"]): r["share_covered"] for r in derived.gaps_without(secret)})


@lru_cache(maxsize=65_536)
def _midnight(us: int, tz: str, *, after: bool) -> int:
    """The midnight before a moment, or `after`: the first one that is no earlier than it (microseconds)."""
    day = from_us(us).astimezone(zone(tz)).date()
    begin, following = day_bounds(day.isoformat(), tz)
    return (us if us == begin and after else following) if after else begin


def _voice_level(contribution: Row, voices: Mapping[tuple[str, str], int], sources: Mapping[str, int]) -> int:
    """The strictest level of a contribution's source in that incident, else the source's own."""
    source = str(contribution["source"])
    return voices.get((str(contribution.get("incident_id")), source), sources.get(source, RESTRICTED))


def _references(claims: Mapping[str, int], wanted: Callable[[int], bool]) -> set[str]:
    """What claims of the wanted levels are called, SOURCE/ID and bare."""
    found = {reference for reference, level in claims.items() if wanted(level)}
    return found | {reference.split("/", 1)[1] for reference in found if "/" in reference}


def _mandate(agreement: Any) -> dict[str, bool]:
    # An agreement that says nothing of a mandate forbids nothing.
    mechanism = getattr(agreement, "mechanism", None)
    mandate = _get(mechanism, "mandate")
    return {key: _get(mandate, key) is not False for key in ("attribute", "rule", "publish")}


def _get(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)
