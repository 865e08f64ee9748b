"""Whatever stands in a file, it gives an agreement that can be told, or faults with line and remedy; never a crash."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.agreement import parse
from trucewatch.agreement.chain import chain_faults, chain_notices
from trucewatch.agreement.describing import describe, lines
from trucewatch.agreement.noticing import notices
from trucewatch.mission.mirroring import Exchange
from trucewatch.model.errors import Refusal
from trucewatch.model.yaml_lines import walk

TEXT = Path(__file__).with_name("full.yaml").read_text("utf-8")
VALUE, _ = walk(TEXT, "full.yaml")
STRANGE = [
    None, "", "x", [], {}, "1", "-1", "true", ["a"], {"a": "b"}, [[]], [{}], [None], {"event": "in_force"},
    {"event": "nope", "plus": "P1D"}, "2020-01-01", "norland", "line", "definition:hostile_act", "all", "P14D", "P2M",
    "1e999", "in_force", {"zone": "line"}, {"id": "1"}, "absent(forces, line)", "withdrawal_begun", "\u202e",
]  # fmt: skip


def ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of plain values."""
    found = [way] if way else []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [w for step, part in parts for w in ways(part, (*way, step))]


WAYS = ways(VALUE)


def at(value: Any, way: tuple[Any, ...]) -> Any:
    for step in way:
        value = value[step]
    return value


def put(value: Any, way: tuple[Any, ...], new: Any) -> None:
    """Another value at a way, where the way is still there."""
    try:
        at(value, way[:-1])[way[-1]] = copy.deepcopy(new)
    except (KeyError, IndexError, TypeError):
        return


def read(text: str) -> None:
    try:
        one = parse(text, "full.yaml")
    except Refusal as e:
        for fault in e.faults:
            assert fault.row, fault
            assert fault.remedy, fault
            assert len(fault.message) < 500
            assert "Input should" not in fault.message  # words of the field, not of the library
        return
    list(lines(describe(one, "ru")))
    notices(one)
    assert chain_faults([one]) == []
    chain_notices([one])
    for term in one.terms:
        for _, one_reading in term.alternatives:
            one_reading.window(one.event_times())


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(WAYS), st.sampled_from(STRANGE) | st.sampled_from(WAYS).map(lambda w: at(VALUE, w))),
        min_size=1,
        max_size=3,
    )
)
def test_strange_values_anywhere_are_told_or_taken(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    value = copy.deepcopy(VALUE)
    for way, new in changes:
        put(value, way, new)
    read(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(TEXT) - 1), st.integers(0, 12), st.text("{[]}:,\"'#&*!|>-?@%\n\t 019az\x00\u202e", max_size=3)
)
def test_a_slip_of_the_pen_anywhere_is_told_or_taken(start: int, gone: int, written: str) -> None:
    read(TEXT[:start] + written + TEXT[start + gone :])


PARTIES = {"norland": "sudland", "sudland": "norland"}


def test_exchanging_the_parties_exchanges_everything_that_an_agreement_says_of_them() -> None:
    one = parse(yaml.safe_dump(VALUE, sort_keys=False), "full.yaml")
    exchange = Exchange("norland", "sudland", [one])
    document = exchange.document(VALUE)
    assert exchange.document(document) == VALUE
    other = parse(yaml.safe_dump(document, sort_keys=False), "full.yaml")
    for mine, theirs in zip(one.terms, other.terms, strict=True):
        for (label, a), (same, b) in zip(mine.alternatives, theirs.alternatives, strict=True):
            assert label == same
            assert b.binds == tuple(PARTIES.get(x, x) for x in a.binds)
            assert b.against == tuple(PARTIES.get(x, x) for x in a.against)
            assert b.from_zone == {PARTIES.get(x, x): z for x, z in a.from_zone.items()}
            assert b.sides == {PARTIES.get(x, x): z for x, z in a.sides.items()}
            assert [e.actors for e in b.excepts] == [tuple(PARTIES.get(x, x) for x in e.actors) for e in a.excepts]
            assert [d.actor and PARTIES.get(d.actor, d.actor) for d in a.done] == [d.actor for d in b.done]
            assert (b.window(other.event_times()), b.weapons) == (a.window(one.event_times()), a.weapons)
    assert other.zones["line"].sides == {PARTIES[a]: side for a, side in one.zones["line"].sides.items()}
    swapped = [{d: PARTIES.get(p, p) for d, p in answers.items()} for _, answers in one.answer_readings]
    assert swapped == [dict(answers) for _, answers in other.answer_readings]
