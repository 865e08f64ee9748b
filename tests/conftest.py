"""Nothing is shared between tests but the words of the domain, and one rule: where outside judges (a browser, ogrinfo)
are required, a test that skips for want of one has failed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator

import pytest

JUDGES = ("browser", "judge")
# Keys of ledgers that tests make lie here, and not among those of whoever runs them.
_config = tempfile.mkdtemp(prefix="trucewatch-keys-")
atexit.register(shutil.rmtree, _config, ignore_errors=True)
os.environ["XDG_CONFIG_HOME"] = _config


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    judged = any(item.get_closest_marker(name) for name in JUDGES)
    if report.skipped and judged and os.environ.get("TRUCEWATCH_JUDGES") == "required":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: its judge is required here, and was not found: {report.longrepr}"
    return report
