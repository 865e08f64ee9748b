"""What `trucewatch agreement try` prints: each test claim with the terms under which it falls, and why it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from trucewatch.mission.trying import Fall, Trial, Tried
from trucewatch.model.times import format_instant

_WHY = {
    "time": "outside its time", "place": "outside its place", "act": "it does not cover the act",
    "weapon": "its rules do not name the weapon", "actor": "it does not bind who is accused",
    "not_due": "it binds, and is not due yet",
}  # fmt: skip


def as_lines(trial: Trial) -> Iterator[str]:
    """Every claim, then the terms that nothing is judged against."""
    for claim in trial.claims:
        yield from _claim(claim)
    for term, why in trial.idle:
        yield f"term {term} judges nothing: {why}"


def _claim(claim: Tried) -> Iterator[str]:
    told = [claim.payload["act"], claim.payload.get("weapon"), claim.payload.get("accused")]
    head = ", ".join(str(w) for w in told if w)
    yield f"{claim.ref}: {head}, {format_instant(claim.payload['start'])}"
    if claim.left_out:
        yield f"  not tried: {claim.left_out}"
        return
    accused = claim.payload.get("accused")
    yield from _falls("falls under", claim.falls, accused)
    yield from _falls("may fall under", claim.may, accused)
    if not claim.falls and not claim.may:
        yield "  falls under no term"
    for one in claim.outside:
        yield f"  not term {one.term}: {' and '.join(_WHY[w] for w in one.why)}"


def _falls(lead: str, falls: Iterable[Fall], accused: str | None) -> Iterator[str]:
    """Once for each term and actor; readings that say the same stand together."""
    for (term, actor), found in groupby(falls, key=lambda f: (f.term, f.actor)):
        alike: dict[tuple[float | None, tuple[str, ...]], list[Fall]] = {}
        for one in found:
            alike.setdefault((one.p, tuple(_words(one))), []).append(one)
        for (p, words), same in alike.items():
            every = len(alike) == 1 and len(same) > 1
            read = "every reading" if every else "; or ".join(one.reading for one in same if one.reading)
            yield f"  {lead} term {term}, for {actor}" + (
                "" if accused in {None, actor} else f", who answers for {accused}"
            )
            if read:
                yield f"    under {read}"
            yield f"    p in scope {'not known' if p is None else f'{p:.4f}'}"
            yield from (f"    {line}" for line in words)


def _words(fall: Fall) -> Iterator[str]:
    """The words of a finding without what stands above them."""
    return (line for line in fall.words[1:] if not line.startswith(("Bound:", "Read as:", "It answers for:")))
