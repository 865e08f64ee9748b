"""One cell to one value, type by type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.intake.parsing import CellFault, Day, parser
from trucewatch.model.columns import KINDS, Column

CLAIMS = KINDS["claims"]
LIST = KINDS["coverage"].column("acts")
PARAMS = KINDS["decisions"].column("params")


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (CLAIMS.column("lat"), " 40.10 ", 40.1),
        (CLAIMS.column("lat"), "-0", 0.0),
        (CLAIMS.column("lat"), "4e1", 40.0),
        (CLAIMS.column("lat"), ".5", 0.5),
        (CLAIMS.column("killed_low"), "3", 3),
        (CLAIMS.column("killed_low"), "3.0", 3),
        (CLAIMS.column("cumulative"), "TRUE", True),
        (CLAIMS.column("cumulative"), "0", False),
        (CLAIMS.column("text"), "  words ", "  words "),
        (CLAIMS.column("text"), "   ", None),
        (CLAIMS.column("claim_id"), " n-1 ", "n-1"),
        (CLAIMS.column("start"), "2021-03-02", Day("2021-03-02")),
        (CLAIMS.column("start"), "2021-03-02 10:00Z", 1_614_679_200_000_000),
        (CLAIMS.column("start"), "2021-03-02T10:00:00.5z", 1_614_679_200_500_000),
        (LIST, "fire; movement ;;", ["fire", "movement"]),
        (LIST, '["fire","movement"]', ["fire", "movement"]),
        (LIST, "[]", None),
        (LIST, " ; ", None),
        (PARAMS, '{"claims": ["a/1"]}', {"claims": ["a/1"]}),
        (PARAMS, "{}", None),
    ],
)
def test_a_cell_is_read_as_its_column_says(column: Column, text: str, value: Any) -> None:
    read = parser(column)(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (CLAIMS.column("killed_low"), "many"),
        (CLAIMS.column("killed_low"), "1e3"),
        (CLAIMS.column("killed_low"), "9" * 30),
        (CLAIMS.column("cumulative"), "yes"),
        (CLAIMS.column("start"), "2021-03-02T10:00:00+99:00"),
        (CLAIMS.column("start"), "2021-13-02T10:00:00Z"),
        (LIST, "[1]"),
        (LIST, '["fire"'),
        (LIST, '["\\ud800"]'),
        (PARAMS, "claims: a"),
        (PARAMS, "[1]"),
        (PARAMS, '{"a": NaN}'),
        (PARAMS, '{"a": 1e999}'),
        (PARAMS, '{"a": "\\ud800"}'),
        (PARAMS, "{" * 100_000),
        (PARAMS, '{"a":' + "[" * 100_000),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_a_remedy(column: Column, text: str) -> None:
    read = parser(column)(text)
    assert isinstance(read, CellFault)
    assert read.message
    assert read.remedy


@given(text=st.text(max_size=30), column=st.sampled_from([c for k in KINDS.values() for c in k.columns]))
def test_no_text_breaks_a_reader(text: str, column: Column) -> None:
    parser(column)(text)
