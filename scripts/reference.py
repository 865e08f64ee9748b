"""Write docs/reference from the tables that the program itself uses; with --check fail where a page is stale.

No reference page is written by hand: a column, key, weight, command or option that changes in the code changes here.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import yaml

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
NOTE = "<!-- Written by scripts/reference.py (make docs); changes by hand are lost. -->"
PAGES: dict[str, tuple[str, Callable[[], Iterable[str]]]] = {}


def page(name: str, about: str) -> Callable[[Callable[[], Iterable[str]]], Callable[[], Iterable[str]]]:
    """Register the function that gives the lines of docs/reference/NAME; `about` is its line in the index."""

    def register(lines: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
        PAGES[name] = (about, lines)
        return lines

    return register


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A Markdown table; bars and line breaks inside cells are made harmless."""

    def line(cells: Sequence[Any]) -> str:
        return "| " + " | ".join(" ".join(str(c).split()).replace("|", "\\|") for c in cells) + " |"

    return [line(head), "|" + "---|" * len(head), *(line(r) for r in rows), ""]


def code(words: Any) -> str:
    """As code, or nothing."""
    return f"`{words}`" if words not in ("", None) else ""


def codes(words: Iterable[Any]) -> str:
    """Several words as code."""
    return " ".join(code(w) for w in words)


@page("commands.md", "every command and its options, as `--help` prints them")
def commands() -> Iterable[str]:
    from trucewatch.cli import commands as group

    yield "# Commands\n"
    yield "`make` puts the program at `.venv/bin/trucewatch`. Exit codes: 0 done; 1 files were read and rows rejected, or a"
    yield "check failed; 2 nothing could be tried; 3 stopped on the way (full disk, Ctrl-C), nothing of that file stored.\n"
    context = click.Context(group, info_name="trucewatch", **group.context_settings)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise SystemExit(f"trucewatch {name} is listed and cannot be loaded")
        child = click.Context(command, info_name=name, parent=context, terminal_width=100, max_content_width=100)
        yield f"## {name}\n\n```\n{command.get_help(child)}\n```\n"


@page("input-tables.md", "files that go in: tables, columns, types, bounds")
def input_tables() -> Iterable[str]:
    from trucewatch.model.columns import KINDS, TYPES

    yield "# Input tables\n"
    yield "CSV (comma, semicolon or tab; UTF-8, with or without BOM, or UTF-16), JSON lines, or a sheet of XLSX. One row, one"
    yield "record. Unknown columns are kept and told; columns that begin with `_` are ignored. Lists in one cell are separated"
    yield "by `;`.\n"
    yield from table(("type", "how a cell is written"), ((code(k), v) for k, v in TYPES.items()))
    for kind in KINDS.values():
        known = f"Known again by: {codes(kind.identity)}." if kind.identity else "Known again by its content."
        yield f"## {kind.table}\n\nOne row: {kind.meaning}. {known}\n"
        yield from table(
            ("column", "needed", "type", "meaning", "allowed"),
            ((code(c.name), "yes" if c.required else "", c.type, c.meaning, _allowed(c)) for c in kind.columns),
        )


def _allowed(column: Any) -> str:
    if column.choices:
        return codes(column.choices)
    if column.refers:
        return f"refers to: {column.refers}"
    low = "" if column.low is None else f"{'>' if column.open_low else '>='} {column.low:g}"
    high = "" if column.high is None else f"<= {column.high:g}"
    return ", ".join(b for b in (low, high) if b)


@page("output-tables.md", "files that come out of `trucewatch export`")
def output_tables() -> Iterable[str]:
    from trucewatch.model.columns import KINDS
    from trucewatch.model.outputs import OUTPUTS, SUMMARIES
    from trucewatch.publishing.report.board import STATES
    from trucewatch.publishing.report.calendar import STRENGTH

    yield "# Output tables\n"
    yield "What `trucewatch export DIR WHAT` writes. In CSV an empty cell is null, a list is JSON, a time is UTC with Z. Input"
    yield f"tables ({codes(KINDS)}) come out with the columns of [input-tables.md](input-tables.md), newest versions only.\n"
    yield from table(("table", "columns"), ((code(k), codes(v)) for k, v in OUTPUTS.items()))
    yield "`log_odds` are integers in micro-nats: millionths of a natural logarithm of odds, so that sums are exact in any"
    yield "order.\n"
    yield "Two summaries are made when they are asked for, from the tables above and the texts; `all` leaves them out.\n"
    yield from table(("table", "columns"), ((code(k), codes(v)) for k, v in SUMMARIES.items()))
    yield "`board`: how each term stands for each actor bound at the time `at`, the end of the last report day that"
    yield f"anything is recorded of: one of {codes(STATES)}. `start` to `end`: when it binds;"
    yield "`due`, `due_last`: the deadline, first and last by the readings; `event`, `set_by`: what it waits for, and whom the text"
    yield "names to set it; `tested`: by `incidents`, by who holds the `ground`, or by `people`; `outcome`: of a duty that no incident"
    yield "breaks; `readings`: the names of those that are computed.\n"
    yield "`calendar`: a row for each judged term, actor bound and report day of the term's life. `outcome`: of the outcomes of that"
    yield f"day's incidents the first in the order {codes(STRENGTH)}; empty where there is none. `incidents`: how many can fall under the"
    yield "term, `alleged`: how many of them are alleged against the actor; empty to other readers where they are fewer than"
    yield "`publication.min_cell`, under delay, or where the mandate lets no outcome leave. `share_covered`: how much of the area and of"
    yield "the day's hours recorded coverage held; where it is 0, that nothing is told says nothing. `one_sided`: the term binds some"
    yield "parties and not others, so counts must not be compared."


@page("vocabulary.md", "closed lists of words")
def vocabulary() -> Iterable[str]:
    from trucewatch.model import vocabulary as v

    yield "# Vocabulary\n"
    lists = {k: w for k, w in vars(v).items() if k.isupper() and isinstance(w, tuple)}
    yield from table(("list", "words"), ((k.lower().replace("_", " "), codes(w)) for k, w in lists.items()))


@page("offices.md", "who may do what: verbs, offices, and the steps of a complaint")
def offices() -> Iterable[str]:
    from trucewatch.procedure.offices import acts, steps
    from trucewatch.procedure.register import COLUMNS

    yield "# Who may do what\n"
    yield "The one table of acts and offices, from `procedure/offices.yaml`. Offices are the roles that mission.yaml gives to people.\n"
    yield from table(
        ("verb", "speaks of", "offices", "not the same person as of", "needs the mandate to"),
        ((code(a.verb), codes(a.of), codes(a.offices), a.other or "", a.mandate or "") for a in acts().values()),
    )
    yield "## Steps of a complaint\n"
    yield "In the order of the road; the further one counts. A clock of the agreement that is called like a step runs from the step named.\n"
    yield from table(
        ("step", "taken by", "clock from", "needs", "offices"),
        (
            (code(s.id), code(s.verb) if s.verb else "a record", s.since or "", codes(s.needs), codes(s.offices))
            for s in steps().values()
        ),
    )
    yield f"Columns of `trucewatch register --format csv`: {codes(COLUMNS)}.\n"


@page("acts.md", "the tree of acts: what can happen under a ceasefire")
def acts() -> Iterable[str]:
    from trucewatch.taxonomy import taxonomy

    yield "# Acts\n"
    yield "A code covers its children: a term on `fire` holds for `fire.mortar`. Made from `taxonomy/acts.yaml`.\n"
    yield from table(
        ("code", "title", "definition", "perceived by", "traces", "shows together with", "UCDP", "ACLED", "source"),
        (
            (code(a.code), a.title, a.definition, " ".join(sorted(a.means)), "yes" if a.traces else "",
             codes(sorted(a.accompanies)), " ".join(map(str, a.ucdp)), ", ".join(a.acled), a.source)
            for a in taxonomy().acts.values()
        ),
    )  # fmt: skip


@page("weapons.md", "weapons: class, calibre, greatest range, names")
def weapons() -> Iterable[str]:
    from trucewatch.taxonomy import taxonomy

    yield "# Weapons\n"
    yield "Any `class.NNNmm` is valid beside these. Empty = unknown or does not apply.\n"
    yield from table(("class", "title"), ((code(k), v) for k, v in taxonomy().classes.items()))
    yield from table(
        ("code", "class", "calibre, mm", "greatest range, km", "names in reports", "source"),
        (
            (code(w.code), w.weapon_class, _plain(w.calibre_mm), _plain(w.max_range_km), ", ".join(w.models), w.source)
            for w in taxonomy().weapons.values()
        ),
    )


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


@page("weights.md", "every number of linking and weighing, with its source")
def weights() -> Iterable[str]:
    yield "# Weights\n"
    yield "The numbers of linking (`linking/score.yaml`) and weighing (`weighing/ratios.yaml`), and the shipped fit"
    yield "(`data/fit.yaml`). Weights are natural log-odds (nats). How they are used: [explanation](../explanation/README.md).\n"
    for title, package, name in (("Linking", "linking", "score.yaml"), ("Weighing", "weighing", "ratios.yaml")):
        data = _yaml(package, name)
        yield f"## {title}\n"
        for group, rows in data.items():
            yield f"### {group}\n"
            yield from table(
                ("name", "value", "sd", "words", "source"),
                (
                    (code(k), r.get("nats", r.get("value", "")), r.get("sd", ""), r.get("words", ""), r["source"])
                    for k, r in rows.items()
                ),
            )
    yield "## The shipped fit\n"
    yield "Counts until `trucewatch fit` writes one from the mission's own records.\n"
    yield from table(("key", "value"), ((code(k), json.dumps(v)) for k, v in _yaml("data", "fit.yaml").items()))


def _yaml(package: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(files(f"trucewatch.{package}").joinpath(name).read_text("utf-8"))
    return found


@page("mission-yaml.md", "the keys of a mission's configuration")
def mission_yaml() -> Iterable[str]:
    from trucewatch.mission.config import MissionConfig

    yield "# mission.yaml\n"
    yield "Every key but `id` and `agreements` may be left out.\n"
    yield from _schema_tables(MissionConfig.model_json_schema())


@page("agreement-yaml.md", "the keys of an agreement file; the JSON Schema is beside it")
def agreement_yaml() -> Iterable[str]:
    from trucewatch.agreement import json_schema

    yield "# Agreement files\n"
    yield "For an editor or a validator: [agreement.schema.json](agreement.schema.json).\n"
    yield from _schema_tables(json_schema())


def _schema_tables(schema: Mapping[str, Any]) -> Iterable[str]:
    """The properties of a JSON Schema and of each of its parts."""
    for name, part in {"": schema, **schema.get("$defs", {})}.items():
        if "properties" not in part:
            continue
        if name:
            yield f"## {name}\n"
            yield " ".join(part.get("description", "").split()) + "\n"
        needed = part.get("required", [])
        yield from table(
            ("key", "needed", "type", "default", "meaning"),
            (
                (code(k), "yes" if k in needed else "", _type(p), _default(p), p.get("description", ""))
                for k, p in part["properties"].items()
            ),
        )


def _type(part: Mapping[str, Any]) -> str:
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(p) for p in part["anyOf"]))
    if "enum" in part:
        return codes(part["enum"])
    if "const" in part:
        return code(part["const"])
    if part.get("type") == "array":
        inner = part.get("items", {})
        return f"list of {_type(inner)}" if inner else "list"
    more = part.get("additionalProperties")
    if part.get("type") == "object":
        keys = ", ".join(part.get("properties", {}))
        if keys:
            return "{" + keys + "}"
        return f"mapping to {_type(more)}" if isinstance(more, Mapping) else "mapping"
    return str(part.get("format") or part.get("type") or "any")


def _default(part: Mapping[str, Any]) -> str:
    return (
        code(json.dumps(part["default"], ensure_ascii=False)) if part.get("default") not in (None, [], {}, "") else ""
    )


def written() -> dict[str, str]:
    """Every file of docs/reference: name -> text."""
    from trucewatch.agreement import json_schema

    out = {name: "\n".join([NOTE, *lines()]).rstrip() + "\n" for name, (_, lines) in PAGES.items()}
    index = [NOTE, "# Reference\n", *(f"- [{name}]({name}): {about}" for name, (about, _) in PAGES.items())]
    out["README.md"] = "\n".join(index) + "\n"
    out["agreement.schema.json"] = json.dumps(json_schema(nulls=True), indent=1, ensure_ascii=False) + "\n"
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    check = parser.parse_args().check
    pages = written()
    present = {p.name: p.read_text("utf-8") for p in FOLDER.glob("*") if p.is_file()} if FOLDER.is_dir() else {}
    stale = sorted(n for n in pages.keys() | present.keys() if pages.get(n) != present.get(n))
    if check:
        if stale:
            sys.exit(f"docs/reference is stale: {', '.join(stale)}. Run: make docs")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(pages[name], "utf-8") if name in pages else (FOLDER / name).unlink()
    print(f"docs/reference: {len(stale)} of {len(pages)} files written")


if __name__ == "__main__":
    main()
