"""The table `trends` of a mission: what counts as seen, by sector, under a cut."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from trucewatch.mission.exporting import export
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.templates import init
from trucewatch.mission.update import current_tables, rebuild, update
from trucewatch.model.times import DAY, HOUR, format_instant, parse_instant

T0 = parse_instant("2021-01-01T00:00:00Z")
BEGINS = 74  # day of the truce: 60 days of baseline and 14 that are left out
AGREEMENT = """id: truce
title: {en: A truce}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
timezone: UTC
events: {in_force: {at: 2021-03-16T00:00:00Z}}
zones: []
terms: [{id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}]
"""
SECTORS = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [[
            [lon, 40.0], [lon + 0.4, 40.0], [lon + 0.4, 40.4], [lon, 40.4], [lon, 40.0]]]}}
        for name, lon in (("West", 46.0), ("East", 46.5))
    ],
}  # fmt: skip
Row = dict[str, Any]
SOURCES: list[Row] = [
    {"source": source, "name": name, "role": role, "party": party, "tz": "UTC", "handling": "public",
     "approved_by": "m"}
    for source, name, role, party in (("mon", "Monitors", "monitor", ""), ("mod", "Ministry", "party", "norland"))
]  # fmt: skip


def seen(days: range, a_day: float, sector: int, seed: int = 1, source: str = "mon") -> list[Row]:
    rng, out = random.Random(seed), []
    for day in days:
        for k in range(int(a_day) + (rng.random() < a_day % 1)):
            start = T0 + day * DAY + (k * 24 + 12) * HOUR // (int(a_day) + 1)
            out.append({
                "claim_id": f"{sector}-{day}-{k}-{seed}", "source": source, "published": format_instant(start + HOUR),
                "stance": "observes" if source == "mon" else "alleges", "act": "fire.mortar",
                "start": format_instant(start), "lat": round(40.05 + 0.3 * rng.random(), 4),
                "lon": round(46.05 + 0.5 * sector + 0.3 * rng.random(), 4), "radius_km": 0.3,
                "accused": "" if source == "mon" else "sudland",
            })  # fmt: skip
    return out


def covered(days: range, sector: str, mode: str = "routine", share: float = 1.0) -> list[Row]:
    return [
        {"source": "mon", "start": format_instant(T0 + d * DAY), "end": format_instant(T0 + d * DAY + int(share * DAY)),
         "sector": sector, "acts": "fire", "means": "heard", "detection": "0.9", "mode": mode}
        for d in days
    ]  # fmt: skip


def written(path: Path, rows: Sequence[Row]) -> Path:
    names = list(dict.fromkeys(k for row in rows for k in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, names, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


def mission(folder: Path, claims: Sequence[Row], coverage: Sequence[Row], tallies: Sequence[Row] = ()) -> Mission:
    folder.mkdir()
    (folder / "truce.yaml").write_text(AGREEMENT, encoding="utf-8")
    (folder / "sectors.geojson").write_text(json.dumps(SECTORS), encoding="utf-8")
    init(folder / "m", [folder / "truce.yaml"], history=True)
    config = folder / "m" / "mission.yaml"
    told = yaml.safe_load(config.read_text(encoding="utf-8"))
    told |= {"sectors": "../sectors.geojson", "report_cutoff": "00:00", "timezone": "UTC"}
    config.write_text(yaml.safe_dump(told), encoding="utf-8")
    last = {**seen(range(BEGINS + 61, BEGINS + 62), 1, 0, source="mod")[0], "claim_id": "last", "act": "burning"}
    files = [written(folder / "sources.csv", SOURCES), written(folder / "claims.csv", [*claims, last])]
    files.append(written(folder / "coverage.csv", coverage))
    if tallies:
        files.append(written(folder / "tallies.csv", tallies))
    found = Mission.open(folder / "m")
    report = ingest(found, files)
    assert not report.errors, report.errors[:3]
    return found


def verdicts(m: Mission) -> dict[str, str]:
    return {r["sector"]: r["verdict"] for r in current_tables(m)["trends"]}


def row(m: Mission, sector: str) -> Row:
    return next(r for r in current_tables(m)["trends"] if r["sector"] == sector)


WHOLE = range(BEGINS + 60)
TRUCE = range(BEGINS, BEGINS + 60)


def test_what_holds_in_one_sector_and_not_in_the_other_is_told_of_each(tmp_path: Path) -> None:
    claims = seen(range(BEGINS), 4, 0) + seen(range(BEGINS), 3, 1) + seen(TRUCE, 0.3, 0) + seen(TRUCE, 7, 1)
    m = mission(tmp_path / "a", claims, covered(WHOLE, "West") + covered(WHOLE, "East"))
    assert verdicts(m) == {"all": "cannot tell yet", "West": "holding", "East": "collapsed"}
    west = row(m, "West")
    assert west["ratio_low"] < 0.3 / 4 < west["ratio_high"] < 1
    assert west["start"] == T0 + BEGINS * DAY
    assert west["observed"] == len(seen(TRUCE, 0.3, 0))
    assert 53 < west["exposure"] < 55  # sixty days, each seen with nine chances of ten


def test_what_a_party_alleges_makes_no_truce_fail(tmp_path: Path) -> None:
    own = seen(range(BEGINS), 4, 0) + seen(TRUCE, 0.3, 0)
    coverage = covered(WHOLE, "West")
    quiet = mission(tmp_path / "a", own, coverage)
    loud = mission(tmp_path / "b", own + seen(TRUCE, 9, 0, seed=5, source="mod"), coverage)
    for what in ("observed", "exposure", "verdict", "ratio"):
        assert row(quiet, "West")[what] == row(loud, "West")[what]


def test_lost_access_is_no_peace(tmp_path: Path) -> None:
    claims = seen(range(BEGINS), 4, 0) + seen(range(BEGINS, BEGINS + 60, 10), 4, 0)
    m = mission(
        tmp_path / "a", claims, covered(range(BEGINS), "West") + covered(range(BEGINS, BEGINS + 60, 10), "West")
    )
    assert row(m, "West")["verdict"] == "cannot tell yet"
    claimed = mission(tmp_path / "b", claims, covered(WHOLE, "West"))
    assert row(claimed, "West")["verdict"] == "holding"  # the same sightings, had the observers been there all days


def test_a_visit_that_was_ordered_stays_out_of_the_rate(tmp_path: Path) -> None:
    claims = seen(range(BEGINS), 4, 0) + seen(range(BEGINS, BEGINS + 60, 2), 1, 0)
    routine = covered(range(BEGINS), "West") + covered(range(BEGINS, BEGINS + 60, 2), "West")
    ordered = covered(range(BEGINS + 1, BEGINS + 60, 2), "West", mode="tasked")
    found = seen(range(BEGINS + 1, BEGINS + 60, 2), 6, 0, seed=9)
    without, with_ = (
        mission(tmp_path / "a", claims, routine),
        mission(tmp_path / "b", claims + found, routine + ordered),
    )
    assert row(without, "West")["observed"] == row(with_, "West")["observed"]
    assert row(without, "West")["exposure"] == row(with_, "West")["exposure"]


def test_a_tally_of_a_day_counts_and_its_single_claims_do_not_count_again(tmp_path: Path) -> None:
    claims = seen(range(BEGINS), 4, 0) + seen(TRUCE, 1, 0)
    tallies = [
        {"source": "mon", "start": format_instant(T0 + d * DAY), "end": format_instant(T0 + (d + 1) * DAY),
         "area": "West", "act": "fire", "count_low": 12, "count_high": 12, "unit": "incident"}
        for d in TRUCE
    ]  # fmt: skip
    m = mission(tmp_path / "a", claims, covered(WHOLE, "West"), tallies)
    assert row(m, "West")["observed"] == 12 * 60
    assert row(m, "West")["verdict"] == "collapsed"


def test_kept_rebuilt_and_under_a_cut_the_table_is_the_same(tmp_path: Path) -> None:
    first, later = (
        seen(range(BEGINS), 4, 0) + seen(range(BEGINS, BEGINS + 30), 1, 0),
        seen(range(BEGINS + 30, BEGINS + 60), 2, 0),
    )
    coverage = covered(WHOLE, "West")
    m = mission(tmp_path / "a", first, coverage)
    before = list(current_tables(m)["trends"])
    ingest(m, [written(tmp_path / "later.csv", later)])
    update(m)
    grown = list(current_tables(m)["trends"])
    assert grown != before
    rebuild(m)
    assert list(current_tables(m)["trends"]) == grown
    out = tmp_path / "t.csv"
    cut = T0 + (BEGINS + 30) * DAY + HOUR
    export(m, "trends", "csv", out, known_by=cut)
    ends = {r["end"] for r in csv.DictReader(out.open(encoding="utf-8"))}
    assert max(ends) <= format_instant(cut)
