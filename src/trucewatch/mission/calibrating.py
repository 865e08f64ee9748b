"""`trucewatch calibration`: how often a mission is wrong, where truth is known: of exercises.

By method (ours beside plain votes and Dawid and Skene on the same incidents), by regime, by accused side, and what is
false among `corroborated`. The mirror is tried on the mission itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch.exercise import calibration as cal
from trucewatch.mission.exercising import Scoring, Truth
from trucewatch.model.table import Array
from trucewatch.model.vocabulary import RELATIONS

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

OURS, VOTE, COLLAPSED, LEARNED = "trucewatch", "vote, all voices", "vote, copies once", "Dawid-Skene, copies once"
CORROBORATED, TWO = "corroborated or verified", "two sources say so"


@dataclass(frozen=True)
class Case:
    """One exercise: what was stated of each incident and whether it happened, whom it is blamed on, who said what."""

    regime: str
    p: Array
    happened: Array
    blamed: Array
    parties: tuple[str, ...]
    corroborated: Array
    every: cal.Voices
    once: cal.Voices


def read(mission: Mission) -> Case:
    """An exercise with its truth; `Refusal` where there is none."""
    from trucewatch.mission.derive import derive

    known = Truth.read(mission.dir / "truth")
    scoring = Scoring(mission, derive(mission), known)
    rows = np.flatnonzero(scoring.event_of >= 0)
    event = scoring.event_of[rows]
    status = [r["status"] for r in scoring.derived.tables["assessments"]]
    established = [status[k] in ("corroborated", "verified") for k in scoring.assessed[rows].tolist()]
    blamed = np.array([known.events[k]["blamed"] for k in event.tolist()], dtype=object)
    return Case(
        str(known.settings["regime"]), scoring.p[scoring.assessed[rows]], known.flags("occurred")[event], blamed,
        tuple(mission.parties), np.array(established, dtype=bool), _voices(scoring, rows, True),
        _voices(scoring, rows, False),
    )  # fmt: skip


def _voices(scoring: Scoring, rows: Array, repeats: bool) -> cal.Voices:
    """Who supports and who denies each incident `rows`; with those who only repeat, or without."""
    linked = scoring.linked
    at = np.full(linked.incidents.n + 1, -1)
    at[rows] = np.arange(rows.size)
    incident, relation = at[linked.incident], linked.relation
    kinds = {"supports": True, "admits": True, "denies": False} | ({"repeats": True} if repeats else {})
    codes = {RELATIONS.index(name): yes for name, yes in kinds.items()}
    used = (incident >= 0) & np.isin(relation, list(codes))
    said = np.array([codes[r] for r in relation[used].tolist()], dtype=bool)
    source = scoring.claims["source"][used]
    triples = np.unique(np.stack([incident[used], source, said]), axis=1)
    return cal.Voices(
        rows.size, int(scoring.claims["source"].max(initial=-1)) + 1, triples[0], triples[1], triples[2] > 0
    )


def joined(cases: Sequence[Case]) -> dict[str, Any]:
    """Calibration over cases: methods, the diagram of ours, rules, by accused side (in the order of the agreement)."""
    happened = np.concatenate([c.happened for c in cases])
    stated = {
        OURS: np.concatenate([c.p for c in cases]),
        VOTE: np.concatenate([cal.vote(c.every) for c in cases]),
        COLLAPSED: np.concatenate([cal.vote(c.once) for c in cases]),
        LEARNED: np.concatenate([cal.dawid_skene(c.once) for c in cases]),
    }
    rules = {
        CORROBORATED: np.concatenate([c.corroborated for c in cases]),
        TWO: np.concatenate([cal.two_say_so(c.every) for c in cases]),
    }
    sides: dict[str, cal.Quality] = {}
    for k in range(max(len(c.parties) for c in cases)):
        mine = [c for c in cases if k < len(c.parties)]
        names = {c.parties[k] for c in mine}
        name = names.pop() if len(names) == 1 else f"party {k + 1} of its agreement"
        parts = [(c.p[here], c.happened[here]) for c in mine for here in [c.blamed == c.parties[k]]]
        sides[name] = cal.quality(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    return {
        "methods": {name: cal.quality(p, happened) for name, p in stated.items()},
        "diagram": cal.diagram(stated[OURS], happened),
        "rules": {name: cal.surest(called, happened) for name, called in rules.items()},
        "accused": sides,
    }


def calibrate(missions: Sequence[Mission]) -> dict[str, Any]:
    """Calibration of each regime among the missions, and of all of them."""
    cases = [read(m) for m in missions]
    by_regime = {name: [c for c in cases if c.regime == name] for name in dict.fromkeys(c.regime for c in cases)}
    out = {name: joined(mine) for name, mine in by_regime.items()}
    return out if len(by_regime) == 1 else {**out, "all regimes": joined(cases)}


def mirror_holds(mission: Mission) -> bool | None:
    """Whether the mission with two parties exchanged states the same of every incident; None without two parties."""
    from trucewatch.mission.derive import derive
    from trucewatch.mission.mirroring import mirrored

    if len(mission.parties) < 2:
        return None
    with tempfile.TemporaryDirectory(prefix="trucewatch-") as folder:
        here, there = derive(mission).tables, derive(mirrored(mission, Path(folder))).tables
        return all(list(here[name]) == list(there[name]) for name in ("incidents", "assessments"))


def words(found: Mapping[str, Any], mirror: bool | None = None) -> list[str]:
    """Tables in Markdown, for a terminal and for a page alike."""
    out: list[str] = []
    for regime, part in found.items():
        out += [f"## {regime}", ""]
        out += _table("method", part["methods"], ("incidents", "brier", "reliability", "resolution", "log_score"))
        out += _table("called established", part["rules"], ("incidents", "false", "false_at_most", "found"))
        out += _table("blamed on", part["accused"], ("incidents", "happened", "brier", "reliability"))
        bins = {f"{b.start:.1f} to {b.start + 0.1:.1f}": b for b in part["diagram"]}
        out += _table("stated", bins, ("incidents", "stated", "happened", "low", "high"))
    if mirror is not None:
        told = "the same to the last digit" if mirror else "NOT the same: this is a fault of the program"
        out += [f"The two parties exchanged everywhere in the input: what is stated of the incidents is {told}."]
    return out


def _table(first: str, rows: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    head = [first, *(c.replace("_", " ") for c in columns)]
    body = [[name, *(_cell(getattr(row, c)) for c in columns)] for name, row in rows.items()]
    width = [max(len(r[k]) for r in [head, *body]) for k in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(r, width, strict=True)) + " |" for r in [head, *body]]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in width) + "|")
    return [*lines, ""]


def _cell(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


def page(found: Mapping[str, Any], made_by: str) -> str:
    """The same as a page of the documentation."""
    return "\n".join([*_INTRODUCTION, f"Made by `{made_by}`.", "", *words(found)]) + "\n"


_INTRODUCTION = (
    "# How often we are wrong",
    "Truth is known of invented truces alone, so this says how far the method can be trusted where the world is like",
    "them, and nothing of a real mission. Incidents are those that linking found; one that mixes two stories counts as",
    "the story of most of its claims. `brier`: mean square error (less is better); `reliability`: how far the stated",
    "stands from what happened (less is better); `resolution`: how far it parts what happened from what did not (more",
    "is better). `false at most`: with 95 %. `found`: share of all incidents that happened. The bands of the diagram",
    "hold with 90 %.",
    "",
)


def write(path: Path, text: str) -> None:
    """Write the page whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
