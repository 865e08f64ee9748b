"""A policy as a file: whose signatures count, to be handed out once and kept by whoever checks later.

JSON: `origin`; `log`: [{key, revoked_s}]; `witnesses`: [{key, neutral}]; `quorum`; `neutral`. A file of verifier keys,
one a line, is read too: its first key is the log's, keys of its name too, and it asks for no witness.
"""

from __future__ import annotations

import json

from trucewatch.ledger.errors import Malformed
from trucewatch.ledger.keys import KeyType, parse_key, parse_keys
from trucewatch.ledger.policy import LogKey, Policy, Witness

MOST_BYTES = 100_000


def policy_text(policy: Policy) -> str:
    """The file of a policy."""
    said = {
        "origin": policy.origin,
        "log": [{"key": str(k.key), "revoked_s": k.revoked_s} for k in policy.log_keys],
        "witnesses": [{"key": str(w.key), "neutral": w.neutral} for w in policy.witnesses],
        "quorum": policy.quorum,
        "neutral": policy.neutral,
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def keys_text(policy: Policy) -> str:
    """Its keys one a line, the log's first."""
    keys = [*(k.key for k in policy.log_keys), *(w.key for w in policy.witnesses)]
    return "".join(f"{key}\n" for key in keys)


def read_policy(data: bytes) -> Policy:
    """The policy of a file of either form. Malformed where it is none, or asks for what cannot be had."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"the file of keys has more than {MOST_BYTES:,} bytes", check="key")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Malformed("the file of keys is not UTF-8", check="key") from e
    if text.lstrip().startswith("{"):
        return _read(text)
    keys = parse_keys(text)
    if keys[0].type is not KeyType.NOTE:
        raise Malformed("the first key of the file is not that of a log", check="key")
    logs = tuple(LogKey(k) for k in keys if k.type is KeyType.NOTE and k.name == keys[0].name)
    return Policy(keys[0].name, logs, tuple(Witness(k) for k in keys if k.type is KeyType.COSIGNATURE))


def _read(text: str) -> Policy:
    try:
        said = json.loads(text)
        revoked = [k.get("revoked_s") for k in said["log"]]
        numbers = [said["quorum"], said["neutral"], *(r for r in revoked if r is not None)]
        flags = [w["neutral"] for w in said["witnesses"]]
        if any(type(n) is not int for n in numbers) or any(type(f) is not bool for f in flags):
            raise ValueError("no number")
        return Policy(
            str(said["origin"]),
            tuple(LogKey(parse_key(k["key"]), r) for k, r in zip(said["log"], revoked, strict=True)),
            tuple(Witness(parse_key(w["key"]), w["neutral"]) for w in said["witnesses"]),
            said["quorum"],
            said["neutral"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise Malformed("the file of the policy is not of the form that policies have", check="policy") from e
