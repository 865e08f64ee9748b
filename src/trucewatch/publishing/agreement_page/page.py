"""The page of one agreement file, or of all agreements of a mission, in one language, as one HTML text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from trucewatch.agreement import Agreement, Term
from trucewatch.agreement.describing import describe, said
from trucewatch.agreement.phrases import languages
from trucewatch.agreement.telling import Teller
from trucewatch.agreement.zones import Zone
from trucewatch.publishing.agreement_page.bands import Band, bands, used_by
from trucewatch.publishing.agreement_page.built import how_built
from trucewatch.publishing.agreement_page.doubts import Doubt, doubts
from trucewatch.publishing.agreement_page.drawing import Drawn, ZoneSheet, closer, frame_of
from trucewatch.publishing.agreement_page.timeline import Clock, Scale, clocks, scale_of
from trucewatch.publishing.locale import Catalogue, titles
from trucewatch.publishing.report import chart
from trucewatch.publishing.report.index import language_name
from trucewatch.publishing.report.templates import environment, style

_PACKAGE = "trucewatch.publishing.agreement_page"
_COLUMNS = ("zone", "built", "status", "size", "sides", "used", "distance", "line")
# What runs from left to right inside a text from right to left: times, and words in Latin letters.
_LEFT_TO_RIGHT = re.compile(
    r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})? [+-]\d{2}:\d{2}|[A-Za-zÀ-ɏ](?:[A-Za-zÀ-ɏ0-9 .,'’/&_-]*[A-Za-zÀ-ɏ0-9])?"
)
_ROOM = 24  # per cent of the time line that a date needs at its head


def page_paths(out: Path, langs: Sequence[str]) -> list[tuple[str, Path]]:
    """The file of each language: `out` for the first one, `NAME.LANG.html` beside it for the others."""
    return [(lang, out if k == 0 else out.with_suffix(f".{lang}{out.suffix}")) for k, lang in enumerate(langs)]


def render(agreements: Sequence[Agreement], paths: Sequence[tuple[str, Path]], lang: str, title: str = "") -> str:
    """The page in a language, which needs nothing else; `paths`: the languages in which it is written, and its files.
    `title`: of the mission, where it is one's."""
    t = Catalogue(lang, agreements[0].timezone)
    single = len(agreements) == 1 and not title
    parts = [Part(a, t, n) for n, a in enumerate(agreements, 1)]
    css = files(_PACKAGE).joinpath("templates/agreement.css").read_text("utf-8")
    return str(
        environment(_PACKAGE)
        .get_template("agreement.html")
        .render(
            t=t, parts=parts, single=single, title=parts[0].title if single else title, level=2 if single else 3,
            style=style() + Markup(css), patterns=chart.patterns(), key=chart.key,
            label={name: t.plain(f"encoded.{name}") for name in _COLUMNS},
            links=[(code, language_name(code), path.name) for code, path in paths] if len(paths) > 1 else [],
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone in the table: its number on the maps (None = no shape), and everything that the file says of it."""

    number: int | None
    zone: Zone
    name: str
    built: str
    size: str
    sides: list[tuple[str, str]]
    used: str
    note: str


@dataclass(frozen=True, slots=True)
class BandRow:
    """A rule for weapons with its distance for each actor that it binds: words, and share of the widest one."""

    words: str
    readings: tuple[str, ...]
    cells: list[tuple[str, int | None, str, float]]


def readings_in_words(term: Term, readings: Sequence[str], teller: Teller) -> tuple[str, ...]:
    """Readings (`a=x;b=y`) without what makes no difference among them; each one whole where they are not so simple."""
    every, some = ([_choices(r) for r in rows] for rows in ([r or "" for r, _ in term.alternatives], readings))
    names = list(dict.fromkeys(name for r in every for name in r))
    of_all, of_some = ({n: list(dict.fromkeys(r.get(n, "") for r in rows)) for n in names} for rows in (every, some))
    if math.prod(len(of_some[n]) for n in names) != len(readings):
        return tuple(map(teller.reading, readings))
    told = [n for n in names if of_some[n] and len(of_some[n]) < len(of_all[n])]
    return tuple(teller.options(n, of_some[n]) for n in told)


def _choices(reading: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in reading.split(";") if part)


class Part:
    """One agreement on the page; each part is made when the template asks for it."""

    def __init__(self, agreement: Agreement, t: Catalogue, number: int) -> None:
        self.agreement, self.t = agreement, t
        self.anchor = f"a{number}"
        self.teller = Teller(agreement, agreement.event_times(), t.lang, titles(t.lang), self._clock)
        self.shown = describe(agreement, t.lang, titles(t.lang), self._clock)
        self.positions = {a.id: k for k, a in enumerate(agreement.actors)}
        if t.lang not in languages():
            t.missing.add("phrases")

    @property
    def title(self) -> str:
        """Its title."""
        return self.agreement.name(self.t.lang)

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.agreement.path.name if self.agreement.path is not None else self.agreement.id

    @cached_property
    def actors(self) -> list[tuple[int, str, str]]:
        """Position, name and role of each actor."""
        return [
            (self.positions[a.id], a.name(self.t.lang), self.teller.say(f"role.{a.role}"))
            for a in self.agreement.actors
        ]

    # ---- what to look at

    @cached_property
    def _doubts(self) -> list[Doubt]:
        return doubts(self.agreement, self.teller)

    @cached_property
    def doubts(self) -> list[Markup]:
        """Everything that deserves a look, in words; what is the same of several terms in one line."""
        alike: dict[tuple[Any, ...], list[Doubt]] = {}
        for d in self._doubts:
            alike.setdefault((d.key, *((k, v) for k, v in d.values.items() if k != "term")), []).append(d)
        return [
            self.t(f"doubt.{same[0].key}", **same[0].values | {"term": ", ".join(d.term or "" for d in same)})
            for same in alike.values()
        ]

    def doubts_of(self, term: str) -> list[Markup]:
        """Those on one term."""
        return [self.t(f"doubt.{d.key}", **d.values) for d in self._doubts if d.term == term]

    # ---- zones

    @cached_property
    def zones(self) -> list[ZoneRow]:
        """Every zone; those with a shape have numbers."""
        used, n, out = used_by(self.agreement), 0, []
        for zone in self.agreement.zones.values():
            number = None
            if zone.geometry is not None:
                n += 1
                number = n
            sides = [(a, s) for a, s in self._sides(zone).items()]
            out.append(
                ZoneRow(
                    number, zone, self.teller.name(zone.id), how_built(self.agreement, zone.id, self.teller, self.t),
                    self._size(zone), sides, ", ".join(used[zone.id]), zone.note or "",
                )
            )  # fmt: skip
        return out

    def _sides(self, zone: Zone) -> dict[str, str]:
        """Actor -> left or right of a line: as the zone tells, else as a term that stands on it does."""
        told = dict(zone.sides)
        for term in self.agreement.terms:
            line = (term.baseline.zone if term.baseline is not None else None) or term.where.zone
            if line == zone.id:
                told = {**term.sides, **told}
        return told

    def _size(self, zone: Zone) -> str:
        if zone.geometry is None:
            return ""
        shape = zone.local.shape
        key, n = ("area", shape.area) if shape.area > 0 else ("length", shape.length)
        return self.t.plain(f"encoded.{key}", k=self.t.number(round(n) if n >= 10 else round(n, 1)))

    @cached_property
    def drawn(self) -> list[Drawn]:
        """The zones with a shape, as maps show them."""
        return [Drawn(z.number, z.zone, z.name, dict(z.sides)) for z in self.zones if z.number is not None]

    @cached_property
    def maps(self) -> list[tuple[str, Markup]]:
        """The map of all zones, and one of each that is too small to be seen on it, with their headings."""
        if not self.drawn:
            return []
        shapes = [d.zone.geometry for d in self.drawn]
        frame = frame_of(shapes)
        words = self.t.plain("encoded.map_words", n=len(self.drawn))
        title = self.t.plain("encoded.map_all")
        out = [(title, self._sheet(frame).draw(f"{self.anchor}-map", title, words, self.drawn))]
        for shown, own in closer(self.drawn, frame):
            name = self.t.listed(f"{d.number}. {d.name}" for d in sorted(shown, key=lambda d: d.number))
            anchor = f"{self.anchor}-map-{shown[0].number}"
            out.append((name, self._sheet(own).draw(anchor, name, words, self.drawn)))
        return out

    def _sheet(self, frame: Any) -> ZoneSheet:
        return ZoneSheet(frame, self.t, self.positions)

    # ---- distances

    @cached_property
    def distances(self) -> list[tuple[Term, list[BandRow], list[str], list[tuple[str, Markup]]]]:
        """Of each withdrawal of weapons: the term, its rules by actor, who measures from where, and its maps."""
        out = []
        for term in self.agreement.terms:
            found = bands(self.agreement, term)
            if found:
                out.append((term, self._band_rows(found), self._lines(found), self._band_maps(term, found)))
        return out

    def _band_rows(self, found: Sequence[Band]) -> list[BandRow]:
        widest = max([b.km or 0.0 for b in found] + [1.0])
        rows: dict[Any, list[Band]] = {}
        for band in found:
            rows.setdefault((band.rule, band.readings), []).append(band)
        out = []
        for (rule, readings), same in rows.items():
            told = readings_in_words(same[0].term, readings, self.teller)
            cells = [
                (self.teller.name(b.actor), self.positions.get(b.actor), self._km(b), 100 * (b.km or 0.0) / widest)
                for b in same
            ]
            out.append(BandRow(self.teller.which(rule), told, cells))
        return out

    def _km(self, band: Band) -> str:
        rule = band.rule
        if rule.reach is not None:
            return self.t.plain(f"encoded.{rule.reach}")
        if rule.distance_km is None:
            return self.t.plain("encoded.untold")
        if rule.zone_width_km is not None:
            return self.t.plain("encoded.half", km=rule.distance_km, width=rule.zone_width_km)
        return self.t.plain("encoded.km", km=rule.distance_km)

    def _lines(self, found: Sequence[Band]) -> list[str]:
        """From where each actor measures."""
        lines = {b.actor: b.line for b in found}
        return [
            self.t.plain("encoded.no_line", actor=self.teller.name(actor))
            if line is None
            else self.t.plain("encoded.from_line", actor=self.teller.name(actor), zone=self.teller.zone(line.id))
            for actor, line in lines.items()
        ]

    def _band_maps(self, term: Term, found: Sequence[Band]) -> list[tuple[str, Markup]]:
        """One map of the distances that can be drawn."""
        able = [b for b in found if b.drawable]
        if not able:
            return []
        frame = frame_of([b.area() for b in able])
        lines = {b.line.id for b in able if b.line is not None}
        shown = [d for d in self.drawn if d.zone.id in lines]
        title = self.t.plain("encoded.band_map", term=term.id)
        kms = self.t.listed(self.t.plain("encoded.km", km=km) for km in sorted({b.km for b in able if b.km}))
        picture = self._sheet(frame).draw(
            f"{self.anchor}-band-{len(term.id)}-{self._at(term)}", title, kms, shown, able
        )
        return [(f"{title}: {kms}", picture)]

    def _at(self, term: Term) -> int:
        return self.agreement.terms.index(term)

    # ---- clocks

    def _clock(self, us: int | None, timezone: str) -> str | None:
        """An instant as the language writes it, with its offset."""
        if us is None:
            return None
        t = self.t if timezone == self.t.timezone else Catalogue(self.t.lang, timezone)
        return t.plain("encoded.at", when=t.moment(us), offset=t.offset(us))

    @cached_property
    def date(self) -> str:
        """The date of the text in words; as the file has it where it is no date."""
        given = str(self.shown["date"])
        try:
            return self.t.day(date.fromisoformat(given))
        except ValueError:
            return given

    @cached_property
    def clocks(self) -> list[Clock]:
        """Every clock."""
        return clocks(self.agreement, self.teller, self.shown)

    @cached_property
    def scale(self) -> Scale:
        """Where times stand on the line."""
        return scale_of(self.clocks)

    @cached_property
    def ticks(self) -> list[tuple[float, str, str]]:
        """Times named at the head of the line: place, short date, and how it is aligned."""
        t = Catalogue(self.t.lang, self.agreement.timezone)
        knots = self.scale.knots
        out: list[tuple[float, str, str]] = []
        for at in knots:
            place = self.scale(at)
            if not out or place - out[-1][0] >= _ROOM:
                out.append((place, t.day(at, "short"), "first" if place < 8 else ""))
        return out

    def marks(self, clock: Clock) -> list[tuple[str, float, float]]:
        """What stands on the line of a clock: class, place and width in per cent."""
        return list(self._marks(clock))

    def _marks(self, clock: Clock) -> Iterator[tuple[str, float, float]]:
        if clock.kind == "event":
            yield ("event", self.scale(clock.start), 0) if clock.start is not None else ("waiting", 2, 96)
            return
        if clock.start is None:
            yield "waiting", 2, 96
        else:
            first = self.scale(clock.start)
            if clock.end is not None:
                yield "span", first, max(self.scale(clock.end) - first, 1)
            else:
                yield "span open", first, 98 - first
        for at, kind in clock.marks:
            yield kind, self.scale(at), 0

    def readings_of(self, clock: Clock) -> tuple[str, ...]:
        """Under which readings the times of a clock are these."""
        term = self.agreement.term(clock.name)
        return () if term is None else readings_in_words(term, clock.readings, self.teller)

    def clock_name(self, clock: Clock) -> str:
        """What a clock is of, in words."""
        name = self.teller.event(clock.name) if clock.kind == "event" else clock.name
        return self.t.plain(f"clock.{clock.kind}", name=name)

    # ---- terms

    @cached_property
    def terms(self) -> list[tuple[Term, Any]]:
        """Each term with what `describe` says of it."""
        return list(zip(self.agreement.terms, self.shown["terms"], strict=True))

    def clear(self, words: str) -> str:
        """Words in which times and foreign names keep their order in a text from right to left (isolates of UAX 9)."""
        return words if self.t.dir == "ltr" else _LEFT_TO_RIGHT.sub("\u2066\\g<0>\u2069", words)

    def sentence(self, shown: Any) -> list[tuple[str, str]]:
        """Who must do what, where, when, unless what: headings in small letters with their words, one sentence."""
        rows = [(r["label"], r["heading"], r["words"]) for r in shown["rows"]]
        return [("" if label == "who" else heading[:1].lower() + heading[1:], words) for label, heading, words in rows]

    def summary(self, term: Term) -> tuple[str, str]:
        """The summary of a term with the language in which it stands."""
        for lang in (self.t.lang, "en", *term.texts):
            text = term.texts.get(lang)
            if text is not None and (text.summary or text.words):
                return lang, str(text.summary or text.words)
        return self.t.lang, ""

    def words(self, term: Term) -> list[tuple[str, str, str, str]]:
        """The words of a term in each language in which the file quotes them, without what stands as its summary:
        language, direction, heading, words."""
        told = self.summary(term)
        out = []
        for lang, text in term.texts.items():
            if text.words and (lang, text.words) != told:
                state = self.t.plain(f"encoded.authentic_{text.authentic}")
                heading = self.t.plain("encoded.words", lang=language_name(lang), state=state)
                out.append((lang, Catalogue(lang).dir, heading, text.words))
        return out

    def status(self, shown: Any) -> str:
        """Whether it is judged, in words."""
        from trucewatch.agreement.describing import _STATUS

        return self.teller.say(_STATUS[shown["status"]])

    def kind(self, term: Term) -> str:
        """The kind of a term in words."""
        return self.teller.say(f"kind.{term.kind}")

    def text_of(self, words: Any) -> str | None:
        """Words in the page's language, else in English."""
        return said(words, self.t.lang)
