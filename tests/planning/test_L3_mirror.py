"""L3 for planning: exchange two parties in the input, and the plan and what would change our mind are exchanged."""

from __future__ import annotations

import json
from typing import Any

from tests.laws.missions import crowd, make
from tests.laws.seeds import below, few, many, scratch
from tests.laws.test_L3_mirror import exchanged, swapped
from trucewatch.mission.planning import as_dict, next_tasks


def found(mission: Any) -> dict[str, Any]:
    """The plan for two teams, as `next --json` prints it."""
    return as_dict(next_tasks(mission, teams=2, most=10), 2)


def in_order(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan with what stands by party (effort, findings, changes of one size) in an order of its cells."""

    def cells(row: Any) -> str:
        return json.dumps(row, sort_keys=True)

    plan["effort"].sort(key=cells)
    for task in plan["tasks"]:
        task["asked_of"].sort()
    for row in plan["would_change"]:
        for change in row["changes"]:
            change["asked_of"].sort()
        row["changes"].sort(key=cells)
    plan["would_change"].sort(key=cells)
    return plan


def check(seed: int) -> None:
    inputs = crowd(seed)
    with scratch() as folder:
        plain = found(make(below(folder, "plain"), inputs))
        other = found(make(below(folder, "other"), exchanged(inputs)))
        assert plain["tasks"]
        assert plain["would_change"]
        assert in_order(json.loads(swapped(json.dumps(plain)))) == in_order(other)


test_L3_the_plan_of_a_mission_is_exchanged_with_its_parties = few(3)(check)
test_L3_the_plan_of_a_mission_is_exchanged_with_its_parties_soak = many(60)(check)
