"""L9 and L11 of what comes in: an export ingested into an empty mission is the same again, in any order, in parts."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.records import Row, tables
from tests.records import records as opened
from trucewatch.mission.exporting import export
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.model.columns import KINDS

Fresh = Callable[[Path], Mission]
Record = tuple[str, str, int, bytes]
drawn = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def records(mission: Mission) -> set[Record]:
    """What is stored: kind, id, known time and content of every version."""
    return {row[1:] for row in opened(mission.database)}


def write(folder: Path, rows: dict[str, list[Row]]) -> list[Path]:
    folder.mkdir()
    paths = []
    for name, table in rows.items():
        if table:
            path = folder / f"{name}.jsonl"
            path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in table), "utf-8", newline="")
            paths.append(path)
    return paths


def taken(mission: Mission, paths: list[Path]) -> None:
    report = ingest(mission, paths, recorded_at=2)
    assert report.errors == ()


def exported(mission: Mission, how: str, folder: Path) -> dict[str, bytes]:
    for name in KINDS:
        export(mission, name, how, folder / f"{name}.{how}")
    return {name: (folder / f"{name}.{how}").read_bytes() for name in KINDS}


@drawn
@given(rows=tables())
def test_L9_an_export_ingested_into_an_empty_mission_gives_the_same_records_and_bytes(
    rows: dict[str, list[Row]], fresh: Fresh
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        first = fresh(folder / "first")
        taken(first, write(folder / "in", rows))
        for how in ("csv", "jsonl"):
            left = exported(first, how, folder / how)
            other = fresh(folder / f"other-{how}")
            taken(other, [folder / how / f"{name}.{how}" for name in KINDS])
            differing = newest(records(other)) ^ newest(records(first))
            assert {r[:2] for r in differing} <= tied(records(first))
            assert exported(other, how, folder / f"again-{how}") == left


def newest(found: set[Record]) -> set[Record]:
    """An export holds the newest versions alone; which of two of one known time is a matter of intake (law L11)."""
    last: dict[tuple[str, str], int] = {}
    for kind, id_, known, _ in found:
        last[kind, id_] = max(known, last.get((kind, id_), known))
    return {r for r in found if r[2] == last[r[0], r[1]]}


def tied(found: set[Record]) -> set[tuple[str, str]]:
    seen = Counter((kind, id_) for kind, id_, _, _ in newest(found))
    return {key for key, n in seen.items() if n > 1}


@drawn
@given(rows=tables())
def test_L9_ingesting_twice_changes_nothing(rows: dict[str, list[Row]], fresh: Fresh) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        mission = fresh(Path(scratch) / "m")
        paths = write(Path(scratch) / "in", rows)
        taken(mission, paths)
        before = records(mission)
        report = ingest(mission, paths, recorded_at=3)
        assert set(report.counts) <= {f"{name}_unchanged" for name in KINDS}
        assert records(mission) == before


@drawn
@given(rows=tables(), seed=st.integers(0, 2**32))
def test_L11_the_order_of_rows_and_files_and_parts_changes_no_record(
    rows: dict[str, list[Row]], seed: int, fresh: Fresh
) -> None:
    r = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plain = fresh(folder / "plain")
        taken(plain, write(folder / "in", rows))
        mixed = {name: r.sample(table, len(table)) for name, table in r.sample(list(rows.items()), len(rows))}
        shuffled = fresh(folder / "shuffled")
        paths = write(folder / "mixed", mixed)
        taken(shuffled, r.sample(paths, len(paths)))
        assert records(shuffled) == records(plain)
        parts = fresh(folder / "parts")
        for k, path in enumerate(r.sample(paths, len(paths))):
            lines = path.read_text("utf-8").split("\n")[:-1]
            cut = r.randrange(len(lines) + 1)
            for half, part in enumerate((lines[:cut], lines[cut:])):
                if part:
                    piece = folder / f"{k}-{half}-{path.name}"
                    piece.write_text("".join(line + "\n" for line in part), "utf-8", newline="")
                    report = ingest(parts, [piece], as_kind=path.stem, recorded_at=2)
                    assert report.errors == ()
        assert records(parts) == records(plain)


@pytest.mark.parametrize("name", list(KINDS))
def test_a_quarantined_row_that_was_mended_is_the_row_it_would_have_been(
    name: str, mission: Mission, fresh: Fresh, tmp_path: Path
) -> None:
    """The template's rows with one cell spoiled, then mended in the quarantine file."""
    import csv

    template = mission.dir / "in" / f"{name}.csv"
    with template.open(encoding="utf-8", newline="") as f:
        header, *rows = list(csv.reader(f))
    column = next(c.name for c in KINDS[name].columns if c.required)
    at = header.index(column)
    spoiled = [[*r[:at], "", *r[at + 1 :]] for r in rows]
    path = tmp_path / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([header, *spoiled])
    shutil.copy(mission.dir / "in" / "sources.csv", tmp_path / "sources-of-templates.csv")
    given_sources = tmp_path / "sources-of-templates.csv"
    report = ingest(mission, [given_sources, path], recorded_at=2)
    assert len(report.errors) == 2
    (kept,) = report.quarantined
    with kept.open(encoding="utf-8", newline="") as f:
        quarantined = list(csv.reader(f))
    for k, row in enumerate(quarantined[1:]):
        row[at] = rows[k][at]
    with kept.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(quarantined)
    assert ingest(mission, [kept], as_kind=name, recorded_at=3).errors == ()
    other = fresh(tmp_path / "other")
    assert ingest(other, [given_sources, template], recorded_at=2).errors == ()
    assert records(other) == records(mission)
