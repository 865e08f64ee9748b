"""Several texts at once: what is missing, what goes in a circle, what contradicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.texts import BASE
from trucewatch.agreement import Agreement, parse
from trucewatch.agreement.chain import chain_faults, chain_notices
from trucewatch.agreement.noticing import notices
from trucewatch.mission.folder import bundled_agreements

RULE = '{class: artillery, calibre_mm: ">100", distance_km: KM}'
WITHDRAWAL = f"""  - {{id: "2", kind: withdrawal, binds: [norland], weapons: [{RULE}]}}
"""


def text(id_: str, more: str = "", base: str = BASE, terms: str = "") -> Agreement:
    """The small agreement under another id, with further keys and terms."""
    return parse(base.replace("id: small", f"id: {id_}") + terms + more, f"{id_}.yaml")


def refers(other: str, how: str, more: str = "") -> str:
    return f"refers: [{{agreement: {other}, how: {how}{more}}}]\n"


def test_a_text_that_is_missing_is_named_with_who_refers_to_it() -> None:
    (note,) = chain_notices([text("late", refers("early", "amends"))])
    assert "late amends 'early', and that text is not among these" in note.message
    assert "outside: true" in note.remedy


def test_a_missing_text_that_can_be_had_is_to_be_added() -> None:
    (note,) = chain_notices([text("late", refers("early", "amends"))], lambda name: name == "early")
    assert note.remedy == "Add it to the chain"


@pytest.mark.parametrize("more", [", outside: true", ""])
def test_nothing_is_missed_where_it_is_there_or_has_no_file(more: str) -> None:
    chain = [text("late", refers("early", "amends", more))] + ([] if more else [text("early")])
    assert chain_notices(chain) == []


def test_a_term_of_another_text_must_be_there() -> None:
    (fault,) = chain_faults([text("early"), text("late", refers("early", "interprets", ', term: "9"'))])
    assert "late interprets the term '9' of early, which has none of that id" in fault.message
    assert fault.remedy == "Write one of: 1"
    assert chain_faults([text("early"), text("late", refers("early", "interprets", ', term: "1"'))]) == []


def test_texts_that_replace_each_other_are_told_each() -> None:
    found = chain_faults([text("a", refers("b", "replaces")), text("b", refers("a", "amends")), text("c")])
    assert [f.file for f in found] == ["a", "b"]
    assert all("does the same to it" in f.message for f in found)


def test_an_actor_inside_one_text_and_outside_of_the_other_contradicts() -> None:
    outside = BASE.replace("id: sudland, role: party", "id: sudland, role: not_covered")
    late = text("late", refers("early", "amends"))
    (fault,) = chain_faults([text("early", base=outside), late])
    assert "'sudland' is a party in late and not covered in early" in fault.message
    assert chain_faults([text("early", base=outside), text("late", refers("early", "replaces"))]) == []


def test_different_distances_side_by_side_are_told_and_those_that_are_replaced_are_not() -> None:
    early, late = (text(i, terms=WITHDRAWAL.replace("KM", km)) for i, km in (("early", "15"), ("replacing", "20")))
    beside = text("late", refers("early", "amends"), terms=WITHDRAWAL.replace("KM", "20"))
    (note,) = chain_notices([early, beside])
    assert note.message == "late 2 asks 20 km of artillery, early 2 15 km of artillery"
    assert note.row == 14
    assert chain_notices([early, late]) == []
    same = text("late", refers("early", "amends"), terms=WITHDRAWAL.replace("KM", "15"))
    assert chain_notices([early, same]) == []


def test_what_one_text_excepts_and_the_other_forbids_is_told() -> None:
    exception = "    except: [{id: a, in_response_to: fire, requires: [ordered]}]\n"
    late = text("late", exception + refers("early", "interprets"))
    (note,) = chain_notices([text("early"), late])
    assert "late 1 excepts what early 1 forbids without exception" in note.message
    both = text("early", exception)
    assert chain_notices([both, late]) == []


def test_texts_that_never_hold_at_once_contradict_nothing() -> None:
    early = text("early", terms=WITHDRAWAL.replace("KM", "15").replace("binds", "until: 2020-11-01, binds"))
    late = text(
        "late",
        refers("early", "amends"),
        terms=WITHDRAWAL.replace("KM", "20").replace("binds", "from: 2020-12-01, binds"),
    )
    assert chain_notices([early, late]) == []


def test_who_writes_a_file_is_told_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "early.yaml").write_text(BASE.replace("id: small", "id: early"), "utf-8")
    path = tmp_path / "late.yaml"
    path.write_text(BASE.replace("id: small", "id: late") + refers("early", "amends", ", term: '7'"), "utf-8")
    from trucewatch.agreement import load

    assert any("the term '7' of early" in n.message for n in notices(load(path)))
    (tmp_path / "early.yaml").unlink()
    assert any("is not among these" in n.message for n in notices(load(path)))


def test_the_bundled_texts_of_the_donbas_tell_that_only_the_last_excepts_fire_in_answer() -> None:
    from trucewatch.agreement import load

    chain = [
        load(path) for id_, path in bundled_agreements().items() if id_ in {"donbas-2015-02-12", "donbas-2020-07-22"}
    ]
    assert chain_faults(chain) == []
    assert any(
        "donbas-2020-07-22 2 excepts what donbas-2015-02-12 1 forbids" in n.message for n in chain_notices(chain)
    )
