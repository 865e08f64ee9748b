"""A day with a thousand incidents is a page in two seconds of one core."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

from tests.publishing.report.invented import build
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import write

MOST_S = 2.0


def test_a_thousand_incidents_are_a_page_in_two_seconds(tmp_path: Path) -> None:
    start = datetime.fromisoformat("2021-03-02T19:31:00+04:00")
    rows = []
    for k in range(1000):
        me, other = (("mod_n", "sudland"), ("mod_s", "norland"))[k % 2]
        told = {
            "act": "fire.mortar", "place_of": "impact", "radius_km": "0.5", "place": f"Place {k}", "accused": other,
            "lat": f"{39 + (k // 40) * 0.08:.4f}", "lon": f"{45 + (k % 40) * 0.1:.4f}",
            "start": (start + timedelta(minutes=k * 37 % 1380)).isoformat(),
        }  # fmt: skip
        rows.append(
            {**told, "claim_id": f"a{k}", "source": me, "published": "2021-03-03T19:00:00+04:00", "stance": "alleges"}
        )
    mission = Mission.open(build(tmp_path / "busy", rows))
    times = []
    for _ in range(3):
        begin = time.process_time()
        made = write(mission, "2021-03-03")
        times.append(time.process_time() - begin)
    assert made.incidents == 1000
    assert min(times) <= MOST_S, times
