"""L7: a missing value is null and never guessed; every published number carries its uncertainty."""

from __future__ import annotations

import random
import re
from collections import defaultdict

from tests.laws.missions import Row, Tables, crowd, exported, make, tables
from tests.laws.seeds import below, few, many, scratch

PLACE = ("lat", "lon", "radius_km", "place", "origin_lat", "origin_lon", "origin_radius_km")
ELLIPSE = ("semi_major_km", "semi_minor_km", "azimuth_deg")
_NO_NUMBER = re.compile(r"(?<![\w.])(nan|inf|-inf|NaN|None|NaT)(?![\w.])")


def check(seed: int) -> None:
    r = random.Random(seed)
    inputs = crowd(seed)
    claims = [
        {k: v for k, v in c.items() if k not in PLACE and k not in {"weapon", "killed_low", "killed_high"}}
        if r.random() < 0.3 else c
        for c in inputs.tables["claims"]
    ]  # fmt: skip
    inputs = inputs.with_(claims=claims, decisions=[])  # a person may rule what no number says
    with scratch() as folder:
        texts = exported(make(below(folder, "m"), inputs))
    for name, text in texts.items():
        assert not _NO_NUMBER.search(text), (name, _NO_NUMBER.search(text))
    found = tables(texts)
    as_told(found, claims)
    incidents(found)
    numbers(found)


def as_told(found: Tables, claims: list[Row]) -> None:
    """What a claim leaves open stays open in the export: places by name are never written into a claim."""
    newest = {(c["source"], c["claim_id"]): c for c in claims}
    for row in found["claims"]:
        told = newest[row["source"], row["claim_id"]]
        for column in (*PLACE, "weapon", "means", "accused", "killed_low", "killed_high", "time_sd_min", "handling"):
            assert bool(row[column]) == bool(told.get(column)), (column, row, told)


def incidents(found: Tables) -> None:
    claims = {(c["source"], c["claim_id"]): c for c in found["claims"]}
    members: dict[str, list[Row]] = defaultdict(list)
    voices: dict[str, list[Row]] = defaultdict(list)
    for link in found["links"]:
        assert (link["p_link"] == "") == (link["log_odds"] == "") == (link["incident_id"] == "")
        if link["incident_id"]:
            members[link["incident_id"]].append(claims[link["source"], link["claim_id"]])
            if link["relation"] == "supports":
                voices[link["incident_id"]].append(members[link["incident_id"]][-1])
    for row in found["incidents"]:
        told = members[row["incident_id"]]
        placed = bool(row["lat"])
        known = {bool(row[k]) for k in ELLIPSE}
        assert len(known) == 1, f"half an ellipse: {row}"
        assert placed or known == {False}, f"an ellipse around no place: {row}"
        if placed and known == {False}:  # points whose radius nobody told: how well they are known is unknown
            assert not any(c["radius_km"] for c in voices[row["incident_id"]] if c["lat"]), row
        if not any(c["lat"] or c["place"] for c in told):
            assert row["lat"] == ""
        if known == {True}:
            assert float(row["semi_major_km"]) >= float(row["semi_minor_km"]) > 0
        assert row["start"] <= row["end"]
        assert 0 < float(row["p_act"]) <= 1
        for low in ("killed_low", "killed_high", "injured_low", "injured_high"):
            if not any(c[low] for c in told):
                assert row[low] == "", f"{low} that nobody told: {row}"
        if not any(c["weapon"] for c in told):
            assert row["weapon"] == ""
        if not any(c["place_of"] for c in told):
            assert row["place_of"] == ""


def numbers(found: Tables) -> None:
    for row in found["assessments"]:
        low, p, high = (float(row[k]) for k in ("p_low", "p_occurred", "p_high"))
        assert 0 <= low <= p <= high <= 1
        assert low < high, f"a probability without uncertainty: {row}"
        drops = [row["p_drop_min"], row["p_drop_max"]]
        assert all(drops) or not any(drops)
        if all(drops):
            assert float(drops[0]) <= float(drops[1])
    for row in found["findings"]:
        for p in (row["p_violation"], row["p_in_scope"]):
            assert p == "" or 0 <= float(p) <= 1
        if row["outcome"] in {"indicated", "violation"}:
            assert row["p_violation"] == "" or float(row["p_violation"]) >= 0.95
        if row["outcome"] in {"no violation", "excepted"}:
            assert row["p_violation"] == "" or float(row["p_violation"]) <= 0.05
        if row["p_in_scope"] == "0.0":
            assert row["p_violation"] == "0.0", f"out of scope and yet a violation: {row}"


test_L7_unknown = few(3)(check)
test_L7_unknown_soak = many(300)(check)
