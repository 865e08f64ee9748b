"""Leaves commit to records and fields without a word of them; what is disclosed can be checked."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.ledger.commitments import (
    Leaf,
    check_commitment,
    check_disclosure,
    check_disclosures,
    commit,
    disclose,
    field_digests,
    field_salt,
    new_salts,
    parse_leaf,
)
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified

SALT = bytes(range(32))
FIELDS: dict[str, Any] = {"lat": 39.8153, "place_coarse": "grid 10 km", "killed": None, "act": "shelling"}
NAMES = st.text().filter(str.isprintable)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
).filter(lambda v: "\\ud" not in json.dumps(v))


def test_a_commitment_is_what_anybody_can_compute_from_salt_and_payload() -> None:
    assert commit(SALT, b"payload") == sha256(SALT + b"payload").digest()
    check_commitment(commit(SALT, b"payload"), SALT, b"payload")


MOVED = (SALT[:31], SALT[31:] + b"payload")  # the same bytes to the hash, refused by the length of the salt


@pytest.mark.parametrize(("salt", "payload"), [(SALT, b"Payload"), (bytes(32), b"payload"), MOVED])
def test_another_payload_or_salt_is_not_what_was_committed_to(salt: bytes, payload: bytes) -> None:
    with pytest.raises(NotVerified):
        check_commitment(commit(SALT, b"payload"), salt, payload)


def test_a_field_is_committed_to_with_a_salt_of_its_own() -> None:
    assert field_salt(SALT, "lat") == hmac.new(SALT, b"lat", "sha256").digest()
    (text,) = disclose(SALT, FIELDS, ["lat"])
    assert text == f'["{field_salt(SALT, "lat").hex()}","lat",39.8153]'
    digests = field_digests(SALT, FIELDS)
    assert sha256(text.encode()).digest() in digests
    assert check_disclosure(text, digests) == ("lat", 39.8153)


def test_number_and_order_of_fields_are_not_told() -> None:
    digests = field_digests(SALT, FIELDS)
    assert digests == sorted(digests) == field_digests(SALT, dict(reversed(FIELDS.items())))
    assert len(digests) == len(field_digests(SALT, {"one": 1})) == 8
    assert len(set(digests)) == 8
    decoys = {hmac.new(SALT, b"\xff%d" % k, "sha256").digest() for k in range(4)}
    assert decoys < set(digests)
    assert len(field_digests(SALT, {str(k): k for k in range(9)})) == 16
    assert len(field_digests(SALT, FIELDS, pad_to=1)) == 4


def test_equal_values_in_two_records_have_nothing_in_common() -> None:
    one, two = (set(field_digests(s, FIELDS)) for s in new_salts(2))
    assert not one & two


def test_salts_are_never_used_twice() -> None:
    """Threat 17: unique in a million."""
    assert len(set(new_salts(1_000_000))) == 1_000_000


@given(st.dictionaries(NAMES, JSON, max_size=6), st.binary(min_size=32, max_size=32))
def test_whatever_is_committed_to_can_be_disclosed_and_read_back(fields: dict[str, Any], salt: bytes) -> None:
    digests = field_digests(salt, fields)
    found = check_disclosures(disclose(salt, fields, fields), digests)
    assert json.dumps(found, sort_keys=True) == json.dumps(fields, sort_keys=True)


def test_a_changed_disclosure_is_refused() -> None:
    digests = field_digests(SALT, FIELDS)
    (text,) = disclose(SALT, FIELDS, ["act"])
    data = text.encode()
    for k in range(len(data)):
        for bit in range(8):
            changed = data[:k] + bytes([data[k] ^ 1 << bit]) + data[k + 1 :]
            with pytest.raises(LedgerError):
                check_disclosure(changed.decode("latin-1"), digests)
    with pytest.raises(NotVerified):
        check_disclosure(text, [])


S = field_salt(SALT, "a").hex()
NO_DISCLOSURE = {
    "no JSON": "x",
    "an object": "{}",
    "two parts": f'["{S}","a"]',
    "a short salt": '["00","a",1]',
    "a name that is no text": f'["{S}",1,1]',
    "not a number": f'["{S}","a",NaN]',
    "a key twice": f'["{S}","a",{{"b":1,"b":2}}]',
    "a bomb of brackets": "[" * 100_000,
}


@pytest.mark.parametrize("text", NO_DISCLOSURE.values(), ids=NO_DISCLOSURE)
def test_what_discloses_no_field_is_told_in_words(text: str) -> None:
    with pytest.raises(Malformed, match="discloses no field"):
        check_disclosure(text, [])


def test_a_field_disclosed_twice_and_values_that_json_cannot_say_are_refused() -> None:
    (text,) = disclose(SALT, FIELDS, ["act"])
    with pytest.raises(Malformed, match="twice"):
        check_disclosures([text, text], field_digests(SALT, FIELDS))
    with pytest.raises(ValueError, match="JSON"):
        field_digests(SALT, {"a": float("nan")})
    for call in (lambda: commit(b"", b""), lambda: field_digests(b"", {})):
        with pytest.raises(ValueError, match="32"):
            call()
    with pytest.raises(KeyError):
        disclose(SALT, FIELDS, ["unknown"])


LEAF = Leaf("claim", 7, bytes(32), 1_600_000_000_000_000, "desk-2", tuple(field_digests(SALT, FIELDS)))


@pytest.mark.parametrize("leaf", [LEAF, Leaf("claim", 1, bytes(32)), Leaf("уточнение", 2**53, b"x" * 32, 0, "")])
def test_a_leaf_is_read_back_from_its_bytes(leaf: Leaf) -> None:
    assert parse_leaf(leaf.entry) == leaf
    assert json.loads(leaf.entry)["v"] == 1


GOOD = Leaf("claim", 1, bytes(32)).entry.decode()
NO_LEAF = {
    "empty": "",
    "a space": GOOD.replace(":", ": "),
    "another order": '{"v":1,' + GOOD[1:-7] + "}",
    "a key more": GOOD[:-1] + ',"w":1}',
    "another version": GOOD.replace('"v":1', '"v":2'),
    "a version that is no number": GOOD.replace('"v":1', '"v":true'),
    "a number that is a text": GOOD.replace('"seq":1', '"seq":"1"'),
    "a number that is true": GOOD.replace('"seq":1', '"seq":true'),
    "a number with a point": GOOD.replace('"seq":1', '"seq":1.0'),
    "no commitment": GOOD.replace("commitment", "kommitment"),
    "a short commitment": GOOD.replace("00", "", 1),
    "capital letters": Leaf("claim", 1, b"\xaa" * 32).entry.decode().upper(),
    "a list": "[]",
    "no fields in a list": GOOD.replace('"kind"', '"fields":[],"kind"'),
    "a kind that is a list": GOOD.replace('"claim"', '["claim"]'),
    "brackets without end": "[" * 100_000,
}


@pytest.mark.parametrize("text", NO_LEAF.values(), ids=NO_LEAF)
def test_bytes_that_are_not_exactly_a_leaf_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_leaf(text.encode())
    with pytest.raises(Malformed):
        parse_leaf(b"\xff" + text.encode())


def test_a_leaf_holds_no_word_of_the_record() -> None:
    entry = LEAF.entry.decode()
    assert all(word not in entry for word in ("39.8", "shelling", "grid", "place_coarse"))


def test_a_leaf_that_is_too_long_is_refused() -> None:
    with pytest.raises(Malformed, match="more than a leaf can hold"):
        _ = Leaf("claim", 1, bytes(32), fields=(bytes(32),) * 1_000).entry
