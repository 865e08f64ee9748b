"""What a page is made from: a derived state, the one before it, a day, a cut, an audience. Pages read nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from trucewatch.judging.rulings import Clocks


class State(Protocol):
    """A derived state as pages need it: tables of OUTPUTS, claims, and newest payloads of input tables."""

    @property
    def tables(self) -> Mapping[str, Sequence[dict[str, Any]]]: ...  # noqa: D102
    @property
    def claims(self) -> Sequence[dict[str, Any]]: ...  # noqa: D102
    @property
    def sources(self) -> Sequence[dict[str, Any]]: ...  # noqa: D102

    def newest(self, table: str) -> Sequence[dict[str, Any]]:
        """Newest payloads of an input table with `known_at`."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """Which records count. `kind`: as_of (recorded by) or known_by (published or obtained by); `at` in microseconds.

    `reconstructed`: cut by known time, so that the page could have been made then and was not. `records`: how many
    records stand behind the page.
    """

    kind: str
    at: int
    reconstructed: bool
    records: int


@dataclass(frozen=True, slots=True)
class View:
    """The day `day` is [start_us, end_us). `previous` is the state as the report before had it, None for the first.

    `agreements` in the order of the chain, `clocks` the times that people decided for them; `sectors`: name -> shapely
    area (lon, lat); `languages`: those written beside this one; `mirror`: ids of the two parties that are exchanged in
    the input, None for the report itself; `has_mirror`: whether its other half is written beside it.
    """

    config: Any
    agreements: tuple[Any, ...]
    derived: State
    previous: State | None
    day: date
    start_us: int
    end_us: int
    cut: Cut
    audience: str = "public"
    clocks: Clocks = field(default_factory=Clocks)
    sectors: Mapping[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    mirror: tuple[str, str] | None = None
    has_mirror: bool = False
