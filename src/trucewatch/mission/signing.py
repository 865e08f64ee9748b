"""Where the private key of a mission's ledger lies, and how it is opened: never in the mission's folder, never with a
prompt where there is no terminal.

Looked for in this order: the file that TRUCEWATCH_KEY names; the folder `.trucewatch-keys` beside the mission's; the
user's own (`trucewatch/keys` below XDG_CONFIG_HOME, else ~/.config); the ssh-agent. With TRUCEWATCH_KEY=ssh-agent (or
ssh-agent:COMMENT) a new ledger takes an Ed25519 key that the agent holds. A passphrase comes from
TRUCEWATCH_PASSPHRASE, or is asked for at a terminal.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trucewatch.ledger.agent import agent_signer, agent_socket, identities
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.keyfile import KeyFile, read_key_file, write_key_file
from trucewatch.ledger.keys import KeyType, Signer, VerifierKey, new_private_key, parse_private
from trucewatch.model.errors import Fault, Refusal

KEY, PASSPHRASE, BESIDE, AGENT = "TRUCEWATCH_KEY", "TRUCEWATCH_PASSPHRASE", ".trucewatch-keys", "ssh-agent"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made: its public part, where the private one lies, whether a passphrase guards it."""

    verifier: VerifierKey
    path: Path
    sealed: bool

    @property
    def note(self) -> str:
        """What must be told to who made it."""
        if self.path == Path(AGENT):
            return f"the ledger is signed by the key {self.verifier.id.hex()} in the ssh-agent, which must be at hand"
        guard = "A passphrase guards it" if self.sealed else "No passphrase guards it"
        return (
            f"the key that signs the ledger lies in {self.path}. {guard}: keep it from others, and a copy in a safe "
            "place; whoever has it can sign in the mission's name"
        )


def new_key(
    mission: Path, origin: str, passphrase: str | None = None, *, beside: bool = False, configured: bool = True
) -> NewKey:
    """Make a key for the log of that name and put it outside the mission's folder. `Refusal` where that cannot be.

    `beside` the folder where that is wanted (an invented truce: its keys are nobody's, and go with it); where
    TRUCEWATCH_KEY says, unless not `configured` (it names the old one).
    """
    named = os.environ.get(KEY) if configured else None
    if named and named.split(":")[0] == AGENT:
        return NewKey(_of_agent(origin), Path(AGENT), True)
    private = new_private_key(origin, KeyType.NOTE)
    verifier = parse_private(private).verifier
    folder = mission.resolve().parent / BESIDE if beside else key_folder(mission)
    path = Path(named) if named else folder / _file_name(verifier)
    try:
        _check_place(path, mission)
    except LedgerError as e:
        raise Refusal(Fault(e.what, f"Set {KEY} to a file outside the mission's folder")) from e
    passphrase = passphrase or secret(PASSPHRASE)
    try:
        write_key_file(path, private, passphrase)
    except FileExistsError:
        return NewKey(_same(path, origin), path, False)
    except OSError as e:
        raise Refusal(
            Fault(
                f"the key of the ledger cannot be written to {path} ({(e.strerror or '').lower()})",
                f"Set {KEY} to a file outside the mission's folder that can be written",
            )
        ) from e
    return NewKey(verifier, path, bool(passphrase))


def open_signer(mission: Path, verifier: VerifierKey) -> Signer:
    """The signer with that public key. `Refusal` where its private part is not found here or does not open."""
    looked = []
    for path in _places(mission, verifier):
        looked.append(str(path))
        if not path.exists():
            continue
        try:
            found = read_key_file(path)
            if found.verifier.public == verifier.public:
                _check_place(path, mission)
                return Signer(verifier, found.open(passphrase_of(found)).sign_bytes)
        except LedgerError as e:
            remedy = e.remedy or f"Restore it, or set {KEY} to a copy of it"
            raise Refusal(Fault(e.what, remedy)) from e
    agent = agent_socket()
    if agent is not None and verifier.public in _held(agent):
        return agent_signer(agent, verifier)
    raise Refusal(
        Fault(
            f"the private key of the ledger {verifier.name} ({verifier.id.hex()}) is not here: without it nothing that "
            "is taken in can be signed",
            f"Set {KEY} to its file. Looked at: {', '.join(looked)}",
        )
    )


def _of_agent(origin: str) -> VerifierKey:
    """The key of the agent that TRUCEWATCH_KEY names, by its comment where it holds several."""
    agent = agent_socket()
    comment = os.environ[KEY].partition(":")[2]
    held = {} if agent is None else _held(agent)
    fitting = [public for public, said in held.items() if not comment or said == comment]
    if len(fitting) != 1:
        raise Refusal(
            Fault(
                f"the ssh-agent holds {len(fitting) or 'no'} Ed25519 keys that could be meant",
                f"Add one (ssh-add), or name one by its comment: {KEY}={AGENT}:COMMENT",
            )
        )
    return VerifierKey(origin, KeyType.NOTE, fitting[0])


def _held(agent: Path) -> dict[bytes, str]:
    try:
        return dict(identities(agent))
    except (LedgerError, OSError):
        return {}


def _check_place(path: Path, mission: Path) -> None:
    """LedgerError where a key lies in the mission's own folder, which is copied and handed on."""
    if path.resolve().is_relative_to(mission.resolve()):
        raise LedgerError(
            f"the private key {path} lies inside the mission's folder: whoever gets a copy could sign",
            remedy="Move it out of the folder",
        )


def key_folder(mission: Path) -> Path:
    """The folder for private keys of the mission in that folder."""
    beside = mission.resolve().parent / BESIDE
    return beside if beside.is_dir() else _own_folder()


def _own_folder() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME")
    base = Path(configured) if configured else Path.home() / ".config"
    return base / "trucewatch" / "keys"


def _places(mission: Path, verifier: VerifierKey) -> Iterator[Path]:
    named = os.environ.get(KEY)
    if named and named.split(":")[0] != AGENT:
        yield Path(named)
    name = _file_name(verifier)
    for folder in dict.fromkeys((mission.resolve().parent / BESIDE, _own_folder())):
        yield folder / name


def _file_name(verifier: VerifierKey) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', verifier.name)}.{verifier.id.hex()}.key"


def _same(path: Path, origin: str) -> VerifierKey:
    """A key file that was there already: it signs this log too, under this log's name."""
    try:
        return VerifierKey(origin, KeyType.NOTE, read_key_file(path).verifier.public)
    except LedgerError as e:
        raise Refusal(Fault(e.what, f"Set {KEY} to a key file, or to a path where none is yet")) from e


def passphrase_of(found: KeyFile) -> str:
    """The passphrase of a key file, empty where it needs none. LedgerError where there is none to be had."""
    if found.signer is not None:
        return ""
    given = secret(PASSPHRASE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise LedgerError(
            f"the key in {found.path} is guarded by a passphrase, and there is no terminal to ask for it",
            remedy=f"Set {PASSPHRASE}",
        )
    return getpass.getpass(f"Passphrase of {found.path}: ")


def secret(name: str) -> str | None:
    """A setting of the environment; None where it is not set or empty."""
    return os.environ.get(name) or None
