"""Look through every committed file for what no reader should find; one line for each fault, exit 1 when there is one.

Addresses of package registries, paths of one machine, e-mail addresses, notes that were meant for later, files that are
too long for one thought, white space at line ends, links of our own pages that lead nowhere.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
WRITTEN = {".py", ".md", ".yaml", ".toml", ".sh", ".css", ".js", ".html", ".j2", ".jinja", ".typ", ".in", ""}
GENERATED = ("docs/reference/", "tests/golden/")
OTHERS = "tests/vendor/"  # kept byte for byte
MOST_LINES, MOST_KB, MOST_README = 500, 2048, 200
ANYWHERE = {
    "address of a package registry (write names and versions only)": re.compile(
        r"://[^\s/\"'<>]*(?:pypi|pythonhosted|npmjs|registry|crates|deb\.|mirror|proxy\.golang)"
    ),
    "path of one machine": re.compile(r"(?:^|[^\w.])/(?:work|root|home/\w+|Users/\w+)/"),
    "e-mail address": re.compile(r"[\w.+-]+@(?!example\.)[\w-]+\.[a-z]{2,}\b"),
}
IN_WRITTEN = {
    "note for later (file an issue instead)": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"),
    "left over from a merge": re.compile(r"^(?:<{7}|>{7}|={7})(?: |$)"),
    "white space at the end of a line": re.compile(r"[ \t\r]+$"),
}
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def faults(name: str) -> Iterator[str]:
    """Every fault of one committed file, as `line: what`."""
    path = ROOT / name
    if path.stat().st_size > MOST_KB * 1024:
        yield f"1: {path.stat().st_size // 1024} kB; above {MOST_KB} it belongs elsewhere"
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        return
    lines = data.decode("utf-8", "replace").split("\n")
    written = path.suffix in WRITTEN and not name.startswith(OTHERS)
    patterns = ANYWHERE | (IN_WRITTEN if written else {})
    for number, line in enumerate(lines, 1):
        yield from (f"{number}: {what}" for what, pattern in patterns.items() if pattern.search(line))
    if written and data and not data.endswith(b"\n"):
        yield f"{len(lines)}: no line end at the end of the file"
    limit = MOST_README if name == "README.md" else MOST_LINES
    if written and path.suffix not in {".yaml", ""} and not name.startswith(GENERATED) and len(lines) > limit + 1:
        yield f"{len(lines)}: longer than {limit} lines; does it still do one thing?"
    if path.suffix == ".md":
        targets = ((n, t) for n, line in enumerate(lines, 1) for t in LINK.findall(line))
        yield from (f"{n}: the link {t} leads nowhere" for n, t in targets if not (path.parent / t).exists())


def main() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = [n for n in listed.split("\0") if n and (ROOT / n).is_file()]
    found = [f"{name}:{fault}" for name in names for fault in faults(name)]
    print("\n".join(found) if found else f"tidy: {len(names)} files")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
