"""A witness signs one history of a log and remembers it before it answers; who signs two is convicted by both."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.vectors import VECTORS
from tests.ledger.worlds import LOG, NEUTRAL, NORTH, ORIGIN, SOUTH, Kept, leaves, log_in, policy, signer
from trucewatch.ledger import base64, forks, witness_client, witness_server
from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified, Refused
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.keys import KeyType, Signer, VerifierKey, parse_key
from trucewatch.ledger.notes import MAX_NOTE_BYTES, Note, parse, parse_lines
from trucewatch.ledger.proofs import consistency_proof
from trucewatch.ledger.tree import EMPTY_ROOT, Tree
from trucewatch.ledger.witness import SIZE_TYPE, Answer, Cosigner, Request

GOOD = Tree(leaves(0, 60))
OTHER = Tree([*leaves(0, 17), bytes(32), *leaves(18, 60)])  # another history from leaf 17 on
NOW = 1_700_000_000


def cosigner(folder: Path, who: Signer = NORTH, clock: Callable[[], int] = lambda: NOW) -> Cosigner:
    state = folder / f"{who.verifier.name.split('.')[0]}.json"
    if not state.exists():
        Cosigner.create(state)
    return Cosigner(state, who, {ORIGIN: [LOG.verifier]}, clock)


def note(tree: Tree, size: int, log: Signer = LOG) -> str:
    text = Checkpoint(ORIGIN, size, tree.root(size)).text
    return str(Note(text).signed(log.sign(text)))


def request(tree: Tree, old: int, size: int) -> bytes:
    proof = tuple(consistency_proof(tree, old, size)) if 0 < old <= size else ()
    return Request(old, proof, note(tree, size)).body


def test_a_history_that_goes_on_is_signed_step_by_step(tmp_path: Path) -> None:
    witness = cosigner(tmp_path)
    for old, size in ((0, 0), (0, 1), (1, 1), (1, 16), (16, 60), (60, 60)):
        answer = witness.add_checkpoint(request(GOOD, old, size))
        assert answer.status == 200, answer.body
        (line,) = parse_lines(answer.body)
        assert NORTH.verifier.verify(parse(note(GOOD, size)).text, line) == NOW
    kept = witness.checkpoint(sha256(ORIGIN.encode()).hexdigest())
    assert policy(1, 0).open(kept.body).checkpoint.size == 60
    assert witness.checkpoint("0" * 64).status == 404


def test_the_vectors_of_a_witness_by_others(tmp_path: Path) -> None:
    known = VECTORS["witness_add_checkpoint"]
    log = parse_key(known["log_vkey"])
    signed = {n["tree_size"]: n["note"] for n in VECTORS["notes_valid"] if n["vkey"] == known["log_vkey"]}
    Cosigner.create(tmp_path / "state")
    witness = Cosigner(tmp_path / "state", NORTH, {log.name: [log]}, lambda: NOW)
    for step in known["steps"]:
        proof = tuple(base64.decode(h) for h in step["proof"])
        answer = witness.add_checkpoint(Request(step["old"], proof, signed[step["new"]]).body)
        assert answer.status == step["expect"]


def test_a_conversation_of_a_witness_by_others_goes_the_same_way(tmp_path: Path) -> None:
    known = json.loads((Path(__file__).parent / "litewitness.json").read_text("utf-8"))
    log = parse_key(known["log_vkey"])
    Cosigner.create(tmp_path / "state")
    witness = Cosigner(tmp_path / "state", NORTH, {log.name: [log]}, lambda: NOW)
    for step in known["steps"]:
        answer = witness.add_checkpoint(step["body"].encode())
        assert answer.status == step["expect"]
        assert answer.body.decode() == step.get("answer", answer.body.decode())
    kept = witness.checkpoint(sha256(log.name.encode()).hexdigest())
    assert parse_checkpoint(parse(kept.body).text).size == 5


def at_16(folder: Path) -> Cosigner:
    witness = cosigner(folder)
    assert witness.add_checkpoint(request(GOOD, 0, 16)).status == 200
    return witness


THIEF = signer(ORIGIN, seed="a thief")
ELSEWHERE = Checkpoint("another.example/log", 16, GOOD.root(16)).text
BAD_SIGNATURE = note(GOOD, 20)[:-8] + "AAAA" + note(GOOD, 20)[-4:]
REWRITTEN = Tree([bytes(32), *leaves(1, 60)])
FROM_16 = tuple(consistency_proof(GOOD, 16, 20))
EMPTY_WITH_ROOT = Checkpoint(ORIGIN, 0, bytes(32)).text
REFUSED: dict[str, tuple[int, bytes]] = {
    "no line of the old size": (400, b"\n\n" + note(GOOD, 20).encode()),
    "a leading zero": (400, request(GOOD, 16, 20).replace(b"old 16", b"old 016")),
    "a size with a sign": (400, request(GOOD, 16, 20).replace(b"old 16", b"old +16")),
    "no base64": (400, request(GOOD, 16, 20).replace(b"old 16\n", b"old 16\n*\n")),
    "64 hashes": (400, Request(16, (bytes(32),) * 64, note(GOOD, 20)).body),
    "no note": (400, b"old 16\n\nhello\n"),
    "no checkpoint": (400, Request(16, (), str(Note("hello\n").signed(LOG.sign("hello\n")))).body),
    "no text": (400, b"\xff\xff"),
    "empty": (400, b""),
    "an old size above the new one": (400, Request(21, (), note(GOOD, 20)).body),
    "an unknown log": (404, Request(0, (), str(Note(ELSEWHERE).signed(LOG.sign(ELSEWHERE)))).body),
    "not signed by the log": (403, Request(16, FROM_16, note(GOOD, 20, THIEF)).body),
    "a signature that does not hold": (403, Request(16, FROM_16, BAD_SIGNATURE).body),
    "an older size": (409, request(GOOD, 1, 20)),
    "from nothing": (409, request(GOOD, 0, 20)),
    "a newer size": (409, request(GOOD, 18, 20)),
    "back to a smaller tree": (400, Request(16, (), note(GOOD, 15)).body),
    "a changed history": (422, Request(16, tuple(consistency_proof(REWRITTEN, 16, 20)), note(REWRITTEN, 20)).body),
    "no proof": (422, Request(16, (), note(GOOD, 20)).body),
    "a proof of something else": (422, Request(16, (*FROM_16[:-1], bytes(32)), note(GOOD, 20)).body),
    "a proof where none is needed": (422, Request(16, (bytes(32),), note(GOOD, 16)).body),
    "an empty tree with leaves": (
        409,
        Request(0, (), str(Note(EMPTY_WITH_ROOT).signed(LOG.sign(EMPTY_WITH_ROOT)))).body,
    ),
}


@pytest.mark.parametrize(("status", "body"), REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused_with_the_status_of_the_protocol_and_nothing_is_forgotten(
    status: int, body: bytes, tmp_path: Path
) -> None:
    witness = at_16(tmp_path)
    answer = witness.add_checkpoint(body)
    assert answer.status == status, answer.body
    if status == 409:
        assert (answer.body, answer.type) == (b"16\n", SIZE_TYPE)
    assert b"\xe2\x80\x94" not in answer.body
    assert witness.add_checkpoint(request(GOOD, 16, 20)).status == 200


def test_a_new_witness_takes_no_empty_tree_with_leaves_and_no_proof_from_nothing(tmp_path: Path) -> None:
    witness = cosigner(tmp_path)
    wrong = str(Note(EMPTY_WITH_ROOT).signed(LOG.sign(EMPTY_WITH_ROOT)))
    assert witness.add_checkpoint(Request(0, (), wrong).body).status == 422
    assert witness.add_checkpoint(Request(0, (bytes(32),), note(GOOD, 5)).body).status == 422
    assert EMPTY_ROOT in [parse_checkpoint(parse(note(GOOD, 0)).text).root]


def test_a_rewritten_history_is_refused_by_every_witness_and_remembered(tmp_path: Path) -> None:
    """Threat 3: one leaf changed, the whole tree signed anew with the real key."""
    for who in (NORTH, SOUTH, NEUTRAL):
        witness = cosigner(tmp_path, who)
        assert witness.add_checkpoint(request(GOOD, 0, 40)).status == 200
        for size in (40, 41, 60):
            assert witness.add_checkpoint(request(OTHER, 40, size)).status == 422
        assert witness.add_checkpoint(request(OTHER, 0, 60)).status == 409
        assert cosigner(tmp_path, who).refused() == [note(OTHER, n) for n in (40, 41, 60)]
        (fork,) = [forks.compare(note(GOOD, 40), n, [LOG.verifier], OTHER) for n in witness.refused()[:1]]
        assert fork is not None
        fork.check([LOG.verifier])


def test_what_was_refused_does_not_fill_the_disk(tmp_path: Path) -> None:
    witness = at_16(tmp_path)
    for k in range(40):
        fake = Tree([*leaves(0, 16), bytes([k]) * 32])
        assert witness.add_checkpoint(Request(16, (), note(fake, 17)).body).status == 422
    assert len(witness.refused()) == 16


def test_the_answer_is_on_the_disk_before_it_is_given(tmp_path: Path) -> None:
    """After a crash at any moment the witness knows what it signed: the state is read back after every answer."""
    for old, size in ((0, 3), (3, 9), (9, 31)):
        witness = cosigner(tmp_path)  # as after a kill
        assert witness.add_checkpoint(request(GOOD, old, size)).status == 200
        state = json.loads((tmp_path / "north.json").read_text("utf-8"))
        assert state["logs"][ORIGIN]["size"] == size
    assert cosigner(tmp_path).add_checkpoint(request(OTHER, 31, 31)).status == 422


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_where_the_state_cannot_be_kept_nothing_is_signed(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = at_16(tmp_path)

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match="space"):
            witness.add_checkpoint(request(GOOD, 16, 20))
    assert witness.add_checkpoint(request(GOOD, 16, 20)).status == 200


def test_a_witness_that_lost_or_changed_its_memory_does_not_start(tmp_path: Path) -> None:
    at_16(tmp_path)
    state = tmp_path / "north.json"
    good = state.read_text("utf-8")
    with pytest.raises(Refused):
        Cosigner.create(state)
    other = SOUTH.sign(parse(note(GOOD, 16)).text, NOW).line
    for bad in (
        "",
        "{}",
        "[" * 100_000,
        good[:-20],
        good.replace('"size": 16', '"size": 15'),
        good.replace(str(NOW), str(NOW - 1)),
        good.replace(NORTH.sign(parse(note(GOOD, 16)).text, NOW).line[2:-1], other[2:-1]),
        good.replace('"v": 1', '"v": 2'),
    ):
        assert bad != good
        state.write_text(bad, "utf-8")
        with pytest.raises(Refused, match="memory"):
            cosigner(tmp_path)
    state.unlink()
    with pytest.raises(Refused, match="missing"):
        Cosigner(state, NORTH, {}, lambda: NOW)
    with pytest.raises(ValueError, match="own kind"):
        Cosigner(state, LOG, {}, lambda: NOW)


def test_a_clock_that_was_set_back_signs_no_earlier_time(tmp_path: Path) -> None:
    """Threat 19, at the witness."""
    times = iter([NOW, NOW - 86_400, NOW + 1])
    witness = cosigner(tmp_path, clock=lambda: next(times))
    told = []
    for old, size in ((0, 1), (1, 2), (2, 3)):
        (line,) = parse_lines(witness.add_checkpoint(request(GOOD, old, size)).body)
        told.append(NORTH.verifier.verify(parse(note(GOOD, size)).text, line))
    assert told == [NOW, NOW, NOW + 1]


def test_of_eight_forks_sent_at_the_same_moment_one_is_signed(tmp_path: Path) -> None:
    """The race that tlog-witness describes: check and memory are one step."""
    for k in range(20):
        assert race(at_16(tmp_path / str(k))) == [200] + [409] * 7


def race(witness: Cosigner) -> list[int]:
    answers: list[Answer] = []
    start = threading.Barrier(8)

    def send(n: int) -> None:
        tree = Tree([*leaves(0, 16), *[bytes([n]) * 32] * 14])
        body = Request(16, tuple(consistency_proof(tree, 16, 30)), note(tree, 30)).body
        start.wait()
        answers.append(witness.add_checkpoint(body))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answer.status for answer in answers)


def test_the_harness_catches_a_witness_that_checks_and_remembers_apart(tmp_path: Path) -> None:
    class Careless(Cosigner):
        """Without its lock, and slow between the look and the memory."""

        def _continue(self, *args: Any) -> Answer:
            self._lock.release()
            try:
                return super()._continue(*args)
            finally:
                self._lock.acquire()

        def _keep(self, state: dict[str, Any]) -> None:
            self._state = state

    at_16(tmp_path)

    def slow() -> int:
        time.sleep(0.01)
        return NOW

    careless = Careless(tmp_path / "north.json", NORTH, {ORIGIN: [LOG.verifier]}, slow)
    assert race(careless).count(200) > 1


def busy(old: int, size: int, url: str, key: VerifierKey) -> list[bytes]:
    """Another copy of the log has one leaf more signed each time that this one has its proof ready."""
    asked = witness_client.ask(url, key, note(GOOD, old + 1), lambda a, b: consistency_proof(GOOD, a, b))
    assert asked.signature
    return consistency_proof(GOOD, old, size)


@contextmanager
def served(folder: Path, who: Signer = NORTH) -> Iterator[str]:
    state = folder / f"{who.verifier.name.split('.')[0]}.json"
    if not state.exists():
        Cosigner.create(state)
    with witness_server.opened(("127.0.0.1", 0), state, who, {ORIGIN: [LOG.verifier]}, lambda: NOW) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_log_asks_its_witnesses_and_one_that_is_away_is_named(tmp_path: Path) -> None:
    kept = Kept()
    log = log_in(tmp_path / "ledger", kept)
    with served(tmp_path, NORTH) as north, served(tmp_path, NEUTRAL) as third:
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            away = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        for size in (5, 5, 60):
            made = log.publish(Tree(leaves(0, size)))
            asked = witness_client.ask_all(
                [(north, NORTH.verifier), (away, SOUTH.verifier), (third + "/", NEUTRAL.verifier)],
                made,
                lambda a, b: consistency_proof(GOOD, a, b),
                timeout_s=5,
            )
            assert [a.signature is not None for a in asked] == [True, False, True]
            assert "south.example/w did not answer" in asked[1].why
            log.add([a.signature for a in asked if a.signature], [NORTH.verifier, NEUTRAL.verifier])
            opened = policy().open(kept.notes[-1])
            assert opened.checkpoint.size == size
            assert [w.key.name for w in opened.missing] == ["south.example/w"]


def test_a_log_that_rewrites_or_went_back_is_told_so_by_its_witness(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        key = NORTH.verifier

        def ask(tree: Tree, size: int) -> witness_client.Asked:
            return witness_client.ask(url, key, note(tree, size), lambda a, b: consistency_proof(tree, a, b))

        assert ask(GOOD, 40).signature
        assert not ask(GOOD, 40).fork
        for tree, size, word in (
            (OTHER, 60, "not the history"),
            (OTHER, 40, "not the history"),
            (GOOD, 39, "old copy"),
        ):
            asked = ask(tree, size)
            assert (asked.signature, asked.fork) == (None, True)
            assert word in asked.why
        stranger = witness_client.ask(url, SOUTH.verifier, note(GOOD, 40), lambda a, b: consistency_proof(GOOD, a, b))
        assert "without its own signature" in stranger.why
        went_on = witness_client.ask(url, key, note(GOOD, 60), lambda a, b: busy(a, b, url, key))
        assert "at this moment" in went_on.why
        unknown = witness_client.ask(url, key, note(GOOD, 40, THIEF), lambda a, b: [])
        assert "403" in unknown.why
    for bad in ("ftp://127.0.0.1/", "no address", "http://"):
        assert "no address" in witness_client.ask(bad, key, note(GOOD, 40), lambda a, b: []).why
    assert witness_client.ask_all([], note(GOOD, 40), lambda a, b: []) == []


def test_the_server_answers_nothing_but_the_protocol(tmp_path: Path) -> None:
    with served(tmp_path) as url:
        connection = HTTPConnection(url.removeprefix("http://"), timeout=5)

        def call(method: str, path: str, body: bytes = b"", **headers: str) -> int:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

        assert call("POST", "/add-checkpoint", request(GOOD, 0, 3)) == 200
        assert call("GET", f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint") == 200
        assert call("GET", f"/{'0' * 64}/checkpoint") == 404
        assert call("GET", "/../state") == 404
        assert call("GET", "/") == 404
        assert call("POST", "/sign-subtree", b"x") == 404
        assert call("PUT", "/add-checkpoint", b"x") == 501
        assert call("POST", "/add-checkpoint", b"x" * (MAX_NOTE_BYTES + 1)) == 413
        assert call("POST", "/add-checkpoint", b"", **{"Content-Length": "-1"}) == 411
        assert call("POST", "/add-checkpoint", b"0\r\n\r\n", **{"Transfer-Encoding": "chunked"}) == 411
        assert call("POST", "/add-checkpoint", b"x") == 400
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=5) as cut:
            cut.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 99\r\n\r\nold")
            cut.shutdown(socket.SHUT_WR)
            assert cut.recv(100).startswith(b"HTTP/1.1 400")


def test_a_witness_whose_disk_is_full_answers_that_it_signed_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as url:

        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            asked = witness_client.ask(url, NORTH.verifier, note(GOOD, 3), lambda a, b: [])
        assert "503" in asked.why
        assert witness_client.ask(url, NORTH.verifier, note(GOOD, 3), lambda a, b: []).signature


def test_a_second_server_on_the_same_memory_does_not_start(tmp_path: Path) -> None:
    with served(tmp_path), pytest.raises(Refused, match="another process"), served(tmp_path):
        pass


@pytest.mark.parametrize("size", range(17, 57, 2))
def test_two_parties_with_two_trees_find_out_on_exchange_and_hold_the_proof(size: int, tmp_path: Path) -> None:
    """Threat 4: a fork at twenty sizes; each side gets another tree, and whichever is larger convicts the log."""
    mine = Tree([*leaves(0, 16), *[bytes(32)] * 44])
    log_in(tmp_path / "a").publish(Tree(leaves(0, size)))
    log_in(tmp_path / "b").publish(Tree(mine.node(0, k) for k in range(40)))
    folders = LedgerFiles(tmp_path / "a"), LedgerFiles(tmp_path / "b")
    for one, other in (folders, folders[::-1]):
        fork = forks.compare_folders(one, other, [LOG.verifier])
        assert fork is not None
        again = forks.parse_fork(fork.text)
        assert again == fork
        first, second = again.check([LOG.verifier])
        assert (first.size, second.size) == tuple(sorted((size, 40)))


def test_two_copies_of_one_history_convict_nobody(tmp_path: Path) -> None:
    for name, size in (("a", 20), ("b", 50), ("c", 50), ("empty", 0)):
        log_in(tmp_path / name).publish(Tree(leaves(0, size)))
    for one in ("a", "b", "c", "empty"):
        for other in ("a", "b", "c", "empty"):
            assert (
                forks.compare_folders(LedgerFiles(tmp_path / one), LedgerFiles(tmp_path / other), [LOG.verifier])
                is None
            )
    with pytest.raises(LedgerError, match="no checkpoint"):
        forks.compare_folders(LedgerFiles(tmp_path / "a"), LedgerFiles(tmp_path / "nothing"), [LOG.verifier])
    with pytest.raises(NotVerified, match="two logs"):
        forks.compare(note(GOOD, 20), elsewhere(20), [LOG.verifier], GOOD)
    with pytest.raises(NotVerified, match="tiles"):
        forks.compare(note(GOOD, 20), note(GOOD, 50), [LOG.verifier], OTHER)


def elsewhere(size: int) -> str:
    text = Checkpoint("another.example/log", size, GOOD.root(size)).text
    return str(Note(text).signed(LOG.sign(text)))


def fork_of(size: int) -> forks.Fork:
    fork = forks.compare(note(GOOD, size), note(OTHER, 60), [LOG.verifier], OTHER)
    assert fork is not None
    return fork


def test_nobody_is_convicted_by_a_forged_or_changed_proof() -> None:
    keys, fork = [LOG.verifier], fork_of(40)
    fork.check(keys)
    same = note(GOOD, 60)
    honest = forks.Fork(note(GOOD, 40), same, GOOD.root(40), tuple(consistency_proof(GOOD, 40, 60)))
    empty = forks.Fork(note(GOOD, 0), same, bytes(32))
    foreign = Checkpoint("x", 40, GOOD.root(40)).text
    stranger = signer("x")
    for bad in (
        honest,
        empty,
        forks.Fork(same, same, GOOD.root()),
        replace(fork, root=bytes(32)),
        replace(fork, proof=fork.proof[:-1]),
        replace(fork, proof=()),
        replace(fork, first=fork.second, second=fork.first),
        replace(fork, first=note(GOOD, 40, THIEF)),
        replace(fork, first=str(Note(foreign).signed(stranger.sign(foreign), LOG.sign(foreign)))),
        replace(fork, first="no note"),
    ):
        with pytest.raises(LedgerError):
            bad.check(keys)
    with pytest.raises(NotVerified, match="convicts nobody"):
        fork.check([THIEF.verifier])
    assert KeyType.NOTE is LOG.verifier.type


@pytest.mark.parametrize("text", ["", "{}", "[]", "[" * 100_000, '{"kind":"ledger-fork/v1"}', "x" * 4_000_000])
def test_what_is_no_proof_of_a_fork_is_told_in_words(text: str) -> None:
    for data in (text, text.encode() + b"\xff"):
        with pytest.raises(Malformed, match="no proof of a fork"):
            forks.parse_fork(data)
    good = json.loads(fork_of(40).text)
    for key, value in (
        ("kind", "x"),
        ("first", 1),
        ("proof", ["x"]),
        ("proof", 1),
        ("root_of_second_at_size_of_first", 1),
    ):
        with pytest.raises(Malformed):
            forks.parse_fork(json.dumps({**good, key: value}))
    with pytest.raises(Malformed):
        forks.parse_fork(json.dumps({**good, "proof": good["proof"][:1] * 64}))
