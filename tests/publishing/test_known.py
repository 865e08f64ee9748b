"""What was known when: one table for the incidents of both sides, and nothing in it before it was known."""

from __future__ import annotations

from pathlib import Path

import pytest

from trucewatch.mission import bundled
from trucewatch.mission.derive import derive
from trucewatch.mission.ingest import ingest
from trucewatch.mission.knowing import watched, write_known
from trucewatch.publishing.report.known import stand


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    case = next(c for c in bundled.cases() if c.name == "nk-2020")
    mission, inputs = bundled.unpack(case, tmp_path_factory.mktemp("nk") / "nk-2020")
    assert not ingest(mission, inputs, recorded_at=1_790_000_000_000_000).errors
    return write_known(mission, watched(case.known), "en").read_text("utf-8")


def test_every_pair_has_the_same_three_rows(page: str) -> None:
    assert page.count("<table") == 3
    for row in ("the end of the next day", "the end of 2020", "the end of March 2021"):
        assert page.count(row) == 3


def test_the_inquiry_of_2021_stands_in_the_last_row_of_the_hospital_alone(page: str) -> None:
    first = page[page.index("Hospital of Aghdara") : page.index("Ganja, 17 October")]
    rows = first.split("<tr>")[2:]
    cells = [row.split("<td>")[2] for row in rows]
    assert ["Human Rights Watch" in c for c in cells] == [False, False, True]
    assert ["unconfirmed" in c for c in cells] == [True, True, False]


def test_a_claim_that_nobody_had_made_yet_has_no_standing(tmp_path: Path) -> None:
    case = next(c for c in bundled.cases() if c.name == "nk-2020")
    mission, inputs = bundled.unpack(case, tmp_path / "m")
    assert not ingest(mission, inputs, recorded_at=1_790_000_000_000_000).errors
    before = watched(case.known)[0][0].times[0] - 10 * 86_400_000_000
    found = stand(
        mission.config, mission.agreements, derive(mission, known_by=before), "az_mod/az-1011-ganja", before, "public"
    )
    assert found.status is None
    assert found.others == ()
