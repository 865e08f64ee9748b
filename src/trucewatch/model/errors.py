"""The one root of errors that a user may see: what was found, where, and what to do about it.

A fault is told as data (file, row, field, message, remedy), so that the terminal, `--json` and the quarantine file
say the same. Several faults of one input travel together in one `Refusal`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

# Exit codes of design 5.
DONE, REJECTED, NOTHING_TRIED, STOPPED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `row` is the line as a spreadsheet shows it (header = 1); a YAML fault puts its line there."""

    message: str
    remedy: str
    file: str | None = None
    row: int | None = None
    field: str | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """The shape of an entry of `errors` in `--json`."""
        d = asdict(self)
        return {k: d[k] for k in ("file", "row", "field", "message", "remedy")}

    def __str__(self) -> str:
        where = ":".join(str(p) for p in (self.file, self.row, self.field) if p is not None)
        return f"{where}: {self.message}. {self.remedy}" if where else f"{self.message}. {self.remedy}"


class TrucewatchError(Exception):
    """Root of all errors told to a user. `exit_code` is what the command line ends with."""

    exit_code = NOTHING_TRIED

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class Refusal(TrucewatchError):
    """Nothing could be tried: a missing path, a bad configuration or agreement, wrong use (exit 2)."""


class Rejected(TrucewatchError):
    """A file was read and could not be taken, in whole or in part (exit 1)."""

    exit_code = REJECTED


class Stopped(TrucewatchError):
    """Stopped on the way (full disk, Ctrl-C): nothing of the present file was stored (exit 3)."""

    exit_code = STOPPED
