"""Finds a secret in whatever leaves, in whatever way it is written.

A secret is a word that occurs nowhere else, or a coordinate whose decimals occur nowhere else. It is looked for in
bytes as they are, in what archives, workbooks, PDF streams and Parquet columns hold, and under the encodings below.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Secret:
    """One planted value: where it was put (TABLE.column), its text, and the audiences that may see it."""

    where: str
    text: str
    allowed: frozenset[str] = field(default_factory=frozenset)

    def needles(self, drawing: bool = False) -> frozenset[bytes]:
        """Every way of writing it that would tell it; in a `drawing`, among thousands of numbers, the exact ones."""
        return _needles(self.text, drawing)


@cache
def _needles(text: str, drawing: bool) -> frozenset[bytes]:
    if not re.fullmatch(r"-?\d+\.\d+", text):
        return frozenset(_of_word(text))
    found_ = _of_number(text)
    return frozenset(n for n in found_ if len(n) >= 9) if drawing else frozenset(found_)


def _of_word(word: str) -> set[bytes]:
    plain = word.encode()
    texts = {
        word, word.upper(), word[::-1], plain.hex(), plain.hex().upper(), urllib.parse.quote(word),
        urllib.parse.quote(word).replace("%", "%25"), json.dumps(word)[1:-1], html.escape(word),
        word.encode("ascii", "xmlcharrefreplace").decode(), "".join(f"&#{ord(c)};" for c in word),
        "".join(f"&#x{ord(c):x};" for c in word), "".join(f"\\u{ord(c):04x}" for c in word),
        word.encode("unicode_escape").decode(), html.escape(word).replace("é", "&eacute;"),
        word.encode("utf-8").decode("latin-1"),  # the slip of a program that takes one for the other
    }  # fmt: skip
    out = {t.encode() for t in texts} | {word.encode(code) for code in ("utf-16-le", "utf-16-be", "latin-1")}
    return out | {n for text in (plain, word.encode("utf-16-le")) for n in _base64(text)}


def _base64(plain: bytes) -> set[bytes]:
    """The part of its base64 that does not depend on what stands before and after, at each of three offsets."""
    out = set()
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + plain + b"\0" * 3)
        whole = code[(shift * 8 + 5) // 6 : (shift + len(plain)) * 8 // 6]
        out |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return out


def _of_number(text: str) -> set[bytes]:
    """A coordinate to seven, six, five, four decimals (eleven metres), rounded and cut; and as a count of 1e-7."""
    value = float(text)
    out = {f"{value:.{places}f}" for places in (7, 6, 5, 4)}
    out |= {text[: text.index(".") + 1 + places] for places in (7, 6, 5, 4)}
    out |= {f"{value:.6e}", str(round(value * 10**7)), str(round(value * 10**5))}
    return {t.encode() for t in out} | {t.replace(".", ",").encode() for t in out} | _base64(text[:8].encode())


def found(secrets: Sequence[Secret], audience: str, name: str, data: bytes) -> list[str]:
    """Secrets that something tells which leaves for an audience, each with where it was planted and found."""
    hidden = [s for s in secrets if audience not in s.allowed]
    out = []
    for part, held in layers(name, data):
        out += [
            f"{s.where} ({s.text}) in {part}" for s in hidden if any(n in held for n in s.needles("!stream" in part))
        ]
    return out


def layers(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What something holds: its name and bytes, what they unpack to, and every text that they encode."""
    yield f"the name of {name}", name.encode()
    yield name, data
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            for member in z.namelist():
                yield from layers(f"{name}!{member}", z.read(member))
    elif data[:2] == b"\x1f\x8b":
        yield from layers(f"{name}!gz", gzip.decompress(data))
    elif data[:5] == b"%PDF-":
        yield from _of_pdf(name, data)
    elif data[:4] == b"PAR1":
        yield f"{name}!columns", _of_parquet(data)
    for k, held in enumerate(re.findall(rb"base64,([A-Za-z0-9+/=\s]{40,})", data)):
        yield f"{name}!embedded {k}", base64.b64decode(held + b"==")


def _of_pdf(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    import pikepdf
    import pypdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        for k, thing in enumerate(pdf.objects):
            if isinstance(thing, pikepdf.Stream):
                try:
                    yield f"{name}!stream {k}", thing.read_bytes()
                except pikepdf.PdfError:
                    yield f"{name}!raw {k}", thing.read_raw_bytes()
            else:
                yield f"{name}!object {k}", repr(thing).encode()
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    text = "\n".join(page.extract_text() for page in pages)
    yield f"{name}!text", text.encode()
    yield f"{name}!text without spaces", re.sub(r"\s+|-\n", "", text).encode()


def _of_parquet(data: bytes) -> bytes:
    import polars as pl

    frame = pl.read_parquet(io.BytesIO(data))
    told = [str(v) for c in frame.columns if frame[c].dtype != pl.Binary for v in frame[c].to_list() if v is not None]
    import struct

    for c in frame.columns:
        if frame[c].dtype == pl.Binary:
            told += [str(struct.unpack("<BIdd", v)) for v in frame[c].to_list() if v is not None and len(v) == 21]
    return "\n".join(told).encode()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def packed(data: bytes) -> bytes:
    """As a careless program would pack it."""
    return gzip.compress(data)


def deflated(data: bytes) -> bytes:
    """As a PDF holds a stream."""
    return zlib.compress(data)
