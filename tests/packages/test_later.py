"""What was published stays checkable: after more records, an erasure, another key, in another folder, on another day
(laws L1, L2 and L8 through the ledger; threat rows 1, 6 and 7)."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.laws.missions import crowd, make
from tests.packages.conftest import AT, DAY
from tests.packages.forging import files_of
from trucewatch.cli import run
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.policy_file import policy_text
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import publish
from trucewatch.mission.redacting import redact
from trucewatch.mission.rekeying import Order, rotate
from trucewatch.mission.verifying import verify
from trucewatch.store import schema

LATER = AT + 86_400_000_000


@pytest.fixture
def fresh(tmp_path: Path) -> Mission:
    return make(tmp_path / "m", crowd(2, 8))


def tables(path: Path) -> dict[str, bytes]:
    return {n: data for n, data in files_of(path).items() if n.startswith(("data/tables/", "data/map/"))}


def test_L2_the_same_day_published_in_another_folder_later_has_the_same_tables(fresh: Mission, tmp_path: Path) -> None:
    for audience in ("public", "auditor"):
        first = publish(fresh, DAY, audience, AT, tmp_path / f"1-{audience}.zip")
        fresh.store.close()
        other = Mission.open(shutil.copytree(fresh.dir, tmp_path / f"elsewhere-{audience}"))
        second = publish(other, DAY, audience, LATER, tmp_path / f"2-{audience}.zip")
        assert tables(first.path) == tables(second.path)


def test_L1_a_package_holds_after_an_erasure_and_the_next_one_shows_that_something_stood_there(
    fresh: Mission, tmp_path: Path
) -> None:
    before = publish(fresh, DAY, "public", AT, tmp_path / "before.zip")
    claim = next(r for r in fresh.store.read("claim") if r.id.startswith("mon/"))
    redact(fresh, claim.id, "anna", "boris", "the speaker is in danger", LATER)
    after = publish(fresh, DAY, "auditor", LATER, tmp_path / "after.zip")
    for package in (before, after):
        found = verify(package.path)
        assert found.ok, found.errors
    assert "nothing is on the mission's word" in found.checked["recomputed"]
    line = files_of(after.path)["data/records/records.jsonl"].splitlines()[claim.seq - 1]
    assert b'"commitment"' in line
    assert b'"salt"' not in line


def test_a_record_held_back_that_no_redaction_erased_is_told(
    fresh: Mission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trucewatch.mission import packing
    from trucewatch.publishing.package import records

    whole = packing._line
    monkeypatch.setattr(packing, "_line", lambda row: records.closed(row) if row.seq == 40 else whole(row))
    made = publish(fresh, DAY, "auditor", AT, tmp_path / "p.zip")
    found = verify(made.path)
    assert [e.message for e in found.errors] == ["record 40 is held back, and no redaction erased it"]


def test_row_6_after_a_rotation_old_and_new_packages_hold_by_one_policy(fresh: Mission, tmp_path: Path) -> None:
    before = publish(fresh, DAY, "public", AT, tmp_path / "before.zip")
    rotate(fresh, Order("anna", "boris", "the key may have been seen", LATER), None)
    after = publish(fresh, DAY, "public", LATER, tmp_path / "after.zip")
    policy = tmp_path / "policy.json"
    policy.write_text(policy_text(fresh.ledger.policy()), "utf-8")
    assert verify(before.path, policy).ok
    assert verify(after.path, policy).ok


def test_row_6_what_a_revoked_key_signed_without_witnesses_no_longer_counts(fresh: Mission, tmp_path: Path) -> None:
    before = publish(fresh, DAY, "public", AT, tmp_path / "before.zip")
    rotate(fresh, Order("anna", "boris", "the key was stolen", LATER), LATER // 1_000_000)
    policy = tmp_path / "policy.json"
    policy.write_text(policy_text(fresh.ledger.policy()), "utf-8")
    found = verify(before.path, policy)
    assert [e.field for e in found.errors] == ["revocation"]


def test_row_7_a_backdated_record_comes_after_the_publication_whatever_time_it_claims(
    fresh: Mission, tmp_path: Path
) -> None:
    made = publish(fresh, DAY, "auditor", AT, tmp_path / "p.zip")
    with fresh.store.writing() as tx:
        tx.append("notice", [("backdated", {"text": "long ago"}, 0)], recorded_at=0)
    late = next(r for r in fresh.store.read("notice") if r.id == "backdated")
    assert late.seq > made.record
    assert late.recorded_at >= AT
    assert verify(made.path).ok


@pytest.mark.parametrize("change", ["payload", "kind", "known_at", "both"])
def test_row_1_a_record_edited_by_sql_is_named_by_number(fresh: Mission, change: str) -> None:
    fresh.ledger.publish()
    fresh.store.close()
    c = sqlite3.connect(fresh.database)
    for name in schema.TRIGGER_NAMES:
        c.execute(f"DROP TRIGGER IF EXISTS {name}")
    if change == "payload":
        c.execute("UPDATE payload SET bytes = (SELECT bytes FROM payload WHERE seq = 41) WHERE seq = 40")
    elif change == "kind":
        c.execute("UPDATE record SET kind = 'reply' WHERE seq = 40")
    elif change == "known_at":
        c.execute("UPDATE record SET known_at = known_at - 1 WHERE seq = 40")
    else:  # row and leaf, as an insider would who knows the ledger
        c.execute("UPDATE record SET commitment = zeroblob(32) WHERE seq = 40")
        c.execute("UPDATE leaf SET hash = zeroblob(32) WHERE seq = 40")
    c.commit()
    c.close()
    found = verify(fresh.dir)
    assert [e.message.split(":")[0] for e in found.errors] == ["record 40"]
    assert run(["verify", str(fresh.dir)]) == 1


def test_a_mission_in_order_holds(fresh: Mission) -> None:
    fresh.ledger.publish()
    assert verify(fresh.dir).ok


def test_a_missing_quorum_is_told_by_publish_and_the_package_is_made(fresh: Mission, tmp_path: Path) -> None:
    from trucewatch.ledger.keys import KeyType, new_private_key, parse_private
    from trucewatch.mission.config import LedgerRules, WitnessKey

    key = parse_private(new_private_key("witness.example", KeyType.COSIGNATURE)).verifier
    witness = WitnessKey(key=str(key), url="http://127.0.0.1:9/", neutral=True)
    fresh.config = fresh.config.model_copy(update={"ledger": LedgerRules(witnesses=(witness,), quorum=1, wait_s=0.5)})
    made = publish(fresh, DAY, "public", AT, tmp_path / "p.zip")
    assert made.opened is None
    assert "only 0 of the 1" in made.why
    assert any("witness is missing" in note for note in made.notes)
    assert [e.field for e in verify(made.path).errors] == ["quorum"]


def test_a_folder_that_cannot_be_written_and_a_name_that_is_taken_are_told(
    fresh: Mission, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"published before")
    last = fresh.store.last_seq()
    fresh.store.close()
    tries = [there, tmp_path / "there.zip" / "below"]
    for out in tries:
        assert run(["publish", str(fresh.dir), "--date", DAY, "-o", str(out)]) == 2
        assert capsys.readouterr().err.startswith("error:")
    assert there.read_bytes() == b"published before"
    for wrong in (
        ["--date", "2021-13-40"],
        ["--date", DAY, "--audience", "internal"],
        ["--date", DAY, "--audience", "party:x"],
    ):
        assert run(["publish", str(fresh.dir), *wrong]) == 2
        assert capsys.readouterr().err.startswith("error:")
    assert Mission.open(fresh.dir).store.last_seq() == last


def test_publishing_twice_writes_over_nothing(fresh: Mission) -> None:
    first, second = (publish(fresh, DAY, "public", AT) for _ in range(2))
    assert first.path != second.path
    assert verify(first.path).ok
    assert verify(second.path).ok


def test_checking_writes_nothing(fresh: Mission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = publish(fresh, DAY, "auditor", AT, tmp_path / "p" / "p.zip")
    monkeypatch.chdir(tmp_path / "p")
    before = sorted((tmp_path / "p").iterdir()), made.path.stat().st_mtime_ns
    verify(made.path)
    assert (sorted((tmp_path / "p").iterdir()), made.path.stat().st_mtime_ns) == before


def test_the_policy_file_reads_back_as_it_was_written(fresh: Mission) -> None:
    from trucewatch.ledger.policy_file import keys_text, read_policy

    fresh.ledger.publish()
    policy = fresh.ledger.policy()
    assert read_policy(policy_text(policy).encode()) == policy
    assert read_policy(keys_text(policy).encode()).log_keys == policy.log_keys
    for bad in (
        b"",
        b"{}",
        b"[]\n",
        b"\xff",
        policy_text(policy).replace('"quorum": 0', '"quorum": "0"').encode(),
    ):
        with pytest.raises(LedgerError):
            read_policy(bad)
