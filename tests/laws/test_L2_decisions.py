"""L2 with decisions and withdrawals: what is taken back reopens the same findings, updated or rebuilt."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.laws.missions import SOURCES, T0, Inputs, Row, Tables, crowd, exported, iso, make, tables, taken, write_csv
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.update import rebuild, update
from trucewatch.model.times import DAY, HOUR, MINUTE, parse_instant

_VERBS = ("rule", "rule", "grant", "review", "sign", "override", "link", "merge")


def decisions(r: random.Random, claims: list[Row]) -> list[Row]:
    """Decisions about one to three claims each, of which some are about to be withdrawn."""
    out = []
    for k in range(40):
        verb = r.choice(_VERBS)
        named = r.sample([f"{c['source']}/{c['claim_id']}" for c in claims], r.choice((1, 2, 2, 3)))
        params: dict[str, Any] = {"claims": named}
        if verb == "override":
            params["status"] = r.choice(("unlikely", "probable"))
        elif verb not in {"link", "merge"}:
            params |= {"term": "1", "actor": r.choice(("norland", "sudland"))}
            params |= {"outcome": r.choice(("violation", "no violation"))} if verb == "rule" else {}
        out.append({
            "at": iso(T0 + 3 * DAY + k * 5 * HOUR), "person": r.choice(("ann", "ben")), "verb": verb,
            "reason": "seen", "params": json.dumps(params, sort_keys=True),
        })  # fmt: skip
    return out


def withdrawals(r: random.Random, claims: list[Row]) -> list[Row]:
    """Some claims taken back, a few of them twice; before, between and after the decisions."""
    out = []
    for base in r.sample(claims, 14):
        for k in range(r.choice((1, 1, 1, 2))):
            said = parse_instant(base["published"]) + r.choice((1, 60, 200, 400)) * HOUR + k * MINUTE
            back = {**base, "claim_id": f"{base['claim_id']}w{k}", "retracts": base["claim_id"], "published": iso(said)}
            back.pop("obtained", None)
            out.append(back)
    r.shuffle(out)
    return out


def check(seed: int) -> None:
    r = random.Random(seed)
    drawn = crowd(seed)
    claims = [c for c in drawn.tables["claims"] if not c.get("responds_to") and not c.get("retracts")]
    inputs = drawn.with_(claims=claims, decisions=decisions(r, claims))
    with scratch() as folder:
        mission = make(below(folder, "stepped"), inputs)
        update(mission)
        back = withdrawals(r, claims)
        for k in range(0, len(back), 2):
            taken(ingest(mission, [write_csv(below(folder, f"{k}.csv"), back[k : k + 2])]))
            assert update(mission).local
        kept = exported(mission)
        rebuild(mission)
        again = exported(mission)
        for name, text in kept.items():
            assert text == again[name], f"{name} differs between updates and a rebuild"


test_L2_decisions = few(4)(check)
test_L2_decisions_soak = many(100)(check)


def _claim(source: str, claim_id: str, **more: str) -> Row:
    base = {
        "act": "fire.mortar", "start": iso(T0 + 36 * HOUR), "lat": "40.0", "lon": "46.0", "radius_km": "1",
        "place_of": "impact", "stance": "alleges", "published": iso(T0 + 2 * DAY),
    }  # fmt: skip
    return {**base, "source": source, "claim_id": claim_id, **more}


_NEAR = {"act": "fire.small_arms", "lat": "40.027", "start": iso(T0 + 36 * HOUR + 70 * MINUTE)}


def _ruled(tables_: Tables) -> tuple[str, str]:
    incident = next(r["incident_id"] for r in tables_["links"] if (r["source"], r["claim_id"]) == ("mon", "1"))
    rows = [f for f in tables_["findings"] if f["incident_id"] == incident and f["term"] == "1"]
    row = next(f for f in rows if f["actor"] == "sudland")
    return row["outcome"], row["state"]


def _with_a_claim_nearby(folder: Path, named: Sequence[str] = ("mon/1",)) -> Mission:
    ruling = {"claims": list(named), "term": "1", "actor": "sudland", "outcome": "no violation"}
    return make(folder, Inputs({
        "sources": SOURCES,
        "claims": [
            _claim("mon", "1", stance="observes", means="saw", accused="sudland"),
            _claim("mod_s", "near", accused="norland", **_NEAR),
            *(_claim("mod_n", f"far{k}", lat=str(41 + k * 0.2)) for k in range(8)),
        ],
        "decisions": [{
            "at": iso(T0 + 5 * DAY), "person": "ann", "verb": "rule", "reason": "r", "params": json.dumps(ruling),
        }],
    }))  # fmt: skip


def test_L2_decisions_the_first_withdrawal_counts_in_whatever_order_they_come(tmp_path: Path) -> None:
    """Taken back on the third day and again on the tenth: who ruled on the fifth knew of it."""
    early, late = (
        _claim("mod_s", f"w{day}", retracts="near", published=iso(T0 + day * DAY), **_NEAR) for day in (3, 10)
    )
    for folder, backs in ((tmp_path / "a", (early, late)), (tmp_path / "b", (late, early))):
        mission = _with_a_claim_nearby(folder, ["mon/1", "mod_s/near"])
        update(mission)
        for back in backs:
            taken(ingest(mission, [write_csv(folder / f"{back['claim_id']}.csv", [back])]))
            assert update(mission).local
        kept = exported(mission)
        assert _ruled(tables(kept)) == ("no violation", "draft")
        rebuild(mission)
        assert exported(mission) == kept


def test_L2_decisions_nobody_reopens_a_finding_by_taking_back_a_claim_of_another_incident(tmp_path: Path) -> None:
    mission = _with_a_claim_nearby(tmp_path)
    update(mission)
    before = tables(exported(mission))
    held = {f"{r['source']}/{r['claim_id']}": r["incident_id"] for r in before["links"]}
    assert held["mod_s/near"] != held["mon/1"]
    assert _ruled(before) == ("no violation", "draft")
    back = _claim("mod_s", "w", retracts="near", published=iso(T0 + 10 * DAY), **_NEAR)
    taken(ingest(mission, [write_csv(tmp_path / "back.csv", [back])]))
    assert update(mission).local
    assert _ruled(tables(exported(mission))) == ("no violation", "draft")
    rebuild(mission)
    assert _ruled(tables(exported(mission))) == ("no violation", "draft")
