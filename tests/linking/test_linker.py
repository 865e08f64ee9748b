"""Claims that come in one by one end as they would all at once: the linker keeps no memory of the order (L2, L11)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.worlds import DAY, HOUR, T0, World, world
from trucewatch.linking import LinkDecision, Linker, link, linked, parameters, why
from trucewatch.mission.snapshot import shipped_fit
from trucewatch.model.table import Table

P = parameters(shipped_fit())
WORDS = "Units opened fire with {} at our positions near the village in the morning, there were no losses, day {}."


def eventful(seed: int) -> World:
    """A plain world with same words, running totals, withdrawals, answers to answers and claims of whole districts."""
    r = np.random.default_rng(seed + 1000)
    w = world(seed, events=70, days=3.0)
    for k, claim in enumerate(list(w.claims)):
        if claim["stance"] != "denies" and r.random() < 0.3:
            claim["text"] = WORDS.format(("mortars", "rifles")[k % 2], claim["start"] // DAY)
            again = {**claim, "source": ("news_n", "news_s", "hearsay")[r.integers(3)], "stance": "alleges"}
            again["published"] += int(r.integers(0, 3)) * HOUR
            again.pop("origin", None)
            w.add(w.truth[k], **{**again, "claim_id": f"w{k}"})
        if r.random() < 0.08:
            w.add(-1, **{**claim, "claim_id": f"t{k}", "cumulative": True})
        if r.random() < 0.05:
            gone = {"claim_id": f"r{k}", "source": claim["source"], "retracts": claim["claim_id"], "stance": "alleges"}
            w.add(-1, **gone, act=claim["act"], start=claim["start"], published=claim["published"] + DAY)
        if claim["stance"] == "denies":
            answer = {"claim_id": f"d{k}", "source": "mod_n", "stance": "denies", "act": claim["act"]}
            w.add(w.truth[k], **answer, start=claim["start"], published=claim["published"] + HOUR,
                  responds_to=f"{claim['source']}/{claim['claim_id']}")  # fmt: skip
        if claim.get("lat") and r.random() < 0.1:
            w.add(w.truth[k], source="mod_s", claim_id=f"o{k}", stance="denies", act=claim["act"], lat=claim["lat"],
                  lon=claim["lon"],
                  radius_km=5.0, start=claim["start"], published=claim["published"] + HOUR)  # fmt: skip
        if r.random() < 0.1:
            wide = {**claim, "claim_id": f"v{k}", "source": "paper", "stance": "alleges", "radius_km": 25.0}
            wide.update(
                start=T0 + (claim["start"] - T0) // DAY * DAY, end=T0 + (claim["start"] - T0) // DAY * DAY + DAY
            )
            wide.pop("origin", None)
            w.add(w.truth[k], **wide)
    return w


def state(linker: Linker) -> dict[str, Any]:
    return {k: getattr(linker, k).tolist() for k in ("label", "odds", "voice", "relation", "decided")}


def decisions_on(n: int, r: np.random.Generator) -> list[LinkDecision]:
    verbs = ("split", "merge", "link")
    return [
        LinkDecision(verbs[int(r.integers(3))], tuple(r.choice(n, 2, replace=False).tolist()))
        for _ in range(int(r.integers(0, 4)))
    ]


def changed_rows(old: Table | None, new: Table) -> np.ndarray[Any, Any]:
    """Rows that are new, or whose content is no longer what it was."""
    if old is None:
        return np.arange(new.n)
    differs = np.zeros(new.n, dtype=bool)
    differs[old.n :] = True
    for name in new:
        a, b = old[name], new[name][: old.n]
        same = (a == b) | ((a != a) & (b != b))
        differs[: old.n] |= ~same.astype(bool)
    return np.flatnonzero(differs)


@pytest.mark.parametrize("seed", range(6))
def test_claims_that_come_in_parts_end_as_all_at_once(seed: int) -> None:
    r = np.random.default_rng(seed)
    w = eventful(seed)
    order = r.permutation(len(w.claims)).tolist()
    cuts = sorted(r.choice(np.arange(1, len(order)), 14, replace=False).tolist())
    linker, old = Linker(P), None
    for cut in [*cuts, len(order)]:
        table = w.table(order[:cut]).table
        linker.refresh(table, changed_rows(old, table))
        old = table
    at_once = Linker(P)
    at_once.refresh(w.table(order).table, np.arange(len(order)))
    assert state(linker) == state(at_once)


@pytest.mark.parametrize("seed", range(6))
def test_new_versions_and_decisions_in_mid_stream_end_as_all_at_once(seed: int) -> None:
    r = np.random.default_rng(seed)
    w = eventful(seed)
    linker, old, told = Linker(P), None, []
    for _ in range(10):
        for k in r.choice(len(w.claims), 3, replace=False).tolist():
            claim = w.claims[k]
            if "lat" in claim:
                claim["lat"] = round(claim["lat"] + float(r.normal() * 0.05), 5)
            claim["start"] += int(r.integers(-2, 3)) * HOUR
            if "end" in claim:
                claim["end"] = max(claim["end"], claim["start"])
        told = decisions_on(len(w.claims), r)
        table = w.table().table
        linker.refresh(table, changed_rows(old, table), told)
        old = table
    at_once = Linker(P)
    at_once.refresh(w.table().table, np.arange(len(w.claims)), told)
    assert state(linker) == state(at_once)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_to_have_changed_is_all_that_has(seed: int) -> None:
    w = eventful(seed)
    n = len(w.claims)
    linker = Linker(P)
    first = w.table(list(range(n - 5))).table
    linker.refresh(first, np.arange(n - 5))
    before = linked(first, linker)
    table = w.table().table
    found = linker.refresh(table, changed_rows(first, table))
    after = link(table, [], P)
    part = linked(table, linker, found.changed)
    rows = {int(x): k for k, x in enumerate(after.incidents["number"])}
    old = {int(x): k for k, x in enumerate(before.incidents["number"])}
    touched = {int(x) for x in part.incidents["number"]}
    for number, k in rows.items():
        source, at = (
            (part, {int(x): k for k, x in enumerate(part.incidents["number"])}) if number in touched else (before, old)
        )
        for name in after.incidents:
            a, b = after.incidents[name][k], source.incidents[name][at[number]]
            assert a == b or (a != a and b != b), (number, name)
    gone = {int(first["number"][k]) for k in found.before.tolist()} - touched
    assert set(old) - gone | touched == set(rows)


@pytest.mark.parametrize("seed", range(3))
def test_what_explains_a_link_adds_up_to_it(seed: int) -> None:
    w = eventful(seed)
    linker = Linker(P)
    linker.refresh(w.table().table, np.arange(len(w.claims)), [LinkDecision("split", (3,))])
    kinds = set()
    for row in range(len(w.claims)):
        weights = why(linker, row)
        kinds |= {x.term for x in weights}
        assert sum(x.log_odds for x in weights) == (linker.odds[row] if linker.label[row] >= 0 else 0)
    assert kinds >= {"space", "time", "others", "first", "told", "decided"}
