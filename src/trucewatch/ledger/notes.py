"""Signed notes (C2SP signed-note v1.0.0): a text and signatures below it. Read strictly, believed by nobody yet.

`parse` only takes a note apart. Whether a signature holds is for `keys`, and whether enough of them do for `policy`.
"""

from __future__ import annotations

from dataclasses import dataclass

from trucewatch.ledger import base64
from trucewatch.ledger.errors import Malformed

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
KEY_ID_BYTES = 4
_DASH = "— "


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: the name of a key, its id (4 bytes), and what it signed with, in the form of its kind."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """As it stands in a note, with its line end."""
        return f"{_DASH}{self.name} {base64.encode(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line end, and its signatures."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(s.line for s in self.signatures)

    def signed(self, *signatures: Signature) -> Note:
        """The note with these signatures below the others; one that is there already is not doubled."""
        new = [s for k, s in enumerate(signatures) if s not in self.signatures and s not in signatures[:k]]
        return Note(self.text, (*self.signatures, *new))


def parse(note: str | bytes) -> Note:
    """Take a note apart.

    Malformed where it is not exactly of the form: cut, CRLF, too large, a line that is no signature.
    """
    text = _decoded(note)
    if any(c < " " and c != "\n" for c in text):
        raise _bad("has a control character (a line end of Windows, a tab?)")
    body, blank, below = text.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise _bad("has no signatures after an empty line, or was cut")
    lines = below[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _bad(f"has more than {MAX_SIGNATURES} signatures")
    return Note(body + "\n", tuple(map(_signature, lines)))


def parse_lines(text: str | bytes) -> tuple[Signature, ...]:
    """Signature lines without a text, as a witness answers. Malformed where one is none."""
    note = parse(b"\n\n" + (text.encode() if isinstance(text, str) else text))
    if note.text != "\n":
        raise _bad("has more than lines of signatures")
    return note.signatures


def valid_name(name: str) -> bool:
    """Whether a key may have this name: not empty, no space of any kind, no plus, nothing that a note may not hold."""
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " or "\ud800" <= c <= "\udfff" for c in name)


def _decoded(note: str | bytes) -> str:
    try:
        data = note.encode() if isinstance(note, str) else note
        if len(data) > MAX_NOTE_BYTES:
            raise _bad(f"is larger than {MAX_NOTE_BYTES:,} bytes")
        return data.decode("utf-8")
    except UnicodeError as e:
        raise _bad("is not UTF-8") from e


def _signature(line: str) -> Signature:
    name, space, value = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not valid_name(name):
        raise _bad(f"has a line that is no signature: {line[:60]!r}")
    try:
        data = base64.decode(value)
    except Malformed as e:
        raise Malformed(
            f"the signature of {name} is not strict base64: it was cut or changed", check="signature"
        ) from e
    if len(data) <= KEY_ID_BYTES:
        raise _bad(f"has an empty signature of {name}")
    return Signature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _bad(what: str) -> Malformed:
    return Malformed(f"the signed note {what}", check="note")
