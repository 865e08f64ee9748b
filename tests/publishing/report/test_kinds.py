"""Reports of a week, an incident and a term: their span, their names, what they correct, and what they refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.publishing.report.invented import build, claims
from tests.publishing.report.reading import Reading, part, words
from trucewatch import cli
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import Reported, write
from trucewatch.model.errors import Refusal
from trucewatch.model.times import parse_instant

DAY = "2021-03-04"
NOTICES = """by,start,end,lat,lon,radius_km,kind,text,published
sudland,2021-03-03T12:00:00+04:00,2021-03-03T14:00:00+04:00,40.5,46.95,6,repair,Water main.,2021-03-02
norland,2021-03-03T09:00:00+04:00,2021-03-03T10:00:00+04:00,40.0,46.0,2,exercise,,2021-03-01
"""
INSPECTIONS = """source,time,site,lat,lon,weapon,declared,seen,party
paper,2021-03-03T11:00:00+04:00,Site 4,40.3,46.4,artillery.122mm,6,4,sudland
paper,2021-03-03T12:00:00+04:00,Site 9,40.6,46.8,mortar.120mm,3,3,norland
heron,2021-03-03T13:00:00+04:00,bridge K7 store,40.3333,47.1111,mortar.120mm,5,7,sudland
"""
COMPLAINTS = """complaint_id,received,complainant,against,term,claims,text,handling
C-1,2021-03-03T16:00:00+04:00,norland,sudland,1,mod_n/n1,shells at Tarn,public
C-2,2021-03-03T17:00:00+04:00,sudland,norland,1,mod_s/s2,shells at Hale,public
"""


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Mission:
    """The invented mission with a late second report of one incident, notices, inspections and complaints."""
    folder = tmp_path_factory.mktemp("kinds")
    late = {**claims()[3], "claim_id": "p9", "published": "2021-03-04T10:00:00+04:00", "means": "saw"}
    late |= {"source": "paper", "lat": "40.31", "lon": "46.61", "place": "Hale", "start": "2021-03-03T05:00:00+04:00"}
    made = build(folder / "tarn", [*claims(), late])
    for name, text in (("notices", NOTICES), ("inspections", INSPECTIONS), ("complaints", COMPLAINTS)):
        (folder / f"{name}.csv").write_text(text, "utf-8")
    assert cli.run(["ingest", str(made), *(str(p) for p in sorted(folder.glob("*.csv")))]) == 0
    return Mission.open(made)


def made(mission: Mission, out: Path, kind: str, of: str | None = None, **more: object) -> tuple[str, Reported]:
    told = write(mission, DAY, ["en"], out=out, kind=kind, of=of, **more)  # type: ignore[arg-type]
    return told.files[0].read_text("utf-8"), told


def numbers(page: str) -> list[str]:
    """Ids of the incidents of a page."""
    return re.findall(r'<article id="(I\d+)"', page)


def test_a_week_is_the_seven_report_days_that_end_with_its_day(mission: Mission, tmp_path: Path) -> None:
    page, told = made(mission, tmp_path, "weekly")
    assert told.files[0].name == f"{DAY}.weekly.en.html"
    assert "<h1>Weekly report, the seven days to 4 March 2021</h1>" in page
    days = re.findall(r'scope="row">([^<]*2021)</th>\s*<td[^>]*>(\d+)</td>', part(page, "days"))
    assert len(days) == 7
    assert (days[0][0], days[-1][0]) == ("Friday, 26 February 2021", "Thursday, 4 March 2021")
    assert sum(int(n) for _, n in days) == told.incidents == len(numbers(page))
    cut = parse_instant("2021-03-04T19:30:00+04:00")  # what the week knows, each of its days would know too
    by_day = [write(mission, f"2021-03-{d:02d}", ["en"], out=tmp_path, known_by=cut).incidents for d in (2, 3, 4)]
    assert told.incidents == sum(by_day) > max(by_day)


def test_a_spot_report_tells_of_its_incident_alone(mission: Mission, tmp_path: Path) -> None:
    day, _ = made(mission, tmp_path, "daily")
    assert numbers(day) == []
    page, told = made(mission, tmp_path, "spot", "I1")
    assert told.files[0].name == f"{DAY}.spot-I1.en.html"
    assert numbers(page) == ["I1"]
    assert "One incident: I1" in words(page)
    assert "Hale" not in words(page)
    assert "2 March 2021, 19:30" in words(page)  # its own report day, not that of the report


def test_a_finding_and_a_later_claim_name_the_same_incident(mission: Mission, tmp_path: Path) -> None:
    pages = {made(mission, tmp_path / str(k), "spot", of)[0] for k, of in enumerate(("I1", "F1.1.1.1", "I2"))}
    assert len(pages) == 1  # claim 2 repeats claim 1


def test_a_spot_report_corrects_the_report_before(mission: Mission, tmp_path: Path) -> None:
    hale = next(
        i for i in numbers(write(mission, "2021-03-03", ["en"], out=tmp_path).files[0].read_text("utf-8"))
        if "Hale" in words(made(mission, tmp_path, "spot", i)[0])
    )  # fmt: skip
    summary = words(part(made(mission, tmp_path, "spot", hale)[0], "summary"))
    assert "was unconfirmed, now" in summary
    assert "because one statement was made or reached us since" in summary
    assert "What the report before said of how sure it is stands." in words(made(mission, tmp_path, "spot", "I1")[0])


def test_a_term_report_counts_what_falls_under_the_term(mission: Mission, tmp_path: Path) -> None:
    page, told = made(mission, tmp_path, "term", "tarn/1")
    assert told.files[0].name == f"{DAY}.term-tarn_2f_1.en.html"
    assert "Term 1 of Truce of Tarn: All fire ceases" in words(page)
    assert "1 March 2021" in words(part(page, "term"))
    assert 'class="calendar"' in part(page, "life")
    # Fire alone falls under it: the gun that stood near the line is no fire.
    acts = {re.sub("<[^>]*>", "", c) for c in re.findall(r'data-label="What">(.*?)</td>', part(page, "incidents"))}
    assert acts
    assert not any("Weapons" in a for a in acts)
    other, _ = made(mission, tmp_path, "term", "2")
    assert "Guns stay 15 km from the line" in words(other)


@pytest.mark.parametrize(("kind", "of"), [("daily", None), ("weekly", None), ("spot", "I1"), ("term", "1")])
def test_every_link_inside_a_page_leads_somewhere(mission: Mission, tmp_path: Path, kind: str, of: str | None) -> None:
    page = Reading(made(mission, tmp_path, kind, of)[0])
    inside = {t.removeprefix("#") for t in page.targets if t.startswith("#")}
    assert len(inside) >= 8
    assert inside <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_index_lists_each_kind_with_its_papers(mission: Mission, tmp_path: Path) -> None:
    for kind, of in (("daily", None), ("weekly", None), ("spot", "I1"), ("term", "1")):
        made(mission, tmp_path, kind, of, paper=True)
    index = (tmp_path / "index.html").read_text("utf-8")
    assert set(Reading(index).targets) == {p.name for p in tmp_path.iterdir() if p.name != "index.html"}
    shown = words(index)
    assert "Seven days to Thursday, 4 March 2021 English English, PDF" in shown
    assert "Thursday, 4 March 2021: incident I1" in shown
    assert "Thursday, 4 March 2021: term tarn/1" in shown


@pytest.mark.parametrize(
    ("kind", "of", "remedy"),
    [
        ("spot", None, "Name an incident"), ("term", None, "Name a term"), ("weekly", "I1", "--kind spot"),
        ("spot", "I999", "as `export` writes them"), ("spot", "../../I1", "as `export` writes them"),
        ("term", "9", "tarn/1"), ("term", "3", "later --date"), ("yearly", None, "daily, weekly, spot, term"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_with_a_remedy(
    mission: Mission, tmp_path: Path, kind: str, of: str | None, remedy: str
) -> None:
    with pytest.raises(Refusal) as refused:
        made(mission, tmp_path / "out", kind, of)
    assert remedy in str(refused.value.faults[0].remedy)
    assert not (tmp_path / "out").exists()


def test_a_kind_is_asked_for_by_command(mission: Mission, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["report", str(mission.dir), "--date", DAY, "--kind", "spot", "--of", "I1", "--pdf", "-o", str(tmp_path)]
    assert cli.run([*args, "--json"]) == 0
    files = [Path(f).name for f in json.loads(capsys.readouterr().out)["files"]]
    assert files == [f"{DAY}.spot-I1.en.html", f"{DAY}.spot-I1.en.pdf", "index.html"]


def test_the_mirror_of_a_kind_has_its_name_too(mission: Mission, tmp_path: Path) -> None:
    _, told = made(mission, tmp_path, "weekly", mirror=True)
    assert [p.name for p in told.files] == [f"{DAY}.weekly.en.html", f"{DAY}.weekly.en.mirror.html", "index.html"]
    page, mirror = (p.read_text("utf-8") for p in told.files[:2])
    assert numbers(page) == numbers(mirror)


def test_a_pdf_of_an_earlier_page_is_told_of(mission: Mission, tmp_path: Path) -> None:
    assert made(mission, tmp_path, "spot", "I1", paper=True, audience="internal")[1].notes == ()
    notes = made(mission, tmp_path, "spot", "I1")[1].notes
    assert [n.split(" ")[0] for n in notes] == [f"{DAY}.spot-I1.en.html", f"{DAY}.spot-I1.en.pdf"]
    assert made(mission, tmp_path, "spot", "I1", paper=True)[1].notes == ()


# ---- sections


def test_windows_of_silence_list_what_was_reported_in_them(mission: Mission, tmp_path: Path) -> None:
    page = write(mission, "2021-03-03", ["en"], out=tmp_path).files[0].read_text("utf-8")
    rows = re.findall(r"<tr.*?</tr>", part(page, "windows"), flags=re.S)
    assert "window of silence for repairs" in words(rows[1])
    assert "Sudland" in words(rows[1])
    assert re.search(r'<a href="#I1"', rows[1])  # fire at Tarn at 13:10
    assert "exercise" in words(rows[2])
    assert "none reported" in words(rows[2])


def test_storage_sites_tell_what_was_missing_and_keep_protected_sites_back(mission: Mission, tmp_path: Path) -> None:
    page = write(mission, "2021-03-03", ["en"], out=tmp_path).files[0].read_text("utf-8")
    section = words(part(page, "stores"))
    assert "Site 4 Sudland" in section
    assert "2 fewer than declared" in section
    assert "as declared" in section
    assert "Less than declared was seen in 1 of them, more in 1." in section
    assert "K7" not in page
    inside = write(mission, "2021-03-03", ["en"], out=tmp_path / "in", audience="internal").files[0].read_text("utf-8")
    assert "bridge K7 store" in words(part(inside, "stores"))


def test_the_register_stands_in_the_report_and_is_no_count_of_violations(mission: Mission, tmp_path: Path) -> None:
    page = write(mission, "2021-03-03", ["en"], out=tmp_path).files[0].read_text("utf-8")
    section = words(part(page, "register"))
    assert re.search(r"\b2\b", section)
    assert "violations" in section
    # A complaint that came after the day is not in it.
    earlier = write(mission, "2021-03-02", ["en"], out=tmp_path).files[0].read_text("utf-8")
    assert 'id="register"' not in earlier


def test_what_was_under_delay_is_told_as_such_when_it_is_free(tmp_path: Path) -> None:
    folder = build(tmp_path / "slow")
    config = (folder / "mission.yaml").read_text("utf-8")
    (folder / "mission.yaml").write_text(config.replace("delay_h: 0", "delay_h: 12"), "utf-8")
    mission = Mission.open(folder)
    page = write(mission, "2021-03-04", ["en"]).files[0].read_text("utf-8")
    assert "known then and not yet free to be published" in words(part(page, "summary"))


def test_a_cut_decides_what_is_known_of_an_incident(mission: Mission, tmp_path: Path) -> None:
    early = parse_instant("2021-03-03T12:00:00+04:00")
    with pytest.raises(Refusal):
        write(mission, DAY, ["en"], out=tmp_path, kind="spot", of="I1", known_by=early)
