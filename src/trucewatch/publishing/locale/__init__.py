"""Texts for users in one gettext catalogue a language, and numbers, dates and times by CLDR (Babel).

A text that a language lacks is shown in English, marked as English for readers and their screen readers, and counted.
Catalogues: LANG/LC_MESSAGES/trucewatch.po beside this file; docs/how-to/languages.md says how to add and translate.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, format_percent, parse_pattern
from markupsafe import Markup, escape

from trucewatch.model.messages import Shelf, Words
from trucewatch.model.times import DAY, MINUTE, from_us, zone
from trucewatch.publishing.markup import escaped, joined

FALLBACK = "en"
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "ps", "ku"}
_REGIONS = {"en": "en_GB"}  # days as the field writes them: 12 October
SHELF = Shelf(__name__, "trucewatch", FALLBACK)


def texts(lang: str) -> Mapping[str, Words]:
    """The catalogue of a language by key (`summary.lead`); empty where there is none. A plural is a tuple of forms."""
    return SHELF.messages(lang).words


def titles(lang: str) -> Callable[[str], str]:
    """What tells the words of an act's code in a language, else in English."""
    from trucewatch.agreement.telling import english_title

    known = texts(lang)
    return lambda code: str(known.get(f"act.{code}") or english_title(code))


def available() -> tuple[str, ...]:
    """Languages that have a catalogue, English first."""
    return SHELF.languages()


@lru_cache(maxsize=16)
def _decimals(digits: int) -> NumberPattern:
    """The pattern of a number with exactly so many decimals, read once."""
    return parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))


def _marked(html: str) -> Markup:
    """English inside a page of another language, marked as such for readers and their screen readers."""
    return Markup(f'<span lang="en" dir="ltr">{html}</span>')


_INNER = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")
_TAGS = re.compile(r"<[^>]*>|&#?\w+;")


def _has_letters_of_its_own(value: str) -> bool:
    """Whether a text has letters outside of the isolates in it."""
    bare = _TAGS.sub("", value)
    while (less := _INNER.sub("", bare)) != bare:
        bare = less
    return any(map(str.isalpha, bare))


def _ended(text: str) -> str:
    """A sentence that ends with a shortened word (2014 р., сх. д.) takes no second full stop."""
    return text[:-1] if text.endswith("..") and not text.endswith("...") else text


class Catalogue:
    """One language for one page: texts, numbers and times in the mission's zone; `missing` gathers what fell back."""

    def __init__(self, lang: str, timezone: str = "UTC") -> None:
        self.lang = lang
        self.tz = zone(timezone)
        self.timezone = timezone
        self.dir = "rtl" if lang.split("-")[0] in _RIGHT_TO_LEFT else "ltr"
        self.missing: set[str] = set()
        self._own, self._english = SHELF.messages(lang), SHELF.messages(FALLBACK)
        try:
            self.locale = Locale.parse(_REGIONS.get(lang, lang).replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            self.locale = Locale.parse(FALLBACK)
        self._days: dict[Any, str] = {}
        self._spans: dict[tuple[int, int | None, date | None], str] = {}
        self._numbers: dict[Any, str] = {}
        # What was looked up or made once, as long as the page needs it.
        self._entries: dict[str, tuple[Words, bool]] = {}
        self._escaped: dict[str, str] = {}
        self._phrases: dict[str, Markup] = {}

    def owns(self, key: str) -> bool:
        """Whether the page's own catalogue has the text."""
        return key in self._own.words

    def foreign(self, key: str, english: str) -> Markup:
        """English words in a page of another language: marked, and counted as missing."""
        self.missing.add(key)
        return Markup('<span lang="en" dir="ltr">{}</span>').format(english)

    def _find(self, key: str, n: Any) -> tuple[str, bool]:
        """The text for the number `n` (None where none is told), and whether it is English in a page of another
        language."""
        entry, foreign = self._entries.get(key) or self._entry(key)
        if isinstance(entry, str):
            return entry, foreign
        rule = self._english.plural if foreign else self._own.plural
        return entry[rule(0 if n is None else n)], foreign

    def _entry(self, key: str) -> tuple[Words, bool]:
        own = self._own.words.get(key)
        entry = own if own is not None else self._english.words.get(key)
        if entry is None:
            raise KeyError(f"no catalogue has the text {key!r}")
        foreign = own is None and self.lang != FALLBACK
        if foreign:
            self.missing.add(key)
        self._entries[key] = entry, foreign
        return self._entries[key]

    def plain(self, key: str, **values: Any) -> str:
        """The text without markup, for attributes and titles; numbers are formatted. KeyError for an unknown key."""
        text, _ = self._find(key, values.get("n"))
        if not values:
            return text
        return _ended(text.format(**{k: self._isolated(str(self._shown(v))) for k, v in values.items()}))

    def __call__(self, key: str, **values: Any) -> Markup:
        """The text as HTML: values are escaped, English in a page of another language is marked as English."""
        if not values:
            return self._phrases.get(key) or self._phrase(key)
        text, foreign = self._find(key, values.get("n"))
        html = self._escaped.get(text)
        if html is None:
            html = self._escaped[text] = str(escape(text))
        # Each value is escaped by itself, so that plain formatting of text is safe, and quick.
        html = _ended(html.format(**{k: self._isolated(escaped(self._shown(v))) for k, v in values.items()}))
        return _marked(html) if foreign else Markup(html)

    def _phrase(self, key: str) -> Markup:
        text, foreign = self._find(key, None)
        self._phrases[key] = _marked(str(escape(text))) if foreign else escape(text)
        return self._phrases[key]

    def _isolated(self, value: str) -> str:
        """A value that keeps its own direction inside a text from right to left (Unicode isolates, UAX 9)."""
        if self.dir == "ltr":
            return value
        # A phrase whose letters all stand in inner isolates would count as one from left to right.
        start = "\u2067" if "\u2068" in value and not _has_letters_of_its_own(value) else "\u2068"
        return f"{start}{value}\u2069"

    def _shown(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return self.number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    def number(self, value: float, digits: int | None = None) -> str:
        """A number by the language's rules, with exactly `digits` decimals where told."""
        shown = self._numbers.get((value, digits))
        if shown is None:
            form = None if digits is None else _decimals(digits)
            shown = str(format_decimal(value, format=form, locale=self.locale))
            # A sign before a number keeps its side in a text from right to left only inside an isolate.
            shown = f"\u2066{shown}\u2069" if value < 0 and self.dir == "rtl" else shown
            self._numbers[value, digits] = shown
        return shown

    def point(self, lat: float, lon: float, digits: int) -> Markup:
        """A place by its degrees (WGS 84), each with its half of the globe."""
        halves = ("north" if lat >= 0 else "south", lat), ("east" if lon >= 0 else "west", lon)
        return self.commas(self(f"place.{half}", k=self.number(abs(v), digits)) for half, v in halves)

    def percent(self, share: float) -> str:
        """A share of one as whole per cent; what is not 0 or 1 never shows as such."""
        shown = round(min(max(share, 0.01), 0.99) if 0.0 < share < 1.0 else share, 2)
        if (shown, "%") not in self._numbers:
            self._numbers[shown, "%"] = str(format_percent(shown, format=None, locale=self.locale))
        return self._numbers[shown, "%"]

    def listed(self, words: Iterable[str]) -> str:
        """Words joined as the language joins them."""
        given = list(words)
        return str(format_list(given, locale=self.locale)) if given else ""

    @cached_property
    def _comma(self) -> Markup:
        return escape(self.plain("join.comma"))

    @cached_property
    def _semicolon(self) -> Markup:
        return escape(self.plain("join.semicolon"))

    def commas(self, parts: Iterable[Any]) -> Markup:
        """Parts of a phrase, apart by the comma of the language."""
        return joined(self._comma, parts)

    def semicolons(self, parts: Iterable[Any]) -> Markup:
        """Phrases, apart by the semicolon of the language."""
        return joined(self._semicolon, parts)

    def local(self, us: int) -> datetime:
        """The local time of an instant in microseconds."""
        return from_us(us).astimezone(self.tz)

    def day(self, when: date | int, form: str = "long") -> str:
        """A day in words; an instant means its local day. `form` is a CLDR length or `short_day` (12 Oct)."""
        at = self.local(when).date() if isinstance(when, int) else when
        if (at, form) not in self._days:
            shown = (
                format_skeleton("MMMd", at, locale=self.locale)
                if form == "short_day"
                else format_date(at, format=form, locale=self.locale)
            )
            self._days[at, form] = str(shown)
        return self._days[at, form]

    def clock(self, us: int) -> str:
        """Hour and minute of an instant."""
        return f"{self.local(us):%H:%M}"

    def moment(self, us: int) -> str:
        """Day and clock time of an instant."""
        return f"{self.day(us)}{self._comma}{self.clock(us)}"

    def offset(self, us: int) -> str:
        """The zone's offset from UTC then, as UTC+04:00."""
        text = f"{self.local(us):%z}"
        return f"UTC{text[:3]}:{text[3:5]}"

    def span(self, start: int, end: int | None, day: date | None = None) -> str:
        """An interval in few words: clock times on one day, else days too. `day` is left out where it is the same."""
        shown = self._spans.get((start, end, day))
        if shown is None:
            shown = self._spans[start, end, day] = self._span(start, end, day)
        return shown

    def _span(self, start: int, end: int | None, day: date | None) -> str:
        end = start if end is None else end
        first, last = self.local(start), self.local(max(start, end - 1))
        whole = first.hour == first.minute == 0 and end - start >= DAY - MINUTE and (end - start) % DAY < MINUTE
        head = "" if day == first.date() else self.day(first.date(), "short_day")
        if whole:
            one = first.date() == last.date()
            head = self.day(first.date(), "short_day")
            return head if one else f"{head} – {self.day(last.date(), 'short_day')}"
        times = f"{first:%H:%M}"
        if end - start >= MINUTE:
            same = first.date() == last.date()
            closes = f"{self.local(end):%H:%M}".replace("00:00", "24:00")
            times += ("–" if same else f" – {self.day(last.date(), 'short_day')} ") + closes
        return f"{head} {times}".strip()

    def said(self, us: int, day: date | None = None) -> str:
        """When something was said. A bare day is kept as its end, so midnight means the day that it closes."""
        at = self.local(us)
        if at.hour == at.minute == at.second == 0:
            return self.day(self.local(us - 1).date(), "short_day")
        return self.span(us, None, day)

    def alphabet(self, word: str) -> tuple[str, str]:
        """A sort key of the language: letters without their marks first."""
        folded = unicodedata.normalize("NFKD", word.casefold())
        return "".join(c for c in folded if not unicodedata.combining(c)), word
