"""What the validation of keys found, in words: line, field, what was found, what to write."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from trucewatch.agreement import fields as f
from trucewatch.agreement import keys as k
from trucewatch.agreement.naming import short
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, Path, line_of

MOST = 1_000  # findings that are looked at


def key_faults(error: ValidationError, lines: Lines, file: str) -> list[Fault]:
    """Pydantic's findings as faults with line, field, what was found and the remedy."""
    out = []
    parents = {path[:-1] for path in lines}
    for found in error.errors(include_url=False)[:MOST]:
        where = tuple(p for p in found["loc"] if not _is_tag(p))
        where = _as_written(where, lines, parents)
        name = ".".join(str(p + 1 if isinstance(p, int) else p) for p in where)
        message, remedy = _words(found, tuple(p for p in found["loc"] if not _is_tag(p)))
        out.append(Fault(message, remedy, file, line_of(where, lines), name))
    return out


def _as_written(where: Path, lines: Lines, parents: Collection[Path]) -> Path:
    """A path without the steps that plainer forms leave out: the position of an only thing, the key of a plain word."""
    out: Path = ()
    for i, step in enumerate(where):
        last = i == len(where) - 1
        if (*out, step) in lines or (last and not isinstance(step, int) and (not out or out in parents)):
            out = (*out, step)
    return out


def _words(found: Any, where: Sequence[str | int]) -> tuple[str, str]:
    kind, given = found["type"], found.get("input")
    key = str(where[-1]) if where else ""
    if given is None and _is_rest_of_words(key, where):
        return f"the words break off before {short(key)}", "Put the words in quotes: they hold a comma"
    if kind == "extra_forbidden":
        known = _known_keys(where)
        near = get_close_matches(key, known, 1, 0.6)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}"
        return f"unknown key {short(key)}", hint
    if kind == "missing":
        return f"the key {key!r} is missing", f"Add {key}: ..."
    if kind == "value_error":
        message, _, remedy = str(found["ctx"]["error"]).partition(" | ")
        return message if len(message) <= 160 else message[:157] + "...", remedy or "Mend the value"
    if kind in ("too_long", "too_short"):
        context = found["ctx"]
        words = f"{context['actual_length']} entries, where there should be {_KINDS[kind]}"
        return words, _remedy(found)
    if kind == "literal_error":
        return f"found {short(given)}", f"Write one of {found['ctx']['expected']}"
    if kind in ("dict_type", "model_type") and (shape := _shape(found, key)):
        return f"found {short(given)}, where there should be keys", shape
    wanted = f", where there should be {_KINDS[kind]}" if kind in _KINDS else ""
    return f"found {short(given)}{wanted}", _remedy(found)


def _is_rest_of_words(key: str, where: Sequence[str | int]) -> bool:
    """Whether a key without a value is what follows a comma in words without quotes: within braces that ends them."""
    by_language = len(where) > 1 and where[-2] in _BY_LANGUAGE and not re.fullmatch(r"[a-z]{2,3}(-\w+)?", key)
    return " " in key or by_language


# Pydantic's names of findings, in words of the field.
_KINDS = {
    "string_type": "words", "dict_type": "keys", "model_type": "keys", "list_type": "a list",
    "bool_parsing": "true or false",
    "int_parsing": "a whole number", "int_parsing_size": "a number of usual size", "float_parsing": "a number",
    "finite_number": "a finite number", "too_short": "more", "too_long": "less",
}  # fmt: skip

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than",
           "min_length": "at least", "max_length": "at most"}  # fmt: skip


def _remedy(found: Any) -> str:
    """What to write, where the finding is about a number's bounds or a list's length: those."""
    context = found.get("ctx", {})
    told = [f"{words} {context[k]}" for k, words in _BOUNDS.items() if k in context]
    return f"Write {' and '.join(told)}" if told else "Write a value of that kind"


def _shape(found: Any, key: str) -> str | None:
    """What to write where keys should stand: by language, or the keys of that part."""
    if found["type"] == "dict_type":
        return "Write it by language, as in {en: ...}" if key in _BY_LANGUAGE else None
    name = found.get("ctx", {}).get("class_name", "")
    model = getattr(k, name, None) or getattr(f, name, None)
    if model is None:
        return None
    keys = [field.alias or name for name, field in model.model_fields.items()]
    needed = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    return f"Write keys: {{{', '.join(f'{x}: ...' for x in needed or keys[:4])}}}"


_BY_LANGUAGE = ("title", "names", "summary", "text")


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith(_UNION_TAGS)


_UNION_TAGS = ("constrained-str", "dict[", "function-")  # ways of a union, as pydantic names them
_PARTS: dict[str, type[f.Keys]] = {
    "actors": k.ActorKeys, "events": k.EventKeys, "zones": k.ZoneKeys, "terms": k.TermKeys, "weapons": k.WeaponKeys,
    "limits": k.LimitKeys, "except": k.ExceptionKeys, "where": k.WhereKeys, "mechanism": k.MechanismKeys,
    "mandate": k.MandateKeys, "text": k.TextKeys, "from": f.WhenKeys, "until": f.WhenKeys, "by": f.WhenKeys,
    "begins_by": f.WhenKeys, "at": f.WhenKeys, "procedures": k.ProcedureKeys, "definitions": k.DefinitionKeys,
    "baseline": k.BaselineKeys, "duration": k.DurationKeys, "quantity": k.QuantityKeys, "circle": k.CircleKeys,
    "refers": k.ReferKeys, "after": k.ConditionKeys, "schedule": k.ScheduleKeys, "while": k.ConditionKeys,
    "then": k.ThenKeys, "to": k.ToKeys, "windows": k.WindowKeys, "renews": k.RenewKeys, "members": k.MemberKeys,
    "powers": k.PowerKeys, "reports": k.ReportsKeys, "valid_from": f.WhenKeys, "accepted": f.WhenKeys,
    "line": k.PointKeys, "area": k.PointKeys,
}  # fmt: skip


def _known_keys(where: Sequence[str | int]) -> list[str]:
    parents = [p for p in where[:-1] if isinstance(p, str) and p in _PARTS]
    model = _PARTS[parents[-1]] if parents else k.AgreementKeys
    return [field.alias or name for name, field in model.model_fields.items()]
