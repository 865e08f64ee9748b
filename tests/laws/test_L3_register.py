"""L3, L11 and L2 for the register: the parties exchanged, rows shuffled, all derived anew, it says the same."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.mission.test_decisions import AGREEMENT, EVIDENCE, MISSION, SOURCES, Case, claim
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.mirroring import mirrored
from trucewatch.mission.registering import as_csv, register_view
from trucewatch.mission.update import rebuild

BODIES = """mechanism:
  id: commission
  members: [norland, sudland]
  decides: consensus
  clocks: {acknowledged: PT24H, tasked: P1D, reported: P5D}
  mandate: {passes: [commission]}
procedures: [{id: complaint, on: complaint, from: party, within: PT36H, late: flagged}]
"""
SWAP = {"norland": "sudland", "sudland": "norland", "F1.1.1.2": "F1.1.1.1", "F1.1.1.1": "F1.1.1.2"}
_AS_RECORDED = ("record", "receipt")  # numbers and salted hashes of records
Row = dict[str, Any]


def _tables(seed: int) -> dict[str, list[Row]]:
    """Complaints of both sides with what was done about each, drawn from a seed."""
    r = random.Random(seed)
    complaints, decisions, tasks = [], [], []
    for k in range(12):
        who = r.choice(("norland", "sudland"))
        other = SWAP[who]
        at = f"2021-03-{6 + k % 3:02d}T{r.randrange(24):02d}:{k:02d}:00+04:00"
        complaints.append({
            "complaint_id": f"C-{k}", "received": at, "complainant": who, "term": r.choice(("1", "")),
            "against": r.choice((other, "other:band", "")), "claims": r.choice(("mod_n/1", "mon/1", "mod_s/9", "")),
            "text": r.choice(("they fired", f"words {k}")),
            "handling": r.choice(("public", "restricted", "confidential")),
        })  # fmt: skip
        for verb, params in (
            ("notify", {"step": "acknowledged"}), ("draft", {}), ("review", {}),
            ("rule", {"outcome": "outside mandate"}), ("sign", {}),
            ("sign", {"body": "commission", "votes": {who: "yes", other: r.choice(("yes", "no"))}}),
            ("publish", {}), ("notify", {"step": "suspended"}),
        )[: r.randrange(9)]:  # fmt: skip
            decisions.append({
                "at": f"2021-03-{9 + len(decisions) % 15:02d}T{r.randrange(24):02d}:{len(decisions) % 60:02d}:00+04:00",
                "person": r.choice(("ann", "ben")), "verb": verb, "object": f"C-{k}", "reason": "so",
                "params": params,
            })  # fmt: skip
        if r.random() < 0.5:
            tasks.append({"task_id": f"T-{k}", "ordered": at, "complaint": f"C-{k}", "look_for": "craters"})
    ruled = {"claims": ["mod_n/1"], "term": "1", "actor": "sudland", "outcome": "violation"}
    first = {"at": "2021-03-08T10:00:00+04:00", "person": "ann", "verb": "rule", "object": "", "reason": "so"}
    decisions.append({**first, "params": ruled})
    sources = [
        {"source": s, "name": s, "role": role, "party": p, "tz": "Asia/Baku", "approved_by": "x"}
        for s, role, p in SOURCES
    ]
    said = claim("mod_s", "9", "06T12:00", accused="norland", lat=41.0)
    return {"sources": sources, "claims": [*EVIDENCE, said], "complaints": complaints, "tasks": tasks,
            "decisions": decisions}  # fmt: skip


def _mission(folder: Path, tables: dict[str, list[Row]]) -> Mission:
    folder.mkdir(parents=True)
    (folder / "small.yaml").write_text(AGREEMENT + BODIES, "utf-8")
    (folder / "mission.yaml").write_text(MISSION, "utf-8")
    files = [Case._write(folder / f"{t}.csv", rows) for t, rows in tables.items()]
    mission = Mission.open(folder)
    assert not ingest(mission, files, recorded_at=1).errors
    return mission


def _register(mission: Mission, audience: str = "internal") -> list[dict[str, str]]:
    found = list(csv.DictReader(io.StringIO(as_csv(register_view(mission, audience).rows))))
    return [{k: v for k, v in row.items() if k not in _AS_RECORDED} for row in found]


def _swapped(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    def word(text: str) -> str:
        for a, b in (("norland", "sudland"), ("F1.1.1.2", "F1.1.1.1"), ("F5.1.1.2", "F5.1.1.1")):
            text = text.replace(a, "\0").replace(b, a).replace("\0", b)
        return text

    out = [{k: word(v) for k, v in row.items()} for row in rows]
    for row in out:  # findings stand in the order of the actors in the agreement
        row["findings"] = json.dumps(sorted(json.loads(row["findings"] or "[]")), separators=(",", ":"))
        row["findings"] = row["findings"].replace("[]", "")
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_the_parties_exchanged_the_register_is_exchanged(tmp_path: Path, seed: int) -> None:
    mission = _mission(tmp_path / "one", _tables(seed))
    (tmp_path / "two").mkdir()
    other = mirrored(mission, tmp_path / "two", "norland", "sudland")
    assert _register(other) == _swapped(_register(mission))
    assert _register(other, "party:norland") == _swapped(_register(mission, "party:sudland"))
    assert any(r["ruling"] for r in _register(mission))


@pytest.mark.parametrize("seed", [4, 5])
def test_shuffled_rows_and_a_rebuild_change_nothing(tmp_path: Path, seed: int) -> None:
    tables = _tables(seed)
    mission = _mission(tmp_path / "one", tables)
    r = random.Random(seed)
    shuffled = {t: rows if t == "claims" else r.sample(rows, len(rows)) for t, rows in tables.items()}
    other = _mission(tmp_path / "two", shuffled)
    told = _register(mission)
    assert _register(other) == told
    rebuild(mission)
    assert _register(mission) == told
    assert register_view(mission).tables == register_view(other).tables
