"""Readings of the whole text that change a zone, an event or a definition: each term that uses it is read in each way.

The plain values are written out: for `readings: {zones.dmz.buffer_km: [15, 20]}` the file gets the zones `dmz@15` and
`dmz@20` beside `dmz` (and those built from it), and each term that names `dmz` a reading of its own that puts one of
them in its place. So everything else need not know of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trucewatch.agreement.naming import get
from trucewatch.agreement.readings import choices, replaced
from trucewatch.model.yaml_lines import Lines

PARTS = ("events", "zones", "definitions")
_BUILT = ("of", "between", "minus", "within")


def changes(keys: Mapping[str, Any]) -> list[str]:
    """The keys of an alternative that change a zone, an event or a definition."""
    return [k for k in keys if isinstance(k, str) and k.split(".")[0] in PARTS and k.count(".") >= 2]


def changing(readings: Any) -> dict[str, Any]:
    """The readings of the whole text that change such a part under one alternative at least."""
    if not isinstance(readings, Mapping):
        return {}
    return {
        name: value
        for name, value in readings.items()
        for found in choices({name: value})
        if any(changes(keys) for _, keys in found)
    }


def written_out(value: Any, lines: Lines) -> Any:
    """Plain values with such readings written out; `lines` learns where what is added comes from. LookupError, told by
    the checks, leaves a reading as it is."""
    found = changing(get(value, "readings"))
    if not found or not isinstance(get(value, "terms"), list):
        return value
    out = {**value, **{part: _copy(value.get(part)) for part in PARTS if value.get(part) is not None}}
    added: dict[str, dict[str, dict[str, str]]] = {}  # reading -> alternative -> name -> name under it
    for name, alternatives in found.items():
        for label, keys in choices({name: alternatives})[0]:
            alternative = label.partition("=")[2]
            try:
                added.setdefault(name, {})[alternative] = _under(out, keys, alternative, ("readings", name), lines)
            except LookupError:
                added.setdefault(name, {})[alternative] = {}
    out["terms"] = [_term(t, added) if isinstance(t, Mapping) else t for t in value["terms"]]
    return out


def _copy(part: Any) -> Any:
    return list(part) if isinstance(part, list) else dict(part) if isinstance(part, Mapping) else part


def _under(
    out: dict[str, Any], keys: Mapping[str, Any], alternative: str, path: tuple[str, ...], lines: Lines
) -> dict[str, str]:
    """Add what one alternative changes, and what is built from it; name -> name under the alternative."""
    names: dict[str, str] = {}
    for key in changes(keys):
        part, name, _ = key.split(".", 2)
        names[name] = f"{name}@{alternative}"
        whole = out.get(part)
        rows = {"x": [z for z in whole if get(z, "id") == name]} if isinstance(whole, list) else {"x": whole}
        if isinstance(whole, Mapping) and name not in whole:
            raise LookupError(f"there is no {name!r}")
        made = replaced(rows, {"x." + key.partition(".")[2]: keys[key]})["x"]
        _add(out, part, name, names[name], made[0] if isinstance(made, list) else made[name], path, lines)
    for zone in list(out.get("zones") or []):
        id_ = get(zone, "id")
        if id_ not in names and "@" not in str(id_) and any(_uses(get(zone, k), names) for k in _BUILT):
            names[id_] = f"{id_}@{alternative}"
            _add(
                out,
                "zones",
                id_,
                names[id_],
                {k: _renamed(v, names) if k in _BUILT else v for k, v in zone.items()},
                path,
                lines,
            )
    events = out.get("events")
    events = events if isinstance(events, Mapping) else {}
    for id_ in list(events):
        if id_ not in names and "@" not in id_ and _uses(get(events, id_, "at"), names):
            names[id_] = f"{id_}@{alternative}"
            _add(out, "events", id_, names[id_], _renamed(events[id_], names), path, lines)
    return names


def _add(out: dict[str, Any], part: str, name: str, new: str, made: Any, path: tuple[str, ...], lines: Lines) -> None:
    """Put one more zone, event or definition beside the one it was made from."""
    if part == "zones":
        rows = out["zones"]
        if any(get(z, "id") == new for z in rows):  # two keys of one zone
            at = next(i for i, z in enumerate(rows) if get(z, "id") == new)
            rows[at] = {**rows[at], **{k: v for k, v in made.items() if v != get(rows[at], k) and k != "id"}}
            return
        rows.append({**made, "id": new})
        lines[("zones", len(rows) - 1)] = lines.get(path, 1)
    else:
        out[part][new] = made
        lines[(part, new)] = lines.get(path, 1)


def _uses(value: Any, names: Mapping[str, str]) -> bool:
    return any(word in names or word.removeprefix("definition:") in names for word in _words(value))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
            yield from _words(part)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Values with names put in the place of others; predicates (`absent(forces, dmz)`) included."""
    if isinstance(value, Mapping):
        return {k: _renamed(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [_renamed(v, names) for v in value]
    if not isinstance(value, str):
        return value
    if value in names:
        return names[value]
    word = value.removeprefix("definition:")
    return f"definition:{names[word]}" if word != value and word in names else value


_FIXED = ("id", "kind", "text", "readings", "note")


def _term(term: Mapping[str, Any], added: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Mapping[str, Any]:
    """A term with a reading for each reading of the whole that changes something it uses."""
    own = term.get("readings")
    readings = dict(own) if isinstance(own, Mapping) else {}
    for name, alternatives in added.items():
        told = {}
        for alternative, names in alternatives.items():
            keys = {k: _predicated(_renamed(v, names), names) for k, v in term.items() if k not in _FIXED}
            if "in_force" in names and term.get("from") is None:
                keys["from"] = {"event": names["in_force"]}
            told[alternative] = {k: v for k, v in keys.items() if v != term.get(k)}
        if any(told.values()) and name not in readings:
            readings[name] = told
    return {**term, "readings": readings} if readings else term


def _predicated(value: Any, names: Mapping[str, str]) -> Any:
    """The same for the arguments of predicates in plain words."""
    if isinstance(value, Mapping):
        return {k: _predicated(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [_predicated(v, names) for v in value]
    if not isinstance(value, str) or "(" not in value or not value.split("(")[0].isidentifier():
        return value
    head, _, rest = value.partition("(")
    inner, close, tail = rest.partition(")")
    arguments = [names.get(a.strip(), a.strip()) for a in inner.split(",")]
    return f"{head}({', '.join(arguments)}{close}{tail}" if any(a.strip() in names for a in inner.split(",")) else value
