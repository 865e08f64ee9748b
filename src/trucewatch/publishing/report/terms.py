"""The terms of the texts in force, in the words of a page: a board of how each stands, and the calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from markupsafe import Markup

from trucewatch.agreement import Agreement, Term
from trucewatch.model.times import from_us, zone
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report import board
from trucewatch.publishing.report.board import Standing
from trucewatch.publishing.report.calendar import Calendar, Cell, Line, calendars
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.report.findings import key, outcome_word
from trucewatch.publishing.report.truce import Truce
from trucewatch.publishing.report.wording import Wording
from trucewatch.publishing.view import View

SIGNS = {
    board.IN_FORCE: "●", board.NOT_DUE: "◔", board.WAITS: "◌", board.CONDITION: "◌", board.NOT_BEGUN: "○",
    board.DEPENDS: "◇", board.ENDED: "–", board.NOT_JUDGED: "·", board.SHOWN: "·",
}  # fmt: skip
CELLS = {
    "violation": "■", "indicated": "◧", "undetermined_exception_claimed": "?", "depends_on_reading": "◇",
    "undetermined": "?", "excepted": "e", "not_for_judgement": "·", "not_due": "…", "no_violation": "□", "none": "–",
    "partly": "–", "unseen": "", "withheld": "*", "outside": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """How a term stands for some actors: sign and word of the state, and what there is to say of it."""

    actors: tuple[str, ...]
    state: str
    sign: str
    word: Markup
    lines: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A term on the board; `states`: one for all its actors, or several."""

    term: Term
    states: tuple[State, ...]
    remarks: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The terms of one agreement, and how many of them are in which state (those that differ by actor once each)."""

    agreement: Agreement
    rows: tuple[BoardRow, ...]
    counts: tuple[tuple[str, str, Markup], ...]


class Terms:
    """What the section of terms shows. `Page` adds the rest."""

    day: Day
    view: View
    w: Wording
    t: Catalogue
    truces: list[Truce]

    def covered(self, day: date) -> date:
        """The day of the calendar that a report day tells of."""
        raise NotImplementedError

    @cached_property
    def boards(self) -> list[Board]:
        """How each term of the agreements in force stands at the end of the day."""
        found = board.standings(self.day, [t.agreement for t in self.truces], self.view.end_us)
        rows: dict[str, list[BoardRow]] = {t.agreement.id: [] for t in self.truces}
        for group in board.of_term(found):
            rows[group[0].agreement.id].append(self._row(group))
        return [
            Board(t.agreement, tuple(mine), self._counts(mine)) for t in self.truces for mine in [rows[t.agreement.id]]
        ]

    def _counts(self, rows: Sequence[BoardRow]) -> tuple[tuple[str, str, Markup], ...]:
        found = Counter(state for row in rows for state in {s.state for s in row.states})
        return tuple(
            (key(s), SIGNS[s], self.t("board.count", state=self._word(s), n=found[s])) for s in board.STATES if found[s]
        )

    def _word(self, state: str) -> Markup:
        return self.t(f"board.{key(state)}")

    def _row(self, group: Sequence[Standing]) -> BoardRow:
        first = group[0]
        told: dict[tuple[str, tuple[Markup, ...]], list[str]] = {}
        for one in group:
            told.setdefault((one.state, tuple(self._lines(one))), []).extend([one.actor] if one.actor else [])
        states = tuple(
            State(tuple(actors), state, SIGNS[state], self._word(state), lines)
            for (state, lines), actors in told.items()
        )
        return BoardRow(first.term, states, tuple(self._remarks(first)))

    def _lines(self, s: Standing) -> list[Markup]:
        """What there is to say of a state: why, from when to when, by when, what it waits for."""
        t, out = self.t, []
        if s.why is not None:
            out.append(t(f"board.why_{key(s.why)}"))
        if s.state != board.SHOWN:
            out += self._times(s)
        if s.event is not None:
            out.append(t("board.event", event=self._event(s.agreement, s.event)))
            who = (
                t("board.set_by_nobody")
                if s.set_by is None
                else t("board.set_by", who=self._named(s.agreement, s.set_by))
            )
            out.append(who)
        teller = self.w.teller(s.agreement)
        told = teller.conditions_of(s.term) if s.conditions else {}
        out += [t("board.condition", words=told.get(words, words)) for words in s.conditions]
        out += [
            t("board.alternative", reading=teller.reading(reading), state=self._word(state))
            for reading, state in s.by_reading
            if reading
        ]
        if s.tested in (board.BY_GROUND, board.BY_PEOPLE):
            out.append(t(f"board.tested_{s.tested}"))
        if s.outcome not in (None, s.state):
            out.append(t("board.outcome", outcome=outcome_word(self.w, s.outcome)))
        return out

    def _times(self, s: Standing) -> list[Markup]:
        t, out = self.t, []
        if s.since is not None and s.until is not None:
            out.append(t("board.span", since=self._when(s.since), until=self._when(s.until, end=True)))
        elif s.since is not None:
            out.append(t("board.since", when=self._when(s.since)))
        if s.due is not None:
            first, last = (self._when(d, end=True) for d in s.due)
            out.append(t("board.due", when=first) if first == last else t("board.due_range", first=first, last=last))
        return out

    def _when(self, us: int, *, end: bool = False) -> str:
        """An instant in words; a midnight is the day that it opens, or with `end` the one that it closes."""
        at = from_us(us).astimezone(zone(self.view.config.timezone))
        if (at.hour, at.minute, at.second) == (0, 0, 0):
            return self.t.day(us - 1 if end else us)
        return self.t.moment(us)

    def _event(self, agreement: Agreement, name: str) -> Markup:
        """An event in the words of the file in the language of the page, else by its name."""
        raw = (agreement.keys.get("events") or {}).get(name) or {}
        words = (raw.get("text") or {}) if isinstance(raw, dict) else {}
        told = words.get(self.t.lang) or words.get("en") if isinstance(words, dict) else None
        plain = self.w.teller(agreement).event(name)
        return Markup.escape(f"{plain}: {told}" if told else plain)

    def _named(self, agreement: Agreement, who: str) -> Markup:
        """An actor or body of the agreement by its name; other words as they are."""
        if agreement.actor(who) is not None:
            return self.w.actor(who)
        body = next((m for m in agreement.mechanisms if m.id == who), None)
        names = {} if body is None else body.names
        return Markup.escape(names.get(self.t.lang) or names.get("en") or who.replace("_", " "))

    def _remarks(self, s: Standing) -> list[Markup]:
        t, out = self.t, []
        if s.one_sided:
            out.append(t("board.one_sided"))
        if s.ways > 1:
            names = map(self.w.teller(s.agreement).reading, s.readings)
            out.append(t("board.readings", n=s.ways, names=t.commas(names)))
        return out

    # ---- calendars

    @cached_property
    def calendars(self) -> list[Calendar]:
        """Term by term, day by day."""
        return calendars(self.day, self.truces)

    def day_head(self, day: date, first: bool) -> str:
        """The head of a column: the number of the day, with its month where that begins, and at the `first` column."""
        at = self.covered(day)
        return self.t.day(at, "short_day") if first or at.day == 1 else str(at.day)

    def cell_sign(self, cell: Cell) -> str:
        """The sign of a cell."""
        return CELLS[key(cell.kind)]

    def cell_words(self, cell: Cell) -> Markup:
        """A cell of the calendar for a screen reader."""
        parts = [self.t(f"cell.{key(cell.kind)}")]
        if cell.alleged is None:
            parts.append(self.t("cell.alleged_few", k=self.view.config.publication.min_cell))
        elif cell.alleged:
            parts.append(self.t("cell.alleged", n=cell.alleged))
        if cell.hatched and cell.kind != "unseen":
            parts.append(self.t("cell.hatched"))
        return self.t.semicolons(parts)

    def line_words(self, line: Line) -> list[tuple[Markup, str]]:
        """A row of the calendar in words: kinds of days, and which days they are; without counts, which one-sided
        duties must not be compared by."""
        out = []
        for kind, hatched, spans in line.runs:
            word = self.t(f"cell.{key(kind)}")
            if hatched and kind != "unseen":
                word = self.t.semicolons([word, self.t("cell.hatched")])
            out.append((word, self.t.plain("join.comma").join(self._days(*span) for span in spans)))
        return out

    def _days(self, first: date, last: date) -> str:
        shown = [self.t.day(self.covered(d), "short_day") for d in (first, last)]
        return shown[0] if first == last else f"{shown[0]} – {shown[1]}"
