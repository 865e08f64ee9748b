"""The page on encoding an agreement: what it shows loads, says what its text says, and names what there is."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from tests.agreement.texts import BASE
from trucewatch.agreement import Agreement, load
from trucewatch.agreement.noticing import notices
from trucewatch.mission.context import author_ids
from trucewatch.mission.trying import try_claims
from trucewatch.model import vocabulary
from trucewatch.model.times import format_instant
from trucewatch.taxonomy import taxonomy

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "encode-an-agreement.md"
WORDS = PAGE.read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", WORDS, re.DOTALL)
WHOLE = next(block for block in BLOCKS if block.startswith("id:"))


@pytest.fixture(scope="module")
def senna(tmp_path_factory: pytest.TempPathFactory) -> Agreement:
    """The worked example of the page."""
    path = tmp_path_factory.mktemp("guide") / "senna-2024.yaml"
    path.write_text(WHOLE, "utf-8")
    return load(path)


def test_every_point_of_the_text_on_the_page_has_a_term(senna: Agreement) -> None:
    points = re.findall(r"\*\*(\d+)\.\*\*", WORDS)
    assert len(points) == 12
    assert {t.id.partition("-")[0] for t in senna.terms} == set(points)


def test_a_distance_is_each_side_s_and_a_width_lies_between_them(senna: Agreement) -> None:
    term = senna.term("2")
    assert term is not None
    assert [rule.distance_km for rule in term.weapons] == [15.0, 30.0]
    assert format_instant(term.due(senna.event_times()) or 0) == "2024-05-17T03:00:00Z"


def test_the_release_waits_until_both_lists_are_there(senna: Agreement) -> None:
    term = senna.term("6")
    assert term is not None
    assert term.window(senna.event_times())[0] is None
    set_ = senna.event_times({"lists_received": 1_716_000_000_000_000})
    assert term.due(set_) == 1_716_000_000_000_000 + 7 * 86_400_000_000


def test_who_does_it_and_who_answers_are_two_things(senna: Agreement) -> None:
    term, guard = senna.term("4"), senna.actor("hill_guard")
    assert term is not None
    assert guard is not None
    assert (term.binds, guard.answers_for) == (("hill_guard",), "arden")


def test_an_answer_to_an_attack_is_for_people(senna: Agreement) -> None:
    term = senna.term("1")
    assert term is not None
    assert [(e.id, e.by_itself) for e in term.excepts] == [("answer", False)]


def test_the_notes_of_a_check_are_the_ones_that_the_page_tells_of(senna: Agreement) -> None:
    told = [str(n) for n in notices(senna)]
    assert told
    assert all(re.search(r"undefined|no time|not judged yet|by no incident", n) for n in told)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.startswith("readings:")])
def test_readings_on_the_page_are_read(block: str, tmp_path: Path) -> None:
    weapons = [{"class": "artillery", "calibre_mm": ">100", "distance_km": 15}]
    term = {"id": "9", "kind": "withdrawal", "binds": ["norland"], "by": "2024-05-30", "weapons": weapons}
    term |= yaml.safe_load(block)
    raw = yaml.load(BASE, Loader=yaml.BaseLoader)
    raw["events"]["signed"] = {"at": "2024-05-01"}
    raw["terms"].append(term)
    path = tmp_path / "one.yaml"
    path.write_text(yaml.safe_dump(raw), "utf-8")
    read = load(path).term("9")
    assert read is not None
    assert len(read.alternatives) == 4


def test_the_page_names_every_kind_of_term() -> None:
    assert [k for k in vocabulary.TERM_KINDS if f"`{k}`" not in WORDS] == []


FALLS = {
    "too-early": set(), "in-force": {"1"}, "gun-in-time": set(), "gun-too-near": {"2"}, "gun-far-enough": set(),
    "mortar": set(), "guard-across": {"1", "4"}, "guard-at-home": {"1"},
}  # fmt: skip


def test_the_cases_on_the_page_fall_where_it_says(senna: Agreement, tmp_path: Path) -> None:
    found = re.search(r"\| claim_id .*?\n\n", WORDS, re.DOTALL)
    assert found is not None
    head, _, *rows = found[0].strip().splitlines()
    path = tmp_path / "cases.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([cell.strip() for cell in row.strip("|").split("|")] for row in (head, *rows))
    trial = try_claims(senna, path)
    assert {c.ref.partition("/")[2]: {f.term for f in c.falls} for c in trial.claims} == FALLS
    (mortar,) = [c for c in trial.claims if c.ref == "test/mortar"]
    assert {f.reading: f.outcome for f in mortar.may} == {
        "mortars=are_not": "depends on reading", "mortars=are": "depends on reading",
    }  # fmt: skip


def test_the_act_codes_on_the_page_are_those_of_the_list() -> None:
    said = WORDS[WORDS.index("**Words that come up") : WORDS.index("**Readings.** Do")]
    codes = re.findall(r"`([a-z_.]+)`", said)
    assert len(codes) > 20
    assert [c for c in codes if c not in taxonomy().acts] == []


def test_police_whom_an_exception_lets_through_can_be_who_did_it_and_the_commission_cannot(senna: Agreement) -> None:
    assert author_ids([senna]) == ["arden", "brevia", "hill_guard", "police"]
