"""The one gate out (law L10): every table that leaves, as page, file or explanation, passes `release`.

What leaves is listed, not what stays: a column that no rule names does not leave. What the gate knows of a mission is
in `standing`, which row passes in `gates`, which columns and how coarse in `fields` and `coarse`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.table import Rows
from trucewatch.publishing import fields, voices
from trucewatch.publishing.gates import GATES, Why
from trucewatch.publishing.standing import CONFIDENTIAL, PUBLIC, RESTRICTED, Policy, Rules, claim_level
from trucewatch.publishing.voices import WITHHELD

Row = dict[str, Any]


class Released(list[Row]):
    """Rows that may leave; how many were held back whole (`withheld`), and how many by which rule (`why`)."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        super().__init__(rows)
        self.why: Counter[Why] = Counter()

    @property
    def withheld(self) -> int:
        """Rows held back whole."""
        return self.why.total()


def check_audience(audience: str, actors: Iterable[str]) -> None:
    """`Refusal` where the audience is not internal, public or party:ID with an actor of the agreements."""
    known = list(actors)
    if audience in {"internal", "public"} or (audience.removeprefix("party:") in known and ":" in audience):
        return
    raise Refusal(
        Fault(
            f"no audience is called {audience!r}",
            "Write internal, public, or party: and one of " + ", ".join(known),
            field="audience",
        )
    )


def release(table: str, rows: Iterable[Row], audience: str, policy: Policy) -> Released:
    """The rows of `table` as `audience` may see them; what is held back whole is counted in `.withheld` and `.why`.

    `internal` sees everything as stored. `public` and `party:ID` see listed columns of rows whose handling allows it,
    places and times coarsened, later than the delay. A table without a rule raises ValueError: nothing leaves by
    default.
    """
    if audience == "internal":
        return Released(rows)
    rule = fields.RULES.get(table)
    if rule is None:
        raise ValueError(f"the publication policy has no rule for {table!r}: nothing of it leaves")
    party = audience.removeprefix("party:") if audience.startswith("party:") else None
    gate = GATES[rule.gate]
    passed = [gate(table, row, party, policy) for row in rows]
    out = Released(p for p in passed if p.__class__ is dict)
    if len(out) < len(passed):
        out.why = Counter(p for p in passed if isinstance(p, Why))
    if table == "authors":
        fields.merged(out)
    elif table == "contributions" and policy.unsaid:
        out[:] = voices.merged(out, policy.unsaid, policy.rules.min_cell)
    listed = fields.listed(table, tuple(policy.rules.never))
    # A derived table has the same columns in every row, and no gate adds one: they are looked at once.
    if rule.names_others or not isinstance(rows, Rows) or not listed.issuperset(rows.names):
        out[:] = [policy.stripped(rule, row, listed) for row in out]
    else:
        for k in rule.words:
            out[:] = [{**row, k: None} if policy.names_protected(row[k]) else row for row in out]
    return out


__all__ = [
    "CONFIDENTIAL", "PUBLIC", "RESTRICTED", "WITHHELD", "Policy", "Released", "Rules", "Why", "check_audience",
    "claim_level", "release",
]  # fmt: skip
