"""Pages of the invented agreement and of bundled ones, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publishing.agreement_page.texts import valley
from trucewatch.agreement import Agreement, load
from trucewatch.mission.folder import bundled_agreements
from trucewatch.publishing.agreement_page import page_paths, render

BUNDLED = ("nk-2020-11-10", "donbas-2014-09-19", "donbas-2015-02-12", "georgia-2008-08-12", "korea-1953-07-27")
LANGS = ("en", "hy", "ar")


def write(agreements: list[Agreement], out: Path, title: str = "") -> None:
    """Their page in each of the languages."""
    paths = page_paths(out, LANGS)
    for lang, path in paths:
        path.write_text(render(agreements, paths, lang, title), "utf-8")


@pytest.fixture(scope="session")
def agreement_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages: of the invented text, of bundled ones, and of two together."""
    folder = tmp_path_factory.mktemp("agreements")
    files = bundled_agreements()
    write([valley()], folder / "valley.html")
    for name in BUNDLED:
        write([load(files[name])], folder / f"{name}.html")
    write([load(files[name]) for name in BUNDLED[1:3]], folder / "chain.html", "A mission")
    return folder


@pytest.fixture(scope="session")
def valley_page(agreement_pages: Path) -> str:
    """The page of the invented text in English."""
    return (agreement_pages / "valley.html").read_text("utf-8")
