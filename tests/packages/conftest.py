"""A mission that has published, and the tools to forge what it published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.missions import crowd, make
from trucewatch.mission.folder import Mission
from trucewatch.mission.packing import Package, publish

DAY, AT = "2021-03-03", 1_800_000_000_000_000


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Mission:
    return make(tmp_path_factory.mktemp("mission"), crowd(2, 8))


@pytest.fixture(scope="module")
def public(mission: Mission) -> Package:
    return publish(mission, DAY, "public", AT)


@pytest.fixture(scope="module")
def audit(mission: Mission, public: Package) -> Package:
    """An auditor's package of the same day, published after the public one."""
    return publish(mission, DAY, "auditor", AT)


@pytest.fixture(scope="module")
def keys(mission: Mission, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mission's policy, as somebody outside got it beforehand."""
    from trucewatch.ledger.policy_file import policy_text

    path = tmp_path_factory.mktemp("keys") / "mission.policy.json"
    path.write_text(policy_text(mission.ledger.policy()), "utf-8")
    return path
