"""A real browser for the pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


def chromium() -> str | None:
    """Where Chromium is on this machine."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser; the tests that need one are skipped by name where there is none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is found: install it, as in apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a file in a window of a width and colour scheme; every request that is no file is remembered as `asked`."""
    contexts = []

    def open_(path: Path, width: int = 1200, scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        window = context.new_page()
        window.asked = []
        window.on("request", lambda r: window.asked.append(r.url))
        window.goto(path.as_uri())
        return window

    yield open_
    for context in contexts:
        context.close()
