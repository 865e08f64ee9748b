"""`report`: the pages of a day, made from the state under the report's cut and the state that the report before had.

A report's day D is [D-1, D) at `report_cutoff`, cut there by the mission's clock unless told otherwise (design 5).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.ledger import base64
from trucewatch.ledger.tree import Tree
from trucewatch.mission.collecting import uncollected
from trucewatch.mission.cuts import State
from trucewatch.mission.mirroring import mirrored, parties_to_exchange
from trucewatch.mission.scoping import KNOWN_BY, Asked, nothing_to_show, view_of
from trucewatch.model.columns import FIRST_YEAR, LAST_YEAR
from trucewatch.model.errors import Fault, Refusal
from trucewatch.publishing.locale import available
from trucewatch.publishing.pdf import pdf
from trucewatch.publishing.policy import check_audience
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.report.index import index_page, page_name
from trucewatch.publishing.report.page import render
from trucewatch.publishing.view import DAILY, View

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

_AUDIENCE = re.compile(r'<meta name="audience" content="([^"]*)">')
_TAG = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z")


@dataclass(frozen=True, slots=True)
class Reported:
    """What was written: the pages with the index last, incidents told of, claims that matter to the day and those of
    them that the audience may not see, and notes for whoever made it."""

    files: tuple[Path, ...]
    incidents: int
    claims: int
    withheld: int
    notes: tuple[str, ...] = ()


def report(
    mission: Mission,
    day: str,
    langs: Sequence[str] | None = None,
    *,
    mirror: bool = False,
    as_of: int | None = None,
    known_by: int | None = None,
    audience: str = "public",
    out: Path | None = None,
) -> list[Path]:
    """Write the pages of a day (YYYY-MM-DD) and the index of all days; their paths, the index last. See `write`."""
    return list(
        write(mission, day, langs, mirror=mirror, as_of=as_of, known_by=known_by, audience=audience, out=out).files
    )


def write(
    mission: Mission,
    day: str,
    langs: Sequence[str] | None = None,
    *,
    mirror: bool = False,
    as_of: int | None = None,
    known_by: int | None = None,
    audience: str = "public",
    out: Path | None = None,
    hands: int = 1,
    paper: bool = False,
    kind: str = DAILY,
    of: str | None = None,
    rooted: bool = False,
) -> Reported:
    """Write OUT/D.LANG.html for each language (the mission's first one where none is told), D.LANG.mirror.html with
    `mirror`, D.LANG.pdf with `paper`, and index.html. A report of another `kind` has that in its name:
    D.weekly.LANG.html, or `of` an incident or finding (spot) or a term, as it stands on the day: D.spot-I7.LANG.html.
    `Refusal` where the day is no day, the audience unknown, there is nothing of that name to be shown, or a mirror
    lacks two parties. `rooted`: the foot tells the root of the ledger up to the last record under the cut.

    With more than one of `hands` a second process (a copy of this one) does part of the work; the pages are the same.
    """
    with uncollected():
        asked = Asked(
            parsed_day(day), as_of, known_by, audience, _languages(langs or mission.config.languages[:1]), kind, of
        )
        return _write(mission, asked, mirror, out, hands, paper, rooted)


def _write(
    mission: Mission, asked: Asked, mirror: bool, out: Path | None, hands: int, paper: bool, rooted: bool
) -> Reported:
    check_audience(asked.audience, mission.actors)
    pair = parties_to_exchange(mission) if mirror else None
    view = view_of(mission, asked, hands)
    view = replace(view, ledger=_root(mission, view)) if rooted else view
    shown = Day(replace(view, has_mirror=mirror))
    if view.scope.incident is not None and not shown.incidents:
        raise Refusal(nothing_to_show(view))
    folder = out or mission.reports
    if folder.exists() and not folder.is_dir():
        raise Refusal(Fault(f"{str(folder)!r} is a file", "Name a folder with -o", field="out"))
    folder.mkdir(parents=True, exist_ok=True)
    names = {lang: page_name(view.day, lang, scope=view.scope) for lang in asked.languages}
    files = []
    told = _told_before(folder, list(names.values()), asked.audience)
    told += [] if paper else _older_papers(folder, names.values())
    for lang, name in names.items():
        page = render(shown, lang, hands)
        files.append(_put(folder / name, page))
        if paper:
            files.append(_put(files[-1].with_suffix(".pdf"), pdf(page, view.cut.at)))
    if pair is not None:
        files += _mirrored_pages(mission, view, asked, pair, folder)
    files.append(_put(folder / "index.html", index_page(folder, mission.config)))
    notes = view.derived.warnings if isinstance(view.derived, State) else ()
    notes = (*notes, *_nothing_yet(mission, view), *told, *_without_words(asked.languages))
    return Reported(tuple(files), len(shown.incidents), shown.considered, shown.withheld_claims, notes)


def _root(mission: Mission, view: View) -> tuple[int, str] | None:
    """The last record under the cut, and the root of the ledger up to it: it is the same whenever the page is made."""
    cut = {"known_by" if view.cut.kind == KNOWN_BY else "as_of": view.cut.at}
    last = mission.store.extent(**cut)[2]
    return (last, base64.encode(Tree(mission.store.leaf_hashes(upto=last)).root())) if last else None


def _told_before(folder: Path, names: Sequence[str], audience: str) -> list[str]:
    """That a page for other readers stood there under the same name, and is gone now."""
    notes = []
    for name in names:
        path = folder / name
        found = _AUDIENCE.search(_head(path)) if path.is_file() else None
        if found is not None and found[1] != audience:
            notes.append(
                f"{name} was the page for {found[1]} readers and is now that for {audience}; -o names another folder"
            )
    return notes


def _older_papers(folder: Path, names: Iterable[str]) -> list[str]:
    """PDFs of earlier pages that stay beside the new ones: for other readers, perhaps, or of another state."""
    papers = ((folder / name).with_suffix(".pdf").name for name in names)
    return [
        f"{name} stays as it was, made from an earlier page and perhaps for other readers; --pdf writes it anew"
        for name in papers
        if (folder / name).is_file()
    ]


def _head(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(2000)


def _without_words(languages: Sequence[str]) -> list[str]:
    """Languages that have no catalogue: their pages are in English."""
    known = available()
    return [f"there are no texts in {lang!r}; its page is in English" for lang in languages if lang not in known]


def _nothing_yet(mission: Mission, view: View) -> list[str]:
    """Why a page knows nothing though the mission has claims: all of them came after its cut."""
    if view.derived.claims or next(iter(mission.store.read("claim")), None) is None:
        return []
    if view.cut.kind == KNOWN_BY:
        return ["nothing was known by the cut of this page: every claim was published or obtained later"]
    return [
        "nothing was recorded here by the cut of this page. For history that is loaded later set clock: known in "
        "mission.yaml (init --history does), or give --known-by"
    ]


def _languages(langs: Sequence[str]) -> tuple[str, ...]:
    """The languages once each; a file is named after one, so that it must be a tag and nothing else (BCP 47)."""
    for lang in langs:
        if not _TAG.match(lang):
            known = ", ".join(available())
            raise Refusal(Fault(f"{lang!r} is no language", f"Write a tag as en or pt-BR; texts exist in {known}"))
    return tuple(dict.fromkeys(langs))


def parsed_day(day: str) -> date:
    """The day of a report; `Refusal` where it is none, or of no mission's time."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise Refusal(Fault(f"{day!r} is no day of the calendar", "Write it as 2020-10-12", field="date")) from None
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        years = f"Write a day between {FIRST_YEAR} and {LAST_YEAR}"
        raise Refusal(Fault(f"{day!r} is no day of a mission", years, field="date"))
    return found


def _mirrored_pages(mission: Mission, view: View, asked: Asked, pair: tuple[str, str], folder: Path) -> list[Path]:
    """The same report from input in which the two parties are exchanged; nothing of the exchanged mission is kept."""
    with tempfile.TemporaryDirectory(prefix="trucewatch-mirror-") as scratch:
        other = mirrored(mission, Path(scratch), *pair)
        by_known = view.cut.kind == KNOWN_BY
        made = view_of(
            other,
            replace(
                asked, audience=_audience(asked.audience, pair), as_of=None if by_known else view.cut.at,
                known_by=view.cut.at if by_known else None,
            ),
        )  # fmt: skip
        shown = Day(replace(made, mirror=pair, has_mirror=True, ledger=view.ledger))
        pages = [
            _put(folder / page_name(made.day, lang, True, made.scope), render(shown, lang)) for lang in asked.languages
        ]
        other.store.close()
    return pages


def _audience(audience: str, pair: tuple[str, str]) -> str:
    """`party:ID` exchanged like everything else."""
    swap = {f"party:{pair[0]}": f"party:{pair[1]}", f"party:{pair[1]}": f"party:{pair[0]}"}
    return swap.get(audience, audience)


def _put(path: Path, what: str | bytes) -> Path:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(what if isinstance(what, bytes) else what.encode("utf-8"))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
