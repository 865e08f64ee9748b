"""The hash of what a person sees of an incident or a finding, which a decision may name (design 3).

It holds the claims of the incident with their relation, its probabilities, and the probabilities of the finding under
each reading: what evidence decides. Statuses, outcomes and states are left out, since decisions themselves change them;
so are repeats, which must reopen nothing (L5), and names of parties, so that the mirror has the same hashes (L3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from trucewatch.linking import Linked
from trucewatch.mission.snapshot import Versions
from trucewatch.model.table import Table
from trucewatch.model.vocabulary import RELATIONS

ASSESSED = ("p_occurred", "p_low", "p_high")
FOUND = ("p_in_scope", "p_violation")
# Acts that stand on what was known: new evidence takes them back (design 3). A draft, reply or visit stays what it was.
STANDING = ("rule", "grant", "refute", "sign", "review", "notify", "publish", "reopen", "override")
_REPEATS = "repeats"


def seen_hash(links: Iterable[Sequence[str]], assessment: Sequence[Any], finding: Iterable[Sequence[Any]]) -> str:
    """SHA-256 of (source, claim id, relation) of each claim, the values of ASSESSED, and those of FOUND a reading."""
    rows = sorted([None if v != v else v for v in row] for row in links if row[2] != _REPEATS)
    found = [[None if v != v else v for v in row] for row in finding]
    text = json.dumps([rows, list(assessment), found], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def mark_outdated(
    decisions: Sequence[dict[str, Any]], claims: Sequence[Versions], linked: Linked, assessments: Table, found: Table
) -> bool:
    """Set `stale` of each decision that names a hash by whether that is the hash of what is there now.

    Returns whether any of them names one. `assessments` along the incidents of `linked`; `found`: findings.
    """
    naming = [d for d in decisions if d.get("object_hash") and d["number"] is not None and d["verb"] in STANDING]
    if not naming:
        return False
    position = {n: k for k, n in enumerate(linked.incidents["number"].tolist())}
    by_finding: dict[str, list[int]] = {}
    for k, name in enumerate(found["finding_id"].tolist()):
        by_finding.setdefault(name, []).append(k)
    for d in naming:
        at = position[d["number"]]
        rows = np.flatnonzero(linked.incident == at).tolist()
        links = [_link(claims[r].payload, int(linked.relation[r])) for r in rows]
        assessment = [float(assessments[name][at]) for name in ASSESSED]
        name = f"F{d['number']}.{str(d['finding_id']).partition('.')[2]}"
        finding = [[found[c][k] for c in FOUND] for k in by_finding.get(name, ())]
        d["stale"] = seen_hash(links, assessment, finding) != d["object_hash"]
    return True


def _link(payload: Mapping[str, Any], relation: int) -> tuple[str, str, str]:
    return str(payload["source"]), str(payload["claim_id"]), RELATIONS[relation]


__all__ = ["ASSESSED", "FOUND", "STANDING", "mark_outdated", "seen_hash"]
