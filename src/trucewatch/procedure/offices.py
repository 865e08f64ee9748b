"""Who may do what: the one table of acts, offices and steps, read from offices.yaml (design 2, decision 0016)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from trucewatch.model.vocabulary import PEOPLE_ROLES, VERBS

OBJECTS = ("incident", "claim", "finding", "complaint", "event", "agreement")
MANDATES = ("attribute", "rule", "publish")


@dataclass(frozen=True, slots=True)
class Act:
    """What a verb may name (`of`), who may take it (`offices`), whose hand it must not be in (`other`: who took that
    act on the same object), and what the mandate must allow (`mandate`)."""

    verb: str
    of: tuple[str, ...]
    offices: tuple[str, ...]
    other: str | None = None
    mandate: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a complaint's road: its `rank` on it (0 = the first; -1 = beside it), the verb that takes it, the step
    from which its clock runs, what it needs before it, and who may take it."""

    id: str
    rank: int
    verb: str | None
    since: str | None
    needs: tuple[str, ...]
    offices: tuple[str, ...]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(files("trucewatch.procedure").joinpath("offices.yaml").read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def steps() -> Mapping[str, Step]:
    """The road of a complaint in its order; ValueError where the table is not of one piece."""
    rows = _table()["steps"]
    out = {}
    for rank, (id_, row) in enumerate(rows.items()):
        verb = row.get("verb")
        offices = tuple(row.get("offices") or (acts()[verb].offices if verb else ()))
        named = {*row.get("needs", ()), *filter(None, [row.get("since")])}
        if named - {*rows} or {*offices} - {*PEOPLE_ROLES}:
            raise ValueError(f"offices.yaml: the step {id_} names what is not known")
        out[id_] = Step(
            id_, -1 if row.get("aside") else rank, verb, row.get("since"), tuple(row.get("needs", ())), offices
        )
    return out


@lru_cache(maxsize=1)
def ranks() -> Mapping[str, int]:
    """How far along the road each step is; -1 beside it."""
    return {s.id: s.rank for s in steps().values()}


def step_of(verb: str, params: Mapping[str, Any]) -> str | None:
    """The step that a decision on a complaint takes; None where its verb takes none of that name."""
    named = params.get("step") or _table()["plain"].get(verb)
    found = steps().get(str(named))
    return None if found is None or found.verb != verb else found.id


def steps_of(verb: str) -> tuple[str, ...]:
    """The steps that a verb takes."""
    return tuple(s.id for s in steps().values() if s.verb == verb)


@lru_cache(maxsize=1)
def acts() -> Mapping[str, Act]:
    """The table, in the order of the verbs; ValueError where it names what the contracts do not know."""
    rows = _table()["verbs"]
    found = {
        verb: Act(verb, tuple(row["of"]), tuple(row["offices"]), row.get("other"), row.get("mandate"))
        for verb, row in rows.items()
    }
    if {*found} != {*VERBS}:
        raise ValueError("offices.yaml does not have the verbs of the contract")
    for act in found.values():
        strange = {*act.of} - {*OBJECTS} | {*act.offices} - {*PEOPLE_ROLES}
        if strange or act.other not in {None, *VERBS} or act.mandate not in {None, *MANDATES}:
            raise ValueError(f"offices.yaml: {act.verb} names what is not known")
    return {verb: found[verb] for verb in VERBS}


def offices(verb: str, step: str | None = None) -> tuple[str, ...]:
    """Who may take an act; of a step of a complaint's road, where those are others."""
    return acts()[verb].offices if step is None else steps()[step].offices


def office_for(verb: str, held: Iterable[str], step: str | None = None) -> str | None:
    """The first of the offices that a person holds by which that act may be taken; None where there is none."""
    allowed = offices(verb, step)
    return next((role for role in held if role in allowed), None)


def told_offices(verb: str, step: str | None = None) -> str:
    """The offices of an act in words: `reviewer or head`."""
    return " or ".join(offices(verb, step))
