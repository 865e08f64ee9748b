"""The index of the days: every page that lies in the folder, newest day first."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.templates import environment, style
from trucewatch.publishing.view import DAILY, KINDS, Scope

_PAGE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:\.(?P<kind>weekly|spot|term)(?:-(?P<object>[A-Za-z0-9_-]+))?)?"
    r"\.(?P<lang>[A-Za-z-]+?)(?P<mirror>\.mirror)?\.(?P<type>html|pdf)\Z"
)
_ESCAPED = re.compile(r"_([0-9a-f]{2,5})_")


def page_name(day: date, lang: str, mirror: bool = False, scope: Scope | None = None) -> str:
    """The file name of a report's page: D.LANG.html for a day, D.weekly.LANG.html, D.spot-ID.LANG.html and so on."""
    kind = "" if scope is None or scope.kind == DAILY else f".{scope.kind}"
    of = f"-{_plain(scope.object)}" if scope is not None and scope.object else ""
    return f"{day.isoformat()}{kind}{of}.{lang}{'.mirror' if mirror else ''}.html"


def _plain(name: str) -> str:
    """An id as part of a file name: every character but letters, digits and hyphens by its number."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):02x}_" for c in name)


def _named(plain: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), plain)


def index_page(folder: Path, config: Any) -> str:
    """The page that leads to all days in the folder, in the mission's first language."""
    t = Catalogue(config.languages[0], config.timezone)
    days: dict[tuple[date, int, str], list[tuple[str, str, str]]] = {}
    for path in sorted(folder.iterdir(), key=lambda p: (p.stem, p.suffix)):
        found = _PAGE.match(path.name)
        if found is None:
            continue
        name = language_name(found["lang"])
        if found["mirror"]:
            name = f"{name}, {t.plain('nav.mirror')}"
        if found["type"] == "pdf":
            name = f"{name}, PDF"
        kind, of = found["kind"] or DAILY, _named(found["object"] or "")
        key = (date.fromisoformat(found["day"]), -KINDS.index(kind), of)
        days.setdefault(key, []).append((found["lang"], name, path.name))
    rows = [(_row_name(t, *key), pages) for key, pages in sorted(days.items(), reverse=True)]
    known = f"known.{t.lang}.html" if (folder / f"known.{t.lang}.html").is_file() else None
    template = environment().get_template("index.html")
    return str(
        template.render(
            t=t, title=config.title(t.lang), exercise=config.exercise, rows=rows, known=known, style=style()
        )
    )


def _row_name(t: Catalogue, day: date, kind: int, of: str) -> str:
    """What a row of the index is of: a day, and its other reports beside it."""
    if not kind:
        return t.day(day, "full")
    return t.plain(f"kinds.index_{KINDS[-kind]}", day=t.day(day, "full"), of=of)


def language_name(lang: str) -> str:
    """A language in its own words."""
    try:
        name = Locale.parse(lang.replace("-", "_")).get_language_name() or lang
    except (UnknownLocaleError, ValueError):
        return lang
    return name[:1].upper() + name[1:]
