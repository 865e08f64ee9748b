"""An exercise as a mission folder, and its score: what the mission found against what happened.

DIR/in holds the input tables, DIR/truth the truth, which nothing but the score reads.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from trucewatch.exercise import World, make_world, score, tables, truth, zones
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import IngestReport, ingest
from trucewatch.model.errors import Fault, Refusal

SETTINGS = "exercise.json"
# The bundled case: ten quiet days, reported on those that the scenes (exercise/scenes.yaml) fill, and on the last.
CASE = {"seed": 11, "days": 10, "regime": "balanced", "tempo": "quiet"}
CASE_DAYS = ("2024-05-09", "2024-05-12", "2024-05-14", "2024-05-15")
ABOUT = (
    "EXERCISE: ten days of an invented truce. No such parties, places or events exist. Every status and every outcome "
    "that a report can show occurs in it. What truly happened lies in truth/; trucewatch exercise DIR --score compares."
)
Row = dict[str, str]


def make(
    folder: Path, seed: int, days: int, regime: str | None, tempo: str, claims: int | None, recorded_at: int
) -> tuple[Mission, IngestReport, World]:
    """Make `folder` the mission of an invented truce and take its tables in; `Refusal` where other files lie there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(Fault(f"{str(folder)!r} is not an empty folder", "Name a new folder: trucewatch exercise DIR"))
    world = make_world(seed, days, regime, tempo, claims, scenes=True)
    inputs = write(world, folder)
    mission = Mission.open(folder)
    return mission, take_in(mission, inputs, recorded_at), world


def make_case(folder: Path, recorded_at: int) -> tuple[Mission, IngestReport]:
    """The bundled case in `folder`; where it lies there already, a second time changes nothing."""
    world = make_world(scenes=True, **CASE)  # type: ignore[arg-type]
    inputs = write(world, folder)
    mission = Mission.open(folder)
    return mission, take_in(mission, inputs, recorded_at)


def take_in(mission: Mission, inputs: Sequence[Path], recorded_at: int) -> IngestReport:
    """Ingest the tables; places first, so that no claim is told to name a place that nobody knows."""
    places = [p for p in inputs if p.stem == "places"]
    report = ingest(mission, places, recorded_at=recorded_at)
    rest = ingest(mission, [p for p in inputs if p not in places], recorded_at=recorded_at)
    counts = {k: v for k, v in {**report.counts, **rest.counts}.items() if v}
    return IngestReport(counts, [*report.warnings, *rest.warnings], (*report.errors, *rest.errors))


def write(world: World, folder: Path) -> list[Path]:
    """Configuration, agreement, sectors, input tables and truth of a world; returns the input files."""
    (folder / "agreements").mkdir(parents=True, exist_ok=True)
    (folder / "mission.yaml").write_text(_packaged("mission.yaml"), "utf-8")
    (folder / "agreements" / "exercise-truce.yaml").write_text(_packaged("agreement.yaml"), "utf-8")
    drawn = zones.zones_geojson(world.land, world.land.ranges)
    (folder / "agreements" / "zones.geojson").write_text(drawn, "utf-8")
    (folder / "sectors.geojson").write_text(zones.sectors_geojson(world.land), "utf-8")
    kept = folder / "truth"
    tables.write(kept / "events.csv", truth.event_cells(world.stories, world.watch))
    tables.write(kept / "claim_event.csv", truth.claim_cells(world.claims, world.claim_ids))
    tables.write(kept / "violations.csv", truth.violation_cells(world.stories, world.land))
    s = world.settings
    told = {"seed": s.seed, "days": s.days, "regime": s.regime, "tempo": s.tempo, "length_km": s.length_km}
    (kept / SETTINGS).write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return world.write(folder / "in")


def _packaged(name: str) -> str:
    return files("trucewatch.exercise").joinpath(name).read_text("utf-8")


@dataclass
class Score:
    """The score of one mission, by part; see `trucewatch.exercise.score`."""

    settings: dict[str, Any]
    linking: dict[str, score.Numbers] = field(default_factory=dict)
    weighing: dict[str, score.Numbers] = field(default_factory=dict)
    reliability: list[score.Numbers] = field(default_factory=list)
    authors: score.Numbers = field(default_factory=dict)
    statuses: dict[str, score.Numbers] = field(default_factory=dict)
    blind: dict[str, score.Numbers] = field(default_factory=dict)
    findings: dict[str, dict[str, int]] = field(default_factory=dict)
    findings_wrong: int = 0
    findings_missed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For --json; numbers rounded to 4 decimals."""
        return _rounded(self.__dict__)  # type: ignore[no-any-return]


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, 4) if isinstance(value, float) else value


@dataclass(frozen=True)
class Truth:
    """DIR/truth as read: events by id with their position, the event of each claim, breaches."""

    events: list[Row]
    position: dict[str, int]
    claims: dict[str, tuple[int, str]]
    broken: dict[tuple[Any, str, str], str]
    settings: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Truth:
        """The truth in DIR/truth; `Refusal` where there is none."""
        if not (folder / SETTINGS).is_file():
            raise Refusal(
                Fault(f"{str(folder.parent)!r} is no exercise: it has no truth", "Make one: trucewatch exercise DIR")
            )
        events = _rows(folder / "events.csv")
        position = {e["event_id"]: k for k, e in enumerate(events)}
        claims = {
            f"{r['source']}/{r['claim_id']}": (position.get(r["event_id"], -1), r["relation"])
            for r in _rows(folder / "claim_event.csv")
        }
        broken = {
            (position[r["event_id"]], r["term"], r["actor"]): r.get("reading", "")
            for r in _rows(folder / "violations.csv")
        }
        return cls(events, position, claims, broken, json.loads((folder / SETTINGS).read_text("utf-8")))

    def flags(self, column: str) -> Any:
        """A true/false column of the events."""
        return np.array([e.get(column) == "true" for e in self.events], dtype=bool)


def _rows(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def score_mission(mission: Mission) -> Score:
    """Compare the mission's present state with DIR/truth."""
    from trucewatch.mission.derive import derive

    known = Truth.read(mission.dir / "truth")
    return Scoring(mission, derive(mission), known).run()


class Scoring:
    """One comparison. Claims are rows of the claim table, incidents its positions, events those of the truth."""

    def __init__(self, mission: Mission, derived: Any, known: Truth) -> None:
        self.mission, self.derived, self.truth = mission, derived, known
        table, linked = derived.stages.table, derived.stages.linked
        refs = sorted(table.refs.items(), key=lambda kv: kv[1])
        pairs = [known.claims.get(ref, (-1, "")) for ref, _ in refs]
        self.story = np.array([p[0] for p in pairs], dtype=np.int64)
        relation = np.array([p[1] for p in pairs], dtype=object)
        self.claims, self.linked = table.table, linked
        scenes = np.array([e["kind"] == "scene" for e in known.events] + [False])
        told = (self.story >= 0) & ~scenes[self.story]
        self.own = told & (relation != "repeats") & (relation != "denies")
        self.told = told
        known_at = self.claims["published"]
        self.incident = linked.incident
        self.event_of = score.majority(np.where(self.own, self.incident, -1), self.story, linked.incidents.n, known_at)
        self.p = np.array([r["p_occurred"] for r in derived.tables["assessments"]], dtype=float)
        self.numbers = linked.incidents["number"]
        order = {r["incident_id"]: k for k, r in enumerate(derived.tables["assessments"])}
        self.assessed = np.array([order[f"I{n}"] for n in self.numbers.tolist()], dtype=np.int64)

    def run(self) -> Score:
        """All parts."""
        out = Score(dict(self.truth.settings))
        self._linking(out)
        self._weighing(out)
        self._authors(out)
        self._blind(out)
        self._findings(out)
        return out

    def _linking(self, out: Score) -> None:
        own, t = np.flatnonzero(self.own), self.claims
        out.linking["trucewatch"] = score.linking(self.story[own], self.incident[own])
        kinds = [str(a).split(".")[0] for a in t["act"][own].tolist()]
        label = score.window(t["lat"][own], t["lon"][own], t["t"][own], kinds)
        out.linking["window 5 km 120 min"] = score.linking(self.story[own], label)
        every = np.flatnonzero(self.told)
        out.linking["trucewatch, repeats and answers too"] = score.linking(self.story[every], self.incident[every])

    def _weighing(self, out: Score) -> None:
        rows = np.flatnonzero(self.event_of >= 0)
        p, event = self.p[self.assessed[rows]], self.event_of[rows]
        happened = self.truth.flags("occurred")[event]
        out.weighing["all"] = score.weighing(p, happened)
        blamed = np.array([e["blamed"] for e in self.truth.events], dtype=object)[event]
        for party in self.mission.parties:
            mine = blamed == party
            out.weighing[f"blamed: {party}"] = score.weighing(p[mine], happened[mine])
        out.reliability = score.reliability(p, happened)
        status = [r["status"] for r in self.derived.tables["assessments"]]
        found = np.array([status[k] for k in self.assessed[rows].tolist()], dtype=object)
        for name in dict.fromkeys(sorted(set(status))):
            mine = found == name
            if mine.any():
                out.statuses[name] = {"incidents": int(mine.sum()), "happened": float(happened[mine].mean())}

    def _authors(self, out: Score) -> None:
        actors: list[str] = []
        shares: dict[str, dict[str, float]] = {}
        for r in self.derived.tables["authors"]:
            shares.setdefault(r["incident_id"], {})[r["actor"]] = r["p"]
            if r["actor"] not in actors:
                actors.append(r["actor"])
        actors = [a for a in actors if a not in {"other", "none"}] + ["other", "none"]
        rows = np.flatnonzero(self.event_of >= 0)
        events = [self.truth.events[k] for k in self.event_of[rows].tolist()]
        kept = [k for k, e in enumerate(events) if e["act"].startswith("fire")]
        p = np.array([[shares[f"I{self.numbers[rows[k]]}"].get(a, 0.0) for a in actors] for k in kept])
        author = [
            actors.index(events[k]["author"] if events[k]["occurred"] == "true" and events[k]["author"] else "none")
            for k in kept
        ]
        out.authors = score.authorship(p.reshape(len(kept), len(actors)), np.array(author, dtype=np.int64))

    def _blind(self, out: Score) -> None:
        """What could not be seen must not look like peace, nor be settled: by whether anybody watched the place."""
        events = self.truth.events
        firing = np.array([e["kind"] == "firing" for e in events], dtype=bool)
        covered, occurred = self.truth.flags("covered"), self.truth.flags("occurred")
        told = np.zeros(len(events), dtype=bool)
        told[self.story[self.own]] = True
        rows = np.flatnonzero(self.event_of >= 0)
        p, event = self.p[self.assessed[rows]], self.event_of[rows]
        for name, here in (("watched", covered), ("not watched", ~covered)):
            mine = here[event]
            out.blind[name] = {
                "events": int((firing & here).sum()),
                "told_of": _share(told[firing & here]),
                "incidents": int(mine.sum()),
                "settled_yes": _share(p[mine] >= 0.95),
                "settled_no": _share(p[mine] < 0.2),
                "settled_no_wrongly": _share(occurred[event][mine & (p < 0.2)]),
            }

    def _findings(self, out: Score) -> None:
        of = {f"I{n}": int(e) for n, e in zip(self.numbers.tolist(), self.event_of.tolist(), strict=True)}
        seen: dict[str, dict[str, Any]] = {}
        for f in self.derived.tables["findings"]:
            if f["incident_id"] is not None and of.get(f["incident_id"], -1) >= 0:
                seen.setdefault(
                    f["finding_id"],
                    {
                        "event": of[f["incident_id"]],
                        "term": f["term"],
                        "actor": f["actor"],
                        "outcome": f["outcome"],
                    },
                )
        verdicts = score.findings(list(seen.values()), self.truth.broken)
        out.findings = {k: dict(v) for k, v in verdicts.rows.items()}
        out.findings_wrong, out.findings_missed = verdicts.wrong, verdicts.missed


def _share(flags: Any) -> float | None:
    return float(flags.mean()) if len(flags) else None


def words(found: Score) -> list[str]:
    """The score as lines of a table."""
    s = found.settings
    lines = [f"EXERCISE, seed {s['seed']}, {s['days']} days, regime {s['regime']}, tempo {s['tempo']}"]
    lines += _table("Linking", found.linking)
    lines += _table("Weighing", found.weighing)
    lines += _table("Who did it", {"fire": found.authors})
    lines += _table("Statuses", found.statuses)
    lines += _table("Blind spots", found.blind)
    lines += _table("Findings by outcome (columns: what truly was)", found.findings)
    lines.append(
        f"Wrongly found to be violations: {found.findings_wrong}; wrongly found to be none: {found.findings_missed}"
    )
    return lines


def _table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    columns: Sequence[str] = list(dict.fromkeys(c for r in rows.values() for c in r))
    first = max([len(title), *(len(r) for r in rows)], default=0)
    out = ["", title.ljust(first) + "".join(f"  {c.replace('_', ' '):>9}" for c in columns)]
    for name, row in rows.items():
        cells = []
        for c in columns:
            v = row.get(c)
            text = "-" if v is None else f"{v:.3f}" if isinstance(v, float) else str(v)
            cells.append("  " + text.rjust(max(9, len(c))))
        out.append(name.ljust(first) + "".join(cells))
    return out
