"""L11: the order of rows, of files and of parts changes nothing but the numbers in ids."""

from __future__ import annotations

import random
from pathlib import Path

from tests.laws.missions import (
    Inputs,
    Row,
    by_content,
    crowd,
    differences,
    exported,
    make,
    new_mission,
    tables,
    taken,
    write_csv,
    write_inputs,
)
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest


def shuffled(rows: list[Row], r: random.Random) -> list[Row]:
    """The rows in another order."""
    return r.sample(rows, len(rows))


def in_parts(folder: Path, inputs: Inputs, r: random.Random) -> Mission:
    """A mission whose files came in parts, in any order, but sources before what they say."""
    mission = new_mission(folder, inputs)
    taken(ingest(mission, [write_csv(folder / "sources.csv", shuffled(inputs.tables["sources"], r))]))
    parts: list[tuple[str, list[Row]]] = []
    for name, rows in inputs.tables.items():
        if name != "sources":
            mixed, cut = shuffled(rows, r), r.randrange(len(rows) + 1)
            parts += [(name, part) for part in (mixed[:cut], mixed[cut:]) if part]
    for k, (name, rows) in enumerate(r.sample(parts, len(parts))):
        taken(ingest(mission, [write_csv(folder / f"{k}-{name}.csv", rows)]))
    return mission


def check(seed: int) -> None:
    inputs, r = crowd(seed), random.Random(seed)
    with scratch() as folder:
        plain = by_content(tables(exported(make(below(folder, "plain"), inputs))))
        other = new_mission(below(folder, "rows"), inputs)
        files = write_inputs(below(folder, "files"), inputs, lambda rows: shuffled(rows, r))
        taken(ingest(other, r.sample(files, len(files))))
        assert differences(plain, by_content(tables(exported(other)))) == []
        parts = in_parts(below(folder, "parts"), inputs, r)
        assert differences(plain, by_content(tables(exported(parts)))) == []


test_L11_order = few(2)(check)
test_L11_order_soak = many(150)(check)


def test_L11_order_of_two_versions_known_at_one_time_the_later_intake_counts(tmp_path: Path) -> None:
    inputs = crowd(4, 4)
    first = inputs.tables["claims"][0]
    versions = [{**first, "weapon": weapon} for weapon in ("mortar.82mm", "mortar.120mm")]
    for k, order in enumerate((versions, versions[::-1])):
        mission = make(tmp_path / str(k), inputs.with_(claims=[order[0]]))
        taken(ingest(mission, [write_csv(tmp_path / f"{k}.csv", [order[1]])]))
        (row,) = tables(exported(mission))["claims"]
        assert row["weapon"] == order[1]["weapon"]
