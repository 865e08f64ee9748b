"""The tables of a page: coverage, restrictions, numbers of the annex, words of the bands, limits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from trucewatch.model.vocabulary import STATUSES
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report import chart
from trucewatch.publishing.report.cards import Card
from trucewatch.publishing.report.day import Day, Row
from trucewatch.publishing.report.findings import outcome_word
from trucewatch.publishing.report.truce import Truce
from trucewatch.publishing.report.weapons import Sighting
from trucewatch.publishing.report.where import Where
from trucewatch.publishing.report.wording import Wording, kilometres
from trucewatch.publishing.view import View


class Rows:
    """What the tables of a page show. `Page` adds the rest."""

    day: Day
    view: View
    w: Wording
    t: Catalogue
    where_: Where
    truces: list[Truce]

    def position(self, actor: str | None) -> int | None:
        """Position of an actor, for its colour."""
        raise NotImplementedError

    @property
    def asked(self) -> str:
        """The options that ask for this report."""
        raise NotImplementedError

    # ---- coverage and restrictions

    @cached_property
    def coverage(self) -> list[Row]:
        """What observers could see that day, a row for each area."""
        return self.day.now("coverage")

    @cached_property
    def observers(self) -> list[Row]:
        """The same with the areas of one observer, time and manner in one row (`areas`)."""
        grouped: dict[tuple[Any, ...], Row] = {}
        for row in self.coverage:
            key = tuple(str(row[k]) for k in ("source", "start", "end", "acts", "means", "detection"))
            grouped.setdefault(key, {**row, "areas": []})["areas"].append(self.area(row))
        return list(grouped.values())

    @cached_property
    def restrictions(self) -> list[Row]:
        """Who was kept from seeing that day."""
        return self.day.now("restrictions")

    @cached_property
    def gaps(self) -> list[Row]:
        """Share of each sector and of the hours that coverage held, the mean over the days of the report."""
        table = self.view.derived.tables["gaps"]
        rows = self.day.release("gaps", (r for r in table if self.view.start_us <= r["start"] < self.view.end_us))
        shares: dict[str, list[float]] = {}
        for row in rows:
            shares.setdefault(row["sector"], []).append(row["share_covered"])
        known = ((s, [x for x in found if x is not None]) for s, found in shares.items())
        return [{"sector": s, "share_covered": sum(found) / len(found) if found else None} for s, found in known]

    @cached_property
    def seen_line(self) -> Markup:
        """How much of the area observers could see."""
        shares = [g["share_covered"] for g in self.gaps if g["share_covered"] is not None]
        if not shares or not any(shares):
            return self.t("seen.none")
        return self.t("seen.share", share=self.t.percent(sum(shares) / len(shares)))

    def sector(self, name: str) -> Markup:
        """The name of a sector; the one of a mission without sectors in words."""
        return self.t("coverage.all") if name == "all" and not self.view.sectors else Markup.escape(self.w.place(name))

    def share(self, share: float | None) -> Markup:
        """A share as picture and per cent."""
        if share is None:
            return self.t("count.unknown")
        shown = self.t.percent(share)
        return chart.share_bar(share, self.t.plain("seen.label", share=shown)) + Markup(" ") + Markup.escape(shown)

    def span(self, row: Mapping[str, Any]) -> str:
        """The interval of a row, days included."""
        return self.t.span(row["start"], row.get("end"))

    def area(self, row: Mapping[str, Any]) -> Markup:
        """Where an observer could see: a named area, a circle, or not told."""
        for name in ("sector", "zone"):
            if row.get(name):
                return Markup.escape(self.w.place(str(row[name])))
        if row.get("radius_km") is None or row.get("lat") is None:
            return self.t("count.unknown")
        at = self.w.at(row["lat"], row["lon"], 2)
        return self.t("place.circle", at=at, km=kilometres(row["radius_km"]))

    def acts(self, row: Mapping[str, Any]) -> Markup:
        """Which acts it would have recorded."""
        codes: Sequence[str] = row.get("acts") or ()
        return self.t.commas(self.w.act(a) for a in codes) if codes else self.t("coverage.any_act")

    @cached_property
    def restricted_by(self) -> list[tuple[str | None, Markup]]:
        """Restrictions by whom they are said to come from: every party named, also with none."""
        t, found = self.t, Counter(r.get("by") for r in self.restrictions)
        order = [a for a in self.where_.positions if found[a] or a in self._parties]
        order += sorted(self._strangers(found))
        out: list[tuple[str | None, Markup]] = [
            (a, t("restrictions.by", actor=self.w.actor(a), n=found[a])) for a in order
        ]
        return [*out, (None, t("restrictions.unnamed", n=found[None]))] if found[None] else out

    @property
    def _parties(self) -> set[str]:
        return {a.id for agreement in self.view.agreements for a in agreement.parties}

    def _strangers(self, found: Mapping[str | None, int]) -> set[str]:
        return {str(a) for a in found if a is not None and a not in self.where_.positions}

    def link(self, url: str) -> Markup:
        """A link to a source, for addresses of the web alone."""
        if not url.startswith(("https://", "http://")):
            return Markup("")
        return Markup('<a href="{}" rel="noreferrer">{}</a>').format(url, self.t("said.link"))

    # ---- cells

    def bar(self, card: Card) -> Markup:
        """The picture of a probability."""
        a, b = card.incident.assessment, self.view.config.bands
        bounds = (b.unconfirmed, b.more_likely_than_not, b.probable, b.corroborated)
        return chart.probability_bar(a["p_occurred"], a["p_low"], a["p_high"], bounds, card.bar_label)

    def interval(self, bounds: tuple[int | None, int | None]) -> str:
        """A count with its range, or that it was not told."""
        if bounds == (None, None):
            return self.t.plain("count.not_told")
        return self.w.count({"low": bounds[0], "high": bounds[1]}, "low", "high")

    def source_list(self, sources: Sequence[str | None]) -> Markup:
        """Names of sources."""
        return self.t.commas(self.w.source(s) for s in sources)

    def outcome(self, outcome: str | None) -> Markup:
        """An outcome in words."""
        return outcome_word(self.w, outcome)

    def distance(self, s: Sighting) -> Markup:
        """Distance from the line with its uncertainty, and what the term asks for."""
        low, high = s.required_km
        if low == high == 0:
            asked = self.t("weapons.not_covered")
        elif math.isinf(high):
            asked = self.t("weapons.asked_unknown")
        elif low != high:
            asked = self.t("weapons.asked_range", low=kilometres(low), high=kilometres(high))
        else:
            asked = self.t("weapons.asked", km=kilometres(high))
        if s.distance_km is None or s.spread_km is None:
            return self.t("weapons.unknown_line", asked=asked)
        key = "weapons.beyond" if s.distance_km < 0 else "weapons.distance"
        words = self.t(key, km=kilometres(abs(s.distance_km)), spread=kilometres(s.spread_km), asked=asked)
        required = high if low == high and 0 < high < math.inf else None
        label = str(words.striptags())
        return words + chart.ruler(s.distance_km, s.spread_km, required, self.position(s.actor), label)

    # ---- annex, bands, limits

    @cached_property
    def author_columns(self) -> list[str]:
        """Actors that can be authors, in the order of the agreements; `other` and `none` last."""
        found = {a["actor"] for i in self.day.incidents for a in i.authors}
        named = [a for a in self.where_.positions if a in found]
        return [*named, *(a for a in ("other", "none") if a in found)]

    def numbers(self, card: Card) -> list[str]:
        """The numbers of one incident: probability, interval, without one source, authors, place, ellipse."""
        t, a, row = self.t, card.incident.assessment, card.incident.row
        none = "–"

        def p(value: float | None) -> str:
            return none if value is None else t.number(value, 4)

        authors = {x["actor"]: x["p"] for x in card.incident.authors}
        place = none if row["lat"] is None else f"{t.number(row['lat'], 4)}, {t.number(row['lon'], 4)}"
        axes = none
        if row["semi_major_km"] is not None and row["lat"] is not None:
            axes = " × ".join(t.number(kilometres(row[f"semi_{half}_km"])) for half in ("major", "minor")) + " km"
        return [
            p(a["p_occurred"]), f"{p(a['p_low'])}–{p(a['p_high'])}", f"{p(a['p_drop_min'])}–{p(a['p_drop_max'])}",
            *(p(authors.get(who)) for who in self.author_columns), place, axes,
        ]  # fmt: skip

    @cached_property
    def bands(self) -> list[tuple[Markup, Markup]]:
        """The words of the bands and what each says, strongest first."""
        b, t = self.view.config.bands, self.t
        bounds = {
            "unlikely": 0.0, "unconfirmed": b.unconfirmed, "more likely than not": b.more_likely_than_not,
            "probable": b.probable, "corroborated": b.corroborated, "verified": b.corroborated,
        }  # fmt: skip
        above = {s: bounds.get(n, 1.0) for s, n in pairwise(STATUSES)}
        out = []
        for status in reversed(STATUSES):
            low, high = t.percent(bounds[status]), t.percent(above.get(status, 1.0))
            out.append((t(f"status.{status}"), t(f"meaning.{status}", low=low, high=high)))
        return out

    @cached_property
    def band_low(self) -> str:
        """From which probability an incident can be corroborated."""
        return self.t.percent(self.view.config.bands.corroborated)

    @cached_property
    def limits(self) -> list[Markup]:
        """What this page cannot say."""
        keys = ["holding", "accusations", "places", "english_words"]
        if self.view.cut.reconstructed:
            keys.insert(0, "reconstructed")
        if self.view.audience != "internal":
            keys.append("withheld")
        if not self.view.config.publication.place_km and self.view.audience != "internal":
            keys.append("exact")
        elif self.view.audience != "internal":
            keys.append("coarse")
        km = self.t.number(self.view.config.publication.place_km)
        return [self.t(f"limit.{k}", km=km) for k in keys]

    @cached_property
    def check(self) -> list[Markup]:
        """How to check the page."""
        cut = "--known-by" if self.view.cut.kind == "known_by" else "--as-of"
        first = next((i.id for i in self.day.incidents), "I1")
        return [
            self.t("check.explain", command=_code(f"trucewatch explain DIR {first}")),
            self.t("check.export", command=_code(f"trucewatch export DIR all -o OUT {cut} T")),
            self.t("check.mirror", command=_code(f"trucewatch report DIR {self.asked} --mirror")),
        ]


def _code(command: str) -> Markup:
    return Markup('<code dir="ltr">{}</code>').format(command)
