"""The page of a preview: the policy, what it holds back, and every row on two sides. In the look of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from trucewatch.model.times import format_instant
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.preview.comparing import GONE, LEAVES, Compared, Entry
from trucewatch.publishing.report.templates import environment, style
from trucewatch.publishing.report.wording import Wording
from trucewatch.publishing.tables import canonical, shape

MOST = 200  # rows of a table that are shown; the counts are of all of them
_MICROSECONDS = frozenset({"known_at"})
_PACKAGE = "trucewatch.publishing.preview"


@dataclass(frozen=True, slots=True)
class Preview:
    """A day before and after the gate, for one audience. `cut`: microseconds; `warnings`: what to ask or to mend."""

    config: Any
    agreements: Sequence[Any]
    day: Any
    cut: int
    audience: str
    tables: Sequence[Compared]
    warnings: Sequence[str] = ()


def render(preview: Preview, lang: str) -> str:
    """The page in a language, as one HTML text."""
    t = Catalogue(lang, preview.config.timezone)
    css = Markup(files(_PACKAGE).joinpath("templates/preview.css").read_text("utf-8"))
    names: Mapping[str, Any] = {"preview": preview, "t": t, "page": PreviewPage(preview, t), "style": style() + css}
    return str(environment(_PACKAGE).get_template("preview.html").render(names))


class PreviewPage:
    """Everything that the template asks for."""

    most = MOST
    leaves, gone = LEAVES, GONE

    def __init__(self, preview: Preview, t: Catalogue) -> None:
        self.preview, self.t = preview, t
        self.w = Wording(t, preview.agreements, {})

    @property
    def title(self) -> str:
        """The title of the page."""
        name = self.preview.config.title(self.t.lang)
        return f"{self.t.plain('preview.title')}: {name}, {self.t.day(self.preview.day)}"

    @property
    def audience(self) -> Markup:
        """For whom it would leave."""
        return self.w.audience(self.preview.audience)

    @property
    def rules(self) -> list[tuple[str, str]]:
        """The publication keys of mission.yaml as they stand."""
        return [(k, self.value(k, v, "")) for k, v in self.preview.config.publication.model_dump().items()]

    def reasons(self, table: Compared) -> list[tuple[Markup, int, bool]]:
        """Rules with how many rows each holds back whole, then how many it changes (True: in part)."""
        whole = [(self.t(f"preview.why_{k}"), n, False) for k, n in table.why.most_common()]
        part = [(self.t(f"preview.rule_{k}"), n, True) for k, n in table.changed.most_common() if k != GONE]
        return [*whole, *part]

    def shown(self, table: Compared) -> list[Entry]:
        """The rows that are shown: those held back first, then those that are changed, then the others."""
        return sorted(table.entries, key=lambda e: (e.why is None, all(c.rule == LEAVES for c in e.cells)))[:MOST]

    def why(self, entry: Entry) -> Markup:
        """The rule that holds a row back whole."""
        return self.t(f"preview.why_{entry.why}")

    def value(self, column: str, value: Any, table: str) -> str:
        """A value as a file has it."""
        if value is None:
            return "–"
        if isinstance(value, int) and not isinstance(value, bool) and table and column in _times(table):
            return format_instant(value)
        if isinstance(value, list | tuple | dict):
            return canonical(value)
        return str(value).lower() if isinstance(value, bool) else str(value)

    def row(self, row: Mapping[str, Any], table: str) -> str:
        """A row in one line."""
        return " · ".join(self.value(k, v, table) for k, v in row.items() if v is not None and k != "incident_id")


def _times(table: str) -> frozenset[str]:
    return shape(table).times | _MICROSECONDS
