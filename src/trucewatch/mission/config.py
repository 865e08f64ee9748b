"""mission.yaml: what a mission is, and how it reports (design 4). Every key has a default but `id` and `agreements`.

The file is walked as YAML nodes, so that each fault is told with its line, and a clock time stays a clock time.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from trucewatch.model import times
from trucewatch.model import vocabulary as v
from trucewatch.model.columns import FARTHEST_KM, KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.outputs import OUTPUTS, SUMMARIES
from trucewatch.model.yaml_lines import Lines, walk

Share = Annotated[float, Field(ge=0.0, le=1.0)]
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
COLUMN_GROUPS = ("observer_place", "origin_place")
_KNOWN_COLUMNS = frozenset(
    [
        *COLUMN_GROUPS,
        *(n for k in KINDS.values() for n in k.names),
        *(n for names in (OUTPUTS | SUMMARIES).values() for n in names),
    ]
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Bands(_Strict):
    """Lower bounds of the status bands (probabilities); below the first an incident is `unlikely`."""

    unconfirmed: Share = 0.2
    more_likely_than_not: Share = 0.5
    probable: Share = 0.8
    corroborated: Share = 0.95

    @model_validator(mode="after")
    def _ascending(self) -> Bands:
        bounds = (self.unconfirmed, self.more_likely_than_not, self.probable, self.corroborated)
        if list(bounds) != sorted(bounds):
            raise ValueError("the bands must ascend: unconfirmed, more_likely_than_not, probable, corroborated")
        return self


class Outcomes(_Strict):
    """Probabilities of a violation from which (and down to which) an outcome is named."""

    violation: Share = 0.95
    no_violation: Share = 0.05

    @model_validator(mode="after")
    def _apart(self) -> Outcomes:
        if self.no_violation >= self.violation:
            raise ValueError("no_violation must lie below violation")
        return self


class Publication(_Strict):
    """What leaves to the public: delay in hours, coarseness of places in km, and what never leaves."""

    delay_h: float = Field(default=0.0, ge=0.0, le=876_600.0)
    """Hours by which events leave later than they happened; a hundred years at most."""
    place_km: float = Field(default=5.0, ge=0.0, le=FARTHEST_KM)
    """Places leave as the middle of a grid of this width, km; 0 = as they are."""
    time_min: float = Field(default=0.0, ge=0.0, le=1440.0)
    """Times of events leave as whole steps of a clock of so many minutes; 0 = as they are."""
    handling_max: Literal["public", "restricted"] = "public"
    """Up to which handling claims leave as rows; restricted ones without words, ids, source and exact place."""
    min_cell: int = Field(default=3, ge=0)
    """Counts from 1 up to below this are not told in tables of rates."""
    never: tuple[str, ...] = ("text", "observer_place")
    """Columns that never leave; `observer_place` and `origin_place` name groups of columns."""

    @field_validator("never")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in _KNOWN_COLUMNS:
                raise ValueError(f"no column is called {name!r}{_near(name, sorted(_KNOWN_COLUMNS))}")
        return value


class Curfew(_Strict):
    """Clock times of the mission's zone between which nobody is on the road; over midnight where `from` is later."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)
    from_: str = Field(alias="from", pattern=_CLOCK)
    """From when."""
    until: str = Field(pattern=_CLOCK)
    """Until when."""


class Base(_Strict):
    """Where the teams start."""

    lat: float = Field(ge=-90.0, le=90.0)
    """WGS 84 latitude, degrees."""
    lon: float = Field(ge=-180.0, le=180.0)
    """WGS 84 longitude, degrees."""


class Safety(_Strict):
    """Hard filters of `trucewatch next`: a visit that fails one is refused, with the reason. They clear nothing: a
    person signs."""

    fire_hours: float = Field(default=12.0, ge=0.0, le=8760.0)
    """No visit where fire was told within so many hours before the earliest start."""
    fire_km: float = Field(default=3.0, ge=0.0, le=FARTHEST_KM)
    """... and nearer than so many km (beside the uncertainty of its place)."""
    fire_p: Share = 0.5
    """... and it is as likely as this to have happened."""
    mines_km: float = Field(default=1.0, ge=0.0, le=FARTHEST_KM)
    """No visit nearer than so many km to where mines or unexploded ordnance were told of, at any time."""
    mines_p: Share = 0.1
    """... and are as likely as this to have been there."""
    denied_hours: float = Field(default=24.0, ge=0.0, le=8760.0)
    """No visit where access was denied until so many hours before."""
    visit_hours: float = Field(default=1.5, gt=0.0, le=24.0)
    """Hours that a team needs at a place."""
    daylight: bool = True
    """Whether teams are out only between sunrise and sunset."""
    curfew: Curfew | None = None
    """When nobody is on the road; null = no curfew."""
    base: Base | None = None
    """Where teams start; null = the road is not reckoned."""
    road_factor: float = Field(default=1.4, ge=1.0, le=10.0)
    """How much longer the road is than the straight line."""
    speed_kmh: float = Field(default=40.0, gt=0.0, le=200.0)
    """How fast teams travel."""


class Person(_Strict):
    """One who acts for the mission: an id that decisions name, and the offices held."""

    id: str = Field(min_length=1)
    name: str | None = None
    roles: tuple[Literal[v.PEOPLE_ROLES], ...] = ()  # type: ignore[valid-type]


class WitnessKey(_Strict):
    """A witness of the ledger: its public key, where it answers, and whether it belongs to no party."""

    key: str = Field(min_length=1)
    """Its verifier key, one line, as `trucewatch witness` prints it."""
    url: str | None = None
    """Where it answers; null = it is handed checkpoints by other ways."""
    neutral: bool = False
    """true: it belongs to no party."""


class StampAuthority(_Strict):
    """An authority that stamps the time of published checkpoints (RFC 3161)."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$")
    """Its short name, which its files in a package bear."""
    url: str = Field(pattern=r"^https?://")
    """Where it answers."""
    certificates: str
    """File of its root certificates (PEM), relative to this folder."""


class LedgerRules(_Strict):
    """Who co-signs the checkpoints of the ledger, and how many must have before one is believed."""

    witnesses: tuple[WitnessKey, ...] = ()
    """Witnesses that are asked to co-sign."""
    quorum: int = Field(default=0, ge=0)
    """How many of them must have signed."""
    neutral: int = Field(default=1, ge=0)
    """How many of those that signed must belong to no party."""
    each_ingest: bool = True
    """true: witnesses are asked after each intake; false: at publication alone, so that they learn no times."""
    wait_s: float = Field(default=5.0, gt=0, le=60)
    """Seconds after which a witness that has not answered is told as missing."""
    stamps: tuple[StampAuthority, ...] = ()
    """Authorities that stamp the time of each published checkpoint; none by default."""

    @model_validator(mode="after")
    def _possible(self) -> LedgerRules:
        if not self.witnesses and not self.quorum:
            return self
        from trucewatch.ledger.errors import Malformed
        from trucewatch.ledger.keys import KeyType, parse_key

        for witness in self.witnesses:
            try:
                if parse_key(witness.key).type is not KeyType.COSIGNATURE:
                    raise ValueError(f"{witness.key[:40]!r} is no key of a witness")
            except Malformed as e:
                raise ValueError(e.what) from None
        if self.quorum > len(self.witnesses):
            raise ValueError(f"a quorum of {self.quorum} cannot be had of {len(self.witnesses)} witnesses")
        if self.quorum and self.neutral > min(self.quorum, sum(w.neutral for w in self.witnesses)):
            raise ValueError(f"{self.neutral} witnesses of no party cannot be had")
        return self


class MissionConfig(_Strict):
    """mission.yaml, checked. `exercise: true` says that all of it is invented, and every page then says so."""

    id: str = Field(min_length=1)
    """Short name of the mission."""
    name: dict[str, str] = Field(default_factory=dict)
    """Its name by language."""
    languages: tuple[str, ...] = ("en",)
    """Languages of the report, the first being the one that is written by default."""
    agreements: tuple[str, ...] = Field(min_length=1)
    """Agreement files (or ids of bundled ones), a chain: findings name the one in force that day."""
    timezone: str = "UTC"
    """IANA time zone of the report."""
    sectors: str | None = None
    """GeoJSON file of named areas for tallies, trends and coverage."""
    approve_sources: bool = False
    """true: every declared source counts as approved."""
    bands: Bands = Field(default_factory=Bands)
    """Lower bounds of the status bands."""
    outcomes: Outcomes = Field(default_factory=Outcomes)
    """Probabilities that name an outcome."""
    report_cutoff: str = Field(default="19:30", pattern=_CLOCK)
    """Clock time that closes a report's day."""
    publication: Publication = Field(default_factory=Publication)
    """What leaves to the public."""
    safety: Safety = Field(default_factory=Safety)
    """What bars a visit."""
    people: tuple[Person, ...] = ()
    """Who acts for the mission; decisions name their ids."""
    database: str | None = None
    """File of the records; null = trucewatch.db in the folder."""
    clock: Literal["recorded", "known"] = "recorded"
    """Which clock cuts reports: recorded, or known for history that was loaded later."""
    ledger: LedgerRules = Field(default_factory=LedgerRules)
    """Witnesses of the ledger."""
    exercise: bool = False
    """true: all of it is invented, and every page says so."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        times.zone(value)
        return value

    @field_validator("languages")
    @classmethod
    def _languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one language is needed")
        return value

    def title(self, language: str = "en") -> str:
        """The name in that language, else in English, else in any, else the id."""
        return self.name.get(language) or self.name.get("en") or next(iter(self.name.values()), self.id)


def _near(found: str, known: list[str]) -> str:
    near = difflib.get_close_matches(found, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def read_config(path: Path) -> MissionConfig:
    """The checked configuration; `Refusal` with every fault, its line and remedy, when it cannot be used."""
    file = path.name
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise Refusal(
            Fault(
                f"{str(path.parent)!r} is not a mission: it has no mission.yaml",
                "Make one: trucewatch init DIR --agreement FILE",
            )
        ) from None
    except (OSError, UnicodeDecodeError) as e:
        raise Refusal(
            Fault(f"mission.yaml cannot be read ({e.__class__.__name__})", "Save it as UTF-8", file)
        ) from None
    value, lines = walk(text, file)
    if not isinstance(value, dict):
        raise Refusal(Fault("mission.yaml holds no keys", "Write at least id and agreements", file, 1))
    value = {k: val for k, val in value.items() if val is not None or k in {"database", "sectors"}}
    try:
        return MissionConfig.model_validate(value)
    except ValidationError as e:
        raise Refusal(*(_fault(dict(error), lines, file) for error in e.errors())) from None


def _fault(error: dict[str, Any], lines: Lines, file: str) -> Fault:
    path = tuple(error["loc"])
    field = ".".join(map(str, path)) or None
    known = path
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known, 1)
    if error["type"] == "missing":
        return Fault(f"the key {path[-1]!r} is missing", "Write it", file, line, field)
    if error["type"] == "extra_forbidden":
        hint = _near(str(path[-1]), sorted(_keys_at(path[:-1])))
        return Fault(
            f"mission.yaml has no key {path[-1]!r}{hint}",
            "Remove it, or write one of: " + ", ".join(sorted(_keys_at(path[:-1]))),
            file,
            line,
            field,
        )
    message = str(error["msg"]).removeprefix("Value error, ")
    found = error.get("input")
    shown = f"; found {found!r}" if isinstance(found, (str, int, float)) else ""
    return Fault(
        message + shown, "Write a value of the kind that the reference page of mission.yaml names", file, line, field
    )


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = MissionConfig
    inner: dict[str, type[BaseModel]] = {
        "bands": Bands,
        "outcomes": Outcomes,
        "publication": Publication,
        "people": Person,
        "safety": Safety,
    }
    if path and path[0] in inner:
        model = WitnessKey if len(path) > 1 and path[:2] == ("ledger", "witnesses") else inner[str(path[0])]
    return list(model.model_fields)
