"""`publish`: a report with all that it rests on as a package that anybody can check, and a record that says so.

The order is what makes it hold: the files first; then a record of kind `publication` with the hash of every one; then
a checkpoint over that record; then proofs that lead from the records shown to that checkpoint. So the signed
checkpoint covers the files, and nothing of the package but the proofs is made after it.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch import __version__
from trucewatch.ledger import base64
from trucewatch.ledger.checkpoints import parse_checkpoint
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.notes import parse
from trucewatch.ledger.policy import Opened
from trucewatch.ledger.policy_file import keys_text, policy_text
from trucewatch.ledger.proofs import inclusion_proof
from trucewatch.ledger.tiles import tiles_of
from trucewatch.ledger.tlog_proof import SUFFIX, TlogProof
from trucewatch.mission import contents
from trucewatch.mission.cuts import State, state_under
from trucewatch.mission.keys import MODEL_VERSION
from trucewatch.mission.ledgering import coarse_fields, told_of_ledger
from trucewatch.mission.reporting import parsed_day, write
from trucewatch.mission.stamping import keep_hashes, stamped
from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import report_day
from trucewatch.publishing.package import bag, records
from trucewatch.publishing.package.bag import Content
from trucewatch.publishing.package.disclosing import is_open, line_of
from trucewatch.publishing.package.names import (
    ATTESTED,
    AUDITOR,
    CHECKPOINT,
    KEYS,
    LEDGER,
    POLICY,
    PROOFS,
    PUBLICATION,
    RECORDS,
    STAMPS,
)
from trucewatch.publishing.policy import check_audience, release
from trucewatch.store.checks import Row
from trucewatch.store.transaction import open_payload

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission
    from trucewatch.publishing.policy import Policy as Gate

# Records up to which every package has the ledger's tree as well, 32 bytes a record: so any two can be compared.
MOST_TILED = 100_000
PUBLISHED = "published"  # the folder of packages in a mission
Payload = dict[str, Any]


@dataclass
class Package:
    """A package that was made. `record`: number of its publication; `opened`: why its checkpoint is believed, None
    where it is not yet, and `why` then says so."""

    path: Path
    record: int
    size: int
    root: bytes
    counts: dict[str, int]
    opened: Opened | None = None
    why: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class Told:
    """What a package says of the records: lines of those with their leaf, lines on the mission's word, numbers shown,
    and how many were held back, by table."""

    lines: list[str] = field(default_factory=list)
    attested: list[str] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)


def publish(
    mission: Mission, day: str, audience: str, recorded_at: int, out: Path | None = None,
    langs: Sequence[str] | None = None, *, hands: int = 1,
) -> Package:  # fmt: skip
    """Write the package of a report day for an audience (public, party:ID, auditor) to `out` (a .zip, or a folder).

    `recorded_at` (microseconds) is when. `Refusal` where the audience is not known, or nothing is recorded. A missing
    witness is among the notes and never waited for.
    """
    if audience != AUDITOR:
        check_audience(audience, mission.actors)
        if audience == "internal":
            raise Refusal(Fault("nothing internal is published", "Write --audience auditor, public or party:ID"))
    moment = report_day(parsed_day(day), mission.config.report_cutoff, mission.config.timezone)[1]
    cut = {"as_of" if mission.config.clock == "recorded" else "known_by": moment}
    target = _target(mission, day, audience, out)
    with tempfile.TemporaryDirectory(prefix="trucewatch-publish-") as scratch, told_of_ledger():
        mission.ledger.publish()
        size = mission.store.last_seq()
        if not size:
            raise Refusal(Fault("nothing is recorded here: there is nothing to publish", "Ingest something first"))
        state = state_under(mission, **cut)
        payload, told, notes = _payload(
            mission, state, audience, day, moment, langs or mission.config.languages, hands, Path(scratch)
        )
        info = bag.info_text(payload, _info(mission, day, audience))
        said = {"audience": audience, "cut": {"at": moment, "kind": next(iter(cut))}, "day": day}
        body = {**said, **_published(payload, info, told), **_ledger(mission, size)}
        number = _recorded(mission, body, size, recorded_at, whole=audience == AUDITOR)
        note = mission.ledger.ask_witnesses()
        tags, made = _sealed(mission, note, number, told, target, whole=audience == AUDITOR)
        stamps, missing = stamped(mission, note)
        tags |= {f"{STAMPS}{name}": data for name, data in stamps.items()}
        bag.write_bag(target, payload, tags, info)
        keep_hashes(mission, number, stamps, recorded_at)
    made.counts = {
        "files": len(payload) + len(tags), "records": len(told.shown), "attested": len(told.attested),
        "withheld": sum(told.withheld.values()),
    }  # fmt: skip
    made.notes = [*notes, *missing, *mission.ledger.told()]
    if audience == AUDITOR:
        made.notes.append("this package holds every record and its salt: hand it to an auditor alone")
    return made


def _published(payload: Mapping[str, Content], info: bytes, told: Told) -> Payload:
    """What a publication says of its files."""
    return {
        "files": {name: bag.sha256_of(c) for name, c in payload.items()},
        "info": sha256(info).hexdigest(),
        "manifest": sha256(bag.manifest({bag.PAYLOAD + n: c for n, c in payload.items()})).hexdigest(),
        "model": MODEL_VERSION,
        "program": __version__,
        "shown": len(told.shown),
        "withheld": dict(sorted(told.withheld.items())),
    }


def _ledger(mission: Mission, size: int) -> Payload:
    """The ledger as it stood when the files were made: what the foot of the report says."""
    return {"records": size, "root": base64.encode(mission.ledger.tree().root(size))}


def _target(mission: Mission, day: str, audience: str, out: Path | None) -> Path:
    """Where the package goes, made sure of before anything is recorded; a published one is never written over."""
    single = out is not None and out.suffix == ".zip"
    folder = mission.dir / PUBLISHED if out is None else out.parent if single else out
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError
    except OSError as e:
        raise Refusal(
            Fault(f"no package can be written to {str(folder)!r}", "Name another folder or a .zip with -o", field="out")
        ) from e
    if single and out is not None:
        if out.exists():
            raise Refusal(Fault(f"{str(out)!r} is there already", "What was published stays: name another file"))
        return out
    stem = "-".join(_slug(part) for part in (mission.config.id, day, audience))
    names = [stem, *(f"{stem}-{k}" for k in range(2, 1_000))]
    return next(p for p in (folder / f"{name}.zip" for name in names) if not p.exists())


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower() or "mission"


def _payload(
    mission: Mission,
    state: State,
    audience: str,
    day: str,
    moment: int,
    langs: Sequence[str],
    hands: int,
    scratch: Path,
) -> tuple[dict[str, Content], Told, list[str]]:
    """Everything below data/, what is told of the records, and notes."""
    reported = write(
        mission, day, langs, audience=contents.gate_audience(audience), out=scratch / "report", hands=hands, paper=True,
        rooted=True,
    )  # fmt: skip
    out: dict[str, Content] = {f"report/{p.name}": p for p in reported.files if p.name != "index.html"}
    source = contents.ground(mission, state, audience, moment)
    told = _everything(mission) if source.policy is None else _disclosed(mission, state, source.policy, audience)
    for name, data, withheld in contents.table_files(source):
        out[name] = data
        told.withheld[Path(name).stem] += withheld
    told.withheld = Counter({k: n for k, n in told.withheld.items() if n})
    out |= contents.mission_files(mission, audience)
    out |= contents.fit_files(state.snapshot.fit)
    out[RECORDS] = _file(scratch / "records.jsonl", told.lines)
    if audience != AUDITOR:
        out[ATTESTED] = _file(scratch / "attested.jsonl", told.attested)
    out["README.txt"] = _readme(mission, day, audience).encode()
    return out, told, list(reported.notes)


def _file(path: Path, lines: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as f:
        f.writelines(lines)
    return path


# ---- records


def _everything(mission: Mission) -> Told:
    """Every record, whole, erased ones closed: for an auditor."""
    told = Told()
    for row in mission.store.rows():
        told.lines.append(_line(row))
        told.shown.append(row.seq)
    return told


def _line(row: Row) -> str:
    if row.sealed is None or row.key is None:
        return records.closed(row)
    return records.whole(row, open_payload(row.seq, row.key, row.sealed))


def _disclosed(mission: Mission, state: State, gate: Gate, audience: str) -> Told:
    """The records that the gate lets out, as far as it does: with their leaf where nobody protected spoke, else as
    rows on the mission's word."""
    told, open_ = Told(), dict[int, tuple[str, Payload, Payload]]()
    numbers = {table: _numbers(mission, kind.name, state) for table, kind in KINDS.items()}
    for table, kind in KINDS.items():
        rows = state.claims if table == "claims" else state.newest(table)
        held = state.snapshot.claims if table == "claims" else state.snapshot.tables[table]
        for row, version in zip(rows, held, strict=True):
            released = release(table, [row], audience, gate)
            if not released:
                continue
            seq = numbers[table].get(version.id)
            if seq is not None and is_open(kind.name, row, gate):
                open_[seq] = (table, version.payload, released[0])
            else:
                told.attested.append(_attested(kind.name, released[0]))
    coarse = coarse_fields(mission.config.publication.place_km, mission.config.timezone)
    for found in mission.store.rows():
        if found.seq not in open_ or found.sealed is None or found.key is None:
            continue
        table, payload, shown = open_[found.seq]
        data = open_payload(found.seq, found.key, found.sealed)
        line = line_of(found, payload, data, shown, coarse(found.kind, payload))
        if line is None:
            told.attested.append(_attested(found.kind, shown))
        else:
            told.lines.append(line)
            told.shown.append(found.seq)
    told.attested.sort()  # not in the order of intake: that would tell which came in together
    return told


def _numbers(mission: Mission, kind: str, state: State) -> dict[str, int]:
    """The number of the record behind the newest version of each id, under the cut of the state."""
    newest: dict[str, tuple[int, int]] = {}
    table = next(t for t, k in KINDS.items() if k.name == kind)
    held = state.snapshot.claims if table == "claims" else state.snapshot.tables[table]
    wanted = {v.id: v for v in held}
    for r in mission.store.read(kind):
        version = wanted.get(r.id)
        if version is not None and r.known_at == version.known_at and r.payload == version.payload:
            newest[r.id] = (r.known_at, r.seq)
    return {id_: seq for id_, (_, seq) in newest.items()}


def _attested(kind: str, row: Mapping[str, Any]) -> str:
    said = {k: v for k, v in row.items() if v is not None}
    return json.dumps({"kind": kind, "row": said}, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


# ---- ledger


def _recorded(mission: Mission, body: Payload, size: int, at: int, *, whole: bool) -> int:
    """Append the publication; its number. `Refusal` where records came in meanwhile that a whole package would lack."""
    with mission.ledger.together(), mission.store.writing() as tx:
        if whole and tx.last_seq() != size:
            raise Refusal(Fault("records came in while the package was made", "Publish again"))
        number = tx.last_seq() + 1
        tx.append("publication", [(f"publication/{number}", body, at)], recorded_at=at)
    return number


def _sealed(
    mission: Mission, note: str, number: int, told: Told, target: Path, *, whole: bool
) -> tuple[dict[str, Content], Package]:
    """The tag files: checkpoint, keys, policy, the publication's record, proofs."""
    checkpoint = parse_checkpoint(parse(note).text)
    ledger = mission.ledger
    if whole and checkpoint.size != number:
        raise Refusal(Fault("records came in while the package was made", "Publish again"))
    policy = ledger.policy()
    made = Package(target, number, checkpoint.size, checkpoint.root, {})
    try:
        made.opened = policy.open(note)
    except LedgerError as e:
        made.why = e.what
    row = next(r for r in mission.store.rows() if r.seq == number)
    tags: dict[str, Content] = {
        CHECKPOINT: note.encode(),
        KEYS: keys_text(policy).encode(),
        POLICY: policy_text(policy).encode(),
        PUBLICATION: _line(row).encode(),
    }
    nodes = ledger.files.nodes(checkpoint.size)
    for seq in [number] if whole else [*told.shown, number]:
        proof = TlogProof(seq - 1, tuple(inclusion_proof(nodes, seq - 1, checkpoint.size)), note)
        tags[f"{PROOFS}{seq}{SUFFIX}"] = str(proof).encode()
    if whole or checkpoint.size <= MOST_TILED:
        for tile in tiles_of(checkpoint.size):
            tags[f"{LEDGER}/{tile.path}"] = ledger.files.read_tile(tile)
    return tags, made


# ---- words


def _info(mission: Mission, day: str, audience: str) -> dict[str, str]:
    return {
        "Source-Organization": mission.config.title(),
        "External-Description": f"Report of {day} for the audience {audience}, with what it takes to check it",
        "External-Identifier": f"{mission.ledger.keys[0].name} {day} {audience}",
        "Bagging-Date": day,
        "Bag-Software-Agent": f"trucewatch {__version__}",
    }


def _readme(mission: Mission, day: str, audience: str) -> str:
    told = "every record of the mission" if audience == AUDITOR else "the records that were published"
    return f"""{mission.config.title()}: report of {day}, for the audience {audience}

report/    the report, as pages for a browser and for paper
tables/    every table behind it (CSV); map/ the same places for a map program (GeoJSON)
mission/   the agreements that were judged against, the areas, the settings
fit/       the shipped table of weights, and what was fitted but for the worth of each side's allegations
records/   {told}, each with what proves that it stands in the ledger
../ledger/ the signed head of the ledger, keys, witnesses, proofs

To check all of it, without a network:   trucewatch verify PACKAGE.zip --keys KEYS
KEYS is what the mission gave you earlier, or published elsewhere: never trust the keys of a package alone.
With other tools:   sha256sum -c manifest-sha256.txt   and   bagit.py --validate FOLDER
"""
