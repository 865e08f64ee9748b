"""Threat row 4: a mission that shows each party another ledger is convicted by what the two were given."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.laws.missions import crowd, make
from tests.packages.conftest import AT, DAY
from trucewatch.cli import run
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.forks import parse_fork
from trucewatch.ledger.policy_file import policy_text
from trucewatch.mission.comparing import compare_heads
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import Package, publish
from trucewatch.mission.verifying import verify


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mission, Mission]:
    """One mission and its copy, each going on by itself: what a restored backup, or a lie, looks like."""
    folder = tmp_path_factory.mktemp("views")
    one = make(folder / "one", crowd(4, 4))
    one.ledger.publish()
    one.store.close()
    shutil.copytree(one.dir, folder / "other")
    return Mission.open(one.dir), Mission.open(folder / "other")


def note(mission: Mission, words: str) -> None:
    with mission.store.writing() as tx:
        tx.append("notice", [(words, {"text": words}, AT)], recorded_at=AT)


def test_a_split_view_is_proved_by_two_packages_whatever_their_sizes(
    views: tuple[Mission, Mission], tmp_path: Path
) -> None:
    ours, theirs = views
    first = publish(ours, DAY, "public", AT, tmp_path / "ours.zip")
    key = tmp_path / "policy.json"
    key.write_text(policy_text(ours.ledger.policy()))
    for k in range(20):
        note(theirs, f"told to the other side alone {k}")
        second = publish(theirs, DAY, "public", AT, tmp_path / f"theirs-{k}.zip")
        assert verify(first.path, key).ok
        assert verify(second.path, key).ok
        found = compare_heads(first.path, second.path, None, tmp_path / f"{k}.fork.json")
        assert found.fork is not None
        assert found.path is not None
        assert "two histories" in found.words
        parse_fork(found.path.read_text("utf-8")).check([k.key for k in ours.ledger.policy().log_keys])
        both = compare_heads(second.path, first.path, None, tmp_path / "same.json")
        assert both.fork is not None
        assert both.fork.text == found.fork.text


def test_one_history_is_told_as_one(mission: Mission, public: Package, audit: Package, tmp_path: Path) -> None:
    for one, other in ((public.path, audit.path), (mission.dir, public.path), (mission.dir / "ledger", audit.path)):
        assert compare_heads(one, other, None, tmp_path / "x.json").fork is None
    assert not (tmp_path / "x.json").exists()


def test_a_single_proof_convicts_too(views: tuple[Mission, Mission], tmp_path: Path) -> None:
    """Who has one proof file only, or one checkpoint, can compare it with the other side's package."""
    from tests.packages.forging import files_of

    ours, theirs = views
    mine = publish(ours, DAY, "public", AT, tmp_path / "mine.zip")
    for k in range(3):
        note(theirs, f"again {k}")
    yours = publish(theirs, DAY, "public", AT, tmp_path / "yours.zip")
    files = files_of(mine.path)
    proof = tmp_path / "mine.tlog-proof"
    proof.write_bytes(files[f"ledger/proofs/{mine.record}.tlog-proof"])
    single = tmp_path / "checkpoint"
    single.write_bytes(files["ledger/checkpoint"])
    for path in (proof, single):
        found = compare_heads(path, yours.path, None, tmp_path / "x.json")
        assert found.fork is not None or found.first.checkpoint.size == 0


def test_two_missions_are_not_two_histories(public: Package, views: tuple[Mission, Mission], tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="two logs"):
        compare_heads(public.path, views[0].dir, None, tmp_path / "x.json")


def test_the_command_writes_the_proof_and_ends_with_1(
    views: tuple[Mission, Mission], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ours, theirs = views
    note(theirs, "and once more")
    pair = [str(publish(m, DAY, "public", AT, tmp_path / f"{k}.zip").path) for k, m in enumerate(views)]
    out = tmp_path / "proof.fork.json"
    assert run(["verify", "--compare", *pair, "-o", str(out), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["file"] == str(out)
    assert "signed two histories" in said["errors"][0]["message"]
    assert json.loads(out.read_text("utf-8"))["kind"] == "ledger-fork/v1"
    assert run(["verify", "--compare", pair[0], str(tmp_path / "none")]) == 2
