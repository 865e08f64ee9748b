"""A process that appends and publishes without end until it is killed; it writes how many leaves it acknowledged.

Run as: python -m tests.ledger.crashing FOLDER [early]. With `early` it is broken: it acknowledges before it commits.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.ledger.worlds import Database, entry


def main(folder: Path, early: bool) -> None:
    database = Database(folder / "db")
    log = database.log(folder / "ledger")
    tree = database.tree()
    log.mend(tree, database.entries)
    while True:
        start = database.tree_size()
        count = 1 + start % 7 * 40
        if early:
            acknowledge(start + count)
            time.sleep(0.01)
            database.append([entry(start + k) for k in range(count)])
        else:
            database.append([entry(start + k) for k in range(count)])
            acknowledge(start + count)
        log.publish(database.tree(), database.entries)


def acknowledge(leaves: int) -> None:
    sys.stdout.write(f"{leaves}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] == ["early"])
