"""The check of catalogues sees what a reader would stumble over, and finds nothing in those that are shipped."""

from __future__ import annotations

import gettext
import importlib.util
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from babel import Locale
from babel.messages.mofile import write_mo

from trucewatch.model.messages import Shelf, read
from trucewatch.publishing.locale import SHELF, texts

ROOT = Path(__file__).parent.parent.parent


def _script() -> ModuleType:
    """scripts/messages.py, which translators run."""
    spec = importlib.util.spec_from_file_location("messages_script", ROOT / "scripts" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


script = _script()
SHELVES = {shelf.domain: shelf for shelf, _ in script.SHELVES}
CATALOGUES = [(d, lang) for d, shelf in SHELVES.items() for lang in shelf.languages()]
ONE = ("{n} incident by {who}", "{n} incidents by {who}")
RUSSIAN = gettext.c2py("n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2")


def faults(english: tuple[str, ...], *words: str, lang: str = "ru") -> str:
    return "; ".join(script.faults(script.Entry("x.y", english, words), lang, RUSSIAN, 3))


@pytest.mark.parametrize("domain", SHELVES)
def test_six_languages_have_every_catalogue(domain: str) -> None:
    assert SHELVES[domain].languages() == ("en", "ar", "az", "hy", "ru", "uk")


@pytest.mark.parametrize(("domain", "lang"), CATALOGUES)
def test_a_catalogue_has_each_text_whole_and_none_left_over(domain: str, lang: str) -> None:
    shelf, extra = next((s, e) for s, e in script.SHELVES if s.domain == domain)
    source = script.sources(shelf, extra())
    assert lang == "en" or script.told(shelf, lang, source) == []
    assert Path(str(shelf.path(lang))).read_text("utf-8") == script.composed(shelf, lang, source), "run: make messages"


@pytest.mark.parametrize(("domain", "lang"), CATALOGUES)
def test_the_standard_reader_of_compiled_catalogues_finds_the_same_words(
    domain: str, lang: str, tmp_path: Path
) -> None:
    catalogue = read(SHELVES[domain].path(lang))
    with open(tmp_path / "x.mo", "wb") as file:
        write_mo(file, catalogue)
    with open(tmp_path / "x.mo", "rb") as file:
        judge = gettext.GNUTranslations(file)
    ours = SHELVES[domain].messages(lang)
    english = SHELVES[domain].messages("en").words
    for key, words in ours.words.items():
        source = english.get(key)
        if isinstance(source, tuple):
            for n in (0, 1, 2, 3, 5, 11, 21, 100, 103):
                assert judge.npgettext(key, *source, n) == words[ours.plural(n)]
        elif source is not None:
            assert judge.pgettext(key, source) == words


@pytest.mark.judge
@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs GNU gettext")
@pytest.mark.parametrize(("domain", "lang"), CATALOGUES)
def test_gettext_itself_accepts_the_catalogue(domain: str, lang: str) -> None:
    done = subprocess.run(
        ["msgfmt", "--check-format", "--check-domain", "-o", "/dev/null", str(SHELVES[domain].path(lang))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_translation_is_told() -> None:
    assert "not translated" in faults(("Who",), "")


def test_a_missing_form_of_a_plural_is_told() -> None:
    assert "a form of the plural is missing" in faults(ONE, "{n} инцидент: {who}", "{n} инцидента: {who}", "")
    assert "2 forms of the plural, the language has 3" in faults(ONE, "{n} инцидент: {who}", "{n} инцидента: {who}")


def test_a_placeholder_that_differs_is_told() -> None:
    assert "{who} is missing" in faults(("by {who}",), "кем")
    assert "{when} is not in the English" in faults(("by {who}",), "кем: {who}, {when}")


def test_a_form_that_stands_for_many_numbers_must_tell_the_number() -> None:
    spelt = faults(ONE, "один инцидент: {who}", "{n} инцидента: {who}", "{n} инцидентов: {who}")
    assert "{n} is missing" in spelt  # the Russian form for one is that of 21 too
    assert not list(script.faults(script.Entry("x.y", ONE, ("bir hadisə: {who}", "{n} hadisə: {who}")), "az"))


def test_a_sentence_that_stays_english_is_told() -> None:
    assert "stands in English" in faults(("Skip to the report",), "Skip to the report")
    assert "English words among others" in faults(("Skip to the report",), "К отчёту skip to the report")
    assert not faults(("{km} km",), "{km} км")


def test_a_space_at_the_end_that_joins_words_is_kept() -> None:
    assert "without a space" in faults((", ",), ",")


def test_words_translated_from_other_english_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for lang, english, words in (
        ("en", "Now denied", ""),
        ("ru", "Alleged", "Заявлено"),
        ("uk", "Now denied", "Тепер"),
    ):
        folder = tmp_path / "changed" / lang / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "x.po").write_text(f'msgctxt "a.b"\nmsgid "{english}"\nmsgstr "{words}"\n', "utf-8")
    (tmp_path / "changed" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    shelf = Shelf("changed", "x")
    assert [shelf.phrase(lang, "a.b") for lang in ("en", "ru", "uk")] == ["Now denied", "Now denied", "Тепер"]
    assert script.told(shelf, "ru", {"a.b": ("Now denied",)}) == [
        "a.b: the English has changed; look at it again and take the word fuzzy away"
    ]


def test_two_languages_are_read_in_less_than_a_tenth_of_a_second() -> None:
    begin = time.process_time()
    for lang in ("en", "hy"):
        assert len(read(SHELF.path(lang))) > 500
    assert time.process_time() - begin < 0.1


@pytest.mark.parametrize("lang", [lang for lang in SHELF.languages() if lang != "en"])
def test_a_language_speaks_its_own_script_and_counts_as_it_does(lang: str) -> None:
    forms = {Locale.parse(lang).plural_form(n) for n in range(222)}
    assert {len(w) for w in texts(lang).values() if isinstance(w, tuple)} == {len(forms)}


ASKED = re.compile(r"""\bt(?:\.plain)?\(\s*["']([a-z_]+\.[^"'{]+)["']\s*[,)]""")


def test_every_text_that_a_page_asks_for_is_there_and_every_text_is_asked_for() -> None:
    folder = ROOT / "src" / "trucewatch"
    pages = " ".join(p.read_text("utf-8") for p in folder.rglob("*") if p.suffix in {".py", ".html", ".typ"})
    asked = set(ASKED.findall(pages))
    assert len(asked) > 150
    assert sorted(asked - set(texts("en"))) == []
    # Keys are written whole, or put together: f"status.{word}", "cell." ~ word, "kinds.changes" + ...
    written = set(re.findall(r"""["']([a-z_]+\.[\w. ]*)(?=[{"'])""", pages))
    begun = tuple(w if w[-1] in "._" else w + "_" for w in written)
    assert sorted(k for k in texts("en") if k not in written and not k.startswith(begun) and k not in pages) == []
