"""`agreement try`: which of a handful of test claims would fall under which term of one agreement, and why.

Nothing is linked: each claim is an incident of its own, taken as if it had happened just as told and the actor in
question had done it, and judged by `judge` like any other. So `p_in_scope` is that of judging, and there is no second
definition of a rule. Why a claim falls under none is found by asking `judge` again about the same claim at another
time, at another place, as another act or with another weapon: what makes it fall is what kept it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement, Term
from trucewatch.agreement.noticing import instead
from trucewatch.intake.adapter import AdapterContext
from trucewatch.intake.files import check_path, open_file
from trucewatch.intake.formats import named
from trucewatch.intake.gazetteer.resolve import Resolver
from trucewatch.intake.references import Known
from trucewatch.judging import explain_finding, judge
from trucewatch.judging.kinds import codes
from trucewatch.judging.rulings import clocks
from trucewatch.linking import parameters
from trucewatch.linking.incidents import describe
from trucewatch.mission.assess import judged_table
from trucewatch.mission.claim_table import claim_table, names_of
from trucewatch.mission.config import Outcomes
from trucewatch.mission.context import actor_names
from trucewatch.mission.snapshot import Payload, Versions, shipped_fit
from trucewatch.mission.tables import ellipse
from trucewatch.mission.taking import Ground, Taken, Taking, recognised
from trucewatch.model.errors import Fault, Refusal, Rejected
from trucewatch.model.table import Table, objects
from trucewatch.model.times import format_instant, parse_instant
from trucewatch.taxonomy import taxonomy

MOST = 1_000  # test claims: what is asked of each grows with zones and terms
ASPECTS = ("time", "place", "act", "weapon")
_STAND_IN = "monitor"  # role of a source that nobody declared
_ALL_TIME = (parse_instant("1900-01-01T00:00:00Z"), parse_instant("2200-01-01T00:00:00Z"))
_ANY_WEAPON = "a weapon that nobody named"  # free words: its class is not known
_SURE_KM2 = 1e-4  # variance of a place that is tried: ten metres


@dataclass(frozen=True)
class Fall:
    """A claim under a term, for an actor and a reading. `p`: P(in scope), None = not known; `words`: why."""

    term: str
    actor: str
    reading: str | None
    answers_for: str | None
    p: float | None
    outcome: str
    words: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As in --json. `outcome_if_true`: of a mission that is sure of the claim and of who did it."""
        return {
            "term": self.term, "actor": self.actor, "reading": self.reading, "answers_for": self.answers_for,
            "p_in_scope": self.p, "outcome_if_true": self.outcome, "words": list(self.words),
        }  # fmt: skip


@dataclass(frozen=True)
class Outside:
    """A term under which a claim does not fall: what of it keeps it out (`time`, `place`, `act`, `weapon`, `actor`), or
    `not_due`: it binds already, and can be broken only later."""

    term: str
    why: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As in --json."""
        return {"term": self.term, "why": list(self.why)}


@dataclass
class Tried:
    """One claim: terms under which it falls, may fall (not known, or in between), does not; or why none was tried."""

    ref: str
    payload: Payload
    falls: list[Fall] = field(default_factory=list)
    may: list[Fall] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    left_out: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As in --json."""
        told = {k: self.payload.get(k) for k in ("act", "accused", "weapon", "lat", "lon")}
        return {
            "claim": self.ref, "start": format_instant(self.payload["start"]), **told, "left_out": self.left_out,
            "falls": [f.as_dict() for f in self.falls], "may_fall": [f.as_dict() for f in self.may],
            "outside": [o.as_dict() for o in self.outside],
        }  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """What a file of test claims gave: the claims, terms that nothing is judged against and why, notes, bad rows."""

    claims: tuple[Tried, ...]
    idle: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def try_claims(
    agreement: Agreement, claims: Path, sources: Path | None = None, events: Mapping[str, int] | None = None
) -> Trial:
    """Hold the claims of a file against an agreement; `events`: times (microseconds) of events that it leaves open.

    `Refusal` where a file cannot be read, an event is not one of the agreement, or there are too many claims.
    """
    set_events = dict(events or {})
    unknown = [name for name in set_events if name not in agreement.events]
    if unknown:
        known = ", ".join(agreement.events) or "none"
        raise Refusal(Fault(f"the agreement has no event {unknown[0]!r}", f"Write one of: {known}"))
    read = _read(agreement, claims, sources)
    if len(read.rows) > MOST:
        raise Refusal(Fault(f"{len(read.rows)} claims are too many to try", f"Try {MOST} at a time", claims.name))
    ground = _Ground.of(agreement, read, set_events)
    return Trial(tuple(ground.tried()), tuple(ground.idle.items()), tuple(read.notes), tuple(read.faults))


# ---- reading


class _Gathered:
    """Where rows go that are kept nowhere: the newest version of each record, in the order of the file."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, tuple[Payload, int]]] = {}

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """Nothing is stored yet."""
        return {}

    def append(self, kind: str, rows: Any, *, recorded_at: int) -> int:
        """Keep rows."""
        held = self.rows.setdefault(kind, {})
        held.update({id_: (json.loads(data), known) for id_, data, known, *_ in rows})
        return len(rows)


@dataclass
class _Read:
    rows: list[Versions]
    sources: list[Payload]
    notes: list[str]
    faults: list[Fault]


def _read(agreement: Agreement, claims: Path, sources: Path | None) -> _Read:
    """Rows of the files, each checked as intake does. What no file of sources declares gets a stand-in, and is told."""
    bad = [f for f in map(check_path, [claims, *([sources] if sources else [])]) if f is not None]
    if bad:
        raise Refusal(*bad)
    known = Known(
        {}, dict(actor_names([agreement])), taxonomy().acts, agreement.zones, (), agreement.timezone,
        agreement.path.name if agreement.path is not None else "the agreement",
    )  # fmt: skip
    gathered, resolver = _Gathered(), Resolver([])
    context = AdapterContext(dict(known.by_name), agreement.timezone)
    ground = Ground(known, context, lambda: resolver, lambda kind, row: None, 0)
    out = _Read([], [], [], [])
    if sources is not None:
        _take(ground, sources, "sources", gathered, out)
        out.sources = [payload for payload, _ in gathered.rows.get("source", {}).values()]
        known.sources.update({str(s["source"]): s.get("tz") for s in out.sources})
    undeclared = [s for s in dict.fromkeys(_words(claims, "source")) if s not in known.sources]
    for source in undeclared:
        known.sources[source] = agreement.timezone
        out.sources.append({"source": source, "name": source, "role": _STAND_IN, "tz": agreement.timezone})
    if undeclared:
        shown = ", ".join(undeclared[:8]) + (", ..." if len(undeclared) > 8 else "")
        stands = "stands" if len(undeclared) == 1 else "stand"
        out.notes.append(f"no file declares {shown}: a stand-in, a {_STAND_IN} of no party, {stands} in")
    _take(ground, claims, "claims", gathered, out)
    kept = gathered.rows.get("claim", {}).items()
    out.rows = [Versions(id_, n, payload, at) for n, (id_, (payload, at)) in enumerate(kept, 1)]
    return out


def _take(ground: Ground, path: Path, kind: str, target: _Gathered, out: _Read) -> None:
    opened = open_file(path)
    try:
        taken: Taken = Taking(ground, opened, named(kind), target, None).read()
    except Rejected as e:
        out.faults.extend(e.faults)
        return
    finally:
        opened.close()
    out.notes.extend(taken.warnings)
    out.faults.extend(taken.faults)


def _words(path: Path, column: str) -> Iterator[str]:
    """The words of a column of claims, empty cells left out; nothing of a file that is no table."""
    opened = open_file(path)
    try:
        _, header, sheet = recognised(opened, named("claims"))
        for line in sheet.lines:
            names = sheet.header if opened.form == "jsonl" else header
            at = names.index(column) if column in names else len(line.cells)
            if at < len(line.cells) and line.cells[at].strip():
                yield line.cells[at].strip()
    except Rejected:
        return  # told when the rows are read
    finally:
        opened.close()


# ---- judging


@dataclass(frozen=True)
class _Ground:
    """The claims as incidents, and everything that `judge` asks for besides."""

    agreement: Agreement
    claims: Sequence[Versions]
    incidents: Table
    decisions: Sequence[Mapping[str, Any]]
    points: Sequence[tuple[float, float]]
    left_out: Mapping[int, str]
    idle: Mapping[str, str]

    @classmethod
    def of(cls, agreement: Agreement, read: _Read, events: Mapping[str, int]) -> _Ground:
        """Each claim as an incident of its own, in the order of the file."""
        fit = shipped_fit()
        names = names_of(read.sources, actor_names([agreement]), True, agreement.timezone)
        table = claim_table(read.rows, names, Resolver([]), fit["time_sd_min"]).table
        each = np.arange(len(read.rows))
        incidents = table
        if each.size:
            own = np.ones(each.size, dtype=bool)
            incidents = describe(table, each, each, own, each.size, parameters(fit))
        decisions = [
            {
                "verb": "set_event", "object": name, "finding_id": None, "number": None, "person": "", "at": 0,
                "stale": False, "params": {"agreement": agreement.id, "event": name, "at": at},
            }
            for name, at in events.items()
        ]  # fmt: skip
        left_out = {k: why for k, c in enumerate(read.rows) if (why := _says_nothing(c.payload))}
        idle = dict(_idle(agreement, events))
        return cls(agreement, read.rows, incidents, decisions, list(_points(agreement)), left_out, idle)

    def tried(self) -> Iterator[Tried]:
        """Every claim, in the order of the file."""
        rows = [k for k in range(len(self.claims)) if k not in self.left_out]
        found = self._as_told(rows)
        why = self._why_not(rows, found)
        limits = Outcomes()
        for k, claim in enumerate(self.claims):
            one = Tried(claim.id, claim.payload, left_out=self.left_out.get(k))
            for (at, _), falls in found.items():
                if at != k:
                    continue
                if all(f.p is not None and f.p >= limits.violation for f in falls):
                    one.falls += falls
                elif any(f.p is None or f.p > limits.no_violation for f in falls):
                    one.may += falls
            one.outside = [Outside(term, aspects) for (at, term), aspects in why.items() if at == k]
            yield one

    def _judged(self, incidents: Table, authors: Table) -> list[dict[str, Any]]:
        n = incidents.n
        taken = judged_table(incidents, np.ones(n), ["verified"] * n)
        found = judge(taken, authors, [self.agreement], [], self.decisions, Outcomes().model_dump())
        return [r for r in found.rows() if r["incident_id"] is not None]

    def _as_told(self, rows: Sequence[int]) -> dict[tuple[int, str], list[Fall]]:
        """(row, term) -> what judging says of the claim, for the accused, or each bound actor where none is told."""
        who = [(k, actor) for k in rows for actor in self._candidates(k)]
        if not who:
            return {}
        incidents = self._numbered(self.incidents.take(np.array([k for k, _ in who])))
        authors = Table({
            "number": incidents["number"], "actor": objects([a for _, a in who]), "p": np.ones(len(who)),
        }, len(who))  # fmt: skip
        out: dict[tuple[int, str], list[Fall]] = {}
        for row in self._judged(incidents, authors):
            k, actor = who[_number(row)]
            if _concerns(row, [actor]):
                out.setdefault((k, row["term"]), []).append(self._fall(row, k))
        return out

    def _candidates(self, k: int) -> list[str]:
        """Who is tried as the author of a claim: the accused, else everybody whom a term binds."""
        accused = self.claims[k].payload.get("accused")
        if accused is not None:
            return [accused] if self.agreement.actor(accused) is not None else []
        bound = {a for t in self.agreement.terms for _, read in t.alternatives for a in read.binds}
        return [a.id for a in self.agreement.actors if a.id in bound]

    def _fall(self, row: Mapping[str, Any], k: int) -> Fall:
        p = row["p_in_scope"]
        t = self.incidents
        lat = float(t["lat"][k])
        place = {"lat": None if np.isnan(lat) else lat, "lon": float(t["lon"][k]), "place_of": t["place_of"][k]}
        axes = zip(("semi_major_km", "semi_minor_km", "azimuth_deg"), self._ellipse(k), strict=True)
        told = {**place, **dict(axes), "act": t["act"][k], "weapon": t["weapon"][k], "start": int(t["start"][k])}
        words = explain_finding(row, [self.agreement], told, clocks=clocks(self.decisions, [self.agreement]))
        return Fall(
            row["term"], row["actor"], row["reading"], row["answers_for"], None if np.isnan(p) else round(float(p), 4),
            row["outcome"], tuple(words),
        )  # fmt: skip

    def _ellipse(self, k: int) -> tuple[float, float, float]:
        """Semi-axes (km) and azimuth (degrees) of the place of a claim; 0 where its size is not told."""
        at = np.array([k])
        major, minor, azimuth = ellipse(*(np.nan_to_num(self.incidents[c][at]) for c in ("cov_ee", "cov_en", "cov_nn")))
        return float(major[0]), float(minor[0]), float(azimuth[0])

    def _numbered(self, incidents: Table) -> Table:
        return incidents.with_columns(number=np.arange(1, incidents.n + 1))

    # ---- why not

    def _why_not(
        self, rows: Sequence[int], found: Mapping[tuple[int, str], list[Fall]]
    ) -> dict[tuple[int, str], tuple[str, ...]]:
        """(row, term) -> the fewest aspects that keep a claim out: told otherwise, it would fall, or might."""
        least = Outcomes().no_violation
        judged = [t.id for t in self.agreement.terms if t.id not in self.idle]
        out: dict[tuple[int, str], tuple[str, ...]] = {}
        open_ = {
            (k, term)
            for k in rows
            for term in judged
            if not any(f.p is None or f.p > least for f in found.get((k, term), ()))
        }
        for pair in open_:
            falls = found.get(pair, [])
            if falls and all(f.outcome == "not due" for f in falls):
                out[pair] = ("not_due",)
        open_ -= out.keys()
        for size in range(1, len(ASPECTS) + 1):
            for aspects in combinations(ASPECTS, size):
                for pair in self._falling(sorted({k for k, _ in open_}), aspects) & (open_ - out.keys()):
                    out[pair] = aspects
            open_ -= out.keys()
        out |= dict.fromkeys(open_, ("actor",))  # whatever else were told, it would not bind who is accused
        order = {term: at for at, term in enumerate(judged)}
        return dict(sorted(out.items(), key=lambda item: (item[0][0], order[item[0][1]])))

    def _falling(self, rows: Sequence[int], aspects: Sequence[str]) -> set[tuple[int, str]]:
        """(row, term) under which a claim falls, or may fall, with some aspects told otherwise."""
        if not rows:
            return set()
        base = self.incidents.take(np.array(rows))
        tries = len(self.points) if "place" in aspects else 1
        n = base.n * tries
        table = self._numbered(base.take(np.tile(np.arange(base.n), tries)))
        if "time" in aspects:
            start, end = (np.full(n, t) for t in _ALL_TIME)
            table = table.with_columns(start=start, end=end, throughout=np.ones(n, dtype=bool))
        if "act" in aspects:
            acts = self._acts()
            weapons = [w or _implied(a) for a, w in zip(table["acts"].tolist(), table["weapons"].tolist(), strict=True)]
            any_act = tuple((a, 1 / len(acts)) for a in acts)
            table = table.with_columns(acts=objects([any_act] * n), weapons=objects(weapons))
        if "weapon" in aspects:
            table = table.with_columns(weapons=objects([((_ANY_WEAPON, 1.0),)] * n))
        if "place" in aspects:
            table = _placed(table, [p for p in self.points for _ in range(base.n)])
        none = Table({"number": np.zeros(0, int), "actor": objects([]), "p": np.zeros(0)}, 0)
        least = Outcomes().no_violation
        # An act that could be any of several falls with its share alone.
        floor = 0.0 if "act" in aspects else least
        return {
            (k, row["term"])
            for row in self._judged(table, none)
            if (np.isnan(row["p_in_scope"]) or row["p_in_scope"] > floor)
            and _concerns(row, self._candidates(k := rows[_number(row) % base.n]))
        }

    def _acts(self) -> list[str]:
        """Acts of any term, named or implied by its kind, and weapons seen, on which a withdrawal is judged."""
        told = [a for t in self.agreement.terms for _, read in t.alternatives for a in codes(read)]
        return list(dict.fromkeys([*told, "movement.weapons_in_zone"]))


def _number(row: Mapping[str, Any]) -> int:
    """Position of the incident of a finding."""
    return int(str(row["incident_id"])[1:]) - 1


def _implied(acts: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """The class of weapon that the likeliest act tells, which another act in its place would not."""
    act = taxonomy().acts.get(acts[0][0]) if acts else None
    return () if act is None or act.weapon_class is None else ((act.weapon_class, 1.0),)


def _concerns(row: Mapping[str, Any], actors: Sequence[str]) -> bool:
    """Whether a finding is about what one of some actors did."""
    return row["actor"] in actors or any(a in actors for a in (row["answers_for"] or "").split(";"))


def _placed(table: Table, points: Sequence[tuple[float, float]]) -> Table:
    """The same incidents, each at a point: where it fell, and where it came from. A point of NaN = place unknown."""
    n = table.n
    lon, lat = (np.array([p[k] for p in points], dtype=float) for k in (0, 1))
    sure = np.full(n, _SURE_KM2)
    return table.with_columns(
        lat=lat, lon=lon, cov_ee=sure, cov_en=np.zeros(n), cov_nn=sure, origin_lat=lat, origin_lon=lon,
        origin_sigma_km=np.sqrt(sure), place_of=objects(["impact"] * n),
    )  # fmt: skip


def _points(agreement: Agreement) -> Iterator[tuple[float, float]]:
    """Places to try, longitude and latitude: in the middle of each zone, far from all of them, and nowhere known."""
    shapes = [z.geometry for z in agreement.zones.values() if z.geometry is not None]
    for shape in shapes:
        inner = shape.representative_point() if shape.area > 0 else _on(shape)
        yield float(inner.x), float(inner.y)
    if shapes:
        east, north = max(s.bounds[2] for s in shapes), max(s.bounds[3] for s in shapes)
        yield min(east + 5.0, 179.0), min(north + 5.0, 85.0)
    yield float("nan"), float("nan")


def _on(line: Any) -> Any:
    parts: Sequence[Any] = getattr(line, "geoms", [line])
    return max(parts, key=lambda p: p.length).interpolate(0.5, normalized=True)


def _says_nothing(payload: Payload) -> str | None:
    """Why a claim is no test of a term."""
    if payload.get("cumulative"):
        return "a running total speaks of no single event"
    if "retracts" in payload:
        return "it withdraws another claim"
    return "a denial alleges nothing" if payload.get("stance") == "denies" else None


def _idle(agreement: Agreement, events: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Terms that nothing is judged against, and why."""
    times = agreement.event_times(events)
    for term in agreement.terms:
        if term.kind == "statement":
            yield term.id, "a statement: shown, not for judgement"
        elif term.open_ended:
            yield term.id, "its wording is open: people alone apply it"
        elif not term.judged:
            yield term.id, f"{term.kind}: {instead(term)}"
        elif waits := _waits(term, times):
            yield term.id, f"waits for {', '.join(waits)}"


def _waits(term: Term, times: Mapping[str, int | None]) -> list[str]:
    """The events without a time that a term stands on, where it has none under any reading."""
    out: list[str] = []
    for _, read in term.alternatives:
        if read.window(times)[0] is not None and read.due(times) is not None:
            return []
        unset = [w.event for w in (read.starts, read.by) if w is not None and w.event and times.get(w.event) is None]
        out += unset or (["in_force"] if times.get("in_force") is None else [])
    return list(dict.fromkeys(out))


__all__ = ["ASPECTS", "MOST", "Fall", "Outside", "Trial", "Tried", "try_claims"]
