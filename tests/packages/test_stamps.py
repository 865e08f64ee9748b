"""RFC 3161: a published checkpoint was there no later than an outside authority says (threat row 7)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.laws.missions import crowd, make
from tests.packages.authority import Authority
from tests.packages.conftest import AT, DAY
from tests.packages.forging import Files, files_of, forged
from trucewatch.ledger import stamps
from trucewatch.ledger.errors import LedgerError
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import publish
from trucewatch.mission.verifying import verify

pytestmark = [pytest.mark.judge, pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")]
NOTE = "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 log.example AAAAAAA=\n"
OTHER = NOTE.replace("log.example\n", "other.example\n", 1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("tsa"), "Test authority") as made:
        yield made


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("messy"), "Messy authority", embeds=True) as made:
        yield made


def test_a_token_proves_that_the_checkpoint_was_there_by_then(authority: Authority) -> None:
    token = stamps.ask(authority.url, NOTE)
    found = stamps.verify(token, NOTE, authority.root.read_bytes())
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=2)
    assert found.by == stamps.CLIENT


def test_witnesses_that_sign_later_do_not_undo_a_stamp(authority: Authority) -> None:
    token = stamps.ask(authority.url, NOTE)
    assert stamps.verify(token, NOTE + "\u2014 witness.example AAAAAAA=\n", authority.root.read_bytes())


def test_a_token_of_another_checkpoint_or_another_authority_is_refused(authority: Authority, messy: Authority) -> None:
    token = stamps.ask(authority.url, NOTE)
    for note, root in ((OTHER, authority.root), (NOTE, messy.root)):
        with pytest.raises(LedgerError, match="does not hold"):
            stamps.verify(token, note, root.read_bytes())


def test_a_token_with_certificates_out_of_order_is_read_by_the_second_verifier(
    authority: Authority, messy: Authority
) -> None:
    token = stamps.ask(messy.url, NOTE)
    found = stamps.verify(token, NOTE, messy.root.read_bytes())
    assert found.by == stamps.OPENSSL
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=2)
    for note, root in ((OTHER, messy.root), (NOTE, authority.root)):
        with pytest.raises(LedgerError):
            stamps.verify(token, note, root.read_bytes())


@pytest.mark.parametrize("token", [b"", b"no token", b"0" * 200_000])
def test_what_is_no_token_is_told(authority: Authority, token: bytes) -> None:
    with pytest.raises(LedgerError, match="time stamp"):
        stamps.verify(token, NOTE, authority.root.read_bytes())


def test_no_authority_answers_and_nothing_waits(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="did not answer"):
        stamps.ask("http://127.0.0.1:9/", NOTE, 1.0)


@pytest.fixture(scope="module")
def stamping(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Mission:
    mission = make(tmp_path_factory.mktemp("stamped"), crowd(3, 4))
    (mission.dir / "test.pem").write_bytes(authority.root.read_bytes())
    path = mission.dir / "mission.yaml"
    said = yaml.safe_load(path.read_text("utf-8"))
    said["ledger"] = {
        "wait_s": 2,
        "stamps": [
            {"name": "test", "url": authority.url, "certificates": "test.pem"},
            {"name": "asleep", "url": "http://127.0.0.1:9/", "certificates": "test.pem"},
        ],
    }
    path.write_text(yaml.safe_dump(said), "utf-8")
    return Mission.open(mission.dir)


def test_a_package_bears_its_stamps_and_says_which_did_not_come(
    stamping: Mission, authority: Authority, messy: Authority, tmp_path: Path
) -> None:
    made = publish(stamping, DAY, "public", AT)
    assert any("a time stamp is missing: asleep" in note for note in made.notes)
    found = verify(made.path, ca=authority.root)
    assert found.ok
    assert found.counts["stamps"] == 1
    assert "no later than this" in found.checked["stamps"]
    assert "test, 20" in found.checked["stamps"]
    kept = [r.payload for r in stamping.store.read("stamp")]
    assert [k["publication"] for k in kept] == [made.record]
    assert len(kept[0]["tokens"]["test.tsr"]) == 64
    assert not verify(made.path, ca=messy.root).ok

    def change(files: Files) -> None:
        files["ledger/stamps/test.tsr"] = stamps.ask(authority.url, OTHER)

    bad = verify(forged(made.path, tmp_path / "f.zip", change), ca=authority.root)
    assert [e.field for e in bad.errors] == ["time stamp"]
    assert "ledger/stamps/asleep.tsr" not in files_of(made.path)


def test_a_mission_that_names_no_authority_asks_none(authority: Authority, tmp_path: Path) -> None:
    before = authority.asked
    made = publish(make(tmp_path / "m", crowd(3, 4)), DAY, "public", AT)
    assert authority.asked == before
    assert not any("stamps/" in name for name in files_of(made.path))
