"""The page as it was last read by a person. To renew it after reading the new one: TRUCEWATCH_GOLDEN=write."""

from __future__ import annotations

import os
import re
from pathlib import Path

GOLDEN = Path(__file__).parents[2] / "golden" / "tarn-2021-03-03.en.html"


def test_the_page_is_the_one_that_was_read(page: str) -> None:
    shown = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.S)
    if os.environ.get("TRUCEWATCH_GOLDEN") == "write":
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")
