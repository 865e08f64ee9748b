"""Collected texts of agreements load whole, and say of every point that it is not judged yet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from trucewatch.agreement.coded import load_records
from trucewatch.agreement.describing import NOT_YET, describe
from trucewatch.model.errors import Refusal

COLLECTED = Path(__file__).parents[3] / "shared" / "data" / "agreements"
RECORD = {
    "id": "x-1999", "title": "Truce of X", "date": "1999", "url": "https://example.org/x", "lang": "en",
    "completeness": "[mirror] complete", "points": ["1. Fire ceases.", "IV.2(a). Talks begin [cut]", "no label here"],
}  # fmt: skip

OTHER = {**RECORD, "id": "other"}


def written(folder: Path, *records: object, name: str = "records.jsonl") -> Path:
    """A file of records."""
    path = folder / name
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), "utf-8")
    return path


def test_every_point_of_a_record_becomes_a_term_that_is_shown_and_not_judged(tmp_path: Path) -> None:
    coded = load_records(written(tmp_path, RECORD))
    (agreement,) = coded.agreements
    assert not coded.faults
    assert [t.id for t in agreement.terms] == ["1", "IV.2(a)", "3"]
    assert agreement.terms[1].text() == "Talks begin [cut]"
    assert {t["status"] for t in describe(agreement)["terms"]} == {NOT_YET}


def test_words_of_a_copy_are_never_called_authentic(tmp_path: Path) -> None:
    official = {**RECORD, "id": "y", "completeness": "[official] complete"}
    one, other = load_records(written(tmp_path, RECORD, official)).agreements
    assert one.terms[0].texts["en"].authentic == "no"
    assert other.terms[0].texts["en"].authentic == "unknown"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({**RECORD, "id": None}, "id"), ({**OTHER, "points": []}, "points"), ({**OTHER, "points": "1. x"}, "points"),
        ({**OTHER, "points": [1]}, "points"), ({**OTHER, "lang": 7}, "lang"), ("[1, 2]", None), ("{", None),
        ("[" * 100_000, None), (RECORD, "id"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_told_with_its_line_and_the_others_stay(
    bad: object, field: str | None, tmp_path: Path
) -> None:
    coded = load_records(written(tmp_path, RECORD, bad, {**RECORD, "id": "z"}))
    assert [a.id for a in coded.agreements] == ["x-1999", "z"]
    (fault,) = coded.faults
    assert (fault.row, fault.field) == (2, field)
    assert fault.remedy


def test_one_object_or_a_list_in_a_json_file_is_read_too(tmp_path: Path) -> None:
    assert len(load_records(written(tmp_path, RECORD, name="one.json")).agreements) == 1
    assert len(load_records(written(tmp_path, json.dumps([RECORD]), name="many.json")).agreements) == 1


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    assert "no records" in load_records(written(tmp_path)).faults[0].message


def test_a_json_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not JSON"):
        load_records(written(tmp_path, "hello", name="one.json"))


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collection of agreement texts (../shared) is not at hand")
def test_every_collected_text_loads_and_none_of_its_points_is_lost() -> None:
    coded = load_records(COLLECTED / "agreements.jsonl")
    rows = [json.loads(line) for line in (COLLECTED / "agreements.jsonl").read_text("utf-8").splitlines()]
    assert not coded.faults
    assert {a.id: len(a.terms) for a in coded.agreements} == {r["id"]: len(r["points"]) for r in rows}


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collection of agreement texts (../shared) is not at hand")
def test_points_are_called_as_those_who_coded_them_called_them() -> None:
    terms = {a.id: {t.id for t in a.terms} for a in load_records(COLLECTED / "agreements.jsonl").agreements}
    with (COLLECTED / "term_kinds.csv").open(encoding="utf-8", newline="") as f:
        rows = [(r["agreement"], r["point"]) for r in csv.DictReader(f)]
    assert len(rows) > 150
    assert [r for r in rows if r[1] not in terms[r[0]]] == []
