"""Make `src/trucewatch/data/fonts`: the fonts of the PDF reports, cut to the scripts that the reports are written in.

    npm pack @expo-google-fonts/noto-sans@0.4.2          (and the others of SOURCES; unpack each into FOLDER/NAME)
    python scripts/fonts.py FOLDER                        (needs fonttools, which nothing else here needs)

Noto Sans is cut to Latin, Greek and Cyrillic, Noto Sans Symbols 2 to geometric shapes, arrows left out; Armenian and
Arabic are whole. Noto has no reserved font name, so that cut fonts may keep theirs (OFL-1.1, condition 3).
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

OUT = Path(__file__).parents[1] / "src/trucewatch/data/fonts"
_LATIN = [(0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x2AF), (0x2B0, 0x2FF), (0x300, 0x36F)]
_GREEK_CYRILLIC = [(0x370, 0x3FF), (0x400, 0x52F), (0x1C80, 0x1C88)]
_SIGNS = [(0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2212, 0x2212),
          (0x25CC, 0x25CC), (0xFEFF, 0xFEFF), (0xFFFD, 0xFFFD)]  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One package: its folder, version, files in it, and the code points kept (None: all)."""

    name: str
    version: str
    files: tuple[str, ...]
    keep: list[tuple[int, int]] | None = None


SOURCES = (
    Source("noto-sans", "0.4.2", ("400Regular/NotoSans_400Regular.ttf", "700Bold/NotoSans_700Bold.ttf"),
           _LATIN + _GREEK_CYRILLIC + _SIGNS),
    Source("noto-sans-armenian", "0.4.2",
           ("400Regular/NotoSansArmenian_400Regular.ttf", "700Bold/NotoSansArmenian_700Bold.ttf")),
    Source("noto-sans-arabic", "0.4.3",
           ("400Regular/NotoSansArabic_400Regular.ttf", "700Bold/NotoSansArabic_700Bold.ttf")),
    Source("noto-sans-symbols-2", "0.4.1", ("400Regular/NotoSansSymbols2_400Regular.ttf",), [(0x25A0, 0x25FF)]),
)  # fmt: skip


def cut(data: bytes, keep: list[tuple[int, int]] | None) -> bytes:
    """The font with these code points only; the same bytes at every run."""
    if keep is None:
        return data
    options = subset.Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True, recalc_timestamp=False)
    font = subset.load_font(BytesIO(data), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[c for low, high in keep for c in range(low, high + 1)])
    cutter.subset(font)
    out = BytesIO()
    subset.save_font(font, out, options)
    return out.getvalue()


def ranges(data: bytes) -> list[list[int]]:
    """First and last code point of each run that the font can show."""
    points = sorted(TTFont(BytesIO(data)).getBestCmap())
    ends = [a for a, b in pairwise(points) if b != a + 1] + points[-1:]
    begins = points[:1] + [b for a, b in pairwise(points) if b != a + 1]
    return [[a, b] for a, b in zip(begins, ends, strict=True)]


def main(folder: Path) -> None:
    """Write the fonts, their licence and their list."""
    rows, licences = [], {}
    for source in SOURCES:
        package = folder / source.name / "package"
        found = json.loads((package / "package.json").read_text("utf-8"))["version"]
        if found != source.version:
            raise SystemExit(f"{source.name} is version {found}; this list names {source.version}")
        head, body = (package / "LICENSE_FONT").read_text("utf-8").split("\n\n", 1)
        licences[head] = body
        for name in source.files:
            original = (package / name).read_bytes()
            data = cut(original, source.keep)
            target = name.split("/")[-1].replace("_400", "-").replace("_700", "-")
            (OUT / target).write_bytes(data)
            rows.append({
                "file": target, "package": f"@expo-google-fonts/{source.name}", "version": source.version,
                "from": name, "from_sha256": hashlib.sha256(original).hexdigest(),
                "sha256": hashlib.sha256(data).hexdigest(), "cut": source.keep is not None, "licence": "OFL-1.1",
                "covers": ranges(data),
            })  # fmt: skip
    (body,) = set(licences.values())
    (OUT / "OFL.txt").write_text("\n".join(licences) + "\n\n" + body, "utf-8")
    (OUT / "fonts.json").write_text(_lines(rows), "utf-8")


def _lines(rows: list[dict[str, object]]) -> str:
    """JSON in which each font is a few lines."""
    shown = []
    for row in rows:
        keys = [f"  {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in row.items()]
        shown.append("{\n" + ",\n".join(keys) + "\n}")
    return "[\n" + ",\n".join(shown) + "\n]\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
