"""Packages before judges that share no code with us: the verifier in Go, proofbundle, bagit, bdbag."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.independent.test_go import run, verifier  # noqa: F401
from tests.laws.missions import crowd, make
from tests.packages.forging import files_of
from trucewatch.ledger.keys import KeyType, new_private_key, parse_private
from trucewatch.mission.comparing import compare_heads
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import Package, publish
from trucewatch.store.leaves import entry

pytestmark = pytest.mark.judge
DAY, AT = "2021-03-03", 1_800_000_000_000_000


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Mission:
    return make(tmp_path_factory.mktemp("mission"), crowd(2, 8))


@pytest.fixture(scope="module")
def package(mission: Mission) -> Package:
    return publish(mission, DAY, "public", AT)


@pytest.fixture(scope="module")
def unpacked(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(folder)
    return folder / package.path.stem


def test_the_ledger_in_a_package_is_verified_by_the_go_program(
    unpacked: Path,
    verifier: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    good, words = run(verifier, "ledger", unpacked / "ledger", unpacked / "ledger" / "keys", "0")
    assert good, words
    broken = Path(shutil.copytree(unpacked / "ledger", tmp_path / "ledger"))
    tile = next(p for p in (broken / "tile").rglob("*") if p.is_file())
    tile.write_bytes(bytes([tile.read_bytes()[0] ^ 1]) + tile.read_bytes()[1:])
    assert not run(verifier, "ledger", broken, broken / "keys", "0")[0]


def test_the_proof_of_misconduct_is_checked_by_the_go_program(
    mission: Mission,
    package: Package,
    verifier: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    mission.store.close()
    other = Mission.open(shutil.copytree(mission.dir, tmp_path / "other"))
    for one, words in ((mission, "for one side"), (other, "for the other side")):
        with one.store.writing() as tx:
            tx.append("notice", [(words, {"text": words}, AT)], recorded_at=AT)
    pair = [publish(m, DAY, "public", AT, tmp_path / f"{k}.zip").path for k, m in enumerate((mission, other))]
    found = compare_heads(pair[0], pair[1], None, tmp_path / "x.fork.json")
    assert found.path is not None
    (tmp_path / "keys").write_text(f"{mission.ledger.keys[0]}\n")
    good, words = run(verifier, "fork", found.path, tmp_path / "keys")
    assert good, words
    stranger = parse_private(new_private_key(mission.ledger.keys[0].name, KeyType.NOTE)).verifier
    (tmp_path / "keys").write_text(f"{stranger}\n")
    assert not run(verifier, "fork", found.path, tmp_path / "keys")[0]


def test_every_tenth_proof_of_a_package_is_verified_by_proofbundle(package: Package, tmp_path: Path) -> None:
    files = files_of(package.path)
    key = files["ledger/keys"].decode().splitlines()[0]
    program = Path(sys.executable).parent / "proofbundle"
    lines = [json.loads(line) for line in files["data/records/records.jsonl"].splitlines()]
    for k, said in enumerate([line for line in lines if "commitment" in line][::10]):
        digests = bytes.fromhex("".join(said.get("fields", [])))
        (tmp_path / "leaf").write_bytes(entry(said["kind"], said["seq"], bytes.fromhex(said["commitment"]), digests))
        (tmp_path / "a.tlog-proof").write_bytes(files[f"ledger/proofs/{said['seq']}.tlog-proof"])
        command = [program, "verify-proof", "a.tlog-proof", "--payload-file", "leaf", "--threshold", "0"]
        command += ["--log-vkey", key, "--expected-origin", key.split("+")[0]]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        if k == 0:  # the negative control
            (tmp_path / "leaf").write_bytes(b"another")
            assert subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60).returncode != 0
