"""The one table of input columns (design 4): from it come templates, validation, error texts and the reference page.

A column's `type` says how a cell is read; see `TYPES`. `known_as` marks the column that dates a record (two clocks,
design 1): the later of `published` and `obtained`, else the end of the record's interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trucewatch.model import vocabulary as v

# Beyond these a cell is a slip of the pen: half the way round the earth, years of a mission, a year of minutes.
FARTHEST_KM = 20_040.0
FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST = 10**9
LONGEST_ID = 200

TYPES = {
    "word": "an id or short word without spaces at its ends",
    "text": "free words",
    "time": "RFC 3339 with offset, as 2020-10-10T12:00:00+04:00; a bare date where the source has a time zone",
    "number": "a finite decimal number",
    "integer": "a whole number",
    "flag": "true or false",
    "enum": "one of a closed list",
    "list": "words separated by ;",
    "json": "a JSON object",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, type, meaning, and what a cell must satisfy (`low`, `high` inclusive unless `open_low`)."""

    name: str
    type: str
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    refers: str | None = None  # source, actor, act, acts, zone, sector, claim, term
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    example: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Kind:
    """A record kind that comes as a table: its columns and what identifies a record among its versions."""

    name: str  # singular: the record kind
    table: str  # plural: the file and export name, and the value of --as
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()  # empty: known by content
    meaning: str = ""
    names: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(c.name for c in self.columns))

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the contract has none."""
        return self.columns[self.names.index(name)] if name in self.names else _missing(name)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that a file must have and a row must fill."""
        return tuple(c.name for c in self.columns if c.required)


def _missing(name: str) -> Column:
    raise KeyError(name)


def _c(name: str, type_: str, meaning: str, **more: object) -> Column:
    return Column(name, type_, meaning, **more)  # type: ignore[arg-type]


def _lat(name: str = "lat", **more: object) -> Column:
    return _c(name, "number", "WGS 84 latitude, degrees", low=-90.0, high=90.0, **more)


def _lon(name: str = "lon", **more: object) -> Column:
    return _c(name, "number", "WGS 84 longitude, degrees", low=-180.0, high=180.0, **more)


def _radius(name: str, meaning: str, **more: object) -> Column:
    return _c(name, "number", meaning, low=0.0, high=FARTHEST_KM, open_low=True, **more)


def _count(name: str, meaning: str) -> Column:
    return _c(name, "integer", meaning, low=0.0, high=MOST)


_START = "start of the interval; a bare start with empty end is that local day"
_END = "end of the interval, exclusive; empty = instant; a bare end includes its day"
_RADIUS = "radius of the circle, km"

CLAIM = Kind(
    "claim",
    "claims",
    (
        _c("claim_id", "word", "unique within the source; same content again is skipped, other content is a new version", required=True, example=("n-001", "m-001")),
        _c("source", "word", "source id, declared in sources.csv", required=True, refers="source", example=("party_a", "mission")),
        _c("published", "time", "when the source said it; a bare date is known at its end", required=True, example=("2021-03-02T18:00:00+04:00", "2021-03-02T20:30:00+04:00")),
        _c("stance", "enum", "alleges, observes (perceived it itself), admits, denies, reports (passes on, does not vouch)", required=True, choices=v.STANCES, example=("alleges", "observes")),
        _c("act", "word", "code of the act taxonomy", required=True, refers="act", example=("fire.mortar", "fire.mortar")),
        _c("start", "time", _START, required=True, example=("2021-03-02T14:10:00+04:00", "2021-03-02")),
        _c("end", "time", _END),
        _c("when", "enum", "within: once, inside the interval (default); throughout", choices=v.WHENS, example=("within", "within")),
        _c("obtained", "time", "when it reached us"),
        _c("time_sd_min", "number", "standard deviation of a stated instant, minutes; empty = from the fit; never 0", low=0.0, high=525_600.0, open_low=True),
        _lat(example=("40.12", "")),
        _lon(example=("46.91", "")),
        _radius("radius_km", "radius of the circle that holds the place with 95 %, km (sigma = radius / 2.448); empty = unknown: supports, never merges", example=("2", "")),
        _c("place", "text", "name; used with the gazetteer where lat and lon are empty"),
        _c("place_of", "enum", "what the place is: impact, origin or presence; empty = unknown", choices=v.PLACE_OF, example=("impact", "")),
        _lat("origin_lat"),
        _lon("origin_lon"),
        _radius("origin_radius_km", "radius of the circle that holds the origin with 95 %, km"),
        _c("means", "enum", "how it was perceived; aftermath = saw its traces soon after; told = learned from others", choices=v.MEANS, example=("", "heard")),
        _lat("obs_lat"),
        _lon("obs_lon"),
        _c("bearing_deg", "number", "true direction from the observer, degrees", low=0.0, high=360.0),
        _c("bearing_sd_deg", "number", "standard deviation of the direction, degrees", low=0.0, open_low=True, high=180.0),
        _c("range_km_low", "number", "least distance from the observer, km", low=0.0, high=FARTHEST_KM),
        _c("range_km_high", "number", "greatest distance from the observer, km", low=0.0, high=FARTHEST_KM),
        _c("accused", "word", "actor id of the agreement, or other:WORDS, or empty", refers="actor", example=("party_b", "")),
        _c("victim", "word", "actor id of the agreement, or other:WORDS, or empty", refers="actor"),
        _c("weapon", "text", "code of weapons.yaml, or free words (= unknown class)"),
        _c("target", "text", "code or free words"),
        _count("count_low", "how many, at least"),
        _count("count_high", "how many, at most"),
        _c("unit", "enum", "what is counted", choices=v.UNITS),
        _count("killed_low", "killed, at least"),
        _count("killed_high", "killed, at most"),
        _count("injured_low", "injured, at least"),
        _count("injured_high", "injured, at most"),
        _c("who", "enum", "who was killed or injured", choices=v.WHO),
        _c("cumulative", "flag", "true for running totals, which speak of no single event"),
        _c("responds_to", "word", "claim denied or admitted: SOURCE/ID, or a bare ID where only one source has it", refers="claim"),
        _c("retracts", "word", "claim withdrawn: SOURCE/ID, or a bare ID of the own source", refers="claim"),
        _c("origin", "word", "id of the source that this one repeats", refers="source"),
        _c("handling", "enum", "public, restricted, confidential; default: the source's", choices=v.HANDLING),
        _c("consent", "enum", "what the speaker agreed to", choices=v.CONSENT),
        _c("lang", "word", "language of the words, BCP 47"),
        _c("url", "text", "where the words are"),
        _c("text", "text", "the words themselves"),
    ),
    ("source", "claim_id"),
    "one statement about one event: who says what happened, where, when, how precisely, by whom",
)  # fmt: skip

SOURCE = Kind(
    "source",
    "sources",
    (
        _c("source", "word", "source id", required=True, example=("party_a", "mission")),
        _c("name", "text", "name as printed", required=True, example=("Defence ministry of A", "Monitoring mission")),
        _c("role", "enum", "what kind of voice it is", required=True, choices=v.ROLES, example=("party", "monitor")),
        _c("party", "word", "aligned actor id, or empty", refers="actor", example=("party_a", "")),
        _c("parent", "word", "source id that it copies from", refers="source"),
        _c("tz", "word", "IANA time zone of its bare dates", example=("Asia/Baku", "Asia/Baku")),
        _c("handling", "enum", "default handling of its claims (restricted when empty)", choices=v.HANDLING, example=("public", "restricted")),
        _c("approved_by", "text", "who approved it as independent; empty = never independent", example=("mission", "mission")),
    ),
    ("source",),
    "who speaks: id, name, role, aligned party or none, parent it copies from",
)  # fmt: skip

COVERAGE = Kind(
    "coverage",
    "coverage",
    (
        _c("source", "word", "the observer's source id", required=True, refers="source", example=("mission", "mission")),
        _c("start", "time", _START, required=True, example=("2021-03-02T08:00:00+04:00", "2021-03-03T08:00:00+04:00")),
        _c("end", "time", _END, example=("2021-03-02T17:00:00+04:00", "2021-03-03T17:00:00+04:00")),
        _lat(example=("40.1", "40.3")),
        _lon(example=("46.9", "46.7")),
        _radius("radius_km", _RADIUS, example=("8", "12")),
        _c("zone", "word", "zone id of the agreement, instead of a circle", refers="zone"),
        _c("sector", "word", "sector id, instead of a circle", refers="sector"),
        _c("acts", "list", "act codes that would have been recorded; empty = any that the means perceive", refers="acts", example=("fire", "fire;movement")),
        _c("means", "enum", "how the observer perceives", choices=v.MEANS, example=("heard", "saw")),
        _c("detection", "number", "chance that one such act inside is recorded; empty = unknown, not 1", low=0.0, high=1.0, example=("0.6", "0.7")),
        _c("false_alarm", "number", "false records in 24 h", low=0.0, high=MOST, example=("0.02", "0.01")),
        _c("mode", "enum", "routine, or tasked (stays out of rates)", choices=v.COVERAGE_MODES, example=("routine", "routine")),
    ),
    meaning="an observer could see this area in this interval, with what chance to detect which acts",
)  # fmt: skip

TALLY = Kind(
    "tally",
    "tallies",
    (
        _c("source", "word", "source id", required=True, refers="source", example=("mission", "mission")),
        _c("start", "time", _START, required=True, example=("2021-03-02", "2021-03-03")),
        _c("end", "time", _END),
        _c("area", "text", "sector or zone id, or a free name", required=True, example=("north", "south")),
        _c("act", "word", "code of the act taxonomy", required=True, refers="act", example=("fire", "fire")),
        _count("count_low", "at least"),
        _count("count_high", "at most"),
        _c("unit", "enum", "what is counted", choices=v.UNITS, example=("explosion", "explosion")),
        _c("includes", "list", "claim ids that are part of the count", refers="claims"),
    ),
    meaning="a count without single events",
)

RESTRICTION = Kind(
    "restriction",
    "restrictions",
    (
        _c("source", "word", "the observer's source id", required=True, refers="source", example=("mission", "mission")),
        _c("start", "time", _START, required=True, example=("2021-03-02T09:30:00+04:00", "2021-03-03")),
        _c("end", "time", _END, example=("2021-03-02T16:00:00+04:00", "")),
        _lat(example=("40.2", "40.4")),
        _lon(example=("46.8", "46.6")),
        _radius("radius_km", _RADIUS, example=("5", "5")),
        _c("by", "word", "actor who restricted, or other:WORDS, or empty", refers="actor", example=("party_a", "")),
        _c("kind", "enum", "what the restriction was", required=True, choices=v.RESTRICTION_KINDS, example=("denied", "weather")),
        _c("text", "text", "in words"),
    ),
    meaning="an observer was denied access: where, when, by whom",
)  # fmt: skip

NOTICE = Kind(
    "notice",
    "notices",
    (
        _c(
            "by",
            "word",
            "actor who announced, or other:WORDS",
            required=True,
            refers="actor",
            example=("party_a", "party_b"),
        ),
        _c("start", "time", _START, required=True, example=("2021-03-04T09:00:00+04:00", "2021-03-05")),
        _c("end", "time", _END, example=("2021-03-04T13:00:00+04:00", "")),
        _lat(example=("40.5", "40.0")),
        _lon(example=("46.5", "47.1")),
        _radius("radius_km", _RADIUS, example=("4", "3")),
        _c("kind", "word", "exercise, demining, repair, ...", required=True, example=("exercise", "demining")),
        _c("text", "text", "in words"),
        _c("published", "time", "when it was announced; without it, or after the act, a notice clears nobody"),
    ),
    meaning="an announced lawful act: exercise, demining blast, repair window",
)

CONTROL = Kind(
    "control",
    "control",
    (
        _c("source", "word", "who states it", required=True, refers="source", example=("mission", "mission")),
        _c("actor", "word", "who holds the ground", required=True, refers="actor", example=("party_a", "party_b")),
        _c("zone", "word", "zone id", required=True, refers="zone"),
        _c("start", "time", _START, required=True, example=("2021-03-01", "2021-03-01")),
        _c("end", "time", "end, exclusive; empty = still so"),
        _c("contested", "flag", "true where others dispute it", example=("false", "true")),
    ),
    meaning="who holds which ground from when to when, as stated by whom",
)

INSPECTION = Kind(
    "inspection",
    "inspections",
    (
        _c("source", "word", "who inspected", required=True, refers="source", example=("mission", "mission")),
        _c("time", "time", "when", required=True, example=("2021-03-06T11:00:00+04:00", "2021-03-07")),
        _c("site", "text", "storage site or position", required=True, example=("Site 4", "Site 7")),
        _lat(example=("40.3", "40.6")),
        _lon(example=("46.4", "46.8")),
        _c("weapon", "text", "code or words", example=("artillery.122mm", "mortar.120mm")),
        _count("declared", "how many were declared"),
        _count("seen", "how many were seen"),
        _c("party", "word", "whose site", refers="actor", example=("party_a", "party_b")),
    ),
    meaning="what was seen or missing at a storage site or position",
)

COMPLAINT = Kind(
    "complaint",
    "complaints",
    (
        _c("complaint_id", "word", "number of the complaint", required=True, example=("C-1", "C-2")),
        _c("received", "time", "when it was received", required=True, example=("2021-03-03T10:00:00+04:00", "2021-03-03T12:00:00+04:00")),
        _c("complainant", "word", "actor or other:WORDS", required=True, refers="actor", example=("party_a", "party_b")),
        _c("against", "word", "actor, other:WORDS, or empty", refers="actor", example=("party_b", "party_a")),
        _c("term", "word", "term id of the agreement", example=("1", "1")),
        _c("claims", "list", "claims that it rests on, SOURCE/ID", refers="claims"),
        _c("text", "text", "in words"),
        _c("handling", "enum", "public, restricted, confidential", choices=v.HANDLING, example=("restricted", "restricted")),
    ),
    ("complaint_id",),
    "a formal allegation, numbered, with its claims and its clock",
)  # fmt: skip

TASK = Kind(
    "task",
    "tasks",
    (
        _c("task_id", "word", "number of the task", required=True, example=("T-1", "T-2")),
        _c("ordered", "time", "when it was ordered", required=True, example=("2021-03-03T10:30:00+04:00", "2021-03-03T13:00:00+04:00")),
        _c("due", "time", "by when", example=("2021-03-04T10:30:00+04:00", "2021-03-04T13:00:00+04:00")),
        _lat(example=("40.12", "40.3")),
        _lon(example=("46.91", "46.7")),
        _c("look_for", "text", "what to look for", example=("craters", "tracks")),
        _c("complaint", "word", "complaint that it serves"),
        _c("team", "text", "who goes"),
        _c("outcome", "text", "what was found"),
        _c("closed", "time", "when it was closed"),
    ),
    ("task_id",),
    "a visit or request ordered, and its outcome",
)  # fmt: skip

REPLY = Kind(
    "reply",
    "replies",
    (
        _c("finding_id", "word", "the finding answered", required=True, example=("F1.1.1.1", "F2.1.1.2")),
        _c("party", "word", "who answers", required=True, refers="actor", example=("party_a", "party_b")),
        _c("received", "time", "when it was received", required=True, example=("2021-03-06T10:00:00+04:00", "2021-03-07T10:00:00+04:00")),
        _c("text", "text", "in words"),
        _c("lang", "word", "language, BCP 47"),
    ),
    meaning="a party's answer to a notified finding",
)  # fmt: skip

DECISION = Kind(
    "decision",
    "decisions",
    (
        _c("at", "time", "when it was decided", required=True, example=("2021-03-06T09:00:00+04:00", "2021-03-06T09:30:00+04:00")),
        _c("person", "word", "id of the person, from mission.yaml", required=True, example=("p1", "p2")),
        _c("role", "enum", "in which office", choices=v.PEOPLE_ROLES, example=("analyst", "reviewer")),
        _c("verb", "enum", "what is decided", required=True, choices=v.VERBS, example=("merge", "verify")),
        _c("object", "text", "an incident, a finding, SOURCE/ID, the number of a complaint, an event or an agreement; or empty when params names claims", example=("I1", "I2")),
        _c("object_hash", "word", "hash of what the person saw (explain --json prints it); empty = the state at `at`"),
        _c("reason", "text", "why", required=True, example=("same crater in both pictures", "visited on 5 March")),
        _c("params", "json", 'as {"claims": ["SOURCE/ID", ...]}'),
    ),
    meaning="a person's act on derived state, with reason",
)  # fmt: skip

PLACE = Kind(
    "place",
    "places",
    (
        _c("geonameid", "word", "id of the place in its gazetteer", required=True, example=("x1", "x2")),
        _c("name", "text", "main name", required=True, example=("Lower Mill", "Upper Mill")),
        _lat("latitude", required=True, example=("40.1", "40.2")),
        _lon("longitude", required=True, example=("46.9", "46.8")),
        _c("alternatenames", "text", "other names, separated by | or ,", example=("Nizhny|Aşağı", "Verkhny|Yuxarı")),
        _c("countrycode", "word", "ISO 3166 code as the gazetteer has it"),
        _c("admin1code", "word", "first-order administrative code"),
        _count("population", "inhabitants"),
        _radius("radius_km", "radius that holds the place with 95 %, km; empty = from its population"),
        _c("status", "text", "how the row is known, as `recalled, unchecked`"),
    ),
    ("geonameid",),
    "a gazetteer row; names resolve in linking and are never written into a claim",
)  # fmt: skip

KINDS: dict[str, Kind] = {
    k.table: k
    for k in (
        SOURCE, CLAIM, COVERAGE, TALLY, RESTRICTION, NOTICE, CONTROL, INSPECTION, COMPLAINT, TASK, REPLY, DECISION,
        PLACE,
    )
}  # fmt: skip
BY_RECORD_KIND: dict[str, Kind] = {k.name: k for k in KINDS.values()}
# The order in which several files are ingested: what is referred to comes before what refers.
_NAMED_BY_CLAIMS = ("sources", "places")
INGEST_ORDER = (*_NAMED_BY_CLAIMS, *(table for table in KINDS if table not in _NAMED_BY_CLAIMS))
