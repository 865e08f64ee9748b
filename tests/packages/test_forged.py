"""Threat rows 1 to 4 and 6 as packages meet them, and the bad input of the issue: each is caught, by one sentence that
says which check failed, with manifests made anew wherever a forger could make them anew."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packages.forging import Files, files_of, forged, manifests_anew, write
from trucewatch.cli import run
from trucewatch.ledger.keys import KeyType, new_private_key, parse_private
from trucewatch.ledger.notes import Note, parse
from trucewatch.ledger.policy_file import policy_text
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import Package
from trucewatch.mission.verifying import verify
from trucewatch.publishing.package import reading

CHECKPOINT, RECORDS, REPORT = "ledger/checkpoint", "data/records/records.jsonl", "data/report/2021-03-03.en.html"
TABLE = "data/tables/assessments.csv"


def failed(path: Path, keys: Path | None = None, *, recomputing: bool = True) -> tuple[str, str]:
    """Which check failed, and the sentence. A package that fails is never said to hold."""
    found = verify(path, keys, recomputing=recomputing)
    assert len(found.errors) == 1
    assert not found.ok
    fault = found.errors[0]
    assert fault.message
    assert "\n" not in fault.message
    assert fault.remedy
    return str(fault.field), fault.message


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


# ---- what the harness would miss, were it not for the publication


def test_a_forged_page_with_manifests_made_anew_is_a_valid_bag_and_is_caught_all_the_same(
    public: Package, keys: Path, tmp_path: Path
) -> None:
    path = forged(public.path, tmp_path / "f.zip", replaced(REPORT, b"<body", b"<body data-forged"))
    files, _ = reading.open_bag(path).check()  # the negative control: nothing is wrong with it as a bag
    assert files > 50
    check, words = failed(path, keys)
    assert check == "publication"
    assert "2021-03-03.en.html is not what was published" in words


def test_a_package_that_nobody_forged_holds(public: Package, keys: Path, tmp_path: Path) -> None:
    assert verify(forged(public.path, tmp_path / "f.zip", lambda files: None), keys).ok


@pytest.mark.parametrize("name", [REPORT, TABLE, RECORDS, "data/mission/mission.yaml", "data/fit/ratios.yaml"])
def test_row_1_every_changed_file_is_named(public: Package, keys: Path, tmp_path: Path, name: str) -> None:
    def change(files: Files) -> None:
        files[name] += b"\n"

    assert name in failed(forged(public.path, tmp_path / "a.zip", change), keys)[1]
    assert name in failed(forged(public.path, tmp_path / "b.zip", change, anew=False), keys)[1]


# ---- a forger who makes the publication anew too has no place in the ledger for it


def _with_publication(files: Files) -> Files:
    """The publication with hashes of the forged files, as the forger would have it."""
    import hashlib

    files = manifests_anew(files)
    line = json.loads(files["ledger/publication.jsonl"])
    record = json.loads(line["record"])
    body = record["payload"]
    body["files"] = {n[5:]: hashlib.sha256(d).hexdigest() for n, d in files.items() if n.startswith("data/")}
    body["manifest"] = hashlib.sha256(files["manifest-sha256.txt"]).hexdigest()
    line["record"] = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    files["ledger/publication.jsonl"] = (json.dumps(line) + "\n").encode()
    return manifests_anew(files)


def test_a_publication_made_anew_stands_in_no_ledger(public: Package, keys: Path, tmp_path: Path) -> None:
    files = files_of(public.path)
    files[REPORT] += b"<!-- forged -->"
    check, words = failed(write(tmp_path / "f.zip", _with_publication(files)), keys)
    assert check == "inclusion"
    assert "changed, or is not in it" in words


def test_row_2_a_record_left_out_moved_or_put_in_is_caught_even_in_a_publication_of_the_mission(
    audit: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are compared with the signed root, not only with what the publication lists."""
    from trucewatch.mission import sealed

    monkeypatch.setattr(sealed, "_as_published", lambda bag, body: None)
    lines = files_of(audit.path)[RECORDS].splitlines(keepends=True)
    for other in (lines[:40] + lines[41:], [lines[1], lines[0], *lines[2:]], [*lines, lines[-1]], lines[:-1]):

        def change(files: Files, other: list[bytes] = other) -> None:
            files[RECORDS] = b"".join(other)

        check, _ = failed(forged(audit.path, tmp_path / "f.zip", change), recomputing=False)
        assert check in {"records", "root"}


def test_a_field_of_a_record_that_was_changed_does_not_open_its_commitment(
    public: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trucewatch.mission import sealed

    monkeypatch.setattr(sealed, "_as_published", lambda bag, body: None)
    path = forged(public.path, tmp_path / "f.zip", replaced(RECORDS, b'fire.mortar\\"', b'fire.tank\\"'))
    check, words = failed(path)
    assert check == "field"
    assert "'act'" in words


def test_tables_that_do_not_follow_from_the_records_are_caught_though_the_mission_signed_them(
    audit: Package, public: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mission itself publishes a number that it did not reckon: nobody but the recomputing can tell."""
    from trucewatch.mission import sealed

    monkeypatch.setattr(sealed, "_as_published", lambda bag, body: None)

    def change(files: Files) -> None:
        head, first, *rest = files[TABLE].split(b"\n")
        cells = first.split(b",")
        cells[1] = b"0.5" if cells[1] != b"0.5" else b"0.6"
        files[TABLE] = b"\n".join([head, b",".join(cells), *rest])

    for package in (audit, public):
        check, words = failed(forged(package.path, tmp_path / "f.zip", change))
        assert check == "recomputing"
        assert "does not follow" in words or "the package says" in words


# ---- whose signature


def test_another_missions_key_is_refused(public: Package, tmp_path: Path) -> None:
    other = parse_private(new_private_key("trucewatch/other/00000000", KeyType.NOTE)).verifier
    keys = tmp_path / "keys"
    keys.write_text(f"{other}\n")
    check, words = failed(public.path, keys)
    assert check == "origin"
    assert "another log" in words


def test_a_key_of_the_same_name_that_is_not_the_missions_is_refused(
    public: Package, mission: Mission, tmp_path: Path
) -> None:
    other = parse_private(new_private_key(mission.ledger.keys[0].name, KeyType.NOTE)).verifier
    keys = tmp_path / "keys"
    keys.write_text(f"{other}\n")
    check, words = failed(public.path, keys)
    assert check == "log signature"
    assert "nobody vouches" in words


def test_row_6_a_package_signed_with_a_stolen_key_has_no_quorum(
    public: Package, mission: Mission, tmp_path: Path
) -> None:
    """Whoever has the log's key can sign; the witnesses that the reader's policy asks for did not."""
    witness = parse_private(new_private_key("witness.example", KeyType.COSIGNATURE)).verifier
    said = json.loads(policy_text(mission.ledger.policy()))
    said |= {"witnesses": [{"key": str(witness), "neutral": True}], "quorum": 1, "neutral": 1}
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(said))
    check, words = failed(public.path, policy)
    assert check == "quorum"
    assert "only 0 of the 1 witnesses" in words
    said["quorum"] = said["neutral"] = 0
    policy.write_text(json.dumps(said))
    found = verify(public.path, policy)
    assert found.ok
    assert any("a witness is missing: witness.example" in note for note in found.notes)


BAD_CHECKPOINTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda note: b"",
    "cut": lambda note: note[:-20],
    "cut in the text": lambda note: note[:30],
    "CRLF": lambda note: note.replace(b"\n", b"\r\n"),
    "oversized": lambda note: note + b"x" * 1_100_000,
    "no signature": lambda note: note.split(b"\n\n")[0] + b"\n\n",
    "size with a leading zero": lambda note: note.replace(b"\n1", b"\n01", 1),
    "another size": lambda note: b"\n".join([note.split(b"\n")[0], b"7", *note.split(b"\n")[2:]]),
    "not text": lambda note: b"\xff\xfe" + note,
    "signed by nobody known": lambda note: str(_resigned(note.decode())).encode(),
}


def _resigned(note: str) -> Note:
    text = parse(note).text
    signer = parse_private(new_private_key(text.split("\n")[0], KeyType.NOTE))
    return Note(text).signed(signer.sign(text))


@pytest.mark.parametrize("how", BAD_CHECKPOINTS)
def test_a_bad_checkpoint_is_told(public: Package, keys: Path, tmp_path: Path, how: str) -> None:
    def change(files: Files) -> None:
        files[CHECKPOINT] = BAD_CHECKPOINTS[how](files[CHECKPOINT])

    failed(forged(public.path, tmp_path / "f.zip", change), keys)


def test_no_flipped_bit_of_a_checkpoint_passes_in_a_package(public: Package, keys: Path, tmp_path: Path) -> None:
    """Every 37th bit, so that each place of a byte has its turn."""
    note = files_of(public.path)[CHECKPOINT]
    for bit in range(0, len(note) * 8, 37):
        flipped = bytearray(note)
        flipped[bit // 8] ^= 1 << bit % 8

        def change(files: Files, data: bytes = bytes(flipped)) -> None:
            files[CHECKPOINT] = data

        failed(forged(public.path, tmp_path / "f.zip", change), keys, recomputing=False)


# ---- the archive itself


def test_an_unlisted_file_is_refused_and_so_is_one_that_only_the_manifests_list(
    public: Package, keys: Path, tmp_path: Path
) -> None:
    for name in ("data/extra.txt", "ledger/extra.txt", "extra.txt"):

        def change(files: Files, name: str = name) -> None:
            files[name] = b"more"

        check, words = failed(forged(public.path, tmp_path / "a.zip", change, anew=False), keys)
        assert check == "unlisted file"
        assert name in words
        assert name in failed(forged(public.path, tmp_path / "b.zip", change), keys)[1]


def test_a_missing_file_is_named(public: Package, keys: Path, tmp_path: Path) -> None:
    for name in (REPORT, "ledger/keys", "ledger/publication.jsonl", "manifest-sha256.txt"):
        path = forged(public.path, tmp_path / "f.zip", lambda files, name=name: files.pop(name), anew=False)  # type: ignore[misc]
        assert name.split("/")[-1] in failed(path, keys)[1]


def test_a_link_is_refused_in_a_zip_and_in_a_folder(public: Package, keys: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "f.zip", files_of(public.path))
    link = zipfile.ZipInfo("forged/data/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert failed(path, keys)[0] == "link"
    with zipfile.ZipFile(public.path) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / public.path.stem
    (folder / "data" / "link").symlink_to("/etc/passwd")
    assert failed(folder, keys)[0] == "link"


@pytest.mark.parametrize(
    "name",
    ["../outside", "data/../../outside", "/etc/passwd", "data\\..\\outside", "data/./x", "C:/x", "data/x\u202ecod"],
)
def test_a_path_that_leads_out_is_refused(public: Package, keys: Path, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "f.zip", files_of(public.path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"forged/{name}", b"x")
    assert failed(path, keys)[0] == "path"
    listed = files_of(public.path)
    listed["manifest-sha256.txt"] += b"0" * 64 + b"  " + name.encode() + b"\n"
    assert failed(write(tmp_path / "g.zip", listed), keys)[0] == "path"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(public: Package, keys: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "f.zip", files_of(public.path))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("forged/data/zeros", "w") as f:
        for _ in range(200):
            f.write(bytes(1_000_000))
    check, words = failed(path, keys)
    assert check == "size"
    assert "archive bomb" in words


def test_a_file_longer_than_it_declares_is_refused(public: Package, keys: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.zip"
    path.write_bytes(public.path.read_bytes())
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = next(i for i in archive.infolist() if i.filename.endswith(REPORT))
    at = data.rindex(info.filename.encode()) - 46  # the entry of the central directory
    size = int.from_bytes(data[at + 24 : at + 28], "little")
    data[at + 24 : at + 28] = (size - 100).to_bytes(4, "little")
    path.write_bytes(data)
    assert failed(path, keys)[0] in {"archive", "manifest"}


def test_a_name_that_is_there_twice_is_refused(public: Package, keys: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "f.zip", files_of(public.path))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"forged/{REPORT}", b"another page")
    assert failed(path, keys)[0] == "archive"


# ---- the command


def test_the_command_ends_with_1_where_a_check_failed_and_2_where_nothing_could_be_tried(
    public: Package, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = forged(public.path, tmp_path / "bad.zip", replaced(REPORT, b"<body", b"<bodY"))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(public.path.read_bytes()[:5_000])
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")
    (tmp_path / "no-keys").write_text("nothing\n")
    before = sorted(tmp_path.rglob("*"))
    good = run(["verify", str(public.path), "--keys", str(keys)])
    assert (good, capsys.readouterr().out.splitlines()[-1]) == (0, f"The package {public.path.name} holds.")
    assert run(["verify", str(bad), "--keys", str(keys)]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[-1].endswith("DOES NOT HOLD.")
    assert told.err.count("error:") == 1
    tries = [[str(cut)], [str(tmp_path / "empty")], [str(tmp_path / "text.zip")], [str(tmp_path / "none")], []]
    for arguments in [*tries, [str(public.path), "--keys", str(tmp_path / "no-keys")]]:
        assert run(["verify", *arguments]) == 2, arguments
        assert capsys.readouterr().err.startswith("error:")
        assert run(["verify", *arguments, "--json"]) == 2
        told = capsys.readouterr()
        assert json.loads(told.out)["ok"] is False
        assert not told.err
    assert sorted(tmp_path.rglob("*")) == before
