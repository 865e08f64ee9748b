"""The page of an agreement in a real browser: WCAG 2.2 AA by axe-core, no request to anywhere, phone, dark, print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
PAGES = (
    "valley.html", "valley.ar.html", "nk-2020-11-10.hy.html", "donbas-2015-02-12.html", "donbas-2014-09-19.ar.html",
    "chain.html",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    opened: Callable[..., Any], agreement_pages: Path, name: str, width: int, scheme: str
) -> None:
    window = opened(agreement_pages / name, width, scheme)
    window.evaluate(AXE.read_text("utf-8"))
    found = window.evaluate("axe.run()")
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 10


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_for_nothing_and_never_scrolls_sideways(
    opened: Callable[..., Any], agreement_pages: Path, name: str, width: int
) -> None:
    window = opened(agreement_pages / name, width)
    assert window.asked == [(agreement_pages / name).as_uri()]
    assert window.evaluate("document.documentElement.scrollWidth") <= width


def test_time_runs_from_right_to_left_in_arabic(opened: Callable[..., Any], agreement_pages: Path) -> None:
    marks = "[...document.querySelectorAll('td.track')].map(e => [...e.querySelectorAll('i')]).find(m => m.length == 3)"
    places = f"{marks}.slice(1).map(e => e.getBoundingClientRect().left)"
    for name, ordered in (("valley.html", lambda a, b: a < b), ("valley.ar.html", lambda a, b: a > b)):
        begin, by = opened(agreement_pages / name).evaluate(places)
        assert ordered(begin, by)


def test_dark_is_dark_and_print_is_light(opened: Callable[..., Any], agreement_pages: Path) -> None:
    window = opened(agreement_pages / "valley.html", scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert window.evaluate(colour) == "rgb(20, 24, 27)"
    window.emulate_media(media="print")
    assert window.evaluate(colour) == "rgb(255, 255, 255)"
