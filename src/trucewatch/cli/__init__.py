"""The command line: one thin module a command, imported only when called, and one handler for all that goes wrong.

A command that is not built has no module here and is absent from `--help`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from trucewatch import __version__
from trucewatch.cli.outcome import guarded

# Name -> words of --help, in its order; a module cli/NAME.py that is absent hides its row.
COMMANDS = {
    "demo": "Build the bundled cases and their reports, and say where to look.",
    "exercise": "Make a mission out of an invented truce, with its truth beside it.",
    "init": "Make a new mission folder with templates.",
    "ingest": "Take files in; rows that cannot be taken land in quarantine.",
    "fit": "Fit what is global, and record it.",
    "update": "Derive what is new.",
    "rebuild": "Drop all that is derived and derive it anew.",
    "report": "Write the report of a day.",
    "export": "Write tables as csv, jsonl or geojson.",
    "explain": "Say why: every contribution to a link, an assessment, a finding.",
    "check": "Say what is wrong with configuration, agreement and data, and how to mend it.",
    "agreement": "Show or check an agreement.",
    "decide": "Record a person's decision.",
    "register": "Show complaints and rulings with their clocks.",
    "next": "Rank where a visit or a question would tell most.",
    "calibration": "Say how often we are wrong, where truth is known.",
    "publish": "Publish the report of a day into the ledger.",
    "verify": "Check a package or a mission.",
    "witness": "Co-sign a checkpoint.",
    "redact": "Erase a payload and keep its commitment.",
    "serve": "Open the mission's room.",
}


class LazyGroup(click.Group):
    """Commands by file name; nothing but the called one is imported, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands that are built, in the order of the contract."""
        folder = Path(__file__).parent
        return [name for name in COMMANDS if (folder / f"{name}.py").is_file()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"trucewatch.cli.{cmd_name}")
        found = getattr(module, "command", None) or getattr(module, cmd_name, None)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from the table above: their modules are not imported for it."""
        rows = [(name, COMMANDS[name]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="trucewatch")
def commands() -> None:
    """Trucewatch: from reports of what happened to judged incidents, checkable by either side.

    A mission is a folder. Start with `trucewatch demo`, or with `trucewatch init DIR --agreement FILE`.
    """


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code (design 5); prints, and never raises."""
    return guarded(list(args), lambda: commands.main(list(args), prog_name="trucewatch", standalone_mode=False))


def main() -> None:
    """Entry point of the program `trucewatch`."""
    # A command makes many objects and few cycles, and ends soon: cycles are looked for seldom, and not at its end.
    gc.set_threshold(500_000, 20, 50)
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)
