"""Files of others as they are given away: UCDP GED, NASA FIRMS, GeoNames; excerpts here, whole sets where they lie."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.records import records
from trucewatch.intake.formats import adapters
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import IngestReport, ingest
from trucewatch.model.times import parse_instant

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the data sets beside the project are not here")
GED = {
    "id": "7", "relid": "X-7", "type_of_violence": "1", "dyad_name": "Norland - Sudland",
    "side_a": "Government of Norland", "side_b": "Sudland", "source_date": "2014-02-03;2014-02-05",
    "where_prec": "1", "where_coordinates": "Lower Mill", "latitude": "40.1", "longitude": "46.9", "date_prec": "1",
    "date_start": "2014-02-01", "date_end": "2014-02-01", "deaths_a": "2", "deaths_b": "0", "deaths_civilians": "0",
    "deaths_unknown": "0", "best": "2", "low": "2", "high": "3", "event_clarity": "1",
}  # fmt: skip
MODIS = {
    "latitude": "40.17", "longitude": "47.418", "brightness": "331.8", "scan": "1.5", "track": "1.2",
    "acq_date": "2019-09-28", "acq_time": "0935", "satellite": "Aqua", "instrument": "MODIS", "confidence": "85",
    "version": "6.03", "bright_t31": "297.3", "frp": "47.9", "daynight": "D", "type": "0",
}  # fmt: skip
VIIRS = {
    "latitude": "40.17", "longitude": "47.418", "bright_ti4": "331.8", "scan": "0.4", "track": "0.36",
    "acq_date": "2019-09-28", "acq_time": "935", "satellite": "N", "instrument": "VIIRS", "confidence": "n",
    "version": "2", "bright_ti5": "297.3", "frp": "4.9", "daynight": "D", "type": "0",
}  # fmt: skip
DUMP = (
    "1\tŞuşa\tSusa\tShusha,Shushi,Шуша,Շուշի\t39.76\t46.75\tP\tPPL\tAZ\t\t63\t\t\t\t4064\t\t1400\tAsia/Baku\t2020-11-10\n"
    "2\tTrnovi\tTrnovi\t\t39.90\t46.80\tA\tADM2\tAZ\t\t63\t\t\t\t0\t\t900\tAsia/Baku\t2020-11-10\n"
    "3\tHotel Shusha\tHotel\tShusha\t39.77\t46.76\tS\tHTL\tAZ\t\t63\t\t\t\t0\t\t900\tAsia/Baku\t2020-11-10\n"
)


def table(*rows: dict[str, str], separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def take(mission: Mission, folder: Path, text: str | bytes, name: str = "file.csv") -> IngestReport:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return ingest(mission, [path], recorded_at=2)


def payloads(mission: Mission, kind: str = "claim") -> list[dict[str, Any]]:
    return [json.loads(data) for _, found, _, _, data in records(mission.database) if found == kind]


def us(text: str) -> int:
    return parse_instant(text)


def test_every_adapter_fills_a_table_of_the_contract() -> None:
    assert {"claims", "sources", "ged", "firms", "geonames", "gazetteer"} <= set(adapters())


def test_an_event_of_ged_accuses_nobody_and_names_the_side_that_alone_died(mission: Mission, tmp_path: Path) -> None:
    report = take(mission, tmp_path, table(GED))
    assert report.counts == {"sources": 1, "claims": 1}
    (claim,) = payloads(mission)
    assert "accused" not in claim
    assert claim["victim"] == "norland"
    assert claim["who"] == "combatant"
    assert (claim["killed_low"], claim["killed_high"], claim["ged_best"]) == (2, 3, "2")
    assert (claim["act"], claim["stance"], claim["radius_km"]) == ("fire", "reports", 5.0)
    assert (claim["start"], claim["end"]) == (us("2014-02-01T00:00:00+04:00"), us("2014-02-02T00:00:00+04:00"))
    assert claim["published"] == us("2014-02-06T00:00:00+04:00")


@pytest.mark.parametrize(
    ("dead", "told"),
    [
        ({"deaths_b": "4"}, {"who": "combatant"}),
        ({"deaths_a": "0", "deaths_b": "4"}, {"who": "combatant", "victim": "sudland"}),
        ({"deaths_a": "0", "deaths_b": "4", "side_b": "Maidan"}, {"who": "combatant", "victim": "other:Maidan"}),
        ({"deaths_a": "0", "deaths_civilians": "1"}, {"who": "civilian"}),
        ({"deaths_civilians": "1"}, {}),
        ({"deaths_unknown": "1"}, {}),
        ({"deaths_a": ""}, {}),
    ],
)
def test_who_died_is_told_only_where_it_is_known(
    dead: dict[str, str], told: dict[str, str], mission: Mission, tmp_path: Path
) -> None:
    take(mission, tmp_path, table(GED | dead))
    (claim,) = payloads(mission)
    assert {k: claim[k] for k in ("who", "victim") if k in claim} == told


@pytest.mark.parametrize(("prec", "radius"), [("1", 5), ("2", 25), ("3", 50), ("4", 120), ("5", 120), ("6", 500)])
def test_a_place_of_ged_is_as_wide_as_its_precision(prec: str, radius: float, mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, table(GED | {"where_prec": prec}))
    assert payloads(mission)[0]["radius_km"] == radius


@pytest.mark.parametrize(("prec", "days"), [("1", 1), ("2", 2), ("3", 7), ("4", 8), ("5", 31)])
def test_a_time_of_ged_is_as_long_as_its_precision(prec: str, days: int, mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, table(GED | {"date_prec": prec}))
    (claim,) = payloads(mission)
    assert claim["end"] - claim["start"] == days * 86_400_000_000
    assert claim["start"] <= us("2014-02-01T00:00:00+04:00") < claim["end"]


def test_a_release_that_contradicts_itself_on_deaths_gives_the_range_that_holds_all(
    mission: Mission, tmp_path: Path
) -> None:
    take(mission, tmp_path, table(GED | {"low": "35", "best": "228", "high": "35"}))
    (claim,) = payloads(mission)
    assert (claim["killed_low"], claim["killed_high"]) == (35, 228)
    assert (claim["ged_low"], claim["ged_high"]) == ("35", "35")


def test_columns_of_ged_are_matched_by_name_and_a_tag_row_is_left_out(mission: Mission, tmp_path: Path) -> None:
    tags = {k: "#" + k for k in GED}
    backwards = dict(reversed((GED | {"priogrid_gid": "1", "geom_wkt": "POINT (46.9 40.1)"}).items()))
    report = take(mission, tmp_path, table({k: tags.get(k, "") for k in backwards}, backwards))
    assert report.errors == ()
    assert [c["claim_id"] for c in payloads(mission)] == ["7"]


def test_one_sided_violence_is_harm_to_civilians(mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, table(GED | {"type_of_violence": "3"}))
    assert payloads(mission)[0]["act"] == "harm_to_civilians"


def test_a_bad_row_of_ged_is_quarantined_with_its_own_columns(mission: Mission, tmp_path: Path) -> None:
    report = take(mission, tmp_path, table(GED | {"where_prec": "9"}, GED | {"id": "8", "latitude": "95"}))
    assert [(e.row, e.field) for e in report.errors] == [(2, "where_prec"), (3, "lat")]
    (path,) = report.quarantined
    assert path.read_text("utf-8").startswith(",".join(GED) + ",_row,_field,_error,_remedy\n")


def test_the_source_of_a_format_is_added_once_told_and_approved_by_nobody(mission: Mission, tmp_path: Path) -> None:
    first = take(mission, tmp_path, table(GED))
    assert any("ucdp_ged" in w and "CC BY 4.0" in w for w in first.warnings)
    second = take(mission, tmp_path, table(GED | {"id": "8"}), "more.csv")
    assert second.warnings == []
    own = [s for s in payloads(mission, "source") if s["source"] == "ucdp_ged"]
    assert len(own) == 1
    assert "approved_by" not in own[0]


def test_a_source_that_the_mission_declared_itself_is_left_as_it_is(mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, "source,name,role,approved_by\nucdp_ged,GED,ngo,mission\n", "sources.csv")
    assert take(mission, tmp_path, table(GED)).counts == {"claims": 1}


@pytest.mark.parametrize(
    ("fire", "source", "radius"), [(MODIS, "nasa_firms_modis", 0.96), (VIIRS, "nasa_firms_viirs", 0.269)]
)
def test_a_fire_says_that_something_burned_there_and_no_more(
    fire: dict[str, str], source: str, radius: float, mission: Mission, tmp_path: Path
) -> None:
    assert take(mission, tmp_path, table(fire)).errors == ()
    (claim,) = payloads(mission)
    assert (claim["source"], claim["act"], claim["means"], claim["stance"]) == (
        source,
        "burning",
        "satellite",
        "observes",
    )
    assert claim["start"] == us("2019-09-28T09:35:00Z")
    assert claim["published"] == us("2019-09-28T12:35:00Z")
    assert claim["radius_km"] == pytest.approx(radius, abs=0.001)
    assert not {"accused", "victim", "weapon", "cumulative"} & set(claim)


@pytest.mark.parametrize(("told", "clock"), [("5", "00:05"), ("45", "00:45"), ("935", "09:35"), ("2359", "23:59")])
def test_a_time_that_lost_its_zeros_is_read(told: str, clock: str, mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, table(MODIS | {"acq_time": told}))
    assert payloads(mission)[0]["start"] == us(f"2019-09-28T{clock}:00Z")


@pytest.mark.parametrize("told", ["2460", "99", "960", "noon", "12345"])
def test_a_time_that_is_none_costs_its_row(told: str, mission: Mission, tmp_path: Path) -> None:
    report = take(mission, tmp_path, table(MODIS | {"acq_time": told}))
    assert [e.field for e in report.errors] == ["acq_time"]


def test_what_is_hot_at_all_times_speaks_of_no_event(mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, table(MODIS | {"type": "2"}))
    (claim,) = payloads(mission)
    assert claim["cumulative"] is True
    assert claim["target"] == "static heat source on land"


def test_points_with_a_day_alone_are_that_day_and_no_hour(mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, "LATITUDE,LONGITUDE,ACQ_DATE\n48.1,38.2,2020-07-01\n")
    (claim,) = payloads(mission)
    assert claim["source"] == "nasa_firms"
    assert claim["end"] - claim["start"] == 86_400_000_000


def test_the_same_fire_in_two_files_is_one_claim(mission: Mission, tmp_path: Path) -> None:
    take(mission, tmp_path, table(MODIS))
    assert take(mission, tmp_path, gzip.compress(table(MODIS).encode()), "f.csv.gz").counts == {"claims_unchanged": 1}


def test_geonames_as_given_away_has_no_header_and_gives_what_a_report_can_mean(
    mission: Mission, tmp_path: Path
) -> None:
    report = take(mission, tmp_path, DUMP, "AZ.txt")
    assert report.counts == {"places": 2, "left_out": 1}
    assert any("CC BY 4.0" in w for w in report.warnings)
    town, district = payloads(mission, "place")
    assert town["alternatenames"] == "Susa|Shusha|Shushi|Шуша|Շուշի"
    assert (town["population"], district["radius_km"]) == (4064, 25.0)


def test_a_hand_written_list_gives_a_place_all_its_names(mission: Mission, tmp_path: Path) -> None:
    header = "name_a,name_b,name_hy,name_ru,name_az,latitude,longitude,uncertainty_km,status\n"
    row = 'Martakert,Aghdara,Մարտակերտ,Мартакерт/Агдере,Ağdərə,40.21,46.81,3,"recalled, unchecked"\n'
    take(mission, tmp_path, header + row)
    (place,) = payloads(mission, "place")
    assert place["name"] == "Aghdara / Martakert"
    assert {"Martakert", "Aghdara", "Агдере", "Ağdərə", "Մարտակերտ"} <= set(place["alternatenames"].split("|"))


@needs_shared
@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("ucdp_ged_ukraine/ged_ukraine_2014_2018.csv.gz", {"sources": 1, "claims": 995}),
        ("ucdp_ged_south_sudan/ged_south_sudan_2011_2017.csv.gz", {"sources": 1, "claims": 598}),
        ("firms_modis_caucasus/modis_2020_Azerbaijan.csv", {"sources": 1, "claims": 1080}),
        ("firms_modis_donbas/modis_2016_donbas.csv.gz", {"sources": 1, "claims": 3956}),
        ("gazetteer/geonames_cities500_az_am_donbas.csv.gz", {"places": 1603}),
        ("gazetteer/gazetteer_supplement.csv", {"places": 10}),
    ],
)
def test_whole_sets_are_taken_without_loss(path: str, counts: dict[str, int], mission: Mission) -> None:
    report = ingest(mission, [SHARED / path], recorded_at=2)
    assert report.errors == ()
    assert report.counts == counts
    again = ingest(mission, [SHARED / path], recorded_at=3)
    assert sum(again.counts.values()) == again.counts[f"{list(counts)[-1]}_unchanged"]
