"""Names in an agreement file, as written: what each part is called, and a fault where a name means nothing there.

Faults are looked for in the plain values, so that they are told together with the faults of single keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from trucewatch.agreement.clocks import units
from trucewatch.agreement.fields import names_event
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, Path, line_of
from trucewatch.taxonomy import taxonomy

_LISTED = 20  # names that a remedy lists
_LOOKED = 200  # faults for which a name like the one found is looked for


def short(value: Any) -> str:
    """A value as faults show it: what was found, cut where nobody would read on."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def get(value: Any, *path: str | int) -> Any:
    """The value at `path` of plain YAML values, None where the way is not there."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def listed(value: Any) -> list[Any]:
    """A value as a list: itself, or one thing as the only one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def each(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Path and value of each of some things, or of the only one."""
    if isinstance(value, list):
        yield from (((*path, i), one) for i, one in enumerate(value))
    elif value is not None:
        yield path, value


def course_events(kinds: Iterable[Any]) -> list[str]:
    """Events of the course of terms, by their kinds: they need no entry of their own."""
    return [f"{kind}_{state}" for kind in dict.fromkeys(map(str, kinds)) for state in ("begun", "complete")]


class Names:
    """What is called how in a file, and the faults of names that mean nothing in it."""

    def __init__(self, value: Mapping[str, Any], lines: Lines, file: str) -> None:
        self.value, self.lines, self.file = value, lines, file
        self.actors, self.zones, self.terms = (dict.fromkeys(self._ids(p)) for p in ("actors", "zones", "terms"))
        self.bodies = [str(b["id"]) for b in listed(value.get("mechanism")) if get(b, "id") is not None]
        self._looked = 0
        events, definitions = value.get("events"), value.get("definitions")
        self.declared = [str(e) for e in events] if isinstance(events, Mapping) else []
        self.events = dict.fromkeys(self.declared + course_events(get(t, "kind") for t in listed(value.get("terms"))))
        self.definitions = [f"definition:{d}" for d in definitions] if isinstance(definitions, Mapping) else []

    def _ids(self, part: str) -> list[str]:
        rows = listed(self.value.get(part))
        return [str(row["id"]) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]

    def fault(self, message: str, remedy: str, path: Path) -> Fault:
        """A fault at a path of the file."""
        name = ".".join(str(p + 1 if isinstance(p, int) else p) for p in path)
        return Fault(message, remedy, self.file, line_of(path, self.lines), name)

    def known(
        self, value: Any, names: Collection[str], what: str, path: Path, owner: str = "of this file"
    ) -> Iterator[Fault]:
        """A fault for each of some names that is none of the known ones."""
        every: list[str] | None = None
        for at, one in each(value, path):
            if isinstance(one, str | int) and str(one) not in names:
                every = every or list(names)
                near = self.near(str(one), every, 0.6)
                some = f"Write one of: {', '.join(every[:_LISTED])}" if every else f"There is no {what} {owner}: add it"
                yield self.fault(f"{short(one)} is no {what} {owner}", near or some, at)

    def sided(self, zone: Any) -> bool:
        """Whether a zone tells whose ground lies on which side of it; true for one that is not there."""
        rows = [z for z in listed(self.value.get("zones")) if get(z, "id") == zone]
        return not rows or any(get(z, "sides") for z in rows)

    def near(self, word: str, names: Iterable[str], likeness: float) -> str | None:
        """What may have been meant; no longer looked for after very many faults."""
        self._looked += 1
        found = get_close_matches(word[:80], list(names), 1, likeness) if self._looked <= _LOOKED else []
        return f"Did you mean {found[0]!r}?" if found else None

    def actor(self, value: Any, path: Path) -> Iterator[Fault]:
        """A fault for each name that is no actor's."""
        yield from self.known(value, self.actors, "actor", path)

    def zone(self, value: Any, path: Path) -> Iterator[Fault]:
        """A fault for each name that is no zone's."""
        yield from self.known(value, self.zones, "zone", path)

    def term(self, value: Any, path: Path) -> Iterator[Fault]:
        """A fault for each name that is no term's."""
        yield from self.known(value, self.terms, "term", path)

    def when(self, value: Any, path: Path) -> Iterator[Fault]:
        """A fault for a time that stands on an event which is not there."""
        if isinstance(value, dict) and "event" in value:
            yield from self.known(value["event"], self.events, "event", (*path, "event"))
        elif isinstance(value, str) and names_event(value) and value not in self.events:
            near = get_close_matches(value[:80], self.events, 1, 0.6)
            hint = (
                f"Did you mean {near[0]!r}?" if near else "Write RFC 3339, as in 2020-10-10T12:00:00+04:00, or an event"
            )
            if units(value):
                hint = f"Write from which event it runs: {{event: in_force, plus: {value}}}"
            yield self.fault(f"{short(value)} is not a time, and no event of this file", hint, path)

    def definition(self, value: Any, path: Path) -> Iterator[Fault]:
        """A fault for each `definition:NAME` that neither the file nor the taxonomy gives; other words pass."""
        for at, one in each(value, path):
            named = isinstance(one, str) and one.startswith("definition:")
            if named and not taxonomy().is_act(one.removeprefix("definition:")):
                yield from self.known(one, self.definitions, "definition", at)

    def acts(self, value: Any, path: Path, defined: bool = True) -> Iterator[Fault]:
        """A fault for each code that is no act; definitions pass, except in a definition itself."""
        tax = taxonomy()
        definitions = self.definitions if defined else []
        for at, code in each(value, path):
            if not isinstance(code, str) or tax.is_act(code) or code in definitions:
                continue
            if defined and tax.is_act(code.removeprefix("definition:")):
                continue
            hint = self.near(code, [*tax.acts, *definitions], 0.5) or "See the list of acts in the reference"
            yield self.fault(f"{short(code)} is no act of the taxonomy", hint, at)
