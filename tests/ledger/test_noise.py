"""Whatever bytes come in, a reader gives a value or an error in words, and never another error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.test_commitments import LEAF
from tests.ledger.test_receipts import RECEIPT
from tests.ledger.test_witness import GOOD, cosigner, fork_of, note, request
from tests.ledger.worlds import LOG, NORTH, policy
from trucewatch.ledger.commitments import check_disclosure, parse_leaf
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.forks import parse_fork
from trucewatch.ledger.keys import new_private_key, parse_key, parse_keys, parse_private
from trucewatch.ledger.notes import parse, parse_lines
from trucewatch.ledger.receipts import open_receipt
from trucewatch.ledger.tiles import ENTRIES, Tile, entries_in, hashes_in, parse_path
from trucewatch.ledger.tlog_proof import TlogProof, parse_proof
from trucewatch.ledger.witness import parse_request


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


KEY = str(LOG.verifier)
READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "note": (parse, note(GOOD, 5).encode()),
    "signature lines": (parse_lines, NORTH.sign("a\n", 1).line.encode()),
    "checkpoint under a policy": (policy(0).open, note(GOOD, 5).encode()),
    "proof": (parse_proof, str(TlogProof(3, (bytes(32),), note(GOOD, 5), b"x")).encode()),
    "fork": (parse_fork, fork_of(40).text.encode()),
    "receipt": (lambda data: open_receipt(data, [LOG.verifier]), RECEIPT.signed(LOG).encode()),
    "request to a witness": (parse_request, request(GOOD, 0, 5)),
    "leaf": (parse_leaf, LEAF.entry),
    "disclosure": (text(lambda t: check_disclosure(t, [])), b'["' + b"0" * 64 + b'","a",{"b":[1.5,null]}]'),
    "key": (text(parse_key), KEY.encode()),
    "keys": (text(parse_keys), f"{KEY}\n{NORTH.verifier}\n".encode()),
    "private key": (text(parse_private), new_private_key("a", LOG.verifier.type).encode()),
    "path of a tile": (text(parse_path), b"tile/0/x001/234.p/5"),
    "tile": (lambda data: hashes_in(data, Tile(0, 0, 2)), bytes(64)),
    "bundle": (lambda data: entries_in(data, Tile(ENTRIES, 0, 2)), b"\0\1a\0\2bc"),
}


@pytest.mark.parametrize("reader", READERS)
def test_the_reader_takes_what_is_right(reader: str) -> None:
    read, good = READERS[reader]
    with contextlib.nullcontext() if reader != "disclosure" else pytest.raises(LedgerError, match="committed"):
        read(good)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("reader", READERS)
def test_whatever_comes_in_is_a_value_or_an_error_in_words(reader: str, data: st.DataObject) -> None:
    read, good = READERS[reader]
    a, b = sorted(data.draw(st.tuples(*[st.integers(0, len(good))] * 2)))
    piece = data.draw(
        st.binary(max_size=12) | st.sampled_from([good[a:b], b"\n\n", b'"', b"[", "— ".encode(), b"\xff"])
    )
    with contextlib.suppress(LedgerError):
        read(data.draw(st.sampled_from([piece, good[:a] + piece + good[b:]])))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_witness_answers_anything_and_signs_nothing_wrong(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("w")
    witness = cosigner(folder)
    good = request(GOOD, 0, 5)
    a, b = sorted(data.draw(st.tuples(*[st.integers(0, len(good))] * 2)))
    body = good[:a] + data.draw(st.binary(max_size=8)) + good[b:]
    answer = witness.add_checkpoint(body)
    assert answer.status in (400, 403, 404, 409, 422) or (answer.status, parse_request(body).note) == (
        200,
        note(GOOD, 5),
    )
