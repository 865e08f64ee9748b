"""What the object of a decision means: an incident, a finding, a claim, a complaint, an event, an agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trucewatch.judging.rulings import TERM_STATES
from trucewatch.mission.derive import Derived
from trucewatch.mission.docket import Docket
from trucewatch.mission.snapshot import Payload
from trucewatch.model.errors import Fault, Refusal
from trucewatch.procedure.naming import PREFIX, complaint_named, is_finding, is_incident
from trucewatch.procedure.offices import acts
from trucewatch.procedure.road import Case

if TYPE_CHECKING:
    from trucewatch.agreement import Agreement
    from trucewatch.mission.folder import Mission

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to have recorded. `at`: microseconds, None = now; `role`: None = the office by which it may be
    done; `object_hash`: what was seen, None = what stands there now."""

    verb: str
    object: str
    person: str
    reason: str
    at: int | None = None
    role: str | None = None
    object_hash: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What the object means: its kind (see `offices.OBJECTS`), its id, the claims behind it (SOURCE/ID), the incident
    and the rows of the finding, where it is one, the agreement that it falls under, and the record of a complaint."""

    kind: str
    id: str
    claims: tuple[str, ...] = ()
    incident: str | None = None
    finding: tuple[Row, ...] = ()
    agreement: Agreement | None = None
    case: Case | None = None


def target_of(mission: Mission, derived: Derived, wish: Wish) -> Target:
    """What the object of a wish means; `Refusal` where it means nothing that is here."""
    word, refs = wish.object, derived.table.refs
    complaints = {v.id for v in derived.snapshot.tables["complaints"]}
    complaint = complaint_named(word, complaints, refs)
    if complaint is not None:
        (case,) = docket_of(mission, derived).cases(complaint)
        return Target("complaint", complaint, agreement=case.agreement, case=case)
    if is_finding(word):
        return _finding(mission, derived, word)
    if is_incident(word):
        return _incident(derived, word)
    if word in refs:
        return Target("claim", word, (word,), _incidents(derived).get(word))
    bare = [ref for ref in refs if ref.partition("/")[2] == word] if word else []
    if len(bare) == 1:
        return Target("claim", bare[0], (bare[0],), _incidents(derived).get(bare[0]))
    clock = _of_agreement(mission, wish)
    if clock is not None:
        return clock
    raise Refusal(_unknown(word, wish, complaints))


def _unknown(word: str, wish: Wish, complaints: Iterable[str]) -> Fault:
    of = acts()[wish.verb].of
    if word.startswith(PREFIX) or ("complaint" in of and len(of) == 1):
        return Fault(f"no complaint is called {word!r}", "Ingest it first, or write one of the register's numbers")
    if "event" in of or "agreement" in of:
        return Fault(f"no {of[0]} is called {word!r}", "See `trucewatch agreement show FILE` for its events and its id")
    return Fault(
        f"nothing here is called {word!r}",
        "Name an incident (I7), a finding (F7.1.1.2), a claim (SOURCE/ID) or a complaint by its number",
    )


def _incidents(derived: Derived) -> dict[str, str]:
    """The incident of each claim that speaks of one, by SOURCE/ID."""
    links = derived.tables["links"]
    return {f"{r['source']}/{r['claim_id']}": r["incident_id"] for r in links if r["incident_id"]}


def _behind(derived: Derived, incident: str) -> tuple[str, ...]:
    """The claims that an incident rests on, in the order of intake: voices that support it; all, where none does."""
    links = [r for r in derived.tables["links"] if r["incident_id"] == incident]
    told = [r for r in links if r["relation"] in {"supports", "admits"}] or links
    refs = derived.table.refs
    return tuple(sorted((f"{r['source']}/{r['claim_id']}" for r in told), key=refs.__getitem__))


def _incident(derived: Derived, word: str) -> Target:
    number = int(word[1:])
    numbers = derived.table.table["number"]
    names = [ref for ref, row in derived.table.refs.items() if int(numbers[row]) == number]
    incident = _incidents(derived).get(names[0]) if names else None
    if incident is None:
        raise Refusal(Fault(f"no incident is called {word!r}", "Name one as `export incidents` writes it"))
    return Target("incident", incident, _behind(derived, incident), incident)


def _finding(mission: Mission, derived: Derived, word: str) -> Target:
    number, _, rest = word.removeprefix("F").partition(".")
    name = word
    if int(number):
        incident = _incident(derived, f"I{number}").incident
        assert incident is not None
        name = f"F{incident[1:]}.{rest}"
    rows = tuple(r for r in derived.tables["findings"] if r["finding_id"] == name)
    if not rows:
        raise Refusal(Fault(f"no finding is called {word!r}", "Name one as `export findings` writes it"))
    agreement = next(a for a in mission.agreements if a.id == rows[0]["agreement"])
    incident = rows[0]["incident_id"]
    claims = _behind(derived, incident) if incident else ()
    return Target("finding", name, claims, incident, rows, agreement)


def _of_agreement(mission: Mission, wish: Wish) -> Target | None:
    """An event or state of a term, or an agreement itself."""
    chain, only = mission.agreements, wish.params.get("agreement")
    named = next((a for a in chain if a.id == (wish.object or only)), None)
    if named is not None and "agreement" in acts()[wish.verb].of:
        return Target("agreement", named.id, agreement=named)
    for a in chain:
        term, _, state = wish.object.rpartition(".")
        is_state = state in TERM_STATES and a.term(term) is not None
        if only in {None, a.id} and (wish.object in a.events or is_state):
            return Target("event", wish.object, agreement=a)
    return None


def docket_of(mission: Mission, derived: Derived, more: tuple[Payload, ...] = ()) -> Docket:
    """The complaints of a derived state, with `more` decisions as if they were recorded."""
    return Docket(mission, derived.snapshot, derived.tables, lambda: derived.table, more)


__all__ = ["Target", "Wish", "docket_of", "target_of"]
