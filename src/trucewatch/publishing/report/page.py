"""The page of a day in one language: its parts in words and pictures, laid out by the templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from markupsafe import Markup

from trucewatch.model.aside import aside
from trucewatch.model.times import HOUR
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report import chart, summary
from trucewatch.publishing.report.announced import Announcements
from trucewatch.publishing.report.cards import Card
from trucewatch.publishing.report.day import EACH_OTHER, NAMES_NOBODY, Day
from trucewatch.publishing.report.findings import key as outcome_key
from trucewatch.publishing.report.harm import Harmed, civilians, harmed
from trucewatch.publishing.report.holding import Holding
from trucewatch.publishing.report.index import language_name, page_name
from trucewatch.publishing.report.kinds import SECTIONS, Kinds
from trucewatch.publishing.report.maps import MOST_NUMBERS
from trucewatch.publishing.report.rows import Rows
from trucewatch.publishing.report.sides import Cell, FaceToFace, beside, face_to_face, sides, speaking
from trucewatch.publishing.report.templates import environment, style
from trucewatch.publishing.report.terms import CELLS
from trucewatch.publishing.report.truce import Truce, begun_truces, in_force
from trucewatch.publishing.report.weapons import Sighting, sightings, withdrawal_terms
from trucewatch.publishing.report.where import Where
from trucewatch.publishing.report.wording import Wording, capital
from trucewatch.publishing.view import DAILY, SPOT

_OWN = frozenset({"days", "term", "life", "windows", "stores", "register"})  # named under `kinds.`
_LONG = ("why", "annex")  # together, and with what they alone look at, they are half of the work
_COLUMNS = (
    "when", "where", "what", "told", "accused", "status", "harm", "term", "bound", "distance", "outcome", "who",
    "sector", "holding", "ratio", "rate", "seen_count", "exposure", "killed", "injured", "by", "kept", "kind",
    "by_whom", "words", "seen", "area", "acts", "means", "detection",
    "state", "remarks",
)  # fmt: skip


def render(day: Day, lang: str, hands: int = 1) -> str:
    """The page of a day in a language, as one HTML text that needs nothing else; with more than one of `hands` a second
    process makes half of it."""
    view = day.view
    t = Catalogue(lang, view.config.timezone)
    w = Wording(t, view.agreements, day.sources)
    page = Page(day, w)
    names = {
        "page": page, "day": day, "view": view, "t": t, "w": w, "style": style(), "patterns": chart.patterns(),
        "key": chart.key, "okey": outcome_key,
        "ticks": chart.ticks(), "cell_signs": CELLS, "label": {name: t.plain(f"column.{name}") for name in _COLUMNS},
    }  # fmt: skip

    def made(parts: Iterable[str]) -> tuple[dict[str, str], set[str]]:
        """Parts of the page as HTML, and which texts were missing so far."""
        return {part: environment().get_template(f"{part}.html").render(names) for part in parts}, t.missing

    _ = page.cards  # what all parts need
    ids = [s for s, _ in page.sections]
    long = [s for s in ids if s in _LONG]
    rest = aside(lambda: made(long)) if hands > 1 and long else lambda: made(long)
    parts, _ = made(("header", *(s for s in ids if s not in _LONG)))
    more, missing = rest()
    t.missing |= missing
    # The templates have escaped what they show. The footer counts the texts that were missing, so it comes last.
    names["parts"] = {name: Markup(html) for name, html in (parts | more).items()}
    return str(environment().get_template("page.html").render(names))


class Page(Kinds, Rows, Announcements, Holding):
    """Everything that the templates ask for; each part is made when it is asked for."""

    def __init__(self, day: Day, w: Wording) -> None:
        self.day, self.view, self.w, self.t = day, day.view, w, w.t
        self.truces = self._truces()
        self.where_ = Where(day, self.coverage, self.restrictions)

    def _truces(self) -> list[Truce]:
        """The agreements in force; of a report of one term its own, in force or not."""
        term = self.view.scope.term
        if term is None:
            return in_force(self.view)
        return [t for t in begun_truces(self.view) if t.agreement.id == term[0]]

    # ---- head

    @cached_property
    def exercise(self) -> bool:
        """Whether all of it is invented."""
        return bool(self.view.config.exercise)

    @cached_property
    def title(self) -> str:
        """The title of the page."""
        words = f"{self.heading}: {self.view.config.title(self.t.lang)}"
        return f"{self.t.plain('exercise.word')}: {words}" if self.exercise else words

    @cached_property
    def language_links(self) -> list[tuple[str, str, str]]:
        """The other languages of this page: code, name in itself, file."""
        mirror = self.view.mirror is not None
        return [
            (lang, language_name(lang), page_name(self.view.day, lang, mirror, self.view.scope))
            for lang in (self.view.languages if len(self.view.languages) > 1 else ())
        ]

    @cached_property
    def mirror_link(self) -> str | None:
        """The file of the mirror, from the mirror that of the report."""
        if not self.view.has_mirror:
            return None
        return page_name(self.view.day, self.t.lang, self.view.mirror is None, self.view.scope)

    @cached_property
    def mirror_note(self) -> Markup:
        """What a mirror is, with the names of the two that were exchanged."""
        a, b = (self.w.actor(x) for x in self.view.mirror or ("", ""))
        return self.t("mirror.note", a=a, b=b)

    @cached_property
    def audience(self) -> Markup:
        """For whom the page was made."""
        return self.w.audience(self.view.audience)

    @cached_property
    def whole_day(self) -> bool:
        """Whether the report's day is a day of the calendar, closed at midnight."""
        start, end = self.t.local(self.view.start_us), self.t.local(self.view.end_us)
        return (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)

    def covered(self, day: date) -> date:
        """The day of the calendar that the report of `day` tells of (its last one where it closes in mid-day)."""
        return day - timedelta(days=1) if self.whole_day else day

    @cached_property
    def one_day(self) -> bool:
        """Whether the report tells of one report day."""
        return self.view.end_us - self.view.start_us < 36 * HOUR

    @property
    def ref(self) -> date | None:
        """The day that times on this page may leave out."""
        return self.t.local(self.view.start_us).date() if self.whole_day and self.one_day else None

    @cached_property
    def day_words(self) -> str:
        """The report's day inside a sentence."""
        if not self.one_day:
            return self.days_words(self.covered(self._first_day), self.covered(self.view.day))
        if self.whole_day:
            return self.t.day(self.view.start_us)
        return self.t.plain("head.until", day=self.t.moment(self.view.end_us))

    @cached_property
    def covers(self) -> Markup:
        """From when to when, and in which time."""
        offset = self.t.offset(self.view.end_us)
        if self.whole_day and self.one_day:
            return self.t("head.covers_day", day=self.t.day(self.view.start_us), offset=offset)
        start, end = self.t.moment(self.view.start_us), self.t.moment(self.view.end_us)
        return self.t("head.covers_span", start=start, end=end, offset=offset)

    @cached_property
    def in_force(self) -> list[Markup]:
        """The agreements in force, since when, and which day it is."""
        return [
            self.t(
                "head.agreement", name=t.agreement.name(self.t.lang), since=self.t.moment(t.began),
                n=t.day_number(self.view.day),
            )
            for t in self.truces
        ]  # fmt: skip

    @cached_property
    def cut(self) -> Markup:
        """Which records count."""
        at = self.t.moment(self.view.cut.at)
        key = "head.known_by" if self.view.cut.kind == "known_by" else "head.as_of"
        return self.t(key, at=at, offset=self.t.offset(self.view.cut.at))

    @cached_property
    def claims_line(self) -> Markup:
        """How many claims matter to the day, from how many sources, how many repeat others, how many are withheld."""
        claims = self.day.claims
        sources = len({c["source"] for c in claims.values()})
        copies = sum((self.day.links.get(ref) or {}).get("relation") == "repeats" for ref in claims)
        parts = [
            self.t("head.count_claims", n=len(claims)), self.t("head.count_sources", n=sources),
            self.t("head.count_copies", n=copies), self.t("head.count_withheld", n=self.day.withheld_claims),
        ]  # fmt: skip
        return Markup(" · ").join(parts)

    @cached_property
    def sections(self) -> list[tuple[str, Markup]]:
        """The parts of the page with their names."""
        empty = {
            "weapons": not self.withdrawal_terms, "windows": not self.announced, "stores": not self.inspections,
            "register": self.view.register is None,
        }  # fmt: skip
        wanted = [s for s in SECTIONS[self.kind] if not empty.get(s)]
        return [(s, self.t(f"kinds.section_{s}" if s in _OWN else f"section.{s}")) for s in wanted]

    # ---- summary

    @cached_property
    def cards(self) -> list[Card]:
        """The day's incidents in words, in order of time."""
        return [Card(self.day, i, self.w, self.where_, self.ref) for i in self.day.incidents]

    @cached_property
    def counts(self) -> summary.Counts:
        """Incidents by status and accused."""
        return summary.counts(self.day)

    @cached_property
    def lead(self) -> Markup:
        """The day in a few sentences."""
        t, c = self.t, self.counts
        if not c.total:
            parts = [t("lead.none", day=self.day_words)]
        else:
            listed = t.listed(t("lead.count", n=n, status=t(f"status.{s}")) for s, n in c.by_status.items())
            acts = Counter(i.row["act"] for i in self.day.incidents)
            most = sorted(acts.items(), key=lambda item: (-item[1], item[0]))[:3]
            told = t.listed(t("lead.act", act=self.w.act(a), n=n) for a, n in most if n > 1)
            parts = [t("lead.incidents", n=c.total, day=self.day_words, words=Markup(listed))]
            parts.append(t("lead.statements", n=len(summary.statements(self.day.incidents))))
            flood = summary.told_alone(self.day.incidents)[:_MOST_NAMED]
            parts += [t("lead.one_statement", who=self.w.source(source), n=n) for source, n in flood]
            parts += self._established
            if told:
                parts.append(t("lead.acts", words=Markup(told)))
        return Markup(" ").join([*parts, self.seen_line])

    @property
    def _established(self) -> list[Markup]:
        """The incidents of the two strongest words by name, as long as they are few."""
        out = []
        for status in ("verified", "corroborated"):
            mine = [c for c in self.cards if c.incident.status == status]
            if 0 < len(mine) <= _MOST_NAMED:
                one = (self.t("lead.one", act=self.w.act(c.incident.row["act"]), where=c.where) for c in mine)
                word = capital(self.t(f"status.{status}"), self.t.lang)
                out.append(self.t("lead.established", status=word, words=Markup(self.t.listed(one))))
        return out

    @cached_property
    def parties(self) -> list[str]:
        """The first two parties of the chain, in its order."""
        every = [a.id for agreement in self.view.agreements for a in agreement.parties]
        return list(dict.fromkeys(every))[:2]

    @cached_property
    def mirror_rows(self) -> tuple[chart.BarRow, ...]:
        """Incidents by status, against the one side and the other."""
        rows = [
            (s, self.t.plain(f"status.{s}"), [self.counts.by_accused.get((s, a), 0) for a in self.parties])
            for s in self.counts.by_status
        ]
        return chart.mirror_rows(rows, [self.position(a) for a in self.parties])

    @cached_property
    def mirror_words(self) -> str:
        """The same for a screen reader."""
        names = [str(self.w.actor(a).striptags()) for a in self.parties]
        said = (
            f"{name} – {row.word}: {self.t.number(bar.count)}"
            for row in self.mirror_rows
            for name, bar in zip(names, row.sides, strict=True)
        )
        return f"{self.t.plain('summary.chart')}. {'; '.join(said)}"

    @cached_property
    def others_line(self) -> Markup:
        """Incidents that the chart does not show: against others, against each other, against nobody."""
        parts = [self.t("summary.other", who=self._accused(who), n=n) for who, n in self.counts.others(self.parties)]
        return self.t.semicolons(parts)

    @cached_property
    def told_lines(self) -> list[Markup]:
        """A line for each side of the chart."""
        return [self._told_against(who) for who in self.parties]

    def _told_against(self, who: str) -> Markup:
        """Beside the bar: how many incidents and in how many statements, so that one bulletin is seen to be one."""
        mine = [i for i in self.day.incidents if self.day.accused[i.id] == who]
        return self.t("summary.told", who=self.w.actor(who), n=len(mine), k=len(summary.statements(mine)))

    def _accused(self, who: str) -> Markup:
        if who == EACH_OTHER:
            return self.t("accused.each_other")
        return self.t("accused.nobody") if who == NAMES_NOBODY else self.w.actor(who)

    @cached_property
    def _corrections(self) -> summary.Corrections | None:
        return summary.corrections(self.day)

    @cached_property
    def changes(self) -> list[Markup]:
        """The change against the report before, and its corrections."""
        t, found = self.t, self._corrections
        if found is None:
            return [t("changes.first")]
        if self.kind == SPOT:
            return [t("kinds.spot_same" if found.before else "kinds.spot_new")] if not found.restated else []
        # Of one thing the report before told the same thing, so that one count says all.
        out = [] if self.day.only is not None else [t("changes.count", before=found.before, now=self.counts.total)]
        reasons = [
            t("kinds.changes_held" if r == summary.HELD else f"changes.{r}", n=n) for r, n in found.reasons.items()
        ]
        words = "changes" if self.kind == DAILY else "kinds.changes"
        mark = "." if self.kind == DAILY else "_"
        if found.difference:
            why = Markup(t.listed(reasons))
            out.append(t(f"{words}{mark}corrected", before=found.before, now=found.now, why=why))
        elif reasons:
            out.append(t(f"{words}{mark}same_but", n=found.now, why=Markup(t.listed(reasons))))
        else:
            out.append(t(f"{words}{mark}same", n=found.now))
        n = len(found.restated)
        out.append(t("changes.restated", n=n) if n else t("changes.restated_none"))
        return out

    @cached_property
    def restated(self) -> list[Markup]:
        """Earlier incidents with another status now."""
        found = self._corrections
        rows = [] if found is None else found.restated
        claims = _by_incident(self.day.linked_claims({r.id for r in rows[:_MOST_RESTATED]}))
        out = [self._restated(r, claims.get(r.id, ())) for r in rows[:_MOST_RESTATED]]
        return out + ([self.t("changes.more", n=len(rows) - len(out))] if len(rows) > len(out) else [])

    def _restated(self, r: summary.Restated, claims: Iterable[dict[str, Any]]) -> Markup:
        act, where = self.w.heading(r.row["act"]), self.w.where(r.row, claims)
        before, now = (self.t(f"status.{s}") for s in (r.before, r.now))
        when = self.t.span(r.row["start"], r.row["end"])
        line = self.t("changes.one", id=r.id, act=act, where=where, when=when, before=before, now=now)
        because = [self.t(f"kinds.because_{kind}", n=n) for kind, n in r.reasons.items()]
        why = self.t("kinds.because", why=Markup(self.t.listed(because))) if because else self.t("kinds.because_other")
        return line + Markup(' <span class="tag">{}</span>').format(why)

    # ---- maps

    @cached_property
    def _sheet(self) -> Any:
        return self.where_.sheet(self.w)

    @cached_property
    def incident_map(self) -> Markup:
        """The map of incidents."""
        # Marks have titles where they are few enough to have numbers.
        few = len(self.where_.placed) <= MOST_NUMBERS
        titles = {c.id: c.title if few else "" for c in self.cards}
        words = self.t.plain("map.incidents_words", n=len(titles) - self.unplaced)
        return Markup(self._sheet.incidents(self.where_.spots(titles), self.t.plain("map.incidents"), words))

    @cached_property
    def blind_map(self) -> Markup:
        """The map of what nobody could see."""
        titles = [self._barrier(r) for _, r in self.where_.barriers]
        words = str(self.seen_line.striptags())
        crosses = self.where_.crosses(titles)
        return Markup(self._sheet.blind(self.where_.area, self.where_.seen, crosses, self.t.plain("map.blind"), words))

    def _barrier(self, row: Mapping[str, Any]) -> str:
        kind = self.t(f"restriction.{row.get('kind') or 'unknown'}")
        return str(Markup(f"{self.w.source(row.get('source'))}: {kind}").striptags())

    @cached_property
    def unplaced(self) -> int:
        """Incidents whose place is not known."""
        return len(self.cards) - len(self.where_.placed)

    @cached_property
    def map_key(self) -> list[tuple[Markup, Markup]]:
        """Whose colour is which."""
        shown = dict.fromkeys([*self.parties, *sorted({c.accused_id for c in self.cards}, key=self._order)])
        return [(chart.key(self.position(a)), self._accused(a)) for a in shown]

    def _order(self, who: str) -> tuple[int, int]:
        last = {EACH_OTHER: 1, NAMES_NOBODY: 2}
        return last.get(who, 0), self.where_.positions.get(who, 99)

    # ---- sides, terms, weapons, harm

    @cached_property
    def side_columns(self) -> list[str]:
        """Whose words get a column."""
        return speaking(self.day, sides(self.day))

    @cached_property
    def faces(self) -> list[FaceToFace]:
        """What each side says of each incident."""
        return face_to_face(self.day, self.cards, self.side_columns)

    @cached_property
    def beside(self) -> tuple[Cell, ...]:
        """What each side says besides."""
        return beside(self.day, self.side_columns, self.w, self.ref)

    @property
    def beside_any(self) -> bool:
        """Whether any side says anything besides."""
        return any(c.said for c in self.beside)

    @cached_property
    def withdrawal_terms(self) -> list[Any]:
        """Terms in force that set a distance for weapons."""
        return withdrawal_terms(self.truces)

    @cached_property
    def sightings(self) -> list[Sighting]:
        """Weapons against their lines."""
        return sightings(self.cards, self.truces)

    @cached_property
    def harmed(self) -> list[Harmed]:
        """Persons harmed, by incident and kind."""
        return harmed(self.cards)

    @cached_property
    def harm_lines(self) -> list[Markup]:
        """Civilians: sums over the better established incidents, and over the others."""
        out = []
        for key, established in (("harm.established", True), ("harm.alleged", False)):
            s = civilians(self.harmed, established)
            if s.incidents:
                shown = {"killed": self._sum(s.killed, s.open_above), "injured": self._sum(s.injured, s.open_above)}
                out.append(self.t(key, n=s.incidents, **shown))
        return out or [self.t("harm.no_civilians")]

    def _sum(self, bounds: tuple[int, int], open_above: bool) -> str:
        low, high = bounds
        shown = self.t.number(low) if low == high else f"{self.t.number(low)}–{self.t.number(high)}"
        return self.t.plain("count.or_more", k=shown) if open_above else shown

    def position(self, actor: str | None) -> int | None:
        """Position of an actor among those of the chain, for its colour; None for nobody and for several."""
        return None if actor is None else self.where_.position(actor)


_MOST_RESTATED, _MOST_NAMED = 12, 4


def _by_incident(claims: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for claim in claims:
        out.setdefault(claim["incident_id"], []).append(claim)
    return out
