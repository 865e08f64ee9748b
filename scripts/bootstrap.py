"""Make the project's virtual environment; say in words what is missing instead of a traceback."""

import subprocess
import sys

if sys.version_info < (3, 11):
    sys.exit(
        f"Trucewatch needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 demo"
    )
try:
    subprocess.run([sys.executable, "-m", "venv", "--clear", sys.argv[1]], check=True)
except subprocess.CalledProcessError:
    sys.exit("Python's venv module could not make an environment. On Debian or Ubuntu: apt-get install python3-venv")
