"""Rows in the words of the report: acts, places, weapons, directions, harm, statements; all from the catalogue."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TypeVar

from markupsafe import Markup

from trucewatch.agreement import Agreement, Term
from trucewatch.agreement.phrases import SHELF as PHRASES
from trucewatch.agreement.telling import Teller
from trucewatch.model.vocabulary import PARTY_ROLES
from trucewatch.publishing.locale import Catalogue, titles
from trucewatch.taxonomy import Weapon, taxonomy
from trucewatch.weighing.ratios import ratios

Row = Mapping[str, Any]
REASONS = {
    "repeats another voice: no weight": "repeats",
    "speaks again: counted once": "again",
    "withheld contribution": "withheld",
    "restricted contribution": "restricted",
    "links that are not certain, and limits of voices that depend on each other": "averaging",
}
COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_EARTH_KM = 6371.0088


Held = TypeVar("Held", bound="Wording")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def _kept(method: Callable[[Held, Asked], Answer]) -> Callable[[Held, Asked], Answer]:
    """A method whose answers are kept as long as the page is made: a page asks the same a thousand times."""
    name = f"_kept_{method.__name__}"

    @wraps(method)
    def answer(self: Held, asked: Asked) -> Answer:
        answers: dict[Asked, Answer] = self.__dict__.setdefault(name, {})
        if asked not in answers:
            answers[asked] = method(self, asked)
        return answers[asked]

    return answer


class Wording:
    """The words of one page: catalogue, names of actors in its language, names of the sources that may be named."""

    def __init__(self, words: Catalogue, agreements: Sequence[Any], sources: Mapping[str, Row]) -> None:
        self.t = words
        self.sources = sources
        self._actors: dict[str, Any] = {}
        for agreement in agreements:
            for actor in agreement.actors:
                self._actors[actor.id] = actor

    @_kept
    def audience(self, who: str) -> Markup:
        """For whom a page is made: internal, public, party:ID."""
        if who.startswith("party:"):
            return self.t("audience.party", actor=self.actor(who.removeprefix("party:")))
        return self.t(f"audience.{who}")

    def actor(self, id_: str | None) -> Markup:
        """The name of an actor, `other` and `none` in words; an unknown other in the words that were given."""
        if id_ is None:
            return self.t("who.withheld")
        if id_ in {"other", "none"}:
            return self.t(f"who.{id_}")
        if id_.startswith("other:"):
            return Markup.escape(id_.removeprefix("other:"))
        actor = self._actors.get(id_)
        return Markup.escape(id_ if actor is None else actor.name(self.t.lang))

    @_kept
    def source(self, id_: str | None) -> Markup:
        """The printed name of a source, or that it is withheld."""
        row = self.sources.get(str(id_)) if id_ is not None else None
        return self.t("who.withheld_source") if row is None else Markup.escape(row["name"])

    def speaker(self, claim: Row) -> Markup:
        """Who speaks: the source's name."""
        return self.source(claim.get("source"))

    def side(self, claim: Row) -> str | None:
        """The party whose own voice a claim is."""
        row = self.sources.get(str(claim.get("source")))
        return row.get("party") if row is not None and row["role"] in PARTY_ROLES else None

    @_kept
    def act(self, code: str) -> Markup:
        """The act in words, as inside a sentence: the catalogue's, else the taxonomy's title in English."""
        title = _act_title(code)
        return self._own_or_english(f"act.{code}", title[:1].lower() + title[1:])

    @_kept
    def heading(self, code: str) -> Markup:
        """The act in words, as a heading begins."""
        return capital(self.act(code), self.t.lang)

    @_kept
    def reason(self, words: str) -> Markup:
        """Why something weighs what it does: the words of the table of weights, in the language of the page."""
        return self._own_or_english(f"weight.{_weight_names().get(words, words)}", words)

    def _own_or_english(self, key: str, english: str) -> Markup:
        """A text whose English stands in a table of the domain and not in the catalogue."""
        if self.t.lang == "en" or self.t.owns(key):
            return self.t(key) if self.t.owns(key) else Markup.escape(english)
        return self.t.foreign(key, english)

    @_kept
    def weapon(self, code: str | None) -> Markup | None:
        """A weapon by its model, or class and calibre; free words as they are; None where there is none."""
        if not code:
            return None
        known = taxonomy().weapon(code)
        if known is None or (model := _model(known)) is not None:
            return Markup.escape(code if known is None else model)
        english = taxonomy().classes.get(known.weapon_class, known.weapon_class)
        name = self._weapon_class(known.weapon_class, english)
        return name if known.calibre_mm is None else self.t("weapon.calibre", name=name, mm=known.calibre_mm)

    def _weapon_class(self, code: str, english: str) -> Markup:
        """A class of weapons in the language of the page, as agreements are told."""
        if self.t.lang == "en":
            return Markup.escape(english)
        own = PHRASES.messages(self.t.lang).words.get(f"class.{code}")
        return self.t.foreign(f"class.{code}", english) if own is None else Markup.escape(own)

    def term(self, term: Term) -> Markup:
        """What a term says, in the language of the page where the file has it, else marked as the language it is in."""
        own, words = term.language(self.t.lang), term.text(self.t.lang)
        if own == self.t.lang:
            return Markup("<bdi>{}</bdi>").format(words)
        return Markup('<bdi lang="{}">{}</bdi>').format(own, words)

    def teller(self, agreement: Agreement) -> Teller:
        """What tells the parts of an agreement in the language of the page."""
        return Teller(agreement, agreement.event_times(), self.t.lang, titles(self.t.lang))

    def near(self, row: Row) -> Markup | None:
        """How well a place is known: the longer half axis of its 95 % ellipse."""
        if row.get("lat") is None or row.get("semi_major_km") is None:
            return None
        return self.t("place.within", km=kilometres(row["semi_major_km"]))

    def places(self, claims: Iterable[Row]) -> str:
        """All names of an incident's place as most of its sharper claims give it, in the alphabet of the language."""
        groups: list[_Named] = []
        for claim in claims:
            if claim.get("place") and claim["stance"] != "denies":
                groups = _gathered(groups, _Named.of(claim))
        if not groups:
            return ""
        sharp = min(g.radius_km for g in groups)
        kept = [g for g in groups if g.radius_km <= max(2 * sharp, 3.0)]
        best = min(kept, key=lambda g: (-g.voices, not g.plain, g.radius_km, sorted(map(self.t.alphabet, g.names))))
        return " / ".join(sorted(map(self.place, best.names), key=self.t.alphabet))

    def where(self, row: Row, claims: Iterable[Row]) -> Markup:
        """The place of an incident: names, else how well its place is known, else that it is not known."""
        names = self.places(claims)
        if names:
            return Markup.escape(names)
        if row.get("lat") is None:
            return self.t("place.unknown")
        return self.at(row["lat"], row["lon"], 2)

    def at(self, lat: float, lon: float, digits: int) -> Markup:
        """A place by its degrees, each with its half of the globe."""
        return self.t.point(lat, lon, digits)

    @_kept
    def place(self, label: str) -> str:
        """The place of a claim: plain names in the alphabet of the language, other words as they were written."""
        parts = _BETWEEN.split(label)
        return "".join(part if k % 2 else self._in_alphabet(part) for k, part in enumerate(parts))

    def _in_alphabet(self, label: str) -> str:
        """Plain names in the alphabet of the language; also the two words of `A / B` within other words."""
        names = _plain_names(label)
        if names:
            return " / ".join(sorted(names, key=self.t.alphabet))
        words = label.split(" ")
        for k in (k for k, word in enumerate(words) if word == "/" and 0 < k < len(words) - 1):
            beside = [*words[max(0, k - 2) : k - 1], *words[k + 2 : k + 3]]
            # A capital or another stroke beside the two would belong to a longer name, which is not taken apart.
            if (
                words[k - 1].isalpha()
                and words[k + 1].isalpha()
                and not any(w[:1].isupper() or w == "/" for w in beside)
            ):
                words[k - 1], words[k + 1] = sorted((words[k - 1], words[k + 1]), key=self.t.alphabet)
        return " ".join(words)

    def perceived(self, claim: Row) -> Markup | None:
        """How somebody perceived it, with direction and distance as they may leave; None where that was not told."""
        if not claim.get("means"):
            return None
        parts = [self.t(f"means.{claim['means']}")]
        if claim.get("bearing_deg") is not None:
            parts.append(self.t(f"compass.{COMPASS[round(claim['bearing_deg'] / 45) % 8]}"))
        low, high = claim.get("range_km_low"), claim.get("range_km_high")
        if low is not None or high is not None:
            parts.append(self._range(low, high))
        if claim.get("obs_lat") is not None and claim.get("obs_lon") is not None:
            parts.append(self.t("place.observer", at=self.at(claim["obs_lat"], claim["obs_lon"], 4)))
        return self.t.commas(parts)

    def _range(self, low: float | None, high: float | None) -> Markup:
        if high is None:
            return self.t("place.beyond", km=kilometres(low or 0))
        if not low:
            return self.t("place.up_to", km=kilometres(high))
        return self.t("place.range", low=kilometres(low), high=kilometres(high))

    def count(self, row: Row, low: str, high: str) -> str:
        """A count with its range: 3, 3–5, at least 3, at most 5; empty where nothing was told."""
        a, b = row.get(low), row.get(high)
        if a is None and b is None:
            return ""
        if a is None:
            return self.t.plain("count.at_most", k=b)
        if b is None:
            return self.t.plain("count.at_least", k=a)
        return self.t.number(a) if a == b else f"{self.t.number(a)}–{self.t.number(b)}"

    def harm(self, row: Row) -> Markup | None:
        """Killed and injured in words; None where nothing was told."""
        parts = []
        for what in ("killed", "injured"):
            shown = self.count(row, f"{what}_low", f"{what}_high")
            if shown:
                parts.append(self.t(f"harm.{what}", k=shown))
        return self.t.commas(parts) if parts else None

    def quantity(self, claim: Row) -> Markup | None:
        """How many of what: 12 explosions; None where that was not told."""
        shown = self.count(claim, "count_low", "count_high")
        if not shown:
            return None
        return self.t(f"unit.{claim['unit']}", k=shown) if claim.get("unit") else Markup.escape(shown)

    @_kept
    def _stance(self, told: tuple[str, str]) -> Markup:
        """A stance and an act in words."""
        return self.t(f"stance.{told[0]}", act=self.act(told[1]))

    @_kept
    def _accuses(self, actor: str) -> Markup:
        return self.t("stance.accuses", actor=self.actor(actor))

    @_kept
    def said_at(self, told: tuple[int, Any]) -> Markup:
        """When something was said (microseconds), on a page of that day."""
        return self.t("said.at", when=self.t.said(*told))

    def says(self, claim: Row, day: Any) -> Markup:
        """What a claim says, in our own neutral words."""
        parts = [self._stance((claim["stance"], claim["act"]))]
        place = claim.get("place")
        if place:
            parts.append(Markup.escape(self.place(place)))
        parts.append(Markup.escape(self.t.span(claim["start"], claim.get("end"), day)))
        weapon = self.weapon(claim.get("weapon"))
        parts += [p for p in (weapon, self.quantity(claim), self.harm(claim)) if p is not None]
        if claim.get("accused") and claim["stance"] in {"alleges", "observes", "reports"}:
            parts.append(self._accuses(claim["accused"]))
        if claim.get("cumulative"):
            parts.append(self.t("stance.cumulative"))
        return self.t.commas(parts)


def capital(words: Markup, lang: str) -> Markup:
    """The words with a capital at their beginning, also behind a tag."""
    start = words.index(">") + 1 if words.startswith("<") else 0
    first = words[start : start + 1]
    large = "İ" if lang in {"az", "tr"} and first == "i" else first.upper()
    return Markup(words[:start] + large + words[start + 1 :])


def kilometres(value: float) -> float:
    """Kilometres with one decimal under 3, whole above: no more than is known."""
    return round(value, 1) if value < 3 else round(value)


def distance_km(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """Great-circle distance on the mean sphere, km."""
    a, b = math.radians(lat), math.radians(lat2)
    s = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon - lon2) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(s))


@dataclass(frozen=True, slots=True)
class _Named:
    """Names of one place (or one description of it), its least radius, where it is, how many claims name it so."""

    names: frozenset[str]
    plain: bool
    radius_km: float
    at: tuple[float, float] | None
    voices: int = 1

    @classmethod
    def of(cls, claim: Row) -> _Named:
        """The place of one claim."""
        label = str(claim["place"]).strip()
        names = _plain_names(label)
        radius = claim.get("r_radius_km") or claim.get("radius_km") or math.inf
        lat, lon = (claim.get(f"r_{k}", claim.get(k)) for k in ("lat", "lon"))
        at = None if lat is None or lon is None else (lat, lon)
        return cls(frozenset(names or [label]), bool(names), radius, at)

    def same(self, other: _Named) -> bool:
        """Whether both name one place: by a common name, or plain names of one spot."""
        if self.names & other.names:
            return True
        here = self.at is not None and other.at is not None and distance_km(*self.at, *other.at) < _ONE_SPOT_KM
        return self.plain and other.plain and here

    def with_(self, other: _Named) -> _Named:
        """Both together."""
        sharper = min(self, other, key=lambda g: g.radius_km)
        return _Named(self.names | other.names, self.plain, sharper.radius_km, sharper.at, self.voices + other.voices)


_BETWEEN = re.compile(r"( [-\N{EN DASH}] )")  # from one place to another: each has its own two names
_ONE_SPOT_KM = 1.0  # two plain names whose places lie nearer than this are two names of one place


def _gathered(groups: Sequence[_Named], one: _Named) -> list[_Named]:
    """The groups with the place of one more claim."""
    apart = [g for g in groups if not g.same(one)]
    for group in groups:
        if group.same(one):
            one = group.with_(one)
    return [*apart, one]


def _plain_names(label: str) -> list[str]:
    """The names in `A / B` where each is a name and nothing else; empty for a description such as `road to A / B`."""
    names = [n.strip() for n in label.split("/")]
    words = [w for n in names for w in n.split()]
    described = (
        "," in label
        or ";" in label
        or _BETWEEN.search(label) is not None
        or any(w[0].islower() or w[0].isdigit() for w in words)
    )
    return [] if described or not all(names) else names


@lru_cache(maxsize=1)
def _weight_names() -> dict[str, str]:
    """Name of the row in the table of weights, by its words; of the other reasons by their own words."""
    return {row.words: name for name, row in ratios().rows.items()} | REASONS


@lru_cache(maxsize=256)
def _act_title(code: str) -> str:
    act = taxonomy().acts.get(code)
    return code if act is None else act.title


def _model(weapon: Weapon) -> str | None:
    """The name of a model; None for a class, or a calibre of one."""
    parts = weapon.code.split(".")
    return weapon.models[0] if len(parts) > 1 and weapon.models and not parts[1].endswith("mm") else None
