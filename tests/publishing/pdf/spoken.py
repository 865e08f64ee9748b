"""What a screen reader would say of a tagged PDF: the structure tree in its order, with the words of each element.

Made by pikepdf from the file alone (ISO 32000-1, 14.7 and 14.8); nothing of ours that writes the file is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf


@dataclass
class Spoken:
    """One element: its role, alternative text, language, own words and the elements below it in reading order."""

    role: str
    alt: str | None = None
    lang: str | None = None
    scope: str | None = None
    inside: list[Spoken | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All words in it."""
        return "".join(x if isinstance(x, str) else x.text for x in self.inside)

    def all(self, *roles: str) -> Iterator[Spoken]:
        """Every element of these roles below it, in reading order."""
        for one in self.inside:
            if isinstance(one, Spoken):
                if one.role in roles:
                    yield one
                yield from one.all(*roles)

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The tree as lines, to look at."""
        alt = "" if self.alt is None else f" [{self.alt}]"
        yield "  " * depth + self.role + alt
        for one in self.inside:
            yield from one.lines(depth + 1) if isinstance(one, Spoken) else ["  " * (depth + 1) + repr(one)]


class Paper:
    """An open PDF with its marked words."""

    def __init__(self, data: bytes) -> None:
        self.pdf = pikepdf.open(BytesIO(data))
        self.root = self.pdf.Root
        self._words = {page.obj.objgen: _marked(page) for page in self.pdf.pages}
        roles = self.root.StructTreeRoot.get("/RoleMap", {})
        self._roles = {str(k): str(v) for k, v in dict(roles).items()}

    def tree(self) -> Spoken:
        """The structure tree."""
        return Spoken("Root", inside=[self._element(k, None) for k in _listed(self.root.StructTreeRoot.K)])

    def _element(self, e: Any, page: Any) -> Spoken | str:
        if isinstance(e, int):
            return self._words[page.objgen].get(e, "")
        page = e.get("/Pg", page)
        if str(e.get("/Type", "")) == "/MCR":
            return self._words[page.objgen].get(int(e.MCID), "")
        if str(e.get("/Type", "")) == "/OBJR":
            return ""
        role = str(e.S)
        made = Spoken(self._roles.get(role, role).lstrip("/"), _words_of(e, "/Alt"), _words_of(e, "/Lang"))
        for a in _listed(e.get("/A", [])):
            made.scope = str(a.Scope) if isinstance(a, pikepdf.Dictionary) and "/Scope" in a else made.scope
        made.inside = [self._element(k, page) for k in _listed(e.get("/K", []))]
        return made


def _words_of(e: Any, key: str) -> str | None:
    return str(e[key]) if key in e else None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array | list) else [value]


def _marked(page: Any) -> dict[int, str]:
    """The words of each marked piece of a page, by its number."""
    out: dict[int, str] = {}
    fonts = {str(k): _letters(v) for k, v in dict(page.Resources.get("/Font", {})).items()}
    stack: list[int | None] = []  # the number of the open piece; None: an artifact
    letters: dict[int, str] = {}
    said: list[str | None] = []
    turned = 0  # how deep in words that stand in the order of sight (ISO 32000-1, 14.8.2.3.3)
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in {"BDC", "BMC"}:
            rules = operands[1] if len(operands) > 1 and isinstance(operands[1], pikepdf.Dictionary) else {}
            number = rules.get("/MCID") if "/MCID" in rules else (None if str(operands[0]) == "/Artifact" else -1)
            stack.append(stack[-1] if number == -1 and stack else None if number in (None, -1) else int(number))
            actual = str(rules["/ActualText"]) if "/ActualText" in rules else None
            said.append(actual)
            turned += 1 if turned or str(operands[0]) == "/ReversedChars" else 0
            if actual is not None and stack[-1] is not None:
                out[stack[-1]] = out.get(stack[-1], "") + actual
        elif name == "EMC":
            stack.pop()
            said.pop()
            turned -= 1 if turned else 0
        elif name == "Tf":
            letters = fonts.get(str(operands[0]), {})
        elif name in {"Tj", "TJ"} and stack and stack[-1] is not None and not any(s is not None for s in said):
            pieces = operands[0] if name == "TJ" else [operands[0]]
            codes = b"".join(bytes(p) for p in pieces if isinstance(p, pikepdf.String))
            glyphs = [letters.get(int.from_bytes(codes[k : k + 2]), "?") for k in range(0, len(codes), 2)]
            out[stack[-1]] = out.get(stack[-1], "") + "".join(reversed(glyphs) if turned else glyphs)
    return out


def _letters(font: Any) -> dict[int, str]:
    """Glyph number -> letters, by the font's ToUnicode map (CID fonts of two bytes)."""
    cmap = font.ToUnicode.read_bytes().decode("latin-1")
    out: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, to in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            out[int(code, 16)] = bytes.fromhex(to).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for low, high, to in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            for k in range(int(low, 16), int(high, 16) + 1):
                start = bytes.fromhex(to).decode("utf-16-be")
                out[k] = start[:-1] + chr(ord(start[-1]) + k - int(low, 16))
    return out
