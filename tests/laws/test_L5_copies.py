"""L5: the same claim repeated by any number of outlets moves no probability."""

from __future__ import annotations

import hashlib
import random

from tests.laws.missions import (
    OF_A_SIDE,
    Inputs,
    Row,
    Tables,
    by_content,
    crowd,
    differences,
    exported,
    iso,
    make,
    tables,
)
from tests.laws.seeds import below, few, many, scratch
from trucewatch.model.times import HOUR, parse_instant

OUTLETS = {
    "echo_n": ("party_media", "norland"), "echo_s": ("party_media", "sudland"), "echo": ("independent_media", ""),
    "blog": ("witness", ""), "agency": ("independent_media", ""),
}  # fmt: skip
_HELD_BACK = ("origin", "retracts", "responds_to", "obtained", "handling")


def repeated(inputs: Inputs, r: random.Random, stated: bool) -> Inputs:
    """Some claims told again, hours later, by other outlets: with the origin stated, or in the same words and side."""
    claims = inputs.tables["claims"]
    newest = {(c["source"], c["claim_id"]): c for c in claims}
    withdrawn = {(c["source"], c["retracts"]) for c in claims if c.get("retracts")}
    told = [
        c for key, c in newest.items()
        if key not in withdrawn and not any(c.get(k) for k in _HELD_BACK) and c["stance"] in {"alleges", "observes"}
        and c["source"] not in {"news_n", "news_s", "wire"} and not c.get("cumulative")
    ]  # fmt: skip
    out: list[Row] = []
    for k, claim in enumerate(r.sample(told, min(len(told), 12))):
        for source in OUTLETS:
            if not stated and OUTLETS[source][1] != OF_A_SIDE.get(claim["source"], ""):
                continue
            said = parse_instant(claim["published"]) + r.choice((1, 30)) * HOUR
            copy = {**claim, "claim_id": f"copy{k}", "source": source, "published": iso(said), "stance": "reports"}
            if stated:
                copy |= {"origin": claim["source"], "text": f"As {claim['source']} says, number {k} of the day"}
            out.append(copy)
    return inputs.with_(claims=[*claims, *out])


def with_words(inputs: Inputs) -> Inputs:
    """The claims with words of their own, so that only copies share them, and outlets that repeat them."""
    outlets = [
        {**inputs.tables["sources"][0], "source": s, "name": s, "role": role, "party": party, "parent": ""}
        for s, (role, party) in OUTLETS.items()
    ]
    told = [
        {**c, "text": hashlib.sha256(f"{c['source']}/{c['claim_id']}".encode()).hexdigest()}
        for c in inputs.tables["claims"]
    ]
    return inputs.with_(claims=told, sources=[*inputs.tables["sources"], *outlets])


def probabilities(found: Tables) -> Tables:
    """What an export says of incidents, named by their claims without the copies."""
    kept = [r for r in found["links"] if not r["claim_id"].startswith("copy")]
    named = by_content({**found, "links": kept, "claims": []})
    silent = [r for r in named["contributions"] if r["kind"] != "repeat"]
    bare = [{k: v for k, v in r.items() if k != "n_claims"} for r in named["incidents"]]
    wanted = {n: named[n] for n in ("assessments", "authors", "findings", "links")}
    return {**wanted, "contributions": silent, "incidents": bare}


def check(seed: int, stated: bool) -> None:
    inputs = with_words(crowd(seed))
    with scratch() as folder:
        plain = tables(exported(make(below(folder, "plain"), inputs)))
        loud = tables(exported(make(below(folder, "loud"), repeated(inputs, random.Random(seed), stated))))
        assert len(loud["claims"]) > len(plain["claims"])
        assert differences(probabilities(plain), probabilities(loud)) == []


def check_stated(seed: int) -> None:
    check(seed, True)


def check_unstated(seed: int) -> None:
    check(seed, False)


test_L5_copies_that_say_whom_they_repeat = few(2)(check_stated)
test_L5_copies_that_say_whom_they_repeat_soak = many(100)(check_stated)
test_L5_copies_in_the_same_words = few(2)(check_unstated)
test_L5_copies_in_the_same_words_soak = many(100)(check_unstated)
