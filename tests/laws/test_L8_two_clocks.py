"""L8: the state as of T depends on what was recorded up to T alone, the state known by T on what was known by then."""

from __future__ import annotations

import random

from tests.laws.missions import (
    T0,
    Inputs,
    Row,
    by_content,
    crowd,
    differences,
    exported,
    make,
    new_mission,
    tables,
    taken,
    write_csv,
)
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.ingest import ingest
from trucewatch.model.times import DAY, HOUR, parse_instant


def known(table: str, row: Row) -> int:
    """When a row was known: the later of published and obtained, else the end of its interval (design 1)."""
    if table in {"sources", "places"}:
        return -(2**62)
    told = [row.get(k) for k in ("published", "obtained")]
    if not any(told):
        told = [row.get("at")] if table == "decisions" else [row.get("end") or row["start"]]
    return max(parse_instant(t) for t in told if t)


def by(inputs: Inputs, moment: int) -> Inputs:
    """The inputs that were known by then."""
    kept = {name: [r for r in rows if known(name, r) <= moment] for name, rows in inputs.tables.items()}
    return inputs.with_(**kept)


def check_known(seed: int) -> None:
    inputs, r = crowd(seed), random.Random(seed)
    with scratch() as folder:
        whole = make(below(folder, "whole"), inputs)
        for k in range(2):
            moment = T0 + r.randrange(0, 6 * 24) * HOUR + r.choice((0, 1))
            cut = by_content(tables(exported(whole, known_by=moment)))
            only = by_content(tables(exported(make(below(folder, f"only{k}"), by(inputs, moment)))))
            assert differences(only, cut) == []


def check_recorded(seed: int) -> None:
    """Parts come in at hours of their own; the state as of each hour is that of a mission that got no more."""
    inputs, r = crowd(seed), random.Random(seed)
    claims = r.sample(inputs.tables["claims"], len(inputs.tables["claims"]))
    halves = [claims[: len(claims) // 2], claims[len(claims) // 2 :]]
    rest = [name for name in inputs.tables if name not in {"sources", "places", "claims"}]
    steps = [
        inputs.with_(claims=halves[0], **{n: [] for n in rest[::2]}),
        inputs.with_(claims=halves[1], **{n: [] for n in rest[1::2]}),
    ]
    with scratch() as folder:
        missions = [new_mission(below(folder, name), inputs) for name in ("first", "both")]
        for k, step in enumerate(steps):
            for name, rows in step.tables.items():
                if rows:
                    file = write_csv(below(folder, f"{k}-{name}.csv"), rows)
                    for mission in missions[k:]:
                        taken(ingest(mission, [file], recorded_at=T0 + (20 + k) * DAY))
        first = exported(missions[0])
        assert exported(missions[1], as_of=T0 + 20 * DAY) == first
        assert exported(missions[1], as_of=T0 + 21 * DAY - 1) == first
        assert exported(missions[1], as_of=T0 + 21 * DAY) == exported(missions[1])
        before = {name: rows for name, rows in tables(exported(missions[1], as_of=T0)).items() if rows}
        assert {r["outcome"] for r in before.pop("findings")} == {"not for judgement"}
        assert before == {}


test_L8_two_clocks_known = few(2)(check_known)
test_L8_two_clocks_known_soak = many(150)(check_known)
test_L8_two_clocks_recorded = few(2)(check_recorded)
test_L8_two_clocks_recorded_soak = many(100)(check_recorded)
