"""L2: what is derived is a pure function of the records: updated bit by bit, rebuilt or made anew, the same bytes."""

from __future__ import annotations

import random
from pathlib import Path

from tests.laws.missions import DERIVED, Inputs, Row, crowd, exported, make, new_mission, taken, write_csv
from tests.laws.seeds import below, few, many, scratch
from trucewatch import cli
from trucewatch.mission.derive import derive
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.update import current_tables


def in_steps(folder: Path, inputs: Inputs, r: random.Random) -> Mission:
    """A mission whose rows come in runs, in their order, with an update after each; the last runs are a few claims."""
    mission = new_mission(folder, inputs)
    claims, n = inputs.tables["claims"], len(inputs.tables["claims"])
    cuts = sorted({*r.sample(range(1, n - 30), 2), n - 30, n - 12, n - 5, n - 1})
    parts = [claims[a:b] for a, b in zip([0, *cuts], [*cuts, n], strict=True)]
    late = [name for name in inputs.tables if name not in {"sources", "places", "claims"}]
    early = r.sample(late, len(late) // 2)
    steps: list[dict[str, list[Row]]] = [{"claims": part} for part in parts]
    steps[0] |= {name: inputs.tables[name] for name in ("sources", "places")}
    steps.insert(1, {name: inputs.tables[name] for name in early})
    steps.insert(4, {name: inputs.tables[name] for name in late if name not in early})
    for k, step in enumerate(steps):
        taken(ingest(mission, [write_csv(folder / f"{k}-{name}.csv", rows) for name, rows in step.items()]))
        kept = current_tables(mission)
        anew = derive(mission).tables if len(step.get("claims", "x" * 99)) < 20 else kept
        for table in DERIVED:
            assert list(kept[table]) == list(anew[table]), f"{table} after step {k}"
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


test_L2_derived = few(2)(check)
test_L2_derived_soak = many(200)(check)


def test_L2_derived_nothing_is_derived_twice_nor_recorded(tmp_path: Path) -> None:
    mission = make(tmp_path, crowd(3, 6))
    first, seq = exported(mission), mission.store.last_seq()
    for command in ("update", "update", "rebuild"):
        assert cli.run([command, str(mission.dir)]) == 0
        assert exported(mission) == first
    assert mission.store.last_seq() == seq
