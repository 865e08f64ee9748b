"""To suppose nothing is to think what the mission thinks: the same code, the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.laws.missions import crowd, make
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.context import Context
from trucewatch.mission.derive import derived_of
from trucewatch.mission.live import Live
from trucewatch.mission.planning import ground_of
from trucewatch.mission.snapshot import snapshot
from trucewatch.planning.supposing import Case, suppose


def check(seed: int) -> None:
    """Also where a fit says what each side's allegations are worth."""
    with scratch() as folder:
        mission = make(below(folder, "m"), crowd(seed))
        full = snapshot(mission.store)
        for alleged in ({}, {"norland": -1.5, "sudland": 0.8}):
            live = Live(Context(mission, replace(full, fit={**full.fit, "alleged": alleged})))
            derived = derived_of(live, live.start())
            ground, _ = ground_of(derived)
            found = suppose(ground, [Case(i) for i in range(ground.incidents.n)])
            rows = {r["incident_id"]: r["p_occurred"] for r in derived.tables["assessments"]}
            assert found.p.tolist() == [rows[f"I{n}"] for n in ground.incidents["number"].tolist()]
            authors = [r["p"] for r in derived.tables["authors"]]
            order = np.argsort(ground.incidents["number"], kind="stable")
            assert found.authors[order].ravel().tolist() == authors


test_to_suppose_nothing_changes_nothing = few(2)(check)
test_to_suppose_nothing_changes_nothing_soak = many(60)(check)
