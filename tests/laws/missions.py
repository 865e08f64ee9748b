"""Missions for the laws: input files drawn from a seed to be awkward, put in as anybody would, and read back.

Awkward: many ties, claims that are the same in all but their id, one place and time told by everybody, wide claims,
reciprocal accusations, several first voices, copies with and without a stated origin, chains of answers and
withdrawals, answers to each other, versions, running totals, places by name, and decisions that name claims.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from trucewatch.mission.exporting import export
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import IngestReport, ingest
from trucewatch.mission.templates import init
from trucewatch.model.times import DAY, HOUR, MINUTE, format_instant, parse_instant

Row = dict[str, str]
T0 = parse_instant("2021-03-01T00:00:00Z")
AGREEMENT = """id: truce
title: {en: A truce}
actors:
  - {id: norland, role: party, names: {en: Norland, de: Nordland}}
  - {id: sudland, role: party, names: {en: Sudland, de: Südland}}
  - {id: bands, role: not_covered, names: {en: Bands}}
timezone: Asia/Baku
events: {in_force: {at: 2021-03-01T06:00:00Z}, begun: {at: null}}
zones:
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 6}, uncertainty_km: 1}
  - {id: hills, circle: {lat: 40.1, lon: 46.1, radius_km: 4}}
  - {id: unknown, status: undefined}
terms:
  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland],
     except: [{id: small, acts: [fire.small_arms], where: {zone: hills}}, {id: defence, requires: [ordered]}]}
  - {id: "2", kind: withdrawal, binds: [norland, sudland], by: {event: in_force, plus: P1D},
     from_zone: {norland: town, sudland: unknown}, readings: {calibre_mm: [">100", ">=100"]},
     weapons: [{class: artillery, calibre_mm: ">=100", zone_width_km: 30}, {class: mlrs, distance_km: 20}]}
  - {id: "3", kind: prohibition, acts: [fire, burning], binds: [sudland], where: {zone: town, of: impact}}
  - {id: "4", kind: prohibition, acts: [movement], binds: [norland], from: {event: begun}}
  - {id: "5", kind: statement}
readings: {bands: {norland: {answers_for: {bands: norland}}, nobody: {answers_for: {bands: null}}}}
"""
SOURCES: list[Row] = [
    {"source": s, "name": name, "role": role, "party": party, "parent": parent, "tz": "Asia/Baku",
     "handling": handling, "approved_by": approved}
    for s, name, role, party, parent, handling, approved in (
        ("mod_n", "Ministry of Norland", "party", "norland", "", "public", "mission"),
        ("mod_s", "Ministry of Sudland", "party", "sudland", "", "public", "mission"),
        ("news_n", "Norland Today", "party_media", "norland", "mod_n", "public", "mission"),
        ("news_s", "News", "party_media", "sudland", "mod_s", "public", "mission"),
        ("mon", "Monitors", "monitor", "", "", "public", "mission"),
        ("patrol", "Patrols", "peacekeeper", "", "", "restricted", "mission"),
        ("paper", "Paper", "independent_media", "", "", "public", "mission"),
        ("wire", "Wire", "independent_media", "", "paper", "public", "mission"),
        ("rumour", "Rumour", "witness", "", "", "confidential", ""),
        ("ngo", "Doctors", "ngo", "", "", "", "mission"),
        ("fires", "Fire satellite", "satellite", "", "", "public", "mission"),
    )
]  # fmt: skip
PLACES: list[Row] = [
    {"geonameid": "1", "name": "Upper Mill", "latitude": "40.05", "longitude": "46.02",
     "alternatenames": "Verkhny|Norland Mill"},
    {"geonameid": "2", "name": "Mill", "latitude": "40.02", "longitude": "46.1", "alternatenames": "Degirman"},
    {"geonameid": "3", "name": "Mill", "latitude": "39.9", "longitude": "45.9", "alternatenames": ""},
]  # fmt: skip
OF_A_SIDE = {"mod_n": "norland", "mod_s": "sudland", "news_n": "norland", "news_s": "sudland"}
ACTS = ("fire", "fire.mortar", "fire.artillery", "fire.small_arms", "fire.explosion_undetermined", "burning",
        "movement.weapons_in_zone", "harm_to_civilians")  # fmt: skip
WEAPONS = ("artillery.122mm", "artillery.100mm", "mlrs.bm21", "mortar.120mm", "a heavy gun", "")
_VERBS = ("link", "split", "merge", "verify", "override", "rule", "grant", "reply", "refute", "draft", "review",
          "sign", "set_event")  # fmt: skip
MEANS = ("saw", "heard", "aftermath", "camera", "forensic", "told", "satellite", "")
WORDS = "{} units opened fire with mortars at our positions near the mill, the ministry of {} said in its statement."
SPOTS = ((40.0, 46.0), (40.0, 46.0), (40.02, 46.01), (40.05, 46.02), (40.1, 46.1), (39.9, 45.9))
RADII = ("0.5", "2", "2", "6", "15", "40", "")


@dataclass
class Inputs:
    """What is put into a mission: rows by table, the agreement, and keys of mission.yaml."""

    tables: dict[str, list[Row]]
    agreement: str = AGREEMENT
    config: dict[str, Any] = field(default_factory=dict)

    def with_(self, **tables: list[Row]) -> Inputs:
        """The same with some tables replaced."""
        return replace(self, tables={**self.tables, **tables})


def iso(us: int) -> str:
    """An instant as it stands in a file."""
    return format_instant(us)


def crowd(seed: int, events: int = 30) -> Inputs:
    """Some events, each told by several in awkward ways, and everything that is not a claim."""
    r = random.Random(seed)
    claims: list[Row] = []
    for _ in range(events):
        _event(r, claims)
    for _ in range(events // 3):
        claims += _loose(r, claims)
    claims += _versions(r, claims)
    return Inputs({
        "sources": SOURCES, "places": PLACES, "claims": claims, "coverage": _coverage(r), "notices": _notices(r),
        "restrictions": _restrictions(r), "decisions": _decisions(r, claims), "tallies": _tallies(r),
    })  # fmt: skip


def _id(claims: Sequence[Row], source: str) -> str:
    return f"{source[0]}{len(claims)}"


def _event(r: random.Random, claims: list[Row]) -> None:
    lat, lon = r.choice(SPOTS)
    t = T0 + r.randrange(0, 3 * 24, r.choice((1, 6))) * HOUR + r.choice((0, 0, 10, 15)) * MINUTE
    act = r.choice(ACTS)
    said = (t // DAY + 1) * DAY + r.choice((0, 0, 6, 12)) * HOUR
    first = r.choice(("mod_n", "mod_s", "mon", "paper"))
    tellers = [first, *r.sample(["mod_n", "mod_s", "mon", "patrol", "paper", "ngo", "rumour", "fires"], r.randrange(5))]
    for source in tellers:
        claims.append(_told(r, claims, source, lat, lon, t, act, said + r.choice((0, 0, 1, 20)) * HOUR))
        told = claims[-1]
        for _ in range(r.choice((0, 0, 1, 2))):
            claims.append(_copy(r, claims, told))
        if r.random() < 0.3:
            claims.append(_answer(r, claims, told))


def _told(
    r: random.Random, claims: Sequence[Row], source: str, lat: float, lon: float, t: int, act: str, said: int
) -> Row:
    side = OF_A_SIDE.get(source)
    other = {"norland": "sudland", "sudland": "norland"}.get(side or "", r.choice(("norland", "sudland")))
    row = {
        "claim_id": _id(claims, source), "source": source, "published": iso(said),
        "act": act if r.random() < 0.8 else "fire",
        "stance": "alleges" if side or r.random() < 0.3 else "observes",
        "accused": r.choice((other, other, "", side or "bands", "other:armed men", "bands")),
        "victim": r.choice(("", "", side or "norland")),
        "place_of": r.choice(("impact", "impact", "presence", "origin", "")),
        "means": "" if side else r.choice(MEANS), "weapon": r.choice(WEAPONS),
        "handling": r.choice(("", "", "restricted")),
    }  # fmt: skip
    if r.random() < 0.12:
        row["place"] = r.choice(("Mill", "Verkhny", "Nowhere in particular"))
    else:
        row.update(
            lat=f"{lat + r.choice((0, 0, 0.01)):.4f}",
            lon=f"{lon + r.choice((0, 0, 0.01)):.4f}",
            radius_km=r.choice(RADII),
        )
    if r.random() < 0.2:
        row.update(start=iso(t // DAY * DAY), end=iso(t // DAY * DAY + DAY))
    else:
        row["start"] = iso(t + r.choice((0, 0, 5, -10)) * MINUTE)
    if r.random() < 0.1:
        row.update(origin_lat="40.08", origin_lon="46.2", origin_radius_km="2")
    if r.random() < 0.1:
        row["time_sd_min"] = "30"
    if r.random() < 0.3:
        row["text"] = WORDS.format(other.title(), (side or "mission").title())
    if r.random() < 0.2:
        low = r.randrange(3)
        row.update(killed_low=str(low), killed_high=str(low + r.randrange(3)), who="civilian")
    if r.random() < 0.05:
        row["cumulative"] = "true"
    if r.random() < 0.1:
        row["obtained"] = iso(said + 30 * HOUR)
    return row


def _copy(r: random.Random, claims: Sequence[Row], told: Row) -> Row:
    source = r.choice(("news_n", "news_s", "paper", "wire", "rumour"))
    said = parse_instant(told["published"]) + r.choice((0, 1, 7)) * HOUR
    row = {
        **told,
        "source": source,
        "claim_id": _id(claims, source),
        "published": iso(said),
        "stance": r.choice(("reports", "alleges")),
    }
    row.pop("obtained", None)
    if r.random() < 0.7 and source != told["source"]:
        row["origin"] = told["source"]
    if r.random() < 0.2 and row.get("lat"):
        row["lat"] = f"{float(row['lat']) + 0.01:.4f}"
    return row


def _answer(r: random.Random, claims: Sequence[Row], told: Row) -> Row:
    source = r.choice(("mod_n", "mod_s", "mon"))
    t = parse_instant(told["published"]) + r.choice((0, 2, 30)) * HOUR
    target = r.choice((told, told, r.choice(claims)))
    name = f"{target['source']}/{target['claim_id']}" if r.random() < 0.7 else target["claim_id"]
    row = {
        "claim_id": _id(claims, source), "source": source, "published": iso(t),
        "stance": r.choice(("denies", "denies", "admits")),
        "act": told["act"], "start": told["start"], "end": told.get("end", ""), "responds_to": name,
    }  # fmt: skip
    if r.random() < 0.5:
        row.update({k: told.get(k, "") for k in ("lat", "lon", "radius_km")})
    return row


def _loose(r: random.Random, claims: Sequence[Row]) -> list[Row]:
    """A withdrawal, two answers to each other, an answer to an answer or to nothing, or the same under another id."""
    base = r.choice(claims)
    row = {
        **base,
        "claim_id": _id(claims, base["source"]),
        "published": iso(parse_instant(base["published"]) + 40 * HOUR),
    }
    row.pop("obtained", None)
    what = r.randrange(5)
    if what == 0:
        row["retracts"] = base["claim_id"]
    elif what == 1:
        row.update(stance="denies", responds_to=f"{row['source']}/{row['claim_id']}b")
        back = {**row, "claim_id": f"{row['claim_id']}b", "responds_to": f"{row['source']}/{row['claim_id']}"}
        return [row, back]
    elif what == 2:
        answers = [c for c in claims if c.get("responds_to")] or [base]
        answered = r.choice(answers)
        row.update(stance=r.choice(("denies", "admits")), responds_to=f"{answered['source']}/{answered['claim_id']}")
    elif what == 3:
        row.update(stance="denies", responds_to="mod_n/nothing-like-it")
    else:
        row["published"] = base["published"]
    return [row]


def _versions(r: random.Random, claims: Sequence[Row]) -> list[Row]:
    """Later versions of some claims, each known at a time of its own."""
    out = []
    for k, base in enumerate(r.sample(list(claims), len(claims) // 12)):
        said = parse_instant(base["published"]) + (50 + k) * HOUR
        row = {**base, "published": iso(said), "weapon": "artillery.152mm"}
        row.pop("obtained", None)
        if r.random() < 0.3 and row.get("lat"):
            row["lat"] = f"{float(row['lat']) + 0.5:.4f}"
        out.append(row)
    return out


def _coverage(r: random.Random) -> list[Row]:
    out: list[Row] = []
    for source in ("mon", "patrol", "fires", "mod_n", "rumour"):
        for _ in range(3):
            start = T0 + r.randrange(72) * HOUR
            lat, lon = r.choice(SPOTS)
            row = {
                "source": source, "start": iso(start), "end": iso(start + r.choice((2, 8)) * HOUR), "lat": str(lat),
                "lon": str(lon), "radius_km": r.choice(("5", "20")), "acts": r.choice(("", "fire", "burning;fire")),
                "means": "satellite" if source == "fires" else r.choice(("saw", "heard", "")),
                "detection": r.choice(("0.9", "0.5", "")),
            }  # fmt: skip
            if r.random() < 0.2:
                row.update(lat="", lon="", radius_km="", zone=r.choice(("town", "unknown")))
            if row not in out:
                out.append(row)
    return out


def _notices(r: random.Random) -> list[Row]:
    out: list[Row] = []
    for by in ("norland", "sudland", "bands", "norland"):
        start = T0 + r.randrange(60) * HOUR
        row = {
            "by": by, "start": iso(start), "end": iso(start + 6 * HOUR),
            "published": iso(start - r.choice((-1, 3)) * HOUR),
            "kind": r.choice(("exercise", "demining", "rotation")), "lat": "40.0", "lon": "46.0",
            "radius_km": r.choice(("5", "")),
        }  # fmt: skip
        if row not in out:
            out.append(row)
    return out


def _restrictions(r: random.Random) -> list[Row]:
    start = T0 + r.randrange(60) * HOUR
    return [
        {"source": "mon", "start": iso(start), "end": iso(start + 4 * HOUR), "lat": "40.0", "lon": "46.0",
         "radius_km": "5", "by": by, "kind": "denied", "text": "stopped at a post"}
        for by in ("norland", "sudland", "")
    ]  # fmt: skip


def _tallies(r: random.Random) -> list[Row]:
    return [{
        "source": "mon", "start": iso(T0), "end": iso(T0 + DAY), "area": "town", "act": "fire", "count_low": "3",
        "count_high": str(3 + r.randrange(4)), "unit": "explosion",
    }]  # fmt: skip


def _decisions(r: random.Random, claims: Sequence[Row]) -> list[Row]:
    """Decisions that name claims, so that numbers in ids do not matter: many on few incidents, and two at a time."""
    names = [f"{c['source']}/{c['claim_id']}" for c in r.sample(list(claims), 4)]

    def named(k: int) -> list[str]:
        return sorted(r.sample(names, k))

    out: list[Row] = []
    for k, verb in enumerate(r.sample(_VERBS * 2, 2 * len(_VERBS))):
        params: dict[str, Any] = {"claims": named(2 if verb in {"link", "merge"} else 1)}
        object_ = ""
        if verb in {"rule", "grant", "refute", "draft", "review", "sign", "reply"}:
            object_ = f"F1.1.1.{r.choice((1, 2))}"
            params |= {"exception": "defence"} if verb == "reply" else {}
            params |= {"outcome": r.choice(("violation", "no violation"))} if verb == "rule" else {}
        if verb == "override":
            params["status"] = r.choice(("unlikely", "probable"))
        if verb == "set_event":
            object_, params = "begun", {"at": iso(T0 + r.randrange(3) * DAY)}
        out.append({
            "at": iso(T0 + (3 * 24 + 5 * (k // 2)) * HOUR), "person": r.choice(("ann", "ben")), "role": "analyst",
            "verb": verb, "object": object_, "reason": "seen by both", "params": json.dumps(params, sort_keys=True),
        })  # fmt: skip
    return [row for k, row in enumerate(out) if row not in out[:k]]


# Into a mission and out of it


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Rows as a CSV file with every column that any of them has."""
    columns = list(dict.fromkeys(k for row in rows for k in row))
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_inputs(folder: Path, inputs: Inputs, order: Callable[[list[Row]], list[Row]] = list) -> list[Path]:
    """The tables as files; `order` may shuffle the rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_csv(folder / f"{name}.csv", order(rows)) for name, rows in inputs.tables.items() if rows]


def new_mission(folder: Path, inputs: Inputs) -> Mission:
    """An empty mission under the agreement of some inputs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truce.yaml").write_text(inputs.agreement, "utf-8")
    init(folder / "m", (str(folder / "truce.yaml"),), history=True)
    if inputs.config:
        file = folder / "m" / "mission.yaml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text("utf-8")), **inputs.config}), "utf-8")
    return Mission.open(folder / "m")


def taken(report: IngestReport) -> IngestReport:
    """The report of an ingest that took everything."""
    assert not report.errors, [str(e.message) + " " + str(e.field) for e in report.errors[:5]]
    return report


def make(folder: Path, inputs: Inputs, order: Callable[[list[Row]], list[Row]] = list) -> Mission:
    """A mission of some inputs."""
    mission = new_mission(folder, inputs)
    taken(ingest(mission, write_inputs(folder / "in", inputs, order)))
    return mission


def exported(mission: Mission, **cut: Any) -> dict[str, str]:
    """Every table of a mission as the text of its file."""
    out = mission.dir.parent / f"out{len(list(mission.dir.parent.glob('out*')))}"
    export(mission, "all", "csv", out, **cut)
    return {path.stem: path.read_text("utf-8") for path in sorted(out.glob("*.csv"))}


def rows_of(text: str) -> list[Row]:
    """Rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


Tables = dict[str, list[Row]]


def tables(texts: Mapping[str, str]) -> Tables:
    """Rows of every table of an export."""
    return {name: rows_of(text) for name, text in texts.items()}


def by_content(found: Tables) -> Tables:
    """The same with every id of an incident replaced by the claims that it holds, and rows in an order of content."""
    members: dict[str, list[str]] = {}
    for row in found["links"]:
        if row["incident_id"]:
            members.setdefault(row["incident_id"], []).append(f"{row['source']}/{row['claim_id']}")
    names = {incident: "I:" + " ".join(sorted(claims)) for incident, claims in members.items()}

    def renamed(row: Row) -> Row:
        out = dict(row)
        if out.get("incident_id"):
            out["incident_id"] = names[out["incident_id"]]
            if out.get("finding_id"):
                out["finding_id"] = "F" + "." + out["finding_id"].split(".", 1)[1]
        return out

    out = {}
    for name, rows in found.items():
        named = [renamed(r) for r in rows] if name in DERIVED else [dict(r) for r in rows]
        out[name] = sorted(named, key=lambda r: [f"{k}={v}" for k, v in r.items()])
    return out


DERIVED = ("incidents", "links", "assessments", "authors", "contributions", "findings", "trends", "gaps")


def differences(one: Tables, other: Tables, names: Iterable[str] | None = None) -> list[str]:
    """The first rows in which two exports differ, by table; empty where they are the same."""
    out = []
    for name in names or sorted({*one, *other}):
        a, b = one.get(name, []), other.get(name, [])
        if a != b:
            only_a = [r for r in a if r not in b][:2]
            only_b = [r for r in b if r not in a][:2]
            out.append(f"{name}: {len(a)} and {len(b)} rows\n  only here {only_a}\n  only there {only_b}")
    return out
