"""The register as one page in one language, in the look of the report; it needs nothing else and prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from trucewatch.model.aside import aside
from trucewatch.model.times import HOUR
from trucewatch.procedure.register import UNKNOWN, Duration, state_word
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.register.counting import Counted, Span
from trucewatch.publishing.register.view import RegisterView
from trucewatch.publishing.report.templates import environment, style
from trucewatch.publishing.report.wording import Wording, capital

Row = Mapping[str, Any]
_DAY_H = 24.0
_LONG = 1_000  # rows from which on a second process is worth its beginning
_COLUMNS = ("number", "received", "by", "against", "kind", "state", "clock", "age")


def render(view: RegisterView, lang: str, hands: int = 1) -> str:
    """The page of a register in a language, as one HTML text; with more than one of `hands` a second process makes half
    of a long list."""
    t = Catalogue(lang, view.config.timezone)
    page = RegisterPage(view, t, hands)
    names = {"view": view, "t": t, "page": page, "style": style()}
    return str(environment("trucewatch.publishing.register").get_template("register.html").render(names))


class RegisterPage:
    """Everything that the template asks for."""

    def __init__(self, view: RegisterView, t: Catalogue, hands: int = 1) -> None:
        self.view, self.t, self._hands = view, t, hands
        self.w = Wording(t, view.agreements, {})
        self._words: dict[tuple[str, str], Markup] = {}

    @cached_property
    def title(self) -> str:
        """The title of the page."""
        words = f"{self.t.plain('register.title')}: {self.view.config.title(self.t.lang)}"
        return f"{self.t.plain('exercise.word')}: {words}" if self.view.config.exercise else words

    @cached_property
    def audience(self) -> Markup:
        """For whom the page was made."""
        return self.w.audience(self.view.audience)

    @cached_property
    def cut(self) -> Markup:
        """Which records count."""
        at = self.view.at
        key = "head.known_by" if self.view.reconstructed else "head.as_of"
        return self.t(key, at=self.t.moment(at), offset=self.t.offset(at))

    @cached_property
    def lead(self) -> Markup:
        """How many complaints there are, and how many wait."""
        return self.t("register.lead", total=self.number(self.view.total), waiting=self.number(self.view.pending))

    def number(self, span: Span) -> str:
        """A count, as a range where it is told as one."""
        if span.exact:
            return self.t.number(span.low)
        return f"{self.t.number(span.low)}–{self.t.number(span.high)}"

    def word(self, kind: str, code: str) -> Markup:
        """A word of the catalogue: `register.KIND.CODE`, the code's blanks as underscores."""
        found = self._words.get((kind, code))
        if found is None:
            found = self._words[kind, code] = self.t(f"register.{kind}.{code.replace(' ', '_')}")
        return found

    def head(self, code: str) -> Markup:
        """A state or a ruling, as a heading begins."""
        return capital(self.word("state", code), self.t.lang)

    def group(self, table: Counted, group: str) -> Markup:
        """The name of a group."""
        return self.kind(group) if table.by == "kind" else self.party(group)

    def party(self, id_: str | None) -> Markup:
        """The name of a party; anybody else, and nobody, in words."""
        if id_ is None or id_ == UNKNOWN:
            return self.t("register.nobody")
        return Markup("<bdi>{}</bdi>").format(self.w.actor(id_))

    def kind(self, code: str) -> Markup:
        """What complaints are about."""
        if code == UNKNOWN:
            return self.t("register.kind_unknown")
        if self.t.owns(f"register.kind.{code}"):
            return self.word("kind", code)
        return self.w.heading(code)

    def length(self, hours: float | None) -> str:
        """A length of time in few words: hours below two days, else days."""
        if hours is None:
            return "–"
        if hours < 2 * _DAY_H:
            return self.t.plain("register.hours", n=round(hours)).replace(" ", "\u00a0")
        return self.t.plain("register.days", n=round(hours / _DAY_H)).replace(" ", "\u00a0")

    def of(self, d: Duration) -> Markup:
        """The group of a row of durations."""
        if d.by == "all":
            return self.t("register.all")
        return self.kind(d.group) if d.by == "kind" else self.party(d.group)

    def range(self, d: Duration) -> str:
        """From the shortest to the longest time."""
        if d.low_h is None or d.high_h is None:
            return "–"
        return f"{self.length(d.low_h)} – {self.length(d.high_h)}"

    # ---- the list

    def body(self) -> Markup:
        """The rows of the list. A register has thousands, so they are put together here and not in the template."""
        labels = [escape(self.t.plain(f"register.column.{name}")) for name in _COLUMNS[1:]]
        begins = [f'<td role="cell" data-label="{label}">' for label in labels]

        def made(some: Sequence[Row]) -> tuple[str, set[str]]:
            return "\n".join([self._row(r, begins) for r in some]), self.t.missing

        rows = self.view.rows
        half = len(rows) // 2 if self._hands > 1 and len(rows) >= _LONG else len(rows)
        rest = aside(lambda: made(rows[half:])) if half < len(rows) else lambda: ("", set())
        first, _ = made(rows[:half])
        more, missing = rest()
        self.t.missing |= missing
        return Markup(f"{first}\n{more}")

    @property
    def columns(self) -> list[Markup]:
        """The heads of the list."""
        return [self.t(f"register.column.{name}") for name in _COLUMNS]

    def _row(self, r: Row, begins: list[str]) -> str:
        cells = (
            escape(self.t.moment(r["received"])), self._party(r["complainant"]), self._party(r["against"]),
            self._kind(r), self._state(r), self._clock(r), escape(self.length(r["age_h"])),
        )  # fmt: skip
        # Every cell is HTML already, so that plain text puts them together: much quicker over thousands of rows.
        inner = "".join([f"{begin}{cell}</td>" for begin, cell in zip(begins, cells, strict=True)])
        return (
            f'<tr role="row"><th role="rowheader" scope="row"><bdi>{escape(r["complaint_id"])}</bdi></th>{inner}</tr>'
        )

    def _party(self, id_: str | None) -> Markup:
        key = ("party", str(id_))
        if key not in self._words:
            self._words[key] = self.party(id_)
        return self._words[key]

    def _kind(self, r: Row) -> Markup:
        key = ("kind of", f"{r['kind']} {r['term']}")
        if key not in self._words:
            words = self.kind(r["kind"])
            if r["term"] is not None:
                words = Markup("{} <small>{}</small>").format(words, self.t("register.term", term=str(r["term"])))
            self._words[key] = words
        return self._words[key]

    def _state(self, r: Row) -> Markup:
        words = self.head(state_word(r))
        remarks = self._remarks(r)
        if not remarks:
            return words
        return Markup(f"{words} <small>{self._semicolon.join(remarks)}</small>")

    @cached_property
    def _semicolon(self) -> str:
        return str(escape(self.t.plain("join.semicolon")))

    def _remarks(self, r: Row) -> list[Markup]:
        out = []
        if r.get("late"):
            out.append(self._listed("register.late", "steps", "step", r["late"]))
        if r.get("missing") and r["pending"]:
            out.append(self._listed("register.not_told", "what", "missing", r["missing"]))
        if r.get("suspended"):
            out.append(self.t("register.suspended", reason=str(r["suspended"])))
        if r.get("double_of"):
            out.append(self.t("register.double", number=str(r["double_of"])))
        if r.get("third_party"):
            out.append(self.t("register.third_party"))
        if r.get("lang"):
            out.append(self.t("register.language", lang=self._language(str(r["lang"]))))
        if r.get("findings"):
            out.append(self.t("register.findings", ids=", ".join(r["findings"])))
        if r.get("offices"):
            out.append(self._listed("register.passed", "names", "office", r["offices"]))
        if r.get("still_to_pass"):
            out.append(self._listed("register.left", "names", "office", r["still_to_pass"]))
        if r.get("published") is not None:
            length = self.length(r["hours_to_publication"])
            out.append(self.t("register.published", when=self.t.day(r["published"]), length=length))
        return out

    def _listed(self, key: str, name: str, kind: str, codes: Sequence[str]) -> Markup:
        """A remark that lists words; few lists come again and again."""
        held = (key, " ".join(codes))
        if held not in self._words:
            words = [self._office(c) if kind == "office" else self.word(kind, c) for c in codes]
            self._words[held] = self.t(key, **{name: self.t.commas(words)})
        return self._words[held]

    def _language(self, lang: str) -> str:
        from trucewatch.publishing.report.index import language_name

        return language_name(lang)

    def _office(self, name: str) -> Markup:
        if self.t.owns(f"register.office.{name}") or name in _OFFICES:
            return self.word("office", name)
        for agreement in self.view.agreements:
            for body in agreement.mechanisms:
                if body.id == name and body.names:
                    return escape(body.names.get(self.t.lang) or body.names.get("en") or name)
        return escape(name)

    def _clock(self, r: Row) -> Markup:
        if r.get("next_step") is None or r.get("next_due") is None:
            return Markup("–")
        left = (r["next_due"] - self.view.at) / HOUR
        key = "register.overdue" if left < 0 else "register.due"
        return self.t(
            key, step=self.word("step", r["next_step"]), at=self.t.moment(r["next_due"]), length=self.length(abs(left))
        )


_OFFICES = frozenset({"reporter", "liaison", "analyst", "reviewer", "head", "board", "party"})

__all__ = ["RegisterPage", "render"]
