"""`check`: what is wrong with configuration, agreements and data of a mission, each with its remedy.

Faults are what must be mended (the check fails); notes are what may be meant, but costs knowledge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.agreement.chain import chain_faults, chain_notices
from trucewatch.judging.rulings import Clocks, clocks
from trucewatch.mission.folder import Mission, bundled_agreements
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.vocabulary import PARTY_ROLES

if TYPE_CHECKING:
    from trucewatch.mission.derive import Derived

Row = dict[str, Any]


@dataclass
class CheckReport:
    """What a check found: faults, notes, and what was looked at by count."""

    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def check(folder: Path, deep: bool = False, copy: Path | None = None) -> CheckReport:
    """Look the mission in `folder` over. `Refusal` only where there is no mission to look at.

    `deep`: first every record and file of the ledger, damaged records being put back from `copy`, another folder of
    this mission; where something is wrong there, nothing else is looked at.
    """
    report = CheckReport()
    if not (folder / "mission.yaml").is_file():
        Mission.open(folder)  # tells what is missing
    try:
        mission = Mission.open(folder)
    except Refusal as e:
        report.errors.extend(e.faults)
        return report
    if deep and mission.database.exists():
        _deep(mission, report, copy)
        if report.errors:
            return report
    usable = True
    for part in ("agreements", "sectors"):
        try:
            getattr(mission, part)
        except Refusal as e:
            report.errors.extend(e.faults)
            usable = False
    report.errors.extend(_quarantine(mission))
    if not usable:
        return report
    report.errors.extend(_configuration(mission))
    report.errors.extend(_ledger(mission))
    if mission.database.exists():
        from trucewatch.mission.derive import derive

        derived = derive(mission)
        report.warnings.extend(_agreements(mission, _decided(derived)))
        report.errors.extend(_persons(mission, derived))
        report.warnings.extend(_data(mission, derived))
        report.counts.update({t: len(v) for t, v in derived.snapshot.tables.items() if v})
        report.counts["claims"] = len(derived.claims)
        report.counts["incidents"] = len(derived.tables["incidents"])
    else:
        report.warnings.extend(_agreements(mission, Clocks()))
        report.warnings.append(Fault("nothing was ingested yet", f"trucewatch ingest {mission.dir} FILE..."))
    return report


def _deep(mission: Mission, report: CheckReport, copy: Path | None) -> None:
    from trucewatch.mission.scrubbing import scrub

    found = scrub(mission, copy)
    report.errors.extend(found.errors)
    report.counts.update({"records checked": found.records, "checkpoints checked": found.checkpoints})
    if found.restored:
        seqs = examples(found.restored, 10)
        report.warnings.append(Fault(f"records put back from the copy: {seqs}", "Find out what had changed them"))
    if found.mended:
        files = examples(found.mended, 10)
        report.warnings.append(Fault(f"files of the ledger made anew: {files}", "Find out what had changed them"))


def _ledger(mission: Mission) -> Iterator[Fault]:
    """Whether this copy may be gone on from, from the edge of the tree alone; all the rest is for `--deep`."""
    try:
        if mission.database.exists():
            mission.ledger.look()
    except Refusal as e:
        yield from e.faults


def examples(values: Iterable[Any], most: int = 3) -> str:
    """The first few of some values in order, and how many more."""
    ordered = sorted({str(v) for v in values})
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more


def _quarantine(mission: Mission) -> Iterator[Fault]:
    if not mission.quarantine.is_dir():
        return
    for path in sorted(mission.quarantine.glob("*.csv")):
        yield Fault(
            "rows of this file wait to be mended",
            "Mend them (the last columns say what was found), ingest the file, then remove it",
            f"{mission.quarantine.name}/{path.name}",
        )


def _configuration(mission: Mission) -> Iterator[Fault]:
    seen = Counter(p.id for p in mission.config.people)
    for person, n in seen.items():
        if n > 1:
            yield Fault(
                f"{n} people have the id {person!r}", "Give each an id of its own", "mission.yaml", None, "people"
            )
    ids = Counter(a.id for a in mission.agreements)
    for agreement, n in ids.items():
        if n > 1:
            message = f"{n} entries are the agreement {agreement!r}"
            yield Fault(message, "Name each agreement once", "mission.yaml", None, "agreements")
    yield from chain_faults(mission.agreements)


def _decided(derived: Derived) -> Clocks:
    """The times that people decided for the agreements."""
    stages = derived.stages
    numbers = stages.linked.incidents["number"].tolist()
    return clocks(stages.decided.for_judging(stages.linked, numbers), derived.agreements)


def _agreements(mission: Mission, decided: Clocks) -> Iterator[Fault]:
    yield from chain_notices(mission.agreements, lambda name: name in bundled_agreements())
    for agreement, name in zip(mission.agreements, mission.config.agreements, strict=True):
        file = Path(name).name
        if not any(a.role == "party" for a in agreement.actors):
            yield Fault("the agreement names no party", "Give two actors the role party", file, None, "actors")
        times = agreement.event_times(decided.events.get(agreement.id))
        unset = [name for name, at in times.items() if at is None]
        if unset:
            yield Fault(
                f"events without a time: {examples(unset)}; their terms are pending",
                "Give them a time when they happen, by a decision set_event",
                file,
                None,
                "events",
            )
        vague = [z.id for z in agreement.zones.values() if z.status == "undefined" or z.geometry is None]
        if vague:
            yield Fault(
                f"zones without a line: {examples(vague)}; what depends on them stays undetermined",
                "Add a GeoJSON file where the parties agreed on one",
                file,
                None,
                "zones",
            )


def _persons(mission: Mission, derived: Derived) -> Iterator[Fault]:
    known = {p.id for p in mission.config.people}
    unknown = {d["person"] for d in derived.newest("decisions")} - known
    if unknown:
        yield Fault(
            f"decisions by people who are not in mission.yaml: {examples(unknown)}",
            "Add them under people, with their roles",
            "mission.yaml",
            None,
            "people",
        )


def _data(mission: Mission, derived: Derived) -> Iterator[Fault]:
    claims = derived.claims
    yield from _places(claims)
    yield from _sources(mission, derived)
    yield from _references(derived)
    yield from _coverage(derived)
    for warning in derived.warnings:
        yield Fault(str(warning), "Look at `trucewatch explain` of what is named")
    yield from _complaints(mission, derived)


def _complaints(mission: Mission, derived: Derived) -> Iterator[Fault]:
    """Decisions on complaints that do nothing, and claims that complaints wait for."""
    if not derived.snapshot.tables["complaints"]:
        return
    from trucewatch.mission.registering import notes_of
    from trucewatch.mission.targets import docket_of
    from trucewatch.procedure.road import road

    docket = docket_of(mission, derived)
    for note in notes_of(road(case, (), 0) for case in docket.cases()):
        yield Fault(note, "Look at `trucewatch register --complaint` of that number")


def _places(claims: Sequence[Row]) -> Iterator[Fault]:
    single = [c for c in claims if not c.get("cumulative")]
    unresolved = [c["place"] for c in single if c.get("place") and c.get("lat") is None and c["r_lat"] is None]
    if unresolved:
        yield Fault(
            f"{len(unresolved)} claims name a place that is unknown or has several candidates: {examples(unresolved)}",
            "Add it to places.csv, or write lat, lon and radius_km into the claim",
            "claims",
            None,
            "place",
        )
    nowhere = [c["id"] for c in single if not c.get("place") and c.get("lat") is None]
    if nowhere:
        message = f"{len(nowhere)} claims tell no place: {examples(nowhere)}; they form no incident of their own place"
        yield Fault(message, "Add place, or lat, lon and radius_km, where the source tells it", "claims", None, "lat")
    vague = [c["id"] for c in single if c.get("lat") is not None and c.get("radius_km") is None]
    if vague:
        message = f"{len(vague)} claims have a point of unknown precision: {examples(vague)}; they support, never merge"
        yield Fault(message, "Write radius_km, the circle that holds the place with 95 %", "claims", None, "radius_km")


def _sources(mission: Mission, derived: Derived) -> Iterator[Fault]:
    if not mission.config.approve_sources:
        others = [s for s in derived.sources if s["role"] not in PARTY_ROLES and not s.get("party")]
        unapproved = [s["source"] for s in others if not s.get("approved_by")]
        if unapproved:
            yield Fault(
                f"sources that nobody approved as independent: {examples(unapproved)}; they corroborate nothing",
                "Fill approved_by in sources.csv, or set approve_sources: true in mission.yaml",
                "sources",
                None,
                "approved_by",
            )
    silent = {s["source"] for s in derived.sources} - {c["source"] for c in derived.claims}
    silent -= {c["source"] for c in derived.coverage}
    if silent:
        yield Fault(
            f"sources of which nothing is here: {examples(silent)}",
            "Ingest their claims, or leave them for later",
            "sources",
        )


def _references(derived: Derived) -> Iterator[Fault]:
    known = {c["id"] for c in derived.claims} | {c["claim_id"] for c in derived.claims}
    own = {(c["source"], c["claim_id"]) for c in derived.claims}
    for column in ("responds_to", "retracts"):
        waiting = [
            c["id"]
            for c in derived.claims
            if c.get(column) and c[column] not in known and (c["source"], c[column]) not in own
        ]
        if waiting:
            yield Fault(
                f"{len(waiting)} claims wait for the claim that they name: {examples(waiting)}",
                "Ingest that claim, or mend the reference (SOURCE/ID)",
                "claims",
                None,
                column,
            )
    for table, column in (("tallies", "includes"), ("complaints", "claims")):
        missing = {r for row in derived.newest(table) for r in row.get(column) or () if r not in known}
        if missing:
            yield Fault(
                f"claims named that are not here: {examples(missing)}",
                "Ingest them, or mend the references (SOURCE/ID)",
                table,
                None,
                column,
            )


def _coverage(derived: Derived) -> Iterator[Fault]:
    covered = {c["source"] for c in derived.coverage}
    if derived.claims and not covered:
        yield Fault(
            "nobody's coverage is recorded: silence says nothing anywhere, and no day counts as observed",
            "Ingest coverage.csv: who could see which area, when, with what chance to detect",
            "coverage",
        )
        return
    watching = {s["source"] for s in derived.sources if s["role"] in {"monitor", "peacekeeper", "sensor"}}
    without = {c["source"] for c in derived.claims if c["source"] in watching} - covered
    if without:
        message = f"observers without coverage: {examples(without)}; where they saw nothing is not known"
        yield Fault(message, "Add their patrols and posts to coverage.csv", "coverage", None, "source")
    blind = [c["source"] for c in derived.coverage if c.get("detection") is None]
    if blind:
        message = f"{len(blind)} rows of coverage without a chance of detection ({examples(blind)})"
        yield Fault(
            message, "Fill detection, or leave it: their silence then says nothing", "coverage", None, "detection"
        )
