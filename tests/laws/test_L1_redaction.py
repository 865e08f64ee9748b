"""L1: a redaction erases a payload from every file that the program keeps, and leaves its commitment and all proofs."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from tests.laws.missions import Inputs, crowd, exported, make, rows_of, write_csv
from trucewatch.ledger.tree import leaf_hash
from trucewatch.mission.cuts import state_under
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.redacting import Redacted, redact
from trucewatch.mission.reporting import report
from trucewatch.mission.scrubbing import scrub
from trucewatch.mission.update import rebuild
from trucewatch.model.errors import Refusal

MARKER = "Zhovkva-8842 <saw> it from \u201cthe tower\u201d & ran"
WHO = ("anna", "boris", "the speaker is in danger")


def told(events: int = 8) -> Inputs:
    """A crowd in which one claim carries the marker, in two versions."""
    inputs = crowd(2, events)
    own = {
        **next(c for c in inputs.tables["claims"] if c["source"] == "mon"),
        "claim_id": "secret-1",
        "responds_to": "",
        "retracts": "",
        "text": MARKER,
        "url": "https://example.org/zhovkva-8842",
    }
    later = {**own, "published": "2021-03-20T00:00:00Z", "weapon": "mortar.120mm"}
    return replace(inputs, tables={**inputs.tables, "claims": [*inputs.tables["claims"], own, later]})


@pytest.fixture
def mission(tmp_path: Path) -> Mission:
    made = make(tmp_path / "m", told())
    rebuild(made)
    state_under(made, None, None)
    state_under(made, None, made.store.last_seq() and 1614900000_000000)
    return made


def traces(folder: Path) -> list[str]:
    """Files below a folder that hold the marker, however it may be written."""
    plain = "Zhovkva-8842"
    needles = [plain.encode(), plain.encode("utf-16-le"), plain.encode("utf-16-be"), plain.encode().hex().encode()]
    needles += [base64.b64encode(plain.encode()[k:])[:12] for k in range(3)]
    found = (p for p in folder.rglob("*") if p.is_file())
    return sorted(p.name for p in found if any(n.lower() in p.read_bytes().lower() for n in needles))


def erase(mission: Mission, reference: str = "mon/secret-1") -> Redacted:
    return redact(mission, reference, *WHO, recorded_at=1_700_000_000_000_000)


def test_L1_after_a_redaction_no_file_that_the_program_keeps_holds_the_words(mission: Mission) -> None:
    mission.store.close()
    leaves = list(mission.store.leaf_hashes())
    secret = [(row.seq, row.commitment) for row in mission.store.rows() if row.id == "mon/secret-1"]
    salts = [row.salt for row in mission.store.rows() if row.id == "mon/secret-1"]
    keys = [row.key for row in mission.store.rows() if row.id == "mon/secret-1"]
    done = erase(mission)
    assert list(done.seqs) == [seq for seq, _ in secret]
    assert len(secret) == 2
    assert traces(mission.dir) == []
    data = b"".join(p.read_bytes() for p in mission.dir.rglob("*") if p.is_file())
    assert not any(s in data for s in [*salts, *keys] if s is not None)
    after = {row.seq: row for row in mission.store.rows()}
    assert [(seq, after[seq].commitment) for seq, _ in secret] == secret
    assert list(mission.store.leaf_hashes())[: len(leaves)] == leaves
    assert scrub(mission).errors == []


def test_L1_the_harness_sees_the_words_where_they_stand(mission: Mission, tmp_path: Path) -> None:
    for k, data in enumerate([MARKER.encode(), MARKER.encode("utf-16"), base64.b64encode(b"x" + MARKER.encode())]):
        (mission.dir / f"left{k}.bin").write_bytes(data)
    mission.store.close()
    assert traces(mission.dir) == ["left0.bin", "left1.bin", "left2.bin"]
    assert [p.name for p in erase(mission).files] == ["left0.bin", "left1.bin", "left2.bin"]


def test_L1_reports_and_input_files_that_still_hold_it_are_named(mission: Mission, tmp_path: Path) -> None:
    rows = told().tables["claims"]
    write_csv(mission.dir / "in" / "party.csv", [r for r in rows if r["claim_id"] == "secret-1"])
    write_csv(mission.dir / "in" / "others.csv", [r for r in rows if r["claim_id"] != "secret-1"])
    wordless = [{**r, "text": "", "url": ""} for r in rows]
    write_csv(mission.dir / "in" / "wordless.csv", wordless)
    done = erase(mission)
    assert [p.name for p in done.files] == ["party.csv", "wordless.csv"]


def test_L1_only_a_redaction_changes_the_past_and_the_rebuild_names_what_it_touched(mission: Mission) -> None:
    before = {name: rows_of(text) for name, text in exported(mission).items()}
    done = erase(mission)
    after = {name: rows_of(text) for name, text in exported(mission).items()}
    gone = [r for r in before["claims"] if r not in after["claims"]]
    assert {r["claim_id"] for r in gone} == {"secret-1"}
    assert len(after["claims"]) == len(before["claims"]) - 1
    for table, key in (("incidents", "incident_id"), ("findings", "finding_id")):
        old, new = ({r[key]: r for r in found[table]} for found in (before, after))
        assert {k for k in [*old, *new] if old.get(k) != new.get(k)} <= set(done.touched.get(table, ()))


def test_L1_numbers_of_others_stay_after_an_erasure(tmp_path: Path) -> None:
    inputs = told()
    first = {c["source"] + "/" + c["claim_id"] for c in inputs.tables["claims"]}
    mission = make(tmp_path / "m", inputs)
    before = {v.id: v.number for v in state_under(mission).snapshot.claims}
    erase(mission, next(v for v, n in before.items() if n == 3))
    after = {v.id: v.number for v in state_under(mission).snapshot.claims}
    assert set(before) <= first
    assert {k: before[k] for k in after} == after
    assert len(after) == len(before) - 1


def test_L1_an_erasure_takes_two_people_and_a_reason(mission: Mission) -> None:
    last = mission.store.last_seq()
    for who in (("anna", "anna", "why"), ("anna", "boris", " ")):
        with pytest.raises(Refusal):
            redact(mission, "mon/secret-1", *who, recorded_at=1)
    with pytest.raises(Refusal):
        redact(mission, "mon/nothing", *WHO, recorded_at=1)
    with pytest.raises(Refusal, match="source"):
        redact(mission, "mon", *WHO, recorded_at=1)
    assert mission.store.last_seq() == last


def test_L1_a_crash_after_the_erasure_is_made_good_at_the_next_start(mission: Mission) -> None:
    (seq, _), *_ = mission.store.numbers_of("mon/secret-1")
    seqs = [s for s, _ in mission.store.numbers_of("mon/secret-1")]
    with mission.store.writing() as tx:  # all that `redact` does before it scours the file
        tx.append("redaction", [("redaction/x", {"seqs": seqs}, 1)], recorded_at=1)
        tx.erase(seqs, tx.last_seq())
        tx.drop_all_derived()
    mission.store.close()
    again = Mission.open(mission.dir)
    assert again.store.last_seq() > seq
    again.store.close()
    assert traces(mission.dir) == []


def test_L1_after_an_erasure_reports_and_intake_go_on(mission: Mission, tmp_path: Path) -> None:
    erase(mission)
    again = Mission.open(mission.dir)
    assert report(again, "2021-03-05")
    more = [{**r, "claim_id": f"n{k}"} for k, r in enumerate(told().tables["claims"][:5])]
    assert not ingest(again, [write_csv(tmp_path / "claims.csv", more)]).errors
    assert leaf_hash(again.store.entries(0, 1)[0]) == next(iter(again.store.leaf_hashes()))


def test_L1_what_was_erased_does_not_come_back_with_the_next_export(mission: Mission, tmp_path: Path) -> None:
    erase(mission)
    claims = told().tables["claims"]
    report = ingest(Mission.open(mission.dir), [write_csv(tmp_path / "claims.csv", claims)])
    assert report.counts["claims_erased_before"] == 2
    assert set(report.counts) == {"claims_erased_before", "claims_unchanged"}
    assert any("were erased once" in str(w) for w in report.warnings)
    assert traces(mission.dir) == []
    assert "mon/secret-1" not in {r.id for r in mission.store.read("claim")}
