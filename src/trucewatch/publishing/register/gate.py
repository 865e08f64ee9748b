"""What leaves of a complaint and of its row in the register (law L10); the gate itself is `publishing.policy`.

A party sees its own complaints whole, and those against it as far as it was notified. To everybody else a complaint
leaves as a row where its handling is public; every other one is counted, without its number, but for confidential ones,
whose number alone is told. A ruling leaves when it is published, and under no mandate that does not let it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trucewatch.model.vocabulary import HANDLING

if TYPE_CHECKING:
    from trucewatch.publishing.policy import Policy

Row = dict[str, Any]
_LEVEL = {name: i for i, name in enumerate(HANDLING)}
_PUBLIC, _, _CONFIDENTIAL = range(3)
# The mission's own working, which leaves to nobody: who has passed it, and why an inquiry rests, in a person's words.
_OWN = ("offices", "still_to_pass", "suspended", "double_of", "receipt", "record")
_FINDINGS = ("findings", "incidents")
_RULED = frozenset({"ruled", "decided", "recommended"})


def pass_register(row: Row, party: str | None, policy: Policy) -> Row | None:
    """A row of the register as somebody outside the mission may see it; None where it is held back."""
    level = _LEVEL[row.get("handling") or "restricted"]
    own = party is not None and row.get("complainant") == party
    notified = party is not None and row.get("against") == party and level < _CONFIDENTIAL
    if not own and not notified and (level > _PUBLIC or _late(row, policy)):
        return None
    out = {**_without_words(_unruled(row, policy)), **dict.fromkeys(k for k in _OWN if k not in {"receipt", "record"})}
    if not own:
        out |= dict.fromkeys(("receipt", "record", "missing"))
    if row.get("agreement") in policy.unpublished | policy.unattributed:
        return out | dict.fromkeys(_FINDINGS)
    return out | _open_incidents(row, policy)


def _open_incidents(row: Row, policy: Policy) -> Row:
    """Incidents and findings as far as claims that may be named lead to them: another would tell where a hidden claim
    belongs."""
    shown = {i for ref, i in row.get("told_by") or () if not policy.protected(ref) and not policy.holds(i)}
    findings = [f for f in row.get("findings") or () if f"I{f[1:].partition('.')[0]}" in shown]
    return {"incidents": [i for i in row.get("incidents") or () if i in shown] or None, "findings": findings or None}


def pass_counted(row: Row, party: str | None, policy: Policy) -> Row | None:
    """What a complaint adds to the counts; confidential ones are counted by nobody but the mission."""
    if _LEVEL[row.get("handling") or "restricted"] == _CONFIDENTIAL:
        return None
    listed = pass_register(row, party, policy) is not None
    return {**_without_words(_unruled(row, policy)), "listed": listed}


def _late(row: Row, policy: Policy) -> bool:
    return policy.since is not None and row["received"] > policy.since


def _unruled(row: Row, policy: Policy) -> Row:
    """The row with its ruling only where that is published and the mandate lets it leave."""
    silent = row.get("agreement") in policy.unpublished | policy.unattributed
    if row.get("ruling") is None or row["ruling"] == "withdrawn":
        return dict(row)
    if row.get("published") is not None and not silent:
        return dict(row)
    state = "ruled" if row["state"] in _RULED or silent else row["state"]
    return {**row, "ruling": None, "state": state}


def _without_words(row: Row) -> Row:
    """`other:WORDS` as `other`: the words are somebody's."""
    words = [k for k in ("complainant", "against") if str(row.get(k)).startswith("other:")]
    return {**row, **dict.fromkeys(words, "other")}
