"""How a joint body decides: by the rule that its agreement gives it, from the votes that were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trucewatch.agreement import Agreement, Mechanism

YES, NO, ABSTAINS = "yes", "no", "abstains"
VOTES = (YES, NO, ABSTAINS)


def carried(body: Mechanism, votes: Mapping[str, str]) -> bool | None:
    """Whether a proposal is carried; None where the text gives no rule, or not all that it asks for is known.

    consensus: nobody who sits in it says no, and everybody was asked; unanimity: every member says yes; majority: more
    than half of the members say yes; chair: the chair decides. Observers have no vote.
    """
    members = voters(body)
    cast = [votes.get(m) for m in members]
    if body.decides is None or not members:
        return None
    if body.decides == "chair":
        said = votes.get(body.chair or "")
        return None if said is None else said == YES
    if body.decides == "majority":
        missing = cast.count(None)
        yes = cast.count(YES)
        if 2 * yes > len(cast):
            return True
        return False if 2 * (yes + missing) <= len(cast) else None
    refused = NO in cast if body.decides == "consensus" else (NO in cast or ABSTAINS in cast)
    if refused:
        return False
    return None if None in cast else True


def vote(agreement: Agreement, body: str, votes: Any) -> bool | None:
    """Whether a body or office of an agreement lets a finding pass. One that has no rule of decision in the text passes
    it by the recorded decision alone."""
    found = next((m for m in agreement.mechanisms if m.id == body), None)
    if found is None or found.decides is None:
        return True
    return carried(found, votes if isinstance(votes, Mapping) else {})


def voters(body: Mechanism) -> tuple[str, ...]:
    """The actors who have a vote in a body, in the order of the file."""
    seats = [s.actor for s in body.seats if s.actor is not None and s.role != "observer"]
    return tuple(dict.fromkeys(seats or body.members))


__all__ = ["ABSTAINS", "NO", "VOTES", "YES", "carried", "vote", "voters"]
