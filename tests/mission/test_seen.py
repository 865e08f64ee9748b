"""A decision stands on what the person saw: changed evidence makes it stale, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.laws.missions import SOURCES, T0, Inputs, Row, exported, iso, make, rows_of, taken, write_csv
from trucewatch.mission.explaining import explain
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.model.times import DAY, HOUR

NOON = T0 + 36 * HOUR
SHELLING: Row = {
    "act": "fire.mortar", "start": iso(NOON), "lat": "40.0", "lon": "46.0", "radius_km": "1", "place_of": "impact",
}  # fmt: skip


def claim(source: str, id_: str, said: float, **more: str) -> Row:
    """A claim about the one shelling, published some hours after it."""
    return {**SHELLING, "source": source, "claim_id": id_, "published": iso(NOON + round(said * HOUR)), **more}


SEEN = {"stance": "observes", "means": "forensic", "accused": "sudland"}
CLAIMS = [
    claim("mod_n", "a", 1, stance="alleges", accused="sudland"),
    claim("mod_s", "b", 2, stance="admits", responds_to="mod_n/a"),
    claim("mon", "c", 5, **SEEN), claim("ngo", "d", 6, **SEEN),
]  # fmt: skip
FINDING = "F1.1.1.2"


def decision(verb: str, hours: float, **more: Any) -> Row:
    """A decision on the finding, some hours after the shelling."""
    params = {"claims": ["mod_n/a"], **more.pop("params", {})}
    return {
        "at": iso(NOON + round(hours * HOUR)), "person": "ann", "verb": verb, "object": FINDING, "reason": "as seen",
        "params": json.dumps(params), **more,
    }  # fmt: skip


@pytest.fixture
def mission(tmp_path: Path) -> Mission:
    return make(tmp_path, Inputs({"sources": SOURCES, "claims": CLAIMS}))


def more(mission: Mission, table: str, *rows: Row) -> None:
    taken(ingest(mission, [write_csv(mission.dir.parent / f"{table}.csv", list(rows))]))


def found(mission: Mission) -> tuple[str, str]:
    """State and outcome of the finding."""
    rows = [r for r in rows_of(exported(mission)["findings"]) if r["finding_id"] == FINDING]
    (said,) = {(r["state"], r["outcome"]) for r in rows}
    return said


RULED = {"params": {"outcome": "violation"}}
REVIEWED = decision("review", 30.5, person="ben")


def test_a_ruling_stands_while_nothing_changes(mission: Mission) -> None:
    assert found(mission) == ("draft", "indicated")
    more(mission, "decisions", decision("rule", 30, **RULED), REVIEWED, decision("sign", 31, person="cat"))
    assert found(mission) == ("final", "violation")


def test_new_evidence_reopens(mission: Mission) -> None:
    more(mission, "decisions", decision("rule", 30, **RULED), REVIEWED, decision("sign", 31, person="cat"))
    more(mission, "claims", claim("patrol", "e", 40, stance="observes", means="aftermath"))
    assert found(mission) == ("reopened", "indicated")
    more(mission, "decisions", decision("rule", 50, **RULED))
    assert found(mission)[1] == "violation"


def test_evidence_of_another_day_does_not_reopen(mission: Mission) -> None:
    more(mission, "decisions", decision("rule", 30, **RULED), REVIEWED, decision("sign", 31, person="cat"))
    other = claim("patrol", "e", 60, stance="observes", means="saw") | {"start": iso(NOON + DAY)}
    more(mission, "claims", other)
    assert found(mission) == ("final", "violation")


def test_a_copy_does_not_reopen(mission: Mission) -> None:
    shown = explain(mission, FINDING).object_hash
    assert shown is not None
    more(
        mission,
        "decisions",
        decision("rule", 30, **RULED),
        REVIEWED,
        decision("sign", 31, person="cat", object_hash=shown),
    )
    more(mission, "claims", claim("news_n", "e", 40, stance="reports", origin="mod_n", accused="sudland"))
    assert explain(mission, FINDING).object_hash == shown
    assert found(mission) == ("final", "violation")


def test_the_hash_that_explain_prints_is_the_one_that_stands(mission: Mission) -> None:
    shown = explain(mission, FINDING).object_hash
    assert shown is not None
    more(mission, "decisions", decision("rule", 30, object_hash=shown, **RULED))
    assert found(mission)[1] == "violation"
    assert explain(mission, FINDING).object_hash == shown  # the ruling itself changes nothing of what was seen


def test_a_decision_on_what_never_was_is_stale(mission: Mission) -> None:
    more(mission, "decisions", decision("rule", 30, object_hash="0" * 64, **RULED))
    assert found(mission) == ("reopened", "indicated")


def test_the_withdrawal_of_a_claim_that_the_decision_names_reopens(mission: Mission) -> None:
    more(mission, "decisions", decision("rule", 30, params={"outcome": "violation", "claims": ["mod_n/a", "ngo/d"]}))
    more(mission, "claims", claim("ngo", "w", 40, stance="observes", retracts="d"))
    assert found(mission)[0] == "reopened"


def test_a_withdrawal_of_something_else_does_not_reopen(mission: Mission) -> None:
    elsewhere = claim("ngo", "x", 6, **SEEN) | {"lat": "41.0"}
    more(mission, "claims", elsewhere)
    more(mission, "decisions", decision("rule", 30, **RULED))
    more(mission, "claims", claim("ngo", "w", 40, stance="observes", retracts="x"))
    assert found(mission) == ("draft", "violation")
