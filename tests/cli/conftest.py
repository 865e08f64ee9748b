"""A small mission made through the command line, as somebody from outside would make it."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.bad_input import Take
from trucewatch import cli

AGREEMENT = """id: small
title: {en: A small ceasefire}
actors:
  - {id: norland, role: party, names: {en: Norland}}
  - {id: sudland, role: party, names: {en: Sudland}}
timezone: Asia/Baku
events: {in_force: {at: 2021-03-01T12:00:00+04:00}}
zones: []
terms:
  - {id: "1", kind: prohibition, text: {en: {summary: All fire ceases, words: null, source: null, authentic: unknown}},
     acts: [fire], binds: [norland, sudland], from: {event: in_force}, until: null,
     where: {zone: null, of: impact}, except: [], protects: [], readings: {}}
  - {id: "2", kind: statement,
     text: {en: {summary: The parties will talk, words: null, source: null, authentic: unknown}}}
mechanism: null
"""
SOURCES = """source,name,role,party,parent,tz,handling,approved_by
mod_n,Ministry of Norland,party,norland,,Asia/Baku,public,mission
mod_s,Ministry of Sudland,party,sudland,,Asia/Baku,public,mission
news_n,News of Norland,party_media,norland,mod_n,Asia/Baku,public,mission
news_s,News of Sudland,party_media,sudland,mod_s,Asia/Baku,public,mission
mon,Monitors,monitor,,,Asia/Baku,restricted,mission
"""
COVERAGE = """source,start,end,lat,lon,radius_km,acts,means,detection,false_alarm,mode
mon,2021-03-02T08:00:00+04:00,2021-03-08T18:00:00+04:00,40.5,47,30,fire,saw,0.6,0.01,routine
"""


def claims(n: int = 12) -> list[dict[str, Any]]:
    """Both ministries accuse in turn, their news repeat, every third is denied, monitors examine half."""
    draw, out = random.Random(7), []
    for i in range(n):
        day, hour, side = 2 + i // 4, draw.randrange(24), i % 2
        me, other = (("mod_n", "sudland"), ("mod_s", "norland"))[side]
        base = {
            "act": "fire.mortar", "start": f"2021-03-{day:02d}T{hour:02d}:10:00+04:00", "place_of": "impact",
            "lat": f"{40 + draw.random():.4f}", "lon": f"{46.5 + draw.random():.4f}", "radius_km": "2",
        }  # fmt: skip
        said = f"2021-03-{day:02d}T23:30:00+04:00"
        out.append(
            {**base, "claim_id": f"a{i}", "source": me, "published": said, "stance": "alleges", "accused": other}
        )
        copy = {"claim_id": f"n{i}", "source": ("news_n", "news_s")[side], "published": said, "stance": "reports"}
        out.append({**base, **copy, "accused": other, "origin": me})
        if i % 3 == 0:
            denial = {"claim_id": f"d{i}", "source": ("mod_s", "mod_n")[side], "published": said, "stance": "denies"}
            out.append({**base, **denial, "responds_to": f"{me}/a{i}"})
        if i % 4 in (0, 1):
            seen = {"claim_id": f"m{i}", "source": "mon", "published": f"2021-03-{day + 1:02d}T18:00:00+04:00"}
            found = {"stance": "observes", "means": "forensic", "accused": other, "text": f"=secret {i}"}
            out.append({**base, **seen, **found})
    return out


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as a CSV file with every column that any of them has."""
    columns = list(dict.fromkeys(k for row in rows for k in row))
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with agreement.yaml, sources.csv, claims.csv and coverage.csv."""
    folder = tmp_path_factory.mktemp("in")
    (folder / "agreement.yaml").write_text(AGREEMENT, "utf-8")
    (folder / "sources.csv").write_text(SOURCES, "utf-8")
    (folder / "coverage.csv").write_text(COVERAGE, "utf-8")
    write_csv(folder / "claims.csv", claims())
    return folder


@pytest.fixture(scope="session")
def make_mission(inputs: Path) -> Callable[[Path], Path]:
    """Makes a mission folder of the inputs, by init and ingest."""

    def make(folder: Path) -> Path:
        assert cli.run(["init", str(folder), "--agreement", str(inputs / "agreement.yaml"), "--history"]) == 0
        files = [str(inputs / f"{name}.csv") for name in ("claims", "coverage", "sources")]
        assert cli.run(["ingest", str(folder), *files]) == 0
        return folder

    return make


@pytest.fixture(scope="session")
def mission(make_mission: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mission to read from; tests that write make their own."""
    return make_mission(tmp_path_factory.mktemp("missions") / "small")


@pytest.fixture(scope="session")
def declared(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mission that knows its sources and nothing else."""
    folder = tmp_path_factory.mktemp("declared") / "m"
    assert cli.run(["init", str(folder), "--agreement", str(inputs / "agreement.yaml"), "--history"]) == 0
    assert cli.run(["ingest", str(folder), str(inputs / "sources.csv")]) == 0
    return folder


@pytest.fixture
def ready(declared: Path, tmp_path: Path) -> Path:
    """Such a mission to write to."""
    return Path(shutil.copytree(declared, tmp_path / "m"))


@pytest.fixture
def take(ready: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Take:
    """Ingest a file with that content into it; what --json says, with the exit code."""

    def run(content: str | bytes, *options: str, name: str = "claims.csv") -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        capsys.readouterr()
        code = cli.run(["ingest", str(ready), str(path), "--json", *options])
        told = capsys.readouterr()
        assert told.err == ""
        assert "Traceback" not in told.out
        return {"exit": code, **json.loads(told.out)}

    return run
