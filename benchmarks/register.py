"""The register of as many complaints as a real mission had: Sri Lanka's, 8,064 by the end of 2005, 946 of them pending.

The complaints are invented: a claim for three in five, a visit for half, five decisions for each that is ruled.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.child import Measured, trucewatch
from trucewatch.model.times import DAY, HOUR, format_instant, parse_instant

COMPLAINTS, PENDING = 8_064, 946
_T0 = parse_instant("2002-02-23T00:00:00Z")
_DAYS = 1_400
_AGREEMENT = """id: strait
title: {en: A ceasefire}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
timezone: Asia/Colombo
events: {in_force: {at: 2002-02-23T00:00:00+06:00}}
terms: [{id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}]
mechanism:
  id: mission
  members: [norland, sudland]
  clocks: {acknowledged: PT24H, tasked: P1D, reported: P14D, heard: P5D}
"""
_MISSION = "id: strait\nagreements: [strait.yaml]\ntimezone: Asia/Colombo\nclock: known\n"
_RULINGS = ("no violation", "could not be determined", "could not be determined", "outside mandate")


@dataclass(frozen=True)
class Line:
    """A register: for whom and as what, what the command took, size of the file in kB."""

    what: str
    took: Measured
    kilobytes: int


def measure(folder: Path, complaints: int = COMPLAINTS, pending: int = PENDING) -> list[Line]:
    """The register of a mission that is up to date: the first time, again, for the public, and as CSV."""
    make(folder, complaints, pending)
    files = ("sources", "claims", "complaints", "tasks", "decisions")
    trucewatch("ingest", folder, *(folder / f"{name}.csv" for name in files))
    trucewatch("update", folder)
    runs = (
        ("page, first", ()), ("page, again", ()), ("page for the public", ("--audience", "public")),
        ("CSV", ("--format", "csv")),
    )  # fmt: skip
    out = []
    for what, options in runs:
        path = folder / "out" / f"{what.replace(' ', '-')}.txt"
        took = trucewatch("register", folder, *options, "-o", path)
        out.append(Line(what, took, path.stat().st_size // 1024))
    return out


def make(folder: Path, complaints: int, pending: int) -> None:
    """A mission's folder with its files, not ingested yet."""
    r = random.Random(2005)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "strait.yaml").write_text(_AGREEMENT, "utf-8")
    (folder / "mission.yaml").write_text(_MISSION, "utf-8")
    sources = [(f"mod_{p[0]}", f"Ministry of {p}", "party", p, "Asia/Colombo") for p in ("norland", "sudland")]
    _write(folder / "sources.csv", ("source", "name", "role", "party", "tz"), sources)
    rows: dict[str, list[Sequence[Any]]] = {"claims": [], "complaints": [], "tasks": [], "decisions": []}
    for k in range(complaints):
        _complaint(r, k, k >= complaints - pending, rows)
    heads = {
        "claims": ("claim_id", "source", "published", "stance", "act", "start", "lat", "lon", "radius_km", "accused"),
        "complaints": (
            "complaint_id", "received", "complainant", "against", "term", "claims", "text", "handling",
        ),
        "tasks": ("task_id", "ordered", "due", "look_for", "complaint", "closed"),
        "decisions": ("at", "person", "verb", "object", "reason", "params"),
    }  # fmt: skip
    for name, head in heads.items():
        _write(folder / f"{name}.csv", head, rows[name])


def _complaint(r: random.Random, k: int, pending: bool, rows: dict[str, list[Sequence[Any]]]) -> None:
    """One complaint with what was done about it."""
    number = f"C/{k + 1}"
    at = _T0 + round(k / COMPLAINTS * _DAYS * DAY) + r.randrange(HOUR)
    who, against = r.choice((("norland", "sudland"), ("sudland", "norland")))
    claim = ""
    if r.random() < 0.6:
        claim = f"mod_{who[0]}/c{k}"
        place = (f"{8 + r.random():.4f}", f"{80 + r.random():.4f}", "2")
        start = format_instant(at - 30 * HOUR)
        rows["claims"].append(
            (f"c{k}", f"mod_{who[0]}", format_instant(at - HOUR), "alleges", "fire.small_arms", start, *place, against)
        )
    handling = r.choice(("public", "restricted", "restricted"))
    rows["complaints"].append((number, format_instant(at), who, against, "1", claim, f"Complaint {k}", handling))

    def decided(hours: float, person: str, verb: str, **params: str) -> None:
        body = "{" + ", ".join(f'"{name}": "{value}"' for name, value in params.items()) + "}"
        rows["decisions"].append((format_instant(at + round(hours * HOUR)), person, verb, number, "as found", body))

    decided(r.uniform(1, 40), "ann", "notify", step="acknowledged")
    if r.random() < 0.5:
        ordered = at + r.randrange(30 * HOUR)
        rows["tasks"].append(
            (f"T{k}", format_instant(ordered), format_instant(ordered + DAY), "traces", number,
             format_instant(ordered + 2 * DAY))
        )  # fmt: skip
    if not pending:
        decided(r.uniform(60, 300), "ann", "draft", step="reported")
        decided(r.uniform(300, 400), "ben", "rule", outcome=r.choice(_RULINGS))
        decided(r.uniform(400, 900), "eva", "sign")
        decided(r.uniform(900, 1000), "eva", "publish")


def _write(path: Path, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as to:
        writer = csv.writer(to)
        writer.writerow(head)
        writer.writerows(rows)
