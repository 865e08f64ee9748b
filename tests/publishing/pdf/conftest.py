"""Papers of an invented mission in every language, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publishing.pdf.spoken import Paper
from tests.publishing.report.invented import build, claims
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import write
from trucewatch.publishing.locale import available

DAY = "2021-03-03"
# Words that would be markup to a typesetter, and letters that the shipped font has not.
WILD = '#panic("no") $x^2$ *bold* _slanted_ <label> @name \\ [open თბილისი 🚀 ' + "long" * 75
OTHERS = (("weekly", None), ("spot", "I1"), ("term", "1"))


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the day's pages and papers; one statement holds wild words, which its readers inside see."""
    rows = claims()
    rows[0]["text"] = WILD
    mission = Mission.open(build(tmp_path_factory.mktemp("papers") / "tarn", rows))
    write(mission, DAY, available(), paper=True)
    write(mission, DAY, ["en"], paper=True, audience="internal", out=mission.reports / "internal")
    for kind, of in OTHERS:
        write(mission, DAY, ["en", "ar"], paper=True, kind=kind, of=of)
    return mission.reports


@pytest.fixture(scope="session", params=available())
def lang(request: pytest.FixtureRequest) -> str:
    """Each language that has texts."""
    return str(request.param)


@pytest.fixture(scope="session")
def page(papers: Path, lang: str) -> str:
    """The page in a language."""
    return (papers / f"{DAY}.{lang}.html").read_text("utf-8")


@pytest.fixture(scope="session")
def paper(papers: Path, lang: str) -> Paper:
    """The paper in the same language."""
    return Paper((papers / f"{DAY}.{lang}.pdf").read_bytes())
