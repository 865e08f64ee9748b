"""The bundled case of Karabakh, October and November 2020: what must come out, with the real pipeline."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from trucewatch.mission import bundled
from trucewatch.mission.folder import bundled as data_folder
from trucewatch.model.columns import KINDS
from trucewatch.taxonomy import taxonomy

CASE = data_folder("cases") / "nk-2020"
RECORDED_AT = 1_790_000_000_000_000
END_2020 = "2021-01-01T00:00:00+04:00"
MARCH_2021 = "2021-04-01T00:00:00+04:00"
# Event -> a party's claim on it, the day after it (end of that day), and the outside claim that weighs most later.
EVENTS = {
    "Ganja 11 October": ("az_mod/az-1011-ganja", "2020-10-13T00:00:00+04:00", "hrw/nki-015"),
    "Aghdara / Martakert 14 October": ("nk_da/nk-1014-hospital", "2020-10-16T00:00:00+04:00", "hrw/nki-021"),
    "Ganja 17 October": ("az_prosecutor/az-1017-ganja", "2020-10-19T00:00:00+04:00", "amnesty/nki-029"),
    "Khankendi / Stepanakert 17 October": ("nk_ses/nk-1017-step", "2020-10-19T00:00:00+04:00", "kommersant/nki-034"),
    "Barda 28 October": ("az_mod/az-1028-barda", "2020-10-30T00:00:00+04:00", "hrw/nki-051"),
    "Khankendi / Stepanakert 28 October": ("nk_ses/nk-1028-step", "2020-10-30T00:00:00+04:00", "photographer/nki-047"),
}
PAIRS = (
    ("Ganja 17 October", "Khankendi / Stepanakert 17 October"),
    ("Barda 28 October", "Khankendi / Stepanakert 28 October"),
)
PARTY_SOURCES = {"party", "party_media"}


def us(text: str) -> int:
    """Microseconds since 1970 of an instant."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def table(name: str) -> list[dict[str, str]]:
    """Rows of a file of the case."""
    with (CASE / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


class State:
    """What is derived under a cut, looked up by claim."""

    def __init__(self, derived: Any) -> None:
        self.links = {f"{r['source']}/{r['claim_id']}": r for r in derived.tables["links"]}
        self.assessments = {r["incident_id"]: r for r in derived.tables["assessments"]}
        self.incidents = {r["incident_id"]: r for r in derived.tables["incidents"]}
        self.findings = list(derived.tables["findings"])
        self.authors: dict[str, dict[str, float]] = {}
        for r in derived.tables["authors"]:
            self.authors.setdefault(r["incident_id"], {})[r["actor"]] = r["p"]

    def incident(self, claim: str) -> str:
        """Id of the incident that a claim speaks of."""
        return str(self.links[claim]["incident_id"])

    def p(self, claim: str) -> float:
        """Probability that what a claim speaks of occurred."""
        return float(self.assessments[self.incident(claim)]["p_occurred"])

    def status(self, claim: str) -> str:
        """Status of what a claim speaks of."""
        return str(self.assessments[self.incident(claim)]["status"])

    def claims_of(self, incident: str) -> list[str]:
        """Claims linked to an incident."""
        return [c for c, r in self.links.items() if r["incident_id"] == incident]


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The case as `trucewatch demo` builds it."""
    from trucewatch.mission.ingest import ingest

    case = next(c for c in bundled.cases() if c.name == "nk-2020")
    made, inputs = bundled.unpack(case, tmp_path_factory.mktemp("nk") / "nk-2020")
    report = ingest(made, inputs, recorded_at=RECORDED_AT)
    assert not report.errors
    return made


@pytest.fixture(scope="module")
def known(mission: Any) -> Callable[[str | None], State]:
    """The state known by a time; each cut is derived once."""
    from trucewatch.mission.derive import derive

    made: dict[str | None, State] = {}

    def state(by: str | None) -> State:
        if by not in made:
            made[by] = State(derive(mission, known_by=None if by is None else us(by)))
        return made[by]

    return state


@pytest.fixture(scope="module")
def parties_alone(tmp_path_factory: pytest.TempPathFactory) -> State:
    """The state if nobody but the parties had spoken."""
    from trucewatch.mission.derive import derive
    from trucewatch.mission.ingest import ingest

    folder = tmp_path_factory.mktemp("nk") / "parties"
    shutil.copytree(CASE, folder)
    for path in folder.glob("firms_*.csv"):
        path.unlink()
    own = {r["source"] for r in table("sources") if r["party"]}
    rows = [r for r in table("claims") if r["source"] in own]
    with (folder / "claims.csv").open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    made = bundled.Mission.open(folder)
    report = ingest(made, [folder / "sources.csv", folder / "claims.csv"], recorded_at=RECORDED_AT)
    assert not report.errors
    return State(derive(made))


def shelling_of_one_side(state: State) -> Iterator[tuple[str, str]]:
    """Incidents of fire of which only sources of one side speak, with their status."""
    party = {r["source"]: r["party"] for r in table("sources")}
    for incident, row in state.incidents.items():
        if not str(row["act"]).startswith("fire"):
            continue
        claims = state.claims_of(incident)
        relation = {state.links[c]["relation"] for c in claims}
        sides = {party.get(c.split("/")[0], "") for c in claims if state.links[c]["relation"] == "supports"}
        if len(sides) == 1 and "" not in sides and "admits" not in relation:
            yield incident, str(state.assessments[incident]["status"])


def test_every_row_of_the_case_obeys_the_contract() -> None:
    sources = {r["source"] for r in table("sources")}
    for name in ("sources", "claims", "coverage", "restrictions", "places"):
        kind = KINDS[name]
        for line, row in enumerate(table(name), 2):
            for column in kind.required:
                assert row[column], (name, line, column)
            for column in kind.columns:
                value = row.get(column.name, "")
                if value and column.choices:
                    assert value in column.choices, (name, line, column.name, value)
                if value and column.refers == "source":
                    assert value in sources, (name, line, value)
                if value and column.refers == "act":
                    assert taxonomy().is_act(value), (name, line, value)


def test_answers_name_claims_of_the_case() -> None:
    claims = {f"{r['source']}/{r['claim_id']}" for r in table("claims")}
    assert {r["responds_to"] for r in table("claims") if r["responds_to"]} <= claims


def test_only_bodies_that_belong_to_no_side_are_approved_and_state_owned_media_are_not() -> None:
    for row in table("sources"):
        assert not (row["approved_by"] and row["party"]), row
        assert not (row["approved_by"] and "state-owned" in row["name"]), row


def test_both_sides_are_asked_on_the_days_of_the_pairs() -> None:
    party = {r["source"]: r["party"] for r in table("sources")}
    sides = {"azerbaijan": {"azerbaijan"}, "armenian": {"armenia", "nk_forces"}}
    for day in ("2020-10-11", "2020-10-14", "2020-10-17", "2020-10-18", "2020-10-26", "2020-10-28", "2020-10-31"):
        spoke = {party[r["source"]] for r in table("claims") if r["published"].startswith(day)}
        for name, actors in sides.items():
            assert spoke & actors, (day, name)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_never_falls_as_outside_evidence_becomes_known(
    event: str, known: Callable[[str | None], State]
) -> None:
    claim, next_day, _ = EVENTS[event]
    by_time = [known(t).p(claim) for t in (next_day, END_2020, MARCH_2021)]
    assert by_time == sorted(by_time)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_rises_by_outside_evidence_and_not_without_it(
    event: str, known: Callable[[str | None], State], parties_alone: State
) -> None:
    claim = EVENTS[event][0]
    assert parties_alone.p(claim) < 0.5
    assert known(MARCH_2021).p(claim) > parties_alone.p(claim) + 0.2


@pytest.mark.parametrize("event", EVENTS)
def test_outside_evidence_is_not_used_before_it_was_known(event: str, known: Callable[[str | None], State]) -> None:
    _, next_day, outside = EVENTS[event]
    row = next(r for r in table("claims") if f"{r['source']}/{r['claim_id']}" == outside)
    if us(row["published"][:10] + "T23:59:59+04:00") > us(next_day):
        assert outside not in known(next_day).links
    assert outside in known(MARCH_2021).links


def test_the_hospital_of_14_october_rises_only_with_the_inquiry_of_2021(known: Callable[[str | None], State]) -> None:
    claim, next_day, _ = EVENTS["Aghdara / Martakert 14 October"]
    assert known(next_day).p(claim) == known(END_2020).p(claim) < 0.5
    assert known(MARCH_2021).p(claim) > 0.6


def test_the_pairs_are_two_incidents_each_and_both_rise(
    known: Callable[[str | None], State], parties_alone: State
) -> None:
    state = known(MARCH_2021)
    for one, other in PAIRS:
        a, b = EVENTS[one][0], EVENTS[other][0]
        assert state.incident(a) != state.incident(b)
        assert min(state.p(a), state.p(b)) >= 0.8


def test_one_bar_for_both_sides(known: Callable[[str | None], State]) -> None:
    for by in (END_2020, MARCH_2021, None):
        statuses = Counter(status for _, status in shelling_of_one_side(known(by)))
        assert statuses
        assert set(statuses) <= {"unlikely", "unconfirmed", "more likely than not", "probable"}


def test_one_allegation_weighs_the_same_whoever_makes_it(parties_alone: State) -> None:
    alone = {
        "az_mod/az-1026-aghdam",
        "am_mod/am-1026-zard",
        "nk_ses/nk-1023-kashatagh",
        "az_prosecutor/az-1024-kabirli",
    }
    assert len({parties_alone.p(c) for c in alone}) == 1


def test_the_woods_burned_but_who_lit_them_is_undetermined(known: Callable[[str | None], State]) -> None:
    state = known(None)
    incident = state.incident("az_presidency/az-1031-fires")
    assert state.incident("panarmenian/pa-1031-sh") == incident
    assert any(c.startswith("nasa_firms_modis/") for c in state.claims_of(incident))
    assert state.assessments[incident]["p_occurred"] >= 0.8
    authors = state.authors[incident]
    assert authors["armenia"] == authors["azerbaijan"]
    outcomes = {f["outcome"] for f in state.findings if f["incident_id"] == incident}
    assert not outcomes & {"violation", "indicated"}


def test_fires_of_2021_are_no_baseline_before_2022(known: Callable[[str | None], State]) -> None:
    years = {c.split("/")[0]: c for c in known(MARCH_2021).links if c.startswith("nasa_firms_modis/")}
    assert years
    firms = [c for c in known(MARCH_2021).links if c.startswith("nasa_firms_modis/")]
    assert len(firms) == len(table("firms_modis_2019")) + len(table("firms_modis_2020"))


def test_hadrut_killing_examined_by_two_bodies_is_at_least_probable(known: Callable[[str | None], State]) -> None:
    state = known(None)
    incident = state.incident("bellingcat/nki-001")
    assert {
        state.incident(c) for c in ("bbc/nki-002", "am_ombudsman/am-1015-hadrut", "az_mod/az-1015-deny-hadrut")
    } == {incident}
    assert state.status("bellingcat/nki-001") in {"probable", "corroborated"}


def test_the_hour_at_which_hadrut_changed_hands_is_not_settled_by_an_announcement(
    known: Callable[[str | None], State],
) -> None:
    state = known(None)
    assert state.p("az_presidency/az-1009-hadrut") < 0.5
    assert state.links["am_mod/am-1012-hadrut"]["relation"] == "denies"
    assert state.status("bbc/nki-017") not in {"corroborated", "verified"}


def test_what_nobody_could_establish_gives_no_weight(known: Callable[[str | None], State]) -> None:
    rows = [r for r in table("claims") if r["text"].startswith("NOT VERIFIED")]
    assert rows
    assert {r["stance"] for r in rows} == {"reports"}


def test_copies_count_once(known: Callable[[str | None], State]) -> None:
    state = known(None)
    for copy in (
        "azernews/an-1019-jabrayil",
        "report_az/ra-1018-jabrayil",
        "armenpress/ap-1026-ne",
        "a1plus/a1plus-1014-hospital",
    ):
        assert state.links[copy]["relation"] == "repeats"
    jabrayil = state.incidents[state.incident("az_mfa/az-1018-jabrayil")]
    assert (jabrayil["n_claims"], jabrayil["n_voices"]) == (3, 1)


def test_an_old_event_told_again_makes_no_new_incident(known: Callable[[str | None], State]) -> None:
    state = known(None)
    for again, first in (
        ("taipei_times/tt-1019-ganja", "az_prosecutor/az-1017-ganja"),
        ("today_az/ta-1016-ganja", "az_mod/az-1011-ganja"),
        ("xalq_qazeti/xa-2023-barda", "az_mfa/az-1027-barda"),
        ("trend/tr-2024-barda", "az_mfa/az-1027-barda"),
    ):
        assert state.incident(again) == state.incident(first)


def test_running_totals_speak_of_no_single_event(known: Callable[[str | None], State]) -> None:
    totals = [f"{r['source']}/{r['claim_id']}" for r in table("claims") if r["cumulative"] == "true"]
    assert totals
    assert {known(None).links[c]["incident_id"] for c in totals} <= {None, ""}


def test_one_place_with_two_names_is_one_place() -> None:
    from trucewatch.intake.gazetteer.resolve import Resolver

    places = [
        {k: float(v) if k in {"latitude", "longitude", "radius_km"} else v for k, v in r.items() if v}
        for r in table("places")
    ]
    resolver = Resolver(places)
    for one, other in (("Khankendi", "Stepanakert"), ("Aghdara", "Martakert"), ("Shusha", "Shushi")):
        a, b = resolver.resolve(one), resolver.resolve(other)
        assert a.lat is not None
        assert (a.lat, a.lon) == (b.lat, b.lon)


def test_claims_that_name_one_place_differently_link(known: Callable[[str | None], State]) -> None:
    names = {f"{r['source']}/{r['claim_id']}": (r["place"], r["lat"]) for r in table("claims")}
    one, other = "az_presidency/az-1031-fires", "panarmenian/pa-1031-sh"
    assert (names[one], names[other]) == (("Shusha", ""), ("Shushi", ""))
    assert known(None).incident(one) == known(None).incident(other)


def test_the_helicopter_is_the_one_case_that_the_accused_admitted(known: Callable[[str | None], State]) -> None:
    state = known(None)
    incident = state.incident("az_mfa/az-1109-mi24")
    assert state.incident("russian_mod/nki-068") == incident
    assert state.links["az_mfa/az-1109-mi24"]["relation"] == "admits"
    assert state.authors[incident]["azerbaijan"] > 0.9
