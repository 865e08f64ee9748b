"""Which statements could be one told twice: the join in space and time finds what comparing all with all finds."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import HOUR, T0, World, sources
from trucewatch.linking import link, parameters, statements
from trucewatch.mission.snapshot import shipped_fit

P = parameters(shipped_fit())

claim = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["mod_n", "mod_s", "news_n", "mon", "paper"]),
        "stance": st.sampled_from(["alleges", "observes", "denies"]),
        "act": st.sampled_from(["fire.mortar", "fire", "movement.advance"]),
        "start": st.integers(0, 96).map(lambda h: T0 + h * HOUR),
        "hours": st.sampled_from([0, 0, 3, 12, 24, 24 * 20]),
        "lat": st.one_of(st.none(), st.floats(39.0, 41.0)),
        "radius_km": st.sampled_from([None, 0.3, 3.0, 12.0, 25.0, 400.0]),
        "accused": st.sampled_from([None, "norland", "sudland"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(claim, min_size=2, max_size=40), st.sampled_from([0, 100_000]))
def test_the_join_finds_every_pair_that_could_be_one(told: list[dict[str, object]], few: int) -> None:
    w = World(sources())
    for c in told:
        lon = None if c["lat"] is None else 46.0
        end = c["start"] + c["hours"] * HOUR  # type: ignore[operator]
        row = {k: v for k, v in c.items() if v is not None and k != "hours"}
        w.add(0, **row, end=end, published=T0 + 999 * HOUR, **({} if lon is None else {"lon": lon}))
    claims = w.table().table
    rows = np.arange(claims.n)
    small, statements._FEW = statements._FEW, few
    try:
        found = {
            (int(a), int(b))
            for x, y, _ in statements.could_be_one(claims, rows, rows)
            for a, b in zip(x, y, strict=True)
        }
    finally:
        statements._FEW = small
    every = [(a, b) for a, b in itertools.permutations(range(claims.n), 2) if claims["side"][a] == claims["side"][b]]
    near = statements.mismatch(claims, *(np.array([p[k] for p in every], dtype=np.int64) for k in (0, 1)))
    assert found == {p for p, apart in zip(every, near, strict=True) if np.isfinite(apart)}


def test_a_paper_is_its_own_voice_where_an_outlet_that_names_it_was_printed_before_it() -> None:
    w = World(sources())
    words = "Three mortar bombs fell on the mill of Upper Tarn at noon, say people who live beside it."
    base = {"act": "fire.mortar", "lat": 40.0, "lon": 46.0, "radius_km": 2.0, "start": T0, "text": words}
    w.add(0, **base, source="hearsay", stance="reports", origin="paper", published=T0 + HOUR)
    w.add(0, **base, source="paper", stance="alleges", published=T0 + 2 * HOUR)
    w.add(0, **base, source="mon", stance="reports", published=T0 + 3 * HOUR)
    assert link(w.table().table, [], P).voice.tolist() == [1, 1, 1]
