"""People's decisions, resolved to the claims that they name (design 3); they survive rebuilds.

A decision names its incident by claims (`params {"claims": ["SOURCE/ID"]}`), by an incident's or finding's id, or by
SOURCE/ID; a finding besides by the ids of its term and actor (`{"claims": [...], "term": "1", "actor": "a"}`, and
`agreement` where two of the chain have that term), or by `F0.` and positions beside claims.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.agreement import Agreement
from trucewatch.judging import RULINGS, key_of, out_of_turn, ruled_outcome
from trucewatch.judging.rulings import CLOCK_VERBS, Clocks, clocks, several_conditions
from trucewatch.linking import LinkDecision, Linked
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.config import Person
from trucewatch.mission.persons import person_bars, said
from trucewatch.mission.seen import STANDING
from trucewatch.mission.snapshot import Payload, Snapshot
from trucewatch.model.table import Array
from trucewatch.model.times import format_instant
from trucewatch.model.vocabulary import STANCES, STATUSES
from trucewatch.procedure.naming import complaint_named
from trucewatch.procedure.offices import step_of
from trucewatch.procedure.voting import vote
from trucewatch.weighing import Judgement

if TYPE_CHECKING:
    from trucewatch.mission.derive import Derived
    from trucewatch.mission.folder import Mission

_LINKING = ("link", "split", "merge")
_OF_INCIDENT = re.compile(r"F[1-9]\d*\.")
_CLOCKS = ("set_event", "extend", "end")
_DENIES = STANCES.index("denies")


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Which incident (-1 = none) and which voice each claim belongs to, by row."""

    incident: Array
    voice: Array


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions in the order of `at`, each with the rows of the claims that it names; `on_complaints`, which bear on no
    incident, apart: with the complaint of each."""

    every: tuple[tuple[Payload, tuple[int, ...]], ...]
    links: tuple[LinkDecision, ...]
    table: ClaimTable
    agreements: Sequence[Agreement] = ()
    warnings: tuple[str, ...] = ()
    on_complaints: tuple[tuple[str, Payload], ...] = ()

    def judgement(self, linked: Linked) -> Judgement:
        """Verifications and overrides by position of the incident that holds the named claims."""
        verified, overridden = set[int](), dict[int, str]()
        for payload, rows in self.every:
            if payload["verb"] not in {"verify", "override"}:
                continue
            at = incident_of(rows, linked.incident)
            if at is None:
                continue
            if payload["verb"] == "verify":
                verified.add(at)
            elif not self._stale(payload, rows, at, Held(linked.incident, linked.voice)):
                overridden[at] = str(_params(payload).get("status", ""))
        return Judgement(sorted(verified), overridden)

    def for_judging(self, linked: Linked, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Decisions on findings and on the agreement, for `judge`; `stale` where the incident is not what it was."""
        return self.on_findings(Held(linked.incident, linked.voice), lambda at: numbers[at])

    def on_findings(self, held: Held, number: Callable[[int], int]) -> list[dict[str, Any]]:
        """Decisions on findings and on the agreement; `number`: of the incident at a position of `held`."""
        out = []
        for payload, rows in self.every:
            if payload["verb"] in _LINKING or payload["verb"] in {"verify", "override"}:
                continue
            at = incident_of(rows, held.incident)
            named = finding_named(payload, self.agreements)
            if at is None and (_OF_INCIDENT.match(named) or _params(payload).get("claims")):
                continue  # what it names speaks of no incident any more; a number alone would be anybody's
            out.append({
                **payload, "params": _params(payload), "number": None if at is None else number(at),
                "finding_id": named, "stale": at is not None and self._stale(payload, rows, at, held),
                **_of_bodies(payload, named, self.agreements),
            })  # fmt: skip
        return out

    def clocks(self) -> Clocks:
        """Times that people decided for the agreements."""
        found = [{**p, "params": _params(p)} for p, _ in self.every if p["verb"] in CLOCK_VERBS]
        return clocks(found, self.agreements)

    def out_of_turn(self, held: Held) -> list[str]:
        """Decisions that do nothing because the finding was in no state for them, in words.

        Where a decision on it names a hash of what was seen, nothing is told: that may have reopened it in between.
        """
        found = self.on_findings(held, lambda at: at + 1)
        hashed = {key_of(d) for d in found if d.get("object_hash")}
        return [
            f"{said(d)} has no effect: first reviewed by another person than the drafter, then signed, then published"
            for d in out_of_turn(found) if key_of(d) not in hashed
        ]  # fmt: skip

    def _stale(self, payload: Payload, rows: Sequence[int], at: int, held: Held) -> bool:
        """Whether the incident got evidence since, or lost a claim that the decision names.

        A party's denial is an answer and no evidence: else the accused could reopen any finding by denying again.
        """
        if payload["verb"] not in STANDING:
            return False
        claims = self.table.table
        own = (held.incident == at) & (held.voice == np.arange(held.voice.size))
        own &= ~((claims["stance"] == _DENIES) & (claims["side"] >= 0))
        if bool((claims["known"][own] > payload["at"]).any()):
            return True
        return any(held.incident[r] != at and self._left_after(r, payload["at"]) for r in rows)

    def _left_after(self, row: int, moment: int) -> bool:
        """Whether a claim that left its incident was withdrawn after a moment; one that was moved counts as such."""
        by = [self.table.refs[ref] for ref in self.table.withdrawals.get(row, ())]
        return not by or int(self.table.table["known"][by].min()) > moment


def resolve_decisions(
    snap: Snapshot, table: ClaimTable, agreements: Sequence[Agreement] = (), people: Sequence[Person] = ()
) -> Decided:
    """Read decisions in the order of `at` (then of content) and find the claims that each names.

    Those of a person who is not among `people`, or does not hold an office for it, are told and left out; where
    mission.yaml names nobody, anybody may decide.
    """
    return resolve_payloads([d.payload for d in snap.tables["decisions"]], snap, table, agreements, people)


def decided_now(derived: Derived, mission: Mission, more: Sequence[Payload]) -> Decided:
    """The same for a derived state and `more` decisions beside the recorded ones."""
    snap = derived.snapshot
    payloads = [*(d.payload for d in snap.tables["decisions"]), *more]
    return resolve_payloads(payloads, snap, derived.table, mission.agreements, mission.config.people)


def resolve_payloads(
    payloads: Sequence[Payload], snap: Snapshot, table: ClaimTable, agreements: Sequence[Agreement],
    people: Sequence[Person],
) -> Decided:  # fmt: skip
    """The same for given decisions."""
    ordered = sorted(payloads, key=lambda p: (p["at"], p["verb"], str(p.get("object", "")), str(p.get("params", ""))))
    complaints = {v.id for v in snap.tables["complaints"]}
    about = [complaint_named(str(p.get("object") or ""), complaints, table.refs) for p in ordered]
    taken = [None if c is None else step_of(p["verb"], _params(p)) for c, p in zip(about, ordered, strict=True)]
    barred = {k: w for k, p in enumerate(ordered) if (w := person_bars(p, people, taken[k])) is not None}
    named = [(about[k], p) for k, p in enumerate(ordered) if k not in barred]
    on_complaints = tuple((c, p) for c, p in named if c is not None)
    every = tuple((p, _rows(p, table)) for c, p in named if c is None)
    links = tuple(LinkDecision(p["verb"], rows) for p, rows in every if p["verb"] in _LINKING and rows)
    warnings = tuple(w for p, rows in every if (w := _fault(p, rows, agreements)) is not None)
    again = _set_again([p for p, _ in every], agreements)
    return Decided(every, links, table, agreements, (*barred.values(), *warnings, *again), on_complaints)


def _of_bodies(payload: Payload, finding: str, agreements: Sequence[Agreement]) -> dict[str, Any]:
    """What the mandate and the rule of a body make of a decision: the bodies that the finding passes; the body whose
    decision it records, and whether that carries."""
    if payload["verb"] not in {"review", "sign", "publish"}:
        return {}
    parts = finding.removeprefix("F").split(".")
    position = int(parts[1]) if len(parts) == 4 and parts[1].isdigit() else 0
    if not 1 <= position <= len(agreements):
        return {}
    agreement, params = agreements[position - 1], _params(payload)
    out: dict[str, Any] = {"passes": agreement.mandate.passes}
    if params.get("body") is not None and payload["verb"] != "publish":
        out |= {"body": str(params["body"]), "carried": vote(agreement, str(params["body"]), params.get("votes"))}
    return out


def _set_again(decisions: Sequence[Payload], agreements: Sequence[Agreement]) -> list[str]:
    """Which decisions set an event anew to another time than one before them, in words; the later one counts."""
    told: list[str] = []
    held: dict[tuple[str, str], int] = {}
    for p in decisions:
        if p["verb"] != "set_event":
            continue
        found = {(a, e): at for a, events in clocks([p], agreements).events.items() for e, at in events.items()}
        told += [
            f"{said(p)} sets {e} of {a} again, which a decision before set to {format_instant(held[a, e])}: this one "
            "counts. If that is not meant, decide it once more with the right time"
            for (a, e), at in found.items()
            if held.get((a, e), at) != at
        ]
        held |= found
    return told


def finding_named(payload: Mapping[str, Any], agreements: Sequence[Agreement]) -> str:
    """The finding's id that a decision means: its object, else `F0.` and the positions of the term and actor named in
    params; "" where those are not in the agreements."""
    word, params = str(payload.get("object") or ""), _params(payload)
    if word.startswith("F") or "term" not in params:
        return word
    for a, agreement in enumerate(agreements, 1):
        if params.get("agreement") not in {None, agreement.id}:
            continue
        terms = [t.id for t in agreement.terms]
        actors = [actor.id for actor in agreement.actors]
        if str(params["term"]) in terms and str(params.get("actor")) in actors:
            return f"F0.{a}.{terms.index(str(params['term'])) + 1}.{actors.index(str(params['actor'])) + 1}"
    return ""


def _fault(payload: Payload, rows: tuple[int, ...], agreements: Sequence[Agreement]) -> str | None:
    """What makes a decision do nothing, in words; None where it does something."""
    verb, words = payload["verb"], said(payload)
    if verb == "set_event" and (which := several_conditions(payload, agreements)):
        return f"of which condition {words} speaks is not said, so it sets none: write one of {', '.join(which)}"
    if verb in _CLOCKS or _params(payload).get("step") in {"suspended", "resumed"}:
        return None
    named = finding_named(payload, agreements)
    if not rows and not named.startswith("F0."):
        return f"{words} names no claim, incident or finding that is known"
    if verb in {"link", "merge"} and len(rows) < 2:
        return f"{words} names one claim alone: there is nothing to join"
    if verb == "override" and _params(payload).get("status") not in STATUSES[:4]:
        return f"{words} sets no status that a person may set: {', '.join(STATUSES[:4])}"
    if verb == "rule" and ruled_outcome(_params(payload)) is None:
        return f"{words} rules what nobody may rule: write one of {', '.join(RULINGS)}"
    if verb not in (*_LINKING, "verify", "override") and not named.startswith("F"):
        return f"{words} names no finding: write its id, or term and actor in params"
    return None


def _params(payload: Mapping[str, Any]) -> dict[str, Any]:
    params = payload.get("params")
    return params if isinstance(params, dict) else {}


def _rows(payload: Payload, table: ClaimTable) -> tuple[int, ...]:
    """Rows of the claims that a decision names.

    A link or merge goes to the incident of its object, where it names one, so that comes first; what is split off, and
    what a finding stands on, are the claims alone.
    """
    claims = _params(payload).get("claims") or []
    rows = [table.refs[str(c)] for c in claims if str(c) in table.refs]
    if claims and payload["verb"] not in {"link", "merge"}:
        return tuple(rows)  # claims that are not here yet are waited for; the number of an id would be another's
    word = str(payload.get("object") or "")
    held: list[int] = []
    if word in table.refs:
        held = [table.refs[word]]
    elif word[:1] in {"I", "F"} and word[1:].split(".")[0].isdigit():
        number = int(word[1:].split(".")[0])
        held = [] if number >= 1 << 63 else np.flatnonzero(table.table["number"] == number).tolist()
    return tuple(dict.fromkeys([*held, *rows]))


def held(table: ClaimTable, links: Iterable[Mapping[str, Any]]) -> Held:
    """Which incident (by number) and which voice each claim belongs to, by row of the claim table."""
    n = table.table.n
    incident, voice = np.full(n, -1, dtype=np.int64), np.arange(n)
    for r in links:
        row = table.refs[f"{r['source']}/{r['claim_id']}"]
        incident[row] = int(r["incident_id"][1:]) if r["incident_id"] else -1
        voice[row] = -1 if r["relation"] == "repeats" else row
    return Held(incident, voice)


def bearing_on(decided: Decided, labels: Array, changed: Array, moved: Array) -> Array:
    """Labels of the incidents that must be looked at again with those that changed: the ones of all claims that a
    decision names together with a claim that moved or stands in one of them.

    `labels`: by row, -1 = of no incident; `moved`: rows whose link is new or other.
    """
    touched = set(moved.tolist())
    named = [({int(k) for k in labels[list(rows)] if k >= 0}, touched & set(rows)) for _, rows in decided.every if rows]
    hit = set(changed.tolist())
    while True:
        more = {k for group, now in named if now or group & hit for k in group} - hit
        if not more:
            return np.array(sorted(hit), dtype=np.int64)
        hit |= more


def incident_of(rows: Sequence[int], incident: Array) -> int | None:
    """Position of the incident that holds most of the named claims, the first named among equals; None if none does."""
    found = [int(incident[r]) for r in rows if incident[r] >= 0]
    if not found:
        return None
    return max(dict.fromkeys(found), key=found.count)
