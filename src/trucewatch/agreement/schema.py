"""The JSON Schema of an agreement file, and the line by which an editor finds it (yaml-language-server)."""

from __future__ import annotations

import json
import re
from typing import Any

from trucewatch.agreement.keys import AgreementKeys

SCHEMA_FILE = "agreement.schema.json"
_LINE = re.compile(rb"^#[ \t]*yaml-language-server:[^\r\n]*", re.MULTILINE)
_BOM = b"\xef\xbb\xbf"


def json_schema(nulls: bool = False) -> dict[str, Any]:
    """The JSON Schema of an agreement file. `nulls`: with every key that may be left out allowed to be null, as the
    loader reads it; without, shorter to read."""
    schema = AgreementKeys.model_json_schema(by_alias=True)
    for name in ("WeaponKeys", "LimitKeys"):
        keys = schema["$defs"][name]["properties"]
        keys["calibre"] = {**keys["calibre_mm"], "title": "Calibre", "description": "The same as calibre_mm."}
    for part in (schema, *schema["$defs"].values()) if nulls else ():
        needed = part.get("required", ())
        for name, shape in part.get("properties", {}).items():
            if name not in needed and {"type": "null"} not in shape.get("anyOf", ()):
                about = {k: shape.pop(k) for k in ("title", "description", "default") if k in shape}
                part["properties"][name] = {
                    **about,
                    "anyOf": [*shape.pop("anyOf", [shape] if shape else [{}]), {"type": "null"}],
                }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The schema as a file, for editors and validators."""
    return json.dumps(json_schema(nulls=True), indent=1, ensure_ascii=False) + "\n"


def with_editor_line(content: bytes, schema: str = SCHEMA_FILE) -> bytes:
    """The content of an agreement file whose first line names the schema, relative to the file; the rest as it was."""
    line = f"# yaml-language-server: $schema={schema}".encode()
    bom, rest = (_BOM, content[len(_BOM) :]) if content.startswith(_BOM) else (b"", content)
    if _LINE.search(rest):
        return bom + _LINE.sub(lambda _: line, rest, count=1)
    end = b"\r\n" if b"\r\n" in rest[:10_000] else b"\n"
    return bom + line + end + rest
