"""Make `src/trucewatch/data/fonts`: the one font of the PDF reports, regular and bold, out of four Noto families.

    npm pack @expo-google-fonts/noto-sans@0.4.2          (and the others of SOURCES; unpack each into FOLDER/NAME)
    python scripts/fonts.py FOLDER                        (needs fonttools, which nothing else here needs)

One font and not four: words that change fonts inside a run from right to left lose their order in a tagged PDF. Noto
Sans is cut to Latin, Greek and Cyrillic, Noto Sans Symbols 2 to geometric shapes; Armenian and Arabic are whole. Noto
has no reserved font name (OFL-1.1, condition 3); the result has a name of its own all the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

OUT = Path(__file__).parents[1] / "src/trucewatch/data/fonts"
FAMILY = "Trucewatch Sans"
_LATIN = [(0x20, 0x7E), (0xA0, 0x36F), (0x1E00, 0x1EFF)]
_GREEK_CYRILLIC = [(0x370, 0x3FF), (0x400, 0x52F), (0x1C80, 0x1C88)]
_SIGNS = [(0x2000, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2212, 0x2212), (0x25CC, 0x25CC), (0xFEFF, 0xFEFF),
          (0xFFFD, 0xFFFD)]  # fmt: skip
# What no page needs: hints for screens, tables of variable and of vertical fonts.
_LEFT_OUT = ["STAT", "vhea", "vmtx", "DSIG", "BASE", "meta", "MATH", "gasp", "VORG"]


@dataclass(frozen=True)
class Source:
    """One package: its folder, version, regular and bold, and the code points kept (None: all)."""

    name: str
    version: str
    regular: str
    bold: str
    keep: list[tuple[int, int]] | None = None


SOURCES = (
    Source("noto-sans", "0.4.2", "400Regular/NotoSans_400Regular.ttf", "700Bold/NotoSans_700Bold.ttf",
           _LATIN + _GREEK_CYRILLIC + _SIGNS),
    Source("noto-sans-armenian", "0.4.2", "400Regular/NotoSansArmenian_400Regular.ttf",
           "700Bold/NotoSansArmenian_700Bold.ttf"),
    # Not newer: since 2.010 a letter and its dots are glyphs of their own, and a PDF then says the letter twice.
    Source("noto-sans-arabic", "0.2.2", "NotoSansArabic_400Regular.ttf", "NotoSansArabic_700Bold.ttf"),
    Source("noto-sans-symbols-2", "0.4.1", "400Regular/NotoSansSymbols2_400Regular.ttf",
           "400Regular/NotoSansSymbols2_400Regular.ttf", [(0x25A0, 0x25FF)]),
)  # fmt: skip


def cut(data: bytes, keep: list[tuple[int, int]] | None) -> bytes:
    """The font with these code points only, without hints."""
    options = subset.Options(
        layout_features=["*"], name_IDs=["*"], notdef_outline=True, recalc_timestamp=False, hinting=False
    )
    options.drop_tables += _LEFT_OUT
    font = subset.load_font(BytesIO(data), options)
    cutter = subset.Subsetter(options)
    every = list(font.getBestCmap()) if keep is None else [c for low, high in keep for c in range(low, high + 1)]
    cutter.populate(unicodes=every)
    cutter.subset(font)
    return saved(font)


def saved(font: TTFont) -> bytes:
    """The bytes of a font, the same at every run."""
    font.recalcTimestamp = False
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def together(parts: list[bytes], style: str, holders: list[str]) -> bytes:
    """One font out of several, with its own name and all that hold its copyright."""
    font = Merger().merge([BytesIO(p) for p in parts])
    names = font["name"]
    own = {
        0: "; ".join(holders), 1: FAMILY, 2: style, 3: f"{FAMILY} {style}", 4: f"{FAMILY} {style}",
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }  # fmt: skip
    kept = {i: names.getDebugName(i) for i in (5, 13, 14)}
    names.names = []
    for number, text in {**own, **kept}.items():
        names.setName(text, number, 3, 1, 0x409)
    font["head"].created = font["head"].modified = TTFont(BytesIO(parts[0]))["head"].modified
    return saved(font)


def ranges(data: bytes) -> list[list[int]]:
    """First and last code point of each run that the font can show."""
    points = sorted(c for c in TTFont(BytesIO(data)).getBestCmap() if c >= 0x20)
    ends = [a for a, b in pairwise(points) if b != a + 1] + points[-1:]
    begins = points[:1] + [b for a, b in pairwise(points) if b != a + 1]
    return [[a, b] for a, b in zip(begins, ends, strict=True)]


def main(folder: Path) -> None:
    """Write the fonts, their licence and their list."""
    holders: dict[str, None] = {}
    licences, rows = set(), []
    parts: dict[str, list[bytes]] = {"Regular": [], "Bold": []}
    used: dict[str, list[dict[str, Any]]] = {"Regular": [], "Bold": []}
    for source in SOURCES:
        package = folder / source.name / "package"
        found = json.loads((package / "package.json").read_text("utf-8"))["version"]
        if found != source.version:
            raise SystemExit(f"{source.name} is version {found}; this list names {source.version}")
        licence = package / "LICENSE_FONT"
        if licence.is_file():
            licences.add(licence.read_text("utf-8").split("\n\n", 1)[1])
        for style, name in (("Regular", source.regular), ("Bold", source.bold)):
            original = (package / name).read_bytes()
            names = TTFont(BytesIO(original))["name"]
            if "SIL Open Font License, Version 1.1" not in str(names.getDebugName(13)):
                raise SystemExit(f"{name} does not say that it is under the OFL 1.1")
            holders[str(names.getDebugName(0))] = None
            parts[style].append(cut(original, source.keep))
            used[style].append(
                {"package": f"@expo-google-fonts/{source.name}", "version": source.version, "file": name,
                 "sha256": hashlib.sha256(original).hexdigest(), "licence": "OFL-1.1"}
            )  # fmt: skip
    for style, cuts in parts.items():
        data = together(cuts, style, list(holders))
        target = f"{FAMILY.replace(' ', '')}-{style}.ttf"
        (OUT / target).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        rows.append({"file": target, "name": FAMILY, "version": "1", "sha256": digest, "licence": "OFL-1.1",
                     "from": used[style], "covers": ranges(data)})  # fmt: skip
    (body,) = licences
    (OUT / "OFL.txt").write_text("\n".join(holders) + "\n\n" + body, "utf-8")
    (OUT / "fonts.json").write_text(_lines(rows), "utf-8")


def _lines(rows: list[dict[str, Any]]) -> str:
    """JSON in which each font is a few lines."""
    shown = []
    for row in rows:
        keys = [f"  {json.dumps(k)}: {_value(v)}" for k, v in row.items()]
        shown.append("{\n" + ",\n".join(keys) + "\n}")
    return "[\n" + ",\n".join(shown) + "\n]\n"


def _value(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n    " + ",\n    ".join(json.dumps(v) for v in value) + "\n  ]"
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
