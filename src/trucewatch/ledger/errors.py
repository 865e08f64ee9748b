"""What can be wrong with a ledger, each in one sentence that says which check failed and what it means."""

from __future__ import annotations


class LedgerError(Exception):
    """Root of all errors here. `check` names the check that failed, `remedy` says what to do where that is known."""

    def __init__(self, what: str, *, check: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.check = check
        self.remedy = remedy


class Malformed(LedgerError):
    """Bytes do not have the form that their format asks for; nothing in them was believed."""


class NotVerified(LedgerError):
    """The form is right and a proof, a signature or a quorum is not."""


class Refused(LedgerError):
    """The ledger or a witness will not do what was asked, since it would break a promise: a fork, a lost leaf."""
