"""The key of a ledger: outside the mission's folder, never asked for without a terminal, handed over by two people
(threat row 6), and a new log where the newest copy is lost (row 5)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.missions import crowd, new_mission
from tests.mission.ledgers import copied, more, scrubbed, small
from trucewatch import cli
from trucewatch.ledger.errors import NotVerified
from trucewatch.ledger.keys import KeyType, signer_of
from trucewatch.ledger.notes import Note, parse
from trucewatch.ledger.policy import LogKey, Policy, Witness
from trucewatch.mission.folder import Mission
from trucewatch.mission.rekeying import Order, begin_anew, rotate
from trucewatch.model.errors import Refusal

ORDER = Order("anna", "boris", "the laptop was stolen", 1_700_000_000_000_000)


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("TRUCEWATCH_KEY", "TRUCEWATCH_PASSPHRASE", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "config" / "trucewatch" / "keys"


def test_init_makes_a_key_of_its_owner_alone_outside_the_folder_and_says_where(
    tmp_path: Path, own_keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["init", str(tmp_path / "m"), "--agreement", "nk-2020-10-10", "--json"]) == 0
    (key,) = own_keys.iterdir()
    assert str(key) in json.loads(capsys.readouterr().out)["warnings"][0]["message"]
    assert key.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "m" / "trucewatch.db").exists()
    public = (tmp_path / "m" / "ledger" / "keys").read_text().strip()
    assert public.split("+")[1] in key.name
    assert "PRIVATE" not in public


def test_the_private_key_stands_in_no_file_of_the_mission(tmp_path: Path, own_keys: Path) -> None:
    mission = small(tmp_path / "m")
    (key,) = own_keys.iterdir()
    secret = key.read_text().strip().split("+")[-1].encode()
    assert not [p for p in mission.dir.rglob("*") if p.is_file() and secret in p.read_bytes()]


def test_a_setting_says_where_the_key_lies_and_never_inside_the_mission(
    tmp_path: Path, own_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUCEWATCH_KEY", str(tmp_path / "stick" / "k.key"))
    small(tmp_path / "m")
    assert (tmp_path / "stick" / "k.key").exists()
    assert not own_keys.exists()
    monkeypatch.setenv("TRUCEWATCH_KEY", str(tmp_path / "m2" / "m" / "k.key"))
    with pytest.raises(Refusal, match="inside the mission"):
        small(tmp_path / "m2")


def test_without_its_key_nothing_is_stored_and_it_is_told_what_to_set(tmp_path: Path, own_keys: Path) -> None:
    mission = small(tmp_path / "m")
    before = mission.store.last_seq()
    shutil.rmtree(own_keys)
    again = Mission.open(mission.dir)
    with pytest.raises(Refusal, match=r"private key .* is not here.*TRUCEWATCH_KEY"):
        more(again, tmp_path / "more", 7)
    assert again.store.last_seq() == before


def test_a_wrong_passphrase_is_one_clear_sentence_and_nothing_is_stored(
    tmp_path: Path, own_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUCEWATCH_PASSPHRASE", "four old mills")
    mission = small(tmp_path / "m")
    before = mission.store.last_seq()
    assert b"PRIVATE" not in next(own_keys.iterdir()).read_bytes()
    monkeypatch.setenv("TRUCEWATCH_PASSPHRASE", "five old mills")
    with pytest.raises(Refusal, match="the passphrase does not open the key"):
        more(Mission.open(mission.dir), tmp_path / "more", 7)
    assert mission.store.last_seq() == before
    monkeypatch.setenv("TRUCEWATCH_PASSPHRASE", "four old mills")
    more(Mission.open(mission.dir), tmp_path / "again", 7)
    assert mission.store.last_seq() > before


def test_without_a_terminal_nobody_is_asked(tmp_path: Path, own_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUCEWATCH_PASSPHRASE", "four old mills")
    mission = new_mission(tmp_path / "m", crowd(1, 4))
    mission.ledger.begin()
    monkeypatch.delenv("TRUCEWATCH_PASSPHRASE")
    source = tmp_path / "sources.csv"
    source.write_text("source,name,role\nx,X,ngo\n")
    done = subprocess.run(
        [sys.executable, "-c", "from trucewatch.cli import main; main()", "ingest", str(mission.dir), str(source)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no terminal to ask" in done.stderr
    assert "TRUCEWATCH_PASSPHRASE" in done.stderr


def test_row_6_a_rotation_is_signed_by_both_keys_and_by_two_people(tmp_path: Path, own_keys: Path) -> None:
    mission = small(tmp_path / "m")
    old = mission.ledger.keys
    signed = mission.store.checkpoints()
    with pytest.raises(Refusal):
        rotate(mission, Order("anna", "anna", "why", 1), None)
    rotate(mission, ORDER, None)
    mission.store.close()
    again = Mission.open(mission.dir)
    new, *rest = again.ledger.keys
    assert tuple(rest) == old
    (record,) = again.store.read("key")
    statement = parse(record.payload["note"])
    assert {s.name for s in statement.signatures} == {old[0].name}
    for key in (new, *old):
        (own,) = [s for s in statement.signatures if key.made(s)]
        key.verify(statement.text, own)
    both = parse(again.store.checkpoints()[-1])
    assert [k for k in (new, *old) if any(k.made(s) for s in both.signatures)] == [new, *old]
    more(again, tmp_path / "more", 7)
    alone = parse(again.store.checkpoints()[-1])
    assert [k for k in (new, *old) if any(k.made(s) for s in alone.signatures)] == [new]
    again.store.close()
    assert scrubbed(mission.dir).errors == []
    assert again.ledger.policy().open(signed[-1]).log_key == old[0]


def test_row_6_what_a_revoked_key_signs_counts_only_as_far_as_witnesses_had_seen_it(
    tmp_path: Path, own_keys: Path
) -> None:
    mission = small(tmp_path / "m")
    thief = mission.ledger.signer
    rotate(mission, ORDER, revoked_s=1_000)
    policy = mission.ledger.policy()
    witness = signer_of("example.org/w", KeyType.COSIGNATURE, bytes(32))
    forged = f"{thief.verifier.name}\n1\n{'A' * 43}=\n"
    with_quorum = Policy(policy.origin, policy.log_keys, (Witness(witness.verifier, True),), 1)
    assert LogKey(thief.verifier, 1_000) in policy.log_keys
    note = Note(forged).signed(thief.sign(forged))
    for late in (note, note.signed(witness.sign(forged, 1_001))):
        with pytest.raises(NotVerified, match="revoked"):
            with_quorum.open(late)
    assert with_quorum.open(note.signed(witness.sign(forged, 999)))


def test_row_5_a_new_log_names_the_head_of_the_lost_one(tmp_path: Path, own_keys: Path) -> None:
    mission = small(tmp_path / "m")
    backup = tmp_path / "backup.db"
    shutil.copy(mission.database, backup)
    more(mission, tmp_path / "more", 7)
    mission.store.close()
    lost = (mission.dir / "ledger" / "checkpoint").read_text()
    shutil.copy(backup, mission.database)
    old = Mission.open(mission.dir)
    with pytest.raises(Refusal, match="older copy"):
        more(old, tmp_path / "refused", 8)
    begin_anew(old, ORDER)
    old.store.close()
    again = Mission.open(mission.dir)
    (record,) = again.store.read("recovery")
    assert lost in record.payload["heads"]
    assert again.ledger.keys[0].name != lost.split("\n")[0]
    more(again, tmp_path / "again", 8)
    again.store.close()
    assert scrubbed(mission.dir).errors == []
    assert (mission.dir / "ledger.old1" / "checkpoint").read_text() == lost


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    if shutil.which("ssh-agent") is None:
        pytest.skip("no ssh-agent here")
    where = tmp_path / "agent.sock"
    running = subprocess.Popen(["ssh-agent", "-D", "-a", str(where)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if where.exists():
                break
            running.poll()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(where))
        key = tmp_path / "id"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "log", "-f", str(key)], check=True)
        subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True, env=dict(os.environ))
        key.unlink()
        yield where
    finally:
        running.terminate()
        running.wait()


def test_a_key_in_an_ssh_agent_signs(
    tmp_path: Path, own_keys: Path, agent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUCEWATCH_KEY", "ssh-agent:log")
    mission = small(tmp_path / "m")
    assert scrubbed(mission.dir).errors == []
    assert not own_keys.exists()
    monkeypatch.delenv("TRUCEWATCH_KEY")
    more(Mission.open(mission.dir), tmp_path / "more", 7)
    subprocess.run(["ssh-add", "-q", "-D"], check=True, capture_output=True)
    with pytest.raises(Refusal, match="is not here"):
        more(copied(mission, tmp_path / "copy"), tmp_path / "again", 8)
