"""Run every command of the tutorial in order and write its real output beneath; with --check fail where it differs.

Commands are the lines that begin with `$ ` in blocks marked ```console, run in one scratch folder that holds a copy of
docs/tutorial/files.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "docs" / "tutorial"
PAGE = FOLDER / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
KEY = re.compile(r"-[0-9a-f]{8}\.[0-9a-f]{8}\.key")
WIDTH = 110


def run(command: str, folder: Path) -> str:
    """What a command says, as a reader's terminal of WIDTH columns would show it."""
    place = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    home = folder.parent / "home"
    env = {**os.environ, "PATH": place, "COLUMNS": str(WIDTH), "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "HOME": str(home)}
    env.pop("XDG_CONFIG_HOME", None)
    done = subprocess.run(
        command, shell=True, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    # Where a reader's home is, and the random part of a key's name, are as good as any.
    said = KEY.sub("-1a2b3c4d.5e6f7a8b.key", done.stdout.replace(str(home), "/home/you"))
    lines = [line.rstrip() for line in said.splitlines()]
    return "\n".join(line for k, line in enumerate(lines) if line or (k and lines[k - 1]))


def replayed(page: str) -> str:
    """The page with the output of every command as it is now."""
    with tempfile.TemporaryDirectory(prefix="trucewatch-tutorial-") as name:
        folder = Path(name) / "files"
        shutil.copytree(FOLDER / "files", folder)

        def block(match: re.Match[str]) -> str:
            out = []
            for line in match[1].splitlines():
                if line.startswith("$ "):
                    out += [line, *run(line[2:], folder).splitlines()]
            return "```console\n" + "\n".join(out) + "\n```\n"

        return BLOCK.sub(block, page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the page is stale")
    check = parser.parse_args().check
    page = PAGE.read_text("utf-8")
    now = replayed(page)
    if check and now != page:
        old, new = page.splitlines(), now.splitlines()
        first = next((k for k, (a, b) in enumerate(zip(old, new, strict=False), 1) if a != b), min(len(old), len(new)))
        shown = new[first - 1] if first <= len(new) else "(nothing)"
        sys.exit(f"docs/tutorial is stale from line {first}: now {shown!r}. Run: make docs")
    if not check:
        PAGE.write_text(now, "utf-8")


if __name__ == "__main__":
    main()
