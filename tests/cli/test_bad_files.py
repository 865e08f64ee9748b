"""Bad paths, disks, databases and workbooks: what stops an ingest, and that nothing is half-stored then."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.bad_input import HEADER, PROGRAM, Take, good, quarantined, row, stored, table
from trucewatch import cli
from trucewatch.store.schema import SCHEMA_VERSION


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, "not there"),
        (lambda p: p.mkdir(), "folder"),
        (lambda p: os.mkfifo(p), "no ordinary file"),
    ],
)
def test_a_path_that_cannot_be_tried_stops_before_anything_is_stored(
    make: Callable[[Path], None], message: str, ready: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "wrong.csv")
    (tmp_path / "claims.csv").write_text(table(good(1)))
    assert cli.run(["ingest", str(ready), str(tmp_path / "claims.csv"), str(tmp_path / "wrong.csv")]) == 2
    assert message in capsys.readouterr().err
    assert stored(ready) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_told(ready: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(table(good(1)))
    path.chmod(0)
    assert cli.run(["ingest", str(ready), str(path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_an_unknown_kind_is_wrong_use(take: Take) -> None:
    out = take(table(good(1)), "--as", "claim")
    assert out["exit"] == 2
    assert "Did you mean claims" in out["errors"][0]["remedy"]


def test_a_kind_is_forced_and_its_faults_told(take: Take, ready: Path) -> None:
    out = take("source,start,lat,lon,radius_km\nmon,2021-03-02,40,46,5\n", "--as", "coverage")
    assert out["exit"] == 0
    assert len(stored(ready, "coverage")) == 1


def test_a_foreign_format_is_not_forced_upon_another_table(take: Take) -> None:
    out = take(table(good(1)), "--as", "ged")
    assert out["exit"] == 1
    assert "not UCDP GED" in out["errors"][0]["message"]


def test_a_mission_of_a_newer_version_is_left_alone(take: Take, ready: Path) -> None:
    with sqlite3.connect(ready / "trucewatch.db") as c:
        c.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = stored(ready, "source")
    out = take(table(good(1)))
    assert out["exit"] == 2
    assert "newer" in out["errors"][0]["message"]
    assert stored(ready, "source") == before


def test_a_database_that_is_none_is_told(take: Take, ready: Path) -> None:
    (ready / "trucewatch.db").write_bytes(b"no database, just words" * 100)
    out = take(table(good(1)))
    assert out["exit"] == 2
    assert "not a Trucewatch database" in out["errors"][0]["message"]


def test_a_locked_mission_is_told_after_ten_seconds(ready: Path, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(table(good(1)))
    holder = sqlite3.connect(ready / "trucewatch.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    done = subprocess.run([*PROGRAM, "ingest", ready, path], capture_output=True, text=True)
    holder.execute("ROLLBACK")
    assert done.returncode == 2
    assert "locked" in done.stderr
    assert 9 < time.monotonic() - began < 20
    assert stored(ready) == []


def test_of_two_ingests_at_once_the_second_waits(ready: Path, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(table(good(1)))
    holder = sqlite3.connect(ready / "trucewatch.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(2.0, lambda: holder.execute("ROLLBACK"))
    release.start()
    done = subprocess.run([*PROGRAM, "ingest", ready, path], capture_output=True, text=True)
    release.join()
    assert done.returncode == 0, done.stderr
    assert stored(ready) == ["mod_n/g1"]


def test_ctrl_c_in_mid_ingest_stores_nothing_of_that_file(ready: Path, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    for rows in (200_000, 800_000):  # a quick machine may be through with the first before it is stopped
        folder = Path(shutil.copytree(ready, tmp_path / f"m{rows}"))
        path.write_text(table(row(lat="95"), *(good(n) for n in range(rows))))
        run = subprocess.Popen([*PROGRAM, "ingest", folder, path], stderr=subprocess.PIPE, text=True)
        wal = folder / "trucewatch.db-wal"
        while run.poll() is None and not (wal.exists() and wal.stat().st_size > 1_000_000):
            time.sleep(0.002)
        running = run.poll() is None
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)[1]
        if running and run.returncode == 3:
            break
    assert run.returncode == 3, said
    assert "stopped" in said
    assert "Traceback" not in said
    assert stored(folder) == []
    assert not list(folder.glob("quarantine/*"))
    assert not list(folder.glob("quarantine/.*"))


def test_a_full_disk_stores_nothing_of_that_file(ready: Path, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(table(row(lat="95"), *(good(n) for n in range(30_000))))
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000,) * 2)\n" + PROGRAM[2]
    done = subprocess.run([sys.executable, "-c", code, "ingest", ready, path], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr
    assert stored(ready) == []
    assert not list(ready.glob("quarantine/*"))


def test_a_disk_without_room_for_the_quarantine_stores_nothing_of_that_file(ready: Path, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(table(good(1), *(row(lat="95", text="x" * 900_000) for _ in range(4))))
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000,) * 2)\n" + PROGRAM[2]
    done = subprocess.run([sys.executable, "-c", code, "ingest", ready, path], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert stored(ready) == []
    assert not list((ready / "quarantine").iterdir())


def test_a_bad_file_does_not_hinder_the_good_ones(ready: Path, tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(table(good(1)))
    (tmp_path / "noise.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert cli.run(["ingest", str(ready), str(tmp_path / "noise.csv"), str(tmp_path / "claims.csv")]) == 1
    assert stored(ready) == ["mod_n/g1"]


def test_sources_of_a_file_that_breaks_off_are_not_known(ready: Path, tmp_path: Path) -> None:
    rows = "".join(f"s{n},Source {n},witness\n" for n in range(200_000))
    (tmp_path / "sources.csv.gz").write_bytes(gzip.compress(f"source,name,role\n{rows}".encode())[:-30])
    (tmp_path / "claims.csv").write_text(table(good(1), row(source="s1")))
    assert cli.run(["ingest", str(ready), str(tmp_path / "sources.csv.gz"), str(tmp_path / "claims.csv")]) == 1
    assert len(stored(ready, "source")) == 5
    assert stored(ready) == ["mod_n/g1"]


def test_json_lines_that_are_none_are_told_by_line(take: Take, ready: Path) -> None:
    fine = json.dumps(dict(zip(HEADER.split(","), next(csv.reader([good(1)])), strict=True)))
    twice = '{"claim_id": "a", "claim_id": "b"}'
    half = fine.replace("shelling", "\\ud800").replace("g1", "half")
    lines = [fine, half, "{not json}", "[1, 2]", twice, fine.replace("40.1", "NaN", 1), fine.replace("g1", "g2")]
    out = take("\n".join(lines), name="claims.jsonl")
    assert [e["row"] for e in out["errors"]] == [2, 3, 4, 5, 6]
    assert stored(ready) == ["mod_n/g1", "mod_n/g2"]
    assert len(quarantined(ready)) == 5


def test_a_workbook_is_read_whatever_its_name_and_its_clocks_need_an_offset(take: Take, ready: Path) -> None:
    from datetime import date, datetime

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(HEADER.split(","))
    plain: list[Any] = next(csv.reader([good(1)]))
    plain[7:10] = [40.1, 46.9, 2]
    sheet.append(plain)
    sheet.append(["g2", *plain[1:5], date(2021, 3, 2), *plain[6:]])
    sheet.append(["g3", *plain[1:5], datetime(2021, 3, 2, 14, 10), *plain[6:]])
    made = io.BytesIO()
    book.save(made)
    out = take(made.getvalue(), name="claims.csv")
    assert [(e["row"], e["field"]) for e in out["errors"]] == [(4, "start")]
    assert "no offset" in out["errors"][0]["message"]
    assert stored(ready) == ["mod_n/g1", "mod_n/g2"]
    assert take(table(good(1)))["counts"] == {"claims_unchanged": 1}


def test_a_damaged_workbook_is_told(take: Take) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("xl/workbook.xml", "<broken")
    out = take(packed.getvalue(), name="claims.xlsx")
    assert out["exit"] == 1
    assert "workbook" in out["errors"][0]["message"]


def test_a_derived_table_is_not_taken_back(take: Take, ready: Path) -> None:
    out = take("incident_id,actor,p\nI1,norland,0.5\n", name="authors.csv")
    assert out["exit"] == 0
    assert "derived" in out["warnings"][0]["message"]


def test_parents_may_stand_further_down_and_unknown_ones_are_told(take: Take, ready: Path) -> None:
    out = take(
        "source,name,role,parent\nchild,Child,party_media,mother\nmother,Mother,party_media,mod_n\n"
        "lost,Lost,party_media,nobody\norphan,Orphan,party_media,lost\n",
        name="sources.csv",
    )
    assert [e["row"] for e in out["errors"]] == [4, 5]
    assert set(stored(ready, "source")) >= {"child", "mother"}
    assert take(table(row(source="lost")))["errors"][0]["field"] == "source"
