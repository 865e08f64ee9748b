"""People's decisions, resolved to the claims that they name (design 3); they survive rebuilds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.linking import LinkDecision, Linked
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.snapshot import Payload, Snapshot
from trucewatch.model.table import Array
from trucewatch.weighing import Judgement

_LINKING = ("link", "split", "merge")
_FINDING = ("rule", "grant", "refute", "sign", "review", "notify", "publish", "reopen")


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions in the order of `at`, each with the rows of the claims that it names."""

    every: tuple[tuple[Payload, tuple[int, ...]], ...]
    links: tuple[LinkDecision, ...]
    known: Array

    def judgement(self, incident: Array) -> Judgement:
        """Verifications and overrides by position of the incident that holds the named claims."""
        verified, overridden = set[int](), dict[int, str]()
        for payload, rows in self.every:
            at = incident_of(rows, incident)
            if at is None:
                continue
            if payload["verb"] == "verify":
                verified.add(at)
            elif payload["verb"] == "override":
                overridden[at] = str(_params(payload).get("status", ""))
        return Judgement(sorted(verified), overridden)

    def for_judging(self, linked: Linked, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Decisions on findings and on the agreement, for `judge`; `stale` where the incident got new voices since."""
        out = []
        for payload, rows in self.every:
            if payload["verb"] in _LINKING or payload["verb"] in {"verify", "override"}:
                continue
            at = incident_of(rows, linked.incident)
            out.append({
                **payload, "params": _params(payload), "number": None if at is None else numbers[at],
                "finding_id": str(payload.get("object", "")), "stale": at is not None and self._stale(payload, at, linked),
            })  # fmt: skip
        return out

    def _stale(self, payload: Payload, at: int, linked: Linked) -> bool:
        if payload["verb"] not in _FINDING:
            return False
        voices = (linked.incident == at) & (linked.voice == np.arange(linked.voice.size))
        return bool((self.known[voices] > payload["at"]).any())


def resolve_decisions(snap: Snapshot, table: ClaimTable) -> Decided:
    """Read decisions in the order of `at` (then of content) and find the claims that each names."""
    by_number = {int(n): k for k, n in enumerate(table.table["number"].tolist())}
    payloads = [d.payload for d in snap.tables["decisions"]]
    ordered = sorted(payloads, key=lambda p: (p["at"], p["verb"], str(p.get("object", "")), str(p.get("params", ""))))
    every = tuple((p, _rows(p, table, by_number)) for p in ordered)
    links = tuple(LinkDecision(p["verb"], rows) for p, rows in every if p["verb"] in _LINKING and rows)
    return Decided(every, links, table.table["known"])


def _params(payload: Payload) -> dict[str, Any]:
    params = payload.get("params")
    return params if isinstance(params, dict) else {}


def _rows(payload: Payload, table: ClaimTable, by_number: dict[int, int]) -> tuple[int, ...]:
    claims = _params(payload).get("claims") or []
    rows = [table.refs[str(c)] for c in claims if str(c) in table.refs]
    word = str(payload.get("object", ""))
    if not rows and word in table.refs:
        rows = [table.refs[word]]
    if not rows and word[:1] in {"I", "F"} and word[1:].split(".")[0].isdigit():
        row = by_number.get(int(word[1:].split(".")[0]))
        rows = [] if row is None else [row]
    return tuple(rows)


def incident_of(rows: Sequence[int], incident: Array) -> int | None:
    """Position of the incident that holds most of the named claims, the first named among equals; None if none does."""
    found = [int(incident[r]) for r in rows if incident[r] >= 0]
    if not found:
        return None
    return max(dict.fromkeys(found), key=found.count)
