"""Where to look next: what visits chosen by `next` tell, against random ones, latest first, and p nearest .5.

Each evening of an exercise so many stops are chosen for the next day from what is known by then; a simulated team goes,
tells what the exercise's own monitors would tell (truth, fading, misread craters), and the mission links and weighs it.
The exercise's own visits after the fact are left out, so that all visits are chosen. Every policy chooses among the
same incidents (open, safe, not visited), each stop serves what lies within reach of it, and chance is the same for all:
what a visit to an event on a day finds is drawn from the event and the day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from trucewatch.exercise import World, codes, make_world, score, tables
from trucewatch.exercise.noise import DAY as DAY_S
from trucewatch.exercise.noise import HOUR as HOUR_S
from trucewatch.exercise.noise import Speech
from trucewatch.exercise.others import _crater, _origin_named
from trucewatch.exercise.parties import told_act
from trucewatch.exercise.pile import Pile
from trucewatch.exercise.settings import habit, regimes
from trucewatch.mission.assess import Assessed
from trucewatch.mission.context import Context
from trucewatch.mission.derive import Derived
from trucewatch.mission.exercising import Truth, take_in, write
from trucewatch.mission.folder import Mission
from trucewatch.mission.live import Live
from trucewatch.mission.planning import Prepared, prepared, rules_of
from trucewatch.mission.snapshot import Versions, newer, snapshot
from trucewatch.model.table import Array
from trucewatch.model.times import parse_instant, report_day
from trucewatch.planning.learned import learned
from trucewatch.planning.plan import content_order
from trucewatch.planning.safety import distance_km, window
from trucewatch.planning.supposing import Case, suppose
from trucewatch.planning.tasks import prospects, weighed
from trucewatch.planning.visits import stops

POLICIES = ("next", "random", "latest first", "p nearest .5")
SEEDS = (1, 2, 3, 4)
DAYS, TEAMS = 8, 4
_REACH_KM, _EACH = 3.0, 6
_FIRST = date(2024, 5, 6)
_NUMBERS = {"time_sd_min", "lat", "lon", "radius_km", "origin_lat", "origin_lon", "origin_radius_km", "obs_lat",
            "obs_lon", "bearing_deg", "bearing_sd_deg"}  # fmt: skip


@dataclass
class Run:
    """What one policy came to in a world. Brier scores are sums over all incidents told of, at the end; `expected`:
    falls by the visits when they are made, over what they may find given the truth: without the luck of single ones.
    """

    visits: int = 0
    served: int = 0
    happened: float = 0.0
    author: float = 0.0
    expected: float = 0.0


@dataclass
class Row:
    """A regime: falls of the summed Brier score per visit, by policy, over the seeds; both questions and each."""

    regime: str
    visits: dict[str, int] = field(default_factory=dict)
    falls: dict[str, tuple[float, float]] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)

    def total(self, policy: str) -> float:
        """Of both questions."""
        return sum(self.falls[policy])


@dataclass(frozen=True)
class Stage:
    """An exercise taken in as a mission, without its own visits; its claims by known time."""

    world: World
    mission: Mission
    truth: Truth
    claims: Sequence[tuple[str, dict[str, Any], int]]
    speech: Speech


def measure(only: str = "", seeds: Sequence[int] = SEEDS) -> Iterator[Row]:
    """A row a regime."""
    for regime in regimes():
        if only not in regime:
            continue
        row = Row(regime, dict.fromkeys(POLICIES, 0), dict.fromkeys(POLICIES, (0.0, 0.0)), dict.fromkeys(POLICIES, 0.0))
        for seed in seeds:
            with tempfile.TemporaryDirectory(prefix="trucewatch-bench-") as name:
                stage = staged(Path(name) / "m", regime, seed)
                none = _played(stage, "", seed)
                for policy in POLICIES:
                    run = _played(stage, policy, seed)
                    row.visits[policy] += run.visits
                    row.expected[policy] += run.expected
                    before, gained = row.falls[policy], (none.happened - run.happened, none.author - run.author)
                    row.falls[policy] = (before[0] + gained[0], before[1] + gained[1])
                stage.mission.store.close()
        row.expected = {p: fall / max(row.visits[p], 1) for p, fall in row.expected.items()}
        row.falls = {p: (a / max(row.visits[p], 1), b / max(row.visits[p], 1)) for p, (a, b) in row.falls.items()}
        yield row


def staged(folder: Path, regime: str, seed: int) -> Stage:
    """The world of a regime as a mission."""
    world = make_world(seed, DAYS, regime, "quiet" if regime != "calm" else "normal")
    inputs = write(world, folder)
    mission = Mission.open(folder)
    take_in(mission, inputs, parse_instant("2024-06-30T00:00:00Z"))
    own = ("aftermath", "forensic")
    rows = [
        (r.id, r.payload, r.known_at)
        for r in mission.store.read("claim")
        if not (r.payload["source"] == "mission" and r.payload.get("means") in own)
    ]
    rows.sort(key=lambda row: row[2])
    return Stage(world, mission, Truth.read(folder / "truth"), rows, Speech.of(world.settings, world.land))


def _played(stage: Stage, policy: str, seed: int) -> Run:
    """All evenings of a world under a policy ("" = nobody goes anywhere)."""
    full = snapshot(stage.mission.store)
    live = Live(Context(stage.mission, replace(full, claims=[])))
    story = {ref: event for ref, (event, _) in stage.truth.claims.items()}
    waiting: list[tuple[str, dict[str, Any], int]] = []
    at, seen, run = 0, set[int](), Run()
    config = stage.mission.config
    r = np.random.default_rng([seed, 77])
    restrictions = [v.payload for v in full.tables["restrictions"]]
    for evening in range(1, DAYS + 1):
        cut = report_day(_FIRST + timedelta(days=evening - 1), config.report_cutoff, config.timezone)[1]
        new = [row for row in waiting if row[2] <= cut]
        waiting = [row for row in waiting if row[2] > cut]
        while at < len(stage.claims) and stage.claims[at][2] <= cut:
            new.append(stage.claims[at])
            at += 1
        _take(live, new)
        if policy:
            derived = _derived(live, live.whole())
            barred = [p for p in restrictions if p["start"] <= cut]
            ready = prepared(derived, _FIRST + timedelta(days=evening), cut, barred)
            events = _events(derived, story)
            chosen = _chosen(policy, ready, stage, evening, seen, events, r)
            run.expected += _expected(stage, ready, chosen, events, evening)
            for stop, served in chosen:
                run.visits += 1
                run.served += len(served)
                seen |= {int(n) for i in served for n in _numbers(derived, i)}
                told = _visit(stage, ready, derived, stop, served, events, evening)
                waiting += told
                story |= {ref: payload.pop("_event") for ref, payload, _ in told}
    _take(live, [*waiting, *stage.claims[at:]])
    return _scored(_derived(live, live.whole()), stage, story, run)


def _take(live: Live, records: Sequence[tuple[str, dict[str, Any], int]]) -> None:
    """Let claims in and link them, as `Live.take` does; they are weighed and judged once, with all others, after it."""
    fresh: dict[str, Versions] = {}
    again = False
    for ref, payload, known_at in records:
        held = fresh.get(ref)
        if held is None and ref in live.table.refs:
            held, again = live.claims[live.table.refs[ref]], True
        if held is None:
            fresh[ref] = Versions(ref, len(live.claims) + len(fresh) + 1, payload, known_at)
        else:
            newer(held, payload, known_at)
    live.claims += fresh.values()
    dirty = live._rebuilt() if again else live.table.extend(list(fresh.values()))
    live.decided = live._resolved()
    live.linker.refresh(live.table.table, dirty, live.decided.links)


def _derived(live: Live, assessed: Assessed) -> Derived:
    linker, linked = live.linker, assessed.linked
    return Derived(assessed.rows, live.context, live.table, live.decided, lambda: (linker, linked), ())


def _numbers(derived: Derived, i: int) -> Array:
    """Numbers of the claims of an incident: they stay what they are when incidents merge."""
    return np.asarray(derived.table.table["number"][derived.stages.linked.incident == i])


def _events(derived: Derived, story: Mapping[str, int]) -> Array:
    """The true event that most claims of each incident speak of, -1 = of none."""
    table, linked = derived.table, derived.stages.linked
    refs = sorted(table.refs.items(), key=lambda kv: kv[1])
    of = np.array([story.get(ref, -1) for ref, _ in refs], dtype=np.int64)
    own = linked.relation == 0
    return score.majority(np.where(own, linked.incident, -1), of, linked.incidents.n, table.table["published"])


def _chosen(
    policy: str, ready: Prepared, stage: Stage, evening: int, seen: set[int], events: Array, r: np.random.Generator
) -> list[tuple[int, list[int]]]:
    """Stops of the next day with the incidents that each serves."""
    outlook, day = ready.outlook, _FIRST + timedelta(days=evening)
    t = outlook.ground.incidents
    member = outlook.ground.incident
    numbers = outlook.ground.claims["number"]
    fresh = {i: a for i, a in outlook.about.items() if not seen & set(numbers[member == i].tolist())}
    outlook = replace(outlook, about=fresh, kinds=("visit",))
    config = stage.mission.config
    rules = rules_of(config.safety)
    pool = [i for i in fresh if prospects(outlook, i)]
    pool = [
        i for i in pool
        if window(rules, ready.known, day, config.timezone, float(t["lat"][i]), float(t["lon"][i])).span is not None
    ]  # fmt: skip
    if policy == "next":
        shift = learned(outlook.ground, outlook.seeing)
        wanted = replace(outlook, about={i: fresh[i] for i in pool}, shift=shift)
        visits = {w.prospect.incident: w for w in weighed(wanted)}
        found = stops(t, visits, pool, _REACH_KM, content_order(t), TEAMS, _EACH)
        return [(s.incident, [i for i, _ in s.serves]) for s in found]
    keys: dict[str, Callable[[int], float]] = {
        "latest first": lambda i: -float(t["t_mean_s"][i]),
        "p nearest .5": lambda i: abs(_p(ready, i) - 0.5),
    }
    order = sorted(pool, key=keys[policy]) if policy in keys else r.permutation(np.array(pool, dtype=int)).tolist()
    return _served(order, pool, t)


def _p(ready: Prepared, i: int) -> float:
    return float(ready.p[i])


def _served(order: Sequence[int], pool: Sequence[int], t: Any) -> list[tuple[int, list[int]]]:
    """The first stops of an order that still serve something, each with the first of the pool within reach."""
    left, out = set(pool), []
    rank = {i: k for k, i in enumerate(order)}
    for i in order:
        if len(out) == TEAMS:
            break
        if i not in left:
            continue
        rows = np.array(sorted(left))
        away = distance_km(float(t["lat"][i]), float(t["lon"][i]), t["lat"][rows], t["lon"][rows])
        near = rows[away <= _REACH_KM]
        served = sorted(near.tolist(), key=rank.__getitem__)[:_EACH]
        left -= set(served)
        out.append((i, served))
    return out


def _chances(stage: Stage, ready: Prepared, stop: int, i: int, event: int, evening: int) -> tuple[float, float]:
    """Chance that a team at a stop finds traces of an event, and that what it finds is measured."""
    stories, t = stage.world.stories, ready.outlook.ground.incidents
    act = int(stories["act"][event])
    days = max(1, round((evening * DAY_S - float(stories["t"][event])) / DAY_S))
    lat, lon = _degrees(stories, event)
    near = float(distance_km(float(t["lat"][stop]), float(t["lon"][stop]), np.array([lat]), np.array([lon]))[0])
    able = bool(stories["occurred"][event]) and near <= _REACH_KM and act <= codes.BURNING
    found = (0.45 if act < 2 else 0.85) * 0.92**days if able else 0.0
    return found, stage.world.settings.number("forensic") if 2 <= act < codes.FIRE else 0.0


def _expected(
    stage: Stage, ready: Prepared, chosen: Sequence[tuple[int, list[int]]], events: Array, evening: int
) -> float:
    """Expected fall of both Brier scores by the visits of an evening, over what they may find given the truth."""
    outlook, cases, chances, truths = ready.outlook, [], [], []
    for stop, served in chosen:
        for i in served:
            event, about = int(events[i]), outlook.about[i]
            if event < 0:
                continue
            found, forensic = _chances(stage, ready, stop, i, event, evening)
            side = int(stage.world.stories["author"][event]) % 2
            right, wrong = codes.PARTIES[side], codes.PARTIES[1 - side]
            bearing = found * forensic * 0.8
            silent = (1 - found) * 0.4
            results = [
                (silent, ()), ((1 - found) * 0.6, (about.no_traces(),)),
                (found - bearing, (about.traces(),)), (bearing * 0.96, (about.bearing(right),)),
                (bearing * 0.04, (about.bearing(wrong),)),
            ]  # fmt: skip
            cases += [Case(i, claims) for _, claims in results]
            chances += [chance for chance, _ in results]
            truths += [stage.truth.events[event]] * len(results)
    if not cases:
        return 0.0
    then = suppose(outlook.ground, cases)
    labels = [*outlook.ground.authors, "other", "none"]
    scores = []
    for k, true in enumerate(truths):
        y = true["occurred"] == "true"
        who = true["author"] if y and true["author"] else "none"
        author = sum((p - (a == who)) ** 2 for a, p in zip(labels, then.authors[k].tolist(), strict=True))
        scores.append((float(then.p[k]) - y) ** 2 + author)
    before = np.repeat(scores[::5], 5)  # the first result of each is that nothing is said
    return float((np.array(chances) * (before - np.array(scores))).sum())


def _visit(
    stage: Stage, ready: Prepared, derived: Derived, stop: int, served: Sequence[int], events: Array, evening: int
) -> list[tuple[str, dict[str, Any], int]]:
    """What a team tells of the incidents that it goes to see, as the exercise's own visits do (exercise/others.py)."""
    out = []
    for i in served:
        event = int(events[i])
        if event < 0:
            continue
        r = np.random.default_rng([stage.world.settings.seed, event, evening])
        one = np.array([event])
        chance, forensic = _chances(stage, ready, stop, i, event, evening)
        u = r.random(3)
        found = bool(u[0] < chance)
        if not found and u[2] < 0.4:
            continue
        out.append(_told(stage, derived, i, one, r, found, found and bool(u[1] < forensic), evening * DAY_S))
    return out


def _degrees(stories: Any, event: int) -> tuple[float, float]:
    lat, lon = tables.degrees(stories["x"][[event]], stories["y"][[event]])
    return float(lat[0]), float(lon[0])


def _told(
    stage: Stage, derived: Derived, i: int, one: Array, r: np.random.Generator, found: bool, measured: bool, went: float
) -> tuple[str, dict[str, Any], int]:
    stories, how = stage.world.stories, habit("mission")
    source = np.array([codes.MISSION])
    where = stage.speech.tell_place(r, how, source, stories["x"][one], stories["y"][one], r.integers(2, size=1))
    t = stories["t"][one] + r.standard_t(3, 1) * 900
    day = r.random(1) < 0.3
    start = np.where(day, np.floor(t / DAY_S) * DAY_S, np.rint(t / HOUR_S) * HOUR_S)
    bearing = np.array([measured]) & (r.random(1) < 0.8)
    first = _first_claim(derived, i)
    answered = codes.ACTS.index(first[1]) if first[1] in codes.ACTS else codes.FIRE
    act = told_act(r, stories["act"][one], how.wrong_act, 0.3) if found else np.array([answered])
    pile = Pile()
    rows = pile.add(
        1, story=one, source=codes.MISSION, stance=codes.OBSERVES if found else codes.DENIES, act=act, start=start,
        end=np.where(day, start + DAY_S, np.nan), published=went + DAY_S + 16 * HOUR_S,
        means=codes.FORENSIC if measured else codes.AFTERMATH, place_of=codes.IMPACT,
        form=8 if measured else 7 if found else 9, accused=np.where(bearing, _origin_named(r, stories, one), -1),
        weapon=np.where(measured & (r.random(1) < 0.7), stories["weapon"][one], -1), **where,
        **_crater(r, stories, one, bearing),
    )  # fmt: skip
    name = f"v{int(went)}-{int(one[0])}"
    cells = tables.claim_cells(rows, [name], stage.world.land)
    payload: dict[str, Any] = {"_event": int(one[0])}
    for key, (value,) in cells.items():
        if value:
            payload[key] = parse_instant(value) if key in {"published", "start", "end"} else value
            payload[key] = float(value) if key in _NUMBERS else payload[key]
    if not found:
        payload["responds_to"] = first[0]
    return f"mission/{name}", payload, int(payload["published"])


def _first_claim(derived: Derived, i: int) -> tuple[str, str]:
    """SOURCE/ID and act of the claim that told an incident first."""
    rows = np.flatnonzero((derived.stages.linked.incident == i) & (derived.stages.linked.relation == 0))
    k = int(rows[np.argmin(derived.table.table["published"][rows])])
    ref = next(ref for ref, row in derived.table.refs.items() if row == k)
    return ref, str(derived.table.table["act"][k])


def _scored(derived: Derived, stage: Stage, story: Mapping[str, int], run: Run) -> Run:
    """Sums of squared errors over all incidents of known event: of "it happened", and of "who did it"."""
    events = _events(derived, story)
    rows = derived.tables["assessments"]
    at = {r["incident_id"]: k for k, r in enumerate(rows)}
    authors: dict[str, dict[str, float]] = {}
    for row in derived.tables["authors"]:
        authors.setdefault(row["incident_id"], {})[row["actor"]] = row["p"]
    for n, event in zip(derived.stages.linked.incidents["number"].tolist(), events.tolist(), strict=True):
        if event < 0:
            continue
        true = stage.truth.events[event]
        y = true["occurred"] == "true"
        who = true["author"] if y and true["author"] else "none"
        run.happened += (rows[at[f"I{n}"]]["p_occurred"] - y) ** 2
        run.author += sum((p - (actor == who)) ** 2 for actor, p in authors[f"I{n}"].items())
    return run


__all__ = ["POLICIES", "Row", "measure", "staged"]
