"""The register of complaints: a row each, and counts by party, kind and state, pending ones included.

Sri Lanka's monitors had taken 8,064 complaints by the end of 2005, with 946 pending; what they published was this. A
ruling says what a mission could establish of what was complained of: their number is never that of violations, and
nothing here adds them up as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from trucewatch.model.times import HOUR
from trucewatch.procedure.clocks import RUNNING, Clock
from trucewatch.procedure.road import Case, Road

Row = dict[str, Any]
COLUMNS = (
    "complaint_id", "received", "complainant", "against", "term", "kind", "state", "pending", "ruling", "age_h",
    "next_step", "next_due", "late", "missing", "suspended", "double_of", "third_party", "findings", "incidents",
    "offices", "still_to_pass", "published", "hours_to_publication", "agreement", "lang", "handling", "record",
    "receipt",
)  # fmt: skip
# What a complaint adds to the counts; `listed`: whether it stands in the list beside them.
COUNTED = (
    "complainant", "against", "kind", "state", "pending", "ruling", "age_h", "hours_to_publication", "late",
    "third_party", "clocks", "listed",
)  # fmt: skip
UNKNOWN = "unknown"  # a kind or party that nobody told


@dataclass(frozen=True, slots=True)
class Duration:
    """The time from allegation to publication of a group: how many were published, median, least and greatest, hours;
    and how many wait, with the age of the oldest of them, hours."""

    by: str
    group: str
    published: int
    median_h: float | None
    low_h: float | None
    high_h: float | None
    waiting: int
    oldest_h: float | None


def rows(
    roads: Sequence[Road], now: int, receipts: Mapping[str, tuple[int, str]], doubles: Mapping[str, str]
) -> list[Row]:
    """The register's rows in the order of receipt, at `now` (microseconds); `receipts`: number of the record and hash
    of the leaf of each complaint; `doubles`: see `double_of`."""
    ordered = sorted(roads, key=lambda r: (r.case.complaint["received"], r.case.id))
    return [_row(r, now, doubles, receipts) for r in ordered]


def _row(r: Road, now: int, doubles: Mapping[str, str], receipts: Mapping[str, tuple[int, str]]) -> Row:
    c = r.case.complaint
    ended, published, next_ = r.ended_at, r.published_at, next_clock(r.clocks)
    record, receipt = receipts.get(r.case.id, (None, None))
    return {
        "complaint_id": r.case.id, "received": c["received"], "complainant": c["complainant"],
        "against": c.get("against"), "term": c.get("term"), "kind": kind_of(r), "state": r.state,
        "pending": r.pending, "ruling": r.ruling,
        "age_h": _hours((now if ended is None else ended) - c["received"]),
        "next_step": None if next_ is None else next_.step, "next_due": None if next_ is None else next_.due,
        "late": list(r.late) or None, "missing": list(r.missing) or None,
        "suspended": None if r.suspended is None else r.suspended.get("reason"),
        "double_of": r.joined_to or doubles.get(r.case.id), "third_party": third_party(r),
        "findings": [f.id for f in r.case.findings] or None, "incidents": list(r.case.incidents) or None,
        "offices": list(r.offices) or None, "still_to_pass": list(r.left) or None, "published": published,
        "hours_to_publication": None if published is None else _hours(published - c["received"]),
        "agreement": None if r.case.agreement is None else r.case.agreement.id,
        "lang": c.get("lang") or _language(r), "handling": c.get("handling") or "restricted", "record": record,
        "receipt": receipt, "told_by": r.case.told_by, "clocks": {one.step: one.state for one in r.clocks},
    }  # fmt: skip


def _hours(us: int) -> float:
    return round(us / HOUR, 1)


def _language(r: Road) -> str | None:
    """The one language of its claims; None where they tell none or several."""
    told = {c.get("lang") for c in r.case.claims}
    return told.pop() if len(told) == 1 else None


def next_clock(clocks: Iterable[Clock]) -> Clock | None:
    """The clock that ends first of those that run, or that has ended first of those overdue."""
    running = [c for c in clocks if c.due is not None and c.done is None and c.state in {RUNNING, "overdue"}]
    return min(running, key=lambda c: (c.due or 0, c.step), default=None)


def kind_of(r: Road) -> str:
    """What a complaint is about: the first part of its claims' act codes, else of its term's acts, else the kind of its
    term; `unknown` where nothing tells."""
    roots = sorted({str(c["act"]).partition(".")[0] for c in r.case.claims if c.get("act")})
    if len(roots) == 1:
        return roots[0]
    term = r.case.agreement.term(str(r.case.complaint.get("term"))) if r.case.agreement is not None else None
    if term is None:
        return roots[0] if roots else UNKNOWN
    of_term = {a.partition(".")[0] for a in term.acts}
    return of_term.pop() if len(of_term) == 1 else term.kind


def third_party(r: Road) -> bool:
    """Whether it accuses somebody whom the agreement does not bind: that may be found, and not ruled a breach."""
    against, agreement = r.case.complaint.get("against"), r.case.agreement
    if against is None or agreement is None:
        return False
    bound = {actor for t in agreement.terms for read in (t, *(x for _, x in t.alternatives)) for actor in read.binds}
    return str(against) not in bound | {a.id for a in agreement.parties}


def double_of(cases: Iterable[Case]) -> dict[str, str]:
    """Complaints that may say again what an earlier one of the same complainant says: the same claims, or, where they
    name none, the same words. Nothing is dropped for it: a person joins them."""
    first: dict[tuple[Any, ...], str] = {}
    out = {}
    for case in sorted(cases, key=lambda one: (one.complaint["received"], one.id)):
        c = case.complaint
        rests = frozenset(c.get("claims") or ()) or " ".join(str(c.get("text") or "").casefold().split())
        if not rests:
            continue
        key = (c["complainant"], c.get("against"), rests)
        held = first.setdefault(key, case.id)
        if held != case.id:
            out[case.id] = held
    return out


# ---- counts


def groups(rows: Sequence[Mapping[str, Any]], parties: Sequence[str]) -> dict[str, list[str]]:
    """The groups of the tables, in their order: parties as the agreements have them, then others."""
    out = {}
    for by in ("complainant", "against"):
        told = {party_of(r[by]) for r in rows}
        out[by] = [p for p in parties if p in told] + sorted(told - {*parties, UNKNOWN}) + [UNKNOWN] * (UNKNOWN in told)
    out["kind"] = sorted({r["kind"] for r in rows} - {UNKNOWN}) + [UNKNOWN] * any(r["kind"] == UNKNOWN for r in rows)
    return out


def party_of(value: Any) -> str:
    """The group of a party: an actor's id, `other` for anybody else, `unknown` where nobody is named."""
    if value is None:
        return UNKNOWN
    return "other" if str(value).startswith("other:") else str(value)


def counts(rows: Iterable[Mapping[str, Any]], by: str) -> dict[tuple[str, str], int]:
    """How many complaints by (group, state), where a ruling is a state: its words."""
    out: dict[tuple[str, str], int] = defaultdict(int)
    for r in rows:
        group = r["kind"] if by == "kind" else party_of(r[by])
        out[group, state_word(r)] += 1
    return dict(out)


def state_word(r: Mapping[str, Any]) -> str:
    """Under which head a complaint is counted: its ruling, else how it stands."""
    return str(r["ruling"] or r["state"])


def durations(
    rows: Sequence[Mapping[str, Any]], parties: Sequence[str], since: str = "hours_to_publication"
) -> list[Duration]:
    """Time from allegation to publication by kind, by complainant and by whom the complaint is against."""
    out = []
    for by, names in {"all": ["all"], **groups(rows, parties)}.items():
        mine: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for r in rows:
            mine["all" if by == "all" else r["kind"] if by == "kind" else party_of(r[by])].append(r)
        out += [_duration(by, name, mine[name], since) for name in names]
    return out


def finding_durations(found: Sequence[Mapping[str, Any]], parties: Sequence[str]) -> list[Duration]:
    """Time from the first allegation of an incident to the publication of a finding on it, by kind and by whom it is
    about. `found`: published findings with kind, actor and hours."""
    rows = [{"kind": f["kind"], "against": f["actor"], "hours": f["hours"], "pending": False} for f in found]
    names = groups([{**r, "complainant": None} for r in rows], parties)
    out = []
    for by, of in (("all", ["all"]), ("against", names["against"]), ("kind", names["kind"])):
        for name in of:
            mine = [r for r in rows if by == "all" or (r["kind"] if by == "kind" else party_of(r[by])) == name]
            out.append(_duration(by, name, mine, "hours"))
    return out if rows else []


def _duration(by: str, group: str, rows: Sequence[Mapping[str, Any]], since: str) -> Duration:
    done = sorted(r[since] for r in rows if r[since] is not None)
    waiting = [r["age_h"] for r in rows if r["pending"]]
    low, high = (done[0], done[-1]) if done else (None, None)
    middle = round(median(done), 1) if done else None
    return Duration(by, group, len(done), middle, low, high, len(waiting), max(waiting, default=None))


__all__ = [
    "COLUMNS", "COUNTED", "UNKNOWN", "Duration", "counts", "double_of", "durations", "finding_durations", "groups",
    "kind_of", "next_clock", "party_of", "rows", "state_word", "third_party",
]  # fmt: skip
