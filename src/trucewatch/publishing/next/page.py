"""The plan of a day as one page for the mission alone, in the look of the report; it needs nothing else and prints.

It takes no audience: a page that says where a patrol may be is made for those inside, or not at all (law L10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from trucewatch.planning.changing import Wanted
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.next.words import Told, effort_rows, refused_rows, task_rows
from trucewatch.publishing.report.templates import environment, style

Row = dict[str, Any]
_SHOWN = 40  # findings of which the page tells what would change them; the others stand in --json


def render(config: Any, told: Told, changes: Sequence[tuple[Wanted, list[Row]]], lang: str) -> str:
    """The page in a language, as one HTML text. `config`: of the mission."""
    t = Catalogue(lang, config.timezone)
    page = NextPage(config, told, changes, t)
    names = {"config": config, "t": t, "page": page, "style": style()}
    return str(environment("trucewatch.publishing.next").get_template("next.html").render(names))


@dataclass(frozen=True)
class NextPage:
    """Everything that the template asks for."""

    config: Any
    told: Told
    changes: Sequence[tuple[Wanted, list[Row]]]
    t: Catalogue

    @cached_property
    def title(self) -> str:
        """The title of the page."""
        words = f"{self.t.plain('next.title')}: {self.config.title(self.t.lang)}"
        return f"{self.t.plain('exercise.word')}: {words}" if self.config.exercise else words

    @cached_property
    def tasks(self) -> list[Row]:
        """Tasks by rank."""
        return task_rows(self.told, self.t)

    @cached_property
    def refused(self) -> list[Row]:
        """Visits that safety forbids."""
        return refused_rows(self.told, self.t)

    @cached_property
    def effort(self) -> list[Row]:
        """Effort by party."""
        return effort_rows(self.told)

    @cached_property
    def shown(self) -> list[tuple[Wanted, list[Row]]]:
        """What would change the first findings."""
        return list(self.changes[:_SHOWN])

    def place(self, row: Row) -> Markup:
        """Latitude and longitude of a row, a dash without."""
        return Markup("–") if row["lat"] is None else self.t.point(row["lat"], row["lon"], 3)

    def fall(self, row: Row) -> str:
        """An expected fall, three decimals."""
        return self.t.number(row["fall"]["total"], 3)

    def share(self, value: float | None) -> str:
        """A share as per cent, a dash where there is none."""
        return "–" if value is None else self.t.percent(value)

    def outcome(self, word: str | None) -> str:
        """An outcome in the words of the page, a dash for none."""
        if word is None:
            return "–"
        key = word.replace("(", "").replace(")", "").replace(" ", "_")
        return self.t.plain(f"outcome.{key}")

    def asked(self, row: Row) -> str:
        """Whom it is asked of."""
        return self.t.listed(self.told.names[p] for p in row["asked_of"]) or "–"


__all__ = ["NextPage", "render"]
