"""Options that several commands share: the cut in time, the audience, the mission's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from trucewatch.model.times import TimeFault, parse_instant

_F = TypeVar("_F", bound=Callable[..., Any])


class Instant(click.ParamType):  # type: ignore[type-arg]
    """An RFC 3339 time with offset, as microseconds since 1970 UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Microseconds; usage error with the remedy for anything else."""
        if isinstance(value, int):
            return value
        try:
            return parse_instant(str(value))
        except TimeFault as e:
            self.fail(f"{e}. {e.remedy}", param, ctx)


class Audience(click.ParamType):  # type: ignore[type-arg]
    """internal, public or party:ID."""

    name = "audience"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The audience as written; usage error for anything else."""
        text = str(value)
        if text in {"internal", "public"} or (text.startswith("party:") and len(text) > len("party:")):
            return text
        self.fail(f"no audience is called {text!r}. Write internal, public or party:ID", param, ctx)


def folder_argument(command: _F) -> _F:
    """The mission's folder, as `folder`."""
    return click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))(command)


def cut_options(command: _F) -> _F:
    """--as-of and --known-by, as `as_of` and `known_by` in microseconds, None when not given."""
    known = click.option("--known-by", type=Instant(), help="Only what was published or obtained by this time.")
    stored = click.option("--as-of", type=Instant(), help="Only what was recorded here by this time.")
    return stored(known(command))


def audience_option(default: str) -> Callable[[_F], _F]:
    """--audience, as `audience`."""

    def add(command: _F) -> _F:
        return click.option(
            "--audience",
            type=Audience(),
            default=default,
            show_default=True,
            help="Who will read it: internal, public or party:ID.",
        )(command)

    return add


def one_cut(as_of: int | None, known_by: int | None) -> None:
    """Usage error when both cuts are given: a state has one."""
    if as_of is not None and known_by is not None:
        raise click.UsageError("--as-of and --known-by exclude each other")
