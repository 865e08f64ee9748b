"""L10: what is restricted or confidential leaves in no page, file or explanation for the public or a party.

Words, names, ids and numbers that occur nowhere else are planted, and every byte that leaves is searched for them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.laws.missions import T0, Inputs, Row, crowd, exported, iso, make, rows_of, tables
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.explaining import explain
from trucewatch.mission.exporting import export
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report
from trucewatch.model.errors import Refusal
from trucewatch.model.times import DAY, HOUR

AUDIENCES = ("public", "party:norland", "party:sudland")
OPEN = {"never": [], "place_km": 5}  # the gate as wide as a mission can open it


@dataclass
class Planted:
    """Inputs with secrets, and who must not see each of them."""

    inputs: Inputs
    secrets: list[tuple[str, tuple[str, ...]]]

    def hidden_from(self, audience: str) -> list[str]:
        return [word for word, allowed in self.secrets if audience not in allowed]


class _Vault:
    def __init__(self, r: random.Random) -> None:
        self.r = r
        self.secrets: list[tuple[str, tuple[str, ...]]] = []

    def word(self, *allowed: str) -> str:
        """A word that occurs nowhere else."""
        found = "zq" + "".join(self.r.choice("bcdfghkmnprstvwxz") for _ in range(9))
        self.secrets.append((found, allowed))
        return found

    def place(self, prefix: str, radius: str) -> Row:
        """Coordinates that occur nowhere else."""
        row = {f"{prefix}lat": self.number(39.5, 40.5), f"{prefix}lon": self.number(45.5, 46.5)}
        return {**row, f"{prefix}radius_km": radius} if radius else row

    def number(self, low: float, high: float) -> str:
        """A number of seven decimals that occurs nowhere else; a metre, five of them, is already too many."""
        found = f"{self.r.uniform(low, high):.6f}7"
        self.secrets.append((found[: found.index(".") + 6], ()))
        return found


def planted(seed: int) -> Planted:
    """A crowd with protected claims among and beside the others, and protected rows in every table that holds words."""
    r = random.Random(seed)
    inputs, v = crowd(seed, 8), _Vault(r)
    protected = [(v.word(), handling) for handling in ("restricted", "confidential", "")]
    sources = [
        {"source": s, "name": v.word(), "role": "monitor", "party": "", "parent": "", "tz": "Asia/Baku",
         "handling": handling, "approved_by": v.word()}
        for s, handling in protected
    ]  # fmt: skip
    claims = list(inputs.tables["claims"])
    for source, _ in protected:
        claims += [_claim(v, r, source, "", r.choice(claims)) for _ in range(3)]
        claims += [_alone(v, r, source)]
    for handling in ("restricted", "confidential"):
        claims += [_claim(v, r, "mon", handling, r.choice(claims)) for _ in range(2)]
    claims += [{**_alone(v, r, "mon"), "handling": "confidential"}]
    quoted = {**_alone(v, r, "mon"), "consent": "record", "claim_id": "heard", "lat": "40.0", "lon": "46.0"}
    claims += [{k: x for k, x in quoted.items() if k not in {"target", "place", "weapon", "notes", "accused"}}]
    added = _tables(v, protected)
    rows = {**inputs.tables, "sources": [*inputs.tables["sources"], *sources], "claims": claims, **added}
    cells = {cell for table in rows.values() for row in table for cell in row.values()}
    used = [(word, allowed) for word, allowed in v.secrets if any(word in cell for cell in cells)]
    return Planted(replace(inputs, tables=rows, config={"publication": OPEN}), used)


def _claim(v: _Vault, r: random.Random, source: str, handling: str, near: Row) -> Row:
    """A protected claim about what others tell too."""
    row = {
        **_alone(v, r, source),
        "handling": handling,
        "act": near["act"],
        "start": near["start"],
        "end": near.get("end", ""),
    }
    if near.get("responds_to"):
        row["responds_to"] = near["responds_to"]
    return row


def _alone(v: _Vault, r: random.Random, source: str) -> Row:
    """A claim about what nobody else tells, with a secret in every cell that can hold one."""
    start = T0 + r.randrange(60) * HOUR
    return {
        "claim_id": v.word(), "source": source, "published": iso(start + DAY), "stance": "observes",
        "act": "detention", "start": iso(start), **v.place("", "1"), **v.place("origin_", "1"), "place_of": "impact",
        "means": "saw", **v.place("obs_", ""), "bearing_deg": v.number(0, 360), "place": v.word(), "weapon": v.word(),
        "target": v.word(), "accused": f"other:{v.word()}", "text": f"it was {v.word()}", "notes": v.word(),
        "url": f"https://example.org/{v.word()}",
    }  # fmt: skip


def _tables(v: _Vault, protected: list[tuple[str, str]]) -> dict[str, list[Row]]:
    """Rows of protected sources, and rows that are the mission's own, with secrets in them."""
    t, where = iso(T0 + 30 * HOUR), v.place("", "9")
    spot = {k: x for k, x in where.items() if k != "radius_km"}
    seen = [{"source": s, "start": iso(T0), "end": t} for s, _ in protected]
    return {
        "coverage": [{**s, **where, "detection": "0.5", "means": "saw"} for s in seen],
        "restrictions": [{**s, **where, "by": "norland", "kind": "denied", "text": v.word()} for s in seen],
        "inspections": [
            {"source": s, "time": t, "site": v.word(), **spot, "weapon": "mortar.82mm", "party": "sudland"}
            for s, _ in protected
        ],
        "tallies": [{**s, "area": "town", "act": "fire", "count_low": "3"} for s in seen],
        "tasks": [{
            "task_id": v.word(), "ordered": t, **spot, "look_for": v.word(), "team": v.word(), "outcome": v.word(),
        }],
        "complaints": [
            {"complaint_id": v.word(), "received": t, "complainant": f"other:{v.word()}", "against": "norland",
             "text": v.word(), "handling": "confidential"},
            {"complaint_id": "C-2", "received": t, "complainant": "sudland", "against": "norland",
             "text": v.word("party:sudland"), "handling": "restricted"},
        ],
        "replies": [
            {"finding_id": "F1.1.1.2", "party": "sudland", "received": t, "text": v.word("party:sudland")},
        ],
        "decisions": [{
            "at": iso(T0 + 5 * DAY), "person": v.word(), "role": "analyst", "verb": "draft", "object": "F1.1.1.1",
            "reason": v.word(), "params": json.dumps({"claims": ["mod_n/m0"], "note": v.word()}),
        }],
    }  # fmt: skip


def leaving(
    mission: Mission, folder: Path, audience: str, days: tuple[str, ...] = ("2021-03-02", "2021-03-03")
) -> Iterator[tuple[str, str]]:
    """Everything that leaves for an audience, with where it stands; reports of some days."""
    for form in ("csv", "jsonl", "geojson"):
        out = folder / f"{form}-{audience.replace(':', '-')}"
        export(mission, "all", form, out, audience=audience)
        yield from ((f"{form} {path.name}", path.read_text("utf-8")) for path in sorted(out.iterdir()))
    for day in days:
        out = folder / f"pages-{audience.replace(':', '-')}"
        pages = report(mission, day, ["en"], mirror=audience == "public", audience=audience, out=out)
        yield from ((path.name, path.read_text("utf-8")) for path in pages)
    ids = exported(mission)
    incidents, findings = rows_of(ids["incidents"]), rows_of(ids["findings"])
    for name in [r["incident_id"] for r in incidents[:2] + incidents[-3:]] + [r["finding_id"] for r in findings[1::30]]:
        try:
            found = explain(mission, name, audience=audience)
        except Refusal as e:
            yield f"refusal of {name}", str([f.message + str(f.remedy) for f in e.faults])
            continue
        yield f"explanation of {name}", json.dumps(found.as_dict(), ensure_ascii=False) + str(found)


def _public(inputs: Inputs) -> int:
    """How many claims are public, by their newest version."""
    level = {s["source"]: s["handling"] or "restricted" for s in inputs.tables["sources"]}
    newest = {(c["source"], c["claim_id"]): c.get("handling") or level[c["source"]] for c in inputs.tables["claims"]}
    return sum(handling == "public" for handling in newest.values())


def _around(text: str, word: str) -> str:
    at = text.index(word)
    return text[max(0, at - 150) : at + 100]


def check(seed: int) -> None:
    plan = planted(seed)
    with scratch() as folder:
        mission = make(below(folder, "m"), plan.inputs)
        inside = "".join(exported(mission).values())
        assert all(word in inside for word, _ in plan.secrets)
        for audience in AUDIENCES:
            assert len(rows_of(exported(mission, audience=audience)["claims"])) == _public(plan.inputs)
            hidden = plan.hidden_from(audience)
            days = ("2021-03-02", "2021-03-03") if audience == "public" else ("2021-03-03",)
            for where, text in leaving(mission, below(folder, "out"), audience, days):
                found = [_around(text, word) for word in hidden if word in text]
                assert not found, f"{audience}: {where} holds {found[:2]}"


test_L10_one_gate = few(1)(check)
test_L10_one_gate_soak = many(60)(check)


def test_L10_one_gate_restricted_rows_leave_without_words_where_a_mission_lets_them(tmp_path: Path) -> None:
    plan = planted(11)
    plan.inputs.config["publication"] = {**OPEN, "handling_max": "restricted"}
    mission = make(tmp_path / "m", plan.inputs)
    for audience in AUDIENCES[:2]:
        for where, text in leaving(
            mission, tmp_path / "out", audience, ("2021-03-03",) if audience == "public" else ()
        ):
            found = [word for word in plan.hidden_from(audience) if word in text]
            assert not found, (audience, where, found)


def test_L10_one_gate_what_only_confidential_claims_tell_does_not_leave_at_all(tmp_path: Path) -> None:
    plan = planted(12)
    mission = make(tmp_path / "m", plan.inputs)
    inside = tables(exported(mission))
    claims = {(c["source"], c["claim_id"]): c for c in inside["claims"]}
    level = {s["source"]: s["handling"] or "restricted" for s in inside["sources"]}
    open_to: dict[str, set[str]] = {}
    for link in inside["links"]:
        claim = claims[link["source"], link["claim_id"]]
        open_to.setdefault(link["incident_id"], set()).add(claim["handling"] or level[claim["source"]])
    alone = {incident for incident, levels in open_to.items() if incident and levels == {"confidential"}}
    assert alone
    outside = tables(exported(mission, audience="public"))
    for name in ("incidents", "assessments", "authors", "contributions", "links", "findings"):
        assert not alone & {r["incident_id"] for r in outside[name]}, name


@pytest.mark.parametrize("key", ["attribute", "publish"])
def test_L10_one_gate_a_mandate_that_does_not_attribute_lets_no_author_and_no_outcome_leave(
    tmp_path: Path, key: str
) -> None:
    inputs = crowd(13, 8)
    bare = inputs.agreement + f"mechanism: {{mandate: {{{key}: false}}}}\n"
    mission = make(tmp_path, replace(inputs, agreement=bare))
    assert any(r["outcome"] for r in rows_of(exported(mission)["findings"]))
    found: dict[str, Any] = tables(exported(mission, audience="public"))
    for row in found["findings"]:
        assert not any(row[k] for k in ("outcome", "actor", "answers_for", "p_violation", "signed_by")), row
    if key == "attribute":
        assert found["authors"] == []
