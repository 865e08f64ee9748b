"""Linking: sharp claims merge, wide ones attach, copies are one voice, and no order or name decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import HOUR, KM_LAT, MINUTE, T0, World, sources, world
from trucewatch.linking import LinkDecision, Linked, Scorer, link, parameters
from trucewatch.linking.components import average_link
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.snapshot import shipped_fit

P = parameters(shipped_fit())


def incidents_of(table: ClaimTable, found: Linked) -> set[frozenset[str]]:
    refs = {k: ref for ref, k in table.refs.items()}
    return {frozenset(refs[int(k)] for k in np.flatnonzero(found.incident == i)) for i in range(found.incidents.n)}


def small(*claims: dict[str, object]) -> tuple[ClaimTable, Linked]:
    w = World(sources())
    base = {"act": "fire.mortar", "stance": "alleges", "lat": 40.0, "lon": 46.0, "radius_km": 2.0, "start": T0}
    for k, c in enumerate(claims):
        w.add(0, **{**base, "published": T0 + (10 + k) * HOUR, **c})  # type: ignore[arg-type]
    table = w.table()
    return table, link(table.table, [], P)


def test_two_sharp_claims_of_one_place_and_time_are_one_incident() -> None:
    _, found = small({"source": "mod_n", "accused": "sudland"}, {"source": "mon", "stance": "observes", "means": "saw"})
    assert found.incidents.n == 1


def test_claims_an_hour_and_thirty_kilometres_apart_are_two() -> None:
    _, found = small({"source": "mod_n"}, {"source": "mon", "lat": 40.0 + 30 / KM_LAT, "start": T0 + HOUR})
    assert found.incidents.n == 2


def test_one_bulletin_that_lists_two_shellings_nearby_means_two() -> None:
    same = {"source": "mod_n", "published": T0 + 10 * HOUR}
    _, found = small({**same}, {**same, "lat": 40.0 + 5 / KM_LAT, "start": T0 + 40 * MINUTE})
    assert found.incidents.n == 2


def test_a_claim_of_the_whole_day_and_district_attaches_and_never_merges_two() -> None:
    far = 40.0 + 25 / KM_LAT
    wide = {"source": "paper", "radius_km": 30.0, "start": T0, "end": T0 + 12 * HOUR, "lat": 40.0 + 4 / KM_LAT}
    _, found = small({"source": "mod_n"}, {"source": "mon", "lat": far, "start": T0 + 5 * HOUR}, wide)
    assert found.incident[0] != found.incident[1]


def test_a_point_without_a_radius_supports_and_never_merges() -> None:
    _, found = small({"source": "mod_n", "radius_km": None}, {"source": "paper", "radius_km": None})
    assert found.incidents.n == 2


def test_copies_enter_once_with_the_place_of_their_origin() -> None:
    alone = small({"source": "mod_n", "accused": "sudland"})[1]
    copy = {"source": "news_n", "stance": "reports", "origin": "mod_n", "lat": 40.01, "radius_km": 5.0}
    _, found = small({"source": "mod_n", "accused": "sudland"}, copy, {**copy, "source": "paper"})
    assert found.incidents.n == 1
    assert found.incidents["n_voices"].tolist() == [1]
    assert found.incidents["n_claims"].tolist() == [3]
    assert found.incidents["lat"].tolist() == alone.incidents["lat"].tolist()


def test_the_same_words_of_one_side_are_one_voice_and_a_template_of_another_day_is_not() -> None:
    words = "Units opened fire with mortars at our positions near the village from {} until evening, without losses."
    text = {"source": "mod_n", "text": words.format("Norland")}
    _, found = small(text, {**text, "source": "news_n", "stance": "alleges"}, {**text, "start": T0 + 30 * HOUR})
    assert found.voice[1] == 0
    assert found.voice[2] == 2


def test_a_denial_joins_what_it_answers_and_does_not_move_the_centre() -> None:
    denial = {"source": "mod_s", "stance": "denies", "responds_to": "mod_n/c0", "lat": 40.2, "lon": 46.3}
    _, found = small({"source": "mod_n", "accused": "sudland"}, denial)
    assert found.incident.tolist() == [0, 0]
    assert found.incidents["lat"][0] == pytest.approx(40.0)


def test_running_totals_and_withdrawn_claims_speak_of_no_single_event() -> None:
    _, found = small({"source": "mod_n", "cumulative": True}, {"source": "mon"}, {"source": "mon", "retracts": "c1"})
    assert found.incident.tolist() == [-1, -1, -1]


def test_opposite_accusations_of_one_fire_stay_one_incident() -> None:
    fire = {"act": "burning", "radius_km": 6.0}
    north = {**fire, "source": "mod_n", "accused": "sudland"}
    _, found = small(north, {**fire, "source": "mod_s", "accused": "norland"})
    assert found.incidents.n == 1


def test_a_persons_split_and_merge_win() -> None:
    table, found = small({"source": "mod_n"}, {"source": "mon"}, {"source": "paper", "start": T0 + 90 * HOUR})
    assert found.incidents.n == 2
    again = link(table.table, [LinkDecision("split", (1,)), LinkDecision("merge", (0, 2))], P)
    assert again.incident[0] == again.incident[2] != again.incident[1]
    assert again.by_decision.tolist() == [True, True, True]


@pytest.mark.parametrize("seed", range(4))
def test_shuffling_claims_changes_no_incident(seed: int) -> None:
    w = world(seed)
    straight = w.table()
    expected = incidents_of(straight, link(straight.table, [], P))
    order = np.random.default_rng(seed).permutation(len(w.claims)).tolist()
    shuffled = w.table(order)
    assert incidents_of(shuffled, link(shuffled.table, [], P)) == expected


def test_linking_finds_most_true_pairs_of_a_plain_world() -> None:
    w = world(11, events=200, days=20)
    found = link(w.table().table, [], P)
    truth = np.array(w.truth)
    same = found.incident[:, None] == found.incident[None]
    same &= (found.incident >= 0)[:, None] & (found.incident >= 0)[None]
    true = truth[:, None] == truth[None]
    off = ~np.eye(truth.size, dtype=bool)
    hits = int((same & true & off).sum())
    assert hits / int((same & off).sum()) > 0.8
    assert hits / int((true & off).sum()) > 0.75


@given(st.integers(2, 9), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_average_link_does_not_know_the_order_of_its_rows(n: int, seed: int) -> None:
    r = np.random.default_rng(seed)
    s = r.integers(-3, 4, size=(n, n)) * 1_000_000
    s = np.triu(s, 1) + np.triu(s, 1).T
    order = r.permutation(n)
    straight = {frozenset(c) for c in average_link(s, 0)}
    permuted = {frozenset(int(order[k]) for k in c) for c in average_link(s[np.ix_(order, order)], 0)}
    assert straight == permuted


def test_two_days_that_do_not_touch_are_two_shellings_of_one_town() -> None:
    day = {"radius_km": 4.0, "start": T0, "end": T0 + 24 * HOUR}
    following = {"radius_km": 4.0, "start": T0 + 24 * HOUR, "end": T0 + 48 * HOUR}
    _, found = small({"source": "mod_n", **day}, {"source": "mon", **day}, {"source": "paper", **following})
    assert found.incident[0] == found.incident[1] != found.incident[2]


def test_a_partys_exact_words_move_nothing_that_a_monitor_perceived() -> None:
    monitor = {"source": "mon", "stance": "observes", "means": "saw", "radius_km": 3.0}
    alone = small(monitor)[1].incidents
    claim = {"source": "mod_s", "stance": "alleges", "lat": 40.02, "radius_km": 0.2, "start": T0 + 3 * MINUTE}
    crowd = small(monitor, *[{**claim, "published": T0 + k * HOUR} for k in range(10)])[1].incidents
    assert crowd.n == 1
    for name in ("lat", "lon", "t_mean_s", "start", "end"):
        assert crowd[name].tolist() == alone[name].tolist()


def test_a_side_that_repeats_itself_places_an_incident_as_one_voice() -> None:
    here = {"source": "mod_n", "radius_km": 2.0}
    there = {"source": "paper", "stance": "alleges", "lat": 40.02, "radius_km": 2.0}
    one = small(here, there)[1].incidents
    many = small(here, there, *[{**there, "published": T0 + k * HOUR, "lat": 40.02 + k / 1e5} for k in (1, 2, 3, 4)])
    assert many[1].incidents.n == 1
    assert many[1].incidents["lat"][0] == pytest.approx(one["lat"][0], abs=0.002)


def test_five_who_say_that_day_do_not_know_that_it_was_noon() -> None:
    day = {"radius_km": 4.0, "start": T0, "end": T0 + 24 * HOUR}
    _, found = small(*({"source": s, **day} for s in ("mod_n", "mon", "paper", "mod_s")))
    assert found.incidents["start"].tolist() == [T0]
    assert found.incidents["end"].tolist() == [T0 + 24 * HOUR]


def test_a_point_without_radius_keeps_its_place_and_no_precision() -> None:
    _, found = small({"source": "mod_n", "radius_km": None})
    assert found.incidents["lat"][0] == pytest.approx(40.0)
    assert np.isnan(found.incidents["cov_ee"][0])


def test_words_told_earlier_by_a_stranger_do_not_make_an_observer_a_copy() -> None:
    words = "At ten in the morning we saw six mortar rounds fall on the eastern edge of the village of Kesh."
    seen = {"source": "mon", "stance": "observes", "means": "saw", "text": words}
    stranger = {
        "source": "hearsay",
        "stance": "reports",
        "text": words,
        "published": T0 + HOUR,
        "lat": None,
        "lon": None,
    }
    _, found = small(seen, stranger)
    assert found.voice.tolist() == [0, 1]


def test_words_without_a_place_are_no_origin_of_words_with_one() -> None:
    words = "Units opened fire with mortars at our positions in the morning, there were no losses on our side at all."
    placed = {"source": "mod_n", "text": words}
    vague = {"source": "news_n", "text": words, "published": T0 + HOUR, "lat": None, "lon": None}
    _, found = small(placed, vague)
    assert found.voice[0] == 0


def test_a_copy_is_found_beside_a_hundred_bulletins_of_the_same_words() -> None:
    words = "Units opened fire with mortars at our positions near the village, there were no losses on our side at all."
    rows = [{"source": "mod_n", "text": words, "lat": 40.0 + 0.2 * k, "published": T0 + 10 * HOUR} for k in range(100)]
    copy = {"source": "news_n", "text": words, "published": T0 + 12 * HOUR}
    _, found = small(*rows, copy)
    assert found.voice[100] == 0


def test_a_crowd_of_equal_claims_over_the_cap_is_one_incident() -> None:
    w = World([*sources(), *({**sources()[4], "source": f"feed{k}"} for k in range(600))])
    seen = {"act": "fire.mortar", "lat": 40.0, "lon": 46.0, "radius_km": 2.0, "start": T0, "stance": "observes"}
    for k in range(600):
        w.add(0, **seen, source=f"feed{k}", means="heard", published=T0 + HOUR)
    w.add(0, **seen, source="mon", means="saw", published=T0 + 2 * HOUR)
    found = link(w.table().table, [], P)
    assert found.incidents.n == 1


def test_words_for_a_weapon_that_tie_name_none() -> None:
    one, other = {"weapon": "guns of the Norland side"}, {"weapon": "guns of the Sudland side"}
    _, found = small({"source": "mod_n", **one}, {"source": "mod_s", **other})
    assert found.incidents.n == 1
    assert found.incidents["weapon"].tolist() == [None]


def test_relays_of_what_is_not_here_are_one_voice_for_each_side() -> None:
    relay = {"stance": "reports", "origin": "mon", "means": "saw"}
    rows = ({"source": "news_n", **relay}, {"source": "paper", **relay}, {"source": "hearsay", **relay})
    _, found = small(*rows)
    assert found.voice.tolist() == [0, 1, 1]


def log_odds(*claims: dict[str, object]) -> int:
    """Of the second of two claims, micro-nats, whether or not they are linked."""
    table, _ = small(*claims)
    scorer = Scorer(P)
    points = scorer.points(table.table)
    return int(scorer.score(points.take(np.array([0])), points.take(np.array([1])))[0])


def test_a_clock_that_is_off_by_an_hour_keeps_something_and_by_a_day_nothing() -> None:
    seen = {"source": "mon", "stance": "observes", "means": "saw"}
    at, hour, day = (log_odds({"source": "mod_n"}, {**seen, "start": T0 + k * HOUR}) for k in (0, 1, 24))
    assert at > hour > day + 2_000_000
    assert day < 0


def test_a_radius_that_is_too_small_by_half_does_not_part_what_is_one() -> None:
    beside = {"source": "mon", "stance": "observes", "means": "saw", "lat": 40.0 + 10 / KM_LAT}
    _, found = small({"source": "mod_n", "radius_km": 4.0}, {**beside, "radius_km": 4.0})
    assert found.incidents.n == 1


def test_an_explosion_heard_fits_a_mortar_and_not_a_rifle() -> None:
    heard = {"source": "mon", "stance": "observes", "means": "heard", "act": "fire.explosion_undetermined"}
    mortar, rifle = (log_odds({"source": "mod_n", "act": a}, heard) for a in ("fire.mortar", "fire.small_arms"))
    assert mortar > rifle + 2_000_000


def test_two_who_say_fire_agree_on_less_than_two_who_say_mortars() -> None:
    fire, mortar = (
        log_odds({"source": "mod_n", "act": a}, {"source": "mon", "act": a}) for a in ("fire", "fire.mortar")
    )
    assert mortar > fire


def test_a_side_that_speaks_again_of_the_hour_means_another_event_and_an_observer_may_not() -> None:
    side = log_odds({"source": "mod_n"}, {"source": "mod_n"})
    observer = log_odds(*({"source": "mon", "stance": "observes", "means": "saw"},) * 2)
    assert side < observer - 4_000_000


def test_the_same_toll_links_and_another_does_not() -> None:
    three, four, nine = (
        log_odds({"source": "mod_n", "injured_low": 3}, {"source": "mon", "injured_low": n}) for n in (3, 4, 9)
    )
    untold = log_odds({"source": "mod_n"}, {"source": "mon"})
    assert three > four > untold > nine


def test_who_told_of_an_incident_does_not_attach_a_wide_claim_to_it() -> None:
    seen = {"source": "mon", "stance": "observes", "means": "saw"}
    wide = {"radius_km": 30.0, "start": T0 - 2 * HOUR, "end": T0 + 6 * HOUR}
    _, found = small({"source": "mod_n"}, seen, {**wide, "source": "mod_n"}, {**wide, "source": "paper"})
    assert found.incident[0] == found.incident[1] == found.incident[3] != found.incident[2]


def test_what_a_side_says_again_takes_nothing_from_the_link_of_a_witness() -> None:
    party, seen = {"source": "mod_n"}, {"source": "mon", "stance": "observes", "means": "saw"}
    agency = {"source": "paper", "stance": "observes", "lat": 40.01}
    again = {"source": "mod_n", "lat": 40.03, "start": T0 + 20 * MINUTE, "published": T0 + 30 * HOUR}
    alone = small(party, seen, agency)[1]
    table, _ = small(party, seen, agency, again)
    merged = link(table.table, [], replace(P, same_source=0))
    assert merged.incidents.n == 1
    assert merged.log_odds[2] == alone.log_odds[2]
