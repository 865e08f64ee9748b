"""A party's view is the mirror of the other's: with the parties exchanged in the input each sees what the other saw."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.laws.missions import T0, Inputs, Row, crowd, exported, iso, make, rows_of
from trucewatch.model.times import HOUR

_SWAP = {"norland": "sudland", "sudland": "norland", "mod_n": "mod_s", "mod_s": "mod_n", "news_n": "news_s",
         "news_s": "news_n"}  # fmt: skip
_NAMES = re.compile(r"\b(" + "|".join(_SWAP) + r")\b")


def exchanged(text: str) -> str:
    return _NAMES.sub(lambda m: _SWAP[m[1]], text)


def _complaints() -> list[Row]:
    t = iso(T0 + 30 * HOUR)
    return [
        {"complaint_id": f"C-{k}", "received": t, "complainant": who, "against": whom, "handling": handling,
         "text": f"w{k}"}
        for k, (who, whom, handling) in enumerate([
            ("norland", "sudland", "restricted"), ("sudland", "norland", "confidential"),
            ("norland", "sudland", "public"), ("other:somebody", "sudland", "restricted"),
        ])
    ]  # fmt: skip


def _seen(folder: Path, tables: dict[str, list[Row]], audience: str) -> dict[str, list[str]]:
    inputs = replace(crowd(41, 8), tables=tables, config={"publication": {"never": ["text"], "time_min": 15}})
    mission = make(folder, Inputs(inputs.tables, inputs.agreement, inputs.config))
    out = exported(mission, audience=audience)
    mission.store.close()
    wanted = ("claims", "sources", "incidents", "links", "coverage", "complaints", "replies", "restrictions", "tallies")
    return {name: sorted(json.dumps(r, sort_keys=True) for r in rows_of(out[name])) for name in wanted}


@pytest.mark.parametrize("party", ["norland", "sudland"])
def test_each_party_sees_in_the_exchanged_mission_what_the_other_saw(tmp_path: Path, party: str) -> None:
    tables = {k: rows for k, rows in crowd(41, 8).tables.items() if k not in {"places", "decisions"}}
    tables["complaints"] = _complaints()
    tables["replies"] = [{"finding_id": "F1.1.1.2", "party": "sudland", "received": iso(T0), "text": "no"}]
    # Names of sources are no names of parties; and where words are compared both names become one.
    tables["claims"] = [{k: v for k, v in c.items() if k != "text"} for c in tables["claims"]]
    tables["sources"] = [{**s, "name": s["source"]} for s in tables["sources"]]
    other = json.loads(exchanged(json.dumps(tables)))
    here = _seen(tmp_path / "a", tables, f"party:{party}")
    there = _seen(tmp_path / "b", other, f"party:{_SWAP[party]}")
    for name, rows in here.items():
        assert sorted(json.dumps(json.loads(exchanged(r)), sort_keys=True) for r in rows) == there[name], name
    assert here["complaints"]
