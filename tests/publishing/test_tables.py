"""Tables as files: what a spreadsheet, pandas or a map program reads back is what was there."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import Any

import pandas as pd
import pytest

from trucewatch.model.errors import Refusal
from trucewatch.model.times import parse_instant
from trucewatch.publishing import tables

AT = parse_instant("2021-03-02T14:10:00+04:00")
CLAIM = {
    "claim_id": "n-001", "source": "mod_n", "published": AT, "stance": "alleges", "act": "fire.mortar", "start": AT,
    "lat": 40.12, "lon": 46.91, "radius_km": 2.0, "count_low": 3, "cumulative": False, "text": '=1+1; "so", they\nsaid',
    "zeta": "last", "alpha": "first",
}  # fmt: skip


def written(rows: list[dict[str, Any]], how: str, what: tables.Shape) -> str:
    out = io.StringIO()
    assert tables.write(rows, out, how, what) == len(rows)
    return out.getvalue()


def test_columns_stand_in_the_order_of_the_contract_then_unknown_ones_by_name() -> None:
    header = next(csv.reader(io.StringIO(written([CLAIM], "csv", tables.shape("claims", ["zeta", "alpha", "lat"])))))
    assert header[:3] == ["claim_id", "source", "published"]
    assert header[-3:] == ["text", "alpha", "zeta"]


def test_a_cell_is_empty_for_null_utc_for_times_and_a_word_for_flags() -> None:
    (row,) = csv.DictReader(io.StringIO(written([CLAIM], "csv", tables.shape("claims"))))
    assert row["published"] == "2021-03-02T10:10:00Z"
    assert (row["end"], row["cumulative"], row["count_low"], row["radius_km"]) == ("", "false", "3", "2.0")


def test_no_cell_is_live_in_a_spreadsheet_and_numbers_stay_numbers() -> None:
    rows = [{**CLAIM, "text": text, "lat": -40.5} for text in ("=1+1", "+1", "-1", "@x")]
    for row in csv.DictReader(io.StringIO(written(rows, "csv", tables.shape("claims")))):
        assert row["text"][0] == "'"
        assert float(row["lat"]) == -40.5


def test_lists_and_objects_are_json_in_a_cell() -> None:
    rows = [{"source": "mon", "start": AT, "acts": ["fire", "movement"]}]
    (row,) = csv.DictReader(io.StringIO(written(rows, "csv", tables.shape("coverage"))))
    assert json.loads(row["acts"]) == ["fire", "movement"]
    rows = [{"at": AT, "person": "p1", "params": {"claims": ["mod_n/n-001"], "a": 1}}]
    (row,) = csv.DictReader(io.StringIO(written(rows, "csv", tables.shape("decisions"))))
    assert row["params"] == '{"a":1,"claims":["mod_n/n-001"]}'


def test_pandas_reads_the_same_values_back() -> None:
    frame = pd.read_csv(io.StringIO(written([CLAIM], "csv", tables.shape("claims"))))
    assert frame.loc[0, "lat"] == 40.12
    assert pd.to_datetime(frame.loc[0, "start"]) == pd.Timestamp("2021-03-02T10:10:00Z")
    assert frame.loc[0, "text"].endswith("they\nsaid")
    lines = pd.read_json(io.StringIO(written([CLAIM, CLAIM], "jsonl", tables.shape("claims"))), lines=True)
    assert list(lines["radius_km"]) == [2, 2]


def test_an_empty_table_has_its_header() -> None:
    assert written([], "csv", tables.shape("trends")).startswith("term,sector,act,start")
    assert json.loads(written([], "geojson", tables.shape("incidents")))["features"] == []


def test_geojson_points_are_longitude_first_and_an_unknown_place_is_null() -> None:
    rows = [CLAIM, {k: v for k, v in CLAIM.items() if k not in {"lat", "lon"}}]
    here, nowhere = json.loads(written(rows, "geojson", tables.shape("claims")))["features"]
    assert here["geometry"] == {"type": "Point", "coordinates": [46.91, 40.12]}
    assert nowhere["geometry"] is None
    assert here["properties"]["published"] == "2021-03-02T10:10:00Z"
    assert "lat" not in here["properties"]


def test_a_table_without_places_is_refused_as_geojson() -> None:
    with pytest.raises(Refusal, match="have no place"):
        written([], "geojson", tables.shape("links"))


def test_rows_leave_in_one_order_however_they_came() -> None:
    rows = [
        {**CLAIM, "claim_id": f"n-{i}", "start": AT + (i % 3), "lat": None if i % 2 else 40.0 + i % 5, "text": None}
        for i in range(30)
    ]
    first = tables.in_content_order("claims", rows)
    for seed in range(5):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert tables.in_content_order("claims", shuffled) == first


def test_names_do_not_decide_the_order_while_anything_else_differs() -> None:
    rows = [{**CLAIM, "source": "zulu", "lat": 39.0}, {**CLAIM, "source": "alpha", "lat": 41.0}]
    exchanged = [{**CLAIM, "source": "alpha", "lat": 39.0}, {**CLAIM, "source": "zulu", "lat": 41.0}]
    order = [r["lat"] for r in tables.in_content_order("claims", rows)]
    assert order == [r["lat"] for r in tables.in_content_order("claims", exchanged)] == [39.0, 41.0]
