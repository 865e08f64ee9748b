"""Packages before programs of archives, where these are installed: bagit and bdbag stand in no lock, as the one has no
wheel, and so nothing requires them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.laws.missions import crowd, make
from trucewatch.mission.packing import publish


@pytest.mark.parametrize("command", [["bagit.py", "--validate"], ["bdbag", "--validate", "full"]])
def test_a_package_is_a_valid_bag_to_the_programs_of_archives(command: list[str], tmp_path: Path) -> None:
    beside = Path(sys.executable).parent / command[0]
    program = str(beside) if beside.exists() else shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed: this judge was not asked")
    package = publish(make(tmp_path / "mission", crowd(2, 8)), "2021-03-03", "public", 1_800_000_000_000_000)
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked" / package.path.stem
    done = subprocess.run([program, *command[1:], unpacked], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
