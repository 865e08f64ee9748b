"""A joint body decides by the rule of its text."""

from __future__ import annotations

import pytest

from trucewatch.agreement import Mechanism
from trucewatch.agreement.bodies import Member
from trucewatch.procedure.voting import carried, voters

SEATS = (Member("a"), Member("b"), Member("c", "chair"), Member("un", "observer"))


def body(rule: str | None) -> Mechanism:
    return Mechanism(seats=SEATS, members=("a", "b", "c"), decides=rule, chair="c")


@pytest.mark.parametrize(
    ("rule", "votes", "expected"),
    [
        ("consensus", {"a": "yes", "b": "abstains", "c": "yes"}, True),
        ("consensus", {"a": "yes", "b": "no", "c": "yes"}, False),
        ("consensus", {"a": "yes", "c": "yes"}, None),
        ("unanimity", {"a": "yes", "b": "abstains", "c": "yes"}, False),
        ("unanimity", {"a": "yes", "b": "yes", "c": "yes"}, True),
        ("majority", {"a": "yes", "b": "no", "c": "yes"}, True),
        ("majority", {"a": "yes"}, None),
        ("majority", {"a": "no", "b": "no"}, False),
        ("chair", {"a": "no", "b": "no", "c": "yes"}, True),
        ("chair", {"a": "yes", "b": "yes"}, None),
        (None, {"a": "yes", "b": "yes", "c": "yes"}, None),
    ],
)
def test_a_proposal_is_carried_by_the_rule(rule: str | None, votes: dict[str, str], expected: bool | None) -> None:
    assert carried(body(rule), votes) is expected


def test_observers_have_no_vote() -> None:
    assert voters(body("majority")) == ("a", "b", "c")
    assert carried(body("majority"), {"un": "yes", "a": "yes"}) is None
