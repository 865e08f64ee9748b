"""`agreement show` tells an agreement in each language: what is the program's own is never English in another one."""

from __future__ import annotations

import re

import pytest

from trucewatch.agreement import load
from trucewatch.agreement.describing import describe, lines
from trucewatch.mission.folder import bundled_agreements
from trucewatch.publishing.locale import titles

FILES = bundled_agreements()
OWN = re.compile(r"\b(clock|pending|answered for|no shape|uncertainty|not set|set by|read at|summary|note|reading)\b")


@pytest.mark.parametrize("lang", ["ar", "az", "hy", "ru", "uk"])
@pytest.mark.parametrize("text", ["donbas-2014-09-19", "nk-2020-10-10", "hodeidah-2018-12-13"])
def test_labels_and_remarks_stand_in_the_language(text: str, lang: str) -> None:
    told = list(lines(describe(load(FILES[text]), lang, titles(lang))))
    heads = [line.partition(":")[0].split("(")[0] for line in told]
    assert not [h for h in heads if OWN.search(h)]
    if lang != "az":  # Azerbaijani has Latin letters too
        parts = [h for h in heads if h and not h.startswith(" ") and re.fullmatch(r"[A-Za-z ]+", h)]
        assert not [p for p in parts if p in {"Actors", "Clocks", "Zones", "Terms", "Procedures", "Mechanism", "Notes"}]


def test_ukrainian_tells_the_memorandum_of_minsk() -> None:
    told = "\n".join(lines(describe(load(FILES["donbas-2014-09-19"]), "uk", titles("uk"))))
    assert "Учасники" in told
    assert "сторона" in told
    assert "не ближче 15 км" in told
    assert "набуття чинності" in told
