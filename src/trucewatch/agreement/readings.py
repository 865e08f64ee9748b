"""Ways to read a text: each named reading replaces keys of a term, or says who answers for whom.

Three forms: words (printed only), a list of values for a key, or named alternatives with the keys that they replace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from trucewatch.agreement.model import Term

MOST = 32  # combinations of readings of one term: beyond it nobody can follow
_OF_ACTORS = ("binds", "against", "answers_for", "actors", "supervised_by", "from_zone", "sides", "set_by")
_OF_WEAPONS = ("calibre_mm", "distance_km", "zone_width_km", "distance", "models", "class")


@dataclass(frozen=True, slots=True)
class Variants:
    """The term under each combination of readings, and what failed."""

    terms: tuple[tuple[str | None, Term], ...]
    problems: tuple[tuple[str, ValidationError | LookupError], ...] = ()


def choices(readings: Mapping[str, Any]) -> list[list[tuple[str, dict[str, Any]]]]:
    """For each reading that changes keys: its alternatives as (`name=value`, keys that it replaces). Of actors the
    position stands for the value (`binds=2`): no id of a party may stand in the name of a reading (law L3)."""
    out = []
    for name, value in readings.items():
        if isinstance(value, list) and value and of_actors(name):
            out.append([(f"{name}={k}", {name: v}) for k, v in enumerate(value, 1)])
        elif isinstance(value, list) and value:
            out.append([(f"{name}={_plain(v)}", {name: v}) for v in value])
        elif isinstance(value, Mapping) and value:
            out.append([(f"{name}={alternative}", _keys(keys)) for alternative, keys in value.items()])
    return out


def of_actors(name: str) -> bool:
    """Whether the values of a key are actors, or told by actor."""
    return name.rpartition(".")[2] in _OF_ACTORS


def readings_of(readings: Mapping[str, Any]) -> int:
    """How many combinations of readings there are."""
    return prod(map(len, choices(readings)))


def _plain(value: Any) -> str:
    """A value in the words of a reading: without the sign that parts readings."""
    return (
        str(value).replace(";", ",").replace("=", "").strip() if not str(value).startswith((">=", "<=")) else str(value)
    )


def _keys(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {k: v for k, v in value.items() if k != "words"}


def variants(raw: Mapping[str, Any], build: Callable[[Mapping[str, Any]], Term]) -> Variants:
    """The term of raw keys under every combination of its readings that replace keys, in the order of the file."""
    readings = raw.get("readings")
    found = choices(readings) if isinstance(readings, Mapping) else []
    if not found:
        return Variants(((None, build({**raw, "readings": {}})),))
    terms: list[tuple[str | None, Term]] = []
    problems: list[tuple[str, ValidationError | LookupError]] = []
    for combination in product(*found):
        label = ";".join(name for name, _ in combination)
        keys: dict[str, Any] = {**raw, "readings": {}}
        try:
            for _, new in combination:
                keys = replaced(keys, new)
            terms.append((label, build(keys)))
        except (ValidationError, LookupError) as e:
            problems.append((label, e))
    return Variants(tuple(terms), tuple(problems))


def replaced(keys: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The keys with some replaced; `where.zone` reaches into a key, `except.6.acts` into the part of that id or
    position; a key of weapon rules is replaced in every rule that has it. LookupError where the way is not there."""
    out = dict(keys)
    for name, value in new.items():
        rules = out.get("weapons")
        if "." in name:
            head, *rest = name.split(".")
            out[head] = _within(out.get(head), rest, value, name)
        elif name in _OF_WEAPONS and isinstance(rules, list) and name not in out:
            out["weapons"] = [{**r, name: value} if isinstance(r, dict) and name in r else r for r in rules]
        else:
            out[name] = value
    return out


def _within(part: Any, way: list[str], value: Any, name: str) -> Any:
    """A part with the value at the end of a way put in its place."""
    step, *rest = way
    if isinstance(part, list):
        at = next((i for i, row in enumerate(part) if isinstance(row, Mapping) and str(row.get("id")) == step), None)
        if at is None and step.isdigit() and 1 <= int(step) <= len(part):
            at = int(step) - 1
        if at is None:
            raise LookupError(f"there is no {step!r} on the way to {name!r}")
        return [*part[:at], _within(part[at], rest, value, name) if rest else value, *part[at + 1 :]]
    if (part is None and not rest) or isinstance(part, Mapping):
        whole = dict(part or {})
        whole[step] = _within(whole.get(step), rest, value, name) if rest else value
        return whole
    raise LookupError(f"there is no {step!r} on the way to {name!r}")


def answer_readings(
    readings: Mapping[str, Any], told: Mapping[str, str | None]
) -> tuple[tuple[str | None, Mapping[str, str]], ...]:
    """Who answers for whom under each reading of the whole agreement: (label or None, doer -> party)."""
    base = {doer: party for doer, party in told.items() if party is not None}
    found = choices(readings)
    if not found:
        return ((None, base),)
    out: list[tuple[str | None, Mapping[str, str]]] = []
    for combination in product(*found):
        answers = dict(base)
        for _, keys in combination:
            for doer, party in (keys.get("answers_for") or {}).items():
                answers.pop(doer, None)
                if party is not None:
                    answers[doer] = party
        out.append((";".join(name for name, _ in combination), answers))
    return tuple(out)
