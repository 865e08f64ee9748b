"""The picture of an assessment: each bar begins where the one before it ended, and all of them end at the sum."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from trucewatch.model.micronats import probability
from trucewatch.publishing.explain import Explanation, Part, nats, running, waterfall_svg

SVG = "{http://www.w3.org/2000/svg}"
bars = st.lists(st.tuples(st.text(max_size=60), st.integers(-9_000_000, 9_000_000)), max_size=12)


@given(bars)
def test_the_bars_follow_on_each_other(drawn: list[tuple[str, int]]) -> None:
    spans = running(drawn)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert not spans or spans[-1][1] == sum(w for _, w in drawn)


def test_the_picture_is_well_formed_and_says_in_words_what_it_shows() -> None:
    drawn = [("prior", -1_200_000), ('<mon> & "co"', 2_400_000)]
    root = ET.fromstring(waterfall_svg("Incident I7", drawn))
    assert root.get("role") == "img"
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert f"{probability(1_200_000):.4f}" in str(description.text)
    rects = list(root.iter(f"{SVG}rect"))[1:]
    assert len(rects) == 3
    first, second = (float(r.get("width", 0)) for r in rects[:2])
    assert abs(second / first - 2.0) < 0.01


def test_log_odds_are_written_with_their_sign() -> None:
    assert (nats(1_500_000), nats(-50_000), nats(None)) == ("+1.500", "\N{MINUS SIGN}0.050", "")


def test_an_explanation_as_data_has_its_tables_by_heading() -> None:
    part = Part("Authors", ("actor", "p"), (("norland", 0.4),))
    data = Explanation("I7", "Incident I7", (("act", "fire"),), (part,), object_hash="ab").as_dict()
    assert data["tables"] == {"Authors": [{"actor": "norland", "p": 0.4}]}
    assert data["object_hash"] == "ab"
