"""The formats that are installed, and which of them a file is, told by its content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from itertools import chain, islice

from trucewatch.intake.adapter import Adapter, Head
from trucewatch.intake.csv_rows import csv_sheet
from trucewatch.intake.files import Opened
from trucewatch.intake.jsonl_rows import jsonl_sheet
from trucewatch.intake.parsing import suggestion
from trucewatch.intake.rows import CONTRACT_NAMES, Line, Sheet, clean_name, unreadable
from trucewatch.intake.xlsx_rows import xlsx_sheet
from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.outputs import OUTPUTS, SUMMARIES

GROUP = "trucewatch.adapters"
_LOOK = 20
_HASHTAG = re.compile(r"\s*#\s*\w+(\s*\+\s*\w+)*\s*\Z")


@lru_cache(maxsize=1)
def adapters() -> Mapping[str, Adapter]:
    """Every adapter installed, by name; `Refusal` where one cannot be loaded or two share a name."""
    found: dict[str, Adapter] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        try:
            loaded: Sequence[Adapter] = point.load()
        except Exception as e:
            raise Refusal(
                Fault(
                    f"the adapter {point.name!r} cannot be loaded ({e.__class__.__name__})",
                    "Install it anew, or remove it",
                )
            ) from e
        for adapter in loaded:
            if adapter.name in found:
                raise Refusal(Fault(f"two adapters are called {adapter.name!r}", "Remove one of them"))
            found[adapter.name] = adapter
    return found


def named(name: str) -> Adapter:
    """The adapter that `--as` names; `Refusal` for an unknown one."""
    known = adapters()
    if name in known:
        return known[name]
    raise Refusal(
        Fault(f"no format is called {name!r}", f"{suggestion(name, known)}Take one of: {', '.join(known)}", field="as")
    )


def sheet_of(opened: Opened) -> Sheet:
    """The table in a file, whatever its form."""
    if opened.form == "xlsx":
        return xlsx_sheet(opened)
    assert opened.text is not None
    return jsonl_sheet(opened.text) if opened.form == "jsonl" else csv_sheet(opened.text, CONTRACT_NAMES)


def recognise(opened: Opened, sheet: Sheet, forced: Adapter | None = None) -> tuple[Adapter | None, list[str], Sheet]:
    """Which format a table is, with its columns and rows; None for a derived table, which nothing is taken from.

    `Rejected` where it is none: the remedy names what the nearest format would need.
    """
    if sheet.fault is not None:
        raise unreadable(opened.file, f"in the header: {sheet.fault.message}", sheet.fault.remedy, 1)
    rest = sheet.lines
    first = list(islice(rest, _LOOK))
    sheet.lines = chain(first, rest)
    header = [clean_name(name) for name in sheet.header]
    if not any(header) and opened.form == "jsonl":
        raise unreadable(opened.file, "the file is JSON, but not one object a line", "Write JSON lines, or CSV")
    if not any(header):
        raise unreadable(opened.file, "the file has no header", "Begin it with a row of column names")
    if forced is None and tuple(header) in {tuple(c) for c in (OUTPUTS | SUMMARIES).values()}:
        return None, header, sheet
    scores = {a.name: a.detect(_head(opened.file, a, header, first)) for a in adapters().values()}
    best = max(scores, key=lambda name: scores[name])
    if forced is None and scores[best] <= 0:
        raise unreadable(
            opened.file,
            "no known format has these columns: " + ", ".join(n for n in header if n)[:120],
            "Look at the templates that `trucewatch init` writes, or say what it is with --as",
            1,
        )
    if forced is not None and forced.name not in KINDS and scores[forced.name] <= 0:
        raise unreadable(
            opened.file, f"this is not {forced.title}: its columns are others", "Leave --as out, or name another", 1
        )
    chosen = forced or adapters()[best]
    if chosen.header and not _named_columns(chosen, header):
        # Its first row is data.
        sheet.lines = chain([Line(1, list(sheet.header))], sheet.lines)
        return chosen, list(chosen.header), sheet
    _check(opened.file, chosen, header, opened.form != "jsonl")
    if chosen.name in KINDS and first and _hashtags(first[0].cells):
        sheet.lines = chain(first[1:], rest)
    return chosen, header, sheet


def _hashtags(cells: Sequence[str]) -> bool:
    """Whether a row is the one that HXL writes under the header: hashtags with their attributes, and nothing else."""
    told = [c for c in cells if c.strip()]
    return len(told) > 1 and all(_HASHTAG.match(c) for c in told)


def _named_columns(adapter: Adapter, header: Sequence[str]) -> bool:
    return len({n.lower() for n in header} & set(adapter.header)) >= 3


def _head(file: str, adapter: Adapter, header: Sequence[str], first: Sequence[Line]) -> Head:
    if adapter.name in KINDS:
        return Head(file, header, ())
    lower = [n.lower() for n in header]
    return Head(file, lower, [dict(zip(lower, line.cells, strict=False)) for line in first])


def _check(file: str, adapter: Adapter, header: Sequence[str], fixed: bool) -> None:
    """Refuse a table whose columns stand twice or, of a contract table, are missing; told all at once.

    Where columns are not `fixed` by a header (JSON lines) each row is told what it misses.
    """
    names = [n for n in header if n and not n.startswith("_")]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise unreadable(
            file, f"columns stand twice: {', '.join(twice)}", "Keep one of each, or give them other names", 1, twice[0]
        )
    kind = KINDS.get(adapter.name)
    missing = [] if kind is None or not fixed else [n for n in kind.required if n not in names]
    if missing:
        assert kind is not None
        near = "; ".join(f"{n}: {kind.column(n).meaning}" for n in missing)
        other = [n for n in names if n not in kind.names]
        hint = next((f"Is {o!r} meant for {m}? " for m in missing for o in other if suggestion(o, [m])), "")
        raise unreadable(
            file,
            f"{kind.table} need the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            f"{hint}Add {near}",
            1,
            missing[0],
        )
