"""A package says what it proves, to somebody who has nothing but the package and a key."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

from trucewatch.mission.packing import Package
from trucewatch.mission.verifying import verify


def test_a_public_package_proves_its_files_its_publication_and_the_records_that_it_shows(
    public: Package, keys: Path
) -> None:
    found = verify(public.path, keys)
    assert found.ok, found.errors
    assert set(found.checked) >= {"files", "signature", "publication", "records", "sums", "recomputed"}
    assert found.counts["records"] == public.counts["records"] > 20
    assert 0 < found.counts["contributions recomputed"] < found.counts["contributions"]
    assert any("on the mission's word" in note for note in found.notes)


def test_an_auditor_recomputes_every_table_to_the_same_bytes_in_another_folder(
    audit: Package, keys: Path, tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copy(audit.path, tmp_path / "elsewhere.zip"))
    found = verify(elsewhere, keys)
    assert found.ok, found.errors
    assert found.counts["recomputed"] == found.counts["rows"] > 100
    assert "nothing is on the mission's word" in found.checked["recomputed"]


def test_the_same_package_holds_as_a_zip_and_unpacked(public: Package, keys: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(public.path) as archive:
        archive.extractall(tmp_path)
    assert verify(tmp_path / public.path.stem, keys).checked == verify(public.path, keys).checked


def test_sha256sum_accepts_both_manifests(public: Package, tmp_path: Path) -> None:
    with zipfile.ZipFile(public.path) as archive:
        archive.extractall(tmp_path)
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        done = subprocess.run(
            ["sha256sum", "-c", "--strict", "--quiet", manifest], cwd=tmp_path / public.path.stem, capture_output=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
