"""Law L10 and threat rows 15 to 17 through packages: what is protected is in no package for the public, in no form, and
nothing ties it to its place in the ledger; salts are those of single fields."""

from __future__ import annotations

import base64
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.laws.missions import Inputs, crowd, make
from tests.packages.conftest import AT, DAY
from tests.packages.forging import files_of
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import Package, publish
from trucewatch.mission.verifying import verify
from trucewatch.publishing.package import records

CANARY = "Zhovkva-8842"
SECRET = {
    "text": f"{CANARY} saw it from the tower",
    "url": f"https://example.org/{CANARY}",
    "obs_lat": "40.123457",
    "obs_lon": "46.765431",
    "lat": "40.0432197",
    "lon": "46.0198763",
    "radius_km": "0.4",
    "weapon": f"a gun called {CANARY}",
}


def with_canary(handling: str, consent: str = "publish") -> Inputs:
    """A crowd with one claim more, which says what must not leave."""
    inputs = crowd(2, 8)
    source = "rumour" if handling == "confidential" else "mon"
    like = next(c for c in inputs.tables["claims"] if c["source"] == "mon")
    blank = {"responds_to": "", "retracts": ""}
    claim = {
        **like,
        **blank,
        **SECRET,
        "source": source,
        "claim_id": "canary-1",
        "handling": handling,
        "consent": consent,
    }
    return replace(inputs, tables={**inputs.tables, "claims": [*inputs.tables["claims"], claim]})


def traces(path: Path, words: list[str]) -> list[str]:
    """Files of a package that hold one of the words, as such or encoded."""
    needles = []
    for word in words:
        plain = word.encode()
        needles += [plain, plain.hex().encode(), word.encode("utf-16-le")]
        needles += [base64.b64encode(plain[k:])[: len(plain) // 3 * 4 - 4] for k in range(3)]
    return sorted(n for n, data in files_of(path).items() if any(needle in data for needle in needles))


@pytest.mark.parametrize("handling", ["confidential", "restricted"])
@pytest.mark.parametrize("audience", ["public", "party:norland", "party:sudland"])
def test_row_15_nothing_of_a_protected_claim_is_in_a_package_and_no_leaf_is_tied_to_it(
    handling: str, audience: str, tmp_path: Path
) -> None:
    mission = make(tmp_path / "m", with_canary(handling))
    made = publish(mission, DAY, audience, AT)
    words = [CANARY, "canary-1", *(SECRET[k] for k in ("obs_lat", "obs_lon", "lat", "lon"))]
    assert traces(made.path, words) == []
    seq = next(r.seq for r in mission.store.read("claim") if r.id.endswith("/canary-1"))
    shown = {json.loads(line)["seq"] for line in files_of(made.path)["data/records/records.jsonl"].splitlines()}
    assert shown
    assert seq not in shown
    assert f"ledger/proofs/{seq}.tlog-proof" not in files_of(made.path)
    assert verify(made.path).ok


def test_an_auditors_package_holds_it_all(tmp_path: Path) -> None:
    """The negative control: the search finds the canary where it is."""
    made = publish(make(tmp_path / "m", with_canary("confidential")), DAY, "auditor", AT)
    assert "data/records/records.jsonl" in traces(made.path, [CANARY])
    assert any("hand it to an auditor alone" in note for note in made.notes)


def test_of_a_public_claim_the_words_and_the_exact_place_stay_closed(tmp_path: Path) -> None:
    mission = make(tmp_path / "m", with_canary("public", "record"))
    made = publish(mission, DAY, "public", AT)
    assert traces(made.path, [*(SECRET[k] for k in ("text", "url", "obs_lat", "obs_lon", "lat", "lon"))]) == []
    seq = next(r.seq for r in mission.store.read("claim") if r.id == "mon/canary-1")
    lines = files_of(made.path)["data/records/records.jsonl"].splitlines()
    shown = next(s for s in map(records.parse, lines) if s.seq == seq)
    assert shown.payload is not None
    assert not shown.whole
    assert {"act", "stance", "start", "_place"} <= set(shown.payload)
    assert not {"text", "url", "lat", "lon", "radius_km", "obs_lat", "obs_lon", "_recorded_at"} & set(shown.payload)


def test_row_17_no_salt_of_a_record_is_told_where_a_field_of_it_is_closed(mission: Mission, public: Package) -> None:
    """Whoever has the salt of a record can try all places in minutes."""
    salts = {row.seq: row.salt for row in mission.store.rows() if row.salt}
    assert len(set(salts.values())) == len(salts)
    with zipfile.ZipFile(public.path) as archive:
        data = b"".join(archive.read(n) for n in archive.namelist())
    lines = [json.loads(x) for x in files_of(public.path)["data/records/records.jsonl"].splitlines()]
    whole = {x["seq"] for x in lines if "salt" in x} | {public.record}
    assert [seq for seq, salt in salts.items() if seq not in whole and salt.hex().encode() in data] == []
    assert {x["kind"] for x in lines if "salt" in x} <= {"source", "notice", "place"}


def test_row_16_a_package_tells_no_time_at_which_a_claim_was_recorded(mission: Mission, public: Package) -> None:
    times = {str(r.recorded_at).encode() for r in mission.store.read("claim")}
    assert times
    assert [n for n, data in files_of(public.path).items() if n.startswith("data/records/") and any(
        b'"_recorded_at"' in data or (t in data and b'"claim"' in line)
        for t in times for line in data.splitlines() if t in line
    )] == []  # fmt: skip


def test_what_is_on_the_missions_word_stands_in_no_order_of_intake(public: Package) -> None:
    lines = files_of(public.path)["data/records/attested.jsonl"].decode().splitlines()
    assert lines == sorted(lines)
    assert not any('"seq"' in line for line in lines)
