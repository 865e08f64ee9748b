"""Time stamps of published checkpoints, from the authorities that mission.yaml names; none by default.

A stamp that does not come is told, and blocks nothing.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from trucewatch.ledger import stamps
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.stamps import CERTIFICATES, SUFFIX

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission


def stamped(mission: Mission, note: str) -> tuple[dict[str, bytes], list[str]]:
    """Tokens over a checkpoint with their authorities' certificates, by file name; and which did not come, in words."""
    found: dict[str, bytes] = {}
    missing: list[str] = []
    for authority in mission.config.ledger.stamps:
        try:
            certificates = (mission.dir / authority.certificates).read_bytes()
            token = stamps.ask(authority.url, note, mission.config.ledger.wait_s)
            stamps.verify(token, note, certificates)
        except LedgerError as e:
            missing.append(f"a time stamp is missing: {authority.name}: {e.what}")
            continue
        except OSError as e:
            missing.append(f"a time stamp is missing: {authority.name}: its certificates cannot be read ({e.strerror})")
            continue
        found |= {f"{authority.name}{SUFFIX}": token, f"{authority.name}{CERTIFICATES}": certificates}
    return found, missing


def keep_hashes(mission: Mission, publication: int, found: dict[str, bytes], at: int) -> None:
    """Record the hash of each token: some of a token's bytes could be changed without its signature telling."""
    tokens = {name: sha256(data).hexdigest() for name, data in found.items() if name.endswith(SUFFIX)}
    if not tokens:
        return
    with mission.store.writing() as tx:
        number = tx.last_seq() + 1
        body = {"publication": publication, "tokens": tokens}
        tx.append("stamp", [(f"stamp/{number}", body, at)], recorded_at=at)
