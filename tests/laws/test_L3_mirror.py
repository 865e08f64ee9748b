"""L3: exchange two parties everywhere in the input, and every output is exchanged the same way, exactly."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.laws.missions import Inputs, Tables, by_content, crowd, differences, exported, make, tables
from tests.laws.seeds import below, few, many, scratch
from trucewatch.mission.mirroring import mirrored

_SWAP = {"norland": "sudland", "sudland": "norland", "Norland": "Sudland", "Sudland": "Norland",
         "NORLAND": "SUDLAND", "SUDLAND": "NORLAND"}  # fmt: skip
_PARTY = re.compile(r"\b(" + "|".join(_SWAP) + r")\b")
_FINDING = re.compile(r"(F\d*\.\d+\.\d+)\.([12])\b")


def swapped(text: str) -> str:
    """A text with the two exchanged: ids, names, and positions in ids of findings."""
    text = _PARTY.sub(lambda m: _SWAP[m[1]], text)
    return _FINDING.sub(lambda m: f"{m[1]}.{'21'[int(m[2]) - 1]}", text)


def exchanged(inputs: Inputs) -> Inputs:
    """The inputs with the two exchanged in every row and in the terms; gazetteers know names, and stay."""
    rows = {
        name: found if name == "places" else [{k: swapped(v) for k, v in row.items()} for row in found]
        for name, found in inputs.tables.items()
    }
    head, mark, terms = inputs.agreement.partition("timezone:")
    return replace(inputs, tables=rows, agreement=head + mark + swapped(terms))


def expected(found: Tables) -> Tables:
    """An export with the two exchanged."""
    out = {
        name: rows if name == "places" else [{k: swapped(v) for k, v in row.items()} for row in rows]
        for name, rows in found.items()
    }
    return {name: sorted(rows, key=lambda r: list(r.items())) for name, rows in out.items()}


def in_order(found: Tables) -> Tables:
    """Rows in an order of their cells: parties stand in the order of the agreement, not of what they did."""
    return {name: sorted(rows, key=lambda r: list(r.items())) for name, rows in found.items()}


def check(seed: int) -> None:
    inputs = crowd(seed)
    with scratch() as folder:
        plain = tables(exported(make(below(folder, "plain"), inputs)))
        other = tables(exported(make(below(folder, "other"), exchanged(inputs))))
        assert differences(expected(plain), in_order(other)) == []
        for name in ("incidents", "assessments"):  # these name no party: not even their order may change
            assert plain[name] == other[name]


def check_own_mirror(seed: int) -> None:
    """The mirror that the program makes for its reports gives the same as the exchange of the files."""
    inputs = crowd(seed)
    with scratch() as folder:
        mission = make(below(folder, "plain"), inputs)
        below(folder, "mirror").mkdir()
        own = tables(exported(mirrored(mission, below(folder, "mirror") / "m")))
        files = tables(exported(make(below(folder, "other"), exchanged(inputs))))
        names = ("incidents", "links", "assessments", "authors", "contributions", "findings", "gaps")
        assert differences(own, files, names) == []


test_L3_mirror = few(3)(check)
test_L3_mirror_soak = many(200)(check)
test_L3_mirror_of_the_program = few(2)(check_own_mirror)
test_L3_mirror_of_the_program_soak = many(60)(check_own_mirror)


def test_L3_mirror_twice_is_the_same_again() -> None:
    inputs = crowd(5)
    assert exchanged(exchanged(inputs)) == inputs
    assert by_content({"links": []}) == {"links": []}
