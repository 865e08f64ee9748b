"""Notes, keys, checkpoints, cosignatures and proofs are read as their formats say, strictly, by the public vectors."""

from __future__ import annotations

import base64 as lenient
from hashlib import sha256
from typing import Any

import pytest

from tests.ledger.vectors import VECTORS, hashes, named
from trucewatch.ledger import base64, notes
from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.keys import (
    KeyType,
    Signer,
    VerifierKey,
    new_private_key,
    parse_key,
    parse_keys,
    parse_private,
    signer_of,
)
from trucewatch.ledger.notes import MAX_NOTE_BYTES, MAX_SIGNATURES, Note, Signature, parse
from trucewatch.ledger.tlog_proof import TlogProof, parse_proof
from trucewatch.ledger.tree import EMPTY_ROOT


def check(note: str, line: str) -> Note:
    """Open a note that is no checkpoint: the one key must be under it and hold."""
    key, parsed = parse_key(line), parse(note)
    made = [s for s in parsed.signatures if key.made(s)]
    if not made:
        raise NotVerified("no signature by a known key")
    for signature in made:
        key.verify(parsed.text, signature)
    return parsed


@pytest.mark.parametrize("case", named("notes_valid"))
def test_valid_notes_open(case: dict[str, Any]) -> None:
    note = check(case["note"], case["vkey"])
    assert note.text == case["text"]
    assert [s.line for s in note.signatures] == [case["signature_line"] + "\n"]
    assert str(note) == case["note"]
    if "tree_size" in case:
        assert parse_checkpoint(note.text).size == case["tree_size"]
        assert parse_checkpoint(note.text).text == note.text


@pytest.mark.parametrize("case", named("notes_bad"))
def test_bad_notes_do_not_open(case: dict[str, Any]) -> None:
    with pytest.raises(LedgerError):
        check(case["note"], case["vkey"])


@pytest.mark.parametrize("line", VECTORS["vkeys_valid"])
def test_verifier_keys_are_read_and_written_alike(line: str) -> None:
    assert str(parse_key(line)) == line


CHANGED = [
    *VECTORS["vkeys_bad"],
    "",
    "name",
    "name+c74f20a3",
    VECTORS["vkeys_valid"][0].upper(),
    VECTORS["vkeys_valid"][0] + "\n",
    VECTORS["vkeys_valid"][0].replace("c74f20a3", "C74F20A3"),
    "Peter Neumann" + VECTORS["vkeys_valid"][0].removeprefix("PeterNeumann"),
    VECTORS["vkeys_valid"][0].removeprefix("PeterNeumann"),
]


@pytest.mark.parametrize("line", CHANGED)
def test_a_changed_verifier_key_is_refused(line: str) -> None:
    with pytest.raises(Malformed):
        parse_key(line)


def test_a_file_of_keys_is_one_a_line_and_nothing_else() -> None:
    lines = VECTORS["vkeys_valid"]
    text = "".join(f"{line}\n" for line in lines)
    assert [str(k) for k in parse_keys(text)] == lines
    for bad in ("", "\n", text[:-1], text + "\n", text.replace("\n", "\r\n"), text + lines[0] + "\n"):
        with pytest.raises(Malformed):
            parse_keys(bad)


@pytest.mark.parametrize("case", VECTORS["cosignature_v1"]["cases"], ids=lambda c: str(c["timestamp"]))
def test_cosignatures_are_made_and_read_as_others_make_and_read_them(case: dict[str, Any]) -> None:
    seeds = [sha256(f"trucewatch vector {who} key".encode()).digest() for who in ("log", "witness")]
    log = signer_of("trucewatch.example/vector-log", KeyType.NOTE, seeds[0])
    witness = signer_of("witness.example/vector", KeyType.COSIGNATURE, seeds[1])
    assert [str(log.verifier), str(witness.verifier)] == [case["log_vkey"], case["witness_vkey"]]
    text = case["checkpoint_body"]
    made = Note(text).signed(log.sign(text), witness.sign(text, case["timestamp"]))
    assert str(made) == case["note"]
    assert witness.verifier.verify(text, parse(case["note"]).signatures[1]) == case["timestamp"]
    assert parse_checkpoint(text).text == text


@pytest.mark.parametrize("case", VECTORS["cosignature_parse"], ids=lambda c: c["key_id"])
def test_the_time_of_a_cosignature_stands_before_it(case: dict[str, Any]) -> None:
    data = base64.decode(case["signature_base64"])
    assert data[:4].hex() == case["key_id"]
    assert int.from_bytes(data[4:12], "big") == case["timestamp"]
    assert len(data) == 4 + 8 + 64


@pytest.mark.parametrize("case", VECTORS["tlog_proof"]["marshal"], ids=lambda c: str(c["index"]))
def test_proofs_are_read_and_written_as_others_do(case: dict[str, Any]) -> None:
    extra = case["extra"].encode() if "extra" in case else None
    proof = TlogProof(case["index"], tuple(hashes(case["hashes"])), case["checkpoint"], extra)
    assert str(proof) == case["text"]
    assert parse_proof(case["text"]) == parse_proof(case["text"].encode()) == proof


H = base64.encode(bytes(32))
HEAD = "c2sp.org/tlog-proof@v1\n"
BAD_PROOFS = {
    **{f"vector {k}": text for k, text in enumerate(VECTORS["tlog_proof"]["bad"])},
    "empty": "",
    "line ends of Windows": f"{HEAD}index 0\n{H}\n\nc\n".replace("\n", "\r\n"),
    "cut within the checkpoint": f"{HEAD}index 0\n{H}\n\nc",
    "no checkpoint": f"{HEAD}index 0\n{H}\n",
    "an empty checkpoint": f"{HEAD}index 0\n{H}\n\n",
    "a leading zero": f"{HEAD}index 00\n\nc\n",
    "a sign": f"{HEAD}index -1\n\nc\n",
    "digits of another script": f"{HEAD}index ٣\n\nc\n",
    "an index beyond 63 bits": f"{HEAD}index 9223372036854775808\n\nc\n",
    "a short hash": f"{HEAD}index 0\n{base64.encode(bytes(31))}\n\nc\n",
    "unused bits of base64": f"{HEAD}index 0\n{H[:-2]}B=\n\nc\n",
    "64 hashes": f"{HEAD}index 0\n" + f"{H}\n" * 64 + "\nc\n",
    "extra twice": f"{HEAD}extra YQ==\nextra YQ==\nindex 0\n\nc\n",
    "index twice": f"{HEAD}index 0\nindex 0\n\nc\n",
    "too large": f"{HEAD}index 0\n\n" + "c" * MAX_NOTE_BYTES + "\n",
}


@pytest.mark.parametrize("text", BAD_PROOFS.values(), ids=BAD_PROOFS)
def test_a_proof_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_proof(text)


def test_bytes_that_are_no_text_are_refused_in_words() -> None:
    for read in (parse, parse_proof):
        with pytest.raises(Malformed, match="UTF-8"):
            read(b"\xff\xfe\n\n\xe2\x80\x94 a AAAA\n")


BAD_NOTES = {
    "empty": "",
    "text alone": "a\n",
    "no line of a signature": "a\n\n",
    "an empty line at the end": "a\n\n— b AAAAAAA=\n\n",
    "a tab": "a\tb\n\n— b AAAAAAA=\n",
    "an empty name": "a\n\n—  AAAAAAA=\n",
    "a plus in the name": "a\n\n— b+c AAAAAAA=\n",
    "a no-break space in the name": "a\n\n— b\u00a0c AAAAAAA=\n",
    "no signature": "a\n\n— b AAAAAA==\n",
    "no base64": "a\n\n— b AAAA*AAA\n",
    "a space in base64": "a\n\n— b AAAA AAAA\n",
    "no padding": "a\n\n— b AAAAAAA\n",
    "too many signatures": "a\n\n" + "— b AAAAAAA=\n" * (MAX_SIGNATURES + 1),
    "too large": "a" * MAX_NOTE_BYTES + "\n\n— b AAAAAAA=\n",
    "half a character": "\ud800\n\n— b AAAAAAA=\n",
}


@pytest.mark.parametrize("text", BAD_NOTES.values(), ids=BAD_NOTES)
def test_a_note_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


def test_a_text_may_have_empty_lines_and_is_split_at_the_last() -> None:
    note = parse("a\n\n— b AAAAAAA=\n\n— c AAAAAAA=\n")
    assert note.text == "a\n\n— b AAAAAAA=\n"
    assert [s.name for s in note.signatures] == ["c"]


def test_sixteen_signatures_and_more_are_read() -> None:
    lines = [f"— w{k} AAAAAAA=\n" for k in range(MAX_SIGNATURES)]
    assert len(parse("a\n\n" + "".join(lines)).signatures) == MAX_SIGNATURES
    assert len(notes.parse_lines("".join(lines[:16]))) == 16
    for bad in ("", "x\n", "a\n\n" + lines[0], lines[0] + "\n" + lines[1]):
        with pytest.raises(Malformed):
            notes.parse_lines(bad)


def test_a_signature_is_put_under_a_note_once() -> None:
    signature = Signature("b", bytes(4), b"x")
    assert len(Note("a\n").signed(signature, signature).signed(signature).signatures) == 1


ROOT = base64.encode(b"r" * 32)
BAD_CHECKPOINTS = {
    "no origin": f"\n1\n{ROOT}\n",
    "two lines": "log\n1\n",
    "no last line end": f"log\n1\n{ROOT}",
    "an empty line": f"log\n1\n{ROOT}\n\n",
    "a leading zero": f"log\n01\n{ROOT}\n",
    "a sign": f"log\n+1\n{ROOT}\n",
    "a size with a space": f"log\n1 \n{ROOT}\n",
    "digits of another script": f"log\n١\n{ROOT}\n",
    "beyond 63 bits": f"log\n9223372036854775808\n{ROOT}\n",
    "thousands of digits": f"log\n{'9' * 5_000}\n{ROOT}\n",
    "a short root": f"log\n1\n{base64.encode(bytes(31))}\n",
    "an empty tree with a root": f"log\n0\n{ROOT}\n",
}


@pytest.mark.parametrize("text", BAD_CHECKPOINTS.values(), ids=BAD_CHECKPOINTS)
def test_a_checkpoint_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(text)


def test_checkpoints_of_the_empty_and_the_largest_tree_and_with_extension_lines_are_read() -> None:
    for checkpoint in (
        Checkpoint("log", 0, EMPTY_ROOT),
        Checkpoint("log of a name with spaces", 2**63 - 1, b"r" * 32),
        Checkpoint("log", 1, b"r" * 32, ("more", "and more")),
    ):
        assert parse_checkpoint(checkpoint.text) == checkpoint


def test_a_checkpoint_that_cannot_be_is_not_made() -> None:
    for origin, size in (("", 1), ("a\nb", 1), ("a", -1), ("a", 2**63)):
        with pytest.raises(Malformed):
            Checkpoint(origin, size, bytes(32))


def test_lenient_decoders_take_what_is_refused_here() -> None:
    assert lenient.b64decode("AAB=", validate=True) == b"\0\0"
    for text in ("AAB=", "AAA", "A A=", "AAA=\n", "AA-_", "ÄAA="):
        with pytest.raises(Malformed):
            base64.decode(text)


@pytest.mark.parametrize("type_", KeyType)
def test_a_private_key_is_read_back_and_never_repeated_in_an_error(type_: KeyType) -> None:
    line = new_private_key("log.example/m", type_)
    signer = parse_private(line)
    time_s = 1 if type_ is KeyType.COSIGNATURE else None
    assert signer.verifier.verify("a\n", signer.sign("a\n", time_s)) == time_s
    assert line != new_private_key("log.example/m", type_)
    secret = line.split("+", 4)[4]  # base64, which may hold a plus itself
    assert secret not in repr(signer)
    for bad in (
        line[:-1],
        line.replace("log", "lag"),
        line.removeprefix("PRIVATE+KEY+"),
        line + "x",
        "PRIVATE+KEY+",
        "",
    ):
        with pytest.raises(Malformed) as told:
            parse_private(bad)
        assert told.value.__cause__ is None
        assert secret[:20] not in str(told.value)


def test_each_kind_of_key_signs_only_its_kind() -> None:
    log = signer_of("log", KeyType.NOTE, bytes(32))
    witness = signer_of("log", KeyType.COSIGNATURE, bytes(32))
    assert log.verifier.public == witness.verifier.public
    assert log.verifier.id != witness.verifier.id
    for signer, time_s in ((log, 1), (witness, None), (witness, -1), (witness, 2**63)):
        with pytest.raises(ValueError, match="cosignature"):
            signer.sign("a\n", time_s)
    with pytest.raises(NotVerified):
        witness.verifier.verify("a\n", log.sign("a\n"))
    late = Signature("log", witness.verifier.id, (2**63).to_bytes(8, "big") + bytes(64))
    short = Signature("log", log.verifier.id, bytes(63))
    for key, signature in ((witness.verifier, late), (log.verifier, short)):
        with pytest.raises(NotVerified):
            key.verify("a\n", signature)


def test_what_signs_may_be_anything_that_makes_the_bytes() -> None:
    inside = signer_of("log", KeyType.NOTE, bytes(32))
    asked: list[bytes] = []

    def agent(message: bytes) -> bytes:
        asked.append(message)
        return inside.sign_bytes(message)

    outside = Signer(inside.verifier, agent)
    assert outside.sign("a\n") == inside.sign("a\n")
    assert asked == [b"a\n"]


def test_a_key_of_another_length_or_a_name_with_spaces_is_none() -> None:
    for name, public in (("a b", bytes(32)), ("", bytes(32)), ("a+b", bytes(32)), ("a", bytes(31))):
        with pytest.raises(Malformed):
            VerifierKey(name, KeyType.NOTE, public)
