"""`known.LANG.html`: what was known when, for the incidents that a case names: the state under each cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.mission.cuts import State, state_under
from trucewatch.model.times import parse_instant
from trucewatch.publishing.policy import Policy, release
from trucewatch.publishing.report.known import Stand, Watched, known_page, stand

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission


def watched(pairs: Sequence[Mapping[str, Any]]) -> list[list[Watched]]:
    """The groups of a case file: `events` of {title, claim, next_day}, and `then`: times that all of them share."""
    groups = []
    for pair in pairs:
        later = [parse_instant(str(t)) for t in pair["then"]]
        groups.append(
            [
                Watched(str(e["title"]), str(e["claim"]), (parse_instant(str(e["next_day"])), *later))
                for e in pair["events"]
            ]
        )
    return groups


def write_known(mission: Mission, groups: Sequence[Sequence[Watched]], lang: str, audience: str = "public") -> Path:
    """Write the page into the mission's reports; each time is one state, shared by all incidents."""
    states: dict[int, State] = {}

    def at(moment: int) -> State:
        if moment not in states:
            states[moment] = state_under(mission, known_by=moment)
        return states[moment]

    shown: list[list[tuple[Watched, Sequence[Stand]]]] = [
        [
            (
                one,
                [stand(mission.config, mission.agreements, at(t), one.claim, t, audience) for t in one.times],
            )
            for one in group
        ]
        for group in groups
    ]
    last = states[max(states)]
    policy = Policy.of(mission.config, mission.agreements, last, max(states))
    sources = {str(s["source"]): s for s in release("sources", last.sources, audience, policy)}
    page = mission.reports / f"known.{lang}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(known_page(mission.config, mission.agreements, shown, sources, lang), "utf-8")
    return page
