"""One incident in words: what is told of it and by whom, why it is as well established as it is, who did it, its terms.

Words of the bands stand in the report; the numbers behind them in its annex and in `trucewatch explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from trucewatch.publishing.report.chart import Step, on_scale, steps
from trucewatch.publishing.report.day import EACH_OTHER, NAMES_NOBODY, Day, Incident
from trucewatch.publishing.report.findings import TermWords, term_words
from trucewatch.publishing.report.where import Where
from trucewatch.publishing.report.wording import Wording

Row = dict[str, Any]
_TOLD = ("alleges", "observes", "admits", "reports")


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the sum in words: whose voice, why it weighs, where its bar stands."""

    who: Markup
    why: Markup
    step: Step | None


class Card:
    """The words of one incident in one language."""

    def __init__(self, day: Day, incident: Incident, words: Wording, where: Where, ref: Any) -> None:
        self.day, self.incident, self.w, self.t, self.ref = day, incident, words, words.t, ref
        self.accused_id = day.accused[incident.id]
        self.position = where.position(self.accused_id)

    @property
    def id(self) -> str:
        """The incident's id: its anchor."""
        return self.incident.id

    @cached_property
    def what(self) -> Markup:
        """The act, as a heading begins."""
        return self.w.heading(self.incident.row["act"])

    @cached_property
    def where(self) -> Markup:
        """Names of the place, else coordinates, else that it is not known."""
        return self.w.where(self.incident.row, self.incident.claims)

    @cached_property
    def near(self) -> Markup | None:
        """How well the place is known."""
        return self.w.near(self.incident.row)

    @cached_property
    def when(self) -> str:
        """The time or interval."""
        return self.t.span(self.incident.row["start"], self.incident.row["end"], self.ref)

    @cached_property
    def status(self) -> Markup:
        """The word of its band."""
        return self.t(f"status.{self.incident.status}")

    @cached_property
    def accused(self) -> Markup:
        """Whom those who speak of it accuse."""
        if self.accused_id == EACH_OTHER:
            return self.t("accused.each_other")
        return self.t("accused.nobody") if self.accused_id == NAMES_NOBODY else self.w.actor(self.accused_id)

    @cached_property
    def more(self) -> Markup:
        """Weapon and number, as far as told."""
        row = self.incident.row
        weapon = self.w.weapon(row.get("weapon"))
        told = {q for c in self.incident.said(*_TOLD) if (q := self.w.quantity(c)) is not None}
        parts = [Markup.escape(p) for p in (weapon, *sorted(told)[:2]) if p is not None]
        return self.t.commas(parts)

    @cached_property
    def title(self) -> str:
        """One line for the mark on the map."""
        shown = f"{self.incident.number}. {self.what}, {self.where}, {self.when}: {self.status}"
        return str(Markup(shown).striptags())

    @cached_property
    def bar_label(self) -> str:
        """The picture of the probability in words."""
        a = self.incident.assessment
        if a["p_occurred"] is None:
            return ""
        shown = {k: self.t.percent(a[c] if a[c] is not None else a["p_occurred"]) for k, c in _BAR.items()}
        return self.t.plain("bar.label", **shown)

    @cached_property
    def told_by(self) -> list[Markup]:
        """Who tells of it and how each perceived it; copies and what is withheld as numbers."""
        out: list[Markup] = []
        for stance in _TOLD:
            speakers = self._speakers(self.incident.said(stance))
            if speakers:
                out.append(self.t(f"told.{stance}", who=_joined(self.t, speakers)))
        return out + self._counted()

    def _counted(self) -> list[Markup]:
        out = []
        if self.incident.copies:
            out.append(self.t("told.copies", n=self.incident.copies))
        least = self.day.view.config.publication.min_cell
        if 0 < self.incident.withheld < least:
            out.append(self.t("told.withheld_few", n=least))
        elif self.incident.withheld:
            out.append(self.t("told.withheld", n=self.incident.withheld))
        return out

    def _speakers(self, claims: Iterable[Row]) -> list[Markup]:
        """Each speaker once, with the manners in which it perceived the act."""
        found: dict[str, list[Markup]] = {}
        for claim in claims:
            manners = found.setdefault(str(claim.get("source")), [])
            how = self.w.perceived(claim) if claim["stance"] == "observes" else None
            if how is not None and how not in manners:
                manners.append(how)
        return [
            self.t("told.manner", who=self.w.source(s), how=self.t.semicolons(how)) if how else self.w.source(s)
            for s, how in found.items()
        ]

    @cached_property
    def answers(self) -> Markup | None:
        """Who denies it."""
        speakers = self._speakers(self.incident.said("denies"))
        return self.t("told.denies", who=_joined(self.t, speakers)) if speakers else None

    @cached_property
    def harm(self) -> Markup | None:
        """Killed and injured as told, lowest and highest."""
        return self.w.harm(self.incident.row)

    @cached_property
    def lines(self) -> list[Line]:
        """The steps from even odds to the sum; what has no weight is told in one line a kind."""
        moved = [c for c in self.incident.contributions if c["log_odds"]]
        bars = steps([c["log_odds"] for c in moved])
        out = [
            Line(self._voice(c), self.w.reason(c["reason"] or c["kind"]), bar)
            for c, bar in zip(moved, bars, strict=True)
        ]
        idle: dict[str, int] = {}
        for c in self.incident.contributions:
            if not c["log_odds"]:
                idle[c["reason"] or c["kind"]] = idle.get(c["reason"] or c["kind"], 0) + 1
        out += [Line(self.t("why.voices", n=n), self.w.reason(words), None) for words, n in idle.items()]
        return out

    def _voice(self, contribution: Row) -> Markup:
        if contribution["source"] is not None:
            return self.w.source(contribution["source"])
        known = {"prior": "why.base", "averaging": "why.averaging"}
        return self.t(known.get(contribution["kind"], "who.withheld_source"))

    @cached_property
    def total(self) -> float | None:
        """Where the steps end, per cent of the scale's length."""
        weights = [c["log_odds"] for c in self.incident.contributions]
        return on_scale(sum(weights)) if weights else None

    @cached_property
    def because(self) -> list[Markup]:
        """What the status rests on, beyond the sum: gates, single sources, decisions."""
        out: list[Markup] = []
        a, bands = self.incident.assessment, self.day.view.config.bands
        p = a["p_occurred"]
        if p is None:
            return out
        by_sum = band(p, bands)
        if self.incident.status == "verified":
            out.append(self.t("why.verified"))
        elif by_sum == "corroborated" and self.incident.status == "probable":
            out.append(self.t("why.gate"))
        elif by_sum != self.incident.status:
            out.append(self.t("why.decided"))
        if self.incident.row["n_voices"] == 1:
            out.append(self.t("why.alone"))
        elif a["p_drop_min"] is not None and a["p_drop_max"] is not None:
            low, high = (self.t(f"band.{band(a[k], bands)}") for k in ("p_drop_min", "p_drop_max"))
            out.append(self.t("why.drop_one", word=low) if low == high else self.t("why.drop", low=low, high=high))
        return out

    @cached_property
    def author(self) -> Markup:
        """Who did it, in the words of the bands; an accusation alone establishes nobody."""
        if not self.incident.authors:
            return self.t("author.withheld")
        bands = self.day.view.config.bands
        named = [a for a in self.incident.authors if a["actor"] not in {"none", "other"} and a["p"] is not None]
        best = max(named, key=lambda a: a["p"], default=None)
        if best is None or best["p"] < bands.more_likely_than_not:
            return self.t("author.unknown")
        word = band(best["p"], bands)
        return self.t("author.known", word=self.t(f"band.{word}"), actor=self.w.actor(best["actor"]))

    @cached_property
    def terms(self) -> list[TermWords]:
        """The terms concerned, with their outcomes and why."""
        return term_words(self.day, self.incident, self.w)

    @cached_property
    def statements(self) -> dict[str, Markup]:
        """Every statement of it that may leave, by SOURCE/ID, in the order in which they were said."""
        return {c["id"]: statement(self.w, c, self.ref) for c in self.incident.claims}

    @cached_property
    def told(self) -> list[tuple[Markup, str, str]]:
        """Every statement with its recorded words, as far as they leave, and inside the mission with its reference."""
        internal = self.day.view.audience == "internal"
        return [
            (self.statements[c["id"]], str(c.get("text") or ""), c["id"] if internal else "")
            for c in self.incident.claims
        ]


_BAR = {"p": "p_occurred", "low": "p_low", "high": "p_high"}


def statement(w: Wording, claim: Row, ref: Any) -> Markup:
    """A statement in our words: who, what, when it was said, and where it can be read."""
    t = w.t
    extra = [w.said_at((claim["published"], ref))]
    if claim.get("relation") == "repeats":
        extra.append(t("said.repeats"))
    if claim.get("retracted_by"):
        extra.append(t("said.withdrawn"))
    if claim.get("versions"):
        extra.append(t("said.versions", n=len(claim["versions"]) + 1))
    if claim.get("p_link") is not None and claim["p_link"] < 0.9:
        extra.append(t("said.uncertain"))
    url = str(claim.get("url") or "")
    if url.startswith(("https://", "http://")):
        link = Markup('<a href="{}" rel="noreferrer" aria-label="{}">{}</a>')
        extra.append(
            link.format(
                url, t.plain("said.link_of", who=str(w.source(claim.get("source")).striptags())), t("said.link")
            )
        )
    how = w.perceived(claim) if claim["stance"] == "observes" else None
    words = w.says(claim, ref)
    if how is not None:
        words = t("told.manner", who=words, how=how)
    tail = Markup(' <span class="tag">({})</span>').format(t.semicolons(extra))
    return t("said.by", who=w.source(claim.get("source")), words=words) + tail


def band(p: float, bands: Any) -> str:
    """The word of a probability, by the sum alone (no gate)."""
    p4 = round(p * 10_000)
    names = ("unconfirmed", "more_likely_than_not", "probable", "corroborated")
    reached = [n for n in names if p4 >= round(getattr(bands, n) * 10_000)]
    return (reached[-1] if reached else "unlikely").replace("_", " ")


def _joined(t: Any, parts: Sequence[Markup]) -> Markup:
    return Markup(t.listed(parts)) if parts else Markup("")
