"""YAML as it was written: every scalar a string, and a table of lines, so that faults can be told where they stand.

`NO` stays "NO" and 12:30 stays 12:30. Aliases are refused (they make bombs), doubled keys are told.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from trucewatch.model.errors import Fault, Refusal

Path = tuple[str | int, ...]
_DEEPEST = 60
Lines = dict[Path, int]


def walk(text: str, file: str) -> tuple[Any, Lines]:
    """Plain values of a YAML text with every scalar as written (null and ~ to None), and path -> line.

    Broken syntax, doubled keys and aliases raise `Refusal` with their line.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_traps(text, loader, file)
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        line = mark.line + 1 if mark else _line_at(text, e)
        words, remedy = _plainly(str(getattr(e, "problem", None) or "this is not YAML"), text, line)
        raise Refusal(Fault(words, remedy, file, line)) from None
    lines: Lines = {}
    faults: list[Fault] = []
    value = _plain(root, (), lines, faults, file) if root is not None else None
    if faults:
        raise Refusal(*faults)
    return value, lines


def _refuse_traps(text: str, loader: Any, file: str) -> None:
    """Refuse what is nested deeper than anybody writes (composing it would exhaust the stack), and aliases."""
    depth = 0
    aliases: list[int] = []  # lines
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            words = f"lists and keys are nested deeper than {_DEEPEST} levels"
            raise Refusal(Fault(words, "Write them flat", file, line))
        if isinstance(event, yaml.AliasEvent):
            aliases.append(line)
    if aliases:
        more = f", nor {len(aliases) - 1} more of them below" if len(aliases) > 1 else ""
        raise Refusal(Fault(f"an alias (*name) is not read here{more}", "Write the values out", file, aliases[0]))


def _plainly(problem: str, text: str, line: int) -> tuple[str, str]:
    """What the parser found and what to do, in words of whoever writes the file where it is a slip that many make."""
    written = next(iter(text.splitlines()[line - 1 : line]), "")
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "a tab stands at the start of the line, and a tab is no indentation", "Use spaces"
    keys = problem == "mapping values are not allowed in this context"
    if (keys or problem.startswith("did not find expected ','")) and _COLON_IN_VALUE.search(written):
        return "a value holds a colon, so that it reads like a key", 'Quote the value, as in "Time: noon"'
    if keys:
        return "a key stands where none can stand", "Check how far this line and the one above are indented"
    return problem, "Mend the YAML at this line"


_COLON_IN_VALUE = re.compile(r":\s+[^\s\"'{}\[\],][^{}\[\],]*:\s")  # key: value: more


def _line_at(text: str, error: Exception) -> int:
    """Line of a character that YAML forbids; 1 where it is not told."""
    position = getattr(error, "position", None)
    forbidden = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text) if position is None else None
    at = position if isinstance(position, int) else forbidden.start() if forbidden else 0
    return text.count("\n", 0, at) + 1


def line_of(path: Path, lines: Lines) -> int:
    """Line of a path, or of the nearest thing above it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _plain(node: yaml.Node, path: Path, lines: Lines, faults: list[Fault], file: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                at = key.start_mark.line + 1
                faults.append(Fault("a list or keys stand where a key should be", "Write a plain word", file, at))
                continue
            name = str(key.value)
            if name in out:
                faults.append(Fault(f"the key {name!r} stands twice", "Keep one", file, key.start_mark.line + 1, name))
            out[name] = _plain(child, (*path, name), lines, faults, file)
            lines[(*path, name)] = key.start_mark.line + 1
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, i), lines, faults, file) for i, child in enumerate(node.value)]
    plain_null = getattr(node, "style", None) in {None, ""} and node.value in {"", "~", "null", "Null", "NULL"}
    return None if plain_null else node.value
