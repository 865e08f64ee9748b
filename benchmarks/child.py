"""Runs one command in a process of its own and tells its wall time and peak memory; and what machine this is."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """Wall and processor time in seconds, peak resident memory in MB, and what the command wrote."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    out: str


def run(*command: str | Path) -> Measured:
    """Run a command to its end; SystemExit with its words where it fails. Memory is that of the process itself."""
    began = time.perf_counter()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert child.stdout is not None
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{out[-2000:]}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out)


def python(module: str, *args: str | Path) -> Measured:
    """Run a module of the benchmarks with this Python."""
    return run(sys.executable, "-m", module, *args)


def trucewatch(*args: str | Path) -> Measured:
    """Run the program."""
    return run(Path(sys.executable).parent / "trucewatch", *args)


def machine() -> str:
    """One line of facts: processor, cores, memory, system, versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kinds = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "SQLAlchemy"))
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {kinds}; load at the start {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"
