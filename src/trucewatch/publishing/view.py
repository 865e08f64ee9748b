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


DAILY, WEEKLY, SPOT, TERM = "daily", "weekly", "spot", "term"
KINDS = (DAILY, WEEKLY, SPOT, TERM)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is of: a day, the seven report days that end with it, one incident, or one term over its life.

    `object`: the id of the incident, or AGREEMENT/TERM; `before`: the span that the report before it told of, None =
    the report day before; `told_at`: when that one was cut, None = at the begin of the report's days (microseconds).
    """

    kind: str = DAILY
    object: str | None = None
    before: tuple[int, int] | None = None
    told_at: int | None = None

    @property
    def incident(self) -> str | None:
        """The one incident that it is of, or None."""
        return self.object if self.kind == SPOT else None

    @property
    def term(self) -> tuple[str, str] | None:
        """The agreement and term that it is of, or None."""
        if self.kind != TERM or self.object is None:
            return None
        agreement, _, term = self.object.partition("/")
        return agreement, term


@dataclass(frozen=True, slots=True)
class View:
    """A report of the day `day` tells of [start_us, end_us): that day, or what its `scope` says. `previous` is the
    state as the report before had it, None for the first.

    `agreements` in the order of the chain, `clocks` the times that people decided for them; `sectors`: name -> shapely
    area (lon, lat); `languages`: those written beside this one; `mirror`: ids of the two parties that are exchanged in
    the input, None for the report itself; `has_mirror`: whether its other half is written beside it; `register`: the
    register of complaints under the same cut and for the same audience, None where there are none;
    `ledger`: the number of the last record under the cut and the root of the ledger up to it, where the page says so.
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
    scope: Scope = Scope()
    register: Any = None
    ledger: tuple[int, str] | None = None
