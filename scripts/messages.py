"""Bring the catalogues of every language up to the English ones, and tell what is to be translated (make messages).

With --check nothing is written and the exit code is 1 where a file would change or a text has a fault; --new LANG
starts a language. How to translate: docs/how-to/languages.md. Format: GNU gettext manual, "The Format of PO Files".
"""

import argparse
import gettext
import re
import string
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural

from trucewatch.agreement.phrases import SHELF as AGREEMENT
from trucewatch.judging.phrases import SHELF as JUDGING
from trucewatch.model.messages import Shelf, Words, read, source_words
from trucewatch.publishing.locale import SHELF as PAGES
from trucewatch.publishing.report.wording import REASONS
from trucewatch.taxonomy import taxonomy
from trucewatch.weighing.ratios import ratios

_LATIN = re.compile(r"[A-Za-z]{3,}")
_ENGLISH = re.compile(r"\b(the|of|and|is|are|not|by|with|that|this|which|who)\b")
_LATIN_SCRIPT = {"az", "tr", "fr", "es", "pt", "de"}  # languages that are written in Latin letters themselves


def tables() -> dict[str, Words]:
    """Words for readers whose English stands in a table of the field: titles of acts, words of weights."""
    acts = {f"act.{a.code}": a.title[:1].lower() + a.title[1:] for a in taxonomy().acts.values()}
    weights = {row.words: name for name, row in ratios().rows.items()} | REASONS
    return {**acts, **{f"weight.{name}": words for words, name in weights.items()}}


NO_TABLES: Mapping[str, Words] = {}
SHELVES: tuple[tuple[Shelf, Callable[[], Mapping[str, Words]]], ...] = (
    (PAGES, tables), (AGREEMENT, lambda: NO_TABLES), (JUDGING, lambda: NO_TABLES),
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One entry as it is written: `words` has one form, or those of a plural; `before`: English words that it was
    translated from, where they have changed since (the entry is fuzzy then)."""

    key: str
    english: tuple[str, ...]
    words: tuple[str, ...]
    comments: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


def forms(words: Words) -> tuple[str, ...]:
    """A text as its forms."""
    return (words,) if isinstance(words, str) else words


def entry(message: Message) -> Entry:
    """An entry of a file that was read."""
    given = message.string or ""
    before = tuple(message.previous_id) if message.fuzzy else ()
    return Entry(
        str(message.context), forms(source_words(message)), forms(given if isinstance(given, str) else tuple(given)),
        tuple(message.user_comments), before or (("?",) if message.fuzzy else ()),
    )  # fmt: skip


def merged(source: Mapping[str, tuple[str, ...]], old: Mapping[str, Entry], count: int) -> Iterator[Entry]:
    """The entries of a language in the order of the source; what is new is empty, what has changed is out of date."""
    for key, english in source.items():
        empty = ("",) * (count if len(english) > 1 else 1)
        known = old.get(key)
        if known is None or not any(known.words):
            yield Entry(key, english, empty, known.comments if known else ())
            continue
        words = known.words if len(known.words) == len(empty) else (*known.words, *empty)[: len(empty)]
        changed = known.english != english
        yield replace(known, english=english, words=words, before=known.english if changed else known.before)


def quoted(text: str) -> str:
    """A string as .po writes it, in one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def written(one: Entry) -> str:
    """An entry as its lines."""
    flags = (["fuzzy"] if one.before else []) + (["python-brace-format"] if any("{" in e for e in one.english) else [])
    lines = [f"# {c}".rstrip() for c in one.comments]
    lines += ["#, " + ", ".join(flags)] if flags else []
    lines += [
        f"#| {name} {quoted(w)}" for name, w in zip(("msgid", "msgid_plural"), one.before, strict=False) if w != "?"
    ]
    lines += [f"msgctxt {quoted(one.key)}"]
    lines += [f"{name} {quoted(w)}" for name, w in zip(("msgid", "msgid_plural"), one.english, strict=False)]
    plural = len(one.english) > 1
    lines += [f"msgstr{f'[{n}]' if plural else ''} {quoted(w)}" for n, w in enumerate(one.words)]
    return "\n".join(lines) + "\n"


def head(lang: str) -> str:
    """The header of a new catalogue, with the plural rule of the language."""
    plural = get_plural(lang)
    name = Locale.parse(lang).get_display_name("en")
    fields = (
        "Project-Id-Version: trucewatch", f"Language: {lang}", f"Language-Team: {name}", "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: nplurals={plural.num_plurals}; plural={plural.plural_expr};",
    )  # fmt: skip
    return 'msgid ""\nmsgstr ""\n' + "".join(quoted(f + "\n") + "\n" for f in fields)


def composed(shelf: Shelf, lang: str, source: Mapping[str, tuple[str, ...]]) -> str:
    """The text of a catalogue, up to its source; its header stays as it is."""
    path = Path(str(shelf.path(lang)))
    if path.is_file():
        catalogue, top = read(path), path.read_text("utf-8").split("\n\n", 1)[0].rstrip() + "\n"
    else:
        catalogue, top = Catalog(locale=lang), head(lang)
    old = {str(m.context): entry(m) for m in catalogue if m.context}
    if lang == shelf.source:
        rows: Iterable[Entry] = (replace(e, words=("",) * len(e.english), before=()) for e in old.values())
    else:
        rows = merged(source, old, catalogue.num_plurals)
    return "\n".join([top, *map(written, rows)])


def sources(shelf: Shelf, extra: Mapping[str, Words]) -> dict[str, tuple[str, ...]]:
    """Every text that is to be translated, by key: the English catalogue, then the tables of the field."""
    return {key: forms(words) for key, words in {**shelf.messages(shelf.source).words, **extra}.items()}


def fields(text: str) -> set[str]:
    """The names in braces. ValueError for a brace that does not close."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def spelt_out(rule: Callable[[int], int], form: int) -> bool:
    """Whether a form of a plural stands for one number alone, which it may spell out."""
    return sum(rule(n) == form for n in range(1000)) == 1


def faults(one: Entry, lang: str, rule: Callable[[int], int] = lambda n: int(n != 1), count: int = 2) -> Iterator[str]:
    """What is wrong with a translation, each in words that a translator can act upon."""
    if one.before:
        yield f"{one.key}: the English has changed; look at it again and take the word fuzzy away"
    if not all(one.words):
        yield f"{one.key}: not translated" if not any(one.words) else f"{one.key}: a form of the plural is missing"
        return
    if len(one.english) > 1 and len(one.words) != count:
        yield f"{one.key}: {len(one.words)} forms of the plural, the language has {count}"
    wanted = set().union(*map(fields, one.english))
    for n, words in enumerate(one.words):
        try:
            found = fields(words)
        except ValueError as e:
            yield f"{one.key}: {e}"
            continue
        free = {"n"} if len(one.english) > 1 and spelt_out(rule, n) else set()
        for name in sorted((wanted ^ found) - free | (found - wanted)):
            yield f"{one.key}: {{{name}}} is {'missing' if name in wanted else 'not in the English'}"
        if words[-1:].isspace() != one.english[-1][-1:].isspace():
            yield f"{one.key}: ends {'with' if words[-1:].isspace() else 'without'} a space, the English does not"
        yield from (f"{one.key}: {what}" for what in english_left(words, one.english, lang))


def english_left(words: str, english: tuple[str, ...], lang: str) -> Iterator[str]:
    """Whether words that should be of another language are English."""
    bare = re.sub(r"\{[^}]*\}", " ", words)
    latin = _LATIN.findall(bare)
    if words in english and (len(latin) > 1 or (latin and lang not in _LATIN_SCRIPT)):
        yield "stands in English"
    elif (lang in _LATIN_SCRIPT and len(set(_ENGLISH.findall(bare))) > 1) or (
        lang not in _LATIN_SCRIPT and re.search(r"[A-Za-z]{2,}(?:[ ,]+[A-Za-z]{2,}){2}", bare)
    ):
        yield f"English words among others: {words[:60]}"


def told(shelf: Shelf, lang: str, source: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The faults of a language's catalogue, left-over texts among them."""
    catalogue = read(shelf.path(lang))
    rule, count = gettext.c2py(catalogue.plural_expr), catalogue.num_plurals
    old = {str(m.context): entry(m) for m in catalogue if m.context}
    out = [f for one in merged(source, old, count) for f in faults(one, lang, rule, count)]
    return out + [f"{key}: left over, no page has it" for key in old if key not in source]


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where there is something to do")
    parser.add_argument("--new", metavar="LANG", help="start the catalogues of a language")
    args = parser.parse_args()
    todo = 0
    for shelf, extra in SHELVES:
        source = sources(shelf, extra())
        for lang in dict.fromkeys([*shelf.languages(), *([args.new] if args.new else [])]):
            path, text = Path(str(shelf.path(lang))), composed(shelf, lang, source)
            stale = not path.is_file() or path.read_text("utf-8") != text
            if stale and not args.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
            found = told(shelf, lang, source) if lang != shelf.source and path.is_file() else []
            todo += len(found) + (stale and args.check)
            note = "" if not stale else ", out of date: make messages" if args.check else ", written"
            print(f"{shelf.domain} {lang}: {len(source)} texts, {len(found)} to look at{note}")
            print("".join(f"  {f}\n" for f in found), end="")
    sys.exit(bool(args.check and todo))


if __name__ == "__main__":
    main()
