"""Is it holding? The verdict on each term, act and sector, and the rates that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.day import Day, Row
from trucewatch.publishing.report.truce import Truce
from trucewatch.publishing.report.wording import Wording

_KEY = {"holding": "holding", "eroding": "eroding", "collapsed": "collapsed", "cannot tell yet": "cannot_tell"}
_LEAST, _MANY = 0.01, 100.0  # less is told as less than that, more without decimals


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the table: a term and act in a sector."""

    row: Row
    word: Markup
    rate: Markup
    ratio: Markup
    remark: Markup | None


class Holding:
    """The part of the page that says whether the truce holds. `Page` adds the rest."""

    day: Day
    w: Wording
    t: Catalogue
    truces: list[Truce]

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """A row for each term in force, act and sector, in the order of the table."""
        terms = {term.id for truce in self.truces for term in truce.agreement.terms}
        rows = self.day.release("trends", self.day.view.derived.tables["trends"])
        return [self._verdict(r) for r in rows if r["term"] in terms]

    @cached_property
    def holding_line(self) -> Markup:
        """The verdicts counted, in a sentence."""
        if not self.verdicts:
            return self.t("holding.none")
        if not any(v.row["exposure"] for v in self.verdicts):
            return self.t("holding.unseen")
        counts = {key: sum(v.row["verdict"] == word for v in self.verdicts) for word, key in _KEY.items()}
        told = [self.t("holding.count", n=n, verdict=self.t(f"holding.{key}")) for key, n in counts.items() if n]
        return self.t("holding.line", words=Markup(self.t.listed(told)))

    def _verdict(self, row: Row) -> Verdict:
        t, needed = self.t, row["days_needed"]
        told = None if row["verdict"] != "cannot tell yet" or needed is None else t("holding.needed", n=needed)
        return Verdict(
            row, t(f"holding.{_KEY[row['verdict']]}"), self._interval(row, "rate"), self._interval(row, "ratio"), told
        )

    def _interval(self, row: Row, what: str) -> Markup:
        """A value with its interval: 0.42 (0.31 to 0.57)."""
        value, low, high = (row[k] for k in (what, f"{what}_low", f"{what}_high"))
        if value is None:
            return self.t("holding.unknown")
        return self.t("holding.interval", value=self._shown(value), low=self._shown(low), high=self._shown(high))

    def _shown(self, value: float | None) -> str:
        if value is None:
            return self.t.plain("holding.unknown")
        if 0 < value < _LEAST:
            return "<" + self.t.number(_LEAST, 2)
        return self.t.number(value, 2 if value < 10 else 1 if value < _MANY else 0)
