"""The table of coded points is honest: what a file lacks is told, and nothing is counted that is not there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from trucewatch.agreement import load
from trucewatch.agreement.coded import load_records
from trucewatch.agreement.points import IN_PART, NOT, WITHOUT_LOSS, Point, coded_points, expressed
from trucewatch.mission.folder import bundled, bundled_agreements
from trucewatch.model.errors import Refusal

BUNDLED = bundled_agreements()
POINTS = coded_points(bundled("agreements") / "points.csv")
COLLECTED = Path(__file__).parents[3] / "shared" / "data" / "agreements"
Raw = dict[str, Any]


def point(agreement: str, name: str) -> Point:
    """A coded point."""
    return next(p for p in POINTS if (p.agreement, p.point) == (agreement, name))


def term(raw: Raw, id_: str) -> Raw:
    """A term as written."""
    return next(t for t in raw["terms"] if t["id"] == id_)


def without(id_: str, *keys: str) -> Callable[[Raw], None]:
    """A term loses keys."""

    def edit(raw: Raw) -> None:
        for key in keys:
            del term(raw, id_)[key]

    return edit


def changed(id_: str, **keys: Any) -> Callable[[Raw], None]:
    """A term gets keys, and loses those whose value is None."""

    def edit(raw: Raw) -> None:
        one = term(raw, id_)
        for key, value in keys.items():
            one.pop(key, None)
            if value is not None:
                one[key] = value

    return edit


def less(*keys: str) -> Callable[[Raw], None]:
    """The whole text loses keys."""

    def edit(raw: Raw) -> None:
        for key in keys:
            raw.pop(key)

    return edit


def never(raw: Raw) -> None:
    """Nothing is told of how often the committee reports."""
    for procedure in raw["procedures"]:
        procedure.pop("every", None)
    for body in raw["mechanism"]:
        body.pop("reports", None)


def fire_alone(raw: Raw) -> None:
    """Of the list of acts only fire is left."""
    raw["terms"] = [t for t in raw["terms"] if not t["id"].startswith("3-")]
    term(raw, "3")["acts"] = ["fire"]


def nowhere(raw: Raw) -> None:
    """Nothing is told of where fire comes from and falls."""
    for one in raw["terms"]:
        one.pop("where", None)


def rewritten(tmp_path: Path, name: str, edit: Callable[[Raw], None]) -> Path:
    """The bundled file of that name after an edit."""
    raw = yaml.load(BUNDLED[name].read_text("utf-8"), Loader=yaml.BaseLoader)
    edit(raw)
    if not (tmp_path / "zones").exists():
        (tmp_path / "zones").symlink_to(BUNDLED[name].parent / "zones")
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(_plain(raw), allow_unicode=True, sort_keys=False), "utf-8")
    return path


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return None if value == "null" else True if value == "true" else value


def test_all_200_points_are_counted_once() -> None:
    assert len(POINTS) == len({(p.agreement, p.point) for p in POINTS}) == 200
    told = expressed(POINTS, BUNDLED)
    assert [t.point for t in told] == list(POINTS)
    assert all(bool(t.why) == (t.status != WITHOUT_LOSS) for t in told)


def test_at_least_190_of_them_are_expressed_without_loss() -> None:
    assert Counter(t.status for t in expressed(POINTS, BUNDLED))[WITHOUT_LOSS] >= 190


LOSSES = [
    ("X1", "aceh-2002-12-09-note", "2", changed("2", by="2003-07-09")),
    ("X2", "hodeidah-2018-12-13", "7", never),
    ("X3", "syria-idlib-2018-09-17", "6", changed("6", weapons=None, what=["forces"])),
    ("X4", "yemen-2022-04-01", "1", changed("1-positions", baseline={"at": "in_force"})),
    ("X5", "nk-1993-12-16", "1", without("1", "after")),
    ("X6", "syria-2016-02-22", "T4", without("T1", "except")),
    ("X7", "hodeidah-2018-12-13", "9", changed("9", binds=["ansar_allah"], done_when="present(ansar_allah, city)")),
    ("X8", "yemen-2022-04-01", "2", without("2", "quantity")),
    ("X9", "aceh-2002-12-09-note", "4", less("procedures", "mechanism")),
    ("X10", "nepal-2006-05-25", "3", fire_alone),
    ("X11", "nepal-2006-05-25", "1", without("1", "open_ended")),
    ("X12", "nk-2020-10-17", "2", without("2", "refers")),
    ("X13", "lebanon-1996-04-26", "3", nowhere),
    ("X14", "yemen-2022-04-01", "5", changed("5", kind="procedure")),
]


@pytest.mark.parametrize(("need", "name", "number", "edit"), LOSSES, ids=[x[0] for x in LOSSES])
def test_a_file_that_loses_what_a_point_needs_expresses_it_in_part_and_says_what_is_missing(
    need: str, name: str, number: str, edit: Callable[[Raw], None], tmp_path: Path
) -> None:
    coded = point(name, number)
    assert need in coded.needs
    assert expressed([coded], BUNDLED)[0].status == WITHOUT_LOSS
    (told,) = expressed([coded], {name: rewritten(tmp_path, name, edit)})
    assert told.status == IN_PART, told.why
    assert any(why.startswith(f"{need}: ") for why in told.why), told.why


def test_a_point_of_another_kind_of_term_is_expressed_in_part(tmp_path: Path) -> None:
    coded = point("syria-2016-02-22", "T3")
    path = rewritten(tmp_path, coded.agreement, changed("T3", kind="obligation"))
    (told,) = expressed([coded], {coded.agreement: path})
    assert told.why == ("the kind access has no access",)


def test_a_point_is_called_judged_where_the_machine_judges_a_term_of_it(tmp_path: Path) -> None:
    ban, talks = point("syria-2016-02-22", "T1"), point("syria-2016-02-22", "2")
    assert [t.judged for t in expressed([ban, talks], BUNDLED)] == [True, False]
    path = rewritten(tmp_path, ban.agreement, changed("T1", open_ended=True))
    assert not expressed([ban], {ban.agreement: path})[0].judged


def test_a_state_that_only_people_can_test_is_told_as_such(tmp_path: Path) -> None:
    prisoners = point("nepal-2003-03-12", "5")
    path = rewritten(tmp_path, prisoners.agreement, changed("5", done_when="by_decision"))
    assert not expressed([prisoners], BUNDLED)[0].decided
    assert expressed([prisoners], {prisoners.agreement: path})[0].decided


def test_a_loss_that_the_file_itself_tells_counts(tmp_path: Path) -> None:
    coded = point("syria-2016-02-22", "T3")
    path = rewritten(tmp_path, coded.agreement, changed("T3", note="Not expressed: how long is long"))
    (told,) = expressed([coded], {coded.agreement: path})
    assert (told.status, told.why) == (IN_PART, ("how long is long",))


def test_a_point_without_a_term_or_a_file_is_not_expressed(tmp_path: Path) -> None:
    coded = point("syria-2016-02-22", "T3")
    path = rewritten(tmp_path, coded.agreement, changed("T3", id="other"))
    assert expressed([coded], {coded.agreement: path})[0].why == ("no term T3",)
    assert expressed([coded], {})[0].status == NOT
    path.write_text("id: x", "utf-8")
    (told,) = expressed([coded], {coded.agreement: path})
    assert told.status == NOT
    assert "its file has faults" in told.why[0]


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("agreement,point\na,1\n", "utf-8")
    with pytest.raises(Refusal, match="kinds, needs"):
        coded_points(file)


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collection of agreement texts (../shared) is not at hand")
def test_every_collected_text_has_its_file_and_every_point_of_it_a_term() -> None:
    records = load_records(COLLECTED / "agreements.jsonl").agreements
    assert [r.id for r in records if r.id not in BUNDLED] == []
    for record in records:
        ids = {t.id for t in load(BUNDLED[record.id]).terms}
        labels = [t.id.removesuffix("en") for t in record.terms]  # 5en: point 5 in English, quoted by an agency
        missing = [x for x in labels if not any(i == x or i.startswith(f"{x}-") for i in ids)]
        assert missing == [], record.id


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collection of agreement texts (../shared) is not at hand")
def test_words_are_quoted_from_official_copies_alone() -> None:
    lines = (COLLECTED / "agreements.jsonl").read_text("utf-8").splitlines()
    copies = {r["id"]: r["completeness"] for r in map(json.loads, lines)}
    for name, about in copies.items():
        quoted = [t.id for t in load(BUNDLED[name]).terms if any(x.words for x in t.texts.values())]
        assert not quoted or "[official]" in about or name == "georgia-2008-08-12", name
