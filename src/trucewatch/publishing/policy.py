"""The one gate out (law L10): every table that leaves, as page, file or explanation, passes `release`.

What leaves is listed, not what stays: a column that no rule names does not leave. The order of the handling levels
and what each allows are those of design 5, "Audience".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import HOUR, day_bounds, from_us, zone
from trucewatch.model.vocabulary import HANDLING
from trucewatch.publishing import fields
from trucewatch.publishing.register.gate import pass_counted, pass_register
from trucewatch.publishing.veil import Veil, veils

Row = dict[str, Any]
Shares = Mapping[tuple[str, int], float | None]
PUBLIC, RESTRICTED, CONFIDENTIAL = range(3)
LEVEL = {name: i for i, name in enumerate(HANDLING)}
NOTIFIED = frozenset({"notified", "final", "published"})
WITHHELD = "withheld contribution"
_TOKEN = re.compile(r"[^\s,;()\"']+")


class Rules(Protocol):
    """The publication keys of mission.yaml: hours, km, a level, a count, names of columns or groups."""

    @property
    def delay_h(self) -> float: ...  # noqa: D102
    @property
    def place_km(self) -> float: ...  # noqa: D102
    @property
    def handling_max(self) -> str: ...  # noqa: D102
    @property
    def min_cell(self) -> int: ...  # noqa: D102
    @property
    def never(self) -> tuple[str, ...]: ...  # noqa: D102


def _no_secret_coverage() -> Shares | None:
    """Nothing to leave out of the gaps."""
    return None


class Released(list[Row]):
    """Rows that may leave, and how many were held back whole (`withheld`)."""

    withheld: int = 0


@dataclass(frozen=True)
class Policy:
    """What the gate must know of a mission to decide: levels of claims, sources and incidents, mandate, delay.

    `claim_level` is by SOURCE/ID; `voice_level` by (incident, source) the strictest of its claims there;
    `incident_level` the most open and the strictest claim of an incident; `since` the instant (microseconds) after
    which an event is still under delay, or None.
    """

    rules: Rules
    claim_level: Mapping[str, int] = field(default_factory=dict)
    source_level: Mapping[str, int] = field(default_factory=dict)
    open_sources: frozenset[str] = frozenset()
    voice_level: Mapping[tuple[str, str], int] = field(default_factory=dict)
    incident_level: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    delayed: frozenset[str] = frozenset()
    since: int | None = None
    unattributed: frozenset[str] = frozenset()  # agreements whose mandate does not attribute
    unpublished: frozenset[str] = frozenset()  # agreements whose mandate does not publish findings
    protected_references: frozenset[str] = frozenset()  # SOURCE/ID and bare
    protected_words: frozenset[str] = frozenset()
    veils: Mapping[str, Veil] = field(default_factory=dict)  # of incidents in which protected claims count
    unsaid: frozenset[str] = frozenset()  # incidents that some withheld voice weighs in
    areas: frozenset[str] = frozenset()  # ids of zones and sectors: the areas that are nobody's words
    timezone: str = "UTC"
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
        references = _protected_references(claims)
        mandates = {a.id: _mandate(a) for a in agreements}
        open_to = min(LEVEL[rules.handling_max], RESTRICTED)
        unsaid = {
            str(r["incident_id"])
            for r in derived.tables.get("contributions", ())
            if r.get("source") is not None and _voice_level(r, voices, sources) > PUBLIC
        }
        return cls(
            rules,
            claims,
            sources,
            frozenset(opened),
            voices,
            incidents,
            frozenset(late),
            since,
            frozenset(a for a, m in mandates.items() if not m["attribute"]),
            frozenset(a for a, m in mandates.items() if not m["publish"]),
            frozenset(references),
            # A bare number is too common a word to be a name.
            frozenset([*(s for s in sources if s not in opened), *(r for r in references if not r.isdigit())]),
            veils(links, derived.claims, claims, open_to),
            frozenset(unsaid),
            frozenset(_areas(agreements, derived)),
            getattr(config, "timezone", "UTC"),
            _open_gaps(derived, sources),
        )

    def speaks(self, source: str | None) -> bool:
        """Whether the identity of that source may leave."""
        return source is not None and source in self.open_sources

    def when(self, incident: Row, audience: str) -> tuple[int, int]:
        """Begin and end of an incident, microseconds, as that audience may know them."""
        veil = None if audience == "internal" else self.veils.get(str(incident["incident_id"]))
        if veil is not None:
            return veil.when(incident)
        return incident["start"], incident["start"] if incident["end"] is None else incident["end"]

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
        return _held(incident, self)

    def protected(self, reference: str) -> bool:
        """Whether a reference to a claim (SOURCE/ID or bare) points at one that does not leave."""
        return reference in self.protected_references


def claim_level(claim: Mapping[str, Any], sources: Mapping[str, int]) -> int:
    """The handling level of a claim: its own, else its source's, else restricted."""
    own = claim.get("handling")
    return LEVEL[own] if own in LEVEL else sources.get(str(claim.get("source")), RESTRICTED)


def _levels_by_incident(
    links: Iterable[Row], claims: Mapping[str, int]
) -> tuple[dict[tuple[str, str], int], dict[str, tuple[int, int]]]:
    voices: dict[tuple[str, str], int] = {}
    incidents: dict[str, tuple[int, int]] = {}
    for link in links:
        incident = link.get("incident_id")
        if not incident:
            continue
        source = str(link["source"])
        level = claims.get(f"{source}/{link['claim_id']}", RESTRICTED)
        voices[incident, source] = max(level, voices.get((incident, source), PUBLIC))
        low, high = incidents.get(incident, (level, level))
        incidents[incident] = (min(low, level), max(high, level))
    return voices, incidents


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


def _midnight(us: int, tz: str, *, after: bool) -> int:
    """The midnight before a moment, or `after`: the first one that is no earlier than it (microseconds)."""
    day = from_us(us).astimezone(zone(tz)).date()
    begin, following = day_bounds(day.isoformat(), tz)
    return (us if us == begin and after else following) if after else begin


def _voice_level(contribution: Row, voices: Mapping[tuple[str, str], int], sources: Mapping[str, int]) -> int:
    """The strictest level of a contribution's source in that incident, else the source's own."""
    source = str(contribution["source"])
    return voices.get((str(contribution.get("incident_id")), source), sources.get(source, RESTRICTED))


def _protected_references(claims: Mapping[str, int]) -> set[str]:
    hidden = {reference for reference, level in claims.items() if level > PUBLIC}
    return hidden | {reference.split("/", 1)[1] for reference in hidden if "/" in reference}


def _mandate(agreement: Any) -> dict[str, bool]:
    # An agreement that says nothing of a mandate forbids nothing.
    mechanism = getattr(agreement, "mechanism", None)
    mandate = _get(mechanism, "mandate")
    return {key: _get(mandate, key) is not False for key in ("attribute", "rule", "publish")}


def _get(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)


def check_audience(audience: str, actors: Iterable[str]) -> None:
    """`Refusal` where the audience is not internal, public or party:ID with an actor of the agreements."""
    known = list(actors)
    if audience in {"internal", "public"} or (audience.removeprefix("party:") in known and ":" in audience):
        return
    raise Refusal(
        Fault(
            f"no audience is called {audience!r}",
            "Write internal, public, or party: and one of " + ", ".join(known),
            field="audience",
        )
    )


def release(table: str, rows: Iterable[Row], audience: str, policy: Policy) -> Released:
    """The rows of `table` as `audience` may see them; what is held back whole is counted in `.withheld`.

    `internal` sees everything as stored. `public` and `party:ID` see listed columns of rows whose handling allows it,
    places coarsened, later than the delay. A table without a rule raises ValueError: nothing leaves by default.
    """
    if audience == "internal":
        return Released(rows)
    rule = fields.RULES.get(table)
    if rule is None:
        raise ValueError(f"the publication policy has no rule for {table!r}: nothing of it leaves")
    party = audience.removeprefix("party:") if audience.startswith("party:") else None
    gate = _GATES[rule.gate]
    out = Released()
    listed = fields.listed(table, tuple(policy.rules.never))
    for row in rows:
        passed = gate(table, row, party, policy)
        if passed is None:
            out.withheld += 1
        else:
            out.append(_strip(rule, passed, listed, policy))
    return fields.merged(table, out) if rule.merge else out


def _strip(rule: fields.Rule, row: Row, listed: frozenset[str], policy: Policy) -> Row:
    """The row, which is the gate's own, with the `listed` columns only and no reference to what is protected."""
    out = row if listed.issuperset(row) else {k: v for k, v in row.items() if k in listed}
    for k in rule.references:
        if isinstance(out.get(k), list):
            out[k] = [r for r in out[k] if not policy.protected(r)]
        elif isinstance(out.get(k), str) and policy.protected(out[k]):
            out[k] = None
    for k in rule.sources:
        if out.get(k) is not None and not policy.speaks(out[k]):
            out[k] = None
    for k in rule.words:
        if isinstance(out.get(k), str) and policy.protected_words.intersection(_TOKEN.findall(out[k])):
            out[k] = None
    return out


def _late(table: str, row: Row, policy: Policy) -> bool:
    if policy.since is None:
        return False
    moments = [row[k] for k in fields.RULES[table].moments if isinstance(row.get(k), int)]
    return bool(moments) and max(moments) > policy.since


def _pass_claim(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    level = claim_level(row, policy.source_level)
    if level > LEVEL[policy.rules.handling_max] or level == CONFIDENTIAL or _late(table, row, policy):
        return None
    out = fields.observer_as_class(fields.coarsened(table, row, policy.rules.place_km))
    if level == RESTRICTED:
        out = {k: v for k, v in out.items() if k in fields.RESTRICTED_CLAIM}
        out = fields.without_words(out, "accused", "victim")
        return fields.coarsened(table, out, fields.PROTECTED_PLACE_KM)
    if row.get("consent") in {"none", "record"}:
        # The speaker agreed to be heard, not to be quoted.
        out = {k: v for k, v in out.items() if k not in {"text", "url"}}
    if row.get("retracted_by") and policy.protected(str(row["retracted_by"])):
        out["retracted_by"] = "withheld"
    rule, listed = fields.RULES[table], fields.listed(table, tuple(policy.rules.never))
    older = [
        _strip(rule, v, listed, policy) | {"known_at": version.get("known_at")}
        for version in row.get("versions") or ()
        if (v := _pass_claim(table, {**version, "source": row.get("source")}, party, policy)) is not None
    ]
    return {**out, "versions": older} if "versions" in row else out


def _pass_source(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if not policy.speaks(row.get("source")):
        return None
    # That it was approved counts; by which person is the mission's own matter.
    return {**row, "approved_by": "mission" if row.get("approved_by") else None}


def _pass_observed(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    source = row.get("source")
    if _late(table, row, policy):
        return None
    # The handling of the source itself counts: one open claim of a patrol does not open where its posts stand.
    level = PUBLIC if source is None else policy.source_level.get(str(source), RESTRICTED)
    if level == PUBLIC:
        return fields.coarsened(table, row, policy.rules.place_km)
    if level == CONFIDENTIAL:
        return None
    out = fields.coarsened(table, row, max(policy.rules.place_km, fields.PROTECTED_PLACE_KM))
    out = {**policy.by_the_day(table, out), "source": None, "text": None, "site": None, "mode": None}
    # A free name of an area is somebody's words.
    return out if out.get("area") in policy.areas else {**out, "area": None}


def _pass_plain(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    return None if _late(table, row, policy) else dict(row)


def _pass_gap(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if _late(table, row, policy):
        return None
    seen = policy.open_gaps()
    return dict(row) if seen is None else {**row, "share_covered": seen.get((row["sector"], row["start"]))}


def _pass_nothing(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    return None


def _pass_complaint(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    level = LEVEL[row.get("handling") or "restricted"]
    own = party is not None and row.get("complainant") == party
    notified = party is not None and row.get("against") == party and level < CONFIDENTIAL
    if own:
        return dict(row)
    if notified:
        return {k: v for k, v in row.items() if k != "text" or level == PUBLIC}
    return None if level > PUBLIC or _late(table, row, policy) else dict(row)


def _pass_reply(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    return dict(row) if party is not None and row.get("party") == party else None


def _held(incident: str | None, policy: Policy) -> bool:
    """Whether nothing of an incident leaves: under delay, or known from confidential claims alone."""
    if not incident:
        return False
    return incident in policy.delayed or policy.incident_level.get(incident, (PUBLIC, PUBLIC))[0] == CONFIDENTIAL


def _pass_incident(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    incident = row["incident_id"]
    if _held(incident, policy):
        return None
    # One protected claim may have placed the incident alone, so its exact place would be that claim's.
    strictest = policy.incident_level.get(incident, (PUBLIC, PUBLIC))[1]
    step = policy.rules.place_km
    out = fields.coarsened(table, row, step if strictest == PUBLIC else max(step, fields.PROTECTED_PLACE_KM))
    veil = policy.veils.get(incident)
    return fields.weapon_as_code(out if veil is None else veil.over(out, policy.rules.min_cell))


def _pass_assessment(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if _held(row.get("incident_id"), policy):
        return None
    # What is left without one voice is that voice's weight once more.
    return {**row, "p_drop_min": None, "p_drop_max": None} if row.get("incident_id") in policy.unsaid else dict(row)


def _pass_of_incident(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    return None if _held(row.get("incident_id"), policy) else dict(row)


def _pass_link(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    level = policy.claim_level.get(f"{row.get('source')}/{row.get('claim_id')}", RESTRICTED)
    if level > PUBLIC or _held(row.get("incident_id"), policy):
        return None
    return dict(row)


def _pass_author(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if policy.unattributed or _held(row.get("incident_id"), policy):
        return None
    return fields.without_words(row, "actor")


def _pass_contribution(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    incident, source, kind = row.get("incident_id"), row.get("source"), str(row.get("kind") or "")
    if _held(incident, policy) or "reliability" in kind:  # a party's reliability never leaves (design 7)
        return None
    if policy.unattributed and kind.startswith("author"):
        return None
    if source is None:
        return dict(row)
    if _voice_level(row, policy.voice_level, policy.source_level) == PUBLIC:
        return dict(row)
    # The kind and the weight together tell who spoke and how it knew; `fields.merged` makes one row of all of these.
    return {**row, "kind": "withheld", "source": None, "reason": WITHHELD}


def _pass_finding(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if _held(row.get("incident_id"), policy):
        return None
    own = party is not None and party in {row.get("actor"), row.get("answers_for")} and row.get("state") in NOTIFIED
    if own:
        return dict(row)
    agreement = row.get("agreement")
    if agreement in policy.unpublished:
        return None
    if agreement in policy.unattributed:
        return {**row, **dict.fromkeys(fields.ATTRIBUTION)}
    return dict(row)


def _pass_trend(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if _late(table, row, policy):
        return None
    if 0 < (row.get("observed") or 0) < policy.rules.min_cell:
        return {**row, **dict.fromkeys(fields.SMALL_CELL)}
    return dict(row)


def _pass_board(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    silent = row.get("agreement") in policy.unpublished | policy.unattributed
    return {**row, "outcome": None} if silent else dict(row)


def _pass_calendar(table: str, row: Row, party: str | None, policy: Policy) -> Row | None:
    if row.get("agreement") in policy.unpublished | policy.unattributed:
        return {**row, "outcome": None, **dict.fromkeys(fields.SMALL_COUNTS)}
    if _late(table, row, policy):  # that nothing is told of such a day does not mean that there was nothing
        return {**row, "outcome": None, "share_covered": None, **dict.fromkeys(fields.SMALL_COUNTS)}
    few = [k for k in fields.SMALL_COUNTS if 0 < (row.get(k) or 0) < policy.rules.min_cell]
    return {**row, **dict.fromkeys(few)}


_GATES = {
    "claim": _pass_claim,
    "source": _pass_source,
    "observed": _pass_observed,
    "plain": _pass_plain,
    "gap": _pass_gap,
    "nothing": _pass_nothing,
    "complaint": _pass_complaint,
    "reply": _pass_reply,
    "register": lambda table, row, party, policy: pass_register(row, party, policy),
    "register_counts": lambda table, row, party, policy: pass_counted(row, party, policy),
    "incident": _pass_incident,
    "of_incident": _pass_of_incident,
    "assessment": _pass_assessment,
    "link": _pass_link,
    "author": _pass_author,
    "contribution": _pass_contribution,
    "finding": _pass_finding,
    "trend": _pass_trend,
    "board": _pass_board,
    "calendar": _pass_calendar,
}
