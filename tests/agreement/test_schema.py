"""The schema by which an editor completes and checks an agreement file while it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trucewatch.agreement import json_schema, load
from trucewatch.agreement.schema import SCHEMA_FILE, schema_text, with_editor_line
from trucewatch.mission.folder import bundled_agreements
from trucewatch.mission.templates import init
from trucewatch.model.yaml_lines import walk

FULL = Path(__file__).with_name("full.yaml")
SCHEMA = json_schema(nulls=True)


def unknown(value: Any, shape: dict[str, Any], path: str = "") -> list[str]:
    """Keys of a value that its shape of the schema has no place for."""
    if "$ref" in shape:
        return unknown(value, SCHEMA["$defs"][shape["$ref"].rsplit("/", 1)[1]], path)
    if "anyOf" in shape:
        return min((unknown(value, one, path) for one in shape["anyOf"]), key=len)
    if isinstance(value, dict):
        keys, rest = shape.get("properties", {}), shape.get("additionalProperties", True)
        out = []
        for key, one in value.items():
            if key in keys:
                out += unknown(one, keys[key], f"{path}.{key}")
            elif rest is False or shape.get("type") not in (None, "object"):
                out.append(f"{path}.{key}")
            elif isinstance(rest, dict):
                out += unknown(one, rest, f"{path}.{key}")
        return out
    if isinstance(value, list):
        if shape.get("type") not in (None, "array"):
            return [path]
        return [x for i, one in enumerate(value) for x in unknown(one, shape.get("items", {}), f"{path}.{i}")]
    return [] if shape.get("type") not in ("object", "array") else [path]


@pytest.mark.parametrize("path", [FULL, *bundled_agreements().values()], ids=lambda p: p.stem)
def test_the_schema_has_a_place_for_every_key_that_the_loader_takes(path: Path) -> None:
    value, _ = walk(path.read_text("utf-8"), path.name)
    assert unknown(value, SCHEMA) == []


def test_the_schema_has_no_place_for_a_key_that_the_loader_refuses() -> None:
    value, _ = walk(FULL.read_text("utf-8").replace("binds:", "bind:"), "full.yaml")
    assert unknown(value, SCHEMA)


def test_every_key_of_the_schema_says_what_it_means() -> None:
    parts = {"": SCHEMA, **SCHEMA["$defs"]}
    bare = [f"{name}.{key}" for name, part in parts.items() for key, shape in part.get("properties", {}).items()
            if not shape.get("description")]  # fmt: skip
    assert bare == []
    assert all(part.get("description") for part in parts.values())


def test_a_new_mission_has_the_schema_beside_its_agreement_and_a_line_that_names_it(tmp_path: Path) -> None:
    init(tmp_path / "m", ["nk-2020-10-10"])
    folder = tmp_path / "m" / "agreements"
    first = (folder / "nk-2020-10-10.yaml").read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_FILE}"
    assert json.loads((folder / SCHEMA_FILE).read_text("utf-8")) == SCHEMA
    assert load(folder / "nk-2020-10-10.yaml").id == "nk-2020-10-10"


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"# yaml-language-server: $schema=elsewhere.json\n"])
def test_the_line_stands_once_and_first(before: bytes) -> None:
    made = with_editor_line(before + b"id: a\n")
    assert made.count(b"yaml-language-server") == 1
    assert made.removeprefix(b"\xef\xbb\xbf").splitlines() == [
        f"# yaml-language-server: $schema={SCHEMA_FILE}".encode(),
        b"id: a",
    ]
    assert with_editor_line(made) == made


def test_the_published_schema_is_the_one_of_the_loader() -> None:
    published = Path(__file__).parents[2] / "docs" / "reference" / SCHEMA_FILE
    assert published.read_text("utf-8") == schema_text()
