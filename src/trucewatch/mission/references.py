"""References among claims: which claim answers which, and which is withdrawn; they may come before what they name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from trucewatch.mission.snapshot import Payload

_SEVERAL = -2


@dataclass(slots=True)
class References:
    """Rows by name, and who refers to what. `row`: by "SOURCE/ID"; `withdrawals`: withdrawing claims by row."""

    row: dict[str, int] = field(default_factory=dict)
    withdrawals: dict[int, list[str]] = field(default_factory=dict)
    _bare: dict[str, int] = field(default_factory=dict)  # row by bare id; _SEVERAL where more than one source has it
    _answers: dict[str, list[int]] = field(default_factory=dict)  # rows by the words of their responds_to
    _awaited: dict[str, list[str]] = field(default_factory=dict)  # withdrawing claims by the id that they name
    _words: dict[int, str] = field(default_factory=dict)

    def add(self, first: int, claims: Iterable[tuple[str, Payload]]) -> set[int]:
        """Take in claims (id, payload) as rows from `first` on. Earlier rows whose references change by that."""
        moved: set[int] = set()
        new = []
        for k, (ref, p) in enumerate(claims, first):
            cid = str(p["claim_id"])
            self.row[ref] = k
            self._bare[cid] = _SEVERAL if cid in self._bare else k
            moved.update(self._answers.get(ref, ()), self._answers.get(cid, ()))
            if p.get("responds_to") is not None:
                self._words[k] = str(p["responds_to"])
                self._answers.setdefault(self._words[k], []).append(k)
            new.append((k, ref, p))
        for k, ref, p in new:
            if ref in self._awaited:
                self.withdrawals[k] = sorted(self._awaited[ref])
            if p.get("retracts") is not None:
                moved.update(self._withdraw(ref, str(p["source"]), str(p["retracts"])))
        return {k for k in moved if k < first}

    def _withdraw(self, ref: str, source: str, named: str) -> list[int]:
        """A source withdraws its own claim, named bare or in full."""
        targets = [f"{source}/{named}"] + ([named] if named.startswith(f"{source}/") else [])
        row = next((self.row[t] for t in targets if t in self.row), None)
        if row is None:
            for t in targets:
                self._awaited.setdefault(t, []).append(ref)
            return []
        self.withdrawals[row] = sorted([*self.withdrawals.get(row, ()), ref])
        return [row]

    @property
    def retracted_by(self) -> dict[int, str]:
        """Withdrawing claim by row, the first by name of several."""
        return {row: refs[0] for row, refs in self.withdrawals.items()}

    def responds_to(self, row: int) -> int:
        """The row that a claim answers, -1 where it answers none that is here, or a bare id of several sources."""
        words = self._words.get(row)
        return -1 if words is None else max(self.row.get(words, self._bare.get(words, -1)), -1)
