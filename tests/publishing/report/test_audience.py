"""Law L10 on the page: what is restricted counts, and leaves neither by word nor by place, id, address or name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.publishing.report.invented import SECRETS
from tests.publishing.report.reading import words
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import write


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_restricted_stands_on_a_public_page(pages: Path, secret: str) -> None:
    for page in pages.glob("*.html"):
        assert secret not in page.read_text("utf-8"), page.name


def test_the_mission_itself_sees_who_told_what(tarn: Path, tmp_path: Path) -> None:
    made = write(Mission.open(tarn), "2021-03-03", audience="internal", out=tmp_path)
    page = made.files[0].read_text("utf-8")
    assert made.withheld == 0
    for seen in ("Heron Patrol", "heron/h-0031", "culvert nine", "bridge K7"):
        assert seen in page


def test_the_page_says_how_many_claims_are_withheld(tarn: Path, tmp_path: Path) -> None:
    made = write(Mission.open(tarn), "2021-03-03", out=tmp_path)
    assert made.withheld == 2
    assert "2 further claims withheld" in words(made.files[0].read_text("utf-8"))


def test_what_is_withheld_is_weighed_all_the_same(page: str) -> None:
    first = re.search(r'<article id="I1".*?</article>', page, flags=re.S)
    assert first
    assert "a source that is withheld" in words(first[0])
    assert "corroborated" in words(first[0])


def test_public_places_lie_on_the_grid_of_the_policy(page: str, tarn: Path) -> None:
    fine = re.findall(r"40\.5100|46\.9700", page)
    assert not fine


def test_a_party_reads_no_more_than_the_public_of_what_is_restricted(tarn: Path, tmp_path: Path) -> None:
    made = write(Mission.open(tarn), "2021-03-03", audience="party:norland", out=tmp_path)
    page = made.files[0].read_text("utf-8")
    assert "Report for Norland" in words(page)
    assert not [s for s in SECRETS if s in page]
