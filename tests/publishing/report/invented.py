"""An invented truce of one week with all that a report shows: both sides, observers open and protected, a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.cli.conftest import write_csv
from trucewatch import cli

Row = dict[str, Any]
AGREEMENT = """id: tarn
title: {en: Truce of Tarn, hy: Տառնի զինադադար}
actors:
  - {id: norland, role: party, names: {en: Norland, hy: Նորլանդ, ar: نورلاند}}
  - {id: sudland, role: party, names: {en: Sudland, hy: Սուդլանդ, ar: سودلاند}}
  - {id: guard, role: guarantor, names: {en: The Guarantor}}
timezone: Asia/Baku
events: {in_force: {at: 2021-03-01T12:00:00+04:00}, exchange: {at: null, set_by: guard}}
zones:
  - {id: line, file: line.geojson, feature: line, uncertainty_km: 1, status: agreed}
terms:
  - {id: "1", kind: prohibition, text: {en: {summary: All fire ceases, words: null, source: null, authentic: unknown}},
     acts: [fire], binds: [norland, sudland], from: {event: in_force}, until: null, where: {zone: null, of: impact}}
  - {id: "2", kind: withdrawal, binds: [norland, sudland], from: {event: in_force},
     from_zone: {norland: line, sudland: line},
     text: {en: {summary: Guns stay 15 km from the line, words: null, source: null, authentic: unknown}},
     weapons: [{class: [artillery], calibre_mm: ">=100", distance_km: 15}]}
  - {id: "3", kind: prohibition, text: {en: {summary: No flights once the exchange is done}},
     acts: [movement.uav_flight], binds: [norland, sudland], from: {event: exchange}, where: {zone: null, of: null}}
  - {id: "4", kind: obligation, text: {en: {summary: The fallen are returned}}, binds: [norland, sudland],
     from: {event: in_force}}
  - {id: "5", kind: statement, text: {en: {summary: The parties will talk}}}
mechanism: null
"""
LINE = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"name": "line"},
         "geometry": {"type": "LineString", "coordinates": [[46.4, 40.3], [46.9, 40.4], [47.4, 40.3]]}},
    ],
}  # fmt: skip
SOURCES = """source,name,role,party,parent,tz,handling,approved_by
mod_n,Ministry of Norland,party,norland,,Asia/Baku,public,mission
mod_s,Ministry of Sudland,party,sudland,,Asia/Baku,public,mission
news_n,News of Norland,party_media,norland,mod_n,Asia/Baku,public,mission
news_s,News of Sudland,party_media,sudland,mod_s,Asia/Baku,public,mission
paper,The Courier,independent_media,,,Asia/Baku,public,mission
heron,Heron Patrol,monitor,,,Asia/Baku,restricted,mission
"""
COVERAGE = """source,start,end,lat,lon,radius_km,acts,means,detection,false_alarm,mode
heron,2021-03-02T08:00:00+04:00,2021-03-06T18:00:00+04:00,40.5137,46.9711,12,fire,saw,0.6,0.01,routine
paper,2021-03-03T00:00:00+04:00,2021-03-04T00:00:00+04:00,40.5,46.6,10,fire,heard,,,routine
"""
RESTRICTIONS = """source,start,end,lat,lon,radius_km,by,kind,text
paper,2021-03-03T09:00:00+04:00,2021-03-03T15:00:00+04:00,40.55,46.7,5,norland,denied,Turned back at a checkpoint.
heron,2021-03-03T09:00:00+04:00,2021-03-03T12:00:00+04:00,40.3333,47.1111,5,sudland,delayed,Three hours at bridge K7.
"""
SECRETS = (
    "heron", "Heron Patrol", "h-0031", "h-0032", "culvert nine", "https://vault.example/h-0031", "40.51371", "46.97113",
    "40.3333", "47.1111", "bridge K7",
)  # fmt: skip
_SHELL = {"act": "fire.mortar", "place_of": "impact", "radius_km": "2"}


def _at(day: int, clock: str) -> str:
    return f"2021-03-{day:02d}T{clock}:00+04:00"


def claims() -> list[Row]:
    """What everybody says of 2 to 4 March."""
    tarn = {**_SHELL, "lat": "40.51", "lon": "46.97", "place": "Tarn / Astra", "start": _at(3, "13:10")}
    hale = {**_SHELL, "lat": "40.31", "lon": "46.61", "place": "Hale", "start": _at(3, "05:00")}
    mill = {**_SHELL, "act": "fire.small_arms", "lat": "40.42", "lon": "47.21", "start": _at(3, "16:15")}
    gun = {"act": "movement.weapons_in_zone", "place_of": "presence", "lat": "40.45", "lon": "46.80", "radius_km": "1",
           "weapon": "artillery.122mm", "start": _at(3, "11:00")}  # fmt: skip
    older = {**_SHELL, "lat": "40.62", "lon": "46.72", "place": "Osk", "start": _at(2, "15:30")}
    spot = {"lat": "40.51371", "lon": "46.97113"}
    hurt = {"killed_low": "1", "killed_high": "1", "injured_low": "2", "who": "civilian"}
    return [
        _say("mod_n", "n1", tarn, "alleges", _at(3, "14:00"), accused="sudland", **hurt,
             url="https://ministry.example/n1"),
        _say("news_n", "nn1", tarn, "reports", _at(3, "14:20"), accused="sudland", origin="mod_n"),
        _say("mod_s", "s1", tarn, "denies", _at(3, "15:00"), responds_to="mod_n/n1"),
        _say("paper", "p1", tarn, "observes", _at(3, "17:00"), means="aftermath", injured_low="3", injured_high="4",
             who="civilian", url="https://courier.example/p1"),
        _say("heron", "h-0031", {**tarn, **spot, "radius_km": "0.2"}, "observes", _at(3, "18:00"), means="forensic",
             accused="sudland", text="culvert nine", url="https://vault.example/h-0031", obs_lat=spot["lat"],
             obs_lon=spot["lon"]),
        _say("mod_s", "s2", hale, "alleges", _at(3, "07:15"), accused="norland"),
        _say("mod_n", "n2", hale, "denies", _at(3, "09:00"), responds_to="mod_s/s2"),
        _say("mod_n", "n3", mill, "alleges", _at(3, "18:30"), accused="sudland"),
        _say("mod_s", "s3", mill, "alleges", _at(3, "18:40"), accused="norland"),
        _say("paper", "p2", gun, "observes", _at(3, "12:00"), means="saw", accused="norland"),
        _say("mod_n", "n4", older, "alleges", _at(2, "17:00"), accused="sudland"),
        _say("mod_s", "s4", {**older, "start": _at(2, "09:10"), "lat": "40.2", "lon": "47.3"}, "alleges",
             _at(3, "10:00"), accused="norland"),
        _say("heron", "h-0032", {**older, "radius_km": "0.5"}, "observes", _at(3, "11:00"), means="saw",
             accused="sudland"),
    ]  # fmt: skip


def _say(source: str, claim_id: str, told: Row, stance: str, published: str, **more: str) -> Row:
    return {"claim_id": claim_id, "source": source, "published": published, "stance": stance, **told, **more}


def build(folder: Path, rows: Sequence[Row] | None = None, settings: str = "") -> Path:
    """A mission of these inputs, or of other claims; `settings` are lines put at the end of mission.yaml."""
    inputs = folder.parent / f"{folder.name}-in"
    inputs.mkdir(parents=True)
    (inputs / "agreement.yaml").write_text(AGREEMENT, "utf-8")
    (inputs / "line.geojson").write_text(json.dumps(LINE), "utf-8")
    tables = {"sources": SOURCES, "coverage": COVERAGE, "restrictions": RESTRICTIONS}
    for name, text in tables.items():
        (inputs / f"{name}.csv").write_text(text, "utf-8")
    write_csv(inputs / "claims.csv", list(claims() if rows is None else rows))
    assert cli.run(["init", str(folder), "--agreement", str(inputs / "agreement.yaml"), "--history"]) == 0
    config = folder / "mission.yaml"
    text = "\n".join(line for line in config.read_text("utf-8").splitlines() if not line.startswith("timezone:"))
    config.write_text(f"{text}\ntimezone: Asia/Baku\n{settings}", "utf-8")
    files = [str(inputs / f"{name}.csv") for name in ("claims", *tables)]
    assert cli.run(["ingest", str(folder), *files]) == 0
    return folder
