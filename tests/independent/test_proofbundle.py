"""Exported proofs are verified by a program of others, proofbundle; canonical JSON of leaves by rfc8785."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import rfc8785

from tests.ledger.worlds import LOG, NEUTRAL, NORTH, ORIGIN, entry, leaves, log_in
from trucewatch.ledger.commitments import Leaf
from trucewatch.ledger.notes import parse
from trucewatch.ledger.proofs import inclusion_proof
from trucewatch.ledger.tlog_proof import SUFFIX, TlogProof
from trucewatch.ledger.tree import Tree

TREE = Tree(leaves(0, 700))


@pytest.fixture
def note(tmp_path: Path) -> str:
    log = log_in(tmp_path / "ledger")
    text = parse(log.publish(TREE)).text
    return log.add([w.sign(text, 1_700_000_000) for w in (NORTH, NEUTRAL)], [NORTH.verifier, NEUTRAL.verifier])


@pytest.mark.parametrize(
    ("k", "logged", "threshold", "good"), [(123, 123, 2, True), (123, 124, 2, False), (699, 699, 3, False)]
)
def test_an_exported_proof_is_verified_by_others(
    k: int, logged: int, threshold: int, good: bool, note: str, tmp_path: Path
) -> None:
    (tmp_path / f"a{SUFFIX}").write_text(str(TlogProof(k, tuple(inclusion_proof(TREE, k, 700)), note)), "utf-8")
    (tmp_path / "leaf").write_bytes(entry(logged))
    keys = ["--log-vkey", str(LOG.verifier), "--expected-origin", ORIGIN]
    for witness in (NORTH, NEUTRAL):
        keys += ["--witness-vkey", str(witness.verifier)]
    program = Path(sys.executable).parent / "proofbundle"
    done = subprocess.run(
        [program, "verify-proof", f"a{SUFFIX}", "--payload-file", "leaf", "--threshold", str(threshold), *keys],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode == 0) is good, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["claim", "наблюдение", "\U0001f54a", 'quo"te\\', "\u2028"])
def test_a_leaf_is_the_canonical_json_of_what_it_says(kind: str) -> None:
    leaf = Leaf(kind, 2**53 - 1, bytes(32), 1_600_000_000_000_000, "desk", (bytes(32), b"x" * 32))
    assert rfc8785.dumps(json.loads(leaf.entry)) == leaf.entry
