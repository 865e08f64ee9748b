"""Draw docs/pictures anew with headless Chromium: the README's report from DEMO, the tutorial's from its files.

Run by a person after the look of the report has changed: `make pictures`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tutorial import FOLDER, run

PICTURES = FOLDER.parent / "pictures"
WIDTH = 1200
CASE, DAY = "nk-2020", "2020-10-18"


def shot(page: Path, picture: Path, height: int, dark: bool = False) -> None:
    """The top of a page as a PNG of WIDTH by `height`; SystemExit where there is no page."""
    if not page.is_file():
        raise SystemExit(f"{page} is not there; build it first: make demo")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},{height}"]
    options += ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []
    command = ["chromium", *options, f"--screenshot={picture}", page.resolve().as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    print(picture)


def main(demo: Path) -> None:
    PICTURES.mkdir(exist_ok=True)
    shot(demo / CASE / "reports" / f"{DAY}.en.html", PICTURES / "report.png", 1500)
    with tempfile.TemporaryDirectory(prefix="trucewatch-pictures-") as name:
        folder = Path(name)
        for command in (
            f"cp {FOLDER}/files/* .", "trucewatch init valley --agreement valley.yaml --history",
            "trucewatch ingest valley sources.csv claims.csv coverage.csv mended.csv",
            "trucewatch report valley --date 2024-06-04",
        ):  # fmt: skip
            run(command, folder)
        shot(folder / "valley" / "reports" / "2024-06-04.en.html", PICTURES / "tutorial-report.png", 1400)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
