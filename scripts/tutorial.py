"""Run every command of the tutorials in order and write its real output beneath; with --check fail where it differs.

Commands are the lines that begin with `$ ` in blocks marked ```console, run in one scratch folder that holds a copy of
the tutorial's files. Hashes that hang on random salts are shown as dots.
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
PAGES = {"README.md": "files", "fortnight.md": "fortnight"}  # page -> folder of its files
BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
LEAF = re.compile(r"\b[0-9a-f]{64}\b")
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
    said = KEY.sub("-1a2b3c4d.5e6f7a8b.key", done.stdout.replace(str(home), "~"))
    said = LEAF.sub("........", said)
    lines = [line.rstrip() for line in said.splitlines()]
    return "\n".join(line for k, line in enumerate(lines) if line or (k and lines[k - 1]))


def replayed(page: str, files: str) -> str:
    """The page with the output of every command as it is now."""
    with tempfile.TemporaryDirectory(prefix="trucewatch-tutorial-") as name:
        folder = Path(name) / "files"
        shutil.copytree(FOLDER / files, folder)

        def block(match: re.Match[str]) -> str:
            out = []
            for line in match[1].splitlines():
                if line.startswith("$ "):
                    out += [line, *run(line[2:], folder).splitlines()]
            return "```console\n" + "\n".join(out) + "\n```\n"

        return BLOCK.sub(block, page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    parser.add_argument("pages", nargs="*", help=f"of {', '.join(PAGES)}; all where none is named")
    asked = parser.parse_args()
    for name in asked.pages or PAGES:
        page = (FOLDER / name).read_text("utf-8")
        now = replayed(page, PAGES[name])
        if asked.check and now != page:
            old, new = page.splitlines(), now.splitlines()
            both = enumerate(zip(old, new, strict=False), 1)
            first = next((k for k, (a, b) in both if a != b), min(len(old), len(new)))
            shown = new[first - 1] if first <= len(new) else "(nothing)"
            sys.exit(f"docs/tutorial/{name} is stale from line {first}: now {shown!r}. Run: make docs")
        if not asked.check:
            (FOLDER / name).write_text(now, "utf-8")


if __name__ == "__main__":
    main()
