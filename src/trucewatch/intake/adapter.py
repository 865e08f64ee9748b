"""What a module must declare to be an intake adapter: a foreign table, row by row, into contract rows.

An adapter turns the cells of one foreign row into the cells of contract rows (design 4), still as text; the one
validator then reads them, so that every format obeys the same rules. Adapters are found through the entry point group
`trucewatch.adapters`, whose objects are tuples of `Adapter`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trucewatch.model.errors import Fault


@dataclass(frozen=True, slots=True)
class Head:
    """What content detection sees: the file's name, its cleaned header and some first rows."""

    file: str
    header: Sequence[str]
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """One contract row, not yet checked: its table (`claims`, ...) and its cells as text."""

    table: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What an adapter may know of the mission: actor ids by folded alias, and the mission's time zone."""

    actor_by_alias: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A format: its name (the value of --as), title for people, content test, row conversion, own sources.

    `detect` returns how sure it is, 0 to 1, from content alone. `convert` returns contract rows for one foreign row,
    none where the row is not data (an HXL tag row), or a `Fault` (message and remedy; file and row are added).
    `sources` are contract rows of `sources` that are added once when the format is first used, and told.
    `header`: names of the columns of a format whose files have no header row; their first row is data.
    `table`: the contract table that it fills, which places its files in the order of intake.
    """

    name: str
    title: str
    detect: Callable[[Head], float]
    convert: Callable[[Mapping[str, str], AdapterContext], Iterable[Draft] | Fault]
    sources: tuple[Mapping[str, str], ...] = ()
    licence: str = ""
    header: tuple[str, ...] = ()
    table: str = "claims"
