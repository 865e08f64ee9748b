"""Catalogues of words for readers: gettext .po files, read as they are, so that nothing has to be built.

An entry is a key (msgctxt), the English words (msgid) and the words of the language (msgstr); plurals go by the
file's own Plural-Forms. Format: GNU gettext manual, "The Format of PO Files". How: docs/how-to/languages.md.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

Words = str | tuple[str, ...]  # one text, or the forms of a plural in the order of the file's Plural-Forms


@dataclass(frozen=True)
class Messages:
    """The words of one language by key, and the rule that tells which form of a plural a number takes."""

    words: Mapping[str, Words]
    plural: Callable[[int], int]


@dataclass(frozen=True)
class Shelf:
    """The catalogues of one domain in a package: LANG/LC_MESSAGES/DOMAIN.po. English is the source: its file holds the
    words of each key as msgid and leaves the msgstr empty."""

    package: str
    domain: str
    source: str = "en"

    def path(self, lang: str) -> Traversable:
        """Where the catalogue of a language stands, or would stand."""
        return files(self.package).joinpath(lang, "LC_MESSAGES", f"{self.domain}.po")

    def languages(self) -> tuple[str, ...]:
        """Languages that have a catalogue, the source first."""
        names = sorted(p.name for p in files(self.package).iterdir() if self.path(p.name).is_file())
        return (self.source, *(n for n in names if n != self.source))

    def messages(self, lang: str) -> Messages:
        """The words of a language, read once; empty where it has no catalogue. PoFileError for a line that is none."""
        return _messages(self, lang)

    def phrase(self, lang: str, key: str) -> str:
        """The words of a key without plural, in English where the language lacks them; KeyError for an unknown key."""
        own = self.messages(lang).words.get(key)
        return str(self.messages(self.source).words[key] if own is None else own)


def read(path: Traversable) -> Catalog:
    """A catalogue as it stands in its file."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def source_words(entry: Message) -> Words:
    """The English words of an entry."""
    return entry.id if isinstance(entry.id, str) else tuple(entry.id)


def translation(entry: Message) -> Words | None:
    """The words of the language for an entry; None where a form is empty or it is marked as out of date (fuzzy)."""
    if entry.fuzzy:
        return None
    if isinstance(entry.string, str):
        return entry.string or None
    return tuple(entry.string) if entry.string and all(entry.string) else None


@lru_cache(maxsize=64)
def _messages(shelf: Shelf, lang: str) -> Messages:
    if lang not in shelf.languages():
        return Messages({}, gettext.c2py("n != 1"))
    catalogue = read(shelf.path(lang))
    entries = [e for e in catalogue if e.context]
    if lang == shelf.source:
        words = {str(e.context): source_words(e) for e in entries}
    else:
        words = _current(entries, shelf.messages(shelf.source).words)
    return Messages(words, gettext.c2py(catalogue.plural_expr))


def _current(entries: list[Message], english: Mapping[str, Words]) -> dict[str, Words]:
    """What is translated from the English of now. Words whose English has changed since count as missing: no reader is
    told what the source does not say any more."""
    found = {}
    for e in entries:
        key, words = str(e.context), translation(e)
        if words is not None and english.get(key, source_words(e)) == source_words(e):
            found[key] = words
    return found
