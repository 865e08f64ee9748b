"""What of a record a package shows: the fields that the gate lets out as they are, and no others (law L10).

A field is opened where the released row has the same value as the record. What the gate coarsened, emptied or left out
stays closed; a coarsened place is opened where it was committed to in that coarseness at intake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trucewatch.ledger.commitments import check_disclosure, disclosure
from trucewatch.ledger.errors import LedgerError
from trucewatch.publishing.package import records
from trucewatch.publishing.policy import PUBLIC, Policy, claim_level
from trucewatch.store.checks import Row
from trucewatch.store.leaves import FIELDED

Payload = dict[str, Any]
Coarse = Callable[[str, Payload], Mapping[str, Any]]
# Kinds that are meant for all, and are shown whole where the gate changes nothing in them.
OPEN_KINDS = frozenset({"source", "notice", "place"})
_PLACE = ("lat", "lon", "radius_km")


def is_open(kind: str, row: Mapping[str, Any], policy: Policy) -> bool:
    """Whether a record may be tied to its place in the ledger: nobody protected spoke in it.

    Records beside each other came in together, so that the number of a protected one would tell whose it is.
    """
    if kind == "claim":
        return claim_level(row, policy.source_level) == PUBLIC
    source = row.get("source")
    if kind == "coverage":
        return source is not None and policy.source_level.get(str(source)) == PUBLIC
    return kind in OPEN_KINDS


def line_of(
    row: Row, payload: Payload, data: bytes, released: Mapping[str, Any], coarse: Mapping[str, Any]
) -> str | None:
    """The line of an open record, of which `released` is what the gate lets out; None where nothing can be shown."""
    same = [k for k, v in payload.items() if k in released and _alike(released[k], v)]
    if row.kind in FIELDED and row.fields:
        return records.by_fields(row, _disclosures(row, payload, released, coarse, same))
    return records.whole(row, data) if len(same) == len(payload) else None


def _disclosures(
    row: Row, payload: Payload, released: Mapping[str, Any], coarse: Mapping[str, Any], same: list[str]
) -> list[str]:
    texts = [disclosure(row.salt, name, payload[name]) for name in same]
    place = [released.get(k) for k in _PLACE]
    if "lat" not in same or "lon" not in same:
        # Half a place, or an exact radius beside a coarse place, is nothing that the gate lets out.
        texts = [t for name, t in zip(same, texts, strict=True) if name not in _PLACE]
        texts += [disclosure(row.salt, n, v) for n, v in coarse.items() if n.startswith("_place") and [*v] == place]
    held = records.digests(row)
    return [t for t in texts if _held(t, held)]


def _held(text: str, digests: list[bytes]) -> bool:
    """Whether the leaf committed to this at intake: the coarseness may have been another then."""
    try:
        check_disclosure(text, digests)
    except LedgerError:
        return False
    return True


def _alike(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
