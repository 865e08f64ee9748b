"""What one day holds for one audience: every row has passed the one gate (law L10), and is looked up by incident here.

An incident belongs to the report day in which the middle of its time lies, so that days add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

from trucewatch.model.columns import KINDS
from trucewatch.model.outputs import OUTPUTS, SUMMARIES
from trucewatch.model.vocabulary import PARTY_ROLES
from trucewatch.publishing.fields import hidden
from trucewatch.publishing.policy import Policy, release
from trucewatch.publishing.view import State, View

Row = dict[str, Any]
COLUMNS = OUTPUTS | SUMMARIES
NAMES_NOBODY, EACH_OTHER = "", "each other"


def _nothing(table: str) -> Mapping[str, list[Row]]:
    """No rows of any table."""
    return {}


@dataclass(slots=True)
class Incident:
    """One incident of the day with all that speaks of it. `number`: its place on the page, from 1; `tables`: released
    rows of a derived table by incident, looked at when they are asked for."""

    id: str
    number: int
    row: Row
    assessment: Row
    claims: list[Row] = field(default_factory=list)
    withheld: int = 0
    tables: Callable[[str], Mapping[str, list[Row]]] = _nothing

    @property
    def authors(self) -> list[Row]:
        """Who did it, by probability."""
        return self.tables("authors").get(self.id, [])

    @property
    def contributions(self) -> list[Row]:
        """What each voice weighs."""
        return self.tables("contributions").get(self.id, [])

    @property
    def findings(self) -> list[Row]:
        """What the terms say of it."""
        return self.tables("findings").get(self.id, [])

    @property
    def status(self) -> str:
        """The status in the words of the vocabulary."""
        return str(self.assessment["status"])

    def said(self, *stances: str) -> list[Row]:
        """Claims of these stances in their own voice: no copies."""
        return [c for c in self.claims if c["stance"] in stances and c["relation"] != "repeats"]

    @property
    def copies(self) -> int:
        """How many claims repeat another voice."""
        return sum(c["relation"] == "repeats" for c in self.claims)


def middle(row: Mapping[str, Any]) -> int:
    """The middle of an incident's time, microseconds."""
    end = row["end"]
    return int(row["start"] if end is None else (row["start"] + end) // 2)


def in_order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A sort key by content that holds no names (law L11)."""
    place = (row["lat"], row["lon"]) if row.get("lat") is not None else (91.0, 181.0)
    return (row["start"], row.get("end") or row["start"], *place, row["act"])


class Day:
    """The released rows of a view's day. `claims` holds those linked to its incidents or published in it."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.policy = Policy.of(view.config, view.agreements, view.derived, view.cut.at)
        self.considered = 0
        self._gone_through: dict[str, Row | None] = {}
        self._all_sources = {str(s["source"]): s for s in view.derived.sources}

    def release(self, table: str, rows: Iterable[Row]) -> list[Row]:
        """Rows of a table as the audience may see them; a column that `publication.never` names is null in a page."""
        out = list(release(table, rows, self.view.audience, self.policy))
        never = hidden(tuple(self.policy.rules.never)).intersection(COLUMNS.get(table, ()))
        return [{**dict.fromkeys(never), **row} for row in out] if never else out

    def inside(self, row: Row) -> bool:
        """Whether an incident belongs to the report."""
        if self.only is not None and row["incident_id"] not in self.only:
            return False
        return self.view.start_us <= self.middle(row) < self.view.end_us

    @cached_property
    def only(self) -> frozenset[str] | None:
        """The incidents that a report of one thing is of; None = all of its days."""
        scope = self.view.scope
        if scope.incident is not None:
            return frozenset([scope.incident])
        return None if scope.term is None else under(self.view, self.view.derived, self.policy)

    def of_term(self, finding: Mapping[str, Any]) -> bool:
        """Whether a finding is one under the term that the report is of."""
        return (finding["agreement"], finding["term"]) == self.view.scope.term

    def middle(self, row: Row) -> int:
        """The middle of an incident's time as the audience may know it, microseconds."""
        return sum(self.policy.when(row, self.view.audience)) // 2

    def now(self, table: str) -> list[Row]:
        """Rows of an input table whose interval touches the day, released, with every column, in order of time."""
        start, end = self.view.start_us, self.view.end_us
        rows = [
            r
            for r in self.view.derived.newest(table)
            if r.get("start") is not None and r["start"] < end and (r.get("end") or r["start"] + 1) > start
        ]
        blank: Row = dict.fromkeys(KINDS[table].names)
        passed = [{**blank, **r} for r in self.release(table, rows)]
        return sorted(passed, key=lambda r: (r["start"], r["end"] or 0, _content(r)))

    @cached_property
    def sources(self) -> dict[str, Row]:
        """Released sources by id."""
        return {str(s["source"]): s for s in self.release("sources", self._all_sources.values())}

    def side(self, claim: Mapping[str, Any]) -> str | None:
        """The party whose own voice a claim is, or None: only of sources that may be named."""
        return self._sides.get(str(claim.get("source")))

    @cached_property
    def _sides(self) -> dict[str, str | None]:
        """The party whose own voice a source is, by id."""
        return {s: row.get("party") for s, row in self.sources.items() if row["role"] in PARTY_ROLES}

    @cached_property
    def incidents(self) -> list[Incident]:
        """Incidents of the day in order of time and content."""
        tables = self.view.derived.tables
        rows = self.release("incidents", (r for r in tables["incidents"] if self.inside(r)))
        ids = {r["incident_id"] for r in rows}
        assessments = self._by_incident("assessments", ids)
        claims, held = self._linked(ids)
        released = cache(lambda table: self._by_incident(table, ids))
        out = []
        for number, row in enumerate(sorted(rows, key=in_order), 1):
            i = row["incident_id"]
            out.append(Incident(i, number, row, assessments[i][0], claims[i], held[i], released))
        return out

    @cached_property
    def by_id(self) -> dict[str, Incident]:
        """The day's incidents by id."""
        return {i.id: i for i in self.incidents}

    def _by_incident(self, table: str, ids: set[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.release(table, (r for r in self.view.derived.tables[table] if r["incident_id"] in ids)):
            found[row["incident_id"]].append(row)
        return found

    def linked_claims(self, ids: set[str]) -> list[Row]:
        """Released claims that speak of any of the incidents `ids`, each with its incident and relation."""
        wanted = {ref: link for ref, link in self.links.items() if link["incident_id"] in ids}
        rows = self._passed([c for c in self.view.derived.claims if c["id"] in wanted])
        links = ((r, wanted[r["id"]]) for r in rows if r.get("id"))
        return [{**r, "incident_id": k["incident_id"], "relation": k["relation"]} for r, k in links]

    def _passed(self, claims: Sequence[Row]) -> list[Row]:
        """Those of the claims that leave, in their order; the gate looks at each claim once a page."""
        for claim in claims:
            if claim["id"] not in self._gone_through:
                self._gone_through[claim["id"]] = next(iter(self.release("claims", [claim])), None)
        passed = (self._gone_through[c["id"]] for c in claims)
        return [row for row in passed if row is not None]

    @property
    def withheld_claims(self) -> int:
        """How many claims that matter to the day the audience may not see, whole or in part."""
        shown = len(self.claims)
        return self.considered - shown

    def _linked(self, ids: set[str]) -> tuple[dict[str, list[Row]], dict[str, int]]:
        claims: dict[str, list[Row]] = defaultdict(list)
        held: dict[str, int] = defaultdict(int)
        for ref, link in self.links.items():
            incident = link["incident_id"]
            if incident in ids:
                claim = self.claims.get(ref)
                if claim is None:
                    held[incident] += 1
                else:
                    claims[incident].append(
                        {**claim, "relation": link["relation"], "p_link": link["p_link"], "by_link": link["by"]}
                    )
        for rows in claims.values():
            rows.sort(key=_said_when)
            if any(_said_when(a) == _said_when(b) for a, b in pairwise(rows)):  # few: content is long
                rows.sort(key=said_order)
        return claims, held

    @cached_property
    def links(self) -> dict[str, Row]:
        """Links of claims by SOURCE/ID, before the gate: which of their claims leave, `claims` decides."""
        return {f"{r['source']}/{r['claim_id']}": r for r in self.view.derived.tables["links"]}

    @cached_property
    def claims(self) -> dict[str, Row]:
        """Released claims that matter to the day, by SOURCE/ID: of its incidents, or published in it."""
        start, end = self.view.start_us, self.view.end_us
        ids = {r["incident_id"] for r in self.view.derived.tables["incidents"] if self.inside(r)}
        wanted = [
            c
            for c in self.view.derived.claims
            if (self.only is None and start <= c["published"] < end)
            or (self.links.get(c["id"]) or {}).get("incident_id") in ids
        ]
        self.considered = len(wanted)
        return {r["id"]: r for r in self._passed(wanted) if r.get("id")}

    @cached_property
    def days_of(self) -> dict[str, int]:
        """Middle of the time of every incident, by id: for calendars."""
        return {r["incident_id"]: self.middle(r) for r in self.view.derived.tables["incidents"]}

    @cached_property
    def accused(self) -> dict[str, str]:
        """By incident of the day: who is accused by those who speak of it: an actor, EACH_OTHER, or NAMES_NOBODY."""
        return {i.id: accused_of(i.claims) for i in self.incidents}


def under(view: View, state: State, policy: Policy) -> frozenset[str]:
    """Incidents that may fall under the term of the report's scope, as far as findings of it leave."""
    rows = (r for r in state.tables["findings"] if (r["agreement"], r["term"]) == view.scope.term and r["incident_id"])
    told = release("findings", rows, view.audience, policy)
    return frozenset(
        r["incident_id"] for r in told if r.get("p_in_scope") != 0.0 or r["outcome"] not in (None, "no violation")
    )


def accused_of(claims: Iterable[Mapping[str, Any]]) -> str:
    """The one actor whom released claims accuse; EACH_OTHER where they accuse several, NAMES_NOBODY where none."""
    named = {c["accused"] for c in claims if c.get("accused") and c["stance"] != "denies" and c["relation"] != "denies"}
    if len(named) > 1:
        return EACH_OTHER
    return str(next(iter(named))) if named else NAMES_NOBODY


def said_order(claim: Mapping[str, Any]) -> tuple[Any, ...]:
    """Claims by when they were said, then by content without names."""
    return (*_said_when(claim), _content(claim))


def _said_when(claim: Mapping[str, Any]) -> tuple[int, int, int]:
    return (claim["published"], claim["start"], claim.get("end") or claim["start"])


def _content(row: Mapping[str, Any]) -> tuple[Any, ...]:
    keys = ("lat", "lon", "radius_km", "act", "stance", "kind", "killed_low", "injured_low", "weapon", "text")
    return tuple(str(row.get(k) if row.get(k) is not None else "") for k in keys)
