"""`trucewatch agreement`: an agreement for a reader, the faults of a file, and test claims held against its terms."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trucewatch.cli.outcome import Outcome, finish, json_option

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement
    from trucewatch.agreement.points import Expressed


@click.group("agreement")
def command() -> None:
    """Show an agreement to a reader, check a file, try it on test claims, or count what the bundled ones express."""


@command.command("show")
@click.argument("name", metavar="FILE|ID")
@click.option("--record", help="Of a file of many records, the one of this id.")
@click.option("--lang", default="en", show_default=True, help="Language of names and summaries, where the file has it.")
@json_option
def show(name: str, record: str | None, lang: str, as_json: bool) -> int:
    """Tell an agreement: actors, clocks with local time, zones, and of each term what is judged and what is not yet.

    FILE is an agreement file, or records of collected texts (.jsonl, .json); ID is one that came with the program.
    """
    from trucewatch.agreement.describing import describe, lines
    from trucewatch.publishing.locale import titles

    found, faults, many = _read(name, record)
    shown = [describe(a, lang, titles(lang)) for a in found]
    counts = _counts(found)
    more: dict[str, Any] = {"agreements": shown} if many else {"agreement": shown[0]}
    words = _list(shown) if many else _wrapped(lines(shown[0]))
    return finish(Outcome(counts, (), faults, more=more), as_json, words)


@command.command("check")
@click.argument("name", metavar="FILE|ID")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a page that shows what it binds."
)
@click.option("--lang", "langs", multiple=True, help="A language of the page; may be given several times.")
@json_option
def check(name: str, out: Path | None, langs: tuple[str, ...], as_json: bool) -> int:
    """Tell every fault of FILE with its line and remedy; exit 1 where there is one, 2 where FILE cannot be opened.

    With -o OUT.html also write a page for a lawyer: zones on a map, clocks on a time line, each term in one sentence.
    """
    from trucewatch.agreement.coded import SUFFIXES, load_records
    from trucewatch.agreement.loader import load
    from trucewatch.agreement.noticing import notices
    from trucewatch.model.errors import REJECTED, Refusal

    file = _path(name)
    records = file.suffix.lower() in SUFFIXES
    try:
        if records:
            coded = load_records(file)
            agreements, faults = coded.agreements, coded.faults
        else:
            agreements, faults = (load(file),), ()
    except Refusal as e:
        if any(f.row is None for f in e.faults):
            raise
        unwritten = ["no page is written: mend the faults first"] if out is not None else []
        return finish(Outcome({"agreements": 0}, unwritten, e.faults, REJECTED), as_json)
    counts = _counts(agreements)
    told = [] if records else [n for a in agreements for n in notices(a)]
    verdict = f"{file.name}: {len(faults)} to mend; {counts['terms']} terms, {counts['judged']} of them judged"
    pages = [] if out is None or not agreements else write_pages(agreements, out, langs or ("en",))
    return finish(Outcome(counts, told, faults, more={"files": pages}), as_json, [verdict, *pages])


def write_pages(agreements: Sequence[Agreement], out: Path, langs: Sequence[str], title: str = "") -> list[str]:
    """Write the page of some agreements in each language, the first one to `out`; the paths written."""
    from trucewatch.publishing.agreement_page import page_paths, render

    paths = page_paths(out, list(dict.fromkeys(langs)))
    for lang, path in paths:
        path.write_text(render(agreements, paths, lang, title), "utf-8")
    return [str(path) for _, path in paths]


@command.command("try")
@click.argument("name", metavar="FILE|ID")
@click.option("--claims", required=True, type=click.Path(path_type=Path), help="Test claims, as claims.csv has them.")
@click.option("--sources", type=click.Path(path_type=Path), help="Their sources; who is missing gets a stand-in.")
@click.option("--set", "events", multiple=True, metavar="EVENT=TIME", help="The time of an event that has none.")
@json_option
def try_(name: str, claims: Path, sources: Path | None, events: tuple[str, ...], as_json: bool) -> int:
    """Say which test claims would fall under which term, actor and reading, and why the others fall under none.

    Each claim is taken as true and by itself, and judged as a mission would judge it; nothing is stored.
    """
    from trucewatch.agreement.loader import load
    from trucewatch.cli.trial import as_lines
    from trucewatch.mission.trying import try_claims

    trial = try_claims(load(_path(name)), claims, sources, dict(map(_event, events)))
    counts = {
        "claims": len(trial.claims), "fall": sum(bool(c.falls) for c in trial.claims),
        "may_fall": sum(bool(c.may) and not c.falls for c in trial.claims),
        "none": sum(not c.falls and not c.may for c in trial.claims), "rejected": len(trial.faults),
    }  # fmt: skip
    more = {
        "claims": [c.as_dict() for c in trial.claims],
        "not_judged": [{"term": term, "why": why} for term, why in trial.idle],
    }
    return finish(Outcome(counts, trial.notes, trial.faults, more=more), as_json, _wrapped(as_lines(trial)))


def _event(text: str) -> tuple[str, int]:
    from trucewatch.model.times import TimeFault, parse_instant

    name, _, moment = text.partition("=")
    try:
        return name.strip(), parse_instant(moment.strip())
    except TimeFault as e:
        raise click.UsageError(f"--set {text!r}: {e}. {e.remedy}") from None


@command.command("points")
@click.option("--all", "everything", is_flag=True, help="Every point, not only those that lose something.")
@json_option
def points(everything: bool, as_json: bool) -> int:
    """Count the coded points of texts that the bundled files express without loss, in part, not, and tell why."""
    from trucewatch.agreement.points import IN_PART, NOT, WITHOUT_LOSS, coded_points, expressed
    from trucewatch.mission.folder import bundled, bundled_agreements

    told = expressed(coded_points(bundled("agreements") / "points.csv"), bundled_agreements())
    counts = {"points": len(told), "plain_format": sum(not t.point.needs for t in told)}
    counts |= {s.replace(" ", "_"): sum(t.status == s for t in told) for s in (WITHOUT_LOSS, IN_PART, NOT)}
    counts |= {"judged": sum(t.judged for t in told), "by_decision_alone": sum(t.decided for t in told)}
    words = [
        f"{len(told)} coded points of {len({t.point.agreement for t in told})} texts: {counts['without_loss']} "
        f"expressed without loss, {counts['in_part']} in part, {counts['not']} not; a plain format: "
        f"{counts['plain_format']}. A point counts as without loss where its file meets each need that was coded of "
        "it; one person coded them.",
        f"{counts['judged']} of them are judged on reports, {counts['by_decision_alone']} by people alone.",
        *_by_text(told),
    ]
    words += [
        f"{t.point.agreement} {t.point.point}: {t.status}" + (f" ({'; '.join(t.why)})" if t.why else "")
        for t in told
        if everything or t.status != WITHOUT_LOSS
    ]
    return finish(Outcome(counts, more={"points": [t.as_dict() for t in told]}), as_json, words)


def _by_text(told: Sequence[Expressed]) -> list[str]:
    """A line for each text: its points, and how many of them are expressed in each way."""
    from trucewatch.agreement.points import IN_PART, NOT, WITHOUT_LOSS

    texts = list(dict.fromkeys(t.point.agreement for t in told))
    wide = max(map(len, texts), default=4)
    lines = [f"{'text':<{wide}}  points  {WITHOUT_LOSS}  {IN_PART}  {NOT}"]
    for text in texts:
        own = [t.status for t in told if t.point.agreement == text]
        cells = [f"{own.count(s):>{len(s)}}" for s in (WITHOUT_LOSS, IN_PART, NOT)]
        lines.append(f"{text:<{wide}}  {len(own):>6}  {'  '.join(cells)}")
    return lines


def _counts(agreements: Sequence[Agreement]) -> dict[str, int]:
    terms = [t for a in agreements for t in a.terms]
    judged = sum(t.judged and t.kind != "statement" for t in terms)
    return {"agreements": len(agreements), "terms": len(terms), "judged": judged}


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines as wide as the terminal, 100 columns where there is none; what is broken keeps its indent."""
    width = max(40, min(shutil.get_terminal_size((100, 24)).columns, 120))
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        broken = textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        yield from broken or [""]


def _read(name: str, record: str | None) -> tuple[list[Agreement], tuple[Any, ...], bool]:
    """The agreements that a name means, faults of records that could not be read, and whether a list is to be shown."""
    from trucewatch.agreement.coded import SUFFIXES, load_records
    from trucewatch.agreement.loader import load
    from trucewatch.model.errors import Fault, Refusal

    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        if record is not None:
            raise click.UsageError("--record goes with a file of records (.jsonl, .json)")
        return [load(_path(name))], (), False
    coded = load_records(path)
    if record is None and len(coded.agreements) != 1:
        return list(coded.agreements), coded.faults, True
    found = [a for a in coded.agreements if record in {None, a.id}]
    if not found:
        known = ", ".join(a.id for a in coded.agreements) or "none"
        raise Refusal(Fault(f"no record is called {record!r}", f"Write one of: {known}", path.name))
    return found, coded.faults, False


def _path(name: str) -> Path:
    """The file itself, else the bundled agreement of that id or of the only id that begins so."""
    from trucewatch.mission.folder import bundled_agreements
    from trucewatch.model.errors import Fault, Refusal

    path, known = Path(name), bundled_agreements()
    if path.exists() or "/" in name or "\\" in name:
        return path
    stem = name.removesuffix(".yaml")
    begin = [i for i in known if i == stem or i.startswith(stem + "-")]
    if stem in known or len(begin) == 1:
        return known.get(stem) or known[begin[0]]
    remedy = f"Name a file, or one of: {', '.join(begin or known)}"
    raise Refusal(Fault(f"no file and no bundled agreement is called {name!r}", remedy))


def _list(shown: list[dict[str, Any]]) -> Iterator[str]:
    for one in shown:
        date = f", {one['date']}" if one["date"] else ""
        yield f"{one['id']}: {one['title']}{date}"
        for term in one["terms"]:
            words = " ".join(str(term["summary"] or term["words"] or "").split())
            yield f"  {term['id']}  {term['status']}: {words[:100]}" + ("..." if len(words) > 100 else "")
