"""L6: that nobody reported counts only where recorded coverage says that it would have been seen."""

from __future__ import annotations

import math
import random
from collections import defaultdict

import pytest

from tests.laws.missions import SOURCES, T0, Inputs, Row, Tables, crowd, exported, iso, make, tables
from tests.laws.seeds import below, few, many, scratch
from trucewatch.model.times import DAY, HOUR, parse_instant

ABOUT_INCIDENTS = ("incidents", "links", "assessments", "authors", "contributions", "findings")
FULL = {"radius_km": "60", "detection": "0.9", "means": "saw", "acts": "", "lat": "40.0", "lon": "46.0"}


def of(inputs: Inputs, rows: list[Row]) -> Tables:
    with scratch() as folder:
        return tables(exported(make(below(folder, "m"), inputs.with_(coverage=rows, decisions=[]))))


def chances(found: Tables) -> dict[str, float]:
    return {r["incident_id"]: float(r["p_occurred"]) for r in found["assessments"]}


def silences(found: Tables) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = defaultdict(list)
    for row in found["contributions"]:
        if row["kind"] == "silence":
            out[row["incident_id"]].append(row)
    return out


def elsewhere(r: random.Random) -> list[Row]:
    """Coverage that says nothing of any incident: far away, at another time, of unknown detection, of other acts or
    means, of a side, or of a source that nobody approved."""
    whole = {"start": iso(T0 - DAY), "end": iso(T0 + 6 * DAY)}
    return [
        {"source": "mon", **whole, **FULL, "lat": "45.0"},
        {"source": "mon", **FULL, "start": iso(T0 - 9 * DAY), "end": iso(T0 - 8 * DAY)},
        {"source": "mon", **whole, **FULL, "detection": ""},
        {"source": "mon", **whole, **FULL, "acts": "detention"},
        {"source": "fires", **whole, **FULL, "means": "satellite", "acts": "fire"},  # it sees burning, never fire
        {"source": "mod_n", **whole, **FULL}, {"source": "rumour", **whole, **FULL},
    ]  # fmt: skip


def check(seed: int) -> None:
    inputs, r = crowd(seed), random.Random(seed)
    bare = of(inputs, [])
    assert silences(bare) == {}
    unmoved = of(inputs, elsewhere(r))
    for name in ABOUT_INCIDENTS:
        assert unmoved[name] == bare[name], name
    start = T0 + r.randrange(60) * HOUR
    row = {"source": "patrol", "start": iso(start), "end": iso(start + 10 * HOUR), **FULL, "radius_km": "8"}
    covered = of(inputs, [row])
    before, after = chances(bare), chances(covered)
    assert covered["links"] == bare["links"]
    where = {i["incident_id"]: i for i in covered["incidents"]}
    quiet = silences(covered)
    for incident, p in after.items():
        if incident not in quiet:
            assert p == before[incident]
            continue
        assert p <= before[incident]
        assert all(c["source"] == "patrol" and int(c["log_odds"]) < 0 for c in quiet[incident])
        may_have_been_seen(where[incident], row)


def may_have_been_seen(incident: Row, row: Row) -> None:
    """Place and time of the incident, with their blur (of an hour told alone: some hours), touch the coverage."""
    km = math.hypot((float(incident["lat"]) - 40.0) * 111.2, (float(incident["lon"]) - 46.0) * 85.2)
    assert km <= float(row["radius_km"]) + 3 * float(incident["semi_major_km"])
    slack = parse_instant(incident["end"]) - parse_instant(incident["start"]) + 6 * HOUR
    assert parse_instant(incident["start"]) - slack <= parse_instant(row["end"])
    assert parse_instant(incident["end"]) + slack >= parse_instant(row["start"])


test_L6_silence = few(2)(check)
test_L6_silence_soak = many(150)(check)


SHELLING = {
    "claim_id": "c", "source": "mod_n", "published": iso(T0 + 2 * DAY), "stance": "alleges", "act": "fire.mortar",
    "start": iso(T0 + 12 * HOUR), "time_sd_min": "5", "lat": "40.0", "lon": "46.0", "radius_km": "0.5",
}  # fmt: skip
AT_IT = {"source": "mon", **FULL, "radius_km": "5", "start": iso(T0 + 11 * HOUR), "end": iso(T0 + 13 * HOUR)}


@pytest.mark.parametrize(
    ("told", "tells"),
    [
        ({}, True), ({"start": iso(T0 + 8 * HOUR), "end": iso(T0 + 11 * HOUR)}, False),
        ({"start": iso(T0 + 13 * HOUR), "end": iso(T0 + 16 * HOUR)}, False), ({"lat": "40.09"}, False),
        ({"lat": "40.03"}, True), ({"detection": ""}, False), ({"acts": "movement"}, False), ({"acts": "fire"}, True),
        ({"means": "satellite"}, False), ({"source": "mod_s"}, False), ({"source": "rumour"}, False),
    ],
)  # fmt: skip
def test_L6_silence_one_shelling_and_who_could_have_seen_it(told: Row, tells: bool) -> None:
    found = of(Inputs({"sources": SOURCES, "claims": [SHELLING]}), [{**AT_IT, **told}])
    assert bool(silences(found)) == tells
