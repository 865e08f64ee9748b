"""`report --preview`: on the left what the mission holds, on the right what leaves, between them the rule."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.laws.missions import crowd, make, rows_of
from trucewatch import cli
from trucewatch.mission.exporting import export
from trucewatch.mission.folder import Mission
from trucewatch.mission.previewing import preview
from trucewatch.model.errors import Refusal

DAY = "2021-03-03"


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mission]:
    inputs = replace(crowd(31, 12), config={"publication": {"never": ["text"], "place_km": 5, "time_min": 30}})
    made = make(tmp_path_factory.mktemp("preview"), inputs)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def page(mission: Mission) -> str:
    return preview(mission, DAY, "public", known_by=10**16).path.read_text("utf-8")


def entry(page: str, key: str) -> str:
    found = re.search(rf'<details[^>]*>\s*<summary><code dir="ltr">{re.escape(key)}</code>.*?</details>', page, re.S)
    assert found is not None, key
    return html.unescape(re.sub(r"<[^>]+>", " ", found[0]))


def test_a_restricted_claim_is_shown_with_the_rule_that_withholds_it(mission: Mission, page: str) -> None:
    rows = [c.payload for c in _claims(mission) if c.payload["source"] == "patrol"]
    shown = [f"patrol/{r['claim_id']}" for r in rows if f">patrol/{r['claim_id']}<" in page]
    assert shown
    for key in shown:
        assert "withheld: handling" in entry(page, key)


def test_an_open_claim_shows_each_column_that_is_coarser_or_missing_and_why(mission: Mission, page: str) -> None:
    row = next(
        c.payload
        for c in _claims(mission)
        if c.payload["source"] == "mod_n" and c.payload.get("text") and c.payload.get("lat") and f">{c.id}<" in page
    )
    words = entry(page, f"mod_n/{row['claim_id']}")
    assert "never: the column does not leave" in words
    assert "coarse place" in words
    assert "coarse time" in words
    assert str(row["lat"]) in words
    assert row["text"] in words


def test_the_counts_of_a_preview_are_those_of_the_export_where_one_day_holds_everything(tmp_path: Path) -> None:
    inputs = crowd(32, 5)
    short = [c for c in inputs.tables["claims"] if c["published"] < "2021-03-03T15"]
    mission = make(tmp_path, replace(inputs.with_(claims=short), config={"publication": {"place_km": 5}}))
    days = [preview(mission, f"2021-03-0{d}", "public", known_by=10**16) for d in range(1, 8)]
    report = export(mission, "all", "csv", tmp_path / "out", audience="public")
    inside = rows_of((tmp_path / "out" / "incidents.csv").read_text("utf-8"))
    assert sum(d.leaving["incidents"] for d in days) == len(inside)
    held = sum(d.held["incidents"] for d in days)
    assert held == len(inside) + report.withheld.get("incidents", 0)
    mission.store.close()


def test_both_parties_are_shown_the_same_amount(mission: Mission) -> None:
    made = [preview(mission, DAY, f"party:{p}", known_by=10**16) for p in ("norland", "sudland")]
    assert made[0].held == made[1].held


def test_from_the_mission_itself_nothing_is_withheld_so_there_is_no_preview(mission: Mission) -> None:
    with pytest.raises(Refusal, match="public or party:ID"):
        preview(mission, DAY, "internal")


def test_a_policy_that_lets_nothing_leave_is_told_with_what_would_mend_it(tmp_path: Path) -> None:
    inputs = replace(crowd(33, 5), config={"publication": {"delay_h": 5000}})
    mission = make(tmp_path, inputs)
    told = " ".join(preview(mission, DAY, "public", known_by=1_622_505_600_000_000).warnings)
    assert "nothing of" in told
    assert "incidents leaves to public" in told
    assert "publication.delay_h" in told
    report = export(mission, "incidents", "csv", tmp_path / "i.csv", audience="public")
    assert any("nothing of" in w and "delay_h" in w for w in report.warnings)
    mission.store.close()


def test_a_preview_lies_apart_from_the_reports_and_says_that_it_is_secret(mission: Mission) -> None:
    assert cli.run(["report", str(mission.dir), "--date", DAY, "--preview"]) == 0
    path = mission.dir / "previews" / f"{DAY}.public.preview.html"
    assert '<meta name="audience" content="internal">' in path.read_text("utf-8")
    assert "Do not pass it on" in path.read_text("utf-8")
    assert not (mission.dir / "reports").exists()


def _claims(mission: Mission) -> list:  # type: ignore[type-arg]
    from trucewatch.mission.snapshot import snapshot

    return snapshot(mission.store).claims
