"""L9: what comes in comes out again; bad rows wait with their fault, mended they go in; twice in is once in."""

from __future__ import annotations

import random
from pathlib import Path

from tests.laws.missions import (
    Inputs,
    Row,
    by_content,
    crowd,
    differences,
    exported,
    make,
    new_mission,
    rows_of,
    tables,
    taken,
    write_csv,
    write_inputs,
)
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.exporting import export
from trucewatch.mission.ingest import ingest
from trucewatch.model.columns import KINDS

SPOILT: tuple[dict[str, str], ...] = (
    {"lat": "95"}, {"start": "yesterday"}, {"published": ""}, {"act": "fire.catapult"}, {"source": "nobody"},
    {"accused": "atlantis"}, {"stance": "shouts"}, {"radius_km": "-1"}, {"lat": "nan"}, {"claim_id": ""},
    {"start": "2021-03-01T00:00:00"}, {"start": "2021-03-03T00:00:00Z", "end": "2021-03-02T00:00:00Z"},
    {"time_sd_min": "0"}, {"killed_low": "some"},
)  # fmt: skip


def check_round_trip(seed: int) -> None:
    """An export of everything, taken into an empty mission, is the same mission."""
    inputs = crowd(seed)
    with scratch() as folder:
        mission = make(below(folder, "first"), inputs)
        first = exported(mission)
        for form in ("csv", "jsonl"):
            again = new_mission(below(folder, form), inputs)
            export(mission, "all", form, below(folder, f"as-{form}"))
            taken(ingest(again, sorted(below(folder, f"as-{form}").iterdir())))
            second = exported(again)
            for name in KINDS:
                assert second[name] == first[name], name
            assert differences(by_content(tables(first)), by_content(tables(second))) == []


def check_twice(seed: int) -> None:
    """Taking everything in again, in another order, changes nothing and says so."""
    inputs, r = crowd(seed), random.Random(seed)
    with scratch() as folder:
        mission = make(below(folder, "m"), inputs)
        first, records = exported(mission), mission.store.last_seq()
        report = taken(
            ingest(mission, write_inputs(below(folder, "again"), inputs, lambda rows: r.sample(rows, len(rows))))
        )
        assert mission.store.last_seq() == records, report.counts
        assert exported(mission) == first


def spoil(inputs: Inputs, r: random.Random) -> tuple[list[Row], list[Row], list[Row]]:
    """All claims with some spoilt, the good ones alone, and the spoilt ones as they were."""
    claims = inputs.tables["claims"]
    hit = set(r.sample(range(len(claims)), 12))
    mixed = [{**c, **r.choice(SPOILT)} if k in hit else c for k, c in enumerate(claims)]
    return mixed, [c for k, c in enumerate(claims) if k not in hit], [c for k, c in enumerate(claims) if k in hit]


def check_mended(seed: int) -> None:
    inputs, r = crowd(seed), random.Random(seed)
    mixed, good, spoilt = spoil(inputs, r)
    with scratch() as folder:
        mission = new_mission(below(folder, "m"), inputs)
        files = write_inputs(below(folder, "in"), inputs.with_(claims=mixed))
        report = ingest(mission, files)
        assert len(report.errors) >= len(spoilt)
        only_good = make(below(folder, "good"), inputs.with_(claims=good))
        assert exported(mission) == exported(only_good)
        (kept,) = mission.quarantine.glob("*.csv")
        waiting = rows_of(kept.read_text("utf-8-sig"))
        assert len(waiting) == len(spoilt)
        for row, fault in zip(waiting, sorted(report.errors, key=lambda f: f.row or 0), strict=False):
            assert all(row[k] for k in ("_row", "_error", "_remedy"))
            assert fault.file
            assert fault.row
        mended = [{**row, **_as_it_was(row, spoilt)} for row in waiting]
        taken(ingest(mission, [write_csv(below(folder, "mended.csv"), mended)], as_kind="claims"))
        whole = make(below(folder, "whole"), inputs)
        assert differences(by_content(tables(exported(whole))), by_content(tables(exported(mission)))) == []


def _as_it_was(row: Row, spoilt: list[Row]) -> Row:
    """The claim that a row in quarantine was, told by what it still says."""

    def alike(claim: Row) -> int:
        return sum(
            row.get(k, "") == claim.get(k, "")
            for k in ("claim_id", "source", "published", "text", "lat", "act", "start")
        )

    best = max(spoilt, key=alike)
    spoilt.remove(best)
    return {**dict.fromkeys(k for k in row if not k.startswith("_")), **best}  # type: ignore[arg-type]


test_L9_nothing_lost_round_trip = few(2)(check_round_trip)
test_L9_nothing_lost_round_trip_soak = many(80)(check_round_trip)
test_L9_nothing_lost_twice = few(2)(check_twice)
test_L9_nothing_lost_twice_soak = many(80)(check_twice)
test_L9_nothing_lost_mended = few(2)(check_mended)
test_L9_nothing_lost_mended_soak = many(80)(check_mended)


def test_L9_nothing_lost_the_quarantine_says_row_field_and_remedy(tmp_path: Path) -> None:
    inputs = crowd(2, 3)
    claims = [*inputs.tables["claims"]]
    claims[1] = {**claims[1], "lat": "95"}
    mission = new_mission(tmp_path, inputs)
    report = ingest(mission, write_inputs(tmp_path / "in", inputs.with_(claims=claims)))
    (row,) = rows_of(next(mission.quarantine.glob("*.csv")).read_text("utf-8-sig"))
    assert row["_row"] == "3"  # as a spreadsheet shows it: the header is row 1
    assert row["_field"] == "lat"
    assert row["_remedy"]
    assert report.exit_code == 1
