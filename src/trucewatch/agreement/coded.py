"""Coded records of agreements: texts collected point by point (JSON or JSON lines), not yet written as files of ours.

A record becomes an agreement whose terms are shown and never judged: nobody has said yet what binds whom, from when
and where. Marks inside the points ([cut], [...], [as read out]) stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trucewatch.agreement.loader import read_text
from trucewatch.agreement.model import Agreement, Term, Text
from trucewatch.agreement.naming import short
from trucewatch.model.errors import Fault, Refusal

CODED = "coded"  # the kind of a term that nobody has expressed yet
SUFFIXES = (".jsonl", ".json")
_LABEL = re.compile(r"(?P<label>[\w()*.\-]{1,40})\.\s+(?P<words>.+)", re.DOTALL)
_CLASS = re.compile(r"\[(?P<cls>[a-z-]+)\]")
_FIELDS = ("id", "title", "date", "url", "lang", "completeness", "points")


@dataclass(frozen=True, slots=True)
class Coded:
    """The agreements of a file of records in its order, and a fault for each record that could not be read."""

    agreements: tuple[Agreement, ...]
    faults: tuple[Fault, ...]


def load_records(path: str | Path) -> Coded:
    """Every record of a .jsonl or .json file (one record, or a list of them). `Refusal` where the file cannot be opened
    or is no JSON; single records that cannot be read are told as faults, the others are kept."""
    file = Path(path)
    found: dict[str, Agreement] = {}
    faults: list[Fault] = []
    for row, value in _rows(read_text(file), file):
        if isinstance(value, Fault):
            faults.append(value)
            continue
        problem = _problem(value, found)
        if problem is None:
            found[value["id"]] = agreement_of(value, file)
        else:
            faults.append(Fault(problem[1], problem[2], file.name, row, problem[0]))
    if not found and not faults:
        faults.append(Fault("the file holds no records", f"Write objects with {', '.join(_FIELDS)}", file.name, 1))
    return Coded(tuple(found.values()), tuple(faults))


def _rows(text: str, file: Path) -> Iterator[tuple[int, Any]]:
    """Line and value of each record, or its fault."""
    if file.suffix.lower() == ".json":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as e:
            raise Refusal(_broken(e, file, getattr(e, "lineno", 1))) from None
        yield from ((i, v) for i, v in enumerate(value if isinstance(value, list) else [value], 1))
        return
    for row, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield row, json.loads(line)
            except (ValueError, RecursionError) as e:
                yield row, _broken(e, file, row)


def _broken(e: Exception, file: Path, row: int) -> Fault:
    reason = getattr(e, "msg", None) or "it is nested too deeply"
    return Fault(f"this is not JSON: {str(reason).lower()}", "Write one object a line", file.name, row)


def _problem(value: Any, found: Mapping[str, Agreement]) -> tuple[str | None, str, str] | None:
    """Field, message and remedy of a record that cannot be read; None for one that can."""
    if not isinstance(value, dict):
        return None, f"found {short(value)}", f"Write an object with {', '.join(_FIELDS)}"
    if not isinstance(value.get("id"), str) or not value["id"].strip():
        return "id", "the record has no id", "Write id: a short word of its own"
    if value["id"] in found:
        return "id", f"the id {short(value['id'])} stands twice", "Give each record its own id"
    points = value.get("points")
    if not isinstance(points, list) or not points or not all(isinstance(p, str) and p.strip() for p in points):
        return "points", f"found {short(points)}", "Write points as a list of texts, each with its label before it"
    for name in ("title", "date", "url", "lang", "completeness"):
        if not isinstance(value.get(name), str | None):
            return name, f"found {short(value[name])}", "Write words"
    return None


def agreement_of(record: Mapping[str, Any], path: Path | None = None) -> Agreement:
    """The agreement of one coded record: one term a point, `coded`, never judged."""
    lang = record.get("lang") or "en"
    about = record.get("completeness") or ""
    official = (m := _CLASS.match(about)) is not None and m["cls"] == "official"
    terms: list[Term] = []
    for i, point in enumerate(record["points"], 1):
        m = _LABEL.match(point)
        label, words = (m["label"], m["words"]) if m else (str(i), point)
        if any(t.id == label for t in terms):
            label = f"{label}#{i}"
        text = Text(None, words, record.get("url"), "unknown" if official else "no")
        terms.append(Term(label, CODED, {lang: text}, line=i))
    return Agreement(
        record["id"], {lang: record.get("title") or record["id"]}, 1, (), "UTC", {}, {}, tuple(terms),
        links=(record["url"],) if record.get("url") else (), notes=(about,) if about else (),
        keys={k: record[k] for k in ("date",) if record.get(k)}, path=path,
    )  # fmt: skip
