"""Witnesses of a mission: they see one history or say so (threat rows 3 and 4); receipts hold a mission to its word."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.laws.missions import crowd, ingest, new_mission, taken, write_inputs
from tests.mission.ledgers import behind_its_back, copied, more, scrubbed, small
from trucewatch import cli
from trucewatch.ledger.errors import NotVerified
from trucewatch.ledger.forks import compare_folders
from trucewatch.ledger.policy import Opened
from trucewatch.mission.folder import Mission

MAIN = [sys.executable, "-c", "from trucewatch.cli import main; main()"]


class Running:
    """A witness as a party runs it: a process with its own folder."""

    def __init__(self, folder: Path, name: str, log: Path) -> None:
        command = [
            *MAIN,
            "witness",
            str(folder),
            "--name",
            name,
            "--log",
            str(log),
            "--listen",
            "127.0.0.1:0",
            "--json",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, "the witness ended"
            said += line
        told = json.loads(said)
        self.key, self.url, self.folder = str(told["key"]), str(told["url"]), folder

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def bare(tmp_path: Path) -> Mission:
    """A mission with its key, and nothing in it yet."""
    mission = new_mission(tmp_path / "m", crowd(1, 3))
    mission.ledger.begin()
    return mission


@pytest.fixture
def witness(bare: Mission, tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "w", "example.org/w", bare.dir / "ledger" / "keys")
    yield running
    running.stop()


def watched(mission: Mission, *witnesses: tuple[str, str], quorum: int = 1) -> Mission:
    """The mission with these witnesses (key, address) in its mission.yaml."""
    file = mission.dir / "mission.yaml"
    rules = {"quorum": quorum, "wait_s": 3, "witnesses": [{"key": k, "url": u, "neutral": True} for k, u in witnesses]}
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "ledger": rules}))
    return Mission.open(mission.dir)


def fill(mission: Mission, folder: Path, seed: int = 1) -> list[str]:
    """Take a crowd in; the warnings that speak of witnesses."""
    folder.mkdir()
    report = taken(ingest(mission, write_inputs(folder, crowd(seed, 3))))
    return [str(w) for w in report.warnings if "witness" in str(w)]


def believed(mission: Mission) -> Opened:
    return mission.ledger.policy().open((mission.dir / "ledger" / "checkpoint").read_text())


def test_each_intake_is_seen_by_the_witness(bare: Mission, witness: Running, tmp_path: Path) -> None:
    mission = watched(bare, (witness.key, witness.url))
    assert fill(mission, tmp_path / "one") == []
    assert fill(mission, tmp_path / "two", 2) == []
    opened = believed(mission)
    assert opened.checkpoint.size == mission.store.last_seq()
    assert [s.witness.key.name for s in opened.seen] == ["example.org/w"]
    assert str(opened.seen[0].witness.key) in (mission.dir / "ledger" / "keys").read_text()


def test_a_witness_that_is_away_is_told_and_never_waited_for(bare: Mission, witness: Running, tmp_path: Path) -> None:
    witness.stop()
    mission = watched(bare, (witness.key, witness.url))
    told = fill(mission, tmp_path / "one")
    assert any("a witness is missing: example.org/w did not answer" in w for w in told)
    assert any("0 of the 1 witnesses" in w for w in told)
    assert mission.store.last_seq() > 0
    with pytest.raises(NotVerified):
        believed(mission)


def test_row_3_history_that_was_written_anew_finds_no_witness(bare: Mission, witness: Running, tmp_path: Path) -> None:
    mission = watched(bare, (witness.key, witness.url))
    fill(mission, tmp_path / "one")
    mission.store.close()
    key = mission.ledger.keys[0]
    shutil.rmtree(mission.dir / "ledger")
    mission.database.unlink()
    mission.ledger.files.write_keys([key])
    told = fill(Mission.open(mission.dir), tmp_path / "anew", 2)
    assert any("not the history that it signed" in w or "an old copy was restored" in w for w in told), told
    with pytest.raises(NotVerified, match="witnesses"):
        believed(Mission.open(mission.dir))


def test_row_4_two_views_of_one_log_convict_it(tmp_path: Path) -> None:
    north = small(tmp_path / "north", claims=3)
    south = copied(north, tmp_path / "south")
    assert compare_folders(north.ledger.files, south.ledger.files, north.ledger.keys) is None
    more(north, tmp_path / "for north", 5)
    assert compare_folders(north.ledger.files, south.ledger.files, north.ledger.keys) is None
    more(south, tmp_path / "for south", 6)
    fork = compare_folders(north.ledger.files, south.ledger.files, north.ledger.keys)
    assert fork is not None
    first, second = fork.check(north.ledger.keys)
    assert first.origin == second.origin


def test_a_witness_that_lost_its_memory_does_not_start(bare: Mission, witness: Running) -> None:
    witness.stop()
    (witness.folder / "state.json").unlink()
    done = subprocess.run([*MAIN, "witness", str(witness.folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "memory" in done.stderr


def test_a_second_witness_on_one_memory_does_not_start(bare: Mission, witness: Running) -> None:
    command = [*MAIN, "witness", str(witness.folder), "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert f"number {witness.process.pid}" in done.stderr


def test_who_submits_gets_a_receipt_and_can_hold_the_mission_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mission = small(tmp_path / "m", claims=3)
    receipts = sorted((mission.dir / "receipts").iterdir())
    assert {p.name.split(".")[0] for p in receipts} >= {"claims", "sources", "coverage"}
    options = [part for path in receipts for part in ("--receipt", str(path))]
    assert cli.run(["check", str(mission.dir), *options]) == 0
    assert capsys.readouterr().out.count("kept") == len(receipts)
    (tmp_path / "flipped").write_bytes(receipts[0].read_bytes().replace(b"=\n\n", b"A\n\n", 1))
    assert cli.run(["check", str(mission.dir), "--receipt", str(tmp_path / "flipped")]) == 1


def test_a_broken_promise_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mission that drops a claim and signs anew is convicted by the receipt."""
    mission = new_mission(tmp_path / "m", crowd(1, 3))
    mission.ledger.begin()
    backup = tmp_path / "keys"
    shutil.copytree(mission.dir / "ledger", backup)
    fill(mission, tmp_path / "one")
    receipt = next((mission.dir / "receipts").glob("claims.*"))
    shutil.copy(receipt, tmp_path / "receipt")
    mission.store.close()
    shutil.rmtree(mission.dir / "ledger")
    mission.database.unlink()
    shutil.copytree(backup, mission.dir / "ledger")
    fill(Mission.open(mission.dir), tmp_path / "two", 2)
    assert cli.run(["check", str(mission.dir), "--receipt", str(tmp_path / "receipt")]) == 1
    assert "not the one that the receipt promised" in capsys.readouterr().err


def test_a_policy_that_can_never_be_met_is_told_with_its_line(
    bare: Mission, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bare.dir / "mission.yaml"
    file.write_text(file.read_text() + "ledger: {quorum: 2}\n")
    assert cli.run(["check", str(bare.dir)]) == 1
    assert "a quorum of 2 cannot be had of 0 witnesses" in capsys.readouterr().err


def test_erased_records_keep_their_receipts(tmp_path: Path) -> None:
    mission = small(tmp_path / "m", claims=3)
    with behind_its_back(mission) as c:
        (reference,) = c.execute("SELECT id FROM record WHERE kind = 'claim' LIMIT 1").fetchone()
    assert cli.run(["redact", str(mission.dir), reference, "--by", "a", "--second", "b", "--reason", "r"]) in {0, 1}
    receipt = next((mission.dir / "receipts").glob("claims.*"))
    assert cli.run(["check", str(mission.dir), "--receipt", str(receipt)]) == 0
    assert scrubbed(mission.dir).errors == []
