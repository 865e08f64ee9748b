"""`when` = throughout, from the file to the finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.missions import SOURCES, T0, Inputs, Row, exported, iso, make, tables
from trucewatch.model.times import DAY, HOUR


def shelling(source: str, when: str, end: int = 12) -> Row:
    """Fire from midnight, six hours before the truce came into force."""
    return {
        "source": source, "claim_id": "1", "published": iso(T0 + DAY), "stance": "observes", "means": "saw",
        "act": "fire.mortar", "start": iso(T0), "end": iso(T0 + end * HOUR) if end else "", "when": when,
        "lat": "40.0", "lon": "46.0", "radius_km": "1", "place_of": "impact", "accused": "norland",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "scope"),
    [
        ((("mon", "throughout", 12),), 1.0), ((("mon", "within", 12),), 0.5), ((("mon", "", 12),), 0.5),
        ((("mon", "throughout", 12), ("patrol", "throughout", 12)), 1.0),
        ((("mon", "throughout", 12), ("patrol", "within", 12)), 0.5),
    ],
)  # fmt: skip
def test_what_lasted_throughout_lasted_into_the_truce(
    tmp_path: Path, told: tuple[tuple[str, str, int], ...], scope: float
) -> None:
    claims = [shelling(*t) for t in told]
    found = tables(exported(make(tmp_path, Inputs({"sources": SOURCES, "claims": claims}))))
    assert len({r["incident_id"] for r in found["links"]}) == 1
    rows = [f for f in found["findings"] if f["term"] == "1" and f["actor"] == "norland"]
    assert {float(f["p_in_scope"]) for f in rows} == {scope}
