"""Who answers for whom: not in a circle, and not over two steps unless the file says so."""

from __future__ import annotations

import pytest

from trucewatch.agreement import parse
from trucewatch.agreement.noticing import notices
from trucewatch.model.errors import Refusal

TEXT = """id: truce
title: {{en: Truce}}
actors: [{{id: a, role: party{a}}}, {{id: b, role: party{b}}}, {{id: c, role: third_party{c}}}]
events: {{in_force: {{at: 2021-03-01T00:00:00Z}}}}
terms: [{{id: "1", kind: prohibition, acts: [fire], binds: [a, b], text: {{en: x}}}}]
"""


def text(**answers: str) -> str:
    return TEXT.format(**{k: f", answers_for: {answers[k]}" if k in answers else "" for k in "abc"})


def test_two_that_answer_for_each_other_are_refused() -> None:
    """An act of one would be charged to both."""
    with pytest.raises(Refusal) as refused:
        parse(text(a="b", b="a"))
    assert [f.field for f in refused.value.faults] == ["actors.1.answers_for", "actors.2.answers_for"]
    assert "in a circle: a for b for a" in refused.value.faults[0].message


def test_who_answers_for_one_that_answers_is_asked() -> None:
    (note,) = (str(n) for n in notices(parse(text(c="b", b="a"))))
    assert "'b' answers for 'c', and 'a' for 'b'" in note
    assert not list(notices(parse(text(c="a", b="a"))))


@pytest.mark.parametrize("readings", ["{who: {a: {binds: [a]}, both: {binds: [a, b]}}}", "{b: {x: {binds: [a]}}}"])
def test_a_way_to_read_that_is_called_as_a_party_is_told(readings: str) -> None:
    """Findings name it, and in a mirror the names of the parties are exchanged."""
    named = text().replace("binds: [a, b]", f"binds: [a, b], readings: {readings}")
    (note,) = (str(n) for n in notices(parse(named)))
    assert "a way to read is called" in note
    assert not list(notices(parse(named.replace("{a: {", "{one: {").replace("{b: {", "{who: {"))))
