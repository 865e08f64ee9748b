"""What an insider with the database's file, a restored backup or a rotten disk can do, and how it is noticed (threat
rows 1, 2 and 5, fault row 44)."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.mission.ledgers import COLUMNS, behind_its_back, copied, more, other, scrubbed, small
from trucewatch import cli
from trucewatch.mission.checking import check
from trucewatch.mission.folder import Mission
from trucewatch.model.errors import Refusal


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Mission:
    return small(tmp_path_factory.mktemp("tampering") / "m", claims=30)


def test_an_untouched_mission_passes_the_deep_check(whole: Mission) -> None:
    found = scrubbed(whole.dir)
    assert found.errors == []
    assert found.mended == []
    assert found.records == whole.store.last_seq() > 40


def changed(whole: Mission, folder: Path, table: str, column: str, seq: int, r: random.Random) -> Path:
    """A copy of the mission in which one value of one record is another."""
    mission = copied(whole, folder)
    with behind_its_back(mission) as c:
        (value,) = c.execute(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)).fetchone()
        c.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (other(value, r), seq))
    return mission.dir


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, names in COLUMNS.items() for c in names])
def test_row_1_a_changed_value_is_found_with_the_number_of_its_record(
    whole: Mission, tmp_path: Path, table: str, column: str
) -> None:
    r = random.Random(column)
    seq = r.randrange(1, whole.store.last_seq() + 1)
    assert list(scrubbed(changed(whole, tmp_path / "m", table, column, seq, r)).bad) == [seq]


@pytest.mark.soak
@pytest.mark.parametrize(("table", "column"), [(t, c) for t, names in COLUMNS.items() for c in names])
def test_row_1_of_a_thousand_changed_values_every_one_is_found(tmp_path: Path, table: str, column: str) -> None:
    whole, r = small(tmp_path / "m", claims=1_100), random.Random(column)
    seqs = sorted(r.sample(range(1, whole.store.last_seq() + 1), 1_000))
    whole.store.close()
    with behind_its_back(whole) as c:
        for seq in seqs:
            (value,) = c.execute(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)).fetchone()
            c.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (other(value, r), seq))
    assert sorted(scrubbed(whole.dir).bad) == seqs


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["DELETE FROM record WHERE seq = 7"], [7]),
        ([f"DELETE FROM {t} WHERE seq = 7" for t in COLUMNS], [7]),
        ([f"UPDATE {t} SET seq = 0 WHERE seq = 7" for t in COLUMNS], [0, 7]),
        (["DELETE FROM payload WHERE seq = 9"], [9]),
        (["INSERT INTO redacted VALUES (9, 10)", "DELETE FROM payload WHERE seq = 9",
          "UPDATE record SET salt = x'' WHERE seq = 9"], [9]),
        ([f"UPDATE {t} SET seq = CASE seq WHEN 5 THEN -6 WHEN 6 THEN -5 END WHERE seq IN (5, 6)" for t in COLUMNS]
         + [f"UPDATE {t} SET seq = -seq WHERE seq < 0" for t in COLUMNS], [5, 6]),
    ],
    ids=["record gone", "all of it gone", "moved", "payload gone", "erased without a redaction", "two exchanged"],
)  # fmt: skip
def test_row_2_what_is_deleted_moved_or_exchanged_is_found(
    whole: Mission, tmp_path: Path, statements: list[str], named: list[int]
) -> None:
    mission = copied(whole, tmp_path / "m")
    with behind_its_back(mission) as c:
        for statement in statements:
            c.execute(statement)
    found = scrubbed(mission.dir)
    assert set(named) <= set(found.bad)
    assert found.errors


def test_row_2_a_row_forged_with_its_leaf_is_found_by_what_was_signed(whole: Mission, tmp_path: Path) -> None:
    mission = copied(whole, tmp_path / "m")
    another = small(tmp_path / "another", seed=5, claims=30)
    names = {t: ("seq", *c) for t, c in COLUMNS.items()}
    with behind_its_back(another) as c:
        rows = {t: c.execute(f"SELECT {', '.join(n)} FROM {t} WHERE seq = 20").fetchone() for t, n in names.items()}
    with behind_its_back(mission) as c:
        for t, n in names.items():
            c.execute(f"DELETE FROM {t} WHERE seq = 20")
            c.execute(f"INSERT INTO {t} ({', '.join(n)}) VALUES ({','.join('?' * len(n))})", rows[t])
    assert list(scrubbed(mission.dir).bad) == [20]


def test_row_2_the_last_records_cut_off_are_found(whole: Mission, tmp_path: Path) -> None:
    mission, last = copied(whole, tmp_path / "m"), whole.store.last_seq()
    with behind_its_back(mission) as c:
        for table in COLUMNS:
            c.execute(f"DELETE FROM {table} WHERE seq > ?", (last - 3,))
    assert list(scrubbed(mission.dir).bad) == [last - 2, last - 1, last]


def test_damaged_records_are_put_back_from_a_copy_and_from_no_other_mission(whole: Mission, tmp_path: Path) -> None:
    mission = copied(whole, tmp_path / "m")
    with behind_its_back(mission) as c:
        c.execute("UPDATE record SET known_at = 0 WHERE seq = 8")
        c.execute("DELETE FROM payload WHERE seq = 9")
    foreign = small(tmp_path / "foreign", seed=3, claims=30)
    assert sorted(scrubbed(mission.dir, foreign.dir).bad) == [8, 9]
    assert scrubbed(mission.dir, whole.dir).restored == [8, 9]
    assert scrubbed(mission.dir).errors == []


def test_row_5_an_older_copy_is_not_gone_on_from(whole: Mission, tmp_path: Path) -> None:
    mission = copied(whole, tmp_path / "m")
    shutil.copy(mission.database, tmp_path / "backup.db")
    more(mission, tmp_path / "more", 9)
    mission.store.close()
    signed = (mission.dir / "ledger" / "checkpoint").read_text()
    shutil.copy(tmp_path / "backup.db", mission.database)
    old = Mission.open(mission.dir)
    with pytest.raises(Refusal, match="older copy"):
        more(old, tmp_path / "again", 10)
    assert old.store.last_seq() == whole.store.last_seq()
    assert (mission.dir / "ledger" / "checkpoint").read_text() == signed
    assert any("older copy" in f.message for f in check(mission.dir).errors)
    assert any("older copy" in f.message or "not there" in f.message for f in scrubbed(mission.dir).errors)


@pytest.mark.parametrize("path", ["checkpoint", "keys", "tile/0/000", "tile/1/000.p/*", "tile/entries/000"])
@pytest.mark.parametrize("harm", ["gone", "flipped", "cut"])
def test_row_44_a_rotten_file_of_the_ledger_is_named_and_made_anew(
    whole: Mission, tmp_path: Path, path: str, harm: str
) -> None:
    mission = copied(whole, tmp_path / "m")
    (file,) = (mission.dir / "ledger").glob(path)
    before = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(before[:-9] if harm == "cut" else before[:20] + bytes([before[20] ^ 1]) + before[21:])
    found = scrubbed(mission.dir)
    assert found.mended == [file.relative_to(mission.dir / "ledger").as_posix()]
    assert file.read_bytes() == before
    assert scrubbed(mission.dir).mended == []


def test_row_44_a_rotten_byte_of_the_database_is_found_or_is_of_no_record(whole: Mission, tmp_path: Path) -> None:
    r, pages = random.Random(4), whole.database.stat().st_size
    for k in range(12):
        mission = copied(whole, tmp_path / f"m{k}")
        before = {row.seq: row for row in whole.store.rows()}
        data = bytearray(mission.database.read_bytes())
        at = r.randrange(100, pages)
        data[at] ^= 1 << r.randrange(8)
        mission.database.write_bytes(bytes(data))
        try:
            harmed = scrubbed(mission.dir)
            same = {row.seq: row for row in mission.store.rows()} == before
        except Refusal:
            continue
        assert harmed.errors or same, at


def test_without_tiles_an_ingest_goes_on_and_makes_them_anew(whole: Mission, tmp_path: Path) -> None:
    mission = copied(whole, tmp_path / "m")
    shutil.rmtree(mission.dir / "ledger" / "tile")
    more(mission, tmp_path / "more", 9)
    mission.store.close()
    found = scrubbed(mission.dir)
    assert (found.errors, found.mended) == ([], [])


def test_without_any_file_of_the_ledger_it_is_made_anew(whole: Mission, tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        found = (p for p in (mission.dir / "ledger").rglob("*") if p.is_file() and p.name != ".lock")
        return {str(p.relative_to(mission.dir)): p.read_bytes() for p in found}

    mission = copied(whole, tmp_path / "m")
    before = files()
    shutil.rmtree(mission.dir / "ledger")
    assert cli.run(["check", str(mission.dir), "--deep"]) in {0, 1}
    assert files() == before
