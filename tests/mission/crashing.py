"""A process that takes claims into a mission without end until it is killed; it writes what it acknowledged.

Run as: python -m tests.mission.crashing MISSION [early]. With `early` it is broken: it acknowledges before it commits.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from trucewatch.mission.folder import Mission


def main(folder: Path, early: bool) -> None:
    mission = Mission.open(folder)
    store = mission.store
    while True:
        last = store.last_seq()
        count = 1 + last % 5 * 60
        rows = [
            (f"mon/{last + k}", {"source": "mon", "claim_id": str(last + k), "text": "x" * 50}, k) for k in range(count)
        ]
        if early:
            acknowledge(last + count)
            time.sleep(0.01)
        with store.writing() as tx:
            tx.append("claim", rows, recorded_at=time.time_ns() // 1000)
        if not early:
            acknowledge(last + count)


def acknowledge(last: int) -> None:
    sys.stdout.write(f"{last}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] == ["early"])
