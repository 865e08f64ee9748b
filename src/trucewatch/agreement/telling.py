"""A term in words: who must do or leave what, where, from when to when, unless what. Each row: label and words.

Names stand as the file gives them in the language; acts by the titles that the caller brings, else in English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from trucewatch.agreement.clocks import DAYS, Lasting, Schedule, When, units
from trucewatch.agreement.duties import Condition, Consequence, Done, Limit, Quantity
from trucewatch.agreement.model import Agreement, Exemption, Term, Where
from trucewatch.agreement.phrases import FALLBACK, SHELF, languages, phrase
from trucewatch.agreement.weapon_rules import WeaponRule
from trucewatch.model.times import from_us, zone
from trucewatch.taxonomy import taxonomy

Titles = Callable[[str], str]
Clock = Callable[[int | None, str], str | None]  # an instant in microseconds on the clock of a time zone, in words
Row = tuple[str, str]  # key of the label, words


def english_title(code: str) -> str:
    """The title of an act in English, its code where there is none."""
    act = taxonomy().acts.get(code)
    return code if act is None else act.title[:1].lower() + act.title[1:]


def local(us: int | None, timezone: str) -> str | None:
    """An instant on the clock of the text, with its offset: 2020-10-10 12:00 +04:00."""
    if us is None:
        return None
    moment = from_us(us).astimezone(zone(timezone))
    offset = moment.strftime("%z")
    seconds = ":%S" if moment.second else ""
    return moment.strftime(f"%Y-%m-%d %H:%M{seconds} ") + f"{offset[:3]}:{offset[3:5]}"


@dataclass(frozen=True)
class Teller:
    """Tells the parts of one agreement in one language; `times`: event id -> microseconds or None."""

    agreement: Agreement
    times: Mapping[str, int | None]
    lang: str = "en"
    title: Titles = english_title
    clock: Clock = local

    def at(self, us: int | None) -> str | None:
        """An instant on the clock of the text; None where it is not known."""
        return self.clock(us, self.agreement.timezone)

    def say(self, key: str, **values: object) -> str:
        """The words of a key in the language."""
        return phrase(self.lang, key, **values)

    def name(self, word: str) -> str:
        """The name of an actor, zone or definition where the word is the id of one; else the word itself."""
        actor = self.agreement.actor(word)
        if actor is not None:
            return actor.name(self.lang)
        z = self.agreement.zones.get(word)
        if z is not None:
            return z.names.get(self.lang) or z.names.get("en") or z.id
        if word in taxonomy().classes:
            return self.say(f"class.{word}")
        return word.removeprefix("definition:").replace("_", " ")

    def names(self, words: Iterable[str]) -> str:
        """Several names in one line."""
        return "; ".join(map(self.name, words))

    def zone(self, id_: str) -> str:
        """A zone by name; one without a shape says that what depends on it stays undetermined."""
        z = self.agreement.zones.get(id_)
        bare = z is not None and z.geometry is None
        return self.say("place.undefined", zone=self.name(id_)) if bare else self.name(id_)

    def acts(self, codes: Iterable[str]) -> str:
        """Acts by their titles."""
        return "; ".join(map(self.title, codes))

    def length(self, text: str) -> str:
        """A duration, in the units in which it is written."""
        parts = [self.say(f"span.{unit}", n=n) for word in text.split() for unit, n in units(word)]
        return self.say("span.join").join(parts) or text

    def when(self, when: When) -> str:
        """A time: the clock where it is known, and the event that it hangs on with what is counted from it."""
        known = self.at(when.resolve(self.times))
        if when.event is None:
            return known or ""
        words = self.say("time.event", event=self.event(when.event))
        if when.plus or when.months:
            key = "time.before" if (when.months, when.plus) < (0, 0) else "time.after"
            words = self.say(key, span=self.length(when.text), event=self.event(when.event))
        if known is None:
            return self.say("time.unset", words=words)
        return self.say("time.known", local=known, words=words)

    def place(self, where: Where) -> str:
        """Where something holds."""
        if where.zone is None:
            place = self.say("place.everywhere")
        else:
            key = where.side or ("outside" if where.outside else "in")
            place = self.say(f"place.{key}", zone=self.zone(where.zone))
        return self.say(f"place.{where.of}", place=place) if where.of else place

    def which(self, rule: WeaponRule) -> str:
        """The weapons of a rule, with their calibre."""
        models = (self.name(m) if m in taxonomy().classes else m for m in rule.models)
        words = ", ".join([*models, *(self.say(f"class.{c}") for c in rule.classes)])
        words = words or self.say("weapon.any")
        if rule.calibre is None:
            return words
        low, low_open, high, high_open = rule.calibre
        if low == high:
            return self.say("weapon.exactly", which=words, n=self.number(low))
        if high == float("inf"):
            return self.say("weapon.over" if low_open else "weapon.from", which=words, n=self.number(low))
        if low <= 0:
            return self.say("weapon.under" if high_open else "weapon.to", which=words, n=self.number(high))
        return self.say("weapon.between", which=words, n=self.number(low), m=self.number(high))

    def distance(self, rule: WeaponRule) -> str:
        """The weapons of a rule and how far they must be."""
        which = self.which(rule)
        if rule.reach is not None:
            return self.say("weapon.max_range", which=which)
        if rule.distance_km is None:
            return self.say("weapon.untold", which=which)
        if rule.zone_width_km is not None:
            return self.say(
                "weapon.half", which=which, km=self.number(rule.distance_km), width=self.number(rule.zone_width_km)
            )
        return self.say("weapon.away", which=which, km=self.number(rule.distance_km))

    def limit(self, limit: Limit) -> str:
        """How many of what are allowed."""
        which = (limit.what or "").replace("_", " ") if limit.rule is None else self.which(limit.rule)
        return self.say("weapon.limit", which=which, n=limit.max)

    def done(self, done: Done) -> str:
        """A state that can be tested."""
        values = {"actor": self.name(done.actor or ""), "zone": self.zone(done.zone or "")}
        values |= {"n": str(done.n), "sign": done.sign or ""}
        what = self.title(done.what or "") if done.test == "count" else self.name(done.what or "")
        key = "done.count_in" if done.test == "count" and done.zone else f"done.{done.test}"
        words = self.say(key, what=what, **values)
        return words if done.per is None else self.say("done.per", words=words, span=self.length(done.per.text))

    def condition(self, c: Condition) -> str:
        """What must hold."""
        if c.whole:
            words = self.say("condition.whole")
        elif c.term is not None:
            words = self.say("condition.term", term=c.term, state=self.say(f"state.{c.status}"))
        elif c.event is not None:
            words = self.say("condition.event", event=self.event(c.event))
        else:
            words = c.text or (self.done(c.done) if c.done is not None else "")
        words = words if c.by is None else self.say("condition.by", words=words, actor=self.name(c.by))
        return words if c.plus is None else self.say("condition.later", words=words, span=self.length(c.plus.text))

    def conditions(self, rows: Sequence[Condition]) -> str:
        """Several conditions in one line."""
        return "; ".join(map(self.condition, rows))

    def conditions_of(self, term: Term) -> dict[str, str]:
        """What a term waits for or hangs on, in the language, by the English words under which judging names it."""
        out = {f"after {c.words}": self.say("condition.after", words=self.condition(c)) for c in term.after}
        out |= {f"while {c.words}": self.say("condition.while", words=self.condition(c)) for c in term.while_}
        return out | {f"with {w}": self.say("condition.with", words=w) for w in term.with_}

    def reading(self, label: str) -> str:
        """A way to read the text: `deadline`, or with what is chosen `deadline=before`, several apart by `;`. A name
        that the catalogue does not have stands as the file has it."""
        return "; ".join(map(self._reading, label.split(";")))

    def options(self, name: str, options: Iterable[str]) -> str:
        """Several choices of one reading: `deadline`, [`before`, `by`]."""
        words = " / ".join(self._known("option", o) for o in options)
        return self.say("reading.of", name=self._known("reading", name), option=words)

    def _reading(self, label: str) -> str:
        name, _, option = label.partition("=")
        words = self._known("reading", name)
        return self.say("reading.of", name=words, option=self._known("option", option)) if option else words

    def event(self, name: str) -> str:
        """An event by its name: the catalogue's, else as the file has it. Under a reading: `in_force@signature`."""
        plain, _, option = name.partition("@")
        words = self._known("event", plain)
        return self.say("reading.of", name=words, option=self._known("option", option)) if option else words

    def _known(self, part: str, name: str) -> str:
        key = f"{part}.{name.replace(' ', '_')}"
        return self.say(key) if key in SHELF.messages(FALLBACK).words else name.replace("_", " ")

    def number(self, value: float, *, grouped: bool = False) -> str:
        """A number as the language writes it: 12.7, 12,7; `grouped`: thousands apart."""
        locale = self.lang if self.lang in languages() else FALLBACK
        return str(format_decimal(value, locale=locale, group_separator=grouped))

    def then(self, then: Consequence) -> str:
        """What follows when."""
        words = [
            self.say("then.state", state=self.say(f"state.{state}"), words=what.replace("_", " "))
            for state, what in then.follows.items()
        ]
        words += [self.say("then.within", span=self.length(then.within.text))] if then.within is not None else []
        words += [self.say("then.while", words=self.conditions(then.while_))] if then.while_ else []
        return "; ".join(words)

    def quantity(self, q: Quantity) -> str:
        """How many of what, within what time."""
        bounds = (("min", q.min), ("max", q.max))
        words = ", ".join(self.say(f"quantity.{key}", n=self.number(n)) for key, n in bounds if n is not None)
        words = words if q.of is None else self.say("quantity.of", n=words, what=q.of)
        return words if q.per is None else self.say("quantity.per", n=words, span=self.length(q.per.text))

    def hours(self, s: Schedule) -> str:
        """Recurring hours."""
        words = [self.say("hours.per", span=self.length(s.per.text))] if s.per is not None else []
        words += [self.say("hours.per_day", span=self.length(s.per_day.text))] if s.per_day is not None else []
        for w in s.windows:
            hours = "-".join(f"{m % 1440 // 60 or 24 * (m == 1440):02d}:{m % 60:02d}" for m in (w.start, w.end))
            days = ", ".join(self.say(f"day.{DAYS[d]}") for d in w.days)
            words.append(self.say("hours.on", hours=hours, days=days) if days else hours)
        return "; ".join([*words, *([s.when] if s.when else [])])

    def exception(self, e: Exemption) -> str:
        """What is not forbidden, and whether people must grant it."""
        said: Mapping[str, str] = e.text if isinstance(e.text, Mapping) else {}
        words = said.get(self.lang) or said.get("en") or next(iter(said.values()), "")
        parts = [words] if words else []
        parts += [self.acts(e.acts)] if e.acts and not words else []
        parts += [self.say("except.by", words=self.names(e.actors))] if e.actors else []
        counted = {x.rule: self.limit(x) for x in e.limits}
        weapons = "; ".join(counted.get(rule) or self.which(rule) for rule in e.weapons)
        parts += [self.say("except.with", words=weapons)] if weapons else []
        parts += [self.say("except.only", words=", ".join(e.what))] if e.what else []
        parts += [self.place(e.where)] if e.where is not None else []
        for key, at in (("from", e.starts), ("until", e.until)):
            parts += [f"{self.say(f'label.{key}').lower()} {self.when(at)}"] if at is not None else []
        if e.in_response_to:
            to = e.in_response_to
            answered = self.title(to) if taxonomy().is_act(to) else self.name(to)
            parts.append(self.say("except.answers", words=answered))
        if e.requires:
            parts.append(self.say("except.needs", words=", ".join(r.replace("_", " ") for r in e.requires)))
        key = "except.itself" if e.by_itself else "except.decided"
        return f"{e.id}: " + self.say(key, words="; ".join(parts) or e.id)

    def rows(self, term: Term) -> Iterator[Row]:
        """Label and words of everything that a term says, in the order in which a reader asks."""
        yield from self._duty(term)
        yield from self._places(term)
        yield from self._clocks(term)
        for label, conditions in (("after", term.after), ("while", term.while_)):
            if conditions:
                yield label, self.conditions(conditions)
        if term.with_:
            yield "with", "; ".join(term.with_)
        yield from (("unless", self.exception(e)) for e in term.excepts)
        if term.then is not None:
            yield "then", self.then(term.then)
        for label, words in (("protects", term.protects), ("watched", term.supervised_by)):
            if words:
                yield label, self.names(words)
        yield from (("refers", f"{r.how} {r.agreement}" + (f" {r.term}" if r.term else "")) for r in term.refers)

    def _duty(self, term: Term) -> Iterator[Row]:
        if term.binds:
            yield "who", self.names(term.binds)
        if term.against:
            yield "towards", self.names(term.against)
        if term.acts:
            yield "must_not" if term.kind == "prohibition" else "about", self.acts(term.acts)
        if term.what:
            yield "leaves" if term.kind == "withdrawal" else "what", self.names(term.what)
        for rule in term.weapons:
            yield "weapons", self.distance(rule) if term.kind == "withdrawal" else self.which(rule)
        if term.excludes:
            exactly = [self.which(rule) for rule in term.excluded if rule.calibre]
            yield "keep_out", "; ".join([self.names(term.excludes), *exactly])
        yield from (("at_most", self.limit(x)) for x in term.limits)
        if term.baseline is not None:
            words = (
                [self.say("place.baseline", when=self.when(term.baseline.at))] if term.baseline.at is not None else []
            )
            words += [self.say("place.along", zone=self.zone(term.baseline.zone))] if term.baseline.zone else []
            yield "keep", "; ".join(words)
        if term.for_:
            yield "for", self.names(term.for_)
        if term.route:
            yield "route", self.name(term.route)
        if term.done:
            yield "done", "; ".join(map(self.done, term.done))
        if term.quantity is not None:
            yield "quantity", self.quantity(term.quantity)

    def _places(self, term: Term) -> Iterator[Row]:
        named = [p for p in term.places if p != Where()]
        if named or term.kind in ("prohibition", "exclusion_zone"):
            yield "where", "; ".join(map(self.place, named or term.places))
        told = []
        for line in dict.fromkeys(term.from_zone.values()):
            who = self.names(a for a, z in term.from_zone.items() if z == line)
            told.append(self.say("place.from", actor=who, zone=self.zone(line)))
        if told:
            yield "measured", "; ".join(told)
        if term.to is not None:
            words = self.zone(term.to.zone) if term.to.zone else (term.to.place or "").replace("-", " ")
            by = term.to.agreed_by
            yield "to", self.say("condition.by", words=words, actor=self.name(by)) if by else words

    def _clocks(self, term: Term) -> Iterator[Row]:
        if term.starts is not None or term.kind not in ("statement", "coded"):
            yield "from", self.when(term.starts or When(event="in_force"))
        for label, at in (("begin_by", term.begins_by), ("by", term.by), ("until", term.until)):
            if at is not None:
                yield label, self.when(at)
        if term.until is None and term.by is None:
            yield from self._end(term)
        if term.lasting is not None and (term.lasting.length is not None or term.lasting.renews is not None):
            yield "lasts", self._lasts(term.lasting)
        if term.schedule is not None:
            yield "hours", self.hours(term.schedule)

    def _end(self, term: Term) -> Iterator[Row]:
        """The end of a term that gives none: that of the whole text, else another text for what holds all the time."""
        end = self.whole_end()
        if end is None and term.kind in ("prohibition", "freeze", "exclusion_zone"):
            yield "until", self.say("time.replaced")
        elif end is not None and term.kind not in ("statement", "procedure", "coded"):
            yield from [end] if term.lasting is None else ()

    def whole_end(self) -> Row | None:
        """When the whole text ends, or how it renews itself; None where it does not say."""
        lasting = self.agreement.lasting
        if lasting is None:
            return None
        end = None if lasting.renews is not None else lasting.end(None)
        if end is not None:
            return "until", self.when(end)
        words = self._lasts(lasting)
        return ("lasts", words) if words else None

    def _lasts(self, lasting: Lasting) -> str:
        words = [self.length(lasting.length.text)] if lasting.length is not None else []
        words += [self.when(lasting.until)] if lasting.until is not None and lasting.length is None else []
        if (renews := lasting.renews) is not None:
            key = "lasts.renews" if renews.unless_notice else "lasts.renewable"
            every = renews.every
            words.append(renews.words if every is None else self.say(key, span=self.length(every.text)))
            if renews.unless_notice:
                words.append(self.say("lasts.notice", words=self.length(renews.unless_notice)))
            if renews.times is not None:
                words.append(self.say("lasts.times", n=renews.times))
        return "; ".join(words)
