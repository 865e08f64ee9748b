"""What a mission is told or asked before something leaves: that nothing would, and which places stand alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from trucewatch.publishing.policy import Policy, Why
from trucewatch.publishing.standing import PUBLIC

_REMEDY = {
    Why.DELAY: "publication.delay_h holds them back until later: wait, or shorten it",
    Why.HANDLING: "they are of sources that are not public: set the handling of a source, or publication.handling_max",
    Why.CONFIDENTIAL: "they are known from confidential claims alone, and nothing of these leaves",
    Why.CONSENT: "those who told of them agreed to nothing",
    Why.MANDATE: "the mandate in the agreement does not let the mission publish or attribute",
}


def nothing_leaves(why: Mapping[str, Counter[Why]], leaving: Mapping[str, int], audience: str) -> list[str]:
    """A warning for each of the tables that had rows of which none leaves; `why` by table."""
    out = []
    for table, reasons in why.items():
        if leaving.get(table, 0) or not reasons:
            continue
        told = "; ".join(f"{n} by {rule}: {_REMEDY[rule]}" for rule, n in reasons.most_common() if rule in _REMEDY)
        if told:
            out.append(f"nothing of {reasons.total()} {table} leaves to {audience}. {told}")
    return out


def places(policy: Policy, tables: Iterable[str]) -> list[str]:
    """That protected rows left without a place since it stood alone, or that nobody could tell whether it does."""
    out = []
    alone = Counter(table for table, _ in policy.alone)
    for table in tables:
        if alone[table]:
            out.append(
                f"{alone[table]} {table} leave without a place: a named place or post stands alone within 40 km, and "
                "any cell would tell it. Add the places around to places.csv, or set handling: confidential"
            )
    protected = any(high > PUBLIC for _, high in policy.incident_level.values())
    if protected and not policy.neighbours.known and policy.rules.place_km > 0:
        out.append(
            "there is no gazetteer, so nobody can tell whether a cell holds one hamlet alone: ingest places.csv, or "
            "ask whether protected places may leave as cells"
        )
    return out
