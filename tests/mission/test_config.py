"""mission.yaml: what is wrong is told with its line and its remedy, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from trucewatch.mission.config import MissionConfig, read_config
from trucewatch.model.errors import Refusal


def read(tmp_path: Path, text: str) -> MissionConfig:
    path = tmp_path / "mission.yaml"
    path.write_text(text, "utf-8")
    return read_config(path)


def faults(tmp_path: Path, text: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(Refusal) as caught:
        read(tmp_path, text)
    assert caught.value.exit_code == 2
    assert all(f.remedy and f.file == "mission.yaml" for f in caught.value.faults)
    return [(f.row, f.field, f.message) for f in caught.value.faults]


def test_two_keys_are_enough_and_the_rest_has_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, "id: small\nagreements: [a.yaml]\n")
    assert (config.clock, config.report_cutoff, config.approve_sources) == ("recorded", "19:30", False)
    assert config.publication.never == ("text", "observer_place")
    assert config.bands.corroborated == 0.95


def test_a_clock_time_without_quotes_stays_a_clock_time(tmp_path: Path) -> None:
    assert read(tmp_path, "id: small\nagreements: [a]\nreport_cutoff: 12:30\n").report_cutoff == "12:30"


def test_an_id_that_looks_like_a_number_stays_as_written(tmp_path: Path) -> None:
    assert read(tmp_path, "id: 0123\nagreements: [a]\n").id == "0123"


def test_a_key_with_nothing_behind_it_has_its_default(tmp_path: Path) -> None:
    config = read(tmp_path, "id: small\nagreements: [a]\nsectors: null\ntimezone:\ndatabase: ~\n")
    assert (config.sectors, config.timezone, config.database) == (None, "UTC", None)


def test_all_faults_are_told_with_their_lines(tmp_path: Path) -> None:
    text = "id: small\nagreements: [a]\nreport_cutof: 19:30\nbands:\n  unconfirmed: .9\npublication: {never: [txt]}\n"
    found = faults(tmp_path, text)
    assert {(row, field) for row, field, _ in found} == {
        (3, "report_cutof"),
        (4, "bands"),
        (6, "publication.never"),
    }
    assert any("did you mean 'report_cutoff'" in message for _, _, message in found)
    assert any("did you mean 'text'" in message for _, _, message in found)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("timezone: Asia/Bakuu", "timezone"),
        ("clock: sundial", "clock"),
        ("report_cutoff: 25:00", "report_cutoff"),
        ("outcomes: {violation: .1, no_violation: .5}", "outcomes"),
        ("outcomes: {violation: 1.5}", "outcomes.violation"),
        ("publication: {place_km: -1}", "publication.place_km"),
        ("publication: {handling_max: confidential}", "publication.handling_max"),
        ("people: [{id: p1, roles: [analist]}]", "people.0.roles.0"),
        ("approve_sources: perhaps", "approve_sources"),
        ("languages: []", "languages"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_line(tmp_path: Path, line: str, field: str) -> None:
    assert [(3, field)] == [(row, f) for row, f, _ in faults(tmp_path, f"id: small\nagreements: [a]\n{line}\n")]


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    assert [f for _, f, _ in faults(tmp_path, "id: small\n")] == ["agreements"]


def test_a_doubled_key_an_alias_and_broken_yaml_are_told_by_line(tmp_path: Path) -> None:
    assert faults(tmp_path, "id: a\nagreements: [a]\nid: b\n")[0][0] == 3
    assert faults(tmp_path, "id: &x a\nagreements: [*x]\n")[0][0] in {1, 2}
    assert faults(tmp_path, "id: a\nagreements: [a\n")[0][0] is not None
    assert "no keys" in faults(tmp_path, "just words\n")[0][2]
    assert "no keys" in faults(tmp_path, "")[0][2]


def test_a_folder_without_a_mission_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="trucewatch init"):
        read_config(tmp_path / "mission.yaml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mission.yaml").write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(Refusal, match="cannot be read"):
        read_config(tmp_path / "mission.yaml")
