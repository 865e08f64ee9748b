"""Weighing: claims are no facts, copies add nothing, silence counts only under coverage, no name tips the scale."""

from __future__ import annotations

import copy
import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.worlds import HOUR, T0, World, sources, world
from trucewatch.linking import Linked, link, parameters
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.snapshot import shipped_fit
from trucewatch.model.claims import canonical_order
from trucewatch.model.micronats import MICRO
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.vocabulary import STATUSES
from trucewatch.weighing import Judgement, Weighed, _authors, weigh
from trucewatch.weighing.evidence import fits
from trucewatch.weighing.mixture import Mixed, Terms, mix
from trucewatch.weighing.ratios import ratios

Sources = Sequence[dict[str, Any]]
P = parameters(shipped_fit())
BANDS = {"unconfirmed": 0.2, "more_likely_than_not": 0.5, "probable": 0.8, "corroborated": 0.95}


def coverage(*rows: dict[str, Any]) -> Table:
    base = {
        "source": 4,
        "start": T0 / 1e6 - 3600,
        "end": T0 / 1e6 + 3600,
        "lat": 40.0,
        "lon": 46.0,
        "radius_km": 15.0,
        "detection": 0.9,
        "false_alarm": np.nan,
    }
    full = [{**base, **r} for r in rows]
    numbers = {k: np.array([r[k] for r in full], dtype=float) for k in base if k != "source"}
    return Table(
        {
            "source": np.array([r["source"] for r in full], dtype=np.int64), **numbers,
            "inside": objects([None] * len(full)), "acts": objects([r.get("acts", ("fire",)) for r in full]),
            "means": objects([r.get("means", "heard") for r in full]),
        },
        len(full),
    )  # fmt: skip


def weighed(
    table: ClaimTable, found: Linked, cover: Table | None = None, judgement: Judgement | None = None
) -> Weighed:
    order = canonical_order(table.table)
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return weigh(
        table.table.take(order), found.incident[order], back[found.voice[order]], found.log_odds[order],
        found.incidents, cover if cover is not None else coverage(), [0, 1], 2, BANDS, 0.05, judgement or Judgement(),
    )  # fmt: skip


def linked(*claims: dict[str, Any], more: Sources = ()) -> Linked:
    """What linking makes of claims of one place and time, an hour of publication apart."""
    return link(near(*claims, more=more).table, [], P)


def near(*claims: dict[str, Any], more: Sources = ()) -> ClaimTable:
    """Claims of one place and time, an hour of publication apart; `more` sources beside the usual."""
    w = World([*sources(), *more])
    base = {"act": "fire.mortar", "stance": "alleges", "lat": 40.0, "lon": 46.0, "radius_km": 2.0, "start": T0}
    for k, c in enumerate(claims):
        w.add(0, **{**base, "published": T0 + (10 + k) * HOUR, **c})
    return w.table()


def told(
    *claims: dict[str, Any], cover: Table | None = None, judgement: Judgement | None = None, more: Sources = ()
) -> Weighed:
    """One incident: claims of one place and time."""
    table = near(*claims, more=more)
    found = link(table.table, [], P)
    assert found.incidents.n == 1
    return weighed(table, found, cover, judgement)


def outlets(*names: str, role: str, party: str = "", approved: bool = True) -> list[dict[str, Any]]:
    """Some sources of one role."""
    more = {"party": party} if party else {}
    more |= {"approved_by": "mission"} if approved else {}
    return [{"source": s, "name": s, "role": role, "tz": "UTC", "handling": "public", **more} for s in names]


def p(w: Weighed) -> float:
    return float(w.assessments["p_occurred"][0])


def status(w: Weighed) -> str:
    return STATUSES[int(w.assessments["status"][0])]


def reasons(w: Weighed) -> list[str]:
    return list(w.contributions["reason"])


def weight(w: Weighed, k: int) -> int:
    return int(w.contributions["log_odds"][k])


NORTH = {"source": "mod_n", "accused": "sudland"}
SOUTH = {"source": "mod_s", "accused": "norland"}
MONITOR = {"source": "mon", "stance": "observes", "means": "saw"}
FORENSIC = {"source": "mon", "stance": "observes", "means": "forensic", "accused": "sudland"}


def test_an_accusation_by_itself_stays_unconfirmed_and_names_no_author() -> None:
    w = told(NORTH)
    assert status(w) == "unconfirmed"
    assert w.authors[0, 0] == w.authors[0, 1]


def test_a_monitor_who_saw_it_lifts_the_allegation_to_corroborated() -> None:
    assert status(told(NORTH, MONITOR)) == "corroborated"


def test_no_number_of_party_voices_corroborates() -> None:
    w = told(
        NORTH,
        {**SOUTH},
        {"source": "news_n", "stance": "alleges", "act": "fire.artillery"},
        {"source": "mod_s", "stance": "admits"},
    )
    assert status(w) not in {"corroborated", "verified"}


def test_a_source_that_nobody_approved_never_corroborates() -> None:
    w = told(NORTH, {"source": "hearsay", "stance": "observes", "means": "saw"})
    assert not w.assessments["gate"][0]


def test_sound_fits_an_explosion_of_unknown_kind_and_a_weapon_only_if_the_source_names_it() -> None:
    assert fits("heard", "fire.explosion_undetermined", "fire.explosion_undetermined")
    assert fits("heard", "fire.mortar", "fire.mortar")
    assert not fits("heard", "fire.explosion_undetermined", "fire.mortar")
    assert not fits("satellite", "burning", "fire.artillery")
    assert not fits("aftermath", "access_denied", "access_denied")
    heard = {"source": "mon", "stance": "observes", "means": "heard", "act": "fire.explosion_undetermined"}
    assert told(NORTH, heard).assessments["gate"][0]  # the incident is an explosion then, not a mortar
    assert told(NORTH, {**heard, "act": "fire.mortar"}).assessments["gate"][0]


def test_what_a_monitor_was_told_opens_no_gate() -> None:
    assert not told(NORTH, {**MONITOR, "means": "told"}).assessments["gate"][0]


def test_a_source_that_names_both_as_author_names_neither_until_it_withdraws_one() -> None:
    one = FORENSIC
    other = {**FORENSIC, "accused": "norland"}
    shares = told(one).authors[0]
    assert shares[1] > 3 * shares[0]
    both = told(one, other).authors[0]
    assert both[0] == both[1]


def test_traces_tell_no_author_and_a_forensic_claim_may() -> None:
    traces = told(NORTH, {**MONITOR, "means": "aftermath", "accused": "sudland"})
    assert traces.authors[0, 0] == traces.authors[0, 1]
    forensic = told(NORTH, FORENSIC)
    assert forensic.authors[0, 1] > 0.8


def test_an_admission_tells_that_it_happened_and_by_whom() -> None:
    w = told(NORTH, {"source": "mod_s", "stance": "admits"})
    assert p(w) > 0.9
    assert w.authors[0, 1] > 0.85


def test_a_denial_moves_almost_nothing() -> None:
    assert p(told(NORTH)) - p(told(NORTH, {"source": "mod_s", "stance": "denies"})) < 0.02


def test_opposite_accusations_raise_that_it_happened_and_not_by_whom() -> None:
    w = told(NORTH, SOUTH)
    assert p(w) > p(told(NORTH)) + 0.2
    assert w.authors[0, 0] == w.authors[0, 1]


@pytest.mark.parametrize("outlet", ["news_n", "paper", "hearsay"])
@pytest.mark.parametrize("many", [1, 5])
def test_copies_move_no_probability(outlet: str, many: int) -> None:
    copies = [{**NORTH, "source": outlet, "stance": "reports", "origin": "mod_n"}] * many
    alone, repeated = told(NORTH), told(NORTH, *copies)
    for name in ("p_occurred", "p_low", "p_high", "p_drop_min", "p_drop_max"):
        assert alone.assessments[name].tolist() == repeated.assessments[name].tolist()
    assert alone.authors.tolist() == repeated.authors.tolist()


def test_who_passes_on_without_vouching_adds_nothing() -> None:
    assert p(told(NORTH, {"source": "paper", "stance": "reports"})) == p(told(NORTH))


def test_silence_counts_only_under_recorded_coverage_of_known_detection() -> None:
    alone = p(told(NORTH))
    assert p(told(NORTH, cover=coverage({}))) < alone - 0.1
    assert p(told(NORTH, cover=coverage({"lat": 41.0}))) == alone
    assert p(told(NORTH, cover=coverage({"means": "satellite"}))) == alone
    assert p(told(NORTH, cover=coverage({"start": T0 / 1e6 + 8 * 3600, "end": T0 / 1e6 + 9 * 3600}))) == alone


def test_two_overlapping_shifts_of_one_observer_are_not_two_silences() -> None:
    assert p(told(NORTH, cover=coverage({}, {}))) == p(told(NORTH, cover=coverage({})))


def test_who_spoke_is_not_silent() -> None:
    assert p(told(NORTH, MONITOR, cover=coverage({}))) == p(told(NORTH, MONITOR))


def test_verified_needs_a_person_and_evidence_both() -> None:
    yes = Judgement(verified=(0,))
    assert status(told(NORTH, FORENSIC, judgement=yes)) == "verified"
    assert status(told(NORTH, judgement=yes)) == "unconfirmed"


def test_an_override_cannot_make_an_incident_established() -> None:
    assert status(told(NORTH, judgement=Judgement(overridden={0: "verified"}))) == "unconfirmed"
    assert status(told(NORTH, judgement=Judgement(overridden={0: "unlikely"}))) == "unlikely"


def test_contributions_add_up_to_the_published_probability() -> None:
    w = told(
        NORTH, SOUTH, MONITOR, {"source": "mod_s", "stance": "denies"}, cover=coverage({"source": 5, "means": "saw"})
    )
    total = int(w.contributions["log_odds"].sum()) / MICRO
    assert 1 / (1 + np.exp(-total)) == pytest.approx(p(w), abs=1e-4)


def test_averaging_lies_between_never_and_surely() -> None:
    """At link probability .6 a monitor's claim lifts .55 not to .96 but to about .80 (design 6)."""
    limits = np.array([10**9, 10**9, 10**9], dtype=np.int64)
    odds = round(np.log(0.6 / 0.4) * MICRO)
    weight = round((np.log(0.96 / 0.04) - np.log(0.55 / 0.45)) * MICRO)
    one = Terms(*(np.array([x]) for x in (0, weight, 0.5, 0, odds, -1, 0)))
    base = np.array([round(np.log(0.55 / 0.45) * MICRO)])
    mixed, without = mix(
        one, np.zeros(1, dtype=np.int64), 1, base, np.array([0.5]), limits, np.zeros(1, dtype=np.int64), 20 * MICRO, 10
    )
    assert without.p[0] == pytest.approx(0.55, abs=1e-6)
    assert mixed.p[0] == pytest.approx(0.6 * 0.96 + 0.4 * 0.55, abs=1e-6)


def test_fixed_points_agree_with_all_combinations() -> None:
    r = np.random.default_rng(2)
    n = 10
    terms = Terms(
        np.zeros(n, dtype=np.int64), r.integers(-10**6, 3 * 10**6, n), np.full(n, 0.5), np.zeros(n, dtype=np.int64),
        r.integers(-10**6, 3 * 10**6, n), np.full(n, -1), np.zeros(n, dtype=np.int64),
    )  # fmt: skip
    limits = np.array([10**9, 10**9, 10**9], dtype=np.int64)
    args = (np.arange(n), 1, np.array([-2 * 10**6]), np.array([0.5]), limits, np.zeros(1, dtype=np.int64), 20 * MICRO)
    (exact, without), (points, _) = mix(terms, *args, 10), mix(terms, *args, 4)
    assert points.p[0] == pytest.approx(exact.p[0], abs=0.01)
    for k in range(n):
        rest = terms.take(np.arange(n) != k)
        alone, _ = mix(rest, np.arange(n - 1), *args[1:], 10)
        assert without.p[k] == pytest.approx(alone.p[0], abs=1e-12)


def exchanged(w: World) -> World:
    """The same world with the two parties' names exchanged everywhere in the input."""
    swap = {
        "norland": "sudland",
        "sudland": "norland",
        "mod_n": "mod_s",
        "mod_s": "mod_n",
        "news_n": "news_s",
        "news_s": "news_n",
    }
    out = World(copy.deepcopy(w.sources), copy.deepcopy(w.claims), list(w.truth))
    for claim in out.claims:
        for key in ("source", "accused", "victim", "origin"):
            claim[key] = swap.get(claim.get(key), claim.get(key))
        if "responds_to" in claim:
            head, _, tail = claim["responds_to"].partition("/")
            claim["responds_to"] = f"{swap.get(head, head)}/{tail}"
        for key in [k for k, v in claim.items() if v is None]:
            del claim[key]
    return out


@pytest.mark.parametrize("seed", range(4))
def test_exchanging_the_parties_exchanges_every_number_exactly(seed: int) -> None:
    w = world(seed)
    results = []
    for version in (w, exchanged(w)):
        table = version.table()
        found = link(table.table, [], P)
        order = np.argsort(found.incidents["number"])
        results.append((found.incidents["number"][order], weighed(table, found), order))
    (n1, one, o1), (n2, two, o2) = results
    assert n1.tolist() == n2.tolist()
    for name in one.assessments:
        assert one.assessments[name][o1].tolist() == two.assessments[name][o2].tolist(), name
    assert one.authors[o1][:, [1, 0, 2, 3]].tolist() == two.authors[o2].tolist()


def test_every_row_of_the_table_names_its_source() -> None:
    assert all(row.source and row.words for row in ratios().rows.values())


SEEN_BY_MONITOR = {"stance": "observes", "means": "saw", "origin": "mon", "accused": "sudland"}


def test_a_partys_outlet_puts_no_words_into_a_monitors_mouth() -> None:
    mouth = told({"source": "news_n", **SEEN_BY_MONITOR})
    assert p(mouth) == p(told(NORTH))
    assert mouth.authors[0, 0] == mouth.authors[0, 1]
    assert not mouth.assessments["gate"][0]
    assert reasons(mouth)[1:] == ["allegation by a party"]
    assert p(told(NORTH, {"source": "news_n", **SEEN_BY_MONITOR})) == p(told(NORTH))


def test_a_partys_outlet_breaks_no_silence_of_a_monitor() -> None:
    watched = coverage({"source": 4})
    assert p(told({"source": "news_n", **SEEN_BY_MONITOR}, cover=watched)) == p(told(NORTH, cover=watched))


def test_a_monitors_words_passed_on_weigh_as_told_and_name_nobody() -> None:
    passed = told({"source": "paper", **SEEN_BY_MONITOR})
    assert weight(passed, 1) == ratios()["voice.observer.told"].weight
    assert passed.authors[0, 0] == passed.authors[0, 1]
    assert not passed.assessments["gate"][0]
    assert "passed on" in reasons(passed)[1]
    assert weight(told({"source": "hearsay", **SEEN_BY_MONITOR}), 1) == ratios()["voice.other.told"].weight


def test_a_monitors_denial_passed_on_is_not_the_monitors() -> None:
    denied = {"stance": "denies", "means": "saw", "origin": "mon"}
    assert p(told(NORTH, {"source": "paper", **denied})) > p(told(NORTH)) - 0.06
    assert p(told(NORTH, {"source": "news_s", **denied})) == p(told(NORTH, {"source": "mod_s", "stance": "denies"}))


@pytest.mark.parametrize("outlet", ["news_n", "paper", "hearsay"])
def test_nobody_admits_for_another_side(outlet: str) -> None:
    w = told(NORTH, {"source": outlet, "stance": "admits", "origin": "mod_s"})
    assert w.authors[0, 0] == w.authors[0, 1]
    assert p(w) <= p(told(NORTH, SOUTH))


def test_a_sides_own_outlet_may_admit_for_it() -> None:
    w = told(NORTH, {"source": "news_s", "stance": "admits", "origin": "mod_s"})
    assert w.authors[0, 1] > 0.85


SIDES_OUTLETS = outlets("out1", "out2", "out3", "out4", role="party_media", party="norland", approved=False)


def test_what_a_monitor_saw_is_what_the_incident_is_called_however_many_outlets_call_it_otherwise() -> None:
    seen = {**MONITOR, "act": "fire.small_arms"}
    shouts = [{"source": s["source"], "act": "fire.artillery", "accused": "sudland"} for s in SIDES_OUTLETS]
    loud, one = (linked(seen, *told_by, more=SIDES_OUTLETS) for told_by in (shouts, shouts[:1]))
    assert loud.incidents["act"].tolist() == ["fire.small_arms"]
    assert loud.incidents["acts"].tolist() == one.incidents["acts"].tolist()


def test_a_side_has_one_vote_for_an_act() -> None:
    shouts = [{"source": s["source"], "act": "fire.artillery", "accused": "sudland"} for s in SIDES_OUTLETS]
    (acts,) = linked(*shouts, {**SOUTH, "act": "fire.mortar"}, more=SIDES_OUTLETS).incidents["acts"].tolist()
    assert dict(acts) == {"fire.artillery": 0.5, "fire.mortar": 0.5}


@pytest.mark.parametrize("means", ["saw", "uav", "camera", "aftermath", "forensic", "sensor"])
def test_another_act_that_was_perceived_fits_no_incident(means: str) -> None:
    assert not fits(means, "fire.small_arms", "fire.artillery")
    assert fits(means, "fire", "fire.artillery")
    assert fits(means, "fire.artillery", "fire")
    assert fits(means, "fire.artillery", "fire.artillery")


@pytest.mark.parametrize("actors", [1, 2, 3, 4, 5, 7])
def test_shares_of_authors_sum_to_one_are_never_negative_and_equal_for_equal_actors(actors: int) -> None:
    r = np.random.default_rng(actors)
    for p_occurred in (0.0, 1e-5, 0.4242, 0.99994, 0.99996, 1.0, *r.random(40)):
        share = np.round(r.random(actors + 1), 1) + 0.1  # some are equal
        share *= p_occurred / share.sum()
        mixed = Mixed(*(np.array([p_occurred]) for _ in range(3)), share[None])
        incidents = Table({"act": objects(["fire.mortar"])}, 1)
        (row,) = _authors(mixed, incidents, ratios())
        ten_thousandths = np.rint(row * 10_000).astype(int)
        assert ten_thousandths.sum() == 10_000
        assert (row == ten_thousandths / 10_000).all()
        assert row.min() >= 0
        assert abs(row[-1] - (1 - p_occurred)) < 0.0001 * (actors + 1)
        for a in range(actors):
            for b in range(a):
                assert share[a] != share[b] or row[a] == row[b]
        turned = _authors(Mixed(mixed.p, mixed.low, mixed.high, share[None, ::-1]), incidents, ratios())[0]
        assert turned[:-1][::-1].tolist() == row[:-1].tolist()


@pytest.mark.parametrize("role", ["guarantor", "foreign_state", "witness"])
def test_an_approved_state_or_witness_opens_the_gate_and_weighs_less_than_a_monitor(role: str) -> None:
    saw = {"source": "third", "stance": "observes", "means": "saw"}
    approved = told(NORTH, saw, more=outlets("third", role=role))
    assert approved.assessments["gate"][0]
    assert p(told(NORTH)) < p(approved) < p(told(NORTH, MONITOR))
    assert not any("nobody approved" in words for words in reasons(approved))
    nobodys = told(NORTH, saw, more=outlets("third", role=role, approved=False))
    assert not nobodys.assessments["gate"][0]
    assert p(nobodys) < p(approved)
    assert any("nobody approved" in words for words in reasons(nobodys))


def test_many_approved_witnesses_are_not_so_many_independent_voices() -> None:
    crowd = outlets(*(f"w{k}" for k in range(9)), role="witness")
    seen = [{"source": s["source"], "stance": "observes", "means": "saw"} for s in crowd]
    assert p(told(NORTH, *seen, more=crowd)) < p(told(NORTH, MONITOR))


def test_no_number_of_silent_patrols_outweighs_one_who_perceived_it() -> None:
    patrols = outlets(*(f"patrol{k}" for k in range(12)), role="peacekeeper")
    silent = coverage(*({"source": len(sources()) + k, "detection": 1.0} for k in range(12)))
    heard = {"source": "mon", "stance": "observes", "means": "heard"}
    for perceived in (MONITOR, heard, {**MONITOR, "means": "aftermath"}, FORENSIC):
        assert p(told(perceived, cover=silent, more=patrols)) > 1 / (1 + np.exp(-ratios()["base.open"].weight / MICRO))
    assert p(told(NORTH, cover=silent, more=patrols)) < p(told(NORTH, cover=coverage({})))


def test_denials_of_one_mission_have_a_limit_as_its_reports_have() -> None:
    patrols = outlets(*(f"patrol{k}" for k in range(9)), role="peacekeeper")
    denied = [{"source": s["source"], "stance": "denies", "means": "saw"} for s in patrols]
    assert p(told(NORTH, *denied, more=patrols)) == pytest.approx(p(told(NORTH, *denied[:3], more=patrols)), rel=0.2)


def doubtful(n: int, p_link: float, weight: int) -> tuple[Terms, Array]:
    """Voices of one incident, each its own speaker, linked with one probability."""
    zeros = np.zeros(n, dtype=np.int64)
    odds = np.full(n, round(np.log(p_link / (1 - p_link)) * MICRO))
    return Terms(zeros, zeros + weight, np.full(n, 0.5), zeros, odds, zeros - 1, zeros), np.arange(n)


@pytest.mark.parametrize("voices", [12, 40, 150, 400])
def test_hundreds_of_uncertain_voices_are_neither_taken_nor_left_out_together(voices: int) -> None:
    terms, speaker = doubtful(voices, 0.3, round(6 / voices * MICRO))
    limits = np.array([10**9, 10**9], dtype=np.int64)
    prior = np.zeros(1, dtype=np.int64)
    base = np.array([-2 * MICRO])
    mixed, without = mix(terms, speaker, 1, base, np.array([0.5]), limits, prior, 20 * MICRO, 10)
    count = np.array([1.0])  # of those who speak of it: binomial
    for _ in range(voices):
        count = np.convolve(count, [0.7, 0.3])
    happened = 1 / (1 + np.exp(2 - 6 / voices * np.arange(voices + 1)))
    assert mixed.p[0] == pytest.approx(float(count @ happened), abs=0.01)
    assert (without.p < mixed.p[0]).all()


def test_four_hundred_uncertain_voices_are_weighed_in_little_memory() -> None:
    terms, speaker = doubtful(400, 0.9, MICRO)
    limits = np.full(13, 3 * MICRO, dtype=np.int64)
    tracemalloc.start()
    try:
        mix(terms, speaker, 1, np.array([0]), np.array([0.5]), limits, np.zeros(3, dtype=np.int64), 20 * MICRO, 10)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


STATION = outlets("station", role="sensor")
RECORD = {"source": "station", "stance": "observes", "means": "sensor"}


@pytest.mark.parametrize("false_alarm", [0.0, 0.1, 20.0, 500.0])
def test_a_record_weighs_what_detection_and_false_alarms_say_and_never_more_than_the_table(false_alarm: float) -> None:
    station = {"source": len(sources()), "means": "sensor", "detection": 0.6, "false_alarm": false_alarm}
    got = weight(told(RECORD, more=STATION, cover=coverage(station)), 1)
    (sd,) = linked(RECORD, more=STATION).incidents["t_sd_s"]
    false = -np.expm1(-false_alarm * 2 * 1.6448536 * sd / 86_400)
    stated = np.inf if false == 0 else max(0.0, float(np.log(0.6 / false)))
    most = ratios()["voice.instrument.record"].weight
    assert got == pytest.approx(min(most, stated * MICRO), abs=2)
    assert (got < most) == (false_alarm >= 20)


def test_false_alarms_of_coverage_that_does_not_hold_the_record_say_nothing() -> None:
    most = ratios()["voice.instrument.record"].weight
    noisy = {"source": len(sources()), "means": "sensor", "detection": 0.6, "false_alarm": 500.0}
    for other in (
        {"lat": 44.0},
        {"source": 4},
        {"acts": ("burning",)},
        {"start": T0 / 1e6 + 7200, "end": T0 / 1e6 + 9e3},
    ):
        assert weight(told(RECORD, more=STATION, cover=coverage({**noisy, **other})), 1) == most
