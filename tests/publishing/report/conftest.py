"""Pages of an invented mission, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publishing.report.invented import build
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report

DAY = "2021-03-03"


@pytest.fixture(scope="session")
def tarn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented mission, to read from."""
    return build(tmp_path_factory.mktemp("reports") / "tarn")


@pytest.fixture(scope="session")
def pages(tarn: Path) -> Path:
    """The folder of its pages: the day in six languages with mirrors, the day after, an empty day."""
    mission = Mission.open(tarn)
    for day in (DAY, "2021-03-04"):
        report(mission, day, ["en", "hy", "az", "ru", "uk", "ar"], mirror=day == DAY)
    report(mission, "2021-03-20")
    return mission.reports


@pytest.fixture(scope="session")
def page(pages: Path) -> str:
    """The public page of the day in English."""
    return (pages / f"{DAY}.en.html").read_text("utf-8")
