"""A faulty agreement file is refused with every fault at once: its line, what was found, what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.texts import BASE, agreement, changed, faults
from trucewatch.agreement import load
from trucewatch.model.errors import Refusal

# Part of the file, what stands there instead, line of the fault, words of the message, words of the remedy.
ONE_FAULT = {
    "unknown key": ("id: small\n", "id: small\nfoo: bar\n", 2, "unknown key 'foo'", "Known here: id, title"),
    "misspelt key of a term": ("    binds: [", "    bind: [", 12, "unknown key 'bind'", "binds"),
    "missing id": ("id: small\n", "", 1, "the key 'id' is missing", "Add id:"),
    "unknown actor": ("binds: [norland, sudland]", "binds: [norland, sudlnd]", 12, "'sudlnd' is no actor", "sudland"),
    "unknown act": ("acts: [fire]", "acts: [fyre]", 11, "'fyre' is no act of the taxonomy", "fire"),
    "unknown kind": ("kind: prohibition", "kind: ban", 10, "found 'ban'", "'prohibition'"),
    "kind as a list": ("kind: prohibition", "kind: [prohibition]", 10, "['prohibition']", "'prohibition'"),
    "unknown zone": ("acts: [fire]", "acts: [fire]\n    where: {zone: z}", 12, "'z' is no zone", "There is no zone"),
    "unknown event": ("{event: in_force}", "{event: start}", 13, "'start' is no event", "in_force"),
    "actor id twice": ("id: sudland, role", "id: norland, role", 5, "'norland' stands twice", "own id"),
    "key twice": ("timezone: Asia/Baku\n", "timezone: Asia/Baku\nid: other\n", 7, "'id' stands twice", "Keep one"),
    "id with a sign that parts": ("id: sudland, role", 'id: "sud;land", role', 5, "cannot be an id", "Use letters"),
    "reserved id": ("id: sudland, role", "id: none, role", 5, "a meaning of its own", "another"),
    "day that is none": ("2020-10-10T12:00:00+04:00", "2020-02-30", 7, "not a day of the calendar", "YYYY-MM-DD"),
    "time without offset": ("T12:00:00+04:00", "T12:00:00", 7, "has no offset", "+04:00"),
    "year of another age": ("2020-10-10T12:00:00+04:00", "0020-10-10", 7, "outside the years", "year"),
    "words for a time": ("2020-10-10T12:00:00+04:00", "noon", 7, "'noon' is not a time", "RFC 3339"),
    "a duration in words": ("{event: in_force}", "{event: in_force, plus: two weeks}", 13, "not a duration", "P14D"),
    "duration of an age": (
        "{event: in_force}",
        "{event: in_force, plus: P99999D}",
        13,
        "longer than a century",
        "days",
    ),
    "event on itself": ("{at: 2020-10-10T12:00:00+04:00}", "{at: {event: in_force}}", 7, "stands on itself", "time"),
    "unknown time zone": ("Asia/Baku", "Asia/Bakuu", 6, "no time zone is called", "IANA"),
    "calibre in words": (
        "acts: [fire]",
        "acts: [fire]\n    weapons: [{calibre_mm: big}]",
        12,
        "no rule for a calibre",
        ">100",
    ),
    "calibres backwards": (
        "acts: [fire]",
        'acts: [fire]\n    weapons: [{calibre_mm: "120..60"}]',
        12,
        "begins above",
        "first",
    ),
    "unknown weapon class": (
        "acts: [fire]",
        "acts: [fire]\n    weapons: [{class: gun}]",
        12,
        "'gun' is no weapon class",
        "artillery",
    ),
    "distance and width together": (
        "acts: [fire]",
        "acts: [fire]\n    weapons: [{distance_km: 15, zone_width_km: 30}]",
        12,
        "distance_km and zone_width_km stand together",
        "Keep one",
    ),
    "distance below nothing": ("acts: [fire]", "acts: [fire]\n    distance_km: -1", 12, "found '-1'", "at least 0"),
    "distance without end": ("acts: [fire]", "acts: [fire]\n    distance_km: 1e999", 12, "found '1e999'", "Write"),
    "term without acts": ("    acts: [fire]\n", "", 9, "a prohibition without acts", "open_ended"),
    "term that binds nobody": ("    binds: [norland, sudland]\n", "", 9, "binds nobody", "binds:"),
    "term that ends first": (
        "{event: in_force}\n",
        "2020-10-12\n    until: 2020-10-10\n",
        14,
        "ends before it begins",
        "until",
    ),
    "condition on no term": ("acts: [fire]", "acts: [fire]\n    with: ['9']", 12, "'9' is no term", "Write one of: 1"),
    "zone without shape": ("timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z}]", 7, "no shape", "undefined"),
    "zone file not there": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\nzones: [{id: z, file: z.geojson}]",
        7,
        "cannot be read",
        "beside",
    ),
    "zone file elsewhere": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\nzones: [{id: z, file: ../z.geojson}]",
        7,
        "leads out",
        "beside",
    ),
    "circle off the earth": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\nzones: [{id: z, circle: {lat: 95, lon: 4, radius_km: 1}}]",
        7,
        "found '95'",
        "at most 90",
    ),
    "mechanism of strangers": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\nmechanism: {members: [monitors]}",
        7,
        "'monitors' is no actor",
        "norland",
    ),
    "too many readings": (
        "acts: [fire]",
        "acts: [fire]\n    readings: {" + ", ".join(f"r{i}: {{a: {{}}, b: {{}}}}" for i in range(40)) + "}",
        12,
        "combinations of readings",
        "at most 32",
    ),
    "reading of another act": (
        "acts: [fire]",
        "acts: [fire]\n    readings: {acts: [[fire], [fyre]]}",
        12,
        "'fyre'",
        "fire",
    ),
    "reading of another kind": (
        "acts: [fire]",
        "acts: [fire]\n    readings: {k: {a: {kind: statement}, b: {}}}",
        12,
        "cannot replace 'kind'",
        "two terms",
    ),
    "reading that answers for a stranger": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\nreadings: {who: {a: {answers_for: {militia: norland}}, b: {}}}",
        7,
        "'militia' is no actor",
        "norland",
    ),
    "list as a key": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\n? [a, b]\n: c",
        7,
        "where a key should be",
        "plain word",
    ),
    "tab before a key": (
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\n\tfoo: bar",
        7,
        "a tab is no indentation",
        "Use spaces",
    ),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_a_fault_is_told_with_line_and_remedy(name: str, tmp_path: Path) -> None:
    old, new, line, message, remedy = ONE_FAULT[name]
    found = faults(changed(old, new), tmp_path)
    assert [f for f in found if message in f.message and remedy in f.remedy and f.row == line], found
    assert all(f.file == "small.yaml" and f.row and f.remedy for f in found)


def test_the_small_agreement_has_no_fault() -> None:
    assert faults(BASE) == []


def test_all_faults_are_told_at_once() -> None:
    text = changed("acts: [fire]", "acts: [fyre]", changed("Asia/Baku", "Asia/Bakuu", changed("sudland]", "sudlnd]")))
    assert [(f.row, f.field) for f in faults(text)] == [
        (6, "timezone"),
        (11, "terms.1.acts.1"),
        (12, "terms.1.binds.2"),
    ]


def test_what_was_found_is_cut_where_nobody_would_read_on() -> None:
    found = faults(changed("Asia/Baku", "A" * 5000))
    assert all(len(f.message) < 200 for f in found)


def test_an_alias_is_refused_so_that_no_bomb_can_grow() -> None:
    bomb = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n"
    found = faults(bomb)
    assert "alias" in found[0].message
    assert found[0].row == 2


@pytest.mark.parametrize("depth", [100, 20_000, 200_000])
def test_deep_nesting_is_refused_and_kills_nothing(depth: int) -> None:
    found = faults("id: " + "[" * depth + "]" * depth)
    assert "nested deeper" in found[0].message


def test_cycles_of_events_name_each_event() -> None:
    text = changed(
        "{in_force: {at: 2020-10-10T12:00:00+04:00}}", "{in_force: {at: {event: b}}, b: {at: {event: in_force}}}"
    )
    assert {f.field for f in faults(text)} == {"events.in_force.at", "events.b.at"}


BAD_FILES = {
    "empty": (b"", "holds no keys"),
    "blank": (b"\n\n", "holds no keys"),
    "binary": (bytes(range(256)), "not UTF-8"),
    "zip": (b"PK\x03\x04\x14\x00\x00\x00", "YAML"),
    "utf-16": (BASE.encode("utf-16"), "not UTF-8"),
    "nul bytes": (b"id: x\x00\x00", "YAML"),
    "5 MB": (BASE.encode() + b"notes:\n" + b"  - a note among very many\n" * 200_000, "larger than 2 MB"),
    "list": (b"- a\n- b\n", "holds no keys"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_agreement_gives_one_clear_fault(name: str, tmp_path: Path) -> None:
    data, message = BAD_FILES[name]
    path = tmp_path / "bad.yaml"
    path.write_bytes(data)
    with pytest.raises(Refusal) as refused:
        load(path)
    (fault,) = refused.value.faults
    assert message in fault.message
    assert fault.row is not None
    assert fault.remedy


@pytest.mark.parametrize("name", ["nowhere.yaml", ".", "a\0b"])
def test_a_path_that_cannot_be_opened_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        load(str(tmp_path / name) if "\0" not in name else name)
    assert "cannot be read" in refused.value.faults[0].message


def test_a_byte_order_mark_and_other_line_ends_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert load(path).terms[0].acts == agreement().terms[0].acts


BAD_SHAPES = {
    "no geojson": ("hello", "not GeoJSON"),
    "no features": ('{"type": "FeatureCollection", "features": []}', "no features"),
    "nested without end": ("[" * 100_000 + "]" * 100_000, "not GeoJSON"),
    "no geometry": (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "a"}, '
        '"geometry": null}]}',
        "not GeoJSON",
    ),
    "no extent": (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "a"}, "geometry":'
        ' {"type": "LineString", "coordinates": []}}]}',
        "without extent",
    ),
    "projected": (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "a"}, "geometry":'
        ' {"type": "LineString", "coordinates": [[450000, 5300000], [460000, 5300000]]}}]}',
        "not in degrees",
    ),
}


@pytest.mark.parametrize("name", BAD_SHAPES)
def test_a_zone_file_that_cannot_be_used_is_told_at_the_zone(name: str, tmp_path: Path) -> None:
    text, message = BAD_SHAPES[name]
    (tmp_path / "z.geojson").write_text(text, "utf-8")
    found = faults(changed("timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z, file: z.geojson}]"), tmp_path)
    assert len(found) == 1
    assert found[0].row == 7
    assert message in found[0].message


def test_a_feature_that_the_file_lacks_is_told_with_those_that_it_has(tmp_path: Path) -> None:
    (tmp_path / "z.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "river"}, "geometry":'
        ' {"type": "LineString", "coordinates": [[46, 40], [47, 40]]}}]}',
        "utf-8",
    )
    text = changed("timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z, file: z.geojson, feature: road}]")
    assert "river" in faults(text, tmp_path)[0].remedy
