"""Who may do what: the one table of acts and offices, read from offices.yaml (design 2, decision 0016)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

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


@lru_cache(maxsize=1)
def acts() -> Mapping[str, Act]:
    """The table, in the order of the verbs; ValueError where it names what the contracts do not know."""
    rows = yaml.safe_load(files("trucewatch.procedure").joinpath("offices.yaml").read_text("utf-8"))["verbs"]
    found = {
        verb: Act(verb, tuple(row["of"]), tuple(row["offices"]), row.get("other"), row.get("mandate"))
        for verb, row in rows.items()
    }
    if tuple(found) != VERBS and set(found) != set(VERBS):
        raise ValueError("offices.yaml does not have the verbs of the contract")
    for act in found.values():
        strange = {*act.of} - {*OBJECTS} | {*act.offices} - {*PEOPLE_ROLES}
        if strange or act.other not in {None, *VERBS} or act.mandate not in {None, *MANDATES}:
            raise ValueError(f"offices.yaml: {act.verb} names what is not known")
    return {verb: found[verb] for verb in VERBS}


def office_for(verb: str, held: Iterable[str]) -> str | None:
    """The first of the offices that a person holds by which that act may be taken; None where there is none."""
    act = acts()[verb]
    return next((role for role in held if role in act.offices), None)


def told_offices(verb: str) -> str:
    """The offices of an act in words: `reviewer or head`."""
    return " or ".join(acts()[verb].offices)
