"""The page in a real browser: WCAG 2.2 AA by axe-core, no request to anywhere, phone, dark, print."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.publishing.report.invented import build
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report

pytestmark = pytest.mark.browser
VENDOR = Path(__file__).parents[2] / "vendor"
AXE = VENDOR / "axe.min.js"
PAGES = (
    "2021-03-03.en.html", "2021-03-03.en.mirror.html", "2021-03-03.ar.html", "2021-03-03.hy.html", "2021-03-20.en.html",
    "index.html",
)  # fmt: skip


def test_the_checker_is_the_one_that_is_named() -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in (VENDOR / "README.md").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(opened: Callable[..., Any], pages: Path, name: str, width: int, scheme: str) -> None:
    window = opened(pages / name, width, scheme)
    window.evaluate(AXE.read_text("utf-8"))
    found = window.evaluate("axe.run()")
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 10


@pytest.mark.parametrize("name", PAGES)
def test_no_page_asks_the_network_for_anything(opened: Callable[..., Any], pages: Path, name: str) -> None:
    window = opened(pages / name)
    assert window.asked == [(pages / name).as_uri()]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 768, 1200])
def test_the_page_never_scrolls_sideways(opened: Callable[..., Any], pages: Path, name: str, width: int) -> None:
    window = opened(pages / name, width)
    assert window.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("lang", ["en", "hy", "az", "ru", "uk", "ar"])
def test_on_a_phone_bars_and_table_labels_can_be_read_in_every_language(
    opened: Callable[..., Any], pages: Path, lang: str
) -> None:
    window = opened(pages / f"2021-03-03.{lang}.html", 360)
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    words = "[...document.querySelectorAll('.mirror > span, .mirror > b')]"
    assert min(window.evaluate(f"{words}.map(e => parseFloat(getComputedStyle(e).fontSize))")) >= 12
    assert not window.evaluate(f"{words}.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)")
    # A cell of a table is as high as its label, so that no label runs into the next row.
    cells = "[...document.querySelectorAll('table.cards td[data-label]')].filter(e => e.clientHeight)"
    low = "e => parseFloat(getComputedStyle(e, '::before').height) > e.clientHeight + 1"
    assert window.evaluate(f"{cells}.length") > 10
    assert not window.evaluate(f"{cells}.filter({low}).map(e => e.dataset.label)")


def test_both_sides_have_columns_of_one_width(opened: Callable[..., Any], pages: Path) -> None:
    window = opened(pages / "2021-03-03.en.html")
    widths = window.evaluate(
        "[...document.querySelectorAll('.side')].map(e => Math.round(e.getBoundingClientRect().width))"
    )
    assert len(set(widths)) == 1


def test_both_maps_have_one_size(opened: Callable[..., Any], pages: Path) -> None:
    window = opened(pages / "2021-03-03.en.html")
    sizes = window.evaluate(
        "[...document.querySelectorAll('svg.map')].map(e => [e.clientWidth, e.clientHeight].map(Math.round).join('x'))"
    )
    assert len(sizes) == 2
    assert len(set(sizes)) == 1


def test_arabic_runs_from_right_to_left(opened: Callable[..., Any], pages: Path) -> None:
    window = opened(pages / "2021-03-03.ar.html")
    assert window.evaluate("getComputedStyle(document.body).direction") == "rtl"
    first, second = window.evaluate(
        "[...document.querySelectorAll('.face .side')].slice(0, 2).map(e => e.getBoundingClientRect().left)"
    )
    assert first > second


def test_dark_is_dark_and_print_is_light(opened: Callable[..., Any], pages: Path) -> None:
    window = opened(pages / "2021-03-03.en.html", scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert window.evaluate(colour) == "rgb(20, 24, 27)"
    window.emulate_media(media="print")
    assert window.evaluate(colour) == "rgb(255, 255, 255)"


def test_a_mark_on_the_map_leads_to_its_incident(opened: Callable[..., Any], pages: Path) -> None:
    window = opened(pages / "2021-03-03.en.html")
    target = window.evaluate(
        "(() => { const a = document.querySelector('svg.map a');"
        " a.dispatchEvent(new MouseEvent('click', {bubbles: true})); return a.getAttribute('href'); })()"
    )
    assert window.evaluate("location.hash") == target
    assert window.evaluate("document.querySelector(location.hash).tagName") == "ARTICLE"


def test_an_exercise_is_named_on_each_printed_sheet(opened: Callable[..., Any], tmp_path: Path) -> None:
    mission = Mission.open(build(tmp_path / "exercise", settings="exercise: true\n"))
    window = opened(report(mission, "2021-03-03")[0])
    window.emulate_media(media="print")
    # What is fixed is drawn on every sheet.
    mark = "getComputedStyle(document.body, '::after')"
    assert window.evaluate(f"[{mark}.position, {mark}.content]") == ["fixed", '"EXERCISE"']
