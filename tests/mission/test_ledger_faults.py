"""What was acknowledged is there, whatever breaks on the way (fault rows 38, 40, 42 and 43; threat rows 17, 18, 19)."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.laws.missions import T0, crowd, exported, new_mission, taken, write_csv, write_inputs
from tests.mission.ledgers import copied, scrubbed, small
from trucewatch.ledger.checkpoints import Checkpoint
from trucewatch.ledger.disk import owner
from trucewatch.mission import ledgering
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest

ROOT = Path(__file__).parents[2]


def kill_at_random(folder: Path, times: int, *how: str, seed: int = 1) -> list[str]:
    """Kill a process that takes claims in, so many times; what was broken afterwards, in words."""
    draw, broken, seen = random.Random(seed), [], list[Checkpoint]()
    for _ in range(times):
        running = subprocess.Popen(
            [sys.executable, "-m", "tests.mission.crashing", str(folder), *how],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        assert running.stdout is not None
        acknowledged = int(running.stdout.readline() or 0)  # it is at work now
        time.sleep(draw.random() * 0.15)
        running.kill()
        acknowledged = max([acknowledged, *(int(line) for line in running.stdout if line.endswith("\n"))])
        running.wait()
        mission = Mission.open(folder)
        if mission.store.last_seq() < acknowledged:
            broken.append(f"{acknowledged} were acknowledged, {mission.store.last_seq()} are there")
        tree = mission.ledger.tree()
        for note in mission.store.checkpoints():
            seen.append(mission.ledger.believed(note))
        broken += [f"forked at {c.size}" for c in seen if c.size > tree.size or tree.root(c.size) != c.root]
        mission.ledger.publish()
        mission.store.close()
    broken += [f.message for f in scrubbed(folder).errors]
    return broken


def test_row_38_killed_at_any_point_nothing_acknowledged_is_lost_and_nothing_forks(tmp_path: Path) -> None:
    mission = small(tmp_path, claims=2)
    assert kill_at_random(mission.dir, 6) == []


def test_row_38_the_harness_sees_what_is_acknowledged_too_early(tmp_path: Path) -> None:
    mission = small(tmp_path, claims=2)
    assert any("acknowledged" in words for words in kill_at_random(mission.dir, 5, "early"))


@pytest.mark.soak
def test_row_38_two_thousand_kills(tmp_path: Path) -> None:
    for k in range(20):
        mission = small(tmp_path / str(k), claims=2)
        assert kill_at_random(mission.dir, 100, seed=k) == []


@contextmanager
def failing_at(n: int, code: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], bool]]:
    """The n-th call that writes a file of the ledger fails as the system would fail it; whether it came to that."""
    count, fired = 0, False

    def wrap(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            nonlocal count, fired
            count += 1
            if count == n:
                fired = True
                raise OSError(code, os.strerror(code))
            return real(*args, **more)

        return call

    with monkeypatch.context() as patched:
        for name in ("open", "write", "fsync"):
            patched.setattr(os, name, wrap(getattr(os, name)))
        patched.setattr(Path, "replace", wrap(Path.replace))
        yield lambda: fired


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC], ids=["row 42 input/output error", "row 40 disk full"])
def test_row_40_and_42_an_error_at_the_nth_call_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    folder = small(tmp_path / "m", claims=2).dir
    for n in range(1, 200):
        mission = Mission.open(folder)
        before = mission.store.last_seq()
        rows = [(f"mon/{n}.{k}", {"source": "mon", "claim_id": f"{n}.{k}"}, k) for k in range(3)]
        with failing_at(n, code, monkeypatch) as fired, mission.store.writing() as tx:
            tx.append("claim", rows, recorded_at=n)
        assert mission.store.last_seq() == before + len(rows)
        assert bool(mission.ledger.told()) == fired()
        mission.store.close()
        if not fired():
            break
        if n % 8 == 0:
            found = scrubbed(folder)
            assert found.errors == []
    else:
        pytest.fail("it never came through")
    assert n > 10
    found = scrubbed(folder)
    assert (found.errors, found.mended) == ([], [])
    assert list(folder.rglob("*.tmp")) == []


def test_row_43_a_second_process_waits_for_the_files_and_then_tells_who_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mission = small(tmp_path / "m", claims=2)
    monkeypatch.setattr(ledgering, "_WAIT_S", 0.2)
    signed = (mission.dir / "ledger" / "checkpoint").read_text()
    (tmp_path / "in").mkdir()
    with owner(mission.dir / "ledger" / ".lock"):
        report = ingest(mission, write_inputs(tmp_path / "in", crowd(7, 2)))
        assert any(f"another process (number {os.getpid()})" in str(w) for w in report.warnings)
        assert (mission.dir / "ledger" / "checkpoint").read_text() == signed
    mission.ledger.publish()
    mission.store.close()
    assert scrubbed(mission.dir).errors == []


def test_row_18_the_same_file_many_times_at_once_is_stored_once(tmp_path: Path) -> None:
    mission = new_mission(tmp_path / "m", crowd(1, 2))
    inputs = crowd(1, 2)
    (tmp_path / "in").mkdir()
    files = write_inputs(tmp_path / "in", inputs)
    taken(ingest(mission, [f for f in files if f.stem in {"sources", "places"}]))
    claims = [f for f in files if f.stem == "claims"]
    with ThreadPoolExecutor(8) as pool:
        for report in pool.map(lambda _: ingest(Mission.open(mission.dir), claims), range(24)):
            taken(report)
    rows = [(r.id, str(r.payload)) for r in Mission.open(mission.dir).store.read("claim")]
    assert len(rows) == len(set(rows)) > 0
    assert scrubbed(mission.dir).errors == []


def test_row_19_a_clock_set_back_keeps_the_order_and_is_told(tmp_path: Path) -> None:
    mission = new_mission(tmp_path / "m", crowd(1, 2))
    (tmp_path / "in").mkdir()
    files = write_inputs(tmp_path / "in", crowd(1, 4))
    first = taken(ingest(mission, files, recorded_at=T0))
    assert not any("clock" in str(w) for w in first.warnings)
    one = {**crowd(1, 4).tables["claims"][0], "claim_id": "later"}
    day = 86_400_000_000
    report = taken(ingest(mission, [write_csv(tmp_path / "claims.csv", [one])], recorded_at=T0 - day))
    assert any("86,400 s behind" in str(w) for w in report.warnings)
    times = [row.recorded_at for row in mission.store.rows()]
    assert times == sorted(times)


def test_row_7_what_is_reported_late_changes_no_state_of_before(tmp_path: Path) -> None:
    mission = new_mission(tmp_path / "m", crowd(1, 2))
    (tmp_path / "in").mkdir()
    taken(ingest(mission, write_inputs(tmp_path / "in", crowd(1, 4)), recorded_at=T0))
    before, root = exported(mission, as_of=T0), mission.ledger.tree().root()
    late = {**crowd(1, 4).tables["claims"][0], "claim_id": "late"}
    day = 86_400_000_000
    taken(ingest(mission, [write_csv(tmp_path / "claims.csv", [late])], recorded_at=T0 + 30 * day))
    assert exported(mission, as_of=T0) == before
    assert exported(mission) != before
    *_, last = mission.store.rows()
    assert last.recorded_at == T0 + 30 * day > last.known_at
    assert mission.ledger.tree().root(last.seq - 1) == root


def test_row_17_every_record_has_a_salt_of_its_own(tmp_path: Path) -> None:
    missions = [small(tmp_path / str(k), claims=20) for k in range(2)]
    salts = [row.salt for m in missions for row in m.store.rows()]
    assert len(set(salts)) == len(salts) > 200
    assert {len(s) for s in salts} == {32}


@pytest.mark.soak
def test_row_17_a_million_salts_are_unique(tmp_path: Path) -> None:
    mission = new_mission(tmp_path / "m", crowd(1, 2))
    with mission.store.writing() as tx:
        tx.append("fit", ((f"f/{k}", b"{}", 0) for k in range(1_000_000)), recorded_at=1)
    assert len({row.salt for row in mission.store.rows()}) == 1_000_000


def test_the_same_records_have_other_leaves_in_another_mission(tmp_path: Path) -> None:
    one, other = (small(tmp_path / name, claims=3) for name in ("one", "other"))
    assert not set(one.store.leaf_hashes()) & set(other.store.leaf_hashes())
    assert set(one.store.leaf_hashes()) == set(copied(one, tmp_path / "copy").store.leaf_hashes())
