"""What was known when: some incidents side by side, each as it stood by several times. One table, one rule for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from trucewatch.model.vocabulary import PARTY_ROLES
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.policy import Policy, release
from trucewatch.publishing.report import chart
from trucewatch.publishing.report.templates import environment, style
from trucewatch.publishing.report.wording import Wording
from trucewatch.publishing.view import State

Row = dict[str, Any]
_OTHERS, _PARTIES, _DENIED = "others", "parties", "denied"


@dataclass(frozen=True, slots=True)
class Watched:
    """An incident to look up by one of its claims (SOURCE/ID): a title, and the times (microseconds) to look at."""

    title: str
    claim: str
    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """How an incident stood by a time: what is shown of it, all None and 0 where nobody had told of it."""

    at: int
    status: str | None = None
    p: float | None = None
    low: float | None = None
    high: float | None = None
    others: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    copies: int = 0


def stand(config: Any, agreements: Sequence[Any], state: State, claim: str, at: int, audience: str) -> Stand:
    """How the incident that `claim` speaks of stood in a state cut at `at`; every row passes the one gate (L10)."""
    policy = Policy.of(config, agreements, state, at)
    links = {f"{r['source']}/{r['claim_id']}": r for r in release("links", state.tables["links"], audience, policy)}
    incident = links.get(claim, {}).get("incident_id")
    rows = [r for r in state.tables["assessments"] if r["incident_id"] == incident and incident is not None]
    told = release("assessments", rows, audience, policy)
    if not told:
        return Stand(at)
    (row,) = told
    sources = {s["source"]: s for s in release("sources", state.sources, audience, policy)}
    voices: dict[str, list[str]] = {_OTHERS: [], _PARTIES: [], _DENIED: []}
    copies = 0
    for link in links.values():
        if link["incident_id"] != incident:
            continue
        if link["relation"] == "repeats":
            copies += 1
            continue
        source = sources.get(link["source"])
        own = source is not None and source["role"] in PARTY_ROLES
        kind = _DENIED if link["relation"] == "denies" else _PARTIES if own else _OTHERS
        voices[kind].append(str(link["source"]))
    others, parties, denied = (tuple(dict.fromkeys(voices[k])) for k in (_OTHERS, _PARTIES, _DENIED))
    p, low, high = row["p_occurred"], row["p_low"], row["p_high"]
    return Stand(at, row["status"], p, low, high, others, parties, denied, copies)


def known_page(
    config: Any, agreements: Sequence[Any], groups: Sequence[Sequence[tuple[Watched, Sequence[Stand]]]],
    sources: Mapping[str, Row], lang: str,
) -> str:  # fmt: skip
    """The page in a language: a group of incidents side by side, a row for each time."""
    t = Catalogue(lang, config.timezone)
    w = Wording(t, agreements, sources)
    bands = tuple(config.bands.model_dump().values())

    def bar(s: Stand) -> Markup:
        return chart.probability_bar(s.p, s.low, s.high, bands, numbers(s))

    def numbers(s: Stand) -> str:
        p, low, high = (t.percent(v or 0.0) for v in (s.p, s.low, s.high))
        return t.plain("bar.label", p=p, low=low, high=high)

    def names(ids: Sequence[str]) -> str:
        return t.listed(sorted((str(w.source(i)) for i in ids), key=t.alphabet))

    return str(
        environment().get_template("known.html").render(
            t=t, title=config.title(lang), groups=groups, style=style(), bar=bar, names=names,
            numbers=numbers,
        )
    )  # fmt: skip
