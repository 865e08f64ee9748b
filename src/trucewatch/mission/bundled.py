"""The bundled cases: found in the program's data, built into folders, reported on the days that tell something."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import yaml

from trucewatch.mission.folder import Mission, bundled
from trucewatch.mission.signing import BESIDE
from trucewatch.model.errors import Fault, Refusal

_INPUTS = {".csv", ".jsonl", ".xlsx", ".gz"}
_CARRIED = {".geojson", ".json", ".md"}
MADE_BY_DEMO = ".trucewatch-demo"


@dataclass(frozen=True)
class Case:
    """A bundled case: its name, title by language, what it is about, where its files lie, days to report."""

    name: str
    title: dict[str, str]
    about: str
    folder: Path | None
    report_days: tuple[str, ...]
    order: int = 0
    known: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Built:
    """A case that was built: its mission's folder, the pages of its days, and the counts of its intake."""

    case: Case
    folder: Path
    pages: tuple[Path, ...]
    counts: dict[str, int]


def cases() -> list[Case]:
    """The cases that came with the program, in their order; the invented one, made by the exercise, comes last."""
    found = []
    for path in sorted(bundled("cases").glob("*/case.yaml")):
        text: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        title = text.get("title") or path.parent.name
        found.append(
            Case(
                path.parent.name,
                dict(title) if isinstance(title, dict) else {"en": str(title)},
                _english(text.get("about") or ""),
                path.parent,
                tuple(str(d) for d in text.get("report_days") or ()),
                int(text.get("order") or 0),
                tuple(text.get("known") or ()),
            )
        )
    return sorted(found, key=lambda c: (c.order, c.name))


def _english(words: Any) -> str:
    return str(words.get("en", "")) if isinstance(words, dict) else str(words)


def unpack(case: Case, target: Path) -> tuple[Mission, list[Path]]:
    """Copy a case's configuration and maps into `target`, and name its input files; a second time changes nothing."""
    if case.folder is None:
        raise ValueError(f"the case {case.name} has no files")
    target.mkdir(parents=True, exist_ok=True)
    inputs = []
    for path in sorted(case.folder.rglob("*")):
        relative = path.relative_to(case.folder)
        if path.is_dir() or path.name == "case.yaml":
            continue
        if path.suffix in _INPUTS:
            place = target / "in" / relative
            inputs.append(place)
        elif path.suffix in _CARRIED or path.name == "mission.yaml":
            place = target / relative
        else:
            continue
        if place.name == "mission.yaml" and place.exists():
            continue  # somebody may have tried a setting of their own
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return Mission.open(target), inputs


def build(case: Case, target: Path, recorded_at: int, tell: Callable[[str], None] = lambda _: None) -> Built:
    """Make the mission of a case in `target`, take its files in, derive, and write the pages of its days."""
    from trucewatch.mission.ingest import ingest
    from trucewatch.mission.update import update

    mission, inputs = unpack(case, target)
    report = ingest(mission, inputs, recorded_at=recorded_at)
    if report.errors:
        raise Refusal(*report.errors)
    tell(f"{case.name}: {len(inputs)} files taken in")
    counts = {str(k): v for k, v in report.counts.items() if isinstance(v, int)}
    update(mission)
    known = _known(mission, case)
    pages = tuple(dict.fromkeys((*write_pages(mission, case.report_days, tell), *known)))
    return Built(case, target, pages, counts)


def _known(mission: Mission, case: Case) -> tuple[Path, ...]:
    """The page that tells what was known when, for a case that names incidents to look at."""
    if not case.known:
        return ()
    from trucewatch.mission.knowing import watched, write_known

    return (write_known(mission, watched(case.known), mission.config.languages[0]),)


def write_pages(mission: Mission, days: tuple[str, ...], tell: Callable[[str], None]) -> Iterator[Path]:
    """The pages of those days in the mission's first language, in its reports folder."""
    from trucewatch.mission.reporting import report

    for day in days:
        written = report(mission, day)
        yield from written
        tell(f"{mission.dir.name}: report of {day}")


def index_page(built: list[Built], root: Path) -> Path:
    """One page that leads to every case and day; it works from a file."""
    sections = []
    for one in built:
        links = "".join(
            f'<li><a href="{escape(p.relative_to(root).as_posix())}">{escape(p.name.split(".")[0])}</a></li>'
            for p in one.pages
            if not p.name.startswith("index")
        )
        title = one.case.title.get("en") or one.case.name
        sections.append(
            f"<section><h2>{escape(title)}</h2><p>{escape(one.case.about)}</p><ul>{links}</ul>"
            f"<p>The mission: <code>{escape(one.folder.name)}</code></p></section>"
        )
    page = root / "index.html"
    page.write_text(_PAGE.format(sections="\n".join(sections)), "utf-8")
    return page


def guard(root: Path) -> None:
    """Make the demo's folder, or go on in that of an earlier demo; `Refusal` where somebody else's files lie."""
    marker = root / MADE_BY_DEMO
    if root.exists() and not root.is_dir():
        raise Refusal(Fault(f"{str(root)!r} is a file", "Name a folder"))
    if root.exists() and any(root.iterdir()) and not marker.exists():
        raise Refusal(Fault(f"{str(root)!r} holds other files", "Name a new or empty folder: trucewatch demo DIR"))
    root.mkdir(parents=True, exist_ok=True)
    (root / BESIDE).mkdir(mode=0o700, exist_ok=True)  # the keys of its ledgers, which are nobody's, go with the demo
    marker.write_text("Made by trucewatch demo; the next one goes on here.\n", "utf-8")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trucewatch: bundled cases</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 2rem 1rem;
  background: #fbfaf7; color: #1b1e23; }}
h1 {{ font-size: 1.7rem; line-height: 1.2; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .3rem; }}
ul {{ display: flex; flex-wrap: wrap; gap: .4rem .6rem; list-style: none; padding: 0; }}
a {{ display: inline-block; padding: .35rem .7rem; border: 1px solid currentColor; border-radius: .3rem;
  color: #14506b; text-decoration: none; }}
a:hover, a:focus-visible {{ text-decoration: underline; outline: 3px solid currentColor; outline-offset: 2px; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #15181c; color: #e8eaed; }} a {{ color: #9ccbe6; }} }}
</style>
</head>
<body>
<main>
<h1>Trucewatch: bundled cases</h1>
<p>Each link opens the report of a day. A report says what each side said, what is known and what is not, and why.</p>
{sections}
</main>
</body>
</html>
"""


def build_all(root: Path, recorded_at: int, tell: Callable[[str], None] = lambda _: None) -> tuple[list[Built], Path]:
    """Build every case in `root` and the page that leads to them."""
    guard(root)
    built = [build(case, root / case.name, recorded_at, tell) for case in cases()]
    built.append(build_exercise(root / "exercise", recorded_at, tell))
    return built, index_page(built, root)


def build_exercise(target: Path, recorded_at: int, tell: Callable[[str], None]) -> Built:
    """The invented case, in which every status and every outcome occurs."""
    from trucewatch.mission import exercising
    from trucewatch.mission.update import update

    mission, report = exercising.make_case(target, recorded_at)
    if report.errors:
        raise Refusal(*report.errors)
    tell(f"{target.name}: an invented truce taken in")
    update(mission)
    case = Case("exercise", dict(mission.config.name), exercising.ABOUT, None, exercising.CASE_DAYS)
    counts = {str(k): v for k, v in report.counts.items() if isinstance(v, int)}
    return Built(case, target, tuple(dict.fromkeys(write_pages(mission, case.report_days, tell))), counts)
