"""What would change our mind, in words: for each finding the smallest new evidence, and what only people can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trucewatch.planning.changing import Change, Wanted
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.next.words import hours


def change_rows(wanted: Wanted, start: int, end: int, names: Mapping[str, str], t: Catalogue) -> list[dict[str, Any]]:
    """A row each change and need: `direction`, `evidence` in words, `outcome` then, `asked_of`. `start`, `end` of the
    incident, microseconds; `names`: parties in the order of the agreement."""
    span = hours(start, end, t)
    rows = [
        {
            "direction": t.plain(f"next.change.{direction}"), "evidence": _words(change, span, names, t),
            "outcome": change.outcome, "micro_nats": change.size, "asked_of": _asked(change, names),
        }
        for direction, changes in (("toward", wanted.toward), ("away", wanted.away))
        for change in changes
    ]  # fmt: skip
    needs: list[dict[str, Any]] = [
        {
            "direction": t.plain("next.change.needed"), "evidence": t.plain(f"next.needs.{n.replace(' ', '_')}"),
            "outcome": None, "micro_nats": None, "asked_of": [],
        }
        for n in wanted.needs
    ]  # fmt: skip
    return rows + needs


def _words(change: Change, span: str, names: Mapping[str, str], t: Catalogue) -> str:
    return t.listed(
        t.plain(f"next.evidence.{kind.replace(' ', '_')}", hours=span, party=names.get(party or "", str(party)))
        for kind, party in change.evidence
    )


def _asked(change: Change, names: Mapping[str, str]) -> list[str]:
    """Whom it is asked of: what a party can give is asked of all parties alike."""
    return list(names) if any(kind == "log" for kind, _ in change.evidence) else []


def wanted_dict(wanted: Sequence[tuple[Wanted, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """For --json: a row a finding."""
    return [{"finding_id": w.finding_id, "outcome": w.outcome, "changes": rows} for w, rows in wanted]


__all__ = ["change_rows", "wanted_dict"]
