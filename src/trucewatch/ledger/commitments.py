"""What a leaf holds of a record: a salted commitment to the whole, and where wanted one to each field. Never its words.

commitment = SHA-256(salt || payload), with 32 random bytes of salt for each record: without it the hash of a
coordinate falls to guessing in minutes. A field's salt is HMAC-SHA256(salt, name); its digest is SHA-256 of the
disclosure, the text `["<field salt in hex>","<name>",<value as JSON>]` (the manner of RFC 9901, SD-JWT). Who gets the
disclosure of one field learns nothing of the others; who destroys the record's salt and payload leaves a proof of
nothing but that something was. Digests are sorted and padded with decoys, so that neither their order nor, within a
step, their number tells anything.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from trucewatch.ledger.errors import Malformed, NotVerified
from trucewatch.ledger.tiles import MAX_ENTRY_BYTES

SALT_BYTES = 32
PAD_TO = 8
Value = Any  # what JSON can say: text, finite number, true, false, null, list, object
_INNER, _OUTER = (bytes(k ^ pad for k in range(256)) for pad in (0x36, 0x5C))
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_name = lru_cache(4_096)(_encode)


def new_salts(count: int) -> list[bytes]:
    """Salts for so many records, from the system's random source."""
    data = os.urandom(SALT_BYTES * count)
    return [data[k : k + SALT_BYTES] for k in range(0, len(data), SALT_BYTES)]


def commit(salt: bytes, payload: bytes) -> bytes:
    """The commitment to a record's payload, as the bytes that are stored.

    ValueError where the salt has not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return sha256(salt + payload).digest()


def check_commitment(commitment: bytes, salt: bytes, payload: bytes) -> None:
    """Check that a payload is the one committed to. NotVerified where it is not."""
    if len(salt) != SALT_BYTES or not compare_digest(commit(salt, payload), commitment):
        raise NotVerified("the record is not the one that was committed to: it was changed", check="commitment")


def field_salt(salt: bytes, name: str) -> bytes:
    """The salt of a field: HMAC-SHA256 with the record's salt over the name."""
    return hmac_digest(salt, name.encode(), "sha256")


def disclosure(salt: bytes, name: str, value: Value) -> str:
    """The text that discloses one field of the record with this salt. ValueError where JSON cannot say the value."""
    return _disclosure(field_salt(salt, name), name, value)


def _disclosure(salt: bytes, name: str, value: Value) -> str:
    return f'["{salt.hex()}",{_name(name)},{_say(value)}]'


def field_digests(salt: bytes, fields: Mapping[str, Value], pad_to: int = PAD_TO) -> list[bytes]:
    """Digests of all fields and of decoys up to the next multiple of `pad_to`, sorted."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    # HMAC-SHA256 (RFC 2104) of each name, `disclosure` and its hash, in one place: bulk intake spends its time here.
    block = salt.ljust(64, b"\0")
    inner, outer = block.translate(_INNER), block.translate(_OUTER)
    out = []
    for name, value in fields.items():
        key = sha256(outer + sha256(inner + name.encode()).digest()).hexdigest()
        out.append(sha256(f'["{key}",{_name(name)},{_say(value)}]'.encode()).digest())
    # No name begins with the byte 0xFF in UTF-8, so no field can have the salt of a decoy.
    out += [sha256(outer + sha256(inner + b"\xff%d" % k).digest()).digest() for k in range(-len(out) % pad_to)]
    out.sort()
    return out


def _say(value: Value) -> str:
    """A value as the encoder says it; the plain kinds at a tenth of the time."""
    say = _SAID.get(type(value))
    return _encode(value) if say is None else say(value)


def _say_float(value: float) -> str:
    return float.__repr__(value) if isfinite(value) else _encode(value)


def _say_list(value: list[Value]) -> str:
    return f"[{','.join(map(_say, value))}]"


_SAID: dict[type, Callable[[Any], str]] = {
    str: encode_basestring, int: int.__repr__, float: _say_float, list: _say_list, tuple: _say_list,
    bool: lambda value: "true" if value else "false", type(None): lambda value: "null",
}  # fmt: skip


def disclose(salt: bytes, fields: Mapping[str, Value], names: Iterable[str]) -> list[str]:
    """The disclosures of these fields. KeyError where the record has no such field."""
    return [disclosure(salt, name, fields[name]) for name in names]


def check_disclosure(text: str, digests: Iterable[bytes]) -> tuple[str, Value]:
    """Name and value of a disclosed field, if the leaf holds its digest.

    NotVerified where not, Malformed where no such.
    """
    name, value = _parsed(text)
    found = sha256(text.encode()).digest()
    if not any(compare_digest(found, d) for d in digests):
        raise NotVerified(f"the field {name!r} is not the one that was committed to: it was changed", check="field")
    return name, value


def check_disclosures(texts: Iterable[str], digests: Iterable[bytes]) -> dict[str, Value]:
    """All disclosed fields of one record by name. Malformed where a name comes twice."""
    digests, out = list(digests), {}
    for text in texts:
        name, value = check_disclosure(text, digests)
        if name in out:
            raise Malformed(f"the field {name!r} is disclosed twice", check="field")
        out[name] = value
    return out


@dataclass(frozen=True, slots=True)
class Leaf:
    """What goes into the tree for one record; `entry` are its bytes, at most 65,535.

    `recorded_at` in microseconds since 1970 and `actor` (a pseudonymous id) are part of what everybody with the leaf
    can read. Where they must not be read, they are left None here and committed to as fields.
    """

    kind: str
    seq: int
    commitment: bytes
    recorded_at: int | None = None
    actor: str | None = None
    fields: tuple[bytes, ...] = ()

    @property
    def entry(self) -> bytes:
        """The canonical JSON (RFC 8785: integers and text alone). Malformed where it is too long for a leaf."""
        said = [f'"commitment":"{self.commitment.hex()}"', f'"kind":{_name(self.kind)}', f'"seq":{self.seq:d}', '"v":1']
        if self.recorded_at is not None:
            said.insert(2, f'"recorded_at":{self.recorded_at:d}')
        if self.fields:
            said.insert(1, '"fields":["' + '","'.join([d.hex() for d in self.fields]) + '"]')
        if self.actor is not None:
            said.insert(0, f'"actor":{_name(self.actor)}')
        out = ("{" + ",".join(said) + "}").encode()
        if len(out) > MAX_ENTRY_BYTES:
            raise Malformed(
                f"the leaf of record {self.seq} has {len(out):,} bytes: more than a leaf can hold", check="leaf"
            )
        return out


def parse_leaf(entry: bytes) -> Leaf:
    """A leaf from its bytes. Malformed unless they are exactly those that a leaf has."""
    try:
        said = json.loads(entry)
        leaf = Leaf(
            said["kind"],
            said["seq"],
            _hash(said["commitment"]),
            said.get("recorded_at"),
            said.get("actor"),
            tuple(map(_hash, said.get("fields", ()))),
        )
        texts, numbers = (leaf.kind, leaf.actor or ""), (leaf.seq, leaf.recorded_at or 0)
        if all(type(t) is str for t in texts) and all(type(n) is int for n in numbers) and leaf.entry == entry:
            return leaf
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed):
        pass
    raise Malformed("this is no leaf of a record, or it was changed", check="leaf")


def _hash(text: object) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("no hash")
    return bytes.fromhex(text)


def _parsed(text: str) -> tuple[str, Value]:
    try:
        match json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once):
            case [str(salt), str(name), value] if _HEX.fullmatch(salt):
                return name, value
    except (ValueError, RecursionError):
        pass
    raise Malformed("this discloses no field: it is not [salt, name, value]", check="field")


def _refuse_constant(text: str) -> Value:
    raise ValueError(text)


def _once(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key twice")
    return out
