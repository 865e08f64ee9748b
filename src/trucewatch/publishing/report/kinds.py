"""Kinds of report beside the daily one: the same parts, chosen and named by what the report is of.

Weekly: the seven report days that end with its day. Spot: one incident. Term: one term of an agreement over its life.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from markupsafe import Markup

from trucewatch.agreement import Term
from trucewatch.model.times import report_day
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.calendar import KINDS as CELL_KINDS
from trucewatch.publishing.report.calendar import MOST_DAYS, STRENGTH, Calendar, calendar_of
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.report.findings import outcome_word
from trucewatch.publishing.report.harm import ESTABLISHED
from trucewatch.publishing.report.terms import Board, Terms
from trucewatch.publishing.report.truce import Truce
from trucewatch.publishing.report.wording import Wording
from trucewatch.publishing.view import DAILY, SPOT, TERM, WEEKLY, View

_DAY = (
    "summary", "holding", "maps", "incidents", "sides", "terms", "windows", "weapons", "stores", "harm", "restrictions",
    "register", "coverage", "why", "annex", "method",
)  # fmt: skip
SECTIONS = {
    DAILY: _DAY,
    WEEKLY: ("summary", "days", *_DAY[1:]),
    SPOT: (
        "summary",
        "maps",
        "incidents",
        "sides",
        "weapons",
        "harm",
        "restrictions",
        "coverage",
        "why",
        "annex",
        "method",
    ),
    TERM: ("summary", "term", "life", "maps", "incidents", "harm", "restrictions", "method"),
}
_LONGEST_DAYS = 13 * MOST_DAYS  # a year: what of a longer life lies before is told by the dates of the incidents


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a week: incidents, how many of them are probable or better established, and what share was seen."""

    day: date
    incidents: int
    established: int
    share: float | None


class Kinds(Terms):
    """What reports of a week, an incident or a term show beside the parts of a day. `Page` adds the rest."""

    day: Day
    view: View
    w: Wording
    t: Catalogue
    truces: list[Truce]

    @property
    def kind(self) -> str:
        """The kind of this report."""
        return self.view.scope.kind

    @property
    def tells_why(self) -> bool:
        """Whether each incident has a part of its own, to which its number leads."""
        return "why" in SECTIONS[self.kind]

    @property
    def asked(self) -> str:
        """The options that ask for this report, for whoever makes it again."""
        scope = self.view.scope
        kind = "" if scope.kind == DAILY else f" --kind {scope.kind}"
        return f"--date {self.view.day}{kind}" + (f" --of {scope.object}" if scope.object else "")

    @cached_property
    def heading(self) -> str:
        """The heading of the page."""
        day = self.t.day(self.view.day)
        return self.t.plain("title.day" if self.kind == DAILY else f"kinds.title_{self.kind}", day=day)

    @cached_property
    def subject(self) -> Markup | None:
        """What a report of one thing is of: the incident, or the term in the words of the file."""
        found = self.view.scope.term
        if found is not None:
            _, term = self.term_text
            name = self.truces[0].agreement.name(self.t.lang)
            return self.t("kinds.of_term", id=term.id, words=term.text(self.t.lang), name=name)
        return None if self.kind != SPOT else self.t("kinds.of_incident", id=self.view.scope.object)

    def days_words(self, first: date, last: date) -> str:
        """Several days inside a sentence."""
        return self.t.plain("kinds.days", first=self.t.day(first), last=self.t.day(last))

    @cached_property
    def register(self) -> Any:
        """The register of complaints in the words of a page."""
        from trucewatch.publishing.register.page import RegisterPage  # it is made with the words of this package

        return RegisterPage(self.view.register, self.t)

    # ---- a week, day by day

    @cached_property
    def day_rows(self) -> list[DayRow]:
        """The days of a week: every one, also without incidents."""
        config, out = self.view.config, []
        shares = self._shares
        for back in range(6, -1, -1):
            one = self.view.day - timedelta(days=back)
            start, end = report_day(one, config.report_cutoff, config.timezone)
            mine = [i for i in self.day.incidents if start <= self.day.middle(i.row) < end]
            established = sum(i.status in ESTABLISHED for i in mine)
            out.append(DayRow(self.covered(one), len(mine), established, shares.get(start)))
        return out

    @cached_property
    def _shares(self) -> dict[int, float]:
        """Mean share of the sectors that was seen, by the start of the day."""
        found: dict[int, list[float]] = {}
        table = self.view.derived.tables["gaps"]
        rows = (r for r in table if self.view.start_us <= r["start"] < self.view.end_us)
        for row in self.day.release("gaps", rows):
            if row.get("share_covered") is not None:
                found.setdefault(row["start"], []).append(row["share_covered"])
        return {start: sum(shares) / len(shares) for start, shares in found.items()}

    # ---- a term over its life

    @cached_property
    def term_text(self) -> tuple[Truce, Term]:
        """The truce and term that the report is of."""
        found = self.view.scope.term
        assert found is not None
        truce = self.truces[0]
        return truce, next(t for t in truce.agreement.terms if t.id == found[1])

    @cached_property
    def term_board(self) -> Board:
        """How the term stands at the end of the day."""
        (board,) = self.boards
        _, term = self.term_text
        rows = tuple(row for row in board.rows if row.term is term)
        return Board(board.agreement, rows, ())

    @cached_property
    def life(self) -> list[Calendar]:
        """The term day by day over its life, some weeks in each calendar, at most a year back."""
        truce, term = self.term_text
        first = max(self._first_day, self.view.day - timedelta(days=_LONGEST_DAYS - 1))
        days = [first + timedelta(days=k) for k in range((self.view.day - first).days + 1)]
        return [
            calendar_of(self.day, truce, days[k : k + MOST_DAYS], only=term.id) for k in range(0, len(days), MOST_DAYS)
        ]

    @cached_property
    def life_kinds(self) -> list[str]:
        """Kinds of cells that occur over the life, strongest first: for the legend."""
        found = {kind for calendar in self.life for kind in calendar.kinds}
        return [kind for kind in CELL_KINDS if kind in found]

    @property
    def life_hatched(self) -> bool:
        """Whether there is a day of which no coverage is recorded."""
        return any(calendar.hatched for calendar in self.life)

    @cached_property
    def _first_day(self) -> date:
        """The first report day of the span that the report tells of."""
        at = self.t.local(self.view.start_us).date()
        return at + timedelta(days=1)

    @cached_property
    def term_outcomes(self) -> list[tuple[str, list[tuple[Markup, int]]]]:
        """For each actor bound how many incidents had which outcome, strongest first; only what leaves."""
        found: dict[str, Counter[str | None]] = {}
        for incident in self.day.incidents:
            told = {r["actor"]: r["outcome"] for r in incident.findings if self.day.of_term(r)}
            for actor, outcome in told.items():
                found.setdefault(actor, Counter())[outcome] += 1
        order = [a.id for a in self.truces[0].agreement.actors if a.id in found]
        return [(a, [(outcome_word(self.w, o), found[a][o]) for o in (*STRENGTH, None) if found[a][o]]) for a in order]
