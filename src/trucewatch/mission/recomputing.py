"""Recomputes what a package tells from the records that it discloses, and compares it with what was published.

Where every record is there the tables must come out the same, byte by byte. Where records or fields are withheld, each
published row either follows from what is disclosed, or it is on the mission's word; and what is told of an incident
must at least add up.
"""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trucewatch.ledger.errors import Malformed, NotVerified
from trucewatch.mission import contents
from trucewatch.mission.derive import Derived, derive_snapshot
from trucewatch.mission.folder import Mission
from trucewatch.mission.keys import MODEL_VERSION
from trucewatch.mission.sealed import Sealed
from trucewatch.mission.snapshot import Payload, Snapshot, Versions, shipped_fit, snapshot
from trucewatch.model.columns import BY_RECORD_KIND, KINDS
from trucewatch.model.errors import Refusal
from trucewatch.model.micronats import MICRO
from trucewatch.publishing import tables
from trucewatch.publishing.package.bag import PAYLOAD
from trucewatch.publishing.package.names import ATTESTED, AUDITOR, FITTED, MISSION, TABLES
from trucewatch.publishing.package.reading import Bag
from trucewatch.publishing.package.records import Shown

_PLACES = ("_place", "_place_protected")
_ROUNDING = 1.01e-4  # of a probability with four decimals, against one made from whole micro-nats
Cells = dict[str, str]


@dataclass
class Recomputed:
    """What came out, in words by the name of the check, numbers, and what to consider."""

    checked: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def recompute(sealed: Sealed) -> Recomputed:
    """Derive from the records of a package what it tells. NotVerified where it does not follow."""
    out = Recomputed()
    body = sealed.body
    if body.get("model") != MODEL_VERSION:
        out.notes.append(
            f"nothing was recomputed: the package was made by model {body.get('model')}, and this program has "
            f"{MODEL_VERSION}. Check it with version {body.get('program')} of the program too"
        )
        return out
    with tempfile.TemporaryDirectory(prefix="trucewatch-verify-") as scratch:
        try:
            mission = _opened(sealed.bag, Path(scratch))
        except Refusal as e:
            out.notes.append(
                f"nothing was recomputed: this program cannot use the settings of the package ({e.faults[0]})"
            )
            return out
        _same_priors(sealed.bag)
        if sealed.whole:
            _whole(sealed, mission, out)
        else:
            _adds_up(sealed.bag, out)
            _disclosed(sealed, mission, out)
    return out


def _opened(bag: Bag, scratch: Path) -> Mission:
    """The mission of a package, without records."""
    top = f"{PAYLOAD}{MISSION}/"
    for name in bag.names(top):
        path = scratch / name.removeprefix(top)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bag.read(name))
    mission = Mission.open(scratch)
    for name in mission.config.agreements:
        path = scratch / name
        if not path.resolve().is_relative_to(scratch.resolve()) or not path.is_file():
            raise NotVerified(f"the package lacks the agreement {name!r} that it names", check="agreements")
        contents.zone_files(path)
    if mission.config.sectors not in {None, "sectors.geojson"}:
        raise NotVerified("the package names areas outside of it", check="agreements")
    return mission


def _same_priors(bag: Bag) -> None:
    """Check that the package's weights are those of this program: with others nothing could be compared."""
    for name, content in contents.fit_files({}).items():
        if not name.endswith("fit.json") and bag.read(PAYLOAD + name) != content:
            raise NotVerified(
                f"{name} is not the table of weights of this version of the program: nothing can be recomputed with it",
                check="weights",
            )


# ---- every record


@dataclass(frozen=True, slots=True)
class _Record:
    seq: int
    id: str
    recorded_at: int
    known_at: int
    payload: Payload


class Disclosed:
    """The records of a whole package, as a snapshot reads them from a store."""

    def __init__(self, shown: Iterable[Shown]) -> None:
        self._records: dict[str, list[_Record]] = defaultdict(list)
        self._ids: dict[str, list[tuple[int, str]]] = defaultdict(list)
        closed: list[tuple[int, str]] = []
        erased: dict[int, str] = {}
        for one in shown:
            if one.payload is None or one.recorded_at is None or one.known_at is None:
                closed.append((one.seq, one.kind))
                continue
            self._records[one.kind].append(_Record(one.seq, one.id, one.recorded_at, one.known_at, one.payload))
            self._ids[one.kind].append((one.seq, one.id))
            if one.kind == "redaction":
                seqs = [int(s) for s in one.payload.get("seqs", ())]
                erased |= {seq: f"erased/{min(seqs)}" for seq in seqs}
        for seq, kind in closed:
            if seq not in erased:
                raise NotVerified(f"record {seq} is held back, and no redaction erased it", check="records")
            self._ids[kind].append((seq, erased[seq]))

    def read(self, kind: str, as_of: int | None = None, known_by: int | None = None) -> Iterator[_Record]:
        """Records of a kind by seq, all versions, under a cut."""
        for r in self._records[kind]:
            if (as_of is None or r.recorded_at <= as_of) and (known_by is None or r.known_at <= known_by):
                yield r

    def ids(self, kind: str) -> list[str]:
        """Ids of all records of a kind by seq, all versions."""
        return [id_ for _, id_ in sorted(self._ids[kind])]


def _whole(sealed: Sealed, mission: Mission, out: Recomputed) -> None:
    at, kind = int(sealed.body["cut"]["at"]), str(sealed.body["cut"]["kind"])
    snap = snapshot(Disclosed(sealed.records()), **{kind: at})
    found = derive_snapshot(mission, snap)
    source = contents.ground(mission, found, AUDITOR, at)
    rows = 0
    made = {name: data for name, data, _ in contents.table_files(source)}
    made |= {n: d for n, d in contents.fit_files(snap.fit).items() if isinstance(d, bytes)}
    for name, data in made.items():
        published = sealed.bag.read(PAYLOAD + name)
        if published != data:
            raise NotVerified(_differs(name, published, data), check="recomputing")
        rows += data.count(b"\n") - 1 if name.endswith(".csv") else 0
    out.counts |= {"recomputed": rows, "rows": rows}
    out.checked["recomputed"] = (
        f"all {len(made)} tables and maps come out of the records the same, byte by byte ({rows:,} rows): "
        "nothing is on the mission's word"
    )


def _differs(name: str, published: bytes, made: bytes) -> str:
    pairs = zip(published.split(b"\n"), made.split(b"\n"), strict=False)
    line = next((k for k, (a, b) in enumerate(pairs, 1) if a != b), None)
    where = f"from line {line} on" if line else "at its end"
    return f"{name} does not follow from the records: it is another {where}. The published table was not made from them"


# ---- some records


def _adds_up(bag: Bag, out: Recomputed) -> None:
    """Check that the weights told of each incident give the probability told of it."""
    sums: Counter[str] = Counter()
    for row in _cells(bag, "contributions"):
        sums[row["incident_id"]] += _number(row["log_odds"], "contributions")
    told = _cells(bag, "assessments")
    for row in told:
        p = 1.0 / (1.0 + math.exp(-sums[row["incident_id"]] / MICRO))
        try:
            off = abs(p - float(row["p_occurred"]))
        except ValueError as e:
            raise Malformed("tables/assessments.csv holds a probability that is no number", check="tables") from e
        if off > _ROUNDING:
            raise NotVerified(
                f"the weights told of incident {row['incident_id']} give {p:.4f}, and the package says "
                f"{row['p_occurred']}: one of them was not what the mission reckoned with",
                check="recomputing",
            )
    out.counts["assessments"] = len(told)
    if told:
        out.checked["sums"] = f"of all {len(told):,} incidents the weights told add up to the probability told"


def _number(text: str, table: str) -> int:
    try:
        return int(text)
    except ValueError as e:
        raise Malformed(f"tables/{table}.csv holds a weight that is no number", check="tables") from e


def _disclosed(sealed: Sealed, mission: Mission, out: Recomputed) -> None:
    """Derive from what is disclosed, and count the published rows that come out the same."""
    fit = json.loads(sealed.bag.read(PAYLOAD + FITTED))
    if fit != shipped_fit() and not any(s.kind == "fit" for s in sealed.records()):
        out.notes.append("the weights of the fit are on the mission's word: they were fitted on all of its records")
    found = derive_snapshot(mission, _snapshot(sealed, fit))
    same, total = _compared(sealed.bag, found)
    for name in total:
        out.counts[f"{name} recomputed"], out.counts[name] = same[name], total[name]
    told = [f"{same[n]:,} of {total[n]:,} {n}" for n in total if total[n]]
    rest = sum(total.values()) - sum(same.values())
    if told:
        out.checked["recomputed"] = "from the records disclosed: recomputed " + ", ".join(told)
    if rest:
        out.notes.append(
            f"{rest:,} rows are on the mission's word: they rest on records or places that were withheld to protect "
            "people. An auditor's package recomputes them"
        )


def _snapshot(sealed: Sealed, fit: Payload) -> Snapshot:
    """What is disclosed as records, and the other rows that the mission lets out on its word."""
    held: dict[str, list[Versions]] = {table: [] for table in KINDS}
    for shown in sealed.records():
        kind = BY_RECORD_KIND.get(shown.kind)
        if kind is None or shown.payload is None:
            continue
        _put(held[_TABLE[shown.kind]], _usable(shown.payload, shown.kind), shown.known_at)
    for line in sealed.bag.lines(PAYLOAD + ATTESTED):
        said = json.loads(line)
        kind = BY_RECORD_KIND.get(said["kind"])
        if kind is not None and kind.name != "claim":
            _put(
                held[_TABLE[kind.name]],
                {k: v for k, v in said["row"].items() if k in kind.names},
                said["row"].get("known_at"),
            )
    known = {v.payload.get("source") for v in held["sources"]}
    for table, versions in held.items():
        required = [c.name for c in KINDS[table].columns if c.required]
        held[table] = [
            v for v in versions
            if all(name in v.payload for name in required) and v.payload.get("source", next(iter(known), None)) in known
        ]  # fmt: skip
    claims = held.pop("claims")
    for number, claim in enumerate(claims, 1):
        claim.number = number
    return Snapshot(claims, held, fit)


_TABLE = {kind.name: table for table, kind in KINDS.items()}


def _put(to: list[Versions], payload: Payload, known_at: int | None) -> None:
    id_ = f"{payload.get('source')}/{payload['claim_id']}" if "claim_id" in payload else str(len(to))
    to.append(Versions(id_, len(to) + 1, payload, known_at or 0))


def _usable(payload: Payload, kind: str) -> Payload:
    """The fields of a record, with the coarse place where that is the one disclosed."""
    out = {k: v for k, v in payload.items() if not k.startswith("_")}
    for name in _PLACES:
        if name in payload and "lat" not in out:
            place = dict(zip(("lat", "lon", "radius_km"), payload[name], strict=True))
            out |= {k: v for k, v in place.items() if v is not None}
    return out


def _compared(bag: Bag, found: Derived) -> tuple[Counter[str], Counter[str]]:
    """By table: how many of the published rows come out of what is disclosed, and how many there are."""
    mine = {t: _as_cells(found, t) for t in ("links", "contributions", "assessments", "findings")}
    theirs = {t: _cells(bag, t) for t in mine}
    names = _pairs(theirs["links"], mine["links"])
    same, total = Counter[str](), Counter[str]()
    for table, rows in theirs.items():
        held = Counter(_key(table, row, None) for row in mine[table])
        for row in rows:
            total[table] += 1
            key = _key(table, row, names)
            if key is not None and held[key] > 0:
                held[key] -= 1
                same[table] += 1
    return same, total


def _pairs(theirs: list[Cells], mine: list[Cells]) -> dict[str, str]:
    """Published incident -> the recomputed one that the same disclosed claims speak of."""
    by_claims = {claims: incident for incident, claims in _claims_of(mine).items()}
    found = {incident: by_claims.get(claims) for incident, claims in _claims_of(theirs).items()}
    return {incident: other for incident, other in found.items() if other is not None}


def _claims_of(links: list[Cells]) -> dict[str, frozenset[tuple[str, str]]]:
    out: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in links:
        if row["incident_id"]:
            out[row["incident_id"]].add((row["source"], row["claim_id"]))
    return {incident: frozenset(claims) for incident, claims in out.items()}


def _key(table: str, row: Cells, names: Mapping[str, str] | None) -> tuple[str, ...] | None:
    """What of a row must be the same; numbers of incidents are counted anew where records are withheld."""
    incident = row["incident_id"]
    other = incident if names is None or not incident else names.get(incident)
    if other is None:
        return None
    return (other, *(v for k, v in row.items() if k not in {"incident_id", "finding_id"}))


def _as_cells(found: Derived, table: str) -> list[Cells]:
    shape = tables.shape(table)
    return [dict(zip(shape.columns, cells, strict=True)) for cells in tables.cells(found.tables[table], shape)]


def _cells(bag: Bag, table: str) -> list[Cells]:
    name = f"{PAYLOAD}{TABLES}/{table}.csv"
    rows = list(csv.DictReader(io.StringIO(bag.read(name).decode("utf-8"), newline="")))
    if any(None in row or None in row.values() for row in rows):
        raise Malformed(f"tables/{table}.csv is no table", check="tables")
    return rows
