"""People's decisions, resolved to the claims that they name (design 3); they survive rebuilds.

A decision names its incident by claims (`params {"claims": ["SOURCE/ID"]}`), by an incident's or finding's id, or by
SOURCE/ID; a finding besides by the ids of its term and actor (`{"claims": [...], "term": "1", "actor": "a"}`, and
`agreement` where two of the chain have that term), or by `F0.` and positions beside claims.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement
from trucewatch.linking import LinkDecision, Linked
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.snapshot import Payload, Snapshot
from trucewatch.model.table import Array
from trucewatch.model.vocabulary import STANCES, STATUSES
from trucewatch.weighing import Judgement

_LINKING = ("link", "split", "merge")
_OF_INCIDENT = re.compile(r"F[1-9]\d*\.")
_CLOCKS = ("set_event", "extend", "end")
# Acts that stand on what was known: new evidence takes them back (design 3). A reply or a visit stays what it was.
_STANDING = ("rule", "grant", "refute", "sign", "review", "notify", "publish", "reopen", "override")
_DENIES = STANCES.index("denies")


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions in the order of `at`, each with the rows of the claims that it names."""

    every: tuple[tuple[Payload, tuple[int, ...]], ...]
    links: tuple[LinkDecision, ...]
    table: ClaimTable
    agreements: Sequence[Agreement] = ()
    warnings: tuple[str, ...] = ()

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
            elif not self._stale(payload, rows, at, linked):
                overridden[at] = str(_params(payload).get("status", ""))
        return Judgement(sorted(verified), overridden)

    def for_judging(self, linked: Linked, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Decisions on findings and on the agreement, for `judge`; `stale` where the incident is not what it was."""
        out = []
        for payload, rows in self.every:
            if payload["verb"] in _LINKING or payload["verb"] in {"verify", "override"}:
                continue
            at = incident_of(rows, linked.incident)
            named = finding_named(payload, self.agreements)
            if at is None and (_OF_INCIDENT.match(named) or _params(payload).get("claims")):
                continue  # what it names speaks of no incident any more; a number alone would be anybody's
            out.append({
                **payload, "params": _params(payload), "number": None if at is None else numbers[at],
                "finding_id": named, "stale": at is not None and self._stale(payload, rows, at, linked),
            })  # fmt: skip
        return out

    def _stale(self, payload: Payload, rows: Sequence[int], at: int, linked: Linked) -> bool:
        """Whether the incident got evidence since, or lost a claim that the decision names.

        A party's denial is an answer and no evidence: else the accused could reopen any finding by denying again.
        """
        if payload["verb"] not in _STANDING:
            return False
        claims = self.table.table
        own = (linked.incident == at) & (linked.voice == np.arange(linked.voice.size))
        own &= ~((claims["stance"] == _DENIES) & (claims["side"] >= 0))
        if bool((claims["known"][own] > payload["at"]).any()):
            return True
        return any(linked.incident[r] != at and self._left_after(r, payload["at"]) for r in rows)

    def _left_after(self, row: int, moment: int) -> bool:
        """Whether a claim that left its incident was withdrawn after a moment; one that was moved counts as such."""
        by = self.table.retracted_by.get(row)
        if by is None or by not in self.table.refs:
            return True
        return int(self.table.table["known"][self.table.refs[by]]) > moment


def resolve_decisions(snap: Snapshot, table: ClaimTable, agreements: Sequence[Agreement] = ()) -> Decided:
    """Read decisions in the order of `at` (then of content) and find the claims that each names."""
    by_number = {int(n): k for k, n in enumerate(table.table["number"].tolist())}
    payloads = [d.payload for d in snap.tables["decisions"]]
    ordered = sorted(payloads, key=lambda p: (p["at"], p["verb"], str(p.get("object", "")), str(p.get("params", ""))))
    every = tuple((p, _rows(p, table, by_number)) for p in ordered)
    links = tuple(LinkDecision(p["verb"], rows) for p, rows in every if p["verb"] in _LINKING and rows)
    warnings = tuple(w for p, rows in every if (w := _fault(p, rows, agreements)) is not None)
    return Decided(every, links, table, agreements, warnings)


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
    verb, said = payload["verb"], f"the decision {payload['verb']!r} of {payload['person']}"
    if verb in _CLOCKS:
        return None
    named = finding_named(payload, agreements)
    if not rows and not named.startswith("F0."):
        return f"{said} names no claim, incident or finding that is known"
    if verb in {"link", "merge"} and len(rows) < 2:
        return f"{said} names one claim alone: there is nothing to join"
    if verb == "override" and _params(payload).get("status") not in STATUSES[:4]:
        return f"{said} sets no status that a person may set: {', '.join(STATUSES[:4])}"
    if verb not in (*_LINKING, "verify", "override") and not named.startswith("F"):
        return f"{said} names no finding: write its id, or term and actor in params"
    return None


def _params(payload: Mapping[str, Any]) -> dict[str, Any]:
    params = payload.get("params")
    return params if isinstance(params, dict) else {}


def _rows(payload: Payload, table: ClaimTable, by_number: dict[int, int]) -> tuple[int, ...]:
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
        row = by_number.get(int(word[1:].split(".")[0]))
        held = [] if row is None else [row]
    return tuple(dict.fromkeys([*held, *rows]))


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
