"""What the tutorial shows is what the program says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_step_of_the_tutorial_says_what_the_page_shows() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "tutorial.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
