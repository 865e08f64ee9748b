"""The index of the days: every page that lies in the folder, newest day first."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.templates import environment, style

_PAGE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})\.(?P<lang>[A-Za-z-]+?)(?P<mirror>\.mirror)?\.html\Z")


def page_name(day: date, lang: str, mirror: bool = False) -> str:
    """The file name of a day's page."""
    return f"{day.isoformat()}.{lang}{'.mirror' if mirror else ''}.html"


def index_page(folder: Path, config: Any) -> str:
    """The page that leads to all days in the folder, in the mission's first language."""
    t = Catalogue(config.languages[0], config.timezone)
    days: dict[date, list[tuple[str, str, str]]] = {}
    for path in sorted(folder.glob("*.html")):
        found = _PAGE.match(path.name)
        if found is None:
            continue
        name = language_name(found["lang"])
        if found["mirror"]:
            name = f"{name}, {t.plain('nav.mirror')}"
        days.setdefault(date.fromisoformat(found["day"]), []).append((found["lang"], name, path.name))
    rows = [(t.day(d, "full"), pages) for d, pages in sorted(days.items(), reverse=True)]
    known = f"known.{t.lang}.html" if (folder / f"known.{t.lang}.html").is_file() else None
    template = environment().get_template("index.html")
    return str(
        template.render(
            t=t, title=config.title(t.lang), exercise=config.exercise, rows=rows, known=known, style=style()
        )
    )


def language_name(lang: str) -> str:
    """A language in its own words."""
    try:
        name = Locale.parse(lang.replace("-", "_")).get_language_name() or lang
    except (UnknownLocaleError, ValueError):
        return lang
    return name[:1].upper() + name[1:]
