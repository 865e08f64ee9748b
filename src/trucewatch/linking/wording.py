"""Wording compared: the share of common character shingles (Broder 1997), exact."""

from __future__ import annotations

_KEPT = 20_000  # sets of shingles kept at once: claims near in time are compared, so the last ones serve again


def normal(text: str) -> str:
    """The text without case and with single spaces: what is compared."""
    return " ".join(text.casefold().split())


class Words:
    """Compares texts; the shingles of those compared last are kept."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._shingles: dict[str, frozenset[str]] = {}

    def alike(self, one: str, other: str, least: float) -> bool:
        """Whether both normal texts have at least that share of their runs of k characters in common (0 to 1)."""
        a = self._of(one)
        if max(1, len(other) - self._k + 1) < least * len(a):  # has too few runs, whichever they are
            return False
        b = self._of(other)
        both = len(a & b)
        return both >= least * (len(a) + len(b) - both)

    def _of(self, text: str) -> frozenset[str]:
        found = self._shingles.get(text)
        if found is None:
            if len(self._shingles) >= _KEPT:
                self._shingles.clear()
            k = self._k
            found = frozenset(text[i : i + k] for i in range(max(1, len(text) - k + 1)))
            self._shingles[text] = found
        return found
