"""L4: only a source of no party that perceived the act, or examined its traces, corroborates; traces name nobody.

The rule is written here a second time, from the text of the law and acts.yaml alone, and held against what came out.
"""

from __future__ import annotations

from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from tests.laws.missions import SOURCES, T0, Inputs, Row, Tables, crowd, exported, iso, make, tables
from tests.laws.seeds import below, few, many, scratch
from trucewatch.model.times import DAY, HOUR

ACTS: dict[str, Any] = yaml.safe_load(files("trucewatch.taxonomy").joinpath("acts.yaml").read_text("utf-8"))
INDEPENDENT = {s["source"] for s in SOURCES if not s["party"] and s["approved_by"]}
NAMED = {"norland", "sudland", "bands"}


def perceived(claim: Row, act: str) -> bool:
    """Whether a claim's means perceived an incident of that act, or examined traces that such an act leaves."""
    means, told, what = claim["means"], claim["act"], ACTS[act]
    if told != act and not told.startswith(act + ".") and not act.startswith(told + "."):
        return False
    if means in {"aftermath", "camera", "forensic"}:
        return bool(what["traces"]) or means in what["means"]
    if means == "heard" and told != act:
        return "heard" in what["means"] and act.startswith(told + ".") is False and told.startswith(act + ".")
    return means in what["means"]


def voices(found: Tables) -> dict[str, list[tuple[Row, Row]]]:
    """Link and claim of everything that speaks in each incident."""
    claims = {(c["source"], c["claim_id"]): c for c in found["claims"]}
    out: dict[str, list[tuple[Row, Row]]] = defaultdict(list)
    for link in found["links"]:
        if link["incident_id"]:
            out[link["incident_id"]].append((link, claims[link["source"], link["claim_id"]]))
    return out


def gated(act: str, told: list[tuple[Row, Row]]) -> bool:
    """Whether some source of no party, in its own voice and surely linked, perceived the act or examined its traces."""
    return any(
        link["relation"] == "supports" and float(link["p_link"]) >= 0.9 and claim["source"] in INDEPENDENT
        and claim["stance"] == "observes" and not claim["origin"] and perceived(claim, act)
        for link, claim in told
    )  # fmt: skip


def tells_the_author(link: Row, claim: Row) -> bool:
    """An admission, or an observer who perceived it or examined it and names somebody."""
    if claim["stance"] == "admits" or link["relation"] == "admits":
        return True
    own_side = {s["source"]: s["party"] for s in SOURCES}.get(claim["source"])
    if own_side:
        return bool(claim["accused"]) and claim["accused"] == own_side  # it accuses itself
    return (
        claim["stance"] == "observes"
        and bool(claim["accused"])
        and claim["means"] not in {"aftermath", "camera", "told", ""}
    )


def hold(found: Tables) -> None:
    told = voices(found)
    acts = {r["incident_id"]: r["act"] for r in found["incidents"]}
    decided = any(d["verb"] == "verify" for d in found["decisions"])
    for row in found["assessments"]:
        incident = row["incident_id"]
        if row["status"] in {"corroborated", "verified"}:
            assert float(row["p_occurred"]) >= 0.95, row
            assert gated(acts[incident], told[incident]), (row, told[incident])
        if row["status"] == "verified":
            assert decided, row
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for row in found["authors"]:
        shares[row["incident_id"]][row["actor"]] = float(row["p"])
    for incident, by in shares.items():
        assert abs(sum(by.values()) - 1) < 1e-9
        if not any(tells_the_author(*voice) for voice in told[incident]):
            assert len({by[a] for a in NAMED}) == 1, (incident, by, told[incident])
    for row in found["findings"]:
        if row["outcome"] in {"violation", "indicated"}:
            status = next(a["status"] for a in found["assessments"] if a["incident_id"] == row["incident_id"])
            assert status in {"corroborated", "verified"}


def check(seed: int) -> None:
    with scratch() as folder:
        hold(tables(exported(make(below(folder, "m"), crowd(seed)))))


test_L4_claims_are_not_facts = few(3)(check)
test_L4_claims_are_not_facts_soak = many(300)(check)


def told_by(tmp_path: Path, *claims: Row, decisions: list[Row] | None = None) -> dict[str, str]:
    """The assessment of one shelling, told by some."""
    base = {
        "act": "fire.mortar", "start": iso(T0 + 36 * HOUR), "lat": "40.0", "lon": "46.0", "radius_km": "1",
        "place_of": "impact",
    }  # fmt: skip
    rows = [
        {**base, "claim_id": f"c{k}", "published": iso(T0 + 2 * DAY + k * HOUR), **claim}
        for k, claim in enumerate(claims)
    ]
    mission = make(tmp_path, Inputs({"sources": SOURCES, "claims": rows, "decisions": decisions or []}))
    (row,) = tables(exported(mission))["assessments"]
    return row


ALLEGED = {"source": "mod_n", "stance": "alleges", "accused": "sudland"}
VERIFY: Row = {
    "at": iso(T0 + 4 * DAY), "person": "ann", "verb": "verify", "object": "I1", "reason": "visited",
    "params": '{"claims": ["mod_n/c0"]}',
}  # fmt: skip


def test_L4_all_voices_of_both_sides_and_an_admission_corroborate_nothing_and_no_decision_verifies_it(
    tmp_path: Path,
) -> None:
    everybody = [ALLEGED, {"source": "mod_s", "stance": "admits", "responds_to": "mod_n/c0"},
                 {"source": "news_n", "stance": "alleges"}, {"source": "paper", "stance": "alleges"},
                 {"source": "rumour", "stance": "observes", "means": "saw"}]  # fmt: skip
    assert told_by(tmp_path, *everybody, decisions=[VERIFY])["status"] in {"more likely than not", "probable"}


def test_L4_verified_is_a_persons_word_on_what_is_corroborated(tmp_path: Path) -> None:
    seen = {"source": "mon", "stance": "observes", "means": "forensic"}
    assert told_by(tmp_path / "a", ALLEGED, seen)["status"] == "corroborated"
    assert told_by(tmp_path / "b", ALLEGED, seen, decisions=[VERIFY])["status"] == "verified"
