"""L2: what is derived is a pure function of the records: updated bit by bit, rebuilt or made anew, the same bytes."""

from __future__ import annotations

import random
from pathlib import Path

from tests.laws.missions import Inputs, Row, crowd, exported, make, new_mission, taken, write_csv
from tests.laws.seeds import below, few, many, scratch
from trucewatch import cli
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest


def in_steps(folder: Path, inputs: Inputs, r: random.Random) -> Mission:
    """A mission whose rows come in runs, in their order, with an update after each."""
    mission = new_mission(folder, inputs)
    first = ("sources", "places")
    steps: list[tuple[str, list[Row]]] = [(name, inputs.tables[name]) for name in first]
    for name in [n for n in inputs.tables if n not in first and n != "claims"]:
        steps.append((name, inputs.tables[name]))
    claims, cuts = inputs.tables["claims"], sorted(r.sample(range(1, len(inputs.tables["claims"])), 4))
    parts = [claims[a:b] for a, b in zip([0, *cuts], [*cuts, len(claims)], strict=True)]
    late = steps[2:]
    r.shuffle(late)
    order = steps[:2]
    for k, part in enumerate(parts):
        order += [("claims", part), *late[k :: len(parts)]]
    for k, (name, rows) in enumerate(order):
        taken(ingest(mission, [write_csv(folder / f"{k}-{name}.csv", rows)]))
        assert cli.run(["update", str(mission.dir)]) == 0
    return mission


def check(seed: int) -> None:
    inputs = crowd(seed)
    with scratch() as folder:
        stepped = in_steps(below(folder, "stepped"), inputs, random.Random(seed))
        updated = exported(stepped)
        at_once = exported(make(below(folder, "at_once"), inputs))
        for name, text in updated.items():
            assert text == at_once[name], f"{name} differs between updates and a mission made at once"
        assert cli.run(["rebuild", str(stepped.dir)]) == 0
        assert exported(stepped) == updated


test_L2_derived = few(3)(check)
test_L2_derived_soak = many(200)(check)


def test_L2_derived_nothing_is_derived_twice_nor_recorded(tmp_path: Path) -> None:
    mission = make(tmp_path, crowd(3, 6))
    first, seq = exported(mission), mission.store.last_seq()
    for command in ("update", "update", "rebuild"):
        assert cli.run([command, str(mission.dir)]) == 0
        assert exported(mission) == first
    assert mission.store.last_seq() == seq
