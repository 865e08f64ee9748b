"""`init`: a new mission folder, and a template of each input table whose two example rows fit its agreement.

The examples stand in the one table of columns; here actors, days, place and zone of the agreement take their places.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from trucewatch.mission.folder import Mission, bundled_agreement, bundled_agreements
from trucewatch.model.columns import KINDS, Column, Kind
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import from_us, zone

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement

_EXAMPLE_START = date(2021, 3, 1)  # the truce of the examples begins on this day
_EXAMPLE_PLACE = (40.3, 46.7)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2})?([+-]\d{2}:\d{2})?\Z")


def init(folder: Path, agreements: Sequence[str], history: bool = False) -> tuple[Mission, list[Path]]:
    """Make `folder` a mission under the chain `agreements` (files, or ids of bundled ones); its templates are told.

    `Refusal` when it is a mission already, a file is not there, or an agreement has faults; then nothing is made.
    """
    from trucewatch.agreement import load
    from trucewatch.agreement.schema import SCHEMA_FILE, schema_text, with_editor_line

    if (folder / "mission.yaml").exists():
        raise Refusal(Fault(f"{str(folder)!r} is a mission already", "Name another folder"))
    if folder.exists() and not folder.is_dir():
        raise Refusal(Fault(f"{str(folder)!r} is a file, not a folder", "Name another folder"))
    sources = [_agreement_source(name) for name in agreements]
    loaded = [load(path) for path in sources]
    copies = [pair for path in sources for pair in _copies(path)]
    (folder / "agreements").mkdir(parents=True, exist_ok=True)
    for source, relative in copies:
        target = folder / "agreements" / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        content = source.read_bytes()
        target.write_bytes(with_editor_line(content) if source in sources else content)
    (folder / "agreements" / SCHEMA_FILE).write_text(schema_text(), "utf-8")
    names = [f"agreements/{path.name}" for path in sources]
    written = write_templates(folder / "in", loaded)
    (folder / "mission.yaml").write_text(_mission_yaml(folder, names, loaded, history), "utf-8")
    return Mission.open(folder), written


def _agreement_source(name: str) -> Path:
    path = Path(name)
    if path.is_file():
        return path
    bundled = bundled_agreement(name) if not path.exists() else None
    if bundled is None:
        known = ", ".join(bundled_agreements()) or "none"
        what = "is a folder" if path.is_dir() else "is not there"
        raise Refusal(Fault(f"{name!r} {what}", f"Name an agreement file, or one of the bundled: {known}"))
    return bundled


def _copies(path: Path) -> list[tuple[Path, Path]]:
    """The agreement file and the zone files that it names: (source, path relative to agreements/)."""
    out = [(path, Path(path.name))]
    document = yaml.safe_load(path.read_text("utf-8-sig"))
    for one in document.get("zones") or []:
        file = one.get("file") if isinstance(one, dict) else None
        if not file:
            continue
        relative = Path(str(file))
        if relative.is_absolute() or ".." in relative.parts:
            raise Refusal(
                Fault(
                    f"the zone file {str(file)!r} lies outside the agreement's folder",
                    "Put it beside the agreement file and name it from there",
                    path.name,
                )
            )
        out.append((path.parent / relative, relative))
    return out


def _mission_yaml(folder: Path, names: Sequence[str], loaded: Sequence[Agreement], history: bool) -> str:
    first = loaded[0]
    languages = list(dict.fromkeys(["en", *(lang for a in loaded for lang in a.title)]))
    title = {lang: words for lang, words in first.title.items() if words}
    clock = "known" if history else "recorded"
    identity = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or first.id
    return f"""\
# A mission of Trucewatch. What is wrong in here is told by `trucewatch check`.
id: {json.dumps(identity)}
name: {json.dumps(title, ensure_ascii=False)}
languages: {json.dumps(languages)}
agreements:                     # a chain: findings name the one in force that day
{"".join(f"  - {json.dumps(n, ensure_ascii=False)}{chr(10)}" for n in names)}\
timezone: {first.timezone}            # of the report
sectors: null                   # a GeoJSON file of named areas for tallies, trends and coverage
approve_sources: false          # true: every declared source counts as approved
bands: {{unconfirmed: 0.2, more_likely_than_not: 0.5, probable: 0.8, corroborated: 0.95}}
outcomes: {{violation: 0.95, no_violation: 0.05}}
report_cutoff: "19:30"          # closes a report's day
publication: {{delay_h: 0, place_km: 5, handling_max: public, min_cell: 3, never: [text, observer_place]}}
people: []                      # as {{id: p1, name: ..., roles: [analyst]}}
database: null                  # null: trucewatch.db in this folder
clock: {clock}{" " * (24 - len(clock))} # recorded, or known: for history that was loaded later
"""


@dataclass(frozen=True)
class Fit:
    """What of an agreement goes into the examples: two actors, the shift in days, zone of time, place and zone id."""

    actors: tuple[str, str]
    days: int
    timezone: str
    place: tuple[float, float]
    area: str
    term: str
    act: str

    @classmethod
    def of(cls, agreements: Sequence[Agreement]) -> Fit:
        """From the first agreement's first two parties, its first event, its first zone with a shape, first ban."""
        first = agreements[0]
        parties = [a.id for a in first.parties or first.actors] or ["party_a"]
        began = _begin(first)
        zones = list(first.zones.values())
        shapes = [z.geometry for z in zones if z.geometry is not None]
        middle = (shapes[0].centroid.y, shapes[0].centroid.x) if shapes else _EXAMPLE_PLACE
        acts = [act for t in first.terms if t.kind == "prohibition" for act in t.acts]
        return cls(
            (parties[0], parties[-1] if len(parties) == 1 else parties[1]),
            (began - _EXAMPLE_START).days,
            first.timezone,
            middle,
            zones[0].id if zones else "zone_1",
            first.terms[0].id if first.terms else "1",
            acts[0] if acts and acts[0] != "fire" else "",
        )

    def cell(self, table: str, column: Column, example: str) -> str:
        """The example made to fit; empty stays empty, but for the zone that a `control` row cannot do without."""
        if column.refers == "zone" and column.required:
            return self.area
        if not example:
            return ""
        fitters: dict[str, Callable[[str], str]] = {
            "lat": lambda x: f"{float(x) - _EXAMPLE_PLACE[0] + self.place[0]:.4g}",
            "latitude": lambda x: f"{float(x) - _EXAMPLE_PLACE[0] + self.place[0]:.4g}",
            "lon": lambda x: f"{float(x) - _EXAMPLE_PLACE[1] + self.place[1]:.4g}",
            "longitude": lambda x: f"{float(x) - _EXAMPLE_PLACE[1] + self.place[1]:.4g}",
            "tz": lambda _: self.timezone,
            "term": lambda _: self.term,
        }
        if column.name in fitters:
            return fitters[column.name](example)
        if column.type == "time":
            return self._moment(example)
        if self.act and table == "claims" and column.refers == "act":
            return self.act
        for name, actor in zip(("party_a", "party_b"), self.actors, strict=True):
            example = example.replace(name, actor)
        return example

    def _moment(self, example: str) -> str:
        match = _DAY.match(example)
        if match is None:
            return example
        day = date.fromisoformat(match[1]) + timedelta(days=self.days)
        if match[2] is None:
            return day.isoformat()
        return datetime.fromisoformat(f"{day}{match[2]}").replace(tzinfo=zone(self.timezone)).isoformat()


def _begin(agreement: Agreement) -> date:
    """The local day of the first event of the agreement that has a time, else the examples' own."""
    known = [at for at in agreement.event_times().values() if at is not None]
    return from_us(min(known)).astimezone(zone(agreement.timezone)).date() if known else _EXAMPLE_START


def template(kind: Kind, fit: Fit) -> str:
    """The CSV text of a template: header and two example rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(kind.names)
    for i in range(2):
        writer.writerow([fit.cell(kind.table, column, column.example[i]) for column in kind.columns])
    return out.getvalue()


def write_templates(folder: Path, agreements: Sequence[Agreement]) -> list[Path]:
    """Write `TABLE.csv` of every input table into `folder`; the paths, in the order of intake."""
    folder.mkdir(parents=True, exist_ok=True)
    fit = Fit.of(agreements)
    paths = []
    for table, kind in KINDS.items():
        path = folder / f"{table}.csv"
        path.write_text(template(kind, fit), "utf-8")
        paths.append(path)
    return paths
