"""Files that are wrong in one way, and what a mission has of them afterwards."""

from __future__ import annotations

import csv
import hashlib
import io
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Take = Callable[..., dict[str, Any]]
HEADER = "claim_id,source,published,stance,act,start,end,lat,lon,radius_km,accused,text"
GOOD = (
    "g{n},mod_n,2021-03-02T18:00:00+04:00,alleges,fire.mortar,2021-03-02T14:10:00+04:00,,40.1,46.9,2,sudland,shelling"
)
PROGRAM = [sys.executable, "-c", "from trucewatch.cli import main; main()"]


def good(n: int) -> str:
    return GOOD.format(n=n)


def row(**cells: str) -> str:
    """A good row with some cells changed."""
    values = dict(zip(HEADER.split(","), next(csv.reader([good(0)])), strict=True)) | {"claim_id": "bad"} | cells
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values.values())
    return out.getvalue().rstrip("\n")


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def stored(ready: Path, kind: str = "claim") -> list[str]:
    """Ids of the records of a kind, in the order stored."""
    with sqlite3.connect(ready / "trucewatch.db") as c:
        return [r[0] for r in c.execute("SELECT id FROM record WHERE kind = ? ORDER BY seq", (kind,))]


def quarantined(ready: Path) -> list[dict[str, str]]:
    """Rows of the only quarantine file."""
    (path,) = (ready / "quarantine").iterdir()
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def everything(folder: Path) -> dict[str, str]:
    """Every file of a folder with the hash of its content."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
