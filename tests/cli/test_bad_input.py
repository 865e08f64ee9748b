"""Bad input: one clear message each with its remedy, good rows kept, bad ones aside, nothing half-stored (law L9)."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.cli.bad_input import HEADER, PROGRAM, Take, everything, good, quarantined, row, stored, table
from tests.records import records
from trucewatch import cli

# What is wrong with a cell -> the field that is named and words of message and remedy.
CELLS = {
    "wrong type of number": ({"lat": "north"}, "lat", "not a number", "decimal number"),
    "decimal comma": ({"lat": "40,1"}, "lat", "not a number", "40.1"),
    "latitude 95": ({"lat": "95"}, "lat", "too large", "up to 90"),
    "latitude -95": ({"lat": "-95"}, "lat", "too small", "at least -90"),
    "longitude 190": ({"lon": "190"}, "lon", "too large", "up to 180"),
    "infinite": ({"radius_km": "inf"}, "radius_km", "not a finite number", "empty"),
    "not a number": ({"lat": "NaN"}, "lat", "not a finite number", "empty"),
    "beyond all numbers": ({"radius_km": "1e999"}, "radius_km", "too large", "finite"),
    "digits of another script": ({"lat": "٤٠"}, "lat", "not a number", "decimal number"),
    "number with underscores": ({"lat": "4_0"}, "lat", "not a number", "decimal number"),
    "end before start": ({"end": "2021-03-02T13:00:00+04:00"}, "end", "before the start", "Correct"),
    "time without offset": ({"start": "2021-03-02T14:10:00"}, "start", "no offset", "+04:00"),
    "no time": ({"published": "yesterday"}, "published", "is not a time", "RFC 3339"),
    "a day that is none": ({"start": "2021-02-30"}, "start", "not a day", "YYYY-MM-DD"),
    "an hour that is none": ({"start": "2021-03-02T25:10:00+04:00"}, "start", "calendar", "Check"),
    "unknown source": ({"source": "mod_x"}, "source", "unknown", "Did you mean mod_"),
    "unknown act": ({"act": "fire.morter"}, "act", "unknown", "Did you mean fire.mortar"),
    "unknown actor": ({"accused": "Sudland"}, "accused", "unknown", "Did you mean sudland"),
    "unknown stance": ({"stance": "says"}, "stance", "is no stance", "alleges, observes, admits, denies, reports"),
    "nobody in particular": ({"accused": "other:"}, "accused", "unknown", "other:WORDS"),
    "radius 0": ({"radius_km": "0"}, "radius_km", "too small", "leave it empty"),
    "radius negative": ({"radius_km": "-2"}, "radius_km", "too small", "more than 0"),
    "required cell empty": ({"act": " "}, "act", "act is empty", "Fill it"),
    "latitude alone": ({"lon": ""}, "lon", "lat is filled and lon is empty", "Fill both"),
}  # fmt: skip


@pytest.mark.parametrize("what", CELLS)
def test_a_bad_cell_costs_its_row_alone_and_says_how_to_mend_it(what: str, take: Take, ready: Path) -> None:
    cells, field, message, remedy = CELLS[what]
    out = take(table(good(1), row(**cells), good(2)))
    assert (out["exit"], out["ok"]) == (1, False)
    (error,) = out["errors"]
    assert (error["file"], error["row"], error["field"]) == ("claims.csv", 3, field)
    assert message in error["message"]
    assert remedy in error["remedy"]
    assert stored(ready) == ["mod_n/g1", "mod_n/g2"]
    (kept,) = quarantined(ready)
    assert kept["claim_id"] == "bad"
    assert (kept["_row"], kept["_field"]) == ("3", field)
    assert message in kept["_error"]


def test_several_faults_of_a_row_are_told_at_once(take: Take, ready: Path) -> None:
    out = take(table(row(lat="95", stance="says", accused="x")))
    assert {e["field"] for e in out["errors"]} == {"lat", "stance", "accused"}
    assert out["counts"]["rejected"] == 1
    assert quarantined(ready)[0]["_field"].count(";") == 2


@pytest.mark.parametrize(
    ("weapon", "columns", "values"),
    [
        ("counts exchanged", "killed_low,killed_high", "5,2"),
        ("half a casualty", "killed_low,killed_high", "1.5,2"),
        ("negative count", "count_low,count_high", "-1,2"),
        ("bearing 400", "obs_lat,obs_lon,bearing_deg", "40,46,400"),
        ("certain instant", "time_sd_min,unit", "0,round"),
        ("neither true nor false", "cumulative,unit", "maybe,round"),
    ],
)
def test_further_columns_have_their_bounds(weapon: str, columns: str, values: str, take: Take) -> None:
    out = take(table(f"{good(1)},{values}", header=f"{HEADER},{columns}"))
    assert out["exit"] == 1, weapon
    assert out["errors"][0]["field"] in columns


def test_a_bare_date_needs_a_source_with_a_time_zone(take: Take, ready: Path) -> None:
    take("source,name,role\nnowhere,Nowhere,witness\n", name="sources.csv")
    out = take(table(row(source="nowhere", start="2021-03-02")))
    assert out["errors"][0]["field"] == "start"
    assert "tz" in out["errors"][0]["remedy"]


def test_a_missing_column_is_named_with_its_meaning(take: Take, ready: Path) -> None:
    header = HEADER.replace(",stance", "")
    out = take(table(good(1).replace(",alleges", ""), header=header))
    assert out["exit"] == 1
    (error,) = out["errors"]
    assert error["field"] == "stance"
    assert "need the column stance" in error["message"]
    assert "alleges" in error["remedy"]
    assert stored(ready) == []
    assert not (ready / "quarantine").exists()


def test_a_misspelt_column_is_guessed(take: Take) -> None:
    out = take(table(good(1), header=HEADER.replace("stance", "stanse")))
    assert "Is 'stanse' meant for stance?" in out["errors"][0]["remedy"]


def test_a_file_named_claims_with_columns_of_coverage_alone_is_not_taken_as_coverage(take: Take, ready: Path) -> None:
    out = take("source,start,lat,lon,radius_km\nmon,2021-03-02,40,46,5\n")
    assert out["exit"] == 1
    assert "claims need" in out["errors"][0]["message"]
    assert stored(ready, "coverage") == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", "empty"),
        ("mark.csv", b"\xef\xbb\xbf", "empty"),
        ("noise.csv", bytes(range(256)) * 40, "binary"),
        ("zeros.csv", b"claim_id,source\x00\x00\x00" + b"\x00" * 500, "binary"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "picture"),
        ("old.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "old workbook"),
        ("base.csv", b"SQLite format 3\x00" + b"\x00" * 100, "database"),
        ("map.json", b'{\n "type": "FeatureCollection",\n "features": []\n}\n', "not one object a line"),
        ("list.json", b'[\n {"claim_id": "a"}\n]\n', "not one object a line"),
        ("spoilt.csv.gz", gzip.compress(table(good(1)).encode(), mtime=0)[:30] + b"spoilt" * 9, "damaged"),
        ("poem.csv", b"a,b\n1,2\n", "no known format"),
        ("prose.csv", b"It was a quiet night along the whole line.\n", "no known format"),
        ("cut.csv.gz", gzip.compress(table(good(1)).encode() * 50, mtime=0)[:-20], "damaged"),
    ],
)
def test_what_is_no_table_is_refused_whole(name: str, content: bytes, message: str, take: Take, ready: Path) -> None:
    out = take(content, name=name)
    assert out["exit"] == 1
    (error,) = out["errors"]
    assert error["file"] == name
    assert message in error["message"]
    assert error["remedy"]
    assert stored(ready) == []
    assert not list(ready.glob("quarantine/*"))


def test_a_zip_named_csv_is_told_as_a_zip(take: Take) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("claims.csv", table(good(1)))
    out = take(packed.getvalue())
    assert "zip" in out["errors"][0]["message"]
    assert "Unpack" in out["errors"][0]["remedy"]


def test_a_header_alone_is_no_fault(take: Take) -> None:
    out = take(table())
    assert out["exit"] == 0
    assert "no rows" in out["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("mark", b"\xef\xbb\xbf" + table(good(1)).encode()),
        ("UTF-16 little", table(good(1)).encode("utf-16")),
        ("UTF-16 big", b"\xfe\xff" + table(good(1)).encode("utf-16-be")),
        ("UTF-16 unmarked", table(good(1)).encode("utf-16-le")),
        ("semicolons", table(good(1)).replace(",", ";").encode()),
        ("tabs", table(good(1)).replace(",", "\t").encode()),
        ("separator told", b"sep=;\n" + table(good(1)).replace(",", ";").encode()),
        ("CR", table(good(1)).replace("\n", "\r").encode()),
        ("CRLF", table(good(1)).replace("\n", "\r\n").encode()),
        ("no last line end", table(good(1)).rstrip("\n").encode()),
        ("blank lines", table("", good(1), "", "").encode()),
        ("gzip", gzip.compress(table(good(1)).encode(), mtime=0)),
        ("upper-case header", table(good(1), header=HEADER.upper()).encode()),
        ("spaced header", table(good(1), header=HEADER.replace(",", " , ")).encode()),
        ("spaced cells", table(good(1).replace("alleges", " alleges ").replace("40.1", " 40.1")).encode()),
        ("trailing columns", table(good(1) + ",,", header=HEADER + ",,").encode()),
        ("empty cells beyond", table(good(1) + ",,").encode()),
        ("quoted", table(",".join(f'"{c}"' for c in good(1).split(","))).encode()),
    ],
)
def test_every_usual_form_of_a_spreadsheet_gives_the_same_record(
    what: str, content: bytes, take: Take, ready: Path
) -> None:
    out = take(content)
    assert out["errors"] == [], what
    assert stored(ready) == ["mod_n/g1"]
    assert take(table(good(1)), name="again.csv")["counts"] == {"claims_unchanged": 1}


def test_zero_bytes_cost_their_row_alone(take: Take, ready: Path) -> None:
    out = take(table(good(1), good(2).replace("shelling", "shel\x00ling"), good(3)))
    assert [e["row"] for e in out["errors"]] == [3]
    assert "zero byte" in out["errors"][0]["message"]
    assert stored(ready) == ["mod_n/g1", "mod_n/g3"]


def test_bytes_that_are_no_text_cost_their_row_alone_and_stay_as_they_are(take: Take, ready: Path) -> None:
    out = take(table(good(1), good(2).replace("shelling", "обстрел"), good(3)).encode("cp1251"))
    assert [e["row"] for e in out["errors"]] == [3]
    assert "UTF-8" in out["errors"][0]["message"]
    (path,) = (ready / "quarantine").iterdir()
    assert "обстрел".encode("cp1251") in path.read_bytes()


@pytest.mark.parametrize("size", [1_100_000, 10_000_000])
def test_a_cell_over_a_megabyte_is_a_bad_row(size: int, take: Take, ready: Path) -> None:
    out = take(table(good(1), row(text="x" * size), good(2)))
    assert [(e["row"]) for e in out["errors"]] == [3]
    assert "over 1 MB" in out["errors"][0]["message"]
    assert stored(ready) == ["mod_n/g1", "mod_n/g2"]
    assert len(next((ready / "quarantine").iterdir()).read_bytes()) > size


def test_a_cell_just_under_a_megabyte_is_taken(take: Take) -> None:
    assert take(table(row(text="x" * 999_000)))["counts"] == {"claims": 1}


def test_a_line_of_two_hundred_megabytes_needs_no_such_memory_and_costs_its_row_alone(
    ready: Path, tmp_path: Path
) -> None:
    path = tmp_path / "claims.csv"
    with path.open("w") as f:
        f.write(table(good(1)))
        for _ in range(200):
            f.write("x" * 1_000_000)
        f.write("\n" + good(2) + "\n")
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2)\n" + PROGRAM[2]
    done = subprocess.run([sys.executable, "-c", code, "ingest", ready, path], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "64 MB" in done.stderr
    assert stored(ready) == ["mod_n/g1", "mod_n/g2"]


def test_an_unclosed_quote_costs_its_row_alone(take: Take, ready: Path) -> None:
    bad = good(2).replace("shelling", '"shelling')
    out = take(table(good(1), bad, good(3), good(4).replace("shelling", '"two ""words"""'), good(5)))
    assert [e["row"] for e in out["errors"]] == [3]
    assert "quote" in out["errors"][0]["message"]
    assert stored(ready) == ["mod_n/g1", "mod_n/g3", "mod_n/g4", "mod_n/g5"]


def test_an_unclosed_quote_in_the_last_row_costs_that_row_alone(take: Take, ready: Path) -> None:
    out = take(table(good(1), good(2).replace("shelling", '"shelling')))
    assert [e["row"] for e in out["errors"]] == [3]
    assert stored(ready) == ["mod_n/g1"]


def test_a_thousand_unclosed_quotes_do_not_stop_the_work(take: Take, ready: Path) -> None:
    rows = [good(n).replace("shelling", '"shelling') if n % 2 else good(n) for n in range(2000)]
    began = time.monotonic()
    out = take(table(*rows))
    assert time.monotonic() - began < 30
    assert out["counts"]["claims"] == 1000
    assert out["counts"]["rejected"] == 1000


def test_words_over_several_lines_are_one_row(take: Take, ready: Path) -> None:
    out = take(table(row(text="first\nsecond\n\nthird"), row(lat="95", claim_id="worse")))
    assert [e["row"] for e in out["errors"]] == [3]
    assert stored(ready) == ["mod_n/bad"]


def test_ragged_rows_are_told(take: Take, ready: Path) -> None:
    out = take(table(good(1), good(2) + ",more,and more", "g3,mod_n,2021-03-02T18:00:00+04:00", good(4)))
    assert [e["row"] for e in out["errors"]] == [3, 4]
    assert "14 cells, the header 12" in out["errors"][0]["message"]
    assert "3 cells" in out["errors"][1]["message"]
    assert "more | and more" in quarantined(ready)[0]["_error"]
    assert stored(ready) == ["mod_n/g1", "mod_n/g4"]


def test_a_column_that_stands_twice_is_refused(take: Take, ready: Path) -> None:
    out = take(table(good(1) + ",norland", header=HEADER + ",accused"))
    assert out["exit"] == 1
    assert "stand twice: accused" in out["errors"][0]["message"]
    assert stored(ready) == []


def test_a_header_that_comes_again_is_left_out_and_told(take: Take, ready: Path) -> None:
    out = take(table(good(1), HEADER, good(2)))
    assert out["exit"] == 0
    assert any("repeat the header" in w["message"] for w in out["warnings"])
    assert stored(ready) == ["mod_n/g1", "mod_n/g2"]


def test_formulas_are_words_and_never_leave_alive(take: Take, ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live = '=HYPERLINK("http://x.invalid";"see")'
    out = take(table(row(text=live), row(claim_id="=1+1", lat="95", text="@SUM(A1)")))
    assert out["counts"] == {"claims": 1, "rejected": 1}
    (path,) = (ready / "quarantine").iterdir()
    for cells in csv.reader(path.open(encoding="utf-8", newline="")):
        assert not [c for c in cells if c[:1] in "=+-@\t" and c]
    assert cli.run(["export", str(ready), "claims"]) == 0
    left = capsys.readouterr().out
    assert "\"'=HYPERLINK" in left
    assert take(left, name="left.csv")["counts"] == {"claims_unchanged": 1}


def test_a_negative_number_in_quarantine_stays_a_number(take: Take, ready: Path) -> None:
    take(table(row(lat="-20.5", lon="-190")))
    assert quarantined(ready)[0]["lat"] == "-20.5"


def test_unknown_columns_are_kept_and_told_once_and_underscored_ones_ignored(take: Take, ready: Path) -> None:
    out = take(table(*(f"{good(n)},Lower Mill,x" for n in range(3)), header=f"{HEADER},village,_note"))
    assert out["exit"] == 0
    told = [w["message"] for w in out["warnings"] if "village" in w["message"]]
    assert len(told) == 1
    assert "_note" not in told[0]
    payloads = [json.loads(data) for _, kind, _, _, data in records(ready / "trucewatch.db") if kind == "claim"]
    assert {p["village"] for p in payloads} == {"Lower Mill"}
    assert not any("_note" in p for p in payloads)


def test_words_in_a_column_without_a_name_are_told(take: Take) -> None:
    out = take(table(good(1) + ",lost", header=HEADER + ","))
    assert "without a name" in out["errors"][0]["message"]


def test_mended_rows_go_in_and_nothing_else_changes(take: Take, ready: Path) -> None:
    take(table(good(1), row(lat="95"), row(claim_id="worse", act="fire.laser"), good(2)))
    (path,) = (ready / "quarantine").iterdir()
    assert path.name.startswith("claims.")
    assert len(path.name) == len("claims.01234567.csv")
    mended = path.read_text("utf-8").replace(",95,", ",39.5,")
    out = take(mended, name=path.name)
    assert out["counts"] == {"claims": 1, "rejected": 1}
    assert stored(ready) == ["mod_n/g1", "mod_n/g2", "mod_n/bad"]


def test_ingesting_twice_changes_nothing(take: Take, ready: Path) -> None:
    content = table(good(1), row(lat="95"), good(2))
    take(content)
    before = stored(ready), everything(ready / "quarantine")
    out = take(content)
    assert out["counts"] == {"claims_unchanged": 2, "rejected": 1}
    assert (stored(ready), everything(ready / "quarantine")) == before


def test_the_same_claim_in_other_words_is_a_new_version_once(take: Take, ready: Path) -> None:
    take(table(good(1)))
    other = good(1).replace(",2,", ",5,")
    assert take(table(other))["counts"] == {"claims_new_versions": 1}
    for content in (table(good(1), other), table(other, good(1))):
        assert take(content)["counts"] == {"claims_unchanged": 2}
    assert stored(ready) == ["mod_n/g1", "mod_n/g1"]


def test_content_is_compared_as_read_and_not_as_written(take: Take) -> None:
    take(table(good(1)))
    other = good(1).replace("2021-03-02T14:10:00+04:00", "2021-03-02T10:10:00Z").replace("40.1,", "+40.100,")
    assert take(table(other))["counts"] == {"claims_unchanged": 1}


def test_a_dry_run_writes_nothing_at_all(take: Take, ready: Path) -> None:
    before = everything(ready)
    out = take(table(good(1), row(lat="95"), good(1)), "--dry-run")
    assert out["exit"] == 1
    assert out["counts"] == {"claims": 1, "claims_unchanged": 1, "rejected": 1}
    assert everything(ready) == before


def test_a_dry_run_of_a_new_mission_makes_no_database(inputs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert cli.run(["init", str(folder), "--agreement", str(inputs / "agreement.yaml")]) == 0
    before = everything(folder)
    files = [str(inputs / f"{n}.csv") for n in ("claims", "sources", "coverage")]
    assert cli.run(["ingest", str(folder), *files, "--dry-run"]) == 0
    assert everything(folder) == before
