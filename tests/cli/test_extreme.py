"""Input that no mission can mean: refused where it comes in, in words, before it can stop a mission."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.missions import SOURCES, Inputs, make
from trucewatch.mission.ingest import ingest
from trucewatch.mission.reporting import report
from trucewatch.model.errors import Refusal

ROW = {
    "claim_id": "c1", "source": "mon", "published": "2021-03-02T13:00:00Z", "stance": "observes", "act": "fire",
    "start": "2021-03-02T10:07:00Z", "lat": "40.0", "lon": "46.0", "radius_km": "1",
}  # fmt: skip


def _refused(folder: Path, field: str, value: str) -> str:
    mission = make(folder / "m", Inputs({"sources": SOURCES}))
    file = folder / "claims.csv"
    row = {**ROW, field: value}
    file.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", "utf-8")
    done = ingest(mission, [file])
    assert next(iter(mission.store.read("claim")), None) is None
    (fault,) = done.errors
    assert fault.field == field
    assert fault.remedy
    return fault.message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("radius_km", "1e308"), ("radius_km", "20041"), ("range_km_high", "1e300"), ("time_sd_min", "1e9"),
        ("killed_high", "10000000000"), ("start", "9999-12-31T23:59:59Z"), ("start", "0001-01-01"),
        ("published", "1899-12-31T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_number_or_time_out_of_any_earthly_range_is_a_bad_row(tmp_path: Path, field: str, value: str) -> None:
    assert value[:8] in _refused(tmp_path, field, value)


@pytest.mark.parametrize("value", ["c\u202e1", "c\u2066x", "a\x07b", "c" * 201])
def test_a_claim_id_can_be_shown_and_typed(tmp_path: Path, value: str) -> None:
    assert "\u202e" not in _refused(tmp_path, "claim_id", value)


def test_a_claim_id_in_any_script_with_a_slash_is_an_id(tmp_path: Path) -> None:
    mission = make(tmp_path / "m", Inputs({"sources": SOURCES, "claims": [{**ROW, "claim_id": "№ 12/Ա ا"}]}))
    assert [r.payload["claim_id"] for r in mission.store.read("claim")] == ["№ 12/Ա ا"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_report_of_a_day_that_no_mission_has_is_refused(tmp_path: Path, day: str) -> None:
    mission = make(tmp_path / "m", Inputs({"sources": SOURCES}))
    with pytest.raises(Refusal, match="is no day of a mission"):
        report(mission, day, ["en"])


@pytest.mark.parametrize("key", ["delay_h", "place_km"])
def test_a_delay_or_coarseness_beyond_the_earth_is_refused_by_its_key(tmp_path: Path, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        make(tmp_path / "m", Inputs({"sources": SOURCES}, config={"publication": {key: 1e308}}))
    assert refused.value.faults[0].field == f"publication.{key}"
