"""How a command ends: in words or as JSON alone on standard output, with an exit code, and never with a traceback."""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import traceback
import warnings as python_warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from trucewatch.model.errors import DONE, NOTHING_TRIED, REJECTED, STOPPED, Fault, TrucewatchError

LOG = "trucewatch-error.log"
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass
class Outcome:
    """What a command has done: counts by name, warnings, faults, further keys of --json, and the exit code."""

    counts: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Fault | str] = ()
    errors: Sequence[Fault] = ()
    exit_code: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code: as told, else 1 where there are errors."""
        if self.exit_code is not None:
            return self.exit_code
        return REJECTED if self.errors else DONE

    def as_dict(self) -> dict[str, Any]:
        """The shape of --json."""
        return {
            "ok": self.code == DONE,
            "counts": dict(self.counts),
            "warnings": [_as_dict(w) for w in self.warnings],
            "errors": [e.as_dict() for e in self.errors],
            **self.more,
        }


def _as_dict(warning: Fault | str) -> dict[str, Any]:
    return warning.as_dict() if isinstance(warning, Fault) else Fault(str(warning), "").as_dict()


def json_option(command: _F) -> _F:
    """The option --json, handed to the command as `as_json`."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON alone: ok, counts, warnings, errors.")
    return option(command)


def finish(outcome: Outcome, as_json: bool, words: Iterable[str] = ()) -> int:
    """Print the outcome and return its exit code. In words: `words` to standard output, faults to standard error."""
    if as_json:
        click.echo(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=1, default=str))
        return outcome.code
    for line in words:
        click.echo(line)
    for warning in outcome.warnings:
        click.echo(f"note: {warning}", err=True)
    _tell(outcome.errors)
    return outcome.code


def _tell(faults: Sequence[Fault], most: int = 20) -> None:
    for fault in faults[:most]:
        click.echo(f"error: {fault}", err=True)
    if len(faults) > most:
        click.echo(f"error: and {len(faults) - most} more of the kind (all of them with --json)", err=True)


def guarded(args: list[str], call: Callable[[], Any]) -> int:
    """Run `call`; whatever goes wrong becomes faults in words or JSON and an exit code."""
    as_json = "--json" in args
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            result = call()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe has gone (`| head`): there is nobody to tell, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, click.Abort):
        # Ctrl-C in mid-work: what was begun in one transaction is undone by the store.
        stopped = Fault("stopped by the keyboard", "Nothing of the present file was stored; run it again")
        return finish(Outcome(errors=[stopped], exit_code=STOPPED), as_json)
    except click.exceptions.NoArgsIsHelpError as e:
        if as_json:
            return finish(Outcome(errors=[_usage(click.UsageError("no command"))], exit_code=NOTHING_TRIED), as_json)
        click.echo(e.format_message())
        return NOTHING_TRIED
    except Exception as e:
        return finish(_failure(e, args), as_json)
    return result if isinstance(result, int) else DONE


def _failure(e: Exception, args: list[str]) -> Outcome:
    if isinstance(e, click.exceptions.Exit):
        return Outcome(exit_code=e.exit_code)
    if isinstance(e, click.ClickException):
        return Outcome(errors=[_usage(e)], exit_code=NOTHING_TRIED)
    if isinstance(e, TrucewatchError):
        return Outcome(errors=e.faults, exit_code=e.exit_code)
    if isinstance(e, OSError) and e.errno == errno.ENOSPC:
        return Outcome(errors=[Fault("the disk is full", "Make room and run it again")], exit_code=STOPPED)
    if isinstance(e, PermissionError | IsADirectoryError | NotADirectoryError | FileNotFoundError) and e.filename:
        words = f"{str(e.filename)!r} cannot be used ({os.strerror(e.errno or 0).lower()})"
        return Outcome(errors=[Fault(words, "Check the path and its permissions")], exit_code=NOTHING_TRIED)
    return Outcome(errors=[_unexpected(e, args)], exit_code=NOTHING_TRIED)


def _usage(e: click.ClickException) -> Fault:
    context = getattr(e, "ctx", None)
    path = context.command_path if context is not None else "trucewatch"
    return Fault(e.format_message().rstrip("."), f"See {path} --help")


def _unexpected(e: Exception, args: list[str]) -> Fault:
    log = _log_folder(args) / LOG
    try:
        with log.open("a", encoding="utf-8") as f:
            f.write(f"trucewatch {' '.join(args)}\n{''.join(traceback.format_exception(e))}\n")
        where = f"The particulars are in {log}; send that file to the maintainers"
    except OSError:
        where = "Run it again with a folder that can be written, to keep the particulars"
    return Fault(f"something unforeseen went wrong ({e.__class__.__name__})", where)


def _log_folder(args: list[str]) -> Path:
    folders = (Path(a) for a in args if not a.startswith("-"))
    return next((f for f in folders if f.is_dir() and os.access(f, os.W_OK)), Path(tempfile.gettempdir()))
